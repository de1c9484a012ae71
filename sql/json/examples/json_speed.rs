//! How long reading, writing and addressing documents takes: `cargo run --release -p hornbeam-sql-json --example
//! json_speed`.

#![allow(clippy::unwrap_used)] // a measurement that cannot read its own documents ends
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // the clock is what this program is about

use json::{Value, jsonb, text};
use std::hint::black_box;
use std::time::Instant;

const ORDER: &str = r#"{"id": 184467440, "customer": {"name": "Ada Lovelace", "email": "ada@example.org", "since": "2019-03-04T05:06:07Z", "vip": true, "tags": ["early", "newsletter", "north"]}, "items": [{"sku": "A-1001", "title": "Paper, A4, 500 sheets", "quantity": 12, "price": 4.99, "discount": null}, {"sku": "B-77", "title": "Fountain pen \"classic\"", "quantity": 1, "price": 89.00, "discount": 0.1}, {"sku": "C-3", "title": "Ink, blue\u2011black", "quantity": 3, "price": 7.25, "discount": 0.05}], "shipping": {"street": "12 St James's Square", "city": "London", "zip": "SW1Y 4JH", "country": "GB", "location": [51.50735, -0.13588]}, "total": 170.63, "paid": false, "notes": "Leave at the door;\nring twice.", "history": [{"at": 1700000000, "state": "new"}, {"at": 1700003600, "state": "packed"}, {"at": 1700010000, "state": "sent"}]}"#;

fn measure(name: &str, bytes: usize, mut work: impl FnMut()) {
    // An argument picks what is measured.
    if std::env::args().nth(1).is_some_and(|wanted| !name.contains(&wanted)) {
        return;
    }
    // Short runs and many of them: the best is one in which nobody else was on the processor.
    let rounds = 100;
    let mut best = f64::INFINITY;
    for _ in 0..500 {
        let start = Instant::now();
        (0..rounds).for_each(|_| work());
        best = best.min(start.elapsed().as_secs_f64() / f64::from(rounds));
    }
    let rate = bytes as f64 / best / 1e6;
    println!("{name:<28} {:>9.0} ns {rate:>8.0} MB/s", best * 1e9);
}

fn main() {
    let size = ORDER.len();
    println!("a document of {size} bytes");
    let document = jsonb::parse(ORDER).unwrap();
    let other = jsonb::parse(&ORDER.replace("\"sent\"", "\"lost\"")).unwrap();
    let part = jsonb::parse(r#"{"customer": {"vip": true}, "items": [{"sku": "B-77"}]}"#).unwrap();
    let mut out = String::new();
    measure("json: validate", size, || text::validate(black_box(ORDER)).unwrap());
    measure("jsonb: read", size, || {
        black_box(jsonb::parse(black_box(ORDER)).unwrap());
    });
    measure("jsonb: write", size, || {
        out.clear();
        jsonb::write(black_box(&document).value(), &mut out).unwrap();
    });
    measure("jsonb: read and write", size, || {
        out.clear();
        jsonb::write(jsonb::parse(black_box(ORDER)).unwrap().value(), &mut out).unwrap();
    });
    measure("jsonb: one field", size, || {
        black_box(Value::from_bytes(black_box(document.as_bytes())).field("total"));
    });
    measure("jsonb: a path of four", size, || {
        black_box(black_box(&document).value().path(["items", "1", "title"]));
    });
    measure("jsonb: compare", size, || {
        black_box(black_box(&document).value().cmp(&other.value()));
    });
    measure("jsonb: contains", size, || {
        let _ = black_box(jsonb::contains(black_box(&document).value(), part.value()));
    });
    measure("jsonb: key", size, || {
        black_box(jsonb::key(black_box(&document).value()));
    });
}
