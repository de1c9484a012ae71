//! Whether bytes from a file are a leaf page that can be read without harm.
//!
//! A checksum proves that a page is the one that was written, not that what was written was right. This looks once,
//! when a page enters memory, at everything the accessors rely on; it costs a pass over the cells.
//!
//! Invariants
//!
//! 1. Whatever bytes come in, nothing here reads outside of the page or panics.
//! 2. After `Ok`, every accessor of [`super`] stays within the page for every slot below the count.
//! 3. Readers need no more than that. Before a page is changed, [`cells_apart`] makes sure that no byte belongs to two
//!    cells: writing one would change the other.

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
    let (mut bytes, mut overflow) = (read_u32(page, DEAD_BYTES_AT) as usize, 0);
    let (mut previous, mut previous_head): (&[u8], u16) = (&[], 0);
    let slots = page[FIXED_BYTES + prefix_length..slots_end].chunks_exact(SLOT_BYTES);
    for (index, slot) in slots.enumerate() {
        let at = usize::from(u16::from_le_bytes([slot[0], slot[1]]));
        let head = u16::from_le_bytes([slot[2], slot[3]]);
        let Extent { suffix_at, value_at, end, special } = cell_extent(page, at, heap_start, prefix_length)?;
        bytes += end - at;
        let suffix = &page[suffix_at..value_at];
        if special {
            overflow += usize::from(value::validate_special(&page[value_at..end])?);
        }
        if head != head_of(suffix) {
            return Err(flaw("head of a leaf's slot", usize::from(head_of(suffix)), usize::from(head)));
        }
        // Heads that differ settle the order without a look at the suffixes.
        if index > 0 && (previous_head > head || previous_head == head && previous >= suffix) {
            return Err(flaw("slot of the first key out of order in a leaf", count, index));
        }
        (previous, previous_head) = (suffix, head);
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

/// Checks that no two cells of a page that has passed [`validate`] share a byte.
///
/// # Errors
/// The first cell that lies over another one.
pub(crate) fn cells_apart(page: &[u8]) -> Result<(), Flaw> {
    let leaf = Leaf::new(page);
    let extent = |index| {
        let parts = leaf.parts(index);
        (leaf.cell_at(index), parts.value_at + parts.value_length)
    };
    // A page that was filled in order has each cell below that of the slot before.
    let mut lowest = page.len();
    let goes_down = |index| {
        let (at, end) = extent(index);
        end <= std::mem::replace(&mut lowest, at)
    };
    if (0..leaf.count()).all(goes_down) {
        return Ok(());
    }
    // One bit for each byte of the page.
    let mut taken = vec![0u64; page.len().div_ceil(64)];
    for index in 0..leaf.count() {
        let (mut at, end) = extent(index);
        while at < end {
            let bits = (end - at).min(64 - at % 64);
            let mask = (u64::MAX >> (64 - bits)) << (at % 64);
            let word = &mut taken[at / 64];
            if *word & mask != 0 {
                return Err(flaw("slot of a leaf's cell that lies over another", leaf.count(), index));
            }
            *word |= mask;
            at += bits;
        }
    }
    Ok(())
}

/// Where the parts of a cell lie.
struct Extent {
    suffix_at: usize,
    value_at: usize,
    end: usize,
    special: bool,
}

/// Checks that the cell at `at` lies inside the heap and keeps the limits.
#[inline]
fn cell_extent(page: &[u8], at: usize, heap_start: usize, prefix_length: usize) -> Result<Extent, Flaw> {
    if at < heap_start {
        return Err(flaw("offset of a leaf's cell (at least)", heap_start, at));
    }
    let (tagged, end) = checked_short(page, at)?;
    let (value_length, suffix_at) = checked_short(page, end)?;
    let suffix_length = tagged >> 1;
    let key_length = prefix_length + suffix_length;
    if key_length > key_limit(page.len()) {
        return Err(flaw("key length in a leaf (at most)", key_limit(page.len()), key_length));
    }
    if value_length > inline_limit(page.len()) {
        return Err(flaw("value length in a leaf (at most)", inline_limit(page.len()), value_length));
    }
    let value_at = suffix_at + suffix_length;
    let end = value_at + value_length;
    if end > page.len() {
        return Err(flaw("end of a leaf's cell (at most)", page.len(), end));
    }
    Ok(Extent { suffix_at, value_at, end, special: tagged & 1 == 1 })
}

/// A `short` and where it ends. It must not take two bytes where one does.
#[inline]
fn checked_short(page: &[u8], at: usize) -> Result<(usize, usize), Flaw> {
    match page.get(at) {
        Some(byte) if *byte < 0x80 => Ok((usize::from(*byte), at + 1)),
        _ if at + 2 > page.len() => Err(flaw("end of a leaf's cell (at most)", page.len(), at + 2)),
        _ => {
            let (value, end) = read_short(page, at);
            if end - at != short_bytes(value) {
                return Err(flaw("bytes of a length in a leaf's cell", short_bytes(value), end - at));
            }
            Ok((value, end))
        }
    }
}
