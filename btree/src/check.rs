//! Verifying a whole tree: every page read, every promise of the format looked at.
//!
//! What is damaged is told and passed over, so that one run names all damage.
//!
//! What is checked: kinds, levels and tree ids; keys in strict order and between the separators above them; row counts
//! and overflow flags of every child; births (no page is younger than its parent); leaf layout; overflow values read to
//! their last byte. Checksums and page numbers are the pager's, at every load.
//!
//! Invariants
//!
//! 1. Only reads: a check changes neither tree nor file.
//! 2. A page that cannot be read or is no page of its kind is told as damage, and the check goes on beside
//!    it.
//! 3. It ends on any bytes: levels fall by one per step, and page counts are bounded by what a page can hold. With a
//!    visitor that knows the pages it was told of, it goes through each of them once.

use crate::error::{Flaw, Result, TreeError, corrupt, flaw};
use crate::leaf::{Leaf, validate};
use crate::node::{index_of, leaf_of, load, page_number};
use crate::overflow::read;
use crate::tree::Tree;
use crate::value::{Home, Overflow, ValueRef};
use pager::{Frame, IndexNode, PageKind, PagePointer, PageRef, Pager};

/// Learns what a check comes across.
pub trait CheckVisitor {
    /// A page of the tree, and whether to look at what is in it and below it. `pointer` is `None` for a page that was
    /// never written. Who answers `false` for a page that was told before makes a check end soon on pages that refer
    /// to one another many times over: what is below them is looked at once, and not once for each way to it.
    fn page(&mut self, kind: PageKind, pointer: Option<PagePointer>) -> bool;
    /// Something is wrong.
    fn damage(&mut self, error: TreeError);
}

/// Bytes of an overflow value that are read at a time.
const READ_STEP: usize = 1 << 20;

impl Tree {
    /// Verifies the tree and returns the number of rows that were found.
    pub fn check(&self, pager: &Pager, visitor: &mut dyn CheckVisitor) -> u64 {
        let Some(root) = &self.root else { return 0 };
        let mut check = Check { pager, tree: self.id, visitor, key: Vec::new() };
        let expected = Expected { level: self.level, birth: u64::MAX, from: None, to: None };
        let Some(found) = check.page(root, &expected) else { return 0 };
        if found.rows != self.rows {
            let number = root.pointer().map_or(0, |pointer| pointer.number);
            check.wrong(number, Flaw { what: "rows of a tree", expected: self.rows, found: found.rows });
        }
        found.rows
    }
}

/// What a parent says of a page.
struct Expected<'k> {
    level: u8,
    /// The page is not younger than this.
    birth: u64,
    /// Keys are not below this.
    from: Option<&'k [u8]>,
    /// Keys are below this.
    to: Option<&'k [u8]>,
}

/// What a page was found to hold.
#[derive(Clone, Copy)]
struct Found {
    rows: u64,
    has_overflow: bool,
}

struct Check<'a> {
    pager: &'a Pager,
    tree: u64,
    visitor: &'a mut dyn CheckVisitor,
    key: Vec<u8>,
}

