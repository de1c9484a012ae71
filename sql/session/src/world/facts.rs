//! What the planner asks: answered from the catalog's snapshot, the table of functions, the store's trees and settings.

use crate::privileges::may_execute;
use crate::settings::Settings;
use crate::world::tables::{Tables, stands_for_its_calls};
use bind::BindError;
use bind::comparison::{comparison, comparison_of_moments, comparison_of_sides};
use bind::definition::{Routine, RoutineStatement, kept_checks, routine_statements};
use catalog::object::{Body, Table};
use catalog::{Oid, Scope};
use env::sync::OnceLock;
use functions::table;
use functions::{FunctionKind, Volatility as Declared};
use plan::expression::{Call, Expression, FunctionId};
use plan::facts::{
    AggregateKind, Between, ColumnStatistics, CombinedStatistics, CommonCombination, Comparison, Exclusion,
    Facts, FunctionFacts, IndexFacts, KnownColumn, PlannerSettings, TableFacts, Volatility, gathered,
    index_pages, unanalysed_size,
};
use plan::logical::Query;
use plan::partition::Routing;
use plan::spread::{Question, SpreadKey};
use plan::target::TargetIndex;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Bounds, TreeId, View};
use types::catalog::oid;
use types::key::{KeyColumn, NullPlace, encode_item};
use types::network::Address;
use types::text::TextSettings;
use types::vector::{Operator, Order};
use types::{Item, Type, Types, Value};

/// Computes a call whose second argument is a constant for values of a type as its first.
pub type Tries<'t> = dyn Fn(&Call, Type, &[&Value]) -> Option<Vec<bool>> + 't;

/// Who calls functions, and by what their bodies are read.
#[derive(Clone, Copy)]
pub struct Caller<'s> {
    /// The role.
    pub role: Oid,
    /// In the database that is this branch.
    pub branch: u64,
    /// What names and literals mean.
    pub context: bind::Context<'s>,
}

impl Caller<'_> {
    /// Puts what functions in `FROM` stand for in their place, of those that may be called.
    pub fn put_queries_for_functions(&self, query: &mut Query) {
        let Caller { role, branch, context } = *self;
        let may_call = |function| may_execute(context.scope, role, branch, [function]).is_ok();
        bind::put_queries_for_functions(context, &may_call, query);
    }
}

/// The facts of one statement.
pub struct StatementFacts<'s> {
    /// What names mean.
    pub scope: &'s Scope,
    /// What the statement reads from.
    pub view: &'s View,
    /// Tables as changes see them, for their indexes.
    pub tables: &'s Tables<'s>,
    /// How a function's body is read, and who calls it.
    pub caller: Caller<'s>,
    /// How values look as text.
    pub text: &'s TextSettings,
    /// What the settings say of plans.
    pub settings: PlannerSettings,
    /// Evaluates constant expressions.
    pub fold: &'s dyn Fn(&Expression) -> Option<Value>,
    /// Evaluates what fails, and keeps the error for the statement.
    pub demand: &'s dyn Fn(&Expression, Option<FunctionId>),
    /// Whether what is evaluated from now on is only tried.
    pub try_only: &'s dyn Fn(bool),
    /// Tries values of statistics.
    pub matches: &'s Tries<'s>,
    /// Tables that were asked about before: statistics of many columns are much.
    pub known: RefCell<BTreeMap<u32, Arc<TableFacts>>>,
    /// By what the statement fails: what the catalog keeps of a table means nothing.
    pub failed: RefCell<Option<BindError>>,
}

/// The numbers of a table's columns, by their places without dropped ones.
fn numbers_of(table: &Table) -> Vec<u16> {
    table.live_columns().filter_map(|(place, _)| u16::try_from(place + 1).ok()).collect()
}

/// Estimates that operators of users' may be said to go by, as far as the planner knows them.
const ESTIMATORS: [&str; 10] = [
    "eqsel",
    "neqsel",
    "scalarltsel",
    "scalarlesel",
    "scalargtsel",
    "scalargesel",
    "iclikesel",
    "icnlikesel",
    "icregexeqsel",
    "icregexnesel",
];

