//! Who waits for what: the queues, in order, and the edges that deadlock detection follows.
//!
//! Invariants
//!
//! 1. A locker waits for at most one target; it is then in exactly that target's queue.
//! 2. `Waiter::blockers` are the lockers that hold the target in a mode conflicting with the waiter's, as of the last
//!    change to that target. Whoever changes the holders of a target with a queue recomputes them, under the lock of
//!    the target's shard. One who held it without an entry may be named a little longer than he holds it: he finds the
//!    waiter by that.
//! 3. A queue is never empty.
//! 4. Nobody passes a waiter ahead whose mode conflicts with its own, except one who holds what that waiter waits for
//!    (else both would wait for ever), and except to open a deadlock.

use super::mode::LockMode;
use super::shard::{Held, LockerId, Touched};
use super::slot::Slot;
use super::target::{Running, Span, Target};
use crate::ids::{SessionId, TransactionId};
use env::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What others may see of a locker.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) session: SessionId,
    /// The number of the transaction it runs; 0 while it has none.
    pub(super) transaction: AtomicU64,
    /// After how many nanoseconds of a wait it looks for a deadlock; 0: when the wait begins.
    pub(super) deadlock_timeout: AtomicU64,
    pub(super) slot: Slot<Option<Touched>>,
    /// How many of its transactions are over. Written before the writer asks whether anybody waits.
    pub(super) ended: AtomicU64,
    /// How often an insertion that may be taken back alone began or ended: odd while one is under way.
    pub(super) insertions: AtomicU64,
    /// One more than the number of the database of which its transaction keeps one snapshot; 0 while none does.
    pub(super) keeps: AtomicU64,
    /// Its transaction is over but for its end: whoever asks for a row ahead of that may have it.
    pub(super) handed_over: AtomicBool,
    /// It asks for a row ahead of the ends of those who have handed it over.
    pub(super) ahead: AtomicBool,
}

impl Shared {
    /// How long it waits before it looks for a deadlock; none: not at all.
    pub(super) fn deadlock_timeout(&self) -> Option<Duration> {
        let nanoseconds = self.deadlock_timeout.load(Ordering::Relaxed);
        (nanoseconds > 0).then(|| Duration::from_nanos(nanoseconds))
    }

    pub(super) fn set_deadlock_timeout(&self, timeout: Option<Duration>) {
        let nanoseconds = timeout.map_or(0, |timeout| timeout.as_nanos().max(1));
        self.deadlock_timeout.store(u64::try_from(nanoseconds).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// The transaction that it runs, if it runs one.
    pub(super) fn running(&self, locker: LockerId) -> Running {
        self.running_of(Span::Transaction, locker)
    }

    fn running_of(&self, span: Span, locker: LockerId) -> Running {
        let ended = match span {
            Span::Transaction => &self.ended,
            Span::Insertion => &self.insertions,
        };
        Running { session: self.session, span, locker, ended: ended.load(Ordering::SeqCst) }
    }

    /// The insertion that is under way.
    pub(super) fn inserting(&self, locker: LockerId) -> Option<Running> {
        let running = self.running_of(Span::Insertion, locker);
        (running.ended % 2 == 1).then_some(running)
    }

    pub(super) fn identity(&self) -> Holder {
        let transaction = TransactionId(self.transaction.load(Ordering::Acquire));
        Holder { session: self.session, transaction: (transaction.0 != 0).then_some(transaction) }
    }
}

/// Someone who holds or wants a lock, as errors and listings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holder {
    /// The session.
    pub session: SessionId,
    /// Its transaction, once that has a number.
    pub transaction: Option<TransactionId>,
}

#[derive(Debug, Clone)]
pub(super) struct Waiter {
    pub(super) locker: LockerId,
    pub(super) mode: LockMode,
    pub(super) level: u32,
    pub(super) blockers: Vec<LockerId>,
    /// Whether it may come to have nothing to wait for, and looks whenever the target changes hands.
    pub(super) looks: bool,
}

/// Where a request belongs.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It may be granted at once.
    Grant,
    /// It must wait, at this position of the queue.
    At(usize),
}

