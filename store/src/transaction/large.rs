//! Transactions that outgrow memory: their pages go to the file, their operations are forgotten, their row locks follow
//! from what they wrote.
//!
//! Invariants
//!
//! 1. From the moment a branch commits by roots its database can be neither branched nor dropped.
//! 2. Operations that a savepoint or the running statement may bring back are kept.

use super::Transaction;
use crate::error::StoreResult;
use crate::ids::TransactionId;
use crate::labels;
use crate::written_rows::WrittenRows;
use std::sync::Arc;

impl Transaction {
    /// Too many row locks for the lock table: from here on what was written is locked because it was written.
    pub(super) fn bound_lock_memory(&mut self, id: TransactionId) -> StoreResult<()> {
        if !self.session.locker().wants_escalation() {
            return Ok(());
        }
        self.commit_by_roots()?;
        self.inner.spill(&mut self.branch)?;
        let written = WrittenRows::new(&self.inner, &self.branch, id);
        self.session.locker().escalate(Arc::new(written));
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
            self.inner.renew(&mut self.branch)?;
        }
        let keep = self.savepoints.last().map_or(0, |state| state.branch.operations_length());
        self.branch.drop_operations(keep);
        Ok(())
    }
}
