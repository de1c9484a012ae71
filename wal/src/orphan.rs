//! A log beside which no database stands, or one that does not know of it: whether anything would be lost with it.
//!
//! Invariants
//!
//! 1. Only reads. What is no intact log holds nothing that anybody could still read.
//! 2. The log of a creation that was cut off holds no record: the log of a database is made, and its directory synced,
//!    before its first record is written.

use crate::header::{FILE_HEADER_BYTES, claimed_database};
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
    Ok(found.is_some_and(|survey| survey.durable > 0 || survey.proven_epoch > 0))
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

/// What an intact log of a database that is meant has; nothing of anything else.
fn survey(env: &dyn Env, path: &Path, is_meant: impl Fn(u128) -> bool) -> Result<Option<Survey>, LogError> {
    let file = match env.open(&label::ORPHAN_OPEN, path, OpenMode::ReadOnly) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut window = Window::new(file)?;
    let bytes = window.get(0, FILE_HEADER_BYTES)?;
    let Some(bytes) = bytes.first_chunk::<FILE_HEADER_BYTES>() else { return Ok(None) };
    let database = claimed_database(bytes);
    if !is_meant(database) {
        return Ok(None);
    }
    let Ok(geometry) = read_geometry(&**window.file(), path, database) else { return Ok(None) };
    Survey::confirmed(&mut window, &geometry, database).map(Some)
}
