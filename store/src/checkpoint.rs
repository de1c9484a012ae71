//! Checkpoints: the newest version's pages, then a superblock that refers to them.
//!
//! ```text
//! newest version ─► log durable up to it ─► its dirty trees, bottom-up, to free places ─► directories ─► list of databases
//!                ─► free-space map ─► sync ─► the older superblock's slot ─► sync ─► release the log, reuse pages
//! ```
//!
//! Commits go on meanwhile; what they take and give up counts for the next checkpoint.
//!
//! Invariants
//!
//! 1. The log is durable up to the version's record before a superblock refers to the version.
//! 2. Until the new superblock is durable, no page of the two older checkpoints is touched.
//! 3. The log is kept from the *older* superblock's position: either superblock can be recovered from.
//! 4. A checkpoint that fails before its superblock leaves everything as if it had not begun, except that some pages
//!    have places by now.
//! 5. Directories, sequence tables and the list of databases are the store's own trees: no branch shares their pages.

use crate::error::{StoreError, StoreResult};
use crate::forest::{Database, Forest, SEQUENCE_TREE, Version};
use crate::forest_file;
use crate::ids::{DatabaseId, TreeId};
use crate::labels;
use crate::lineage::SystemEdit;
use crate::store::{Inner, WriterState};
use btree::Tree;
use env::sync::MutexGuard;
use env::sync::atomic::Ordering;
use pager::{CheckpointInput, OwnerId, PageChanges, PagePointer, PageRef, PageSet, Placements};
use std::sync::Arc;
use wal::LogStart;

/// The branch that makes a checkpoint's own pages.
pub const CHECKPOINT: OwnerId = OwnerId(2);

/// An opening thins out a log that needs so many times what checkpoints let it grow to.
const CROWDED_LOG: u64 = 4;

/// A checkpoint in the making.
struct Making {
    version: Arc<Version>,
    log: LogStart,
    /// What `pages_since_checkpoint` was: those are part of this one.
    pages: u64,
    sequences: Vec<(DatabaseId, u64, u64)>,
    /// Places of commits since the last checkpoint, and of published frames written now.
    added: PageSet,
    /// Places that the last checkpoint used and this one does not.
    removed: PageSet,
    /// What the checkpoint's own trees took and gave up.
    own: PageChanges,
    placements: Placements,
}

/// Trees of databases that were dirty, with the pointers to their roots.
type WrittenTrees = Vec<(DatabaseId, TreeId, PagePointer)>;

/// What a checkpoint wrote.
struct Written {
    databases: Vec<(DatabaseId, Database)>,
    /// Lists of dead pages, by node, with their stored roots.
    lists: Vec<(u64, Tree, Tree)>,
    forest: Tree,
}

impl Inner {
    /// Whether the log, what stands for it in pages, or the dirty pages have outgrown their limits.
    fn checkpoint_is_due(&self) -> bool {
        self.log.is_some() && (self.growth() > self.options.checkpoint_log_bytes || self.dirty_is_high())
    }

    /// Bytes of log since the newest durable checkpoint, and of pages that commits wrote instead: what those gave up
    /// is used again only behind checkpoints, so that without one the file would grow with every large commit.
    fn growth(&self) -> u64 {
        let end = self.log.as_ref().map_or(0, |log| log.position().lsn.0);
        let pages = self.pages_since_checkpoint.load(Ordering::Relaxed) * self.pager.page_size() as u64;
        end.saturating_sub(self.checkpoint_lsn.load(Ordering::Acquire)) + pages
    }

    /// Whether dirty pages take more than a quarter of the cache.
    pub fn dirty_is_high(&self) -> bool {
        self.pager.dirty_bytes() > self.cache_bytes() / 4
    }

    /// After a commit: starts a checkpoint, here or on its task, if one is due.
    pub fn relieve_pressure(&self) {
        if !self.checkpoint_is_due() || self.health.check().is_err() {
            return;
        }
        // When the task does not keep up, commits wait for it: memory and recovery time stay bounded.
        let behind = self.pager.dirty_bytes() > self.cache_bytes() / 2
            || self.growth() > self.options.checkpoint_log_bytes.saturating_mul(4);
        match self.signal.get() {
            Some(signal) if !behind => signal.request(),
            Some(_) | None => self.checkpoint_if_due(),
        }
    }

    /// A checkpoint that nobody asked for, unless another one has just made it unnecessary.
    pub fn checkpoint_if_due(&self) {
        if self.checkpoint_is_due() {
            self.checkpoint_unasked();
        }
    }

