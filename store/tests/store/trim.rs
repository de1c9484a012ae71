//! Free pages at the end of the file go back to the file system: after what was large is gone, never under a reader, and
//! whatever call fails or whenever the power does.

use crate::support;

use env::Env;
use faults::Decisions;
use sim::{Stop, World, WorldConfig};
use std::path::Path;
use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering};
use store::{Begin, Bounds, Isolation, MAIN_DATABASE, Store, StoreError, StoreOptions, TreeId};
use support::{begin, begin_at, check, contents, key, memory, open, options, rows, tree_with};

fn fill(store: &Store, tree: TreeId, from: u32, to: u32) {
    let mut transaction = begin(store);
    for number in from..to {
        transaction.put(tree, &key(number), &[number as u8; 100]).expect("puts");
    }
    transaction.commit().expect("commits");
}

fn cut(store: &Store, tree: TreeId, from: u32) {
    let mut transaction = begin(store);
    transaction.delete_range(tree, &key(from), None).expect("deletes");
    transaction.commit().expect("commits");
}

/// What is left is written anew a few times, and finds its way to low places.
fn stir(store: &Store, tree: TreeId) {
    for _ in 0..4 {
        fill(store, tree, 0, 50);
        store.checkpoint().expect("writes a checkpoint");
    }
}

fn pages(store: &Store) -> u64 {
    store.statistics().file_pages
}

#[test]
fn a_file_that_was_large_once_becomes_small_again() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..50);
    for round in 0..4 {
        fill(&store, tree, 100, 20_000);
        store.checkpoint().expect("writes a checkpoint");
        let large = pages(&store);
        cut(&store, tree, 100);
        stir(&store, tree);
        let given = store.trim().expect("trims");
        assert_eq!(pages(&store), large - given);
        assert!(pages(&store) < large / 8, "round {round}: {} of {large} pages are left", pages(&store));
        let length = env.files()[Path::new(support::PATH)].len() as u64;
        assert_eq!(length, pages(&store) * 512, "the file itself is shorter");
        assert_eq!(contents(&store, tree).len(), 50);
        check(&store);
        assert_eq!(store.trim().expect("trims"), 0, "there is nothing more to give");
        check(&store);
    }
    drop(store);
    let store = open(&env);
    assert_eq!(contents(&store, tree).len(), 50);
    check(&store);
    fill(&store, tree, 100, 5_000);
    store.close().expect("closes");
    let store = open(&env);
    assert_eq!(contents(&store, tree).len(), 4_950);
    check(&store);
}

#[test]
fn what_a_snapshot_reads_stays() {
    let store = open(&memory());
    let tree = tree_with(&store, 0..50);
    fill(&store, tree, 100, 10_000);
    store.checkpoint().expect("writes a checkpoint");
    let mut old = begin_at(&store, Isolation::RepeatableRead);
    let before = rows(&mut old, tree);
    let mut scan = old.scan(tree, Bounds::all()).expect("scans");
    let large = pages(&store);
    let mut writer = begin(&store);
    for number in 100..10_000 {
        writer.delete(tree, &key(number)).expect("deletes");
    }
    writer.commit().expect("commits");
    stir(&store, tree);
    store.trim().expect("trims");
    assert!(pages(&store) > large / 2, "the snapshot keeps its pages");
    assert!(rows(&mut old, tree) == before);
    drop(old);
    let mut seen = 0;
    while scan.next().expect("reads") {
        seen += 1;
    }
    assert_eq!(seen, before.len());
    drop(scan);
    stir(&store, tree);
    store.trim().expect("trims");
    assert!(pages(&store) < large / 4, "{} of {large} pages are left", pages(&store));
    check(&store);
}

#[test]
fn a_transaction_that_has_spilled_keeps_its_pages() {
    let store = open(&memory());
    let tree = tree_with(&store, 0..50);
    fill(&store, tree, 100, 10_000);
    cut(&store, tree, 100);
    let mut large = begin(&store);
    for number in 20_000..30_000 {
        large.put(tree, &key(number), &[7; 100]).expect("puts");
    }
    let before = pages(&store);
    store.trim().expect("trims");
    assert!(pages(&store) > before / 4);
    large.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 10_050);
    store.checkpoint().expect("writes a checkpoint");
    check(&store);
}

#[test]
fn a_store_that_is_only_read_gives_nothing_back() {
    let env = memory();
    drop(open(&env));
    let store = support::open_with(&env, StoreOptions { read_only: true, ..options() });
    assert!(matches!(store.trim(), Err(StoreError::ReadOnly { .. })));
}

const PATH: &str = "/db/app.db";

fn open_in(env: &Arc<dyn Env>) -> Store {
    Store::open(env.clone(), Path::new(PATH), options()).expect("opens")
}

/// Large, then small again, and not closed. Answers the tree.
fn prepared(env: &Arc<dyn Env>) -> TreeId {
    let store = open_in(env);
    let tree = tree_with(&store, 0..50);
    fill(&store, tree, 100, 600);
    store.checkpoint().expect("writes a checkpoint");
    cut(&store, tree, 100);
    stir(&store, tree);
    tree
}

fn trimmed_and_used(env: &Arc<dyn Env>, tree: TreeId) {
    let store = open_in(env);
    assert!(store.trim().expect("trims") > 0);
    fill(&store, tree, 100, 200);
    store.checkpoint().expect("writes a checkpoint");
    cut(&store, tree, 100);
    fill(&store, tree, 0, 50);
    store.trim().expect("trims");
}

fn is_whole(env: &Arc<dyn Env>, tree: TreeId) {
    let store = open_in(env);
    let mut reader = store.begin(Begin::default()).expect("begins");
    assert!(matches!(reader.count(tree).expect("counts"), 50 | 150));
    assert_eq!(rows(&mut reader, tree).keys().take(50).count(), 50);
    drop(reader);
    check(&store);
    fill(&store, tree, 100, 400);
    store.checkpoint().expect("writes a checkpoint");
    check(&store);
    drop(store);
    let store = open_in(env);
    assert_eq!(contents(&store, tree).len(), 350);
    assert_eq!(store.trees(MAIN_DATABASE).expect("lists"), vec![tree]);
    store.close().expect("closes");
}

#[test]
fn the_power_may_fail_at_any_call_of_a_trimming() {
    let mut crashes = 0;
    for seed in 0..4 {
        let mut steps = 0;
        loop {
            let world = World::new(WorldConfig::default(), Decisions::seeded(seed));
            let tree = Arc::new(AtomicU64::new(0));
            let (env, made) = (world.env(), tree.clone());
            let stop = world.run(move || made.store(prepared(&env).0, Ordering::SeqCst));
            assert_eq!(stop, Stop::Finished);
            let tree = TreeId(tree.load(Ordering::SeqCst));
            steps += 1;
            world.crash_at_step(world.step() + steps, true);
            let env = world.env();
            let stop = world.run(move || trimmed_and_used(&env, tree));
            let env = world.env();
            match stop {
                Stop::Crashed { .. } => crashes += 1,
                Stop::Finished => break,
                stop => panic!("seed {seed}, step {steps}: {stop}"),
            }
            let stop = world.run(move || is_whole(&env, tree));
            assert_eq!(stop, Stop::Finished, "seed {seed}, step {steps}: {stop}");
        }
    }
    assert!(crashes > 200, "{crashes} crashes");
}
