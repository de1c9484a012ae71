//! What the planner asks of the world: catalog, functions, store, settings. Whoever plans a statement implements it.

use crate::cost::type_width;
use crate::expression::{Call, Column, Expression, ExpressionKind, FunctionId, RelationId};
use crate::logical::Query;
use crate::partition::Routing;
use crate::spread::{Question, SpreadKey};
use crate::target::TargetIndex;
use std::sync::Arc;
use types::vector::{Operator, Order};
use types::{Type, Value};

/// Values between two, each of them included or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// The least.
    pub low: (Value, bool),
    /// The greatest, if there is one.
    pub high: Option<(Value, bool)>,
}

/// What the planner asks. Everything here is answered from what is in memory; nothing changes while a statement is planned.
pub trait Facts {
    /// The settings of the session.
    fn settings(&self) -> &PlannerSettings;

    /// What is known of a table. Unknown ones have no rows and no indexes.
    fn table(&self, table: u32) -> Arc<TableFacts>;

    /// The same of a table with those that inherit from it, whose rows are not counted.
    fn family(&self, table: u32) -> Arc<TableFacts> {
        self.table(table)
    }

    /// How the rows of a partitioned table find their partition, with keys over its columns by their places, and the numbers
    /// of those columns; none of other tables.
    fn routing(&self, _table: u32) -> Option<(Arc<Routing>, Vec<u16>)> {
        None
    }

    /// What all rows of a table keep, each over its columns by their places, and the numbers of those columns.
    fn kept_checks(&self, _table: u32) -> (Vec<Expression>, Vec<u16>) {
        (Vec::new(), Vec::new())
    }

    /// What is said to who wants rows of a foreign table; none of other tables.
    fn no_handler(&self, _table: u32) -> Option<String> {
        None
    }

    /// How many rows lie between two bounds of an index's first key, if it can be told from the tree's pages.
    fn key_range_rows(&self, index: u32, low: Option<&Value>, high: Option<&Value>) -> Option<f64>;

    /// How a function may be treated.
    fn function(&self, function: FunctionId) -> FunctionFacts;

    /// What a function compares, if it is a comparison of a btree order.
    fn comparison(&self, function: FunctionId) -> Option<Comparison>;

    /// The same of a call with sides of these types: a function for all enums, arrays or ranges compares by the order of the one
    /// type that both sides are of.
    fn comparison_of_sides(&self, function: FunctionId, left: Type, right: Type) -> Option<Comparison> {
        let _ = (left, right);
        self.comparison(function)
    }

    /// A comparison of a moment with a date, or of moments of both types; sides are brought to the later of both types.
    fn comparison_of_moments(&self, _function: FunctionId) -> Option<Comparison> {
        None
    }

    /// What a function asks of an index that is not ordered, whose key is its first argument.
    fn question(&self, _of: SpreadKey, _function: FunctionId) -> Option<Question> {
        None
    }

    /// Whether a function tells how far a key of such an index, its first argument, is from its second, and the index can tell its rows in
    /// that order.
    fn is_distance(&self, _of: SpreadKey, _function: FunctionId) -> bool {
        false
    }

    /// The function of an operator with its sides exchanged, and its name.
    fn commutator(&self, _function: FunctionId) -> Option<(FunctionId, Arc<str>)> {
        None
    }

    /// Whether hashes may stand for a function's equality, and whether sorted rows may: of whatever types it compares.
    fn equality(&self, function: FunctionId) -> (bool, bool) {
        let equal = self.comparison(function).is_some_and(|known| known.operator == Operator::Equal);
        (equal, equal)
    }

    /// The function that is true where this one is false (of an operator that has a negator).
    fn negator(&self, function: FunctionId) -> Option<(FunctionId, Arc<str>)>;

    /// The function of a comparison of two types: for conditions that follow from others, and for ranges.
    fn comparison_of(&self, operator: Operator, left: Type, right: Type) -> Option<(FunctionId, Arc<str>)>;

    /// The order of a type.
    fn order(&self, of: Type) -> Option<Order>;

    /// The value of an expression without columns, parameters and volatile or stable functions; `None` if it is an error.
    fn fold(&self, expression: &Expression) -> Option<Value>;

    /// What the statement of a function in SQL means that may stand for its calls with arguments of these types: it has only one, gives
    /// one value, and runs as whoever calls it, who may. None of other functions.
    fn body(&self, _function: FunctionId, _arguments: &[Type], _result: Type) -> Option<Query> {
        None
    }

