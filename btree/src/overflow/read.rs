//! Reading large values, whole or in part, and listing their pages.
//!
//! Every page is checked for its kind and level; levels fall by one per step, so that no damaged page makes a walk
//! endless. Fails with `Corrupt`, naming the page, or with what the pager meets.
//!
//! Invariants
//!
//! 1. A read returns all bytes that were asked for, or an error: a short value is never handed out.
//! 2. No number from a page is allocated for before it was compared with what pages can hold.
//! 3. What lies below an entry covers exactly the bytes that the entry says, in full segments up to the value's last. So
//!    a walk visits no more pages than the value's length allows, even if one page is referred to many times.

use super::{IndexEntry, Layout, entries};
use crate::error::{Flaw, Result, corrupt, flaw};
use crate::node::check_content;
use crate::value::{COMPRESSED_BIT, Overflow};
use pager::{Frame, HEADER_BYTES, PageKind, PagePointer, Pager};
use std::ops::Range;
use std::sync::Arc;

/// Loads an overflow page: of data at level 0, of the index above.
pub(crate) fn load(pager: &Pager, pointer: &PagePointer, level: u8) -> Result<Arc<Frame>> {
    let frame = pager.load_checked(pointer, check_content)?;
    let kind = if level == 0 { PageKind::OverflowData } else { PageKind::OverflowIndex };
    if frame.kind() != kind {
        let flaw = flaw("kind of an overflow page", kind as usize, frame.kind() as usize);
        return Err(corrupt(pager, pointer.number, flaw));
    }
    if frame.level() != level {
        let flaw = flaw("level of an overflow page", level.into(), frame.level().into());
        return Err(corrupt(pager, pointer.number, flaw));
    }
    Ok(frame)
}

/// Decompresses an LZ4 block of which page `page` holds the (first) bytes.
pub(crate) fn decompress(pager: &Pager, block: &[u8], length: usize, page: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let found = lz4_flex::block::decompress_into(block, &mut bytes).unwrap_or(0);
    if found != length {
        return Err(corrupt(pager, page, flaw("length of a decompressed value", length, found)));
    }
    Ok(bytes)
}

/// Appends the bytes of the value in `range`, which lies within it, to `into`.
pub(crate) fn read_range(
    pager: &Pager,
    overflow: &Overflow,
    range: Range<usize>,
    into: &mut Vec<u8>,
) -> Result<()> {
    if range.is_empty() {
        return Ok(());
    }
    let wanted = into.len() + range.len();
    if overflow.level == 0 {
        read_single(pager, overflow, range, into)?;
    } else {
        let whole = 0..overflow.length as usize;
        Reading { pager, length: whole.end, range, into }.index(&overflow.pointer, overflow.level, whole)?;
    }
    if into.len() != wanted {
        let flaw = flaw("bytes of an overflow value in a range", wanted, into.len());
        return Err(corrupt(pager, overflow.pointer.number, flaw));
    }
    Ok(())
}

/// A value in one data page.
fn read_single(pager: &Pager, overflow: &Overflow, range: Range<usize>, into: &mut Vec<u8>) -> Result<()> {
    let frame = load(pager, &overflow.pointer, 0)?;
    let stored = (overflow.stored & !COMPRESSED_BIT) as usize;
    let number = overflow.pointer.number;
    let Some(bytes) = frame.data().get(HEADER_BYTES..HEADER_BYTES + stored) else {
        let limit = Layout::new(pager.page_size()).payload;
        return Err(corrupt(pager, number, flaw("bytes in an overflow page (at most)", limit, stored)));
    };
    if overflow.stored & COMPRESSED_BIT != 0 {
        check_single(pager, overflow)?;
        let raw = decompress(pager, bytes, overflow.length as usize, number)?;
        into.extend_from_slice(&raw[range]);
    } else if stored == overflow.length as usize {
        // The range lies within the value.
        into.extend_from_slice(&bytes[range]);
    } else {
        let flaw = flaw("bytes in an overflow page", overflow.length as usize, stored);
        return Err(corrupt(pager, number, flaw));
    }
    Ok(())
}

/// A value in one compressed page is at most a segment long: more would only make a reader allocate.
fn check_single(pager: &Pager, overflow: &Overflow) -> Result<()> {
    let limit = Layout::new(pager.page_size()).segment_bytes();
    let length = overflow.length as usize;
    if length > limit {
        let flaw = flaw("length of a value in one overflow page (at most)", limit, length);
        return Err(corrupt(pager, overflow.pointer.number, flaw));
    }
    Ok(())
}

/// A read of part of one value.
struct Reading<'a> {
    pager: &'a Pager,
    /// Bytes of the value.
    length: usize,
    /// Which of them are wanted.
    range: Range<usize>,
    into: &'a mut Vec<u8>,
}

