//! Every pair of modes, on every kind of target: who can hold what together, and what the refusal says.

use crate::locks_support;

use locks_support::{TREE, relation, row, session, table};
use store::locks::{
    Acquired, AdvisoryKey, AdvisoryMode, AdvisoryScope, LockError, RelationMode, RowMode, ViewTarget,
    WaitPolicy,
};
use store::{MAIN_DATABASE, RelationId, SessionId, TransactionId};

#[test]
fn two_sessions_hold_a_relation_together_exactly_when_its_modes_do_not_conflict() {
    let table = table();
    for first in RelationMode::ALL {
        for second in RelationMode::ALL {
            let (mut a, mut b) = (session(&table, 1), session(&table, 2));
            assert_eq!(relation(&mut a, 1, first), Ok(Acquired::Immediately));
            assert_eq!(relation(&mut b, 1, second).is_err(), first.conflicts_with(second));
            assert_eq!(relation(&mut b, 2, second), Ok(Acquired::Immediately), "another relation is free");
            assert_eq!(relation(&mut a, 1, first), Ok(Acquired::AlreadyHeld));
        }
    }
    assert_eq!(table.memory_bytes(), 0, "lockers that are dropped leave nothing");
}

#[test]
fn two_sessions_hold_a_row_together_exactly_when_its_modes_do_not_conflict() {
    let table = table();
    for key in [&42u64.to_be_bytes()[..], b"a unique key"] {
        for first in RowMode::ALL {
            for second in RowMode::ALL {
                let (mut a, mut b) = (session(&table, 1), session(&table, 2));
                assert_eq!(row(&mut a, key, first), Ok(Acquired::Immediately));
                assert_eq!(row(&mut b, key, second).is_err(), first.conflicts_with(second));
                let weaker = RowMode::ALL.into_iter().filter(|weaker| first.is_as_good_as(*weaker));
                weaker.for_each(|mode| assert_eq!(row(&mut a, key, mode), Ok(Acquired::AlreadyHeld)));
                assert_eq!(a.row_mode(TREE, key), Some(first));
            }
        }
    }
    assert_eq!(table.memory_bytes(), 0);
}

#[test]
fn neighbours_of_a_locked_row_are_free() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    for n in [4095u64, 4096, 10_000] {
        assert!(row(&mut a, &n.to_be_bytes(), RowMode::Update).is_ok());
    }
    for n in [4094u64, 4097, 9_999, 10_001, 0, u64::MAX] {
        assert_eq!(row(&mut b, &n.to_be_bytes(), RowMode::Update), Ok(Acquired::Immediately), "row {n}");
    }
    assert_eq!(a.row_mode(TREE, &4097u64.to_be_bytes()), None);
}

#[test]
fn a_refusal_names_what_was_wanted_and_who_is_in_the_way() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    assert!(row(&mut a, &9u64.to_be_bytes(), RowMode::Update).is_ok());
    let refusal = row(&mut b, &9u64.to_be_bytes(), RowMode::KeyShare).expect_err("it is held");
    assert_eq!(
        refusal.to_string(),
        "could not obtain For Key Share on row 9 of tree 7: held by transaction 101 of session 1"
    );
    let LockError::NotAvailable { holders, .. } = refusal else { panic!("NOWAIT refuses as not available") };
    assert_eq!(holders[0].session, SessionId(1));
    assert_eq!(holders[0].transaction, Some(TransactionId(101)));
    let skipped = b.lock_row(TREE, &9u64.to_be_bytes(), RowMode::Share, WaitPolicy::Skip);
    assert_eq!(skipped, Ok(Acquired::Skipped));
}

#[test]
fn rolling_back_to_a_savepoint_releases_what_was_acquired_since_and_nothing_else() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    let [before, shared, after] = [1u64, 2, 3].map(u64::to_be_bytes);
    assert!(row(&mut a, &before, RowMode::Update).is_ok());
    assert!(row(&mut a, &shared, RowMode::KeyShare).is_ok());
    let savepoint = a.savepoint();
    assert!(row(&mut a, &shared, RowMode::Update).is_ok());
    assert!(row(&mut a, &after, RowMode::Update).is_ok());
    assert!(row(&mut a, b"key", RowMode::Update).is_ok());
    assert!(relation(&mut a, 5, RelationMode::AccessExclusive).is_ok());
    a.rollback_to(savepoint);
    assert_eq!(a.row_mode(TREE, &shared), Some(RowMode::KeyShare), "the older, weaker lock is still there");
    assert!(!a.holds_relation(RelationId(5), RelationMode::AccessExclusive));
    assert!(row(&mut b, &after, RowMode::Update).is_ok());
    assert!(row(&mut b, b"key", RowMode::Update).is_ok());
    assert!(relation(&mut b, 5, RelationMode::AccessExclusive).is_ok());
    assert!(row(&mut b, &before, RowMode::KeyShare).is_err());
    assert!(row(&mut b, &shared, RowMode::NoKeyUpdate).is_ok());
    assert!(row(&mut b, &shared, RowMode::Update).is_err());
    // The savepoint stands: it can be used again.
    assert!(row(&mut a, &4u64.to_be_bytes(), RowMode::Update).is_ok());
    a.rollback_to(savepoint);
    assert!(row(&mut b, &4u64.to_be_bytes(), RowMode::Update).is_ok());
}

