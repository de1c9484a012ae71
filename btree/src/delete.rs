//! Taking rows out: one row, or all rows of a range, whole subtrees at a time.
//!
//! Invariants
//!
//! 1. No page is left without rows. A page that is less than a third full is merged with a neighbour when the two fit
//!    into one page with an eighth of it to spare (so that the next row does not split it again). That is asked when it
//!    has become so small, and again whenever another thirty-second of a page has gone.
//! 2. Everything that must not fail half-way (listing what is given up) happens before the first change; a neighbour
//!    that cannot be read is not merged with, and the damage is left to whoever reads its rows.
//! 3. A root that has a single child goes, and the child takes its place.

use crate::error::{Result, corrupt, flaw, in_tree};
use crate::leaf::Leaf;
use crate::leaf::edit::LeafMut;
use crate::leaf::entries::{gather, least_together, tight_bytes};
use crate::node::{Edit, index_of, leaf_of, load};
use crate::range::KeyRange;
use crate::rank;
use crate::tree::Tree;
use pager::{Body, IndexNode, PageRef, Pager};

/// What becomes of the value of a row that is taken out.
struct Taking<'v> {
    /// It is put here, if it lies in its leaf.
    into: Option<&'v mut Vec<u8>>,
    /// It does not: the row stays.
    elsewhere: bool,
}

impl Taking<'_> {
    /// Whether the row may go, whose value is this; none: one that does not lie in its leaf as it is.
    #[inline]
    fn lets_go(&mut self, value: Option<&[u8]>) -> bool {
        match (&mut self.into, value) {
            (None, _) => true,
            (Some(into), Some(value)) => {
                into.extend_from_slice(value);
                true
            }
            (Some(_), None) => {
                self.elsewhere = true;
                false
            }
        }
    }
}

/// What taking a row out with its value has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// There is no such row.
    Nothing,
    /// It is out.
    Row,
    /// It is still there, as its value does not lie in its leaf.
    Elsewhere,
}

/// What a deletion below a page has come to.
struct Deleted {
    /// Whether there is overflow below it now.
    has_overflow: bool,
    /// By how many bytes it has become smaller; none if it has other pages below it than before.
    freed: Option<usize>,
}

impl Tree {
    /// Takes the row with `key` out. Returns whether there was one.
    ///
    /// # Errors
    /// What reading pages meets; the tree then has the rows it had before.
    pub fn delete(&mut self, edit: &mut Edit<'_>, key: &[u8]) -> Result<bool> {
        self.delete_taking(edit, key, &mut Taking { into: None, elsewhere: false })
    }

    /// As [`Tree::delete`], of a row whose value lies in its leaf; that is appended to `value`.
    ///
    /// # Errors
    /// As [`Tree::delete`].
    pub fn take(&mut self, edit: &mut Edit<'_>, key: &[u8], value: &mut Vec<u8>) -> Result<Taken> {
        let mut taking = Taking { into: Some(value), elsewhere: false };
        Ok(match self.delete_taking(edit, key, &mut taking)? {
            true => Taken::Row,
            false if taking.elsewhere => Taken::Elsewhere,
            false => Taken::Nothing,
        })
    }

    fn delete_taking(&mut self, edit: &mut Edit<'_>, key: &[u8], taking: &mut Taking<'_>) -> Result<bool> {
        // A look first, so that deleting what is not there copies nothing. Where the branch has changed the tree already,
        // that would be little, and most of what is deleted is there.
        let changed = self.root.as_mut().is_some_and(|root| edit.is_ours(root));
        if !changed || self.rows == 1 {
            let Some(value) = self.get(edit.pager, key)? else { return Ok(false) };
            if self.rows == 1 {
                let goes = taking.lets_go(value.as_inline());
                // It holds the leaf, which is to be ours alone.
                drop(value);
                if goes {
                    self.free_all(edit)?;
                }
                return Ok(goes);
            }
        }
        let Some(root) = &mut self.root else { return Ok(false) };
        if delete_below(edit, root, (self.id, self.level), key, true, taking)?.is_none() {
            return Ok(false);
        }
        self.rows -= 1;
        self.lower_root(edit);
        Ok(true)
    }

