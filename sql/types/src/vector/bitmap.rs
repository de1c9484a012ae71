//! One bit a row: which rows are null.
//!
//! A bitmap counts its set bits once, when it is made; a vector without nulls has none at all. Bits past the end are
//! zero, so that words can be joined without looking at the length.

use std::sync::Arc;

const BITS: usize = 64;

/// Bits of which at least one is usually set.
#[derive(Debug, Clone)]
pub struct Bitmap {
    words: Arc<Vec<u64>>,
    length: usize,
    ones: usize,
}

impl Bitmap {
    /// All bits equal.
    pub fn filled(length: usize, bit: bool) -> Bitmap {
        let mut words = vec![if bit { u64::MAX } else { 0 }; length.div_ceil(BITS)];
        clear_tail(&mut words, length);
        Bitmap { words: Arc::new(words), length, ones: if bit { length } else { 0 } }
    }

    /// A bit for each index, as `bit` says.
    #[inline]
    pub fn from_fn(length: usize, mut bit: impl FnMut(usize) -> bool) -> Bitmap {
        let mut words = Vec::with_capacity(length.div_ceil(BITS));
        for first in (0..length).step_by(BITS) {
            let mut word = 0;
            for index in first..(first + BITS).min(length) {
                word |= u64::from(bit(index)) << (index - first);
            }
            words.push(word);
        }
        Bitmap::from_words(words, length)
    }

    /// Words whose bits past `length` are zero.
    fn from_words(words: Vec<u64>, length: usize) -> Bitmap {
        let ones = words.iter().map(|word| word.count_ones() as usize).sum();
        Bitmap { words: Arc::new(words), length, ones }
    }

    /// Whether these are the same bits in the same place. False says nothing.
    pub(crate) fn lies_with(&self, other: &Bitmap) -> bool {
        Arc::ptr_eq(&self.words, &other.words) && self.length == other.length
    }

    /// How many bits there are.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no bit.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// How many are set.
    pub fn count_ones(&self) -> usize {
        self.ones
    }

    /// One bit; those past the end are not set.
    #[inline]
    pub fn get(&self, index: usize) -> bool {
        self.words.get(index / BITS).is_some_and(|word| word >> (index % BITS) & 1 == 1)
    }

    /// The words, the first bit lowest.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Bits set in either; both are of one length.
    pub fn union(&self, other: &Bitmap) -> Bitmap {
        debug_assert_eq!(self.length, other.length);
        let words = self.words.iter().zip(other.words.iter()).map(|(left, right)| left | right).collect();
        Bitmap::from_words(words, self.length)
    }

    /// A stretch, from its own first bit on.
    pub fn slice(&self, start: usize, length: usize) -> Bitmap {
        let start = start.min(self.length);
        let length = length.min(self.length - start);
        let (skipped, shift) = (start / BITS, start % BITS);
        let word = |index: usize| self.words.get(index).copied().unwrap_or(0);
        let mut words: Vec<u64> = (0..length.div_ceil(BITS))
            .map(|index| match shift {
                0 => word(skipped + index),
                shift => word(skipped + index) >> shift | word(skipped + index + 1) << (BITS - shift),
            })
            .collect();
        clear_tail(&mut words, length);
        Bitmap::from_words(words, length)
    }
}

fn clear_tail(words: &mut [u64], length: usize) {
    if let Some(last) = words.last_mut().filter(|_| !length.is_multiple_of(BITS)) {
        *last &= u64::MAX >> (BITS - length % BITS);
    }
}

/// A bitmap in the making.
#[derive(Debug, Clone, Default)]
pub struct BitmapBuilder {
    words: Vec<u64>,
    length: usize,
    any: bool,
}

impl BitmapBuilder {
    /// Appends a bit.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        if bit {
            self.set(self.length);
        } else {
            self.length += 1;
        }
    }

    /// Appends zeros.
    pub fn push_zeros(&mut self, count: usize) {
        self.length += count;
    }

    /// Words are only made as far as the last set bit: what has no nulls costs a counter.
    fn set(&mut self, index: usize) {
        self.words.resize((index / BITS + 1).max(self.words.len()), 0);
        self.words[index / BITS] |= 1 << (index % BITS);
        self.length = self.length.max(index + 1);
        self.any = true;
    }

    /// The bitmap, if any bit is set.
    pub fn finish(mut self) -> Option<Bitmap> {
        self.any.then(|| {
            self.words.resize(self.length.div_ceil(BITS), 0);
            Bitmap::from_words(self.words, self.length)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Bitmap, BitmapBuilder};

    #[test]
    fn slices_and_unions_are_those_of_the_bits() {
        let bit = |index: usize| (index * 7).is_multiple_of(5);
        let bits = Bitmap::from_fn(200, bit);
        for (start, length) in [(0, 200), (0, 64), (1, 64), (63, 66), (64, 136), (190, 30), (200, 5)] {
            let slice = bits.slice(start, length);
            let expected: Vec<bool> = (start..(start + length).min(200)).map(bit).collect();
            assert_eq!((0..slice.len()).map(|index| slice.get(index)).collect::<Vec<_>>(), expected);
            assert_eq!(slice.count_ones(), expected.iter().filter(|bit| **bit).count());
        }
        let joined = bits.union(&Bitmap::from_fn(200, |index| index % 2 == 0));
        assert!((0..200).all(|index| joined.get(index) == (bit(index) || index % 2 == 0)));
        assert_eq!(Bitmap::filled(70, true).count_ones(), 70);
        assert_eq!(Bitmap::filled(70, true).slice(60, 10).count_ones(), 10);
    }

    #[test]
    fn a_builder_without_ones_makes_nothing() {
        let mut builder = BitmapBuilder::default();
        builder.push_zeros(100);
        assert!(builder.clone().finish().is_none());
        builder.push(true);
        builder.push(false);
        let bits = builder.finish().unwrap();
        assert_eq!((bits.len(), bits.count_ones(), bits.get(100)), (102, 1, true));
    }
}
