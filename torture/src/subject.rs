//! What is tortured: the face a storage engine shows to the workload and the oracles.
//!
//! The engine of this project stands behind it ([`crate::engine`]); the canaries of the tests, small stores with a
//! planted defect, stand behind it too, so that a blind oracle is noticed on every run. Everything here is what a
//! user of the engine could do as well: no hook reaches inside.

use crate::workload::Language;
use env::{Env, IoError, Label};
use std::any::Any;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How strongly a transaction is shielded from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// Everything is read from one snapshot; the first updater of a row wins.
    RepeatableRead,
    /// As if one after another.
    Serializable,
}

/// What a transaction declares to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It may write.
    ReadWrite,
    /// It only reads.
    ReadOnly,
    /// It only reads, and waits for a snapshot in which nothing can endanger it.
    Deferrable,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// On which branch.
    pub branch: BranchId,
    /// How strongly it is shielded.
    pub isolation: Isolation,
    /// What it declares to do.
    pub access: Access,
    /// How long it waits for a lock; without a limit, for ever.
    pub patience: Option<Duration>,
}

impl Start {
    /// A reader of one snapshot.
    pub fn reading(branch: BranchId) -> Start {
        Start { access: Access::ReadOnly, ..Start::writing(branch, Isolation::RepeatableRead) }
    }

    /// A transaction that may write, and waits for ever.
    pub fn writing(branch: BranchId, isolation: Isolation) -> Start {
        Start { branch, isolation, access: Access::ReadWrite, patience: None }
    }
}

/// Ends the lock wait of a transaction, from another task.
pub type Canceller = Arc<dyn Fn() + Send + Sync>;

/// Why a call did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RefusalKind {
    /// Another transaction was in the way (conflict, deadlock, lock timeout): the transaction has to be made again.
    Conflict,
    /// The transaction was cancelled from outside.
    Cancelled,
    /// No room on the device.
    OutOfSpace,
    /// A call to the environment failed.
    Io,
    /// An earlier failure made the store read-only until it is reopened.
    ReadOnly,
    /// Damage was found and is reported.
    Corrupt,
    /// Another process holds the file.
    InUse,
    /// A thing that does not exist (any more): dropped by another transaction.
    Missing,
    /// Anything else. Never legal in a workload.
    Other,
}

/// What a refusal points at, for the ledger that looks for the fault behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Nothing outside the engine.
    None,
    /// A failed call.
    Call(IoError),
    /// Damaged bytes of a file.
    Damage {
        /// Which file.
        file: PathBuf,
        /// Which bytes, where the engine says.
        range: Option<Range<u64>>,
    },
    /// A damaged page.
    Page {
        /// Of which file.
        file: PathBuf,
        /// Its number.
        page: u64,
    },
    /// A file that is gone, or another one.
    Whole {
        /// Which file.
        file: PathBuf,
    },
    /// Something else, or all of some parts of a file, each of which alone could be done without.
    OrAll {
        /// The other.
        other: Box<Evidence>,
        /// Of which file.
        file: PathBuf,
        /// The parts.
        parts: Vec<Range<u64>>,
    },
    /// Somebody who holds a lock.
    Holder,
    /// An earlier failure, by no name.
    Earlier,
}

/// A refusal, with the engine's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which sort it is.
    pub kind: RefusalKind,
    /// What the engine said.
    pub text: String,
    /// What it points at.
    pub evidence: Evidence,
}

impl Refusal {
    /// A refusal of `kind` that points at nothing outside the engine.
    pub fn new(kind: RefusalKind, text: impl Into<String>) -> Refusal {
        Refusal { kind, text: text.into(), evidence: Evidence::None }
    }

    /// A refusal because of a failed call.
    pub fn call(error: &IoError, text: impl Into<String>) -> Refusal {
        let kind = if error.is_out_of_space() { RefusalKind::OutOfSpace } else { RefusalKind::Io };
        Refusal { kind, text: text.into(), evidence: Evidence::Call(error.clone()) }
    }
}

/// Something that a check found to be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What the engine said.
    pub text: String,
    /// What it points at.
    pub evidence: Evidence,
    /// It may be what follows from another finding: what lies behind a page that cannot be read is not reached.
    pub follows: bool,
}

/// What came of something that is logged. A commit is acknowledged with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It is durable.
    Acknowledged(T),
    /// It left nothing behind.
    Refused(Refusal),
    /// It cannot be told.
    Unknown(Refusal),
}

