//! The background task that writes checkpoints when the log or the dirty pages have grown enough.
//!
//! It also looks after an idle log: under durability `Off` it makes the log durable from time to time, and when nothing
//! is written it marks the log's end as durable, so that a later recovery can tell damage there from a torn tail.
//!
//! Invariants
//!
//! 1. The task holds the store weakly between checkpoints, so that dropping the last handle ends it.
//! 2. A request is never lost: it is a flag under the lock that the task's condition variable waits with.
//! 3. A checkpoint or a mark that fails for want of space is tried again at the next request; any other failure has
//!    poisoned the store, and the task ends.

use crate::error::{StoreError, StoreResult};
use crate::labels;
use crate::store::Inner;
use env::TaskHandle;
use env::sync::{Condvar, Mutex};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Wakes the task.
pub struct CheckpointSignal {
    state: Mutex<Requests>,
    changed: Condvar,
}

/// How often the task looks after the log when nobody asks for a checkpoint: the bound on what durability `Off` loses,
/// and the time after which an idle log says that its end is durable.
const TICK: Duration = Duration::from_millis(200);

/// Why the task runs.
enum Wake {
    Checkpoint,
    Tick,
    Stop,
}

#[derive(Default)]
struct Requests {
    wanted: bool,
    stop: bool,
}

impl CheckpointSignal {
    fn new() -> CheckpointSignal {
        CheckpointSignal {
            state: Mutex::new(&labels::CHECKPOINT_SIGNAL_LOCK, Requests::default()),
            changed: Condvar::new(&labels::CHECKPOINT_SIGNAL),
        }
    }

    /// Asks for a checkpoint.
    pub fn request(&self) {
        self.state.lock().wanted = true;
        self.changed.notify_all();
    }

    fn stop(&self) {
        self.state.lock().stop = true;
        self.changed.notify_all();
    }

    /// Waits for something to do.
    fn wait(&self) -> Wake {
        let mut state = self.state.lock();
        loop {
            if state.stop {
                return Wake::Stop;
            }
            if std::mem::take(&mut state.wanted) {
                return Wake::Checkpoint;
            }
            if self.changed.wait_for(&mut state, TICK) && !state.stop && !state.wanted {
                return Wake::Tick;
            }
        }
    }
}

/// The running task, or none for a store without one.
pub struct CheckpointTask {
    signal: Option<Arc<CheckpointSignal>>,
    handle: Mutex<Option<Box<dyn TaskHandle>>>,
}

impl CheckpointTask {
    /// Starts the task if the options ask for it.
    ///
    /// # Errors
    /// When the environment cannot start a task.
    pub fn start(inner: &Arc<Inner>) -> StoreResult<CheckpointTask> {
        if !inner.options.background || inner.options.read_only {
            return Ok(CheckpointTask { signal: None, handle: Mutex::new(&labels::CHECKPOINT_HANDLE, None) });
        }
        let signal = Arc::new(CheckpointSignal::new());
        let weak = Arc::downgrade(inner);
        let own = signal.clone();
        let body = Box::new(move || run(&own, &weak));
        let spawned = inner.env.spawn(&labels::CHECKPOINT_TASK, "checkpoint", body);
        let handle = spawned.or_else(|error| {
            // Should writing have stopped before, that is what whoever opens has to hear of.
            inner.health.check()?;
            Err(StoreError::from(error))
        })?;
        inner.set_signal(signal.clone());
        Ok(CheckpointTask {
            signal: Some(signal),
            handle: Mutex::new(&labels::CHECKPOINT_HANDLE, Some(handle)),
        })
    }

    /// Ends the task and waits for it.
    pub fn stop(&self) {
        if let Some(signal) = &self.signal {
            signal.stop();
        }
        let handle = self.handle.lock().take();
        if let Some(handle) = handle {
            // A panic in the task is the simulator's or the process's to report; closing goes on.
            let _ = handle.join();
        }
    }
}

impl Drop for CheckpointTask {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(signal: &CheckpointSignal, inner: &Weak<Inner>) {
    loop {
        let wake = signal.wait();
        let Some(inner) = inner.upgrade() else { return };
        match wake {
            Wake::Checkpoint => inner.checkpoint_if_due(),
            // What fails is in the store's health.
            Wake::Tick => drop(inner.look_after_log()),
            Wake::Stop => return,
        }
        if inner.health.check().is_err() {
            return;
        }
    }
}
