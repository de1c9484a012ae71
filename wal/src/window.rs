//! Buffered reading of the file: one window of bytes, moved as asked.
//!
//! Invariants
//!
//! 1. A read that failed is tried again a bounded number of times; a failure is never remembered as contents.
//! 2. What lies behind the file's end is simply not there: slices come back shorter, never padded.

use crate::geometry::Geometry;
use crate::label;
use env::{FileExt, IoError, IoResult, SharedFile};

/// Bytes read at once, unless more are asked for.
const WINDOW_BYTES: u64 = 256 << 10;
/// How often a failing read is tried.
const ATTEMPTS: usize = 3;

/// A window into the log's file.
pub(crate) struct Window {
    file: SharedFile,
    /// Grows to what was asked for at once so far, and is never filled anew: only its first `held` bytes mean something.
    bytes: Vec<u8>,
    held: usize,
    /// Offset of `bytes[0]`.
    start: u64,
    /// The file's length when it was opened.
    length: u64,
    /// Whether only what is asked for is read, and not more around it.
    narrow: bool,
}

impl Window {
    pub fn new(file: SharedFile) -> IoResult<Window> {
        let length = retried(|| file.len(&label::READ_LENGTH))?;
        Ok(Window { file, bytes: Vec::new(), held: 0, start: 0, length, narrow: false })
    }

    pub fn file(&self) -> &SharedFile {
        &self.file
    }

    pub fn length(&self) -> u64 {
        self.length
    }

    /// The bytes from `offset`, `length` of them if the file has so many.
    pub fn get(&mut self, offset: u64, length: usize) -> IoResult<&[u8]> {
        if !self.holds(offset, length) {
            // A file that fits is read whole: recovering a small log takes one call.
            let start = if self.length <= WINDOW_BYTES && !self.narrow { 0 } else { offset };
            self.load(start, offset.saturating_add(length as u64))?;
        }
        Ok(self.slice(offset, length))
    }

    /// As [`Window::get`], for a reader that moves towards the file's beginning.
    pub fn get_before(&mut self, offset: u64, length: usize) -> IoResult<&[u8]> {
        if !self.holds(offset, length) {
            let end = offset.saturating_add(length as u64);
            self.load(end.saturating_sub(WINDOW_BYTES), end)?;
        }
        Ok(self.slice(offset, length))
    }

    /// What the window holds of the range: no reading.
    pub fn slice(&self, offset: u64, length: usize) -> &[u8] {
        let from = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX).min(self.held);
        let to = from.saturating_add(length).min(self.held);
        if offset < self.start { &[] } else { &self.bytes[from..to] }
    }

    /// Forgets what was read, so that the next access reads again.
    pub fn forget(&mut self) {
        (self.held, self.start) = (0, 0);
    }

    /// Reads no more than is asked for while `narrow`: for a second look at one place.
    pub fn set_narrow(&mut self, narrow: bool) {
        self.narrow = narrow;
    }

    fn holds(&self, offset: u64, length: usize) -> bool {
        let end = offset.saturating_add(length as u64).min(self.length.max(offset));
        offset >= self.start && end <= self.start + self.held as u64
    }

    fn load(&mut self, start: u64, needed_end: u64) -> IoResult<()> {
        let around = if self.narrow { 0 } else { WINDOW_BYTES };
        let end = needed_end.max(start.saturating_add(around)).min(self.length).max(start);
        // The caller asks for at most a segment, which the layout bounds.
        let wanted = (end - start) as usize;
        if self.bytes.len() < wanted {
            self.bytes = vec![0; wanted];
        }
        (self.held, self.start) = (0, start);
        let (file, bytes) = (&self.file, &mut self.bytes[..wanted]);
        self.held = retried(|| file.read_up_to(&label::READ, start, bytes))?;
        Ok(())
    }
}

/// Runs `read` until it succeeds, a bounded number of times: a read may fail once and work again.
pub(crate) fn retried<T>(mut read: impl FnMut() -> IoResult<T>) -> Result<T, IoError> {
    let mut attempt = 1;
    loop {
        match read() {
            Err(_) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}

/// The offset of the sector at `index` of a slot, data sectors counted from 0, and its position within the segment.
pub(crate) fn data_sector(geometry: &Geometry, slot: u32, index: u64) -> (u64, u64) {
    let within = index * geometry.sector_size;
    (geometry.slot_offset(slot) + geometry.sector_size + within, within)
}
