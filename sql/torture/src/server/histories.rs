//! Lists that clients append to and read, as one history over all lives: which isolation their transactions really had.
//!
//! Moments are those of the model. What became of a commit of which nobody heard the next comparison tells.

use std::collections::{BTreeMap, BTreeSet};
use torture::history::{History, Level, Operation, Outcome, Transaction};
use torture::promise::{Failure, Promise};

/// How many lists there are.
pub const LISTS: i64 = 3;

/// The lists, by their numbers.
pub type Lists = BTreeMap<u64, Vec<u64>>;

/// All transactions on lists.
#[derive(Debug, Clone, Default)]
pub struct Histories {
    transactions: Vec<Transaction>,
    /// Those whose outcome a comparison has to tell.
    unknown: BTreeSet<usize>,
    elements: u64,
}

impl Histories {
    /// A number to append; none is given twice.
    pub fn next_element(&mut self) -> u64 {
        self.elements += 1;
        self.elements
    }

    /// A transaction begins.
    pub fn begins(&mut self, level: Level) -> usize {
        let operations = Vec::new();
        self.transactions.push(Transaction { level, outcome: Outcome::Aborted, operations });
        self.transactions.len() - 1
    }

    /// It did this, and was answered.
    pub fn did(&mut self, transaction: usize, operation: Operation) {
        self.transactions[transaction].operations.push(operation);
    }

    /// Its commit is asked for.
    pub fn asked(&mut self, transaction: usize) {
        self.transactions[transaction].outcome = Outcome::Unknown;
        self.unknown.insert(transaction);
    }

    /// It was acknowledged at this moment.
    pub fn acknowledged(&mut self, transaction: usize, acknowledged: u64) {
        self.transactions[transaction].outcome = Outcome::Committed { acknowledged };
        self.unknown.remove(&transaction);
    }

    /// It was refused.
    pub fn refused(&mut self, transaction: usize) {
        self.transactions[transaction].outcome = Outcome::Aborted;
        self.unknown.remove(&transaction);
    }

    /// A comparison has found these lists: what is there of a transaction tells what became of it.
    ///
    /// # Errors
    /// When the history shows what its levels exclude.
    pub fn settle(&mut self, moment: u64, lists: Lists) -> Result<(), Failure> {
        let there: BTreeSet<u64> = lists.values().flatten().copied().collect();
        for number in std::mem::take(&mut self.unknown) {
            let transaction = &mut self.transactions[number];
            let is_there = transaction.operations.iter().any(|operation| match operation {
                Operation::Append { element, .. } => there.contains(element),
                Operation::Read { .. } => false,
            });
            let committed = Outcome::Committed { acknowledged: moment };
            transaction.outcome = if is_there { committed } else { Outcome::Aborted };
        }
        let history = History { transactions: self.transactions.clone(), last_state: Some(lists) };
        match history.anomalies().first() {
            None => Ok(()),
            Some(worst) => Err(Failure::new(Promise::IsolationHolds, worst.to_string())),
        }
    }
}
