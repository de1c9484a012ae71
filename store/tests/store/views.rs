//! Views: what a statement reads from while it writes, what outlives its transaction, what tasks share.

use crate::support;

use store::locks::{AdvisoryKey, AdvisoryMode, AdvisoryScope, LockError, RowMode, ViewTarget, WaitPolicy};
use store::{
    Batch, Begin, Bounds, CommitNumber, Isolation, MAIN_DATABASE, RowLock, Scan, SequenceId, StoreError,
    TreeId, TreeView, View, named_by,
};
use support::random::Random;
use support::{Rows, begin, begin_at, begin_in, check, contents, key, memory, open, tree_with};

/// All rows of a tree of a view, a leaf at a time.
fn rows_of(view: &View, tree: TreeId) -> Rows {
    let mut scan = view.tree(tree).expect("is there").scan(Bounds::all()).expect("scans");
    let mut rows = Rows::new();
    while let Some(batch) = scan.next_batch().expect("reads") {
        collect(&batch, &mut rows);
    }
    rows
}

fn collect(batch: &Batch, rows: &mut Rows) {
    let (mut key, mut buffer) = (Vec::new(), Vec::new());
    for index in 0..batch.len() {
        batch.copy_key(index, &mut key);
        rows.insert(key.clone(), batch.value(index, &mut buffer).expect("reads").to_vec());
    }
}

#[test]
fn what_tasks_share_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<View>();
    shared::<TreeView>();
    shared::<Batch>();
    fn handed_over<T: Send>() {}
    handed_over::<Scan>();
}

#[test]
fn a_statement_does_not_meet_the_rows_it_writes() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..100);
    let mut transaction = begin(&store);
    transaction.put(tree, &key(100), b"own").expect("puts");
    let view = transaction.view().expect("views");
    let mut scan = view.tree(tree).expect("is there").scan(Bounds::all()).expect("scans");
    let mut met = 0;
    while scan.next().expect("reads") {
        // Each row is moved behind all others, where a scan of the tree itself would meet it again.
        let moved = [b"z".as_slice(), scan.key()].concat();
        transaction.put(tree, &moved, b"moved").expect("puts");
        transaction.delete(tree, scan.key()).expect("deletes");
        met += 1;
        assert!(met <= 101, "a moved row was met");
    }
    assert_eq!(met, 101);
    assert_eq!(transaction.count(tree).expect("counts"), 101);
    assert_eq!(rows_of(&view, tree).len(), 101);
    assert!(rows_of(&view, tree).contains_key(&key(0)), "the view is as it was");
}

#[test]
fn only_the_row_that_was_waited_for_is_read_anew() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..2);
    let mut transaction = begin(&store);
    let view = transaction.view().expect("views");
    let mut other = begin(&store);
    other.put(tree, &key(0), b"new").expect("puts");
    other.put(tree, &key(1), b"new").expect("puts");
    other.commit().expect("commits");
    let locked =
        transaction.lock_row(tree, &key(0), RowMode::NoKeyUpdate, WaitPolicy::FOREVER).expect("locks");
    assert_eq!(locked, RowLock::HeldChanged);
    assert_eq!(transaction.get(tree, &key(0)).expect("reads").as_deref(), Some(b"new".as_slice()));
    let fixed = view.tree(tree).expect("is there");
    assert_eq!(
        fixed.get(&key(1)).expect("reads"),
        Some(1u32.to_le_bytes().to_vec()),
        "the statement's snapshot"
    );
}

/// What `read` makes of the batches that a scan still has to come to.
fn to_the_end<T>(scan: &mut Scan, read: &impl Fn(&Batch) -> Vec<T>) -> Vec<T> {
    let mut all = Vec::new();
    while let Some(batch) = scan.next_batch().expect("reads") {
        all.extend(read(&batch));
    }
    all
}

