//! A log beside which no database stands: whether anything would be lost with it.
//!
//! Invariants
//!
//! 1. Only reads. What is no intact log holds nothing that anybody could still read.
//! 2. The log of a creation that was cut off holds no record: the log of a database is made, and its directory synced,
//!    before its first record is written.

use crate::LogError;
use crate::header::{FILE_HEADER_BYTES, claimed_database};
use crate::label;
use crate::reader::read_geometry;
use crate::survey::Survey;
use crate::window::Window;
use env::{Env, OpenMode};
use std::io::ErrorKind;
use std::path::Path;

/// Whether a log stands at `path` that holds records, of whatever database.
///
/// # Errors
/// What the environment reports.
pub fn holds_records(env: &dyn Env, path: &Path) -> Result<bool, LogError> {
    let file = match env.open(&label::ORPHAN_OPEN, path, OpenMode::ReadOnly) {
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    let mut window = Window::new(file)?;
    let bytes = window.get(0, FILE_HEADER_BYTES)?;
    let Some(bytes) = bytes.first_chunk::<FILE_HEADER_BYTES>() else { return Ok(false) };
    let database = claimed_database(bytes);
    let Ok(geometry) = read_geometry(&**window.file(), path, database) else { return Ok(false) };
    let survey = Survey::confirmed(&mut window, &geometry, database)?;
    Ok(survey.durable > 0 || survey.proven_epoch > 0)
}
