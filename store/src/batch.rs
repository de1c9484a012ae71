//! Batches: the rows of one leaf, handed over together, for whoever decodes many rows at once.
//!
//! Nothing is copied but large values: keys and contents are borrowed from the page.
//!
//! Invariants
//!
//! 1. A batch holds its page, and the snapshot that keeps the pages of its large values from being reused; it may be
//!    handed to another task, and outlive the scan it came from and the transaction.
//! 2. It holds no lock.
//! 3. Once the store is closed its file is no longer read: large values are refused then, what lies in the page is not.

use crate::error::StoreResult;
use crate::ids::TransactionId;
use crate::row;
use crate::scan::Holding;
use btree::{KeyParts, LeafRows, ValueRef};

/// The rows of one leaf that lie within a scan's bounds, in key order.
#[derive(Clone)]
pub struct Batch {
    holding: Holding,
    rows: LeafRows,
    versioned: bool,
}

impl Batch {
    pub(crate) fn new(holding: Holding, rows: LeafRows, versioned: bool) -> Batch {
        Batch { holding, rows, versioned }
    }

    /// How many rows there are: at least one.
    #[allow(clippy::len_without_is_empty)] // it never is
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// What all keys begin with. A key is this and its [`Batch::suffix`].
    pub fn prefix(&self) -> &[u8] {
        self.rows.prefix()
    }

    /// The key of row `index` without what all keys begin with.
    ///
    /// # Panics
    /// When there are not so many rows; so does everything below.
    pub fn suffix(&self, index: usize) -> &[u8] {
        self.rows.suffix(index)
    }

    /// Puts the key of row `index` into `key`.
    pub fn copy_key(&self, index: usize, key: &mut Vec<u8>) {
        key.clear();
        key.extend_from_slice(self.prefix());
        key.extend_from_slice(self.suffix(index));
    }

    /// The key of row `index` as a big-endian number, if it has eight bytes: what tables are keyed by.
    pub fn row_number(&self, index: usize) -> Option<u64> {
        KeyParts { prefix: self.prefix(), suffix: self.suffix(index) }.row_number()
    }

    /// The value of row `index`: where it lies in the page, or read into `buffer` when it is a large one.
    ///
    /// # Errors
    /// When a large value cannot be read, or the row is damaged.
    pub fn value<'a>(&'a self, index: usize, buffer: &'a mut Vec<u8>) -> StoreResult<&'a [u8]> {
        self.row(index, buffer).map(|(_, content)| content)
    }

    /// The value of row `index` where it lies in the page; `None` when it is a large one.
    ///
    /// # Errors
    /// When the row is damaged.
    pub fn inline_value(&self, index: usize) -> StoreResult<Option<&[u8]>> {
        match self.rows.value(index) {
            ValueRef::Inline(stored) => {
                let (_, content) = row::split(&self.holding.inner.pager, stored, self.versioned)?;
                Ok(Some(content))
            }
            ValueRef::Compressed { .. } | ValueRef::Overflow(_) => Ok(None),
        }
    }

    /// The transaction that wrote row `index` last; `None` in an unversioned tree.
    ///
    /// # Errors
    /// When the row is damaged.
    pub fn writer(&self, index: usize) -> StoreResult<Option<TransactionId>> {
        let mut front = Vec::new();
        if !self.versioned {
            return Ok(None);
        }
        let pager = &self.holding.inner.pager;
        let bytes = match self.rows.value(index) {
            ValueRef::Inline(bytes) => bytes,
            ValueRef::Compressed { .. } | ValueRef::Overflow(_) => {
                self.holding.inner.health.check_open()?;
                self.rows.read_value(pager, index, 0..row::WRITER_BYTES, &mut front)?;
                &front
            }
        };
        row::split(pager, bytes, true).map(|(writer, _)| writer)
    }

    fn row<'a>(
        &'a self,
        index: usize,
        buffer: &'a mut Vec<u8>,
    ) -> StoreResult<(Option<TransactionId>, &'a [u8])> {
        let pager = &self.holding.inner.pager;
        let stored = match self.rows.value(index) {
            ValueRef::Inline(bytes) => bytes,
            ValueRef::Compressed { .. } | ValueRef::Overflow(_) => {
                self.holding.inner.health.check_open()?;
                buffer.clear();
                self.rows.read_value(pager, index, 0..usize::MAX, buffer)?;
                buffer.as_slice()
            }
        };
        row::split(pager, stored, self.versioned)
    }
}
