//! The environment: everything the engine asks of the world, and the real world's answer.
//!
//! Every file, clock, random, task, lock and socket call of Hornbeam goes through this crate, so that a seeded
//! simulator can stand in for the world and crash it, tear its writes, lose its syncs and reorder its tasks.
//! Nothing here knows the simulator: it implements the same traits.
//!
//! * [`Env`], [`File`], [`TaskHandle`], [`Network`] are the traits; [`real`] and [`memory`] implement them.
//! * [`Label`] names each call: traces, crash points and sabotage speak in labels.
//! * [`conformance`] is the suite that every world must pass; [`hash`] has maps without a random hasher.
//! * [`sync`] is the one door for blocking primitives, with a real, a simulated and a loom face.
//!
//! Invariants
//!
//! 1. No other crate of the engine uses `std::fs`, `std::net`, `std::thread`, `std::time`'s clocks, `std::sync`'s
//!    blocking types or a global source of randomness (clippy's disallowed lists and the tidy test hold it).
//! 2. A call that reaches the outside carries a static [`Label`].
//! 3. Short reads, short writes and interrupted calls are resumed in one place, [`FileExt`].
//! 4. Every failure is an [`IoError`] that names the label, the path and the kind.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)] // this crate is what the lists point to

pub mod conformance;
pub mod conformance_network;
mod error;
mod file;
pub mod hash;
mod label;
pub mod memory;
mod network;
pub mod real;
mod stack;
pub mod sync;

pub use error::{IoError, IoResult};
pub use file::{
    AGREEING_READINGS, File, FileExt, FileIdentity, FileLockKind, FileLockOutcome, OpenMode, READINGS_MAX,
    SharedFile, TELLING_BYTES, is_text,
};
pub use label::{Label, LabelKind};
pub use network::{Address, IpAddr, Listener, Network, SocketAddr, Stream, StreamDirection, StreamExt};
pub use stack::{is_unwinding, stack_address};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a task runs. It must not panic; a panic in a task is reported by [`TaskHandle::join`].
pub type TaskBody = Box<dyn FnOnce() + Send + 'static>;

/// The world, as the engine sees it. Shared as `Arc<dyn Env>`; a virtual call costs nothing beside a system call.
pub trait Env: Send + Sync {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// `NotFound`, `AlreadyExists`, `PermissionDenied`, or whatever the file system reports.
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>>;
    /// Renames a file, replacing what stood at `to`. Durable only after [`Env::sync_directory`].
    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()>;
    /// Removes a file's directory entry. Durable only after [`Env::sync_directory`].
    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()>;
    /// The path of the file itself, where `path` ends in symbolic links: whoever opens one file under several names
    /// comes to one path. The path as it is, where no link or nothing stands there, and in worlds without links.
    fn resolve(&self, label: &'static Label, path: &Path) -> PathBuf {
        let _ = label;
        path.to_path_buf()
    }
    /// Whether a file stands at `path`, and which one.
    fn identity(&self, label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>>;
    /// Makes `directory` and those above it, where they are missing. Worlds without directories have them all.
    ///
    /// # Errors
    /// `PermissionDenied`, `NotADirectory`, or whatever the file system reports.
    fn make_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        let _ = (label, directory);
        Ok(())
    }
    /// The names of the files in `directory`, sorted by bytes.
    fn list(&self, label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>>;
    /// Makes the entries of `directory` durable.
    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()>;

    /// Time since an arbitrary start; never goes backwards. For durations and timeouts.
    fn monotonic(&self, label: &'static Label) -> Duration;
    /// Microseconds since 1970-01-01 UTC; may jump either way. Only ever a value, never a duration's end.
    fn wall_clock(&self, label: &'static Label) -> i64;
    /// Fills `buffer` with random bytes.
    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()>;

    /// Starts a task (a thread, or a simulated coroutine). `name` shows in traces and debuggers.
    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>>;
    /// Lets other tasks run.
    fn yield_now(&self, label: &'static Label);
    /// Suspends the calling task for `duration`.
    fn sleep(&self, label: &'static Label, duration: Duration);
    /// How many tasks can really run at once.
    fn parallelism(&self) -> usize;
    /// Bytes of stack that a task may use; recursion refuses in time.
    fn stack_budget(&self) -> usize;
    /// The address below which the calling task's recursion may not begin another call of what callers have written
    /// ([`stack_address`]); what one such call takes by itself still fits beneath. 0 in a world that cannot tell.
    fn stack_floor(&self) -> usize {
        0
    }
    /// The id by which the operating system knows this process (shown to whoever finds the file in use).
    fn process_id(&self) -> u32;
    /// Sockets, where this world has them.
    fn network(&self) -> Option<&dyn Network> {
        None
    }

    /// A barrier that is no call: `true` in every world, unless a simulator sabotages `label` to prove that the
    /// check behind it is load-bearing. Write `if env.enforce(&LABEL) { wait… }`.
    fn enforce(&self, label: &'static Label) -> bool {
        let _ = label;
        true
    }
    /// Marks that a rare state was reached ("this must sometimes happen"); the simulator counts marks.
    fn reached(&self, mark: &'static Label) {
        let _ = mark;
    }
}

/// A started task.
pub trait TaskHandle: Send {
    /// Waits until the task has ended. `Err` carries the panic's message.
    fn join(self: Box<Self>) -> Result<(), String>;
    /// Whether the task has ended.
    fn is_finished(&self) -> bool;
}
