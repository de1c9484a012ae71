//! Rows come back as they were written, with more columns than they have, and never panic whatever their bytes.

#![allow(clippy::unwrap_used)] // a test, its helpers too

use crate::common;

use common::{Draw, orders, value, vector};
use types::row::{RowError, RowLayout, RowView, Storage, decode_column, encode_row};
use types::vector::{Order, VectorBuilder};
use types::{Kind, Numeric, Value, Vector};

fn columns(draw: &mut Draw, count: usize) -> Vec<(Storage, Order)> {
    let orders = orders();
    (0..count)
        .map(|_| match draw.below(6) {
            0 => (Storage::Decimal { scale: 2 }, Order::Numeric),
            _ => {
                let (kind, order) = draw.pick(&orders);
                (Storage::Plain(kind), order)
            }
        })
        .collect()
}

fn column_of(draw: &mut Draw, (storage, order): &(Storage, Order), rows: usize) -> Vector {
    let nulls = draw.pick(&[0, 1, 4]);
    match storage {
        Storage::Plain(kind) => vector(draw, *kind, order, rows, nulls),
        Storage::Decimal { scale } => {
            let mut builder = VectorBuilder::new(Kind::Numeric, rows);
            for _ in 0..rows {
                match draw.below(9) {
                    0 => builder.push_null(),
                    1 => builder.push_numeric(Numeric::NAN),
                    _ => builder.push_numeric(Numeric::from_mantissa(draw.next() as i64 % 1_000_000, *scale)),
                }
            }
            builder.finish()
        }
    }
}

fn encoded(layout: &RowLayout, columns: &[Vector], rows: usize) -> Vec<Vec<u8>> {
    let mut encoded = Vec::new();
    for row in 0..rows {
        let mut bytes = Vec::new();
        encode_row(layout, columns, row, &mut bytes).unwrap();
        encoded.push(bytes);
    }
    encoded
}

#[test]
fn rows_of_any_columns_come_back() {
    let mut draw = Draw(41);
    for round in 0..200 {
        let count = draw.pick(&[1, 2, 7, 8, 9, 20]);
        let described = columns(&mut draw, count + 3);
        let all = RowLayout::new(described.iter().map(|column| column.0).collect());
        let older = RowLayout::new(described[..count].iter().map(|column| column.0).collect());
        let rows = 20;
        let vectors: Vec<Vector> =
            described.iter().map(|column| column_of(&mut draw, column, rows)).collect();
        let mut bytes = encoded(&all, &vectors, rows);
        bytes.extend(encoded(&older, &vectors[..count], rows));
        for (index, (storage, order)) in described.iter().enumerate() {
            let missing = match storage {
                Storage::Plain(kind) => value(&mut draw, *kind, order, 3),
                Storage::Decimal { scale } => Value::Numeric(Numeric::from_mantissa(7, *scale)),
            };
            let decoded = decode_column(&all, index, bytes.iter().map(|row| &row[..]), &missing).unwrap();
            for (row, one) in bytes.iter().enumerate() {
                let expected = if row < rows || index < count {
                    vectors[index].value(row % rows)
                } else {
                    missing.clone()
                };
                assert_eq!(decoded.value(row), expected, "round {round}, column {index}, row {row}");
                let alone = RowView::new(&all, one).unwrap();
                assert_eq!(alone.item(index, &missing).unwrap().to_value(), expected);
            }
        }
    }
}

#[test]
fn a_decimal_column_decodes_to_a_uniform_vector() {
    let layout = RowLayout::new(vec![Storage::numeric(Some((15, 2))), Storage::numeric(None)]);
    assert_eq!(layout.columns(), [Storage::Decimal { scale: 2 }, Storage::Plain(Kind::Numeric)]);
    let mut builder = VectorBuilder::new(Kind::Numeric, 3);
    [12345, -1, 0].into_iter().for_each(|mantissa| builder.push_numeric(Numeric::from_mantissa(mantissa, 2)));
    let vector = builder.finish();
    let bytes = encoded(&layout, &[vector.clone(), vector], 3);
    for column in 0..2 {
        let decoded = decode_column(&layout, column, bytes.iter().map(|row| &row[..]), &Value::Null).unwrap();
        let uniform = decoded.numeric().unwrap();
        assert!(matches!(uniform, types::vector::NumericVector::Uniform { scale: 2, .. }));
    }
    let wrong = Vector::constant(Kind::Numeric, &Value::Numeric(Numeric::from_mantissa(1, 0)), 1).unwrap();
    let mut bytes = vec![9];
    let refused = encode_row(&layout, &[wrong.clone(), wrong], 0, &mut bytes);
    assert_eq!((refused, bytes), (Err(RowError::Scale { scale: 2 }), vec![9]));
}

#[test]
fn long_values_take_wide_ends() {
    let layout = RowLayout::new(vec![
        Storage::Plain(Kind::Bytes),
        Storage::Plain(Kind::Int32),
        Storage::Plain(Kind::Bytes),
    ]);
    for length in [0, 1, 65_494, 65_495, 65_535, 65_536, 200_000] {
        let long = Vector::constant(Kind::Bytes, &Value::Bytes(vec![7; length].into()), 1).unwrap();
        let short = Vector::constant(Kind::Bytes, &Value::text("end"), 1).unwrap();
        let number = Vector::from_values(vec![5i32]);
        let bytes = encoded(&layout, &[long.clone(), number, short.clone()], 1);
        let decode =
            |column| decode_column(&layout, column, [&bytes[0][..]].into_iter(), &Value::Null).unwrap();
        assert_eq!(decode(0).value(0), long.value(0));
        assert_eq!(decode(1).value(0), Value::Int32(5));
        assert_eq!(decode(2).value(0), short.value(0));
    }
}

#[test]
fn damaged_rows_are_told_and_nothing_panics() {
    let mut draw = Draw(43);
    let mut refused = 0;
    for _ in 0..300 {
        let count = 1 + draw.below(12);
        let described = columns(&mut draw, count);
        let layout = RowLayout::new(described.iter().map(|column| column.0).collect());
        let vectors: Vec<Vector> = described.iter().map(|column| column_of(&mut draw, column, 1)).collect();
        let whole = encoded(&layout, &vectors, 1).remove(0);
        for _ in 0..60 {
            let mut bytes = whole.clone();
            match draw.below(3) {
                0 => bytes.truncate(draw.below(whole.len() + 1)),
                1 => (0..3).for_each(|_| bytes[draw.below(whole.len())] = draw.next() as u8),
                _ => bytes = (0..draw.below(40)).map(|_| draw.next() as u8).collect(),
            }
            for column in 0..count {
                let decoded = decode_column(&layout, column, [&bytes[..]].into_iter(), &Value::Null);
                refused += usize::from(decoded.is_err());
                if let (Ok(vector), (_, order)) = (decoded, &described[column]) {
                    // What came through must be safe to compare.
                    let _ = order.compare(&vector.item(0), &vectors[column].item(0));
                }
            }
        }
    }
    assert!(refused > 10_000, "{refused}");
}
