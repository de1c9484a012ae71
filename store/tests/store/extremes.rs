//! Much of everything: deep savepoints, many trees, keys and values as long as they may be, and what others do meanwhile.

use crate::support;

use std::collections::BTreeMap;
use store::locks::{LockError, WaitPolicy};
use store::{Begin, Isolation, Savepoint, SequenceId, StoreError, StoreOptions, Transaction, TreeId};
use support::random::Random;
use support::{
    Rows, begin, begin_at, check, contents, key, memory, open, open_with, options, rows, tree_with,
};

/// A savepoint, what was there then, and whether the tree made since then is there.
struct Saved {
    savepoint: Savepoint,
    rows: Rows,
}

fn write(transaction: &mut Transaction, tree: TreeId, numbers: &mut Random, rows: &mut Rows) {
    let number = numbers.number(300);
    match numbers.number(10) {
        0..=6 => {
            let value = vec![number as u8; [20, 60, 800][numbers.number(3) as usize]];
            transaction.put(tree, &key(number), &value).expect("puts");
            rows.insert(key(number), value);
        }
        _ => {
            transaction.delete(tree, &key(number)).expect("deletes");
            rows.remove(&key(number));
        }
    }
}

#[test]
fn savepoints_nested_deep_come_back_whatever_was_spilled_and_rebased_since() {
    for seed in 0..25 {
        let mut numbers = Random::new(seed);
        let small = StoreOptions {
            cache_bytes: 8 << 10,
            large_commit_bytes: 2 << 10,
            lock_bytes: 2 << 10,
            ..options()
        };
        let store = open_with(&memory(), small);
        let tree = tree_with(&store, (0..300).step_by(3));
        let mut transaction = begin(&store);
        let mut expected = rows(&mut transaction, tree);
        let mut theirs = Rows::new();
        let mut stack: Vec<Saved> = Vec::new();
        for round in 0..250u32 {
            match numbers.number(12) {
                0..=2 if stack.len() < 60 => {
                    let savepoint = transaction.savepoint().expect("sets");
                    stack.push(Saved { savepoint, rows: expected.clone() });
                }
                3 if !stack.is_empty() => {
                    let at = numbers.number(stack.len() as u32) as usize;
                    stack.truncate(at + 1);
                    transaction.rollback_to(stack[at].savepoint).expect("goes back");
                    expected = stack[at].rows.clone();
                }
                4 if !stack.is_empty() => {
                    let at = numbers.number(stack.len() as u32) as usize;
                    transaction.release(stack[at].savepoint).expect("releases");
                    stack.truncate(at);
                }
                5 => {
                    let mut other = begin(&store);
                    let number = 1_000 + numbers.number(60);
                    other.put(tree, &key(number), &round.to_le_bytes()).expect("puts");
                    other.commit().expect("commits");
                    theirs.insert(key(number), round.to_le_bytes().to_vec());
                    transaction.refresh().expect("refreshes");
                }
                _ => (0..5).for_each(|_| write(&mut transaction, tree, &mut numbers, &mut expected)),
            }
            if round % 25 == 0 {
                let mine: Rows =
                    rows(&mut transaction, tree).into_iter().filter(|(it, _)| *it < key(1_000)).collect();
                assert!(mine == expected, "seed {seed}, round {round}");
            }
        }
        transaction.commit().expect("commits");
        expected.extend(theirs);
        assert!(contents(&store, tree) == expected, "seed {seed}");
        store.checkpoint().expect("writes a checkpoint");
        store.checkpoint().expect("writes a checkpoint");
        check(&store);
    }
}

#[test]
fn keys_are_as_long_as_a_page_allows_and_no_longer() {
    for page_size in [512, 4096, 65_536] {
        let env = memory();
        let sized = StoreOptions { page_size, cache_bytes: 1 << 20, ..options() };
        let store = open_with(&env, sized.clone());
        let mut transaction = begin(&store);
        let tree = transaction.create_tree(true).expect("creates");
        // The limit is found from above, by the error that names it.
        let mut length = page_size;
        while transaction.put(tree, &vec![b'k'; length], b"v").is_err() {
            length -= 1;
        }
        assert_eq!(length, page_size / 4 - 32);
        let mut expected = Rows::from([(vec![b'k'; length], b"v".to_vec())]);
        for number in 0..100u8 {
            // They differ in the first byte, or only in the last.
            for place in [0, length - 1] {
                let mut long = vec![b'm'; length];
                long[place] = number;
                transaction.put(tree, &long, &[number; 60]).expect("puts");
                expected.insert(long, vec![number; 60]);
            }
        }
        let too_long = transaction.put(tree, &vec![b'k'; length + 1], b"v");
        assert!(matches!(too_long, Err(StoreError::Tree(_))), "{too_long:?}");
        assert!(rows(&mut transaction, tree) == expected, "a refused key changes nothing");
        transaction.commit().expect("commits");
        drop(store);
        let store = open_with(&env, sized);
        assert!(contents(&store, tree) == expected);
        check(&store);
    }
}

