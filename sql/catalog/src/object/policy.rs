//! Policies: which rows of a table who may see and write.

use super::Oid;
use bincode::{Decode, Encode};

/// A policy of a table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Policy {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other policy of the table has it.
    pub name: String,
    /// The table.
    pub table: Oid,
    /// What it is about.
    pub command: PolicyCommand,
    /// Whether a row that it allows may be had if no restrictive policy is against it; a restrictive one allows nothing by itself.
    pub permissive: bool,
    /// For whom it is, in the order of their numbers; 0 alone for everybody.
    pub roles: Vec<Oid>,
    /// `USING`: an expression over the table's columns.
    pub using: Option<String>,
    /// `WITH CHECK`, likewise.
    pub check: Option<String>,
}

/// What a policy is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub enum PolicyCommand {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

impl PolicyCommand {
    /// What `pg_policy.polcmd` says.
    pub fn letter(self) -> u8 {
        match self {
            PolicyCommand::All => b'*',
            PolicyCommand::Select => b'r',
            PolicyCommand::Insert => b'a',
            PolicyCommand::Update => b'w',
            PolicyCommand::Delete => b'd',
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            PolicyCommand::All => "ALL",
            PolicyCommand::Select => "SELECT",
            PolicyCommand::Insert => "INSERT",
            PolicyCommand::Update => "UPDATE",
            PolicyCommand::Delete => "DELETE",
        }
    }

    /// Whether it is about what `done` is: one of the others, not `All`.
    pub fn covers(self, done: PolicyCommand) -> bool {
        self == PolicyCommand::All || self == done
    }
}

impl Policy {
    /// The condition that new rows must fulfil.
    pub fn checked(&self) -> Option<&String> {
        self.check.as_ref().or(self.using.as_ref())
    }
}
