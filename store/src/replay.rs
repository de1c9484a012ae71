//! Replay: the log's records carried out again on a checkpoint's forest.
//!
//! Invariants
//!
//! 1. Before anything is replayed, the places that records of large commits and branchings name are claimed, so that
//!    replay's own pages cannot land on them.
//! 2. Each tree is replayed on a branch of its own, so that page accounting is known tree by tree.
//! 3. A commit by roots replaces whatever was replayed of its trees. The tree's shape may differ from the replayed one,
//!    so what it takes and gives up is found by comparing the pages of both states, not by remembering edits.
//! 4. Before a database is branched or dropped everything is settled: which line gives up a page depends on the moment.
//!    What the two databases share from then on is what the record names, page by page. Everything replayed is written first, of all databases: a settled tree has a stored root, so that databases never
//!    share a page without a number, and no branch made later writes, and then gives back, pages of a settled tree.
//! 5. Replay changes nothing but free places of the file: it can be repeated at any time.

use crate::branch::Branch;
use crate::databases;
use crate::delta::Delta;
use crate::error::{StoreError, StoreResult};
use crate::forest::{TreeEntry, Version};
use crate::ids::{CommitNumber, DatabaseId, TreeId};
use crate::labels;
use crate::lineage::{SYSTEM, SystemEdit};
use crate::record::{self, Header, Operation, TreeChange};
use crate::sequence::Sequences;
use crate::snapshots::Snapshots;
use btree::{Tree, TreeError};
use env::Env;
use pager::{
    Access, COUNTER_LIMIT, FreedPage, FreedRef, OwnerId, PageChanges, PageRef, PageSet, Pager, Placements,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use wal::{Lsn, Record};

/// The first of the branches that make replay's frames.
const FIRST_OWNER: OwnerId = OwnerId(1 << 62);

type TreeKey = (DatabaseId, TreeId);

/// Numbers that recovery moves on: the next that was never used.
#[derive(Debug, Clone, Copy)]
pub struct NextIds {
    /// Transaction id.
    pub transaction: u64,
    /// Tree id.
    pub tree: u64,
    /// Database id.
    pub database: u64,
}

/// The state of a replay.
pub struct Replay<'a> {
    env: &'a dyn Env,
    pager: &'a Pager,
    sequences: &'a Sequences,
    /// The forest as of the last settling.
    version: Arc<Version>,
    branches: BTreeMap<TreeKey, Branch>,
    /// Trees that a large commit replaced since the last settling.
    rooted: BTreeSet<TreeKey>,
    claimed: PageSet,
    delta: Delta,
    commit: CommitNumber,
    lsn: Lsn,
    operations: u64,
    dirty_limit: usize,
    /// Each branch has an owner of its own, so that what it wrote can be told from what was there.
    next_owner: OwnerId,
    /// The next ids.
    pub next: NextIds,
    /// How many records were carried out.
    pub records: u64,
}

/// What replay arrives at.
pub struct Replayed {
    /// The newest version.
    pub version: Version,
    /// Its page accounting since the checkpoint.
    pub delta: Delta,
    /// The next ids.
    pub next: NextIds,
    /// How many records were carried out.
    pub records: u64,
}

/// The places that records of large commits and branchings name, by a first reading of the log.
///
/// # Errors
/// When a record is damaged.
pub fn claimed_by(pager: &Pager, record: &Record<'_>, claimed: &mut PageSet) -> StoreResult<()> {
    let (header, _) = decode(pager, record)?;
    if let Header::CommitRoots { pages, .. } | Header::Branch { pages, .. } = header {
        for (first, length) in pages.0 {
            let end = first.checked_add(length).ok_or_else(|| {
                damaged(
                    pager,
                    record.lsn,
                    "runs of pages within the file",
                    &format!("a run of {length} at {first}"),
                )
            })?;
            claimed.insert_run(first..end);
        }
    }
    Ok(())
}