#[test]
fn a_value_of_many_megabytes_is_read_back_and_one_beyond_the_limit_refused() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let (tree, plain) =
        (transaction.create_tree(true).expect("creates"), transaction.create_tree(false).expect("creates"));
    let mut numbers = Random::new(7);
    let large: Vec<u8> = (0..2 << 20).flat_map(|_| numbers.next().to_le_bytes()).collect();
    transaction.put(tree, b"large", &large).expect("puts");
    let beyond = vec![0; (1 << 30) + 1];
    for tree in [plain, tree] {
        let refused = transaction.put(tree, b"beyond", &beyond);
        let expected = "a value of 1073741825 bytes is too long: values have at most 1073741824 bytes";
        assert!(
            matches!(&refused, Err(StoreError::Tree(error)) if error.to_string() == expected),
            "{refused:?}"
        );
    }
    // The longest there is, whatever stands before it in the tree.
    transaction.put(tree, b"longest", &beyond[1..]).expect("puts");
    assert_eq!(transaction.get_with(tree, b"longest", <[u8]>::len).expect("reads"), Some(1 << 30));
    transaction.delete(tree, b"longest").expect("deletes");
    assert_eq!(transaction.count(plain).expect("counts"), 0);
    transaction.commit().expect("commits");
    drop(store);
    let store = open(&env);
    assert!(begin(&store).get(tree, b"large").expect("reads") == Some(large));
    check(&store);
    let mut transaction = begin(&store);
    transaction.delete(tree, b"large").expect("deletes");
    transaction.commit().expect("commits");
    store.checkpoint().expect("writes a checkpoint");
    store.checkpoint().expect("writes a checkpoint");
    check(&store);
    let statistics = store.statistics();
    assert!(statistics.free_pages * 10 > statistics.file_pages * 9, "its pages are free");
}

#[test]
fn many_trees_made_and_dropped_in_one_transaction_go_with_it() {
    for commits in [false, true] {
        let store = open(&memory());
        let kept = tree_with(&store, 0..100);
        let mut transaction = begin(&store);
        let mut trees = BTreeMap::new();
        for round in 0..300u32 {
            let tree = transaction.create_tree(round % 2 == 0).expect("creates");
            for number in 0..round % 40 {
                transaction.put(tree, &key(number), &[round as u8; 90]).expect("puts");
            }
            trees.insert(tree, u64::from(round % 40));
            if round % 3 == 0 {
                transaction.drop_tree(tree).expect("drops");
                trees.remove(&tree);
                assert!(matches!(transaction.get(tree, b"a"), Err(StoreError::NoSuchTree { .. })));
            }
        }
        transaction.drop_tree(kept).expect("drops");
        if commits {
            transaction.commit().expect("commits");
            for (tree, count) in &trees {
                assert_eq!(begin(&store).count(*tree).expect("counts"), *count);
            }
            assert!(matches!(begin(&store).count(kept), Err(StoreError::NoSuchTree { .. })));
        } else {
            transaction.rollback();
            assert_eq!(store.trees(store::MAIN_DATABASE).expect("lists"), vec![kept]);
            assert_eq!(contents(&store, kept).len(), 100);
        }
        store.checkpoint().expect("writes a checkpoint");
        store.checkpoint().expect("writes a checkpoint");
        check(&store);
    }
}

