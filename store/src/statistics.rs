//! Figures of a store in use.
//!
//! Invariants
//!
//! 1. Reading them changes nothing and waits for nobody but the small locks.

use crate::ids::CommitNumber;
use crate::store::Inner;

/// Figures of a store in use.
#[derive(Debug, Clone)]
pub struct Statistics {
    /// The newest commit that new snapshots show.
    pub visible: CommitNumber,
    /// Bytes of pages that have not been written.
    pub dirty_bytes: usize,
    /// Free pages, and the length of the file in pages.
    pub free_pages: u64,
    /// Length of the file in pages.
    pub file_pages: u64,
    /// Bytes of memory that lock entries take.
    pub lock_bytes: usize,
    /// Snapshots that are held.
    pub snapshots: usize,
    /// The log's figures, of a store that writes.
    pub log: Option<wal::LogStatistics>,
}

impl Inner {
    /// See [`crate::Store::statistics`].
    pub fn statistics(&self) -> Statistics {
        let (free_pages, file_pages) = self.pager.free_pages();
        Statistics {
            visible: self.snapshots.visible_commit(),
            dirty_bytes: self.pager.dirty_bytes(),
            free_pages,
            file_pages,
            lock_bytes: self.locks.memory_bytes(),
            snapshots: self.snapshots.held(),
            log: self.log.as_ref().map(wal::Log::statistics),
        }
    }
}
