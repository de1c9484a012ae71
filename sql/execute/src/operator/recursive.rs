//! WITH RECURSIVE: the step is run on the rows of the round before until a round gives none.
//!
//! Where nobody can tell, rows of several small rounds are handed up together, at most as many as were handed up before: whoever
//! wants but the first few has little made in vain. What fails then fails when the rows before it were handed up.

use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::seen::Seen;
use crate::operator::shared::renew;
use crate::operator::single_step::SingleStep;
use crate::operator::{BoxedOperator, Operator, join_rows};
use crate::run::Run;
use crate::spill::{Kept, Merge};
use std::sync::Arc;
use types::Kind;
use types::vector::Chunk;

/// The operator.
pub struct Recursive {
    work_table: usize,
    /// Tables of `WITH` that are made anew for each round.
    renewed: Vec<usize>,
    start: BoxedOperator,
    step: BoxedOperator,
    /// With `UNION`, all rows that have come.
    seen: Option<Seen>,
    /// Rows of the present round that had to be compared with what does not fit into memory.
    late: Option<Merge>,
    /// Rows of the present round.
    round: Kept,
    stage: Stage,
    /// Rows of several rounds, if they are handed up together.
    together: Option<Together>,
    /// The step of a round of one row, if it can be done without operators and rows are handed up together.
    single: Option<SingleStep>,
}

/// Rows that are handed up together.
pub struct Together {
    kinds: Vec<Kind>,
    /// How many were handed up.
    given: usize,
    /// What stopped the round after those that were handed up last.
    failed: Option<ExecuteError>,
}

impl Together {
    /// Of these kinds.
    pub fn new(kinds: Vec<Kind>) -> Together {
        Together { kinds, given: 0, failed: None }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Start,
    Step,
    /// The round of which there are rows already is over.
    Turn,
    Done,
}

impl Recursive {
    /// As the plan says.
    pub fn new(
        (work_table, renewed): (u32, Vec<usize>),
        (start, step): (BoxedOperator, BoxedOperator),
        seen: Option<Seen>,
        together: Option<Together>,
        single: Option<SingleStep>,
    ) -> Recursive {
        let (work_table, round) = (work_table as usize, Kept::default());
        let (late, stage) = (None, Stage::Start);
        Recursive { work_table, renewed, start, step, seen, late, round, stage, together, single }
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
        tables[self.work_table] = Arc::new(rows);
        self.stage = Stage::Step;
        self.renew(run)?;
        self.step.rewind(run)
    }

    fn renew(&self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.renewed.iter().try_for_each(|table| renew(*table, run))
    }
}

impl Recursive {
    /// A round is over. If it was of one row, as those after it may be: rows of these, at most `wanted`.
    fn singles(&mut self, wanted: usize, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let (Some(single), Some(together)) = (&self.single, &mut self.together) else { return Ok(None) };
        if self.round.rows() != 1 {
            return Ok(None);
        }
        let Some(first) = self.round.get(0)? else { return Ok(None) };
        let rounds = single.rounds(run, &first, wanted)?;
        self.round = Kept::default();
        if let Some(last) = rounds.last {
            self.round.push(run, last)?;
        }
        together.failed = rounds.failed;
        self.stage = Stage::Turn;
        Ok(rounds.rows)
    }

    /// The next rows of a round, or if each is of one row at most `wanted` of them.
    fn rows(&mut self, wanted: usize, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            if let Some(error) = self.together.as_mut().and_then(|together| together.failed.take()) {
                return Err(error);
            }
            run.check()?;
            let limit = run.chunk_rows();
            let chunk = match (&mut self.late, self.stage) {
                (Some(late), _) => late.next(limit)?,
                (None, Stage::Start) => self.start.next(run)?,
                (None, Stage::Step) => self.step.next(run)?,
                (None, Stage::Turn) => None,
                (None, Stage::Done) => return Ok(None),
            };
            let Some(chunk) = chunk else {
                if self.late.take().is_none()
                    && let Some(seen) = &mut self.seen
                {
                    self.late = seen.late(run)?;
                }
                if self.late.is_none() {
                    let rows = self.singles(wanted, run)?;
                    if rows.is_some() {
                        return Ok(rows);
                    }
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

    /// Rows of as many rounds as make `wanted` of them.
    fn gather(&mut self, wanted: usize, run: &mut Run<'_, '_>) -> (Vec<Chunk>, Option<ExecuteError>) {
        let (mut chunks, mut rows) = (Vec::new(), 0);
        while rows < wanted {
            match self.rows(wanted - rows, run) {
                Ok(Some(chunk)) => {
                    rows += chunk.rows();
                    chunks.push(chunk);
                }
                Ok(None) => break,
                Err(error) => return (chunks, Some(error)),
            }
        }
        (chunks, None)
    }
}

impl Operator for Recursive {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let Some(together) = &mut self.together else { return self.rows(run.chunk_rows(), run) };
        if let Some(error) = together.failed.take() {
            return Err(error);
        }
        let wanted = together.given.clamp(1, run.chunk_rows());
        let (chunks, failed) = self.gather(wanted, run);
        let Some(together) = &mut self.together else { return Ok(None) };
        match (chunks.is_empty(), failed) {
            (true, Some(error)) => return Err(error),
            (true, None) => return Ok(None),
            (false, failed) => together.failed = failed,
        }
        let chunk = join_rows(&together.kinds, chunks)?;
        together.given += chunk.rows();
        Ok(Some(chunk))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.stage = Stage::Start;
        if let Some(together) = &mut self.together {
            (together.given, together.failed) = (0, None);
        }
        self.round = Kept::default();
        if let Some(seen) = &mut self.seen {
            seen.clear();
        }
        self.late = None;
        self.start.rewind(run)
    }
}
