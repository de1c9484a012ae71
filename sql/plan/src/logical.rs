//! What a statement means, as relational algebra: the binder makes it, the optimiser rewrites it.
//!
//! What an operator hands up are columns by name of their makers; an operator without a [`RelationId`] hands up what it gets.

use crate::expression::{Aggregate, Column, Expression, RelationId, SortKey, WindowCall};
use crate::target::{Check, TargetTable};
use std::collections::BTreeMap;
use std::sync::Arc;
use types::row::RowLayout;
use types::{Type, Value};

/// A bound statement that yields or changes rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// What is done.
    pub root: Logical,
    /// What the client sees, in order: none for a change without `RETURNING`.
    pub output: Vec<OutputColumn>,
    /// `WITH`: tables by number, those that are referred to more than once, are recursive, change rows or are
    /// `MATERIALIZED`; in the order in which they may refer to each other.
    pub common_tables: Vec<CommonTable>,
    /// The type of each parameter.
    pub parameters: Vec<Type>,
    /// The next free number of a relation.
    pub next_relation: u32,
    /// How many entries PostgreSQL's range table would have: with more than one, EXPLAIN writes columns with their table.
    pub ranges: u32,
    /// What makers of rows that are no tables go by in the statement.
    pub names: BTreeMap<RelationId, RangeName>,
    /// What it depends on: relations, types and functions by number, for privileges, locks and cached plans.
    pub relations: Vec<RelationUse>,
    /// What rules have done besides: statements that are run before it and after it, each of which sees what those before it have
    /// done. They yield nothing and have none themselves; what all use stands in `relations`.
    pub before: Vec<Query>,
    /// The same after it.
    pub after: Vec<Query>,
}

/// What an entry of `FROM` that is no table goes by.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RangeName {
    /// Its name.
    pub alias: Arc<str>,
    /// The names of its columns.
    pub columns: Vec<Arc<str>>,
    /// Whether it is a view that lets no condition in that may tell of rows what it sees (`security_barrier`).
    pub barrier: bool,
}

/// A column that the client sees.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub column: Column,
    /// Its type.
    pub column_type: Type,
    /// Its collation; 0 without, and where none could be told.
    pub collation: u32,
    /// The table and the column's number there, if it is one (for the wire protocol).
    pub origin: Option<(u32, u16)>,
}

/// A relation that a statement uses, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationUse {
    /// Its number.
    pub relation: u32,
    /// Whether its rows are read.
    pub select: bool,
    /// `INSERT`
    pub insert: bool,
    /// `UPDATE`
    pub update: bool,
    /// `DELETE`
    pub delete: bool,
    /// `FOR UPDATE` and its like, the strongest that is asked for.
    pub lock_rows: Option<LockStrength>,
    /// Which use of the statement it is, counted from zero: privileges are looked at in this order.
    pub place: u32,
    /// As whom privileges are checked: the owner of the view it stands in, or the current user.
    pub check_as: Option<u32>,
    /// Numbers of the columns of a table or view that are read.
    pub columns_read: Vec<u16>,
    /// Those of them that are read as fields of whole rows alone.
    pub columns_of_rows: Vec<u16>,
    /// Numbers of the columns that new rows are given values for.
    pub columns_written: Vec<u16>,
    /// Numbers of the columns of rows that are there that get other values.
    pub columns_updated: Vec<u16>,
    /// Whether it is used only because it inherits from another: then it is locked, and nobody asks for rights.
    pub inherited: bool,
}

/// A table of `WITH` that is computed once.
#[derive(Debug, Clone, PartialEq)]
pub struct CommonTable {
    /// Its name.
    pub name: String,
    /// Its query, a change of rows among them.
    pub query: Logical,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Whether it is a change of rows, which happens wholly whether its rows are read or not.
    pub changes: bool,
}

/// A table of `WITH` by its place in [`Query::common_tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommonTableId(pub u32);

/// The table that a recursive query works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkTableId(pub u32);

/// The number, among those of a table of the system, of what says which table it is.
pub const SYSTEM_TABLE_OID: u16 = 0;

