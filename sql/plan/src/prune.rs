//! Which partitions may have rows of which something is known: what pruning decides.
//!
//! A part that survives may have none all the same; one that does not has none for certain.

use crate::partition::{Bound, Edge, Routing};
use std::cmp::Ordering;
use types::vector::Order;
use types::{Item, Value};

/// What is known of a key of the rows that are wanted.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// It is one of these; a null is one.
    equal: Option<Vec<Value>>,
    /// It is not before this, and may be it.
    low: Option<(Value, bool)>,
    /// It is not after this, and may be it.
    high: Option<(Value, bool)>,
    /// It is none of these.
    unequal: Vec<Value>,
    /// It is no null.
    pub not_null: bool,
}

fn compare(order: &Order, one: &Value, other: &Value) -> Ordering {
    order.compare(&Item::from(one), &Item::from(other))
}

impl Known {
    /// It is one of these.
    pub fn equal(&mut self, order: &Order, values: Vec<Value>) {
        self.equal = Some(match self.equal.take() {
            None => values,
            Some(mut known) => {
                known.retain(|one| values.iter().any(|other| compare(order, one, other).is_eq()));
                known
            }
        });
    }

    /// It is none of these; it may be null.
    pub fn unequal(&mut self, values: impl IntoIterator<Item = Value>) {
        self.unequal.extend(values);
    }

    /// It is greater than a value, or equal to it if that is `included`.
    pub fn above(&mut self, order: &Order, value: Value, included: bool) {
        self.not_null = true;
        let narrower =
            self.low.as_ref().is_none_or(|(known, known_included)| match compare(order, &value, known) {
                Ordering::Greater => true,
                Ordering::Equal => *known_included,
                Ordering::Less => false,
            });
        if narrower {
            self.low = Some((value, included));
        }
    }

    /// It is less than a value, or equal to it if that is `included`.
    pub fn below(&mut self, order: &Order, value: Value, included: bool) {
        self.not_null = true;
        let narrower =
            self.high.as_ref().is_none_or(|(known, known_included)| match compare(order, &value, known) {
                Ordering::Less => true,
                Ordering::Equal => *known_included,
                Ordering::Greater => false,
            });
        if narrower {
            self.high = Some((value, included));
        }
    }

    /// Whether it may be a value.
    fn admits(&self, order: &Order, value: &Value) -> bool {
        let is = |known: &Value| compare(order, known, value).is_eq();
        if self.equal.as_ref().is_some_and(|known| !known.iter().any(is)) {
            return false;
        }
        if value.is_null() {
            return !self.not_null;
        }
        if self.unequal.iter().any(is) {
            return false;
        }
        let low = self.low.as_ref().is_none_or(|(low, included)| match compare(order, value, low) {
            Ordering::Greater => true,
            Ordering::Equal => *included,
            Ordering::Less => false,
        });
        let high = self.high.as_ref().is_none_or(|(high, included)| match compare(order, value, high) {
            Ordering::Less => true,
            Ordering::Equal => *included,
            Ordering::Greater => false,
        });
        low && high
    }

    /// Those of the values that it is known to be one of that nothing else forbids.
    fn values(&self, order: &Order) -> Option<Vec<Value>> {
        let values = self.equal.as_ref()?;
        Some(values.iter().filter(|value| self.admits(order, value)).cloned().collect())
    }
}

/// The parts of a routing that may have rows.
pub struct Survivors<'r> {
    routing: &'r Routing,
}

/// The wanted rows of a table that is divided by ranges lie between two points: values of the first keys, and behind them
/// what is before or after everything.
struct Span {
    low: (Vec<Value>, Ordering),
    high: (Vec<Value>, Ordering),
}

