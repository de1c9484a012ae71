//! The table of simulated tasks: who is ready, who waits for what, who sleeps until when.
//!
//! Plain data, without coroutines or decisions; [`crate::scheduler`] drives it. Everything is ordered by when it
//! happened, never by address or hash, so that a replay sees the same lists.
//!
//! 1. A task stands in exactly one of: running, the ready list, the waiting list or the sleepers, ended.
//! 2. A timer whose wait has ended some other way is stale: its wait number no longer matches the task's.
//! 3. Slots are reused; serial numbers are not, and 0 stands for code outside any task.

use env::Label;
use env::sync::ResourceId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Place of a task in the table.
pub(crate) type Slot = usize;

/// Where a task stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum State {
    /// In the ready list, or chosen to run next.
    Ready,
    /// Its code is running.
    Running,
    /// Waits for a resource, perhaps with a timer.
    Waiting { label: &'static Label },
    /// Waits for a time only.
    Sleeping { label: &'static Label },
    /// Its code has ended.
    Ended,
}

/// Why a task is being taken down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doom {
    /// It is not.
    None,
    /// It alone is cancelled: its drop code runs in a world that goes on.
    Cancelled,
    /// Its process was killed: environment calls of its drop code do nothing.
    Killed,
}

/// One simulated task.
#[derive(Debug)]
pub(crate) struct Task {
    /// Its number in this world, from 1.
    pub(crate) serial: u32,
    /// The process it belongs to.
    pub(crate) process: u32,
    /// Where it stands.
    pub(crate) state: State,
    /// Whether it is being taken down.
    pub(crate) doom: Doom,
    /// Whether its stack is unwinding: nothing may be thrown into it a second time.
    pub(crate) unwinding: bool,
    /// Environment calls it has made.
    pub(crate) calls: u64,
    /// The environment call at which it is to be cancelled.
    pub(crate) cancel_at: Option<u64>,
    /// Calls it has made since it is being taken down.
    pub(crate) dead_calls: u32,
    /// Rank under the priority policy; higher runs first.
    pub(crate) priority: i64,
    /// Which wait it is in; makes older timers stale.
    wait: u64,
    /// Whether the last wait ended because its time had passed.
    pub(crate) timed_out: bool,
    /// What its end wakes.
    pub(crate) end_resource: ResourceId,
    /// The address at which its stack began when it was entered.
    pub(crate) stack_top: usize,
}

/// All tasks of a world.
#[derive(Debug, Default)]
pub(crate) struct TaskTable {
    slots: Vec<Task>,
    free: Vec<Slot>,
    ready: Vec<Slot>,
    waiting: Vec<(ResourceId, Slot)>,
    timers: BinaryHeap<Reverse<(u64, u64, Slot, u64)>>,
    next_timer: u64,
    next_serial: u32,
    live: usize,
}

impl TaskTable {
    /// An empty table that goes on with the serial numbers of `former`.
    pub(crate) fn continuing(former: &TaskTable) -> TaskTable {
        TaskTable { next_serial: former.next_serial, ..TaskTable::default() }
    }

    /// Adds a ready task.
    pub(crate) fn add(&mut self, process: u32, priority: i64, end_resource: ResourceId) -> Slot {
        self.next_serial += 1;
        let task = Task {
            serial: self.next_serial,
            process,
            state: State::Ready,
            doom: Doom::None,
            unwinding: false,
            calls: 0,
            cancel_at: None,
            dead_calls: 0,
            priority,
            wait: 0,
            timed_out: false,
            end_resource,
            stack_top: 0,
        };
        self.live += 1;
        let slot = match self.free.pop() {
            Some(slot) => {
                // Stale timers of the slot's last task must stay stale.
                let wait = self.slots[slot].wait + 1;
                self.slots[slot] = Task { wait, ..task };
                slot
            }
            None => {
                self.slots.push(task);
                self.slots.len() - 1
            }
        };
        self.ready.push(slot);
        slot
    }

    /// The task at `slot`.
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> &Task {
        &self.slots[slot]
    }

