//! The step of WITH RECURSIVE where a round is one row: the row after it, without an operator or a vector.
//!
//! A step that only filters and computes makes at most one row of one, so that whoever counts with it has rounds of one row
//! to the end.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Conditions, Evaluator, SingleEvaluator};
use crate::run::Run;
use functions::Single;
use plan::expression::Expression;
use plan::physical::{Node, NodeKind};
use types::Kind;
use types::vector::{Chunk, VectorBuilder};

/// After how many rounds it is looked whether the statement is cancelled.
const ROUNDS_UNCHECKED: usize = 128;

/// The step.
pub struct SingleStep {
    /// What a row must be for there to be one after it.
    conditions: Vec<SingleEvaluator>,
    /// The one after it.
    next: Vec<SingleEvaluator>,
    kinds: Vec<Kind>,
}

/// What rounds of one row have come to.
pub struct Rounds {
    /// Their rows; `None` without any.
    pub rows: Option<Chunk>,
    /// The last of them, unless there is none after it.
    pub last: Option<Chunk>,
    /// What stopped them, if something did.
    pub failed: Option<ExecuteError>,
}

impl SingleStep {
    /// Of a plan of a step; `None` if it does anything else, or with other values.
    pub fn new(
        compiler: &Compiler<'_>,
        work_table: u32,
        step: &Node,
        kinds: &[Kind],
    ) -> ExecuteResult<Option<SingleStep>> {
        let NodeKind::Project { input, expressions } = &step.kind else { return Ok(None) };
        let (input, conditions): (_, &[Expression]) = match &input.kind {
            NodeKind::Filter { input, conditions, .. } => (input, conditions),
            _ => (input, &[]), // without a filter
        };
        let of_rounds = matches!(&input.kind, NodeKind::WorkTableScan { table, .. } if *table == work_table);
        if !of_rounds || !kinds.iter().all(|kind| Single::has(*kind)) {
            return Ok(None);
        }
        let conditions = Conditions::new(compiler, conditions)?.single();
        let next = Evaluator::list(compiler, expressions)?;
        let next = next.iter().map(Evaluator::single).collect::<Option<Vec<_>>>();
        let both = conditions.zip(next);
        Ok(both.map(|(conditions, next)| SingleStep { conditions, next, kinds: kinds.to_vec() }))
    }

    /// Puts the row after one in the place of another, if there is one.
    fn after(&self, run: &mut Run<'_, '_>, row: &[Single], next: &mut Vec<Single>) -> ExecuteResult<bool> {
        for condition in &self.conditions {
            if !condition.holds(run, row)? {
                return Ok(false);
            }
        }
        next.clear();
        for evaluator in &self.next {
            next.push(evaluator.value(run, row)?);
        }
        Ok(true)
    }

    /// At most `wanted` rounds after one whose only row is that of a chunk.
    pub fn rounds(&self, run: &mut Run<'_, '_>, first: &Chunk, wanted: usize) -> ExecuteResult<Rounds> {
        let mut row = Vec::with_capacity(self.kinds.len());
        for column in first.columns() {
            let value = Single::from_item(&column.item(0));
            row.push(value.ok_or_else(|| ExecuteError::plan("a round of other values"))?);
        }
        let mut builders: Vec<_> = self.kinds.iter().map(|kind| VectorBuilder::new(*kind, wanted)).collect();
        let (mut next, mut made, mut failed, mut ended) = (Vec::new(), 0, None, false);
        while made < wanted {
            if made % ROUNDS_UNCHECKED == 0 {
                run.check()?;
            }
            match self.after(run, &row, &mut next) {
                Ok(true) => {}
                Ok(false) => {
                    ended = true;
                    break;
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
            for (builder, value) in builders.iter_mut().zip(&next) {
                builder.push_item(&value.item())?;
            }
            std::mem::swap(&mut row, &mut next);
            made += 1;
        }
        let rows = Chunk::new(builders.into_iter().map(VectorBuilder::finish).collect(), made);
        let last = match (ended, made) {
            (true, _) => None,
            (false, 0) => Some(first.clone()),
            (false, made) => Some(rows.slice(made - 1, 1)),
        };
        Ok(Rounds { rows: (made > 0).then_some(rows), last, failed })
    }
}
