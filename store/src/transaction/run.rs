//! Runs of new rows: what a statement that makes many writes together.
//!
//! Whoever makes rows knows that nobody has them: their numbers are new. What is left to be asked is who has their keys, and
//! that is asked for all of a run.
//!
//! Invariants
//!
//! 1. As for single rows, locks come first, then the look at what is newest, the edit last.
//! 2. Keys are locked together only if nobody has to be waited for, and nobody has one of them; otherwise whoever asks has
//!    locked nothing, and asks for each in its turn ([`Transaction::lock_key`]). So who waits for whom does not depend on it.
//! 3. Of a run that fails, the rows before the one that failed are written, and undone with the statement.

use super::Transaction;
use crate::error::{StoreError, StoreResult};
use crate::ids::TreeId;
use crate::locks::{Acquired, LockedRun, RelationMode, RowMode};
use crate::row;
use crate::session::lock_name;
use btree::RunRow;

/// Bytes of rows that are written together: so much memory more than it is bound to may a run take.
const TOGETHER_BYTES: usize = 256 << 10;

/// What a new row has in an index.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'r> {
    /// The index.
    pub tree: TreeId,
    /// The entry.
    pub row: RunRow<'r>,
    /// Whether nobody else may have its key.
    pub alone: bool,
}

/// A new row's entries are no more than that, or go another way.
const KEYS_MAX: usize = u64::BITS as usize;

/// What was locked of a new row.
#[derive(Default)]
struct LockedRow {
    /// Which of its keys were not held before, a bit for each entry.
    keys: u64,
    /// Whether the transaction has more locks than it may list.
    too_many: bool,
}

impl Transaction {
    /// The longest key that a tree takes.
    pub fn longest_key(&self) -> usize {
        btree::key_limit(self.inner.pager.page_size())
    }

