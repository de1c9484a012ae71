//! From what a statement means to how it is done: every logical operator becomes physical ones, columns become slots.
//!
//! A [`Planned`] is a physical operator with the columns that its slots hold. Columns that nothing below makes are looked
//! for in the [`Frame`]s of the queries and lateral joins around, innermost first, and come in as outer values.

mod change;
mod expression;
mod group;
mod join;
mod leaf;
mod set;

use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, OuterId, RelationId, SortKey};
use crate::facts::Facts;
use crate::logical::{CommonTable, Logical, Query, ScanColumn};
use crate::physical::{Estimate, Node, NodeKind, Plan, Subplan};
use crate::walk::free_columns;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::Type;

/// A physical operator, and which columns its slots hold.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) node: Node,
    pub(crate) layout: Vec<Column>,
}

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
    common_tables: Vec<Common>,
    /// What scans read, for those who lock rows.
    scans: BTreeMap<RelationId, Vec<ScanColumn>>,
}

/// Plans a statement.
pub(crate) fn lower(query: Query, facts: &dyn Facts) -> PlanResult<Plan> {
    let Query { root, output, common_tables, parameters, relations, .. } = query;
    let mut lowering = Lowering {
        facts,
        frames: Vec::new(),
        subplans: Vec::new(),
        subplan_numbers: 0,
        outer_values: 0,
        work_tables: 0,
        common_tables: Vec::new(),
        scans: BTreeMap::new(),
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
        outer_values: lowering.outer_values,
        work_tables: lowering.work_tables,
        relations,
    })
}

/// The slot of a column.
fn place(layout: &[Column], column: Column) -> PlanResult<u32> {
    let found = layout.iter().position(|held| *held == column);
    found.map(|place| place as u32).ok_or(PlanError::UnknownColumn(column))
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
            planned.push(Subplan { name, root, once: true, changes: table.changes });
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
        Node { kind, columns, estimate: Estimate::default() }
    }

    /// Plans an operator.
    pub(crate) fn lower(&mut self, logical: Logical) -> PlanResult<Planned> {
        match logical {
            Logical::Values { relation, types, rows } => self.lower_values(relation, types, rows),
            Logical::Empty { relation, types } => self.lower_values(relation, types, Vec::new()),
            Logical::Scan(scan) => self.lower_scan(scan, Vec::new()),
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
                Ok(Planned { node: self.node(NodeKind::WorkTableScan { table: table.0 }, types), layout })
            }
            Logical::Filter { input, conditions } => self.lower_filter(*input, conditions),
            Logical::Project { relation, input, expressions } => {
                self.lower_project(relation, *input, expressions)
            }
            Logical::ProjectSet { relation, input, calls } => self.lower_project_set(relation, *input, calls),
            Logical::Join(join) => self.lower_join(join),
            Logical::Aggregate(grouping) => self.lower_grouping(*grouping),
            Logical::Window(window) => self.lower_window(*window),
            Logical::Sort { input, keys } => self.lower_sort(*input, keys),
            Logical::Limit { input, limit, offset, with_ties } => {
                self.lower_limit(*input, limit, offset, with_ties)
            }
            Logical::Distinct { input, keys, on: _ } => self.lower_distinct(*input, keys),
            Logical::Set(operation) => self.lower_set(*operation),
            Logical::Recursive(recursive) => self.lower_recursive(*recursive),
            Logical::LockRows { input, locks } => self.lower_locks(*input, locks),
            Logical::Insert(insert) => self.lower_insert(*insert),
            Logical::Update(update) => self.lower_update(*update),
            Logical::Delete(delete) => self.lower_delete(*delete),
            Logical::Merge(merge) => self.lower_merge(*merge),
        }
    }

    fn lower_filter(&mut self, input: Logical, conditions: Vec<Expression>) -> PlanResult<Planned> {
        if let Logical::Scan(scan) = input {
            return self.lower_scan(scan, conditions);
        }
        let input = self.lower(input)?;
        self.filter(input, conditions)
    }

    /// An operator whose rows are those of another for which all conditions are true.
    fn filter(&mut self, mut input: Planned, conditions: Vec<Expression>) -> PlanResult<Planned> {
        if conditions.is_empty() {
            return Ok(input);
        }
        let conditions = self.over(conditions, &input.layout)?;
        match &mut input.node.kind {
            NodeKind::SystemScan { filter, .. } | NodeKind::FunctionScan { filter, .. } => {
                filter.extend(conditions);
                Ok(input)
            }
            _ => {
                let columns = input.node.columns.clone();
                let kind = NodeKind::Filter { input: Box::new(input.node), conditions };
                Ok(Planned { node: self.node(kind, columns), layout: input.layout })
            }
        }
    }

    fn lower_project(
        &mut self,
        relation: RelationId,
        input: Logical,
        expressions: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let types = expressions.iter().map(|expression| expression.result).collect::<Vec<_>>();
        let layout = columns_of_relation(relation, types.len()).collect();
        // Expressions of no rows at all: `SELECT` without `FROM`.
        if let Logical::Values { types: none, rows, .. } = &input
            && none.is_empty()
            && rows.len() == 1
        {
            let rows = vec![self.over(expressions, &[])?];
            return Ok(Planned { node: self.node(NodeKind::Values { rows }, types), layout });
        }
        let input = self.lower(input)?;
        let expressions = self.over(expressions, &input.layout)?;
        let kind = NodeKind::Project { input: Box::new(input.node), expressions };
        Ok(Planned { node: self.node(kind, types), layout })
    }

    fn lower_project_set(
        &mut self,
        relation: RelationId,
        input: Logical,
        calls: Vec<Expression>,
    ) -> PlanResult<Planned> {
        let Planned { node, mut layout } = self.lower(input)?;
        let mut columns = node.columns.clone();
        columns.extend(calls.iter().map(|call| call.result));
        let calls = self.over(calls, &layout)?;
        layout.extend(columns_of_relation(relation, calls.len()));
        let kind = NodeKind::ProjectSet { input: Box::new(node), calls };
        Ok(Planned { node: self.node(kind, columns), layout })
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
        Ok(Planned { node: self.node(kind, types), layout: columns.to_vec() })
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
