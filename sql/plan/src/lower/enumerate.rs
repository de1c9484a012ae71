//! In which order a region is joined: all orders by dynamic programming over connected sets, or, of many leaves, the cheapest
//! next pair again and again.

use super::Lowering;
use super::narrowed::narrowed;
use super::region::{Region, Set};
use crate::cost::{IndexCost, hash_join_cost, lookup_cost, loop_cost, merge_join_cost, sort_cost};
use crate::facts::IndexFacts;
use crate::logical::JoinKind;
use crate::physical::Estimate;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// For each set of leaves what the conditions within it come to, as far as they compare two leaves: so what is between two sets is
/// told without going through the conditions again. All orders of ten tables ask for that tens of thousands of times.
struct Inside {
    /// Which part of all combinations of rows fulfils them: its logarithm, since the product of many is no longer a number.
    part: Vec<f64>,
    keys: Vec<f64>,
    /// The other conditions, by their places.
    rest: Vec<usize>,
}

impl Inside {
    fn new(region: &Region) -> Inside {
        let is_pair = |condition: &super::region::Condition| {
            condition.named.count_ones() == 2
                && condition.part > 0.0
                && condition.sides.is_some_and(|(first, second)| {
                    first.count_ones() == 1 && second.count_ones() == 1 && first != second
                })
        };
        let (pairs, rest): (Vec<usize>, Vec<usize>) =
            (0..region.conditions.len()).partition(|place| is_pair(&region.conditions[*place]));
        let sets = 1 << region.leaves.len();
        let (mut part, mut keys) = (vec![0.0; sets], vec![0.0; sets]);
        for set in 1..sets {
            let without = set & (set - 1);
            let lowest = (set ^ without) as Set;
            let own = pairs
                .iter()
                .map(|pair| &region.conditions[*pair])
                .filter(|condition| condition.named & lowest != 0 && condition.named & !(set as Set) == 0);
            (part[set], keys[set]) = own
                .fold((part[without], keys[without]), |(part, keys), own| (part + own.part.ln(), keys + 1.0));
        }
        Inside { part, keys, rest }
    }

    /// Which part of the pairs of two sets' rows fulfils the conditions between them, and how many those are.
    fn between(&self, left: Set, right: Set) -> (f64, f64) {
        let (left, right) = (left as usize, right as usize);
        let both = left | right;
        let part = self.part[both] - self.part[left] - self.part[right];
        (part.exp(), self.keys[both] - self.keys[left] - self.keys[right])
    }
}

/// How two sides are joined.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Method {
    Hash,
    /// A hash join whose table is made of the left side.
    HashTurned,
    Loop,
    Merge,
    /// The right side, a single leaf, by its index of this number.
    Lookup(u32),
    Apply,
    /// The right side, a single leaf, run for every row in this of its ways.
    Bound(usize),
}

/// A way to join a set of leaves.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) set: Set,
    pub(super) estimate: Estimate,
    pub(super) step: Step,
}

/// The last step of a path.
#[derive(Debug)]
pub(super) enum Step {
    Leaf(usize),
    Join { method: Method, left: Rc<Path>, right: Rc<Path> },
}

/// What is between two sets.
struct Between {
    kind: JoinKind,
    /// How many conditions make keys of a hash table.
    keys: f64,
    /// How many others there are.
    others: f64,
    part: f64,
    lateral: bool,
}

