//! Tables as they are made: columns, constraints, partitions, `CREATE TABLE AS`.

use super::expression::Expression;
use super::foreign::ForeignOption;
use super::index::IndexElement;
use super::option::{Definition, DropBehavior};
use super::select::{Persistence, Query, Relation};
use super::sequence::SequenceOption;
use super::{Name, QualifiedName, TypeName};

/// `CREATE TABLE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateTable<'a> {
    /// How long it lasts.
    pub persistence: Persistence,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Where its columns come from.
    pub shape: TableShape<'a>,
    /// Its columns and constraints.
    pub elements: &'a [TableElement<'a>],
    /// `INHERITS (…)`
    pub inherits: &'a [QualifiedName<'a>],
    /// `PARTITION BY …`
    pub partition_by: Option<&'a PartitionBy<'a>>,
    /// `USING method`
    pub method: Option<Name<'a>>,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
    /// `ON COMMIT …`
    pub on_commit: Option<OnCommit>,
    /// `TABLESPACE …`
    pub tablespace: Option<Name<'a>>,
    /// Of a foreign table: who has its rows.
    pub foreign: Option<&'a OnServer<'a>>,
}

/// `SERVER … OPTIONS (…)` of a foreign table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnServer<'a> {
    /// The server.
    pub server: Name<'a>,
    /// `OPTIONS (…)`
    pub options: &'a [ForeignOption<'a>],
}

/// Where a table's columns come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TableShape<'a> {
    /// They are written.
    Columns,
    /// `OF type`
    Type(QualifiedName<'a>),
    /// `PARTITION OF parent bound`
    Partition(QualifiedName<'a>, PartitionBound<'a>),
}

/// What `ON COMMIT` does with a temporary table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum OnCommit {
    Drop,
    DeleteRows,
    PreserveRows,
}

/// An entry of a table's list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TableElement<'a> {
    /// A column.
    Column(ColumnSpecification<'a>),
    /// A constraint of the table.
    Constraint(TableConstraint<'a>),
    /// `LIKE table INCLUDING …`
    Like {
        /// Which table.
        table: QualifiedName<'a>,
        /// What is taken over, in order.
        options: &'a [LikeOption],
    },
}

/// `INCLUDING what`, `EXCLUDING what`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LikeOption {
    /// `INCLUDING`
    pub including: bool,
    /// What.
    pub what: LikeWhat,
}

/// What `LIKE` may take over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum LikeWhat {
    Comments,
    Compression,
    Constraints,
    Defaults,
    Identity,
    Generated,
    Indexes,
    Statistics,
    Storage,
    All,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnSpecification<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// Its type; `None` in a table of a type, whose columns have theirs.
    pub type_name: Option<TypeName<'a>>,
    /// `COMPRESSION method`
    pub compression: Option<Name<'a>>,
    /// `OPTIONS (…)` of a foreign table's column.
    pub foreign_options: &'a [ForeignOption<'a>],
    /// `COLLATE …`
    pub collation: Option<QualifiedName<'a>>,
    /// What else is said about it, in order.
    pub constraints: &'a [ColumnConstraint<'a>],
}

/// A constraint of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnConstraint<'a> {
    /// `CONSTRAINT name`
    pub name: Option<Name<'a>>,
    /// What it demands.
    pub kind: ColumnConstraintKind<'a>,
    /// Where it begins.
    pub position: u32,
}

/// What a column's constraint demands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ColumnConstraintKind<'a> {
    /// `NOT NULL`
    NotNull,
    /// `NULL`
    Null,
    /// `DEFAULT …`
    Default(Expression<'a>),
    /// `CHECK (…)`
    Check {
        /// The condition.
        condition: Expression<'a>,
        /// `NO INHERIT`
        no_inherit: bool,
    },
    /// `UNIQUE`
    Unique(IndexParameters<'a>),
    /// `PRIMARY KEY`
    PrimaryKey(IndexParameters<'a>),
    /// `REFERENCES …`
    References(Reference<'a>),
    /// `GENERATED … AS IDENTITY (…)`
    Identity {
        /// `ALWAYS`, not `BY DEFAULT`.
        always: bool,
        /// Options of its sequence.
        options: &'a [SequenceOption<'a>],
    },
    /// `GENERATED ALWAYS AS (…) STORED`
    Generated(Expression<'a>),
    /// `DEFERRABLE` and its like: about the constraint before it.
    Attribute(ConstraintAttribute),
}

/// How a constraint is checked. Whoever puts constraints together judges the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ConstraintAttribute {
    Deferrable,
    NotDeferrable,
    InitiallyDeferred,
    InitiallyImmediate,
}

/// What may stand behind `UNIQUE` and `PRIMARY KEY`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IndexParameters<'a> {
    /// `NULLS [NOT] DISTINCT`
    pub nulls_distinct: bool,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
    /// `USING INDEX TABLESPACE …`
    pub tablespace: Option<Name<'a>>,
}

/// What a foreign key refers to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reference<'a> {
    /// The table.
    pub table: QualifiedName<'a>,
    /// Its columns; none for its primary key.
    pub columns: &'a [Name<'a>],
    /// `MATCH FULL`
    pub match_full: bool,
    /// `ON DELETE …`
    pub on_delete: ReferenceAction<'a>,
    /// `ON UPDATE …`
    pub on_update: ReferenceAction<'a>,
}

