//! A session's side of the lock table: what it holds, since which savepoint, and how it asks for more.
//!
//! Invariants
//!
//! 1. `touched` lists every transaction-level grant of this locker once, oldest level first; `savepoints[i]` is where
//!    level `i + 2` begins. (Level 1 is the transaction itself, level 0 the session.)
//! 2. `objects` has a mode's bit set exactly when `touched` has that object in that mode: repeated requests for a
//!    relation touch nothing shared.
//! 3. `savepoints` never points behind the end of `touched`, at no moment.
//! 4. A locker that goes away, by whatever way, leaves nothing behind: no grant, no waiter, no predicate.

use super::acquire::{Acquired, Look, WaitPolicy};
use super::claims::Claim;
use super::error::LockError;
use super::implicit::ImplicitLocks;
use super::mode::{LockMode, RelationMode, RowMode};
use super::queue::{Holder, Shared};
use super::shard::{Grant, LockerId, SESSION_LEVEL, Shard, Touched};
use super::slot::Slot;
use super::table::LockTable;
use super::target::{AdvisoryKey, ObjectKey, Running, Target, TargetRef};
use crate::ids::{DatabaseId, RelationId, SessionId, TransactionId, TreeId};
use env::sync::MutexGuard;
use env::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The two strengths of an advisory lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdvisoryMode {
    /// Many may hold it together.
    Shared,
    /// One holds it alone.
    Exclusive,
}

impl AdvisoryMode {
    const fn mode(self) -> RelationMode {
        match self {
            AdvisoryMode::Shared => RelationMode::Share,
            AdvisoryMode::Exclusive => RelationMode::Exclusive,
        }
    }
}

/// How long an advisory lock is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdvisoryScope {
    /// Until it is unlocked as often as it was locked, or the session ends. Rollback does not touch it.
    Session,
    /// Until the transaction ends or the savepoint is rolled back.
    Transaction,
}

/// A depth of savepoints: what [`Locker::savepoint`] returns. Deeper is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SavepointDepth(u32);

/// Cancels the wait of another session. Cheap to clone, outlives the session harmlessly.
#[derive(Clone)]
pub struct Canceller(Arc<Shared>);

impl Canceller {
    /// Makes the session's present wait, or else its next one, end with [`LockError::Cancelled`].
    pub fn cancel(&self) {
        self.0.slot.cancel();
    }

    /// Sets after how long the session's waits look for a deadlock (`deadlock_timeout`); none: when they begin.
    pub(crate) fn set_deadlock_timeout(&self, timeout: Option<Duration>) {
        self.0.set_deadlock_timeout(timeout);
    }

    /// Whether a cancellation is pending. Asking changes nothing: whoever works for the session may.
    pub fn is_pending(&self) -> bool {
        self.0.slot.is_cancelled()
    }

    /// Whether a cancellation is pending; it is no longer afterwards. For waits that are not for locks.
    pub(crate) fn take(&self) -> bool {
        self.0.slot.take_cancel()
    }
}

impl fmt::Debug for Canceller {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Canceller({:?})", self.0.session)
    }
}

/// One session in a lock table. Locks of one locker never conflict with each other.
pub struct Locker {
    pub(super) table: Arc<LockTable>,
    pub(super) id: LockerId,
    pub(super) shared: Arc<Shared>,
    pub(super) touched: Vec<Touched>,
    savepoints: Vec<usize>,
    objects: HashMap<ObjectKey, u16, FixedState>,
    session_locks: BTreeMap<(AdvisoryKey, AdvisoryMode), u64>,
    /// Set while a wait is under way, so that a locker that is dropped in it leaves the queue.
    pub(super) waits_on: Option<Target>,
    /// Estimated bytes of this transaction's entries.
    pub(super) bytes: usize,
    escalate_at: usize,
    has_predicate: bool,
    claims: bool,
    /// Whether an insertion that may be taken back alone is under way.
    pub(super) inserts: bool,
}