    /// A checkpoint that nobody asked for. Where there is no space for it, it is tried again later. Nobody would hear of
    /// anything else (a damaged directory, a device that does not read), and log and memory would grow for ever: so it stops
    /// all writing, and every commit from then on names it.
    fn checkpoint_unasked(&self) {
        if let Err(error) = self.checkpoint(false)
            && !error.is_out_of_space()
            && self.health.check().is_ok()
        {
            self.env.reached(&labels::CHECKPOINT_GIVEN_UP);
            self.health.poison(&error);
        }
    }

    /// At the end of an opening: each one that follows a crash goes on in a segment of its own, which holds what was committed
    /// since until checkpoints have passed it. Where one crash follows the other before the log has grown enough for any, the
    /// file would grow by a segment each time; so a crowded one is given two here, after which older segments are free.
    pub fn thin_out_log(&self) {
        let Some(log) = &self.log else { return };
        let limit = self.options.checkpoint_log_bytes.saturating_mul(CROWDED_LOG);
        for _ in 0..2 {
            if log.needed_bytes() <= limit {
                return;
            }
            self.env.reached(&labels::LOG_CROWDED);
            self.checkpoint_unasked();
        }
    }

    /// Writes a checkpoint. A `last` one says that no log is needed, in both superblocks.
    ///
    /// # Errors
    /// Out of space and unreadable pages leave the store working; anything that puts memory and device at odds
    /// poisons it.
    pub fn checkpoint(&self, last: bool) -> StoreResult<()> {
        let mut writing = self.writing.lock();
        self.checkpoint_holding(&mut writing, last)
    }

    /// As [`Inner::checkpoint`], for whoever holds the writing lock.
    ///
    /// # Errors
    /// As there.
    pub fn checkpoint_holding(
        &self,
        writing: &mut MutexGuard<'_, WriterState>,
        last: bool,
    ) -> StoreResult<()> {
        self.log()?;
        if !last {
            self.health.check()?;
        }
        let result = self.health.as_a_whole(|| {
            let making = self.begin_checkpoint()?;
            self.make_checkpoint(writing, making, last)
        });
        match &result {
            Ok(()) => {
                writing.unsettled = writing.unsettled.saturating_sub(1);
                self.env.reached(&labels::CHECKPOINT_DONE);
            }
            Err(error) => {
                self.env.reached(&labels::CHECKPOINT_FAILED);
                if self.pager.poison_cause().is_some() {
                    self.health.poison(error);
                }
            }
        }
        result
    }

    /// See [`crate::Store::trim`].
    pub fn trim(&self) -> StoreResult<u64> {
        // What commits gave up is free when both superblocks are past them.
        self.checkpoint(false)?;
        self.checkpoint(false)?;
        let _writing = self.writing.lock();
        self.health.check()?;
        self.health.as_a_whole(|| self.pager.trim()).map_err(|error| {
            let error = StoreError::from(error);
            if self.pager.poison_cause().is_some() {
                self.health.poison(&error);
            }
            error
        })
    }

    fn begin_checkpoint(&self) -> StoreResult<Making> {
        let log = self.log()?;
        Ok(self.change_commit_state(|state| {
            let (added, removed) = state.delta.begin_checkpoint(&self.pager);
            Making {
                version: state.published.clone(),
                log: log.position(),
                pages: self.pages_since_checkpoint.load(Ordering::Relaxed),
                sequences: self.sequences.reserved(),
                added,
                removed,
                own: PageChanges::default(),
                placements: Placements::new(),
            }
        }))
    }

    fn make_checkpoint(
        &self,
        writing: &mut MutexGuard<'_, WriterState>,
        mut making: Making,
        last: bool,
    ) -> StoreResult<()> {
        let written = match self.write_everything(writing, &mut making) {
            Ok(written) => written,
            Err(error) => {
                self.undo_checkpoint(making)?;
                return Err(error);
            }
        };
        let own_placed = making.placements.take(CHECKPOINT);
        let mut added = making.added.clone();
        added.union(&making.placements.take_all());
        let kept = added.clone();
        added.union(&own_placed);
        let mut removed = making.removed.clone();
        for number in making.own.freed.iter().filter_map(pager::FreedPage::number) {
            if !added.remove(number) {
                removed.insert(number);
            }
        }
        let fields = forest_file::superblock(self, &making.version, &written.forest, making.log, !last);
        let checkpoint_added = added.clone();
        let input = CheckpointInput { added, removed, ..fields };
        let outcome = self.pager.checkpoint(input);
        // After a last checkpoint both superblocks say so: falling back to the other must not ask for a log.
        let outcome = outcome.and_then(|made| {
            if last { self.pager.checkpoint(CheckpointInput::repeat(&made)) } else { Ok(made) }
        });
        if let Err(error) = outcome {
            if self.pager.poison_cause().is_none() {
                // What commits took and gave up first: it counts for the next checkpoint, whatever giving back may find.
                self.change_commit_state(|state| {
                    state.delta.checkpoint_failed(&self.pager, kept, making.removed);
                });
                self.pager.give_back(&own_placed)?;
            }
            return Err(error.into());
        }
        self.finish_checkpoint(writing, &making, written, checkpoint_added)?;
        // A log that is about to be removed needs no room.
        if last { Ok(()) } else { self.prepare_log() }
    }

