//! Joins. Each way of finding partners gives candidates to a [`Matcher`](matcher::Matcher), which knows what the kind of join makes of them.

mod apply;
mod hash;
mod lookup;
mod matcher;
mod merge;
mod nested;
mod spilled;

pub use apply::Apply;
pub use hash::HashJoin;
pub use lookup::LookupJoin;
pub use matcher::Matcher;
pub use merge::MergeJoin;
pub use nested::NestedLoopJoin;
