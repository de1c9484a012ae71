//! Types, as they are written.

use super::{Expression, QualifiedName};
pub use datetime::IntervalFields;

/// A type, as written: `numeric(10,2)`, `text[]`, `SETOF app.item`, `timestamp(3) with time zone`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypeName<'a> {
    /// Which one.
    pub kind: TypeNameKind<'a>,
    /// What stands in parentheses behind it.
    pub modifiers: &'a [Expression<'a>],
    /// One entry a dimension: the bound that is written, if any. Empty for what is no array.
    pub dimensions: &'a [Option<i32>],
    /// Whether it is the type of a set (`SETOF`).
    pub set: bool,
    /// Where it begins.
    pub position: u32,
}

/// Which type is named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TypeNameKind<'a> {
    /// By a name that the catalog knows. Types with a syntax of their own have their catalog name here, in the schema
    /// `pg_catalog`: `INTEGER` is `pg_catalog.int4`, `TIMESTAMP WITH TIME ZONE` is `pg_catalog.timestamptz`.
    Named(QualifiedName<'a>),
    /// `INTERVAL` with a range of fields; a precision is in the modifiers.
    Interval(IntervalFields),
    /// `table.column%TYPE`.
    OfColumn(QualifiedName<'a>),
}
