//! The store: what is shared by everyone who has it open.
//!
//! Invariants
//!
//! 1. Lock order: `writing`, then `commit`, then any of the small ones (snapshots, recent commits, sequences, health);
//!    the small ones are never held while another is taken, except sequences under commit.
//! 2. Row, relation and advisory locks are waited for while none of the above is held.
//! 3. A read-only store has no log and writes nothing.

use crate::branch::Branch;
use crate::commit::CommitState;
use crate::error::{ReadOnlyReason, StoreError, StoreResult};
use crate::forest::Version;
use crate::health::Health;
use crate::ids::{CommitNumber, DatabaseId, SessionId, TransactionId, TreeId};
use crate::labels;
use crate::locks::{LockTable, LockView};
use crate::options::StoreOptions;
use crate::rebase::rebase;
use crate::recent::RecentCommits;
use crate::recovery::{self, RecoveryReport};
use crate::sequence::{SequenceId, Sequences};
use crate::serializable::Serializable;
use crate::session::{DATABASE_LIMIT, FIRST_TEMPORARY_TREE, Session, TREE_LIMIT};
use crate::snapshots::Snapshots;
use crate::task::{CheckpointSignal, CheckpointTask};
use crate::transaction::{Begin, Transaction};
use crate::vacuum::VacuumReport;
use crate::view::View;
use btree::Tree;
use env::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use env::sync::{Mutex, OnceLock};
use env::{Env, File};
use pager::{OwnerId, Pager};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use wal::{Log, Lsn};

/// An open database file. Clones share it; the last one closes it (without a final checkpoint: see [`Store::close`]).
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
    task: Arc<CheckpointTask>,
}

/// What the clones share.
pub struct Inner {
    pub(crate) env: Arc<dyn Env>,
    pub(crate) options: StoreOptions,
    /// What the options said, until somebody changes it.
    pub(crate) cache_bytes: AtomicUsize,
    pub(crate) pager: Pager,
    pub(crate) log: Option<Log>,
    pub(crate) health: Health,
    pub(crate) commit: Mutex<CommitState>,
    pub(crate) writing: Mutex<WriterState>,
    pub(crate) snapshots: Arc<Snapshots>,
    pub(crate) recent: RecentCommits,
    pub(crate) sequences: Sequences,
    pub(crate) locks: Arc<LockTable>,
    pub(crate) serializable: Serializable,
    pub(crate) signal: OnceLock<Arc<CheckpointSignal>>,
    /// Where the log continues behind the newest durable checkpoint.
    pub(crate) checkpoint_lsn: AtomicU64,
    /// Pages that commits have written themselves since the newest checkpoint began.
    pub(crate) pages_since_checkpoint: AtomicU64,
    pub(crate) next_owner: AtomicU64,
    pub(crate) next_transaction: AtomicU64,
    pub(crate) next_session: AtomicU64,
    pub(crate) next_tree: AtomicU64,
    pub(crate) next_database: AtomicU64,
    pub(crate) next_temporary_file: AtomicU64,
    /// It is a session's temporary forest: nothing of it is logged, or outlives the session.
    pub(crate) unlogged: bool,
    pub(crate) report: RecoveryReport,
}

/// What the writing lock guards: the state of the newest durable checkpoint.
pub struct WriterState {
    /// The tree that lists databases and lineage, as stored.
    pub forest: Tree,
    /// Where the log has to be read from if this checkpoint's superblock is lost.
    pub older_log: Lsn,
    /// Where the log continues behind this checkpoint.
    pub log: Lsn,
    /// Checkpoints to be made before the log may name a page, because a vacuum has moved some.
    pub unsettled: u8,
}

impl Store {
    /// The smallest page cache there is.
    pub const CACHE_BYTES_MIN: usize = 4 << 10;

