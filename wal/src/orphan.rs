//! A file that stands where a log is to be made, or beside which a database is missing: whose it is, and what would be lost
//! with it.
//!
//! No layout is needed for that, nor an intact file header: a record is known by its checksum wherever it stands, if only the
//! database is known, and which databases there may be is said by the file header, by each segment's header and by the notes.
//!
//! Invariants
//!
//! 1. Only reads. What it finds is believed when three readings of the whole file in turn agree.
//! 2. A file is let go only if it is certain that nothing is lost: a log of this database that ended where the database was
//!    closed, or before; a log without a record; or what a creation that was cut off may leave. What may still be read (by a
//!    later program, or beside another database) is never taken for nothing: that is an error.
//! 3. The log of a creation that was cut off holds no record, and one segment at most: the log of a database is made, and its
//!    directory synced, before its first record is written. Any of its sectors may be noise.
//! 4. Whatever the file holds, the work is bounded by its length.

use crate::frame::{FRAME_HEADER_BYTES, FrameChecksum, FrameHeader};
use crate::geometry::HIGHEST_LSN;
use crate::header::{
    FILE_HEADER_BYTES, FORMAT_VERSION, SEGMENT_HEADER_BYTES, claimed_database, claimed_slot, claimed_version,
    decode_file_header, is_somebodys, mended_file_header,
};
use crate::label;
use crate::slot_note;
use crate::survey::{CHECKED_FOR_EACH, agreed, intact_frames};
use crate::window::Window;
use crate::{LogError, LogStart};
use env::{AGREEING_READINGS, Env, OpenMode, TELLING_BYTES};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// The smallest sector: each structure of a log begins at a multiple of it.
const SMALLEST_SECTOR: u64 = 512;
/// So many databases may be named by one file. A log names one.
const DATABASES_MAX: usize = 4;

/// Whether a log stands at `path` that holds records, of whatever database.
///
/// # Errors
/// [`LogError::NewerFormat`], [`LogError::HeaderDamaged`] where it cannot be told, [`LogError::Unsteady`], or what the environment
/// reports.
pub fn holds_records(env: &dyn Env, path: &Path) -> Result<bool, LogError> {
    let Some(found) = look(env, path, None)? else { return Ok(false) };
    found.refuse_unknown(path)?;
    Ok(found.records().next().is_some())
}

/// Refuses a file at `path` that is not certainly a useless one: one of `database`, which ended at `start` or before, or what is
/// left of a creation. Without a database, only what holds no record is useless.
///
/// # Errors
/// [`LogError::InTheWay`], [`LogError::Ahead`], [`LogError::HoldsCommits`], [`LogError::NewerFormat`],
/// [`LogError::HeaderDamaged`], [`LogError::Unsteady`], or what the environment reports.
pub fn refuse_needed(env: &dyn Env, path: &Path, closed: Option<(u128, LogStart)>) -> Result<(), LogError> {
    let Some(found) = look(env, path, closed.map(|(database, _)| database))? else { return Ok(()) };
    let path = || path.to_path_buf();
    if let Some(beginning) =
        found.beginning.first_chunk::<TELLING_BYTES>().filter(|found| is_somebodys(found))
    {
        return Err(LogError::InTheWay { path: path(), found: *beginning });
    }
    found.refuse_unknown(&path())?;
    for (database, records) in found.records() {
        match closed {
            Some((own, start)) if own == database => {
                if records.durable > start.lsn.0 || records.epoch >= start.epoch {
                    return Err(LogError::Ahead { path: path(), start: start.lsn });
                }
            }
            Some(_) | None => return Err(LogError::HoldsCommits { path: path(), database }),
        }
    }
    Ok(())
}

/// What the intact records of a database tell.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Records {
    /// The highest "durable up to" mark.
    durable: u64,
    /// The highest epoch.
    epoch: u32,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Found {
    /// Its first bytes, as many as a file header has at most.
    beginning: Vec<u8>,
    /// By the databases that it names; `None` where no record of it was found yet.
    named: BTreeMap<u128, Option<Records>>,
    /// It has more segments than a creation leaves.
    is_grown: bool,
    /// It names more databases than a log does, or has more that looks like records than it has bytes.
    is_strange: bool,
}

/// Looks at the file at `path`; nothing where none is.
fn look(env: &dyn Env, path: &Path, meant: Option<u128>) -> Result<Option<Found>, LogError> {
    let file = match env.open(&label::ORPHAN_OPEN, path, OpenMode::ReadOnly) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut window = Window::new(file)?;
    let mut found = Found::default();
    meant.into_iter().for_each(|database| found.name(database));
    found.look(&mut window)?;
    agreed(found, AGREEING_READINGS, &mut window, |found, window| found.look(window)).map(Some)
}

