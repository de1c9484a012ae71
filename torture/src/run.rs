//! One run: a seed and a profile, a world, several lives in it, a verdict.

use crate::life::{Endings, Life, LifeRecord, Verdict};
use crate::model::Model;
use crate::profile::Profile;
use crate::promise::{Failure, Promise};
use crate::report::{FailedRun, FaultCounts, Report};
use crate::stage::Shared;
use crate::subject::{MAIN, Shape, Subject};
use crate::workload::mix::Mix;
use crate::workload::script::Act;
use crate::workload::{Intensity, KeyValue, State, Transactions, Workload};
use crate::world_stage::WorldStage;
use faults::survivor::Device;
use faults::{Concern, Decision, Decisions, Drift, FaultKind, Ledger, Plan, Verdict as FaultVerdict};
use rand_core::Rng as _;
use sim::disk::DiskConfig;
use sim::{Aftermath, Limits, Recording, Scheduling, Stop, World, WorldConfig};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Commits without which a cycle does not count.
pub const COMMITS_OF_A_CYCLE: usize = 20;

/// Levels of pages that the trees of rows must have for a cycle to count.
pub const LEVELS_OF_A_CYCLE: u32 = 3;

/// What is run, and how much of it is kept.
#[derive(Debug, Clone)]
pub struct RunSettings {
    /// The profile.
    pub profile: Profile,
    /// Labels whose calls silently do nothing.
    pub sabotage: Option<String>,
    /// The named choices of an earlier run; without them the seed decides.
    pub decisions: Option<Vec<Decision>>,
    /// How much of the trace is kept.
    pub keep: Keep,
    /// Stops at this step.
    pub until: Option<u64>,
    /// Lives; the last one, which only looks, comes on top.
    pub lives: u32,
    /// Settings that stand in for drawn ones.
    pub overrides: Overrides,
    /// What happens in each life, if that is told and not drawn.
    pub plot: Option<Arc<Vec<Act>>>,
}

/// How much of a trace is kept; the hash always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Only the hash.
    Nothing,
    /// The last so many events.
    Last(usize),
    /// Every event.
    Everything,
}

/// Settings of the engine and the workload that a scenario fixes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Bytes per page.
    pub page_size: Option<usize>,
    /// What a torn write damages, and what the engine is told: 512, 4096, or 0 for no atomicity at all.
    pub sector_size: Option<usize>,
    /// Clients at most.
    pub clients: Option<u32>,
    /// Transactions of each client.
    pub transactions: Option<u32>,
    /// Whether commits wait for their sync.
    pub durable: Option<bool>,
    /// Pages of cache.
    pub cache_pages: Option<usize>,
    /// Bytes of a log segment.
    pub log_segment_bytes: Option<u64>,
    /// Log bytes between checkpoints.
    pub checkpoint_log_bytes: Option<u64>,
    /// Log bytes from which a transaction commits by its roots.
    pub large_commit_bytes: Option<usize>,
    /// Whether checkpoints run on a task of their own.
    pub background: Option<bool>,
    /// No fault but those that the choices name.
    pub plan: Option<Plan>,
}

impl RunSettings {
    /// A plain run of `profile`.
    pub fn new(profile: Profile) -> RunSettings {
        RunSettings {
            profile,
            sabotage: None,
            decisions: None,
            keep: Keep::Nothing,
            until: None,
            lives: match profile {
                Profile::Cycles => 20,
                Profile::Restless => 24,
                Profile::Faults(_) | Profile::Accounting => 8,
                Profile::Sql | Profile::Server => 4,
            },
            overrides: Overrides::default(),
            plot: None,
        }
    }
}

