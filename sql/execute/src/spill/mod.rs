//! What does not fit into `work_mem`: rows in a temporary file of the statement's.
//!
//! * [`Rows`]: rows in the order in which they were written, each with a key of its own; read again by a `Reader`.
//! * [`Partitions`]: rows apart by the hashes of their keys, so that each part fits into memory.
//! * [`Merge`]: several sorted ones as one. [`Kept`]: chunks that are read any number of times.
//!
//! Invariants
//!
//! 1. A statement has one file. It has lost its name when it is made, and goes with the statement's state, however that
//!    ends; so do its bytes.
//! 2. What is in the file depends on nothing but rows and settings, and so does what is made of it: results come in the
//!    same order, whether rows were written or not.
//!
//! Fails as the file does, and when the file would grow beyond `temp_file_limit`.

mod kept;
mod merge;
mod partitions;
mod rows;

pub use kept::Kept;
pub use merge::{Merge, merged};
pub use partitions::{Partitions, hashes};
pub use rows::{Rows, sequence};

use crate::error::{ExecuteError, ExecuteResult};
use crate::labels::{SPILL_READ, SPILL_WRITE};
use crate::run::Run;
use diagnostic::SqlState;
use env::{File, FileExt};
use std::sync::Arc;
use store::StoreError;

/// A piece of the file.
#[derive(Debug, Clone, Copy)]
pub struct Block {
    offset: u64,
    length: usize,
}

/// The file of a statement.
pub struct SpillFile {
    file: Arc<dyn File>,
    end: u64,
}

/// Writes bytes into the statement's file.
fn write(run: &mut Run<'_, '_>, bytes: &[u8]) -> ExecuteResult<Block> {
    let limit = run.world.settings.temp_file_limit;
    let spill = match &mut run.state.spill {
        Some(spill) => spill,
        none => none.insert(SpillFile { file: run.world.store.temporary_file()?, end: 0 }),
    };
    let block = Block { offset: spill.end, length: bytes.len() };
    let end = spill.end + bytes.len() as u64;
    if let Some(limit) = limit
        && end > limit
    {
        let message = format!("temporary file size exceeds temp_file_limit ({}kB)", limit / 1024);
        return Err(ExecuteError::plain(SqlState::ConfigurationLimitExceeded, message));
    }
    spill.file.write_all_at(&SPILL_WRITE, block.offset, bytes).map_err(StoreError::from)?;
    spill.end = end;
    Ok(block)
}

/// Reads a block of the statement's file.
fn read(run: &Run<'_, '_>, block: Block, bytes: &mut Vec<u8>) -> ExecuteResult<()> {
    let spill = run.state.spill.as_ref().ok_or_else(|| ExecuteError::lost("the temporary file"))?;
    bytes.clear();
    bytes.resize(block.length, 0);
    Ok(spill.file.read_exact_at(&SPILL_READ, block.offset, bytes).map_err(StoreError::from)?)
}
