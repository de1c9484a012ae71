//! `GROUPING SETS`: which sets are grouped together by one order, and which by hash, as PostgreSQL divides them.
//!
//! Sets that contain each other are a chain: rows that are sorted by the longest are sorted by all of them. As few chains are
//! made as there can be (a greatest matching between sets and those that they contain). Then either all sets are grouped by
//! hash, or the first chain by the order of the input and each other by a sort of its own, or some of the others by hash, as
//! far as the tables fit into memory.

use super::set::is_hashable;
use super::sorted::common;
use super::{Lowering, Planned, Wanted, columns_of_relation};
use crate::cost::{
    Grouped, hash_group_cost, hash_table_size, mixed_group_cost, prefers_sorted, sort_cost, sorted_group_cost,
};
use crate::error::PlanResult;
use crate::expression::{Aggregate, Column, Expression, RelationId, SortKey};
use crate::logical::Grouping;
use crate::physical::{AggregateNode, Estimate, NodeKind, Phase};
use types::Type;
use types::catalog::oid;

/// Sets that one order serves, the longest first; each begins with all that the next has.
struct Chain {
    sets: Vec<Vec<u32>>,
    groups: f64,
    hashable: bool,
}

impl Chain {
    fn keys(&self) -> &[u32] {
        self.sets.first().map_or(&[], Vec::as_slice)
    }
}

/// A way to group.
struct Way {
    phases: Vec<Draft>,
    hashed: bool,
    /// By how many keys of the first chain the groups are sorted.
    ordered: bool,
}

/// What is grouped by, and in which phases.
struct Parts {
    relation: RelationId,
    keys: Vec<SortKey>,
    sets: Vec<Vec<u32>>,
    phases: Vec<Phase>,
    aggregates: Vec<Aggregate>,
    grouping_calls: Vec<Vec<u32>>,
}

/// What is done at once.
enum Draft {
    Hashed(Vec<u32>),
    Sorted(Vec<Vec<u32>>),
}

