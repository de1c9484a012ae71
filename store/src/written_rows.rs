//! Rows that a large transaction has locked by having written them.
//!
//! A transaction that writes millions of scattered rows would need an entry in the lock table for each. When its entries
//! outgrow their budget, its branch is written to the file, and this predicate, which compares that root with the base,
//! takes the entries' place (`locks::ImplicitLocks`).
//!
//! Invariants
//!
//! 1. The roots it compares never change; what is written after them is locked by entries again.
//! 2. A key of an unversioned tree counts as written when it differs from the base: keys of unique indexes, which bulk
//!    loads lock one by one, need no entries either.
//! 3. A tree that was dropped since an earlier predicate is covered as that one covered it: a rollback may bring it back.
//! 4. When a page cannot be read it answers that the row is locked: that delays others, and misleads nobody.
//! 5. Rows of a tree of whose rows none was removed, made, or given other keys are covered as those are locked that keep
//!    their keys: whoever refers to them need not wait. One other write, and all rows of the tree are covered as that one.

use crate::branch::{Branch, Reading};
use crate::error::{StoreError, StoreResult};
use crate::forest::{TreeEntry, Version};
use crate::ids::{DatabaseId, TransactionId, TreeId};
use crate::locks::{ImplicitLocks, RowMode};
use crate::row;
use crate::session::lock_name;
use crate::snapshots::Snapshot;
use crate::store::Inner;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

/// What a transaction had written when its branch was spilled.
pub struct WrittenRows {
    inner: Weak<Inner>,
    transaction: TransactionId,
    database: DatabaseId,
    base: Arc<Version>,
    /// By lock name: the tree's id and its spilled state.
    trees: BTreeMap<TreeId, (TreeId, TreeEntry)>,
    /// Trees in which keys were written, by their ids.
    keys_written: BTreeSet<TreeId>,
    _hold: Snapshot,
    _reading: Reading,
}

impl WrittenRows {
    /// The rows that `branch`, just spilled, has written, keys and all in the trees of `keys_written`; `earlier` is what was
    /// told before.
    ///
    /// # Errors
    /// When a tree has a number that no tree can have.
    pub fn new(
        inner: &Arc<Inner>,
        branch: &mut Branch,
        transaction: TransactionId,
        keys_written: &BTreeSet<TreeId>,
        earlier: Option<&WrittenRows>,
    ) -> StoreResult<WrittenRows> {
        let mut trees = earlier.map_or_else(BTreeMap::new, |earlier| earlier.trees.clone());
        for (tree, entry) in &branch.trees {
            if let Some(entry) = entry {
                trees.insert(lock_name(branch.database, *tree)?, (*tree, entry.clone()));
            }
        }
        let (hold, reading) = branch.reader();
        Ok(WrittenRows {
            inner: Arc::downgrade(inner),
            transaction,
            database: branch.database,
            base: branch.base.clone(),
            trees,
            keys_written: keys_written.clone(),
            _hold: hold,
            _reading: reading,
        })
    }

    /// Tells `visit` each row, and how it is locked, that counts as written here and not in `later`, which was made of the same transaction.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn each_lost(
        &self,
        inner: &Inner,
        later: &WrittenRows,
        mut visit: impl FnMut(TreeId, &[u8], RowMode),
    ) -> StoreResult<()> {
        for (name, (tree, then)) in &self.trees {
            let Some((_, now)) = later.trees.get(name) else { continue };
            btree::diff_rows(&inner.pager, &then.tree, &now.tree, |key, _| {
                if self.has_written(inner, *tree, then, key)? && !later.has_written(inner, *tree, now, key)? {
                    visit(*name, key, self.mode_in(*tree, then));
                }
                Ok::<(), StoreError>(())
            })?;
        }
        Ok(())
    }

    /// How rows of a tree that count as written are locked.
    fn mode_in(&self, tree: TreeId, entry: &TreeEntry) -> RowMode {
        if entry.versioned && !self.keys_written.contains(&tree) {
            RowMode::NoKeyUpdate
        } else {
            RowMode::Update
        }
    }

    fn has_written(&self, inner: &Inner, tree: TreeId, now: &TreeEntry, key: &[u8]) -> StoreResult<bool> {
        let pager = &inner.pager;
        let value = now.tree.get(pager, key)?;
        if now.versioned
            && let Some(value) = &value
        {
            return Ok(row::writer(pager, value)? == self.transaction);
        }
        let then = self.base.forest.database(self.database)?.tree(pager, tree)?;
        let Some(then) = then else { return Ok(value.is_some()) };
        match (value, then.tree.get(pager, key)?) {
            (None, before) => Ok(before.is_some()),
            (Some(_), None) => Ok(true),
            // The key of an index: nobody's name is on it, so what changed is what was written.
            (Some(value), Some(before)) => Ok(value.read(pager)? != before.read(pager)?),
        }
    }
}

impl ImplicitLocks for WrittenRows {
    fn mode_of(&self, tree: TreeId, key: &[u8]) -> Option<RowMode> {
        let (id, now) = self.trees.get(&tree)?;
        let inner = self.inner.upgrade()?;
        match self.has_written(&inner, *id, now, key) {
            Ok(false) => None,
            Ok(true) => Some(self.mode_in(*id, now)),
            Err(_) => Some(RowMode::Update),
        }
    }
}
