//! Grouping, windows, sorting, limits, distinct rows.

use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::error::PlanResult;
use crate::expression::{Aggregate, Column, Expression, ExpressionKind, SortKey, WindowCall};
use crate::facts::AggregateKind;
use crate::logical::{Grouping, Logical, Window};
use crate::physical::{AggregateNode, NodeKind};
use types::catalog::oid;
use types::{Type, Value};

impl Lowering<'_> {
    pub(super) fn lower_grouping(&mut self, grouping: Grouping) -> PlanResult<Planned> {
        let Grouping { relation, input, keys, sets, aggregates, grouping_calls } = grouping;
        let mut input = match self.first_of_index(&input, &keys, &sets, &aggregates)? {
            Some(first) => first,
            None => self.lower(input)?,
        };
        let rows = self.group_rows(&keys, &sets, input.node.estimate.rows);
        for (index, key) in (0u32..).zip(&keys) {
            self.statistics.alias(Column { relation, index }, &key.expression);
        }
        let sorted = !self.facts.settings().enable_hashagg && !keys.is_empty() && sets.len() == 1;
        if sorted {
            input = self.sorted(input, keys.clone())?;
        }
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
        let kind = if sorted { NodeKind::SortedAggregate } else { NodeKind::HashAggregate };
        Ok(Planned::new(self.node_of_rows(kind(Box::new(aggregate)), columns, rows), layout))
    }

    fn group_rows(&self, keys: &[SortKey], sets: &[Vec<u32>], rows: f64) -> f64 {
        let of_set = |set: &Vec<u32>| {
            let keys = set.iter().filter_map(|place| keys.get(*place as usize)).map(|key| &key.expression);
            self.statistics.groups(&keys.collect::<Vec<_>>(), rows)
        };
        sets.iter().map(of_set).sum()
    }

    /// The least or greatest value alone is the first that an index gives.
    fn first_of_index(
        &mut self,
        input: &Logical,
        keys: &[SortKey],
        sets: &[Vec<u32>],
        aggregates: &[Aggregate],
    ) -> PlanResult<Option<Planned>> {
        let [aggregate] = aggregates else { return Ok(None) };
        let plain = keys.is_empty() && sets.len() == 1 && aggregate.filter.is_none();
        let descending = match self.facts.function(aggregate.function).aggregate {
            AggregateKind::Least => false,
            AggregateKind::Greatest => true,
            AggregateKind::Other | AggregateKind::CountRows | AggregateKind::CountValues => return Ok(None),
        };
        let table = match input {
            Logical::Scan(scan) => scan.members.is_empty(),
            Logical::Filter { input, .. } => {
                matches!(&**input, Logical::Scan(scan) if scan.members.is_empty())
            }
            _ => false,
        };
        let [argument] = aggregate.arguments.as_slice() else { return Ok(None) };
        if !plain || !table || argument.as_column().is_none() || !self.facts.settings().optimise {
            return Ok(None);
        }
        let Some(order) = self.facts.order(argument.result) else { return Ok(None) };
        let key = SortKey { expression: argument.clone(), order, descending, nulls_first: descending };
        let not_null = Expression::new(
            ExpressionKind::IsNull { operand: Box::new(argument.clone()), negated: true },
            Type::of(oid::BOOL),
        );
        let filtered = match input.clone() {
            Logical::Filter { input, mut conditions } => {
                conditions.push(not_null);
                Logical::Filter { input, conditions }
            }
            input => Logical::Filter { input: Box::new(input), conditions: vec![not_null] },
        };
        let wanted = Wanted { keys: vec![key], limit: Some(1.0) };
        let trial = self.begin_trial();
        let planned = self.lower_wanted(filtered, &wanted)?;
        if !planned.satisfied {
            self.give_up(trial);
            return Ok(None);
        }
        let columns = planned.node.columns.clone();
        let limit = Some(Expression::constant(Value::Int64(1), Type::of(oid::INT8)));
        let input = Box::new(planned.node);
        let kind = NodeKind::Limit { input, limit, offset: None, with_ties: Vec::new() };
        Ok(Some(Planned::new(self.node(kind, columns), planned.layout)))
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
        let keys = partition.iter().chain(&order).cloned().collect::<Vec<_>>();
        let Planned { node, mut layout, .. } = self.lower_sorted(input, keys, None)?;
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
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    /// The rows of an input in an order.
    pub(super) fn sorted(&mut self, input: Planned, keys: Vec<SortKey>) -> PlanResult<Planned> {
        if keys.is_empty() {
            return Ok(input);
        }
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::Sort { input: Box::new(input.node), keys, presorted: 0 };
        Ok(Planned::new(self.node(kind, columns), input.layout))
    }

    /// An input in an order, by an index if that is cheap.
    pub(super) fn lower_sorted(
        &mut self,
        input: Logical,
        keys: Vec<SortKey>,
        limit: Option<f64>,
    ) -> PlanResult<Planned> {
        let wanted = if self.facts.settings().optimise {
            Wanted { keys: keys.clone(), limit }
        } else {
            Wanted::default()
        };
        let input = self.lower_wanted(input, &wanted)?;
        if input.satisfied && !wanted.keys.is_empty() {
            return Ok(input);
        }
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
        let count = |bound: &Expression| match bound.as_constant() {
            Some(Value::Int64(count)) => Some((*count).max(0) as f64),
            Some(_) | None => None,
        };
        let most = if with_ties.is_empty() { most_read(limit.as_ref(), offset.as_ref()) } else { None };
        let wanted = limit
            .as_ref()
            .and_then(count)
            .map(|limit| limit + offset.as_ref().and_then(count).unwrap_or(0.0));
        let input = match input {
            Logical::Sort { input, keys } => self.lower_sorted(*input, keys, wanted)?,
            Logical::Project { relation, input, expressions } => {
                self.lower_limited_project(relation, *input, expressions, (wanted, most))?
            }
            input => self.lower_wanted(input, &Wanted { keys: Vec::new(), limit: wanted })?,
        };
        let columns = input.node.columns.clone();
        let with_ties = self.keys_over(with_ties, &input.layout)?;
        let kind = match (input.node.kind, limit) {
            (NodeKind::Sort { input, keys, presorted: 0 }, Some(limit)) if with_ties.is_empty() => {
                NodeKind::TopN { input, keys, limit, offset }
            }
            // Above a projection of sorted rows the limit goes below it, unless what is passed over has to be computed.
            (NodeKind::Project { input, expressions }, Some(limit))
                if with_ties.is_empty()
                    && (offset.is_none() || !expressions.iter().any(|part| self.is_volatile(part)))
                    && matches!(input.kind, NodeKind::Sort { presorted: 0, .. }) =>
            {
                let inner_columns = input.columns.clone();
                match input.kind {
                    NodeKind::Sort { input, keys, .. } => {
                        let top = NodeKind::TopN { input, keys, limit, offset };
                        let input = Box::new(self.node(top, inner_columns));
                        NodeKind::Project { input, expressions }
                    }
                    kind => NodeKind::Limit {
                        input: Box::new(self.node(kind, inner_columns)),
                        limit: Some(limit),
                        offset,
                        with_ties,
                    },
                }
            }
            (kind, limit) => {
                let estimate = input.node.estimate;
                let input = crate::physical::Node { kind, columns: columns.clone(), estimate };
                NodeKind::Limit { input: Box::new(input), limit, offset, with_ties }
            }
        };
        Ok(Planned::new(self.node(kind, columns), input.layout))
    }

    /// A projection of which only the first rows are wanted; no more than `most` are computed if that can be seen.
    fn lower_limited_project(
        &mut self,
        relation: crate::expression::RelationId,
        input: Logical,
        expressions: Vec<Expression>,
        (limit, most): (Option<f64>, Option<i64>),
    ) -> PlanResult<Planned> {
        let volatile = expressions.iter().any(|expression| self.is_volatile(expression));
        match input {
            Logical::Sort { input, keys } if !volatile => {
                let input = self.lower_sorted(*input, keys, limit)?;
                self.project(relation, input, expressions)
            }
            input => {
                let wanted = Wanted { keys: Vec::new(), limit };
                let input = match most.filter(|_| volatile) {
                    Some(most) => {
                        let kind = ExpressionKind::Constant(Value::Int64(most));
                        let limit = Some(Expression { kind, result: Type::of(oid::INT8) });
                        let input = Box::new(input);
                        Logical::Limit { input, limit, offset: None, with_ties: Vec::new() }
                    }
                    None => input,
                };
                self.lower_wanted(Logical::Project { relation, input: Box::new(input), expressions }, &wanted)
            }
        }
    }

    pub(super) fn lower_distinct(&mut self, input: Logical, keys: Vec<SortKey>) -> PlanResult<Planned> {
        let input = self.lower(input)?;
        let expressions = keys.iter().map(|key| &key.expression).collect::<Vec<_>>();
        let rows = self.statistics.groups(&expressions, input.node.estimate.rows);
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::HashDistinct { input: Box::new(input.node), keys };
        Ok(Planned::new(self.node_of_rows(kind, columns, rows), input.layout))
    }
}

/// How many rows a limit and an offset that are known read; none if there is no offset, or nobody knows.
fn most_read(limit: Option<&Expression>, offset: Option<&Expression>) -> Option<i64> {
    match (limit?.as_constant()?, offset?.as_constant()?) {
        (Value::Int64(..=0), _) => Some(0),
        (Value::Int64(limit), Value::Int64(offset)) => Some(limit.saturating_add((*offset).max(0))),
        _ => None,
    }
}
