//! What can be wrong with bytes from a client that are to become a value, with PostgreSQL's words.

use crate::text::InputError;
use datetime::DateTimeError;
use diagnostic::{Diagnostic, SqlState};
use json::JsonError;
use numeric::NumericError;
use thiserror::Error;

/// The result of reading or writing binary values.
pub type WireResult<T> = Result<T, WireError>;

/// Why bytes are no value of a type.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum WireError {
    #[error("insufficient data left in message")]
    Insufficient,
    #[error("incorrect binary data format")]
    Leftover,
    #[error("invalid number of dimensions: {0}")]
    Dimensions(i32),
    #[error("invalid array flags")]
    Flags,
    #[error(
        "binary data has array element type {found} ({found_name}) instead of expected {expected} ({expected_name})"
    )]
    Element { found: u32, found_name: String, expected: u32, expected_name: String },
    #[error("improper binary format in array element {0}")]
    ElementLength(usize),
    #[error("wrong number of columns: {found}, expected {expected}")]
    Columns { found: i32, expected: usize },
    #[error(
        "binary data has type {found} ({found_name}) instead of expected {expected} ({expected_name}) in record column {column}"
    )]
    Column { found: u32, found_name: String, expected: u32, expected_name: String, column: usize },
    #[error("improper binary format in record column {0}")]
    ColumnLength(usize),
    #[error("invalid length in external bit string")]
    BitLength,
    #[error("unsupported jsonpath version number: {0}")]
    PathVersion(u8),
    #[error(transparent)]
    Input(#[from] InputError),
}

impl Diagnostic for WireError {
    fn sqlstate(&self) -> SqlState {
        match self {
            WireError::Insufficient => SqlState::ProtocolViolation,
            WireError::Leftover
            | WireError::Dimensions(_)
            | WireError::Flags
            | WireError::ElementLength(_)
            | WireError::ColumnLength(_)
            | WireError::BitLength => SqlState::InvalidBinaryRepresentation,
            WireError::Element { .. } | WireError::Columns { .. } | WireError::Column { .. } => {
                SqlState::DatatypeMismatch
            }
            WireError::PathVersion(_) => SqlState::InternalError,
            WireError::Input(error) => error.sqlstate(),
        }
    }

    fn detail(&self) -> Option<String> {
        if let WireError::Input(error) = self { error.detail() } else { None }
    }

    fn hint(&self) -> Option<String> {
        if let WireError::Input(error) = self { error.hint() } else { None }
    }
}

impl From<NumericError> for WireError {
    fn from(error: NumericError) -> WireError {
        WireError::Input(error.into())
    }
}

impl From<DateTimeError> for WireError {
    fn from(error: DateTimeError) -> WireError {
        WireError::Input(error.into())
    }
}

impl From<JsonError> for WireError {
    fn from(error: JsonError) -> WireError {
        WireError::Input(error.into())
    }
}