/// The settings that a run draws for the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Bytes per page.
    pub page_size: usize,
    /// Bytes of page cache.
    pub cache_bytes: usize,
    /// Bytes per log segment.
    pub log_segment_bytes: u64,
    /// What a torn write can damage.
    pub sector_size: usize,
    /// Log bytes between checkpoints.
    pub checkpoint_log_bytes: u64,
    /// Log bytes from which a transaction commits by its roots.
    pub large_commit_bytes: usize,
    /// Bytes of row locks that a transaction may have.
    pub lock_bytes: usize,
    /// Bytes for what serialisable transactions have read and written.
    pub serializable_bytes: usize,
    /// Milliseconds of waiting after which deadlocks are looked for; 0 looks at once.
    pub deadlock_timeout_ms: u64,
    /// Whether a commit waits for its sync.
    pub durable: bool,
    /// Whether checkpoints run on a task of their own.
    pub background: bool,
}

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Made when missing.
    Create,
    /// It must exist; nothing is written.
    ReadOnly,
}

/// An engine.
pub trait Subject: Send + Sync {
    /// Opens the database at `path` in `env`; recovery is part of it.
    ///
    /// # Errors
    /// What keeps it from opening.
    fn open(
        &self,
        env: Arc<dyn Env>,
        path: &Path,
        shape: &Shape,
        opening: Opening,
    ) -> Result<Arc<dyn Database>, Refusal>;

    /// Every label the engine can show, for sabotage and `--labels`.
    fn labels(&self) -> Vec<&'static Label>;

    /// Where each of the places lies from which the database in `file` can be opened, if there is more than one and all
    /// are intact: then any one of them may be destroyed. Nothing for an engine that promises no such thing.
    fn spare_roots(&self, _file: &[u8]) -> Vec<Range<u64>> {
        Vec::new()
    }

    /// The language on top of the engine, for runs of [`crate::profile::Profile::Sql`]; none for a bare engine.
    fn language(&self) -> Option<Arc<dyn Language>> {
        None
    }

    /// Whether a task that works with a database may be broken off at any call, as by a panic, and all others go on.
    fn bears_broken_off_tasks(&self) -> bool {
        false
    }
}

/// The id of a branch of the database; [`MAIN`] is the one that every file has.
pub type BranchId = u64;
/// The database that every file has.
pub const MAIN: BranchId = 1;

/// An open database, used by several tasks at once.
pub trait Database: Any + Send + Sync {
    /// Starts a transaction.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal>;
    /// A session that may have trees of its own, which nobody else sees; nothing from an engine without such trees.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn private(&self) -> Result<Option<Box<dyn PrivateSession>>, Refusal> {
        Ok(None)
    }
    /// The branches, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    fn branches(&self) -> Result<Vec<BranchId>, Refusal>;
    /// Copies a branch, as of its newest commit.
    fn branch(&self, from: BranchId) -> Outcome<BranchId>;
    /// Drops a branch.
    fn drop_branch(&self, branch: BranchId) -> Outcome<()>;
    /// Makes a sequence; returns its id.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn create_sequence(&self) -> Result<u64, Refusal>;
    /// The next value of a sequence.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn next_value(&self, sequence: u64) -> Result<i64, Refusal>;
    /// Whether it takes writes.
    ///
    /// # Errors
    /// The failure that keeps it from that.
    fn writable(&self) -> Result<(), Refusal>;
    /// Memory is short, or is not any more: the page cache may take so many bytes from now on.
    fn set_cache_bytes(&self, _bytes: usize) {}
    /// Writes a checkpoint now.
    ///
    /// # Errors
    /// When it could not be made durable.
    fn checkpoint(&self) -> Result<(), Refusal>;
    /// Verifies the whole file; returns what is wrong with it.
    ///
    /// # Errors
    /// When it cannot be read.
    fn check(&self) -> Result<Vec<Finding>, Refusal>;
    /// Moves what lies badly to better places, if the database does such a thing; rows stay as they are.
    ///
    /// # Errors
    /// When it fails.
    fn vacuum(&self) -> Result<(), Refusal> {
        self.checkpoint()
    }

    /// Copies the newest state to a file at `to`; returns the commit number it holds, where the engine tells.
    ///
    /// # Errors
    /// When it could not be made.
    fn backup(&self, to: &Path) -> Result<Option<u64>, Refusal>;
    /// Writes a checkpoint, removes the log, lets go of the file.
    ///
    /// # Errors
    /// When something of this failed; the database is let go nevertheless.
    fn close(&self) -> Result<(), Refusal>;
}

/// A session with trees of its own: they are changed and undone with all else that its transactions do, and end with it.
pub trait PrivateSession {
    /// Starts a transaction.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn begin(&self, start: &Start) -> Result<Box<dyn Transaction>, Refusal>;
}

/// What a scan is told after each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Go on.
    Continue,
    /// Enough.
    Stop,
}

