//! Sorting: all rows, or the first of them.

use super::limit::Bounds;
use super::rows::{Pieces, collect, gather, join};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{RowOrder, SortColumn};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use types::Kind;
use types::vector::Chunk;

/// By what rows are sorted.
pub struct Keys {
    /// The expressions.
    pub evaluators: Vec<Evaluator>,
    /// Their orders.
    pub columns: Vec<SortColumn>,
}

impl Keys {
    /// The numbers of a chunk's rows in order.
    pub fn sort(&self, rows: &Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<u32>> {
        let keys = evaluate_all(&self.evaluators, run, rows)?;
        Ok(RowOrder::sort(&self.columns, &keys, rows.len()))
    }
}

/// All rows, stable.
pub struct Sort {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    keys: Keys,
    sorted: Option<Pieces>,
}

impl Sort {
    /// By these keys.
    pub fn new(input: BoxedOperator, kinds: Vec<Kind>, keys: Keys) -> Sort {
        Sort { input, kinds, keys, sorted: None }
    }
}

impl Operator for Sort {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.sorted.is_none() {
            let rows = collect(&mut *self.input, &self.kinds, run)?;
            let order = self.keys.sort(&rows, run)?;
            run.hold(order.len() * 4)?;
            self.sorted = Some(Pieces::ordered(rows, order));
        }
        run.check()?;
        let limit = run.chunk_rows();
        self.sorted.as_mut().map_or(Ok(None), |sorted| sorted.next(limit))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.sorted = None;
        self.input.rewind(run)
    }
}

/// The first rows of a sort: more than twice as many as are wanted are never kept.
pub struct TopN {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    keys: Keys,
    bounds: Bounds,
    sorted: Option<Pieces>,
}

/// Rows that are collected at least before they are cut down.
const KEPT_MIN: usize = 2048;

impl TopN {
    /// By these keys.
    pub fn new(input: BoxedOperator, kinds: Vec<Kind>, keys: Keys, bounds: Bounds) -> TopN {
        TopN { input, kinds, keys, bounds, sorted: None }
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Pieces> {
        let (offset, limit) = self.bounds.values(run)?;
        let wanted = limit.map(|limit| usize::try_from(offset.saturating_add(limit)).unwrap_or(usize::MAX));
        let wanted = wanted.unwrap_or(usize::MAX);
        let mut kept: Vec<Chunk> = Vec::new();
        let mut rows = 0;
        while wanted > 0
            && let Some(chunk) = self.input.next(run)?
        {
            run.check()?;
            rows += chunk.len();
            kept.push(chunk.densify()?);
            if rows >= wanted.saturating_mul(2).max(KEPT_MIN) {
                let cut = self.cut(std::mem::take(&mut kept), wanted, run)?;
                rows = cut.rows();
                kept.push(cut);
            }
        }
        let sorted = self.cut(kept, wanted, run)?;
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(Pieces::new(sorted.slice(skipped, usize::MAX)))
    }

    /// The first `wanted` rows in order.
    fn cut(&self, kept: Vec<Chunk>, wanted: usize, run: &mut Run<'_, '_>) -> ExecuteResult<Chunk> {
        let rows = join(&self.kinds, kept)?;
        let mut order = self.keys.sort(&rows, run)?;
        order.truncate(wanted);
        gather(&rows, &order)
    }
}

impl Operator for TopN {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.sorted.is_none() {
            self.sorted = Some(self.run(run)?);
        }
        let limit = run.chunk_rows();
        self.sorted.as_mut().map_or(Ok(None), |sorted| sorted.next(limit))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.sorted = None;
        self.input.rewind(run)
    }
}
