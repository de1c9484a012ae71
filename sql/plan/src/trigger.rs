//! Triggers: what a change must know of those of its table, and what a trigger's function is called with.
//!
//! Rows here have the table's columns without dropped ones, in their order ([`TriggerTable::columns`]).

use crate::expression::{Expression, FunctionId};
use std::sync::Arc;
use types::vector::Chunk;
use types::{Type, Value};

/// When a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerWhen {
    Before,
    After,
    InsteadOf,
}

/// For what a trigger fires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerLevel {
    Row,
    Statement,
}

/// What is done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each is what it is called
pub enum TriggerEvent {
    Insert,
    Update,
    Delete,
    Truncate,
}

/// In which sessions a trigger fires (`session_replication_role`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TriggerFires {
    /// In those that replay nothing.
    Origin,
    /// In those that replay what another server has done.
    Replica,
    /// In all.
    Always,
}

/// A table or view with triggers, as their functions see it.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerTable {
    /// Its number.
    pub relation: u32,
    /// Its name.
    pub name: String,
    /// Its schema's name.
    pub schema: String,
    /// The type of its rows.
    pub row_type: u32,
    /// Its columns without dropped ones.
    pub columns: Vec<TriggerColumn>,
}

/// A column of such a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: Type,
    /// Its number, from 1, dropped ones counted.
    pub number: u16,
    /// Whether it is computed when `BEFORE` triggers are done: what these find in it means nothing.
    pub generated: bool,
}

/// All triggers of a table or view that are not disabled.
#[derive(Debug, Clone, PartialEq)]
pub struct Triggers {
    /// Whose they are.
    pub table: Arc<TriggerTable>,
    /// In the order in which they fire.
    pub all: Vec<Arc<Trigger>>,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its number.
    pub oid: u32,
    /// Its name.
    pub name: String,
    /// What it calls.
    pub function: FunctionId,
    /// With which words.
    pub arguments: Arc<[String]>,
    /// When.
    pub when: TriggerWhen,
    /// For what.
    pub level: TriggerLevel,
    /// At what.
    pub events: Vec<TriggerEvent>,
    /// `UPDATE OF`: places of the columns one of which must be assigned to; empty for all.
    pub columns: Vec<u32>,
    /// `WHEN`: over the columns of the old row, then those of the new one.
    pub condition: Option<Expression>,
    /// Where.
    pub fires: TriggerFires,
    /// Of a constraint trigger the constraint's number, and whether it is deferred at first; only if it can be deferred.
    pub deferrable: Option<(u32, bool)>,
    /// `REFERENCING OLD TABLE`
    pub old_table: Option<String>,
    /// `REFERENCING NEW TABLE`
    pub new_table: Option<String>,
    /// Whether it is a partition's because a table above has it.
    pub cloned: bool,
}

impl Trigger {
    /// Whether it fires so.
    pub fn is(&self, when: TriggerWhen, level: TriggerLevel, event: TriggerEvent) -> bool {
        self.when == when && self.level == level && self.events.contains(&event)
    }
}

/// What a trigger's function is called with.
#[derive(Debug, Clone)]
pub struct TriggerCall {
    /// The trigger.
    pub trigger: Arc<Trigger>,
    /// What is being done.
    pub event: TriggerEvent,
    /// With whose rows: relation number, table name, schema, columns.
    pub table: Arc<TriggerTable>,
    /// At `UPDATE` of rows: the columns that are assigned to, by their places, and those that are generated from them.
    pub assigned: Vec<u32>,
    /// The row before, for each column its value: of row triggers at `UPDATE` and `DELETE`.
    pub old: Option<Vec<Value>>,
    /// The row after: of row triggers at `INSERT` and `UPDATE`.
    pub new: Option<Vec<Value>>,
    /// Transition tables by their names.
    pub transitions: Arc<[TransitionTable]>,
}

/// Rows that a statement has changed, under a name.
#[derive(Debug, Clone)]
pub struct TransitionTable {
    /// Its name in the function's statements.
    pub name: String,
    /// Whose rows they are.
    pub table: Arc<TriggerTable>,
    /// Its rows, which have the table's columns.
    pub rows: Arc<Vec<Chunk>>,
}
