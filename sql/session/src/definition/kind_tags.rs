//! Tags of statements that change or drop an object, by its kind: what a client is told when they are done, and what a transaction
//! that only reads refuses by.

use catalog::object::{Foreign, FunctionKind, Object, Replication, Search};
use define::event_trigger::TagOf;
use syntax::tree::foreign::ForeignStatement;
use syntax::tree::object::{ObjectKind as Kind, Rename};
use syntax::tree::replication::ReplicationStatement;
use syntax::tree::role::GrantKind;
use syntax::tree::search::SearchStatement;
use syntax::tree::statement::StatementKind;

/// The tag of what changes an object of a kind, its columns and constraints aside.
pub(crate) fn alter_command(kind: Kind) -> &'static str {
    match kind {
        Kind::Table | Kind::Column | Kind::Constraint => "ALTER TABLE",
        Kind::Domain | Kind::DomainConstraint => "ALTER DOMAIN",
        Kind::AccessMethod => "ALTER ACCESS METHOD",
        Kind::Aggregate => "ALTER AGGREGATE",
        Kind::Cast => "ALTER CAST",
        Kind::Collation => "ALTER COLLATION",
        Kind::Conversion => "ALTER CONVERSION",
        Kind::Database => "ALTER DATABASE",
        Kind::EventTrigger => "ALTER EVENT TRIGGER",
        Kind::Extension => "ALTER EXTENSION",
        Kind::ForeignDataWrapper => "ALTER FOREIGN DATA WRAPPER",
        Kind::ForeignTable => "ALTER FOREIGN TABLE",
        Kind::Function => "ALTER FUNCTION",
        Kind::Index => "ALTER INDEX",
        Kind::Language => "ALTER LANGUAGE",
        Kind::LargeObject => "ALTER LARGE OBJECT",
        Kind::MaterializedView => "ALTER MATERIALIZED VIEW",
        Kind::Operator => "ALTER OPERATOR",
        Kind::OperatorClass => "ALTER OPERATOR CLASS",
        Kind::OperatorFamily => "ALTER OPERATOR FAMILY",
        Kind::Policy => "ALTER POLICY",
        Kind::Procedure => "ALTER PROCEDURE",
        Kind::Publication => "ALTER PUBLICATION",
        Kind::Role => "ALTER ROLE",
        Kind::Routine => "ALTER ROUTINE",
        Kind::Rule => "ALTER RULE",
        Kind::Schema => "ALTER SCHEMA",
        Kind::Sequence => "ALTER SEQUENCE",
        Kind::Server => "ALTER SERVER",
        Kind::Statistics => "ALTER STATISTICS",
        Kind::Subscription => "ALTER SUBSCRIPTION",
        Kind::Tablespace => "ALTER TABLESPACE",
        Kind::TextSearchConfiguration => "ALTER TEXT SEARCH CONFIGURATION",
        Kind::TextSearchDictionary => "ALTER TEXT SEARCH DICTIONARY",
        Kind::TextSearchParser => "ALTER TEXT SEARCH PARSER",
        Kind::TextSearchTemplate => "ALTER TEXT SEARCH TEMPLATE",
        Kind::Transform => "ALTER TRANSFORM",
        Kind::Trigger => "ALTER TRIGGER",
        Kind::Type => "ALTER TYPE",
        Kind::View => "ALTER VIEW",
    }
}

