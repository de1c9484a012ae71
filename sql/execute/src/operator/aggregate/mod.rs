//! Grouping.
//!
//! `operator` hands up groups, `groups` finds them, `call` shows rows to the aggregates: filtered, in order, without
//! repetition. `waiting` has the rows that must be put in order first.

mod call;
mod groups;
mod operator;
mod waiting;

pub use call::new_state;
pub use operator::Aggregate;
