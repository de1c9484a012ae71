//! The hash by which rows of a table find their partition: PostgreSQL's, so that they find the same one.
//!
//! Bob Jenkins' mixing of three words (lookup3), with PostgreSQL's seed for partitions, and its way to put the hashes of
//! several keys together.

use crate::folded::folded;
use crate::value::Item;
use crate::vector::Order;

/// The seed of every key's hash.
pub const SEED: u64 = 0x7A5B_2236_7996_DCFD;

/// The hash of a row's keys; nulls leave it as it is.
pub fn partition_hash<'i>(keys: impl Iterator<Item = (&'i Order, &'i Item<'i>)>) -> u64 {
    combined(keys.filter(|(_, item)| !item.is_null()).map(|(order, item)| of_key(order, item)))
}

/// The hash of one key.
pub fn of_key(order: &Order, item: &Item<'_>) -> u64 {
    of_item(order, item, SEED)
}

/// The hash of keys that have these.
pub fn combined(hashes: impl Iterator<Item = u64>) -> u64 {
    hashes.fold(0, combine)
}

/// Puts two hashes together.
fn combine(one: u64, other: u64) -> u64 {
    one ^ other.wrapping_add(0x49a0_f4dd_15e5_a8e3).wrapping_add(one << 54).wrapping_add(one >> 7)
}

fn of_item(order: &Order, item: &Item<'_>, seed: u64) -> u64 {
    match item {
        Item::Null => 0,
        // PostgreSQL hashes a boolean as a character.
        Item::Bool(value) => of_word(u32::from(*value), seed),
        Item::Int16(value) => of_word(i32::from(*value).cast_unsigned(), seed),
        Item::Int32(value) => of_word(value.cast_unsigned(), seed),
        Item::Int64(value) => of_long(*value, seed),
        Item::Float32(value) => of_float(f64::from(*value), seed),
        Item::Float64(value) => of_float(*value, seed),
        Item::Bytes(bytes) => match order {
            Order::Padded => {
                let length = bytes.iter().rposition(|byte| *byte != b' ').map_or(0, |last| last + 1);
                of_bytes(&bytes[..length], seed)
            }
            Order::Folded => of_bytes(&folded(bytes), seed),
            Order::Bool
            | Order::Int16
            | Order::Int32
            | Order::Unsigned32
            | Order::Int64
            | Order::Unsigned64
            | Order::Float32
            | Order::Float64
            | Order::Numeric
            | Order::Bytes
            | Order::Bits
            | Order::Interval
            | Order::TimeTz
            | Order::Uuid
            | Order::Jsonb
            | Order::Enum(_)
            | Order::Array(_)
            | Order::Record(_)
            | Order::Anonymous => of_bytes(bytes, seed),
        },
        Item::Uuid(value) => of_bytes(value.as_ref(), seed),
        Item::Numeric(value) => of_numeric(&value.to_string(), seed),
        // Nothing is divided by values of these.
        Item::Interval(_) | Item::TimeTz(_) => seed,
    }
}

/// Long integers hash like short ones of the same value.
fn of_long(value: i64, seed: u64) -> u64 {
    let low = value as u32;
    let high = (value >> 32) as u32;
    of_word(low ^ if value >= 0 { high } else { !high }, seed)
}

