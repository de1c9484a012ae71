//! The real world: the operating system's files, clocks, threads, entropy and sockets (Unix).
//!
//! Invariants
//!
//! 1. Nothing is retried and nothing is buffered here: every call is one system call, and its failure is reported as
//!    it came (callers resume short calls with [`crate::FileExt`], in one place).
//! 2. `sync_data` and `sync_all` return success only when the system said so for this very call.
//! 3. The advisory lock belongs to the open file, so it goes when the file is closed, also by the death of the process.

mod file;
mod lock_holder;
mod network;
mod task;

use crate::{Env, File, FileIdentity, IoError, IoResult, Label, Network, OpenMode, TaskBody, TaskHandle};
use file::RealFile;
use network::RealNetwork;
use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

/// What recursion may use: safe on threads of the caller's own making, which `std` gives 2 MiB.
const STACK_BUDGET: usize = 1 << 20;

/// What recursion may use on a thread that [`on_large_stack`] makes: what PostgreSQL's limit of 2 MiB allows its leaner frames.
const LARGE_STACK_BUDGET: usize = 24 << 20;

/// How many times as much stack threads have as recursion is told it may use, for what is not counted.
const STACK_FACTOR: usize = 4;

/// How many symbolic links are followed one after the other: as many as Linux follows.
const LINKS_MAX: usize = 40;

/// The real world. Cheap to make; one for a process is enough.
#[derive(Debug)]
pub struct RealEnv {
    started: Instant,
    network: RealNetwork,
    stack_budget: usize,
}

impl RealEnv {
    /// The world of this process.
    pub fn new() -> RealEnv {
        RealEnv::with_stack_budget(STACK_BUDGET)
    }

    /// The same with tasks whose recursion may use so many bytes of stack.
    pub(crate) fn with_stack_budget(bytes: usize) -> RealEnv {
        RealEnv { started: Instant::now(), network: RealNetwork, stack_budget: bytes }
    }
}

/// Runs a program's body on a thread with much stack, in a world whose tasks have as much: for programs that are given
/// statements by people or other programs, which may nest deeply. The memory is taken as it is used.
///
/// # Panics
/// When `body` does; or when the system has no thread to give, as `std::thread::spawn` does.
pub fn on_large_stack<T: Send>(body: impl FnOnce(RealEnv) -> T + Send) -> T {
    let env = RealEnv::with_stack_budget(LARGE_STACK_BUDGET);
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().name("main".to_owned()).stack_size(STACK_FACTOR * LARGE_STACK_BUDGET);
        match thread.spawn_scoped(scope, || body(env)) {
            Ok(running) => running.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
            Err(error) => panic!("the system gives no thread: {error}"),
        }
    })
}

impl Default for RealEnv {
    fn default() -> RealEnv {
        RealEnv::new()
    }
}

/// The directory that `path` names; the parent of a bare file name is the current directory.
fn directory_or_current(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

impl Env for RealEnv {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        Ok(Arc::new(RealFile::open(label, path, mode)?))
    }

    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()> {
        fs::rename(from, to).map_err(|error| IoError::from_std(label, from, &error))
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        fs::remove_file(path).map_err(|error| IoError::from_std(label, path, &error))
    }

    fn resolve(&self, _label: &'static Label, path: &Path) -> PathBuf {
        let mut found = path.to_path_buf();
        for _ in 0..LINKS_MAX {
            match fs::read_link(&found) {
                // An absolute target replaces the directory.
                Ok(target) => found = found.parent().unwrap_or(Path::new("")).join(target),
                // No link; whatever else is wrong there is said better by opening it.
                Err(_) => return found,
            }
        }
        path.to_path_buf()
    }

    fn identity(&self, label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(FileIdentity { device: metadata.dev(), inode: metadata.ino() })),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(IoError::from_std(label, path, &error)),
        }
    }

    fn make_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        fs::create_dir_all(directory_or_current(directory))
            .map_err(|error| IoError::from_std(label, directory, &error))
    }

    fn list(&self, label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>> {
        let failed = |error: &std::io::Error| IoError::from_std(label, directory, error);
        let mut names: Vec<OsString> = Vec::new();
        for entry in fs::read_dir(directory_or_current(directory)).map_err(|error| failed(&error))? {
            let entry = entry.map_err(|error| failed(&error))?;
            if !entry.file_type().map_err(|error| failed(&error))?.is_dir() {
                names.push(entry.file_name());
            }
        }
        names.sort_unstable_by(|left, right| left.as_bytes().cmp(right.as_bytes()));
        Ok(names.into_iter().map(PathBuf::from).collect())
    }

    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        fs::File::open(directory_or_current(directory))
            .and_then(|opened| opened.sync_all())
            .map_err(|error| IoError::from_std(label, directory, &error))
    }

    fn monotonic(&self, _label: &'static Label) -> Duration {
        self.started.elapsed()
    }

    fn wall_clock(&self, _label: &'static Label) -> i64 {
        let micros = |duration: Duration| i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(since) => micros(since),
            Err(before) => -micros(before.duration()),
        }
    }

    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        getrandom::fill(buffer).map_err(|error| IoError {
            label,
            path: PathBuf::new(),
            kind: ErrorKind::Other,
            code: error.raw_os_error(),
        })
    }

    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        task::spawn(label, name, STACK_FACTOR * self.stack_budget, body)
    }

    fn yield_now(&self, _label: &'static Label) {
        std::thread::yield_now();
    }

    fn sleep(&self, _label: &'static Label, duration: Duration) {
        std::thread::sleep(duration);
    }

    fn parallelism(&self) -> usize {
        std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
    }

    fn stack_budget(&self) -> usize {
        self.stack_budget
    }

    fn stack_floor(&self) -> usize {
        task::stack_top().saturating_sub(self.stack_budget)
    }

    fn process_id(&self) -> u32 {
        std::process::id()
    }

    fn network(&self) -> Option<&dyn Network> {
        Some(&self.network)
    }
}
