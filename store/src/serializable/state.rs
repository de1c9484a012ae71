//! All serialisable transactions that still matter, what they read and wrote, and when they are forgotten.
//!
//! Invariants
//!
//! 1. A committed transaction is kept as long as a running one overlaps it: `finished` orders them by commit. One whose
//!    outcome is `unknown` overlaps all who will ever run and is kept for good.
//! 2. Edges are symmetric: `w` is in `r.conflicts_out` exactly when `r` is in `w.conflicts_in`; and both are kept, or
//!    neither.
//! 3. `running` has every transaction that is neither finished nor safe, by the moment of its snapshot; `writers` how
//!    many of them are not declared read-only.
//! 4. Past the memory budget the oldest committed transactions become one summary, then footprints become coarser.
//!    Both can only add refusals.

use super::TransactionHandle as Id;
use super::coverage::Coverage;
use super::footprint::Footprint;
use super::labels;
use super::range::Tracked;
use super::xact::{Moment, Phase, Xact};
use super::{Access, SerializableOptions};
use crate::ids::{CommitNumber, SessionId, TreeId};
use env::Env;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who read and who wrote in one tree.
#[derive(Debug, Default)]
pub(super) struct TreeIndex {
    pub(super) readers: Coverage,
    pub(super) writers: Coverage,
}

/// What is left of committed transactions that memory did not suffice for.
#[derive(Debug)]
pub(super) struct Summary {
    pub(super) last_commit: Moment,
    pub(super) last_commit_number: CommitNumber,
    /// The earliest conflict out of any of them; `NOT_YET` when none had one.
    pub(super) earliest_conflict_out: Moment,
    reads: BTreeMap<TreeId, Footprint>,
    writes: BTreeMap<TreeId, Footprint>,
}

impl Summary {
    fn empty() -> Summary {
        Summary {
            last_commit: Moment::FIRST,
            last_commit_number: CommitNumber(0),
            earliest_conflict_out: Moment::NOT_YET,
            reads: BTreeMap::new(),
            writes: BTreeMap::new(),
        }
    }
}

/// The two kinds of footprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Read,
    Write,
}

pub(super) struct State {
    pub(super) env: Arc<dyn Env>,
    options: SerializableOptions,
    next: u64,
    last: Moment,
    pub(super) xacts: BTreeMap<Id, Xact>,
    pub(super) trees: BTreeMap<TreeId, TreeIndex>,
    running: BTreeSet<(Moment, Id)>,
    writers: usize,
    finished: BTreeMap<Moment, Id>,
    unknown: BTreeSet<Id>,
    /// Finished transactions up to here have given up their reads: whoever runs since then only reads.
    reads_forgotten_through: Moment,
    pub(super) summary: Summary,
    pub(super) bytes: usize,
}

/// What a transaction costs besides its footprints.
const XACT_BYTES: usize = size_of::<Xact>() + 128;

impl State {
    pub(super) fn new(env: Arc<dyn Env>, options: SerializableOptions) -> State {
        State {
            env,
            options,
            next: 1,
            last: Moment::FIRST,
            xacts: BTreeMap::new(),
            trees: BTreeMap::new(),
            running: BTreeSet::new(),
            writers: 0,
            finished: BTreeMap::new(),
            unknown: BTreeSet::new(),
            reads_forgotten_through: Moment::FIRST,
            summary: Summary::empty(),
            bytes: 0,
        }
    }

    fn tick(&mut self) -> Moment {
        self.last = Moment(self.last.0 + 1);
        self.last
    }

    pub(super) fn begin(&mut self, session: SessionId, snapshot: CommitNumber, access: Access) -> Id {
        let id = Id(self.next);
        self.next += 1;
        let read_only = access == Access::ReadOnly;
        let mut xact = Xact::new(session, snapshot, self.last, read_only);
        if read_only {
            // If all of these end without a conflict out to someone who committed before this snapshot, no anomaly
            // can be seen in it.
            for (_, other_id) in &self.running {
                if let Some(other) = self.xacts.get_mut(other_id)
                    && !other.doomed
                    && !other.declared_read_only
                {
                    other.possibly_unsafe.insert(id);
                    xact.possibly_unsafe.insert(*other_id);
                }
            }
            xact.known_unsafe = self.endangered_by_unknown(snapshot).is_some();
            xact.safe = xact.possibly_unsafe.is_empty() && !xact.known_unsafe;
        } else {
            self.writers += 1;
        }
        if xact.safe {
            self.env.reached(&labels::REACHED_SAFE);
        } else {
            self.running.insert((self.last, id));
        }
        self.xacts.insert(id, xact);
        self.bytes += XACT_BYTES;
        id
    }