impl Lowering<'_> {
    /// The cheapest way to join a region.
    pub(super) fn enumerate(&self, region: &Region) -> Rc<Path> {
        let neighbours = self.neighbours(region);
        let leaf = |number: usize| {
            Rc::new(Path {
                set: 1 << number,
                estimate: region.leaves[number].estimate,
                step: Step::Leaf(number),
            })
        };
        let leaves = (0..region.leaves.len()).map(leaf).collect::<Vec<_>>();
        let few = leaves.len() <= (self.facts.settings().join_limit as usize).min(16);
        if !few {
            return self.greedy(region, leaves, &neighbours);
        }
        // What costs more than an order that is known need not be looked at; of few leaves to find one is not worth it.
        let known = (leaves.len() > 5).then(|| self.greedy(region, leaves.clone(), &neighbours));
        let bound = known.as_ref().map_or(f64::INFINITY, |path| path.estimate.total_cost);
        match (self.all_orders(region, &leaves, &neighbours, bound), known) {
            (Some(path), _) | (None, Some(path)) => path,
            (None, None) => self.greedy(region, leaves, &neighbours),
        }
    }

    /// For each leaf the leaves that a condition connects it with. What nothing connects is connected with everything.
    fn neighbours(&self, region: &Region) -> Vec<Set> {
        let count = region.leaves.len();
        let mut neighbours = vec![0 as Set; count];
        let mut connect = |named: Set| {
            for leaf in (0..count).filter(|leaf| named & (1 << leaf) != 0) {
                neighbours[leaf] |= named & !(1 << leaf);
            }
        };
        region.conditions.iter().for_each(|condition| connect(condition.named));
        for (number, leaf) in region.leaves.iter().enumerate() {
            if let Some(attached) = &leaf.attached {
                connect(attached.required | 1 << number);
            }
        }
        let all: Set = if count >= 64 { Set::MAX } else { (1 << count) - 1 };
        let mut reached: Set = 1;
        let mut parts = vec![];
        let mut left = all;
        while left != 0 {
            reached = if reached & left == 0 { left & left.wrapping_neg() } else { reached & left };
            loop {
                let near = (0..count).filter(|leaf| reached & (1 << leaf) != 0);
                let wider = near.fold(reached, |set, leaf| set | neighbours[leaf]);
                if wider == reached {
                    break;
                }
                reached = wider;
            }
            parts.push(reached);
            left &= !reached;
        }
        if parts.len() > 1 {
            for (leaf, near) in neighbours.iter_mut().enumerate() {
                let own = parts.iter().find(|part| *part & (1 << leaf) != 0).copied().unwrap_or(0);
                *near |= all & !own;
            }
        }
        neighbours
    }

    /// All orders: every set of leaves that hang together, from its two parts that hang together.
    /// Those that cost more than `bound` are left out.
    fn all_orders(
        &self,
        region: &Region,
        leaves: &[Rc<Path>],
        neighbours: &[Set],
        bound: f64,
    ) -> Option<Rc<Path>> {
        let count = leaves.len();
        let full: Set = (1 << count) - 1;
        let mut best: Vec<Option<Rc<Path>>> = vec![None; 1 << count];
        let mut near = vec![0 as Set; 1 << count];
        let mut lookups = Lookups::default();
        let inside = Inside::new(region);
        for set in 1..=full {
            let lowest = set.trailing_zeros() as usize;
            near[set as usize] = near[(set & (set - 1)) as usize] | neighbours[lowest];
            if set & (set - 1) == 0 {
                best[set as usize] = Some(Rc::clone(&leaves[lowest]));
                continue;
            }
            let mut cheapest: Option<Candidate> = None;
            // One of each pair of parts has the lowest leaf.
            let rest = set & (set - 1);
            let mut other = rest;
            while other != 0 {
                let part = set & !other;
                if near[part as usize] & other != 0
                    && let (Some(left), Some(right)) = (&best[part as usize], &best[other as usize])
                {
                    let best = cheapest.as_ref().map_or(bound, |best| best.estimate.total_cost.min(bound));
                    if !is_dearer(left, right, best) {
                        self.join_both(region, &inside, (left, right), &mut cheapest, &mut lookups);
                    }
                }
                other = (other - 1) & rest;
            }
            best[set as usize] = cheapest.map(Candidate::into_path);
        }
        best[full as usize].take()
    }

    /// The cheapest pair, again and again.
    fn greedy(&self, region: &Region, mut paths: Vec<Rc<Path>>, neighbours: &[Set]) -> Rc<Path> {
        let near = |set: Set| {
            (0..neighbours.len())
                .filter(|leaf| set & (1 << leaf) != 0)
                .fold(0, |near, leaf| near | neighbours[leaf])
        };
        let mut lookups = Lookups::default();
        while paths.len() > 1 {
            let mut best: Option<(usize, usize, Candidate)> = None;
            for connected in [true, false] {
                for (left_place, left) in paths.iter().enumerate() {
                    for (right_place, right) in paths.iter().enumerate() {
                        if left_place == right_place || connected && near(left.set) & right.set == 0 {
                            continue;
                        }
                        let mut found = None;
                        let Some(between) = between(region, None, left, right) else { continue };
                        self.join_paths(region, left, right, &between, &mut found, &mut lookups);
                        let Some(found) = found else { continue };
                        let better = best.as_ref().is_none_or(|best| {
                            (found.estimate.rows, found.estimate.total_cost)
                                < (best.2.estimate.rows, best.2.estimate.total_cost)
                        });
                        if better {
                            best = Some((left_place, right_place, found));
                        }
                    }
                }
                if best.is_some() {
                    break;
                }
            }
            // Some pair can always be joined: a leaf that may go anywhere with another, or an attached one with what it needs.
            let Some((left, right, found)) = best else { break };
            let found = found.into_path();
            paths.remove(left.max(right));
            paths.remove(left.min(right));
            paths.push(found);
        }
        paths.swap_remove(0)
    }

    /// Tries every way to join two sets, either way round.
    fn join_both(
        &self,
        region: &Region,
        inside: &Inside,
        (left, right): (&Rc<Path>, &Rc<Path>),
        best: &mut Option<Candidate>,
        lookups: &mut Lookups,
    ) {
        if let Some(between) = between(region, Some(inside), left, right) {
            self.join_paths(region, left, right, &between, best, lookups);
            if between.kind == JoinKind::Inner && !between.lateral {
                return self.join_paths(region, right, left, &between, best, lookups);
            }
        }
        if let Some(between) = between(region, Some(inside), right, left) {
            self.join_paths(region, right, left, &between, best, lookups);
        }
    }

    /// Tries every way to join two sets, and keeps the cheapest.
    fn join_paths(
        &self,
        region: &Region,
        left: &Rc<Path>,
        right: &Rc<Path>,
        between: &Between,
        best: &mut Option<Candidate>,
        lookups: &mut Lookups,
    ) {
        let rows = self.join_rows(between.kind, left.estimate.rows, right.estimate.rows, between.part);
        let width = match between.kind {
            JoinKind::Semi | JoinKind::Anti | JoinKind::AntiNull => left.estimate.width,
            JoinKind::Mark(_) => left.estimate.width + 1,
            JoinKind::Inner | JoinKind::Left | JoinKind::Full | JoinKind::Single => {
                left.estimate.width + right.estimate.width
            }
        };
        let mut offer = |method: Method, (startup_cost, total_cost): (f64, f64)| {
            if best.as_ref().is_none_or(|best| total_cost < best.estimate.total_cost) {
                let estimate = Estimate { startup_cost, total_cost, rows, width };
                let (left, right) = (Rc::clone(left), Rc::clone(right));
                *best = Some(Candidate { method, left, right, estimate });
            }
        };
        let (settings, from_left, from_right) = (self.facts.settings(), left.estimate, right.estimate);
        let forbidden = if settings.enable_nestloop { 0.0 } else { crate::cost::FORBIDDEN };
        let loops = forbidden + from_left.total_cost + rows * settings.cpu_tuple_cost;
        if between.lateral {
            let again = from_left.total_cost + from_left.rows * from_right.total_cost;
            let total = again + rows * settings.cpu_tuple_cost;
            return offer(Method::Apply, (from_left.startup_cost + from_right.startup_cost, total));
        }
        let exact = !matches!(between.kind, JoinKind::AntiNull | JoinKind::Mark(_));
        if between.keys > 0.0 && (exact || between.keys == 1.0 && between.others == 0.0) {
            let counts = (between.keys, between.others);
            let cost = |left, right| hash_join_cost(settings, left, right, counts.0, counts.1, rows);
            let told = |of: &Path, others: &Path| match (&of.step, between.kind) {
                (Step::Leaf(leaf), JoinKind::Inner | JoinKind::Left) => {
                    narrowed(region, *leaf, others.set, others.estimate.rows).unwrap_or(of.estimate)
                }
                (Step::Leaf(_) | Step::Join { .. }, _) => of.estimate,
            };
            let told_left = if between.kind == JoinKind::Inner { told(left, right) } else { from_left };
            offer(Method::Hash, cost(told_left, from_right));
            if matches!(between.kind, JoinKind::Left | JoinKind::Semi | JoinKind::Anti) {
                offer(Method::HashTurned, cost(told(right, left), from_left));
            }
        }
        if between.keys > 0.0 && matches!(between.kind, JoinKind::Inner | JoinKind::Left) {
            let sorted = |of| sort_cost(settings, of, None);
            let (left, right) = (sorted(from_left), sorted(from_right));
            offer(Method::Merge, merge_join_cost(settings, left, right, between.others, rows));
        }
        offer(Method::Loop, loop_cost(settings, from_left, from_right, between.keys + between.others, rows));
        let Step::Leaf(leaf) = right.step else { return };
        for (way, bound) in region.leaves[leaf].bounds.iter().enumerate() {
            if bound.required & !left.set == 0 {
                let total = loops + from_left.rows * bound.cost_of_one(settings, from_left.rows);
                offer(Method::Bound(way), (forbidden + from_left.startup_cost, total));
            }
        }
        let looks =
            matches!(between.kind, JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti);
        let Some((_, _, table)) = region.leaves[leaf].table.as_ref().filter(|_| looks) else { return };
        for (index, cost) in self.known_lookups(region, left.set, leaf, lookups) {
            let one = lookup_cost(settings, table, index, *cost, from_left.rows);
            let total = loops + from_left.rows * one;
            offer(Method::Lookup(index.index.index), (forbidden + from_left.startup_cost, total));
        }
    }

    /// By which indexes a leaf may be looked up for rows of a set; asked once for all sets that bound its keys alike.
    fn known_lookups<'l>(
        &self,
        region: &Region,
        left: Set,
        leaf: usize,
        lookups: &'l mut Lookups,
    ) -> &'l [Probe] {
        let bounding = region.leaves[leaf].bounding;
        let within = left | 1 << leaf;
        let mut available = 0u64;
        for (place, condition) in region.conditions.iter().enumerate().take(64) {
            if bounding & (1 << place) != 0 && condition.named & !within == 0 {
                available |= 1 << place;
            }
        }
        if available == 0 && region.is_free(leaf) {
            return &[];
        }
        lookups.known.entry((leaf, available)).or_insert_with(|| {
            let found = self.lookups(region, left, leaf).into_iter();
            found.map(|lookup| (lookup.matched.index, lookup.cost)).collect()
        })
    }
}

