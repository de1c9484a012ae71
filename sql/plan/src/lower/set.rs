//! Set operations and recursion.

use super::{Lowering, Planned, columns_of_relation};
use crate::cost::{Grouped, hash_group_cost, sort_cost, sorted_group_cost};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, SortKey};
use crate::logical::{Logical, Recursive, SetOperation, SetOperator};
use crate::physical::{Node, NodeKind};
use types::Type;
use types::catalog::oid;
use types::vector::Order;

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

    pub(super) fn lower_set(&mut self, operation: SetOperation) -> PlanResult<Planned> {
        let SetOperation { relation, operator, all, inputs, types, orders } = operation;
        let layout = columns_of_relation(relation, types.len()).collect();
        let inputs = inputs.into_iter().map(|input| self.side(input)).collect::<PlanResult<Vec<_>>>()?;
        let node = match operator {
            SetOperator::Union => {
                let inputs = inputs.into_iter().flat_map(flattened).collect();
                let appended = self.node(NodeKind::Append { inputs, members_of: None }, types.clone());
                if all { appended } else { self.distinct_rows(appended, &types, &orders) }
            }
            SetOperator::Intersect | SetOperator::Except => self.folded(operator, all, inputs, types, orders),
        };
        Ok(Planned::new(node, layout))
    }

    /// The inputs from left to right, two at a time.
    fn folded(
        &self,
        operator: SetOperator,
        all: bool,
        inputs: Vec<Node>,
        types: Vec<Type>,
        orders: Vec<Order>,
    ) -> Node {
        let folded = inputs.into_iter().reduce(|left, right| {
            let inputs = Box::new((left, right));
            self.node(NodeKind::SetOperation { operator, all, inputs, orders: orders.clone() }, types.clone())
        });
        folded.unwrap_or_else(|| self.node(NodeKind::Values { rows: Vec::new() }, types))
    }

    /// Each of equal rows once: by a hash table, or by sorting them.
    fn distinct_rows(&self, input: Node, types: &[Type], orders: &[Order]) -> Node {
        let key = |(slot, (of, order)): (usize, (&Type, &Order))| SortKey {
            expression: Expression::slot(slot, *of),
            order: order.clone(),
            descending: false,
            nulls_first: false,
        };
        let keys: Vec<SortKey> = types.iter().zip(orders).enumerate().map(key).collect();
        let settings = self.facts.settings();
        let from = input.estimate;
        let counted = Grouped { keys: keys.len() as f64, aggregates: 0.0, groups: from.rows };
        let hashed = hash_group_cost(settings, from, counted);
        let sorted_input = sort_cost(settings, from, None);
        let sorted = sorted_group_cost(settings, sorted_input, counted);
        let by_order = settings.optimise
            && !keys.is_empty()
            && (sorted.total_cost < hashed.total_cost || types.iter().any(|of| !is_hashable(*of)));
        let (kind, estimate) = if by_order {
            let kind = NodeKind::Sort { input: Box::new(input), keys: keys.clone(), presorted: 0 };
            let mut input = self.node(kind, types.to_vec());
            input.estimate = sorted_input;
            (NodeKind::SortedDistinct { input: Box::new(input), keys }, sorted)
        } else {
            (NodeKind::HashDistinct { input: Box::new(input), keys }, hashed)
        };
        Node { estimate, ..self.node(kind, types.to_vec()) }
    }

    pub(super) fn lower_recursive(&mut self, recursive: Recursive) -> PlanResult<Planned> {
        let Recursive { relation, work_table, start, step, distinct, types, orders } = recursive;
        self.work_tables = self.work_tables.max(work_table.0.saturating_add(1));
        let start = Box::new(self.side(start)?);
        let step = Box::new(self.side(step)?);
        let distinct = distinct.then_some(orders);
        let layout = columns_of_relation(relation, types.len()).collect();
        let kind = NodeKind::Recursive { work_table: work_table.0, start, step, distinct };
        Ok(Planned::new(self.node(kind, types), layout))
    }
}

/// What a `UNION ALL` takes rows of, in place of itself.
fn flattened(input: Node) -> Vec<Node> {
    match input.kind {
        NodeKind::Append { inputs, members_of: None } => inputs.into_iter().flat_map(flattened).collect(),
        _ => vec![input],
    }
}

/// Whether PostgreSQL groups rows by values of a type by a hash table: it has no hash function of some.
fn is_hashable(of: Type) -> bool {
    !matches!(of.oid, oid::MONEY | oid::BIT | oid::VARBIT | oid::TSVECTOR | oid::TSQUERY | oid::RECORD)
        && !matches!(of.oid, MONEY_ARRAY | BIT_ARRAY | VARBIT_ARRAY | RECORD_ARRAY)
}