impl Check<'_> {
    fn wrong(&mut self, page: u64, flaw: Flaw) {
        let error = corrupt(self.pager, page, flaw);
        self.visitor.damage(error);
    }

    /// Checks `page` and what is below it; `None` when it cannot be read or need not be. The depth is bounded by the
    /// level.
    fn page(&mut self, page: &PageRef, expected: &Expected<'_>) -> Option<Found> {
        let frame = match load(self.pager, page, self.tree, expected.level) {
            Ok(frame) => frame,
            Err(error) => {
                self.visitor.damage(error);
                return None;
            }
        };
        if !self.visitor.page(frame.kind(), frame.pointer()) {
            return None;
        }
        let number = page_number(&frame);
        if frame.birth() > expected.birth {
            let flaw =
                Flaw { what: "birth of a page (at most)", expected: expected.birth, found: frame.birth() };
            self.wrong(number, flaw);
        }
        if expected.level == 0 {
            return self.leaf(&frame, number, expected);
        }
        Some(self.index(&frame, number, expected))
    }

    fn index(&mut self, frame: &Frame, number: u64, expected: &Expected<'_>) -> Found {
        let node = index_of(frame);
        if node.encoded_size() > self.pager.page_size() {
            let flaw = flaw("bytes of an index page (at most)", self.pager.page_size(), node.encoded_size());
            self.wrong(number, flaw);
        }
        self.separators(node, number, expected);
        let mut total = Found { rows: 0, has_overflow: false };
        for (index, child) in node.children().iter().enumerate() {
            let below = Expected {
                level: expected.level - 1,
                birth: frame.birth(),
                from: if index == 0 { expected.from } else { Some(node.separator(index - 1)) },
                to: if index == node.separators() { expected.to } else { Some(node.separator(index)) },
            };
            total.rows += child.rows;
            total.has_overflow |= child.has_overflow;
            let Some(found) = self.page(&child.page, &below) else { continue };
            if found.rows != child.rows {
                self.wrong(
                    number,
                    Flaw { what: "rows below a child", expected: found.rows, found: child.rows },
                );
            }
            if found.has_overflow != child.has_overflow {
                let (expected, found) = (u64::from(found.has_overflow), u64::from(child.has_overflow));
                self.wrong(number, Flaw { what: "overflow flag of a child", expected, found });
            }
        }
        total
    }

    fn separators(&mut self, node: &IndexNode, number: u64, expected: &Expected<'_>) {
        let mut previous = expected.from;
        for index in 0..node.separators() {
            let separator = node.separator(index);
            let above = previous.is_none_or(|previous| previous < separator);
            if !above || expected.to.is_some_and(|to| separator >= to) {
                self.wrong(number, flaw("position of a separator out of order", node.separators(), index));
            }
            previous = Some(separator);
        }
    }

    fn leaf(&mut self, frame: &Frame, number: u64, expected: &Expected<'_>) -> Option<Found> {
        if let Err(flaw) = validate::validate(frame.data()) {
            // What the accessors rely on does not hold: nothing more can be read from this page.
            self.wrong(number, flaw);
            return None;
        }
        let leaf = leaf_of(frame);
        let last = leaf.count() - 1;
        let outside = self.outside(leaf, 0, expected) || self.outside(leaf, last, expected);
        if outside {
            self.wrong(number, flaw("keys of a leaf outside of its separators", 0, 1));
        }
        for slot in 0..leaf.count() {
            let cell = leaf.cell(slot);
            match ValueRef::decode(cell.special, cell.value) {
                ValueRef::Inline(_) => {}
                value @ ValueRef::Compressed { .. } => {
                    let mut bytes = Vec::new();
                    if let Err(error) =
                        value.read_into(self.pager, Home::of(frame), 0..usize::MAX, &mut bytes)
                    {
                        self.visitor.damage(error);
                    }
                }
                ValueRef::Overflow(overflow) => {
                    if let Err(error) = self.overflow(&overflow, frame.birth()) {
                        self.visitor.damage(error);
                    }
                }
            }
        }
        Some(Found { rows: leaf.count() as u64, has_overflow: leaf.overflow_count() > 0 })
    }

    /// Whether the key in `slot` lies outside of the page's separators.
    fn outside(&mut self, leaf: Leaf<'_>, slot: usize, expected: &Expected<'_>) -> bool {
        leaf.copy_key(slot, &mut self.key);
        expected.from.is_some_and(|from| self.key.as_slice() < from)
            || expected.to.is_some_and(|to| self.key.as_slice() >= to)
    }

    /// Reads a large value whole and compares what is said of it.
    fn overflow(&mut self, overflow: &Overflow, birth: u64) -> Result<()> {
        let (mut pages, mut youngest, mut new) = (0, 0, true);
        let visitor = &mut self.visitor;
        read::walk(self.pager, overflow, &mut |pointer, level| {
            pages += 1;
            youngest = youngest.max(pointer.birth);
            let kind = if level == 0 { PageKind::OverflowData } else { PageKind::OverflowIndex };
            new &= visitor.page(kind, Some(pointer));
            new
        })?;
        if !new {
            return Ok(());
        }
        let number = overflow.pointer.number;
        if youngest > birth {
            self.wrong(
                number,
                Flaw { what: "birth of an overflow page (at most)", expected: birth, found: youngest },
            );
        }
        if pages != overflow.pages() {
            let flaw = Flaw { what: "pages of an overflow value", expected: overflow.pages(), found: pages };
            self.wrong(number, flaw);
        }
        let mut bytes = Vec::new();
        let length = overflow.length as usize;
        for start in (0..length).step_by(READ_STEP) {
            bytes.clear();
            read::read_range(self.pager, overflow, start..length.min(start + READ_STEP), &mut bytes)?;
        }
        Ok(())
    }
}
