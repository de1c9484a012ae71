//! How a transaction begins: its level, its database, its snapshot.
//!
//! Invariants
//!
//! 1. A serialisable transaction's snapshot is taken while it enters the list of those running, so that no commit falls
//!    between the two.
//! 2. A transaction that takes its level late has locked, and neither written nor told anybody of what it read: what it goes back
//!    to by a savepoint is its one snapshot, too.
//!
//! Fails only when a wait for a safe snapshot is cancelled, or when there will be none because a commit is unknown.

use super::Transaction;
use crate::error::{StoreError, StoreResult};
use crate::forest::MAIN_DATABASE;
use crate::ids::DatabaseId;
use crate::locks::WaitPolicy;
use crate::serializable::{Access, TransactionHandle};
use crate::session::Session;
use crate::snapshots::Snapshot;
use crate::store::Inner;

/// What a transaction may see of concurrent ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it began ([`Transaction::refresh`]).
    ReadCommitted,
    /// Everything is read as of the first statement; a row changed since cannot be written.
    RepeatableRead,
    /// As if transactions ran one after another.
    Serializable,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// What it may see.
    pub isolation: Isolation,
    /// Whether it may only read.
    pub read_only: bool,
    /// Whether it promises to change nothing that others see, if it is serialisable: then it is refused less often. Unlike
    /// [`Begin::read_only`] it may lock, and write what is its session's own.
    pub declared_read_only: bool,
    /// Counts for a serialisable transaction that only reads: beginning waits until there is a snapshot in which no
    /// anomaly can be seen, and from then on it is never refused and nothing of it is tracked. It waits for serialisable
    /// writers to end, so whoever begins one must not have such a writer open in the same task. The session's
    /// [`Canceller`](crate::Canceller) ends the wait.
    pub deferrable: bool,
    /// The database it works in.
    pub database: DatabaseId,
    /// How it waits for locks when a call does not say.
    pub wait: WaitPolicy,
}

impl Default for Begin {
    fn default() -> Begin {
        Begin {
            isolation: Isolation::ReadCommitted,
            read_only: false,
            declared_read_only: false,
            deferrable: false,
            database: MAIN_DATABASE,
            wait: WaitPolicy::FOREVER,
        }
    }
}

/// The snapshot a transaction starts with, and its name among the serialisable ones, if it is one.
pub(super) fn take_snapshot(
    inner: &Inner,
    session: &Session,
    begin: &Begin,
) -> StoreResult<(Option<TransactionHandle>, Snapshot)> {
    match begin.isolation {
        Isolation::ReadCommitted | Isolation::RepeatableRead => Ok((None, inner.snapshots.take())),
        Isolation::Serializable => {
            let take = || {
                let hold = inner.snapshots.take();
                (hold.commit(), hold)
            };
            if begin.read_only && begin.deferrable {
                let begun =
                    inner.serializable.begin_deferrable(session.id(), take, || session.take_cancel())?;
                let (handle, hold) = begun.ok_or(StoreError::Cancelled)?;
                return Ok((Some(handle), hold));
            }
            let reads = begin.read_only || begin.declared_read_only;
            let access = if reads { Access::ReadOnly } else { Access::ReadWrite };
            let (handle, hold) = inner.serializable.begin(session.id(), access, take);
            Ok((Some(handle), hold))
        }
    }
}

impl Transaction {
    /// Takes the level that `begin` says, and the snapshot of that level, for a transaction that began at READ COMMITTED to lock
    /// before it reads (`LOCK TABLE`). Does nothing once it has written.
    ///
    /// # Errors
    /// As beginning one; the transaction is as before.
    pub fn take_level(&mut self, begin: &Begin) -> StoreResult<()> {
        self.check_open()?;
        if begin.isolation == Isolation::ReadCommitted || !self.branch.is_clean() {
            return Ok(());
        }
        let (tracked, hold) = take_snapshot(&self.inner, &self.session, begin)?;
        let version = hold.version().clone();
        if let Err(error) = self.move_onto(hold, &version) {
            if let Some(handle) = tracked {
                self.inner.serializable.rolled_back(handle);
            }
            return Err(error);
        }
        if let (Some(handle), Some(id)) = (tracked, self.id) {
            self.inner.serializable.set_transaction(handle, id);
        }
        self.tracked = tracked;
        self.isolation = begin.isolation;
        self.session.locker().keep_snapshot(self.branch.database);
        for place in 0..self.savepoints.len() {
            self.savepoints[place].branch = self.branch.save();
        }
        Ok(())
    }
}
