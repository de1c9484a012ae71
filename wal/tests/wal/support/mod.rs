//! A small disk with unsynced writes, enough to crash a log: durable bytes, cached bytes, and what lies between.
//!
//! The whole fault model lives in the simulator, above this crate. This one exists so that the log's own tests can build
//! every image a power loss may leave, without the rest of the engine.

#![allow(dead_code)] // each test program uses its part

use env::sync::Mutex;
use env::{
    Env, File, FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label, LabelKind, OpenMode,
    TaskBody, TaskHandle,
};
use std::collections::BTreeMap;
use std::io::{ErrorKind, IoSlice};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    DISK: "test.disk", Lock, "the test's disk is shared";
}

/// The database's id in tests.
pub const DATABASE: u128 = 0x1234_5678_9abc_def0_0fed_cba9_8765_4321;
/// Where the log lies in tests.
pub const PATH: &str = "db-log";

#[derive(Debug, Clone, Default)]
struct Contents {
    durable: Vec<u8>,
    cached: Vec<u8>,
    /// Sectors written since the last sync: offset and bytes.
    pending: Vec<(usize, Vec<u8>)>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<PathBuf, Contents>,
    /// Calls that change something, until the next one fails for good ("the process stops here").
    calls_left: Option<u32>,
    /// Fail the next sync: the bytes stay in the cache, are clean, and never reach the disk.
    fail_sync: bool,
    /// Fail the next write, before it has done anything.
    fail_write: bool,
    /// No room for files longer than this.
    capacity: Option<usize>,
    /// Some readings of a place that answer what stood there before.
    misreading: Option<Misreading>,
    /// A label whose calls do nothing.
    skipped: Option<&'static str>,
    calls: Vec<&'static str>,
    marks: Vec<&'static str>,
}

/// Which readings of a place answer what stood there before.
#[derive(Debug, Default)]
struct Misreading {
    offset: usize,
    old: Vec<u8>,
    /// Numbers of readings, counted from 0.
    wrong: Vec<usize>,
    /// How many readings there were.
    readings: usize,
}

/// The disk, and the environment that leads to it.
#[derive(Clone)]
pub struct Disk {
    state: Arc<Mutex<State>>,
    sector: usize,
}

/// What a power loss does to a sector that was written but not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Lost,
    Kept,
    Garbage,
}

impl Disk {
    pub fn new(sector: usize) -> Disk {
        Disk { state: Arc::new(Mutex::new(&DISK, State::default())), sector }
    }

    /// A disk on which the log file holds `bytes`, all durable.
    pub fn with_log(sector: usize, bytes: Vec<u8>) -> Disk {
        let disk = Disk::new(sector);
        let contents = Contents { durable: bytes.clone(), cached: bytes, pending: Vec::new() };
        disk.state.lock().files.insert(PathBuf::from(PATH), contents);
        disk
    }

    pub fn env(&self) -> Arc<dyn Env> {
        Arc::new(self.clone())
    }

    /// The process stops at the `calls`-th changing call from now on: it and all later ones fail.
    pub fn stop_after(&self, calls: u32) {
        self.state.lock().calls_left = Some(calls);
    }

    pub fn stopped(&self) -> bool {
        self.state.lock().calls_left == Some(0)
    }

    pub fn fail_next_sync(&self) {
        self.state.lock().fail_sync = true;
    }

    pub fn fail_next_write(&self) {
        self.state.lock().fail_write = true;
    }

    /// Of the readings that cover the bytes at `offset`, those with these numbers answer `old`.
    pub fn misread(&self, offset: usize, old: &[u8], wrong: &[usize]) {
        let misreading = Misreading { offset, old: old.to_vec(), wrong: wrong.to_vec(), readings: 0 };
        self.state.lock().misreading = Some(misreading);
    }

    /// How often the place that [`Disk::misread`] names was read.
    pub fn readings(&self) -> usize {
        self.state.lock().misreading.as_ref().map_or(0, |misreading| misreading.readings)
    }

    pub fn skip(&self, label: &'static Label) {
        self.state.lock().skipped = Some(label.name);
    }

    pub fn limit(&self, bytes: Option<usize>) {
        self.state.lock().capacity = bytes;
    }

