//! Indexes.

use super::expression::Expression;
use super::option::Definition;
use super::select::{NullsOrder, Relation, SortDirection};
use super::{Name, QualifiedName};

/// `CREATE INDEX …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateIndex<'a> {
    /// `UNIQUE`
    pub unique: bool,
    /// `CONCURRENTLY`
    pub concurrently: bool,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name, if one is given.
    pub name: Option<Name<'a>>,
    /// On which table.
    pub table: Relation<'a>,
    /// `USING method`
    pub method: Option<Name<'a>>,
    /// What is indexed: at least one.
    pub elements: &'a [IndexElement<'a>],
    /// `INCLUDE (…)`
    pub include: &'a [IndexElement<'a>],
    /// `NULLS [NOT] DISTINCT`: whether nulls differ from one another, as they do by default.
    pub nulls_distinct: bool,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
    /// `TABLESPACE …`
    pub tablespace: Option<Name<'a>>,
    /// `WHERE …`
    pub condition: Option<Expression<'a>>,
}

/// What an index is on, and in which order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexElement<'a> {
    /// What.
    pub key: IndexKey<'a>,
    /// `COLLATE …`
    pub collation: Option<QualifiedName<'a>>,
    /// The operator class.
    pub class: Option<QualifiedName<'a>>,
    /// The operator class's options.
    pub class_options: &'a [Definition<'a>],
    /// `ASC`, `DESC`
    pub direction: SortDirection<'a>,
    /// `NULLS FIRST`, `NULLS LAST`
    pub nulls: Option<NullsOrder>,
    /// Where it begins.
    pub position: u32,
}

/// What an index is on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum IndexKey<'a> {
    /// A column.
    Column(Name<'a>),
    /// An expression: a call, or anything in parentheses.
    Expression(Expression<'a>),
}
