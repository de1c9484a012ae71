//! What a new database begins with.

use crate::object::{
    Acl, Constraint, Database, Domain, Extension, Grant, INFORMATION_SCHEMA, IndexMethod, Membership, Object,
    Oid, PG_CATALOG, PG_CHECKPOINT, PG_READ_ALL_STATS, PG_READ_SERVER_FILES, PG_SIGNAL_BACKEND, PG_TOAST,
    PG_WRITE_SERVER_FILES, PUBLIC, Privileges, Role, Rule, SUPERUSER, Schema, class, fixed_search,
    fixed_tablespaces,
};
use std::sync::Arc;
use store::MAIN_DATABASE;
use types::catalog::oid;

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
            acl: used_by_all(DATABASE_OWNER),
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

/// What is granted on schemas from the beginning, as far as dumps have to know it.
pub(crate) fn first_privileges() -> [(Oid, Acl); 2] {
    [(PG_CATALOG, used_by_all(SUPERUSER)), (PUBLIC, used_by_all(DATABASE_OWNER))]
}

/// A schema that everyone may use.
fn used_by_all(owner: Oid) -> Acl {
    acl(owner, Privileges::SCHEMA, Privileges::USAGE)
}

/// The objects that every database has without an entry of their own: nobody can change them.
pub(crate) fn fixed_objects() -> Vec<Object> {
    let schema = |oid, name: &str, acl| {
        Object::Schema(Arc::new(Schema { oid, name: name.to_owned(), owner: SUPERUSER, acl }))
    };
    let readable = || used_by_all(SUPERUSER);
    let mut objects = vec![
        schema(PG_CATALOG, "pg_catalog", readable()),
        schema(PG_TOAST, "pg_toast", None),
        schema(INFORMATION_SCHEMA, "information_schema", readable()),
    ];
    objects.extend(information_schema_domains());
    objects.extend(fixed_search().into_iter().map(|(search, _)| Object::Search(Arc::new(search))));
    objects.push(Object::Extension(Arc::new(Extension {
        oid: PLPGSQL_EXTENSION,
        name: "plpgsql".to_owned(),
        owner: SUPERUSER,
        schema: PG_CATALOG,
        relocatable: false,
        version: "1.0".to_owned(),
    })));
    objects.extend(fixed_tablespaces().map(|tablespace| Object::Tablespace(Arc::new(tablespace))));
    for (oid, name) in FIXED_ROLES {
        let mut role = plain_role(*oid, name);
        if *name == "pg_monitor" {
            let member = |role| Membership { role, grantor: SUPERUSER, admin: false };
            role.member_of = [3374, PG_READ_ALL_STATS, 3377].map(member).to_vec();
        }
        objects.push(Object::Role(Arc::new(role)));
    }
    objects
}

/// The extension that PL/pgSQL is to those who look for it: it comes with the program, and stays.
pub(crate) const PLPGSQL_EXTENSION: Oid = 13559;
/// The number of the language.
pub(crate) const PLPGSQL: Oid = 13563;

/// What is said of objects that come with the program, until somebody says something else of them.
pub(crate) fn fixed_comments() -> Vec<(Oid, Oid, String)> {
    let comments = [
        (class::NAMESPACE, PG_CATALOG, "system catalog schema"),
        (class::NAMESPACE, PG_TOAST, "reserved schema for TOAST tables"),
        (class::NAMESPACE, PUBLIC, "standard public schema"),
        (class::DATABASE, MAIN_DATABASE_OID, "default administrative connection database"),
        (class::EXTENSION, PLPGSQL_EXTENSION, "PL/pgSQL procedural language"),
        (class::LANGUAGE, 12, "built-in functions"),
        (class::LANGUAGE, 13, "dynamically-loaded C functions"),
        (class::LANGUAGE, 14, "SQL-language functions"),
        (class::LANGUAGE, PLPGSQL, "PL/pgSQL procedural language"),
        (class::COLLATION, 100, "database's default collation"),
        (class::COLLATION, 950, "standard C collation"),
        (class::COLLATION, 951, "standard POSIX collation"),
        (class::ACCESS_METHOD, 2, "heap table access method"),
    ];
    let mut comments: Vec<_> =
        comments.into_iter().map(|(of, oid, text)| (of, oid, text.to_owned())).collect();
    comments.extend(IndexMethod::ALL.into_iter().map(|method| {
        let text = match method {
            IndexMethod::Ordered => "b-tree index access method",
            IndexMethod::Hash => "hash index access method",
            IndexMethod::Gin => "GIN index access method",
            IndexMethod::Gist => "GiST index access method",
            IndexMethod::SpGist => "SP-GiST index access method",
            IndexMethod::Brin => "block range index (BRIN) access method",
        };
        (class::ACCESS_METHOD, method.oid(), text.to_owned())
    }));
    comments.extend(fixed_search().into_iter().map(|(search, text)| (search.class(), search.oid(), text)));
    comments
}

/// Whether something is said of an object from the beginning: that nothing is said of it any more has to be kept then.
pub(crate) fn has_fixed_comment(of: Oid, object: Oid) -> bool {
    fixed_comments().into_iter().any(|(class, number, _)| (class, number) == (of, object))
}

/// The types of information_schema's columns.
fn information_schema_domains() -> Vec<Object> {
    let domain = |oid, name: &str, base_oid, modifier, collation| {
        Object::Domain(Arc::new(Domain {
            oid,
            name: name.to_owned(),
            schema: INFORMATION_SCHEMA,
            owner: SUPERUSER,
            array_type: oid - 1,
            base_oid,
            modifier,
            collation,
            not_null: false,
            default: (oid == 13232).then(|| "CURRENT_TIMESTAMP(2)".to_owned()),
            acl: None,
        }))
    };
    let check = |oid, name: &str, domain, text: &str| {
        Object::Constraint(Arc::new(Constraint {
            oid,
            name: name.to_owned(),
            schema: INFORMATION_SCHEMA,
            table: 0,
            domain,
            columns: Vec::new(),
            rule: Rule::Check(text.to_owned()),
            deferrable: false,
            initially_deferred: false,
            validated: true,
            no_inherit: false,
            local: true,
            inherited: 0,
            parent: 0,
        }))
    };
    vec![
        domain(13221, "cardinal_number", oid::INT4, -1, 0),
        domain(13224, "character_data", oid::VARCHAR, -1, 950),
        domain(13226, "sql_identifier", oid::NAME, -1, 950),
        domain(13232, "time_stamp", oid::TIMESTAMPTZ, 2, 0),
        domain(13234, "yes_or_no", oid::VARCHAR, 7, 950),
        check(13222, "cardinal_number_domain_check", 13221, "(VALUE >= 0)"),
        check(
            13235,
            "yes_or_no_check",
            13234,
            "((VALUE)::text = ANY ((ARRAY['YES'::character varying, 'NO'::character varying])::text[]))",
        ),
    ]
}

/// The roles that stand for rights of their own.
const FIXED_ROLES: &[(Oid, &str)] = &[
    (3373, "pg_monitor"),
    (3374, "pg_read_all_settings"),
    (PG_READ_ALL_STATS, "pg_read_all_stats"),
    (3377, "pg_stat_scan_tables"),
    (PG_SIGNAL_BACKEND, "pg_signal_backend"),
    (PG_CHECKPOINT, "pg_checkpoint"),
    (PG_READ_SERVER_FILES, "pg_read_server_files"),
    (PG_WRITE_SERVER_FILES, "pg_write_server_files"),
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