/// An operator.
#[derive(Debug, Clone, PartialEq)]
pub enum Logical {
    /// Rows of expressions; one row without columns is `SELECT` without `FROM`. Expressions may be of rows around it
    /// (`LATERAL`).
    Values {
        /// Whose columns.
        relation: RelationId,
        /// Their types.
        types: Vec<Type>,
        /// The rows.
        rows: Vec<Vec<Expression>>,
    },
    /// No rows at all.
    Empty {
        /// Whose columns.
        relation: RelationId,
        /// Their types.
        types: Vec<Type>,
    },
    /// A table. Its columns are those that are listed: the binder lists all that are named.
    Scan(Scan),
    /// A table of `pg_catalog` or `information_schema`, made from the catalog when it is read.
    SystemScan {
        /// Whose columns.
        relation: RelationId,
        /// The table's number.
        table: u32,
        /// Its name.
        name: Arc<str>,
        /// Numbers of its columns (from 1, or [`SYSTEM_TABLE_OID`]), with their types.
        columns: Vec<(u16, Type)>,
    },
    /// Functions in `FROM`, side by side. A function's columns come one after the other.
    Functions {
        /// Whose columns.
        relation: RelationId,
        /// The calls.
        functions: Vec<TableFunction>,
        /// `WITH ORDINALITY`: a bigint as last column.
        ordinality: bool,
    },
    /// Rows of a [`CommonTable`].
    CommonTable {
        /// Whose columns: a reference has its own.
        relation: RelationId,
        /// Which.
        table: CommonTableId,
        /// Their types.
        types: Vec<Type>,
    },
    /// Rows of the round before, within a [`Logical::Recursive`].
    WorkTable {
        /// Whose columns.
        relation: RelationId,
        /// Which.
        table: WorkTableId,
        /// Their types.
        types: Vec<Type>,
    },
    /// Rows that whoever runs the statement gives it by a name: the transition tables of a trigger.
    Given {
        /// Whose columns.
        relation: RelationId,
        /// The name.
        name: Arc<str>,
        /// Their types.
        types: Vec<Type>,
    },
    /// `WHERE`, `HAVING`: rows for which all are true.
    Filter {
        /// Of what.
        input: Box<Logical>,
        /// The conditions, each of which must be true.
        conditions: Vec<Expression>,
    },
    /// Expressions of the input's rows.
    Project {
        /// Whose columns.
        relation: RelationId,
        /// Of what.
        input: Box<Logical>,
        /// What.
        expressions: Vec<Expression>,
    },
    /// Set-returning functions in the select list, run in step: as many rows as the longest gives, nulls for the others.
    ProjectSet {
        /// Whose columns: one for each call.
        relation: RelationId,
        /// Of what; its columns go on being visible.
        input: Box<Logical>,
        /// The calls.
        calls: Vec<Expression>,
    },
    /// A join. With `lateral` the right side may use columns of the left.
    Join(Join),
    /// `GROUP BY` and aggregates.
    Aggregate(Box<Grouping>),
    /// Window functions over one partition and order; the input's columns go on being visible.
    Window(Box<Window>),
    /// `ORDER BY`
    Sort {
        /// Of what.
        input: Box<Logical>,
        /// By what.
        keys: Vec<SortKey>,
    },
    /// `LIMIT`, `OFFSET`: bigint; null is none.
    Limit {
        /// Of what.
        input: Box<Logical>,
        /// At most how many.
        limit: Option<Expression>,
        /// After how many.
        offset: Option<Expression>,
        /// `WITH TIES`: rows that are equal to the last by the keys of the [`Logical::Sort`] below come too.
        with_ties: Vec<SortKey>,
    },
    /// `DISTINCT`, `DISTINCT ON`: the first of the rows that are equal by these columns.
    Distinct {
        /// Of what.
        input: Box<Logical>,
        /// By what. All of them plain columns.
        keys: Vec<SortKey>,
        /// `DISTINCT ON`: the input's order decides which row is the first.
        on: bool,
    },
    /// `UNION`, `INTERSECT`, `EXCEPT`.
    Set(Box<SetOperation>),
    /// `WITH RECURSIVE`
    Recursive(Box<Recursive>),
    /// `FOR UPDATE` and its like: locks rows of tables below it by their row ids.
    LockRows {
        /// Of what.
        input: Box<Logical>,
        /// Which tables, how.
        locks: Vec<RowLocking>,
    },
    /// `INSERT`
    Insert(Box<Insert>),
    /// `UPDATE`
    Update(Box<Update>),
    /// `DELETE`
    Delete(Box<Delete>),
    /// `MERGE`
    Merge(Box<Merge>),
}

