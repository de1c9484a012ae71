//! The seam at which a simulator stands behind the locks.

use crate::Label;
use std::time::Duration;

/// What a task can wait for: a lock, a condition, the end of a task. Numbered by the scheduler, from 1.
pub type ResourceId = u64;

/// Why a blocked task runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WakeReason {
    /// Somebody woke the resource.
    Woken,
    /// The time limit passed.
    TimedOut,
}

/// Decides which simulated task runs. Installed on the thread that runs the simulated tasks, by the simulator alone.
///
/// What the locks call, and when: acquiring is `preempt`, then `block` as long as the lock is taken; releasing is the
/// real unlock, `wake`, then `preempt`; notifying is `wake`, then `preempt`. (`wake` is left out where nobody has
/// waited in this run.)
pub trait Scheduler {
    /// A number for a lock or condition that is waited for the first time in this run; below 2^32.
    fn new_resource(&self) -> ResourceId;
    /// A scheduling point: another task may run before this call returns. It may unwind the calling task (a crash),
    /// but while it does, later calls on that task return at once: destructors come through here too.
    fn preempt(&self, label: &'static Label);
    /// Suspends the calling task until [`Scheduler::wake`] on `resource` chooses it, or `limit` has passed.
    ///
    /// Spurious wake-ups are legal; callers loop. While a crash unwinds the calling task this returns at once
    /// after letting other tasks unwind.
    fn block(&self, label: &'static Label, resource: ResourceId, limit: Option<Duration>) -> WakeReason;
    /// Makes one (or all) of the tasks blocked on `resource` runnable. Never switches tasks and never unwinds.
    fn wake(&self, label: &'static Label, resource: ResourceId, all: bool);
}
