//! Which scheduler, if any, stands behind the locks of the calling thread.

use super::Scheduler;
use std::cell::RefCell;
use std::rc::Rc;
// These two are the bookkeeping of the faces themselves, and the same under each of them.
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// How many schedulers are installed in the process. 0 in production: the only cost of the simulated face there.
static INSTALLED: AtomicUsize = AtomicUsize::new(0);
/// Tells the runs of a process apart, so that a lock which outlives its run draws a new number in the next one.
static NEXT_RUN: AtomicU32 = AtomicU32::new(1);

thread_local! {
    static CURRENT: RefCell<Option<Run>> = const { RefCell::new(None) };
}

/// The scheduler behind the locks, as one installation of it.
#[derive(Clone)]
#[cfg_attr(hornbeam_loom, expect(dead_code, reason = "loom's locks ask no scheduler"))]
pub(super) struct Run {
    pub(super) scheduler: Rc<dyn Scheduler>,
    pub(super) serial: u32,
}

/// Keeps a scheduler installed on this thread; the one before it comes back when this is dropped.
#[must_use = "the scheduler is uninstalled when this is dropped"]
pub struct Installed {
    previous: Option<Run>,
    _thread_bound: std::marker::PhantomData<Rc<()>>,
}

/// Makes `scheduler` decide for every lock that the calling thread uses, until the result is dropped.
pub fn install(scheduler: Rc<dyn Scheduler>) -> Installed {
    let run = Run { scheduler, serial: NEXT_RUN.fetch_add(1, Ordering::Relaxed) };
    INSTALLED.fetch_add(1, Ordering::Relaxed);
    let previous = CURRENT.with(|current| current.borrow_mut().replace(run));
    Installed { previous, _thread_bound: std::marker::PhantomData }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let ended =
            CURRENT.with(|current| std::mem::replace(&mut *current.borrow_mut(), self.previous.take()));
        INSTALLED.fetch_sub(1, Ordering::Relaxed);
        drop(ended);
    }
}

/// Runs `body` with no scheduler on this thread: for oracles that recover a copy of a disk inside a simulated task.
/// The body must not use locks that simulated tasks use, and must not call the simulated environment.
pub fn suspended<R>(body: impl FnOnce() -> R) -> R {
    struct Restore(Option<Run>);
    impl Drop for Restore {
        fn drop(&mut self) {
            CURRENT.with(|current| *current.borrow_mut() = self.0.take());
        }
    }
    let _restore = Restore(CURRENT.with(|current| current.borrow_mut().take()));
    body()
}

/// Whether the calling thread runs simulated tasks at this moment.
pub fn is_simulated() -> bool {
    current().is_some()
}

/// The scheduler of the calling thread. Inlined so that production pays one relaxed load.
#[inline(always)]
pub(super) fn current() -> Option<Run> {
    if INSTALLED.load(Ordering::Relaxed) == 0 { None } else { current_of_thread() }
}

#[cold]
fn current_of_thread() -> Option<Run> {
    // A lock used by a destructor of another thread-local may come after this one's end: it is then a real lock.
    CURRENT.try_with(|current| current.borrow().clone()).unwrap_or(None)
}
