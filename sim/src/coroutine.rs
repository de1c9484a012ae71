//! Stackful coroutines on the calling thread, with pooled stacks.
//!
//! A [`Fiber`] runs a closure on a stack of its own and can be left in the middle of any function ([`suspend`]) and
//! entered again ([`Fiber::resume`]). This is what lets a seed decide where ordinary synchronous code is interrupted.
//! Together with [`crate::thread_bound`] it is the only unsafe code of this crate.
//!
//! Why it is sound: a coroutine's yielder lives on the coroutine's own stack, at an address that stays the same from
//! its first entry to its end. `RUNNING` holds that address only while the innermost running fiber of this thread is
//! the one it belongs to: `resume` saves the outer value, the fiber sets its own, and `resume` puts the outer one
//! back when control returns. So `suspend` always leaves the very fiber that calls it.
//!
//! How it fails: a stack that runs over hits its guard page and the process ends with a segmentation fault. A fiber
//! dropped half-way is leaked with its stack (its frames cannot be unwound any more), never freed under live frames.

#![allow(unsafe_code)]
#![allow(
    clippy::disallowed_types,
    reason = "this is where thread-locals may be: they tie a world to its thread"
)]

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// What a fiber's body came to: its end, or the payload of the panic that left it.
pub(crate) type FiberEnd = Result<(), Box<dyn Any + Send>>;

type Body = Coroutine<(), (), FiberEnd, DefaultStack>;

/// Stacks kept for the next fibers of this thread; beyond this many they are unmapped.
const POOLED_STACKS: usize = 64;

thread_local! {
    /// The yielder of the innermost running fiber; null while none runs.
    static RUNNING: Cell<*const Yielder<(), ()>> = const { Cell::new(ptr::null()) };
    /// Stacks of ended fibers with the size they were asked for: mapping one costs more than a simulated crash.
    static STACKS: RefCell<Vec<(usize, DefaultStack)>> = const { RefCell::new(Vec::new()) };
}

/// A closure that can be suspended.
pub(crate) struct Fiber {
    /// `None` only while `Drop` or `resume` takes it apart.
    body: Option<Body>,
    /// Where to suspend it: null before the first entry and after the end.
    yielder: *const Yielder<(), ()>,
    stack_bytes: usize,
}

impl Fiber {
    /// A fiber that will run `work` at its first [`Fiber::resume`], on a stack of `stack_bytes`.
    pub(crate) fn new(stack_bytes: usize, work: impl FnOnce() + 'static) -> std::io::Result<Fiber> {
        let stack = take_stack(stack_bytes)?;
        let body = Coroutine::with_stack(stack, move |yielder: &Yielder<(), ()>, ()| {
            RUNNING.set(yielder);
            catch_unwind(AssertUnwindSafe(work))
        });
        Ok(Fiber { body: Some(body), yielder: ptr::null(), stack_bytes })
    }

    /// Runs it until it suspends (`None`) or ends. Must not be called again after the end.
    pub(crate) fn resume(&mut self) -> Option<FiberEnd> {
        let body = self.body.as_mut().expect("the body is taken only when the fiber has ended");
        let outer = RUNNING.replace(self.yielder);
        let result = body.resume(());
        self.yielder = RUNNING.replace(outer);
        match result {
            CoroutineResult::Yield(()) => None,
            CoroutineResult::Return(end) => {
                self.yielder = ptr::null();
                if let Some(body) = self.body.take() {
                    give_stack(self.stack_bytes, body.into_stack());
                }
                Some(end)
            }
        }
    }
}

impl Drop for Fiber {
    fn drop(&mut self) {
        match self.body.take() {
            Some(body) if body.started() && !body.done() => mem::forget(body),
            Some(_) | None => {}
        }
    }
}

/// Leaves the innermost running fiber: its `resume` returns `None`, and this call returns at the next `resume`.
///
/// # Panics
/// When no fiber runs on this thread.
pub(crate) fn suspend() {
    let yielder = RUNNING.get();
    assert!(!yielder.is_null(), "only a simulated task can be suspended");
    // SAFETY: not null, so a fiber runs on this thread and this is its yielder (see the module text); the yielder
    // lives on that fiber's stack, which cannot be freed while it runs.
    unsafe { (*yielder).suspend(()) }
}

/// Whether a fiber runs on this thread.
pub(crate) fn is_running() -> bool {
    !RUNNING.get().is_null()
}

fn take_stack(bytes: usize) -> std::io::Result<DefaultStack> {
    let pooled = STACKS.try_with(|stacks| {
        let mut stacks = stacks.borrow_mut();
        let position = stacks.iter().rposition(|(size, _)| *size == bytes)?;
        Some(stacks.swap_remove(position).1)
    });
    match pooled {
        Ok(Some(stack)) => Ok(stack),
        // No stack of that size, or the thread is ending and its pool is gone.
        Ok(None) | Err(_) => DefaultStack::new(bytes),
    }
}

fn give_stack(bytes: usize, stack: DefaultStack) {
    // A failure means that the thread is ending and its pool is gone: the stack is unmapped instead.
    let _ = STACKS.try_with(|stacks| {
        let mut stacks = stacks.borrow_mut();
        if stacks.len() < POOLED_STACKS {
            stacks.push((bytes, stack));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    const STACK: usize = 256 * 1024;

    #[test]
    fn a_fiber_goes_on_where_it_was_left() {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let inside = Rc::clone(&seen);
        let mut fiber = Fiber::new(STACK, move || {
            for number in 0..3 {
                inside.borrow_mut().push(number);
                suspend();
            }
        })
        .expect("a stack");
        for count in 1..=3 {
            assert!(fiber.resume().is_none());
            assert_eq!(seen.borrow().len(), count);
        }
        assert!(fiber.resume().expect("the end").is_ok());
    }

    #[test]
    fn fibers_nest_and_suspend_only_themselves() {
        let mut outer = Fiber::new(STACK, || {
            let mut inner = Fiber::new(STACK, suspend).expect("a stack");
            assert!(inner.resume().is_none());
            suspend();
            assert!(inner.resume().expect("the inner end").is_ok());
        })
        .expect("a stack");
        assert!(outer.resume().is_none());
        assert!(outer.resume().expect("the outer end").is_ok());
        assert!(RUNNING.get().is_null());
    }

    #[test]
    fn a_panic_ends_the_fiber_and_runs_its_drops() {
        let witness = Rc::new(());
        let inside = Rc::clone(&witness);
        let mut fiber = Fiber::new(STACK, move || {
            let _held = inside;
            suspend();
            std::panic::resume_unwind(Box::new(7_u32));
        })
        .expect("a stack");
        assert!(fiber.resume().is_none());
        assert_eq!(Rc::strong_count(&witness), 2);
        let payload = fiber.resume().expect("the end").expect_err("a panic");
        assert_eq!(payload.downcast_ref::<u32>(), Some(&7));
        assert_eq!(Rc::strong_count(&witness), 1);
    }

    #[test]
    fn stacks_are_used_again() {
        let pooled = || {
            assert!(Fiber::new(STACK, || {}).expect("a stack").resume().is_some());
            STACKS.with_borrow(Vec::len)
        };
        let first = pooled();
        assert!(first >= 1);
        assert_eq!((pooled(), pooled()), (first, first));
    }
}
