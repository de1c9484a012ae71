//! Pages of large values that exist in memory only: those that the log of a file holds which is only read.
//!
//! Invariants
//!
//! 1. Their numbers begin where the file ends, so that no page of the file is ever mistaken for one of them.
//! 2. They are sealed like pages of the file, and checked like them when they are read.
//! 3. They are kept until the file is closed: whoever reads a log without carrying it over pays with memory.
//!
//! Nothing here can fail.

use crate::header::{HEADER_BYTES, seal};
use crate::labels::SCRATCH_LOCK;
use crate::{FrameHeader, PagePointer};
use env::sync::Mutex;

/// See the module's text.
pub(crate) struct Scratch {
    pages: Mutex<Vec<Box<[u8]>>>,
}

impl Scratch {
    pub fn new() -> Scratch {
        Scratch { pages: Mutex::new(&SCRATCH_LOCK, Vec::new()) }
    }

    /// Keeps a whole page, whose first bytes become its header. The file has `file_pages` pages.
    pub fn keep(&self, header: &FrameHeader, page: &[u8], file_pages: u64) -> PagePointer {
        let mut pages = self.pages.lock();
        let (bytes, pointer) = seal(header, file_pages + pages.len() as u64, &page[HEADER_BYTES..]);
        let mut kept: Box<[u8]> = page.into();
        kept[..HEADER_BYTES].copy_from_slice(&bytes);
        pages.push(kept);
        pointer
    }

    /// The page of this number, if there is one.
    pub fn page(&self, number: u64, file_pages: u64) -> Option<Box<[u8]>> {
        let index = usize::try_from(number.checked_sub(file_pages)?).ok()?;
        self.pages.lock().get(index).cloned()
    }
}
