//! How long planning takes: joins of 2 to 20 tables in a chain, a star and all with all.
//!
//! `cargo run --release -p hornbeam-sql-plan --example planning`
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // a benchmark reads the clock

#[path = "../tests/plan/common/mod.rs"]
mod common;

use common::*;
use plan::expression::Expression;
use plan::logical::{JoinKind, Logical, Query};
use std::time::Instant;

/// Tables joined by the conditions of a shape.
fn joined(tables: u32, shape: &str) -> Query {
    let conditions = |right: u32| -> Vec<Expression> {
        match shape {
            "chain" => vec![equal(column(right - 1, 1), column(right, 0))],
            "star" => vec![equal(column(1, right % 4), column(right, 0))],
            _ => (1..right).map(|left| equal(column(left, 1), column(right, 1))).collect(),
        }
    };
    let start = scan(1, 0, 4);
    let root = (2..=tables).fold(start, |left: Logical, right| {
        join(JoinKind::Inner, left, scan(right, right - 1, 4), conditions(right))
    });
    query(root, &[(1, 0)])
}

fn main() {
    let rows = (1..=20).map(|table| f64::from(table) * 1000.0).collect::<Vec<_>>();
    let world = World::new(&rows, &[1, 3, 5, 7]);
    for shape in ["chain", "star", "clique"] {
        for tables in [2, 5, 8, 10, 12, 13, 20] {
            let statement = joined(tables, shape);
            let mut best = f64::MAX;
            for _ in 0..5 {
                let query = statement.clone();
                let begin = Instant::now();
                let planned = plan::plan(query, &world);
                best = best.min(begin.elapsed().as_secs_f64() * 1000.0);
                assert!(planned.is_ok());
            }
            println!("{shape:>6} of {tables:>2}: {best:8.3} ms");
        }
    }
}
