//! Sorting: all rows, or the first of them. Rows that do not fit into memory are sorted in runs, which are written and merged.

use super::limit::Bounds;
use super::rows::{Pieces, gather, join};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{RowOrder, SortColumn, compare_rows};
use crate::memory::chunk_bytes;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::{Merge, Rows, merged};
use types::vector::{Chunk, Operator as Comparison, compare, select};
use types::{Kind, Vector};

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
    sorted: Option<Sorted>,
    held: usize,
}

/// Sorted rows.
enum Sorted {
    Memory(Pieces),
    /// Runs that were sorted and written one by one.
    Written(Merge),
}

impl Sort {
    /// By these keys.
    pub fn new(input: BoxedOperator, kinds: Vec<Kind>, keys: Keys) -> Sort {
        Sort { input, kinds, keys, sorted: None, held: 0 }
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Sorted> {
        let (mut chunks, mut written) = (Vec::new(), Vec::new());
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let bytes = chunk_bytes(&chunk);
            run.hold(bytes)?;
            self.held += bytes;
            chunks.push(chunk);
            if self.held > run.world.settings.work_mem {
                written.push(self.write(std::mem::take(&mut chunks), run)?);
            }
        }
        if written.is_empty() {
            let rows = join(&self.kinds, chunks)?;
            let order = self.keys.sort(&rows, run)?;
            run.hold(order.len() * 4)?;
            self.held += order.len() * 4;
            return Ok(Sorted::Memory(Pieces::ordered(rows, order)));
        }
        if !chunks.is_empty() {
            written.push(self.write(chunks, run)?);
        }
        Ok(Sorted::Written(merged(written, run)?))
    }

    /// Writes rows in order, with their keys as bytes.
    fn write(&mut self, chunks: Vec<Chunk>, run: &mut Run<'_, '_>) -> ExecuteResult<Rows> {
        let rows = join(&self.kinds, chunks)?;
        let keys = evaluate_all(&self.keys.evaluators, run, &rows)?;
        let (encoded, order) = RowOrder::sort_with_keys(&self.keys.columns, &keys, rows.rows());
        let mut written = Rows::new(&self.kinds);
        for (count, row) in order.into_iter().enumerate() {
            if count % 1024 == 1023 {
                run.check()?;
            }
            written.push(run, encoded.get(row as usize), rows.columns(), row as usize)?;
        }
        written.flush(run)?;
        run.release(std::mem::take(&mut self.held));
        Ok(written)
    }
}

impl Operator for Sort {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.sorted.is_none() {
            self.sorted = Some(self.run(run)?);
        }
        run.check()?;
        let limit = run.chunk_rows();
        match &mut self.sorted {
            Some(Sorted::Memory(pieces)) => pieces.next(limit),
            Some(Sorted::Written(merge)) => merge.next(run, limit),
            None => Ok(None),
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.sorted = None;
        run.release(std::mem::take(&mut self.held));
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
        // The keys of the last row that is wanted, of those that were looked at.
        let mut last: Option<Vec<Vector>> = None;
        while wanted > 0
            && let Some(mut chunk) = self.input.next(run)?
        {
            run.check()?;
            if let Some(last) = &last {
                self.keep_before(&mut chunk, last, run)?;
            }
            rows += chunk.len();
            kept.push(chunk.densify()?);
            if rows >= wanted.saturating_mul(2).max(KEPT_MIN) {
                let cut = self.cut(std::mem::take(&mut kept), wanted, run)?;
                rows = cut.rows();
                let keys = evaluate_all(&self.keys.evaluators, run, &cut)?;
                last = Some(keys.iter().map(|key| key.slice(rows.saturating_sub(1), 1)).collect());
                kept.push(cut);
            }
        }
        let sorted = self.cut(kept, wanted, run)?;
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(Pieces::new(sorted.slice(skipped, usize::MAX)))
    }

    /// Keeps the rows of a chunk that come before one with these keys; equal ones come behind it.
    fn keep_before(&self, chunk: &mut Chunk, last: &[Vector], run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let keys = evaluate_all(&self.keys.evaluators, run, chunk)?;
        let mut chosen = self.may_come_before(&keys, last, chunk.len())?;
        chosen.retain(|row| compare_rows(&self.keys.columns, (&keys, *row as usize), (last, 0)).is_lt());
        chunk.select(chosen);
        Ok(())
    }

    /// Rows that do not come behind one with these keys as far as the first key tells, asked of all rows at once.
    fn may_come_before(&self, keys: &[Vector], last: &[Vector], rows: usize) -> ExecuteResult<Vec<u32>> {
        if let (Some(column), Some(key), Some(bound)) =
            (self.keys.columns.first(), keys.first(), last.first())
            && !key.has_nulls()
            && !bound.is_null(0)
        {
            let operator =
                if column.descending { Comparison::GreaterOrEqual } else { Comparison::LessOrEqual };
            return Ok(select(&compare(operator, key, &bound.repeat(0, rows), &column.order)?));
        }
        // A chunk has fewer than 2^32 rows.
        Ok((0..rows as u32).collect())
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
