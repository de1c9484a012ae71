//! Keys that stand once: who has one, with nobody about to give it up.
//!
//! Entries of an index follow from rows, and only rows are locked by those who remove them. So a key that is found may be
//! gone as soon as whoever holds its row commits: he is waited for. That is done without the key, which he may want again.
//!
//! Invariants
//!
//! 1. When a key's owners are told, the key is locked, and no owner's row was held by somebody else in a mode that excludes
//!    the one that was asked for.
//! 2. No other row and no other key is held that was not held before.

use super::Transaction;
use crate::error::StoreError;
use crate::ids::TreeId;
use crate::locks::{Acquired, RowMode};
use crate::session::lock_name;

/// Which keys of a tree of rows have what was found at a key of an index.
pub type Owners = Vec<[u8; 8]>;

impl Transaction {
    /// Locks a key of an index, and looks at what stands there now. `look` tells what it found, and whose it is: rows of
    /// `rows`, which somebody else may be about to change or remove. Then it is waited for, and looked again.
    ///
    /// # Errors
    /// As [`Transaction::lock_row`], and what `look` says.
    pub fn lock_key<T, E: From<StoreError>>(
        &mut self,
        index: TreeId,
        key: &[u8],
        rows: (TreeId, RowMode),
        look: impl FnMut(&mut Transaction) -> Result<(T, Owners), E>,
    ) -> Result<T, E> {
        self.lock_new_key(index, key, rows, look).map(|(found, _)| found)
    }

    /// As [`Transaction::lock_key`]; answers besides whether the key was not locked before, and can be given back
    /// ([`Transaction::give_back_key`]).
    ///
    /// # Errors
    /// As there.
    pub fn lock_new_key<T, E: From<StoreError>>(
        &mut self,
        index: TreeId,
        key: &[u8],
        (rows, mode): (TreeId, RowMode),
        mut look: impl FnMut(&mut Transaction) -> Result<(T, Owners), E>,
    ) -> Result<(T, bool), E> {
        let wait = self.wait;
        // Whoever has handed a row over is waited for like those who have not.
        self.settle()?;
        self.await_insertion(index, key)?;
        loop {
            let acquired = self.acquire_row(index, key, RowMode::Update, wait)?;
            let (found, owners) = look(self)?;
            let is_new = matches!(acquired, Some((Acquired::Immediately | Acquired::AfterWaitingFor(_), _)));
            let Some(owner) = self.held_by_others(rows, mode, owners)? else { return Ok((found, is_new)) };
            if is_new {
                self.give_back_key(index, key)?;
            }
            self.await_row(rows, &owner, mode)?;
        }
    }

    /// Gives back a key that was locked just now, and is not wanted.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn give_back_key(&mut self, index: TreeId, key: &[u8]) -> Result<(), StoreError> {
        let name = lock_name(self.branch.database, index)?;
        self.session.locker().give_back_row(name, key, RowMode::Update);
        Ok(())
    }

    /// The first of some rows that somebody else holds in a mode that excludes `mode`.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn held_by_others(
        &self,
        rows: TreeId,
        mode: RowMode,
        keys: Owners,
    ) -> Result<Option<[u8; 8]>, StoreError> {
        if self.inner.unlogged || crate::session::is_temporary(rows) {
            // Nobody else is there.
            return Ok(None);
        }
        let name = lock_name(self.branch.database, rows)?;
        let locker = self.session.locker();
        Ok(keys.into_iter().find(|key| locker.is_row_held(name, key, mode)))
    }

    /// Whether somebody else holds a key of an index.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn is_key_held(&self, index: TreeId, key: &[u8]) -> Result<bool, StoreError> {
        if self.inner.unlogged || crate::session::is_temporary(index) {
            // Nobody else is there.
            return Ok(false);
        }
        let name = lock_name(self.branch.database, index)?;
        Ok(self.session.locker().is_row_held(name, key, RowMode::Update))
    }

    /// Says that a row is being inserted that may be taken back without the transaction; the transaction has a number from now
    /// on. Answers whether there was none such before: whoever began it ends it.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn begin_insertion(&mut self) -> Result<bool, StoreError> {
        self.check_open()?;
        self.write_id()?;
        Ok(!self.inner.unlogged && self.session.locker().begin_insertion())
    }

    /// Says that it stays, or is taken back.
    pub fn end_insertion(&mut self) {
        self.session.locker().end_insertion();
    }

    /// Waits for insertions of others that have a key of an index and may yet be taken back; whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Lock`].
    pub fn await_insertion(&mut self, index: TreeId, key: &[u8]) -> Result<bool, StoreError> {
        if !self.inner.locks.has_insertions() || crate::session::is_temporary(index) {
            return Ok(false);
        }
        let name = lock_name(self.branch.database, index)?;
        Ok(self.session.locker().await_insertions(name, key, RowMode::Update, self.wait)?)
    }

    /// Waits until a row could be locked in `mode`, and does not hold it afterwards.
    ///
    /// # Errors
    /// [`StoreError::Lock`].
    pub fn await_row(&mut self, rows: TreeId, key: &[u8], mode: RowMode) -> Result<(), StoreError> {
        let name = lock_name(self.branch.database, rows)?;
        Ok(self.session.locker().await_row(name, key, mode, self.wait)?)
    }
}
