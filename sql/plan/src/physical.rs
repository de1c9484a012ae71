//! How a statement is done: the planner makes it, the executor runs it.
//!
//! Expressions are over slots: the columns of the input chunk; of a join over those of the left, then those of the right.

use crate::expression::{Aggregate, Expression, FunctionId, OuterId, RelationId, SortKey, WindowCall};
use crate::logical::{
    JoinKind, LockStrength, LockWait, OutputColumn, RangeName, RelationUse, Sample, ScanColumn, SetOperator,
    TableFunction,
};
use crate::pruning::Pruning;
use crate::row_ids::RowIds;
use crate::spread::{Nearest, Search};
use crate::target::{Check, TargetTable};
use std::sync::Arc;
use types::Type;
use types::row::RowLayout;

/// A planned statement.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is done.
    pub root: Node,
    /// What the client sees: the root's columns by their places.
    pub output: Vec<(u32, OutputColumn)>,
    /// Subqueries that are run beside it, by [`SubplanId`].
    pub subplans: Vec<Subplan>,
    /// `WITH`, by [`CommonTableId`](crate::logical::CommonTableId).
    pub common_tables: Vec<Subplan>,
    /// The type of each parameter.
    pub parameters: Vec<Type>,
    /// How many entries PostgreSQL's range table would have.
    pub ranges: u32,
    /// How many [`OuterId`]s there are.
    pub outer_values: u32,
    /// How many work tables there are.
    pub work_tables: u32,
    /// What it depends on.
    pub relations: Vec<RelationUse>,
    /// The functions that it calls and that users have made.
    pub functions: Vec<FunctionId>,
    /// The trees of the tables that it reads, if its result depends on nothing besides but parameters and settings.
    pub reads_only: Option<Vec<u64>>,
    /// Statements of rules that are run before it, each of which sees what those before it have done.
    pub before: Vec<Arc<Plan>>,
    /// The same after it.
    pub after: Vec<Arc<Plan>>,
}

impl Plan {
    /// Whether rules have statements run besides it.
    pub fn has_steps(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }
}

/// A subplan by its place in [`Plan::subplans`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubplanId(pub u32);

/// A plan that is run beside another.
#[derive(Debug, Clone, PartialEq)]
pub struct Subplan {
    /// Its name in EXPLAIN: `CTE x`, `SubPlan 1`, `InitPlan 1`.
    pub name: String,
    /// What is done.
    pub root: Node,
    /// Whether it is run at most once, since it uses no outer value.
    pub once: bool,
    /// Whether it calls what may do something, or give something else each time.
    pub volatile: bool,
    /// How it makes its rows, where that can be seen.
    pub making: Making,
    /// Whether it changes rows, and so is run to its end in any case.
    pub changes: bool,
}

/// How the rows of a subplan that uses no outer value are made: where making them does something, it is to be seen how often it is
/// done (PostgreSQL's `build_subplan`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Making {
    /// All of them before the first one is looked at: values are looked for among them by hash.
    Whole,
    /// As far as somebody asks for them. They are kept, and whoever asks again goes on where the last one has stopped.
    Onwards,
    /// Anew for each question: what they are computed of is kept, not they.
    Anew,
}

/// An operator with what the planner expects of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it does.
    pub kind: NodeKind,
    /// The types of its columns.
    pub columns: Vec<Type>,
    /// Its columns by their places that nobody above reads: nulls may stand there. None where that was not looked into.
    pub unasked: Vec<u32>,
    /// What it is expected to cost.
    pub estimate: Estimate,
}

/// What the planner expects, in PostgreSQL's units.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// Before the first row.
    pub startup_cost: f64,
    /// To the end.
    pub total_cost: f64,
    /// Rows.
    pub rows: f64,
    /// Bytes of a row.
    pub width: u32,
}

