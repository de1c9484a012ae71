//! The store's own trees and the log's records, made by hand to say the impossible under right checksums: what no checksum
//! finds. Each ends in an error that names the file and what is wrong in it; never in a panic, a loop without an end, or a
//! database that takes one thing for two.

#![allow(clippy::unwrap_used)] // the helpers of these tests

use crate::support;
use support::*;

use btree::{Edit, StoredTree, Tree};
use env::Env;
use env::memory::MemoryEnv;
use pager::{CheckpointInput, OwnerId, PageChanges, PageRef, Pager, Placements, RootPointer};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::record::{self, Header, List, Operation, TreeChange};
use store::{DatabaseId, MAIN_DATABASE, Problem, Store, StoreError, StoreResult};
use wal::{Log, LogStart, Lsn, RecoverySource};

type Files = BTreeMap<PathBuf, Vec<u8>>;

const DATABASE_TAG: u8 = 1;
const LINE_TAG: u8 = 2;
/// Where the line's number stands in a database's entry; then the fields of a line's.
const NODE: usize = 58;
const PARENT: usize = 0;
const POINT: usize = 8;
const FIRST_CHILD: usize = 16;
const SECOND_CHILD: usize = 24;

/// Three databases: the main one (1), a branch of it (2), and a branch of that (3). The lines are 1 (inner), 2 (database
/// 1), 3 (inner), 4 (database 2), 5 (database 3).
fn branched() -> Files {
    let env = memory();
    let store = open(&env);
    tree_with(&store, 0..40);
    let second = store.create_database_from(MAIN_DATABASE).unwrap();
    let third = store.create_database_from(second).unwrap();
    assert_eq!((second, third), (DatabaseId(2), DatabaseId(3)));
    store.close().unwrap();
    env.files()
}

fn opened(files: Files) -> StoreResult<Store> {
    Store::open(Arc::new(MemoryEnv::from_files(files)), Path::new(PATH), options())
}

fn entry(tag: u8, number: u64) -> Vec<u8> {
    [&[tag][..], &number.to_be_bytes()].concat()
}

/// Changes the list of databases and lines, as a program would that writes what it should not: all checksums are right.
fn with_list(files: Files, change: impl FnOnce(&mut BTreeMap<Vec<u8>, Vec<u8>>)) -> Files {
    let env = Arc::new(MemoryEnv::from_files(files));
    let pager = Pager::open(env.clone(), Path::new(PATH), &pager::Options::default()).unwrap();
    let superblock = pager.superblock();
    let RootPointer { pointer, level, rows } = superblock.root;
    let mut tree = Tree::from_stored(&pager, &StoredTree { id: 1, root: pointer, level, rows }).unwrap();
    let mut entries = BTreeMap::new();
    let mut cursor = tree.cursor();
    let mut found = cursor.seek_first(&pager).unwrap();
    while found {
        entries.insert(cursor.key().to_vec(), cursor.value().read(&pager).unwrap());
        found = cursor.next(&pager).unwrap();
    }
    change(&mut entries);
    let (owner, mut changes) = (OwnerId(99), PageChanges::default());
    let mut edit = Edit::new(&pager, owner, 1, &mut changes);
    tree.free_all(&mut edit).unwrap();
    let mut tree = Tree::empty(1);
    for (key, value) in &entries {
        tree.insert(&mut edit, key, value).unwrap();
    }
    let mut placements = Placements::new();
    let root = tree.root().cloned().unwrap();
    assert!(matches!(root, PageRef::Resident(_)));
    let pointer = pager.write_tree(&[root], &mut placements).unwrap()[0];
    let stored = tree.with_root(pointer).stored().unwrap();
    let mut added = placements.take_all();
    added.union(&changes.allocated);
    let input = CheckpointInput {
        root: RootPointer { pointer: stored.root, level: stored.level, rows: stored.rows },
        added,
        removed: changes.freed.iter().filter_map(pager::FreedPage::number).collect(),
        ..CheckpointInput::repeat(&superblock)
    };
    pager.checkpoint(input).unwrap();
    drop(pager);
    env.files()
}

/// Changes eight bytes of an entry of the list.
fn with_field(files: &Files, tag: u8, number: u64, at: usize, value: u64) -> Files {
    with_list(files.clone(), |entries| {
        let bytes = entries.get_mut(&entry(tag, number)).unwrap();
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
    })
}

fn refused(files: Files, expected: &str) {
    let error = opened(files).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. } | StoreError::Record { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("app.db: ") && text.contains(expected), "{text}");
}

