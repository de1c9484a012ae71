//! A join of two inputs that are sorted by the keys.
//!
//! The left comes chunk by chunk; of the right those rows are kept that may have a partner in the present chunk, so memory is
//! taken for what one chunk of the left meets. A kind of join that asks which rows of the right had no partner keeps all of them:
//! they come last.

use super::matcher::{Candidates, Matcher};
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::{SortColumn, compare_rows, sort_columns};
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::physical;
use types::Vector;
use types::vector::Chunk;

/// The operator.
pub struct MergeJoin {
    left: BoxedOperator,
    right: BoxedOperator,
    left_keys: Vec<Evaluator>,
    right_keys: Vec<Evaluator>,
    columns: Vec<SortColumn>,
    matcher: Matcher,
    kept: Option<Kept>,
    present: Option<Present>,
    rest: Option<usize>,
}

#[derive(Default)]
struct Kept {
    /// Rows of the right that may have a partner yet, and behind them a row of nulls where the left is padded with it.
    rows: Chunk,
    keys: Vec<Vector>,
    count: usize,
    /// The first of them that may have a partner yet.
    from: usize,
    /// Whether the right has no more rows.
    is_all: bool,
    held: Held,
}

struct Present {
    rows: Chunk,
    keys: Vec<Vector>,
    row: u32,
    /// The next candidate of `row`, if it was begun.
    next: Option<usize>,
}

impl MergeJoin {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        plan: &physical::MergeJoin,
        left: BoxedOperator,
        right: BoxedOperator,
        matcher: Matcher,
    ) -> ExecuteResult<MergeJoin> {
        let (mut left_keys, mut right_keys, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for (left, right) in &plan.keys {
            left_keys.push(Evaluator::new(compiler, &left.expression)?);
            right_keys.push(Evaluator::new(compiler, &right.expression)?);
            keys.push(left.clone());
        }
        let columns = sort_columns(&keys);
        Ok(MergeJoin {
            left,
            right,
            left_keys,
            right_keys,
            columns,
            matcher,
            kept: None,
            present: None,
            rest: None,
        })
    }

    /// Nothing of the right is kept yet, or all of it where rows without a partner are asked for.
    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let mut kept = Kept::default();
        let mut chunks = Vec::new();
        while self.matcher.tracks_right() && !kept.is_all {
            chunks.extend(kept.read(run, &mut self.right)?);
        }
        self.put_together(run, &mut kept, chunks)?;
        self.matcher.begin(kept.count);
        self.kept = Some(kept);
        Ok(())
    }

    /// Reads the right until no row behind can have a partner among rows of the left, and lets go what can have none any more.
    fn refill(&mut self, run: &mut Run<'_, '_>, left: &[Vector], rows: usize) -> ExecuteResult<()> {
        let Some(mut kept) = self.kept.take() else { return Ok(()) };
        let read = self.read_for(run, &mut kept, left, rows);
        self.kept = Some(kept);
        read
    }

    fn read_for(
        &mut self,
        run: &mut Run<'_, '_>,
        kept: &mut Kept,
        left: &[Vector],
        rows: usize,
    ) -> ExecuteResult<()> {
        // Rows with a null have no partner, wherever they stand.
        let mut whole = (0..rows).filter(|row| !left.iter().any(|key| key.is_null(*row)));
        let Some(first) = whole.next() else { return Ok(()) };
        let last = whole.next_back().unwrap_or(first);
        let columns = &self.columns;
        let compare = |keys: &[Vector], row, to| compare_rows(columns, (keys, row), (left, to));
        let mut is_enough = kept.count > 0 && compare(&kept.keys, kept.count - 1, last).is_gt();
        let mut chunks = Vec::new();
        while !is_enough && !kept.is_all {
            let Some(chunk) = kept.read(run, &mut self.right)? else { continue };
            let keys = evaluate_all(&self.right_keys, run, &chunk)?;
            let end = chunk.rows() - 1;
            is_enough = compare(&keys, end, last).is_gt();
            if compare(&keys, end, first).is_lt() {
                // Neither it nor what comes before it has a partner any more.
                kept.from = kept.count;
                kept.held.give(chunks.iter().map(chunk_bytes).sum::<usize>() + chunk_bytes(&chunk));
                chunks.clear();
            } else {
                chunks.push(chunk);
            }
        }
        if chunks.is_empty() { Ok(()) } else { self.put_together(run, kept, chunks) }
    }

    /// What is kept of the right, with chunks that follow.
    fn put_together(
        &self,
        run: &mut Run<'_, '_>,
        kept: &mut Kept,
        mut chunks: Vec<Chunk>,
    ) -> ExecuteResult<()> {
        if kept.from < kept.count {
            chunks.insert(0, kept.rows.slice(kept.from, kept.count - kept.from).densify()?);
        }
        kept.count = chunks.iter().map(Chunk::rows).sum();
        kept.from = 0;
        kept.held.release();
        kept.held.take(run, chunks.iter().map(chunk_bytes).sum())?;
        kept.rows = self.matcher.right_side(chunks)?;
        kept.keys = evaluate_all(&self.right_keys, run, &kept.rows.slice(0, kept.count))?;
        Ok(())
    }
}