/// What an operator does.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Rows of expressions without an input; outer values may occur.
    Values {
        /// The rows.
        rows: Vec<Vec<Expression>>,
    },
    /// A table from end to end.
    TableScan(TableScan),
    /// A table by an index.
    IndexScan(IndexScan),
    /// A table by row ids that indexes tell, in the order of its rows.
    BitmapScan(Box<BitmapScan>),
    /// A table of the catalog.
    SystemScan {
        /// Its number.
        table: u32,
        /// Its name.
        name: Arc<str>,
        /// What it goes by in the statement, with all its columns.
        called: RangeName,
        /// Numbers of its columns that are read; [`SYSTEM_TABLE_OID`](crate::logical::SYSTEM_TABLE_OID) is `tableoid`.
        columns: Vec<u16>,
        /// Over the columns.
        filter: Vec<Expression>,
    },
    /// Functions side by side.
    FunctionScan {
        /// The calls.
        functions: Vec<TableFunction>,
        /// `WITH ORDINALITY`
        ordinality: bool,
        /// What it goes by in the statement.
        called: RangeName,
        /// Over its columns.
        filter: Vec<Expression>,
    },
    /// A table of `WITH`.
    CommonTableScan {
        /// Its place in [`Plan::common_tables`].
        table: u32,
        /// Its name.
        name: Arc<str>,
        /// What it goes by in the statement.
        called: RangeName,
    },
    /// The rows of the round before.
    WorkTableScan {
        /// Which.
        table: u32,
        /// What it goes by in the statement.
        called: RangeName,
    },
    /// Rows that whoever runs the statement gives it by a name.
    GivenScan {
        /// The name.
        name: Arc<str>,
        /// What it goes by in the statement.
        called: RangeName,
    },
    /// Rows for which all are true.
    Filter {
        /// Of what.
        input: Box<Node>,
        /// The conditions.
        conditions: Vec<Expression>,
        /// What the query in `FROM` goes by whose rows these are, with its columns, if they are one's.
        called: Option<Arc<RangeName>>,
        /// Whether they are about no row at all: they are asked once, and where they are not true no row is made.
        once: bool,
    },
    /// Expressions.
    Project {
        /// Of what.
        input: Box<Node>,
        /// What.
        expressions: Vec<Expression>,
    },
    /// Set-returning functions: the input's columns, then one for each call.
    ProjectSet {
        /// Of what.
        input: Box<Node>,
        /// The calls.
        calls: Vec<Expression>,
    },
    /// A join by a hash table of the right side's rows. Its columns: the left's, then the right's (none of semi and anti
    /// joins; a boolean of a mark join).
    HashJoin(HashJoin),
    /// A join of two sorted inputs. Kinds: inner, left, full.
    MergeJoin(MergeJoin),
    /// A join of every row with every row, the right side kept.
    NestedLoopJoin {
        /// Its kind.
        kind: PhysicalJoinKind,
        /// The left.
        left: Box<Node>,
        /// The right, run once.
        right: Box<Node>,
        /// Over both.
        conditions: Vec<Expression>,
    },
    /// A join whose right side is run for every row of the left, with outer values.
    Apply {
        /// Its kind.
        kind: PhysicalJoinKind,
        /// The left.
        left: Box<Node>,
        /// The right.
        right: Box<Node>,
        /// Outer values, each a slot of the left.
        outer: Vec<(OuterId, u32)>,
        /// Over both.
        conditions: Vec<Expression>,
    },
    /// A join whose right side is looked up in an index for the rows of the left, many at a time.
    LookupJoin {
        /// Its kind.
        kind: PhysicalJoinKind,
        /// The left.
        left: Box<Node>,
        /// The right; its bounds' expressions are over the left's columns, its filter over its own.
        right: Box<IndexScan>,
        /// The types of the right's columns.
        right_columns: Vec<Type>,
        /// Over both.
        conditions: Vec<Expression>,
    },
    /// Grouping by a hash table; groups come in the order of their first rows. Its columns: keys, aggregates, grouping calls.
    HashAggregate(Box<AggregateNode>),
    /// Grouping of an input that is sorted by the keys. With one set.
    SortedAggregate(Box<AggregateNode>),
    /// Window functions of an input that is sorted by partition and order. Its columns: the input's, then the functions'.
    Window {
        /// Of what.
        input: Box<Node>,
        /// Partition; over the input.
        partition: Vec<SortKey>,
        /// Order; over the input.
        order: Vec<SortKey>,
        /// The functions.
        functions: Vec<WindowCall>,
        /// Conditions over its columns that are false for all rows of a partition behind one for which they are not true:
        /// those rows are left out.
        until: Vec<Expression>,
    },
    /// Sorting, stable.
    Sort {
        /// Of what.
        input: Box<Node>,
        /// By what.
        keys: Vec<SortKey>,
        /// How many of the keys the input is sorted by already.
        presorted: u32,
    },
    /// The first rows of a sort.
    TopN {
        /// Of what.
        input: Box<Node>,
        /// By what.
        keys: Vec<SortKey>,
        /// At most how many.
        limit: Expression,
        /// After how many.
        offset: Option<Expression>,
    },
    /// `LIMIT`, `OFFSET`
    Limit {
        /// Of what.
        input: Box<Node>,
        /// At most how many.
        limit: Option<Expression>,
        /// After how many.
        offset: Option<Expression>,
        /// `WITH TIES`: by what the input is sorted.
        with_ties: Vec<SortKey>,
    },
    /// The first of rows that are equal, by a hash table.
    HashDistinct {
        /// Of what.
        input: Box<Node>,
        /// By what.
        keys: Vec<SortKey>,
    },
    /// The first of rows that are equal, of a sorted input.
    SortedDistinct {
        /// Of what.
        input: Box<Node>,
        /// By what.
        keys: Vec<SortKey>,
    },
    /// All rows of all inputs, one after the other.
    Append {
        /// Of what.
        inputs: Vec<Node>,
        /// The name of the table whose members' rows these are, as the statement calls it; none of set operations.
        members_of: Option<Arc<str>>,
        /// Whether the last input comes first.
        backward: bool,
        /// Which inputs need not be read, if values that come later tell.
        pruning: Option<Arc<Pruning>>,
    },
    /// All rows of inputs that are sorted by the same keys, in their order. Of equal rows those of earlier inputs come first.
    MergeAppend {
        /// Of what.
        inputs: Vec<Node>,
        /// By what.
        keys: Vec<SortKey>,
        /// As of [`NodeKind::Append`].
        members_of: Option<Arc<str>>,
        /// Likewise.
        pruning: Option<Arc<Pruning>>,
    },
    /// `INTERSECT`, `EXCEPT` by a hash table.
    SetOperation {
        /// Which.
        operator: SetOperator,
        /// `ALL`
        all: bool,
        /// The sides.
        inputs: Box<(Node, Node)>,
        /// By which orders rows are equal.
        orders: Vec<types::vector::Order>,
    },
    /// `INTERSECT`, `EXCEPT` of rows of both sides in one input that is sorted by all columns but the last, an integer that says
    /// of which side a row is: 0 or 1. Its columns are those without it.
    SortedSetOperation {
        /// Which.
        operator: SetOperator,
        /// `ALL`
        all: bool,
        /// The rows.
        input: Box<Node>,
        /// By what it is sorted.
        keys: Vec<SortKey>,
        /// What its columns are called.
        names: Vec<Arc<str>>,
    },
    /// `WITH RECURSIVE`
    Recursive {
        /// What the step reads.
        work_table: u32,
        /// The first rows.
        start: Box<Node>,
        /// What each round makes of the one before.
        step: Box<Node>,
        /// `UNION` without `ALL`: by which orders.
        distinct: Option<Vec<types::vector::Order>>,
        /// Whether nobody can tell how many rounds were made, but by their rows.
        quiet: bool,
        /// The tables of `WITH` that are made anew for each round, since they read its rows.
        renewed: Vec<u32>,
    },
    /// Its rows are kept for each of the outer values that it depends on, for being run again with the same ones.
    Memoize {
        /// Of what.
        input: Box<Node>,
        /// The outer values, with the orders by which they are the same; values that are equal are the same in every way.
        keys: Vec<(OuterId, Type, types::vector::Order)>,
    },
    /// Locks rows.
    LockRows {
        /// Of what.
        input: Box<Node>,
        /// Which, how.
        locks: Vec<PhysicalLocking>,
        /// What its rows are made of.
        scans: Vec<PinnedScan>,
    },
    /// `INSERT`. Its columns: the target's after the change.
    Insert {
        /// Into what.
        target: Arc<TargetTable>,
        /// What that goes by in the statement.
        called: Arc<str>,
        /// Rows.
        input: Box<Node>,
        /// For each column of the target its value, over the input.
        values: Vec<Expression>,
        /// `ON CONFLICT`
        conflict: Option<PhysicalConflict>,
        /// Whether the ids of the rows come behind all other columns.
        row_ids: bool,
    },
    /// `UPDATE`. Its columns: the input's, then the target's after the change.
    Update {
        /// What.
        target: Arc<TargetTable>,
        /// The rows.
        input: Box<Node>,
        /// The slot of the row's id.
        row_id: u32,
        /// The slot that says of which of the target's members a row is.
        table_oid: Option<u32>,
        /// What the rows are made of.
        scans: Vec<PinnedScan>,
        /// Columns by their places among the target's, and their new values over the input.
        assignments: Vec<(u32, Expression)>,
        /// Of a view: its columns as they are, over the input.
        found: Vec<Expression>,
    },
    /// `DELETE`. Its columns: the input's, then the target's before the change.
    Delete {
        /// From what.
        target: Arc<TargetTable>,
        /// The rows.
        input: Box<Node>,
        /// The slot of the row's id.
        row_id: u32,
        /// The slot that says of which of the target's members a row is.
        table_oid: Option<u32>,
        /// What the rows are made of.
        scans: Vec<PinnedScan>,
        /// Of a view: its columns as they are, over the input.
        found: Vec<Expression>,
    },
    /// `MERGE`. It has no columns.
    Merge {
        /// Into what.
        target: Arc<TargetTable>,
        /// The rows.
        input: Box<Node>,
        /// The slot of the target row's id.
        row_id: u32,
        /// The slot that says of which of the target's members a row is.
        table_oid: Option<u32>,
        /// What the rows are made of.
        scans: Vec<PinnedScan>,
        /// What is done, over the input.
        actions: Vec<crate::logical::MergeAction>,
    },
}

