//! What operations on arrays refuse, with PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of an operation on arrays.
pub type ArrayResult<T> = Result<T, ArrayError>;

/// Why an operation on arrays is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ArrayError {
    #[error("cannot concatenate incompatible arrays")]
    Incompatible(Incompatible),
    #[error("argument must be empty or one-dimensional array")]
    NotOneDimensional,
    #[error("integer out of range")]
    OutOfRange,
    #[error("removing elements from multidimensional arrays is not supported")]
    RemoveMultidimensional,
    #[error("searching for elements in multidimensional arrays is not supported")]
    SearchMultidimensional,
    #[error("dimension array or low bound array cannot be null")]
    NullBounds,
    #[error("dimension values cannot be null")]
    NullBound,
    #[error("wrong number of array subscripts")]
    Subscripts(&'static str),
    #[error("number of elements to trim must be between 0 and {0}")]
    Trim(i32),
    #[error("array size exceeds the maximum allowed (134217727)")]
    TooBig,
    #[error("number of array dimensions ({0}) exceeds the maximum allowed (6)")]
    TooManyDimensions(usize),
    #[error("array lower bound is too large: {0}")]
    LowerBound(i32),
    #[error("initial position must not be null")]
    NullPosition,
}

/// Why two arrays do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum Incompatible {
    #[error("Arrays of {0} and {1} dimensions are not compatible for concatenation.")]
    Counts(usize, usize),
    #[error("Arrays with differing element dimensions are not compatible for concatenation.")]
    Elements,
    #[error("Arrays with differing dimensions are not compatible for concatenation.")]
    Lengths,
}

impl Diagnostic for ArrayError {
    fn sqlstate(&self) -> SqlState {
        match self {
            ArrayError::Incompatible(_) | ArrayError::Subscripts(_) | ArrayError::Trim(_) => {
                SqlState::ArrayElementError
            }
            ArrayError::NotOneDimensional => SqlState::DataException,
            ArrayError::OutOfRange => SqlState::NumericValueOutOfRange,
            ArrayError::RemoveMultidimensional | ArrayError::SearchMultidimensional => {
                SqlState::FeatureNotSupported
            }
            ArrayError::NullBounds | ArrayError::NullBound | ArrayError::NullPosition => {
                SqlState::NullValueNotAllowed
            }
            ArrayError::TooBig | ArrayError::TooManyDimensions(_) | ArrayError::LowerBound(_) => {
                SqlState::ProgramLimitExceeded
            }
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            ArrayError::Incompatible(why) => Some(why.to_string()),
            ArrayError::Subscripts(detail) => Some((*detail).to_owned()),
            ArrayError::NotOneDimensional
            | ArrayError::OutOfRange
            | ArrayError::RemoveMultidimensional
            | ArrayError::SearchMultidimensional
            | ArrayError::NullBounds
            | ArrayError::NullBound
            | ArrayError::Trim(_)
            | ArrayError::TooBig
            | ArrayError::TooManyDimensions(_)
            | ArrayError::LowerBound(_)
            | ArrayError::NullPosition => None,
        }
    }
}
