//! Several sorted sequences of rows as one. Equal keys come in the order of the sequences.

use super::rows::{Gathered, Reader, Rows};
use crate::error::ExecuteResult;
use crate::run::Run;
use types::vector::Chunk;

/// How many are merged at once.
const WIDTH: usize = 64;

/// A merge under way.
pub struct Merge {
    readers: Vec<Reader>,
    /// The numbers of readers that have rows left, as a heap by their present keys: the least first.
    heap: Vec<usize>,
}

/// Merges sequences of rows, each of which is sorted by its keys.
pub fn merged(mut all: Vec<Rows>, run: &mut Run<'_, '_>) -> ExecuteResult<Merge> {
    while all.len() > WIDTH {
        let mut fewer = Vec::with_capacity(all.len().div_ceil(WIDTH));
        let mut rest = all.into_iter().peekable();
        while let Some(first) = rest.peek() {
            let mut rows = Rows::of(first.layout().clone());
            let mut merge = Merge::new(rest.by_ref().take(WIDTH).collect(), run)?;
            while let Some(reader) = merge.first() {
                rows.push_bytes(run, reader.key().unwrap_or(&[]), reader.row())?;
                if rows.len().is_multiple_of(1024) {
                    run.check()?;
                }
                merge.advance()?;
            }
            rows.flush(run)?;
            fewer.push(rows);
        }
        all = fewer;
    }
    Merge::new(all, run)
}

impl Merge {
    fn new(all: Vec<Rows>, run: &mut Run<'_, '_>) -> ExecuteResult<Merge> {
        let readers: ExecuteResult<Vec<Reader>> = all.into_iter().map(|rows| rows.reader(run)).collect();
        let readers = readers?;
        let heap = (0..readers.len()).filter(|reader| readers[*reader].key().is_some()).collect();
        let mut merge = Merge { readers, heap };
        for place in (0..merge.heap.len() / 2).rev() {
            merge.sink(place);
        }
        Ok(merge)
    }

    fn first(&self) -> Option<&Reader> {
        self.heap.first().map(|reader| &self.readers[*reader])
    }

    fn is_before(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.heap[one], self.heap[other]);
        (self.readers[one].key(), one) < (self.readers[other].key(), other)
    }

    /// Brings the reader at a place of the heap to where it belongs below.
    fn sink(&mut self, mut place: usize) {
        loop {
            let mut least = place;
            for child in [place * 2 + 1, place * 2 + 2] {
                if child < self.heap.len() && self.is_before(child, least) {
                    least = child;
                }
            }
            if least == place {
                return;
            }
            self.heap.swap(place, least);
            place = least;
        }
    }

    /// Goes on behind the first row.
    fn advance(&mut self) -> ExecuteResult<()> {
        let Some(first) = self.heap.first().copied() else { return Ok(()) };
        self.readers[first].advance()?;
        if self.readers[first].key().is_none() {
            self.heap.swap_remove(0);
        }
        self.sink(0);
        Ok(())
    }

    /// At most `limit` rows; `None` behind the last.
    pub fn next(&mut self, limit: usize) -> ExecuteResult<Option<Chunk>> {
        let mut gathered = Gathered::default();
        while gathered.len() < limit {
            let Some(reader) = self.first() else { break };
            gathered.push(reader.row());
            self.advance()?;
        }
        let Some(reader) = self.readers.first() else { return Ok(None) };
        gathered.chunk(reader.layout())
    }
}
