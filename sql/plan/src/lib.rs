//! What binder, planner and executor say to each other.
//!
//! * [`expression`]: bound expressions, every name resolved and every type known. The same tree before and after
//!   planning: columns of relations ([`Column`](expression::Column)) become slots of chunks.
//! * [`logical`]: what a statement means, as relational algebra. The binder makes it, the optimiser rewrites it.
//! * [`physical`]: how it is done. The planner makes it, the executor runs it.
//! * [`target`]: all that a changing statement must know of the table it changes, bound beforehand.
//!
//! Invariants
//!
//! 1. Every operator that makes new columns has a [`RelationId`](expression::RelationId) of its own, unique in the statement; an expression's column
//!    names the operator that made it. So a correlated column needs no levels: it is one that nothing below makes.
//! 2. Nothing here evaluates anything, and nothing here reads a page.

#![forbid(unsafe_code)]

pub mod expression;
pub mod logical;
pub mod physical;
pub mod target;
