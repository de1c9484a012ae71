//! How much memory a statement's operators hold, and how much they may.
//!
//! Whoever holds rows, keys or states has a [`Held`] beside them, and forgets it together with them: what it holds is given back
//! when it goes. It is given back to the account from which it was taken, also when the statement has begun again meanwhile, with
//! another. So nobody gives back what he does not hold, and nobody can forget to.

use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use env::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use types::Vector;
use types::vector::{Chunk, Data};

/// An account of bytes.
#[derive(Debug, Default)]
pub struct Memory {
    held: Arc<AtomicUsize>,
}

/// Bytes that somebody holds, until this goes.
#[derive(Debug, Default)]
pub struct Held {
    /// Where they are counted, once there are any.
    account: Option<Arc<AtomicUsize>>,
    bytes: usize,
}

impl Held {
    /// How many they are.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// So many more are held.
    ///
    /// # Errors
    /// When all that the statement holds is more than it may.
    pub fn take(&mut self, run: &Run<'_, '_>, bytes: usize) -> ExecuteResult<()> {
        let account = &run.state.memory.held;
        let mut more = bytes;
        if !self.account.as_ref().is_some_and(|own| Arc::ptr_eq(own, account)) {
            // Those that were counted by whoever made them, or before the statement began again, count here from now on.
            more = more.saturating_add(self.release());
            self.account = Some(account.clone());
        }
        self.bytes = self.bytes.saturating_add(more);
        let before = account.fetch_add(more, Ordering::Relaxed);
        let limit = run.world.settings.memory_limit;
        if before.saturating_add(more) > limit {
            let detail = format!("The statement's operators hold more than {} kB of rows.", limit / 1024);
            return Err(ExecuteError::OutOfMemory { detail });
        }
        Ok(())
    }

    /// So many are held in all, if it were less before.
    ///
    /// # Errors
    /// As [`Held::take`].
    pub fn grow(&mut self, run: &Run<'_, '_>, bytes: usize) -> ExecuteResult<()> {
        self.take(run, bytes.saturating_sub(self.bytes))
    }

    /// Some of them are held no longer.
    pub fn give(&mut self, bytes: usize) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        if let Some(account) = &self.account {
            account.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    /// None of them is held any longer; how many they were.
    pub fn release(&mut self) -> usize {
        let bytes = self.bytes;
        self.give(bytes);
        bytes
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.release();
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
            let repeats = bytes.numbered().map_or(0, |repeats| size_of_val(repeats.numbers()));
            bytes.total() + values * 4 + repeats
        }
    }
}

/// Bytes that a chunk takes, roughly.
pub fn chunk_bytes(chunk: &Chunk) -> usize {
    chunk.columns().iter().map(vector_bytes).sum::<usize>() + 64
}
