//! A join whose right side is looked up in an index for the rows of the left, a chunk of them at a time.

use super::matcher::{Candidates, Matcher};
use crate::error::ExecuteResult;
use crate::evaluate::Scope;
use crate::operator::scan::{IndexReader, Walk};
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use std::collections::VecDeque;
use types::vector::Chunk;

/// The operator.
pub struct LookupJoin {
    left: BoxedOperator,
    right: IndexReader,
    matcher: Matcher,
    walk: Walk,
    /// Rows of the left whose partners are looked up.
    present: Option<Chunk>,
}

impl LookupJoin {
    /// Of an input and an index.
    pub fn new(left: BoxedOperator, right: IndexReader, matcher: Matcher) -> LookupJoin {
        let mut join = LookupJoin { left, right, matcher, walk: Walk::default(), present: None };
        join.walk = join.walk_anew();
        join
    }

    fn walk_anew(&self) -> Walk {
        Walk::default().for_first(self.matcher.one_is_enough() && !self.right.filters())
    }

    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        let Some(chunk) = self.left.next(run)? else { return Ok(false) };
        let rows = chunk.densify()?;
        let values = self.right.values(run, &Scope::new(rows.columns(), rows.rows()))?;
        let mut ranges = VecDeque::with_capacity(rows.rows());
        for row in 0..rows.rows() {
            self.right.add_bounds(&values, row, row as u32, &mut ranges);
        }
        self.matcher.begin_left();
        self.walk.begin(ranges);
        self.present = Some(rows);
        Ok(true)
    }
}

impl Operator for LookupJoin {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.matcher.late()?;
        loop {
            run.check()?;
            if self.present.is_none() && !self.begin(run)? {
                return Ok(None);
            }
            let Some(rows) = &self.present else { return Ok(None) };
            let (right, candidates, complete) = match self.walk.next(&self.right, run)? {
                Some((chunk, marks)) => {
                    let complete = marks.last().copied().unwrap_or(0);
                    let right = (0..marks.len() as u32).collect();
                    let candidates = Candidates { left: marks, right, uncertain: Vec::new() };
                    (Some(chunk), candidates, complete)
                }
                None => (None, Candidates::default(), rows.rows() as u32),
            };
            let end = right.is_none();
            let right = match right {
                Some(chunk) if !self.matcher.pads_left() => chunk,
                right => self.matcher.right_side(right.into_iter().collect())?,
            };
            let found = self.matcher.take(run, rows, &right, &candidates, complete)?;
            if end {
                self.present = None;
            }
            if let Some(chunk) = found {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.present, self.walk) = (None, self.walk_anew());
        self.matcher.begin(0);
        self.left.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        let of_left = slot < self.matcher.left_kinds().len();
        of_left && self.matcher.left_is_free() && self.left.restrictable(slot)
    }

    fn restrict(&mut self, restriction: Restriction) {
        self.left.restrict(restriction);
    }
}