    /// The task at `slot`.
    #[inline]
    pub(crate) fn get_mut(&mut self, slot: Slot) -> &mut Task {
        &mut self.slots[slot]
    }

    /// Tasks that have not ended.
    pub(crate) fn live(&self) -> usize {
        self.live
    }

    /// Slots of tasks that have not ended, in order of their serial numbers.
    pub(crate) fn live_slots(&self) -> Vec<Slot> {
        let mut slots: Vec<Slot> =
            (0..self.slots.len()).filter(|&slot| !matches!(self.slots[slot].state, State::Ended)).collect();
        slots.sort_by_key(|&slot| self.slots[slot].serial);
        slots
    }

    /// The ready tasks, the one that has been ready longest first.
    #[inline]
    pub(crate) fn ready(&self) -> &[Slot] {
        &self.ready
    }

    /// Takes the ready task at `index` to run it.
    pub(crate) fn run_ready(&mut self, index: usize) -> Slot {
        let slot = self.ready.remove(index);
        self.slots[slot].state = State::Running;
        slot
    }

    /// Puts the running task back at the end of the ready list.
    pub(crate) fn make_ready(&mut self, slot: Slot) {
        self.slots[slot].state = State::Ready;
        self.ready.push(slot);
    }

    /// The running task starts to wait for `resource`, until `deadline` if there is one.
    pub(crate) fn wait(
        &mut self,
        slot: Slot,
        label: &'static Label,
        resource: ResourceId,
        deadline: Option<u64>,
    ) {
        let task = &mut self.slots[slot];
        task.state = State::Waiting { label };
        task.timed_out = false;
        task.wait += 1;
        self.waiting.push((resource, slot));
        if let Some(deadline) = deadline {
            self.start_timer(slot, deadline);
        }
    }

    /// The running task starts to sleep until `deadline`.
    pub(crate) fn sleep(&mut self, slot: Slot, label: &'static Label, deadline: u64) {
        let task = &mut self.slots[slot];
        task.state = State::Sleeping { label };
        task.wait += 1;
        self.start_timer(slot, deadline);
    }

    fn start_timer(&mut self, slot: Slot, deadline: u64) {
        self.next_timer += 1;
        self.timers.push(Reverse((deadline, self.next_timer, slot, self.slots[slot].wait)));
    }

    /// How many tasks wait for `resource`.
    #[inline]
    pub(crate) fn waiters(&self, resource: ResourceId) -> usize {
        self.waiting.iter().filter(|(waited, _)| *waited == resource).count()
    }

    /// Makes the `nth` waiter of `resource` (in order of arrival) ready.
    pub(crate) fn wake_nth(&mut self, resource: ResourceId, nth: usize) -> Option<Slot> {
        let position =
            self.waiting.iter().enumerate().filter(|(_, (waited, _))| *waited == resource).nth(nth)?.0;
        let (_, slot) = self.waiting.remove(position);
        self.slots[slot].wait += 1;
        self.make_ready(slot);
        Some(slot)
    }

    /// Ends whatever wait or sleep `slot` is in, so that it can be taken down.
    pub(crate) fn force_ready(&mut self, slot: Slot) {
        match self.slots[slot].state {
            State::Waiting { .. } => {
                self.waiting.retain(|&(_, waiter)| waiter != slot);
                self.slots[slot].wait += 1;
                self.make_ready(slot);
            }
            State::Sleeping { .. } => {
                self.slots[slot].wait += 1;
                self.make_ready(slot);
            }
            State::Ready | State::Running | State::Ended => {}
        }
    }

    /// Takes the task out of whatever list it is in, to run it now.
    pub(crate) fn take(&mut self, slot: Slot) {
        self.force_ready(slot);
        self.ready.retain(|&ready| ready != slot);
        self.slots[slot].state = State::Running;
    }

    /// When the next sleeper wakes or the next limited wait ends.
    pub(crate) fn next_deadline(&mut self) -> Option<u64> {
        while let Some(&Reverse((deadline, _, slot, wait))) = self.timers.peek() {
            if self.slots[slot].wait == wait {
                return Some(deadline);
            }
            self.timers.pop();
        }
        None
    }

