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
    MoveAll {
        /// What is moved.
        kind: ObjectKind,
        /// From where.
        from: Name<'a>,
        /// `OWNED BY …`
        owners: &'a [RoleName<'a>],
        /// Where to.
        to: Name<'a>,
        /// `NOWAIT`
        nowait: bool,
    },
}
