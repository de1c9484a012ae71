//! The state of a world, and what each environment call does to it before it takes effect.
//!
//! Nothing here switches tasks or unwinds: functions say what must be done ([`Next`]) and [`crate::core`] does it with
//! the state released.

use crate::clock::Clock;
use crate::config::{Policy, WorldConfig};
use crate::core::Completion;
use crate::coroutine::Fiber;
use crate::disk::{Disk, Handle};
use crate::labels::{LabelNumber, LabelTable};
use crate::stop::{Stop, Unfinished};
use crate::tasks::{Doom, Slot, State as TaskState, TaskTable};
use crate::trace::{Event, Outcome, Trace, TraceEntry, digest, mix};
use crate::unwind;
use env::Label;
use faults::{Call, Chance, Concern, Decisions, FaultKind, Ledger, Operation, Part, Place, TaskId};
use rand_chacha::ChaCha8Rng;
use rand_core::Rng as _;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

env::labels! {
    PICK_FIRST: "sim.schedule.first", Task, "it names the choice of the first task, before any has waited";
    RESTART: "sim.restart", Task, "it names what happens to the disk between a crash and the next opening";
}

/// Virtual time that a lock operation takes: so little that it only keeps loops from standing still.
const LOCK_NANOSECONDS: u64 = 40;
/// Virtual time of a call that does not go to the disk.
pub(crate) const CALL_NANOSECONDS: u64 = 200;

/// A task of a killed process that has waited so often, a millisecond each time, waits for ever.
const DEAD_WAITS: u32 = 10_000;

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
    pub(crate) disk: Disk,
    /// Open files with their processes.
    pub(crate) handles: Vec<(u32, Handle)>,
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
    pub(crate) until: Option<u64>,
    /// Crash after the effect of this environment call; `true` when the power fails.
    pub(crate) crash_order: Option<(u64, bool)>,
    /// Where the last panic came from, when everything is recorded.
    pub(crate) backtrace: Option<String>,
    /// Tasks that are to be cancelled at a call, by name, until a task of that name starts.
    pub(crate) cancel: Vec<(String, u64)>,
    /// Where the last task stopped running: it names the choice of the next one.
    last: (TaskId, &'static Label),
    jitter: u64,
    lowest_priority: i64,
    run_start: (u64, u64),
    /// Lock operations of this run.
    lock_operations: u64,
}

impl State {
    pub(crate) fn new(config: WorldConfig, mut decisions: Decisions) -> State {
        let outside = decisions.task("outside");
        State {
            ledger: Ledger::new(),
            disk: Disk::new(config.disk.clone()),
            handles: Vec::new(),
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
            last: (outside, &PICK_FIRST),
            jitter: mix(decisions.seed(), 0x006a_6974_7465_7200),
            lowest_priority: 0,
            run_start: (0, 0),
            lock_operations: 0,
            config,
            decisions,
        }
    }

    /// How long a call usually takes, if its caller waits for a device.
    pub(crate) fn usual_time(&self, operation: Operation) -> Option<u64> {
        let latencies = &self.config.latencies;
        let time = match operation {
            Operation::Read => latencies.read,
            Operation::Write => latencies.write,
            Operation::Sync => latencies.sync,
            Operation::Open
            | Operation::SetLength
            | Operation::Rename
            | Operation::Remove
            | Operation::Inspect
            | Operation::FileLock => latencies.directory,
            Operation::DirectorySync => latencies.directory_sync,
            Operation::Clock
            | Operation::Sleep
            | Operation::Entropy
            | Operation::Spawn
            | Operation::Yield
            | Operation::Restart => return None,
        };
        Some(time.as_nanos() as u64)
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
        let hash = self.disk.hash(true) ^ self.disk.hash(false).rotate_left(1);
        self.trace.absorb(hash);
    }

