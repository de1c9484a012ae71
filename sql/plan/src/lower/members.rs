//! A table and those that inherit from it: each is read on its own way, and what its conditions leave no row of is not read.

use super::leaf::columns_of_scan;
use super::sorted::common;
use super::{Lowering, Planned, Wanted};
use crate::error::PlanResult;
use crate::expression::{Column, Expression, ExpressionKind, SortKey, SubqueryTest};
use crate::logical::{Logical, Scan, ScanSource};
use crate::partition::{Bound, Edge, Place, Routing};
use crate::physical::NodeKind;
use crate::prune::{Known, Survivors};
use crate::walk::free_columns;
use std::collections::BTreeSet;
use types::vector::Operator;
use types::{Item, Value};

impl Lowering<'_> {
    pub(super) fn lower_members(
        &mut self,
        scan: Scan,
        conditions: Vec<Expression>,
        wanted: &Wanted,
    ) -> PlanResult<Planned> {
        let pruned = self.facts.routing(scan.table).filter(|_| self.facts.settings().optimise);
        let kept: Option<BTreeSet<u32>> = pruned.map(|(routing, columns)| {
            let mut tables = BTreeSet::new();
            self.kept((&routing, &[]), &columns, &scan, &conditions, &mut tables);
            tables
        });
        let members: Vec<Scan> = scan
            .members
            .iter()
            .filter(|member| kept.as_ref().is_none_or(|kept| kept.contains(&member.table)))
            .map(|member| Scan { relation: scan.relation, guarded: scan.guarded, ..member.clone() })
            .collect();
        let (layout, columns) = columns_of_scan(&scan);
        let rows = |member: &Scan| self.facts.table(member.table).rows;
        let largest = members.iter().max_by(|one, other| rows(one).total_cmp(&rows(other))).cloned();
        if members.len() == 1 {
            let member = members.into_iter().next().unwrap_or(scan);
            return self.lower_scan(member, conditions, wanted);
        }
        if members.is_empty() {
            self.note(&scan);
            return Ok(Planned::new(self.node(NodeKind::Values { rows: Vec::new() }, columns), layout));
        }
        let conditions = self.asked_once(conditions)?;
        let mut inputs = Vec::with_capacity(members.len());
        for member in &members {
            inputs.push(self.lower_scan(member.clone(), conditions.clone(), &Wanted::default())?.node);
        }
        let members_of = Some(scan.alias.clone());
        let kind = NodeKind::Append { inputs, members_of, backward: false };
        let appended = Planned::new(self.node(kind, columns), layout);
        let planned = match self.in_order(&scan, &members, &conditions, wanted)? {
            Some(ordered) if self.is_cheaper(&ordered, &appended, wanted) => ordered,
            Some(_) | None => appended,
        };
        // What ANALYZE found of a partitioned table is of all its partitions. Where nothing is known of the whole it is what is
        // known of the most of it.
        let parted = self.facts.routing(scan.table).is_some();
        if parted && !self.facts.table(scan.table).statistics.is_empty() {
            self.note(&scan);
        } else if let Some(largest) = largest {
            self.note(&largest);
        }
        Ok(planned)
    }

    /// Whether rows that come in a wanted order are cheaper than those that have to be sorted.
    fn is_cheaper(&self, ordered: &Planned, unordered: &Planned, wanted: &Wanted) -> bool {
        let settings = self.facts.settings();
        let cost = |planned: &Planned| wanted.cost(settings, planned.node.estimate, planned.presorted, 1.0);
        cost(ordered) <= cost(unordered)
    }

    /// The members' rows in a wanted order, if an index gives any of them in it.
    fn in_order(
        &mut self,
        scan: &Scan,
        members: &[Scan],
        conditions: &[Expression],
        wanted: &Wanted,
    ) -> PlanResult<Option<Planned>> {
        let asks = |condition: &Expression| {
            condition.any(&mut |part| matches!(part.kind, ExpressionKind::Subquery(_)))
        };
        // What asks queries is planned once: each has its number.
        if wanted.keys.is_empty() || !self.facts.settings().optimise || conditions.iter().any(asks) {
            return Ok(None);
        }
        let trial = self.begin_trial();
        let strict = Wanted { strict: true, ..wanted.clone() };
        let mut inputs = Vec::with_capacity(members.len());
        for member in members {
            inputs.push(self.lower_scan(member.clone(), conditions.to_vec(), &strict)?);
        }
        if !inputs.iter().any(|input| wanted.is_met(input.presorted)) {
            self.give_up(trial);
            return Ok(None);
        }
        let (layout, columns) = columns_of_scan(scan);
        let mut nodes = Vec::with_capacity(inputs.len());
        for input in inputs {
            let met = wanted.is_met(input.presorted);
            let sorted = if met { input } else { self.sorted(input, wanted.keys.clone(), 0)? };
            nodes.push(sorted.node);
        }
        let members_of = Some(scan.alias.clone());
        let kind = match self.comes_in_order(scan, members, conditions, wanted) {
            Some(backward) => NodeKind::Append { inputs: nodes, members_of, backward },
            None => {
                let keys = self.keys_over(wanted.keys.clone(), &layout)?;
                NodeKind::MergeAppend { inputs: nodes, keys, members_of }
            }
        };
        let node = self.node(kind, columns);
        Ok(Some(Planned { node, layout, presorted: wanted.keys.len() }))
    }

    /// Whether all rows of a part come before those of the next in a wanted order, or all behind them.
    fn comes_in_order(
        &self,
        scan: &Scan,
        members: &[Scan],
        conditions: &[Expression],
        wanted: &Wanted,
    ) -> Option<bool> {
        let (routing, columns) = self.facts.routing(scan.table)?;
        let own = routing.parts.iter().filter(|part| match &part.place {
            Place::Table(table) => members.iter().any(|member| member.table == *table),
            Place::Divided(_) => true,
        });
        let bounds: Vec<&Bound> = own.clone().map(|part| &part.bound).collect();
        let flat = own.clone().all(|part| matches!(part.place, Place::Table(_)));
        if !flat || bounds.len() != members.len() || !are_apart(&routing, &bounds) {
            return None;
        }
        let mut keys = Vec::with_capacity(routing.keys.len());
        for key in &routing.keys {
            let expression = over_scan(scan, &columns, &key.expression)?;
            let order = key.order.clone();
            keys.push(SortKey { expression, order, descending: false, nulls_first: false });
        }
        let logical = Logical::Filter {
            input: Box::new(Logical::Scan(Scan { members: Vec::new(), ..scan.clone() })),
            conditions: conditions.to_vec(),
        };
        let keys = self.needed(&logical, &keys);
        let backward = wanted.keys.first()?.descending;
        let turned: Vec<SortKey> = keys
            .into_iter()
            .map(|key| SortKey { descending: backward, nulls_first: backward, ..key })
            .collect();
        let shared = common(&turned, &wanted.keys);
        (shared == turned.len() || shared == wanted.keys.len()).then_some(backward)
    }

    /// Queries in conditions that name nothing around them are planned once for all members.
    fn asked_once(&mut self, mut conditions: Vec<Expression>) -> PlanResult<Vec<Expression>> {
        let mut result = Ok(());
        for condition in &mut conditions {
            condition.rewrite(&mut |part| {
                let ExpressionKind::Subquery(subquery) = &part.kind else { return };
                let valued = match &subquery.test {
                    SubqueryTest::Scalar | SubqueryTest::Exists | SubqueryTest::Array { .. } => true,
                    _ => false, // what is compared is of a row
                };
                if valued && result.is_ok() && free_columns(&subquery.query).is_empty() {
                    result = self.resolve(part, &[]);
                }
            });
        }
        result.map(|()| conditions)
    }

    /// Gathers the tables that may have rows for which conditions are true, of a division that is a part of `around`.
    fn kept(
        &self,
        (routing, around): (&Routing, &[Around<'_>]),
        columns: &[u16],
        scan: &Scan,
        conditions: &[Expression],
        tables: &mut BTreeSet<u32>,
    ) {
        let keys: Option<Vec<Expression>> =
            routing.keys.iter().map(|key| over_scan(scan, columns, &key.expression)).collect();
        let survivors = match &keys {
            Some(keys) => self.survivors((routing, keys, around), scan, conditions, 0),
            None => vec![true; routing.parts.len()],
        };
        for (number, (part, survives)) in routing.parts.iter().zip(survivors).enumerate() {
            match &part.place {
                Place::Table(table) if survives => {
                    tables.insert(*table);
                }
                Place::Divided(inner) if survives => {
                    let mut within = around.to_vec();
                    if let Some(keys) = &keys {
                        within.push(Around { routing, keys, part: number });
                    }
                    self.kept((inner, &within), columns, scan, conditions, tables);
                }
                Place::Table(_) | Place::Divided(_) => {}
            }
        }
    }

    /// Which parts may have rows for which all conditions are true.
    fn survivors(
        &self,
        (routing, keys, around): (&Routing, &[Expression], &[Around<'_>]),
        scan: &Scan,
        conditions: &[Expression],
        depth: usize,
    ) -> Vec<bool> {
        if !self.facts.settings().enable_partition_pruning {
            return vec![true; routing.parts.len()];
        }
        let mut known = vec![Known::default(); keys.len()];
        let mut flat: Vec<&Expression> = Vec::new();
        let mut alternatives: Vec<&Vec<Expression>> = Vec::new();
        flatten(conditions, &mut flat, &mut alternatives);
        for condition in &flat {
            for (place, key) in keys.iter().enumerate() {
                self.learn(routing, key, place, scan, condition, &mut known[place]);
            }
        }
        for outer in around {
            outer.tell(routing, keys, &mut known);
        }
        let mut survivors = Survivors::new(routing).of(&known);
        // Beyond this depth alternatives are rare, and nothing is lost but time.
        if depth < 8 {
            for terms in alternatives {
                let mut any = vec![false; survivors.len()];
                for term in terms {
                    let mut all: Vec<Expression> = flat.iter().map(|known| (*known).clone()).collect();
                    all.push(term.clone());
                    // What no row of the parts around fulfils gives none here.
                    let lies_within = |outer: &Around<'_>| {
                        let of = (outer.routing, outer.keys, &[][..]);
                        let survivors = self.survivors(of, scan, &all, depth + 1);
                        survivors.get(outer.part).copied().unwrap_or(true)
                    };
                    if !around.iter().all(lies_within) {
                        continue;
                    }
                    let one = self.survivors((routing, keys, around), scan, &all, depth + 1);
                    any.iter_mut().zip(one).for_each(|(any, one)| *any |= one);
                }
                survivors.iter_mut().zip(any).for_each(|(survives, any)| *survives &= any);
            }
        }
        survivors
    }

    /// What a condition says of a key.
    fn learn(
        &self,
        routing: &Routing,
        key: &Expression,
        place: usize,
        scan: &Scan,
        condition: &Expression,
        known: &mut Known,
    ) {
        let order = &routing.keys[place].order;
        let same = |one: &Expression| super::access::bare(one) == super::access::bare(key);
        match &condition.kind {
            ExpressionKind::Constant(Value::Bool(true)) => {}
            ExpressionKind::Constant(_) => known.equal(order, Vec::new()),
            ExpressionKind::IsNull { .. } if !super::access::tells_null(order) => {}
            ExpressionKind::IsNull { operand, negated: false } if same(operand) => {
                known.equal(order, vec![Value::Null]);
            }
            ExpressionKind::IsNull { operand, negated: true } if same(operand) => known.not_null = true,
            ExpressionKind::InList { operand, list, order: own, negated: false }
                if same(operand) && own == order =>
            {
                let values: Option<Vec<Value>> =
                    list.iter().map(|value| value.as_constant().cloned()).collect();
                if let Some(mut values) = values {
                    values.retain(|value| !value.is_null());
                    known.equal(order, values);
                }
            }
            ExpressionKind::InList { operand, list, order: own, negated: true }
                if same(operand) && own == order =>
            {
                let values: Option<Vec<Value>> =
                    list.iter().map(|value| value.as_constant().cloned()).collect();
                known.not_null = true;
                known.unequal(values.unwrap_or_default().into_iter().filter(|value| !value.is_null()));
            }
            ExpressionKind::IsBoolean { operand, wanted, negated: true } if same(operand) => match wanted {
                Some(wanted) => known.unequal([Value::Bool(*wanted)]),
                None => known.not_null = true,
            },
            ExpressionKind::Not(operand) if same(operand) => known.equal(order, vec![Value::Bool(false)]),
            ExpressionKind::IsBoolean { operand, wanted: Some(wanted), negated: false } if same(operand) => {
                known.equal(order, vec![Value::Bool(*wanted)]);
            }
            _ if same(condition) => known.equal(order, vec![Value::Bool(true)]),
            _ => {
                let Some((operator, value)) = self.compared_by(scan, condition, key, order) else { return };
                let Some(value) = value.as_constant().cloned() else { return };
                if value.is_null() {
                    return known.equal(order, Vec::new());
                }
                match operator {
                    Operator::Equal => known.equal(order, vec![value]),
                    Operator::Less => known.below(order, value, false),
                    Operator::LessOrEqual => known.below(order, value, true),
                    Operator::Greater => known.above(order, value, false),
                    Operator::GreaterOrEqual => known.above(order, value, true),
                    Operator::NotEqual => {
                        known.not_null = true;
                        known.unequal([value]);
                    }
                }
            }
        }
    }
}

/// A part that is divided further.
#[derive(Clone, Copy)]
struct Around<'a> {
    routing: &'a Routing,
    keys: &'a [Expression],
    part: usize,
}

impl Around<'_> {
    /// Tells what its bound says of the first key, if the division within it goes by that too.
    fn tell(&self, routing: &Routing, keys: &[Expression], known: &mut [Known]) {
        let bare = super::access::bare;
        let Some(key) = self.keys.first() else { return };
        let Some(place) = keys.iter().position(|own| bare(own) == bare(key)) else { return };
        let (Some(part), Some(own)) = (self.routing.parts.get(self.part), routing.keys.get(place)) else {
            return;
        };
        if self.routing.keys.first().is_none_or(|key| key.order != own.order) {
            return;
        }
        match &part.bound {
            Bound::List(values) => known[place].equal(&own.order, values.clone()),
            Bound::Range(from, to) => {
                if let Some(Edge::Value(value)) = from.first() {
                    known[place].above(&own.order, value.clone(), true);
                }
                if let Some(Edge::Value(value)) = to.first() {
                    known[place].below(&own.order, value.clone(), to.len() > 1);
                }
            }
            Bound::Default | Bound::Hash { .. } => {}
        }
    }
}

