//! Putting rows in: down to the leaf, into it if it has room, else packing or splitting it, and splits upwards.
//!
//! Invariants
//!
//! 1. Everything that can fail (writing overflow pages, reading pages, listing what a replaced value gives up) happens
//!    before the leaf is touched; after that, nothing fails. An error leaves the tree with the rows it had.
//! 2. A split never leaves an empty page. When keys arrive in order (at the right edge, or as a run in the middle),
//!    the page left behind stays full.

use crate::error::Result;
use crate::leaf::edit::LeafMut;
use crate::leaf::entries::{Entry, SplitAim, common_prefix, gather, packed_bytes, split_at};
use crate::leaf::{Leaf, SLOT_BYTES};
use crate::node::Edit;
use crate::overflow::write::{Prepared, prepare};
use crate::tree::{Tree, check_key};
use crate::value::{Value, ValueRef};
use pager::{Body, Child, IndexNode, PageRef};

/// What goes into a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub key: &'a [u8],
    pub special: bool,
    pub value: &'a [u8],
    /// Whether a row with this key stays as it is.
    pub if_new: bool,
}

/// A page that a split has made, to the right of the page that was split.
pub(crate) struct Split {
    pub separator: Vec<u8>,
    pub right: Child,
}

/// What an insertion knows of a page before it goes below it.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    /// Whether the page is at the right edge of the tree.
    pub rightmost: bool,
    /// Whether there is overflow below it.
    pub had_overflow: bool,
}

/// What an insertion below a page has come to.
struct Inserted {
    /// Whether there was a row with the key.
    replaced: bool,
    /// Whether the page (the left one after a split) has overflow below it now.
    has_overflow: bool,
    split: Option<Split>,
}

impl Tree {
    /// Puts a row in, or gives the row with this key another value. Returns whether there was one.
    ///
    /// # Errors
    /// `KeyTooLong`, `ValueTooLong`, and what reading pages and writing overflow pages meets. The tree then has the
    /// rows it had before.
    pub fn insert(&mut self, edit: &mut Edit<'_>, key: &[u8], value: &[u8]) -> Result<bool> {
        check_key(edit.pager, key)?;
        let prepared = prepare(edit, self.id, value)?;
        self.insert_prepared(edit, key, &prepared)
    }

    /// Puts a row in unless there is one with this key. Returns whether it is in.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn insert_new(&mut self, edit: &mut Edit<'_>, key: &[u8], value: &[u8]) -> Result<bool> {
        check_key(edit.pager, key)?;
        let prepared = prepare(edit, self.id, value)?;
        let (special, value) = prepared.cell();
        let result = self.insert_row(edit, Row { key, special, value, if_new: true });
        if !matches!(result, Ok(false)) {
            prepared.abandon(edit);
        }
        Ok(!result?)
    }

    /// As [`Tree::insert`], with a value from elsewhere in the file. A value in overflow pages is not copied: its
    /// pages belong to this tree from now on. It must not be in any other row of a tree that lives on.
    ///
    /// # Errors
    /// As [`Tree::insert`].
    pub fn insert_value(&mut self, edit: &mut Edit<'_>, key: &[u8], value: &Value) -> Result<bool> {
        check_key(edit.pager, key)?;
        match value.borrow() {
            ValueRef::Inline(bytes) => self.insert(edit, key, bytes),
            ValueRef::Overflow(overflow) => {
                let row = Row { key, special: true, value: &overflow.encode(), if_new: false };
                self.insert_row(edit, row)
            }
            ValueRef::Compressed { .. } => {
                let prepared = value.description();
                self.insert_row(edit, Row { key, special: true, value: prepared, if_new: false })
            }
        }
    }

    fn insert_prepared(&mut self, edit: &mut Edit<'_>, key: &[u8], prepared: &Prepared<'_>) -> Result<bool> {
        let (special, value) = prepared.cell();
        let result = self.insert_row(edit, Row { key, special, value, if_new: false });
        if result.is_err() {
            prepared.abandon(edit);
        }
        result
    }

    fn insert_row(&mut self, edit: &mut Edit<'_>, row: Row<'_>) -> Result<bool> {
        let Some(root) = &mut self.root else {
            let mut page = vec![0; edit.pager.page_size()].into_boxed_slice();
            let fits = LeafMut::new(&mut page).fill(&[row.entry()]);
            debug_assert!(fits, "a page takes two rows of the largest size");
            self.root = Some(edit.frame(self.id, 0, Body::Data(page)));
            self.level = 0;
            self.rows = 1;
            return Ok(false);
        };
        let edge = Edge { rightmost: true, had_overflow: false };
        let inserted = insert_below(edit, root, self.id, self.level, row, edge)?;
        self.rows += u64::from(!inserted.replaced);
        self.grow(edit, inserted.split);
        Ok(inserted.replaced)
    }

    /// Puts a root above one that was split; the tree's rows are counted already.
    pub(crate) fn grow(&mut self, edit: &Edit<'_>, split: Option<Split>) {
        if let Some(split) = split
            && let Some(left) = self.root.take()
        {
            let left_rows = self.rows.saturating_sub(split.right.rows).max(1);
            let child = Child { has_overflow: has_overflow(&left), page: left, rows: left_rows };
            let mut node = IndexNode::new(child);
            node.push(&split.separator, split.right);
            self.level += 1;
            self.root = Some(edit.frame(self.id, self.level, Body::Index(node)));
        }
    }
}

