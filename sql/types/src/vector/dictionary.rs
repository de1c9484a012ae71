//! Values that rows tell by their numbers. Many vectors share one, and it may grow: then the vectors that come later have a longer one
//! of the same lineage, whose beginning the shorter one is. So what was found out of the values by their numbers holds for all of a
//! lineage.
//!
//! What holds
//! 1. Of two dictionaries of one lineage one is the beginning of the other.

use super::bytes::{BytesBuilder, BytesVector};
use super::{Data, Vector};
use env::hash::HashMap;
use std::sync::Arc;

/// So many values have numbers.
pub const NUMBERS: usize = 1 << u16::BITS;

/// See the module's text. No value is null; a value may have two numbers.
#[derive(Debug)]
pub struct Dictionary {
    values: BytesVector,
    lineage: Arc<()>,
}

impl Dictionary {
    /// One of a lineage of its own.
    pub fn new(values: BytesVector) -> Dictionary {
        Dictionary { values, lineage: Arc::new(()) }
    }

    /// The same with more values behind those of this one. Whoever grows one must be the only one who ever does, of all that are
    /// of its lineage.
    #[must_use]
    pub fn grown(&self, values: BytesVector) -> Dictionary {
        debug_assert!(
            values.len() >= self.len()
                && (0..self.len()).all(|number| values.get(number) == self.get(number))
        );
        Dictionary { values, lineage: Arc::clone(&self.lineage) }
    }

    /// Whether one of both is the beginning of the other.
    pub fn is_of_lineage(&self, other: &Dictionary) -> bool {
        Arc::ptr_eq(&self.lineage, &other.lineage)
    }

    /// The values.
    pub fn values(&self) -> &BytesVector {
        &self.values
    }

    /// The values as a vector; none is null.
    pub fn vector(&self) -> Vector {
        Vector::new(Data::Bytes(self.values.clone()), None)
    }

    /// The value of a number.
    #[inline]
    pub fn get(&self, number: usize) -> &[u8] {
        self.values.get(number)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that the values take, roughly; all vectors share them.
    pub fn bytes(&self) -> usize {
        self.values.total() + self.len() * size_of::<u32>()
    }

    /// One with the values of several, each once, those of the first in their places; and for each of the others where its values
    /// are. `None` if there are more values than `limit`, or than there are numbers.
    pub(super) fn joined(all: &[Arc<Dictionary>], limit: usize) -> Option<(Arc<Dictionary>, Vec<Vec<u16>>)> {
        let (first, others) = all.split_first()?;
        let limit = limit.min(NUMBERS);
        if first.len() > limit {
            return None;
        }
        let mut known: HashMap<&[u8], u16> = HashMap::default();
        known.extend(first.values.iter().zip(0..));
        let (mut values, mut places) = (BytesBuilder::default(), Vec::with_capacity(others.len()));
        values.append(&first.values).ok()?;
        for other in others {
            let mut own = Vec::with_capacity(other.len());
            for value in other.values.iter() {
                own.push(match known.get(value) {
                    Some(number) => *number,
                    None if values.len() >= limit => return None,
                    None => {
                        let number = u16::try_from(values.len()).ok()?;
                        values.push(value).ok()?;
                        known.insert(value, number);
                        number
                    }
                });
            }
            places.push(own);
        }
        let is_new = values.len() > first.len();
        let joined = if is_new { Arc::new(Dictionary::new(values.finish())) } else { Arc::clone(first) };
        Some((joined, places))
    }
}
