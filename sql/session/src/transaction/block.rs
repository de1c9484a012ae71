//! Transaction blocks: what `BEGIN`, `COMMIT`, `SAVEPOINT` and errors make of a session's transaction.
//!
//! Invariants
//!
//! 1. The store's transaction begins with the first statement that needs it, so that `SET TRANSACTION` still counts. One that
//!    begins to lock has no level yet: it takes it, and its snapshot, with the first statement that reads.
//! 2. Savepoints that were set before it have a place in it, so that whoever goes back to one keeps the snapshot.
//! 3. After an error in a block nothing runs until it ends or goes back to a savepoint. What the error undid is undone at
//!    once: everything, or everything since the newest savepoint; so are its locks given back.
//! 4. Settings follow: each savepoint and the block itself remember them.

use crate::error::{SessionError, Warning};
use crate::settings::{Mark, Settings};
use crate::transaction::exported::SnapshotError;
use datetime::TimestampTz;
use diagnostic::{Diagnostic, SqlState};
use std::sync::Arc;
use store::locks::WaitPolicy;
use store::{
    Begin, CommitError, DatabaseId, Isolation, Savepoint, Session as StoreSession, Transaction, View,
};

/// What a transaction is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Characteristics {
    /// What it may see.
    pub isolation: IsolationLevel,
    /// Whether it may only read.
    pub read_only: bool,
    /// Whether a serialisable one that only reads waits for a snapshot in which no anomaly can be seen.
    pub deferrable: bool,
}

/// Isolation levels by the names in which they are shown; `read uncommitted` is `read committed` under its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum IsolationLevel {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl IsolationLevel {
    /// As `SHOW transaction_isolation` tells it.
    pub fn name(self) -> &'static str {
        match self {
            IsolationLevel::ReadUncommitted => "read uncommitted",
            IsolationLevel::ReadCommitted => "read committed",
            IsolationLevel::RepeatableRead => "repeatable read",
            IsolationLevel::Serializable => "serializable",
        }
    }

    /// By that name.
    pub fn from_name(name: &str) -> Option<IsolationLevel> {
        [
            IsolationLevel::ReadUncommitted,
            IsolationLevel::ReadCommitted,
            IsolationLevel::RepeatableRead,
            IsolationLevel::Serializable,
        ]
        .into_iter()
        .find(|level| level.name() == name)
    }

    fn of_store(self) -> Isolation {
        match self {
            IsolationLevel::ReadUncommitted | IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
            IsolationLevel::RepeatableRead => Isolation::RepeatableRead,
            IsolationLevel::Serializable => Isolation::Serializable,
        }
    }
}

/// That a transaction cannot be made like that any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ModeError {
    /// Something has been read.
    #[error("SET TRANSACTION ISOLATION LEVEL must be called before any query")]
    IsolationAfterQuery,
    /// A savepoint is set.
    #[error("SET TRANSACTION ISOLATION LEVEL must not be called in a subtransaction")]
    IsolationInSubtransaction,
    /// The block around it only reads.
    #[error("cannot set transaction read-write mode inside a read-only transaction")]
    ReadWriteInsideReadOnly,
    /// Something has been read.
    #[error("transaction read-write mode must be set before any query")]
    ReadWriteAfterQuery,
    /// A savepoint is set.
    #[error("SET TRANSACTION [NOT] DEFERRABLE cannot be called within a subtransaction")]
    DeferrableInSubtransaction,
    /// Something has been read.
    #[error("SET TRANSACTION [NOT] DEFERRABLE must be called before any query")]
    DeferrableAfterQuery,
}

impl Diagnostic for ModeError {
    fn sqlstate(&self) -> SqlState {
        SqlState::ActiveSqlTransaction
    }
}

/// Where a session stands, as the wire protocol tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Outside of a block.
    Idle,
    /// Within one.
    Open,
    /// Within one that has failed.
    Failed,
}

