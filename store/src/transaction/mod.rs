//! Transactions: what an application, or SQL, does with a store.
//!
//! A transaction reads from a snapshot with its own writes on it and writes to a private branch. It learns of
//! conflicts when it locks a row: the lock makes it wait for a concurrent writer, and a look at the newest visible
//! version then tells whether that writer committed.
//!
//! Here a transaction begins and ends. What it does meanwhile: `read`, `write`, `run` (many new rows together), `locking` (rows and trees without
//! writing them), `newest` (what others committed since), `freshest` (reading past the snapshot), `savepoint` (and statements), `large` (more than memory
//! should hold), `tracking` (what serialisable ones tell about themselves),
//! `temporary` (its half in the session's temporary forest).
//!
//! Invariants
//!
//! 1. A row is written only while its row lock is held, and only when its newest version, visible or handed over, is part of the
//!    branch's base: otherwise READ COMMITTED moves the base, the stricter levels refuse (first updater wins).
//! 2. Locks are released after the commit is visible, or after the branch was abandoned; when it is published, rows are handed
//!    over to those who ask for them ahead of that (`newest`).
//! 3. After an error that may have left the branch half-edited, only a return to a savepoint or a rollback is possible.
//! 4. A read-only transaction takes no transaction id and never touches the log.
//! 5. A transaction that may have been logged is not rolled back for the other serialisable ones, even if nobody was told
//!    of its commit: it may be there when the store is opened again.

mod begin;
mod claims;
mod freshest;
mod key_owner;
mod large;
mod locking;
mod newest;
mod opened;
mod read;
mod run;
mod savepoint;
mod temporary;
mod tracking;
mod write;

pub use begin::{Begin, Isolation};
pub use freshest::NewestScan;
pub use locking::RowLock;
pub use newest::Unsettled;
pub use run::NewEntry;
pub use savepoint::Savepoint;

use crate::branch::Branch;
use crate::error::{CommitError, ReadOnlyReason, StoreError, StoreResult};
use crate::ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
use crate::locks::WaitPolicy;
use crate::serializable::TransactionHandle;
use crate::session::{Session, is_temporary};
use crate::store::Inner;
use crate::view::View;
use crate::written_rows::WrittenRows;
use begin::take_snapshot;
use btree::AtHand;
use opened::OpenedTrees;
use pager::OwnerId;
use savepoint::SavepointState;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A transaction. Dropping it rolls it back.
pub struct Transaction {
    inner: Arc<Inner>,
    session: Session,
    isolation: Isolation,
    read_only: bool,
    wait: WaitPolicy,
    id: Option<TransactionId>,
    branch: Branch,
    savepoints: Vec<SavepointState>,
    next_savepoint: u64,
    tracked: Option<TransactionHandle>,
    opened: OpenedTrees,
    /// Pages that it has looked at lately.
    at_hand: AtHand,
    /// What stands for row locks that are no longer listed.
    written: Option<Arc<WrittenRows>>,
    /// Some trees that are locked to be written: most writes go where one of the last went.
    held_to_write: Vec<TreeId>,
    /// The same of trees whose keys are locked.
    held_to_lock: Vec<TreeId>,
    /// Trees in which rows were written otherwise than with their keys kept, undone or not.
    keys_written: BTreeSet<TreeId>,
    /// How often it has gone back to a savepoint.
    gone_back: u64,
    /// Edits since the branch's pages were last written: no more pages than that can be dirty because of it.
    edits_since_spill: usize,
    /// Where a row is put together before it is written; empty between two.
    stored_row: Vec<u8>,
    /// What it does in the session's temporary forest.
    temporary: Option<Box<Transaction>>,
    /// Whether it may read what is not visible yet.
    may_be_ahead: bool,
    /// Whether its base may not be visible yet.
    ahead: bool,
    /// It was handed over to be committed, and no answer has come: should it be dropped so, its task was unwound.
    committing: bool,
    ended: bool,
}

/// Where a transaction stands: as long as that is the same, it sees the same commits of others, and holds every lock that it held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    owner: OwnerId,
    /// How often it has gone back to a savepoint, which gives locks back.
    gone_back: u64,
    snapshot: CommitNumber,
}