    /// Takes all rows from key `from` (included) to key `to` (excluded; `None`: to the end) out. Returns how many there
    /// were. Subtrees inside the range are not read, except their index pages and the leaves that refer to overflow
    /// pages.
    ///
    /// # Errors
    /// What reading pages meets; the tree is then unchanged.
    pub fn delete_range(&mut self, edit: &mut Edit<'_>, from: &[u8], to: Option<&[u8]>) -> Result<u64> {
        let range = KeyRange { from, to };
        let Some(root) = &self.root else { return Ok(0) };
        let removed = rank::rows_in(edit.pager, root, self.id, self.level, range)?;
        if removed == 0 {
            return Ok(0);
        }
        if removed >= self.rows {
            self.free_all(edit)?;
            return Ok(removed);
        }
        // A snapshot to fall back to: reading may fail after pages have been changed.
        let before = self.clone();
        let outcome = edit.all_or_nothing(|edit| {
            if let Some(root) = &mut self.root {
                cut(edit, root, self.id, self.level, range)?;
            }
            Ok(())
        });
        if let Err(error) = outcome {
            *self = before;
            return Err(error);
        }
        drop(before);
        self.rows -= removed;
        self.lower_root(edit);
        Ok(removed)
    }

    /// Takes out roots that have a single child. One that cannot be read stays (invariant 2).
    fn lower_root(&mut self, edit: &mut Edit<'_>) {
        while self.level > 0
            && let Some(root) = &self.root
        {
            let read;
            let frame = match root {
                // Mostly; nothing else is asked then.
                PageRef::Resident(frame) => frame,
                PageRef::Stored(_) => match load(edit.pager, root, self.id, self.level) {
                    Ok(frame) => {
                        read = frame;
                        &read
                    }
                    Err(_) => break,
                },
            };
            let node = index_of(frame);
            if node.len() > 1 {
                break;
            }
            let child = node.child(0).page.clone();
            self.level -= 1;
            if let Some(old) = self.root.replace(child) {
                edit.give_up(old);
            }
        }
    }
}

/// Deletes `key`, which stands beside other rows, below `page`; none if it is not there, or stays. `had_overflow`: whether there
/// was overflow below the page before. The depth is bounded by the level.
fn delete_below(
    edit: &mut Edit<'_>,
    page: &mut PageRef,
    (tree, level): (u64, u8),
    key: &[u8],
    had_overflow: bool,
    taking: &mut Taking<'_>,
) -> Result<Option<Deleted>> {
    if level == 0 {
        let bytes = edit.editable_leaf(page, tree)?;
        let leaf = Leaf::new(bytes);
        let Ok(index) = leaf.search(key) else { return Ok(None) };
        expect_more_rows(edit.pager, tree, leaf, 1)?;
        let cell = leaf.cell(index);
        if !taking.lets_go(Some(cell.value).filter(|_| !cell.special)) {
            return Ok(None);
        }
        if leaf.overflow_count() > 0 {
            edit.all_or_nothing(|edit| edit.give_up_overflow(tree, leaf, index, index + 1))?;
        }
        let freed = LeafMut::new(bytes).remove(index);
        let has_overflow = Leaf::new(bytes).overflow_count() > 0;
        return Ok(Some(Deleted { has_overflow, freed: Some(freed) }));
    }
    let node = edit.editable_index(page, tree, level)?;
    let index = node.search(key);
    let child = node.child_mut(index);
    let child_had = child.has_overflow;
    if child.rows == 1 {
        let below = Tree { id: tree, root: Some(child.page.clone()), level: level - 1, rows: 1 };
        let Some(value) = below.get(edit.pager, key)? else { return Ok(None) };
        if !taking.lets_go(value.as_inline()) {
            return Ok(None);
        }
        drop((below, value));
        expect_more_children(edit.pager, tree, node, 1)?;
        let child = node.child(index);
        edit.all_or_nothing(|edit| edit.give_up_subtree(&child.page, tree, level - 1, child_had, true))?;
        node.remove(index);
        let has_overflow = if child_had { node.has_overflow() } else { had_overflow };
        return Ok(Some(Deleted { has_overflow, freed: None }));
    }
    let below = delete_below(edit, &mut child.page, (tree, level - 1), key, child_had, taking)?;
    let Some(Deleted { has_overflow: child_has, freed }) = below else { return Ok(None) };
    child.rows -= 1;
    child.has_overflow = child_has;
    let merged = settle(edit, node, index, freed, (tree, level - 1));
    let has_overflow = if child_has == child_had { had_overflow } else { node.has_overflow() };
    Ok(Some(Deleted { has_overflow, freed: if merged { None } else { Some(0) } }))
}