/// What a session goes back to with a savepoint, beside what the block itself keeps.
#[derive(Debug, Clone)]
pub struct Marks {
    /// What was left to be looked at before the commit.
    pub events: execute::Mark,
    /// Which cursors were declared.
    pub cursors: u64,
    /// Which portals were opened.
    pub portals: u64,
    /// What was to be told to others.
    pub pending: crate::notify::Mark,
    /// Which large objects were opened.
    pub large_objects: u64,
}

/// A savepoint by name.
struct Save {
    name: Arc<str>,
    /// The store's; none if nothing had been done when it was set.
    point: Option<Savepoint>,
    settings: Mark,
    marks: Marks,
    read_only: bool,
}

/// That what a block with handlers has set is gone before the block is over.
fn no_inner() -> SessionError {
    execute::ExecuteError::plan("the savepoint of a block with handlers is gone").into()
}

/// A session's transaction.
pub struct Block {
    status: Status,
    /// Whether somebody said `BEGIN`. An implicit block is one statement, or the statements of one message.
    explicit: bool,
    /// Whether the message has several statements: to each of them that is a block, too.
    several: bool,
    /// Whether what runs now is a function's.
    in_function: bool,
    characteristics: Characteristics,
    transaction: Option<Transaction>,
    /// Whether what runs now only locks, and reads what is newest.
    locks_only: bool,
    /// Whether the store's transaction has yet to take its level.
    level_is_due: bool,
    /// Whether the store's transaction is to begin, or no statement that is planned has been ready to run in it yet.
    is_fresh: bool,
    saves: Vec<Save>,
    settings: Option<Mark>,
    began: Option<TimestampTz>,
}

impl Default for Block {
    fn default() -> Block {
        Block {
            status: Status::Idle,
            explicit: false,
            several: false,
            in_function: false,
            characteristics: Characteristics {
                isolation: IsolationLevel::ReadCommitted,
                read_only: false,
                deferrable: false,
            },
            transaction: None,
            locks_only: false,
            level_is_due: false,
            is_fresh: false,
            saves: Vec::new(),
            settings: None,
            began: None,
        }
    }
}

impl Block {
    /// Where the session stands. Statements of an implicit block stand outside of blocks.
    pub fn status(&self) -> Status {
        if self.explicit { self.status } else { Status::Idle }
    }

    /// Whether somebody said `BEGIN`.
    pub fn is_explicit(&self) -> bool {
        self.explicit
    }

    /// Whether a statement is not alone in its transaction: somebody said `BEGIN`, or the message has several.
    pub fn is_shared(&self) -> bool {
        self.explicit || self.several
    }

    /// A message begins, with several statements or one.
    pub fn begin_message(&mut self, several: bool) {
        self.several = several;
    }

    /// Whether a statement opened it by itself, and it has not ended.
    pub fn is_implicit(&self) -> bool {
        !self.explicit && self.is_open()
    }

    /// Whether a transaction is open, whoever opened it.
    pub fn is_open(&self) -> bool {
        self.status != Status::Idle
    }

    /// Says whether what runs is a function's; answers what was said before.
    pub fn set_in_function(&mut self, in_function: bool) -> bool {
        std::mem::replace(&mut self.in_function, in_function)
    }

    /// Whether what runs is a function's.
    pub fn is_in_function(&self) -> bool {
        self.in_function
    }

    /// What the transaction is like.
    pub fn characteristics(&self) -> Characteristics {
        self.characteristics
    }

    /// When the transaction began, if one has.
    pub fn began(&self) -> Option<TimestampTz> {
        self.began
    }

    /// How many savepoints are set.
    pub fn depth(&self) -> usize {
        self.saves.len()
    }

    /// The same, as the tally counts them.
    pub fn level(&self) -> u32 {
        u32::try_from(self.saves.len()).unwrap_or(u32::MAX)
    }

    /// Goes on with a transaction that somebody else has begun.
    pub fn take_over(&mut self, transaction: Transaction, like: Characteristics, began: TimestampTz) {
        *self = Block {
            status: Status::Open,
            explicit: true,
            characteristics: like,
            transaction: Some(transaction),
            began: Some(began),
            ..Block::default()
        };
    }

    /// Gives it back.
    pub fn give_back(&mut self) -> Option<Transaction> {
        std::mem::take(self).transaction
    }

