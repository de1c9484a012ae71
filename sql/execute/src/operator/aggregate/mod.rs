//! Grouping.
//!
//! `operator` hands up groups, `groups` finds them, `call` shows rows to the aggregates: filtered, in order, without repetition.

mod call;
mod groups;
mod operator;

pub use call::new_state;
pub use operator::Aggregate;
