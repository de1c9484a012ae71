//! Cursors: one row at a time, forwards and backwards.
//!
//! A cursor stands on a row or nowhere. It walks the version of the tree that it was made from, whatever becomes of
//! the tree meanwhile. Where it stands it holds the pages from the root down to the leaf, so that a step within a leaf
//! touches that leaf alone and a step to the next leaf usually one index page besides. A key that is looked for from there is
//! reached by the pages that are on the way to both places.
//!
//! Invariants
//!
//! 1. A cursor holds frames and never a lock. It owns what it needs; the pager is handed in with each call.
//! 2. `path` holds one step per level above the leaves, root first, exactly while the cursor stands on a row; each
//!    step's child leads to the next one, the last one's to the leaf.
//! 3. `key` is the key of the row the cursor stands on; its first bytes are the leaf's prefix.
//! 4. A call that fails, or finds no row, leaves the cursor nowhere. From nowhere, [`Cursor::next`] and
//!    [`Cursor::prev`] answer `false`.

use crate::error::{Flaw, Result, corrupt, in_tree};
use crate::leaf::Leaf;
use crate::node::{index_of, leaf_of, load, page_number};
use crate::tree::Tree;
use crate::value::{Value, ValueRef};
use pager::{Frame, IndexNode, PageRef, Pager};
use std::sync::Arc;

/// A page above the leaves and the child through which the cursor went.
struct Step {
    frame: Arc<Frame>,
    child: usize,
}

/// The end of a page from which a descent begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// A position in one version of a tree. Made by [`Tree::cursor`].
pub struct Cursor {
    tree: Tree,
    path: Vec<Step>,
    leaf: Option<Arc<Frame>>,
    slot: usize,
    /// Slots of the leaf.
    count: usize,
    /// Bytes of the leaf's prefix.
    prefix_length: usize,
    key: Vec<u8>,
    /// Where the value (or its description) lies in the leaf.
    value_at: usize,
    value_length: usize,
    special: bool,
}

impl Cursor {
    pub(crate) fn new(tree: Tree) -> Cursor {
        Cursor {
            tree,
            path: Vec::new(),
            leaf: None,
            slot: 0,
            count: 0,
            prefix_length: 0,
            key: Vec::new(),
            value_at: 0,
            value_length: 0,
            special: false,
        }
    }

    /// The version of the tree that the cursor walks.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Whether the cursor stands on a row.
    #[must_use]
    #[inline]
    pub fn is_on_row(&self) -> bool {
        self.leaf.is_some()
    }

    /// The key of the row; empty when the cursor stands nowhere.
    #[must_use]
    #[inline]
    pub fn key(&self) -> &[u8] {
        &self.key
    }

