//! Set operations and recursion.

use super::{Lowering, Planned, columns_of_relation};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, SortKey};
use crate::logical::{Logical, Recursive, SetOperation, SetOperator};
use crate::physical::{Node, NodeKind};
use types::Type;
use types::vector::Order;

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

    fn distinct_rows(&self, input: Node, types: &[Type], orders: &[Order]) -> Node {
        let key = |(slot, (of, order)): (usize, (&Type, &Order))| SortKey {
            expression: Expression::slot(slot, *of),
            order: order.clone(),
            descending: false,
            nulls_first: false,
        };
        let keys = types.iter().zip(orders).enumerate().map(key).collect();
        self.node(NodeKind::HashDistinct { input: Box::new(input), keys }, types.to_vec())
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
