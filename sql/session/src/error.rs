//! What may go wrong in a session, and what it warns of.

use crate::cursor::error::CursorError;
use crate::definition::roles::IdentityError;
use crate::maintenance::MaintenanceError;
use crate::settings::SettingError;
use crate::store_error::StoreFailure;
use diagnostic::{Diagnostic, SqlState, Subject};

/// Why a statement failed: an error of the step that found it, or one of the session's own.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum SessionError {
    #[error(transparent)]
    Syntax(#[from] syntax::SyntaxError),
    #[error(transparent)]
    Setting(#[from] SettingError),
    #[error(transparent)]
    Bind(#[from] bind::BindError),
    #[error(transparent)]
    Catalog(catalog::CatalogError),
    #[error(transparent)]
    Plan(#[from] plan::PlanError),
    #[error(transparent)]
    Execute(execute::ExecuteError),
    #[error(transparent)]
    Define(define::DefineError),
    #[error(transparent)]
    Function(#[from] functions::FunctionError),
    #[error(transparent)]
    Maintenance(#[from] MaintenanceError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error(transparent)]
    Access(#[from] catalog::AccessError),
    #[error(transparent)]
    Store(#[from] StoreFailure),
    #[error(transparent)]
    CopyData(#[from] copy::CopyError),
    #[error(transparent)]
    Copy(#[from] crate::copying::CopyRefusal),
    #[error(transparent)]
    Notify(#[from] crate::notify::NotifyError),
    #[error(transparent)]
    Mode(#[from] crate::transaction::block::ModeError),
    #[error(transparent)]
    Snapshot(#[from] crate::transaction::exported::SnapshotError),
    #[error(transparent)]
    Wire(Box<types::wire::WireError>),
    /// What a body in PL/pgSQL failed with.
    #[error("{0}")]
    Body(Box<procedural::Failure>),
    /// What was found at a place that is none of the statement's.
    #[error("{error}")]
    Within { error: Box<SessionError>, context: String },
    #[error("canceling statement due to statement timeout")]
    StatementTimeout,
    /// An error of a statement that was prepared before: its text is not what was sent.
    #[error(transparent)]
    Prepared(Box<SessionError>),
    #[error("connection to client lost")]
    ClientGone,
    #[error("wrong number of parameters for prepared statement \"{name}\"")]
    ParameterCount { name: String, expected: usize, found: usize },
    #[error(
        "bind message supplies {found} parameters, but prepared statement \"{name}\" requires {expected}"
    )]
    BoundCount { name: String, expected: usize, found: usize },
    #[error("cannot insert multiple commands into a prepared statement")]
    SeveralStatements,
    #[error("cached plan must not change result type")]
    ColumnsChanged,
    #[error("portal \"{name}\" does not exist")]
    NoPortal { name: String },
    #[error("portal \"{name}\" cannot be run")]
    PortalDone { name: String },
    #[error("the value for parameter ${place} is not of its type")]
    ValueKind { place: usize },
    #[error("unrecognized EXPLAIN option \"{name}\"")]
    ExplainOption { name: String, position: u32 },
    #[error("unrecognized value for EXPLAIN option \"format\": \"{value}\"")]
    ExplainFormat { value: String, position: u32 },
    #[error("EXPLAIN option {option} requires ANALYZE")]
    ExplainNeedsAnalyze { option: &'static str },
    #[error("{name} requires a parameter")]
    OptionNeedsValue { name: String },
    #[error("current transaction is aborted, commands ignored until end of transaction block")]
    InFailedTransaction,
    #[error("{statement} can only be used in transaction blocks")]
    OnlyInBlock { statement: &'static str },
    #[error("{statement} cannot run inside a transaction block")]
    NotInBlock { statement: &'static str },
    #[error("{statement} cannot be executed from a function")]
    NotInFunction { statement: &'static str },
    #[error("prepared statement is not a SELECT")]
    PreparedNotSelect,
    #[error("cannot execute {statement} in a read-only transaction")]
    ReadOnly { statement: &'static str },
    #[error("{name} requires a Boolean value")]
    NotBoolean { name: String },
    #[error("time zone interval must not have months or days")]
    ZoneInterval,
    #[error("savepoint \"{name}\" does not exist")]
    NoSavepoint { name: String },
    #[error("{} does not exist", prepared_called(name))]
    NoPrepared { name: String },
    #[error("prepared statement \"{name}\" already exists")]
    PreparedExists { name: String },
    #[error("prepared transaction with identifier \"{name}\" does not exist")]
    NoPreparedTransaction { name: String },
    #[error("cursor \"{cursor}\" {}", why.words(table))]
    NotCurrent { cursor: String, why: NotCurrent, table: String },
    #[error("cannot create temporary relation in non-temporary schema")]
    TemporaryElement,
    #[error("materialized view \"{name}\" has not been populated")]
    NotPopulated { name: String },
    #[error("prepared transactions are disabled")]
    NoPreparedTransactions,
    #[error("cannot PREPARE a transaction that has {what}")]
    CannotPrepare { what: &'static str },
    #[error("CREATE specifies a schema ({written}) different from the one being created ({schema})")]
    ElementElsewhere { written: String, schema: String },
    #[error("cursor \"{name}\" does not exist")]
    NoCursor { name: String },
    #[error("cursor \"{name}\" already exists")]
    CursorExists { name: String },
    #[error(transparent)]
    Cursor(#[from] CursorError),
    #[error("role \"{name}\" does not exist")]
    NoRole { name: String },
    #[error("terminating connection due to administrator command")]
    Terminated,
    #[error("cannot lock relation \"{name}\"")]
    CannotLock { name: String, kinds: &'static str },
    #[error("could not obtain lock on relation \"{name}\"")]
    LockHeld { name: String },
    #[error("constraint \"{name}\" does not exist")]
    NoConstraint { name: String },
    #[error("constraint \"{name}\" is not deferrable")]
    NotDeferrable { name: String },
    /// A relation has changed since the one snapshot of the transaction.
    #[error("could not serialize access due to concurrent update")]
    DefinedAnew,
    #[error("{feature} is not supported")]
    NotSupported { feature: &'static str },
}

impl From<crate::client::ClientGone> for SessionError {
    fn from(_: crate::client::ClientGone) -> SessionError {
        SessionError::ClientGone
    }
}

impl From<store::StoreError> for SessionError {
    fn from(error: store::StoreError) -> SessionError {
        SessionError::Store(StoreFailure::from(error))
    }
}

impl From<catalog::CatalogError> for SessionError {
    fn from(error: catalog::CatalogError) -> SessionError {
        match error {
            catalog::CatalogError::Store(error) => error.into(),
            catalog::CatalogError::Commit(error) => error.into(),
            error => SessionError::Catalog(error),
        }
    }
}

impl From<define::DefineError> for SessionError {
    fn from(error: define::DefineError) -> SessionError {
        match error {
            define::DefineError::Store(error) => error.into(),
            define::DefineError::Catalog(error) => error.into(),
            define::DefineError::Bind(error) => SessionError::Bind(error),
            define::DefineError::Build(error) => match error.store_error() {
                Some(of_store) => of_store.clone().into(),
                None => SessionError::Define(define::DefineError::Build(error)),
            },
            error => SessionError::Define(error),
        }
    }
}

impl From<execute::ExecuteError> for SessionError {
    fn from(error: execute::ExecuteError) -> SessionError {
        match error {
            execute::ExecuteError::Store(error) => (*error).into(),
            error => SessionError::Execute(error),
        }
    }
}

impl From<store::CommitError> for SessionError {
    fn from(error: store::CommitError) -> SessionError {
        SessionError::Store(StoreFailure::from(error))
    }
}

/// Why a cursor has no row of a table that could be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum NotCurrent {
    Held,
    NoReference,
    ManyReferences,
    NotSimple,
    NotPositioned,
}

impl NotCurrent {
    fn words(self, table: &str) -> String {
        match self {
            NotCurrent::Held => "is held from a previous transaction".to_owned(),
            NotCurrent::NoReference => {
                format!("does not have a FOR UPDATE/SHARE reference to table \"{table}\"")
            }
            NotCurrent::ManyReferences => {
                format!("has multiple FOR UPDATE/SHARE references to table \"{table}\"")
            }
            NotCurrent::NotSimple => format!("is not a simply updatable scan of table \"{table}\""),
            NotCurrent::NotPositioned => "is not positioned on a row".to_owned(),
        }
    }
}

impl SessionError {
    /// What the store said, if it was the store that failed.
    pub fn store_failure(&self) -> Option<StoreFailure> {
        match self {
            SessionError::Store(failure) => Some(failure.clone()),
            SessionError::Execute(error) => match error.of_store() {
                Some(error) => Some(StoreFailure::Call(error.clone())),
                None => of_body(error.of_others()?.as_any().downcast_ref()?),
            },
            SessionError::Body(failure) => of_body(failure),
            SessionError::Prepared(error) | SessionError::Within { error, .. } => error.store_failure(),
            _ => None,
        }
    }

    /// Whether a lock was waited for as long as that may be.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        let store = match self {
            SessionError::Store(StoreFailure::Call(error)) => Some(error),
            SessionError::Prepared(error) => return error.is_lock_timeout(),
            SessionError::Execute(error) => error.of_store(),
            _ => None,
        };
        matches!(store, Some(store::StoreError::Lock(store::locks::LockError::TimedOut { .. })))
    }
}

/// What the store said within a body.
fn of_body(failure: &procedural::Failure) -> Option<StoreFailure> {
    failure.origin.as_ref()?.0.downcast_ref().cloned()
}

/// The error within, if it is another step's.
fn inner(error: &SessionError) -> Option<&dyn Diagnostic> {
    match error {
        SessionError::Syntax(error) => Some(error),
        SessionError::Setting(error) => Some(error),
        SessionError::Maintenance(error) => Some(error),
        SessionError::Identity(error) => Some(error),
        SessionError::Access(error) => Some(error),
        SessionError::Store(error) => Some(error),
        SessionError::Bind(error) => Some(error),
        SessionError::Catalog(error) => Some(error),
        SessionError::Plan(error) => Some(error),
        SessionError::Execute(error) => Some(error),
        SessionError::Define(error) => Some(error),
        SessionError::Function(error) => Some(error),
        SessionError::CopyData(error) => Some(error),
        SessionError::Copy(error) => Some(error),
        SessionError::Notify(error) => Some(error),
        SessionError::Mode(error) => Some(error),
        SessionError::Snapshot(error) => Some(error),
        SessionError::Wire(error) => Some(&**error),
        SessionError::Within { error, .. } | SessionError::Prepared(error) => Some(&**error),
        SessionError::Body(failure) => Some(&**failure),
        SessionError::Cursor(error) => Some(error),
        SessionError::StatementTimeout
        | SessionError::ClientGone
        | SessionError::ParameterCount { .. }
        | SessionError::BoundCount { .. }
        | SessionError::SeveralStatements
        | SessionError::ColumnsChanged
        | SessionError::NoPortal { .. }
        | SessionError::PortalDone { .. }
        | SessionError::ValueKind { .. }
        | SessionError::ExplainOption { .. }
        | SessionError::ExplainFormat { .. }
        | SessionError::ExplainNeedsAnalyze { .. }
        | SessionError::OptionNeedsValue { .. }
        | SessionError::NotBoolean { .. }
        | SessionError::ZoneInterval
        | SessionError::InFailedTransaction
        | SessionError::OnlyInBlock { .. }
        | SessionError::CannotLock { .. }
        | SessionError::LockHeld { .. }
        | SessionError::NoConstraint { .. }
        | SessionError::NotDeferrable { .. }
        | SessionError::NotInBlock { .. }
        | SessionError::NotInFunction { .. }
        | SessionError::PreparedNotSelect
        | SessionError::ReadOnly { .. }
        | SessionError::NoSavepoint { .. }
        | SessionError::NoPrepared { .. }
        | SessionError::PreparedExists { .. }
        | SessionError::NoPreparedTransaction { .. }
        | SessionError::NoPreparedTransactions
        | SessionError::NotPopulated { .. }
        | SessionError::NotCurrent { .. }
        | SessionError::TemporaryElement
        | SessionError::CannotPrepare { .. }
        | SessionError::ElementElsewhere { .. }
        | SessionError::NoCursor { .. }
        | SessionError::CursorExists { .. }
        | SessionError::NoRole { .. }
        | SessionError::Terminated
        | SessionError::DefinedAnew
        | SessionError::NotSupported { .. } => None,
    }
}

impl Diagnostic for SessionError {
    fn sqlstate(&self) -> SqlState {
        match self {
            SessionError::Syntax(error) => error.sqlstate(),
            SessionError::Setting(error) => error.sqlstate(),
            SessionError::Maintenance(error) => error.sqlstate(),
            SessionError::Identity(error) => error.sqlstate(),
            SessionError::Access(error) => error.sqlstate(),
            SessionError::Store(error) => error.sqlstate(),
            SessionError::Bind(error) => error.sqlstate(),
            SessionError::Catalog(error) => error.sqlstate(),
            SessionError::Plan(error) => error.sqlstate(),
            SessionError::Execute(error) => error.sqlstate(),
            SessionError::Define(error) => error.sqlstate(),
            SessionError::Function(error) => error.sqlstate(),
            SessionError::CopyData(error) => error.sqlstate(),
            SessionError::Copy(error) => error.sqlstate(),
            SessionError::Notify(error) => error.sqlstate(),
            SessionError::Mode(error) => error.sqlstate(),
            SessionError::Snapshot(error) => error.sqlstate(),
            SessionError::Wire(error) => error.sqlstate(),
            SessionError::Within { error, .. } | SessionError::Prepared(error) => error.sqlstate(),
            SessionError::Body(failure) => failure.state,
            SessionError::Cursor(error) => error.sqlstate(),
            SessionError::StatementTimeout => SqlState::QueryCanceled,
            SessionError::ClientGone => SqlState::ConnectionFailure,
            SessionError::NotBoolean { .. } | SessionError::OptionNeedsValue { .. } => SqlState::SyntaxError,
            SessionError::ZoneInterval
            | SessionError::ExplainFormat { .. }
            | SessionError::ExplainNeedsAnalyze { .. } => SqlState::InvalidParameterValue,
            SessionError::ParameterCount { .. }
            | SessionError::SeveralStatements
            | SessionError::ExplainOption { .. } => SqlState::SyntaxError,
            SessionError::BoundCount { .. } => SqlState::ProtocolViolation,
            SessionError::NoPortal { .. } | SessionError::NoCursor { .. } => SqlState::InvalidCursorName,
            SessionError::ValueKind { .. } => SqlState::DatatypeMismatch,
            SessionError::InFailedTransaction => SqlState::InFailedSqlTransaction,
            SessionError::NotInBlock { .. } | SessionError::NotInFunction { .. } => {
                SqlState::ActiveSqlTransaction
            }
            SessionError::OnlyInBlock { .. } => SqlState::NoActiveSqlTransaction,
            SessionError::ReadOnly { .. } => SqlState::ReadOnlySqlTransaction,
            SessionError::NoSavepoint { .. } => SqlState::SEInvalidSpecification,
            SessionError::NoPrepared { .. } => SqlState::InvalidSqlStatementName,
            SessionError::PreparedExists { .. } => SqlState::DuplicatePstatement,
            SessionError::NoPreparedTransactions | SessionError::NotPopulated { .. } => {
                SqlState::ObjectNotInPrerequisiteState
            }
            SessionError::NotCurrent { .. } => SqlState::InvalidCursorState,
            SessionError::TemporaryElement => SqlState::InvalidTableDefinition,
            SessionError::CannotPrepare { .. } => SqlState::FeatureNotSupported,
            SessionError::ElementElsewhere { .. } => SqlState::InvalidSchemaDefinition,
            SessionError::NoPreparedTransaction { .. }
            | SessionError::NoRole { .. }
            | SessionError::NoConstraint { .. } => SqlState::UndefinedObject,
            SessionError::CannotLock { .. }
            | SessionError::NotDeferrable { .. }
            | SessionError::PreparedNotSelect => SqlState::WrongObjectType,
            SessionError::LockHeld { .. } => SqlState::LockNotAvailable,
            SessionError::CursorExists { .. } => SqlState::DuplicateCursor,
            SessionError::PortalDone { .. } => SqlState::ObjectNotInPrerequisiteState,
            SessionError::Terminated => SqlState::AdminShutdown,
            SessionError::DefinedAnew => SqlState::TRSerializationFailure,
            SessionError::ColumnsChanged | SessionError::NotSupported { .. } => SqlState::FeatureNotSupported,
        }
    }

    fn detail(&self) -> Option<String> {
        if let SessionError::ParameterCount { expected, found, .. } = self {
            return Some(format!("Expected {expected} parameters but got {found}."));
        }
        if let SessionError::CannotLock { kinds, .. } = self {
            return Some(format!("This operation is not supported for {kinds}."));
        }
        inner(self).and_then(Diagnostic::detail)
    }

    fn hint(&self) -> Option<String> {
        match self {
            SessionError::NoPreparedTransactions => {
                Some("Set max_prepared_transactions to a nonzero value.".into())
            }
            SessionError::NotPopulated { .. } => Some("Use the REFRESH MATERIALIZED VIEW command.".into()),
            _ => inner(self).and_then(Diagnostic::hint),
        }
    }

    fn position(&self) -> Option<u32> {
        if let SessionError::Prepared(_) = self {
            return None;
        }
        if let SessionError::ExplainOption { position, .. } | SessionError::ExplainFormat { position, .. } =
            self
        {
            return Some(*position);
        }
        inner(self).and_then(Diagnostic::position)
    }

    fn context(&self) -> Option<String> {
        let within = inner(self).and_then(Diagnostic::context);
        match (self, within) {
            (SessionError::Within { context, .. }, Some(within)) => Some(format!("{within}\n{context}")),
            (SessionError::Within { context, .. }, None) => Some(context.clone()),
            (_, within) => within,
        }
    }

    fn query(&self) -> Option<String> {
        match self {
            SessionError::Prepared(_) => None,
            other => inner(other).and_then(Diagnostic::query),
        }
    }

    fn subject(&self) -> Subject {
        inner(self).map(Diagnostic::subject).unwrap_or_default()
    }

    fn routine(&self) -> Option<&'static str> {
        match self {
            SessionError::ColumnsChanged => Some("RevalidateCachedQuery"),
            other => inner(other).and_then(Diagnostic::routine),
        }
    }
}

/// What a session warns of.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum Warning {
    #[error("there is already a transaction in progress")]
    AlreadyInTransaction,
    #[error("there is no transaction in progress")]
    NoTransaction,
    #[error("{statement} can only be used in transaction blocks")]
    OnlyInBlock { statement: &'static str },
}

impl Diagnostic for Warning {
    fn sqlstate(&self) -> SqlState {
        match self {
            Warning::AlreadyInTransaction => SqlState::ActiveSqlTransaction,
            Warning::NoTransaction | Warning::OnlyInBlock { .. } => SqlState::NoActiveSqlTransaction,
        }
    }
}

/// How messages call a prepared statement.
fn prepared_called(name: &str) -> String {
    if name.is_empty() {
        "unnamed prepared statement".to_owned()
    } else {
        format!("prepared statement \"{name}\"")
    }
}