/// What came of a run.
pub struct RunOutcome {
    /// Its counts, with the failure if there is one.
    pub report: Report,
    /// The broken promise, if there is one.
    pub failure: Option<Failure>,
    /// The rolling hash of the trace.
    pub hash: u64,
    /// Environment calls.
    pub steps: u64,
    /// Whether it was stopped on request, before its end.
    pub paused: bool,
    /// The world as it stands, for trace and disk.
    pub world: World,
    /// The engine's settings.
    pub shape: Shape,
    /// What each client of each life did, where there are words for it.
    pub told: Vec<Vec<(String, Vec<String>)>>,
    state: Arc<Shared<State>>,
}

impl RunOutcome {
    /// The choices that were not the default: with the seed, all that a replay needs.
    pub fn decisions(&self) -> Vec<Decision> {
        self.world.with_decisions(|decisions| decisions.deviations())
    }

    /// How many choices of a replayed log did not fit.
    pub fn drift(&self) -> usize {
        self.drifted().len()
    }

    /// The choices of a replayed log that did not fit.
    pub fn drifted(&self) -> Vec<Drift> {
        self.world.with_decisions(|decisions| decisions.drift())
    }

    /// The reference model as it stands.
    pub fn model(&self) -> Model {
        self.state.with(|state| state.model.clone())
    }

    /// The files of the simulated disk, as a reader would see them.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.world.with_disk(|disk| disk.cached_image())
    }
}

/// Runs a seed.
pub fn run(subject: &Arc<dyn Subject>, seed: u64, settings: &RunSettings) -> RunOutcome {
    let mut decisions = match &settings.decisions {
        Some(log) => Decisions::replay(seed, log),
        None => Decisions::seeded(seed),
    };
    if settings.decisions.is_some() {
        // A log names every choice that was not the default, the workload's included.
        decisions.set_source(Concern::Workload, faults::Source::Tame);
    }
    let drawn = Drawn::draw(&decisions, settings);
    let language = subject.language().filter(|_| settings.profile.has_language());
    let config = world_config(seed, &decisions, settings, drawn.device);
    let config = match &language {
        Some(language) => WorldConfig { stack_bytes: language.stack_bytes(), ..config },
        None => config,
    };
    let world = World::new(config, decisions);
    let mut run = Run {
        stage: WorldStage::new(world.clone(), drawn.shape.page_size),
        world,
        subject: language.as_ref().map_or_else(|| subject.clone(), |language| language.subject()),
        workload: language
            .as_ref()
            .map_or_else(KeyValue::workload, |language| language.workload(settings.profile)),
        state: Shared::new(State::new(drawn.shape.durable)),
        drawn,
        settings,
        report: Report::new(),
        paused: false,
        crashed: false,
        cache_kept: false,
        compared: false,
    };
    if let Some(step) = settings.until {
        run.world.stop_at_step(step);
    }
    if settings.profile.has_language() && language.is_none() {
        run.broken(Failure::new(Promise::NoFalseAlarm, "this engine has no language to run statements of"));
    } else {
        run.live_all();
    }
    run.outcome(seed)
}

fn world_config(seed: u64, decisions: &Decisions, settings: &RunSettings, device: Device) -> WorldConfig {
    let plan = match &settings.overrides.plan {
        Some(plan) => plan.clone(),
        None => settings.profile.plan(decisions),
    };
    let needs_history = [FaultKind::StaleRead, FaultKind::FileReplaced];
    let disk = DiskConfig {
        device,
        history: settings.decisions.is_some() || needs_history.iter().any(|kind| plan.rate(*kind) > 0),
        ..DiskConfig::default()
    };
    WorldConfig {
        plan,
        disk,
        scheduling: Scheduling::draw(decisions),
        limits: Limits { steps: 2_000_000, time: Duration::from_secs(4 * 3600), ..Limits::default() },
        recording: match settings.keep {
            Keep::Nothing => Recording::Off,
            Keep::Last(count) => Recording::Last(count),
            Keep::Everything => Recording::All,
        },
        aftermath: aftermath(seed).filter(|_| settings.sabotage.is_some() && settings.plot.is_none()),
        sabotage: settings.sabotage.iter().cloned().collect::<BTreeSet<String>>(),
        ..WorldConfig::default()
    }
}

