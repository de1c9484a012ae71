//! Databases of one file: branching one off another, and dropping one.
//!
//! Invariants
//!
//! 1. Branching copies roots, never pages. The source's dirty pages are written and synced first, and the log's record
//!    names them: every shared page has a number (see `lineage`), and the same one after a recovery. Were other pages
//!    shared then, a later commit by roots could bring back the first ones, by their birth shared and in truth not.
//! 2. Both run under the database's exclusive lock: no transaction has spilled pages born before the branching, and none
//!    works in a dropped database.
//! 3. Both are commits: numbered, logged, and visible once durable.

use crate::commit::{CommitState, tree_change};
use crate::error::{CommitError, StoreError, StoreResult};
use crate::forest::{Database, Forest, MAIN_DATABASE, Version};
use crate::ids::{CommitNumber, DatabaseId};
use crate::labels;
use crate::lineage::{SYSTEM, SystemEdit};
use crate::locks::RelationMode;
use crate::record::{self, Header, List};
use crate::session::Session;
use crate::store::Inner;
use pager::{FreedPage, FreedRef, PageChanges, PageRef, PageSet, Pager, Placements};
use std::sync::Arc;
use wal::Lsn;

/// What a change of the forest does to the pages of its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    /// They are shared from now on, and named in the log.
    Begins,
    /// They are given up.
    Ends,
}

/// A change of the forest in the making, under the commit lock.
struct ForestChange<'a> {
    /// The newest forest, every tree of the database at hand with a stored root.
    forest: Forest,
    /// What the store's own trees take and give up.
    own: PageChanges,
    /// The number it will have.
    commit: CommitNumber,
    state: &'a CommitState,
}

/// Branches `source` as `target` at `generation`. Every tree of the source has a stored root.
///
/// # Errors
/// When the source does not exist, or its directory cannot be read.
pub fn branch(
    forest: &mut Forest,
    pager: &Pager,
    source: DatabaseId,
    target: DatabaseId,
    generation: u64,
) -> StoreResult<()> {
    let node = forest.database(source)?.node;
    let trees = forest.database(source)?.trees(pager)?;
    let (continued, new) = forest.lineage.branch(node, generation);
    let mut copy = Database::empty(new);
    copy.overlay = trees.into_iter().map(|(tree, entry)| (tree, Some(entry))).collect();
    if let Some(source) = forest.databases.get_mut(&source) {
        source.node = continued;
    }
    forest.databases.insert(target, copy);
    Ok(())
}

/// Takes `database` out of the forest; returns the pages that are free by that. All its pages have been written.
///
/// # Errors
/// When it does not exist or its trees cannot be read.
pub fn drop_database(
    forest: &mut Forest,
    edit: &mut SystemEdit<'_>,
    database: DatabaseId,
) -> StoreResult<Vec<FreedPage>> {
    let dropped = forest.database(database)?.clone();
    let point = forest.lineage.point(dropped.node);
    let mut freed = Vec::new();
    let mut free = |number, birth| freed.push(FreedPage { page: FreedRef::Stored(number), birth });
    for (_, entry) in dropped.trees(edit.pager)? {
        entry.tree.walk_pages(edit.pager, Some(point), &mut free)?;
    }
    for mut own in [dropped.directory.tree().clone(), dropped.sequences] {
        own.free_all(&mut edit.edit())?;
    }
    for (number, birth) in forest.lineage.drop_line(edit, dropped.node)? {
        free(number, birth);
    }
    forest.databases.remove(&database);
    Ok(freed)
}

/// Writes the dirty trees of a database. Returns it with stored roots, and the places taken.
fn write_database(pager: &Pager, forest: &Forest, database: DatabaseId) -> (StoreResult<Database>, PageSet) {
    let mut stored = match forest.database(database) {
        Ok(found) => found.clone(),
        Err(error) => return (Err(error), PageSet::new()),
    };
    let dirty: Vec<_> = stored
        .overlay
        .iter()
        .filter_map(|(tree, entry)| match entry.as_ref()?.tree.root()? {
            root @ PageRef::Resident(_) => Some((*tree, root.clone())),
            PageRef::Stored(_) => None,
        })
        .collect();
    let roots: Vec<PageRef> = dirty.iter().map(|(_, root)| root.clone()).collect();
    let mut placements = Placements::new();
    let result = pager.write_tree(&roots, &mut placements).map_err(StoreError::from).map(|pointers| {
        for ((tree, _), pointer) in dirty.iter().zip(pointers) {
            if let Some(Some(entry)) = stored.overlay.get_mut(tree) {
                entry.tree = entry.tree.with_root(pointer);
            }
        }
        stored
    });
    (result, placements.take_all())
}