/// What the session's settings say of plans.
pub fn planner_settings(settings: &Settings) -> PlannerSettings {
    PlannerSettings {
        optimise: settings.is_on("hornbeam.optimise"),
        enable_hashjoin: settings.is_on("enable_hashjoin"),
        enable_mergejoin: settings.is_on("enable_mergejoin"),
        enable_nestloop: settings.is_on("enable_nestloop"),
        enable_seqscan: settings.is_on("enable_seqscan"),
        enable_indexscan: settings.is_on("enable_indexscan"),
        enable_indexonlyscan: settings.is_on("enable_indexonlyscan"),
        enable_bitmapscan: settings.is_on("enable_bitmapscan"),
        enable_tidscan: settings.is_on("enable_tidscan"),
        enable_hashagg: settings.is_on("enable_hashagg"),
        enable_sort: settings.is_on("enable_sort"),
        enable_incremental_sort: settings.is_on("enable_incremental_sort"),
        enable_memoize: settings.is_on("enable_memoize"),
        enable_partition_pruning: settings.is_on("enable_partition_pruning"),
        constraint_exclusion: match settings.kept("constraint_exclusion") {
            "off" => Exclusion::Off,
            "on" => Exclusion::All,
            _ => Exclusion::Members, // the one word that is left
        },
        enable_material: settings.is_on("enable_material"),
        work_mem: settings.typed().work_mem as u64 / 1024,
        seq_page_cost: settings.number("seq_page_cost"),
        random_page_cost: settings.number("random_page_cost"),
        cpu_tuple_cost: settings.number("cpu_tuple_cost"),
        cpu_index_tuple_cost: settings.number("cpu_index_tuple_cost"),
        cpu_operator_cost: settings.number("cpu_operator_cost"),
        effective_cache_size: settings.number("effective_cache_size"),
        ..PlannerSettings::default()
    }
}

