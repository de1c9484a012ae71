//! Triggers of definitions.

use super::Oid;
use bincode::{Decode, Encode};

/// When one fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum DefinitionEvent {
    /// Before a command.
    Start,
    /// When it is done.
    End,
    /// When something is gone by it.
    Drop,
    /// Before the rows of a table are written anew.
    Rewrite,
}

impl DefinitionEvent {
    /// All of them.
    pub const ALL: [DefinitionEvent; 4] =
        [DefinitionEvent::Start, DefinitionEvent::End, DefinitionEvent::Drop, DefinitionEvent::Rewrite];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            DefinitionEvent::Start => "ddl_command_start",
            DefinitionEvent::End => "ddl_command_end",
            DefinitionEvent::Drop => "sql_drop",
            DefinitionEvent::Rewrite => "table_rewrite",
        }
    }
}

/// In which sessions one fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Enabled {
    /// In those that do not replay what others did.
    Origin,
    /// In none.
    Disabled,
    /// In those that do.
    Replica,
    /// In all.
    Always,
}

impl Enabled {
    /// As `pg_event_trigger` tells it.
    pub fn letter(self) -> u8 {
        match self {
            Enabled::Origin => b'O',
            Enabled::Disabled => b'D',
            Enabled::Replica => b'R',
            Enabled::Always => b'A',
        }
    }

    /// Whether it fires in a session that replays, or does not.
    pub fn fires(self, replica: bool) -> bool {
        match self {
            Enabled::Origin => !replica,
            Enabled::Disabled => false,
            Enabled::Replica => replica,
            Enabled::Always => true,
        }
    }
}

/// A function that is called when something is defined, changed or dropped.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct EventTrigger {
    /// Its number.
    pub oid: Oid,
    /// Its name, which no other has.
    pub name: String,
    /// The superuser that owns it.
    pub owner: Oid,
    /// When it fires.
    pub event: DefinitionEvent,
    /// What is called.
    pub function: Oid,
    /// In which sessions.
    pub enabled: Enabled,
    /// By which commands alone; by all if there are none.
    pub tags: Vec<String>,
}
