//! A world in memory: files that live as long as the environment, shared by path.
//!
//! In-memory databases run on it through the same code as those on disk, and oracles recover copies of a simulated
//! disk in it. Nothing in it is a scheduling point: it takes no lock of [`crate::sync`] and waits for nobody.
//!
//! What is simpler than the real world: every directory exists and is empty until a file is in it; paths are compared
//! as they are written; syncs do nothing, since nothing survives the environment.
//!
//! Invariants
//!
//! 1. A file lives as long as its name or an open handle does, as under Unix; renaming and removing touch names only.
//! 2. A read copies the bytes that were asked for, and nothing else is copied or allocated.
//! 3. With a fixed clock, seeded entropy and refused tasks, nothing here differs between two runs.

mod file;

use crate::real::RealEnv;
use crate::{Env, File, FileIdentity, IoError, IoResult, Label, OpenMode, TaskBody, TaskHandle};
use file::{Contents, Handle, Space};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Where time comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryClock {
    /// From the operating system.
    Real,
    /// It stands still, except that a sleep moves it on: at first `monotonic` is zero and the wall clock this many
    /// microseconds since 1970.
    Fixed(i64),
}

/// Where random bytes come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryEntropy {
    /// From the operating system.
    Real,
    /// From this number.
    Seeded(u64),
}

/// What becomes of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemoryTasks {
    /// They are threads.
    Threads,
    /// Starting one fails with `Unsupported`.
    Refused,
}

/// The properties of a world in memory.
#[derive(Debug, Clone)]
pub struct MemoryOptions {
    /// Where time comes from.
    pub clock: MemoryClock,
    /// Where random bytes come from.
    pub entropy: MemoryEntropy,
    /// What becomes of tasks.
    pub tasks: MemoryTasks,
    /// What files tell as their sector size.
    pub sector_size: usize,
    /// How many bytes all files may have together; a write beyond is cut, then fails with `StorageFull`.
    pub capacity: u64,
}

impl MemoryOptions {
    /// For in-memory databases: real clocks, entropy and threads, no limit.
    pub fn real() -> MemoryOptions {
        MemoryOptions {
            clock: MemoryClock::Real,
            entropy: MemoryEntropy::Real,
            tasks: MemoryTasks::Threads,
            sector_size: 512,
            capacity: u64::MAX,
        }
    }

    /// For oracles: nothing that differs between two runs, no tasks, no limit.
    pub fn deterministic() -> MemoryOptions {
        MemoryOptions {
            clock: MemoryClock::Fixed(0),
            entropy: MemoryEntropy::Seeded(0),
            tasks: MemoryTasks::Refused,
            ..MemoryOptions::real()
        }
    }
}

/// A world in memory.
pub struct MemoryEnv {
    options: MemoryOptions,
    files: Mutex<BTreeMap<PathBuf, Arc<Contents>>>,
    space: Arc<Space>,
    next_inode: AtomicU64,
    /// Nanoseconds that a fixed clock has moved by.
    slept: AtomicU64,
    /// How many words a seeded entropy has given.
    drawn: AtomicU64,
    real: RealEnv,
}

impl MemoryEnv {
    /// The same with tasks whose recursion may use so many bytes of stack.
    #[must_use]
    pub fn with_stack_budget(self, bytes: usize) -> MemoryEnv {
        MemoryEnv { real: RealEnv::with_stack_budget(bytes), ..self }
    }

    /// An empty world with real clocks, entropy and threads.
    pub fn new() -> MemoryEnv {
        MemoryEnv::with_options(MemoryOptions::real(), BTreeMap::new())
    }

    /// A deterministic world ([`MemoryOptions::deterministic`]) that holds `files`; they are moved, not copied.
    pub fn from_files(files: BTreeMap<PathBuf, Vec<u8>>) -> MemoryEnv {
        MemoryEnv::with_options(MemoryOptions::deterministic(), files)
    }

    /// A world with these properties that holds `files`.
    pub fn with_options(options: MemoryOptions, files: BTreeMap<PathBuf, Vec<u8>>) -> MemoryEnv {
        let space = Arc::new(Space::new(options.capacity));
        let next_inode = files.len() as u64 + 1;
        let files = files
            .into_iter()
            .zip(1..)
            .map(|((path, bytes), inode)| (path, Arc::new(Contents::new(inode, bytes, Arc::clone(&space)))))
            .collect();
        MemoryEnv {
            options,
            files: Mutex::new(files),
            space,
            next_inode: AtomicU64::new(next_inode),
            slept: AtomicU64::new(0),
            drawn: AtomicU64::new(0),
            real: RealEnv::new(),
        }
    }

