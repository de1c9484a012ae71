//! Rows of a cursor that have come, as the chunks in which they came, and which of them are passed.
//!
//! What holds
//! 1. Rows are numbered from 1; chunks have no selection, and each is known by the number of its first row.
//!    Kept ones come before recent ones.
//! 2. Rows that are forgotten are never asked for again: a cursor that cannot go back stands behind them.

use execute::{ExecuteResult, Execution, Kept, World};
use std::cell::RefCell;
use std::collections::VecDeque;
use types::vector::{CHUNK_ROWS, Chunk};

/// The rows.
#[derive(Default)]
pub(super) struct CursorRows {
    /// Those that came first, in memory as long as they fit.
    kept: Kept,
    /// The numbers of the first rows of its chunks.
    firsts: VecDeque<u64>,
    /// Those behind them, which may be many chunks of few rows; each with the number of its first row.
    recent: VecDeque<(u64, Chunk)>,
    recent_rows: usize,
    recent_bytes: usize,
    count: u64,
    /// The chunk of the kept ones that was read last, with the number of its first row: whoever goes back row by row asks for it again.
    read: RefCell<Option<(u64, Chunk)>>,
}

/// Rows are recent until there are a chunk of them, or so many bytes.
const RECENT_BYTES: usize = 256 << 10;

/// Rows that were passed: so many from a number on, in their order or the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Passed {
    /// The least of their numbers.
    pub first: u64,
    /// How many there are.
    pub count: u64,
    /// Whether the last was passed first.
    pub backward: bool,
}

impl Passed {
    /// One row.
    pub fn one(number: u64) -> Passed {
        Passed { first: number, count: 1, backward: false }
    }
}

impl CursorRows {
    /// How many have come.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Takes in the next ones, which an execution has made.
    ///
    /// # Errors
    /// As keeping them fails.
    pub fn push(
        &mut self,
        chunk: Chunk,
        execution: &mut Execution,
        world: &mut World<'_>,
    ) -> ExecuteResult<()> {
        self.push_recent(chunk)?;
        if self.recent_rows < CHUNK_ROWS && self.recent_bytes < RECENT_BYTES {
            return Ok(());
        }
        if let Some((first, _)) = self.recent.front() {
            self.firsts.push_back(*first);
            let chunks = self.recent.drain(..).map(|(_, chunk)| chunk).collect();
            (self.recent_rows, self.recent_bytes) = (0, 0);
            execution.keep_chunks(world, &mut self.kept, chunks)?;
        }
        Ok(())
    }

    /// Takes in rows that are few, or are somewhere in memory anyway.
    ///
    /// # Errors
    /// Where picking them fails.
    pub fn push_recent(&mut self, chunk: Chunk) -> ExecuteResult<()> {
        let chunk = chunk.densify()?;
        if !chunk.is_empty() {
            let first = self.count + 1;
            self.count += chunk.len() as u64;
            self.recent_rows += chunk.len();
            self.recent_bytes += execute::chunk_bytes(&chunk);
            self.recent.push_back((first, chunk));
        }
        Ok(())
    }

    /// Forgets whole chunks of rows that come before one.
    pub fn forget_before(&mut self, number: u64) {
        while !self.firsts.is_empty() && self.firsts.get(1).copied().unwrap_or(self.first_recent()) <= number
        {
            self.firsts.pop_front();
            self.kept.forget_first();
        }
        let is_past = |(first, chunk): &(u64, Chunk)| first + chunk.len() as u64 <= number;
        while self.firsts.is_empty() && self.recent.front().is_some_and(is_past) {
            if let Some((_, chunk)) = self.recent.pop_front() {
                self.recent_rows -= chunk.len();
                self.recent_bytes -= execute::chunk_bytes(&chunk);
            }
        }
    }

    /// The number of the first row that is not kept with others; of the next one to come, if there is none.
    fn first_recent(&self) -> u64 {
        self.recent.front().map_or(self.count + 1, |(first, _)| *first)
    }

    /// A row by its number, alone; none if there is no such row.
    ///
    /// # Errors
    /// As reading it fails.
    pub fn row(&self, number: u64) -> ExecuteResult<Chunk> {
        self.pieces(Passed::one(number)).next().unwrap_or_else(|| Ok(Chunk::default()))
    }