    /// Opens the database at `path`, making it when it is missing and the options say so. Recovers what a crash left.
    ///
    /// # Errors
    /// Each names the file, the page or LSN, what was expected and found, and what to do.
    pub fn open(env: Arc<dyn Env>, path: &Path, options: StoreOptions) -> StoreResult<Store> {
        let inner = Arc::new(recovery::open(env, path, options)?);
        inner.thin_out_log();
        let task = Arc::new(CheckpointTask::start(&inner)?);
        Ok(Store { inner, task })
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// When the database does not exist.
    pub fn begin(&self, begin: Begin) -> StoreResult<Transaction> {
        self.session().begin(begin)
    }

    /// Where the database's file is.
    pub fn path(&self) -> &std::path::Path {
        self.inner.pager.path()
    }

    /// A session: what keeps advisory locks across transactions, and whose waits can be cancelled.
    pub fn session(&self) -> Session {
        Session::new(self.inner.clone())
    }

    /// The newest state of a database, kept as long as the view is: to read as of it, and to begin transactions on
    /// ([`Session::begin_on`]). Pages that are given up meanwhile are not used again before it goes.
    ///
    /// # Errors
    /// When the database does not exist.
    pub fn view(&self, database: DatabaseId) -> StoreResult<View> {
        self.inner.health.check_open()?;
        View::of_snapshot(&self.inner, database, self.inner.snapshots.take())
    }

    /// All locks that are held and waited for, at one instant, sorted (`pg_locks`, `pg_blocking_pids`). [`crate::named_by`]
    /// tells which database and tree a name in it stands for.
    pub fn locks(&self) -> Vec<LockView> {
        self.inner.locks.view()
    }

    /// The sessions that the session waits for until it may begin as a deferrable transaction
    /// (`pg_safe_snapshot_blocking_pids`); none if it does not wait so.
    pub fn safe_snapshot_blockers(&self, session: SessionId) -> BTreeSet<SessionId> {
        self.inner.serializable.waited_for(session)
    }

    /// Takes `count` consecutive ordinals as numbers for rows that this caller is about to write, and returns the first. As
    /// [`Store::take_ordinals`], and it never waits for the device: numbers that went to rows which were never committed
    /// may be handed out again after a crash. So they must not leave the store but by a commit.
    ///
    /// # Errors
    /// When there is no room in the log for a reservation.
    pub fn take_row_numbers(
        &self,
        database: DatabaseId,
        sequence: SequenceId,
        count: u64,
    ) -> StoreResult<u64> {
        self.inner.take_row_numbers(database, sequence, count)
    }

    /// Takes `count` consecutive ordinals of a sequence and returns the first; never rolled back, never handed out twice.
    ///
    /// # Errors
    /// When the reservation cannot be made durable.
    pub fn take_ordinals(&self, database: DatabaseId, sequence: SequenceId, count: u64) -> StoreResult<u64> {
        self.inner.take_ordinals(database, sequence, count)
    }

    /// Writes a checkpoint now: afterwards recovery has nothing to replay of what was committed before.
    ///
    /// # Errors
    /// When pages cannot be written or made durable.
    pub fn checkpoint(&self) -> StoreResult<()> {
        self.inner.checkpoint(false)
    }

    /// Gives free pages at the end of the file back to the file system, and answers how many. No page is moved: one that is
    /// in use, or that a snapshot may still read, keeps those before it. Pages that are written anew go to low places.
    ///
    /// # Errors
    /// As [`Store::checkpoint`].
    pub fn trim(&self) -> StoreResult<u64> {
        self.inner.trim()
    }

    /// Moves pages to where they lie well: trees whose leaves lie scattered are put in key order, what lies at the end of the
    /// file goes to free places further in front, and what is free at the end then goes back to the file system. Readers
    /// and writers go on meanwhile, and what databases share stays shared. Putting trees in order takes as much room again
    /// as they do, and is left out when there is none. `progress` is told how many leaves have been looked at, and of how
    /// many at the most; it may break off.
    ///
    /// # Errors
    /// As [`Store::checkpoint`]; what was moved until then stays moved.
    pub fn vacuum(&self, progress: &mut dyn FnMut(u64, u64) -> ControlFlow<()>) -> StoreResult<VacuumReport> {
        self.inner.vacuum(progress)
    }

    /// Branches a database as of its newest commit: an instant copy, whatever its size.
    ///
    /// # Errors
    /// When the source does not exist, or its dirty pages cannot be written.
    pub fn create_database_from(&self, source: DatabaseId) -> StoreResult<DatabaseId> {
        self.inner.create_database_from(source)
    }

    /// Drops a database and frees the pages that only it used.
    ///
    /// # Errors
    /// When it does not exist, is the main database, or its pages cannot be read.
    pub fn drop_database(&self, database: DatabaseId) -> StoreResult<()> {
        self.inner.drop_database(database)
    }

    /// The databases of the file, as of the newest visible commit.
    pub fn databases(&self) -> Vec<DatabaseId> {
        self.inner.snapshots.take().version().forest.databases.keys().copied().collect()
    }

    /// The trees of a database, as of the newest visible commit.
    ///
    /// # Errors
    /// When the database does not exist or its directory cannot be read.
    pub fn trees(&self, database: DatabaseId) -> StoreResult<Vec<TreeId>> {
        self.inner.health.check_open()?;
        let snapshot = self.inner.snapshots.take();
        snapshot.version().forest.database(database)?.tree_ids(&self.inner.pager)
    }

    /// Verifies the whole file: checksums, order, counts, and that every page is reachable exactly once or free.
    /// `progress` is told how many pages have been looked at, and of how many.
    ///
    /// # Errors
    /// When the file's own list of databases or its free-space map cannot be read; all other damage is in the report.
    pub fn check(&self, progress: &mut dyn FnMut(u64, u64)) -> StoreResult<crate::CheckReport> {
        self.inner.check(progress)
    }

    /// Copies the newest visible version to a new file at `target` while the store is in use. `progress` is told how
    /// many rows have been copied, and of how many.
    ///
    /// # Errors
    /// When a file stands at `target`, or reading or writing fails; an incomplete copy is removed.
    pub fn backup(&self, target: &Path, progress: &mut dyn FnMut(u64, u64)) -> StoreResult<()> {
        self.inner.backup(target, progress)
    }

    /// A new temporary file, empty: for what does not fit into memory and is of no use to anybody else. It is gone when the
    /// last handle of it is dropped, however that comes about.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn temporary_file(&self) -> StoreResult<Arc<dyn File>> {
        self.inner.temporary_file()
    }

