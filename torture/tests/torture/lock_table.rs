//! The lock table under many interleavings, and when a session is broken off: nobody may be forgotten in a queue, and
//! nothing may stay behind of one that has gone.
//!
//! Found by torture as clients that waited for locks nobody held: a holder releases, and before it comes to wake whom it
//! kept waiting, a third session is granted a compatible lock past the queue. That brought the waiters' lists of whom
//! they wait for up to date, and the holder found nobody on whose list it stood.

use env::Env;
use env::sync::mpsc;
use faults::Decisions;
use sim::{Policy, Scheduling, Stop, World, WorldConfig};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use store::locks::labels::SHARD;
use store::locks::{Acquired, LockError, LockOptions, LockTable, Locker, RelationMode, RowMode, WaitPolicy};
use store::{RelationId, SessionId, TreeId};

env::labels! {
    SESSION: "test.locks.session", Task, "nobody asks for a lock";
}

const RELATION: RelationId = RelationId(1);
const TREE: TreeId = TreeId(7);

/// A session that takes one lock and gives it back.
fn start(env: &Arc<dyn Env>, table: &Arc<LockTable>, number: u64, mode: RelationMode) {
    let mut locker = table.locker(SessionId(number));
    let body = Box::new(move || {
        let acquired =
            locker.lock_relation(RELATION, mode, WaitPolicy::FOREVER).expect("no cycle is possible");
        assert!(acquired.is_held());
        locker.end_transaction();
    });
    env.spawn(&SESSION, &format!("session-{number}"), body).expect("the world has no faults");
}

#[test]
fn whoever_waits_is_granted_when_nobody_is_in_the_way_any_more() {
    for seed in 0..400 {
        let scheduling =
            Scheduling { policy: Policy::Random { preempt: 300_000, pick: 500_000 }, overlap: false };
        let config = WorldConfig { scheduling, ..WorldConfig::default() };
        let world = World::new(config, Decisions::seeded(seed));
        let env = world.env();
        let stop = world.run(move || {
            let table = LockTable::new(Arc::clone(&env), LockOptions::default());
            let mut holder = table.locker(SessionId(1));
            let held =
                holder.lock_relation(RELATION, RelationMode::Share, WaitPolicy::FOREVER).expect("it is free");
            assert!(held.is_held());
            start(&env, &table, 2, RelationMode::RowExclusive);
            start(&env, &table, 3, RelationMode::AccessShare);
            start(&env, &table, 4, RelationMode::AccessShare);
            holder.end_transaction();
        });
        assert_eq!(stop, Stop::Finished, "seed {seed}: {stop}");
    }
}

/// Two sessions that close a cycle and look for it when their time is up, which it is at about the same moment.
#[test]
fn a_deadlock_has_one_victim_though_both_look_for_it_at_once() {
    for seed in 0..400 {
        let scheduling =
            Scheduling { policy: Policy::Random { preempt: 300_000, pick: 500_000 }, overlap: false };
        let config = WorldConfig { scheduling, ..WorldConfig::default() };
        let world = World::new(config, Decisions::seeded(seed));
        let env = world.env();
        let victims = Rc::new(Cell::new(0));
        let counted = Rc::clone(&victims);
        let stop = world.run(move || {
            let options =
                LockOptions { deadlock_timeout: Some(Duration::from_millis(1)), ..LockOptions::default() };
            let table = LockTable::new(Arc::clone(&env), options);
            let mut lockers: Vec<_> = (1..=2u64).map(|n| table.locker(SessionId(n))).collect();
            let row = |locker: &mut Locker, n: u64| {
                locker.lock_row(TREE, &n.to_be_bytes(), RowMode::Update, WaitPolicy::FOREVER)
            };
            for (n, locker) in lockers.iter_mut().enumerate() {
                assert!(row(locker, n as u64).is_ok_and(|it| it.is_held()));
            }
            let (sender, results) = mpsc::channel(&SESSION);
            for (n, mut locker) in lockers.into_iter().enumerate() {
                let sender = sender.clone();
                let body = Box::new(move || {
                    let result = row(&mut locker, 1 - n as u64);
                    sender
                        .send(matches!(result, Err(LockError::Deadlock { .. })))
                        .expect("the main task waits for it");
                    locker.end_transaction();
                });
                env.spawn(&SESSION, &format!("session-{n}"), body).expect("the world has no faults");
            }
            let refused = [results.receive(), results.receive()];
            counted.set(refused.into_iter().filter(|refused| matches!(refused, Ok(true))).count());
        });
        assert_eq!(stop, Stop::Finished, "seed {seed}: {stop}");
        assert_eq!(victims.get(), 1, "seed {seed}");
    }
}

