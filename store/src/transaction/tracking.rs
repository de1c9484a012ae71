//! What a serialisable transaction tells about itself: what it reads and writes, see [`crate::serializable`].
//!
//! Invariants
//!
//! 1. Whoever is not serialisable tells nothing and pays nothing.

use super::Transaction;
use crate::error::StoreResult;
use crate::ids::TreeId;
use crate::row;
use crate::scan::Bounds;
use crate::serializable::Overwritten;
use crate::session::{is_temporary, lock_name};
use std::ops::Bound;

impl Transaction {
    pub(super) fn note_read(&self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        Ok(self.inner.serializable.read_point(handle, lock_name(self.branch.database, tree)?, key)?)
    }

    pub(super) fn note_range(&self, tree: TreeId, bounds: &Bounds) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let name = lock_name(self.branch.database, tree)?;
        let (from, to) = span(&bounds.from, bounds.to.as_deref());
        Ok(self.inner.serializable.read_range(handle, name, from, to)?)
    }

    /// Tells the detector of anomalies that what is newest within `bounds` decides something in this transaction, and is
    /// locked. For foreign keys, before [`Transaction::scan_newest`]: see [`crate::transaction::freshest`] for who tells.
    ///
    /// # Errors
    /// When the transaction has to give way to others.
    pub fn note_newest(&self, tree: TreeId, bounds: &Bounds) -> StoreResult<()> {
        // Nobody else reads or writes a temporary tree.
        let Some(handle) = self.tracked.filter(|_| !is_temporary(tree)) else { return Ok(()) };
        let name = lock_name(self.branch.database, tree)?;
        let (from, to) = span(&bounds.from, bounds.to.as_deref());
        Ok(self.inner.serializable.read_newest(handle, name, from, to)?)
    }

    /// Tells the detector of anomalies that a key would have been written, had nobody else got it: who is refused for that must
    /// not be told of the key instead.
    ///
    /// # Errors
    /// When the transaction has to give way to others.
    pub fn note_taken(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        if is_temporary(tree) { Ok(()) } else { self.note_write(tree, key) }
    }

    pub(super) fn note_write(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let overwritten = self.overwritten(tree, key)?;
        Ok(self.inner.serializable.write(handle, lock_name(self.branch.database, tree)?, key, overwritten)?)
    }

    /// As [`Transaction::note_write`], of a key that nobody has.
    pub(super) fn note_new(&self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let name = lock_name(self.branch.database, tree)?;
        Ok(self.inner.serializable.write(handle, name, key, Overwritten::Unknown)?)
    }

    /// Who wrote what the transaction sees under a key, as far as rows say so and it matters.
    fn overwritten(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<Overwritten> {
        let pager = &self.inner.pager;
        let entry = self.branch.tree(pager, tree)?;
        let Some(entry) = entry.as_deref().filter(|entry| entry.versioned) else {
            return Ok(Overwritten::Unknown);
        };
        let Some(value) = entry.tree.get(pager, key)? else { return Ok(Overwritten::Unknown) };
        let writer = row::writer(pager, &value)?;
        if self.id == Some(writer) {
            return Ok(Overwritten::Own);
        }
        Ok(self.inner.recent.commit_of(writer).map_or(Overwritten::Unknown, Overwritten::Version))
    }

    pub(super) fn note_range_write(&self, tree: TreeId, from: &[u8], to: Option<&[u8]>) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let name = lock_name(self.branch.database, tree)?;
        let (from, to) = span(from, to);
        Ok(self.inner.serializable.write_range(handle, name, from, to)?)
    }
}

/// The keys from one, included, to another, not included.
fn span<'k>(from: &'k [u8], to: Option<&'k [u8]>) -> (Bound<&'k [u8]>, Bound<&'k [u8]>) {
    (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded))
}
