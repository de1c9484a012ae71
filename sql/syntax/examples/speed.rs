//! How fast statements are parsed: bulk `INSERT` text and a page of mixed queries, in MB a second.
//!
//! `cargo run --release -p hornbeam-sql-syntax --example speed`

#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // an example may tell the time

use std::hint::black_box;
use std::time::Instant;

const QUERY: &str = "SELECT o.id, c.name, sum(l.price * (1 - l.discount)) AS total FROM orders o \
    JOIN customer c ON c.id = o.customer LEFT JOIN line l ON l.order_id = o.id \
    WHERE o.placed >= date '1995-01-01' AND c.segment IN ('a', 'b', 'c') AND l.flag IS NOT NULL \
    GROUP BY 1, 2 HAVING count(*) > 3 ORDER BY total DESC NULLS LAST LIMIT 10;\n";

fn insert(rows: usize) -> String {
    let mut text = String::from("INSERT INTO measurement (id, at, name, value, note) VALUES ");
    for row in 0..rows {
        let comma = if row == 0 { "" } else { ", " };
        text.push_str(&format!("{comma}({row}, '2024-05-17 10:11:12', 'sensor {row}', {row}.25, NULL)"));
    }
    text
}

fn measure(name: &str, text: &str, rounds: usize) {
    let mut best = f64::MAX;
    let mut arena = bumpalo::Bump::new();
    for _ in 0..rounds {
        arena.reset();
        let began = Instant::now();
        let parsed = syntax::parse(black_box(text), &arena, 1000);
        best = best.min(began.elapsed().as_secs_f64());
        assert!(black_box(parsed).is_ok());
    }
    println!("{name}: {} bytes, {:.0} MB/s", text.len(), text.len() as f64 / best / 1e6);
}

fn main() {
    let rounds = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(20);
    measure("bulk insert", &insert(20_000), rounds);
    measure("queries", &QUERY.repeat(2_000), rounds);
}
