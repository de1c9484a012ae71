//! What the engine promises, one variant a promise, and how a broken one is told.
//!
//! A failure's *class* is the promise (and with it the oracle that watches it). The minimiser accepts a smaller
//! scenario when the class is the same, never by comparing texts: page numbers and counts in a text change with
//! every operation that is removed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The judge that found a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oracle {
    /// At an acknowledgement: recovers from only the synced bytes.
    Accounting,
    /// After a recovery: compares the contents with the reference model.
    Model,
    /// While transactions run: compares what they read with the version they should see.
    Isolation,
    /// After a recovery: walks the whole file.
    Structure,
    /// While a run lasts: progress, and an end.
    Liveness,
    /// At the end of a run: every injected fault is answered for.
    Ledger,
    /// Over many runs: what must sometimes happen has happened.
    Marks,
    /// Over two runs of one seed.
    Determinism,
    /// While statements run and after a recovery: what they give, and what the rules of the tables demand.
    Statements,
}

/// A promise that a run found broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Promise {
    /// The synced bytes alone do not bring back an acknowledged commit.
    DurableBeforeAcknowledged,
    /// One superblock being damaged, the other one and the log do not bring back an acknowledged commit.
    EitherSuperblockSuffices,
    /// An acknowledged commit is missing after a recovery.
    AcknowledgedSurvives,
    /// Some writes of a transaction are there, others are not; or contents nobody wrote.
    CommitIsAtomic,
    /// A later commit is there, an earlier one is not.
    SurvivorsAreAPrefix,
    /// A commit that was refused or rolled back is there.
    RefusedLeavesNothing,
    /// An unknown commit was observed one way and then the other.
    UnknownIsPinned,
    /// A value that was read was never durable.
    OnlyDurableIsRead,
    /// A read differs from the version of its snapshot.
    ReadsMatchSnapshot,
    /// Concurrent histories contain a dependency cycle that their isolation level excludes.
    IsolationHolds,
    /// An update overwrote one that its snapshot did not contain.
    NoLostUpdate,
    /// A sequence value was handed out twice.
    SequencesNeverRepeat,
    /// A transaction has the id of another one, which was acknowledged.
    IdsNeverRepeat,
    /// A backup holds something else than the snapshot it was taken from.
    BackupIsASnapshot,
    /// A branch of the database holds something else than what it was taken from and what was written to it.
    BranchesAreApart,
    /// A reader's snapshot changed under it.
    SnapshotsStay,
    /// The database does not open although no fault destroyed anything.
    RecoveryOpens,
    /// A call failed although nothing went wrong.
    NoFalseAlarm,
    /// Checksums, order, counts or free space of the file are wrong.
    FileIsSound,
    /// Tasks wait for one another for ever.
    NoDeadlock,
    /// Something took longer than the bound in virtual time or steps.
    EndsInTime,
    /// The engine panicked.
    NoPanic,
    /// An injected fault was neither masked nor reported.
    FaultsAreAnswered,
    /// Something that must sometimes be reached was not reached in any run.
    MarksAreReached,
    /// A seed gave two different traces.
    SeedsReplay,
    /// A statement gave something else than the model of the tables.
    StatementsMatchModel,
    /// A statement was refused for a reason that there was not, or with an error that nobody should ever see.
    ErrorsAreJust,
    /// A row is there that a constraint excludes.
    ConstraintsHold,
    /// An index does not hold the rows of its table.
    IndexesMatchTables,
    /// The same query gave different rows by another plan, or in parts.
    PlansAgree,
    /// A notification was lost, told twice, to the wrong one, or out of the order of commits.
    NotificationsArrive,
    /// More is kept for a client that takes nothing than fits between it and the server.
    MemoryIsBounded,
}

impl Promise {
    /// Every promise, in order of declaration.
    pub const ALL: [Promise; 32] = [
        Promise::DurableBeforeAcknowledged,
        Promise::EitherSuperblockSuffices,
        Promise::AcknowledgedSurvives,
        Promise::CommitIsAtomic,
        Promise::SurvivorsAreAPrefix,
        Promise::RefusedLeavesNothing,
        Promise::UnknownIsPinned,
        Promise::OnlyDurableIsRead,
        Promise::ReadsMatchSnapshot,
        Promise::IsolationHolds,
        Promise::NoLostUpdate,
        Promise::SequencesNeverRepeat,
        Promise::IdsNeverRepeat,
        Promise::BackupIsASnapshot,
        Promise::BranchesAreApart,
        Promise::SnapshotsStay,
        Promise::RecoveryOpens,
        Promise::NoFalseAlarm,
        Promise::FileIsSound,
        Promise::NoDeadlock,
        Promise::EndsInTime,
        Promise::NoPanic,
        Promise::FaultsAreAnswered,
        Promise::MarksAreReached,
        Promise::SeedsReplay,
        Promise::StatementsMatchModel,
        Promise::ErrorsAreJust,
        Promise::ConstraintsHold,
        Promise::IndexesMatchTables,
        Promise::PlansAgree,
        Promise::NotificationsArrive,
        Promise::MemoryIsBounded,
    ];

