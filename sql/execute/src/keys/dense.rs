//! Numbers of keys that have [`Places`]: an array instead of a hash table. It grows with the number of keys, so that few keys far
//! apart cost nothing.

use super::places::{Field, Places, TOGETHER};
use super::table::NONE;

/// A key has a place if there are no more than so many places for each key, or but a few thousand.
const PLACES_PER_KEY: usize = 16;
const PLACES_MIN: usize = 4096;

/// For each place: its key's number, or [`NONE`].
#[derive(Debug)]
pub struct Dense {
    places: Places,
    numbers: Vec<u32>,
}

impl Dense {
    /// Of keys with these columns.
    pub fn new(fields: &[Field]) -> Dense {
        Dense { places: Places::new(fields), numbers: Vec::new() }
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.numbers.len() * 4
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.numbers.clear();
        self.places.clear();
    }

    /// The number of a key, [`NONE`] if it is not there though there is a place for it; nothing if there is none.
    #[inline]
    pub fn get(&self, key: u128) -> Option<u32> {
        self.numbers.get(self.places.of(key)?).copied()
    }

    /// Appends the number of each key, [`NONE`] for one that has no place or is not there. Nothing is decided within, so that many
    /// looks at memory that is far away are under way at once.
    pub fn find_all(&self, keys: &[u128], found: &mut Vec<u32>) {
        let numbers = &self.numbers[..];
        let look = |place: &u64| numbers.get(*place as usize).copied().unwrap_or(NONE);
        let mut places = [0; TOGETHER];
        for keys in keys.chunks(TOGETHER) {
            self.places.of_all(keys, &mut places);
            found.extend(places[..keys.len()].iter().map(look));
        }
    }

    /// Takes in the newest of all `keys`, if there is a place for it, or may be. Older ones come along when the array grows.
    pub fn insert(&mut self, key: u128, keys: &[u128]) -> bool {
        if let Some(place) = self.places.of(key)
            && let Some(entry) = self.numbers.get_mut(place)
        {
            *entry = keys.len() as u32 - 1;
            return true;
        }
        let limit = (keys.len() * PLACES_PER_KEY).max(PLACES_MIN);
        let Some(places) = self.places.widen(key, limit) else { return false };
        self.numbers.clear();
        self.numbers.resize(places, NONE);
        for (number, key) in keys.iter().enumerate() {
            if let Some(place) = self.places.of(*key)
                && let Some(entry) = self.numbers.get_mut(place)
            {
                *entry = number as u32;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Dense;
    use crate::keys::NONE;
    use crate::keys::places::Field;

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
        let mut found = Vec::new();
        dense.find_all(&keys, &mut found);
        for (number, key) in keys.iter().enumerate() {
            assert_eq!((dense.get(*key), found[number]), (Some(number as u32), number as u32));
        }
        assert_eq!(dense.get(key(10_007, 1)), Some(NONE));
        assert_eq!(dense.get(key(3, 1 << 40)), None);
    }

    #[test]
    fn nulls_and_the_greatest_values_are_told_apart() {
        let mut dense = Dense::new(&two());
        let null = 1 << 65 | key(0, 5);
        let keys = [null, key(0, 5), 1 | key(0, 0), key(u32::MAX, 1), key(1, u64::MAX)];
        let found: Vec<bool> =
            (0..keys.len()).map(|count| dense.insert(keys[count], &keys[..=count])).collect();
        assert_eq!(found, [true, true, true, false, false]);
        assert_eq!(keys.map(|key| dense.get(key)), [Some(0), Some(1), Some(2), None, None]);
        let mut together = Vec::new();
        dense.find_all(&keys, &mut together);
        assert_eq!(together, [0, 1, 2, NONE, NONE]);
    }
}
