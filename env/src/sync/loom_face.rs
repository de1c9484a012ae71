//! The loom face: the same names on loom's types. Locks under loom have no trace, so labels are only carried along.
//! Loom's locks are poisoned by a panic, ours never are: the poison is looked through.

use crate::Label;
use loom::sync as model;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::PoisonError;
use std::time::Duration;

const HELD: &str = "a guard lacks its lock only while Condvar::wait borrows it exclusively";

/// A mutual-exclusion lock around a `T`.
pub struct Mutex<T> {
    label: &'static Label,
    lock: model::Mutex<T>,
}

/// The locked state of a [`Mutex`]; unlocks when dropped.
pub struct MutexGuard<'a, T> {
    inner: Option<model::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub fn new(label: &'static Label, value: T) -> Mutex<T> {
        Mutex { label, lock: model::Mutex::new(value) }
    }

    /// The value, when nobody else can lock any more.
    pub fn into_inner(self) -> T {
        self.lock.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the lock is free, and takes it.
    pub fn lock(&self) -> MutexGuard<'_, T> {
        MutexGuard { inner: Some(self.lock.lock().unwrap_or_else(PoisonError::into_inner)) }
    }

    /// Takes the lock if it is free.
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.lock.try_lock().ok().map(|inner| MutexGuard { inner: Some(inner) })
    }

    /// The value, by exclusive borrow: no locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.inner.as_ref().expect(HELD)
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.inner.as_mut().expect(HELD)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Mutex").field("label", &self.label.name).finish_non_exhaustive()
    }
}

/// A lock that many readers or one writer hold, around a `T`.
pub struct RwLock<T> {
    label: &'static Label,
    lock: model::RwLock<T>,
}

/// Shared access to a [`RwLock`]'s value; unlocks when dropped.
pub struct RwLockReadGuard<'a, T>(model::RwLockReadGuard<'a, T>);

/// Exclusive access to a [`RwLock`]'s value; unlocks when dropped.
pub struct RwLockWriteGuard<'a, T>(model::RwLockWriteGuard<'a, T>);

impl<T> RwLock<T> {
    /// An unlocked lock.
    pub fn new(label: &'static Label, value: T) -> RwLock<T> {
        RwLock { label, lock: model::RwLock::new(value) }
    }

    /// The value, when nobody else can lock any more.
    pub fn into_inner(self) -> T {
        self.lock.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no writer holds the lock, and shares it.
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        RwLockReadGuard(self.lock.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until nobody holds the lock, and takes it alone.
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        RwLockWriteGuard(self.lock.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shares the lock if no writer holds it.
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        self.lock.try_read().ok().map(RwLockReadGuard)
    }

    /// Takes the lock alone if nobody holds it.
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        self.lock.try_write().ok().map(RwLockWriteGuard)
    }

    /// The value, by exclusive borrow: no locking.
    pub fn get_mut(&mut self) -> &mut T {
        self.lock.get_mut().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Deref for RwLockReadGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for RwLockWriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> fmt::Debug for RwLock<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RwLock").field("label", &self.label.name).finish_non_exhaustive()
    }
}

/// A condition variable. Loom knows no time: [`Condvar::wait_for`] never times out.
pub struct Condvar {
    label: &'static Label,
    condition: model::Condvar,
}

impl Condvar {
    /// A condition on which nobody waits.
    pub fn new(label: &'static Label) -> Condvar {
        Condvar { label, condition: model::Condvar::new() }
    }

    /// Gives up the mutex, waits for a notification, takes the mutex again.
    pub fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let held = guard.inner.take().expect(HELD);
        guard.inner = Some(self.condition.wait(held).unwrap_or_else(PoisonError::into_inner));
    }

    /// As [`Condvar::wait`]; the limit is ignored.
    pub fn wait_for<T>(&self, guard: &mut MutexGuard<'_, T>, _limit: Duration) -> bool {
        self.wait(guard);
        false
    }

    /// Wakes one waiter.
    pub fn notify_one(&self) {
        self.condition.notify_one();
    }

    /// Wakes all waiters.
    pub fn notify_all(&self) {
        self.condition.notify_all();
    }
}

impl fmt::Debug for Condvar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Condvar").field("label", &self.label.name).finish_non_exhaustive()
    }
}
