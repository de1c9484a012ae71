//! One shard of the lock table: who holds what. Waiting is elsewhere (`wait.rs`).
//!
//! Invariants
//!
//! 1. A grant is recorded once per (locker, level, mode) and thing: per row block a set of rows, per key or object one
//!    entry. So a transaction's own list of what it touched is no longer than the number of blocks, keys and objects.
//! 2. A grant's level is 0 for what the session holds, else the depth of savepoints at which it was acquired. Rolling
//!    back to a savepoint removes whole grants, never parts of one.
//! 3. An entry without grants does not exist.
//! 4. `queued` names exactly the targets of this shard that have a queue.
//! 5. `bytes` is what the entries take; it is zero again when nothing is held.
//!
//! There is nothing here that can fail.

use super::few::Few;
use super::mode::{LockMode, RowMode};
use super::row_set::{RowSet, Run};
use super::target::{BLOCK_ROWS, ObjectKey, Target, TargetRef, hash_of, hash_of_block, hash_of_key};
use crate::ids::TreeId;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A registered locker, as grants name it: small, because there are many grants. Reused after its locker is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct LockerId(pub(super) u32);

/// The level of what a session holds beyond its transactions.
pub(super) const SESSION_LEVEL: u32 = 0;

/// Who holds a key or an object, in which mode, since which savepoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grant {
    pub(super) locker: LockerId,
    pub(super) level: u32,
    pub(super) mode: LockMode,
}

#[derive(Debug)]
struct RowGrant {
    locker: LockerId,
    level: u32,
    mode: RowMode,
    rows: RowSet,
}

impl RowGrant {
    fn is_of(&self, locker: LockerId, level: u32, mode: RowMode) -> bool {
        self.locker == locker && self.level == level && self.mode == mode
    }
}

#[derive(Debug)]
struct Block {
    tree: TreeId,
    number: u64,
    grants: Few<RowGrant>,
}

#[derive(Debug)]
struct KeyEntry {
    tree: TreeId,
    key: Arc<[u8]>,
    grants: Few<Grant>,
}

#[derive(Debug)]
struct ObjectEntry {
    key: ObjectKey,
    grants: Few<Grant>,
}

/// What a locker must give back: one per new grant (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touched {
    Block { tree: TreeId, block: u64, mode: RowMode },
    Key { tree: TreeId, key: Arc<[u8]>, mode: RowMode },
    Object { key: ObjectKey, mode: LockMode },
}

impl Touched {
    pub(super) fn hash(&self) -> u64 {
        match self {
            Touched::Block { tree, block, .. } => hash_of_block(*tree, *block),
            Touched::Key { tree, key, .. } => hash_of_key(*tree, key),
            Touched::Object { key, .. } => hash_of(key),
        }
    }
}

/// Which modes a target is held in: by the one who asks, and by all others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Held {
    pub(super) own: u16,
    pub(super) others: u16,
}

