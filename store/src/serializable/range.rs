//! Half-open ranges of keys in byte order.
//!
//! Invariants
//!
//! 1. A range that exists holds at least one possible key: `start` is below `end`.
//! 2. Bounds of either kind are turned into half-open ranges exactly: between a key and its successor there
//!    is none.

use std::ops::Bound;
use std::sync::Arc;

pub(super) type Key = Arc<[u8]>;

/// The keys from `start` on that come before `end`; without an end, all that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyRange {
    pub(super) start: Key,
    pub(super) end: Option<Key>,
}

/// The first key after `key`: nothing fits between them.
pub(super) fn successor(key: &[u8]) -> Key {
    key.iter().copied().chain([0]).collect()
}

impl KeyRange {
    /// The range between two bounds; `None` when it can hold no key.
    pub(super) fn between(start: Bound<&[u8]>, end: Bound<&[u8]>) -> Option<KeyRange> {
        let start = match start {
            Bound::Included(key) => Key::from(key),
            Bound::Excluded(key) => successor(key),
            Bound::Unbounded => Key::from(&[][..]),
        };
        let end = match end {
            Bound::Included(key) => Some(successor(key)),
            Bound::Excluded(key) => Some(Key::from(key)),
            Bound::Unbounded => None,
        };
        let is_empty = end.as_ref().is_some_and(|end| *end <= start);
        (!is_empty).then_some(KeyRange { start, end })
    }

    pub(super) fn contains(&self, key: &[u8]) -> bool {
        *self.start <= *key && self.end.as_ref().is_none_or(|end| *key < **end)
    }

    /// Whether all of `other` lies within.
    pub(super) fn covers(&self, other: &KeyRange) -> bool {
        let end_covered = match (&self.end, &other.end) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(mine), Some(theirs)) => theirs <= mine,
        };
        self.start <= other.start && end_covered
    }

    /// The end as a bound for looking things up.
    pub(super) fn end_bound(&self) -> Bound<&[u8]> {
        self.end.as_ref().map_or(Bound::Unbounded, |end| Bound::Excluded(&**end))
    }

    /// The greater of two ends.
    pub(super) fn later_end(one: Option<Key>, other: Option<Key>) -> Option<Key> {
        one.zip(other).map(|(one, other)| one.max(other))
    }
}

/// What is read or written: one key, or all keys of a range.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tracked<'a> {
    Point(&'a [u8]),
    Range(&'a KeyRange),
}
