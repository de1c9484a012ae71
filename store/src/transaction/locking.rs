//! Locking trees and rows without writing them.
//!
//! Invariants
//!
//! 1. After a wait for a tree it is looked up again: it may have been dropped by whoever held it.
//! 2. After a row lock was granted, the row's newest version decides, not the one in the snapshot.
//! 3. Nobody who keeps one snapshot waits for a row that was changed since: he is refused at once, as in PostgreSQL. (Who only asks
//!    that the key stays waits: it may have stayed.) He does not hold it then: who asks again is refused again.

use super::{Isolation, Transaction};
use crate::error::{StoreError, StoreResult};
use crate::ids::{DatabaseId, TreeId};
use crate::locks::{Acquired, RelationMode, RowMode, Running, WaitPolicy};
use crate::session::{is_temporary, lock_name};

/// What became of a row that was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowLock {
    /// It is as the transaction sees it.
    Held,
    /// It is held, and somebody changed or removed it since the statement's snapshot: evaluate it again (READ COMMITTED
    /// only; the base has been moved).
    HeldChanged,
    /// Somebody else holds it, and the policy was not to wait.
    Skipped,
}

impl Transaction {
    /// Locks a tree as a whole. After a wait the tree is looked up again: it may have been dropped.
    ///
    /// # Errors
    /// [`StoreError::Lock`]; [`StoreError::NoSuchTree`] when it was dropped meanwhile.
    pub fn lock_tree(&mut self, tree: TreeId, mode: RelationMode, wait: WaitPolicy) -> StoreResult<bool> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.lock_tree(tree, mode, wait);
        }
        self.check_open()?;
        let relation = crate::ids::RelationId(lock_name(self.branch.database, tree)?.0);
        let acquired = self.session.locker().lock_relation(relation, mode, wait)?;
        if acquired.waited() {
            let newest = self.inner.newest();
            let database = newest.forest.database(self.branch.database)?;
            if database.tree(&self.inner.pager, tree)?.is_none() && !self.branch.has_changed(tree) {
                return Err(StoreError::NoSuchTree { tree });
            }
        }
        Ok(acquired.is_held())
    }

    /// Waits for the transactions that hold a tree as a whole so that `mode` is kept from it, those that hold it now and nobody
    /// who comes later; it is not locked.
    ///
    /// # Errors
    /// [`StoreError::Lock`]
    pub fn await_holders(&mut self, tree: TreeId, mode: RelationMode, wait: WaitPolicy) -> StoreResult<()> {
        if self.temporary_of(tree)?.is_some() {
            // Nobody else uses it.
            return Ok(());
        }
        self.check_open()?;
        let relation = crate::ids::RelationId(lock_name(self.branch.database, tree)?.0);
        let holders = self.session.locker().holders_of(relation, mode);
        self.await_all(holders, wait)
    }

    /// Waits for the transactions of the database that keep one snapshot, which are those of the stricter levels that run now.
    ///
    /// # Errors
    /// [`StoreError::Lock`]
    pub fn await_snapshots(&mut self, wait: WaitPolicy) -> StoreResult<()> {
        self.check_open()?;
        let keepers = self.session.locker().keepers_of_snapshots(self.branch.database);
        self.await_all(keepers, wait)
    }

    fn await_all(&mut self, running: Vec<Running>, wait: WaitPolicy) -> StoreResult<()> {
        for one in running {
            self.session.locker().await_end(one, wait)?;
        }
        Ok(())
    }

    /// Locks the tree of a row that is to be locked, read or written. Only rows are skipped: as in PostgreSQL, the tree
    /// is waited for, since whoever went on without its lock would write into a tree that another is dropping.
    pub(super) fn hold_tree(
        &mut self,
        tree: TreeId,
        mode: RelationMode,
        wait: WaitPolicy,
    ) -> StoreResult<()> {
        let wait = match wait {
            WaitPolicy::Skip => WaitPolicy::FOREVER,
            WaitPolicy::Wait { .. } | WaitPolicy::NoWait => wait,
        };
        self.lock_tree(tree, mode, wait).map(|_| ())
    }

    /// Locks a row without writing it (SELECT FOR …). Unversioned trees' keys are locked the same way (unique keys).
    ///
    /// # Errors
    /// [`StoreError::Lock`]; [`StoreError::Conflict`] at the stricter levels when the row was changed since the snapshot.
    pub fn lock_row(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        wait: WaitPolicy,
    ) -> StoreResult<RowLock> {
        match self.acquire_row(tree, key, mode, wait)? {
            Some((Acquired::Skipped, _)) => Ok(RowLock::Skipped),
            Some((_, true)) => Ok(RowLock::HeldChanged),
            Some((_, false)) | None => Ok(RowLock::Held),
        }
    }

    /// As [`Transaction::lock_row`]; where that is allowed ([`Transaction::allow_ahead`]), at READ COMMITTED without waiting for
    /// those to be durable whose commits are published: a row that many change goes from one to the next while the log is written
    /// for all of them together. What the transaction sees afterwards may not be visible yet.
    ///
    /// # Errors
    /// As [`Transaction::lock_row`].
    pub fn lock_row_ahead(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        wait: WaitPolicy,
    ) -> StoreResult<RowLock> {
        let alone = self.inner.unlogged || is_temporary(tree);
        if alone || !self.may_be_ahead || self.isolation != Isolation::ReadCommitted {
            return self.lock_row(tree, key, mode, wait);
        }
        self.check_open()?;
        self.write_id()?;
        self.hold_to_lock(tree, wait)?;
        let name = lock_name(self.branch.database, tree)?;
        let (acquired, ahead) = self.session.locker().lock_row_ahead(name, key, mode, wait)?;
        let changed = match acquired {
            Acquired::Skipped => return Ok(RowLock::Skipped),
            Acquired::AlreadyHeld => false,
            Acquired::Immediately | Acquired::AfterWaitingFor(_) if ahead => {
                self.meet_published(tree, key)?
            }
            Acquired::Immediately | Acquired::AfterWaitingFor(_) => self.meet_newest(tree, key)?,
        };
        Ok(if changed { RowLock::HeldChanged } else { RowLock::Held })
    }

    /// Gives back a row that was locked just now to be written, for whoever finds that he has to wait for more; `false` if the row
    /// may have been written before: then it stays.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn let_go(&mut self, tree: TreeId, key: &[u8], mode: RowMode) -> StoreResult<bool> {
        if self.inner.unlogged || is_temporary(tree) || self.branch.has_changed(tree) {
            return Ok(false);
        }
        let name = lock_name(self.branch.database, tree)?;
        self.session.locker().give_back_row(name, key, mode);
        Ok(true)
    }

    /// A row that was locked to be written, and had been changed by others, is left as it is: it stays locked, as by
    /// `SELECT FOR UPDATE`. Where the transaction has written to the tree, the row may be one of those, and counts as written.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn leave_unwritten(&mut self, tree: TreeId, key: &[u8], mode: RowMode) -> StoreResult<()> {
        let held = mode.without_writing();
        if held == mode {
            return Ok(());
        }
        if self.inner.unlogged || is_temporary(tree) || self.branch.has_changed(tree) {
            return Ok(());
        }
        let name = lock_name(self.branch.database, tree)?;
        let mut locker = self.session.locker();
        locker.keep_row(name, key, held);
        locker.give_back_row(name, key, mode);
        Ok(())
    }

    /// Locks a key of a tree of another database, which the transaction does not look at otherwise, and tells whether it stands
    /// there now.
    ///
    /// # Errors
    /// [`StoreError::Lock`]; when there is no such database or tree, or a page cannot be read.
    pub fn hold_elsewhere(
        &mut self,
        (database, tree): (DatabaseId, TreeId),
        key: &[u8],
        mode: RowMode,
        wait: WaitPolicy,
    ) -> StoreResult<bool> {
        self.check_open()?;
        self.write_id()?;
        let name = lock_name(database, tree)?;
        if self.session.locker().lock_row(name, key, mode, wait)? == Acquired::Skipped {
            return Err(StoreError::RowSkipped { tree });
        }
        let newest = self.inner.snapshots.take();
        let pager = &self.inner.pager;
        let entry = newest.version().forest.database(database)?.tree(pager, tree)?;
        let entry = entry.ok_or(StoreError::NoSuchTree { tree })?;
        Ok(entry.tree.get(pager, key)?.is_some())
    }

    /// As [`Transaction::lock_row`]: how the lock was had, and whether the row was changed since the statement's snapshot.
    /// None where nobody else is there.
    pub(super) fn acquire_row(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        wait: WaitPolicy,
    ) -> StoreResult<Option<(Acquired, bool)>> {
        if let Some(half) = self.temporary_of(tree)? {
            return half.acquire_row(tree, key, mode, wait);
        }
        self.check_open()?;
        self.write_id()?;
        self.hold_to_lock(tree, wait)?;
        if self.inner.unlogged {
            return Ok(None);
        }
        let name = lock_name(self.branch.database, tree)?;
        let is_outdated = || self.is_outdated(tree, key);
        let mut locker = self.session.locker();
        let acquired = if self.isolation == Isolation::ReadCommitted || mode == RowMode::KeyShare {
            Some(locker.lock_row(name, key, mode, wait)?)
        } else if mode.conflicts_with(RowMode::Unwritten) {
            locker.lock_row_with_a_look(name, key, mode, wait, &is_outdated)?
        } else {
            // Who does not write waits on: in PostgreSQL he wants the newest version of the row, too, and is refused then.
            match locker.lock_free_row(name, key, mode) {
                Some(acquired) => Some(acquired),
                None if is_outdated() => None,
                None => Some(locker.lock_row(name, key, mode, wait)?),
            }
        };
        drop(locker);
        let Some(acquired) = acquired else {
            self.meet_newest(tree, key)?;
            return Ok(Some((Acquired::Skipped, false)));
        };
        let changed = match acquired {
            Acquired::Skipped | Acquired::AlreadyHeld => false,
            Acquired::Immediately | Acquired::AfterWaitingFor(_) => {
                let met = self.meet_newest(tree, key);
                if met.is_err() {
                    // Held already, it would not be looked at again by who asks again.
                    self.session.locker().give_back_row(name, key, mode);
                }
                met?
            }
        };
        Ok(Some((acquired, changed)))
    }
}
