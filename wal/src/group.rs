//! Group commit: whoever needs durability either leads, writing and syncing for all, or waits for who does.
//!
//! This is the log's small concurrent core. It knows nothing of files and records: leading is a closure. So that loom
//! can explore every interleaving of it (`tests/loom_group.rs`), it uses nothing but `env::sync`.
//!
//! Invariants
//!
//! 1. At most one task leads at any time.
//! 2. `durable` only grows, and only by what a lead that succeeded returned.
//! 3. After a lead has failed or was broken off, or somebody has told of a failure, no task leads again; everyone who needs more than `durable` gets the
//!    failure.
//! 4. Whoever waits is woken when a lead ends, and then looks again: no wake-up can be lost, because the end of a lead
//!    is noted under the lock that the waiter gives up only by waiting.

use env::Label;
use env::sync::atomic::{AtomicU64, Ordering};
use env::sync::{Condvar, Mutex};

/// How waiting for durability ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waited {
    /// It was durable already.
    Not,
    /// The caller led.
    Led,
    /// Another task led.
    Followed,
}

/// Why nothing will become durable any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure<E> {
    /// A lead returned this.
    Failed(E),
    /// A lead ended without a result: its task was unwound.
    Abandoned,
}

/// The state that leaders and followers share.
#[derive(Debug)]
pub struct GroupCommit<E> {
    state: Mutex<State<E>>,
    finished: Condvar,
    durable: AtomicU64,
}

#[derive(Debug)]
struct State<E> {
    leading: bool,
    failure: Option<Failure<E>>,
}

impl<E: Clone> GroupCommit<E> {
    /// Everything up to `durable` is durable.
    pub fn new(lock: &'static Label, finished: &'static Label, durable: u64) -> GroupCommit<E> {
        GroupCommit {
            state: Mutex::new(lock, State { leading: false, failure: None }),
            finished: Condvar::new(finished),
            durable: AtomicU64::new(durable),
        }
    }

    /// Up to where everything is durable.
    #[inline]
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// The failure after which nothing becomes durable.
    pub fn failure(&self) -> Option<Failure<E>> {
        self.state.lock().failure.clone()
    }

    /// Lets no task lead any more, because of `error`. Who leads now ends as it ends.
    pub fn fail(&self, error: E) {
        self.state.lock().failure.get_or_insert(Failure::Failed(error));
        self.finished.notify_all();
    }

    /// Returns when everything up to `target` is durable. `lead` makes durable whatever has been appended by then, and
    /// returns up to where; it is called by at most one task at a time.
    ///
    /// # Errors
    /// The failure of this or any earlier lead, if `target` was not durable before.
    pub fn wait_durable(
        &self,
        target: u64,
        mut lead: impl FnMut() -> Result<u64, E>,
    ) -> Result<Waited, Failure<E>> {
        if self.durable() >= target {
            return Ok(Waited::Not);
        }
        let mut waited = Waited::Followed;
        let mut state = self.state.lock();
        loop {
            if self.durable() >= target {
                return Ok(waited);
            }
            if let Some(failure) = &state.failure {
                return Err(failure.clone());
            }
            if state.leading {
                self.finished.wait(&mut state);
                continue;
            }
            state.leading = true;
            drop(state);
            let finish = Finish { group: self, result: None };
            finish.with(lead());
            waited = Waited::Led;
            state = self.state.lock();
        }
    }

    /// Runs `work` as a leader that makes nothing durable, if nobody leads and nothing has failed.
    ///
    /// # Errors
    /// The failure of `work`, which counts as that of a lead.
    pub fn try_lead(&self, work: impl FnOnce() -> Result<(), E>) -> Result<bool, Failure<E>> {
        let mut state = self.state.lock();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        if state.leading {
            return Ok(false);
        }
        state.leading = true;
        drop(state);
        let finish = Finish { group: self, result: None };
        let result = work();
        finish.with(result.clone().map(|()| self.durable()));
        result.map(|()| true).map_err(Failure::Failed)
    }
}

/// Ends a lead, also when it unwinds.
struct Finish<'a, E> {
    group: &'a GroupCommit<E>,
    result: Option<Result<u64, E>>,
}

impl<E> Finish<'_, E> {
    fn with(mut self, result: Result<u64, E>) {
        self.result = Some(result);
    }
}

impl<E> Drop for Finish<'_, E> {
    fn drop(&mut self) {
        let mut state = self.group.state.lock();
        state.leading = false;
        match self.result.take() {
            Some(Ok(durable)) => {
                self.group.durable.fetch_max(durable, Ordering::Release);
            }
            Some(Err(error)) => state.failure = Some(Failure::Failed(error)),
            None => state.failure = Some(Failure::Abandoned),
        }
        drop(state);
        self.group.finished.notify_all();
    }
}
