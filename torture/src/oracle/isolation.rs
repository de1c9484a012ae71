//! The isolation of a whole run: its list-append transactions, over all lives, as one history.
//!
//! Clients note what they did; a full comparison settles what became of those whose outcome was unknown, and from then on
//! it binds; the end of the run brings the last state. Then the history is searched for what the levels asked for
//! exclude ([`crate::history`]).
//!
//! Invariants
//!
//! 1. A moment is given to one event only, and moments grow: "acknowledged before it began" is a comparison.
//! 2. An append is noted after the engine took it, a read after it was answered; what a savepoint took back is cut.

use crate::history::{Anomaly, History, Level, Operation, Outcome, Transaction};
use crate::model::{Attempt, Contents, Fate};
use crate::promise::{Failure, Promise};
use crate::workload::setup::{LISTS, list_number};
use std::collections::BTreeMap;

/// The place of a transaction in the chronicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordId(usize);

#[derive(Debug, Clone)]
struct Record {
    client: u8,
    serial: u32,
    level: Level,
    operations: Vec<Operation>,
    /// When its acknowledgement came.
    acknowledged: Option<u64>,
    /// What a comparison has settled.
    settled: Option<Outcome>,
}

/// What the list-append transactions of a run did.
#[derive(Debug, Clone, Default)]
pub struct Chronicle {
    records: Vec<Record>,
    /// Records before this one are settled.
    unsettled: usize,
    moment: u64,
}

impl Chronicle {
    /// A moment later than all before.
    pub fn moment(&mut self) -> u64 {
        self.moment += 1;
        self.moment
    }

    /// A transaction has begun.
    pub fn begin(&mut self, client: u8, serial: u32, level: Level) -> RecordId {
        let operations = Vec::new();
        self.records.push(Record { client, serial, level, operations, acknowledged: None, settled: None });
        RecordId(self.records.len() - 1)
    }

    /// It did this, and was answered.
    pub fn did(&mut self, record: RecordId, operation: Operation) {
        self.records[record.0].operations.push(operation);
    }

    /// How much it did so far.
    pub fn length(&self, record: RecordId) -> usize {
        self.records[record.0].operations.len()
    }

    /// It went back to when it had done so much. Reads stay: they were answered.
    pub fn cut(&mut self, record: RecordId, length: usize) {
        let operations = &mut self.records[record.0].operations;
        let mut place = 0;
        operations.retain(|operation| {
            place += 1;
            place <= length || matches!(operation, Operation::Read { .. })
        });
    }

    /// Its commit was acknowledged.
    pub fn acknowledged(&mut self, record: RecordId) {
        self.records[record.0].acknowledged = Some(self.moment());
    }

    /// A full comparison has shown which attempts there are. `durable` says whether an acknowledgement binds.
    pub fn settle(&mut self, attempts: &[Attempt], included: &[bool], durable: bool) {
        let now = self.moment();
        let shown: BTreeMap<(u8, u32), (Fate, bool)> = attempts
            .iter()
            .zip(included)
            .map(|(attempt, shown)| ((attempt.client, attempt.serial), (attempt.fate, *shown)))
            .collect();
        for record in &mut self.records[self.unsettled..] {
            record.settled = Some(match (shown.get(&(record.client, record.serial)), record.acknowledged) {
                (Some((Fate::Refused, _)), _) | (None, None) => Outcome::Aborted,
                // It wrote nothing, and ended well.
                (None, Some(acknowledged)) => Outcome::Committed { acknowledged },
                (Some((_, true)), acknowledged) => {
                    Outcome::Committed { acknowledged: acknowledged.unwrap_or(now) }
                }
                (Some((_, false)), _) if durable => Outcome::Aborted,
                // Readers may have been shown what the crash took back.
                (Some((_, false)), _) => Outcome::Unknown,
            });
        }
        self.unsettled = self.records.len();
    }

    /// Judges the history. `lists` are the rows of the tree of lists as they were found at the very end, if they were;
    /// `attempts` those since the last comparison.
    ///
    /// # Errors
    /// [`Promise::IsolationHolds`], with the worst anomaly.
    pub fn judge(&self, attempts: &[Attempt], last: Option<&Contents>) -> Result<(), Failure> {
        let fate = |record: &Record| {
            let of_record =
                |attempt: &&Attempt| (attempt.client, attempt.serial) == (record.client, record.serial);
            attempts.iter().find(of_record).map(|attempt| attempt.fate)
        };
        let transactions = self.records.iter().map(|record| Transaction {
            level: record.level,
            outcome: record.settled.unwrap_or_else(|| match (fate(record), record.acknowledged) {
                (_, Some(acknowledged)) => Outcome::Committed { acknowledged },
                (Some(Fate::Refused) | None, None) => Outcome::Aborted,
                (Some(Fate::InFlight | Fate::Unknown | Fate::Acknowledged(_)), None) => Outcome::Unknown,
            }),
            operations: record.operations.clone(),
        });
        let history = History { transactions: transactions.collect(), last_state: last.and_then(last_state) };
        match history.anomalies().first() {
            None => Ok(()),
            Some(anomaly) => Err(Failure::new(Promise::IsolationHolds, self.told(anomaly))),
        }
    }

    /// How many transactions it has.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    fn told(&self, anomaly: &Anomaly) -> String {
        let mut text = anomaly.to_string();
        for &number in &anomaly.transactions {
            let Record { client, serial, level, .. } = &self.records[number];
            text.push_str(&format!("; T{number} is client {client} transaction {serial}, {level:?}"));
        }
        text
    }
}

/// The elements of a list as its row holds them. What is not whole is an element that nobody has appended.
pub fn elements(bytes: &[u8]) -> Vec<u64> {
    let element = |chunk: &[u8]| chunk.try_into().map_or(u64::MAX, u64::from_le_bytes);
    bytes.chunks(8).map(element).collect()
}

/// The lists by their names in the history. The tree of lists is the second one.
fn last_state(contents: &Contents) -> Option<BTreeMap<u64, Vec<u64>>> {
    let rows = contents.trees.values().nth(1)?;
    let mut state = BTreeMap::new();
    for (key, value) in rows.iter() {
        let (generation, list) = list_number(key)?;
        state.insert(u64::from(generation) * u64::from(LISTS) + u64::from(list), elements(value));
    }
    Some(state)
}