#[derive(Debug, Default)]
pub(super) struct Waiting {
    lockers: Vec<Option<Arc<Shared>>>,
    free: Vec<u32>,
    queues: BTreeMap<Target, Vec<Waiter>>,
    waits_for: BTreeMap<LockerId, Target>,
}

impl Waiting {
    pub(super) fn register(&mut self, shared: Arc<Shared>) -> LockerId {
        if let Some(number) = self.free.pop() {
            self.lockers[number as usize] = Some(shared);
            return LockerId(number);
        }
        self.lockers.push(Some(shared));
        LockerId(self.lockers.len() as u32 - 1)
    }

    pub(super) fn unregister(&mut self, locker: LockerId) {
        if self.lockers[locker.0 as usize].take().is_some() {
            self.free.push(locker.0);
        }
    }

    pub(super) fn shared(&self, locker: LockerId) -> Option<&Arc<Shared>> {
        self.lockers.get(locker.0 as usize)?.as_ref()
    }

    /// The transactions that keep one snapshot of a database, by lockers.
    pub(super) fn keepers(&self, database: u64) -> impl Iterator<Item = Running> {
        self.lockers().filter_map(move |(locker, shared)| {
            // Read first: who ends then, is not waited for.
            let running = shared.running(locker);
            (shared.keeps.load(Ordering::SeqCst) == database.saturating_add(1)).then_some(running)
        })
    }

    /// Whether a transaction, or an insertion, is not over yet.
    pub(super) fn runs(&self, running: Running) -> bool {
        let same = |shared: &Arc<Shared>| shared.running_of(running.span, running.locker) == running;
        self.shared(running.locker).is_some_and(same)
    }

    /// All who are registered.
    pub(super) fn lockers(&self) -> impl Iterator<Item = (LockerId, &Arc<Shared>)> {
        (0..).map(LockerId).zip(&self.lockers).filter_map(|(locker, shared)| Some((locker, shared.as_ref()?)))
    }

    /// Whether `holder` keeps nothing from `locker` any more: it has handed over what it holds, and `locker` asks ahead.
    pub(super) fn is_ahead_of(&self, locker: LockerId, holder: LockerId) -> bool {
        let is = |locker, what: fn(&Shared) -> &AtomicBool| {
            self.shared(locker).is_some_and(|shared| what(shared).load(Ordering::SeqCst))
        };
        is(locker, |shared| &shared.ahead) && is(holder, |shared| &shared.handed_over)
    }

    pub(super) fn identity(&self, locker: LockerId) -> Option<Holder> {
        self.shared(locker).map(|shared| shared.identity())
    }

    pub(super) fn identities(&self, lockers: &[LockerId]) -> Vec<Holder> {
        lockers.iter().filter_map(|&locker| self.identity(locker)).collect()
    }

    pub(super) fn queue(&self, target: &Target) -> &[Waiter] {
        self.queues.get(target).map_or(&[], Vec::as_slice)
    }

    /// Notes who blocks a waiter.
    pub(super) fn set_blockers(&mut self, target: &Target, locker: LockerId, blockers: Vec<LockerId>) {
        let queue = self.queues.get_mut(target).map_or(&mut [][..], Vec::as_mut_slice);
        if let Some(waiter) = queue.iter_mut().find(|waiter| waiter.locker == locker) {
            waiter.blockers = blockers;
        }
    }

    pub(super) fn queues(&self) -> impl Iterator<Item = (&Target, &[Waiter])> {
        self.queues.iter().map(|(target, queue)| (target, queue.as_slice()))
    }