/// Deletes the rows in `range`, which are some but not all of the rows below `page`.
fn cut(edit: &mut Edit<'_>, page: &mut PageRef, tree: u64, level: u8, range: KeyRange<'_>) -> Result<()> {
    if level == 0 {
        let bytes = edit.editable_leaf(page, tree)?;
        let (from, to) = rank::slots_in(Leaf::new(bytes), range);
        expect_more_rows(edit.pager, tree, Leaf::new(bytes), to - from)?;
        edit.give_up_overflow(tree, Leaf::new(bytes), from, to)?;
        LeafMut::new(bytes).remove_range(from, to);
        return Ok(());
    }
    let node = edit.editable_index(page, tree, level)?;
    let (first, last) = rank::children_in(node, range);
    // The children that go whole are next to one another: only the outermost two can keep rows.
    let mut gone = first..first;
    for index in first..=last {
        let child = node.child_mut(index);
        let removed = if index == first || index == last {
            rank::rows_in(edit.pager, &child.page, tree, level - 1, range)?
        } else {
            child.rows
        };
        if removed >= child.rows {
            edit.give_up_subtree(&child.page, tree, level - 1, child.has_overflow, true)?;
            gone = if gone.is_empty() { index..index + 1 } else { gone.start..index + 1 };
        } else if removed > 0 {
            cut(edit, &mut child.page, tree, level - 1, range)?;
            child.rows -= removed;
            child.has_overflow = overflow_below(edit.pager, &child.page, tree, level - 1)?;
        }
    }
    let boundary = if gone.is_empty() { last } else { gone.start };
    if !gone.is_empty() {
        expect_more_children(edit.pager, tree, node, gone.len())?;
        node.remove_range(gone);
    }
    // The two children that the cut touched are neighbours now.
    settle(edit, node, boundary.min(node.len() - 1), None, (tree, level - 1));
    settle(edit, node, boundary.saturating_sub(1).min(node.len() - 1), None, (tree, level - 1));
    Ok(())
}

/// A page keeps rows after a deletion, as the row counts above it have it. Else those counts are wrong.
fn expect_more_rows(pager: &Pager, tree: u64, leaf: Leaf<'_>, removed: usize) -> Result<()> {
    if leaf.count() > removed {
        return Ok(());
    }
    let flaw = flaw("rows in a leaf, as counted above it (more than)", removed, leaf.count());
    Err(in_tree(tree, corrupt(pager, 0, flaw)))
}

/// As [`expect_more_rows`], for the children of an index page.
fn expect_more_children(pager: &Pager, tree: u64, node: &IndexNode, removed: usize) -> Result<()> {
    if node.len() > removed {
        return Ok(());
    }
    let flaw = flaw("children with rows, as counted above them (more than)", removed, node.len());
    Err(in_tree(tree, corrupt(pager, 0, flaw)))
}

/// Whether there is overflow below `page`.
fn overflow_below(pager: &Pager, page: &PageRef, tree: u64, level: u8) -> Result<bool> {
    let frame = load(pager, page, tree, level)?;
    Ok(if level == 0 { leaf_of(&frame).overflow_count() > 0 } else { index_of(&frame).has_overflow() })
}

