//! The world, as whoever drives a simulation holds it.

use crate::config::{Scheduling, WorldConfig};
use crate::core::{Core, Shared};
use crate::disk::Disk;
use crate::environment::SimEnv;
use crate::stop::Stop;
use crate::tasks::{Doom, Task};
use crate::thread_bound::ThreadBound;
use crate::trace::TraceEntry;
use crate::unwind::Unwound;
use env::{Env, Label};
use faults::{Chance, Concern, Decisions, FaultKind, Ledger, Operation, Place, Plan};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

/// The engine's process in a world with one process.
pub const MAIN_PROCESS: u32 = 1;

/// A seeded world: disk, clocks, entropy, tasks. It lives over many crashes: disk and clock survive, tasks do not.
///
/// A clone is another handle to the same world, and may be carried into tasks. All use is bound to the thread that
/// made it.
#[derive(Clone)]
pub struct World {
    shared: Shared,
}

/// The code was cancelled; see [`World::cancel_after`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cancelled;

impl World {
    /// A world at its beginning: an empty disk.
    pub fn new(config: WorldConfig, decisions: Decisions) -> World {
        World { shared: Arc::new(ThreadBound::new(Core::new(config, decisions))) }
    }

    fn core(&self) -> &Core {
        self.shared.get()
    }

    /// The environment of the main process.
    pub fn env(&self) -> Arc<dyn Env> {
        self.env_of(MAIN_PROCESS)
    }

    /// The environment of another process on the same disk. Tasks spawned through it belong to that process.
    pub fn env_of(&self, process: u32) -> Arc<dyn Env> {
        Arc::new(SimEnv::new(Arc::clone(&self.shared), process))
    }

    /// Runs `main` as the first task of the main process, until every task has ended or the run came to a stop.
    ///
    /// After a crash the disk is what survived, and the next run may start at once.
    pub fn run(&self, main: impl FnOnce() + 'static) -> Stop {
        Core::run(&self.shared, main)
    }

    /// The rolling hash over everything that has happened.
    pub fn hash(&self) -> u64 {
        self.core().state().trace.hash()
    }

    /// How many environment calls were made.
    pub fn step(&self) -> u64 {
        self.core().state().step
    }

    /// Virtual time, as no faulty clock shows it.
    pub fn time(&self) -> Duration {
        self.core().state().clock.time()
    }

    /// The kept events.
    pub fn trace(&self) -> Vec<TraceEntry> {
        self.core().state().trace.entries().copied().collect()
    }

    /// The kept events, one line each.
    pub fn trace_lines(&self) -> Vec<String> {
        let state = self.core().state();
        state.trace.entries().map(|entry| state.trace.line(entry, &state.ledger)).collect()
    }

    /// The name of the task with this serial number.
    pub fn task_name(&self, serial: u32) -> String {
        self.core().state().trace.task_name(serial).to_owned()
    }

    /// Puts a note into the trace.
    pub fn note(&self, text: impl Into<String>) {
        let mut state = self.core().state();
        let event = state.trace.note(text.into());
        state.record_event(event, 10);
    }

    /// Folds a number into the hash: a digest of what the driver has seen, so that differing results show there too.
    pub fn absorb(&self, word: u64) {
        self.core().state().trace.absorb(word);
    }