    /// Evaluates what [`Facts::fold`] cannot: the error is that of the statement, and whoever plans it is told. `within`: the function that
    /// it is a part of.
    fn demand(&self, _expression: &Expression, _within: Option<FunctionId>) {}

    /// Whether what [`Facts::fold`] evaluates from now on is only tried, so that nobody is told what it says.
    fn try_only(&self, _trial: bool) {}

    /// Between which values all lie of which a function says that they begin as a constant does: texts that are `LIKE` a
    /// pattern with a fixed beginning, addresses within a network. `second`: whether the constant stands behind. `None` if it
    /// is no such function.
    fn between(&self, function: FunctionId, constant: &Value, second: bool) -> Option<Between>;

    /// How the part of rows is estimated for which a function is true, if it is that of an operator: `pg_operator.oprrest`.
    fn estimator(&self, _function: FunctionId) -> &'static str {
        ""
    }

    /// For which of the values of a type, as its first argument, a call whose second is a constant is true; `None` if that
    /// cannot be told.
    fn matches(&self, _call: &Call, _of: Type, _values: &[&Value]) -> Option<Vec<bool>> {
        None
    }

    /// A function's name, as SQL writes it.
    fn function_name(&self, function: FunctionId) -> Arc<str>;

    /// The type of an array type's elements.
    fn element_type(&self, array: Type) -> Option<Type>;

    /// Whether values of a type are rows, of whose fields `IS NULL` and `IS NOT NULL` ask.
    fn is_row(&self, of: Type) -> bool;

    /// A type's name as SQL writes it.
    fn type_name(&self, of: Type) -> String;

    /// A value's text; never asked for null.
    fn value_text(&self, of: Type, value: &Value) -> String;

    /// The schema of a table, for `EXPLAIN (VERBOSE)`.
    fn schema_name(&self, table: u32) -> Arc<str>;

    /// The schema of a function, for `EXPLAIN (VERBOSE)`.
    fn function_schema(&self, function: FunctionId) -> Arc<str>;

    /// The names of a composite type's fields.
    fn field_name(&self, composite: Type, index: u32) -> Arc<str>;
}

/// Settings that the planner looks at, named as PostgreSQL's are.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // each is PostgreSQL's setting of its name
pub struct PlannerSettings {
    /// Without it no rewrite happens and every operator is done in its plainest way: the other side of comparisons.
    pub optimise: bool,
    pub enable_hashjoin: bool,
    pub enable_mergejoin: bool,
    pub enable_nestloop: bool,
    pub enable_seqscan: bool,
    pub enable_indexscan: bool,
    pub enable_indexonlyscan: bool,
    pub enable_bitmapscan: bool,
    pub enable_tidscan: bool,
    pub enable_hashagg: bool,
    pub enable_sort: bool,
    pub enable_incremental_sort: bool,
    pub enable_material: bool,
    pub enable_memoize: bool,
    pub enable_partition_pruning: bool,
    pub constraint_exclusion: Exclusion,
    /// Kilobytes.
    pub work_mem: u64,
    pub seq_page_cost: f64,
    pub random_page_cost: f64,
    pub cpu_tuple_cost: f64,
    pub cpu_index_tuple_cost: f64,
    pub cpu_operator_cost: f64,
    /// Pages of 8 kB.
    pub effective_cache_size: f64,
    /// Up to how many relations all join orders are tried.
    pub join_limit: u32,
}

/// Of which tables it is asked whether their checks leave any row for the conditions: `constraint_exclusion`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exclusion {
    /// Of none.
    Off,
    /// Of those that inherit, and what they inherit from.
    Members,
    /// Of all.
    All,
}

impl Default for PlannerSettings {
    fn default() -> PlannerSettings {
        PlannerSettings {
            optimise: true,
            enable_hashjoin: true,
            enable_mergejoin: true,
            enable_nestloop: true,
            enable_seqscan: true,
            enable_indexscan: true,
            enable_indexonlyscan: true,
            enable_bitmapscan: true,
            enable_tidscan: true,
            enable_hashagg: true,
            enable_sort: true,
            enable_incremental_sort: true,
            enable_material: true,
            enable_memoize: true,
            enable_partition_pruning: true,
            constraint_exclusion: Exclusion::Members,
            work_mem: 4096,
            seq_page_cost: 1.0,
            random_page_cost: 4.0,
            cpu_tuple_cost: 0.01,
            cpu_index_tuple_cost: 0.005,
            cpu_operator_cost: 0.0025,
            effective_cache_size: 524_288.0,
            join_limit: 12,
        }
    }
}

