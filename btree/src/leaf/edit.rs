//! Changing a leaf page in place: one cell in, one cell out, a value for a value.
//!
//! A cell that stays is moved by [`LeafMut::fill`] alone, which writes a new page from entries, and by a value that fits into
//! the page, but not beside the one before: the cells below that are moved along. What does not fit is told by `false`; the
//! caller then packs the page anew or splits it (see [`super::entries`]).
//!
//! Invariants
//!
//! 1. After each call that returned, the invariants of [`super`] hold again; `false` means nothing was changed.
//! 2. A key that is inserted begins with the page's prefix (the caller has looked).

use super::entries::{Entry, common_prefix, head_of_parts, packed_bytes};
use super::{
    COUNT_AT, DEAD_BYTES_AT, FIXED_BYTES, HEAP_START_AT, LAST_INSERTION_AT, Leaf, NO_INSERTION,
    OVERFLOW_COUNT_AT, PREFIX_LENGTH_AT, SLOT_BYTES, head_of, read_u16, short_bytes,
};
use crate::value::is_overflow;

/// A leaf page, to change.
#[derive(Debug)]
pub(crate) struct LeafMut<'a> {
    pub page: &'a mut [u8],
}

fn write_u16(page: &mut [u8], at: usize, value: u16) {
    page[at..at + 2].copy_from_slice(&value.to_le_bytes());
}

