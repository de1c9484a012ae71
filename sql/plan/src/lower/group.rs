//! Grouping, windows, distinct rows.

use super::decided::{Columns, carry};
use super::sorted::common;
use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::cost::{Grouped, hash_group_cost, ordered_group_cost};
use crate::error::PlanResult;
use crate::expression::{Aggregate, Column, Expression, RelationId, SortKey, WindowCall};
use crate::logical::{Grouping, Logical, Window};
use crate::physical::{AggregateNode, Estimate, NodeKind};
use std::collections::BTreeSet;
use types::Type;
use types::catalog::oid;

impl Lowering<'_> {
    pub(super) fn lower_grouping(&mut self, grouping: Grouping, wanted: &Wanted) -> PlanResult<Planned> {
        if grouping.sets.len() > 1 && self.facts.settings().optimise {
            return self.lower_sets(grouping, wanted);
        }
        let decided = self.decided_keys(&grouping);
        let Grouping { relation, input, keys, mut sets, aggregates, mut grouping_calls } = grouping;
        let made = Columns {
            keys: keys.len() as u32,
            aggregates: aggregates.len() as u32,
            carried: decided.iter().map(|place| *place as u32).collect(),
        };
        let (mut keys, mut order, carried) = parted(keys, &decided);
        if !carried.is_empty() {
            sets = vec![(0..keys.len() as u32).collect()];
        }
        if keys.is_empty()
            && let Some(planned) = self.lower_extremes(relation, &input, &sets, &aggregates)?
        {
            return Ok(planned);
        }
        let (input, sorted, presorted) =
            if keys.is_empty() || sets.len() != 1 || !self.facts.settings().optimise {
                let keys = if sets.len() == 1 { keys.clone() } else { Vec::new() };
                let sorted = !self.facts.settings().enable_hashagg && !keys.is_empty();
                let input = self.lower(input)?;
                (if sorted { self.sorted(input, keys, 0)? } else { input }, sorted, 0)
            } else {
                let asked = |key: &SortKey| {
                    let column = key.expression.as_column().filter(|column| column.relation == relation)?;
                    order.iter().position(|place| *place == column.index)
                };
                let places;
                (keys, places) = put_first(keys, wanted, asked);
                order = places.into_iter().map(|place| order[place as usize]).collect();
                let presorted = common(&renamed(&keys, relation, &order), &wanted.keys);
                let (input, sorted) =
                    self.ordered_or_not(input, &keys, aggregates.len() as f64, (presorted, wanted))?;
                (input, sorted, if sorted { presorted } else { 0 })
            };
        let rows = self.group_rows(&keys, &sets, input.node.estimate.rows);
        let expressions = keys.iter().map(|key| &key.expression).chain(&carried);
        for (index, expression) in order.iter().chain(&made.carried).zip(expressions) {
            self.statistics.alias(Column { relation, index: *index }, expression);
        }
        for call in grouping_calls.iter_mut().flatten() {
            let place = order.iter().position(|place| place == call);
            *call = place.map_or(*call, |place| place as u32);
        }
        let mut columns = keys.iter().map(|key| key.expression.result).collect::<Vec<_>>();
        columns.extend(aggregates.iter().map(|aggregate| aggregate.result));
        columns.extend(carried.iter().map(|expression| expression.result));
        columns.extend(grouping_calls.iter().map(|_| Type::of(oid::INT4)));
        let layout = made.layout(relation, &order, grouping_calls.len() as u32);
        let keys = self.keys_over(keys, &input.layout)?;
        let counted = Grouped { keys: keys.len() as f64, aggregates: aggregates.len() as f64, groups: rows };
        let aggregates = aggregates
            .into_iter()
            .chain(carried.into_iter().map(carry))
            .map(|aggregate| self.aggregate(aggregate, &input))
            .collect::<PlanResult<Vec<_>>>()?;
        let from = input.node.estimate;
        let aggregate =
            AggregateNode { input: input.node, keys, sets, phases: Vec::new(), aggregates, grouping_calls };
        let kind = if sorted { NodeKind::SortedAggregate } else { NodeKind::HashAggregate };
        let cost = if sorted { ordered_group_cost } else { hash_group_cost };
        let mut node = self.node_of_rows(kind(Box::new(aggregate)), columns, rows);
        let Estimate { startup_cost, total_cost, .. } = cost(self.facts.settings(), from, counted);
        (node.estimate.startup_cost, node.estimate.total_cost) = (startup_cost, total_cost);
        Ok(Planned { node, layout, presorted })
    }

    fn group_rows(&self, keys: &[SortKey], sets: &[Vec<u32>], rows: f64) -> f64 {
        let of_set = |set: &Vec<u32>| {
            let keys = set.iter().filter_map(|place| keys.get(*place as usize)).map(|key| &key.expression);
            self.statistics.groups(&keys.collect::<Vec<_>>(), rows)
        };
        sets.iter().map(of_set).sum()
    }

    pub(super) fn aggregate(&mut self, mut aggregate: Aggregate, input: &Planned) -> PlanResult<Aggregate> {
        let mut result = Ok(());
        aggregate.for_each_part_mut(&mut |part| {
            if result.is_ok() {
                result = self.resolve(part, &input.layout);
            }
        });
        result.map(|()| aggregate)
    }

    pub(super) fn lower_window(&mut self, window: Window, wanted: &Wanted) -> PlanResult<Planned> {
        self.lower_window_until(window, Vec::new(), wanted)
    }

    /// A window, and conditions that end what it hands up of a partition.
    pub(super) fn lower_window_until(
        &mut self,
        window: Window,
        until: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let Window { relation, input, partition, order, functions } = window;
        let keys = partition.iter().chain(&order).cloned().collect::<Vec<_>>();
        let presorted = common(&self.needed(&input, &keys), &wanted.keys);
        // No more rows are read than are asked for, if they come in the order and nothing is to be known of those behind.
        let settled = |call: &WindowCall| call.is_settled_by_peers(&self.facts.function_name(call.function));
        let limited = until.is_empty() && wanted.is_met(presorted) && functions.iter().all(settled);
        let limit = wanted.limit.filter(|_| limited);
        let Planned { node, mut layout, .. } = self.lower_sorted(input, keys, limit)?;
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
        let until = self.over(until, &layout)?;
        let kind = NodeKind::Window { input: Box::new(node), partition, order, functions, until };
        Ok(Planned { node: self.node(kind, columns), layout, presorted })
    }

    pub(super) fn lower_distinct(
        &mut self,
        input: Logical,
        keys: Vec<SortKey>,
        on: bool,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let given = match &input {
            Logical::Sort { keys, .. } if on => Wanted { keys: keys.clone(), ..Wanted::default() },
            _ => wanted.clone(),
        };
        let asked = |key: &SortKey| {
            keys.iter().position(|own| own.expression.as_column() == key.expression.as_column())
        };
        let (keys, _) = put_first(keys.clone(), &given, asked);
        let (input, sorted, presorted) = if keys.is_empty() || !self.facts.settings().optimise {
            (self.lower(input)?, false, 0)
        } else if on {
            // The first of equal rows is the first in the order that is asked for.
            let presorted = match &input {
                Logical::Sort { keys, .. } => common(keys, &wanted.keys),
                _ => common(&keys, &wanted.keys),
            };
            (self.lower_sorted(input, keys.clone(), None)?, true, presorted)
        } else {
            let presorted = common(&keys, &wanted.keys);
            let (input, sorted) = self.ordered_or_not(input, &keys, 0.0, (presorted, wanted))?;
            (input, sorted, if sorted { presorted } else { 0 })
        };
        let from = input.node.estimate;
        let rows =
            self.statistics.groups(&keys.iter().map(|key| &key.expression).collect::<Vec<_>>(), from.rows);
        let counted = Grouped { keys: keys.len() as f64, aggregates: 0.0, groups: rows };
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let (kind, cost): (_, fn(&_, _, _) -> Estimate) = if sorted {
            (NodeKind::SortedDistinct { input: Box::new(input.node), keys }, ordered_group_cost)
        } else {
            (NodeKind::HashDistinct { input: Box::new(input.node), keys }, hash_group_cost)
        };
        let mut node = self.node_of_rows(kind, columns, rows);
        let Estimate { startup_cost, total_cost, .. } = cost(self.facts.settings(), from, counted);
        (node.estimate.startup_cost, node.estimate.total_cost) = (startup_cost, total_cost);
        Ok(Planned { node, layout: input.layout, presorted })
    }
}

