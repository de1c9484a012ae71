//! A closed copy of a file beside the log of a later life, or no file at all: what the log holds is not thrown away, nor an
//! older state shown.

use crate::support;

use env::memory::{MemoryEnv, MemoryOptions};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreError, StoreOptions};
use support::{begin, contents, key, memory, open, options};
use wal::LogError;

const LOG: &str = "app.db-log";

fn is_refused(env: &Arc<MemoryEnv>, options: StoreOptions) -> bool {
    match Store::open(env.clone(), Path::new(support::PATH), options) {
        Err(StoreError::Log(error)) => matches!(*error, LogError::Ahead { .. }),
        Ok(_) | Err(_) => false,
    }
}

#[test]
fn a_log_that_went_on_is_not_removed_by_an_older_copy() {
    for empty in [true, false] {
        let env = memory();
        let store = open(&env);
        let tree = support::tree_with(&store, if empty { 0..0 } else { 0..50 });
        store.close().expect("closes");
        let closed = env.files();
        let store = open(&env);
        let mut transaction = begin(&store);
        transaction.put(tree, &key(1_000), b"later").expect("puts");
        transaction.commit().expect("commits");
        drop(store); // without closing: the log is needed
        let mut files = env.files();
        for (path, bytes) in closed {
            files.insert(path, bytes);
        }
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files.clone()));
        assert!(is_refused(&env, options()), "the log holds a commit");
        assert!(is_refused(&env, StoreOptions { read_only: true, ..options() }));
        assert_eq!(env.files(), files, "nothing is touched");
        // Who means the older state moves the log away.
        let log = files.keys().find(|path| path.to_string_lossy().ends_with("-log")).cloned().expect("a log");
        files.remove(&log);
        let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
        let store = open(&env);
        assert_eq!(contents(&store, tree).len(), if empty { 0 } else { 50 });
    }
}

#[test]
fn a_log_without_commits_or_of_an_earlier_life_is_in_nobodys_way() {
    let env = memory();
    let store = open(&env);
    let tree = support::tree_with(&store, 0..50);
    let in_use = env.files();
    store.close().expect("closes");
    let closed = env.files();
    // The log of the life that was closed: the power failed before it was removed.
    let mut files = in_use;
    files.extend(closed.clone());
    let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
    assert_eq!(contents(&open(&env), tree).len(), 50);
    // The log of an opening that has committed nothing.
    let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), closed.clone()));
    drop(open(&env));
    let mut files = env.files();
    files.extend(closed);
    let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
    assert_eq!(contents(&open(&env), tree).len(), 50);
}

#[test]
fn a_lost_database_is_not_replaced_beside_a_log_that_this_program_cannot_read() {
    for sector_size in [512, 4096] {
        let env = memory();
        let options = StoreOptions { log_sector_size: sector_size, ..options() };
        let store = Store::open(env.clone(), Path::new(support::PATH), options.clone()).expect("makes");
        let mut transaction = begin(&store);
        let tree = transaction.create_tree(true).expect("creates");
        transaction.commit().expect("commits");
        // A later record says that this commit was durable.
        for number in 0..8u8 {
            let mut transaction = begin(&store);
            transaction.put(tree, &[number], &[number; 200]).expect("puts");
            transaction.commit().expect("commits");
        }
        drop(store);
        let log = Path::new(LOG);
        let intact = env.files()[log].clone();
        let reopened = |log_bytes: Vec<u8>| {
            let files = BTreeMap::from([(log.to_path_buf(), log_bytes.clone())]);
            let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
            let opened = Store::open(env.clone(), Path::new(support::PATH), options.clone());
            assert_eq!(env.files().get(log), Some(&log_bytes), "the log is as it was");
            opened.err().map(|error| error.to_string())
        };
        // A later program's log: its header is sound.
        let mut newer = intact.clone();
        newer[12] = 9;
        let checksum = crc32fast::hash(&newer[12..64]);
        newer[8..12].copy_from_slice(&checksum.to_le_bytes());
        let error = reopened(newer).expect("is refused");
        assert!(error.contains("version 9"), "{error}");
        // The header is rotten: its segments say that they hold commits.
        for at in 0..64 {
            let mut rotten = intact.clone();
            rotten[at] ^= 1 << (at % 8);
            let error = reopened(rotten).expect("is refused");
            assert!(error.contains("there is no database, but its log"), "byte {at}: {error}");
        }
    }
}
