//! A join of every row with every row.

use super::matcher::{Candidates, Matcher};
use crate::error::ExecuteResult;
use crate::memory::{Held, chunk_bytes};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use types::vector::Chunk;

/// The operator.
pub struct NestedLoopJoin {
    left: BoxedOperator,
    right: BoxedOperator,
    matcher: Matcher,
    /// The right's rows, a row of nulls behind them where the left is padded, and how many they are without it.
    rows: Option<(Chunk, u32)>,
    held: Held,
    /// A chunk of the left, its present row and the next row of the right for it.
    present: Option<(Chunk, u32, u32)>,
    rest: Option<usize>,
}

impl NestedLoopJoin {
    /// Of two inputs.
    pub fn new(left: BoxedOperator, right: BoxedOperator, matcher: Matcher) -> NestedLoopJoin {
        NestedLoopJoin { left, right, matcher, rows: None, held: Held::default(), present: None, rest: None }
    }

    fn build(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<(Chunk, u32)> {
        let mut chunks = Vec::new();
        while let Some(chunk) = self.right.next(run)? {
            run.check()?;
            let chunk = chunk.densify()?;
            self.held.take(run, chunk_bytes(&chunk))?;
            chunks.push(chunk);
        }
        let count: usize = chunks.iter().map(Chunk::rows).sum();
        Ok((self.matcher.right_side(chunks)?, count as u32))
    }
}

impl Operator for NestedLoopJoin {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.rows.is_none() {
            let rows = self.build(run)?;
            self.matcher.begin(rows.1 as usize);
            self.rows = Some(rows);
        }
        self.matcher.late()?;
        let limit = run.chunk_rows();
        loop {
            run.check()?;
            let Some((right, count)) = &self.rows else { return Ok(None) };
            let count = *count;
            if let Some(from) = self.rest {
                let Some((chunk, _, next)) = self.matcher.rest(right, from, limit)? else { return Ok(None) };
                self.rest = Some(next);
                return Ok(Some(chunk));
            }
            if count == 0 && self.matcher.needs_right() {
                return Ok(None);
            }
            let done = self.present.as_ref().is_none_or(|(chunk, row, _)| *row as usize >= chunk.rows());
            if done {
                let Some(chunk) = self.left.next(run)? else {
                    self.rest = Some(0);
                    continue;
                };
                self.matcher.begin_left();
                self.present = Some((chunk.densify()?, 0, 0));
            }
            let Some((left, row, next)) = &mut self.present else { continue };
            let mut candidates = Candidates::default();
            let enough = self.matcher.one_is_enough();
            let at_once = self.matcher.at_once(limit);
            while (*row as usize) < left.rows() && candidates.left.len() < limit {
                let end = if enough { count.min(1) } else { count };
                let room = u32::try_from(at_once - candidates.left.len()).unwrap_or(u32::MAX);
                let stop = end.min(next.saturating_add(room));
                candidates.left.resize(candidates.left.len() + (stop - *next) as usize, *row);
                candidates.right.extend(*next..stop);
                *next = stop;
                if *next == end {
                    (*row, *next) = (*row + 1, 0);
                }
            }
            let complete = *row;
            if let Some(chunk) = self.matcher.take(run, left, right, &candidates, complete)? {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.rows, self.present, self.rest) = (None, None, None);
        self.held.release();
        self.matcher.begin(0);
        self.left.rewind(run)?;
        self.right.rewind(run)
    }
}
