//! The shape in which a query was written, beside what it means: what relational algebra no longer shows.
//!
//! Kept only for what the catalog stores ([`crate::definition::shaped_query`]): every name in it is resolved to numbers, so
//! that it can be written down again whatever is called how by then. Expressions are as they were bound, before aggregates
//! and windows became columns.

use crate::level::SetDraft;
use catalog::object::Oid;
use plan::expression::{Aggregate, Column, Expression, Frame, FunctionId, RelationId, SortKey};
use plan::logical::{LockStrength, LockWait, Logical, ScanSource, SetOperator};
use std::collections::{BTreeMap, BTreeSet};
use types::Type;

/// What is kept of a statement whose shape is wanted.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    /// The statement's own.
    pub(crate) root: Option<Box<Shape>>,
    /// Of queries within expressions, by the relation that yields their rows.
    pub(crate) subqueries: BTreeMap<RelationId, Shape>,
    /// What columns of scans are that are no columns of the table.
    pub(crate) system: BTreeMap<Column, ScanSource>,
    /// Tables of the `WITH` that was bound last.
    pub(crate) common: Vec<CommonShape>,
    /// The rows before and after a change, of which a rule's action or condition speaks.
    pub(crate) rows: Option<Box<Shape>>,
    /// Primary keys by which columns that nobody groups by are decided.
    pub(crate) constraints: BTreeSet<Oid>,
}

/// A query.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub common: Vec<CommonShape>,
    pub recursive: bool,
    pub body: Body,
    pub order: Vec<OrderShape>,
    /// At most how many rows, and whether with ties.
    pub limit: Option<(Expression, bool)>,
    pub offset: Option<Expression>,
    pub locks: Vec<LockShape>,
    /// Names of the columns.
    pub names: Vec<String>,
}

/// What is sorted by: an entry of the select list by its place.
#[derive(Debug, Clone)]
pub(crate) struct OrderShape {
    pub place: usize,
    pub descending: bool,
    pub nulls_first: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Body {
    Select(Box<SelectShape>),
    Set { operator: SetOperator, all: bool, sides: Box<(Shape, Shape)> },
    Change(Box<ChangeShape>),
}

/// `INSERT`, `UPDATE`, `DELETE`
#[derive(Debug, Clone)]
pub(crate) struct ChangeShape {
    pub how: ChangeHow,
    /// What is changed, with its columns as they are there; of an `INSERT` as they are made.
    pub target: EntryShape,
    /// What `RETURNING` sees of it.
    pub made: RelationId,
    /// `FROM`, `USING`
    pub from: Vec<FromShape>,
    pub condition: Option<Expression>,
    pub returning: Vec<TargetShape>,
}

#[derive(Debug, Clone)]
pub(crate) enum ChangeHow {
    Insert {
        /// Places of the columns among those that are not dropped.
        columns: Vec<usize>,
        overriding: Option<bool>,
        source: InsertedShape,
        /// `ON CONFLICT`
        conflict: Option<Box<ConflictShape>>,
    },
    /// By places; `DEFAULT` is no expression.
    Update(Vec<(usize, Option<Expression>)>),
    Delete,
}

/// What is inserted.
#[derive(Debug, Clone)]
pub(crate) enum InsertedShape {
    Defaults,
    /// `DEFAULT` is no expression.
    Values(Vec<Vec<Option<Expression>>>),
    Query(Box<Shape>),
}

/// `ON CONFLICT`
#[derive(Debug, Clone)]
pub(crate) struct ConflictShape {
    pub arbiter: ArbiterShape,
    /// What is done then, if anything.
    pub update: Option<ConflictUpdateShape>,
}

/// Which conflicts are meant.
#[derive(Debug, Clone)]
pub(crate) enum ArbiterShape {
    Any,
    Keys {
        /// The table's row, whose columns the keys name without the table.
        row: Box<Shape>,
        keys: Vec<ArbiterKey>,
        condition: Option<Expression>,
    },
    Constraint(String),
}

/// A key of the indexes that are meant.
#[derive(Debug, Clone)]
pub(crate) struct ArbiterKey {
    pub expression: Expression,
    pub collation: Option<u32>,
    /// The operator class, where it is not the type's own.
    pub class: Option<u32>,
}

/// `DO UPDATE`
#[derive(Debug, Clone)]
pub(crate) struct ConflictUpdateShape {
    /// The columns of the row that is there, which go by the names of the target's.
    pub existing: Vec<Expression>,
    pub excluded: EntryShape,
    /// By places; `DEFAULT` is no expression.
    pub assignments: Vec<(usize, Option<Expression>)>,
    pub condition: Option<Expression>,
}

impl ConflictShape {
    fn for_each_part(&self, visit: &mut dyn FnMut(&Expression)) {
        if let ArbiterShape::Keys { keys, condition, .. } = &self.arbiter {
            keys.iter().map(|key| &key.expression).chain(condition).for_each(&mut *visit);
        }
        if let Some(update) = &self.update {
            update.assignments.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut *visit);
            update.condition.iter().for_each(visit);
        }
    }
}

