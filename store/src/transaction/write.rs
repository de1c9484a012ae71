//! What a transaction writes: rows, ranges, trees.
//!
//! Invariants
//!
//! 1. Locks and the look at the newest version come first (`writable`, `exclusive`), the edit last.
//! 2. A serialisable transaction that is told what a deletion met has read it, whether or not the deletion stands.
//! 3. Nobody holds a tree's entry while the tree is edited: the root would be shared, and every change would copy a path
//!    instead of editing it in place.

use super::Transaction;
use crate::error::{ConflictAction, StoreError, StoreResult};
use crate::forest::TreeEntry;
use crate::ids::{TransactionId, TreeId};
use crate::locks::{Acquired, RelationMode, RowMode, WaitPolicy};
use crate::recent::MOVED_ROWS_MAX;
use crate::record::Operation;
use crate::row;
use crate::scan::Bounds;
use crate::session::lock_name;

/// The memory in which a row is put together is kept for the next one, unless it is more than this.
const STORED_ROW_MAX: usize = 64 << 10;

/// Of so many trees it is known without asking that they are locked to be written: a table and its indexes.
const HELD_MAX: usize = 8;

impl Transaction {
    /// Sets a key's value: waits for whoever holds the row, refuses or moves on if it was changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Lock`], and what reading and writing pages may meet.
    pub fn put(&mut self, tree: TreeId, key: &[u8], value: &[u8]) -> StoreResult<()> {
        self.put_locked(tree, key, value, RowMode::Update)
    }

    /// As [`Transaction::put`], for a new value of a row whose own keys stay as they are: whoever holds it `KeyShare`,
    /// because other rows refer to it, neither waits nor is waited for (an UPDATE of other columns, in PostgreSQL).
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn put_keeping_keys(&mut self, tree: TreeId, key: &[u8], value: &[u8]) -> StoreResult<()> {
        self.put_locked(tree, key, value, RowMode::NoKeyUpdate)
    }