/// Sabotage shows when the power fails soon after the call that did nothing: at once, in the recovery that it was part of,
/// or after what was built on it has been seen. In a quarter of the seeds all goes on for as long as it may.
fn aftermath(seed: u64) -> Option<Aftermath> {
    let aftermath = |calls, power_losses| Some(Aftermath { calls, power_losses });
    match seed / 4 % 4 {
        0 => aftermath(10, 150_000),
        1 => aftermath(60, 30_000),
        2 => aftermath(300, 6_000),
        _ => None,
    }
}

/// What a run draws besides its faults.
struct Drawn {
    shape: Shape,
    intensity: Intensity,
    clients: u32,
    mix: Arc<Mix>,
    device: Device,
}

impl Drawn {
    fn draw(decisions: &Decisions, settings: &RunSettings) -> Drawn {
        let mut stream = decisions.split(Concern::Workload, "shape", 0);
        let mut pick = |options: &[u64]| options[stream.next_u32() as usize % options.len()];
        let overrides = &settings.overrides;
        // Bare cycles are about speed; elsewhere a cache of a handful of pages is a fault of its own.
        let cache_pages: &[u64] = match settings.profile {
            Profile::Cycles => &[600],
            Profile::Faults(_) | Profile::Accounting | Profile::Restless | Profile::Sql | Profile::Server => {
                &[16, 32, 80, 400, 400]
            }
        };
        let page_size = match settings.profile {
            // With larger pages these trees would not be three levels deep.
            Profile::Cycles => pick(&[512]) as usize,
            Profile::Faults(_) | Profile::Accounting | Profile::Restless => {
                pick(&[512, 512, 512, 512, 1024, 4096]) as usize
            }
            Profile::Sql | Profile::Server => pick(&[512, 1024, 4096, 4096]) as usize,
        };
        // 0 stands for no atomicity at all, which the engine cannot be told and must bear at any size.
        let sector_size = overrides.sector_size.unwrap_or(pick(&[512, 512, 512, 4096, 0]) as usize);
        let device =
            Device { sector: if sector_size == 4096 { 4096 } else { 512 }, atomic: sector_size != 0 };
        let shape = Shape {
            page_size,
            cache_bytes: pick(cache_pages) as usize * page_size.max(512),
            log_segment_bytes: pick(&[16, 32, 64]) << 10,
            sector_size: device.sector as usize,
            checkpoint_log_bytes: pick(&[6, 12, 24, 60]) << 10,
            large_commit_bytes: pick(&[1500, 4000, 20_000]) as usize,
            lock_bytes: 32 << 20,
            serializable_bytes: 16 << 20,
            deadlock_timeout_ms: 0,
            durable: pick(&[1, 1, 1, 1, 1, 1, 1, 0]) == 1,
            background: pick(&[1, 1, 1, 0]) == 1,
        };
        let shape = match &settings.plot {
            None => shape,
            Some(_) => told_shape(device),
        };
        let shape = fix(shape, overrides);
        let clients = overrides.clients.unwrap_or(pick(&[1, 3, 3, 4, 6]) as u32);
        let transactions = transactions(settings, clients);
        let intensity = Intensity { transactions, accounting: settings.profile.accounting() };
        let (shape, mix) = match (settings.profile, &settings.plot) {
            // Bare cycles are about speed here, too.
            (Profile::Cycles, None) => (shape, Mix::bare()),
            // What is not durable when it is acknowledged is left to the key-value transactions.
            (Profile::Sql | Profile::Server, None) => (Shape { durable: true, ..shape }, Mix::usual()),
            (_, Some(_)) => (shape, Mix::usual()),
            (Profile::Faults(_) | Profile::Accounting | Profile::Restless, None) => {
                strained(shape, settings.profile, &mut pick)
            }
        };
        Drawn { shape, intensity, clients, mix: Arc::new(mix), device }
    }
}

