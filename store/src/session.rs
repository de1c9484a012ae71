//! Sessions: who waits for locks, and what outlives a transaction.
//!
//! Invariants
//!
//! 1. A session runs one transaction at a time; its locks never conflict with each other.
//! 2. Trees of different databases never share a lock, although branching gives them the same id: [`lock_name`].

use crate::error::{StoreError, StoreResult};
use crate::forest::MAIN_DATABASE;
use crate::ids::{DatabaseId, RelationId, SessionId, TransactionId, TreeId};
use crate::labels;
use crate::locks::{self, AdvisoryKey, AdvisoryMode, AdvisoryScope, Locker, RelationMode, WaitPolicy};
use crate::sequence::SequenceId;
use crate::store::Inner;
use crate::transaction::{Begin, Transaction};
use crate::view::View;
use env::sync::atomic::Ordering;
use env::sync::{Mutex, MutexGuard, OnceLock};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Tree ids stay below this, so that database and tree fit into one lock name.
pub const TREE_LIMIT: u64 = 1 << 40;
/// Trees of sessions' temporary forests have ids from here on, those of the file have others.
pub const FIRST_TEMPORARY_TREE: u64 = 1 << 39;
/// And database ids below this: sixteen million branchings in the life of a file.
pub const DATABASE_LIMIT: u64 = 1 << 24;

/// Whether a tree stands in the temporary forest of its session.
pub fn is_temporary(tree: TreeId) -> bool {
    tree.0 >= FIRST_TEMPORARY_TREE
}

/// The name under which a tree of a database is locked. Tree 0 stands for the database as a whole.
///
/// # Errors
/// When no such tree or database can be: the number comes from a caller, or from a damaged file.
pub fn lock_name(database: DatabaseId, tree: TreeId) -> StoreResult<TreeId> {
    if database.0 >= DATABASE_LIMIT {
        return Err(StoreError::NoSuchDatabase { database });
    }
    if tree.0 >= TREE_LIMIT {
        return Err(StoreError::NoSuchTree { tree });
    }
    Ok(TreeId(database.0 * TREE_LIMIT + tree.0))
}

/// The database and the tree that a lock's name stands for, in listings and in errors. Tree 0 is the database itself.
pub fn named_by(name: TreeId) -> (DatabaseId, TreeId) {
    (DatabaseId(name.0 / TREE_LIMIT), TreeId(name.0 % TREE_LIMIT))
}

/// A session of a store.
#[derive(Clone)]
pub struct Session(Arc<Shared>);

/// What the clones of a session share: one reference to count, since every transaction clones its session.
struct Shared {
    inner: Arc<Inner>,
    id: SessionId,
    locker: Mutex<Locker>,
    canceller: locks::Canceller,
    /// A session of its temporary forest, once it has one.
    temporary: OnceLock<Session>,
}

/// Cancels the wait of a session, be it for a lock or for a safe snapshot. Outlives session and store harmlessly.
#[derive(Debug, Clone)]
pub struct Canceller {
    locks: locks::Canceller,
    store: Weak<Inner>,
}

impl Canceller {
    /// Makes the session's present wait, or else its next one, end with an error that says so.
    pub fn cancel(&self) {
        self.locks.cancel();
        if let Some(store) = self.store.upgrade() {
            store.serializable.wake_deferrable();
        }
    }

    /// Whether a cancellation is pending. Asking changes nothing: whoever works for the session may.
    pub fn is_pending(&self) -> bool {
        self.locks.is_pending()
    }
}

impl Session {
    pub(crate) fn new(inner: Arc<Inner>) -> Session {
        let id = SessionId(inner.next_session.fetch_add(1, Ordering::Relaxed));
        let locker = inner.locks.locker(id);
        let canceller = locker.canceller();
        let locker = Mutex::new(&labels::SESSION_LOCK, locker);
        Session(Arc::new(Shared { inner, id, locker, canceller, temporary: OnceLock::new() }))
    }

    /// Begins a transaction in this session.
    ///
    /// # Errors
    /// When the database does not exist; [`StoreError::Cancelled`] out of the wait for a safe snapshot.
    pub fn begin(&self, begin: Begin) -> StoreResult<Transaction> {
        Transaction::begin(self.0.inner.clone(), self.clone(), begin)
    }

