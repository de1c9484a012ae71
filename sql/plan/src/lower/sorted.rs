//! Rows in an order, and the first of them.

use super::access::bare;
use super::known::Known;
use super::{Lowering, Planned, Wanted};
use crate::cost::{
    Grouped, hash_group_cost, incremental_sort_cost, ordered_group_cost, prefers_sorted, sort_cost,
};
use crate::error::PlanResult;
use crate::expression::{Expression, ExpressionKind, SortKey};
use crate::logical::Logical;
use crate::physical::{Estimate, Node, NodeKind};
use types::catalog::oid;
use types::{Type, Value};

/// How many of the first keys two orders have in common.
pub(super) fn common(given: &[SortKey], wanted: &[SortKey]) -> usize {
    let same = |(given, wanted): &(&SortKey, &SortKey)| {
        bare(&given.expression) == bare(&wanted.expression)
            && given.order == wanted.order
            && given.descending == wanted.descending
            && given.nulls_first == wanted.nulls_first
    };
    given.iter().zip(wanted).take_while(same).count()
}

/// Whether an operator's way may depend on the order that is wanted of its rows.
fn may_be_ordered(logical: &Logical) -> bool {
    match logical {
        Logical::Scan(_) => true,
        Logical::Filter { input, .. } | Logical::Project { input, .. } => may_be_ordered(input),
        _ => false, // what is above a scan in any other way has the order that it has
    }
}

