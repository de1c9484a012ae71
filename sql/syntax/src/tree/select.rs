//! Queries: `SELECT`, `VALUES`, `TABLE`, set operations, and what stands around them.

use super::expression::{Expression, Operand, Operator};
use super::type_name::TypeName;
use super::{Name, QualifiedName};

/// A whole query: a body and what applies to all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Query<'a> {
    /// `WITH …`
    pub with: Option<With<'a>>,
    /// `SELECT …`, `VALUES …`, `… UNION …`
    pub body: QueryBody<'a>,
    /// `ORDER BY …`
    pub order: &'a [SortKey<'a>],
    /// `LIMIT …`, `FETCH FIRST …`
    pub limit: Option<Limit<'a>>,
    /// `OFFSET …`
    pub offset: Option<Expression<'a>>,
    /// `FOR UPDATE …`
    pub locking: &'a [Locking<'a>],
    /// Where it begins.
    pub position: u32,
}

/// What a query draws its rows from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum QueryBody<'a> {
    /// `SELECT …`
    Select(&'a Select<'a>),
    /// `VALUES (…), (…)`: at least one row.
    Values(&'a [ValuesRow<'a>]),
    /// `TABLE name`
    Table(Relation<'a>),
    /// A set operation.
    Set(&'a SetOperation<'a>),
    /// A query in parentheses with a `WITH`, an `ORDER BY` or a limit of its own.
    Nested(&'a Query<'a>),
}

/// A row of `VALUES`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ValuesRow<'a> {
    /// Its values; some may be `DEFAULT`.
    pub values: &'a [Expression<'a>],
    /// Where it begins.
    pub position: u32,
}

/// `left UNION right`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetOperation<'a> {
    /// Which.
    pub operator: SetOperator,
    /// `ALL`: duplicates stay.
    pub all: bool,
    /// What comes first.
    pub left: QueryBody<'a>,
    /// What comes then.
    pub right: QueryBody<'a>,
    /// Where the operator stands.
    pub position: u32,
}

/// Set operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// `SELECT …` up to its `HAVING` and `WINDOW`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Select<'a> {
    /// `DISTINCT`
    pub distinct: Distinct<'a>,
    /// What is selected; may be empty.
    pub targets: &'a [Target<'a>],
    /// `INTO table`: makes a table of the result.
    pub into: Option<&'a IntoTable<'a>>,
    /// `FROM …`
    pub from: &'a [TableExpression<'a>],
    /// `WHERE …`
    pub condition: Option<Expression<'a>>,
    /// `GROUP BY …`
    pub group: GroupBy<'a>,
    /// `HAVING …`
    pub having: Option<Expression<'a>>,
    /// `WINDOW name AS (…)`
    pub windows: &'a [NamedWindow<'a>],
    /// Where it begins.
    pub position: u32,
}

/// Which duplicates a `SELECT` drops.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distinct<'a> {
    /// None.
    No,
    /// `DISTINCT`
    Rows,
    /// `DISTINCT ON (…)`
    On(&'a [Expression<'a>]),
}

/// An entry of a select list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Target<'a> {
    /// What is shown.
    pub expression: Expression<'a>,
    /// Its name, if one is given.
    pub label: Option<Name<'a>>,
}

/// `INTO [TEMPORARY | UNLOGGED] [TABLE] name`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntoTable<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// How long it lasts.
    pub persistence: Persistence,
}

/// How long a table lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// Until it is dropped.
    Permanent,
    /// `TEMPORARY`: to the end of the session.
    Temporary,
    /// `UNLOGGED`
    Unlogged,
}

/// `GROUP BY [DISTINCT] …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroupBy<'a> {
    /// Whether equal grouping sets count once.
    pub distinct: bool,
    /// What is grouped by.
    pub items: &'a [GroupItem<'a>],
}

/// An entry of `GROUP BY`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum GroupItem<'a> {
    /// An expression, a column's name or its number.
    Expression(Expression<'a>),
    /// `()`
    Empty(u32),
    /// `ROLLUP (…)`
    Rollup(&'a [Expression<'a>], u32),
    /// `CUBE (…)`
    Cube(&'a [Expression<'a>], u32),
    /// `GROUPING SETS (…)`
    Sets(&'a [GroupItem<'a>], u32),
}