    /// Begins a transaction that reads as of `view`, at REPEATABLE READ: what several of them begin on shows all of them
    /// the same rows (`SET TRANSACTION SNAPSHOT`). Changes of the transaction that the view was taken of are not seen.
    ///
    /// # Errors
    /// [`StoreError::NoSuchStart`] in another database or at another level; when the database was dropped.
    pub fn begin_on(&self, begin: Begin, view: &View) -> StoreResult<Transaction> {
        Transaction::begin_on(self.0.inner.clone(), self.clone(), begin, view)
    }

    /// The session's number: what listings and errors of locks call it.
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// The id of the transaction that runs, once it has one. Asked for one it gets it before its first write, which then takes it:
    /// a transaction without writes that ends has spent a number, no more.
    pub fn transaction_id(&self, give: bool) -> Option<TransactionId> {
        let locker = self.locker();
        let known = locker.identity().transaction;
        if known.is_some() || !give {
            return known;
        }
        let id = self.0.inner.new_transaction();
        locker.set_transaction(Some(id));
        Some(id)
    }

    /// The newest transaction id that was given to anybody.
    pub fn newest_transaction_id(&self) -> TransactionId {
        TransactionId(self.0.inner.next_transaction.load(Ordering::Acquire).saturating_sub(1))
    }

    /// Whether somebody has asked the session to stop ([`Canceller::cancel`]); he is then taken to have been heard. To be
    /// called before a statement begins, so that a cancellation which came too late for the last one does not hit this
    /// one, and at the places where a statement can stop. Tasks that work for the session look at
    /// [`Canceller::is_pending`] instead.
    pub fn take_cancel(&self) -> bool {
        self.0.canceller.take()
    }

    /// Locks a tree as a whole until the session's transaction ends, for who does not have the transaction at hand. Answers
    /// whether what was read of the tree before may be out of date: not if it was locked so already, or more strongly.
    ///
    /// # Errors
    /// [`StoreError::Lock`].
    pub fn lock_tree(
        &self,
        database: DatabaseId,
        tree: TreeId,
        mode: RelationMode,
        wait: WaitPolicy,
    ) -> StoreResult<bool> {
        let relation = RelationId(lock_name(database, tree)?.0);
        let mut locker = self.locker();
        if locker.holds_at_least(relation, mode) {
            return Ok(false);
        }
        // Only rows are skipped.
        let wait = if wait == WaitPolicy::Skip { WaitPolicy::FOREVER } else { wait };
        Ok(locker.lock_relation(relation, mode, wait)?.is_held())
    }

    /// Sets after how long the session's waits for locks look for a deadlock, as PostgreSQL's `deadlock_timeout`; none: when
    /// they begin. Of those in a deadlock the one is refused that looks first.
    pub fn set_deadlock_timeout(&self, timeout: Option<Duration>) {
        self.0.canceller.set_deadlock_timeout(timeout);
    }

    /// Gives back all session-level advisory locks.
    pub fn unlock_all_advisory(&self) {
        self.locker().unlock_all_advisory();
    }

    /// The handle by which another task cancels this session's waits.
    pub fn canceller(&self) -> Canceller {
        Canceller { locks: self.0.canceller.clone(), store: Arc::downgrade(&self.0.inner) }
    }

    /// Takes an advisory lock; `false` when the policy was to skip and somebody else has it.
    ///
    /// # Errors
    /// [`StoreError::Lock`].
    pub fn lock_advisory(
        &self,
        key: AdvisoryKey,
        mode: AdvisoryMode,
        scope: AdvisoryScope,
        wait: WaitPolicy,
    ) -> StoreResult<bool> {
        Ok(self.locker().lock_advisory(key, mode, scope, wait)?.is_held())
    }

    /// Gives back one session-level advisory lock; `false` when the session does not hold it.
    pub fn unlock_advisory(&self, key: AdvisoryKey, mode: AdvisoryMode) -> bool {
        self.locker().unlock_advisory(key, mode)
    }

