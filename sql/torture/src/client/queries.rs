//! A transaction of queries only, held against themselves.

use super::Client;
use crate::labels;
use torture::workload::Ended;

/// Queries of a transaction at most.
const QUERIES: usize = 3;

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
        self.simply("COMMIT")
    }
}
