//! Commit: from a branch to the newest version, and to the log.
//!
//! ```text
//! branch ─► (large: write and sync its pages) ─► commit lock ─► rebase ─► log.append ─► publish ─► unlock
//!        ─► wait until the log is durable ─► visible ─► acknowledged
//! ```
//!
//! Invariants
//!
//! 1. Commit numbers, log order and publication order are one order: all three happen under the commit lock.
//! 2. Everything that can refuse a commit happens before its record is appended. After that there are two outcomes:
//!    acknowledged, or unknown because the log could not be made durable.
//! 3. A commit becomes visible, and its locks are released, only after its record is durable. Rows are handed over when it is
//!    published, to those who see to it that nobody hears of it earlier ([`crate::Transaction::lock_row_ahead`]).
//! 4. A large commit's pages are synced before its record is appended.
//! 5. Lock order: writing lock, then commit lock; never the other way round.

use crate::branch::Branch;
use crate::delta::Delta;
use crate::error::{CommitError, StoreError, StoreResult};
use crate::forest::{Forest, TreeEntry, Version};
use crate::ids::{CommitNumber, TransactionId, TreeId};
use crate::labels;
use crate::lineage::{SYSTEM, SystemEdit};
use crate::options::Durability;
use crate::recent::Fate;
use crate::record::{self, Header, List, TreeChange};
use crate::store::Inner;
use env::sync::atomic::Ordering;
use pager::{FreedPage, PageChanges, PageSet, Placements};
use std::sync::Arc;
use wal::Lsn;

/// Under durability `Off`, log records that wait in memory are written when they exceed this.
const PENDING_LOG_BYTES: usize = 1 << 20;

/// So few operations are rebased under the commit lock alone: that is sooner done than taking the lock twice.
const FEW_OPERATIONS: u64 = 8;

/// What the commit lock guards.
pub struct CommitState {
    /// The newest version: what the next commit builds on.
    pub published: Arc<Version>,
    /// Places taken and given up since the last checkpoint began.
    pub delta: Delta,
    /// At least the places that the newest durable checkpoint uses and the one before does not: a large commit's roots
    /// may refer to them, and recovery from the older superblock does not know them.
    pub checkpoint_added: PageSet,
}

impl CommitState {
    /// The places, as runs of (first, length), that stored roots of the newest version, or of a branch that took
    /// `allocated`, may refer to and that not both checkpoints know.
    pub fn unknown_to_checkpoints(&self, allocated: &PageSet) -> Vec<(u64, u64)> {
        let mut pages = allocated.clone();
        pages.union(&self.delta.added);
        pages.union(&self.checkpoint_added);
        pages.iter_runs().map(|run| (run.start, run.end - run.start)).collect()
    }
}

/// A forest that is ready to be published, and its page accounting.
pub struct Prepared {
    /// The forest after the commit.
    pub forest: Forest,
    /// Pages of the branch and of the store's own lists.
    pub allocated: PageSet,
    /// Pages that nobody uses any more.
    pub freed: Vec<FreedPage>,
}

impl Inner {
    /// Changes what the commit lock guards, as a whole ([`crate::health::Health::as_a_whole`]): should the task be unwound
    /// in it, writing has stopped before the lock is given back.
    pub fn change_commit_state<R>(&self, change: impl FnOnce(&mut CommitState) -> R) -> R {
        let mut state = self.commit.lock();
        self.health.as_a_whole(|| change(&mut state))
    }

    /// Commits `branch` as `transaction`. `check` is called under the commit lock and may refuse the
    /// commit, `hand_over` when it is published. The caller releases the locks afterwards and abandons the branch when this fails.
    ///
    /// # Errors
    /// [`CommitError`]; after [`CommitError::Unknown`] the store is poisoned.
    pub fn commit(
        &self,
        branch: &mut Branch,
        transaction: TransactionId,
        check: &dyn Fn() -> StoreResult<()>,
        hand_over: &dyn Fn(),
    ) -> Result<CommitNumber, CommitError> {
        self.health
            .check()
            .and_then(|()| branch.give_back_free(&self.pager))
            .map_err(CommitError::Refused)?;
        let published = if branch.by_roots {
            self.commit_large(branch, transaction, check)
        } else {
            self.commit_logged(branch, transaction, check)
        };
        let (commit, lsn) = published.map_err(|error| {
            if error.is_out_of_space() {
                self.env.reached(&labels::COMMIT_REFUSED_SPACE);
            }
            CommitError::Refused(error)
        })?;
        hand_over();
        self.make_durable(commit, lsn)?;
        self.relieve_pressure();
        Ok(commit)
    }

