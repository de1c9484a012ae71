//! What others committed since the transaction's base, and moving on to it.
//!
//! Invariants
//!
//! 1. Only READ COMMITTED moves its base; the stricter levels refuse to write what was changed (first updater wins).
//! 2. In a versioned tree a row's writer decides whether it was changed, never a comparison of values.

use super::{Isolation, Transaction};
use crate::error::{ConflictAction, StoreError, StoreResult};
use crate::ids::TreeId;
use crate::labels;
use crate::rebase::is_moved;
use crate::row;

impl Transaction {
    /// A new statement of a READ COMMITTED transaction begins: it sees what has been committed until now, and its own
    /// writes. Does nothing at the other levels.
    ///
    /// # Errors
    /// When a page cannot be read, or the database was dropped; the transaction then sees what it saw.
    pub fn refresh(&mut self) -> StoreResult<()> {
        self.check_open()?;
        match self.isolation {
            Isolation::ReadCommitted => self.move_base(),
            Isolation::RepeatableRead | Isolation::Serializable => Ok(()),
        }
    }

    fn move_base(&mut self) -> StoreResult<()> {
        if self.inner.snapshots.visible_commit() == self.branch.base.commit {
            // Nothing has been committed since: the common case takes no lock.
            return Ok(());
        }
        let hold = self.inner.snapshots.take();
        if hold.commit() == self.branch.base.commit {
            return Ok(());
        }
        hold.version().forest.database(self.branch.database)?;
        self.opened.clear();
        self.inner.rebase(&mut self.branch, hold.version())?;
        self.branch.hold = hold;
        Ok(())
    }

    /// After a row lock was granted: whether the row was changed since the base. If it was, the base is moved or the
    /// write refused (invariant 1).
    pub(super) fn meet_newest(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        match self.changed_since_base(tree, key)? {
            None => Ok(false),
            Some(action) => {
                self.conflict_or_move(tree, action)?;
                Ok(true)
            }
        }
    }

    pub(super) fn conflict_or_move(&mut self, tree: TreeId, action: ConflictAction) -> StoreResult<()> {
        match self.isolation {
            Isolation::ReadCommitted => self.move_base(),
            Isolation::RepeatableRead | Isolation::Serializable => {
                self.inner.env.reached(&labels::CONFLICT);
                Err(StoreError::Conflict { action, tree })
            }
        }
    }

    fn changed_since_base(&self, tree: TreeId, key: &[u8]) -> StoreResult<Option<ConflictAction>> {
        if self.inner.snapshots.visible_commit() == self.branch.base.commit {
            return Ok(None);
        }
        let newest = self.inner.newest();
        let pager = &self.inner.pager;
        let database = self.branch.database;
        let then = self.branch.base.forest.database(database)?.tree(pager, tree)?;
        let now = newest.forest.database(database)?.tree(pager, tree)?;
        let (Some(then), Some(now)) = (then, now) else { return Ok(None) };
        if now.tree.same_version(&then.tree) {
            return Ok(None);
        }
        let old = then.tree.get(pager, key)?;
        let new = now.tree.get(pager, key)?;
        let Some(new) = new else {
            // A row that goes on elsewhere was changed, not removed.
            let moved = || self.inner.recent.was_moved(database, tree, key);
            let action = || if moved() { ConflictAction::Update } else { ConflictAction::Delete };
            return Ok(old.map(|_| action()));
        };
        let changed = if now.versioned {
            let writer = row::writer(pager, &new)?;
            self.inner.recent.is_newer(writer, self.branch.base.commit)
        } else {
            // By where it lies, if it does not lie in its leaf; then by its content, as a vacuum may have moved it.
            match old {
                Some(old) => old.borrow() != new.borrow() && !is_moved(pager, now.versioned, &old, &new)?,
                None => true,
            }
        };
        Ok(changed.then_some(ConflictAction::Update))
    }
}