/// `SELECT`
#[derive(Debug, Clone)]
pub(crate) struct SelectShape {
    pub distinct: DistinctShape,
    pub targets: Vec<TargetShape>,
    pub from: Vec<FromShape>,
    pub condition: Option<Expression>,
    pub having: Option<Expression>,
    pub groups: Vec<GroupShape>,
    pub group_distinct: bool,
    /// Places of the targets that are grouped by, as `groups` counts them.
    pub keys: Vec<usize>,
    pub aggregates: (RelationId, Vec<Aggregate>),
    pub groupings: (RelationId, Vec<Vec<Expression>>),
    pub windows: Vec<(String, OverShape)>,
    pub window_calls: BTreeMap<Column, (plan::expression::WindowCall, OverShape)>,
    pub sets: Vec<SetDraft>,
}

#[derive(Debug, Clone)]
pub(crate) struct TargetShape {
    pub expression: Expression,
    pub name: String,
    pub hidden: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DistinctShape {
    No,
    Rows,
    On(Vec<usize>),
}

/// An entry of `GROUP BY`; keys by their places among those of the query.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum GroupShape {
    Keys(Vec<u32>),
    Rollup(Vec<Vec<u32>>),
    Cube(Vec<Vec<u32>>),
    Sets(Vec<GroupShape>),
}

/// A window as it is written after `OVER` or in `WINDOW`.
#[derive(Debug, Clone, Default)]
pub(crate) struct OverShape {
    /// `OVER name`
    pub name: Option<String>,
    /// The window it builds on.
    pub base: Option<String>,
    pub partition: Vec<SortKey>,
    pub order: Vec<SortKey>,
    /// Its frame, if one is written, and whether with `BETWEEN`.
    pub frame: Option<(Frame, bool)>,
}

/// A table of `WITH`.
#[derive(Debug, Clone)]
pub(crate) struct CommonShape {
    pub name: String,
    pub columns: Vec<String>,
    pub materialized: Option<bool>,
    pub query: Option<Box<Shape>>,
    /// `SEARCH` and `CYCLE`, as they are written.
    pub tail: Vec<String>,
}

/// A table whose rows are locked, by the relation that reads it.
#[derive(Debug, Clone)]
pub(crate) struct LockShape {
    pub relation: RelationId,
    pub strength: LockStrength,
    pub wait: LockWait,
}

#[derive(Debug, Clone)]
pub(crate) enum FromShape {
    Entry(Box<EntryShape>),
    Join(Box<JoinShape>),
}

/// An entry of `FROM` that is no join.
#[derive(Debug, Clone)]
pub(crate) struct EntryShape {
    pub source: EntrySource,
    pub lateral: bool,
    /// The alias, if one is written.
    pub alias: Option<String>,
    /// New names of its first columns.
    pub given: Vec<String>,
    /// What it is called without alias.
    pub name: String,
    /// Its columns with their names.
    pub columns: Vec<(String, Expression)>,
    /// The numbers of a relation's columns; empty for what is no relation.
    pub numbers: Vec<u16>,
}

#[derive(Debug, Clone)]
pub(crate) enum EntrySource {
    /// A table, a view, a relation of the system; with what is read of a table.
    Relation {
        relation: u32,
        scan: Option<RelationId>,
        /// `ONLY`
        only: bool,
        sample: Option<plan::logical::Sample>,
    },
    Query(Option<Box<Shape>>),
    Values(Vec<Vec<Expression>>),
    Common(String),
    Functions(FunctionsShape),
}

