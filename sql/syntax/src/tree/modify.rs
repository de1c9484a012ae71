//! Changes of rows: `INSERT`, `UPDATE`, `DELETE`, `MERGE`.

use super::expression::{Expression, Indirection};
use super::index::IndexElement;
use super::select::{Query, Relation, TableExpression, Target, With};
use super::{Name, QualifiedName};

/// `INSERT INTO …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Insert<'a> {
    /// `WITH …`
    pub with: Option<With<'a>>,
    /// Into which table.
    pub table: QualifiedName<'a>,
    /// `AS alias`
    pub alias: Option<Name<'a>>,
    /// Into which columns; `None` if no list is written.
    pub columns: Option<&'a [ColumnTarget<'a>]>,
    /// `OVERRIDING …`
    pub overriding: Option<Overriding>,
    /// What is inserted.
    pub source: InsertSource<'a>,
    /// `ON CONFLICT …`
    pub conflict: Option<&'a OnConflict<'a>>,
    /// `RETURNING …`
    pub returning: &'a [Target<'a>],
}

/// A column that is assigned to, perhaps within it: `a`, `a[1].b`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnTarget<'a> {
    /// The column.
    pub name: Name<'a>,
    /// The way into it.
    pub path: &'a [Indirection<'a>],
}

/// `OVERRIDING SYSTEM VALUE`, `OVERRIDING USER VALUE`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Overriding {
    System,
    User,
}

/// What is inserted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum InsertSource<'a> {
    /// `DEFAULT VALUES`
    Defaults,
    /// A query, `VALUES` among them.
    Query(&'a Query<'a>),
}

/// `ON CONFLICT target action`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnConflict<'a> {
    /// Which conflicts.
    pub target: ConflictTarget<'a>,
    /// What then.
    pub action: ConflictAction<'a>,
    /// Where it begins.
    pub position: u32,
}

/// Which conflicts are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConflictTarget<'a> {
    /// All of them.
    Any,
    /// Those of the indexes on these columns and expressions.
    Index {
        /// Columns and expressions.
        elements: &'a [IndexElement<'a>],
        /// `WHERE …`: of partial indexes.
        condition: Option<Expression<'a>>,
        /// Where the parenthesis stands.
        position: u32,
    },
    /// `ON CONSTRAINT name`
    Constraint(Name<'a>),
}

/// What is done about a conflict.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ConflictAction<'a> {
    /// `DO NOTHING`
    Nothing,
    /// `DO UPDATE SET … WHERE …`
    Update {
        /// What is set.
        assignments: &'a [Assignment<'a>],
        /// In which rows.
        condition: Option<Expression<'a>>,
    },
}

/// An entry of `SET`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Assignment<'a> {
    /// `column = value`
    One {
        /// The column.
        target: ColumnTarget<'a>,
        /// Its new value.
        value: Expression<'a>,
    },
    /// `(columns) = row`: a row, a subquery, any expression of a composite type.
    Many {
        /// The columns.
        targets: &'a [ColumnTarget<'a>],
        /// Their new values.
        value: Expression<'a>,
        /// Where it begins.
        position: u32,
    },
}

/// `UPDATE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update<'a> {
    /// `WITH …`
    pub with: Option<With<'a>>,
    /// Which table.
    pub table: Relation<'a>,
    /// Its alias.
    pub alias: Option<Name<'a>>,
    /// `SET …`
    pub assignments: &'a [Assignment<'a>],
    /// `FROM …`
    pub from: &'a [TableExpression<'a>],
    /// `WHERE …`, also `CURRENT OF`.
    pub condition: Option<Expression<'a>>,
    /// `RETURNING …`
    pub returning: &'a [Target<'a>],
}

/// `DELETE FROM …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delete<'a> {
    /// `WITH …`
    pub with: Option<With<'a>>,
    /// Which table.
    pub table: Relation<'a>,
    /// Its alias.
    pub alias: Option<Name<'a>>,
    /// `USING …`
    pub using: &'a [TableExpression<'a>],
    /// `WHERE …`, also `CURRENT OF`.
    pub condition: Option<Expression<'a>>,
    /// `RETURNING …`
    pub returning: &'a [Target<'a>],
}

/// `MERGE INTO …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Merge<'a> {
    /// `WITH …`
    pub with: Option<With<'a>>,
    /// Into which table.
    pub table: Relation<'a>,
    /// Its alias.
    pub alias: Option<Name<'a>>,
    /// `USING …`
    pub source: TableExpression<'a>,
    /// `ON …`
    pub condition: Expression<'a>,
    /// `WHEN …`: at least one.
    pub clauses: &'a [MergeClause<'a>],
}

/// `WHEN [NOT] MATCHED AND … THEN …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MergeClause<'a> {
    /// Whether it is about rows that found a partner.
    pub matched: bool,
    /// `AND …`
    pub condition: Option<Expression<'a>>,
    /// `THEN …`
    pub action: MergeAction<'a>,
    /// Where it begins.
    pub position: u32,
}

/// What `MERGE` does with a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MergeAction<'a> {
    /// `DO NOTHING`
    Nothing,
    /// `DELETE`
    Delete,
    /// `UPDATE SET …`
    Update(&'a [Assignment<'a>]),
    /// `INSERT …`
    Insert {
        /// Into which columns; `None` if no list is written.
        columns: Option<&'a [ColumnTarget<'a>]>,
        /// `OVERRIDING …`
        overriding: Option<Overriding>,
        /// `VALUES (…)`; `None` for `DEFAULT VALUES`.
        values: Option<&'a [Expression<'a>]>,
    },
}
