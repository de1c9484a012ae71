//! The heart of a world: runs tasks one at a time, suspends them, takes them down.
//!
//! All tasks of a world are coroutines of one thread. The loop in [`Core::run`] enters one; it runs until it suspends
//! itself, at an environment call or a lock operation, and the loop picks the next. So exactly one piece of simulated
//! code runs at any time, and every switch is a recorded choice.
//!
//! Stopping. When the run ends early (a crash, a deadlock, a panic, a limit), the running task throws itself out of
//! its code by a private panic payload, and the loop enters every other task, which does the same where it was
//! suspended. While tasks unwind, their environment calls do nothing. A destructor that needs a lock held by a task
//! not yet unwound suspends; the rounds go on until all have ended, or nothing moves any more ([`Stop::Stuck`]).
//!
//! The state is borrowed only between these points, never while simulated code runs: destructors may call back.

use crate::config::WorldConfig;
use crate::coroutine::{self, Fiber, FiberEnd};
use crate::state::{CALL_NANOSECONDS, Entered, Next, State};
use crate::stop::Stop;
use crate::tasks::{Doom, Slot};
use crate::thread_bound::ThreadBound;
use crate::trace::{Event, Outcome, Recording};
use crate::unwind::{self, Unwound};
use env::sync::{ResourceId, Scheduler, WakeReason};
use env::{IoError, IoResult, Label, TaskBody, TaskHandle};
use faults::{Decisions, FaultKind, Operation, Place};
use std::cell::{RefCell, RefMut};
use std::io::ErrorKind;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// After so many rounds in which no task ended, what is left waits for ever.
const IDLE_ROUNDS: usize = 1_000;
/// A dead task lets others unwind at every so many-th call: its destructor may be polling for them.
const DEAD_CALLS: u32 = 64;

/// A world, as its environments, files and handles hold it.
pub(crate) type Shared = Arc<ThreadBound<Core>>;

/// The world's state and the operations that may switch tasks.
pub(crate) struct Core {
    state: RefCell<State>,
}

/// The call comes from a task that is dead already: it must do nothing.
#[derive(Debug)]
pub(crate) struct Dead;

/// The end of a task, as the handle sees it.
pub(crate) struct Completion {
    resource: ResourceId,
    outcome: ThreadBound<RefCell<Option<Result<(), String>>>>,
}

impl Core {
    pub(crate) fn new(config: WorldConfig, decisions: Decisions) -> Core {
        Core { state: RefCell::new(State::new(config, decisions)) }
    }

