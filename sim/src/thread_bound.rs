//! A value that may be carried anywhere but used only on the thread that made it.
//!
//! The environment's traits ask for `Send + Sync`, since in production threads share them. A simulated world lives on
//! one thread; its environment carries this promise and checks it at every call, which also catches an engine that
//! starts a thread of its own behind the environment's back.
//!
//! How it fails: use on another thread panics. Dropped on another thread, the value is leaked, since running its
//! destructor there could race with the owner.

#![allow(unsafe_code)]
#![allow(
    clippy::disallowed_types,
    reason = "this is where thread-locals may be: they tie a world to its thread"
)]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers threads from 1, since the standard library's ids cost more to read. Never reused, unlike addresses.
static NEXT_THREAD: AtomicU64 = AtomicU64::new(1);

thread_local! {
    static THREAD: Cell<u64> = const { Cell::new(0) };
}

#[inline]
fn this_thread() -> u64 {
    let number = THREAD.get();
    if number != 0 {
        return number;
    }
    let fresh = NEXT_THREAD.fetch_add(1, Ordering::Relaxed);
    THREAD.set(fresh);
    fresh
}

/// Holds a value for the thread that made it.
pub(crate) struct ThreadBound<T> {
    owner: u64,
    value: ManuallyDrop<T>,
}

// SAFETY: the value is reached only through `get`, which panics on any thread but the owner's, and it is dropped only
// on the owner's thread. Thread numbers are never reused, so no later thread can pass for the owner.
unsafe impl<T> Send for ThreadBound<T> {}
// SAFETY: as above: two threads can never reach the value, whatever references they hold.
unsafe impl<T> Sync for ThreadBound<T> {}

impl<T> ThreadBound<T> {
    /// Binds `value` to the calling thread.
    pub(crate) fn new(value: T) -> ThreadBound<T> {
        ThreadBound { owner: this_thread(), value: ManuallyDrop::new(value) }
    }

    /// The value.
    ///
    /// # Panics
    /// On any thread but the one that made it.
    #[inline]
    pub(crate) fn get(&self) -> &T {
        assert!(self.is_here(), "a simulated environment was used outside the thread of its world");
        &self.value
    }

    /// Whether the calling thread is the owner.
    #[inline]
    pub(crate) fn is_here(&self) -> bool {
        self.owner == this_thread()
    }
}

impl<T> Drop for ThreadBound<T> {
    fn drop(&mut self) {
        if self.is_here() {
            // SAFETY: dropped once, here, and not used afterwards; this is the owner's thread.
            unsafe { ManuallyDrop::drop(&mut self.value) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "the test is about a real second thread")]
    fn another_thread_is_refused() {
        let bound = std::sync::Arc::new(ThreadBound::new(Rc::new(5)));
        assert_eq!(**bound.get(), 5);
        let there = std::sync::Arc::clone(&bound);
        let refused = std::thread::spawn(move || {
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| **there.get())).is_err()
        });
        assert!(refused.join().expect("the thread caught its panic"));
    }
}
