//! Which keys there have been, where nobody asks for their numbers: a bit for each key that has a place ([`Places`]), which fits into
//! a nearer part of memory than a number does.
//!
//! Nulls equal nulls here, as they do for [`KeyTable`].
//!
//! What holds
//! 1. A key whose place is within the array is there exactly if its bit is set; of all others `rest` tells.

use super::narrow::NarrowKeys;
use super::pack::{Packed, Packing, clear_numbers, fields, numbers_size, pack_known, pack_new};
use super::places::{Field, Places, TOGETHER};
use super::table::{CLEARED_MAX, KeyTable, NONE};
use types::Vector;
use types::vector::Order;

/// A key has a place if there are no more than so many places for each key, or but a few thousand.
const PLACES_PER_KEY: usize = 256;
const PLACES_MIN: usize = 4096;
/// The bits of a word.
const WORD: usize = u64::BITS as usize;

/// Keys.
#[derive(Debug)]
pub struct KeySet {
    orders: Vec<Order>,
    form: Form,
    packed: Vec<u128>,
    numbers: Vec<u32>,
}

#[derive(Debug)]
enum Form {
    /// Those that fit into 128 bits.
    Narrow(Vec<Packed>, Placed),
    /// All others.
    Numbered(Box<KeyTable>),
}

/// Keys of up to 128 bits.
#[derive(Debug)]
struct Placed {
    places: Places,
    bits: Vec<u64>,
    /// How many bits are set.
    count: usize,
    /// Keys that had no place when they came.
    rest: NarrowKeys,
}

impl KeySet {
    /// No keys, whose columns have these orders.
    pub fn new(orders: Vec<Order>) -> KeySet {
        let form = match Packing::new(&orders) {
            Packing::Narrow(columns) => {
                let placed = Placed::new(&fields(&columns));
                Form::Narrow(columns, placed)
            }
            Packing::Text(_) | Packing::Wide(_) => Form::Numbered(Box::new(KeyTable::new(orders.clone()))),
        };
        KeySet { orders, form, packed: Vec::new(), numbers: Vec::new() }
    }

    /// Bytes that it takes, roughly.
    pub fn size(&self) -> usize {
        match &self.form {
            Form::Narrow(columns, placed) => placed.size() + numbers_size(columns),
            Form::Numbered(table) => table.size(),
        }
    }

    /// Forgets all keys. Memory that many of them took is given back.
    pub fn clear(&mut self) {
        if self.size() > CLEARED_MAX {
            *self = KeySet::new(std::mem::take(&mut self.orders));
            return;
        }
        match &mut self.form {
            Form::Narrow(columns, placed) => {
                clear_numbers(columns);
                placed.clear();
            }
            Form::Numbered(table) => table.clear(),
        }
    }

    /// The rows whose keys have not been there, nor in a row before; from now on they are.
    pub fn insert(&mut self, vectors: &[Vector], rows: usize) -> Vec<u32> {
        let mut fresh = Vec::new();
        match &mut self.form {
            Form::Narrow(columns, placed) => {
                pack_new(columns, vectors, rows, &mut self.packed);
                placed.insert_all(&self.packed, &mut fresh);
            }
            Form::Numbered(table) => {
                let mut known = table.len() as u32;
                table.insert(vectors, rows, &mut self.numbers);
                for (row, number) in self.numbers.iter().enumerate() {
                    if *number == known {
                        known += 1;
                        fresh.push(row as u32);
                    }
                }
            }
        }
        fresh
    }

    /// The rows whose keys have not been there.
    pub fn absent(&mut self, vectors: &[Vector], rows: usize) -> Vec<u32> {
        // A chunk has fewer than 2^32 rows.
        let all = 0..rows as u32;
        match &self.form {
            Form::Narrow(columns, placed) => {
                let mut unknown = Vec::new();
                pack_known(columns, vectors, rows, &mut self.packed, &mut unknown);
                let mut is_absent: Vec<bool> = self.packed.iter().map(|key| !placed.has(*key)).collect();
                // What the packed key of a row says that has a value without a number is nothing.
                unknown.iter().for_each(|row| is_absent[*row as usize] = true);
                all.filter(|row| is_absent[*row as usize]).collect()
            }
            Form::Numbered(table) => {
                table.find(vectors, rows, &mut self.numbers);
                all.filter(|row| self.numbers[*row as usize] == NONE).collect()
            }
        }
    }
}

impl Placed {
    fn new(fields: &[Field]) -> Placed {
        // What is without a place here has none there either.
        let rest = NarrowKeys::new(&[]);
        Placed { places: Places::new(fields), bits: Vec::new(), count: 0, rest }
    }

    fn size(&self) -> usize {
        self.bits.len() * size_of::<u64>() + self.rest.size()
    }

    fn clear(&mut self) {
        self.places.clear();
        self.bits.clear();
        self.count = 0;
        self.rest.clear();
    }

    fn has(&self, key: u128) -> bool {
        let word = self.places.of(key).and_then(|place| Some((self.bits.get(place / WORD)?, place % WORD)));
        match word {
            Some((word, bit)) => word >> bit & 1 == 1,
            None => self.rest.find(key).is_some(),
        }
    }

    /// Appends the numbers of keys that are new.
    fn insert_all(&mut self, keys: &[u128], fresh: &mut Vec<u32>) {
        let mut places = [0; TOGETHER];
        for (first, keys) in (0..).step_by(TOGETHER).zip(keys.chunks(TOGETHER)) {
            self.places.of_all(keys, &mut places);
            let mut end = fresh.len();
            fresh.resize(end + keys.len(), 0);
            let mut done = 0;
            while done < keys.len() {
                let (placed, new) =
                    self.mark(&places[done..keys.len()], first + done as u32, &mut fresh[end..]);
                (done, end) = (done + placed, end + new);
                let Some(key) = keys.get(done) else { break };
                let (is_new, widened) = self.add(*key);
                fresh[end] = first + done as u32;
                (done, end) = (done + 1, end + usize::from(is_new));
                if widened {
                    self.places.of_all(&keys[done..], &mut places[done..]);
                }
            }
            fresh.truncate(end);
        }
    }

