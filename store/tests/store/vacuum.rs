//! A vacuum puts trees in order, moves what lies behind to the front, and gives the rest of the file back: beside readers,
//! writers and large transactions, between databases that share pages, and whenever the power fails.

use crate::support;

use env::Env;
use faults::Decisions;
use sim::{Stop, World, WorldConfig};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, atomic::AtomicU64, atomic::Ordering};
use store::{Bounds, Isolation, MAIN_DATABASE, Store, StoreError, StoreOptions, TreeId, VacuumReport};
use support::{
    Rows, begin, begin_at, begin_in, check, contents, contents_in, key, memory, open, options, rows,
    tree_with,
};

fn vacuum(store: &Store) -> VacuumReport {
    let report = store.vacuum(&mut |_, _| ControlFlow::Continue(())).expect("vacuums");
    assert!(report.finished);
    report
}

fn pages(store: &Store) -> u64 {
    store.statistics().file_pages
}

/// Row `number` with a value of `length` bytes, most of which do not compress.
fn put(transaction: &mut store::Transaction, tree: TreeId, number: u32, length: usize) {
    let mut state = u64::from(number) * 7919 + length as u64 + 1;
    let value: Vec<u8> = (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as u8
        })
        .collect();
    transaction.put(tree, &key(number), &value).expect("puts");
}

/// Rows in an order that scatters their leaves over the file, some with large values.
fn scatter(store: &Store, tree: TreeId, rows: u32) {
    for part in 0..20 {
        let mut transaction = begin(store);
        for nth in 0..rows / 20 {
            let number = (nth * 20 + part) * 7919 % rows;
            put(&mut transaction, tree, number, if number.is_multiple_of(50) { 2_000 } else { 60 });
        }
        transaction.commit().expect("commits");
        store.checkpoint().expect("writes a checkpoint");
    }
}

fn thin_out(store: &Store, tree: TreeId, rows: u32) {
    let mut transaction = begin(store);
    for number in (0..rows).filter(|number| number % 10 > 2) {
        transaction.delete(tree, &key(number)).expect("deletes");
    }
    transaction.commit().expect("commits");
}

fn scattered(store: &Store, rows: u32) -> (TreeId, Rows) {
    let tree = tree_with(store, []);
    scatter(store, tree, rows);
    thin_out(store, tree, rows);
    // What is left is written again row by row, and its leaves go wherever there is room.
    for part in 0..10 {
        let mut transaction = begin(store);
        for number in (0..rows).filter(|number| number % 10 < 3 && number / 10 % 10 == part) {
            put(&mut transaction, tree, number, if number.is_multiple_of(50) { 2_000 } else { 61 });
        }
        transaction.commit().expect("commits");
        store.checkpoint().expect("writes a checkpoint");
    }
    (tree, contents(store, tree))
}

#[test]
fn a_scattered_file_becomes_short_and_stays_as_it_is_then() {
    let env = memory();
    let store = open(&env);
    let (tree, before) = scattered(&store, 6_000);
    (0..2).for_each(|_| store.checkpoint().expect("writes a checkpoint"));
    let (used, large) = (pages(&store) - store.statistics().free_pages, pages(&store));
    let report = vacuum(&store);
    assert!(report.moved > used / 2, "{report:?}, {used} pages in use");
    assert!(
        pages(&store) < used + used / 8 + 300 && pages(&store) < large,
        "{} of {large} pages",
        pages(&store)
    );
    assert_eq!(env.files()[Path::new(support::PATH)].len() as u64, pages(&store) * 512);
    assert!(contents(&store, tree) == before);
    check(&store);
    let again = vacuum(&store);
    assert!(again.moved < used / 50, "there was nothing left to do, and yet {again:?}");
    check(&store);
    drop(store);
    let store = open(&env);
    assert!(contents(&store, tree) == before);
    check(&store);
}

#[test]
fn readers_see_what_they_saw_and_keep_their_pages() {
    let store = open(&memory());
    let (tree, before) = scattered(&store, 3_000);
    let mut old = begin_at(&store, Isolation::RepeatableRead);
    let mut scan = old.scan(tree, Bounds::all()).expect("scans");
    assert!(scan.next().expect("reads"));
    vacuum(&store);
    let mut transaction = begin(&store);
    put(&mut transaction, tree, 0, 100);
    transaction.commit().expect("commits");
    vacuum(&store);
    assert!(rows(&mut old, tree) == before);
    let mut seen = 1;
    while scan.next().expect("reads") {
        assert_eq!(scan.value().expect("reads"), before[scan.key()]);
        seen += 1;
    }
    assert_eq!(seen, before.len());
    drop((old, scan));
    check(&store);
    let large = pages(&store);
    vacuum(&store);
    assert!(pages(&store) < large);
    check(&store);
}