#[derive(Debug, Clone)]
pub(crate) struct FunctionsShape {
    pub calls: Vec<Expression>,
    pub ordinality: bool,
    /// Of each call its column definitions, if it has some.
    pub definitions: Vec<Vec<DefinedColumn>>,
}

impl FunctionsShape {
    /// The column definitions that stand behind the alias: those of a call that stands alone.
    pub fn behind_alias(&self) -> Option<&[DefinedColumn]> {
        match &self.definitions[..] {
            [only] if !only.is_empty() && !self.ordinality => Some(only),
            _ => None,
        }
    }
}

/// A column that a call of a function is told to have.
#[derive(Debug, Clone)]
pub(crate) struct DefinedColumn {
    pub name: String,
    pub of: Type,
    /// The collation that is written.
    pub collation: Option<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct JoinShape {
    pub kind: JoinWord,
    pub left: FromShape,
    pub right: FromShape,
    pub on: Option<Expression>,
    /// Names of `USING` with the columns of both sides and what they become.
    pub using: Vec<UsingShape>,
    pub using_alias: Option<String>,
    /// The alias with new names of its first columns, and all of its columns.
    pub alias: Option<JoinAlias>,
}

#[derive(Debug, Clone)]
pub(crate) struct JoinAlias {
    pub name: String,
    pub given: Vec<String>,
    pub columns: Vec<(String, Expression)>,
}

#[derive(Debug, Clone)]
pub(crate) struct UsingShape {
    pub name: String,
    pub left: Expression,
    pub right: Expression,
    pub merged: Expression,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum JoinWord {
    Inner,
    Left,
    Right,
    Full,
}

impl Shapes {
    /// The primary keys without which the statement would mean nothing.
    pub fn constraints(&self) -> impl Iterator<Item = Oid> {
        self.constraints.iter().copied()
    }

    /// Calls `visit` with every expression that is written.
    pub fn for_each_expression(&self, visit: &mut dyn FnMut(&Expression)) {
        self.for_each_part(visit, &mut |_| {});
    }

    /// The same, and calls `called` with every aggregate and window function.
    pub fn for_each_part(&self, visit: &mut dyn FnMut(&Expression), called: &mut dyn FnMut(FunctionId)) {
        for shape in self.root.as_deref().into_iter().chain(self.subqueries.values()) {
            shape.for_each_part(visit, called);
        }
    }

    /// Whether a query changes rows: what is bound of a change has no shape.
    pub fn is_complete(&self) -> bool {
        self.root.is_some()
    }
}

impl SelectShape {
    fn for_each_part(&self, visit: &mut dyn FnMut(&Expression), called: &mut dyn FnMut(FunctionId)) {
        self.targets.iter().for_each(|target| visit(&target.expression));
        self.condition.iter().chain(&self.having).for_each(&mut *visit);
        for aggregate in &self.aggregates.1 {
            called(aggregate.function);
            aggregate.for_each_part(&mut |part| visit(part));
        }
        for (call, over) in self.window_calls.values() {
            called(call.function);
            call.arguments.iter().chain(&call.filter).for_each(&mut *visit);
            over.partition.iter().chain(&over.order).for_each(|key| visit(&key.expression));
        }
        for (_, over) in &self.windows {
            over.partition.iter().chain(&over.order).for_each(|key| visit(&key.expression));
        }
        self.sets.iter().flat_map(|set| &set.calls).for_each(&mut *visit);
        self.from.iter().for_each(|item| item.for_each_part(visit, called));
    }
}

impl ChangeShape {
    fn for_each_part(&self, visit: &mut dyn FnMut(&Expression), called: &mut dyn FnMut(FunctionId)) {
        match &self.how {
            ChangeHow::Insert { source: InsertedShape::Values(rows), .. } => {
                rows.iter().flatten().flatten().for_each(&mut *visit);
            }
            ChangeHow::Insert { source: InsertedShape::Query(query), .. } => {
                query.for_each_part(visit, called);
            }
            ChangeHow::Insert { source: InsertedShape::Defaults, .. } | ChangeHow::Delete => {}
            ChangeHow::Update(assignments) => {
                assignments.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut *visit);
            }
        }
        if let ChangeHow::Insert { conflict: Some(conflict), .. } = &self.how {
            conflict.for_each_part(visit);
        }
        self.from.iter().for_each(|item| item.for_each_part(visit, called));
        self.condition.iter().for_each(&mut *visit);
        self.returning.iter().for_each(|target| visit(&target.expression));
    }
}

impl FromShape {
    fn for_each_part(&self, visit: &mut dyn FnMut(&Expression), called: &mut dyn FnMut(FunctionId)) {
        match self {
            FromShape::Join(join) => {
                join.left.for_each_part(visit, called);
                join.right.for_each_part(visit, called);
                join.on.iter().for_each(visit);
            }
            FromShape::Entry(entry) => match &entry.source {
                EntrySource::Relation { .. } | EntrySource::Common(_) => {}
                EntrySource::Query(query) => {
                    query.iter().for_each(|query| query.for_each_part(visit, called));
                }
                EntrySource::Values(rows) => rows.iter().flatten().for_each(visit),
                EntrySource::Functions(functions) => functions.calls.iter().for_each(visit),
            },
        }
    }
}

impl Shape {
    fn for_each_part(&self, visit: &mut dyn FnMut(&Expression), called: &mut dyn FnMut(FunctionId)) {
        for query in self.common.iter().filter_map(|table| table.query.as_deref()) {
            query.for_each_part(visit, called);
        }
        match &self.body {
            Body::Select(select) => select.for_each_part(visit, called),
            Body::Set { sides, .. } => {
                sides.0.for_each_part(visit, called);
                sides.1.for_each_part(visit, called);
            }
            Body::Change(change) => change.for_each_part(visit, called),
        }
        self.limit.iter().map(|(limit, _)| limit).chain(&self.offset).for_each(visit);
    }

