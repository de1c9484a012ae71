//! Building a tree from rows that arrive in key order: bottom-up, every page written full, none touched twice.
//!
//! Invariants
//!
//! 1. `open[i]` is the index page at level `i + 1` that is being filled; it has at least one child. Everything left
//!    of it is finished.
//! 2. Until [`Builder::finish`] has answered, nothing refers to the pages. A builder that is dropped before, or that
//!    fails, notes all places it took as given up.
//! 3. With write-behind, finished pages beyond the given number of bytes are written and leave memory as stored
//!    pointers; memory then holds the right edge of the tree and that many bytes.
//!
//! Fails with `OutOfOrder`, `KeyTooLong`, `ValueTooLong` and with what writing pages meets.

use crate::error::{Result, TreeError};
use crate::leaf::edit::{LeafMut, cell_bytes};
use crate::leaf::entries::{Entry, common_prefix};
use crate::leaf::{FIXED_BYTES, Leaf, SLOT_BYTES};
use crate::node::Edit;
use crate::overflow::write::{Prepared, give_up, prepare};
use crate::tree::{Tree, check_key};
use crate::value::{Value, ValueRef};
use pager::{Body, Child, IndexNode, PageRef, PageSet, Placements};

/// A row that waits for its leaf to be full: where its bytes lie in the arena.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    key_at: usize,
    value_at: usize,
    end: usize,
    special: bool,
}

/// An index page that is being filled.
#[derive(Debug, Default)]
struct OpenNode {
    node: IndexNode,
    /// The separator to the left of the page.
    left: Vec<u8>,
}

/// Builds a tree bottom-up. Made by [`Builder::new`].
#[derive(Debug)]
pub struct Builder<'e, 'a> {
    edit: &'e mut Edit<'a>,
    tree: u64,
    /// Bytes up to which pages are filled.
    fill: usize,
    write_behind: Option<usize>,
    arena: Vec<u8>,
    waiting: Vec<Waiting>,
    /// Bytes of the waiting rows' cells and slots with whole keys.
    waiting_bytes: usize,
    /// The separator to the left of the leaf that is being filled.
    leaf_left: Vec<u8>,
    open: Vec<OpenNode>,
    rows: u64,
    /// Bytes of finished pages that were not written.
    unwritten: usize,
    /// Places taken so far.
    pages: PageSet,
}

