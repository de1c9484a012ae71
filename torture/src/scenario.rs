//! Scenario files: a run told in TOML, to be read, replayed, and held to its verdict.
//!
//! A scenario is either a *story*, the named choices of one run (what a minimiser leaves of a failing seed), or a
//! *stretch* of seeds under a fixed plan of faults, with the marks that some of them must reach. Both keep their meaning
//! when the code changes: choices are named, not numbered, and marks say whether a stretch still goes where it should.

use crate::profile::Profile;
use crate::promise::{Failure, Promise};
use crate::run::{Overrides, RunOutcome, RunSettings, run};
use crate::subject::Subject;
use faults::{Concern, Decision, FaultKind, Part, Plan, survivor};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use toml::ser::Error as WriteError;

/// A scenario file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is shown, in one line.
    pub title: String,
    /// What happens and why it must end well, for a reader.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub story: String,
    /// The first seed.
    pub seed: u64,
    /// How many seeds are run, from that one on.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub seeds: u64,
    /// The profile.
    pub profile: String,
    /// The promise that is broken; none for a scenario that must pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaks: Option<Promise>,
    /// A label whose calls silently do nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sabotage: Option<String>,
    /// Labels that the runs together must have called or reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<String>,
    /// Settings that are fixed rather than drawn.
    #[serde(default, skip_serializing_if = "ScenarioSettings::is_empty")]
    pub settings: ScenarioSettings,
    /// Faults by kind, each so many times in a million calls at which it can happen; the profile's if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<BTreeMap<String, u32>>,
    /// The choices that were not the default, in order.
    #[serde(default, rename = "event", skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<ScenarioEvent>,
}

/// Settings that a scenario fixes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScenarioSettings {
    /// How often the database is opened, worked with and left or crashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lives: Option<u32>,
    /// Bytes per page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<usize>,
    /// What a torn write damages, and what the engine is told: 512, 4096, or 0 for no atomicity at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_size: Option<usize>,
    /// Clients at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<u32>,
    /// Transactions of each client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactions: Option<u32>,
    /// Whether commits wait for their sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub durable: Option<bool>,
}

impl ScenarioSettings {
    fn is_empty(&self) -> bool {
        *self == ScenarioSettings::default()
    }
}

/// One choice that was not the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioEvent {
    /// What went wrong, by the name of the fault. Stands for `concern`, `options` and `chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// What a power loss left of something, in one word: of all that was unsynced (`nothing`, `prefix`, `any-sectors` …),
    /// of a write, a sector or a name (`lost`, `garbage`, `torn`, `doubled` …). Stands for `concern`, `options`, `chosen`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survivor: Option<String>,
    /// What the choice was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concern: Option<Concern>,
    /// Who was at it.
    pub task: String,
    /// At which call.
    pub at: String,
    /// How many such choices came before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nth: u32,
    /// Which aspect of the choice.
    #[serde(default, skip_serializing_if = "is_whole")]
    pub part: Part,
    /// Which of several pieces of that aspect.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub index: u32,
    /// How many options there were.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub options: u32,
    /// Which was taken.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub chosen: u32,
}

fn one() -> u64 {
    1
}

fn is_one(count: &u64) -> bool {
    *count == 1
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_whole(part: &Part) -> bool {
    *part == Part::Whole
}

/// A text that is no scenario.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not TOML, or not of this shape.
    #[error("this is not a scenario: {0}")]
    Malformed(#[from] toml::de::Error),
    /// No such profile.
    #[error("there is no profile {name:?}; profiles are {known}")]
    Profile {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// No such fault.
    #[error("there is no fault {name:?}; docs/faults.md lists them")]
    Fault {
        /// What was asked for.
        name: String,
    },
    /// No such word.
    #[error(
        "event {number}: a power loss cannot leave {word:?} there; docs/faults.md says what it can leave"
    )]
    Survivor {
        /// Counted from 1.
        number: usize,
        /// The word.
        word: String,
    },
    /// An event without a choice.
    #[error("event {number} at {at} names neither a fault nor a survivor nor a concern")]
    Event {
        /// Counted from 1.
        number: usize,
        /// Its call.
        at: String,
    },
}

