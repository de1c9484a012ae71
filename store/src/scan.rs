//! Scans: a cursor over one tree, as it was when the scan began.
//!
//! Invariants
//!
//! 1. A scan holds its tree's root, the branch's snapshot and, if the branch may spill, its reader's token: no page it
//!    may come to is reused while it lives.
//! 2. It holds no lock between calls.

use crate::batch::Batch;
use crate::branch::{Branch, Reading};
use crate::error::StoreResult;
use crate::forest::TreeEntry;
use crate::ids::TransactionId;
use crate::row;
use crate::snapshots::Snapshot;
use crate::store::Inner;
use btree::{Cursor, ValueRef};
use std::sync::Arc;

/// A range of keys: from one, included, to another, not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// The first key.
    pub from: Vec<u8>,
    /// The first key that is no longer part of it; `None` for no end.
    pub to: Option<Vec<u8>>,
}

impl Bounds {
    /// Every key.
    pub fn all() -> Bounds {
        Bounds { from: Vec::new(), to: None }
    }

    /// Whether a key is part of it.
    pub fn contains(&self, key: &[u8]) -> bool {
        *key >= *self.from && self.to.as_ref().is_none_or(|to| *key < **to)
    }

    /// Keys that begin with `prefix`.
    pub fn prefix(prefix: &[u8]) -> Bounds {
        Bounds::with_prefix(prefix.to_vec())
    }

    /// Keys that begin with `from`.
    pub fn with_prefix(from: Vec<u8>) -> Bounds {
        let mut to = from.clone();
        while let Some(last) = to.last_mut() {
            if *last < u8::MAX {
                *last += 1;
                return Bounds { from, to: Some(to) };
            }
            to.pop();
        }
        Bounds { from, to: None }
    }
}

/// What keeps a version of a tree readable: the store, the snapshot, and the branch's token if it may spill.
#[derive(Clone)]
pub struct Holding {
    /// The store.
    pub inner: Arc<Inner>,
    /// Keeps pages of published versions.
    pub hold: Snapshot,
    /// Keeps pages of the branch's own, if it is of a branch.
    _reading: Option<Reading>,
}

impl Holding {
    /// What keeps everything readable that a branch sees now.
    pub fn of_branch(inner: &Arc<Inner>, branch: &mut Branch) -> Holding {
        let (hold, reading) = branch.reader();
        Holding { inner: inner.clone(), hold, _reading: Some(reading) }
    }

    /// What keeps a published version readable.
    pub fn of_snapshot(inner: &Arc<Inner>, hold: Snapshot) -> Holding {
        Holding { inner: inner.clone(), hold, _reading: None }
    }
}

/// Hands on the row on which a cursor stands, a small one where it lies.
pub(crate) fn row_at<R>(
    pager: &pager::Pager,
    cursor: &Cursor,
    versioned: bool,
    read: impl FnOnce(Option<TransactionId>, &[u8]) -> R,
) -> StoreResult<R> {
    match cursor.value_ref() {
        ValueRef::Inline(stored) => {
            let (writer, content) = row::split(pager, stored, versioned)?;
            Ok(read(writer, content))
        }
        ValueRef::Compressed { .. } | ValueRef::Overflow(_) => {
            row::with_writer(pager, &cursor.value(), versioned, read)
        }
    }
}

/// A cursor over the keys within bounds. It stands before the first key until it is moved.
pub struct Scan {
    holding: Holding,
    cursor: Cursor,
    versioned: bool,
    bounds: Bounds,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Fresh,
    BeforeFirst,
    At,
    AfterLast,
}

impl Scan {
    pub(crate) fn new(holding: Holding, entry: &TreeEntry, bounds: Bounds) -> Scan {
        let cursor = entry.tree.cursor();
        Scan { holding, cursor, versioned: entry.versioned, bounds, place: Place::Fresh }
    }

    /// Begins anew, with other keys of the same tree. Whoever asks has told of them.
    pub(crate) fn begin(&mut self, bounds: Bounds) {
        (self.bounds, self.place) = (bounds, Place::Fresh);
    }

