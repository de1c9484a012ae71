//! What binder, planner and executor say to each other.
//!
//! * [`expression`]: bound expressions, every name resolved and every type known. The same tree before and after
//!   planning: columns of relations ([`Column`](expression::Column)) become slots of chunks.
//! * [`logical`]: what a statement means, as relational algebra. The binder makes it, the optimiser rewrites it.
//! * [`physical`]: how it is done. The planner makes it, the executor runs it.
//! * [`target`]: all that a changing statement must know of the table it changes, bound beforehand.
//! * [`facts`]: what the planner asks of catalog, functions, store and settings.
//! * [`plan`]: the way from the one to the other. `rewrite` says a statement in a cheaper way, `lower`
//!   makes operators physical. `text` shows every tree,
//!   [`explain`] a plan as PostgreSQL does.
//!
//! Invariants
//!
//! 1. Every operator that makes new columns has a [`RelationId`](expression::RelationId) of its own, unique in the statement; an expression's column
//!    names the operator that made it. So a correlated column needs no levels: it is one that nothing below makes.
//! 2. Nothing here evaluates anything, and nothing here reads a page.

#![forbid(unsafe_code)]

mod cost;
pub mod error;
pub mod explain;
pub mod expression;
pub mod facts;
mod foreign;
pub mod implied;
pub mod logical;
mod lower;
mod nature;
pub mod partition;
pub mod physical;
mod planner;
mod prune;
pub mod pruning;
mod reads;
mod rewrite;
pub mod row_ids;
pub mod spread;
pub mod target;
mod text;
pub mod trigger;
mod unasked;
pub mod walk;
pub mod written;

pub use error::{PlanError, PlanResult};
pub use planner::{plan, rewritten};
pub use rewrite::is_inlined;