impl Lowering<'_> {
    /// Several sets, or one of no keys that stands several times.
    pub(super) fn lower_sets(&mut self, grouping: Grouping, wanted: &Wanted) -> PlanResult<Planned> {
        let Grouping { relation, input, keys, sets, aggregates, grouping_calls } = grouping;
        let hashes = aggregates.iter().all(|call| call.order.is_empty() && call.distinct.is_empty());
        let before = self.subplans.len();
        let plain = self.lower(input.clone())?;
        let (made, unsorted) = self.chained(sets, &keys, plain.node.estimate.rows, (relation, wanted));
        let order: Vec<SortKey> = made
            .first()
            .map_or(&[][..], Chain::keys)
            .iter()
            .filter_map(|place| keys.get(*place as usize).cloned())
            .collect();
        let ordered = match order.is_empty() {
            true => None,
            // What has subplans is planned once: each has its number.
            false if self.subplans.len() > before => {
                let (node, layout) = (plain.node.clone(), plain.layout.clone());
                Some(self.sorted(Planned { node, layout, presorted: 0 }, order, 0)?)
            }
            false => Some(self.lower_sorted(input, order, None)?),
        };
        let from = ordered.as_ref().map_or(plain.node.estimate, |ordered| ordered.node.estimate);
        let mut best: Option<(Way, Estimate, Estimate)> = None;
        for way in self.ways(&made, &unsorted, plain.node.estimate, (hashes, &keys)) {
            let start = if way.hashed { plain.node.estimate } else { from };
            let cost = self.cost_of(&way, start, (&keys, aggregates.len() as f64));
            let met = way.ordered && !wanted.keys.is_empty();
            let presorted = if met { wanted.keys.len() } else { 0 };
            let total_cost = wanted.cost(self.facts.settings(), cost, presorted, 1.0);
            let startup_cost = if met { cost.startup_cost } else { total_cost };
            let shown = Estimate { startup_cost, total_cost, ..cost };
            if best.as_ref().is_none_or(|(_, _, known)| prefers_sorted(shown, *known)) {
                best = Some((way, cost, shown));
            }
        }
        let Some((way, cost, _)) = best else {
            return Err(crate::error::PlanError::NoGrouping);
        };
        let ordered = ordered.filter(|_| !way.hashed);
        let is_ordered = way.ordered && ordered.is_some();
        let (sets, phases) = phases(way);
        let presorted = if is_ordered { met(&phases, &keys, relation, wanted) } else { 0 };
        let parts = Parts { relation, keys, sets, phases, aggregates, grouping_calls };
        let planned = self.in_phases(parts, ordered.unwrap_or(plain), cost)?;
        Ok(Planned { presorted, ..planned })
    }

    /// Sets that can be sorted by, in chains, and the others.
    fn chained(
        &self,
        mut sets: Vec<Vec<u32>>,
        keys: &[SortKey],
        rows: f64,
        (relation, wanted): (RelationId, &Wanted),
    ) -> (Vec<Chain>, Vec<Vec<u32>>) {
        super::qsort::sort(&mut sets, |one, other| one.len().cmp(&other.len()));
        let type_of = |place: &u32| keys.get(*place as usize).map(|key| key.expression.result);
        let sortable =
            |set: &Vec<u32>| set.iter().filter_map(type_of).all(|of| self.facts.order(of).is_some());
        let (sorted, unsorted): (Vec<_>, Vec<_>) = sets.into_iter().partition(sortable);
        let asked = |key: &SortKey| {
            let column = key.expression.as_column().filter(|column| column.relation == relation)?;
            Some(column.index).filter(|place| (*place as usize) < keys.len())
        };
        let first = chains(sorted);
        let asked: Vec<Option<u32>> = match first.len() {
            1 => wanted.keys.iter().map(asked).collect(),
            _ => Vec::new(),
        };
        let made = first.into_iter().map(|chain| {
            let sets = ordered_sets(chain, &asked);
            let groups = sets.iter().map(|set| self.rows_of(set, keys, rows)).sum();
            let hashable = sets.first().is_some_and(|set| !set.is_empty())
                && sets.iter().flatten().all(|place| type_of(place).is_some_and(is_hashable));
            Chain { sets, groups, hashable }
        });
        (made.collect(), unsorted)
    }

    /// How many groups a set makes.
    fn rows_of(&self, set: &[u32], keys: &[SortKey], rows: f64) -> f64 {
        let keys = set.iter().filter_map(|place| keys.get(*place as usize)).map(|key| &key.expression);
        self.statistics.groups(&keys.collect::<Vec<_>>(), rows)
    }

    /// The ways in which all sets can be made.
    fn ways(
        &self,
        made: &[Chain],
        unsorted: &[Vec<u32>],
        input: Estimate,
        (hashes, keys): (bool, &[SortKey]),
    ) -> Vec<Way> {
        let others: f64 = unsorted.iter().map(|set| self.rows_of(set, keys, input.rows)).sum();
        let sized = |groups: f64| hash_table_size(self.facts.settings(), input, groups);
        let type_of = |place: &u32| keys.get(*place as usize).map(|key| key.expression.result);
        let hashes = hashes && unsorted.iter().flatten().filter_map(type_of).all(is_hashable);
        let mut ways: Vec<Way> = Vec::new();
        if hashes && made.iter().all(|chain| chain.hashable || chain.keys().is_empty()) {
            let all: f64 = made.iter().map(|chain| chain.groups).sum::<f64>() + others;
            let keyed = made.iter().any(|chain| !chain.keys().is_empty()) || !unsorted.is_empty();
            if keyed && (sized(all) <= 1.0 || made.is_empty()) {
                ways.push(all_hashed(made, unsorted));
            }
        }
        if hashes && (made.iter().any(|chain| chain.hashable) || !unsorted.is_empty()) {
            ways.extend(mixed(made, unsorted, 1.0 - sized(others), &sized));
        }
        if unsorted.is_empty() {
            let phases = made.iter().map(|chain| Draft::Sorted(chain.sets.clone())).collect();
            ways.push(Way { phases, hashed: false, ordered: made.len() == 1 });
        }
        ways
    }

    /// The node that makes groups phase by phase. Its input is planned already.
    fn in_phases(&mut self, parts: Parts, input: Planned, cost: Estimate) -> PlanResult<Planned> {
        let Parts { relation, keys, sets, phases, aggregates, grouping_calls } = parts;
        let hashed = phases.iter().any(|phase| matches!(phase, Phase::Hashed(_)));
        for (index, key) in keys.iter().enumerate() {
            self.statistics.alias(Column { relation, index: index as u32 }, &key.expression);
        }
        let mut columns = keys.iter().map(|key| key.expression.result).collect::<Vec<_>>();
        columns.extend(aggregates.iter().map(|aggregate| aggregate.result));
        columns.extend(grouping_calls.iter().map(|_| Type::of(oid::INT4)));
        let layout: Vec<Column> = columns_of_relation(relation, columns.len()).collect();
        let keys = self.keys_over(keys, &input.layout)?;
        let aggregates = aggregates
            .into_iter()
            .map(|aggregate| self.aggregate(aggregate, &input))
            .collect::<PlanResult<Vec<_>>>()?;
        let aggregate = AggregateNode { input: input.node, keys, sets, phases, aggregates, grouping_calls };
        let kind = if hashed { NodeKind::HashAggregate } else { NodeKind::SortedAggregate };
        let mut node = self.node_of_rows(kind(Box::new(aggregate)), columns, cost.rows);
        (node.estimate.startup_cost, node.estimate.total_cost) = (cost.startup_cost, cost.total_cost);
        Ok(Planned { node, layout, presorted: 0 })
    }

    /// What a way costs, over rows that cost something.
    fn cost_of(&self, way: &Way, input: Estimate, (keys, aggregates): (&[SortKey], f64)) -> Estimate {
        let settings = self.facts.settings();
        let free = Estimate { startup_cost: 0.0, total_cost: 0.0, ..input };
        let mut whole: Option<Estimate> = None;
        let mut takes_order = true;
        let groups_of = |set: &[u32]| {
            let keys = set.iter().filter_map(|place| keys.get(*place as usize)).map(|key| &key.expression);
            self.statistics.groups(&keys.collect::<Vec<_>>(), input.rows)
        };
        for draft in &way.phases {
            let begun = whole.is_some();
            let from = if begun { free } else { input };
            let one = match draft {
                Draft::Hashed(set) => {
                    let counted = Grouped { keys: set.len() as f64, aggregates, groups: groups_of(set) };
                    match begun || way.hashed {
                        true => hash_group_cost(settings, from, counted),
                        // The first costs what rows in order do, whatever it is.
                        false => mixed_group_cost(settings, from, counted),
                    }
                }
                Draft::Sorted(chain) => {
                    let groups = chain.iter().map(|set| groups_of(set)).sum();
                    let keys = chain.first().map_or(0, Vec::len) as f64;
                    let counted = Grouped { keys, aggregates, groups };
                    let from = match (begun, takes_order) {
                        (true, false) => sort_cost(settings, free, None),
                        (true, true) | (false, _) => from,
                    };
                    takes_order = false;
                    sorted_group_cost(settings, from, counted)
                }
            };
            whole = Some(match whole {
                None => one,
                Some(known) => Estimate {
                    total_cost: known.total_cost + one.total_cost,
                    rows: known.rows + one.rows,
                    ..known
                },
            });
        }
        whole.unwrap_or(input)
    }
}

