//! Ranges of keys.

/// The keys from one, included, to another, not included. The empty key is the smallest of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyRange<'a> {
    /// The first key.
    pub from: &'a [u8],
    /// The first key behind the range; `None` for no end.
    pub to: Option<&'a [u8]>,
}
