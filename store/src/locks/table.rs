//! The table itself: the shards of what is held, the queues of who waits, and the steps that need both.
//!
//! Invariants
//!
//! 1. Order of acquisition: one shard, then the queues, then a slot. Only a listing takes several shards, in order of
//!    their numbers. Nobody sleeps with a shard or the queues locked.
//! 2. A request that finds no conflicting holder and no queue touches one shard and nothing else.
//! 3. Between "a conflicting grant was seen" and "the waiter stands in the queue" the shard stays locked: a release
//!    comes before both, or finds the waiter. What is held without an entry (a predicate, a transaction itself) is given back
//!    without the shard: whoever waits for such a holder looks once more when he stands in the queue.
//! 4. After every change of a target's holders, its queue (if it has one) has been processed: nobody waits who could be
//!    granted. For releases this holds when the releasing call has returned.
//! 5. Whoever was granted is woken with nothing of the table locked, and before the call that granted has returned.
//!
//! A table serves one database: trees and relations of different databases may share numbers.

use super::claims::Claims;
use super::deadlock;
use super::error::{DeadlockStep, LockError};
use super::implicit::Implicit;
use super::labels;
use super::mode::LockMode;
use super::queue::{Shared, Waiter, Waiting};
use super::shard::{Grant, Held, LockerId, Shard, Touched};
use super::target::{ObjectKey, Target, TargetRef};
use env::Env;
use env::sync::atomic::{AtomicUsize, Ordering};
use env::sync::{Mutex, MutexGuard, RwLock};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How a lock table is made.
#[derive(Debug, Clone, Copy)]
pub struct LockOptions {
    /// Number of shards, rounded up to a power of two: about four for each core that runs transactions.
    pub shards: usize,
    /// `None`: a wait that would close a cycle is refused when it begins, so that the one who closes it is the victim.
    /// Otherwise waits are checked after this time, as PostgreSQL does; the victim is whose time is up first.
    pub deadlock_timeout: Option<Duration>,
    /// Bytes of entries that a transaction may have before [`Locker::wants_escalation`](super::Locker) says so.
    pub transaction_budget: usize,
}

impl Default for LockOptions {
    fn default() -> LockOptions {
        LockOptions { shards: 16, deadlock_timeout: None, transaction_budget: 32 << 20 }
    }
}

/// All locks of one database. Shared; sessions work through a [`Locker`](super::Locker) each.
pub struct LockTable {
    pub(super) env: Arc<dyn Env>,
    pub(super) options: LockOptions,
    shards: Box<[Mutex<Shard>]>,
    pub(super) waiting: Mutex<Waiting>,
    /// Number of waiting lockers: lets a release skip the queues. Written under `waiting`.
    waiters: AtomicUsize,
    implicit: RwLock<Implicit>,
    /// Number of predicates: lets everyone skip them. Written under `implicit`.
    predicates: AtomicUsize,
    pub(super) claims: Claims,
    /// How many insertions that may be taken back alone are under way: where there are none, nobody looks for them.
    pub(super) insertions: AtomicUsize,
}

impl fmt::Debug for LockTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LockTable").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Lockers that were granted what they wait for and are yet to be woken, which its end does. It is made before the table is
/// locked, so that it ends after the locks have been given back: who is woken earlier meets them and sleeps again.
#[derive(Default)]
pub(super) struct Wakes(Vec<Arc<Shared>>);

impl Drop for Wakes {
    fn drop(&mut self) {
        self.0.iter().for_each(|shared| shared.slot.wake());
    }
}

impl LockTable {
    /// An empty table.
    pub fn new(env: Arc<dyn Env>, options: LockOptions) -> Arc<LockTable> {
        let count = options.shards.max(1).next_power_of_two();
        Arc::new(LockTable {
            env,
            options,
            shards: (0..count).map(|_| Mutex::new(&labels::SHARD, Shard::default())).collect(),
            waiting: Mutex::new(&labels::WAITING, Waiting::default()),
            waiters: AtomicUsize::new(0),
            implicit: RwLock::new(&labels::IMPLICIT, Implicit::default()),
            predicates: AtomicUsize::new(0),
            claims: Claims::new(),
            insertions: AtomicUsize::new(0),
        })
    }