/// The tag of what gives one another name: of a column that of what has it.
pub(crate) fn rename_command(rename: &Rename<'_>) -> &'static str {
    match (rename.kind, rename.of) {
        (Kind::Column, Some(of)) => alter_command(of),
        (kind, _) => alter_command(kind),
    }
}

/// The tag of what drops one.
pub(crate) fn drop_command(kind: Kind) -> &'static str {
    match kind {
        Kind::Table | Kind::Column | Kind::Constraint => "DROP TABLE",
        Kind::Domain | Kind::DomainConstraint => "DROP DOMAIN",
        Kind::AccessMethod => "DROP ACCESS METHOD",
        Kind::Aggregate => "DROP AGGREGATE",
        Kind::Cast => "DROP CAST",
        Kind::Collation => "DROP COLLATION",
        Kind::Conversion => "DROP CONVERSION",
        Kind::Database => "DROP DATABASE",
        Kind::EventTrigger => "DROP EVENT TRIGGER",
        Kind::Extension => "DROP EXTENSION",
        Kind::ForeignDataWrapper => "DROP FOREIGN DATA WRAPPER",
        Kind::ForeignTable => "DROP FOREIGN TABLE",
        Kind::Function => "DROP FUNCTION",
        Kind::Index => "DROP INDEX",
        Kind::Language => "DROP LANGUAGE",
        Kind::LargeObject => "DROP LARGE OBJECT",
        Kind::MaterializedView => "DROP MATERIALIZED VIEW",
        Kind::Operator => "DROP OPERATOR",
        Kind::OperatorClass => "DROP OPERATOR CLASS",
        Kind::OperatorFamily => "DROP OPERATOR FAMILY",
        Kind::Policy => "DROP POLICY",
        Kind::Procedure => "DROP PROCEDURE",
        Kind::Publication => "DROP PUBLICATION",
        Kind::Role => "DROP ROLE",
        Kind::Routine => "DROP ROUTINE",
        Kind::Rule => "DROP RULE",
        Kind::Schema => "DROP SCHEMA",
        Kind::Sequence => "DROP SEQUENCE",
        Kind::Server => "DROP SERVER",
        Kind::Statistics => "DROP STATISTICS",
        Kind::Subscription => "DROP SUBSCRIPTION",
        Kind::Tablespace => "DROP TABLESPACE",
        Kind::TextSearchConfiguration => "DROP TEXT SEARCH CONFIGURATION",
        Kind::TextSearchDictionary => "DROP TEXT SEARCH DICTIONARY",
        Kind::TextSearchParser => "DROP TEXT SEARCH PARSER",
        Kind::TextSearchTemplate => "DROP TEXT SEARCH TEMPLATE",
        Kind::Transform => "DROP TRANSFORM",
        Kind::Trigger => "DROP TRIGGER",
        Kind::Type => "DROP TYPE",
        Kind::View => "DROP VIEW",
    }
}

/// All kinds of objects.
const KINDS: &[Kind] = &[
    Kind::Table,
    Kind::Column,
    Kind::Constraint,
    Kind::Domain,
    Kind::DomainConstraint,
    Kind::AccessMethod,
    Kind::Aggregate,
    Kind::Cast,
    Kind::Collation,
    Kind::Conversion,
    Kind::Database,
    Kind::EventTrigger,
    Kind::Extension,
    Kind::ForeignDataWrapper,
    Kind::ForeignTable,
    Kind::Function,
    Kind::Index,
    Kind::Language,
    Kind::LargeObject,
    Kind::MaterializedView,
    Kind::Operator,
    Kind::OperatorClass,
    Kind::OperatorFamily,
    Kind::Policy,
    Kind::Procedure,
    Kind::Publication,
    Kind::Role,
    Kind::Routine,
    Kind::Rule,
    Kind::Schema,
    Kind::Sequence,
    Kind::Server,
    Kind::Statistics,
    Kind::Subscription,
    Kind::Tablespace,
    Kind::TextSearchConfiguration,
    Kind::TextSearchDictionary,
    Kind::TextSearchParser,
    Kind::TextSearchTemplate,
    Kind::Transform,
    Kind::Trigger,
    Kind::Type,
    Kind::View,
];

/// Tags of other definitions by which event triggers fire.
const DEFINING: &[&str] = &[
    "ALTER CONSTRAINT",
    "ALTER DEFAULT PRIVILEGES",
    "ALTER USER MAPPING",
    "COMMENT",
    "CREATE CONSTRAINT",
    "CREATE TABLE AS",
    "CREATE USER MAPPING",
    "DROP CONSTRAINT",
    "DROP OWNED",
    "DROP USER MAPPING",
    "GRANT",
    "IMPORT FOREIGN SCHEMA",
    "REFRESH MATERIALIZED VIEW",
    "REVOKE",
    "SECURITY LABEL",
    "SELECT INTO",
];