/// What an open transaction does to rows that a vacuum moves meanwhile, and what is left of them.
#[test]
fn writers_go_on_with_rows_that_are_moved_under_them() {
    for large in [false, true] {
        let store = open(&memory());
        let (tree, mut expected) = scattered(&store, 3_000);
        let dropped = tree_with(&store, []);
        scatter(&store, dropped, 1_000);
        let mut one = begin_at(&store, Isolation::RepeatableRead);
        // Large values: one stays, one is changed, one is deleted, one is changed and put back.
        let kept = expected[&key(500)].clone();
        put(&mut one, tree, 0, 1_700);
        one.delete(tree, &key(100)).expect("deletes");
        one.begin_statement();
        put(&mut one, tree, 500, 10);
        one.undo_statement().expect("undoes");
        put(&mut one, tree, 1, 30);
        one.drop_tree(dropped).expect("drops");
        if large {
            for number in 10_000..11_000 {
                put(&mut one, tree, number, 90);
            }
        }
        vacuum(&store);
        let mut two = begin(&store);
        put(&mut two, tree, 150, 1_900);
        put(&mut two, tree, 2, 44);
        two.commit().expect("commits");
        put(&mut one, tree, 200, 1_800);
        put(&mut one, tree, 12, 1_800);
        vacuum(&store);
        let seen = rows(&mut one, tree);
        one.commit().expect("commits");
        let now = contents(&store, tree);
        for (number, length) in [(0, 1_700), (1, 30), (150, 1_900), (2, 44), (200, 1_800), (12, 1_800)] {
            assert_eq!(now[&key(number)].len(), length, "row {number}");
            expected.insert(key(number), now[&key(number)].clone());
        }
        expected.remove(&key(100));
        assert_eq!(now[&key(500)], kept);
        if large {
            (10_000..11_000).for_each(|number| {
                expected.insert(key(number), seen[&key(number)].clone());
            });
        }
        assert!(now == expected);
        store.checkpoint().expect("writes a checkpoint");
        check(&store);
        vacuum(&store);
        assert!(contents(&store, tree) == expected);
        check(&store);
    }
}

/// In a tree whose rows carry no writer the content tells: a value that others wrote again is one that was moved.
#[test]
fn a_large_value_that_was_written_again_is_no_change_where_rows_have_no_writer() {
    for many in [0, 1_000] {
        let store = open(&memory());
        let mut transaction = begin(&store);
        let tree = transaction.create_tree(false).expect("creates");
        for number in [1, 2, 3] {
            put(&mut transaction, tree, number, 2_000);
        }
        transaction.commit().expect("commits");
        let mut one = begin_at(&store, Isolation::RepeatableRead);
        (100..100 + many).for_each(|number| put(&mut one, tree, number, 60));
        let mut two = begin(&store);
        for number in [1, 2, 3] {
            put(&mut two, tree, number, 2_000);
        }
        two.commit().expect("commits");
        put(&mut one, tree, 1, 1_500);
        one.delete(tree, &key(2)).expect("deletes");
        one.commit().expect("commits");
        let now = contents(&store, tree);
        assert_eq!((now.len(), now[&key(1)].len(), now[&key(3)].len()), (2 + many as usize, 1_500, 2_000));
        store.checkpoint().expect("writes a checkpoint");
        check(&store);
    }
}

#[test]
fn what_databases_share_stays_shared() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, []);
    scatter(&store, tree, 4_000);
    let copies: Vec<_> =
        (0..3).map(|_| store.create_database_from(MAIN_DATABASE).expect("branches")).collect();
    for (nth, copy) in copies.iter().enumerate() {
        let mut transaction = begin_in(&store, *copy);
        for number in 0..40 {
            put(&mut transaction, tree, number * 90 + nth as u32, 80);
        }
        transaction.delete(tree, &key(150)).expect("deletes");
        transaction.commit().expect("commits");
    }
    thin_out(&store, tree, 4_000);
    store.checkpoint().expect("writes a checkpoint");
    store.checkpoint().expect("writes a checkpoint");
    let before: Vec<Rows> = copies.iter().map(|copy| contents_in(&store, *copy, tree)).collect();
    let used = |store: &Store| store.check(&mut |_, _| {}).expect("checks").pages;
    let pages_before = used(&store);
    let report = vacuum(&store);
    assert!(report.moved > pages_before / 2, "{report:?} of {pages_before}");
    check(&store);
    assert!(used(&store) <= pages_before + 8, "{} pages, {pages_before} before", used(&store));
    drop(store);
    let store = open(&env);
    check(&store);
    for (copy, rows) in copies.iter().zip(&before) {
        assert!(contents_in(&store, *copy, tree) == *rows);
    }
    // Whoever goes now gives up what only it had, under its new numbers.
    store.drop_database(copies[1]).expect("drops");
    vacuum(&store);
    store.drop_database(copies[0]).expect("drops");
    assert!(contents_in(&store, copies[2], tree) == before[2]);
    store.drop_database(copies[2]).expect("drops");
    let mut transaction = begin(&store);
    transaction.drop_tree(tree).expect("drops");
    transaction.commit().expect("commits");
    vacuum(&store);
    vacuum(&store);
    check(&store);
    assert!(used(&store) < 24, "{} pages hold nothing", used(&store));
}

