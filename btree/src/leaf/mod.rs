//! A leaf page: keys and values in key order, as bytes. This file is the layout and how it is read.
//!
//! ```text
//! 0   page header (the pager's)
//! 32  cell count                u16
//! 34  prefix length             u16   bytes that all keys of the page begin with
//! 36  heap start                u32   offset of the lowest cell byte; the heap ends with the page
//! 40  dead bytes                u32   bytes of the heap that belong to no cell any more
//! 44  overflow count            u16   cells whose value lies in overflow pages
//! 46  last insertion            u16   slot of the newest cell (0xFFFF: unknown); a hint for splits
//! 48  prefix
//!     slots, 4 bytes each: cell offset u16, head u16
//!     free space
//!     heap of cells
//!
//! cell: short(suffix length * 2 + special), short(value length), suffix, value
//! ```
//!
//! A `short` is one byte below 128, else two bytes, big-endian, with the top bit set. A slot's head is the first two
//! bytes of the suffix (zeros where it is shorter), compared as a big-endian number, so that most steps of a search
//! touch the slot array alone. What a special value means is told in [`crate::value`].
//!
//! Invariants
//!
//! 1. Slots are in strictly ascending order of their keys (prefix + suffix), compared as bytes.
//! 2. The slot array ends at or before the heap's start; every cell lies inside the heap.
//! 3. The cells' lengths and the dead bytes add up to the heap's length.
//! 4. The overflow count is the number of special cells that refer to overflow pages.
//! 5. A page that came from the file has passed [`validate::validate`] before anything else here reads it, so that
//!    no byte of a file can make an accessor fail.

pub(crate) mod edit;
pub(crate) mod entries;
pub(crate) mod validate;

use std::cmp::Ordering;

pub(crate) const COUNT_AT: usize = pager::HEADER_BYTES;
pub(crate) const PREFIX_LENGTH_AT: usize = COUNT_AT + 2;
pub(crate) const HEAP_START_AT: usize = COUNT_AT + 4;
pub(crate) const DEAD_BYTES_AT: usize = COUNT_AT + 8;
pub(crate) const OVERFLOW_COUNT_AT: usize = COUNT_AT + 12;
pub(crate) const LAST_INSERTION_AT: usize = COUNT_AT + 14;
/// Where the prefix begins: the end of the fixed part.
pub(crate) const FIXED_BYTES: usize = COUNT_AT + 16;
pub(crate) const SLOT_BYTES: usize = 4;
/// "Unknown" in the last-insertion field.
pub(crate) const NO_INSERTION: u16 = u16::MAX;

/// The longest key that a tree with pages of `page_size` bytes takes: any key may become a separator.
#[must_use]
pub const fn key_limit(page_size: usize) -> usize {
    pager::separator_limit(page_size)
}

/// The most bytes that a value may occupy inside a leaf; longer ones are compressed or go to overflow pages.
///
/// With [`key_limit`] this makes two cells of the largest size fit into one leaf, which splits rely on.
#[must_use]
pub const fn inline_limit(page_size: usize) -> usize {
    page_size / 4
}

#[inline]
pub(crate) fn read_u16(page: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([page[at], page[at + 1]])
}

#[inline]
pub(crate) fn read_u32(page: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([page[at], page[at + 1], page[at + 2], page[at + 3]])
}

/// Bytes that `value` takes as a `short`.
pub(crate) const fn short_bytes(value: usize) -> usize {
    if value < 0x80 { 1 } else { 2 }
}

/// Reads a `short`; returns it and where it ends.
#[inline]
pub(crate) fn read_short(page: &[u8], at: usize) -> (usize, usize) {
    let first = page[at];
    if first < 0x80 {
        (usize::from(first), at + 1)
    } else {
        (usize::from(first & 0x7F) << 8 | usize::from(page[at + 1]), at + 2)
    }
}

/// The head that a slot keeps of `suffix`.
#[inline]
pub(crate) fn head_of(suffix: &[u8]) -> u16 {
    match suffix {
        [] => 0,
        [first] => u16::from(*first) << 8,
        [first, second, ..] => u16::from(*first) << 8 | u16::from(*second),
    }
}

