//! Transactions as statements make them, and what they hold until they end.
//!
//! [`block`]: BEGIN to COMMIT, savepoints, isolation levels. `lock`: LOCK TABLE and SET CONSTRAINTS. `relation_locks`: what a statement
//! locks before it runs. `advisory`: locks that programs name themselves. `exported`: snapshots that sessions share.

pub(crate) mod advisory;
pub mod block;
pub(crate) mod exported;
pub(crate) mod lock;
pub(crate) mod relation_locks;
