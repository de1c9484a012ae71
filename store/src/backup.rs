//! Online backup: a copy of one snapshot in a new file, while everyone works on.
//!
//! The copy is made through an ordinary store on the target: its trees are built bottom-up in key order, so that the
//! copy is compact and in scan order, and it is closed cleanly, so that it is one file without a log. Each database of
//! the source becomes a database of the copy with the same id; pages that branches share are copied once for each.
//!
//! Invariants
//!
//! 1. Nothing is copied that the log is not durable up to: snapshots show durable commits only.
//! 2. A copy that is not complete does not get the target's name: it is written beside it, and renamed when it is durable.
//! 3. The source is only read.
//! 4. Only whoever holds a copy's lock removes or renames it: of two backups to one target at once, one makes the copy,
//!    and the other is refused.

use crate::error::{StoreError, StoreResult};
use crate::forest::{Database, Forest, TreeEntry, Version};
use crate::ids::TreeId;
use crate::labels;
use crate::lineage::Lineage;
use crate::options::StoreOptions;
use crate::recovery::{self, log_path};
use crate::snapshots::Snapshot;
use crate::store::Inner;
use btree::{Builder, Edit};
use env::sync::atomic::Ordering;
use env::{FileLockKind, FileLockOutcome, OpenMode};
use pager::{OwnerId, PageChanges};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The branch that makes a copy's frames.
const BACKUP: OwnerId = OwnerId(4);

