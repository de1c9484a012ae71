//! The mutual-exclusion lock: real and simulated face.

use super::installed::{Run, current};
use super::simulated::Resource;
use crate::Label;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A mutual-exclusion lock around a `T`, known to traces by its label. Never poisoned.
pub struct Mutex<T: ?Sized> {
    label: &'static Label,
    resource: Resource,
    lock: parking_lot::Mutex<T>,
}

/// The locked state of a [`Mutex`]; unlocks when dropped.
#[must_use = "the mutex is unlocked at once when its guard is not kept"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    // `None` only while `Condvar::wait` sleeps, so that a task that is unwound there does not unlock what it has not.
    inner: Option<parking_lot::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub const fn new(label: &'static Label, value: T) -> Mutex<T> {
        Mutex { label, resource: Resource::new(), lock: parking_lot::Mutex::new(value) }
    }

    /// The value, when nobody else can lock any more.
    pub fn into_inner(self) -> T {
        self.lock.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Waits until the lock is free, and takes it.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        let inner = match current() {
            None => self.lock.lock(),
            Some(run) => self.lock_simulated(&run),
        };
        MutexGuard { mutex: self, inner: Some(inner) }
    }

    /// Takes the lock if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        if let Some(run) = current() {
            run.preempt(self.label);
        }
        self.lock.try_lock().map(|inner| MutexGuard { mutex: self, inner: Some(inner) })
    }

    /// The value, by exclusive borrow: no locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut()
    }

    #[cold]
    fn lock_simulated(&self, run: &Run) -> parking_lot::MutexGuard<'_, T> {
        run.preempt(self.label);
        run.acquire(self.label, &self.resource, || self.lock.try_lock())
    }
}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    /// The real guard, for a real wait.
    pub(super) fn real(&mut self) -> &mut parking_lot::MutexGuard<'a, T> {
        self.inner.as_mut().expect("a guard lacks its lock only while Condvar::wait borrows it exclusively")
    }

    /// Unlocks, runs `sleep`, locks again. Nothing between the unlock and `sleep` is a scheduling point.
    pub(super) fn unlocked_simulated<R>(&mut self, run: &Run, sleep: impl FnOnce() -> R) -> R {
        let mutex = self.mutex;
        self.inner = None;
        run.wake(mutex.label, &mutex.resource, false);
        let result = sleep();
        self.inner = Some(run.acquire(mutex.label, &mutex.resource, || mutex.lock.try_lock()));
        result
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.inner.as_ref().expect("a guard lacks its lock only while Condvar::wait borrows it exclusively")
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect("a guard lacks its lock only while Condvar::wait borrows it exclusively")
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        let held = self.inner.take().is_some();
        if held && let Some(run) = current() {
            run.released(self.mutex.label, &self.mutex.resource, false);
        }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, formatter)
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value is left out: looking at it would be a scheduling point.
        formatter.debug_struct("Mutex").field("label", &self.label.name).finish_non_exhaustive()
    }
}