impl<'a> Row<'a> {
    fn entry(&self) -> Entry<'a> {
        Entry { prefix: &[], suffix: self.key, special: self.special, value: self.value }
    }
}

/// Inserts below `page`. The depth is bounded by the level.
fn insert_below(
    edit: &mut Edit<'_>,
    page: &mut PageRef,
    tree: u64,
    level: u8,
    row: Row<'_>,
    edge: Edge,
) -> Result<Inserted> {
    if level == 0 {
        return insert_into_leaf(edit, page, tree, row, edge.rightmost);
    }
    let node = edit.editable_index(page, tree, level)?;
    let index = node.search(row.key);
    let rightmost = edge.rightmost && index + 1 == node.len();
    let child = node.child_mut(index);
    let edge_below = Edge { rightmost, had_overflow: child.has_overflow };
    let below = insert_below(edit, &mut child.page, tree, level - 1, row, edge_below)?;
    child.rows += u64::from(!below.replaced);
    let changed = child.has_overflow != below.has_overflow;
    child.has_overflow = below.has_overflow;
    let Some(made) = below.split else {
        // The flag of a node is that of its children; only a change calls for looking at all of them.
        let has_overflow = if changed { node.has_overflow() } else { edge.had_overflow };
        return Ok(Inserted { replaced: below.replaced, has_overflow, split: None });
    };
    let split = take_in(edit, node, index, made, (tree, level), rightmost);
    Ok(Inserted { replaced: below.replaced, has_overflow: node.has_overflow(), split })
}

/// Gives a node the page that was split off its child `index`, whose rows are counted already; splits the node if it must.
pub(crate) fn take_in(
    edit: &Edit<'_>,
    node: &mut IndexNode,
    index: usize,
    made: Split,
    (tree, level): (u64, u8),
    rightmost: bool,
) -> Option<Split> {
    let child = node.child_mut(index);
    // Saturating: a count from a damaged file must not end in a panic.
    child.rows = child.rows.saturating_sub(made.right.rows).max(1);
    node.insert_after(index, &made.separator, made.right);
    if node.encoded_size() <= edit.pager.page_size() {
        return None;
    }
    let at = if rightmost { node.len() - 1 } else { node.middle() };
    let (separator, right) = node.split_at(at);
    let (rows, has_overflow) = (right.rows(), right.has_overflow());
    let right = Child { page: edit.frame(tree, level, Body::Index(right)), rows, has_overflow };
    Some(Split { separator, right })
}

fn insert_into_leaf(
    edit: &mut Edit<'_>,
    page: &mut PageRef,
    tree: u64,
    row: Row<'_>,
    rightmost: bool,
) -> Result<Inserted> {
    let bytes = edit.editable_leaf(page, tree)?;
    let (replaced, split) = put_into_leaf(edit, bytes, tree, row, rightmost)?;
    let has_overflow = Leaf::new(bytes).overflow_count() > 0;
    Ok(Inserted { replaced, has_overflow, split })
}

/// Puts a row into the leaf in `bytes`; answers whether there was one with its key, and the page that was split off.
pub(crate) fn put_into_leaf(
    edit: &mut Edit<'_>,
    bytes: &mut Box<[u8]>,
    tree: u64,
    row: Row<'_>,
    rightmost: bool,
) -> Result<(bool, Option<Split>)> {
    let leaf = Leaf::new(bytes);
    let found = leaf.search_to_insert(row.key);
    if let Ok(index) = found {
        if row.if_new {
            return Ok((true, None));
        }
        let cell = leaf.cell(index);
        // A value that is put in the place of itself keeps its pages.
        if !(cell.special && row.special && cell.value == row.value) {
            edit.all_or_nothing(|edit| edit.give_up_overflow(tree, Leaf::new(bytes), index, index + 1))?;
        }
    }
    // Invariant 1: nothing fails from here on.
    Ok((found.is_ok(), place(edit, bytes, tree, row, found, rightmost)))
}

/// Puts `row` into the leaf in `bytes`, at the slot that a search has `found`.
fn place(
    edit: &Edit<'_>,
    bytes: &mut Box<[u8]>,
    tree: u64,
    row: Row<'_>,
    found: std::result::Result<usize, usize>,
    rightmost: bool,
) -> Option<Split> {
    let mut leaf = LeafMut::new(bytes);
    let done = match found {
        Ok(index) => leaf.replace(index, row.special, row.value),
        Err(index) => {
            let prefix_length = leaf.view().prefix_length();
            let suffix = if row.key.starts_with(leaf.view().prefix()) {
                Some(&row.key[prefix_length..])
            } else {
                None
            };
            suffix.is_some_and(|suffix| leaf.insert(index, suffix, row.special, row.value))
        }
    };
    if done { None } else { make_room(edit, bytes, tree, row, found, rightmost) }
}

