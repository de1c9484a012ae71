//! Clients in Rust: programs of a project of their own, whose crates `cargo` gets and builds.

use crate::command::run;
use crate::install::{LIMIT, kept, or_pass_over, scripts};
use crate::script::check;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

const DIESEL: &str = "client_diesel";

/// How long the crates may take to be built, those of all clients together.
const BUILD_LIMIT: Duration = Duration::from_secs(600);

fn cargo(command: &str) -> Command {
    let mut cargo = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    cargo.args([command, "--locked", "--quiet", "--manifest-path"]).arg(scripts().join("rust/Cargo.toml"));
    // What this test's own crate was built by is none of its business.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "RUSTFLAGS" {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// That libpq is there, which diesel is linked with.
fn libpq() -> Result<(), String> {
    run(Command::new("pg_config").arg("--libdir"), LIMIT)?.well().map(drop)
}

/// The crates that are pinned, from the registry.
fn fetched() -> Result<(), String> {
    run(&mut cargo("fetch"), LIMIT)?.well().map(drop)
}

/// The program of a client. That it cannot be built is a failure: its crates are there. All are built at once, as crates that
/// several need are built again where not all of those ask for what they want of them.
fn built(client: &str) -> PathBuf {
    let target = kept().join("rust");
    let mut build = cargo("build");
    build.args(["--offline", "--workspace", "--target-dir"]).arg(&target);
    if libpq().is_err() {
        build.args(["--exclude", DIESEL]);
    }
    let done = run(&mut build, BUILD_LIMIT).unwrap();
    done.well().unwrap_or_else(|told| panic!("{client} cannot be built: {told}"));
    target.join("debug").join(client)
}

fn script(client: &str, available: Result<(), String>, checks: usize) {
    if or_pass_over(client, available.and_then(|()| fetched())).is_none() {
        return;
    }
    let mut command = Command::new(built(client));
    command.current_dir(scripts().join("rust").join(client));
    check(client, command, checks);
}

#[test]
fn tokio_postgres() {
    script("client_tokio_postgres", Ok(()), 80);
}

#[test]
fn sqlx() {
    script("client_sqlx", Ok(()), 50);
}

#[test]
fn diesel() {
    script(DIESEL, libpq(), 42);
}
