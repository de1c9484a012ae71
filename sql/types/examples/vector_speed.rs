//! How fast the loops over vectors run: rows a second, chunk after chunk out of the cache.
//!
//! `cargo run --release -p hornbeam-sql-types --example vector_speed`

#![allow(clippy::unwrap_used)] // an example
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // it measures real time

use std::hint::black_box;
use std::time::Instant;
use types::vector::{CHUNK_ROWS, Operator, Order, VectorBuilder, compare, hash, select, sum_float, sum_int};
use types::{Kind, Numeric, Value, Vector};

const CHUNKS: usize = 20_000;

fn measure(name: &str, mut run: impl FnMut()) {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        (0..CHUNKS / 5).for_each(|_| run());
        best = best.min(began.elapsed().as_secs_f64() / (CHUNKS / 5 * CHUNK_ROWS) as f64);
    }
    println!("{name:<44} {:8.2} ns/row {:9.0} M rows/s", best * 1e9, 1e-6 / best);
}

fn texts(length: usize) -> Vector {
    let mut builder = VectorBuilder::new(Kind::Bytes, CHUNK_ROWS);
    for row in 0..CHUNK_ROWS {
        let text = format!("{:0length$}", row * 7919 % 1000);
        builder.push_bytes(text.as_bytes()).unwrap();
    }
    builder.finish()
}

fn numerics() -> Vector {
    let mut builder = VectorBuilder::new(Kind::Numeric, CHUNK_ROWS);
    (0..CHUNK_ROWS as i64)
        .for_each(|row| builder.push_numeric(Numeric::from_mantissa(row * 7919 % 100_000, 2)));
    builder.finish()
}

fn with_nulls(vector: &Vector) -> Vector {
    let mut builder = VectorBuilder::new(vector.kind(), vector.len());
    for row in 0..vector.len() {
        if row % 10 == 0 { builder.push_null() } else { builder.push_from(vector, row).unwrap() }
    }
    builder.finish()
}

fn comparisons(int32: &Vector, int64: &Vector, float64: &Vector) {
    let constant = |kind, value| Vector::constant(kind, &value, CHUNK_ROWS).unwrap();
    let (five, five_wide) =
        (constant(Kind::Int32, Value::Int32(500)), constant(Kind::Int64, Value::Int64(500)));
    measure("compare int32 < constant", || {
        drop(black_box(compare(Operator::Less, int32, &five, &Order::Int32)))
    });
    measure("compare int64 < constant", || {
        drop(black_box(compare(Operator::Less, int64, &five_wide, &Order::Int64)))
    });
    measure("compare int64 = int64", || {
        drop(black_box(compare(Operator::Equal, int64, int64, &Order::Int64)))
    });
    let nullable = with_nulls(int64);
    measure("compare int64 = int64, tenth null", || {
        drop(black_box(compare(Operator::Equal, int64, &nullable, &Order::Int64)));
    });
    measure("compare float64 < float64", || {
        drop(black_box(compare(Operator::Less, float64, float64, &Order::Float64)));
    });
    let (numbers, ten) =
        (numerics(), constant(Kind::Numeric, Value::Numeric(Numeric::from_mantissa(500, 0))));
    measure("compare numeric(15,2) < constant", || {
        drop(black_box(compare(Operator::Less, &numbers, &ten, &Order::Numeric)));
    });
    for length in [8, 40] {
        let (values, one) = (texts(length), texts(length).repeat(7, CHUNK_ROWS));
        measure(&format!("compare text of {length} = constant"), || {
            drop(black_box(compare(Operator::Equal, &values, &one, &Order::Bytes)));
        });
        measure(&format!("compare text of {length} < constant"), || {
            drop(black_box(compare(Operator::Less, &values, &one, &Order::Bytes)));
        });
    }
}

fn main() {
    let int32 = Vector::from_values((0..CHUNK_ROWS as i32).map(|row| row * 7919 % 1000).collect());
    let int64 = Vector::from_values((0..CHUNK_ROWS as i64).map(|row| row * 7919 % 1000).collect());
    let float64 = Vector::from_values((0..CHUNK_ROWS).map(|row| (row * 7919 % 1000) as f64).collect());
    comparisons(&int32, &int64, &float64);
    let half = Vector::constant(Kind::Int32, &Value::Int32(500), CHUNK_ROWS).unwrap();
    let condition = compare(Operator::Less, &int32, &half, &Order::Int32).unwrap();
    measure("select the true half", || drop(black_box(select(&condition))));
    let rows = select(&condition);
    println!("(gathering counts the rows of the chunk, of which {} are taken)", rows.len());
    for (name, vector) in [
        ("gather half of int32", &int32),
        ("gather half of int64", &int64),
        ("gather half of int64, tenth null", &with_nulls(&int64)),
        ("gather half of numeric(15,2)", &numerics()),
        ("gather half of text of 8", &texts(8)),
        ("gather half of text of 40", &texts(40)),
    ] {
        measure(name, || drop(black_box(vector.gather(&rows))));
    }
    measure("sum int32", || {
        black_box(sum_int(black_box(&int32)));
    });
    measure("sum int64", || {
        black_box(sum_int(black_box(&int64)));
    });
    measure("sum float64", || {
        black_box(sum_float(black_box(&float64)));
    });
    let mut hashes = vec![0; CHUNK_ROWS];
    for (name, vector, order) in [
        ("hash int32", &int32, Order::Int32),
        ("hash int64", &int64, Order::Int64),
        ("hash float64", &float64, Order::Float64),
        ("hash numeric(15,2)", &numerics(), Order::Numeric),
        ("hash text of 8", &texts(8), Order::Bytes),
        ("hash text of 40", &texts(40), Order::Bytes),
    ] {
        measure(name, || hash(black_box(vector), &order, &mut hashes));
    }
}
