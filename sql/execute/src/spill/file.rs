//! The file of a statement: blocks of bytes, each with a room of its own.
//!
//! Invariants
//!
//! 1. The file has lost its name when it is made, and goes with the last that holds a block of it, as do its bytes.
//! 2. The room of a block is given back when nobody holds it any longer, and others are written there: a file is about as large as
//!    what was held at a time.
//! 3. Where blocks lie depends on nothing but what was written and let go.

use crate::error::{ExecuteError, ExecuteResult};
use crate::labels::{SPILL_READ, SPILL_ROOM, SPILL_WRITE};
use crate::run::Run;
use diagnostic::SqlState;
use env::sync::Mutex;
use env::sync::atomic::{AtomicU64, Ordering};
use env::{File, FileExt};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::StoreError;

/// Rooms are multiples of so many bytes, so that those of blocks of about one size are of one size.
const UNIT: u64 = 4 << 10;

/// The file of a statement.
pub struct SpillFile(Arc<Shared>);

struct Shared {
    file: Arc<dyn File>,
    rooms: Mutex<Rooms>,
    /// Bytes that were read and written.
    read: AtomicU64,
    written: AtomicU64,
}

impl SpillFile {
    /// Bytes that were read, and bytes that were written.
    pub fn traffic(&self) -> (u64, u64) {
        (self.0.read.load(Ordering::Relaxed), self.0.written.load(Ordering::Relaxed))
    }
}

/// Which rooms of the file are nobody's.
#[derive(Default)]
struct Rooms {
    /// Where the file ends.
    end: u64,
    /// Where they begin, by how large they are; none is empty.
    free: BTreeMap<u64, Vec<u64>>,
}

/// A piece of the file, which may be read as long as somebody holds it.
#[derive(Clone)]
pub struct Block(Arc<Piece>);

struct Piece {
    spill: Arc<Shared>,
    offset: u64,
    length: usize,
    room: u64,
}

impl Rooms {
    /// A room of at least so many bytes: where it begins, and how large it is. None if the file would grow beyond the limit.
    fn take(&mut self, bytes: u64, limit: Option<u64>) -> Option<(u64, u64)> {
        let wanted = bytes.next_multiple_of(UNIT);
        // More than half of a room that is used again is used.
        if let Some((room, places)) = self.free.range_mut(wanted..wanted.saturating_mul(2)).next() {
            let (room, place) = (*room, places.pop());
            if places.is_empty() {
                self.free.remove(&room);
            }
            if let Some(place) = place {
                return Some((place, room));
            }
        }
        let (place, end) = (self.end, self.end + wanted);
        if limit.is_some_and(|limit| self.end + bytes > limit) {
            return None;
        }
        self.end = end;
        Some((place, wanted))
    }

    fn give(&mut self, place: u64, room: u64) {
        self.free.entry(room).or_default().push(place);
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.spill.rooms.lock().give(self.offset, self.room);
    }
}

impl Block {
    /// Writes bytes into the statement's file.
    ///
    /// # Errors
    /// As writing fails, and when the file would grow beyond `temp_file_limit`.
    pub fn write(run: &mut Run<'_, '_>, bytes: &[u8]) -> ExecuteResult<Block> {
        let limit = run.world.settings.temp_file_limit;
        let spill = match &mut run.state.spill {
            Some(spill) => spill,
            none => {
                let rooms = Mutex::new(&SPILL_ROOM, Rooms::default());
                let file = run.world.store.temporary_file()?;
                let (read, written) = (AtomicU64::new(0), AtomicU64::new(0));
                none.insert(SpillFile(Arc::new(Shared { file, rooms, read, written })))
            }
        };
        let Some((offset, room)) = spill.0.rooms.lock().take(bytes.len() as u64, limit) else {
            let limit = limit.unwrap_or_default() / 1024;
            let message = format!("temporary file size exceeds temp_file_limit ({limit}kB)");
            return Err(ExecuteError::plain(SqlState::ConfigurationLimitExceeded, message));
        };
        let spill = Arc::clone(&spill.0);
        let piece = Piece { spill, offset, length: bytes.len(), room };
        piece.spill.file.write_all_at(&SPILL_WRITE, offset, bytes).map_err(StoreError::from)?;
        piece.spill.written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(Block(Arc::new(piece)))
    }

    /// Reads its bytes, in place of those that are there.
    ///
    /// # Errors
    /// As reading fails.
    pub fn read(&self, bytes: &mut Vec<u8>) -> ExecuteResult<()> {
        let Piece { spill, offset, length, .. } = &*self.0;
        bytes.clear();
        bytes.resize(*length, 0);
        spill.file.read_exact_at(&SPILL_READ, *offset, bytes).map_err(StoreError::from)?;
        spill.read.fetch_add(*length as u64, Ordering::Relaxed);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Rooms;

    #[test]
    fn rooms_are_used_again_by_what_fills_more_than_half_of_them() {
        let mut rooms = Rooms::default();
        assert_eq!(rooms.take(32_800, None), Some((0, 36_864)));
        assert_eq!(rooms.take(100, None), Some((36_864, 4096)));
        rooms.give(0, 36_864);
        assert_eq!(rooms.take(1, None), Some((40_960, 4096)));
        assert_eq!(rooms.take(16_000, None), Some((45_056, 16_384)));
        assert_eq!(rooms.take(20_000, None), Some((0, 36_864)));
        assert_eq!(rooms.end, 61_440);
    }

    #[test]
    fn a_file_grows_to_its_limit_and_rooms_are_used_again_beyond_it() {
        let mut rooms = Rooms::default();
        assert_eq!(rooms.take(8192, Some(8192)), Some((0, 8192)));
        assert_eq!(rooms.take(1, Some(8192)), None);
        rooms.give(0, 8192);
        assert_eq!(rooms.take(5000, Some(8192)), Some((0, 8192)));
    }
}