    fn put_locked(&mut self, tree: TreeId, key: &[u8], value: &[u8], mode: RowMode) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.put_locked(tree, key, value, mode);
        }
        row::check_length(value)?;
        let (id, versioned) = self.writable(tree, key, mode)?;
        if !versioned {
            return self.apply(&Operation::Put { tree: tree.0, key, value }).map(drop);
        }
        let mut stored = std::mem::take(&mut self.stored_row);
        row::encode(id, value, &mut stored);
        let result = self.apply(&Operation::Put { tree: tree.0, key, value: &stored });
        self.keep_stored_row(stored);
        result.map(drop)
    }

    pub(super) fn keep_stored_row(&mut self, mut stored: Vec<u8>) {
        if stored.capacity() <= STORED_ROW_MAX {
            stored.clear();
            self.stored_row = stored;
        }
    }

    /// Removes a key; `false` when it is not there.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn delete(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.delete(tree, key);
        }
        self.writable(tree, key, RowMode::Update)?;
        self.note_read(tree, key)?;
        self.apply(&Operation::Delete { tree: tree.0, key })
    }

    /// Removes a row that is locked to be removed ([`Transaction::lock_row`] with [`RowMode::Update`], which has looked at what is
    /// newest), and appends what it was to `content`. `false`, and nothing is done, where that takes more than one look at the
    /// row: it is to be read then, and removed by [`Transaction::delete_row`].
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn take_row(&mut self, tree: TreeId, key: &[u8], content: &mut Vec<u8>) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.take_row(tree, key, content);
        }
        if self.tracked.is_some() {
            return Ok(false);
        }
        self.settle_to_read()?;
        self.begin_deletion(tree)?;
        let operation = Operation::Delete { tree: tree.0, key };
        self.make_room_for(operation.size())?;
        let pager = &self.inner.pager;
        let Some(versioned) = self.branch.is_versioned(pager, tree)? else { return Ok(false) };
        let mut stored = std::mem::take(&mut self.stored_row);
        let taken = self.branch.take(pager, tree, key, &mut stored);
        if let Ok(true) = taken {
            self.edits_since_spill += 1;
            content.extend_from_slice(row::split(pager, &stored, versioned)?.1);
        }
        self.keep_stored_row(stored);
        taken
    }

    /// Removes the entries of a row that was removed ([`Transaction::take_row`]).
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn delete_entries<'e>(
        &mut self,
        entries: impl Iterator<Item = (TreeId, &'e [u8])>,
    ) -> StoreResult<()> {
        for (index, key) in entries {
            if let Some(half) = self.temporary_of(index)? {
                half.delete(index, key)?;
                continue;
            }
            self.hold_to_write(index)?;
            self.apply(&Operation::Delete { tree: index.0, key })?;
        }
        Ok(())
    }

    /// Before a row is removed that is locked for that.
    fn begin_deletion(&mut self, tree: TreeId) -> StoreResult<()> {
        let id = self.write_id()?;
        self.hold_to_write(tree)?;
        self.keys_written.insert(tree);
        if self.session.locker().wants_escalation() {
            self.bound_lock_memory(id)?;
        }
        Ok(())
    }

    /// Removes a row with its entries in indexes; `false` when it is not there: nothing is removed then. It is locked to be
    /// removed ([`Transaction::lock_row`] with [`RowMode::Update`], which has looked at what is newest; if not, that is done
    /// here), and its entries are those that it has since.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn delete_row<'e>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        entries: impl Iterator<Item = (TreeId, &'e [u8])> + Clone,
    ) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.delete_row(tree, key, entries);
        }
        // Who has not locked the row has not looked at what is newest either: that is done then.
        if self.tracked.is_some() || !self.is_locked_to_write(tree, key)? {
            return self.delete_one_by_one(tree, key, entries);
        }
        self.begin_deletion(tree)?;
        for (index, _) in entries.clone() {
            self.hold_to_write(index)?;
        }
        if !self.apply(&Operation::Delete { tree: tree.0, key })? {
            return Ok(false);
        }
        for (index, key) in entries {
            self.apply(&Operation::Delete { tree: index.0, key })?;
        }
        Ok(true)
    }

    /// Says of a row that has just been removed that it goes on in another tree, so that who waited for it can tell.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn note_moved(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.note_moved(tree, key);
        }
        if self.branch.moved.len() < MOVED_ROWS_MAX {
            self.branch.moved.push((tree, key.into()));
        }
        Ok(())
    }

    /// Whether a row that others have removed went on in another tree.
    pub fn was_moved(&self, tree: TreeId, key: &[u8]) -> bool {
        self.inner.recent.was_moved(self.branch.database, tree, key)
    }

    /// Whether nobody else may write a row, as far as that is listed: what was written before locks became too many is locked
    /// by that.
    fn is_locked_to_write(&self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        let name = lock_name(self.branch.database, tree)?;
        Ok(self.written.is_some()
            || self.is_alone(tree)?
            || self.session.locker().row_mode(name, key) == Some(RowMode::Update))
    }

    /// As [`Transaction::delete_row`], with each removal locked and told of.
    fn delete_one_by_one<'e>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mut entries: impl Iterator<Item = (TreeId, &'e [u8])>,
    ) -> StoreResult<bool> {
        if !self.delete(tree, key)? {
            return Ok(false);
        }
        entries.try_for_each(|(index, key)| self.delete(index, key).map(drop))?;
        Ok(true)
    }

    /// Removes every key from `from` up to, not including, `to` (or to the end) under an exclusive lock on the tree;
    /// whole pages go without being read. Returns how many keys went.
    ///
    /// # Errors
    /// As [`Transaction::put`]; at the stricter levels a conflict if anybody changed the tree since the snapshot.
    pub fn delete_range(&mut self, tree: TreeId, from: &[u8], to: Option<&[u8]>) -> StoreResult<u64> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.delete_range(tree, from, to);
        }
        let before = self.exclusive(tree)?.tree.len();
        self.note_range(tree, &Bounds { from: from.to_vec(), to: to.map(<[u8]>::to_vec) })?;
        self.note_range_write(tree, from, to)?;
        self.apply(&Operation::DeleteRange { tree: tree.0, from, to })?;
        let after = self.branch.entry(&self.inner.pager, tree)?.map_or(0, |entry| entry.tree.len());
        Ok(before - after)
    }

    /// Makes a tree. A versioned one keeps each row's writer, which is how conflicts on rows are found; an unversioned
    /// one is for entries that follow from rows (indexes), whose rows are locked instead.
    ///
    /// # Errors
    /// When the transaction cannot write.
    pub fn create_tree(&mut self, versioned: bool) -> StoreResult<TreeId> {
        self.write_id()?;
        let tree = self.inner.new_tree()?;
        self.hold_tree(tree, RelationMode::AccessExclusive, self.wait)?;
        self.apply(&Operation::CreateTree { tree: tree.0, versioned })?;
        Ok(tree)
    }

    /// Drops a tree, under an exclusive lock.
    ///
    /// # Errors
    /// As [`Transaction::delete_range`].
    pub fn drop_tree(&mut self, tree: TreeId) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.drop_tree(tree);
        }
        self.exclusive(tree)?;
        self.note_range_write(tree, &[], None)?;
        self.apply(&Operation::DropTree { tree: tree.0 }).map(drop)
    }

    /// Forgets a sequence when the transaction commits.
    ///
    /// # Errors
    /// When the transaction cannot write.
    pub fn drop_sequence(&mut self, sequence: crate::sequence::SequenceId) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(TreeId(sequence.0))? {
            return half.drop_sequence(sequence);
        }
        self.write_id()?;
        self.apply(&Operation::DropSequence { sequence: sequence.0 }).map(drop)
    }

    /// Everything before a row is written: locks, and the look at the newest version.
    /// Gives the tree's kind and not its entry: whoever held on to an entry while changing the tree would share the
    /// tree's root with it, and every change would copy a path instead of editing it in place.
    fn writable(&mut self, tree: TreeId, key: &[u8], mode: RowMode) -> StoreResult<(TransactionId, bool)> {
        let id = self.write_id()?;
        self.hold_to_write(tree)?;
        let versioned =
            self.branch.is_versioned(&self.inner.pager, tree)?.ok_or(StoreError::NoSuchTree { tree })?;
        let mut locker = self.session.locker();
        // In a temporary forest nobody else is there.
        if versioned && !self.inner.unlogged {
            let name = lock_name(self.branch.database, tree)?;
            if locker.lock_row(name, key, mode, self.wait)? == Acquired::Skipped {
                return Err(StoreError::RowSkipped { tree });
            }
        }
        let too_many_locks = locker.wants_escalation();
        drop(locker);
        if mode == RowMode::Update {
            self.keys_written.insert(tree);
        }
        self.meet_newest(tree, key)?;
        self.note_write(tree, key)?;
        if too_many_locks {
            self.bound_lock_memory(id)?;
        }
        Ok((id, versioned))
    }

    /// Locks a tree so that its rows may be written.
    #[inline]
    pub(super) fn hold_to_write(&mut self, tree: TreeId) -> StoreResult<()> {
        if !self.held_to_write.contains(&tree) {
            self.hold_tree(tree, RelationMode::RowExclusive, self.wait)?;
            note_held(&mut self.held_to_write, tree);
        }
        Ok(())
    }

    /// Locks a tree so that its keys may be locked.
    #[inline]
    pub(super) fn hold_to_lock(&mut self, tree: TreeId, wait: WaitPolicy) -> StoreResult<()> {
        if !self.held_to_lock.contains(&tree) {
            self.hold_tree(tree, RelationMode::RowShare, wait)?;
            note_held(&mut self.held_to_lock, tree);
        }
        Ok(())
    }

    /// The tree, locked against everyone else and on its newest state.
    fn exclusive(&mut self, tree: TreeId) -> StoreResult<TreeEntry> {
        self.write_id()?;
        self.settle()?;
        self.hold_tree(tree, RelationMode::AccessExclusive, self.wait)?;
        let pager = &self.inner.pager;
        let newest = self.inner.newest();
        let now = newest.forest.database(self.branch.database)?.tree(pager, tree)?;
        let then = self.branch.base.forest.database(self.branch.database)?.tree(pager, tree)?;
        let changed = match (&now, &then) {
            (Some(now), Some(then)) => !now.tree.same_version(&then.tree),
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        };
        if changed {
            self.conflict_or_move(tree, ConflictAction::Update)?;
        }
        self.branch.entry(&self.inner.pager, tree)?.ok_or(StoreError::NoSuchTree { tree })
    }

    fn apply(&mut self, operation: &Operation<'_>) -> StoreResult<bool> {
        self.make_room_for(operation.size())?;
        let done = self.branch.apply(&self.inner.pager, operation)?;
        self.edits_since_spill += 1;
        Ok(done)
    }
}

fn note_held(held: &mut Vec<TreeId>, tree: TreeId) {
    if held.len() == HELD_MAX {
        held.clear();
    }
    held.push(tree);
}
