//! What does not fit into `work_mem`: rows in a temporary file of the statement's.
//!
//! * [`Rows`]: rows in the order in which they were written, each with a key of its own; read again by a `Reader`.
//! * [`Partitions`]: rows apart by the hashes of their keys, so that each part fits into memory.
//! * [`Merge`]: several sorted ones as one. [`Kept`]: chunks that are read any number of times.
//!
//! Invariants
//!
//! 1. A statement has one file, which goes with the last of its rows, however the statement ends. What is let go makes room for others
//!    (`file`).
//! 2. What is in the file depends on nothing but rows and settings, and so does what is made of it: results come in the
//!    same order, whether rows were written or not.
//!
//! Fails as the file does, and when the file would grow beyond `temp_file_limit`.

mod file;
mod kept;
mod merge;
mod partitions;
mod rows;

pub use file::SpillFile;
pub use kept::Kept;
pub use merge::{Merge, merged};
pub use partitions::{Partitions, hashes};
pub use rows::{Rows, sequence};

use file::Block;
