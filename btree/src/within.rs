//! Rows between two keys, handed over where they lie: for a few of them, without a cursor.
//!
//! Invariants
//!
//! 1. Pages that do not hold such a row are not read, but for those on the way and the leaf behind the last row, which may be
//!    the next one.
//! 2. Levels fall by one per step, so that no walk through a damaged file is endless.

use crate::at_hand::AtHand;
use crate::error::TreeError;
use crate::node::{index_of, leaf_of};
use crate::tree::Tree;
use crate::value::Value;
use pager::{Frame, PageRef, Pager, Touched};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A key where it lies: first what all keys of its page begin with.
#[derive(Debug, Clone, Copy)]
pub struct KeyParts<'k> {
    /// What it begins with.
    pub prefix: &'k [u8],
    /// The rest of it.
    pub suffix: &'k [u8],
}

impl KeyParts<'_> {
    /// The key as a big-endian number, if it has eight bytes: what tables are keyed by.
    #[must_use]
    pub fn row_number(&self) -> Option<u64> {
        let (prefix, suffix) = (self.prefix, self.suffix);
        let mut bytes = [0; 8];
        if prefix.len() + suffix.len() != bytes.len() {
            return None;
        }
        bytes[..prefix.len()].copy_from_slice(prefix);
        bytes[prefix.len()..].copy_from_slice(suffix);
        Some(u64::from_be_bytes(bytes))
    }
}

/// Whether there is more to be visited.
type Visited<E> = Result<ControlFlow<()>, E>;

impl Tree {
    /// Hands over the rows with keys from `from` up to, not including, `to` (or to the end), in their order, until it is told to
    /// stop. Large values are read, and pages looked for among those `at_hand`.
    ///
    /// # Errors
    /// What reading pages meets, and what `visit` answers.
    pub fn each_within<E: From<TreeError>>(
        &self,
        pager: &Pager,
        at_hand: &mut AtHand,
        (from, to): (&[u8], Option<&[u8]>),
        visit: &mut impl FnMut(KeyParts<'_>, &[u8]) -> Visited<E>,
    ) -> Result<(), E> {
        match &self.root {
            Some(root) => {
                let mut walk = Walk { pager, at_hand, tree: self.id };
                walk.below(root, self.level, (Some(from), to), visit).map(|_| ())
            }
            None => Ok(()),
        }
    }
}

struct Walk<'w> {
    pager: &'w Pager,
    at_hand: &'w mut AtHand,
    tree: u64,
}

impl Walk<'_> {
    /// Those below a page. The depth is bounded by the level.
    fn below<E: From<TreeError>>(
        &mut self,
        page: &PageRef,
        level: u8,
        (from, to): (Option<&[u8]>, Option<&[u8]>),
        visit: &mut impl FnMut(KeyParts<'_>, &[u8]) -> Visited<E>,
    ) -> Visited<E> {
        let pager = self.pager;
        if level == 0 {
            let frame = match page {
                // The tree itself keeps it.
                PageRef::Resident(frame) => {
                    pager.touched(Touched::Found, 1);
                    frame
                }
                PageRef::Stored(pointer) => self.at_hand.frame(pager, pointer, self.tree, level)?,
            };
            return in_leaf(pager, frame, (from, to), visit);
        }
        let read;
        let frame = match page {
            PageRef::Resident(frame) => {
                pager.touched(Touched::Found, 1);
                frame
            }
            PageRef::Stored(pointer) => {
                // Other pages may take its place at hand before the walk has come to its end.
                read = Arc::clone(self.at_hand.frame(pager, pointer, self.tree, level)?);
                &read
            }
        };
        let node = index_of(frame);
        let first = from.map_or(0, |from| node.search(from));
        for index in first..node.len() {
            if index > first
                && let Some(to) = to
                && node.separator(index - 1) >= to
            {
                return Ok(ControlFlow::Break(()));
            }
            let from = from.filter(|_| index == first);
            if self.below(&node.child(index).page, level - 1, (from, to), visit)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn in_leaf<E: From<TreeError>>(
    pager: &Pager,
    frame: &Arc<Frame>,
    (from, to): (Option<&[u8]>, Option<&[u8]>),
    visit: &mut impl FnMut(KeyParts<'_>, &[u8]) -> Visited<E>,
) -> Visited<E> {
    let leaf = leaf_of(frame);
    let at = |key: &[u8]| match leaf.search(key) {
        Ok(slot) | Err(slot) => slot,
    };
    let count = leaf.count();
    let end = to.map_or(count, at);
    for slot in from.map_or(0, at)..end {
        let cell = leaf.cell(slot);
        let key = KeyParts { prefix: leaf.prefix(), suffix: cell.suffix };
        let visited = if cell.special {
            visit(key, &Value::in_leaf(frame, slot).read(pager)?)?
        } else {
            visit(key, cell.value)?
        };
        if visited.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(if end < count { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
}