impl Facts for StatementFacts<'_> {
    fn settings(&self) -> &PlannerSettings {
        &self.settings
    }

    fn table(&self, table: u32) -> Arc<TableFacts> {
        if let Some(known) = self.known.borrow().get(&table) {
            return known.clone();
        }
        let facts = self.look_at_table(table);
        self.known.borrow_mut().insert(table, facts.clone());
        facts
    }

    fn family(&self, table: u32) -> Arc<TableFacts> {
        let own = self.table(table);
        let Some(found) = self.scope.table(table).filter(|found| !found.is_partitioned()) else { return own };
        let statistics = self.statistics(found, catalog::object::INHERITED);
        let combined = self.combined(table, true);
        Arc::new(TableFacts { statistics, combined, ..(*own).clone() })
    }

    fn routing(&self, table: u32) -> Option<(Arc<Routing>, Vec<u16>)> {
        let found = self.scope.table(table).filter(|found| found.is_partitioned())?;
        let routing = self.tables.routing(found)?;
        Some((routing, numbers_of(found)))
    }

    fn kept_checks(&self, table: u32) -> (Vec<Expression>, Vec<u16>) {
        let Some(found) = self.scope.table(table) else { return (Vec::new(), Vec::new()) };
        match kept_checks(self.caller.context, found) {
            Ok(checks) if checks.is_empty() => (checks, Vec::new()),
            Ok(mut checks) => {
                checks.iter_mut().for_each(|check| plan::facts::folded(check, self));
                (checks, numbers_of(found))
            }
            Err(error) => {
                self.failed.borrow_mut().get_or_insert(error);
                (Vec::new(), Vec::new())
            }
        }
    }

    fn no_handler(&self, table: u32) -> Option<String> {
        let foreign = self.scope.table(table)?.foreign()?;
        Some(self.scope.no_handler(foreign.server))
    }

    fn key_range_rows(&self, index: u32, low: Option<&Value>, high: Option<&Value>) -> Option<f64> {
        let index = self.scope.index(index)?;
        let key = index.keys.first()?;
        let order = self.scope.order(Type { oid: key.type_oid, modifier: key.modifier })?;
        let nulls = if key.nulls_first { NullPlace::First } else { NullPlace::Last };
        let column = KeyColumn { order, descending: key.descending, nulls };
        let edge = |item: &Item<'_>| {
            let mut key = Vec::new();
            encode_item(&column, item, &mut key, &mut Vec::new());
            key
        };
        let fits = |value: &Value| value.kind() == Some(column.order.kind());
        if key.descending || !low.is_none_or(fits) || !high.is_none_or(fits) {
            return None;
        }
        let null = edge(&Item::Null);
        let from = match low {
            Some(low) => edge(&Item::from(low)),
            None if key.nulls_first => Bounds::prefix(&null).to?,
            None => Vec::new(),
        };
        let to = match high {
            Some(high) => Bounds::prefix(&edge(&Item::from(high))).to,
            None if key.nulls_first => None,
            None => Some(null),
        };
        if to.as_ref().is_some_and(|to| *to <= from) {
            return Some(0.0);
        }
        let rows = self.view.tree(TreeId(index.tree)).ok()?.estimate(&Bounds { from, to }).ok()?;
        Some(rows as f64)
    }

    fn function(&self, function: FunctionId) -> FunctionFacts {
        let Some(entry) = table::function(function.0) else {
            // A function of a user's.
            let known = self.scope.function(function.0);
            use catalog::object::Volatility as Said;
            return FunctionFacts {
                volatility: match known.map_or(Said::Volatile, |known| known.volatility) {
                    Said::Immutable => Volatility::Immutable,
                    Said::Stable => Volatility::Stable,
                    Said::Volatile => Volatility::Volatile,
                },
                strict: known.is_some_and(|known| known.strict && !known.returns_set),
                returns_set: known.filter(|known| known.returns_set).map(|known| f64::from(known.rows)),
                cost: known.map_or(100.0, |known| f64::from(known.cost)),
                leakproof: known.is_some_and(|known| known.leakproof),
                aggregate: known.map_or(AggregateKind::Other, |known| self.made_aggregate_kind(&known.body)),
                null_when_empty: false,
            };
        };
        FunctionFacts {
            volatility: match entry.volatility {
                Declared::Immutable => Volatility::Immutable,
                Declared::Stable => Volatility::Stable,
                Declared::Volatile => Volatility::Volatile,
            },
            strict: entry.strict,
            returns_set: table::set_rows(entry).map(f64::from),
            cost: 1.0,
            leakproof: table::is_leakproof(function.0),
            aggregate: aggregate_kind(entry),
            null_when_empty: entry.name != "count" && !entry.name.starts_with("regr_count"),
        }
    }

    fn comparison(&self, function: FunctionId) -> Option<Comparison> {
        comparison(self.scope, function)
    }

    fn comparison_of_sides(&self, function: FunctionId, left: Type, right: Type) -> Option<Comparison> {
        comparison_of_sides(self.scope, function, left, right)
    }

    fn comparison_of_moments(&self, function: FunctionId) -> Option<Comparison> {
        comparison_of_moments(self.scope, function)
    }

    fn question(&self, of: SpreadKey, function: FunctionId) -> Option<Question> {
        let of_function = table::operators_of(function.0);
        let member = |entry: &&'static functions::OperatorEntry| {
            catalog::operator_class::strategy(self.scope, of.family, entry.oid).is_some()
        };
        if let Some(found) =
            of_function.filter(member).find_map(|entry| Question::of_operator(of.kind, entry.name))
        {
            return Some(found);
        }
        let made = self.scope.operator_computed_by(function.0)?;
        catalog::operator_class::strategy(self.scope, of.family, made.oid)?;
        Question::of_operator(of.kind, &made.name)
    }

    fn is_distance(&self, of: SpreadKey, function: FunctionId) -> bool {
        let mut of_function = table::operators_of(function.0);
        of.kind.is_of_plane()
            && of_function.any(|entry| catalog::operator_class::orders_by(of.family, entry.oid))
    }

    fn commutator(&self, function: FunctionId) -> Option<(FunctionId, Arc<str>)> {
        let mut of_function = table::operators_of(function.0);
        if let Some(found) = of_function.find_map(|entry| table::operator_by_oid(entry.commutator)) {
            return Some((FunctionId(found.function), found.name.into()));
        }
        self.made_operator(self.scope.operator_computed_by(function.0)?.commutator)
    }

    fn equality(&self, function: FunctionId) -> (bool, bool) {
        if let Some(known) = table::operators_of(function.0).next() {
            return (known.hashes, known.merges);
        }
        let made = self.scope.operator_computed_by(function.0);
        made.map_or((false, false), |made| (made.hashes, made.merges))
    }

    fn negator(&self, function: FunctionId) -> Option<(FunctionId, Arc<str>)> {
        if let Some(operator) = table::operators_of(function.0).find(|operator| operator.negator != 0) {
            let negator = table::operator_by_oid(operator.negator)?;
            return Some((FunctionId(negator.function), negator.name.into()));
        }
        self.made_operator(self.scope.operator_computed_by(function.0)?.negator)
    }

    fn comparison_of(&self, operator: Operator, left: Type, right: Type) -> Option<(FunctionId, Arc<str>)> {
        let name = operator_name(operator);
        let built_in =
            table::operators_named(name).find(|entry| entry.left == left.oid && entry.right == right.oid);
        if let Some(found) = built_in {
            return Some((FunctionId(found.function), name.into()));
        }
        let mut made = self.scope.operators_named(name);
        let found = made.find(|made| made.left == left.oid && made.right == right.oid)?;
        comparison(self.scope, FunctionId(found.function)).map(|_| (FunctionId(found.function), name.into()))
    }

    fn order(&self, of: Type) -> Option<Order> {
        self.scope.order(of)
    }

    fn fold(&self, expression: &Expression) -> Option<Value> {
        (self.fold)(expression)
    }

    fn body(&self, function: FunctionId, arguments: &[Type], result: Type) -> Option<Query> {
        let object = self.scope.function(function.0).filter(|object| stands_for_its_calls(object, result))?;
        let Caller { role, branch, context } = self.caller;
        may_execute(self.scope, role, branch, [function.0]).ok()?;
        // One that means nothing says so when it is called.
        let routine = Routine { function: object, arguments, result, columns: &[] };
        let mut statements = routine_statements(context, &routine).ok()?;
        match statements.pop().filter(|_| statements.is_empty())? {
            RoutineStatement::Query { query, .. } => Some(*query),
            RoutineStatement::Other(_) => None,
        }
    }

    fn demand(&self, expression: &Expression, within: Option<FunctionId>) {
        (self.demand)(expression, within);
    }

    fn try_only(&self, trial: bool) {
        (self.try_only)(trial);
    }

    fn between(&self, function: FunctionId, constant: &Value, second: bool) -> Option<Between> {
        match (table::function(function.0)?.source, second) {
            ("textlike" | "namelike" | "bpcharlike", true) => like_prefix(constant.as_bytes()?),
            ("network_sub", true) | ("network_sup", false) => within(constant.as_bytes()?, false),
            ("network_subeq", true) | ("network_supeq", false) => within(constant.as_bytes()?, true),
            _ => None,
        }
    }

    fn estimator(&self, function: FunctionId) -> &'static str {
        if let Some(entry) = table::operators_of(function.0).next() {
            return entry.estimate;
        }
        let made = self.scope.operator_computed_by(function.0).and_then(|made| made.restrict.as_deref());
        made.and_then(|name| ESTIMATORS.iter().find(|known| **known == name)).unwrap_or(&"")
    }

    fn matches(&self, call: &Call, of: Type, values: &[&Value]) -> Option<Vec<bool>> {
        (self.matches)(call, of, values)
    }

    fn function_name(&self, function: FunctionId) -> Arc<str> {
        match table::function(function.0) {
            Some(entry) => entry.name.into(),
            None => match self.scope.function(function.0) {
                Some(function) => function.name.as_str().into(),
                None => "".into(),
            },
        }
    }

    fn element_type(&self, array: Type) -> Option<Type> {
        let element = self.scope.entry(array.oid)?.element;
        (element != 0).then(|| Type::of(element))
    }

    fn is_row(&self, of: Type) -> bool {
        self.scope.is_row(of)
    }

    fn type_name(&self, of: Type) -> String {
        // Which columns a record has is nobody's business.
        let record = matches!(of.oid, oid::RECORD | oid::RECORD_ARRAY);
        types::catalog::type_name(self.scope, of.oid, Some(of.modifier).filter(|_| !record))
    }

    fn value_text(&self, of: Type, value: &Value) -> String {
        let mut text = String::new();
        // What cannot be written stays empty: it is for people to read.
        let _ = types::text::output(self.scope, of, &value.into(), self.text, &mut text);
        text
    }

    fn schema_name(&self, table: u32) -> Arc<str> {
        let schema =
            self.scope.relation(table).and_then(|relation| self.scope.schema(relation.schema()).cloned());
        schema.map_or_else(|| "pg_catalog".into(), |schema| schema.name.as_str().into())
    }

    fn function_schema(&self, function: FunctionId) -> Arc<str> {
        let made = self.scope.function(function.0);
        let schema = made.and_then(|function| self.scope.schema(function.schema).cloned());
        schema.map_or_else(|| "pg_catalog".into(), |schema| schema.name.as_str().into())
    }

    fn field_name(&self, composite: Type, index: u32) -> Arc<str> {
        let columns = self.scope.columns(composite.oid);
        let column = columns.and_then(|columns| columns.get(index as usize));
        column
            .map_or_else(|| format!("f{}", u64::from(index) + 1).into(), |column| column.name.as_str().into())
    }
}

