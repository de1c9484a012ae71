//! Transactions over a forest of trees: branches, locks, snapshots, commit, checkpoint, recovery.
#![forbid(unsafe_code)]

pub mod ids;
pub mod locks;
pub mod serializable;

pub use ids::{CommitNumber, DatabaseId, RelationId, SessionId, TransactionId, TreeId};
