//! What the standard asks of information_schema about the implementation itself: its sizes, parts and properties, by the standard's
//! numbers and names.

use super::emit::{Emit, SystemContext};
use crate::error::CatalogResult;
use types::Item;

/// Identifiers are counted in bytes.
const BY_LETTERS: &str = "Might be less, depending on character set.";
/// Bytes of an identifier.
const IDENTIFIER: i32 = 63;

/// Sizes: number, name, what is supported (0 is no limit), and what is said of it.
#[rustfmt::skip]
const SIZES: &[(i32, &str, Option<i32>, Option<&str>)] = &[
    (97, "MAXIMUM COLUMNS IN GROUP BY", Some(0), None),
    (99, "MAXIMUM COLUMNS IN ORDER BY", Some(0), None),
    (100, "MAXIMUM COLUMNS IN SELECT", Some(1664), None),
    (101, "MAXIMUM COLUMNS IN TABLE", Some(1600), None),
    (1, "MAXIMUM CONCURRENT ACTIVITIES", Some(0), None),
    (0, "MAXIMUM DRIVER CONNECTIONS", None, None),
    (20000, "MAXIMUM STATEMENT OCTETS", Some(0), None),
    (20001, "MAXIMUM STATEMENT OCTETS DATA", Some(0), None),
    (20002, "MAXIMUM STATEMENT OCTETS SCHEMA", Some(0), None),
    (106, "MAXIMUM TABLES IN SELECT", Some(0), None),
    (25000, "MAXIMUM CURRENT DEFAULT TRANSFORM GROUP LENGTH", None, None),
    (25001, "MAXIMUM CURRENT TRANSFORM GROUP LENGTH", None, None),
    (25002, "MAXIMUM CURRENT PATH LENGTH", Some(0), None),
    (25003, "MAXIMUM CURRENT ROLE LENGTH", None, None),
    (34, "MAXIMUM CATALOG NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (30, "MAXIMUM COLUMN NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (31, "MAXIMUM CURSOR NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (10005, "MAXIMUM IDENTIFIER LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (32, "MAXIMUM SCHEMA NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (35, "MAXIMUM TABLE NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (107, "MAXIMUM USER NAME LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (25004, "MAXIMUM SESSION USER LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
    (25005, "MAXIMUM SYSTEM USER LENGTH", Some(IDENTIFIER), Some(BY_LETTERS)),
];

/// The standard's parts, none of which is conformed to as a whole.
#[rustfmt::skip]
const PARTS: &[(&str, &str)] = &[
    ("1", "Framework (SQL/Framework)"),
    ("2", "Foundation (SQL/Foundation)"),
    ("3", "Call-Level Interface (SQL/CLI)"),
    ("4", "Persistent Stored Modules (SQL/PSM)"),
    ("9", "Management of External Data (SQL/MED)"),
    ("10", "Object Language Bindings (SQL/OLB)"),
    ("11", "Information and Definition Schema (SQL/Schemata)"),
    ("13", "Routines and Types Using the Java Programming Language (SQL/JRT)"),
    ("14", "XML-Related Specifications (SQL/XML)"),
    ("15", "Multi-Dimensional Arrays (SQL/MDA)"),
];

/// A property: number, name, value as a number or as a text, and what it says.
type Property = (&'static str, &'static str, Option<i32>, Option<&'static str>, Option<&'static str>);

#[rustfmt::skip]
const PROPERTIES: &[Property] = &[
    ("10003", "CATALOG NAME", None, Some("Y"), None),
    ("10004", "COLLATING SEQUENCE", None, None, None),
    ("23", "CURSOR COMMIT BEHAVIOR", Some(1), None, Some("close cursors and retain prepared statements")),
    ("2", "DATA SOURCE NAME", None, Some(""), None),
    ("17", "DBMS NAME", None, Some("PostgreSQL"), None),
    ("26", "DEFAULT TRANSACTION ISOLATION", Some(2), None, Some("READ COMMITTED; user-settable")),
    ("28", "IDENTIFIER CASE", Some(3), None, Some("stored in mixed case - case sensitive")),
    ("85", "NULL COLLATION", Some(0), None, Some("nulls higher than non-nulls")),
    ("13", "SERVER NAME", None, Some(""), None),
    ("94", "SPECIAL CHARACTERS", None, Some(""), Some("all non-ASCII characters allowed")),
    ("46", "TRANSACTION CAPABLE", Some(2), None, Some("both DML and DDL")),
    // The version of PostgreSQL that statements behave as in, as the standard writes versions.
    ("18", "DBMS VERSION", None, Some("15.18.0000"), None),
];

fn text(value: Option<&str>) -> Item<'_> {
    value.map_or(Item::Null, |value| Item::Bytes(value.as_bytes()))
}

fn number(value: Option<i32>) -> Item<'static> {
    value.map_or(Item::Null, Item::Int32)
}

/// `sql_sizing`.
pub(super) fn sizing(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (id, name, supported, comments) in SIZES {
        emit.named(|column| match column {
            "sizing_id" => Item::Int32(*id),
            "sizing_name" => text(Some(name)),
            "supported_value" => number(*supported),
            _ => text(*comments),
        })?;
    }
    Ok(())
}

/// `sql_parts`.
pub(super) fn parts(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (id, name) in PARTS {
        emit.named(|column| match column {
            "feature_id" => text(Some(id)),
            "feature_name" => text(Some(name)),
            "is_supported" => text(Some("NO")),
            "comments" => text(Some("")),
            _ => Item::Null,
        })?;
    }
    Ok(())
}

/// `sql_implementation_info`.
pub(super) fn implementation_info(_: &SystemContext<'_>, emit: &mut Emit) -> CatalogResult<()> {
    for (id, name, integer, character, comments) in PROPERTIES {
        emit.named(|column| match column {
            "implementation_info_id" => text(Some(id)),
            "implementation_info_name" => text(Some(name)),
            "integer_value" => number(*integer),
            "character_value" => text(*character),
            _ => text(*comments),
        })?;
    }
    Ok(())
}
