//! Tortures the engine by statements, from seed 0 on: `hunt_statements SECONDS JOBS REPORT.json [FIRST [PROFILE]]`.

#[path = "../../../torture/examples/hunting/mod.rs"]
mod hunting;

use sql_torture::SqlEngine;
use std::process::ExitCode;
use torture::profile::Profile;

fn main() -> ExitCode {
    hunting::main(&SqlEngine::subject(), Some(Profile::Sql))
}
