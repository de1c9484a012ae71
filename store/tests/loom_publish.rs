//! Publishing a version under the interleavings that loom can find. Run with `RUSTFLAGS="--cfg hornbeam_loom"`.
//!
//! The whole store runs here, on a world that knows which bytes were synced. What is looked for: a snapshot that shows
//! half a commit, one that shows what is not durable, one that goes back in time, a commit that its own session does
//! not see, one that another overwrites.

#![cfg(hornbeam_loom)]

mod loom_support;

use env::Env;
use env::sync::loom;
use loom_support::{Files, Watched};
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::{Begin, CommitNumber, Isolation, Store, StoreOptions, TreeId};

const DATABASE: &str = "app.db";
const LOG: &str = "app.db-log";

fn options() -> StoreOptions {
    StoreOptions {
        page_size: 512,
        cache_bytes: 64 << 10,
        log_segment_bytes: 8 << 10,
        background: false,
        ..StoreOptions::default()
    }
}

fn open(world: &Arc<Watched>) -> Arc<Store> {
    let world: Arc<dyn Env> = world.clone();
    Arc::new(Store::open(world, Path::new(DATABASE), options()).expect("memory does not fail"))
}

/// An empty tree in a database that was closed. Made in a model of its own: the locks exist only there.
fn prepared() -> (Files, TreeId) {
    let made = Arc::new(Mutex::new(None));
    let result = Arc::clone(&made);
    let mut builder = loom::model::Builder::new();
    builder.max_branches = 1_000_000;
    builder.check(move || {
        let world = Arc::new(Watched::new(Files::new()));
        let store = open(&world);
        let mut transaction = store.begin(Begin::default()).expect("the main database is there");
        let tree = transaction.create_tree(true).expect("memory does not fail");
        transaction.commit().expect("memory does not fail");
        let store = Arc::into_inner(store).expect("nobody else has it");
        store.close().expect("memory does not fail");
        *result.lock().expect("no panic") = Some((world.files(), tree));
    });
    let made = made.lock().expect("no panic").take();
    made.expect("the model ran")
}

/// Explores `body` on the prepared database, freshly opened.
fn explore(preemptions: usize, body: impl Fn(&Arc<Watched>, &Arc<Store>, TreeId) + Sync + Send + 'static) {
    let (files, tree) = prepared();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 1_000_000;
    builder.check(move || {
        let world = Arc::new(Watched::new(files.clone()));
        let store = open(&world);
        body(&world, &store, tree);
        // Without a clean close: the log is left as a crash would leave it.
    });
}

/// What writer `number` writes: text that stands nowhere else.
fn token(number: u8) -> Vec<u8> {
    format!("<written by {number}>").into_bytes()
}

/// Commits two rows of writer `number` together.
fn commit_two_rows(store: &Store, tree: TreeId, number: u8) -> CommitNumber {
    let mut transaction = store.begin(Begin::default()).expect("the main database is there");
    transaction.put(tree, &[b'a', number], &token(number)).expect("nobody else has the row");
    transaction.put(tree, &[b'b', number], &token(number)).expect("nobody else has the row");
    transaction.commit().expect("memory does not fail")
}

/// Takes a snapshot, checks all of it, and says which writers it shows, and where it stands in time.
fn observe(world: &Watched, store: &Store, tree: TreeId) -> (CommitNumber, Vec<u8>) {
    let begin = Begin { isolation: Isolation::RepeatableRead, read_only: true, ..Begin::default() };
    let mut transaction = store.begin(begin).expect("the main database is there");
    let mut seen = Vec::new();
    for number in [1, 2] {
        let first = transaction.get(tree, &[b'a', number]).expect("memory does not fail");
        let second = transaction.get(tree, &[b'b', number]).expect("memory does not fail");
        assert_eq!(first, second, "half a commit is visible");
        if let Some(value) = first {
            assert_eq!(value, token(number));
            assert!(world.is_synced(Path::new(LOG), &value), "a snapshot shows what is not durable");
            seen.push(number);
        }
    }
    (transaction.snapshot(), seen)
}

#[test]
fn snapshots_show_whole_durable_commits_and_never_go_back() {
    explore(1, |world, store, tree| {
        let writers = [1, 2].map(|number| {
            let store = Arc::clone(store);
            loom::thread::spawn(move || commit_two_rows(&store, tree, number))
        });
        let (first, then) = (observe(world, store, tree), observe(world, store, tree));
        assert!(first.0 <= then.0, "a later snapshot is older");
        assert!(first.1.iter().all(|number| then.1.contains(number)), "a commit has gone again");
        let commits = writers.map(|writer| writer.join().expect("no panic"));
        assert_ne!(commits[0], commits[1]);
        assert_eq!(observe(world, store, tree).1, [1, 2]);
    });
}

#[test]
fn an_acknowledged_commit_is_durable_and_its_writer_sees_it() {
    explore(2, |world, store, tree| {
        let other = (Arc::clone(world), Arc::clone(store));
        let writer = loom::thread::spawn(move || {
            commit_two_rows(&other.1, tree, 1);
            assert!(other.0.is_synced(Path::new(LOG), &token(1)), "acknowledged before it was durable");
            assert!(observe(&other.0, &other.1, tree).1.contains(&1));
        });
        commit_two_rows(store, tree, 2);
        assert!(world.is_synced(Path::new(LOG), &token(2)), "acknowledged before it was durable");
        assert!(observe(world, store, tree).1.contains(&2));
        writer.join().expect("no panic");
        assert_eq!(observe(world, store, tree).1, [1, 2]);
    });
}
