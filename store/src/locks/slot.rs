//! Where one locker sleeps until it is granted what it waits for, or cancelled: the concurrent core of waiting.
//!
//! Invariants
//!
//! 1. The locker alone arms its slot, before anyone can find it in a queue.
//! 2. An armed slot is granted at most once, by whoever takes the locker out of the queue; whoever takes it out
//!    without granting is the locker itself. So "not in the queue any more" means "granted", and nothing is lost when
//!    a time limit, a cancellation and a grant meet.
//! 3. Who was granted is woken by whoever granted, later: when that has given back the locks that the woken one would ask for
//!    next. Until then a limit or a cancellation may end the sleep; the grant is found there all the same.
//! 4. A cancellation stays until its locker takes it: one that arrives just before the wait begins is not lost. It is set with
//!    the lock held, so that nobody falls asleep past it, and looked at without: every statement does that, more than once.
//! 5. Who is to look at what he waits for is told once for all the times that he has not looked since.
//!
//! There is nothing here that can fail.

use super::labels;
use env::sync::atomic::{AtomicBool, Ordering};
use env::sync::{Condvar, Mutex};
use std::time::Duration;

#[derive(Debug)]
enum State<G> {
    Idle,
    Armed,
    Granted(G),
}

/// Why [`Slot::wait`] returned.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Woken {
    Granted,
    Cancelled,
    /// What it waits for may have changed so that there is nothing to be waited for.
    ToLook,
    TimedOut,
}

/// A place to wait for a `G`.
#[derive(Debug)]
pub(super) struct Slot<G> {
    state: Mutex<State<G>>,
    cancelled: AtomicBool,
    to_look: AtomicBool,
    changed: Condvar,
}

impl<G> Slot<G> {
    pub(super) fn new() -> Slot<G> {
        Slot {
            state: Mutex::new(&labels::SLOT, State::Idle),
            cancelled: AtomicBool::new(false),
            to_look: AtomicBool::new(false),
            changed: Condvar::new(&labels::GRANTED),
        }
    }

    /// Gets ready to wait.
    pub(super) fn arm(&self) {
        *self.state.lock() = State::Armed;
    }

    /// Grants. The locker sleeps on until it is woken.
    pub(super) fn grant(&self, granted: G) {
        let mut state = self.state.lock();
        debug_assert!(matches!(*state, State::Armed), "a locker that does not wait cannot be granted");
        *state = State::Granted(granted);
    }

    /// Asks the locker to look at what it waits for, once it is woken.
    pub(super) fn ask_to_look(&self) {
        let state = self.state.lock();
        self.to_look.store(true, Ordering::Release);
        drop(state);
    }

    /// Wakes the locker, should it sleep, to look at what it was granted.
    pub(super) fn wake(&self) {
        self.changed.notify_all();
    }

    /// Takes what was granted, if anything was, and disarms.
    pub(super) fn take(&self) -> Option<G> {
        match std::mem::replace(&mut *self.state.lock(), State::Idle) {
            State::Granted(granted) => Some(granted),
            State::Idle | State::Armed => None,
        }
    }

    /// Asks the locker to give up its wait, now or when it next begins one.
    pub(super) fn cancel(&self) {
        let state = self.state.lock();
        self.cancelled.store(true, Ordering::Release);
        drop(state);
        self.changed.notify_all();
    }

    /// Whether a cancellation is pending.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    /// Whether a cancellation is pending; it is no longer afterwards.
    pub(super) fn take_cancel(&self) -> bool {
        self.is_cancelled() && self.cancelled.swap(false, Ordering::AcqRel)
    }

    /// Sleeps until granted or cancelled, no longer than `limit`. May return `TimedOut` too early: the caller looks at
    /// the clock.
    pub(super) fn wait(&self, limit: Option<Duration>) -> Woken {
        let mut state = self.state.lock();
        loop {
            if matches!(*state, State::Granted(_)) {
                return Woken::Granted;
            }
            if self.is_cancelled() {
                return Woken::Cancelled;
            }
            if self.to_look.swap(false, Ordering::AcqRel) {
                return Woken::ToLook;
            }
            match limit {
                None => self.changed.wait(&mut state),
                Some(limit) => {
                    self.changed.wait_for(&mut state, limit);
                    let granted = matches!(*state, State::Granted(_));
                    if !granted && !self.is_cancelled() && !self.to_look.load(Ordering::Acquire) {
                        return Woken::TimedOut;
                    }
                }
            }
        }
    }
}