    fn undo_checkpoint(&self, mut making: Making) -> StoreResult<()> {
        let own_placed = making.placements.take(CHECKPOINT);
        let mut added = making.added;
        added.union(&making.placements.take_all());
        self.change_commit_state(|state| {
            state.delta.checkpoint_failed(&self.pager, added, making.removed);
        });
        Ok(self.pager.give_back(&own_placed)?)
    }

    /// Writes all dirty trees of the version, bottom-up over the levels of trees that name one another.
    fn write_everything(&self, writing: &WriterState, making: &mut Making) -> StoreResult<Written> {
        if self.env.enforce(&labels::CHECKPOINT_LOG_FIRST) {
            self.sync_log(making.log.lsn)?;
        }
        let version = making.version.clone();
        let trees = self.write_user_trees(&version.forest, making)?;
        let lists = self.write_dead_lists(&version.forest, making)?;
        let databases = self.write_directories(&version.forest, &trees, making)?;
        let forest = self.write_forest(&writing.forest, &version.forest, &databases, &lists, making)?;
        Ok(Written { databases, lists, forest })
    }

    fn write_user_trees(&self, forest: &Forest, making: &mut Making) -> StoreResult<WrittenTrees> {
        let mut dirty = Vec::new();
        for (database, content) in &forest.databases {
            for (tree, entry) in &content.overlay {
                if let Some(root @ PageRef::Resident(_)) = entry.as_ref().and_then(|entry| entry.tree.root())
                {
                    dirty.push((*database, *tree, root.clone()));
                }
            }
        }
        let roots: Vec<PageRef> = dirty.iter().map(|(_, _, root)| root.clone()).collect();
        let pointers = self.pager.write_tree(&roots, &mut making.placements)?;
        Ok(dirty
            .into_iter()
            .zip(pointers)
            .map(|((database, tree, _), pointer)| (database, tree, pointer))
            .collect())
    }

    fn write_dead_lists(&self, forest: &Forest, making: &mut Making) -> StoreResult<Vec<(u64, Tree, Tree)>> {
        let mut lists = Vec::new();
        for (number, node) in forest.lineage.nodes() {
            lists.push((number, node.dead.clone(), self.write_own(&node.dead, making)?));
        }
        Ok(lists)
    }

    fn write_directories(
        &self,
        forest: &Forest,
        trees: &WrittenTrees,
        making: &mut Making,
    ) -> StoreResult<Vec<(DatabaseId, Database)>> {
        let mut databases = Vec::new();
        for (id, database) in &forest.databases {
            let mut written = database.clone();
            for (_, tree, pointer) in trees.iter().filter(|(owner, ..)| owner == id) {
                if let Some(Some(entry)) = written.overlay.get_mut(tree) {
                    entry.tree = entry.tree.with_root(*pointer);
                }
            }
            let directory = self.enter_in_directory(&written, making)?;
            self.enter_sequences(*id, &mut written, making)?;
            written.directory = written.directory.replaced_by(self.write_own(&directory, making)?);
            written.sequences = self.write_own(&written.sequences, making)?;
            databases.push((*id, written));
        }
        Ok(databases)
    }

    /// The directory's tree with what stands in the overlay.
    fn enter_in_directory(&self, database: &Database, making: &mut Making) -> StoreResult<Tree> {
        let mut directory = database.directory.tree().clone();
        for (tree, entry) in &database.overlay {
            let mut edit = self.own_edit(making);
            let key = tree.0.to_be_bytes();
            match entry {
                Some(entry) => {
                    let bytes = entry.encode().expect("every tree of the overlay was just written");
                    directory.insert(&mut edit.edit(), &key, &bytes)?;
                }
                None => {
                    directory.delete(&mut edit.edit(), &key)?;
                }
            }
        }
        Ok(directory)
    }

