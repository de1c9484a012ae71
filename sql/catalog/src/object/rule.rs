//! Constraints.

use super::{Oid, RuleState};
use bincode::{Decode, Encode};

/// A constraint of a table or a domain. NOT NULL is none: it is a mark of the column.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Constraint {
    /// Its number.
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// Its schema: its table's or domain's.
    pub schema: Oid,
    /// Its table, 0 for a domain's.
    pub table: Oid,
    /// Its domain, 0 for a table's.
    pub domain: Oid,
    /// Columns it is about.
    pub columns: Vec<u16>,
    /// What it demands.
    pub rule: Rule,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// Whether rows that were there before were looked at.
    pub validated: bool,
    /// NO INHERIT.
    pub no_inherit: bool,
    /// Whether the table itself says that it has it.
    pub local: bool,
    /// How many of the table's parents have it.
    pub inherited: u16,
    /// The constraint of the partitioned table that it is the part of, 0 without.
    pub parent: Oid,
}

/// What a constraint demands.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Rule {
    /// CHECK, with its expression.
    Check(String),
    /// UNIQUE, by an index.
    Unique(Oid),
    /// PRIMARY KEY, by an index.
    PrimaryKey(Oid),
    /// FOREIGN KEY.
    ForeignKey {
        /// The table referred to.
        table: Oid,
        /// Its columns, in the order of the constraint's.
        columns: Vec<u16>,
        /// Its unique index on them.
        index: Oid,
        /// What of NULLs.
        matching: Match,
        /// ON UPDATE.
        on_update: Action,
        /// ON DELETE.
        on_delete: Action,
        /// Columns that ON DELETE SET NULL or SET DEFAULT sets; all without.
        set_columns: Vec<u16>,
        /// What are triggers to PostgreSQL.
        triggers: KeyTriggers,
    },
    /// EXCLUDE, by an index, with an operator for each of its keys.
    Exclude(Oid, Vec<Oid>),
}

/// The triggers of a foreign key: see `snapshot::key_triggers`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct KeyTriggers {
    /// The number of the first; those of the others follow.
    pub first: Oid,
    /// When each fires.
    pub states: [RuleState; 4],
}

impl KeyTriggers {
    /// How many there are.
    pub const COUNT: usize = 4;
    /// The place of what is done when a row goes that is referred to.
    pub const DELETE: usize = 0;
    /// The place of what is done when such a row is changed.
    pub const UPDATE: usize = 1;
    /// The place of what looks at new rows that refer.
    pub const CHECK_INSERT: usize = 2;
    /// The place of what looks at changed rows that refer.
    pub const CHECK_UPDATE: usize = 3;

    /// Triggers that fire, with numbers from `first` on.
    pub fn new(first: Oid) -> KeyTriggers {
        KeyTriggers { first, states: [RuleState::Enabled; KeyTriggers::COUNT] }
    }
}

/// When a foreign key with NULLs in it is content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Match {
    /// When one of its columns is NULL.
    Simple,
    /// When all of its columns are NULL.
    Full,
}

/// What a foreign key does when what it refers to goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // SQL's words
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    /// As SQL writes it.
    pub fn words(self) -> &'static str {
        match self {
            Action::NoAction => "NO ACTION",
            Action::Restrict => "RESTRICT",
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::SetDefault => "SET DEFAULT",
        }
    }

    /// `pg_constraint.confupdtype`.
    pub fn letter(self) -> u8 {
        match self {
            Action::NoAction => b'a',
            Action::Restrict => b'r',
            Action::Cascade => b'c',
            Action::SetNull => b'n',
            Action::SetDefault => b'd',
        }
    }
}
