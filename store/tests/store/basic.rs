//! What an application expects of a store in calm water: reading its writes, snapshots, savepoints, reopening.

use crate::support;

use env::Env;
use std::path::Path;
use store::locks::WaitPolicy;
use store::{Begin, Isolation, Store, StoreError, StoreOptions, TreeId};
use support::{PATH, Rows, begin, begin_at, check, key, memory, open, options};

env::labels! {
    WRITER: "test.writer", Task, "nobody writes";
}

/// All rows of a tree as committed, in a file that is sound.
fn contents(store: &Store, tree: TreeId) -> Rows {
    check(store);
    support::contents(store, tree)
}

#[test]
fn what_was_committed_is_there_after_reopening_with_and_without_a_clean_close() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..500 {
        transaction.put(tree, &key(number), &number.to_le_bytes()).expect("puts");
    }
    transaction.commit().expect("commits");
    let mut transaction = begin(&store);
    for number in (0..500).step_by(3) {
        assert!(transaction.delete(tree, &key(number)).expect("deletes"));
    }
    transaction.commit().expect("commits");
    let expected = contents(&store, tree);
    assert_eq!(expected.len(), 333);
    drop(store); // no clean close: the log is needed
    let store = open(&env);
    assert!(!store.recovery().clean);
    assert_eq!(contents(&store, tree), expected);
    store.close().expect("closes");
    let store = open(&env);
    assert!(store.recovery().clean);
    assert_eq!(contents(&store, tree), expected);
}

#[test]
fn many_commits_and_checkpoints_later_everything_is_still_there() {
    let env = memory();
    let mut store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.commit().expect("commits");
    let mut model = std::collections::BTreeMap::new();
    for round in 0..2000u32 {
        let mut transaction = begin(&store);
        for step in 0..5u32 {
            let number = round.wrapping_mul(7919).wrapping_add(step * 104_729) % 700;
            let value = vec![round as u8; (round % 300) as usize];
            if round % 7 == 3 && step == 2 {
                transaction.delete(tree, &key(number)).expect("deletes");
                model.remove(&key(number));
            } else {
                transaction.put(tree, &key(number), &value).expect("puts");
                model.insert(key(number), value);
            }
        }
        transaction.commit().expect("commits");
        if round % 500 == 499 {
            drop(store);
            store = open(&env);
        }
    }
    assert_eq!(contents(&store, tree), model);
    store.close().expect("closes");
    assert_eq!(contents(&open(&env), tree), model);
}

#[test]
fn a_snapshot_does_not_move_and_the_first_updater_wins() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, b"a", b"1").expect("puts");
    transaction.commit().expect("commits");

    let mut old = begin_at(&store, Isolation::RepeatableRead);
    assert_eq!(old.get(tree, b"a").expect("reads"), Some(b"1".to_vec()));
    let mut new = begin(&store);
    new.put(tree, b"a", b"2").expect("puts");
    new.commit().expect("commits");
    assert_eq!(old.get(tree, b"a").expect("reads"), Some(b"1".to_vec()));
    assert!(matches!(old.put(tree, b"a", b"3"), Err(StoreError::Conflict { .. })));
    drop(old);

    let mut committed = begin(&store);
    assert_eq!(committed.get(tree, b"a").expect("reads"), Some(b"2".to_vec()));
    let mut other = begin(&store);
    other.put(tree, b"b", b"1").expect("puts");
    other.commit().expect("commits");
    assert_eq!(committed.get(tree, b"b").expect("reads"), None);
    committed.put(tree, b"c", b"1").expect("puts");
    committed.refresh().expect("refreshes");
    assert_eq!(committed.get(tree, b"b").expect("reads"), Some(b"1".to_vec()));
    assert_eq!(committed.get(tree, b"c").expect("reads"), Some(b"1".to_vec()));
    committed.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 3);
}

#[test]
fn savepoints_and_statements_undo_exactly_what_followed_them() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, b"a", b"1").expect("puts");
    let outer = transaction.savepoint().expect("sets");
    for number in 0..200 {
        transaction.put(tree, &key(number), b"x").expect("puts");
    }
    let inner = transaction.savepoint().expect("sets");
    assert_eq!(transaction.delete_range(tree, b"key", None).expect("deletes"), 200);
    transaction.rollback_to(inner).expect("goes back");
    assert_eq!(transaction.count(tree).expect("counts"), 201);
    transaction.rollback_to(outer).expect("goes back");
    assert_eq!(transaction.count(tree).expect("counts"), 1);
    assert!(matches!(transaction.rollback_to(inner), Err(StoreError::NoSuchSavepoint)));
    transaction.begin_statement();
    transaction.put(tree, b"a", b"2").expect("puts");
    transaction.put(tree, b"b", b"2").expect("puts");
    transaction.undo_statement().expect("undoes");
    assert_eq!(transaction.get(tree, b"a").expect("reads"), Some(b"1".to_vec()));
    transaction.commit().expect("commits");
    drop(store);
    assert_eq!(contents(&open(&env), tree), Rows::from([(b"a".to_vec(), b"1".to_vec())]));
}