impl<'a> Replay<'a> {
    /// A replay on top of a checkpoint's version. `claimed` has been claimed from the pager.
    pub fn new(
        env: &'a dyn Env,
        pager: &'a Pager,
        sequences: &'a Sequences,
        version: Version,
        claimed: PageSet,
        next: NextIds,
        dirty_limit: usize,
    ) -> Replay<'a> {
        let (commit, lsn) = (version.commit, version.lsn);
        Replay {
            env,
            pager,
            sequences,
            version: Arc::new(version),
            branches: BTreeMap::new(),
            rooted: BTreeSet::new(),
            claimed,
            delta: Delta::default(),
            commit,
            lsn,
            operations: 0,
            dirty_limit,
            next,
            records: 0,
            next_owner: FIRST_OWNER,
        }
    }

    /// Carries out one record.
    ///
    /// # Errors
    /// When the record or a page that it needs is damaged.
    pub fn record(&mut self, record: &Record<'_>) -> StoreResult<()> {
        let (header, rest) = decode(self.pager, record)?;
        self.lsn = record.lsn;
        self.records += 1;
        self.carry_out(header, rest).map_err(|error| self.as_damage(error))
    }

    /// A commit was never given what a record now asks for: then it is the record that is wrong.
    fn as_damage(&self, error: StoreError) -> StoreError {
        let never_logged = match &error {
            StoreError::NoSuchTree { .. } | StoreError::NoSuchDatabase { .. } => true,
            StoreError::Tree(cause) => !matches!(**cause, TreeError::Pager(_) | TreeError::Page { .. }),
            _ => false,
        };
        if !never_logged {
            return error;
        }
        damaged(self.pager, self.lsn, "a change that can be made", &error.to_string())
    }

    fn carry_out(&mut self, header: Header, rest: &[u8]) -> StoreResult<()> {
        match header {
            Header::Commit { commit, transaction, database } => {
                self.next_commit(commit)?;
                self.next.transaction = self.behind(self.next.transaction, transaction)?;
                self.replay_commit(DatabaseId(database), rest)
            }
            Header::CommitRoots { commit, transaction, database, trees, pages: _, dropped_sequences } => {
                self.next_commit(commit)?;
                self.next.transaction = self.behind(self.next.transaction, transaction)?;
                self.env.reached(&labels::RECOVERY_LARGE);
                self.sequences.dropped(DatabaseId(database), &dropped_sequences.0);
                self.replay_roots(DatabaseId(database), &trees.0)
            }
            Header::Sequence { database, sequence, upto } => {
                self.sequences.restore(DatabaseId(database), sequence, upto);
                Ok(())
            }
            Header::Branch { commit, source, database, generation, trees, pages: _ } => {
                self.next_commit(commit)?;
                self.replay_roots(DatabaseId(source), &trees.0)?;
                self.replay_branch(DatabaseId(source), DatabaseId(database), generation)
            }
            Header::DropDatabase { commit, database } => {
                self.next_commit(commit)?;
                self.replay_drop(DatabaseId(database))
            }
        }
    }

    /// The end of the log: the newest version.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn finish(mut self) -> StoreResult<Replayed> {
        self.settle()?;
        if !self.claimed.is_empty() {
            // What large commits' records named and nothing refers to any more. Until both checkpoints are newer than
            // these records, another recovery reads them again, and the pages they name.
            let retired = self
                .claimed
                .iter_runs()
                .flatten()
                .map(|number| FreedPage { page: FreedRef::Stored(number), birth: 0 });
            self.pager.retire(retired.collect(), self.commit.0);
        }
        let version = Version {
            commit: self.commit,
            lsn: self.lsn,
            operations: self.operations,
            forest: self.version.forest.clone(),
        };
        Ok(Replayed { version, delta: self.delta, next: self.next, records: self.records })
    }

    /// The next number after `next` that was never used, now that `used` was.
    fn behind(&self, next: u64, used: u64) -> StoreResult<u64> {
        if used >= COUNTER_LIMIT {
            return Err(damaged(self.pager, self.lsn, "an id below 2^62", &format!("{used:#x}")));
        }
        Ok(next.max(used + 1))
    }

    fn next_commit(&mut self, commit: u64) -> StoreResult<()> {
        let expected = self.commit.next();
        if commit != expected.0 {
            return Err(damaged(
                self.pager,
                self.lsn,
                &format!("commit {expected}"),
                &format!("commit {commit}"),
            ));
        }
        self.commit = expected;
        Ok(())
    }

    fn replay_commit(&mut self, database: DatabaseId, operations: &[u8]) -> StoreResult<()> {
        self.version.forest.database(database)?;
        for operation in record::operations(operations) {
            let operation = operation
                .map_err(|error| damaged(self.pager, self.lsn, "an operation", &error.to_string()))?;
            self.operations += 1;
            let tree = match operation {
                Operation::Put { tree, .. }
                | Operation::Delete { tree, .. }
                | Operation::DeleteRange { tree, .. }
                | Operation::DropTree { tree } => TreeId(tree),
                Operation::CreateTree { tree, .. } => {
                    self.next.tree = self.behind(self.next.tree, tree)?;
                    TreeId(tree)
                }
                Operation::DropSequence { sequence } => {
                    self.sequences.dropped(database, &[sequence]);
                    continue;
                }
            };
            let pager = self.pager;
            self.branch((database, tree)).carry_out(pager, &operation)?;
        }
        self.relieve_pressure()
    }

    fn branch(&mut self, key: TreeKey) -> &mut Branch {
        let version = &self.version;
        let next_owner = &mut self.next_owner;
        self.branches.entry(key).or_insert_with(|| {
            next_owner.0 += 1;
            // Nobody else has the store yet: the registry serves this branch alone.
            let hold = Arc::new(Snapshots::new(version.clone())).take();
            Branch::new(*next_owner, hold, key.0)
        })
    }

    fn relieve_pressure(&mut self) -> StoreResult<()> {
        if self.pager.dirty_bytes() <= self.dirty_limit { Ok(()) } else { self.write_all() }
    }

    /// Writes what was replayed of a tree, and refers to it as stored.
    fn write(&mut self, key: TreeKey) -> StoreResult<()> {
        let Some(branch) = self.branches.get_mut(&key) else { return Ok(()) };
        let Some(Some(entry)) = branch.trees.get_mut(&key.1) else { return Ok(()) };
        if let Some(root @ PageRef::Resident(_)) = entry.tree.root() {
            let mut placements = Placements::new();
            let pointers = self.pager.write_tree(std::slice::from_ref(root), &mut placements)?;
            branch.changes.allocated.union(&placements.take(branch.owner));
            if let Some(pointer) = pointers.first() {
                entry.tree = entry.tree.with_root(*pointer);
            }
            // Frames that were settled before: in use whatever becomes of this branch.
            self.delta.writer_ended(self.pager, &placements.take_all());
        }
        Ok(())
    }

    fn replay_roots(&mut self, database: DatabaseId, trees: &[TreeChange]) -> StoreResult<()> {
        self.version.forest.database(database)?;
        for change in trees {
            let key = (database, TreeId(change.tree));
            self.next.tree = self.behind(self.next.tree, change.tree)?;
            let entry = match &change.entry {
                Some(bytes) => Some(TreeEntry::decode(self.pager, key.1, &bytes.0)?),
                None => None,
            };
            match self.branches.remove(&key) {
                Some(mut replaced) => replaced.abandon(self.pager),
                None if self.is_there(key, entry.as_ref())? => continue,
                None => {}
            }
            self.rooted.insert(key);
            self.branch(key).trees.insert(key.1, entry);
        }
        Ok(())
    }

    /// Whether a tree that was not touched since the last settling is as `entry` says: a branching names all.
    fn is_there(&self, (database, tree): TreeKey, entry: Option<&TreeEntry>) -> StoreResult<bool> {
        let Some(entry) = entry else { return Ok(false) };
        let settled = self.version.forest.database(database)?.tree(self.pager, tree)?;
        Ok(settled.is_some_and(|settled| settled.tree.stored() == entry.tree.stored()))
    }

    fn replay_branch(&mut self, source: DatabaseId, target: DatabaseId, generation: u64) -> StoreResult<()> {
        let in_force = self.version.forest.lineage.generation();
        if generation < in_force {
            let (expected, found) = (format!("generation {in_force} or later"), format!("{generation}"));
            return Err(damaged(self.pager, self.lsn, &expected, &found));
        }
        if self.version.forest.databases.contains_key(&target) {
            let found = format!("a branching as database {target}");
            return Err(damaged(self.pager, self.lsn, "a new database", &found));
        }
        self.behind(in_force, generation)?;
        let database = self.behind(self.next.database, target.0)?;
        self.write_all()?;
        self.settle()?;
        // All settled trees are written by now (invariant 4), so a shared page has a number; in a file that is only read
        // it needs none.
        let mut version = (*self.version).clone();
        databases::branch(&mut version.forest, self.pager, source, target, generation)?;
        self.next.database = database;
        self.sequences.branched(source, target);
        self.version = Arc::new(version);
        Ok(())
    }

    /// Writes all that was replayed, unless nothing may be written: then it stays in memory.
    fn write_all(&mut self) -> StoreResult<()> {
        if self.is_read_only() {
            return Ok(());
        }
        let keys: Vec<TreeKey> = self.branches.keys().copied().collect();
        for key in keys {
            self.write(key)?;
        }
        Ok(())
    }

    fn replay_drop(&mut self, database: DatabaseId) -> StoreResult<()> {
        self.write_all()?;
        self.settle()?;
        let mut version = (*self.version).clone();
        let mut own = PageChanges::default();
        let mut edit = system_edit(self.pager, version.forest.lineage.generation(), &mut own);
        let mut freed = databases::drop_database(&mut version.forest, &mut edit, database)?;
        freed.append(&mut own.freed);
        self.delta.publish(self.pager, &own.allocated, freed, self.commit);
        self.sequences.forget(database);
        self.version = Arc::new(version);
        Ok(())
    }

    fn is_read_only(&self) -> bool {
        self.pager.access() == Access::ReadOnly
    }

    /// Merges the branches into the forest, and accounts for what they took and gave up. Nobody reuses a page of a file
    /// that is only read, and pages that were not written have no numbers to account for.
    fn settle(&mut self) -> StoreResult<()> {
        let mut version = (*self.version).clone();
        for (key, mut branch) in std::mem::take(&mut self.branches) {
            // One to which nothing was to be done stays as it is: it was not dropped.
            let Some(entry) = branch.trees.remove(&key.1) else { continue };
            if self.is_read_only() {
                if let Some(database) = version.forest.databases.get_mut(&key.0) {
                    database.overlay.insert(key.1, entry);
                }
                continue;
            }
            if self.rooted.remove(&key) {
                branch.changes = self.compare(key, entry.as_ref(), &branch.changes)?;
            }
            let mut own = PageChanges::default();
            let mut edit = system_edit(self.pager, version.forest.lineage.generation(), &mut own);
            let node = version.forest.database(key.0)?.node;
            let mut freed = version.forest.lineage.give_up(&mut edit, node, branch.freed())?;
            freed.append(&mut own.freed);
            let mut allocated = branch.changes.allocated;
            allocated.union(&own.allocated);
            self.delta.publish(self.pager, &allocated, freed, self.commit);
            if let Some(database) = version.forest.databases.get_mut(&key.0) {
                database.overlay.insert(key.1, entry);
            }
        }
        version.commit = self.commit;
        version.lsn = self.lsn;
        self.version = Arc::new(version);
        Ok(())
    }

    /// What a tree took and gave up since the last settling, by comparing all its pages (invariant 3).
    fn compare(
        &mut self,
        (database, tree): TreeKey,
        now: Option<&TreeEntry>,
        replayed: &PageChanges,
    ) -> StoreResult<PageChanges> {
        let before = self.version.forest.database(database)?.tree(self.pager, tree)?;
        let absent = Tree::empty(tree.0);
        let tree_of = |entry: Option<&TreeEntry>| entry.map_or_else(|| absent.clone(), |it| it.tree.clone());
        let apart = tree_of(before.as_ref()).pages_apart(&tree_of(now), self.pager)?;
        let mut changes = PageChanges::default();
        for number in apart.there.keys() {
            changes.allocated.insert(*number);
            self.claimed.remove(*number);
        }
        for (number, birth) in &apart.here {
            changes.freed.push(FreedPage { page: FreedRef::Stored(*number), birth: *birth });
        }
        // Pages that replay took for the tree and that it gave up again.
        let mut unused = replayed.allocated.clone();
        unused.difference(&changes.allocated);
        self.pager.give_back(&unused)?;
        Ok(changes)
    }
}

fn system_edit<'e>(pager: &'e Pager, generation: u64, changes: &'e mut PageChanges) -> SystemEdit<'e> {
    SystemEdit { pager, generation, owner: SYSTEM, changes }
}

fn decode<'r>(pager: &Pager, record: &Record<'r>) -> StoreResult<(Header, &'r [u8])> {
    record::decode_header(record.payload).map_err(|error| {
        damaged(pager, record.lsn, "a commit, a reservation or a branching", &error.to_string())
    })
}

fn damaged(pager: &Pager, lsn: Lsn, expected: &str, found: &str) -> StoreError {
    StoreError::Record {
        file: pager.path().display().to_string(),
        lsn: lsn.0,
        expected: expected.to_string(),
        found: found.to_string(),
    }
}
