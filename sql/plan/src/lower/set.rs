//! Set operations and recursion.

use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::cost::{Grouped, hash_group_cost, sort_cost, unique_cost};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, RelationId, SortKey};
use crate::logical::{Logical, Recursive, SetOperation, SetOperator, WorkTableId};
use crate::physical::{Estimate, Node, NodeKind};
use crate::rewrite::has_volatile;
use std::sync::Arc;
use types::catalog::oid;
use types::vector::Order;
use types::{Type, Value};

/// `money[]`
const MONEY_ARRAY: u32 = 791;
/// `bit[]`
const BIT_ARRAY: u32 = 1561;
/// `varbit[]`
const VARBIT_ARRAY: u32 = 1563;
/// `record[]`
const RECORD_ARRAY: u32 = 2287;

impl Lowering<'_> {
    fn side(&mut self, (input, columns): (Logical, Vec<Column>)) -> PlanResult<Node> {
        let planned = self.lower(input)?;
        Ok(self.project_to(planned, &columns)?.node)
    }

    /// The rows of a `UNION ALL` in a wanted order, if an index gives those of any side in it, and what they cost.
    fn sides_in_order(
        &mut self,
        relation: RelationId,
        inputs: &[(Logical, Vec<Column>)],
        types: &[Type],
        wanted: &Wanted,
    ) -> PlanResult<Option<Node>> {
        if wanted.keys.is_empty() || !self.facts.settings().optimise {
            return Ok(None);
        }
        let layout: Vec<Column> = columns_of_relation(relation, types.len()).collect();
        let trial = self.begin_trial();
        let before = self.subplans.len();
        let mut sides = Vec::with_capacity(inputs.len());
        for (input, columns) in inputs {
            let Some(keys) = keys_of_side(&wanted.keys, &layout, columns) else {
                self.give_up(trial);
                return Ok(None);
            };
            let strict = Wanted { keys: keys.clone(), strict: true, ..wanted.clone() };
            let planned = self.lower_wanted(input.clone(), &strict)?;
            sides.push((planned, keys, columns));
        }
        let met = |side: &(Planned, Vec<SortKey>, &Vec<Column>)| wanted.is_met(side.0.presorted);
        if !sides.iter().any(met) || self.subplans.len() != before {
            self.give_up(trial);
            return Ok(None);
        }
        let mut nodes = Vec::with_capacity(sides.len());
        for (planned, keys, columns) in sides {
            let met = wanted.is_met(planned.presorted);
            let sorted = if met { planned } else { self.sorted(planned, keys, 0)? };
            nodes.extend(flattened(self.project_to(sorted, columns)?.node));
        }
        let keys = self.keys_over(wanted.keys.clone(), &layout)?;
        let kind = NodeKind::MergeAppend { inputs: nodes, keys, members_of: None, pruning: None };
        Ok(Some(self.node(kind, types.to_vec())))
    }

    pub(super) fn lower_set(&mut self, operation: SetOperation, wanted: &Wanted) -> PlanResult<Planned> {
        let SetOperation { relation, operator, all, inputs, types, orders } = operation;
        let layout = columns_of_relation(relation, types.len()).collect();
        let union_all = operator == SetOperator::Union && all;
        let ordered = if union_all { self.sides_in_order(relation, &inputs, &types, wanted)? } else { None };
        let inputs = inputs.into_iter().map(|input| self.side(input)).collect::<PlanResult<Vec<_>>>()?;
        let node = match operator {
            SetOperator::Union => {
                let mut inputs: Vec<Node> = inputs.into_iter().flat_map(flattened).collect();
                if all && self.facts.settings().optimise {
                    leave_out_empty(&mut inputs);
                    if inputs.len() == 1 {
                        return Ok(Planned::new(inputs.remove(0), layout));
                    }
                }
                let appended = self.node(
                    NodeKind::Append { inputs, members_of: None, backward: false, pruning: None },
                    types.clone(),
                );
                let settings = self.facts.settings();
                match ordered {
                    Some(ordered)
                        if wanted.cost(settings, ordered.estimate, wanted.keys.len(), 1.0)
                            <= wanted.cost(settings, appended.estimate, 0, 1.0) =>
                    {
                        return Ok(Planned { node: ordered, layout, presorted: wanted.keys.len() });
                    }
                    Some(_) | None if all => appended,
                    Some(_) | None => self.distinct_rows(appended, &types, &orders),
                }
            }
            SetOperator::Intersect | SetOperator::Except => {
                let names = self.called(relation, &"".into()).columns;
                self.folded((operator, all, names), inputs, types, orders)
            }
        };
        Ok(Planned::new(node, layout))
    }

    /// The inputs from left to right, two at a time.
    fn folded(
        &self,
        (operator, all, names): (SetOperator, bool, Vec<Arc<str>>),
        inputs: Vec<Node>,
        types: Vec<Type>,
        orders: Vec<Order>,
    ) -> Node {
        let by_order = self.facts.settings().optimise && types.iter().any(|of| !is_hashable(*of));
        let folded = inputs.into_iter().reduce(|left, right| {
            if by_order || self.sorts_sides(&left, &right, &types) {
                return self.sorted_sides((operator, all, &names), (left, right), &types, &orders);
            }
            let inputs = Box::new((left, right));
            self.node(NodeKind::SetOperation { operator, all, inputs, orders: orders.clone() }, types.clone())
        });
        folded.unwrap_or_else(|| self.node(NodeKind::Values { rows: Vec::new() }, types))
    }

    /// Whether it is cheaper to sort the rows of both sides of a set operation than to put them into a hash table.
    fn sorts_sides(&self, left: &Node, right: &Node, types: &[Type]) -> bool {
        let settings = self.facts.settings();
        let of = |take: fn(&Estimate) -> f64| take(&left.estimate) + take(&right.estimate);
        let both = Estimate {
            startup_cost: left.estimate.startup_cost,
            total_cost: of(|estimate| estimate.total_cost),
            rows: of(|estimate| estimate.rows),
            width: left.estimate.width,
        };
        let counted = Grouped { keys: types.len() as f64, aggregates: 0.0, groups: left.estimate.rows };
        let sorted_both = if types.is_empty() { both } else { sort_cost(settings, both, None) };
        let sorted = unique_cost(settings, sorted_both, counted);
        // Without columns all rows are one group.
        let cheaper = !types.is_empty() || !settings.enable_hashagg;
        settings.optimise
            && cheaper
            && sorted.total_cost < hash_group_cost(settings, both, counted).total_cost
    }

    /// A set operation of rows that are sorted, each with the number of its side.
    fn sorted_sides(
        &self,
        (operator, all, names): (SetOperator, bool, &[Arc<str>]),
        (left, right): (Node, Node),
        types: &[Type],
        orders: &[Order],
    ) -> Node {
        let numbered: Vec<Type> = types.iter().copied().chain([Type::of(oid::INT4)]).collect();
        let side = |(number, input): (i32, Node)| {
            let own = input.columns.iter().enumerate().map(|(slot, of)| Expression::slot(slot, *of));
            let number = Expression::constant(Value::Int32(number), Type::of(oid::INT4));
            let expressions = own.chain([number]).collect();
            self.node(NodeKind::Project { input: Box::new(input), expressions }, numbered.clone())
        };
        let inputs = [(0, left), (1, right)].into_iter().map(side).collect();
        let kind = NodeKind::Append { inputs, members_of: None, backward: false, pruning: None };
        let mut input = self.node(kind, numbered.clone());
        let keys = keys_of_columns(types, orders);
        if !keys.is_empty() {
            let kind = NodeKind::Sort { input: Box::new(input), keys: keys.clone(), presorted: 0 };
            input = self.node(kind, numbered);
        }
        self.node(
            NodeKind::SortedSetOperation {
                operator,
                all,
                input: Box::new(input),
                keys,
                names: names.to_vec(),
            },
            types.to_vec(),
        )
    }

    /// Each of equal rows once: by a hash table, or by sorting them.
    fn distinct_rows(&self, input: Node, types: &[Type], orders: &[Order]) -> Node {
        let keys = keys_of_columns(types, orders);
        let settings = self.facts.settings();
        let from = input.estimate;
        let counted = Grouped { keys: keys.len() as f64, aggregates: 0.0, groups: from.rows };
        let hashed = hash_group_cost(settings, from, counted);
        let sorted_input = if keys.is_empty() { from } else { sort_cost(settings, from, None) };
        let sorted = unique_cost(settings, sorted_input, counted);
        let by_order = settings.optimise
            && (!keys.is_empty() || !settings.enable_hashagg)
            && (sorted.total_cost < hashed.total_cost || types.iter().any(|of| !is_hashable(*of)));
        let (kind, estimate) = if by_order {
            let mut input = input;
            if !keys.is_empty() {
                let kind = NodeKind::Sort { input: Box::new(input), keys: keys.clone(), presorted: 0 };
                input = Node { estimate: sorted_input, ..self.node(kind, types.to_vec()) };
            }
            (NodeKind::SortedDistinct { input: Box::new(input), keys }, sorted)
        } else {
            (NodeKind::HashDistinct { input: Box::new(input), keys }, hashed)
        };
        Node { estimate, ..self.node(kind, types.to_vec()) }
    }

    /// The tables of `WITH` that read rows of some rounds, themselves or by others of them.
    pub(super) fn readers_of(&self, is_read: impl Fn(WorkTableId) -> bool) -> Vec<u32> {
        let mut readers: Vec<u32> = Vec::new();
        for (number, common) in (0..).zip(&self.common_tables) {
            let mut reads = false;
            common.query.walk(&mut |part| {
                reads |= match part {
                    Logical::WorkTable { table, .. } => is_read(*table),
                    Logical::CommonTable { table, .. } => readers.contains(&table.0),
                    _ => false, // reads no rows of its own accord that a round makes
                };
            });
            if reads && !common.correlated {
                readers.push(number);
            }
        }
        readers
    }

    pub(super) fn lower_recursive(&mut self, recursive: Recursive) -> PlanResult<Planned> {
        let Recursive { relation, work_table, start, step, distinct, types, orders } = recursive;
        self.work_tables = self.work_tables.max(work_table.0.saturating_add(1));
        let quiet = ![&start.0, &step.0].into_iter().any(|rows| has_volatile(self.facts, rows));
        let renewed = self.readers_of(|read| read == work_table);
        let start = Box::new(self.side(start)?);
        let step = Box::new(self.side(step)?);
        let distinct = distinct.then_some(orders);
        let layout = columns_of_relation(relation, types.len()).collect();
        let kind = NodeKind::Recursive { work_table: work_table.0, start, step, distinct, quiet, renewed };
        Ok(Planned::new(self.node(kind, types), layout))
    }
}

