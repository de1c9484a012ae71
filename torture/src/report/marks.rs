//! What must sometimes happen, over many runs: every mark of the engine reached, every kind of fault really hit.
//!
//! A torture that never gets somewhere proves nothing about that place, however many promises it saw held. So from
//! [`RUNS_FOR_MARKS`] runs of the mix on, whatever was never reached is a failure. Fewer runs, runs of one profile and
//! sabotaged ones are not judged; the reports of shards are judged as one, when they are merged.

use super::{FailedRun, Report};
use crate::promise::{Failure, Promise};
use faults::FaultKind;

/// Runs of mixed profiles within which every mark is reached and every kind of fault is hit. Of seeds 0..1000 the rarest
/// marks were reached three times: four times as many make a miss by chance unlikely.
pub const RUNS_FOR_MARKS: u64 = 4000;

impl Report {
    /// Marks that were never reached and kinds of faults that were never hit.
    pub(super) fn unreached(&self) -> Vec<&str> {
        let marks = self.marks.iter().filter(|(_, count)| **count == 0).map(|(name, _)| name.as_str());
        let hit = |name: &str| self.faults.get(name).is_some_and(|counts| counts.hit() > 0);
        let kinds = FaultKind::ALL.iter().map(|kind| kind.name()).filter(|name| !hit(name));
        if self.runs_mixed == 0 { marks.collect() } else { marks.chain(kinds).collect() }
    }

    /// Makes failures of what should have been reached by now and was not. Judges anew what parts of this report were
    /// judged before: a shard may have lacked what another one has.
    pub fn judge_marks(&mut self) {
        self.failures.retain(|failed| failed.failure.promise != Promise::MarksAreReached);
        if self.runs_mixed < RUNS_FOR_MARKS {
            return;
        }
        let runs = self.runs_mixed;
        let details = self.unreached().into_iter().map(|name| format!("{name}: not once in {runs} runs"));
        let failures: Vec<FailedRun> = details
            .map(|detail| FailedRun {
                seed: 0,
                profile: "mixed".to_owned(),
                sabotage: None,
                failure: Failure::new(Promise::MarksAreReached, detail),
                trace_hash: 0,
            })
            .collect();
        self.failures.extend(failures);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::FaultCounts;

    /// A report of so many runs in which everything was reached but what `missing` names.
    fn report(runs_mixed: u64, missing: &str) -> Report {
        let mut report = Report { runs_mixed, ..Report::new() };
        for &mark in &["wal.grew", "wal.followed"] {
            report.marks.insert(mark.to_owned(), u64::from(mark != missing));
        }
        for kind in FaultKind::ALL.iter().filter(|kind| kind.name() != missing) {
            let counts = FaultCounts { injected: 1, masked: 1, ..FaultCounts::default() };
            report.faults.insert(kind.name().to_owned(), counts);
        }
        report
    }

    #[test]
    fn a_mark_or_a_kind_that_nobody_reaches_fails_once_there_were_runs_enough() {
        for missing in ["wal.grew", "stuck-io"] {
            let mut few = report(RUNS_FOR_MARKS - 1, missing);
            few.judge_marks();
            assert!(few.passed(), "{missing}");
            let mut enough = report(RUNS_FOR_MARKS, missing);
            enough.judge_marks();
            let failed = &enough.failures[0];
            assert_eq!(failed.failure.promise, Promise::MarksAreReached);
            assert!(failed.failure.detail.starts_with(missing), "{}", failed.failure.detail);
            assert_eq!(failed.replay_line(), "hornbeam torture --seeds 0..4000");
        }
        let mut one_profile = report(0, "stuck-io");
        one_profile.judge_marks();
        assert!(one_profile.passed());
    }

    #[test]
    fn a_fault_that_was_injected_and_never_hit_does_not_count() {
        let mut report = report(RUNS_FOR_MARKS, "");
        let counts = FaultCounts { injected: 3, not_reached: 3, ..FaultCounts::default() };
        report.faults.insert("lying-sync".to_owned(), counts);
        report.judge_marks();
        assert!(report.failures[0].failure.detail.starts_with("lying-sync"));
    }

    #[test]
    fn shards_are_judged_together() {
        let mut sum = Report::new();
        for missing in ["wal.grew", "wal.followed"] {
            let mut shard = report(RUNS_FOR_MARKS, missing);
            shard.judge_marks();
            assert_eq!(shard.failures.len(), 1);
            sum.merge(&shard);
        }
        assert_eq!(sum.failures.len(), 2);
        sum.judge_marks();
        assert!(sum.passed(), "what one shard lacks, the other has");
        let mut halves = Report::new();
        for _ in 0..2 {
            halves.merge(&report(RUNS_FOR_MARKS / 2, "wal.grew"));
        }
        assert!(halves.passed());
        halves.judge_marks();
        assert_eq!(halves.failures.len(), 1);
    }
}
