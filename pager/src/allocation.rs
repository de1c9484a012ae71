//! Taking and giving back places, and growing the file.
//!
//! Invariants
//!
//! 1. A place is handed out only when the file is long enough to hold it.
//! 2. A growth that fails changes nothing.
//! 3. Whoever takes places holds them in a value that gives them back, unless they are kept: also when a call fails, or the
//!    task is broken off in it.
//! 4. The two conditions of reuse, "no older snapshot" and "both superblocks newer", are looked at here alone, each
//!    behind a label of its own, so that a simulator can prove that it finds their absence.

use crate::labels::{GROW, MARK_OUT_OF_SPACE, REUSE_AFTER_CHECKPOINTS, REUSE_AFTER_SNAPSHOTS};
use crate::space::{BadPlace, Space};
use crate::{Error, FreedPage, PageSet, Pager, Result};
use env::sync::atomic::Ordering;
use std::ops::Range;

/// The file does not grow by more than this at once.
const GROWTH_BYTES_MAX: u64 = 64 << 20;

/// The space of a file; absent when it was opened read-only.
pub(crate) type SpaceState = Option<Space>;

/// How the file's places are used, for checking and for statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Length of the file in pages.
    pub file_pages: u64,
    /// The first page that is not part of the superblock area.
    pub first_page: u64,
    /// Pages that the newest checkpoint uses, its free-space map included.
    pub checkpoint: PageSet,
    /// Those of them that hold the map itself.
    pub map: PageSet,
    /// Free places.
    pub free: PageSet,
    /// Places that become free later.
    pub retired: PageSet,
}

/// Where pages are to go that are moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// To the lowest places there are, none at this one or behind it.
    Below(u64),
    /// To this place or behind it; the file grows for it.
    From(u64),
}

/// Places that were taken and are not yet filled. They are free again when this goes.
#[must_use]
pub(crate) struct Taken<'p> {
    pager: &'p Pager,
    runs: Vec<Range<u64>>,
}

impl Taken<'_> {
    pub fn runs(&self) -> &[Range<u64>] {
        &self.runs
    }

    /// The pages have been written: the places are the caller's.
    pub fn keep(mut self) -> Vec<Range<u64>> {
        std::mem::take(&mut self.runs)
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let mut guard = self.pager.space.lock();
        if let Some(space) = guard.as_mut() {
            give_back_all(space, &mut self.runs);
        }
    }
}

/// [`Taken`] while it is being filled, under the lock.
struct Taking<'s> {
    space: &'s mut Space,
    runs: Vec<Range<u64>>,
}

impl Drop for Taking<'_> {
    fn drop(&mut self) {
        give_back_all(self.space, &mut self.runs);
    }
}

fn give_back_all(space: &mut Space, runs: &mut Vec<Range<u64>>) {
    for run in runs.drain(..) {
        // They were taken from it and never left this module: nothing can contradict.
        let _ = space.give_back(run);
    }
}

