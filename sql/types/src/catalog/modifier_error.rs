//! What can be wrong with the parentheses after a type's name, with PostgreSQL's texts.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// Why a type cannot have a modifier.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum ModifierError {
    #[error("type modifier is not allowed for type \"{0}\"")]
    NotAllowed(String),
    #[error("invalid type modifier")]
    Invalid,
    #[error("invalid NUMERIC type modifier")]
    InvalidNumeric,
    #[error("invalid INTERVAL type modifier")]
    InvalidInterval,
    #[error("length for type {0} must be at least 1")]
    TooShort(&'static str),
    #[error("length for type {type_name} cannot exceed {limit}")]
    TooLong { type_name: &'static str, limit: i32 },
    #[error("NUMERIC precision {0} must be between 1 and 1000")]
    Precision(i32),
    #[error("NUMERIC scale {0} must be between -1000 and 1000")]
    Scale(i32),
    #[error("{name}({precision}){zone} precision must not be negative")]
    Negative { name: &'static str, zone: &'static str, precision: i32 },
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
            | ModifierError::InvalidNumeric
            | ModifierError::InvalidInterval
            | ModifierError::TooShort(_)
            | ModifierError::TooLong { .. }
            | ModifierError::Precision(_)
            | ModifierError::Scale(_)
            | ModifierError::Negative { .. } => SqlState::InvalidParameterValue,
            ModifierError::NoInteger(_) => SqlState::InvalidTextRepresentation,
            ModifierError::OutOfRange(_) => SqlState::NumericValueOutOfRange,
        }
    }
}
