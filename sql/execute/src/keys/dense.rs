//! Numbers of keys whose columns are small numbers themselves, as ids are: an array instead of a hash table.
//!
//! A key of one column is its own place. Of several each has as many bits of a place as the greatest of its values needs that has
//! a place, side by side; so keys of two columns are as near to each other as those of one. The array grows with the number of
//! keys, so that few keys far apart cost nothing.

use super::table::NONE;

/// A key has a place if there are no more than so many places for each key, or but a few thousand. The array's length is a power of
/// two, so that it grows seldom.
const PLACES_PER_KEY: usize = 16;
const PLACES_MIN: usize = 4096;
/// Keys of more columns have no places.
const COLUMNS_MOST: usize = 4;

/// Where in a packed key the value of a column is.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its lowest bit.
    pub shift: u32,
    /// How many bits it takes.
    pub width: u32,
    /// Whether the bit below tells if it is null; otherwise it is never null, or a number that null has, too.
    pub null_below: bool,
}

impl Field {
    /// What is given a place: the value itself, or one more than it, null being zero.
    #[inline]
    fn item(self, key: u128) -> u64 {
        let value = (key >> self.shift) as u64 & (u64::MAX >> (u64::BITS - self.width));
        if !self.null_below {
            return value;
        }
        let is_null = key >> (self.shift - 1) & 1 == 1;
        if is_null { 0 } else { value.saturating_add(1) }
    }
}

/// A column, and how many bits of a place it has.
#[derive(Debug, Clone, Copy)]
struct Column {
    field: Field,
    bits: u32,
}

/// What the place of a key is.
#[derive(Debug)]
enum Places {
    /// The key itself.
    Keys,
    /// Its columns' values side by side.
    Columns(Vec<Column>),
    /// There is none.
    Nowhere,
}

/// For each place: its key's number, or [`NONE`].
#[derive(Debug)]
pub struct Dense {
    places: Places,
    numbers: Vec<u32>,
}

impl Dense {
    /// Of keys with these columns.
    pub fn new(fields: &[Field]) -> Dense {
        let places = match fields {
            [_] => Places::Keys,
            [] => Places::Nowhere,
            fields if fields.len() > COLUMNS_MOST => Places::Nowhere,
            fields => Places::Columns(fields.iter().map(|field| Column { field: *field, bits: 0 }).collect()),
        };
        Dense { places, numbers: Vec::new() }
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.numbers.len() * 4
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.numbers.clear();
        if let Places::Columns(columns) = &mut self.places {
            columns.iter_mut().for_each(|column| column.bits = 0);
        }
    }

    /// Whether keys are their own places.
    pub fn is_by_keys(&self) -> bool {
        matches!(self.places, Places::Keys)
    }

    /// The place of a key that is its own.
    #[inline]
    pub fn own_place(key: u128) -> Option<usize> {
        usize::try_from(key).ok()
    }

    /// The place of a key, if keys like it may have one.
    #[inline]
    pub fn place(&self, key: u128) -> Option<usize> {
        let columns = match &self.places {
            Places::Keys => return Dense::own_place(key),
            Places::Columns(columns) => columns,
            Places::Nowhere => return None,
        };
        let (mut place, mut beyond) = (0, 0);
        for column in columns {
            let item = column.field.item(key);
            place = place << column.bits | item;
            beyond |= item >> column.bits;
        }
        // Less than the array's length, which a word counts.
        (beyond == 0).then_some(place as usize)
    }

    /// The number of the key of a place, [`NONE`] if there is no such key; nothing if there is no such place.
    #[inline]
    pub fn get(&self, place: Option<usize>) -> Option<u32> {
        self.numbers.get(place?).copied()
    }

    /// Takes in the newest of all `keys`, if there is a place for it, or may be. Older ones come along when the array grows.
    pub fn insert(&mut self, key: u128, keys: &[u128]) -> bool {
        if let Some(place) = self.place(key)
            && let Some(entry) = self.numbers.get_mut(place)
        {
            *entry = keys.len() as u32 - 1;
            return true;
        }
        self.widen(key, keys.len()) && {
            for (number, key) in keys.iter().enumerate() {
                if let Some(place) = self.place(*key)
                    && let Some(entry) = self.numbers.get_mut(place)
                {
                    *entry = number as u32;
                }
            }
            true
        }
    }

    /// Makes room for keys like one, if that is worth it for so many; then nothing has its place yet.
    fn widen(&mut self, key: u128, keys: usize) -> bool {
        let limit = (keys * PLACES_PER_KEY).max(PLACES_MIN);
        let is_few = |places: &usize| *places <= limit;
        let needed = |column: &Column| column.bits.max(u64::BITS - column.field.item(key).leading_zeros());
        let places = match &mut self.places {
            Places::Keys => {
                let places = usize::try_from(key).ok().and_then(|place| place.checked_add(1));
                let Some(places) = places.filter(is_few) else { return false };
                places.next_power_of_two()
            }
            Places::Columns(columns) => {
                let places = 1_usize.checked_shl(columns.iter().map(needed).sum());
                let Some(places) = places.filter(is_few) else { return false };
                columns.iter_mut().for_each(|column| column.bits = needed(column));
                places
            }
            Places::Nowhere => return false,
        };
        self.numbers.clear();
        self.numbers.resize(places, NONE);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{Dense, Field};
    use crate::keys::NONE;

    fn two() -> [Field; 2] {
        [Field { shift: 66, width: 32, null_below: true }, Field { shift: 1, width: 64, null_below: true }]
    }

    fn key(first: u32, second: u64) -> u128 {
        u128::from(first) << 66 | u128::from(second) << 1
    }

    #[test]
    fn keys_of_two_columns_have_places_as_soon_as_there_are_enough() {
        let (mut dense, mut keys) = (Dense::new(&two()), Vec::new());
        let mut placed = 0;
        for number in 0..40_000_u32 {
            // A number whose order is not that of its bits.
            keys.push(key(number * 7919 % 10_007, u64::from(number % 4)));
            placed += usize::from(dense.insert(keys[number as usize], &keys));
        }
        assert!(placed > 20_000, "{placed}");
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(dense.get(dense.place(*key)), Some(number as u32));
        }
        assert_eq!(dense.get(dense.place(key(10_007, 1))), Some(NONE));
        assert_eq!(dense.get(dense.place(key(3, 1 << 40))), None);
    }

    #[test]
    fn nulls_and_the_greatest_values_are_told_apart() {
        let mut dense = Dense::new(&two());
        let null = 1 << 65 | key(0, 5);
        let keys = [null, key(0, 5), 1 | key(0, 0), key(u32::MAX, 1), key(1, u64::MAX)];
        let found: Vec<bool> =
            (0..keys.len()).map(|count| dense.insert(keys[count], &keys[..=count])).collect();
        assert_eq!(found, [true, true, true, false, false]);
        assert_eq!(keys.map(|key| dense.get(dense.place(key))), [Some(0), Some(1), Some(2), None, None]);
    }
}
