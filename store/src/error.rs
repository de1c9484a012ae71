//! Everything that can go wrong in a store, with what was found and what to do.
//!
//! * [`StoreError`] is any call's error. The file is named by the errors of the layers below.
//! * [`CommitError`] is a commit's: refused (nothing happened) or unknown (a failed sync decides nothing).
//!
//! Invariants
//!
//! 1. An error that the world can cause names the file, what was expected, what was found and what to do.
//! 2. Errors are values with their context, cheap to clone, so that a first failure can be repeated to everyone.

use crate::ids::{CommitNumber, DatabaseId, TreeId};
use crate::locks::LockError;
use crate::serializable::SerializationFailure;
use std::sync::Arc;

/// Why a call on the store failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database file.
    #[error(transparent)]
    Pager(#[from] Arc<pager::Error>),
    /// A tree.
    #[error(transparent)]
    Tree(#[from] Arc<btree::TreeError>),
    /// The log.
    #[error(transparent)]
    Log(#[from] Arc<wal::LogError>),
    /// The environment.
    #[error("{}; {}", .0, .0.advice())]
    Io(#[from] env::IoError),
    /// A log record's checksum is right and its content is not.
    #[error(
        "{file}: the log record that ends at LSN {lsn} is damaged: expected {expected}, found {found}; restore a backup"
    )]
    Record {
        /// The database file.
        file: String,
        /// End of the record.
        lsn: u64,
        /// What a sound record would say.
        expected: String,
        /// What it says.
        found: String,
    },
    /// The store's own trees say something impossible.
    #[error(
        "{file}: {what} {found} is damaged: expected {expected}; run `check` on the file and restore a backup"
    )]
    Corrupt {
        /// The database file.
        file: String,
        /// Which structure.
        what: &'static str,
        /// Its number or size.
        found: u64,
        /// What a sound one would be.
        expected: &'static str,
    },
    /// A lock was not granted.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A concurrent transaction changed the row (SQLSTATE 40001).
    #[error(
        "could not serialize access due to concurrent {action} of a row in tree {tree}; run the transaction again"
    )]
    Conflict {
        /// What the other did: update or delete.
        action: ConflictAction,
        /// In which tree.
        tree: TreeId,
    },
    /// The row is locked by somebody else, and the policy is to skip such rows.
    #[error("a row of tree {tree} is locked by another transaction")]
    RowSkipped {
        /// In which tree.
        tree: TreeId,
    },
    /// Another session asked this one to stop waiting (SQLSTATE 57014).
    #[error(
        "cancelled while waiting for a snapshot that cannot show an anomaly; begin again, or without `deferrable`"
    )]
    Cancelled,
    /// Serialisable transactions depend on one another in a circle (SQLSTATE 40001).
    #[error(transparent)]
    Serialization(#[from] SerializationFailure),
    /// The tree does not exist, or was dropped by a transaction that has committed.
    #[error("tree {tree} does not exist")]
    NoSuchTree {
        /// Which.
        tree: TreeId,
    },
    /// The database does not exist.
    #[error("database {database} does not exist")]
    NoSuchDatabase {
        /// Which.
        database: DatabaseId,
    },
    /// The last database of a file cannot be dropped.
    #[error("database {database} is the main database of the file and cannot be dropped")]
    MainDatabase {
        /// Which.
        database: DatabaseId,
    },
    /// A write in a read-only transaction or store.
    #[error("cannot write: {reason}")]
    ReadOnly {
        /// Why.
        reason: ReadOnlyReason,
    },
    /// A statement after an error, or after the end of the transaction.
    #[error("the transaction has already ended")]
    Ended,
    /// The savepoint belongs to another transaction, or was released or rolled back over.
    #[error("the savepoint is no longer valid")]
    NoSuchSavepoint,
    /// A write or sync failed: the store answers reads from its last durable state and takes no writes.
    #[error(
        "the store is read-only since a write failed ({cause}); what was committed is safe; close it and open it again"
    )]
    Poisoned {
        /// The first failure.
        cause: Arc<StoreError>,
    },
    /// A task panicked in the midst of a commit, a checkpoint or a branching.
    #[error("a task panicked in the midst of a change of the store")]
    BrokenOff,
    /// The store was closed while this handle was still in use.
    #[error("the store has been closed")]
    Closed,
    /// The database needs its log to be complete and the log is missing.
    #[error(
        "{file}: its log {log} is missing, and the file alone lacks the newest commits; put the log back beside it, or restore a backup"
    )]
    MissingLog {
        /// The database file.
        file: String,
        /// Where the log should be.
        log: String,
    },
    /// The database is missing, but its log is not, and holds commits that would be lost with it.
    #[error(
        "{file}: there is no database, but its log {log} is there and holds commits; put the database back beside its log, or move the log away to begin a new database"
    )]
    MissingDatabase {
        /// Where the database should be.
        file: String,
        /// Its log.
        log: String,
    },
    /// An option has a value that does not work.
    #[error("option {option} cannot be {found}: expected {expected}")]
    Option {
        /// Which.
        option: &'static str,
        /// What was given.
        found: u64,
        /// What is possible.
        expected: &'static str,
    },
    /// A transaction was to begin on a view that it cannot begin on.
    #[error("a transaction begins on a view only in the view's database and at REPEATABLE READ")]
    NoSuchStart,
    /// A sequence has no values left.
    #[error("sequence {sequence} has no values left")]
    SequenceExhausted {
        /// Which.
        sequence: u64,
    },
    /// Every number that a tree or a database can have was given to one.
    #[error(
        "no more {what} can be made in this file: all {limit} numbers were used; copy what is in it to a new one"
    )]
    NumbersUsedUp {
        /// Trees or databases.
        what: &'static str,
        /// How many numbers there are.
        limit: u64,
    },
    /// A backup's target already exists, or is the database itself.
    #[error("{target}: a backup needs a path where no file stands")]
    BackupTarget {
        /// The path.
        target: String,
    },
}