/// A table from end to end, in the order of row ids.
#[derive(Debug, Clone, PartialEq)]
pub struct TableScan {
    /// Whose columns, within its statement.
    pub relation: RelationId,
    /// The table's number.
    pub table: u32,
    /// The tree of its rows.
    pub tree: u64,
    /// Its name, and the one it goes by.
    pub name: Arc<str>,
    /// The name it goes by.
    pub alias: Arc<str>,
    /// Where the columns of its rows lie.
    pub layout: Arc<RowLayout>,
    /// What is read.
    pub columns: Vec<ScanColumn>,
    /// Over what is read.
    pub filter: Vec<Expression>,
    /// `TABLESAMPLE`
    pub sample: Option<Sample>,
    /// Which of its rows, if conditions on their ids tell that.
    pub row_ids: Option<RowIds>,
    /// Which columns begin the keys of an index that has all rows: whoever learns which values are of use may look them up.
    pub keyed: Vec<KeyedColumn>,
}

/// A column by whose values an index finds rows.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyedColumn {
    /// The column's place among those that are read.
    pub slot: u32,
    /// The index's tree.
    pub index_tree: u64,
    /// How the first of its keys, which is this column, is ordered.
    pub key: IndexKey,
}

/// A table by an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexScan {
    /// The table, what is read of it, and the filter.
    pub scan: TableScan,
    /// The index's number.
    pub index: u32,
    /// Its tree.
    pub index_tree: u64,
    /// Its name.
    pub index_name: Arc<str>,
    /// How its keys are ordered: as [`TargetIndex::keys`](crate::target::TargetIndex::keys), by type, direction and nulls.
    pub keys: Vec<IndexKey>,
    /// The types of its included columns.
    pub include: Vec<Type>,
    /// Whether its keys stand once at any time: not if that is looked at later.
    pub unique: bool,
    /// Whether it has only the rows that fulfil a condition.
    pub partial: bool,
    /// Ranges of keys, disjoint and in order; each is gone through.
    pub ranges: Vec<KeyRange>,
    /// Whether backwards.
    pub backward: bool,
    /// For each column that is read its place in the index (keys, then included ones), if all are there: the table is
    /// not looked at.
    pub index_only: Option<Vec<u32>>,
    /// The first key of those that a comparison of rows bounds, if the ranges stand for one: the first of them names all
    /// its values.
    pub compared_from: Option<u32>,
    /// What is asked of an index whose entries are not in the order of its keys; empty of another. Rows come in their own order, those that fulfil all of it among them.
    pub searches: Vec<Search>,
    /// The conditions that ask it, over the scan's columns.
    pub asked: Vec<Expression>,
    /// What of such an index the rows come nearest to first, over the scan's columns.
    pub nearest: Option<Nearest>,
}

