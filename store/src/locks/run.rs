//! Locking many rows or keys of a tree together.
//!
//! Rows and keys that follow one another share blocks, so a run of them costs a look at each block and a bit for each of them.
//!
//! Invariants
//!
//! 1. Either all of a run is locked or nothing that was not locked before: whoever cannot have all at once asks for one after
//!    the other, waits for each in its turn, and holds meanwhile what he would hold otherwise.

use super::locker::Locker;
use super::mode::{LockMode, RowMode};
use super::shard::Touched;
use super::target::{BlockRef, TargetRef};
use crate::ids::TreeId;

/// Rows or keys of one block, while they are locked.
pub(super) struct Part<'k> {
    pub(super) tree: TreeId,
    pub(super) block: BlockRef<'k>,
    pub(super) hash: u64,
    /// Their offsets; those that turn out to be held already are taken out.
    pub(super) offsets: Vec<u16>,
}

/// What granting a part has come to: none if it is not free, else what is to be remembered, if anything is.
pub(super) type Granted = Option<Option<Touched>>;

/// What was locked of a run and not held before.
pub struct LockedRun<'k> {
    parts: Vec<Part<'k>>,
    mode: RowMode,
}

impl Locker {
    /// Locks rows or keys of a tree, of which neighbours should stand beside each other, if all of them are free; otherwise
    /// none, which is the answer then.
    pub fn lock_run<'k>(
        &mut self,
        tree: TreeId,
        keys: impl Iterator<Item = &'k [u8]>,
        mode: RowMode,
    ) -> Option<LockedRun<'k>> {
        if self.table.others_have_predicates(self.id) {
            return None;
        }
        let mut locked = LockedRun { parts: Vec::new(), mode };
        let mut part: Option<Part<'k>> = None;
        for key in keys {
            let Some((_, block, offset)) = TargetRef::of_key(tree, key).place() else { continue };
            match &mut part {
                Some(part) if part.block == block => part.offsets.push(offset),
                open => {
                    let next = Part { tree, block, hash: block.hash(tree), offsets: vec![offset] };
                    let full = open.replace(next);
                    if full.is_some_and(|full| !self.lock_part(full, &mut locked)) {
                        self.give_back_run(&locked);
                        return None;
                    }
                }
            }
        }
        if part.is_some_and(|last| !self.lock_part(last, &mut locked)) {
            self.give_back_run(&locked);
            return None;
        }
        Some(locked)
    }

    fn lock_part<'k>(&mut self, mut part: Part<'k>, locked: &mut LockedRun<'k>) -> bool {
        let grant = self.grant(self.level(), LockMode::Row(locked.mode));
        let mut shard = self.table.shard(part.hash);
        let before = shard.bytes();
        let granted = shard.grant_run(&mut part, grant, locked.mode);
        self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
        drop(shard);
        let Some(touched) = granted else { return false };
        self.remember(touched, grant.level);
        locked.parts.push(part);
        true
    }

    /// Gives back what was locked of a run, at the present level, for whoever finds that he goes another way.
    pub fn give_back_run(&mut self, run: &LockedRun<'_>) {
        for Part { tree, block, offsets, .. } in &run.parts {
            let name = block.to_name();
            offsets.iter().for_each(|offset| self.give_back_row(*tree, &name.key(*offset), run.mode));
        }
    }
}