    /// A transaction of unknown outcome that makes every snapshot that does not show it unsafe, this one for instance: it
    /// has a conflict out to someone who committed before it, and so before any snapshot that is taken now.
    pub(super) fn endangered_by_unknown(&self, snapshot: CommitNumber) -> Option<&Xact> {
        let unknown = self.unknown.iter().filter_map(|id| self.xacts.get(id));
        unknown.into_iter().find(|xact| xact.conflict_out && !xact.is_seen_by(snapshot))
    }

    /// Passes the last check: from now on the transaction may not be refused.
    pub(super) fn prepared(&mut self, id: Id) {
        let now = self.tick();
        if let Some(xact) = self.xacts.get_mut(&id) {
            xact.phase = Phase::Prepared;
            xact.prepared_at = now;
        }
    }

    /// Ends a transaction that has committed. True when a read-only transaction has become safe or unsafe.
    pub(super) fn committed(&mut self, id: Id, number: Option<CommitNumber>) -> bool {
        let now = self.tick();
        let Some(mut xact) = self.xacts.remove(&id) else { return false };
        self.bytes -= XACT_BYTES;
        self.leave_running(id, &xact);
        if xact.safe {
            return false;
        }
        xact.committed_at = now;
        let decided = self.has_committed(id, xact, Phase::Committed, number);
        self.finished.insert(now, id);
        self.forget_finished();
        decided
    }

    /// Ends a transaction of which nobody will know whether it has committed. True when a read-only transaction has become
    /// safe or unsafe.
    pub(super) fn unknown(&mut self, id: Id, number: Option<CommitNumber>) -> bool {
        let Some(xact) = self.xacts.remove(&id) else { return false };
        self.bytes -= XACT_BYTES;
        self.env.reached(&labels::REACHED_UNKNOWN);
        self.leave_running(id, &xact);
        let decided = self.has_committed(id, xact, Phase::Unknown, number);
        self.unknown.insert(id);
        self.forget_finished();
        decided
    }

    /// What is to be done with every transaction that has, or may have, committed.
    fn has_committed(&mut self, id: Id, mut xact: Xact, phase: Phase, number: Option<CommitNumber>) -> bool {
        xact.phase = phase;
        xact.commit_number = number;
        xact.read_only |= !xact.wrote;
        if !xact.read_only && xact.summary_conflict_out {
            // With whom is not known any more: assume the worst.
            xact.earliest_conflict_out = Moment::FIRST;
            xact.conflict_out = true;
        }
        self.settle_conflicts(id, &mut xact);
        let decided = self.tell_watchers(id, &xact);
        xact.possibly_unsafe.clear();
        self.xacts.insert(id, xact);
        self.bytes += XACT_BYTES;
        decided
    }

    /// Remembers of its conflicts what a committed transaction still needs, and drops the edges that cannot matter.
    fn settle_conflicts(&mut self, id: Id, xact: &mut Xact) {
        for out in std::mem::take(&mut xact.conflicts_out) {
            let Some(other) = self.xacts.get_mut(&out) else { continue };
            // One that has prepared may be visible already, although it has not said so yet.
            if other.is_prepared() && !xact.read_only {
                xact.earliest_conflict_out = xact.earliest_conflict_out.min(other.prepared_at);
                xact.conflict_out = true;
            }
            if other.is_committed() {
                other.conflicts_in.remove(&id);
            } else {
                xact.conflicts_out.insert(out);
            }
        }
        // Whoever committed before cannot be the first of a structure with this one in the middle; a reader that
        // writes nothing matters only while it runs, by its own checks.
        for in_ in std::mem::take(&mut xact.conflicts_in) {
            let Some(other) = self.xacts.get_mut(&in_) else { continue };
            if other.is_committed() || other.read_only {
                other.conflicts_out.remove(&id);
            } else {
                xact.conflicts_in.insert(in_);
            }
        }
    }

    /// Tells the read-only transactions that watch `xact` how it ended. True when one is safe or unsafe now.
    fn tell_watchers(&mut self, id: Id, xact: &Xact) -> bool {
        let mut decided = false;
        for &watcher in &xact.possibly_unsafe {
            let Some(other) = self.xacts.get_mut(&watcher) else { continue };
            other.possibly_unsafe.remove(&id);
            if xact.declared_read_only {
                continue;
            }
            let harmful = xact.is_committed()
                && xact.wrote
                && xact.conflict_out
                && xact.earliest_conflict_out <= other.last_commit_before_snapshot;
            other.known_unsafe |= harmful;
            let safe = other.possibly_unsafe.is_empty() && !other.known_unsafe;
            decided |= safe || other.known_unsafe;
            if safe {
                self.make_safe(watcher);
            }
        }
        decided
    }

