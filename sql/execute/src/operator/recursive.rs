//! WITH RECURSIVE: the step is run on the rows of the round before until a round gives none.

use crate::error::ExecuteResult;
use crate::operator::seen::Seen;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::{Kept, Merge};
use std::sync::Arc;
use types::vector::Chunk;

/// The operator.
pub struct Recursive {
    work_table: usize,
    start: BoxedOperator,
    step: BoxedOperator,
    /// With `UNION`, all rows that have come.
    seen: Option<Seen>,
    /// Rows of the present round that had to be compared with what does not fit into memory.
    late: Option<Merge>,
    /// Rows of the present round.
    round: Kept,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Start,
    Step,
    Done,
}

impl Recursive {
    /// As the plan says.
    pub fn new(work_table: u32, start: BoxedOperator, step: BoxedOperator, seen: Option<Seen>) -> Recursive {
        let work_table = work_table as usize;
        Recursive { work_table, start, step, seen, late: None, round: Kept::default(), stage: Stage::Start }
    }

    /// A round is over: its rows are what the next one works on.
    fn turn(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if self.round.is_empty() {
            self.stage = Stage::Done;
            return Ok(());
        }
        let rows = std::mem::take(&mut self.round);
        let tables = &mut run.state.work_tables;
        if tables.len() <= self.work_table {
            tables.resize(self.work_table + 1, Arc::default());
        }
        let before = std::mem::replace(&mut tables[self.work_table], Arc::new(rows));
        run.release(before.held());
        self.stage = Stage::Step;
        self.step.rewind(run)
    }
}

impl Operator for Recursive {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            run.check()?;
            let limit = run.chunk_rows();
            let chunk = match (&mut self.late, self.stage) {
                (Some(late), _) => late.next(run, limit)?,
                (None, Stage::Start) => self.start.next(run)?,
                (None, Stage::Step) => self.step.next(run)?,
                (None, Stage::Done) => return Ok(None),
            };
            let Some(chunk) = chunk else {
                if self.late.take().is_none()
                    && let Some(seen) = &mut self.seen
                {
                    self.late = seen.late(run)?;
                }
                if self.late.is_none() {
                    self.turn(run)?;
                }
                continue;
            };
            let mut chunk = chunk.densify()?;
            if let Some(seen) = &mut self.seen
                && self.late.is_none()
            {
                chunk = seen.new_rows(chunk, run)?;
            }
            if !chunk.is_empty() {
                self.round.push(run, chunk.clone())?;
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.stage = Stage::Start;
        self.round.clear(run);
        if let Some(seen) = &mut self.seen {
            seen.clear(run);
        }
        self.late = None;
        self.start.rewind(run)
    }
}
