//! Scenario files: a run told in TOML, to be read, replayed, and held to its verdict.
//!
//! A scenario is one of three things, all of which keep their meaning when the code changes:
//!
//! * a *story*: its lives are told (`[[life]]`: which client does what, and how it ends), and so are its events (which
//!   call of which client fails or crashes, which unsynced writes survive). Nothing in it is drawn. It must go exactly as
//!   told: every event happens, nothing is lost, and so many commits are acknowledged or unknown. It is played once
//!   for each of its sector sizes, and it names the calls without which it must fail (`fails_without`);
//! * what a *minimiser* leaves of a failing seed: the choices that were not the tame ones, by name;
//! * a *stretch* of seeds under a fixed plan of faults, with the marks that some of them must reach.

mod event;
mod told;

pub use event::{Leaves, ScenarioEvent};
pub use told::ToldLife;

use crate::profile::Profile;
use crate::promise::{Failure, Promise};
use crate::run::{Overrides, RunOutcome, RunSettings, run};
use crate::subject::Subject;
use crate::workload::script::ScriptError;
use event::Crashes;
use faults::{Concern, Drift, FaultKind, Part, Plan};
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
    /// Labels without each of which the story fails: sabotaged one after the other, they show that it tests something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fails_without: Vec<String>,
    /// Sector sizes at each of which it is played: 512, 4096, or 0 for no atomicity at all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sector_sizes: Vec<usize>,
    /// How many commits are acknowledged, that of the set-up included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged: Option<u64>,
    /// How many commits end without anyone being able to tell what came of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<u64>,
    /// Settings that are fixed rather than drawn.
    #[serde(default, skip_serializing_if = "ScenarioSettings::is_empty")]
    pub settings: ScenarioSettings,
    /// Faults by kind, each so many times in a million calls at which it can happen; the profile's if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<BTreeMap<String, u32>>,
    /// What happens in each life, if that is told and not drawn.
    #[serde(default, rename = "life", skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<ToldLife>,
    /// What each client said in each life, where the workload is statements: for whoever reads it, and held against what they
    /// say when it is played again, for the choices decide that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<BTreeMap<String, Vec<String>>>,
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
    /// Pages of cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_pages: Option<usize>,
    /// Bytes of a log segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_segment_bytes: Option<u64>,
    /// Log bytes between checkpoints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_log_bytes: Option<u64>,
    /// Log bytes from which a transaction commits by its roots.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub large_commit_bytes: Option<usize>,
    /// Whether checkpoints run on a task of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub background: Option<bool>,
}

impl ScenarioSettings {
    fn is_empty(&self) -> bool {
        *self == ScenarioSettings::default()
    }

    fn of_run(settings: &RunSettings) -> ScenarioSettings {
        let fixed = &settings.overrides;
        ScenarioSettings {
            lives: Some(settings.lives),
            page_size: fixed.page_size,
            sector_size: fixed.sector_size,
            clients: fixed.clients,
            transactions: fixed.transactions,
            durable: fixed.durable,
            cache_pages: fixed.cache_pages,
            log_segment_bytes: fixed.log_segment_bytes,
            checkpoint_log_bytes: fixed.checkpoint_log_bytes,
            large_commit_bytes: fixed.large_commit_bytes,
            background: fixed.background,
        }
    }

    fn overrides(&self, plan: Option<Plan>) -> Overrides {
        Overrides {
            page_size: self.page_size,
            sector_size: self.sector_size,
            clients: self.clients,
            transactions: self.transactions,
            durable: self.durable,
            cache_pages: self.cache_pages,
            log_segment_bytes: self.log_segment_bytes,
            checkpoint_log_bytes: self.checkpoint_log_bytes,
            large_commit_bytes: self.large_commit_bytes,
            background: self.background,
            plan,
        }
    }
}

/// What the clients of a run said.
fn script_of(outcome: &RunOutcome) -> Vec<BTreeMap<String, Vec<String>>> {
    let lives = outcome.told.iter();
    lives.map(|clients| clients.iter().cloned().collect()).collect()
}

fn one() -> u64 {
    1
}

