//! The leaves of a tree, some neighbouring ones of one parent at a time: for whoever has made something of them together, and
//! need not read them again.
//!
//! A walk reads the pages above the leaves. Leaves themselves it reads only where the range of keys begins and ends.
//!
//! Invariants
//!
//! 1. Which leaves are handed over together depends on their parent and on how many rows and leaves there may be, and not on where a walk
//!    begins: walks through other parts of the same pages meet the same neighbours.
//! 2. A leaf has as many rows as its parent says, or reading it fails.
//! 3. Levels fall by one per step, so that no walk through a damaged file is endless.

use crate::error::{Flaw, Result, corrupt, in_tree};
use crate::leaf_rows::{LeafRows, slots_before};
use crate::node::{index_of, leaf_of, load, page_number};
use crate::tree::Tree;
use pager::{Child, Companion, Frame, IndexNode, PagePointer, PageRef, Pager, Touched};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

#[derive(Debug, Clone)]
struct Sibling {
    page: PageRef,
    rows: usize,
}

/// Neighbouring leaves of one parent, and which of their rows are meant. Made by [`LeafWalk::next`].
#[derive(Clone)]
pub struct Neighbours {
    tree: u64,
    leaves: Vec<Sibling>,
    rows: Range<usize>,
    has_overflow: bool,
}

impl Neighbours {
    /// How many leaves there are: at least one.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // it never is
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Which of all their rows lie within the range of the walk: at least one.
    #[must_use]
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// How many rows all of them have.
    #[must_use]
    pub fn all_rows(&self) -> usize {
        self.leaves.iter().map(|leaf| leaf.rows).sum()
    }

    /// How many rows leaf `place` has; `None` if there is no such leaf.
    #[must_use]
    pub fn rows_of_leaf(&self, place: usize) -> Option<usize> {
        self.leaves.get(place).map(|leaf| leaf.rows)
    }

    /// Whether any of them refers to overflow pages.
    #[must_use]
    pub fn has_overflow(&self) -> bool {
        self.has_overflow
    }

    /// One of them by itself; `None` if there is no such leaf, or none of its rows lies within the range.
    #[must_use]
    pub fn alone(&self, place: usize) -> Option<Neighbours> {
        let leaf = self.leaves.get(place)?;
        let before: usize = self.leaves[..place].iter().map(|leaf| leaf.rows).sum();
        let within = |row: usize| row.saturating_sub(before).min(leaf.rows);
        let rows = within(self.rows.start)..within(self.rows.end);
        let one = Neighbours { leaves: vec![leaf.clone()], rows, ..*self };
        Some(one).filter(|one| !one.rows.is_empty())
    }

    /// Whether all of them have their place in the file, and so never change.
    #[must_use]
    pub fn are_written(&self) -> bool {
        self.leaves.iter().all(|leaf| leaf.page.pointer().is_some())
    }

    /// Where all of them lie in the file; `None` if one has no place there yet, and may still change.
    #[must_use]
    pub fn pointers(&self) -> Option<Vec<PagePointer>> {
        self.leaves.iter().map(|leaf| leaf.page.pointer()).collect()
    }

    /// Whether these are where they lie.
    #[must_use]
    pub fn lie_at(&self, pointers: &[PagePointer]) -> bool {
        let at = |(leaf, pointer): (&Sibling, &PagePointer)| leaf.page.pointer().as_ref() == Some(pointer);
        self.leaves.len() == pointers.len() && self.leaves.iter().zip(pointers).all(at)
    }

    /// What is kept beside the first of them, if anything is. Asking is a use of that page.
    #[must_use]
    pub fn companion(&self, pager: &Pager) -> Option<Companion> {
        pager.companion_in_use(&self.leaves.first()?.page.pointer()?)
    }

    /// Says that they were used, by what is kept beside the first.
    pub fn used(&self, pager: &Pager) {
        pager.touched(Touched::Found, self.leaves.len());
    }

    /// Keeps something that was made of all of them beside the first, if there is room.
    pub fn keep_companion(&self, pager: &Pager, companion: Companion, bytes: usize) {
        if let Some(pointer) = self.leaves.first().and_then(|leaf| leaf.page.pointer()) {
            pager.keep_companion(&pointer, companion, bytes);
        }
    }

