//! How a database file is opened and made.
//!
//! Invariants
//!
//! 1. The page size belongs to the file: the option counts only when a file is made.

use crate::header::is_page_size;
use crate::{Error, Result};

/// What may be done with the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// One process alone reads and writes.
    ReadWrite,
    /// Any number of processes read; nothing at all is written.
    ReadOnly,
}

/// Options of opening and creating.
#[derive(Debug, Clone)]
pub struct Options {
    /// What may be done with the file.
    pub access: Access,
    /// Bytes of clean pages that the cache may hold. Pages in use by callers stay valid beside it.
    pub cache_bytes: usize,
    /// Bytes of a page in a new file: a power of two from 512 to 65,536. A file keeps its page size for life.
    pub page_size: usize,
    /// How many pages the file grows by at least when it is full.
    pub growth_pages: u64,
}

impl Default for Options {
    fn default() -> Options {
        Options { access: Access::ReadWrite, cache_bytes: 64 << 20, page_size: 8192, growth_pages: 16 }
    }
}

impl Options {
    /// Checks what a new file depends on.
    pub(crate) fn check_page_size(&self) -> Result<()> {
        if is_page_size(self.page_size) {
            return Ok(());
        }
        Err(Error::BadOption {
            option: "page size",
            given: self.page_size as u64,
            expected: "a power of two from 512 to 65536",
        })
    }
}
