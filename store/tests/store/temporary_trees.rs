//! Temporary trees: of one session, in one transaction with the file's trees, never in the file or its log.

use env::memory::MemoryEnv;
use std::path::Path;
use std::sync::Arc;
use store::locks::{RelationMode, RowMode, WaitPolicy};
use store::{
    Begin, Bounds, MAIN_DATABASE, RowLock, SequenceId, Session, Store, StoreError, StoreOptions, Transaction,
    TreeId,
};

fn open(env: &Arc<MemoryEnv>) -> Store {
    let options = StoreOptions { background: false, page_size: 512, ..StoreOptions::default() };
    Store::open(env.clone(), Path::new("db"), options).expect("opens")
}

fn new() -> (Arc<MemoryEnv>, Store) {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    (env, store)
}

fn begin(session: &Session) -> Transaction {
    session.begin(Begin::default()).expect("begins")
}

/// A tree of the file and a temporary one, committed, each with the row `a`.
fn two_trees(session: &Session) -> (TreeId, TreeId) {
    let mut transaction = begin(session);
    let kept = transaction.create_tree(true).expect("made");
    let temporary = transaction.create_temporary_tree(true).expect("made");
    for tree in [kept, temporary] {
        transaction.put(tree, b"a", b"one").expect("writes");
    }
    transaction.commit().expect("commits");
    (kept, temporary)
}

fn rows(transaction: &mut Transaction, tree: TreeId) -> Vec<String> {
    let view = transaction.view().expect("a view");
    let mut scan = view.tree(tree).expect("there").scan(Bounds::all()).expect("scans");
    let mut rows = Vec::new();
    while scan.next().expect("reads") {
        let value = scan.value().expect("reads");
        rows.push(format!("{}={}", scan.key().escape_ascii(), value.escape_ascii()));
    }
    rows
}

#[test]
fn both_are_committed_and_both_rolled_back() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let mut transaction = begin(&session);
    for tree in [kept, temporary] {
        transaction.put(tree, b"b", b"two").expect("writes");
        assert!(transaction.delete(tree, b"a").expect("writes"));
        assert_eq!(rows(&mut transaction, tree), ["b=two"]);
    }
    transaction.rollback();
    let mut transaction = begin(&session);
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one"]);
        transaction.put(tree, b"c", b"three").expect("writes");
    }
    transaction.commit().expect("commits");
    let mut transaction = begin(&session);
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one", "c=three"]);
        assert_eq!(transaction.count(tree).expect("there"), 2);
        assert_eq!(transaction.get_newest(tree, b"c").expect("reads").as_deref(), Some(&b"three"[..]));
    }
}

#[test]
fn savepoints_and_statements_are_of_both() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let mut transaction = begin(&session);
    // The temporary half has not begun when the first savepoint is set.
    let first = transaction.savepoint().expect("set");
    for tree in [kept, temporary] {
        transaction.put(tree, b"b", b"two").expect("writes");
    }
    let second = transaction.savepoint().expect("set");
    transaction.begin_statement();
    for tree in [kept, temporary] {
        transaction.put(tree, b"b", b"changed").expect("writes");
        transaction.put(tree, b"c", b"three").expect("writes");
    }
    transaction.undo_statement().expect("undoes");
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one", "b=two"]);
        transaction.delete_range(tree, b"", None).expect("writes");
    }
    transaction.rollback_to(second).expect("goes back");
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one", "b=two"]);
    }
    transaction.release(second).expect("was set");
    transaction.rollback_to(first).expect("goes back");
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one"]);
    }
    // A statement in which the half begins.
    transaction.begin_statement();
    for tree in [kept, temporary] {
        transaction.put(tree, b"d", b"four").expect("writes");
    }
    transaction.undo_statement().expect("undoes");
    transaction.commit().expect("commits");
    let mut transaction = begin(&session);
    for tree in [kept, temporary] {
        assert_eq!(rows(&mut transaction, tree), ["a=one"]);
    }
}

#[test]
fn a_tree_that_was_made_and_not_committed_is_gone() {
    let (_, store) = new();
    let session = store.session();
    let mut transaction = begin(&session);
    let tree = transaction.create_temporary_tree(false).expect("made");
    transaction.put(tree, b"a", b"one").expect("writes");
    transaction.rollback();
    let mut transaction = begin(&session);
    assert!(matches!(transaction.get(tree, b"a"), Err(StoreError::NoSuchTree { .. })));
    let again = transaction.create_temporary_tree(false).expect("made");
    assert_ne!(again, tree);
    transaction.commit().expect("commits");
    let mut transaction = begin(&session);
    transaction.drop_tree(again).expect("there");
    transaction.commit().expect("commits");
    assert!(begin(&session).get(again, b"a").is_err());
}

#[test]
fn nobody_else_sees_a_temporary_tree_and_none_outlives_its_session() {
    let (env, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let other = store.session();
    let mut transaction = begin(&other);
    assert!(matches!(transaction.put(temporary, b"a", b"x"), Err(StoreError::NoSuchTree { .. })));
    assert!(transaction.view().expect("a view").tree(temporary).is_err());
    // Two sessions' trees have the same numbers and nothing in common.
    let own = transaction.create_temporary_tree(true).expect("made");
    assert_eq!(own, temporary);
    transaction.put(own, b"a", b"another").expect("writes");
    transaction.commit().expect("commits");
    assert_eq!(rows(&mut begin(&session), temporary), ["a=one"]);
    assert_eq!(store.trees(MAIN_DATABASE).expect("reads"), [kept]);
    store.check(&mut |_, _| {}).expect("checks");
    drop((session, other));
    store.close().expect("closes");
    assert_eq!(env.files().len(), 1, "nothing stands beside the file");
    let store = open(&env);
    assert!(begin(&store.session()).get(temporary, b"a").is_err());
}

#[test]
fn only_temporary_writes_leave_no_trace_in_the_log() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let before = (store.visible_commit(), store.statistics().log.expect("writes").records);
    for number in 0..100u32 {
        let mut transaction = begin(&session);
        transaction.put(temporary, &number.to_be_bytes(), &[7; 1000]).expect("writes");
        transaction.commit().expect("commits");
    }
    assert_eq!((store.visible_commit(), store.statistics().log.expect("writes").records), before);
    assert_eq!(begin(&session).count(temporary).expect("there"), 101);
    assert_eq!(begin(&session).count(kept).expect("there"), 1);
}

