//! What can go wrong, as PostgreSQL says it.

use crate::access::AccessError;
use crate::object::Oid;
use diagnostic::{Diagnostic, SqlState, Subject};
use store::StoreError;

/// The result of a call on the catalog.
pub type CatalogResult<T> = Result<T, CatalogError>;

/// Why a call on the catalog failed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The store. Which class it has is for the session to say, as for any other statement's store error.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What somebody may not do.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Rows of the system that are too many for one chunk.
    #[error(transparent)]
    Vector(#[from] types::vector::VectorError),
    /// A large object that is not there.
    #[error("large object {oid} does not exist")]
    UndefinedLargeObject {
        /// Its number.
        oid: u32,
    },
    /// One whose number another has.
    #[error("duplicate key value violates unique constraint \"pg_largeobject_metadata_oid_index\"")]
    DuplicateLargeObject {
        /// The number.
        oid: u32,
    },
    /// The first commit of a new file.
    #[error(transparent)]
    Commit(store::CommitError),
    /// An entry's bytes make no sense.
    #[error("catalog entry {key} is damaged: {reason}")]
    Damaged {
        /// Its key, in hexadecimal.
        key: String,
        /// What was found.
        reason: String,
    },
    /// The database has no catalog: it was not made by this program.
    #[error("database {database} has no catalog")]
    NoCatalog {
        /// The store's number of it.
        database: u64,
    },
    /// An object that cannot be stored.
    #[error("definition of \"{name}\" is too large")]
    TooLarge {
        /// Its name.
        name: String,
    },
    /// No number is left.
    #[error("no object identifiers are left in this database")]
    NoOidLeft,
    /// Nobody else would find what is referred to.
    #[error("a reference to a temporary object from one that is not temporary is not supported")]
    RefersToTemporary,
    /// What is temporary stands in a temporary schema, and nothing else does: whoever defines it chose a wrong number.
    #[error("object {oid} and its schema are not both temporary")]
    Misplaced {
        /// The object.
        oid: Oid,
    },
    /// There is no such relation.
    #[error("relation \"{name}\" does not exist")]
    UndefinedRelation {
        /// As it was written, with its schema.
        name: String,
    },
    /// There is no such schema.
    #[error("schema \"{name}\" does not exist")]
    UndefinedSchema {
        /// Its name.
        name: String,
    },
    /// There is no such type.
    #[error("type \"{name}\" does not exist")]
    UndefinedType {
        /// As it was written.
        name: String,
    },
    /// There is no such role.
    #[error("role \"{name}\" does not exist")]
    UndefinedRole {
        /// Its name.
        name: String,
    },
    /// A role was dropped by somebody else before it could be named.
    #[error("role {role} was concurrently dropped")]
    RoleDropped {
        /// Its number.
        role: Oid,
    },
    /// There is no such database.
    #[error("database \"{name}\" does not exist")]
    UndefinedDatabase {
        /// Its name.
        name: String,
    },
    /// A name of three parts whose first is another database.
    #[error("cross-database references are not implemented: {name}")]
    CrossDatabase {
        /// The name, as it was written.
        name: String,
    },
    /// A name of too many parts.
    #[error("improper qualified name (too many dotted names): {name}")]
    ImproperName {
        /// The name, as it was written.
        name: String,
    },
    /// The search path is empty, or none of its schemas exists.
    #[error("no schema has been selected to create in")]
    NoCreationSchema,
    /// There is no object with this number: it was dropped meanwhile.
    #[error("could not find object {oid}")]
    UndefinedObject {
        /// The number.
        oid: Oid,
    },
    /// Somebody else has changed or dropped an object that the statement is about since it looked: the statement is to be begun
    /// again, by whoever may see what is newest.
    #[error("could not serialize access due to concurrent update")]
    Outdated {
        /// The number.
        oid: Oid,
    },
    /// The relation's name is taken.
    #[error("relation \"{name}\" already exists")]
    DuplicateRelation {
        /// The name.
        name: String,
    },
    /// The type's name is taken.
    #[error("type \"{name}\" already exists")]
    DuplicateType {
        /// The name.
        name: String,
        /// Whether it was to be a relation's.
        of_relation: bool,
    },
    /// The schema's name is taken.
    #[error("schema \"{name}\" already exists")]
    DuplicateSchema {
        /// The name.
        name: String,
    },
    /// The role's name is taken.
    #[error("role \"{name}\" already exists")]
    DuplicateRole {
        /// The name.
        name: String,
    },
    /// The database's name is taken.
    #[error("database \"{name}\" already exists")]
    DuplicateDatabase {
        /// The name.
        name: String,
    },
    /// The function's name is taken for these arguments.
    #[error("function \"{name}\" already exists with same argument types")]
    DuplicateFunction {
        /// The name.
        name: String,
    },
    /// The collation's name is taken.
    #[error("collation \"{name}\" already exists")]
    DuplicateCollation {
        /// The name.
        name: String,
    },
    /// A name is taken that PostgreSQL finds taken by a catalog's index alone.
    #[error("duplicate key value violates unique constraint \"{index}\"")]
    DuplicateKey {
        /// The index.
        index: &'static str,
        /// Its columns, and what is there twice.
        key: String,
    },
    /// An operator class or a family with that name and method is there.
    #[error("{what} \"{name}\" already exists")]
    DuplicateClass {
        /// Which of them.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// The operator is there.
    #[error("operator {name} already exists")]
    DuplicateOperator {
        /// Its symbol.
        name: String,
    },
    /// The rule's name is taken.
    #[error("rule \"{name}\" for relation \"{relation}\" already exists")]
    DuplicateRule {
        /// Its name.
        name: String,
        /// The relation's.
        relation: String,
    },
    /// The trigger's name is taken.
    #[error("trigger \"{name}\" for relation \"{relation}\" already exists")]
    DuplicateTrigger {
        /// Its name.
        name: String,
        /// The relation's.
        relation: String,
    },
    /// The policy's name is taken.
    #[error("policy \"{name}\" for table \"{table}\" already exists")]
    DuplicatePolicy {
        /// Its name.
        name: String,
        /// The table's.
        table: String,
    },
    /// There is a cast between the types.
    #[error("cast already exists")]
    DuplicateCast,
    /// The constraint's name is taken.
    #[error("constraint \"{name}\" for {kind} {on} already exists")]
    DuplicateConstraint {
        /// The name.
        name: String,
        /// `relation` or `domain`.
        kind: &'static str,
        /// Its table or domain, in quotes if PostgreSQL quotes it there.
        on: String,
    },
    /// RESTRICT, and something depends on what was to be dropped.
    #[error("cannot drop {what} because other objects depend on it")]
    Dependents {
        /// What was to be dropped.
        what: String,
        /// "view b depends on table a", a line each.
        detail: String,
    },
    /// RESTRICT for several objects, and something depends on them.
    #[error("cannot drop desired object(s) because other objects depend on them")]
    ManyDependents {
        /// "view b depends on table a", a line each.
        detail: String,
    },
    /// DROP ROLE, and the role owns something or has privileges on something.
    #[error("role \"{name}\" cannot be dropped because some objects depend on it")]
    RoleInUse {
        /// The role.
        name: String,
        /// "owner of table a", a line each.
        detail: String,
    },
    /// It comes with the program.
    #[error("cannot drop {what} because it is required by the database system")]
    Fixed {
        /// What was to be dropped.
        what: String,
    },
    /// It is a part of something.
    #[error("cannot drop {what} because {owner} requires it")]
    Required {
        /// What was to be dropped.
        what: String,
        /// What it is a part of.
        owner: String,
    },
}

impl CatalogError {
    pub(crate) fn damaged(key: &[u8], reason: String) -> CatalogError {
        let key = key.iter().map(|byte| format!("{byte:02x}")).collect();
        CatalogError::Damaged { key, reason }
    }
}

impl Diagnostic for CatalogError {
    fn sqlstate(&self) -> SqlState {
        match self {
            CatalogError::Store(_) | CatalogError::Commit(_) => SqlState::SystemError,
            CatalogError::Access(error) => error.sqlstate(),
            CatalogError::Vector(error) => error.sqlstate(),
            CatalogError::Damaged { .. } | CatalogError::NoCatalog { .. } => SqlState::DataCorrupted,
            CatalogError::Misplaced { .. } => SqlState::InternalError,
            CatalogError::TooLarge { .. } | CatalogError::NoOidLeft => SqlState::ProgramLimitExceeded,
            CatalogError::Outdated { .. } => SqlState::TRSerializationFailure,
            CatalogError::UndefinedRelation { .. } => SqlState::UndefinedTable,
            CatalogError::UndefinedSchema { .. } | CatalogError::NoCreationSchema => {
                SqlState::InvalidSchemaName
            }
            CatalogError::UndefinedType { .. }
            | CatalogError::UndefinedRole { .. }
            | CatalogError::RoleDropped { .. }
            | CatalogError::UndefinedLargeObject { .. }
            | CatalogError::UndefinedObject { .. } => SqlState::UndefinedObject,
            CatalogError::DuplicateLargeObject { .. } | CatalogError::DuplicateKey { .. } => {
                SqlState::UniqueViolation
            }
            CatalogError::UndefinedDatabase { .. } => SqlState::InvalidCatalogName,
            CatalogError::CrossDatabase { .. } | CatalogError::RefersToTemporary => {
                SqlState::FeatureNotSupported
            }
            CatalogError::ImproperName { .. } => SqlState::SyntaxError,
            CatalogError::DuplicateRelation { .. } => SqlState::DuplicateTable,
            CatalogError::DuplicateSchema { .. } => SqlState::DuplicateSchema,
            CatalogError::DuplicateDatabase { .. } => SqlState::DuplicateDatabase,
            CatalogError::DuplicateFunction { .. } | CatalogError::DuplicateOperator { .. } => {
                SqlState::DuplicateFunction
            }
            CatalogError::DuplicateType { .. }
            | CatalogError::DuplicateCast
            | CatalogError::DuplicateRule { .. }
            | CatalogError::DuplicateTrigger { .. }
            | CatalogError::DuplicatePolicy { .. }
            | CatalogError::DuplicateCollation { .. }
            | CatalogError::DuplicateClass { .. }
            | CatalogError::DuplicateRole { .. }
            | CatalogError::DuplicateConstraint { .. } => SqlState::DuplicateObject,
            CatalogError::Dependents { .. }
            | CatalogError::ManyDependents { .. }
            | CatalogError::RoleInUse { .. }
            | CatalogError::Fixed { .. }
            | CatalogError::Required { .. } => SqlState::DependentObjectsStillExist,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            CatalogError::Dependents { detail, .. }
            | CatalogError::ManyDependents { detail }
            | CatalogError::RoleInUse { detail, .. } => Some(detail.clone()),
            CatalogError::DuplicateKey { key, .. } => Some(format!("Key {key} already exists.")),
            CatalogError::DuplicateLargeObject { oid } => Some(format!("Key (oid)=({oid}) already exists.")),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            CatalogError::Dependents { .. } | CatalogError::ManyDependents { .. } => {
                Some("Use DROP ... CASCADE to drop the dependent objects too.".into())
            }
            CatalogError::Required { owner, .. } => Some(format!("You can drop {owner} instead.")),
            CatalogError::DuplicateType { of_relation: true, .. } => Some(
                "A relation has an associated type of the same name, so you must use a name that doesn't \
                 conflict with any existing type."
                    .into(),
            ),
            _ => None,
        }
    }

    fn subject(&self) -> Subject {
        Subject::default()
    }
}
