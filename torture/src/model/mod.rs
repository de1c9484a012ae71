//! The reference model: what the database must hold, as far as that is determined.
//!
//! It knows a *certain* state (found by the last full comparison) and the *attempts* since: every transaction that
//! called commit, in the order of those calls. What survives a crash must be the certain state plus some of the
//! attempts; which ones is read from the database itself, because every writing transaction also writes a *marker*, a
//! row that names its client and serial. So one small scan tells the candidate, and one full scan proves it.
//!
//! Invariants
//!
//! 1. Two attempts that write the same row are in this list in the order in which they commit: the second one's write
//!    waits for the first one's row lock, which falls after the first has called commit.
//! 2. An acknowledged attempt is in every later state; a refused one in none; an unknown one is pinned by the first
//!    look at it ([`Attempt::seen`]).
//! 3. The certain state changes only in [`Model::settle`], after a full comparison has succeeded.
//!
//! How it fails: with a [`Failure`] that names the promise and the first difference, never by panicking on what the
//! database shows.

pub mod contents;
mod expect;
mod reads;
pub mod value;

pub use contents::{Contents, Effect, Key, Rows, Value};
pub use expect::{BranchSight, Expected, Sight, Standard, marker_key};
pub use reads::{Read, pair_digest, row_digest};
pub use value::Tag;

use crate::promise::{Failure, Promise};
use crate::subject::{BranchId, MAIN};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was called and has not returned.
    InFlight,
    /// It is durable, under this number.
    Acknowledged(u64),
    /// It left nothing.
    Refused,
    /// The engine could not tell, or the power failed before it answered.
    Unknown,
}

/// A transaction that called commit.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Whose it is.
    pub client: u8,
    /// The client's how-manieth.
    pub serial: u32,
    /// On which branch.
    pub branch: BranchId,
    /// The commit of the one snapshot that it worked with; none for READ COMMITTED.
    pub snapshot: Option<u64>,
    /// What it changed, in order.
    pub effects: Vec<Effect>,
    /// What is known of it.
    pub fate: Fate,
    /// The first observation of an unknown one after a crash: there or not.
    pub seen: Option<bool>,
    /// A reader was shown one of its values before it was acknowledged.
    pub shown: bool,
    /// How many commits had been acknowledged when it was called, and when it was acknowledged itself.
    pub order: (u64, u64),
}

/// The index of an attempt, valid until the model is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptId(usize);

/// A branch that was made or dropped since the certain state.
#[derive(Debug, Clone)]
struct BranchChange {
    /// The branch; unknown while a creation has not answered.
    branch: Option<BranchId>,
    /// The branch it was made from; none if it was dropped.
    source: Option<BranchId>,
    fate: Fate,
}

impl BranchChange {
    fn made(&self) -> bool {
        self.source.is_some()
    }
}

#[derive(Debug, Clone)]
struct Sequence {
    /// No value up to this one may be handed out again.
    floor: i64,
    handed_out: BTreeSet<i64>,
}

impl Default for Sequence {
    fn default() -> Sequence {
        Sequence { floor: i64::MIN, handed_out: BTreeSet::new() }
    }
}

/// Counts for the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ModelCounts {
    /// Acknowledged commits.
    pub acknowledged: u64,
    /// Acknowledged commits that a full comparison found in place.
    pub verified: u64,
    /// Commits whose outcome was unknown.
    pub unknown: u64,
    /// Reads compared with the version of their snapshot.
    pub reads_verified: u64,
}

/// The reference model.
#[derive(Debug, Clone)]
pub struct Model {
    certain: BTreeMap<BranchId, Contents>,
    attempts: Vec<Attempt>,
    branch_changes: Vec<BranchChange>,
    reads: Vec<Read>,
    sequences: BTreeMap<u64, Sequence>,
    /// Commits are acknowledged only when durable.
    durable: bool,
    counts: ModelCounts,
    /// See [`Model::groups_missing`].
    groups_missing: u64,
}

impl Model {
    /// The model of a database that does not exist yet. `durable` says whether commits wait for their sync.
    pub fn new(durable: bool) -> Model {
        Model {
            certain: BTreeMap::from([(MAIN, Contents::default())]),
            attempts: Vec::new(),
            branch_changes: Vec::new(),
            reads: Vec::new(),
            sequences: BTreeMap::new(),
            durable,
            counts: ModelCounts::default(),
            groups_missing: 0,
        }
    }