    /// Moves to the next key; `false` behind the last.
    ///
    /// # Errors
    /// When a page cannot be read.
    #[allow(clippy::should_implement_trait)] // a lending cursor, and it can fail: no iterator
    pub fn next(&mut self) -> StoreResult<bool> {
        self.holding.inner.health.check_open()?;
        let pager = &self.holding.inner.pager;
        let found = match self.place {
            Place::Fresh | Place::BeforeFirst => self.cursor.seek(pager, &self.bounds.from)?,
            Place::At => self.cursor.next(pager)?,
            Place::AfterLast => false,
        };
        let within = found && self.bounds.to.as_deref().is_none_or(|to| self.cursor.key() < to);
        self.place = if within { Place::At } else { Place::AfterLast };
        Ok(within)
    }

    /// Moves to the key before; `false` before the first. A scan that was not moved yet, or ran off its end, begins at
    /// the last key.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn prev(&mut self) -> StoreResult<bool> {
        self.holding.inner.health.check_open()?;
        let pager = &self.holding.inner.pager;
        let found = match self.place {
            Place::At => self.cursor.prev(pager)?,
            Place::BeforeFirst => false,
            Place::Fresh | Place::AfterLast => match &self.bounds.to {
                None => self.cursor.seek_last(pager)?,
                Some(to) => {
                    if self.cursor.seek(pager, to)? {
                        self.cursor.prev(pager)?
                    } else {
                        self.cursor.seek_last(pager)?
                    }
                }
            },
        };
        let within = found && self.cursor.key() >= self.bounds.from.as_slice();
        self.place = if within { Place::At } else { Place::BeforeFirst };
        Ok(within)
    }

    /// The key at which the scan stands.
    pub fn key(&self) -> &[u8] {
        self.cursor.key()
    }

    /// Its value.
    ///
    /// # Errors
    /// When a large value cannot be read.
    pub fn value(&self) -> StoreResult<Vec<u8>> {
        self.value_with(<[u8]>::to_vec)
    }

    /// Its value, without copying a small one.
    ///
    /// # Errors
    /// When a large value cannot be read.
    pub fn value_with<R>(&self, read: impl FnOnce(&[u8]) -> R) -> StoreResult<R> {
        self.row_with(|_, content| read(content))
    }

    /// As [`Scan::value_with`]; `read` is also told who wrote the row last, in a versioned tree.
    ///
    /// # Errors
    /// When a large value cannot be read.
    pub fn row_with<R>(&self, read: impl FnOnce(Option<TransactionId>, &[u8]) -> R) -> StoreResult<R> {
        self.holding.inner.health.check_open()?;
        row_at(&self.holding.inner.pager, &self.cursor, self.versioned, read)
    }

    /// Moves on by a leaf: the rows behind the place of the scan, as far as they lie in one leaf and within the bounds,
    /// and the scan stands on the last of them. `None` behind the last. May be mixed with [`Scan::next`].
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn next_batch(&mut self) -> StoreResult<Option<Batch>> {
        if !self.next()? {
            return Ok(None);
        }
        let rows = self.cursor.rest_of_leaf(self.bounds.to.as_deref());
        Ok(rows.map(|rows| Batch::new(self.holding.clone(), rows, self.versioned)))
    }

    /// Moves back by a leaf: the rows before the place of the scan, as far as they lie in one leaf and within the
    /// bounds; in key order, so the last of them comes first for whoever reads backwards. `None` before the first.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn prev_batch(&mut self) -> StoreResult<Option<Batch>> {
        if !self.prev()? {
            return Ok(None);
        }
        let rows = self.cursor.front_of_leaf(&self.bounds.from);
        Ok(rows.map(|rows| Batch::new(self.holding.clone(), rows, self.versioned)))
    }

    pub(crate) fn pager(&self) -> &pager::Pager {
        &self.holding.inner.pager
    }

    /// The bytes that the tree keeps of the row, its writer included.
    pub(crate) fn stored_value(&self) -> StoreResult<Vec<u8>> {
        Ok(self.cursor.value().read(&self.holding.inner.pager)?)
    }
}