impl<'e, 'a> Builder<'e, 'a> {
    /// A builder of tree `tree`. Pages are filled to the brim and stay in memory until the tree is written.
    pub fn new(edit: &'e mut Edit<'a>, tree: u64) -> Builder<'e, 'a> {
        let fill = edit.pager.page_size();
        Builder {
            edit,
            tree,
            fill,
            write_behind: None,
            arena: Vec::new(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            leaf_left: Vec::new(),
            open: Vec::new(),
            rows: 0,
            unwritten: 0,
            pages: PageSet::new(),
        }
    }

    /// Leaves `percent` of each page free, for rows that will come between.
    #[must_use]
    pub fn leave_free(mut self, percent: usize) -> Builder<'e, 'a> {
        let page_size = self.edit.pager.page_size();
        self.fill = page_size - page_size * percent.min(50) / 100;
        self
    }

    /// Has finished pages written whenever more than `bytes` of them are in memory.
    #[must_use]
    pub fn write_behind(mut self, bytes: usize) -> Builder<'e, 'a> {
        self.write_behind = Some(bytes);
        self
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Appends a row. Its key must be greater than the one before.
    ///
    /// # Errors
    /// See the module text. After an error the builder can only be dropped.
    pub fn push(&mut self, key: &[u8], value: &[u8]) -> Result<()> {
        self.check(key)?;
        let prepared = prepare(self.edit, self.tree, value)?;
        if let Prepared::Special { pages, .. } = &prepared {
            self.pages.union(pages);
        }
        let (special, bytes) = prepared.cell();
        self.append(key, special, bytes)
    }

    /// As [`Builder::push`], with a value from elsewhere in the file; see [`Tree::insert_value`].
    ///
    /// # Errors
    /// As [`Builder::push`].
    pub fn push_value(&mut self, key: &[u8], value: &Value) -> Result<()> {
        match value.borrow() {
            ValueRef::Inline(bytes) => self.push(key, bytes),
            ValueRef::Overflow(overflow) => {
                self.check(key)?;
                self.append(key, true, &overflow.encode())
            }
            ValueRef::Compressed { .. } => {
                self.check(key)?;
                self.append(key, true, value.description())
            }
        }
    }

    fn check(&self, key: &[u8]) -> Result<()> {
        check_key(self.edit.pager, key)?;
        match self.waiting.last() {
            Some(last) if self.key(last) >= key => Err(TreeError::OutOfOrder { position: self.rows }),
            Some(_) | None => Ok(()),
        }
    }

    fn key(&self, row: &Waiting) -> &[u8] {
        &self.arena[row.key_at..row.value_at]
    }

    fn entry(&self, row: &Waiting) -> Entry<'_> {
        let value = &self.arena[row.value_at..row.end];
        Entry { prefix: &[], suffix: self.key(row), special: row.special, value }
    }

    fn append(&mut self, key: &[u8], special: bool, value: &[u8]) -> Result<()> {
        let bytes = SLOT_BYTES + cell_bytes(key.len(), value.len());
        if let (Some(first), Some(last)) = (self.waiting.first(), self.waiting.last()) {
            let new = Entry { prefix: &[], suffix: key, special, value };
            let prefix = common_prefix(&self.entry(first), &new);
            let gain = prefix * self.waiting.len();
            if FIXED_BYTES + self.waiting_bytes + bytes - gain > self.fill {
                let mut separator = vec![0; common_prefix(&self.entry(last), &new) + 1];
                new.copy_key_range(0, &mut separator);
                self.finish_leaf()?;
                self.leaf_left = separator;
            }
        }
        let key_at = self.arena.len();
        self.arena.extend_from_slice(key);
        let value_at = self.arena.len();
        self.arena.extend_from_slice(value);
        self.waiting.push(Waiting { key_at, value_at, end: self.arena.len(), special });
        self.waiting_bytes += bytes;
        self.rows += 1;
        Ok(())
    }

    /// Makes a leaf of the waiting rows.
    fn finish_leaf(&mut self) -> Result<()> {
        let entries: Vec<Entry<'_>> = self.waiting.iter().map(|row| self.entry(row)).collect();
        let mut bytes = vec![0; self.edit.pager.page_size()].into_boxed_slice();
        let fits = LeafMut::new(&mut bytes).fill(&entries);
        assert!(fits, "rows were counted with at least the bytes they take");
        let leaf = Leaf::new(&bytes);
        let (rows, has_overflow) = (leaf.count() as u64, leaf.overflow_count() > 0);
        let page = self.edit.frame(self.tree, 0, Body::Data(bytes));
        self.waiting.clear();
        self.arena.clear();
        self.waiting_bytes = 0;
        let left = std::mem::take(&mut self.leaf_left);
        self.unwritten += self.edit.pager.page_size();
        self.enter(0, left, Child { page, rows, has_overflow });
        self.write_finished()
    }

    /// Puts `child`, whose left separator is `left`, under the open index page at position `at`. A page that is full
    /// goes one level up, and the child begins the next one.
    fn enter(&mut self, at: usize, mut left: Vec<u8>, mut child: Child) {
        for at in at.. {
            let Some(open) = self.open.get_mut(at) else {
                self.open.push(OpenNode { node: IndexNode::new(child), left });
                return;
            };
            if open.node.encoded_size() + IndexNode::entry_size(left.len()) <= self.fill {
                open.node.push(&left, child);
                return;
            }
            let full = std::mem::replace(&mut open.node, IndexNode::new(child));
            left = std::mem::replace(&mut open.left, left);
            child = self.close(full, at as u8 + 1);
        }
    }

    /// Makes a page of a filled index node.
    fn close(&mut self, node: IndexNode, level: u8) -> Child {
        self.unwritten += self.edit.pager.page_size();
        let (rows, has_overflow) = (node.rows(), node.has_overflow());
        Child { page: self.edit.frame(self.tree, level, Body::Index(node)), rows, has_overflow }
    }

    /// Invariant 3.
    fn write_finished(&mut self) -> Result<()> {
        if self.write_behind.is_none_or(|limit| self.unwritten <= limit) {
            return Ok(());
        }
        let resident = |page: &PageRef| matches!(page, PageRef::Resident(_));
        let children = |open: &[OpenNode]| -> Vec<PageRef> {
            let all = open.iter().flat_map(|open| open.node.children());
            all.map(|child| child.page.clone()).filter(resident).collect()
        };
        let roots = children(&self.open);
        let mut placed = Placements::new();
        let pointers = self.edit.pager.write_tree(&roots, &mut placed)?;
        let taken = placed.take(self.edit.owner);
        self.edit.changes.allocated.union(&taken);
        self.pages.union(&taken);
        let mut pointers = pointers.into_iter();
        for open in &mut self.open {
            for index in 0..open.node.len() {
                let page = &mut open.node.child_mut(index).page;
                if resident(page)
                    && let Some(pointer) = pointers.next()
                {
                    *page = PageRef::Stored(pointer);
                }
            }
        }
        self.unwritten = 0;
        Ok(())
    }

    /// Ends the tree.
    ///
    /// # Errors
    /// What writing pages meets.
    pub fn finish(mut self) -> Result<Tree> {
        if self.waiting.is_empty() {
            return Ok(Tree::empty(self.tree));
        }
        self.finish_leaf()?;
        let mut at = 0;
        let (root, level) = loop {
            let OpenNode { node, left } = std::mem::take(&mut self.open[at]);
            let is_top = at + 1 == self.open.len();
            if is_top && node.len() == 1 {
                break (node.child(0).page.clone(), at as u8);
            }
            let child = self.close(node, at as u8 + 1);
            at += 1;
            if is_top {
                break (child.page, at as u8);
            }
            self.enter(at, left, child);
        };
        self.pages = PageSet::new();
        Ok(Tree { id: self.tree, root: Some(root), level, rows: self.rows })
    }
}

impl Drop for Builder<'_, '_> {
    fn drop(&mut self) {
        give_up(self.edit, &self.pages);
    }
}
