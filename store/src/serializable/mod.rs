//! Serialisable snapshot isolation: SERIALIZABLE without read locks, as PostgreSQL does it (Ports and Grittner 2012).
//!
//! Transactions run on snapshots. This module remembers what each has read and written, sees when one has read where a
//! concurrent one writes, and refuses a transaction before such conflicts can close a cycle. Whatever it lets commit is
//! equivalent to some serial order; now and then it refuses what would have been.
//!
//! * `range.rs`, `footprint.rs`, `coverage.rs`: which keys were read and written, by whom.
//! * `xact.rs`, `state.rs`: the transactions, running, and committed ones that a running one overlaps.
//! * `conflict.rs`: the rules.
//!
//! How the store uses it: [`Serializable::begin`] around taking the snapshot; [`Serializable::read_point`] and
//! [`Serializable::read_range`] for all that is read, also for what is not found; [`Serializable::write`] for each key
//! that is written, before it is; [`Serializable::prepare`] under the commit lock, before the commit is logged; and, once
//! the commit is visible, [`Serializable::committed`], if it never was, [`Serializable::rolled_back`], and if only opening
//! the store again will tell, [`Serializable::unknown`].
//!
//! Invariants
//!
//! 1. Taking a snapshot and becoming known here is one step: the snapshot contains every transaction that is known
//!    here as committed. (Of one whose outcome is unknown it contains nothing, and never will.)
//! 2. Two transactions that write one key never both commit if they overlap; row locks and the first-updater rule see
//!    to that, not this module.
//! 3. Everything that saves memory (ranges for points, a summary for old transactions) adds refusals, never hides a
//!    conflict.
//! 4. A transaction whose outcome is unknown counts as committed and is never forgotten: whoever reads on, and is
//!    acknowledged, must not contradict it if it turns up when the store is opened again.
//!
//! How it fails: a [`SerializationFailure`] from any call but the last three. The caller rolls back and says so here.

mod conflict;
mod coverage;
mod error;
mod footprint;
pub mod labels;
mod range;
mod state;
mod xact;

pub use error::{FailureReason, SerializationFailure};

use crate::ids::{CommitNumber, SessionId, TransactionId, TreeId};
use env::Env;
use env::sync::{Condvar, Mutex, MutexGuard};
use range::{KeyRange, Tracked};
use state::{Side, State};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// A serialisable transaction, as its store names it here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionHandle(u64);

impl TransactionHandle {
    /// Stands for all committed transactions of which only a summary is left.
    const SUMMARY: TransactionHandle = TransactionHandle(0);
}

/// What a transaction has declared to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It may write.
    ReadWrite,
    /// It never writes: far fewer conflicts endanger it.
    ReadOnly,
}

/// What is under a key that is about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overwritten {
    /// Nothing, or something of which it is not known who wrote it, or that all who read have seen.
    Unknown,
    /// What the transaction itself has written: who read what was there before was met then.
    Own,
    /// What became visible with this commit.
    Version(CommitNumber),
}

/// How much is remembered.
#[derive(Debug, Clone, Copy)]
pub struct SerializableOptions {
    /// Points and ranges of one transaction in one tree before neighbours are joined.
    pub entries_per_tree: usize,
    /// Bytes for everything.
    pub budget: usize,
}

impl Default for SerializableOptions {
    fn default() -> SerializableOptions {
        SerializableOptions { entries_per_tree: 4096, budget: 16 << 20 }
    }
}

/// Keys that a serialisable transaction has read, running or still overlapped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrackedRead {
    /// The tree.
    pub tree: TreeId,
    /// The first key.
    pub from: Arc<[u8]>,
    /// The first key after; none if the range has no end.
    pub to: Option<Arc<[u8]>>,
    /// Whether it is the one key `from`.
    pub is_point: bool,
    /// Who read, once it has a number.
    pub transaction: Option<TransactionId>,
}

/// The serialisable transactions of a store. Trees of different databases must have different names here.
pub struct Serializable {
    state: Mutex<State>,
    /// A read-only transaction became safe, or known to be unsafe.
    decided: Condvar,
}

impl fmt::Debug for Serializable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Serializable").finish_non_exhaustive()
    }
}

impl Serializable {
    /// Without transactions.
    pub fn new(env: Arc<dyn Env>, options: SerializableOptions) -> Serializable {
        Serializable {
            state: Mutex::new(&labels::STATE, State::new(env, options)),
            decided: Condvar::new(&labels::SAFE),
        }
    }

