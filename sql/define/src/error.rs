//! What may be wrong with a definition, in PostgreSQL's words.

use crate::database::DatabaseError;
use crate::definer::RowsError;
use crate::role_error::{RoleError, RoleNotice};
use bind::BindError;
use catalog::{AccessError, CatalogError};
use diagnostic::{Diagnostic, SqlState, Subject};

/// The result of a definition.
pub type DefineResult<T> = Result<T, DefineError>;

/// Why something cannot be defined.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum DefineError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error("{error}")]
    AccessAt { error: AccessError, position: u32 },
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error(transparent)]
    Store(#[from] store::StoreError),
    #[error("{0}")]
    Build(Box<dyn RowsError>),
    /// The same, where PostgreSQL points at nothing.
    #[error("{0}")]
    Unplaced(Box<DefineError>),
    #[error("{feature} is not supported")]
    NotSupported { feature: String, position: Option<u32> },
    // Sequences.
    #[error("sequence type must be smallint, integer, or bigint")]
    SequenceType,
    #[error("identity column type must be smallint, integer, or bigint")]
    IdentityType,
    #[error("INCREMENT must not be zero")]
    IncrementZero,
    #[error("MAXVALUE ({value}) is out of range for sequence data type {type_name}")]
    MaximumOutOfRange { value: i64, type_name: &'static str },
    #[error("MINVALUE ({value}) is out of range for sequence data type {type_name}")]
    MinimumOutOfRange { value: i64, type_name: &'static str },
    #[error("MINVALUE ({minimum}) must be less than MAXVALUE ({maximum})")]
    MinimumNotBelow { minimum: i64, maximum: i64 },
    #[error("START value ({value}) cannot be less than MINVALUE ({minimum})")]
    StartBelow { value: i64, minimum: i64 },
    #[error("START value ({value}) cannot be greater than MAXVALUE ({maximum})")]
    StartAbove { value: i64, maximum: i64 },
    #[error("RESTART value ({value}) cannot be less than MINVALUE ({minimum})")]
    RestartBelow { value: i64, minimum: i64 },
    #[error("RESTART value ({value}) cannot be greater than MAXVALUE ({maximum})")]
    RestartAbove { value: i64, maximum: i64 },
    #[error("CACHE ({value}) must be greater than zero")]
    CacheNotPositive { value: i64 },
    #[error("invalid OWNED BY option")]
    OwnedBy,
    #[error("sequence must be in same schema as table it is linked to")]
    OwnedByElsewhere,
    #[error("sequence cannot be owned by relation \"{name}\"")]
    OwnedByNoTable { name: String, kind: &'static str },
    #[error("invalid input syntax for type bigint: \"{text}\"")]
    NotWhole { text: String },
    #[error("value \"{text}\" is out of range for type bigint")]
    BigintOutOfRange { text: String },
    #[error("conflicting or redundant options")]
    ConflictingOptions { position: u32 },
    #[error("invalid sequence option SEQUENCE NAME")]
    SequenceName { position: u32 },
    /// PostgreSQL gives no place here.
    #[error("conflicting or redundant options")]
    RedundantOptions,
    #[error("unrecognized REINDEX option \"{name}\"")]
    ReindexOption { name: String, position: u32 },
    // Schemas.
    #[error("unacceptable schema name \"{name}\"")]
    ReservedSchema { name: String },
    #[error("permission denied: \"{name}\" is a system catalog")]
    SystemCatalog { name: String },
    // Relations by kind.
    #[error("\"{name}\" is not {wanted}")]
    WrongKind { name: String, wanted: &'static str, hint: Option<String> },
    #[error("{kind} \"{name}\" does not exist")]
    NoObject { kind: &'static str, name: String, state: SqlState },
    #[error("column \"{column}\" of relation \"{relation}\" does not exist")]
    NoColumn { column: String, relation: String },
    #[error("column \"{column}\" does not exist")]
    NoPlainColumn { column: String },
    #[error("column \"{column}\" of relation \"{relation}\" already exists")]
    ColumnExists { column: String, relation: String },
    #[error("column name \"{column}\" conflicts with a system column name")]
    SystemColumn { column: String },
    #[error("cannot {verb} system column \"{column}\"")]
    ChangedSystemColumn { verb: &'static str, column: String },
    #[error("constraint \"{name}\" of relation \"{relation}\" does not exist")]
    NoConstraint { name: String, relation: String },
    #[error("constraint \"{name}\" for table \"{table}\" does not exist")]
    NoConstraintFor { name: String, table: String },
    #[error("column name must be qualified")]
    ColumnUnqualified,
    #[error("collations are not supported by type {type_name}")]
    NoCollations { type_name: String, position: u32 },
    #[error("collation \"{name}\" for encoding \"UTF8\" does not exist")]
    NoCollation { name: String, position: u32 },
    #[error("cannot {command} \"{name}\" because it has pending trigger events")]
    Awaited { command: &'static str, name: String },
    #[error("cannot {command} \"{name}\" because it is being used by active queries in this session")]
    Read { command: &'static str, name: String },
    #[error("cannot truncate a table referenced in a foreign key constraint")]
    TruncateReferenced { from: String, to: String },
    // Tables.
    #[error("column \"{name}\" specified more than once")]
    DuplicateColumn { name: String },
    #[error("tables can have at most 1600 columns")]
    TooManyColumns,
    #[error("column \"{name}\" has pseudo-type {type_name}")]
    PseudoType { name: String, type_name: String },
    #[error("conflicting NULL/NOT NULL declarations for column \"{column}\" of table \"{table}\"")]
    ConflictingNull { column: String, table: String, position: u32 },
    #[error("multiple default values specified for column \"{column}\" of table \"{table}\"")]
    MultipleDefaults { column: String, table: String, position: u32 },
    #[error("multiple primary keys for table \"{table}\" are not allowed")]
    MultiplePrimaryKeys { table: String, position: Option<u32> },
    #[error("both default and identity specified for column \"{column}\" of table \"{table}\"")]
    DefaultAndIdentity { column: String, table: String, position: u32 },
    #[error("both default and generation expression specified for column \"{column}\" of table \"{table}\"")]
    DefaultAndGenerated { column: String, table: String, position: u32 },
    #[error("both identity and generation expression specified for column \"{column}\" of table \"{table}\"")]
    IdentityAndGenerated { column: String, table: String, position: u32 },
    #[error("multiple identity specifications for column \"{column}\" of table \"{table}\"")]
    MultipleIdentities { column: String, table: String, position: u32 },
    #[error("multiple generation clauses specified for column \"{column}\" of table \"{table}\"")]
    MultipleGenerated { column: String, table: String, position: u32 },
    #[error("column \"{column}\" named in key does not exist")]
    KeyColumn { column: String, position: u32 },
    #[error("column \"{column}\" appears twice in {constraint} constraint")]
    KeyColumnTwice { column: String, constraint: &'static str, position: u32 },
    #[error("misplaced {what} clause")]
    Misplaced { what: &'static str, position: u32 },
    #[error("multiple {what} clauses not allowed")]
    SeveralAttributes { what: &'static str, position: u32 },
    #[error("constraint declared INITIALLY DEFERRED must be DEFERRABLE")]
    DeferredMustBeDeferrable { position: u32 },
    #[error("{kind} constraints cannot be marked {attribute}")]
    NotMarked { kind: &'static str, attribute: &'static str, position: u32 },
    // How long relations live.
    #[error("cannot create temporary relation in non-temporary schema")]
    TemporaryElsewhere { position: Option<u32> },
    #[error("only temporary relations may be created in temporary schemas")]
    OnlyTemporary { position: Option<u32> },
    #[error("views cannot be unlogged because they do not have storage")]
    UnloggedView,
    #[error("ON COMMIT can only be used on temporary tables")]
    OnCommitNotTemporary,
    #[error("unsupported ON COMMIT and foreign key combination")]
    OnCommitReference { from: String, to: String },
    #[error("constraints on {tables} tables may reference only {allowed} tables")]
    ReferencedPersistence { tables: &'static str, allowed: &'static str },
    #[error("cannot change logged status of table \"{table}\" because it is temporary")]
    LoggedTemporary { table: String },
    #[error("could not change table \"{table}\" to {to} because it references {is} table \"{other}\"")]
    LoggedReference { table: String, to: &'static str, is: &'static str, other: String },
    // LIKE.
    #[error("relation \"{name}\" does not exist")]
    LikeMissing { name: String, position: u32 },
    #[error("relation \"{name}\" is invalid in LIKE clause")]
    LikeKind { name: String, kinds: &'static str, position: u32 },
    // Foreign keys.
    #[error("column \"{column}\" referenced in foreign key constraint does not exist")]
    ReferenceColumn { column: String },
    #[error("referenced relation \"{name}\" is not a table")]
    ReferencedNotTable { name: String },
    #[error("there is no primary key for referenced table \"{table}\"")]
    NoPrimaryKey { table: String },
    #[error("there is no unique constraint matching given keys for referenced table \"{table}\"")]
    NoUniqueKey { table: String },
    #[error("number of referencing and referenced columns for foreign key disagree")]
    ReferenceCount,
    #[error("foreign key constraint \"{name}\" cannot be implemented")]
    ReferenceTypes { name: String, from: String, from_type: String, to: String, to_type: String },
    #[error("foreign key referenced-columns list must not contain duplicates")]
    ReferenceTwice,
    #[error("column \"{column}\" referenced in ON DELETE SET action must be part of foreign key")]
    SetColumn { column: String },
    // Indexes.
    #[error("access method \"{name}\" does not exist")]
    NoAccessMethod { name: String },
    #[error("cannot use more than 32 columns in an index")]
    TooManyKeys,
    #[error("data type {type_name} has no default operator class for access method \"{method}\"")]
    NoOperatorClass { type_name: String, method: &'static str },
    #[error("functions in index {what} must be marked IMMUTABLE")]
    IndexNotImmutable { what: &'static str },
    #[error("generation expression is not immutable")]
    GeneratedNotImmutable,
    #[error("cannot use generated column \"{column}\" in column generation expression")]
    GeneratedOnGenerated { column: String, position: u32 },
    // Views.
    #[error("CREATE VIEW specifies more column names than columns")]
    ViewNames,
    #[error("too many column names were specified")]
    TableNames,
    #[error("cannot drop columns from view")]
    ViewColumnsDropped,
    #[error("cannot change name of view column \"{from}\" to \"{to}\"")]
    ViewColumnName { from: String, to: String },
    #[error("cannot change data type of view column \"{name}\" from {from} to {to}")]
    ViewColumnType { name: String, from: String, to: String },
    #[error("views must not contain data-modifying statements in WITH")]
    ViewChanges,
    #[error("parameter \"{name}\" specified more than once")]
    OptionTwice { name: String },
    #[error("invalid value for enum option \"check_option\": {value}")]
    CheckOptionValue { value: String },
    #[error("unrecognized parameter \"{name}\"")]
    NoParameter { name: String },
    #[error("invalid value for boolean option \"{name}\": {value}")]
    NotBoolean { name: String, value: String },
    #[error("cannot change schema of index \"{name}\"")]
    SchemaOfIndex { name: String },
    /// What is wrong with the body of a function, and where its text stands in the statement's.
    #[error("{error}")]
    FunctionBody { error: Box<BindError>, at: Option<u32>, name: String },
    /// What is wrong with a body in PL/pgSQL, where its text stands in the statement's if it stands there as it is, and it.
    #[error("{failure}")]
    Body { failure: Box<procedural::Failure>, at: Option<u32>, text: String },
    /// An error with what PostgreSQL says besides, for what is said in one place alone.
    #[error("{message}")]
    Plain {
        state: SqlState,
        message: String,
        detail: Option<String>,
        hint: Option<String>,
        position: Option<u32>,
    },
    // Types.
    #[error("invalid enum label \"{label}\"")]
    EnumLabelTooLong { label: String },
    #[error("enum label \"{label}\" already exists")]
    EnumLabelExists { label: String },
    #[error("\"{label}\" is not an existing enum label")]
    NoEnumLabel { label: String },
    #[error("{name} is not an enum")]
    NotEnum { name: String },
    #[error("\"{name}\" is not a valid base type for a domain")]
    DomainBase { name: String, position: u32 },
    // Extensions.
    #[error("extension \"{name}\" is not available")]
    NoExtension { name: String },
    #[error("extension \"{name}\" already exists")]
    ExtensionExists { name: String },
    // Altering.
    #[error("cannot alter type of a column used by a view or rule")]
    ColumnUsedByView { detail: String },
    #[error("column \"{column}\" cannot be cast automatically to type {type_name}")]
    NoAutomaticCast { column: String, type_name: String },
    #[error("column \"{column}\" is in a primary key")]
    InPrimaryKey { column: String },
    #[error("column \"{column}\" of relation \"{relation}\" is an identity column")]
    IsIdentity { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" is already an identity column")]
    AlreadyIdentity { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" is not an identity column")]
    NoIdentity { column: String, relation: String },
    #[error(
        "column \"{column}\" of relation \"{relation}\" must be declared NOT NULL before identity can be added"
    )]
    IdentityNullable { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" is a generated column")]
    IsGenerated { column: String, relation: String },
    #[error("{error}")]
    DroppedSource { error: Box<DefineError>, what: &'static str },
    #[error("column \"{column}\" of relation \"{relation}\" is not a stored generated column")]
    NotGenerated { column: String, relation: String },
    #[error("cannot change ownership of identity sequence")]
    IdentitySequence { detail: String },
}

/// What needs no more than a state and a message.
pub(crate) fn plain(state: SqlState, message: impl Into<String>) -> DefineError {
    DefineError::Plain { state, message: message.into(), detail: None, hint: None, position: None }
}

/// The same with a detail.
pub(crate) fn detailed(
    state: SqlState,
    message: impl Into<String>,
    detail: impl Into<String>,
) -> DefineError {
    let (message, detail) = (message.into(), Some(detail.into()));
    DefineError::Plain { state, message, detail, hint: None, position: None }
}

impl DefineError {
    /// The error at a place, if it is one of rights that was found without.
    pub(crate) fn at(self, position: u32) -> DefineError {
        match self {
            DefineError::Access(error) => DefineError::AccessAt { error, position },
            DefineError::Catalog(error @ CatalogError::UndefinedSchema { .. }) => DefineError::Plain {
                state: error.sqlstate(),
                message: error.to_string(),
                detail: None,
                hint: None,
                position: Some(position),
            },
            other => other,
        }
    }

    /// The error of another step within.
    fn inner(&self) -> Option<&dyn Diagnostic> {
        match self {
            DefineError::Bind(error) => Some(error),
            DefineError::Unplaced(error) => Some(&**error),
            DefineError::FunctionBody { error, .. } => Some(&**error),
            DefineError::Body { failure, .. } => Some(&**failure),
            DefineError::Catalog(error) => Some(error),
            DefineError::Role(error) => Some(error),
            DefineError::Access(error) | DefineError::AccessAt { error, .. } => Some(error),
            DefineError::Database(error) => Some(error),
            DefineError::Build(error) => Some(error.as_diagnostic()),
            _ => None, // all others are our own
        }
    }

    /// The state of an error about an object, where [`Diagnostic::sqlstate`] does not know it.
    fn state_of_object(&self) -> SqlState {
        use DefineError as E;
        match self {
            E::NotMarked { .. } | E::NoExtension { .. } => SqlState::FeatureNotSupported,
            E::OwnedByElsewhere
            | E::NotGenerated { .. }
            | E::AlreadyIdentity { .. }
            | E::NoIdentity { .. }
            | E::IdentityNullable { .. } => SqlState::ObjectNotInPrerequisiteState,
            E::IsIdentity { .. } | E::ReindexOption { .. } => SqlState::SyntaxError,
            E::LikeMissing { .. } => SqlState::UndefinedTable,
            E::OwnedByNoTable { .. }
            | E::LikeKind { .. }
            | E::WrongKind { .. }
            | E::ReferencedNotTable { .. }
            | E::NotEnum { .. } => SqlState::WrongObjectType,
            E::ReservedSchema { .. } => SqlState::ReservedName,
            E::SystemCatalog { .. } => SqlState::InsufficientPrivilege,
            E::NoObject { state, .. } | E::Plain { state, .. } => *state,
            E::ViewChanges | E::SchemaOfIndex { .. } => SqlState::FeatureNotSupported,
            E::OptionTwice { .. }
            | E::CheckOptionValue { .. }
            | E::NoParameter { .. }
            | E::NotBoolean { .. } => SqlState::InvalidParameterValue,
            E::NoColumn { .. }
            | E::NoPlainColumn { .. }
            | E::KeyColumn { .. }
            | E::ReferenceColumn { .. } => SqlState::UndefinedColumn,
            E::ColumnExists { .. }
            | E::SystemColumn { .. }
            | E::DuplicateColumn { .. }
            | E::KeyColumnTwice { .. } => SqlState::DuplicateColumn,
            E::ChangedSystemColumn { .. } | E::ColumnUsedByView { .. } | E::IdentitySequence { .. } => {
                SqlState::FeatureNotSupported
            }
            E::NoCollation { .. }
            | E::NoConstraint { .. }
            | E::NoConstraintFor { .. }
            | E::NoPrimaryKey { .. }
            | E::NoAccessMethod { .. }
            | E::NoOperatorClass { .. } => SqlState::UndefinedObject,
            E::TooManyColumns | E::TooManyKeys => SqlState::TooManyColumns,
            E::PseudoType { .. }
            | E::MultiplePrimaryKeys { .. }
            | E::InPrimaryKey { .. }
            | E::TemporaryElsewhere { .. }
            | E::OnlyTemporary { .. }
            | E::OnCommitNotTemporary
            | E::ReferencedPersistence { .. }
            | E::LoggedTemporary { .. }
            | E::LoggedReference { .. } => SqlState::InvalidTableDefinition,
            E::NoUniqueKey { .. } | E::ReferenceCount | E::ReferenceTwice => SqlState::InvalidForeignKey,
            E::SetColumn { .. } => SqlState::InvalidColumnReference,
            E::NoCollations { .. }
            | E::ReferenceTypes { .. }
            | E::NoAutomaticCast { .. }
            | E::DomainBase { .. } => SqlState::DatatypeMismatch,
            E::IndexNotImmutable { .. } | E::GeneratedNotImmutable | E::GeneratedOnGenerated { .. } => {
                SqlState::InvalidObjectDefinition
            }
            E::ViewColumnsDropped | E::ViewColumnName { .. } | E::ViewColumnType { .. } => {
                SqlState::InvalidTableDefinition
            }
            E::EnumLabelTooLong { .. } => SqlState::InvalidName,
            E::EnumLabelExists { .. } | E::ExtensionExists { .. } => SqlState::DuplicateObject,
            E::NoEnumLabel { .. } => SqlState::InvalidParameterValue,
            // Answered before by `sqlstate`, which is exhaustive together with this.
            _ => SqlState::InternalError,
        }
    }
}

impl DefineError {
    /// The same where PostgreSQL points at nothing.
    #[must_use]
    pub fn without_position(self) -> DefineError {
        match self {
            DefineError::Bind(mut error) => {
                error.position = None;
                DefineError::Bind(error)
            }
            error if error.position().is_some() => DefineError::Unplaced(Box::new(error)),
            error => error,
        }
    }
}

impl Diagnostic for DefineError {
    fn sqlstate(&self) -> SqlState {
        use DefineError as E;
        match self {
            E::Bind(error) => error.sqlstate(),
            E::Unplaced(error) => error.sqlstate(),
            E::FunctionBody { error, .. } => error.sqlstate(),
            E::DroppedSource { error, .. } => error.sqlstate(),
            E::Body { failure, .. } => failure.state,
            E::Catalog(error) => error.sqlstate(),
            E::Role(error) => error.sqlstate(),
            E::Access(error) | E::AccessAt { error, .. } => error.sqlstate(),
            E::Database(error) => error.sqlstate(),
            E::Build(error) => error.sqlstate(),
            E::Store(_) => SqlState::SystemError, // the session says which
            E::Awaited { .. } | E::Read { .. } => SqlState::ObjectInUse,
            E::NotSupported { .. } | E::TruncateReferenced { .. } | E::OnCommitReference { .. } => {
                SqlState::FeatureNotSupported
            }
            E::SequenceType
            | E::IdentityType
            | E::IncrementZero
            | E::MaximumOutOfRange { .. }
            | E::MinimumOutOfRange { .. }
            | E::MinimumNotBelow { .. }
            | E::StartBelow { .. }
            | E::StartAbove { .. }
            | E::RestartBelow { .. }
            | E::RestartAbove { .. }
            | E::CacheNotPositive { .. } => SqlState::InvalidParameterValue,
            E::NotWhole { .. } => SqlState::InvalidTextRepresentation,
            E::BigintOutOfRange { .. } => SqlState::NumericValueOutOfRange,
            E::OwnedBy
            | E::ColumnUnqualified
            | E::ConflictingOptions { .. }
            | E::SequenceName { .. }
            | E::RedundantOptions
            | E::ConflictingNull { .. }
            | E::MultipleDefaults { .. }
            | E::DefaultAndIdentity { .. }
            | E::DefaultAndGenerated { .. }
            | E::IdentityAndGenerated { .. }
            | E::MultipleIdentities { .. }
            | E::MultipleGenerated { .. }
            | E::Misplaced { .. }
            | E::SeveralAttributes { .. }
            | E::DeferredMustBeDeferrable { .. }
            | E::ViewNames
            | E::TableNames
            | E::UnloggedView
            | E::IsGenerated { .. } => SqlState::SyntaxError,
            _ => self.state_of_object(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            DefineError::ReservedSchema { .. } => {
                Some("The prefix \"pg_\" is reserved for system schemas.".into())
            }
            DefineError::ReferenceTypes { from, from_type, to, to_type, .. } => Some(format!(
                "Key columns \"{from}\" and \"{to}\" are of incompatible types: {from_type} and {to_type}."
            )),
            DefineError::ColumnUsedByView { detail } | DefineError::IdentitySequence { detail } => {
                Some(detail.clone())
            }
            DefineError::TruncateReferenced { from, to } => {
                Some(format!("Table \"{from}\" references \"{to}\"."))
            }
            DefineError::OnCommitReference { from, to } => Some(format!(
                "Table \"{from}\" references \"{to}\", but they do not have the same ON COMMIT setting."
            )),
            DefineError::OwnedByNoTable { kind, .. } | DefineError::LikeKind { kinds: kind, .. } => {
                Some(format!("This operation is not supported for {kind}."))
            }
            DefineError::GeneratedOnGenerated { .. } => {
                Some("A generated column cannot reference another generated column.".into())
            }
            DefineError::NoExtension { name } => Some(format!(
                "Could not open extension control file \"{name}.control\": No such file or directory."
            )),
            DefineError::Plain { detail, .. } => detail.clone(),
            DefineError::CheckOptionValue { .. } => {
                Some("Valid values are \"local\" and \"cascaded\".".into())
            }
            DefineError::EnumLabelTooLong { .. } => Some("Labels must be 63 bytes or less.".into()),
            _ => self.inner().and_then(Diagnostic::detail),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            DefineError::OwnedBy => Some("Specify OWNED BY table.column or OWNED BY NONE.".into()),
            DefineError::NoExtension { .. } => Some(
                "The extension must first be installed on the system where PostgreSQL is running.".to_owned(),
            ),
            DefineError::WrongKind { hint, .. } | DefineError::Plain { hint, .. } => hint.clone(),
            DefineError::DroppedSource { what, .. } => {
                Some(format!("Use ALTER TABLE ... ALTER COLUMN ... DROP {what} instead."))
            }
            DefineError::SchemaOfIndex { .. } => Some("Change the schema of the table instead.".into()),
            DefineError::TruncateReferenced { from, .. } => {
                Some(format!("Truncate table \"{from}\" at the same time, or use TRUNCATE ... CASCADE."))
            }
            DefineError::NoOperatorClass { .. } => Some(
                "You must specify an operator class for the index or define a default operator class for the data type."
                    .into(),
            ),
            DefineError::NoAutomaticCast { column, type_name } => {
                Some(format!("You might need to specify \"USING {column}::{type_name}\"."))
            }
            DefineError::ViewColumnName { .. } => {
                Some("Use ALTER VIEW ... RENAME COLUMN ... to change name of view column instead.".into())
            }
            _ => self.inner().and_then(Diagnostic::hint),
        }
    }

    fn position(&self) -> Option<u32> {
        use DefineError as E;
        match self {
            E::AccessAt { position, .. }
            | E::ConflictingOptions { position }
            | E::SequenceName { position }
            | E::ReindexOption { position, .. }
            | E::ConflictingNull { position, .. }
            | E::MultipleDefaults { position, .. }
            | E::DefaultAndIdentity { position, .. }
            | E::DefaultAndGenerated { position, .. }
            | E::IdentityAndGenerated { position, .. }
            | E::MultipleIdentities { position, .. }
            | E::MultipleGenerated { position, .. }
            | E::KeyColumn { position, .. }
            | E::KeyColumnTwice { position, .. }
            | E::Misplaced { position, .. }
            | E::SeveralAttributes { position, .. }
            | E::LikeMissing { position, .. }
            | E::LikeKind { position, .. }
            | E::DeferredMustBeDeferrable { position }
            | E::NotMarked { position, .. }
            | E::GeneratedOnGenerated { position, .. }
            | E::NoCollations { position, .. }
            | E::NoCollation { position, .. }
            | E::DomainBase { position, .. } => Some(*position),
            E::FunctionBody { error, at, .. } => Some(error.position()? + (*at)?),
            E::Body { failure, at, .. } => Some(failure.position? + at.unwrap_or(0)),
            E::MultiplePrimaryKeys { position, .. }
            | E::NotSupported { position, .. }
            | E::Plain { position, .. }
            | E::TemporaryElsewhere { position }
            | E::OnlyTemporary { position } => *position,
            E::Unplaced(_) => None,
            _ => self.inner().and_then(Diagnostic::position),
        }
    }

    fn query(&self) -> Option<String> {
        match self {
            DefineError::Body { failure, at: None, text } if failure.position.is_some() => Some(text.clone()),
            _ => self.inner().and_then(Diagnostic::query),
        }
    }

    fn context(&self) -> Option<String> {
        let within = self.inner().and_then(Diagnostic::context);
        match self {
            // What has a place is shown at it.
            DefineError::FunctionBody { error, name, .. } if error.position().is_none() => {
                let of_function = format!("SQL function \"{name}\"");
                Some(within.into_iter().chain([of_function]).collect::<Vec<_>>().join("\n"))
            }
            _ => within,
        }
    }

    fn subject(&self) -> Subject {
        self.inner().map(Diagnostic::subject).unwrap_or_default()
    }
}

/// What a definition tells besides its result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum DefineNotice {
    #[error("relation \"{name}\" already exists, skipping")]
    RelationExists { name: String },
    #[error("ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{from}\" to \"{to}\"")]
    IndexRenamed { from: String, to: String },
    #[error("{0}")]
    NoRelations(String),
    #[error("schema \"{name}\" already exists, skipping")]
    SchemaExists { name: String },
    #[error("database \"{name}\" does not exist")]
    NoDatabase { name: String },
    #[error("extension \"{name}\" already exists, skipping")]
    ExtensionExists { name: String },
    #[error("{what}, skipping")]
    Exists { what: String },
    #[error("{message}")]
    Plain { message: String },
    #[error("ignoring specified roles other than PUBLIC")]
    RolesIgnored,
    #[error("{word} {name} does not exist, skipping")]
    NoRoutine { word: &'static str, name: String },
    /// What is left out because it is not there.
    #[error("{0}, skipping")]
    Skipped(String),
    #[error("{kind} \"{name}\" does not exist, skipping")]
    DoesNotExist { kind: &'static str, name: String },
    #[error("column \"{column}\" of relation \"{relation}\" already exists, skipping")]
    ColumnExists { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" does not exist, skipping")]
    NoColumn { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" is not an identity column, skipping")]
    NoIdentity { column: String, relation: String },
    #[error("column \"{column}\" of relation \"{relation}\" is not a stored generated column, skipping")]
    NotGenerated { column: String, relation: String },
    #[error("constraint \"{name}\" of relation \"{relation}\" does not exist, skipping")]
    NoConstraint { name: String, relation: String },
    #[error("constraint \"{name}\" of domain \"{domain}\" does not exist, skipping")]
    NoDomainConstraint { name: String, domain: String },
    #[error("enum label \"{label}\" already exists, skipping")]
    EnumLabelExists { label: String },
    #[error("view \"{name}\" will be a temporary view")]
    ViewIsTemporary { name: String },
    #[error("table \"{name}\" has no indexes to reindex")]
    NoIndexes { name: String },
    #[error("truncate cascades to table \"{name}\"")]
    TruncateCascades { name: String },
    #[error(transparent)]
    Role(RoleNotice),
    /// What one should know.
    #[error("{message}")]
    Told { state: SqlState, message: String, detail: Option<String> },
    /// What a body does that may not be meant, where its text stands in the statement's if it stands there as it is, and it.
    #[error("{failure}")]
    Body { failure: Box<procedural::Failure>, at: Option<u32>, text: String },
    /// What was done, for who wants to hear it.
    #[error("{0}")]
    Info(String),
    /// What was looked over.
    #[error("{1}")]
    Warning(SqlState, String),
    /// What was done will not do what it is for; what to do about it.
    #[error("{message}")]
    Hinted { state: SqlState, message: &'static str, hint: &'static str },
    #[error("{0}")]
    Cascades(String, Option<String>),
    /// What happens to columns and constraints that are inherited.
    #[error("{0}")]
    Merging(String, Option<String>),
}

impl DefineNotice {
    /// Whether it is a warning.
    pub fn is_warning(&self) -> bool {
        match self {
            DefineNotice::Role(notice) => notice.is_warning(),
            DefineNotice::NoDatabase { .. }
            | DefineNotice::RolesIgnored
            | DefineNotice::Warning(..)
            | DefineNotice::Hinted { .. }
            | DefineNotice::Body { .. } => true,
            _ => false, // all others only tell
        }
    }
}

impl Diagnostic for DefineNotice {
    fn sqlstate(&self) -> SqlState {
        match self {
            DefineNotice::RelationExists { .. } => SqlState::DuplicateTable,
            DefineNotice::SchemaExists { .. } => SqlState::DuplicateSchema,
            DefineNotice::ColumnExists { .. } => SqlState::DuplicateColumn,
            DefineNotice::EnumLabelExists { .. }
            | DefineNotice::ExtensionExists { .. }
            | DefineNotice::Exists { .. } => SqlState::DuplicateObject,
            DefineNotice::NoDatabase { .. } => SqlState::InvalidCatalogName,
            DefineNotice::NoRelations(_) => SqlState::NoDataFound,
            DefineNotice::RolesIgnored => SqlState::InvalidParameterValue,
            DefineNotice::Role(notice) => notice.sqlstate(),
            DefineNotice::Body { failure, .. } => failure.state,
            DefineNotice::Warning(state, _)
            | DefineNotice::Hinted { state, .. }
            | DefineNotice::Told { state, .. } => *state,
            DefineNotice::DoesNotExist { .. }
            | DefineNotice::Skipped(_)
            | DefineNotice::NoRoutine { .. }
            | DefineNotice::Plain { .. }
            | DefineNotice::NoColumn { .. }
            | DefineNotice::NoIdentity { .. }
            | DefineNotice::NotGenerated { .. }
            | DefineNotice::NoConstraint { .. }
            | DefineNotice::NoDomainConstraint { .. }
            | DefineNotice::ViewIsTemporary { .. }
            | DefineNotice::IndexRenamed { .. }
            | DefineNotice::NoIndexes { .. }
            | DefineNotice::Info(_)
            | DefineNotice::TruncateCascades { .. }
            | DefineNotice::Merging(..)
            | DefineNotice::Cascades(..) => SqlState::SuccessfulCompletion,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            DefineNotice::Cascades(_, detail)
            | DefineNotice::Merging(_, detail)
            | DefineNotice::Told { detail, .. } => detail.clone(),
            _ => None, // all others say all in one line
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            DefineNotice::Role(notice) => notice.hint(),
            DefineNotice::Hinted { hint, .. } => Some((*hint).to_owned()),
            DefineNotice::RolesIgnored => Some("All roles are members of the PUBLIC role.".to_owned()),
            _ => None, // all others say all in one line
        }
    }

    fn position(&self) -> Option<u32> {
        match self {
            DefineNotice::Body { failure, at, .. } => Some(failure.position? + at.unwrap_or(0)),
            _ => None, // all others are about no place
        }
    }

    fn query(&self) -> Option<String> {
        match self {
            DefineNotice::Body { failure, at: None, text } => failure.position.map(|_| text.clone()),
            _ => None, // all others are about the statement itself
        }
    }
}
