//! The places of the file in memory: which are free, which are taken, which wait to become free.
//!
//! Invariants
//!
//! 1. A place is free, or used by the newest or the older checkpoint, or taken since, or retired; never two of these
//!    but "used and retired".
//! 2. A place retired by commit `c` becomes free when no snapshot is older than `c` and both superblocks stand at `c`
//!    or later: then neither a reader nor a recovery can reach it.
//! 3. A page of the free-space map that checkpoint `g` replaced becomes free when both superblocks stand at
//!    generation `g` or later.
//! 4. Places of pages that no checkpoint has referred to are known only here: after a crash they are free.
//!
//! Fails: a place that becomes free twice, or that lies outside the file, is an error ([`BadPlace`]), because a
//! damaged file can name one; the space is unusable afterwards.

use crate::free_bits::FreeBits;
use crate::{FreedPage, PageSet};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// A place was named that cannot be what it was said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadPlace {
    pub page: u64,
    pub what: &'static str,
    pub expected: u64,
    pub found: u64,
}

/// See the module's text.
pub(crate) struct Space {
    bits: FreeBits,
    /// Lowest place that a page may have.
    first: u64,
    /// By commit: what it gave up.
    retired: BTreeMap<u64, Vec<FreedPage>>,
    /// By generation, ascending: map pages that it replaced.
    retired_maps: VecDeque<(u64, PageSet)>,
    /// As of the opening: what the newest checkpoint uses and the older one does not.
    pub unknown_to_older: PageSet,
}

impl Space {
    /// A file of `pages` places, all of them free but the superblocks' and those in `used`.
    pub fn new(first: u64, pages: u64, used: impl Iterator<Item = Range<u64>>) -> Result<Space, BadPlace> {
        let mut bits = FreeBits::new(pages);
        let free_all = bits.release(first..pages.max(first));
        debug_assert!(free_all.is_ok(), "all places were taken until now");
        let mut space = Space {
            bits,
            first,
            retired: BTreeMap::new(),
            retired_maps: VecDeque::new(),
            unknown_to_older: PageSet::new(),
        };
        for run in used {
            space.occupy(run, "number of uses in the free-space maps")?;
        }
        Ok(space)
    }

    /// Length of the file in pages.
    pub fn pages(&self) -> u64 {
        self.bits.length()
    }

    /// Number of free places.
    pub fn free(&self) -> u64 {
        self.bits.count()
    }

    /// Whether a place is free.
    pub fn is_free(&self, page: u64) -> bool {
        self.bits.is_free(page)
    }

    /// Free places, ascending.
    pub fn free_runs(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.bits.runs()
    }

    /// Places that wait to become free.
    pub fn retired(&self) -> PageSet {
        let mut pages: PageSet = self.retired.values().flatten().filter_map(FreedPage::number).collect();
        for (_, maps) in &self.retired_maps {
            pages.union(maps);
        }
        pages
    }

    /// The file was made longer: the new places are free.
    pub fn grown(&mut self, pages: u64) {
        let before = self.bits.length();
        if pages > before {
            self.bits.grow(pages);
            let released = self.bits.release(before.max(self.first)..pages);
            debug_assert!(released.is_ok(), "new places were not free before");
        }
    }

    /// The length of the file without the free places at its end.
    pub fn pages_in_use(&self) -> u64 {
        self.bits.length_in_use().max(self.first)
    }

    /// The file was made shorter, by free places.
    pub fn shrunk(&mut self, pages: u64) {
        self.bits.shrink(pages);
    }

    /// Takes a run of at most `want` free places; `None` when there is none.
    pub fn take_run(&mut self, want: u64) -> Option<Range<u64>> {
        self.bits.take_run(want)
    }

    /// Takes a run of at most `want` free places, none of them before `from`; `None` when there is none.
    pub fn take_run_from(&mut self, from: u64, want: u64) -> Option<Range<u64>> {
        self.bits.take_run_from(from, want)
    }

    /// Takes exactly these places out, which must be free (a log record says that a commit uses them).
    pub fn occupy(&mut self, run: Range<u64>, what: &'static str) -> Result<(), BadPlace> {
        if run.start < self.first || run.end > self.bits.length() {
            let page = if run.start < self.first { run.start } else { run.end.saturating_sub(1) };
            return Err(self.outside(page));
        }
        self.bits.occupy(run).map_err(|page| BadPlace { page, what, expected: 1, found: 2 })
    }

    /// Makes places free at once: nobody but the caller ever knew of them.
    pub fn give_back(&mut self, run: Range<u64>) -> Result<(), BadPlace> {
        if run.start < self.first || run.end > self.bits.length() {
            return Err(self.outside(run.start));
        }
        let what = "number of times it became free";
        self.bits.release(run).map_err(|page| BadPlace { page, what, expected: 1, found: 2 })
    }

    fn outside(&self, page: u64) -> BadPlace {
        let what = "page number, against the length of the file";
        BadPlace { page, what, expected: self.bits.length(), found: page }
    }

    /// What `commit` gave up.
    pub fn retire(&mut self, pages: Vec<FreedPage>, commit: u64) {
        if !pages.is_empty() {
            self.retired.entry(commit).or_default().extend(pages);
        }
    }

    /// Map pages that no checkpoint from `generation` on refers to.
    pub fn retire_maps(&mut self, pages: PageSet, generation: u64) {
        if !pages.is_empty() {
            self.retired_maps.push_back((generation, pages));
        }
    }

    /// Those of `pages` that wait to become free as only the older checkpoint refers to them. They stay taken.
    pub fn keep_from_older(&mut self, pages: &PageSet) -> PageSet {
        let mut kept = PageSet::new();
        for (_, waiting) in &mut self.retired_maps {
            let named: PageSet = waiting.iter().filter(|page| pages.contains(*page)).collect();
            waiting.difference(&named);
            kept.union(&named);
        }
        kept
    }

    /// Makes free what invariants 2 and 3 allow; answers how many places.
    pub fn advance(&mut self, commit: u64, generation: u64) -> Result<u64, BadPlace> {
        let before = self.bits.count();
        while let Some(entry) = self.retired.first_entry() {
            if *entry.key() > commit {
                break;
            }
            // A page that was never written has no place; nobody can reach it to write it any more.
            for number in entry.remove().iter().filter_map(FreedPage::number) {
                self.give_back(number..number.saturating_add(1))?;
            }
        }
        while self.retired_maps.front().is_some_and(|(replaced_by, _)| *replaced_by <= generation) {
            if let Some((_, pages)) = self.retired_maps.pop_front() {
                for run in pages.iter_runs() {
                    self.give_back(run)?;
                }
            }
        }
        Ok(self.bits.count() - before)
    }
}
