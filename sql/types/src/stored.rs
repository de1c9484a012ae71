//! Values as bytes in rows on pages, in arrays and in records: little end first, fixed kinds at their width.

use crate::kind::Kind;
use crate::value::Item;
use crate::{Interval, Numeric, TimeTz};

/// A kind of fixed width as it is stored, and the numbers that say where others lie.
pub trait Stored: Sized {
    /// The value of these bytes, whose number is the kind's width; `None` for another number.
    fn read(bytes: &[u8]) -> Option<Self>;
}

macro_rules! stored {
    ($($type:ty => $from:expr;)*) => {
        $(impl Stored for $type {
            #[inline]
            fn read(bytes: &[u8]) -> Option<$type> {
                bytes.try_into().ok().map($from)
            }
        })*
    };
}

stored! {
    bool => |[byte]: [u8; 1]| byte != 0;
    u16 => u16::from_le_bytes;
    u32 => u32::from_le_bytes;
    i16 => i16::from_le_bytes;
    i32 => i32::from_le_bytes;
    i64 => i64::from_le_bytes;
    f32 => f32::from_le_bytes;
    f64 => f64::from_le_bytes;
    Interval => interval_from_bytes;
    TimeTz => timetz_from_bytes;
    [u8; 16] => |bytes: [u8; 16]| bytes;
}

/// Microseconds, days, months.
fn interval_from_bytes(bytes: [u8; 16]) -> Interval {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = bytes;
    Interval {
        microseconds: i64::from_le_bytes([a, b, c, d, e, f, g, h]),
        days: i32::from_le_bytes([i, j, k, l]),
        months: i32::from_le_bytes([m, n, o, p]),
    }
}

/// Microseconds, zone.
fn timetz_from_bytes(bytes: [u8; 12]) -> TimeTz {
    let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
    TimeTz { time: i64::from_le_bytes([a, b, c, d, e, f, g, h]), zone: i32::from_le_bytes([i, j, k, l]) }
}

/// The value that these bytes are; `None` if they are none of the kind.
pub fn read(kind: Kind, bytes: &[u8]) -> Option<Item<'_>> {
    Some(match kind {
        Kind::Bool => Item::Bool(Stored::read(bytes)?),
        Kind::Int16 => Item::Int16(Stored::read(bytes)?),
        Kind::Int32 => Item::Int32(Stored::read(bytes)?),
        Kind::Int64 => Item::Int64(Stored::read(bytes)?),
        Kind::Float32 => Item::Float32(Stored::read(bytes)?),
        Kind::Float64 => Item::Float64(Stored::read(bytes)?),
        Kind::Numeric => Item::Numeric(Numeric::decode_row(bytes)?),
        Kind::Bytes => Item::Bytes(bytes),
        Kind::Interval => Item::Interval(Stored::read(bytes)?),
        Kind::TimeTz => Item::TimeTz(Stored::read(bytes)?),
        Kind::Uuid => Item::Uuid(Stored::read(bytes)?),
    })
}

/// Appends the bytes of a value; a null has none.
pub fn append(item: &Item<'_>, bytes: &mut Vec<u8>) {
    match item {
        Item::Null => {}
        Item::Bool(value) => bytes.push(u8::from(*value)),
        Item::Int16(value) => bytes.extend_from_slice(&value.to_le_bytes()),
        Item::Int32(value) => bytes.extend_from_slice(&value.to_le_bytes()),
        Item::Int64(value) => bytes.extend_from_slice(&value.to_le_bytes()),
        Item::Float32(value) => bytes.extend_from_slice(&value.to_le_bytes()),
        Item::Float64(value) => bytes.extend_from_slice(&value.to_le_bytes()),
        Item::Numeric(value) => value.encode_row(bytes),
        Item::Bytes(value) => bytes.extend_from_slice(value),
        Item::Interval(value) => {
            bytes.extend_from_slice(&value.microseconds.to_le_bytes());
            bytes.extend_from_slice(&value.days.to_le_bytes());
            bytes.extend_from_slice(&value.months.to_le_bytes());
        }
        Item::TimeTz(value) => {
            bytes.extend_from_slice(&value.time.to_le_bytes());
            bytes.extend_from_slice(&value.zone.to_le_bytes());
        }
        Item::Uuid(value) => bytes.extend_from_slice(value),
    }
}

/// A `u32` at `offset`.
#[inline]
pub fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    let four = bytes.get(offset..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*four))
}

/// Whether bit `index` of a bitmap of bytes is set.
#[inline]
pub fn bit_at(bitmap: &[u8], index: usize) -> bool {
    bitmap.get(index / 8).is_some_and(|byte| byte >> (index % 8) & 1 == 1)
}
