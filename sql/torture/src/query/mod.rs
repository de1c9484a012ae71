//! Queries over the tables of the model: joins of all kinds, subqueries, groups, windows, set operations.
//!
//! A query is a tree, written as SQL ([`sql`]) and carried out on the model's rows ([`evaluate`]) in the plainest way: nested
//! loops, lists, no plan. What it gives is determined up to the order of the rows, and with `ORDER BY` over all columns that,
//! too. Nothing in it fails.

pub mod evaluate;
pub mod frame;
pub mod further;
pub mod sql;

use crate::expression::{Comparison, Expression};
use crate::value::{Kind, Value};
use frame::Framed;
use further::Further;
use std::collections::BTreeSet;

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
    /// What is compared, over the columns of those before,
    pub left: Expression,
    /// how,
    pub how: Comparison,
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

/// A recursion: from the rows' values on, what a column says of the row with that key in a table.
#[derive(Debug, Clone)]
pub struct Recursion {
    /// The rows' values.
    pub from: Expression,
    /// The table, which is called `s`.
    pub table: String,
    /// The column.
    pub column: String,
    /// So many steps; without, each value once.
    pub steps: Option<i64>,
    /// The other way round: the keys of the rows of which the column says it.
    pub up: bool,
    /// Whether a step reads the rows of the one before through a table of its own.
    pub kept: bool,
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
    /// Anything else.
    Further(Box<Further>),
    /// Aggregates over frames.
    Framed(Vec<Framed>),
    /// The first so many in the order of a value, and all that are equal to the last of them.
    Ties { by: Expression, way: Way, limit: usize },
    /// `WITH RECURSIVE`.
    Recursive(Recursion),
    /// `LATERAL`: the first so many values of a subquery whose rows have a value, or `LEFT JOIN` them.
    Lateral { of: Expression, subquery: Subquery, limit: usize, left: bool },
    /// Columns of these rows and of other ones.
    Operation {
        operation: SetOperation,
        all: bool,
        left: Vec<Expression>,
        other: Box<Rows>,
        right: Vec<Expression>,
    },
    /// In the order of all columns, by their places; so many after so many.
    Ordered { order: Vec<(usize, Way)>, limit: Option<(usize, usize)> },
    /// Two columns in a `WITH`, joined with themselves.
    Twice { of: Expression, other: Expression },
    /// A `CASE` of some arms, and how many rows a subquery has that give a value.
    Listed { arms: Vec<(Expression, Expression)>, otherwise: Expression, of: Expression, subquery: Subquery },
    /// The least and the greatest value, or one of both.
    Extremes { of: Expression, least: bool, greatest: bool },
    /// What another shape gives, as a query in `FROM`, and which of it: its columns are called by `x` and their numbers.
    Within { inner: Box<Shape>, condition: Expression },
}

/// A query.
#[derive(Debug, Clone)]
pub struct Query {
    /// The rows.
    pub rows: Rows,
    /// What is made of them.
    pub shape: Shape,
}

impl Filter {
    /// The table of its subquery.
    fn table(&self) -> Option<&String> {
        match self {
            Filter::Plain(_) => None,
            Filter::Exists(_, _, subquery) | Filter::In(_, _, subquery) | Filter::AtMost(_, subquery, _) => {
                Some(&subquery.table)
            }
        }
    }
}

impl Rows {
    /// The tables that it reads.
    fn tables(&self) -> impl Iterator<Item = &String> {
        self.sources.iter().map(|source| &source.table).chain(self.filter.table())
    }
}

impl Shape {
    /// The tables that it reads besides the rows.
    fn tables(&self) -> Vec<&String> {
        match self {
            Shape::Operation { other, .. } => other.tables().collect(),
            Shape::Recursive(recursion) => vec![&recursion.table],
            Shape::Lateral { subquery, .. } | Shape::Listed { subquery, .. } => vec![&subquery.table],
            Shape::Within { inner, .. } => inner.tables(),
            Shape::Plain
            | Shape::Group { .. }
            | Shape::Rollup { .. }
            | Shape::Whole { .. }
            | Shape::Distinct(..)
            | Shape::DistinctOn(..)
            | Shape::Window { .. }
            | Shape::Framed(_)
            | Shape::Further(_)
            | Shape::Ties { .. }
            | Shape::Ordered { .. }
            | Shape::Extremes { .. }
            | Shape::Twice { .. } => Vec::new(),
        }
    }

    /// Which columns of what it gives are numbers, as far as that is plain, where the rows have so many columns.
    pub fn numbers(&self, columns: usize) -> Vec<usize> {
        match self {
            Shape::Group { .. } => vec![0, 1, 2, 4, 5],
            Shape::Rollup { .. } => vec![0, 2, 3, 4],
            Shape::Whole { .. } => vec![0, 1, 2, 3],
            Shape::Window { .. } => vec![0, columns, columns + 1, columns + 1],
            Shape::Framed(_) => vec![0, columns, columns + 1, columns + 2, columns + 3],
            Shape::Further(further) => further.numbers(columns),
            Shape::Recursive(_) | Shape::Twice { .. } | Shape::Listed { .. } => vec![0, 1],
            Shape::Extremes { least, greatest, .. } => {
                (0..usize::from(*least) + usize::from(*greatest)).collect()
            }
            Shape::Operation { left, .. } => (0..left.len()).collect(),
            Shape::Lateral { .. } => vec![0, columns],
            Shape::Plain
            | Shape::Distinct(..)
            | Shape::DistinctOn(..)
            | Shape::Ties { .. }
            | Shape::Ordered { .. }
            | Shape::Within { .. } => vec![0],
        }
    }
}

impl Query {
    /// The same with parameters for values in its filter, and these; none if there are none.
    pub fn with_parameters(&self) -> Option<(String, Vec<Value>)> {
        let Filter::Plain(condition) = &self.rows.filter else { return None };
        let (mut query, mut values) = (self.clone(), Vec::new());
        query.rows.filter = Filter::Plain(condition.with_parameters(&mut values));
        (!values.is_empty()).then(|| (query.sql(), values))
    }

    /// The tables that it reads.
    pub fn tables(&self) -> BTreeSet<String> {
        self.rows.tables().chain(self.shape.tables()).cloned().collect()
    }

    /// Whether the order of what it gives is determined.
    pub fn is_ordered(&self) -> bool {
        match &self.shape {
            Shape::Further(further) => further.is_ordered(),
            Shape::Ordered { .. } | Shape::DistinctOn(..) | Shape::Whole { .. } | Shape::Extremes { .. } => {
                true
            }
            Shape::Plain
            | Shape::Group { .. }
            | Shape::Rollup { .. }
            | Shape::Distinct(..)
            | Shape::Window { .. }
            | Shape::Framed(_)
            | Shape::Ties { .. }
            | Shape::Recursive(_)
            | Shape::Lateral { .. }
            | Shape::Operation { .. }
            | Shape::Twice { .. }
            | Shape::Within { .. }
            | Shape::Listed { .. } => false,
        }
    }
}

/// What the columns of a query in `FROM` are called by.
pub fn column_within(place: usize) -> String {
    format!("x{place}")
}

/// How many there are, as a value.
fn count_of(count: usize) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
