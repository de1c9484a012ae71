//! The state of a world, and what each environment call does to it before it takes effect.
//!
//! Nothing here switches tasks or unwinds: functions say what must be done ([`Next`]) and [`crate::core`] does it with
//! the state released.

use crate::clock::Clock;
use crate::config::WorldConfig;
use crate::core::Completion;
use crate::coroutine::Fiber;
use crate::disk::{Disk, Handle};
use crate::labels::{LabelNumber, LabelTable};
use crate::network::Network;
use crate::stop::{Stop, Unfinished};
use crate::tasks::{Doom, Slot, State as TaskState, TaskTable};
use crate::trace::{Event, Outcome, Trace, TraceEntry, mix};
use crate::unwind;
use env::Label;
use faults::{Call, Concern, Decisions, FaultKind, Ledger, Operation, Part, Place, Plan, TaskId};
use rand_chacha::ChaCha8Rng;
use std::sync::Arc;

env::labels! {
    PICK_FIRST: "sim.schedule.first", Task, "it names the choice of the first task, before any has waited";
    RESTART: "sim.restart", Task, "it names what happens to the disk between a crash and the next opening";
}

/// Virtual time of a call that does not go to the disk.
pub(crate) const CALL_NANOSECONDS: u64 = 200;

/// What must be done now that the state is released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Go on.
    Continue,
    /// Suspend the running task; its place in the table is already changed.
    Suspend,
    /// Unwind the running task.
    Throw,
}

/// Where a run must end, if it has not by then.
#[derive(Debug, Default)]
struct Bounds {
    /// This environment call is the first that is too many, or the one at which a pause was ordered.
    step: u64,
    /// Virtual time must not pass beyond this.
    time: u64,
}

/// What a task knows of the environment call it is in.
#[derive(Debug)]
pub(crate) struct Entered {
    pub(crate) number: LabelNumber,
    /// Which environment call of the world it is, from 1.
    pub(crate) step: u64,
    pub(crate) label: &'static Label,
    /// Whose choices these are.
    pub(crate) who: TaskId,
    /// What goes wrong at this call, beyond what has happened already.
    pub(crate) fault: Option<FaultKind>,
    /// The world ends right after the effect; `true` when the power fails.
    pub(crate) crash_after: Option<bool>,
    /// The call must claim success and do nothing.
    pub(crate) sabotaged: bool,
}

