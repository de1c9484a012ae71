//! How a simulated task is taken down: by a private panic payload that unwinds its stack, caught at the task's root.
//!
//! Also the process-wide panic hook: silent while a simulated task runs (its message and place are kept for the
//! report), the former hook for everyone else.

#![allow(
    clippy::disallowed_types,
    reason = "this is where thread-locals may be: they tie a world to its thread"
)]

use crate::coroutine;
use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

/// The payload by which a crash, a kill or a cancellation unwinds a task. Nobody outside this crate can make one.
pub(crate) struct Unwound;

/// A panic of simulated code.
#[derive(Debug, Clone)]
pub(crate) struct PanicRecord {
    pub(crate) message: String,
    /// File and line.
    pub(crate) place: Option<String>,
    /// The calls that led there, if that was asked for.
    pub(crate) backtrace: Option<String>,
}

static HOOK_INSTALLED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The panic that simulated code of this thread started last and that nobody has collected yet.
    static PANIC: RefCell<Option<PanicRecord>> = const { RefCell::new(None) };
    /// Whether backtraces are wanted: they cost more than a whole simulated run.
    static BACKTRACES: Cell<bool> = const { Cell::new(false) };
}

/// Puts the silent hook in front of the present one, once per process.
pub(crate) fn install_hook() {
    if HOOK_INSTALLED.swap(true, Ordering::AcqRel) {
        return;
    }
    let former = panic::take_hook();
    panic::set_hook(Box::new(
        move |info| if coroutine::is_running() { remember(info) } else { former(info) },
    ));
}

fn remember(info: &PanicHookInfo<'_>) {
    let record = PanicRecord {
        message: message_of(info.payload()),
        place: info.location().map(|location| format!("{}:{}", location.file(), location.line())),
        backtrace: BACKTRACES.get().then(|| Backtrace::force_capture().to_string()),
    };
    PANIC.set(Some(record));
}

/// The text of a panic's payload.
pub(crate) fn message_of(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}

/// Leaves the calling task: its drop code runs, up to its root.
pub(crate) fn throw() -> ! {
    panic::resume_unwind(Box::new(Unwound))
}

/// Whether the running code is unwinding from a panic of its own, so that nothing may be thrown into it.
pub(crate) fn is_panicking() -> bool {
    is_thread_panicking() && PANIC.with_borrow(Option::is_some)
}

/// Whether any code of this thread is unwinding, suspended or not.
pub(crate) fn is_thread_panicking() -> bool {
    env::is_unwinding()
}

/// Collects the last panic of simulated code; without a hook's record, what the payload tells.
pub(crate) fn collect(payload: &(dyn Any + Send)) -> PanicRecord {
    PANIC.take().unwrap_or_else(|| PanicRecord { message: message_of(payload), place: None, backtrace: None })
}

/// A run begins on this thread: what an earlier one left is forgotten.
pub(crate) fn begin(backtraces: bool) {
    PANIC.set(None);
    BACKTRACES.set(backtraces);
}
