//! The rules: when a read-write conflict completes a dangerous structure, and who is refused for it.
//!
//! A *conflict* R -rw-> W means: R read where the concurrent W wrote, and did not see it; in any serial order R comes
//! before W. A cycle among snapshot transactions always contains T1 -rw-> T2 -rw-> T3 (T1 and T3 may be one) in which
//! T3 is the first of the three to commit, and, if T1 only reads, before T1 took its snapshot. (Fekete et al. 2005;
//! Ports and Grittner 2012.) So no cycle can form if one of the three is refused whenever that structure appears. T2,
//! the *pivot*, is refused where possible, because its retry then runs after T3 and cannot meet it again.
//!
//! The rules and their order are those of PostgreSQL's `predicate.c`, with one thing known that is not known there:
//! transactions that write prepare in the order in which they commit (under the store's commit lock). So one that has
//! prepared counts as committed at that moment, and group commit costs nobody a refusal.
//!
//! Invariants
//!
//! 1. Rules run when an edge appears (a read, a write) and when a transaction prepares: each structure becomes
//!    complete at one of these moments, and the mutex makes them one after another.
//! 2. A prepared transaction is never refused: someone else of the structure is.
//! 3. One whose outcome is unknown is a pivot like a committed one, for all who begin after it, too. What it conflicts out
//!    to has been visible all the while; what it wrote may turn up when the store is opened again.

use super::Overwritten;
use super::TransactionHandle as Id;
use super::error::{FailureReason, SerializationFailure};
use super::labels;
use super::state::State;
use super::xact::{Moment, Phase, Xact};
use crate::ids::CommitNumber;
use std::collections::BTreeSet;

/// The reason why a prepared pivot refuses others: no other try helps against one whose outcome is unknown.
fn of_pivot(pivot: &Xact, known: FailureReason) -> FailureReason {
    match pivot.phase {
        Phase::Unknown => FailureReason::ConflictOutToUnknown(pivot.transaction),
        Phase::Active | Phase::Prepared | Phase::Committed => known,
    }
}

impl State {
    fn refuse(&self, reason: FailureReason) -> SerializationFailure {
        self.env.reached(&labels::REACHED_PIVOT);
        SerializationFailure { reason }
    }

    fn doom(&mut self, id: Id) {
        if let Some(xact) = self.xacts.get_mut(&id) {
            xact.doomed = true;
            self.env.reached(&labels::REACHED_DOOMED);
        }
    }

    /// Refuses a transaction that another one's check has chosen.
    pub(super) fn refuse_if_doomed(&self, id: Id, reason: FailureReason) -> Result<(), SerializationFailure> {
        if self.xacts.get(&id).is_some_and(|xact| xact.doomed) {
            return Err(self.refuse(reason));
        }
        Ok(())
    }

    /// Refuses to look for a snapshot that cannot show an anomaly where there will be none.
    pub(super) fn refuse_if_never_safe(&self, snapshot: CommitNumber) -> Result<(), SerializationFailure> {
        match self.endangered_by_unknown(snapshot) {
            Some(pivot) => Err(self.refuse(FailureReason::ConflictOutToUnknown(pivot.transaction))),
            None => Ok(()),
        }
    }

    fn conflict_exists(&self, reader: Id, writer: Id) -> bool {
        self.xacts.get(&reader).is_some_and(|reader| reader.conflicts_out.contains(&writer))
    }

    /// `reader`, which runs, has read where each of `writers` has written.
    pub(super) fn conflicts_out(
        &mut self,
        reader: Id,
        writers: &BTreeSet<Id>,
    ) -> Result<(), SerializationFailure> {
        for &writer in writers {
            if writer == Id::SUMMARY {
                self.conflict_out_to_summary(reader)?;
            } else if writer != reader {
                self.conflict_out(reader, writer)?;
            }
        }
        Ok(())
    }

