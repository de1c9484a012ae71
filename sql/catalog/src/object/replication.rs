//! Publications and what is in them; subscriptions.
//!
//! Nothing is sent anywhere: this is what PostgreSQL keeps of them where its log does not tell enough to publish. What acts is
//! that rows which are published cannot be changed where nobody could tell which they are ([`crate::replication`]).

use super::{Oid, class};
use bincode::{Decode, Encode};

/// What stands in a catalog of its own.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
#[allow(missing_docs)] // each is what its name says
pub enum Replication {
    Publication(Publication),
    Table(PublishedTable),
    Schema(PublishedSchema),
    Subscription(Subscription),
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Publication {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other publication has it.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// `FOR ALL TABLES`
    pub all_tables: bool,
    /// What of the changes is published.
    pub actions: PublishedActions,
    /// `publish_via_partition_root`
    pub via_root: bool,
}

/// Which changes are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub struct PublishedActions {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
    pub truncate: bool,
}

/// A table in a publication.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PublishedTable {
    /// Its number, as that of something that is in a publication.
    pub oid: Oid,
    /// The publication.
    pub publication: Oid,
    /// The table.
    pub table: Oid,
    /// Its columns that are published, in their order; all without.
    pub columns: Option<Vec<u16>>,
    /// Which rows are published; all without.
    pub filter: Option<RowFilter>,
}

/// A condition over the rows of a table in a publication.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RowFilter {
    /// An expression over the table's columns.
    pub text: String,
    /// The columns that it names.
    pub columns: Vec<u16>,
}

/// A schema all of whose tables are in a publication.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PublishedSchema {
    /// Its number, as that of something that is in a publication.
    pub oid: Oid,
    /// The publication.
    pub publication: Oid,
    /// The schema.
    pub schema: Oid,
}

/// A subscription, which is never at work: that would need another server.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Subscription {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other subscription of the database has it.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// The place in the other server's log up to which changes would be passed over; 0 without.
    pub skip: u64,
    /// Whether it is to be at work.
    pub enabled: bool,
    /// `binary`
    pub binary: bool,
    /// `streaming`
    pub stream: bool,
    /// `two_phase`, which would wait for the tables to be copied first.
    pub two_phase: bool,
    /// `disable_on_error`
    pub disable_on_error: bool,
    /// How the other server is reached.
    pub connection: String,
    /// The slot there; none after `slot_name = NONE`.
    pub slot: Option<String>,
    /// `synchronous_commit`
    pub synchronous_commit: String,
    /// The publications there.
    pub publications: Vec<String>,
}

impl Replication {
    /// Its number.
    pub fn oid(&self) -> Oid {
        match self {
            Replication::Publication(publication) => publication.oid,
            Replication::Table(table) => table.oid,
            Replication::Schema(schema) => schema.oid,
            Replication::Subscription(subscription) => subscription.oid,
        }
    }

    /// Its name; what is in a publication has none.
    pub fn name(&self) -> &str {
        match self {
            Replication::Publication(publication) => &publication.name,
            Replication::Subscription(subscription) => &subscription.name,
            Replication::Table(_) | Replication::Schema(_) => "",
        }
    }

    /// Gives it another name.
    pub fn set_name(&mut self, name: String) {
        match self {
            Replication::Publication(publication) => publication.name = name,
            Replication::Subscription(subscription) => subscription.name = name,
            Replication::Table(_) | Replication::Schema(_) => {}
        }
    }

    /// The role that owns it; what is in a publication is the publication's.
    pub fn owner(&self) -> Option<Oid> {
        match self {
            Replication::Publication(publication) => Some(publication.owner),
            Replication::Subscription(subscription) => Some(subscription.owner),
            Replication::Table(_) | Replication::Schema(_) => None,
        }
    }

    /// Gives it to another role.
    pub fn set_owner(&mut self, owner: Oid) {
        match self {
            Replication::Publication(publication) => publication.owner = owner,
            Replication::Subscription(subscription) => subscription.owner = owner,
            Replication::Table(_) | Replication::Schema(_) => {}
        }
    }

    /// The catalog that it is listed in.
    pub fn class(&self) -> Oid {
        match self {
            Replication::Publication(_) => class::PUBLICATION,
            Replication::Table(_) => class::PUBLISHED_TABLE,
            Replication::Schema(_) => class::PUBLISHED_SCHEMA,
            Replication::Subscription(_) => class::SUBSCRIPTION,
        }
    }

    /// What messages about rights call its kind.
    pub fn kind_word(&self) -> &'static str {
        match self {
            Replication::Publication(_) => "publication",
            Replication::Table(_) => "publication relation",
            Replication::Schema(_) => "publication namespace",
            Replication::Subscription(_) => "subscription",
        }
    }

    /// The publication that it is in.
    pub fn within(&self) -> Option<Oid> {
        match self {
            Replication::Table(table) => Some(table.publication),
            Replication::Schema(schema) => Some(schema.publication),
            Replication::Publication(_) | Replication::Subscription(_) => None,
        }
    }
}
