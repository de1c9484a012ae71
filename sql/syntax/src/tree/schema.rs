//! Schemas, views, types and domains.

use super::option::{Definition, RoleName};
use super::select::{Persistence, Query};
use super::statement::Statement;
use super::table::{ColumnConstraint, ColumnSpecification};
use super::{Name, QualifiedName, TypeName};

/// `CREATE SCHEMA …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateSchema<'a> {
    /// `IF NOT EXISTS`
    pub if_not_exists: bool,
    /// Its name; without one the owner's.
    pub name: Option<Name<'a>>,
    /// `AUTHORIZATION …`
    pub owner: Option<RoleName<'a>>,
    /// Statements within it.
    pub elements: &'a [Statement<'a>],
}

/// `CREATE VIEW …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateView<'a> {
    /// `OR REPLACE`
    pub or_replace: bool,
    /// How long it lasts.
    pub persistence: Persistence,
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Its columns' names; none to take the query's.
    pub columns: &'a [Name<'a>],
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
    /// Its query; that of a recursive view is `WITH RECURSIVE name (columns) AS (query) SELECT columns FROM name`.
    pub query: &'a Query<'a>,
    /// `WITH CHECK OPTION`
    pub check: Option<CheckOption>,
}

/// Which conditions rows must meet that are put in through a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum CheckOption {
    Local,
    Cascaded,
}

/// `REFRESH MATERIALIZED VIEW …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RefreshView<'a> {
    /// `CONCURRENTLY`
    pub concurrently: bool,
    /// Which.
    pub name: QualifiedName<'a>,
    /// `WITH [NO] DATA`
    pub with_data: bool,
}

/// `CREATE TYPE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateType<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// What it is made of.
    pub kind: CreateTypeKind<'a>,
}

/// What a new type is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CreateTypeKind<'a> {
    /// Nothing yet.
    Shell,
    /// `AS (…)`
    Composite(&'a [ColumnSpecification<'a>]),
    /// `AS ENUM (…)`
    Enum(&'a [Name<'a>]),
    /// `AS RANGE (…)`
    Range(&'a [Definition<'a>]),
    /// `(…)`
    Base(&'a [Definition<'a>]),
}

/// `ALTER TYPE … SET (…)`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterBaseType<'a> {
    /// Which type.
    pub name: QualifiedName<'a>,
    /// What is said of it.
    pub options: &'a [Definition<'a>],
}

/// `ALTER TYPE … ADD VALUE …`, `RENAME VALUE …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterEnum<'a> {
    /// Which type.
    pub name: QualifiedName<'a>,
    /// What is changed.
    pub action: EnumAction<'a>,
}

/// A change of an enum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EnumAction<'a> {
    /// `ADD VALUE …`
    Add {
        /// `IF NOT EXISTS`
        if_not_exists: bool,
        /// The new label.
        label: Name<'a>,
        /// Beside which: `AFTER` (true) or `BEFORE` (false); at the end if none is written.
        beside: Option<(bool, Name<'a>)>,
    },
    /// `RENAME VALUE … TO …`
    Rename(Name<'a>, Name<'a>),
}

/// `CREATE DOMAIN …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateDomain<'a> {
    /// Its name.
    pub name: QualifiedName<'a>,
    /// Of which type.
    pub type_name: TypeName<'a>,
    /// `COLLATE …`
    pub collation: Option<QualifiedName<'a>>,
    /// What its values must meet, in order.
    pub constraints: &'a [ColumnConstraint<'a>],
}