#[test]
fn a_large_transaction_beside_small_ones_keeps_both() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..1000 {
        transaction.put(tree, &key(number * 10), b"before").expect("puts");
    }
    transaction.commit().expect("commits");
    let mut large = begin(&store);
    for number in 0..3000 {
        large.put(tree, &key(number * 10 + 1), &[7; 60]).expect("puts");
        if number % 100 == 0 {
            let mut small = begin(&store);
            small.put(tree, &key(number * 10 + 2), b"small").expect("puts");
            small.delete(tree, &key(number)).expect("deletes");
            small.commit().expect("commits");
        }
    }
    large.commit().expect("commits");
    let expected = contents(&store, tree);
    assert_eq!(expected.len(), 1000 + 3000 + 30 - 30);
    store.checkpoint().expect("checkpoints");
    assert_eq!(contents(&store, tree), expected);
    drop(store);
    assert_eq!(contents(&open(&env), tree), expected);
    let mut after = begin(&open(&env));
    assert_eq!(after.count(tree).expect("counts"), expected.len() as u64);
}

#[test]
fn a_large_transaction_is_recovered_from_the_log_alone() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..3000 {
        transaction.put(tree, &key(number), &[7; 60]).expect("puts");
    }
    transaction.commit().expect("commits");
    let mut transaction = begin(&store);
    transaction.delete(tree, &key(5)).expect("deletes");
    transaction.commit().expect("commits");
    let expected = contents(&store, tree);
    drop(store);
    let store = open(&env);
    assert_eq!(contents(&store, tree), expected);
    store.checkpoint().expect("checkpoints");
    store.checkpoint().expect("checkpoints");
    drop(store);
    assert_eq!(contents(&open(&env), tree), expected);
}

#[test]
fn a_sequence_goes_on_where_it_stood_when_the_store_was_closed() {
    let env = memory();
    let sequence = store::SequenceId(9);
    for round in 0..3 {
        let store = open(&env);
        let first = store.take_ordinals(store::MAIN_DATABASE, sequence, 2).expect("takes");
        assert_eq!(first, 2 * round);
        store.close().expect("closes");
    }
}

#[test]
fn databases_branch_and_part_and_sequences_never_repeat() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..400 {
        transaction.put(tree, &key(number), b"shared").expect("puts");
    }
    transaction.commit().expect("commits");
    let sequence = store::SequenceId(9);
    let first = store.take_ordinals(store::MAIN_DATABASE, sequence, 5).expect("takes");
    assert_eq!(first, 0);
    let copy = store.create_database_from(store::MAIN_DATABASE).expect("branches");
    let in_copy = Begin { database: copy, ..Begin::default() };
    let mut there = store.begin(in_copy).expect("begins");
    there.delete_range(tree, &key(0), Some(&key(300))).expect("deletes");
    there.commit().expect("commits");
    let mut here = begin(&store);
    here.put(tree, &key(1), b"changed").expect("puts");
    here.commit().expect("commits");
    drop(store);
    let store = open(&env);
    assert_eq!(store.databases(), vec![store::MAIN_DATABASE, copy]);
    assert_eq!(contents(&store, tree).len(), 400);
    let mut there = store.begin(in_copy).expect("begins");
    assert_eq!(there.count(tree).expect("counts"), 100);
    drop(there);
    assert!(store.take_ordinals(store::MAIN_DATABASE, sequence, 1).expect("takes") >= 5);
    store.checkpoint().expect("checkpoints");
    store.drop_database(copy).expect("drops");
    assert!(store.begin(in_copy).is_err());
    store.checkpoint().expect("checkpoints");
    drop(store);
    let store = open(&env);
    assert_eq!(store.databases(), vec![store::MAIN_DATABASE]);
    assert_eq!(contents(&store, tree).len(), 400);
}

#[test]
fn several_threads_commit_side_by_side() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.commit().expect("commits");
    let handles: Vec<_> = (0..4u32)
        .map(|task| {
            let store = store.clone();
            let body = move || {
                for number in 0..300u32 {
                    let mut transaction = begin(&store);
                    transaction.put(tree, &key(task * 1000 + number), &[task as u8; 40]).expect("puts");
                    transaction.commit().expect("commits");
                }
            };
            env.spawn(&WRITER, "writer", Box::new(body)).expect("starts")
        })
        .collect();
    for handle in handles {
        handle.join().expect("no panic");
    }
    assert_eq!(contents(&store, tree).len(), 1200);
    drop(store);
    assert_eq!(contents(&open(&env), tree).len(), 1200);
}

#[test]
fn a_backup_made_in_use_is_a_whole_database() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..700 {
        transaction.put(tree, &key(number), &vec![number as u8; (number % 400) as usize]).expect("puts");
    }
    transaction.commit().expect("commits");
    let copy = store.create_database_from(store::MAIN_DATABASE).expect("branches");
    let expected = contents(&store, tree);
    store.backup(Path::new("copy.db"), &mut |_, _| {}).expect("backs up");
    let again = store.backup(Path::new("copy.db"), &mut |_, _| {});
    assert!(matches!(again, Err(StoreError::BackupTarget { .. })));
    let restored = Store::open(env.clone(), Path::new("copy.db"), options()).expect("opens");
    assert!(restored.recovery().clean);
    assert_eq!(contents(&restored, tree), expected);
    assert_eq!(restored.databases(), vec![store::MAIN_DATABASE, copy]);
    restored.drop_database(copy).expect("drops");
    restored.checkpoint().expect("checkpoints");
    assert_eq!(contents(&restored, tree), expected);
}

