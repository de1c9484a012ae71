//! A join of two inputs that are sorted by the keys.

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

/// The operator. The right is kept, the left runs past it.
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

struct Kept {
    /// The right's rows, and a row of nulls.
    rows: Chunk,
    keys: Vec<Vector>,
    count: usize,
    /// The first row of the right that may have a partner yet.
    from: usize,
    _held: Held,
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

    fn build(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Kept> {
        let (mut chunks, mut held) = (Vec::new(), Held::default());
        while let Some(chunk) = self.right.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            held.take(run, chunk_bytes(&chunk))?;
            chunks.push(chunk);
        }
        let count = chunks.iter().map(Chunk::rows).sum();
        let rows = self.matcher.right_side(chunks)?;
        let keys = evaluate_all(&self.right_keys, run, &rows.slice(0, count))?;
        Ok(Kept { rows, keys, count, from: 0, _held: held })
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
            let kept = self.build(run)?;
            self.matcher.begin(kept.count);
            self.kept = Some(kept);
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
                self.present = Some(Present { rows, keys, row: 0, next: None });
            }
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