    /// A transaction calls commit: on which branch, and with which snapshot.
    pub fn commit_called(
        &mut self,
        client: u8,
        serial: u32,
        (branch, snapshot): (BranchId, Option<u64>),
        effects: Vec<Effect>,
    ) -> AttemptId {
        self.attempts.push(Attempt {
            client,
            serial,
            branch,
            snapshot,
            effects,
            fate: Fate::InFlight,
            seen: None,
            shown: false,
            order: (self.counts.acknowledged, u64::MAX),
        });
        AttemptId(self.attempts.len() - 1)
    }

    /// It returned.
    ///
    /// # Errors
    /// When the number is not its own.
    pub fn commit_returned(&mut self, attempt: AttemptId, fate: Fate) -> Result<(), Failure> {
        match fate {
            Fate::Acknowledged(number) => {
                let taken = |other: &Attempt| other.fate == Fate::Acknowledged(number);
                if let Some(other) = self.attempts.iter().find(|other| taken(other)) {
                    return Err(Failure::new(
                        Promise::NoLostUpdate,
                        format!(
                            "commit number {number} was given to client {} transaction {} and to client {} transaction {}",
                            other.client,
                            other.serial,
                            self.attempts[attempt.0].client,
                            self.attempts[attempt.0].serial
                        ),
                    ));
                }
                self.counts.acknowledged += 1;
                self.attempts[attempt.0].order.1 = self.counts.acknowledged;
            }
            Fate::Unknown => self.counts.unknown += 1,
            Fate::InFlight | Fate::Refused => {}
        }
        self.attempts[attempt.0].fate = fate;
        Ok(())
    }

    /// Whether an acknowledgement means durability.
    pub fn is_durable(&self) -> bool {
        self.durable
    }

    /// Whether a full comparison has confirmed a database with trees in it.
    pub fn is_set_up(&self) -> bool {
        self.certain.get(&MAIN).is_some_and(|main| !main.trees.is_empty())
    }

    /// The tree of markers, once the set-up is certain.
    pub fn markers_tree(&self) -> Option<u64> {
        self.certain.get(&MAIN).and_then(|main| main.trees.keys().next().copied())
    }

    /// The numbers of the commits acknowledged since the certain state.
    pub fn acknowledged_numbers(&self) -> BTreeSet<u64> {
        let number = |attempt: &Attempt| match attempt.fate {
            Fate::Acknowledged(number) => Some(number),
            Fate::InFlight | Fate::Refused | Fate::Unknown => None,
        };
        self.attempts.iter().filter_map(number).collect()
    }

    /// The certain contents of a branch.
    pub fn certain(&self, branch: BranchId) -> Option<&Contents> {
        self.certain.get(&branch)
    }