impl StatementFacts<'_> {
    /// Whether an aggregate that users have made tells the first of its values by an operator that compares.
    fn made_aggregate_kind(&self, body: &Body) -> AggregateKind {
        let Body::Aggregate(aggregate) = body else { return AggregateKind::Other };
        let sort = self.scope.operator(aggregate.sort_operator);
        let told = sort.and_then(|made| comparison(self.scope, FunctionId(made.function)));
        match told.map(|told| told.operator) {
            Some(Operator::Less) => AggregateKind::Least,
            Some(Operator::Greater) => AggregateKind::Greatest,
            Some(Operator::Equal | Operator::NotEqual | Operator::LessOrEqual | Operator::GreaterOrEqual)
            | None => AggregateKind::Other,
        }
    }

    /// The function and the symbol of an operator that another names, which may not be there yet.
    fn made_operator(&self, operator: u32) -> Option<(FunctionId, Arc<str>)> {
        let found = self.scope.operator(operator).filter(|found| found.function != 0)?;
        Some((FunctionId(found.function), found.name.as_str().into()))
    }

    fn look_at_table(&self, table: u32) -> Arc<TableFacts> {
        let Some(found) = self.scope.table(table) else { return Arc::default() };
        let rows_of = |table: &catalog::object::Table| {
            let tree = self.view.tree(TreeId(table.tree));
            tree.and_then(|tree| tree.estimate(&Bounds::all())).map_or(0.0, |rows| rows as f64)
        };
        // Of what holds no rows itself statistics are of those below it.
        let held = match found.is_partitioned() && self.scope.table_statistics(table).is_some() {
            true => {
                crate::maintenance::sample::parts_of(self.scope, table).iter().map(|part| rows_of(part)).sum()
            }
            false => rows_of(found),
        };
        let statistics = self.statistics(found, 0);
        let not_null = found.live_columns().filter(|(_, column)| column.not_null);
        let (rows, pages) = match self.scope.table_statistics(table) {
            Some(known) if known.rows > 0.0 => {
                (held, (known.pages as f64 * held / known.rows).ceil().max(1.0))
            }
            known => {
                let types = found.live_columns().map(|(_, column)| column.column_type());
                // What others inherit from is often empty for good, as PostgreSQL has it.
                let alone = !found.is_partitioned() && self.scope.children_of(table).next().is_none();
                unanalysed_size(held, types, known.is_none() && alone)
            }
        };
        Arc::new(TableFacts {
            rows,
            pages,
            not_null: not_null.filter_map(|(place, _)| u16::try_from(place + 1).ok()).collect(),
            indexes: self.indexes(table, held),
            statistics,
            combined: self.combined(table, found.is_partitioned()),
        })
    }

    /// What is known of a table's columns, by their numbers; of `kind` where a place alone does not say it.
    fn statistics(&self, table: &catalog::object::Table, kind: u16) -> Vec<(u16, Arc<dyn KnownColumn>)> {
        let known = table.live_columns().filter_map(|(place, _)| {
            let number = u16::try_from(place).ok()?;
            let known = Arc::clone(self.scope.column_statistics(table.oid, number | kind)?);
            let known = Known { of: known, made: OnceLock::new() };
            Some((number + 1, Arc::new(known) as Arc<dyn KnownColumn>))
        });
        known.collect()
    }

    /// What is known of several columns and expressions of a table together, of those that inherit from it or its own rows.
    fn combined(&self, table: u32, inherited: bool) -> Vec<Arc<CombinedStatistics>> {
        let known = self.scope.statistics_of(table).filter_map(|known| {
            let found = if inherited { &known.inherited } else { &known.found };
            let expressions = match known.expressions.is_empty() {
                true => Vec::new(),
                false => self.gathered(table, known.oid)?,
            };
            Some(Arc::new(combined(known, found.as_ref()?, expressions)))
        });
        known.collect()
    }

    /// The expressions of statistics, as statements have them.
    fn gathered(&self, table: u32, statistics: u32) -> Option<Vec<Expression>> {
        let target = self.tables.find(table).ok()??;
        let (_, expressions) = target.statistics.iter().find(|(oid, _)| *oid == statistics)?;
        let numbers: Vec<u16> = target.columns.iter().map(|column| column.number).collect();
        Some(expressions.iter().map(|of| gathered(of.clone(), &numbers, self)).collect())
    }

    fn indexes(&self, table: u32, rows: f64) -> Vec<Arc<IndexFacts>> {
        let Ok(Some(target)) = self.tables.find(table) else { return Vec::new() };
        let columns: Vec<u16> = target.columns.iter().map(|column| column.number).collect();
        let mut found: Vec<Arc<IndexFacts>> = Vec::with_capacity(target.indexes.len());
        for index in &target.indexes {
            let pages = index_pages(rows, index.keys.iter().map(|key| key.expression.result));
            found.push(Arc::new(IndexFacts {
                index: self.as_compared(index),
                columns: columns.clone(),
                include_types: include_types(&target, index),
                pages,
                // A page of an index points at about so many others.
                height: (pages.ln() / 250f64.ln()).ceil().max(0.0),
            }));
        }
        found.sort_by(|one, other| one.index.name.cmp(&other.index.name));
        found
    }

    /// An index as conditions are compared with it, of which what is known beforehand has been evaluated too.
    fn as_compared(&self, index: &TargetIndex) -> TargetIndex {
        let mut compared = index.clone();
        let keys = compared.keys.iter_mut().map(|key| &mut key.expression);
        for expression in keys.chain(&mut compared.predicate).filter(|of| of.as_column().is_none()) {
            plan::facts::folded(expression, self);
        }
        compared
    }
}

