//! Roles, privileges, databases.

use super::Name;
use super::object::ObjectName;
use super::option::{DefinitionValue, DropBehavior, RoleName};
use super::session::SetVariable;

/// `CREATE ROLE …`, `CREATE USER …`, `CREATE GROUP …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateRole<'a> {
    /// How it is called.
    pub kind: RoleStatement,
    /// Its name.
    pub name: RoleName<'a>,
    /// What is said about it, in order.
    pub options: &'a [RoleOption<'a>],
}

/// Which word stands for the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RoleStatement {
    Role,
    User,
    Group,
}

/// An option of a role, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RoleOption<'a> {
    /// Which.
    pub kind: RoleOptionKind<'a>,
    /// Where it begins.
    pub position: u32,
}

/// Options of a role.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum RoleOptionKind<'a> {
    /// `None` for `PASSWORD NULL`.
    Password(Option<&'a str>),
    Superuser(bool),
    CreateDatabase(bool),
    CreateRole(bool),
    Inherit(bool),
    Login(bool),
    Replication(bool),
    BypassRowSecurity(bool),
    ConnectionLimit(i32),
    ValidUntil(&'a str),
    /// `SYSID n`, which does nothing.
    SystemId(i32),
    Members(&'a [RoleName<'a>]),
    InRole(&'a [RoleName<'a>]),
    Admin(&'a [RoleName<'a>]),
    /// `ALTER GROUP … DROP USER …`
    DropMembers(&'a [RoleName<'a>]),
}

/// `ALTER ROLE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterRole<'a> {
    /// Which; `None` for `ALL`.
    pub name: Option<RoleName<'a>>,
    /// `IN DATABASE …`
    pub database: Option<Name<'a>>,
    /// What is changed.
    pub action: AlterRoleAction<'a>,
}

/// A change of a role.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AlterRoleAction<'a> {
    /// What is said about it from now on.
    Options(&'a [RoleOption<'a>]),
    /// `SET …`, `RESET …`
    Set(SetVariable<'a>),
}

/// `DROP ROLE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropRole<'a> {
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Which.
    pub roles: &'a [RoleName<'a>],
}

/// `GRANT …`, `REVOKE …` of privileges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grant<'a> {
    /// `GRANT`, not `REVOKE`.
    pub grant: bool,
    /// Which privileges; `None` for `ALL`.
    pub privileges: Option<&'a [Privilege<'a>]>,
    /// On what.
    pub on: GrantTarget<'a>,
    /// Whose.
    pub grantees: &'a [RoleName<'a>],
    /// `WITH GRANT OPTION`, `GRANT OPTION FOR`
    pub grant_option: bool,
    /// `GRANTED BY …`
    pub granted_by: Option<RoleName<'a>>,
    /// `CASCADE`
    pub behavior: DropBehavior,
}

/// A privilege, or a role where roles are granted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Privilege<'a> {
    /// Its name; `ALL` with columns is `all`.
    pub name: Name<'a>,
    /// On which columns; none for the whole.
    pub columns: &'a [Name<'a>],
}

/// What privileges are on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GrantTarget<'a> {
    /// Objects of a kind.
    Objects(GrantKind, &'a [ObjectName<'a>]),
    /// `ALL … IN SCHEMA …`
    AllInSchemas(GrantKind, &'a [Name<'a>]),
    /// Future objects of a kind: in `ALTER DEFAULT PRIVILEGES`.
    Defaults(GrantKind),
}

/// Kinds of objects that have privileges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum GrantKind {
    Table,
    Sequence,
    Database,
    Domain,
    ForeignDataWrapper,
    ForeignServer,
    Function,
    Procedure,
    Routine,
    Language,
    LargeObject,
    Parameter,
    Schema,
    Tablespace,
    Type,
}

/// `GRANT role TO role`, `REVOKE role FROM role`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrantRole<'a> {
    /// `GRANT`, not `REVOKE`.
    pub grant: bool,
    /// Which roles.
    pub roles: &'a [Privilege<'a>],
    /// To whom.
    pub grantees: &'a [RoleName<'a>],
    /// `WITH ADMIN OPTION`, `ADMIN OPTION FOR`
    pub admin_option: bool,
    /// `GRANTED BY …`
    pub granted_by: Option<RoleName<'a>>,
    /// `CASCADE`
    pub behavior: DropBehavior,
}

/// `ALTER DEFAULT PRIVILEGES …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DefaultPrivileges<'a> {
    /// `IN SCHEMA …`, in every list.
    pub schemas: &'a [Name<'a>],
    /// `FOR ROLE …`, in every list.
    pub roles: &'a [RoleName<'a>],
    /// What is granted or revoked.
    pub grant: Grant<'a>,
}

/// `REASSIGN OWNED BY … TO …`, `DROP OWNED BY …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Owned<'a> {
    /// Whose.
    pub roles: &'a [RoleName<'a>],
    /// To whom; `None` to drop.
    pub to: Option<RoleName<'a>>,
    /// `CASCADE`
    pub behavior: DropBehavior,
}

/// `CREATE DATABASE …`, `ALTER DATABASE … WITH …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseOptions<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What is said about it.
    pub options: &'a [DatabaseOption<'a>],
}

/// `name [=] value`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseOption<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its value; `None` for `DEFAULT`.
    pub value: Option<DefinitionValue<'a>>,
}

/// `ALTER DATABASE … SET …`, `RESET …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DatabaseSetting<'a> {
    /// Which database.
    pub name: Name<'a>,
    /// What is set.
    pub set: SetVariable<'a>,
}
