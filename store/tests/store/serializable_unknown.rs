//! A serialisable commit whose outcome is unknown: the store that met it never shows it, the next opening may. Whoever
//! goes on reading is acknowledged only what holds either way.
//!
//! The story is that of three: the *pivot* reads `SEEN` and writes `HIDDEN`, the *first* overwrites `SEEN` and commits
//! before it, and a *reader* begins when both have ended. It sees what the first wrote and not what the pivot wrote; if
//! the pivot did commit, no serial order has such a reader.

use crate::support;

use faults::Decisions;
use sim::{Recording, Stop, World, WorldConfig};
use std::cell::Cell;
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use store::serializable::FailureReason;
use store::{Begin, CommitError, Isolation, Store, StoreError, StoreResult, Transaction, TreeId};
use support::faulty::{Fault, FaultyEnv};
use support::{begin_at, contents, key, memory, open, options, tree_with};

const HIDDEN: u32 = 5;
const SEEN: u32 = 6;
const OLD: &[u8] = &SEEN.to_le_bytes();

fn serializable(store: &Store) -> Transaction {
    begin_at(store, Isolation::Serializable)
}

fn read_only(store: &Store, deferrable: bool) -> StoreResult<Transaction> {
    let isolation = Isolation::Serializable;
    store.begin(Begin { isolation, read_only: true, deferrable, ..Begin::default() })
}

/// The pivot, ready to be committed; the first has been.
fn pivot(store: &Store, tree: TreeId) -> Transaction {
    let mut pivot = serializable(store);
    assert_eq!(pivot.get(tree, &key(SEEN)).expect("reads").as_deref(), Some(OLD));
    let mut first = serializable(store);
    first.put(tree, &key(SEEN), b"first").expect("puts");
    first.commit().expect("commits");
    pivot.put(tree, &key(HIDDEN), b"pivot").expect("puts");
    pivot
}

/// A store whose pivot's commit is unknown.
fn with_unknown_pivot(env: &Arc<FaultyEnv>) -> (Store, TreeId) {
    let store = open(env);
    let tree = tree_with(&store, 0..10);
    let pivot = pivot(&store, tree);
    fails_to_commit(env, pivot);
    (store, tree)
}

fn fails_to_commit(env: &Arc<FaultyEnv>, transaction: Transaction) {
    env.at(&wal::label::COMMIT_SYNC, 0, 1, Fault::Fail(ErrorKind::Other));
    let result = transaction.commit();
    assert!(matches!(result, Err(CommitError::Unknown { .. })), "{result:?}");
}

#[track_caller]
fn refused<T>(result: StoreResult<T>) {
    let error = result.err().expect("it contradicts the pivot");
    let StoreError::Serialization(failure) = &error else { panic!("{error}") };
    assert!(matches!(failure.reason, FailureReason::ConflictOutToUnknown(_)), "{error}");
    assert!(!error.is_retryable(), "this store will never answer otherwise");
}

#[test]
fn nobody_reads_past_a_pivot_that_may_turn_up_later() {
    let env = FaultyEnv::new(memory());
    let (store, tree) = with_unknown_pivot(&env);
    refused(read_only(&store, false).expect("begins").get(tree, &key(HIDDEN)));
    refused(read_only(&store, false).expect("begins").count(tree));
    refused(serializable(&store).get(tree, &key(HIDDEN)));
    refused(read_only(&store, true));
    // What the pivot did not write can be read, and repeatable reads promise less.
    let mut reader = read_only(&store, false).expect("begins");
    assert_eq!(reader.get(tree, &key(SEEN)).expect("reads").as_deref(), Some(&b"first"[..]));
    reader.commit().expect("ends");
    let mut reader = begin_at(&store, Isolation::RepeatableRead);
    assert_eq!(reader.get(tree, &key(HIDDEN)).expect("reads").as_deref(), Some(&HIDDEN.to_le_bytes()[..]));
    drop((reader, store));

    let store = open(&env);
    assert_eq!(contents(&store, tree)[&key(HIDDEN)], b"pivot", "it did turn up");
    assert!(read_only(&store, true).is_ok());
}

#[test]
fn who_has_begun_before_is_held_to_the_same() {
    let env = FaultyEnv::new(memory());
    let store = open(&env);
    let tree = tree_with(&store, 0..10);
    let pivot = pivot(&store, tree);
    let (mut declared, mut other) = (read_only(&store, false).expect("begins"), serializable(&store));
    fails_to_commit(&env, pivot);
    refused(declared.get(tree, &key(HIDDEN)));
    refused(other.get(tree, &key(HIDDEN)));
}

#[test]
fn an_unknown_commit_that_overlooked_nothing_is_in_nobodys_way() {
    let env = FaultyEnv::new(memory());
    let store = open(&env);
    let tree = tree_with(&store, 0..10);
    let mut writer = serializable(&store);
    writer.get(tree, &key(SEEN)).expect("reads");
    writer.put(tree, &key(HIDDEN), b"writer").expect("puts");
    fails_to_commit(&env, writer);
    for deferrable in [false, true] {
        let mut reader = read_only(&store, deferrable).expect("begins");
        assert_eq!(reader.count(tree).expect("reads"), 10);
        assert_eq!(
            reader.get(tree, &key(HIDDEN)).expect("reads").as_deref(),
            Some(&HIDDEN.to_le_bytes()[..])
        );
        reader.commit().expect("ends");
    }
}

/// What a reader has read, and was acknowledged.
fn read(store: &Store, tree: TreeId) -> Option<[Vec<u8>; 2]> {
    let mut reader = read_only(store, false).expect("begins");
    let hidden = reader.get(tree, &key(HIDDEN)).ok()?;
    let seen = reader.get(tree, &key(SEEN)).ok()?;
    reader.commit().ok()?;
    Some([hidden, seen].map(|value| value.expect("it is there")))
}

#[test]
fn a_commit_that_is_broken_off_is_unknown_once_it_may_have_been_logged() {
    let (mut refused, mut turned_up) = (0, 0);
    for call in 1.. {
        let config = WorldConfig { recording: Recording::Last(25), ..WorldConfig::default() };
        let world = World::new(config, Decisions::tame(1));
        let (env, inside) = (world.env(), world.clone());
        // Whether it was broken off, whether the reader was refused, whether the pivot was there afterwards.
        let seen = Rc::new(Cell::new((false, false, false)));
        let shared = Rc::clone(&seen);
        let stop = world.run(move || {
            let open = || Store::open(env.clone(), Path::new("/db/app.db"), options()).expect("opens");
            let store = open();
            let tree = tree_with(&store, 0..10);
            let pivot = pivot(&store, tree);
            let broken_off = inside.cancel_after(call, || pivot.commit().map(drop)).is_err();
            let read = read(&store, tree);
            assert!(
                read.is_some() || store.check_writable().is_err(),
                "a store that works on is in nobody's way"
            );
            drop(store);
            let there = contents(&open(), tree)[&key(HIDDEN)] == b"pivot";
            if let (true, true, Some([hidden, _])) = (broken_off, there, &read) {
                assert_eq!(hidden, b"pivot", "the reader has seen the first, and not the pivot");
            }
            shared.set((broken_off, read.is_none(), there));
        });
        assert!(stop == Stop::Finished, "call {call}: {stop}\n{}", world.trace_lines().join("\n"));
        let (broken_off, was_refused, there) = seen.get();
        if !broken_off {
            break;
        }
        refused += u32::from(was_refused);
        turned_up += u32::from(was_refused && there);
    }
    assert!(turned_up > 0, "no call was found after which the pivot turns up ({refused} refused)");
}