impl LockTable {
    /// Registers a session.
    pub fn locker(self: &Arc<LockTable>, session: SessionId) -> Locker {
        let shared = Arc::new(Shared {
            session,
            transaction: AtomicU64::new(0),
            deadlock_timeout: AtomicU64::new(0),
            slot: Slot::new(),
            ended: AtomicU64::new(0),
            insertions: AtomicU64::new(0),
            keeps: AtomicU64::new(0),
            handed_over: AtomicBool::new(false),
            ahead: AtomicBool::new(false),
        });
        shared.set_deadlock_timeout(self.options.deadlock_timeout);
        let id = self.waiting.lock().register(Arc::clone(&shared));
        Locker {
            table: Arc::clone(self),
            id,
            shared,
            touched: Vec::new(),
            savepoints: Vec::new(),
            objects: HashMap::with_hasher(FixedState::default()),
            session_locks: BTreeMap::new(),
            waits_on: None,
            bytes: 0,
            escalate_at: self.options.transaction_budget,
            has_predicate: false,
            claims: false,
            inserts: false,
        }
    }
}

impl Locker {
    /// Names the transaction in listings and errors, from the moment it has a number.
    pub fn set_transaction(&self, transaction: Option<TransactionId>) {
        self.shared.transaction.store(transaction.map_or(0, |transaction| transaction.0), Ordering::Release);
    }

    /// How others name this locker.
    pub fn identity(&self) -> Holder {
        self.shared.identity()
    }

    /// The handle by which another session cancels this one's waits.
    pub fn canceller(&self) -> Canceller {
        Canceller(Arc::clone(&self.shared))
    }

    /// Whether a cancellation is pending; it is no longer afterwards. To be called before a statement begins, so that a
    /// late cancellation of the last one does not hit this one.
    pub fn take_cancel(&self) -> bool {
        self.shared.slot.take_cancel()
    }

    /// Locks a relation until the transaction ends or the savepoint is rolled back.
    ///
    /// # Errors
    /// See [`LockError`]; nothing was acquired then.
    pub fn lock_relation(
        &mut self,
        relation: RelationId,
        mode: RelationMode,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        self.lock_object(ObjectKey::Relation(relation), mode, policy)
    }

    fn lock_object(
        &mut self,
        key: ObjectKey,
        mode: RelationMode,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        let mode = LockMode::Relation(mode);
        if self.objects.get(&key).is_some_and(|held| held & mode.bit() != 0) {
            return Ok(Acquired::AlreadyHeld);
        }
        let acquired = self.acquire(TargetRef::Object(key), mode, self.level(), policy)?;
        if acquired.is_held() {
            *self.objects.entry(key).or_default() |= mode.bit();
        }
        Ok(acquired)
    }

    /// Locks a row, or a key of a unique index, until the transaction ends or the savepoint is rolled back. `key` is
    /// the key in `tree`; whether anything stands there does not matter.
    ///
    /// # Errors
    /// See [`LockError`]; nothing was acquired then.
    pub fn lock_row(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        self.acquire(TargetRef::of_key(tree, key), LockMode::Row(mode), self.level(), policy)
    }

    /// The same; none, with nothing acquired, when `look` says before the lock is granted that there is nothing to wait for.
    ///
    /// # Errors
    /// See [`LockError`]; nothing was acquired then.
    pub fn lock_row_with_a_look(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        policy: WaitPolicy,
        look: Look<'_>,
    ) -> Result<Option<Acquired>, LockError> {
        self.acquire_with_a_look(TargetRef::of_key(tree, key), LockMode::Row(mode), policy, look)
    }

    /// The same as [`Locker::lock_row`], ahead of the ends of those who hold the row and have handed it over
    /// ([`Locker::hand_over`]). Answers also whether they may have been there: what they have made of the row is published then,
    /// and may not be visible.
    ///
    /// # Errors
    /// See [`LockError`]; nothing was acquired then.
    pub fn lock_row_ahead(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        policy: WaitPolicy,
    ) -> Result<(Acquired, bool), LockError> {
        self.acquire_ahead(TargetRef::of_key(tree, key), LockMode::Row(mode), self.level(), policy)
    }

    /// The transaction's commit is published: nothing can change any more of what it has made of its rows but that all of it, and
    /// of what is built on it, is lost. Whoever asks ahead of its end may have them now; for all others they stay locked. Who
    /// begins to wait at this very moment may be missed, and waits for the end as if he had not asked ahead.
    pub fn hand_over(&self) {
        self.shared.handed_over.store(true, Ordering::SeqCst);
        self.table.wake_those_blocked_by(self.id);
    }

