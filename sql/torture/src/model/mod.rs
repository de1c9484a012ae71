//! The reference model of a run of statements: what the tables must hold, as far as that is determined.
//!
//! As the model of the key-value transactions it knows a certain state, found by the last full comparison, and the
//! transactions since that called commit, in the order of those calls. Which of them are there is told by the database
//! itself: each transaction that writes also writes its serial number into the row of its client in [`MARKS`].
//!
//! Two transactions that stand in each other's way (by a row, a key that is referred to, a unique value, a table that is
//! altered) are ordered by locks that are held beyond the commit, so that the order of the calls is the order of what came
//! of them.
//!
//! How it fails: with a [`Failure`] that names the promise and the first difference.

pub mod contents;
pub mod statement;
pub mod table;

use contents::{Change, Contents};
use std::collections::BTreeMap;
use torture::model::{Fate, ModelCounts};
use torture::promise::{Failure, Promise};

/// The table of serial numbers.
pub const MARKS: &str = "marks";

/// The last serial number of each client that is there.
pub type Marks = BTreeMap<u8, u32>;

/// A transaction that called commit.
#[derive(Debug, Clone)]
struct Attempt {
    client: u8,
    serial: u32,
    changes: Vec<Change>,
    fate: Fate,
}

/// The number of an attempt, until the model is settled.
#[derive(Debug, Clone, Copy)]
pub struct AttemptId(usize);

/// What must be there.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The tables.
    pub contents: Contents,
    /// The marks.
    pub marks: Marks,
    /// How many of the transactions since the certain state are part of it.
    verified: u64,
}

/// The model.
#[derive(Debug, Default)]
pub struct Model {
    certain: Expected,
    is_set_up: bool,
    attempts: Vec<Attempt>,
    serials: BTreeMap<u8, u32>,
    counts: ModelCounts,
}

impl Model {
    /// Whether the tables of the set-up are certain to be there.
    pub fn is_set_up(&self) -> bool {
        self.is_set_up
    }

    /// The next serial number of a client; none is used twice.
    pub fn next_serial(&mut self, client: u8) -> u32 {
        let serial = self.serials.entry(client).or_default();
        *serial += 1;
        *serial
    }

    /// A transaction calls commit.
    pub fn commit_called(&mut self, client: u8, serial: u32, changes: Vec<Change>) -> AttemptId {
        self.attempts.push(Attempt { client, serial, changes, fate: Fate::InFlight });
        AttemptId(self.attempts.len() - 1)
    }

    /// It returned.
    pub fn commit_returned(&mut self, attempt: AttemptId, fate: Fate) {
        match fate {
            Fate::Acknowledged(_) => self.counts.acknowledged += 1,
            Fate::Unknown => self.counts.unknown += 1,
            Fate::InFlight | Fate::Refused => {}
        }
        if let Some(attempt) = self.attempts.get_mut(attempt.0) {
            attempt.fate = fate;
        }
    }

    /// Something that was read was what it had to be.
    pub fn read_verified(&mut self) {
        self.counts.reads_verified += 1;
    }

    /// What was counted.
    pub fn counts(&self) -> ModelCounts {
        self.counts
    }

    /// All tasks are gone: what was under way is unknown.
    pub fn tasks_are_gone(&mut self) {
        for attempt in &mut self.attempts {
            if attempt.fate == Fate::InFlight {
                attempt.fate = Fate::Unknown;
                self.counts.unknown += 1;
            }
        }
    }

    /// How many acknowledged transactions there have been since the certain state.
    pub fn acknowledged_since(&self) -> usize {
        self.attempts.iter().filter(|attempt| matches!(attempt.fate, Fate::Acknowledged(_))).count()
    }

    /// The tables after everything that is known to be there; what is under way is left out.
    pub fn latest(&self) -> Contents {
        let mut contents = self.certain.contents.clone();
        for attempt in self.attempts.iter().filter(|attempt| matches!(attempt.fate, Fate::Acknowledged(_))) {
            attempt.changes.iter().for_each(|change| contents.apply(change));
        }
        contents
    }

    /// What must be there where these marks are. `complete` says that every acknowledged transaction must be among them: a
    /// snapshot that was taken a while ago lacks what came later.
    ///
    /// # Errors
    /// The promise that such marks break.
    pub fn expect(&self, marks: &Marks, complete: bool) -> Result<Expected, Failure> {
        for (client, serial) in &self.certain.marks {
            if marks.get(client) < Some(serial) {
                let detail =
                    format!("transaction {serial} of client {client} had been seen, and is not there");
                return Err(Failure::new(Promise::AcknowledgedSurvives, detail));
            }
        }
        let mut expected =
            Expected { contents: self.certain.contents.clone(), marks: marks.clone(), verified: 0 };
        let mut known = self.certain.marks.clone();
        for attempt in &self.attempts {
            let Attempt { client, serial, .. } = attempt;
            let there = attempt.fate != Fate::Refused && marks.get(client) >= Some(serial);
            if !there {
                if complete && matches!(attempt.fate, Fate::Acknowledged(_)) {
                    let detail =
                        format!("transaction {serial} of client {client} was acknowledged, and is not there");
                    return Err(Failure::new(Promise::AcknowledgedSurvives, detail));
                }
                continue;
            }
            known.insert(*client, *serial);
            expected.verified += u64::from(matches!(attempt.fate, Fate::Acknowledged(_)));
            attempt.changes.iter().for_each(|change| expected.contents.apply(change));
        }
        if known != *marks {
            let detail =
                format!("the marks are {marks:?}, and those of transactions that may be there {known:?}");
            return Err(Failure::new(Promise::RefusedLeavesNothing, detail));
        }
        Ok(expected)
    }

    /// A full comparison found this: it is certain.
    pub fn settle(&mut self, expected: Expected) {
        self.counts.verified += expected.verified;
        self.is_set_up = !expected.marks.is_empty();
        self.attempts.clear();
        self.certain = expected;
    }
}
