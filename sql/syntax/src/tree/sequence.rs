//! Sequences.

use super::QualifiedName;
use super::TypeName;
use super::expression::Expression;
use super::select::Persistence;

/// `CREATE SEQUENCE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateSequence<'a> {
    /// How long it lasts.
    pub persistence: Persistence,
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// How it counts.
    pub options: &'a [SequenceOption<'a>],
}

/// `ALTER SEQUENCE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterSequence<'a> {
    /// `IF EXISTS`
    pub if_exists: bool,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// How it counts from now on.
    pub options: &'a [SequenceOption<'a>],
}

/// An option of a sequence, and where it stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SequenceOption<'a> {
    /// Which.
    pub kind: SequenceOptionKind<'a>,
    /// Where it begins.
    pub position: u32,
}

/// Options of a sequence. Numbers are [`Expression`]s of a number, perhaps with a sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SequenceOptionKind<'a> {
    /// `AS type`
    Type(TypeName<'a>),
    /// `CACHE n`
    Cache(Expression<'a>),
    /// `CYCLE`, `NO CYCLE`
    Cycle(bool),
    /// `INCREMENT [BY] n`
    Increment(Expression<'a>),
    /// `MAXVALUE n`, `NO MAXVALUE`
    Maximum(Option<Expression<'a>>),
    /// `MINVALUE n`, `NO MINVALUE`
    Minimum(Option<Expression<'a>>),
    /// `OWNED BY column`, `OWNED BY NONE`
    OwnedBy(QualifiedName<'a>),
    /// `SEQUENCE NAME name`: of `pg_dump`'s.
    Name(QualifiedName<'a>),
    /// `START [WITH] n`
    Start(Expression<'a>),
    /// `RESTART [WITH n]`
    Restart(Option<Expression<'a>>),
}
