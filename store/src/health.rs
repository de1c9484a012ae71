//! The stance after a failed write or sync: read-only, until the store is opened again. And the end: closed.
//!
//! Way in: a sync fails, or a write of the log or of a superblock fails, or a task is unwound in the midst of a change of
//! what all share. Then memory and device may disagree, and
//! syncing again would prove nothing (the operating system may have dropped the dirty pages and report success).
//! Way out: none but opening the file anew, which reads what the device has.
//!
//! Invariants
//!
//! 1. The first cause is kept and repeated to everyone; later ones add nothing.
//! 2. Once poisoned, no commit is acknowledged and no snapshot gets a newer version.
//! 3. Once closed, every call is refused, reading too, however the closing went.

use crate::error::{StoreError, StoreResult};
use crate::labels;
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// Whether the store may write.
pub struct Health {
    poisoned: AtomicBool,
    closed: AtomicBool,
    cause: Mutex<Option<Arc<StoreError>>>,
}

impl Health {
    /// A store that may write.
    pub fn new() -> Health {
        Health {
            poisoned: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            cause: Mutex::new(&labels::HEALTH_LOCK, None),
        }
    }

    /// Stops all writing because of `cause`.
    pub fn poison(&self, cause: &StoreError) {
        let mut first = self.cause.lock();
        if first.is_none() {
            *first = Some(Arc::new(cause.clone()));
        }
        self.poisoned.store(true, Ordering::Release);
    }

    /// Makes a change of what all share, from one whole state to another. Should its task be unwound in the midst of it
    /// (a panic: an error is no such thing), nothing is built on the half of it that was done: all writing stops. The
    /// caller holds the lock that keeps others from the half: taken within `change`, it would be given back too early
    /// (what the commit lock guards is changed by [`Inner::change_commit_state`](crate::store::Inner::change_commit_state)).
    pub fn as_a_whole<R>(&self, change: impl FnOnce() -> R) -> R {
        let mut unfinished = Unfinished { health: Some(self) };
        let result = change();
        unfinished.health = None;
        result
    }

    /// Refuses every call from here on. Answers whether writing went on until now.
    ///
    /// # Errors
    /// As [`Health::check`], before this.
    pub fn close(&self) -> StoreResult<()> {
        let before = self.check();
        self.closed.store(true, Ordering::Release);
        before
    }

    /// Whether the store is open, be it for reading only.
    ///
    /// # Errors
    /// [`StoreError::Closed`].
    pub fn check_open(&self) -> StoreResult<()> {
        if self.closed.load(Ordering::Acquire) { Err(StoreError::Closed) } else { Ok(()) }
    }

    /// Whether writing goes on.
    ///
    /// # Errors
    /// [`StoreError::Closed`]; [`StoreError::Poisoned`] with the first cause.
    pub fn check(&self) -> StoreResult<()> {
        self.check_open()?;
        if !self.poisoned.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.cause.lock().clone() {
            Some(cause) => Err(StoreError::Poisoned { cause }),
            None => Ok(()),
        }
    }
}

/// Dropped with the health still in it, by unwinding alone.
struct Unfinished<'a> {
    health: Option<&'a Health>,
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if let Some(health) = self.health {
            health.poison(&StoreError::BrokenOff);
        }
    }
}
