//! Row locks that were replaced by what their transaction has written: what is locked, and what is not, when the same
//! rows are written, removed and brought back.

mod support;

use std::ops::Range;
use store::locks::WaitPolicy;
use store::{Begin, Store, StoreError, StoreOptions, Transaction, TreeId};
use support::{begin, check, contents, key, memory, open_with, options, tree_with};

fn few_locks() -> Store {
    open_with(&memory(), StoreOptions { lock_bytes: 2 << 10, ..options() })
}

fn put(transaction: &mut Transaction, tree: TreeId, numbers: Range<u32>, value: &[u8]) {
    for number in numbers {
        transaction.put(tree, &key(number), value).expect("puts");
    }
}

fn delete(transaction: &mut Transaction, tree: TreeId, numbers: Range<u32>) {
    for number in numbers {
        assert!(transaction.delete(tree, &key(number)).expect("deletes"));
    }
}

/// Whether somebody else can write each of the rows at once.
fn are_free(store: &Store, tree: TreeId, numbers: Range<u32>) -> Vec<bool> {
    let mut other = store.begin(Begin { wait: WaitPolicy::NoWait, ..Begin::default() }).expect("begins");
    numbers
        .map(|number| match other.put(tree, &key(number), b"other") {
            Ok(()) => true,
            Err(StoreError::Lock(_)) => false,
            Err(error) => panic!("{error}"),
        })
        .collect()
}

#[track_caller]
fn assert_locked(store: &Store, tree: TreeId, numbers: Range<u32>) {
    let free = are_free(store, tree, numbers.clone());
    assert!(free.iter().all(|free| !free), "of {numbers:?} some are free: {free:?}");
}

#[track_caller]
fn assert_free(store: &Store, tree: TreeId, numbers: Range<u32>) {
    let free = are_free(store, tree, numbers.clone());
    assert!(free.iter().all(|free| *free), "of {numbers:?} some are locked: {free:?}");
}

#[test]
fn rows_that_were_made_and_removed_again_stay_locked() {
    let store = few_locks();
    let tree = tree_with(&store, 0..10);
    let mut large = begin(&store);
    put(&mut large, tree, 1_000..1_300, b"mine");
    delete(&mut large, tree, 1_000..1_100);
    put(&mut large, tree, 2_000..2_300, b"mine");
    assert_locked(&store, tree, 1_000..1_300);
    assert_locked(&store, tree, 2_000..2_300);
    assert_free(&store, tree, 0..10);
    large.commit().expect("commits");
    assert_free(&store, tree, 1_000..1_300);
    assert_eq!(contents(&store, tree).len(), 10 + 200 + 300);
    check(&store);
}

#[test]
fn a_row_that_a_savepoint_brings_back_was_locked_all_the_time() {
    let store = few_locks();
    let tree = tree_with(&store, 0..10);
    let mut large = begin(&store);
    put(&mut large, tree, 1_000..1_300, b"mine");
    let savepoint = large.savepoint().expect("sets");
    delete(&mut large, tree, 1_000..1_300);
    put(&mut large, tree, 2_000..2_300, b"mine");
    assert_locked(&store, tree, 1_000..1_300);
    assert_locked(&store, tree, 2_000..2_300);
    large.rollback_to(savepoint).expect("goes back");
    assert_locked(&store, tree, 1_000..1_300);
    assert_free(&store, tree, 2_000..2_300);
    put(&mut large, tree, 3_000..3_300, b"mine");
    assert_locked(&store, tree, 1_000..1_300);
    assert_locked(&store, tree, 3_000..3_300);
    large.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 10 + 300 + 300);
    check(&store);
}

#[test]
fn locks_taken_before_a_savepoint_outlive_a_rollback_to_it() {
    let store = few_locks();
    let tree = tree_with(&store, 0..10);
    let mut large = begin(&store);
    for number in 0..5 {
        let mode = store::locks::RowMode::Update;
        large.lock_row(tree, &key(number), mode, WaitPolicy::NoWait).expect("locks");
    }
    let savepoint = large.savepoint().expect("sets");
    put(&mut large, tree, 0..10, b"mine");
    put(&mut large, tree, 1_000..1_300, b"mine");
    put(&mut large, tree, 2_000..2_300, b"mine");
    assert_locked(&store, tree, 0..10);
    large.rollback_to(savepoint).expect("goes back");
    assert_locked(&store, tree, 0..5);
    assert_free(&store, tree, 5..10);
    put(&mut large, tree, 3_000..3_300, b"mine");
    put(&mut large, tree, 4_000..4_300, b"mine");
    assert_locked(&store, tree, 0..5);
    assert_free(&store, tree, 1_000..1_300);
    large.rollback();
    assert_free(&store, tree, 0..10);
    check(&store);
}

#[test]
fn rows_of_a_statement_that_was_undone_stay_locked() {
    let store = few_locks();
    let tree = tree_with(&store, 0..10);
    let mut large = begin(&store);
    large.begin_statement();
    put(&mut large, tree, 1_000..1_300, b"mine");
    large.undo_statement().expect("undoes");
    put(&mut large, tree, 2_000..2_300, b"mine");
    put(&mut large, tree, 3_000..3_300, b"mine");
    assert_locked(&store, tree, 1_000..1_300);
    large.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 10 + 300 + 300);
    check(&store);
}

#[test]
fn rows_of_a_tree_that_a_savepoint_brings_back_stay_locked() {
    let store = few_locks();
    let (tree, other) = (tree_with(&store, 0..10), tree_with(&store, 0..10));
    let mut large = begin(&store);
    put(&mut large, tree, 1_000..1_300, b"mine");
    let savepoint = large.savepoint().expect("sets");
    large.drop_tree(tree).expect("drops");
    put(&mut large, other, 2_000..2_300, b"mine");
    put(&mut large, other, 3_000..3_300, b"mine");
    large.rollback_to(savepoint).expect("goes back");
    put(&mut large, other, 4_000..4_300, b"mine");
    assert_locked(&store, tree, 1_000..1_300);
    assert_free(&store, other, 2_000..2_300);
    large.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 310);
    assert_eq!(contents(&store, other).len(), 310);
    check(&store);
}