    /// The same if it can be had at once, and nobody may be waiting for it; none if not.
    pub fn lock_free_row(&mut self, tree: TreeId, key: &[u8], mode: RowMode) -> Option<Acquired> {
        self.acquire_free(TargetRef::of_key(tree, key), LockMode::Row(mode), self.level())
    }

    /// Whether somebody else holds a row in a mode that excludes `mode`.
    pub fn is_row_held(&self, tree: TreeId, key: &[u8], mode: RowMode) -> bool {
        let target = TargetRef::of_key(tree, key);
        let hash = target.hash();
        let held = self.table.held(&self.table.shard(hash), target, hash, self.id);
        held.others & LockMode::Row(mode).conflicts() != 0
    }

    /// Lets others know what a row of a tree is, until the transaction ends.
    pub fn claim(&mut self, tree: TreeId, row: i64, what: Option<&[u8]>) {
        self.claims = true;
        self.table.claims.add(tree, self.id, row, what);
    }

    /// What others have said so of the tree's rows.
    pub fn claims_of_others(&self, tree: TreeId) -> Vec<Claim> {
        self.table.claims.of_others(tree, self.id)
    }

    /// Says that the transaction keeps one snapshot of a database as long as it runs.
    pub fn keep_snapshot(&self, database: DatabaseId) {
        self.shared.keeps.store(database.0.saturating_add(1), Ordering::SeqCst);
    }

    /// The transactions of others that keep one snapshot of a database.
    pub fn keepers_of_snapshots(&self, database: DatabaseId) -> Vec<Running> {
        let waiting = self.table.waiting.lock();
        waiting.keepers(database.0).filter(|running| running.locker != self.id).collect()
    }

    /// The transactions of others that hold a relation in a mode that conflicts with `mode`.
    pub fn holders_of(&self, relation: RelationId, mode: RelationMode) -> Vec<Running> {
        let target = TargetRef::Object(ObjectKey::Relation(relation));
        self.other_holders(target, LockMode::Relation(mode))
    }

    fn other_holders(&self, target: TargetRef<'_>, mode: LockMode) -> Vec<Running> {
        // While the shard is locked none of them gives its lock back, so all of them run.
        let shard = self.table.shard(target.hash());
        let waiting = self.table.waiting.lock();
        let found = self.table.blockers((&shard, &waiting), target, self.id, mode);
        found.iter().filter_map(|locker| Some(waiting.shared(*locker)?.running(*locker))).collect()
    }