    /// A new run begins: limits count from here.
    pub(crate) fn begin_run(&mut self) {
        self.ending = None;
        self.handoff = None;
        self.last = (self.outside, &PICK_FIRST);
        self.lowest_priority = 0;
        self.run_start = (self.step, self.clock.now());
        self.lock_operations = 0;
    }

    /// Whether environment calls of the task do nothing any more.
    #[inline]
    pub(crate) fn is_dead(&self, slot: Slot) -> bool {
        self.ending.is_some() || self.tasks.get(slot).doom == Doom::Killed
    }

    /// A dead task waits for others to unwind. While the world goes on without its process, time must pass too.
    pub(crate) fn linger(&mut self, slot: Slot, label: &'static Label) -> Next {
        if self.ending.is_some() {
            self.tasks.make_ready(slot);
            return Next::Suspend;
        }
        let task = self.tasks.get_mut(slot);
        task.dead_calls += 1;
        if task.dead_calls > DEAD_WAITS {
            self.ending = Some(Stop::Stuck { tasks: self.unfinished() });
            self.tasks.make_ready(slot);
            return Next::Suspend;
        }
        let deadline = self.clock.now() + 1_000_000;
        self.tasks.sleep(slot, label, deadline);
        Next::Suspend
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

    /// The call `entered` took effect, or not, with this outcome.
    pub(crate) fn record_call(&mut self, entered: &Entered, file: u32, offset: u64, outcome: Outcome) {
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
        let fault = self.config.plan.decide(&mut self.decisions, who, label, operation);
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
        self.record_call(&*entered, 0, 0, Outcome::Cut);
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

    fn has_reached_limit(&mut self) -> bool {
        if self.until.is_some_and(|until| self.step >= until) {
            self.ending = Some(Stop::Paused { step: self.step });
            return true;
        }
        let (step, time) = self.run_start;
        let limits = self.config.limits;
        if self.step - step > limits.steps
            || self.lock_operations > limits.lock_operations
            || self.clock.now() - time > limits.time.as_nanos() as u64
        {
            self.ending = Some(Stop::TimeLimit { unfinished: self.unfinished() });
        }
        self.ending.is_some()
    }

    fn is_cancelled_here(&mut self, slot: Slot, calls: u64, label: &'static Label) -> bool {
        let task = self.tasks.get_mut(slot);
        if task.cancel_at.is_none_or(|call| calls < call) {
            return false;
        }
        task.cancel_at = None;
        task.doom = Doom::Cancelled;
        self.record_event(Event::Cancelled { label }, 5);
        true
    }

    /// A mark was reached. No scheduling point: looking must not change what is looked at.
    pub(crate) fn reached(&mut self, mark: &'static Label) {
        let number = self.labels.number(mark);
        let record = self.labels.record(number);
        record.calls += 1;
        let hash = record.hash;
        self.record_event(Event::Reached { mark }, hash);
    }

    /// Whether the check behind `label` shall be made.
    pub(crate) fn enforce(&mut self, label: &'static Label) -> bool {
        let number = self.labels.number(label);
        let record = self.labels.record(number);
        record.calls += 1;
        record.sabotages += u64::from(record.sabotaged);
        !record.sabotaged
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

    /// What the fault of a call that looks at a clock, or sleeps, does to the clocks.
    pub(crate) fn apply_clock_fault(&mut self, entered: &Entered) {
        /// How far the wall clock jumps, in seconds: up to ten years.
        const JUMPS: [i64; 7] = [1, 60, 3_600, 86_400, 2_592_000, 31_536_000, 315_360_000];
        let Some(kind) = entered.fault else { return };
        let mut books = self.books(entered.who, entered.label);
        match kind {
            FaultKind::ClockForward | FaultKind::ClockBackward => {
                let seconds = JUMPS[books.part(Part::Delay, JUMPS.len() as u32) as usize];
                books.inject(kind, Place::default());
                let sign = if kind == FaultKind::ClockForward { 1 } else { -1 };
                self.clock.jump(sign * seconds * 1_000_000);
            }
            FaultKind::ClockStands => {
                let exponent = books.part(Part::Delay, 6);
                books.inject(kind, Place::default());
                self.clock.stand(100_000 * 10u64.pow(exponent));
            }
            // The plan draws nothing else at a clock.
            _ => {}
        }
    }

    /// The random bytes that a call gets, as its fault wants it.
    pub(crate) fn fill_random(&mut self, entered: &Entered, buffer: &mut [u8]) -> Outcome {
        /// So many of the first random bytes are kept to be given again.
        const KEPT: usize = 64;
        if entered.sabotaged {
            self.labels.record(entered.number).sabotages += 1;
            buffer.fill(0);
            return Outcome::Sabotaged;
        }
        match entered.fault {
            Some(FaultKind::WeakEntropy) => {
                self.books(entered.who, entered.label).inject(FaultKind::WeakEntropy, Place::default());
                let kept = self.entropy_drawn.iter().chain(std::iter::once(&0)).cycle();
                buffer.iter_mut().zip(kept).for_each(|(byte, &old)| *byte = old);
            }
            Some(FaultKind::EntropyError) => {
                self.books(entered.who, entered.label).inject(FaultKind::EntropyError, Place::default());
                return Outcome::Failed(ErrorKind::Other);
            }
            // The plan draws nothing else at a source of randomness.
            Some(_) | None => {
                self.entropy.fill_bytes(buffer);
                let room = KEPT.saturating_sub(self.entropy_drawn.len());
                self.entropy_drawn.extend(buffer.iter().take(room));
            }
        }
        Outcome::Value(digest(buffer) >> 8)
    }

    /// What a slow or stuck device adds to a call: 10 ms to 80 ms, or 5 s to 40 s.
    pub(crate) fn extra_delay(&mut self, entered: &Entered) -> u64 {
        let (kind, unit) = match entered.fault {
            Some(kind @ FaultKind::SlowIo) => (kind, 10_000_000),
            Some(kind @ FaultKind::StuckIo) => (kind, 5_000_000_000),
            Some(_) | None => return 0,
        };
        let mut books = self.books(entered.who, entered.label);
        books.inject(kind, Place::default());
        unit * (1 + u64::from(books.part(Part::Delay, 8)))
    }

    /// How long a call of usually `nanoseconds` takes this time: up to twice that, depending on seed, task and the
    /// task's own count of calls, so that what other tasks do does not change it.
    pub(crate) fn stretched(&self, nanoseconds: u64, label_hash: u64) -> u64 {
        let Some(slot) = self.current else { return nanoseconds };
        let task = self.tasks.get(slot);
        let draw = mix(mix(self.jitter, label_hash), u64::from(task.serial) << 40 ^ task.calls);
        nanoseconds + ((u128::from(nanoseconds) * u128::from(draw as u32)) >> 32) as u64
    }

    /// The running task spends `nanoseconds` in a call; others may run meanwhile.
    pub(crate) fn spend(&mut self, label: &'static Label, nanoseconds: u64) -> Next {
        let Some(slot) = self.current else { return Next::Continue };
        let deadline = self.clock.now() + nanoseconds;
        let somebody_else = !self.tasks.ready().is_empty()
            || self.tasks.next_deadline().is_some_and(|other| other <= deadline);
        if self.is_unwinding(slot) || !somebody_else {
            self.clock.advance_to(deadline);
            return Next::Continue;
        }
        self.last = (self.who[slot], label);
        self.tasks.sleep(slot, label, deadline);
        Next::Suspend
    }

    /// As [`State::spend`], but if the configuration says so nobody uses the time, and the task may be preempted.
    pub(crate) fn spend_on_disk(&mut self, label: &'static Label, nanoseconds: u64) -> Next {
        if self.config.scheduling.overlap {
            return self.spend(label, nanoseconds);
        }
        self.clock.advance(nanoseconds);
        self.preempt(label)
    }

    /// A scheduling point of the running task: shall another one run first?
    pub(crate) fn preempt(&mut self, label: &'static Label) -> Next {
        let Some(slot) = self.current else { return Next::Continue };
        if self.is_dead(slot) || self.is_unwinding(slot) || self.tasks.live() <= 1 {
            return Next::Continue;
        }
        self.tasks.expire(self.clock.now());
        let who = self.who[slot];
        let ready = self.tasks.ready().len();
        let chosen = match self.config.scheduling.policy {
            Policy::Random { preempt, .. } => {
                let chance = Chance::PerMillion(preempt);
                let options = 1 + ready as u32;
                self.decisions.choose(Concern::Schedule, who, label, options, chance).checked_sub(1)
            }
            Policy::Priority { sink } => {
                let chance = Chance::PerMillion(sink);
                if self.decisions.choose(Concern::Schedule, who, label, 2, chance) == 1 {
                    self.sink(slot);
                }
                let (best, priority) = self.best_ready();
                (priority > self.tasks.get(slot).priority).then_some(best as u32)
            }
        };
        match chosen {
            None => Next::Continue,
            Some(index) => {
                self.record_event(Event::Preempted { label }, 6);
                self.handoff = Some(self.tasks.run_ready(index as usize));
                self.tasks.make_ready(slot);
                Next::Suspend
            }
        }
    }

    /// The task ranks below all others from now on.
    fn sink(&mut self, slot: Slot) {
        self.lowest_priority -= 1;
        self.tasks.get_mut(slot).priority = self.lowest_priority;
    }

    /// Index and priority of the ready task that ranks highest; the longest ready of several.
    fn best_ready(&self) -> (usize, i64) {
        let mut best = (0, i64::MIN);
        for (index, &slot) in self.tasks.ready().iter().enumerate() {
            let priority = self.tasks.get(slot).priority;
            if priority > best.1 {
                best = (index, priority);
            }
        }
        best
    }

    /// The priority of a task that starts now.
    pub(crate) fn draw_priority(&mut self, label: &'static Label) -> i64 {
        match self.config.scheduling.policy {
            Policy::Random { .. } => 0,
            Policy::Priority { .. } => {
                let who = self.current_who();
                i64::from(self.decisions.choose(Concern::Schedule, who, label, 16, Chance::Even))
            }
        }
    }

    /// A scheduling point at a lock: crashes and starvation strike here too.
    pub(crate) fn at_lock(&mut self, label: &'static Label) -> Next {
        let Some(slot) = self.current else { return Next::Continue };
        if self.is_dead(slot) || self.is_unwinding(slot) {
            return Next::Continue;
        }
        self.clock.advance(LOCK_NANOSECONDS);
        self.lock_operations += 1;
        if self.has_reached_limit() {
            return Next::Throw;
        }
        let who = self.who[slot];
        match self.config.plan.decide(&mut self.decisions, who, label, Operation::Yield) {
            None => {}
            Some(kind @ (FaultKind::PowerLoss | FaultKind::ProcessKilled)) => {
                self.crash(label, kind == FaultKind::PowerLoss);
                return Next::Throw;
            }
            Some(FaultKind::TaskStarved) => return self.starve(slot, who, label),
            // The plan draws nothing else at a lock.
            Some(_) => {}
        }
        self.preempt(label)
    }

    /// The task is put aside for 100 µs to 1 s although it could run.
    pub(crate) fn starve(&mut self, slot: Slot, who: TaskId, label: &'static Label) -> Next {
        let mut books = self.books(who, label);
        let exponent = books.part(Part::Delay, 5);
        books.inject(FaultKind::TaskStarved, Place::default());
        let until = self.clock.now() + 100_000 * 10u64.pow(exponent);
        self.record_event(Event::Starved { label, until: Duration::from_nanos(until) }, 7);
        self.last = (who, label);
        self.tasks.sleep(slot, label, until);
        Next::Suspend
    }

    /// The running task lets others run: it goes to the end of the line.
    pub(crate) fn yield_running(&mut self, label: &'static Label) -> Next {
        let Some(slot) = self.current else { return Next::Continue };
        if self.is_dead(slot) || self.is_unwinding(slot) {
            return Next::Continue;
        }
        self.tasks.expire(self.clock.now());
        if self.tasks.ready().is_empty() {
            // Only time can bring someone else: a loop of yields must not stand still until then.
            let Some(deadline) = self.tasks.next_deadline() else { return Next::Continue };
            self.clock.advance_to(deadline);
            self.tasks.expire(deadline);
        }
        self.last = (self.who[slot], label);
        if matches!(self.config.scheduling.policy, Policy::Priority { .. }) {
            // Else two tasks of high rank that yield to one another would keep a third out for ever.
            self.sink(slot);
        }
        // Chosen here, among the others only: whoever yields wants someone else to run.
        let index = self.pick_ready();
        self.handoff = Some(self.tasks.run_ready(index));
        self.tasks.make_ready(slot);
        Next::Suspend
    }

    /// The running task waits for `resource`.
    pub(crate) fn wait(
        &mut self,
        slot: Slot,
        label: &'static Label,
        resource: u64,
        limit: Option<Duration>,
    ) -> Next {
        self.clock.advance(LOCK_NANOSECONDS);
        let now = self.clock.now();
        let deadline =
            limit.map(|limit| now.saturating_add(limit.as_nanos().min(u128::from(u64::MAX)) as u64));
        let number = self.labels.number(label);
        let record = self.labels.record(number);
        record.calls += 1;
        let hash = record.hash;
        self.record_event(Event::Waits { label }, hash);
        self.last = (self.who[slot], label);
        self.tasks.wait(slot, label, resource, deadline);
        Next::Suspend
    }

    /// Wakes one or all waiters of `resource`.
    pub(crate) fn wake(&mut self, label: &'static Label, resource: u64, all: bool) {
        let waiters = self.tasks.waiters(resource);
        if waiters == 0 {
            return;
        }
        let number = self.labels.number(label);
        let record = self.labels.record(number);
        if record.sabotaged {
            record.sabotages += 1;
            self.record_event(Event::WakeLost { label }, 9);
            return;
        }
        if all {
            while self.tasks.wake_nth(resource, 0).is_some() {}
            return;
        }
        let nth = match self.config.scheduling.policy {
            Policy::Random { pick, .. } if self.ending.is_none() => {
                let who = self.current_who();
                let chance = Chance::PerMillion(pick);
                self.decisions.choose(Concern::Schedule, who, label, waiters as u32, chance)
            }
            Policy::Random { .. } | Policy::Priority { .. } => 0,
        };
        self.tasks.wake_nth(resource, nth as usize);
    }

    fn pick_ready(&mut self) -> usize {
        match self.config.scheduling.policy {
            Policy::Random { pick, .. } => {
                let (who, label) = self.last;
                let options = self.tasks.ready().len() as u32;
                let chance = Chance::PerMillion(pick);
                self.decisions.choose(Concern::Schedule, who, label, options, chance) as usize
            }
            Policy::Priority { .. } => self.best_ready().0,
        }
    }

    /// The task to run next; `None` when the run is over or has come to a stop.
    pub(crate) fn next_task(&mut self) -> Option<Slot> {
        if self.ending.is_some() {
            return None;
        }
        if let Some(slot) = self.handoff.take() {
            return Some(slot);
        }
        self.tasks.expire(self.clock.now());
        if self.tasks.ready().is_empty() {
            if self.tasks.live() == 0 {
                return None;
            }
            let Some(deadline) = self.tasks.next_deadline() else {
                self.ending = Some(Stop::Deadlock { waits: self.unfinished() });
                return None;
            };
            self.clock.advance_to(deadline);
            self.tasks.expire(deadline);
        }
        if self.has_reached_limit() {
            return None;
        }
        let index = self.pick_ready();
        Some(self.tasks.run_ready(index))
    }
}
