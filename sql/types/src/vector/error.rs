//! What can go wrong with vectors, whose shapes are the executor's doing and whose sizes are the data's.

use diagnostic::{Diagnostic, SqlState};
use thiserror::Error;

/// The result of what may need more room than there is.
pub type VectorResult<T> = Result<T, VectorError>;

/// Why a vector could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VectorError {
    /// The values of one chunk's column together pass what an end can tell, or what memory has.
    #[error("out of memory")]
    TooLarge,
}

impl Diagnostic for VectorError {
    fn sqlstate(&self) -> SqlState {
        match self {
            VectorError::TooLarge => SqlState::OutOfMemory,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            VectorError::TooLarge => {
                Some("The values of one column in one chunk of rows take too much room.".to_owned())
            }
        }
    }
}
