//! What can be wrong with a document, with what is asked of it, or with a path: PostgreSQL's texts and SQLSTATEs.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of everything here that can fail.
pub type JsonResult<T> = Result<T, JsonError>;

/// Why a document, an operation or a path is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonError {
    /// A text that is no JSON.
    #[error("{}", .0.problem.message())]
    Text(Box<TextError>),
    /// Nesting beyond what this crate follows.
    #[error("stack depth limit exceeded")]
    TooDeep,
    /// A text that would outgrow what a value may be.
    #[error(transparent)]
    OutOfRoom(#[from] diagnostic::OutOfRoom),
    /// Something outgrows the form.
    #[error("{0}")]
    TooLarge(#[from] TooLarge),
    /// A number that `numeric` cannot hold.
    #[error("value overflows numeric format")]
    NumericOverflow,
    /// A divisor of zero.
    #[error("division by zero")]
    DivisionByZero,
    /// An operation on a document of the wrong kind.
    #[error("{0}")]
    Operation(OperationError),
    /// A text that is no path.
    #[error("{0}")]
    PathSyntax(PathSyntaxError),
    /// A path that fails on a document.
    #[error("{0}")]
    Path(PathError),
    /// A regular expression that is none.
    #[error("invalid regular expression: {0}")]
    Regex(&'static str),
    /// Bytes from a client that are no `jsonb`.
    #[error("unsupported jsonb version number {0}")]
    WireVersion(u8),
    /// A message from a client that ends too early.
    #[error("insufficient data left in message")]
    WireShort,
    /// Bytes from a client that are no UTF-8.
    #[error("invalid byte sequence for encoding \"UTF8\": {0}")]
    Encoding(String),
}

/// Where and why a text is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError {
    /// What was found.
    pub problem: TextProblem,
    /// The line, from one.
    pub line: u32,
    /// That line up to the problem, shortened.
    pub excerpt: String,
}

/// What a text has instead of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // `detail` says of each what it is
pub enum TextProblem {
    InvalidToken(String),
    InvalidEscape(String),
    UnescapedControl(u8),
    UnicodeDigits,
    HighSurrogateTwice,
    LowSurrogateAlone,
    Zero,
    EndedEarly,
    Expected { what: Expected, found: String },
}

/// What the grammar expects at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // `text` says of each what it is
pub enum Expected {
    Value,
    End,
    FirstElement,
    NextElement,
    FirstField,
    NextField,
    FieldName,
    Colon,
}

impl Expected {
    fn text(self) -> &'static str {
        match self {
            Expected::Value => "JSON value",
            Expected::End => "end of input",
            Expected::FirstElement => "array element or \"]\"",
            Expected::NextElement => "\",\" or \"]\"",
            Expected::FirstField => "string or \"}\"",
            Expected::NextField => "\",\" or \"}\"",
            Expected::FieldName => "string",
            Expected::Colon => "\":\"",
        }
    }
}

impl TextProblem {
    fn message(&self) -> &'static str {
        match self.sqlstate() {
            SqlState::UntranslatableCharacter => "unsupported Unicode escape sequence",
            _ => "invalid input syntax for type json",
        }
    }

    fn sqlstate(&self) -> SqlState {
        match self {
            TextProblem::Zero => SqlState::UntranslatableCharacter,
            TextProblem::InvalidToken(_)
            | TextProblem::InvalidEscape(_)
            | TextProblem::UnescapedControl(_)
            | TextProblem::UnicodeDigits
            | TextProblem::HighSurrogateTwice
            | TextProblem::LowSurrogateAlone
            | TextProblem::EndedEarly
            | TextProblem::Expected { .. } => SqlState::InvalidTextRepresentation,
        }
    }

    /// PostgreSQL's DETAIL.
    pub fn detail(&self) -> String {
        match self {
            TextProblem::InvalidToken(token) => format!("Token \"{token}\" is invalid."),
            TextProblem::InvalidEscape(escape) => format!("Escape sequence \"\\{escape}\" is invalid."),
            TextProblem::UnescapedControl(byte) => {
                format!("Character with value 0x{byte:02x} must be escaped.")
            }
            TextProblem::UnicodeDigits => "\"\\u\" must be followed by four hexadecimal digits.".to_owned(),
            TextProblem::HighSurrogateTwice => {
                "Unicode high surrogate must not follow a high surrogate.".to_owned()
            }
            TextProblem::LowSurrogateAlone => {
                "Unicode low surrogate must follow a high surrogate.".to_owned()
            }
            TextProblem::Zero => "\\u0000 cannot be converted to text.".to_owned(),
            TextProblem::EndedEarly => "The input string ended unexpectedly.".to_owned(),
            TextProblem::Expected { what, found } => {
                format!("Expected {}, but found \"{found}\".", what.text())
            }
        }
    }
}

