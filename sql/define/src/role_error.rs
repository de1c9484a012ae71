//! What may be wrong with statements about roles and privileges, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};

/// Why such a statement is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum RoleError {
    #[error("role name \"{name}\" is reserved")]
    ReservedName { name: String, detail: &'static str },
    #[error("invalid connection limit: {limit}")]
    ConnectionLimit { limit: i32 },
    #[error("{message}")]
    ValidUntil { state: SqlState, message: String },
    #[error("must be superuser to create superusers")]
    CreateSuperuser,
    #[error("must be superuser to create replication users")]
    CreateReplication,
    #[error("must be superuser to create bypassrls users")]
    CreateBypass,
    #[error("permission denied to create role")]
    Create,
    #[error("must be superuser to alter superuser roles or change superuser attribute")]
    AlterSuperuser,
    #[error("must be superuser to alter replication roles or change replication attribute")]
    AlterReplication,
    #[error("must be superuser to change bypassrls attribute")]
    AlterBypass,
    #[error("permission denied")]
    Alter,
    #[error("must be superuser to alter settings globally")]
    AlterAll,
    #[error("session user cannot be renamed")]
    RenameSessionUser,
    #[error("current user cannot be renamed")]
    RenameCurrentUser,
    #[error("must be superuser to rename superusers")]
    RenameSuperuser,
    #[error("permission denied to rename role")]
    Rename,
    #[error("permission denied to drop role")]
    Drop,
    #[error("cannot use special role specifier in DROP ROLE")]
    DropSpecial,
    #[error("current user cannot be dropped")]
    DropCurrentUser,
    #[error("session user cannot be dropped")]
    DropSessionUser,
    #[error("must be superuser to drop superusers")]
    DropSuperuser,
    #[error("must be superuser to alter superusers")]
    MembersOfSuperuser,
    #[error("must have admin option on role \"{role}\"")]
    NoAdminOption { role: String },
    #[error("must be superuser to set grantor")]
    SetGrantor,
    #[error("role \"{role}\" is a member of role \"{member}\"")]
    Circular { role: String, member: String },
    #[error("role \"{role}\" cannot have explicit members")]
    NoMembers { role: String },
    #[error("role \"{role}\" cannot be a member of any role")]
    NoMember { role: String },
    #[error("column names cannot be included in GRANT/REVOKE ROLE")]
    RoleWithColumns,
    #[error("grantor must be current user")]
    Grantor,
    #[error("unrecognized privilege type \"{name}\"")]
    UnknownPrivilege { name: String },
    #[error("invalid privilege type {privilege} for {kind}")]
    InvalidPrivilege { privilege: &'static str, kind: &'static str },
    #[error("column privileges are only valid for relations")]
    ColumnPrivileges,
    #[error("grant options can only be granted to roles")]
    OptionToPublic,
    #[error("grant options cannot be granted back to your own grantor")]
    OptionBack,
    #[error("\"{name}\" is {what}")]
    NoPrivileges { name: String, what: &'static str },
    #[error("permission denied for column \"{column}\" of relation \"{relation}\"")]
    NothingOfColumn { column: String, relation: String },
    #[error("\"{name}\" is not a sequence")]
    NotSequence { name: String },
    #[error("\"{name}\" is not a domain")]
    NotDomain { name: String },
    #[error("cannot set privileges of array types")]
    ArrayType,
    #[error("default privileges cannot be set for columns")]
    DefaultOfColumns,
    #[error("cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS")]
    SchemasInSchema,
    #[error("cannot drop objects owned by role {role} because they are required by the database system")]
    DropOwnedFixed { role: String },
    #[error(
        "cannot reassign ownership of objects owned by role {role} because they are required by the database system"
    )]
    ReassignFixed { role: String },
    #[error("permission denied to drop objects")]
    DropOwned,
    #[error("permission denied to reassign objects")]
    Reassign,
    #[error("cannot change owner of sequence \"{name}\"")]
    OwnedSequence { name: String, table: String },
}

