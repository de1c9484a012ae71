//! The simulated disk: what a crash takes away is decided here, and nowhere else.
//!
//! For each file there is a durable image, the ordered list of changes since its last sync, and the cached image that
//! reads see; for each directory the durable entries and the pending ones likewise. A sync moves pending changes into the
//! durable image; a power loss gives each a fate ([`faults::survivor`]) and makes the result both durable and cached;
//! a killed process loses nothing but its open files and locks.
//!
//! The disk executes faults and never decides that one happens: each call takes the fault that was decided for it and a
//! [`Call`], by which it asks for the fault's particulars (how short, which bit) and enters it in the ledger. Faults that
//! are no business of a disk (crashes, delays) are ignored here.
//!
//! What each fault does:
//!
//! | fault | at | does |
//! |---|---|---|
//! | short-read, short-write, interrupted | read, write | less than asked, or nothing |
//! | read-error | read | one error |
//! | write-error, no-space | write | an error; a part may be written |
//! | late-write | write | an error; the bytes land some calls later, at the latest when the file is closed, or never |
//! | lost-write | write | success; the bytes are only in the cache, or nowhere |
//! | misdirected-write | write | success; the bytes stand at another sector of the file |
//! | stale-read, misdirected-read | read | older bytes, or those of another sector, once |
//! | memory-flip | read, write | one bit is another: once in what is read, for good in what is written |
//! | latent-sector-error | read, at rest | the sector fails until it is written again |
//! | sync-failed | sync | an error; of the pending writes some are durable, the others stay in the cache only |
//! | lying-sync | sync | success; everything stays pending |
//! | directory-sync-failed | directory sync | an error; the entries stay pending |
//! | bit-rot, file-cut, file-deleted, file-replaced | sync, at rest | as the name says, to any file |
//! | second-process | lock | another process holds it |
//! | open-, length-, rename-, remove-error, no-space | there | an error, nothing done |
//!
//! Invariants
//!
//! 1. What is neither durable nor pending does not survive a power loss.
//! 2. A call costs what it touches: a read its bytes, a sync the bytes since the last one; a clone of the whole disk costs
//!    one pointer for each image.
//! 3. Handles die with the process that opened them; closing a dead one does nothing.
//! 4. Everything is ordered: no hash map, no address, no clock.

mod calls;
mod crash;
mod damage;
mod entries;
mod image;
mod inode;
mod view;

pub use image::Image;

use entries::{Entries, EntryChange, parent};
use env::{FileIdentity, FileLockKind, FileLockOutcome, IoError, IoResult, Label, OpenMode};
use faults::survivor::Device;
use faults::{Call, FaultKind, FaultNumber, Place};
use inode::{HeldLock, Inode, InodeNumber};
use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Linux's number of an input/output error, so that messages read as they do there.
const EIO: i32 = 5;
/// The largest file, so that a wild offset is an error and not a wild allocation.
const FILE_BYTES_MAX: u64 = 1 << 32;
/// The device number of every simulated file.
const DEVICE_NUMBER: u64 = 1;
/// The process that holds the lock when a second process was injected.
const OTHER_PROCESS: u32 = 4242;

/// What the disk is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskConfig {
    /// Sectors and what they promise.
    pub device: Device,
    /// Bytes that all files together may have.
    pub capacity: Option<u64>,
    /// Keep older images, which stale reads and replaced files need.
    pub history: bool,
    /// The directories that exist.
    pub directories: Vec<PathBuf>,
}

impl Default for DiskConfig {
    fn default() -> DiskConfig {
        DiskConfig {
            device: Device::default(),
            capacity: None,
            history: false,
            directories: vec![PathBuf::from("/"), PathBuf::from("/db")],
        }
    }
}

/// An open file of the simulated disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle {
    slot: u32,
    life: u32,
}

#[derive(Debug, Clone)]
struct OpenFile {
    inode: InodeNumber,
    path: Arc<Path>,
    writable: bool,
    process: u32,
}

/// A write that answered a time-out and is still on its way.
#[derive(Debug, Clone)]
struct LateWrite {
    /// Through which it was written.
    handle: Handle,
    inode: InodeNumber,
    offset: u64,
    bytes: Vec<u8>,
    /// Writes and syncs until it lands.
    calls_left: u32,
    fault: FaultNumber,
}

