//! Statistics of several columns together.

use super::index::IndexKey;
use super::select::TableExpression;
use super::{Name, QualifiedName};

/// `CREATE STATISTICS …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateStatistics<'a> {
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `(ndistinct, dependencies, mcv)`; nothing for all.
    pub kinds: &'a [Name<'a>],
    /// Of what.
    pub keys: &'a [IndexKey<'a>],
    /// `FROM …`
    pub from: &'a [TableExpression<'a>],
}

/// `ALTER STATISTICS … SET STATISTICS …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterStatistics<'a> {
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// How many most common values are wanted.
    pub target: i32,
}
