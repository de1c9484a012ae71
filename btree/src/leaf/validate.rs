//! Whether bytes from a file are a leaf page that can be read without harm.
//!
//! A checksum proves that a page is the one that was written, not that what was written was right. This looks once,
//! when a page enters memory, at everything the accessors rely on; it costs a pass over the cells.
//!
//! Invariants
//!
//! 1. Whatever bytes come in, nothing here reads outside of the page or panics.
//! 2. After `Ok`, every accessor of [`super`] stays within the page for every slot below the count.

use super::{
    COUNT_AT, DEAD_BYTES_AT, FIXED_BYTES, HEAP_START_AT, Leaf, OVERFLOW_COUNT_AT, PREFIX_LENGTH_AT,
    SLOT_BYTES, head_of, inline_limit, key_limit, read_short, read_u16, read_u32, short_bytes,
};
use crate::error::{Flaw, flaw};
use crate::value;

/// Checks that `page` keeps the invariants of [`super`].
///
/// # Errors
/// The first flaw that is found, in words and numbers.
pub(crate) fn validate(page: &[u8]) -> Result<(), Flaw> {
    let count = usize::from(read_u16(page, COUNT_AT));
    if count == 0 {
        return Err(flaw("cell count of a leaf", 1, 0));
    }
    let prefix_length = usize::from(read_u16(page, PREFIX_LENGTH_AT));
    if prefix_length > key_limit(page.len()) {
        return Err(flaw("prefix length of a leaf (at most)", key_limit(page.len()), prefix_length));
    }
    let heap_start = read_u32(page, HEAP_START_AT) as usize;
    let slots_end = FIXED_BYTES + prefix_length + count * SLOT_BYTES;
    if heap_start > page.len() {
        return Err(flaw("heap start of a leaf (at most)", page.len(), heap_start));
    }
    if slots_end > heap_start {
        return Err(flaw("end of a leaf's slots (at most)", heap_start, slots_end));
    }
    let leaf = Leaf::new(page);
    let (mut bytes, mut overflow) = (read_u32(page, DEAD_BYTES_AT) as usize, 0);
    let mut previous: Option<&[u8]> = None;
    for index in 0..count {
        bytes += validate_cell(leaf, index, heap_start)?;
        let cell = leaf.cell(index);
        if cell.special {
            overflow += usize::from(value::validate_special(cell.value)?);
        }
        let head = read_u16(page, leaf.slots_at() + index * SLOT_BYTES + 2);
        if head != head_of(cell.suffix) {
            return Err(flaw("head of a leaf's slot", usize::from(head_of(cell.suffix)), usize::from(head)));
        }
        if previous.is_some_and(|previous| previous >= cell.suffix) {
            return Err(flaw("slot of the first key out of order in a leaf", count, index));
        }
        previous = Some(cell.suffix);
    }
    if bytes != page.len() - heap_start {
        return Err(flaw("bytes in a leaf's heap", page.len() - heap_start, bytes));
    }
    let overflow_stored = usize::from(read_u16(page, OVERFLOW_COUNT_AT));
    if overflow_stored != overflow {
        return Err(flaw("overflow count of a leaf", overflow, overflow_stored));
    }
    Ok(())
}

/// Checks that cell `index` lies inside the heap and keeps the limits; returns its length.
fn validate_cell(leaf: Leaf<'_>, index: usize, heap_start: usize) -> Result<usize, Flaw> {
    let page = leaf.page;
    let at = leaf.cell_at(index);
    // Four bytes hold both lengths; the smallest cell has two, so a cell may stand closer to the end than that.
    if at < heap_start || at + 2 > page.len() {
        return Err(flaw("offset of a leaf's cell (at least)", heap_start, at));
    }
    let short = |at: usize| -> Result<(usize, usize), Flaw> {
        let needed = if page.get(at).is_some_and(|byte| *byte < 0x80) { 1 } else { 2 };
        if at + needed > page.len() {
            return Err(flaw("end of a leaf's cell (at most)", page.len(), at + needed));
        }
        let (value, end) = read_short(page, at);
        if end - at != short_bytes(value) {
            return Err(flaw("bytes of a length in a leaf's cell", short_bytes(value), end - at));
        }
        Ok((value, end))
    };
    let (tagged, end) = short(at)?;
    let (value_length, end) = short(end)?;
    let key_length = leaf.prefix_length() + (tagged >> 1);
    if key_length > key_limit(page.len()) {
        return Err(flaw("key length in a leaf (at most)", key_limit(page.len()), key_length));
    }
    if value_length > inline_limit(page.len()) {
        return Err(flaw("value length in a leaf (at most)", inline_limit(page.len()), value_length));
    }
    let end = end + (tagged >> 1) + value_length;
    if end > page.len() {
        return Err(flaw("end of a leaf's cell (at most)", page.len(), end));
    }
    Ok(end - at)
}
