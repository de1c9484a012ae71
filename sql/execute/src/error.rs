//! What can go wrong while a statement runs, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState, Subject};
use functions::{FunctionError, OtherError};
use std::sync::Arc;
use store::locks::{DeadlockStep, LockError, LockMode, Target};
use store::{ConflictAction, StoreError};
use thiserror::Error;
use types::key::KeyError;
use types::row::RowError;
use types::text::InputError;
use types::vector::VectorError;

/// The result of running something.
pub type ExecuteResult<T> = Result<T, ExecuteError>;

/// Why a statement failed.
#[derive(Debug, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ExecuteError {
    #[error(transparent)]
    Function(Box<FunctionError>),
    #[error("{}", store_message(.0))]
    Store(Box<StoreError>),
    #[error(transparent)]
    Row(#[from] RowError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Vector(#[from] VectorError),
    #[error(transparent)]
    Text(Box<InputError>),
    #[error(transparent)]
    Constraint(Box<ConstraintError>),
    #[error("more than one row returned by a subquery used as an expression")]
    SeveralRows,
    #[error("{clause} must not be negative")]
    NegativeLimit { clause: &'static str },
    #[error("frame {edge} offset must not be {problem}")]
    FrameOffset { edge: &'static str, problem: &'static str },
    #[error("{0} is not supported")]
    Unsupported(String),
    /// What the binder has seen to: a plan that nobody should make.
    #[error("plan is damaged: {0}")]
    Plan(String),
    #[error("a helper of the statement has failed: {message}")]
    HelperFailed { message: String },
    #[error("stack depth limit exceeded")]
    TooDeep,
    #[error("out of memory")]
    OutOfMemory { detail: String },
    /// One of statements within others, the innermost first, with the text that its position is in if that is one of a function.
    #[error("{error}")]
    Within { error: Box<ExecuteError>, statements: Vec<String>, query: Option<String> },
    /// One of a table of `WITH`, which cannot be made again: the statement is over, whatever it still wants of it.
    #[error("{0}")]
    OfCommonTable(Arc<ExecuteError>),
    /// One with nothing but a message.
    #[error("{message}")]
    Plain { state: SqlState, message: String, detail: Option<String>, hint: Option<String> },
}

/// A row that may not be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct ConstraintError {
    /// Which rule.
    pub state: SqlState,
    /// What is wrong.
    pub message: String,
    /// With which row or key.
    pub detail: Option<String>,
    /// What it is about.
    pub subject: Subject,
}

impl ExecuteError {
    /// An error with nothing but a message.
    pub fn plain(state: SqlState, message: impl Into<String>) -> ExecuteError {
        ExecuteError::Plain { state, message: message.into(), detail: None, hint: None }
    }

    /// An error of whoever answers for the session's functions, within whichever statement.
    pub fn of_others(&self) -> Option<&dyn OtherError> {
        match self {
            ExecuteError::Function(error) => match &**error {
                FunctionError::Other(error) => Some(&**error),
                _ => None, // the program's own
            },
            ExecuteError::Within { error, .. } => error.of_others(),
            ExecuteError::OfCommonTable(error) => error.of_others(),
            _ => None, // not of a function
        }
    }

    /// Whether the values of a column took too much room, of which fewer rows may take less.
    pub fn is_too_large(&self) -> bool {
        match self {
            ExecuteError::Vector(VectorError::TooLarge) => true,
            ExecuteError::Function(error) => {
                matches!(**error, FunctionError::Vector(VectorError::TooLarge))
            }
            _ => false, // of something else, or within what may have had effects
        }
    }

    /// What the store said, if it was the store that failed, within whichever statement.
    pub fn of_store(&self) -> Option<&StoreError> {
        match self {
            ExecuteError::Store(error) => Some(error),
            ExecuteError::Within { error, .. } => error.of_store(),
            ExecuteError::OfCommonTable(error) => error.of_store(),
            ExecuteError::Function(_)
            | ExecuteError::Row(_)
            | ExecuteError::Key(_)
            | ExecuteError::Vector(_)
            | ExecuteError::Text(_)
            | ExecuteError::Constraint(_)
            | ExecuteError::SeveralRows
            | ExecuteError::NegativeLimit { .. }
            | ExecuteError::FrameOffset { .. }
            | ExecuteError::Unsupported(_)
            | ExecuteError::Plan(_)
            | ExecuteError::HelperFailed { .. }
            | ExecuteError::TooDeep
            | ExecuteError::OutOfMemory { .. }
            | ExecuteError::Plain { .. } => None,
        }
    }

    /// The same, of a statement within.
    #[must_use]
    pub fn within(self, statement: String) -> ExecuteError {
        match self {
            ExecuteError::Within { error, mut statements, query } => {
                statements.push(statement);
                ExecuteError::Within { error, statements, query }
            }
            error => {
                ExecuteError::Within { error: Box::new(error), statements: vec![statement], query: None }
            }
        }
    }

