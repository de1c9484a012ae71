//! The fields of one row: where they lie, or what was made of them.

use std::ops::Range;

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Null.
    Null,
    /// As it stands in the reader's buffer.
    Stands(Range<usize>),
    /// What was made of it: without escapes and quotes.
    Made(Range<usize>),
}

/// Those of a row; their memory is kept for the next one.
#[derive(Debug, Default)]
pub struct Fields {
    /// In their order.
    pub list: Vec<Field>,
    /// What was made of some.
    pub made: Vec<u8>,
}

impl Fields {
    /// Forgets them.
    pub fn clear(&mut self) {
        self.list.clear();
        self.made.clear();
    }

    /// The bytes of a field; none if it is null.
    pub fn bytes<'f>(&'f self, place: usize, buffer: &'f [u8]) -> Option<&'f [u8]> {
        match self.list.get(place)? {
            Field::Null => None,
            Field::Stands(range) => buffer.get(range.clone()),
            Field::Made(range) => self.made.get(range.clone()),
        }
    }
}