    fn conflict_out(&mut self, reader_id: Id, writer_id: Id) -> Result<(), SerializationFailure> {
        let (Some(reader), Some(writer)) = (self.xacts.get(&reader_id), self.xacts.get(&writer_id)) else {
            return Ok(());
        };
        if writer.doomed || writer.is_seen_by(reader.snapshot) || self.conflict_exists(reader_id, writer_id) {
            return Ok(());
        }
        if writer.summary_conflict_out {
            if writer.is_prepared() {
                return Err(self.refuse(of_pivot(writer, FailureReason::ConflictOutToOldPivot)));
            }
            self.doom(writer_id);
            return Ok(());
        }
        // A reader that writes nothing is only in danger if the writer's own conflict out is to someone who committed
        // before the reader's snapshot.
        let harmless =
            !writer.conflict_out || reader.last_commit_before_snapshot < writer.earliest_conflict_out;
        if reader.read_only && writer.is_committed() && harmless {
            return Ok(());
        }
        self.flag_conflict(reader_id, writer_id, reader_id)
    }

    fn conflict_out_to_summary(&mut self, reader_id: Id) -> Result<(), SerializationFailure> {
        let summary = &self.summary;
        let Some(reader) = self.xacts.get(&reader_id) else { return Ok(()) };
        if summary.last_commit_number <= reader.snapshot {
            return Ok(());
        }
        let earliest = summary.earliest_conflict_out;
        let danger = earliest != Moment::NOT_YET
            && (!reader.read_only || earliest <= reader.last_commit_before_snapshot);
        if danger || reader.summary_conflict_in || !reader.conflicts_in.is_empty() {
            return Err(self.refuse(FailureReason::ConflictOutToOldPivot));
        }
        if let Some(reader) = self.xacts.get_mut(&reader_id) {
            reader.summary_conflict_out = true;
        }
        Ok(())
    }

    /// `writer`, which runs, has written where each of `readers` has read. A reader whose snapshot is older than what was
    /// overwritten read a version before that: its conflict is with who wrote the next one (Adya's anti-dependencies are
    /// between neighbouring versions, and the theorem above holds for them).
    pub(super) fn conflicts_in(
        &mut self,
        writer: Id,
        readers: &BTreeSet<Id>,
        overwritten: Overwritten,
    ) -> Result<(), SerializationFailure> {
        let newest_read = match overwritten {
            Overwritten::Unknown => CommitNumber(0),
            Overwritten::Own => return Ok(()),
            Overwritten::Version(commit) => commit,
        };
        let Some(last) = self.xacts.get(&writer).map(|xact| xact.last_commit_before_snapshot) else {
            return Ok(());
        };
        for &reader in readers {
            if reader == Id::SUMMARY {
                if self.summary.last_commit > last {
                    self.flag_summary_conflict_in(writer)?;
                }
                continue;
            }
            let overlaps = self.xacts.get(&reader).is_some_and(|reader| {
                let has_read_it = reader.snapshot >= newest_read || reader.has_read_newest;
                !reader.doomed && reader.committed_at > last && has_read_it
            });
            if reader != writer && overlaps && !self.conflict_exists(reader, writer) {
                self.flag_conflict(reader, writer, writer)?;
            }
        }
        Ok(())
    }

    /// Someone of whom only a summary is left has read what `writer` writes.
    fn flag_summary_conflict_in(&mut self, writer_id: Id) -> Result<(), SerializationFailure> {
        let Some(writer) = self.xacts.get(&writer_id) else { return Ok(()) };
        let committed_first =
            |t3: &Id| self.xacts.get(t3).is_some_and(|t3| t3.prepared_at <= self.summary.last_commit);
        if writer.summary_conflict_out || writer.conflicts_out.iter().any(committed_first) {
            return Err(self.refuse(FailureReason::PivotDuringWrite));
        }
        if let Some(writer) = self.xacts.get_mut(&writer_id) {
            writer.summary_conflict_in = true;
        }
        Ok(())
    }

