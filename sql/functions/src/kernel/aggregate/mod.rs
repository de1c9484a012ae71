//! Aggregates: a state for each group, folded over whole vectors.

pub(crate) mod boolean;
pub(crate) mod count;
pub(crate) mod decided;
pub(crate) mod extreme;
pub(crate) mod gather;
pub(crate) mod grouped;
pub(crate) mod ordered;
pub(crate) mod statistics;
pub(crate) mod step;
pub(crate) mod total;