/// An index that is looked up, and what the planner must know to tell what that costs.
type Probe = (Arc<IndexFacts>, IndexCost);

/// Lookups by leaf and by which conditions bound its keys.
#[derive(Default)]
struct Lookups {
    known: BTreeMap<(usize, u64), Vec<Probe>>,
}

/// A join that may become a path.
struct Candidate {
    method: Method,
    left: Rc<Path>,
    right: Rc<Path>,
    estimate: Estimate,
}

impl Candidate {
    fn into_path(self) -> Rc<Path> {
        let Candidate { method, left, right, estimate } = self;
        let set = left.set | right.set;
        Rc::new(Path { set, estimate, step: Step::Join { method, left, right } })
    }
}

/// Whether two paths cannot be joined for less than `best`, nor for as much. No method takes less than its inputs; only a
/// leaf may be looked up instead of being read.
fn is_dearer(left: &Path, right: &Path, best: f64) -> bool {
    let is_join = |path: &Path| matches!(path.step, Step::Join { .. });
    let least = match (is_join(left), is_join(right)) {
        (true, true) => left.estimate.total_cost + right.estimate.total_cost,
        (true, false) => left.estimate.total_cost,
        (false, true) => right.estimate.total_cost,
        (false, false) => 0.0,
    };
    least > best
}

