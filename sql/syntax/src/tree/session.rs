//! What a session does beside queries: transactions, settings, prepared statements, cursors, maintenance.

use super::expression::Expression;
use super::option::Definition;
use super::select::Relation;
use super::statement::Statement;
use super::{Name, QualifiedName, TypeName};

/// Statements about transactions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Transaction<'a> {
    /// `BEGIN …`
    Begin(&'a [TransactionMode]),
    /// `START TRANSACTION …`
    Start(&'a [TransactionMode]),
    /// `COMMIT`, `END`; whether `AND CHAIN`.
    Commit(bool),
    /// `ROLLBACK`, `ABORT`; whether `AND CHAIN`.
    Rollback(bool),
    /// `SAVEPOINT name`
    Savepoint(Name<'a>),
    /// `RELEASE name`
    Release(Name<'a>),
    /// `ROLLBACK TO name`
    RollbackTo(Name<'a>),
    /// `PREPARE TRANSACTION 'id'`
    Prepare(&'a str),
    /// `COMMIT PREPARED 'id'`
    CommitPrepared(&'a str),
    /// `ROLLBACK PREPARED 'id'`
    RollbackPrepared(&'a str),
}

/// What a transaction is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionMode {
    /// `ISOLATION LEVEL …`, and where it stands.
    Isolation(Isolation, u32),
    /// `READ ONLY`, or `READ WRITE`.
    ReadOnly(bool),
    /// `DEFERRABLE`, or `NOT DEFERRABLE`.
    Deferrable(bool),
}

/// Isolation levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Isolation {
    ReadUncommitted,
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

/// `SET …` and `RESET …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetVariable<'a> {
    /// For how long.
    pub scope: SetScope,
    /// What.
    pub action: SetAction<'a>,
}

/// How long a setting lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum SetScope {
    Default,
    Session,
    Local,
}

/// What is set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SetAction<'a> {
    /// `name TO values`, and the settings that have a syntax of their own.
    Values(QualifiedName<'a>, &'a [SetValue<'a>]),
    /// `name TO DEFAULT`
    Default(QualifiedName<'a>),
    /// `name FROM CURRENT`
    Current(QualifiedName<'a>),
    /// `RESET name`
    Reset(QualifiedName<'a>),
    /// `RESET ALL`
    ResetAll,
    /// `TRANSACTION …`
    Transaction(&'a [TransactionMode]),
    /// `SESSION CHARACTERISTICS AS TRANSACTION …`
    Characteristics(&'a [TransactionMode]),
    /// `TRANSACTION SNAPSHOT 'id'`
    Snapshot(&'a str),
}

/// A value of a setting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SetValue<'a> {
    /// A string, or a word as one.
    String(&'a str),
    /// A number.
    Number(Expression<'a>),
    /// `INTERVAL '…'`, of a time zone.
    Interval(Expression<'a>),
}

/// `SHOW …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Show<'a> {
    /// `SHOW name`
    Variable(QualifiedName<'a>),
    /// `SHOW ALL`
    All,
}

/// `SET CONSTRAINTS …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetConstraints<'a> {
    /// Which; none for all.
    pub constraints: &'a [QualifiedName<'a>],
    /// `DEFERRED`, not `IMMEDIATE`.
    pub deferred: bool,
}

/// `DISCARD …`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum Discard {
    All,
    Plans,
    Sequences,
    Temporary,
}

/// `PREPARE name (types) AS statement`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prepare<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// The types of its parameters, from the first.
    pub types: &'a [TypeName<'a>],
    /// The statement.
    pub statement: &'a Statement<'a>,
}

/// `EXECUTE name (values)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Execute<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// The values of its parameters.
    pub values: &'a [Expression<'a>],
}

/// `DECLARE name CURSOR FOR …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeclareCursor<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// `BINARY`
    pub binary: bool,
    /// `SCROLL`, `NO SCROLL`, in order.
    pub scroll: &'a [bool],
    /// `INSENSITIVE`
    pub insensitive: bool,
    /// `ASENSITIVE`
    pub asensitive: bool,
    /// `WITH HOLD`
    pub hold: bool,
    /// Its query.
    pub query: &'a super::Query<'a>,
}

/// `FETCH …`, `MOVE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fetch<'a> {
    /// `MOVE`
    pub only_move: bool,
    /// Where to.
    pub direction: FetchDirection,
    /// Which cursor.
    pub cursor: Name<'a>,
}

/// Where a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FetchDirection {
    /// So many rows on; `i64::MAX` for all.
    Forward(i64),
    /// So many rows back; `i64::MAX` for all.
    Backward(i64),
    /// To a row counted from the first, or back from the last.
    Absolute(i64),
    /// To a row counted from here.
    Relative(i64),
}

/// `EXPLAIN …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explain<'a> {
    /// `(ANALYZE, COSTS off)`; `ANALYZE` and `VERBOSE` without parentheses are here, too.
    pub options: &'a [Definition<'a>],
    /// What is explained.
    pub statement: &'a Statement<'a>,
}

/// `VACUUM …`, `ANALYZE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Vacuum<'a> {
    /// `VACUUM`, not `ANALYZE`.
    pub vacuum: bool,
    /// What is said, in parentheses or without.
    pub options: &'a [Definition<'a>],
    /// Of which tables; none for all.
    pub tables: &'a [VacuumTable<'a>],
}

/// A table and perhaps columns of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VacuumTable<'a> {
    /// The table.
    pub table: QualifiedName<'a>,
    /// Its columns; none for all.
    pub columns: &'a [Name<'a>],
}

/// `CLUSTER …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cluster<'a> {
    /// `VERBOSE` and what else is said.
    pub options: &'a [Definition<'a>],
    /// Which table; none for all.
    pub table: Option<QualifiedName<'a>>,
    /// By which index; none for the one that it was clustered by.
    pub index: Option<Name<'a>>,
}

/// `REINDEX …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reindex<'a> {
    /// What is said in parentheses.
    pub options: &'a [Definition<'a>],
    /// What it is about.
    pub what: ReindexWhat,
    /// `CONCURRENTLY`
    pub concurrently: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
}

/// What `REINDEX` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ReindexWhat {
    Index,
    Table,
    Schema,
    System,
    Database,
}

/// `LOCK TABLE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lock<'a> {
    /// Which tables.
    pub tables: &'a [Relation<'a>],
    /// How.
    pub mode: LockMode,
    /// `NOWAIT`
    pub nowait: bool,
}

/// How a table is locked, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

/// `CALL procedure(…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallProcedure<'a> {
    /// The call, as one of a function.
    pub call: Expression<'a>,
}

/// `DO …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Do<'a> {
    /// The bodies that are written: one, if it is right.
    pub bodies: &'a [&'a str],
    /// The languages that are written: at most one, if it is right.
    pub languages: &'a [&'a str],
}

/// `NOTIFY channel, 'payload'`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Notify<'a> {
    /// To whom.
    pub channel: Name<'a>,
    /// What is said.
    pub payload: Option<&'a str>,
}
