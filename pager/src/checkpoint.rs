//! The page part of a checkpoint: from written trees to a superblock that refers to them.
//!
//! Invariants
//!
//! 1. Order: map pages, sync, superblock, sync. A superblock never stands in the file before everything it refers to
//!    is durable.
//! 2. The older superblock's slot is the one written; the newest one is untouched until the next checkpoint.
//! 3. Nothing that the older superblock reaches is given up before the new one is durable, and then only what the
//!    older one no longer needs: see `Pager::advance`.
//! 4. Out of space, and a free-space map that contradicts what it is told, undo the checkpoint. Every other failure
//!    poisons the pager.

use crate::free_map::{BadMap, FreeMap, MapChange, MapFailure, MapPage, Placed};
use crate::labels::{
    BITMAP_READ, CHECKPOINT_BITMAP_WRITE, CHECKPOINT_FILE, CHECKPOINT_IDENTITY, CHECKPOINT_LENGTH,
    CHECKPOINT_PAGES_SYNC, CHECKPOINT_SUPERBLOCK_SYNC, CHECKPOINT_SUPERBLOCK_WRITE, MARK_REPLACED,
};
use crate::superblock::{EXTRA_BYTES, LogPosition, RootPointer, SUPERBLOCK_OFFSETS, slot_of};
use crate::{Error, PageSet, Pager, Result, Superblock, Usage};
use env::sync::atomic::Ordering;
use env::{FileExt, Label};

/// The two superblocks in force.
pub(crate) struct Superblocks {
    pub newest: Superblock,
    pub older: Superblock,
}

/// What the store wants the next superblock to say.
#[derive(Debug, Clone)]
pub struct CheckpointInput {
    /// The commit that the trees hold.
    pub commit: u64,
    /// The forest's directory.
    pub root: RootPointer,
    /// Pages of trees and values that this checkpoint reaches and the one before did not.
    pub added: PageSet,
    /// Pages that the one before reached and this one does not. Pages that came and went since may stand in both.
    pub removed: PageSet,
    /// Where the log continues.
    pub log: LogPosition,
    /// Whether commits may stand in the log behind this checkpoint.
    pub log_required: bool,
    /// The next transaction id that was never used.
    pub next_transaction: u64,
    /// The next tree id that was never used.
    pub next_tree: u64,
    /// The next id of a persistent branch that was never used.
    pub next_owner: u64,
    /// The store's own.
    pub extra: [u8; EXTRA_BYTES],
}

impl CheckpointInput {
    /// The checkpoint that `superblock` describes, again, with no page changed.
    pub fn repeat(superblock: &Superblock) -> CheckpointInput {
        CheckpointInput {
            commit: superblock.commit,
            root: superblock.root,
            added: PageSet::new(),
            removed: PageSet::new(),
            log: superblock.log,
            log_required: superblock.log_required,
            next_transaction: superblock.next_transaction,
            next_tree: superblock.next_tree,
            next_owner: superblock.next_owner,
            extra: superblock.extra,
        }
    }
}

impl Pager {
    /// Makes a checkpoint: everything that `input.root` reaches was written before ([`Pager::write_tree`]), and the
    /// log is durable up to `input.log`. Answers the new superblock, durable.
    ///
    /// # Errors
    /// [`Error::OutOfSpace`]: nothing was changed. [`Error::Corrupt`]: the free-space map contradicts `added` and `removed`
    /// or itself; nothing was changed. [`Error::Replaced`], [`Error::Truncated`], [`Error::Io`]: the pager is poisoned.
    pub fn checkpoint(&self, input: CheckpointInput) -> Result<Superblock> {
        self.make_checkpoint(input, None)
    }

    /// As [`Pager::checkpoint`]. With `shrunk` the new superblock asks for that many pages only, or for as many as its own
    /// map comes to need; the map is written anew in the shape of that length.
    pub(crate) fn make_checkpoint(&self, input: CheckpointInput, shrunk: Option<u64>) -> Result<Superblock> {
        self.check_writable()?;
        let mut guard = self.map.lock();
        let map = guard.as_mut().ok_or_else(|| Error::ReadOnly { file: self.path.clone() })?;
        let newest = self.superblock();
        let generation = newest.generation + 1;
        let mut change = map.change(&input.added, &input.removed).map_err(|bad| self.bad_map(bad))?;
        let mut anew = None;
        if let Some(pages) = shrunk {
            let (map, all) = map.anew(change, pages).map_err(|bad| self.bad_map(bad))?;
            change = all;
            anew = Some(map);
        }
        let written = self.write_map(anew.as_ref().unwrap_or(map), &mut change, generation, shrunk);
        let (placed, pages) = match written {
            Ok(written) => written,
            Err(error) => {
                // A map that contradicts itself is noticed before anything is written.
                let harmless = error.is_out_of_space() || matches!(error, Error::Corrupt { .. });
                let error = if harmless { error } else { self.poison(error) };
                self.give_back(&change.taken)?;
                return Err(error);
            }
        };
        let (free_space, free_space_level) = anew.as_ref().unwrap_or(map).next_root(&pages);
        let superblock = Superblock {
            generation,
            commit: input.commit,
            root: input.root,
            free_space,
            free_space_level,
            log_required: input.log_required,
            log: input.log,
            next_transaction: input.next_transaction,
            next_tree: input.next_tree,
            next_owner: input.next_owner,
            file_pages: shrunk.unwrap_or(newest.file_pages).max(placed.pages()),
            extra: input.extra,
            ..newest
        };
        self.make_durable(&superblock).map_err(|error| self.poison(error))?;
        let replaced = std::mem::take(&mut change.replaced);
        if let Some(anew) = anew {
            *map = anew;
        }
        map.apply(change, &placed, &pages);
        {
            let mut superblocks = self.superblocks.lock();
            superblocks.older = std::mem::replace(&mut superblocks.newest, superblock.clone());
        }
        if let Some(space) = self.space.lock().as_mut() {
            space.retire_maps(replaced, generation);
        }
        Ok(superblock)
    }

