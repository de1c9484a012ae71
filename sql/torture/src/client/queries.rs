//! A transaction of queries only, held against themselves.

use super::Client;
use super::transaction::Transaction;
use crate::labels;
use torture::workload::Ended;

/// Queries of a transaction at most.
const QUERIES: usize = 3;
/// Changes of one that asks again behind each, at most.
const CHANGES: usize = 3;

impl Client<'_> {
    /// Queries over one snapshot: each by several plans, and in parts.
    ///
    /// # Errors
    /// When the transaction is over.
    pub fn queries(&mut self) -> Result<(), Ended> {
        self.simply("BEGIN ISOLATION LEVEL REPEATABLE READ")?;
        let view = self.seen()?;
        for _ in 0..=self.choose(&labels::LENGTH, QUERIES) {
            self.query(&view)?;
        }
        if self.choose(&labels::VARIANT, 3) < 2 {
            return self.simply("COMMIT");
        }
        self.query_of_own_change(Transaction { view, exact: true, ..Transaction::default() })?;
        self.simply("ROLLBACK")
    }

    /// The same query before and behind changes that nobody else sees: its result may be kept from before.
    fn query_of_own_change(&mut self, mut transaction: Transaction) -> Result<(), Ended> {
        let place = self.place_of_asked();
        self.ask_again(&transaction.view, place)?;
        self.savepoint(&mut transaction)?;
        for _ in 0..=self.choose(&labels::LENGTH, CHANGES) {
            let statement = match self.choose(&labels::STATEMENT, 4) {
                0 | 1 => self.insert(&transaction.view),
                2 => self.update(&transaction.view),
                _ => self.delete(&transaction.view),
            };
            if let Some(statement) = statement {
                self.statement(&mut transaction, &statement)?;
            }
            if !transaction.exact {
                return Ok(());
            }
            self.ask_again(&transaction.view, place)?;
        }
        Ok(())
    }
}