impl ScenarioEvent {
    fn from_decision(decision: &Decision) -> ScenarioEvent {
        let whole_fault = decision.concern == Concern::Faults && decision.part == Part::Whole;
        let fault = if whole_fault { FaultKind::from_option(decision.chosen) } else { None };
        let survivor = match decision.concern {
            Concern::Survivor => survivor::word(decision.part, decision.options, decision.chosen),
            Concern::Schedule | Concern::Faults | Concern::Workload | Concern::Data => None,
        };
        let named = fault.is_some() || survivor.is_some();
        ScenarioEvent {
            fault: fault.map(|kind| kind.name().to_owned()),
            survivor: survivor.map(str::to_owned),
            concern: (!named).then_some(decision.concern),
            task: decision.task.clone(),
            at: decision.label.clone(),
            nth: decision.nth,
            part: decision.part,
            index: decision.index,
            options: if named { 0 } else { decision.options },
            chosen: if named { 0 } else { decision.chosen },
        }
    }

    fn to_decision(&self, number: usize) -> Result<Decision, ScenarioError> {
        let (concern, options, chosen) = match (&self.fault, &self.survivor, self.concern) {
            (Some(name), _, _) => {
                let kind =
                    FaultKind::from_name(name).ok_or_else(|| ScenarioError::Fault { name: name.clone() })?;
                (Concern::Faults, FaultKind::OPTIONS, kind.option())
            }
            (None, Some(word), _) => {
                let (options, chosen) = survivor::meaning(self.part, word)
                    .ok_or_else(|| ScenarioError::Survivor { number, word: word.clone() })?;
                (Concern::Survivor, options, chosen)
            }
            (None, None, Some(concern)) => (concern, self.options, self.chosen),
            (None, None, None) => return Err(ScenarioError::Event { number, at: self.at.clone() }),
        };
        Ok(Decision {
            concern,
            task: self.task.clone(),
            label: self.at.clone(),
            nth: self.nth,
            part: self.part,
            index: self.index,
            options,
            chosen,
        })
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// [`ScenarioError`], with line and column where it is malformed.
    pub fn from_toml(text: &str) -> Result<Scenario, ScenarioError> {
        let scenario: Scenario = toml::from_str(text)?;
        scenario.settings_of_runs()?;
        Ok(scenario)
    }

    /// The scenario as text: one event a block, in order.
    ///
    /// # Errors
    /// None in practice: every field has a TOML form.
    pub fn to_toml(&self) -> Result<String, WriteError> {
        toml::to_string(self)
    }

    /// The scenario of a run with these choices.
    pub fn of_run(title: String, seed: u64, settings: &RunSettings, outcome: &RunOutcome) -> Scenario {
        Scenario {
            title,
            story: String::new(),
            seed,
            seeds: 1,
            profile: settings.profile.name().to_owned(),
            breaks: outcome.failure.as_ref().map(|failure| failure.promise),
            sabotage: settings.sabotage.clone(),
            reaches: Vec::new(),
            settings: ScenarioSettings {
                lives: Some(settings.lives),
                page_size: settings.overrides.page_size,
                sector_size: settings.overrides.sector_size,
                clients: settings.overrides.clients,
                transactions: settings.overrides.transactions,
                durable: settings.overrides.durable,
            },
            faults: None,
            events: outcome.decisions().iter().map(ScenarioEvent::from_decision).collect(),
        }
    }

    /// How its runs are made.
    ///
    /// # Errors
    /// When it names what does not exist.
    pub fn settings_of_runs(&self) -> Result<RunSettings, ScenarioError> {
        let profile = Profile::from_name(&self.profile).ok_or_else(|| ScenarioError::Profile {
            name: self.profile.clone(),
            known: Profile::all().map(Profile::name).collect::<Vec<_>>().join(", "),
        })?;
        let plan = match &self.faults {
            None => None,
            Some(rates) => {
                let mut plan = Plan::none();
                for (name, rate) in rates {
                    let kind = FaultKind::from_name(name)
                        .ok_or_else(|| ScenarioError::Fault { name: name.clone() })?;
                    plan = plan.with(kind, *rate);
                }
                Some(plan)
            }
        };
        let events: Result<Vec<Decision>, ScenarioError> =
            self.events.iter().enumerate().map(|(index, event)| event.to_decision(index + 1)).collect();
        let events = events?;
        let defaults = RunSettings::new(profile);
        Ok(RunSettings {
            sabotage: self.sabotage.clone(),
            decisions: (!events.is_empty()).then_some(events),
            lives: self.settings.lives.unwrap_or(defaults.lives),
            overrides: Overrides {
                page_size: self.settings.page_size,
                sector_size: self.settings.sector_size,
                clients: self.settings.clients,
                transactions: self.settings.transactions,
                durable: self.settings.durable,
                plan,
            },
            ..defaults
        })
    }

    /// Plays it and holds it to its verdict; returns what each run gave.
    ///
    /// # Errors
    /// [`Verdict`] of what went otherwise than the scenario says.
    pub fn play(&self, subject: &Arc<dyn Subject>) -> Result<Vec<RunOutcome>, Surprise> {
        let settings = self.settings_of_runs()?;
        let mut reached: BTreeSet<&'static str> = BTreeSet::new();
        let mut outcomes = Vec::new();
        for seed in self.seed..self.seed + self.seeds {
            let outcome = run(subject, seed, &settings);
            match (&outcome.failure, self.breaks) {
                (None, _) => {}
                (Some(failure), Some(promise)) if failure.promise == promise => {}
                (Some(failure), _) => {
                    return Err(Surprise::Failed { seed, failure: Box::new(failure.clone()) });
                }
            }
            reached.extend(outcome.world.calls().keys());
            outcomes.push(outcome);
        }
        if let Some(promise) = self.breaks
            && outcomes.iter().all(|outcome| outcome.failure.is_none())
        {
            return Err(Surprise::Passed { promise });
        }
        match self.reaches.iter().find(|label| !reached.contains(label.as_str())) {
            Some(label) => Err(Surprise::NotReached { label: label.clone() }),
            None => Ok(outcomes),
        }
    }
}

/// A scenario went otherwise than it says.
#[derive(Debug, thiserror::Error)]
pub enum Surprise {
    /// It cannot be played.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// It failed, or failed otherwise.
    #[error("seed {seed}: {failure}")]
    Failed {
        /// Which seed.
        seed: u64,
        /// What was broken.
        failure: Box<Failure>,
    },
    /// It should have failed.
    #[error("no run broke the promise it should break ({promise})")]
    Passed {
        /// The promise.
        promise: Promise,
    },
    /// It no longer goes where it should.
    #[error("no run reached {label}")]
    NotReached {
        /// The label.
        label: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
title = "The power fails between a commit's write and its sync"
seed = 7
profile = "power"
reaches = ["wal.commit.sync"]

[settings]
page_size = 512

[faults]
power-loss = 4000

[[event]]
fault = "power-loss"
task = "client-1"
at = "wal.commit.sync"
nth = 3

[[event]]
survivor = "any-sectors"
task = "client-1"
at = "wal.commit.sync"

[[event]]
survivor = "garbage"
task = "client-1"
at = "wal.commit.sync"
part = "sector"
index = 2

[[event]]
concern = "workload"
task = "client-1"
at = "torture.transaction"
options = 12
chosen = 1
"#;

    #[test]
    fn a_scenario_reads_back_as_it_was_printed() {
        let scenario = Scenario::from_toml(TEXT).expect("a sound scenario");
        let printed = scenario.to_toml().expect("every field has a TOML form");
        assert_eq!(Scenario::from_toml(&printed).expect("just printed"), scenario);
        let settings = scenario.settings_of_runs().expect("it names what exists");
        let decisions = settings.decisions.expect("it has events");
        assert_eq!(FaultKind::from_option(decisions[0].chosen), Some(FaultKind::PowerLoss));
        assert_eq!(
            (decisions[2].concern, decisions[2].options, decisions[2].chosen),
            (Concern::Survivor, 5, 2)
        );
        for (decision, event) in decisions.iter().zip(&scenario.events) {
            assert_eq!(ScenarioEvent::from_decision(decision), *event);
        }
    }

    #[test]
    fn what_does_not_exist_is_named() {
        let wrong = |from: &str, to: &str| {
            Scenario::from_toml(&TEXT.replace(from, to)).expect_err("it is wrong").to_string()
        };
        assert!(wrong("\"power\"", "\"powr\"").contains("profiles are calm"));
        assert!(wrong("\"power-loss\"", "\"power-los\"").contains("power-los"));
        assert!(wrong("power-loss = 4000", "power-less = 1").contains("power-less"));
        assert!(wrong("concern = \"workload\"", "").contains("event 4"));
        assert!(wrong("\"garbage\"", "\"gold\"").contains("gold"));
        assert!(wrong("title", "tittle").contains("tittle"));
    }
}
