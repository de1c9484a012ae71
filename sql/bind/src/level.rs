//! One query's own: the relations that its names may mean, and the aggregates, windows and sets found in its expressions.

use crate::binder::{Binder, Bound};
use crate::clause::Clause;
use crate::shape::{FromShape, OverShape};
use plan::expression::{Aggregate, Column, Expression, Frame, RelationId, SortKey, WindowCall};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::tree::select::{LockStrength, LockWait};
use types::Type;

/// What a name in an expression may mean: a relation of `FROM`.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// By which name; a join without alias has none.
    pub name: Option<Arc<str>>,
    /// The schema and the table, for names with a schema.
    pub table: Option<(u32, u32)>,
    pub columns: Vec<ItemColumn>,
    /// Whether its name may be used.
    pub named: bool,
    /// Whether its columns may be used without its name.
    pub open: bool,
    /// Whether only `LATERAL` may refer to it, as long as `FROM` is not complete.
    pub lateral_only: bool,
    /// Whether `LATERAL` may: not from the right side of a right or full join.
    pub lateral_ok: bool,
    /// Whether it is a subquery or a view.
    pub is_query: bool,
    /// Whether it is a query of `WITH`.
    pub is_common: bool,
    /// Whether an outer join may have no row of it.
    pub nullable: bool,
    /// The view whose rows are changed, if its columns are this item's.
    pub changed_view: Option<u32>,
    /// How many of its last columns `*` leaves out.
    pub apart: usize,
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ItemKind {
    /// A table, with its scan.
    Table { relation: RelationId, row_type: u32 },
    /// A function with a scalar result: the whole row is that value.
    Scalar,
    /// Anything whose rows have a type of their own.
    Composite(u32),
    /// Anything else in `FROM`.
    Rows,
    /// A join, which names the columns of what it joins.
    Join,
}

/// A column of an item.
#[derive(Debug, Clone)]
pub(crate) struct ItemColumn {
    pub name: Arc<str>,
    /// What it stands for.
    pub expression: Expression,
}

/// A use of a column, for the message that it is not grouped by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColumnUse {
    pub column: Column,
    pub position: u32,
    /// Whether it stands where columns must be grouped by: not in `FROM`, not in `WHERE`.
    pub is_above: bool,
}

/// Windows of one partition and order, and the functions over them.
#[derive(Debug, Clone)]
pub(crate) struct WindowDraft {
    pub relation: RelationId,
    pub partition: Vec<SortKey>,
    pub order: Vec<SortKey>,
    pub functions: Vec<WindowCall>,
}

/// A window of the `WINDOW` clause.
#[derive(Debug, Clone)]
pub(crate) struct NamedWindow {
    pub name: String,
    pub partition: Vec<SortKey>,
    pub order: Vec<SortKey>,
    /// Its frame, if one is written.
    pub frame: Option<Frame>,
}

/// How entries of `FROM` are locked.
#[derive(Debug, Clone)]
pub(crate) struct FromLock {
    /// Which ones; all without.
    pub of: Vec<String>,
    pub strength: LockStrength,
    pub wait: LockWait,
    /// Whether a query around says so.
    pub inherited: bool,
    /// Whether the query around locks the rows itself, where this one hands them up as they are.
    pub lends: bool,
}

/// A table whose rows a query around locks that reads what a query or a view in its `FROM` has read of it.
#[derive(Debug, Clone)]
pub(crate) struct LentLock {
    pub row_id: Column,
    pub table_oid: Option<Column>,
    pub relation: RelationId,
    pub strength: plan::logical::LockStrength,
    pub wait: plan::logical::LockWait,
}

/// Functions that return sets, run in step.
#[derive(Debug, Clone)]
pub(crate) struct SetDraft {
    pub relation: RelationId,
    pub calls: Vec<Expression>,
}

/// The rows that a change gives to `RETURNING`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MadeRows {
    pub table: u32,
    /// Whether all of them are rows of that table, none of one that inherits from it.
    pub alone: bool,
    /// The scan that found them.
    pub scanned: Option<RelationId>,
    /// Whether they are as they were found.
    pub deleted: bool,
    /// Whose columns they are; where rows find their table by themselves, one more says which it is.
    pub relation: RelationId,
    pub routed: bool,
    /// Whether some of them may have been there before.
    pub updates: bool,
    /// Whether somebody asks for the ids of rows that no scan has found.
    pub row_ids: bool,
}

