//! Corners where several mechanisms meet: statements that are undone after their operations were dropped, transactions
//! that span a branching, recovery of branchings, what an earlier backup left behind.

use env::memory::MemoryEnv;
use env::{Env, FileExt};
use std::path::Path;
use std::sync::Arc;
use store::locks::{LockError, RowMode, WaitPolicy};
use store::{
    Begin, Bounds, DatabaseId, Isolation, MAIN_DATABASE, Store, StoreError, StoreOptions, Transaction, TreeId,
};

env::labels! {
    LOST: "test.lost", Directory, "the database is not lost";
}

fn options() -> StoreOptions {
    StoreOptions {
        page_size: 512,
        cache_bytes: 64 << 10,
        log_segment_bytes: 64 << 10,
        checkpoint_log_bytes: 4 << 20,
        large_commit_bytes: 2 << 10,
        background: false,
        ..StoreOptions::default()
    }
}

fn open_at(env: &Arc<MemoryEnv>, path: &str) -> Store {
    Store::open(env.clone() as Arc<dyn Env>, Path::new(path), options()).expect("opens")
}

fn open(env: &Arc<MemoryEnv>) -> Store {
    open_at(env, "app.db")
}

fn begin(store: &Store, database: DatabaseId) -> Transaction {
    store.begin(Begin { database, ..Begin::default() }).expect("begins")
}

fn key(number: u32) -> Vec<u8> {
    format!("key-{number:08}").into_bytes()
}

fn put(store: &Store, database: DatabaseId, tree: TreeId, numbers: impl IntoIterator<Item = u32>, byte: u8) {
    let mut transaction = begin(store, database);
    for number in numbers {
        transaction.put(tree, &key(number), &[byte; 40]).expect("puts");
    }
    transaction.commit().expect("commits");
}

fn with_tree(store: &Store, rows: u32) -> TreeId {
    let mut transaction = begin(store, MAIN_DATABASE);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.commit().expect("commits");
    for first in (0..rows).step_by(20) {
        put(store, MAIN_DATABASE, tree, first..(first + 20).min(rows), 0);
    }
    tree
}

fn check(store: &Store) {
    let report = store.check(&mut |_, _| {}).expect("checks");
    assert!(report.is_sound(), "{}", report.problems.iter().map(|it| format!("{it}\n")).collect::<String>());
}

/// Two checkpoints, so that the file alone says what is in use.
fn settle(store: &Store) {
    store.checkpoint().expect("writes a checkpoint");
    store.checkpoint().expect("writes a checkpoint");
    check(store);
}

fn rows(store: &Store, database: DatabaseId, tree: TreeId) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut transaction = begin(store, database);
    let mut scan = transaction.scan(tree, Bounds::all()).expect("scans");
    let mut rows = Vec::new();
    while scan.next().expect("reads") {
        rows.push((scan.key().to_vec(), scan.value().expect("reads")));
    }
    rows
}

#[test]
fn a_statement_is_undone_that_dropped_a_range_and_then_outgrew_its_operations() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 60);
    let mut transaction = begin(&store, MAIN_DATABASE);
    transaction.put(tree, &key(7), b"before the statement").expect("puts");
    transaction.begin_statement();
    transaction.put(tree, &key(8), b"undone").expect("puts");
    transaction.delete_range(tree, &key(10), Some(&key(20))).expect("deletes");
    for number in 100..300 {
        transaction.put(tree, &key(number), &[9; 40]).expect("puts");
    }
    transaction.undo_statement().expect("undoes");
    transaction.put(tree, &key(9), b"after the statement").expect("puts");
    transaction.commit().expect("commits");
    let expected = rows(&store, MAIN_DATABASE, tree);
    assert_eq!(expected.len(), 60);
    assert_eq!(expected[7].1, b"before the statement");
    assert_eq!(expected[8].1, [0; 40]);
    assert_eq!(expected[9].1, b"after the statement");
    drop(store);
    let store = open(&env);
    assert_eq!(rows(&store, MAIN_DATABASE, tree), expected, "recovery finds what was committed");
    settle(&store);
}

#[test]
fn a_large_transaction_that_began_before_its_database_was_branched_leaks_nothing() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 200);
    let middle = store.create_database_from(MAIN_DATABASE).expect("branches");
    let mut transaction = begin(&store, middle);
    transaction.put(tree, &key(1), b"before the branching").expect("puts");
    let last = store.create_database_from(middle).expect("branches");
    for number in 0..1000 {
        transaction.put(tree, &key(number * 3), &[2; 40]).expect("puts");
    }
    transaction.commit().expect("commits");
    settle(&store);
    store.drop_database(middle).expect("drops");
    settle(&store);
    store.drop_database(last).expect("drops");
    settle(&store);
    assert_eq!(rows(&store, MAIN_DATABASE, tree).len(), 200);
}