/// The sets of a way one after the other, and its phases.
fn phases(way: Way) -> (Vec<Vec<u32>>, Vec<Phase>) {
    let (mut sets, mut phases): (Vec<Vec<u32>>, Vec<Phase>) = (Vec::new(), Vec::new());
    for draft in way.phases {
        match draft {
            Draft::Hashed(set) => {
                phases.push(Phase::Hashed(sets.len() as u32));
                sets.push(set);
            }
            Draft::Sorted(chain) => {
                let of = (sets.len() as u32..).take(chain.len()).collect();
                let keys = chain.first().cloned().unwrap_or_default();
                phases.push(Phase::Sorted { keys, sets: of });
                sets.extend(chain);
            }
        }
    }
    (sets, phases)
}

/// How much of the order that is asked for one sorted phase has.
fn met(phases: &[Phase], keys: &[SortKey], relation: RelationId, wanted: &Wanted) -> usize {
    let [Phase::Sorted { keys: places, .. }] = phases else { return 0 };
    let named = |place: &u32| {
        let key = keys.get(*place as usize)?;
        let expression = Expression::column(Column { relation, index: *place }, key.expression.result);
        Some(SortKey { expression, ..key.clone() })
    };
    common(&places.iter().filter_map(named).collect::<Vec<_>>(), &wanted.keys)
}

/// Every set by hash, those without keys by themselves.
fn all_hashed(chains: &[Chain], unsorted: &[Vec<u32>]) -> Way {
    let sets = unsorted.iter().chain(chains.iter().flat_map(|chain| &chain.sets));
    let (empty, keyed): (Vec<_>, Vec<_>) = sets.cloned().partition(|set| set.is_empty());
    let mut phases: Vec<Draft> = keyed.into_iter().map(Draft::Hashed).collect();
    if !empty.is_empty() {
        phases.push(Draft::Sorted(empty));
    }
    Way { phases, hashed: true, ordered: false }
}

