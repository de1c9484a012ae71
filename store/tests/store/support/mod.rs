//! What the tests of a store have in common: a small store in memory, short keys, and looking at all of it.
#![allow(dead_code)] // each test file uses its part of this

#[path = "../../../../pager/tests/pager/support/faulty.rs"]
#[allow(clippy::disallowed_types, clippy::unwrap_used)] // one file of faults for the tests of all crates
pub mod faulty;
pub mod random;
pub mod telling;

use env::Env;
use env::memory::MemoryEnv;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use store::{Begin, Bounds, DatabaseId, Isolation, MAIN_DATABASE, Store, StoreOptions, Transaction, TreeId};

/// A tree's rows.
pub type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

/// Where the store of a test stands.
pub const PATH: &str = "app.db";

/// Small pages, so that little content makes deep trees, and limits that are met soon.
pub fn options() -> StoreOptions {
    StoreOptions {
        page_size: 512,
        cache_bytes: 64 << 10,
        log_segment_bytes: 64 << 10,
        checkpoint_log_bytes: 128 << 10,
        large_commit_bytes: 32 << 10,
        background: false,
        ..StoreOptions::default()
    }
}

pub fn memory() -> Arc<MemoryEnv> {
    Arc::new(MemoryEnv::new())
}

pub fn open_with<E: Env + 'static>(env: &Arc<E>, options: StoreOptions) -> Store {
    Store::open(env.clone() as Arc<dyn Env>, Path::new(PATH), options).expect("opens")
}

pub fn open<E: Env + 'static>(env: &Arc<E>) -> Store {
    open_with(env, options())
}

pub fn begin(store: &Store) -> Transaction {
    store.begin(Begin::default()).expect("begins")
}

pub fn begin_at(store: &Store, isolation: Isolation) -> Transaction {
    store.begin(Begin { isolation, ..Begin::default() }).expect("begins")
}

pub fn begin_in(store: &Store, database: DatabaseId) -> Transaction {
    store.begin(Begin { database, ..Begin::default() }).expect("begins")
}

pub fn key(number: u32) -> Vec<u8> {
    format!("key-{number:08}").into_bytes()
}

/// Makes a tree with the rows `numbers` in it.
pub fn tree_with(store: &Store, numbers: impl IntoIterator<Item = u32>) -> TreeId {
    let mut transaction = begin(store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in numbers {
        transaction.put(tree, &key(number), &number.to_le_bytes()).expect("puts");
    }
    transaction.commit().expect("commits");
    tree
}

/// All rows of a tree as the transaction sees it.
pub fn rows(transaction: &mut Transaction, tree: TreeId) -> Rows {
    let mut scan = transaction.scan(tree, Bounds::all()).expect("scans");
    let mut rows = Rows::new();
    while scan.next().expect("reads") {
        rows.insert(scan.key().to_vec(), scan.value().expect("reads"));
    }
    rows
}

/// All rows of a tree as committed.
pub fn contents(store: &Store, tree: TreeId) -> Rows {
    contents_in(store, MAIN_DATABASE, tree)
}

/// All rows of a database's tree as committed.
pub fn contents_in(store: &Store, database: DatabaseId, tree: TreeId) -> Rows {
    rows(&mut begin_in(store, database), tree)
}

/// Closes nothing; verifies the newest checkpoint and everything on top of it.
pub fn check(store: &Store) {
    let report = store.check(&mut |_, _| {}).expect("checks");
    assert!(report.is_sound(), "{}", report.problems.iter().map(|it| format!("{it}\n")).collect::<String>());
}