/// Packs the leaf anew with `row` in it, or splits it.
#[cold]
#[inline(never)]
fn make_room(
    edit: &Edit<'_>,
    bytes: &mut Box<[u8]>,
    tree: u64,
    row: Row<'_>,
    found: std::result::Result<usize, usize>,
    rightmost: bool,
) -> Option<Split> {
    let page_size = bytes.len();
    let leaf = Leaf::new(bytes);
    let count = leaf.count();
    let last_insertion = usize::from(leaf.last_insertion());
    let append = found == Err(count);
    if append && rightmost && row.key.starts_with(leaf.prefix()) && !packing_helps(leaf, &row) {
        return Some(append_page(edit, leaf, tree, row));
    }
    let mut entries = Vec::with_capacity(count + 1);
    gather(leaf, &mut entries);
    match found {
        Ok(index) => entries[index] = Entry { special: row.special, value: row.value, ..entries[index] },
        Err(index) => entries.insert(index, row.entry()),
    }
    let mut left = vec![0; page_size].into_boxed_slice();
    if LeafMut::new(&mut left).fill(&entries) {
        *bytes = left;
        return None;
    }
    let aim = match found {
        Err(index) if append && rightmost => SplitAim::At(index),
        // A run that goes up leaves what is left of it full; one that goes down, what is right of it.
        Err(index) if index == last_insertion + 1 => SplitAim::At(index),
        Err(index) if index == last_insertion => SplitAim::At(index + 1),
        Ok(_) | Err(_) => SplitAim::Balanced,
    };
    let at = split_at(&entries, page_size, aim);
    let separator = separator_between(&entries[at - 1], &entries[at]);
    let mut right = vec![0; page_size].into_boxed_slice();
    let fits = LeafMut::new(&mut left).fill(&entries[..at]) && LeafMut::new(&mut right).fill(&entries[at..]);
    assert!(fits, "a split finds two pages that fit, because no row takes more than half of a page");
    let mut right_leaf = LeafMut::new(&mut right);
    if let Err(index) = found {
        // The hint lives on where the run will go on.
        if index >= at { right_leaf.hint(index - at) } else { LeafMut::new(&mut left).hint(index) }
    }
    let right = leaf_child(edit, tree, right);
    *bytes = left;
    Some(Split { separator, right })
}

/// Whether writing the page anew, with its dead bytes gone and its prefix as long as can be, would make room for `row`
/// and some more. Asked before appending at the right edge, where the page is else left as it is.
fn packing_helps(leaf: Leaf<'_>, row: &Row<'_>) -> bool {
    let count = leaf.count();
    let cell = leaf.cell(0);
    let first = Entry { prefix: leaf.prefix(), suffix: cell.suffix, special: false, value: &[] };
    let prefix_length = common_prefix(&first, &row.entry());
    let gained = (prefix_length.saturating_sub(leaf.prefix_length())) * count + leaf.dead_bytes();
    gained > (row.key.len() + row.value.len() + SLOT_BYTES + 4).max(leaf.page.len() / 16)
}

/// A new page with `row` alone, right of `leaf`.
fn append_page(edit: &Edit<'_>, leaf: Leaf<'_>, tree: u64, row: Row<'_>) -> Split {
    let mut entries = [row.entry(); 2];
    let last = leaf.cell(leaf.count() - 1);
    entries[0] = Entry { prefix: leaf.prefix(), suffix: last.suffix, special: false, value: &[] };
    let separator = separator_between(&entries[0], &entries[1]);
    // What this key shares with the one before, the next will share with it: under the whole key as its prefix, the page
    // would have to be packed anew for the second row.
    let prefix_length = common_prefix(&entries[0], &entries[1]);
    let mut page = vec![0; leaf.page.len()].into_boxed_slice();
    let fits = LeafMut::new(&mut page).fill_under(&entries[1], prefix_length, &entries[1..]);
    debug_assert!(fits && packed_bytes(&entries[1..], 0) <= leaf.page.len());
    LeafMut::new(&mut page).hint(0);
    Split { separator, right: leaf_child(edit, tree, page) }
}

fn leaf_child(edit: &Edit<'_>, tree: u64, page: Box<[u8]>) -> Child {
    let leaf = Leaf::new(&page);
    let (rows, has_overflow) = (leaf.count() as u64, leaf.overflow_count() > 0);
    Child { page: edit.frame(tree, 0, Body::Data(page)), rows, has_overflow }
}

/// Whether the resident page `page` has overflow below it.
fn has_overflow(page: &PageRef) -> bool {
    match page {
        PageRef::Stored(_) => false,
        PageRef::Resident(frame) => match frame.body() {
            Body::Index(node) => node.has_overflow(),
            Body::Data(bytes) => Leaf::new(bytes).overflow_count() > 0,
        },
    }
}

/// The shortest key that is above `left` and not above `right`.
pub(crate) fn separator_between(left: &Entry<'_>, right: &Entry<'_>) -> Vec<u8> {
    let mut separator = vec![0; common_prefix(left, right) + 1];
    right.copy_key_range(0, &mut separator);
    separator
}