    /// As [`crate::Store::take_row_numbers`], also for trees of the session's temporary forest.
    ///
    /// # Errors
    /// As there; when the session has no temporary forest.
    pub fn take_row_numbers(
        &self,
        database: DatabaseId,
        sequence: SequenceId,
        count: u64,
    ) -> StoreResult<u64> {
        match self.temporary_of_sequence(sequence)? {
            Some(temporary) => temporary.0.inner.take_row_numbers(MAIN_DATABASE, sequence, count),
            None => self.0.inner.take_row_numbers(database, sequence, count),
        }
    }

    /// As [`crate::Store::take_ordinals`], also for sequences of the session's temporary forest.
    ///
    /// # Errors
    /// As there; when the session has no temporary forest.
    pub fn take_ordinals(&self, database: DatabaseId, sequence: SequenceId, count: u64) -> StoreResult<u64> {
        match self.temporary_of_sequence(sequence)? {
            Some(temporary) => temporary.0.inner.take_ordinals(MAIN_DATABASE, sequence, count),
            None => self.0.inner.take_ordinals(database, sequence, count),
        }
    }

    /// A sequence of the session's temporary forest that has not been used, without a tree.
    ///
    /// # Errors
    /// When there can be no temporary file.
    pub fn new_temporary_sequence(&self) -> StoreResult<SequenceId> {
        Ok(SequenceId(self.or_make_temporary()?.0.inner.new_tree()?.0))
    }

    fn temporary_of_sequence(&self, sequence: SequenceId) -> StoreResult<Option<&Session>> {
        if sequence.0 < FIRST_TEMPORARY_TREE {
            return Ok(None);
        }
        let missing = StoreError::NoSuchTree { tree: TreeId(sequence.0) };
        self.temporary().map(Some).ok_or(missing)
    }

    /// How many bytes the pages of a tree take, or of all that a database has; large values included. What is not committed is
    /// not there: 0. Reads index pages, and leaves that refer to large values.
    ///
    /// # Errors
    /// When the database does not exist, or a page cannot be read.
    pub fn bytes_of(&self, database: DatabaseId, tree: Option<TreeId>) -> StoreResult<u64> {
        let (inner, database) = match tree {
            Some(tree) if is_temporary(tree) => match self.temporary() {
                Some(temporary) => (&temporary.0.inner, MAIN_DATABASE),
                None => return Ok(0),
            },
            Some(_) | None => (&self.0.inner, database),
        };
        View::of_snapshot(inner, database, inner.snapshots.take())?.bytes_of(tree)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0.inner
    }

    /// A session of this one's temporary forest, if it has one.
    pub(crate) fn temporary(&self) -> Option<&Session> {
        self.0.temporary.get()
    }

    /// As [`Session::temporary`]; the forest is made if there is none.
    pub(crate) fn or_make_temporary(&self) -> StoreResult<&Session> {
        if let Some(temporary) = self.0.temporary.get() {
            return Ok(temporary);
        }
        let made = Session::new(Arc::new(self.0.inner.temporary_forest()?));
        Ok(self.0.temporary.get_or_init(|| made))
    }

    /// Releases all locks of a transaction that is over.
    pub(crate) fn end_transaction(&self) {
        self.locker().end_transaction();
    }

    /// The session's locks. Held across waits: nobody but the session asks for them.
    pub(crate) fn locker(&self) -> MutexGuard<'_, Locker> {
        self.0.locker.lock()
    }
}

impl Inner {
    /// Keeps a database from being branched or dropped until the session's transaction ends (shared among such).
    pub fn hold_database(&self, session: &mut Session, database: DatabaseId) -> StoreResult<()> {
        self.lock_database(session, database, RelationMode::AccessShare)
    }

    /// Locks a database as a whole.
    pub fn lock_database(
        &self,
        session: &mut Session,
        database: DatabaseId,
        mode: RelationMode,
    ) -> StoreResult<()> {
        let relation = RelationId(lock_name(database, TreeId(0))?.0);
        let acquired = session.locker().lock_relation(relation, mode, WaitPolicy::FOREVER)?;
        if acquired.is_held() { Ok(()) } else { Err(StoreError::NoSuchDatabase { database }) }
    }
}
