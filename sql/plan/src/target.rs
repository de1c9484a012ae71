//! All that a changing statement must know of the table it changes, bound beforehand, so that the executor binds nothing.
//!
//! Expressions here are over the columns of [`TargetTable::relation`]: the table's columns, in the order of
//! [`TargetTable::columns`].

use crate::expression::{Expression, RelationId, SortKey};
use crate::partition::Routing;
use crate::spread::{Question, SpreadKey};
use crate::trigger::{TriggerFires, Triggers};
use std::sync::Arc;
use types::row::RowLayout;
use types::{Type, Value};

/// A table that is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetTable {
    /// Its number.
    pub table: u32,
    /// Its name, for messages.
    pub name: String,
    /// Its schema's name, for messages.
    pub schema: String,
    /// The store's tree of its rows.
    pub tree: u64,
    /// Whether it is temporary: of this session alone, and not logged.
    pub temporary: bool,
    /// Whose columns the expressions below are over.
    pub relation: RelationId,
    /// Its columns without dropped ones.
    pub columns: Vec<TargetColumn>,
    /// Where the columns of a stored row lie, dropped ones among them.
    pub layout: Arc<RowLayout>,
    /// Checks, in the order of their names, as PostgreSQL tests them.
    pub checks: Vec<Check>,
    /// Its indexes.
    pub indexes: Vec<TargetIndex>,
    /// Its statistics of expressions, by their numbers: the expressions.
    pub statistics: Vec<(u32, Vec<Expression>)>,
    /// Foreign keys by which it refers to others.
    pub references: Vec<ForeignKey>,
    /// Foreign keys by which others refer to it.
    pub referenced_by: Vec<ForeignKey>,
    /// The tables whose rows are changed with its own: itself, if it has any, and those that inherit from it. Without any
    /// only its own are.
    pub members: Vec<Member>,
    /// Of a partitioned table how its rows find their partition; the partitions are members.
    pub routing: Option<Arc<Routing>>,
    /// Of a partition: what its rows must be, for each table above it how it divides them, and its part.
    pub within: Vec<Within>,
    /// Its triggers, if it has any.
    pub triggers: Option<Arc<Triggers>>,
    /// What messages may tell of its rows.
    pub told: Told,
    /// What is in the way of updating and of deleting its rows because they are published.
    pub unpublishable: [Option<Unpublishable>; 2],
    /// Whether it is a view, whose rows triggers change in its place: it has neither a tree nor members.
    pub is_view: bool,
}

/// Why rows of a table that is published may not be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpublishable {
    /// Which rows are published depends on a column that does not tell which row it is.
    Filter,
    /// A column that tells which row it is is not published.
    Columns,
    /// Nothing tells which row it is.
    NoIdentity,
}

/// What messages may tell who runs a statement of the rows of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// All that they hold.
    All,
    /// What they hold in some of the columns.
    Columns(Vec<ColumnTold>),
    /// Nothing: policies hide rows from him.
    Nothing,
}

/// What messages may tell of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnTold {
    /// Nothing.
    Nothing,
    /// What the statement itself puts there.
    Given,
    /// Whatever is there: he may read it.
    All,
}

impl TargetTable {
    /// Whether messages may tell what any row holds in columns, by their places; of what is no column only if they may tell all.
    pub fn tells(&self, mut places: impl Iterator<Item = Option<usize>>) -> bool {
        match &self.told {
            Told::All => true,
            Told::Columns(told) => {
                places.all(|place| place.and_then(|place| told.get(place)) == Some(&ColumnTold::All))
            }
            Told::Nothing => false,
        }
    }
}

/// A table whose rows are changed with another's.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The table. It has no members.
    pub target: Arc<TargetTable>,
    /// For each column of the other its place among this one's.
    pub columns: Vec<u32>,
}

/// That rows belong to a part of a partitioned table.
#[derive(Debug, Clone, PartialEq)]
pub struct Within {
    /// How the table divides them.
    pub routing: Arc<Routing>,
    /// Which part they belong to.
    pub part: usize,
}

impl TargetTable {
    /// Its expressions: checks, what columns are generated from, keys and conditions of indexes.
    pub fn for_each_expression<'t>(&'t self, visit: &mut dyn FnMut(&'t Expression)) {
        self.checks.iter().for_each(|check| visit(&check.condition));
        self.columns.iter().filter_map(|column| column.generated.as_ref()).for_each(&mut *visit);
        for index in &self.indexes {
            index.keys.iter().for_each(|key| visit(&key.expression));
            index.predicate.iter().for_each(&mut *visit);
        }
        self.statistics.iter().flat_map(|(_, gathered)| gathered).for_each(&mut *visit);
        let triggers = self.triggers.iter().flat_map(|triggers| &triggers.all);
        triggers.filter_map(|trigger| trigger.condition.as_ref()).for_each(visit);
    }
}

/// A column of a changed table.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetColumn {
    /// Its number, from 1: its place in stored rows and one.
    pub number: u16,
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: Type,
    /// Whether null is refused.
    pub not_null: bool,
    /// Its value in rows that were written before it was added.
    pub missing: Value,
    /// `GENERATED ALWAYS AS (…) STORED`
    pub generated: Option<Expression>,
}

