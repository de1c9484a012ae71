//! Clients in Python, by `pip` into an environment for each.

use crate::command::run;
use crate::install::{LIMIT, once, or_pass_over, scripts};
use crate::script::check;
use std::path::PathBuf;
use std::process::Command;

/// The interpreter of a client's environment.
pub fn environment(client: &str) -> Result<PathBuf, String> {
    let pinned = scripts().join("python").join(client).join("requirements.txt");
    let folder = once(client, &pinned, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder), LIMIT)?.well()?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
        run(pip.arg(&pinned), LIMIT)?.well().map(drop)
    })?;
    Ok(folder.join("bin/python"))
}

/// A script of a client, with what the scripts share.
fn script(client: &str, checks: usize) {
    let Some(python) = or_pass_over(client, environment(client)) else { return };
    let folder = scripts().join("python");
    let mut command = Command::new(python);
    command.env("PYTHONPATH", folder.join("shared")).env("PYTHONDONTWRITEBYTECODE", "1");
    command.arg(folder.join(client).join("client.py"));
    check(client, command, checks);
}

#[test]
fn psycopg() {
    script("psycopg", 129);
}

#[test]
fn psycopg2() {
    script("psycopg2", 69);
}

#[test]
fn asyncpg() {
    script("asyncpg", 93);
}

#[test]
fn django() {
    script("django", 100);
}