fn write_u32(page: &mut [u8], at: usize, value: u32) {
    page[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn write_short(page: &mut [u8], at: usize, value: usize) -> usize {
    debug_assert!(value < 0x8000);
    if value < 0x80 {
        page[at] = value as u8;
        at + 1
    } else {
        page[at] = 0x80 | (value >> 8) as u8;
        page[at + 1] = value as u8;
        at + 2
    }
}

/// Bytes of a cell in the heap.
pub(crate) const fn cell_bytes(suffix_length: usize, value_length: usize) -> usize {
    short_bytes(suffix_length * 2 + 1) + short_bytes(value_length) + suffix_length + value_length
}

/// Fills the bytes of a cell.
#[inline]
fn write_cell(cell: &mut [u8], suffix: [&[u8]; 2], special: bool, value: &[u8]) {
    let end = write_short(cell, 0, (suffix[0].len() + suffix[1].len()) * 2 + usize::from(special));
    let end = write_short(cell, end, value.len());
    let (first, rest) = cell[end..].split_at_mut(suffix[0].len());
    first.copy_from_slice(suffix[0]);
    // A key mostly comes in one piece.
    let rest = if suffix[1].is_empty() {
        rest
    } else {
        let (second, rest) = rest.split_at_mut(suffix[1].len());
        second.copy_from_slice(suffix[1]);
        rest
    };
    rest.copy_from_slice(value);
}

impl<'a> LeafMut<'a> {
    pub fn new(page: &'a mut [u8]) -> LeafMut<'a> {
        LeafMut { page }
    }

    pub fn view(&self) -> Leaf<'_> {
        Leaf::new(self.page)
    }

    /// Bytes between the slot array and the heap.
    fn gap(&self) -> usize {
        let leaf = self.view();
        leaf.heap_start() - leaf.slots_at() - leaf.count() * SLOT_BYTES
    }

    /// Makes the page, which is all zeros, a leaf without cells whose keys will begin with `prefix`.
    pub fn clear(&mut self, prefix: &[u8]) {
        let size = self.page.len();
        debug_assert!(self.page[COUNT_AT..].iter().all(|byte| *byte == 0), "a page is written but once");
        write_u16(self.page, PREFIX_LENGTH_AT, prefix.len() as u16);
        write_u32(self.page, HEAP_START_AT, size as u32);
        write_u16(self.page, LAST_INSERTION_AT, NO_INSERTION);
        self.page[FIXED_BYTES..FIXED_BYTES + prefix.len()].copy_from_slice(prefix);
    }

    fn write_slot(&mut self, index: usize, cell_at: usize, head: u16) {
        let at = self.view().slots_at() + index * SLOT_BYTES;
        write_u16(self.page, at, cell_at as u16);
        write_u16(self.page, at + 2, head);
    }

    fn add_overflow(&mut self, special: bool, value: &[u8]) {
        if special && is_overflow(value) {
            let count = read_u16(self.page, OVERFLOW_COUNT_AT);
            write_u16(self.page, OVERFLOW_COUNT_AT, count + 1);
        }
    }

    /// Notes that the newest cell is at slot `index`.
    pub fn hint(&mut self, index: usize) {
        write_u16(self.page, LAST_INSERTION_AT, index as u16);
    }

    /// Puts a cell at slot `index`. Returns `false`, with nothing changed, when the gap is too small.
    pub fn insert(&mut self, index: usize, suffix: &[u8], special: bool, value: &[u8]) -> bool {
        if cell_bytes(suffix.len(), value.len()) + SLOT_BYTES > self.gap() {
            return false;
        }
        let heap_start = self.view().heap_start();
        let cell_at = heap_start - cell_bytes(suffix.len(), value.len());
        write_cell(&mut self.page[cell_at..heap_start], [suffix, &[]], special, value);
        write_u32(self.page, HEAP_START_AT, cell_at as u32);
        let slots_at = self.view().slots_at();
        let count = self.view().count();
        let from = slots_at + index * SLOT_BYTES;
        self.page.copy_within(from..slots_at + count * SLOT_BYTES, from + SLOT_BYTES);
        self.write_slot(index, cell_at, head_of(suffix));
        write_u16(self.page, COUNT_AT, count as u16 + 1);
        write_u16(self.page, LAST_INSERTION_AT, index as u16);
        self.add_overflow(special, value);
        true
    }

    /// Takes out the cell at slot `index`; answers how many bytes that were in use no more are.
    pub fn remove(&mut self, index: usize) -> usize {
        let leaf = self.view();
        let cell = leaf.cell(index);
        let at = leaf.cell_at(index);
        let bytes = cell_bytes(cell.suffix.len(), cell.value.len());
        let was_overflow = cell.special && is_overflow(cell.value);
        let (slots_at, count, heap_start) = (leaf.slots_at(), leaf.count(), leaf.heap_start());
        let dead = leaf.dead_bytes();
        let after = slots_at + (index + 1) * SLOT_BYTES;
        self.page.copy_within(after..slots_at + count * SLOT_BYTES, after - SLOT_BYTES);
        write_u16(self.page, COUNT_AT, count as u16 - 1);
        if at == heap_start {
            // The lowest cell leaves no hole behind.
            write_u32(self.page, HEAP_START_AT, (heap_start + bytes) as u32);
        } else {
            write_u32(self.page, DEAD_BYTES_AT, (dead + bytes) as u32);
        }
        if was_overflow {
            let overflow = read_u16(self.page, OVERFLOW_COUNT_AT);
            write_u16(self.page, OVERFLOW_COUNT_AT, overflow - 1);
        }
        write_u16(self.page, LAST_INSERTION_AT, NO_INSERTION);
        bytes + SLOT_BYTES
    }

    /// Takes out the cells at slots `from..to`.
    pub fn remove_range(&mut self, from: usize, to: usize) {
        let leaf = self.view();
        let (mut dead, mut overflow) = (leaf.dead_bytes(), leaf.overflow_count());
        for index in from..to {
            let cell = leaf.cell(index);
            dead += cell_bytes(cell.suffix.len(), cell.value.len());
            overflow -= usize::from(cell.special && is_overflow(cell.value));
        }
        let (slots_at, count) = (leaf.slots_at(), leaf.count());
        let kept_at = slots_at + to * SLOT_BYTES;
        self.page.copy_within(kept_at..slots_at + count * SLOT_BYTES, slots_at + from * SLOT_BYTES);
        write_u16(self.page, COUNT_AT, (count - (to - from)) as u16);
        write_u32(self.page, DEAD_BYTES_AT, dead as u32);
        write_u16(self.page, OVERFLOW_COUNT_AT, overflow as u16);
        write_u16(self.page, LAST_INSERTION_AT, NO_INSERTION);
    }

    /// Gives the cell at slot `index` another value. Returns `false`, with nothing changed, when it does not fit.
    pub fn replace(&mut self, index: usize, special: bool, value: &[u8]) -> bool {
        let leaf = self.view();
        let cell = leaf.cell(index);
        let suffix_length = cell.suffix.len();
        let overflow_before = u16::from(cell.special && is_overflow(cell.value));
        let overflow_after = u16::from(special && is_overflow(value));
        let tagged = suffix_length * 2 + usize::from(special);
        let old_at = leaf.cell_at(index);
        if cell.value.len() == value.len() {
            let end = write_short(self.page, old_at, tagged);
            let value_at = write_short(self.page, end, value.len()) + suffix_length;
            self.page[value_at..value_at + value.len()].copy_from_slice(value);
        } else {
            let old_bytes = cell_bytes(suffix_length, cell.value.len());
            let new_bytes = cell_bytes(suffix_length, value.len());
            let gap = self.gap();
            if new_bytes > gap + old_bytes {
                return false;
            }
            let suffix_at = leaf.suffix_at(index);
            let slides = new_bytes > gap;
            let new_at = if slides {
                old_at + old_bytes - new_bytes
            } else {
                let new_at = leaf.heap_start() - new_bytes;
                let slot_at = leaf.slots_at() + index * SLOT_BYTES;
                let dead = leaf.dead_bytes() + old_bytes;
                write_u16(self.page, slot_at, new_at as u16);
                write_u32(self.page, HEAP_START_AT, new_at as u32);
                write_u32(self.page, DEAD_BYTES_AT, dead as u32);
                new_at
            };
            let value_at = new_at + new_bytes - value.len();
            // Neither the cells below nor the suffix may be written over before they are where they belong.
            if slides && new_bytes > old_bytes {
                self.slide(old_at, old_bytes, new_bytes);
            }
            self.page.copy_within(suffix_at..suffix_at + suffix_length, value_at - suffix_length);
            if slides && new_bytes <= old_bytes {
                self.slide(old_at, old_bytes, new_bytes);
            }
            let end = write_short(self.page, new_at, tagged);
            write_short(self.page, end, value.len());
            self.page[value_at..new_at + new_bytes].copy_from_slice(value);
        }
        let overflow = read_u16(self.page, OVERFLOW_COUNT_AT);
        write_u16(self.page, OVERFLOW_COUNT_AT, overflow - overflow_before + overflow_after);
        true
    }

    /// Makes room for a cell of `new_bytes` that ends where one of `old_bytes` at `old_at` does: moves all cells below it as far as
    /// the two differ in size. The gap has the bytes that this takes.
    fn slide(&mut self, old_at: usize, old_bytes: usize, new_bytes: usize) {
        let leaf = self.view();
        let (slots_at, count, heap_start) = (leaf.slots_at(), leaf.count(), leaf.heap_start());
        let moved = |at: usize| at + old_bytes - new_bytes;
        self.page.copy_within(heap_start..old_at, moved(heap_start));
        write_u32(self.page, HEAP_START_AT, moved(heap_start) as u32);
        let slots = &mut self.page[slots_at..slots_at + count * SLOT_BYTES];
        for [low, high, ..] in slots.as_chunks_mut::<SLOT_BYTES>().0 {
            let at = usize::from(u16::from_le_bytes([*low, *high]));
            if at <= old_at {
                [*low, *high] = (moved(at) as u16).to_le_bytes();
            }
        }
    }

    /// Writes the page, which is all zeros, with `entries`, in order, under the longest prefix they share. Returns `false`,
    /// with nothing changed, when they do not fit.
    pub fn fill(&mut self, entries: &[Entry<'_>]) -> bool {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            self.clear(&[]);
            return true;
        };
        let prefix_length = common_prefix(first, last);
        self.fill_under(first, prefix_length, entries)
    }

    /// As [`LeafMut::fill`], under the first `prefix_length` bytes of `first`, which is one of `entries`; all begin so.
    pub fn fill_under(&mut self, first: &Entry<'_>, prefix_length: usize, entries: &[Entry<'_>]) -> bool {
        if packed_bytes(entries, prefix_length) > self.page.len() {
            return false;
        }
        self.clear(&[]);
        write_u16(self.page, PREFIX_LENGTH_AT, prefix_length as u16);
        first.copy_key_range(0, &mut self.page[FIXED_BYTES..FIXED_BYTES + prefix_length]);
        let slots_at = FIXED_BYTES + prefix_length;
        let slots_end = slots_at + entries.len() * SLOT_BYTES;
        let (front, mut free) = self.page.split_at_mut(slots_end);
        let (slots, _) = front[slots_at..].as_chunks_mut::<SLOT_BYTES>();
        let mut overflow = 0;
        for (slot, entry) in slots.iter_mut().zip(entries) {
            let suffix = entry.without(prefix_length);
            let start = free.len() - cell_bytes(suffix[0].len() + suffix[1].len(), entry.value.len());
            let (before, cell) = free.split_at_mut(start);
            write_cell(cell, suffix, entry.special, entry.value);
            free = before;
            let at = (slots_end + start) as u16;
            let ([low, high], [first, second]) = (at.to_le_bytes(), head_of_parts(suffix).to_le_bytes());
            *slot = [low, high, first, second];
            overflow += u16::from(entry.special && is_overflow(entry.value));
        }
        let heap_start = slots_end + free.len();
        write_u32(self.page, HEAP_START_AT, heap_start as u32);
        write_u16(self.page, OVERFLOW_COUNT_AT, overflow);
        write_u16(self.page, COUNT_AT, entries.len() as u16);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::validate::{cells_apart, validate};

    /// Values that grow and shrink in a full page, past lengths that take a byte more, and beside what is dead already.
    #[test]
    fn a_value_of_another_length_finds_room_as_long_as_the_page_has_some() {
        find_room(512, 10, 36);
        find_room(1024, 6, 140);
    }

    fn find_room(page_size: usize, count: usize, usual: usize) {
        let keys: Vec<String> = (0..count).map(|number| format!("key-{number}")).collect();
        let values: Vec<Vec<u8>> = (0..count).map(|number| vec![number as u8; usual]).collect();
        let entries: Vec<_> = keys.iter().zip(&values).map(|(key, value)| entry(key, value)).collect();
        for index in 0..entries.len() {
            for length in 0..=page_size / 4 {
                let mut page = vec![0; page_size];
                assert!(LeafMut::new(&mut page).fill(&entries));
                let mut expected = values.clone();
                // The second time what the first has left behind is there, too.
                let others = [(count - 1 - index, usual + 1), (index, usual - 1), (index, length)];
                for (at, length) in [(index, length)].into_iter().chain(others) {
                    let mut leaf = LeafMut::new(&mut page);
                    let (value, before) = (vec![0xAA; length], leaf.page.to_vec());
                    let room = leaf.gap() + cell_bytes(1, expected[at].len());
                    let fits = length == expected[at].len() || cell_bytes(1, length) <= room;
                    assert_eq!(leaf.replace(at, false, &value), fits, "{at}, {length}");
                    if fits {
                        expected[at] = value;
                    } else {
                        assert_eq!(page, before);
                    }
                    assert!(validate(&page).is_ok() && cells_apart(&page).is_ok(), "{at}, {length}");
                    let leaf = Leaf::new(&page);
                    for (index, value) in expected.iter().enumerate() {
                        assert_eq!(leaf.cell(index).value, value, "{index} after {at}, {length}");
                        assert_eq!([leaf.prefix(), leaf.suffix(index)].concat(), keys[index].as_bytes());
                    }
                }
            }
        }
    }

    fn entry<'a>(key: &'a str, value: &'a [u8]) -> Entry<'a> {
        Entry { prefix: &[], suffix: key.as_bytes(), special: false, value }
    }
}