    /// A locker that looks at what it waits for, if it is one.
    pub(super) fn looker(&self, target: &Target, locker: LockerId) -> Option<&Arc<Shared>> {
        let looks = |waiter: &Waiter| waiter.locker == locker && waiter.looks;
        self.queue(target).iter().any(looks).then(|| self.shared(locker))?
    }

    /// What a locker waits for, and its place in that queue.
    pub(super) fn wait_of(&self, locker: LockerId) -> Option<(&Target, usize)> {
        let target = self.waits_for.get(&locker)?;
        let position = self.queue(target).iter().position(|waiter| waiter.locker == locker)?;
        Some((target, position))
    }

    /// Number of lockers that wait.
    pub(super) fn len(&self) -> usize {
        self.waits_for.len()
    }

    /// Where a request belongs that wants `mode`, and is `blocked` by a holder or not; `held` is what the requester holds itself,
    /// and what others hold.
    ///
    /// This is PostgreSQL's rule: join at the end, unless a waiter ahead waits for what the requester holds; then go
    /// before that waiter, and if nothing further ahead is in the way, do not wait at all (invariant 4). Who asks for a row
    /// that no holder keeps from him passes all who wait for it; but not if it was handed over to him alone, as those who wait
    /// for an end would otherwise wait as long as others go on from one another.
    pub(super) fn place(&self, target: &Target, mode: LockMode, held: Held, blocked: bool) -> Place {
        let queue = self.queue(target);
        let conflicts = |waiter: &Waiter| mode.conflicts() & waiter.mode.bit() != 0;
        let passes = matches!(target, Target::Row(..)) && mode.conflicts() & held.others == 0;
        if !blocked && (passes || !queue.iter().any(conflicts)) {
            return Place::Grant;
        }
        let waits_for_me = |waiter: &Waiter| waiter.mode.conflicts() & held.own != 0;
        match queue.iter().position(waits_for_me) {
            None => Place::At(queue.len()),
            Some(position) if !blocked && !queue[..position].iter().any(conflicts) => Place::Grant,
            Some(position) => Place::At(position),
        }
    }

    pub(super) fn insert(&mut self, target: &Target, position: usize, waiter: Waiter) {
        self.waits_for.insert(waiter.locker, target.clone());
        self.queues.entry(target.clone()).or_default().insert(position, waiter);
    }

    /// Takes a waiter out; `None` when it is no longer in that queue.
    pub(super) fn remove(&mut self, target: &Target, locker: LockerId) -> Option<Waiter> {
        let queue = self.queues.get_mut(target)?;
        let position = queue.iter().position(|waiter| waiter.locker == locker)?;
        let waiter = queue.remove(position);
        if queue.is_empty() {
            self.queues.remove(target);
        }
        self.waits_for.remove(&locker);
        Some(waiter)
    }

    /// Puts a queue into another order of the same waiters.
    pub(super) fn reorder(&mut self, target: &Target, order: &[LockerId]) {
        if let Some(queue) = self.queues.get_mut(target) {
            queue.sort_by_key(|waiter| order.iter().position(|locker| *locker == waiter.locker));
        }
    }

    /// Whether any other waiter can be waiting for `locker`: it holds what somebody wants, or is not last in its queue.
    /// The usual wait, at the end of a queue and holding nothing wanted, thus needs no search for cycles.
    pub(super) fn is_waited_for(&self, locker: LockerId) -> bool {
        let last = self.wait_of(locker).is_none_or(|(target, at)| at + 1 == self.queue(target).len());
        !last || self.queues.values().flatten().any(|waiter| waiter.blockers.contains(&locker))
    }

    /// The targets on which somebody waits for `locker`.
    pub(super) fn blocked_by(&self, locker: LockerId) -> Vec<Target> {
        let blocked = |waiter: &Waiter| waiter.blockers.contains(&locker);
        self.queues()
            .filter(|(_, queue)| queue.iter().any(blocked))
            .map(|(target, _)| target.clone())
            .collect()
    }
}
