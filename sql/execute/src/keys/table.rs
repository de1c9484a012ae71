//! A number for each key, in order of appearance.
//!
//! Nulls equal nulls here; who wants them to differ leaves such rows out.

use super::narrow::NarrowKeys;
use super::pack::{ByteKeys, Packing, clear_numbers, fields, numbers_size, pack_known, pack_new};
use hashbrown::HashTable;
use types::Vector;
use types::vector::Order;

/// The number of no key.
pub const NONE: u32 = u32::MAX;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// A table that is not larger keeps its memory when it is cleared, as it may soon be filled again; less than what any of those may
/// take who look how large a table is.
pub(super) const CLEARED_MAX: usize = 16 << 10;

/// Keys and their numbers.
#[derive(Debug)]
pub struct KeyTable {
    orders: Vec<Order>,
    packing: Packing,
    narrow: NarrowKeys,
    wide: ByteKeys,
    /// Numbers of wide keys.
    table: HashTable<u32>,
    packed: Vec<u128>,
    rest: Vec<u8>,
}

/// A word whose bits depend on all bits of another.
#[inline]
pub(super) fn fold(value: u64) -> u64 {
    let product = u128::from(value ^ MULTIPLIER) * u128::from(MULTIPLIER);
    ((product as u64) ^ (product >> 64) as u64).wrapping_mul(MULTIPLIER)
}

/// A word whose bits depend on all bits of both halves of a longer one.
#[inline]
pub(super) fn fold_both(value: u128) -> u64 {
    let (low, high) = (value as u64, (value >> 64) as u64);
    let product = u128::from(low ^ MULTIPLIER) * u128::from(high ^ MULTIPLIER.rotate_left(32));
    (product as u64) ^ (product >> 64) as u64
}

/// The hash of bytes.
#[inline]
pub(super) fn hash_bytes(key: &[u8]) -> u64 {
    let mix = |hash: u64, word: u64| {
        let product = u128::from(hash ^ word) * u128::from(MULTIPLIER);
        (product as u64) ^ (product >> 64) as u64 ^ hash.rotate_left(29)
    };
    let hash = key.len() as u64 ^ MULTIPLIER;
    let Some(last) = key.last_chunk::<8>() else {
        return mix(hash, key.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    };
    // The last word begins within the one before it.
    let words = key.as_chunks::<8>().0;
    let hash = words.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    mix(hash, u64::from_le_bytes(*last))
}

impl KeyTable {
    /// An empty table of keys whose columns have these orders.
    pub fn new(orders: Vec<Order>) -> KeyTable {
        let packing = Packing::new(&orders);
        let narrow = match &packing {
            Packing::Narrow(columns) => NarrowKeys::new(&fields(columns)),
            Packing::Text(_) | Packing::Wide(_) => NarrowKeys::new(&[]),
        };
        KeyTable {
            packing,
            orders,
            narrow,
            wide: ByteKeys::default(),
            table: HashTable::new(),
            packed: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match &self.packing {
            Packing::Text(texts) => texts.len(),
            Packing::Narrow(_) => self.narrow.len(),
            Packing::Wide(_) => self.wide.len(),
        }
    }

    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        match &self.packing {
            Packing::Text(texts) => texts.size(),
            Packing::Narrow(columns) => self.narrow.size() + numbers_size(columns),
            Packing::Wide(_) => self.table.capacity() * 5 + self.wide.size(),
        }
    }

    /// Forgets all keys. Memory that many of them took is given back.
    pub fn clear(&mut self) {
        if self.size() > CLEARED_MAX {
            *self = KeyTable::new(std::mem::take(&mut self.orders));
            return;
        }
        self.table.clear();
        self.narrow.clear();
        self.wide.clear();
        match &mut self.packing {
            Packing::Text(texts) => texts.clear(),
            Packing::Narrow(columns) => clear_numbers(columns),
            Packing::Wide(_) => {}
        }
    }

    /// Puts the number of each row's key into `numbers`; keys that are new get the next ones.
    pub fn insert(&mut self, vectors: &[Vector], rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        numbers.reserve(rows);
        match &mut self.packing {
            Packing::Text(texts) => {
                if let Some(vector) = vectors.first() {
                    texts.insert(vector, rows, numbers);
                }
            }
            Packing::Narrow(columns) => {
                pack_new(columns, vectors, rows, &mut self.packed);
                self.narrow.insert_all(&self.packed, numbers);
            }
            Packing::Wide(columns) => {
                for row in 0..rows {
                    self.wide.push(columns, vectors, row, &mut self.rest);
                    let number = self.wide.len() as u32 - 1;
                    let key = self.wide.get(number as usize);
                    let hash = hash_bytes(key);
                    let found =
                        self.table.find(hash, |number| self.wide.get(*number as usize) == key).copied();
                    numbers.push(match found {
                        Some(found) => {
                            self.wide.pop();
                            found
                        }
                        None => {
                            let wide = &self.wide;
                            let rehash = |number: &u32| hash_bytes(wide.get(*number as usize));
                            self.table.insert_unique(hash, number, rehash);
                            number
                        }
                    });
                }
            }
        }
    }

    /// Puts the number of each row's key into `numbers`, [`NONE`] for one that is not there.
    pub fn find(&self, vectors: &[Vector], rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        match &self.packing {
            Packing::Text(texts) => {
                if let Some(vector) = vectors.first() {
                    texts.find(vector, rows, numbers);
                }
            }
            Packing::Narrow(columns) => {
                let (mut packed, mut unknown) = (Vec::new(), Vec::new());
                pack_known(columns, vectors, rows, &mut packed, &mut unknown);
                self.narrow.find_all(&packed, numbers);
                unknown.iter().for_each(|row| numbers[*row as usize] = NONE);
            }
            Packing::Wide(columns) => {
                let (mut looked_for, mut rest) = (ByteKeys::default(), Vec::new());
                for row in 0..rows {
                    looked_for.push(columns, vectors, row, &mut rest);
                    let key = looked_for.get(0);
                    let same = |number: &u32| self.wide.get(*number as usize) == key;
                    numbers.push(self.table.find(hash_bytes(key), same).copied().unwrap_or(NONE));
                    looked_for.pop();
                }
            }
        }
    }
}