    /// The same, of the text of a function, which is where its position is unless something within has a text of its own.
    #[must_use]
    pub fn within_text(self, statement: String, text: &str) -> ExecuteError {
        let is_own = self.position().is_some() && self.query().is_none();
        match self.within(statement) {
            ExecuteError::Within { error, statements, query } => {
                let query = query.or_else(|| is_own.then(|| text.to_owned()));
                ExecuteError::Within { error, statements, query }
            }
            error => error,
        }
    }

    /// Something that must be there and is not.
    pub(crate) fn lost(what: &str) -> ExecuteError {
        ExecuteError::Plan(format!("{what} is gone"))
    }

    /// A plan that nobody should make.
    pub fn plan(what: impl Into<String>) -> ExecuteError {
        ExecuteError::Plan(what.into())
    }
}

impl From<FunctionError> for ExecuteError {
    fn from(error: FunctionError) -> ExecuteError {
        ExecuteError::Function(Box::new(error))
    }
}

impl From<StoreError> for ExecuteError {
    fn from(error: StoreError) -> ExecuteError {
        ExecuteError::Store(Box::new(error))
    }
}

impl From<InputError> for ExecuteError {
    fn from(error: InputError) -> ExecuteError {
        ExecuteError::Text(Box::new(error))
    }
}

impl From<ConstraintError> for ExecuteError {
    fn from(error: ConstraintError) -> ExecuteError {
        ExecuteError::Constraint(Box::new(error))
    }
}

/// What may be done about a deadlock.
pub const DEADLOCK_HINT: &str = "See server log for query details.";

/// What may be done where calls stand too deep within each other.
const TOO_DEEP_HINT: &str = "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after \
    ensuring the platform's stack depth limit is adequate.";

/// Who waits for whom, as PostgreSQL tells it: for a row or a key by waiting for the transaction that has it.
fn deadlock_detail(steps: &[DeadlockStep]) -> String {
    let of_step = |DeadlockStep { waiter, target, mode, blocked_by }: &DeadlockStep| {
        let what = match (target, blocked_by.transaction) {
            (Target::Relation(_) | Target::Advisory(_), _) | (_, None) => match mode {
                LockMode::Relation(mode) => format!("{mode:?}Lock on {target}"),
                LockMode::Row(_) => format!("ShareLock on {target}"),
            },
            (Target::Row(..) | Target::Key(..) | Target::Transaction(_), Some(transaction)) => {
                format!("ShareLock on transaction {transaction}")
            }
        };
        let (waiter, other) = (waiter.session, blocked_by.session);
        format!("Process {waiter} waits for {what}; blocked by process {other}.")
    };
    steps.iter().map(of_step).collect::<Vec<_>>().join("\n")
}

/// What PostgreSQL says besides of what happens in a store.
pub fn store_detail(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Lock(LockError::Deadlock { steps }) => Some(deadlock_detail(steps)),
        StoreError::Serialization(failure) => Some(format!("Reason code: {}", failure.reason)),
        _ => None, // it says nothing
    }
}

/// What PostgreSQL says of what happens in a store; of what has no counterpart there the store's own words.
fn store_message(error: &StoreError) -> String {
    match error {
        StoreError::Conflict { action: ConflictAction::Update, .. } => {
            "could not serialize access due to concurrent update".to_owned()
        }
        StoreError::Conflict { action: ConflictAction::Delete, .. } => {
            "could not serialize access due to concurrent delete".to_owned()
        }
        StoreError::Serialization(_) => {
            "could not serialize access due to read/write dependencies among transactions".to_owned()
        }
        StoreError::Lock(LockError::Deadlock { .. }) => "deadlock detected".to_owned(),
        StoreError::Lock(LockError::TimedOut { .. }) => "canceling statement due to lock timeout".to_owned(),
        StoreError::Lock(LockError::Cancelled { .. }) | StoreError::Cancelled => {
            "canceling statement due to user request".to_owned()
        }
        error => error.to_string(),
    }
}

fn store_state(error: &StoreError) -> SqlState {
    if error.is_out_of_space() {
        return SqlState::DiskFull;
    }
    match error {
        StoreError::Conflict { .. } | StoreError::Serialization(_) => SqlState::TRSerializationFailure,
        StoreError::Lock(LockError::Deadlock { .. }) => SqlState::TRDeadlockDetected,
        StoreError::Lock(LockError::TimedOut { .. } | LockError::NotAvailable { .. })
        | StoreError::RowSkipped { .. } => SqlState::LockNotAvailable,
        StoreError::Lock(LockError::Cancelled { .. }) | StoreError::Cancelled => SqlState::QueryCanceled,
        StoreError::ReadOnly { .. } => SqlState::ReadOnlySqlTransaction,
        StoreError::Record { .. } | StoreError::Corrupt { .. } => SqlState::DataCorrupted,
        StoreError::NoSuchTree { .. } => SqlState::UndefinedTable,
        StoreError::NoSuchDatabase { .. } => SqlState::InvalidCatalogName,
        StoreError::SequenceExhausted { .. } => SqlState::SequenceGeneratorLimitExceeded,
        StoreError::NumbersUsedUp { .. } => SqlState::ProgramLimitExceeded,
        StoreError::Ended | StoreError::NoSuchSavepoint | StoreError::NoSuchStart => {
            SqlState::InvalidTransactionState
        }
        StoreError::Pager(_)
        | StoreError::Tree(_)
        | StoreError::Log(_)
        | StoreError::Io(_)
        | StoreError::Poisoned { .. }
        | StoreError::BrokenOff
        | StoreError::Closed
        | StoreError::MissingLog { .. }
        | StoreError::MissingDatabase { .. }
        | StoreError::BackupTarget { .. } => SqlState::IoError,
        StoreError::MainDatabase { .. } | StoreError::Option { .. } => SqlState::InternalError,
    }
}

