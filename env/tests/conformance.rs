//! The real world and the world in memory keep the same promises, and what each has beyond them.

#![cfg(not(hornbeam_loom))]
#![allow(clippy::disallowed_types)] // another process takes a lock

use env::conformance::{CLOCKS_AND_ENTROPY, FILES, Promise, TASKS};
use env::memory::{MemoryEnv, MemoryOptions};
use env::real::RealEnv;
use env::{Env, FileExt, OpenMode};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

env::labels! {
    OPEN: "test.open", Directory, "nothing";
    WRITE: "test.write", Write, "nothing";
    LENGTH: "test.length", Length, "nothing";
    CLOCK: "test.clock", Clock, "nothing";
    TASK: "test.task", Task, "nothing";
    ENTROPY: "test.entropy", Entropy, "nothing";
}

fn check(promises: &[&[Promise]], world: impl Fn() -> Box<dyn Env>) {
    for promise in promises.iter().copied().flatten() {
        println!("{}", promise.name);
        let directory = tempfile::tempdir().expect("a temporary directory");
        (promise.check)(&*world(), directory.path());
    }
}

#[test]
fn the_real_world_keeps_every_promise() {
    check(&[FILES, CLOCKS_AND_ENTROPY, TASKS], || Box::new(RealEnv::new()));
}

#[test]
fn the_world_in_memory_keeps_every_promise() {
    check(&[FILES, CLOCKS_AND_ENTROPY, TASKS], || Box::new(MemoryEnv::new()));
}

#[test]
fn a_deterministic_world_in_memory_keeps_the_promises_without_tasks() {
    check(&[FILES, CLOCKS_AND_ENTROPY], || Box::new(MemoryEnv::from_files(BTreeMap::new())));
}

#[test]
fn files_go_into_memory_and_come_out_again() {
    let files =
        BTreeMap::from([(PathBuf::from("a/db"), b"one".to_vec()), (PathBuf::from("a/log"), Vec::new())]);
    let world = MemoryEnv::from_files(files.clone());
    assert_eq!(world.files(), files);
    let names: Vec<PathBuf> = vec!["db".into(), "log".into()];
    assert_eq!(world.list(&OPEN, Path::new("a")), Ok(names));
    let file = world.open(&OPEN, Path::new("a/db"), OpenMode::ReadWrite).expect("it is there");
    file.write_all_at(&WRITE, 3, b" two").expect("writable");
    assert_eq!(world.files()[Path::new("a/db")], b"one two");
}

#[test]
fn deterministic_worlds_do_not_differ() {
    let look = || {
        let world = MemoryEnv::from_files(BTreeMap::new());
        let mut bytes = [0; 32];
        world.random(&ENTROPY, &mut bytes).expect("there is entropy");
        world.sleep(&CLOCK, std::time::Duration::from_secs(2));
        (bytes, world.monotonic(&CLOCK), world.wall_clock(&CLOCK), world.process_id())
    };
    assert_eq!(look(), look());
    assert_eq!(look().2, 2_000_000);
}

#[test]
fn a_deterministic_world_refuses_tasks() {
    let world = MemoryEnv::from_files(BTreeMap::new());
    let refused = world.spawn(&TASK, "task", Box::new(|| {})).err().map(|error| error.kind);
    assert_eq!(refused, Some(ErrorKind::Unsupported));
}

#[test]
fn a_full_world_cuts_the_write_then_refuses_and_deleting_makes_room() {
    let options = MemoryOptions { capacity: 1_000, ..MemoryOptions::real() };
    let world = MemoryEnv::with_options(options, BTreeMap::new());
    let path = Path::new("file");
    let file = world.open(&OPEN, path, OpenMode::CreateNew).expect("made");
    let error = file.write_all_at(&WRITE, 0, &[1; 1_500]).expect_err("there is no room");
    assert!(error.is_out_of_space());
    assert_eq!(file.len(&LENGTH), Ok(1_000));
    assert!(file.set_len(&LENGTH, 1_001).is_err_and(|error| error.is_out_of_space()));
    assert!(file.write_all_at(&WRITE, 1_200, &[1]).is_err_and(|error| error.is_out_of_space()));
    assert_eq!(file.len(&LENGTH), Ok(1_000), "a refused call changes nothing");
    drop(file);
    world.remove(&OPEN, path).expect("it is there");
    let next = world.open(&OPEN, path, OpenMode::CreateNew).expect("made");
    assert_eq!(next.write_all_at(&WRITE, 0, &[1; 1_000]), Ok(()));
}