/// A table and what is read of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Scan {
    /// Whose columns.
    pub relation: RelationId,
    /// The table's number.
    pub table: u32,
    /// The store's tree of its rows.
    pub tree: u64,
    /// The table's name, for texts.
    pub name: Arc<str>,
    /// The name it goes by in the statement.
    pub alias: Arc<str>,
    /// Where the columns of its rows lie.
    pub layout: Arc<RowLayout>,
    /// What is read, in the order of the relation's columns.
    pub columns: Vec<ScanColumn>,
    /// `TABLESAMPLE`
    pub sample: Option<Sample>,
    /// What its rows must fulfil before anything else may see them, one after the other: what policies say, and views that are
    /// barriers. In the end they go before the conditions of the filter above.
    pub guards: Vec<Expression>,
    /// Whether guards went there: a condition that may tell of rows what it sees does not choose which are read.
    pub guarded: bool,
    /// The tables whose rows it reads in place of its own, with the same columns under the same relation: itself, if it
    /// has any, and those that inherit from it, which have no members. Without any it reads its own.
    pub members: Vec<Scan>,
}

/// What is read of a row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanColumn {
    /// Which.
    pub source: ScanSource,
    /// Of which type.
    pub column_type: Type,
}

/// What is read of a row of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum ScanSource {
    /// A column by its number, from 1; rows older than it have `missing`.
    Column {
        /// Its number.
        number: u16,
        /// Its name, for texts.
        name: Arc<str>,
        /// Its value in rows that were written before it was added.
        missing: Value,
    },
    /// The row's id, a bigint: `ctid` shows it, changes and locks go by it.
    RowId,
    /// The transaction that wrote it last: `xmin`, xid.
    Writer,
    /// The table's number: `tableoid`.
    TableOid,
    /// The row as a value of its table's row type, or of that of a table which it inherits from: where each of the type's fields
    /// is stored; none for what a dropped column was.
    WholeRow(Arc<[Option<StoredField>]>),
}

/// Where a field of a whole row is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredField {
    /// The place of the column.
    pub place: u16,
    /// Its value in rows that were written before it was added.
    pub missing: Value,
}

/// `TABLESAMPLE`
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// `BERNOULLI`: by rows; `SYSTEM`: by leaves.
    pub by_rows: bool,
    /// Of a hundred, real.
    pub percentage: Box<Expression>,
    /// `REPEATABLE`, double precision.
    pub seed: Option<Box<Expression>>,
}

/// A function in `FROM`.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFunction {
    /// The call, or any expression (one row then).
    pub call: Expression,
    /// Its columns' types; of a row type one for each field.
    pub types: Vec<Type>,
    /// Its columns' names as it or a list of column definitions gives them, for functions that look for fields by name.
    pub names: Vec<Arc<str>>,
    /// Whether the call's value is a row whose fields are the columns.
    pub expand: bool,
    /// Its name, for texts.
    pub name: Arc<str>,
}

/// Kinds of joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinKind {
    /// Pairs.
    Inner,
    /// Pairs, and rows of the left without one.
    Left,
    /// Pairs, and rows of both sides without one. (`RIGHT` is a left join with the sides changed.)
    Full,
    /// Rows of the left that have a partner. Made by the optimiser.
    Semi,
    /// Rows of the left that have none. Made by the optimiser.
    Anti,
    /// Rows of the left that have none, where an unknown comparison counts as one: `NOT IN`. Made by the optimiser.
    AntiNull,
    /// Rows of the left, each with a boolean that says whether it has a partner (null: unknown), for `EXISTS` and `IN` that
    /// are not conditions. Made by the optimiser.
    Mark(RelationId),
    /// Rows of the left, each with its only partner or nulls; several partners are an error (21000). Made by the optimiser.
    Single,
}

