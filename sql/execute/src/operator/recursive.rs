//! WITH RECURSIVE: the step is run on the rows of the round before until a round gives none.

use crate::error::ExecuteResult;
use crate::keys::KeyTable;
use crate::operator::distinct::first_seen;
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use crate::spill::Kept;
use std::sync::Arc;
use types::vector::Chunk;

/// The operator.
pub struct Recursive {
    work_table: usize,
    start: BoxedOperator,
    step: BoxedOperator,
    seen: Option<KeyTable>,
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
    pub fn new(
        work_table: u32,
        start: BoxedOperator,
        step: BoxedOperator,
        seen: Option<KeyTable>,
    ) -> Recursive {
        let work_table = work_table as usize;
        Recursive { work_table, start, step, seen, round: Kept::default(), stage: Stage::Start }
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
        let mut numbers = Vec::new();
        loop {
            run.check()?;
            let chunk = match self.stage {
                Stage::Start => self.start.next(run)?,
                Stage::Step => self.step.next(run)?,
                Stage::Done => return Ok(None),
            };
            let Some(chunk) = chunk else {
                self.turn(run)?;
                continue;
            };
            let mut chunk = chunk.densify()?;
            if let Some(seen) = &mut self.seen {
                let chosen = first_seen(seen, chunk.columns(), chunk.rows(), &mut numbers, run)?;
                chunk.select(chosen);
                chunk = chunk.densify()?;
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
            seen.clear();
        }
        self.start.rewind(run)
    }
}
