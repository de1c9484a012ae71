//! The `hornbeam` program: arguments in, exit code out. What it does is done by the libraries.
//!
//! Exit codes: 0 all is well; 1 a promise is broken, or a file is damaged; 2 what was asked cannot be done.

#![forbid(unsafe_code)]

mod arguments;
mod check;
mod dump_command;
mod errors;
mod files;
mod opening;
mod programs;
mod progress;
mod replay;
mod serve_command;
mod sql_shell;
mod torture_command;
mod vacuum;

use arguments::{Arguments, Command};
use clap::Parser;
use env::Env;
use errors::CliError;
use mimalloc::MiMalloc;
use std::process::ExitCode;
use std::sync::Arc;

/// Of the server's time in short transactions nearly a quarter went into the system's allocator, which gathers and sorts what many
/// threads have given back (bench/README.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // What statements do may nest deeply.
    env::real::on_large_stack(|world| run_in(Arc::new(world), arguments))
}

fn run_in(env: Arc<dyn Env>, arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Some(command) => run(&env, command),
        None => sql_shell::run(&env, &arguments.shell),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("hornbeam: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command; whether all was well.
fn run(env: &Arc<dyn Env>, command: Command) -> Result<bool, CliError> {
    match command {
        Command::Torture(arguments) => torture_command::run(env, arguments),
        Command::Replay(arguments) => replay::replay(env, &arguments),
        Command::Minimise(arguments) => replay::minimise(env, &arguments),
        Command::Check(arguments) => check::check(env, &arguments),
        Command::Dump(arguments) => dump_command::dump(env, &arguments),
        Command::Vacuum(arguments) => vacuum::vacuum(env, &arguments),
        Command::Serve(arguments) => serve_command::serve(env, &arguments),
        Command::Victim(arguments) => torture_command::victim(env, &arguments),
    }
}
