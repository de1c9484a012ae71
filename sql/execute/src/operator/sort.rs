//! Sorting: all rows, or the first of them. Rows that do not fit into memory are sorted in runs, which are written and merged.
//! Of an input that is sorted by the first keys already only so many rows are sorted at a time as end with a group of equal
//! first keys.

use super::limit::Bounds;
use super::rows::{Pieces, gather, join, without};
use crate::error::ExecuteResult;
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{RowOrder, SortColumn, compare_rows};
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::{Merge, Rows, merged};
use plan::explain::{SortMethod, SortUsed};
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

    /// The same, where nothing is said of equal ones.
    fn sort_loosely(&self, rows: &Chunk, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<u32>> {
        let keys = evaluate_all(&self.evaluators, run, rows)?;
        RowOrder::sort_together(&self.columns, &keys, rows.len(), run)
    }

    /// Writes rows in order with their keys as bytes, at most so many of them.
    fn write(
        &self,
        (kinds, chunks): (&[Kind], Vec<Chunk>),
        most: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<Rows> {
        let rows = join(kinds, chunks)?;
        let keys = evaluate_all(&self.evaluators, run, &rows)?;
        let (encoded, order) = RowOrder::sort_with_keys(&self.columns, &keys, rows.rows());
        let mut written = Rows::new(kinds);
        for (count, row) in order.into_iter().take(most).enumerate() {
            if count % 1024 == 1023 {
                run.check()?;
            }
            written.push(run, encoded.get(row as usize), rows.columns(), row as usize)?;
        }
        written.flush(run)?;
        Ok(written)
    }
}

/// All rows.
pub struct Sort {
    input: Batches,
    kinds: Vec<Kind>,
    keys: Keys,
    /// Columns by their places that nobody reads but the keys.
    unasked: Vec<u32>,
    sorted: Option<Sorted>,
    held: Held,
}

/// The input, in batches that are sorted one by one: one batch, if nothing is known of its order.
struct Batches {
    input: BoxedOperator,
    /// By what it is sorted already.
    presorted: Option<Keys>,
    /// The keys of the last row of the batch so far.
    last: Option<Vec<Vector>>,
    /// The first rows of the next batch.
    begun: Option<Chunk>,
    /// Whether the batch is complete.
    complete: bool,
    ended: bool,
}

impl Batches {
    /// The next rows of the batch.
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let Some(presorted) = &self.presorted else {
            self.ended = true;
            return self.input.next(run);
        };
        if self.complete || self.ended {
            return Ok(None);
        }
        let chunk = match self.begun.take() {
            Some(chunk) => Some(chunk),
            None => self.input.next(run)?,
        };
        let Some(chunk) = chunk else {
            self.ended = true;
            return Ok(None);
        };
        let chunk = chunk.densify()?;
        let keys = evaluate_all(&presorted.evaluators, run, &chunk)?;
        let rows = chunk.rows();
        let begins = |row: &usize| match (*row, &self.last) {
            (0, None) => false,
            (0, Some(last)) => compare_rows(&presorted.columns, (&keys, 0), (last, 0)).is_ne(),
            (row, _) => compare_rows(&presorted.columns, (&keys, row), (&keys, row - 1)).is_ne(),
        };
        let Some(place) = (0..rows).rev().find(begins) else {
            self.last = Some(keys.iter().map(|key| key.slice(rows.saturating_sub(1), 1)).collect());
            return Ok(Some(chunk));
        };
        self.complete = true;
        self.begun = Some(chunk.slice(place, rows - place));
        Ok((place > 0).then(|| chunk.slice(0, place)))
    }

    /// Goes on to the next batch; false if there is none.
    fn advance(&mut self) -> bool {
        (self.complete, self.last) = (false, None);
        !self.ended
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.last, self.begun, self.complete, self.ended) = (None, None, false, false);
        self.input.rewind(run)
    }
}

/// Sorted rows.
enum Sorted {
    Memory(Pieces),
    /// Runs that were sorted and written one by one.
    Written(Merge),
}

