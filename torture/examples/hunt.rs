//! Tortures the engine, mixed profiles from seed 0, or FIRST, on: `hunt SECONDS JOBS REPORT.json [FIRST [PROFILE]]`.

mod hunting;

use std::process::ExitCode;
use torture::engine::Engine;

fn main() -> ExitCode {
    hunting::main(&Engine::subject(), None)
}