#[test]
fn the_list_that_the_others_are_made_of_is_sound() {
    let store = opened(with_list(branched(), |_| {})).unwrap();
    assert_eq!(store.databases().len(), 3);
    assert!(store.check(&mut |_, _| {}).unwrap().is_sound());
}

#[test]
fn a_tree_whose_number_was_never_given_is_refused() {
    let env = memory();
    let store = open(&env);
    let trees = [tree_with(&store, 0..4), tree_with(&store, 0..4)];
    store.close().unwrap();
    let with_next_tree = |next_tree| {
        let env = Arc::new(MemoryEnv::from_files(env.files()));
        let pager = Pager::open(env.clone(), Path::new(PATH), &pager::Options::default()).unwrap();
        pager
            .checkpoint(CheckpointInput { next_tree, ..CheckpointInput::repeat(&pager.superblock()) })
            .unwrap();
        drop(pager);
        env.files()
    };
    let store = opened(with_next_tree(trees[1].0 + 1)).unwrap();
    assert_eq!(store.check(&mut |_, _| {}).unwrap().problems, []);
    refused(with_next_tree(trees[1].0), "tree 17 is damaged: expected one whose id was handed out");
    // A check says so of a store that is open, in words of its own.
    let (database, next) = (MAIN_DATABASE, trees[1].0);
    let problem = Problem::NumberNotGiven { database, tree: trees[1], next };
    assert_eq!(
        problem.to_string(),
        "database 1, tree 17: expected a number below 17, which the next new tree gets; copy what is in the database to a \
         new file"
    );
}

#[test]
fn lines_that_contradict_one_another_are_refused() {
    let files = branched();
    let line = |number, at, value, expected: &str| {
        refused(with_field(&files, LINE_TAG, number, at, value), &format!("line of databases {expected}"));
    };
    // Its own ancestor: whoever looked for the first one would look for ever.
    line(3, PARENT, 3, "1 is damaged: expected two children of its own");
    line(1, PARENT, 3, "1 is damaged: expected a parent that was branched before");
    line(5, PARENT, 77, "3 is damaged: expected two children of its own");
    line(4, PARENT, 1, "3 is damaged: expected two children of its own");
    line(3, FIRST_CHILD, 5, "3 is damaged: expected two children of its own");
    line(1, SECOND_CHILD, 4, "1 is damaged: expected two children of its own");
    line(2, POINT, u64::MAX, "2 is damaged: expected a branching before the generation in force");
    line(4, POINT, 0, "4 is damaged: expected a parent that was branched before");
    for number in [0, u64::MAX] {
        let files = with_list(files.clone(), |entries| {
            let copied = entries[&entry(LINE_TAG, 2)].clone();
            entries.insert(entry(LINE_TAG, number), copied);
        });
        refused(files, "expected a number from 1 to 2^62");
    }
}

#[test]
fn databases_and_lines_that_do_not_belong_together_are_refused() {
    let files = branched();
    let node = |database, line, expected| {
        refused(with_field(&files, DATABASE_TAG, database, NODE, line), expected);
    };
    node(2, 3, "line of databases 3 is damaged: expected either two children or a database");
    node(2, 77, "line of databases 77 is damaged: expected an entry in the list of lines");
    node(2, 5, "number of lines with databases 2 is damaged: expected one for each database");
    let without = |gone| with_list(files.clone(), |entries| drop(entries.remove(&entry(DATABASE_TAG, gone))));
    refused(without(3), "line of databases 5 is damaged: expected either two children or a database");
    refused(without(1), "database 1 is damaged: expected an entry in the list of databases");
    for id in [0, 4, u64::MAX] {
        let files = with_list(files.clone(), |entries| {
            let moved = entries.remove(&entry(DATABASE_TAG, 3)).unwrap();
            entries.insert(entry(DATABASE_TAG, id), moved);
        });
        refused(files, "expected one whose id was handed out");
    }
}

/// A store in use with one tree (16), whose log ends in a record of `payload`.
fn with_record(payload: &[u8]) -> Files {
    let env = memory();
    let store = open(&env);
    tree_with(&store, 0..4);
    drop(store);
    let pager = Pager::open(env.clone(), Path::new(PATH), &pager::Options::default()).unwrap();
    let (database, log) = (pager.database(), pager.superblock().log);
    drop(pager);
    let start = LogStart { epoch: log.epoch, lsn: Lsn(log.lsn), chain: log.chain };
    let source = RecoverySource { start, durable: start.lsn, keep_from: start };
    let path = store::log_path(Path::new(PATH));
    let log = Log::recover(env.clone() as Arc<dyn Env>, &path, database, source).unwrap().resume().unwrap();
    let end = log.append(payload).unwrap();
    log.sync_to(end).unwrap();
    drop(log);
    env.files()
}