/// A join.
#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    /// Its kind.
    pub kind: JoinKind,
    /// The left.
    pub left: Box<Logical>,
    /// The right.
    pub right: Box<Logical>,
    /// Conditions, each of which must be true for a pair.
    pub conditions: Vec<Expression>,
    /// Whether the right side uses columns of the left.
    pub lateral: bool,
}

/// `GROUP BY` and aggregates. Its columns: the grouping expressions, then the aggregates, then the values of `GROUPING`.
#[derive(Debug, Clone, PartialEq)]
pub struct Grouping {
    /// Whose columns.
    pub relation: RelationId,
    /// Of what.
    pub input: Logical,
    /// The grouping expressions, with the orders by which they are equal.
    pub keys: Vec<SortKey>,
    /// `GROUPING SETS`: for each set the places of its keys; keys not in it are null. One set with all keys for a plain
    /// `GROUP BY`; one empty set without.
    pub sets: Vec<Vec<u32>>,
    /// The aggregates.
    pub aggregates: Vec<Aggregate>,
    /// `GROUPING(…)`: for each the places of its arguments among the keys. An integer each.
    pub grouping_calls: Vec<Vec<u32>>,
}

/// Window functions over one partition and order. Its columns: the functions'.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Whose columns.
    pub relation: RelationId,
    /// Of what.
    pub input: Logical,
    /// `PARTITION BY`
    pub partition: Vec<SortKey>,
    /// `ORDER BY`
    pub order: Vec<SortKey>,
    /// The functions, each with its frame.
    pub functions: Vec<WindowCall>,
}

/// Which set operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

/// `UNION`, `INTERSECT`, `EXCEPT`.
#[derive(Debug, Clone, PartialEq)]
pub struct SetOperation {
    /// Whose columns.
    pub relation: RelationId,
    /// Which.
    pub operator: SetOperator,
    /// `ALL`
    pub all: bool,
    /// The sides with their columns, in order and of the same types.
    pub inputs: Vec<(Logical, Vec<Column>)>,
    /// The columns' types, and the orders by which they are equal (empty with `UNION ALL`).
    pub types: Vec<Type>,
    /// By which orders rows are equal.
    pub orders: Vec<types::vector::Order>,
}

/// `WITH RECURSIVE`
#[derive(Debug, Clone, PartialEq)]
pub struct Recursive {
    /// Whose columns.
    pub relation: RelationId,
    /// What the recursive term reads.
    pub work_table: WorkTableId,
    /// The first rows.
    pub start: (Logical, Vec<Column>),
    /// What each round makes of the rows of the one before.
    pub step: (Logical, Vec<Column>),
    /// `UNION` without `ALL`: rows that came already are left out.
    pub distinct: bool,
    /// The columns' types.
    pub types: Vec<Type>,
    /// By which orders rows are equal; empty with `ALL`.
    pub orders: Vec<types::vector::Order>,
}

/// A table whose rows are locked.
#[derive(Debug, Clone, PartialEq)]
pub struct RowLocking {
    /// The column with the row's id, which a [`Scan`] below makes.
    pub row_id: Column,
    /// The table's number.
    pub table: u32,
    /// The tree of its rows.
    pub tree: u64,
    /// How.
    pub strength: LockStrength,
    /// If somebody else holds it.
    pub wait: LockWait,
    /// Where rows of several tables come: the column that says of which, and the tables.
    pub members: Option<(Column, Vec<LockedMember>)>,
}

/// One of several tables whose rows are locked.
#[derive(Debug, Clone, PartialEq)]
pub struct LockedMember {
    /// Its number.
    pub table: u32,
    /// The tree of its rows.
    pub tree: u64,
}

/// How rows are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum LockStrength {
    KeyShare,
    Share,
    NoKeyUpdate,
    Update,
}

impl LockStrength {
    /// As PostgreSQL calls a statement that locks rows so.
    pub const fn statement(self) -> &'static str {
        match self {
            LockStrength::KeyShare => "SELECT FOR KEY SHARE",
            LockStrength::Share => "SELECT FOR SHARE",
            LockStrength::NoKeyUpdate => "SELECT FOR NO KEY UPDATE",
            LockStrength::Update => "SELECT FOR UPDATE",
        }
    }
}

/// What is done about a row that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum LockWait {
    Block,
    NoWait,
    SkipLocked,
}