/// The simulated disk. A clone shares all images until one of the two writes.
#[derive(Clone)]
pub struct Disk {
    config: DiskConfig,
    directories: BTreeSet<PathBuf>,
    inodes: BTreeMap<InodeNumber, Inode>,
    entries: Entries,
    handles: Vec<Option<OpenFile>>,
    late: Vec<LateWrite>,
    life: u32,
    sequence: u64,
    inodes_made: u64,
    used: u64,
    crashes: u64,
}

impl Disk {
    /// An empty disk.
    pub fn new(config: DiskConfig) -> Disk {
        Disk {
            directories: config.directories.iter().cloned().collect(),
            config,
            inodes: BTreeMap::new(),
            entries: Entries::default(),
            handles: Vec::new(),
            late: Vec::new(),
            life: 0,
            sequence: 0,
            inodes_made: 0,
            used: 0,
            crashes: 0,
        }
    }

    /// What the disk is made of.
    pub fn config(&self) -> &DiskConfig {
        &self.config
    }

    /// Makes a directory, durably.
    pub fn create_directory(&mut self, path: &Path) {
        self.directories.insert(path.to_path_buf());
    }

    /// Changes the capacity: what already lies beyond it stays, and nothing can grow.
    pub fn set_capacity(&mut self, capacity: Option<u64>) {
        self.config.capacity = capacity;
    }

    /// Bytes in all files.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Puts a file in place, durably and with its name: what stood there before the run began.
    pub fn install(&mut self, path: &Path, bytes: &[u8]) {
        self.delete(path);
        self.directories.insert(parent(path).to_path_buf());
        let number = self.make_inode();
        let image = Image::from_bytes(bytes);
        self.used += image.len();
        self.inodes.insert(number, Inode { cached: image.clone(), durable: image, ..Inode::default() });
        let path: Arc<Path> = Arc::from(path);
        self.entries.current.insert(Arc::clone(&path), number);
        self.entries.durable.insert(path, number);
    }

