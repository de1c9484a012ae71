//! Asking for a lock: the uncontended path, the place in the queue, the sleep.
//!
//! The uncontended path locks one shard, finds neither a conflicting holder nor a queue, and records the grant. All
//! else is the contended path: it looks again, now with the queues locked too, because the world may have changed.
//!
//! Invariants
//!
//! 1. A grant is recorded under the shard's lock under which it was found to be free.
//! 2. A waiter that returns, by whatever way, is neither in a queue nor in `waits_on`.
//! 3. A grant that meets a time limit or a cancellation wins: a lock that was granted is held, and said to
//!    be.
//! 4. Who has a look looks when nothing of the table is locked, and once more when he stands in the queue: what changes then
//!    wakes him.

use super::error::LockError;
use super::labels;
use super::locker::Locker;
use super::mode::{LockMode, RelationMode};
use super::queue::{Holder, Place, Waiter, Waiting};
use super::shard::{LockerId, Row};
use super::slot::Woken;
use super::table::{LockTable, Wakes};
use super::target::{ObjectKey, Running, Target, TargetRef};
use env::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::Duration;

/// What to do when a lock cannot be had at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitPolicy {
    /// Wait; no longer than `limit` if there is one (`lock_timeout`).
    Wait {
        /// The longest wait.
        limit: Option<Duration>,
    },
    /// Fail with [`LockError::NotAvailable`] (`NOWAIT`).
    NoWait,
    /// Answer [`Acquired::Skipped`] (`SKIP LOCKED`, `pg_try_advisory_lock`).
    Skip,
}

impl WaitPolicy {
    /// Waits as long as it takes.
    pub const FOREVER: WaitPolicy = WaitPolicy::Wait { limit: None };
}

/// How a request for a lock was met.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "after a wait the newest version must be read again, and a skipped lock is not held"]
pub enum Acquired {
    /// This locker held it already, in this mode or a stronger one of the same chain.
    AlreadyHeld,
    /// It was free. What was read before may still be out of date: a holder may have come and gone.
    Immediately,
    /// It was granted after waiting for these: whoever held it, or stood ahead, when the wait began.
    AfterWaitingFor(Vec<Holder>),
    /// It was not granted, as the policy says.
    Skipped,
}

impl Acquired {
    /// Whether the lock is held now.
    pub fn is_held(&self) -> bool {
        match self {
            Acquired::AlreadyHeld | Acquired::Immediately | Acquired::AfterWaitingFor(_) => true,
            Acquired::Skipped => false,
        }
    }

    /// Whether the caller slept.
    pub fn waited(&self) -> bool {
        matches!(self, Acquired::AfterWaitingFor(_))
    }
}

/// Tells whether there is nothing to wait for any more: asked before a wait, and whenever the target changes hands.
pub type Look<'a> = &'a dyn Fn() -> bool;

/// A request that stands in a queue.
struct Queued {
    target: Target,
    mode: LockMode,
    limit: Option<Duration>,
    /// Who was in the way when the wait began.
    holders: Vec<Holder>,
}

impl Locker {
    pub(super) fn acquire(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        level: u32,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        match self.acquire_free(target, mode, level) {
            Some(acquired) => Ok(acquired),
            None => self.acquire_contended(target, mode, level, policy),
        }
    }

    /// As [`Locker::acquire`]; none, with nothing acquired, when `look` says before the lock is granted that there is nothing to
    /// wait for.
    pub(super) fn acquire_with_a_look(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        policy: WaitPolicy,
        look: Look<'_>,
    ) -> Result<Option<Acquired>, LockError> {
        let level = self.level();
        match self.acquire_free(target, mode, level) {
            Some(acquired) => Ok(Some(acquired)),
            None if look() => Ok(None),
            None => self.acquire_or_look(target, mode, level, policy, Some(look)),
        }
    }

    /// As [`Locker::acquire`], ahead of the ends of those who have handed the target over. Answers also whether they may have
    /// been there: what they have made of it may not be visible then.
    pub(super) fn acquire_ahead(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        level: u32,
        policy: WaitPolicy,
    ) -> Result<(Acquired, bool), LockError> {
        if let Some(acquired) = self.acquire_free(target, mode, level) {
            return Ok((acquired, false));
        }
        self.shared.ahead.store(true, Ordering::SeqCst);
        let acquired = self.acquire_contended(target, mode, level, policy);
        self.shared.ahead.store(false, Ordering::SeqCst);
        Ok((acquired?, true))
    }