impl Found {
    /// Looks at the whole file. What intact records tell adds up: it is true whenever it was read.
    fn look(&mut self, window: &mut Window) -> Result<(), LogError> {
        (self.is_grown, self.is_strange) = (false, false);
        self.beginning = window.get(0, FILE_HEADER_BYTES)?.to_vec();
        if let Some(header) = self.header() {
            self.name(claimed_database(&header));
        }
        let mut budget = window.length().saturating_mul(CHECKED_FOR_EACH);
        let mut offset = 0;
        while offset < window.length() {
            self.look_at_names(window.get(offset, SEGMENT_HEADER_BYTES)?);
            // What lies within a record is somebody's data, whatever it looks like.
            let end = self.look_at_records(window, offset, &mut budget)?;
            offset = end.map_or(offset + SMALLEST_SECTOR, |end| end.next_multiple_of(SMALLEST_SECTOR));
        }
        Ok(())
    }

    /// The file header, with a flipped bit of it mended.
    fn header(&self) -> Option<[u8; FILE_HEADER_BYTES]> {
        mended_file_header(self.beginning.first_chunk()?)
    }

    /// Segments' headers and notes name the database, and tell how many segments there are.
    fn look_at_names(&mut self, bytes: &[u8]) {
        if let Some((database, slot)) = claimed_slot(bytes) {
            self.name(database);
            self.is_grown |= slot > 0;
        }
        if let Some((database, slots)) = slot_note::claimed(bytes) {
            self.name(database);
            self.is_grown |= slots > 1;
        }
    }

    fn name(&mut self, database: u128) {
        if self.named.len() < DATABASES_MAX {
            self.named.entry(database).or_default();
        } else {
            self.is_strange |= !self.named.contains_key(&database);
        }
    }

    /// Looks at the records that follow one another from `offset` on, a sector's bound; answers where the last intact one ends, if
    /// there is any.
    fn look_at_records(
        &mut self,
        window: &mut Window,
        offset: u64,
        budget: &mut u64,
    ) -> Result<Option<u64>, LogError> {
        let (length, mut is_strange) = (window.length(), false);
        let may_be = |frame: &FrameHeader, at: u64| {
            let bytes = (FRAME_HEADER_BYTES + frame.length) as u64;
            let fits = (at > offset || frame.lsn.is_multiple_of(SMALLEST_SECTOR))
                && frame.lsn < HIGHEST_LSN
                && frame.durable <= frame.lsn
                && bytes <= length.saturating_sub(at);
            // No log is like that.
            is_strange |= fits && *budget < bytes;
            *budget = budget.saturating_sub(if fits { bytes } else { 0 });
            fits && !is_strange
        };
        let end = intact_frames(window, offset, may_be, |frame, bytes| self.is_record(frame, bytes))?;
        self.is_strange |= is_strange;
        Ok(end)
    }

    /// Whether `bytes` are an intact frame of a database that the file names; notes what it tells.
    fn is_record(&mut self, frame: &FrameHeader, bytes: &[u8]) -> bool {
        let named = self.named.iter_mut();
        let mut of = named.filter(|(database, _)| FrameChecksum::new(**database).of(bytes) == frame.checksum);
        let Some((_, records)) = of.next() else { return false };
        let known = records.get_or_insert_default();
        known.durable = known.durable.max(frame.durable);
        known.epoch = known.epoch.max(frame.epoch);
        true
    }

    /// Refuses what cannot be told: a log of a later program, what no log looks like, and what is more than the rest of a
    /// creation, but has neither a file header nor records.
    fn refuse_unknown(&self, path: &Path) -> Result<(), LogError> {
        if self.is_strange {
            let mut found = [0; TELLING_BYTES];
            found.iter_mut().zip(&self.beginning).for_each(|(to, from)| *to = *from);
            return Err(LogError::InTheWay { path: path.to_path_buf(), found });
        }
        let unreadable = match self.header() {
            Some(header) => claimed_version(&header) > FORMAT_VERSION,
            None => self.records().next().is_none() && self.is_grown,
        };
        if unreadable {
            decode_file_header(path, 0, &self.beginning)?;
        }
        Ok(())
    }

    /// The databases of which there are records.
    fn records(&self) -> impl Iterator<Item = (u128, Records)> {
        self.named.iter().filter_map(|(&database, records)| Some((database, (*records)?)))
    }
}
