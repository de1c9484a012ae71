//! What is open when its ground goes away: transactions of a store that is closed, and of a database that is dropped.

use crate::support;

use std::path::Path;
use store::locks::{RowMode, WaitPolicy};
use store::{
    Begin, Bounds, CommitError, DatabaseId, Isolation, MAIN_DATABASE, SequenceId, Store, StoreError,
    StoreOptions,
};
use support::{begin, check, contents, contents_in, key, memory, open, open_with, options, tree_with};

#[track_caller]
fn closed<T>(result: Result<T, StoreError>) {
    assert!(
        matches!(result, Err(StoreError::Closed)),
        "{}",
        result.err().map_or("it went well".into(), |it| it.to_string())
    );
}

#[test]
fn everything_that_is_used_after_the_store_was_closed_says_so() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..50);
    let other = store.clone();
    let session = store.session();
    let mut writer = begin(&store);
    writer.put(tree, &key(1), b"never committed").expect("puts");
    let savepoint = writer.savepoint().expect("sets");
    writer.begin_statement();
    writer.put(tree, &key(2), b"nor this").expect("puts");
    let mut reader = store.begin(Begin { read_only: true, ..Begin::default() }).expect("begins");
    let mut scan = reader.scan(tree, Bounds::all()).expect("scans");
    assert!(scan.next().expect("reads"));
    let idle = begin(&store);
    store.close().expect("closes");

    closed(reader.get(tree, &key(1)));
    closed(reader.count(tree));
    closed(reader.refresh());
    closed(reader.scan(tree, Bounds::all()).map(drop));
    closed(scan.next());
    closed(scan.prev());
    closed(scan.value());
    closed(writer.put(tree, &key(3), b""));
    closed(writer.delete(tree, &key(3)));
    closed(writer.delete_range(tree, b"", None));
    closed(writer.create_tree(true));
    closed(writer.drop_tree(tree));
    closed(writer.lock_row(tree, &key(3), RowMode::Share, WaitPolicy::NoWait));
    closed(writer.savepoint());
    closed(writer.undo_statement());
    closed(writer.rollback_to(savepoint));
    for transaction in [writer, reader, idle] {
        assert!(matches!(transaction.commit(), Err(CommitError::Refused(StoreError::Closed))));
    }
    closed(other.begin(Begin::default()).map(drop));
    closed(session.begin(Begin::default()).map(drop));
    closed(other.checkpoint());
    closed(other.check_writable());
    closed(other.check(&mut |_, _| {}).map(drop));
    closed(other.backup(Path::new("copy.db"), &mut |_, _| {}));
    closed(other.take_ordinals(MAIN_DATABASE, SequenceId(1), 1));
    closed(other.create_database_from(MAIN_DATABASE));
    closed(other.drop_database(DatabaseId(7)));
    closed(other.trees(MAIN_DATABASE));
    drop(scan);
    drop(session);
    closed(other.close());

    let store = open(&env);
    assert!(store.recovery().clean);
    assert_eq!(contents(&store, tree), (0..50).map(|it: u32| (key(it), it.to_le_bytes().to_vec())).collect());
    check(&store);
}

#[test]
fn a_closed_file_stays_locked_until_the_last_transaction_is_dropped() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..5);
    let late = begin(&store);
    store.close().expect("closes");
    let refused = Store::open(env.clone(), Path::new(support::PATH), options());
    assert!(matches!(refused, Err(StoreError::Pager(error)) if matches!(*error, pager::Error::InUse { .. })));
    drop(late);
    assert_eq!(contents(&open(&env), tree).len(), 5);
}

#[test]
fn a_store_that_is_only_read_is_closed_like_any_other() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..5);
    drop(store);
    let store = open_with(&env, StoreOptions { read_only: true, ..options() });
    let mut reader = begin(&store);
    assert_eq!(reader.count(tree).expect("counts"), 5);
    store.close().expect("closes");
    closed(reader.count(tree));
}

#[test]
fn whoever_looks_at_a_dropped_database_is_told_at_the_latest_when_committing() {
    for isolation in [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable] {
        for read_only in [false, true] {
            let store = open(&memory());
            let tree = tree_with(&store, 0..5);
            let copy = store.create_database_from(MAIN_DATABASE).expect("branches");
            let start = Begin { isolation, read_only, database: copy, ..Begin::default() };
            let mut reader = store.begin(start).expect("begins");
            let idle = store.begin(start).expect("begins");
            let mut writer = store.begin(Begin { read_only: false, ..start }).expect("begins");
            writer.put(tree, &key(9), b"lost").expect("puts");
            assert_eq!(reader.count(tree).expect("counts"), 5);
            store.drop_database(copy).expect("drops");
            // What a snapshot shows does not go away under it.
            assert_eq!(reader.count(tree).expect("counts"), 5);
            let refreshed = reader.refresh();
            match isolation {
                Isolation::ReadCommitted => {
                    let named = matches!(&refreshed, Err(StoreError::NoSuchDatabase { database }) if *database == copy);
                    assert!(named, "{refreshed:?}");
                }
                Isolation::RepeatableRead | Isolation::Serializable => refreshed.expect("does nothing"),
            }
            assert_eq!(reader.get(tree, &key(1)).expect("reads"), Some(1u32.to_le_bytes().to_vec()));
            for transaction in [reader, idle, writer] {
                match transaction.commit() {
                    Err(CommitError::Refused(StoreError::NoSuchDatabase { database })) => {
                        assert_eq!(database, copy)
                    }
                    other => panic!("{isolation:?}, read-only {read_only}: {other:?}"),
                }
            }
            let refused = store.begin(start).map(drop);
            assert!(matches!(refused, Err(StoreError::NoSuchDatabase { .. })));
            assert_eq!(contents_in(&store, MAIN_DATABASE, tree).len(), 5);
            store.checkpoint().expect("writes a checkpoint");
            check(&store);
        }
    }
}

#[test]
fn a_log_does_not_grow_with_openings_that_follow_one_kill_after_the_other() {
    let env = memory();
    let tree = tree_with(&open(&env), 0..3);
    // What is needed at most when one more is begun, that and a spare one, and the beginning of the file.
    let limit = options().checkpoint_log_bytes * 4 + 4 * options().log_segment_bytes;
    let mut longest = 0;
    for number in 3..200 {
        let store = open(&env);
        let mut transaction = begin(&store);
        transaction.put(tree, &key(number), &number.to_le_bytes()).expect("puts");
        transaction.commit().expect("commits");
        longest = longest.max(store.statistics().log.expect("writes").file_bytes);
        drop(store); // no clean close
    }
    assert!(longest <= limit, "the log has {longest} bytes, not at most {limit}");
    assert_eq!(support::contents(&open(&env), tree).len(), 200);
}