impl Kept {
    /// The next rows of the right; none where there are none, or none more.
    fn read(&mut self, run: &mut Run<'_, '_>, right: &mut BoxedOperator) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        let Some(chunk) = right.next(run)? else {
            self.is_all = true;
            return Ok(None);
        };
        let chunk = chunk.densify()?;
        self.held.take(run, chunk_bytes(&chunk))?;
        Ok((chunk.rows() > 0).then_some(chunk))
    }
}

impl Present {
    fn candidates(
        &mut self,
        kept: &mut Kept,
        columns: &[SortColumn],
        limit: usize,
        at_once: usize,
    ) -> Candidates {
        let mut found = Candidates::default();
        let rows = self.rows.rows() as u32;
        while self.row < rows && found.left.len() < limit {
            let row = self.row as usize;
            let compare = |right: usize| compare_rows(columns, (&kept.keys, right), (&self.keys, row));
            let null = self.keys.iter().any(|key| key.is_null(row));
            let mut next = match self.next.take() {
                Some(next) => next,
                None => {
                    let mut from = kept.from;
                    while from < kept.count && compare(from).is_lt() {
                        from += 1;
                    }
                    kept.from = from;
                    from
                }
            };
            let compare = |right: usize| compare_rows(columns, (&kept.keys, right), (&self.keys, row));
            while !null && next < kept.count && found.left.len() < at_once && compare(next).is_eq() {
                found.left.push(self.row);
                found.right.push(next as u32);
                next += 1;
            }
            if !null && next < kept.count && found.left.len() == at_once && compare(next).is_eq() {
                self.next = Some(next);
                return found;
            }
            self.row += 1;
        }
        found
    }
}

impl Operator for MergeJoin {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.kept.is_none() {
            self.begin(run)?;
        }
        self.matcher.late()?;
        let limit = run.chunk_rows();
        loop {
            run.check()?;
            let Some(kept) = &mut self.kept else { return Ok(None) };
            if let Some(from) = self.rest {
                let Some((chunk, _, next)) = self.matcher.rest(&kept.rows, from, limit)? else {
                    return Ok(None);
                };
                self.rest = Some(next);
                return Ok(Some(chunk));
            }
            let done =
                self.present.as_ref().is_none_or(|present| present.row as usize >= present.rows.rows());
            if done {
                let Some(chunk) = self.left.next(run)? else {
                    self.rest = Some(0);
                    continue;
                };
                let rows = chunk.densify()?;
                let keys = evaluate_all(&self.left_keys, run, &rows)?;
                self.matcher.begin_left();
                self.refill(run, &keys, rows.rows())?;
                self.present = Some(Present { rows, keys, row: 0, next: None });
            }
            let Some(kept) = &mut self.kept else { return Ok(None) };
            let Some(present) = &mut self.present else { continue };
            let candidates = present.candidates(kept, &self.columns, limit, self.matcher.at_once(limit));
            let found = self.matcher.take(run, &present.rows, &kept.rows, &candidates, present.row)?;
            if let Some(chunk) = found {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.kept, self.present, self.rest) = (None, None, None);
        self.matcher.begin(0);
        self.left.rewind(run)?;
        self.right.rewind(run)
    }
}
