//! How long a large database takes to open for writing: closed, and left open. What is free in it lies scattered, the
//! worst case for everything that is kept by runs of pages.
//! `cargo run --release -p hornbeam-store --example opening_speed DIRECTORY [GIGABYTES]`

use env::Env;
use env::real::RealEnv;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{Begin, Durability, MAIN_DATABASE, Store, StoreOptions, TreeId};

env::labels! {
    CLOCK: "speed.clock", Clock, "no figure is printed";
}

/// Two pages each, with what is stored beside them.
const VALUE_BYTES: usize = 12_000;
const ROWS_OF_A_COMMIT: u64 = 2_000;
const OPENINGS: usize = 3;

fn open(env: &Arc<dyn Env>, path: &Path, durability: Durability) -> (Store, Duration) {
    let start = env.monotonic(&CLOCK);
    let options = StoreOptions { durability, ..StoreOptions::default() };
    let store = Store::open(env.clone(), path, options).expect("opens");
    (store, env.monotonic(&CLOCK) - start)
}

/// Bytes that do not compress.
fn value(number: u64) -> Vec<u8> {
    let mut state = number;
    let words = (0..VALUE_BYTES / 8).flat_map(|_| {
        state = (state ^ (state >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(number | 1);
        state.to_le_bytes()
    });
    words.collect()
}

fn change(store: &Store, numbers: impl Iterator<Item = u64>, tree: TreeId, put: bool) {
    let mut numbers = numbers.peekable();
    while numbers.peek().is_some() {
        let mut transaction = store.begin(Begin::default()).expect("begins");
        for number in numbers.by_ref().take(ROWS_OF_A_COMMIT as usize) {
            let key = number.to_be_bytes();
            if put {
                transaction.put(tree, &key, &value(number)).expect("puts");
            } else {
                transaction.delete(tree, &key).expect("deletes");
            }
        }
        transaction.commit().expect("commits");
    }
}

fn build(env: &Arc<dyn Env>, path: &Path, rows: u64) {
    let (store, _) = open(env, path, Durability::Off);
    let mut transaction = store.begin(Begin::default()).expect("begins");
    let tree = transaction.create_tree(false).expect("creates");
    transaction.commit().expect("commits");
    change(&store, 0..rows, tree, true);
    change(&store, (0..rows).step_by(2), tree, false);
    store.close().expect("closes");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().expect("a directory is named");
    let gigabytes: u64 = arguments.next().map_or(10, |number| number.parse().expect("a number of gigabytes"));
    let path = Path::new(&directory).join("opening.db");
    let env: Arc<dyn Env> = Arc::new(RealEnv::new());
    build(&env, &path, (gigabytes << 30) / (2 * 8192));
    for _ in 0..OPENINGS {
        let (store, time) = open(&env, &path, Durability::Full);
        let figures = store.statistics();
        println!("closed, {} pages, {} of them free: {time:?}", figures.file_pages, figures.free_pages);
        store.close().expect("closes");
    }
    for _ in 0..OPENINGS {
        let (store, time) = open(&env, &path, Durability::Full);
        println!("left open: {time:?}, {} records replayed", store.recovery().records);
        let tree = store.trees(MAIN_DATABASE).expect("reads")[0];
        change(&store, 1..200, tree, true);
        drop(store);
    }
}
