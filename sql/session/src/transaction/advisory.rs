//! Locks that programs name themselves (`pg_advisory_lock` and its like), and who waits for whom.
//!
//! A key is of the session's database. One number and two numbers are keys of two kinds that never meet. A wait ends as every
//! other wait of a statement does: with `lock_timeout`, with the statement's time, or when it is cancelled.

use crate::client::Notice;
use crate::services::{Services, number};
use crate::store_error::StoreFailure;
use diagnostic::{Diagnostic, SqlState};
use functions::{FunctionError, FunctionResult, SessionFunction};
use std::collections::BTreeSet;
use std::time::Duration;
use store::locks::{AdvisoryKey, AdvisoryMode, AdvisoryScope, WaitPolicy};
use types::array::{ArrayBuilder, ArrayView, Dimension};
use types::catalog::oid;
use types::{Item, Value};

/// A lock was given back that the session does not hold.
#[derive(Debug, thiserror::Error)]
#[error("you don't own a lock of type {0}")]
struct NotHeld(&'static str);

impl Diagnostic for NotHeld {
    fn sqlstate(&self) -> SqlState {
        SqlState::Warning
    }
}

impl Services<'_> {
    /// Answers for locks.
    pub(crate) fn of_locks(
        &mut self,
        function: SessionFunction,
        arguments: &[Item<'_>],
    ) -> FunctionResult<Option<Value>> {
        use AdvisoryMode::{Exclusive, Shared};
        use AdvisoryScope as Of;
        use SessionFunction as F;
        Ok(Some(match function {
            F::LockAdvisory => self.wait_for(arguments, Exclusive, Of::Session)?,
            F::LockAdvisoryShared => self.wait_for(arguments, Shared, Of::Session)?,
            F::LockAdvisoryInTransaction => self.wait_for(arguments, Exclusive, Of::Transaction)?,
            F::LockAdvisoryInTransactionShared => self.wait_for(arguments, Shared, Of::Transaction)?,
            F::TryLockAdvisory => self.try_to(arguments, Exclusive, Of::Session)?,
            F::TryLockAdvisoryShared => self.try_to(arguments, Shared, Of::Session)?,
            F::TryLockAdvisoryInTransaction => self.try_to(arguments, Exclusive, Of::Transaction)?,
            F::TryLockAdvisoryInTransactionShared => self.try_to(arguments, Shared, Of::Transaction)?,
            F::UnlockAdvisory => self.give_back(arguments, Exclusive),
            F::UnlockAdvisoryShared => self.give_back(arguments, Shared),
            F::UnlockAllAdvisory => {
                self.store.unlock_all_advisory();
                void()
            }
            F::BlockingPids => numbers(&self.blocking(first_number(arguments))),
            F::SafeSnapshotBlockingPids => numbers(&self.safe_snapshot_blockers(first_number(arguments))),
            F::IsBlockedInTest => self.is_blocked(arguments),
            _ => return Ok(None),
        }))
    }

    fn key(&self, arguments: &[Item<'_>]) -> AdvisoryKey {
        match arguments {
            [Item::Int32(high), Item::Int32(low)] => AdvisoryKey::Two(self.database, *high, *low),
            [Item::Int64(number)] => AdvisoryKey::One(self.database, *number),
            // The table of functions declares no others, and none of them is called with nulls.
            _ => AdvisoryKey::One(self.database, 0),
        }
    }

    fn wait_for(
        &mut self,
        arguments: &[Item<'_>],
        mode: AdvisoryMode,
        scope: AdvisoryScope,
    ) -> FunctionResult<Value> {
        let locked = self.store.lock_advisory(self.key(arguments), mode, scope, self.patience());
        if let Err(error) = locked {
            // When the statement's time is over, that is what it fails with.
            functions::Session::check(self)?;
            return Err(FunctionError::Other(Box::new(StoreFailure::from(error))));
        }
        Ok(void())
    }

    fn try_to(
        &mut self,
        arguments: &[Item<'_>],
        mode: AdvisoryMode,
        scope: AdvisoryScope,
    ) -> FunctionResult<Value> {
        let locked = self.store.lock_advisory(self.key(arguments), mode, scope, WaitPolicy::Skip);
        let locked = locked.map_err(|error| FunctionError::Other(Box::new(StoreFailure::from(error))))?;
        Ok(Value::Bool(locked))
    }

    fn give_back(&mut self, arguments: &[Item<'_>], mode: AdvisoryMode) -> Value {
        let held = self.store.unlock_advisory(self.key(arguments), mode);
        if !held {
            let name = match mode {
                AdvisoryMode::Exclusive => "ExclusiveLock",
                AdvisoryMode::Shared => "ShareLock",
            };
            self.notices.push(Notice::New(Box::new(NotHeld(name))));
        }
        Value::Bool(held)
    }

    /// How long to wait: as long as is set, and no longer than the statement may take.
    pub(crate) fn patience(&self) -> WaitPolicy {
        let set = match self.settings.typed().lock_timeout {
            0 => None,
            milliseconds => Some(Duration::from_millis(milliseconds)),
        };
        let now = || self.engine.env.monotonic(&crate::labels::TIMER);
        let left = self.deadline.map(|end| end.saturating_sub(now()));
        WaitPolicy::Wait { limit: set.into_iter().chain(left).min() }
    }

    /// The sessions that hold, or wait before it for, what the session of this number waits for.
    fn blocking(&self, waiting: u64) -> BTreeSet<u64> {
        let waits = |line: &store::locks::LockView| !line.granted && line.holder.session.0 == waiting;
        let lines = self.engine.store.locks().into_iter().filter(waits);
        let blocking = lines.flat_map(|line| line.blocked_by).map(|holder| holder.session.0);
        blocking.filter(|blocking| *blocking != waiting).collect()
    }

    /// The sessions that this one waits for until it may begin as a deferrable transaction.
    fn safe_snapshot_blockers(&self, waiting: u64) -> BTreeSet<u64> {
        let blockers = self.engine.store.safe_snapshot_blockers(store::SessionId(waiting));
        blockers.into_iter().map(|session| session.0).collect()
    }

    /// What PostgreSQL's runner of isolation scripts asks again and again: whether the session waits for one of those that
    /// take part, or for a safe snapshot.
    fn is_blocked(&self, arguments: &[Item<'_>]) -> Value {
        let waiting = first_number(arguments);
        let blocking = self.blocking(waiting);
        let taking_part = match arguments.get(1) {
            Some(Item::Bytes(bytes)) => ArrayView::new(bytes),
            _ => None,
        };
        let by_them = taking_part
            .is_some_and(|array| array.items().any(|item| blocking.contains(&u64::from(number(&item)))));
        Value::Bool(by_them || !self.safe_snapshot_blockers(waiting).is_empty())
    }
}

fn first_number(arguments: &[Item<'_>]) -> u64 {
    arguments.first().map_or(0, |item| u64::from(number(item)))
}

/// An array of the numbers of sessions.
fn numbers(sessions: &BTreeSet<u64>) -> Value {
    let mut array = ArrayBuilder::new(oid::INT4, types::Kind::Int32);
    for session in sessions {
        array.push(&Item::Int32(i32::try_from(*session).unwrap_or(i32::MAX)));
    }
    let dimension = Dimension { length: i32::try_from(sessions.len()).unwrap_or(i32::MAX), lower: 1 };
    let dimensions = if sessions.is_empty() { &[][..] } else { std::slice::from_ref(&dimension) };
    Value::Bytes(array.finish(dimensions).into())
}

fn void() -> Value {
    Value::Bytes([].into())
}