#[test]
fn a_tree_is_dropped_only_when_nobody_reads_it_and_gone_for_who_comes_later() {
    let store = open(&memory());
    let (tree, other) = (tree_with(&store, 0..500), tree_with(&store, 0..5));
    let mut early = begin_at(&store, Isolation::RepeatableRead);
    assert_eq!(early.count(other).expect("counts"), 5);
    let mut reader = begin_at(&store, Isolation::RepeatableRead);
    let before = rows(&mut reader, tree);
    let mut dropper = store.begin(Begin { wait: WaitPolicy::NoWait, ..Begin::default() }).expect("begins");
    let refused = dropper.drop_tree(tree);
    assert!(matches!(refused, Err(StoreError::Lock(LockError::NotAvailable { .. }))), "{refused:?}");
    assert!(rows(&mut reader, tree) == before);
    drop(reader);
    dropper.drop_tree(tree).expect("drops");
    dropper.commit().expect("commits");
    store.checkpoint().expect("writes a checkpoint");
    store.checkpoint().expect("writes a checkpoint");
    // Its snapshot is older than the dropping: what it shows is still in the file.
    assert!(rows(&mut early, tree) == before);
    drop(early);
    assert!(matches!(begin(&store).count(tree), Err(StoreError::NoSuchTree { .. })));
    check(&store);
}

#[test]
fn a_range_is_deleted_while_nobody_inserts_into_it() {
    let store = open(&memory());
    let tree = tree_with(&store, 0..200);
    let no_wait = |isolation| Begin { isolation, wait: WaitPolicy::NoWait, ..Begin::default() };
    let mut inserter = store.begin(no_wait(Isolation::ReadCommitted)).expect("begins");
    inserter.put(tree, &key(1_050), b"new").expect("puts");
    let mut deleter = store.begin(no_wait(Isolation::ReadCommitted)).expect("begins");
    assert!(matches!(deleter.delete_range(tree, &key(0), None), Err(StoreError::Lock(_))));
    let mut strict = store.begin(no_wait(Isolation::RepeatableRead)).expect("begins");
    assert_eq!(strict.count(tree).expect("counts"), 200);
    drop(strict);
    let mut strict = store.begin(no_wait(Isolation::RepeatableRead)).expect("begins");
    inserter.commit().expect("commits");
    // What was committed since its snapshot is part of what it would delete.
    assert!(matches!(strict.delete_range(tree, &key(0), None), Err(StoreError::Conflict { .. })));
    drop(strict);
    assert_eq!(deleter.delete_range(tree, &key(100), None).expect("deletes"), 101);
    let mut late = store.begin(no_wait(Isolation::ReadCommitted)).expect("begins");
    assert!(matches!(late.put(tree, &key(1_060), b"new"), Err(StoreError::Lock(_))));
    deleter.commit().expect("commits");
    late.put(tree, &key(1_060), b"new").expect("puts");
    late.commit().expect("commits");
    assert_eq!(contents(&store, tree).len(), 101);
    check(&store);
}

#[test]
fn sequences_go_on_through_rollbacks_crashes_and_their_own_dropping() {
    let env = memory();
    let sequence = SequenceId(4);
    let mut next = 0;
    for round in 0..15u64 {
        let store = open(&env);
        let mut transaction = begin(&store);
        let tree = transaction.create_tree(true).expect("creates");
        for _ in 0..=round {
            let first = store.take_ordinals(store::MAIN_DATABASE, sequence, 3).expect("takes");
            assert!(first >= next, "{first} was handed out before");
            next = first + 3;
        }
        match round % 5 {
            0 => transaction.rollback(),
            1 => {
                transaction.put(tree, b"a", b"b").expect("puts");
                transaction.commit().expect("commits");
            }
            2 => {
                let savepoint = transaction.savepoint().expect("sets");
                transaction.drop_sequence(sequence).expect("drops");
                transaction.rollback_to(savepoint).expect("goes back");
                transaction.commit().expect("commits");
            }
            3 => {
                transaction.begin_statement();
                transaction.drop_sequence(sequence).expect("drops");
                transaction.undo_statement().expect("undoes");
                transaction.commit().expect("commits");
            }
            _ => {
                transaction.drop_sequence(sequence).expect("drops");
                transaction.rollback();
            }
        }
        if round % 3 == 0 {
            store.close().expect("closes");
        }
    }
    let store = open(&env);
    let mut transaction = begin(&store);
    transaction.drop_sequence(sequence).expect("drops");
    transaction.commit().expect("commits");
    assert_eq!(
        store.take_ordinals(store::MAIN_DATABASE, sequence, 1).expect("takes"),
        0,
        "one of that name begins anew"
    );
    check(&store);
}
