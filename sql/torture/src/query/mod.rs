//! Queries over the tables of the model: joins of all kinds, subqueries, groups, windows, set operations.
//!
//! A query is a tree, written as SQL ([`sql`]) and carried out on the model's rows ([`evaluate`]) in the plainest way: nested
//! loops, lists, no plan. What it gives is determined up to the order of the rows, and with `ORDER BY` over all columns that,
//! too. Nothing in it fails.

pub mod evaluate;
pub mod sql;

use crate::expression::Expression;
use crate::value::Kind;

/// How two tables are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum JoinKind {
    Inner,
    Left,
    Right,
    Full,
}

/// What joins a table to those before it.
#[derive(Debug, Clone)]
pub struct Join {
    /// How.
    pub kind: JoinKind,
    /// What must be equal, over the columns of those before,
    pub left: Expression,
    /// and over those of the table.
    pub right: Expression,
    /// What must hold besides.
    pub more: Option<Expression>,
}

/// A table of a query.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its name.
    pub table: String,
    /// What its columns are called by.
    pub alias: &'static str,
    /// How it is joined to those before; the first is not.
    pub join: Option<Join>,
}

/// What stands in parentheses in a filter: `(SELECT value FROM table s WHERE condition)`.
#[derive(Debug, Clone)]
pub struct Subquery {
    /// Its table, whose columns are called by `s`.
    pub table: String,
    /// What it gives for each row.
    pub value: Expression,
    /// Which rows; over the outer columns, too.
    pub condition: Expression,
}

/// Which rows are meant.
#[derive(Debug, Clone)]
pub enum Filter {
    /// A condition.
    Plain(Expression),
    /// `EXISTS` a row of a subquery with this value, or `NOT`.
    Exists(bool, Expression, Subquery),
    /// The value is `IN` the subquery, or `NOT`.
    In(bool, Expression, Subquery),
    /// The value is at most the greatest of the subquery, or the condition holds.
    AtMost(Expression, Subquery, Expression),
}

/// Rows of one table or of several.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The tables.
    pub sources: Vec<Source>,
    /// All their columns.
    pub columns: Vec<(String, Kind)>,
    /// Which rows.
    pub filter: Filter,
}

/// `UNION` and its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SetOperation {
    Union,
    Intersect,
    Except,
}

/// How a column is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// `DESC`
    pub descending: bool,
    /// Whether NULLs are at the other end than usual.
    pub nulls_moved: bool,
}

/// What is made of the rows.
#[derive(Debug, Clone)]
pub enum Shape {
    /// They themselves.
    Plain,
    /// Aggregates of groups; those of more than one row alone, if that is asked for; some of rows for which a condition holds.
    Group { by: Expression, of: Expression, word: Expression, having: bool, filter: Option<Expression> },
    /// `GROUP BY ROLLUP`
    Rollup { by: Expression, word: Expression, of: Expression },
    /// Aggregates of all rows.
    Whole { of: Expression, other: Expression, filter: Option<Expression> },
    /// `DISTINCT`
    Distinct(Expression, Expression),
    /// `DISTINCT ON` a value: of the rows with each, the first.
    DistinctOn(Expression, Way),
    /// A sum over a partition, and a rank.
    Window { of: Expression, by: Expression, word: Expression },
    /// A column of these rows and of other ones.
    Operation { operation: SetOperation, all: bool, left: Expression, other: Box<Rows>, right: Expression },
    /// In the order of all columns; so many after so many.
    Ordered { ways: Vec<Way>, limit: Option<(usize, usize)> },
    /// Two columns in a `WITH`, joined with themselves.
    Twice { of: Expression, other: Expression },
    /// A `CASE`, and how many rows a subquery has that give a value.
    Listed { when: Expression, then: Expression, otherwise: Expression, of: Expression, subquery: Subquery },
}

/// A query.
#[derive(Debug, Clone)]
pub struct Query {
    /// The rows.
    pub rows: Rows,
    /// What is made of them.
    pub shape: Shape,
}

impl Query {
    /// Whether the order of what it gives is determined.
    pub fn is_ordered(&self) -> bool {
        match self.shape {
            Shape::Ordered { .. } | Shape::DistinctOn(..) | Shape::Whole { .. } => true,
            Shape::Plain
            | Shape::Group { .. }
            | Shape::Rollup { .. }
            | Shape::Distinct(..)
            | Shape::Window { .. }
            | Shape::Operation { .. }
            | Shape::Twice { .. }
            | Shape::Listed { .. } => false,
        }
    }
}
