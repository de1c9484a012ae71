//! Leaf and overflow pages in words: for dumps, and for whoever looks at a damaged file. See [`pager::annotate`].
//!
//! Invariants
//!
//! 1. Nothing here trusts the bytes: a page that is not well formed is shown as far as it makes sense.

use crate::leaf::validate::validate;
use crate::leaf::{Leaf, NO_INSERTION};
use crate::overflow::{ENTRIES_AT, entries};
use crate::value::ValueRef;
use pager::annotate::{Fields, Line};
use pager::{HEADER_BYTES, PAGE_SIZE_MIN, PageKind};

/// A whole page of any kind, whose bytes begin at `offset` of the file.
#[must_use]
pub fn page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut lines = pager::annotate::page(offset, page);
    match page.get(4).copied().and_then(PageKind::from_byte) {
        Some(PageKind::Leaf) => lines.extend(leaf_page(offset, page)),
        Some(PageKind::OverflowData) => lines.extend(overflow_data_page(offset, page)),
        Some(PageKind::OverflowIndex) => lines.extend(overflow_index_page(offset, page)),
        Some(PageKind::TreeIndex | PageKind::Bitmap | PageKind::FreeSpaceIndex) | None => {}
    }
    lines
}

/// The body of a leaf.
#[must_use]
pub fn leaf_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    let flaw = if page.len() < PAGE_SIZE_MIN {
        Some("a page is longer")
    } else {
        validate(page).err().map(|bad| bad.what)
    };
    if let Some(what) = flaw {
        fields.rest(page.len(), &format!("not a leaf: {what}"));
        return fields.finish();
    }
    let leaf = Leaf::new(page);
    fields.number(2, "cells");
    fields.number(2, "length of the prefix");
    fields.number(4, "heap begins at");
    fields.number(4, "dead bytes in the heap");
    fields.number(2, "values in overflow pages");
    fields.take(2, |_| match leaf.last_insertion() {
        NO_INSERTION => "newest cell: unknown".to_string(),
        slot => format!("newest cell: {slot}"),
    });
    fields.take(leaf.prefix_length(), |bytes| format!("prefix of all keys: \"{}\"", bytes.escape_ascii()));
    for slot in 0..leaf.count() {
        fields.take(4, |bytes| {
            format!(
                "slot {slot}: cell at {}, head \"{}\"",
                leaf.cell_at(slot),
                [bytes[3], bytes[2]].escape_ascii()
            )
        });
    }
    fields.rest(leaf.heap_start(), "free");
    cells(leaf, &mut fields);
    fields.finish()
}

/// The heap, by offset: cells, and the dead bytes between them.
fn cells(leaf: Leaf<'_>, fields: &mut Fields<'_>) {
    let mut order: Vec<usize> = (0..leaf.count()).collect();
    order.sort_by_key(|slot| leaf.cell_at(*slot));
    for slot in order {
        fields.rest(leaf.cell_at(slot), "dead");
        let cell = leaf.cell(slot);
        let lengths = leaf.suffix_at(slot).saturating_sub(fields.position());
        fields.take(lengths, |_| {
            let special = if cell.special { ", special" } else { "" };
            format!(
                "cell {slot}: key suffix of {}, value of {} bytes{special}",
                cell.suffix.len(),
                cell.value.len()
            )
        });
        fields.take(cell.suffix.len(), |bytes| format!("cell {slot}: key …\"{}\"", bytes.escape_ascii()));
        fields.take(cell.value.len(), |bytes| match ValueRef::decode(cell.special, cell.value) {
            ValueRef::Inline(_) => format!("cell {slot}: value \"{}\"", bytes.escape_ascii()),
            ValueRef::Compressed { length, block } => {
                format!("cell {slot}: value of {length} bytes as LZ4 block of {}", block.len())
            }
            ValueRef::Overflow(overflow) => {
                let (length, level) = (overflow.length, overflow.level);
                format!(
                    "cell {slot}: value of {length} bytes, overflow of level {level} at {}",
                    overflow.pointer
                )
            }
        });
    }
    fields.rest(leaf.page.len(), "dead");
}

/// The body of an overflow data page.
#[must_use]
pub fn overflow_data_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    fields.rest(page.len(), "bytes of a large value, or of its LZ4 block");
    fields.finish()
}

/// The body of an overflow index page.
#[must_use]
pub fn overflow_index_page(offset: u64, page: &[u8]) -> Vec<Line> {
    let mut fields = Fields::new(offset, page, HEADER_BYTES);
    if page.len() < PAGE_SIZE_MIN {
        fields.rest(page.len(), "not a page: it is longer");
        return fields.finish();
    }
    let level = page[5];
    fields.number(2, "entries");
    fields.rest(ENTRIES_AT, "reserved");
    for (position, entry) in entries(page, level).enumerate() {
        let entry = match entry {
            Ok((_, entry)) => entry,
            Err(flaw) => {
                fields.rest(page.len(), &format!("not an entry: {}", flaw.what));
                return fields.finish();
            }
        };
        fields.number(4, &format!("entry {position}: bytes of the value"));
        if level == 1 {
            let form = if entry.compressed { "LZ4 block" } else { "as they are" };
            fields.take(4, |_| format!("entry {position}: stored in {} bytes, {form}", entry.stored));
        }
        for _ in 0..entry.pointers().count() {
            fields.pointer(&format!("entry {position}"));
        }
    }
    fields.rest(page.len(), "unused");
    fields.finish()
}