    /// Waits until a row could be locked in `mode`, and does not hold it afterwards.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn await_row(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        policy: WaitPolicy,
    ) -> Result<(), LockError> {
        let acquired = self.lock_row(tree, key, mode, policy)?;
        if acquired == Acquired::AlreadyHeld {
            // Others may have handed it over: it is for their ends that one waits then.
            for running in self.other_holders(TargetRef::of_key(tree, key), LockMode::Row(mode)) {
                self.await_end(running, policy)?;
            }
        } else if acquired.is_held() {
            self.give_back_row(tree, key, mode);
        }
        Ok(())
    }

    /// Gives back a row that was locked at the present level, for whoever finds that he has to wait for something else first.
    /// It must not have been held in this mode before.
    pub fn give_back_row(&mut self, tree: TreeId, key: &[u8], mode: RowMode) {
        let target = TargetRef::of_key(tree, key);
        let hash = target.hash();
        let grant = self.grant(self.level(), LockMode::Row(mode));
        let mut shard = self.table.shard(hash);
        let before = shard.bytes();
        let gone = shard.remove_one(target, hash, grant);
        self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
        drop(shard);
        let start = self.start_of(self.level());
        if let Some(gone) = gone
            && let Some(place) = self.touched[start..].iter().rposition(|touched| *touched == gone)
        {
            self.touched.remove(start + place);
            self.bytes = self.bytes.saturating_sub(size_of::<Touched>());
        }
        self.table.wake_those_blocked_by(self.id);
    }

    /// Takes an advisory lock.
    ///
    /// # Errors
    /// See [`LockError`]; nothing was acquired then. [`WaitPolicy::Skip`] is `pg_try_advisory_lock`: it answers
    /// [`Acquired::Skipped`] instead of failing.
    pub fn lock_advisory(
        &mut self,
        key: AdvisoryKey,
        mode: AdvisoryMode,
        scope: AdvisoryScope,
        policy: WaitPolicy,
    ) -> Result<Acquired, LockError> {
        match scope {
            AdvisoryScope::Transaction => self.lock_object(ObjectKey::Advisory(key), mode.mode(), policy),
            AdvisoryScope::Session => {
                if let Some(count) = self.session_locks.get_mut(&(key, mode)) {
                    *count += 1;
                    return Ok(Acquired::AlreadyHeld);
                }
                let target = TargetRef::Object(ObjectKey::Advisory(key));
                let acquired =
                    self.acquire(target, LockMode::Relation(mode.mode()), SESSION_LEVEL, policy)?;
                if acquired.is_held() {
                    self.session_locks.insert((key, mode), 1);
                }
                Ok(acquired)
            }
        }
    }

    /// Gives back one session-level advisory lock; `false` when the session does not hold it.
    pub fn unlock_advisory(&mut self, key: AdvisoryKey, mode: AdvisoryMode) -> bool {
        let Some(count) = self.session_locks.get_mut(&(key, mode)) else { return false };
        *count -= 1;
        if *count == 0 {
            self.session_locks.remove(&(key, mode));
            self.remove_session_lock(key, mode);
            self.table.wake_those_blocked_by(self.id);
        }
        true
    }

    /// Gives back all session-level advisory locks.
    pub fn unlock_all_advisory(&mut self) {
        let held = std::mem::take(&mut self.session_locks);
        for &(key, mode) in held.keys() {
            self.remove_session_lock(key, mode);
        }
        if !held.is_empty() {
            self.table.wake_those_blocked_by(self.id);
        }
    }

    fn remove_session_lock(&self, key: AdvisoryKey, mode: AdvisoryMode) {
        let touched =
            Touched::Object { key: ObjectKey::Advisory(key), mode: LockMode::Relation(mode.mode()) };
        self.table.shard(touched.hash()).remove(&touched, self.id, SESSION_LEVEL);
    }

    /// The strongest mode in which this locker holds a row or key.
    pub fn row_mode(&self, tree: TreeId, key: &[u8]) -> Option<RowMode> {
        let target = TargetRef::of_key(tree, key);
        let hash = target.hash();
        let shard = self.table.shard(hash);
        RowMode::strongest(self.table.held(&shard, target, hash, self.id).own)
    }

    /// Whether the transaction holds a relation in exactly this mode.
    pub fn holds_relation(&self, relation: RelationId, mode: RelationMode) -> bool {
        let held = self.objects.get(&ObjectKey::Relation(relation)).copied().unwrap_or_default();
        held & LockMode::Relation(mode).bit() != 0
    }

    /// Whether a relation is held so that everybody is kept from it whom `mode` would keep.
    pub fn holds_at_least(&self, relation: RelationId, mode: RelationMode) -> bool {
        let held = self.objects.get(&ObjectKey::Relation(relation)).copied().unwrap_or_default();
        let wanted = LockMode::Relation(mode).conflicts();
        let holds = |other: &RelationMode| held & LockMode::Relation(*other).bit() != 0;
        let covers = |other: &RelationMode| wanted & !LockMode::Relation(*other).conflicts() == 0;
        RelationMode::ALL.iter().filter(|other| holds(other)).any(covers)
    }

    /// The level at which grants are recorded now.
    pub(super) fn level(&self) -> u32 {
        // Each level is a savepoint that the session has set: far fewer than 2^32.
        self.savepoints.len() as u32 + 1
    }

    /// Where a level begins in `touched`.
    fn start_of(&self, level: u32) -> usize {
        if level <= 1 { 0 } else { self.savepoints[level as usize - 2] }
    }

    /// Begins a savepoint: what is acquired from now on is released when it is rolled back.
    pub fn savepoint(&mut self) -> SavepointDepth {
        self.savepoints.push(self.touched.len());
        SavepointDepth(self.level())
    }

    /// Releases what was acquired since the savepoint. The savepoint itself stays, those set after it go.
    pub fn rollback_to(&mut self, depth: SavepointDepth) {
        debug_assert!(depth.0 <= self.level(), "a savepoint is rolled back to while it stands");
        let released = self.touched.len() > self.start_of(depth.0.min(self.level()));
        self.release_levels(depth.0);
        if released {
            self.table.wake_those_blocked_by(self.id);
        }
    }

    /// Forgets the savepoint and those set after it; what was acquired since stays with what encloses it.
    pub fn release_savepoint(&mut self, depth: SavepointDepth) {
        debug_assert!(depth.0 <= self.level(), "a savepoint is released while it stands");
        let into = depth.0 - 1;
        let start = self.start_of(depth.0);
        let table = Arc::clone(&self.table);
        let starts = self.savepoints.clone();
        let mut level = depth.0;
        let mut shard = ShardCursor::new(&table);
        let mut kept = Vec::with_capacity(self.touched.len() - start);
        for (index, touched) in (start..).zip(&self.touched[start..]) {
            while starts.get(level as usize - 1).is_some_and(|&next| next <= index) {
                level += 1;
            }
            kept.push(shard.at(touched.hash()).relabel(touched, self.id, level, into));
            // Listed under the level that it has, should the task be unwound before the next one (invariant 4).
            for start in &mut self.savepoints[depth.0 as usize - 2..] {
                *start = (*start).max(index + 1);
            }
        }
        drop(shard);
        let mut index = 0;
        self.touched.retain(|_| {
            index += 1;
            index <= start || kept[index - 1 - start]
        });
        self.savepoints.truncate(depth.0 as usize - 2);
    }

    /// Releases everything but session-level advisory locks: the transaction is over.
    pub fn end_transaction(&mut self) {
        self.end_insertion();
        self.release_levels(1);
        if self.has_predicate {
            self.table.change_implicit(|implicit| implicit.remove(self.id));
            self.has_predicate = false;
        }
        if std::mem::take(&mut self.claims) {
            self.table.claims.remove(self.id);
        }
        self.bytes = 0;
        self.escalate_at = self.table.options.transaction_budget;
        self.shared.keeps.store(0, Ordering::SeqCst);
        // Only now that it holds nothing.
        self.shared.handed_over.store(false, Ordering::SeqCst);
        self.shared.ahead.store(false, Ordering::SeqCst);
        self.shared.ended.fetch_add(1, Ordering::SeqCst);
        // Even if nothing was held: somebody may wait for the end itself.
        self.table.wake_those_blocked_by(self.id);
        self.set_transaction(None);
    }

    /// Removes the grants of all levels from `down_to` on; that level stays open, empty.
    ///
    /// A simulated crash can end this anywhere: what is listed is taken off the list only when it is gone, so that the
    /// list is whole for whoever goes on (invariant 4).
    fn release_levels(&mut self, down_to: u32) {
        let mut shard = ShardCursor::new(&self.table);
        while self.level() >= down_to {
            let level = self.savepoints.len() as u32 + 1;
            let start = self.savepoints.last().copied().unwrap_or(0);
            while let Some(touched) = self.touched.get(start..).and_then(<[Touched]>::last) {
                let shard = shard.at(touched.hash());
                let before = shard.bytes();
                shard.remove(touched, self.id, level);
                self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
                if let Touched::Object { key, mode } = touched
                    && let Some(held) = self.objects.get_mut(key)
                {
                    *held &= !mode.bit();
                    if *held == 0 {
                        self.objects.remove(key);
                    }
                }
                self.touched.pop();
            }
            if level == down_to {
                break;
            }
            self.savepoints.pop();
        }
    }

    /// Whether this transaction's entries have outgrown their budget, so that the store should [`Locker::escalate`].
    pub fn wants_escalation(&self) -> bool {
        self.bytes > self.escalate_at
    }

    /// Estimated bytes of this transaction's entries.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records a row as locked, at the current level, that a predicate covers and the next one will not.
    pub fn keep_row(&mut self, tree: TreeId, key: &[u8], mode: RowMode) {
        let target = TargetRef::of_key(tree, key);
        let hash = target.hash();
        let grant = self.grant(self.level(), LockMode::Row(mode));
        let mut shard = self.table.shard(hash);
        let before = shard.bytes();
        let touched = shard.grant(target, hash, grant);
        self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
        drop(shard);
        self.remember(touched, self.level());
    }

    /// Puts `predicate` in force, which was in force at a savepoint that the transaction is going back to.
    pub fn go_back_to(&mut self, predicate: Option<Arc<dyn ImplicitLocks>>) {
        self.has_predicate = predicate.is_some();
        self.table.change_implicit(|implicit| match predicate {
            Some(predicate) => implicit.set(self.id, predicate),
            None => implicit.remove(self.id),
        });
        self.table.wake_those_blocked_by(self.id);
    }

    /// From now on `predicate` tells what this transaction holds by having written it; entries that it covers are
    /// dropped. Replaces an earlier predicate: what that one covered and this one does not was kept before
    /// ([`Locker::keep_row`]). Entries from before the innermost savepoint stay: after a rollback the predicate of that
    /// moment does not cover them.
    ///
    /// The predicate reads pages, which may unwind the task: the list is whole until all that it covers is gone, and what is
    /// gone already may be removed again (invariant 4).
    pub fn escalate(&mut self, predicate: Arc<dyn ImplicitLocks>) {
        let table = Arc::clone(&self.table);
        self.has_predicate = true;
        table.change_implicit(|implicit| implicit.set(self.id, Arc::clone(&predicate)));
        let covered = |tree: TreeId, key: &[u8], mode: RowMode| predicate.mode_of(tree, key) >= Some(mode);
        // What was listed since the innermost savepoint is all of this level.
        let (level, innermost) = (self.level(), self.savepoints.last().copied().unwrap_or(0));
        let mut kept = vec![true; innermost];
        let mut shard = ShardCursor::new(&table);
        for touched in &self.touched[innermost..] {
            let shard = shard.at(touched.hash());
            let goes = shard.is_covered(touched, self.id, level, covered);
            if goes {
                let before = shard.bytes();
                shard.remove(touched, self.id, level);
                self.bytes = (self.bytes + shard.bytes()).saturating_sub(before);
            }
            kept.push(!goes);
        }
        drop(shard);
        let mut kept = kept.into_iter();
        self.touched.retain(|_| kept.next().unwrap_or(true));
        self.touched.shrink_to_fit();
        // What the predicate does not cover stays: ask again only when it has doubled.
        self.escalate_at = self.table.options.transaction_budget.max(2 * self.bytes);
    }

    /// Records what a grant created.
    pub(super) fn remember(&mut self, touched: Option<Touched>, grant_level: u32) {
        if let Some(touched) = touched
            && grant_level != SESSION_LEVEL
        {
            self.bytes += size_of::<Touched>();
            self.touched.push(touched);
        }
    }

    pub(super) fn grant(&self, level: u32, mode: LockMode) -> Grant {
        Grant { locker: self.id, level, mode }
    }
}