/// One cell, borrowed from its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    /// The key without the page's prefix.
    pub suffix: &'a [u8],
    /// Whether `value` is a description of the value instead of its bytes.
    pub special: bool,
    /// The value's bytes, or their description.
    pub value: &'a [u8],
}

/// One cell, its value by its place in the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub suffix: &'a [u8],
    pub special: bool,
    pub value_at: usize,
    pub value_length: usize,
}

/// A leaf page, to read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaf<'a> {
    pub page: &'a [u8],
}

impl<'a> Leaf<'a> {
    #[inline]
    pub fn new(page: &'a [u8]) -> Leaf<'a> {
        Leaf { page }
    }

    #[inline]
    pub fn count(self) -> usize {
        usize::from(read_u16(self.page, COUNT_AT))
    }

    #[inline]
    pub fn prefix_length(self) -> usize {
        usize::from(read_u16(self.page, PREFIX_LENGTH_AT))
    }

    #[inline]
    pub fn prefix(self) -> &'a [u8] {
        &self.page[FIXED_BYTES..FIXED_BYTES + self.prefix_length()]
    }

    #[inline]
    pub fn heap_start(self) -> usize {
        read_u32(self.page, HEAP_START_AT) as usize
    }

    #[inline]
    pub fn dead_bytes(self) -> usize {
        read_u32(self.page, DEAD_BYTES_AT) as usize
    }

    #[inline]
    pub fn overflow_count(self) -> usize {
        usize::from(read_u16(self.page, OVERFLOW_COUNT_AT))
    }

    pub fn last_insertion(self) -> u16 {
        read_u16(self.page, LAST_INSERTION_AT)
    }

    #[inline]
    pub fn slots_at(self) -> usize {
        FIXED_BYTES + self.prefix_length()
    }

    /// Bytes of the page that hold something: everything but free space and dead bytes.
    #[inline]
    pub fn used_bytes(self) -> usize {
        let slots_end = self.slots_at() + self.count() * SLOT_BYTES;
        slots_end + (self.page.len() - self.heap_start()) - self.dead_bytes()
    }

    /// Offset of cell `index`.
    #[inline]
    pub fn cell_at(self, index: usize) -> usize {
        usize::from(read_u16(self.page, self.slots_at() + index * SLOT_BYTES))
    }

    /// Offset of the suffix of cell `index`.
    pub fn suffix_at(self, index: usize) -> usize {
        let (_, at) = read_short(self.page, self.cell_at(index));
        read_short(self.page, at).1
    }

