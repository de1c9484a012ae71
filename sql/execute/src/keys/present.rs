//! Which whole numbers are among keys: a bit for each, to leave out early what a join would not find.
//!
//! It may take a number for present that is not; never the other way round.

use std::ops::Range;
use types::Vector;
use types::vector::Data;

/// How many bits there may be for each key where each number between the least and the greatest has its own; otherwise numbers
/// share bits by their hashes.
const BITS_PER_KEY: u64 = 64;
/// The same where numbers share them.
const SHARED_BITS_PER_KEY: usize = 16;
const BITS_MIN: u64 = 1 << 12;
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The numbers.
#[derive(Debug)]
pub struct Present {
    bits: Vec<u64>,
    place: Place,
}

/// Which bit is whose.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// Of the number that is so much greater than the least.
    Own { least: i64 },
    /// Of all whose hashes begin so; how far those are to be shifted.
    Shared { shift: u32 },
}

impl Place {
    #[inline]
    fn of(self, value: i64) -> u64 {
        match self {
            Place::Own { least } => value.wrapping_sub(least).cast_unsigned(),
            Place::Shared { shift } => value.cast_unsigned().wrapping_mul(MULTIPLIER) >> shift,
        }
    }
}

/// Calls something with the numbers of a vector: also those below nulls.
macro_rules! each_number {
    ($vector:expr, $numbers:ident => $do:expr) => {
        match $vector.data() {
            types::vector::Data::Int16(values) => {
                let $numbers = values.iter().map(|value| i64::from(*value));
                Some($do)
            }
            types::vector::Data::Int32(values) => {
                let $numbers = values.iter().map(|value| i64::from(*value));
                Some($do)
            }
            types::vector::Data::Int64(values) => {
                let $numbers = values.iter().copied();
                Some($do)
            }
            types::vector::Data::Bool(_)
            | types::vector::Data::Float32(_)
            | types::vector::Data::Float64(_)
            | types::vector::Data::Numeric(_)
            | types::vector::Data::Bytes(_)
            | types::vector::Data::Interval(_)
            | types::vector::Data::TimeTz(_)
            | types::vector::Data::Uuid(_) => None,
        }
    };
}

pub(crate) use each_number;

impl Present {
    /// Those of a vector; `None` if it has no whole numbers.
    pub fn new(keys: &Vector) -> Option<Present> {
        let (least, greatest, count) = each_number!(keys, numbers => {
            let count = numbers.len();
            let bounds = numbers.fold((i64::MAX, i64::MIN), |(least, greatest), number| {
                (least.min(number), greatest.max(number))
            });
            (bounds.0, bounds.1, count)
        })?;
        if count == 0 {
            return None;
        }
        let span = greatest.wrapping_sub(least).cast_unsigned();
        let (place, bits) = if span < (count as u64).saturating_mul(BITS_PER_KEY).max(BITS_MIN) {
            (Place::Own { least }, span as usize + 1)
        } else {
            let bits = (count * SHARED_BITS_PER_KEY).next_power_of_two().max(BITS_MIN as usize);
            (Place::Shared { shift: 64 - bits.trailing_zeros() }, bits)
        };
        let mut present = Present { bits: vec![0; bits.div_ceil(64)], place };
        each_number!(keys, numbers => numbers.for_each(|number| present.note(number)));
        Some(present)
    }

    /// Bytes that it takes.
    pub fn size(&self) -> usize {
        self.bits.len() * 8
    }

    fn note(&mut self, number: i64) {
        let bit = self.place.of(number);
        if let Some(word) = self.bits.get_mut((bit / 64) as usize) {
            *word |= 1 << (bit % 64);
        }
    }

    /// The rows of a column whose numbers may be present, a null's among them or not; `None` if nothing can be told of it.
    pub fn select(&self, column: &Vector) -> Option<Vec<u32>> {
        let mut rows = Vec::new();
        self.select_some(column, 0..column.len(), 0, &mut rows).then_some(rows)
    }