    /// Stops tracking a read-only transaction: nothing that it reads can matter.
    fn make_safe(&mut self, id: Id) {
        self.env.reached(&labels::REACHED_SAFE);
        let Some(mut xact) = self.xacts.remove(&id) else { return };
        xact.safe = true;
        self.running.remove(&(xact.last_commit_before_snapshot, id));
        self.detach(id, &mut xact);
        self.xacts.insert(id, xact);
    }

    /// Ends a transaction that was rolled back. True when a read-only transaction has become safe.
    pub(super) fn rolled_back(&mut self, id: Id) -> bool {
        let Some(mut xact) = self.xacts.remove(&id) else { return false };
        self.bytes -= XACT_BYTES;
        self.leave_running(id, &xact);
        xact.phase = Phase::Active;
        let decided = self.tell_watchers(id, &xact);
        self.detach(id, &mut xact);
        self.forget_finished();
        decided
    }

    fn leave_running(&mut self, id: Id, xact: &Xact) {
        self.running.remove(&(xact.last_commit_before_snapshot, id));
        if !xact.declared_read_only {
            self.writers -= 1;
        }
    }

    /// Takes out all edges and footprints of a transaction.
    fn detach(&mut self, id: Id, xact: &mut Xact) {
        for out in std::mem::take(&mut xact.conflicts_out) {
            if let Some(other) = self.xacts.get_mut(&out) {
                other.conflicts_in.remove(&id);
            }
        }
        for in_ in std::mem::take(&mut xact.conflicts_in) {
            if let Some(other) = self.xacts.get_mut(&in_) {
                other.conflicts_out.remove(&id);
            }
        }
        self.withdraw(id, std::mem::take(&mut xact.reads), Side::Read);
        self.withdraw(id, std::mem::take(&mut xact.writes), Side::Write);
    }

    fn withdraw(&mut self, id: Id, footprints: BTreeMap<TreeId, Footprint>, side: Side) {
        for (tree, footprint) in footprints {
            let Some(index) = self.trees.get_mut(&tree) else { continue };
            let coverage = match side {
                Side::Read => &mut index.readers,
                Side::Write => &mut index.writers,
            };
            self.bytes -= footprint.withdraw(coverage, id);
            if index.readers.is_empty() && index.writers.is_empty() {
                self.trees.remove(&tree);
            }
        }
    }

    /// Forgets what no running transaction overlaps (invariant 1), and reads that no writer can run into any more.
    fn forget_finished(&mut self) {
        let oldest = self.running.first().map_or(Moment::NOT_YET, |(moment, _)| *moment);
        while let Some((&moment, &id)) = self.finished.first_key_value() {
            if moment > oldest {
                break;
            }
            self.finished.remove(&moment);
            self.forget(id);
        }
        if self.summary.last_commit <= oldest {
            self.forget_summary();
        }
        if self.writers == 0 {
            self.forget_reads();
        }
    }

    fn forget(&mut self, id: Id) {
        if let Some(mut xact) = self.xacts.remove(&id) {
            self.bytes -= XACT_BYTES;
            self.detach(id, &mut xact);
        }
    }

    fn forget_summary(&mut self) {
        let gone = std::mem::replace(&mut self.summary, Summary::empty());
        self.withdraw(Id::SUMMARY, gone.reads, Side::Read);
        self.withdraw(Id::SUMMARY, gone.writes, Side::Write);
    }

    /// Only readers run: they need to know who wrote, nobody needs to know who read.
    fn forget_reads(&mut self) {
        let from = Moment(self.reads_forgotten_through.0 + 1);
        let finished: Vec<(Moment, Id)> =
            self.finished.range(from..).map(|(moment, id)| (*moment, *id)).collect();
        for (moment, id) in finished {
            if self.xacts.get(&id).is_some_and(|xact| xact.read_only) {
                self.finished.remove(&moment);
                self.forget(id);
            } else if let Some(xact) = self.xacts.get_mut(&id) {
                let reads = std::mem::take(&mut xact.reads);
                self.withdraw(id, reads, Side::Read);
            }
        }
        let reads = std::mem::take(&mut self.summary.reads);
        self.withdraw(Id::SUMMARY, reads, Side::Read);
        self.reads_forgotten_through = self.last;
    }

