//! Rows in the order in which they were written.

use super::Block;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use std::ops::Range;
use std::sync::Arc;
use types::row::{RowLayout, Storage, decode_column, encode_row};
use types::vector::Chunk;
use types::{Kind, Value, Vector};

/// Bytes of a block: what is held of each part while it is written or read.
const BLOCK: usize = 32 << 10;
/// Bytes before each row: the lengths of its key and of itself.
const HEAD: usize = 8;

/// A number as a key.
pub fn sequence(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// Rows that are written.
pub struct Rows {
    layout: Arc<RowLayout>,
    blocks: Vec<Block>,
    /// What is not yet in the file.
    open: Vec<u8>,
    count: u64,
    bytes: u64,
}

impl Rows {
    /// No rows yet, of columns of these kinds.
    pub fn new(kinds: &[Kind]) -> Rows {
        Rows::of(Arc::new(RowLayout::new(kinds.iter().map(|kind| Storage::Plain(*kind)).collect())))
    }

    /// No rows yet of a layout.
    pub fn of(layout: Arc<RowLayout>) -> Rows {
        Rows { layout, blocks: Vec::new(), open: Vec::new(), count: 0, bytes: 0 }
    }

    /// How many rows there are.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// How they lie.
    pub fn layout(&self) -> &Arc<RowLayout> {
        &self.layout
    }

    /// Writes a row of some columns with its key.
    pub fn push(
        &mut self,
        run: &mut Run<'_, '_>,
        key: &[u8],
        columns: &[Vector],
        row: usize,
    ) -> ExecuteResult<()> {
        let start = self.begin(key);
        encode_row(&self.layout, columns, row, &mut self.open)?;
        self.end(run, start, key.len())
    }

    /// Writes a row as it was read.
    pub fn push_bytes(&mut self, run: &mut Run<'_, '_>, key: &[u8], row: &[u8]) -> ExecuteResult<()> {
        let start = self.begin(key);
        self.open.extend_from_slice(row);
        self.end(run, start, key.len())
    }

    fn begin(&mut self, key: &[u8]) -> usize {
        let start = self.open.len();
        self.open.extend_from_slice(&[0; HEAD]);
        self.open.extend_from_slice(key);
        start
    }

    fn end(&mut self, run: &mut Run<'_, '_>, start: usize, key: usize) -> ExecuteResult<()> {
        let length = |length: usize| {
            let fits = u32::try_from(length);
            fits.map(u32::to_le_bytes).map_err(|_| ExecuteError::Row(types::row::RowError::TooBig))
        };
        let row = length(self.open.len() - start - HEAD - key)?;
        self.open[start..start + 4].copy_from_slice(&length(key)?);
        self.open[start + 4..start + HEAD].copy_from_slice(&row);
        self.count += 1;
        self.bytes += (self.open.len() - start) as u64;
        if self.open.len() >= BLOCK { self.flush(run) } else { Ok(()) }
    }

    /// All rows are written.
    pub fn flush(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if !self.open.is_empty() {
            self.blocks.push(Block::write(run, &self.open)?);
            self.open.clear();
        }
        Ok(())
    }

    /// Reads them from the first on.
    pub fn reader(mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Reader> {
        self.flush(run)?;
        Reader::new(&self.layout, self.blocks)
    }

    /// Reads them from the first on; more may be written afterwards, and all be read again.
    pub fn again(&mut self, run: &mut Run<'_, '_>) -> ExecuteResult<Reader> {
        self.flush(run)?;
        Reader::new(&self.layout, self.blocks.clone())
    }
}

/// Rows that are read; it stands at one, or behind the last. What it has read, and nobody else holds, is gone from the file.
pub struct Reader {
    layout: Arc<RowLayout>,
    /// What is to be read, the last first.
    blocks: Vec<Block>,
    bytes: Vec<u8>,
    /// Where the next row begins.
    next: usize,
    key: Range<usize>,
    row: Range<usize>,
    ended: bool,
}

impl Reader {
    fn new(layout: &Arc<RowLayout>, mut blocks: Vec<Block>) -> ExecuteResult<Reader> {
        blocks.reverse();
        let mut reader = Reader {
            layout: Arc::clone(layout),
            blocks,
            bytes: Vec::new(),
            next: 0,
            key: 0..0,
            row: 0..0,
            ended: false,
        };
        reader.advance()?;
        Ok(reader)
    }

    /// The key of the row it stands at; `None` behind the last.
    pub fn key(&self) -> Option<&[u8]> {
        (!self.ended).then(|| &self.bytes[self.key.clone()])
    }

    /// The row it stands at.
    pub fn row(&self) -> &[u8] {
        &self.bytes[self.row.clone()]
    }

    /// How rows lie.
    pub fn layout(&self) -> &Arc<RowLayout> {
        &self.layout
    }

    /// Goes on to the next row.
    pub fn advance(&mut self) -> ExecuteResult<()> {
        if self.next >= self.bytes.len() {
            let Some(block) = self.blocks.pop() else {
                self.ended = true;
                return Ok(());
            };
            block.read(&mut self.bytes)?;
            self.next = 0;
        }
        let head = self.bytes.get(self.next..self.next + HEAD).unwrap_or(&[]);
        let (Some(key), Some(row)) = (head.first_chunk::<4>(), head.last_chunk::<4>()) else {
            return Err(ExecuteError::lost("a row of the temporary file"));
        };
        let key = self.next + HEAD..self.next + HEAD + u32::from_le_bytes(*key) as usize;
        let row = key.end..key.end + u32::from_le_bytes(*row) as usize;
        if row.end > self.bytes.len() {
            return Err(ExecuteError::lost("a row of the temporary file"));
        }
        (self.next, self.key, self.row) = (row.end, key, row);
        Ok(())
    }

    /// At most `limit` rows, and the numbers that are their keys; `None` behind the last.
    pub fn next(&mut self, limit: usize) -> ExecuteResult<Option<(Chunk, Vec<u64>)>> {
        let (mut gathered, mut numbers) = (Gathered::default(), Vec::new());
        while !self.ended && numbers.len() < limit {
            let number = self.bytes[self.key.clone()].first_chunk::<8>().map(|key| u64::from_be_bytes(*key));
            numbers.push(number.unwrap_or_default());
            gathered.push(&self.bytes[self.row.clone()]);
            self.advance()?;
        }
        Ok(gathered.chunk(&self.layout)?.map(|chunk| (chunk, numbers)))
    }
}

/// Rows as bytes that become a chunk.
#[derive(Default)]
pub(super) struct Gathered {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Gathered {
    pub(super) fn push(&mut self, row: &[u8]) {
        self.bytes.extend_from_slice(row);
        self.ends.push(self.bytes.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The rows; `None` if there are none.
    pub(super) fn chunk(&self, layout: &RowLayout) -> ExecuteResult<Option<Chunk>> {
        if self.ends.is_empty() {
            return Ok(None);
        }
        let mut columns = Vec::with_capacity(layout.columns().len());
        for column in 0..layout.columns().len() {
            let rows = (0..self.ends.len()).map(|row| {
                let start = if row == 0 { 0 } else { self.ends[row - 1] };
                &self.bytes[start..self.ends[row]]
            });
            columns.push(decode_column(layout, column, rows, &Value::Null)?);
        }
        Ok(Some(Chunk::new(columns, self.ends.len())))
    }
}
