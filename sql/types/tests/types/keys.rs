//! The bytes of keys compare as values do, no key begins another, and key and rest give the values back.

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::{Draw, orders, value};
use std::cmp::Ordering;
use types::key::{KeyColumn, NullPlace, decode_key, encode_item};
use types::vector::Order;
use types::{Item, Value};

fn column(draw: &mut Draw, order: &Order) -> KeyColumn {
    let nulls = draw.pick(&[NullPlace::Never, NullPlace::First, NullPlace::Last]);
    KeyColumn { order: order.clone(), descending: draw.below(2) == 0, nulls }
}

fn compare(column: &KeyColumn, left: &Value, right: &Value) -> Ordering {
    let nulls = left.is_null().cmp(&right.is_null());
    if left.is_null() || right.is_null() {
        return if column.nulls == NullPlace::First { nulls.reverse() } else { nulls };
    }
    let ordering = column.order.compare(&Item::from(left), &Item::from(right));
    if column.descending { ordering.reverse() } else { ordering }
}

fn draw_value(draw: &mut Draw, column: &KeyColumn) -> Value {
    let nulls = if column.nulls == NullPlace::Never { 0 } else { 6 };
    value(draw, column.order.kind(), &column.order, nulls)
}

fn encode(columns: &[KeyColumn], values: &[Value]) -> (Vec<u8>, Vec<u8>) {
    let (mut key, mut rest) = (Vec::new(), Vec::new());
    for (column, value) in columns.iter().zip(values) {
        encode_item(column, &Item::from(value), &mut key, &mut rest);
    }
    (key, rest)
}

#[test]
fn the_order_of_bytes_is_the_order_of_values() {
    let mut draw = Draw(61);
    for (_, order) in orders() {
        for _ in 0..12 {
            let columns = [column(&mut draw, &order)];
            let values: Vec<Value> = (0..120).map(|_| draw_value(&mut draw, &columns[0])).collect();
            let keys: Vec<Vec<u8>> =
                values.iter().map(|value| encode(&columns, std::slice::from_ref(value)).0).collect();
            for (left, left_key) in values.iter().zip(&keys) {
                for (right, right_key) in values.iter().zip(&keys) {
                    assert_eq!(
                        left_key.cmp(right_key),
                        compare(&columns[0], left, right),
                        "{left:?} {right:?} {columns:?}"
                    );
                    assert!(
                        left_key == right_key || !right_key.starts_with(left_key),
                        "{left:?} begins {right:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn keys_of_many_columns_compare_column_by_column() {
    let mut draw = Draw(67);
    let orders = orders();
    for _ in 0..300 {
        let columns: Vec<KeyColumn> = (0..3)
            .map(|_| {
                let (_, order) = draw.pick(&orders);
                column(&mut draw, &order)
            })
            .collect();
        let rows: Vec<Vec<Value>> =
            (0..20).map(|_| columns.iter().map(|column| draw_value(&mut draw, column)).collect()).collect();
        for left in &rows {
            for right in &rows {
                let expected = (0..3)
                    .map(|index| compare(&columns[index], &left[index], &right[index]))
                    .find(|ordering| ordering.is_ne())
                    .unwrap_or(Ordering::Equal);
                assert_eq!(encode(&columns, left).0.cmp(&encode(&columns, right).0), expected);
            }
        }
    }
}

#[test]
fn values_come_back_from_key_and_rest() {
    let mut draw = Draw(71);
    let orders = orders();
    for _ in 0..20_000 {
        let columns: Vec<KeyColumn> = (0..2)
            .map(|_| {
                let (_, order) = draw.pick(&orders);
                column(&mut draw, &order)
            })
            .collect();
        let values: Vec<Value> = columns.iter().map(|column| draw_value(&mut draw, column)).collect();
        let (mut key, mut rest) = encode(&columns, &values);
        let lengths = (key.len(), rest.len());
        key.extend_from_slice(b"what follows");
        rest.push(9);
        let (back, key_length, rest_length) = decode_key(&columns, &key, &rest).unwrap();
        assert_eq!((key_length, rest_length), lengths);
        for ((back, value), column) in back.iter().zip(&values).zip(&columns) {
            let same_nan = matches!((back, value), (Value::Float32(a), Value::Float32(b)) if a.is_nan() && b.is_nan())
                || matches!((back, value), (Value::Float64(a), Value::Float64(b)) if a.is_nan() && b.is_nan());
            assert!(back == value || same_nan, "{back:?} {value:?} {column:?}");
        }
    }
}

#[test]
fn damaged_keys_are_told_and_nothing_panics() {
    let mut draw = Draw(73);
    let orders = orders();
    let mut refused = 0;
    for _ in 0..40_000 {
        let (_, order) = draw.pick(&orders);
        let columns = [column(&mut draw, &order)];
        let (mut key, mut rest) = encode(&columns, &[draw_value(&mut draw, &columns[0])]);
        let key_length = key.len();
        match draw.below(4) {
            0 => key.truncate(draw.below(key.len() + 1)),
            1 if !key.is_empty() => (0..2).for_each(|_| key[draw.below(key_length)] = draw.next() as u8),
            2 => rest.truncate(draw.below(rest.len() + 1)),
            _ => key = (0..draw.below(30)).map(|_| draw.pick(&[0, 1, 2, 3, 4, 0xff, 0xfe, 0x80])).collect(),
        }
        refused += usize::from(decode_key(&columns, &key, &rest).is_err());
    }
    assert!(refused > 5_000, "{refused}");
}
