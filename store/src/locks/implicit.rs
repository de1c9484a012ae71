//! Locks without entries: what a large transaction has written is locked because it has written it.
//!
//! A transaction that writes millions of scattered rows cannot have an entry for each. The store then hands over a
//! predicate that tells, for any key, whether the transaction has written it; entries that the predicate covers are
//! dropped, and everyone who asks for a row asks the predicates too.
//!
//! Invariants
//!
//! 1. A predicate is registered before the entries that it covers are dropped, and removed only when its transaction
//!    ends or hands over another: at no moment is a locked row seen as free.
//! 2. A predicate covers at least what was dropped on its account. It may cover more: that delays others, and misleads
//!    nobody.
//! 3. A row that a predicate covers and its successor does not (it was made and removed again) gets its entry back
//!    before the successor takes its place.
//! 4. A rollback to a savepoint puts the predicate back that was in force then.

use super::mode::{LockMode, RowMode};
use super::shard::LockerId;
use super::target::TargetRef;
use crate::ids::TreeId;
use std::fmt;
use std::sync::Arc;

/// Tells which rows a transaction has locked by having written them. Called by other transactions' tasks, under locks
/// of the lock table: it must not call back into that table, and answers from an unchanging root.
pub trait ImplicitLocks: Send + Sync {
    /// The mode in which the transaction holds `key` of `tree` by having written it: `Update` or `NoKeyUpdate`; `None`
    /// when it has not written it.
    fn mode_of(&self, tree: TreeId, key: &[u8]) -> Option<RowMode>;
}

/// The predicates of all lockers, in order of registration.
#[derive(Default)]
pub(super) struct Implicit {
    predicates: Vec<(LockerId, Arc<dyn ImplicitLocks>)>,
}

impl Implicit {
    /// Registers a predicate in place of the locker's former one, if it had one. Returns how many there are now.
    pub(super) fn set(&mut self, locker: LockerId, predicate: Arc<dyn ImplicitLocks>) -> usize {
        self.predicates.retain(|(other, _)| *other != locker);
        self.predicates.push((locker, predicate));
        self.predicates.len()
    }

    pub(super) fn remove(&mut self, locker: LockerId) -> usize {
        self.predicates.retain(|(other, _)| *other != locker);
        self.predicates.len()
    }

    /// Visits everyone whose predicate holds the target.
    pub(super) fn each_holder(&self, target: TargetRef<'_>, mut visit: impl FnMut(LockerId, LockMode)) {
        let row_bytes;
        let (tree, key) = match target {
            TargetRef::Object(_) => return,
            TargetRef::Key { tree, key } => (tree, key),
            TargetRef::Row { tree, row } => {
                row_bytes = row.to_be_bytes();
                (tree, &row_bytes[..])
            }
        };
        for (locker, predicate) in &self.predicates {
            if let Some(mode) = predicate.mode_of(tree, key) {
                visit(*locker, LockMode::Row(mode));
            }
        }
    }

    pub(super) fn lockers(&self) -> impl Iterator<Item = LockerId> {
        self.predicates.iter().map(|(locker, _)| *locker)
    }
}

impl fmt::Debug for Implicit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.lockers()).finish()
    }
}
