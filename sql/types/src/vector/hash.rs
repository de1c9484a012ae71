//! Hashes of rows, for joins and grouping: fixed, the same on every machine and in every run.
//!
//! Equal values of a type have equal hashes, whatever their bits: the zeros of floats, `1.0` and `1.00`, `'1 day'` and
//! `'24 hours'`. Integers of all widths hash alike, and so do both floats, so that joins across them need no cast.
//! Nothing here withstands somebody who chooses keys to collide: tables must bound their chains.

use super::order::{Order, order_of_column, without_padding};
use super::{Data, NumericVector, Vector};
use crate::array::ArrayView;
use crate::folded::folded;
use crate::record::RecordView;
use crate::value::Item;
use numeric::Residues;
use std::hash::Hasher;

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const NULL: u64 = 0x6a09_e667_f3bc_c908;

#[inline]
fn mix(value: u64) -> u64 {
    let product = u128::from(value ^ NULL) * u128::from(MULTIPLIER);
    (product as u64) ^ (product >> 64) as u64
}

/// The hash of a row so far with that of one more column.
#[inline]
fn join(hash: u64, next: u64) -> u64 {
    (hash.rotate_left(23) ^ next).wrapping_mul(MULTIPLIER)
}

/// Joins the hash of each row of `vector` to what `hashes` has of the columns before it. All begin with zero.
pub fn hash(vector: &Vector, order: &Order, hashes: &mut [u64]) {
    debug_assert_eq!(vector.len(), hashes.len());
    if vector.is_constant() {
        if let Some(first) = (!vector.is_empty()).then(|| item(&vector.item(0), order)) {
            hashes.iter_mut().for_each(|hash| *hash = join(*hash, first));
        }
        return;
    }
    match (vector.data(), order) {
        (Data::Int16(values), _) => each(vector, values, hashes, |value| mix(i64::from(value) as u64)),
        (Data::Int32(values), Order::Unsigned32 | Order::Enum(_)) => {
            each(vector, values, hashes, |value| mix(u64::from(value as u32)));
        }
        (Data::Int32(values), _) => each(vector, values, hashes, |value| mix(i64::from(value) as u64)),
        (Data::Int64(values), _) => each(vector, values, hashes, |value| mix(value as u64)),
        (Data::Float64(values), _) => each(vector, values, hashes, float),
        (Data::Numeric(NumericVector::Uniform { mantissas, scale }), _) => {
            let residues = Residues::of_scale(*scale);
            each(vector, mantissas, hashes, |mantissa| mix(residues.of(mantissa)));
        }
        (Data::Bytes(values), Order::Bytes) if !vector.has_nulls() => {
            values.iter().zip(hashes).for_each(|(value, hash)| *hash = join(*hash, bytes(value)));
        }
        (
            Data::Bool(_)
            | Data::Float32(_)
            | Data::Numeric(NumericVector::General(_))
            | Data::Bytes(_)
            | Data::Interval(_)
            | Data::TimeTz(_)
            | Data::Uuid(_),
            _,
        ) => {
            for (row, hash) in hashes.iter_mut().enumerate() {
                *hash = join(*hash, item(&vector.item(row), order));
            }
        }
    }
}

#[inline]
fn each<T: Copy>(vector: &Vector, values: &[T], hashes: &mut [u64], one: impl Fn(T) -> u64) {
    match vector.nulls() {
        None => hashes.iter_mut().zip(values).for_each(|(hash, value)| *hash = join(*hash, one(*value))),
        Some(nulls) => {
            for (row, (hash, value)) in hashes.iter_mut().zip(values).enumerate() {
                *hash = join(*hash, if nulls.get(row) { NULL } else { one(*value) });
            }
        }
    }
}

/// Both zeros have one hash, and all NaNs.
#[inline]
fn float(value: f64) -> u64 {
    let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
    mix(value.to_bits())
}

fn bytes(value: &[u8]) -> u64 {
    let mut hash = mix(value.len() as u64);
    let (words, rest) = value.as_chunks::<8>();
    for word in words {
        hash = mix(hash ^ u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        hash = mix(hash ^ u64::from_le_bytes(last));
    }
    hash
}

/// The hash of one value.
pub fn item(value: &Item<'_>, order: &Order) -> u64 {
    match value {
        Item::Null => NULL,
        Item::Bool(value) => mix(u64::from(*value)),
        Item::Int16(value) => mix(i64::from(*value) as u64),
        Item::Int32(value) => match order {
            Order::Unsigned32 | Order::Enum(_) => mix(u64::from(*value as u32)),
            Order::Bool
            | Order::Int16
            | Order::Int32
            | Order::Int64
            | Order::Unsigned64
            | Order::Float32
            | Order::Float64
            | Order::Numeric
            | Order::Bytes
            | Order::Padded
            | Order::Folded
            | Order::Bits
            | Order::Interval
            | Order::TimeTz
            | Order::Uuid
            | Order::Jsonb
            | Order::Array(_)
            | Order::Record(_)
            | Order::Anonymous => mix(i64::from(*value) as u64),
        },
        Item::Int64(value) => mix(*value as u64),
        Item::Float32(value) => float(f64::from(*value)),
        Item::Float64(value) => float(*value),
        Item::Numeric(value) => mix(value.residue()),
        Item::Bytes(value) => match order {
            Order::Padded => bytes(without_padding(value)),
            Order::Folded => bytes(&folded(value)),
            Order::Jsonb => document(value),
            Order::Array(element) => array(value, element),
            Order::Record(fields) => record(value, fields),
            Order::Anonymous => anonymous(value),
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
            | Order::Enum(_) => bytes(value),
        },
        Item::Interval(value) => {
            let value = value.span();
            mix(mix(value as u64) ^ (value >> 64) as u64)
        }
        Item::TimeTz(value) => mix(mix(value.utc() as u64) ^ value.zone as u64),
        Item::Uuid(value) => bytes(value),
    }
}

/// What is hashed of documents, piece by piece.
struct Pieces(u64);

impl Hasher for Pieces {
    fn write(&mut self, piece: &[u8]) {
        self.0 = join(self.0, bytes(piece));
    }

    fn write_u8(&mut self, piece: u8) {
        self.0 = join(self.0, mix(u64::from(piece)));
    }

    // The same on machines of any word.
    fn write_usize(&mut self, piece: usize) {
        self.0 = join(self.0, mix(piece as u64));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn document(value: &[u8]) -> u64 {
    let mut pieces = Pieces(NULL);
    json::jsonb::hash(json::Value::from_bytes(value), &mut pieces);
    pieces.finish()
}

fn array(value: &[u8], element: &Order) -> u64 {
    let Some(array) = ArrayView::new(value) else { return bytes(value) };
    (0..array.len())
        .fold(mix(array.len() as u64), |hash, index| join(hash, item(&array.item(index), element)))
}

fn anonymous(value: &[u8]) -> u64 {
    let Some(record) = RecordView::new(value) else { return bytes(value) };
    let column = |column: usize| item(&record.item(column), &order_of_column(&record, column));
    (0..record.len()).fold(NULL, |hash, place| join(hash, column(place)))
}

fn record(value: &[u8], fields: &[Option<Order>]) -> u64 {
    let Some(record) = RecordView::new(value) else { return bytes(value) };
    let told = (0..record.told_len(fields)).filter_map(|column| Some((column, fields[column].as_ref()?)));
    told.fold(NULL, |hash, (column, order)| join(hash, item(&record.item(column), order)))
}
