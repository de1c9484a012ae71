//! A number for each key of up to 128 bits, in order of appearance: by an array where keys are of small numbers, else by a hash table.

use super::dense::Dense;
use super::places::Field;
use super::table::{NONE, fold};
use hashbrown::HashTable;

/// So many keys are looked for before the first that is new gets its number.
const LOOKED_FOR_TOGETHER: usize = 256;

/// Keys and their numbers.
#[derive(Debug)]
pub struct NarrowKeys {
    /// By their numbers.
    keys: Vec<u128>,
    /// Numbers of keys of small numbers by the keys themselves.
    dense: Dense,
    table: HashTable<u32>,
}

#[inline]
fn hash(key: u128) -> u64 {
    // One half after the other: columns that are alike must not cancel each other.
    let (low, high) = (key as u64, (key >> 64) as u64);
    fold(fold(high) ^ low)
}

impl Default for NarrowKeys {
    /// Of keys that are a word.
    fn default() -> NarrowKeys {
        NarrowKeys::new(&[Field { shift: 0, width: u64::BITS, null_below: false }])
    }
}

impl NarrowKeys {
    /// Of keys with these columns.
    pub fn new(fields: &[Field]) -> NarrowKeys {
        NarrowKeys { keys: Vec::new(), dense: Dense::new(fields), table: HashTable::new() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Bytes that they take, roughly.
    pub fn size(&self) -> usize {
        self.table.capacity() * 5 + self.keys.len() * 16 + self.dense.size()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.dense.clear();
        self.table.clear();
    }

    /// The number of a key, if it is there.
    #[inline]
    pub fn find(&self, key: u128) -> Option<u32> {
        match self.dense.get(key) {
            Some(number) => Some(number).filter(|number| *number != NONE),
            None => self.table.find(hash(key), |number| self.keys[*number as usize] == key).copied(),
        }
    }

    /// A key by its number.
    pub fn key(&self, number: usize) -> u128 {
        self.keys[number]
    }

    /// Appends the number of each key, [`NONE`] for one that is not there.
    pub fn find_all(&self, keys: &[u128], numbers: &mut Vec<u32>) {
        let before = numbers.len();
        self.dense.find_all(keys, numbers);
        if self.table.is_empty() {
            return;
        }
        for (key, number) in keys.iter().zip(&mut numbers[before..]) {
            if *number == NONE {
                *number = self.find(*key).unwrap_or(NONE);
            }
        }
    }

    /// The number of a key; one that is new gets the next one.
    #[inline]
    pub fn insert(&mut self, key: u128) -> u32 {
        match self.find(key) {
            Some(number) => number,
            None => self.add(key),
        }
    }

    /// Appends the number of each key; those that are new get the next ones.
    pub fn insert_all(&mut self, keys: &[u128], numbers: &mut Vec<u32>) {
        for keys in keys.chunks(LOOKED_FOR_TOGETHER) {
            let before = numbers.len();
            self.dense.find_all(keys, numbers);
            for (key, number) in keys.iter().zip(&mut numbers[before..]) {
                // One before it may have been the same, or have made room for it.
                if *number == NONE {
                    *number = self.insert(*key);
                }
            }
        }
    }

    #[inline(never)]
    fn add(&mut self, key: u128) -> u32 {
        let number = self.keys.len() as u32;
        self.keys.push(key);
        if !self.dense.insert(key, &self.keys) {
            let keys = &self.keys;
            self.table.insert_unique(hash(key), number, |number| hash(keys[*number as usize]));
        }
        number
    }
}
