//! Files that are copied from and to.

use super::error::CopyRefusal;
use crate::labels::{COPY_LENGTH, COPY_OPEN, COPY_READ, COPY_WRITE};
use env::{Env, FileExt, OpenMode, SharedFile};
use std::io::ErrorKind;
use std::path::Path;

/// How many bytes are read and written at once.
pub const PIECE: usize = 256 << 10;

/// A file that is read from its beginning.
pub struct Input {
    file: SharedFile,
    at: u64,
}

impl Input {
    /// Opens it.
    pub fn open(env: &dyn Env, path: &str) -> Result<Input, CopyRefusal> {
        let path = Path::new(path);
        let failed = |error: env::IoError| match error.kind {
            ErrorKind::IsADirectory => CopyRefusal::Directory { path: path.to_path_buf() },
            _ => CopyRefusal::Open { from: true, error },
        };
        let file = env.open(&COPY_OPEN, path, OpenMode::ReadOnly).map_err(failed)?;
        Ok(Input { file, at: 0 })
    }

    /// Appends the next bytes; whether there were any.
    pub fn read(&mut self, bytes: &mut Vec<u8>) -> Result<bool, CopyRefusal> {
        let before = bytes.len();
        bytes.resize(before + PIECE, 0);
        let read = self.file.read_up_to(&COPY_READ, self.at, &mut bytes[before..]);
        let read = read.map_err(|error| match error.kind {
            ErrorKind::IsADirectory => CopyRefusal::Directory { path: error.path },
            _ => CopyRefusal::File { from: true, error },
        })?;
        bytes.truncate(before + read);
        self.at += read as u64;
        Ok(read > 0)
    }
}

/// A file that is written in place of what stood there.
pub struct Output {
    file: SharedFile,
    at: u64,
}

impl Output {
    /// Opens or makes it.
    pub fn open(env: &dyn Env, path: &str) -> Result<Output, CopyRefusal> {
        if !Path::new(path).is_absolute() {
            return Err(CopyRefusal::RelativePath);
        }
        Output::create(env, path)
    }

    /// The same wherever it is.
    pub fn create(env: &dyn Env, path: &str) -> Result<Output, CopyRefusal> {
        let path = Path::new(path);
        let failed = |error| CopyRefusal::Open { from: false, error };
        let file = env.open(&COPY_OPEN, path, OpenMode::Create).map_err(failed)?;
        file.set_len(&COPY_LENGTH, 0).map_err(failed)?;
        Ok(Output { file, at: 0 })
    }

    /// Writes bytes behind the others.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), CopyRefusal> {
        let written = self.file.write_all_at(&COPY_WRITE, self.at, bytes);
        written.map_err(|error| CopyRefusal::File { from: false, error })?;
        self.at += bytes.len() as u64;
        Ok(())
    }
}
