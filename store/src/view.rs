//! Views: one state of a database, to read from as long as it is kept.
//!
//! A statement reads from a view of its transaction: it does not see what it writes itself (no row is met twice), it
//! goes on seeing what it saw when a row that it waited for has moved the transaction on, and any number of tasks may
//! read from it at once. A view of the store ([`crate::Store::view`]) is a snapshot that is kept: what reads as of it,
//! and what transactions elsewhere begin on ([`crate::Session::begin_on`]).
//!
//! Invariants
//!
//! 1. A view never changes. It holds the snapshot, and the branch's token, that keep its pages from being reused.
//! 2. It holds no lock: whoever reads a tree in a transaction locks it first (`Transaction::lock_tree`). A tree that
//!    is dropped meanwhile is still there in the view.
//! 3. What a serialisable transaction reads through a view is told like all that it reads, and so is what it learns from
//!    positions; estimates, and the places at which a scan is cut into stretches, are not.

use crate::branch::Branch;
use crate::error::{StoreError, StoreResult};
use crate::forest::{TreeEntry, Version};
use crate::ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
use crate::neighbours::LeafScan;
use crate::row;
use crate::scan::{Bounds, Holding, Scan, row_at};
use crate::serializable::TransactionHandle;
use crate::session::{is_temporary, lock_name};
use crate::snapshots::Snapshot;
use crate::store::Inner;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// One state of a database. Cloning it costs nothing; tasks may share it.
#[derive(Clone)]
pub struct View {
    state: Arc<State>,
}

struct State {
    holding: Holding,
    database: DatabaseId,
    base: Arc<Version>,
    /// What the transaction had changed.
    own: BTreeMap<TreeId, Option<TreeEntry>>,
    tracked: Option<TransactionHandle>,
    /// The same of the session's temporary forest, if it has one.
    temporary: Option<View>,
}

impl View {
    pub(crate) fn of_branch(
        inner: &Arc<Inner>,
        branch: &mut Branch,
        tracked: Option<TransactionHandle>,
        temporary: Option<View>,
    ) -> StoreResult<View> {
        branch.bring_all_up(&inner.pager)?;
        let state = State {
            holding: Holding::of_branch(inner, branch),
            database: branch.database,
            base: branch.base.clone(),
            own: branch.trees.clone(),
            tracked,
            temporary,
        };
        Ok(View { state: Arc::new(state) })
    }

    pub(crate) fn of_snapshot(inner: &Arc<Inner>, database: DatabaseId, hold: Snapshot) -> StoreResult<View> {
        hold.version().forest.database(database)?;
        let base = hold.version().clone();
        let holding = Holding::of_snapshot(inner, hold);
        let own = BTreeMap::new();
        let state = State { holding, database, base, own, tracked: None, temporary: None };
        Ok(View { state: Arc::new(state) })
    }

    /// The version below what the transaction had changed, and what keeps it.
    pub(crate) fn published(&self) -> (&Arc<Version>, &Snapshot) {
        (&self.state.base, &self.state.holding.hold)
    }

    /// The newest commit that the view shows.
    pub fn commit(&self) -> CommitNumber {
        self.state.base.commit
    }

    /// The database it is of.
    pub fn database(&self) -> DatabaseId {
        self.state.database
    }

    /// One of its trees.
    ///
    /// # Errors
    /// When there is none, or the directory cannot be read.
    pub fn tree(&self, tree: TreeId) -> StoreResult<TreeView> {
        let state = &self.state;
        let inner = &state.holding.inner;
        inner.health.check_open()?;
        if let Some(temporary) = &state.temporary
            && is_temporary(tree)
        {
            return temporary.tree(tree);
        }
        let entry = match state.own.get(&tree) {
            Some(own) => own.clone(),
            None => state.base.forest.database(state.database)?.tree(&inner.pager, tree)?,
        };
        let entry = entry.ok_or(StoreError::NoSuchTree { tree })?;
        let name = lock_name(state.database, tree)?;
        Ok(TreeView { holding: state.holding.clone(), entry, name, tracked: state.tracked })
    }

    /// How many bytes the pages of one of its trees take, or of all; none for a tree that is not there.
    pub(crate) fn bytes_of(&self, tree: Option<TreeId>) -> StoreResult<u64> {
        let (inner, base) = (&self.state.holding.inner, &self.state.base);
        let database = base.forest.database(self.state.database)?;
        let trees = match tree {
            Some(tree) => database.tree(&inner.pager, tree)?.into_iter().collect(),
            None => database.trees(&inner.pager)?.into_iter().map(|(_, entry)| entry).collect::<Vec<_>>(),
        };
        let mut pages = 0;
        for entry in trees {
            pages += entry.tree.page_count(&inner.pager)?;
        }
        Ok(pages * inner.pager.page_size() as u64)
    }

