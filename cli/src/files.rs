//! Whole small files, through the environment like everything else.

use crate::errors::CliError;
use env::{Env, File, FileExt, OpenMode};
use std::path::Path;
use std::sync::Arc;

env::labels! {
    OPEN: "cli.file.open", Directory, "no report or scenario can be read or written";
    DIRECTORY: "cli.file.directory", Directory, "a dumped disk has no place";
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

/// A file that will be written. It is opened before the work begins whose result goes there, so that nobody waits for a
/// result that has no place; what stood there stays until then.
pub struct Output {
    file: Arc<dyn File>,
}

impl Output {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn open(env: &dyn Env, path: &Path) -> Result<Output, CliError> {
        Ok(Output { file: env.open(&OPEN, path, OpenMode::Create)? })
    }

    /// Writes it, in place of what stands there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.file.set_len(&LENGTH, 0)?;
        Ok(self.file.write_all_at(&WRITE, 0, bytes)?)
    }
}

/// A file that is written piece by piece, in place of what stood there.
pub struct Pieces {
    file: Arc<dyn File>,
    at: u64,
}

impl Pieces {
    /// Opens the file, or makes it, and empties it.
    ///
    /// # Errors
    /// When it cannot be written to.
    pub fn open(env: &dyn Env, path: &Path) -> Result<Pieces, CliError> {
        let file = env.open(&OPEN, path, OpenMode::Create)?;
        file.set_len(&LENGTH, 0)?;
        Ok(Pieces { file, at: 0 })
    }

    /// Writes bytes behind the others.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        self.file.write_all_at(&WRITE, self.at, bytes)?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}

/// A file that is read piece by piece.
pub struct Reading {
    file: Arc<dyn File>,
    at: u64,
}

impl Reading {
    /// Opens the file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(env: &dyn Env, path: &Path) -> Result<Reading, CliError> {
        Ok(Reading { file: env.open(&OPEN, path, OpenMode::ReadOnly)?, at: 0 })
    }

    /// Appends the next bytes; whether there were any.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CliError> {
        /// How many bytes are read at once.
        const PIECE: usize = 256 << 10;
        let before = bytes.len();
        bytes.resize(before + PIECE, 0);
        let read = self.file.read_up_to(&READ, self.at, &mut bytes[before..])?;
        bytes.truncate(before + read);
        self.at += read as u64;
        Ok(read > 0)
    }
}

/// Makes a directory, where none is.
///
/// # Errors
/// When it cannot be made.
pub fn make_directory(env: &dyn Env, path: &Path) -> Result<(), CliError> {
    Ok(env.make_directory(&DIRECTORY, path)?)
}
