//! What can be wrong with a text that is to become a value, with PostgreSQL's words.

use crate::range::RangeError;
use crate::vector::VectorError;
use datetime::DateTimeError;
use diagnostic::{Diagnostic, SqlState};
use json::JsonError;
use numeric::NumericError;
use search::SearchError;
use thiserror::Error;

/// The result of reading a value.
pub type InputResult<T> = Result<T, InputError>;

/// Why a text is no value of a type.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum InputError {
    #[error("invalid input syntax for type {type_name}: \"{text}\"")]
    Syntax { type_name: &'static str, text: String },
    #[error(transparent)]
    Number(#[from] NumericError),
    #[error(transparent)]
    DateTime(#[from] DateTimeError),
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error("invalid input syntax for type bytea")]
    Bytea,
    #[error("value \"{text}\" is out of range for type {type_name}")]
    OutOfRange { type_name: &'static str, text: String },
    #[error("invalid hexadecimal digit: \"{0}\"")]
    HexDigit(String),
    #[error("invalid hexadecimal data: odd number of digits")]
    OddHexDigits,
    #[error("\"{0}\" is not a valid binary digit")]
    BinaryDigit(String),
    #[error("\"{0}\" is not a valid hexadecimal digit")]
    HexadecimalDigit(String),
    #[error("bit string length {length} does not match type bit({expected})")]
    BitLength { length: usize, expected: usize },
    #[error("bit string too long for type bit varying({0})")]
    TooManyBits(usize),
    #[error("value too long for type {0}")]
    TooLong(String),
    #[error("malformed array literal: \"{text}\"")]
    Array { text: String, problem: Option<ArrayProblem> },
    #[error("upper bound cannot be less than lower bound")]
    UpperBound,
    #[error("number of array dimensions ({0}) exceeds the maximum allowed (6)")]
    TooManyDimensions(usize),
    #[error("array size exceeds the maximum allowed (134217727)")]
    ArrayTooBig,
    #[error("array lower bound is too large: {0}")]
    LowerBound(i32),
    #[error("malformed record literal: \"{text}\"")]
    Record { text: String, problem: RecordProblem },
    #[error("malformed {what} literal: \"{text}\"")]
    MalformedRange { what: &'static str, text: String, problem: RangeProblem },
    #[error(transparent)]
    Range(RangeError),
    #[error("invalid octet value in \"macaddr\" value: \"{0}\"")]
    Octet(String),
    #[error("invalid cidr value: \"{0}\"")]
    CidrBits(String),
    #[error("invalid line specification: {0}")]
    Line(&'static str),
    #[error("input of anonymous composite types is not implemented")]
    AnonymousRecord,
    #[error("invalid input value for enum {type_name}: \"{text}\"")]
    EnumLabel { type_name: String, text: String },
    #[error("cannot accept a value of type {0}")]
    Pseudo(String),
    #[error("cannot display a value of type {0}")]
    NotShown(String),
    #[error("type {0} is not supported")]
    Unsupported(String),
    /// No object has the name.
    #[error("{message}")]
    NoObject { state: SqlState, message: String, hint: Option<&'static str> },
    #[error("invalid byte sequence for encoding \"UTF8\": {0}")]
    Encoding(String),
    #[error(transparent)]
    Vector(#[from] VectorError),
    /// A text that would outgrow what a value may be.
    #[error(transparent)]
    OutOfRoom(#[from] diagnostic::OutOfRoom),
}

/// What is wrong with an array's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ArrayProblem {
    #[error("\"[\" must introduce explicitly-specified array dimensions.")]
    Dimension,
    #[error("Missing array dimension value.")]
    DimensionValue,
    #[error("Missing \"{0}\" after array dimensions.")]
    AfterDimensions(char),
    #[error("Array value must start with \"{{\" or dimension information.")]
    Start,
    #[error("Array contents must start with \"{{\".")]
    Contents,
    #[error("Specified array dimensions do not match array contents.")]
    Mismatch,
    #[error("Unexpected end of input.")]
    End,
    #[error("Unexpected \"{0}\" character.")]
    Unexpected(char),
    #[error("Unexpected array element.")]
    Element,
    #[error("Multidimensional arrays must have sub-arrays with matching dimensions.")]
    Ragged,
    #[error("Junk after closing right brace.")]
    Junk,
}

/// What is wrong with a record's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum RecordProblem {
    #[error("Missing left parenthesis.")]
    Start,
    #[error("Unexpected end of input.")]
    End,
    #[error("Too few columns.")]
    Few,
    #[error("Too many columns.")]
    Many,
    #[error("Junk after right parenthesis.")]
    Junk,
}

/// What is wrong with the text of a range or of a set of ranges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum RangeProblem {
    #[error("Missing left parenthesis or bracket.")]
    Begin,
    #[error("Missing comma after lower bound.")]
    Comma,
    #[error("Too many commas.")]
    Commas,
    #[error("Junk after right parenthesis or bracket.")]
    Behind,
    #[error("Junk after \"empty\" key word.")]
    BehindEmpty,
    #[error("Unexpected end of input.")]
    End,
    #[error("Missing left brace.")]
    BeginSet,
    #[error("Expected range start.")]
    RangeBegin,
    #[error("Expected comma or end of multirange.")]
    CommaOrEnd,
    #[error("Junk after closing right brace.")]
    BehindSet,
}

impl Diagnostic for InputError {
    fn sqlstate(&self) -> SqlState {
        match self {
            InputError::Syntax { .. }
            | InputError::Bytea
            | InputError::BinaryDigit(_)
            | InputError::HexadecimalDigit(_)
            | InputError::Array { .. }
            | InputError::Record { .. }
            | InputError::MalformedRange { .. }
            | InputError::Line(_)
            | InputError::CidrBits(_)
            | InputError::EnumLabel { .. } => SqlState::InvalidTextRepresentation,
            InputError::Number(error) => error.sqlstate(),
            InputError::DateTime(error) => error.sqlstate(),
            InputError::Json(error) => error.sqlstate(),
            InputError::Search(error) => error.sqlstate(),
            InputError::Range(error) => error.sqlstate(),
            InputError::OutOfRange { .. } | InputError::Octet(_) => SqlState::NumericValueOutOfRange,
            InputError::HexDigit(_) | InputError::OddHexDigits => SqlState::InvalidParameterValue,
            InputError::BitLength { .. } => SqlState::StringDataLengthMismatch,
            InputError::TooManyBits(_) | InputError::TooLong(_) => SqlState::StringDataRightTruncation,
            InputError::UpperBound => SqlState::ArrayElementError,
            InputError::TooManyDimensions(_) | InputError::ArrayTooBig | InputError::LowerBound(_) => {
                SqlState::ProgramLimitExceeded
            }
            InputError::AnonymousRecord
            | InputError::Pseudo(_)
            | InputError::NotShown(_)
            | InputError::Unsupported(_) => SqlState::FeatureNotSupported,
            InputError::NoObject { state, .. } => *state,
            InputError::Encoding(_) => SqlState::CharacterNotInRepertoire,
            InputError::Vector(error) => error.sqlstate(),
            InputError::OutOfRoom(error) => error.sqlstate(),
        }
    }

    fn context(&self) -> Option<String> {
        if let InputError::Json(error) = self { error.context() } else { None }
    }

    fn detail(&self) -> Option<String> {
        match self {
            InputError::Number(error) => error.detail(),
            InputError::DateTime(error) => error.detail(),
            InputError::Json(error) => error.detail(),
            InputError::Search(error) => error.detail(),
            InputError::Vector(error) => error.detail(),
            InputError::OutOfRoom(error) => error.detail(),
            InputError::Array { problem, .. } => problem.map(|problem| problem.to_string()),
            InputError::Record { problem, .. } => Some(problem.to_string()),
            InputError::MalformedRange { problem, .. } => Some(problem.to_string()),
            InputError::CidrBits(_) => Some("Value has bits set to right of mask.".to_owned()),
            InputError::Range(error) => error.detail(),
            InputError::Syntax { .. }
            | InputError::Line(_)
            | InputError::Octet(_)
            | InputError::Bytea
            | InputError::OutOfRange { .. }
            | InputError::HexDigit(_)
            | InputError::OddHexDigits
            | InputError::BinaryDigit(_)
            | InputError::HexadecimalDigit(_)
            | InputError::BitLength { .. }
            | InputError::TooManyBits(_)
            | InputError::TooLong(_)
            | InputError::UpperBound
            | InputError::TooManyDimensions(_)
            | InputError::ArrayTooBig
            | InputError::LowerBound(_)
            | InputError::AnonymousRecord
            | InputError::EnumLabel { .. }
            | InputError::Pseudo(_)
            | InputError::NotShown(_)
            | InputError::Unsupported(_)
            | InputError::NoObject { .. }
            | InputError::Encoding(_) => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            InputError::Number(error) => error.hint(),
            InputError::DateTime(error) => error.hint(),
            InputError::Json(error) => error.hint(),
            InputError::Search(error) => error.hint(),
            InputError::Vector(error) => error.hint(),
            InputError::Range(error) => error.hint(),
            InputError::NoObject { hint, .. } => hint.map(str::to_owned),
            InputError::Array { .. }
            | InputError::Record { .. }
            | InputError::MalformedRange { .. }
            | InputError::Line(_)
            | InputError::Octet(_)
            | InputError::CidrBits(_)
            | InputError::Syntax { .. }
            | InputError::Bytea
            | InputError::OutOfRange { .. }
            | InputError::HexDigit(_)
            | InputError::OddHexDigits
            | InputError::BinaryDigit(_)
            | InputError::HexadecimalDigit(_)
            | InputError::BitLength { .. }
            | InputError::TooManyBits(_)
            | InputError::TooLong(_)
            | InputError::UpperBound
            | InputError::TooManyDimensions(_)
            | InputError::ArrayTooBig
            | InputError::LowerBound(_)
            | InputError::AnonymousRecord
            | InputError::EnumLabel { .. }
            | InputError::Pseudo(_)
            | InputError::NotShown(_)
            | InputError::Unsupported(_)
            | InputError::Encoding(_)
            | InputError::OutOfRoom(_) => None,
        }
    }
}

impl InputError {
    /// Whether a number is too big or too small.
    pub(crate) fn is_out_of_range(&self) -> bool {
        self.sqlstate() == SqlState::NumericValueOutOfRange
    }

    /// For bytes that are no UTF-8: the first character that is none, as messages show it.
    pub fn encoding(bytes: &[u8], error: &std::str::Utf8Error) -> InputError {
        InputError::encoding_of(&bytes[error.valid_up_to()..])
    }

    /// For bytes that begin with a character that is none.
    pub(crate) fn encoding_of(bytes: &[u8]) -> InputError {
        let length = match bytes.first() {
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            Some(0xf0..=0xf7) => 4,
            Some(_) | None => 1,
        };
        let shown: Vec<String> = bytes.iter().take(length).map(|byte| format!("0x{byte:02x}")).collect();
        InputError::Encoding(shown.join(" "))
    }
}