    /// The commit that last changed the tree as the view shows it: with the tree's and the database's ids it names the
    /// tree's content for as long as the store is open ([`CommitNumber`] 0: none since it was opened). `None` when the
    /// transaction has changed the tree itself, or a commit has that the view does not show.
    pub fn last_change(&self, tree: TreeId) -> Option<CommitNumber> {
        let state = &self.state;
        if let Some(temporary) = &state.temporary
            && is_temporary(tree)
        {
            return temporary.last_change(tree);
        }
        if state.own.contains_key(&tree) {
            return None;
        }
        let newest = state.holding.inner.recent.last_change(state.database, tree);
        (newest <= state.base.commit).then_some(newest)
    }
}

/// One tree as a [`View`] shows it. Cloning it costs little; tasks may share it.
#[derive(Clone)]
pub struct TreeView {
    holding: Holding,
    entry: TreeEntry,
    name: TreeId,
    tracked: Option<TransactionHandle>,
}

impl TreeView {
    /// Reads a value; `None` when the key is not there.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn get(&self, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        self.get_row_with(key, |_, content| content.to_vec())
    }

    /// Hands a value to `read`, with the transaction that wrote it last in a versioned tree, without copying it unless
    /// it is a large one.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn get_row_with<R>(
        &self,
        key: &[u8],
        read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
    ) -> StoreResult<Option<R>> {
        let inner = &self.holding.inner;
        inner.health.check_open()?;
        if let Some(handle) = self.tracked {
            inner.serializable.read_point(handle, self.name, key)?;
        }
        match self.entry.tree.get(&inner.pager, key)? {
            Some(value) => Ok(Some(row::with_writer(&inner.pager, &value, self.entry.versioned, read)?)),
            None => Ok(None),
        }
    }

    /// The keys within `bounds`, both ways, one by one or a leaf at a time.
    ///
    /// # Errors
    /// When a serialisable transaction has to give way.
    pub fn scan(&self, bounds: Bounds) -> StoreResult<Scan> {
        self.holding.inner.health.check_open()?;
        self.note_range(&bounds)?;
        Ok(Scan::new(self.holding.clone(), &self.entry, bounds))
    }

    /// A scan of whole leaves.
    ///
    /// # Errors
    /// When a serialisable transaction has to give way.
    pub fn scan_leaves(&self, bounds: Bounds) -> StoreResult<LeafScan> {
        self.holding.inner.health.check_open()?;
        self.note_range(&bounds)?;
        Ok(LeafScan::new(self.holding.clone(), &self.entry, bounds))
    }

    /// As [`TreeView::scan`], with a scan of this view that is done with other keys: keys that lie near those are found
    /// sooner.
    ///
    /// # Errors
    /// When a serialisable transaction has to give way.
    pub fn scan_on(&self, scan: &mut Scan, bounds: Bounds) -> StoreResult<()> {
        self.holding.inner.health.check_open()?;
        self.note_range(&bounds)?;
        scan.begin(bounds);
        Ok(())
    }

    /// For reading many rows by their keys, one after the other.
    pub fn lookups(&self) -> Lookups {
        Lookups { cursor: self.entry.tree.cursor(), view: self.clone() }
    }

    /// How many keys lie within `bounds`, exactly: a page for each level is read at either end.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn count(&self, bounds: &Bounds) -> StoreResult<u64> {
        self.note_range(bounds)?;
        self.estimate(bounds)
    }

    /// As [`TreeView::count`], and no read of rows: for planning. (The figure is exact all the same.)
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn estimate(&self, bounds: &Bounds) -> StoreResult<u64> {
        self.holding.inner.health.check_open()?;
        let (tree, pager) = (&self.entry.tree, &self.holding.inner.pager);
        if bounds.from.is_empty() && bounds.to.is_none() {
            return Ok(tree.len());
        }
        Ok(tree.count_range(pager, &bounds.from, bounds.to.as_deref())?)
    }

    /// The key before which `position` keys stand, if there are so many: for OFFSET, for samples. Tells as much of the
    /// rows up to that key as reading them, and counts as that.
    ///
    /// # Errors
    /// When a page cannot be read, or a serialisable transaction has to give way.
    pub fn key_at(&self, position: u64) -> StoreResult<Option<Vec<u8>>> {
        let key = self.nth(position)?;
        // Up to that key and with it: the next one has a zero byte more.
        let to = key.as_ref().map(|key| [key.as_slice(), &[0]].concat());
        self.note_range(&Bounds { from: Vec::new(), to })?;
        Ok(key)
    }

    /// Hands over the values at `positions`, until one lies behind the last key: for statistics. A page for each level is read
    /// for a position; what lies between is not. No read of rows.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn sample(
        &self,
        positions: impl IntoIterator<Item = u64>,
        mut visit: impl FnMut(&[u8]),
    ) -> StoreResult<()> {
        self.holding.inner.health.check_open()?;
        let (mut cursor, pager) = (self.entry.tree.cursor(), &self.holding.inner.pager);
        for position in positions {
            if !cursor.seek_position(pager, position)? {
                break;
            }
            row::with_content(pager, &cursor.value(), self.entry.versioned, &mut visit)?;
        }
        Ok(())
    }

    fn nth(&self, position: u64) -> StoreResult<Option<Vec<u8>>> {
        self.holding.inner.health.check_open()?;
        let cursor = self.entry.tree.nth(&self.holding.inner.pager, position)?;
        Ok(cursor.is_on_row().then(|| cursor.key().to_vec()))
    }

    /// How many keys stand before `key`, exactly: as [`TreeView::count`] of those.
    ///
    /// # Errors
    /// When a page cannot be read, or a serialisable transaction has to give way.
    pub fn rank(&self, key: &[u8]) -> StoreResult<u64> {
        self.note_range(&Bounds { from: Vec::new(), to: Some(key.to_vec()) })?;
        self.keys_before(key)
    }

    fn keys_before(&self, key: &[u8]) -> StoreResult<u64> {
        self.holding.inner.health.check_open()?;
        Ok(self.entry.tree.rank(&self.holding.inner.pager, key)?)
    }

    /// Cuts `bounds` into at most `parts` stretches of about equally many keys, in order: what tasks that scan together
    /// take one by one. No stretch is empty; without any key within the bounds there is none.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn split(&self, bounds: &Bounds, parts: u64) -> StoreResult<Vec<Bounds>> {
        let (first, rows) = (self.keys_before(&bounds.from)?, self.estimate(bounds)?);
        let parts = parts.clamp(1, rows.max(1));
        let mut stretches = Vec::new();
        let mut from = bounds.from.clone();
        for part in 1..=parts {
            let to = if part == parts {
                bounds.to.clone()
            } else {
                // Positions are counted in 128 bits: rows times parts may not fit into 64.
                let before = u128::from(rows) * u128::from(part) / u128::from(parts);
                self.nth(first + before as u64)?
            };
            let next = to.clone().unwrap_or_default();
            stretches.push(Bounds { from: std::mem::replace(&mut from, next), to });
        }
        if rows == 0 {
            stretches.clear();
        }
        Ok(stretches)
    }

    /// Tells each key whose value differs from that in `older`, another version of the same tree, in order, with its value
    /// now. It costs what has changed, not what is there. For what is kept in memory of a tree (a catalog); no read of rows.
    ///
    /// # Errors
    /// When a page cannot be read, and what `visit` answers.
    pub fn changed_since<E: From<StoreError>>(
        &self,
        older: &TreeView,
        mut visit: impl FnMut(&[u8], Option<&[u8]>) -> Result<(), E>,
    ) -> Result<(), E> {
        let inner = &self.holding.inner;
        inner.health.check_open()?;
        let mut changed: Vec<(Vec<u8>, Option<btree::Value>)> = Vec::new();
        btree::diff_rows(&inner.pager, &older.entry.tree, &self.entry.tree, |key, change| {
            changed.push((key.to_vec(), change.new));
            Ok::<_, btree::TreeError>(())
        })
        .map_err(StoreError::from)?;
        for (key, value) in changed {
            let stored = value.map(|value| value.read(&inner.pager)).transpose().map_err(StoreError::from)?;
            match stored {
                Some(stored) => {
                    visit(&key, Some(row::split(&inner.pager, &stored, self.entry.versioned)?.1))?
                }
                None => visit(&key, None)?,
            }
        }
        Ok(())
    }

    fn note_range(&self, bounds: &Bounds) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let to = bounds.to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let from = Bound::Included(bounds.from.as_slice());
        Ok(self.holding.inner.serializable.read_range(handle, self.name, from, to)?)
    }
}

/// Reads rows of a [`TreeView`] by their keys, one after the other. One that lies near the row before is found sooner.
pub struct Lookups {
    view: TreeView,
    cursor: btree::Cursor,
}

impl Lookups {
    /// As [`TreeView::get_row_with`].
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn get_row_with<R>(
        &mut self,
        key: &[u8],
        read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
    ) -> StoreResult<Option<R>> {
        let inner = &self.view.holding.inner;
        inner.health.check_open()?;
        if let Some(handle) = self.view.tracked {
            inner.serializable.read_point(handle, self.view.name, key)?;
        }
        if !self.cursor.seek_exact(&inner.pager, key)? {
            return Ok(None);
        }
        row_at(&inner.pager, &self.cursor, self.view.entry.versioned, read).map(Some)
    }
}