impl Reading<'_> {
    /// Reads what is wanted of the bytes `covered`, which lie below the index page at `pointer`.
    fn index(&mut self, pointer: &PagePointer, level: u8, covered: Range<usize>) -> Result<()> {
        let frame = load(self.pager, pointer, level)?;
        let mut spans = Spans::new(covered, level, self.length, self.pager.page_size());
        for entry in entries(frame.data(), level) {
            let wrong = |flaw| corrupt(self.pager, pointer.number, flaw);
            let (_, entry) = entry.map_err(wrong)?;
            let span = spans.next(entry.raw).map_err(wrong)?;
            if span.start >= self.range.end {
                return Ok(());
            }
            if span.end <= self.range.start {
                continue;
            }
            if level == 1 {
                let from = self.range.start.saturating_sub(span.start);
                let to = self.range.end.min(span.end) - span.start;
                read_segment(self.pager, &entry, from..to, self.into)?;
            } else if let Some(child) = entry.pointers().next() {
                self.index(&child, level - 1, span)?;
            }
        }
        spans.end().map_err(|flaw| corrupt(self.pager, pointer.number, flaw))
    }
}

/// The stretches of a value that the entries of an index page cover, one after the other (invariant 3).
struct Spans {
    /// What the page covers and no entry has covered yet.
    rest: Range<usize>,
    /// At level 1, the bytes of every entry but the value's last.
    segment: Option<usize>,
    /// Bytes of the value.
    length: usize,
}

impl Spans {
    fn new(covered: Range<usize>, level: u8, length: usize, page_size: usize) -> Spans {
        let segment = (level == 1).then(|| Layout::new(page_size).segment_bytes());
        Spans { rest: covered, segment, length }
    }

    /// The stretch of the next entry, which says that it covers `raw` bytes.
    fn next(&mut self, raw: usize) -> Result<Range<usize>, Flaw> {
        if raw > self.rest.len() {
            return Err(flaw("bytes below an overflow index entry (at most)", self.rest.len(), raw));
        }
        let span = self.rest.start..self.rest.start + raw;
        if let Some(segment) = self.segment
            && raw != segment
            && span.end != self.length
        {
            return Err(flaw("length of an overflow segment before the last", segment, raw));
        }
        self.rest.start = span.end;
        Ok(span)
    }

    /// After the last entry.
    fn end(&self) -> Result<(), Flaw> {
        if self.rest.is_empty() {
            return Ok(());
        }
        Err(flaw("bytes that no overflow index entry covers", 0, self.rest.len()))
    }
}

/// Appends bytes `range` of one segment to `into`.
fn read_segment(
    pager: &Pager,
    entry: &IndexEntry<'_>,
    range: Range<usize>,
    into: &mut Vec<u8>,
) -> Result<()> {
    let layout = Layout::new(pager.page_size());
    if entry.compressed {
        let mut block = Vec::with_capacity(entry.stored);
        append_pages(pager, entry, 0..entry.stored, layout, &mut block)?;
        let page = entry.pointers().next().map_or(0, |pointer| pointer.number);
        let raw = decompress(pager, &block, entry.raw, page)?;
        into.extend_from_slice(&raw[range]);
        return Ok(());
    }
    append_pages(pager, entry, range, layout, into)
}

/// Appends bytes `range` of what the data pages of a segment hold; reads only the pages that hold them.
fn append_pages(
    pager: &Pager,
    entry: &IndexEntry<'_>,
    range: Range<usize>,
    layout: Layout,
    into: &mut Vec<u8>,
) -> Result<()> {
    let first = range.start / layout.payload;
    let count = range.end.div_ceil(layout.payload) - first;
    for (index, pointer) in entry.pointers().enumerate().skip(first).take(count) {
        let frame = load(pager, &pointer, 0)?;
        let page_start = index * layout.payload;
        let from = range.start.max(page_start) - page_start;
        let to = range.end.min(page_start + layout.payload) - page_start;
        into.extend_from_slice(&frame.data()[HEADER_BYTES + from..HEADER_BYTES + to]);
    }
    Ok(())
}

/// Calls `visit` with every page of the value and its level, but with those below a page only if it answers `true`. Reads
/// index pages only.
pub(crate) fn walk(
    pager: &Pager,
    overflow: &Overflow,
    visit: &mut dyn FnMut(PagePointer, u8) -> bool,
) -> Result<()> {
    let length = overflow.length as usize;
    Walk { pager, length, visit }.page(overflow.pointer, overflow.level, 0..length)
}

/// A walk through the pages of one value.
struct Walk<'a> {
    pager: &'a Pager,
    /// Bytes of the value.
    length: usize,
    visit: &'a mut dyn FnMut(PagePointer, u8) -> bool,
}

impl Walk<'_> {
    /// Visits the page at `pointer` and what is below it, which covers the bytes `covered`.
    fn page(&mut self, pointer: PagePointer, level: u8, covered: Range<usize>) -> Result<()> {
        if !(self.visit)(pointer, level) || level == 0 {
            return Ok(());
        }
        let frame = load(self.pager, &pointer, level)?;
        let mut spans = Spans::new(covered, level, self.length, self.pager.page_size());
        for entry in entries(frame.data(), level) {
            let wrong = |flaw| corrupt(self.pager, pointer.number, flaw);
            let (_, entry) = entry.map_err(wrong)?;
            let span = spans.next(entry.raw).map_err(wrong)?;
            for child in entry.pointers() {
                self.page(child, level - 1, span.clone())?;
            }
        }
        spans.end().map_err(|flaw| corrupt(self.pager, pointer.number, flaw))
    }
}
