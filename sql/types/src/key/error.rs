//! What can be wrong with the bytes of a key.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of reading a key.
pub type KeyResult<T> = Result<T, KeyError>;

/// Why a key cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("index key is damaged: it has no column {column}")]
pub struct KeyError {
    /// The first column that cannot be read.
    pub column: usize,
}

impl Diagnostic for KeyError {
    fn sqlstate(&self) -> SqlState {
        SqlState::IndexCorrupted
    }
}