fn is_one(count: &u64) -> bool {
    *count == 1
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
    /// A client's line that says nothing that can be done.
    #[error(transparent)]
    Script(#[from] ScriptError),
    /// Lives of a workload whose lives cannot be told.
    #[error("the clients of profile sql do what the choices say; what they do cannot be told")]
    ToldStatements,
    /// An event without a choice.
    #[error("event {number} at {at} names neither a fault nor a survivor nor a concern")]
    Event {
        /// Counted from 1.
        number: usize,
        /// Its call.
        at: String,
    },
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
            fails_without: Vec::new(),
            sector_sizes: Vec::new(),
            acknowledged: None,
            unknown: None,
            settings: ScenarioSettings::of_run(settings),
            faults: None,
            told: Vec::new(),
            script: script_of(outcome),
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
        let mut crashes = Crashes::new();
        let mut decisions = Vec::new();
        for (index, event) in self.events.iter().enumerate() {
            decisions.extend(event.to_decisions(index + 1, &mut crashes)?);
        }
        if profile.has_language() && !self.told.is_empty() {
            return Err(ScenarioError::ToldStatements);
        }
        let plot = told::plot(&self.told, &mut decisions, &mut crashes)?;
        let defaults = RunSettings::new(profile);
        Ok(RunSettings {
            sabotage: self.sabotage.clone(),
            decisions: (!decisions.is_empty() || plot.is_some()).then_some(decisions),
            lives: plot
                .as_ref()
                .map_or(self.settings.lives.unwrap_or(defaults.lives), |plot| plot.len() as u32),
            overrides: self.settings.overrides(self.plan()?),
            plot,
            ..defaults
        })
    }

    fn plan(&self) -> Result<Option<Plan>, ScenarioError> {
        let Some(rates) = &self.faults else { return Ok(None) };
        let mut plan = Plan::none();
        for (name, rate) in rates {
            let kind =
                FaultKind::from_name(name).ok_or_else(|| ScenarioError::Fault { name: name.clone() })?;
            plan = plan.with(kind, *rate);
        }
        Ok(Some(plan))
    }

    /// The scenario at each of its sector sizes.
    pub fn variants(&self) -> Vec<Scenario> {
        if self.sector_sizes.is_empty() {
            return vec![self.clone()];
        }
        let at = |&size: &usize| {
            let settings = ScenarioSettings { sector_size: Some(size), ..self.settings.clone() };
            Scenario { settings, sector_sizes: Vec::new(), ..self.clone() }
        };
        self.sector_sizes.iter().map(at).collect()
    }

    /// Plays it and holds it to its verdict; returns what each run gave.
    ///
    /// # Errors
    /// [`Surprise`] of what went otherwise than the scenario says.
    pub fn play(&self, subject: &Arc<dyn Subject>) -> Result<Vec<RunOutcome>, Surprise> {
        let mut outcomes = Vec::new();
        for variant in self.variants() {
            outcomes.extend(variant.play_one(subject)?);
        }
        Ok(outcomes)
    }

    /// Whether it fails, at some sector size, when the calls at `label` do nothing.
    ///
    /// # Errors
    /// When it names what does not exist.
    pub fn notices_loss_of(&self, subject: &Arc<dyn Subject>, label: &str) -> Result<bool, ScenarioError> {
        for variant in self.variants() {
            let settings = variant.settings_of_runs()?;
            let settings = RunSettings { sabotage: Some(label.to_owned()), ..settings };
            let sound = (self.seed..self.seed + self.seeds)
                .all(|seed| run(subject, seed, &settings).failure.is_none());
            if sound {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn play_one(&self, subject: &Arc<dyn Subject>) -> Result<Vec<RunOutcome>, Surprise> {
        let settings = self.settings_of_runs()?;
        let mut reached: BTreeSet<&'static str> = BTreeSet::new();
        let mut outcomes = Vec::new();
        for seed in self.seed..self.seed + self.seeds {
            let outcome = run(subject, seed, &settings);
            match (&outcome.failure, self.breaks) {
                (None, _) => {}
                (Some(failure), Some(promise)) if failure.promise == promise => {}
                (Some(failure), _) => {
                    let sector = self.settings.sector_size;
                    return Err(Surprise::Failed { seed, sector, failure: Box::new(failure.clone()) });
                }
            }
            self.goes_as_told(&outcome)?;
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

    /// A told run goes exactly as told.
    ///
    /// # Errors
    /// [`Surprise`] of what did not.
    pub fn goes_as_told(&self, outcome: &RunOutcome) -> Result<(), Surprise> {
        // Where the failure is mended, the clients go on.
        let said = script_of(outcome);
        let begins_so = |(life, clients): (usize, &BTreeMap<String, Vec<String>>)| {
            clients.iter().all(|(name, lines)| {
                let said = said.get(life).and_then(|clients| clients.get(name));
                said.is_some_and(|said| said.starts_with(lines))
            })
        };
        if !self.script.iter().enumerate().all(begins_so) {
            return Err(Surprise::SaidOtherwise);
        }
        if self.told.is_empty() {
            return Ok(());
        }
        // A story that is also played without one of its syncs tells the fate of writes that are synced otherwise.
        let happens =
            |drift: &Drift| drift.decision.concern == Concern::Survivor && drift.decision.part != Part::Whole;
        if let Some(drift) = outcome.drifted().into_iter().find(|drift| !happens(drift)) {
            return Err(Surprise::DidNotHappen(Box::new(drift)));
        }
        let counts = [
            ("acknowledged", self.acknowledged, outcome.report.commits_acknowledged),
            ("unknown", self.unknown, outcome.report.commits_unknown),
        ];
        for (what, told, found) in counts {
            if let Some(told) = told.filter(|told| *told != found) {
                return Err(Surprise::Counted { what, told, found });
            }
        }
        Ok(())
    }
}

/// A scenario went otherwise than it says.
#[derive(Debug, thiserror::Error)]
pub enum Surprise {
    /// It cannot be played.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// It failed, or failed otherwise.
    #[error("seed {seed}{}: {failure}", told::at_sector(*sector))]
    Failed {
        /// Which seed.
        seed: u64,
        /// At which sector size, if the scenario says one.
        sector: Option<usize>,
        /// What was broken.
        failure: Box<Failure>,
    },
    /// It should have failed.
    #[error("no run broke the promise it should break ({promise})")]
    Passed {
        /// The promise.
        promise: Promise,
    },
    /// An event of a story did not happen.
    #[error(
        "it did not go as told: {}'s choice number {} at {} ({:?}) never came up",
        .0.decision.task, .0.decision.nth, .0.decision.label, .0.decision.part
    )]
    DidNotHappen(Box<Drift>),
    /// The clients said something else than the script says.
    #[error("it did not go as told: the clients no longer say what the script says")]
    SaidOtherwise,
    /// A story ended with another number of commits.
    #[error("it did not go as told: {told} commits should be {what}, {found} are")]
    Counted {
        /// What was counted.
        what: &'static str,
        /// How many there should be.
        told: u64,
        /// How many there are.
        found: u64,
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
