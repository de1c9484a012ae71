//! Collations that users make.

use super::QualifiedName;
use super::option::Definition;

/// `CREATE COLLATION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateCollation<'a> {
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// What it is.
    pub by: CreateCollationFrom<'a>,
}

/// What a collation is made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CreateCollationFrom<'a> {
    /// `FROM name`
    Existing(QualifiedName<'a>),
    /// `(name = value, …)`
    Options(&'a [Definition<'a>]),
}
