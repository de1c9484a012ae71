//! Scripts of clients, and how many things they have looked at.

use crate::command::run;
use crate::database::Database;
use std::process::Command;
use std::time::Duration;

/// How long a script may take.
pub const LIMIT: Duration = Duration::from_secs(240);

/// Runs a script, whose last argument is the database's address, and counts what it has found right.
pub fn check(client: &str, mut command: Command, checks: usize) {
    let database = Database::new(client);
    command.arg(database.url());
    let done = run(&mut command, LIMIT).unwrap_or_else(|reason| panic!("{client}: {reason}"));
    let told = format!("{}{}", done.stdout, done.stderr);
    assert!(done.success, "{client} failed:\n{told}");
    let right = done.stdout.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(right, checks, "{client} looked at another number of things:\n{told}");
    database.stop();
}
