//! Exhaustive search: every vector of choices, one run each.
//!
//! A run answers its enumerated choices from the front of a path and takes the default beyond it; the next run takes the
//! next option of the last choice that has one left. Depth-first, so memory is one path.
//!
//! Invariants
//!
//! 1. Each vector of choices within the limit is visited exactly once, provided that a run depends on its choices alone.
//! 2. A vector holds at most `deviations_max` choices other than the default; those beyond take the default.

use super::{Chance, Concern, Decisions, Source};

#[derive(Debug, Clone, Copy)]
struct Step {
    chosen: u32,
    options: u32,
    /// The next option to try after `chosen`, when there is one.
    next: Option<u32>,
}

/// The choices of one run of a search.
#[derive(Debug, Default)]
pub(super) struct Path {
    steps: Vec<Step>,
    position: usize,
    deviations: u32,
    deviations_max: u32,
    diverged: bool,
}

impl Path {
    pub fn answer(&mut self, options: u32, chance: Chance<'_>) -> u32 {
        let chosen = if let Some(step) = self.steps.get(self.position) {
            self.diverged |= step.options != options;
            step.chosen.min(options.saturating_sub(1))
        } else {
            self.steps.push(Step { chosen: 0, options, next: None });
            0
        };
        let allowed = self.deviations < self.deviations_max || chosen != 0;
        let next = if allowed { (chosen + 1..options).find(|&option| chance.allows(option)) } else { None };
        self.steps[self.position].next = next;
        self.position += 1;
        self.deviations += u32::from(chosen != 0);
        chosen
    }

    /// The path of the next run, or `None` when all have been walked.
    fn advance(mut self) -> Option<Path> {
        self.steps.truncate(self.position);
        while let Some(step) = self.steps.pop() {
            if let Some(next) = step.next {
                self.steps.push(Step { chosen: next, options: step.options, next: None });
                return Some(Path { position: 0, deviations: 0, diverged: false, ..self });
            }
        }
        None
    }
}

/// A search through every vector of choices of some concerns.
///
/// ```
/// # use faults::{Chance, Concern, Search};
/// # env::labels! { FLIP: "example.flip", Mark, "an example"; }
/// let mut search = Search::new(7, &[Concern::Faults], u32::MAX);
/// let mut seen = Vec::new();
/// while let Some(mut decisions) = search.next_run() {
///     let task = decisions.task("main");
///     let first = decisions.choose(Concern::Faults, task, &FLIP, 2, Chance::Even);
///     let second = decisions.choose(Concern::Faults, task, &FLIP, 2, Chance::Even);
///     seen.push((first, second));
///     search.finished(decisions);
/// }
/// assert_eq!(seen, [(0, 0), (0, 1), (1, 0), (1, 1)]);
/// ```
#[derive(Debug)]
pub struct Search {
    seed: u64,
    concerns: Vec<Concern>,
    next: Option<Path>,
    runs: u64,
    diverged: u64,
}

impl Search {
    /// A search over the choices of `concerns`, with at most `deviations_max` of them other than the default in one run.
    /// Workload and data come from `seed`; every other concern takes the default.
    pub fn new(seed: u64, concerns: &[Concern], deviations_max: u32) -> Search {
        let next = Some(Path { deviations_max, ..Path::default() });
        Search { seed, concerns: concerns.to_vec(), next, runs: 0, diverged: 0 }
    }

    /// The decisions of the next run; `None` when all runs have been made. Give them back to [`Search::finished`], else
    /// the search ends here.
    pub fn next_run(&mut self) -> Option<Decisions> {
        let path = self.next.take()?;
        let mut decisions = Decisions::tame(self.seed);
        decisions.set_source(Concern::Workload, Source::Seeded);
        decisions.set_source(Concern::Data, Source::Seeded);
        for &concern in &self.concerns {
            decisions.set_source(concern, Source::Enumerated);
        }
        decisions.path = path;
        Some(decisions)
    }

    /// Takes the decisions of a finished run back, to find the next one.
    pub fn finished(&mut self, decisions: Decisions) {
        self.runs += 1;
        self.diverged += u64::from(decisions.path.diverged);
        self.next = decisions.path.advance();
    }

    /// How many runs were made.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// In how many runs the code took another path on the same choices. Anything but 0 means that the run does not
    /// depend on its choices alone, and that the search proves nothing.
    pub fn diverged(&self) -> u64 {
        self.diverged
    }
}