    /// A savepoint that nobody has a name for: what a handler of a function's block undoes.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn begin_inner(&mut self, settings: &Settings, marks: Marks) -> Result<(), SessionError> {
        let point = self.transaction.as_mut().map(Transaction::savepoint).transpose()?;
        self.saves.push(Save {
            name: "".into(),
            point,
            settings: settings.mark(),
            marks,
            read_only: self.characteristics.read_only,
        });
        Ok(())
    }

    /// Keeps what was done since it was set last.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn keep_inner(&mut self) -> Result<(), SessionError> {
        let Some(save) = self.saves.pop() else { return Err(no_inner()) };
        if let (Some(transaction), Some(point)) = (&mut self.transaction, save.point) {
            transaction.release(point)?;
        }
        Ok(())
    }

    /// Undoes what was done since. Answers what else is to be gone back to.
    ///
    /// # Errors
    /// When the transaction has ended.
    pub fn undo_inner(&mut self, settings: &mut Settings) -> Result<Marks, SessionError> {
        let place = self.saves.len().checked_sub(1).ok_or_else(no_inner)?;
        self.undo_to(settings, place)?;
        self.note(settings);
        let save = self.saves.pop().ok_or_else(no_inner)?;
        if let (Some(transaction), Some(point)) = (&mut self.transaction, save.point) {
            transaction.release(point)?;
        }
        Ok(save.marks)
    }

    /// A statement begins: opens an implicit block unless one is open.
    pub fn enter(&mut self, settings: &mut Settings, now: TimestampTz) {
        // What was begun to prepare the statement is as good as what it begins.
        self.is_fresh |= self.transaction.is_none();
        if self.status == Status::Idle {
            self.status = Status::Open;
            self.characteristics = settings.typed().new_transaction;
            self.settings = Some(settings.mark());
            self.began = Some(now);
            self.note(settings);
        }
    }

    /// `BEGIN`: the block becomes explicit.
    pub fn begin(
        &mut self,
        settings: &mut Settings,
        modes: &[syntax::tree::session::TransactionMode],
    ) -> Result<Option<Warning>, SessionError> {
        let warning = self.explicit.then_some(Warning::AlreadyInTransaction);
        self.explicit = true;
        self.set_modes(settings, modes)?;
        Ok(warning)
    }

    /// `SET TRANSACTION` and the modes of `BEGIN`.
    ///
    /// # Errors
    /// When a query has run already, or a savepoint is set.
    pub fn set_modes(
        &mut self,
        settings: &mut Settings,
        modes: &[syntax::tree::session::TransactionMode],
    ) -> Result<(), SessionError> {
        use syntax::tree::session::{Isolation as Written, TransactionMode};
        for mode in modes {
            match *mode {
                TransactionMode::Isolation(level, _) => {
                    let level = match level {
                        Written::ReadUncommitted => IsolationLevel::ReadUncommitted,
                        Written::ReadCommitted => IsolationLevel::ReadCommitted,
                        Written::RepeatableRead => IsolationLevel::RepeatableRead,
                        Written::Serializable => IsolationLevel::Serializable,
                    };
                    self.set_isolation(level)?;
                }
                TransactionMode::ReadOnly(read_only) => self.set_read_only(read_only)?,
                TransactionMode::Deferrable(deferrable) => self.set_deferrable(deferrable)?,
            }
        }
        self.note(settings);
        Ok(())
    }

    /// `SET transaction_isolation = …` and its like; `None` if the setting is not one of the transaction's.
    pub fn set_by_name(
        &mut self,
        settings: &mut Settings,
        name: &str,
        value: &str,
    ) -> Option<Result<(), SessionError>> {
        let done = match name.to_ascii_lowercase().as_str() {
            "transaction_isolation" => {
                let level = IsolationLevel::from_name(&value.to_ascii_lowercase());
                level.map(|level| self.set_isolation(level))
            }
            "transaction_read_only" => crate::settings::boolean(value).map(|on| self.set_read_only(on)),
            "transaction_deferrable" => crate::settings::boolean(value).map(|on| self.set_deferrable(on)),
            _ => return None,
        };
        // What is no value at all is refused as any setting's is.
        let done = done?;
        self.note(settings);
        Some(done)
    }

    fn set_isolation(&mut self, level: IsolationLevel) -> Result<(), SessionError> {
        if level != self.characteristics.isolation {
            if self.has_snapshot() {
                return Err(ModeError::IsolationAfterQuery.into());
            }
            if !self.saves.is_empty() {
                return Err(ModeError::IsolationInSubtransaction.into());
            }
        }
        self.characteristics.isolation = level;
        Ok(())
    }

    fn set_read_only(&mut self, read_only: bool) -> Result<(), SessionError> {
        if !read_only && self.characteristics.read_only {
            if !self.saves.is_empty() {
                return Err(ModeError::ReadWriteInsideReadOnly.into());
            }
            if self.has_snapshot() {
                return Err(ModeError::ReadWriteAfterQuery.into());
            }
        }
        self.characteristics.read_only = read_only;
        Ok(())
    }

    fn set_deferrable(&mut self, deferrable: bool) -> Result<(), SessionError> {
        if !self.saves.is_empty() {
            return Err(ModeError::DeferrableInSubtransaction.into());
        }
        if self.has_snapshot() {
            return Err(ModeError::DeferrableAfterQuery.into());
        }
        self.characteristics.deferrable = deferrable;
        Ok(())
    }

    /// The store's transaction, begun if it is not yet.
    ///
    /// # Errors
    /// After an error in the block; when the store is closed or damaged.
    pub fn transaction(
        &mut self,
        session: &StoreSession,
        database: DatabaseId,
        wait: WaitPolicy,
    ) -> Result<&mut Transaction, SessionError> {
        if self.status == Status::Failed {
            return Err(SessionError::InFailedTransaction);
        }
        if self.transaction.is_none() || (self.level_is_due && !self.locks_only) {
            self.begin_in_store(session, database, wait)?;
        }
        match &mut self.transaction {
            Some(transaction) => {
                transaction.set_wait(wait);
                Ok(transaction)
            }
            None => Err(SessionError::InFailedTransaction),
        }
    }

    /// Whether another session's snapshot may be taken over.
    ///
    /// # Errors
    /// When something has been read, and at levels that have no snapshot of their own.
    pub fn may_take_snapshot(&self) -> Result<(), SessionError> {
        if self.transaction.is_some() || !self.saves.is_empty() {
            return Err(SnapshotError::AfterQuery.into());
        }
        match self.characteristics.isolation {
            IsolationLevel::ReadUncommitted | IsolationLevel::ReadCommitted => {
                Err(SnapshotError::Level.into())
            }
            IsolationLevel::RepeatableRead => Ok(()),
            IsolationLevel::Serializable => {
                Err(SessionError::NotSupported { feature: "SET TRANSACTION SNAPSHOT at SERIALIZABLE" })
            }
        }
    }

    /// Begins the store's transaction on a view, if [`Block::may_take_snapshot`].
    ///
    /// # Errors
    /// When the store is closed or damaged, or the database is gone.
    pub fn begin_on(
        &mut self,
        session: &StoreSession,
        wait: WaitPolicy,
        view: &View,
    ) -> Result<(), SessionError> {
        let begin = self.begin_of(view.database(), wait);
        self.transaction = Some(session.begin_on(begin, view)?);
        self.is_fresh = false;
        Ok(())
    }

    fn begin_of(&self, database: DatabaseId, wait: WaitPolicy) -> Begin {
        Begin {
            isolation: self.characteristics.isolation.of_store(),
            // Temporary tables may be written, and tables locked, in a transaction that is read-only.
            read_only: self.characteristics.read_only && self.characteristics.deferrable,
            declared_read_only: self.characteristics.read_only,
            deferrable: self.characteristics.deferrable,
            database,
            wait,
        }
    }

    /// Begins the store's transaction, or lets it take its level.
    fn begin_in_store(
        &mut self,
        session: &StoreSession,
        database: DatabaseId,
        wait: WaitPolicy,
    ) -> Result<(), SessionError> {
        let mut begin = self.begin_of(database, wait);
        if let Some(transaction) = &mut self.transaction {
            transaction.take_level(&begin)?;
            self.level_is_due = false;
            return Ok(());
        }
        if self.locks_only {
            begin.isolation = Isolation::ReadCommitted;
        }
        let mut transaction = session.begin(begin)?;
        for save in &mut self.saves {
            save.point = Some(transaction.savepoint()?);
        }
        self.transaction = Some(transaction);
        self.level_is_due = self.locks_only;
        Ok(())
    }

    /// Whether it has been decided what the transaction sees.
    fn has_snapshot(&self) -> bool {
        self.transaction.is_some() && !self.level_is_due
    }

    /// Whether the transaction has only locked until now, and sees what is newest.
    pub fn sees_newest(&self) -> bool {
        self.level_is_due
    }

    /// Something may have been read: the snapshot is what it is.
    pub fn keep_snapshot(&mut self) {
        self.is_fresh = false;
    }

    /// Forgets the store's transaction, if nothing was done in it but to wait for what the first statement is about to read; whether
    /// it was so.
    pub fn begin_afresh(&mut self) -> bool {
        let has_done_nothing =
            self.transaction.as_ref().is_some_and(|transaction| transaction.id().is_none());
        let is_fresh = self.is_fresh && has_done_nothing;
        if is_fresh {
            self.transaction = None;
            self.level_is_due = false;
        }
        is_fresh
    }

    /// Says whether what runs now only locks, and reads nothing but what is newest.
    pub fn set_locks_only(&mut self, locks_only: bool) {
        self.locks_only = locks_only;
    }

    /// The store's transaction, if it has begun.
    pub fn begun(&mut self) -> Option<&mut Transaction> {
        self.transaction.as_mut()
    }

    /// Whether the transaction, if it has begun, may read what is not durable yet: nobody is told of it.
    pub fn allow_ahead(&mut self, allowed: bool) {
        if let Some(transaction) = &mut self.transaction {
            transaction.allow_ahead(allowed);
        }
    }

    /// `SAVEPOINT`
    ///
    /// # Errors
    /// Outside of a block.
    pub fn savepoint(&mut self, settings: &Settings, marks: Marks, name: &str) -> Result<(), SessionError> {
        self.demand_explicit("SAVEPOINT")?;
        let point = self.transaction.as_mut().map(Transaction::savepoint).transpose()?;
        self.saves.push(Save {
            name: name.into(),
            point,
            settings: settings.mark(),
            marks,
            read_only: self.characteristics.read_only,
        });
        Ok(())
    }

    /// `RELEASE SAVEPOINT`
    ///
    /// # Errors
    /// Outside of a block, or when there is no such savepoint.
    pub fn release(&mut self, settings: &mut Settings, name: &str) -> Result<(), SessionError> {
        self.demand_explicit("RELEASE SAVEPOINT")?;
        let place = self.find(name)?;
        if let (Some(transaction), Some(point)) = (&mut self.transaction, self.saves[place].point) {
            transaction.release(point)?;
        }
        // What was said within it of the transaction's kind ends with it, as in PostgreSQL.
        self.characteristics.read_only = self.saves[place].read_only;
        self.saves.truncate(place);
        self.note(settings);
        Ok(())
    }

    /// `ROLLBACK TO SAVEPOINT`: mends a failed block too. Answers what else is to be gone back to.
    ///
    /// # Errors
    /// Outside of a block, or when there is no such savepoint.
    pub fn roll_back_to(&mut self, settings: &mut Settings, name: &str) -> Result<Marks, SessionError> {
        self.demand_explicit("ROLLBACK TO SAVEPOINT")?;
        let place = self.find(name)?;
        self.undo_to(settings, place)?;
        self.saves.truncate(place + 1);
        self.note(settings);
        self.status = Status::Open;
        Ok(self.saves[place].marks.clone())
    }

    /// A statement failed. What it undoes is undone; an explicit block stays, failed.
    pub fn fail(&mut self, settings: &mut Settings) {
        if !self.explicit {
            self.end(settings, false);
            return;
        }
        if self.status == Status::Failed {
            return;
        }
        self.status = Status::Failed;
        let newest = self.saves.len().checked_sub(1);
        let undone = newest.is_some_and(|place| self.undo_to(settings, place).is_ok());
        if !undone {
            // Nothing can be gone back to: of the savepoints only the names are left.
            self.transaction = None;
            self.level_is_due = false;
            for save in &mut self.saves {
                save.point = None;
            }
        }
    }

    fn undo_to(&mut self, settings: &mut Settings, place: usize) -> Result<(), SessionError> {
        let save = &self.saves[place];
        match (save.point, &mut self.transaction) {
            (Some(point), Some(transaction)) => transaction.rollback_to(point)?,
            // What was begun since the savepoint goes wholly.
            (None, transaction) => {
                *transaction = None;
                self.level_is_due = false;
            }
            (Some(_), None) => {}
        }
        settings.roll_back(&save.settings);
        self.characteristics.read_only = save.read_only;
        Ok(())
    }

    /// Commits, and ends the block. In a failed block nothing is committed: the answer says whether something was.
    ///
    /// # Errors
    /// When the store refuses, or does not know.
    pub fn commit(&mut self, settings: &mut Settings) -> Result<bool, CommitError> {
        if self.status == Status::Failed {
            self.end(settings, false);
            return Ok(false);
        }
        let outcome = self.transaction.take().map(Transaction::commit).transpose();
        self.end(settings, outcome.is_ok());
        outcome.map(|_| true)
    }

    /// Ends the block without committing.
    pub fn roll_back(&mut self, settings: &mut Settings) {
        self.end(settings, false);
    }

    /// `AND CHAIN` in a procedure: the new transaction is like the one before.
    pub fn go_on_like(&mut self, settings: &mut Settings, characteristics: Characteristics) {
        self.characteristics = characteristics;
        self.note(settings);
    }

    /// `AND CHAIN`: a new explicit block like the one before.
    pub fn chain(&mut self, settings: &mut Settings, characteristics: Characteristics, now: TimestampTz) {
        self.enter(settings, now);
        self.explicit = true;
        self.characteristics = characteristics;
        self.note(settings);
    }

    fn end(&mut self, settings: &mut Settings, committed: bool) {
        if let Some(mark) = self.settings.take() {
            if committed { settings.commit() } else { settings.roll_back(&mark) }
        }
        *self = Block { several: self.several, in_function: self.in_function, ..Block::default() };
    }

    /// # Errors
    /// Unless somebody said `BEGIN`, or what runs is a function's.
    pub fn demand(&self, statement: &'static str) -> Result<(), SessionError> {
        if self.is_shared() || self.in_function {
            Ok(())
        } else {
            Err(SessionError::OnlyInBlock { statement })
        }
    }

    /// Savepoints ask for more: that somebody said `BEGIN`.
    fn demand_explicit(&self, statement: &'static str) -> Result<(), SessionError> {
        if self.explicit { Ok(()) } else { Err(SessionError::OnlyInBlock { statement }) }
    }

    /// # Errors
    /// If the statement is not alone: for those that commit by themselves.
    pub fn refuse(&self, statement: &'static str) -> Result<(), SessionError> {
        if self.in_function {
            return Err(SessionError::NotInFunction { statement });
        }
        if self.is_shared() { Err(SessionError::NotInBlock { statement }) } else { Ok(()) }
    }

    fn find(&self, name: &str) -> Result<usize, SessionError> {
        let found = self.saves.iter().rposition(|save| &*save.name == name);
        found.ok_or_else(|| SessionError::NoSavepoint { name: name.to_owned() })
    }

    /// Lets `SHOW` tell what the transaction is like.
    fn note(&self, settings: &mut Settings) {
        if settings.typed().transaction == self.characteristics {
            return;
        }
        let Characteristics { isolation, read_only, deferrable } = self.characteristics;
        let switch = |on| if on { "on" } else { "off" };
        settings.note("transaction_isolation", isolation.name());
        settings.note("transaction_read_only", switch(read_only));
        settings.note("transaction_deferrable", switch(deferrable));
    }
}