#[test]
fn batches_and_stretches_have_the_rows_of_the_scan() {
    let env = memory();
    let store = open(&env);
    let mut random = Random::new(7);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    let mut numbers = std::collections::BTreeMap::new();
    for _ in 0..600 {
        let number = random.below(3000);
        // Some are too long for a leaf, some shrink when they are compressed.
        let length = if random.below(20) == 0 { 900 } else { random.below(40) as usize };
        let value = vec![number as u8; length];
        transaction.put(tree, &number.to_be_bytes(), &value).expect("puts");
        numbers.insert(number, value);
    }
    let writer = transaction.id();
    transaction.commit().expect("commits");
    let view = store.view(MAIN_DATABASE).expect("views");
    let shown = view.tree(tree).expect("is there");
    for _ in 0..200 {
        let (one, two) = (random.below(3100), random.below(3100));
        let to = (random.below(4) > 0).then(|| one.max(two));
        let bounds =
            Bounds { from: one.min(two).to_be_bytes().to_vec(), to: to.map(|to| to.to_be_bytes().to_vec()) };
        let expected: Vec<(u64, Vec<u8>)> = numbers
            .range(one.min(two)..)
            .take_while(|(number, _)| to.is_none_or(|to| **number < to))
            .map(|(number, value)| (*number, value.clone()))
            .collect();
        let read = |batch: &Batch| -> Vec<(u64, Vec<u8>)> {
            let mut buffer = Vec::new();
            (0..batch.len())
                .map(|index| {
                    assert_eq!(batch.writer(index).expect("reads"), writer);
                    let value = batch.value(index, &mut buffer).expect("reads").to_vec();
                    (batch.row_number(index).expect("eight bytes"), value)
                })
                .collect()
        };
        let mut scan = shown.scan(bounds.clone()).expect("scans");
        let forwards = to_the_end(&mut scan, &read);
        assert_eq!(forwards, expected);
        let mut backwards = Vec::new();
        while let Some(batch) = scan.prev_batch().expect("reads") {
            backwards.extend(read(&batch).into_iter().rev());
        }
        backwards.reverse();
        assert_eq!(backwards, expected);

        assert_eq!(shown.count(&bounds).expect("counts"), expected.len() as u64);
        let parts = 1 + random.below(9);
        let stretches = shown.split(&bounds, parts).expect("splits");
        assert_eq!(stretches.is_empty(), expected.is_empty());
        let mut together = Vec::new();
        for stretch in &stretches {
            let rows = shown.estimate(stretch).expect("counts");
            assert!(rows > 0, "an empty stretch");
            let fair = expected.len() as u64 / parts.min(expected.len() as u64);
            assert!(rows.abs_diff(fair) <= 1, "{rows} rows where {fair} would be fair");
            together.extend(to_the_end(&mut shown.scan(stretch.clone()).expect("scans"), &read));
        }
        assert_eq!(together, expected);
    }
    assert_eq!(shown.key_at(3).expect("reads"), numbers.keys().nth(3).map(|key| key.to_be_bytes().to_vec()));
    assert_eq!(shown.key_at(numbers.len() as u64).expect("reads"), None);
}

#[test]
fn views_stay_whatever_becomes_of_their_transactions() {
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let env = memory();
        let store = open(&env);
        let tree = tree_with(&store, 0..50);
        let mut kept: Vec<(View, Rows)> = Vec::new();
        for _ in 0..12 {
            let mut transaction = begin(&store);
            let mut model = contents(&store, tree);
            let mut saved = None;
            for _ in 0..random.below(60) {
                match random.below(12) {
                    0 => kept.push((transaction.view().expect("views"), model.clone())),
                    1 => saved = Some((transaction.savepoint().expect("saves"), model.clone())),
                    2 => {
                        if let Some((savepoint, then)) = saved.take() {
                            transaction.rollback_to(savepoint).expect("goes back");
                            model = then;
                        }
                    }
                    3 => {
                        let number = random.number(400);
                        transaction.delete(tree, &key(number)).expect("deletes");
                        model.remove(&key(number));
                    }
                    _ => {
                        // Enough of them make the branch spill, and commit by its roots.
                        let (number, length) = (random.number(400), random.below(1500) as usize);
                        let value = vec![random.next() as u8; length];
                        transaction.put(tree, &key(number), &value).expect("puts");
                        model.insert(key(number), value);
                    }
                }
            }
            if random.below(2) == 0 {
                transaction.commit().expect("commits");
                assert_eq!(contents(&store, tree), model);
            }
            kept.push((store.view(MAIN_DATABASE).expect("views"), contents(&store, tree)));
            if random.below(2) == 0 {
                store.checkpoint().expect("writes");
            }
            while kept.len() > 6 {
                kept.swap_remove(random.below(kept.len() as u64) as usize);
            }
            for (view, rows) in &kept {
                assert_eq!(&rows_of(view, tree), rows, "seed {seed}");
            }
        }
        kept.clear();
        check(&store);
    }
}

