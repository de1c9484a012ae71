//! Makes a failing run smaller: fewer context switches, faults, operations, smaller values, fewer lives.
//!
//! What shrinks is the log of named choices: setting one back to its default removes an operation, a fault or a switch
//! and renames nothing after it. A smaller log counts when it breaks the *same promise*; texts are never compared. The
//! search is the usual one of halves, quarters and so on, within a budget of runs, and what it ends with has been
//! replayed twice to one hash.

use crate::promise::Failure;
use crate::run::{RunOutcome, RunSettings, run};
use crate::scenario::Scenario;
use crate::subject::Subject;
use faults::{Concern, Decision};
use std::sync::Arc;

/// What a minimiser did.
pub struct Minimised {
    /// The smaller scenario.
    pub scenario: Scenario,
    /// The failure it still shows.
    pub failure: Failure,
    /// Choices at first.
    pub choices_before: usize,
    /// Choices left.
    pub choices_after: usize,
    /// Runs it took.
    pub runs: u32,
}

/// Why there is no smaller scenario.
#[derive(Debug, thiserror::Error)]
pub enum MinimiseError {
    /// There is nothing to make smaller.
    #[error("seed {seed} does not fail under profile {profile}; nothing to minimise")]
    Passes {
        /// The seed.
        seed: u64,
        /// The profile.
        profile: String,
    },
    /// The log of choices does not bring the failure back.
    #[error(
        "seed {seed} fails, but its choices replay to another end ({found}): something undetermined is not a choice"
    )]
    DoesNotReplay {
        /// The seed.
        seed: u64,
        /// What the replay gave.
        found: String,
    },
    /// The result gave two traces.
    #[error("the smaller run of seed {seed} gave two traces; something undetermined is not a choice")]
    Unstable {
        /// The seed.
        seed: u64,
    },
}

struct Search<'a> {
    subject: &'a Arc<dyn Subject>,
    seed: u64,
    settings: RunSettings,
    wanted: Failure,
    log: Vec<Decision>,
    runs: u32,
    budget: u32,
    progress: &'a mut dyn FnMut(usize, u32),
}

/// Makes the failing run of `seed` smaller, within `budget` runs. `progress` hears of choices left and runs made.
///
/// # Errors
/// [`MinimiseError`] when the seed passes or does not replay.
pub fn minimise(
    subject: &Arc<dyn Subject>,
    seed: u64,
    settings: &RunSettings,
    budget: u32,
    progress: &mut dyn FnMut(usize, u32),
) -> Result<Minimised, MinimiseError> {
    let first = run(subject, seed, settings);
    let Some(wanted) = first.failure.clone() else {
        return Err(MinimiseError::Passes { seed, profile: settings.profile.name().to_owned() });
    };
    let choices_before = first.decisions().len();
    let mut search = Search {
        subject,
        seed,
        settings: settings.clone(),
        wanted,
        log: first.decisions(),
        runs: 1,
        budget,
        progress,
    };
    search.replays()?;
    search.fewer_lives();
    for concern in [Concern::Schedule, Concern::Faults, Concern::Survivor, Concern::Workload, Concern::Data] {
        search.fewer(concern);
    }
    search.smaller();
    // What went with the operations may have made switches and faults superfluous too.
    for concern in [Concern::Schedule, Concern::Faults, Concern::Workload] {
        search.fewer(concern);
    }
    search.result(choices_before)
}

impl Search<'_> {
    fn run_with(&mut self, log: Vec<Decision>, lives: u32) -> RunOutcome {
        self.runs += 1;
        (self.progress)(log.len(), self.runs);
        let settings = RunSettings { decisions: Some(log), lives, ..self.settings.clone() };
        run(self.subject, self.seed, &settings)
    }

    fn replays(&mut self) -> Result<(), MinimiseError> {
        let outcome = self.run_with(self.log.clone(), self.settings.lives);
        match &outcome.failure {
            Some(failure) if failure.same_class(&self.wanted) => Ok(()),
            other => Err(MinimiseError::DoesNotReplay {
                seed: self.seed,
                found: other.as_ref().map_or("no failure".into(), ToString::to_string),
            }),
        }
    }

    /// Whether the run still breaks the promise with this log; if so it is the new one, cleaned of what is never asked.
    fn accepts(&mut self, log: Vec<Decision>, lives: u32) -> bool {
        if self.runs >= self.budget {
            return false;
        }
        let outcome = self.run_with(log, lives);
        let accepted = outcome.failure.as_ref().is_some_and(|failure| failure.same_class(&self.wanted));
        if accepted {
            self.log = outcome.decisions();
            self.settings.lives = lives;
        }
        accepted
    }

    /// Lives after the one that fails are not needed.
    fn fewer_lives(&mut self) {
        let lives = self.wanted.life + 1;
        if lives < self.settings.lives {
            self.accepts(self.log.clone(), lives);
        }
    }

    /// Drops choices of one concern: all of them, then halves, quarters, and so on down to single ones.
    fn fewer(&mut self, concern: Concern) {
        let mut size = self.positions(concern).len();
        while size > 0 && self.runs < self.budget {
            let mut start = 0;
            loop {
                let positions = self.positions(concern);
                let Some(dropped) = positions.get(start..(start + size).min(positions.len())) else { break };
                if dropped.is_empty() {
                    break;
                }
                let (first, last) = (dropped[0], dropped[dropped.len() - 1]);
                let kept = |(position, decision): (usize, &Decision)| {
                    let gone = decision.concern == concern && position >= first && position <= last;
                    (!gone).then(|| decision.clone())
                };
                let log = self.log.iter().enumerate().filter_map(kept).collect();
                if !self.accepts(log, self.settings.lives) {
                    start += size;
                }
                if self.runs >= self.budget {
                    return;
                }
            }
            size /= 2;
        }
    }

    fn positions(&self, concern: Concern) -> Vec<usize> {
        let indexed = self.log.iter().enumerate();
        indexed.filter(|(_, decision)| decision.concern == concern).map(|(position, _)| position).collect()
    }

    /// Takes smaller options where they do: 1, or half.
    fn smaller(&mut self) {
        let mut position = 0;
        while position < self.log.len() && self.runs < self.budget {
            let decision = &self.log[position];
            let value = decision.chosen;
            let shrinks = decision.concern == Concern::Workload && value > 1;
            for smaller in [1, value / 2] {
                if shrinks && smaller > 0 && smaller < value {
                    let mut log = self.log.clone();
                    log[position].chosen = smaller;
                    if self.accepts(log, self.settings.lives) {
                        break;
                    }
                }
            }
            position += 1;
        }
    }

    fn result(mut self, choices_before: usize) -> Result<Minimised, MinimiseError> {
        let first = self.run_with(self.log.clone(), self.settings.lives);
        let second = self.run_with(self.log.clone(), self.settings.lives);
        let Some(failure) = first.failure.clone() else {
            return Err(MinimiseError::DoesNotReplay { seed: self.seed, found: "no failure".into() });
        };
        if first.hash != second.hash {
            return Err(MinimiseError::Unstable { seed: self.seed });
        }
        let title = failure.promise.sentence().to_owned();
        let mut scenario = Scenario::of_run(title, self.seed, &self.settings, &first);
        scenario.story = format!("Found by seed {}. Seen: {}", self.seed, failure.detail);
        Ok(Minimised {
            scenario,
            failure,
            choices_before,
            choices_after: first.decisions().len(),
            runs: self.runs,
        })
    }
}