    /// What recovery found when the store was opened.
    pub fn recovery(&self) -> &RecoveryReport {
        &self.inner.report
    }

    /// The newest commit that new snapshots show.
    pub fn visible_commit(&self) -> CommitNumber {
        self.inner.snapshots.visible_commit()
    }

    /// Whether the store takes writes.
    ///
    /// # Errors
    /// [`StoreError::Poisoned`] or [`StoreError::ReadOnly`], with the reason.
    pub fn check_writable(&self) -> StoreResult<()> {
        self.inner.check_writable()
    }

    /// Changes the bytes that the page cache may take, from now on: what is too much goes at once, and the bounds on
    /// dirty pages, which are shares of it, follow. It is never made smaller than [`Store::CACHE_BYTES_MIN`].
    pub fn set_cache_bytes(&self, bytes: usize) {
        self.inner.set_cache_bytes(bytes);
    }

    /// Bytes that the page cache may take.
    pub fn cache_bytes(&self) -> usize {
        self.inner.cache_bytes()
    }

    /// Figures about the log, the cache and the locks.
    pub fn statistics(&self) -> crate::statistics::Statistics {
        self.inner.statistics()
    }

    /// Ends the background task, writes a last checkpoint and removes the log. From then on every call by way of other
    /// handles, open transactions and scans included, is refused ([`StoreError::Closed`]); what they have not committed
    /// is gone. The file stays locked against being opened anew until the last of them is dropped.
    ///
    /// # Errors
    /// When the checkpoint fails, or writing had ended before; the log then stays, and the next opening recovers from
    /// it. [`StoreError::Closed`] when the store was closed before.
    pub fn close(self) -> StoreResult<()> {
        self.task.stop();
        self.inner.close()
    }
}

impl Inner {
    /// The log, of a store that may write.
    pub fn log(&self) -> StoreResult<&Log> {
        self.log.as_ref().ok_or(StoreError::ReadOnly { reason: ReadOnlyReason::Store })
    }

    /// Bytes that the page cache may take.
    pub fn cache_bytes(&self) -> usize {
        // A guess is enough for whoever compares with it.
        self.cache_bytes.load(Ordering::Relaxed)
    }

    /// See [`Store::set_cache_bytes`].
    pub fn set_cache_bytes(&self, bytes: usize) {
        let bytes = bytes.max(Store::CACHE_BYTES_MIN);
        self.cache_bytes.store(bytes, Ordering::Relaxed);
        self.pager.set_cache_bytes(bytes);
    }

    /// Brings a branch onto a newer version.
    pub fn rebase(&self, branch: &mut Branch, target: &Arc<Version>) -> StoreResult<()> {
        rebase(&*self.env, &self.pager, branch, target)
    }

    /// Whether the store takes writes.
    pub fn check_writable(&self) -> StoreResult<()> {
        if !self.unlogged {
            self.log()?;
        }
        self.health.check()
    }

    /// A number for a branch, never used before in this process.
    pub fn new_owner(&self) -> OwnerId {
        OwnerId(self.next_owner.fetch_add(1, Ordering::Relaxed))
    }

    /// A transaction id, never used before in the file's life for anything that was committed.
    pub fn new_transaction(&self) -> TransactionId {
        TransactionId(self.next_transaction.fetch_add(1, Ordering::Relaxed))
    }

    /// A tree id, likewise.
    ///
    /// # Errors
    /// When there are none left.
    pub fn new_tree(&self) -> StoreResult<TreeId> {
        let limit = if self.unlogged { TREE_LIMIT } else { FIRST_TEMPORARY_TREE };
        next_number(&self.next_tree, limit, "trees").map(TreeId)
    }

    /// A database id, likewise.
    ///
    /// # Errors
    /// When there are none left.
    pub fn new_database(&self) -> StoreResult<DatabaseId> {
        next_number(&self.next_database, DATABASE_LIMIT, "databases").map(DatabaseId)
    }

    /// The newest visible version. Read its pages only while holding an older snapshot: see [`Snapshots::visible`].
    pub fn newest(&self) -> Arc<Version> {
        self.snapshots.visible()
    }

    /// The checkpoint task runs: it is woken from here on.
    pub fn set_signal(&self, signal: Arc<CheckpointSignal>) {
        // Set once, right after opening, before anyone else has the store.
        let _ = self.signal.set(signal);
    }

    /// See [`Store::close`].
    pub fn close(&self) -> StoreResult<()> {
        let Some(log) = &self.log else {
            return self.health.close();
        };
        self.health.close()?;
        self.sequences.settle();
        self.checkpoint(true)?;
        log.close()?;
        self.env.reached(&labels::CLOSED_CLEANLY);
        Ok(())
    }
}

/// Counts up, but not to `limit`: a number that was given out once never comes again, whatever a file said of the next.
fn next_number(counter: &AtomicU64, limit: u64, what: &'static str) -> StoreResult<u64> {
    let next = |number: u64| (number < limit).then(|| number + 1);
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next)
        .map_err(|_| StoreError::NumbersUsedUp { what, limit })
}
