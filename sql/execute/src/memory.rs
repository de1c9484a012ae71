//! How much memory a statement's operators hold, and how much they may.

use crate::error::{ExecuteError, ExecuteResult};
use types::Vector;
use types::vector::{Chunk, Data};

/// An account of bytes.
#[derive(Debug, Default)]
pub struct Memory {
    held: usize,
}

impl Memory {
    /// Notes bytes that an operator holds from now on.
    ///
    /// # Errors
    /// When that is more than `limit`.
    pub fn take(&mut self, bytes: usize, limit: usize) -> ExecuteResult<()> {
        self.held = self.held.saturating_add(bytes);
        if self.held > limit {
            let detail = format!("The statement's operators hold more than {} kB of rows.", limit / 1024);
            return Err(ExecuteError::OutOfMemory { detail });
        }
        Ok(())
    }

    /// Notes that an operator holds them no longer.
    pub fn give(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes);
    }
}

/// Bytes that a vector takes, roughly.
pub fn vector_bytes(vector: &Vector) -> usize {
    let values = if vector.is_constant() { 1 } else { vector.len() };
    match vector.data() {
        Data::Bool(_) => values,
        Data::Int16(_) => values * 2,
        Data::Int32(_) | Data::Float32(_) => values * 4,
        Data::Int64(_) | Data::Float64(_) => values * 8,
        Data::Numeric(types::vector::NumericVector::Uniform { .. }) => values * 8,
        Data::Numeric(types::vector::NumericVector::General(_)) => values * 32,
        Data::Interval(_) | Data::TimeTz(_) | Data::Uuid(_) => values * 16,
        Data::Bytes(bytes) => {
            let repeats = bytes.repeats().map_or(0, |repeats| size_of_val(repeats.numbers()));
            bytes.total() + values * 4 + repeats
        }
    }
}

/// Bytes that a chunk takes, roughly.
pub fn chunk_bytes(chunk: &Chunk) -> usize {
    chunk.columns().iter().map(vector_bytes).sum::<usize>() + 64
}