    /// Sets the bits of places up to the first without one; how many places these were, and how many bits were not set. The numbers of
    /// those are put into `fresh`, from `first` on. Nothing is decided by a bit within, since nobody could guess it.
    fn mark(&mut self, places: &[u64], first: u32, fresh: &mut [u32]) -> (usize, usize) {
        let (mut new, mut done) = (0, 0);
        for place in places {
            let Some(word) = self.bits.get_mut(*place as usize / WORD) else { break };
            let bit = *place as usize % WORD;
            fresh[new] = first + done as u32;
            new += usize::from(*word >> bit & 1 == 0);
            *word |= 1 << bit;
            done += 1;
        }
        self.count += new;
        (done, new)
    }

    /// Takes in a key that has no place; whether it is new, and whether it has one now, and others may have another.
    #[inline(never)]
    fn add(&mut self, key: u128) -> (bool, bool) {
        if self.rest.find(key).is_some() {
            return (false, false);
        }
        let keys = self.count + self.rest.len() + 1;
        let before = self.places.clone();
        let limit = keys.saturating_mul(PLACES_PER_KEY).max(PLACES_MIN);
        let Some(places) = self.places.widen(key, limit) else {
            self.rest.insert(key);
            return (true, false);
        };
        let bits = std::mem::replace(&mut self.bits, vec![0; places.max(PLACES_MIN) / WORD]);
        for (word, mut rest) in bits.into_iter().enumerate() {
            while rest != 0 {
                let place = word * WORD + rest.trailing_zeros() as usize;
                rest &= rest - 1;
                self.set(Some(self.places.moved(&before, place)));
            }
        }
        for number in 0..self.rest.len() {
            self.set(self.places.of(self.rest.key(number)));
        }
        self.set(self.places.of(key));
        self.count = self.bits.iter().map(|word| word.count_ones() as usize).sum();
        (true, true)
    }

    fn set(&mut self, place: Option<usize>) {
        if let Some(place) = place
            && let Some(word) = self.bits.get_mut(place / WORD)
        {
            *word |= 1 << (place % WORD);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::KeySet;
    use std::collections::BTreeSet;
    use types::vector::{Order, VectorBuilder};
    use types::{Kind, Value, Vector};

    /// A seeded stream.
    struct Stream(u64);

    impl Stream {
        fn below(&mut self, limit: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) % limit
        }
    }

    /// A column whose values are below a bound, of which some are null and few are far away.
    fn column(stream: &mut Stream, kind: Kind, bound: u64, far: u64, rows: usize) -> Vector {
        let mut builder = VectorBuilder::new(kind, rows);
        for _ in 0..rows {
            let number = stream.below(bound) as i64;
            let number = if far > 0 && stream.below(far) == 0 { i64::MAX - number } else { number };
            let value = match (stream.below(20), kind) {
                (0, _) => Value::Null,
                (_, Kind::Int64) => Value::Int64(number),
                (_, Kind::Int32) => Value::Int32(number as i32),
                _ => Value::text(&format!("text {number}")),
            };
            builder.push(&value).expect("is of the kind");
        }
        builder.finish()
    }

    /// Rows of any columns, chunk by chunk, against a set of their values.
    fn agrees(kinds: &[(Kind, Order)], bounds: &[u64], far: u64, seed: u64) {
        let mut stream = Stream(seed);
        let mut set = KeySet::new(kinds.iter().map(|(_, order)| order.clone()).collect());
        for _ in 0..2 {
            let mut known: BTreeSet<String> = BTreeSet::new();
            for rows in [1, 3, 255, 256, 257, 2048, 5000, 5000] {
                let columns = kinds.iter().zip(bounds);
                let columns: Vec<Vector> =
                    columns.map(|((kind, _), bound)| column(&mut stream, *kind, *bound, far, rows)).collect();
                let text =
                    |row: usize| format!("{:?}", columns.iter().map(|of| of.value(row)).collect::<Vec<_>>());
                let absent: Vec<u32> =
                    (0..rows as u32).filter(|row| !known.contains(&text(*row as usize))).collect();
                assert_eq!(set.absent(&columns, rows), absent);
                let fresh: Vec<u32> =
                    (0..rows as u32).filter(|row| known.insert(text(*row as usize))).collect();
                assert_eq!(set.insert(&columns, rows), fresh, "{kinds:?} {bounds:?} {seed}");
            }
            set.clear();
        }
    }

    #[test]
    fn what_is_new_is_told_once_whatever_keys_are_like() {
        let (small, large) = ((Kind::Int32, Order::Int32), (Kind::Int64, Order::Int64));
        let text = (Kind::Bytes, Order::Bytes);
        let (small, large, text) = (|| small.clone(), || large.clone(), || text.clone());
        for seed in 0..4 {
            agrees(&[small()], &[10_000], 0, seed);
            agrees(&[large()], &[50_000], 9, seed);
            agrees(&[small(), text()], &[3000, 4], 0, seed);
            agrees(&[text(), small()], &[4, 3000], 0, seed);
            agrees(&[small(), small(), small()], &[2, 700, 9], 500, seed);
            agrees(&[large(), small()], &[1 << 30, 3], 0, seed);
            agrees(&[text()], &[300], 0, seed);
            agrees(&[text(), small(), small(), small()], &[3, 4, 5, 6], 50, seed);
        }
    }
}
