//! Rows of expressions.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator};
use crate::operator::Operator;
use crate::run::Run;
use plan::expression::Expression;
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Vector};

/// The operator.
pub struct Values {
    rows: Vec<Vec<Evaluator>>,
    kinds: Vec<Kind>,
    given: usize,
}

impl Values {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, rows: &[Vec<Expression>], kinds: Vec<Kind>) -> ExecuteResult<Values> {
        let rows: ExecuteResult<Vec<Vec<Evaluator>>> =
            rows.iter().map(|row| Evaluator::list(compiler, row)).collect();
        Ok(Values { rows: rows?, kinds, given: 0 })
    }
}

impl Operator for Values {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        let end = self.rows.len().min(self.given + run.chunk_rows());
        let rows = &self.rows[self.given..end];
        if rows.is_empty() {
            return Ok(None);
        }
        self.given = end;
        if let [row] = rows {
            let scope = crate::evaluate::Scope::new(&[], 1);
            let columns: ExecuteResult<Vec<Vector>> =
                row.iter().map(|value| value.evaluate_in(run, &scope)).collect();
            return Ok(Some(Chunk::new(columns?, 1)));
        }
        let mut builders: Vec<VectorBuilder> =
            self.kinds.iter().map(|kind| VectorBuilder::new(*kind, rows.len())).collect();
        for row in rows {
            for (builder, value) in builders.iter_mut().zip(row) {
                builder.push(&value.value(run)?)?;
            }
        }
        let columns = builders.into_iter().map(VectorBuilder::finish).collect();
        Ok(Some(Chunk::new(columns, rows.len())))
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.given = 0;
        Ok(())
    }
}