    /// A copy of all files that have a name.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.files.lock().iter().map(|(path, contents)| (path.clone(), contents.copy())).collect()
    }

    fn moved(&self) -> Duration {
        Duration::from_nanos(self.slept.load(Ordering::Relaxed))
    }
}

impl Default for MemoryEnv {
    fn default() -> MemoryEnv {
        MemoryEnv::new()
    }
}

/// One step of splitmix64: the `index`-th word of the stream that `seed` names.
fn seeded_word(seed: u64, index: u64) -> u64 {
    let mut word = seed.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl Env for MemoryEnv {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        let mut files = self.files.lock();
        let found = files.get(path).cloned();
        let contents = match (found, mode) {
            (Some(_), OpenMode::CreateNew) => {
                return Err(IoError::new(label, path, ErrorKind::AlreadyExists));
            }
            (Some(contents), OpenMode::ReadOnly | OpenMode::ReadWrite | OpenMode::Create) => contents,
            (None, OpenMode::ReadOnly | OpenMode::ReadWrite) => {
                return Err(IoError::new(label, path, ErrorKind::NotFound));
            }
            (None, OpenMode::Create | OpenMode::CreateNew) => {
                let inode = self.next_inode.fetch_add(1, Ordering::Relaxed);
                let contents = Arc::new(Contents::new(inode, Vec::new(), Arc::clone(&self.space)));
                files.insert(path.to_path_buf(), Arc::clone(&contents));
                contents
            }
        };
        let writable = mode != OpenMode::ReadOnly;
        Ok(Arc::new(Handle::new(contents, path, writable, self.options.sector_size, self.process_id())))
    }

    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()> {
        let mut files = self.files.lock();
        let contents = files.remove(from).ok_or_else(|| IoError::new(label, from, ErrorKind::NotFound))?;
        files.insert(to.to_path_buf(), contents);
        Ok(())
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        match self.files.lock().remove(path) {
            Some(_) => Ok(()),
            None => Err(IoError::new(label, path, ErrorKind::NotFound)),
        }
    }

    fn identity(&self, _label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        Ok(self.files.lock().get(path).map(|contents| contents.identity()))
    }

    fn list(&self, _label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>> {
        let files = self.files.lock();
        let inside = files.keys().filter(|path| path.parent() == Some(directory));
        let mut names: Vec<PathBuf> = inside.filter_map(|path| path.file_name()).map(PathBuf::from).collect();
        names.sort_unstable_by(|left, right| {
            left.as_os_str().as_encoded_bytes().cmp(right.as_os_str().as_encoded_bytes())
        });
        Ok(names)
    }

    fn sync_directory(&self, _label: &'static Label, _directory: &Path) -> IoResult<()> {
        Ok(())
    }

    fn monotonic(&self, label: &'static Label) -> Duration {
        match self.options.clock {
            MemoryClock::Real => self.real.monotonic(label),
            MemoryClock::Fixed(_) => self.moved(),
        }
    }

    fn wall_clock(&self, label: &'static Label) -> i64 {
        match self.options.clock {
            MemoryClock::Real => self.real.wall_clock(label),
            MemoryClock::Fixed(start) => {
                start.saturating_add(i64::try_from(self.moved().as_micros()).unwrap_or(i64::MAX))
            }
        }
    }

    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        match self.options.entropy {
            MemoryEntropy::Real => self.real.random(label, buffer),
            MemoryEntropy::Seeded(seed) => {
                for bytes in buffer.chunks_mut(8) {
                    let word = seeded_word(seed, self.drawn.fetch_add(1, Ordering::Relaxed));
                    bytes.copy_from_slice(&word.to_le_bytes()[..bytes.len()]);
                }
                Ok(())
            }
        }
    }

    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        match self.options.tasks {
            MemoryTasks::Threads => self.real.spawn(label, name, body),
            MemoryTasks::Refused => Err(IoError::new(label, Path::new(""), ErrorKind::Unsupported)),
        }
    }

    fn yield_now(&self, label: &'static Label) {
        self.real.yield_now(label);
    }

    fn sleep(&self, label: &'static Label, duration: Duration) {
        match self.options.clock {
            MemoryClock::Real => self.real.sleep(label, duration),
            MemoryClock::Fixed(_) => {
                let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                self.slept.fetch_add(nanos, Ordering::Relaxed);
            }
        }
    }

    fn parallelism(&self) -> usize {
        match self.options.tasks {
            MemoryTasks::Threads => self.real.parallelism(),
            MemoryTasks::Refused => 1,
        }
    }

    fn stack_budget(&self) -> usize {
        self.real.stack_budget()
    }

    fn stack_floor(&self) -> usize {
        self.real.stack_floor()
    }

    fn process_id(&self) -> u32 {
        match self.options.entropy {
            MemoryEntropy::Real => self.real.process_id(),
            MemoryEntropy::Seeded(_) => 1,
        }
    }
}
