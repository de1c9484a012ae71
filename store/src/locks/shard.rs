//! One shard of the lock table: who holds what. Waiting is elsewhere (`wait.rs`).
//!
//! Invariants
//!
//! 1. A grant is recorded once per (locker, level, mode) and thing: per block of rows or keys a set of offsets, per object one
//!    entry. So a transaction's own list of what it touched is no longer than the number of blocks and objects.
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
use super::run::{Granted, Part};
use super::target::{BLOCK_ROWS, BlockName, BlockRef, ObjectKey, Target, TargetRef, hash_of};
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

/// Who holds something, in which mode, since which savepoint.
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
    name: BlockName,
    grants: Few<RowGrant>,
}

impl Block {
    fn bytes(&self) -> usize {
        size_of::<Block>() + self.name.heap_bytes()
    }

    /// What a run of the block's offsets is on.
    fn each_thing(&self, run: Run, mut visit: impl FnMut(HeldThing)) {
        match &self.name {
            BlockName::Rows(number) => {
                let start = number * BLOCK_ROWS;
                let (first, last) = (start + u64::from(run.first), start + u64::from(run.last));
                visit(HeldThing::Rows { tree: self.tree, first, last });
            }
            BlockName::Keys(_) => {
                for offset in run.first..=run.last {
                    visit(HeldThing::Key { tree: self.tree, key: Arc::from(self.name.key(offset)) });
                }
            }
        }
    }
}

#[derive(Debug)]
struct ObjectEntry {
    key: ObjectKey,
    grants: Few<Grant>,
}

/// What a locker must give back: one per new grant (invariant 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touched {
    Block { tree: TreeId, block: BlockName, mode: RowMode },
    Object { key: ObjectKey, mode: LockMode },
}

