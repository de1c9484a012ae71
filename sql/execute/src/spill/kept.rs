//! Chunks that are read any number of times, in memory as long as they fit.
//!
//! They may outlive the statement whose rows they are: cursors and portals keep them so.

use super::Block;
use crate::error::{ExecuteError, ExecuteResult};
use crate::memory::{Held, chunk_bytes};
use crate::run::Run;
use std::collections::VecDeque;
use std::sync::Arc;
use types::row::{RowLayout, Storage, decode_column, encode_row};
use types::vector::Chunk;
use types::{Kind, Value};

/// The chunks.
#[derive(Default)]
pub struct Kept {
    /// Each with how many bytes of it are held: none of those that somebody else holds.
    memory: VecDeque<(Chunk, usize)>,
    held: Held,
    /// Those that did not fit, behind the others.
    file: VecDeque<Written>,
    layout: Option<Arc<RowLayout>>,
}

struct Written {
    block: Block,
    rows: usize,
}

impl From<Vec<Chunk>> for Kept {
    /// Chunks that somebody else holds.
    fn from(chunks: Vec<Chunk>) -> Kept {
        Kept { memory: chunks.into_iter().map(|chunk| (chunk, 0)).collect(), ..Kept::default() }
    }
}

impl Kept {
    /// How many chunks there are.
    pub fn len(&self) -> usize {
        self.memory.len() + self.file.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        let written: usize = self.file.iter().map(|written| written.rows).sum();
        self.memory.iter().map(|(chunk, _)| chunk.rows()).sum::<usize>() + written
    }

    /// Keeps a chunk.
    pub fn push(&mut self, run: &mut Run<'_, '_>, chunk: Chunk) -> ExecuteResult<()> {
        let chunk = chunk.densify()?;
        let bytes = chunk_bytes(&chunk);
        if self.file.is_empty() && self.held.bytes() + bytes <= run.world.settings.work_mem {
            self.held.take(run, bytes)?;
            self.memory.push_back((chunk, bytes));
            return Ok(());
        }
        let kinds: Vec<Kind> = chunk.columns().iter().map(types::Vector::kind).collect();
        let layout = self
            .layout
            .get_or_insert_with(|| Arc::new(RowLayout::new(kinds.into_iter().map(Storage::Plain).collect())));
        let (mut ends, mut rows) = (Vec::with_capacity(chunk.rows() * 4), Vec::new());
        for row in 0..chunk.rows() {
            encode_row(layout, chunk.columns(), row, &mut rows)?;
            let end = u32::try_from(rows.len()).map_err(|_| types::row::RowError::TooBig)?;
            ends.extend_from_slice(&end.to_le_bytes());
        }
        ends.append(&mut rows);
        let block = Block::write(run, &ends)?;
        self.file.push_back(Written { block, rows: chunk.rows() });
        Ok(())
    }

    /// One of them; `None` behind the last.
    pub fn get(&self, index: usize) -> ExecuteResult<Option<Chunk>> {
        if let Some((chunk, _)) = self.memory.get(index) {
            return Ok(Some(chunk.clone()));
        }
        match self.file.get(index - self.memory.len()) {
            Some(written) => self.read(written).map(Some),
            None => Ok(None),
        }
    }

    /// The first of them, which is kept no longer.
    pub fn take_first(&mut self) -> ExecuteResult<Option<Chunk>> {
        if let Some((chunk, bytes)) = self.memory.pop_front() {
            self.held.give(bytes);
            return Ok(Some(chunk));
        }
        match self.file.pop_front() {
            Some(written) => self.read(&written).map(Some),
            None => Ok(None),
        }
    }

    /// Forgets the first of them.
    pub fn forget_first(&mut self) {
        match self.memory.pop_front() {
            Some((_, bytes)) => self.held.give(bytes),
            None => drop(self.file.pop_front()),
        }
    }

    /// Puts a chunk before all others.
    pub fn put_back(&mut self, chunk: Chunk) {
        self.memory.push_front((chunk, 0));
    }

    fn read(&self, written: &Written) -> ExecuteResult<Chunk> {
        let layout = self.layout.as_ref().ok_or_else(|| ExecuteError::lost("how rows lie"))?;
        let mut bytes = Vec::new();
        written.block.read(&mut bytes)?;
        let (ends, rows) = bytes.split_at_checked(written.rows * 4).unwrap_or_default();
        let (ends, _) = ends.as_chunks::<4>();
        let end = |row: usize| u32::from_le_bytes(ends[row]) as usize;
        let row = |row: usize| {
            let start = if row == 0 { 0 } else { end(row - 1) };
            rows.get(start..end(row)).unwrap_or(&[])
        };
        let mut columns = Vec::with_capacity(layout.columns().len());
        for column in 0..layout.columns().len() {
            columns.push(decode_column(layout, column, (0..ends.len()).map(row), &Value::Null)?);
        }
        Ok(Chunk::new(columns, written.rows))
    }
}
