//! What can be wrong with a row's bytes, or with what is to become one.

use crate::vector::VectorError;
use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of reading or writing rows.
pub type RowResult<T> = Result<T, RowError>;

/// Why a row cannot be read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum RowError {
    #[error("row of {length} bytes is damaged: it has no column {column}")]
    Damaged { length: usize, column: usize },
    #[error("row of {length} bytes is damaged: {stored} columns are stored and the table has {columns}")]
    ColumnCount { length: usize, stored: usize, columns: usize },
    #[error("number does not have the {scale} decimal places of its column")]
    Scale { scale: u16 },
    #[error("row is too big: its columns together take more than 4 GB")]
    TooBig,
    #[error(transparent)]
    Vector(#[from] VectorError),
}

impl Diagnostic for RowError {
    fn sqlstate(&self) -> SqlState {
        match self {
            RowError::Damaged { .. } | RowError::ColumnCount { .. } => SqlState::DataCorrupted,
            RowError::Scale { .. } => SqlState::InternalError,
            RowError::TooBig => SqlState::ProgramLimitExceeded,
            RowError::Vector(error) => error.sqlstate(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            RowError::Vector(error) => error.detail(),
            RowError::Damaged { .. }
            | RowError::ColumnCount { .. }
            | RowError::Scale { .. }
            | RowError::TooBig => None,
        }
    }
}
