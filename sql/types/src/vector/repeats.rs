//! Values of rows by their numbers in a [`Dictionary`]. It lies beside the values of a [`BytesVector`](super::BytesVector), for whoever
//! does better with each value once.
//!
//! What holds
//! 1. There are as many numbers as rows, and each is one of the dictionary.
//! 2. What a row's number says is the row's value. Two numbers may stand for the same value, and a number for no row.

use super::buffer::Buffer;
use super::bytes::BytesVector;
use super::dictionary::Dictionary;
use super::error::VectorResult;
use super::{Data, Vector};
use std::sync::Arc;

/// Of so many rows one has a value of its own, on the average, or they are not few.
const ROWS_PER_VALUE: usize = 4;

/// Vectors of more lineages are not put together by their numbers.
const LINEAGES_MAX: usize = 16;

/// See the module's text.
#[derive(Debug, Clone)]
pub struct Repeats {
    dictionary: Arc<Dictionary>,
    numbers: Buffer<u16>,
}

impl Repeats {
    /// Which values there are, and the number of each row's.
    ///
    /// # Panics
    /// When a number is none of a value.
    pub fn new(dictionary: Arc<Dictionary>, numbers: Vec<u16>) -> Repeats {
        assert!(
            numbers.iter().all(|number| usize::from(*number) < dictionary.len()),
            "numbers are those of values"
        );
        Repeats { dictionary, numbers: numbers.into() }
    }

    /// Whether the values are few for the rows: to do something with each costs little beside doing it with each row.
    pub fn are_few(&self) -> bool {
        self.dictionary.len().saturating_mul(ROWS_PER_VALUE) <= self.numbers.len()
    }

    /// The values.
    pub fn dictionary(&self) -> &Arc<Dictionary> {
        &self.dictionary
    }

    /// For each row the number of its value.
    pub fn numbers(&self) -> &[u16] {
        &self.numbers
    }

    /// The value of a row.
    #[inline]
    pub fn get(&self, row: usize) -> &[u8] {
        self.dictionary.get(usize::from(self.numbers[row]))
    }

    /// Bytes of all rows' values together.
    pub fn total(&self) -> usize {
        let values = self.dictionary.values().view();
        let length = |number: &u16| values.get(usize::from(*number)).len();
        self.numbers.iter().map(length).fold(0, usize::saturating_add)
    }

    /// How many bytes [`Repeats::expand`] makes of texts; values of fixed width weigh nothing.
    pub fn bytes_for_rows(&self, made: &Vector) -> usize {
        let Some(values) = made.bytes().filter(|_| !made.is_constant()) else { return 0 };
        let length = |number: &u16| values.get(usize::from(*number)).len();
        self.numbers.iter().map(length).fold(0, usize::saturating_add)
    }

    /// Those of a stretch of the rows.
    pub(super) fn slice(&self, start: usize, length: usize) -> Repeats {
        Repeats { dictionary: Arc::clone(&self.dictionary), numbers: self.numbers.slice(start, length) }
    }

    /// Those of rows by their places.
    pub(super) fn gather(&self, rows: &[u32]) -> Repeats {
        let numbers: Vec<u16> = rows.iter().map(|row| self.numbers[*row as usize]).collect();
        Repeats { dictionary: Arc::clone(&self.dictionary), numbers: numbers.into() }
    }

    /// For each row what `made` has in place of its value: `made` has one for each value, and `texts` are these, if they are texts.
    pub fn expand(&self, made: &Vector, texts: Option<&Arc<Dictionary>>) -> VectorResult<Vector> {
        debug_assert_eq!(made.len(), self.dictionary.len());
        if let (Data::Bool(values), None, false) = (&made.data, &made.nulls, made.constant) {
            let rows = self.numbers.iter().map(|number| values[usize::from(*number)]).collect();
            return Ok(Vector::from_values::<bool>(rows));
        }
        if let (Data::Bytes(_), None, Some(texts)) =
            (&made.data, &made.nulls, texts.filter(|_| !made.constant))
        {
            let rows = Repeats { dictionary: Arc::clone(texts), numbers: self.numbers.clone() };
            return Ok(Vector::new(Data::Bytes(BytesVector::of_numbers(rows)?), None));
        }
        let places: Vec<u32> = self.numbers.iter().map(|number| u32::from(*number)).collect();
        made.gather(&places)
    }

    /// Those of vectors one after the other; `None` where one has none, or where there are too many values. Rows of a vector that is
    /// null all over get any number.
    pub(super) fn concat(vectors: &[&Vector]) -> Option<Repeats> {
        let is_nothing = |vector: &Vector| vector.constant && (vector.length == 0 || vector.is_null(0));
        let mut lineages: Vec<Arc<Dictionary>> = Vec::new();
        let mut rows = 0;
        for vector in vectors {
            rows += vector.length;
            if is_nothing(vector) {
                continue;
            }
            let own = &vector.bytes().filter(|_| !vector.constant)?.numbered()?.dictionary;
            match lineages.iter_mut().find(|known| known.is_of_lineage(own)) {
                Some(known) if known.len() < own.len() => *known = Arc::clone(own),
                Some(_) => {}
                None => lineages.push(Arc::clone(own)),
            }
            if lineages.len() > LINEAGES_MAX {
                return None;
            }
        }
        let first = lineages.first().filter(|first| !first.is_empty())?;
        let (dictionary, places) = match lineages.len() {
            1 => (Arc::clone(first), Vec::new()),
            _ => Dictionary::joined(&lineages, rows / ROWS_PER_VALUE)?,
        };
        let mut numbers: Vec<u16> = Vec::with_capacity(rows);
        for vector in vectors {
            let Some(own) = vector.bytes().filter(|_| !is_nothing(vector)).and_then(BytesVector::numbered)
            else {
                numbers.resize(numbers.len() + vector.length, 0);
                continue;
            };
            // The first keeps its numbers.
            let lineage = lineages.iter().position(|known| known.is_of_lineage(&own.dictionary));
            match lineage.and_then(|lineage| places.get(lineage.checked_sub(1)?)) {
                None => numbers.extend_from_slice(&own.numbers),
                Some(places) => numbers.extend(own.numbers.iter().map(|number| places[usize::from(*number)])),
            }
        }
        Some(Repeats { dictionary, numbers: numbers.into() })
    }
}
