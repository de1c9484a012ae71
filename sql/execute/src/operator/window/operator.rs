//! Window functions of an input that is sorted by partition and order: a partition at a time.

use super::call::Call;
use super::frame::Partition;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::{SortColumn, compare_rows, sort_columns};
use crate::operator::rows::{Pieces, collect};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::expression::{SortKey, WindowCall};
use types::vector::Chunk;
use types::{Kind, Vector};

/// The operator.
pub struct Window {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    partition: Vec<Evaluator>,
    partition_columns: Vec<SortColumn>,
    order: Vec<Evaluator>,
    order_columns: Vec<SortColumn>,
    calls: Vec<Call>,
    result: Option<Pieces>,
}

impl Window {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        input: BoxedOperator,
        kinds: Vec<Kind>,
        partition: &[SortKey],
        order: &[SortKey],
        functions: &[WindowCall],
    ) -> ExecuteResult<Window> {
        let evaluators = |keys: &[SortKey]| -> ExecuteResult<Vec<Evaluator>> {
            keys.iter().map(|key| Evaluator::new(compiler, &key.expression)).collect()
        };
        let first = order.first();
        let calls = functions.iter().map(|call| Call::new(compiler, call, first));
        Ok(Window {
            input,
            kinds,
            partition: evaluators(partition)?,
            partition_columns: sort_columns(partition),
            order: evaluators(order)?,
            order_columns: sort_columns(order),
            calls: calls.collect::<ExecuteResult<_>>()?,
            result: None,
        })
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Pieces> {
        let rows = collect(&mut *self.input, &self.kinds, run)?;
        let count = rows.rows();
        if count == 0 {
            return Ok(Pieces::default());
        }
        let partition = evaluate_all(&self.partition, run, &rows)?;
        let order = evaluate_all(&self.order, run, &rows)?;
        let mut results: Vec<Vec<Vector>> = self.calls.iter().map(|_| Vec::new()).collect();
        let mut start = 0;
        while start < count {
            run.check()?;
            let same = |row: &usize| {
                compare_rows(&self.partition_columns, (&partition, *row), (&partition, start)).is_eq()
            };
            let end = (start + 1..count).find(|row| !same(row)).unwrap_or(count);
            let part = rows.slice(start, end - start);
            let keys: Vec<Vector> = order.iter().map(|key| key.slice(start, end - start)).collect();
            let part = Partition::new(part, keys, &self.order_columns);
            for (call, results) in self.calls.iter().zip(&mut results) {
                results.push(call.run(&part, run)?);
            }
            start = end;
        }
        let mut columns = rows.into_columns();
        for (call, parts) in self.calls.iter().zip(&results) {
            let parts: Vec<&Vector> = parts.iter().collect();
            columns.push(Vector::concat(call.kind(), &parts)?);
        }
        Ok(Pieces::new(Chunk::new(columns, count)))
    }
}

impl Operator for Window {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        if self.result.is_none() {
            self.result = Some(self.run(run)?);
        }
        let limit = run.chunk_rows();
        self.result.as_mut().map_or(Ok(None), |result| result.next(limit))
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.result = None;
        self.input.rewind(run)
    }
}
