//! Which places of the file are free, as bits with summaries: every question takes a handful of word operations,
//! however large the file.
//!
//! Invariants
//!
//! 1. In a [`LayeredBits`], bit `i` of layer `k + 1` is set exactly when word `i` of layer `k` is not zero; the top
//!    layer is one word.
//! 2. In [`FreeBits`], `whole` has bit `w` set exactly when all 64 places of word `w` are free.
//! 3. Bits at and beyond the length are clear.

use std::ops::Range;

const WORD: u64 = 64;

/// A set of bits that finds its lowest one in a step per layer.
#[derive(Debug, Clone)]
struct LayeredBits {
    layers: Vec<Vec<u64>>,
}

impl LayeredBits {
    fn new() -> LayeredBits {
        LayeredBits { layers: vec![vec![0]] }
    }

    /// Makes room for `bits` bits.
    fn grow(&mut self, bits: u64) {
        let mut words = bits.div_ceil(WORD).max(1) as usize;
        let mut layer = 0;
        loop {
            if layer == self.layers.len() {
                // A new top layer over what was the top until now: one word, that may be set.
                let below = self.layers[layer - 1][0] != 0;
                self.layers.push(vec![u64::from(below)]);
            }
            if self.layers[layer].len() < words {
                self.layers[layer].resize(words, 0);
            }
            words = self.layers[layer].len().div_ceil(WORD as usize);
            if self.layers[layer].len() == 1 {
                return;
            }
            layer += 1;
        }
    }

    fn word(&self, index: usize) -> u64 {
        self.layers[0].get(index).copied().unwrap_or(0)
    }

    fn get(&self, bit: u64) -> bool {
        self.word((bit / WORD) as usize) >> (bit % WORD) & 1 == 1
    }

    /// Changes one word of the lowest layer, and the summaries as far as they change.
    fn set_word(&mut self, index: usize, value: u64) {
        let (mut index, mut value) = (index, value);
        for layer in 0..self.layers.len() {
            let before = std::mem::replace(&mut self.layers[layer][index], value);
            if (before == 0) == (value == 0) || layer + 1 == self.layers.len() {
                return;
            }
            let bit = 1u64 << (index as u64 % WORD);
            let above = self.layers[layer + 1][index / WORD as usize];
            value = if value == 0 { above & !bit } else { above | bit };
            index /= WORD as usize;
        }
    }

    fn set(&mut self, bit: u64) {
        let index = (bit / WORD) as usize;
        self.set_word(index, self.word(index) | 1 << (bit % WORD));
    }

    fn clear(&mut self, bit: u64) {
        let index = (bit / WORD) as usize;
        self.set_word(index, self.word(index) & !(1 << (bit % WORD)));
    }

    /// The lowest bit that is set at `bit` or behind it.
    fn first_from(&self, bit: u64) -> Option<u64> {
        let mut index = bit;
        for layer in 0..self.layers.len() {
            let at = index / WORD;
            let word =
                self.layers[layer].get(at as usize).copied().unwrap_or(0) & (u64::MAX << (index % WORD));
            if word != 0 {
                let mut found = at * WORD + u64::from(word.trailing_zeros());
                for below in self.layers[..layer].iter().rev() {
                    found = found * WORD + u64::from(below[found as usize].trailing_zeros());
                }
                return Some(found);
            }
            index = at + 1;
        }
        None
    }

    fn first(&self) -> Option<u64> {
        let mut index = 0u64;
        for layer in self.layers.iter().rev() {
            let word = layer[index as usize];
            if word == 0 {
                return None;
            }
            index = index * WORD + u64::from(word.trailing_zeros());
        }
        Some(index)
    }
}

/// The free places of a file.
#[derive(Debug, Clone)]
pub(crate) struct FreeBits {
    free: LayeredBits,
    whole: LayeredBits,
    length: u64,
    count: u64,
}

impl FreeBits {
    /// `length` places, none of them free.
    pub fn new(length: u64) -> FreeBits {
        let mut bits = FreeBits { free: LayeredBits::new(), whole: LayeredBits::new(), length: 0, count: 0 };
        bits.grow(length);
        bits
    }

    /// Adds places that are not free.
    pub fn grow(&mut self, length: u64) {
        self.length = self.length.max(length);
        self.free.grow(self.length);
        self.whole.grow(self.length.div_ceil(WORD));
    }

    /// Takes away the places from `length` on, all of which are free.
    pub fn shrink(&mut self, length: u64) {
        let taken = self.occupy(length..self.length);
        debug_assert!(taken.is_ok(), "only free places are taken away");
        self.length = length;
    }

    /// The length without the free places at the end.
    pub fn length_in_use(&self) -> u64 {
        let mut end = self.length;
        while end > 0 {
            let index = (end - 1) / WORD;
            let within = end - index * WORD;
            // The places of this word up to the end, uppermost first.
            let free = (self.free.word(index as usize) << (WORD - within)).leading_ones();
            let free = u64::from(free).min(within);
            end -= free;
            if free < within {
                break;
            }
        }
        end
    }

    /// Number of places.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Number of free places.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Whether a place is free.
    pub fn is_free(&self, place: u64) -> bool {
        place < self.length && self.free.get(place)
    }

    /// Makes a run of places free; answers the first of them that was free already, having changed only those
    /// before it.
    pub fn release(&mut self, run: Range<u64>) -> Result<(), u64> {
        debug_assert!(run.end <= self.length, "invariant 3");
        for (index, mask) in words(&run) {
            let word = self.free.word(index);
            if word & mask != 0 {
                return Err(index as u64 * WORD + u64::from((word & mask).trailing_zeros()));
            }
            self.free.set_word(index, word | mask);
            if word | mask == u64::MAX {
                self.whole.set(index as u64);
            }
            self.count += u64::from(mask.count_ones());
        }
        Ok(())
    }