    /// Makes every task ready whose time has come by `now`.
    #[inline]
    pub(crate) fn expire(&mut self, now: u64) {
        // Asked at every scheduling point, where nearly always nothing is due, stale timers included.
        if self.timers.peek().is_some_and(|Reverse((deadline, ..))| *deadline <= now) {
            self.expire_due(now);
        }
    }

    fn expire_due(&mut self, now: u64) {
        while self.next_deadline().is_some_and(|deadline| deadline <= now) {
            let Some(Reverse((_, _, slot, _))) = self.timers.pop() else { return };
            if matches!(self.slots[slot].state, State::Waiting { .. }) {
                self.waiting.retain(|&(_, waiter)| waiter != slot);
                self.slots[slot].timed_out = true;
            }
            self.slots[slot].wait += 1;
            self.make_ready(slot);
        }
    }

    /// The task at `slot` has ended; its slot is free once [`TaskTable::release`] is called.
    pub(crate) fn end(&mut self, slot: Slot) {
        self.force_ready(slot);
        self.ready.retain(|&ready| ready != slot);
        self.slots[slot].state = State::Ended;
        self.live -= 1;
    }

    /// Lets the slot of an ended task be used again.
    pub(crate) fn release(&mut self, slot: Slot) {
        debug_assert!(matches!(self.slots[slot].state, State::Ended));
        self.free.push(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    env::labels! {
        WAIT: "sim.test.wait", Lock, "the test waits for nothing";
    }

    fn running(table: &mut TaskTable) -> Slot {
        table.add(1, 0, 0);
        table.run_ready(table.ready().len() - 1)
    }

    #[test]
    fn waiters_wake_in_order_of_arrival_or_as_chosen() {
        let mut table = TaskTable::default();
        let slots: Vec<Slot> = (0..3).map(|_| running(&mut table)).collect();
        for &slot in &slots {
            table.wait(slot, &WAIT, 9, None);
        }
        assert_eq!(table.waiters(9), 3);
        assert_eq!(table.wake_nth(9, 1), Some(slots[1]));
        assert_eq!(table.wake_nth(9, 0), Some(slots[0]));
        assert_eq!(table.wake_nth(8, 0), None);
        assert_eq!(table.ready(), &[slots[1], slots[0]]);
    }

    #[test]
    fn a_woken_wait_leaves_no_timer_behind() {
        let mut table = TaskTable::default();
        let slot = running(&mut table);
        table.wait(slot, &WAIT, 9, Some(100));
        assert_eq!(table.next_deadline(), Some(100));
        table.wake_nth(9, 0);
        assert_eq!(table.next_deadline(), None);
        table.expire(1_000);
        assert_eq!(table.ready(), &[slot]);
        assert!(!table.get(slot).timed_out);
    }

    #[test]
    fn time_wakes_sleepers_and_limited_waits_by_deadline() {
        let mut table = TaskTable::default();
        let sleeper = running(&mut table);
        let waiter = running(&mut table);
        table.sleep(sleeper, &WAIT, 200);
        table.wait(waiter, &WAIT, 9, Some(100));
        table.expire(100);
        assert_eq!(table.ready(), &[waiter]);
        assert!(table.get(waiter).timed_out);
        assert_eq!(table.waiters(9), 0);
        table.expire(200);
        assert_eq!(table.ready(), &[waiter, sleeper]);
    }

    #[test]
    fn a_reused_slot_gets_a_new_serial_and_no_old_timer() {
        let mut table = TaskTable::default();
        let slot = running(&mut table);
        table.sleep(slot, &WAIT, 50);
        table.end(slot);
        table.release(slot);
        let again = running(&mut table);
        assert_eq!(again, slot);
        assert_eq!(table.get(again).serial, 2);
        assert_eq!(table.next_deadline(), None);
        assert_eq!(table.live(), 1);
    }
}