/// A check.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Its name.
    pub name: String,
    /// What must not be false.
    pub condition: Expression,
    /// Who asks it.
    pub asked_by: AskedBy,
    /// Whether all rows that are there keep it: not if it is `NOT VALID`.
    pub validated: bool,
}

/// Who asks a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedBy {
    /// The table, of all its new rows.
    Table,
    /// A view, of rows that are put in through it: the name is the view's. It must be true.
    View,
    /// A policy of the table that the statement names, or several, which have no name then. It must be true.
    Policy(PolicyCheck),
}

/// Of which rows policies ask something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyCheck {
    /// Those that are inserted.
    Inserted,
    /// Those that are updated, as they are then.
    Updated,
    /// Those that are there, where they are to be updated in the place of being inserted.
    Conflicting,
    /// Those that are there, where `MERGE` is to update or delete them.
    Merged,
}

/// An index of a changed table.
///
/// Its tree is unversioned. Where values are not in order (`spread`), there are any number of entries for a row: a key is the
/// place of the index's key in one byte, an entry as `execute` makes them, and the row's id; nothing stands there. Where they
/// are, a key is the memcomparable form of `keys`, every one with a byte for null or not, then the row's
/// id in eight bytes, big end first, unless the key stands once: `unique`, not `deferrable`, and no field is null (or
/// `nulls_equal`). The value is
/// the row's id in eight bytes, big end first, then the rest of the key ([`types::key::encode_key`]), then the included
/// columns as a row whose storages are all plain.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetIndex {
    /// Its number.
    pub index: u32,
    /// Its name, which is its constraint's.
    pub name: String,
    /// The store's tree of its keys.
    pub tree: u64,
    /// What it is ordered by.
    pub keys: Vec<SortKey>,
    /// Whether it answers only what a key equals: it stands for a hash.
    pub equality_only: bool,
    /// What its entries are made of, for each key, if it is not ordered by its keys; empty if it is.
    pub spread: Vec<SpreadKey>,
    /// Of an exclusion constraint: the operators, one for each key. No two rows may be for which all are true.
    pub exclusion: Vec<Excluded>,
    /// Texts of the keys, for the detail of a violation: `Key (a, lower(b))=(…) already exists.`
    pub key_names: Vec<String>,
    /// Places of included columns among [`TargetTable::columns`].
    pub include: Vec<u32>,
    /// Whether a key stands once.
    pub unique: bool,
    /// `NULLS NOT DISTINCT`
    pub nulls_equal: bool,
    /// Which rows it has; all without.
    pub predicate: Option<Expression>,
    /// Whether it is that of the primary key.
    pub primary: bool,
    /// The indexes of tables above that it is a part of, the nearest first.
    pub parents: Vec<u32>,
    /// Of a constraint: whether it is `DEFERRABLE`.
    pub deferrable: bool,
    /// Of a constraint: `INITIALLY DEFERRED`.
    pub initially_deferred: bool,
    /// The constraint's number, if it is a constraint's.
    pub constraint: Option<u32>,
}

/// What two rows may not be to each other in one key of an exclusion constraint.
#[derive(Debug, Clone, PartialEq)]
pub struct Excluded {
    /// The operator applied to two keys: slot 0 is that of the row that is looked at, slot 1 that of another.
    pub condition: Expression,
    /// What the other's entries are asked for to find it, where they are not in order.
    pub question: Option<Question>,
}

/// A foreign key, seen from either side.
#[derive(Debug, Clone, PartialEq)]
pub struct ForeignKey {
    /// The constraint's number.
    pub constraint: u32,
    /// That of the key that it is a part of for a partition of what is referred to, as the table that refers has it; its own
    /// if it is no such part.
    pub written: u32,
    /// Its name.
    pub name: String,
    /// The table that refers: number, name.
    pub from: (u32, String),
    /// Numbers of the columns that refer.
    pub from_columns: Vec<u16>,
    /// The table referred to: number, name.
    pub to: (u32, String),
    /// Numbers of the columns referred to, in the order of the others.
    pub to_columns: Vec<u16>,
    /// `MATCH FULL`
    pub match_full: bool,
    /// `ON UPDATE`
    pub on_update: ReferentialAction,
    /// `ON DELETE`, with the columns of `SET NULL (…)` and `SET DEFAULT (…)`; empty means all.
    pub on_delete: (ReferentialAction, Vec<u16>),
    /// `DEFERRABLE`
    pub deferrable: bool,
    /// `INITIALLY DEFERRED`
    pub initially_deferred: bool,
    /// Where it is looked at.
    pub fires: KeyFires,
}

/// In which sessions a foreign key is looked at, by what is done; in none where it is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFires {
    /// When rows that refer are inserted.
    pub insert: Option<TriggerFires>,
    /// When they are updated.
    pub update: Option<TriggerFires>,
    /// When rows referred to are deleted.
    pub on_delete: Option<TriggerFires>,
    /// When they are updated.
    pub on_update: Option<TriggerFires>,
}

/// What a foreign key does when the row referred to goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each is what it is called
pub enum ReferentialAction {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}