    /// The suffix of cell `index`.
    #[inline]
    pub fn suffix(self, index: usize) -> &'a [u8] {
        let (tagged, at) = read_short(self.page, self.cell_at(index));
        let (_, at) = read_short(self.page, at);
        &self.page[at..at + (tagged >> 1)]
    }

    /// Cell `index`, its value by place.
    #[inline]
    pub fn parts(self, index: usize) -> Parts<'a> {
        let (tagged, at) = read_short(self.page, self.cell_at(index));
        let (value_length, at) = read_short(self.page, at);
        let value_at = at + (tagged >> 1);
        Parts { suffix: &self.page[at..value_at], special: tagged & 1 == 1, value_at, value_length }
    }

    #[inline]
    pub fn cell(self, index: usize) -> Cell<'a> {
        let Parts { suffix, special, value_at, value_length } = self.parts(index);
        Cell { suffix, special, value: &self.page[value_at..value_at + value_length] }
    }

    /// Puts the whole key of cell `index` into `key`.
    #[inline]
    pub fn copy_key(self, index: usize, key: &mut Vec<u8>) {
        key.clear();
        key.extend_from_slice(self.prefix());
        key.extend_from_slice(self.suffix(index));
    }

    /// As [`Leaf::search`], for a key that is about to be inserted: those that come in order belong behind the last.
    #[inline]
    pub fn search_to_insert(self, key: &[u8]) -> Result<usize, usize> {
        if let Some(last) = self.count().checked_sub(1)
            && let Some(suffix) = key.strip_prefix(self.prefix())
            && suffix > self.suffix(last)
        {
            return Err(last + 1);
        }
        self.search(key)
    }

    /// Asks for the memory in which cell `guess` would be, were the page full and filled in the order of its keys, and for that of its
    /// slot: both are on their way then while the page's header is waited for. That is all the use of it.
    #[inline]
    pub fn ask_for(self, guess: usize, count: usize) {
        // Both numbers may be whatever a file says.
        let cells =
            self.page.len().saturating_sub(FIXED_BYTES.saturating_add(count.saturating_mul(SLOT_BYTES)));
        let cell = cells / count.max(1);
        let cell_at = self.page.len().saturating_sub(guess.saturating_add(1).saturating_mul(cell));
        let slot_at = guess.saturating_mul(SLOT_BYTES).saturating_add(FIXED_BYTES);
        for at in [slot_at, cell_at, cell_at + cell / 2] {
            std::hint::black_box(self.page.get(at).copied());
        }
    }

    /// Finds `key`: `Ok` with its slot, or `Err` with the slot it would take.
    #[inline]
    pub fn search(self, key: &[u8]) -> Result<usize, usize> {
        self.search_near(key, None)
    }

    /// As [`Leaf::search`]; `guess` is where the key may be.
    #[inline]
    pub fn search_near(self, key: &[u8], guess: Option<usize>) -> Result<usize, usize> {
        let prefix = self.prefix();
        let Some(suffix) = key.strip_prefix(prefix) else {
            return Err(if key < prefix { 0 } else { self.count() });
        };
        let slots_at = self.slots_at();
        let count = self.count();
        let (slots, _) = self.page[slots_at..slots_at + count * SLOT_BYTES].as_chunks::<SLOT_BYTES>();
        let wanted = head_of(suffix);
        let head = |index: usize| u16::from_le_bytes([slots[index][2], slots[index][3]]);
        let mut low = match guess {
            Some(guess) => place_near(count, guess, wanted, head),
            None => place_of(count, wanted, head),
        };
        // Heads that are equal say nothing: the suffixes decide among those slots. Mostly it is one.
        let mut high = match slots.get(low) {
            Some(_) if head(low) != wanted => low,
            Some(_) if low + 1 == count || head(low + 1) != wanted => low + 1,
            Some(_) => partition(low + 2, count, |index| head(index) == wanted),
            None => low,
        };
        while low < high {
            let middle = low.midpoint(high);
            match self.suffix(middle).cmp(suffix) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

/// So few slots lie within a line or two of the processor's cache.
const FEW_SLOTS: usize = 32;

/// The first of `count` slots whose head is not below `wanted`. It is looked for where it would be if heads rose evenly, as
/// those of numbers do, and from there in growing steps: a page that others have pushed out of the processor's cache is
/// waited for at each place that lies far from the last one.
#[inline]
fn place_of(count: usize, wanted: u16, head: impl Fn(usize) -> u16) -> usize {
    let before = |index| head(index) < wanted;
    if count <= FEW_SLOTS {
        return partition(0, count, before);
    }
    let (first, last) = (head(0), head(count - 1));
    if wanted <= first {
        return 0;
    }
    if wanted > last {
        return count;
    }
    let (offset, span) = (u32::from(wanted - first), u32::from(last - first));
    let guess = (offset * (count - 1) as u32 / span) as usize; // a slot takes four bytes of a page
    // What is sought stands behind `low`, and at or before `high`.
    let (mut low, mut high) = (0, count - 1);
    let mut step = 4;
    if before(guess) {
        low = guess;
        while low + step < high && before(low + step) {
            low += step;
            step *= 4;
        }
        high = high.min(low + step);
    } else {
        high = guess;
        while high > low + step && !before(high - step) {
            high -= step;
            step *= 4;
        }
        low = low.max(high.saturating_sub(step));
    }
    partition(low + 1, high, before)
}

/// As [`place_of`], looked for from `guess` on, so that nothing else is known of the slots: not even where they begin and end.
#[inline]
fn place_near(count: usize, guess: usize, wanted: u16, head: impl Fn(usize) -> u16) -> usize {
    let before = |index| head(index) < wanted;
    let (mut low, mut high) = (0, count);
    let mut step = 2;
    if guess < count && before(guess) {
        low = guess + 1;
        while low + step < count {
            if !before(low + step) {
                high = low + step;
                break;
            }
            low += step + 1;
            step *= 4;
        }
    } else {
        high = high.min(guess);
        while high > step {
            if before(high - step) {
                low = high - step + 1;
                break;
            }
            high -= step;
            step *= 4;
        }
    }
    partition(low, high, before)
}

/// The first index in `low..high` for which `before` is false; `before` is true on a leading part of the range.
#[inline]
fn partition(low: usize, high: usize, before: impl Fn(usize) -> bool) -> usize {
    let mut base = low;
    let mut size = high - low;
    while size > 1 {
        let half = size / 2;
        // No branch that depends on data: the compiler turns this into a conditional move.
        base = if before(base + half - 1) { base + half } else { base };
        size -= half;
    }
    base + usize::from(size == 1 && before(base))
}

#[cfg(test)]
mod tests {
    use super::edit::LeafMut;
    use super::entries::Entry;
    use super::*;

    #[test]
    fn a_place_among_many_slots_is_found_however_their_heads_rise() {
        let even: Vec<u16> = (0..400).map(|index| index * 7 + 3).collect();
        let dense: Vec<u16> = (0..400).map(|index| 500 + index).collect();
        let squares: Vec<u16> = (0..256u16).map(|index| index.saturating_mul(index)).collect();
        let equal = vec![9; 300];
        let mut edges = vec![0; 100];
        edges.extend(vec![u16::MAX; 100]);
        let mut late: Vec<u16> = (0..300).collect();
        late.push(u16::MAX);
        let mut early = vec![0];
        early.extend((0..300).map(|index| 60_000 + index));
        for heads in [even, dense, squares, equal, edges, late, early] {
            for count in [FEW_SLOTS, FEW_SLOTS + 1, heads.len()] {
                let heads = &heads[..count];
                let near =
                    heads.iter().flat_map(|head| [head.saturating_sub(1), *head, head.saturating_add(1)]);
                for wanted in near.chain([0, 1, 30_000, u16::MAX]) {
                    let expected = heads.partition_point(|head| *head < wanted);
                    let head = |index: usize| heads[index];
                    assert_eq!(place_of(count, wanted, head), expected, "{wanted} in {heads:?}");
                    for guess in [0, 1, expected, expected + 1, expected + 20, count - 1, count, 9999] {
                        let found = place_near(count, guess, wanted, head);
                        assert_eq!(found, expected, "{wanted} in {heads:?} from {guess}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_search_is_right_for_every_key_beside_and_between_those_that_are_there() {
        // Heads that are all equal, equal in twos and threes, and different; below a prefix and without one.
        let groups: [&[&str]; 4] = [
            &["aab", "aabc", "aabd", "aac"],
            &["a", "b", "bb", "bba", "bbb", "c"],
            &["k"],
            &["prefix-1", "prefix-10", "prefix-11", "prefix-2", "prefix-22", "prefix-3"],
        ];
        for keys in groups {
            let entries: Vec<_> = keys
                .iter()
                .map(|key| Entry { prefix: &[], suffix: key.as_bytes(), special: false, value: b"value" })
                .collect();
            let mut page = vec![0; 512];
            assert!(LeafMut::new(&mut page).fill(&entries));
            let leaf = Leaf::new(&page);
            let mut asked: Vec<Vec<u8>> = vec![Vec::new(), b"0".to_vec(), b"p".to_vec(), b"zz".to_vec()];
            for key in keys.iter().map(|key| key.as_bytes()) {
                asked.extend([key.to_vec(), [key, &[0]].concat(), [key, b"z"].concat()]);
                asked.push(key[..key.len() - 1].to_vec());
            }
            for key in asked {
                let expected = keys.binary_search_by(|known| known.as_bytes().cmp(&key));
                assert_eq!(leaf.search(&key), expected, "{key:?} in {keys:?}");
                assert_eq!(leaf.search_to_insert(&key), expected, "{key:?} into {keys:?}");
            }
        }
    }
}