/// Tags of all other statements.
const OTHERS: &[&str] = &[
    "ALTER SYSTEM",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHECKPOINT",
    "CLOSE",
    "CLOSE CURSOR",
    "CLOSE CURSOR ALL",
    "CLUSTER",
    "COMMIT",
    "COMMIT PREPARED",
    "COPY",
    "COPY FROM",
    "DEALLOCATE",
    "DEALLOCATE ALL",
    "DECLARE CURSOR",
    "DELETE",
    "DISCARD",
    "DISCARD ALL",
    "DISCARD PLANS",
    "DISCARD SEQUENCES",
    "DISCARD TEMP",
    "DO",
    "EXECUTE",
    "EXPLAIN",
    "FETCH",
    "GRANT ROLE",
    "INSERT",
    "LISTEN",
    "LOAD",
    "LOCK TABLE",
    "MERGE",
    "MOVE",
    "NOTIFY",
    "PREPARE",
    "PREPARE TRANSACTION",
    "REASSIGN OWNED",
    "REINDEX",
    "RELEASE",
    "RESET",
    "REVOKE ROLE",
    "ROLLBACK",
    "ROLLBACK PREPARED",
    "SAVEPOINT",
    "SELECT",
    "SELECT FOR KEY SHARE",
    "SELECT FOR NO KEY UPDATE",
    "SELECT FOR SHARE",
    "SELECT FOR UPDATE",
    "SET",
    "SET CONSTRAINTS",
    "SHOW",
    "START TRANSACTION",
    "TRUNCATE TABLE",
    "UNLISTEN",
    "UPDATE",
    "VACUUM",
];

/// Whether event triggers fire by statements with a tag.
pub(crate) fn tag_of(tag: &str) -> TagOf {
    if matches!(tag, "ALTER MATERIALIZED VIEW" | "ALTER TABLE" | "ALTER TYPE") {
        return TagOf::Rewrites;
    }
    if DEFINING.contains(&tag) {
        return TagOf::Fires;
    }
    if OTHERS.contains(&tag) {
        return TagOf::Other;
    }
    let (verb, rest) = tag.split_once(' ').unwrap_or((tag, ""));
    let named = |kind: &&Kind| alter_command(**kind).strip_prefix("ALTER ") == Some(rest);
    match (verb, KINDS.iter().find(named)) {
        // They are removed by a function.
        ("CREATE" | "DROP", Some(Kind::LargeObject)) => TagOf::Nothing,
        // All databases have them, or what is done with them must not be in the way.
        (
            "CREATE" | "ALTER" | "DROP",
            Some(Kind::Database | Kind::EventTrigger | Kind::Role | Kind::Tablespace),
        ) => TagOf::Other,
        ("CREATE" | "ALTER" | "DROP", Some(_)) => TagOf::Fires,
        _ => TagOf::Nothing,
    }
}

/// The tag by which an object is made; none of what is made with others alone.
pub(crate) fn create_tag(object: &Object) -> Option<&'static str> {
    Some(match object {
        Object::Schema(_) => "CREATE SCHEMA",
        Object::Table(table) if table.materialized().is_some() => "CREATE MATERIALIZED VIEW",
        Object::Table(table) if table.is_foreign() => "CREATE FOREIGN TABLE",
        Object::Table(_) => "CREATE TABLE",
        Object::Index(_) => "CREATE INDEX",
        Object::Sequence(_) => "CREATE SEQUENCE",
        Object::View(_) => "CREATE VIEW",
        Object::Domain(_) => "CREATE DOMAIN",
        Object::Enum(_) | Object::Composite(_) | Object::Base(_) | Object::Range(_) => "CREATE TYPE",
        Object::Function(function) => routine_tag(function.kind),
        Object::Cast(_) => "CREATE CAST",
        Object::Collation(_) => "CREATE COLLATION",
        Object::Conversion(_) => "CREATE CONVERSION",
        Object::Operator(_) => "CREATE OPERATOR",
        Object::OperatorClass(_) => "CREATE OPERATOR CLASS",
        Object::OperatorFamily(_) => "CREATE OPERATOR FAMILY",
        Object::Statistics(_) => "CREATE STATISTICS",
        Object::Rewrite(_) => "CREATE RULE",
        Object::Trigger(_) => "CREATE TRIGGER",
        Object::Policy(_) => "CREATE POLICY",
        Object::Foreign(foreign) => match &**foreign {
            Foreign::Wrapper(_) => "CREATE FOREIGN DATA WRAPPER",
            Foreign::Server(_) => "CREATE SERVER",
            Foreign::Mapping(_) => "CREATE USER MAPPING",
        },
        Object::Replication(replication) => match &**replication {
            Replication::Subscription(_) => "CREATE SUBSCRIPTION",
            Replication::Publication(_) => "CREATE PUBLICATION",
            // What a publication is made with is told with it.
            Replication::Table(_) | Replication::Schema(_) => "ALTER PUBLICATION",
        },
        Object::Search(search) => match &**search {
            Search::Parser(_) => "CREATE TEXT SEARCH PARSER",
            Search::Template(_) => "CREATE TEXT SEARCH TEMPLATE",
            Search::Dictionary(_) => "CREATE TEXT SEARCH DICTIONARY",
            Search::Configuration(_) => "CREATE TEXT SEARCH CONFIGURATION",
        },
        Object::Extension(_) => "CREATE EXTENSION",
        Object::Constraint(_)
        | Object::Multirange(_)
        | Object::EventTrigger(_)
        | Object::Role(_)
        | Object::Tablespace(_)
        | Object::Database(_) => return None,
    })
}