/// How a function may be treated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunctionFacts {
    /// Whether its result may change.
    pub volatility: Volatility,
    /// Whether a null argument makes it null, without a call.
    pub strict: bool,
    /// Whether it gives a set of rows, and about how many.
    pub returns_set: Option<f64>,
    /// `procost`.
    pub cost: f64,
    /// Whether it tells nothing of its arguments but its result.
    pub leakproof: bool,
    /// What an aggregate is to the planner.
    pub aggregate: AggregateKind,
    /// Whether an aggregate of no rows is null.
    pub null_when_empty: bool,
}

/// When a function's result may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is PostgreSQL's
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// What an aggregate is to the planner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AggregateKind {
    /// Nothing special, or no aggregate.
    Other,
    /// `count(*)`: rows of a table are known by its tree.
    CountRows,
    /// `count(x)`: zero, not null, without rows.
    CountValues,
    /// `min`: the first of an index.
    Least,
    /// `max`: the last of an index.
    Greatest,
}

/// A comparison of a btree order.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Which.
    pub operator: Operator,
    /// By which order.
    pub order: Order,
    /// The type of the order, to which a side is brought by a cast that loses nothing if it is of another one.
    pub common: Type,
    /// The cast of the left side, if it needs one.
    pub left_cast: Option<FunctionId>,
    /// The cast of the right side, if it needs one.
    pub right_cast: Option<FunctionId>,
    /// The function with its sides exchanged, and its name.
    pub commutator: (FunctionId, Arc<str>),
}

impl Comparison {
    /// How one side compares with the other one, the cast that it needs, and that of the other.
    pub fn seen_from(&self, left: bool) -> (Operator, Option<FunctionId>, Option<FunctionId>) {
        match left {
            true => (self.operator, self.left_cast, self.right_cast),
            false => (self.operator.flipped(), self.right_cast, self.left_cast),
        }
    }
}

/// What is known of a table.
#[derive(Debug, Clone, Default)]
pub struct TableFacts {
    /// Its rows: exactly, if it was analysed or is large.
    pub rows: f64,
    /// Its pages of 8 kB.
    pub pages: f64,
    /// Columns that are never null, by number.
    pub not_null: Vec<u16>,
    /// Its indexes, in the order of their names.
    pub indexes: Vec<Arc<IndexFacts>>,
    /// Statistics of `ANALYZE`, by column number, ascending.
    pub statistics: Vec<(u16, Arc<dyn KnownColumn>)>,
    /// Statistics of several columns together, by number.
    pub combined: Vec<Arc<CombinedStatistics>>,
}

/// Whose columns the expressions of statistics are over: their places are the numbers of a table's columns.
pub const GATHERED: RelationId = RelationId(u32::MAX);

/// Statistics of several columns and expressions together, as `pg_stats_ext` shows them. What is told of some of them is told of
/// their places: of the columns, then of the expressions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CombinedStatistics {
    /// The numbers of the columns, ascending.
    pub columns: Vec<u16>,
    /// The expressions, over [`GATHERED`], as [`gathered`] makes them.
    pub expressions: Vec<Expression>,
    /// What is known of each expression's values.
    pub of_expressions: Vec<Option<ColumnStatistics>>,
    /// How many different combinations some have.
    pub distinct: Vec<(Vec<u16>, f64)>,
    /// Which part of the rows some, all but the last, tell the last one in.
    pub dependencies: Vec<(Vec<u16>, f64)>,
    /// The most common combinations.
    pub common: Vec<CommonCombination>,
}

impl CombinedStatistics {
    /// How many columns and expressions there are.
    pub fn width(&self) -> usize {
        self.columns.len() + self.expressions.len()
    }
}

/// Evaluates what is known beforehand in an expression that conditions of statements are compared with.
pub fn folded(expression: &mut Expression, facts: &dyn Facts) {
    crate::rewrite::fold(expression, facts);
}

