//! How fast rows and keys are written and read, row after row out of the cache.
//!
//! `cargo run --release -p hornbeam-sql-types --example row_speed`

#![allow(clippy::unwrap_used)] // an example
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures real time

use std::hint::black_box;
use std::time::Instant;
use types::key::{KeyColumn, NullPlace, encode_key};
use types::row::{RowLayout, Storage, decode_column, encode_row};
use types::vector::{CHUNK_ROWS, Order, VectorBuilder};
use types::{Kind, Numeric, Value, Vector};

const ROUNDS: usize = 2_000;

fn measure(name: &str, mut run: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        (0..ROUNDS).for_each(|_| run());
        best = best.min(began.elapsed().as_secs_f64() / (ROUNDS * CHUNK_ROWS) as f64);
    }
    println!("{name:<44} {:8.2} ns/row {:9.1} M rows/s", best * 1e9, 1e-6 / best);
}

/// Eight columns: three integers, a date, two numbers, two texts.
fn table() -> (RowLayout, Vec<Vector>) {
    let plain = [Kind::Int64, Kind::Int32, Kind::Int32, Kind::Int32].map(Storage::Plain);
    let numbers = [Storage::numeric(Some((15, 2))), Storage::numeric(None)];
    let layout = [&plain[..], &numbers, &[Storage::Plain(Kind::Bytes); 2]].concat();
    let rows = 0..CHUNK_ROWS as i64;
    let number = || {
        let mut builder = VectorBuilder::new(Kind::Numeric, CHUNK_ROWS);
        rows.clone().for_each(|row| builder.push_numeric(Numeric::from_mantissa(row * 7919, 2)));
        builder.finish()
    };
    let text = |length: usize| {
        let mut builder = VectorBuilder::new(Kind::Bytes, CHUNK_ROWS);
        rows.clone().for_each(|row| builder.push_bytes(format!("{row:0length$}").as_bytes()).unwrap());
        builder.finish()
    };
    let integers = || Vector::from_values(rows.clone().map(|row| row as i32).collect());
    let first = Vector::from_values(rows.clone().collect::<Vec<i64>>());
    let columns = vec![first, integers(), integers(), integers(), number(), number(), text(10), text(40)];
    (RowLayout::new(layout), columns)
}

fn main() {
    let (layout, columns) = table();
    let mut rows = vec![Vec::new(); CHUNK_ROWS];
    for (row, bytes) in rows.iter_mut().enumerate() {
        encode_row(&layout, &columns, row, bytes).unwrap();
    }
    println!("rows of eight columns and {} bytes", rows[0].len());
    let mut buffer = Vec::new();
    measure("encode a row", || {
        for row in 0..CHUNK_ROWS {
            buffer.clear();
            encode_row(&layout, &columns, row, &mut buffer).unwrap();
        }
    });
    for (column, name) in [
        (0, "int64"),
        (3, "int32"),
        (4, "numeric(15,2)"),
        (5, "numeric"),
        (6, "text of 10"),
        (7, "text of 40"),
    ] {
        measure(&format!("decode a column of {name}"), || {
            let rows = rows.iter().map(|row| &row[..]);
            black_box(decode_column(&layout, column, rows, &Value::Null).unwrap());
        });
    }
    for (column, name, order) in [
        (0, "int64", Order::Int64),
        (4, "numeric(15,2)", Order::Numeric),
        (6, "text of 10", Order::Bytes),
        (7, "text of 40", Order::Bytes),
    ] {
        let key = [KeyColumn { order, descending: false, nulls: NullPlace::Last }];
        let vectors = [columns[column].clone()];
        let mut rest = Vec::new();
        measure(&format!("encode a key of {name}"), || {
            for row in 0..CHUNK_ROWS {
                buffer.clear();
                rest.clear();
                encode_key(&key, &vectors, row, &mut buffer, &mut rest);
                black_box(&buffer);
            }
        });
    }
}
