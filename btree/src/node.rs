//! Pages of a tree in memory: reaching them, making them editable, giving them up.
//!
//! Invariants
//!
//! 1. A page is only ever used at the level at which its parent expects it; levels fall by one per step, so that no
//!    walk through a damaged file is endless.
//! 2. [`editable`] is called from the root downwards. A page that is not ours alone is copied, and its copy's children
//!    are then shared with the original, so that they are copied in turn: nobody else's page changes.
//! 3. Every page that a tree stops referring to goes to [`Edit::changes`], unless it was never written and nobody
//!    else can reach it.

use crate::error::{Flaw, Result, corrupt, flaw, in_tree};
use crate::leaf::Leaf;
use crate::leaf::validate::{cells_apart, validate};
use crate::overflow::read;
use crate::value::ValueRef;
use pager::{Body, Frame, FrameHeader, IndexNode, OwnerId, PageChanges, PageKind, PageRef, Pager, Touched};
use std::sync::Arc;

/// What changes of a tree need: where pages come from, whose they are, and where what becomes of them is noted.
#[derive(Debug)]
pub struct Edit<'a> {
    /// The file.
    pub pager: &'a Pager,
    /// The branch that makes the change.
    pub owner: OwnerId,
    /// The generation of pages that are made. Never below that of a page the tree already has.
    pub birth: u64,
    /// Gathers places taken and pages given up.
    pub changes: &'a mut PageChanges,
    keep_overflow: bool,
}

/// More levels than any tree can have: a tree of that height with two children per node is larger than any file.
pub(crate) const LEVEL_LIMIT: u8 = 64;

/// The number under which errors name a page.
pub(crate) fn page_number(frame: &Frame) -> u64 {
    frame.pointer().map_or(0, |pointer| pointer.number)
}

/// Whether `frame` is what its parent expects.
fn verify(pager: &Pager, frame: &Frame, tree: u64, level: u8) -> Result<()> {
    let flaw = if frame.level() != level {
        flaw("level of a tree's page", level.into(), frame.level().into())
    } else if frame.tree() != tree {
        Flaw { what: "tree that a page belongs to", expected: tree, found: frame.tree() }
    } else {
        let kind = if level == 0 { PageKind::Leaf } else { PageKind::TreeIndex };
        if frame.kind() == kind {
            return Ok(());
        }
        flaw("kind of a tree's page", kind as usize, frame.kind() as usize)
    };
    Err(corrupt(pager, page_number(frame), flaw))
}

/// What is looked at when a page comes from the file, whatever it is expected to be: nobody must find an unchecked leaf
/// in the cache.
pub(crate) fn check_content(kind: PageKind, page: &[u8]) -> Result<(), Flaw> {
    match kind {
        PageKind::Leaf => validate(page),
        PageKind::TreeIndex
        | PageKind::OverflowData
        | PageKind::OverflowIndex
        | PageKind::Bitmap
        | PageKind::FreeSpaceIndex => Ok(()),
    }
}

/// The frame of `page`, which must be a page of `tree` at `level`.
#[inline]
pub(crate) fn load(pager: &Pager, page: &PageRef, tree: u64, level: u8) -> Result<Arc<Frame>> {
    match page {
        PageRef::Resident(frame) => {
            debug_assert!(verify(pager, frame, tree, level).is_ok(), "frames of our own making fit");
            pager.touched(Touched::Found, 1);
            Ok(Arc::clone(frame))
        }
        PageRef::Stored(pointer) => {
            let frame = pager.load_checked(pointer, check_content).map_err(|error| in_tree(tree, error))?;
            verify(pager, &frame, tree, level).map_err(|error| in_tree(tree, error))?;
            Ok(frame)
        }
    }
}

/// The decoded node of an index frame.
#[inline]
pub(crate) fn index_of(frame: &Frame) -> &IndexNode {
    frame.index().expect("a frame of a level above 0 was verified to be an index page")
}

/// The leaf page in a leaf frame.
#[inline]
pub(crate) fn leaf_of(frame: &Frame) -> Leaf<'_> {
    Leaf::new(frame.data())
}

/// Whether nobody but the one reference `page` leads to an unwritten frame.
fn only_ours(page: &PageRef) -> bool {
    match page {
        PageRef::Stored(_) => false,
        PageRef::Resident(frame) => Arc::strong_count(frame) == 1 && frame.pointer().is_none(),
    }
}

impl<'a> Edit<'a> {
    /// An edit by branch `owner`, whose pages are born in generation `birth`.
    pub fn new(pager: &'a Pager, owner: OwnerId, birth: u64, changes: &'a mut PageChanges) -> Edit<'a> {
        Edit { pager, owner, birth, changes, keep_overflow: false }
    }

    /// Has overflow pages of values that are replaced or deleted not noted as given up: whoever made the change that is
    /// carried out again has done that.
    #[must_use]
    pub fn keep_overflow(mut self) -> Edit<'a> {
        self.keep_overflow = true;
        self
    }
}