    /// Begins a transaction of `session`. `snapshot` takes the snapshot and says how far it reaches; it runs under this
    /// module's mutex (invariant 1) and must not call back.
    pub fn begin<S>(
        &self,
        session: SessionId,
        access: Access,
        snapshot: impl FnOnce() -> (CommitNumber, S),
    ) -> (TransactionHandle, S) {
        let mut state = self.state.lock();
        let (number, snapshot) = snapshot();
        (state.begin(session, number, access), snapshot)
    }

    /// Begins a read-only transaction on a snapshot that cannot show an anomaly: waits until there is one. Once it has
    /// begun it is never refused, and nothing that it reads is tracked. `None` when `cancelled` says so; it is asked before
    /// every wait, and again whenever [`Serializable::wake_deferrable`] is called.
    ///
    /// # Errors
    /// When there will be no such snapshot: a transaction whose outcome is unknown endangers all that are still taken.
    pub fn begin_deferrable<S>(
        &self,
        session: SessionId,
        mut snapshot: impl FnMut() -> (CommitNumber, S),
        mut cancelled: impl FnMut() -> bool,
    ) -> Result<Option<(TransactionHandle, S)>, SerializationFailure> {
        let mut state = self.state.lock();
        loop {
            let (number, taken) = snapshot();
            state.refuse_if_never_safe(number)?;
            let id = state.begin(session, number, Access::ReadOnly);
            while let Some(xact) = state.xacts.get_mut(&id) {
                xact.waits = !xact.safe;
                if xact.safe {
                    return Ok(Some((id, taken)));
                }
                let known_unsafe = xact.known_unsafe;
                if cancelled() {
                    state.rolled_back(id);
                    return Ok(None);
                }
                if known_unsafe {
                    break;
                }
                self.decided.wait(&mut state);
            }
            state.env.reached(&labels::REACHED_UNSAFE);
            state.rolled_back(id);
        }
    }

    /// The sessions whose transactions the session waits for in [`Serializable::begin_deferrable`]; none if it does not.
    pub fn waited_for(&self, session: SessionId) -> BTreeSet<SessionId> {
        let state = self.state.lock();
        let waiting = state.xacts.values().find(|xact| xact.waits && xact.session == session);
        let writers = waiting.into_iter().flat_map(|xact| &xact.possibly_unsafe);
        writers.filter_map(|writer| state.xacts.get(writer)).map(|writer| writer.session).collect()
    }

    /// Makes those who wait in [`Serializable::begin_deferrable`] ask whether they are cancelled.
    pub fn wake_deferrable(&self) {
        let _state = self.state.lock();
        self.decided.notify_all();
    }

    /// Names the transaction in the errors of others.
    pub fn set_transaction(&self, handle: TransactionHandle, transaction: TransactionId) {
        if let Some(xact) = self.state.lock().xacts.get_mut(&handle) {
            xact.transaction = Some(transaction);
        }
    }

    /// Whether the transaction reads from a snapshot that cannot show an anomaly: its reads need not be told.
    pub fn is_safe(&self, handle: TransactionHandle) -> bool {
        self.state.lock().xacts.get(&handle).is_some_and(|xact| xact.safe)
    }

    /// Tells of a read of `key`, found or not.
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn read_point(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        key: &[u8],
    ) -> Result<(), SerializationFailure> {
        self.has_read(handle, tree, Tracked::Point(key))
    }

    /// Tells of a read of all keys between two bounds, those that are there and those that are not.
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn read_range(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        start: Bound<&[u8]>,
        end: Bound<&[u8]>,
    ) -> Result<(), SerializationFailure> {
        let Some(range) = KeyRange::between(start, end) else { return Ok(()) };
        self.has_read(handle, tree, Tracked::Range(&range))
    }

    /// Tells of a read of what is newest between two bounds, under a lock that keeps others from changing what was read for
    /// until the transaction ends. Whoever has written there until now was read, or wrote what does not matter: so only
    /// later writers conflict.
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn read_newest(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        start: Bound<&[u8]>,
        end: Bound<&[u8]>,
    ) -> Result<(), SerializationFailure> {
        let Some(range) = KeyRange::between(start, end) else { return Ok(()) };
        let mut state = self.state.lock();
        if begin_read(&state, handle)? {
            if let Some(xact) = state.xacts.get_mut(&handle) {
                xact.has_read_newest = true;
            }
            state.track(handle, tree, Tracked::Range(&range), Side::Read);
        }
        Ok(())
    }

    /// Tells of an insertion, update or deletion of `key`, and over what. Whoever read an older version than that conflicts
    /// with who wrote the next one, and not with this transaction.
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn write(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        key: &[u8],
        overwritten: Overwritten,
    ) -> Result<(), SerializationFailure> {
        self.has_written(handle, tree, Tracked::Point(key), overwritten)
    }

