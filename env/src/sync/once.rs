//! A cell that is written once.

#[cfg(hornbeam_loom)]
use super::atomic::{AtomicBool, Ordering};

/// A cell that is written at most once and read without a lock.
///
/// Unlike `std`'s, [`OnceLock::get_or_init`] never waits for another initialiser: both run and the first result stays.
/// So it may contain scheduling points, and a simulated task cannot block the thread of all the others.
#[derive(Default)]
pub struct OnceLock<T> {
    cell: std::sync::OnceLock<T>,
    // Under loom this makes reads and the write scheduling points; std's cell is invisible to it.
    #[cfg(hornbeam_loom)]
    written: AtomicBool,
}

impl<T> OnceLock<T> {
    /// An empty cell.
    #[cfg(not(hornbeam_loom))]
    pub const fn new() -> OnceLock<T> {
        OnceLock { cell: std::sync::OnceLock::new() }
    }

    /// An empty cell.
    #[cfg(hornbeam_loom)]
    pub fn new() -> OnceLock<T> {
        OnceLock { cell: std::sync::OnceLock::new(), written: AtomicBool::new(false) }
    }

    /// The value, once it is set.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        #[cfg(hornbeam_loom)]
        if !self.written.load(Ordering::Acquire) {
            return None;
        }
        self.cell.get()
    }

    /// Sets the value; gives it back when there is one already.
    pub fn set(&self, value: T) -> Result<(), T> {
        let result = self.cell.set(value);
        #[cfg(hornbeam_loom)]
        self.written.store(true, Ordering::Release);
        result
    }

    /// The value; `initialise` makes it when there is none. It may run in vain when two callers race.
    pub fn get_or_init(&self, initialise: impl FnOnce() -> T) -> &T {
        if let Some(value) = self.get() {
            return value;
        }
        // A value that another caller set meanwhile stays; ours is dropped.
        let _ = self.set(initialise());
        self.cell.get().expect("set leaves a value, its own or an earlier one")
    }

    /// The value, by exclusive borrow.
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.cell.get_mut()
    }

    /// The value, if it was set.
    pub fn into_inner(self) -> Option<T> {
        self.cell.into_inner()
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for OnceLock<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.cell.fmt(formatter)
    }
}
