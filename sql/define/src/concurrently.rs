//! What is done `CONCURRENTLY`: it waits for others, and keeps nobody waiting.
//!
//! PostgreSQL makes an index in several transactions, and waits between them. Here it is made in one, by who has waited before: for
//! those who write to the table, and for those who see what was before.
//!
//! How it fails: as waiting for a lock does.

use crate::definer::Definer;
use crate::error::DefineResult;
use catalog::object::Table;
use std::sync::Arc;
use store::locks::{LockError, RelationMode, WaitPolicy};
use store::{StoreError, TreeId};

impl Definer<'_> {
    /// Waits, for what is done `CONCURRENTLY`, until a table can be locked in `mode` without keeping others waiting: for the
    /// transactions that hold it so that `others` is kept from it, and, who makes an index, for those that keep a snapshot of
    /// before. Who comes meanwhile goes on. If that has no end, the lock is waited for in turn, by whoever takes it.
    ///
    /// # Errors
    /// As [`Definer::lock_table`].
    pub fn await_others(
        &mut self,
        table: &Arc<Table>,
        mode: RelationMode,
        others: RelationMode,
    ) -> DefineResult<()> {
        const ROUNDS: usize = 20;
        self.lock_table(table, RelationMode::ShareUpdateExclusive)?;
        let (tree, wait) = (TreeId(table.lock), self.transaction.wait());
        for _ in 0..ROUNDS {
            self.transaction.await_holders(tree, others, wait)?;
            if mode == RelationMode::Share {
                self.transaction.await_snapshots(wait)?;
            }
            match self.transaction.lock_tree(tree, mode, WaitPolicy::NoWait) {
                Ok(_) => return Ok(()),
                Err(StoreError::Lock(LockError::NotAvailable { .. })) => {}
                Err(StoreError::NoSuchTree { .. }) => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
