//! The condition variable: real and simulated face.

use super::installed::current;
use super::simulated::Resource;
use super::{MutexGuard, WakeReason};
use crate::Label;
use std::fmt;
use std::time::Duration;

/// A condition variable. Waits may end without a notification: callers loop over their condition.
pub struct Condvar {
    label: &'static Label,
    resource: Resource,
    condition: parking_lot::Condvar,
}

impl Condvar {
    /// A condition on which nobody waits.
    pub const fn new(label: &'static Label) -> Condvar {
        Condvar { label, resource: Resource::new(), condition: parking_lot::Condvar::new() }
    }

    /// Gives up the mutex, waits for a notification, takes the mutex again.
    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) {
        match current() {
            None => self.condition.wait(guard.real()),
            Some(run) => {
                guard.unlocked_simulated(&run, || run.block(self.label, &self.resource, None));
            }
        }
    }

    /// As [`Condvar::wait`], but no longer than `limit`; `true` when the time was up.
    pub fn wait_for<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, limit: Duration) -> bool {
        match current() {
            None => self.condition.wait_for(guard.real(), limit).timed_out(),
            Some(run) => {
                let reason =
                    guard.unlocked_simulated(&run, || run.block(self.label, &self.resource, Some(limit)));
                reason == WakeReason::TimedOut
            }
        }
    }

    /// Wakes one waiter.
    pub fn notify_one(&self) {
        self.notify(false);
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.notify(true);
    }

    fn notify(&self, all: bool) {
        match current() {
            Some(run) => run.released(self.label, &self.resource, all),
            None if all => {
                self.condition.notify_all();
            }
            None => {
                self.condition.notify_one();
            }
        }
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Condvar").field("label", &self.label.name).finish_non_exhaustive()
    }
}