    /// All rows of leaf `place`; `None` if there is no such leaf.
    ///
    /// # Errors
    /// What reading pages meets; `Corrupt` when the leaf has not as many rows as its parent says.
    pub fn leaf(&self, pager: &Pager, place: usize) -> Result<Option<LeafRows>> {
        let Some(sibling) = self.leaves.get(place) else { return Ok(None) };
        let frame = load(pager, &sibling.page, self.tree, 0)?;
        let count = leaf_of(&frame).count();
        if count != sibling.rows {
            return Err(not_as_many(pager, self.tree, &frame, sibling.rows as u64, count as u64));
        }
        Ok(Some(LeafRows::new(frame, 0, count)))
    }
}

impl fmt::Debug for Neighbours {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rows {:?} of {} leaves of tree {}", self.rows, self.leaves.len(), self.tree)
    }
}

#[cold]
fn not_as_many(pager: &Pager, tree: u64, frame: &Frame, expected: u64, found: u64) -> crate::TreeError {
    let flaw = Flaw { what: "rows in a leaf, by its parent", expected, found };
    in_tree(tree, corrupt(pager, page_number(frame), flaw))
}

/// A page above the leaves, and which of its children comes next.
struct Step {
    frame: Arc<Frame>,
    next: usize,
}

/// Where a walk is.
enum Place {
    Before,
    /// Among the pages above the leaves, from the root down to the parent of the next leaves.
    In(Vec<Step>),
    Behind,
}

/// Goes through the leaves of one version of a tree that have keys of a range. Made by [`Tree::leaf_walk`].
///
/// It owns what it needs; the pager is handed in with each call. After an error it is behind the last.
pub struct LeafWalk {
    tree: Tree,
    from: Vec<u8>,
    to: Option<Vec<u8>>,
    place: Place,
}

impl Tree {
    /// A walk through the leaves with keys from `from` (included) to `to` (excluded; `None`: to the end).
    #[must_use]
    pub fn leaf_walk(&self, from: Vec<u8>, to: Option<Vec<u8>>) -> LeafWalk {
        LeafWalk { tree: self.clone(), from, to, place: Place::Before }
    }
}