#[test]
fn a_view_of_a_base_that_was_left_again_outlives_its_transaction() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..3);
    let large = |seed: u32| {
        let mut random = Random::new(seed.into());
        (0..20_000).map(|_| random.next() as u8).collect::<Vec<u8>>()
    };
    let commit = |number: u32| {
        let mut other = begin(&store);
        other.put(tree, &key(number), &large(number)).expect("puts");
        other.commit().expect("commits");
    };
    let mut transaction = begin_at(&store, Isolation::ReadCommitted);
    let savepoint = transaction.savepoint().expect("saves");
    (10..15).for_each(commit);
    transaction.refresh().expect("moves on");
    transaction.put(tree, &key(20), &large(20)).expect("puts");
    let view = transaction.view().expect("views");
    let shown = rows_of(&view, tree);
    // The base goes back to that of the savepoint; the view stands at the later one.
    transaction.rollback_to(savepoint).expect("goes back");
    drop(transaction);
    for number in 30..40 {
        store.checkpoint().expect("writes");
        commit(number);
    }
    assert_eq!(rows_of(&view, tree), shown);
    drop(view);
    check(&store);
}

#[test]
fn an_offset_counts_for_serialisable_transactions() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, [10, 20]);
    // Each takes the second row's place from what stands before it, and puts a row before that.
    let skip_one_write = |write: u32| {
        let mut transaction = begin_at(&store, Isolation::Serializable);
        transaction.view().expect("views").tree(tree).expect("is there").key_at(1).expect("reads");
        transaction.put(tree, &key(write), b"new").expect("puts");
        transaction
    };
    let (one, two) = (skip_one_write(1), skip_one_write(2));
    assert!(one.commit().is_ok() != two.commit().is_ok(), "one of the two has to give way");
}

#[test]
fn what_is_newest_is_read_past_the_snapshot_with_own_changes_on_it() {
    for (seed, isolation) in (0..40).zip(
        [Isolation::RepeatableRead, Isolation::ReadCommitted, Isolation::Serializable].into_iter().cycle(),
    ) {
        let mut random = Random::new(seed);
        let env = memory();
        let store = open(&env);
        let tree = tree_with(&store, (0..60).filter(|number| number % 3 > 0));
        let mut transaction = begin_at(&store, isolation);
        let mut own = std::collections::BTreeMap::new();
        let mut now = contents(&store, tree);
        for _ in 0..random.below(30) {
            let number = random.number(60);
            // Even keys are this transaction's, odd ones the others'.
            let (mine, gone) = (number.is_multiple_of(2), random.below(3) == 0);
            let value = random.next().to_le_bytes();
            let mut other = begin(&store);
            let writer = if mine { &mut transaction } else { &mut other };
            if gone {
                writer.delete(tree, &key(number)).expect("deletes");
            } else {
                writer.put(tree, &key(number), &value).expect("puts");
            }
            other.commit().expect("commits");
            let value = (!gone).then(|| value.to_vec());
            if mine {
                own.insert(key(number), value);
            } else if let Some(value) = value {
                now.insert(key(number), value);
            } else {
                now.remove(&key(number));
            }
        }
        let mut expected = now;
        for (key, value) in own {
            match value {
                Some(value) => expected.insert(key, value),
                None => expected.remove(&key),
            };
        }
        for number in 0..60 {
            let found = transaction.get_newest(tree, &key(number)).expect("reads");
            assert_eq!(found.as_ref(), expected.get(&key(number)), "seed {seed}, key {number}");
        }
        let mut scan =
            transaction.scan_newest(tree, Bounds { from: key(10), to: Some(key(40)) }).expect("scans");
        for (key, value) in expected.range(key(10)..key(40)) {
            assert!(scan.next().expect("reads"), "seed {seed}");
            assert_eq!((scan.key(), scan.value().expect("reads").as_slice()), (&key[..], &value[..]));
        }
        assert!(!scan.next().expect("reads"));
    }
}

#[test]
fn a_dropped_tree_is_not_there_for_whoever_reads_what_is_newest() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..3);
    let mut transaction = begin_at(&store, Isolation::RepeatableRead);
    let view = transaction.view().expect("views");
    let mut other = begin(&store);
    other.drop_tree(tree).expect("drops");
    other.commit().expect("commits");
    assert!(matches!(transaction.get_newest(tree, &key(1)), Err(StoreError::NoSuchTree { .. })));
    assert_eq!(rows_of(&view, tree).len(), 3, "the view is as it was");
}