/// All columns as keys.
fn keys_of_columns(types: &[Type], orders: &[Order]) -> Vec<SortKey> {
    let key = |(slot, (of, order)): (usize, (&Type, &Order))| SortKey {
        expression: Expression::slot(slot, *of),
        order: order.clone(),
        descending: false,
        nulls_first: false,
    };
    types.iter().zip(orders).enumerate().map(key).collect()
}

/// What a `UNION ALL` takes rows of, in place of itself.
fn flattened(input: Node) -> Vec<Node> {
    match input.kind {
        NodeKind::Append { inputs, backward: false, members_of, .. }
        | NodeKind::MergeAppend { inputs, members_of, .. }
            if members_of.is_none() || inputs.iter().all(reads_all) =>
        {
            inputs.into_iter().flat_map(flattened).collect()
        }
        NodeKind::Project { input: below, expressions } => match below.kind {
            NodeKind::Append { backward: false, ref inputs, .. }
            | NodeKind::MergeAppend { ref inputs, .. }
                if inputs.iter().all(reads_all) =>
            {
                let Node { columns, estimate, .. } = input;
                let projected = |below: Node| Node {
                    estimate: Estimate { width: estimate.width, ..below.estimate },
                    kind: NodeKind::Project { input: Box::new(below), expressions: expressions.clone() },
                    columns: columns.clone(),
                    unasked: Vec::new(),
                };
                flattened(*below).into_iter().map(projected).collect()
            }
            _ => vec![Node { kind: NodeKind::Project { input: below, expressions }, ..input }],
        },
        _ => vec![input],
    }
}

