//! Rows that are large: few of them are computed at once.

use super::common::*;
use execute::{ExecuteError, Execution};
use plan::expression::{Expression, ExpressionKind};
use plan::physical::{Node, NodeKind};
use std::sync::Arc;
use types::Value;

const ROWS: i32 = 60;
const LENGTH: i32 = 1_000_000;
/// How many bytes come at once, and a row more.
const BYTES_MAX: usize = (16 << 20) + LENGTH as usize;

/// Numbers, and a letter with each.
fn letters() -> Node {
    let letter = |row: i32| text(&char::from(b'a' + (row % 26) as u8).to_string());
    values((0..ROWS).map(|row| vec![int(row), letter(row)]).collect())
}

fn long() -> Expression {
    long_of(LENGTH)
}

fn long_of(length: i32) -> Expression {
    call(1622, vec![slot(1, TEXT), int(length)], TEXT)
}

/// How many rows each chunk has, and how many bytes its texts take.
fn chunks(bench: &mut Bench, transaction: &mut store::Transaction, root: Node) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    transaction.refresh().unwrap();
    bench
        .world(transaction, |world| -> Result<(), ExecuteError> {
            let mut execution = Execution::new(Arc::new(plan(root)), world)?;
            execution.run(world, &mut |chunk| {
                let chunk = chunk.densify()?;
                let bytes = chunk.columns().iter().filter_map(|column| column.bytes());
                found.push((chunk.rows(), bytes.map(|texts| texts.total()).sum()));
                Ok(())
            })
        })
        .unwrap();
    found
}

fn assert_few_at_once(found: &[(usize, usize)]) {
    assert_eq!(found.iter().map(|(rows, _)| rows).sum::<usize>(), ROWS as usize);
    assert_eq!(found.iter().map(|(_, bytes)| bytes).sum::<usize>(), (ROWS * LENGTH) as usize);
    assert!(found.iter().all(|(_, bytes)| *bytes <= BYTES_MAX), "{found:?}");
    // Nor is every row alone.
    assert!(found.len() <= ROWS as usize / 4, "{found:?}");
}

#[test]
fn few_rows_are_computed_at_once() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let found = chunks(&mut bench, &mut transaction, project(letters(), vec![slot(0, INT), long()]));
    assert_few_at_once(&found);
}

/// What is large on the way alone does not make the chunks smaller of whoever only looks at it.
#[test]
fn what_is_looked_at_is_computed_of_few_rows() {
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let length = call(1257, vec![long()], INT);
    let conditions = vec![less(expression(ExpressionKind::Constant(Value::Int32(5)), INT), length)];
    let kind = NodeKind::Filter { input: Box::new(letters()), conditions, called: None, once: false };
    let found = chunks(&mut bench, &mut transaction, node(kind, vec![INT, TEXT]));
    assert_eq!(found, [(ROWS as usize, ROWS as usize)]);
}

/// Texts of which all rows together are more than a vector can have: a scan computes its own filter of few rows, too.
#[test]
fn what_a_scan_looks_at_is_computed_of_few_rows() {
    const VERY_LONG: i32 = 80_000_000;
    assert!(i64::from(ROWS) * i64::from(VERY_LONG) > i64::from(u32::MAX));
    let mut bench = Bench::new();
    let mut transaction = bench.begin();
    let table = bench.table(&mut transaction, "letters", &[("n", INT, true), ("letter", TEXT, true)]);
    let target = bench.target(table);
    bench.run_with(&mut transaction, silent(insert(&target, letters())), &[]).unwrap();
    let length = call(1257, vec![long_of(VERY_LONG)], INT);
    let of_all = less(int(5), length);
    let of_some = less(slot(0, INT), int(ROWS - 1));
    for (filter, rows) in [(vec![of_all.clone()], ROWS), (vec![of_some, of_all], ROWS - 1)] {
        let found = chunks(&mut bench, &mut transaction, scan(&target, filter, false));
        assert_eq!(found, [(rows as usize, rows as usize)]);
    }
}