/// Everything of a world but the code that runs in it.
pub(crate) struct State {
    pub(crate) config: WorldConfig,
    pub(crate) decisions: Decisions,
    pub(crate) ledger: Ledger,
    /// How many of its faults are in the trace.
    faults_recorded: usize,
    pub(crate) disk: Disk,
    /// Open files with their processes.
    pub(crate) handles: Vec<(u32, Handle)>,
    pub(crate) network: Network,
    pub(crate) clock: Clock,
    pub(crate) tasks: TaskTable,
    pub(crate) labels: LabelTable,
    pub(crate) trace: Trace,
    pub(crate) step: u64,
    /// The task whose code is running.
    pub(crate) current: Option<Slot>,
    /// Why the run is being stopped.
    pub(crate) ending: Option<Stop>,
    /// The task that a preemption chose to run next.
    pub(crate) handoff: Option<Slot>,
    pub(crate) fibers: Vec<Option<Fiber>>,
    pub(crate) completions: Vec<Option<Arc<Completion>>>,
    pub(crate) who: Vec<TaskId>,
    pub(crate) next_resource: u64,
    /// The name of choices made outside any task.
    pub(crate) outside: TaskId,
    pub(crate) entropy: ChaCha8Rng,
    /// Bytes that weak entropy gives again.
    pub(crate) entropy_drawn: Vec<u8>,
    until: Option<u64>,
    /// Crash after the effect of this environment call; `true` when the power fails.
    pub(crate) crash_order: Option<(u64, bool)>,
    /// Where the last panic came from, when everything is recorded.
    pub(crate) backtrace: Option<String>,
    /// Tasks that are to be cancelled at a call, by name, until a task of that name starts.
    pub(crate) cancel: Vec<(String, u64)>,
    /// Tasks that are to be cancelled at a lock, by name, and how many uses of that lock come before.
    pub(crate) cancel_at_lock: Vec<(String, &'static Label, u64)>,
    /// Where the last task stopped running: it names the choice of the next one.
    pub(crate) last: (TaskId, &'static Label),
    pub(crate) jitter: u64,
    pub(crate) lowest_priority: i64,
    bounds: Bounds,
    /// Lock operations of this run.
    pub(crate) lock_operations: u64,
    /// What happens right after a sabotaged call, if that is not left to the plan.
    pub(crate) aftermath: Option<PlanAfter>,
    /// The plan of this stretch of the run, if it has one of its own.
    pub(crate) pressed: Option<Plan>,
}

/// The plan for the calls right after a sabotaged one, and how many of these are to come.
pub(crate) struct PlanAfter {
    plan: Plan,
    calls: u32,
    calls_left: u32,
}

impl State {
    pub(crate) fn new(config: WorldConfig, mut decisions: Decisions) -> State {
        let outside = decisions.task("outside");
        let aftermath = config.aftermath.map(|aftermath| PlanAfter {
            plan: config.plan.with(FaultKind::PowerLoss, aftermath.power_losses),
            calls: aftermath.calls,
            calls_left: 0,
        });
        State {
            ledger: Ledger::new(),
            faults_recorded: 0,
            disk: Disk::new(config.disk.clone()),
            handles: Vec::new(),
            network: Network::default(),
            clock: Clock::new(config.start_wall_clock),
            labels: LabelTable::new(config.sabotage.clone()),
            trace: Trace::new(config.recording),
            tasks: TaskTable::default(),
            step: 0,
            current: None,
            ending: None,
            handoff: None,
            fibers: Vec::new(),
            completions: Vec::new(),
            who: Vec::new(),
            next_resource: 0,
            outside,
            entropy: decisions.split(Concern::Data, "entropy", 0),
            entropy_drawn: Vec::new(),
            until: None,
            crash_order: None,
            backtrace: None,
            cancel: Vec::new(),
            cancel_at_lock: Vec::new(),
            last: (outside, &PICK_FIRST),
            jitter: mix(decisions.seed(), 0x006a_6974_7465_7200),
            lowest_priority: 0,
            bounds: Bounds::default(),
            lock_operations: 0,
            aftermath,
            pressed: None,
            config,
            decisions,
        }
    }

    /// A file was closed.
    pub(crate) fn close(&mut self, handle: Handle) {
        self.handles.retain(|&(_, open)| open != handle);
        self.disk.close(handle);
    }

    /// All files of a process that was killed are closed, and their locks are gone.
    pub(crate) fn close_all(&mut self, process: u32) {
        for (_, handle) in self.handles.extract_if(.., |(owner, _)| *owner == process) {
            self.disk.close(handle);
        }
    }

    /// The run has come to this stop and all tasks are down: the disk becomes what is left of it.
    pub(crate) fn stopped(&mut self, stop: &Stop) {
        match stop {
            Stop::Crashed { at, power, .. } => self.crash_disk(at, *power),
            Stop::Finished
            | Stop::Deadlock { .. }
            | Stop::TimeLimit { .. }
            | Stop::Panicked { .. }
            | Stop::Stuck { .. }
            | Stop::Paused { .. } => {}
        }
    }

    /// The power fails, or all processes die; then what happens to a disk at rest happens.
    pub(crate) fn crash_disk(&mut self, label: &'static Label, power: bool) {
        self.handles.clear();
        self.ledger.crashed();
        let mut call = Call {
            decisions: &mut self.decisions,
            ledger: &mut self.ledger,
            task: self.outside,
            label,
            step: self.step,
        };
        if power {
            self.disk.power_loss(&mut call);
        } else {
            self.disk.process_killed(&mut call);
        }
        call.label = &RESTART;
        if let Some(kind) = call.decide(&self.config.plan, Operation::Restart) {
            self.disk.damage(kind, &mut call);
        }
        self.record_faults();
        let hash = self.disk.hash(true) ^ self.disk.hash(false).rotate_left(1);
        self.trace.absorb(hash);
    }

    /// A new run begins: limits count from here.
    pub(crate) fn begin_run(&mut self) {
        self.ending = None;
        // No task is left that holds a socket of the run before.
        self.network = self.network.next();
        self.handoff = None;
        self.last = (self.outside, &PICK_FIRST);
        self.lowest_priority = 0;
        self.lock_operations = 0;
        self.pressed = None;
        self.set_bounds();
    }

    /// Whether environment calls of the task do nothing any more.
    #[inline]
    pub(crate) fn is_dead(&self, slot: Slot) -> bool {
        self.ending.is_some() || self.tasks.get(slot).doom == Doom::Killed
    }

    /// Whether the task must not be thrown out of what it does, because it is unwinding already.
    #[inline]
    pub(crate) fn is_unwinding(&self, slot: Slot) -> bool {
        self.tasks.get(slot).unwinding || unwind::is_panicking()
    }

    /// The name of the running task's choices.
    #[inline]
    pub(crate) fn current_who(&self) -> TaskId {
        self.current.map_or(self.outside, |slot| self.who[slot])
    }

    fn entry(&self, event: Event) -> TraceEntry {
        let task = self.current.map_or(0, |slot| self.tasks.get(slot).serial);
        TraceEntry { step: self.step, time: self.clock.time(), task, event }
    }

    pub(crate) fn record_event(&mut self, event: Event, code: u64) {
        let entry = self.entry(event);
        self.trace.event(entry, code);
    }

    /// Keeps a note outside the hash: what is only known because everything is recorded.
    pub(crate) fn remark(&mut self, text: String) {
        let event = self.trace.note(text);
        let entry = self.entry(event);
        self.trace.keep(entry);
    }

    /// Faults that were injected since the last look enter the trace.
    fn record_faults(&mut self) {
        let known = self.ledger.faults().len();
        for index in self.faults_recorded..known {
            let fault = &self.ledger.faults()[index];
            let (number, code) = (fault.number, fault.kind as u64 ^ fault.place.range.start << 8);
            self.record_event(Event::Fault { number }, code);
        }
        self.faults_recorded = known;
    }

    /// The call `entered` took effect, or not, with this outcome.
    pub(crate) fn record_call(&mut self, entered: &Entered, file: u32, offset: u64, outcome: Outcome) {
        if self.ledger.faults().len() != self.faults_recorded {
            self.record_faults();
        }
        let entry = self.entry(Event::Call { label: entered.label, file, offset, outcome });
        let hash = self.labels.record(entered.number).hash;
        self.trace.call(entry, hash, offset, outcome);
    }

    /// A call arrives: it is counted, and what goes wrong at it is decided. `None` when it comes from a dead task.
    pub(crate) fn arrive(&mut self, label: &'static Label, operation: Operation) -> Option<(Entered, Next)> {
        if self.current.is_some_and(|slot| self.is_dead(slot)) {
            return None;
        }
        self.step += 1;
        let number = self.labels.number(label);
        let record = self.labels.record(number);
        record.calls += 1;
        let sabotaged = record.sabotaged;
        let who = self.current_who();
        let mut entered =
            Entered { number, step: self.step, label, who, fault: None, crash_after: None, sabotaged };
        let Some(slot) = self.current else { return Some((entered, Next::Continue)) };
        let task = self.tasks.get_mut(slot);
        task.calls += 1;
        let calls = task.calls;
        if self.is_unwinding(slot) {
            return Some((entered, Next::Continue));
        }
        if self.has_reached_limit() || self.is_cancelled_here(slot, calls, label) {
            return Some((entered, Next::Throw));
        }
        let plan = match &mut self.aftermath {
            Some(aftermath) if aftermath.calls_left > 0 => {
                aftermath.calls_left -= 1;
                &aftermath.plan
            }
            Some(_) | None => self.pressed.as_ref().unwrap_or(&self.config.plan),
        };
        let fault = plan.decide(&mut self.decisions, who, label, operation);
        let next = match fault {
            None => Next::Continue,
            Some(kind @ (FaultKind::PowerLoss | FaultKind::ProcessKilled)) => {
                self.decide_crash(&mut entered, kind == FaultKind::PowerLoss)
            }
            Some(kind) => {
                entered.fault = Some(kind);
                Next::Continue
            }
        };
        Some((entered, next))
    }

    /// A sabotaged call has done nothing.
    pub(crate) fn skipped(&mut self, number: LabelNumber) {
        self.labels.record(number).sabotages += 1;
        if let Some(aftermath) = &mut self.aftermath {
            aftermath.calls_left = aftermath.calls;
        }
    }

    /// The books for refining and entering the fault of a call.
    pub(crate) fn books(&mut self, who: TaskId, label: &'static Label) -> Call<'_> {
        Call { decisions: &mut self.decisions, ledger: &mut self.ledger, task: who, label, step: self.step }
    }

    /// A crash strikes before the call's effect (0) or after it (1).
    fn decide_crash(&mut self, entered: &mut Entered, power: bool) -> Next {
        let after = self.books(entered.who, entered.label).part(Part::Variant, 2);
        if after == 1 {
            entered.crash_after = Some(power);
            return Next::Continue;
        }
        self.crash(entered.label, power);
        Next::Throw
    }

    /// Whether a crash was ordered right after this call, and of which sort.
    pub(crate) fn crash_ordered_after(&mut self, step: u64) -> Option<bool> {
        let (ordered, power) = self.crash_order?;
        if step < ordered {
            return None;
        }
        self.crash_order = None;
        Some(power)
    }

    /// The world ends here.
    pub(crate) fn crash(&mut self, label: &'static Label, power: bool) {
        if self.ending.is_none() {
            let number = self.labels.number(label);
            self.labels.record(number).crashes += 1;
            self.record_event(Event::Crashed { label, power }, 3 + u64::from(power));
            self.ending = Some(Stop::Crashed { at: label, step: self.step, power });
        }
    }

    /// Whether the run must not go on. Asked at every call and lock operation, so the usual answer is three comparisons.
    #[inline]
    pub(crate) fn has_reached_limit(&mut self) -> bool {
        let within = self.step < self.bounds.step
            && self.lock_operations <= self.config.limits.lock_operations
            && self.clock.now() <= self.bounds.time;
        if within { self.ending.is_some() } else { self.beyond_limit() }
    }

    #[cold]
    fn beyond_limit(&mut self) -> bool {
        if self.until.is_some_and(|until| self.step >= until) {
            self.ending = Some(Stop::Paused { step: self.step });
        } else {
            self.ending = Some(Stop::TimeLimit { unfinished: self.unfinished() });
        }
        true
    }

    /// The run stops when so many environment calls have been made.
    pub(crate) fn pause_at(&mut self, step: u64) {
        self.until = Some(step);
        self.bounds.step = self.bounds.step.min(step);
    }

    /// Where the run that begins now must end.
    fn set_bounds(&mut self) {
        let limits = self.config.limits;
        let nanoseconds = limits.time.as_nanos().min(u128::from(u64::MAX)) as u64;
        let step = self.step.saturating_add(limits.steps).saturating_add(1);
        self.bounds = Bounds {
            step: self.until.map_or(step, |until| until.min(step)),
            time: self.clock.now().saturating_add(nanoseconds),
        };
    }

    fn is_cancelled_here(&mut self, slot: Slot, calls: u64, label: &'static Label) -> bool {
        let task = self.tasks.get_mut(slot);
        if task.cancel_at.is_none_or(|call| calls < call) {
            return false;
        }
        task.cancel_at = None;
        self.cancel_here(slot, label);
        true
    }

    /// Others may be told of it while the task unwinds.
    fn cancel_here(&mut self, slot: Slot, label: &'static Label) {
        self.tasks.get_mut(slot).doom = Doom::Cancelled;
        self.ledger.broken_off(label);
        self.ledger.inject(FaultKind::TaskBrokenOff, Some(label), self.step, Place::default());
        self.record_event(Event::Cancelled { label }, 5);
    }

    /// Whether the running task was ordered to be cancelled at this use of a lock.
    pub(crate) fn is_cancelled_at_lock(&mut self, slot: Slot, label: &'static Label) -> bool {
        let name = self.trace.task_name(self.tasks.get(slot).serial);
        let ordered = |order: &(String, &'static Label, u64)| order.0 == name && order.1 == label;
        let Some(position) = self.cancel_at_lock.iter().position(ordered) else { return false };
        let before = &mut self.cancel_at_lock[position].2;
        if *before > 0 {
            *before -= 1;
            return false;
        }
        self.cancel_at_lock.remove(position);
        self.cancel_here(slot, label);
        true
    }

    /// Everyone who has not ended, and what for.
    pub(crate) fn unfinished(&self) -> Vec<Unfinished> {
        let describe = |slot: Slot| {
            let task = self.tasks.get(slot);
            let waits_on = match task.state {
                TaskState::Waiting { label } | TaskState::Sleeping { label } => Some(label),
                TaskState::Ready | TaskState::Running | TaskState::Ended => None,
            };
            Unfinished { task: self.trace.task_name(task.serial).to_owned(), serial: task.serial, waits_on }
        };
        self.tasks.live_slots().into_iter().map(describe).collect()
    }

    /// Gives up tasks that cannot be taken down: the table is emptied, their stacks are returned to be leaked.
    pub(crate) fn abandon(&mut self) -> Vec<Option<Fiber>> {
        self.tasks = TaskTable::continuing(&self.tasks);
        self.completions.clear();
        self.who.clear();
        std::mem::take(&mut self.fibers)
    }
}
