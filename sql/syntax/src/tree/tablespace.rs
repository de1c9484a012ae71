//! Tablespaces.

use super::Name;
use super::object::ObjectKind;
use super::option::{Definition, RoleName};

/// A statement about a tablespace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TablespaceStatement<'a> {
    /// `CREATE TABLESPACE …`
    Create {
        /// Its name.
        name: Name<'a>,
        /// `OWNER …`
        owner: Option<RoleName<'a>>,
        /// `LOCATION …`
        location: &'a str,
        /// `WITH (…)`
        options: &'a [Definition<'a>],
    },
    /// `ALTER TABLESPACE … SET (…)`, `RESET (…)`
    SetOptions {
        /// Its name.
        name: Name<'a>,
        /// Which options.
        options: &'a [Definition<'a>],
        /// Whether it is `RESET`.
        reset: bool,
    },
    /// `ALTER TABLE ALL IN TABLESPACE … SET TABLESPACE …`, and the same of indexes and materialized views.
    MoveAll(MoveAll<'a>),
}

/// Relations that go from one tablespace into another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoveAll<'a> {
    /// What is moved.
    pub kind: ObjectKind,
    /// From where.
    pub from: Name<'a>,
    /// `OWNED BY …`: whose; everybody's without any.
    pub owners: &'a [RoleName<'a>],
    /// Where to.
    pub to: Name<'a>,
    /// `NOWAIT`: one that is used by others is refused, not waited for.
    pub nowait: bool,
}
