//! Any text: its statements run one after the other on a small schema in memory, which is made anew for each input.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let statements = hornbeam_fuzz::statements(text);
    if statements.is_empty() {
        return;
    }
    let mut connection = hornbeam_fuzz::connect();
    for statement in statements {
        hornbeam_fuzz::run(&mut connection, &statement);
    }
});
