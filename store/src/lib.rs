//! Transactions over a forest of B+trees in one file.
//!
//! * [`Store`]: an open file; [`Session`]: who waits for locks; [`Transaction`]: reads, writes, savepoints, commit.
//! * `branch`, `rebase`, `commit`: from private changes to the newest version and the log.
//! * `snapshots`, `recent`, `locks`, `serializable`: who sees what, and who waits for whom.
//! * `checkpoint`, `recovery`, `replay`: to the file and back.
//! * `lineage`, `databases`: databases that share pages.
//!
//! Invariants
//!
//! 1. Nothing that leaves the store can be taken back by a power failure: snapshots show durable commits only, and a
//!    commit is acknowledged when it is one.
//! 2. A published version never changes; everything is reached from versions.
//! 3. Store never evaluates SQL: it knows trees, keys and bytes.

#![forbid(unsafe_code)]

mod backup;
mod branch;
mod check;
mod checkpoint;
mod commit;
mod databases;
mod delta;
mod directory;
mod error;
mod forest;
mod forest_file;
mod health;
pub mod ids;
pub mod labels;
mod lineage;
pub mod locks;
mod options;
mod rebase;
mod recent;
pub mod record;
mod recovery;
mod replay;
mod row;
mod scan;
mod sequence;
pub mod serializable;
mod session;
mod snapshots;
mod statistics;
#[allow(clippy::module_inception)] // the crate's main type has the crate's name
mod store;
mod task;
mod transaction;
mod written_rows;

pub use check::{CheckReport, Problem};
pub use error::{CommitError, ConflictAction, ReadOnlyReason, StoreError, StoreResult};
pub use forest::MAIN_DATABASE;
pub use ids::{CommitNumber, DatabaseId, RelationId, SessionId, TransactionId, TreeId};
pub use options::{Durability, StoreOptions};
pub use recovery::{RecoveryReport, log_path};
pub use scan::{Bounds, Scan};
pub use sequence::SequenceId;
pub use session::Session;
pub use statistics::Statistics;
pub use store::Store;
pub use transaction::{Begin, Isolation, RowLock, Savepoint, Transaction};
