//! Arrays: one self-contained run of bytes whose elements can be addressed without decoding the others.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | number of dimensions, 0 for the empty array, at most 6 |
//! | 1 | kind of the elements |
//! | 1 | 1 if any element is null, else 0 |
//! | 1 | 0 |
//! | 4 | type of the elements |
//! | 8 each | length and lower bound of each dimension |
//! | 1 for 8 | bitmap of nulls, if any is |
//! | | fixed kinds: the elements; others: where each ends, 4 bytes each, then the elements |

mod error;
mod input;
mod output;
mod place;
mod search;
mod shape;
mod view;

pub use error::{ArrayError, ArrayResult, Incompatible};
pub use input::ELEMENTS_MAX;
pub(crate) use input::{array_input, checked_count, vector_input};
pub(crate) use output::{array_output, vector_output};
pub use place::{overwrite, replaced};
pub use search::{
    contains, dimension, dimensions_text, join_text, overlaps, position, positions, remove, replace,
    split_text,
};
pub use shape::{add_element, concatenate, fill, slice, subscript, trim};
pub use view::{ArrayBuilder, ArrayView, DIMENSIONS_MAX, Dimension};
