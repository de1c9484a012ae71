//! What a torture of many seeds found: counts that add up, and the failures with the line that replays each.
//!
//! Reports of shards merge by addition ([`Report::merge`]); the JSON form is what a batch system collects.
//! All maps are ordered: two reports of the same runs are the same bytes, whoever made them.

mod marks;
mod table;

pub use marks::RUNS_FOR_MARKS;

pub use serde_json::Error as JsonError;

use crate::promise::{Failure, Promise};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The layout of the JSON form. Raised when a field changes its meaning.
pub const REPORT_VERSION: u32 = 1;

/// How often one kind of fault was injected, and how each was closed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultCounts {
    /// Injected faults, those that nothing ran into included.
    pub injected: u64,
    /// Callers saw at most delay.
    pub masked: u64,
    /// An error named the object.
    pub reported: u64,
    /// The outcome of a commit could not be told.
    pub unknown: u64,
    /// The only copy was destroyed, and the engine said so.
    pub lost_reported: u64,
    /// Acknowledged commits are gone, and nothing could tell.
    #[serde(default)]
    pub silent: u64,
    /// Nothing ran into it.
    pub not_reached: u64,
    /// Closed by nothing: each is a failure.
    pub unclosed: u64,
}

impl FaultCounts {
    /// How often something really ran into the fault.
    pub fn hit(&self) -> u64 {
        self.injected - self.not_reached
    }

    fn add(&mut self, other: &FaultCounts) {
        self.injected += other.injected;
        self.masked += other.masked;
        self.reported += other.reported;
        self.unknown += other.unknown;
        self.lost_reported += other.lost_reported;
        self.silent += other.silent;
        self.not_reached += other.not_reached;
        self.unclosed += other.unclosed;
    }
}

/// A failing run, and how to see it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedRun {
    /// The seed.
    pub seed: u64,
    /// The profile it ran under.
    pub profile: String,
    /// The sabotaged label, when there is one: then the failure was wanted.
    pub sabotage: Option<String>,
    /// What was broken.
    pub failure: Failure,
    /// Rolling hash of the trace up to the failure.
    pub trace_hash: u64,
}

impl FailedRun {
    /// The command that runs it again.
    pub fn replay_line(&self) -> String {
        if self.failure.promise == Promise::MarksAreReached {
            // No seed shows what no seed has done.
            return format!("hornbeam torture --seeds {}..{}", self.seed, self.seed + RUNS_FOR_MARKS);
        }
        let mut line = format!("hornbeam replay {} --profile {}", self.seed, self.profile);
        if let Some(label) = &self.sabotage {
            line.push_str(" --sabotage ");
            line.push_str(label);
        }
        line
    }
}

/// Sums over runs. Starts empty, takes runs by [`Report::merge`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Layout of this report ([`REPORT_VERSION`]).
    pub version: u32,
    /// Runs (seeds) by profile.
    pub runs: BTreeMap<String, u64>,
    /// Of these, runs of a mix: each seed had its own profile, and nothing was sabotaged.
    #[serde(default)]
    pub runs_mixed: u64,
    /// Lives that ended in a crash and were recovered from.
    pub crashes: u64,
    /// Crash-and-recover cycles with at least 20 commits on trees at least three levels deep, compared in full.
    pub cycles: u64,
    /// Of these, the cycles of runs that are about nothing else.
    #[serde(default)]
    pub bare_cycles: u64,
    /// Real time of those runs, summed over jobs.
    #[serde(default)]
    pub bare_microseconds: u64,
    /// Crashes by the label of the call they struck.
    pub crashes_by_label: BTreeMap<String, u64>,
    /// Faults by kind.
    pub faults: BTreeMap<String, FaultCounts>,
    /// How often each mark was reached.
    pub marks: BTreeMap<String, u64>,
    /// Acknowledged commits.
    pub commits_acknowledged: u64,
    /// Acknowledged commits that a later full comparison found in place.
    pub commits_verified: u64,
    /// Commits whose outcome could not be told when they were made.
    pub commits_unknown: u64,
    /// Transactions the engine refused (conflicts, full disk, injected errors).
    pub transactions_refused: u64,
    /// Recoveries from only the synced bytes, made at acknowledgements.
    pub accountings: u64,
    /// Reads compared with the version of their snapshot.
    pub reads_verified: u64,
    /// Runs made twice and compared.
    pub runs_repeated: u64,
    /// Environment calls.
    pub steps: u64,
    /// Simulated time.
    pub virtual_microseconds: u64,
    /// Real time, summed over jobs.
    pub real_microseconds: u64,
    /// Failing runs, by seed.
    pub failures: Vec<FailedRun>,
}

impl Report {
    /// A report of nothing.
    pub fn new() -> Report {
        Report { version: REPORT_VERSION, ..Report::default() }
    }

