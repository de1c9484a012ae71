//! From what a statement means to how it is done: every logical operator becomes physical ones, columns become slots.
//!
//! A [`Planned`] is a physical operator with the columns that its slots hold. Columns that nothing below makes are looked
//! for in the [`Frame`]s of the queries and lateral joins around, innermost first, and come in as outer values.

mod access;
mod bitmap;
mod bound;
mod build;
mod change;
mod decided;
mod enumerate;
mod expression;
mod extremes;
mod group;
mod join;
mod keyed_join;
mod known;
mod leaf;
mod lookup;
mod matching;
mod members;
mod memoize;
mod narrowed;
mod pinned;
mod pruning;
mod qsort;
mod region;
mod rollup;
mod row_bound;
mod row_ids;
mod set;
mod sorted;
mod spread;
mod trial;
mod until;

use crate::cost::{Statistics, clamp_rows, incremental_sort_cost, node_estimate, set_rows, sort_cost};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, ExpressionKind, OuterId, RelationId, SortKey};
use crate::facts::{Facts, PlannerSettings};
use crate::logical::{CommonTable, Logical, Query, RangeName};
use crate::physical::{Estimate, Making, Node, NodeKind, Plan, Subplan};
use crate::reads::reads_only;
use crate::rewrite::is_volatile;
use crate::walk::{columns_of, free_columns, made_relations, users_functions};
use region::is_region;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::{Type, Value};

/// A physical operator, and which columns its slots hold.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) node: Node,
    pub(crate) layout: Vec<Column>,
    /// By how many of the first keys of the order that was wanted its rows are sorted.
    pub(crate) presorted: usize,
}

impl Planned {
    /// An operator whose rows come in no order that anybody asked for.
    fn new(node: Node, layout: Vec<Column>) -> Planned {
        Planned { node, layout, presorted: 0 }
    }
}

/// What those above would like: an order, and only so many rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) keys: Vec<SortKey>,
    pub(crate) limit: Option<f64>,
    /// Whether an index that gives the order is taken at any cost.
    pub(crate) strict: bool,
}

impl Wanted {
    /// What it costs to get what is wanted of rows that are sorted by so many of the keys, which have `groups` values.
    fn cost(&self, settings: &PlannerSettings, of: Estimate, presorted: usize, groups: f64) -> f64 {
        let of = if presorted >= self.keys.len() {
            of
        } else if self.strict {
            return UNORDERED + of.total_cost;
        } else if presorted == 0 || !settings.enable_incremental_sort {
            return sort_cost(settings, of, self.limit).total_cost;
        } else {
            incremental_sort_cost(settings, of, groups)
        };
        let part = self.limit.map_or(1.0, |limit| (limit / of.rows.max(1.0)).min(1.0));
        of.startup_cost + (of.total_cost - of.startup_cost) * part
    }

    /// Whether rows that are sorted by so many of the keys are in the order.
    fn is_met(&self, presorted: usize) -> bool {
        presorted >= self.keys.len()
    }
}

/// More than any order costs that an index gives.
const UNORDERED: f64 = 1.0e9;

/// A row around what is being planned: of a query whose subquery, or of a join whose lateral side it is.
#[derive(Debug)]
struct Frame {
    layout: Vec<Column>,
    /// The outer values that it sets.
    provided: Vec<Provided>,
    /// Whether what is within uses anything of it or of frames around it.
    dependent: bool,
}

/// An outer value, the slot that it is set from, its type.
#[derive(Debug)]
struct Provided {
    outer: OuterId,
    slot: u32,
    of: Type,
}

/// A table of `WITH`. One that depends on a row around it is planned wherever it is read.
#[derive(Debug)]
struct Common {
    name: Arc<str>,
    correlated: bool,
    query: Logical,
    columns: Vec<Column>,
}

