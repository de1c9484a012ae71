//! Group commit: whoever needs durability either leads, writing and syncing for all, or waits for who does.
//!
//! This is the log's small concurrent core. It knows nothing of files and records: leading is a closure. So that loom
//! can explore every interleaving of it (`tests/loom_group.rs`), it uses nothing but `env::sync`.
//!
//! Who waits has a seat of his own to sleep on, and is woken there, with nothing locked that he will ask for: by the end of the
//! first lead that made his record durable, or as the next one to lead. So a sync wakes those whom it was for and one more, and
//! nobody is woken only to stand in line for a lock.
//!
//! Invariants
//!
//! 1. At most one task leads at any time.
//! 2. `durable` only grows, and only by what a lead that succeeded returned.
//! 3. After a lead has failed or was broken off, or somebody has told of a failure, no task leads again; everyone who needs more than `durable` gets the
//!    failure.
//! 4. Nobody sits while nobody leads, but for those behind one who was called and has not looked yet. Seats are taken under the
//!    lock under which the end of a lead is noted; that end calls all whose records are durable, or everyone after a failure,
//!    and of the others the one who came first. He leads, or sits down again because somebody leads whose end calls the next,
//!    or is unwound and calls the next himself.

use env::Label;
use env::sync::atomic::{AtomicU64, Ordering};
use env::sync::{Condvar, Mutex};
use std::sync::Arc;

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

/// What the locks and the waits of a group are called in traces.
#[derive(Debug, Clone, Copy)]
pub struct GroupLabels {
    /// The lock of who leads and who waits.
    pub lock: &'static Label,
    /// The lock of one who waits.
    pub seat: &'static Label,
    /// What he waits for.
    pub called: &'static Label,
}

/// The state that leaders and followers share.
#[derive(Debug)]
pub struct GroupCommit<E> {
    labels: GroupLabels,
    state: Mutex<State<E>>,
    durable: AtomicU64,
}

#[derive(Debug)]
struct State<E> {
    leading: bool,
    failure: Option<Failure<E>>,
    /// Those who wait, in the order in which they came.
    waiting: Vec<Arc<Seat>>,
}

/// Where one task sleeps until it is called.
#[derive(Debug)]
struct Seat {
    /// What it needs to be durable.
    target: u64,
    is_called: Mutex<bool>,
    called: Condvar,
}

impl Seat {
    fn new(labels: &GroupLabels, target: u64) -> Arc<Seat> {
        let (is_called, called) = (Mutex::new(labels.seat, false), Condvar::new(labels.called));
        Arc::new(Seat { target, is_called, called })
    }

    fn call(&self) {
        *self.is_called.lock() = true;
        self.called.notify_one();
    }

    fn wait(&self) {
        let mut is_called = self.is_called.lock();
        while !*is_called {
            self.called.wait(&mut is_called);
        }
    }
}

impl<E: Clone> GroupCommit<E> {
    /// Everything up to `durable` is durable.
    pub fn new(labels: GroupLabels, durable: u64) -> GroupCommit<E> {
        let state = State { leading: false, failure: None, waiting: Vec::new() };
        GroupCommit { labels, state: Mutex::new(labels.lock, state), durable: AtomicU64::new(durable) }
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
        let waiting = {
            let mut state = self.state.lock();
            state.failure.get_or_insert(Failure::Failed(error));
            std::mem::take(&mut state.waiting)
        };
        waiting.iter().for_each(|seat| seat.call());
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
        let mut sitting: Option<Sitting<'_, E>> = None;
        loop {
            // Dropped behind the lock's guard, as they take the lock when they are unwound.
            let mut finish = None;
            {
                let mut state = self.state.lock();
                if let Some(mut sitting) = sitting.take() {
                    sitting.has_looked = true;
                }
                if self.durable() >= target {
                    return Ok(waited);
                }
                if let Some(failure) = &state.failure {
                    return Err(failure.clone());
                }
                if state.leading {
                    let seat = Seat::new(&self.labels, target);
                    state.waiting.push(Arc::clone(&seat));
                    sitting = Some(Sitting { group: self, seat, has_looked: false });
                } else {
                    state.leading = true;
                    finish = Some(Finish { group: self, result: None });
                }
            }
            if let Some(finish) = finish {
                finish.with(lead());
                waited = Waited::Led;
            }
            if let Some(sitting) = &sitting {
                sitting.seat.wait();
            }
            if self.durable() >= target {
                // Whoever made it durable has called the next.
                if let Some(sitting) = &mut sitting {
                    sitting.has_looked = true;
                }
                return Ok(waited);
            }
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

impl<E> State<E> {
    /// Takes out those who are to look again: the next to lead comes first.
    fn called(&mut self, durable: u64) -> Vec<Arc<Seat>> {
        if self.failure.is_some() {
            return std::mem::take(&mut self.waiting);
        }
        let needs_more = |seat: &Arc<Seat>| seat.target > durable;
        let next = match self.leading {
            true => None,
            false => self.waiting.iter().position(needs_more),
        };
        let mut called: Vec<_> = next.map(|place| self.waiting.remove(place)).into_iter().collect();
        called.extend(self.waiting.extract_if(.., |seat| !needs_more(seat)));
        called
    }
}

/// One who sits, or was called and has not looked yet: whoever is unwound then gives the call that may have been his to the next.
struct Sitting<'a, E> {
    group: &'a GroupCommit<E>,
    seat: Arc<Seat>,
    has_looked: bool,
}

impl<E> Drop for Sitting<'_, E> {
    fn drop(&mut self) {
        if self.has_looked {
            return;
        }
        let called = {
            let mut state = self.group.state.lock();
            state.waiting.retain(|seat| !Arc::ptr_eq(seat, &self.seat));
            state.called(self.group.durable.load(Ordering::Acquire))
        };
        called.iter().for_each(|seat| seat.call());
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
        let called = {
            let mut state = self.group.state.lock();
            state.leading = false;
            match self.result.take() {
                Some(Ok(durable)) => {
                    self.group.durable.fetch_max(durable, Ordering::Release);
                }
                Some(Err(error)) => state.failure = Some(Failure::Failed(error)),
                None => state.failure = Some(Failure::Abandoned),
            }
            state.called(self.group.durable.load(Ordering::Acquire))
        };
        called.iter().for_each(|seat| seat.call());
    }
}