/// `INSERT`
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// Whose columns: the table's, as they are after the change, for `RETURNING` (a [`Logical::Project`] above).
    pub relation: RelationId,
    /// Into what.
    pub target: Arc<TargetTable>,
    /// What that goes by in the statement.
    pub called: Arc<str>,
    /// What the views through which it is done (`WITH CHECK OPTION`) and policies ask of new rows, over the target's columns.
    pub further_checks: Vec<Check>,
    /// Rows.
    pub input: Logical,
    /// For each column of the target (dropped ones are left out, in order of [`TargetTable::columns`]) its value, over the
    /// input's columns: defaults, identity and casts are in it. Generated columns come from the target.
    pub values: Vec<Expression>,
    /// `ON CONFLICT`
    pub conflict: Option<Conflict>,
    /// Whether the ids of the rows come behind all other columns.
    pub row_ids: bool,
}

/// `ON CONFLICT`
#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    /// The indexes that decide, by their numbers; none means all.
    pub indexes: Vec<u32>,
    /// What is done; `None` is `DO NOTHING`.
    pub update: Option<ConflictUpdate>,
}

/// `DO UPDATE`
#[derive(Debug, Clone, PartialEq)]
pub struct ConflictUpdate {
    /// The columns of the row that is there.
    pub existing: RelationId,
    /// The columns of the row that was to be inserted.
    pub excluded: RelationId,
    /// Columns by their places among the target's, and their new values.
    pub assignments: Vec<(u32, Expression)>,
    /// `WHERE`
    pub condition: Option<Expression>,
    /// What policies ask of the row that is there, over its columns.
    pub existing_checks: Vec<Check>,
}

/// `UPDATE`
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// Whose columns: the table's, after the change. The input's columns go on being visible.
    pub relation: RelationId,
    /// What is changed.
    pub target: Arc<TargetTable>,
    /// What the views through which it is done (`WITH CHECK OPTION`) and policies ask of changed rows, over the target's columns.
    pub further_checks: Vec<Check>,
    /// The rows, joined with whatever `FROM` says.
    pub input: Logical,
    /// The column of the row's id.
    pub row_id: Column,
    /// The column that says of which of the target's members a row is, if it has any.
    pub table_oid: Option<Column>,
    /// Columns by their places among the target's, and their new values over the input's columns.
    pub assignments: Vec<(u32, Expression)>,
    /// Of a view, which has no ids of rows: its columns as they are, over the input's.
    pub found: Vec<Expression>,
}

/// `DELETE`
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// Whose columns: the table's, as they were. The input's columns go on being visible.
    pub relation: RelationId,
    /// From what.
    pub target: Arc<TargetTable>,
    /// The rows, joined with whatever `USING` says.
    pub input: Logical,
    /// The column of the row's id.
    pub row_id: Column,
    /// The column that says of which of the target's members a row is, if it has any.
    pub table_oid: Option<Column>,
    /// Of a view, which has no ids of rows: its columns as they are, over the input's.
    pub found: Vec<Expression>,
}

/// `MERGE`. It has no `RETURNING` in PostgreSQL 15.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Into what.
    pub target: Arc<TargetTable>,
    /// The source, left joined with the target by the condition.
    pub input: Logical,
    /// The column of the target row's id: null where there is no partner.
    pub row_id: Column,
    /// The column that says of which of the target's members a row is, if it has any.
    pub table_oid: Option<Column>,
    /// What policies ask of new rows, over the target's columns.
    pub further_checks: Vec<Check>,
    /// `WHEN`, in order: the first whose condition is true counts.
    pub actions: Vec<MergeAction>,
}

/// `WHEN … THEN …`
#[derive(Debug, Clone, PartialEq)]
pub struct MergeAction {
    /// `MATCHED`
    pub matched: bool,
    /// `AND condition`
    pub condition: Option<Expression>,
    /// What policies ask of the row that is there, over the input's columns.
    pub existing_checks: Vec<Check>,
    /// What is done.
    pub what: MergeWhat,
}

/// What a `MERGE` does with a row.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is what it is called, with the meaning it has in the statements of its name
pub enum MergeWhat {
    Nothing,
    Delete,
    Update(Vec<(u32, Expression)>),
    Insert(Vec<Expression>),
}