impl Lowering<'_> {
    /// The keys of an order that say something beyond what is known of an operator's rows.
    pub(super) fn needed(&self, input: &Logical, keys: &[SortKey]) -> Vec<SortKey> {
        if keys.is_empty() || !self.facts.settings().optimise {
            return keys.to_vec();
        }
        Known::of(input, self.facts).needed(keys, self.facts)
    }

    /// How many values the first of the wanted keys have.
    pub(super) fn prefix_groups(&self, wanted: &Wanted, presorted: usize, rows: f64) -> f64 {
        let keys = wanted.keys.iter().take(presorted).map(|key| &key.expression).collect::<Vec<_>>();
        self.statistics.groups(&keys, rows)
    }

    /// The rows of an input in an order, by so many of whose keys they are sorted.
    pub(super) fn sorted(
        &mut self,
        input: Planned,
        keys: Vec<SortKey>,
        presorted: usize,
    ) -> PlanResult<Planned> {
        self.first_sorted(input, keys, presorted, None)
    }

    /// The same, where only so many of the rows may be asked for.
    fn first_sorted(
        &mut self,
        input: Planned,
        keys: Vec<SortKey>,
        presorted: usize,
        limit: Option<f64>,
    ) -> PlanResult<Planned> {
        if keys.is_empty() {
            return Ok(input);
        }
        let settings = self.facts.settings();
        let from = input.node.estimate;
        let whole = sort_cost(settings, from, None);
        let mut estimate = whole;
        let mut used = 0;
        if presorted > 0 && settings.enable_incremental_sort {
            let wanted = Wanted { keys: keys.clone(), ..Wanted::default() };
            let groups = self.prefix_groups(&wanted, presorted, from.rows);
            let by_groups = incremental_sort_cost(settings, from, groups);
            let first = |limit: f64| {
                let part = (limit / from.rows.max(1.0)).min(1.0);
                let asked = by_groups.startup_cost + (by_groups.total_cost - by_groups.startup_cost) * part;
                asked < sort_cost(settings, from, Some(limit)).total_cost
            };
            if prefers_sorted(by_groups, whole) || limit.is_some_and(first) {
                (estimate, used) = (by_groups, presorted as u32);
            }
        }
        let given = keys.len();
        let keys = self.keys_over(keys, &input.layout)?;
        let columns = input.node.columns.clone();
        let kind = NodeKind::Sort { input: Box::new(input.node), keys, presorted: used };
        let mut node = self.node(kind, columns);
        (node.estimate.startup_cost, node.estimate.total_cost) = (estimate.startup_cost, estimate.total_cost);
        Ok(Planned { node, layout: input.layout, presorted: given })
    }

    /// An input in an order, by an index if that is cheap.
    pub(super) fn lower_sorted(
        &mut self,
        input: Logical,
        keys: Vec<SortKey>,
        limit: Option<f64>,
    ) -> PlanResult<Planned> {
        if !self.facts.settings().optimise {
            let input = self.lower(input)?;
            return self.sorted(input, keys, 0);
        }
        let wanted = Wanted { keys: self.needed(&input, &keys), limit, strict: false };
        let input = self.lower_wanted(input, &wanted)?;
        if wanted.is_met(input.presorted) {
            return Ok(input);
        }
        let presorted = input.presorted;
        self.first_sorted(input, wanted.keys, presorted, limit)
    }

    /// The rows of an input that are grouped by keys: in their order, if that is the cheaper way, or as they come. `above`: by how many of the keys of an order that is wanted
    /// above the groups are sorted if the rows are.
    pub(super) fn ordered_or_not(
        &mut self,
        input: Logical,
        keys: &[SortKey],
        aggregates: f64,
        above: (usize, &Wanted),
    ) -> PlanResult<(Planned, bool)> {
        let wanted = Wanted { keys: self.needed(&input, keys), ..Wanted::default() };
        let before = self.subplans.len();
        let ordered = self.lower_wanted(input.clone(), &wanted)?;
        // What has subplans is planned once: each has its number.
        let plain = if ordered.presorted > 0 && may_be_ordered(&input) && self.subplans.len() == before {
            Some(self.lower(input)?)
        } else {
            None
        };
        self.grouped_way(ordered, plain, wanted, (keys, aggregates), above)
    }

    /// Of rows in the wanted order or not, and rows that were planned without it: which are grouped in which way.
    fn grouped_way(
        &mut self,
        ordered: Planned,
        plain: Option<Planned>,
        wanted: Wanted,
        (keys, aggregates): (&[SortKey], f64),
        (presorted, above): (usize, &Wanted),
    ) -> PlanResult<(Planned, bool)> {
        let settings = self.facts.settings();
        let from = ordered.node.estimate;
        let groups =
            self.statistics.groups(&keys.iter().map(|key| &key.expression).collect::<Vec<_>>(), from.rows);
        let counted = Grouped { keys: keys.len() as f64, aggregates, groups };
        let in_order = if wanted.is_met(ordered.presorted) {
            from
        } else if ordered.presorted > 0 && settings.enable_incremental_sort {
            let prefix = self.prefix_groups(&wanted, ordered.presorted, from.rows);
            let by_groups = incremental_sort_cost(settings, from, prefix);
            let whole = sort_cost(settings, from, None);
            if prefers_sorted(by_groups, whole) { by_groups } else { whole }
        } else {
            sort_cost(settings, from, None)
        };
        let unordered = plain.as_ref().map_or(from, |plain| plain.node.estimate);
        let sorted = ordered_group_cost(settings, in_order, counted);
        let hashed = hash_group_cost(settings, unordered, counted);
        let shown = |of: Estimate, presorted: usize| {
            let groups = self.prefix_groups(above, presorted, of.rows);
            let total_cost = above.cost(settings, of, presorted, groups);
            let startup_cost = if above.is_met(presorted) { of.startup_cost } else { total_cost };
            Estimate { startup_cost, total_cost, ..of }
        };
        if prefers_sorted(shown(sorted, presorted), shown(hashed, 0)) {
            let done = ordered.presorted;
            let met = wanted.is_met(done);
            return Ok((if met { ordered } else { self.sorted(ordered, wanted.keys, done)? }, true));
        }
        Ok((plain.unwrap_or(ordered), false))
    }

    pub(super) fn lower_limit(
        &mut self,
        input: Logical,
        limit: Option<Expression>,
        offset: Option<Expression>,
        with_ties: Vec<SortKey>,
        above: &Wanted,
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
        let presorted = match &input {
            Logical::Sort { keys, .. } => common(keys, &above.keys),
            _ => 0,
        };
        let input = match input {
            Logical::Sort { input, keys } => self.lower_sorted(*input, keys, wanted)?,
            Logical::Project { relation, input, expressions } => {
                self.lower_limited_project(relation, *input, expressions, (wanted, most))?
            }
            input => self.lower_wanted(input, &Wanted { limit: wanted, ..Wanted::default() })?,
        };
        if self.facts.settings().optimise && takes_all(limit.as_ref(), offset.as_ref()) {
            return Ok(Planned { presorted, ..input });
        }
        let with_ties = self.keys_over(with_ties, &input.layout)?;
        let node = self.limited(input.node, limit, offset, with_ties);
        Ok(Planned { node, layout: input.layout, presorted })
    }

    /// The first rows of an operator.
    fn limited(
        &self,
        input: Node,
        limit: Option<Expression>,
        offset: Option<Expression>,
        with_ties: Vec<SortKey>,
    ) -> Node {
        let columns = input.columns.clone();
        let kind = match (input.kind, limit) {
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
                let input =
                    Node { kind, columns: columns.clone(), unasked: Vec::new(), estimate: input.estimate };
                NodeKind::Limit { input: Box::new(input), limit, offset, with_ties }
            }
        };
        self.node(kind, columns)
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
                let wanted = Wanted { limit, ..Wanted::default() };
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
}

/// Whether a limit and an offset leave all rows.
fn takes_all(limit: Option<&Expression>, offset: Option<&Expression>) -> bool {
    let endless = |limit: &Expression| matches!(limit.as_constant(), Some(Value::Null));
    let nothing = |offset: &Expression| matches!(offset.as_constant(), Some(Value::Int64(0) | Value::Null));
    limit.is_none_or(endless) && offset.is_none_or(nothing)
}

/// How many rows a limit and an offset that are known read; none if there is no offset, or nobody knows.
fn most_read(limit: Option<&Expression>, offset: Option<&Expression>) -> Option<i64> {
    match (limit?.as_constant()?, offset?.as_constant()?) {
        (Value::Int64(..=0), _) => Some(0),
        (Value::Int64(limit), Value::Int64(offset)) => Some(limit.saturating_add((*offset).max(0))),
        _ => None,
    }
}
