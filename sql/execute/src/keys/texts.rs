//! A number for each text, in order of appearance. Null has one, too.

use super::pack::ByteKeys;
use super::table::{NONE, hash_bytes};
use hashbrown::HashTable;
use types::Vector;

/// Texts and their numbers. Equal texts are those of the same bytes.
#[derive(Debug, Default)]
pub struct TextNumbers {
    table: HashTable<u32>,
    /// By their numbers; null has an empty one.
    texts: ByteKeys,
    null: Option<u32>,
}

impl TextNumbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Bytes that they take, roughly.
    pub fn size(&self) -> usize {
        self.table.capacity() * 5 + self.texts.size()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.table.clear();
        self.texts.clear();
        self.null = None;
    }

    /// The number of null, if it is there.
    pub fn null(&self) -> Option<u32> {
        self.null
    }

    /// The number of null, which gets one if it is new.
    pub fn number_of_null(&mut self) -> u32 {
        match self.null {
            Some(number) => number,
            None => {
                let number = self.texts.len() as u32;
                self.texts.push_bytes(&[]);
                self.null = Some(number);
                number
            }
        }
    }

    #[inline]
    fn get(&self, text: &[u8], hash: u64) -> Option<u32> {
        self.table.find(hash, |number| self.texts.get(*number as usize) == text).copied()
    }

    /// The number of a text, if it is there.
    pub fn number_if_any(&self, text: &[u8]) -> Option<u32> {
        self.get(text, hash_bytes(text))
    }

    /// The number of a text, which gets one if it is new.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u32 {
        let hash = hash_bytes(text);
        if let Some(number) = self.get(text, hash) {
            return number;
        }
        let number = self.texts.len() as u32;
        self.texts.push_bytes(text);
        let texts = &self.texts;
        self.table.insert_unique(hash, number, |number| hash_bytes(texts.get(*number as usize)));
        number
    }

    /// Puts the number of each row's text into `numbers`; those that are new get the next ones.
    pub fn insert(&mut self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        let Some(values) = vector.bytes().filter(|_| rows > 0) else {
            // Texts have this kind, so there is no row.
            return numbers.resize(rows, NONE);
        };
        if vector.is_constant() {
            let number = if vector.is_null(0) { self.number_of_null() } else { self.number(values.get(0)) };
            numbers.resize(rows, number);
            return;
        }
        numbers.reserve(rows);
        match vector.nulls() {
            None => values.iter().for_each(|text| numbers.push(self.number(text))),
            Some(nulls) => {
                for (row, text) in values.iter().enumerate() {
                    numbers.push(if nulls.get(row) { self.number_of_null() } else { self.number(text) });
                }
            }
        }
    }

    /// Puts the number of each row's text into `numbers`, [`NONE`] for one that is not there.
    pub fn find(&self, vector: &Vector, rows: usize, numbers: &mut Vec<u32>) {
        numbers.clear();
        let Some(values) = vector.bytes().filter(|_| rows > 0) else {
            return numbers.resize(rows, NONE);
        };
        let number = |text: &[u8]| self.number_if_any(text).unwrap_or(NONE);
        let null = self.null.unwrap_or(NONE);
        if vector.is_constant() {
            numbers.resize(rows, if vector.is_null(0) { null } else { number(values.get(0)) });
            return;
        }
        let of = |(row, text)| if vector.is_null(row) { null } else { number(text) };
        numbers.extend(values.iter().enumerate().map(of));
    }
}