#[test]
fn a_panic_of_a_real_task_is_reported_by_join() {
    let handle =
        RealEnv::new().spawn(&TASK, "doomed", Box::new(|| panic!("planned: {}", 7))).expect("started");
    assert_eq!(handle.join(), Err("planned: 7".to_owned()));
}

#[test]
fn a_directory_is_not_opened_as_a_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for mode in [OpenMode::ReadOnly, OpenMode::ReadWrite] {
        let error = RealEnv::new().open(&OPEN, directory.path(), mode).err().expect("not a file");
        assert_eq!(error.kind, ErrorKind::IsADirectory);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_pipe_or_device_is_not_opened_as_a_file() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let pipe = directory.path().join("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0)
        .expect("a pipe can be made");
    for path in [pipe.as_path(), Path::new("/dev/null")] {
        let error = RealEnv::new().open(&OPEN, path, OpenMode::ReadOnly).err().expect("not a regular file");
        assert_eq!(error.kind, ErrorKind::InvalidInput);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_holder_of_a_lock_in_another_process_is_named() {
    use env::{FileLockKind, FileLockOutcome};
    use std::process::{Command, Stdio};
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("file");
    let file = RealEnv::new().open(&OPEN, &path, OpenMode::CreateNew).expect("made");
    // `flock` locks the file on its own descriptor, tells us by an empty line, and waits for its input to end.
    let mut child = Command::new("flock")
        .arg(&path)
        .args(["sh", "-c", "echo; cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("flock is part of every Linux system");
    let mut line = [0; 1];
    let output = child.stdout.as_mut().expect("piped");
    std::io::Read::read_exact(output, &mut line).expect("flock got the lock");
    let outcome = file.try_lock(&OPEN, FileLockKind::Exclusive).expect("locks are known here");
    drop(child.stdin.take());
    child.wait().expect("it ends with its input");
    let FileLockOutcome::HeldBy(holder) = outcome else {
        panic!("the lock of another process was overlooked")
    };
    // Some file systems hide the device, so that nobody is named; nobody else may be.
    assert!(holder.is_none_or(|holder| holder == child.id()), "{holder:?} is not {}", child.id());
    let after = file.try_lock(&OPEN, FileLockKind::Exclusive).expect("locks are known here");
    assert_eq!(after, FileLockOutcome::Acquired);
}

#[test]
#[allow(clippy::disallowed_methods)] // no world makes directories
fn links_lead_to_the_path_of_the_file_itself() {
    use std::os::unix::fs::symlink;
    let directory = tempfile::tempdir().expect("a temporary directory");
    let at = |name: &str| directory.path().join(name);
    std::fs::create_dir(at("inner")).expect("made");
    let world = RealEnv::new();
    drop(world.open(&OPEN, &at("inner/db"), OpenMode::CreateNew).expect("made"));
    symlink("inner/db", at("relative")).expect("made");
    symlink(at("relative"), at("absolute")).expect("made");
    symlink("../relative", at("inner/back")).expect("made");
    symlink("nothing", at("dangling")).expect("made");
    symlink("loop", at("loop")).expect("made");
    for name in ["relative", "absolute", "inner/db"] {
        assert_eq!(world.resolve(&OPEN, &at(name)), at("inner/db"), "{name}");
    }
    let back = world.resolve(&OPEN, &at("inner/back"));
    assert_eq!(world.identity(&OPEN, &back), world.identity(&OPEN, &at("inner/db")));
    assert_eq!(back.parent().and_then(Path::file_name), Some("inner".as_ref()));
    assert_eq!(world.resolve(&OPEN, &at("dangling")), at("nothing"));
    assert_eq!(world.resolve(&OPEN, &at("loop")), at("loop"));
    assert!(world.open(&OPEN, &at("loop"), OpenMode::ReadOnly).is_err());
    for plain in ["db", "./db", "no/such/db", "/"] {
        assert_eq!(world.resolve(&OPEN, Path::new(plain)), Path::new(plain));
    }
}
