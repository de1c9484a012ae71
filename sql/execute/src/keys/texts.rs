//! A number for each text, in order of appearance. Null has one, too.

use super::pack::ByteKeys;
use super::table::{NONE, fold, fold_both, hash_bytes};
use hashbrown::HashTable;
use std::sync::Arc;
use types::Vector;
use types::vector::{Dictionary, Repeats};

/// Texts and their numbers. Equal texts are those of the same bytes.
#[derive(Debug, Default)]
pub struct TextNumbers {
    /// Those of at most sixteen bytes, as they are.
    short: HashTable<(Ends<u64>, u32)>,
    /// Those of at most twice as many.
    middle: HashTable<(Ends<u128>, u32)>,
    /// Numbers of longer ones, by their hashes.
    long: HashTable<(u64, u32)>,
    /// The longer ones by their numbers; null and all others have an empty one.
    texts: ByteKeys,
    null: Option<u32>,
    /// The dictionary of texts that came last, and the numbers of those that have one.
    of_dictionary: Option<(Arc<Dictionary>, Vec<u32>)>,
}

/// A text that is not longer than two words: one of its first bytes and one of its last, which may overlap, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends<W> {
    first: W,
    last: W,
    length: u32,
}

/// A text, in the form in which it is looked for.
enum Form {
    Short(Ends<u64>),
    Middle(Ends<u128>),
    Long,
}

impl Form {
    #[inline]
    fn of(text: &[u8]) -> Form {
        let length = text.len() as u32;
        if text.len() > 16 {
            let ends = text.first_chunk().zip(text.last_chunk()).filter(|_| text.len() <= 32);
            return ends.map_or(Form::Long, |(first, last)| {
                let (first, last) = (u128::from_le_bytes(*first), u128::from_le_bytes(*last));
                Form::Middle(Ends { first, last, length })
            });
        }
        let (first, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ => match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
                (Some(first), Some(last)) => {
                    (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
                }
                _ => (text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
            },
        };
        Form::Short(Ends { first, last, length })
    }
}

impl Ends<u64> {
    #[inline]
    fn hash(&self) -> u64 {
        fold(fold(self.first) ^ self.last.rotate_left(32) ^ u64::from(self.length))
    }
}

impl Ends<u128> {
    #[inline]
    fn hash(&self) -> u64 {
        fold(fold_both(self.first) ^ fold_both(self.last).rotate_left(32) ^ u64::from(self.length))
    }
}

impl TextNumbers {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Bytes that they take, roughly.
    pub fn size(&self) -> usize {
        let short = self.short.capacity() * (size_of::<(Ends<u64>, u32)>() + 1);
        let middle = self.middle.capacity() * (size_of::<(Ends<u128>, u32)>() + 1);
        let of_dictionary = self.of_dictionary.as_ref().map_or(0, |(_, numbers)| numbers.len() * 4);
        of_dictionary
            + short
            + middle
            + self.long.capacity() * (size_of::<(u64, u32)>() + 1)
            + self.texts.size()
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.short.clear();
        self.middle.clear();
        self.long.clear();
        self.texts.clear();
        self.null = None;
        self.of_dictionary = None;
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
    fn find_short(&self, short: Ends<u64>, hash: u64) -> Option<u32> {
        self.short.find(hash, |(known, _)| *known == short).map(|(_, number)| *number)
    }

    #[inline]
    fn find_middle(&self, middle: Ends<u128>, hash: u64) -> Option<u32> {
        self.middle.find(hash, |(known, _)| *known == middle).map(|(_, number)| *number)
    }

    #[inline]
    fn find_long(&self, text: &[u8], hash: u64) -> Option<u32> {
        let same = |(of, number): &(u64, u32)| *of == hash && self.texts.get(*number as usize) == text;
        self.long.find(hash, same).map(|(_, number)| *number)
    }

    /// The number of a text, if it is there.
    #[inline]
    pub fn number_if_any(&self, text: &[u8]) -> Option<u32> {
        match Form::of(text) {
            Form::Short(short) => self.find_short(short, short.hash()),
            Form::Middle(middle) => self.find_middle(middle, middle.hash()),
            Form::Long => self.find_long(text, hash_bytes(text)),
        }
    }

    /// The number of a text, which gets one if it is new.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u32 {
        let next = self.texts.len() as u32;
        match Form::of(text) {
            Form::Short(short) => {
                let hash = short.hash();
                if let Some(number) = self.find_short(short, hash) {
                    return number;
                }
                self.texts.push_bytes(&[]);
                self.short.insert_unique(hash, (short, next), |(short, _)| short.hash());
            }
            Form::Middle(middle) => {
                let hash = middle.hash();
                if let Some(number) = self.find_middle(middle, hash) {
                    return number;
                }
                self.texts.push_bytes(&[]);
                self.middle.insert_unique(hash, (middle, next), |(middle, _)| middle.hash());
            }
            Form::Long => {
                let hash = hash_bytes(text);
                if let Some(number) = self.find_long(text, hash) {
                    return number;
                }
                self.texts.push_bytes(text);
                self.long.insert_unique(hash, (hash, next), |(hash, _)| *hash);
            }
        }
        next
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
        if let Some(repeats) = values.numbered() {
            self.insert_repeated(repeats, vector, numbers);
            return;
        }
        match vector.nulls() {
            None => values.iter().for_each(|text| numbers.push(self.number(text))),
            Some(nulls) => {
                for (row, text) in values.iter().enumerate() {
                    numbers.push(if nulls.get(row) { self.number_of_null() } else { self.number(text) });
                }
            }
        }
    }

