//! The one door for blocking: mutexes, read-write locks, condition variables, channels, atomics and once-cells.
//!
//! Three faces behind one set of names:
//!
//! * **real**: `parking_lot` and `std` atomics; uncontended cost within 2 ns of the plain lock;
//! * **simulated**: when the calling thread runs simulated tasks (a [`Scheduler`] is [`install`]ed on it), every
//!   acquire, release, wait and notify is a scheduling point, and blocking suspends the coroutine;
//! * **loom**: under `--cfg hornbeam_loom`, loom's types, so that small concurrent cores are explored exhaustively.
//!
//! The real and the simulated face are one build: which one a call takes is decided by a relaxed load of a counter
//! that stays 0 in production. The simulated face keeps the real lock underneath and only ever *tries* it: all
//! simulated tasks of a run live on one OS thread, so a lock that is taken is held by a suspended task.
//!
//! Invariants
//!
//! 1. A lock carries the [`Label`](crate::Label) under which traces and the scheduler know it.
//! 2. Simulated identity of a lock is a number drawn from the scheduler when first waited for in a run,
//!    never an address.
//! 3. Locks are never poisoned: state reachable after a panic is what publication made reachable.
//! 4. Nothing is borrowed or really locked by this module while it calls the scheduler, because the scheduler may run
//!    other tasks, or unwind the calling one, before it returns.
//! 5. Between giving up its mutex and sleeping, a waiter on a [`Condvar`] passes no scheduling point: a notification
//!    in between cannot be lost. ([`Scheduler::wake`] therefore never switches tasks.)

#[cfg(not(hornbeam_loom))]
mod condvar;
mod installed;
#[cfg(hornbeam_loom)]
mod loom_face;
pub mod mpsc;
#[cfg(not(hornbeam_loom))]
mod mutex;
mod once;
#[cfg(not(hornbeam_loom))]
mod rwlock;
mod scheduler;
#[cfg(not(hornbeam_loom))]
mod simulated;

#[cfg(not(hornbeam_loom))]
pub use condvar::Condvar;
pub use installed::{Installed, install, is_simulated, suspended};
#[cfg(hornbeam_loom)]
pub use loom;
#[cfg(hornbeam_loom)]
pub use loom_face::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
#[cfg(not(hornbeam_loom))]
pub use mutex::{Mutex, MutexGuard};
pub use once::OnceLock;
#[cfg(not(hornbeam_loom))]
pub use rwlock::{RwLock, RwLockReadGuard, RwLockWriteGuard};
pub use scheduler::{ResourceId, Scheduler, WakeReason};

/// Atomics: `std`'s, or loom's under its cfg. They are no scheduling points in a simulation: what must be explored
/// under every interleaving of single loads and stores belongs in a loom test.
pub mod atomic {
    #[cfg(hornbeam_loom)]
    pub use loom::sync::atomic::{
        AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
    #[cfg(not(hornbeam_loom))]
    pub use std::sync::atomic::{
        AtomicBool, AtomicI64, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
    };
}