#[test]
fn recovery_branches_a_database_whose_changes_it_had_settled_before() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 100);
    let second = store.create_database_from(MAIN_DATABASE).expect("branches");
    store.checkpoint().expect("writes a checkpoint");
    put(&store, second, tree, 0..30, 2);
    let third = store.create_database_from(MAIN_DATABASE).expect("branches");
    let fourth = store.create_database_from(second).expect("branches");
    put(&store, fourth, tree, 10..40, 4);
    put(&store, second, tree, 20..50, 5);
    put(&store, third, tree, 0..10, 3);
    let all = [MAIN_DATABASE, second, third, fourth];
    let expected: Vec<_> = all.iter().map(|database| rows(&store, *database, tree)).collect();
    drop(store);
    let store = open(&env);
    let found: Vec<_> = all.iter().map(|database| rows(&store, *database, tree)).collect();
    assert_eq!(found, expected);
    settle(&store);
    for database in [second, fourth, third] {
        store.drop_database(database).expect("drops");
        settle(&store);
    }
}

#[test]
fn recovery_replaces_a_tree_by_its_roots_that_it_had_settled_and_written_before() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 600);
    let other = store.create_database_from(MAIN_DATABASE).expect("branches");
    store.checkpoint().expect("writes a checkpoint");
    for round in 0..40 {
        put(&store, other, tree, (0..600).skip(round).step_by(40), 1);
    }
    let third = store.create_database_from(MAIN_DATABASE).expect("branches");
    for round in 0..40 {
        put(&store, other, tree, (0..600).skip(round).step_by(41), 2);
    }
    put(&store, other, tree, 100..400, 3);
    put(&store, third, tree, 0..3, 4);
    let expected = rows(&store, other, tree);
    drop(store);
    let store = open(&env);
    assert_eq!(rows(&store, other, tree), expected);
    settle(&store);
    store.drop_database(other).expect("drops");
    settle(&store);
}

#[test]
fn a_store_that_was_not_closed_is_opened_to_read_whatever_its_log_holds() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 100);
    store.checkpoint().expect("writes a checkpoint");
    put(&store, MAIN_DATABASE, tree, 0..30, 2);
    let second = store.create_database_from(MAIN_DATABASE).expect("branches");
    put(&store, second, tree, 10..40, 4);
    put(&store, MAIN_DATABASE, tree, 10..20, 5);
    for round in 0..40 {
        put(&store, second, tree, (0..2000).skip(round).step_by(40), 1);
    }
    let expected: Vec<_> = [MAIN_DATABASE, second].map(|database| rows(&store, database, tree)).into();
    drop(store);
    let reading = StoreOptions { read_only: true, create: false, ..options() };
    let store = Store::open(env.clone() as Arc<dyn Env>, Path::new("app.db"), reading).expect("opens");
    let found: Vec<_> = [MAIN_DATABASE, second].map(|database| rows(&store, database, tree)).into();
    assert_eq!(found, expected);
}

#[test]
fn a_backup_does_not_build_on_what_an_earlier_one_left() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 300);
    let left = open_at(&env, "copy.db-partial");
    with_tree(&left, 500);
    left.close().expect("closes");
    store.backup(Path::new("copy.db"), &mut |_, _| {}).expect("copies");
    let copy = open_at(&env, "copy.db");
    assert_eq!(rows(&copy, MAIN_DATABASE, tree), rows(&store, MAIN_DATABASE, tree));
    settle(&copy);
}

#[test]
fn a_backup_leaves_alone_what_a_later_program_has_left_under_its_name() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    with_tree(&store, 30);
    open_at(&env, "copy.db-partial").close().expect("closes");
    let mut newer = env.files()[Path::new("copy.db-partial")].clone();
    for offset in pager::SUPERBLOCK_OFFSETS {
        let superblock = &mut newer[offset as usize..][..pager::SUPERBLOCK_BYTES];
        superblock[8] = 99;
        let checksum = crc32fast::hash(&superblock[..pager::SUPERBLOCK_BYTES - 4]);
        superblock[pager::SUPERBLOCK_BYTES - 4..].copy_from_slice(&checksum.to_le_bytes());
    }
    let file = env.open(&LOST, Path::new("copy.db-partial"), env::OpenMode::ReadWrite).expect("opens");
    file.write_all_at(&LOST, 0, &newer).expect("writes");
    drop(file);
    let refused = store.backup(Path::new("copy.db"), &mut |_, _| {});
    assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("version 99")), "{refused:?}");
    assert_eq!(env.files()[Path::new("copy.db-partial")], newer, "it is as it was");
}

