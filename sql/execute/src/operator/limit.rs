//! LIMIT, OFFSET, WITH TIES.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Evaluator, evaluate_all};
use crate::keys::{SortColumn, compare_rows};
use crate::operator::{BoxedOperator, Operator};
use crate::run::Run;
use types::vector::Chunk;
use types::{Value, Vector};

/// How many rows, and after how many.
pub struct Bounds {
    limit: Option<Evaluator>,
    offset: Option<Evaluator>,
}

impl Bounds {
    /// These.
    pub fn new(limit: Option<Evaluator>, offset: Option<Evaluator>) -> Bounds {
        Bounds { limit, offset }
    }

    /// Their values: offset, and limit if there is one.
    pub fn values(&self, run: &mut Run<'_, '_>) -> ExecuteResult<(u64, Option<u64>)> {
        let mut value = |of: &Option<Evaluator>, clause: &'static str| match of {
            None => Ok(None),
            Some(evaluator) => match evaluator.value(run)? {
                Value::Null => Ok(None),
                Value::Int64(value) => match u64::try_from(value) {
                    Ok(value) => Ok(Some(value)),
                    Err(_) => Err(ExecuteError::NegativeLimit { clause }),
                },
                _ => Err(ExecuteError::plan("a limit that is no bigint")),
            },
        };
        let offset = value(&self.offset, "OFFSET")?.unwrap_or(0);
        Ok((offset, value(&self.limit, "LIMIT")?))
    }
}

/// The operator.
pub struct Limit {
    input: BoxedOperator,
    bounds: Bounds,
    ties: Vec<Evaluator>,
    columns: Vec<SortColumn>,
    state: State,
}

enum State {
    Before,
    /// Rows to skip, rows to give.
    In {
        skip: u64,
        left: Option<u64>,
    },
    /// The limit is reached; rows equal to the last come too.
    Ties(Vec<Vector>),
    Behind,
}

impl Limit {
    /// As the plan says.
    pub fn new(
        input: BoxedOperator,
        bounds: Bounds,
        ties: Vec<Evaluator>,
        columns: Vec<SortColumn>,
    ) -> Limit {
        Limit { input, bounds, ties, columns, state: State::Before }
    }

    /// How many rows at the front of a chunk are equal to the last one.
    fn tied(&self, last: &[Vector], keys: &[Vector], from: usize, rows: usize) -> usize {
        let same = |row: &usize| compare_rows(&self.columns, (keys, *row), (last, 0)).is_eq();
        (from..rows).take_while(same).count()
    }

    fn cut(&mut self, chunk: Chunk, skip: u64, left: u64, run: &mut Run<'_, '_>) -> ExecuteResult<Chunk> {
        let rows = chunk.len();
        let start = skip.min(rows as u64) as usize;
        let taken = left.min((rows - start) as u64) as usize;
        let left = left - taken as u64;
        if left > 0 || taken == 0 {
            self.state = State::In { skip: skip - start as u64, left: Some(left) };
            return Ok(chunk.slice(start, taken));
        }
        if self.ties.is_empty() {
            self.state = State::Behind;
            return Ok(chunk.slice(start, taken));
        }
        let keys = evaluate_all(&self.ties, run, &chunk)?;
        let end = start + taken;
        let last: Vec<Vector> = keys.iter().map(|key| key.slice(end - 1, 1)).collect();
        let more = self.tied(&last, &keys, end, rows);
        self.state = if end + more == rows { State::Ties(last) } else { State::Behind };
        Ok(chunk.slice(start, taken + more))
    }
}

impl Operator for Limit {
    fn next(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        loop {
            match &self.state {
                State::Before => {
                    let (skip, left) = self.bounds.values(run)?;
                    self.state = State::In { skip, left };
                }
                State::In { left: Some(0), .. } | State::Behind => {
                    self.state = State::Behind;
                    return Ok(None);
                }
                State::In { skip, left } => {
                    let (skip, left) = (*skip, *left);
                    let Some(chunk) = self.input.next(run)? else {
                        self.state = State::Behind;
                        return Ok(None);
                    };
                    let rows = chunk.len() as u64;
                    let chunk = match left {
                        Some(left) => self.cut(chunk, skip, left, run)?,
                        None => {
                            let start = skip.min(rows);
                            self.state = State::In { skip: skip - start, left: None };
                            chunk.slice(start as usize, (rows - start) as usize)
                        }
                    };
                    if !chunk.is_empty() {
                        return Ok(Some(chunk));
                    }
                }
                State::Ties(last) => {
                    let last = last.clone();
                    let Some(chunk) = self.input.next(run)? else {
                        self.state = State::Behind;
                        return Ok(None);
                    };
                    let keys = evaluate_all(&self.ties, run, &chunk)?;
                    let rows = chunk.len();
                    let more = self.tied(&last, &keys, 0, rows);
                    if more < rows {
                        self.state = State::Behind;
                    }
                    if more > 0 {
                        return Ok(Some(chunk.slice(0, more)));
                    }
                }
            }
        }
    }

    fn rewind(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        self.state = State::Before;
        self.input.rewind(run)
    }
}
