//! Statements that are made of the small schema's names and the language's forms, so that most of them mean something.
#![no_main]

use hornbeam_fuzz::Script;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: Script| {
    let mut connection = hornbeam_fuzz::connect();
    for statement in &script.statements {
        hornbeam_fuzz::run(&mut connection, statement);
    }
});