/// A statement while it is planned.
pub(crate) struct Lowering<'a> {
    pub(crate) facts: &'a dyn Facts,
    frames: Vec<Frame>,
    subplans: Vec<Subplan>,
    /// How many subplans were begun: their numbers in EXPLAIN.
    subplan_numbers: u32,
    outer_values: u32,
    work_tables: u32,
    /// How many leaves are being planned for rows that they are joined with, one within the other.
    bound_depth: u32,
    /// For how many rows the conditions of the scan that is being planned may be asked.
    executions: Option<f64>,
    common_tables: Vec<Common>,
    /// What is known of columns.
    statistics: Statistics,
    /// What relations that are no tables go by in the statement.
    names: BTreeMap<RelationId, RangeName>,
}

/// Plans a statement.
pub(crate) fn lower(query: Query, facts: &dyn Facts) -> PlanResult<Plan> {
    let Query { root, output, common_tables, parameters, relations, ranges, names, .. } = query;
    let mut functions = users_functions(&root);
    let reads_only = reads_only(&root, &common_tables, facts);
    functions.extend(common_tables.iter().flat_map(|table| users_functions(&table.query)));
    let mut lowering = Lowering {
        facts,
        frames: Vec::new(),
        subplans: Vec::new(),
        subplan_numbers: 0,
        outer_values: 0,
        work_tables: 0,
        bound_depth: 0,
        executions: None,
        common_tables: Vec::new(),
        statistics: Statistics::default(),
        names,
    };
    let common_tables = lowering.lower_common_tables(common_tables)?;
    let planned = lowering.lower(root)?;
    let places = output
        .into_iter()
        .map(|column| Ok((place(&planned.layout, column.column)?, column)))
        .collect::<PlanResult<Vec<_>>>()?;
    Ok(Plan {
        root: planned.node,
        output: places,
        subplans: lowering.subplans,
        common_tables,
        parameters,
        ranges,
        outer_values: lowering.outer_values,
        work_tables: lowering.work_tables,
        relations,
        functions: functions.into_iter().collect(),
        reads_only,
        before: Vec::new(),
        after: Vec::new(),
    })
}

/// The slot of a column.
fn place(layout: &[Column], column: Column) -> PlanResult<u32> {
    let found = layout.iter().position(|held| *held == column);
    found.map(|place| place as u32).ok_or(PlanError::UnknownColumn(column))
}

/// What is wanted of a projection, said of its input; no order if an expression's own would be wanted.
fn wanted_below(wanted: &Wanted, relation: RelationId, expressions: &[Expression]) -> Wanted {
    let mut keys = wanted.keys.clone();
    let mut plain = true;
    for key in &mut keys {
        key.expression.rewrite(&mut |part| {
            if let ExpressionKind::Column(column) = part.kind
                && column.relation == relation
            {
                match expressions.get(column.index as usize) {
                    Some(expression) if !expression.has_subquery() => *part = expression.clone(),
                    Some(_) | None => plain = false,
                }
            }
        });
    }
    Wanted { keys: if plain { keys } else { Vec::new() }, ..wanted.clone() }
}

/// The columns of a relation of these many columns.
fn columns_of_relation(relation: RelationId, count: usize) -> impl Iterator<Item = Column> {
    (0..count as u32).map(move |index| Column { relation, index })
}

