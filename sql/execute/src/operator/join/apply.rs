//! A join whose right side is run for every row of the left.

use super::matcher::{Candidates, Matcher};
use crate::error::{ExecuteError, ExecuteResult};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::expression::OuterId;
use types::vector::Chunk;

/// The operator.
pub struct Apply {
    left: BoxedOperator,
    right: BoxedOperator,
    outer: Vec<(OuterId, u32)>,
    matcher: Matcher,
    present: Option<Present>,
}

struct Present {
    rows: Chunk,
    row: u32,
    /// Whether the right is being read for `row`.
    running: bool,
}

/// Rows of the right, of which rows of the left they are candidates, and what the right has failed of behind them.
type Gathered = (Vec<Chunk>, Candidates, Option<ExecuteError>);

impl Apply {
    /// As the plan says.
    pub fn new(
        left: BoxedOperator,
        right: BoxedOperator,
        outer: Vec<(OuterId, u32)>,
        matcher: Matcher,
    ) -> Apply {
        Apply { left, right, outer, matcher, present: None }
    }

    /// Rows of the right for rows of the left, until there are enough, or the right fails.
    fn gather(&mut self, limit: usize, run: &mut Run<'_, '_>) -> ExecuteResult<Gathered> {
        let (mut chunks, mut candidates, mut failed) = (Vec::new(), Candidates::default(), None);
        let Some(present) = &mut self.present else { return Ok((chunks, candidates, failed)) };
        let enough = self.matcher.one_is_enough();
        let at_once = self.matcher.at_once(limit);
        // Of one that is running more are wanted than of the next.
        while (present.row as usize) < present.rows.rows()
            && candidates.left.len() < if present.running { at_once } else { limit }
        {
            run.check()?;
            if !present.running {
                for (id, slot) in &self.outer {
                    let value = present.rows.column(*slot as usize).value(present.row as usize);
                    run.set_outer(*id, value);
                }
                self.right.rewind(run)?;
                present.running = true;
            }
            let chunk = match self.right.next(run) {
                Ok(Some(chunk)) => chunk,
                Ok(None) => {
                    (present.row, present.running) = (present.row + 1, false);
                    continue;
                }
                // Rows that came before it may be handed up.
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            };
            let chunk = chunk.densify()?;
            let before = candidates.right.len();
            candidates.left.resize(before + chunk.rows(), present.row);
            candidates.right.extend(before as u32..(before + chunk.rows()) as u32);
            chunks.push(chunk);
            if enough {
                (present.row, present.running) = (present.row + 1, false);
            }
        }
        Ok((chunks, candidates, failed))
    }
}

impl Operator for Apply {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.matcher.late()?;
        let limit = run.chunk_rows();
        loop {
            run.check()?;
            let done =
                self.present.as_ref().is_none_or(|present| present.row as usize >= present.rows.rows());
            if done {
                let Some(chunk) = self.left.next(run)? else { return Ok(None) };
                self.matcher.begin_left();
                self.present = Some(Present { rows: chunk.densify()?, row: 0, running: false });
            }
            let (chunks, candidates, failed) = self.gather(limit, run)?;
            let right = self.matcher.right_side(chunks)?;
            let Some(present) = &self.present else { continue };
            let found = self.matcher.take(run, &present.rows, &right, &candidates, present.row)?;
            if let Some(error) = failed {
                // What conditions fail of comes before it.
                self.matcher.late()?;
                match &found {
                    Some(_) => self.matcher.hold(error)?,
                    None => return Err(error),
                }
            }
            if let Some(chunk) = found {
                return Ok(Some(chunk));
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.present = None;
        self.matcher.begin(0);
        self.left.rewind(run)
    }
}
