//! Neighbouring leaves of a tree, handed over together: for whoever keeps what was made of their rows, and need not read them
//! again.
//!
//! Invariants
//!
//! 1. They hold the snapshot that keeps their pages from being reused; they may be handed to another task, and outlive the scan
//!    and the transaction.
//! 2. They hold no lock.
//! 3. What is kept beside them is made of all rows of all of them, and of nothing else that it does not name itself. Whoever takes
//!    it looks whether it was made of the same leaves ([`Neighbours::lie_at`]): it lies beside the first.
//! 4. Once the store is closed, leaves are no longer read.

use crate::batch::Batch;
use crate::error::StoreResult;
use crate::forest::TreeEntry;
use crate::scan::{Bounds, Holding};
use btree::LeafWalk;
use pager::PagePointer;
use std::any::Any;
use std::ops::Range;
use std::sync::Arc;

/// Leaves are handed over together up to so many rows; a leaf that has more stands alone.
const ROWS_MAX: usize = 4096;

/// Where leaves lie in a file. Two that lie in the same place are the same, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafPlaces(Vec<PagePointer>);

impl LeafPlaces {
    /// Bytes that this takes in memory.
    pub fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<PagePointer>()
    }
}

/// Some leaves that follow one another, and which of their rows lie within a scan's bounds.
#[derive(Clone)]
pub struct Neighbours {
    holding: Holding,
    leaves: btree::Neighbours,
    versioned: bool,
}

impl Neighbours {
    /// How many leaves there are: at least one.
    #[allow(clippy::len_without_is_empty)] // it never is
    pub fn len(&self) -> usize {
        self.leaves.len()
    }

    /// Which of all their rows lie within the bounds.
    pub fn rows(&self) -> Range<usize> {
        self.leaves.rows()
    }

    /// How many rows all of them have.
    pub fn all_rows(&self) -> usize {
        self.leaves.all_rows()
    }

    /// How many rows a leaf has; `None` if there are not so many.
    pub fn rows_of_leaf(&self, place: usize) -> Option<usize> {
        self.leaves.rows_of_leaf(place)
    }

    /// Whether large values of theirs may lie elsewhere.
    pub fn has_overflow(&self) -> bool {
        self.leaves.has_overflow()
    }

    /// One of them by itself; `None` if there is no such leaf, or none of its rows lies within the bounds.
    pub fn alone(&self, place: usize) -> Option<Neighbours> {
        let leaves = self.leaves.alone(place)?;
        Some(Neighbours { holding: self.holding.clone(), leaves, versioned: self.versioned })
    }

    /// Whether all of them have their place in the file, and so never change.
    pub fn are_written(&self) -> bool {
        self.leaves.are_written()
    }

    /// Where they lie in the file; `None` if one has no place there, and may still change.
    pub fn places(&self) -> Option<LeafPlaces> {
        self.leaves.pointers().map(LeafPlaces)
    }

    /// Whether these are where they lie.
    pub fn lie_at(&self, places: &LeafPlaces) -> bool {
        self.leaves.lie_at(&places.0)
    }

    /// What is kept beside the first, if it is a `T`.
    pub fn kept<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.leaves.companion(&self.holding.inner.pager)?.downcast().ok()
    }

    /// Says that they were used, by what is kept beside the first: whoever counts pages counts them.
    pub fn used(&self) {
        self.leaves.used(&self.holding.inner.pager);
    }

    /// Keeps beside the first what was made of all rows, as long as the page cache has room for so many bytes.
    pub fn keep<T: Any + Send + Sync>(&self, made: Arc<T>, bytes: usize) {
        self.leaves.keep_companion(&self.holding.inner.pager, made, bytes);
    }

    /// All rows of a leaf; `None` if there are not so many.
    ///
    /// # Errors
    /// When the page cannot be read, or is damaged.
    pub fn leaf(&self, place: usize) -> StoreResult<Option<Batch>> {
        self.holding.inner.health.check_open()?;
        let rows = self.leaves.leaf(&self.holding.inner.pager, place)?;
        Ok(rows.map(|rows| Batch::new(self.holding.clone(), rows, self.versioned)))
    }
}

/// Goes through the leaves of one version of a tree that have keys within bounds.
pub struct LeafScan {
    holding: Holding,
    walk: LeafWalk,
    versioned: bool,
}

impl LeafScan {
    pub(crate) fn new(holding: Holding, entry: &TreeEntry, bounds: Bounds) -> LeafScan {
        let walk = entry.tree.leaf_walk(bounds.from, bounds.to);
        LeafScan { holding, walk, versioned: entry.versioned }
    }

    /// The next leaves; `None` behind the last.
    ///
    /// # Errors
    /// When a page above them cannot be read.
    #[allow(clippy::should_implement_trait)] // it can fail: no iterator
    pub fn next(&mut self) -> StoreResult<Option<Neighbours>> {
        self.holding.inner.health.check_open()?;
        let leaves = self.walk.next(&self.holding.inner.pager, ROWS_MAX)?;
        let (holding, versioned) = (&self.holding, self.versioned);
        Ok(leaves.map(|leaves| Neighbours { holding: holding.clone(), leaves, versioned }))
    }
}
