//! Who runs next: preemption, waiting and waking, sleeping, starvation, and the passing of virtual time.
//!
//! Every question with more than one answer is a recorded choice, and answer 0 lets the running task go on, or else the
//! task that has been ready longest. Time passes by what calls take; when nobody can run it jumps to the next deadline.
//!
//! How it fails: when nobody can run and no deadline is left, the run stops as a deadlock and names everyone who waits.

use crate::config::Policy;
use crate::state::{Next, State};
use crate::stop::Stop;
use crate::tasks::{Doom, Slot};
use crate::trace::Event;
use crate::unwind;
use env::Label;
use faults::{Chance, Concern, FaultKind, Operation, Part, Place, TaskId};
use std::time::Duration;

/// Virtual time that a lock operation takes: so little that it only keeps loops from standing still.
const LOCK_NANOSECONDS: u64 = 40;
/// A task of a killed process that has waited so often, a millisecond each time, waits for ever.
const DEAD_WAITS: u32 = 10_000;

impl State {
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
        if self.is_dead(slot) || (self.is_unwinding(slot) && !self.is_cancelled(slot)) {
            return Next::Continue;
        }
        self.preempt_alive(slot, label)
    }

    /// Whether the task unwinds because it was cancelled, in a world that goes on: others see what its destructors have done
    /// so far.
    fn is_cancelled(&self, slot: Slot) -> bool {
        self.tasks.get(slot).doom == Doom::Cancelled && !unwind::is_panicking()
    }

    /// [`State::preempt`] of a task that others may interrupt.
    #[inline]
    fn preempt_alive(&mut self, slot: Slot, label: &'static Label) -> Next {
        if self.tasks.live() <= 1 {
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
            // Nothing strikes a task that unwinds.
            return self.preempt(label);
        }
        self.clock.advance(LOCK_NANOSECONDS);
        self.lock_operations += 1;
        let ordered = !self.cancel_at_lock.is_empty() && self.is_cancelled_at_lock(slot, label);
        if ordered || self.has_reached_limit() {
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
        self.preempt_alive(slot, label)
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
        if self.labels.record(number).sabotaged {
            self.skipped(number);
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
}
