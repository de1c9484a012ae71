//! Giving free places at the end of the file back to the file system.
//!
//! Invariants
//!
//! 1. The file is cut only where both superblocks, durable, ask for no more than what is left: whichever of them the next
//!    opening takes, the file is long enough.
//! 2. Only free places are cut off: no superblock, snapshot or record of the log that counts can reach them.
//! 3. A cut that a crash undoes leaves free places with old bytes in them, which mean nothing.
//!
//! Fails as a checkpoint does; a cut that fails changes nothing.

use crate::checkpoint::CheckpointInput;
use crate::labels::{MARK_TRIMMED, TRIM};
use crate::{Pager, Result};
use env::sync::atomic::Ordering;

impl Pager {
    /// Makes the file as short as its pages allow; answers by how many. Makes two checkpoints of the newest one, so that
    /// whoever calls has just made two of the newest version, and makes none meanwhile.
    ///
    /// # Errors
    /// As [`Pager::checkpoint`]; [`Error::Io`](crate::Error::Io) when the file cannot be cut.
    pub fn trim(&self) -> Result<u64> {
        self.check_writable()?;
        let own = self.usage()?.map;
        let (length, in_use) = {
            let mut guard = self.space.lock();
            let space = self.writable(&mut guard)?;
            // The map's own pages move, and need room; its old ones do not count when they are the last ones.
            let mut end = space.pages_in_use();
            while end > 0 && (own.contains(end - 1) || space.is_free(end - 1)) {
                end -= 1;
            }
            (space.pages(), end + own.len())
        };
        // Not for a handful of pages: the file grows by steps, too.
        if in_use + self.growth_pages >= length {
            return Ok(0);
        }
        for _ in 0..2 {
            self.make_checkpoint(CheckpointInput::repeat(&self.superblock()), Some(in_use))?;
        }
        // The maps before these are in no superblock any more. What commits gave up is left to the store.
        self.advance(0)?;
        self.cut()
    }

    /// Cuts the free places at the end off (invariants 1 and 2).
    fn cut(&self) -> Result<u64> {
        let asked_for = self.superblock().file_pages.max(self.older_superblock().file_pages);
        let mut guard = self.space.lock();
        let space = self.writable(&mut guard)?;
        let (length, left) = (space.pages(), space.pages_in_use().max(asked_for));
        if left >= length {
            return Ok(0);
        }
        // Under the lock, like growth: nobody takes a place that is about to go.
        self.file.set_len(&TRIM, left * self.page_size as u64).map_err(|error| self.io(error))?;
        space.shrunk(left);
        self.pages.store(left, Ordering::Relaxed);
        self.env.reached(&MARK_TRIMMED);
        Ok(length - left)
    }
}