    /// The sequence table is made anew when a sequence has moved: it is as small as the number of sequences.
    fn enter_sequences(
        &self,
        id: DatabaseId,
        database: &mut Database,
        making: &mut Making,
    ) -> StoreResult<()> {
        let wanted: Vec<([u8; 8], [u8; 8])> = making
            .sequences
            .iter()
            .filter(|(owner, ..)| *owner == id)
            .map(|(_, sequence, reserved)| (sequence.to_be_bytes(), reserved.to_be_bytes()))
            .collect();
        if forest_file::sequence_entries(&self.pager, &database.sequences)? == wanted {
            return Ok(());
        }
        let mut edit = self.own_edit(making);
        database.sequences.free_all(&mut edit.edit())?;
        database.sequences = Tree::empty(SEQUENCE_TREE);
        for (sequence, reserved) in &wanted {
            database.sequences.insert(&mut edit.edit(), sequence, reserved)?;
        }
        Ok(())
    }

    fn write_forest(
        &self,
        old: &Tree,
        forest: &Forest,
        databases: &[(DatabaseId, Database)],
        lists: &[(u64, Tree, Tree)],
        making: &mut Making,
    ) -> StoreResult<Tree> {
        let mut tree = old.clone();
        let wanted = forest_file::forest_entries(forest, databases, lists);
        forest_file::bring_up_to_date(&self.pager, &mut tree, wanted, &mut self.own_edit(making))?;
        self.write_own(&tree, making)
    }

    /// Writes one of the store's own trees; returns it with a stored root.
    fn write_own(&self, tree: &Tree, making: &mut Making) -> StoreResult<Tree> {
        let mut written = tree.clone();
        if let Some(root @ PageRef::Resident(_)) = tree.root() {
            let pointers = self.pager.write_tree(std::slice::from_ref(root), &mut making.placements)?;
            if let Some(pointer) = pointers.first() {
                written = written.with_root(*pointer);
            }
        }
        Ok(written)
    }

    fn own_edit<'a>(&'a self, making: &'a mut Making) -> SystemEdit<'a> {
        SystemEdit {
            pager: &self.pager,
            generation: making.version.forest.lineage.generation(),
            owner: CHECKPOINT,
            changes: &mut making.own,
        }
    }

    /// The superblock is durable: refer to what was written as stored, reuse what nobody needs, shorten the log.
    fn finish_checkpoint(
        &self,
        writing: &mut WriterState,
        making: &Making,
        written: Written,
        checkpoint_added: PageSet,
    ) -> StoreResult<()> {
        self.change_commit_state(|state| {
            let mut forest = state.published.forest.clone();
            adopt(&mut forest, &making.version.forest, &written);
            // Snapshots of the newest commit may still hold the old directories: only after the next commit are they gone.
            self.pager.retire(making.own.freed.clone(), state.published.commit.0 + 1);
            state.delta.settle(&self.pager);
            state.checkpoint_added = checkpoint_added;
            let version = Version { forest, ..(*state.published).clone() };
            state.published = Arc::new(version);
            self.snapshots.replace(&state.published);
        });
        writing.forest = written.forest;
        writing.older_log = writing.log;
        writing.log = making.log.lsn;
        self.checkpoint_lsn.store(making.log.lsn.0, Ordering::Release);
        self.pages_since_checkpoint.fetch_sub(making.pages, Ordering::Relaxed);
        self.reuse_pages()?;
        self.log()?.release_before(writing.older_log);
        Ok(())
    }

    /// A spare segment is a convenience: without it the next commit that needs one makes room itself, or fails alone.
    fn prepare_log(&self) -> StoreResult<()> {
        match self.log()?.prepare_spare() {
            Err(error) if !error.is_out_of_space() => self.grown(Err(error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Makes pages free that no snapshot and no superblock needs any more.
    ///
    /// # Errors
    /// When a page would become free twice: the file is damaged.
    pub fn reuse_pages(&self) -> StoreResult<()> {
        self.pager.advance(self.snapshots.horizon().0)?;
        Ok(())
    }
}

/// In the newest forest, whatever is still as the checkpoint wrote it is from now on referred to as stored.
fn adopt(newest: &mut Forest, written_from: &Forest, written: &Written) {
    for (id, stored) in &written.databases {
        let Some(old) = written_from.databases.get(id) else { continue };
        let Some(database) = newest.databases.get_mut(id) else { continue };
        database.directory = stored.directory.clone();
        database.sequences = stored.sequences.clone();
        for (tree, entry) in &old.overlay {
            let unchanged = match (database.overlay.get(tree), entry) {
                (Some(Some(now)), Some(then)) => now.tree.same_version(&then.tree),
                (Some(None), None) => true,
                (Some(Some(_)), None) | (Some(None), Some(_)) | (None, _) => false,
            };
            if unchanged {
                database.overlay.remove(tree);
            }
        }
    }
    for (number, then, stored) in &written.lists {
        if let Some(node) = newest.lineage.node_mut(*number)
            && node.dead.same_version(then)
        {
            node.dead = stored.clone();
        }
    }
}
