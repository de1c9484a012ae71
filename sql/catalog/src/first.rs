//! What a new database begins with.

use crate::object::{
    Acl, Database, Grant, INFORMATION_SCHEMA, Membership, Object, Oid, PG_CATALOG, PG_TOAST, PUBLIC,
    Privileges, Role, SUPERUSER, Schema,
};
use std::sync::Arc;
use store::MAIN_DATABASE;

/// The number of the main database.
pub const MAIN_DATABASE_OID: Oid = 5;
/// The role whose only member is the owner of the database.
const DATABASE_OWNER: Oid = 6171;

/// The names that whoever makes a file may choose.
#[derive(Debug, Clone, Copy)]
pub struct FirstNames<'a> {
    /// Of the role that may do everything.
    pub superuser: &'a str,
    /// Of the main database.
    pub database: &'a str,
}

impl Default for FirstNames<'_> {
    fn default() -> Self {
        FirstNames { superuser: "postgres", database: "postgres" }
    }
}

impl FirstNames<'_> {
    /// The objects that are written when a file is made.
    pub(crate) fn objects(self) -> [Object; 3] {
        let superuser = Role {
            superuser: true,
            create_role: true,
            create_database: true,
            can_login: true,
            replication: true,
            bypass_row_security: true,
            ..plain_role(SUPERUSER, self.superuser)
        };
        let public = Schema {
            oid: PUBLIC,
            name: "public".into(),
            owner: DATABASE_OWNER,
            acl: acl(DATABASE_OWNER, Privileges::SCHEMA, Privileges::USAGE),
        };
        let database = Database {
            oid: MAIN_DATABASE_OID,
            name: self.database.to_owned(),
            owner: SUPERUSER,
            branch: MAIN_DATABASE.0,
            allow_connections: true,
            connection_limit: -1,
            is_template: false,
            acl: None,
        };
        [
            Object::Role(Arc::new(superuser)),
            Object::Schema(Arc::new(public)),
            Object::Database(Arc::new(database)),
        ]
    }
}

/// The objects that every database has without an entry of their own: nobody can change them.
pub(crate) fn fixed_objects() -> Vec<Object> {
    let schema = |oid, name: &str, acl| {
        Object::Schema(Arc::new(Schema { oid, name: name.to_owned(), owner: SUPERUSER, acl }))
    };
    let readable = || acl(SUPERUSER, Privileges::SCHEMA, Privileges::USAGE);
    let mut objects = vec![
        schema(PG_CATALOG, "pg_catalog", readable()),
        schema(PG_TOAST, "pg_toast", None),
        schema(INFORMATION_SCHEMA, "information_schema", readable()),
    ];
    for (oid, name) in FIXED_ROLES {
        let mut role = plain_role(*oid, name);
        if *name == "pg_monitor" {
            let member = |role| Membership { role, grantor: SUPERUSER, admin: false };
            role.member_of = [3374, 3375, 3377].map(member).to_vec();
        }
        objects.push(Object::Role(Arc::new(role)));
    }
    objects
}

/// The roles that stand for rights of their own.
const FIXED_ROLES: &[(Oid, &str)] = &[
    (3373, "pg_monitor"),
    (3374, "pg_read_all_settings"),
    (3375, "pg_read_all_stats"),
    (3377, "pg_stat_scan_tables"),
    (4200, "pg_signal_backend"),
    (4544, "pg_checkpoint"),
    (4569, "pg_read_server_files"),
    (4570, "pg_write_server_files"),
    (4571, "pg_execute_server_program"),
    (DATABASE_OWNER, "pg_database_owner"),
    (6181, "pg_read_all_data"),
    (6182, "pg_write_all_data"),
];

fn plain_role(oid: Oid, name: &str) -> Role {
    Role {
        oid,
        name: name.to_owned(),
        superuser: false,
        inherit: true,
        create_role: false,
        create_database: false,
        can_login: false,
        replication: false,
        bypass_row_security: false,
        connection_limit: -1,
        password: None,
        valid_until: None,
        member_of: Vec::new(),
    }
}

/// All for the owner, some for everybody.
fn acl(owner: Oid, all: Privileges, public: Privileges) -> Acl {
    let grant =
        |grantee, privileges| Grant { grantee, grantor: owner, privileges, grant_option: Privileges::NONE };
    Some(vec![grant(owner, all), grant(0, public)])
}