#[test]
fn a_row_that_keeps_its_keys_may_be_referred_to_meanwhile() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..1);
    let mut referring = begin(&store);
    let held = referring.lock_row(tree, &key(0), RowMode::KeyShare, WaitPolicy::FOREVER).expect("locks");
    assert_eq!(held, RowLock::Held);
    let mut writing = begin(&store);
    writing.set_wait(WaitPolicy::NoWait);
    writing.put_keeping_keys(tree, &key(0), b"new").expect("nobody is in the way");
    assert!(matches!(writing.delete(tree, &key(0)), Err(StoreError::Lock(LockError::NotAvailable { .. }))));
    referring.commit().expect("commits");
    writing.delete(tree, &key(0)).expect("nobody is in the way any more");
    let mut late = begin(&store);
    let skipped = late.lock_row(tree, &key(0), RowMode::KeyShare, WaitPolicy::Skip).expect("asks");
    assert_eq!(skipped, RowLock::Skipped);
}

#[test]
fn transactions_that_begin_on_one_view_see_the_same_rows() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..3);
    let view = store.view(MAIN_DATABASE).expect("views");
    let then = contents(&store, tree);
    let mut other = begin(&store);
    other.put(tree, &key(0), b"new").expect("puts");
    other.commit().expect("commits");
    store.checkpoint().expect("writes");
    let start = Begin { isolation: Isolation::RepeatableRead, ..Begin::default() };
    let mut one = store.session().begin_on(start, &view).expect("begins");
    let mut two = store.session().begin_on(start, &view).expect("begins");
    drop(view);
    store.checkpoint().expect("writes");
    assert_eq!(support::rows(&mut one, tree), then);
    assert_eq!(support::rows(&mut two, tree), then);
    assert!(matches!(one.put(tree, &key(0), b"mine"), Err(StoreError::Conflict { .. })));
    two.put(tree, &key(1), b"mine").expect("puts");
    two.commit().expect("commits");
    let refused = store.session().begin_on(Begin::default(), &store.view(MAIN_DATABASE).expect("views"));
    assert!(matches!(refused.err(), Some(StoreError::NoSuchStart)));
}

#[test]
fn reads_through_a_view_count_for_serialisable_transactions() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..2);
    let read_one_write_other = |read: u32, write: u32| {
        let mut transaction = begin_at(&store, Isolation::Serializable);
        transaction.view().expect("views").tree(tree).expect("is there").get(&key(read)).expect("reads");
        transaction.put(tree, &key(write), b"new").expect("puts");
        transaction
    };
    let (one, two) = (read_one_write_other(0, 1), read_one_write_other(1, 0));
    assert!(one.commit().is_ok() != two.commit().is_ok(), "one of the two has to give way");
}

#[test]
fn a_trees_last_change_names_what_a_view_shows() {
    let env = memory();
    let store = open(&env);
    let (one, two) = (tree_with(&store, 0..2), tree_with(&store, 0..2));
    let view = store.view(MAIN_DATABASE).expect("views");
    let (first, second) = (view.last_change(one), view.last_change(two));
    assert!(first < second && second == Some(view.commit()), "{first:?}, {second:?}");
    store.checkpoint().expect("writes");
    let mut transaction = begin(&store);
    transaction.put(one, &key(0), b"new").expect("puts");
    let seen = transaction.view().expect("views");
    assert_eq!(
        (seen.last_change(one), seen.last_change(two)),
        (None, second),
        "its own change has no name yet"
    );
    transaction.commit().expect("commits");
    assert_eq!((view.last_change(one), view.last_change(two)), (None, second), "it shows an older state");
    let now = store.view(MAIN_DATABASE).expect("views");
    assert_eq!(now.last_change(one), Some(now.commit()));
    drop((view, seen, now));
    store.close().expect("closes");
    let store = open(&env);
    assert_eq!(store.view(MAIN_DATABASE).expect("views").last_change(one), Some(CommitNumber(0)));
}