    /// Tells of a change to all keys between two bounds (a range deletion, `TRUNCATE`, a rewrite of the table).
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn write_range(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        start: Bound<&[u8]>,
        end: Bound<&[u8]>,
    ) -> Result<(), SerializationFailure> {
        let Some(range) = KeyRange::between(start, end) else { return Ok(()) };
        self.has_written(handle, tree, Tracked::Range(&range), Overwritten::Unknown)
    }

    fn has_read(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        what: Tracked<'_>,
    ) -> Result<(), SerializationFailure> {
        let mut state = self.state.lock();
        if !begin_read(&state, handle)? {
            return Ok(());
        }
        state.track(handle, tree, what, Side::Read);
        let mut writers = BTreeSet::new();
        if let Some(index) = state.trees.get(&tree) {
            index.writers.meeting(what, &mut writers);
        }
        state.conflicts_out(handle, &writers)
    }

    fn has_written(
        &self,
        handle: TransactionHandle,
        tree: TreeId,
        what: Tracked<'_>,
        overwritten: Overwritten,
    ) -> Result<(), SerializationFailure> {
        let mut state = self.state.lock();
        begin_write(&mut state, handle)?;
        state.track(handle, tree, what, Side::Write);
        let mut readers = BTreeSet::new();
        if let Some(index) = state.trees.get(&tree) {
            index.readers.meeting(what, &mut readers);
        }
        state.conflicts_in(handle, &readers, overwritten)
    }

    /// The last check. After it the transaction is never refused: the store commits it, or fails for reasons of its own
    /// and rolls it back. Of transactions that write, the one that prepares first must become visible first.
    ///
    /// # Errors
    /// The transaction must be rolled back.
    pub fn prepare(&self, handle: TransactionHandle) -> Result<(), SerializationFailure> {
        let mut state = self.state.lock();
        state.check_before_commit(handle)?;
        state.prepared(handle);
        Ok(())
    }

    /// The transaction's commit is visible to whoever takes a snapshot from now on. `number` is its place in the order
    /// of commits; none if it wrote nothing. The handle is dead afterwards.
    pub fn committed(&self, handle: TransactionHandle, number: Option<CommitNumber>) {
        let mut state = self.state.lock();
        if state.committed(handle, number) {
            self.decided.notify_all();
        }
    }

    /// The transaction has been logged, and whether it is durable only opening the store again will tell; this store
    /// never shows it, nor commits anything any more. `number` is the place it would have in the order of commits, if
    /// that is known. The handle is dead afterwards.
    pub fn unknown(&self, handle: TransactionHandle, number: Option<CommitNumber>) {
        let mut state = self.state.lock();
        if state.unknown(handle, number) {
            self.decided.notify_all();
        }
    }

    /// The transaction has been rolled back. The handle is dead afterwards.
    pub fn rolled_back(&self, handle: TransactionHandle) {
        let mut state = self.state.lock();
        if state.rolled_back(handle) {
            self.decided.notify_all();
        }
    }

    /// What is remembered as read, sorted: the `SIReadLock` lines of `pg_locks`.
    pub fn view(&self) -> Vec<TrackedRead> {
        let state = self.state.lock();
        let mut lines = Vec::new();
        for xact in state.xacts.values() {
            for (&tree, footprint) in &xact.reads {
                lines.extend(footprint.entries().map(|range| TrackedRead {
                    tree,
                    is_point: range.end.as_ref() == Some(&range::successor(&range.start)),
                    from: range.start,
                    to: range.end,
                    transaction: xact.transaction,
                }));
            }
        }
        lines.sort();
        lines
    }

    /// Estimated bytes of everything remembered; zero when no transaction runs and no outcome is unknown.
    pub fn memory_bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// How many transactions are remembered, running or committed.
    pub fn len(&self) -> usize {
        self.state.lock().xacts.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// False when the read need not be tracked.
fn begin_read(
    state: &MutexGuard<'_, State>,
    handle: TransactionHandle,
) -> Result<bool, SerializationFailure> {
    if state.xacts.get(&handle).is_none_or(|xact| xact.safe) {
        return Ok(false);
    }
    state.refuse_if_doomed(handle, FailureReason::PivotDuringRead)?;
    Ok(true)
}

fn begin_write(
    state: &mut MutexGuard<'_, State>,
    handle: TransactionHandle,
) -> Result<(), SerializationFailure> {
    state.refuse_if_doomed(handle, FailureReason::PivotDuringConflictIn)?;
    if let Some(xact) = state.xacts.get_mut(&handle) {
        debug_assert!(!xact.declared_read_only, "a transaction that was declared read-only writes nothing");
        xact.wrote = true;
    }
    Ok(())
}
