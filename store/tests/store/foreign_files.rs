//! Somebody's files under the names that a store uses, and a log that is needed beside a superblock that says otherwise: whatever
//! one or two readings in turn answer, none of them is removed or written over.

use crate::support;

use env::Label;
use env::memory::{MemoryEnv, MemoryOptions};
use pager::{SUPERBLOCK_BYTES, SUPERBLOCK_OFFSETS, Superblock};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Store, StoreError};
use support::faulty::{Fault, FaultyEnv};
use support::{begin, key, memory, open, open_with, options};
use wal::LogError;

type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The file in a world that ends so: with its path, since a memory world may have a root of its own.
fn named(files: &Files, end: &str) -> (PathBuf, Vec<u8>) {
    let found = files.iter().find(|(path, _)| path.to_string_lossy().ends_with(end));
    found.map(|(path, bytes)| (path.clone(), bytes.clone())).expect("there")
}

/// The files of a database that was not closed, with commits in its log.
fn in_use() -> Files {
    let env = memory();
    let store = open(&env);
    let tree = support::tree_with(&store, 0..50);
    for number in 100..104 {
        let mut transaction = begin(&store);
        transaction.put(tree, &key(number), b"later").expect("puts");
        transaction.commit().expect("commits");
    }
    drop(store);
    env.files()
}

fn closed() -> Files {
    let env = memory();
    let store = open(&env);
    support::tree_with(&store, 0..50);
    store.close().expect("closes");
    env.files()
}

/// Does `act` in the world of `files` and a foreign file `name`, with each kind of wrong readings at each of the first readings;
/// the file must be there afterwards, as it was.
fn stays(files: &Files, name: &str, foreign: &[u8], reads: &[&'static Label], act: impl Fn(&Arc<FaultyEnv>)) {
    let faults = [Fault::Zeros, Fault::WrongBit];
    for (label, fault) in reads.iter().flat_map(|label| faults.map(|fault| (*label, fault))) {
        for (skip, times) in (0..7).flat_map(|skip| [(skip, 0), (skip, 1), (skip, 2)]) {
            let mut files = files.clone();
            files.insert(PathBuf::from(name), foreign.to_vec());
            let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
            let env = FaultyEnv::new(env);
            env.at(label, skip, times, fault);
            act(&env);
            let found = env.memory().files().get(Path::new(name)).cloned();
            let case = format!("{name}: {fault:?} {times} times after {skip} at {label}");
            assert!(found.as_deref() == Some(foreign), "{case}");
        }
    }
}

#[test]
fn somebodys_file_stays_whatever_one_or_two_readings_say() {
    let others = in_use();
    let (database, log) = (named(&others, "app.db").1, named(&others, "app.db-log").1);
    let text = b"2026-11-21 server started\n".to_vec();
    let mut newer = log.clone();
    newer[12] = 9;
    let checksum = crc32fast::hash(&newer[12..64]);
    newer[8..12].copy_from_slice(&checksum.to_le_bytes());
    let reads = [&wal::label::READ, &pager::labels::SUPERBLOCK_READ];
    let opens = |env: &Arc<FaultyEnv>| drop(Store::open(env.clone(), Path::new(support::PATH), options()));
    for foreign in [&text, &database, &log, &newer] {
        stays(&closed(), "app.db-log", foreign, &reads, opens);
    }
    for foreign in [&text, &database] {
        stays(&Files::new(), "app.db-new", foreign, &reads, opens);
    }
    let temporary = |env: &Arc<FaultyEnv>| {
        let store = open_with(env, options());
        drop(store.temporary_file().expect("takes the next number"));
    };
    for foreign in [&text, &database, &log] {
        stays(&closed(), "app.db-temporary-1", foreign, &[&store::labels::TEMPORARY_READ], temporary);
    }
    // What cannot be looked at is not taken for a rest, either.
    let mut files = closed();
    files.insert(PathBuf::from("app.db-temporary-1"), vec![0; 600]);
    let env = FaultyEnv::new(Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files)));
    env.at(&store::labels::TEMPORARY_LOOK, 0, 1, Fault::Fail(std::io::ErrorKind::PermissionDenied));
    temporary(&env);
    assert!(env.memory().files().contains_key(Path::new("app.db-temporary-1")));
    let backs_up = |env: &Arc<FaultyEnv>| {
        let store = open_with(env, options());
        let _ = store.backup(Path::new("copy.db"), &mut |_, _| {});
    };
    stays(&closed(), "copy.db-partial", &text, &reads, backs_up);
    // A log that holds commits is no rest of a backup, and what it belongs to is none either.
    let mut files = closed();
    files.insert(PathBuf::from("copy.db-partial"), database);
    stays(&files, "copy.db-partial-log", &log, &[&wal::label::READ], backs_up);
}

#[test]
fn the_other_superblock_is_left_alone_where_the_log_went_on_from_a_closing() {
    let mut files = in_use();
    let (path, mut bytes) = named(&files, "app.db");
    let at = |slot: usize| SUPERBLOCK_OFFSETS[slot] as usize;
    let read = |bytes: &[u8], slot: usize| {
        let bytes = bytes[at(slot)..at(slot) + SUPERBLOCK_BYTES].try_into().expect("so many");
        Superblock::decode(bytes, slot).ok()
    };
    let slots = [read(&bytes, 0).expect("intact"), read(&bytes, 1).expect("intact")];
    let newest = slots.iter().max_by_key(|superblock| superblock.generation).expect("two").clone();
    // What never was: a closing at the newest checkpoint, whose superblock stands over the older one.
    let closing = Superblock { generation: newest.generation + 1, log_required: false, ..newest.clone() };
    let slot = (closing.generation % 2) as usize;
    bytes[at(slot)..at(slot) + SUPERBLOCK_BYTES].copy_from_slice(&closing.encode());
    files.insert(path.clone(), bytes);
    let env = Arc::new(MemoryEnv::with_options(MemoryOptions::real(), files));
    match Store::open(env.clone(), Path::new(support::PATH), options()) {
        Err(StoreError::Log(error)) => assert!(matches!(*error, LogError::Ahead { .. }), "{error}"),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("the log went on"),
    }
    assert_eq!(read(&env.files()[&path], 1 - slot), Some(newest), "the way back");
}
