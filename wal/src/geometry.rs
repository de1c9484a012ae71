//! Where a position of the stream lies in the file.
//!
//! Invariants
//!
//! 1. The stream is cut into segments of `capacity` bytes: segment `n` holds the positions from `n * capacity` on, in
//!    every epoch and in whatever slot. So positions need no table to be mapped, and a record keeps its position when
//!    recovery copies it into another slot.
//! 2. `capacity` is a multiple of the sector size, so sector bounds of the stream are sector bounds of the file.
//! 3. A frame lies within one segment. Where fewer than [`SMALLEST_FRAME`] bytes are left, the segment's rest stays zero.
//! 4. Positions are below [`HIGHEST_LSN`]; arithmetic on them cannot overflow.

use crate::LogError;
use crate::frame::FRAME_HEADER_BYTES;
use std::fmt;
use std::path::Path;

/// The fewest bytes that a frame is given at a segment's end: its header and one byte of payload.
pub(crate) const SMALLEST_FRAME: u64 = FRAME_HEADER_BYTES as u64 + 1;
/// Bytes at the head of the file that hold the file header and, where there is room, the notes; the slots follow. They
/// are three sectors at least where there are notes (`slot_note`).
const FILE_HEADER_BLOCK: u64 = 4096;
/// The format version from which on a log has notes.
const NOTES_SINCE: u32 = 2;
/// No position reaches this; 64 bits would take centuries to fill.
pub(crate) const HIGHEST_LSN: u64 = 1 << 62;
/// The largest segment: frames have 28 bits for their length.
const LARGEST_SEGMENT: u64 = 1 << 28;

/// A position in the log's logical stream, in bytes. The position of a record, as callers see it, is where it *ends*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Lsn(pub u64);

impl fmt::Display for Lsn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

/// Where reading begins: the end of the last record that is not needed. A superblock keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStart {
    /// The epoch in which that record was written; at least 1.
    pub epoch: u32,
    /// Where it ends.
    pub lsn: Lsn,
    /// Its checksum, which the next record repeats.
    pub chain: u32,
}

impl LogStart {
    /// The beginning of the first log of a new database.
    pub const FIRST: LogStart = LogStart { epoch: 1, lsn: Lsn(0), chain: 0 };
}

/// How a new log file is laid out. An existing file keeps the layout it was created with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogOptions {
    /// Bytes of a slot: a header sector and the segment. A multiple of the sector size, 8 KiB to 256 MiB.
    pub segment_bytes: u64,
    /// The unit that a torn write can damage: 512 or 4096. Groups of records start at its multiples.
    pub sector_size: u32,
}

impl Default for LogOptions {
    /// 4 MiB segments: creating a log stays cheap, and switching segments costs one more sector in the same write.
    fn default() -> LogOptions {
        LogOptions { segment_bytes: 4 << 20, sector_size: 512 }
    }
}

/// The layout of one log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub segment_bytes: u64,
    pub sector_size: u64,
    /// Bytes of the stream that a segment holds.
    pub capacity: u64,
    /// Where the first slot begins.
    first_slot: u64,
    has_notes: bool,
}

impl Geometry {
    /// The layout of a log of format version `version`.
    pub fn new(path: &Path, options: LogOptions, version: u32) -> Result<Geometry, LogError> {
        let sector_size = u64::from(options.sector_size);
        let sound = matches!(sector_size, 512 | 4096)
            && options.segment_bytes.is_multiple_of(sector_size)
            && (8192..=LARGEST_SEGMENT).contains(&options.segment_bytes);
        if !sound {
            return Err(LogError::BadLayout {
                path: path.to_path_buf(),
                segment_bytes: options.segment_bytes,
                sector_size: options.sector_size,
            });
        }
        let has_notes = version >= NOTES_SINCE;
        Ok(Geometry {
            segment_bytes: options.segment_bytes,
            sector_size,
            capacity: options.segment_bytes - sector_size,
            first_slot: if has_notes { FILE_HEADER_BLOCK.max(3 * sector_size) } else { FILE_HEADER_BLOCK },
            has_notes,
        })
    }

    pub fn options(&self) -> LogOptions {
        // The constructor has accepted 512 or 4096 only.
        LogOptions { segment_bytes: self.segment_bytes, sector_size: self.sector_size as u32 }
    }

    /// The segment that holds position `lsn`.
    pub fn segment_of(&self, lsn: u64) -> u64 {
        lsn / self.capacity
    }

    /// The first position of segment `segment`.
    pub fn segment_start(&self, segment: u64) -> u64 {
        segment * self.capacity
    }

    /// The first position behind the segment that holds `lsn`.
    pub fn segment_end(&self, lsn: u64) -> u64 {
        (self.segment_of(lsn) + 1) * self.capacity
    }

    /// Where slot `slot` begins in the file.
    pub fn slot_offset(&self, slot: u32) -> u64 {
        self.first_slot + u64::from(slot) * self.segment_bytes
    }

    /// Where the two places for notes are, each a sector of its own; `None` where the format has none.
    pub fn note_places(&self) -> Option<[u64; 2]> {
        self.has_notes.then_some([self.sector_size, 2 * self.sector_size])
    }

    /// Where position `lsn` lies in the file, when its segment is in `slot`.
    pub fn file_offset(&self, slot: u32, lsn: u64) -> u64 {
        self.slot_offset(slot) + self.sector_size + lsn % self.capacity
    }

    /// How many slots, the last one perhaps incomplete, a file of `length` bytes has.
    pub fn slots_in(&self, length: u64) -> u32 {
        let slots = length.saturating_sub(self.first_slot).div_ceil(self.segment_bytes);
        u32::try_from(slots).unwrap_or(u32::MAX)
    }

    /// How many slots lie wholly within a file of `length` bytes.
    pub fn whole_slots_in(&self, length: u64) -> u32 {
        let slots = length.saturating_sub(self.first_slot) / self.segment_bytes;
        u32::try_from(slots).unwrap_or(u32::MAX)
    }

    /// Rounds up to a sector bound.
    pub fn sector_after(&self, lsn: u64) -> u64 {
        lsn.next_multiple_of(self.sector_size)
    }

    /// Rounds down to a sector bound.
    pub fn sector_before(&self, lsn: u64) -> u64 {
        lsn - lsn % self.sector_size
    }

    /// Where a frame that follows `lsn` at once begins: there, or in the next segment (invariant 3).
    pub fn frame_start(&self, lsn: u64) -> u64 {
        let end = self.segment_end(lsn);
        if end - lsn < SMALLEST_FRAME { end } else { lsn }
    }

    /// Where the first frame of a group that follows `lsn` begins.
    pub fn group_start(&self, lsn: u64) -> u64 {
        self.frame_start(self.sector_after(lsn))
    }
}
