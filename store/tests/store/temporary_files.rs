//! Temporary files: they have no name, they go with their handles, and what was left of one is removed.

use env::memory::MemoryEnv;
use env::{Env, FileExt, OpenMode};
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreOptions};

env::labels! {
    USE: "test.temporary.use", Write, "nothing";
}

fn names(env: &MemoryEnv) -> Vec<String> {
    env.files().keys().map(|path| path.display().to_string()).collect()
}

#[test]
fn a_temporary_file_has_no_name_and_is_nobody_elses() {
    let env = Arc::new(MemoryEnv::new());
    let store = Store::open(env.clone(), Path::new("db"), StoreOptions::default()).expect("new");
    let (one, two) = (store.temporary_file().expect("made"), store.temporary_file().expect("made"));
    one.write_all_at(&USE, 0, b"one").expect("writable");
    two.write_all_at(&USE, 0, b"second").expect("writable");
    assert_eq!((one.len(&USE), two.len(&USE)), (Ok(3), Ok(6)));
    assert_eq!(names(&env), ["db", "db-log"]);
}

#[test]
fn what_a_power_failure_brought_back_is_removed_when_its_name_is_needed() {
    let env = Arc::new(MemoryEnv::new());
    let left = env.open(&USE, Path::new("db-temporary-2"), OpenMode::CreateNew).expect("nothing is there");
    left.write_all_at(&USE, 0, b"left over").expect("writable");
    let store = Store::open(env.clone(), Path::new("db"), StoreOptions::default()).expect("new");
    for _ in 0..3 {
        assert_eq!(store.temporary_file().expect("made").len(&USE), Ok(0));
    }
    assert_eq!(names(&env), ["db", "db-log"]);
}

#[test]
fn who_only_reads_leaves_the_names_of_others_alone() {
    let env = Arc::new(MemoryEnv::new());
    Store::open(env.clone(), Path::new("db"), StoreOptions::default()).expect("new").close().expect("closes");
    env.open(&USE, Path::new("db-temporary-1"), OpenMode::CreateNew).expect("nothing is there");
    let options = StoreOptions { read_only: true, ..StoreOptions::default() };
    let store = Store::open(env.clone(), Path::new("db"), options).expect("it is there");
    assert_eq!(store.temporary_file().expect("made").len(&USE), Ok(0));
    assert_eq!(names(&env), ["db", "db-temporary-1"]);
}

#[test]
fn a_store_that_was_closed_makes_none() {
    let store =
        Store::open(Arc::new(MemoryEnv::new()), Path::new("db"), StoreOptions::default()).expect("new");
    let other = store.clone();
    store.close().expect("closes");
    assert!(other.temporary_file().is_err());
}
