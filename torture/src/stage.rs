//! What the workload asks of the world it runs in: an environment, choices, and the books of injected faults.
//!
//! The simulated world stands behind it when seeds are run; the real one when a child process is killed for real.

use crate::subject::Refusal;
use env::sync::{Mutex, suspended};
use env::{Env, Label};
use faults::Chance;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

env::labels! {
    STATE_LOCK: "torture.state", Lock, "the torture's own state; never contended, no scheduling point";
}

/// A world, as the workload sees it.
pub trait Stage: Send + Sync {
    /// The environment that the engine gets.
    fn env(&self) -> Arc<dyn Env>;
    /// Makes a named choice for the calling task; 0 is the tame default.
    fn choose(&self, task: &str, label: &'static Label, options: u32, chance: Chance<'_>) -> u32;
    /// Whether memory is short for the calling task now.
    fn is_memory_short(&self) -> bool {
        false
    }
    /// Until this is called again the power fails at least so many times in a million calls that change the disk.
    fn press(&self, _power_losses_at_changes: Option<u32>) {}
    /// The step of the trace.
    fn step(&self) -> u64;
    /// A refusal reached `to`. Whether an injected fault explains it; if none does, it is a false alarm.
    fn explains(&self, refusal: &Refusal, to: &str) -> bool;
    /// A commit was answered "unknown" to `to`.
    fn outcome_unknown(&self, to: &str);
    /// A sequence has handed out a value again. Whether an injected fault explains it.
    fn explains_repeated_value(&self) -> bool {
        false
    }
    /// Whether some fault of the run may have damaged the two files of `database`, and no later life has found them well.
    fn may_be_damaged(&self, database: &Path) -> bool;
    /// As [`Stage::may_be_damaged`], but where nobody reads as long as all is well, too.
    fn may_ever_be_damaged(&self, database: &Path) -> bool;
    /// Whether the file of `database` has been deleted from under this process.
    fn is_taken_away(&self, _database: &Path) -> bool {
        false
    }
    /// Does `body` for the calling task and breaks it off at its call number `calls`, as by a panic; 0 is never. Whether
    /// it was broken off.
    fn break_off(&self, _calls: u32, body: &mut dyn FnMut()) -> bool {
        body();
        false
    }
    /// The files as a power failure would leave them at worst: only what was synced. `None` where the world cannot tell.
    fn synced_files(&self) -> Option<BTreeMap<PathBuf, Vec<u8>>>;
}

/// State of the torture itself, shared by the tasks of a run. Using it is no scheduling point: judges must not change
/// what they watch.
pub struct Shared<T>(Mutex<T>);

impl<T> Shared<T> {
    /// Shares `value`.
    pub fn new(value: T) -> Arc<Shared<T>> {
        Arc::new(Shared(Mutex::new(&STATE_LOCK, value)))
    }

    /// Works on the value. `body` must make no call of the environment.
    pub fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        suspended(|| body(&mut self.0.lock()))
    }
}