    /// How often each label was called. A mark is called when it is reached; a lock counts when a task waits for it.
    pub fn calls(&self) -> BTreeMap<&'static str, u64> {
        self.core().state().labels.counts(|record| record.calls)
    }

    /// How often each mark was reached.
    pub fn marks(&self) -> BTreeMap<&'static str, u64> {
        self.core()
            .state()
            .labels
            .counts(|record| if record.label.kind == env::LabelKind::Mark { record.calls } else { 0 })
    }

    /// At which labels the world was crashed, and how often.
    pub fn crashes(&self) -> BTreeMap<&'static str, u64> {
        self.core().state().labels.counts(|record| record.crashes)
    }

    /// Sabotaged labels at which nothing was ever skipped: no such call came, or it cannot be sabotaged.
    pub fn sabotage_not_reached(&self) -> Vec<String> {
        self.core().state().labels.sabotage_not_reached()
    }

    /// Changes the plan of faults from now on; [`Plan::none`] lets everything come to rest.
    pub fn set_plan(&self, plan: Plan) {
        let mut state = self.core().state();
        state.aftermath = None;
        state.pressed = None;
        state.config.plan = plan;
    }

    /// From now on, until the next call of this or the end of the run, the power fails at least so many times in a
    /// million calls that change the disk; `None` leaves it to the plan again.
    pub fn press(&self, power_losses_at_changes: Option<u32>) {
        let mut state = self.core().state();
        state.pressed =
            power_losses_at_changes.map(|rate| state.config.plan.with_power_loss_at_changes(rate));
    }

    /// Changes the manner of scheduling from now on.
    pub fn set_scheduling(&self, scheduling: Scheduling) {
        self.core().state().config.scheduling = scheduling;
    }

    /// Looks at, or uses, the decisions. Must not call the world.
    pub fn with_decisions<R>(&self, look: impl FnOnce(&mut Decisions) -> R) -> R {
        look(&mut self.core().state().decisions)
    }

    /// Takes the decisions out, for a search that wants them back; the world goes on with tame ones.
    pub fn take_decisions(&self) -> Decisions {
        let mut state = self.core().state();
        let seed = state.decisions.seed();
        std::mem::replace(&mut state.decisions, Decisions::tame(seed))
    }

    /// Makes a choice in the name of the running task.
    pub fn choose(&self, concern: Concern, label: &'static Label, options: u32, chance: Chance<'_>) -> u32 {
        let mut state = self.core().state();
        let who = state.current_who();
        state.decisions.choose(concern, who, label, options, chance)
    }

    /// Whether memory is short for the running task: a fault of the plan, which whoever drives the engine has to pass
    /// on to it.
    pub fn is_memory_short(&self, label: &'static Label) -> bool {
        let mut state = self.core().state();
        let who = state.current_who();
        let plan = state.config.plan.clone();
        let mut books = state.books(who, label);
        let short = books.decide(&plan, Operation::Memory) == Some(FaultKind::MemoryPressure);
        if short {
            books.inject(FaultKind::MemoryPressure, Place::default());
        }
        short
    }

    /// Looks at the disk, or prepares it. Must not call the world.
    pub fn with_disk<R>(&self, look: impl FnOnce(&mut Disk) -> R) -> R {
        look(&mut self.core().state().disk)
    }

    /// The power fails, or all processes are killed, between two runs.
    ///
    /// # Panics
    /// While a run goes on: there it is [`World::crash_now`].
    pub fn crash_between_runs(&self, label: &'static Label, power: bool) {
        let mut state = self.core().state();
        assert!(state.current.is_none(), "inside a run, a crash has tasks to take down");
        state.crash_disk(label, power);
    }

    /// Looks at, or closes, the faults that were injected. Must not call the world.
    pub fn with_ledger<R>(&self, look: impl FnOnce(&mut Ledger) -> R) -> R {
        look(&mut self.core().state().ledger)
    }

    /// Stops the run when so many environment calls have been made, as [`Stop::Paused`].
    pub fn stop_at_step(&self, step: u64) {
        self.core().state().pause_at(step);
    }

    /// Crashes the world right after the effect of environment call number `step`, or of the first one after it that a
    /// task makes. A kill (not `power`) leaves what is unsynced where it is, so that a search can take a clone of the
    /// disk and try every survivor state of a power loss on it.
    pub fn crash_at_step(&self, step: u64, power: bool) {
        self.core().state().crash_order = Some((step, power));
    }

    /// Where the last panic came from, if the whole trace is recorded.
    pub fn backtrace(&self) -> Option<String> {
        self.core().state().backtrace.clone()
    }

    /// Crashes the world now: at this place of the running task.
    ///
    /// # Panics
    /// Outside a task: there is nothing to crash.
    pub fn crash_now(&self, label: &'static Label, power: bool) {
        self.core().crash_now(label, power);
    }

    /// Cancels the next task of this name at its environment call number `call` (counted from 1): it unwinds there,
    /// as from a panic or a cancelled statement, and everyone else goes on.
    pub fn cancel_task(&self, name: &str, call: u64) {
        self.core().state().cancel.push((name.to_owned(), call));
    }

    /// As [`World::cancel_task`], but at a use of the lock `label`, with so many `before`: a panic needs no environment call.
    pub fn cancel_task_at_lock(&self, name: &str, label: &'static Label, before: u64) {
        self.core().state().cancel_at_lock.push((name.to_owned(), label, before));
    }

    /// Runs `body` in the running task and cancels it at its environment call number `call` (counted from 1, so 0
    /// never happens): the body unwinds from there, its destructors run in a world that goes on, and the task does too.
    ///
    /// # Errors
    /// [`Cancelled`] when that happened.
    ///
    /// # Panics
    /// Outside a task.
    pub fn cancel_after<R>(&self, call: u64, body: impl FnOnce() -> R) -> Result<R, Cancelled> {
        let before = self.with_running(|task| {
            let at = (call > 0).then_some(task.calls + call);
            std::mem::replace(&mut task.cancel_at, at)
        });
        let result = catch_unwind(AssertUnwindSafe(body));
        let world_goes_on = self.core().state().ending.is_none();
        let cancelled = self.with_running(|task| {
            let cancelled = world_goes_on && task.doom == Doom::Cancelled;
            if cancelled {
                task.doom = Doom::None;
                task.unwinding = false;
            }
            task.cancel_at = before;
            cancelled
        });
        match result {
            Ok(result) => Ok(result),
            Err(payload) if cancelled && payload.is::<Unwound>() => Err(Cancelled),
            Err(payload) => resume_unwind(payload),
        }
    }

    fn with_running<R>(&self, change: impl FnOnce(&mut Task) -> R) -> R {
        let mut state = self.core().state();
        let slot = state.current.expect("cancel_after is documented to need a task");
        change(state.tasks.get_mut(slot))
    }

    /// Kills one process: its tasks unwind without doing anything more, its file locks vanish, all others go on.
    pub fn kill(&self, process: u32) {
        self.core().kill(process);
    }

    /// How many tasks have not ended.
    pub fn live_tasks(&self) -> usize {
        self.core().state().tasks.live()
    }

    /// Records that a mark was reached by the driver itself.
    pub fn reached(&self, mark: &'static Label) {
        self.core().state().reached(mark);
    }
}