impl Sort {
    /// By these keys; by the first of them the input is sorted, if there are any.
    pub fn new(input: BoxedOperator, kinds: Vec<Kind>, keys: Keys, presorted: Option<Keys>) -> Sort {
        let input = Batches { input, presorted, last: None, begun: None, complete: false, ended: false };
        Sort { input, kinds, keys, unasked: Vec::new(), sorted: None, held: Held::default() }
    }

    /// The same, where nobody asks for some of the columns, by their places.
    #[must_use]
    pub fn without(mut self, unasked: &[u32]) -> Sort {
        self.unasked = unasked.to_vec();
        self
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Sorted> {
        let (mut chunks, mut written) = (Vec::new(), Vec::new());
        let mut bytes_written = 0;
        while let Some(chunk) = self.input.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            let bytes = chunk_bytes(&chunk);
            self.held.take(run, bytes)?;
            chunks.push(chunk);
            if self.held.bytes() > run.world.settings.work_mem {
                bytes_written += self.held.bytes();
                let chunks = std::mem::take(&mut chunks);
                written.push(self.keys.write((&self.kinds, chunks), usize::MAX, run)?);
                self.held.release();
            }
        }
        if written.is_empty() {
            let rows = join(&self.kinds, chunks)?;
            let order = self.keys.sort_loosely(&rows, run)?;
            self.held.take(run, order.len() * 4)?;
            self.tell(SortMethod::Whole, self.held.bytes(), run);
            let rows = without(rows, &self.unasked)?;
            return Ok(Sorted::Memory(Pieces::ordered(rows, order)));
        }
        if !chunks.is_empty() {
            bytes_written += self.held.bytes();
            written.push(self.keys.write((&self.kinds, chunks), usize::MAX, run)?);
            self.held.release();
        }
        self.tell(SortMethod::Merged, bytes_written, run);
        Ok(Sorted::Written(merged(written, run)?))
    }

    /// Notes how the rows were sorted. Of those that are sorted group by group nothing is told.
    fn tell(&self, method: SortMethod, bytes: usize, run: &mut Run<'_, '_>) {
        if self.input.presorted.is_none() {
            run.state.observed.own.sorted = Some(SortUsed { method, bytes: bytes as u64 });
        }
    }
}

impl Operator for Sort {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            if self.sorted.is_none() {
                self.sorted = Some(self.run(run)?);
            }
            run.check()?;
            let limit = run.chunk_rows();
            let chunk = match &mut self.sorted {
                Some(Sorted::Memory(pieces)) => pieces.next(limit)?,
                Some(Sorted::Written(merge)) => merge.next(limit)?,
                None => None,
            };
            if chunk.is_some() || !self.input.advance() {
                return Ok(chunk);
            }
            self.sorted = None;
            self.held.release();
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.sorted = None;
        self.held.release();
        self.input.rewind(run)
    }
}

/// The first rows of a sort: more than twice as many as are wanted are never kept, and of those that do not fit into memory the
/// first of each run are written.
pub struct TopN {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    keys: Keys,
    bounds: Bounds,
    first: Option<First>,
    held: Held,
}

/// The rows that are wanted.
enum First {
    Memory(Pieces),
    /// Runs that were written, of which so many rows are still passed over, and so many are still wanted.
    Written {
        merge: Merge,
        skipped: usize,
        wanted: usize,
    },
}

/// Rows of a [`TopN`] that may be wanted, as they come.
struct Collected {
    /// How many are wanted.
    wanted: usize,
    chunks: Vec<Chunk>,
    rows: usize,
    /// The keys of the last row that is wanted, of those that were looked at.
    last: Option<Vec<Vector>>,
    written: Vec<Rows>,
}

/// Rows that are collected at least before they are cut down.
const KEPT_MIN: usize = 2048;