#[test]
fn a_read_only_store_reads_what_the_log_holds_and_writes_nothing() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, b"a", b"1").expect("puts");
    transaction.commit().expect("commits");
    drop(store);
    let before = env.files();
    let options = StoreOptions { read_only: true, ..options() };
    let one = Store::open(env.clone(), Path::new(PATH), options.clone()).expect("opens");
    let two = Store::open(env.clone(), Path::new(PATH), options).expect("opens beside the first");
    for store in [&one, &two] {
        let mut transaction = begin(store);
        assert_eq!(transaction.get(tree, b"a").expect("reads"), Some(b"1".to_vec()));
        assert!(matches!(transaction.put(tree, b"a", b"2"), Err(StoreError::ReadOnly { .. })));
    }
    drop((one, two));
    assert_eq!(env.files(), before);
}

#[test]
fn rows_stay_locked_when_there_are_too_many_of_them_for_the_lock_table() {
    let env = memory();
    let options = StoreOptions { lock_bytes: 16 << 10, ..options() };
    let store = Store::open(env.clone(), Path::new(PATH), options).expect("opens");
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..2000 {
        transaction.put(tree, &key(number), b"before").expect("puts");
    }
    transaction.commit().expect("commits");
    let mut large = begin(&store);
    for number in 0..1000 {
        if number % 2 == 0 {
            large.put(tree, &key(number), b"after").expect("puts");
        } else {
            assert!(large.delete(tree, &key(number)).expect("deletes"));
        }
    }
    assert!(store.statistics().lock_bytes < 64 << 10, "{}", store.statistics().lock_bytes);
    let mut other = store.begin(Begin { wait: WaitPolicy::NoWait, ..Begin::default() }).expect("begins");
    for number in 0..1000 {
        let refused = other.put(tree, &key(number), b"other");
        assert!(matches!(refused, Err(StoreError::Lock(_))), "row {number}: {refused:?}");
    }
    other.put(tree, &key(1500), b"other").expect("nobody has that row");
    other.commit().expect("commits");
    large.commit().expect("commits");
    let mut other = store.begin(Begin { wait: WaitPolicy::NoWait, ..Begin::default() }).expect("begins");
    other.put(tree, &key(0), b"other").expect("is free again");
    other.rollback();
    let rows = contents(&store, tree);
    assert_eq!(rows.len(), 1500);
    assert!(rows.iter().any(|(found, value)| *found == key(1500) && value == b"other"));
}

#[test]
fn what_a_branch_shares_is_written_also_when_recovery_left_it_in_memory() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    for number in 0..200 {
        transaction.put(tree, &key(number), b"shared").expect("puts");
    }
    transaction.commit().expect("commits");
    // Two branchings: replay settles the tree for the first, of another database, and has to write it for the second.
    let first = store.create_database_from(store::MAIN_DATABASE).expect("branches");
    for database in [first, store::MAIN_DATABASE] {
        let mut transaction = store.begin(Begin { database, ..Begin::default() }).expect("begins");
        transaction.put(tree, &key(7), b"changed").expect("puts");
        transaction.commit().expect("commits");
        store.create_database_from(first).expect("branches");
    }
    store.create_database_from(store::MAIN_DATABASE).expect("branches");
    drop(store);
    let store = open(&env);
    for database in store.databases() {
        let mut transaction = store.begin(Begin { database, ..Begin::default() }).expect("begins");
        transaction.put(tree, &key(7), b"changed again").expect("puts");
        transaction.commit().expect("commits");
    }
    store.checkpoint().expect("checkpoints");
    assert_eq!(contents(&store, tree).len(), 200);
}

#[test]
fn a_large_transaction_and_a_branching_of_its_database_do_not_mix_their_pages() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, &key(0), b"shared").expect("puts");
    transaction.commit().expect("commits");
    let copy = store.create_database_from(store::MAIN_DATABASE).expect("branches");
    let mut large = store.begin(Begin { database: copy, ..Begin::default() }).expect("begins");
    large.put(tree, &key(1), b"begun before the branching").expect("puts");
    let other = store.create_database_from(copy).expect("branches");
    for number in 2..1500 {
        large.put(tree, &key(number), &[7; 60]).expect("puts");
    }
    large.commit().expect("commits");
    store.checkpoint().expect("checkpoints");
    check(&store);
    // The large transaction's pages are the copy's own: they go with it.
    store.drop_database(copy).expect("drops");
    store.checkpoint().expect("checkpoints");
    check(&store);
    store.drop_database(other).expect("drops");
    store.checkpoint().expect("checkpoints");
    assert_eq!(contents(&store, tree).len(), 1);
}
