//! How far a task's stack reaches: what recursion over callers' input looks at before it goes on.
//!
//! Counting levels is not enough where each level may itself nest: functions that call each other out of deep expressions take
//! as much stack as the product of both. So recursion that runs what somebody has written compares addresses: where it stands, with
//! the *floor* that its world names for the calling task ([`crate::Env::stack_floor`]). Stacks grow towards lower addresses on every
//! machine that this runs on.

use std::hint::black_box;

/// An address on the calling task's stack, lower the deeper its calls are nested.
#[inline(never)]
pub fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(black_box(&here)).addr()
}

/// Whether code of the calling thread is being torn down, by a panic or because its world ends: then it waits for nobody. In a
/// simulated world, whose tasks share a thread, that may be another task's that is suspended meanwhile.
pub fn is_unwinding() -> bool {
    std::thread::panicking()
}