#[test]
fn a_transaction_that_only_reads_writes_in_its_temporary_forest() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let mut transaction = session.begin(Begin { read_only: true, ..Begin::default() }).expect("begins");
    assert!(transaction.put(kept, b"b", b"two").is_err());
    transaction.put(temporary, b"b", b"two").expect("writes");
    transaction.commit().expect("commits");
    assert_eq!(rows(&mut begin(&session), temporary), ["a=one", "b=two"]);
}

#[test]
fn what_a_view_shows_stays_whatever_is_written_and_committed() {
    let (_, store) = new();
    store.set_cache_bytes(64 << 10);
    let session = store.session();
    let (_, temporary) = two_trees(&session);
    let mut transaction = begin(&session);
    for number in 0..500u32 {
        transaction.put(temporary, &number.to_be_bytes(), &[1; 100]).expect("writes");
    }
    let view = transaction.view().expect("a view");
    for number in 0..500u32 {
        transaction.put(temporary, &number.to_be_bytes(), &[2; 100]).expect("writes");
    }
    transaction.commit().expect("commits");
    for round in 0..3 {
        let mut transaction = begin(&session);
        for number in 0..500u32 {
            transaction.put(temporary, &number.to_be_bytes(), &[3 + round; 100]).expect("writes");
        }
        transaction.commit().expect("commits");
    }
    let tree = view.tree(temporary).expect("there");
    for number in 0..500u32 {
        assert_eq!(tree.get(&number.to_be_bytes()).expect("reads"), Some(vec![1; 100]));
    }
}

#[test]
fn a_large_temporary_tree_goes_to_its_file_and_reuses_it() {
    let env = Arc::new(MemoryEnv::with_options(
        env::memory::MemoryOptions { capacity: 24 << 20, ..env::memory::MemoryOptions::real() },
        std::collections::BTreeMap::new(),
    ));
    let options = StoreOptions { background: false, cache_bytes: 256 << 10, ..StoreOptions::default() };
    let store = Store::open(env.clone(), Path::new("db"), options).expect("opens");
    let session = store.session();
    let mut transaction = begin(&session);
    let tree = transaction.create_temporary_tree(true).expect("made");
    transaction.commit().expect("commits");
    // Sixty times a megabyte: only a file whose places are used again has room for it.
    for round in 0..60u8 {
        let mut transaction = begin(&session);
        for number in 0..1000u32 {
            transaction.put(tree, &number.to_be_bytes(), &[round; 1000]).expect("writes");
        }
        if round % 3 == 1 {
            transaction.rollback();
        } else {
            transaction.commit().expect("commits");
        }
        let expected = if round % 3 == 1 { round - 1 } else { round };
        let mut transaction = begin(&session);
        let found = transaction.get(tree, &999u32.to_be_bytes()).expect("reads");
        assert_eq!(found, Some(vec![expected; 1000]));
    }
}

#[test]
fn rows_and_relations_are_locked_for_nobody() {
    let (_, store) = new();
    let session = store.session();
    let (_, temporary) = two_trees(&session);
    let mut transaction = begin(&session);
    let wait = WaitPolicy::FOREVER;
    assert!(transaction.lock_tree(temporary, RelationMode::AccessExclusive, wait).expect("locks"));
    let locked = transaction.lock_row(temporary, b"a", RowMode::Update, wait).expect("locks");
    assert_eq!(locked, RowLock::Held);
}

#[test]
fn sequences_of_temporary_trees_count() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    for number in 0..100 {
        for tree in [kept, temporary] {
            let sequence = SequenceId(tree.0);
            assert_eq!(session.take_ordinals(MAIN_DATABASE, sequence, 1).expect("counts"), number);
        }
    }
    let sequence = SequenceId(temporary.0);
    assert_eq!(session.take_row_numbers(MAIN_DATABASE, sequence, 5).expect("counts"), 100);
    assert!(store.session().take_ordinals(MAIN_DATABASE, sequence, 1).is_err());
    let mut transaction = begin(&session);
    transaction.drop_sequence(sequence).expect("there");
    transaction.commit().expect("commits");
    assert_eq!(session.take_ordinals(MAIN_DATABASE, sequence, 1).expect("counts"), 0);
}

#[test]
fn a_commit_that_is_refused_leaves_nothing_of_its_half() {
    let (_, store) = new();
    let session = store.session();
    let (kept, temporary) = two_trees(&session);
    let database = store.create_database_from(MAIN_DATABASE).expect("branches");
    let begin_there = Begin { database, ..Begin::default() };
    let mut transaction = session.begin(begin_there).expect("begins");
    transaction.put(temporary, b"b", b"two").expect("writes");
    transaction.get(kept, b"a").expect("reads");
    transaction.refresh().expect("refreshes");
    store.drop_database(database).expect("nobody holds it but readers");
    assert!(transaction.commit().is_err(), "its database is gone");
    assert_eq!(rows(&mut begin(&session), temporary), ["a=one"]);
}