impl Pager {
    /// Takes `count` places, in ascending runs; all or none.
    pub(crate) fn take(&self, count: u64) -> Result<Taken<'_>> {
        let mut guard = self.space.lock();
        let mut taking = Taking { space: self.writable(&mut guard)?, runs: Vec::new() };
        let mut missing = count;
        while missing > 0 {
            match taking.space.take_run(missing) {
                Some(run) => {
                    missing -= run.end - run.start;
                    taking.runs.push(run);
                }
                None => self.grow(taking.space, missing)?,
            }
        }
        let mut runs = std::mem::take(&mut taking.runs);
        runs.sort_unstable_by_key(|run| run.start);
        Ok(Taken { pager: self, runs })
    }

    /// As [`Pager::take`], but only in a region; `None` when it has no room for all.
    pub(crate) fn take_in(&self, count: u64, region: Region) -> Result<Option<Taken<'_>>> {
        let mut guard = self.space.lock();
        let mut taking = Taking { space: self.writable(&mut guard)?, runs: Vec::new() };
        let mut missing = count;
        let (from, end) = match region {
            Region::Below(end) => (0, end),
            Region::From(from) => (from, u64::MAX),
        };
        while missing > 0 {
            match taking.space.take_run_from(from, missing) {
                Some(run) => {
                    let (length, room) = (run.end - run.start, run.end.min(end).saturating_sub(run.start));
                    taking.runs.push(run);
                    if room < length {
                        return Ok(None);
                    }
                    missing -= length;
                }
                None => match region {
                    Region::Below(_) => return Ok(None),
                    Region::From(from) => {
                        let needed = from.saturating_sub(taking.space.pages()) + missing;
                        self.grow(taking.space, needed)?;
                    }
                },
            }
        }
        let runs = std::mem::take(&mut taking.runs);
        Ok(Some(Taken { pager: self, runs }))
    }

    /// Makes the file longer by at least `missing` pages.
    fn grow(&self, space: &mut Space, missing: u64) -> Result<()> {
        let page_size = self.page_size as u64;
        let pages = space.pages();
        let step = (pages / 8).min(GROWTH_BYTES_MAX / page_size).max(self.growth_pages).max(missing);
        let mut grown = pages + step;
        let mut result = self.file.set_len(&GROW, grown * page_size);
        if result.as_ref().is_err_and(env::IoError::is_out_of_space) && step > missing {
            // What is needed now may still fit.
            grown = pages + missing;
            result = self.file.set_len(&GROW, grown * page_size);
        }
        self.changed();
        match result {
            Ok(()) => {
                space.grown(grown);
                self.pages.store(grown, Ordering::Relaxed);
                Ok(())
            }
            Err(error) => {
                if error.is_out_of_space() {
                    self.env.reached(&MARK_OUT_OF_SPACE);
                }
                Err(self.io(error))
            }
        }
    }

    /// Gives back places that a write took and did not fill.
    pub(crate) fn release(&self, space: &mut Space, run: Range<u64>) -> Result<()> {
        space.give_back(run).map_err(|bad| self.bad_place(bad))
    }

    /// Gives back places whose pages nobody but the caller ever knew of: those of a branch that rolled back.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when one of them was free already.
    pub fn give_back(&self, pages: &PageSet) -> Result<()> {
        if pages.is_empty() {
            return Ok(());
        }
        let mut guard = self.space.lock();
        let space = self.writable(&mut guard)?;
        for run in pages.iter_runs() {
            self.release(space, run)?;
        }
        Ok(())
    }

    /// Those of `pages` that are free. None are in a file that is only read.
    pub fn free_among(&self, pages: &PageSet) -> PageSet {
        let guard = self.space.lock();
        let Some(space) = guard.as_ref() else { return PageSet::new() };
        // A damaged record names more pages than any file has, and more than anyone could look at.
        let in_file = pages.iter_runs().map(|run| run.start..run.end.min(space.pages()));
        in_file.flatten().filter(|page| space.is_free(*page)).collect()
    }

    /// As of the opening: pages that the newest checkpoint uses and the older one does not. Told once.
    pub fn take_unknown_to_older(&self) -> PageSet {
        match self.space.lock().as_mut() {
            Some(space) => std::mem::take(&mut space.unknown_to_older),
            None => PageSet::new(),
        }
    }

    /// Takes exactly these places out of the free ones: recovery found a commit in the log that refers to them.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when one of them is in use, or lies outside the file. Nothing is taken then.
    pub fn claim(&self, pages: &PageSet) -> Result<()> {
        let mut guard = self.space.lock();
        let space = self.writable(&mut guard)?;
        let what = "number of uses of a place that a commit in the log refers to";
        for run in pages.iter_runs() {
            if let Some(page) = run.clone().find(|page| !space.is_free(*page)) {
                return Err(self.bad_place(BadPlace { page, what, expected: 1, found: 2 }));
            }
        }
        for run in pages.iter_runs() {
            space.occupy(run, what).map_err(|bad| self.bad_place(bad))?;
        }
        Ok(())
    }

    /// Takes those of `pages` that are free, and those that only the older checkpoint refers to, for commits in the log behind the
    /// newest one; answers which. A commit takes a place only when both superblocks are past its former use: where one that only
    /// the older one knows is named, the device has lost a superblock in between, and the older one's pages were written over.
    ///
    /// # Errors
    /// As [`Pager::claim`].
    pub fn claim_named(&self, pages: &PageSet) -> Result<PageSet> {
        let mut claimed = self.free_among(pages);
        self.claim(&claimed)?;
        if let Some(space) = self.space.lock().as_mut() {
            claimed.union(&space.keep_from_older(pages));
        }
        Ok(claimed)
    }

    /// What `commit` gave up: free again once no snapshot is older than it and both superblocks stand at it or later
    /// ([`Pager::advance`]).
    pub fn retire(&self, pages: Vec<FreedPage>, commit: u64) {
        if let Some(space) = self.space.lock().as_mut() {
            space.retire(pages, commit);
        }
    }

    /// Makes retired places free that nobody can reach any more. `oldest_snapshot` is the lowest commit number that a
    /// snapshot stands at (`u64::MAX` when there is none). Answers how many places became free.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a place became free twice: the file refers to one page from two places.
    pub fn advance(&self, oldest_snapshot: u64) -> Result<u64> {
        let (mut commit, mut generation) = {
            let superblocks = self.superblocks.lock();
            // The older superblock need not have the lower commit after a fallback: take what both have reached.
            let (newest, older) = (&superblocks.newest, &superblocks.older);
            (newest.commit.min(older.commit), newest.generation.min(older.generation))
        };
        // Of a temporary file there is no recovery that could reach them.
        if self.temporary || !self.env.enforce(&REUSE_AFTER_CHECKPOINTS) {
            (commit, generation) = (u64::MAX, u64::MAX);
        }
        if self.env.enforce(&REUSE_AFTER_SNAPSHOTS) {
            commit = commit.min(oldest_snapshot);
        }
        let mut guard = self.space.lock();
        match guard.as_mut() {
            Some(space) => space.advance(commit, generation).map_err(|bad| self.bad_place(bad)),
            None => Ok(0),
        }
    }

    /// Number of free places, and the length of the file in pages.
    pub fn free_pages(&self) -> (u64, u64) {
        match self.space.lock().as_ref() {
            Some(space) => (space.free(), space.pages()),
            None => (0, self.pages.load(Ordering::Relaxed)),
        }
    }

    pub(crate) fn writable<'a>(&self, guard: &'a mut SpaceState) -> Result<&'a mut Space> {
        guard.as_mut().ok_or_else(|| Error::ReadOnly { file: self.path.clone() })
    }

    pub(crate) fn bad_place(&self, bad: BadPlace) -> Error {
        self.corrupt(bad.page, bad.what, bad.expected, bad.found)
    }
}