impl<'r> Survivors<'r> {
    /// Of this.
    pub fn new(routing: &'r Routing) -> Survivors<'r> {
        Survivors { routing }
    }

    /// Which parts may have rows of which this is known, for each key.
    pub fn of(&self, known: &[Known]) -> Vec<bool> {
        let nothing = known
            .iter()
            .zip(&self.routing.keys)
            .any(|(known, key)| known.values(&key.order).is_some_and(|values| values.is_empty()));
        if nothing {
            return vec![false; self.routing.parts.len()];
        }
        match self.routing.strategy {
            crate::partition::Strategy::List => self.of_list(known),
            crate::partition::Strategy::Range => self.of_ranges(known),
            crate::partition::Strategy::Hash => self.of_hash(known),
        }
    }

    fn of_list(&self, known: &[Known]) -> Vec<bool> {
        let (Some(known), Some(key)) = (known.first(), self.routing.keys.first()) else {
            return vec![true; self.routing.parts.len()];
        };
        let order = &key.order;
        let has = |bound: &Bound, wanted: &dyn Fn(&Value) -> bool| match bound {
            Bound::List(values) => values.iter().any(wanted),
            Bound::Default | Bound::Range(..) | Bound::Hash { .. } => false,
        };
        let elsewhere = |value: &Value| {
            let is = |other: &Value| compare(order, value, other).is_eq();
            self.routing.parts.iter().any(|part| has(&part.bound, &is))
        };
        let survives = |bound: &Bound| match bound {
            Bound::Default => known.values(order).is_none_or(|values| !values.iter().all(elsewhere)),
            other => has(other, &|value| known.admits(order, value)),
        };
        self.routing.parts.iter().map(|part| survives(&part.bound)).collect()
    }

    fn of_hash(&self, known: &[Known]) -> Vec<bool> {
        // What users' functions make of values is not asked here.
        if self.routing.keys.iter().any(|key| key.hash.is_some()) {
            return vec![true; self.routing.parts.len()];
        }
        let mut values: Vec<Value> = Vec::with_capacity(known.len());
        for (known, key) in known.iter().zip(&self.routing.keys) {
            match known.values(&key.order).as_deref() {
                Some([only]) => values.push(only.clone()),
                Some(_) | None => return vec![true; self.routing.parts.len()],
            }
        }
        let items: Vec<(&Order, Item<'_>)> =
            self.routing.keys.iter().map(|key| &key.order).zip(values.iter().map(Item::from)).collect();
        let hash = types::hash::partition_hash(items.iter().map(|(order, item)| (*order, item)));
        let survives = |bound: &Bound| match bound {
            Bound::Hash { modulus, remainder } => {
                hash % u64::from((*modulus).max(1)) == u64::from(*remainder)
            }
            Bound::Default | Bound::List(_) | Bound::Range(..) => true,
        };
        self.routing.parts.iter().map(|part| survives(&part.bound)).collect()
    }

    fn of_ranges(&self, known: &[Known]) -> Vec<bool> {
        let (spans, complete) = self.spans(known);
        let has_null =
            |known: &Known| known.equal.as_ref().is_some_and(|values| values.iter().all(Value::is_null));
        let null = known.iter().any(has_null);
        let survives = |bound: &Bound| match bound {
            Bound::Default => null || !complete || !spans.iter().all(|span| self.is_covered(span)),
            Bound::Range(from, to) => {
                !null
                    && spans
                        .iter()
                        .any(|span| self.is_before(&span.low, to) && self.reaches(&span.high, from))
            }
            Bound::List(_) | Bound::Hash { .. } => true,
        };
        self.routing.parts.iter().map(|part| survives(&part.bound)).collect()
    }

    /// Where the wanted rows lie, and whether every one of their keys that can be null is known not to be.
    fn spans(&self, all: &[Known]) -> (Vec<Span>, bool) {
        let known = all;
        let mut prefixes: Vec<Vec<Value>> = vec![Vec::new()];
        let complete = known.iter().all(|known| {
            known.not_null || known.equal.as_ref().is_some_and(|values| !values.iter().any(Value::is_null))
        });
        for (place, (known, key)) in known.iter().zip(&self.routing.keys).enumerate() {
            let values = known.values(&key.order);
            match values {
                Some(values) if prefixes.len() * values.len() <= 1000 => {
                    let extend = |prefix: &Vec<Value>| {
                        let values = values.iter().filter(|value| !value.is_null());
                        let extended =
                            |value: &Value| [prefix.as_slice(), std::slice::from_ref(value)].concat();
                        values.map(extended).collect::<Vec<_>>()
                    };
                    prefixes = prefixes.iter().flat_map(extend).collect();
                }
                Some(_) | None => {
                    let span = |prefix: Vec<Value>| {
                        let edge = |bound: &Option<(Value, bool)>, inside: Ordering| match bound {
                            None => (prefix.clone(), inside),
                            Some((value, included)) => {
                                let point = [prefix.as_slice(), std::slice::from_ref(value)].concat();
                                (point, if *included { inside } else { inside.reverse() })
                            }
                        };
                        // Where a bound is among the rows, those that lie at it are bound by the next key.
                        let mut low = edge(&known.low, Ordering::Less);
                        let mut high = edge(&known.high, Ordering::Greater);
                        for next in &all[place + 1..] {
                            let at_low = low.1 == Ordering::Less && low.0.len() > prefix.len();
                            match &next.low {
                                Some((value, included)) if at_low => {
                                    low.0.push(value.clone());
                                    low.1 = if *included { Ordering::Less } else { Ordering::Greater };
                                }
                                Some(_) | None => break,
                            }
                        }
                        for next in &all[place + 1..] {
                            let at_high = high.1 == Ordering::Greater && high.0.len() > prefix.len();
                            match &next.high {
                                Some((value, included)) if at_high => {
                                    high.0.push(value.clone());
                                    high.1 = if *included { Ordering::Greater } else { Ordering::Less };
                                }
                                Some(_) | None => break,
                            }
                        }
                        Span { low, high }
                    };
                    return (prefixes.into_iter().map(span).collect(), complete);
                }
            }
        }
        let point = |values: Vec<Value>| Span {
            low: (values.clone(), Ordering::Less),
            high: (values, Ordering::Greater),
        };
        (prefixes.into_iter().map(point).collect(), complete)
    }

    /// How a point lies to an edge; what follows the point's values is before or after everything.
    fn compare_edge(&self, point: &(Vec<Value>, Ordering), edge: &[Edge]) -> Ordering {
        for (place, edge) in edge.iter().enumerate() {
            let Some(value) = point.0.get(place) else { return point.1 };
            let found = match (edge, self.routing.keys.get(place)) {
                (Edge::Least, _) => Ordering::Greater,
                (Edge::Greatest, _) => Ordering::Less,
                (Edge::Value(other), Some(key)) => compare(&key.order, value, other),
                (Edge::Value(_), None) => Ordering::Equal,
            };
            if found != Ordering::Equal {
                return found;
            }
        }
        // All of the edge's values are the point's: rows of just these values lie at the edge.
        Ordering::Equal
    }

    /// Whether rows from a point on lie before an upper edge.
    fn is_before(&self, low: &(Vec<Value>, Ordering), to: &[Edge]) -> bool {
        let place = low.0.len();
        match self.compare_edge(low, to) {
            // Before everything behind the values, and there the edge is, too.
            Ordering::Less => {
                place >= to.len() || low.1 != Ordering::Less || !matches!(to[place], Edge::Least) || {
                    let front = (low.0.clone(), Ordering::Equal);
                    self.compare_edge(&front, &to[..place]) == Ordering::Less
                }
            }
            Ordering::Equal | Ordering::Greater => false,
        }
    }

    /// Whether rows up to a point lie at or behind a lower edge.
    fn reaches(&self, high: &(Vec<Value>, Ordering), from: &[Edge]) -> bool {
        match self.compare_edge(high, from) {
            Ordering::Greater => true,
            Ordering::Equal => high.0.len() > from.len() || high.1 == Ordering::Greater,
            Ordering::Less => false,
        }
    }

    /// Whether parts have all rows of a span without a gap.
    fn is_covered(&self, span: &Span) -> bool {
        let mut reached: Option<&[Edge]> = None;
        for part in &self.routing.parts {
            let Bound::Range(from, to) = &part.bound else { continue };
            if !self.is_before(&span.low, to) {
                continue;
            }
            let starts = match reached {
                // Nothing of the span lies before the first part that it meets.
                None => {
                    matches!(self.compare_edge(&span.low, from), Ordering::Greater | Ordering::Equal)
                        || matches!(from.get(span.low.0.len()), Some(Edge::Least))
                            && self.compare_edge(
                                &(span.low.0.clone(), Ordering::Equal),
                                &from[..span.low.0.len()],
                            ) == Ordering::Equal
                }
                Some(before) => before == from.as_slice(),
            };
            if !starts {
                return false;
            }
            if !self.reaches(&span.high, to) {
                return true;
            }
            reached = Some(to);
        }
        // Behind the last part is nothing if it ends behind everything.
        reached.is_some_and(|last| matches!(last.first(), Some(Edge::Greatest)))
    }
}
