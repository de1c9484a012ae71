//! Clients in JavaScript, by `npm` into a folder for each.

use crate::command::run;
use crate::install::{LIMIT, once, or_pass_over, scripts};
use crate::script::check;
use std::path::PathBuf;
use std::process::Command;

/// A client's folder, its modules and its scripts in it: a script is looked for modules from where it lies.
fn modules(client: &str) -> Result<PathBuf, String> {
    let source = scripts().join("node").join(client);
    once(client, &source.join("package-lock.json"), |folder| {
        for name in ["package.json", "package-lock.json"] {
            std::fs::copy(source.join(name), folder.join(name)).map_err(|error| error.to_string())?;
        }
        let mut npm = Command::new("npm");
        npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
        run(&mut npm, LIMIT)?.well().map(drop)
    })
}

fn script(client: &str, checks: usize) {
    let Some(folder) = or_pass_over(client, modules(client)) else { return };
    std::fs::copy(scripts().join("node/checks.mjs"), folder.join("checks.mjs")).unwrap();
    for entry in std::fs::read_dir(scripts().join("node").join(client)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "mjs") {
            std::fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut command = Command::new("node");
    command.current_dir(&folder).arg("client.mjs");
    check(client, command, checks);
}

#[test]
fn node_postgres() {
    script("node_postgres", 64);
}

#[test]
fn drizzle() {
    script("drizzle", 32);
}
