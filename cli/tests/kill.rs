//! `kill -9` of a real process in the middle of commits, on the real file system: what was acknowledged is there, and
//! what is there is whole.

#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use env::Env;
use env::real::RealEnv;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use torture::victim;

fn start(file: &Path, first: u64) -> Child {
    Command::new(env!("CARGO_BIN_EXE_hornbeam"))
        .arg("victim")
        .arg(file)
        .arg(first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started")
}

/// Lets a victim commit until it has acknowledged `count` commits, kills it, and returns the last acknowledged one.
fn kill_after(file: &Path, first: u64, count: usize) -> u64 {
    let mut child = start(file, first);
    let output = child.stdout.take().expect("it is piped");
    let mut lines = BufReader::new(output).lines();
    let mut last = first - 1;
    for _ in 0..count {
        let line = lines.next().expect("the victim goes on until it is killed").expect("its output is text");
        last = line.parse().expect("a number a line");
    }
    // SIGKILL on Unix. What it had acknowledged and not yet told stays in the pipe.
    child.kill().expect("it is there to be killed");
    child.wait().expect("it has ended");
    for line in lines.map_while(Result::ok) {
        last = line.parse().unwrap_or(last);
    }
    last
}

#[test]
fn acknowledged_commits_survive_the_death_of_their_process() {
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let file = directory.path().join("victim.db");
    let mut next = 1;
    for round in 0..6 {
        let acknowledged = kill_after(&file, next, 40 + 35 * round);
        let remains = victim::examine(&env, &file).expect("it opens");
        assert_eq!(remains.problems, Vec::<String>::new(), "round {round}");
        assert!(remains.newest >= acknowledged, "round {round}: {} of {acknowledged}", remains.newest);
        // One more commit may have been on its way.
        assert!(remains.newest <= acknowledged + 1, "round {round}: {} after {acknowledged}", remains.newest);
        next = remains.newest + 1;
    }
}

#[test]
fn the_lock_on_the_file_names_its_holder_and_dies_with_it() {
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let file = directory.path().join("victim.db");
    let mut child = start(&file, 1);
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    lines.next().expect("it commits").expect("its output is text");
    let refusal = victim::examine(&env, &file).expect_err("somebody has it open").to_string();
    assert!(refusal.contains("in use"), "{refusal}");
    child.kill().expect("it is there to be killed");
    child.wait().expect("it has ended");
    victim::examine(&env, &file).expect("the lock is gone with its holder");
}
