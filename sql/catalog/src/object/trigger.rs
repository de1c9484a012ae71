//! Triggers: functions that are called when rows of a relation are changed.

use super::{Oid, RuleState};
use bincode::{Decode, Encode};

/// A trigger of a table or a view.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Trigger {
    /// Its number.
    pub oid: Oid,
    /// Its name: no other trigger of the relation has it.
    pub name: String,
    /// The table or view.
    pub relation: Oid,
    /// What it calls; that of the program itself too.
    pub function: Oid,
    /// When it fires.
    pub timing: TriggerTiming,
    /// Whether it fires for each row, not once for the statement.
    pub each_row: bool,
    /// At what it fires.
    pub events: TriggerEvents,
    /// `UPDATE OF`: columns by their places in the table, counted from 0; none for all.
    pub columns: Vec<u16>,
    /// `WHEN`: an expression over `old` and `new`.
    pub condition: Option<String>,
    /// What its function is told.
    pub arguments: Vec<String>,
    /// `REFERENCING OLD TABLE AS …`
    pub old_table: Option<String>,
    /// `REFERENCING NEW TABLE AS …`
    pub new_table: Option<String>,
    /// Of a constraint trigger what the constraint is.
    pub constraint: Option<TriggerConstraint>,
    /// When it is asked, as of rules.
    pub state: RuleState,
    /// The trigger of the table above that it comes from; 0 without.
    pub parent: Oid,
}

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerTiming {
    Before,
    After,
    InsteadOf,
}

/// At what a trigger fires.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[allow(missing_docs)] // each is what it is called
pub struct TriggerEvents {
    pub insert: bool,
    pub update: bool,
    pub delete: bool,
    pub truncate: bool,
}

/// What makes a trigger a constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub struct TriggerConstraint {
    /// Its number in `pg_constraint`.
    pub oid: Oid,
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub initially_deferred: bool,
    /// `FROM`: a table that it is about besides; 0 without.
    pub from: Oid,
}

impl TriggerTiming {
    /// Its words.
    pub fn words(self) -> &'static str {
        match self {
            TriggerTiming::Before => "BEFORE",
            TriggerTiming::After => "AFTER",
            TriggerTiming::InsteadOf => "INSTEAD OF",
        }
    }
}

impl Trigger {
    /// What `pg_trigger.tgtype` says.
    pub fn kind_bits(&self) -> i16 {
        let TriggerEvents { insert, update, delete, truncate } = self.events;
        let timing = match self.timing {
            TriggerTiming::Before => 1 << 1,
            TriggerTiming::After => 0,
            TriggerTiming::InsteadOf => 1 << 6,
        };
        let flags = [(self.each_row, 0), (insert, 2), (delete, 3), (update, 4), (truncate, 5)];
        flags.into_iter().filter(|(is, _)| *is).fold(timing, |bits, (_, bit)| bits | 1 << bit)
    }

    /// Whether it has a transition table.
    pub fn has_transitions(&self) -> bool {
        self.old_table.is_some() || self.new_table.is_some()
    }
}
