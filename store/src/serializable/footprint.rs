//! What one transaction has read (or written) of one tree, and how that is made coarser when it grows too large.
//!
//! Invariants
//!
//! 1. The ranges of a footprint are disjoint and do not touch; none of its points lies in one of its ranges.
//! 2. Coarsening only ever adds keys: a conflict may be seen that is none, never the other way round.
//! 3. The tree's [`Coverage`] names this transaction for exactly these points and ranges.

use super::TransactionHandle as Id;
use super::coverage::Coverage;
use super::range::{Key, KeyRange, successor};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

#[derive(Debug, Default)]
pub(super) struct Footprint {
    points: BTreeSet<Key>,
    ranges: BTreeMap<Key, Option<Key>>,
}

/// What an entry costs besides its key: nodes of the two maps it is in.
const ENTRY_BYTES: usize = 96;

impl Footprint {
    /// Points and ranges.
    pub(super) fn len(&self) -> usize {
        self.points.len() + self.ranges.len()
    }

    fn range_of(&self, key: &[u8]) -> Option<KeyRange> {
        let bounds = (Bound::Unbounded, Bound::Included(key));
        let (start, end) = self.ranges.range::<[u8], _>(bounds).next_back()?;
        Some(KeyRange { start: start.clone(), end: end.clone() })
    }

    /// Adds a key; returns the bytes that this took.
    pub(super) fn add_point(&mut self, key: &[u8], coverage: &mut Coverage, who: Id) -> usize {
        if self.points.contains(key) || self.range_of(key).is_some_and(|range| range.contains(key)) {
            return 0;
        }
        let key = Key::from(key);
        let bytes = ENTRY_BYTES + key.len();
        self.points.insert(key.clone());
        coverage.add_point(key, who);
        bytes
    }

    /// Adds a range; returns the bytes that this took, less those that it freed.
    pub(super) fn add_range(&mut self, range: KeyRange, coverage: &mut Coverage, who: Id) -> isize {
        if self.range_of(&range.start).is_some_and(|known| known.covers(&range)) {
            return 0;
        }
        let mut freed = 0;
        let mut joined = range;
        for known in self.touching(&joined) {
            freed += range_bytes(&known);
            self.ranges.remove(&known.start);
            coverage.remove_range(&known, who);
            joined.start = joined.start.min(known.start);
            joined.end = KeyRange::later_end(joined.end, known.end);
        }
        let inside: Vec<Key> = self
            .points
            .range::<[u8], _>((Bound::Included(&*joined.start), joined.end_bound()))
            .cloned()
            .collect();
        for point in inside {
            freed += ENTRY_BYTES + point.len();
            self.points.remove(&point);
            coverage.remove_point(&point, who);
        }
        coverage.add_range(&joined, who);
        let taken = range_bytes(&joined);
        self.ranges.insert(joined.start, joined.end);
        taken as isize - freed as isize
    }

    /// The own ranges that overlap or touch `range`.
    fn touching(&self, range: &KeyRange) -> Vec<KeyRange> {
        let before = self.range_of(&range.start);
        let before = before.filter(|known| known.end.as_ref().is_none_or(|end| *end >= range.start));
        let end = range.end.as_ref().map_or(Bound::Unbounded, |end| Bound::Included(&**end));
        let later = self
            .ranges
            .range::<[u8], _>((Bound::Excluded(&*range.start), end))
            .map(|(start, end)| KeyRange { start: start.clone(), end: end.clone() });
        before.into_iter().chain(later).collect()
    }

    /// Halves the number of entries by joining neighbours; returns the bytes that this freed.
    pub(super) fn coarsen(&mut self, coverage: &mut Coverage, who: Id) -> isize {
        let mut entries: Vec<KeyRange> = self.entries().collect();
        entries.sort_by(|one, other| one.start.cmp(&other.start));
        let mut freed = 0;
        for pair in entries.chunks(2) {
            if let [one, other] = pair {
                let joined = KeyRange { start: one.start.clone(), end: other.end.clone() };
                freed -= self.add_range(joined, coverage, who);
            }
        }
        freed
    }

    /// All entries as ranges, in no particular order.
    pub(super) fn entries(&self) -> impl Iterator<Item = KeyRange> {
        let ranges =
            self.ranges.iter().map(|(start, end)| KeyRange { start: start.clone(), end: end.clone() });
        let points =
            self.points.iter().map(|point| KeyRange { start: point.clone(), end: Some(successor(point)) });
        ranges.chain(points)
    }

    /// Takes everything out of `coverage`; returns the bytes that this freed.
    pub(super) fn withdraw(&self, coverage: &mut Coverage, who: Id) -> usize {
        let mut freed = 0;
        for point in &self.points {
            freed += ENTRY_BYTES + point.len();
            coverage.remove_point(point, who);
        }
        for (start, end) in &self.ranges {
            let range = KeyRange { start: start.clone(), end: end.clone() };
            freed += range_bytes(&range);
            coverage.remove_range(&range, who);
        }
        freed
    }
}

fn range_bytes(range: &KeyRange) -> usize {
    2 * ENTRY_BYTES + range.start.len() + range.end.as_ref().map_or(0, |end| end.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn covers_what_was_added_and_leaves_nothing(
            steps in proptest::collection::vec((0u8..30, 0u8..8), 1..40),
            coarsen in any::<bool>(),
        ) {
            let (mut footprint, mut coverage) = (Footprint::default(), Coverage::default());
            let mut model = BTreeSet::new();
            let mut bytes = 0isize;
            for (start, width) in steps {
                let end = start + width;
                if width == 0 {
                    bytes += footprint.add_point(&[start], &mut coverage, Id(1)) as isize;
                    model.insert(start);
                } else if let Some(range) =
                    KeyRange::between(Bound::Included(&[start]), Bound::Excluded(&[end]))
                {
                    bytes += footprint.add_range(range, &mut coverage, Id(1));
                    model.extend(start..end);
                }
            }
            let before = footprint.len();
            if coarsen {
                bytes -= footprint.coarsen(&mut coverage, Id(1));
                prop_assert!(footprint.len() <= before.div_ceil(2));
            }
            for key in 0u8..45 {
                let mut found = BTreeSet::new();
                coverage.at(&[key], &mut found);
                prop_assert!(!found.is_empty() || !model.contains(&key), "key {} is missing", key);
                prop_assert!(coarsen || found.is_empty() != model.contains(&key), "key {}", key);
            }
            prop_assert_eq!(footprint.withdraw(&mut coverage, Id(1)) as isize, bytes);
            prop_assert!(coverage.is_empty());
        }
    }
}
