//! The one door for blocking: mutexes, read-write locks, condition variables, channels, atomics and once-cells.
//!
//! Three faces behind one set of names:
//!
//! * **real**: `parking_lot` and `std` atomics; uncontended cost within 2 ns of the plain lock;
//! * **simulated**: when the calling thread runs a simulated task (a [`Scheduler`] is installed on it), every
//!   acquire, release, wait and notify is a scheduling point, and blocking suspends the coroutine;
//! * **loom**: under `--cfg hornbeam_loom`, loom's types, so that small concurrent cores are explored exhaustively.
//!
//! Invariants
//!
//! 1. A lock carries the [`Label`](crate::Label) under which traces and the scheduler know it.
//! 2. Simulated identity of a lock is a number drawn from the scheduler at first use, never an address.
//! 3. Locks are never poisoned: state reachable after a panic is what publication made reachable.

mod scheduler;

pub use scheduler::{ResourceId, Scheduler, WakeReason};
