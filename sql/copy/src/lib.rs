//! The formats of `COPY`: bytes to fields and back, without a session, a table or a file.
//!
//! * [`Options`]: what `COPY … (…)` says. [`error`]: what can be wrong with it and with the data, in PostgreSQL's words.
//! * [`Reader`]: takes bytes in pieces of any size and gives rows of fields. `lines`: where lines end; `text`, `csv`,
//!   `binary`: what their fields are.
//! * [`Writer`]: rows of values to bytes.
//!
//! Invariants
//!
//! 1. What a reader gives does not depend on how its bytes were cut into pieces.
//! 2. A field of text is valid UTF-8 without zero bytes.
//! 3. Nothing is allocated for a row or a field: both are read into memory that is kept.

#![forbid(unsafe_code)]

mod binary;
mod csv;
pub mod error;
mod fields;
mod lines;
mod options;
mod reader;
mod text;
mod writer;

pub use error::{CopyError, CopyResult};
pub use options::{Columns, Format, Header, Options};
pub use reader::{Mark, Reader, Step};
pub use writer::Writer;

/// The first bytes of a binary copy.
const SIGNATURE: &[u8; 11] = b"PGCOPY\n\xff\r\n\0";
