//! A log beside which no database stands, or one that does not know of it: whether anything would be lost with it.
//!
//! Invariants
//!
//! 1. Only reads. What may still be read (by a later program, or by one that is told the layout) is never taken for nothing:
//!    of a newer format or an impossible layout it is an error, and with a damaged file header the segments are asked.
//! 2. The log of a creation that was cut off holds no record: the log of a database is made, and its directory synced,
//!    before its first record is written.

use crate::geometry::{Geometry, LogOptions};
use crate::header::{
    FILE_HEADER_BYTES, FORMAT_VERSION, SEGMENT_HEADER_BYTES, claimed_database, claimed_slot,
};
use crate::label;
use crate::reader::read_geometry;
use crate::survey::Survey;
use crate::window::Window;
use crate::{LogError, LogStart};
use env::{Env, OpenMode};
use std::io::ErrorKind;
use std::path::Path;

/// Whether a log stands at `path` that holds records, of whatever database.
///
/// # Errors
/// What the environment reports.
pub fn holds_records(env: &dyn Env, path: &Path) -> Result<bool, LogError> {
    let found = survey(env, path, |_| true)?;
    Ok(found.is_some_and(|survey| has_records(&survey)))
}

/// Whether a log of this database stands at `path` that went on from `start`, or further: whoever says that the database was
/// closed there does not know the newest of it.
///
/// # Errors
/// What the environment reports.
pub fn went_on(env: &dyn Env, path: &Path, database: u128, start: LogStart) -> Result<bool, LogError> {
    let found = survey(env, path, |claimed| claimed == database)?;
    Ok(found.is_some_and(|survey| survey.durable > start.lsn.0 || survey.proven_epoch >= start.epoch))
}

/// What the log of a database that is meant has; nothing of what is no log.
fn survey(env: &dyn Env, path: &Path, is_meant: impl Fn(u128) -> bool) -> Result<Option<Survey>, LogError> {
    let file = match env.open(&label::ORPHAN_OPEN, path, OpenMode::ReadOnly) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut window = Window::new(file)?;
    let bytes = window.get(0, FILE_HEADER_BYTES)?;
    let claimed = bytes.first_chunk::<FILE_HEADER_BYTES>().map_or(0, claimed_database);
    let layouts = match read_geometry(&**window.file(), path, claimed) {
        Ok(geometry) => vec![(geometry, claimed)],
        Err(LogError::NotALog { .. } | LogError::HeaderDamaged { .. }) => {
            layouts_by_segments(&mut window, path)?
        }
        Err(LogError::NewerFormat { .. } | LogError::BadLayout { .. }) if !is_meant(claimed) => vec![],
        Err(error) => return Err(error),
    };
    let mut found = None;
    for (geometry, database) in layouts.into_iter().filter(|(_, database)| is_meant(*database)) {
        let survey = Survey::confirmed(&mut window, &geometry, database)?;
        if has_records(&survey) {
            return Ok(Some(survey));
        }
        found = Some(survey);
    }
    Ok(found)
}

fn has_records(survey: &Survey) -> bool {
    survey.durable > 0 || survey.proven_epoch > 0
}

/// What the layout and the database may be of a log whose file header cannot be read: what its segments' headers have. A
/// creation that was cut off may leave one of those, too, but no record behind it.
fn layouts_by_segments(window: &mut Window, path: &Path) -> Result<Vec<(Geometry, u128)>, LogError> {
    let mut layouts = Vec::new();
    // What tells layouts apart: where the first slot begins, and how far its header reaches.
    for (sector_size, version) in [(512, FORMAT_VERSION), (4096, FORMAT_VERSION), (4096, 1)] {
        let guess = |segment_bytes| Geometry::new(path, LogOptions { segment_bytes, sector_size }, version);
        let first = guess(LogOptions::default().segment_bytes)?.slot_offset(0);
        let Some((database, 0)) = claimed_slot(window.get(first, SEGMENT_HEADER_BYTES)?) else { continue };
        let length = window.length().saturating_sub(first);
        let mut segment_bytes = length - length % u64::from(sector_size);
        let mut next = first + u64::from(sector_size);
        while next < window.length() {
            if claimed_slot(window.get(next, SEGMENT_HEADER_BYTES)?) == Some((database, 1)) {
                segment_bytes = next - first;
                break;
            }
            next += u64::from(sector_size);
        }
        layouts.extend(guess(segment_bytes).ok().map(|geometry| (geometry, database)));
    }
    Ok(layouts)
}