/// What is between two sets, if they may be joined this way round.
fn between(region: &Region, inside: Option<&Inside>, left: &Path, right: &Path) -> Option<Between> {
    let attached = |path: &Path| match path.step {
        Step::Leaf(leaf) => region.leaves[leaf].attached.as_ref(),
        Step::Join { .. } => None,
    };
    if attached(left).is_some() {
        return None;
    }
    let both = left.set | right.set;
    let mut between = Between { kind: JoinKind::Inner, keys: 0.0, others: 0.0, part: 1.0, lateral: false };
    let within = |named: Set, set: Set| named != 0 && named & !set == 0;
    if let Some(attached) = attached(right) {
        if attached.required & !left.set != 0 {
            return None;
        }
        between.kind = attached.kind;
        between.lateral = attached.lateral;
        between.part = attached.part;
        for sides in &attached.sides {
            let key = sides.is_some_and(|(first, second)| {
                within(first, left.set) && within(second, right.set)
                    || within(first, right.set) && within(second, left.set)
            });
            if key { between.keys += 1.0 } else { between.others += 1.0 }
        }
        return Some(between);
    }
    let mut asked = 0..region.conditions.len();
    let mut rest = inside.map_or(&[][..], |inside| &inside.rest).iter().copied();
    if let Some(inside) = inside {
        (between.part, between.keys) = inside.between(left.set, right.set);
        asked = 0..0;
    }
    for place in asked.chain(&mut rest) {
        let condition = &region.conditions[place];
        let crosses = condition.named & !both == 0
            && condition.named & left.set != 0
            && condition.named & right.set != 0;
        if crosses {
            between.part *= condition.part;
            if condition.is_key(left.set, right.set) { between.keys += 1.0 } else { between.others += 1.0 }
        }
    }
    Some(between)
}