/// A scan that is read while its transaction goes on.
pub trait OpenScan {
    /// The key of the next row.
    ///
    /// # Errors
    /// When it cannot be read.
    fn next_key(&mut self) -> Result<Option<Vec<u8>>, Refusal>;
}

/// A transaction. Dropping it rolls it back.
pub trait Transaction: Send {
    /// The commit number of the snapshot that the next read uses.
    fn snapshot(&self) -> u64;
    /// Its id, if it has one by now: none that was acknowledged before has had the same.
    fn id(&self) -> Option<u64> {
        None
    }
    /// What ends its waits from outside.
    fn canceller(&self) -> Canceller;
    /// Starts a new statement: under READ COMMITTED reads use a new snapshot from now on.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn new_statement(&mut self) -> Result<(), Refusal>;
    /// The trees of the branch, in order of id.
    ///
    /// # Errors
    /// When they cannot be read.
    fn trees(&mut self) -> Result<Vec<u64>, Refusal>;
    /// Makes a tree.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn create_tree(&mut self) -> Result<u64, Refusal>;
    /// Makes a tree that only this session sees. Nothing where there are no such trees.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn create_private_tree(&mut self) -> Result<Option<u64>, Refusal> {
        Ok(None)
    }
    /// Drops a tree.
    ///
    /// # Errors
    /// When the store cannot serve it, or another transaction uses the tree.
    fn drop_tree(&mut self, tree: u64) -> Result<(), Refusal>;
    /// The value of a key.
    ///
    /// # Errors
    /// When it cannot be read.
    fn get(&mut self, tree: u64, key: &[u8]) -> Result<Option<Vec<u8>>, Refusal>;
    /// Visits the rows in `[from, to)` (to the end without `to`), forward or backward.
    ///
    /// # Errors
    /// When they cannot be read.
    fn scan(
        &mut self,
        tree: u64,
        from: &[u8],
        to: Option<&[u8]>,
        backward: bool,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Step,
    ) -> Result<(), Refusal>;
    /// Begins a scan of a whole tree, which goes on showing what there is now while the transaction goes on. Nothing from an
    /// engine whose scans end with their statement.
    ///
    /// # Errors
    /// When it cannot be read.
    fn open_scan(&mut self, _tree: u64) -> Result<Option<Box<dyn OpenScan>>, Refusal> {
        Ok(None)
    }
    /// How many levels of pages a tree has.
    ///
    /// # Errors
    /// When it cannot be read.
    fn levels(&mut self, tree: u64) -> Result<u32, Refusal>;
    /// How many rows a tree has.
    ///
    /// # Errors
    /// When it cannot be read.
    fn count(&mut self, tree: u64) -> Result<u64, Refusal>;
    /// Sets a key.
    ///
    /// # Errors
    /// Conflicts, and whatever keeps the store from serving it.
    fn put(&mut self, tree: u64, key: &[u8], value: &[u8]) -> Result<(), Refusal>;
    /// Removes a key; whether it was there.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    fn delete(&mut self, tree: u64, key: &[u8]) -> Result<bool, Refusal>;
    /// Removes the rows in `[from, to)` that the snapshot shows; how many.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    fn delete_range(&mut self, tree: u64, from: &[u8], to: &[u8]) -> Result<u64, Refusal>;
    /// Locks a row for update, waiting for whoever holds it.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    fn lock_row(&mut self, tree: u64, key: &[u8]) -> Result<(), Refusal>;
    /// Says whether it may read what is not durable yet, and lock rows on the strength of it: nobody is told of it then.
    fn allow_ahead(&mut self, allowed: bool);
    /// Locks a whole tree against all writers, waiting for whoever holds it.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    fn lock_tree(&mut self, tree: u64) -> Result<(), Refusal>;
    /// Takes an advisory lock of this transaction.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    fn advisory_lock(&mut self, number: i64) -> Result<(), Refusal>;
    /// Sets a savepoint; they nest, numbered from 0.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn savepoint(&mut self) -> Result<usize, Refusal>;
    /// Goes back to a savepoint, which stays; later ones go.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn rollback_to(&mut self, savepoint: usize) -> Result<(), Refusal>;
    /// Forgets a savepoint and those set after it; what was done since stays.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn release(&mut self, savepoint: usize) -> Result<(), Refusal>;
    /// A statement begins, whose writes [`Transaction::undo_statement`] undoes.
    fn begin_statement(&mut self) {}
    /// The statement failed: its writes are undone, its locks stay. False where statements cannot be undone.
    ///
    /// # Errors
    /// When the store cannot serve it.
    fn undo_statement(&mut self) -> Result<bool, Refusal> {
        Ok(false)
    }
    /// Commits.
    fn commit(self: Box<Self>) -> Outcome<u64>;
}
