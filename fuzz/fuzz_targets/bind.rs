//! Any text: read, and every statement bound to a small schema.
#![no_main]

use hornbeam::Connection;
use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

thread_local! {
    /// Nothing that is only bound changes it.
    static CONNECTION: RefCell<Connection> = RefCell::new(hornbeam_fuzz::connect());
}

fuzz_target!(|text: &str| {
    CONNECTION.with_borrow_mut(|connection| {
        for statement in hornbeam_fuzz::statements(text) {
            if let Ok(prepared) = connection.prepare(&statement) {
                connection.forget(prepared);
            }
            // Binding and planning; nothing is run.
            let _ = connection.batch(&format!("explain (verbose) {statement}"));
        }
    });
});
