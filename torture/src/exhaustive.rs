//! Every crash of a short scenario: after every call, with every survivor state, and again in the recovery after it.
//!
//! The scenario is run once for each of its calls and stopped there. Stops with the same disk and the same promises
//! made are one. At each, every representative of what a power loss could leave becomes a disk of its own; a disk that
//! was seen before under the same promises is not looked at again. On each a recovery runs to its end and is held
//! against the model; then it is run again and stopped after each of its own calls, and what those stops leave is
//! recovered and held against the model as well. Depth two is where it ends: recovery writes only what a second
//! recovery finds or ignores.

use crate::life::{Endings, Life, LifeRecord};
use crate::model::Model;
use crate::promise::{Failure, Promise};
use crate::run::{RunSettings, run};
use crate::scenario::{Scenario, ScenarioError};
use crate::stage::Shared;
use crate::subject::{Shape, Subject};
use crate::workload::mix::Mix;
use crate::workload::{Intensity, KeyValue, State, Transactions};
use crate::world_stage::WorldStage;
use faults::{Decisions, Plan};
use sim::disk::Disk;
use sim::{Stop, World, WorldConfig};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// States after which a search ends, whatever is left.
const STATES_MAX: u64 = 400_000;
/// Recoveries of the first depth in whose course crashes are tried as well: one in so many.
const NESTED_EVERY: u64 = 1;

/// What a search has seen.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Calls of the scenario.
    pub calls: u64,
    /// Stops at which disk or promises differed from the stop before.
    pub crash_points: u64,
    /// Disks built from survivors.
    pub states: u64,
    /// Distinct ones, recovered and compared.
    pub distinct: u64,
    /// Of these, those left by a crash in a recovery.
    pub nested: u64,
    /// Whether the search ended before it had seen everything, because it had seen so much.
    pub cut_short: bool,
    /// The first broken promise, and where.
    pub failure: Option<(String, Failure)>,
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} calls, {} crash points, {} states, {} distinct disks ({} of them left by a crash in recovery)",
            self.calls, self.crash_points, self.states, self.distinct, self.nested
        )?;
        match &self.failure {
            None if self.cut_short => write!(
                formatter,
                "all of these pass, but it was stopped after {STATES_MAX} states: take a shorter scenario to see all"
            ),
            None => formatter.write_str("all pass"),
            Some((place, failure)) => {
                write!(formatter, "broken: {}\nseen:   {} ({place})", failure.promise, failure.detail)
            }
        }
    }
}

struct Search<'a> {
    subject: &'a Arc<dyn Subject>,
    seed: u64,
    settings: RunSettings,
    found: Found,
    /// Hashes of disks that were looked at, with the number of promises made.
    seen: BTreeSet<(u64, usize, usize)>,
    progress: &'a mut dyn FnMut(&Found),
}

/// What a recovery needs to know.
struct Moment {
    disk: Disk,
    model: Model,
    shape: Shape,
}

/// Searches every crash of a scenario.
///
/// # Errors
/// When the scenario names what does not exist.
pub fn search(
    subject: &Arc<dyn Subject>,
    scenario: &Scenario,
    progress: &mut dyn FnMut(&Found),
) -> Result<Found, ScenarioError> {
    let settings = scenario.settings_of_runs()?;
    let mut search = Search {
        subject,
        seed: scenario.seed,
        settings,
        found: Found::default(),
        seen: BTreeSet::new(),
        progress,
    };
    search.all();
    Ok(search.found)
}

