//! A join of every row with every row.
//!
//! The right's rows are kept. While they are read for the first time the first row of the left is joined with them, so that the
//! first rows do not wait for the last of the right.

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
    first: First,
}

/// What is known of the right's rows while they are joined with the first row of the left.
#[derive(Default)]
struct First {
    chunks: Vec<Chunk>,
    /// The first row of the last of them that is not joined yet.
    next: u32,
}

impl NestedLoopJoin {
    /// Of two inputs.
    pub fn new(left: BoxedOperator, right: BoxedOperator, matcher: Matcher) -> NestedLoopJoin {
        NestedLoopJoin {
            left,
            right,
            matcher,
            rows: None,
            held: Held::default(),
            present: None,
            rest: None,
            first: First::default(),
        }
    }

    /// Another chunk of the right, which is kept; `false` at its end.
    fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        run.check()?;
        let Some(chunk) = self.right.next(run)? else { return Ok(false) };
        let chunk = chunk.densify()?;
        self.held.take(run, chunk_bytes(&chunk))?;
        self.first.chunks.push(chunk);
        self.first.next = 0;
        Ok(true)
    }

    /// All that was read of the right is all that is needed.
    fn complete(&mut self) -> ExecuteResult<()> {
        let chunks = std::mem::take(&mut self.first.chunks);
        let count = chunks.iter().map(Chunk::rows).sum::<usize>() as u32;
        self.rows = Some((self.matcher.right_side(chunks)?, count));
        Ok(())
    }

    /// Reads the right: to its end, or to its first row where another makes no difference. Until then it hands up what the first
    /// row of the left makes, if that row may be joined before all are there.
    fn build(&mut self, run: &mut Run<'_, '_>, limit: usize) -> ExecuteResult<Option<Chunk>> {
        if !self.matcher.may_begin_early() {
            while self.read(run)? {}
            self.complete()?;
            if let Some((_, count)) = &self.rows {
                self.matcher.begin(*count as usize);
            }
            return Ok(None);
        }
        if self.present.is_none() {
            self.matcher.begin(0);
        }
        while self.present.is_none() {
            run.check()?;
            match self.left.next(run)? {
                Some(chunk) if chunk.rows() == 0 => {}
                Some(chunk) => self.present = Some((chunk.densify()?, 0, 0)),
                None => {
                    self.rest = Some(0);
                    self.complete()?;
                    return Ok(None);
                }
            }
        }
        if self.matcher.one_is_enough() {
            while self.read(run)? && self.first.chunks.last().is_none_or(|chunk| chunk.rows() == 0) {}
            self.complete()?;
            return Ok(None);
        }
        self.join_first(run, limit)
    }

    /// What the first row of the left makes of the next rows of the right; nothing once it has seen all of them.
    fn join_first(&mut self, run: &mut Run<'_, '_>, limit: usize) -> ExecuteResult<Option<Chunk>> {
        loop {
            run.check()?;
            let next = self.first.next;
            let unseen = self.first.chunks.last().map_or(0, |chunk| chunk.rows() as u32 - next);
            if unseen == 0 {
                if self.read(run)? {
                    continue;
                }
                self.complete()?;
                let (Some((left, row, _)), Some((right, 1..))) = (&mut self.present, &self.rows) else {
                    return Ok(None);
                };
                *row = 1;
                // Whether it has a partner is known now.
                let found = self.matcher.take(run, left, right, &Candidates::default(), *row)?;
                return Ok(found.filter(|chunk| chunk.rows() > 0));
            }
            let stop = next + unseen.min(u32::try_from(limit).unwrap_or(u32::MAX));
            self.first.next = stop;
            let (Some((left, row, _)), Some(right)) = (&self.present, self.first.chunks.last()) else {
                return Ok(None);
            };
            let candidates = Candidates {
                left: vec![*row; (stop - next) as usize],
                right: (next..stop).collect(),
                ..Candidates::default()
            };
            if let Some(chunk) = self.matcher.take(run, left, right, &candidates, *row)? {
                return Ok(Some(chunk));
            }
        }
    }
}

impl Operator for NestedLoopJoin {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.matcher.late()?;
        let limit = run.chunk_rows();
        if self.rows.is_none()
            && let Some(chunk) = self.build(run, limit)?
        {
            return Ok(Some(chunk));
        }
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
        self.first = First::default();
        self.held.release();
        self.matcher.begin(0);
        self.left.rewind(run)?;
        self.right.rewind(run)
    }
}
