//! Waiting: who is served when, and the four ways in which a wait ends.

use crate::locks_support;

use locks_support::{Pending, TREE, env, relation, row, session, table};
use std::time::Duration;
use store::locks::{
    Acquired, LockError, LockOptions, LockTable, LockView, Locker, RelationMode, RowMode, ViewTarget,
    WaitPolicy,
};
use store::{RelationId, SessionId};

const KEY: [u8; 8] = 5u64.to_be_bytes();

fn wait_row(locker: &mut Locker, mode: RowMode) -> Result<Acquired, LockError> {
    locker.lock_row(TREE, &KEY, mode, WaitPolicy::FOREVER)
}

fn wait_relation(locker: &mut Locker, mode: RelationMode) -> Result<Acquired, LockError> {
    locker.lock_relation(RelationId(1), mode, WaitPolicy::FOREVER)
}

#[test]
fn a_waiter_is_granted_when_the_holder_ends_and_learns_for_whom_it_waited() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_row(b, RowMode::Update));
    assert!(table.view().iter().any(|line| !line.granted && line.blocked_by == [a.identity()]));
    let holder = a.identity();
    a.end_transaction();
    let (b, result) = b.finish();
    assert_eq!(result, Ok(Acquired::AfterWaitingFor(vec![holder])));
    assert_eq!(b.row_mode(TREE, &KEY), Some(RowMode::Update));
    assert!(row(&mut a, &KEY, RowMode::KeyShare).is_err());
    drop(b);
    assert!(row(&mut a, &KEY, RowMode::KeyShare).is_ok(), "what a waiter was granted is released with it");
}

#[test]
fn a_new_request_queues_behind_a_conflicting_waiter_but_not_behind_a_compatible_one() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_relation(b, RelationMode::AccessExclusive));
    let mut c = session(&table, 3);
    let refused = relation(&mut c, 1, RelationMode::AccessShare);
    assert!(matches!(refused, Err(LockError::NotAvailable { .. })), "{refused:?}");
    let c = Pending::start(&table, c, |c| wait_relation(c, RelationMode::AccessShare));
    a.end_transaction();
    let mut b = b.granted();
    assert_eq!(table.waiters(), 1, "the reader waits for the one it queued behind");
    b.end_transaction();
    c.granted();
}

#[test]
fn compatible_waiters_are_granted_together() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_row(b, RowMode::Share));
    let c = Pending::start(&table, session(&table, 3), |c| wait_row(c, RowMode::KeyShare));
    let d = Pending::start(&table, session(&table, 4), |d| wait_row(d, RowMode::NoKeyUpdate));
    let e = Pending::start(&table, session(&table, 5), |e| wait_row(e, RowMode::KeyShare));
    a.end_transaction();
    let (b, _c, _e) = (b.granted(), c.granted(), e.granted());
    assert_eq!(table.waiters(), 1);
    drop(b);
    d.granted();
}

#[test]
fn a_holder_that_wants_more_goes_before_those_who_wait_for_it() {
    let table = table();
    let (mut a, mut other) = (session(&table, 1), session(&table, 4));
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_relation(b, RelationMode::AccessExclusive));
    // Nothing but the waiter, which waits for it, is in the way: no wait at all, unless it would not wait.
    assert!(relation(&mut a, 1, RelationMode::RowExclusive).is_err());
    assert_eq!(wait_relation(&mut a, RelationMode::RowExclusive), Ok(Acquired::Immediately));
    assert!(relation(&mut other, 1, RelationMode::AccessShare).is_err());
    drop(a);
    drop(b.granted());

    let (mut a, mut c) = (session(&table, 1), session(&table, 3));
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    assert!(relation(&mut c, 1, RelationMode::RowExclusive).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_relation(b, RelationMode::AccessExclusive));
    // The other holder is in the way: it waits, but before b.
    let a = Pending::start(&table, a, |a| wait_relation(a, RelationMode::Share));
    drop(c);
    let a = a.granted();
    assert_eq!(table.waiters(), 1);
    drop(a);
    b.granted();
}