impl Touched {
    pub(super) fn hash(&self) -> u64 {
        match self {
            Touched::Block { tree, block, .. } => block.as_ref().hash(*tree),
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
    objects: HashTable<ObjectEntry>,
    pub(super) queued: BTreeSet<Target>,
    bytes: usize,
}

impl Shard {
    /// Estimated memory of everything held (invariant 5).
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    fn block(&self, hash: u64, tree: TreeId, block: BlockRef<'_>) -> Option<&Block> {
        self.blocks.find(hash, |known| known.tree == tree && known.name.is(block))
    }

    fn block_mut(&mut self, hash: u64, tree: TreeId, block: BlockRef<'_>) -> Option<&mut Block> {
        self.blocks.find_mut(hash, |known| known.tree == tree && known.name.is(block))
    }

    fn object(&self, hash: u64, key: ObjectKey) -> Option<&ObjectEntry> {
        self.objects.find(hash, |entry| entry.key == key)
    }

    /// Visits everyone who holds `target`, in order of acquisition, with each mode and level.
    pub(super) fn each_holder(&self, target: TargetRef<'_>, hash: u64, mut visit: impl FnMut(Grant)) {
        if let TargetRef::Object(key) = target {
            let entry = self.object(hash, key);
            entry.map_or(&[][..], |entry| entry.grants.as_slice()).iter().copied().for_each(visit);
            return;
        }
        let Some((tree, block, offset)) = target.place() else { return };
        let block = self.block(hash, tree, block);
        for grant in block.map_or(&[][..], |block| block.grants.as_slice()) {
            if grant.rows.contains(offset) {
                visit(Grant { locker: grant.locker, level: grant.level, mode: LockMode::Row(grant.mode) });
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
        match (target, target.place(), grant.mode) {
            (_, Some(place), LockMode::Row(mode)) => self.grant_row(place, hash, grant, mode),
            (TargetRef::Object(key), _, mode) => self.grant_object(hash, key, grant, mode),
            (TargetRef::Row { .. } | TargetRef::Key { .. }, _, LockMode::Row(_) | LockMode::Relation(_)) => {
                None
            }
        }
    }

    fn entry(&mut self, tree: TreeId, block: BlockRef<'_>, hash: u64) -> Entry<'_, Block> {
        self.blocks.entry(
            hash,
            |known| known.tree == tree && known.name.is(block),
            |known| known.name.as_ref().hash(known.tree),
        )
    }

    fn grant_row(
        &mut self,
        place: (TreeId, BlockRef<'_>, u16),
        hash: u64,
        grant: Grant,
        mode: RowMode,
    ) -> Option<Touched> {
        let (bytes, entry) = (self.bytes, self.entry(place.0, place.1, hash));
        let (touched, more) = grant_in(entry, place, grant, mode);
        self.bytes = bytes.wrapping_add(more);
        touched
    }

    /// Records a grant of a row or key if that is free, and nobody waits here. What is held by nothing but entries counts.
    pub(super) fn grant_free_row(
        &mut self,
        place: (TreeId, BlockRef<'_>, u16),
        hash: u64,
        grant: Grant,
        mode: RowMode,
    ) -> Option<Row> {
        let (queued, bytes) = (!self.queued.is_empty(), self.bytes);
        let (excluded, enough) = (LockMode::Row(mode).conflicts(), LockMode::Row(mode).satisfied_by());
        let entry = self.entry(place.0, place.1, hash);
        let mut held = Held::default();
        if let Entry::Occupied(known) = &entry {
            for known in known.get().grants.as_slice() {
                if known.rows.contains(place.2) {
                    held.add(known.locker == grant.locker, LockMode::Row(known.mode));
                }
            }
        }
        if held.own & enough != 0 {
            return Some(Row::Held);
        }
        if queued || held.others & excluded != 0 {
            return None;
        }
        let (touched, more) = grant_in(entry, place, grant, mode);
        self.bytes = bytes.wrapping_add(more);
        Some(Row::Granted(touched))
    }

    /// Records grants of rows or keys of one block if all are free, and nobody waits here. Those that the locker holds already
    /// are taken out of the part.
    pub(super) fn grant_run(&mut self, part: &mut Part<'_>, grant: Grant, mode: RowMode) -> Granted {
        if !self.queued.is_empty() {
            return None;
        }
        let &mut Part { tree, block, hash, ref mut offsets } = part;
        let (excluded, enough) = (LockMode::Row(mode).conflicts(), LockMode::Row(mode).satisfied_by());
        if let Some(known) = self.block(hash, tree, block) {
            for other in known.grants.as_slice() {
                let held = LockMode::Row(other.mode).bit();
                if other.locker == grant.locker {
                    if held & enough != 0 {
                        offsets.retain(|offset| !other.rows.contains(*offset));
                    }
                } else if held & excluded != 0 && offsets.iter().any(|offset| other.rows.contains(*offset)) {
                    return None;
                }
            }
        }
        let Some((first, rest)) = offsets.split_first() else { return Some(None) };
        let touched = self.grant_row((tree, block, *first), hash, grant, mode);
        if !rest.is_empty()
            && let Some(known) = self.block_mut(hash, tree, block)
            && let Some(own) =
                known.grants.as_mut_slice().iter_mut().find(|own| own.is_of(grant.locker, grant.level, mode))
        {
            let before = own.rows.heap_bytes();
            rest.iter().for_each(|offset| own.rows.insert(*offset));
            let after = own.rows.heap_bytes();
            self.bytes = self.bytes + after - before;
        }
        Some(touched)
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
        let (tree, block, offset) = target.place()?;
        let known = self.block_mut(hash, tree, block)?;
        let mine = |known: &&mut RowGrant| known.is_of(grant.locker, grant.level, mode);
        let rows = &mut known.grants.as_mut_slice().iter_mut().find(mine)?.rows;
        let before = rows.heap_bytes();
        if rows.remove(offset) {
            let after = rows.heap_bytes();
            self.bytes = self.bytes + after - before;
            return None;
        }
        let touched = Touched::Block { tree, block: known.name.clone(), mode };
        self.remove(&touched, grant.locker, grant.level);
        Some(touched)
    }

    fn take_rows(&mut self, touched: &Touched, locker: LockerId, level: u32) -> Option<RowSet> {
        let Touched::Block { tree, block, mode } = touched else { return None };
        let same = |known: &Block| known.tree == *tree && known.name == *block;
        let mut entry = self.blocks.find_entry(touched.hash(), same).ok()?;
        let grants = &mut entry.get_mut().grants;
        let taken = grants.take(|grant| grant.is_of(locker, level, *mode))?;
        self.bytes -= taken.rows.heap_bytes();
        if grants.is_empty() {
            let grants = grants.heap_bytes();
            self.bytes -= entry.get().bytes() + grants;
            entry.remove();
        }
        Some(taken.rows)
    }

    /// Moves a grant to a lower level (its savepoint was released). Returns false when a grant of that level was there
    /// already and has taken it in: the locker then has one thing fewer to remember.
    pub(super) fn relabel(&mut self, touched: &Touched, locker: LockerId, from: u32, to: u32) -> bool {
        let hash = touched.hash();
        match touched {
            Touched::Block { tree, block, mode } => {
                let Some(known) = self.block_mut(hash, *tree, block.as_ref()) else { return false };
                let grants = known.grants.as_mut_slice();
                if !grants.iter().any(|grant| grant.is_of(locker, to, *mode)) {
                    let moved = grants.iter_mut().find(|grant| grant.is_of(locker, from, *mode));
                    return moved.map(|grant| grant.level = to).is_some();
                }
                let Some(rows) = self.take_rows(touched, locker, from) else { return false };
                let Some(known) = self.block_mut(hash, *tree, block.as_ref()) else { return false };
                let grants = known.grants.as_mut_slice();
                if let Some(kept) = grants.iter_mut().find(|grant| grant.is_of(locker, to, *mode)) {
                    let before = kept.rows.heap_bytes();
                    kept.rows.absorb(&rows);
                    let after = kept.rows.heap_bytes();
                    self.bytes = self.bytes + after - before;
                }
                false
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
            Touched::Block { tree, block: name, mode } => {
                let block = self.block(touched.hash(), *tree, name.as_ref());
                let grants = block.map_or(&[][..], |block| block.grants.as_slice());
                let Some(grant) = grants.iter().find(|grant| grant.is_of(locker, level, *mode)) else {
                    return false;
                };
                let mut all = grant.rows.few_rows().is_some_and(|rows| rows <= FEW);
                if all {
                    grant.rows.each_run(|Run { first, last }| {
                        for offset in first..=last {
                            all = all && covered(*tree, &name.key(offset), *mode);
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
                let as_grant =
                    Grant { locker: grant.locker, level: grant.level, mode: LockMode::Row(grant.mode) };
                grant.rows.each_run(|run| block.each_thing(run, |thing| visit(thing, as_grant)));
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
    // An object is recorded once per locker and mode whatever the level of a transaction (a second request finds itself
    // satisfied), so there is nothing to merge with.
    let wanted = Grant { locker, level: from, mode };
    grants.iter_mut().find(|grant| **grant == wanted).map(|grant| grant.level = to).is_some()
}

/// How a row was had at once.
pub(super) enum Row {
    /// The locker held it already.
    Held,
    /// It was free; with what is to be remembered, if anything is.
    Granted(Option<Touched>),
}

/// Records a grant in a block, which may be new; answers what is to be remembered, if anything is, and how many bytes more there
/// are.
fn grant_in(
    entry: Entry<'_, Block>,
    (tree, block, offset): (TreeId, BlockRef<'_>, u16),
    grant: Grant,
    mode: RowMode,
) -> (Option<Touched>, usize) {
    let new = || RowGrant { locker: grant.locker, level: grant.level, mode, rows: RowSet::one(offset) };
    match entry {
        Entry::Occupied(occupied) => {
            let Block { grants, name, .. } = occupied.into_mut();
            let mine = |known: &&mut RowGrant| known.is_of(grant.locker, grant.level, mode);
            if let Some(known) = grants.as_mut_slice().iter_mut().find(mine) {
                let before = known.rows.heap_bytes();
                known.rows.insert(offset);
                // A set may shrink: a bitmap is smaller than room for many runs.
                return (None, known.rows.heap_bytes().wrapping_sub(before));
            }
            let before = grants.heap_bytes();
            grants.push(new());
            let touched = Touched::Block { tree, block: name.clone(), mode };
            (Some(touched), grants.heap_bytes() - before)
        }
        Entry::Vacant(vacant) => {
            let name = block.to_name();
            let block = Block { tree, name: name.clone(), grants: Few::One(new()) };
            let bytes = block.bytes();
            vacant.insert(block);
            (Some(Touched::Block { tree, block: name, mode }), bytes)
        }
    }
}