    /// The state, unless somebody looks at it at this moment.
    pub(crate) fn try_state(&self) -> Option<RefMut<'_, State>> {
        self.state.try_borrow_mut().ok()
    }

    /// The state, for as long as no simulated code runs.
    #[inline]
    pub(crate) fn state(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    /// Does what the state asked for.
    #[inline]
    fn perform(&self, next: Next) {
        match next {
            Next::Continue => {}
            Next::Suspend => {
                coroutine::suspend();
                self.after_switch();
            }
            Next::Throw => self.throw(),
        }
    }

    /// The running task is entered again: if it has been doomed meanwhile, it leaves its code.
    fn after_switch(&self) {
        let state = self.state();
        let Some(slot) = state.current else { return };
        let doomed = state.ending.is_some() || state.tasks.get(slot).doom != Doom::None;
        if doomed && !state.is_unwinding(slot) {
            drop(state);
            self.throw();
        }
    }

    fn throw(&self) -> ! {
        let mut state = self.state();
        if let Some(slot) = state.current {
            state.tasks.get_mut(slot).unwinding = true;
        }
        drop(state);
        unwind::throw()
    }

    /// Everything that precedes the effect of an environment call: counting, crashes, delays, other tasks.
    pub(crate) fn enter(&self, label: &'static Label, operation: Operation) -> Result<Entered, Dead> {
        let mut state = self.state();
        let Some((entered, next)) = state.arrive(label, operation) else {
            drop(state);
            self.dead_call(label, operation);
            return Err(Dead);
        };
        let next = match next {
            Next::Continue => {
                let hash = state.labels.record(entered.number).hash;
                match state.usual_time(operation) {
                    Some(usual) => {
                        let time = state.stretched(usual, hash) + state.extra_delay(&entered);
                        state.spend_on_disk(label, time)
                    }
                    None => {
                        state.clock.advance(CALL_NANOSECONDS);
                        state.preempt(label)
                    }
                }
            }
            Next::Suspend | Next::Throw => next,
        };
        drop(state);
        self.perform(next);
        Ok(entered)
    }

    /// A call of a task that is being taken down. It does nothing, but it must not stand in the way either.
    fn dead_call(&self, label: &'static Label, operation: Operation) {
        let mut state = self.state();
        let Some(slot) = state.current else { return };
        let task = state.tasks.get_mut(slot);
        task.dead_calls += 1;
        let waits = matches!(operation, Operation::Sleep | Operation::Yield);
        let next = if !unwind::is_thread_panicking() && !task.dead_calls.is_multiple_of(DEAD_CALLS) {
            // Somebody caught the payload that was unwinding the task, and goes on as if nothing had happened.
            Next::Throw
        } else if waits || task.dead_calls.is_multiple_of(DEAD_CALLS) {
            state.linger(slot, label)
        } else {
            Next::Continue
        };
        drop(state);
        self.perform(next);
    }

    /// The call took effect, or not, with this outcome. Ends the world if that was decided.
    pub(crate) fn leave(&self, entered: &Entered, file: u32, offset: u64, outcome: Outcome) {
        let mut state = self.state();
        state.record_call(entered, file, offset, outcome);
        let ordered = state.crash_ordered_after(entered.step);
        if let (Some(power), Some(slot)) = (entered.crash_after.or(ordered), state.current)
            && !state.is_unwinding(slot)
        {
            state.crash(entered.label, power);
            drop(state);
            self.throw();
        }
    }

    /// A call without effect on anything but the caller.
    pub(crate) fn call(
        &self,
        label: &'static Label,
        operation: Operation,
        outcome: impl FnOnce(&mut State, &Entered) -> Outcome,
    ) -> Result<(), Dead> {
        let entered = self.enter(label, operation)?;
        let outcome = outcome(&mut self.state(), &entered);
        self.leave(&entered, 0, 0, outcome);
        Ok(())
    }

    /// Suspends the running task for `duration`.
    pub(crate) fn sleep(&self, label: &'static Label, duration: Duration) {
        let Ok(entered) = self.enter(label, Operation::Sleep) else { return };
        let mut state = self.state();
        state.apply_clock_fault(&entered);
        let next = if entered.sabotaged {
            state.skipped(entered.number);
            Next::Continue
        } else {
            state.spend(label, duration.as_nanos().min(u128::from(u64::MAX >> 1)) as u64)
        };
        drop(state);
        self.perform(next);
        self.leave(&entered, 0, 0, if entered.sabotaged { Outcome::Sabotaged } else { Outcome::Done });
    }

    /// Lets other tasks run.
    pub(crate) fn yield_now(&self, label: &'static Label) {
        let Ok(entered) = self.enter(label, Operation::Yield) else { return };
        let mut state = self.state();
        let next = match (entered.fault, state.current) {
            (Some(FaultKind::TaskStarved), Some(slot)) => state.starve(slot, entered.who, label),
            // The plan draws nothing else at a yield.
            (Some(_) | None, _) => state.yield_running(label),
        };
        drop(state);
        self.perform(next);
        self.leave(&entered, 0, 0, Outcome::Done);
    }

    /// Crashes the world at this place of the running task.
    pub(crate) fn crash_now(&self, label: &'static Label, power: bool) {
        let mut state = self.state();
        let slot = state.current.expect("crash_now is documented to need a task");
        state.crash(label, power);
        let throws = !state.is_unwinding(slot);
        drop(state);
        if throws {
            self.throw();
        }
    }

    /// Takes the tasks of one process down while all others go on.
    pub(crate) fn kill(&self, process: u32) {
        let mut state = self.state();
        let mut next = Next::Continue;
        for slot in state.tasks.live_slots() {
            if state.tasks.get(slot).process != process {
                continue;
            }
            state.tasks.get_mut(slot).doom = Doom::Killed;
            state.tasks.force_ready(slot);
            if state.current == Some(slot) && !state.is_unwinding(slot) {
                next = Next::Throw;
            }
        }
        state.close_all(process);
        state.close_sockets(process);
        drop(state);
        self.perform(next);
    }

    fn at_lock(&self, label: &'static Label) {
        let next = self.state().at_lock(label);
        self.perform(next);
    }

    pub(crate) fn block(
        &self,
        label: &'static Label,
        resource: ResourceId,
        limit: Option<Duration>,
    ) -> WakeReason {
        let mut state = self.state();
        let slot = state.current.expect("only a simulated task waits: the locks ask for no one else");
        let next = if state.is_dead(slot) {
            // What it waits for may be held by a task that is still to be unwound.
            state.linger(slot, label)
        } else {
            state.wait(slot, label, resource, limit)
        };
        drop(state);
        self.perform(next);
        let state = self.state();
        let timed_out = state.current.is_some_and(|slot| state.tasks.get(slot).timed_out);
        if timed_out { WakeReason::TimedOut } else { WakeReason::Woken }
    }

    /// Adds a task that runs `body`, ready to run.
    fn add_task(
        shared: &Shared,
        label: &'static Label,
        process: u32,
        name: &str,
        body: impl FnOnce() + 'static,
    ) -> std::io::Result<Arc<Completion>> {
        let inside = Arc::clone(shared);
        let core = shared.get();
        let stack_bytes = core.state().config.stack_bytes;
        let fiber = Fiber::new(stack_bytes, move || {
            // A task taken down before it ever ran still drops what it was given, on its own stack.
            if inside.get().starts() {
                body();
            }
        })?;
        let mut state = core.state();
        let priority = state.draw_priority(label);
        state.next_resource += 1;
        let resource = state.next_resource;
        let slot = state.tasks.add(process, priority, resource);
        let completion = Arc::new(Completion { resource, outcome: ThreadBound::new(RefCell::new(None)) });
        let who = state.decisions.task(name);
        let ordered = state.cancel.iter().position(|(task, _)| task == name);
        if let Some(position) = ordered {
            let (_, call) = state.cancel.remove(position);
            state.tasks.get_mut(slot).cancel_at = Some(call);
        }
        state.trace.name_task(name);
        if slot == state.fibers.len() {
            state.fibers.push(None);
            state.completions.push(None);
            state.who.push(who);
        }
        state.fibers[slot] = Some(fiber);
        state.completions[slot] = Some(Arc::clone(&completion));
        state.who[slot] = who;
        Ok(completion)
    }

    /// A task is entered for the first time: whether it shall run at all.
    fn starts(&self) -> bool {
        let mut state = self.state();
        let Some(slot) = state.current else { return false };
        let doomed = state.ending.is_some() || state.tasks.get(slot).doom != Doom::None;
        if doomed {
            state.tasks.get_mut(slot).unwinding = true;
        } else {
            state.tasks.get_mut(slot).stack_top = env::stack_address();
            state.record_event(Event::Started, 1);
        }
        !doomed
    }

    /// Starts a task for the engine.
    pub(crate) fn spawn(
        shared: &Shared,
        label: &'static Label,
        process: u32,
        name: &str,
        body: TaskBody,
    ) -> IoResult<Box<dyn TaskHandle>> {
        let core = shared.get();
        let fail = |kind| IoError::new(label, Path::new(""), kind);
        let entered = core.enter(label, Operation::Spawn).map_err(|Dead| fail(ErrorKind::Other))?;
        if entered.fault == Some(FaultKind::SpawnError) {
            core.state().books(entered.who, label).inject(FaultKind::SpawnError, Place::default());
            core.leave(&entered, 0, 0, Outcome::Failed(ErrorKind::WouldBlock));
            return Err(fail(ErrorKind::WouldBlock));
        }
        match Core::add_task(shared, label, process, name, body) {
            Ok(completion) => {
                core.leave(&entered, 0, 0, Outcome::Done);
                Ok(Box::new(SimTask { shared: Arc::clone(shared), label, completion }))
            }
            // No memory for another stack: the host's trouble, told as what it would be in production.
            Err(error) => {
                core.leave(&entered, 0, 0, Outcome::Failed(error.kind()));
                Err(IoError::from_std(label, Path::new(""), &error))
            }
        }
    }

    /// Runs `main` as the first task, until every task has ended or the run has come to a stop.
    pub(crate) fn run(shared: &Shared, main: impl FnOnce() + 'static) -> Stop {
        let core = shared.get();
        assert!(core.state().current.is_none(), "a world runs one run at a time");
        unwind::install_hook();
        unwind::begin(core.state().config.recording == Recording::All);
        let installed = env::sync::install(Rc::new(Installed(Arc::clone(shared))));
        core.state().begin_run();
        if let Err(error) = Core::add_task(shared, &crate::state::PICK_FIRST, 1, "main", main) {
            drop(installed);
            let message = format!("no stack for the first task: {error}");
            return Stop::Panicked { message, place: None, task: "main".to_owned(), step: core.state().step };
        }
        loop {
            let next = core.state().next_task();
            match next {
                Some(slot) => core.enter_task(slot),
                None => break,
            }
        }
        let all_down = core.take_down();
        drop(installed);
        let mut state = core.state();
        let stop = state.ending.take().unwrap_or(Stop::Finished);
        state.stopped(&stop);
        if all_down {
            return stop;
        }
        let stuck = Stop::Stuck { tasks: state.unfinished() };
        let leaked = state.abandon();
        drop(state);
        drop(leaked);
        stuck
    }

    /// Runs the task at `slot` until it suspends or ends.
    fn enter_task(&self, slot: Slot) {
        let mut state = self.state();
        state.current = Some(slot);
        let mut fiber = state.fibers[slot].take().expect("a live task that does not run has its fiber here");
        drop(state);
        let end = fiber.resume();
        match end {
            None => {
                let mut state = self.state();
                state.current = None;
                state.fibers[slot] = Some(fiber);
            }
            Some(end) => {
                drop(fiber);
                self.ended(slot, end);
            }
        }
    }

    /// The task at `slot` has ended, in whatever way.
    fn ended(&self, slot: Slot, end: FiberEnd) {
        let mut state = self.state();
        let outcome = match end {
            Ok(()) => Ok(()),
            Err(payload) if payload.is::<Unwound>() => Err("the simulator took the task down".to_owned()),
            Err(payload) => {
                let record = unwind::collect(&*payload);
                let serial = state.tasks.get(slot).serial;
                if let Some(backtrace) = record.backtrace {
                    state.remark(backtrace.clone());
                    state.backtrace = Some(backtrace);
                }
                let task = state.trace.task_name(serial).to_owned();
                let stop = Stop::Panicked {
                    message: record.message.clone(),
                    place: record.place,
                    task,
                    step: state.step,
                };
                // An assertion that fails while the world comes down for another reason matters more than the reason.
                match state.ending {
                    Some(Stop::Panicked { .. }) => {}
                    Some(_) | None => state.ending = Some(stop),
                }
                Err(record.message)
            }
        };
        state.record_event(Event::Ended, 2);
        state.current = None;
        state.tasks.end(slot);
        state.tasks.release(slot);
        let resource = state.tasks.get(slot).end_resource;
        while state.tasks.wake_nth(resource, 0).is_some() {}
        let completion = state.completions[slot].take();
        drop(state);
        if let Some(completion) = completion {
            completion.outcome.get().replace(Some(outcome));
        }
    }

    /// Takes every remaining task down. `false` when some could not be.
    fn take_down(&self) -> bool {
        let mut idle = 0;
        loop {
            let slots = self.state().tasks.live_slots();
            if slots.is_empty() {
                return true;
            }
            for &slot in &slots {
                self.state().tasks.take(slot);
                self.enter_task(slot);
            }
            let moved = self.state().tasks.live() < slots.len();
            idle = if moved { 0 } else { idle + 1 };
            if idle > IDLE_ROUNDS {
                return false;
            }
        }
    }
}

/// The scheduler that `env::sync` sees.
struct Installed(Shared);

impl Scheduler for Installed {
    fn new_resource(&self) -> ResourceId {
        let mut state = self.0.get().state();
        state.next_resource += 1;
        state.next_resource
    }

    fn preempt(&self, label: &'static Label) {
        self.0.get().at_lock(label);
    }

    fn block(&self, label: &'static Label, resource: ResourceId, limit: Option<Duration>) -> WakeReason {
        self.0.get().block(label, resource, limit)
    }

    fn wake(&self, label: &'static Label, resource: ResourceId, all: bool) {
        self.0.get().state().wake(label, resource, all);
    }
}

/// A started task.
struct SimTask {
    shared: Shared,
    label: &'static Label,
    completion: Arc<Completion>,
}

impl TaskHandle for SimTask {
    fn join(self: Box<Self>) -> Result<(), String> {
        let core = self.shared.get();
        loop {
            let outcome = self.completion.outcome.get().borrow().clone();
            match outcome {
                Some(outcome) => return outcome,
                None => core.block(self.label, self.completion.resource, None),
            };
        }
    }

    fn is_finished(&self) -> bool {
        self.completion.outcome.get().borrow().is_some()
    }
}