/// What happens to rows that refer to one that goes or changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReferenceAction<'a> {
    /// `NO ACTION`
    NoAction,
    /// `RESTRICT`
    Restrict,
    /// `CASCADE`
    Cascade,
    /// `SET NULL (columns)`
    SetNull(&'a [Name<'a>]),
    /// `SET DEFAULT (columns)`
    SetDefault(&'a [Name<'a>]),
}

/// A constraint of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableConstraint<'a> {
    /// `CONSTRAINT name`
    pub name: Option<Name<'a>>,
    /// What it demands.
    pub kind: TableConstraintKind<'a>,
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub initially_deferred: bool,
    /// `NOT VALID`
    pub not_valid: bool,
    /// `NO INHERIT`
    pub no_inherit: bool,
    /// Where it begins.
    pub position: u32,
}

/// What a table's constraint demands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TableConstraintKind<'a> {
    /// `CHECK (…)`
    Check(Expression<'a>),
    /// `UNIQUE (columns) INCLUDE (columns)`
    Unique(&'a [Name<'a>], &'a [Name<'a>], IndexParameters<'a>),
    /// `UNIQUE USING INDEX name`
    UniqueIndex(Name<'a>),
    /// `PRIMARY KEY (columns) INCLUDE (columns)`
    PrimaryKey(&'a [Name<'a>], &'a [Name<'a>], IndexParameters<'a>),
    /// `PRIMARY KEY USING INDEX name`
    PrimaryKeyIndex(Name<'a>),
    /// `FOREIGN KEY (columns) REFERENCES …`
    ForeignKey(&'a [Name<'a>], Reference<'a>),
    /// `EXCLUDE USING method (… WITH operator)`
    Exclude(&'a Exclusion<'a>),
}

/// An exclusion constraint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exclusion<'a> {
    /// `USING method`
    pub method: Option<Name<'a>>,
    /// What is compared, and by which operator.
    pub elements: &'a [(IndexElement<'a>, super::expression::Operator<'a>)],
    /// `INCLUDE (…)`
    pub include: &'a [Name<'a>],
    /// What may stand behind it.
    pub parameters: IndexParameters<'a>,
    /// `WHERE (…)`
    pub condition: Option<Expression<'a>>,
}

/// `PARTITION BY strategy (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartitionBy<'a> {
    /// `RANGE`, `LIST`, `HASH`, or what somebody wrote.
    pub strategy: Name<'a>,
    /// By what.
    pub elements: &'a [IndexElement<'a>],
}

/// Which rows a partition has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PartitionBound<'a> {
    /// `DEFAULT`, and where it stands, like the others' first word.
    Default(u32),
    /// `FOR VALUES IN (…)`
    In(&'a [Expression<'a>], u32),
    /// `FOR VALUES FROM (…) TO (…)`
    Range(&'a [Expression<'a>], &'a [Expression<'a>], u32),
    /// `FOR VALUES WITH (MODULUS m, REMAINDER r)`
    Hash(i32, i32, u32),
}

/// `CREATE TABLE … AS …`, `CREATE MATERIALIZED VIEW …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateTableAs<'a> {
    /// Whether it is a materialized view.
    pub materialized_view: bool,
    /// How long it lasts.
    pub persistence: Persistence,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Its columns' names; none to take the query's.
    pub columns: &'a [Name<'a>],
    /// `USING method`
    pub method: Option<Name<'a>>,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
    /// `ON COMMIT …`
    pub on_commit: Option<OnCommit>,
    /// `TABLESPACE …`
    pub tablespace: Option<Name<'a>>,
    /// Its rows.
    pub source: TableSource<'a>,
    /// `WITH [NO] DATA`
    pub with_data: bool,
}

/// Where the rows of a new table come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TableSource<'a> {
    /// A query.
    Query(&'a Query<'a>),
    /// A prepared statement.
    Execute(super::session::Execute<'a>),
}

/// `TRUNCATE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truncate<'a> {
    /// Which tables.
    pub tables: &'a [Relation<'a>],
    /// `RESTART IDENTITY`
    pub restart_identity: bool,
    /// `CASCADE`
    pub behavior: DropBehavior,
}
