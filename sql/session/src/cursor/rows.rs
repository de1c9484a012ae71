//! Rows of a cursor that have come, as the chunks in which they came, and which of them are passed.
//!
//! What holds
//! 1. Rows are numbered from 1; chunks have no selection, and each is known by the number of its first row.
//! 2. Rows that are forgotten are never asked for again: a cursor that cannot go back stands behind them.

use crate::error::SessionError;
use std::collections::VecDeque;
use types::vector::Chunk;

/// The rows.
#[derive(Default)]
pub(super) struct CursorRows {
    /// Each with the number of its first row.
    chunks: VecDeque<(u64, Chunk)>,
    count: u64,
}

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

    /// Takes in the next ones.
    ///
    /// # Errors
    /// Where picking them fails.
    pub fn push(&mut self, chunk: Chunk) -> Result<(), SessionError> {
        let chunk = chunk.densify().map_err(|error| SessionError::Function(error.into()))?;
        if !chunk.is_empty() {
            let first = self.count + 1;
            self.count += chunk.len() as u64;
            self.chunks.push_back((first, chunk));
        }
        Ok(())
    }

    /// Forgets whole chunks of rows that come before one.
    pub fn forget_before(&mut self, number: u64) {
        let is_past = |(first, chunk): &(u64, Chunk)| first + chunk.len() as u64 <= number;
        while self.chunks.front().is_some_and(is_past) {
            self.chunks.pop_front();
        }
    }

    /// A row by its number, alone; none if there is no such row.
    pub fn row(&self, number: u64) -> Chunk {
        self.pieces(Passed::one(number)).next().unwrap_or_default()
    }

    /// Rows that were passed, in the order in which they were: as many together as lie together, one by one on the way back.
    pub fn pieces(&self, passed: Passed) -> impl Iterator<Item = Chunk> + '_ {
        let (mut next, mut left) = (passed.first, passed.count);
        std::iter::from_fn(move || {
            if left == 0 {
                return None;
            }
            let number = if passed.backward { passed.first + left - 1 } else { next };
            let behind = self.chunks.partition_point(|(first, _)| *first <= number);
            let (first, chunk) = self.chunks.get(behind.checked_sub(1)?)?;
            let place = usize::try_from(number - first).ok().filter(|place| *place < chunk.len())?;
            let most = if passed.backward { 1 } else { usize::try_from(left).unwrap_or(usize::MAX) };
            let taken = most.min(chunk.len() - place);
            (next, left) = (next + taken as u64, left - taken as u64);
            Some(chunk.slice(place, taken))
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
            rows.push(Chunk::new(vec![Vector::from_values::<i32>(values)], *size as usize)).unwrap();
        }
        rows
    }

    fn told(rows: &CursorRows, first: u64, count: u64, backward: bool) -> Vec<Vec<String>> {
        let told =
            |chunk: Chunk| (0..chunk.len()).map(|row| format!("{:?}", chunk.column(0).value(row))).collect();
        rows.pieces(Passed { first, count, backward }).map(told).collect()
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
        assert!(rows.row(9).is_empty() && rows.row(0).is_empty());
    }

    #[test]
    fn what_is_passed_is_forgotten_by_chunks() {
        let mut rows = rows(&[3, 2, 4]);
        rows.forget_before(3);
        assert_eq!(told(&rows, 3, 1, false), named(&[&[3]]));
        rows.forget_before(6);
        assert!(rows.row(5).is_empty());
        assert_eq!((rows.count(), told(&rows, 6, 1, false)), (9, named(&[&[6]])));
        rows.forget_before(10);
        assert_eq!((rows.count(), rows.row(9).len()), (9, 0));
    }
}