    /// Adds a key or a range to a footprint.
    pub(super) fn track(&mut self, id: Id, tree: TreeId, what: Tracked<'_>, side: Side) {
        let Some(xact) = self.xacts.get_mut(&id) else { return };
        let index = self.trees.entry(tree).or_default();
        let (footprints, coverage) = match side {
            Side::Read => (&mut xact.reads, &mut index.readers),
            Side::Write => (&mut xact.writes, &mut index.writers),
        };
        let footprint = footprints.entry(tree).or_default();
        let grown = match what {
            Tracked::Point(key) => footprint.add_point(key, coverage, id) as isize,
            Tracked::Range(range) => footprint.add_range(range.clone(), coverage, id),
        };
        self.bytes = self.bytes.saturating_add_signed(grown);
        if footprint.len() > self.options.entries_per_tree {
            self.env.reached(&labels::REACHED_COARSE);
            let freed = footprint.coarsen(coverage, id);
            self.bytes = self.bytes.saturating_add_signed(-freed);
        }
        if self.bytes > self.options.budget {
            self.save_memory();
        }
    }

    /// Invariant 4.
    fn save_memory(&mut self) {
        while self.bytes > self.options.budget {
            let Some((moment, id)) = self.finished.pop_first() else { break };
            self.env.reached(&labels::REACHED_SUMMARY);
            self.summarise(moment, id);
        }
        while self.bytes > self.options.budget && self.coarsen_largest() {
            self.env.reached(&labels::REACHED_COARSE);
        }
    }

    fn summarise(&mut self, moment: Moment, id: Id) {
        let Some(mut xact) = self.xacts.remove(&id) else { return };
        self.bytes -= XACT_BYTES;
        self.summary.last_commit = self.summary.last_commit.max(moment);
        if xact.wrote {
            let number = xact.commit_number.unwrap_or(CommitNumber(u64::MAX));
            self.summary.last_commit_number = self.summary.last_commit_number.max(number);
        }
        if xact.conflict_out {
            self.summary.earliest_conflict_out =
                self.summary.earliest_conflict_out.min(xact.earliest_conflict_out);
        }
        for out in &xact.conflicts_out {
            if let Some(other) = self.xacts.get_mut(out) {
                other.summary_conflict_in = true;
            }
        }
        for in_ in &xact.conflicts_in {
            if let Some(other) = self.xacts.get_mut(in_) {
                other.summary_conflict_out = true;
            }
        }
        let (reads, writes) = (std::mem::take(&mut xact.reads), std::mem::take(&mut xact.writes));
        self.merge_into_summary(&reads, Side::Read);
        self.merge_into_summary(&writes, Side::Write);
        self.withdraw(id, reads, Side::Read);
        self.withdraw(id, writes, Side::Write);
        self.detach(id, &mut xact);
    }

    fn merge_into_summary(&mut self, from: &BTreeMap<TreeId, Footprint>, side: Side) {
        for (tree, footprint) in from {
            let index = self.trees.entry(*tree).or_default();
            let (footprints, coverage) = match side {
                Side::Read => (&mut self.summary.reads, &mut index.readers),
                Side::Write => (&mut self.summary.writes, &mut index.writers),
            };
            let mine = footprints.entry(*tree).or_default();
            let mut grown: isize =
                footprint.entries().map(|range| mine.add_range(range, coverage, Id::SUMMARY)).sum();
            while mine.len() > self.options.entries_per_tree.div_ceil(8).max(1) {
                grown -= mine.coarsen(coverage, Id::SUMMARY);
            }
            self.bytes = self.bytes.saturating_add_signed(grown);
        }
    }

    /// Coarsens the largest footprint of all; false when none is larger than a few entries.
    fn coarsen_largest(&mut self) -> bool {
        let size = |footprints: &BTreeMap<TreeId, Footprint>, side: Side| {
            footprints
                .iter()
                .map(|(tree, footprint)| (footprint.len(), *tree, side))
                .max_by_key(|found| found.0)
        };
        let sizes = |id: &Id, xact: &Xact| {
            let (reads, writes) = (size(&xact.reads, Side::Read), size(&xact.writes, Side::Write));
            reads.into_iter().chain(writes).max_by_key(|found| found.0).map(|found| (found, *id))
        };
        let largest =
            self.xacts.iter().filter_map(|(id, xact)| sizes(id, xact)).max_by_key(|(found, _)| found.0);
        let Some(((length, tree, side), id)) = largest.filter(|((length, _, _), _)| *length > 4) else {
            return false;
        };
        let (Some(xact), Some(index)) = (self.xacts.get_mut(&id), self.trees.get_mut(&tree)) else {
            return false;
        };
        let (footprints, coverage) = match side {
            Side::Read => (&mut xact.reads, &mut index.readers),
            Side::Write => (&mut xact.writes, &mut index.writers),
        };
        let Some(footprint) = footprints.get_mut(&tree) else { return false };
        let freed = footprint.coarsen(coverage, id);
        debug_assert!(footprint.len() < length, "joining neighbours leaves fewer entries");
        self.bytes = self.bytes.saturating_add_signed(-freed);
        true
    }
}
