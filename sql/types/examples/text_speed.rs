//! How long a value takes to be read and shown, by vectors as COPY and results do it: `cargo run --release -p
//! hornbeam-sql-types --example text_speed`.

#![allow(clippy::unwrap_used)] // a measurement of its own texts
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // the clock is what this program is about

use std::hint::black_box;
use std::time::Instant;
use types::catalog::oid;
use types::text::{TextSettings, fit_vector, input_vector, output_vector};
use types::vector::VectorBuilder;
use types::{BuiltinTypes, Kind, Type, Vector};

const ROWS: usize = 1024;

/// Nanoseconds a row of the best of many short runs, in which nobody else was on the processor.
fn best(mut work: impl FnMut()) -> f64 {
    let once = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed().as_nanos() as f64 / ROWS as f64
    };
    (0..2000).map(|_| once(&mut work)).fold(f64::INFINITY, f64::min)
}

fn texts(text: impl Fn(u64) -> String) -> Vector {
    let mut builder = VectorBuilder::new(Kind::Bytes, ROWS);
    // Numbers that do not follow each other.
    (0..ROWS as u64)
        .for_each(|row| builder.push_bytes(text(row * 2_654_435_761 % 1_000_003).as_bytes()).unwrap());
    builder.finish()
}

fn main() {
    let settings = TextSettings::default();
    let clock = |n: u64| format!("{:02}:{:02}:{:02}", n % 24, n % 60, n / 60 % 60);
    let day = |n: u64| format!("{}-{:02}-{:02}", 1980 + n % 60, n % 12 + 1, n % 28 + 1);
    let numeric = Type { oid: oid::NUMERIC, modifier: (15 << 16 | 2) + 4 };
    let cases: Vec<(&str, Type, Vector)> = vec![
        ("integer", Type::of(oid::INT4), texts(|n| n.to_string())),
        ("numeric(15,2)", numeric, texts(|n| format!("{n}.{:02}", n % 100))),
        ("numeric, 60 digits", Type::of(oid::NUMERIC), texts(|n| format!("{n:030}.{n:030}"))),
        ("double precision", Type::of(oid::FLOAT8), texts(|n| (n as f64 / 7.0).to_string())),
        ("text", Type::of(oid::TEXT), texts(|n| format!("customer {n}"))),
        ("char(20)", Type { oid: oid::BPCHAR, modifier: 24 }, texts(|n| format!("customer {n}"))),
        ("date", Type::of(oid::DATE), texts(day)),
        ("timestamp", Type::of(oid::TIMESTAMP), texts(|n| format!("{} {}.{:06}", day(n), clock(n), n))),
        ("timestamptz", Type::of(oid::TIMESTAMPTZ), texts(|n| format!("{} {}+02", day(n), clock(n)))),
        ("interval", Type::of(oid::INTERVAL), texts(|n| format!("{} days {}", n % 900, clock(n)))),
        ("boolean", Type::of(oid::BOOL), texts(|n| if n % 3 == 0 { "t".to_owned() } else { "f".to_owned() })),
        ("integer[]", Type::of(1007), texts(|n| format!("{{{n},{},NULL}}", n % 7))),
        ("jsonb", Type::of(oid::JSONB), texts(|n| format!("{{\"id\": {n}, \"name\": \"customer {n}\"}}"))),
    ];
    println!("{:<20} {:>8} {:>8} {:>8}   nanoseconds a value", "", "read", "show", "fit");
    for (name, of, texts) in &cases {
        let values = input_vector(&BuiltinTypes, *of, texts, &settings).unwrap();
        let read = best(|| {
            black_box(input_vector(&BuiltinTypes, *of, black_box(texts), &settings).unwrap());
        });
        let show = best(|| {
            black_box(output_vector(&BuiltinTypes, *of, black_box(&values), &settings).unwrap());
        });
        let fit = best(|| {
            black_box(fit_vector(&BuiltinTypes, *of, black_box(&values), false).unwrap());
        });
        println!("{name:<20} {read:>8.1} {show:>8.1} {fit:>8.1}");
    }
}
