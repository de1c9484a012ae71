//! One file without its names: what the cache shows, what the device holds, and what is on its way between them.
//!
//! Invariants
//!
//! 1. Without faults, the cached image is the durable image with all pending changes applied in order.
//! 2. A fault may make the two differ for good (a lost write, a failed sync whose pages were marked clean): what is
//!    neither durable nor pending is gone at the next power loss.
//! 3. A sync costs what was written since the last one.

use super::image::Image;
use env::FileLockKind;
use std::io::IoSlice;
use std::ops::Range;

/// The number of an inode; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct InodeNumber(pub u64);

/// A change of a file that no sync has covered.
#[derive(Debug, Clone)]
pub(super) struct PendingChange {
    /// Its place in the order of all changes of the disk.
    pub sequence: u64,
    pub kind: PendingKind,
}

#[derive(Debug, Clone)]
pub(super) enum PendingKind {
    /// Bytes, kept in the inode's pending bytes. `grows` when some lie beyond the durable length: blocks that a file
    /// system may make part of the file before it writes them.
    Write { offset: u64, bytes: Range<usize>, grows: bool },
    /// A length.
    Length { from: u64, to: u64 },
}

/// An advisory lock on a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldLock {
    pub slot: u32,
    pub kind: FileLockKind,
    pub process: u32,
}

#[derive(Clone, Default)]
pub(super) struct Inode {
    pub cached: Image,
    pub durable: Image,
    /// An older durable image, when the disk keeps history.
    pub older: Option<Image>,
    pub pending: Vec<PendingChange>,
    /// The bytes of pending writes, one after another: no allocation per write once warm.
    pub pending_bytes: Vec<u8>,
    /// Ranges that cannot be read until they are written again.
    pub bad: Vec<Range<u64>>,
    pub locks: Vec<HeldLock>,
    pub opens: u32,
    /// How often the file was synced, for the history.
    pub syncs: u32,
}

/// How many syncs lie between two images of history.
const SYNCS_BETWEEN_HISTORY: u32 = 4;

impl Inode {
    /// Writes the first `count` bytes of `buffers` into the cache and remembers the write as pending.
    pub fn write(&mut self, sequence: u64, offset: u64, buffers: &[IoSlice<'_>], count: usize) {
        let grows = offset + count as u64 > self.durable.len();
        let start = self.pending_bytes.len();
        for buffer in buffers {
            let left = count - (self.pending_bytes.len() - start);
            self.pending_bytes.extend_from_slice(&buffer[..buffer.len().min(left)]);
        }
        let bytes = start..self.pending_bytes.len();
        self.cached.write(offset, &self.pending_bytes[bytes.clone()]);
        self.heal(offset, bytes.len() as u64);
        self.pending.push(PendingChange { sequence, kind: PendingKind::Write { offset, bytes, grows } });
    }

    /// Sets the cached length and remembers that as pending.
    pub fn set_len(&mut self, sequence: u64, length: u64) {
        let from = self.cached.len();
        if from != length {
            self.cached.set_len(length);
            self.pending.push(PendingChange { sequence, kind: PendingKind::Length { from, to: length } });
        }
    }

    /// Makes everything pending durable.
    pub fn sync(&mut self, keeps_history: bool) {
        if keeps_history {
            self.syncs += 1;
            if self.syncs.is_multiple_of(SYNCS_BETWEEN_HISTORY) {
                self.older = Some(self.durable.clone());
            }
        }
        let mut pending = std::mem::take(&mut self.pending);
        for change in &pending {
            self.land(change);
        }
        pending.clear();
        self.pending = pending;
        self.pending_bytes.clear();
    }

    /// Applies one pending change to the durable image.
    pub fn land(&mut self, change: &PendingChange) {
        match &change.kind {
            PendingKind::Write { offset, bytes, .. } => {
                self.durable.write(*offset, &self.pending_bytes[bytes.clone()]);
            }
            PendingKind::Length { from, to } => {
                self.durable.set_len(landed_length(self.durable.len(), *from, *to));
            }
        }
    }

    /// Forgets all pending changes; what they wrote stays in the cache only.
    pub fn forget_pending(&mut self) {
        self.pending.clear();
        self.pending_bytes.clear();
    }

    /// The device maps written sectors to good ones.
    fn heal(&mut self, offset: u64, length: u64) {
        if !self.bad.is_empty() {
            self.bad.retain(|bad| bad.end <= offset || bad.start >= offset + length);
        }
    }

    /// Whether reading `range` fails.
    pub fn is_bad(&self, range: &Range<u64>) -> bool {
        self.bad.iter().any(|bad| bad.start < range.end && range.start < bad.end)
    }

    /// Whether a pending write covers the byte at `offset`.
    pub fn is_pending(&self, offset: u64) -> bool {
        self.pending.iter().any(|change| match &change.kind {
            PendingKind::Write { offset: start, bytes, .. } => {
                (*start..*start + bytes.len() as u64).contains(&offset)
            }
            PendingKind::Length { .. } => false,
        })
    }
}

/// A change of length applied to an image that may lack changes before it: growth only ever grows, a cut only cuts.
pub(super) fn landed_length(length: u64, from: u64, to: u64) -> u64 {
    if to >= from { length.max(to) } else { length.min(to) }
}