    /// Estimated bytes of all entries; zero when nothing is held.
    pub fn memory_bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().bytes()).sum()
    }

    /// How many sessions wait for a lock right now.
    pub fn waiters(&self) -> usize {
        self.waiters.load(Ordering::Acquire)
    }

    pub(super) fn shard_number(&self, hash: u64) -> usize {
        // The hash tables below use the lowest and the highest bits.
        (hash >> 32) as usize & (self.shards.len() - 1)
    }

    pub(super) fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        self.shards[self.shard_number(hash)].lock()
    }

    pub(super) fn shards(&self) -> &[Mutex<Shard>] {
        &self.shards
    }

    pub(super) fn has_predicates(&self) -> bool {
        self.predicates.load(Ordering::Acquire) != 0
    }

    /// Whether anybody but `me` has a predicate.
    pub(super) fn others_have_predicates(&self, me: LockerId) -> bool {
        self.has_predicates() && self.implicit.read().lockers().any(|locker| locker != me)
    }

    pub(super) fn change_implicit(&self, change: impl FnOnce(&mut Implicit) -> usize) {
        let mut implicit = self.implicit.write();
        self.predicates.store(change(&mut implicit), Ordering::Release);
    }

    pub(super) fn implicit_lockers(&self) -> Vec<LockerId> {
        self.implicit.read().lockers().collect()
    }

    /// The modes in which a target is held, entries and predicates together.
    pub(super) fn held(&self, shard: &Shard, target: TargetRef<'_>, hash: u64, me: LockerId) -> Held {
        let mut held = shard.held(target, hash, me);
        if self.has_predicates() {
            self.implicit.read().each_holder(target, |locker, mode| {
                if locker == me {
                    held.own |= mode.bit();
                } else {
                    held.others |= mode.bit();
                    self.env.reached(&labels::REACHED_IMPLICIT);
                }
            });
        }
        held
    }

    /// The lockers other than `me` that hold a target in a mode conflicting with `mode`, each once, and have not handed it over
    /// to `me`.
    pub(super) fn blockers(
        &self,
        (shard, waiting): (&Shard, &Waiting),
        target: TargetRef<'_>,
        me: LockerId,
        mode: LockMode,
    ) -> Vec<LockerId> {
        if let TargetRef::Object(ObjectKey::Transaction(running)) = target {
            let blocks = running.locker != me && waiting.runs(running);
            return if blocks { vec![running.locker] } else { Vec::new() };
        }
        let mut blockers = Vec::new();
        let mut add = |locker: LockerId, held: LockMode| {
            let conflicts = locker != me && mode.conflicts() & held.bit() != 0;
            if conflicts && !blockers.contains(&locker) && !waiting.is_ahead_of(me, locker) {
                blockers.push(locker);
            }
        };
        shard.each_holder(target, target.hash(), |grant| add(grant.locker, grant.mode));
        if self.has_predicates() {
            self.implicit.read().each_holder(target, add);
        }
        blockers
    }

    /// Whether a target is, or was a moment ago, kept from `waiter` by who has no entry for it, or is no object that is held.
    /// Its end locks no shard: it may have looked for waiters before this one stood in the queue.
    pub(super) fn is_kept_without_entry(
        &self,
        shard: &Shard,
        target: TargetRef<'_>,
        waiter: &Waiter,
    ) -> bool {
        let mut entries = Vec::new();
        shard.each_holder(target, target.hash(), |grant| {
            if waiter.mode.conflicts() & grant.mode.bit() != 0 {
                entries.push(grant.locker);
            }
        });
        waiter.blockers.iter().any(|blocker| !entries.contains(blocker))
    }

    /// Grants what can be granted in a queue, brings the edges of the others up to date, and forgets a queue that is empty.
    /// Whoever is granted is to be woken when the locks are given back, and so is who looks at what others have made of the target.
    ///
    /// Who blocks a waiter is asked once, and both decides and is noted: a predicate may go at any moment, and who takes it away
    /// finds those who wait by what was noted. (What is granted further behind keeps nobody waiting who stands ahead.)
    pub(super) fn process_queue(
        &self,
        shard: &mut Shard,
        waiting: &mut Waiting,
        target: &Target,
        wakes: &mut Wakes,
    ) {
        let mut ahead = 0;
        let waiters: Vec<(LockerId, LockMode, u32)> =
            waiting.queue(target).iter().map(|waiter| (waiter.locker, waiter.mode, waiter.level)).collect();
        for (locker, mode, level) in waiters {
            let blockers = self.blockers((shard, waiting), target.as_ref(), locker, mode);
            if mode.conflicts() & ahead != 0 || !blockers.is_empty() {
                ahead |= mode.bit();
                waiting.set_blockers(target, locker, blockers);
                if let Some(shared) = waiting.looker(target, locker) {
                    shared.slot.ask_to_look();
                    wakes.0.push(Arc::clone(shared));
                }
                continue;
            }
            waiting.remove(target, locker);
            let touched = match target {
                // It is over: there is nothing to be held.
                Target::Transaction(_) => None,
                Target::Relation(_) | Target::Advisory(_) | Target::Row(..) | Target::Key(..) => {
                    let grant = Grant { locker, level, mode };
                    shard.grant(target.as_ref(), target.as_ref().hash(), grant)
                }
            };
            if let Some(shared) = waiting.shared(locker) {
                shared.slot.grant(touched);
                wakes.0.push(Arc::clone(shared));
            }
        }
        if waiting.queue(target).is_empty() {
            shard.queued.remove(target);
        }
        self.waiters.store(waiting.len(), Ordering::SeqCst);
    }

    /// Processes the queues of `targets`; called with nothing locked.
    pub(super) fn process_all(&self, targets: &[Target]) {
        let mut wakes = Wakes::default();
        for target in targets {
            let mut shard = self.shard(target.as_ref().hash());
            let mut waiting = self.waiting.lock();
            self.process_queue(&mut shard, &mut waiting, target, &mut wakes);
        }
    }

    /// Grants what `locker` has been keeping from others; called after its grants were removed, with nothing locked.
    pub(super) fn wake_those_blocked_by(&self, locker: LockerId) {
        // In one order with the ends of transactions and those who wait for them.
        if self.waiters.load(Ordering::SeqCst) == 0 {
            return;
        }
        let targets = self.waiting.lock().blocked_by(locker);
        self.process_all(&targets);
    }

    /// Puts a waiter into a queue.
    pub(super) fn enqueue(
        &self,
        shard: &mut Shard,
        waiting: &mut Waiting,
        target: &Target,
        position: usize,
        waiter: Waiter,
    ) {
        if let Some(shared) = waiting.shared(waiter.locker) {
            shared.slot.arm();
        }
        waiting.insert(target, position, waiter);
        shard.queued.insert(target.clone());
        self.waiters.store(waiting.len(), Ordering::SeqCst);
    }

    /// Gives up a wait. `Some` when the lock had been granted meanwhile: then it is held.
    pub(super) fn withdraw(&self, target: &Target, locker: LockerId) -> Option<Option<Touched>> {
        let mut wakes = Wakes::default();
        let mut shard = self.shard(target.as_ref().hash());
        let mut waiting = self.waiting.lock();
        match waiting.remove(target, locker) {
            Some(_) => {
                // Those behind may have waited for nobody but this one.
                self.process_queue(&mut shard, &mut waiting, target, &mut wakes);
                None
            }
            None => {
                self.env.reached(&labels::REACHED_RACE);
                waiting.shared(locker).and_then(|shared| shared.slot.take())
            }
        }
    }

    /// Looks for a deadlock through `locker`, which waits for `target`. `Ok` names queues that were put into another order and
    /// must be processed. If there is a cycle the locker leaves it before anyone else can look: one victim is enough.
    pub(super) fn leave_deadlock(
        &self,
        shard: &mut Shard,
        waiting: &mut Waiting,
        target: &Target,
        locker: LockerId,
        wakes: &mut Wakes,
    ) -> Result<Vec<Target>, LockError> {
        self.check_deadlock(waiting, locker).map_err(|steps| {
            waiting.remove(target, locker);
            self.process_queue(shard, waiting, target, wakes);
            LockError::Deadlock { steps }
        })
    }

    /// `Err` is the cycle.
    fn check_deadlock(
        &self,
        waiting: &mut Waiting,
        locker: LockerId,
    ) -> Result<Vec<Target>, Vec<DeadlockStep>> {
        match deadlock::check(waiting, locker) {
            deadlock::Verdict::Free => Ok(Vec::new()),
            deadlock::Verdict::Reordered(orders) => {
                self.env.reached(&labels::REACHED_REORDER);
                for new in &orders {
                    waiting.reorder(&new.target, &new.order);
                }
                Ok(orders.into_iter().map(|new| new.target).collect())
            }
            deadlock::Verdict::Deadlock(cycle) => {
                self.env.reached(&labels::REACHED_DEADLOCK);
                Err(describe(waiting, &cycle))
            }
        }
    }
}

fn describe(waiting: &Waiting, cycle: &[LockerId]) -> Vec<DeadlockStep> {
    let next = cycle.iter().skip(1).chain(cycle.first());
    let step = |(&waiter, &blocker): (&LockerId, &LockerId)| {
        let (target, position) = waiting.wait_of(waiter)?;
        Some(DeadlockStep {
            waiter: waiting.identity(waiter)?,
            target: target.clone(),
            mode: waiting.queue(target)[position].mode,
            blocked_by: waiting.identity(blocker)?,
        })
    };
    cycle.iter().zip(next).filter_map(step).collect()
}