/// Both zeros are one value, and so are all that are no number.
fn of_float(value: f64, seed: u64) -> u64 {
    if value == 0.0 {
        return seed;
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    of_bytes(&value.to_le_bytes(), seed)
}

/// Numbers that are equal hash alike, whatever their scale: by the digits of base 10000 between the first and the last that is
/// no zero, and by where the first stands.
fn of_numeric(text: &str, seed: u64) -> u64 {
    let digits = text.trim_start_matches('-');
    if !digits.starts_with(|first: char| first.is_ascii_digit()) {
        return seed;
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = format!("{}{whole}", "0".repeat((4 - whole.len() % 4) % 4));
    let fraction = format!("{fraction}{}", "0".repeat((4 - fraction.len() % 4) % 4));
    let weight = (whole.len() / 4) as i64 - 1;
    let all = [whole, fraction].concat();
    let groups: Vec<i16> = all
        .as_bytes()
        .chunks(4)
        .map(|group| group.iter().fold(0, |value, digit| value * 10 + i16::from(digit - b'0')))
        .collect();
    let Some(first) = groups.iter().position(|group| *group != 0) else { return seed.wrapping_sub(1) };
    let last = groups.iter().rposition(|group| *group != 0).unwrap_or(first);
    let bytes: Vec<u8> = groups[first..=last].iter().flat_map(|group| group.to_le_bytes()).collect();
    of_bytes(&bytes, seed) ^ (weight - first as i64).cast_unsigned()
}

fn mix([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    macro_rules! step {
        ($x:ident $y:ident $z:ident $by:literal) => {
            $x = $x.wrapping_sub($z) ^ $z.rotate_left($by);
            $z = $z.wrapping_add($y);
        };
    }
    step!(a b c 4);
    step!(b c a 6);
    step!(c a b 8);
    step!(a b c 16);
    step!(b c a 19);
    step!(c a b 4);
    [a, b, c]
}

fn settle([mut a, mut b, mut c]: [u32; 3]) -> u64 {
    macro_rules! step {
        ($x:ident $y:ident $by:literal) => {
            $x = ($x ^ $y).wrapping_sub($y.rotate_left($by));
        };
    }
    step!(c b 14);
    step!(a c 11);
    step!(b a 25);
    step!(c b 16);
    step!(a c 4);
    step!(b a 14);
    step!(c b 24);
    u64::from(b) << 32 | u64::from(c)
}

/// The words to begin with, of so many bytes.
fn begin(length: u32, seed: u64) -> [u32; 3] {
    let word = 0x9e37_79b9u32.wrapping_add(length).wrapping_add(3_923_095);
    let words = [word; 3];
    if seed == 0 {
        return words;
    }
    mix([word.wrapping_add((seed >> 32) as u32), word.wrapping_add(seed as u32), word])
}

fn of_word(word: u32, seed: u64) -> u64 {
    let [a, b, c] = begin(4, seed);
    settle([a.wrapping_add(word), b, c])
}

fn of_bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut words = begin(bytes.len() as u32, seed);
    let mut chunks = bytes.chunks_exact(12);
    for chunk in &mut chunks {
        for (word, part) in words.iter_mut().zip(chunk.chunks_exact(4)) {
            *word = word.wrapping_add(little(part));
        }
        words = mix(words);
    }
    let rest = chunks.remainder();
    for (place, byte) in rest.iter().enumerate() {
        // The lowest byte of the last word is the length's.
        let place = if place < 8 { place } else { place + 1 };
        let shift = 8 * (place % 4) as u32;
        words[place / 4] = words[place / 4].wrapping_add(u32::from(*byte) << shift);
    }
    settle(words)
}

fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::{SEED, of_bytes, of_long, of_word};

    /// As PostgreSQL 15 answers `hashint4extended`, `hashint8extended` and `hashtextextended`.
    #[test]
    fn hashes_are_postgresqls() {
        assert_eq!(of_word(1, 0) as i64, -3670598878359251130);
        assert_eq!(of_word(-7i32 as u32, SEED) as i64, -7298374200968567817);
        assert_eq!(of_long(-5_000_000_000, SEED) as i64, -4482100988868492312);
        assert_eq!(of_bytes(b"", SEED) as i64, -5700645584453517373);
        assert_eq!(of_bytes(b"abcdefgh", SEED) as i64, -7754745184861941070);
        assert_eq!(of_bytes(b"hello world, partitions", SEED) as i64, 4568631065053870479);
        assert_eq!(of_bytes(b"abcdefghijkl", 0) as i64, -7556637188122330412);
        assert_eq!(super::of_float(1.5, SEED) as i64, -2826383321045882978);
        assert_eq!(super::of_numeric("1.5", SEED) as i64, 1234047083305210387);
        assert_eq!(super::of_numeric("1.500", SEED), super::of_numeric("1.5", SEED));
    }
}