impl TopN {
    /// By these keys.
    pub fn new(input: BoxedOperator, kinds: Vec<Kind>, keys: Keys, bounds: Bounds) -> TopN {
        TopN { input, kinds, keys, bounds, first: None, held: Held::default() }
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<First> {
        let (offset, limit) = self.bounds.values(run)?;
        let skipped = usize::try_from(offset).unwrap_or(usize::MAX);
        let wanted = limit.map(|limit| usize::try_from(offset.saturating_add(limit)).unwrap_or(usize::MAX));
        let wanted = wanted.unwrap_or(usize::MAX);
        let mut found = Collected { wanted, chunks: Vec::new(), rows: 0, last: None, written: Vec::new() };
        let mut seen = 0usize;
        while wanted > 0
            && let Some(chunk) = self.input.next(run)?
        {
            run.check()?;
            seen = seen.saturating_add(chunk.len());
            self.collect(&mut found, chunk, run)?;
            if self.held.bytes() > run.world.settings.work_mem {
                self.cut_collected(&mut found, run)?;
            }
            if self.held.bytes() > run.world.settings.work_mem {
                self.write(&mut found, run)?;
            }
        }
        if !found.written.is_empty() {
            self.write(&mut found, run)?;
            let bytes = found.written.iter().map(Rows::bytes).sum();
            run.state.observed.own.sorted = Some(SortUsed { method: SortMethod::Merged, bytes });
            let merge = merged(found.written, run)?;
            return Ok(First::Written { merge, skipped, wanted: wanted.saturating_sub(skipped) });
        }
        let sorted = self.cut(found.chunks, wanted, run)?;
        // PostgreSQL keeps no more rows than are wanted once there are twice as many.
        let whole = seen <= wanted.saturating_mul(2);
        let method = if whole { SortMethod::Whole } else { SortMethod::First };
        run.state.observed.own.sorted = Some(SortUsed { method, bytes: chunk_bytes(&sorted) as u64 });
        Ok(First::Memory(Pieces::new(sorted.slice(skipped, usize::MAX))))
    }

    /// Takes in a chunk, and lets go what comes behind all rows that are wanted.
    fn collect(
        &mut self,
        found: &mut Collected,
        mut chunk: Chunk,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        if let Some(last) = &found.last {
            self.keep_before(&mut chunk, last, run)?;
        }
        if chunk.is_empty() {
            return Ok(());
        }
        let chunk = chunk.densify()?;
        found.rows += chunk.rows();
        self.held.take(run, chunk_bytes(&chunk))?;
        found.chunks.push(chunk);
        if found.rows >= found.wanted.saturating_mul(2).max(KEPT_MIN) {
            self.cut_collected(found, run)?;
        }
        Ok(())
    }

    /// Keeps of what was collected as many rows as are wanted.
    fn cut_collected(&mut self, found: &mut Collected, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if found.rows <= found.wanted {
            return Ok(());
        }
        let cut = self.cut(std::mem::take(&mut found.chunks), found.wanted, run)?;
        let keys = evaluate_all(&self.keys.evaluators, run, &cut)?;
        found.rows = cut.rows();
        found.last = Some(keys.iter().map(|key| key.slice(found.rows.saturating_sub(1), 1)).collect());
        self.held.release();
        self.held.take(run, chunk_bytes(&cut))?;
        found.chunks.push(cut);
        Ok(())
    }

    /// Writes what was collected.
    fn write(&mut self, found: &mut Collected, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if !found.chunks.is_empty() {
            let chunks = std::mem::take(&mut found.chunks);
            found.written.push(self.keys.write((&self.kinds, chunks), found.wanted, run)?);
        }
        found.rows = 0;
        self.held.release();
        Ok(())
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

impl First {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let limit = run.chunk_rows();
        match self {
            First::Memory(pieces) => pieces.next(limit),
            First::Written { merge, skipped, wanted } => {
                while *skipped > 0 {
                    run.check()?;
                    let Some(passed) = merge.next(limit.min(*skipped))? else { return Ok(None) };
                    *skipped -= passed.len();
                }
                let chunk = if *wanted == 0 { None } else { merge.next(limit.min(*wanted))? };
                *wanted -= chunk.as_ref().map_or(0, Chunk::len);
                Ok(chunk)
            }
        }
    }
}

impl Operator for TopN {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.first.is_none() {
            self.first = Some(self.run(run)?);
        }
        self.first.as_mut().map_or(Ok(None), |first| first.next(run))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.first = None;
        self.held.release();
        self.input.rewind(run)
    }
}
