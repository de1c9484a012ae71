//! The rows of one leaf, handed over together: what a scan that decodes many rows at once works on.
//!
//! Nothing is copied: keys and values are borrowed from the page, for as long as the rows are held.
//!
//! Invariants
//!
//! 1. The rows hold their page: it stays as it is, whatever becomes of the tree, and is not edited in place meanwhile.
//! 2. `from <= to <=` the leaf's number of slots; row `i` is slot `from + i`.
//!
//! Only reading a large value can fail: the leaf was looked at when it came from the file.

use crate::Result;
use crate::cursor::Cursor;
use crate::leaf::Leaf;
use crate::node::leaf_of;
use crate::value::{Home, ValueRef};
use pager::{Frame, Pager};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Some neighbouring rows of one leaf, in key order. Made by [`Cursor::rest_of_leaf`] and [`Cursor::front_of_leaf`].
#[derive(Clone)]
pub struct LeafRows {
    frame: Arc<Frame>,
    from: usize,
    to: usize,
}

impl LeafRows {
    pub(crate) fn new(frame: Arc<Frame>, from: usize, to: usize) -> LeafRows {
        LeafRows { frame, from, to }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.to - self.from
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.from == self.to
    }

    /// How many rows of the leaf stand before a key.
    #[must_use]
    pub fn rows_before(&self, key: &[u8]) -> usize {
        slots_before(self.leaf(), key)
    }

    fn leaf(&self) -> Leaf<'_> {
        leaf_of(&self.frame)
    }

    /// What all keys begin with.
    #[must_use]
    pub fn prefix(&self) -> &[u8] {
        self.leaf().prefix()
    }

    /// The key of row `index` without the prefix.
    ///
    /// # Panics
    /// When there are not so many rows.
    #[must_use]
    #[inline]
    pub fn suffix(&self, index: usize) -> &[u8] {
        self.leaf().suffix(self.slot(index))
    }

    /// The value of row `index`.
    ///
    /// # Panics
    /// When there are not so many rows.
    #[must_use]
    #[inline]
    pub fn value(&self, index: usize) -> ValueRef<'_> {
        let cell = self.leaf().cell(self.slot(index));
        ValueRef::decode(cell.special, cell.value)
    }

    /// Appends the bytes of the value of row `index` in `range` (cut to the value's length) to `into`.
    ///
    /// # Errors
    /// What reading overflow pages meets; a compressed value that does not decompress to its length.
    ///
    /// # Panics
    /// When there are not so many rows.
    pub fn read_value(
        &self,
        pager: &Pager,
        index: usize,
        range: Range<usize>,
        into: &mut Vec<u8>,
    ) -> Result<()> {
        self.value(index).read_into(pager, Home::of(&self.frame), range, into)
    }

    #[inline]
    fn slot(&self, index: usize) -> usize {
        assert!(index < self.len(), "row {index} of {}", self.len());
        self.from + index
    }
}

impl fmt::Debug for LeafRows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} rows of a leaf", self.len())
    }
}

impl Cursor {
    /// The rows from the one the cursor stands on to the end of its leaf, or up to key `to` (excluded). The cursor then
    /// stands on the last of them. `None` when it stands nowhere, or at `to` or behind it.
    pub fn rest_of_leaf(&mut self, to: Option<&[u8]>) -> Option<LeafRows> {
        let (frame, slot) = self.position()?;
        let leaf = leaf_of(frame);
        let end = to.map_or(leaf.count(), |to| slots_before(leaf, to));
        if end <= slot {
            return None;
        }
        let rows = LeafRows::new(Arc::clone(frame), slot, end);
        self.move_within_leaf(end - 1);
        Some(rows)
    }

    /// The rows from the beginning of the leaf, or from key `from` (included), to the one the cursor stands on. The
    /// cursor then stands on the first of them. `None` when it stands nowhere, or before `from`.
    pub fn front_of_leaf(&mut self, from: &[u8]) -> Option<LeafRows> {
        let (frame, slot) = self.position()?;
        let first = slots_before(leaf_of(frame), from);
        if first > slot {
            return None;
        }
        let rows = LeafRows::new(Arc::clone(frame), first, slot + 1);
        self.move_within_leaf(first);
        Some(rows)
    }
}

/// How many slots of `leaf` stand before `key`.
pub(crate) fn slots_before(leaf: Leaf<'_>, key: &[u8]) -> usize {
    match leaf.search(key) {
        Ok(slot) | Err(slot) => slot,
    }
}
