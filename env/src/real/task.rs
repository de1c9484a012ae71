//! Real tasks: named threads.

use crate::{IoError, IoResult, Label, TaskBody, TaskHandle};
use std::any::Any;
use std::cell::Cell;
use std::path::Path;
use std::thread::{Builder, JoinHandle};

struct RealTask(JoinHandle<()>);

thread_local! {
    /// The highest address of this thread's stack that anybody has asked from: where the first statement began, or above.
    static TOP: Cell<usize> = const { Cell::new(0) };
}

/// Where the calling thread's stack begins, as far as is known: no call deeper than the one that asked first counts less.
pub(crate) fn stack_top() -> usize {
    let here = crate::stack_address();
    // A thread that is ending has lost what it kept: it stands at its beginning.
    let kept = TOP.try_with(|top| {
        top.set(top.get().max(here));
        top.get()
    });
    kept.unwrap_or(here)
}

/// Starts a thread with so many bytes of stack. Its name shows in debuggers, cut to what the system keeps (15 bytes on Linux).
pub(crate) fn spawn(
    label: &'static Label,
    name: &str,
    stack_bytes: usize,
    body: TaskBody,
) -> IoResult<Box<dyn TaskHandle>> {
    // A name with a zero byte would panic inside `std`.
    let name = name.replace('\0', " ");
    let thread = Builder::new()
        .name(name)
        .stack_size(stack_bytes)
        .spawn(body)
        .map_err(|error| IoError::from_std(label, Path::new(""), &error))?;
    Ok(Box::new(RealTask(thread)))
}

impl TaskHandle for RealTask {
    fn join(self: Box<Self>) -> Result<(), String> {
        self.0.join().map_err(|payload| panic_message(payload.as_ref()))
    }

    fn is_finished(&self) -> bool {
        self.0.is_finished()
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic whose payload is no text".to_owned()
    }
}