#[test]
fn a_deferrable_reader_that_overlaps_no_writer_begins_at_once_and_hinders_nobody() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 40);
    let isolation = Isolation::Serializable;
    let deferrable = Begin { isolation, read_only: true, deferrable: true, ..Begin::default() };
    let mut reader = store.begin(deferrable).expect("begins");
    let mut writer = store.begin(Begin { isolation, ..Begin::default() }).expect("begins");
    writer.put(tree, &key(1), b"later").expect("puts");
    assert_eq!(reader.get(tree, &key(1)).expect("reads"), Some(vec![0; 40]));
    writer.commit().expect("what a safe reader has read is not tracked");
    assert_eq!(reader.get(tree, &key(1)).expect("reads"), Some(vec![0; 40]));
    reader.commit().expect("commits");
}

/// Who skips locked rows still waits for the tree: else it would write into one that another transaction is dropping.
#[test]
fn skipping_locked_rows_does_not_skip_the_lock_of_their_tree() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let tree = with_tree(&store, 20);
    let mut dropping = begin(&store, MAIN_DATABASE);
    dropping.drop_tree(tree).expect("drops");
    type Attempt = fn(&mut Transaction, TreeId) -> Result<(), StoreError>;
    let attempts: [Attempt; 4] = [
        |transaction, tree| transaction.put(tree, &key(1), b"new"),
        |transaction, tree| transaction.delete_range(tree, &key(1), None).map(|_| ()),
        |transaction, tree| transaction.get(tree, &key(1)).map(|_| ()),
        |transaction, tree| {
            transaction.lock_row(tree, &key(1), RowMode::Update, WaitPolicy::Skip).map(|_| ())
        },
    ];
    for attempt in attempts {
        let skipping = Begin { wait: WaitPolicy::Skip, ..Begin::default() };
        let mut transaction = store.begin(skipping).expect("begins");
        // Its next wait ends at once: a call that does not wait at all would succeed.
        transaction.session().canceller().cancel();
        let answer = attempt(&mut transaction, tree);
        assert!(matches!(answer, Err(StoreError::Lock(LockError::Cancelled { .. }))), "{answer:?}");
    }
    dropping.commit().expect("commits");
}

/// Numbers of trees and databases come from callers and, below right checksums, from damaged files.
#[test]
fn no_number_is_too_large_to_be_asked_for() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    for number in [1 << 40, u64::MAX] {
        let database = DatabaseId(number);
        for answer in [
            store.begin(Begin { database, ..Begin::default() }).map(|_| ()),
            store.drop_database(database),
            store.create_database_from(database).map(|_| ()),
        ] {
            assert!(matches!(answer, Err(StoreError::NoSuchDatabase { .. })), "{number}: {answer:?}");
        }
        type Attempt = fn(&mut Transaction, TreeId) -> Result<(), StoreError>;
        let attempts: [Attempt; 7] = [
            |transaction, tree| transaction.get(tree, &key(1)).map(|_| ()),
            |transaction, tree| transaction.put(tree, &key(1), b""),
            |transaction, tree| transaction.delete(tree, &key(1)).map(|_| ()),
            |transaction, tree| transaction.delete_range(tree, &key(1), None).map(|_| ()),
            |transaction, tree| transaction.scan(tree, Bounds::all()).map(|_| ()),
            |transaction, tree| transaction.drop_tree(tree),
            |transaction, tree| {
                transaction.lock_row(tree, &key(1), RowMode::Update, WaitPolicy::FOREVER).map(|_| ())
            },
        ];
        for isolation in [Isolation::ReadCommitted, Isolation::Serializable] {
            for attempt in attempts {
                let mut transaction = store.begin(Begin { isolation, ..Begin::default() }).expect("begins");
                let answer = attempt(&mut transaction, TreeId(number));
                assert!(matches!(answer, Err(StoreError::NoSuchTree { .. })), "{number}: {answer:?}");
            }
        }
    }
}