    /// Appends those of some rows of a column, of which the first has the number `first`; `false` if nothing can be told of them.
    pub fn select_some(
        &self,
        column: &Vector,
        rows: Range<usize>,
        first: u32,
        chosen: &mut Vec<u32>,
    ) -> bool {
        if column.is_constant() {
            return false;
        }
        // A loop for each kind of place, with nothing to decide within.
        let found = match self.place {
            Place::Own { least } => {
                self.select_by(column, rows, first, chosen, |number| (Place::Own { least }).of(number))
            }
            Place::Shared { shift } => {
                self.select_by(column, rows, first, chosen, |number| (Place::Shared { shift }).of(number))
            }
        };
        found.is_some()
    }

    /// The same of rows that are told by their places behind one of them: the number of each among these is appended, that of the
    /// first being `first`.
    pub fn select_of(
        &self,
        column: &Vector,
        (start, rows): (usize, &[u32]),
        first: u32,
        chosen: &mut Vec<u32>,
    ) -> bool {
        if column.is_constant() {
            return false;
        }
        let place = self.place;
        let mut test = |row: u32, number: i64| {
            let bit = place.of(number);
            let word = self.bits.get((bit / 64) as usize).copied().unwrap_or(0);
            if word >> (bit % 64) & 1 == 1 {
                chosen.push(row);
            }
        };
        let numbered = || (first..).zip(rows.iter().map(|row| start + *row as usize));
        match column.data() {
            Data::Int16(values) => numbered().for_each(|(row, at)| test(row, i64::from(values[at]))),
            Data::Int32(values) => numbered().for_each(|(row, at)| test(row, i64::from(values[at]))),
            Data::Int64(values) => numbered().for_each(|(row, at)| test(row, values[at])),
            Data::Bool(_)
            | Data::Float32(_)
            | Data::Float64(_)
            | Data::Numeric(_)
            | Data::Bytes(_)
            | Data::Interval(_)
            | Data::TimeTz(_)
            | Data::Uuid(_) => return false,
        }
        true
    }

    fn select_by(
        &self,
        column: &Vector,
        rows: Range<usize>,
        first: u32,
        chosen: &mut Vec<u32>,
        place: impl Fn(i64) -> u64,
    ) -> Option<()> {
        let before = chosen.len();
        chosen.resize(before + rows.len(), 0);
        // Every row is written and only one that is present moves the place on: no branch to mispredict.
        let (own, mut found) = (&mut chosen[before..], 0);
        each_number!(column, numbers => {
            for (number, row) in numbers.skip(rows.start).take(rows.len()).zip(first..) {
                let bit = place(number);
                let word = self.bits.get((bit / 64) as usize).copied().unwrap_or(0);
                own[found] = row;
                found += (word >> (bit % 64) & 1) as usize;
            }
        })?;
        chosen.truncate(before + found);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::Present;
    use types::Vector;

    #[test]
    fn what_is_there_is_found() {
        for keys in
            [vec![7_i64, -3, 100, 7], vec![i64::MIN, 0, i64::MAX], (0..5000).map(|n| n * 1_000_003).collect()]
        {
            let present = Present::new(&Vector::from_values(keys.clone())).unwrap();
            let found = present.select(&Vector::from_values(keys.clone())).unwrap();
            assert_eq!(found.len(), keys.len());
        }
    }

    #[test]
    fn some_rows_are_told_by_their_places() {
        let present = Present::new(&Vector::from_values::<i32>(vec![10, 20])).unwrap();
        let column = Vector::from_values::<i32>(vec![20, 0, 10, 7, 20, 10]);
        let mut found = vec![1];
        assert!(present.select_of(&column, (1, &[0, 1, 3, 4]), 5, &mut found));
        assert_eq!(found, [1, 6, 7, 8]);
        let constant = Vector::from_values::<i32>(vec![10]).repeat(0, 3);
        assert!(!present.select_of(&constant, (0, &[1]), 0, &mut found));
    }

    #[test]
    fn nearly_all_else_is_not() {
        let dense = Present::new(&Vector::from_values::<i32>((0..1000).map(|n| n * 2).collect())).unwrap();
        let all = Vector::from_values::<i32>((-500..2500).collect());
        assert_eq!(dense.select(&all).unwrap().len(), 1000);
        let far =
            Present::new(&Vector::from_values::<i64>((0..1000).map(|n| n * 1_000_003).collect())).unwrap();
        let others = Vector::from_values::<i64>((0..100_000).map(|n| n * 777 + 1).collect());
        assert!(far.select(&others).unwrap().len() < 10_000);
    }
}
