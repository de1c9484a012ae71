//! What a transaction reads: its base with its own writes on it.
//!
//! Invariants
//!
//! 1. A tree is locked against being dropped before it is read; it is looked up once for each base.
//! 2. A serialisable transaction says what it reads before it reads it.
//! 3. What is read is visible, unless somebody has said that nobody will hear of it ([`Transaction::allow_ahead`]).

use super::Transaction;
use super::opened::OpenedTrees;
use crate::branch::Branch;
use crate::error::{StoreError, StoreResult};
use crate::forest::TreeEntry;
use crate::ids::{CommitNumber, TransactionId, TreeId};
use crate::locks::RelationMode;
use crate::row;
use crate::scan::{Bounds, Holding, Scan};
use crate::view::View;
use btree::KeyParts;
use std::ops::ControlFlow;

impl Transaction {
    /// Reads a value; `None` when the key is not there.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        self.get_with(tree, key, <[u8]>::to_vec)
    }

    /// Reads a value without copying it (unless it is a large one).
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get_with<R>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> R,
    ) -> StoreResult<Option<R>> {
        self.get_row_with(tree, key, |_, content| read(content))
    }

    /// Whether the key is there.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn contains(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        Ok(self.get_with(tree, key, |_| ())?.is_some())
    }

    /// The number of keys in a tree, without a scan.
    ///
    /// # Errors
    /// When the tree does not exist.
    pub fn count(&mut self, tree: TreeId) -> StoreResult<u64> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.count(tree);
        }
        let rows = self.readable(tree)?.tree.len();
        self.note_range(tree, &Bounds::all())?;
        Ok(rows)
    }

    /// How many levels of pages a tree has: 1 for a single leaf, 0 for an empty tree. Not a read of its rows.
    ///
    /// # Errors
    /// When the tree does not exist.
    pub fn levels(&mut self, tree: TreeId) -> StoreResult<u32> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.levels(tree);
        }
        let tree = &self.readable(tree)?.tree;
        Ok(if tree.is_empty() { 0 } else { u32::from(tree.level()) + 1 })
    }

    /// The keys within `bounds`, both ways. The scan shows the tree as it is now, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the tree does not exist.
    pub fn scan(&mut self, tree: TreeId, bounds: Bounds) -> StoreResult<Scan> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.scan(tree, bounds);
        }
        let entry = self.readable(tree)?.clone();
        self.note_range(tree, &bounds)?;
        Ok(Scan::new(Holding::of_branch(&self.inner, &mut self.branch), &entry, bounds))
    }

    /// Hands over the rows of the keys within `bounds` as the transaction sees them now, in their order, until it is told to
    /// stop: for a few of them. A scan reads many.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn each_within(
        &mut self,
        tree: TreeId,
        bounds: &Bounds,
        mut visit: impl FnMut(KeyParts<'_>, &[u8]) -> ControlFlow<()>,
    ) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.each_within(tree, bounds, visit);
        }
        self.open_to_read(tree)?;
        self.note_range(tree, bounds)?;
        let (pager, entry) = (&self.inner.pager, entry_of(&self.branch, &self.opened, tree)?);
        let range = (bounds.from.as_slice(), bounds.to.as_deref());
        entry.tree.each_within(pager, &mut self.at_hand, range, &mut |key, stored| {
            Ok::<_, StoreError>(visit(key, row::split(pager, stored, entry.versioned)?.1))
        })
    }

    /// As [`Transaction::get_with`]; `read` is also told who wrote the row last, in a versioned tree.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get_row_with<R>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
    ) -> StoreResult<Option<R>> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.get_row_with(tree, key, read);
        }
        self.open_to_read(tree)?;
        self.note_read(tree, key)?;
        let (pager, entry) = (&self.inner.pager, entry_of(&self.branch, &self.opened, tree)?);
        let found = entry.tree.get_with(pager, &mut self.at_hand, key, |stored| {
            row::split(pager, stored, entry.versioned).map(|(writer, content)| read(writer, content))
        })?;
        found.transpose()
    }

    /// As [`View::last_change`], without a view.
    pub fn last_change(&mut self, tree: TreeId) -> Option<CommitNumber> {
        match self.temporary_of(tree) {
            Ok(Some(half)) => return half.last_change(tree),
            Ok(None) => {}
            // Of what cannot be read nothing is known.
            Err(_) => return None,
        }
        if self.branch.has_changed(tree) {
            return None;
        }
        let newest = self.inner.recent.last_change(self.branch.database, tree);
        (newest <= self.branch.base.commit).then_some(newest)
    }

    /// Whether a commit has changed the tree that the transaction does not see, as its snapshot is older. With the relation
    /// locked the answer stays true until the transaction ends, or moves its snapshot.
    ///
    /// # Errors
    /// When the tree is a temporary one that cannot be opened.
    pub fn has_newer(&mut self, tree: TreeId) -> StoreResult<bool> {
        if self.temporary_of(tree)?.is_some() {
            // Nobody else writes it.
            return Ok(false);
        }
        Ok(self.inner.recent.last_change(self.branch.database, tree) > self.branch.base.commit)
    }

    /// Everything as the transaction sees it now, for as long as the view is kept and whatever is written or refreshed
    /// meanwhile: what a statement reads from. From then on each page that the transaction has made and writes again is
    /// copied once, so a statement on a row or two is better off without.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn view(&mut self) -> StoreResult<View> {
        self.check_open()?;
        self.settle_to_read()?;
        let temporary = match self.temporary()? {
            Some(half) => Some(half.view()?),
            None => None,
        };
        View::of_branch(&self.inner, &mut self.branch, self.tracked, temporary)
    }

    /// The same for whoever reads this tree alone, and what is temporary: others' changes that are not visible yet are waited for
    /// only if they are in it.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn view_of(&mut self, tree: TreeId) -> StoreResult<View> {
        let newest = self.inner.recent.last_change(self.branch.database, tree);
        let allowed = self.may_be_ahead;
        self.may_be_ahead |= newest <= self.inner.snapshots.visible_commit();
        let view = self.view();
        self.may_be_ahead = allowed;
        view
    }

    /// The tree to be read, locked against being dropped.
    pub(super) fn readable(&mut self, tree: TreeId) -> StoreResult<&TreeEntry> {
        self.open_to_read(tree)?;
        self.opened_entry(tree)
    }

    /// Has [`Transaction::opened_entry`] know a tree, which is locked against being dropped. Looked up once for each base, on
    /// which the transaction's own changes are carried out before.
    #[inline]
    fn open_to_read(&mut self, tree: TreeId) -> StoreResult<()> {
        self.check_open()?;
        self.settle_to_read()?;
        self.branch.bring_up(&self.inner.pager, tree)?;
        if self.opened.get(tree).is_none() {
            self.hold_tree(tree, RelationMode::AccessShare, self.wait)?;
            let database = self.branch.base.forest.database(self.branch.database)?;
            let pager = &self.inner.pager;
            let entry = match database.tree(pager, tree)? {
                Some(entry) if self.opened.has_room_for_a_root() => {
                    Some(TreeEntry { tree: entry.tree.holding_root(pager)?, ..entry })
                }
                entry => entry,
            };
            self.opened.insert(tree, entry);
        }
        Ok(())
    }

    pub(super) fn opened_entry(&self, tree: TreeId) -> StoreResult<&TreeEntry> {
        entry_of(&self.branch, &self.opened, tree)
    }
}

/// The tree as a branch has changed it, or as its base has it, which was opened.
fn entry_of<'t>(branch: &'t Branch, opened: &'t OpenedTrees, tree: TreeId) -> StoreResult<&'t TreeEntry> {
    let entry = match branch.trees.get(&tree) {
        Some(own) => own.as_ref(),
        None => opened.get(tree).and_then(Option::as_ref),
    };
    entry.ok_or(StoreError::NoSuchTree { tree })
}
