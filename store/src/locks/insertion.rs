//! Insertions that may be taken back without their transaction: those of rows whose keys somebody may turn out to have.
//!
//! Whoever meets a key of such a row waits for the insertion first, which is over soon one way or the other, and for the
//! transaction only if the row has stayed.
//!
//! Invariants
//!
//! 1. An insertion is over when its transaction is, at the latest.
//! 2. Where none is under way nobody looks for one.
//!
//! How it fails: waiting for one as waiting for any lock does.

use super::acquire::WaitPolicy;
use super::error::LockError;
use super::locker::Locker;
use super::mode::{LockMode, RowMode};
use super::table::LockTable;
use super::target::{Running, TargetRef};
use crate::ids::TreeId;
use env::sync::atomic::Ordering;

impl LockTable {
    /// Whether an insertion is under way.
    pub fn has_insertions(&self) -> bool {
        self.insertions.load(Ordering::SeqCst) != 0
    }
}

impl Locker {
    /// Says that an insertion is under way. `false` if one was already, whose end will be the end of both.
    pub fn begin_insertion(&mut self) -> bool {
        if self.inserts {
            return false;
        }
        self.inserts = true;
        self.shared.insertions.fetch_add(1, Ordering::SeqCst);
        self.table.insertions.fetch_add(1, Ordering::SeqCst);
        true
    }

    /// Says that it is over, if there is one.
    pub fn end_insertion(&mut self) {
        if std::mem::take(&mut self.inserts) {
            self.table.insertions.fetch_sub(1, Ordering::SeqCst);
            self.shared.insertions.fetch_add(1, Ordering::SeqCst);
            self.table.wake_those_blocked_by(self.id);
        }
    }

    /// Waits for the insertions of others that hold a key so that `mode` is kept from it; whether there was one.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn await_insertions(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        policy: WaitPolicy,
    ) -> Result<bool, LockError> {
        let found = self.insertions_of(tree, key, mode);
        for running in &found {
            self.await_end(*running, policy)?;
        }
        Ok(!found.is_empty())
    }

    fn insertions_of(&self, tree: TreeId, key: &[u8], mode: RowMode) -> Vec<Running> {
        let target = TargetRef::of_key(tree, key);
        let shard = self.table.shard(target.hash());
        let waiting = self.table.waiting.lock();
        let found = self.table.blockers((&shard, &waiting), target, self.id, LockMode::Row(mode));
        found.iter().filter_map(|locker| waiting.shared(*locker)?.inserting(*locker)).collect()
    }
}
