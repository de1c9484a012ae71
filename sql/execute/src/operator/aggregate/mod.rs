//! Grouping.
//!
//! `operator` hands up groups, `groups` finds them, `call` shows rows to the aggregates: filtered, in order, without
//! repetition. `waiting` has the rows that must be put in order first; `gather` holds the states, `made` those of aggregates
//! that users make. `partial`: several tasks group, each a stretch of the rows.

mod call;
mod gather;
mod groups;
mod made;
mod operator;
mod partial;
mod rollup;
mod waiting;

pub use gather::{Gather, Gathered};
pub use operator::Aggregate;
pub use partial::is_divisible;