/// Gives back one of several locks, rows of one block or keys, while another session waits for it: that one is granted it
/// though the transaction goes on, and nothing stays behind.
fn give_back(seed: u64, keys: [&'static [u8]; 3], in_savepoint: bool) {
    let scheduling =
        Scheduling { policy: Policy::Random { preempt: 300_000, pick: 500_000 }, overlap: false };
    let config = WorldConfig { scheduling, ..WorldConfig::default() };
    let world = World::new(config, Decisions::seeded(seed));
    let env = world.env();
    let stop = world.run(move || {
        let table = LockTable::new(Arc::clone(&env), LockOptions::default());
        let mut holder = table.locker(SessionId(1));
        let lock = |locker: &mut Locker, key: &[u8]| {
            let acquired = locker.lock_row(TREE, key, RowMode::Update, WaitPolicy::FOREVER);
            assert!(acquired.is_ok_and(|it| it.is_held()));
        };
        lock(&mut holder, keys[0]);
        let savepoint = in_savepoint.then(|| holder.savepoint());
        lock(&mut holder, keys[1]);
        lock(&mut holder, keys[2]);
        let (sender, granted) = mpsc::channel(&SESSION);
        let mut other = table.locker(SessionId(2));
        let body = Box::new(move || {
            lock(&mut other, keys[1]);
            for still_held in [keys[0], keys[2]] {
                let refused = other.lock_row(TREE, still_held, RowMode::KeyShare, WaitPolicy::NoWait);
                assert!(matches!(refused, Err(LockError::NotAvailable { .. })));
            }
            other.end_transaction();
            sender.send(()).expect("the holder waits for it");
        });
        env.spawn(&SESSION, "other", body).expect("the world has no faults");
        holder.give_back_row(TREE, keys[1], RowMode::Update);
        granted.receive().expect("the other is granted it");
        // Whom somebody else is in the way of is waited for, and not held then.
        holder.await_row(TREE, keys[1], RowMode::Update, WaitPolicy::FOREVER).expect("nobody has it");
        assert!(!table.locker(SessionId(3)).is_row_held(TREE, keys[1], RowMode::Update));
        savepoint.into_iter().for_each(|savepoint| holder.rollback_to(savepoint));
        assert!(table.locker(SessionId(3)).is_row_held(TREE, keys[0], RowMode::Update));
        assert_eq!(table.locker(SessionId(3)).is_row_held(TREE, keys[2], RowMode::Update), !in_savepoint);
        holder.end_transaction();
        assert_eq!((table.memory_bytes(), table.waiters()), (0, 0));
    });
    assert_eq!(stop, Stop::Finished, "seed {seed}: {stop}");
}

#[test]
fn what_is_given_back_goes_to_who_waits_for_it() {
    const ROWS: [&[u8]; 3] =
        [&[0, 0, 0, 0, 0, 0, 8, 1], &[0, 0, 0, 0, 0, 0, 8, 2], &[0, 0, 0, 0, 0, 0, 8, 3]];
    const KEYS: [&[u8]; 3] = [b"a key", b"another", b"a third"];
    for seed in 0..100 {
        for in_savepoint in [false, true] {
            give_back(seed, ROWS, in_savepoint);
            give_back(seed, KEYS, in_savepoint);
        }
    }
}

/// What a locker may hold of each sort: relations, keys, and rows of a few blocks in two modes.
type Lock = fn(&mut Locker, u64) -> Result<Acquired, LockError>;
const LOCKS: &[Lock] = &[
    |locker, n| locker.lock_relation(RelationId(n), RelationMode::RowExclusive, WaitPolicy::NoWait),
    |locker, n| locker.lock_row(TREE, format!("key {n}").as_bytes(), RowMode::Update, WaitPolicy::NoWait),
    |locker, n| locker.lock_row(TREE, &(n << 11).to_be_bytes(), RowMode::NoKeyUpdate, WaitPolicy::NoWait),
    |locker, n| locker.lock_row(TREE, &(n << 11).to_be_bytes(), RowMode::Update, WaitPolicy::NoWait),
];
/// Savepoints, and locks of each sort at each level.
const LEVELS: u64 = 4;

/// Runs a session named "releaser" that releases its savepoint number `released`; whether it was broken off at its use of
/// a part of the table with so many before.
fn release_and_break_off(released: usize, before: u64) -> bool {
    let world = World::new(WorldConfig::default(), Decisions::seeded(1));
    let env = world.env();
    let (orders, cancelled) = (world.clone(), Rc::new(Cell::new(false)));
    let noted = Rc::clone(&cancelled);
    let stop = world.run(move || {
        let table = LockTable::new(Arc::clone(&env), LockOptions::default());
        let mut locker = table.locker(SessionId(1));
        let mut savepoints = Vec::new();
        for n in 0..LEVELS {
            // The same blocks at every level, so that grants are merged as well as moved.
            LOCKS.iter().for_each(|lock| assert!(lock(&mut locker, n).is_ok_and(|it| it.is_held())));
            savepoints.push(locker.savepoint());
        }
        LOCKS.iter().for_each(|lock| assert!(lock(&mut locker, LEVELS).is_ok_and(|it| it.is_held())));
        orders.cancel_task_at_lock("releaser", &SHARD, before);
        // It ends in the main task: nothing breaks off what a destructor does.
        let (sender, released_one) = mpsc::channel(&SESSION);
        let body = Box::new(move || {
            locker.release_savepoint(savepoints[released]);
            drop(sender.send(locker));
        });
        let releaser = env.spawn(&SESSION, "releaser", body).expect("the world has no faults");
        noted.set(releaser.join().is_err());
        drop(released_one.receive());
        assert_eq!(table.memory_bytes(), 0, "savepoint {released}, broken off after {before} uses");
        let mut other = table.locker(SessionId(2));
        for lock in LOCKS {
            (0..=LEVELS).for_each(|n| assert!(lock(&mut other, n).is_ok_and(|it| it.is_held())));
        }
    });
    assert_eq!(stop, Stop::Finished, "savepoint {released}, broken off after {before} uses: {stop}");
    cancelled.get()
}

#[test]
fn a_session_that_is_broken_off_while_it_releases_a_savepoint_leaves_no_locks_behind() {
    for released in 0..LEVELS as usize {
        let broken_off = (0..).take_while(|before| release_and_break_off(released, *before)).count();
        assert!(broken_off >= LOCKS.len(), "only {broken_off} places");
    }
}
