//! Window functions of an input that is sorted by partition and order: as many whole partitions at a time as fit into
//! memory, and one at least. Where values depend on nothing behind a row's peers, the first rows are handed up before: whoever wants
//! no more has no more read.

use super::functions::{Functions, Planned};
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::{SortColumn, changes, compare_rows, sort_columns};
use crate::memory::{Held, chunk_bytes};
use crate::operator::rows::{Pieces, join};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use plan::expression::SortKey;
use std::sync::Arc;
use types::vector::Chunk;
use types::{Kind, Vector};

/// The operator.
pub struct Window {
    input: BoxedOperator,
    kinds: Vec<Kind>,
    partition: Vec<Evaluator>,
    partition_columns: Vec<SortColumn>,
    functions: Functions,
    result: Pieces,
    /// What was read of a partition that is not complete.
    begun: Vec<Chunk>,
    /// Whether its offsets were found.
    started: bool,
    ended: bool,
    /// How many of the next rows were handed up before their partitions were there; nothing before that was tried.
    early: Option<usize>,
    /// The rows that were read.
    held: Held,
    /// Their results.
    computed: Held,
}

impl Window {
    /// As the plan says.
    pub fn new(
        compiler: &Compiler<'_>,
        input: BoxedOperator,
        kinds: Vec<Kind>,
        partition: &[SortKey],
        planned: Planned,
    ) -> ExecuteResult<Window> {
        let evaluators = partition.iter().map(|key| Evaluator::new(compiler, &key.expression));
        Ok(Window {
            input,
            kinds,
            partition: evaluators.collect::<ExecuteResult<_>>()?,
            partition_columns: sort_columns(partition),
            functions: Functions::new(compiler, Arc::new(planned))?,
            result: Pieces::default(),
            begun: Vec::new(),
            started: false,
            ended: false,
            early: None,
            held: Held::default(),
            computed: Held::default(),
        })
    }

    /// Rows of whole partitions with the keys of these; none at the end.
    fn read(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<(Chunk, Vec<Vector>)>> {
        let mut chunks = std::mem::take(&mut self.begun);
        let mut limit = run.world.settings.work_mem;
        self.held.release();
        self.computed.release();
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
            self.held.grow(run, held)?;
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

    /// The first rows that are read, up to those whose peers may still come. They are kept, and computed again with the others.
    fn first(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Pieces>> {
        self.early = Some(0);
        if !self.functions.are_settled_by_peers() {
            return Ok(None);
        }
        let Some(rows) = self.input.next(run)? else {
            self.ended = true;
            return Ok(None);
        };
        let rows = rows.densify()?;
        self.held.grow(run, chunk_bytes(&rows))?;
        self.begun = vec![rows.slice(0, rows.rows())];
        let keys = evaluate_all(&self.partition, run, &rows)?;
        let begins = changes(&self.partition_columns, &keys, rows.rows());
        let ordered = self.functions.changes(&rows, run)?;
        let last = (1..rows.rows()).rev().find(|row| begins[*row] || ordered[*row]);
        let Some(count) = last else { return Ok(None) };
        self.early = Some(count);
        let rows = rows.slice(0, count);
        let mut computed = self.functions.compute(&rows, &begins[..count], run)?;
        self.computed = computed.take_held();
        let (results, _) = computed.into_columns(&self.functions)?;
        let mut columns = rows.into_columns();
        columns.extend(results);
        Ok(Some(Pieces::new(Chunk::new(columns, count))))
    }

    fn run(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Pieces>> {
        if self.early.is_none()
            && let Some(first) = self.first(run)?
        {
            return Ok(Some(first));
        }
        let Some((rows, partition)) = self.read(run)? else { return Ok(None) };
        let count = rows.rows();
        let begins = changes(&self.partition_columns, &partition, count);
        let mut computed = self.functions.compute(&rows, &begins, run)?;
        self.computed = computed.take_held();
        let (results, kept) = computed.into_columns(&self.functions)?;
        let mut columns = rows.into_columns();
        columns.extend(results);
        let made = Chunk::new(columns, count);
        let early = self.early.unwrap_or(0);
        self.early = Some(early.saturating_sub(count));
        Ok(Some(match kept {
            None if early > 0 => Pieces::new(made.slice(early.min(count), count.saturating_sub(early))),
            None => Pieces::new(made),
            Some(kept) => Pieces::ordered(made, kept),
        }))
    }
}

impl Operator for Window {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        let limit = run.chunk_rows();
        if !self.started {
            self.functions.begin(run)?;
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
        self.early = None;
        self.held.release();
        self.computed.release();
        self.input.rewind(run)
    }
}