#[test]
fn the_time_limit_ends_a_wait_and_lets_those_behind_through() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    let limit = Duration::from_millis(150);
    let b = Pending::start(&table, session(&table, 2), move |b| {
        let wait = WaitPolicy::Wait { limit: Some(limit) };
        b.lock_relation(RelationId(1), RelationMode::AccessExclusive, wait)
    });
    let c = Pending::start(&table, session(&table, 3), |c| wait_relation(c, RelationMode::AccessShare));
    let (_b, result) = b.finish();
    let Err(LockError::TimedOut { limit: told, holders, .. }) = result else { panic!("{result:?}") };
    assert_eq!((told, holders.len()), (limit, 1));
    c.granted();
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
}

#[test]
fn who_asks_for_a_row_that_no_holder_keeps_from_him_passes_who_waits_for_it() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Share).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_row(b, RowMode::Update));
    let mut c = session(&table, 3);
    assert!(row(&mut c, &KEY, RowMode::Share).is_ok());
    a.end_transaction();
    c.end_transaction();
    b.granted();
}

#[test]
fn another_session_can_cancel_a_wait_before_and_while_it_sleeps() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let b = session(&table, 2);
    let canceller = b.canceller();
    let b = Pending::start(&table, b, |b| wait_row(b, RowMode::Update));
    canceller.cancel();
    let (mut b, result) = b.finish();
    assert!(matches!(result, Err(LockError::Cancelled { .. })), "{result:?}");
    assert!(!b.take_cancel(), "a cancellation is used up by the wait that it ends");
    canceller.cancel();
    let result = wait_row(&mut b, RowMode::Update);
    assert!(matches!(result, Err(LockError::Cancelled { .. })), "{result:?}");
    canceller.cancel();
    assert!(b.take_cancel());
    assert_eq!(table.waiters(), 0);
    drop(a);
    assert_eq!(wait_row(&mut b, RowMode::Update), Ok(Acquired::Immediately));
}

#[test]
fn rolling_back_to_a_savepoint_wakes_those_who_waited_for_what_it_took() {
    let table = table();
    let mut a = session(&table, 1);
    let savepoint = a.savepoint();
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_row(b, RowMode::Update));
    a.rollback_to(savepoint);
    b.granted();
}

#[test]
fn two_transactions_that_wait_for_each_other_lose_the_second() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    let other = 6u64.to_be_bytes();
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    assert!(row(&mut b, &other, RowMode::Update).is_ok());
    let waiting = Pending::start(&table, b, |b| wait_row(b, RowMode::Update));
    let refusal = a.lock_row(TREE, &other, RowMode::Share, WaitPolicy::FOREVER).expect_err("a deadlock");
    assert_eq!(
        refusal.to_string(),
        "deadlock detected: \
         transaction 101 of session 1 waits for For Share on row 6 of tree 7, \
         blocked by transaction 102 of session 2; \
         transaction 102 of session 2 waits for For Update on row 5 of tree 7, \
         blocked by transaction 101 of session 1"
    );
    assert!(a.row_mode(TREE, &KEY).is_some(), "the victim keeps its locks until it rolls back");
    drop(a);
    waiting.granted();
}

#[test]
fn two_sharers_of_a_row_that_both_want_to_update_it_deadlock() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    assert!(row(&mut a, &KEY, RowMode::Share).is_ok());
    assert!(row(&mut b, &KEY, RowMode::Share).is_ok());
    let a = Pending::start(&table, a, |a| wait_row(a, RowMode::Update));
    let refusal = wait_row(&mut b, RowMode::Update);
    assert!(matches!(&refusal, Err(LockError::Deadlock { steps }) if steps.len() == 2), "{refusal:?}");
    drop(b);
    a.granted();
}

