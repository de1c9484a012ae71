//! The lock table against a model that is a plain list of grants: same answers, whatever the order of calls.

use crate::locks_support;

use locks_support::{TREE, session, table};
use proptest::prelude::*;
use store::locks::{LockError, Locker, RelationMode, RowMode, SavepointDepth, WaitPolicy};
use store::{RelationId, SessionId};

const SESSIONS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Row(u64, RowMode),
    Key(u8, RowMode),
    Relation(u64, RelationMode),
    Savepoint,
    RollbackTo(usize),
    Release(usize),
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let row_mode = proptest::sample::select(&RowMode::ALL[..]);
    let relation_mode = proptest::sample::select(&RelationMode::ALL[..]);
    // Few rows around the border of two blocks, so that runs grow, join and are shared.
    prop_oneof![
        8 => (4090u64..4102, row_mode.clone()).prop_map(|(row, mode)| Step::Row(row, mode)),
        3 => (0u8..4, row_mode).prop_map(|(key, mode)| Step::Key(key, mode)),
        2 => (0u64..2, relation_mode).prop_map(|(relation, mode)| Step::Relation(relation, mode)),
        2 => Just(Step::Savepoint),
        1 => (0usize..4).prop_map(Step::RollbackTo),
        1 => (0usize..4).prop_map(Step::Release),
        1 => Just(Step::End),
    ]
}

/// What the model knows of one session: grants with the depth at which they were acquired.
#[derive(Default)]
struct ModelSession {
    rows: Vec<(Vec<u8>, RowMode, usize)>,
    relations: Vec<(u64, RelationMode, usize)>,
    savepoints: Vec<SavepointDepth>,
}

impl ModelSession {
    fn forget_from(&mut self, depth: usize) {
        self.rows.retain(|grant| grant.2 < depth);
        self.relations.retain(|grant| grant.2 < depth);
    }

    fn move_from(&mut self, depth: usize) {
        self.rows.iter_mut().for_each(|grant| grant.2 = grant.2.min(depth - 1));
        self.relations.iter_mut().for_each(|grant| grant.2 = grant.2.min(depth - 1));
    }
}

fn holders<M: Copy>(
    model: &[ModelSession],
    me: usize,
    held: impl Fn(&ModelSession) -> Vec<M>,
    conflicts: impl Fn(M) -> bool,
) -> Vec<SessionId> {
    let in_the_way = |other: &usize| *other != me && held(&model[*other]).into_iter().any(&conflicts);
    (0..SESSIONS).filter(in_the_way).map(|other| SessionId(other as u64)).collect()
}

fn compare(
    answer: Result<store::locks::Acquired, LockError>,
    expected: &[SessionId],
) -> Result<bool, TestCaseError> {
    match answer {
        Ok(acquired) => {
            prop_assert!(acquired.is_held());
            prop_assert!(expected.is_empty(), "granted although {expected:?} hold it");
            Ok(true)
        }
        Err(LockError::NotAvailable { holders, .. }) => {
            let mut named: Vec<SessionId> = holders.iter().map(|holder| holder.session).collect();
            named.sort();
            prop_assert_eq!(&named[..], expected);
            Ok(false)
        }
        Err(other) => Err(TestCaseError::fail(other.to_string())),
    }
}

fn lock_row(
    model: &mut [ModelSession],
    locker: &mut Locker,
    me: usize,
    key: Vec<u8>,
    mode: RowMode,
) -> Result<(), TestCaseError> {
    let modes = |session: &ModelSession| {
        session.rows.iter().filter(|grant| grant.0 == key).map(|grant| grant.1).collect::<Vec<_>>()
    };
    // What one holds oneself in a stronger mode is granted whoever else is there.
    let satisfied = modes(&model[me]).into_iter().any(|held| held.is_as_good_as(mode));
    let mut expected = holders(model, me, modes, |held| held.conflicts_with(mode));
    if satisfied {
        expected.clear();
    }
    if compare(locker.lock_row(TREE, &key, mode, WaitPolicy::NoWait), &expected)? && !satisfied {
        let depth = model[me].savepoints.len();
        model[me].rows.push((key, mode, depth));
    }
    Ok(())
}

fn lock_relation(
    model: &mut [ModelSession],
    locker: &mut Locker,
    me: usize,
    relation: u64,
    mode: RelationMode,
) -> Result<(), TestCaseError> {
    let modes = |session: &ModelSession| {
        let grants = session.relations.iter().filter(|grant| grant.0 == relation);
        grants.map(|grant| grant.1).collect::<Vec<_>>()
    };
    let satisfied = modes(&model[me]).contains(&mode);
    let expected = holders(model, me, modes, |held| held.conflicts_with(mode));
    let answer = locker.lock_relation(RelationId(relation), mode, WaitPolicy::NoWait);
    if compare(answer, &expected)? && !satisfied {
        let depth = model[me].savepoints.len();
        model[me].relations.push((relation, mode, depth));
    }
    Ok(())
}

fn apply(
    model: &mut [ModelSession],
    locker: &mut Locker,
    me: usize,
    step: Step,
) -> Result<(), TestCaseError> {
    match step {
        Step::Row(row, mode) => lock_row(model, locker, me, row.to_be_bytes().to_vec(), mode)?,
        Step::Key(key, mode) => lock_row(model, locker, me, vec![key; 5], mode)?,
        Step::Relation(relation, mode) => lock_relation(model, locker, me, relation, mode)?,
        Step::Savepoint => model[me].savepoints.push(locker.savepoint()),
        Step::RollbackTo(index) => {
            if let Some(&savepoint) = model[me].savepoints.get(index) {
                locker.rollback_to(savepoint);
                model[me].forget_from(index + 1);
                model[me].savepoints.truncate(index + 1);
            }
        }
        Step::Release(index) => {
            if let Some(&savepoint) = model[me].savepoints.get(index) {
                locker.release_savepoint(savepoint);
                model[me].move_from(index + 1);
                model[me].savepoints.truncate(index);
            }
        }
        Step::End => {
            locker.end_transaction();
            model[me] = ModelSession::default();
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn grants_are_those_of_a_plain_list(
        steps in proptest::collection::vec((0..SESSIONS, step()), 1..120),
    ) {
        let table = table();
        let mut lockers: Vec<Locker> = (0..SESSIONS).map(|n| session(&table, n as u64)).collect();
        let mut model: Vec<ModelSession> = (0..SESSIONS).map(|_| ModelSession::default()).collect();
        for (me, step) in steps {
            apply(&mut model, &mut lockers[me], me, step)?;
            for (locker, session) in lockers.iter().zip(&model) {
                for (key, _, _) in &session.rows {
                    let strongest = session.rows.iter().filter(|grant| grant.0 == *key).map(|grant| grant.1).max();
                    prop_assert_eq!(locker.row_mode(TREE, key), strongest);
                }
            }
        }
        drop(lockers);
        prop_assert_eq!(table.memory_bytes(), 0);
    }
}