    /// Takes a lock if it is free and nobody may be waiting for it.
    pub(super) fn acquire_free(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        level: u32,
    ) -> Option<Acquired> {
        let hash = target.hash();
        let grant = self.grant(level, mode);
        let mut shard = self.table.shard(hash);
        if let (Some(place), LockMode::Row(mode), false) = (target.place(), mode, self.table.has_predicates())
        {
            let before = shard.bytes();
            let touched = match shard.grant_free_row(place, hash, grant, mode)? {
                Row::Held => return Some(Acquired::AlreadyHeld),
                Row::Granted(touched) => touched,
            };
            self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
            drop(shard);
            self.remember(touched, level);
            return Some(Acquired::Immediately);
        }
        let held = self.table.held(&shard, target, hash, self.id);
        let satisfied = held.own & mode.satisfied_by() != 0;
        if satisfied && matches!(mode, LockMode::Row(_)) {
            return Some(Acquired::AlreadyHeld);
        }
        let free = held.others & mode.conflicts() == 0 && shard.queued.is_empty();
        // What is held at another level can be had at this one too, whoever waits.
        if !free && !satisfied {
            return None;
        }
        let before = shard.bytes();
        let touched = shard.grant(target, hash, grant);
        self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
        drop(shard);
        self.remember(touched, level);
        Some(Acquired::Immediately)
    }

