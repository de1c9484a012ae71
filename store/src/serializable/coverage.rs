//! Who has read (or written) which keys of a tree: the index over all transactions' footprints.
//!
//! Invariants
//!
//! 1. `segments` cuts the key space: a segment reaches from its key to the next one's, the last to the end; before the
//!    first there is nobody. Its list, sorted, names the transactions one of whose ranges covers it.
//! 2. Two neighbouring segments differ: boundaries that no longer matter are removed, and when nobody has a range
//!    there are no segments.
//! 3. A point's list is never empty.

use super::TransactionHandle as Id;
use super::range::{Key, KeyRange, Tracked};
use crate::locks::few::Few;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

#[derive(Debug, Default)]
pub(super) struct Coverage {
    points: BTreeMap<Key, Few<Id>>,
    segments: BTreeMap<Key, Vec<Id>>,
}

impl Coverage {
    pub(super) fn is_empty(&self) -> bool {
        self.points.is_empty() && self.segments.is_empty()
    }

    /// Adds a point that `who` does not have yet.
    pub(super) fn add_point(&mut self, key: Key, who: Id) {
        self.points.entry(key).or_insert(Few::None).push(who);
    }

    pub(super) fn remove_point(&mut self, key: &[u8], who: Id) {
        if let Some(list) = self.points.get_mut(key) {
            list.take(|other| *other == who);
            if list.is_empty() {
                self.points.remove(key);
            }
        }
    }

    pub(super) fn add_range(&mut self, range: &KeyRange, who: Id) {
        self.cut(&range.start);
        if let Some(end) = &range.end {
            self.cut(end);
        }
        let bounds = (Bound::Included(&*range.start), range.end_bound());
        for (_, list) in self.segments.range_mut::<[u8], _>(bounds) {
            if let Err(position) = list.binary_search(&who) {
                list.insert(position, who);
            }
        }
        self.join(range);
    }

    pub(super) fn remove_range(&mut self, range: &KeyRange, who: Id) {
        self.cut(&range.start);
        if let Some(end) = &range.end {
            self.cut(end);
        }
        let bounds = (Bound::Included(&*range.start), range.end_bound());
        for (_, list) in self.segments.range_mut::<[u8], _>(bounds) {
            if let Ok(position) = list.binary_search(&who) {
                list.remove(position);
            }
        }
        self.join(range);
    }

    /// Makes a segment begin at `key`.
    fn cut(&mut self, key: &Key) {
        if !self.segments.contains_key(key) {
            let list = self.segment_of(key).map(<[Id]>::to_vec).unwrap_or_default();
            self.segments.insert(key.clone(), list);
        }
    }

    fn segment_of(&self, key: &[u8]) -> Option<&[Id]> {
        let bounds = (Bound::Unbounded, Bound::Included(key));
        self.segments.range::<[u8], _>(bounds).next_back().map(|(_, list)| list.as_slice())
    }

    /// Removes the boundaries of and within `range` that separate nothing (invariant 2).
    fn join(&mut self, range: &KeyRange) {
        let before = (Bound::Unbounded, Bound::Excluded(&*range.start));
        let mut last: &[Id] =
            self.segments.range::<[u8], _>(before).next_back().map_or(&[], |(_, list)| list.as_slice());
        let end = range.end.as_ref().map_or(Bound::Unbounded, |end| Bound::Included(&**end));
        let mut superfluous = Vec::new();
        for (key, list) in self.segments.range::<[u8], _>((Bound::Included(&*range.start), end)) {
            if list == last {
                superfluous.push(key.clone());
            }
            last = list;
        }
        for key in superfluous {
            self.segments.remove(&key);
        }
    }

    /// Who has any key of what is looked at.
    pub(super) fn meeting(&self, what: Tracked<'_>, found: &mut BTreeSet<Id>) {
        match what {
            Tracked::Point(key) => self.at(key, found),
            Tracked::Range(range) => self.within(range, found),
        }
    }

    /// Who has `key`, as a point or in a range.
    pub(super) fn at(&self, key: &[u8], found: &mut BTreeSet<Id>) {
        found.extend(self.points.get(key).map_or(&[][..], Few::as_slice));
        found.extend(self.segment_of(key).unwrap_or_default());
    }

    /// Who has any key of `range`.
    pub(super) fn within(&self, range: &KeyRange, found: &mut BTreeSet<Id>) {
        let bounds = (Bound::Included(&*range.start), range.end_bound());
        for (_, list) in self.points.range::<[u8], _>(bounds) {
            found.extend(list.as_slice());
        }
        found.extend(self.segment_of(&range.start).unwrap_or_default());
        for (_, list) in self.segments.range::<[u8], _>(bounds) {
            found.extend(list);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn range(start: u8, end: Option<u8>) -> Option<KeyRange> {
        let end = end.as_ref().map(std::slice::from_ref);
        KeyRange::between(Bound::Included(&[start]), end.map_or(Bound::Unbounded, Bound::Excluded))
    }

    proptest! {
        /// Each transaction has at most one range here, as footprints keep their own ranges apart.
        #[test]
        fn finds_exactly_those_whose_ranges_cover_a_key(
            ranges in proptest::collection::vec((0u8..20, proptest::option::of(0u8..20)), 1..12),
            removed in proptest::collection::vec(any::<bool>(), 12),
        ) {
            let mut coverage = Coverage::default();
            let ranges: Vec<_> = ranges.into_iter().filter_map(|(start, end)| range(start, end)).collect();
            for (number, range) in ranges.iter().enumerate() {
                coverage.add_range(range, Id(number as u64));
            }
            for (number, range) in ranges.iter().enumerate().filter(|(number, _)| removed[*number]) {
                coverage.remove_range(range, Id(number as u64));
            }
            for key in 0u8..22 {
                let mut found = BTreeSet::new();
                coverage.at(&[key], &mut found);
                let expected: BTreeSet<Id> = (0..ranges.len())
                    .filter(|&number| !removed[number] && ranges[number].contains(&[key]))
                    .map(|number| Id(number as u64))
                    .collect();
                prop_assert_eq!(found, expected);
            }
            for (number, range) in ranges.iter().enumerate().filter(|(number, _)| !removed[*number]) {
                coverage.remove_range(range, Id(number as u64));
            }
            prop_assert!(coverage.is_empty(), "{:?}", coverage);
        }
    }
}