/// The rows that a check, a generated column or an index is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeptRows {
    pub table: u32,
    /// Whose columns they are.
    pub relation: RelationId,
    /// How many there are: `tableoid` comes behind them.
    pub columns: u32,
}

/// A query that is being bound.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub items: Vec<Item>,
    /// What cannot be referred to here though it is in `FROM`: what an aliased join is made of, what stands beside one.
    pub hidden: Vec<Item>,
    pub lateral_active: bool,
    pub clause: Clause,
    /// Aggregates stand for columns of this relation until it is known what is grouped by.
    pub aggregate_relation: RelationId,
    pub aggregates: Vec<Aggregate>,
    /// How many tables of `WITH` were there before it: those that come later are written within it.
    pub drafts_around: usize,
    /// Whether a table of `WITH RECURSIVE` refers to itself in its `FROM`.
    pub self_reference: bool,
    /// Where each of them stands.
    pub aggregate_positions: Vec<u32>,
    /// Direct arguments of aggregates, with the columns that they use: they are computed once for a group.
    pub direct_arguments: Vec<(Expression, Vec<ColumnUse>)>,
    /// The same of `GROUPING(…)`.
    pub grouping_relation: RelationId,
    pub groupings: Vec<Vec<Bound>>,
    pub windows: Vec<WindowDraft>,
    pub window_positions: Vec<u32>,
    pub named_windows: Vec<NamedWindow>,
    /// Sets by how deep they are nested: those of the first are arguments of those of the second.
    pub sets: Vec<SetDraft>,
    pub uses: Vec<ColumnUse>,
    /// How many aggregates' arguments are around what is bound now.
    pub in_aggregate: u32,
    /// `FOR UPDATE` and its like of the query, and of those around it that lock what it yields.
    pub locks: Vec<FromLock>,
    /// What entries of `FROM` have left to be locked.
    pub lent: Vec<LentLock>,
    /// Whether a cursor wants the ids of rows.
    pub row_ids_wanted: bool,
    /// What around refuses sets: `CASE`, `COALESCE`.
    pub conditional: Option<&'static str>,
    /// The type that `VALUE` has in a domain's check.
    pub domain_value: Option<Type>,
    /// `FROM` as it is written, and windows, if shapes are wanted.
    pub from: Vec<FromShape>,
    /// The table whose rows a text of the catalog is about, and its columns; whether it is to be written down again.
    pub kept: Option<KeptRows>,
    /// What `RETURNING` is of.
    pub made: Option<MadeRows>,
    pub window_shapes: Vec<(String, OverShape)>,
    pub call_shapes: BTreeMap<Column, OverShape>,
}

impl Level {
    pub fn new(binder: &mut Binder<'_>) -> Level {
        Level {
            items: Vec::new(),
            hidden: Vec::new(),
            lateral_active: false,
            clause: Clause::Select,
            aggregate_relation: binder.relation(),
            aggregates: Vec::new(),
            drafts_around: binder.common_drafts.len(),
            self_reference: false,
            aggregate_positions: Vec::new(),
            direct_arguments: Vec::new(),
            grouping_relation: binder.relation(),
            groupings: Vec::new(),
            windows: Vec::new(),
            window_positions: Vec::new(),
            named_windows: Vec::new(),
            sets: Vec::new(),
            uses: Vec::new(),
            in_aggregate: 0,
            locks: Vec::new(),
            lent: Vec::new(),
            row_ids_wanted: false,
            conditional: None,
            domain_value: None,
            from: Vec::new(),
            kept: None,
            made: None,
            window_shapes: Vec::new(),
            call_shapes: BTreeMap::new(),
        }
    }

    /// The relations that stand for aggregates and `GROUPING`.
    pub fn own_relations(&self) -> [RelationId; 2] {
        [self.aggregate_relation, self.grouping_relation]
    }

    pub fn is_window(&self, relation: RelationId) -> bool {
        self.windows.iter().any(|window| window.relation == relation)
    }

    pub fn is_set(&self, relation: RelationId) -> bool {
        self.sets.iter().any(|set| set.relation == relation)
    }
}

impl Item {
    /// An item that can be referred to in every way.
    pub fn open(name: Arc<str>, columns: Vec<ItemColumn>, kind: ItemKind) -> Item {
        Item {
            name: Some(name),
            table: None,
            columns,
            named: true,
            open: true,
            lateral_only: false,
            lateral_ok: true,
            is_query: false,
            is_common: false,
            nullable: false,
            changed_view: None,
            apart: 0,
            kind,
        }
    }
}
