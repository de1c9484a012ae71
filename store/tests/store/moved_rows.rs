//! Rows that go on in another tree: who waited for one hears of that, and only of that.

use crate::support;

use store::locks::{RowMode, WaitPolicy};
use store::{Begin, ConflictAction, Isolation, Store, StoreError, Transaction, TreeId};
use support::{key, memory, open};

fn with_rows(store: &Store) -> TreeId {
    let mut transaction = store.begin(Begin::default()).expect("begins");
    let tree = transaction.create_tree(true).expect("creates");
    (0..4).for_each(|number| transaction.put(tree, &key(number), b"row").expect("puts"));
    transaction.commit().expect("commits");
    tree
}

fn of_one_snapshot(store: &Store) -> Transaction {
    let isolation = Isolation::RepeatableRead;
    store.begin(Begin { isolation, ..Begin::default() }).expect("begins")
}

fn moves(transaction: &mut Transaction, tree: TreeId, number: u32) {
    assert!(transaction.delete(tree, &key(number)).expect("deletes"));
    transaction.note_moved(tree, &key(number)).expect("notes");
}

/// What a transaction that saw the row is told when it asks for it.
fn told(transaction: &mut Transaction, tree: TreeId, number: u32) -> ConflictAction {
    match transaction.lock_row(tree, &key(number), RowMode::Update, WaitPolicy::FOREVER) {
        Err(StoreError::Conflict { action, .. }) => action,
        other => panic!("a conflict was expected: {other:?}"),
    }
}

#[test]
fn a_row_that_went_on_elsewhere_was_changed_and_one_that_is_gone_was_removed() {
    let env = memory();
    let store = open(&env);
    let tree = with_rows(&store);
    let mut reader = of_one_snapshot(&store);
    let mut writer = store.begin(Begin::default()).expect("begins");
    moves(&mut writer, tree, 1);
    assert!(writer.delete(tree, &key(2)).expect("deletes"));
    assert!(!reader.was_moved(tree, &key(1)), "nobody knows before it is committed");
    writer.commit().expect("commits");
    assert!(reader.was_moved(tree, &key(1)) && !reader.was_moved(tree, &key(2)));
    assert_eq!(told(&mut reader, tree, 1), ConflictAction::Update);
    assert_eq!(told(&mut reader, tree, 2), ConflictAction::Delete);
}

#[test]
fn what_was_taken_back_has_moved_nothing() {
    let env = memory();
    let store = open(&env);
    let tree = with_rows(&store);
    let mut reader = of_one_snapshot(&store);
    let mut writer = store.begin(Begin::default()).expect("begins");
    writer.begin_statement();
    moves(&mut writer, tree, 1);
    writer.undo_statement().expect("undoes");
    let savepoint = writer.savepoint().expect("sets");
    moves(&mut writer, tree, 2);
    writer.rollback_to(savepoint).expect("goes back");
    assert!(writer.delete(tree, &key(1)).expect("deletes") && writer.delete(tree, &key(2)).expect("deletes"));
    writer.commit().expect("commits");
    assert_eq!(told(&mut reader, tree, 1), ConflictAction::Delete);
    assert_eq!(told(&mut reader, tree, 2), ConflictAction::Delete);
}

#[test]
fn it_is_known_as_long_as_a_snapshot_shows_the_row_where_it_was() {
    let env = memory();
    let store = open(&env);
    let tree = with_rows(&store);
    let reader = of_one_snapshot(&store);
    let mut writer = store.begin(Begin::default()).expect("begins");
    moves(&mut writer, tree, 1);
    writer.commit().expect("commits");
    let commit_another = |number: u32| {
        let mut other = store.begin(Begin::default()).expect("begins");
        other.put(tree, &key(number), b"other").expect("puts");
        other.commit().expect("commits");
    };
    commit_another(7);
    commit_another(8);
    assert!(reader.was_moved(tree, &key(1)));
    reader.rollback();
    commit_another(9);
    commit_another(10);
    let late = store.begin(Begin::default()).expect("begins");
    assert!(!late.was_moved(tree, &key(1)), "nobody can ask for it any more");
}
