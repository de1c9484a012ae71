//! From values to keys.

use super::*;
use crate::Numeric;
use crate::array::ArrayView;
use crate::folded::folded;
use crate::record::RecordView;
use crate::value::Item;
use crate::vector::Vector;
use crate::vector::{order_of_column, without_padding};

/// Appends the key that the columns have at `row`, and the rest that decoding it needs.
pub fn encode_key(
    columns: &[KeyColumn],
    vectors: &[Vector],
    row: usize,
    key: &mut Vec<u8>,
    rest: &mut Vec<u8>,
) {
    for (column, vector) in columns.iter().zip(vectors) {
        encode_item(column, &vector.item(row), key, rest);
    }
}

/// Appends the key of one column, and its rest.
pub fn encode_item(column: &KeyColumn, item: &Item<'_>, key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    let marker = match (column.nulls, item.is_null()) {
        (NullPlace::Never, _) => None,
        (NullPlace::First, true) => Some(NULL_FIRST),
        (NullPlace::Last, true) => Some(NULL_LAST),
        (NullPlace::First | NullPlace::Last, false) => Some(NOT_NULL),
    };
    key.extend(marker);
    let start = key.len();
    append(&column.order, item, key, rest);
    if column.descending {
        key[start..].iter_mut().for_each(|byte| *byte = !*byte);
    }
}

fn append(order: &Order, item: &Item<'_>, key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    match item {
        Item::Null => {}
        Item::Bool(value) => key.push(u8::from(*value)),
        Item::Int16(value) => key.extend_from_slice(&(*value ^ i16::MIN).to_be_bytes()),
        Item::Int32(value) => append_int32(order, *value, key),
        Item::Int64(value) => {
            // Only those without a sign keep their first bit.
            let sign = if *order == Order::Unsigned64 { 0 } else { i64::MIN };
            key.extend_from_slice(&(*value ^ sign).to_be_bytes());
        }
        Item::Float32(value) => {
            append_float32(*value, key);
            if *value == 0.0 {
                rest.push(u8::from(value.is_sign_negative()));
            }
        }
        Item::Float64(value) => {
            append_float64(*value, key);
            if *value == 0.0 {
                rest.push(u8::from(value.is_sign_negative()));
            }
        }
        Item::Numeric(value) => append_numeric(value, key, rest),
        Item::Bytes(value) => append_bytes(order, value, key, rest),
        Item::Interval(value) => {
            // 80 bits are enough: 2^32 months are less than 2^73 microseconds.
            let all = (value.span() ^ i128::MIN >> (128 - 8 * INTERVAL_BYTES)).to_be_bytes();
            key.extend_from_slice(&all[16 - INTERVAL_BYTES..]);
            append_signed(value.months, rest);
            append_signed(value.days, rest);
        }
        Item::TimeTz(value) => {
            key.extend_from_slice(&(value.utc() ^ i64::MIN).to_be_bytes());
            key.extend_from_slice(&(value.zone ^ i32::MIN).to_be_bytes());
        }
        Item::Uuid(value) => key.extend_from_slice(value),
    }
}

fn append_int32(order: &Order, value: i32, key: &mut Vec<u8>) {
    match order {
        Order::Unsigned32 => key.extend_from_slice(&value.to_be_bytes()),
        Order::Enum(labels) => append_float32(labels.place(value as u32), key),
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
        | Order::Anonymous => key.extend_from_slice(&(value ^ i32::MIN).to_be_bytes()),
    }
}

fn append_float32(value: f32, key: &mut Vec<u8>) {
    let bits = if value.is_nan() { f32::NAN.to_bits() & !(1 << 31) } else { (value + 0.0).to_bits() };
    let turned = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
    key.extend_from_slice(&turned.to_be_bytes());
}

fn append_float64(value: f64, key: &mut Vec<u8>) {
    let bits = if value.is_nan() { f64::NAN.to_bits() & !(1 << 63) } else { (value + 0.0).to_bits() };
    let turned = if bits >> 63 == 1 { !bits } else { bits | 1 << 63 };
    key.extend_from_slice(&turned.to_be_bytes());
}

fn append_numeric(value: &Numeric, key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    value.encode_key(key);
    // What is no number shows no decimals.
    if let Some(scale) = value.scale() {
        append_unsigned(scale.unsigned_abs(), rest);
    }
}