/// An expression over the columns of a relation, whose numbers are told by their places, as statistics have it: what is known
/// beforehand is evaluated, as it is in statements.
pub fn gathered(mut expression: Expression, numbers: &[u16], facts: &dyn Facts) -> Expression {
    expression.rewrite(&mut |part| {
        if let ExpressionKind::Column(column) = &mut part.kind {
            let number = numbers.get(column.index as usize).copied().unwrap_or(0);
            *column = Column { relation: GATHERED, index: u32::from(number) };
        }
    });
    folded(&mut expression, facts);
    while let ExpressionKind::Relabel(operand) = expression.kind {
        expression = *operand;
    }
    expression
}

/// A combination of values that is common.
#[derive(Debug, Clone, PartialEq)]
pub struct CommonCombination {
    /// Its values, by the places of columns and expressions.
    pub values: Vec<Value>,
    /// Which part of the rows has it.
    pub frequency: f64,
    /// Which part would have it if the columns had nothing to do with one another.
    pub base: f64,
}

/// Where statistics of a column are: they need not be made before somebody asks for them, and of most columns nobody does.
pub trait KnownColumn: std::fmt::Debug + Send + Sync {
    /// The statistics.
    fn statistics(&self) -> &ColumnStatistics;
}

impl KnownColumn for ColumnStatistics {
    fn statistics(&self) -> &ColumnStatistics {
        self
    }
}

impl TableFacts {
    /// Whether something is known of expressions.
    pub fn has_gathered(&self) -> bool {
        self.combined.iter().any(|known| !known.expressions.is_empty())
    }

    /// Statistics of a column.
    pub fn statistics_of(&self, number: u16) -> Option<&ColumnStatistics> {
        let found = self.statistics.binary_search_by_key(&number, |statistics| statistics.0).ok()?;
        Some(self.statistics[found].1.statistics())
    }
}

/// Rows and pages of a table that nobody has analysed. Such a table may be about to be filled, so it counts as ten pages at
/// least if it is `fresh` (PostgreSQL's `estimate_rel_size`).
pub fn unanalysed_size(rows: f64, types: impl Iterator<Item = Type>, fresh: bool) -> (f64, f64) {
    /// Of a page, what rows may take.
    const USABLE: u32 = 8192 - 24;
    /// Of a row, what is neither key nor value.
    const OVERHEAD: u32 = 28;
    const FRESH_PAGES: f64 = 10.0;
    let width = types.map(type_width).sum::<u32>() + OVERHEAD;
    let density = f64::from((USABLE / width).max(1));
    let pages = (rows / density).ceil().max(1.0);
    if fresh && pages < FRESH_PAGES { (rows.max(density * FRESH_PAGES), FRESH_PAGES) } else { (rows, pages) }
}

/// Pages of an index of so many rows, as full as PostgreSQL leaves them.
pub fn index_pages(rows: f64, types: impl Iterator<Item = Type>) -> f64 {
    /// Of a page, what entries may take.
    const USABLE: u32 = (8192 - 40) / 10 * 9;
    let keys = types.map(type_width).sum::<u32>() + 8;
    // Entries begin at multiples of eight, and each has a pointer at the page's begin.
    let width = keys.div_ceil(8) * 8 + 4;
    (rows / f64::from((USABLE / width).max(1))).ceil().max(1.0)
}

/// What is known of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexFacts {
    /// The index, as a change of the table sees it. Its expressions are over columns of `relation`, whose places are those of
    /// `columns`.
    pub index: TargetIndex,
    /// Numbers of the table's columns that its expressions, and its included columns, name by their places.
    pub columns: Vec<u16>,
    /// The types of the included columns.
    pub include_types: Vec<Type>,
    /// Its pages of 8 kB.
    pub pages: f64,
    /// The height of its tree.
    pub height: f64,
}

/// Statistics of a column, as `pg_stats` shows them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ColumnStatistics {
    /// Which part is null.
    pub null_fraction: f64,
    /// Bytes of a value on average.
    pub width: u32,
    /// How many different values; negative: the part of the rows that are different, as PostgreSQL has it.
    pub distinct: f64,
    /// The most common values and which part of the rows they are.
    pub common: Vec<(Value, f64)>,
    /// Bounds of parts with the same number of rows each, most common values left out.
    pub histogram: Vec<Value>,
    /// How far the order of values is the order of rows.
    pub correlation: f64,
}

impl ColumnStatistics {
    /// How many different values there are in so many rows.
    pub fn distinct_values(&self, rows: f64) -> f64 {
        let distinct = if self.distinct < 0.0 { -self.distinct * rows } else { self.distinct };
        distinct.clamp(1.0, rows.max(1.0))
    }
}
