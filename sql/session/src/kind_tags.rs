//! Tags of statements that change or drop an object, by its kind: what a client is told when they are done, and what a transaction
//! that only reads refuses by.

use syntax::tree::object::{ObjectKind as Kind, Rename};

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