    /// The names of the changing calls so far.
    pub fn calls(&self) -> Vec<&'static str> {
        self.state.lock().calls.clone()
    }

    pub fn marks(&self) -> Vec<&'static str> {
        self.state.lock().marks.clone()
    }

    /// The process ends; the operating system's cache stays.
    pub fn restart(&self) {
        let mut state = self.state.lock();
        state.calls_left = None;
        state.fail_sync = false;
    }

    /// The power fails: each sector written since the last sync meets its fate.
    pub fn power_loss(&self, mut fate: impl FnMut() -> Fate) {
        let mut state = self.state.lock();
        state.calls_left = None;
        state.fail_sync = false;
        for contents in state.files.values_mut() {
            for (offset, bytes) in std::mem::take(&mut contents.pending) {
                match fate() {
                    Fate::Lost => {}
                    Fate::Kept => overwrite(&mut contents.durable, offset, &bytes),
                    Fate::Garbage => {
                        let garbage: Vec<u8> =
                            bytes.iter().map(|byte| byte.wrapping_mul(167) ^ 0x5c).collect();
                        overwrite(&mut contents.durable, offset, &garbage);
                    }
                }
            }
            contents.cached = contents.durable.clone();
        }
    }

    /// How many sectors wait for a sync.
    pub fn pending_sectors(&self) -> usize {
        self.state.lock().files.values().map(|contents| contents.pending.len()).sum()
    }

    pub fn durable_log(&self) -> Vec<u8> {
        self.state
            .lock()
            .files
            .get(Path::new(PATH))
            .map(|contents| contents.durable.clone())
            .unwrap_or_default()
    }

    pub fn cached_log(&self) -> Vec<u8> {
        self.state
            .lock()
            .files
            .get(Path::new(PATH))
            .map(|contents| contents.cached.clone())
            .unwrap_or_default()
    }

    /// A changing call: whether it is to be carried out.
    fn change(&self, label: &'static Label, path: &Path) -> IoResult<bool> {
        let mut state = self.state.lock();
        match &mut state.calls_left {
            Some(0) => return Err(IoError::new(label, path, ErrorKind::Other)),
            Some(left) => {
                *left -= 1;
                if *left == 0 {
                    return Err(IoError::new(label, path, ErrorKind::Other));
                }
            }
            None => {}
        }
        state.calls.push(label.name);
        Ok(state.skipped != Some(label.name))
    }
}

fn overwrite(bytes: &mut Vec<u8>, offset: usize, new: &[u8]) {
    if bytes.len() < offset + new.len() {
        bytes.resize(offset + new.len(), 0);
    }
    bytes[offset..offset + new.len()].copy_from_slice(new);
}

struct DiskFile {
    disk: Disk,
    path: PathBuf,
}