    fn commit_logged(
        &self,
        branch: &mut Branch,
        transaction: TransactionId,
        check: &dyn Fn() -> StoreResult<()>,
    ) -> StoreResult<(CommitNumber, Lsn)> {
        self.catch_up(branch)?;
        let mut payload = Vec::with_capacity(branch.operations.len() + 16);
        let mut state = self.commit.lock();
        self.health.check()?;
        let commit = state.published.commit.next();
        check()?;
        self.rebase_if_behind(branch, &state.published.clone())?;
        let header =
            Header::Commit { commit: commit.0, transaction: transaction.0, database: branch.database.0 };
        record::encode_header(&header, &mut payload);
        payload.extend_from_slice(&branch.operations);
        let prepared = self.prepare(&state, branch)?;
        let lsn = self.append_and_publish(&payload, &mut state, branch, prepared, transaction)?;
        Ok((commit, lsn))
    }

    /// A first rebase outside the lock, so that what is left to do under it is short. The branch's own snapshot keeps
    /// the pages of everything newer from being reused.
    fn catch_up(&self, branch: &mut Branch) -> StoreResult<()> {
        if branch.count <= FEW_OPERATIONS {
            return Ok(());
        }
        let newest = self.commit.lock().published.clone();
        self.bring_onto(branch, &newest).map(drop)
    }

    fn rebase_if_behind(&self, branch: &mut Branch, newest: &Arc<Version>) -> StoreResult<bool> {
        let moved = self.bring_onto(branch, newest)?;
        if !moved {
            self.env.reached(&labels::FAST_FORWARD);
        }
        Ok(moved)
    }

    /// Brings a branch onto a version with all its trees; whether it was on an older one.
    fn bring_onto(&self, branch: &mut Branch, version: &Arc<Version>) -> StoreResult<bool> {
        let moves = branch.base.commit != version.commit;
        if moves {
            self.rebase(branch, version)?;
        }
        branch.bring_all_up(&self.pager)?;
        Ok(moves)
    }

    /// Commits by roots: the pages first, then one record that names them.
    fn commit_large(
        &self,
        branch: &mut Branch,
        transaction: TransactionId,
        check: &dyn Fn() -> StoreResult<()>,
    ) -> StoreResult<(CommitNumber, Lsn)> {
        self.spill(branch)?;
        self.catch_up(branch)?;
        self.spill(branch)?;
        self.sync_pages(&labels::LARGE_PAGES)?;
        let mut writing = self.writing.lock();
        self.settle_moves(&mut writing)?;
        let mut state = self.commit.lock();
        self.health.check()?;
        let commit = state.published.commit.next();
        check()?;
        if self.rebase_if_behind(branch, &state.published.clone())? || self.has_unwritten(branch) {
            self.health.as_a_whole(|| {
                let (written, foreign) = self.write_branch(branch);
                state.delta.writer_ended(&self.pager, &foreign);
                written
            })?;
            self.sync_pages(&labels::LARGE_REMAINDER)?;
        }
        let header = Header::CommitRoots {
            commit: commit.0,
            transaction: transaction.0,
            database: branch.database.0,
            trees: branch_roots(branch).into(),
            pages: state.unknown_to_checkpoints(&branch.changes.allocated).into(),
            dropped_sequences: branch.dropped_sequences.clone().into(),
        };
        let mut payload = Vec::new();
        record::encode_header(&header, &mut payload);
        let prepared = self.prepare(&state, branch)?;
        let lsn = self.append_and_publish(&payload, &mut state, branch, prepared, transaction)?;
        self.env.reached(&labels::LARGE_COMMIT);
        Ok((commit, lsn))
    }

    /// Makes the pages written so far durable.
    pub fn sync_pages(&self, label: &'static env::Label) -> StoreResult<()> {
        self.pager.sync(label).map_err(|error| {
            let error = StoreError::from(error);
            self.health.poison(&error);
            error
        })
    }

    /// Appends a record to the log; the caller holds the commit lock. The log finds room for it first: a full device
    /// refuses this record and nothing else, where finding out while writing would leave every commit in flight unknown.
    pub fn append(&self, payload: &[u8]) -> StoreResult<Lsn> {
        let log = self.log()?;
        self.grown(log.reserve(payload.len() as u64))?;
        Ok(log.append(payload)?)
    }

    /// What became of the log's growth. A growth that failed otherwise than for want of space fails the log for good, since
    /// what it wrote may land later: then the store writes no more.
    pub fn grown<T>(&self, result: Result<T, wal::LogError>) -> StoreResult<T> {
        result.map_err(|error| {
            let full = error.is_out_of_space();
            let error = StoreError::from(error);
            if !full {
                self.health.poison(&error);
            }
            error
        })
    }

