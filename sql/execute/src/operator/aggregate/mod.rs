//! Grouping.
//!
//! `operator` finds groups, `call` shows rows to the aggregates: filtered, in order, without repetition.

mod call;
mod operator;

pub use call::new_state;
pub use operator::Aggregate;
