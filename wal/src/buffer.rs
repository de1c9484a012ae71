//! The group that is being gathered: records framed one behind the other, waiting for a leader to write them.
//!
//! Invariants
//!
//! 1. `bytes` holds the stream from `base` (a sector bound) to its end without gaps; what no frame covers is zero.
//! 2. A group begins behind the sector in which the group before ended, so no write ever touches a sector that holds
//!    bytes of an earlier group.
//! 3. Each frame repeats the checksum of the one before, over group bounds: `chain` is the last one's.

use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameKind, NewFrame};
use crate::geometry::Geometry;
use crate::{LogStart, Lsn};

/// A buffer that has grown beyond this by a large record is given back after use.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

/// Records that are framed but not written.
#[derive(Debug)]
pub(crate) struct GroupBuffer {
    geometry: Geometry,
    checksum: FrameChecksum,
    bytes: Vec<u8>,
    /// An empty buffer that a leader has given back.
    spare: Vec<u8>,
    /// Position of `bytes[0]`.
    base: u64,
    /// Where the last record ends, written or not.
    end: u64,
    chain: u32,
    epoch: u32,
    /// The highest "durable up to" that a frame carries.
    marked: u64,
}

/// A group that has been taken out to be written.
#[derive(Debug)]
pub(crate) struct Group {
    /// Whole sectors, from `base` on.
    pub bytes: Vec<u8>,
    pub base: u64,
}

impl GroupBuffer {
    /// An empty buffer behind the record that ends at `start`.
    pub fn new(geometry: Geometry, database: u128, start: LogStart) -> GroupBuffer {
        GroupBuffer {
            geometry,
            checksum: FrameChecksum::new(database),
            bytes: Vec::new(),
            spare: Vec::new(),
            base: 0,
            end: start.lsn.0,
            chain: start.chain,
            epoch: start.epoch,
            marked: 0,
        }
    }

    /// Where the next record follows.
    pub fn position(&self) -> LogStart {
        LogStart { epoch: self.epoch, lsn: Lsn(self.end), chain: self.chain }
    }

    /// Bytes that wait for a leader.
    pub fn pending(&self) -> usize {
        self.bytes.len()
    }

    /// The end of the stream once `payload` bytes more have been appended, at most.
    pub fn end_with(&self, payload: u64) -> u64 {
        let fragments = 2 + payload / (self.geometry.capacity - FRAME_HEADER_BYTES as u64);
        let overhead = fragments * (2 * FRAME_HEADER_BYTES as u64) + 2 * self.geometry.sector_size;
        self.end.saturating_add(payload).saturating_add(overhead)
    }

    /// Frames a record; returns where it ends.
    pub fn append(&mut self, payload: &[u8], durable: u64) -> Lsn {
        let mut rest = payload;
        let mut first = true;
        loop {
            let start = self.begin_frame();
            let room = (self.geometry.segment_end(start) - start) as usize - FRAME_HEADER_BYTES;
            let (piece, after) = rest.split_at(room.min(rest.len()));
            let kind = match (first, after.is_empty()) {
                (true, true) => FrameKind::Full,
                (true, false) => FrameKind::First,
                (false, false) => FrameKind::Middle,
                (false, true) => FrameKind::Last,
            };
            self.push_frame(start, kind, durable, piece);
            if after.is_empty() {
                return Lsn(self.end);
            }
            rest = after;
            first = false;
        }
    }

    /// Frames a mark, if `durable` is more than any frame has carried so far.
    pub fn append_mark(&mut self, durable: u64) -> bool {
        if durable <= self.marked {
            return false;
        }
        let start = self.begin_frame();
        self.push_frame(start, FrameKind::Mark, durable, &[]);
        true
    }

    /// Takes the group out, padded to whole sectors; `None` when there is nothing to write.
    pub fn take(&mut self) -> Option<Group> {
        if self.bytes.is_empty() {
            return None;
        }
        let mut bytes = std::mem::replace(&mut self.bytes, std::mem::take(&mut self.spare));
        bytes.resize(bytes.len().next_multiple_of(self.geometry.sector_size as usize), 0);
        Some(Group { bytes, base: self.base })
    }

    /// Takes a written group's buffer back, to be filled again.
    pub fn give_back(&mut self, mut bytes: Vec<u8>) {
        if bytes.capacity() <= KEPT_BUFFER_BYTES && self.spare.capacity() == 0 {
            bytes.clear();
            self.spare = bytes;
        }
    }

    /// Fills with zeros up to where the next frame may begin; returns that position.
    fn begin_frame(&mut self) -> u64 {
        if self.bytes.is_empty() {
            self.base = self.geometry.group_start(self.end);
            return self.base;
        }
        let start = self.geometry.frame_start(self.end);
        self.bytes.resize((start - self.base) as usize, 0);
        start
    }

    fn push_frame(&mut self, lsn: u64, kind: FrameKind, durable: u64, payload: &[u8]) {
        let frame = NewFrame { kind, kept: false, previous: self.chain, epoch: self.epoch, lsn, durable };
        self.chain = self.checksum.append(&mut self.bytes, frame, payload);
        self.end = self.base + self.bytes.len() as u64;
        self.marked = self.marked.max(durable);
    }
}
