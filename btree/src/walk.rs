//! Listing the pages of a tree.
//!
//! Invariants
//!
//! 1. A page is told before the pages below it, and a page that several references lead to once for each.
//! 2. What `newer_than` leaves out is no younger than that: a page is never older than the pages below it.

use crate::error::Result;
use crate::node::{index_of, leaf_of, load};
use crate::overflow::read;
use crate::tree::Tree;
use crate::value::ValueRef;
use pager::{OwnerId, PageRef, Pager};

impl Tree {
    /// Tells `visit` the number and birth of every page of the tree, overflow pages included, parents before children.
    /// Pages that were never written have no number and are left out.
    ///
    /// With `newer_than`, subtrees born in that generation or before are left out unread: a page is never older than
    /// the pages below it. Reads index pages, and leaves that refer to overflow pages.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn walk_pages(
        &self,
        pager: &Pager,
        newer_than: Option<u64>,
        visit: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        let walk = PageWalk { pager, tree: self.id, newer_than };
        match &self.root {
            Some(root) => walk.page(root, self.level, true, visit),
            None => Ok(()),
        }
    }
}

impl Tree {
    /// Tells `visit` the numbers of pages that frames of branch `owner` were written to, as far as the tree holds those
    /// frames in memory. Reads nothing. What was stored before the tree's frames were made is not told.
    pub fn written_frames(&self, owner: OwnerId, visit: &mut dyn FnMut(u64)) {
        if let Some(root) = &self.root {
            written_below(root, owner, visit);
        }
    }
}

/// The depth is bounded by the tree's height. Below a frame of another owner there is none of this one: parents are made
/// after their children.
fn written_below(page: &PageRef, owner: OwnerId, visit: &mut dyn FnMut(u64)) {
    let PageRef::Resident(frame) = page else { return };
    if frame.owner() != owner {
        return;
    }
    if let Some(pointer) = frame.pointer() {
        visit(pointer.number);
    }
    if let Some(node) = frame.index() {
        for child in node.children() {
            written_below(&child.page, owner, visit);
        }
    }
}

struct PageWalk<'a> {
    pager: &'a Pager,
    tree: u64,
    newer_than: Option<u64>,
}

impl PageWalk<'_> {
    fn is_left_out(&self, birth: u64) -> bool {
        self.newer_than.is_some_and(|limit| birth <= limit)
    }

    /// Visits `page` and what is below it. The depth is bounded by the level.
    fn page(
        &self,
        page: &PageRef,
        level: u8,
        has_overflow: bool,
        visit: &mut dyn FnMut(u64, u64),
    ) -> Result<()> {
        if self.is_left_out(page.birth()) {
            return Ok(());
        }
        if let Some(pointer) = page.pointer() {
            visit(pointer.number, pointer.birth);
        }
        if level > 0 {
            let frame = load(self.pager, page, self.tree, level)?;
            for child in index_of(&frame).children() {
                self.page(&child.page, level - 1, child.has_overflow, visit)?;
            }
        } else if has_overflow {
            let frame = load(self.pager, page, self.tree, 0)?;
            let leaf = leaf_of(&frame);
            for index in 0..leaf.count() {
                let cell = leaf.cell(index);
                if let ValueRef::Overflow(overflow) = ValueRef::decode(cell.special, cell.value)
                    && !self.is_left_out(overflow.pointer.birth)
                {
                    read::walk(self.pager, &overflow, &mut |pointer, _| {
                        visit(pointer.number, pointer.birth)
                    })?;
                }
            }
        }
        Ok(())
    }
}
