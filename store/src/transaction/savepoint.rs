//! Savepoints and statements: places to come back to within a transaction.
//!
//! Invariants
//!
//! 1. Savepoints form a stack: going back to one, or releasing it, forgets those set after it.
//! 2. Going back to a savepoint releases the locks taken since; undoing a statement keeps them.
//! 3. Statements nest, as functions within one run others: what one of them did is undone with the one around it. A return to a
//!    savepoint ends those that began since.
//! 4. A return to a savepoint goes all the way, whatever fails of giving back what was taken since.

use super::Transaction;
use crate::branch::SavedState;
use crate::error::{StoreError, StoreResult};
use crate::labels;
use crate::locks::{ImplicitLocks, SavepointDepth};
use crate::written_rows::WrittenRows;
use std::sync::Arc;

/// A place in a transaction to come back to. Released by [`Transaction::release`], or with the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Savepoint {
    serial: u64,
}

pub(super) struct SavepointState {
    serial: u64,
    pub(super) branch: SavedState,
    pub(super) locks: SavepointDepth,
    pub(super) written: Option<Arc<WrittenRows>>,
    /// Of the half in the temporary forest, if that had begun.
    temporary: Option<Savepoint>,
}

impl Transaction {
    /// Sets a savepoint. Constant time and space, whatever has been written.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn savepoint(&mut self) -> StoreResult<Savepoint> {
        self.check_open()?;
        let serial = self.next_savepoint;
        self.next_savepoint += 1;
        let temporary = match &mut self.temporary {
            Some(half) => Some(half.savepoint()?),
            None => None,
        };
        let state = SavepointState {
            serial,
            branch: self.branch.save(),
            locks: self.session.locker().savepoint(),
            written: self.written.clone(),
            temporary,
        };
        self.savepoints.push(state);
        Ok(Savepoint { serial })
    }

    /// Goes back to a savepoint, which stays. Locks taken since are released.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSavepoint`]. Damage that giving places back has found; the transaction has gone back nevertheless.
    pub fn rollback_to(&mut self, savepoint: Savepoint) -> StoreResult<()> {
        self.inner.health.check_open()?;
        if self.ended {
            return Err(StoreError::Ended);
        }
        let index = self.position_of(savepoint)?;
        self.gone_back += 1;
        self.savepoints.truncate(index + 1);
        let state = &self.savepoints[index];
        let gone_back = self.branch.restore(&self.inner.pager, &state.branch);
        let half_gone_back = match (state.temporary, &mut self.temporary) {
            (Some(savepoint), Some(half)) => half.rollback_to(savepoint),
            (None, half) => {
                *half = None;
                Ok(())
            }
            (Some(_), None) => Ok(()),
        };
        let mut locker = self.session.locker();
        if self.written.as_ref().map(Arc::as_ptr) != state.written.as_ref().map(Arc::as_ptr) {
            self.written.clone_from(&state.written);
            locker.go_back_to(self.written.clone().map(|written| written as Arc<dyn ImplicitLocks>));
        }
        locker.rollback_to(state.locks);
        drop(locker);
        // Locks of trees first read or written since then are gone.
        self.opened.clear();
        self.held_to_write.clear();
        self.held_to_lock.clear();
        self.inner.env.reached(&labels::SAVEPOINT_ROLLED_BACK);
        gone_back.and(half_gone_back)
    }

    /// Forgets a savepoint and those set after it; what was written since stays.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSavepoint`].
    pub fn release(&mut self, savepoint: Savepoint) -> StoreResult<()> {
        self.check_open()?;
        let index = self.position_of(savepoint)?;
        let SavepointState { locks, temporary, .. } = self.savepoints[index];
        if let (Some(savepoint), Some(half)) = (temporary, &mut self.temporary) {
            half.release(savepoint)?;
        }
        self.savepoints.truncate(index);
        self.session.locker().release_savepoint(locks);
        Ok(())
    }

    fn position_of(&self, savepoint: Savepoint) -> StoreResult<usize> {
        self.savepoints
            .iter()
            .position(|state| state.serial == savepoint.serial)
            .ok_or(StoreError::NoSuchSavepoint)
    }

    /// A statement begins, perhaps within another: [`Transaction::undo_statement`] undoes what follows, at a cost that follows
    /// what it wrote.
    pub fn begin_statement(&mut self) {
        self.branch.begin_statement();
        if let Some(half) = &mut self.temporary {
            half.begin_statement();
        }
    }

    /// The statement succeeded.
    pub fn end_statement(&mut self) {
        self.branch.end_statement();
        if let Some(half) = &mut self.temporary {
            half.end_statement();
        }
    }

    /// The statement failed: undoes its writes. Its locks stay, as in PostgreSQL outside of savepoints.
    ///
    /// # Errors
    /// When a page cannot be read; only a rollback is possible then.
    pub fn undo_statement(&mut self) -> StoreResult<()> {
        self.inner.health.check_open()?;
        // The branch may go back to an earlier base, and the locks stay: what was seen under them has to be newer than that for
        // whoever looks.
        let settled = self.settle();
        self.opened.clear();
        // Of the two halves one may have been undone when this was tried before.
        let (own, others) =
            (self.branch.statements(), self.temporary.as_ref().map_or(0, |half| half.branch.statements()));
        let undone = if own >= others { self.branch.undo_statement(&self.inner.pager) } else { Ok(()) };
        let undone = match &mut self.temporary {
            Some(half) if others >= own => undone.and(half.undo_statement()),
            Some(_) | None => undone,
        };
        undone.and(settled)
    }
}