#[test]
fn a_cycle_of_three_over_rows_keys_and_relations_is_found() {
    let table = table();
    let (mut a, mut b, mut c) = (session(&table, 1), session(&table, 2), session(&table, 3));
    assert!(relation(&mut a, 1, RelationMode::AccessExclusive).is_ok());
    assert!(row(&mut b, &KEY, RowMode::Update).is_ok());
    assert!(row(&mut c, b"unique", RowMode::Update).is_ok());
    let b = Pending::start(&table, b, |b| wait_relation(b, RelationMode::AccessShare));
    let c = Pending::start(&table, c, |c| wait_row(c, RowMode::Update));
    let refusal = a.lock_row(TREE, b"unique", RowMode::Update, WaitPolicy::FOREVER);
    assert!(matches!(&refusal, Err(LockError::Deadlock { steps }) if steps.len() == 3), "{refusal:?}");
    drop(a);
    drop(b.granted());
    c.granted();
}

/// The example of PostgreSQL's own notes on soft edges: the cycle is only there because c stands behind b.
#[test]
fn a_cycle_through_the_order_of_a_queue_is_opened_by_letting_a_waiter_pass() {
    let table = table();
    let (mut a, mut c) = (session(&table, 1), session(&table, 3));
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    assert!(row(&mut c, &KEY, RowMode::Update).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_relation(b, RelationMode::AccessExclusive));
    let c = Pending::start(&table, c, |c| wait_relation(c, RelationMode::AccessShare));
    // a waits for c (the row), c for b (the queue), b for a (the relation).
    let a = Pending::start_unseen(a, |a| wait_row(a, RowMode::Update));
    let c = c.granted();
    assert!(c.holds_relation(RelationId(1), RelationMode::AccessShare), "c has passed b");
    drop(c);
    drop(a.granted());
    b.granted();
}

#[test]
fn with_a_deadlock_timeout_the_cycle_is_found_by_one_whose_time_is_up() {
    let options = LockOptions { deadlock_timeout: Some(Duration::from_secs(3)), ..LockOptions::default() };
    let table = LockTable::new(env(), options);
    let (mut a, mut b) = (table.locker(SessionId(1)), table.locker(SessionId(2)));
    let other = 6u64.to_be_bytes();
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    assert!(row(&mut b, &other, RowMode::Update).is_ok());
    // Whose time is up first depends on when each was given the processor; he lets the other through.
    let let_go = |locker: &mut Locker, asked: Result<Acquired, LockError>| {
        if asked.is_err() {
            locker.end_transaction();
        }
        asked
    };
    let a = Pending::start(&table, a, move |a| {
        let asked = a.lock_row(TREE, &other, RowMode::Update, WaitPolicy::FOREVER);
        let_go(a, asked)
    });
    let b = Pending::start(&table, b, move |b| {
        let asked = wait_row(b, RowMode::Update);
        let_go(b, asked)
    });
    match (a.finish().1, b.finish().1) {
        (Err(LockError::Deadlock { .. }), Ok(granted)) | (Ok(granted), Err(LockError::Deadlock { .. })) => {
            assert!(granted.is_held());
        }
        both => panic!("{both:?}"),
    }
}

/// PostgreSQL does not wait to see that two hold one lock and each wants more of it.
#[test]
fn two_sharers_of_a_relation_that_want_more_of_it_deadlock_at_once() {
    let options = LockOptions { deadlock_timeout: Some(Duration::from_secs(3000)), ..LockOptions::default() };
    let table = LockTable::new(env(), options);
    let (mut a, mut b) = (table.locker(SessionId(1)), table.locker(SessionId(2)));
    assert!(relation(&mut a, 1, RelationMode::Share).is_ok());
    assert!(relation(&mut b, 1, RelationMode::Share).is_ok());
    let a = Pending::start(&table, a, |a| wait_relation(a, RelationMode::AccessExclusive));
    let refusal = wait_relation(&mut b, RelationMode::AccessExclusive);
    assert!(matches!(&refusal, Err(LockError::Deadlock { steps }) if steps.len() == 2), "{refusal:?}");
    drop(b);
    a.granted();
}

