//! What can go wrong with numbers, in PostgreSQL's words.

use diagnostic::{Diagnostic, SqlState};
use std::fmt;
use thiserror::Error;

/// The result of anything that may fail here.
pub type NumericResult<T> = Result<T, NumericError>;

/// The types of numbers, as messages name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberType {
    /// `smallint`.
    Int2,
    /// `integer`.
    Int4,
    /// `bigint`.
    Int8,
    /// `real`.
    Float4,
    /// `double precision`.
    Float8,
    /// `numeric`.
    Numeric,
}

impl fmt::Display for NumberType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            NumberType::Int2 => "smallint",
            NumberType::Int4 => "integer",
            NumberType::Int8 => "bigint",
            NumberType::Float4 => "real",
            NumberType::Float8 => "double precision",
            NumberType::Numeric => "numeric",
        })
    }
}

/// An error of a number or of a calculation.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum NumericError {
    #[error("invalid input syntax for type {number}: \"{text}\"")]
    InvalidSyntax { number: NumberType, text: String },
    #[error("value \"{text}\" is out of range for type {number}")]
    IntegerText { number: NumberType, text: String },
    #[error("\"{text}\" is out of range for type {number}")]
    FloatText { number: NumberType, text: String },
    #[error("{0} out of range")]
    IntegerOutOfRange(NumberType),
    #[error("cannot convert {value} to {number}")]
    NoInteger { value: &'static str, number: NumberType },
    #[error("value overflows numeric format")]
    Overflow,
    #[error("numeric field overflow")]
    FieldOverflow { precision: u16, scale: i16, infinite: bool },
    #[error("NUMERIC precision {0} must be between 1 and 1000")]
    Precision(i64),
    #[error("NUMERIC scale {0} must be between -1000 and 1000")]
    Scale(i64),
    #[error("invalid NUMERIC type modifier")]
    ModifierCount,
    #[error("division by zero")]
    DivisionByZero,
    #[error("value out of range: overflow")]
    FloatOverflow,
    #[error("value out of range: underflow")]
    FloatUnderflow,
    #[error("input is out of range")]
    FloatInput,
    #[error("cannot take square root of a negative number")]
    NegativeSquareRoot,
    #[error("cannot take logarithm of zero")]
    LogarithmOfZero,
    #[error("cannot take logarithm of a negative number")]
    LogarithmOfNegative,
    #[error("zero raised to a negative power is undefined")]
    ZeroToNegativePower,
    #[error("a negative number raised to a non-integer power yields a complex result")]
    ComplexPower,
    #[error("factorial of a negative number is undefined")]
    NegativeFactorial,
    #[error("count must be greater than zero")]
    BucketCount,
    #[error("operand, lower bound, and upper bound cannot be NaN")]
    BucketNaN,
    #[error("lower and upper bounds must be finite")]
    BucketInfinite,
    #[error("lower bound cannot equal upper bound")]
    BucketEmpty,
    #[error("\"{0}\" is not a number")]
    NoOrdinal(String),
    #[error("{0}")]
    Wire(WireProblem),
    #[error("{0}")]
    Template(TemplateProblem),
}

/// What is wrong with a number in binary form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum WireProblem {
    #[error("invalid sign in external \"numeric\" value")]
    Sign,
    #[error("invalid scale in external \"numeric\" value")]
    Scale,
    #[error("invalid digit in external \"numeric\" value")]
    Digit,
    #[error("insufficient data left in message")]
    TooShort,
    #[error("incorrect binary data format")]
    TooLong,
}

/// What is wrong with a template of `to_char` or `to_number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum TemplateProblem {
    #[error("\"9\" must be ahead of \"PR\"")]
    NineAfterPr,
    #[error("\"0\" must be ahead of \"PR\"")]
    ZeroAfterPr,
    #[error("multiple decimal points")]
    TwoPoints,
    #[error("cannot use \"V\" and decimal point together")]
    VAndPoint,
    #[error("cannot use \"S\" twice")]
    TwoS,
    #[error("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together")]
    SWithSign,
    #[error("cannot use \"S\" and \"MI\" together")]
    SAndMi,
    #[error("cannot use \"S\" and \"PL\" together")]
    SAndPl,
    #[error("cannot use \"S\" and \"SG\" together")]
    SAndSg,
    #[error("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together")]
    PrWithSign,
    #[error("cannot use \"EEEE\" twice")]
    TwoEeee,
    #[error("\"EEEE\" must be the last pattern used")]
    EeeeNotLast,
    #[error("\"EEEE\" is incompatible with other formats")]
    EeeeWithOthers,
    #[error("\"RN\" not supported for input")]
    RomanInput,
    #[error("\"EEEE\" not supported for input")]
    EeeeInput,
}