/// The record of the second commit, with these operations.
fn commit_of(transaction: u64, database: u64, operations: &[Operation<'_>]) -> Vec<u8> {
    let mut payload = Vec::new();
    record::encode_header(&Header::Commit { commit: 2, transaction, database }, &mut payload);
    for operation in operations {
        record::encode_operation(operation, &mut payload);
    }
    payload
}

fn encoded(header: &Header) -> Vec<u8> {
    let mut payload = Vec::new();
    record::encode_header(header, &mut payload);
    payload
}

#[test]
fn a_sound_record_made_by_hand_is_carried_out() {
    let put = Operation::Put { tree: 16, key: b"key", value: b"\x09value" };
    let store = opened(with_record(&commit_of(9, 1, &[put]))).unwrap();
    let rows = rows(&mut begin(&store), store.trees(MAIN_DATABASE).unwrap()[0]);
    assert_eq!(rows[&b"key"[..]], b"value");
}

#[test]
fn records_that_ask_for_what_was_never_committed_are_refused() {
    let put = |tree| Operation::Put { tree, key: b"key", value: b"\x09value" };
    let long = Operation::Put { tree: 16, key: &[7; 400], value: b"\x09value" };
    for (operation, expected) in [
        (put(77), "tree 77 does not exist"),
        (long, "too long"),
        (Operation::CreateTree { tree: u64::MAX, versioned: true }, "an id below 2^62"),
    ] {
        refused(with_record(&commit_of(9, 1, &[operation])), expected);
    }
    refused(with_record(&commit_of(u64::MAX, 1, &[])), "an id below 2^62");
    refused(with_record(&commit_of(9, 77, &[])), "database 77 does not exist");
    refused(with_record(&encoded(&Header::DropDatabase { commit: 2, database: 77 })), "database 77 does not");
    refused(with_record(&encoded(&Header::DropDatabase { commit: 3, database: 1 })), "expected commit 2");
}

#[test]
fn records_that_name_the_impossible_are_refused() {
    let branch = |database, generation| Header::Branch {
        commit: 2,
        source: 1,
        database,
        generation,
        trees: List(Vec::new()),
        pages: List(Vec::new()),
    };
    refused(with_record(&encoded(&branch(1, 5))), "a branching as database 1");
    refused(with_record(&encoded(&branch(u64::MAX, 5))), "an id below 2^62");
    refused(with_record(&encoded(&branch(2, u64::MAX))), "an id below 2^62");
    refused(with_record(&encoded(&branch(2, 0))), "expected generation 1 or later");
    let roots = |tree, entry: &[u8], pages: Vec<(u64, u64)>| Header::CommitRoots {
        commit: 2,
        transaction: 9,
        database: 1,
        trees: List(vec![TreeChange { tree, entry: Some(List(entry.to_vec())) }]),
        pages: List(pages),
        dropped_sequences: List(Vec::new()),
    };
    let empty = [0; 30];
    refused(with_record(&encoded(&roots(u64::MAX, &empty, Vec::new()))), "an id below 2^62");
    refused(with_record(&encoded(&roots(16, &empty[1..], Vec::new()))), "directory entry of tree 16");
    refused(with_record(&encoded(&roots(16, &empty, vec![(9, u64::MAX)]))), "runs of pages within the file");
    // More pages than could be looked at one by one; those that the file has are free.
    let store = opened(with_record(&encoded(&roots(16, &empty, vec![(1, 1 << 61)])))).unwrap();
    assert!(rows(&mut begin(&store), store.trees(MAIN_DATABASE).unwrap()[0]).is_empty());
}

#[test]
fn a_length_beyond_the_record_takes_no_memory() {
    // A commit by roots that says it has 2^60 trees.
    let mut payload = vec![1, 2, 9, 1, 0xfd];
    payload.extend((1u64 << 60).to_le_bytes());
    refused(with_record(&payload), "cannot be decoded");
    // One tree, whose entry has 2^60 bytes.
    let mut payload = vec![1, 2, 9, 1, 1, 16, 1, 0xfd];
    payload.extend((1u64 << 60).to_le_bytes());
    refused(with_record(&payload), "cannot be decoded");
}