    /// Waits until a transaction of another session is over, or an insertion.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn await_end(&mut self, running: Running, policy: WaitPolicy) -> Result<(), LockError> {
        if !self.table.waiting.lock().runs(running) {
            return Ok(());
        }
        let target = TargetRef::Object(ObjectKey::Transaction(running));
        let mode = LockMode::Relation(RelationMode::Share);
        self.acquire_contended(target, mode, self.level(), policy).map(|_| ())
    }

    fn acquire_contended(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        level: u32,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        // Who does not look is never told that there is nothing to wait for.
        Ok(self.acquire_or_look(target, mode, level, policy, None)?.unwrap_or(Acquired::Skipped))
    }

    #[cold]
    fn acquire_or_look(
        &mut self,
        target: TargetRef<'_>,
        mode: LockMode,
        level: u32,
        policy: WaitPolicy,
        look: Option<Look<'_>>,
    ) -> Result<Option<Acquired>, LockError> {
        let table = Arc::clone(&self.table);
        let owned = target.to_target();
        let mut wakes = Wakes::default();
        let mut shard = table.shard(target.hash());
        let mut waiting = table.waiting.lock();
        let held = table.held(&shard, target, target.hash(), self.id);
        let blockers = table.blockers((&shard, &waiting), target, self.id, mode);
        let is_object = is_object(&owned);
        let position = match waiting.place(&owned, mode, held, !blockers.is_empty()) {
            Place::At(position) => position,
            Place::Grant if matches!(owned, Target::Transaction(_)) => {
                return Ok(Some(Acquired::Immediately));
            }
            // Who does not wait does not pass those who do, as in PostgreSQL.
            Place::Grant if is_object && passes_a_waiter(&policy, waiting.queue(&owned), mode) => {
                waiting.queue(&owned).len()
            }
            Place::Grant => {
                let touched = shard.grant(target, target.hash(), self.grant(level, mode));
                // Whoever waits in this queue may now wait for this locker too, or for nobody any more: a holder that is
                // about to wake its waiters has given the lock back already, and would not find them by its name.
                table.process_queue(&mut shard, &mut waiting, &owned, &mut wakes);
                self.remember(touched, level);
                return Ok(Some(Acquired::Immediately));
            }
        };
        let holders = in_the_way(&waiting, &owned, &blockers, position);
        let limit = match policy {
            WaitPolicy::Wait { limit } => limit,
            WaitPolicy::NoWait => return Err(LockError::NotAvailable { target: owned, mode, holders }),
            WaitPolicy::Skip => return Ok(Some(Acquired::Skipped)),
        };
        // Two that hold the same lock and each want more of it: PostgreSQL does not wait to see that.
        let waits_for_me = |waiter: &Waiter| waiter.mode.conflicts() & held.own != 0;
        let front = waiting.queue(&owned).get(position).filter(|waiter| waits_for_me(waiter));
        let simple = is_object && front.is_some_and(|waiter| blockers.contains(&waiter.locker));
        self.waits_on = Some(owned.clone());
        let waiter = Waiter { locker: self.id, mode, level, blockers, looks: look.is_some() };
        let is_missed = table.is_kept_without_entry(&shard, target, &waiter);
        table.enqueue(&mut shard, &mut waiting, &owned, position, waiter);
        if is_missed {
            table.process_queue(&mut shard, &mut waiting, &owned, &mut wakes);
        }
        let mut reordered = Vec::new();
        if simple || self.shared.deadlock_timeout().is_none() {
            match table.leave_deadlock(&mut shard, &mut waiting, &owned, self.id, &mut wakes) {
                Ok(queues) => reordered = queues,
                Err(refusal) => {
                    self.waits_on = None;
                    return Err(refusal);
                }
            }
        }
        drop(waiting);
        drop(shard);
        drop(wakes);
        table.process_all(&reordered);
        table.env.reached(&labels::REACHED_WAIT);
        self.sleep(&table, Queued { target: owned, mode, limit, holders }, level, look)
    }

    /// Sleeps until granted, or gives up.
    fn sleep(
        &mut self,
        table: &LockTable,
        queued: Queued,
        level: u32,
        look: Option<Look<'_>>,
    ) -> Result<Option<Acquired>, LockError> {
        let mut check_after = self.shared.deadlock_timeout();
        let timed = queued.limit.is_some() || check_after.is_some();
        let now = || if timed { table.env.monotonic(&labels::CLOCK) } else { Duration::ZERO };
        let begun = now();
        let mut looks = look.is_some();
        let refusal = loop {
            if std::mem::take(&mut looks) && look.is_some_and(|look| look()) {
                return Ok(self.withdrawn(table, &queued.target, queued.holders, level));
            }
            let elapsed = now().saturating_sub(begun);
            if let Some(limit) = queued.limit
                && elapsed >= limit
            {
                let Queued { ref target, mode, ref holders, .. } = queued;
                table.env.reached(&labels::REACHED_TIMEOUT);
                break LockError::TimedOut { target: target.clone(), mode, limit, holders: holders.clone() };
            }
            if check_after.is_some_and(|after| elapsed >= after) {
                check_after = None;
                let mut wakes = Wakes::default();
                let mut shard = table.shard(queued.target.as_ref().hash());
                let mut waiting = table.waiting.lock();
                let checked =
                    table.leave_deadlock(&mut shard, &mut waiting, &queued.target, self.id, &mut wakes);
                drop(waiting);
                drop(shard);
                drop(wakes);
                match checked {
                    Ok(reordered) => table.process_all(&reordered),
                    Err(refusal) => {
                        self.waits_on = None;
                        self.shared.slot.take();
                        return Err(refusal);
                    }
                }
            }
            let next = [queued.limit, check_after].into_iter().flatten().min();
            match self.shared.slot.wait(next.map(|at| at.saturating_sub(elapsed))) {
                Woken::Granted => return Ok(Some(self.granted(queued.holders, level))),
                Woken::ToLook => looks = true,
                Woken::TimedOut => {}
                Woken::Cancelled => {
                    table.env.reached(&labels::REACHED_CANCEL);
                    break LockError::Cancelled { target: queued.target.clone(), mode: queued.mode };
                }
            }
        };
        if let Some(acquired) = self.withdrawn(table, &queued.target, queued.holders, level) {
            // A cancellation that came too late stays pending, for whoever asks next.
            return Ok(Some(acquired));
        }
        if matches!(refusal, LockError::Cancelled { .. }) {
            self.shared.slot.take_cancel();
        }
        Err(refusal)
    }

    fn granted(&mut self, holders: Vec<Holder>, level: u32) -> Acquired {
        self.waits_on = None;
        let touched = self.shared.slot.take().flatten();
        self.remember(touched, level);
        Acquired::AfterWaitingFor(holders)
    }

    /// Leaves the queue, unless the lock was granted while this locker made up its mind: then it has it.
    fn withdrawn(
        &mut self,
        table: &LockTable,
        target: &Target,
        holders: Vec<Holder>,
        level: u32,
    ) -> Option<Acquired> {
        let withdrawn = table.withdraw(target, self.id);
        self.waits_on = None;
        if let Some(touched) = withdrawn {
            self.remember(touched, level);
            return Some(Acquired::AfterWaitingFor(holders));
        }
        // The slot stays armed otherwise; nobody can find it there, but a later wait must begin clean.
        self.shared.slot.take();
        None
    }
}

/// Who keeps a target from whoever asks: those who hold it, or else those who stand ahead.
fn in_the_way(waiting: &Waiting, target: &Target, blockers: &[LockerId], position: usize) -> Vec<Holder> {
    if !blockers.is_empty() {
        return waiting.identities(blockers);
    }
    let ahead = &waiting.queue(target)[..position];
    ahead.iter().filter_map(|waiter| waiting.identity(waiter.locker)).collect()
}

/// Whether it is locked as a whole, and by who holds it already in modes of its own.
fn is_object(target: &Target) -> bool {
    match target {
        Target::Relation(_) | Target::Advisory(_) => true,
        Target::Transaction(_) | Target::Row(..) | Target::Key(..) => false,
    }
}

/// Whether somebody waits in a queue whom `mode` would keep waiting, and who asks does not wait himself.
fn passes_a_waiter(policy: &WaitPolicy, queue: &[Waiter], mode: LockMode) -> bool {
    let waits = match policy {
        WaitPolicy::Wait { .. } => true,
        WaitPolicy::NoWait | WaitPolicy::Skip => false,
    };
    !waits && queue.iter().any(|waiter| waiter.mode.conflicts() & mode.bit() != 0)
}
