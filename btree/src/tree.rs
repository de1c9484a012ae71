//! A tree: a root, a height and a count. A value that is cloned in no time and never changes under a reader.
//!
//! Invariants
//!
//! 1. A tree without rows has no root, and level 0; a tree with rows has a root at `level`.
//! 2. `rows` is the number of rows in all leaves, exactly.
//! 3. A clone is a snapshot: no change of one tree is ever seen through another.

use crate::Cursor;
use crate::at_hand::AtHand;
use crate::error::{Flaw, Result, TreeError, corrupt, flaw, in_tree};
use crate::leaf::key_limit;
use crate::node::{Edit, LEVEL_LIMIT, index_of, leaf_of, load};
use crate::value::Value;
use pager::{Frame, PagePointer, PageRef, Pager, Touched};
use std::sync::Arc;

/// A copy-on-write B+tree. Cloning is O(1) and makes a snapshot.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(crate) id: u64,
    pub(crate) root: Option<PageRef>,
    pub(crate) level: u8,
    pub(crate) rows: u64,
}

/// A leaf, and where in it a key may be.
struct Near<'f> {
    frame: &'f Arc<Frame>,
    guess: Option<usize>,
}

impl<'f> Near<'f> {
    /// By what the page above knows: before how many of the leaf's rows the key may stand.
    #[inline]
    fn new(frame: &'f Arc<Frame>, (guess, rows): (Option<usize>, u64)) -> Near<'f> {
        if let Some(guess) = guess {
            // A count from a file; it only says where to look first.
            leaf_of(frame).ask_for(guess, usize::try_from(rows).unwrap_or(usize::MAX));
        }
        Near { frame, guess }
    }
}

/// More rows than any file holds.
const ROWS_LIMIT: u64 = 1 << 48;

/// What a page, a superblock or a log record keeps of a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredTree {
    /// The tree's id.
    pub id: u64,
    /// The root page; [`PagePointer::NONE`] for a tree without rows.
    pub root: PagePointer,
    /// Height of the root above the leaves.
    pub level: u8,
    /// Number of rows.
    pub rows: u64,
}

impl Tree {
    /// A tree without rows.
    #[must_use]
    pub const fn empty(id: u64) -> Tree {
        Tree { id, root: None, level: 0, rows: 0 }
    }

    /// The tree that stands in the file.
    ///
    /// # Errors
    /// `Corrupt` when the description contradicts itself.
    pub fn from_stored(pager: &Pager, stored: &StoredTree) -> Result<Tree> {
        let wrong = |flaw| Err(in_tree(stored.id, corrupt(pager, stored.root.number, flaw)));
        if stored.level > LEVEL_LIMIT {
            return wrong(flaw("level of a tree's root (at most)", LEVEL_LIMIT.into(), stored.level.into()));
        }
        if stored.root.is_none() {
            if stored.rows != 0 {
                return wrong(Flaw {
                    what: "rows of a tree without a root",
                    expected: 0,
                    found: stored.rows,
                });
            }
            return Ok(Tree::empty(stored.id));
        }
        if stored.rows == 0 {
            return wrong(flaw("rows of a tree with a root (at least)", 1, 0));
        }
        if stored.rows > ROWS_LIMIT {
            return wrong(Flaw {
                what: "rows of a tree (at most)",
                expected: ROWS_LIMIT,
                found: stored.rows,
            });
        }
        let root = Some(PageRef::Stored(stored.root));
        Ok(Tree { id: stored.id, root, level: stored.level, rows: stored.rows })
    }

    /// What to keep of the tree; `None` while its root has not been written.
    #[must_use]
    pub fn stored(&self) -> Option<StoredTree> {
        let root = match &self.root {
            None => PagePointer::NONE,
            Some(page) => page.pointer()?,
        };
        Some(StoredTree { id: self.id, root, level: self.level, rows: self.rows })
    }

    /// The same tree with its root named by `pointer` (where the pager wrote it), so that its frames can leave memory.
    #[must_use]
    pub fn with_root(&self, pointer: PagePointer) -> Tree {
        debug_assert!(self.root.is_some(), "invariant 1: a tree without rows has no root");
        Tree { root: Some(PageRef::Stored(pointer)), ..self.clone() }
    }

    /// The same tree with its root page in hand, for whoever looks into it again and again: it is not asked of the cache each
    /// time, and stays in memory for as long.
    ///
    /// # Errors
    /// What reading the page meets.
    pub fn holding_root(self, pager: &Pager) -> Result<Tree> {
        let root = match &self.root {
            Some(root @ PageRef::Stored(_)) => load(pager, root, self.id, self.level)?,
            Some(PageRef::Resident(_)) | None => return Ok(self),
        };
        Ok(Tree { root: Some(PageRef::Resident(root)), ..self })
    }

    /// The tree's id.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The root page; `None` for a tree without rows. What the pager writes.
    #[must_use]
    pub fn root(&self) -> Option<&PageRef> {
        self.root.as_ref()
    }

    /// Height of the root above the leaves.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }

