//! What a ledger shows at the end: counts by kind and verdict.

use super::{Closing, Ledger};
use crate::kind::FaultKind;

/// What became of the faults of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KindCount {
    /// How many were injected.
    pub injected: u64,
    /// How many were masked.
    pub masked: u64,
    /// How many were reported.
    pub reported: u64,
    /// How many left an outcome unknown.
    pub unknown: u64,
    /// How many cost acknowledged commits, and an error said so.
    pub lost_reported: u64,
    /// How many cost acknowledged commits without a trace.
    pub silent: u64,
    /// How many had no effect.
    pub not_reached: u64,
    /// How many nothing closed.
    pub unclosed: u64,
}

/// Counts by kind; sums of many runs add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    counts: [KindCount; FaultKind::COUNT],
}

impl Default for Summary {
    fn default() -> Summary {
        Summary { counts: [KindCount::default(); FaultKind::COUNT] }
    }
}

impl Summary {
    /// Adds the faults of one run.
    pub fn add_ledger(&mut self, ledger: &Ledger) {
        for fault in ledger.faults() {
            let count = &mut self.counts[fault.kind as usize];
            count.injected += 1;
            let column = match &fault.closing {
                Some(Closing::Masked) => &mut count.masked,
                Some(Closing::Reported { .. }) => &mut count.reported,
                Some(Closing::Unknown { .. }) => &mut count.unknown,
                Some(Closing::LostReported { .. }) => &mut count.lost_reported,
                Some(Closing::Silent) => &mut count.silent,
                Some(Closing::NotReached) => &mut count.not_reached,
                None => &mut count.unclosed,
            };
            *column += 1;
        }
    }

    /// Adds another summary.
    pub fn add(&mut self, other: &Summary) {
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            mine.injected += theirs.injected;
            mine.masked += theirs.masked;
            mine.reported += theirs.reported;
            mine.unknown += theirs.unknown;
            mine.lost_reported += theirs.lost_reported;
            mine.silent += theirs.silent;
            mine.not_reached += theirs.not_reached;
            mine.unclosed += theirs.unclosed;
        }
    }

    /// The count of one kind.
    pub fn kind(&self, kind: FaultKind) -> KindCount {
        self.counts[kind as usize]
    }

    /// The counts of the kinds that were injected at all.
    pub fn kinds(&self) -> impl Iterator<Item = (FaultKind, KindCount)> + '_ {
        FaultKind::ALL.iter().map(|&kind| (kind, self.kind(kind))).filter(|(_, count)| count.injected > 0)
    }
}
