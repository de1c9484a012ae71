//! Ranges of keys.
//!
//! Invariants
//!
//! 1. `from` is included, `to` is not: ranges that meet share no key and leave none out.
//! 2. `to` at or below `from` is the empty range.

/// The keys from one, included, to another, not included. The empty key is the smallest of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRange<'a> {
    /// The first key.
    pub from: &'a [u8],
    /// The first key behind the range; `None` for no end.
    pub to: Option<&'a [u8]>,
}
