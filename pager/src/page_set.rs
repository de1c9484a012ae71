//! An ordered set of page numbers, kept as runs: millions of neighbouring pages take a few bytes.
//!
//! Invariants
//!
//! 1. Runs are not empty, do not overlap and do not touch: between two of them lies at least one page that is not in
//!    the set. So equal sets have equal runs.
//! 2. `count` is the number of pages in all runs.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// A union goes through all runs of both sets, unless the other has fewer than one in so many of ours.
const MERGED_RUNS_SHARE: usize = 4;

/// A set of page numbers. Iteration is in ascending order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PageSet {
    /// First page of a run, and the page behind its last.
    runs: BTreeMap<u64, u64>,
    count: u64,
}

/// Bytes are not an encoded [`PageSet`]; carries the offset at which reading failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a set of page numbers: bad run at byte {at}")]
pub struct NotAPageSet {
    /// Offset of the first byte that cannot be read.
    pub at: usize,
}

impl PageSet {
    /// The empty set.
    pub fn new() -> PageSet {
        PageSet::default()
    }

    /// Number of pages.
    pub fn len(&self) -> u64 {
        self.count
    }

    /// Whether there is no page.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Number of runs.
    pub fn run_count(&self) -> usize {
        self.runs.len()
    }

    /// Whether `page` is in the set.
    pub fn contains(&self, page: u64) -> bool {
        self.runs.range(..=page).next_back().is_some_and(|(_, end)| page < *end)
    }

    /// Adds a page; `false` if it was there already. The highest number there is stands for no page and is ignored.
    pub fn insert(&mut self, page: u64) -> bool {
        let before = self.count;
        self.insert_run(page..page.saturating_add(1));
        self.count > before
    }

    /// Adds a run of pages; those that are there already stay.
    pub fn insert_run(&mut self, run: Range<u64>) {
        if run.is_empty() {
            return;
        }
        let Range { mut start, mut end } = run;
        // The run that begins at or before ours may reach or touch it.
        if let Some((&first, behind)) = self.runs.range_mut(..=start).next_back()
            && *behind >= start
        {
            if *behind >= end {
                return;
            }
            if end == start + 1 || self.runs.range(start + 1..=end).next().is_none() {
                // The common case, growing a run at its end, without taking it out.
                return self.grow(first, end);
            }
            start = first;
        }
        while let Some((&first, &behind)) = self.runs.range(start..=end).next() {
            self.runs.remove(&first);
            self.count -= behind - first;
            end = end.max(behind);
        }
        self.runs.insert(start, end);
        self.count += end - start;
    }

    /// Moves the end of the run that begins at `first` up to `end`, swallowing a run that begins exactly there.
    fn grow(&mut self, first: u64, end: u64) {
        let mut end = end;
        if let Some(behind) = self.runs.remove(&end) {
            self.count -= behind - end;
            end = behind;
        }
        if let Some(behind) = self.runs.get_mut(&first) {
            self.count += end - *behind;
            *behind = end;
        }
    }

    /// Takes a page out; `false` if it was not there.
    pub fn remove(&mut self, page: u64) -> bool {
        let before = self.count;
        self.remove_run(page..page.saturating_add(1));
        self.count < before
    }

    /// Takes out all pages of a run that are there.
    pub fn remove_run(&mut self, run: Range<u64>) {
        if run.is_empty() {
            return;
        }
        if let Some((&first, &behind)) = self.runs.range(..run.start).next_back()
            && behind > run.start
        {
            self.runs.insert(first, run.start);
            self.count -= behind - run.start;
            if behind > run.end {
                self.runs.insert(run.end, behind);
                self.count += behind - run.end;
                return;
            }
        }
        while let Some((&first, &behind)) = self.runs.range(run.clone()).next() {
            self.runs.remove(&first);
            self.count -= behind - first;
            if behind > run.end {
                self.runs.insert(run.end, behind);
                self.count += behind - run.end;
            }
        }
    }

    /// Adds all pages of `other`.
    pub fn union(&mut self, other: &PageSet) {
        if other.is_empty() {
            return;
        }
        if self.is_empty() {
            self.clone_from(other);
            return;
        }
        if other.runs.len() < self.runs.len() / MERGED_RUNS_SHARE {
            for run in other.iter_runs() {
                self.insert_run(run);
            }
            return;
        }
        let (mut ours, mut theirs) = (self.iter_runs().peekable(), other.iter_runs().peekable());
        let lower = std::iter::from_fn(|| match (ours.peek(), theirs.peek()) {
            (Some(our), Some(their)) if their.start < our.start => theirs.next(),
            (Some(_), _) => ours.next(),
            (None, _) => theirs.next(),
        });
        let both = PageSet::of_ascending(lower);
        drop((ours, theirs));
        *self = both;
    }