/// Bytes in use of a resident page; `None` for one that is not resident (and so has not just been changed).
fn resident_bytes(page: &PageRef) -> Option<usize> {
    match page {
        PageRef::Stored(_) => None,
        PageRef::Resident(frame) => Some(match frame.body() {
            Body::Index(node) => node.encoded_size(),
            Body::Data(bytes) => Leaf::new(bytes).used_bytes(),
        }),
    }
}

/// Merges child `index` of `node`, which is at `level`, with a neighbour if it has become too small; answers whether it did.
/// `freed`: by how many bytes it has become smaller, if that is known.
#[inline]
fn settle(
    edit: &mut Edit<'_>,
    node: &mut IndexNode,
    index: usize,
    freed: Option<usize>,
    (tree, level): (u64, u8),
) -> bool {
    let page_size = edit.pager.page_size();
    let (small, step) = (page_size / 3, page_size / 32);
    let Some(bytes) = resident_bytes(&node.child(index).page).filter(|bytes| *bytes < small) else {
        return false;
    };
    let before = freed.map(|freed| bytes + freed);
    if before.is_some_and(|before| before < small && before / step == bytes / step) {
        return false;
    }
    merge_small(edit, node, index, (tree, level))
}

/// Merges child `index` of `node`, which is small, with a neighbour if one is small enough.
#[cold]
fn merge_small(edit: &mut Edit<'_>, node: &mut IndexNode, index: usize, (tree, level): (u64, u8)) -> bool {
    // Invariant 2: a neighbour that cannot be read stays as it is.
    let merged = |result: Result<bool>| matches!(result, Ok(true));
    if index > 0 && merged(merge(edit, node, index - 1, tree, level)) {
        return true;
    }
    index + 1 < node.len() && merged(merge(edit, node, index, tree, level))
}

/// Merges child `index + 1` into child `index` if the two fit into one page. On failure nothing has changed.
fn merge(edit: &mut Edit<'_>, node: &mut IndexNode, index: usize, tree: u64, level: u8) -> Result<bool> {
    let page_size = edit.pager.page_size();
    let limit = page_size - page_size / 8;
    let left = load(edit.pager, &node.child(index).page, tree, level)?;
    let right = load(edit.pager, &node.child(index + 1).page, tree, level)?;
    if level == 0 {
        let (left_leaf, right_leaf) = (leaf_of(&left), leaf_of(&right));
        // Asked with each row that goes: mostly it is seen without going through all that are left.
        if least_together(left_leaf, right_leaf) > limit {
            return Ok(false);
        }
        let mut entries = Vec::with_capacity(left_leaf.count() + right_leaf.count());
        gather(left_leaf, &mut entries);
        gather(right_leaf, &mut entries);
        debug_assert!(least_together(left_leaf, right_leaf) <= tight_bytes(&entries));
        if tight_bytes(&entries) > limit {
            return Ok(false);
        }
        let mut bytes = vec![0; page_size].into_boxed_slice();
        LeafMut::new(&mut bytes).fill(&entries);
        drop((left, right));
        put_merged(edit, node, index, edit.frame(tree, 0, Body::Data(bytes)));
        return Ok(true);
    }
    let separator = node.separator(index).to_vec();
    let (left_node, right_node) = (index_of(&left), index_of(&right));
    let empty = IndexNode::default().encoded_size();
    let size = left_node.encoded_size() + right_node.encoded_size() - empty;
    // Somewhat more than the merged node takes: a whole entry is counted where one separator comes in.
    if size + IndexNode::entry_size(separator.len()) > limit {
        return Ok(false);
    }
    let mut merged = left_node.copy_by_place();
    merged.merge(&separator, right_node.copy_by_place());
    drop((left, right));
    put_merged(edit, node, index, edit.frame(tree, level, Body::Index(merged)));
    Ok(true)
}

/// Puts `page` in the place of children `index` and `index + 1`.
fn put_merged(edit: &mut Edit<'_>, node: &mut IndexNode, index: usize, page: PageRef) {
    let right = node.remove(index + 1);
    edit.give_up(right.page);
    let left = node.child_mut(index);
    left.rows += right.rows;
    left.has_overflow |= right.has_overflow;
    let old = std::mem::replace(&mut left.page, page);
    edit.give_up(old);
}
