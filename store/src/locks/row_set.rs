//! A set of rows of one block: a run, a few runs, or a bitmap, whichever is smallest.
//!
//! Invariants
//!
//! 1. Runs are sorted, disjoint, and never touch: two that would touch are one.
//! 2. A set never takes more than [`BLOCK_ROWS`] / 8 bytes on the heap, plus the spare room of a growing list: past
//!    that point runs become a bitmap. Locking every other row of a table thus costs about a bit per row.
//!
//! There is nothing here that can fail. Rows enter, and whole sets are dropped; that one row leaves is rare.

use super::target::BLOCK_ROWS;

const WORDS: usize = BLOCK_ROWS as usize / 64;
/// As many runs as take the room of a bitmap.
const MOST_RUNS: usize = BLOCK_ROWS as usize / 8 / size_of::<Run>();

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: u16,
    pub(super) last: u16,
}

#[derive(Debug)]
pub(super) enum RowSet {
    Run(Run),
    Runs(Vec<Run>),
    Bits(Box<[u64; WORDS]>),
}

impl RowSet {
    pub(super) fn one(row: u16) -> RowSet {
        RowSet::Run(Run { first: row, last: row })
    }

    pub(super) fn contains(&self, row: u16) -> bool {
        match self {
            RowSet::Run(run) => run.first <= row && row <= run.last,
            RowSet::Runs(runs) => {
                let after = runs.partition_point(|run| run.first <= row);
                after > 0 && row <= runs[after - 1].last
            }
            RowSet::Bits(words) => words[usize::from(row / 64)] >> (row % 64) & 1 != 0,
        }
    }

    /// Adds a row that is not there yet (adding one that is there changes nothing).
    pub(super) fn insert(&mut self, row: u16) {
        match self {
            RowSet::Run(run) => {
                if row == run.last + 1 {
                    run.last = row;
                } else if run.first != 0 && row == run.first - 1 {
                    run.first = row;
                } else if row < run.first {
                    *self = RowSet::Runs(vec![Run { first: row, last: row }, *run]);
                } else if row > run.last {
                    *self = RowSet::Runs(vec![*run, Run { first: row, last: row }]);
                }
            }
            RowSet::Runs(runs) => {
                insert_into_runs(runs, row);
                if let [run] = runs[..] {
                    *self = RowSet::Run(run);
                } else if runs.len() > MOST_RUNS {
                    self.turn_into_bits();
                }
            }
            RowSet::Bits(words) => words[usize::from(row / 64)] |= 1 << (row % 64),
        }
    }

    /// Takes out a row; whether others are left. A set whose only row it is stays as it is, to be dropped.
    pub(super) fn remove(&mut self, row: u16) -> bool {
        let mut rest: Option<RowSet> = None;
        self.each_run(|run| {
            for other in (run.first..=run.last).filter(|other| *other != row) {
                match &mut rest {
                    Some(rest) => rest.insert(other),
                    none => *none = Some(RowSet::one(other)),
                }
            }
        });
        let others = rest.is_some();
        if let Some(rest) = rest {
            *self = rest;
        }
        others
    }

    fn turn_into_bits(&mut self) {
        let mut words = Box::new([0u64; WORDS]);
        self.each_run(|run| {
            for row in run.first..=run.last {
                words[usize::from(row / 64)] |= 1 << (row % 64);
            }
        });
        *self = RowSet::Bits(words);
    }

    /// Adds all rows of `other`.
    pub(super) fn absorb(&mut self, other: &RowSet) {
        other.each_run(|run| (run.first..=run.last).for_each(|row| self.insert(row)));
    }

    /// Calls `visit` with each maximal run, in order.
    pub(super) fn each_run(&self, mut visit: impl FnMut(Run)) {
        match self {
            RowSet::Run(run) => visit(*run),
            RowSet::Runs(runs) => runs.iter().for_each(|run| visit(*run)),
            RowSet::Bits(words) => {
                let mut open: Option<Run> = None;
                for row in 0..BLOCK_ROWS as u16 {
                    if words[usize::from(row / 64)] >> (row % 64) & 1 == 0 {
                        if let Some(run) = open.take() {
                            visit(run);
                        }
                    } else {
                        open = Some(Run { first: open.map_or(row, |run| run.first), last: row });
                    }
                }
                if let Some(run) = open {
                    visit(run);
                }
            }
        }
    }

    /// How many rows a set holds, when that is cheap to know and small.
    pub(super) fn few_rows(&self) -> Option<u16> {
        match self {
            RowSet::Run(run) => Some(run.last - run.first + 1),
            RowSet::Runs(_) | RowSet::Bits(_) => None,
        }
    }

    /// Bytes on the heap.
    pub(super) fn heap_bytes(&self) -> usize {
        match self {
            RowSet::Run(_) => 0,
            RowSet::Runs(runs) => runs.capacity() * size_of::<Run>(),
            RowSet::Bits(_) => WORDS * 8,
        }
    }
}

fn insert_into_runs(runs: &mut Vec<Run>, row: u16) {
    let after = runs.partition_point(|run| run.first <= row);
    if after > 0 && row <= runs[after - 1].last {
        return;
    }
    let joins_left = after > 0 && runs[after - 1].last + 1 == row;
    let joins_right = after < runs.len() && runs[after].first == row + 1;
    match (joins_left, joins_right) {
        (true, true) => {
            runs[after - 1].last = runs[after].last;
            runs.remove(after);
        }
        (true, false) => runs[after - 1].last = row,
        (false, true) => runs[after].first = row,
        (false, false) => runs.insert(after, Run { first: row, last: row }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn rows(set: &RowSet) -> Vec<u16> {
        let mut all = Vec::new();
        set.each_run(|run| all.extend(run.first..=run.last));
        all
    }

    proptest! {
        #[test]
        fn holds_exactly_what_was_put_in(
            first in 0u16..4096,
            more in proptest::collection::vec(prop_oneof![0u16..40, 4060u16..4096, 0u16..4096], 0..600),
        ) {
            let mut set = RowSet::one(first);
            let mut model = BTreeSet::from([first]);
            for row in more {
                set.insert(row);
                model.insert(row);
            }
            prop_assert_eq!(rows(&set), model.iter().copied().collect::<Vec<_>>());
            for row in 0..4096 {
                prop_assert_eq!(set.contains(row), model.contains(&row));
            }
            prop_assert!(set.heap_bytes() <= 2 * WORDS * 8);
            for row in model.clone() {
                model.remove(&row);
                prop_assert_eq!(set.remove(row), !model.is_empty());
                if !model.is_empty() {
                    prop_assert_eq!(rows(&set), model.iter().copied().collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn every_other_row_becomes_a_bitmap_and_all_rows_one_run() {
        let mut set = RowSet::one(0);
        (2..4096).step_by(2).for_each(|row| set.insert(row));
        assert!(matches!(set, RowSet::Bits(_)));
        let mut all = RowSet::one(0);
        (1..4096).for_each(|row| all.insert(row));
        assert!(matches!(all, RowSet::Run(Run { first: 0, last: 4095 })));
        all.absorb(&set);
        assert_eq!(rows(&all).len(), 4096);
    }
}