    /// Adds what `other` counted. Merging in any order gives the same report.
    pub fn merge(&mut self, other: &Report) {
        add_counts(&mut self.runs, &other.runs);
        add_counts(&mut self.crashes_by_label, &other.crashes_by_label);
        add_counts(&mut self.marks, &other.marks);
        for (kind, counts) in &other.faults {
            self.faults.entry(kind.clone()).or_default().add(counts);
        }
        self.runs_mixed += other.runs_mixed;
        self.crashes += other.crashes;
        self.cycles += other.cycles;
        self.bare_cycles += other.bare_cycles;
        self.bare_microseconds += other.bare_microseconds;
        self.commits_acknowledged += other.commits_acknowledged;
        self.commits_verified += other.commits_verified;
        self.commits_unknown += other.commits_unknown;
        self.transactions_refused += other.transactions_refused;
        self.accountings += other.accountings;
        self.reads_verified += other.reads_verified;
        self.runs_repeated += other.runs_repeated;
        self.steps += other.steps;
        self.virtual_microseconds += other.virtual_microseconds;
        self.real_microseconds += other.real_microseconds;
        self.failures.extend(other.failures.iter().cloned());
        self.failures.sort_by(|left, right| {
            (left.seed, &left.profile, &left.sabotage).cmp(&(right.seed, &right.profile, &right.sabotage))
        });
    }

    /// Runs of all profiles.
    pub fn total_runs(&self) -> u64 {
        self.runs.values().sum()
    }

    /// Whether no promise was broken.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }

    /// Cycles a second on one core, in runs that are about nothing else.
    pub fn cycles_per_second(&self) -> f64 {
        per_second(self.bare_cycles, self.bare_microseconds)
    }

    /// The JSON form, indented, ending in a line feed.
    ///
    /// # Errors
    /// None in practice: every field has a JSON form.
    pub fn to_json(&self) -> Result<String, JsonError> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// [`ReportError`] when the text is no report, or one of another layout.
    pub fn from_json(text: &str) -> Result<Report, ReportError> {
        let report: Report = serde_json::from_str(text)?;
        if report.version != REPORT_VERSION {
            return Err(ReportError::Version { found: report.version });
        }
        Ok(report)
    }
}

/// A file that is no report of ours.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Not JSON, or not of this shape.
    #[error("this is not a torture report: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Written by another version of the program.
    #[error("this report has layout {found}, this program reads layout {REPORT_VERSION}; make it again")]
    Version {
        /// The layout it says it has.
        found: u32,
    },
}

fn add_counts(into: &mut BTreeMap<String, u64>, from: &BTreeMap<String, u64>) {
    for (name, count) in from {
        *into.entry(name.clone()).or_default() += count;
    }
}

fn per_second(count: u64, microseconds: u64) -> f64 {
    if microseconds == 0 { 0.0 } else { count as f64 * 1e6 / microseconds as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seed: u64) -> Report {
        let mut report = Report::new();
        report.runs.insert("storm".into(), 1);
        report.crashes = 3;
        report.crashes_by_label.insert("wal.commit.sync".into(), 3);
        report.faults.insert(
            "torn-write".into(),
            FaultCounts { injected: 2, masked: 1, not_reached: 1, ..FaultCounts::default() },
        );
        report.failures.push(FailedRun {
            seed,
            profile: "storm".into(),
            sabotage: None,
            failure: Failure::new(Promise::AcknowledgedSurvives, "commit 7 of task 2"),
            trace_hash: 1,
        });
        report
    }

    #[test]
    fn merging_does_not_depend_on_order() {
        let mut forward = Report::new();
        let mut backward = Report::new();
        for seed in [3, 1, 2] {
            forward.merge(&sample(seed));
        }
        for seed in [2, 1, 3] {
            backward.merge(&sample(seed));
        }
        assert_eq!(forward, backward);
        assert_eq!(forward.total_runs(), 3);
        assert_eq!(forward.faults["torn-write"].hit(), 3);
        assert_eq!(forward.failures.iter().map(|failed| failed.seed).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn json_round_trips_and_other_layouts_are_refused() {
        let report = sample(9);
        let text = report.to_json().expect("a report always has a JSON form");
        assert_eq!(Report::from_json(&text).expect("just written"), report);
        let newer = text.replacen("\"version\": 1", "\"version\": 2", 1);
        let refusal = Report::from_json(&newer).expect_err("layout 2 does not exist").to_string();
        assert!(refusal.contains("layout 2"), "{refusal}");
        assert!(Report::from_json("[]").is_err());
    }

    #[test]
    fn the_replay_line_names_everything_the_run_depended_on() {
        let mut failed = sample(77).failures.remove(0);
        assert_eq!(failed.replay_line(), "hornbeam replay 77 --profile storm");
        failed.sabotage = Some("wal.commit.sync".into());
        assert_eq!(failed.replay_line(), "hornbeam replay 77 --profile storm --sabotage wal.commit.sync");
    }
}
