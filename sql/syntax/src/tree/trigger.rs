//! Triggers: functions that are called when rows of a relation are changed.

use super::{Expression, Name, QualifiedName};

/// `CREATE TRIGGER … EXECUTE FUNCTION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateTrigger<'a> {
    /// `OR REPLACE`
    pub or_replace: bool,
    /// `CONSTRAINT`, and what may be said of one.
    pub constraint: Option<ConstraintTrigger<'a>>,
    /// Its name.
    pub name: Name<'a>,
    /// When it fires.
    pub timing: TriggerTiming,
    /// At what it fires.
    pub events: &'a [TriggerEvent<'a>],
    /// The table or view.
    pub table: QualifiedName<'a>,
    /// `REFERENCING …`
    pub transitions: &'a [Transition<'a>],
    /// `FOR EACH ROW`
    pub each_row: bool,
    /// `WHEN (…)`
    pub condition: Option<Expression<'a>>,
    /// What it calls.
    pub function: QualifiedName<'a>,
    /// With which words.
    pub arguments: &'a [&'a str],
}

/// What may be said of a constraint trigger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConstraintTrigger<'a> {
    /// `FROM table`
    pub from: Option<QualifiedName<'a>>,
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub initially_deferred: bool,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerTiming {
    Before,
    After,
    InsteadOf,
}

/// At what a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerEvent<'a> {
    Insert,
    Delete,
    Truncate,
    /// `UPDATE OF`, without columns of any.
    Update(&'a [Name<'a>]),
}

/// `NEW TABLE AS name`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition<'a> {
    /// `NEW`, not `OLD`.
    pub new: bool,
    /// `TABLE`, not `ROW`.
    pub table: bool,
    /// Its name.
    pub name: Name<'a>,
}