impl File for DiskFile {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        let mut state = self.disk.state.lock();
        let state = &mut *state;
        let Some(contents) = state.files.get(&self.path) else {
            return Err(IoError::new(label, &self.path, ErrorKind::NotFound));
        };
        let from = (offset as usize).min(contents.cached.len());
        let count = buffer.len().min(contents.cached.len() - from);
        buffer[..count].copy_from_slice(&contents.cached[from..from + count]);
        if let Some(misreading) = &mut state.misreading {
            let place = misreading.offset..misreading.offset + misreading.old.len();
            let shared = place.start.max(from)..place.end.min(from + count);
            if !shared.is_empty() {
                if misreading.wrong.contains(&misreading.readings) {
                    let old = &misreading.old[shared.start - place.start..shared.end - place.start];
                    buffer[shared.start - from..shared.end - from].copy_from_slice(old);
                }
                misreading.readings += 1;
            }
        }
        Ok(count)
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        let bytes: Vec<u8> = buffers.iter().flat_map(|buffer| buffer.iter().copied()).collect();
        if !self.disk.change(label, &self.path)? {
            return Ok(bytes.len());
        }
        let sector = self.disk.sector;
        let mut state = self.disk.state.lock();
        if std::mem::take(&mut state.fail_write) {
            return Err(IoError::new(label, &self.path, ErrorKind::TimedOut));
        }
        if state.capacity.is_some_and(|capacity| offset as usize + bytes.len() > capacity) {
            return Err(IoError::new(label, &self.path, ErrorKind::StorageFull));
        }
        let contents = state.files.entry(self.path.clone()).or_default();
        overwrite(&mut contents.cached, offset as usize, &bytes);
        let mut at = offset as usize;
        for piece in bytes.chunks(sector) {
            contents.pending.push((at, piece.to_vec()));
            at += piece.len();
        }
        Ok(bytes.len())
    }

    fn sync_data(&self, label: &'static Label) -> IoResult<()> {
        if !self.disk.change(label, &self.path)? {
            return Ok(());
        }
        let mut state = self.disk.state.lock();
        let failing = std::mem::take(&mut state.fail_sync);
        let contents = state.files.entry(self.path.clone()).or_default();
        let pending = std::mem::take(&mut contents.pending);
        if failing {
            return Err(IoError::new(label, &self.path, ErrorKind::Other));
        }
        for (offset, bytes) in pending {
            overwrite(&mut contents.durable, offset, &bytes);
        }
        Ok(())
    }

    fn sync_all(&self, label: &'static Label) -> IoResult<()> {
        self.sync_data(label)
    }

    fn len(&self, _label: &'static Label) -> IoResult<u64> {
        let state = self.disk.state.lock();
        Ok(state.files.get(&self.path).map_or(0, |contents| contents.cached.len() as u64))
    }

    fn set_len(&self, label: &'static Label, _length: u64) -> IoResult<()> {
        Err(IoError::new(label, &self.path, ErrorKind::Unsupported))
    }

    fn try_lock(&self, _label: &'static Label, _kind: FileLockKind) -> IoResult<FileLockOutcome> {
        Ok(FileLockOutcome::Acquired)
    }

    fn identity(&self, _label: &'static Label) -> IoResult<FileIdentity> {
        Ok(FileIdentity { device: 0, inode: 0 })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn sector_size(&self) -> usize {
        self.disk.sector
    }
}

impl Env for Disk {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        assert!(matches!(label.kind, LabelKind::Directory), "opening is a directory call");
        let exists = self.state.lock().files.contains_key(path);
        match mode {
            OpenMode::ReadOnly | OpenMode::ReadWrite if !exists => {
                return Err(IoError::new(label, path, ErrorKind::NotFound));
            }
            OpenMode::CreateNew if exists => {
                return Err(IoError::new(label, path, ErrorKind::AlreadyExists));
            }
            OpenMode::ReadOnly | OpenMode::ReadWrite => {}
            OpenMode::Create | OpenMode::CreateNew => {
                self.change(label, path)?;
                self.state.lock().files.entry(path.to_path_buf()).or_default();
            }
        }
        Ok(Arc::new(DiskFile { disk: self.clone(), path: path.to_path_buf() }))
    }

    fn rename(&self, label: &'static Label, from: &Path, _to: &Path) -> IoResult<()> {
        Err(IoError::new(label, from, ErrorKind::Unsupported))
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        self.change(label, path)?;
        match self.state.lock().files.remove(path) {
            Some(_) => Ok(()),
            None => Err(IoError::new(label, path, ErrorKind::NotFound)),
        }
    }

    fn identity(&self, _label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        let exists = self.state.lock().files.contains_key(path);
        Ok(exists.then_some(FileIdentity { device: 0, inode: 0 }))
    }

    fn list(&self, _label: &'static Label, _directory: &Path) -> IoResult<Vec<PathBuf>> {
        Ok(self.state.lock().files.keys().cloned().collect())
    }

    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        self.change(label, directory).map(|_| ())
    }

    fn monotonic(&self, _label: &'static Label) -> Duration {
        Duration::ZERO
    }

    fn wall_clock(&self, _label: &'static Label) -> i64 {
        0
    }

    fn random(&self, label: &'static Label, _buffer: &mut [u8]) -> IoResult<()> {
        Err(IoError::new(label, Path::new(""), ErrorKind::Unsupported))
    }

    fn spawn(&self, label: &'static Label, _name: &str, _body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        Err(IoError::new(label, Path::new(""), ErrorKind::Unsupported))
    }

    fn yield_now(&self, _label: &'static Label) {}

    fn sleep(&self, _label: &'static Label, _duration: Duration) {}

    fn parallelism(&self) -> usize {
        1
    }

    fn stack_budget(&self) -> usize {
        1 << 20
    }

    fn process_id(&self) -> u32 {
        1
    }

    fn reached(&self, mark: &'static Label) {
        self.state.lock().marks.push(mark.name);
    }
}
