//! Places of keys whose columns are small numbers themselves, as ids are: where in an array a key is told of.
//!
//! A key of one column is its own place. Of several each has as many bits of a place as the greatest of its values needs that has
//! a place, side by side; so keys of two columns are as near to each other as those of one. The array's length is a power of two,
//! so that it grows seldom.

/// Keys of more columns have no places.
const COLUMNS_MOST: usize = 4;
/// The places of so many keys are computed together.
pub const TOGETHER: usize = 256;
/// What stands for no place; arrays are shorter.
const NOWHERE: u64 = u64::MAX;

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
        // Both are computed of each key, as nothing is to be decided in loops over them.
        let next = value.saturating_add(u64::from(self.null_below));
        let is_null = self.null_below && key >> self.shift.saturating_sub(1) & 1 == 1;
        if is_null { 0 } else { next }
    }
}

/// A column, and how many bits of a place it has.
#[derive(Debug, Clone, Copy)]
struct Column {
    field: Field,
    bits: u32,
}

impl Column {
    /// The place of a key, by that of its columns before this one.
    #[inline]
    fn place(self, before: u64, key: u128) -> u64 {
        let item = self.field.item(key);
        let fits = item >> self.bits == 0 && before != NOWHERE;
        if fits { before << self.bits | item } else { NOWHERE }
    }

    /// The same of many keys.
    fn place_all(self, keys: &[u128], places: &mut [u64]) {
        for (place, key) in places.iter_mut().zip(keys) {
            *place = self.place(*place, *key);
        }
    }

    /// How many bits it needs for this key, too.
    fn needed(self, key: u128) -> u32 {
        self.bits.max(u64::BITS - self.field.item(key).leading_zeros())
    }
}

/// What the place of a key is.
#[derive(Debug, Clone)]
pub enum Places {
    /// The key itself.
    Keys,
    /// Its columns' values side by side.
    Columns(Columns),
    /// There is none.
    Nowhere,
}

/// Columns side by side.
#[derive(Debug, Clone)]
pub struct Columns(Vec<Column>);

impl Places {
    /// Of keys with these columns.
    pub fn new(fields: &[Field]) -> Places {
        match fields {
            [_] => Places::Keys,
            [] => Places::Nowhere,
            fields if fields.len() > COLUMNS_MOST => Places::Nowhere,
            fields => Places::Columns(Columns(
                fields.iter().map(|field| Column { field: *field, bits: 0 }).collect(),
            )),
        }
    }

    /// Forgets which keys there were.
    pub fn clear(&mut self) {
        if let Places::Columns(columns) = self {
            columns.0.iter_mut().for_each(|column| column.bits = 0);
        }
    }

    /// The place of a key, if keys like it may have one.
    #[inline]
    pub fn of(&self, key: u128) -> Option<usize> {
        match self {
            Places::Keys => usize::try_from(key).ok(),
            Places::Columns(columns) => {
                let place = columns.0.iter().fold(0, |place, column| column.place(place, key));
                (place != NOWHERE).then_some(place as usize)
            }
            Places::Nowhere => None,
        }
    }

    /// The places of as many keys as there is room for; what has none gets one beyond every array.
    #[inline]
    pub fn of_all(&self, keys: &[u128], places: &mut [u64]) {
        match self {
            Places::Keys => {
                let place = |key: &u128| u64::try_from(*key).unwrap_or(NOWHERE);
                places.iter_mut().zip(keys).for_each(|(at, key)| *at = place(key));
            }
            Places::Columns(columns) => {
                places.fill(0);
                columns.0.iter().for_each(|column| column.place_all(keys, places));
            }
            Places::Nowhere => places.fill(NOWHERE),
        }
    }

    /// How long the array becomes in which a key has a place, too; `None`, and nothing changes, if that is beyond a limit. What had
    /// a place before may have another.
    pub fn widen(&mut self, key: u128, limit: usize) -> Option<usize> {
        let is_few = |places: &usize| *places <= limit;
        match self {
            Places::Keys => {
                let places = usize::try_from(key).ok().and_then(|place| place.checked_add(1));
                Some(places.filter(is_few)?.next_power_of_two())
            }
            Places::Columns(columns) => {
                let bits = columns.0.iter().map(|column| column.needed(key)).sum();
                let places = 1_usize.checked_shl(bits).filter(is_few)?;
                columns.0.iter_mut().for_each(|column| column.bits = column.needed(key));
                Some(places)
            }
            Places::Nowhere => None,
        }
    }

    /// The place of what had another before they were widened.
    pub fn moved(&self, before: &Places, place: usize) -> usize {
        let (Places::Columns(columns), Places::Columns(before)) = (self, before) else { return place };
        let (mut rest, mut moved, mut shift) = (place, 0, 0);
        for (column, before) in columns.0.iter().zip(&before.0).rev() {
            let item = rest & ((1 << before.bits) - 1);
            rest >>= before.bits;
            moved |= item << shift;
            shift += column.bits;
        }
        moved
    }
}