#[test]
fn many_sessions_adding_to_one_counter_under_a_row_lock_lose_no_addition() {
    use env::sync::atomic::{AtomicU64, Ordering};
    static TASK: env::Label =
        env::Label { name: "test.adder", kind: env::LabelKind::Task, breaks: "nothing" };
    let (table, env) = (table(), env());
    let counter = std::sync::Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..6)
        .map(|n| {
            let (table, counter) = (table.clone(), counter.clone());
            let body = move || {
                let mut locker = session(&table, n);
                for _ in 0..500 {
                    let _ = wait_row(&mut locker, RowMode::Update).expect("it has no reason to be refused");
                    let seen = counter.load(Ordering::Relaxed);
                    counter.store(seen + 1, Ordering::Relaxed);
                    locker.end_transaction();
                }
            };
            env.spawn(&TASK, "adder", Box::new(body)).expect("a task can be started")
        })
        .collect();
    tasks.into_iter().for_each(|task| task.join().expect("an adder does not panic"));
    assert_eq!(counter.load(Ordering::Relaxed), 3000);
    assert_eq!((table.memory_bytes(), table.waiters()), (0, 0));
}

#[test]
fn a_transaction_is_waited_for_until_it_is_over_and_not_for_the_next_one() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    let b = session(&table, 2);
    assert!(b.holders_of(RelationId(1), RelationMode::Exclusive).is_empty());
    let holders = b.holders_of(RelationId(1), RelationMode::AccessExclusive);
    let [running] = holders[..] else { panic!("{holders:?}") };
    let waits =
        move |b: &mut Locker| b.await_end(running, WaitPolicy::FOREVER).map(|()| Acquired::Immediately);
    let b = Pending::start(&table, b, waits);
    let depth = a.savepoint();
    a.rollback_to(depth);
    assert!(table.view().iter().any(|line| !line.granted && line.blocked_by == [a.identity()]));
    a.end_transaction();
    let (mut b, done) = b.finish();
    assert_eq!(done, Ok(Acquired::Immediately));
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    assert_eq!(b.await_end(running, WaitPolicy::NoWait), Ok(()), "it is another one");
    let is_it = |line: &LockView| line.target == ViewTarget::Transaction(running);
    assert!(!table.view().iter().any(is_it), "who was waited for is not held");
}

#[test]
fn an_insertion_is_waited_for_without_its_transaction() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let mut b = session(&table, 2);
    let look = |b: &mut Locker, policy| b.await_insertions(TREE, &KEY, RowMode::Update, policy);
    assert_eq!(look(&mut b, WaitPolicy::NoWait), Ok(false), "none is under way");
    assert!(a.begin_insertion() && !a.begin_insertion());
    let refused = look(&mut b, WaitPolicy::NoWait);
    assert!(matches!(refused, Err(LockError::NotAvailable { .. })), "{refused:?}");
    let other = b.await_insertions(TREE, b"another key", RowMode::Update, WaitPolicy::NoWait);
    assert_eq!(other, Ok(false));
    let b = Pending::start(&table, b, move |b| look(b, WaitPolicy::FOREVER).map(|_| Acquired::Immediately));
    a.end_insertion();
    let (mut b, done) = b.finish();
    assert_eq!(done, Ok(Acquired::Immediately));
    assert!(row(&mut b, &KEY, RowMode::Update).is_err(), "the row is held until the transaction ends");
    assert!(a.begin_insertion(), "another one");
    a.end_transaction();
    assert_eq!(look(&mut b, WaitPolicy::NoWait), Ok(false));
    assert!(!table.has_insertions());
}

