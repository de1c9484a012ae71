//! What a serialisable transaction learns from a deletion, that a row was there or how many were, is a read: also when
//! nothing was deleted, and when the deletion is undone.

use crate::support;

use store::{Isolation, Store, StoreError, StoreResult, Transaction, TreeId};
use support::{begin_at, key, memory, open, tree_with};

/// There are rows below.
const PRESENT: u32 = 3;
/// And none from here on.
const ABSENT: u32 = 100;
const OTHER: u32 = 7;

/// One deletes, and writes a row of another tree, which somebody else has read before, who then writes what the first has
/// looked for: neither sees what the other did, so both cannot be let through. (Another tree: a range is deleted only
/// where nobody has read yet.)
#[track_caller]
fn cannot_both_commit(
    learn: impl FnOnce(&mut Transaction, TreeId),
    write: impl FnOnce(&mut Transaction, TreeId) -> StoreResult<()>,
) {
    let env = memory();
    let store: Store = open(&env);
    let (tree, elsewhere) = (tree_with(&store, 0..10), tree_with(&store, 0..10));
    let [mut one, mut other] = [(); 2].map(|()| begin_at(&store, Isolation::Serializable));
    other.get(elsewhere, &key(OTHER)).expect("reads");
    learn(&mut one, tree);
    one.put(elsewhere, &key(OTHER), b"one").expect("puts");
    one.commit().expect("commits");
    let error = write(&mut other, tree).expect_err("it comes neither before the first nor after it");
    assert!(matches!(error, StoreError::Serialization(_)), "{error}");
}

fn put(number: u32) -> impl FnOnce(&mut Transaction, TreeId) -> StoreResult<()> {
    move |transaction, tree| transaction.put(tree, &key(number), b"other")
}

#[test]
fn that_a_row_to_be_deleted_was_not_there_is_a_read() {
    let learn = |one: &mut Transaction, tree| assert!(!one.delete(tree, &key(ABSENT)).expect("deletes"));
    cannot_both_commit(learn, put(ABSENT));
}

#[test]
fn that_a_row_was_there_is_a_read_even_if_the_deletion_is_undone() {
    let learn = |one: &mut Transaction, tree| {
        let savepoint = one.savepoint().expect("sets");
        assert!(one.delete(tree, &key(PRESENT)).expect("deletes"));
        one.rollback_to(savepoint).expect("rolls back");
    };
    cannot_both_commit(learn, put(PRESENT));
}

#[test]
fn how_many_rows_a_range_deletion_met_is_a_read() {
    let learn = |one: &mut Transaction, tree| {
        assert_eq!(one.delete_range(tree, &key(ABSENT), None).expect("deletes"), 0);
    };
    cannot_both_commit(learn, put(ABSENT + 5));
    let learn = |one: &mut Transaction, tree| {
        assert_eq!(one.delete_range(tree, &key(8), None).expect("deletes"), 2);
    };
    cannot_both_commit(learn, put(ABSENT));
}

#[test]
fn what_a_range_deletion_did_not_meet_is_none() {
    let env = memory();
    let store = open(&env);
    let (tree, elsewhere) = (tree_with(&store, 0..10), tree_with(&store, 0..10));
    let [mut one, mut other] = [(); 2].map(|()| begin_at(&store, Isolation::Serializable));
    other.get(elsewhere, &key(OTHER)).expect("reads");
    assert_eq!(one.delete_range(tree, &key(8), Some(&key(9))).expect("deletes"), 1);
    assert!(one.delete(tree, &key(1)).expect("deletes"));
    one.put(elsewhere, &key(OTHER), b"one").expect("puts");
    one.commit().expect("commits");
    other.put(tree, &key(9), b"other").expect("puts");
    other.commit().expect("commits");
}
