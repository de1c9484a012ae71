//! Reading large values, whole or in part, and listing their pages.
//!
//! Every page is checked for its kind and level; levels fall by one per step, so that no damaged page makes a walk
//! endless. Fails with `Corrupt`, naming the page, or with what the pager meets.
//!
//! Invariants
//!
//! 1. A read returns all bytes that were asked for, or an error: a short value is never handed out.
//! 2. No number from a page is allocated for before it was compared with what pages can hold.

use super::{IndexEntry, Layout, entries};
use crate::error::{Result, corrupt, flaw};
use crate::node::check_content;
use crate::value::{COMPRESSED_BIT, Overflow};
use pager::{Frame, HEADER_BYTES, PageKind, PagePointer, Pager};
use std::ops::Range;
use std::sync::Arc;

/// Loads an overflow page: of data at level 0, of the index above.
fn load(pager: &Pager, pointer: &PagePointer, level: u8) -> Result<Arc<Frame>> {
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
        read_index(pager, &overflow.pointer, overflow.level, 0, &range, into)?;
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
    } else {
        match bytes.get(range) {
            Some(bytes) => into.extend_from_slice(bytes),
            None => {
                let flaw = flaw("bytes in an overflow page", overflow.length as usize, stored);
                return Err(corrupt(pager, number, flaw));
            }
        }
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

/// Reads what of `range` lies below the index page at `pointer`, whose first byte is byte `start` of the value.
fn read_index(
    pager: &Pager,
    pointer: &PagePointer,
    level: u8,
    mut start: usize,
    range: &Range<usize>,
    into: &mut Vec<u8>,
) -> Result<()> {
    let frame = load(pager, pointer, level)?;
    for entry in entries(frame.data(), level) {
        let (_, entry) = entry.map_err(|flaw| corrupt(pager, pointer.number, flaw))?;
        let end = start + entry.raw;
        if end > range.start {
            if level == 1 {
                let from = range.start.saturating_sub(start);
                let to = range.end.min(end) - start;
                read_segment(pager, &entry, from..to, into)?;
            } else if let Some(child) = entry.pointers().next() {
                read_index(pager, &child, level - 1, start, range, into)?;
            }
        }
        start = end;
        if start >= range.end {
            break;
        }
    }
    Ok(())
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

/// Checks that the lengths in the topmost index page of a value add up to the value's.
pub(crate) fn check_length(pager: &Pager, overflow: &Overflow) -> Result<()> {
    if overflow.level == 0 {
        return Ok(());
    }
    let number = overflow.pointer.number;
    let frame = load(pager, &overflow.pointer, overflow.level)?;
    let mut found = 0;
    for entry in entries(frame.data(), overflow.level) {
        found += entry.map_err(|flaw| corrupt(pager, number, flaw))?.1.raw;
    }
    let expected = overflow.length as usize;
    if found != expected {
        return Err(corrupt(pager, number, flaw("bytes below an overflow index", expected, found)));
    }
    Ok(())
}

/// Calls `visit` with every page of the value and its level. Reads its index pages only.
pub(crate) fn walk(pager: &Pager, overflow: &Overflow, visit: &mut dyn FnMut(PagePointer, u8)) -> Result<()> {
    walk_page(pager, overflow.pointer, overflow.level, visit)
}

fn walk_page(
    pager: &Pager,
    pointer: PagePointer,
    level: u8,
    visit: &mut dyn FnMut(PagePointer, u8),
) -> Result<()> {
    visit(pointer, level);
    if level == 0 {
        return Ok(());
    }
    let frame = load(pager, &pointer, level)?;
    for entry in entries(frame.data(), level) {
        let (_, entry) = entry.map_err(|flaw| corrupt(pager, pointer.number, flaw))?;
        for child in entry.pointers() {
            if level == 1 { visit(child, 0) } else { walk_page(pager, child, level - 1, visit)? }
        }
    }
    Ok(())
}