/// Limits of the binary form, which are PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum TooLarge {
    #[error("string too long to represent as jsonb string")]
    String,
    #[error("number of jsonb object pairs exceeds the maximum allowed ({max})", max = crate::jsonb::MAX_PAIRS)]
    Pairs,
    #[error("number of jsonb array elements exceeds the maximum allowed ({max})", max = crate::jsonb::MAX_ELEMENTS)]
    Elements,
    #[error("total size of jsonb array elements exceeds the maximum of {max} bytes", max = crate::jsonb::MAX_SIZE)]
    Array,
    #[error("total size of jsonb object elements exceeds the maximum of {max} bytes", max = crate::jsonb::MAX_SIZE)]
    Object,
}

/// An operation on a document of the wrong kind, or with an argument that it cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum OperationError {
    #[error("cannot get array length of a scalar")]
    LengthOfScalar,
    #[error("cannot get array length of a non-array")]
    LengthOfObject,
    #[error("cannot call {0} on a scalar")]
    CallOnScalar(&'static str),
    #[error("cannot call {0} on an array")]
    CallOnArray(&'static str),
    #[error("cannot call {0} on a non-array")]
    CallOnObject(&'static str),
    #[error("cannot call {0} on a non-object")]
    CallOnNonObject(&'static str),
    #[error("cannot deconstruct a scalar")]
    DeconstructScalar,
    #[error("cannot deconstruct an array as an object")]
    DeconstructArray,
    #[error("cannot extract elements from a scalar")]
    ElementsOfScalar,
    #[error("cannot extract elements from an object")]
    ElementsOfObject,
    #[error("cannot delete from scalar")]
    DeleteFromScalar,
    #[error("cannot delete from object using integer index")]
    DeleteIndexFromObject,
    #[error("cannot delete path in scalar")]
    DeletePathInScalar,
    #[error("cannot set path in scalar")]
    SetPathInScalar,
    #[error("path element at position {0} is null")]
    PathElementNull(usize),
    #[error("path element at position {position} is not an integer: \"{text}\"")]
    PathElementNotInteger { position: usize, text: String },
    #[error("path element at position {position} is out of range: {index}")]
    PathElementOutOfRange { position: usize, index: i32 },
    /// `jsonb_insert` on a key that is there.
    #[error("cannot replace existing key")]
    KeyExists,
    /// A subscript below a scalar.
    #[error("cannot replace existing key")]
    ScalarOnPath,
    #[error("JSON value must not be null")]
    NullValue,
    #[error(
        "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\""
    )]
    NullTreatment,
    #[error("argument list must have even number of elements")]
    OddArguments(&'static str),
    #[error("argument {0} cannot be null")]
    NullKeyArgument(usize),
    /// `jsonb_build_object`'s way to say so.
    #[error("argument {0}: key must not be null")]
    NullKeyBinary(usize),
    #[error("key value must be scalar, not array, composite, or json")]
    KeyNotScalar,
    #[error("array must have even number of elements")]
    OddArray,
    #[error("array must have two columns")]
    NotTwoColumns,
    #[error("wrong number of array subscripts")]
    ArrayDimensions,
    #[error("mismatched array dimensions")]
    MismatchedArrays,
    #[error("null value not allowed for object key")]
    NullKey,
    #[error("jsonb subscript in assignment must not be null")]
    SubscriptNull,
    #[error("field name must not be null")]
    NullFieldName,
    #[error("cannot cast jsonb {from} to type {to}")]
    Cast { from: &'static str, to: &'static str },
}

impl OperationError {
    fn sqlstate(&self) -> SqlState {
        match self {
            OperationError::PathElementNull(_)
            | OperationError::NullValue
            | OperationError::SubscriptNull
            | OperationError::NullKey => SqlState::NullValueNotAllowed,
            OperationError::PathElementNotInteger { .. } => SqlState::InvalidTextRepresentation,
            OperationError::OddArray
            | OperationError::NotTwoColumns
            | OperationError::ArrayDimensions
            | OperationError::MismatchedArrays => SqlState::ArrayElementError,
            OperationError::LengthOfScalar
            | OperationError::LengthOfObject
            | OperationError::CallOnScalar(_)
            | OperationError::CallOnArray(_)
            | OperationError::CallOnObject(_)
            | OperationError::CallOnNonObject(_)
            | OperationError::DeconstructScalar
            | OperationError::DeconstructArray
            | OperationError::ElementsOfScalar
            | OperationError::ElementsOfObject
            | OperationError::DeleteFromScalar
            | OperationError::DeleteIndexFromObject
            | OperationError::DeletePathInScalar
            | OperationError::SetPathInScalar
            | OperationError::PathElementOutOfRange { .. }
            | OperationError::KeyExists
            | OperationError::ScalarOnPath
            | OperationError::NullTreatment
            | OperationError::OddArguments(_)
            | OperationError::NullKeyArgument(_)
            | OperationError::NullKeyBinary(_)
            | OperationError::KeyNotScalar
            | OperationError::NullFieldName
            | OperationError::Cast { .. } => SqlState::InvalidParameterValue,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            OperationError::ScalarOnPath => {
                Some("The path assumes key is a composite object, but it is a scalar value.".to_owned())
            }
            OperationError::NullValue => {
                Some("Exception was raised because null_value_treatment is \"raise_exception\".".to_owned())
            }
            OperationError::LengthOfScalar
            | OperationError::LengthOfObject
            | OperationError::CallOnScalar(_)
            | OperationError::CallOnArray(_)
            | OperationError::CallOnObject(_)
            | OperationError::CallOnNonObject(_)
            | OperationError::DeconstructScalar
            | OperationError::DeconstructArray
            | OperationError::ElementsOfScalar
            | OperationError::ElementsOfObject
            | OperationError::DeleteFromScalar
            | OperationError::DeleteIndexFromObject
            | OperationError::DeletePathInScalar
            | OperationError::SetPathInScalar
            | OperationError::PathElementNull(_)
            | OperationError::PathElementNotInteger { .. }
            | OperationError::PathElementOutOfRange { .. }
            | OperationError::KeyExists
            | OperationError::NullTreatment
            | OperationError::OddArguments(_)
            | OperationError::NullKeyArgument(_)
            | OperationError::NullKeyBinary(_)
            | OperationError::KeyNotScalar
            | OperationError::OddArray
            | OperationError::NotTwoColumns
            | OperationError::ArrayDimensions
            | OperationError::MismatchedArrays
            | OperationError::NullKey
            | OperationError::SubscriptNull
            | OperationError::NullFieldName
            | OperationError::Cast { .. } => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            OperationError::KeyExists => {
                Some("Try using the function jsonb_set to replace key value.".to_owned())
            }
            OperationError::NullValue => Some(
                "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed."
                    .to_owned(),
            ),
            OperationError::OddArguments(function) => Some(format!(
                "The arguments of {function} must consist of alternating keys and values."
            )),
            OperationError::NullKeyArgument(_) => Some("Object keys should be text.".to_owned()),
            OperationError::LengthOfScalar
            | OperationError::LengthOfObject
            | OperationError::CallOnScalar(_)
            | OperationError::CallOnArray(_)
            | OperationError::CallOnObject(_)
            | OperationError::CallOnNonObject(_)
            | OperationError::DeconstructScalar
            | OperationError::DeconstructArray
            | OperationError::ElementsOfScalar
            | OperationError::ElementsOfObject
            | OperationError::DeleteFromScalar
            | OperationError::DeleteIndexFromObject
            | OperationError::DeletePathInScalar
            | OperationError::SetPathInScalar
            | OperationError::PathElementNull(_)
            | OperationError::PathElementNotInteger { .. }
            | OperationError::PathElementOutOfRange { .. }
            | OperationError::ScalarOnPath
            | OperationError::NullTreatment
            | OperationError::NullKeyBinary(_)
            | OperationError::KeyNotScalar
            | OperationError::OddArray
            | OperationError::NotTwoColumns
            | OperationError::ArrayDimensions
            | OperationError::MismatchedArrays
            | OperationError::NullKey
            | OperationError::SubscriptNull
            | OperationError::NullFieldName
            | OperationError::Cast { .. } => None,
        }
    }
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum PathSyntaxError {
    #[error("invalid input syntax for type jsonpath: \"{0}\"")]
    Empty(String),
    #[error("{problem} at end of jsonpath input")]
    AtEnd { problem: PathProblem },
    #[error("{problem} at or near \"{near}\" of jsonpath input")]
    Near { problem: PathProblem, near: String },
    #[error("@ is not allowed in root expressions")]
    CurrentInRoot,
    #[error("LAST is allowed only in array subscripts")]
    LastOutsideSubscript,
    #[error("invalid input syntax for type jsonpath")]
    Surrogate(TextProblem),
    #[error("unsupported Unicode escape sequence")]
    Zero,
    #[error("invalid input syntax for type jsonpath")]
    Flag(char),
    #[error("XQuery \"x\" flag (expanded regular expressions) is not implemented")]
    ExpandedFlag,
    #[error("value \"{0}\" is out of range for type integer")]
    LevelOutOfRange(String),
    #[error("invalid Unicode code point")]
    CodePoint,
}

/// What a path's text has that it must not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum PathProblem {
    #[error("syntax error")]
    Syntax,
    #[error("trailing junk after numeric literal")]
    JunkAfterNumber,
    #[error("unexpected end of comment")]
    Comment,
    #[error("unexpected end of quoted string")]
    QuotedString,
    #[error("invalid unicode sequence")]
    Unicode,
    #[error("invalid hex character sequence")]
    Hexadecimal,
    #[error("unexpected end after backslash")]
    Backslash,
}

impl PathSyntaxError {
    fn sqlstate(&self) -> SqlState {
        match self {
            PathSyntaxError::Empty(_) | PathSyntaxError::Surrogate(_) => SqlState::InvalidTextRepresentation,
            PathSyntaxError::AtEnd { .. }
            | PathSyntaxError::Near { .. }
            | PathSyntaxError::CurrentInRoot
            | PathSyntaxError::LastOutsideSubscript
            | PathSyntaxError::CodePoint
            | PathSyntaxError::Flag(_) => SqlState::SyntaxError,
            PathSyntaxError::Zero => SqlState::UntranslatableCharacter,
            PathSyntaxError::ExpandedFlag => SqlState::FeatureNotSupported,
            PathSyntaxError::LevelOutOfRange(_) => SqlState::NumericValueOutOfRange,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            PathSyntaxError::Surrogate(problem) => Some(problem.detail()),
            PathSyntaxError::Zero => Some(TextProblem::Zero.detail()),
            PathSyntaxError::Flag(flag) => {
                Some(format!("Unrecognized flag character \"{flag}\" in LIKE_REGEX predicate."))
            }
            PathSyntaxError::Empty(_)
            | PathSyntaxError::AtEnd { .. }
            | PathSyntaxError::Near { .. }
            | PathSyntaxError::CurrentInRoot
            | PathSyntaxError::LastOutsideSubscript
            | PathSyntaxError::ExpandedFlag
            | PathSyntaxError::LevelOutOfRange(_)
            | PathSyntaxError::CodePoint => None,
        }
    }
}

/// Why a path fails on a document. All but those that [`PathError::is_suppressible`] denies are what `silent` silences.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum PathError {
    #[error("JSON object does not contain key \"{0}\"")]
    NoKey(String),
    #[error("jsonpath member accessor can only be applied to an object")]
    MemberOfNonObject,
    #[error("jsonpath wildcard array accessor can only be applied to an array")]
    WildcardOfNonArray,
    #[error("jsonpath wildcard member accessor can only be applied to an object")]
    WildcardOfNonObject,
    #[error("jsonpath array accessor can only be applied to an array")]
    SubscriptOfNonArray,
    #[error("jsonpath array subscript is out of bounds")]
    SubscriptOutOfBounds,
    #[error("jsonpath array subscript is not a single numeric value")]
    SubscriptNotNumeric,
    #[error("jsonpath array subscript is out of integer range")]
    SubscriptRange,
    #[error("left operand of jsonpath operator {0} is not a single numeric value")]
    LeftOperand(&'static str),
    #[error("right operand of jsonpath operator {0} is not a single numeric value")]
    RightOperand(&'static str),
    #[error("operand of unary jsonpath operator {0} is not a numeric value")]
    UnaryOperand(&'static str),
    #[error("jsonpath item method .{0}() can only be applied to an array")]
    MethodOfNonArray(&'static str),
    #[error("jsonpath item method .{0}() can only be applied to a numeric value")]
    MethodOfNonNumeric(&'static str),
    #[error("jsonpath item method .{0}() can only be applied to a string or numeric value")]
    MethodOfNonStringOrNumeric(&'static str),
    #[error("jsonpath item method .{0}() can only be applied to an object")]
    MethodOfNonObject(&'static str),
    #[error("jsonpath item method .{0}() can only be applied to a string")]
    MethodOfNonString(&'static str),
    #[error("numeric argument of jsonpath item method .double() is out of range for type double precision")]
    DoubleOutOfRange,
    #[error(
        "string argument of jsonpath item method .double() is not a valid representation of a double precision number"
    )]
    DoubleInvalid,
    #[error("single boolean result is expected")]
    NotSingleBoolean,
    #[error("could not find jsonpath variable \"{0}\"")]
    NoVariable(String),
    #[error("\"vars\" argument is not an object")]
    VariablesNotObject,
    #[error("datetime format is not recognized: \"{0}\"")]
    DatetimeFormat(String),
    /// What whoever knows dates says of a text and its template.
    #[error("{message}")]
    Datetime { sqlstate: SqlState, message: String, detail: Option<String>, hint: Option<String> },
    #[error("cannot convert value from {from} to {to} without time zone usage")]
    ZoneNeeded { from: &'static str, to: &'static str },
}

impl PathError {
    /// Whether `silent` and a filter may take it for nothing.
    pub fn is_suppressible(&self) -> bool {
        match self {
            PathError::NoVariable(_) | PathError::VariablesNotObject | PathError::ZoneNeeded { .. } => false,
            PathError::NoKey(_)
            | PathError::MemberOfNonObject
            | PathError::WildcardOfNonArray
            | PathError::WildcardOfNonObject
            | PathError::SubscriptOfNonArray
            | PathError::SubscriptOutOfBounds
            | PathError::SubscriptNotNumeric
            | PathError::SubscriptRange
            | PathError::LeftOperand(_)
            | PathError::RightOperand(_)
            | PathError::UnaryOperand(_)
            | PathError::MethodOfNonArray(_)
            | PathError::MethodOfNonNumeric(_)
            | PathError::MethodOfNonStringOrNumeric(_)
            | PathError::MethodOfNonObject(_)
            | PathError::MethodOfNonString(_)
            | PathError::DoubleOutOfRange
            | PathError::DoubleInvalid
            | PathError::NotSingleBoolean
            | PathError::DatetimeFormat(_)
            | PathError::Datetime { .. } => true,
        }
    }

    fn sqlstate(&self) -> SqlState {
        match self {
            PathError::NoKey(_) | PathError::MemberOfNonObject => SqlState::SqlJsonMemberNotFound,
            PathError::WildcardOfNonObject | PathError::MethodOfNonObject(_) => {
                SqlState::SqlJsonObjectNotFound
            }
            PathError::WildcardOfNonArray
            | PathError::SubscriptOfNonArray
            | PathError::MethodOfNonArray(_) => SqlState::SqlJsonArrayNotFound,
            PathError::SubscriptOutOfBounds | PathError::SubscriptNotNumeric | PathError::SubscriptRange => {
                SqlState::InvalidSqlJsonSubscript
            }
            PathError::LeftOperand(_) | PathError::RightOperand(_) | PathError::NotSingleBoolean => {
                SqlState::SingletonSqlJsonItemRequired
            }
            PathError::UnaryOperand(_) => SqlState::SqlJsonNumberNotFound,
            PathError::MethodOfNonNumeric(_)
            | PathError::MethodOfNonStringOrNumeric(_)
            | PathError::DoubleOutOfRange
            | PathError::DoubleInvalid => SqlState::NonNumericSqlJsonItem,
            PathError::MethodOfNonString(_) | PathError::DatetimeFormat(_) => {
                SqlState::InvalidArgumentForSqlJsonDatetimeFunction
            }
            PathError::NoVariable(_) => SqlState::UndefinedObject,
            PathError::VariablesNotObject => SqlState::InvalidParameterValue,
            PathError::Datetime { sqlstate, .. } => *sqlstate,
            PathError::ZoneNeeded { .. } => SqlState::FeatureNotSupported,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            PathError::VariablesNotObject => Some(
                "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.".to_owned(),
            ),
            PathError::Datetime { detail, .. } => detail.clone(),
            PathError::NoKey(_)
            | PathError::MemberOfNonObject
            | PathError::WildcardOfNonArray
            | PathError::WildcardOfNonObject
            | PathError::SubscriptOfNonArray
            | PathError::SubscriptOutOfBounds
            | PathError::SubscriptNotNumeric
            | PathError::SubscriptRange
            | PathError::LeftOperand(_)
            | PathError::RightOperand(_)
            | PathError::UnaryOperand(_)
            | PathError::MethodOfNonArray(_)
            | PathError::MethodOfNonNumeric(_)
            | PathError::MethodOfNonStringOrNumeric(_)
            | PathError::MethodOfNonObject(_)
            | PathError::MethodOfNonString(_)
            | PathError::DoubleOutOfRange
            | PathError::DoubleInvalid
            | PathError::NotSingleBoolean
            | PathError::NoVariable(_)
            | PathError::DatetimeFormat(_)
            | PathError::ZoneNeeded { .. } => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            PathError::DatetimeFormat(_) => {
                Some("Use a datetime template argument to specify the input data format.".to_owned())
            }
            PathError::ZoneNeeded { .. } => Some("Use *_tz() function for time zone support.".to_owned()),
            PathError::Datetime { hint, .. } => hint.clone(),
            PathError::NoKey(_)
            | PathError::MemberOfNonObject
            | PathError::WildcardOfNonArray
            | PathError::WildcardOfNonObject
            | PathError::SubscriptOfNonArray
            | PathError::SubscriptOutOfBounds
            | PathError::SubscriptNotNumeric
            | PathError::SubscriptRange
            | PathError::LeftOperand(_)
            | PathError::RightOperand(_)
            | PathError::UnaryOperand(_)
            | PathError::MethodOfNonArray(_)
            | PathError::MethodOfNonNumeric(_)
            | PathError::MethodOfNonStringOrNumeric(_)
            | PathError::MethodOfNonObject(_)
            | PathError::MethodOfNonString(_)
            | PathError::DoubleOutOfRange
            | PathError::DoubleInvalid
            | PathError::NotSingleBoolean
            | PathError::NoVariable(_)
            | PathError::VariablesNotObject => None,
        }
    }
}

impl JsonError {
    /// PostgreSQL's CONTEXT: where in the document it is.
    fn place(&self) -> Option<String> {
        match self {
            JsonError::Text(error) => Some(format!("JSON data, line {}: {}", error.line, error.excerpt)),
            JsonError::TooDeep
            | JsonError::OutOfRoom(_)
            | JsonError::TooLarge(_)
            | JsonError::NumericOverflow
            | JsonError::DivisionByZero
            | JsonError::Operation(_)
            | JsonError::PathSyntax(_)
            | JsonError::Path(_)
            | JsonError::Regex(_)
            | JsonError::WireVersion(_)
            | JsonError::WireShort
            | JsonError::Encoding(_) => None,
        }
    }
}

impl From<OperationError> for JsonError {
    fn from(error: OperationError) -> JsonError {
        JsonError::Operation(error)
    }
}

impl From<PathError> for JsonError {
    fn from(error: PathError) -> JsonError {
        JsonError::Path(error)
    }
}

impl From<PathSyntaxError> for JsonError {
    fn from(error: PathSyntaxError) -> JsonError {
        JsonError::PathSyntax(error)
    }
}

impl Diagnostic for JsonError {
    fn sqlstate(&self) -> SqlState {
        match self {
            JsonError::Text(error) => error.problem.sqlstate(),
            JsonError::TooDeep => SqlState::StatementTooComplex,
            JsonError::TooLarge(_) => SqlState::ProgramLimitExceeded,
            JsonError::OutOfRoom(error) => error.sqlstate(),
            JsonError::NumericOverflow => SqlState::NumericValueOutOfRange,
            JsonError::DivisionByZero => SqlState::DivisionByZero,
            JsonError::Operation(error) => error.sqlstate(),
            JsonError::PathSyntax(error) => error.sqlstate(),
            JsonError::Path(error) => error.sqlstate(),
            JsonError::Regex(_) => SqlState::InvalidRegularExpression,
            JsonError::WireVersion(_) => SqlState::InternalError,
            JsonError::WireShort => SqlState::ProtocolViolation,
            JsonError::Encoding(_) => SqlState::CharacterNotInRepertoire,
        }
    }

    fn context(&self) -> Option<String> {
        self.place()
    }

    fn detail(&self) -> Option<String> {
        match self {
            JsonError::Text(error) => Some(error.problem.detail()),
            JsonError::TooLarge(TooLarge::String) => Some(format!(
                "Due to an implementation restriction, jsonb strings cannot exceed {} bytes.",
                crate::jsonb::MAX_SIZE
            )),
            JsonError::OutOfRoom(error) => error.detail(),
            JsonError::Operation(error) => error.detail(),
            JsonError::PathSyntax(error) => error.detail(),
            JsonError::Path(error) => error.detail(),
            JsonError::TooDeep
            | JsonError::TooLarge(_)
            | JsonError::NumericOverflow
            | JsonError::DivisionByZero
            | JsonError::Regex(_)
            | JsonError::WireVersion(_)
            | JsonError::WireShort
            | JsonError::Encoding(_) => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            JsonError::Operation(error) => error.hint(),
            JsonError::Path(error) => error.hint(),
            JsonError::TooDeep => Some(
                "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the \
                 platform's stack depth limit is adequate."
                    .to_owned(),
            ),
            JsonError::Text(_)
            | JsonError::OutOfRoom(_)
            | JsonError::TooLarge(_)
            | JsonError::NumericOverflow
            | JsonError::DivisionByZero
            | JsonError::PathSyntax(_)
            | JsonError::Regex(_)
            | JsonError::WireVersion(_)
            | JsonError::WireShort
            | JsonError::Encoding(_) => None,
        }
    }
}