/// Statistics of a column as the catalog has them, and as the planner knows them.
struct Known {
    of: Arc<catalog::object::ColumnStatistics>,
    made: OnceLock<ColumnStatistics>,
}

impl KnownColumn for Known {
    fn statistics(&self) -> &ColumnStatistics {
        self.made.get_or_init(|| column_statistics(&self.of))
    }
}

impl std::fmt::Debug for Known {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.of.fmt(formatter)
    }
}

/// Statistics of several columns and expressions as the planner knows them.
fn combined(
    known: &catalog::object::ExtendedStatistics,
    found: &catalog::object::Combined,
    expressions: Vec<Expression>,
) -> CombinedStatistics {
    let common = |common: &catalog::object::CommonCombination| CommonCombination {
        values: common.values.iter().map(|value| value.0.clone()).collect(),
        frequency: common.frequency,
        base: common.base,
    };
    CombinedStatistics {
        columns: known.columns.iter().map(|column| column + 1).collect(),
        expressions,
        of_expressions: found.expressions.iter().map(|of| of.as_ref().map(column_statistics)).collect(),
        distinct: found.distinct.clone(),
        dependencies: found.dependencies.clone(),
        common: found.common.iter().map(common).collect(),
    }
}

fn column_statistics(known: &catalog::object::ColumnStatistics) -> ColumnStatistics {
    let value = |datum: &catalog::object::Datum| datum.0.clone();
    ColumnStatistics {
        null_fraction: f64::from(known.null_fraction),
        width: u32::try_from(known.average_width).unwrap_or(0),
        distinct: f64::from(known.distinct),
        common: known.most_common.iter().map(|(datum, share)| (value(datum), f64::from(*share))).collect(),
        histogram: known.histogram.iter().map(value).collect(),
        correlation: f64::from(known.correlation.unwrap_or(0.0)),
    }
}