    /// The branches of the certain state, the main database aside.
    pub fn certain_branches(&self) -> impl Iterator<Item = BranchId> + '_ {
        self.certain.keys().copied().filter(|branch| *branch != MAIN)
    }

    /// The attempts since the certain state.
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Acknowledged attempts since the certain state.
    pub fn acknowledged_since(&self) -> usize {
        self.attempts.iter().filter(|attempt| matches!(attempt.fate, Fate::Acknowledged(_))).count()
    }

    /// How many promises have been made since the certain state: acknowledgements, and values shown to readers.
    pub fn promised(&self) -> usize {
        self.acknowledged_since() + self.attempts.iter().filter(|attempt| attempt.shown).count()
    }

    /// What was counted.
    pub fn counts(&self) -> ModelCounts {
        self.counts
    }

    /// How many commits were missing in a row, each called when the one before had been acknowledged, when the database itself
    /// was found to lack an acknowledged one: so many groups of the log at least are gone.
    pub fn groups_missing(&self) -> u64 {
        self.groups_missing
    }

    /// A branch of `source` is about to be made; says how it went with [`Model::branch_made`].
    pub fn branching(&mut self, source: BranchId) -> AttemptId {
        self.branch_changes.push(BranchChange { branch: None, source: Some(source), fate: Fate::InFlight });
        AttemptId(self.branch_changes.len() - 1)
    }

    /// What came of [`Model::branching`].
    pub fn branch_made(&mut self, attempt: AttemptId, branch: Option<BranchId>, fate: Fate) {
        let change = &mut self.branch_changes[attempt.0];
        change.branch = branch;
        change.fate = fate;
    }

    /// A branch is about to be dropped; says how it went with [`Model::branch_dropped`].
    pub fn dropping_branch(&mut self, branch: BranchId) -> AttemptId {
        self.branch_changes.push(BranchChange { branch: Some(branch), source: None, fate: Fate::InFlight });
        AttemptId(self.branch_changes.len() - 1)
    }

    /// What came of [`Model::dropping_branch`].
    pub fn branch_dropped(&mut self, attempt: AttemptId, fate: Fate) {
        self.branch_changes[attempt.0].fate = fate;
    }

    /// A sequence was made and the engine said so.
    pub fn sequence_made(&mut self, sequence: u64) {
        self.sequences.entry(sequence).or_default();
    }

    /// The sequences that exist.
    pub fn sequences(&self) -> impl Iterator<Item = u64> + '_ {
        self.sequences.keys().copied()
    }

    /// The highest value that each sequence has handed out.
    pub fn handed_out(&self) -> BTreeMap<u64, i64> {
        let highest = |sequence: &Sequence| sequence.handed_out.last().map_or(sequence.floor, |last| *last);
        let known = self.sequences.iter().map(|(number, sequence)| (*number, highest(sequence)));
        known.filter(|(_, highest)| *highest > i64::MIN).collect()
    }

    /// A sequence value was handed out.
    ///
    /// # Errors
    /// When it was handed out before.
    pub fn sequence_value(&mut self, sequence: u64, value: i64) -> Result<(), Failure> {
        let known = self.sequences.entry(sequence).or_default();
        if value <= known.floor || !known.handed_out.insert(value) {
            return Err(Failure::new(
                Promise::SequencesNeverRepeat,
                format!(
                    "sequence {sequence} handed out {value} again; the last crash was survived by {}",
                    known.floor
                ),
            ));
        }
        Ok(())
    }

    /// Something was read at a snapshot; it is compared when the order of commits is known.
    pub fn read(&mut self, read: Read) {
        self.reads.push(read);
    }

    /// The commits that have been called and have not returned: client and serial.
    pub fn in_flight(&self) -> Vec<(u8, u32)> {
        let in_flight = self.attempts.iter().filter(|attempt| attempt.fate == Fate::InFlight);
        in_flight.map(|attempt| (attempt.client, attempt.serial)).collect()
    }

    /// A reader was shown a value that `tag` wrote: its transaction is bound to stay. Whether that is news, the
    /// transaction not having been acknowledged yet.
    pub fn shown(&mut self, tag: Tag) -> bool {
        let writer = self.attempts.iter_mut().rev().find(|attempt| {
            attempt.client == tag.client() && attempt.serial == tag.serial() && attempt.fate != Fate::Refused
        });
        match writer {
            Some(attempt) if attempt.fate == Fate::InFlight => !std::mem::replace(&mut attempt.shown, true),
            Some(attempt) => {
                attempt.shown = true;
                false
            }
            None => false,
        }
    }

    /// All tasks are gone: what was in flight is unknown from now on.
    pub fn tasks_are_gone(&mut self) {
        for attempt in &mut self.attempts {
            if attempt.fate == Fate::InFlight {
                attempt.fate = Fate::Unknown;
                self.counts.unknown += 1;
            }
        }
        for change in &mut self.branch_changes {
            if change.fate == Fate::InFlight {
                change.fate = Fate::Unknown;
            }
        }
        for sequence in self.sequences.values_mut() {
            // Also without durability: a value may have left for the world, commit or no commit.
            if let Some(last) = sequence.handed_out.last() {
                sequence.floor = sequence.floor.max(*last);
            }
            sequence.handed_out.clear();
        }
    }

    /// A full comparison found `expected`: it is certain from now on.
    ///
    /// # Errors
    /// When a read of the time before differs from its version, or an update was lost.
    pub fn settle(&mut self, expected: Expected) -> Result<(), Failure> {
        self.check_reads(&expected)?;
        self.counts.verified += self
            .attempts
            .iter()
            .zip(&expected.included)
            .filter(|(attempt, included)| **included && matches!(attempt.fate, Fate::Acknowledged(_)))
            .count() as u64;
        self.attempts.clear();
        self.branch_changes.clear();
        self.certain = expected.contents;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