/// How many transactions clients try.
fn transactions(settings: &RunSettings, clients: u32) -> Transactions {
    match (settings.overrides.transactions, clients, settings.profile) {
        (Some(count), _, _) => Transactions::Each(count),
        // A cycle that counts, and no more.
        (None, _, Profile::Cycles) => Transactions::UntilAcknowledged(COMMITS_OF_A_CYCLE),
        (None, _, Profile::Restless) => Transactions::Each(2),
        (None, 1, Profile::Sql) => Transactions::Each(24),
        (None, _, Profile::Sql) => Transactions::Each(8),
        (None, _, Profile::Server) => Transactions::Each(10),
        (None, 1, Profile::Faults(_) | Profile::Accounting) => Transactions::Each(40),
        (None, 3, Profile::Faults(_) | Profile::Accounting) => Transactions::Each(16),
        (None, 4, Profile::Faults(_) | Profile::Accounting) => Transactions::Each(12),
        (None, _, Profile::Faults(_) | Profile::Accounting) => Transactions::Each(9),
    }
}

/// A mix of its own, and limits on what locks and serialisable transactions may remember.
fn strained(shape: Shape, profile: Profile, pick: &mut dyn FnMut(&[u64]) -> u64) -> (Shape, Mix) {
    let shape = Shape {
        lock_bytes: pick(&[32 << 20, 32 << 20, 2 << 10]) as usize,
        serializable_bytes: pick(&[16 << 20, 16 << 20, 6 << 10, 1 << 10]) as usize,
        deadlock_timeout_ms: pick(&[0, 0, 1]),
        ..shape
    };
    let mixes: &[u64] = match profile {
        // What reads on beside a commit that is unknown tells most where lists are read.
        Profile::Faults(faults::Profile::Fsyncgate) => &[0, 1, 1, 1, 2, 3, 4, 5],
        Profile::Faults(_)
        | Profile::Accounting
        | Profile::Restless
        | Profile::Cycles
        | Profile::Sql
        | Profile::Server => &[0, 0, 1, 1, 2, 3, 4, 5],
    };
    (shape, Mix::of(pick(mixes)))
}

/// The settings of a told run where it does not say its own: nothing happens by itself in it.
fn told_shape(device: Device) -> Shape {
    Shape {
        page_size: 512,
        cache_bytes: 1 << 20,
        log_segment_bytes: 64 << 10,
        sector_size: device.sector as usize,
        checkpoint_log_bytes: 1 << 30,
        large_commit_bytes: 20_000,
        lock_bytes: 32 << 20,
        serializable_bytes: 16 << 20,
        deadlock_timeout_ms: 0,
        durable: true,
        background: false,
    }
}

fn fix(shape: Shape, fixed: &Overrides) -> Shape {
    let page_size = fixed.page_size.unwrap_or(shape.page_size);
    Shape {
        page_size,
        cache_bytes: fixed.cache_pages.map_or(shape.cache_bytes, |pages| pages * page_size),
        log_segment_bytes: fixed.log_segment_bytes.unwrap_or(shape.log_segment_bytes),
        checkpoint_log_bytes: fixed.checkpoint_log_bytes.unwrap_or(shape.checkpoint_log_bytes),
        large_commit_bytes: fixed.large_commit_bytes.unwrap_or(shape.large_commit_bytes),
        durable: fixed.durable.unwrap_or(shape.durable),
        background: fixed.background.unwrap_or(shape.background),
        ..shape
    }
}

/// What follows a life.
enum After {
    /// Another one.
    Another,
    /// Nothing can be asked of the database any more; the faults still have to be answered for.
    Lost,
    /// The run was stopped or has failed.
    Nothing,
}

