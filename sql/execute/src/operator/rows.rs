//! Rows that an operator keeps: collected chunk by chunk, then all of them as one, and handed up again in pieces.

use crate::error::ExecuteResult;
use crate::operator::Operator;
use crate::run::Run;
use types::vector::Chunk;
use types::{Kind, Vector};

/// Chunks without selections as one.
pub fn join(kinds: &[Kind], mut chunks: Vec<Chunk>) -> ExecuteResult<Chunk> {
    if chunks.len() == 1 {
        return Ok(chunks.remove(0));
    }
    let rows = chunks.iter().map(Chunk::rows).sum();
    let mut columns = Vec::with_capacity(kinds.len());
    for (index, kind) in kinds.iter().enumerate() {
        let parts: Vec<&Vector> = chunks.iter().map(|chunk| chunk.column(index)).collect();
        columns.push(Vector::concat(*kind, &parts)?);
    }
    Ok(Chunk::new(columns, rows))
}

/// Rows of a chunk that are handed up in some order, a piece at a time.
#[derive(Default)]
pub struct Pieces {
    rows: Chunk,
    /// In which order; as they lie if there is none.
    order: Option<Vec<u32>>,
    given: usize,
}

impl Pieces {
    /// All rows as they lie.
    pub fn new(rows: Chunk) -> Pieces {
        Pieces { rows, order: None, given: 0 }
    }

    /// These rows in this order.
    pub fn ordered(rows: Chunk, order: Vec<u32>) -> Pieces {
        Pieces { rows, order: Some(order), given: 0 }
    }

    /// The next ones, at most `limit`.
    pub fn next(&mut self, limit: usize) -> ExecuteResult<Option<Chunk>> {
        let total = self.order.as_ref().map_or(self.rows.len(), Vec::len);
        if self.given >= total {
            return Ok(None);
        }
        let length = limit.min(total - self.given);
        let chunk = match &self.order {
            None => self.rows.slice(self.given, length),
            Some(order) => gather(&self.rows, &order[self.given..self.given + length])?,
        };
        self.given += length;
        Ok(Some(chunk))
    }
}

/// Rows of a chunk without a selection, in this order.
pub fn gather(rows: &Chunk, order: &[u32]) -> ExecuteResult<Chunk> {
    let columns: Result<Vec<Vector>, _> = rows.columns().iter().map(|column| column.gather(order)).collect();
    Ok(Chunk::new(columns?, order.len()))
}

/// The same rows with nulls in some of their columns, by their places.
pub fn without(rows: Chunk, unasked: &[u32]) -> ExecuteResult<Chunk> {
    if unasked.is_empty() {
        return Ok(rows);
    }
    let count = rows.rows();
    let mut columns = rows.into_columns();
    for slot in unasked {
        if let Some(column) = columns.get_mut(*slot as usize) {
            *column = Vector::constant(column.kind(), &types::Value::Null, count)?;
        }
    }
    Ok(Chunk::new(columns, count))
}

/// Columns of nulls.
pub fn nulls(kinds: &[Kind], rows: usize) -> ExecuteResult<Vec<Vector>> {
    let column = |kind: &Kind| Ok(Vector::constant(*kind, &types::Value::Null, rows)?);
    kinds.iter().map(column).collect()
}

/// No rows at all; what stands in for an input while that is being read.
pub struct Nothing;

impl Operator for Nothing {
    fn next(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<Option<Chunk>> {
        Ok(None)
    }

    fn rewind(&mut self, _: &mut Run<'_, '_>) -> ExecuteResult<()> {
        Ok(())
    }
}
