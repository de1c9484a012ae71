//! A listing of all locks at one instant: what `pg_locks` is made of.
//!
//! Invariants
//!
//! 1. The listing is of one instant: all shards, then the queues, are locked while it is made, in the table's
//!    order.
//! 2. It is sorted, so that it does not depend on the order of any hash table.

use super::deadlock;
use super::mode::{LockMode, RelationMode};
use super::queue::Holder;
use super::shard::HeldThing;
use super::table::LockTable;
use super::target::{AdvisoryKey, ObjectKey, Running, Target};
use crate::ids::{RelationId, TreeId};
use std::sync::Arc;

/// What a listed lock is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViewTarget {
    /// A relation.
    Relation(RelationId),
    /// An advisory key.
    Advisory(AdvisoryKey),
    /// A transaction that has a number, or an insertion; or one that is waited for.
    Transaction(Running),
    /// Rows with consecutive numbers.
    Rows {
        /// The tree.
        tree: TreeId,
        /// The first row.
        first: u64,
        /// The last row.
        last: u64,
    },
    /// A key of a tree.
    Key {
        /// The tree.
        tree: TreeId,
        /// The key.
        key: Arc<[u8]>,
    },
    /// Everything that the transaction has written, without an entry for each.
    Written,
}

/// One line of the listing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LockView {
    /// What is locked.
    pub target: ViewTarget,
    /// Whether it is held, or waited for.
    pub granted: bool,
    /// Who holds or waits.
    pub holder: Holder,
    /// In which mode.
    pub mode: LockMode,
    /// For a waiter: who holds what it waits for, and who waits before it for what it has to wait for.
    pub blocked_by: Vec<Holder>,
}

impl LockTable {
    /// All locks held and waited for, sorted. Stops everybody for as long as it takes.
    pub fn view(&self) -> Vec<LockView> {
        let shards: Vec<_> = self.shards().iter().map(|shard| shard.lock()).collect();
        let waiting = self.waiting.lock();
        let mut lines = Vec::new();
        for shard in &shards {
            shard.each_grant(|thing, grant| {
                let Some(holder) = waiting.identity(grant.locker) else { return };
                let target = match thing {
                    HeldThing::Object(ObjectKey::Relation(relation)) => ViewTarget::Relation(relation),
                    HeldThing::Object(ObjectKey::Advisory(key)) => ViewTarget::Advisory(key),
                    HeldThing::Object(ObjectKey::Transaction(running)) => ViewTarget::Transaction(running),
                    HeldThing::Rows { tree, first, last } => ViewTarget::Rows { tree, first, last },
                    HeldThing::Key { tree, key } => ViewTarget::Key { tree, key },
                };
                lines.push(LockView {
                    target,
                    granted: true,
                    holder,
                    mode: grant.mode,
                    blocked_by: Vec::new(),
                });
            });
        }
        for locker in self.implicit_lockers() {
            let Some(holder) = waiting.identity(locker) else { continue };
            let mode = LockMode::Row(super::mode::RowMode::Update);
            let target = ViewTarget::Written;
            lines.push(LockView { target, granted: true, holder, mode, blocked_by: Vec::new() });
        }
        for (locker, shared) in waiting.lockers() {
            let holder = shared.identity();
            let numbered = holder.transaction.map(|_| shared.running(locker));
            for running in numbered.into_iter().chain(shared.inserting(locker)) {
                let (target, mode) =
                    (ViewTarget::Transaction(running), LockMode::Relation(RelationMode::Exclusive));
                lines.push(LockView { target, granted: true, holder, mode, blocked_by: Vec::new() });
            }
        }
        for (target, queue) in waiting.queues() {
            for waiter in queue {
                let Some(holder) = waiting.identity(waiter.locker) else { continue };
                lines.push(LockView {
                    target: view_of(target),
                    granted: false,
                    holder,
                    mode: waiter.mode,
                    blocked_by: waiting.identities(&deadlock::waited_for(&waiting, waiter.locker)),
                });
            }
        }
        drop(waiting);
        drop(shards);
        lines.sort();
        lines.dedup();
        lines
    }
}

fn view_of(target: &Target) -> ViewTarget {
    match target {
        Target::Relation(relation) => ViewTarget::Relation(*relation),
        Target::Advisory(key) => ViewTarget::Advisory(*key),
        Target::Transaction(running) => ViewTarget::Transaction(*running),
        Target::Row(tree, row) => ViewTarget::Rows { tree: *tree, first: *row, last: *row },
        Target::Key(tree, key) => ViewTarget::Key { tree: *tree, key: key.clone() },
    }
}
