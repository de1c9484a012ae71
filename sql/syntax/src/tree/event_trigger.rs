//! Triggers of definitions.

use super::{Name, QualifiedName};

/// `CREATE EVENT TRIGGER … ON … WHEN … IN (…) AND … EXECUTE FUNCTION …()`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateEventTrigger<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// When it fires.
    pub event: Name<'a>,
    /// By which commands alone: variables, and the values that they may have.
    pub filters: &'a [(Name<'a>, &'a [&'a str])],
    /// What is called.
    pub function: QualifiedName<'a>,
}

/// `ALTER EVENT TRIGGER … ENABLE | DISABLE`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterEventTrigger<'a> {
    /// Which.
    pub name: Name<'a>,
    /// In which sessions it fires.
    pub enabled: EnabledEvents,
}

/// In which sessions something fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnabledEvents {
    /// `ENABLE`
    Origin,
    /// `DISABLE`
    Disabled,
    /// `ENABLE REPLICA`
    Replica,
    /// `ENABLE ALWAYS`
    Always,
}
