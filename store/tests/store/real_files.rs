//! The store on the real file system, where worlds in memory are simpler: links, relative and strange names, files that are
//! moved away while they are open, children that live longer than their parents' databases.

#![cfg(all(unix, not(hornbeam_loom)))]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)] // these tests do to files what the engine never does

use env::real::RealEnv;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Begin, Store, StoreError, StoreOptions, TreeId};

fn open(path: &Path) -> Result<Store, StoreError> {
    let options = StoreOptions { page_size: 512, background: false, ..StoreOptions::default() };
    Store::open(Arc::new(RealEnv::new()), path, options)
}

fn commit(store: &Store, key: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
    let mut transaction = store.begin(Begin::default())?;
    let tree = match store.trees(store::MAIN_DATABASE)?.first() {
        Some(tree) => *tree,
        None => transaction.create_tree(true)?,
    };
    transaction.put(tree, key, b"value")?;
    transaction.commit()?;
    Ok(())
}

fn keys(store: &Store) -> Vec<Vec<u8>> {
    let mut transaction = store.begin(Begin::default()).expect("begins");
    let tree: TreeId = store.trees(store::MAIN_DATABASE).expect("reads")[0];
    let found =
        [b"a", b"b", b"c", b"d"].map(|key| transaction.get(tree, key).expect("reads").map(|_| key.to_vec()));
    found.into_iter().flatten().collect()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("is there").map(|entry| entry.expect("reads"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn two_names_of_one_file_use_one_lock_and_one_log() {
    let directory = tempfile::tempdir().expect("makes a directory");
    let (file, link) = (directory.path().join("file"), directory.path().join("link"));
    let store = open(&file).expect("makes it");
    std::os::unix::fs::symlink("file", &link).expect("makes a link");
    commit(&store, b"a").expect("commits");
    assert!(matches!(open(&link), Err(StoreError::Pager(error)) if error.to_string().contains("in use")));
    // Left as a crash would leave it: the log holds the commit.
    drop(store);
    let store = open(&link).expect("finds file and log");
    assert_eq!(keys(&store), [b"a"]);
    commit(&store, b"b").expect("commits");
    drop(store);
    let store = open(&file).expect("finds the same log");
    assert_eq!(keys(&store), [b"a", b"b"]);
    store.close().expect("closes");
    assert_eq!(names(directory.path()), ["file", "link"]);
}

#[test]
fn a_link_to_nothing_makes_the_file_where_it_leads() {
    let directory = tempfile::tempdir().expect("makes a directory");
    let link = directory.path().join("link");
    std::os::unix::fs::symlink("file", &link).expect("makes a link");
    let store = open(&link).expect("makes it");
    commit(&store, b"a").expect("commits");
    assert_eq!(names(directory.path()), ["file", "file-log", "link"]);
    drop(store);
    assert_eq!(keys(&open(&directory.path().join("file")).expect("opens")), [b"a"]);
}

#[test]
fn any_name_will_do() {
    let directory = tempfile::tempdir().expect("makes a directory");
    // Only this test uses the current directory.
    std::env::set_current_dir(directory.path()).expect("is there");
    let strange = PathBuf::from(OsStr::from_bytes(b"not\xff utf-8 \xc3\n"));
    let long = PathBuf::from("n".repeat(250));
    for name in [Path::new("bare"), Path::new("./dotted"), Path::new("../there"), &strange, &long] {
        let inside = directory.path().join("inside");
        std::fs::create_dir_all(&inside).expect("makes a directory");
        let store = open(name).expect("makes it");
        commit(&store, b"a").expect("commits");
        drop(store);
        let store = open(name).expect("recovers");
        assert_eq!(keys(&store), [b"a"]);
        store.close().expect("closes");
        std::fs::remove_file(name).expect("is where it was made");
    }
    let too_long = PathBuf::from("n".repeat(254));
    let error = open(&too_long).map(|_| ()).expect_err("there is no room for the log's name");
    assert!(error.to_string().contains("nnn"), "{error}");
    assert_eq!(names(directory.path()), ["inside"]);
}

#[test]
fn a_file_that_is_moved_away_takes_no_commit_along_unnoticed() {
    let directory = tempfile::tempdir().expect("makes a directory");
    let (file, moved) = (directory.path().join("file"), directory.path().join("moved"));
    let store = open(&file).expect("makes it");
    commit(&store, b"a").expect("commits");
    std::fs::rename(&file, &moved).expect("renames");
    commit(&store, b"b").expect("the log is where it was");
    let error = store.checkpoint().expect_err("the path leads nowhere");
    assert!(error.to_string().contains("replaced, moved or deleted"), "{error}");
    assert!(commit(&store, b"c").is_err(), "the store is read-only from then on");
    drop(store);
    // Another database in its place must not take the log for its own.
    drop(open(&moved).map(|_| ()).expect_err("its log has another name"));
    let other = tempfile::tempdir().expect("makes a directory");
    let stranger = other.path().join("file");
    open(&stranger).expect("makes it").close().expect("closes");
    std::fs::rename(&moved, &file).expect("renames");
    let store = open(&file).expect("both are back");
    assert_eq!(keys(&store), [b"a", b"b"]);
}

#[test]
fn a_file_put_in_the_place_of_an_open_one_is_not_written_to() {
    let directory = tempfile::tempdir().expect("makes a directory");
    let (file, stranger) = (directory.path().join("file"), directory.path().join("stranger"));
    open(&stranger).expect("makes it").close().expect("closes");
    let bytes = std::fs::read(&stranger).expect("reads");
    let store = open(&file).expect("makes it");
    commit(&store, b"a").expect("commits");
    std::fs::rename(&stranger, &file).expect("renames");
    assert!(store.checkpoint().is_err());
    assert!(store.close().is_err());
    assert_eq!(std::fs::read(&file).expect("reads"), bytes);
}

#[test]
fn a_child_process_does_not_keep_the_database() {
    let directory = tempfile::tempdir().expect("makes a directory");
    let file = directory.path().join("file");
    let store = open(&file).expect("makes it");
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "echo; exec sleep 60"]).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("starts");
    // Its first byte shows that it runs: the system closes what it must not inherit a moment after `spawn` has returned.
    let output = child.stdout.as_mut().expect("is piped");
    std::io::Read::read_exact(output, &mut [0]).expect("says a line");
    drop(store);
    let again = open(&file).map(|_| ());
    child.kill().expect("runs");
    child.wait().expect("ends");
    again.expect("nobody has it");
}

#[test]
fn what_is_no_file_is_named() {
    let directory = tempfile::tempdir().expect("makes a directory");
    for path in [directory.path(), Path::new("/dev/null"), &directory.path().join("no/such/directory/db")] {
        let error = open(path).map(|_| ()).expect_err("no database can be there");
        assert!(error.to_string().contains(path.to_str().expect("plain names")), "{error}");
    }
    let (file, log) = (directory.path().join("file"), directory.path().join("file-log"));
    std::fs::create_dir(&log).expect("makes a directory");
    let error = open(&file).map(|_| ()).expect_err("a directory is in the log's way");
    assert!(error.to_string().contains("file-log"), "{error}");
    std::fs::remove_dir(&log).expect("removes it");
    std::fs::write(&log, "a letter to somebody").expect("writes");
    let error = open(&file).map(|_| ()).expect_err("a letter is in the log's way");
    assert!(error.to_string().contains("move it away"), "{error}");
    assert_eq!(std::fs::read(&log).expect("reads"), b"a letter to somebody");
}
