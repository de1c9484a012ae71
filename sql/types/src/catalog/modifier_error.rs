//! What can be wrong with the parentheses after a type's name, with PostgreSQL's texts.

use datetime::DateTimeError;
use diagnostic::{Diagnostic, SqlState};
use numeric::NumericError;
use thiserror::Error;

/// Why a type cannot have a modifier.
#[derive(Debug, Clone, PartialEq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ModifierError {
    #[error("type modifier is not allowed for type \"{0}\"")]
    NotAllowed(String),
    #[error("invalid type modifier")]
    Invalid,
    #[error("invalid INTERVAL type modifier")]
    InvalidInterval,
    #[error("length for type {0} must be at least 1")]
    TooShort(&'static str),
    #[error("length for type {type_name} cannot exceed {limit}")]
    TooLong { type_name: &'static str, limit: i32 },
    #[error(transparent)]
    Numeric(#[from] NumericError),
    #[error(transparent)]
    DateTime(#[from] DateTimeError),
    #[error("invalid input syntax for type integer: \"{0}\"")]
    NoInteger(String),
    #[error("value \"{0}\" is out of range for type integer")]
    OutOfRange(String),
}

impl Diagnostic for ModifierError {
    fn sqlstate(&self) -> SqlState {
        match self {
            ModifierError::NotAllowed(_) => SqlState::SyntaxError,
            ModifierError::Invalid
            | ModifierError::InvalidInterval
            | ModifierError::TooShort(_)
            | ModifierError::TooLong { .. } => SqlState::InvalidParameterValue,
            ModifierError::Numeric(error) => error.sqlstate(),
            ModifierError::DateTime(error) => error.sqlstate(),
            ModifierError::NoInteger(_) => SqlState::InvalidTextRepresentation,
            ModifierError::OutOfRange(_) => SqlState::NumericValueOutOfRange,
        }
    }
}