#[test]
#[allow(clippy::disallowed_methods)] // what waits is a plain thread
fn the_wait_for_a_safe_snapshot_can_be_cancelled() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let serializable = Begin { isolation: Isolation::Serializable, ..Begin::default() };
    let deferrable = Begin { read_only: true, deferrable: true, ..serializable };
    let tree = {
        let mut transaction = store.begin(serializable).expect("begins");
        let tree = transaction.create_tree(true).expect("makes a tree");
        transaction.commit().expect("commits");
        tree
    };
    let mut writer = store.begin(serializable).expect("begins");
    writer.get(tree, &key(1)).expect("reads");
    writer.put(tree, &key(2), b"new").expect("writes");
    // Before the wait begins, and in it.
    let session = store.session();
    session.canceller().cancel();
    assert!(matches!(session.begin(deferrable), Err(StoreError::Cancelled)));
    let canceller = session.canceller();
    let waiting = std::thread::spawn(move || session.begin(deferrable).map(|_| ()));
    while !waiting.is_finished() {
        canceller.cancel();
        std::thread::yield_now();
    }
    assert!(matches!(waiting.join().expect("does not panic"), Err(StoreError::Cancelled)));
    writer.commit().expect("nobody is in its way");
    store.session().begin(deferrable).expect("has nothing to wait for");
}

/// Large commits write pages and hardly any log: what they give up must come back all the same.
#[test]
fn large_commits_use_again_what_earlier_ones_gave_up() {
    let env = Arc::new(MemoryEnv::new());
    let limit = 256 << 10;
    let settings = StoreOptions { checkpoint_log_bytes: limit, ..options() };
    let store = Store::open(env.clone() as Arc<dyn Env>, Path::new("app.db"), settings).expect("opens");
    let mut transaction = begin(&store, MAIN_DATABASE);
    let tree = transaction.create_tree(true).expect("makes a tree");
    transaction.commit().expect("commits");
    for round in 0..300u32 {
        let mut transaction = begin(&store, MAIN_DATABASE);
        for number in 0..40 {
            transaction.put(tree, &key(number), &round.to_le_bytes().repeat(50)).expect("puts");
        }
        transaction.commit().expect("commits");
    }
    let length = env.files()[Path::new("app.db")].len() as u64;
    assert!(length < 4 * limit, "300 times 40 rows take {length} bytes");
}

#[test]
fn a_lost_database_is_not_replaced_while_its_log_holds_commits() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut transaction = begin(&store, MAIN_DATABASE);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, b"key", b"value").expect("puts");
    transaction.commit().expect("commits");
    drop(store);
    env.rename(&LOST, Path::new("app.db"), Path::new("elsewhere")).expect("moves it away");

    let refused = Store::open(env.clone() as Arc<dyn Env>, Path::new("app.db"), options());
    let Err(error @ StoreError::MissingDatabase { .. }) = refused else {
        panic!("a new database took its place")
    };
    assert!(error.to_string().starts_with("app.db: there is no database, but its log app.db-log"), "{error}");

    env.rename(&LOST, Path::new("elsewhere"), Path::new("app.db")).expect("puts it back");
    let mut transaction = begin(&open(&env), MAIN_DATABASE);
    assert_eq!(transaction.get(tree, b"key").expect("reads"), Some(b"value".to_vec()));
}

#[test]
fn a_log_without_a_commit_is_no_reason_to_refuse_a_new_database() {
    let env = Arc::new(MemoryEnv::new());
    drop(open(&env));
    env.rename(&LOST, Path::new("app.db"), Path::new("elsewhere")).expect("moves it away");
    open(&env).close().expect("is made anew");
}

#[test]
fn what_comes_to_stand_at_the_target_of_a_backup_is_not_replaced() {
    let env = Arc::new(MemoryEnv::new());
    let store = open(&env);
    let mut transaction = begin(&store, MAIN_DATABASE);
    let tree = transaction.create_tree(true).expect("creates");
    transaction.put(tree, b"key", b"value").expect("puts");
    transaction.commit().expect("commits");
    let target = Path::new("copy.db");
    let mut somebody = |_, _| {
        let mode = env::OpenMode::Create;
        drop(env.open(&LOST, target, mode).expect("somebody makes a file"));
    };
    let refused = store.backup(target, &mut somebody);
    assert!(matches!(refused, Err(StoreError::BackupTarget { .. })), "{refused:?}");
    let file = env.open(&LOST, target, env::OpenMode::ReadOnly).expect("is there");
    assert_eq!(file.len(&LOST).expect("has a length"), 0, "it is somebody's file still");
    let names = env.list(&LOST, Path::new(".")).expect("lists");
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("partial")), "{names:?}");
}
