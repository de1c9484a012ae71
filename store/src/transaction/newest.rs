//! What others committed since the transaction's base, and moving on to it.
//!
//! Invariants
//!
//! 1. Only READ COMMITTED moves its base; the stricter levels refuse to write what was changed (first updater wins).
//! 2. In a versioned tree a row's writer decides whether it was changed, never a comparison of values.
//! 3. The base is visible, but for one case: a row was locked ahead of the ends of those who have handed it over
//!    ([`Transaction::lock_row_ahead`]). The base is then what is published, and nothing read from it leaves the engine before
//!    that is visible ([`Transaction::settle`]). Whatever is locked otherwise is visible when it is granted, and part of such
//!    a base.
//!
//! Locks that are handed over before the log is durable: Johnson et al., "Aether: A Scalable Approach to Logging" (VLDB 2010),
//! early lock release. As commits are logged in the order in which they are published, a transaction that was built on
//! another's is never durable without it.

use super::{Isolation, Transaction};
use crate::error::{ConflictAction, StoreError, StoreResult};
use crate::forest::Version;
use crate::ids::TreeId;
use crate::labels;
use crate::rebase::is_moved;
use crate::row;
use crate::snapshots::Snapshot;
use crate::store::Inner;
use std::sync::Arc;

/// A published version that a transaction has seen, while it may not be visible.
pub struct Unsettled {
    inner: Arc<Inner>,
    base: Arc<Version>,
}

impl Unsettled {
    /// Waits until it is durable, and visible.
    ///
    /// # Errors
    /// When the log cannot be made durable: then it never will be.
    pub fn wait(&self) -> StoreResult<()> {
        self.inner.make_visible(self.base.lsn)
    }
}

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

    /// Says whether the transaction may read what is not visible yet, as it may after [`Transaction::lock_row_ahead`]: for a
    /// statement of which nothing leaves the engine but how many rows it changed. If it fails, its error may tell of what it
    /// read: [`Transaction::settle`] comes before the error is told. Where it may not, it waits before it reads.
    pub fn allow_ahead(&mut self, allowed: bool) {
        self.may_be_ahead = allowed;
    }

    /// Waits until all that the transaction sees is durable and visible; nearly always it is.
    ///
    /// # Errors
    /// When the log cannot be made durable: then it never will be.
    pub fn settle(&mut self) -> StoreResult<()> {
        match self.unsettled() {
            Some(unsettled) => unsettled.wait(),
            None => Ok(()),
        }
    }

    /// What is to be waited for before somebody is told of what the transaction sees; none if all of it is visible.
    pub fn unsettled(&mut self) -> Option<Unsettled> {
        self.is_ahead().then(|| Unsettled { inner: self.inner.clone(), base: self.branch.base.clone() })
    }

    /// Before something is read, for whoever may tell of it.
    #[inline]
    pub(super) fn settle_to_read(&mut self) -> StoreResult<()> {
        if self.may_be_ahead { Ok(()) } else { self.settle() }
    }

    /// Whether it sees what is published and not yet visible. Bases go forwards, or back to one of before: once one is visible,
    /// all those before it are.
    #[inline]
    fn is_ahead(&mut self) -> bool {
        self.ahead = self.ahead && self.inner.snapshots.visible_commit() < self.branch.base.commit;
        self.ahead
    }

    fn move_base(&mut self) -> StoreResult<()> {
        if self.inner.snapshots.visible_commit() <= self.branch.base.commit {
            // Nothing has been committed since: the common case takes no lock.
            return Ok(());
        }
        let hold = self.inner.snapshots.take();
        let version = hold.version().clone();
        self.move_onto(hold, &version)
    }

    /// Moves the base onto a version, whose pages `hold` keeps.
    pub(super) fn move_onto(&mut self, hold: Snapshot, version: &Arc<Version>) -> StoreResult<()> {
        if version.commit == self.branch.base.commit {
            return Ok(());
        }
        version.forest.database(self.branch.database)?;
        self.opened.clear();
        self.inner.rebase(&mut self.branch, version)?;
        self.ahead |= hold.commit() < version.commit;
        self.branch.hold = hold;
        Ok(())
    }

    /// After a row lock was granted ahead of the ends of those who handed it over: whether the row was changed since the base.
    /// If it was, the base is moved onto what is published.
    pub(super) fn meet_published(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        // The transaction's own snapshot is older, and keeps its pages.
        let published = self.inner.snapshots.published_last();
        if self.changed_in(&published, tree, key)?.is_none() {
            return Ok(false);
        }
        let (hold, published) = self.inner.snapshots.take_published();
        if hold.commit() < published.commit {
            self.inner.env.reached(&labels::AHEAD);
        }
        self.move_onto(hold, &published)?;
        Ok(true)
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

    /// Whether a row of a versioned tree was changed since the base; what cannot be read is told by whoever reads it next.
    pub(super) fn is_outdated(&self, tree: TreeId, key: &[u8]) -> bool {
        let base = self.branch.base.forest.database(self.branch.database);
        let entry = base.and_then(|database| database.tree(&self.inner.pager, tree));
        matches!(entry, Ok(Some(entry)) if entry.versioned)
            && matches!(self.changed_since_base(tree, key), Ok(Some(_)))
    }

    fn changed_since_base(&self, tree: TreeId, key: &[u8]) -> StoreResult<Option<ConflictAction>> {
        if self.inner.snapshots.visible_commit() <= self.branch.base.commit {
            return Ok(None);
        }
        self.changed_in(&self.inner.newest(), tree, key)
    }

    fn changed_in(&self, newest: &Version, tree: TreeId, key: &[u8]) -> StoreResult<Option<ConflictAction>> {
        if newest.commit == self.branch.base.commit {
            return Ok(None);
        }
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