/// What the other transaction did to the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConflictAction {
    /// It wrote it.
    Update,
    /// It removed it.
    Delete,
}

impl std::fmt::Display for ConflictAction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            ConflictAction::Update => "update",
            ConflictAction::Delete => "delete",
        })
    }
}

/// Why nothing can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnlyReason {
    /// The store was opened read-only.
    Store,
    /// The transaction was begun read-only.
    Transaction,
}

impl std::fmt::Display for ReadOnlyReason {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            ReadOnlyReason::Store => "the database was opened read-only",
            ReadOnlyReason::Transaction => "the transaction is read-only",
        })
    }
}

/// How a commit failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommitError {
    /// Nothing of the transaction is, or will ever be, in the database.
    #[error("the transaction was not committed: {0}")]
    Refused(StoreError),
    /// The log could not be made durable: whether the transaction is in the database is decided when it is opened again.
    #[error("whether {commit} is in the database is unknown until it is opened again: {cause}")]
    Unknown {
        /// The number it would have.
        commit: CommitNumber,
        /// What failed.
        cause: StoreError,
    },
}

/// The result of a call on the store.
pub type StoreResult<T> = Result<T, StoreError>;

impl StoreError {
    /// A structure of the store's own that says something impossible.
    pub fn corrupt(
        pager: &pager::Pager,
        what: &'static str,
        found: u64,
        expected: &'static str,
    ) -> StoreError {
        StoreError::Corrupt { file: pager.path().display().to_string(), what, found, expected }
    }

    /// Whether there is nothing that this program could open: no file, a file of something else, or one that a newer
    /// program wrote.
    pub fn is_not_ours(&self) -> bool {
        use pager::Error::{NewerFormat, NotADatabase, NotFound};
        match self {
            StoreError::Pager(error) => {
                matches!(**error, NotFound { .. } | NotADatabase { .. } | NewerFormat { .. })
            }
            _ => false,
        }
    }

    /// Whether the device or a quota is full: the statement failed, the store works on.
    pub fn is_out_of_space(&self) -> bool {
        match self {
            StoreError::Pager(error) => error.is_out_of_space(),
            StoreError::Tree(error) => error.is_out_of_space(),
            StoreError::Log(error) => error.is_out_of_space(),
            StoreError::Io(error) => error.is_out_of_space(),
            _ => false,
        }
    }

    /// Whether a file may not be written or made, or not even be read.
    pub fn is_permission_denied(&self) -> bool {
        match self {
            StoreError::Pager(error) => error.is_permission_denied(),
            StoreError::Log(error) => error.is_permission_denied(),
            StoreError::Io(error) => error.is_permission_denied(),
            _ => false,
        }
    }

    /// Whether bytes of the log are wrong, as opposed to a call that failed.
    pub fn is_damage_of_the_log(&self) -> bool {
        matches!(self, StoreError::Record { .. })
            || matches!(self, StoreError::Log(error) if error.is_damage())
    }

    /// Whether running the transaction again may succeed (SQLSTATE class 40).
    pub fn is_retryable(&self) -> bool {
        match self {
            StoreError::Conflict { .. } => true,
            StoreError::Serialization(failure) => failure.is_passing(),
            StoreError::Lock(error) => matches!(error, LockError::Deadlock { .. }),
            _ => false,
        }
    }
}

impl From<pager::Error> for StoreError {
    fn from(error: pager::Error) -> StoreError {
        StoreError::Pager(Arc::new(error))
    }
}

impl From<btree::TreeError> for StoreError {
    fn from(error: btree::TreeError) -> StoreError {
        StoreError::Tree(Arc::new(error))
    }
}

impl From<wal::LogError> for StoreError {
    fn from(error: wal::LogError) -> StoreError {
        StoreError::Log(Arc::new(error))
    }
}