impl ExecuteError {
    fn inner(&self) -> Option<&dyn Diagnostic> {
        match self {
            ExecuteError::Function(error) => Some(&**error),
            ExecuteError::Row(error) => Some(error),
            ExecuteError::Key(error) => Some(error),
            ExecuteError::Vector(error) => Some(error),
            ExecuteError::Text(error) => Some(&**error),
            ExecuteError::Within { error, .. } => Some(&**error),
            ExecuteError::OfCommonTable(error) => Some(&**error),
            ExecuteError::Store(_)
            | ExecuteError::Constraint(_)
            | ExecuteError::SeveralRows
            | ExecuteError::NegativeLimit { .. }
            | ExecuteError::FrameOffset { .. }
            | ExecuteError::Unsupported(_)
            | ExecuteError::Plan(_)
            | ExecuteError::HelperFailed { .. }
            | ExecuteError::TooDeep
            | ExecuteError::OutOfMemory { .. }
            | ExecuteError::Plain { .. } => None,
        }
    }
}

impl Diagnostic for ExecuteError {
    fn sqlstate(&self) -> SqlState {
        if let Some(inner) = self.inner() {
            return inner.sqlstate();
        }
        match self {
            ExecuteError::Store(error) => store_state(error),
            ExecuteError::Constraint(error) => error.state,
            ExecuteError::SeveralRows => SqlState::CardinalityViolation,
            ExecuteError::NegativeLimit { clause: "LIMIT" } => SqlState::InvalidRowCountInLimitClause,
            ExecuteError::NegativeLimit { .. } => SqlState::InvalidRowCountInResultOffsetClause,
            ExecuteError::FrameOffset { problem: "null", .. } => SqlState::NullValueNotAllowed,
            ExecuteError::FrameOffset { .. } => SqlState::InvalidPrecedingOrFollowingSize,
            ExecuteError::Unsupported(_) => SqlState::FeatureNotSupported,
            ExecuteError::TooDeep => SqlState::StatementTooComplex,
            ExecuteError::OutOfMemory { .. } => SqlState::OutOfMemory,
            ExecuteError::Plain { state, .. } => *state,
            ExecuteError::Plan(_)
            | ExecuteError::HelperFailed { .. }
            | ExecuteError::Function(_)
            | ExecuteError::Row(_)
            | ExecuteError::Key(_)
            | ExecuteError::Vector(_)
            | ExecuteError::Text(_)
            | ExecuteError::Within { .. }
            | ExecuteError::OfCommonTable(_) => SqlState::InternalError,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            ExecuteError::Constraint(error) => error.detail.clone(),
            ExecuteError::OutOfMemory { detail } => Some(detail.clone()),
            ExecuteError::Plain { detail, .. } => detail.clone(),
            ExecuteError::Store(error) => store_detail(error),
            _ => self.inner().and_then(Diagnostic::detail),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            ExecuteError::Plain { hint, .. } => hint.clone(),
            ExecuteError::Store(error) => match &**error {
                StoreError::Serialization(_) => Some("The transaction might succeed if retried.".to_owned()),
                StoreError::Lock(LockError::Deadlock { .. }) => Some(DEADLOCK_HINT.to_owned()),
                _ => None,
            },
            ExecuteError::TooDeep => Some(TOO_DEEP_HINT.to_owned()),
            _ => self.inner().and_then(Diagnostic::hint),
        }
    }

    fn context(&self) -> Option<String> {
        let inner = self.inner().and_then(Diagnostic::context);
        match self {
            ExecuteError::Within { statements, .. } => {
                Some(inner.iter().chain(statements).map(String::as_str).collect::<Vec<_>>().join("\n"))
            }
            _ => inner,
        }
    }

    fn query(&self) -> Option<String> {
        match self {
            ExecuteError::Within { query: Some(query), .. } => Some(query.clone()),
            _ => self.inner().and_then(Diagnostic::query),
        }
    }

    fn position(&self) -> Option<u32> {
        self.inner().and_then(Diagnostic::position)
    }

    fn subject(&self) -> Subject {
        match self {
            ExecuteError::Constraint(error) => error.subject.clone(),
            _ => self.inner().map(Diagnostic::subject).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_store_said_is_found_within_statements_of_statements() {
        let within = |error: ExecuteError| error.within("SQL statement".into());
        let error = within(within(ExecuteError::Store(Box::new(StoreError::Cancelled))));
        assert!(matches!(error.of_store(), Some(StoreError::Cancelled)));
        assert!(within(ExecuteError::TooDeep).of_store().is_none());
    }
}