impl Inner {
    /// See [`crate::Store::create_database_from`].
    pub fn create_database_from(self: &Arc<Self>, source: DatabaseId) -> StoreResult<DatabaseId> {
        self.check_writable()?;
        let mut session = Session::new(self.clone());
        self.lock_database(&mut session, source, RelationMode::AccessExclusive)?;
        let target = self.new_database()?;
        let result = self.change_forest(source, Sharing::Begins, |change| {
            let generation = change.forest.lineage.generation();
            let trees = change.forest.database(source)?.trees(&self.pager)?;
            let trees = trees.iter().map(|(tree, entry)| tree_change(*tree, Some(entry)));
            branch(&mut change.forest, &self.pager, source, target, generation)?;
            let header = Header::Branch {
                commit: change.commit.0,
                source: source.0,
                database: target.0,
                generation,
                trees: List(trees.collect()),
                pages: change.state.unknown_to_checkpoints(&PageSet::new()).into(),
            };
            Ok((Vec::new(), header))
        });
        session.end_transaction();
        result?;
        self.env.reached(&labels::DATABASE_BRANCHED);
        Ok(target)
    }

    /// See [`crate::Store::drop_database`].
    pub fn drop_database(self: &Arc<Self>, database: DatabaseId) -> StoreResult<()> {
        self.check_writable()?;
        if database == MAIN_DATABASE {
            return Err(StoreError::MainDatabase { database });
        }
        let mut session = Session::new(self.clone());
        self.lock_database(&mut session, database, RelationMode::AccessExclusive)?;
        let result = self.change_forest(database, Sharing::Ends, |change| {
            let generation = change.forest.lineage.generation();
            let mut edit =
                SystemEdit { pager: &self.pager, generation, owner: SYSTEM, changes: &mut change.own };
            let freed = drop_database(&mut change.forest, &mut edit, database)?;
            Ok((freed, Header::DropDatabase { commit: change.commit.0, database: database.0 }))
        });
        session.end_transaction();
        result?;
        self.sequences.forget(database);
        // The drop is visible by now.
        self.recent.forget(database, self.snapshots.visible_commit());
        self.env.reached(&labels::DATABASE_DROPPED);
        Ok(())
    }

    /// A commit that changes the forest itself: writes the pages of `database`, calls `change` under the commit lock,
    /// logs the header it answers and publishes.
    fn change_forest(
        &self,
        database: DatabaseId,
        sharing: Sharing,
        change: impl FnOnce(&mut ForestChange<'_>) -> StoreResult<(Vec<FreedPage>, Header)>,
    ) -> StoreResult<()> {
        let (commit, lsn) = {
            let mut writing = self.writing.lock();
            self.settle_moves(&mut writing)?;
            // Most of the writing is done before commits are held up; what they add meanwhile is little.
            self.health.as_a_whole(|| -> StoreResult<()> {
                let published = self.commit.lock().published.clone();
                let (result, placed) = write_database(&self.pager, &published.forest, database);
                self.change_commit_state(|state| state.delta.writer_ended(&self.pager, &placed));
                result.map(drop)
            })?;
            self.sync_shared(sharing)?;
            let mut state = self.commit.lock();
            self.health.as_a_whole(|| self.change_under_lock(&mut state, database, sharing, change))?
        };
        self.make_durable(commit, lsn).map_err(|error| match error {
            CommitError::Refused(cause) | CommitError::Unknown { cause, .. } => cause,
        })
    }

    /// What of a change of the forest needs the commit lock, which the caller holds.
    fn change_under_lock(
        &self,
        state: &mut CommitState,
        database: DatabaseId,
        sharing: Sharing,
        change: impl FnOnce(&mut ForestChange<'_>) -> StoreResult<(Vec<FreedPage>, Header)>,
    ) -> StoreResult<(CommitNumber, Lsn)> {
        let (result, placed) = write_database(&self.pager, &state.published.forest, database);
        state.delta.writer_ended(&self.pager, &placed);
        let stored = result?;
        self.sync_shared(sharing)?;
        self.health.check()?;
        let commit = state.published.commit.next();
        let mut forest = state.published.forest.clone();
        if let Some(written) = forest.databases.get_mut(&database) {
            *written = stored;
        }
        let mut changing = ForestChange { forest, own: PageChanges::default(), commit, state };
        let (mut freed, header) = change(&mut changing)?;
        let ForestChange { forest, mut own, .. } = changing;
        freed.append(&mut own.freed);
        let mut payload = Vec::new();
        record::encode_header(&header, &mut payload);
        let lsn = self.append(&payload)?;
        self.after_forest_change(&header);
        let version = Version { commit, lsn, operations: state.published.operations, forest };
        self.publish_version(state, version, &own.allocated, freed);
        Ok((commit, lsn))
    }

    /// The record of a branching names pages: they must be there when it is. Mostly nothing is left to do.
    fn sync_shared(&self, sharing: Sharing) -> StoreResult<()> {
        match sharing {
            Sharing::Begins => self.sync_pages(&labels::BRANCH_PAGES),
            Sharing::Ends => Ok(()),
        }
    }

    /// Sequences follow at the same place in the order of commits.
    fn after_forest_change(&self, header: &Header) {
        if let Header::Branch { source, database, .. } = header {
            self.sequences.branched(DatabaseId(*source), DatabaseId(*database));
        }
    }
}
