//! Transactions over a forest of trees: branches, locks, snapshots, commit, checkpoint, recovery.
#![forbid(unsafe_code)]

pub mod ids;

pub use ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