    /// The value of the row, borrowed; an empty one when the cursor stands nowhere.
    #[must_use]
    #[inline]
    pub fn value_ref(&self) -> ValueRef<'_> {
        match &self.leaf {
            Some(frame) => {
                let bytes = &frame.data()[self.value_at..self.value_at + self.value_length];
                ValueRef::decode(self.special, bytes)
            }
            None => ValueRef::Inline(&[]),
        }
    }

    /// The value of the row, to keep; an empty one when the cursor stands nowhere.
    #[must_use]
    pub fn value(&self) -> Value {
        match &self.leaf {
            Some(frame) => Value::in_leaf(frame, self.slot),
            None => Value::from_bytes(&[]),
        }
    }

    /// Goes to the first row with a key not below `key`. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek(&mut self, pager: &Pager, key: &[u8]) -> Result<bool> {
        match self.descend_to(pager, key)? {
            None => Ok(false),
            Some(Ok(slot) | Err(slot)) if slot < self.count => self.stand_on(slot),
            Some(_) => {
                self.slot = self.count.saturating_sub(1);
                self.next_leaf(pager)
            }
        }
    }

    /// Goes to the row with `key`. Answers whether there is one; without one, the cursor stands nowhere.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek_exact(&mut self, pager: &Pager, key: &[u8]) -> Result<bool> {
        match self.descend_to(pager, key)? {
            Some(Ok(slot)) => self.stand_on(slot),
            Some(Err(_)) | None => self.nowhere(),
        }
    }

    /// Goes to the last row with a key below `key`. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek_before(&mut self, pager: &Pager, key: &[u8]) -> Result<bool> {
        match self.descend_to(pager, key)? {
            None => Ok(false),
            Some(Ok(0) | Err(0)) => self.previous_leaf(pager),
            Some(Ok(slot) | Err(slot)) => self.stand_on(slot - 1),
        }
    }

    /// Goes to the last row with a key not above `key`. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek_at_most(&mut self, pager: &Pager, key: &[u8]) -> Result<bool> {
        match self.descend_to(pager, key)? {
            None => Ok(false),
            Some(Ok(slot)) => self.stand_on(slot),
            Some(Err(0)) => self.previous_leaf(pager),
            Some(Err(slot)) => self.stand_on(slot - 1),
        }
    }

    /// Goes to the first row. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek_first(&mut self, pager: &Pager) -> Result<bool> {
        self.seek_end(pager, End::First)
    }

    /// Goes to the last row. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn seek_last(&mut self, pager: &Pager) -> Result<bool> {
        self.seek_end(pager, End::Last)
    }

    /// Goes to the row before which `position` rows stand. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets; `Corrupt` when the row counts of the index pages do not add up.
    pub fn seek_position(&mut self, pager: &Pager, position: u64) -> Result<bool> {
        self.nowhere()?;
        if position >= self.tree.rows {
            return Ok(false);
        }
        let mut rest = position;
        let reached = self.descend(pager, |node| {
            let children = node.children();
            let last = children.len() - 1;
            let index = children[..last].iter().position(|child| {
                let inside = rest < child.rows;
                rest -= if inside { 0 } else { child.rows };
                inside
            });
            index.unwrap_or(last)
        })?;
        debug_assert!(reached, "a tree with rows has a root");
        if rest >= self.count as u64 {
            let page = self.leaf.as_ref().map_or(0, |frame| page_number(frame));
            let flaw = Flaw { what: "rows in a leaf (more than)", expected: rest, found: self.count as u64 };
            self.nowhere()?;
            return Err(in_tree(self.tree.id, corrupt(pager, page, flaw)));
        }
        self.stand_on(rest as usize)
    }

    /// Goes to the next row. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    #[inline]
    pub fn next(&mut self, pager: &Pager) -> Result<bool> {
        if self.slot + 1 < self.count {
            // The count is 0 while the cursor stands nowhere.
            self.slot += 1;
            self.read_row();
            return Ok(true);
        }
        self.next_leaf(pager)
    }

    /// Goes to the row before. Answers whether there is one.
    ///
    /// # Errors
    /// What reading pages meets.
    #[inline]
    pub fn prev(&mut self, pager: &Pager) -> Result<bool> {
        if self.slot > 0 {
            // The slot is 0 while the cursor stands nowhere.
            self.slot -= 1;
            self.read_row();
            return Ok(true);
        }
        self.previous_leaf(pager)
    }

    fn seek_end(&mut self, pager: &Pager, end: End) -> Result<bool> {
        if !self.descend(pager, |node| end.child(node))? {
            return Ok(false);
        }
        self.stand_on(if end == End::First { 0 } else { self.count - 1 })
    }

    /// Leaves the row.
    fn nowhere(&mut self) -> Result<bool> {
        self.path.clear();
        self.leaf = None;
        self.slot = 0;
        self.count = 0;
        self.key.clear();
        Ok(false)
    }

    /// Goes down to the leaf that `key` belongs to and searches it. `None`: the tree has no rows.
    fn descend_to(&mut self, pager: &Pager, key: &[u8]) -> Result<Option<std::result::Result<usize, usize>>> {
        if let Some(found) = self.search_ahead(key) {
            return Ok(Some(found));
        }
        let reached = match self.is_on_row() {
            true => self.descend_again(pager, key)?,
            false => self.descend(pager, |node| node.search(key))?,
        };
        Ok(if reached { self.leaf.as_ref().map(|frame| leaf_of(frame).search(key)) } else { None })
    }

    /// Searches the leaf for a key that lies between the row and the leaf's last; `None` for others. Whoever looks for many keys
    /// in order often finds the next one there.
    fn search_ahead(&self, key: &[u8]) -> Option<std::result::Result<usize, usize>> {
        let leaf = leaf_of(self.leaf.as_ref()?);
        let suffix = key.strip_prefix(leaf.prefix())?;
        let last = leaf.suffix(self.count.checked_sub(1)?);
        (suffix <= last && *key >= *self.key).then(|| leaf.search(key))
    }

    /// Goes down from the root, through the children that `choose` names. Answers whether there was a root.
    fn descend(&mut self, pager: &Pager, choose: impl FnMut(&IndexNode) -> usize) -> Result<bool> {
        self.nowhere()?;
        let Some(root) = self.tree.root.clone() else { return Ok(false) };
        self.descend_below(pager, &root, choose)?;
        Ok(true)
    }

    /// From a row: keeps the pages that lead to `key` as well, and goes down from the last of them.
    fn descend_again(&mut self, pager: &Pager, key: &[u8]) -> Result<bool> {
        for depth in 0..self.path.len() {
            let step = &mut self.path[depth];
            let node = index_of(&step.frame);
            let child = node.search(key);
            if child == step.child {
                continue;
            }
            step.child = child;
            let page = node.child(child).page.clone();
            self.path.truncate(depth + 1);
            self.descend_below(pager, &page, |node| node.search(key))?;
            break;
        }
        Ok(true)
    }

    /// Goes down from `page`, which is right below what is in the path already. Where that fails, the cursor is nowhere.
    fn descend_below(
        &mut self,
        pager: &Pager,
        page: &PageRef,
        choose: impl FnMut(&IndexNode) -> usize,
    ) -> Result<()> {
        let level = self.tree.level - self.path.len() as u8;
        let done = self.descend_from(pager, page, level, choose);
        if done.is_err() {
            self.nowhere()?;
        }
        done
    }

    /// Goes down from `page`, which is at `level` and below what is in the path already.
    fn descend_from(
        &mut self,
        pager: &Pager,
        page: &PageRef,
        level: u8,
        mut choose: impl FnMut(&IndexNode) -> usize,
    ) -> Result<()> {
        let mut frame = load(pager, page, self.tree.id, level)?;
        for below in (0..level).rev() {
            let node = index_of(&frame);
            let child = choose(node);
            let next = load(pager, &node.child(child).page, self.tree.id, below)?;
            self.path.push(Step { frame, child });
            frame = next;
        }
        let leaf = leaf_of(&frame);
        self.count = leaf.count();
        self.prefix_length = leaf.prefix_length();
        self.key.clear();
        self.key.extend_from_slice(leaf.prefix());
        self.leaf = Some(frame);
        Ok(())
    }

    #[cold]
    fn next_leaf(&mut self, pager: &Pager) -> Result<bool> {
        self.turn(pager, End::First)
    }

    #[cold]
    fn previous_leaf(&mut self, pager: &Pager) -> Result<bool> {
        self.turn(pager, End::Last)
    }

    /// Goes on to the neighbouring leaf: the next one, at its first row, or the one before, at its last.
    fn turn(&mut self, pager: &Pager, end: End) -> Result<bool> {
        self.leaf = None;
        while let Some(mut step) = self.path.pop() {
            let node = index_of(&step.frame);
            let child = match end {
                End::First => Some(step.child + 1).filter(|child| *child < node.len()),
                End::Last => step.child.checked_sub(1),
            };
            let Some(child) = child else { continue };
            let page = node.child(child).page.clone();
            step.child = child;
            self.path.push(step);
            self.descend_below(pager, &page, |node| end.child(node))?;
            return self.stand_on(if end == End::First { 0 } else { self.count - 1 });
        }
        self.nowhere()
    }

    /// The leaf and the slot that the cursor stands on.
    pub(crate) fn position(&self) -> Option<(&Arc<Frame>, usize)> {
        self.leaf.as_ref().map(|frame| (frame, self.slot))
    }

    /// Goes to another slot of the leaf that the cursor stands in.
    pub(crate) fn move_within_leaf(&mut self, slot: usize) {
        debug_assert!(slot < self.count, "the caller found the slot in this leaf");
        self.slot = slot;
        self.read_row();
    }

    fn stand_on(&mut self, slot: usize) -> Result<bool> {
        self.slot = slot;
        self.read_row();
        Ok(true)
    }

    /// Takes key and value's place from the leaf.
    #[inline]
    fn read_row(&mut self) {
        if let Some(frame) = &self.leaf {
            let leaf = Leaf::new(frame.data());
            let parts = leaf.parts(self.slot);
            self.key.truncate(self.prefix_length);
            self.key.extend_from_slice(parts.suffix);
            self.value_at = parts.value_at;
            self.value_length = parts.value_length;
            self.special = parts.special;
        }
    }
}

impl End {
    /// The child of `node` at this end.
    fn child(self, node: &IndexNode) -> usize {
        match self {
            End::First => 0,
            End::Last => node.len() - 1,
        }
    }
}

impl std::fmt::Debug for Cursor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_on_row() {
            write!(formatter, "cursor of tree {} on {:02x?}", self.tree.id, self.key)
        } else {
            write!(formatter, "cursor of tree {} on no row", self.tree.id)
        }
    }
}