/// A table by row ids that indexes tell, in the order of its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct BitmapScan {
    /// The table, what is read of it, and what the row ids say nothing of.
    pub scan: TableScan,
    /// The conditions that every row that is found fulfils.
    pub fulfilled: Vec<Expression>,
    /// Whether that has to be looked at, as some index tells of more rows.
    pub recheck: bool,
    /// Where the row ids come from.
    pub bitmap: Bitmap,
}

impl BitmapScan {
    /// The same rows without an index: for a row that is looked at again.
    pub fn as_table_scan(&self) -> TableScan {
        let mut scan = self.scan.clone();
        scan.filter.extend(self.fulfilled.iter().cloned());
        scan
    }
}

/// Row ids from indexes.
#[derive(Debug, Clone, PartialEq)]
pub enum Bitmap {
    /// Of one, of whose table nothing is read.
    Index(Box<IndexScan>, Estimate),
    /// Those that are in all.
    And(Vec<Bitmap>, Estimate),
    /// Those that are in any.
    Or(Vec<Bitmap>, Estimate),
}

impl Bitmap {
    /// Calls with each index.
    pub fn for_each_index<'a>(&'a self, visit: &mut dyn FnMut(&'a IndexScan)) {
        match self {
            Bitmap::Index(index, _) => visit(index),
            Bitmap::And(parts, _) | Bitmap::Or(parts, _) => {
                parts.iter().for_each(|part| part.for_each_index(visit));
            }
        }
    }
}