/// An entry of `ORDER BY`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SortKey<'a> {
    /// By what.
    pub expression: Expression<'a>,
    /// In which direction.
    pub direction: SortDirection<'a>,
    /// Where nulls go; by default last, and first with `DESC`.
    pub nulls: Option<NullsOrder>,
}

/// Directions of sorting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection<'a> {
    /// None is written: ascending.
    Default,
    /// `ASC`
    Ascending,
    /// `DESC`
    Descending,
    /// `USING operator`
    Using(Operator<'a>),
}

/// Where nulls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum NullsOrder {
    First,
    Last,
}

/// `LIMIT …` and `FETCH FIRST … ROWS`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit<'a> {
    /// `LIMIT ALL`, and where its word stands.
    All(u32),
    /// At most so many.
    Rows(Expression<'a>),
    /// `FETCH FIRST … WITH TIES`: and those that sort like the last of them.
    WithTies(Expression<'a>),
}

/// `FOR UPDATE OF … NOWAIT`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Locking<'a> {
    /// How strongly.
    pub strength: LockStrength,
    /// Which tables; none for all.
    pub of: &'a [QualifiedName<'a>],
    /// What to do about rows that others have locked.
    pub wait: LockWait,
    /// Where it begins.
    pub position: u32,
}

/// How strongly rows are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum LockStrength {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

/// What to do about rows that others have locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockWait {
    /// Wait.
    Block,
    /// `NOWAIT`: fail.
    Error,
    /// `SKIP LOCKED`
    Skip,
}

/// `WITH [RECURSIVE] …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct With<'a> {
    /// Whether the tables may refer to themselves and to later ones.
    pub recursive: bool,
    /// At least one.
    pub tables: &'a [CommonTable<'a>],
    /// Where it begins.
    pub position: u32,
}

/// `name (columns) AS [NOT] MATERIALIZED (statement)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CommonTable<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its columns' names, from the first; the others keep theirs.
    pub columns: &'a [Name<'a>],
    /// Whether it is computed apart, if that is said.
    pub materialized: Option<bool>,
    /// A query, or an `INSERT`, `UPDATE`, `DELETE` with `RETURNING`.
    pub statement: super::Statement<'a>,
    /// `SEARCH …`
    pub search: Option<&'a SearchClause<'a>>,
    /// `CYCLE …`
    pub cycle: Option<&'a CycleClause<'a>>,
}

/// `SEARCH DEPTH FIRST BY columns SET column`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SearchClause<'a> {
    /// Breadth first instead.
    pub breadth_first: bool,
    /// By which columns.
    pub by: &'a [Name<'a>],
    /// The column that says the order.
    pub sequence: Name<'a>,
    /// Where it begins.
    pub position: u32,
}

/// `CYCLE columns SET mark TO value DEFAULT value USING path`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CycleClause<'a> {
    /// Columns that tell a row that was there already.
    pub columns: &'a [Name<'a>],
    /// The column that marks such a row.
    pub mark: Name<'a>,
    /// What it says then, and otherwise; true and false if nothing is written.
    pub values: Option<(Expression<'a>, Expression<'a>)>,
    /// The column with the path.
    pub path: Name<'a>,
    /// Where it begins.
    pub position: u32,
}

/// A relation's name, with `ONLY` or a star.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relation<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// `ONLY`: without its children.
    pub only: bool,
}

/// `AS name (columns)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alias<'a> {
    /// The name.
    pub name: Name<'a>,
    /// New names of its columns, from the first.
    pub columns: &'a [Name<'a>],
}