/// The first chain by the order of the input, and as many of the others by hash as there is room for.
fn mixed(chains: &[Chain], unsorted: &[Vec<u32>], room: f64, sized: &dyn Fn(f64) -> f64) -> Option<Way> {
    let mut hashed: Vec<Vec<u32>> = unsorted.to_vec();
    let mut sorted: Vec<&Chain> = Vec::new();
    if room > 0.0 && chains.len() > 1 {
        let scale = (room / (20.0 * chains.len() as f64)).max(f64::MIN_POSITIVE);
        let capacity = (room / scale).floor() as usize;
        let others: Vec<usize> = (1..chains.len()).filter(|place| chains[*place].hashable).collect();
        let weights: Vec<usize> = others
            .iter()
            .map(|place| (sized(chains[*place].groups) / scale).floor().min(capacity as f64 + 1.0) as usize)
            .collect();
        let chosen = knapsack(capacity, &weights);
        if !chosen.is_empty() {
            for (place, chain) in chains.iter().enumerate() {
                let item = others.iter().position(|other| *other == place);
                match item.filter(|item| chosen.contains(item)) {
                    Some(_) => hashed.extend(chain.sets.iter().cloned()),
                    None => sorted.push(chain),
                }
            }
        }
    }
    if sorted.is_empty() && !hashed.is_empty() {
        sorted.extend(chains);
    }
    if sorted.is_empty() {
        return None;
    }
    let mut phases: Vec<Draft> = hashed.into_iter().rev().map(Draft::Hashed).collect();
    phases.extend(sorted.into_iter().map(|chain| Draft::Sorted(chain.sets.clone())));
    Some(Way { phases, hashed: false, ordered: false })
}

/// Which items of some weights go into a sack together, as many as can be.
fn knapsack(capacity: usize, weights: &[usize]) -> Vec<usize> {
    let mut values = vec![0usize; capacity + 1];
    let mut chosen: Vec<Vec<usize>> = vec![Vec::new(); capacity + 1];
    for (item, weight) in weights.iter().enumerate() {
        for at in (*weight..=capacity).rev() {
            let rest = at - weight;
            if values[at] <= values[rest] + 1 {
                let mut with = chosen[rest].clone();
                with.push(item);
                (values[at], chosen[at]) = (values[rest] + 1, with);
            }
        }
    }
    chosen.pop().unwrap_or_default()
}

/// Sets in as few chains as there can be; they come by their lengths, and those without keys first.
fn chains(sets: Vec<Vec<u32>>) -> Vec<Vec<Vec<u32>>> {
    let empty = sets.iter().take_while(|set| set.is_empty()).count();
    if empty == sets.len() {
        return if sets.is_empty() { Vec::new() } else { vec![sets] };
    }
    let same = |one: &[u32], other: &[u32]| {
        one.iter().all(|key| other.contains(key)) && other.iter().all(|key| one.contains(key))
    };
    let mut alike: Vec<Vec<Vec<u32>>> = Vec::new();
    let mut contained: Vec<Vec<usize>> = Vec::new();
    let (mut of_length, mut length) = (0, 0);
    for set in &sets[empty..] {
        if set.len() > length {
            (of_length, length) = (alike.len(), set.len());
        }
        match (of_length..alike.len()).find(|known| same(&alike[*known][0], set)) {
            Some(known) => alike[known].push(set.clone()),
            None => {
                let within = |known: &usize| alike[*known][0].iter().all(|key| set.contains(key));
                contained.push((0..of_length).rev().filter(within).collect());
                alike.push(vec![set.clone()]);
            }
        }
    }
    let (above, below) = super::matching::greatest(&contained);
    let mut chain_of: Vec<usize> = Vec::with_capacity(alike.len());
    let mut made: Vec<Vec<Vec<u32>>> = Vec::new();
    for (place, sets) in alike.into_iter().enumerate() {
        let known = [above[place], below[place]].into_iter().flatten().find(|other| *other < place);
        let chain = known.map_or(made.len(), |other| chain_of[other]);
        chain_of.push(chain);
        match made.get_mut(chain) {
            Some(known) => known.extend(sets),
            None => made.push(sets),
        }
    }
    if let Some(first) = made.first_mut() {
        first.splice(0..0, sets[..empty].iter().cloned());
    }
    made
}

/// The sets of a chain, the longest first, their keys so that each begins with the next, in the order that is asked for as far
/// as that goes.
fn ordered_sets(chain: Vec<Vec<u32>>, asked: &[Option<u32>]) -> Vec<Vec<u32>> {
    let (mut before, mut asked): (Vec<u32>, &[Option<u32>]) = (Vec::new(), asked);
    let mut made: Vec<Vec<u32>> = Vec::with_capacity(chain.len());
    for set in chain {
        let mut new: Vec<u32> = set.into_iter().filter(|key| !before.contains(key)).collect();
        while asked.len() > before.len() && !new.is_empty() {
            match asked[before.len()].and_then(|key| new.iter().position(|known| *known == key)) {
                Some(place) => before.push(new.remove(place)),
                None => asked = &[],
            }
        }
        before.extend(new);
        made.push(before.clone());
    }
    made.reverse();
    made
}