/// What is said of objects of a kind on which privileges are granted; none of those that all databases have.
pub(crate) fn privileges_word(kind: GrantKind) -> Option<&'static str> {
    Some(match kind {
        GrantKind::Table => "TABLE",
        GrantKind::Sequence => "SEQUENCE",
        GrantKind::Domain => "DOMAIN",
        GrantKind::ForeignDataWrapper => "FOREIGN DATA WRAPPER",
        GrantKind::ForeignServer => "FOREIGN SERVER",
        GrantKind::Function => "FUNCTION",
        GrantKind::Procedure => "PROCEDURE",
        GrantKind::Routine => "ROUTINE",
        GrantKind::Language => "LANGUAGE",
        GrantKind::LargeObject => "LARGE OBJECT",
        GrantKind::Schema => "SCHEMA",
        GrantKind::Type => "TYPE",
        GrantKind::Database | GrantKind::Tablespace | GrantKind::Parameter => return None,
    })
}

/// The tag by which a routine is made.
fn routine_tag(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Function => "CREATE FUNCTION",
        FunctionKind::Procedure => "CREATE PROCEDURE",
        FunctionKind::Aggregate => "CREATE AGGREGATE",
    }
}

/// The tag of a statement about publications and subscriptions.
fn about_replication(statement: &ReplicationStatement<'_>) -> &'static str {
    match statement {
        ReplicationStatement::CreatePublication(_) => "CREATE PUBLICATION",
        ReplicationStatement::AlterPublication(_) => "ALTER PUBLICATION",
        ReplicationStatement::CreateSubscription(_) => "CREATE SUBSCRIPTION",
        ReplicationStatement::AlterSubscription(_) => "ALTER SUBSCRIPTION",
    }
}

/// The tag of a statement about text search.
fn about_search(statement: &SearchStatement<'_>) -> &'static str {
    match statement {
        SearchStatement::Create(Kind::TextSearchParser, ..) => "CREATE TEXT SEARCH PARSER",
        SearchStatement::Create(Kind::TextSearchTemplate, ..) => "CREATE TEXT SEARCH TEMPLATE",
        SearchStatement::Create(Kind::TextSearchDictionary, ..) => "CREATE TEXT SEARCH DICTIONARY",
        SearchStatement::Create(..) => "CREATE TEXT SEARCH CONFIGURATION",
        SearchStatement::AlterDictionary(..) => "ALTER TEXT SEARCH DICTIONARY",
        SearchStatement::AlterConfiguration(..) => "ALTER TEXT SEARCH CONFIGURATION",
    }
}

/// The tag of a statement about foreign data.
fn about_foreign(statement: &ForeignStatement<'_>) -> &'static str {
    match statement {
        ForeignStatement::CreateWrapper(_) => "CREATE FOREIGN DATA WRAPPER",
        ForeignStatement::AlterWrapper(_) => "ALTER FOREIGN DATA WRAPPER",
        ForeignStatement::CreateServer(_) => "CREATE SERVER",
        ForeignStatement::AlterServer(_) => "ALTER SERVER",
        ForeignStatement::CreateMapping(..) => "CREATE USER MAPPING",
        ForeignStatement::AlterMapping(..) => "ALTER USER MAPPING",
        ForeignStatement::DropMapping(..) => "DROP USER MAPPING",
        ForeignStatement::Import(..) => "IMPORT FOREIGN SCHEMA",
    }
}

/// The tag of a statement about a family of objects that has a tree of its own.
pub(crate) fn about_family(statement: &StatementKind<'_>) -> &'static str {
    match statement {
        StatementKind::Foreign(foreign) => about_foreign(foreign),
        StatementKind::Replication(replication) => about_replication(replication),
        StatementKind::Search(search) => about_search(search),
        _ => crate::definition::tablespace::tag(statement).unwrap_or("ALTER TABLE"), // the only others
    }
}
