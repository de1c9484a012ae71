//! Transactions: what an application, or SQL, does with a store.
//!
//! A transaction reads from a snapshot with its own writes on it and writes to a private branch. It learns of
//! conflicts when it locks a row: the lock makes it wait for a concurrent writer, and a look at the newest visible
//! version then tells whether that writer committed.
//!
//! Invariants
//!
//! 1. A row is written only while its row lock is held, and only when its newest visible version is part of the branch's
//!    base: otherwise READ COMMITTED moves the base, the stricter levels refuse (first updater wins).
//! 2. Locks are released after the commit is visible, or after the branch was abandoned.
//! 3. After an error that may have left the branch half-edited, only a return to a savepoint or a rollback is possible.
//! 4. A read-only transaction takes no transaction id and never touches the log.

use crate::branch::{Branch, SavedState};
use crate::error::{CommitError, ConflictAction, ReadOnlyReason, StoreError, StoreResult};
use crate::forest::{MAIN_DATABASE, TreeEntry};
use crate::ids::{CommitNumber, DatabaseId, TransactionId, TreeId};
use crate::labels;
use crate::locks::{Acquired, RelationMode, RowMode, SavepointDepth, WaitPolicy};
use crate::record::Operation;
use crate::row;
use crate::scan::{Bounds, Scan};
use crate::serializable::{Access, TransactionHandle};
use crate::session::{Session, lock_name};
use crate::snapshots::Snapshot;
use crate::store::Inner;
use crate::written_rows::WrittenRows;
use env::sync::atomic::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// What a transaction may see of concurrent ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it began ([`Transaction::refresh`]).
    ReadCommitted,
    /// Everything is read as of the first statement; a row changed since cannot be written.
    RepeatableRead,
    /// As if transactions ran one after another.
    Serializable,
}

/// How a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begin {
    /// What it may see.
    pub isolation: Isolation,
    /// Whether it may write.
    pub read_only: bool,
    /// The database it works in.
    pub database: DatabaseId,
    /// How it waits for locks when a call does not say.
    pub wait: WaitPolicy,
}

impl Default for Begin {
    fn default() -> Begin {
        Begin {
            isolation: Isolation::ReadCommitted,
            read_only: false,
            database: MAIN_DATABASE,
            wait: WaitPolicy::FOREVER,
        }
    }
}

/// What became of a row that was locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowLock {
    /// It is as the transaction sees it.
    Held,
    /// It is held, and somebody changed or removed it since the statement's snapshot: evaluate it again (READ COMMITTED
    /// only; the base has been moved).
    HeldChanged,
    /// Somebody else holds it, and the policy was not to wait.
    Skipped,
}

/// A place in a transaction to come back to. Released by [`Transaction::release`], or with the transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Savepoint {
    serial: u64,
}

struct SavepointState {
    serial: u64,
    branch: SavedState,
    locks: SavepointDepth,
}

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
    /// Trees of the base that were read, and are locked against being dropped; `None` for one that the base lacks.
    opened: BTreeMap<TreeId, Option<TreeEntry>>,
    /// Edits since the branch's pages were last written: no more pages than that can be dirty because of it.
    edits_since_spill: usize,
    ended: bool,
}

impl Transaction {
    pub(crate) fn begin(inner: Arc<Inner>, session: Session, begin: Begin) -> StoreResult<Transaction> {
        inner.newest().forest.database(begin.database)?;
        let (tracked, hold) = take_snapshot(&inner, &begin);
        let birth = inner.birth.load(Ordering::Acquire);
        let branch = Branch::new(inner.new_owner(), birth, hold, begin.database);
        Ok(Transaction {
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
            opened: BTreeMap::new(),
            edits_since_spill: 0,
            ended: false,
        })
    }

    /// The commit that the transaction's snapshot shows.
    pub fn snapshot(&self) -> CommitNumber {
        self.branch.base.commit
    }

    /// Its id, once it has written or locked something.
    pub fn id(&self) -> Option<TransactionId> {
        self.id
    }

    /// The database it works in.
    pub fn database(&self) -> DatabaseId {
        self.branch.database
    }

