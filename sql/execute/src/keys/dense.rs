//! Numbers of keys that are small numbers themselves, as ids are: an array instead of a hash table.
//!
//! A key here is a packed one, whose lowest bit is set where its last column is null. The array grows with the number of
//! keys, so that few keys far apart cost nothing.

use super::table::NONE;

/// A key has a place if it is less than so many times the number of keys, or one of the first few thousand. The array's length
/// is a power of two, so that it grows seldom.
const PLACES_PER_KEY: usize = 8;
const PLACES_MIN: usize = 4096;

/// For each key below its length: its number, or [`NONE`].
#[derive(Debug, Default)]
pub struct Dense {
    numbers: Vec<u32>,
}

impl Dense {
    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.numbers.len() * 4
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.numbers.clear();
    }

    /// The number of a key, [`NONE`] if there is no such key; nothing if keys like it are not here.
    #[inline]
    pub fn get(&self, key: u128) -> Option<u32> {
        let place = usize::try_from(key).ok()?;
        self.numbers.get(place).copied()
    }

    /// Takes in the newest of all `keys`, if it is small enough. Older ones come along when the array grows.
    pub fn insert(&mut self, key: u128, keys: &[u128]) -> bool {
        let limit = (keys.len() * PLACES_PER_KEY).max(PLACES_MIN);
        // What lies within the array is looked for there, however far the limit reaches.
        let reach = limit.max(self.numbers.len());
        let Some(place) = usize::try_from(key).ok().filter(|place| *place < reach) else { return false };
        if place >= self.numbers.len() {
            self.numbers.resize((place + 1).next_power_of_two(), NONE);
            for (number, key) in keys.iter().enumerate() {
                let place = usize::try_from(*key).ok();
                if let Some(entry) = place.and_then(|place| self.numbers.get_mut(place)) {
                    *entry = number as u32;
                }
            }
        } else if let Some(entry) = self.numbers.get_mut(place) {
            *entry = keys.len() as u32 - 1;
        }
        true
    }
}
