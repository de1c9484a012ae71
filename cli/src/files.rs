//! Whole small files, through the environment like everything else.

use crate::errors::CliError;
use env::{Env, FileExt, OpenMode};
use std::path::Path;

env::labels! {
    OPEN: "cli.file.open", Directory, "no report or scenario can be read or written";
    LENGTH: "cli.file.length", Length, "no report or scenario can be read";
    READ: "cli.file.read", Read, "no report or scenario can be read";
    WRITE: "cli.file.write", Write, "no report or scenario is written";
}

/// Reads a text file.
///
/// # Errors
/// When it cannot be read, or is no text.
pub fn read_text(env: &dyn Env, path: &Path) -> Result<String, CliError> {
    let file = env.open(&OPEN, path, OpenMode::ReadOnly)?;
    let mut bytes = vec![0; file.len(&LENGTH)? as usize];
    file.read_exact_at(&READ, 0, &mut bytes)?;
    String::from_utf8(bytes).map_err(|_| CliError::NotText { path: path.to_path_buf() })
}

/// Writes a file, in place of one that stands there.
///
/// # Errors
/// When it cannot be written.
pub fn write(env: &dyn Env, path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let file = env.open(&OPEN, path, OpenMode::Create)?;
    file.set_len(&LENGTH, 0)?;
    file.write_all_at(&WRITE, 0, bytes)?;
    Ok(())
}
