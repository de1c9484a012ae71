//! The lock table under many interleavings: nobody may be forgotten in a queue.
//!
//! Found by torture as clients that waited for locks nobody held: a holder releases, and before it comes to wake whom it
//! kept waiting, a third session is granted a compatible lock past the queue. That brought the waiters' lists of whom
//! they wait for up to date, and the holder found nobody on whose list it stood.

use env::Env;
use faults::Decisions;
use sim::{Policy, Scheduling, Stop, World, WorldConfig};
use std::sync::Arc;
use store::locks::{LockOptions, LockTable, RelationMode, WaitPolicy};
use store::{RelationId, SessionId};

env::labels! {
    SESSION: "test.locks.session", Task, "nobody asks for a lock";
}

const RELATION: RelationId = RelationId(1);

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
