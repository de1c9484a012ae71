//! What the programs say of what they have looked at: `ok` and a name, or what came instead, and an end with 1.

use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};

static WRONG: AtomicBool = AtomicBool::new(false);

/// Says whether `got` is `expected`.
pub fn same<T: PartialEq<U> + Debug, U: Debug>(name: &str, got: T, expected: U) {
    if got == expected {
        println!("ok {name}");
    } else {
        WRONG.store(true, Ordering::Relaxed);
        println!("WRONG {name}: {got:?} instead of {expected:?}");
    }
}

/// Ends the program.
pub fn end() -> ! {
    std::process::exit(i32::from(WRONG.load(Ordering::Relaxed)))
}
