//! Many runs, on as many real threads as asked for, added up into one report.
//!
//! Seeds are independent: which thread runs a seed, and in what order, changes no run and (but for the times) no report.
//! One run in twenty is made twice and must give the same trace hash.

use crate::profile::Profile;
use crate::promise::{Failure, Promise};
use crate::report::{FailedRun, Report};
use crate::run::{RunSettings, run};
use crate::subject::Subject;
use env::sync::Mutex;
use env::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use env::{Env, IoResult, LabelKind, TaskHandle};
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    CLOCK: "torture.jobs.clock", Clock, "the report has no times";
    JOB_TASK: "torture.jobs.task", Task, "runs are made one after the other";
    REPORT_LOCK: "torture.jobs.report", Lock, "two jobs overwrite each other's counts";
}

/// One run in so many is repeated.
const REPEAT_EVERY: u64 = 20;

/// Which seeds are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// From the first up to, not including, the second.
    Range(u64, u64),
    /// From this one on, as many as there is time for.
    For {
        /// The first.
        first: u64,
        /// No run begins later than this after the start.
        time: Duration,
    },
}

/// What is run.
#[derive(Debug, Clone)]
pub struct TortureSettings {
    /// Which seeds.
    pub seeds: Seeds,
    /// Of these, every `n`-th, beginning with number `i`.
    pub shard: (u64, u64),
    /// Threads.
    pub jobs: usize,
    /// One profile, or each seed its own, and statements of the language besides, where there is one.
    pub profile: Option<Profile>,
    /// A label whose calls silently do nothing.
    pub sabotage: Option<String>,
    /// Stop when so many runs have failed.
    pub failures_max: usize,
}

/// Hears of every run, for a progress bar.
pub trait Listener: Send + Sync {
    /// The report so far, and the real time since the start.
    fn run_ended(&self, so_far: &Report, elapsed: Duration);
}

/// Nobody listens.
pub struct Silent;

impl Listener for Silent {
    fn run_ended(&self, _so_far: &Report, _elapsed: Duration) {}
}

struct Jobs {
    env: Arc<dyn Env>,
    subject: Arc<dyn Subject>,
    settings: TortureSettings,
    listener: Arc<dyn Listener>,
    next: AtomicU64,
    enough: AtomicBool,
    report: Mutex<Report>,
    start: Duration,
}

/// Runs seeds and adds up what they found; `env` is the real world's.
///
/// # Errors
/// When no thread can be started.
pub fn torture(
    env: &Arc<dyn Env>,
    subject: &Arc<dyn Subject>,
    settings: TortureSettings,
    listener: Arc<dyn Listener>,
) -> IoResult<Report> {
    let count = settings.jobs.max(1);
    let jobs = Arc::new(Jobs {
        env: env.clone(),
        subject: subject.clone(),
        settings,
        listener,
        next: AtomicU64::new(0),
        enough: AtomicBool::new(false),
        report: Mutex::new(&REPORT_LOCK, Report::new()),
        start: env.monotonic(&CLOCK),
    });
    let mut handles: Vec<Box<dyn TaskHandle>> = Vec::new();
    for number in 0..count {
        let jobs = jobs.clone();
        handles.push(env.spawn(&JOB_TASK, &format!("job-{number}"), Box::new(move || jobs.work()))?);
    }
    for handle in handles {
        if let Err(message) = handle.join() {
            // The torture itself is wrong; a report that hid it would lie.
            let failure = Failure::new(Promise::NoPanic, format!("the torture panicked: {message}"));
            jobs.report.lock().failures.push(failed(0, "none", &jobs.settings.sabotage, failure, 0));
        }
    }
    let mut report = jobs.report.lock().clone();
    for label in subject.labels().iter().filter(|label| label.kind == LabelKind::Mark) {
        report.marks.entry(label.name.to_owned()).or_default();
    }
    report.judge_marks();
    Ok(report)
}

impl Jobs {
    fn work(&self) {
        while let Some(seed) = self.next_seed() {
            let before = self.env.monotonic(&CLOCK);
            let mut report = self.run_seed(seed);
            let now = self.env.monotonic(&CLOCK);
            report.real_microseconds = (now - before).as_micros() as u64;
            let mut sum = self.report.lock();
            sum.merge(&report);
            if sum.failures.len() >= self.settings.failures_max {
                self.enough.store(true, Ordering::Relaxed);
            }
            self.listener.run_ended(&sum, now - self.start);
        }
    }

    fn next_seed(&self) -> Option<u64> {
        if self.enough.load(Ordering::Relaxed) {
            return None;
        }
        let (shard, shards) = self.settings.shard;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let offset = number.checked_mul(shards)?.checked_add(shard)?;
        match self.settings.seeds {
            Seeds::Range(first, end) => first.checked_add(offset).filter(|seed| *seed < end),
            Seeds::For { first, time } => {
                let goes_on = self.env.monotonic(&CLOCK) - self.start < time;
                first.checked_add(offset).filter(|_| goes_on)
            }
        }
    }

    fn run_seed(&self, seed: u64) -> Report {
        match self.settings.profile {
            Some(profile) => self.run_profile(seed, profile, false),
            None => {
                let mut report = self.run_profile(seed, Profile::of_seed(seed), true);
                // A sabotaged call is one of the engine: its own workload is about that.
                if self.subject.language().is_some() && self.settings.sabotage.is_none() {
                    report.merge(&self.run_profile(seed, Profile::Sql, false));
                    report.merge(&self.run_profile(seed, Profile::Server, false));
                }
                report
            }
        }
    }

    /// Runs a seed; `mixed` counts it among those that must together reach every mark.
    fn run_profile(&self, seed: u64, profile: Profile, mixed: bool) -> Report {
        let settings = RunSettings { sabotage: self.settings.sabotage.clone(), ..RunSettings::new(profile) };
        let before = self.env.monotonic(&CLOCK);
        let outcome = run(&self.subject, seed, &settings);
        let mut report = outcome.report;
        if profile == Profile::Cycles {
            report.bare_cycles = report.cycles;
            report.bare_microseconds = (self.env.monotonic(&CLOCK) - before).as_micros() as u64;
        }
        report.runs_mixed = u64::from(mixed && self.settings.sabotage.is_none());
        if seed.is_multiple_of(REPEAT_EVERY) {
            let again = run(&self.subject, seed, &settings);
            report.runs_repeated = 1;
            if again.hash != outcome.hash && report.failures.is_empty() {
                let detail = format!("trace hash {:016x} and then {:016x}", outcome.hash, again.hash);
                let failure = Failure::new(Promise::SeedsReplay, detail);
                let failed = failed(seed, profile.name(), &self.settings.sabotage, failure, outcome.hash);
                report.failures.push(failed);
            }
        }
        report
    }
}

fn failed(
    seed: u64,
    profile: &str,
    sabotage: &Option<String>,
    failure: Failure,
    trace_hash: u64,
) -> FailedRun {
    FailedRun { seed, profile: profile.to_owned(), sabotage: sabotage.clone(), failure, trace_hash }
}
