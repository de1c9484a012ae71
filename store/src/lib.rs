//! Transactions over a forest of B+trees in one file.
//!
//! * [`Store`]: an open file; [`Session`]: who waits for locks; [`Transaction`]: reads, writes, savepoints, commit.
//! * `branch`, `rebase`, `commit`: from private changes to the newest version and the log.
//! * `snapshots`, `recent`, `locks`, `serializable`: who sees what, and who waits for whom.
//! * `checkpoint`, `recovery`, `replay`: to the file and back.
//! * `lineage`, `databases`: databases that share pages.
//! * `vacuum`: pages to where they lie well, below all transactions.
//!
//! Invariants
//!
//! 1. Nothing that leaves the store can be taken back by a power failure: snapshots show durable commits only, and a
//!    commit is acknowledged when it is one.
//! 2. A published version never changes; everything is reached from versions.
//! 3. Store never evaluates SQL: it knows trees, keys and bytes.
//!
//! # What a query engine finds here
//!
//! | it needs | it uses |
//! |---|---|
//! | a statement's snapshot, which its own writes and its waits leave alone | [`Transaction::refresh`], then [`Transaction::view`] |
//! | a point read or write of few rows, without a view | [`Transaction::get_row_with`], [`Transaction::put`] |
//! | scans a leaf at a time, borrowed from the page | [`Scan::next_batch`], [`Scan::prev_batch`]: [`Batch`] |
//! | scans that keep what they make of leaves, and need not read those again | [`TreeView::scan_leaves`]: [`Neighbours`] |
//! | scans by several tasks | [`TreeView::split`]; views, trees of views and batches are shared |
//! | estimates, OFFSET, samples | [`TreeView::estimate`], [`TreeView::key_at`], [`TreeView::rank`] |
//! | many new rows, with their keys | [`Transaction::lock_new_keys`], [`Transaction::put_run`] |
//! | statements that leave no trace when they fail | [`Transaction::begin_statement`], [`Transaction::undo_statement`] |
//! | FOR UPDATE … SKIP LOCKED, and evaluating a row again that was waited for | [`Transaction::lock_row`]: after [`RowLock::HeldChanged`] the row is read from the transaction, all else from the view |
//! | UPDATE of columns that no key has | [`Transaction::put_keeping_keys`] |
//! | unique keys | lock the key in the index's tree ([`Transaction::lock_row`]), look with [`Transaction::get_newest`], put |
//! | foreign keys | lock the row referred to `KeyShare`, look with [`Transaction::scan_newest`], from the other side too; [`Transaction::note_newest`] before |
//! | the catalog after a relation was locked | [`Transaction::lock_tree`], then [`Transaction::get_newest`]; a relation without rows has an empty tree, whose id is its name |
//! | lock_timeout, statement_timeout, cancelling | [`Transaction::set_wait`], [`Session::canceller`], [`Session::take_cancel`] |
//! | pg_locks, pg_blocking_pids | [`Store::locks`], [`named_by`], [`Session::id`] |
//! | row numbers; nextval | [`Store::take_row_numbers`]; [`Store::take_ordinals`]. RESTART and setval take a new [`SequenceId`] (the id of an empty tree) and another first value in the catalog |
//! | a key for cached results and plans | [`View::last_change`] of each tree that is read; of the catalog's trees for plans |
//! | reading as of then, and several transactions on one snapshot | [`Store::view`], [`Session::begin_on`] |
//! | databases as branches | [`Store::create_database_from`]; their names stand in a catalog of the main database, written after one is made and removed before it is dropped, and a database without a name is dropped at the next opening |
//!
//! ```
//! # use env::memory::MemoryEnv;
//! # use std::{path::Path, sync::Arc};
//! use store::locks::{RowMode, WaitPolicy};
//! use store::{Begin, Bounds, MAIN_DATABASE, SequenceId, Store, StoreOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let store = Store::open(Arc::new(MemoryEnv::new()), Path::new("app.db"), StoreOptions::default())?;
//! let mut transaction = store.begin(Begin::default())?;
//! let (table, unique) = (transaction.create_tree(true)?, transaction.create_tree(false)?);
//!
//! // INSERT: a row number, the row, and its key in a unique index.
//! transaction.begin_statement();
//! for name in ["ada", "grace"] {
//!     let number = store.take_row_numbers(MAIN_DATABASE, SequenceId(table.0), 1)?.to_be_bytes();
//!     transaction.lock_row(unique, name.as_bytes(), RowMode::Update, WaitPolicy::FOREVER)?;
//!     assert!(transaction.get_newest(unique, name.as_bytes())?.is_none(), "the key is taken");
//!     transaction.put(table, &number, name.as_bytes())?;
//!     transaction.put(unique, name.as_bytes(), &number)?;
//! }
//! transaction.end_statement();
//!
//! // UPDATE: what it writes is not what it reads.
//! transaction.refresh()?;
//! transaction.begin_statement();
//! let view = transaction.view()?;
//! let mut scan = view.tree(table)?.scan(Bounds::all())?;
//! let (mut key, mut buffer) = (Vec::new(), Vec::new());
//! while let Some(batch) = scan.next_batch()? {
//!     for row in 0..batch.len() {
//!         batch.copy_key(row, &mut key);
//!         let longer = [batch.value(row, &mut buffer)?, b"!"].concat();
//!         transaction.put_keeping_keys(table, &key, &longer)?;
//!     }
//! }
//! transaction.end_statement();
//! transaction.commit()?;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod backup;
mod batch;
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
mod freed;
mod health;
pub mod ids;
pub mod labels;
mod lineage;
pub mod locks;
mod neighbours;
mod options;
mod page_watch;
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
mod temporary_file;
mod transaction;
mod vacuum;
mod view;
mod written_rows;

pub use batch::Batch;
pub use btree::{KeyParts, RunRow};
pub use check::{CheckReport, Problem};
pub use error::{CommitError, ConflictAction, ReadOnlyReason, StoreError, StoreResult};
pub use forest::MAIN_DATABASE;
pub use ids::{CommitNumber, DatabaseId, RelationId, SessionId, TransactionId, TreeId};
pub use neighbours::{LeafPlaces, LeafScan, Neighbours};
pub use options::{Durability, StoreOptions};
pub use page_watch::PageWatch;
pub use pager::PageCounts;
pub use recovery::{RecoveryReport, log_path};
pub use scan::{Bounds, Scan};
pub use sequence::SequenceId;
pub use session::{Canceller, Session, is_temporary, named_by};
pub use statistics::Statistics;
pub use store::Store;
pub use transaction::{
    Begin, Isolation, NewEntry, NewestScan, RowLock, Savepoint, Standing, Transaction, Unsettled,
};
pub use vacuum::VacuumReport;
pub use view::{Lookups, TreeView, View};