/// An entry of `FROM`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TableExpression<'a> {
    /// A table, a view, a common table.
    Relation {
        /// Which.
        relation: Relation<'a>,
        /// Its alias.
        alias: Option<Alias<'a>>,
        /// `TABLESAMPLE …`
        sample: Option<&'a Sample<'a>>,
    },
    /// `(query) alias`
    Subquery {
        /// Whether it may refer to entries before it.
        lateral: bool,
        /// The query.
        query: &'a Query<'a>,
        /// Its alias; PostgreSQL 15 wants one.
        alias: Option<Alias<'a>>,
        /// Where it begins.
        position: u32,
    },
    /// `f(…)`, `ROWS FROM (f(…), g(…))`
    Functions {
        /// Whether it may refer to entries before it, if that is said.
        lateral: bool,
        /// `ROWS FROM (…)`
        rows_from: bool,
        /// At least one.
        functions: &'a [TableFunction<'a>],
        /// `WITH ORDINALITY`
        ordinality: bool,
        /// Its alias.
        alias: Option<Alias<'a>>,
        /// `AS (name type, …)`
        columns: &'a [ColumnDefinition<'a>],
        /// Where it begins.
        position: u32,
    },
    /// `XMLTABLE (…)`: parsed, so that it can be refused by name.
    XmlTable(u32),
    /// A join.
    Join(&'a Join<'a>),
}

/// A function in `FROM`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableFunction<'a> {
    /// The call; a value without parentheses, `CAST` and `COALESCE` are allowed, too.
    pub call: Expression<'a>,
    /// `AS (name type, …)` within `ROWS FROM`.
    pub columns: &'a [ColumnDefinition<'a>],
}

/// `name type [COLLATE …]` where a function's columns are said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnDefinition<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its type.
    pub type_name: TypeName<'a>,
    /// Its collation.
    pub collation: Option<QualifiedName<'a>>,
}

/// `TABLESAMPLE method (arguments) REPEATABLE (seed)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample<'a> {
    /// The method.
    pub method: QualifiedName<'a>,
    /// Its arguments.
    pub arguments: &'a [Expression<'a>],
    /// The seed.
    pub seed: Option<Expression<'a>>,
    /// Where it begins.
    pub position: u32,
}

/// A join of two entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Join<'a> {
    /// Which rows are kept.
    pub kind: JoinKind,
    /// The left side.
    pub left: TableExpression<'a>,
    /// The right side.
    pub right: TableExpression<'a>,
    /// What makes a pair.
    pub condition: JoinCondition<'a>,
    /// `(… JOIN …) AS alias`
    pub alias: Option<Alias<'a>>,
    /// Where the word `JOIN` and what belongs to it begins.
    pub position: u32,
}

/// Which rows a join keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum JoinKind {
    Cross,
    Inner,
    Left,
    Right,
    Full,
}

/// What makes a pair of a join.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum JoinCondition<'a> {
    /// Nothing: every pair.
    None,
    /// `ON …`
    On(Expression<'a>),
    /// `USING (…) AS alias`
    Using(&'a [Name<'a>], Option<Name<'a>>),
    /// `NATURAL`: the columns of the same names.
    Natural,
}

/// `WINDOW name AS (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedWindow<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What it is.
    pub window: Window<'a>,
}

/// `OVER name` or `OVER (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Over<'a> {
    /// A window of the `WINDOW` clause.
    Named(Name<'a>),
    /// One of its own.
    Window(&'a Window<'a>),
}

/// `([name] PARTITION BY … ORDER BY … frame)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window<'a> {
    /// The window that it builds on.
    pub base: Option<Name<'a>>,
    /// `PARTITION BY …`
    pub partition: &'a [Expression<'a>],
    /// `ORDER BY …`
    pub order: &'a [SortKey<'a>],
    /// `ROWS …`; without it `RANGE UNBOUNDED PRECEDING`.
    pub frame: Option<Frame<'a>>,
    /// Where it begins.
    pub position: u32,
}

/// `ROWS BETWEEN … AND … EXCLUDE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame<'a> {
    /// What is counted.
    pub unit: FrameUnit,
    /// From.
    pub start: FrameBound<'a>,
    /// To; without it to the current row.
    pub end: Option<FrameBound<'a>>,
    /// Which rows are left out.
    pub exclusion: FrameExclusion,
    /// Where it begins.
    pub position: u32,
}

/// What a frame counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameUnit {
    Rows,
    Range,
    Groups,
}

/// An end of a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameBound<'a> {
    UnboundedPreceding,
    Preceding(Operand<'a>),
    CurrentRow,
    Following(Operand<'a>),
    UnboundedFollowing,
}

/// Which rows a frame leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum FrameExclusion {
    NoOthers,
    CurrentRow,
    Group,
    Ties,
}
