//! Rows of expressions.

use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator};
use crate::operator::{Late, Operator};
use crate::run::Run;
use plan::expression::Expression;
use types::vector::{Chunk, VectorBuilder};
use types::{Kind, Value, Vector};

/// The operator.
pub struct Values {
    rows: Vec<Vec<Evaluator>>,
    kinds: Vec<Kind>,
    given: usize,
    late: Late,
}

impl Values {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        rows: &[Vec<Expression>],
        kinds: Vec<Kind>,
        late: Late,
    ) -> ExecuteResult<Values> {
        let rows: ExecuteResult<Vec<Vec<Evaluator>>> =
            rows.iter().map(|row| Evaluator::list(compiler, row)).collect();
        Ok(Values { rows: rows?, kinds, given: 0, late })
    }
}

impl Operator for Values {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        run.check()?;
        self.late.check()?;
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
        let mut made = 0;
        for row in rows {
            let values: ExecuteResult<Vec<Value>> = row.iter().map(|value| value.value(run)).collect();
            match values {
                Ok(values) => {
                    for (builder, value) in builders.iter_mut().zip(&values) {
                        builder.push(value)?;
                    }
                }
                Err(error) if made > 0 => {
                    self.late.hold(error)?;
                    break;
                }
                Err(error) => return Err(error),
            }
            made += 1;
        }
        let columns = builders.into_iter().map(VectorBuilder::finish).collect();
        Ok(Some(Chunk::new(columns, made)))
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.given = 0;
        self.late.forget();
        Ok(())
    }
}
