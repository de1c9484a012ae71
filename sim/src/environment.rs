//! The environment that simulated code sees.

use crate::core::{Core, Dead, Shared};
use crate::file::{About, SimFile};
use crate::trace::Outcome;
use env::{Env, File, FileIdentity, IoError, IoResult, Label, OpenMode, TaskBody, TaskHandle};
use faults::Operation;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What is left of a task's stack for code that must not fail: `Env::stack_budget` says so much less.
const STACK_RESERVE: usize = 64 * 1024;
/// Process ids start here, so that none is mistaken for a count.
const FIRST_PROCESS_ID: u32 = 1_000;

/// One process's view of a world.
pub(crate) struct SimEnv {
    shared: Shared,
    process: u32,
}

impl SimEnv {
    pub(crate) fn new(shared: Shared, process: u32) -> SimEnv {
        SimEnv { shared, process }
    }

    pub(crate) fn core(&self) -> &Core {
        self.shared.get()
    }
}

impl SimEnv {
    pub(crate) fn process(&self) -> u32 {
        self.process
    }

    pub(crate) fn shared(&self) -> Shared {
        Arc::clone(&self.shared)
    }
}

/// The id by which a simulated operating system knows a process.
pub(crate) fn process_id(process: u32) -> u32 {
    FIRST_PROCESS_ID + process
}

impl Env for SimEnv {
    fn open(&self, label: &'static Label, path: &Path, mode: OpenMode) -> IoResult<Arc<dyn File>> {
        Ok(Arc::new(SimFile::open(&self.shared, self.process, label, path, mode)?))
    }

    fn rename(&self, label: &'static Label, from: &Path, to: &Path) -> IoResult<()> {
        self.core().disk_call(
            label,
            Operation::Rename,
            About { path: from, file: 0, offset: 0 },
            Some(()),
            |disk, fault, call| disk.rename(from, to, fault, call),
            |()| Outcome::Done,
        )
    }

    fn remove(&self, label: &'static Label, path: &Path) -> IoResult<()> {
        self.core().disk_call(
            label,
            Operation::Remove,
            About { path, file: 0, offset: 0 },
            Some(()),
            |disk, fault, call| disk.remove(path, fault, call),
            |()| Outcome::Done,
        )
    }

    fn identity(&self, label: &'static Label, path: &Path) -> IoResult<Option<FileIdentity>> {
        self.core().disk_call(
            label,
            Operation::Inspect,
            About { path, file: 0, offset: 0 },
            None,
            |disk, _, _| Ok(disk.identity(path)),
            |identity| Outcome::Value(identity.map_or(0, |identity| identity.inode)),
        )
    }

    fn list(&self, label: &'static Label, directory: &Path) -> IoResult<Vec<PathBuf>> {
        self.core().disk_call(
            label,
            Operation::Inspect,
            About { path: directory, file: 0, offset: 0 },
            None,
            |disk, _, _| disk.list(directory, label),
            |names| Outcome::Value(names.len() as u64),
        )
    }

    fn sync_directory(&self, label: &'static Label, directory: &Path) -> IoResult<()> {
        self.core().disk_call(
            label,
            Operation::DirectorySync,
            About { path: directory, file: 0, offset: 0 },
            Some(()),
            |disk, fault, call| disk.sync_directory(directory, fault, call),
            |()| Outcome::Done,
        )
    }

    fn monotonic(&self, label: &'static Label) -> Duration {
        let core = self.core();
        let mut shown = 0;
        let answered = core.call(label, Operation::Clock, |state, entered| {
            state.apply_clock_fault(entered);
            shown = state.clock.shown();
            Outcome::Done
        });
        match answered {
            Ok(()) => Duration::from_nanos(shown),
            Err(Dead) => core.state().clock.time(),
        }
    }

    fn wall_clock(&self, label: &'static Label) -> i64 {
        let core = self.core();
        let mut shown = 0;
        let answered = core.call(label, Operation::Clock, |state, entered| {
            state.apply_clock_fault(entered);
            shown = state.clock.wall();
            Outcome::Value(shown as u64)
        });
        match answered {
            Ok(()) => shown,
            Err(Dead) => core.state().clock.wall(),
        }
    }

    fn random(&self, label: &'static Label, buffer: &mut [u8]) -> IoResult<()> {
        let mut result = Outcome::Done;
        let answered = self.core().call(label, Operation::Entropy, |state, entered| {
            result = state.fill_random(entered, buffer);
            result
        });
        match (answered, result) {
            (Ok(()), Outcome::Failed(kind)) => Err(IoError::new(label, Path::new(""), kind)),
            (Ok(()), _) => Ok(()),
            (Err(Dead), _) => Err(IoError::new(label, Path::new(""), ErrorKind::Other)),
        }
    }

    fn spawn(&self, label: &'static Label, name: &str, body: TaskBody) -> IoResult<Box<dyn TaskHandle>> {
        Core::spawn(&self.shared, label, self.process, name, body)
    }

    fn yield_now(&self, label: &'static Label) {
        self.core().yield_now(label);
    }

    fn sleep(&self, label: &'static Label, duration: Duration) {
        self.core().sleep(label, duration);
    }

    fn parallelism(&self) -> usize {
        self.core().state().config.parallelism
    }

    fn stack_budget(&self) -> usize {
        self.core().state().config.stack_bytes.saturating_sub(STACK_RESERVE)
    }

    fn stack_floor(&self) -> usize {
        let state = self.core().state();
        let top = state.current.map_or(0, |slot| state.tasks.get(slot).stack_top);
        // The other half is for what the deepest call does by itself.
        top.saturating_sub(state.config.stack_bytes / 2)
    }

    fn process_id(&self) -> u32 {
        process_id(self.process)
    }

    fn network(&self) -> Option<&dyn env::Network> {
        Some(self)
    }

    fn enforce(&self, label: &'static Label) -> bool {
        self.core().state().enforce(label)
    }

    fn reached(&self, mark: &'static Label) {
        self.core().state().reached(mark);
    }
}
