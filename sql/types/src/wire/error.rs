//! What can be wrong with bytes from a client that are to become a value, with PostgreSQL's words.

use crate::encoding::EncodingError;
use crate::range::RangeError;
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
    #[error("identifier too long")]
    LongName,
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
    #[error("no data left in message")]
    NoData,
    #[error("invalid message format")]
    Message,
    #[error("{problem} in external \"{of}\" value")]
    External { problem: &'static str, of: &'static str },
    #[error("invalid external \"cidr\" value")]
    Host,
    #[error("invalid line specification: A and B cannot both be zero")]
    Line,
    #[error("no binary {direction} function available for type {of}")]
    NoForm { direction: &'static str, of: String },
    #[error(transparent)]
    Range(#[from] RangeError),
    #[error(transparent)]
    Search(#[from] search::wire::WireError),
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    #[error("unsupported jsonpath version number: {0}")]
    PathVersion(u8),
    #[error(transparent)]
    Input(#[from] InputError),
}

impl Diagnostic for WireError {
    fn sqlstate(&self) -> SqlState {
        match self {
            WireError::Insufficient | WireError::NoData | WireError::Message => SqlState::ProtocolViolation,
            WireError::Leftover
            | WireError::Dimensions(_)
            | WireError::Flags
            | WireError::ElementLength(_)
            | WireError::ColumnLength(_)
            | WireError::External { .. }
            | WireError::Host
            | WireError::Line
            | WireError::BitLength => SqlState::InvalidBinaryRepresentation,
            WireError::Element { .. } | WireError::Columns { .. } | WireError::Column { .. } => {
                SqlState::DatatypeMismatch
            }
            WireError::NoForm { .. } => SqlState::UndefinedFunction,
            WireError::LongName => SqlState::NameTooLong,
            WireError::Range(error) => error.sqlstate(),
            WireError::Search(error) => error.sqlstate(),
            WireError::Encoding(error) => error.sqlstate(),
            WireError::PathVersion(_) => SqlState::InternalError,
            WireError::Input(error) => error.sqlstate(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            WireError::Input(error) => error.detail(),
            WireError::LongName => Some("Identifier must be less than 64 characters.".to_owned()),
            WireError::Host => Some("Value has bits set to right of mask.".to_owned()),
            _ => None,
        }
    }

    fn hint(&self) -> Option<String> {
        if let WireError::Input(error) = self { error.hint() } else { None }
    }
}

impl From<NumericError> for WireError {
    fn from(error: NumericError) -> WireError {
        match error {
            NumericError::Wire(numeric::WireProblem::TooLong) => WireError::Leftover,
            error => WireError::Input(error.into()),
        }
    }
}

impl From<DateTimeError> for WireError {
    fn from(error: DateTimeError) -> WireError {
        match error {
            DateTimeError::Wire(datetime::WireError::TooLong) => WireError::Leftover,
            error => WireError::Input(error.into()),
        }
    }
}

impl From<JsonError> for WireError {
    fn from(error: JsonError) -> WireError {
        WireError::Input(error.into())
    }
}