impl Edit<'_> {
    /// A new frame of `tree`.
    pub(crate) fn frame(&self, tree: u64, level: u8, body: Body) -> PageRef {
        let kind = if level == 0 { PageKind::Leaf } else { PageKind::TreeIndex };
        let header = FrameHeader { kind, level, tree, birth: self.birth, owner: self.owner };
        PageRef::Resident(Frame::new(self.pager, header, body))
    }

    /// Whether `page` may be changed in place.
    #[inline]
    pub(crate) fn is_ours(&self, page: &mut PageRef) -> bool {
        match page {
            PageRef::Resident(frame) => frame.birth() == self.birth && Frame::is_editable(frame, self.owner),
            PageRef::Stored(_) => false,
        }
    }

    /// The content of `page`, to change; the page is replaced by a copy first when it is not ours alone.
    #[inline]
    pub(crate) fn editable<'p>(
        &mut self,
        page: &'p mut PageRef,
        tree: u64,
        level: u8,
    ) -> Result<&'p mut Body> {
        if !self.is_ours(page) {
            self.copy(page, tree, level)?;
        }
        match page {
            PageRef::Resident(frame) => {
                Ok(Frame::edit(frame, self.owner).expect("the frame was just made or found to be ours alone"))
            }
            PageRef::Stored(_) => unreachable!("a page that is not resident was just replaced by a copy"),
        }
    }

    /// Puts a copy in the place of `page`.
    #[inline(never)]
    fn copy(&mut self, page: &mut PageRef, tree: u64, level: u8) -> Result<()> {
        let frame = load(self.pager, page, tree, level)?;
        let body = match frame.body() {
            Body::Data(bytes) => {
                // What we made ourselves needs no look.
                if frame.owner() == Frame::NOBODY {
                    cells_apart(bytes)
                        .map_err(|flaw| in_tree(tree, corrupt(self.pager, page_number(&frame), flaw)))?;
                }
                Body::Data(bytes.clone())
            }
            Body::Index(node) => Body::Index(node.copy_by_place()),
        };
        drop(frame);
        let copy = self.frame(tree, level, body);
        let original = std::mem::replace(page, copy);
        self.give_up(original);
        Ok(())
    }

    /// The node of `page`, to change.
    #[inline]
    pub(crate) fn editable_index<'p>(
        &mut self,
        page: &'p mut PageRef,
        tree: u64,
        level: u8,
    ) -> Result<&'p mut IndexNode> {
        match self.editable(page, tree, level)? {
            Body::Index(node) => Ok(node),
            Body::Data(_) => unreachable!("a frame of a level above 0 was verified to be an index page"),
        }
    }

    /// The bytes of the leaf `page`, to change.
    #[inline]
    pub(crate) fn editable_leaf<'p>(
        &mut self,
        page: &'p mut PageRef,
        tree: u64,
    ) -> Result<&'p mut Box<[u8]>> {
        match self.editable(page, tree, 0)? {
            Body::Data(bytes) => Ok(bytes),
            Body::Index(_) => unreachable!("a frame of level 0 was verified to be a leaf page"),
        }
    }

    /// Notes that the tree no longer refers to `page`, which has just been taken out of it. Says nothing of what is
    /// below it.
    pub(crate) fn give_up(&mut self, page: PageRef) {
        if !only_ours(&page) {
            self.changes.freed.push(page.freed());
        }
    }

    /// Notes that the tree no longer refers to `page` and everything below it, overflow pages included.
    ///
    /// `alone`: nothing else refers to the page that led here. Reads index pages, and leaves that have overflow.
    pub(crate) fn give_up_subtree(
        &mut self,
        page: &PageRef,
        tree: u64,
        level: u8,
        has_overflow: bool,
        alone: bool,
    ) -> Result<()> {
        let alone = alone && only_ours(page);
        if level > 0 {
            let frame = load(self.pager, page, tree, level)?;
            for child in index_of(&frame).children() {
                self.give_up_subtree(&child.page, tree, level - 1, child.has_overflow, alone)?;
            }
        } else if has_overflow && !self.keep_overflow {
            let frame = load(self.pager, page, tree, 0)?;
            self.give_up_overflow(tree, leaf_of(&frame), 0, usize::MAX)?;
        }
        if !alone {
            self.changes.freed.push(page.freed());
        }
        Ok(())
    }

    /// Notes that the overflow pages of cells `from..to` of `leaf`, one of `tree`, are no longer referred to.
    pub(crate) fn give_up_overflow(
        &mut self,
        tree: u64,
        leaf: Leaf<'_>,
        from: usize,
        to: usize,
    ) -> Result<()> {
        if leaf.overflow_count() == 0 || self.keep_overflow {
            return Ok(());
        }
        for index in from..to.min(leaf.count()) {
            let cell = leaf.cell(index);
            if let ValueRef::Overflow(overflow) = ValueRef::decode(cell.special, cell.value) {
                let freed = &mut self.changes.freed;
                read::walk(self.pager, &overflow, &mut |pointer, _| {
                    freed.push(PageRef::Stored(pointer).freed());
                    true
                })
                .map_err(|error| in_tree(tree, error))?;
            }
        }
        Ok(())
    }

    /// Runs a change that may fail half-way; on failure nothing stays noted as given up.
    pub(crate) fn all_or_nothing<T>(&mut self, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let noted = self.changes.freed.len();
        let result = change(self);
        if result.is_err() {
            self.changes.freed.truncate(noted);
        }
        result
    }
}
