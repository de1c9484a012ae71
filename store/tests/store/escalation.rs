//! Row locks that were replaced by what their transaction has written: what is locked, and what is not, when the same
//! rows are written, removed and brought back.

use crate::support;

use std::ops::Range;
use store::locks::{RowMode, WaitPolicy};
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
        large.lock_row(tree, &key(number), RowMode::Update, WaitPolicy::NoWait).expect("locks");
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

/// Whether somebody else, who refers to each of the rows, can lock it for that at once.
fn can_be_referred_to(store: &Store, tree: TreeId, numbers: Range<u32>) -> Vec<bool> {
    let mut other = begin(store);
    numbers
        .map(|number| match other.lock_row(tree, &key(number), RowMode::KeyShare, WaitPolicy::NoWait) {
            Ok(_) => true,
            Err(StoreError::Lock(_)) => false,
            Err(error) => panic!("{error}"),
        })
        .collect()
}

fn put_keeping_keys(transaction: &mut Transaction, tree: TreeId, numbers: Range<u32>) {
    for number in numbers {
        transaction.put_keeping_keys(tree, &key(number), b"mine").expect("puts");
    }
}

#[test]
fn rows_whose_keys_were_kept_can_be_referred_to_however_many_they_are() {
    let store = few_locks();
    let (tree, other) = (tree_with(&store, 0..600), tree_with(&store, 0..600));
    let mut large = begin(&store);
    put_keeping_keys(&mut large, tree, 0..300);
    put(&mut large, other, 0..300, b"mine");
    put_keeping_keys(&mut large, tree, 300..400);
    assert_locked(&store, tree, 0..400);
    assert_free(&store, tree, 400..600);
    assert!(can_be_referred_to(&store, tree, 0..600).iter().all(|can| *can));
    assert!(can_be_referred_to(&store, other, 0..300).iter().all(|can| !can));
    // One of them goes: whoever refers to it waits, whatever stands for its lock.
    assert!(large.delete(tree, &key(7)).expect("deletes"));
    assert_eq!(can_be_referred_to(&store, tree, 7..8), [false]);
    put_keeping_keys(&mut large, tree, 400..600);
    assert_eq!(can_be_referred_to(&store, tree, 7..8), [false]);
    assert_locked(&store, tree, 0..600);
    large.commit().expect("commits");
    check(&store);
}

#[test]
fn a_row_that_was_locked_with_its_keys_stays_so_when_it_is_written_without_them() {
    let store = few_locks();
    let tree = tree_with(&store, 0..600);
    let mut large = begin(&store);
    large.lock_row(tree, &key(7), RowMode::Update, WaitPolicy::NoWait).expect("locks");
    put_keeping_keys(&mut large, tree, 0..600);
    assert_eq!(can_be_referred_to(&store, tree, 7..9), [false, true]);
    assert_locked(&store, tree, 0..600);
    large.rollback();
    assert_free(&store, tree, 0..600);
    check(&store);
}
