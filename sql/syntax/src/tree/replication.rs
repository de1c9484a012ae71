//! Publications and subscriptions.

use super::option::Definition;
use super::select::Relation;
use super::{Expression, Name};

/// A statement about publications or subscriptions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplicationStatement<'a> {
    /// `CREATE PUBLICATION …`
    CreatePublication(CreatePublication<'a>),
    /// `ALTER PUBLICATION …`
    AlterPublication(AlterPublication<'a>),
    /// `CREATE SUBSCRIPTION …`
    CreateSubscription(CreateSubscription<'a>),
    /// `ALTER SUBSCRIPTION …`
    AlterSubscription(AlterSubscription<'a>),
}

/// `CREATE PUBLICATION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreatePublication<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// `FOR …`
    pub published: Published<'a>,
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
}

/// What a publication is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Published<'a> {
    /// `FOR ALL TABLES`
    AllTables,
    /// What is listed; empty without `FOR`.
    Objects(&'a [PublishedObject<'a>]),
}

/// An entry of the list of a publication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PublishedObject<'a> {
    /// `TABLE …`
    Table(PublishedTable<'a>),
    /// `TABLES IN SCHEMA …`
    Schema(Name<'a>),
    /// `TABLES IN SCHEMA CURRENT_SCHEMA`
    CurrentSchema,
}

/// A table of a publication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedTable<'a> {
    /// Which.
    pub relation: Relation<'a>,
    /// Its columns, if they are listed.
    pub columns: Option<&'a [Name<'a>]>,
    /// `WHERE (…)`
    pub condition: Option<Expression<'a>>,
}

/// `ALTER PUBLICATION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterPublication<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What becomes of it.
    pub change: PublishedChange<'a>,
}

/// What becomes of a publication.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PublishedChange<'a> {
    /// `SET (…)`
    Options(&'a [Definition<'a>]),
    /// `ADD …`
    Add(&'a [PublishedObject<'a>]),
    /// `SET …`
    Set(&'a [PublishedObject<'a>]),
    /// `DROP …`
    Drop(&'a [PublishedObject<'a>]),
}

/// `CREATE SUBSCRIPTION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CreateSubscription<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// `CONNECTION …`
    pub connection: &'a str,
    /// `PUBLICATION …`
    pub publications: &'a [Name<'a>],
    /// `WITH (…)`
    pub options: &'a [Definition<'a>],
}

/// `ALTER SUBSCRIPTION …`
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlterSubscription<'a> {
    /// Its name.
    pub name: Name<'a>,
    /// What becomes of it.
    pub change: SubscriptionChange<'a>,
}

/// What becomes of a subscription.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SubscriptionChange<'a> {
    /// `SET (…)`
    Options(&'a [Definition<'a>]),
    /// `CONNECTION …`
    Connection(&'a str),
    /// `REFRESH PUBLICATION WITH (…)`
    Refresh(&'a [Definition<'a>]),
    /// `ADD PUBLICATION … WITH (…)`
    Add(&'a [Name<'a>], &'a [Definition<'a>]),
    /// `SET PUBLICATION … WITH (…)`
    Set(&'a [Name<'a>], &'a [Definition<'a>]),
    /// `DROP PUBLICATION … WITH (…)`
    Drop(&'a [Name<'a>], &'a [Definition<'a>]),
    /// `ENABLE`, `DISABLE`
    Enable(bool),
    /// `SKIP (…)`
    Skip(&'a [Definition<'a>]),
}