    /// Checks the new conflict `reader` -rw-> `writer`, found by a step of `me`, and records it.
    fn flag_conflict(&mut self, reader: Id, writer: Id, me: Id) -> Result<(), SerializationFailure> {
        if self.is_dangerous(reader, writer) {
            if me == writer {
                return Err(self.refuse(FailureReason::PivotDuringWrite));
            }
            let prepared = self.xacts.get(&writer).filter(|writer| writer.is_prepared());
            if let Some(pivot) = prepared {
                let reason = FailureReason::ConflictOutToPivot(pivot.transaction);
                return Err(self.refuse(of_pivot(pivot, reason)));
            }
            self.doom(writer);
        }
        if let Some(reader) = self.xacts.get_mut(&reader) {
            reader.conflicts_out.insert(writer);
        }
        if let Some(writer) = self.xacts.get_mut(&writer) {
            writer.conflicts_in.insert(reader);
        }
        Ok(())
    }

    /// Whether the conflict `reader` -rw-> `writer` completes a dangerous structure.
    fn is_dangerous(&self, reader_id: Id, writer_id: Id) -> bool {
        let (Some(reader), Some(writer)) = (self.xacts.get(&reader_id), self.xacts.get(&writer_id)) else {
            return false;
        };
        // The writer committed after one it has a conflict out to: it is a pivot that cannot be refused any more.
        if writer.is_committed() && (writer.conflict_out || writer.summary_conflict_out) {
            return true;
        }
        writer.summary_conflict_out
            || self.writer_is_pivot(reader, writer)
            || self.reader_is_pivot(reader, writer)
    }

    /// R -> W -> T3, where T3 has prepared first. (What has not prepared has `NOT_YET` for that moment.)
    fn writer_is_pivot(&self, reader: &Xact, writer: &Xact) -> bool {
        writer.conflicts_out.iter().filter_map(|t3| self.xacts.get(t3)).any(|t3| {
            t3.is_prepared()
                && t3.prepared_at <= reader.prepared_at
                && t3.prepared_at <= writer.prepared_at
                && (!reader.read_only || t3.prepared_at <= reader.last_commit_before_snapshot)
        })
    }

    /// T1 -> R -> W, where W has prepared first.
    fn reader_is_pivot(&self, reader: &Xact, writer: &Xact) -> bool {
        if !writer.is_prepared() || reader.read_only {
            return false;
        }
        // The writer has not prepared first if all who were summarised committed before.
        if reader.summary_conflict_in && writer.prepared_at <= self.summary.last_commit {
            return true;
        }
        reader.conflicts_in.iter().filter_map(|t1| self.xacts.get(t1)).any(|t1| {
            !t1.doomed
                && t1.prepared_at >= writer.prepared_at
                && (!t1.read_only || t1.last_commit_before_snapshot >= writer.prepared_at)
        })
    }

    /// The last check: `me` is about to be the first of its structures to commit. Each pivot T2 in T1 -> T2 -> me that
    /// has not prepared is chosen to fail; what has prepared commits before `me`.
    pub(super) fn check_before_commit(&mut self, me: Id) -> Result<(), SerializationFailure> {
        self.refuse_if_doomed(me, FailureReason::PivotDuringCommit)?;
        let Some(mine) = self.xacts.get(&me) else { return Ok(()) };
        // This one is open itself: two transactions that conflict both ways are a structure, too.
        let open = |far: &Xact| !far.is_prepared() && !far.read_only && !far.doomed;
        let is_pivot = |id: &&Id| {
            let pivot = self.xacts.get(*id).filter(|pivot| !pivot.is_prepared() && !pivot.doomed);
            let mut far = pivot.into_iter().flat_map(|pivot| &pivot.conflicts_in);
            far.any(|far| self.xacts.get(far).is_some_and(open))
        };
        let doomed: Vec<Id> = mine.conflicts_in.iter().filter(is_pivot).copied().collect();
        doomed.into_iter().for_each(|pivot| self.doom(pivot));
        Ok(())
    }
}
