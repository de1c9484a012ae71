//! Keys and values on their way between leaf pages: gathering them, measuring them, choosing where to split.
//!
//! Invariants
//!
//! 1. Entries are in strictly ascending order of their keys.
//! 2. A split that [`split_at`] names leaves both sides non-empty and fitting their pages. One always exists: no
//!    cell takes more than half of a page ([`super::inline_limit`]), and a key that does not share the prefix of the
//!    page it goes to sorts before or after all of that page.

use super::edit::cell_bytes;
use super::{FIXED_BYTES, Leaf, SLOT_BYTES, head_of};

/// A key (in two parts) and what its cell holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    /// The key's first part: the prefix of the page it comes from.
    pub prefix: &'a [u8],
    /// The key's second part.
    pub suffix: &'a [u8],
    /// Whether `value` describes the value.
    pub special: bool,
    /// The value's bytes or description.
    pub value: &'a [u8],
}

impl<'a> Entry<'a> {
    pub fn key_length(&self) -> usize {
        self.prefix.len() + self.suffix.len()
    }

    fn byte(&self, at: usize) -> u8 {
        if at < self.prefix.len() { self.prefix[at] } else { self.suffix[at - self.prefix.len()] }
    }

    /// The key without its first `length` bytes.
    #[inline]
    pub fn without(&self, length: usize) -> [&'a [u8]; 2] {
        match length.checked_sub(self.prefix.len()) {
            Some(more) => [&self.suffix[more..], &[]],
            None => [&self.prefix[length..], self.suffix],
        }
    }

    /// Copies the key's bytes from `from` on into `into`, which they fill.
    pub fn copy_key_range(&self, from: usize, into: &mut [u8]) {
        for (at, byte) in into.iter_mut().enumerate() {
            *byte = self.byte(from + at);
        }
    }

    fn bytes_under(&self, prefix_length: usize) -> usize {
        SLOT_BYTES + cell_bytes(self.key_length() - prefix_length, self.value.len())
    }
}

/// The slot head of a suffix in two parts.
#[inline]
pub(crate) fn head_of_parts([first, second]: [&[u8]; 2]) -> u16 {
    if first.len() >= 2 || second.is_empty() {
        return head_of(first);
    }
    match first.first() {
        Some(byte) => u16::from(*byte) << 8 | u16::from(second[0]),
        None => head_of(second),
    }
}

/// The number of bytes with which both keys begin.
pub(crate) fn common_prefix(first: &Entry<'_>, second: &Entry<'_>) -> usize {
    let limit = first.key_length().min(second.key_length());
    // Entries of one page share its prefix slice; nothing needs to be compared there.
    let same = std::ptr::eq(first.prefix, second.prefix);
    let start = if same { first.prefix.len() } else { 0 };
    (start..limit).find(|&at| first.byte(at) != second.byte(at)).unwrap_or(limit)
}

/// Bytes of a page that holds `entries` under a prefix of `prefix_length` bytes.
pub(crate) fn packed_bytes(entries: &[Entry<'_>], prefix_length: usize) -> usize {
    FIXED_BYTES + prefix_length + entries.iter().map(|entry| entry.bytes_under(prefix_length)).sum::<usize>()
}

/// Bytes of a page that holds `entries` under the longest prefix they share.
pub(crate) fn tight_bytes(entries: &[Entry<'_>]) -> usize {
    match (entries.first(), entries.last()) {
        (Some(first), Some(last)) => packed_bytes(entries, common_prefix(first, last)),
        _ => FIXED_BYTES,
    }
}

/// A page that holds the rows of two neighbours, each of which has some, takes no fewer bytes than these.
pub(crate) fn least_together(left: Leaf<'_>, right: Leaf<'_>) -> usize {
    let prefix = match (left.count(), right.count()) {
        (0, _) | (_, 0) => 0,
        (_, count) => common_prefix(&entry(left, 0), &entry(right, count - 1)),
    };
    let of = |leaf: Leaf<'_>| {
        let (own, count) = (leaf.prefix_length(), leaf.count());
        let bytes = leaf.used_bytes() - FIXED_BYTES - own;
        match own.checked_sub(prefix) {
            // What the page's prefix has more than the new one goes into each key.
            Some(less) => bytes + less * count,
            // And the other way round; the length of a key may be told in a byte less then.
            None => bytes.saturating_sub((prefix - own + 1) * count),
        }
    };
    FIXED_BYTES + prefix + of(left) + of(right)
}

fn entry(leaf: Leaf<'_>, index: usize) -> Entry<'_> {
    let cell = leaf.cell(index);
    Entry { prefix: leaf.prefix(), suffix: cell.suffix, special: cell.special, value: cell.value }
}

/// Appends the entries of `leaf` to `entries`.
pub(crate) fn gather<'a>(leaf: Leaf<'a>, entries: &mut Vec<Entry<'a>>) {
    entries.extend((0..leaf.count()).map(|index| entry(leaf, index)));
}

/// What a split aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SplitAim {
    /// Two halves of about the same number of bytes.
    Balanced,
    /// The first part gets as many entries as this, or the nearest number that is possible: keys arrive in order.
    At(usize),
}

/// Chooses how many of `entries` (at least two, too many for one page of `page_size` bytes) the left page keeps.
pub(crate) fn split_at(entries: &[Entry<'_>], page_size: usize, aim: SplitAim) -> usize {
    debug_assert!(entries.len() >= 2);
    let wanted = match aim {
        SplitAim::Balanced => balanced(entries),
        SplitAim::At(index) => index.clamp(1, entries.len() - 1),
    };
    let fits = |at: usize| {
        let (left, right) = entries.split_at(at);
        tight_bytes(left) <= page_size && tight_bytes(right) <= page_size
    };
    // From the wanted place outwards; nearly always the first try.
    let outwards = (0..entries.len()).flat_map(|step| [wanted.checked_sub(step), Some(wanted + step)]);
    let mut candidates = outwards.flatten().filter(|at| (1..entries.len()).contains(at));
    candidates.find(|&at| fits(at)).unwrap_or(wanted)
}

/// The split after which the larger side is smallest, prefixes taken into account.
fn balanced(entries: &[Entry<'_>]) -> usize {
    let (first, last) = (&entries[0], &entries[entries.len() - 1]);
    let total: usize = entries.iter().map(|entry| entry.bytes_under(0)).sum();
    let mut best = (usize::MAX, 1);
    let mut left = 0;
    for at in 1..entries.len() {
        left += entries[at - 1].bytes_under(0);
        let left_gain = common_prefix(first, &entries[at - 1]) * (at - 1);
        let right_gain = common_prefix(&entries[at], last) * (entries.len() - at - 1);
        let larger = left.saturating_sub(left_gain).max((total - left).saturating_sub(right_gain));
        if larger < best.0 {
            best = (larger, at);
        }
    }
    best.1
}
