//! Policies: which rows of a table who may see and write.

use super::option::RoleName;
use super::{Expression, Name, QualifiedName};

/// `CREATE POLICY … ON table AS … FOR … TO … USING (…) WITH CHECK (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreatePolicy<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// The table.
    pub table: QualifiedName<'a>,
    /// `PERMISSIVE`
    pub permissive: bool,
    /// What it is about.
    pub command: PolicyCommand,
    /// For whom, and which rows.
    pub parts: PolicyParts<'a>,
}

/// `ALTER POLICY … ON table TO … USING (…) WITH CHECK (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterPolicy<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// The table.
    pub table: QualifiedName<'a>,
    /// What becomes other.
    pub parts: PolicyParts<'a>,
}

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PolicyParts<'a> {
    /// `TO …`
    pub roles: Option<&'a [RoleName<'a>]>,
    /// `USING (…)`
    pub using: Option<Expression<'a>>,
    /// `WITH CHECK (…)`
    pub check: Option<Expression<'a>>,
}

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum PolicyCommand {
    All,
    Select,
    Insert,
    Update,
    Delete,
}
