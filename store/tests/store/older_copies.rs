//! A closed copy of a file beside the log of a later life: what the log holds is not thrown away, nor an older state shown.

use crate::support;

use env::memory::{MemoryEnv, MemoryOptions};
use std::path::Path;
use std::sync::Arc;
use store::{Store, StoreError, StoreOptions};
use support::{begin, contents, key, memory, open, options};
use wal::LogError;

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
