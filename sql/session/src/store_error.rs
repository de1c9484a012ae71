//! The store's errors as PostgreSQL's clients know them.
//!
//! The store speaks of trees; what PostgreSQL says of the same states is about relations and transactions. Errors of the
//! device and of damaged files keep the store's own text, which names the file and what to do.

use diagnostic::{Diagnostic, SqlState};
use store::locks::LockError;
use store::{CommitError, ConflictAction, ReadOnlyReason, StoreError};

/// An error of the store, in PostgreSQL's words.
#[derive(Debug, Clone)]
pub enum StoreFailure {
    /// Of any call.
    Call(StoreError),
    /// Of a commit.
    Commit(CommitError),
}

impl StoreFailure {
    /// The store's own error; of a commit whose outcome is unknown what kept it from being known.
    pub fn error(&self) -> &StoreError {
        match self {
            StoreFailure::Call(error) | StoreFailure::Commit(CommitError::Refused(error)) => error,
            StoreFailure::Commit(CommitError::Unknown { cause, .. }) => cause,
        }
    }
}

impl From<StoreError> for StoreFailure {
    fn from(error: StoreError) -> StoreFailure {
        StoreFailure::Call(error)
    }
}

impl From<CommitError> for StoreFailure {
    fn from(error: CommitError) -> StoreFailure {
        StoreFailure::Commit(error)
    }
}

impl std::error::Error for StoreFailure {}

impl std::fmt::Display for StoreFailure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreFailure::Call(error) | StoreFailure::Commit(CommitError::Refused(error)) => {
                match words(error) {
                    Some(words) => formatter.write_str(words),
                    None => error.fmt(formatter),
                }
            }
            StoreFailure::Commit(unknown @ CommitError::Unknown { .. }) => unknown.fmt(formatter),
        }
    }
}

/// What PostgreSQL says, where it knows the state.
fn words(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Conflict { action: ConflictAction::Update, .. } => {
            "could not serialize access due to concurrent update"
        }
        StoreError::Conflict { action: ConflictAction::Delete, .. } => {
            "could not serialize access due to concurrent delete"
        }
        StoreError::Serialization(_) => {
            "could not serialize access due to read/write dependencies among transactions"
        }
        StoreError::Lock(LockError::Deadlock { .. }) => "deadlock detected",
        StoreError::Lock(LockError::TimedOut { .. }) => "canceling statement due to lock timeout",
        StoreError::Lock(LockError::Cancelled { .. }) | StoreError::Cancelled => {
            "canceling statement due to user request"
        }
        StoreError::ReadOnly { reason: ReadOnlyReason::Transaction } => {
            "cannot write in a read-only transaction"
        }
        _ => return None,
    })
}

impl Diagnostic for StoreFailure {
    fn sqlstate(&self) -> SqlState {
        match self {
            StoreFailure::Call(error) | StoreFailure::Commit(CommitError::Refused(error)) => state(error),
            StoreFailure::Commit(CommitError::Unknown { .. }) => SqlState::TransactionResolutionUnknown,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            StoreFailure::Call(error) | StoreFailure::Commit(CommitError::Refused(error)) => {
                execute::store_detail(error)
            }
            StoreFailure::Commit(CommitError::Unknown { .. }) => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            StoreFailure::Call(StoreError::Serialization(_))
            | StoreFailure::Commit(CommitError::Refused(StoreError::Serialization(_))) => {
                Some("The transaction might succeed if retried.".into())
            }
            StoreFailure::Call(StoreError::Lock(LockError::Deadlock { .. }))
            | StoreFailure::Commit(CommitError::Refused(StoreError::Lock(LockError::Deadlock { .. }))) => {
                Some(execute::DEADLOCK_HINT.into())
            }
            StoreFailure::Call(_) | StoreFailure::Commit(_) => None,
        }
    }
}

fn state(error: &StoreError) -> SqlState {
    match error {
        StoreError::Pager(error) if error.is_out_of_space() => SqlState::DiskFull,
        StoreError::Log(error) if error.is_out_of_space() => SqlState::DiskFull,
        StoreError::Io(error) if error.is_out_of_space() => SqlState::DiskFull,
        StoreError::Io(_) | StoreError::Poisoned { .. } => SqlState::IoError,
        StoreError::Pager(_)
        | StoreError::Tree(_)
        | StoreError::Log(_)
        | StoreError::Record { .. }
        | StoreError::Corrupt { .. }
        | StoreError::MissingLog { .. }
        | StoreError::MissingDatabase { .. } => SqlState::DataCorrupted,
        StoreError::Lock(error) => lock_state(error),
        StoreError::RowSkipped { .. } => SqlState::LockNotAvailable,
        StoreError::Conflict { .. } | StoreError::Serialization(_) => SqlState::TRSerializationFailure,
        StoreError::Cancelled => SqlState::QueryCanceled,
        StoreError::NoSuchTree { .. } => SqlState::UndefinedTable,
        StoreError::NoSuchDatabase { .. } => SqlState::InvalidCatalogName,
        StoreError::MainDatabase { .. } => SqlState::ObjectInUse,
        StoreError::ReadOnly { .. } => SqlState::ReadOnlySqlTransaction,
        StoreError::Ended => SqlState::NoActiveSqlTransaction,
        StoreError::NoSuchSavepoint => SqlState::SEInvalidSpecification,
        StoreError::BrokenOff => SqlState::InternalError,
        StoreError::Closed => SqlState::AdminShutdown,
        StoreError::Option { .. } => SqlState::InvalidParameterValue,
        StoreError::NoSuchStart => SqlState::InvalidTransactionState,
        StoreError::SequenceExhausted { .. } => SqlState::SequenceGeneratorLimitExceeded,
        StoreError::NumbersUsedUp { .. } => SqlState::ProgramLimitExceeded,
        StoreError::BackupTarget { .. } => SqlState::DuplicateFile,
    }
}

fn lock_state(error: &LockError) -> SqlState {
    match error {
        LockError::NotAvailable { .. } | LockError::TimedOut { .. } => SqlState::LockNotAvailable,
        LockError::Deadlock { .. } => SqlState::TRDeadlockDetected,
        LockError::Cancelled { .. } => SqlState::QueryCanceled,
    }
}