    /// The same of texts that a dictionary tells: each is looked for once, when a row has it.
    fn insert_repeated(&mut self, repeats: &Repeats, vector: &Vector, numbers: &mut Vec<u32>) {
        let texts = repeats.dictionary();
        let before = self.of_dictionary.take().filter(|(before, _)| before.is_of_lineage(texts));
        let (longest, mut known) = before.unwrap_or_else(|| (Arc::clone(texts), Vec::new()));
        known.resize(known.len().max(texts.len()), NONE);
        let mut number_of = |all: &mut TextNumbers, text: u16| {
            let number = &mut known[usize::from(text)];
            if *number == NONE {
                *number = all.number(texts.get(text.into()));
            }
            *number
        };
        match vector.nulls() {
            None => numbers.extend(repeats.numbers().iter().map(|text| number_of(self, *text))),
            Some(nulls) => numbers.extend(repeats.numbers().iter().enumerate().map(|(row, text)| {
                if nulls.get(row) { self.number_of_null() } else { number_of(self, *text) }
            })),
        }
        self.of_dictionary = Some((longest, known));
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
        if let Some(repeats) = values.repeats() {
            let known: Vec<u32> = repeats.dictionary().values().iter().map(number).collect();
            let of = |(row, text): (usize, &u16)| {
                if vector.is_null(row) { null } else { known[usize::from(*text)] }
            };
            return numbers.extend(repeats.numbers().iter().enumerate().map(of));
        }
        let of = |(row, text)| if vector.is_null(row) { null } else { number(text) };
        numbers.extend(values.iter().enumerate().map(of));
    }
}

#[cfg(test)]
mod tests {
    use super::TextNumbers;

    /// Texts of all lengths around those that are kept in another way, and such as end or begin alike.
    #[test]
    fn other_texts_have_other_numbers() {
        let mut texts: Vec<Vec<u8>> = Vec::new();
        for length in 0..40 {
            texts.push(vec![b'a'; length]);
            texts.push(vec![0; length]);
            for place in 0..length {
                let mut text = vec![b'a'; length];
                text[place] = b'b';
                texts.push(text);
            }
        }
        texts.sort();
        texts.dedup();
        let mut numbers = TextNumbers::default();
        assert!(texts.iter().all(|text| numbers.number_if_any(text).is_none()));
        for (place, text) in texts.iter().enumerate() {
            assert_eq!(numbers.number(text) as usize, place, "{text:?}");
        }
        for (place, text) in texts.iter().enumerate() {
            assert_eq!(numbers.number(text) as usize, place);
            assert_eq!(numbers.number_if_any(text), Some(place as u32));
        }
        assert_eq!(numbers.number_of_null() as usize, texts.len());
        assert_eq!(numbers.len(), texts.len() + 1);
    }
}
