//! The lock table under every interleaving that loom can find. Run with `RUSTFLAGS="--cfg hornbeam_loom"`.
//!
//! What is looked for: a release that misses a waiter, a grant that meets a cancellation, a deadlock that nobody or
//! everybody notices, an entry that is left behind.

#![cfg(hornbeam_loom)]

use env::memory::MemoryEnv;
use env::sync::loom;
use env::sync::loom::sync::atomic::{AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::locks::{
    Acquired, ImplicitLocks, LockError, LockOptions, LockTable, Locker, RelationMode, RowMode, WaitPolicy,
};
use store::{RelationId, SessionId, TreeId};

const TREE: TreeId = TreeId(7);

/// Explores `body` with at most `preemptions` switches away from a thread that could go on.
fn explore(preemptions: usize, body: impl Fn(Arc<LockTable>) + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(move || {
        let options = LockOptions { shards: 1, ..LockOptions::default() };
        let table = LockTable::new(Arc::new(MemoryEnv::from_files(BTreeMap::new())), options);
        body(Arc::clone(&table));
        assert_eq!(table.memory_bytes(), 0, "an entry was left behind");
        assert_eq!(table.waiters(), 0, "a waiter was left behind");
    });
}

fn row(locker: &mut Locker, key: &[u8], mode: RowMode) -> Result<Acquired, LockError> {
    locker.lock_row(TREE, key, mode, WaitPolicy::FOREVER)
}

#[test]
fn an_exclusive_lock_excludes_and_every_release_finds_its_waiter() {
    explore(2, |table| {
        let inside = Arc::new(AtomicUsize::new(0));
        let work = |session| {
            let (mut locker, inside) = (table.locker(SessionId(session)), Arc::clone(&inside));
            move || {
                let relation = RelationId(1);
                let mode = RelationMode::AccessExclusive;
                let acquired =
                    locker.lock_relation(relation, mode, WaitPolicy::FOREVER).expect("no deadlock");
                assert!(acquired.is_held());
                assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0, "two are inside");
                inside.fetch_sub(1, Ordering::Relaxed);
                locker.end_transaction();
            }
        };
        let threads = [loom::thread::spawn(work(1)), loom::thread::spawn(work(2))];
        work(3)();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

#[test]
fn a_writer_waits_for_both_readers_of_a_row() {
    explore(2, |table| {
        let readers = [1, 2].map(|session| {
            let mut locker = table.locker(SessionId(session));
            assert!(row(&mut locker, b"key", RowMode::Share).is_ok());
            loom::thread::spawn(move || locker.end_transaction())
        });
        let mut writer = table.locker(SessionId(3));
        let acquired = row(&mut writer, b"key", RowMode::Update).expect("readers come to an end");
        assert!(acquired.is_held());
        writer.end_transaction();
        readers.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

#[test]
fn of_two_who_wait_for_each_other_exactly_one_is_refused() {
    explore(3, |table| {
        let refusals = Arc::new(AtomicUsize::new(0));
        let waits = Arc::new(AtomicUsize::new(0));
        let work = |session, first: &'static [u8], second: &'static [u8]| {
            let mut locker = table.locker(SessionId(session));
            let (refusals, waits) = (Arc::clone(&refusals), Arc::clone(&waits));
            move || {
                assert!(
                    row(&mut locker, first, RowMode::Update).expect("one lock closes no cycle").is_held()
                );
                match row(&mut locker, second, RowMode::Update) {
                    Ok(acquired) => {
                        waits.fetch_add(usize::from(acquired.waited()), Ordering::Relaxed);
                    }
                    Err(LockError::Deadlock { steps }) => {
                        assert_eq!(steps.len(), 2);
                        refusals.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(other) => panic!("{other}"),
                }
                locker.end_transaction();
            }
        };
        let thread = loom::thread::spawn(work(1, b"one", b"two"));
        work(2, b"two", b"one")();
        thread.join().expect("no panic");
        let (refusals, waits) = (refusals.load(Ordering::Relaxed), waits.load(Ordering::Relaxed));
        assert!(refusals <= 1 && refusals <= waits, "{refusals} refused, {waits} waited");
    });
}

#[test]
fn a_cancellation_and_a_grant_that_meet_leave_one_of_them() {
    explore(3, |table| {
        let mut holder = table.locker(SessionId(1));
        assert!(row(&mut holder, b"key", RowMode::Update).is_ok());
        let mut waiter = table.locker(SessionId(2));
        let canceller = waiter.canceller();
        let thread = loom::thread::spawn(move || {
            let held = match row(&mut waiter, b"key", RowMode::Update) {
                Ok(acquired) => acquired.is_held(),
                Err(LockError::Cancelled { .. }) => false,
                Err(other) => panic!("{other}"),
            };
            assert_eq!(waiter.row_mode(TREE, b"key").is_some(), held);
            waiter.end_transaction();
        });
        canceller.cancel();
        holder.end_transaction();
        thread.join().expect("no panic");
    });
}

#[test]
fn a_session_that_goes_away_lets_its_waiter_through() {
    explore(3, |table| {
        let mut holder = table.locker(SessionId(1));
        assert!(row(&mut holder, b"key", RowMode::Update).is_ok());
        let mut waiter = table.locker(SessionId(2));
        let thread = loom::thread::spawn(move || {
            assert!(row(&mut waiter, b"key", RowMode::NoKeyUpdate).expect("the holder goes").is_held());
            drop(waiter);
        });
        drop(holder);
        thread.join().expect("no panic");
    });
}

#[test]
fn one_release_wakes_all_whom_it_lets_through() {
    explore(2, |table| {
        let mut holder = table.locker(SessionId(1));
        let keys: [&'static [u8]; 2] = [b"one", b"two"];
        for key in keys {
            assert!(row(&mut holder, key, RowMode::Update).is_ok());
        }
        let waiters = keys.map(|key| {
            let mut waiter = table.locker(SessionId(if key == b"one" { 2 } else { 3 }));
            loom::thread::spawn(move || {
                assert!(row(&mut waiter, key, RowMode::Update).expect("the holder goes").is_held());
                waiter.end_transaction();
            })
        });
        holder.end_transaction();
        waiters.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}

/// Has written every row, without changing its key.
struct WroteAll;

impl ImplicitLocks for WroteAll {
    fn mode_of(&self, tree: TreeId, _key: &[u8]) -> Option<RowMode> {
        (tree == TREE).then_some(RowMode::NoKeyUpdate)
    }
}

/// A transaction that holds rows by having written them, and no entry.
fn large(table: &Arc<LockTable>, session: u64) -> Locker {
    let mut locker = table.locker(SessionId(session));
    locker.escalate(Arc::new(WroteAll));
    locker
}

#[test]
fn the_end_of_a_large_transaction_finds_its_waiter() {
    explore(3, |table| {
        let mut holder = large(&table, 1);
        let thread = loom::thread::spawn(move || holder.end_transaction());
        let mut waiter = table.locker(SessionId(2));
        assert!(row(&mut waiter, b"key", RowMode::Update).expect("the holder comes to an end").is_held());
        waiter.end_transaction();
        thread.join().expect("no panic");
    });
}

#[test]
fn ends_of_a_large_transaction_and_of_a_small_one_find_whoever_waits_for_both() {
    explore(3, |table| {
        let mut small = table.locker(SessionId(1));
        assert!(row(&mut small, b"key", RowMode::KeyShare).is_ok());
        let mut large = large(&table, 2);
        let threads = [
            loom::thread::spawn(move || small.end_transaction()),
            loom::thread::spawn(move || large.end_transaction()),
        ];
        let mut waiter = table.locker(SessionId(3));
        assert!(row(&mut waiter, b"key", RowMode::Update).expect("both come to an end").is_held());
        waiter.end_transaction();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    });
}