impl Held {
    fn add(&mut self, own: bool, mode: LockMode) {
        if own {
            self.own |= mode.bit();
        } else {
            self.others |= mode.bit();
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Shard {
    blocks: HashTable<Block>,
    keys: HashTable<KeyEntry>,
    objects: HashTable<ObjectEntry>,
    pub(super) queued: BTreeSet<Target>,
    bytes: usize,
}

impl Shard {
    /// Estimated memory of everything held (invariant 5).
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn block(&self, hash: u64, tree: TreeId, number: u64) -> Option<&Block> {
        self.blocks.find(hash, |block| block.number == number && block.tree == tree)
    }

    fn key(&self, hash: u64, tree: TreeId, key: &[u8]) -> Option<&KeyEntry> {
        self.keys.find(hash, |entry| entry.tree == tree && *entry.key == *key)
    }

    fn object(&self, hash: u64, key: ObjectKey) -> Option<&ObjectEntry> {
        self.objects.find(hash, |entry| entry.key == key)
    }

    /// Visits everyone who holds `target`, in order of acquisition, with each mode and level.
    pub(super) fn each_holder(&self, target: TargetRef<'_>, hash: u64, mut visit: impl FnMut(Grant)) {
        match target {
            TargetRef::Row { tree, row } => {
                let offset = (row % BLOCK_ROWS) as u16;
                let block = self.block(hash, tree, row / BLOCK_ROWS);
                for grant in block.map_or(&[][..], |block| block.grants.as_slice()) {
                    if grant.rows.contains(offset) {
                        visit(Grant {
                            locker: grant.locker,
                            level: grant.level,
                            mode: LockMode::Row(grant.mode),
                        });
                    }
                }
            }
            TargetRef::Key { tree, key } => {
                let entry = self.key(hash, tree, key);
                entry.map_or(&[][..], |entry| entry.grants.as_slice()).iter().copied().for_each(visit);
            }
            TargetRef::Object(key) => {
                let entry = self.object(hash, key);
                entry.map_or(&[][..], |entry| entry.grants.as_slice()).iter().copied().for_each(visit);
            }
        }
    }

    /// The modes in which `target` is held, at whatever level.
    pub(super) fn held(&self, target: TargetRef<'_>, hash: u64, me: LockerId) -> Held {
        let mut held = Held::default();
        self.each_holder(target, hash, |grant| held.add(grant.locker == me, grant.mode));
        held
    }

    /// Records a grant; returns what the locker must remember when it is a new one.
    pub(super) fn grant(&mut self, target: TargetRef<'_>, hash: u64, grant: Grant) -> Option<Touched> {
        match (target, grant.mode) {
            (TargetRef::Row { tree, row }, LockMode::Row(mode)) => {
                self.grant_row(hash, tree, row, grant, mode)
            }
            (TargetRef::Key { tree, key }, LockMode::Row(mode)) => {
                self.grant_key(hash, tree, key, grant, mode)
            }
            (TargetRef::Object(key), mode) => self.grant_object(hash, key, grant, mode),
            (TargetRef::Row { .. } | TargetRef::Key { .. }, LockMode::Relation(_)) => None,
        }
    }

    fn grant_row(
        &mut self,
        hash: u64,
        tree: TreeId,
        row: u64,
        grant: Grant,
        mode: RowMode,
    ) -> Option<Touched> {
        let number = row / BLOCK_ROWS;
        let offset = (row % BLOCK_ROWS) as u16;
        let entry = self.blocks.entry(
            hash,
            |block| block.number == number && block.tree == tree,
            |block| hash_of_block(block.tree, block.number),
        );
        let new = || RowGrant { locker: grant.locker, level: grant.level, mode, rows: RowSet::one(offset) };
        match entry {
            Entry::Occupied(mut occupied) => {
                let grants = &mut occupied.get_mut().grants;
                let mine = |known: &&mut RowGrant| known.is_of(grant.locker, grant.level, mode);
                if let Some(known) = grants.as_mut_slice().iter_mut().find(mine) {
                    let before = known.rows.heap_bytes();
                    known.rows.insert(offset);
                    self.bytes = self.bytes + known.rows.heap_bytes() - before;
                    return None;
                }
                let before = grants.heap_bytes();
                grants.push(new());
                self.bytes = self.bytes + grants.heap_bytes() - before;
            }
            Entry::Vacant(vacant) => {
                vacant.insert(Block { tree, number, grants: Few::One(new()) });
                self.bytes += size_of::<Block>();
            }
        }
        Some(Touched::Block { tree, block: number, mode })
    }

    fn grant_key(
        &mut self,
        hash: u64,
        tree: TreeId,
        key: &[u8],
        grant: Grant,
        mode: RowMode,
    ) -> Option<Touched> {
        let entry = self.keys.entry(
            hash,
            |entry| entry.tree == tree && *entry.key == *key,
            |entry| hash_of_key(entry.tree, &entry.key),
        );
        let key = match entry {
            Entry::Occupied(mut occupied) => {
                let entry = occupied.get_mut();
                if entry.grants.as_slice().contains(&grant) {
                    return None;
                }
                let before = entry.grants.heap_bytes();
                entry.grants.push(grant);
                self.bytes = self.bytes + entry.grants.heap_bytes() - before;
                entry.key.clone()
            }
            Entry::Vacant(vacant) => {
                let key: Arc<[u8]> = Arc::from(key);
                vacant.insert(KeyEntry { tree, key: key.clone(), grants: Few::One(grant) });
                self.bytes += key_entry_bytes(&key);
                key
            }
        };
        Some(Touched::Key { tree, key, mode })
    }

    fn grant_object(&mut self, hash: u64, key: ObjectKey, grant: Grant, mode: LockMode) -> Option<Touched> {
        match self.objects.entry(hash, |entry| entry.key == key, |entry| hash_of(&entry.key)) {
            Entry::Occupied(mut occupied) => {
                let grants = &mut occupied.get_mut().grants;
                if grants.as_slice().contains(&grant) {
                    return None;
                }
                let before = grants.heap_bytes();
                grants.push(grant);
                self.bytes = self.bytes + grants.heap_bytes() - before;
            }
            Entry::Vacant(vacant) => {
                vacant.insert(ObjectEntry { key, grants: Few::One(grant) });
                self.bytes += size_of::<ObjectEntry>();
            }
        }
        Some(Touched::Object { key, mode })
    }

    /// Gives back one grant.
    pub(super) fn remove(&mut self, touched: &Touched, locker: LockerId, level: u32) {
        let hash = touched.hash();
        match touched {
            Touched::Block { .. } => {
                self.take_rows(touched, locker, level);
            }
            Touched::Key { tree, key, mode } => {
                let same = |entry: &KeyEntry| entry.tree == *tree && entry.key == *key;
                let Ok(mut entry) = self.keys.find_entry(hash, same) else { return };
                let gone = Grant { locker, level, mode: LockMode::Row(*mode) };
                let grants = &mut entry.get_mut().grants;
                let before = grants.heap_bytes();
                grants.take(|grant| *grant == gone);
                self.bytes = self.bytes + grants.heap_bytes() - before;
                if grants.is_empty() {
                    self.bytes -= key_entry_bytes(key) + grants.heap_bytes();
                    entry.remove();
                }
            }
            Touched::Object { key, mode } => {
                let Ok(mut entry) = self.objects.find_entry(hash, |entry| entry.key == *key) else { return };
                let gone = Grant { locker, level, mode: *mode };
                let grants = &mut entry.get_mut().grants;
                grants.take(|grant| *grant == gone);
                if grants.is_empty() {
                    self.bytes -= size_of::<ObjectEntry>() + grants.heap_bytes();
                    entry.remove();
                }
            }
        }
    }

    /// Gives back one row or key of a grant; what the locker need not remember any more, if the grant was of that alone.
    pub(super) fn remove_one(&mut self, target: TargetRef<'_>, hash: u64, grant: Grant) -> Option<Touched> {
        let LockMode::Row(mode) = grant.mode else { return None };
        let touched = match target {
            TargetRef::Object(_) => return None,
            TargetRef::Key { tree, key } => {
                Touched::Key { tree, key: self.key(hash, tree, key)?.key.clone(), mode }
            }
            TargetRef::Row { tree, row } => {
                let (number, offset) = (row / BLOCK_ROWS, (row % BLOCK_ROWS) as u16);
                let same = |block: &Block| block.number == number && block.tree == tree;
                let grants = self.blocks.find_mut(hash, same)?.grants.as_mut_slice();
                let mine = |known: &&mut RowGrant| known.is_of(grant.locker, grant.level, mode);
                let known = grants.iter_mut().find(mine)?;
                let before = known.rows.heap_bytes();
                if known.rows.remove(offset) {
                    self.bytes = self.bytes + known.rows.heap_bytes() - before;
                    return None;
                }
                Touched::Block { tree, block: number, mode }
            }
        };
        self.remove(&touched, grant.locker, grant.level);
        Some(touched)
    }

    fn take_rows(&mut self, touched: &Touched, locker: LockerId, level: u32) -> Option<RowSet> {
        let Touched::Block { tree, block: number, mode } = touched else { return None };
        let same = |block: &Block| block.number == *number && block.tree == *tree;
        let mut entry = self.blocks.find_entry(touched.hash(), same).ok()?;
        let grants = &mut entry.get_mut().grants;
        let taken = grants.take(|grant| grant.is_of(locker, level, *mode))?;
        self.bytes -= taken.rows.heap_bytes();
        if grants.is_empty() {
            self.bytes -= size_of::<Block>() + grants.heap_bytes();
            entry.remove();
        }
        Some(taken.rows)
    }

    /// Moves a grant to a lower level (its savepoint was released). Returns false when a grant of that level was there
    /// already and has taken it in: the locker then has one thing fewer to remember.
    pub(super) fn relabel(&mut self, touched: &Touched, locker: LockerId, from: u32, to: u32) -> bool {
        let hash = touched.hash();
        match touched {
            Touched::Block { tree, block: number, mode } => {
                let same = |block: &Block| block.number == *number && block.tree == *tree;
                let Some(block) = self.blocks.find_mut(hash, same) else { return false };
                let grants = block.grants.as_mut_slice();
                if !grants.iter().any(|grant| grant.is_of(locker, to, *mode)) {
                    let moved = grants.iter_mut().find(|grant| grant.is_of(locker, from, *mode));
                    return moved.map(|grant| grant.level = to).is_some();
                }
                let Some(rows) = self.take_rows(touched, locker, from) else { return false };
                let Some(block) = self.blocks.find_mut(hash, same) else { return false };
                let grants = block.grants.as_mut_slice();
                if let Some(kept) = grants.iter_mut().find(|grant| grant.is_of(locker, to, *mode)) {
                    let before = kept.rows.heap_bytes();
                    kept.rows.absorb(&rows);
                    self.bytes = self.bytes + kept.rows.heap_bytes() - before;
                }
                false
            }
            Touched::Key { tree, key, mode } => {
                let same = |entry: &KeyEntry| entry.tree == *tree && entry.key == *key;
                let Some(entry) = self.keys.find_mut(hash, same) else { return false };
                relabel_grant(entry.grants.as_mut_slice(), locker, LockMode::Row(*mode), from, to)
            }
            Touched::Object { key, mode } => {
                let Some(entry) = self.objects.find_mut(hash, |entry| entry.key == *key) else {
                    return false;
                };
                relabel_grant(entry.grants.as_mut_slice(), locker, *mode, from, to)
            }
        }
    }

    /// Whether all rows of a grant satisfy `covered`: only asked of grants of a few rows.
    pub(super) fn is_covered(
        &self,
        touched: &Touched,
        locker: LockerId,
        level: u32,
        mut covered: impl FnMut(TreeId, &[u8], RowMode) -> bool,
    ) -> bool {
        const FEW: u16 = 16;
        match touched {
            Touched::Object { .. } => false,
            Touched::Key { tree, key, mode } => covered(*tree, key, *mode),
            Touched::Block { tree, block: number, mode } => {
                let block = self.block(touched.hash(), *tree, *number);
                let grants = block.map_or(&[][..], |block| block.grants.as_slice());
                let Some(grant) = grants.iter().find(|grant| grant.is_of(locker, level, *mode)) else {
                    return false;
                };
                let mut all = grant.rows.few_rows().is_some_and(|rows| rows <= FEW);
                if all {
                    grant.rows.each_run(|Run { first, last }| {
                        for offset in first..=last {
                            let row = number * BLOCK_ROWS + u64::from(offset);
                            all = all && covered(*tree, &row.to_be_bytes(), *mode);
                        }
                    });
                }
                all
            }
        }
    }

    /// Visits everything that is held, in no particular order, runs of rows as runs.
    pub(super) fn each_grant(&self, mut visit: impl FnMut(HeldThing, Grant)) {
        for block in &self.blocks {
            for grant in block.grants.as_slice() {
                let start = block.number * BLOCK_ROWS;
                let as_grant =
                    Grant { locker: grant.locker, level: grant.level, mode: LockMode::Row(grant.mode) };
                grant.rows.each_run(|run| {
                    let (first, last) = (start + u64::from(run.first), start + u64::from(run.last));
                    visit(HeldThing::Rows { tree: block.tree, first, last }, as_grant);
                });
            }
        }
        for entry in &self.keys {
            for grant in entry.grants.as_slice() {
                visit(HeldThing::Key { tree: entry.tree, key: entry.key.clone() }, *grant);
            }
        }
        for entry in &self.objects {
            entry.grants.as_slice().iter().for_each(|grant| visit(HeldThing::Object(entry.key), *grant));
        }
    }
}

/// What a grant is on, in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeldThing {
    Object(ObjectKey),
    Rows { tree: TreeId, first: u64, last: u64 },
    Key { tree: TreeId, key: Arc<[u8]> },
}

fn relabel_grant(grants: &mut [Grant], locker: LockerId, mode: LockMode, from: u32, to: u32) -> bool {
    // A key or object is recorded once per locker and mode whatever the level of a transaction (a second request finds
    // itself satisfied), so there is nothing to merge with.
    let wanted = Grant { locker, level: from, mode };
    grants.iter_mut().find(|grant| **grant == wanted).map(|grant| grant.level = to).is_some()
}

fn key_entry_bytes(key: &Arc<[u8]>) -> usize {
    // The two reference counts of an Arc precede its bytes.
    size_of::<KeyEntry>() + key.len() + 2 * size_of::<usize>()
}
