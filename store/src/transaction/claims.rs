//! Values that exclude others: what this transaction has written of them, and what others have.
//!
//! Invariants
//!
//! 1. A row is written, and so locked, before its value is claimed: a claim counts only where its holder holds the row.
//! 2. Claims end with their transaction. Nobody else sees the temporary forest: nothing is claimed there.

use super::Transaction;
use crate::error::StoreResult;
use crate::ids::TreeId;
use crate::locks::Claim;
use crate::session::lock_name;

impl Transaction {
    /// Lets others know which value a row has in an index of such values, as long as the transaction is open. The row is
    /// written already, and so locked.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn claim(&mut self, index: TreeId, row: i64, what: Option<&[u8]>) -> StoreResult<()> {
        if self.inner.unlogged || crate::session::is_temporary(index) {
            return Ok(());
        }
        let name = lock_name(self.branch.database, index)?;
        self.session.locker().claim(name, row, what);
        Ok(())
    }

    /// What others claim. It counts only where they hold the row.
    ///
    /// # Errors
    /// When there can be no such tree.
    pub fn claims_of_others(&self, index: TreeId) -> StoreResult<Vec<Claim>> {
        if self.inner.unlogged || crate::session::is_temporary(index) {
            return Ok(Vec::new());
        }
        let name = lock_name(self.branch.database, index)?;
        Ok(self.session.locker().claims_of_others(name))
    }
}