impl LeafWalk {
    /// The next neighbours: as many leaves, up to 64, as have no more than `rows_max` rows together, but at least one. `None` behind
    /// the last.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn next(&mut self, pager: &Pager, rows_max: usize) -> Result<Option<Neighbours>> {
        loop {
            let (mut steps, first) = match std::mem::replace(&mut self.place, Place::Behind) {
                Place::Before => match self.tree.root.clone() {
                    None => return Ok(None),
                    Some(root) if self.tree.level == 0 => return self.only(pager, root),
                    Some(root) => (self.descend(pager, &root)?, true),
                },
                Place::In(mut steps) => match self.advance(pager, &mut steps)? {
                    true => (steps, false),
                    false => return Ok(None),
                },
                Place::Behind => return Ok(None),
            };
            let Some(parent) = steps.last_mut() else { return Ok(None) };
            let (found, goes_on) = self.take(pager, parent, first, rows_max)?;
            if goes_on {
                self.place = Place::In(steps);
            }
            if !goes_on || !found.rows.is_empty() {
                return Ok(Some(found).filter(|found| !found.rows.is_empty()));
            }
        }
    }

    /// The leaf that is the whole tree.
    fn only(&self, pager: &Pager, root: PageRef) -> Result<Option<Neighbours>> {
        let frame = load(pager, &root, self.tree.id, 0)?;
        let leaf = leaf_of(&frame);
        let to = self.to.as_ref().map_or(leaf.count(), |to| slots_before(leaf, to));
        let rows = slots_before(leaf, &self.from)..to;
        if rows.is_empty() {
            return Ok(None);
        }
        let has_overflow = leaf.overflow_count() > 0;
        let leaves = vec![Sibling { page: root, rows: leaf.count() }];
        Ok(Some(Neighbours { tree: self.tree.id, leaves, rows, has_overflow }))
    }

    /// The pages from the root down to the parent of the leaf that the first key belongs to, which comes next.
    fn descend(&self, pager: &Pager, root: &PageRef) -> Result<Vec<Step>> {
        let mut steps = Vec::with_capacity(self.tree.level.into());
        let mut page = root.clone();
        for level in (1..=self.tree.level).rev() {
            let frame = load(pager, &page, self.tree.id, level)?;
            let node = index_of(&frame);
            let child = node.search(&self.from);
            page = node.child(child).page.clone();
            // Of pages above parents, the child that comes next is the one behind that which was gone through.
            let next = if level == 1 { child } else { child + 1 };
            steps.push(Step { frame, next });
        }
        Ok(steps)
    }

    /// Goes on to the next parent if there is nothing left in this one. Answers whether there is one.
    fn advance(&self, pager: &Pager, steps: &mut Vec<Step>) -> Result<bool> {
        let height = usize::from(self.tree.level);
        loop {
            let depth = steps.len();
            let Some(step) = steps.last_mut() else { return Ok(false) };
            let node = index_of(&step.frame);
            if step.next >= node.len() {
                steps.pop();
                continue;
            }
            if depth == height {
                return Ok(true);
            }
            let page = node.child(step.next).page.clone();
            step.next += 1;
            let level = (height - depth) as u8;
            steps.push(Step { frame: load(pager, &page, self.tree.id, level)?, next: 0 });
        }
    }

    /// The next neighbours of a parent, maybe without rows of the range, and whether there may be others behind them.
    fn take(
        &self,
        pager: &Pager,
        parent: &mut Step,
        first: bool,
        rows_max: usize,
    ) -> Result<(Neighbours, bool)> {
        let node = index_of(&parent.frame);
        let together = match first {
            true => together_with(node, parent.next, rows_max),
            false => together_from(node, parent.next, rows_max),
        };
        let (mut leaves, mut has_overflow) = (Vec::with_capacity(together.len()), false);
        for child in &node.children()[together.clone()] {
            // More rows than a page has bytes are none that it can have.
            let most = pager.page_size() as u64;
            if child.rows > most {
                return Err(not_as_many(pager, self.tree.id, &parent.frame, most, child.rows));
            }
            has_overflow |= child.has_overflow;
            leaves.push(Sibling { page: child.page.clone(), rows: child.rows as usize });
        }
        let rows = 0..leaves.iter().map(|leaf| leaf.rows).sum();
        let mut found = Neighbours { tree: self.tree.id, leaves, rows, has_overflow };
        if first && !self.from.is_empty() {
            found.rows.start = found.rows_before(pager, parent.next - together.start, &self.from)?;
        }
        let mut goes_on = true;
        if let Some(to) = &self.to
            && let Some(last) = may_reach(node, &together, to)
        {
            let all = found.rows.end;
            found.rows.end = found.rows_before(pager, last - together.start, to)?;
            goes_on = found.rows.end == all;
        }
        parent.next = together.end;
        Ok((found, goes_on))
    }
}

impl Neighbours {
    /// How many rows stand before a key that belongs to leaf `place`.
    fn rows_before(&self, pager: &Pager, place: usize, key: &[u8]) -> Result<usize> {
        let before: usize = self.leaves[..place].iter().map(|leaf| leaf.rows).sum();
        let leaf = self.leaf(pager, place)?;
        Ok(before + leaf.map_or(0, |leaf| leaf.rows_before(key)))
    }
}

/// So many leaves are handed over together at most, so that not too much is read for one that is wanted.
const LEAVES_MAX: usize = 64;

/// Which children from `first` on are handed over together.
fn together_from(node: &IndexNode, first: usize, rows_max: usize) -> Range<usize> {
    let mut rows = 0u64;
    let fits = |child: &&Child| {
        rows = rows.saturating_add(child.rows);
        rows <= rows_max as u64
    };
    let count = node.children()[first..].iter().take(LEAVES_MAX).take_while(fits).count();
    first..first + count.max(1)
}

/// Which children are handed over together with one.
fn together_with(node: &IndexNode, child: usize, rows_max: usize) -> Range<usize> {
    let mut together = together_from(node, 0, rows_max);
    while together.end <= child {
        together = together_from(node, together.end, rows_max);
    }
    together
}

/// The first of some children that may hold keys from `to` on; `None` if none does.
fn may_reach(node: &IndexNode, children: &Range<usize>, to: &[u8]) -> Option<usize> {
    let child = node.search(to).max(children.start);
    (child < children.end).then_some(child)
}