#[test]
fn it_can_be_broken_off_and_gone_on_with() {
    let store = open(&memory());
    let (tree, before) = scattered(&store, 4_000);
    let mut calls = 0;
    let report = store
        .vacuum(&mut |done, all| {
            assert!(done <= all);
            calls += 1;
            if calls < 4 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .expect("vacuums");
    assert!(!report.finished && report.moved > 0 && calls == 4, "{report:?}");
    assert!(contents(&store, tree) == before);
    check(&store);
    vacuum(&store);
    assert!(contents(&store, tree) == before);
    check(&store);
}

#[test]
fn a_store_that_is_only_read_is_not_vacuumed() {
    let env = memory();
    drop(open(&env));
    let store = support::open_with(&env, StoreOptions { read_only: true, ..options() });
    let refused = store.vacuum(&mut |_, _| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(StoreError::ReadOnly { .. })));
}

#[test]
fn an_empty_store_is_vacuumed_in_no_time() {
    let store = open(&memory());
    let before = store.visible_commit();
    assert_eq!(vacuum(&store).moved, 0);
    assert_eq!(store.visible_commit(), before, "nothing was moved, and nothing committed");
    check(&store);
}

const PATH: &str = "/db/app.db";

fn open_in(env: &Arc<dyn Env>) -> Store {
    Store::open(env.clone(), Path::new(PATH), options()).expect("opens")
}

fn prepared(env: &Arc<dyn Env>) -> TreeId {
    let store = open_in(env);
    let tree = tree_with(&store, []);
    for number in 0..260 {
        let mut transaction = begin(&store);
        put(&mut transaction, tree, number * 7919 % 260, if number.is_multiple_of(60) { 900 } else { 60 });
        transaction.commit().expect("commits");
        if number.is_multiple_of(40) {
            store.checkpoint().expect("writes a checkpoint");
        }
    }
    store.create_database_from(MAIN_DATABASE).expect("branches");
    thin_out(&store, tree, 260);
    tree
}

fn vacuumed_and_used(env: &Arc<dyn Env>, tree: TreeId) {
    let store = open_in(env);
    assert!(vacuum(&store).moved > 0);
    let mut transaction = begin(&store);
    (1_000..1_200).for_each(|number| put(&mut transaction, tree, number, 60));
    transaction.commit().expect("commits");
    assert!(vacuum(&store).finished);
}

fn is_whole(env: &Arc<dyn Env>, tree: TreeId) {
    let store = open_in(env);
    let rows = contents(&store, tree);
    assert!(matches!(rows.len(), 78 | 278), "{} rows", rows.len());
    check(&store);
    let copy = store.databases()[1];
    assert_eq!(contents_in(&store, copy, tree).len(), 260);
    vacuum(&store);
    check(&store);
    store.drop_database(copy).expect("drops");
    store.checkpoint().expect("writes a checkpoint");
    check(&store);
    assert!(contents(&store, tree) == rows);
    store.close().expect("closes");
}

#[test]
fn the_power_may_fail_at_any_call_of_a_vacuum() {
    let mut crashes = 0;
    for seed in 0..3 {
        let mut steps = seed;
        loop {
            let world = World::new(WorldConfig::default(), Decisions::seeded(seed));
            let tree = Arc::new(AtomicU64::new(0));
            let (env, made) = (world.env(), tree.clone());
            let stop = world.run(move || made.store(prepared(&env).0, Ordering::SeqCst));
            assert_eq!(stop, Stop::Finished);
            let tree = TreeId(tree.load(Ordering::SeqCst));
            steps += 3;
            world.crash_at_step(world.step() + steps, true);
            let env = world.env();
            let stop = world.run(move || vacuumed_and_used(&env, tree));
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