    /// The chunk with a row, and the number of the chunk's first row.
    fn chunk_of(&self, number: u64) -> ExecuteResult<Option<(u64, Chunk)>> {
        let behind = self.recent.partition_point(|(first, _)| *first <= number);
        if let Some((first, chunk)) = behind.checked_sub(1).and_then(|place| self.recent.get(place)) {
            return Ok(Some((*first, chunk.clone())));
        }
        let Some(place) = self.firsts.partition_point(|first| *first <= number).checked_sub(1) else {
            return Ok(None);
        };
        let mut read = self.read.borrow_mut();
        let first = self.firsts[place];
        if read.as_ref().is_none_or(|(known, _)| *known != first) {
            *read = self.kept.get(place)?.map(|chunk| (first, chunk));
        }
        Ok(read.clone())
    }

    /// Rows that were passed, in the order in which they were: as many together as lie together, one by one on the way back.
    pub fn pieces(&self, passed: Passed) -> impl Iterator<Item = ExecuteResult<Chunk>> + '_ {
        let (mut next, mut left) = (passed.first, passed.count);
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let number = if passed.backward { passed.first + left - 1 } else { next };
            let (first, chunk) = match self.chunk_of(number) {
                Ok(found) => found?,
                Err(error) => {
                    left = 0;
                    return Some(Err(error));
                }
            };
            let place = usize::try_from(number - first).ok().filter(|place| *place < chunk.len())?;
            let most = if passed.backward { 1 } else { usize::try_from(left).unwrap_or(usize::MAX) };
            let taken = most.min(chunk.len() - place);
            (next, left) = (next + taken as u64, left - taken as u64);
            Some(Ok(chunk.slice(place, taken)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CursorRows, Passed};
    use types::Vector;
    use types::vector::Chunk;

    fn rows(sizes: &[i32]) -> CursorRows {
        let (mut rows, mut next) = (CursorRows::default(), 1);
        for size in sizes {
            let values: Vec<i32> = (next..next + size).collect();
            next += size;
            rows.push_recent(Chunk::new(vec![Vector::from_values::<i32>(values)], *size as usize)).unwrap();
        }
        rows
    }

    fn told(rows: &CursorRows, first: u64, count: u64, backward: bool) -> Vec<Vec<String>> {
        let told =
            |chunk: Chunk| (0..chunk.len()).map(|row| format!("{:?}", chunk.column(0).value(row))).collect();
        rows.pieces(Passed { first, count, backward }).map(|piece| told(piece.unwrap())).collect()
    }

    fn named(numbers: &[&[i32]]) -> Vec<Vec<String>> {
        let name = |number: &i32| format!("Int32({number})");
        numbers.iter().map(|piece| piece.iter().map(name).collect()).collect()
    }

    #[test]
    fn rows_come_as_they_lie() {
        let rows = rows(&[3, 0, 1, 4]);
        assert_eq!(rows.count(), 8);
        assert_eq!(told(&rows, 1, 8, false), named(&[&[1, 2, 3], &[4], &[5, 6, 7, 8]]));
        assert_eq!(told(&rows, 3, 3, false), named(&[&[3], &[4], &[5]]));
        assert_eq!(told(&rows, 3, 3, true), named(&[&[5], &[4], &[3]]));
        assert_eq!(told(&rows, 8, 2, false), named(&[&[8]]));
        assert_eq!(told(&rows, 0, 0, false), named(&[]));
        assert!(rows.row(9).unwrap().is_empty() && rows.row(0).unwrap().is_empty());
    }

    #[test]
    fn what_is_passed_is_forgotten_by_chunks() {
        let mut rows = rows(&[3, 2, 4]);
        rows.forget_before(3);
        assert_eq!(told(&rows, 3, 1, false), named(&[&[3]]));
        rows.forget_before(6);
        assert!(rows.row(5).unwrap().is_empty());
        assert_eq!((rows.count(), told(&rows, 6, 1, false)), (9, named(&[&[6]])));
        rows.forget_before(10);
        assert_eq!((rows.count(), rows.row(9).unwrap().len()), (9, 0));
    }
}