    /// Number of rows, exactly.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether both are surely the same version of the same tree. `false` may also mean that one was taken before the
    /// root was written.
    #[must_use]
    pub fn same_version(&self, other: &Tree) -> bool {
        match (&self.root, &other.root) {
            (None, None) => true,
            (Some(one), Some(two)) => one.same_page(two),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    /// The value of `key`.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn get(&self, pager: &Pager, key: &[u8]) -> Result<Option<Value>> {
        self.find(pager, key, Value::in_leaf)
    }

    /// Hands the value of `key` to `read`, where it lies unless it is a large one. Pages are looked for among those `at_hand`.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn get_with<T>(
        &self,
        pager: &Pager,
        at_hand: &mut AtHand,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>> {
        let Some(Near { frame, guess }) = self.leaf_at_hand(pager, at_hand, key)? else { return Ok(None) };
        let leaf = leaf_of(frame);
        let Ok(slot) = leaf.search_near(key, guess) else { return Ok(None) };
        let cell = leaf.cell(slot);
        if cell.special {
            return Ok(Some(read(&Value::in_leaf(frame, slot).read(pager)?)));
        }
        Ok(Some(read(cell.value)))
    }

    /// The leaf in which `key` would be; none in a tree without rows.
    #[inline]
    fn leaf_at_hand<'f>(
        &'f self,
        pager: &Pager,
        at_hand: &'f mut AtHand,
        key: &[u8],
    ) -> Result<Option<Near<'f>>> {
        let Some(mut page) = self.root.as_ref() else { return Ok(None) };
        let mut level = self.level;
        // Where in the leaf the key may be, and how many rows that has.
        let mut below = (None, 0);
        let mut pointer = loop {
            match page {
                PageRef::Resident(frame) if level > 0 => {
                    pager.touched(Touched::Found, 1);
                    let node = index_of(frame);
                    let index = node.search(key);
                    let child = node.child(index);
                    if level == 1 {
                        below = (node.guess_within(index, key), child.rows);
                    }
                    page = &child.page;
                    level -= 1;
                }
                PageRef::Resident(frame) => {
                    pager.touched(Touched::Found, 1);
                    return Ok(Some(Near::new(frame, below)));
                }
                PageRef::Stored(pointer) => break *pointer,
            }
        };
        while level > 0 {
            let node = index_of(at_hand.frame(pager, &pointer, self.id, level)?);
            let index = node.search(key);
            let child = node.child(index);
            if level == 1 {
                below = (node.guess_within(index, key), child.rows);
            }
            pointer = child.page.pointer().expect("a page that has a place was written after those below it");
            level -= 1;
        }
        let frame = at_hand.frame(pager, &pointer, self.id, level)?;
        Ok(Some(Near::new(frame, below)))
    }

    /// Whether there is a row with `key`.
    ///
    /// # Errors
    /// What reading pages meets.
    pub fn contains(&self, pager: &Pager, key: &[u8]) -> Result<bool> {
        Ok(self.find(pager, key, |_, _| ())?.is_some())
    }

    /// Finds `key` and hands its leaf and slot to `found`.
    pub(crate) fn find<T>(
        &self,
        pager: &Pager,
        key: &[u8],
        found: impl FnOnce(&Arc<Frame>, usize) -> T,
    ) -> Result<Option<T>> {
        let Some(mut page) = self.root.as_ref() else { return Ok(None) };
        let mut level = self.level;
        // Down through resident frames no reference count is touched: the tree itself keeps them.
        let mut frame = loop {
            match page {
                PageRef::Resident(frame) if level > 0 => {
                    pager.touched(Touched::Found, 1);
                    let node = index_of(frame);
                    page = &node.child(node.search(key)).page;
                    level -= 1;
                }
                PageRef::Resident(frame) => {
                    pager.touched(Touched::Found, 1);
                    return Ok(leaf_of(frame).search(key).ok().map(|index| found(frame, index)));
                }
                PageRef::Stored(_) => break load(pager, page, self.id, level)?,
            }
        };
        while level > 0 {
            let node = index_of(&frame);
            let child = &node.child(node.search(key)).page;
            level -= 1;
            frame = load(pager, child, self.id, level)?;
        }
        Ok(leaf_of(&frame).search(key).ok().map(|index| found(&frame, index)))
    }

    /// A cursor over the rows, standing nowhere yet.
    #[must_use]
    pub fn cursor(&self) -> Cursor {
        Cursor::new(self.clone())
    }

    /// Gives up all rows and all pages of the tree.
    ///
    /// # Errors
    /// What reading index pages meets; the tree is then unchanged.
    pub fn free_all(&mut self, edit: &mut Edit<'_>) -> Result<()> {
        if let Some(root) = &self.root {
            edit.all_or_nothing(|edit| edit.give_up_subtree(root, self.id, self.level, true, true))?;
        }
        *self = Tree::empty(self.id);
        Ok(())
    }
}

/// Refuses keys that pages of this size do not take.
pub(crate) fn check_key(pager: &Pager, key: &[u8]) -> Result<()> {
    let limit = key_limit(pager.page_size());
    if key.len() > limit {
        return Err(TreeError::KeyTooLong { length: key.len(), limit });
    }
    Ok(())
}
