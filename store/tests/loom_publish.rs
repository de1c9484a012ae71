//! Publishing a version under the interleavings that loom can find. Run with `RUSTFLAGS="--cfg hornbeam_loom"`.
//!
//! The whole store runs here, on a world that knows which bytes were synced. What is looked for: a snapshot that shows
//! half a commit, one that shows what is not durable, one that goes back in time, a commit that its own session does
//! not see, one that another overwrites.

#![cfg(hornbeam_loom)]

mod loom_support;

use env::Env;
use env::sync::loom;
use loom_support::{Files, Watched, check, spawn};
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::locks::{RowMode, WaitPolicy};
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
    check(&builder, move || {
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
    check(&builder, move || {
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
            spawn(move || commit_two_rows(&store, tree, number))
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
        let writer = spawn(move || {
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

/// Appends writer `number`'s token to the one row, going on from what is handed over; then reads it for others to hear.
fn append(world: &Watched, store: &Store, tree: TreeId, number: u8) -> Vec<u8> {
    let mut transaction = store.begin(Begin::default()).expect("the main database is there");
    transaction.allow_ahead(true);
    let locked = transaction.lock_row_ahead(tree, b"row", RowMode::Update, WaitPolicy::FOREVER);
    locked.expect("nobody keeps it for ever");
    let mut value = transaction.get(tree, b"row").expect("memory does not fail").unwrap_or_default();
    let found = value.clone();
    value.extend(token(number));
    transaction.put(tree, b"row", &value).expect("it is locked");
    transaction.allow_ahead(false);
    transaction.get(tree, b"other").expect("memory does not fail");
    let durable = found.is_empty() || world.is_synced(Path::new(LOG), &found);
    assert!(durable, "what was read could be told before it was durable");
    transaction.commit().expect("memory does not fail");
    value
}

#[test]
fn a_row_that_is_handed_over_loses_no_change_and_is_told_when_it_is_durable() {
    explore(2, |world, store, tree| {
        let other = (Arc::clone(world), Arc::clone(store));
        let writer = spawn(move || append(&other.0, &other.1, tree, 1));
        let mine = append(world, store, tree, 2);
        let others = writer.join().expect("no panic");
        let mut reader = store.begin(Begin::default()).expect("the main database is there");
        let last = reader.get(tree, b"row").expect("memory does not fail").expect("it was written");
        assert_eq!(last.len(), 2 * token(1).len(), "a change is lost");
        assert!(last == mine || last == others);
    });
}