/// How far a copy has come.
struct Copying<'a> {
    rows: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Inner {
    /// See [`crate::Store::backup`].
    pub fn backup(&self, target: &Path, progress: &mut dyn FnMut(u64, u64)) -> StoreResult<()> {
        self.health.check_open()?;
        self.check_target(target)?;
        let partial = partial_path(target);
        self.remove_left_over(&partial)?;
        let copy = match self.open_copy(&partial) {
            Ok(copy) => copy,
            Err(error) => {
                // What was made of it is of no use; that it cannot be removed either adds nothing to the first error. If
                // somebody else is making it, it stays.
                let _ = self.remove_left_over(&partial);
                return Err(error);
            }
        };
        // The copy takes its time: whatever has come to stand there meanwhile is somebody's.
        let named = self.copy_to(&copy, progress).and_then(|()| self.check_target(target)).and_then(|()| {
            self.env.rename(&labels::BACKUP_RENAME, &partial, target)?;
            Ok(())
        });
        if named.is_err() {
            let _ = self.env.remove(&labels::BACKUP_REMOVE, &partial);
            let _ = self.env.remove(&labels::BACKUP_REMOVE, &log_path(&partial));
            return named;
        }
        // Its lock has kept other backups from it until it had its name.
        drop(copy);
        let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        self.env.sync_directory(&labels::BACKUP_DIRECTORY, directory.unwrap_or(Path::new(".")))?;
        self.env.reached(&labels::BACKED_UP);
        Ok(())
    }

    fn check_target(&self, target: &Path) -> StoreResult<()> {
        match self.env.identity(&labels::BACKUP_TARGET, target)? {
            Some(_) => Err(StoreError::BackupTarget { target: target.display().to_string() }),
            None => Ok(()),
        }
    }

    /// A backup that was cut off leaves its copy behind. One that somebody is still writing is left alone.
    fn remove_left_over(&self, partial: &Path) -> StoreResult<()> {
        if self.env.identity(&labels::BACKUP_TARGET, partial)?.is_none() {
            return Ok(());
        }
        let options =
            StoreOptions { background: false, create: false, read_only: true, ..self.options.clone() };
        match recovery::open(self.env.clone(), partial, options) {
            // It has only the name in common with what a backup leaves behind, a later program wrote it, somebody is
            // writing it, or it cannot be told.
            Err(StoreError::Pager(error))
                if matches!(*error, pager::Error::NotADatabase { .. }) || !error.is_damage() =>
            {
                return Err(StoreError::Pager(error));
            }
            Err(error @ StoreError::Io(_)) => return Err(error),
            // Whatever is in it, complete or not.
            Ok(_) | Err(_) => {}
        }
        let file = self.env.open(&labels::BACKUP_LEFT_OVER, partial, OpenMode::ReadWrite)?;
        let in_use = |by| StoreError::from(pager::Error::InUse { file: partial.to_path_buf(), by });
        match file.try_lock(&labels::BACKUP_LEFT_OVER_LOCK, FileLockKind::Exclusive)? {
            FileLockOutcome::Acquired => {}
            FileLockOutcome::HeldBy(by) => return Err(in_use(by)),
        }
        // Who held the lock before may have removed it, and begun a copy of its own.
        let there = self.env.identity(&labels::BACKUP_TARGET, partial)?;
        if there != Some(file.identity(&labels::BACKUP_TARGET)?) {
            return Err(in_use(None));
        }
        // Left only when the copy was not closed. It goes first: a log without its database is somebody's commits.
        let log = log_path(partial);
        if self.env.identity(&labels::BACKUP_TARGET, &log)?.is_some() {
            wal::refuse_needed(&*self.env, &log, None)?;
            self.env.remove(&labels::BACKUP_REMOVE, &log)?;
        }
        self.env.remove(&labels::BACKUP_REMOVE, partial)?;
        Ok(())
    }

    /// A new store at `path`, locked until it is dropped.
    fn open_copy(&self, path: &Path) -> StoreResult<Inner> {
        let options = StoreOptions {
            page_size: self.pager.page_size(),
            background: false,
            create: true,
            read_only: false,
            ..self.options.clone()
        };
        recovery::open(self.env.clone(), path, options)
    }

    /// Fills a copy and closes it.
    fn copy_to(&self, copy: &Inner, progress: &mut dyn FnMut(u64, u64)) -> StoreResult<()> {
        let snapshot = self.snapshots.take();
        let sequences = self.sequences.reserved();
        let mut copying = Copying { rows: 0, total: self.rows_in(&snapshot)?, progress };
        let mut changes = PageChanges::default();
        let forest = self.copy_forest(copy, &snapshot, &mut changes, &mut copying)?;
        for (database, sequence, reserved) in sequences {
            copy.sequences.restore(database, sequence, reserved);
        }
        for (counter, source) in [
            (&copy.next_transaction, &self.next_transaction),
            (&copy.next_tree, &self.next_tree),
            (&copy.next_database, &self.next_database),
        ] {
            counter.store(source.load(Ordering::Acquire), Ordering::Release);
        }
        {
            // Nobody else has the copy: its content is put in place as if it had been recovered.
            let mut state = copy.commit.lock();
            let version = Version { commit: snapshot.commit(), forest, ..(*state.published).clone() };
            state.delta.publish(&copy.pager, &changes.allocated, changes.freed, version.commit);
            state.published = Arc::new(version);
        }
        copy.close()
    }

    fn rows_in(&self, snapshot: &Snapshot) -> StoreResult<u64> {
        let mut rows = 0;
        for database in snapshot.version().forest.databases.values() {
            for (_, entry) in database.trees(&self.pager)? {
                rows += entry.tree.len();
            }
        }
        Ok(rows)
    }

    fn copy_forest(
        &self,
        copy: &Inner,
        snapshot: &Snapshot,
        changes: &mut PageChanges,
        copying: &mut Copying<'_>,
    ) -> StoreResult<Forest> {
        // Every database of the copy has all its pages to itself: lines side by side, none above them.
        let mut databases = imbl::OrdMap::new();
        let mut line = Lineage::FIRST_NODE;
        for (id, source) in &snapshot.version().forest.databases {
            let mut database = Database::empty(line);
            for (tree, entry) in source.trees(&self.pager)? {
                let copied = self.copy_tree(copy, tree, &entry, changes, copying)?;
                database.overlay.insert(tree, Some(copied));
            }
            databases.insert(*id, database);
            line += 1;
        }
        let lines = line - Lineage::FIRST_NODE;
        Ok(Forest { databases, lineage: Lineage::apart(lines, Lineage::FIRST_GENERATION + 1) })
    }

    fn copy_tree(
        &self,
        copy: &Inner,
        tree: TreeId,
        entry: &TreeEntry,
        changes: &mut PageChanges,
        copying: &mut Copying<'_>,
    ) -> StoreResult<TreeEntry> {
        let mut edit = Edit::new(&copy.pager, BACKUP, Lineage::FIRST_GENERATION, changes);
        let mut builder = Builder::new(&mut edit, tree.0).write_behind(self.cache_bytes() / 4);
        let mut cursor = entry.tree.cursor();
        let mut found = cursor.seek_first(&self.pager)?;
        while found {
            builder.push(cursor.key(), &cursor.value().read(&self.pager)?)?;
            copying.rows += 1;
            if copying.rows.is_multiple_of(1024) {
                (copying.progress)(copying.rows, copying.total);
            }
            found = cursor.next(&self.pager)?;
        }
        (copying.progress)(copying.rows, copying.total);
        Ok(TreeEntry { tree: builder.finish()?, versioned: entry.versioned })
    }
}

/// Where a copy stands while it is made.
fn partial_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_os_string();
    name.push("-partial");
    PathBuf::from(name)
}