    /// Opens the file at `path` for `process`.
    ///
    /// # Errors
    /// `NotFound` (also for a directory that does not exist), `AlreadyExists`, or the fault's.
    pub fn open(
        &mut self,
        path: &Path,
        mode: OpenMode,
        process: u32,
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<Handle> {
        if fault == Some(FaultKind::OpenError) {
            return Err(self.refuse(FaultKind::OpenError, path, call));
        }
        if !self.directories.contains(parent(path)) {
            return Err(IoError::new(call.label, path, ErrorKind::NotFound));
        }
        let found = self.entries.current.get_key_value(path).map(|(path, &inode)| (Arc::clone(path), inode));
        let (path, inode) = match (found, mode) {
            (Some(_), OpenMode::CreateNew) => {
                return Err(IoError::new(call.label, path, ErrorKind::AlreadyExists));
            }
            (Some(found), OpenMode::ReadOnly | OpenMode::ReadWrite | OpenMode::Create) => found,
            (None, OpenMode::ReadOnly | OpenMode::ReadWrite) => {
                return Err(IoError::new(call.label, path, ErrorKind::NotFound));
            }
            (None, OpenMode::Create | OpenMode::CreateNew) => self.create(path),
        };
        if let Some(file) = self.inodes.get_mut(&inode) {
            file.opens += 1;
        }
        call.ledger.call_succeeded(call.label, &path);
        let writable = mode != OpenMode::ReadOnly;
        Ok(self.take_handle(OpenFile { inode, path, writable, process }))
    }

    fn create(&mut self, path: &Path) -> (Arc<Path>, InodeNumber) {
        let path: Arc<Path> = Arc::from(path);
        let inode = self.make_inode();
        let sequence = self.next_sequence();
        self.entries.change(sequence, EntryChange::Link { path: Arc::clone(&path), inode });
        (path, inode)
    }

    fn make_inode(&mut self) -> InodeNumber {
        self.inodes_made += 1;
        let number = InodeNumber(self.inodes_made);
        self.inodes.insert(number, Inode::default());
        number
    }

    fn take_handle(&mut self, file: OpenFile) -> Handle {
        let slot = self.handles.iter().position(Option::is_none).unwrap_or_else(|| {
            self.handles.push(None);
            self.handles.len() - 1
        });
        self.handles[slot] = Some(file);
        Handle { slot: slot as u32, life: self.life }
    }

    /// Closes an open file and drops its lock. Its late writes land: a kernel completes them before it lets go of a file,
    /// or nobody who opens it next could be sure of any place. Closing a handle of a process that is dead does nothing.
    pub fn close(&mut self, handle: Handle) {
        if handle.life != self.life {
            return;
        }
        self.land_late_writes(|late| late.handle == handle);
        let Some(file) = self.handles.get_mut(handle.slot as usize).and_then(Option::take) else { return };
        if let Some(inode) = self.inodes.get_mut(&file.inode) {
            inode.locks.retain(|lock| lock.slot != handle.slot);
            inode.opens = inode.opens.saturating_sub(1);
            if inode.opens == 0 {
                self.free_if_unreachable(file.inode);
            }
        }
    }

    /// The path under which a file was opened.
    pub fn path(&self, handle: Handle) -> Option<&Arc<Path>> {
        self.open_file(handle).map(|file| &file.path)
    }

    /// Renames a file, replacing what stood at `to`.
    ///
    /// # Errors
    /// `NotFound`, or the fault's.
    pub fn rename(
        &mut self,
        from: &Path,
        to: &Path,
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<()> {
        if fault == Some(FaultKind::RenameError) {
            return Err(self.refuse(FaultKind::RenameError, from, call));
        }
        let found = self.entries.current.get_key_value(from).map(|(path, &inode)| (Arc::clone(path), inode));
        let Some((from, inode)) = found else {
            return Err(IoError::new(call.label, from, ErrorKind::NotFound));
        };
        if !self.directories.contains(parent(to)) {
            return Err(IoError::new(call.label, to, ErrorKind::NotFound));
        }
        let replaced = self.entries.current.get(to).copied();
        if replaced == Some(inode) {
            return Ok(());
        }
        call.ledger.call_succeeded(call.label, &from);
        let to: Arc<Path> = Arc::from(to);
        // Whoever has it open is told of it by its new name.
        for file in self.handles.iter_mut().flatten().filter(|file| file.inode == inode && file.path == from)
        {
            file.path = Arc::clone(&to);
        }
        let sequence = self.next_sequence();
        call.ledger.renamed(&from, &to);
        self.entries.change(sequence, EntryChange::Rename { from, to, inode });
        if let Some(replaced) = replaced {
            self.free_if_unreachable(replaced);
        }
        Ok(())
    }

    /// Removes a file's name; who has it open keeps it.
    ///
    /// # Errors
    /// `NotFound`, or the fault's.
    pub fn remove(&mut self, path: &Path, fault: Option<FaultKind>, call: &mut Call<'_>) -> IoResult<()> {
        if fault == Some(FaultKind::RemoveError) {
            return Err(self.refuse(FaultKind::RemoveError, path, call));
        }
        let found = self.entries.current.get_key_value(path).map(|(path, &inode)| (Arc::clone(path), inode));
        let Some((path, inode)) = found else {
            return Err(IoError::new(call.label, path, ErrorKind::NotFound));
        };
        call.ledger.call_succeeded(call.label, &path);
        let sequence = self.next_sequence();
        self.entries.change(sequence, EntryChange::Unlink { path });
        self.free_if_unreachable(inode);
        Ok(())
    }

    /// Which file stands at `path`.
    pub fn identity(&self, path: &Path) -> Option<FileIdentity> {
        self.entries.current.get(path).map(|inode| identity(*inode))
    }

    /// Which file a handle is of.
    ///
    /// # Errors
    /// When the handle is dead.
    pub fn identity_of(&self, handle: Handle, label: &'static Label) -> IoResult<FileIdentity> {
        self.live(handle, label).map(|file| identity(file.inode))
    }

    /// The names of the files in `directory`, sorted by bytes.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn list(&self, directory: &Path, label: &'static Label) -> IoResult<Vec<PathBuf>> {
        if !self.directories.contains(directory) {
            return Err(IoError::new(label, directory, ErrorKind::NotFound));
        }
        let here = self.entries.current.keys().filter(|path| parent(path) == directory);
        let mut names: Vec<PathBuf> = here.filter_map(|path| path.file_name().map(PathBuf::from)).collect();
        names.sort();
        Ok(names)
    }

    /// Makes the entries of `directory` durable.
    ///
    /// # Errors
    /// `NotFound`, or the fault's.
    pub fn sync_directory(
        &mut self,
        directory: &Path,
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<()> {
        if !self.directories.contains(directory) {
            return Err(IoError::new(call.label, directory, ErrorKind::NotFound));
        }
        if fault == Some(FaultKind::DirectorySyncFailed) {
            // Entries go through a journal: they stay to be written, they never count as written.
            return Err(self.refuse(FaultKind::DirectorySyncFailed, directory, call));
        }
        self.entries.sync(directory);
        self.free_unreachable();
        Ok(())
    }

    /// Tries to take the advisory lock on a file; never waits. A handle that holds it may change its kind.
    ///
    /// # Errors
    /// When the handle is dead.
    pub fn try_lock(
        &mut self,
        handle: Handle,
        kind: FileLockKind,
        fault: Option<FaultKind>,
        call: &mut Call<'_>,
    ) -> IoResult<FileLockOutcome> {
        let file = self.live(handle, call.label)?;
        if fault == Some(FaultKind::SecondProcess) {
            call.inject(FaultKind::SecondProcess, Place::whole(&file.path));
            return Ok(FileLockOutcome::HeldBy(Some(OTHER_PROCESS)));
        }
        let (number, process) = (file.inode, file.process);
        let Some(inode) = self.inodes.get_mut(&number) else { return Err(dead(call.label)) };
        let conflicts = |lock: &&HeldLock| {
            lock.slot != handle.slot
                && (kind == FileLockKind::Exclusive || lock.kind == FileLockKind::Exclusive)
        };
        if let Some(holder) = inode.locks.iter().find(conflicts) {
            return Ok(FileLockOutcome::HeldBy(Some(holder.process)));
        }
        inode.locks.retain(|lock| lock.slot != handle.slot);
        inode.locks.push(HeldLock { slot: handle.slot, kind, process });
        Ok(FileLockOutcome::Acquired)
    }

    fn next_sequence(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    fn open_file(&self, handle: Handle) -> Option<&OpenFile> {
        if handle.life != self.life {
            return None;
        }
        self.handles.get(handle.slot as usize)?.as_ref()
    }

    fn live(&self, handle: Handle, label: &'static Label) -> IoResult<&OpenFile> {
        self.open_file(handle).ok_or_else(|| dead(label))
    }

    /// Enters the fault and makes its input/output error.
    fn refuse(&self, kind: FaultKind, path: &Path, call: &mut Call<'_>) -> IoError {
        call.inject(kind, Place::whole(&Arc::from(path)));
        input_output_error(call.label, path)
    }

    fn free_if_unreachable(&mut self, number: InodeNumber) {
        let unused = self.inodes.get(&number).is_some_and(|inode| inode.opens == 0);
        if unused
            && !self.entries.reaches(number)
            && let Some(inode) = self.inodes.remove(&number)
        {
            self.used = self.used.saturating_sub(inode.cached.len());
        }
    }

    fn free_unreachable(&mut self) {
        let unused: Vec<InodeNumber> =
            self.inodes.iter().filter(|(_, inode)| inode.opens == 0).map(|(&number, _)| number).collect();
        for number in unused {
            self.free_if_unreachable(number);
        }
    }
}

fn identity(inode: InodeNumber) -> FileIdentity {
    FileIdentity { device: DEVICE_NUMBER, inode: inode.0 }
}

fn input_output_error(label: &'static Label, path: &Path) -> IoError {
    IoError { label, path: path.to_path_buf(), kind: ErrorKind::Other, code: Some(EIO) }
}

/// A call through a handle whose process is dead: only a task that outlives its crash can make it.
fn dead(label: &'static Label) -> IoError {
    IoError::new(label, Path::new(""), ErrorKind::NotConnected)
}
