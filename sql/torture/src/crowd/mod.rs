//! Crowded tables: two tables full of rows that one transaction makes, works with and takes back.
//!
//! The tables of a run have few rows, since sessions that work beside one another have to meet on them. Here it is the other
//! way round: nobody else sees the rows, so whatever others do every answer is foretold, and there are enough of them for what
//! only many rows bring about: duplicates, runs of nulls, several chunks, frames that move on, keys that are taken.
//!
//! * [`draw`]: what the tables are and hold.

pub mod draw;

use crate::client::Client;
use crate::client::transaction::Transaction;
use crate::labels;
use torture::workload::Ended;

/// Steps of such a transaction at most.
const LENGTH_MAX: usize = 22;

impl Client<'_> {
    /// A transaction that makes two tables, fills them, works with them, and rolls back.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn crowd(&mut self) -> Result<(), Ended> {
        self.simply("BEGIN ISOLATION LEVEL READ COMMITTED")?;
        let mut transaction = Transaction::apart();
        // The second is partitioned now and then.
        let second = if self.choose(&labels::VARIANT, 3) == 2 { "p" } else { "b" };
        for letter in ["a", second] {
            let name = format!("g{}{letter}", self.number);
            self.crowded_table(&mut transaction, &name)?;
        }
        self.savepoint(&mut transaction)?;
        self.asked.is_of_crowd = true;
        for _ in 0..=self.choose(&labels::LENGTH, LENGTH_MAX) {
            self.crowd_step(&mut transaction)?;
        }
        self.simply("ROLLBACK")
    }

    fn crowd_step(&mut self, transaction: &mut Transaction) -> Result<(), Ended> {
        let view = &transaction.view;
        let statement = match self.choose(&labels::STATEMENT, 20) {
            0..=7 => return self.query(&transaction.view),
            8 => self.insert(view),
            9 | 10 => self.update(view),
            11 => self.delete(view),
            12 => self.select(view),
            13..=16 => self.near_miss(view),
            17 => return self.savepoint(transaction),
            18 => return self.roll_back_to(transaction),
            // Others may have tables of the names that are drawn.
            _ if self.choose(&labels::VARIANT, 2) == 1 => self.crowd_definition(view),
            _ => self.crowd_rule(view),
        };
        match statement {
            Some(statement) => self.statement(transaction, &statement),
            None => Ok(()),
        }
    }
}
