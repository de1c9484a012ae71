//! What looks at a row at a time: filters and projections.

use crate::error::ExecuteResult;
use crate::evaluate::{Conditions, Evaluator, evaluate_all};
use crate::operator::{BoxedOperator, Operator, Restriction};
use crate::run::Run;
use types::vector::Chunk;

/// Rows for which all conditions are true.
pub struct Filter {
    /// Of what.
    pub input: BoxedOperator,
    /// The conditions.
    pub conditions: Conditions,
}

impl Operator for Filter {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        while let Some(mut chunk) = self.input.next(run)? {
            self.conditions.filter(run, &mut chunk)?;
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.input.rewind(run)
    }

    fn restrictable(&self, slot: usize) -> bool {
        self.conditions.cannot_fail() && self.input.restrictable(slot)
    }

    fn restrict(&mut self, restriction: Restriction) {
        self.input.restrict(restriction);
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
}

impl Project {
    /// These expressions of an input's rows.
    pub fn new(input: BoxedOperator, expressions: Vec<Evaluator>, free: bool) -> Project {
        let slots = expressions.iter().map(Evaluator::slot).collect();
        Project { input, expressions, slots, free }
    }

    /// The input's column that a column is.
    fn below(&self, slot: usize) -> Option<usize> {
        self.expressions.get(slot)?.slot()
    }
}

impl Operator for Project {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let Some(chunk) = self.input.next(run)? else { return Ok(None) };
        if let Some(slots) = &self.slots {
            return Ok(Some(chunk.project(slots)));
        }
        let columns = evaluate_all(&self.expressions, run, &chunk)?;
        Ok(Some(Chunk::new(columns, chunk.len())))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
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
