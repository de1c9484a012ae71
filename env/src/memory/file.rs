//! Files in memory: contents shared by all handles, the advisory lock among them, and the space all files share.

use crate::{File, FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label};
use parking_lot::{Mutex, RwLock};
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes the files of a world may have together, and have.
pub(super) struct Space {
    capacity: u64,
    used: AtomicU64,
}

impl Space {
    pub(super) fn new(capacity: u64) -> Space {
        Space { capacity, used: AtomicU64::new(0) }
    }

    /// Takes up to `wanted` bytes; returns how many there were.
    fn take(&self, wanted: u64) -> u64 {
        let mut taken = 0;
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
            taken = wanted.min(self.capacity.saturating_sub(used));
            Some(used + taken)
        });
        taken
    }

    fn give_back(&self, bytes: u64) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// How the advisory lock is held; each handle remembers its own part.
#[derive(Default)]
struct LockState {
    exclusive: bool,
    holders: usize,
}

/// What a file holds, under whatever names and handles.
pub(super) struct Contents {
    inode: u64,
    bytes: RwLock<Vec<u8>>,
    lock: Mutex<LockState>,
    space: Arc<Space>,
}

impl Contents {
    pub(super) fn new(inode: u64, bytes: Vec<u8>, space: Arc<Space>) -> Contents {
        // What is there at the start counts, even beyond the capacity.
        space.used.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Contents { inode, bytes: RwLock::new(bytes), lock: Mutex::default(), space }
    }

    pub(super) fn copy(&self) -> Vec<u8> {
        self.bytes.read().clone()
    }

    pub(super) fn identity(&self) -> FileIdentity {
        FileIdentity { device: 0, inode: self.inode }
    }

    /// Grows to `wanted` bytes, with zeros, as far as there is space; returns the length then.
    fn grow(&self, bytes: &mut Vec<u8>, wanted: usize) -> usize {
        if let Some(more) = wanted.checked_sub(bytes.len()) {
            let taken = self.space.take(more as u64);
            // `taken` is at most `more`, which is a `usize`.
            let length = bytes.len() + taken as usize;
            if bytes.try_reserve(taken as usize).is_err() {
                self.space.give_back(taken);
                return bytes.len();
            }
            bytes.resize(length, 0);
        }
        bytes.len()
    }

    /// Cuts to `length` bytes.
    fn shrink(&self, bytes: &mut Vec<u8>, length: usize) {
        let before = bytes.len();
        bytes.truncate(length);
        self.space.give_back((before - bytes.len()) as u64);
    }
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.space.give_back(self.bytes.get_mut().len() as u64);
    }
}

/// An open file in memory.
pub(super) struct Handle {
    contents: Arc<Contents>,
    path: PathBuf,
    writable: bool,
    sector_size: usize,
    process: u32,
    locked: Mutex<Option<FileLockKind>>,
}

impl Handle {
    pub(super) fn new(
        contents: Arc<Contents>,
        path: &Path,
        writable: bool,
        sector_size: usize,
        process: u32,
    ) -> Handle {
        Handle {
            contents,
            path: path.to_path_buf(),
            writable,
            sector_size,
            process,
            locked: Mutex::new(None),
        }
    }

    fn check_writable(&self, label: &'static Label) -> IoResult<()> {
        if self.writable {
            return Ok(());
        }
        Err(IoError::new(label, &self.path, ErrorKind::PermissionDenied))
    }

    fn position(&self, label: &'static Label, offset: u64) -> IoResult<usize> {
        usize::try_from(offset).map_err(|_| IoError::new(label, &self.path, ErrorKind::FileTooLarge))
    }
}

impl File for Handle {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        let start = self.position(label, offset)?;
        let bytes = self.contents.bytes.read();
        let available = bytes.get(start..).unwrap_or_default();
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        Ok(count)
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        self.check_writable(label)?;
        let start = self.position(label, offset)?;
        let wanted: usize = buffers.iter().map(|buffer| buffer.len()).sum();
        let end = start
            .checked_add(wanted)
            .ok_or_else(|| IoError::new(label, &self.path, ErrorKind::FileTooLarge))?;
        if wanted == 0 {
            return Ok(0);
        }
        let mut bytes = self.contents.bytes.write();
        let before = bytes.len();
        let length = self.contents.grow(&mut bytes, end);
        let fits = length.saturating_sub(start).min(wanted);
        if fits == 0 {
            self.contents.shrink(&mut bytes, before);
            return Err(IoError::new(label, &self.path, ErrorKind::StorageFull));
        }
        let mut rest = &mut bytes[start..start + fits];
        for buffer in buffers {
            let count = rest.len().min(buffer.len());
            let (target, after) = rest.split_at_mut(count);
            target.copy_from_slice(&buffer[..count]);
            rest = after;
        }
        Ok(fits)
    }

    fn sync_data(&self, _label: &'static Label) -> IoResult<()> {
        Ok(())
    }

    fn sync_all(&self, _label: &'static Label) -> IoResult<()> {
        Ok(())
    }

    fn len(&self, _label: &'static Label) -> IoResult<u64> {
        Ok(self.contents.bytes.read().len() as u64)
    }

    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()> {
        self.check_writable(label)?;
        let length = self.position(label, length)?;
        let mut bytes = self.contents.bytes.write();
        let before = bytes.len();
        if length <= before {
            self.contents.shrink(&mut bytes, length);
            return Ok(());
        }
        let reached = self.contents.grow(&mut bytes, length);
        if reached < length {
            self.contents.shrink(&mut bytes, before);
            return Err(IoError::new(label, &self.path, ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn try_lock(&self, _label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome> {
        let mut own = self.locked.lock();
        let mut state = self.contents.lock.lock();
        let others = state.holders - usize::from(own.is_some());
        let refused = match kind {
            FileLockKind::Exclusive => others > 0,
            FileLockKind::Shared => others > 0 && state.exclusive,
        };
        if refused {
            return Ok(FileLockOutcome::HeldBy(Some(self.process)));
        }
        *own = Some(kind);
        *state = LockState { exclusive: kind == FileLockKind::Exclusive, holders: others + 1 };
        Ok(FileLockOutcome::Acquired)
    }

    fn identity(&self, _label: &'static Label) -> IoResult<FileIdentity> {
        Ok(self.contents.identity())
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn sector_size(&self) -> usize {
        self.sector_size
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if self.locked.get_mut().is_some() {
            let mut state = self.contents.lock.lock();
            state.holders -= 1;
            state.exclusive = false;
        }
    }
}