    /// The forest after the branch, and whose pages are freed by it. Fails before anything is decided.
    fn prepare(&self, state: &CommitState, branch: &mut Branch) -> StoreResult<Prepared> {
        assert!(branch.is_brought_up(), "trees are published without changes that are yet to be made");
        let mut forest = state.published.forest.clone();
        let node = forest.database(branch.database)?.node;
        if let Some(database) = forest.databases.get_mut(&branch.database) {
            for (tree, entry) in &branch.trees {
                database.overlay.insert(*tree, entry.clone());
            }
        }
        let mut own = PageChanges::default();
        let generation = forest.lineage.generation();
        let mut edit = SystemEdit { pager: &self.pager, generation, owner: SYSTEM, changes: &mut own };
        let mut freed = forest.lineage.give_up(&mut edit, node, branch.freed())?;
        freed.append(&mut own.freed);
        let mut allocated = branch.changes.allocated.clone();
        allocated.union(&own.allocated);
        Ok(Prepared { forest, allocated, freed })
    }

    /// Appends the record and makes the prepared forest the newest version. Either both happen or, with an error, none.
    fn append_and_publish(
        &self,
        payload: &[u8],
        state: &mut CommitState,
        branch: &mut Branch,
        prepared: Prepared,
        transaction: TransactionId,
    ) -> StoreResult<Lsn> {
        self.health.as_a_whole(|| {
            let lsn = self.append(payload)?;
            self.publish(state, branch, prepared, transaction, lsn);
            Ok(lsn)
        })
    }

    /// Makes the prepared forest the newest version, whose record ends at `lsn`.
    fn publish(
        &self,
        state: &mut CommitState,
        branch: &mut Branch,
        prepared: Prepared,
        transaction: TransactionId,
        lsn: Lsn,
    ) {
        let commit = state.published.commit.next();
        let operations = state.published.operations + branch.count;
        self.sequences.dropped(branch.database, &branch.dropped_sequences);
        let trees = branch
            .trees
            .iter()
            .map(|(tree, entry)| (*tree, if entry.is_some() { Fate::Changed } else { Fate::Dropped }));
        self.recent.committed(transaction, commit, self.snapshots.horizon(), branch.database, trees);
        self.recent.moved(commit, branch.database, std::mem::take(&mut branch.moved));
        branch.changes = PageChanges::default();
        branch.trees.clear();
        let version = Version { commit, lsn, operations, forest: prepared.forest };
        self.publish_version(state, version, &prepared.allocated, prepared.freed);
    }

    /// The first half of a commit in a temporary forest: all that can fail. Nobody else changes the forest meanwhile.
    ///
    /// # Errors
    /// When pages cannot be written; nothing has been committed then.
    pub fn prepare_unlogged(&self, branch: &mut Branch) -> StoreResult<Prepared> {
        self.health.check()?;
        branch.give_back_free(&self.pager)?;
        if self.dirty_is_high() {
            self.spill(branch)?;
        }
        self.prepare(&self.commit.lock(), branch)
    }

    /// The second half: what was prepared is the newest version, and visible.
    pub fn publish_unlogged(&self, branch: &mut Branch, prepared: Prepared, transaction: TransactionId) {
        let lsn = self.change_commit_state(|state| {
            // No log, so no place in it: versions are counted in its stead.
            let lsn = Lsn(state.published.lsn.0 + 1);
            self.publish(state, branch, prepared, transaction, lsn);
            // What a checkpoint would be told: there is none to come.
            drop(state.delta.begin_checkpoint(&self.pager));
            lsn
        });
        self.snapshots.advance(lsn);
        if let Err(error) = self.reuse_pages() {
            self.health.poison(&error);
        }
    }

    /// Makes `version` the newest; it becomes visible when its record is durable.
    pub fn publish_version(
        &self,
        state: &mut CommitState,
        version: Version,
        allocated: &PageSet,
        freed: Vec<FreedPage>,
    ) {
        assert_eq!(version.commit, state.published.commit.next(), "commits are published in order");
        assert!(version.lsn > state.published.lsn, "records are logged in order of commit");
        self.pages_since_checkpoint.fetch_add(allocated.len(), Ordering::Relaxed);
        state.delta.publish(&self.pager, allocated, freed, version.commit);
        state.published = Arc::new(version);
        self.snapshots.published(state.published.clone());
    }

    /// Waits until the record that ends at `lsn` is durable and shows its commit to new snapshots.
    pub fn make_durable(&self, commit: CommitNumber, lsn: Lsn) -> Result<(), CommitError> {
        let result = match self.options.durability {
            Durability::Off => self.make_visible(lsn).and_then(|()| self.bound_pending_log()),
            Durability::Full if self.env.enforce(&labels::COMMIT_DURABLE) => self.make_visible(lsn),
            Durability::Full => self.log().map(|log| self.snapshots.advance(log.durable())),
        };
        result.map_err(|cause| self.unknown(commit, cause))
    }