#[test]
fn a_view_of_a_dropped_database_goes_on_naming_what_it_shows() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..2);
    let copy = store.create_database_from(MAIN_DATABASE).expect("branches");
    let before = store.view(copy).expect("views");
    assert_eq!(before.last_change(tree), Some(CommitNumber(0)));
    let mut transaction = begin_in(&store, copy);
    transaction.put(tree, &key(0), b"new").expect("puts");
    let changed = transaction.commit().expect("commits");
    let view = store.view(copy).expect("views");
    store.drop_database(copy).expect("drops");
    tree_with(&store, 0..2);
    assert_eq!(view.last_change(tree), Some(changed), "0 would name what `before` shows");
    assert_eq!(before.last_change(tree), None);
    drop((before, view));
    tree_with(&store, 0..2);
    check(&store);
}

#[test]
fn a_batch_reads_nothing_of_a_file_that_was_closed() {
    let env = memory();
    let store = open(&env);
    let mut transaction = begin(&store);
    let tree = transaction.create_tree(true).expect("creates");
    let mut random = Random::new(1);
    let large: Vec<u8> = (0..20_000).map(|_| random.next() as u8).collect();
    transaction.put(tree, &key(0), &large).expect("puts");
    transaction.put(tree, &key(1), b"small").expect("puts");
    transaction.commit().expect("commits");
    let view = store.view(MAIN_DATABASE).expect("views");
    let mut scan = view.tree(tree).expect("is there").scan(Bounds::all()).expect("scans");
    let batch = scan.next_batch().expect("reads").expect("has rows");
    drop((scan, view));
    store.close().expect("closes");
    // Somebody else may write over the pages from now on.
    let mut buffer = Vec::new();
    assert!(matches!(batch.value(0, &mut buffer), Err(StoreError::Closed)));
    assert!(matches!(batch.writer(0), Err(StoreError::Closed)));
    assert_eq!(batch.value(1, &mut buffer).expect("lies in the page"), b"small");
}

#[test]
fn numbers_for_rows_are_not_given_to_two_rows_that_stay() {
    let env = memory();
    let numbers = SequenceId(16);
    let mut highest = None;
    for round in 0..4 {
        let store = open(&env);
        let tree = tree_with(&store, []);
        for _ in 0..50 {
            let mut transaction = begin(&store);
            let number = store.take_row_numbers(MAIN_DATABASE, numbers, 1).expect("takes");
            assert!(highest.is_none_or(|highest| number > highest), "round {round}: {number} again");
            highest = Some(number);
            transaction.put(tree, &number.to_be_bytes(), b"row").expect("puts");
            transaction.commit().expect("commits");
        }
        store.take_row_numbers(MAIN_DATABASE, numbers, 1000).expect("takes");
        let next = store.take_ordinals(MAIN_DATABASE, numbers, 1).expect("takes");
        assert!(highest.is_none_or(|highest| next > highest + 1000), "both count on the same counter");
        highest = Some(next);
        if round % 2 == 0 {
            store.close().expect("closes");
        }
    }
}

#[test]
fn locks_are_listed_under_the_names_of_database_and_tree() {
    let env = memory();
    let store = open(&env);
    let tree = tree_with(&store, 0..1);
    let session = store.session();
    let mut transaction = session.begin(Begin::default()).expect("begins");
    transaction.put(tree, &key(0), b"new").expect("puts");
    let advisory = AdvisoryKey::One(MAIN_DATABASE, 5);
    let shared =
        session.lock_advisory(advisory, AdvisoryMode::Shared, AdvisoryScope::Session, WaitPolicy::NoWait);
    assert!(shared.expect("locks"));
    let locks = store.locks();
    assert!(locks.iter().all(|lock| lock.granted && lock.holder.session == session.id()));
    let rows: Vec<_> = locks
        .iter()
        .filter_map(|lock| match &lock.target {
            ViewTarget::Key { tree, .. } => Some(named_by(*tree)),
            _ => None,
        })
        .collect();
    assert_eq!(rows, [(MAIN_DATABASE, tree)]);
    transaction.commit().expect("commits");
    assert_eq!(store.locks().len(), 1, "the session's own lock stays");
    session.unlock_all_advisory();
    assert_eq!(store.locks(), []);
}

#[test]
fn a_cancellation_is_seen_by_all_who_work_for_the_session_and_heard_once() {
    let env = memory();
    let store = open(&env);
    let session = store.session();
    let canceller = session.canceller();
    assert!(!canceller.is_pending() && !session.take_cancel());
    canceller.cancel();
    assert!(canceller.is_pending() && canceller.is_pending());
    assert!(session.take_cancel() && !session.take_cancel() && !canceller.is_pending());
}
