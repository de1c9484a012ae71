//! Real files: positioned calls on a descriptor.

use super::lock_holder;
use crate::{File, FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label, OpenMode};
use rustix::fs::OFlags;
use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, IoSlice};
use std::os::unix::fs::{FileExt as _, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How many buffers one vectored write takes (POSIX guarantees 16; Linux, the BSDs and macOS take 1,024). More would
/// be refused as a whole, so the rest is left to the next call: a short write.
const BUFFERS_PER_CALL: usize = 1024;

/// An open file of the operating system.
pub(super) struct RealFile {
    file: fs::File,
    path: PathBuf,
    identity: FileIdentity,
    sector_size: usize,
}

impl RealFile {
    pub(super) fn open(label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<RealFile> {
        let failed = |error: &io::Error| IoError::from_std(label, path, error);
        let mut options = OpenOptions::new();
        match mode {
            OpenMode::ReadOnly => options.read(true),
            OpenMode::ReadWrite => options.read(true).write(true),
            OpenMode::Create => options.read(true).write(true).create(true).truncate(false),
            OpenMode::CreateNew => options.read(true).write(true).create_new(true),
        };
        // Opening a pipe that nobody writes to would wait for ever; for regular files the flag means nothing.
        options.custom_flags(OFlags::NONBLOCK.bits() as i32);
        let file = options.open(path).map_err(|error| failed(&error))?;
        let metadata = file.metadata().map_err(|error| failed(&error))?;
        // What is no regular file can be opened, but every call after that would fail less clearly, or lie.
        if metadata.is_dir() {
            return Err(IoError::new(label, path, ErrorKind::IsADirectory));
        }
        if !metadata.is_file() {
            return Err(IoError::new(label, path, ErrorKind::InvalidInput));
        }
        let identity = FileIdentity { device: metadata.dev(), inode: metadata.ino() };
        Ok(RealFile { file, path: path.to_path_buf(), identity, sector_size: sector_size(metadata.dev()) })
    }

    fn checked<T>(&self, label: &'static Label, result: io::Result<T>) -> IoResult<T> {
        result.map_err(|error| IoError::from_std(label, &self.path, &error))
    }
}

/// The sector size of a device as Linux tells it, or the larger of the two where nobody does: taking a sector for
/// larger than it is costs bytes, taking it for smaller costs acknowledged commits.
fn sector_size(device: u64) -> usize {
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    // A partition has no queue of its own; its disk's is one directory up.
    for place in ["queue", "../queue"] {
        let path = format!("/sys/dev/block/{major}:{minor}/{place}/physical_block_size");
        if let Ok(text) = fs::read_to_string(path) {
            return if text.trim() == "512" { 512 } else { 4096 };
        }
    }
    4096
}

impl File for RealFile {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        self.checked(label, self.file.read_at(buffer, offset))
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        let result = match buffers {
            [single] => self.file.write_at(single, offset),
            several => {
                let several = &several[..several.len().min(BUFFERS_PER_CALL)];
                rustix::io::pwritev(&self.file, several, offset).map_err(io::Error::from)
            }
        };
        self.checked(label, result)
    }

    fn sync_data(&self, label: &'static Label) -> IoResult<()> {
        self.checked(label, self.file.sync_data())
    }

    fn sync_all(&self, label: &'static Label) -> IoResult<()> {
        self.checked(label, self.file.sync_all())
    }

    fn len(&self, label: &'static Label) -> IoResult<u64> {
        self.checked(label, self.file.metadata()).map(|metadata| metadata.len())
    }

    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()> {
        self.checked(label, self.file.set_len(length))
    }

    fn try_lock(&self, label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome> {
        let result = match kind {
            FileLockKind::Shared => self.file.try_lock_shared(),
            FileLockKind::Exclusive => self.file.try_lock(),
        };
        match result {
            Ok(()) => Ok(FileLockOutcome::Acquired),
            Err(TryLockError::WouldBlock) => Ok(FileLockOutcome::HeldBy(lock_holder::find(self.identity))),
            Err(TryLockError::Error(error)) => self.checked(label, Err(error)),
        }
    }

    fn identity(&self, _label: &'static Label) -> IoResult<FileIdentity> {
        // A descriptor never changes its file, so what `open` saw is still true.
        Ok(self.identity)
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn sector_size(&self) -> usize {
        self.sector_size
    }
}
