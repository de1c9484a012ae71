//! A number for each key of up to 128 bits, in order of appearance: by an array where keys are small numbers themselves, else by a
//! hash table.

use super::dense::Dense;
use super::table::{NONE, fold};
use hashbrown::HashTable;

/// Keys and their numbers.
#[derive(Debug, Default)]
pub struct NarrowKeys {
    /// By their numbers.
    keys: Vec<u128>,
    /// Numbers of small keys by the keys themselves.
    dense: Dense,
    table: HashTable<u32>,
}

#[inline]
fn hash(key: u128) -> u64 {
    // One half after the other: columns that are alike must not cancel each other.
    let (low, high) = (key as u64, (key >> 64) as u64);
    fold(fold(high) ^ low)
}

impl NarrowKeys {
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

    /// The number of a key; one that is new gets the next one.
    #[inline]
    pub fn insert(&mut self, key: u128) -> u32 {
        match self.find(key) {
            Some(number) => number,
            None => self.add(key),
        }
    }

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