    /// Locks keys that stand once, of rows that are about to be made: for each index its keys, going up. `false` if somebody
    /// has or holds one of them, or if each has to be told of: nothing is locked then that was not.
    ///
    /// # Errors
    /// As [`Transaction::lock_row`], but for what follows from waiting for a row.
    pub fn lock_new_keys(&mut self, runs: &[(TreeId, &[RunRow<'_>])]) -> StoreResult<bool> {
        if self.tracked.is_some() {
            return Ok(false);
        }
        let mut locked = Vec::with_capacity(runs.len());
        let mut free = true;
        for (index, rows) in runs {
            free = free && self.lock_new_run(*index, rows, &mut locked)?;
        }
        if !free {
            let mut locker = self.session.locker();
            locked.iter().for_each(|run| locker.give_back_run(run));
        }
        Ok(free)
    }

    fn lock_new_run<'k>(
        &mut self,
        index: TreeId,
        rows: &[RunRow<'k>],
        locked: &mut Vec<LockedRun<'k>>,
    ) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(index)? {
            return half.lock_new_run(index, rows, locked);
        }
        self.check_open()?;
        self.write_id()?;
        self.hold_to_lock(index, self.wait)?;
        if !self.is_alone(index)? {
            let name = lock_name(self.branch.database, index)?;
            let keys = rows.iter().map(|row| row.key);
            match self.session.locker().lock_run(name, keys, RowMode::Update) {
                Some(run) => locked.push(run),
                None => return Ok(false),
            }
        }
        self.nobody_has(index, rows)
    }

    /// Whether nobody else can come to a tree, so that its rows need no locks.
    pub(super) fn is_alone(&self, tree: TreeId) -> StoreResult<bool> {
        let relation = crate::ids::RelationId(lock_name(self.branch.database, tree)?.0);
        Ok(self.inner.unlogged
            || self.session.locker().holds_relation(relation, RelationMode::AccessExclusive))
    }

    /// Whether some keys, which are locked, are neither in what the transaction sees, nor in its base, nor in what is newest.
    fn nobody_has(&mut self, tree: TreeId, rows: &[RunRow<'_>]) -> StoreResult<bool> {
        let pager = &self.inner.pager;
        if let Some(entry) = self.branch.tree(pager, tree)?.as_deref()
            && entry.tree.has_any(pager, rows)?
        {
            return Ok(false);
        }
        if self.inner.snapshots.visible_commit() <= self.branch.base.commit {
            return Ok(true);
        }
        let newest = self.inner.newest();
        let then = self.branch.base.forest.database(self.branch.database)?.tree(pager, tree)?;
        let now = newest.forest.database(self.branch.database)?.tree(pager, tree)?;
        match (then, now) {
            (None, None) => Ok(true),
            (Some(then), Some(now)) if now.tree.same_version(&then.tree) => Ok(true),
            (Some(then), Some(now)) => {
                Ok(!then.tree.has_any(pager, rows)? && !now.tree.has_any(pager, rows)?)
            }
            (Some(_), None) | (None, Some(_)) => Ok(false),
        }
    }

    /// Writes rows that nobody has, their keys going up: those of new rows by their numbers, and entries of indexes that name
    /// such a row or were locked by [`Transaction::lock_new_keys`].
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn put_run(&mut self, tree: TreeId, rows: &[RunRow<'_>]) -> StoreResult<()> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.put_run(tree, rows);
        }
        let id = self.write_id()?;
        self.hold_to_write(tree)?;
        let versioned =
            self.branch.is_versioned(&self.inner.pager, tree)?.ok_or(StoreError::NoSuchTree { tree })?;
        if versioned && !self.is_alone(tree)? {
            self.lock_rows(tree, rows)?;
        }
        self.keys_written.insert(tree);
        rows.iter().try_for_each(|row| self.note_new(tree, row.key))?;
        if self.session.locker().wants_escalation() {
            self.bound_lock_memory(id)?;
        }
        let mut stored = std::mem::take(&mut self.stored_row);
        let mut rest = rows;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|row| {
                bytes += row.key.len() + row.value.len();
                bytes <= TOGETHER_BYTES
            });
            let (now, later) = rest.split_at(fits.count().max(1));
            rest = later;
            if !versioned {
                now.iter().try_for_each(|row| row::check_length(row.value))?;
                self.apply_run(tree, now)?;
                continue;
            }
            stored.clear();
            let mut ends = Vec::with_capacity(now.len());
            for row in now {
                row::check_length(row.value)?;
                row::encode(id, row.value, &mut stored);
                ends.push(stored.len());
            }
            let mut start = 0;
            let with_writer = now.iter().zip(ends).map(|(row, end)| {
                let value = &stored[start..end];
                start = end;
                RunRow { key: row.key, value }
            });
            let with_writer: Vec<RunRow<'_>> = with_writer.collect();
            self.apply_run(tree, &with_writer)?;
        }
        self.keep_stored_row(stored);
        Ok(())
    }

    /// Writes a row that nobody has, by its number, with its entries in indexes. `false` if somebody has or holds one of the
    /// keys that stand once, or if each has to be told of: nothing is written or locked then that was not before.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn put_new_row<'r>(
        &mut self,
        tree: TreeId,
        row: RunRow<'_>,
        entries: impl Iterator<Item = NewEntry<'r>> + Clone,
    ) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.put_new_row(tree, row, entries);
        }
        if self.tracked.is_some() || entries.clone().count() > KEYS_MAX {
            return Ok(false);
        }
        row::check_length(row.value)?;
        let id = self.write_id()?;
        self.hold_to_write(tree)?;
        for entry in entries.clone() {
            self.hold_to_write(entry.tree)?;
            if entry.alone {
                self.hold_to_lock(entry.tree, self.wait)?;
            }
        }
        let Some(locked) = self.lock_new_row(tree, row.key, entries.clone())? else { return Ok(false) };
        self.keys_written.insert(tree);
        if locked.too_many {
            self.bound_lock_memory(id)?;
        }
        let mut stored = std::mem::take(&mut self.stored_row);
        row::encode(id, row.value, &mut stored);
        let size = |row: RunRow<'_>| row.key.len() + row.value.len() + 8;
        let bytes = entries.clone().map(|entry| size(entry.row)).sum::<usize>() + size(row);
        self.make_room_for(bytes + row::WRITER_BYTES)?;
        let written = self.put_looked_at(tree, RunRow { key: row.key, value: &stored }, entries.clone());
        self.keep_stored_row(stored);
        if !written? {
            self.give_back_new(&locked, entries)?;
            return Ok(false);
        }
        Ok(true)
    }

    /// Locks a new row, and those of its keys that stand once. None, and nothing is locked that was not, if a key is not free.
    fn lock_new_row<'r>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        entries: impl Iterator<Item = NewEntry<'r>> + Clone,
    ) -> StoreResult<Option<LockedRow>> {
        let mut locked = LockedRow::default();
        if self.inner.unlogged {
            return Ok(Some(locked));
        }
        let database = self.branch.database;
        let mut locker = self.session.locker();
        for (place, entry) in entries.clone().enumerate().filter(|(_, entry)| entry.alone) {
            match locker.lock_free_row(lock_name(database, entry.tree)?, entry.row.key, RowMode::Update) {
                Some(Acquired::AlreadyHeld) => {}
                Some(Acquired::Immediately | Acquired::AfterWaitingFor(_)) => locked.keys |= 1 << place,
                Some(Acquired::Skipped) | None => {
                    drop(locker);
                    self.give_back_new(&locked, entries)?;
                    return Ok(None);
                }
            }
        }
        if locker.lock_row(lock_name(database, tree)?, key, RowMode::Update, self.wait)? == Acquired::Skipped
        {
            return Err(StoreError::RowSkipped { tree });
        }
        locked.too_many = locker.wants_escalation();
        Ok(Some(locked))
    }

    fn give_back_new<'r>(
        &self,
        locked: &LockedRow,
        entries: impl Iterator<Item = NewEntry<'r>>,
    ) -> StoreResult<()> {
        let mut locker = self.session.locker();
        for (_, entry) in entries.enumerate().filter(|(place, _)| locked.keys >> place & 1 != 0) {
            let name = lock_name(self.branch.database, entry.tree)?;
            locker.give_back_row(name, entry.row.key, RowMode::Update);
        }
        Ok(())
    }

    /// Writes a row with its entries, all of which are locked, unless somebody has one of their keys: nothing is written then.
    fn put_looked_at<'r>(
        &mut self,
        tree: TreeId,
        stored: RunRow<'_>,
        entries: impl Iterator<Item = NewEntry<'r>> + Clone,
    ) -> StoreResult<bool> {
        let newest = self.inner.snapshots.visible_commit() <= self.branch.base.commit;
        let mut first = None;
        for (place, entry) in entries.clone().enumerate().filter(|(_, entry)| entry.alone) {
            if newest && first.is_none() {
                // It is looked for where it is put in.
                first = Some((place, entry));
            } else if !self.nobody_has(entry.tree, &[entry.row])? {
                return Ok(false);
            }
        }
        if let Some((_, entry)) = first
            && !self.branch.put_new(&self.inner.pager, entry.tree, entry.row)?
        {
            return Ok(false);
        }
        let of_row = std::iter::once((tree, stored));
        let first = first.map(|(place, _)| place);
        let others = entries.enumerate().filter(|(place, _)| first != Some(*place));
        for (tree, row) in of_row.chain(others.map(|(_, entry)| (entry.tree, entry.row))) {
            let new = self.branch.put_new(&self.inner.pager, tree, row)?;
            debug_assert!(new, "somebody has the number of a new row");
            self.edits_since_spill += 1;
        }
        Ok(true)
    }

    /// Locks rows to be written, together if that can be done.
    fn lock_rows(&mut self, tree: TreeId, rows: &[RunRow<'_>]) -> StoreResult<()> {
        let name = lock_name(self.branch.database, tree)?;
        let mut locker = self.session.locker();
        if locker.lock_run(name, rows.iter().map(|row| row.key), RowMode::Update).is_some() {
            return Ok(());
        }
        for row in rows {
            if locker.lock_row(name, row.key, RowMode::Update, self.wait)? == Acquired::Skipped {
                return Err(StoreError::RowSkipped { tree });
            }
        }
        Ok(())
    }

    fn apply_run(&mut self, tree: TreeId, rows: &[RunRow<'_>]) -> StoreResult<()> {
        self.make_room_for(rows.iter().map(|row| row.key.len() + row.value.len() + 8).sum())?;
        let done = self.branch.put_run(&self.inner.pager, tree, rows);
        self.edits_since_spill += rows.len();
        done
    }
}