    /// Takes a run of places out; answers the first of them that was not free, having changed only those before it.
    pub fn occupy(&mut self, run: Range<u64>) -> Result<(), u64> {
        for (index, mask) in words(&run) {
            let word = self.free.word(index);
            if word & mask != mask {
                return Err(index as u64 * WORD + u64::from((!word & mask).trailing_zeros()));
            }
            if word == u64::MAX {
                self.whole.clear(index as u64);
            }
            self.free.set_word(index, word & !mask);
            self.count -= u64::from(mask.count_ones());
        }
        Ok(())
    }

    /// Takes the lowest run of free places, at most `want` long. Who wants many gets the lowest 64 neighbours there
    /// are, if there are any: neighbours are written together and scanned in order.
    pub fn take_run(&mut self, want: u64) -> Option<Range<u64>> {
        let whole = if want >= WORD { self.whole.first() } else { None };
        let start = match whole {
            Some(word) => word * WORD,
            None => self.free.first()?,
        };
        Some(self.take_at(start, want))
    }

    /// Takes the lowest run of free places at `from` or behind it, at most `want` long.
    pub fn take_run_from(&mut self, from: u64, want: u64) -> Option<Range<u64>> {
        let start = self.free.first_from(from)?;
        Some(self.take_at(start, want))
    }

    /// Takes the run of free places that begins at `start`, which is free, as far as its word goes or, from the beginning of
    /// a word, further.
    fn take_at(&mut self, start: u64, want: u64) -> Range<u64> {
        let mut end = start;
        while end < start + want {
            let rest = self.free.word((end / WORD) as usize) >> (end % WORD);
            let free = u64::from(rest.trailing_ones());
            if free == 0 {
                break;
            }
            end += free;
            if !end.is_multiple_of(WORD) {
                break;
            }
        }
        let run = start..end.min(start + want);
        let taken = self.occupy(run.clone());
        debug_assert!(taken.is_ok(), "the run was just found to be free");
        run
    }

    /// Runs of free places, ascending.
    pub fn runs(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            while at < self.length {
                let rest = self.free.word((at / WORD) as usize) >> (at % WORD);
                if rest & 1 == 1 {
                    let start = at;
                    while at < self.length && self.free.get(at) {
                        let rest = self.free.word((at / WORD) as usize) >> (at % WORD);
                        at += u64::from(rest.trailing_ones());
                    }
                    return Some(start..at);
                }
                let skip = if rest == 0 { WORD - at % WORD } else { u64::from(rest.trailing_zeros()) };
                at += skip;
            }
            None
        })
    }
}

/// The words that a run touches, each with the bits of the run.
fn words(run: &Range<u64>) -> impl Iterator<Item = (usize, u64)> + use<> {
    let Range { start, end } = *run;
    let mut at = start;
    std::iter::from_fn(move || {
        if at >= end {
            return None;
        }
        let index = at / WORD;
        let stop = end.min((index + 1) * WORD);
        let length = stop - at;
        let mask = (u64::MAX >> (WORD - length)) << (at % WORD);
        at = stop;
        Some((index as usize, mask))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_taken_lowest_first_and_given_back() {
        let mut bits = FreeBits::new(10_000);
        assert_eq!(bits.take_run(1), None);
        bits.release(10..5000).unwrap();
        assert_eq!(bits.count(), 4990);
        assert_eq!(bits.take_run(3), Some(10..13));
        assert_eq!(bits.take_run(100), Some(64..164), "many neighbours before low ones");
        assert_eq!(bits.take_run(63), Some(13..64));
        assert_eq!(bits.release(20..30), Ok(()));
        assert_eq!(bits.release(25..40), Err(25), "twice free is an error");
        assert_eq!(bits.runs().collect::<Vec<_>>(), vec![20..30, 164..5000]);
        assert_eq!(bits.occupy(28..31), Err(30));
    }

    #[test]
    fn free_places_at_the_end_are_found_and_taken_away() {
        for (length, used) in
            [(64, 0), (64, 63), (1000, 1), (1000, 64), (1000, 65), (1000, 999), (10_000, 4096)]
        {
            let mut bits = FreeBits::new(length);
            assert_eq!(bits.length_in_use(), length);
            bits.release(0..length).unwrap();
            if used > 0 {
                bits.occupy(used - 1..used).unwrap();
            }
            assert_eq!(bits.length_in_use(), used);
            bits.shrink(used);
            assert_eq!((bits.length(), bits.count()), (used, used.saturating_sub(1)));
            bits.grow(length);
            assert_eq!(bits.count(), used.saturating_sub(1));
            bits.release(used..length).unwrap();
            assert_eq!(bits.length_in_use(), used);
        }
    }

    #[test]
    fn a_million_places_stay_findable_one_by_one() {
        let mut bits = FreeBits::new(64);
        bits.grow(1 << 20);
        bits.release((1 << 20) - 1..1 << 20).unwrap();
        assert_eq!(bits.take_run(1000), Some((1 << 20) - 1..1 << 20));
        assert_eq!(bits.take_run(1), None);
        bits.release(0..1 << 20).unwrap();
        assert_eq!(bits.take_run(u64::from(u32::MAX)), Some(0..1 << 20));
        assert_eq!(bits.count(), 0);
    }
}