impl Diagnostic for RoleError {
    fn sqlstate(&self) -> SqlState {
        use RoleError as E;
        match self {
            E::ReservedName { .. } => SqlState::ReservedName,
            E::ConnectionLimit { .. } => SqlState::InvalidParameterValue,
            E::ValidUntil { state, .. } => *state,
            E::CreateSuperuser
            | E::CreateReplication
            | E::CreateBypass
            | E::Create
            | E::AlterSuperuser
            | E::AlterReplication
            | E::AlterBypass
            | E::Alter
            | E::AlterAll
            | E::RenameSuperuser
            | E::Rename
            | E::Drop
            | E::DropSuperuser
            | E::MembersOfSuperuser
            | E::NoAdminOption { .. }
            | E::SetGrantor
            | E::NothingOfColumn { .. }
            | E::DropOwned
            | E::Reassign => SqlState::InsufficientPrivilege,
            E::RenameSessionUser | E::RenameCurrentUser | E::Grantor => SqlState::FeatureNotSupported,
            E::DropSpecial => SqlState::InvalidParameterValue,
            E::DropCurrentUser | E::DropSessionUser => SqlState::ObjectInUse,
            E::NoMembers { .. } | E::NoMember { .. } => SqlState::InternalError,
            E::Circular { .. }
            | E::RoleWithColumns
            | E::InvalidPrivilege { .. }
            | E::ColumnPrivileges
            | E::OptionToPublic
            | E::OptionBack
            | E::ArrayType
            | E::DefaultOfColumns
            | E::SchemasInSchema => SqlState::InvalidGrantOperation,
            E::UnknownPrivilege { .. } => SqlState::SyntaxError,
            E::NoPrivileges { .. } | E::NotSequence { .. } | E::NotDomain { .. } => SqlState::WrongObjectType,
            E::DropOwnedFixed { .. } | E::ReassignFixed { .. } => SqlState::DependentObjectsStillExist,
            E::OwnedSequence { .. } => SqlState::FeatureNotSupported,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            RoleError::ReservedName { detail, .. } if !detail.is_empty() => Some((*detail).to_owned()),
            RoleError::OwnedSequence { name, table } => {
                Some(format!("Sequence \"{name}\" is linked to table \"{table}\"."))
            }
            _ => None, // the others have said it all
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            RoleError::ArrayType => Some("Set the privileges of the element type instead.".into()),
            _ => None, // the others know no way out
        }
    }
}

/// What is told besides the result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum RoleNotice {
    #[error("empty string is not a valid password, clearing password")]
    EmptyPassword,
    #[error("MD5 password cleared because of role rename")]
    PasswordCleared,
    #[error("SYSID can no longer be specified")]
    SystemId,
    #[error("role \"{member}\" is already a member of role \"{role}\"")]
    AlreadyMember { member: String, role: String },
    #[error("role \"{member}\" is not a member of role \"{role}\"")]
    NotMember { member: String, role: String },
    #[error("no privileges were granted for {what}")]
    NoneGranted { what: String },
    #[error("not all privileges were granted for {what}")]
    NotAllGranted { what: String },
    #[error("no privileges could be revoked for {what}")]
    NoneRevoked { what: String },
    #[error("not all privileges could be revoked for {what}")]
    NotAllRevoked { what: String },
    #[error("sequence \"{name}\" only supports USAGE, SELECT, and UPDATE privileges")]
    SequencePrivileges { name: String },
    #[error("cannot change owner of index \"{name}\"")]
    OwnerOfIndex { name: String },
}

impl RoleNotice {
    /// Whether it is a warning.
    pub fn is_warning(&self) -> bool {
        match self {
            RoleNotice::EmptyPassword
            | RoleNotice::PasswordCleared
            | RoleNotice::SystemId
            | RoleNotice::AlreadyMember { .. } => false,
            RoleNotice::NotMember { .. }
            | RoleNotice::NoneGranted { .. }
            | RoleNotice::NotAllGranted { .. }
            | RoleNotice::NoneRevoked { .. }
            | RoleNotice::NotAllRevoked { .. }
            | RoleNotice::SequencePrivileges { .. }
            | RoleNotice::OwnerOfIndex { .. } => true,
        }
    }
}

impl Diagnostic for RoleNotice {
    fn sqlstate(&self) -> SqlState {
        match self {
            RoleNotice::EmptyPassword
            | RoleNotice::PasswordCleared
            | RoleNotice::SystemId
            | RoleNotice::AlreadyMember { .. } => SqlState::SuccessfulCompletion,
            RoleNotice::NotMember { .. } => SqlState::Warning,
            RoleNotice::NoneGranted { .. } | RoleNotice::NotAllGranted { .. } => {
                SqlState::WarningPrivilegeNotGranted
            }
            RoleNotice::NoneRevoked { .. } | RoleNotice::NotAllRevoked { .. } => {
                SqlState::WarningPrivilegeNotRevoked
            }
            RoleNotice::SequencePrivileges { .. } => SqlState::InvalidGrantOperation,
            RoleNotice::OwnerOfIndex { .. } => SqlState::WrongObjectType,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            RoleNotice::OwnerOfIndex { .. } => {
                Some("Change the ownership of the index's table, instead.".into())
            }
            _ => None, // the others know no way out
        }
    }
}
