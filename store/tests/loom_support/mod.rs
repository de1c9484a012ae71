//! A world in memory that remembers which bytes were synced, and whose syncs are scheduling points for loom.

use env::memory::MemoryEnv;
use env::sync::loom;
use env::{
    Env, File, FileIdentity, FileLockKind, FileLockOutcome, IoResult, Label, OpenMode, TaskBody, TaskHandle,
};
use std::collections::BTreeMap;
use std::io::IoSlice;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Room for the stack of a thread that calls the store: loom takes bytes and makes words of them. Its own default, 32 KiB, is
/// what opening a database just needs, and the first thread of a model cannot have another.
const STACK_ROOM: usize = 256 << 10;

/// A thread of the model that may call the store.
pub fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> loom::thread::JoinHandle<T> {
    let builder = loom::thread::Builder::new().stack_size(STACK_ROOM);
    builder.spawn(work).expect("loom refuses no thread")
}

/// Explores `body` in a thread that may call the store.
pub fn check(builder: &loom::model::Builder, body: impl Fn() + Sync + Send + 'static) {
    let body = Arc::new(body);
    builder.check(move || {
        let body = Arc::clone(&body);
        spawn(move || body()).join().expect("no panic");
    });
}

/// The world.
pub struct Watched {
    world: MemoryEnv,
    synced: Arc<Mutex<Files>>,
}

impl Watched {
    pub fn new(files: Files) -> Watched {
        Watched { world: MemoryEnv::from_files(files.clone()), synced: Arc::new(Mutex::new(files)) }
    }

    pub fn files(&self) -> Files {
        self.world.files()
    }

    /// Whether `bytes` stand somewhere in what was synced of the file at `path`.
    pub fn is_synced(&self, path: &Path, bytes: &[u8]) -> bool {
        let synced = self.synced.lock().expect("no panic");
        synced.get(path).is_some_and(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }
}

struct WatchedFile {
    file: Arc<dyn File>,
    synced: Arc<Mutex<Files>>,
}

impl WatchedFile {
    fn remember(&self, label: &'static Label) -> IoResult<()> {
        // Others may write after the sync began; those bytes are not vouched for.
        let mut bytes = vec![0; usize::try_from(self.file.len(label)?).expect("test files are small")];
        self.file.read_at(label, 0, &mut bytes)?;
        loom::thread::yield_now();
        self.synced.lock().expect("no panic").insert(self.file.path().to_path_buf(), bytes);
        Ok(())
    }
}

impl File for WatchedFile {
    fn read_at(&self, label: &'static Label, offset: u64, buffer: &mut [u8]) -> IoResult<usize> {
        self.file.read_at(label, offset, buffer)
    }

    fn write_at(&self, label: &'static Label, offset: u64, buffers: &[IoSlice<'_>]) -> IoResult<usize> {
        self.file.write_at(label, offset, buffers)
    }

    fn sync_data(&self, label: &'static Label) -> IoResult<()> {
        self.remember(label)
    }

    fn sync_all(&self, label: &'static Label) -> IoResult<()> {
        self.remember(label)
    }

    fn len(&self, label: &'static Label) -> IoResult<u64> {
        self.file.len(label)
    }

    fn set_len(&self, label: &'static Label, length: u64) -> IoResult<()> {
        self.file.set_len(label, length)
    }

    fn try_lock(&self, label: &'static Label, kind: FileLockKind) -> IoResult<FileLockOutcome> {
        self.file.try_lock(label, kind)
    }

    fn identity(&self, label: &'static Label) -> IoResult<FileIdentity> {
        self.file.identity(label)
    }

    fn path(&self) -> &Path {
        self.file.path()
    }

    fn sector_size(&self) -> usize {
        self.file.sector_size()
    }
}

impl Env for Watched {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        let file = self.world.open(label, path, mode)?;
        Ok(Arc::new(WatchedFile { file, synced: Arc::clone(&self.synced) }))
    }

    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()> {
        self.world.rename(label, from, to)
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        self.world.remove(label, path)
    }

    fn identity(&self, label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        self.world.identity(label, path)
    }

    fn list(&self, label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>> {
        self.world.list(label, directory)
    }

    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        self.world.sync_directory(label, directory)
    }

    fn monotonic(&self, label: &'static Label) -> Duration {
        self.world.monotonic(label)
    }

    fn wall_clock(&self, label: &'static Label) -> i64 {
        self.world.wall_clock(label)
    }

    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        self.world.random(label, buffer)
    }

    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        self.world.spawn(label, name, body)
    }

    fn yield_now(&self, _label: &'static Label) {
        loom::thread::yield_now();
    }

    fn sleep(&self, label: &'static Label, duration: Duration) {
        self.world.sleep(label, duration);
    }

    fn parallelism(&self) -> usize {
        1
    }

    fn stack_budget(&self) -> usize {
        self.world.stack_budget()
    }

    fn process_id(&self) -> u32 {
        self.world.process_id()
    }
}
