//! Leaf and overflow pages in words: which bytes mean what. For dumps, and for the reader of a damaged file.
//!
//! Works on any bytes: a page that is not well formed is told as far as it makes sense.
//!
//! Invariants
//!
//! 1. Every byte behind the page header is told exactly once, in order.
//! 2. No bytes can make this fail or panic: a page that does not validate is told as one stretch.

use crate::leaf::{
    COUNT_AT, DEAD_BYTES_AT, FIXED_BYTES, HEAP_START_AT, LAST_INSERTION_AT, Leaf, NO_INSERTION,
    OVERFLOW_COUNT_AT, PREFIX_LENGTH_AT, SLOT_BYTES, read_u16, validate,
};
use crate::overflow::{ENTRIES_AT, entries};
use crate::value::ValueRef;
use pager::{HEADER_BYTES, PageKind};
use std::ops::Range;

/// A stretch of a page and what it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The bytes.
    pub bytes: Range<usize>,
    /// Their meaning.
    pub meaning: String,
}

fn note(notes: &mut Vec<Note>, bytes: Range<usize>, meaning: impl Into<String>) {
    notes.push(Note { bytes, meaning: meaning.into() });
}

/// What the bytes behind the page header of a leaf or overflow page mean, in order. Empty for other kinds, whose
/// content is the pager's.
#[must_use]
pub fn notes(page: &[u8]) -> Vec<Note> {
    let mut notes = Vec::new();
    match page.get(4).copied().and_then(PageKind::from_byte) {
        Some(PageKind::Leaf) => leaf(page, &mut notes),
        Some(PageKind::OverflowData) => {
            note(&mut notes, HEADER_BYTES..page.len(), "bytes of one large value (or of its LZ4 block)");
        }
        Some(PageKind::OverflowIndex) => overflow_index(page, &mut notes),
        Some(PageKind::TreeIndex | PageKind::Bitmap | PageKind::FreeSpaceIndex) | None => {}
    }
    notes
}

fn leaf(page: &[u8], notes: &mut Vec<Note>) {
    if let Err(flaw) = validate::validate(page) {
        let meaning = format!("not a leaf: {}: expected {}, found {}", flaw.what, flaw.expected, flaw.found);
        return note(notes, HEADER_BYTES..page.len(), meaning);
    }
    let leaf = Leaf::new(page);
    let slots_at = leaf.slots_at();
    let slots_end = slots_at + leaf.count() * SLOT_BYTES;
    note(notes, COUNT_AT..COUNT_AT + 2, format!("cells: {}", leaf.count()));
    note(notes, PREFIX_LENGTH_AT..PREFIX_LENGTH_AT + 2, format!("prefix: {} bytes", leaf.prefix_length()));
    note(notes, HEAP_START_AT..HEAP_START_AT + 4, format!("heap begins at {}", leaf.heap_start()));
    note(notes, DEAD_BYTES_AT..DEAD_BYTES_AT + 4, format!("dead bytes: {}", leaf.dead_bytes()));
    note(
        notes,
        OVERFLOW_COUNT_AT..OVERFLOW_COUNT_AT + 2,
        format!("values in overflow pages: {}", leaf.overflow_count()),
    );
    let hint = match leaf.last_insertion() {
        NO_INSERTION => "last insertion: unknown".to_string(),
        slot => format!("last insertion: slot {slot}"),
    };
    note(notes, LAST_INSERTION_AT..LAST_INSERTION_AT + 2, hint);
    if leaf.prefix_length() > 0 {
        note(notes, FIXED_BYTES..slots_at, format!("prefix of all keys: {}", readable(leaf.prefix())));
    }
    for slot in 0..leaf.count() {
        let at = slots_at + slot * SLOT_BYTES;
        let (cell, head) = (leaf.cell_at(slot), read_u16(page, at + 2));
        note(notes, at..at + SLOT_BYTES, format!("slot {slot}: cell at {cell}, head {head:#06x}"));
    }
    if slots_end < leaf.heap_start() {
        note(notes, slots_end..leaf.heap_start(), "free");
    }
    cells(leaf, notes);
}

/// The heap, by offset: cells, and the dead bytes between them.
fn cells(leaf: Leaf<'_>, notes: &mut Vec<Note>) {
    let mut order: Vec<usize> = (0..leaf.count()).collect();
    order.sort_by_key(|slot| leaf.cell_at(*slot));
    let mut at = leaf.heap_start();
    for slot in order {
        let (start, cell) = (leaf.cell_at(slot), leaf.cell(slot));
        let end = leaf.suffix_at(slot) + cell.suffix.len() + cell.value.len();
        if at < start {
            note(notes, at..start, "dead");
        }
        let value = match ValueRef::decode(cell.special, cell.value) {
            ValueRef::Inline(bytes) => format!("value {}", readable(bytes)),
            ValueRef::Compressed { length, block } => {
                format!("value of {length} bytes, LZ4 block of {}", block.len())
            }
            ValueRef::Overflow(overflow) => {
                format!(
                    "value of {} bytes, overflow level {}, {}",
                    overflow.length, overflow.level, overflow.pointer
                )
            }
        };
        note(notes, start..end, format!("cell {slot}: key …{}, {value}", readable(cell.suffix)));
        at = end.max(at);
    }
    if at < leaf.page.len() {
        note(notes, at..leaf.page.len(), "dead");
    }
}

fn overflow_index(page: &[u8], notes: &mut Vec<Note>) {
    let level = page[5];
    note(notes, HEADER_BYTES..HEADER_BYTES + 2, format!("entries: {}", read_u16(page, HEADER_BYTES)));
    note(notes, HEADER_BYTES + 2..ENTRIES_AT, "zero");
    let mut end = ENTRIES_AT;
    for entry in entries(page, level) {
        match entry {
            Ok((range, entry)) => {
                let pages: Vec<String> = entry.pointers().map(|pointer| pointer.to_string()).collect();
                let stored = match (level, entry.compressed) {
                    (1, true) => format!(", LZ4 block of {}", entry.stored),
                    _ => String::new(),
                };
                end = range.end;
                note(notes, range, format!("{} bytes{stored} in {}", entry.raw, pages.join(", ")));
            }
            Err(flaw) => {
                let meaning =
                    format!("no entry: {}: expected {}, found {}", flaw.what, flaw.expected, flaw.found);
                return note(notes, end..page.len(), meaning);
            }
        }
    }
    if end < page.len() {
        note(notes, end..page.len(), "free");
    }
}

/// Bytes as text where they are printable, else in hexadecimal; long ones cut.
fn readable(bytes: &[u8]) -> String {
    const SHOWN: usize = 24;
    let shown = &bytes[..bytes.len().min(SHOWN)];
    let more = if bytes.len() > SHOWN { format!("… ({} bytes)", bytes.len()) } else { String::new() };
    if shown.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        format!("\"{}\"{more}", String::from_utf8_lossy(shown))
    } else {
        let digits: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digits}{more}")
    }
}