#[test]
fn a_released_savepoint_hands_its_locks_to_the_enclosing_one() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    assert!(row(&mut a, &1u64.to_be_bytes(), RowMode::Update).is_ok());
    let outer = a.savepoint();
    assert!(row(&mut a, &2u64.to_be_bytes(), RowMode::Update).is_ok());
    let middle = a.savepoint();
    assert!(row(&mut a, &3u64.to_be_bytes(), RowMode::Update).is_ok());
    let inner = a.savepoint();
    assert!(row(&mut a, b"inner", RowMode::Update).is_ok());
    assert!(inner > middle);
    a.release_savepoint(middle);
    for key in [&3u64.to_be_bytes()[..], b"inner"] {
        assert!(row(&mut b, key, RowMode::Share).is_err());
    }
    a.rollback_to(outer);
    for key in [&2u64.to_be_bytes()[..], &3u64.to_be_bytes()[..], b"inner"] {
        assert!(row(&mut b, key, RowMode::Share).is_ok());
    }
    assert!(row(&mut b, &1u64.to_be_bytes(), RowMode::Share).is_err());
    a.end_transaction();
    assert!(row(&mut b, &1u64.to_be_bytes(), RowMode::Share).is_ok());
    b.end_transaction();
    assert_eq!(table.memory_bytes(), 0);
}

#[test]
fn advisory_locks_count_and_outlive_transactions_only_when_the_session_took_them() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    let key = AdvisoryKey::One(MAIN_DATABASE, 11);
    let (session_scope, transaction) = (AdvisoryScope::Session, AdvisoryScope::Transaction);
    let exclusive = AdvisoryMode::Exclusive;
    for _ in 0..2 {
        assert!(a.lock_advisory(key, exclusive, session_scope, WaitPolicy::NoWait).is_ok());
    }
    assert!(a.lock_advisory(key, exclusive, transaction, WaitPolicy::NoWait).is_ok());
    let try_lock = |locker: &mut store::locks::Locker, mode| {
        let tried = locker.lock_advisory(key, mode, session_scope, WaitPolicy::Skip);
        tried.expect("a try is never refused").is_held()
    };
    a.end_transaction();
    assert!(!try_lock(&mut b, AdvisoryMode::Shared), "the session still holds it twice");
    assert!(a.unlock_advisory(key, exclusive));
    assert!(!try_lock(&mut b, AdvisoryMode::Shared));
    assert!(a.unlock_advisory(key, exclusive));
    assert!(!a.unlock_advisory(key, exclusive), "it is not held any more");
    assert!(try_lock(&mut b, AdvisoryMode::Shared));
    assert!(try_lock(&mut a, AdvisoryMode::Shared), "shared with shared");
    assert!(!try_lock(&mut a, exclusive));
    let two = AdvisoryKey::Two(MAIN_DATABASE, 0, 11);
    let other = a.lock_advisory(two, exclusive, session_scope, WaitPolicy::NoWait);
    assert_eq!(other, Ok(Acquired::Immediately), "a pair of numbers is another key");
    a.unlock_all_advisory();
    assert!(try_lock(&mut b, exclusive));
    drop(b);
    assert_eq!(table.memory_bytes(), 0);
}

#[test]
fn an_advisory_lock_of_a_transaction_is_not_unlocked_by_hand_and_goes_with_its_savepoint() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    let key = AdvisoryKey::One(MAIN_DATABASE, 1);
    let savepoint = a.savepoint();
    let taken = a.lock_advisory(key, AdvisoryMode::Exclusive, AdvisoryScope::Transaction, WaitPolicy::NoWait);
    assert!(taken.is_ok());
    assert!(!a.unlock_advisory(key, AdvisoryMode::Exclusive));
    a.rollback_to(savepoint);
    let tried = b.lock_advisory(key, AdvisoryMode::Exclusive, AdvisoryScope::Session, WaitPolicy::Skip);
    assert_eq!(tried, Ok(Acquired::Immediately));
}

#[test]
fn the_listing_shows_runs_keys_and_holders_in_order() {
    let table = table();
    let (mut a, mut b) = (session(&table, 1), session(&table, 2));
    for n in (10u64..20).chain([4095, 4096]) {
        assert!(row(&mut a, &n.to_be_bytes(), RowMode::NoKeyUpdate).is_ok());
    }
    assert!(relation(&mut b, 3, RelationMode::RowExclusive).is_ok());
    assert!(row(&mut b, b"k", RowMode::Update).is_ok());
    let lines: Vec<String> = table
        .view()
        .into_iter()
        .map(|line| {
            let target = match line.target {
                ViewTarget::Relation(relation) => format!("relation {relation}"),
                ViewTarget::Advisory(key) => format!("{key:?}"),
                ViewTarget::Transaction(running) => {
                    format!("{:?} of {}", running.span, running.session.0)
                }
                ViewTarget::Rows { first, last, .. } => format!("rows {first} to {last}"),
                ViewTarget::Key { key, .. } => format!("key {key:?}"),
                ViewTarget::Written => "written".to_owned(),
            };
            format!("{target}: {} by session {}", line.mode, line.holder.session)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "relation 3: RowExclusiveLock by session 2",
            "Transaction of 1: ExclusiveLock by session 1",
            "Transaction of 2: ExclusiveLock by session 2",
            "rows 10 to 19: For No Key Update by session 1",
            "rows 4095 to 4095: For No Key Update by session 1",
            "rows 4096 to 4096: For No Key Update by session 1",
            "key [107]: For Update by session 2",
        ]
    );
}
