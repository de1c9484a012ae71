//! Few values of many rows: each once, and for each row which of them it is. It lies beside the values of a [`BytesVector`], for whoever
//! does better with each value once.
//!
//! What holds
//! 1. There are as many numbers as rows, and each is below the number of values.
//! 2. What a row's number says is the row's value. Two numbers may stand for the same value, and a number for no row.

use super::buffer::Buffer;
use super::bytes::BytesVector;
use super::error::VectorResult;
use super::{Data, Vector};
use std::sync::Arc;

/// Of so many rows one has a value of its own, on the average, or it is not worth it.
const ROWS_PER_VALUE: usize = 4;

/// See the module's text.
#[derive(Debug, Clone)]
pub struct Repeats {
    values: Arc<BytesVector>,
    numbers: Buffer<u16>,
}

impl Repeats {
    /// Which values there are, and the number of each row's; `None` if they are too many for the rows.
    ///
    /// # Panics
    /// When a number is none of a value.
    pub fn new(values: Arc<BytesVector>, numbers: Vec<u16>) -> Option<Repeats> {
        assert!(
            numbers.iter().all(|number| usize::from(*number) < values.len()),
            "numbers are those of values"
        );
        Repeats::are_few(values.len(), numbers.len()).then(|| Repeats { values, numbers: numbers.into() })
    }

    /// Whether so many values are few for so many rows.
    pub fn are_few(values: usize, rows: usize) -> bool {
        values.saturating_mul(ROWS_PER_VALUE) <= rows
    }

    /// The values.
    pub fn values(&self) -> &BytesVector {
        &self.values
    }

    /// The values as a vector; none is null.
    pub fn vector(&self) -> Vector {
        Vector::new(Data::Bytes(BytesVector::clone(&self.values)), None)
    }

    /// For each row the number of its value.
    pub fn numbers(&self) -> &[u16] {
        &self.numbers
    }

    /// Bytes that the values take, roughly; all slices share them.
    pub fn shared_bytes(&self) -> usize {
        self.values.total() + self.values.len() * size_of::<u32>()
    }

    /// How many bytes [`Repeats::expand`] makes of texts; values of fixed width weigh nothing.
    pub fn bytes_for_rows(&self, made: &Vector) -> usize {
        let Some(values) = made.bytes().filter(|_| !made.is_constant()) else { return 0 };
        let length = |number: &u16| values.get(usize::from(*number)).len();
        self.numbers.iter().map(length).fold(0, usize::saturating_add)
    }

    /// Those of a stretch of the rows, if they are still few.
    pub(super) fn slice(&self, start: usize, length: usize) -> Option<Repeats> {
        let numbers = self.numbers.slice(start, length);
        Repeats::are_few(self.values.len(), numbers.len())
            .then(|| Repeats { values: Arc::clone(&self.values), numbers })
    }

    /// Those of rows by their places, if they are still few.
    pub(super) fn gather(&self, rows: &[u32]) -> Option<Repeats> {
        if !Repeats::are_few(self.values.len(), rows.len()) {
            return None;
        }
        let numbers: Vec<u16> = rows.iter().map(|row| self.numbers[*row as usize]).collect();
        Some(Repeats { values: Arc::clone(&self.values), numbers: numbers.into() })
    }

    /// For each row what `made` has in place of its value: `made` has one for each value.
    pub fn expand(&self, made: &Vector) -> VectorResult<Vector> {
        debug_assert_eq!(made.len(), self.values.len());
        if let (Data::Bool(values), None, false) = (&made.data, &made.nulls, made.constant) {
            let rows = self.numbers.iter().map(|number| values[usize::from(*number)]).collect();
            return Ok(Vector::from_values::<bool>(rows));
        }
        let places: Vec<u32> = self.numbers.iter().map(|number| u32::from(*number)).collect();
        let mut rows = made.gather(&places)?;
        if !rows.is_constant()
            && let (Data::Bytes(bytes), Data::Bytes(values)) = (&mut rows.data, &made.data)
        {
            bytes.repeats = Some(Repeats { values: Arc::new(values.clone()), numbers: self.numbers.clone() });
        }
        Ok(rows)
    }
}