    /// A query of nothing but its body.
    pub fn plain(body: Body, names: Vec<String>) -> Shape {
        Shape {
            common: Vec::new(),
            recursive: false,
            body,
            order: Vec::new(),
            limit: None,
            offset: None,
            locks: Vec::new(),
            names,
        }
    }

    /// Whether anything stands around the body, so that parentheses are needed where a body may stand.
    pub fn is_wrapped(&self) -> bool {
        !self.common.is_empty()
            || !self.order.is_empty()
            || self.limit.is_some()
            || self.offset.is_some()
            || !self.locks.is_empty()
    }

    /// The limits of a query that has been bound.
    pub fn cut_as(&mut self, query: &Logical) {
        if let Logical::Limit { limit, offset, with_ties, .. } = query {
            self.limit = limit.clone().map(|limit| (limit, !with_ties.is_empty()));
            self.offset.clone_from(offset);
        }
    }

    /// What a column of the select list is, now that its type is known.
    pub fn settle(&mut self, place: usize, expression: &Expression) {
        if let Body::Select(select) = &mut self.body {
            if let [FromShape::Entry(entry)] = &mut select.from[..]
                && let EntrySource::Values(rows) = &mut entry.source
            {
                // A literal of the only row: several have a type in common already.
                if let [row] = &mut rows[..]
                    && let Some(value) = row.get_mut(place)
                {
                    *value = expression.clone();
                }
                return;
            }
            let mut visible = select.targets.iter_mut().filter(|target| !target.hidden);
            if let Some(target) = visible.nth(place) {
                target.expression = expression.clone();
            }
        }
    }
}

/// The relation that yields the rows of a query: by which its shape is found.
pub(crate) fn yields(query: &Logical, known: &dyn Fn(RelationId) -> bool) -> Option<RelationId> {
    let mut query = query;
    loop {
        query = match query {
            Logical::Project { relation, input, .. } if known(*relation) => {
                let _ = input;
                return Some(*relation);
            }
            Logical::Set(set) => return Some(set.relation),
            Logical::Recursive(recursive) => return Some(recursive.relation),
            Logical::Project { input, .. }
            | Logical::Sort { input, .. }
            | Logical::Limit { input, .. }
            | Logical::Distinct { input, .. }
            | Logical::LockRows { input, .. } => input,
            _ => return None,
        };
    }
}

/// The relation that yields the rows of a query that has just been bound.
pub(crate) fn yielding(query: &Logical) -> Option<RelationId> {
    yields(query, &|_| true)
}
