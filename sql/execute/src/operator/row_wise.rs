//! What looks at a row at a time: filters and projections.

use crate::error::ExecuteResult;
use crate::evaluate::{AtOnce, Conditions, Evaluator, evaluate_all};
use crate::operator::late::Late;
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use types::vector::Chunk;

/// Rows for which all conditions are true.
pub struct Filter {
    /// Of what.
    pub input: BoxedOperator,
    /// The conditions.
    pub conditions: Conditions,
    /// What waits.
    pub late: Late,
}

impl Operator for Filter {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.late.check()?;
        while let Some(mut chunk) = self.input.next(run)? {
            self.conditions.filter_front(run, &mut chunk, &self.late)?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
            self.late.check()?;
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.late.forget();
        self.input.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.conditions.cannot_fail() && self.input.restrictable(slot)
    }

    fn restrict(&mut self, restriction: Restriction) {
        self.input.restrict(restriction);
    }
}

/// Rows of an operator, if conditions that are about none of them are true: they are asked before the first is made.
pub struct Gate {
    /// Of what.
    pub input: BoxedOperator,
    /// The conditions.
    pub conditions: Conditions,
    /// Whether they are, once that is known.
    pub open: Option<bool>,
}

impl Gate {
    fn is_open(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<bool> {
        if let Some(open) = self.open {
            return Ok(open);
        }
        let mut nothing = Chunk::new(Vec::new(), 1);
        self.conditions.filter(run, &mut nothing)?;
        let open = !nothing.is_empty();
        self.open = Some(open);
        if open {
            self.input.rewind(run)?;
        }
        Ok(open)
    }
}

impl Operator for Gate {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.is_open(run)? { self.input.next(run) } else { Ok(None) }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        // What was not opened has nothing to let go.
        if self.open.take() == Some(true) { self.input.rewind(run) } else { Ok(()) }
    }

    fn take_count(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<u64>> {
        if self.is_open(run)? { self.input.take_count(run) } else { Ok(Some(0)) }
    }
}

/// Expressions of rows.
pub struct Project {
    /// Of what.
    pub input: BoxedOperator,
    /// What.
    pub expressions: Vec<Evaluator>,
    /// The slots, if all of them are nothing else.
    pub slots: Option<Vec<usize>>,
    /// Whether none of them has effects, which would be missed if it was not computed.
    free: bool,
    late: Late,
    at_once: AtOnce,
    /// Rows of a chunk that were too many to be computed with those before them, and which is the next.
    waiting: Option<(Chunk, usize)>,
}

impl Project {
    /// These expressions of an input's rows.
    pub fn new(input: BoxedOperator, expressions: Vec<Evaluator>, free: bool, late: Late) -> Project {
        let slots = expressions.iter().map(Evaluator::slot).collect();
        Project { input, expressions, slots, free, late, at_once: AtOnce::default(), waiting: None }
    }

    fn rows(&self, run: &mut Run<'_, '_>, chunk: &Chunk) -> ExecuteResult<Chunk> {
        Ok(Chunk::new(evaluate_all(&self.expressions, run, chunk)?, chunk.len()))
    }

    /// The same of those in front of the first that fails, whose error waits.
    fn some_rows(&self, run: &mut Run<'_, '_>, chunk: &Chunk) -> ExecuteResult<Chunk> {
        let effects = run.state.effects;
        match self.rows(run, chunk) {
            Ok(rows) => Ok(rows),
            Err(error) => self.late.front(run, (chunk, effects), error, |run, front| self.rows(run, &front)),
        }
    }

    /// The input's column that a column is.
    fn below(&self, slot: usize) -> Option<usize> {
        self.expressions.get(slot)?.slot()
    }
}

impl Operator for Project {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        self.late.check()?;
        let (chunk, start) = match self.waiting.take() {
            Some(waiting) => waiting,
            None => match self.input.next(run)? {
                Some(chunk) => (chunk, 0),
                None => return Ok(None),
            },
        };
        if start == 0 {
            self.at_once.grow();
        }
        if let Some(slots) = &self.slots {
            return Ok(Some(chunk.project(slots)));
        }
        let mut at_once = self.at_once;
        let (rows, taken) = at_once.front(run, (&chunk, start), |run, part| self.some_rows(run, part))?;
        self.at_once = at_once;
        if start + taken < chunk.len() && !self.late.waits() {
            self.waiting = Some((chunk, start + taken));
        }
        Ok(Some(rows))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.late.forget();
        self.waiting = None;
        self.input.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.free && self.below(slot).is_some_and(|below| self.input.restrictable(below))
    }

    fn restrict(&mut self, restriction: Restriction) {
        if let Some(slot) = self.below(restriction.slot) {
            self.input.restrict(Restriction { slot, ..restriction });
        }
    }
}