#[test]
fn who_keeps_a_snapshot_is_told_by_database_until_the_end_of_the_transaction() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    a.keep_snapshot(store::DatabaseId(0));
    assert!(b.keepers_of_snapshots(store::DatabaseId(1)).is_empty());
    assert!(a.keepers_of_snapshots(store::DatabaseId(0)).is_empty(), "nobody waits for himself");
    let keepers = b.keepers_of_snapshots(store::DatabaseId(0));
    let [running] = keepers[..] else { panic!("{keepers:?}") };
    let refused = b.await_end(running, WaitPolicy::NoWait);
    assert!(matches!(refused, Err(LockError::NotAvailable { .. })), "{refused:?}");
    a.end_transaction();
    assert_eq!(b.await_end(running, WaitPolicy::FOREVER), Ok(()));
    assert!(b.keepers_of_snapshots(store::DatabaseId(0)).is_empty());
}

#[test]
fn two_who_wait_for_each_others_transactions_are_told_apart() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    assert!(relation(&mut a, 1, RelationMode::AccessShare).is_ok());
    assert!(relation(&mut b, 2, RelationMode::AccessShare).is_ok());
    let of_a = b.holders_of(RelationId(1), RelationMode::AccessExclusive)[0];
    let of_b = a.holders_of(RelationId(2), RelationMode::AccessExclusive)[0];
    let waits = move |b: &mut Locker| b.await_end(of_a, WaitPolicy::FOREVER).map(|()| Acquired::Immediately);
    let b = Pending::start(&table, b, waits);
    let refused = a.await_end(of_b, WaitPolicy::FOREVER);
    assert!(matches!(refused, Err(LockError::Deadlock { .. })), "{refused:?}");
    a.end_transaction();
    assert_eq!(b.finish().1, Ok(Acquired::Immediately));
}

/// Who asks for a row ahead of the end of its holder.
fn ask_ahead(locker: &mut Locker, policy: WaitPolicy) -> Result<Acquired, LockError> {
    locker.lock_row_ahead(TREE, &KEY, RowMode::NoKeyUpdate, policy).map(|(acquired, _)| acquired)
}

#[test]
fn a_row_that_is_handed_over_goes_to_who_asks_ahead_and_to_nobody_else() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let mut late = session(&table, 4);
    assert!(ask_ahead(&mut late, WaitPolicy::NoWait).is_err(), "it is not handed over yet");
    let b = Pending::start(&table, session(&table, 2), |b| ask_ahead(b, WaitPolicy::FOREVER));
    let c = Pending::start(&table, session(&table, 3), |c| wait_row(c, RowMode::KeyShare));
    a.hand_over();
    let mut b = b.granted();
    assert_eq!(table.waiters(), 1, "the other waits for the end");
    assert!(ask_ahead(&mut late, WaitPolicy::NoWait).is_err(), "it is the next one's now");
    assert_eq!(ask_ahead(&mut late, WaitPolicy::Skip), Ok(Acquired::Skipped));
    assert!(row(&mut late, &KEY, RowMode::KeyShare).is_err());
    b.hand_over();
    assert_eq!(ask_ahead(&mut late, WaitPolicy::NoWait), Ok(Acquired::Immediately));
    late.end_transaction();
    b.end_transaction();
    assert_eq!(table.waiters(), 1, "the first has not ended");
    a.end_transaction();
    drop(c.granted());
    // Its next transaction has handed over nothing.
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    assert!(ask_ahead(&mut b, WaitPolicy::NoWait).is_err());
    drop((a, b, late));
    assert_eq!(table.memory_bytes(), 0);
}

#[test]
fn who_asks_ahead_waits_behind_who_does_not() {
    let table = table();
    let mut a = session(&table, 1);
    assert!(row(&mut a, &KEY, RowMode::Update).is_ok());
    let b = Pending::start(&table, session(&table, 2), |b| wait_row(b, RowMode::Update));
    let c = Pending::start(&table, session(&table, 3), |c| ask_ahead(c, WaitPolicy::FOREVER));
    a.hand_over();
    assert_eq!(table.waiters(), 2, "the first in the queue waits for the end, and the second for the first");
    let mut late = session(&table, 4);
    assert!(ask_ahead(&mut late, WaitPolicy::NoWait).is_err(), "whoever comes later passes nobody");
    a.end_transaction();
    b.granted().end_transaction();
    c.granted();
}