    /// Waits until what was published up to `lsn` is durable, and visible therefore.
    ///
    /// # Errors
    /// When the log cannot be made durable; the store is poisoned then.
    pub fn make_visible(&self, lsn: Lsn) -> StoreResult<()> {
        match self.options.durability {
            Durability::Off => self.snapshots.advance(lsn),
            Durability::Full => {
                self.sync_log(lsn)?;
                self.snapshots.advance(self.log()?.durable());
            }
        }
        Ok(())
    }

    /// Makes the log durable up to `lsn`.
    ///
    /// # Errors
    /// When it cannot be; the store is poisoned then, as when this is broken off.
    pub fn sync_log(&self, lsn: Lsn) -> StoreResult<()> {
        let log = self.log()?;
        self.health.as_a_whole(|| log.sync_to(lsn)).map_err(|error| {
            let error = StoreError::from(error);
            self.health.poison(&error);
            error
        })
    }

    fn unknown(&self, commit: CommitNumber, cause: StoreError) -> CommitError {
        self.health.poison(&cause);
        self.env.reached(&labels::COMMIT_UNKNOWN);
        CommitError::Unknown { commit, cause }
    }

    /// Under durability `Off`: the log in memory stays small.
    fn bound_pending_log(&self) -> StoreResult<()> {
        let log = self.log()?;
        if log.pending_bytes() > PENDING_LOG_BYTES {
            self.sync_log(log.position().lsn)?;
        }
        Ok(())
    }

    /// Called from time to time by the background task.
    ///
    /// # Errors
    /// When the log cannot be written; the store is poisoned then.
    pub fn look_after_log(&self) -> StoreResult<()> {
        self.health.check()?;
        let log = self.log()?;
        let result = self.health.as_a_whole(|| match self.options.durability {
            Durability::Off => log.sync_to(log.position().lsn).and_then(|()| log.write_mark()),
            Durability::Full => log.write_mark(),
        });
        result.map(drop).map_err(|error| {
            let error = StoreError::from(error);
            // A full device that was met while room was being made has cost nothing; one that was met in a write, the log.
            if !error.is_out_of_space() || log.has_failed() {
                self.health.poison(&error);
            }
            error
        })
    }

    /// Writes the branch's pages to places of their own, and refers to them as stored from here on. For a branch that
    /// commits by roots, or whose dirty pages outgrow the budget.
    ///
    /// # Errors
    /// When pages cannot be written; the branch is then still whole.
    pub fn spill(&self, branch: &mut Branch) -> StoreResult<()> {
        if !self.has_unwritten(branch) {
            return Ok(());
        }
        let _writing = self.writing.lock();
        // A store that was closed, or no longer knows what the device holds, must not touch its places.
        self.health.check()?;
        let result = self.health.as_a_whole(|| {
            if branch.reuse(&self.pager)? {
                self.env.reached(&labels::PLACES_REUSED);
            }
            let (result, foreign) = self.write_branch(branch);
            self.change_commit_state(|state| state.delta.writer_ended(&self.pager, &foreign));
            result
        });
        self.env.reached(&labels::SPILLED);
        result
    }

    /// Writes the branch's trees. Returns also the places that published frames below them got: those stay in use
    /// whatever becomes of the branch.
    fn write_branch(&self, branch: &mut Branch) -> (StoreResult<()>, PageSet) {
        let mut placements = Placements::new();
        let dirty: Vec<_> = branch
            .trees
            .iter()
            .filter_map(|(id, entry)| Some((*id, entry.as_ref()?.tree.root()?.clone())))
            .collect();
        let roots: Vec<_> = dirty.iter().map(|(_, root)| root.clone()).collect();
        let result = self.pager.write_tree(&roots, &mut placements);
        branch.took(&placements.take(branch.owner));
        let foreign = placements.take_all();
        let result = result.map_err(StoreError::from).map(|pointers| {
            for ((id, _), pointer) in dirty.iter().zip(pointers) {
                if let Some(Some(entry)) = branch.trees.get_mut(id) {
                    entry.tree = entry.tree.with_root(pointer);
                }
            }
            branch.wrote_all();
        });
        (result, foreign)
    }

    fn has_unwritten(&self, branch: &Branch) -> bool {
        branch
            .trees
            .values()
            .flatten()
            .any(|entry| matches!(entry.tree.root(), Some(pager::PageRef::Resident(_))))
    }
}

fn branch_roots(branch: &Branch) -> Vec<TreeChange> {
    branch.trees.iter().map(|(tree, entry)| tree_change(*tree, entry.as_ref())).collect()
}

/// What a record says of a tree whose pages were just written.
pub fn tree_change(tree: TreeId, entry: Option<&TreeEntry>) -> TreeChange {
    let encoded = |entry: &TreeEntry| entry.encode().expect("every tree that is named was just written");
    TreeChange { tree: tree.0, entry: entry.map(encoded).map(List) }
}