fn append_bytes(order: &Order, value: &[u8], key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    match order {
        Order::Padded => {
            let text = without_padding(value);
            append_escaped(text, key);
            // At most a gigabyte of blanks.
            append_unsigned((value.len() - text.len()) as u32, rest);
        }
        Order::Folded => {
            append_escaped(&folded(value), key);
            append_whole(value, rest);
        }
        Order::Bits => {
            let (unused, bits) = value.split_first().map_or((0, &[][..]), |(unused, bits)| (*unused, bits));
            append_escaped(bits, key);
            key.push(if bits.is_empty() { 0 } else { 8 - unused.min(7) });
        }
        Order::Jsonb => {
            json::jsonb::write_key(json::Value::from_bytes(value), key);
            append_whole(value, rest);
        }
        Order::Array(element) => append_array(element, value, key, rest),
        Order::Record(fields) => append_record(fields, value, key, rest),
        Order::Anonymous => append_anonymous(value, key, rest),
        Order::Bytes
        | Order::Bool
        | Order::Int16
        | Order::Int32
        | Order::Unsigned32
        | Order::Int64
        | Order::Unsigned64
        | Order::Float32
        | Order::Float64
        | Order::Numeric
        | Order::Interval
        | Order::TimeTz
        | Order::Uuid
        | Order::Enum(_) => append_escaped(value, key),
    }
}

/// The value itself, which its key does not tell. All values are less than a gigabyte.
fn append_whole(value: &[u8], rest: &mut Vec<u8>) {
    append_unsigned(value.len() as u32, rest);
    rest.extend_from_slice(value);
}

fn append_escaped(mut text: &[u8], key: &mut Vec<u8>) {
    // Most texts have no such byte and are copied at once.
    while let Some(place) = text.iter().position(|byte| *byte <= ESCAPE) {
        key.extend_from_slice(&text[..place]);
        key.extend_from_slice(&[ESCAPE, text[place] + 1]);
        text = &text[place + 1..];
    }
    key.extend_from_slice(text);
    key.push(END);
}

/// What is no array has the key of the empty one: there is nothing better to say of damaged bytes.
fn append_array(element: &Order, value: &[u8], key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    let array = ArrayView::new(value);
    append_unsigned(array.map_or(0, |array| array.element_type()), rest);
    for item in array.iter().flat_map(ArrayView::items) {
        key.push(if item.is_null() { NULL_ELEMENT } else { ELEMENT });
        append(element, &item, key, rest);
    }
    let dimensions = || array.iter().flat_map(ArrayView::dimensions);
    key.extend_from_slice(&[END, dimensions().count() as u8]);
    for number in dimensions().map(|one| one.length).chain(dimensions().map(|one| one.lower)) {
        key.extend_from_slice(&(number ^ i32::MIN).to_be_bytes());
    }
}

fn append_record(fields: &[Option<Order>], value: &[u8], key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    if let Some(record) = RecordView::new(value) {
        let told = record.told_len(fields);
        let of = |column: usize| record.column_type(column).unwrap_or(0);
        for (column, order) in fields[..told].iter().enumerate() {
            let Some(order) = order else { continue };
            let item = record.item(column);
            append_unsigned(of(column), rest);
            key.push(if item.is_null() { NULL_ELEMENT } else { ELEMENT });
            append(order, &item, key, rest);
        }
        let all = record.len().min(fields.len());
        let nulls: Vec<u32> = (told..all).filter(|column| fields[*column].is_some()).map(of).collect();
        append_unsigned(nulls.len() as u32, rest);
        nulls.into_iter().for_each(|of| append_unsigned(of, rest));
    } else {
        append_unsigned(0, rest);
    }
    key.push(ROW_END);
}

/// No table has such columns, so nobody reads the key back.
fn append_anonymous(value: &[u8], key: &mut Vec<u8>, rest: &mut Vec<u8>) {
    if let Some(record) = RecordView::new(value) {
        for (column, item) in record.items().enumerate() {
            key.push(ELEMENT);
            key.extend_from_slice(&record.column_type(column).unwrap_or(0).to_be_bytes());
            key.push(if item.is_null() { NULL_ELEMENT } else { ELEMENT });
            append(&order_of_column(&record, column), &item, key, rest);
        }
    }
    key.push(END);
}

/// Seven bits a byte, the lowest first.
fn append_unsigned(mut value: u32, rest: &mut Vec<u8>) {
    while value >= 0x80 {
        rest.push(value as u8 | 0x80);
        value >>= 7;
    }
    rest.push(value as u8);
}

fn append_signed(value: i32, rest: &mut Vec<u8>) {
    append_unsigned((value << 1 ^ value >> 31) as u32, rest);
}
