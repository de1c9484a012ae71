//! Rules: what is done when rows of a relation are to be read or changed.

use super::{Expression, Name, QualifiedName, Statement};

/// `CREATE RULE … AS ON event TO table WHERE … DO …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateRule<'a> {
    /// `OR REPLACE`
    pub or_replace: bool,
    /// Its name.
    pub name: Name<'a>,
    /// What it is asked at.
    pub event: RuleEvent,
    /// The table or view.
    pub table: QualifiedName<'a>,
    /// `WHERE …`
    pub condition: Option<Expression<'a>>,
    /// `INSTEAD`
    pub instead: bool,
    /// The statements; none for `NOTHING`.
    pub actions: &'a [Statement<'a>],
}

/// What a rule is asked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum RuleEvent {
    Select,
    Insert,
    Update,
    Delete,
}