    /// A new statement of a READ COMMITTED transaction begins: it sees what has been committed until now, and its own
    /// writes. Does nothing at the other levels.
    ///
    /// # Errors
    /// When a page cannot be read.
    pub fn refresh(&mut self) -> StoreResult<()> {
        self.check_open()?;
        match self.isolation {
            Isolation::ReadCommitted => self.move_base(),
            Isolation::RepeatableRead | Isolation::Serializable => Ok(()),
        }
    }

    fn move_base(&mut self) -> StoreResult<()> {
        let hold = self.inner.snapshots.take();
        if hold.commit() == self.branch.base.commit {
            return Ok(());
        }
        self.opened.clear();
        self.inner.rebase(&mut self.branch, hold.version())?;
        self.branch.hold = hold;
        Ok(())
    }

    /// Reads a value; `None` when the key is not there.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<Option<Vec<u8>>> {
        self.get_with(tree, key, <[u8]>::to_vec)
    }

    /// Reads a value without copying it (unless it is a large one).
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn get_with<R>(
        &mut self,
        tree: TreeId,
        key: &[u8],
        read: impl FnOnce(&[u8]) -> R,
    ) -> StoreResult<Option<R>> {
        self.readable(tree)?;
        self.note_read(tree, key)?;
        let (pager, entry) = (&self.inner.pager, self.opened_entry(tree)?);
        match entry.tree.get(pager, key)? {
            Some(value) => Ok(Some(row::with_content(pager, &value, entry.versioned, read)?)),
            None => Ok(None),
        }
    }

    /// Whether the key is there.
    ///
    /// # Errors
    /// When the tree does not exist or a page cannot be read.
    pub fn contains(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        Ok(self.get_with(tree, key, |_| ())?.is_some())
    }

    /// The number of keys in a tree, without a scan.
    ///
    /// # Errors
    /// When the tree does not exist.
    pub fn count(&mut self, tree: TreeId) -> StoreResult<u64> {
        let rows = self.readable(tree)?.tree.len();
        self.note_range(tree, &Bounds::all())?;
        Ok(rows)
    }

    /// The keys within `bounds`, both ways. The scan shows the tree as it is now, whatever is written meanwhile.
    ///
    /// # Errors
    /// When the tree does not exist.
    pub fn scan(&mut self, tree: TreeId, bounds: Bounds) -> StoreResult<Scan> {
        let entry = self.readable(tree)?.clone();
        self.note_range(tree, &bounds)?;
        Ok(Scan::new(self.inner.clone(), &self.branch, &entry, bounds))
    }

    /// Sets a key's value: waits for whoever holds the row, refuses or moves on if it was changed meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Conflict`], [`StoreError::Lock`], and what reading and writing pages may meet.
    pub fn put(&mut self, tree: TreeId, key: &[u8], value: &[u8]) -> StoreResult<()> {
        let (id, versioned) = self.writable(tree, key)?;
        if versioned {
            let mut stored = Vec::with_capacity(value.len() + 5);
            row::encode(id, value, &mut stored);
            self.apply(&Operation::Put { tree: tree.0, key, value: &stored })
        } else {
            self.apply(&Operation::Put { tree: tree.0, key, value })
        }
    }

    /// Removes a key; `false` when it is not there.
    ///
    /// # Errors
    /// As [`Transaction::put`].
    pub fn delete(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        self.writable(tree, key)?;
        let there = match self.branch.entry(&self.inner.pager, tree)? {
            Some(entry) => entry.tree.get(&self.inner.pager, key)?.is_some(),
            None => false,
        };
        if there {
            self.apply(&Operation::Delete { tree: tree.0, key })?;
        }
        Ok(there)
    }

    /// Removes every key from `from` up to, not including, `to` (or to the end) under an exclusive lock on the tree;
    /// whole pages go without being read. Returns how many keys went.
    ///
    /// # Errors
    /// As [`Transaction::put`]; at the stricter levels a conflict if anybody changed the tree since the snapshot.
    pub fn delete_range(&mut self, tree: TreeId, from: &[u8], to: Option<&[u8]>) -> StoreResult<u64> {
        let before = self.exclusive(tree)?.tree.len();
        self.note_range_write(tree, from, to)?;
        self.apply(&Operation::DeleteRange { tree: tree.0, from, to })?;
        let after = self.branch.entry(&self.inner.pager, tree)?.map_or(0, |entry| entry.tree.len());
        Ok(before - after)
    }

    /// Makes a tree. A versioned one keeps each row's writer, which is how conflicts on rows are found; an unversioned
    /// one is for entries that follow from rows (indexes), whose rows are locked instead.
    ///
    /// # Errors
    /// When the transaction cannot write.
    pub fn create_tree(&mut self, versioned: bool) -> StoreResult<TreeId> {
        self.write_id()?;
        let tree = self.inner.new_tree();
        self.lock_tree(tree, RelationMode::AccessExclusive, self.wait)?;
        self.apply(&Operation::CreateTree { tree: tree.0, versioned })?;
        Ok(tree)
    }

    /// Drops a tree, under an exclusive lock.
    ///
    /// # Errors
    /// As [`Transaction::delete_range`].
    pub fn drop_tree(&mut self, tree: TreeId) -> StoreResult<()> {
        self.exclusive(tree)?;
        self.note_range_write(tree, &[], None)?;
        self.apply(&Operation::DropTree { tree: tree.0 })
    }

    /// Forgets a sequence when the transaction commits.
    ///
    /// # Errors
    /// When the transaction cannot write.
    pub fn drop_sequence(&mut self, sequence: crate::sequence::SequenceId) -> StoreResult<()> {
        self.write_id()?;
        self.apply(&Operation::DropSequence { sequence: sequence.0 })
    }

    /// Locks a tree as a whole. After a wait the tree is looked up again: it may have been dropped.
    ///
    /// # Errors
    /// [`StoreError::Lock`]; [`StoreError::NoSuchTree`] when it was dropped meanwhile.
    pub fn lock_tree(&mut self, tree: TreeId, mode: RelationMode, wait: WaitPolicy) -> StoreResult<bool> {
        self.check_open()?;
        let relation = crate::ids::RelationId(lock_name(self.branch.database, tree).0);
        let acquired = self.session.locker().lock_relation(relation, mode, wait)?;
        if acquired.waited() {
            let newest = self.inner.newest();
            let database = newest.forest.database(self.branch.database)?;
            if database.tree(&self.inner.pager, tree)?.is_none() && !self.branch.trees.contains_key(&tree) {
                return Err(StoreError::NoSuchTree { tree });
            }
        }
        Ok(acquired.is_held())
    }

    /// Locks a row without writing it (SELECT FOR …). Unversioned trees' keys are locked the same way (unique keys).
    ///
    /// # Errors
    /// [`StoreError::Lock`]; [`StoreError::Conflict`] at the stricter levels when the row was changed since the snapshot.
    pub fn lock_row(
        &mut self,
        tree: TreeId,
        key: &[u8],
        mode: RowMode,
        wait: WaitPolicy,
    ) -> StoreResult<RowLock> {
        self.check_open()?;
        self.write_id()?;
        self.lock_tree(tree, RelationMode::RowShare, wait)?;
        let name = lock_name(self.branch.database, tree);
        let acquired = self.session.locker().lock_row(name, key, mode, wait)?;
        match acquired {
            Acquired::Skipped => return Ok(RowLock::Skipped),
            Acquired::AlreadyHeld => return Ok(RowLock::Held),
            Acquired::Immediately | Acquired::AfterWaitingFor(_) => {}
        }
        Ok(if self.meet_newest(tree, key)? { RowLock::HeldChanged } else { RowLock::Held })
    }

    /// The session that the transaction runs in: advisory locks, cancellation.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Sets a savepoint. Constant time and space, whatever has been written.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn savepoint(&mut self) -> StoreResult<Savepoint> {
        self.check_open()?;
        let serial = self.next_savepoint;
        self.next_savepoint += 1;
        let state =
            SavepointState { serial, branch: self.branch.save(), locks: self.session.locker().savepoint() };
        self.savepoints.push(state);
        Ok(Savepoint { serial })
    }

    /// Goes back to a savepoint, which stays. Locks taken since are released.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSavepoint`].
    pub fn rollback_to(&mut self, savepoint: Savepoint) -> StoreResult<()> {
        if self.ended {
            return Err(StoreError::Ended);
        }
        let index = self.position_of(savepoint)?;
        self.savepoints.truncate(index + 1);
        let state = &self.savepoints[index];
        self.branch.restore(&self.inner.pager, &state.branch)?;
        self.session.locker().rollback_to(state.locks);
        // Locks of trees first read since then are gone.
        self.opened.clear();
        self.inner.env.reached(&labels::SAVEPOINT_ROLLED_BACK);
        Ok(())
    }

    /// Forgets a savepoint and those set after it; what was written since stays.
    ///
    /// # Errors
    /// [`StoreError::NoSuchSavepoint`].
    pub fn release(&mut self, savepoint: Savepoint) -> StoreResult<()> {
        self.check_open()?;
        let index = self.position_of(savepoint)?;
        let locks = self.savepoints[index].locks;
        self.savepoints.truncate(index);
        self.session.locker().release_savepoint(locks);
        Ok(())
    }

    fn position_of(&self, savepoint: Savepoint) -> StoreResult<usize> {
        self.savepoints
            .iter()
            .position(|state| state.serial == savepoint.serial)
            .ok_or(StoreError::NoSuchSavepoint)
    }

    /// A statement begins: [`Transaction::undo_statement`] undoes what follows, at a cost that follows what it wrote.
    pub fn begin_statement(&mut self) {
        self.branch.begin_statement();
    }

    /// The statement succeeded.
    pub fn end_statement(&mut self) {
        self.branch.end_statement();
    }

    /// The statement failed: undoes its writes. Its locks stay, as in PostgreSQL outside of savepoints.
    ///
    /// # Errors
    /// When a page cannot be read; only a rollback is possible then.
    pub fn undo_statement(&mut self) -> StoreResult<()> {
        // The branch may go back to an earlier base.
        self.opened.clear();
        self.branch.undo_statement(&self.inner.pager)
    }

    /// Commits. The transaction is over, whatever the outcome.
    ///
    /// # Errors
    /// [`CommitError::Refused`]: nothing was committed. [`CommitError::Unknown`]: only reopening will tell.
    pub fn commit(mut self) -> Result<CommitNumber, CommitError> {
        self.check_open().map_err(CommitError::Refused)?;
        let wrote = !self.branch.is_clean();
        let result = match self.id {
            Some(id) if !self.branch.is_clean() => {
                let inner = self.inner.clone();
                let tracked = self.tracked;
                inner.commit(&mut self.branch, id, &|| match tracked {
                    Some(handle) => Ok(inner.serializable.prepare(handle)?),
                    None => Ok(()),
                })
            }
            Some(_) | None => self.commit_nothing(),
        };
        let number = if wrote { result.as_ref().ok().copied() } else { None };
        self.end(result.is_ok().then_some(number));
        result
    }

    fn commit_nothing(&self) -> Result<CommitNumber, CommitError> {
        if let Some(handle) = self.tracked {
            self.inner.serializable.prepare(handle).map_err(|error| CommitError::Refused(error.into()))?;
        }
        Ok(self.branch.base.commit)
    }

    /// Rolls back: nothing of the transaction remains.
    pub fn rollback(mut self) {
        self.end(None);
    }

    /// Ends the transaction: `committed` holds the commit's number, if it wrote anything, when it was committed.
    fn end(&mut self, committed: Option<Option<CommitNumber>>) {
        if self.ended {
            return;
        }
        self.ended = true;
        self.savepoints.clear();
        self.branch.abandon(&self.inner.pager);
        if let Some(handle) = self.tracked.take() {
            match committed {
                Some(number) => self.inner.serializable.committed(handle, number),
                None => self.inner.serializable.rolled_back(handle),
            }
        }
        self.session.locker().end_transaction();
    }

    // --- what the calls above have in common

    fn check_open(&self) -> StoreResult<()> {
        if self.ended || self.branch.is_broken() { Err(StoreError::Ended) } else { Ok(()) }
    }

    /// The tree to be read, locked against being dropped. Looked up once for each base.
    fn readable(&mut self, tree: TreeId) -> StoreResult<&TreeEntry> {
        self.check_open()?;
        if !self.opened.contains_key(&tree) {
            self.lock_tree(tree, RelationMode::AccessShare, self.wait)?;
            let database = self.branch.base.forest.database(self.branch.database)?;
            let entry = database.tree(&self.inner.pager, tree)?;
            self.opened.insert(tree, entry);
        }
        self.opened_entry(tree)
    }

    fn opened_entry(&self, tree: TreeId) -> StoreResult<&TreeEntry> {
        let entry = match self.branch.trees.get(&tree) {
            Some(own) => own.as_ref(),
            None => self.opened.get(&tree).and_then(Option::as_ref),
        };
        entry.ok_or(StoreError::NoSuchTree { tree })
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
                let id = self.inner.new_transaction();
                self.session.locker().set_transaction(Some(id));
                if let Some(handle) = self.tracked {
                    self.inner.serializable.set_transaction(handle, id);
                }
                *self.id.insert(id)
            }
        })
    }

    /// Everything before a row is written: locks, and the look at the newest version.
    /// Gives the tree's kind and not its entry: whoever held on to an entry while changing the tree would share the
    /// tree's root with it, and every change would copy a path instead of editing it in place.
    fn writable(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<(TransactionId, bool)> {
        let id = self.write_id()?;
        self.lock_tree(tree, RelationMode::RowExclusive, self.wait)?;
        let entry = self.branch.entry(&self.inner.pager, tree)?.ok_or(StoreError::NoSuchTree { tree })?;
        let versioned = entry.versioned;
        drop(entry);
        if versioned {
            let name = lock_name(self.branch.database, tree);
            let acquired = self.session.locker().lock_row(name, key, RowMode::Update, self.wait)?;
            if acquired == Acquired::Skipped {
                return Err(StoreError::RowSkipped { tree });
            }
        }
        self.meet_newest(tree, key)?;
        self.note_write(tree, key)?;
        self.bound_lock_memory(id)?;
        Ok((id, versioned))
    }

    /// Too many row locks for the lock table: from here on what was written is locked because it was written.
    fn bound_lock_memory(&mut self, id: TransactionId) -> StoreResult<()> {
        if !self.session.locker().wants_escalation() {
            return Ok(());
        }
        self.commit_by_roots()?;
        self.inner.spill(&mut self.branch)?;
        let written = WrittenRows::new(&self.inner, &self.branch, id);
        self.session.locker().escalate(Arc::new(written));
        self.inner.env.reached(&labels::LOCKS_ESCALATED);
        Ok(())
    }

    /// From here on the branch's trees alone count; it commits by roots. Its database cannot be branched meanwhile, and
    /// if that has happened since the transaction began, the branch's pages are made anew: they would be taken for
    /// shared ones.
    fn commit_by_roots(&mut self) -> StoreResult<()> {
        if self.branch.by_roots {
            return Ok(());
        }
        self.inner.hold_database(&mut self.session, self.branch.database)?;
        let newest = self.inner.commit.lock().published.clone();
        if !self.branch.birth_is_current(&newest) {
            self.inner.renew(&mut self.branch)?;
        }
        let keep = self.savepoints.last().map_or(0, |state| state.branch.operations_length());
        self.branch.drop_operations(keep);
        Ok(())
    }

    /// The tree, locked against everyone else and on its newest state.
    fn exclusive(&mut self, tree: TreeId) -> StoreResult<TreeEntry> {
        self.write_id()?;
        self.lock_tree(tree, RelationMode::AccessExclusive, self.wait)?;
        let pager = &self.inner.pager;
        let newest = self.inner.newest();
        let now = newest.forest.database(self.branch.database)?.tree(pager, tree)?;
        let then = self.branch.base.forest.database(self.branch.database)?.tree(pager, tree)?;
        let changed = match (&now, &then) {
            (Some(now), Some(then)) => !now.tree.same_version(&then.tree),
            (None, None) => false,
            (Some(_), None) | (None, Some(_)) => true,
        };
        if changed {
            self.conflict_or_move(tree, ConflictAction::Update)?;
        }
        self.branch.entry(&self.inner.pager, tree)?.ok_or(StoreError::NoSuchTree { tree })
    }

    /// After a row lock was granted: whether the row was changed since the base. If it was, the base is moved or the
    /// write refused (invariant 1).
    fn meet_newest(&mut self, tree: TreeId, key: &[u8]) -> StoreResult<bool> {
        match self.changed_since_base(tree, key)? {
            None => Ok(false),
            Some(action) => {
                self.conflict_or_move(tree, action)?;
                Ok(true)
            }
        }
    }

    fn conflict_or_move(&mut self, tree: TreeId, action: ConflictAction) -> StoreResult<()> {
        match self.isolation {
            Isolation::ReadCommitted => self.move_base(),
            Isolation::RepeatableRead | Isolation::Serializable => {
                self.inner.env.reached(&labels::CONFLICT);
                Err(StoreError::Conflict { action, tree })
            }
        }
    }

    fn changed_since_base(&self, tree: TreeId, key: &[u8]) -> StoreResult<Option<ConflictAction>> {
        let newest = self.inner.newest();
        if newest.commit == self.branch.base.commit {
            return Ok(None);
        }
        let pager = &self.inner.pager;
        let database = self.branch.database;
        let then = self.branch.base.forest.database(database)?.tree(pager, tree)?;
        let now = newest.forest.database(database)?.tree(pager, tree)?;
        let (Some(then), Some(now)) = (then, now) else { return Ok(None) };
        if now.tree.same_version(&then.tree) {
            return Ok(None);
        }
        let old = then.tree.get(pager, key)?;
        let new = now.tree.get(pager, key)?;
        let Some(new) = new else { return Ok(old.map(|_| ConflictAction::Delete)) };
        let changed = if now.versioned {
            let writer = row::writer(pager, &new)?;
            self.inner.recent.is_newer(writer, self.branch.base.commit)
        } else {
            match old {
                Some(old) => old.read(pager)? != new.read(pager)?,
                None => true,
            }
        };
        Ok(changed.then_some(ConflictAction::Update))
    }

    fn apply(&mut self, operation: &Operation<'_>) -> StoreResult<()> {
        self.branch.apply(&self.inner.pager, operation)?;
        if !self.branch.by_roots && self.branch.operations.len() > self.inner.options.large_commit_bytes {
            self.commit_by_roots()?;
        }
        self.edits_since_spill += 1;
        let touched = self.edits_since_spill.saturating_mul(self.inner.pager.page_size());
        if touched > self.inner.options.cache_bytes / 4 && self.inner.dirty_is_high() {
            // Much of what is dirty is this branch's: its pages go to the file, and it commits by its roots.
            self.commit_by_roots()?;
            self.edits_since_spill = 0;
            self.inner.spill(&mut self.branch)?;
        }
        Ok(())
    }

    // --- serialisable transactions: what they read and write is told, see `serializable`

    fn note_read(&self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        Ok(self.inner.serializable.read_point(handle, lock_name(self.branch.database, tree), key)?)
    }

    fn note_range(&self, tree: TreeId, bounds: &Bounds) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let name = lock_name(self.branch.database, tree);
        let (from, to) = span(&bounds.from, bounds.to.as_deref());
        Ok(self.inner.serializable.read_range(handle, name, from, to)?)
    }

    fn note_write(&self, tree: TreeId, key: &[u8]) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        Ok(self.inner.serializable.write(handle, lock_name(self.branch.database, tree), key)?)
    }

    fn note_range_write(&self, tree: TreeId, from: &[u8], to: Option<&[u8]>) -> StoreResult<()> {
        let Some(handle) = self.tracked else { return Ok(()) };
        let name = lock_name(self.branch.database, tree);
        let (from, to) = span(from, to);
        Ok(self.inner.serializable.write_range(handle, name, from, to)?)
    }
}

/// The keys from one, included, to another, not included.
fn span<'k>(from: &'k [u8], to: Option<&'k [u8]>) -> (Bound<&'k [u8]>, Bound<&'k [u8]>) {
    (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded))
}

/// The snapshot a transaction starts with, and its name among the serialisable ones, if it is one.
fn take_snapshot(inner: &Inner, begin: &Begin) -> (Option<TransactionHandle>, Snapshot) {
    match begin.isolation {
        Isolation::ReadCommitted | Isolation::RepeatableRead => (None, inner.snapshots.take()),
        Isolation::Serializable => {
            let access = if begin.read_only { Access::ReadOnly } else { Access::ReadWrite };
            let (handle, hold) = inner.serializable.begin(access, || {
                let hold = inner.snapshots.take();
                (hold.commit(), hold)
            });
            (Some(handle), hold)
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.end(None);
    }
}