/// Leaves out what has no rows, but for one.
fn leave_out_empty(inputs: &mut Vec<Node>) {
    let is_empty = |node: &Node| {
        let mut below = node;
        while let NodeKind::Project { input, .. } = &below.kind {
            below = input;
        }
        matches!(&below.kind, NodeKind::Values { rows } if rows.is_empty())
    };
    if inputs.iter().any(|input| !is_empty(input)) {
        inputs.retain(|input| !is_empty(input));
    } else {
        inputs.truncate(1);
    }
}

/// Whether an operator hands up all rows of a table: what a query has besides makes it one of its own.
fn reads_all(node: &Node) -> bool {
    match &node.kind {
        NodeKind::TableScan(scan) => scan.filter.is_empty() && scan.row_ids.is_none(),
        NodeKind::IndexScan(scan) => scan.scan.filter.is_empty() && scan.is_whole(),
        NodeKind::Sort { input, .. } | NodeKind::Project { input, .. } => reads_all(input),
        _ => false, // whatever else there is has conditions
    }
}

/// The wanted keys over the columns of a side of a set operation; `None` if any is more than a column.
fn keys_of_side(keys: &[SortKey], layout: &[Column], columns: &[Column]) -> Option<Vec<SortKey>> {
    let of_side = |key: &SortKey| {
        let column = key.expression.as_column()?;
        let place = layout.iter().position(|own| *own == column)?;
        let expression = Expression::column(*columns.get(place)?, key.expression.result);
        Some(SortKey { expression, ..key.clone() })
    };
    keys.iter().map(of_side).collect()
}

/// Whether PostgreSQL groups rows by values of a type by a hash table: it has no hash function of some.
pub(super) fn is_hashable(of: Type) -> bool {
    !matches!(of.oid, oid::MONEY | oid::BIT | oid::VARBIT | oid::TSVECTOR | oid::TSQUERY | oid::RECORD)
        && !matches!(of.oid, MONEY_ARRAY | BIT_ARRAY | VARBIT_ARRAY | RECORD_ARRAY)
}
