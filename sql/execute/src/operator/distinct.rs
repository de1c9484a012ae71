//! The first of rows that are equal.

use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{KeyTable, SortColumn, compare_rows};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use types::Vector;
use types::vector::Chunk;

/// By a hash table.
pub struct HashDistinct {
    input: BoxedOperator,
    keys: Vec<Evaluator>,
    seen: KeyTable,
    numbers: Vec<u32>,
}

impl HashDistinct {
    /// By these keys.
    pub fn new(input: BoxedOperator, keys: Vec<Evaluator>, columns: &[SortColumn]) -> HashDistinct {
        let seen = KeyTable::new(columns.iter().map(|column| column.order.clone()).collect());
        HashDistinct { input, keys, seen, numbers: Vec::new() }
    }
}

impl Operator for HashDistinct {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(mut chunk) = self.input.next(run)? {
            run.check()?;
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            let chosen = first_seen(&mut self.seen, &keys, chunk.len(), &mut self.numbers, run)?;
            chunk.select(chosen);
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.seen.clear();
        self.input.rewind(run)
    }
}

/// Rows whose keys were not seen before, which they are from now on.
pub fn first_seen(
    seen: &mut KeyTable,
    keys: &[Vector],
    rows: usize,
    numbers: &mut Vec<u32>,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vec<u32>> {
    let (mut known, before) = (seen.len() as u32, seen.size());
    seen.insert(keys, rows, numbers);
    run.hold(seen.size().saturating_sub(before))?;
    let mut chosen = Vec::new();
    for (row, number) in numbers.iter().enumerate() {
        if *number == known {
            known += 1;
            chosen.push(row as u32);
        }
    }
    Ok(chosen)
}

/// Of a sorted input.
pub struct SortedDistinct {
    input: BoxedOperator,
    keys: Vec<Evaluator>,
    columns: Vec<SortColumn>,
    /// The keys of the last row.
    last: Option<Vec<Vector>>,
}

impl SortedDistinct {
    /// By these keys.
    pub fn new(input: BoxedOperator, keys: Vec<Evaluator>, columns: Vec<SortColumn>) -> SortedDistinct {
        SortedDistinct { input, keys, columns, last: None }
    }
}

impl Operator for SortedDistinct {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(mut chunk) = self.input.next(run)? {
            run.check()?;
            let keys = evaluate_all(&self.keys, run, &chunk)?;
            let rows = chunk.len();
            let mut chosen = Vec::new();
            for row in 0..rows {
                let same = match (row, &self.last) {
                    (0, None) => false,
                    (0, Some(last)) => compare_rows(&self.columns, (&keys, 0), (last, 0)).is_eq(),
                    (row, _) => compare_rows(&self.columns, (&keys, row), (&keys, row - 1)).is_eq(),
                };
                if !same {
                    chosen.push(row as u32);
                }
            }
            self.last = Some(keys.iter().map(|key| key.slice(rows - 1, 1)).collect());
            chunk.select(chosen);
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.last = None;
        self.input.rewind(run)
    }
}