impl Lowering<'_> {
    fn lower_common_tables(&mut self, tables: Vec<CommonTable>) -> PlanResult<Vec<Subplan>> {
        let mut planned = Vec::with_capacity(tables.len());
        for table in tables {
            let correlated = !free_columns(&table.query).is_empty();
            let root = if correlated {
                self.node(NodeKind::Values { rows: Vec::new() }, Vec::new())
            } else {
                let input = self.lower(table.query.clone())?;
                if table.columns.is_empty() {
                    input.node
                } else {
                    self.project_to(input, &table.columns)?.node
                }
            };
            let name = format!("CTE {}", table.name);
            self.subplan_numbers += u32::from(!correlated);
            planned.push(Subplan {
                name,
                root,
                once: true,
                volatile: false,
                making: Making::Onwards,
                changes: table.changes,
            });
            self.common_tables.push(Common {
                name: table.name.into(),
                correlated,
                query: table.query,
                columns: table.columns,
            });
        }
        Ok(planned)
    }

    /// An operator with its estimate.
    pub(crate) fn node(&self, kind: NodeKind, columns: Vec<Type>) -> Node {
        let estimate = node_estimate(self.facts.settings(), &kind, &columns);
        Node { kind, columns, unasked: Vec::new(), estimate }
    }

    /// An operator of which it is known how many rows it has.
    fn node_of_rows(&self, kind: NodeKind, columns: Vec<Type>, rows: f64) -> Node {
        let mut node = self.node(kind, columns);
        node.estimate.rows = clamp_rows(rows);
        node
    }

    /// Plans an operator.
    pub(crate) fn lower(&mut self, logical: Logical) -> PlanResult<Planned> {
        self.lower_wanted(logical, &Wanted::default())
    }

    /// Plans an operator whose rows are wanted in an order, if that is cheap.
    fn lower_wanted(&mut self, logical: Logical, wanted: &Wanted) -> PlanResult<Planned> {
        match logical {
            Logical::Values { relation, types, rows } => self.lower_values(relation, types, rows),
            Logical::Empty { relation, types } => self.lower_values(relation, types, Vec::new()),
            Logical::Scan(scan) => self.lower_scan(scan, Vec::new(), wanted),
            Logical::SystemScan { relation, table, name, columns } => {
                Ok(self.lower_system_scan(relation, table, name, columns))
            }
            Logical::Functions { relation, functions, ordinality } => {
                self.lower_functions(relation, functions, ordinality)
            }
            Logical::CommonTable { relation, table, types } => {
                self.lower_common_table(relation, table, types)
            }
            Logical::WorkTable { relation, table, types } => {
                let layout = columns_of_relation(relation, types.len()).collect();
                let called = self.called(relation, &"".into());
                Ok(Planned::new(self.node(NodeKind::WorkTableScan { table: table.0, called }, types), layout))
            }
            Logical::Given { relation, name, types } => {
                let layout = columns_of_relation(relation, types.len()).collect();
                let called = self.called(relation, &name);
                Ok(Planned::new(self.node(NodeKind::GivenScan { name, called }, types), layout))
            }
            Logical::Filter { input, conditions } => self.lower_filter(*input, conditions, wanted),
            Logical::Project { relation, input, expressions } => {
                self.lower_project(relation, *input, expressions, wanted)
            }
            Logical::ProjectSet { relation, input, calls } => self.lower_project_set(relation, *input, calls),
            Logical::Join(join) => self.lower_join(join),
            Logical::Aggregate(grouping) => self.lower_grouping(*grouping, wanted),
            Logical::Window(window) => self.lower_window(*window, wanted),
            Logical::Sort { input, keys } => {
                let presorted = sorted::common(&keys, &wanted.keys);
                let sorted = self.lower_sorted(*input, keys, wanted.limit)?;
                Ok(Planned { presorted, ..sorted })
            }
            Logical::Limit { input, limit, offset, with_ties } => {
                self.lower_limit(*input, limit, offset, with_ties, wanted)
            }
            Logical::Distinct { input, keys, on } => self.lower_distinct(*input, keys, on, wanted),
            Logical::Set(operation) => self.lower_set(*operation, wanted),
            Logical::Recursive(recursive) => self.lower_recursive(*recursive),
            Logical::LockRows { input, locks } => self.lower_locks(*input, locks, wanted.limit),
            Logical::Insert(insert) => self.lower_insert(*insert),
            Logical::Update(update) => self.lower_update(*update),
            Logical::Delete(delete) => self.lower_delete(*delete),
            Logical::Merge(merge) => self.lower_merge(*merge),
        }
    }

    fn lower_filter(
        &mut self,
        input: Logical,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let never = |condition: &Expression| {
            condition.as_constant().is_some_and(|value| !matches!(value, Value::Bool(true)))
        };
        if self.facts.settings().optimise && conditions.iter().any(never) {
            let (layout, types) = columns_of(&input).into_iter().unzip();
            return Ok(Planned::new(self.node(NodeKind::Values { rows: Vec::new() }, types), layout));
        }
        if let (Some(once), conditions) = self.about_no_row(&input, &conditions) {
            let planned = match conditions.is_empty() {
                true => self.lower_wanted(input, wanted)?,
                false => self.lower_filter(input, conditions, wanted)?,
            };
            return self.gated(planned, once);
        }
        if let Logical::Scan(scan) = input {
            return self.lower_scan(scan, conditions, wanted);
        }
        if self.facts.settings().optimise && is_region(&input) {
            return self.lower_region(Logical::Filter { input: Box::new(input), conditions });
        }
        let (input, conditions) = match self.lower_until(input, conditions)? {
            (Ok(planned), rest) => (planned, rest),
            (Err(input), conditions) => (self.lower_wanted(input, wanted)?, conditions),
        };
        self.filter(input, conditions)
    }

    /// Conditions that are about no row of an operator, if there are any, and the others. They are asked once, before it makes a row.
    /// Source: PostgreSQL's pseudoconstant quals (`create_gating_plan`).
    fn about_no_row(
        &self,
        input: &Logical,
        conditions: &[Expression],
    ) -> (Option<Vec<Expression>>, Vec<Expression>) {
        // A row that reads nothing costs no more than that.
        let alone = matches!(input, Logical::Values { rows, .. } if rows.len() == 1);
        if alone || !self.facts.settings().optimise {
            return (None, conditions.to_vec());
        }
        let made = made_relations(input);
        let (once, rest): (Vec<_>, Vec<_>) = conditions
            .iter()
            .cloned()
            .partition(|condition| !condition.names_any(&made) && !is_volatile(self.facts, condition));
        (Some(once).filter(|once| !once.is_empty()), rest)
    }

    /// An operator that makes rows if conditions hold.
    fn gated(&mut self, input: Planned, once: Vec<Expression>) -> PlanResult<Planned> {
        let conditions = self.over(once, &input.layout)?;
        let (estimate, columns) = (input.node.estimate, input.node.columns.clone());
        let kind = NodeKind::Filter { input: Box::new(input.node), conditions, called: None, once: true };
        Ok(Planned { node: Node { kind, columns, unasked: Vec::new(), estimate }, ..input })
    }

    /// An operator whose rows are those of another for which all conditions are true.
    fn filter(&mut self, mut input: Planned, conditions: Vec<Expression>) -> PlanResult<Planned> {
        if conditions.is_empty() {
            return Ok(input);
        }
        let part = self.statistics.all(&conditions.iter().collect::<Vec<_>>(), self.facts);
        let rows = input.node.estimate.rows * part;
        let conditions = match input.node.kind {
            // They are those of HAVING.
            NodeKind::HashAggregate(_) | NodeKind::SortedAggregate(_) => {
                self.over(conditions, &input.layout)?
            }
            _ => self.conditions_over(conditions, &input.layout)?,
        };
        match &mut input.node.kind {
            NodeKind::SystemScan { filter, .. } | NodeKind::FunctionScan { filter, .. } => {
                filter.extend(conditions);
                input.node.estimate.rows = clamp_rows(rows);
                Ok(input)
            }
            _ => {
                let columns = input.node.columns.clone();
                let called = self.query_called(&input.layout);
                let kind = NodeKind::Filter { input: Box::new(input.node), conditions, called, once: false };
                input.node = self.node_of_rows(kind, columns, rows);
                Ok(input)
            }
        }
    }

    /// What the query in `FROM` goes by whose columns these are.
    fn query_called(&self, layout: &[Column]) -> Option<Arc<RangeName>> {
        let relation = layout.first()?.relation;
        let known = self.names.get(&relation)?;
        let of = |column: &Column| {
            Some(column.relation == relation).filter(|of| *of)?;
            known.columns.get(column.index as usize).cloned()
        };
        let columns = layout.iter().map(of).collect::<Option<Vec<_>>>()?;
        Some(Arc::new(RangeName { alias: known.alias.clone(), columns, barrier: known.barrier }))
    }

    fn lower_project(
        &mut self,
        relation: RelationId,
        input: Logical,
        expressions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let types = expressions.iter().map(|expression| expression.result).collect::<Vec<_>>();
        let layout = columns_of_relation(relation, types.len()).collect();
        // Expressions of no rows at all: `SELECT` without `FROM`.
        if let Logical::Values { types: none, rows, .. } = &input
            && none.is_empty()
            && rows.len() == 1
        {
            let rows = vec![self.over(expressions, &[])?];
            return Ok(Planned::new(self.node(NodeKind::Values { rows }, types), layout));
        }
        let below = wanted_below(wanted, relation, &expressions);
        let input = self.lower_wanted(input, &below)?;
        let presorted = if below.keys.len() == wanted.keys.len() { input.presorted } else { 0 };
        let mut planned = self.project(relation, input, expressions)?;
        planned.presorted = presorted;
        Ok(planned)
    }

    /// Expressions of a planned input's rows.
    fn project(
        &mut self,
        relation: RelationId,
        input: Planned,
        expressions: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let types = expressions.iter().map(|expression| expression.result).collect::<Vec<_>>();
        let layout = columns_of_relation(relation, types.len()).collect();
        for (index, expression) in (0u32..).zip(&expressions) {
            self.statistics.alias(Column { relation, index }, expression);
        }
        let expressions = self.over(expressions, &input.layout)?;
        let kind = NodeKind::Project { input: Box::new(input.node), expressions };
        Ok(Planned::new(self.node(kind, types), layout))
    }

    fn lower_project_set(
        &mut self,
        relation: RelationId,
        input: Logical,
        calls: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let Planned { node, mut layout, .. } = self.lower(input)?;
        let mut columns = node.columns.clone();
        columns.extend(calls.iter().map(|call| call.result));
        let each = calls.iter().map(|call| set_rows(self.facts, call)).fold(1.0, f64::max);
        let calls = self.over(calls, &layout)?;
        layout.extend(columns_of_relation(relation, calls.len()));
        let kind = NodeKind::ProjectSet { input: Box::new(node), calls };
        let mut node = self.node(kind, columns);
        let before = node.estimate.rows;
        node.estimate.rows = clamp_rows(before * each);
        // Rows that come of one another cost half of one.
        node.estimate.total_cost +=
            (node.estimate.rows - before) * self.facts.settings().cpu_tuple_cost / 2.0;
        Ok(Planned::new(node, layout))
    }

    /// Exactly these columns, in this order.
    fn project_to(&mut self, input: Planned, columns: &[Column]) -> PlanResult<Planned> {
        if input.layout == columns {
            return Ok(input);
        }
        let mut expressions = Vec::with_capacity(columns.len());
        let mut types = Vec::with_capacity(columns.len());
        for column in columns {
            let slot = place(&input.layout, *column)? as usize;
            types.push(input.node.columns[slot]);
            expressions.push(Expression::slot(slot, input.node.columns[slot]));
        }
        let kind = NodeKind::Project { input: Box::new(input.node), expressions };
        Ok(Planned { node: self.node(kind, types), layout: columns.to_vec(), presorted: input.presorted })
    }

    /// Keys of a sort over an input.
    fn keys_over(&mut self, keys: Vec<SortKey>, layout: &[Column]) -> PlanResult<Vec<SortKey>> {
        keys.into_iter()
            .map(|mut key| {
                self.resolve(&mut key.expression, layout)?;
                Ok(key)
            })
            .collect()
    }
}
