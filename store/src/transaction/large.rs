//! Transactions that outgrow memory: their pages go to the file, their operations are forgotten, their row locks follow
//! from what they wrote.
//!
//! Invariants
//!
//! 1. From the moment a branch commits by roots its database can be neither branched nor dropped.
//! 2. Everything here happens before an edit, never after it: when it fails, the edit has not been made.
//! 3. Operations that a savepoint or the running statement may bring back are kept.

use super::Transaction;
use crate::error::StoreResult;
use crate::ids::TransactionId;
use crate::labels;
use crate::rebase::renew;
use crate::written_rows::WrittenRows;
use std::sync::Arc;

impl Transaction {
    /// Before an edit, or several, of so many bytes: what the branch holds in memory is brought within bounds first, so that a failure of it is a
    /// failure of an edit that has not begun.
    pub(super) fn make_room_for(&mut self, bytes: usize) -> StoreResult<()> {
        let written_down = self.branch.operations.len() + bytes;
        if !self.branch.by_roots && written_down > self.inner.options.large_commit_bytes {
            self.commit_by_roots()?;
        }
        let touched = self.edits_since_spill.saturating_mul(self.inner.pager.page_size());
        if touched > self.inner.cache_bytes() / 4 && self.inner.dirty_is_high() {
            // Much of what is dirty is this branch's: its pages go to the file, and it commits by its roots.
            self.commit_by_roots()?;
            self.inner.spill(&mut self.branch)?;
            self.edits_since_spill = 0;
        }
        Ok(())
    }

    /// Too many row locks for the lock table: from here on what was written is locked because it was written.
    pub(super) fn bound_lock_memory(&mut self, id: TransactionId) -> StoreResult<()> {
        self.commit_by_roots()?;
        self.inner.spill(&mut self.branch)?;
        let earlier = self.written.as_deref();
        let keys = &self.keys_written;
        let written = Arc::new(WrittenRows::new(&self.inner, &mut self.branch, id, keys, earlier)?);
        let mut locker = self.session.locker();
        if let Some(earlier) = &self.written {
            earlier.each_lost(&self.inner, &written, |tree, key, mode| locker.keep_row(tree, key, mode))?;
        }
        locker.escalate(written.clone());
        drop(locker);
        self.written = Some(written);
        self.inner.env.reached(&labels::LOCKS_ESCALATED);
        Ok(())
    }

    /// From here on the branch's trees alone count; it commits by roots. Its database cannot be branched meanwhile, and
    /// if that has happened since the transaction began, the branch's pages are made anew: they would be taken for
    /// shared ones.
    pub(super) fn commit_by_roots(&mut self) -> StoreResult<()> {
        if self.branch.by_roots {
            return Ok(());
        }
        self.inner.hold_database(&mut self.session, self.branch.database)?;
        let newest = self.inner.commit.lock().published.clone();
        if !self.branch.birth_is_current(&newest) {
            renew(&self.inner.pager, &mut self.branch, &newest)?;
        }
        let keep = self.savepoints.last().map_or(0, |state| state.branch.operations_length());
        self.branch.drop_operations(&self.inner.pager, keep)
    }
}
