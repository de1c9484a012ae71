//! Window functions of an input that is sorted by partition and order: as many whole partitions at a time as fit into
//! memory, and one at least.

use super::call::Call;
use super::frame::Stretch;
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Conditions, Evaluator, evaluate_all};
use crate::keys::{SortColumn, changes, compare_rows, sort_columns};
use crate::memory::{chunk_bytes, vector_bytes};
use crate::operator::rows::{Pieces, join};
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
    /// Behind the first row for which these are not true no row of a partition is handed up.
    until: Conditions,
    result: Pieces,
    /// What was read of a partition that is not complete.
    begun: Vec<Chunk>,
    /// Whether its offsets were found.
    started: bool,
    ended: bool,
    held: usize,
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
        until: Conditions,
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
            until,
            result: Pieces::default(),
            begun: Vec::new(),
            started: false,
            ended: false,
            held: 0,
        })
    }

    /// Rows of whole partitions with the keys of these; none at the end.
    fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<(Chunk, Vec<Vector>)>> {
        let mut chunks = std::mem::take(&mut self.begun);
        let mut limit = run.world.settings.work_mem;
        run.release(std::mem::take(&mut self.held));
        loop {
            let mut held: usize = chunks.iter().map(chunk_bytes).sum();
            while !self.ended && (chunks.is_empty() || held <= limit) {
                run.check()?;
                match self.input.next(run)? {
                    Some(chunk) => {
                        let chunk = chunk.densify()?;
                        held += chunk_bytes(&chunk);
                        chunks.push(chunk);
                    }
                    None => self.ended = true,
                }
            }
            run.hold(held.saturating_sub(self.held))?;
            self.held = held;
            let rows = join(&self.kinds, chunks)?;
            let count = rows.rows();
            if count == 0 {
                return Ok(None);
            }
            let keys = evaluate_all(&self.partition, run, &rows)?;
            let begins =
                |row: &usize| compare_rows(&self.partition_columns, (&keys, *row), (&keys, *row - 1)).is_ne();
            let whole = if self.ended { count } else { (1..count).rev().find(begins).unwrap_or(0) };
            if whole > 0 {
                self.begun = vec![rows.slice(whole, count - whole)];
                let keys = keys.iter().map(|key| key.slice(0, whole)).collect();
                return Ok(Some((rows.slice(0, whole), keys)));
            }
            // A partition has to be there as a whole.
            chunks = vec![rows];
            limit = held.saturating_mul(2);
        }
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Pieces>> {
        let Some((rows, partition)) = self.read(run)? else { return Ok(None) };
        let count = rows.rows();
        let order = evaluate_all(&self.order, run, &rows)?;
        let mut results: Vec<Vec<Vector>> = self.calls.iter().map(|_| Vec::new()).collect();
        let mut kept: Vec<u32> = Vec::new();
        let begins = changes(&self.partition_columns, &partition, count);
        let mut start = 0;
        while start < count {
            run.check()?;
            // As many partitions as make it worth the trouble.
            let least = (start + run.chunk_rows()).min(count);
            let end = (least..count).find(|row| begins[*row]).unwrap_or(count);
            let starts = (start..end).filter(|row| begins[*row]).map(|row| row - start).collect();
            let keys: Vec<Vector> = order.iter().map(|key| key.slice(start, end - start)).collect();
            let stretch = Stretch::new(rows.slice(start, end - start), starts, keys, &self.order_columns);
            for (call, results) in self.calls.iter().zip(&mut results) {
                let of_call = call.run(&stretch, run)?;
                let bytes = vector_bytes(&of_call);
                run.hold(bytes)?;
                self.held += bytes;
                results.push(of_call);
            }
            if !self.until.is_empty() {
                let mut columns = stretch.rows.columns().to_vec();
                columns.extend(results.iter().filter_map(|results| results.last().cloned()));
                let truths = self.until.truths(run, &columns, end - start)?;
                for part in &stretch.parts {
                    let of_part = part.rows.clone().take_while(|row| truths[*row] == Some(true));
                    kept.extend(of_part.map(|row| (start + row) as u32));
                }
            }
            start = end;
        }
        let mut columns = rows.into_columns();
        for (call, parts) in self.calls.iter().zip(&results) {
            let parts: Vec<&Vector> = parts.iter().collect();
            columns.push(Vector::concat(call.kind(), &parts)?);
        }
        let made = Chunk::new(columns, count);
        Ok(Some(if self.until.is_empty() { Pieces::new(made) } else { Pieces::ordered(made, kept) }))
    }
}

impl Operator for Window {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let limit = run.chunk_rows();
        if !self.started {
            self.calls.iter_mut().try_for_each(|call| call.begin(run))?;
            self.started = true;
        }
        loop {
            if let Some(chunk) = self.result.next(limit)? {
                return Ok(Some(chunk));
            }
            match self.run(run)? {
                Some(result) => self.result = result,
                None => return Ok(None),
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        (self.result, self.started, self.ended) = (Pieces::default(), false, false);
        self.begun.clear();
        run.release(std::mem::take(&mut self.held));
        self.input.rewind(run)
    }
}
