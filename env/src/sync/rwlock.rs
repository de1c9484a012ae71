//! The read-write lock: real and simulated face.

use super::installed::current;
use super::simulated::Resource;
use crate::Label;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A lock that many readers or one writer hold, around a `T`. Never poisoned.
///
/// A simulated release wakes all sleepers, not one: a reader woken alone could wait for something that another
/// sleeping reader would have done.
pub struct RwLock<T: ?Sized> {
    label: &'static Label,
    resource: Resource,
    lock: parking_lot::RwLock<T>,
}

/// Shared access to a [`RwLock`]'s value; unlocks when dropped.
#[must_use = "the lock is released at once when its guard is not kept"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    // Declared first: the real unlock comes before the sleepers are woken.
    inner: parking_lot::RwLockReadGuard<'a, T>,
    _release: Release<'a>,
}

/// Exclusive access to a [`RwLock`]'s value; unlocks when dropped.
#[must_use = "the lock is released at once when its guard is not kept"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    // Declared first: the real unlock comes before the sleepers are woken.
    inner: parking_lot::RwLockWriteGuard<'a, T>,
    _release: Release<'a>,
}

/// What a guard does after its real unlock.
struct Release<'a> {
    label: &'static Label,
    resource: &'a Resource,
}

impl Drop for Release<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(run) = current() {
            run.released(self.label, self.resource, true);
        }
    }
}

impl<T> RwLock<T> {
    /// An unlocked lock.
    pub const fn new(label: &'static Label, value: T) -> RwLock<T> {
        RwLock { label, resource: Resource::new(), lock: parking_lot::RwLock::new(value) }
    }

    /// The value, when nobody else can lock any more.
    pub fn into_inner(self) -> T {
        self.lock.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Waits until no writer holds the lock, and shares it.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        let inner = match current() {
            None => self.lock.read(),
            Some(run) => {
                run.preempt(self.label);
                run.acquire(self.label, &self.resource, || self.lock.try_read())
            }
        };
        RwLockReadGuard { inner, _release: self.release() }
    }

    /// Waits until nobody holds the lock, and takes it alone.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        let inner = match current() {
            None => self.lock.write(),
            Some(run) => {
                run.preempt(self.label);
                run.acquire(self.label, &self.resource, || self.lock.try_write())
            }
        };
        RwLockWriteGuard { inner, _release: self.release() }
    }

    /// Shares the lock if no writer holds it.
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        if let Some(run) = current() {
            run.preempt(self.label);
        }
        self.lock.try_read().map(|inner| RwLockReadGuard { inner, _release: self.release() })
    }

    /// Takes the lock alone if nobody holds it.
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        if let Some(run) = current() {
            run.preempt(self.label);
        }
        self.lock.try_write().map(|inner| RwLockWriteGuard { inner, _release: self.release() })
    }

    /// The value, by exclusive borrow: no locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut()
    }

    fn release(&self) -> Release<'_> {
        Release { label: self.label, resource: &self.resource }
    }
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.inner
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        &mut self.inner
    }
}

impl<T: ?Sized> fmt::Debug for RwLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value is left out: looking at it would be a scheduling point.
        formatter.debug_struct("RwLock").field("label", &self.label.name).finish_non_exhaustive()
    }
}
