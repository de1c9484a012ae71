//! Positions: how many rows stand before a key, and which row is the n-th. By the row counts in the index pages, with
//! one page per level read.
//!
//! Invariants
//!
//! 1. A position is a sum of the row counts that parents keep of their children; those are exact (see
//!    `tree.rs`).
//! 2. One page per level is read, however many rows are counted.

use crate::cursor::Cursor;
use crate::error::Result;
use crate::leaf::Leaf;
use crate::leaf_rows::slots_before;
use crate::node::{index_of, leaf_of, load};
use crate::range::KeyRange;
use crate::tree::Tree;
use pager::{IndexNode, PageRef, Pager};

impl Tree {
    /// The number of rows with a key below `key`.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn rank(&self, pager: &Pager, key: &[u8]) -> Result<u64> {
        match &self.root {
            Some(root) => rows_before(pager, root, self.id, self.level, key),
            None => Ok(0),
        }
    }

    /// The number of rows from key `from` (included) to key `to` (excluded; `None`: to the end).
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn count_range(&self, pager: &Pager, from: &[u8], to: Option<&[u8]>) -> Result<u64> {
        match &self.root {
            Some(root) => rows_in(pager, root, self.id, self.level, KeyRange { from, to }),
            None => Ok(0),
        }
    }

    /// A cursor on the row before which `position` rows stand; it stands nowhere when there is no such row.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn nth(&self, pager: &Pager, position: u64) -> Result<Cursor> {
        let mut cursor = self.cursor();
        cursor.seek_position(pager, position)?;
        Ok(cursor)
    }
}

/// The number of rows below `page` whose key is below `key`.
fn rows_before(pager: &Pager, page: &PageRef, tree: u64, level: u8, key: &[u8]) -> Result<u64> {
    let mut frame = load(pager, page, tree, level)?;
    let mut before = 0;
    for below in (0..level).rev() {
        let node = index_of(&frame);
        let index = node.search(key);
        before += node.children()[..index].iter().map(|child| child.rows).sum::<u64>();
        let child = load(pager, &node.child(index).page, tree, below)?;
        frame = child;
    }
    Ok(before + slots_before(leaf_of(&frame), key) as u64)
}

/// The number of rows below `page` that lie in `range`.
pub(crate) fn rows_in(
    pager: &Pager,
    page: &PageRef,
    tree: u64,
    level: u8,
    range: KeyRange<'_>,
) -> Result<u64> {
    let from = if range.from.is_empty() { 0 } else { rows_before(pager, page, tree, level, range.from)? };
    let to = match range.to {
        Some(key) => rows_before(pager, page, tree, level, key)?,
        None => {
            let frame = load(pager, page, tree, level)?;
            if level == 0 { leaf_of(&frame).count() as u64 } else { index_of(&frame).rows() }
        }
    };
    Ok(to.saturating_sub(from))
}

/// The slots of `leaf` that lie in `range`: from the first up to, not including, the second.
pub(crate) fn slots_in(leaf: Leaf<'_>, range: KeyRange<'_>) -> (usize, usize) {
    let from = slots_before(leaf, range.from);
    let to = range.to.map_or(leaf.count(), |key| slots_before(leaf, key));
    (from, to.max(from))
}

/// The first and the last child of `node` that may hold rows of `range`.
pub(crate) fn children_in(node: &IndexNode, range: KeyRange<'_>) -> (usize, usize) {
    let first = node.search(range.from);
    let last = range.to.map_or(node.len() - 1, |key| node.search(key));
    (first, last.max(first))
}