struct Run<'a> {
    world: World,
    stage: Arc<WorldStage>,
    subject: Arc<dyn Subject>,
    workload: Arc<dyn Workload>,
    state: Arc<Shared<State>>,
    drawn: Drawn,
    settings: &'a RunSettings,
    report: Report,
    paused: bool,
    /// A crash lies between the last comparison and now.
    crashed: bool,
    /// The last life has left its page cache behind.
    cache_kept: bool,
    /// The last life compared everything and changed nothing.
    compared: bool,
}

impl Run<'_> {
    fn live_all(&mut self) {
        let mut lost = false;
        // Peace comes last: no fault, no client. What is there then must be right, readable, and closable.
        for life in 0..=self.settings.lives {
            let working = life < self.settings.lives;
            if !working {
                self.world.set_plan(Plan::none());
            }
            match self.live(life, working) {
                After::Another => {}
                // What was destroyed ends a run early, and the books are closed all the same.
                After::Lost => {
                    lost = true;
                    break;
                }
                After::Nothing => return,
            }
        }
        self.close_the_books(lost);
    }

    /// One life, and what may follow.
    fn live(&mut self, number: u32, working: bool) -> After {
        let record = Shared::new(LifeRecord::default());
        self.state.with(|state| {
            state.life = number;
            state.halted = false;
            state.lost = false;
            state.cancellers.clear();
        });
        let act = match &self.settings.plot {
            Some(plot) if working => plot.get(number as usize).cloned(),
            Some(_) | None => None,
        };
        let life = Life {
            stage: self.stage.clone(),
            subject: self.subject.clone(),
            shape: self.drawn.shape.clone(),
            state: self.state.clone(),
            intensity: self.drawn.intensity,
            workload: self.workload.clone(),
            mix: self.drawn.mix.clone(),
            clients: if working { self.drawn.clients } else { 0 },
            act,
            strict: self.settings.plot.is_some(),
            endings: if working { self.settings.profile.endings() } else { Endings::Leave },
            cache_kept: self.cache_kept,
            restless: self.settings.profile == Profile::Restless,
            record: record.clone(),
        };
        let stop = self.world.run(move || life.live());
        self.state.with(|state| self.workload.tasks_are_gone(state));
        let record = record.with(|record| record.clone());
        if stop == Stop::Finished && matches!(record.verdict, Verdict::Left | Verdict::Lost) {
            self.world.with_ledger(|ledger| ledger.left(record.faults_before_end));
        }
        if stop == Stop::Finished && record.verdict == Verdict::Closed {
            self.world.with_ledger(Ledger::closed);
        }
        let enough = record.commits_compared >= COMMITS_OF_A_CYCLE && record.levels >= LEVELS_OF_A_CYCLE;
        if self.crashed && record.compared && enough {
            self.report.cycles += 1;
        }
        self.cache_kept = match stop {
            Stop::Crashed { power, .. } => !power,
            Stop::Finished => record.verdict != Verdict::Closed,
            Stop::Deadlock { .. }
            | Stop::TimeLimit { .. }
            | Stop::Panicked { .. }
            | Stop::Stuck { .. }
            | Stop::Paused { .. } => true,
        };
        self.compared = record.compared && !working;
        self.crashed &= !record.compared;
        self.crashed |= matches!(stop, Stop::Crashed { .. });
        let goes_on = self.judge_stop(&stop);
        let failed = self.state.with(|state| state.failure.is_some());
        match record.verdict {
            _ if !goes_on || failed => After::Nothing,
            Verdict::Lost => After::Lost,
            Verdict::Cut | Verdict::Left | Verdict::Closed => After::Another,
        }
    }

    fn judge_stop(&mut self, stop: &Stop) -> bool {
        let promise = match stop {
            Stop::Finished => return true,
            Stop::Crashed { .. } => {
                self.report.crashes += 1;
                return true;
            }
            Stop::Paused { .. } => {
                self.paused = true;
                return false;
            }
            Stop::Deadlock { .. } => Promise::NoDeadlock,
            Stop::TimeLimit { .. } | Stop::Stuck { .. } => Promise::EndsInTime,
            Stop::Panicked { .. } => Promise::NoPanic,
        };
        self.broken(Failure::new(promise, stop.to_string()));
        false
    }

    /// A promise is broken; the first one counts.
    fn broken(&self, failure: Failure) {
        let step = self.world.step();
        self.state.with(|state| {
            let life = state.life;
            state.failure.get_or_insert(Failure { step, life, ..failure });
        });
    }

    /// Every injected fault must be answered for.
    fn close_the_books(&mut self, lost: bool) {
        let open = self.world.with_ledger(|ledger| {
            ledger.settled();
            if lost {
                ledger.abandoned();
            }
            ledger.ended();
            ledger.unclosed().next().map(ToString::to_string)
        });
        if let Some(fault) = open {
            self.broken(Failure::new(Promise::FaultsAreAnswered, fault));
        }
    }

    /// What the lists show of the isolation that transactions had, over the whole run.
    fn judge_isolation(&mut self) {
        let (step, compared) = (self.world.step(), self.compared);
        self.state.with(|state| {
            if self.paused || state.failure.is_some() {
                return;
            }
            let last = compared.then(|| state.model.certain(MAIN)).flatten();
            if let Err(failure) = state.chronicle.judge(state.model.attempts(), last) {
                state.failure = Some(Failure { step, life: state.life, ..failure });
            }
        });
    }

    fn outcome(mut self, seed: u64) -> RunOutcome {
        self.judge_isolation();
        let failure = self.state.with(|state| state.failure.clone());
        self.count();
        let hash = self.world.hash();
        if let Some(failure) = &failure {
            self.report.failures.push(FailedRun {
                seed,
                profile: self.settings.profile.name().to_owned(),
                sabotage: self.settings.sabotage.clone(),
                failure: failure.clone(),
                trace_hash: hash,
            });
        }
        RunOutcome {
            report: self.report,
            failure,
            hash,
            steps: self.world.step(),
            paused: self.paused,
            world: self.world,
            shape: self.drawn.shape,
            told: self.workload.told(),
            state: self.state,
        }
    }

    fn count(&mut self) {
        let report = &mut self.report;
        report.runs.insert(self.settings.profile.name().to_owned(), 1);
        let owned = |counts: BTreeMap<&'static str, u64>| {
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
        };
        report.crashes_by_label = owned(self.world.crashes());
        report.marks = owned(self.world.marks());
        report.steps = self.world.step();
        report.virtual_microseconds = self.world.time().as_micros() as u64;
        self.state.with(|state| {
            let counts = self.workload.counts(state);
            report.commits_acknowledged = counts.acknowledged;
            report.commits_verified = counts.verified;
            report.commits_unknown = counts.unknown;
            report.reads_verified = counts.reads_verified;
            report.transactions_refused = state.refused;
            report.accountings = state.accountings;
        });
        self.world.with_ledger(|ledger| {
            for fault in ledger.faults() {
                let counts = report.faults.entry(fault.kind.name().to_owned()).or_default();
                count_fault(counts, fault);
            }
        });
    }
}

fn count_fault(counts: &mut FaultCounts, fault: &faults::Fault) {
    counts.injected += 1;
    let Some(closing) = &fault.closing else {
        counts.unclosed += 1;
        return;
    };
    match closing.verdict() {
        None => counts.not_reached += 1,
        Some(FaultVerdict::Masked) => counts.masked += 1,
        Some(FaultVerdict::Reported) => counts.reported += 1,
        Some(FaultVerdict::Unknown) => counts.unknown += 1,
        Some(FaultVerdict::LostReported) => counts.lost_reported += 1,
        Some(FaultVerdict::Silent) => counts.silent += 1,
    }
}

/// The database's path, for whoever opens a dumped disk.
pub fn database_path() -> &'static Path {
    Path::new(crate::life::DATABASE)
}
