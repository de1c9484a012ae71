//! Large values: what their pages look like. Writing is in [`write`], reading in [`read`].
//!
//! A value is cut into segments of [`Layout::segment_bytes`] (the last one shorter). Each segment is stored as it is or
//! as one LZ4 block, whichever, in a run of overflow data pages of its own, so that any range of a value is read by
//! reading its segments alone. Index pages list the segments; more levels of index pages list those.
//!
//! ```text
//! data page    32  bytes of the segment, or of its LZ4 block; zeros after the last
//!
//! index page   32  entry count       u16
//!              34  zero              u16
//!              36  entries
//! entry at level 1     raw length u32, stored length u32 (top bit: LZ4 block), page pointers (20 bytes each), as many
//!                      as the stored length needs
//! entry above level 1  raw length u32, page pointer (20 bytes)
//! ```
//!
//! Invariants
//!
//! 1. Overflow pages are written once, before the row that refers to them, and never change.
//! 2. Each is referred to by one row of a tree. Versions of a tree share it, as they share the row.
//! 3. A raw length is above 0; that of a segment is at most [`Layout::segment_bytes`], so that no damaged page makes a
//!    reader allocate more. A stored length without the top bit equals the raw length.

pub mod read;
pub mod write;

use crate::error::{Flaw, flaw};
use crate::value::COMPRESSED_BIT;
use pager::{HEADER_BYTES, PagePointer};
use std::ops::Range;

/// Where the entries of an index page begin.
pub(crate) const ENTRIES_AT: usize = HEADER_BYTES + 4;
/// Bytes of an entry at level 1 before its pointers.
const SEGMENT_HEADER_BYTES: usize = 8;
/// Bytes of an entry above level 1.
const BRANCH_BYTES: usize = 4 + PagePointer::BYTES;
/// Segments aim at this size.
const SEGMENT_TARGET_BYTES: usize = 128 << 10;

/// What follows from the page size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of a data page that hold value bytes.
    pub payload: usize,
    /// Bytes of an index page for entries.
    pub entries: usize,
    /// The most data pages that a segment takes.
    pub segment_pages: usize,
}

impl Layout {
    pub fn new(page_size: usize) -> Layout {
        let payload = page_size - HEADER_BYTES;
        let entries = page_size - ENTRIES_AT;
        // Two segments fit into one index page, so that an index of two levels has more than one leaf.
        let fitting = (entries / 2 - SEGMENT_HEADER_BYTES) / PagePointer::BYTES;
        let segment_pages = (SEGMENT_TARGET_BYTES / payload).clamp(2, 16).min(fitting);
        Layout { payload, entries, segment_pages }
    }

    /// Bytes of value in a full segment.
    pub fn segment_bytes(self) -> usize {
        self.segment_pages * self.payload
    }

    /// Data pages for `bytes`.
    pub fn pages(self, bytes: usize) -> usize {
        bytes.div_ceil(self.payload)
    }
}

/// An entry of an overflow index page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexEntry<'a> {
    /// Bytes of the value below.
    pub raw: usize,
    /// Level 1: bytes in the data pages. Above: 0.
    pub stored: usize,
    /// Level 1: whether those bytes are an LZ4 block.
    pub compressed: bool,
    /// The pointers, as they stand in the page.
    pointers: &'a [u8],
}

impl<'a> IndexEntry<'a> {
    /// The pages it names: all data pages of a segment, or one index page.
    pub fn pointers(&self) -> impl Iterator<Item = PagePointer> + 'a {
        self.pointers.chunks_exact(PagePointer::BYTES).filter_map(PagePointer::decode)
    }
}

fn word(bytes: &[u8], at: usize) -> Result<u32, Flaw> {
    match bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(bytes) => Ok(u32::from_le_bytes(*bytes)),
        None => Err(flaw("end of an overflow index (at most)", bytes.len(), at + 4)),
    }
}

/// The entries of an overflow index page of `level` (1 or above), each with its place, as far as they make sense.
pub(crate) fn entries(
    page: &[u8],
    level: u8,
) -> impl Iterator<Item = Result<(Range<usize>, IndexEntry<'_>), Flaw>> {
    let layout = Layout::new(page.len());
    let count = usize::from(u16::from_le_bytes([page[HEADER_BYTES], page[HEADER_BYTES + 1]]));
    let mut at = ENTRIES_AT;
    let mut failed = count == 0;
    let empty = failed.then(|| Err(flaw("entries of an overflow index (at least)", 1, 0)));
    let rest = (0..count).map_while(move |_| {
        if failed {
            return None;
        }
        let start = at;
        let entry = entry(page, level, at, layout);
        match &entry {
            Ok((_, end)) => at = *end,
            Err(_) => failed = true,
        }
        Some(entry.map(|(entry, end)| (start..end, entry)))
    });
    empty.into_iter().chain(rest)
}

/// The entry at `at`, and where it ends.
fn entry(page: &[u8], level: u8, at: usize, layout: Layout) -> Result<(IndexEntry<'_>, usize), Flaw> {
    let raw = word(page, at)? as usize;
    let (stored, compressed, pointers_at, pointers) = if level == 1 {
        let stored = word(page, at + 4)?;
        let compressed = stored & COMPRESSED_BIT != 0;
        let stored = (stored & !COMPRESSED_BIT) as usize;
        if raw > layout.segment_bytes() {
            return Err(flaw("length of an overflow segment (at most)", layout.segment_bytes(), raw));
        }
        if if compressed { stored == 0 || stored >= raw } else { stored != raw } {
            return Err(flaw("stored length of an overflow segment", raw, stored));
        }
        (stored, compressed, at + SEGMENT_HEADER_BYTES, layout.pages(stored))
    } else {
        (0, false, at + 4, 1)
    };
    if raw == 0 {
        return Err(flaw("length of an overflow entry (at least)", 1, 0));
    }
    let end = pointers_at + pointers * PagePointer::BYTES;
    match page.get(pointers_at..end) {
        Some(pointers) => Ok((IndexEntry { raw, stored, compressed, pointers }, end)),
        None => Err(flaw("end of an overflow index (at most)", page.len(), end)),
    }
}
