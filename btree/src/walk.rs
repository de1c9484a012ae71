//! Listing the pages of a tree, or those that two versions of it do not share.
//!
//! Invariants
//!
//! 1. A page is told before the pages below it, and a page that several references lead to once for each.
//! 2. What `newer_than` leaves out is no younger than that: a page is never older than the pages below it.

use crate::error::{Result, in_tree};
use crate::node::{index_of, leaf_of, load};
use crate::overflow::read;
use crate::tree::Tree;
use crate::value::ValueRef;
use pager::{OwnerId, PagePointer, PageRef, Pager};
use std::collections::BTreeMap;

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
    /// How many pages the tree has, written or not, with those of large values. Reads what [`Tree::walk_pages`] reads.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn page_count(&self, pager: &Pager) -> Result<u64> {
        let walk = PageWalk { pager, tree: self.id, newer_than: None };
        self.root.as_ref().map_or(Ok(0), |root| walk.count(root, self.level, true))
    }

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

/// Pages of two versions of a tree that only one of them has: number → birth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PagesApart {
    /// Only the one that was asked.
    pub here: BTreeMap<u64, u64>,
    /// Only the other.
    pub there: BTreeMap<u64, u64>,
}

impl Tree {
    /// The written pages that only one of two versions of a tree has, overflow pages included. Reads what is not
    /// common to both, and of that what has something below it: level by level, from the roots down.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn pages_apart(&self, other: &Tree, pager: &Pager) -> Result<PagesApart> {
        let mut one = Side::new(pager, self);
        let mut two = Side::new(pager, other);
        for level in (0..=self.level.max(other.level)).rev() {
            one.arrive(level);
            two.arrive(level);
            let both: Vec<PagePointer> =
                one.level.keys().filter(|pointer| two.level.contains_key(pointer)).copied().collect();
            for side in [&mut one, &mut two] {
                for pointer in &both {
                    side.level.remove(pointer);
                }
                side.descend(level)?;
            }
        }
        // A value that both versions have may stand in leaves that they do not share.
        let both: Vec<u64> =
            one.overflow.keys().filter(|number| two.overflow.contains_key(number)).copied().collect();
        let apart = |mut side: Side<'_>| {
            for number in &both {
                side.overflow.remove(number);
            }
            side.pages.append(&mut side.overflow);
            side.pages
        };
        Ok(PagesApart { here: apart(one), there: apart(two) })
    }
}

/// One of two versions that are compared, at one level.
struct Side<'a> {
    walk: PageWalk<'a>,
    root: Option<(&'a PageRef, u8)>,
    /// Written pages of this level that the other side may have as well, and whether large values lie below.
    level: BTreeMap<PagePointer, bool>,
    /// Pages of this level that were never written.
    unwritten: Vec<(PageRef, bool)>,
    pages: BTreeMap<u64, u64>,
    overflow: BTreeMap<u64, u64>,
}

impl<'a> Side<'a> {
    fn new(pager: &'a Pager, tree: &'a Tree) -> Side<'a> {
        Side {
            walk: PageWalk { pager, tree: tree.id, newer_than: None },
            root: tree.root.as_ref().map(|root| (root, tree.level)),
            level: BTreeMap::new(),
            unwritten: Vec::new(),
            pages: BTreeMap::new(),
            overflow: BTreeMap::new(),
        }
    }

    /// The root joins at its own level.
    fn arrive(&mut self, level: u8) {
        if let Some((root, _)) = self.root.filter(|(_, at)| *at == level) {
            self.meet(root, true);
        }
    }

    fn meet(&mut self, page: &PageRef, has_overflow: bool) {
        match page.pointer() {
            Some(pointer) => {
                self.level.insert(pointer, has_overflow);
            }
            None => self.unwritten.push((page.clone(), has_overflow)),
        }
    }

    /// Enters what is left of this level, and goes on to its children.
    fn descend(&mut self, level: u8) -> Result<()> {
        let written = std::mem::take(&mut self.level);
        self.pages.extend(written.keys().map(|pointer| (pointer.number, pointer.birth)));
        let written = written.into_iter().map(|(pointer, has)| (PageRef::Stored(pointer), has));
        for (page, has_overflow) in written.chain(std::mem::take(&mut self.unwritten)) {
            if level > 0 {
                let frame = load(self.walk.pager, &page, self.walk.tree, level)?;
                for child in index_of(&frame).children() {
                    self.meet(&child.page, child.has_overflow);
                }
            } else if has_overflow {
                let overflow = &mut self.overflow;
                self.walk.values(&page, &mut |number, birth| {
                    overflow.insert(number, birth);
                })?;
            }
        }
        Ok(())
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
            self.values(page, visit)?;
        }
        Ok(())
    }

    /// Counts `page` and what is below it. The depth is bounded by the level.
    fn count(&self, page: &PageRef, level: u8, has_overflow: bool) -> Result<u64> {
        let mut pages = 1;
        if level > 0 {
            let frame = load(self.pager, page, self.tree, level)?;
            for child in index_of(&frame).children() {
                pages += self.count(&child.page, level - 1, child.has_overflow)?;
            }
        } else if has_overflow {
            self.values(page, &mut |_, _| pages += 1)?;
        }
        Ok(pages)
    }

    /// Visits the pages of the large values in a leaf.
    fn values(&self, leaf: &PageRef, visit: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let frame = load(self.pager, leaf, self.tree, 0)?;
        let leaf = leaf_of(&frame);
        for index in 0..leaf.count() {
            let cell = leaf.cell(index);
            if let ValueRef::Overflow(overflow) = ValueRef::decode(cell.special, cell.value)
                && !self.is_left_out(overflow.pointer.birth)
            {
                read::walk(self.pager, &overflow, &mut |pointer, _| {
                    visit(pointer.number, pointer.birth);
                    true
                })
                .map_err(|error| in_tree(self.tree, error))?;
            }
        }
        Ok(())
    }
}
