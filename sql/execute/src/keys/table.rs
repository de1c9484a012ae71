//! A number for each key, in order of appearance.
//!
//! Nulls equal nulls here; who wants them to differ leaves such rows out.

use super::pack::{ByteKeys, Packing, pack};
use hashbrown::HashTable;
use types::Vector;
use types::vector::Order;

/// The number of no key.
pub const NONE: u32 = u32::MAX;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Keys and their numbers.
#[derive(Debug)]
pub struct KeyTable {
    packing: Packing,
    table: HashTable<u32>,
    narrow: Vec<u128>,
    wide: ByteKeys,
    packed: Vec<u128>,
    rest: Vec<u8>,
}

fn hash_narrow(key: u128) -> u64 {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let mixed = u128::from(low ^ high.rotate_left(32) ^ MULTIPLIER) * u128::from(MULTIPLIER);
    let mixed = (mixed as u64) ^ (mixed >> 64) as u64;
    mixed.wrapping_mul(MULTIPLIER) ^ mixed >> 29
}

fn hash_wide(key: &[u8]) -> u64 {
    let mut hash = key.len() as u64 ^ MULTIPLIER;
    let (words, rest) = key.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    for word in words.iter().chain(std::iter::once(&last)) {
        let product = u128::from(hash ^ u64::from_le_bytes(*word)) * u128::from(MULTIPLIER);
        hash = (product as u64) ^ (product >> 64) as u64 ^ hash.rotate_left(29);
    }
    hash
}

impl KeyTable {
    /// An empty table of keys whose columns have these orders.
    pub fn new(orders: Vec<Order>) -> KeyTable {
        KeyTable {
            packing: Packing::new(&orders),
            table: HashTable::new(),
            narrow: Vec::new(),
            wide: ByteKeys::default(),
            packed: Vec::new(),
            rest: Vec::new(),
        }
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        match &self.packing {
            Packing::Narrow(_) => self.narrow.len(),
            Packing::Wide(_) => self.wide.len(),
        }
    }

    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        self.table.capacity() * 5 + self.narrow.len() * 16 + self.wide.size()
    }

    /// Forgets all keys.
    pub fn clear(&mut self) {
        self.table.clear();
        self.narrow.clear();
        self.wide = ByteKeys::default();
    }

    /// Puts the number of each row's key into `numbers`; keys that are new get the next ones.
    pub fn insert(&mut self, vectors: &[Vector], rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        numbers.reserve(rows);
        match &self.packing {
            Packing::Narrow(widths) => {
                pack(widths, vectors, rows, &mut self.packed);
                for key in &self.packed {
                    let hash = hash_narrow(*key);
                    let narrow = &mut self.narrow;
                    let found = self.table.find(hash, |number| narrow[*number as usize] == *key);
                    numbers.push(match found {
                        Some(number) => *number,
                        None => {
                            let number = narrow.len() as u32;
                            narrow.push(*key);
                            let rehash = |number: &u32| hash_narrow(narrow[*number as usize]);
                            self.table.insert_unique(hash, number, rehash);
                            number
                        }
                    });
                }
            }
            Packing::Wide(columns) => {
                for row in 0..rows {
                    self.wide.push(columns, vectors, row, &mut self.rest);
                    let number = self.wide.len() as u32 - 1;
                    let key = self.wide.get(number as usize);
                    let hash = hash_wide(key);
                    let found =
                        self.table.find(hash, |number| self.wide.get(*number as usize) == key).copied();
                    numbers.push(match found {
                        Some(found) => {
                            self.wide.pop();
                            found
                        }
                        None => {
                            let wide = &self.wide;
                            let rehash = |number: &u32| hash_wide(wide.get(*number as usize));
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
        if self.table.is_empty() {
            numbers.resize(rows, NONE);
            return;
        }
        match &self.packing {
            Packing::Narrow(widths) => {
                let mut packed = Vec::new();
                pack(widths, vectors, rows, &mut packed);
                numbers.extend(packed.iter().map(|key| {
                    let same = |number: &u32| self.narrow[*number as usize] == *key;
                    self.table.find(hash_narrow(*key), same).copied().unwrap_or(NONE)
                }));
            }
            Packing::Wide(columns) => {
                let (mut looked_for, mut rest) = (ByteKeys::default(), Vec::new());
                for row in 0..rows {
                    looked_for.push(columns, vectors, row, &mut rest);
                    let key = looked_for.get(0);
                    let same = |number: &u32| self.wide.get(*number as usize) == key;
                    numbers.push(self.table.find(hash_wide(key), same).copied().unwrap_or(NONE));
                    looked_for.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyTable, NONE};
    use types::vector::{Order, VectorBuilder};
    use types::{Kind, Value, Vector};

    fn ints(values: &[Option<i32>]) -> Vector {
        let mut builder = VectorBuilder::new(Kind::Int32, 0);
        for value in values {
            builder.push(&value.map_or(Value::Null, Value::Int32)).unwrap();
        }
        builder.finish()
    }

    fn texts(values: &[&str]) -> Vector {
        let mut builder = VectorBuilder::new(Kind::Bytes, 0);
        values.iter().for_each(|value| builder.push(&Value::text(value)).unwrap());
        builder.finish()
    }

    #[test]
    fn numbers_are_given_in_order_of_appearance() {
        let mut table = KeyTable::new(vec![Order::Int32]);
        let mut numbers = Vec::new();
        table.insert(&[ints(&[Some(5), None, Some(5), Some(-1), None])], 5, &mut numbers);
        assert_eq!(numbers, [0, 1, 0, 2, 1]);
        table.find(&[ints(&[Some(-1), Some(7), None])], 3, &mut numbers);
        assert_eq!(numbers, [2, NONE, 1]);
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn keys_of_several_columns_are_not_mixed_up() {
        for orders in [vec![Order::Int32, Order::Bytes], vec![Order::Bytes, Order::Bytes]] {
            let wide = orders[0] == Order::Bytes;
            let mut table = KeyTable::new(orders);
            let first =
                if wide { texts(&["a", "ab", "a", ""]) } else { ints(&[Some(1), Some(2), Some(1), None]) };
            let mut numbers = Vec::new();
            table.insert(&[first, texts(&["bc", "c", "bc", "abc"])], 4, &mut numbers);
            assert_eq!(numbers, [0, 1, 0, 2]);
        }
    }
}