impl Search<'_> {
    fn all(&mut self) {
        let whole = run(self.subject, self.seed, &self.settings);
        if let Some(failure) = whole.failure {
            self.found.failure = Some(("without any crash".into(), failure));
            return;
        }
        self.found.calls = whole.steps;
        let mut before = None;
        for step in 1..=whole.steps {
            let settings = RunSettings { until: Some(step), ..self.settings.clone() };
            let outcome = run(self.subject, self.seed, &settings);
            let (disk, mut model) = (outcome.world.with_disk(|disk| disk.clone()), outcome.model());
            model.tasks_are_gone();
            let point = (
                disk.hash(false),
                disk.hash(true),
                disk.unsynced_count(),
                model.attempts().len(),
                model.promised(),
            );
            if before == Some(point) {
                continue;
            }
            before = Some(point);
            self.found.crash_points += 1;
            let moment = Moment { disk, model, shape: outcome.shape.clone() };
            self.survivors(&moment, &format!("crash after call {step}"), true);
            (self.progress)(&self.found);
            self.found.cut_short = self.found.states >= STATES_MAX;
            if self.found.failure.is_some() || self.found.cut_short {
                return;
            }
        }
    }

    /// Builds every disk that a power loss at this moment could leave, and recovers each.
    fn survivors(&mut self, moment: &Moment, place: &str, outer: bool) {
        for (number, survivor) in moment.disk.representatives().iter().enumerate() {
            self.found.states += 1;
            let mut disk = moment.disk.clone();
            disk.power_loss_with(survivor);
            let promises = (moment.model.attempts().len(), moment.model.promised());
            if !self.seen.insert((disk.hash(true), promises.0, promises.1)) {
                continue;
            }
            self.found.distinct += 1;
            self.found.nested += u64::from(!outer);
            let left = Moment { disk, model: moment.model.clone(), shape: moment.shape.clone() };
            let place = format!("{place}, survivors {number}");
            let calls = match recover(self.subject, &left, None) {
                Recovered::Sound { calls } => calls,
                Recovered::Broken(failure) => {
                    self.found.failure = Some((place, failure));
                    return;
                }
                Recovered::Stopped(_) => return,
            };
            if outer && self.found.distinct.is_multiple_of(NESTED_EVERY) {
                self.nested(&left, calls, &place);
            }
            if self.found.failure.is_some() {
                return;
            }
        }
    }

    /// The same recovery again, crashed after each of its calls.
    fn nested(&mut self, moment: &Moment, calls: u64, place: &str) {
        let mut before = None;
        for step in 1..calls {
            let Recovered::Stopped(disk) = recover(self.subject, moment, Some(step)) else { continue };
            let point = (disk.hash(false), disk.hash(true), disk.unsynced_count());
            if before == Some(point) {
                continue;
            }
            before = Some(point);
            let stopped = Moment { disk: *disk, model: moment.model.clone(), shape: moment.shape.clone() };
            self.survivors(&stopped, &format!("{place}, then after call {step} of the recovery"), false);
            if self.found.failure.is_some() {
                return;
            }
        }
    }
}

enum Recovered {
    Sound { calls: u64 },
    Broken(Failure),
    Stopped(Box<Disk>),
}

/// Opens, compares and checks a disk in a world of its own; or stops after so many calls.
fn recover(subject: &Arc<dyn Subject>, moment: &Moment, until: Option<u64>) -> Recovered {
    let config =
        WorldConfig { plan: Plan::none(), disk: moment.disk.config().clone(), ..WorldConfig::default() };
    let world = World::new(config, Decisions::tame(0));
    world.with_disk(|disk| *disk = moment.disk.clone());
    if let Some(step) = until {
        world.stop_at_step(step);
    }
    let state = Shared::new(State::with_model(moment.model.clone()));
    let life = Life {
        stage: WorldStage::new(world.clone(), moment.shape.page_size),
        subject: subject.clone(),
        shape: moment.shape.clone(),
        state: state.clone(),
        intensity: Intensity { transactions: Transactions::Each(0), accounting: 0 },
        workload: KeyValue::workload(),
        mix: Arc::new(Mix::usual()),
        clients: 0,
        act: None,
        strict: false,
        endings: Endings::Leave,
        cache_kept: false,
        restless: false,
        record: Shared::new(LifeRecord::default()),
    };
    match world.run(move || life.live()) {
        Stop::Paused { .. } => Recovered::Stopped(Box::new(world.with_disk(|disk| disk.clone()))),
        Stop::Finished => match state.with(|state| state.failure.clone()) {
            Some(failure) => Recovered::Broken(failure),
            None => Recovered::Sound { calls: world.step() },
        },
        stop => Recovered::Broken(Failure::new(Promise::EndsInTime, stop.to_string())),
    }
}