/// Holds the shard that was used last, because neighbours in a list often share it.
struct ShardCursor<'a> {
    table: &'a LockTable,
    held: Option<(usize, MutexGuard<'a, Shard>)>,
}

impl<'a> ShardCursor<'a> {
    fn new(table: &'a LockTable) -> ShardCursor<'a> {
        ShardCursor { table, held: None }
    }

    fn at(&mut self, hash: u64) -> &mut Shard {
        let number = self.table.shard_number(hash);
        if self.held.as_ref().is_some_and(|(held, _)| *held != number) {
            // Give back before taking: only listings hold two shards.
            self.held = None;
        }
        let (_, shard) = self.held.get_or_insert_with(|| (number, self.table.shards()[number].lock()));
        shard
    }
}

impl Drop for Locker {
    fn drop(&mut self) {
        if let Some(target) = self.waits_on.take()
            && let Some(granted) = self.table.withdraw(&target, self.id)
        {
            self.remember(granted, self.level());
        }
        self.end_transaction();
        self.unlock_all_advisory();
        self.table.waiting.lock().unregister(self.id);
    }
}

impl fmt::Debug for Locker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Locker")
            .field("holder", &self.identity())
            .field("level", &self.level())
            .field("touched", &self.touched.len())
            .finish_non_exhaustive()
    }
}