    /// Places and writes the changed pages of the map.
    fn write_map(
        &self,
        map: &FreeMap,
        change: &mut MapChange,
        generation: u64,
        shrunk: Option<u64>,
    ) -> Result<(Placed, Vec<MapPage>)> {
        let placed = map.place(change, &mut || {
            let run = self.take(1)?.keep();
            // One place was asked for.
            let number = run.first().map_or(0, |run| run.start);
            let pages = shrunk.map_or_else(|| self.pages.load(Ordering::Relaxed), |it| it.max(number + 1));
            Ok((number, pages))
        });
        let placed = placed.map_err(|failure| self.map_failure(failure))?;
        let pages = map.encode(change, &placed, generation);
        self.write_sealed(&CHECKPOINT_BITMAP_WRITE, pages.iter().map(MapPage::sealed))?;
        Ok((placed, pages))
    }

    /// Invariant 1, from the sync on.
    fn make_durable(&self, superblock: &Superblock) -> Result<()> {
        self.check_identity(superblock.file_pages * self.page_size as u64)?;
        self.sync(&CHECKPOINT_PAGES_SYNC)?;
        self.write_superblock(&CHECKPOINT_SUPERBLOCK_WRITE, superblock)?;
        self.sync(&CHECKPOINT_SUPERBLOCK_SYNC)
    }

    pub(crate) fn write_superblock(&self, label: &'static Label, superblock: &Superblock) -> Result<()> {
        let offset = SUPERBLOCK_OFFSETS[slot_of(superblock.generation)];
        let written = self.file.write_all_at(label, offset, &superblock.encode());
        self.changed();
        written.map_err(|error| self.io(error))
    }

    /// Whether the file at our path is still the one that is open, and as long as the next superblock will say.
    fn check_identity(&self, length: u64) -> Result<()> {
        let at_path = self.env.identity(&CHECKPOINT_IDENTITY, &self.path).map_err(|error| self.io(error))?;
        let open = self.file.identity(&CHECKPOINT_FILE).map_err(|error| self.io(error))?;
        if at_path != Some(open) {
            self.env.reached(&MARK_REPLACED);
            return Err(Error::Replaced { file: self.path.clone() });
        }
        let found = self.file.len(&CHECKPOINT_LENGTH).map_err(|error| self.io(error))?;
        if found < length {
            self.env.reached(&MARK_REPLACED);
            return Err(Error::Truncated { file: self.path.clone(), expected: length, found });
        }
        Ok(())
    }

    /// How every page of the file is used. With [`Access::ReadOnly`](crate::Access::ReadOnly) the map is read now.
    ///
    /// # Errors
    /// As reading the map's pages.
    pub fn usage(&self) -> Result<Usage> {
        let mut guard = self.map.lock();
        if guard.is_none() {
            *guard = Some(self.read_map(&self.superblock(), None)?);
        }
        let mut usage = Usage {
            file_pages: self.pages.load(Ordering::Relaxed),
            first_page: crate::superblock::first_page(self.page_size),
            checkpoint: PageSet::new(),
            map: PageSet::new(),
            free: PageSet::new(),
            retired: PageSet::new(),
        };
        if let Some(map) = guard.as_ref() {
            for run in map.used() {
                usage.checkpoint.insert_run(run);
            }
            usage.map = map.own_pages();
        }
        match self.space.lock().as_ref() {
            Some(space) => {
                for run in space.free_runs() {
                    usage.free.insert_run(run);
                }
                usage.retired = space.retired();
            }
            None => {
                usage.free.insert_run(usage.first_page..usage.file_pages);
                usage.free.difference(&usage.checkpoint);
            }
        }
        Ok(usage)
    }

    /// Reads a checkpoint's free-space map.
    pub(crate) fn read_map(&self, superblock: &Superblock, known: Option<&FreeMap>) -> Result<FreeMap> {
        let read = &mut |pointer: &_| self.read_page(&BITMAP_READ, pointer);
        let (root, level) = (superblock.free_space, superblock.free_space_level);
        FreeMap::read(self.page_size, superblock.file_pages, root, level, known, read)
            .map_err(|failure| self.map_failure(failure))
    }

    fn map_failure(&self, failure: MapFailure) -> Error {
        match failure {
            MapFailure::Page(error) => error,
            MapFailure::Bad(bad) => self.bad_map(bad),
        }
    }

    fn bad_map(&self, bad: BadMap) -> Error {
        self.corrupt(bad.page, bad.what, bad.expected, bad.found)
    }
}
