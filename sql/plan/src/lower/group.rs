//! Grouping, windows, sorting, limits, distinct rows.

use super::{Lowering, Planned, columns_of_relation};
use crate::error::PlanResult;
use crate::expression::{Aggregate, Expression, SortKey, WindowCall};
use crate::logical::{Grouping, Logical, Window};
use crate::physical::{AggregateNode, NodeKind};
use types::Type;
use types::catalog::oid;

impl Lowering<'_> {
    pub(super) fn lower_grouping(&mut self, grouping: Grouping) -> PlanResult<Planned> {
        let Grouping { relation, input, keys, sets, aggregates, grouping_calls } = grouping;
        let input = self.lower(input)?;
        let mut columns = keys.iter().map(|key| key.expression.result).collect::<Vec<_>>();
        columns.extend(aggregates.iter().map(|aggregate| aggregate.result));
        columns.extend(grouping_calls.iter().map(|_| Type::of(oid::INT4)));
        let layout = columns_of_relation(relation, columns.len()).collect();
        let keys = self.keys_over(keys, &input.layout)?;
        let aggregates = aggregates
            .into_iter()
            .map(|aggregate| self.aggregate(aggregate, &input))
            .collect::<PlanResult<Vec<_>>>()?;
        let aggregate = AggregateNode { input: input.node, keys, sets, aggregates, grouping_calls };
        Ok(Planned { node: self.node(NodeKind::HashAggregate(Box::new(aggregate)), columns), layout })
    }

    fn aggregate(&mut self, mut aggregate: Aggregate, input: &Planned) -> PlanResult<Aggregate> {
        let mut result = Ok(());
        aggregate.for_each_part_mut(&mut |part| {
            if result.is_ok() {
                result = self.resolve(part, &input.layout);
            }
        });
        result.map(|()| aggregate)
    }

    pub(super) fn lower_window(&mut self, window: Window) -> PlanResult<Planned> {
        let Window { relation, input, partition, order, functions } = window;
        let input = self.lower(input)?;
        let keys = partition.iter().chain(&order).cloned().collect();
        let Planned { node, mut layout } = self.sorted(input, keys)?;
        let partition = self.keys_over(partition, &layout)?;
        let order = self.keys_over(order, &layout)?;
        let functions = functions
            .into_iter()
            .map(|mut call: WindowCall| {
                let mut result = Ok(());
                call.for_each_part_mut(&mut |part| {
                    if result.is_ok() {
                        result = self.resolve(part, &layout);
                    }
                });
                result.map(|()| call)
            })
            .collect::<PlanResult<Vec<_>>>()?;
        let mut columns = node.columns.clone();
        columns.extend(functions.iter().map(|call| call.result));
        layout.extend(columns_of_relation(relation, functions.len()));
        let kind = NodeKind::Window { input: Box::new(node), partition, order, functions };
        Ok(Planned { node: self.node(kind, columns), layout })
    }

    /// The rows of an input in an order.
    pub(super) fn sorted(&mut self, input: Planned, keys: Vec<SortKey>) -> PlanResult<Planned> {
        if keys.is_empty() {
            return Ok(input);
        }
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::Sort { input: Box::new(input.node), keys, presorted: 0 };
        Ok(Planned { node: self.node(kind, columns), layout: input.layout })
    }

    pub(super) fn lower_sort(&mut self, input: Logical, keys: Vec<SortKey>) -> PlanResult<Planned> {
        let input = self.lower(input)?;
        self.sorted(input, keys)
    }

    pub(super) fn lower_limit(
        &mut self,
        input: Logical,
        limit: Option<Expression>,
        offset: Option<Expression>,
        with_ties: Vec<SortKey>,
    ) -> PlanResult<Planned> {
        // A limit is not about the rows: its expressions see none of their columns.
        let limit = self.over_option(limit, &[])?;
        let offset = self.over_option(offset, &[])?;
        let input = self.lower(input)?;
        let columns = input.node.columns.clone();
        let with_ties = self.keys_over(with_ties, &input.layout)?;
        let kind = match (input.node.kind, limit) {
            (NodeKind::Sort { input, keys, presorted: 0 }, Some(limit)) if with_ties.is_empty() => {
                NodeKind::TopN { input, keys, limit, offset }
            }
            (kind, limit) => {
                let estimate = input.node.estimate;
                let input = crate::physical::Node { kind, columns: columns.clone(), estimate };
                NodeKind::Limit { input: Box::new(input), limit, offset, with_ties }
            }
        };
        Ok(Planned { node: self.node(kind, columns), layout: input.layout })
    }

    pub(super) fn lower_distinct(&mut self, input: Logical, keys: Vec<SortKey>) -> PlanResult<Planned> {
        let input = self.lower(input)?;
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::HashDistinct { input: Box::new(input.node), keys };
        Ok(Planned { node: self.node(kind, columns), layout: input.layout })
    }
}