/// What the other serialisable transactions are told of its end.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// With the commit's number, if it wrote anything.
    Committed(Option<CommitNumber>),
    /// With the number that the commit would have, if that is known.
    Unknown(Option<CommitNumber>),
    RolledBack,
}

impl Transaction {
    pub(crate) fn begin(inner: Arc<Inner>, session: Session, begin: Begin) -> StoreResult<Transaction> {
        inner.health.check_open()?;
        let (tracked, hold) = take_snapshot(&inner, &session, &begin)?;
        if let Err(error) = hold.version().forest.database(begin.database) {
            if let Some(handle) = tracked {
                inner.serializable.rolled_back(handle);
            }
            return Err(error);
        }
        let mut branch = Branch::new(inner.new_owner(), hold, begin.database);
        // Without a log nothing has to be written down for it.
        branch.by_roots = inner.unlogged;
        Ok(Transaction::on_branch(inner, session, begin, branch, tracked))
    }

    /// Begins on what `view` shows of published commits; see [`Session::begin_on`].
    pub(crate) fn begin_on(
        inner: Arc<Inner>,
        session: Session,
        begin: Begin,
        view: &View,
    ) -> StoreResult<Transaction> {
        inner.health.check_open()?;
        if begin.isolation != Isolation::RepeatableRead || begin.database != view.database() {
            return Err(StoreError::NoSuchStart);
        }
        inner.newest().forest.database(begin.database)?;
        let (base, hold) = view.published();
        let branch = Branch::on(inner.new_owner(), base.clone(), hold.clone(), begin.database);
        Ok(Transaction::on_branch(inner, session, begin, branch, None))
    }

    fn on_branch(
        inner: Arc<Inner>,
        session: Session,
        begin: Begin,
        branch: Branch,
        tracked: Option<TransactionHandle>,
    ) -> Transaction {
        if begin.isolation != Isolation::ReadCommitted {
            session.locker().keep_snapshot(branch.database);
        }
        Transaction {
            inner,
            session,
            isolation: begin.isolation,
            read_only: begin.read_only,
            wait: begin.wait,
            id: None,
            branch,
            savepoints: Vec::new(),
            next_savepoint: 1,
            tracked,
            opened: OpenedTrees::default(),
            at_hand: AtHand::default(),
            written: None,
            held_to_write: Vec::new(),
            held_to_lock: Vec::new(),
            keys_written: BTreeSet::new(),
            gone_back: 0,
            edits_since_spill: 0,
            stored_row: Vec::new(),
            temporary: None,
            may_be_ahead: false,
            ahead: false,
            committing: false,
            ended: false,
        }
    }

    /// Takes the transaction from where it is kept, for somebody else to go on with it. What is left in its place has ended;
    /// whoever lends puts it back.
    pub fn lend(&mut self) -> Transaction {
        let branch = &self.branch;
        let branch = Branch::on(branch.owner, branch.base.clone(), branch.hold.clone(), branch.database);
        let begin = Begin { isolation: self.isolation, read_only: self.read_only, ..Begin::default() };
        let mut left = Transaction::on_branch(self.inner.clone(), self.session.clone(), begin, branch, None);
        left.ended = true;
        // Whoever goes on with it may tell of what he reads.
        self.may_be_ahead = false;
        std::mem::replace(self, left)
    }

    /// How calls that do not say otherwise wait for locks from now on (`SET lock_timeout`).
    pub fn set_wait(&mut self, wait: WaitPolicy) {
        self.wait = wait;
    }

    /// How calls that do not say otherwise wait for locks.
    pub fn wait(&self) -> WaitPolicy {
        self.wait
    }

    /// The commit that the transaction's snapshot shows.
    pub fn snapshot(&self) -> CommitNumber {
        self.branch.base.commit
    }

    /// Where it stands.
    pub fn standing(&self) -> Standing {
        Standing { owner: self.branch.owner, gone_back: self.gone_back, snapshot: self.branch.base.commit }
    }

    /// Whether it has written to a tree. What it has undone may count.
    pub fn has_written(&self, tree: TreeId) -> bool {
        if is_temporary(tree) && !self.inner.unlogged {
            return self.temporary.as_ref().is_some_and(|half| half.has_written(tree));
        }
        self.branch.has_changed(tree)
    }