    /// Who watches this promise.
    pub fn oracle(self) -> Oracle {
        match self {
            Promise::DurableBeforeAcknowledged | Promise::EitherSuperblockSuffices => Oracle::Accounting,
            Promise::AcknowledgedSurvives
            | Promise::CommitIsAtomic
            | Promise::SurvivorsAreAPrefix
            | Promise::RefusedLeavesNothing
            | Promise::UnknownIsPinned
            | Promise::SequencesNeverRepeat
            | Promise::IdsNeverRepeat
            | Promise::BackupIsASnapshot
            | Promise::BranchesAreApart
            | Promise::RecoveryOpens
            | Promise::NoFalseAlarm => Oracle::Model,
            Promise::OnlyDurableIsRead
            | Promise::ReadsMatchSnapshot
            | Promise::IsolationHolds
            | Promise::NoLostUpdate
            | Promise::SnapshotsStay => Oracle::Isolation,
            Promise::FileIsSound => Oracle::Structure,
            Promise::NoDeadlock | Promise::EndsInTime | Promise::NoPanic | Promise::MemoryIsBounded => {
                Oracle::Liveness
            }
            Promise::FaultsAreAnswered => Oracle::Ledger,
            Promise::MarksAreReached => Oracle::Marks,
            Promise::SeedsReplay => Oracle::Determinism,
            Promise::StatementsMatchModel
            | Promise::ErrorsAreJust
            | Promise::ConstraintsHold
            | Promise::IndexesMatchTables
            | Promise::PlansAgree
            | Promise::NotificationsArrive => Oracle::Statements,
        }
    }

    /// The violated promise in one plain sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Promise::DurableBeforeAcknowledged => {
                "a commit was acknowledged before everything that recovery needs was synced"
            }
            Promise::EitherSuperblockSuffices => {
                "one of the two superblocks damaged, an acknowledged commit cannot be recovered"
            }
            Promise::AcknowledgedSurvives => "an acknowledged commit is gone after recovery",
            Promise::CommitIsAtomic => "the recovered contents are not those of any prefix of the commits",
            Promise::SurvivorsAreAPrefix => "a commit survived although an earlier one did not",
            Promise::RefusedLeavesNothing => "a refused or rolled back transaction left something behind",
            Promise::UnknownIsPinned => "a commit of unknown outcome was seen, and later was gone",
            Promise::OnlyDurableIsRead => "a reader was shown a commit that a crash then took away",
            Promise::ReadsMatchSnapshot => "a read returned something else than its snapshot holds",
            Promise::IsolationHolds => "transactions interleaved in a way their isolation level excludes",
            Promise::NoLostUpdate => "an update was overwritten by a transaction that had not seen it",
            Promise::SequencesNeverRepeat => "a sequence handed out the same value twice",
            Promise::IdsNeverRepeat => "a transaction was given the id of one that was acknowledged before",
            Promise::BackupIsASnapshot => "a backup differs from the snapshot it was taken from",
            Promise::BranchesAreApart => "a branch of the database shows what was not written to it",
            Promise::SnapshotsStay => "a snapshot changed while it was held",
            Promise::RecoveryOpens => "the database does not open although no fault destroyed anything",
            Promise::NoFalseAlarm => "a call failed although nothing had gone wrong",
            Promise::FileIsSound => "the file is damaged: checksums, order, counts or free space",
            Promise::NoDeadlock => "tasks wait for one another for ever",
            Promise::EndsInTime => "the run did not end within its bound of virtual time and steps",
            Promise::NoPanic => "the engine panicked",
            Promise::FaultsAreAnswered => "an injected fault was neither masked nor reported",
            Promise::MarksAreReached => "something that must sometimes happen was never reached",
            Promise::SeedsReplay => "the same seed gave two different traces",
            Promise::StatementsMatchModel => "a statement gave something else than it must",
            Promise::ErrorsAreJust => "a statement was refused without a reason, or with an internal error",
            Promise::ConstraintsHold => "a row is there that a constraint excludes",
            Promise::IndexesMatchTables => "an index does not hold the rows of its table",
            Promise::NotificationsArrive => "a notification was lost, doubled, misdirected or out of order",
            Promise::MemoryIsBounded => "more was made for a client than it takes and fits in between",
            Promise::PlansAgree => "one query gave different rows by different plans",
        }
    }
}

impl fmt::Display for Promise {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.sentence())
    }
}

/// A broken promise with what was seen. Equality of *class* is equality of [`Failure::promise`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was promised.
    pub promise: Promise,
    /// What was expected and what was found, for a reader.
    pub detail: String,
    /// The step of the trace at which it was noticed.
    pub step: u64,
    /// Which life of the run (0 is before the first crash).
    pub life: u32,
}

impl Failure {
    /// A broken `promise`; the runner fills in step and life.
    pub fn new(promise: Promise, detail: impl Into<String>) -> Failure {
        Failure { promise, detail: detail.into(), step: 0, life: 0 }
    }

    /// Whether both are the same kind of failure, whatever their texts say.
    pub fn same_class(&self, other: &Failure) -> bool {
        self.promise == other.promise
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.promise, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_promise_has_a_sentence_of_its_own() {
        let sentences: BTreeSet<_> = Promise::ALL.iter().map(|promise| promise.sentence()).collect();
        assert_eq!(sentences.len(), Promise::ALL.len());
        assert!(sentences.iter().all(|sentence| !sentence.ends_with('.')));
    }

    #[test]
    fn classes_ignore_the_text() {
        let one = Failure::new(Promise::NoPanic, "page 4");
        assert!(one.same_class(&Failure::new(Promise::NoPanic, "page 17")));
        assert!(!one.same_class(&Failure::new(Promise::NoDeadlock, "page 4")));
    }
}
