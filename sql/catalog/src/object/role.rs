//! Roles, databases and their settings.

use super::Oid;
use super::access::Acl;
use bincode::{Decode, Encode};

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Role {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// SUPERUSER.
    pub superuser: bool,
    /// INHERIT.
    pub inherit: bool,
    /// CREATEROLE.
    pub create_role: bool,
    /// CREATEDB.
    pub create_database: bool,
    /// LOGIN.
    pub can_login: bool,
    /// REPLICATION.
    pub replication: bool,
    /// BYPASSRLS.
    pub bypass_row_security: bool,
    /// CONNECTION LIMIT; -1 for none.
    pub connection_limit: i32,
    /// The SCRAM verifier of its password.
    pub password: Option<String>,
    /// VALID UNTIL, in microseconds since 2000; `i64::MAX` is infinity.
    pub valid_until: Option<i64>,
    /// The roles it is a member of.
    pub member_of: Vec<Membership>,
}

/// That a role is a member of another.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Membership {
    /// The other.
    pub role: Oid,
    /// Who made it so.
    pub grantor: Oid,
    /// WITH ADMIN OPTION.
    pub admin: bool,
}

/// A database: a branch of the store, by name. All of them stand in the main database's catalog.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Database {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// The store's number of it.
    pub branch: u64,
    /// ALLOW_CONNECTIONS.
    pub allow_connections: bool,
    /// CONNECTION LIMIT; -1 for none.
    pub connection_limit: i32,
    /// IS_TEMPLATE.
    pub is_template: bool,
    /// Who may do what with it.
    pub acl: Acl,
}

/// A setting, as SET takes it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Whose settings: of a role (0 for all) in a database (0 for all).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettingsOf {
    /// The database.
    pub database: Oid,
    /// The role.
    pub role: Oid,
}
