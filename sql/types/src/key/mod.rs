//! Keys whose bytes compare as the values do, column after column.
//!
//! What holds for every key:
//! 1. `encode(a) < encode(b)` by bytes exactly if `a < b` by the columns' orders, directions and places of nulls; equal
//!    values have equal keys, so that a unique index need not look at values.
//! 2. No key is the beginning of another of the same columns, so that keys can be followed by anything.
//! 3. What a key does not tell of its values (how many zeros `1.00` shows, whether a zero is negative, whether a day is
//!    24 hours) is in the *rest*, which lies wherever the caller puts it: after the key in an index that decodes its
//!    values, nowhere if it does not. Key and rest together give back every value as it was.
//!
//! | order | bytes |
//! |---|---|
//! | null or not | one byte: 0 and 1 if nulls come first, 2 and 1 if last; none if there are no nulls |
//! | integers, dates, times | big end first, the sign turned; unsigned ones as they are |
//! | floats | the bits, all turned if negative, else the sign; every NaN as the greatest |
//! | `numeric` | what [`crate::Numeric::encode_key`] says |
//! | text, `bytea` | the bytes, 0 as `1 1` and 1 as `1 2`, then 0; `char(n)` without blanks at its end |
//! | `citext` | its small letters like text; the text is in the rest |
//! | bit strings | their bytes like text, then how many bits of the last byte are used |
//! | `interval` | the comparison value in ten bytes |
//! | `timetz` | the moment in Greenwich, then the zone |
//! | `jsonb` | what [`json::jsonb::write_key`] says; the document is in the rest |
//! | enums | the place of the label as a float |
//! | arrays | before each element 2, or 3 for a null; 0; number of dimensions, lengths, lower bounds |
//! | rows | before each column up to the last that is not null 2, or 3 for a null; 4, for all that are left; dropped ones are not there |
//!
//! A descending column has all bytes of its value turned, not the one for null.

mod decode;
mod encode;
mod error;

pub use decode::decode_key;
pub use encode::{encode_item, encode_key};
pub use error::{KeyError, KeyResult};

use crate::vector::Order;

/// Where nulls come in an index column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each says itself what it is
pub enum NullPlace {
    /// The column has none.
    Never,
    First,
    Last,
}

/// One column of a key.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyColumn {
    /// How its values compare.
    pub order: Order,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// Where nulls come.
    pub nulls: NullPlace,
}

const NULL_FIRST: u8 = 0;
const NOT_NULL: u8 = 1;
const NULL_LAST: u8 = 2;

/// Ends of texts and of arrays.
const END: u8 = 0;
const ELEMENT: u8 = 2;
const NULL_ELEMENT: u8 = 3;
/// Stands for all fields of a row that are left, which are null: those come last.
const ROW_END: u8 = 4;

/// What stands before bytes 0 and 1 of a text.
const ESCAPE: u8 = 1;

/// Bytes of an interval's comparison value.
const INTERVAL_BYTES: usize = 10;