/// Whether all rows of each of these parts come before those of the next.
fn are_apart(routing: &Routing, bounds: &[&Bound]) -> bool {
    let Some(key) = routing.keys.first() else { return false };
    let mut last: Option<&Value> = None;
    for bound in bounds {
        match bound {
            Bound::Range(..) => {}
            Bound::Default | Bound::Hash { .. } => return false,
            Bound::List(values) => {
                let compare =
                    |one: &&Value, other: &&Value| key.order.compare(&Item::from(*one), &Item::from(*other));
                let Some(least) = values.iter().min_by(compare) else { return false };
                if values.iter().any(Value::is_null)
                    || last.is_some_and(|last| !compare(&last, &least).is_lt())
                {
                    return false;
                }
                last = values.iter().max_by(compare);
            }
        }
    }
    true
}

/// All that must be true, and of what one must be.
fn flatten<'e>(
    conditions: &'e [Expression],
    flat: &mut Vec<&'e Expression>,
    alternatives: &mut Vec<&'e Vec<Expression>>,
) {
    for condition in conditions {
        match &condition.kind {
            ExpressionKind::And(terms) => flatten(terms, flat, alternatives),
            ExpressionKind::Or(terms) => alternatives.push(terms),
            _ => flat.push(condition),
        }
    }
}

/// A key over a scan's columns; `None` if the scan lacks one.
fn over_scan(scan: &Scan, columns: &[u16], expression: &Expression) -> Option<Expression> {
    let mut over = expression.clone();
    let mut complete = true;
    over.rewrite(&mut |part| {
        if let ExpressionKind::Column(column) = &mut part.kind {
            let number = columns.get(column.index as usize);
            let place = number.and_then(|number| {
                let is = |source: &ScanSource| {
                    matches!(source, ScanSource::Column { number: own, .. } if own == number)
                };
                scan.columns.iter().position(|column| is(&column.source))
            });
            match place {
                Some(place) => *column = Column { relation: scan.relation, index: place as u32 },
                None => complete = false,
            }
        }
    });
    complete.then_some(over)
}
