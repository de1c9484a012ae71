//! Rules: what is done when rows of a relation are to be changed.

use super::Oid;
use bincode::{Decode, Encode};

/// A rule of a table or a view, besides the one that a view is.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RewriteRule {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other rule of the relation has it.
    pub name: String,
    /// The table or view.
    pub relation: Oid,
    /// What it is asked at.
    pub event: RuleEvent,
    /// `INSTEAD`: the statement itself is not done, or not where the condition holds.
    pub instead: bool,
    /// When it is asked.
    pub state: RuleState,
    /// `WHERE …`: an expression over `old` and `new`.
    pub condition: Option<String>,
    /// Statements, which may name `old` and `new`; none for `NOTHING`.
    pub actions: Vec<String>,
}

/// What a rule is asked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub enum RuleEvent {
    Insert,
    Update,
    Delete,
}

/// When a rule is asked: `ALTER TABLE … ENABLE RULE` and its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum RuleState {
    /// Unless the session replays what another server has done.
    Enabled,
    /// Never.
    Disabled,
    /// Only in a session that replays.
    Replica,
    /// In any session.
    Always,
}

impl RuleEvent {
    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            RuleEvent::Insert => "INSERT",
            RuleEvent::Update => "UPDATE",
            RuleEvent::Delete => "DELETE",
        }
    }

    /// What `pg_rewrite` says.
    pub fn letter(self) -> u8 {
        match self {
            RuleEvent::Update => b'2',
            RuleEvent::Insert => b'3',
            RuleEvent::Delete => b'4',
        }
    }
}

impl RuleState {
    /// What `pg_rewrite` says.
    pub fn letter(self) -> u8 {
        match self {
            RuleState::Enabled => b'O',
            RuleState::Disabled => b'D',
            RuleState::Replica => b'R',
            RuleState::Always => b'A',
        }
    }

    /// Whether the rule is asked here: no session replays anything.
    pub fn is_asked(self) -> bool {
        match self {
            RuleState::Enabled | RuleState::Always => true,
            RuleState::Disabled | RuleState::Replica => false,
        }
    }
}