fn aggregate_kind(entry: &functions::FunctionEntry) -> AggregateKind {
    match (entry.kind, entry.name) {
        (FunctionKind::Aggregate { .. }, "count") if entry.arguments.is_empty() => AggregateKind::CountRows,
        (FunctionKind::Aggregate { .. }, "count") => AggregateKind::CountValues,
        (FunctionKind::Aggregate { sort_operator }, _) if sort_operator != 0 => {
            match table::operator_by_oid(sort_operator).map(|operator| operator.name) {
                Some("<") => AggregateKind::Least,
                Some(">") => AggregateKind::Greatest,
                Some(_) | None => AggregateKind::Other,
            }
        }
        _ => AggregateKind::Other,
    }
}

fn operator_name(operator: Operator) -> &'static str {
    match operator {
        Operator::Equal => "=",
        Operator::NotEqual => "<>",
        Operator::Less => "<",
        Operator::LessOrEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterOrEqual => ">=",
    }
}

/// The addresses within a network, itself among them or not.
fn within(network: &[u8], itself: bool) -> Option<Between> {
    let network = Address::read(network)?;
    let last = network.with_rest(true);
    let last = Address { bits: last.width(), ..last };
    let value = |address: Address| Value::Bytes(address.to_bytes().into());
    Some(Between { low: (value(network.with_rest(false)), itself), high: Some((value(last), true)) })
}

/// The texts that match a LIKE pattern lie from its fixed beginning to the next text of that length, if there is one.
fn like_prefix(pattern: &[u8]) -> Option<Between> {
    let mut prefix = Vec::new();
    let mut bytes = pattern.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' | b'_' => break,
            b'\\' => prefix.push(bytes.next()?),
            _ => prefix.push(byte),
        }
    }
    if prefix.is_empty() {
        return None;
    }
    let mut next = prefix.clone();
    while next.last() == Some(&u8::MAX) {
        next.pop();
    }
    let high = next.last_mut().map(|last| *last += 1).map(|()| Value::Bytes(next.into()));
    let low = (Value::Bytes(prefix.into()), true);
    Some(Between { low, high: high.map(|high| (high, false)) })
}

/// The types of the columns that an index holds besides its keys.
fn include_types(target: &plan::target::TargetTable, index: &plan::target::TargetIndex) -> Vec<Type> {
    index
        .include
        .iter()
        .filter_map(|place| target.columns.get(*place as usize))
        .map(|column| column.column_type)
        .collect()
}
