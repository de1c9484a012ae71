//! Judges of statements.
//!
//! * [`whole`]: everything that a database holds, against the model; rows against constraints, indexes against tables.
//! * [`query`]: queries that are drawn. [`plans`]: one query against the model, by several plans, and in parts.

pub mod again;
pub mod plans;
pub mod query;
pub mod whole;