    /// Its id, once it has written or locked something.
    pub fn id(&self) -> Option<TransactionId> {
        self.id
    }

    /// How it is kept apart from others.
    pub fn isolation(&self) -> Isolation {
        self.isolation
    }

    /// The database it works in.
    pub fn database(&self) -> DatabaseId {
        self.branch.database
    }

    /// The session that the transaction runs in: advisory locks, cancellation.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Commits. The transaction is over, whatever the outcome.
    ///
    /// # Errors
    /// [`CommitError::Refused`]: nothing was committed. [`CommitError::Unknown`]: only reopening will tell.
    pub fn commit(mut self) -> Result<CommitNumber, CommitError> {
        self.check_open().map_err(CommitError::Refused)?;
        // What can fail of the temporary half comes before the commit, what cannot after it.
        let temporary = self.prepare_temporary().map_err(CommitError::Refused)?;
        let wrote = !self.branch.is_clean();
        let result = match self.id {
            Some(id) if !self.branch.is_clean() => {
                let inner = self.inner.clone();
                let tracked = self.tracked;
                self.committing = true;
                let session = &self.session;
                let check = || match tracked {
                    Some(handle) => Ok(inner.serializable.prepare(handle)?),
                    None => Ok(()),
                };
                inner.commit(&mut self.branch, id, &check, &|| session.locker().hand_over())
            }
            Some(_) | None => self.commit_nothing(),
        };
        self.end(match &result {
            Ok(number) => Ending::Committed(wrote.then_some(*number)),
            Err(CommitError::Unknown { commit, .. }) => Ending::Unknown(Some(*commit)),
            Err(CommitError::Refused(_)) => Ending::RolledBack,
        });
        if let (Ok(_), Some(prepared)) = (&result, temporary) {
            prepared.publish();
        }
        result
    }

    /// There is nothing to log. Whoever has only looked at a database that was dropped meanwhile is told so nevertheless.
    fn commit_nothing(&mut self) -> Result<CommitNumber, CommitError> {
        // That it had nothing to write may be because of what others have.
        self.settle().map_err(CommitError::Refused)?;
        self.inner.newest().forest.database(self.branch.database).map_err(CommitError::Refused)?;
        if let Some(handle) = self.tracked {
            self.inner.serializable.prepare(handle).map_err(|error| CommitError::Refused(error.into()))?;
        }
        Ok(self.branch.base.commit)
    }

    /// Rolls back: nothing of the transaction remains.
    pub fn rollback(mut self) {
        self.end(Ending::RolledBack);
    }

    fn end(&mut self, ending: Ending) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.savepoints.clear();
        self.written = None;
        self.temporary = None;
        self.branch.abandon(&self.inner.pager);
        if let Some(handle) = self.tracked.take() {
            match ending {
                Ending::Committed(number) => self.inner.serializable.committed(handle, number),
                Ending::Unknown(number) => self.inner.serializable.unknown(handle, number),
                Ending::RolledBack => self.inner.serializable.rolled_back(handle),
            }
        }
        self.session.locker().end_transaction();
    }

    fn check_open(&self) -> StoreResult<()> {
        self.inner.health.check_open()?;
        if self.ended || self.branch.is_broken() { Err(StoreError::Ended) } else { Ok(()) }
    }

    /// The transaction's id, given at its first write or lock.
    fn write_id(&mut self) -> StoreResult<TransactionId> {
        self.check_open()?;
        if self.read_only {
            return Err(StoreError::ReadOnly { reason: ReadOnlyReason::Transaction });
        }
        self.inner.check_writable()?;
        Ok(match self.id {
            Some(id) => id,
            None => {
                // Somebody may have asked for it already.
                let promised = self.session.transaction_id(true);
                let id = promised.unwrap_or_else(|| self.inner.new_transaction());
                if let Some(handle) = self.tracked {
                    self.inner.serializable.set_transaction(handle, id);
                }
                *self.id.insert(id)
            }
        })
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        // A commit that was broken off has been logged at most if it was broken off in the midst of what poisons the store.
        let logged = self.committing && self.inner.health.check().is_err();
        self.end(if logged { Ending::Unknown(None) } else { Ending::RolledBack });
    }
}