    /// The set of all pages in `runs`, whose starts ascend; they may touch and overlap.
    fn of_ascending(runs: impl Iterator<Item = Range<u64>>) -> PageSet {
        let mut apart: Vec<(u64, u64)> = Vec::new();
        for run in runs.filter(|run| !run.is_empty()) {
            match apart.last_mut() {
                Some((_, end)) if *end >= run.start => *end = run.end.max(*end),
                Some(_) | None => apart.push((run.start, run.end)),
            }
        }
        let count = apart.iter().map(|(start, end)| end - start).sum();
        PageSet { runs: apart.into_iter().collect(), count }
    }

    /// Takes out all pages of `other`.
    pub fn difference(&mut self, other: &PageSet) {
        for run in other.iter_runs() {
            self.remove_run(run);
        }
    }

    /// Whether no page is in both sets.
    pub fn is_disjoint(&self, other: &PageSet) -> bool {
        self.first_common(other).is_none()
    }

    /// The lowest page that is in both sets.
    pub fn first_common(&self, other: &PageSet) -> Option<u64> {
        let (mut ours, mut theirs) = (self.iter_runs(), other.iter_runs());
        let (mut one, mut two) = (ours.next()?, theirs.next()?);
        loop {
            let start = one.start.max(two.start);
            if start < one.end.min(two.end) {
                return Some(start);
            }
            if one.end <= two.end {
                one = ours.next()?;
            } else {
                two = theirs.next()?;
            }
        }
    }

    /// The runs, ascending.
    pub fn iter_runs(&self) -> impl Iterator<Item = Range<u64>> + '_ {
        self.runs.iter().map(|(start, end)| *start..*end)
    }

    /// The pages, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.iter_runs().flatten()
    }

    /// The lowest page.
    pub fn first(&self) -> Option<u64> {
        self.runs.keys().next().copied()
    }

    /// Takes out the lowest page.
    pub fn pop_first(&mut self) -> Option<u64> {
        let (start, end) = self.runs.pop_first()?;
        if start + 1 < end {
            self.runs.insert(start + 1, end);
        }
        self.count -= 1;
        Some(start)
    }

    /// Appends the set to `target`: the number of runs, then for each the gap before it and its length, all as
    /// variable-length numbers (seven bits a byte, lowest first).
    pub fn encode(&self, target: &mut Vec<u8>) {
        write_number(target, self.runs.len() as u64);
        let mut last = 0;
        for run in self.iter_runs() {
            write_number(target, run.start - last);
            write_number(target, run.end - run.start);
            last = run.end;
        }
    }

    /// Reads a set from the front of `source` and moves it behind.
    ///
    /// # Errors
    /// When the bytes are not what [`PageSet::encode`] writes.
    pub fn decode(source: &mut &[u8]) -> Result<PageSet, NotAPageSet> {
        let whole = source.len();
        let mut set = PageSet::default();
        let mut last = 0u64;
        let fail = |rest: &[u8]| NotAPageSet { at: whole - rest.len() };
        let runs = read_number(source).ok_or(fail(source))?;
        for index in 0..runs {
            let here = fail(source);
            let gap = read_number(source).ok_or(here)?;
            let length = read_number(source).ok_or(here)?;
            let start = last.checked_add(gap).ok_or(here)?;
            let end = start.checked_add(length).ok_or(here)?;
            if length == 0 || (gap == 0 && index > 0) {
                return Err(here);
            }
            set.runs.insert(start, end);
            set.count += length;
            last = end;
        }
        Ok(set)
    }
}

fn write_number(target: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        target.push(number as u8 | 0x80);
        number >>= 7;
    }
    target.push(number as u8);
}

fn read_number(source: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = source.split_first()?;
        *source = rest;
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        number |= part << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

impl FromIterator<u64> for PageSet {
    fn from_iter<I: IntoIterator<Item = u64>>(pages: I) -> PageSet {
        let mut pages: Vec<u64> = pages.into_iter().collect();
        pages.sort_unstable();
        PageSet::of_ascending(pages.into_iter().map(|page| page..page.saturating_add(1)))
    }
}

impl fmt::Debug for PageSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl fmt::Display for PageSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("no pages");
        }
        for (index, run) in self.iter_runs().enumerate() {
            if index > 0 {
                formatter.write_str(", ")?;
            }
            if run.end == run.start + 1 {
                write!(formatter, "{}", run.start)?;
            } else {
                write!(formatter, "{}-{}", run.start, run.end - 1)?;
            }
        }
        Ok(())
    }
}
