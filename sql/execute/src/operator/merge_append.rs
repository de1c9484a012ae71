//! All rows of several sorted inputs, in their order. Of equal rows those of earlier inputs come first.

use super::pruned::Pruned;
use super::rows::join;
use super::sort::Keys;
use crate::error::ExecuteResult;
use crate::evaluate::evaluate_all;
use crate::keys::compare_rows;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use std::cmp::Ordering;
use types::vector::Chunk;
use types::{Kind, Vector};

/// The operator.
pub struct MergeAppend {
    inputs: Vec<Input>,
    kinds: Vec<Kind>,
    keys: Keys,
    pruned: Option<Pruned>,
    /// Whether it is known which inputs are read.
    begun: bool,
}

/// An input, with the rows of it that were not handed up.
struct Input {
    operator: BoxedOperator,
    rows: Chunk,
    keys: Vec<Vector>,
    /// The next row.
    next: usize,
    ended: bool,
}

impl MergeAppend {
    /// Of these, by these keys.
    pub fn new(
        inputs: Vec<BoxedOperator>,
        kinds: Vec<Kind>,
        keys: Keys,
        pruned: Option<Pruned>,
    ) -> MergeAppend {
        let input =
            |operator| Input { operator, rows: Chunk::default(), keys: Vec::new(), next: 0, ended: false };
        let inputs = inputs.into_iter().map(input).collect();
        MergeAppend { inputs, kinds, keys, pruned, begun: false }
    }

    /// Ends what is not read.
    fn begin(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.begun = true;
        if let Some(pruned) = &mut self.pruned {
            let read = pruned.read(run)?;
            self.inputs.iter_mut().zip(read).for_each(|(input, read)| input.ended = !read);
        }
        Ok(())
    }

    /// Sees to it that an input has a row, if there is one.
    fn fill(&mut self, number: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let input = &mut self.inputs[number];
        while !input.ended && input.next >= input.rows.rows() {
            run.check()?;
            match input.operator.next(run)? {
                Some(chunk) => {
                    input.rows = chunk.densify()?;
                    input.keys = evaluate_all(&self.keys.evaluators, run, &input.rows)?;
                    input.next = 0;
                }
                None => {
                    input.ended = true;
                    (input.rows, input.keys, input.next) = (Chunk::default(), Vec::new(), 0);
                }
            }
        }
        Ok(())
    }

    fn compare(&self, (one, row): (usize, usize), other: usize) -> Ordering {
        let (left, right) = (&self.inputs[one], &self.inputs[other]);
        compare_rows(&self.keys.columns, (&left.keys, row), (&right.keys, right.next)).then(one.cmp(&other))
    }

    /// The inputs with the first and the second of the rows that come next.
    fn first_two(&self) -> (Option<usize>, Option<usize>) {
        let (mut first, mut second) = (None, None);
        for (number, input) in self.inputs.iter().enumerate().filter(|(_, input)| !input.ended) {
            let before = |other: Option<usize>| {
                other.is_none_or(|other| self.compare((number, input.next), other).is_lt())
            };
            if before(first) {
                (first, second) = (Some(number), first);
            } else if before(second) {
                second = Some(number);
            }
        }
        (first, second)
    }
}

impl Operator for MergeAppend {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if !self.begun {
            self.begin(run)?;
        }
        let limit = run.chunk_rows();
        let mut parts = Vec::new();
        let mut given = 0;
        while given < limit {
            for number in 0..self.inputs.len() {
                self.fill(number, run)?;
            }
            let (Some(first), second) = self.first_two() else { break };
            let from = self.inputs[first].next;
            let end = self.inputs[first].rows.rows().min(from + (limit - given));
            // The first of the rows that come next is known to come before the second input's.
            let stays = |row: &usize| second.is_none_or(|second| self.compare((first, *row), second).is_lt());
            let to = (from + 1..end).find(|row| !stays(row)).unwrap_or(end);
            parts.push(self.inputs[first].rows.slice(from, to - from));
            self.inputs[first].next = to;
            given += to - from;
        }
        if parts.is_empty() { Ok(None) } else { join(&self.kinds, parts).map(Some) }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.begun = false;
        if let Some(pruned) = &mut self.pruned {
            pruned.rewind();
        }
        self.inputs.iter_mut().try_for_each(|input| {
            (input.rows, input.keys, input.next, input.ended) = (Chunk::default(), Vec::new(), 0, false);
            input.operator.rewind(run)
        })
    }
}
