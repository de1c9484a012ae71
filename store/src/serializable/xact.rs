//! One serialisable transaction, running or committed and still overlapped.
//!
//! Invariants
//!
//! 1. `phase` only goes forward.
//! 2. `conflicts_out` of one and `conflicts_in` of the other always name each other, as long as both exist.
//! 3. `prepared_at` is at most `committed_at`.

use super::TransactionHandle as Id;
use super::footprint::Footprint;
use crate::ids::{CommitNumber, SessionId, TransactionId, TreeId};
use std::collections::{BTreeMap, BTreeSet};

/// A moment in the order of preparations and commits of serialisable transactions. Not a [`CommitNumber`]: those name
/// what is visible, these only tell what came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) u64);

impl Moment {
    /// Later than everything that has happened.
    pub(super) const NOT_YET: Moment = Moment(u64::MAX);
    /// Earlier than everything.
    pub(super) const FIRST: Moment = Moment(0);
}

/// How far a transaction has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Active,
    /// It has passed its last check and may no longer be refused.
    Prepared,
    Committed,
    /// Logged, perhaps not durably: committed by every rule, and yet in nobody's snapshot.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Xact {
    /// Whose it is.
    pub(super) session: SessionId,
    /// It waits for a snapshot that cannot show an anomaly.
    pub(super) waits: bool,
    pub(super) transaction: Option<TransactionId>,
    pub(super) snapshot: CommitNumber,
    pub(super) phase: Phase,
    /// The last commit when the snapshot was taken.
    pub(super) last_commit_before_snapshot: Moment,
    pub(super) prepared_at: Moment,
    /// When its commit was told; of one whose outcome is unknown it never is.
    pub(super) committed_at: Moment,
    /// The place of its writes in the order of commits, once known.
    pub(super) commit_number: Option<CommitNumber>,
    /// The earliest commit among those it has a conflict out to; valid when `conflict_out`.
    pub(super) earliest_conflict_out: Moment,
    /// Those whose writes it did not see although it read there (it -rw-> they).
    pub(super) conflicts_out: BTreeSet<Id>,
    /// Those that did not see its writes (they -rw-> it).
    pub(super) conflicts_in: BTreeSet<Id>,
    /// Of a read-only transaction: the writers that may yet make its snapshot unsafe. Of a writer: the read-only
    /// transactions that watch it.
    pub(super) possibly_unsafe: BTreeSet<Id>,
    /// Chosen to fail: it will be refused at its next step.
    pub(super) doomed: bool,
    /// Declared so, or committed without a write.
    pub(super) read_only: bool,
    pub(super) declared_read_only: bool,
    /// It committed with a conflict out to a transaction that had committed before it.
    pub(super) conflict_out: bool,
    /// Some conflict in, or out, is with a transaction that was summarised.
    pub(super) summary_conflict_in: bool,
    pub(super) summary_conflict_out: bool,
    /// A read-only transaction that no writer can disturb any more: its reads are not tracked.
    pub(super) safe: bool,
    /// A read-only transaction whose snapshot may show an anomaly, unless it is tracked.
    pub(super) known_unsafe: bool,
    pub(super) wrote: bool,
    /// It has read newer versions than its snapshot's, somewhere.
    pub(super) has_read_newest: bool,
    pub(super) reads: BTreeMap<TreeId, Footprint>,
    pub(super) writes: BTreeMap<TreeId, Footprint>,
}

impl Xact {
    pub(super) fn new(session: SessionId, snapshot: CommitNumber, last: Moment, read_only: bool) -> Xact {
        Xact {
            session,
            waits: false,
            transaction: None,
            snapshot,
            phase: Phase::Active,
            last_commit_before_snapshot: last,
            prepared_at: Moment::NOT_YET,
            committed_at: Moment::NOT_YET,
            commit_number: None,
            earliest_conflict_out: Moment::NOT_YET,
            conflicts_out: BTreeSet::new(),
            conflicts_in: BTreeSet::new(),
            possibly_unsafe: BTreeSet::new(),
            doomed: false,
            read_only,
            declared_read_only: read_only,
            conflict_out: false,
            summary_conflict_in: false,
            summary_conflict_out: false,
            safe: false,
            known_unsafe: false,
            wrote: false,
            has_read_newest: false,
            reads: BTreeMap::new(),
            writes: BTreeMap::new(),
        }
    }

    /// Committed, or to be treated so.
    pub(super) fn is_committed(&self) -> bool {
        match self.phase {
            Phase::Active | Phase::Prepared => false,
            Phase::Committed | Phase::Unknown => true,
        }
    }

    /// Whether a snapshot of this commit shows its writes.
    pub(super) fn is_seen_by(&self, snapshot: CommitNumber) -> bool {
        self.commit_number.is_some_and(|number| number <= snapshot)
    }

    /// Prepared, or further.
    pub(super) fn is_prepared(&self) -> bool {
        match self.phase {
            Phase::Active => false,
            Phase::Prepared | Phase::Committed | Phase::Unknown => true,
        }
    }
}