impl IndexScan {
    /// Whether it goes through all of its index.
    pub fn is_whole(&self) -> bool {
        let whole = |range: &KeyRange| {
            range.equal.is_empty() && range.among.is_none() && range.low.is_none() && range.high.is_none()
        };
        let of_ranges = self.searches.is_empty() && self.nearest.is_none();
        of_ranges && matches!(self.ranges.as_slice(), [range] if whole(range) && range.nulls)
    }

    /// The same rows by their ids: of an index that is not in the order of its keys.
    pub fn as_bitmap_scan(&self, estimate: Estimate) -> BitmapScan {
        let index = IndexScan { asked: Vec::new(), ..self.clone() };
        BitmapScan {
            scan: self.scan.clone(),
            fulfilled: self.asked.clone(),
            recheck: true,
            bitmap: Bitmap::Index(Box::new(index), estimate),
        }
    }

    /// Whether there is at most one row, whose whole key is known.
    pub fn is_point(&self) -> bool {
        let whole = |range: &KeyRange| {
            range.equal.len() == self.keys.len() && range.equal.iter().all(Option::is_some)
        };
        self.unique && matches!(self.ranges.as_slice(), [range] if whole(range))
    }
}

/// How a key of an index is ordered.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexKey {
    /// Its type.
    pub key_type: Type,
    /// The number of the table's column that it is, unless it is computed.
    pub column: Option<u16>,
    /// By which order.
    pub order: types::vector::Order,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST`
    pub nulls_first: bool,
}

/// A range of an index: equal in the first keys, then between bounds in the next. Expressions of the keys' types; a null
/// makes it empty.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyRange {
    /// The first keys' values; `None` means `IS NULL`.
    pub equal: Vec<Option<Expression>>,
    /// An array whose elements are the values of the next, if they are known when it is run; nothing else bounds that then.
    pub among: Option<Expression>,
    /// The least of the next, and whether it is in it (in the order of values, not of the index).
    pub low: Option<(Expression, bool)>,
    /// The greatest.
    pub high: Option<(Expression, bool)>,
    /// Whether nulls of the next are in it: `IS NOT NULL` without bounds leaves them out, no condition keeps them.
    pub nulls: bool,
    /// Whether a condition asks for that: for texts.
    pub not_null: bool,
}

impl KeyRange {
    /// All keys.
    pub fn all() -> KeyRange {
        KeyRange { equal: Vec::new(), among: None, low: None, high: None, nulls: true, not_null: false }
    }

    /// The keys that begin with a value.
    pub fn of(value: Option<Expression>) -> KeyRange {
        KeyRange { equal: vec![value], ..KeyRange::all() }
    }
}

/// Kinds of joins after planning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // as JoinKind; RightSemi and RightAnti hand up rows of the right, Right keeps rows of the right
pub enum PhysicalJoinKind {
    Inner,
    Left,
    Right,
    Full,
    Semi,
    Anti,
    AntiNull,
    Mark,
    Single,
    RightSemi,
    RightAnti,
}

impl PhysicalJoinKind {
    /// Whether each row of the left tells of nothing but itself, so that rows of the left may be left out which whoever is above
    /// has no use for.
    pub fn is_by_rows_of_left(self) -> bool {
        match self {
            PhysicalJoinKind::Inner
            | PhysicalJoinKind::Left
            | PhysicalJoinKind::Semi
            | PhysicalJoinKind::Anti
            | PhysicalJoinKind::AntiNull
            | PhysicalJoinKind::Mark => true,
            PhysicalJoinKind::Right
            | PhysicalJoinKind::Full
            | PhysicalJoinKind::Single
            | PhysicalJoinKind::RightSemi
            | PhysicalJoinKind::RightAnti => false,
        }
    }
}

impl From<JoinKind> for PhysicalJoinKind {
    fn from(kind: JoinKind) -> PhysicalJoinKind {
        match kind {
            JoinKind::Inner => PhysicalJoinKind::Inner,
            JoinKind::Left => PhysicalJoinKind::Left,
            JoinKind::Full => PhysicalJoinKind::Full,
            JoinKind::Semi => PhysicalJoinKind::Semi,
            JoinKind::Anti => PhysicalJoinKind::Anti,
            JoinKind::AntiNull => PhysicalJoinKind::AntiNull,
            JoinKind::Mark(_) => PhysicalJoinKind::Mark,
            JoinKind::Single => PhysicalJoinKind::Single,
        }
    }
}

/// A join by a hash table.
#[derive(Debug, Clone, PartialEq)]
pub struct HashJoin {
    /// Its kind.
    pub kind: PhysicalJoinKind,
    /// The side that is looked up.
    pub left: Box<Node>,
    /// The side that the table is made of.
    pub right: Box<Node>,
    /// Pairs of expressions that must be equal, over the left and over the right, by this order.
    pub keys: Vec<(Expression, Expression, types::vector::Order)>,
    /// Whether nulls are equal (`IS NOT DISTINCT FROM`, made by decorrelation); for each pair.
    pub nulls_equal: Vec<bool>,
    /// Further conditions, over both.
    pub conditions: Vec<Expression>,
}

/// A join of two sorted inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct MergeJoin {
    /// Its kind.
    pub kind: PhysicalJoinKind,
    /// The left, sorted.
    pub left: Box<Node>,
    /// The right, sorted.
    pub right: Box<Node>,
    /// Pairs that must be equal: both inputs are sorted by them.
    pub keys: Vec<(SortKey, SortKey)>,
    /// Further conditions, over both.
    pub conditions: Vec<Expression>,
}

/// Grouping.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateNode {
    /// Of what.
    pub input: Node,
    /// The keys, over the input.
    pub keys: Vec<SortKey>,
    /// For each set the places of its keys.
    pub sets: Vec<Vec<u32>>,
    /// In which order the groups of several sets come; empty if set by set.
    pub phases: Vec<Phase>,
    /// The aggregates, over the input.
    pub aggregates: Vec<Aggregate>,
    /// `GROUPING(…)`
    pub grouping_calls: Vec<Vec<u32>>,
}

/// How some of several grouping sets are grouped. Those by order come first, whatever stands before them.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// A set by hash: its place.
    Hashed(u32),
    /// Sets by the order of keys, each beginning with the next: the groups come in that order, smaller ones before those that
    /// they are within.
    Sorted {
        /// The keys.
        keys: Vec<u32>,
        /// The places of the sets.
        sets: Vec<u32>,
    },
}

/// A scan of which each row of an input tells the row that it was made of. When one of them has changed the input is looked at
/// again with these rows alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedScan {
    /// [`TableScan::relation`].
    pub relation: RelationId,
    /// The slot of the row's id.
    pub row_id: u32,
    /// The slot that says of which table the row is, if it may be of several.
    pub table_oid: Option<u32>,
}

/// A table whose rows are locked.
#[derive(Debug, Clone, PartialEq)]
pub struct PhysicalLocking {
    /// The slot of the row's id.
    pub row_id: u32,
    /// The table's number.
    pub table: u32,
    /// The tree of its rows.
    pub tree: u64,
    /// How.
    pub strength: LockStrength,
    /// If somebody else holds it.
    pub wait: LockWait,
    /// Where rows of several tables come: the slot that says of which, and the tables.
    pub members: Option<(u32, Vec<crate::logical::LockedMember>)>,
}

/// `ON CONFLICT`, over the existing row's columns, then the excluded row's.
#[derive(Debug, Clone, PartialEq)]
pub struct PhysicalConflict {
    /// The indexes that decide; none means all.
    pub indexes: Vec<u32>,
    /// What is done; `None` is `DO NOTHING`.
    pub update: Option<PhysicalConflictUpdate>,
}

impl PhysicalConflict {
    /// Whether rows that come back have `xmax` behind their columns: it tells those that were updated from new ones. Rows that
    /// find their table by themselves have none.
    pub fn tells_ender(&self, target: &TargetTable) -> bool {
        self.update.is_some() && target.routing.is_none() && !target.is_view
    }
}

/// `DO UPDATE`
#[derive(Debug, Clone, PartialEq)]
pub struct PhysicalConflictUpdate {
    /// Columns by their places among the target's, and their new values.
    pub assignments: Vec<(u32, Expression)>,
    /// `WHERE`
    pub condition: Option<Expression>,
    /// What policies ask of the row that is there.
    pub existing_checks: Vec<Check>,
}