impl Diagnostic for NumericError {
    fn sqlstate(&self) -> SqlState {
        match self {
            NumericError::InvalidSyntax { .. } | NumericError::NoOrdinal(_) => {
                SqlState::InvalidTextRepresentation
            }
            NumericError::IntegerText { .. }
            | NumericError::FloatText { .. }
            | NumericError::IntegerOutOfRange(_)
            | NumericError::Overflow
            | NumericError::FieldOverflow { .. }
            | NumericError::FloatOverflow
            | NumericError::FloatUnderflow
            | NumericError::FloatInput
            | NumericError::NegativeFactorial => SqlState::NumericValueOutOfRange,
            NumericError::NoInteger { .. } => SqlState::FeatureNotSupported,
            NumericError::Precision(_) | NumericError::Scale(_) | NumericError::ModifierCount => {
                SqlState::InvalidParameterValue
            }
            NumericError::DivisionByZero => SqlState::DivisionByZero,
            NumericError::NegativeSquareRoot
            | NumericError::ZeroToNegativePower
            | NumericError::ComplexPower => SqlState::InvalidArgumentForPowerFunction,
            NumericError::LogarithmOfZero | NumericError::LogarithmOfNegative => {
                SqlState::InvalidArgumentForLog
            }
            NumericError::BucketCount
            | NumericError::BucketNaN
            | NumericError::BucketInfinite
            | NumericError::BucketEmpty => SqlState::InvalidArgumentForWidthBucketFunction,
            NumericError::Wire(problem) => problem.sqlstate(),
            NumericError::Template(problem) => problem.sqlstate(),
        }
    }

    fn detail(&self) -> Option<String> {
        if let NumericError::FieldOverflow { precision, scale, infinite } = self {
            let field = format!("A field with precision {precision}, scale {scale}");
            if *infinite {
                return Some(format!("{field} cannot hold an infinite value."));
            }
            let digits = i32::from(*precision) - i32::from(*scale);
            let limit = if digits == 0 { "1".to_owned() } else { format!("10^{digits}") };
            return Some(format!("{field} must round to an absolute value less than {limit}."));
        }
        if *self == NumericError::Template(TemplateProblem::EeeeWithOthers) {
            let detail = "\"EEEE\" may only be used together with digit and decimal point patterns.";
            return Some(detail.to_owned());
        }
        None
    }
}

impl WireProblem {
    fn sqlstate(self) -> SqlState {
        match self {
            WireProblem::Sign | WireProblem::Scale | WireProblem::Digit | WireProblem::TooLong => {
                SqlState::InvalidBinaryRepresentation
            }
            WireProblem::TooShort => SqlState::ProtocolViolation,
        }
    }
}

impl TemplateProblem {
    fn sqlstate(self) -> SqlState {
        match self {
            TemplateProblem::RomanInput | TemplateProblem::EeeeInput => SqlState::FeatureNotSupported,
            TemplateProblem::NineAfterPr
            | TemplateProblem::ZeroAfterPr
            | TemplateProblem::TwoPoints
            | TemplateProblem::VAndPoint
            | TemplateProblem::TwoS
            | TemplateProblem::SWithSign
            | TemplateProblem::SAndMi
            | TemplateProblem::SAndPl
            | TemplateProblem::SAndSg
            | TemplateProblem::PrWithSign
            | TemplateProblem::TwoEeee
            | TemplateProblem::EeeeNotLast
            | TemplateProblem::EeeeWithOthers => SqlState::SyntaxError,
        }
    }
}

impl From<WireProblem> for NumericError {
    fn from(problem: WireProblem) -> NumericError {
        NumericError::Wire(problem)
    }
}

impl From<TemplateProblem> for NumericError {
    fn from(problem: TemplateProblem) -> NumericError {
        NumericError::Template(problem)
    }
}