/// Keys that are grouped by, their places before, and what is carried along.
fn parted(keys: Vec<SortKey>, decided: &BTreeSet<usize>) -> (Vec<SortKey>, Vec<u32>, Vec<Expression>) {
    let (mut left, mut order, mut carried) = (Vec::with_capacity(keys.len()), Vec::new(), Vec::new());
    for (place, key) in keys.into_iter().enumerate() {
        if decided.contains(&place) {
            carried.push(key.expression);
        } else {
            left.push(key);
            order.push(place as u32);
        }
    }
    (left, order, carried)
}

/// Keys of a grouping by the names of their columns.
fn renamed(keys: &[SortKey], relation: RelationId, order: &[u32]) -> Vec<SortKey> {
    let named = |(key, index): (&SortKey, &u32)| SortKey {
        expression: Expression::column(Column { relation, index: *index }, key.expression.result),
        ..key.clone()
    };
    keys.iter().zip(order).map(named).collect()
}

/// Keys that are equal to be in any order, in the order that is wanted so far as that asks for them, and their places before.
fn put_first(
    keys: Vec<SortKey>,
    wanted: &Wanted,
    asked: impl Fn(&SortKey) -> Option<usize>,
) -> (Vec<SortKey>, Vec<u32>) {
    let mut places: Vec<usize> = Vec::with_capacity(keys.len());
    let mut ordered = Vec::with_capacity(keys.len());
    for key in &wanted.keys {
        let Some(place) = asked(key).filter(|place| !places.contains(place)) else { break };
        if keys[place].order != key.order {
            break;
        }
        places.push(place);
        let SortKey { descending, nulls_first, .. } = *key;
        ordered.push(SortKey { descending, nulls_first, ..keys[place].clone() });
    }
    for (place, key) in keys.into_iter().enumerate() {
        if !places.contains(&place) {
            places.push(place);
            ordered.push(key);
        }
    }
    (ordered, places.into_iter().map(|place| place as u32).collect())
}
