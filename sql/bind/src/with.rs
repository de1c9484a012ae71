//! `WITH`: tables that are bound once and referred to by name.

use crate::binder::{Binder, Described};
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::query::{BoundQuery, FromEntry};
use crate::shape::{Body, CommonShape, EntrySource, Shape};
use functions::table::CastContext;
use plan::expression::Column;
use plan::logical::{CommonTableId, Logical, Recursive, WorkTableId};
use std::sync::Arc;
use syntax::tree::StatementKind;
use syntax::tree::select::{Alias, CommonTable, Limit, Query, QueryBody, SetOperation, SetOperator, With};
use types::Type;

/// A table of `WITH` whose query has been bound.
#[derive(Debug, Clone)]
pub(crate) struct CommonDraft {
    pub name: String,
    pub query: Logical,
    pub columns: Vec<Column>,
    /// Whether it changes rows.
    pub changes: bool,
    pub recursive: bool,
    /// What is written.
    pub materialized: Option<bool>,
    /// How often it is referred to.
    pub references: u32,
}

/// The tables of one `WITH`.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommonScope {
    pub entries: Vec<CommonEntry>,
    /// How they were written, if that is wanted.
    pub shapes: Vec<CommonShape>,
    /// Those that come later.
    pub later: Vec<String>,
}

/// A table as its name finds it.
#[derive(Debug, Clone)]
pub(crate) struct CommonEntry {
    name: String,
    columns: Vec<(Arc<str>, Type)>,
    /// The columns of the query that they are.
    made: Vec<Column>,
    kind: CommonKind,
}

#[derive(Debug, Clone)]
enum CommonKind {
    Draft(usize),
    /// A change of rows that returns none.
    Nothing,
    /// The table itself, within its recursive term.
    Work {
        table: WorkTableId,
        references: u32,
        /// Where the last of them stands.
        position: u32,
        subqueries: u32,
        /// How many of its last columns are those of `SEARCH` and `CYCLE`.
        apart: usize,
    },
    /// The table itself, where it may not be, and where its name stands.
    Refused(Refused, u32),
}

/// Why a table of `WITH RECURSIVE` may not refer to itself.
#[derive(Debug, Clone, Copy)]
enum Refused {
    /// It is no `UNION`.
    Shape,
    /// It changes rows.
    Change,
    /// It is the term that the recursion starts with.
    Start,
}

impl Binder<'_> {
    /// Runs `inner` where the tables of a `WITH` are known.
    pub fn with_tables<T>(
        &mut self,
        with: Option<&With<'_>>,
        inner: impl FnOnce(&mut Self) -> BindResult<T>,
    ) -> BindResult<T> {
        let Some(with) = with else { return inner(self) };
        let depth = self.common_scopes.len();
        self.common_scopes.push(CommonScope::default());
        let result = self.common_tables(with).and_then(|()| inner(self));
        let scope = self.common_scopes.drain(depth..).next();
        if let (Some(shapes), Some(scope)) = (&mut self.shapes, scope) {
            shapes.common = scope.shapes;
        }
        result
    }

    fn common_tables(&mut self, with: &With<'_>) -> BindResult<()> {
        for (place, table) in with.tables.iter().enumerate() {
            if with.tables[..place].iter().any(|known| known.name.text == table.name.text) {
                let name = table.name.text.to_owned();
                return Err(BindError::at(BindErrorKind::WithTwice { name }, table.name.position));
            }
            if let StatementKind::Merge(_) = table.statement.kind {
                return Err(BindError::at(BindErrorKind::WithMerge, table.name.position));
            }
        }
        let order = match with.recursive {
            true => crate::with_order::ordered(with.tables)?,
            false => (0..with.tables.len()).collect(),
        };
        for (bound, place) in order.iter().enumerate() {
            let table = &with.tables[*place];
            let later = order[bound..].iter().map(|place| with.tables[*place].name.text.to_owned()).collect();
            if let Some(scope) = self.common_scopes.last_mut() {
                scope.later = later;
            }
            let entry = self.deeper(|binder| binder.common_table(table, with.recursive))?;
            if let Some(scope) = self.common_scopes.last_mut() {
                scope.entries.push(entry);
            }
        }
        if let Some(scope) = self.common_scopes.last_mut() {
            scope.later.clear();
        }
        Ok(())
    }

    fn common_table(&mut self, table: &CommonTable<'_>, recursive: bool) -> BindResult<CommonEntry> {
        let name = table.name.text.to_owned();
        let searched = table.search.is_some() || table.cycle.is_some();
        let (bound, changes, is_recursive) = match &table.statement.kind {
            StatementKind::Query(query) if recursive => {
                let (bound, is_recursive) = self.maybe_recursive(table, query)?;
                (bound, false, is_recursive)
            }
            StatementKind::Query(query) => (self.query(query)?, false, false),
            statement => {
                // Neither in a query within another nor in one of a `WITH`.
                if !self.levels.is_empty() || self.common_scopes.len() > 1 {
                    let kind = BindErrorKind::WithChangeLevel;
                    return Err(BindError::at(kind, table.name.position));
                }
                if recursive {
                    self.refuse_self(table, Refused::Change);
                }
                let bound = match self.by_rules_in_with(statement)? {
                    Some(bound) => Ok(bound),
                    None => self.changing_statement(statement),
                };
                if recursive {
                    self.forget_self();
                }
                (bound?, true, false)
            }
        };
        if searched && !is_recursive {
            return Err(crate::search::not_recursive(table));
        }
        self.common_draft(table, name, bound, changes, is_recursive)
    }

    pub(crate) fn common_draft(
        &mut self,
        table: &CommonTable<'_>,
        name: String,
        bound: BoundQuery,
        changes: bool,
        recursive: bool,
    ) -> BindResult<CommonEntry> {
        let columns = named_columns(table, &bound)?;
        self.note_origins(&bound.columns);
        let tail = if self.shapes.is_some() { self.clause_texts(table)? } else { Vec::new() };
        if self.shapes.is_some()
            && let Some(scope) = self.common_scopes.last_mut()
        {
            scope.shapes.push(CommonShape {
                name: name.clone(),
                columns: table.columns.iter().map(|column| column.text.to_owned()).collect(),
                materialized: table.materialized,
                query: bound.shape,
                tail,
            });
        }
        let draft = CommonDraft {
            name: name.clone(),
            columns: bound.columns.iter().map(|column| column.column).collect(),
            query: bound.logical,
            changes,
            recursive,
            materialized: table.materialized,
            references: 0,
        };
        self.common_drafts.push(draft);
        let kind = if changes && columns.is_empty() {
            CommonKind::Nothing
        } else {
            CommonKind::Draft(self.common_drafts.len() - 1)
        };
        let made = self.common_drafts.last().map_or_else(Vec::new, |draft| draft.columns.clone());
        Ok(CommonEntry { name, columns, made, kind })
    }

    fn refuse_self(&mut self, table: &CommonTable<'_>, why: Refused) {
        let entry = CommonEntry {
            name: table.name.text.to_owned(),
            columns: Vec::new(),
            made: Vec::new(),
            kind: CommonKind::Refused(why, table.name.position),
        };
        if let Some(scope) = self.common_scopes.last_mut() {
            scope.entries.push(entry);
        }
    }

    fn forget_self(&mut self) -> Option<CommonEntry> {
        self.common_scopes.last_mut().and_then(|scope| scope.entries.pop())
    }

    /// A table of `WITH RECURSIVE`, which may or may not refer to itself.
    fn maybe_recursive(
        &mut self,
        table: &CommonTable<'_>,
        query: &Query<'_>,
    ) -> BindResult<(BoundQuery, bool)> {
        if let QueryBody::Nested(inner) = &query.body
            && query.order.is_empty()
            && query.limit.is_none()
            && query.offset.is_none()
            && query.locking.is_empty()
        {
            let merged = Query { with: query.with.or(inner.with), position: query.position, ..**inner };
            return self.maybe_recursive(table, &merged);
        }
        let union = |set: &SetOperation<'_>| set.operator == SetOperator::Union;
        let shaped = match query.body {
            QueryBody::Set(set) if union(set) => Some(*set),
            _ => None,
        };
        if let (Some(with), Some(_)) = (query.with, shaped) {
            // Its tables are known to both terms.
            let alone = Query { with: None, ..*query };
            let (bound, recursive) =
                self.with_tables(Some(&with), |binder| binder.maybe_recursive(table, &alone))?;
            return Ok((self.with_common_shapes(query, bound), recursive));
        }
        let Some(set) = shaped else {
            self.refuse_self(table, Refused::Shape);
            let bound = self.query(query);
            self.forget_self();
            return bound.map(|bound| (bound, false));
        };
        self.refuse_self(table, Refused::Start);
        let start = self.term(query, &set.left);
        self.forget_self();
        let start = start.and_then(|start| self.settled(start))?;
        let id = WorkTableId(self.work_tables);
        self.work_tables += 1;
        let mut columns = named_columns(table, &start)?;
        let more = self.search_columns(table, &start)?;
        let (subqueries, apart) = (self.subqueries, more.len());
        columns.extend(more);
        let entry = CommonEntry {
            name: table.name.text.to_owned(),
            columns,
            made: start.columns.iter().map(|column| column.column).collect(),
            kind: CommonKind::Work { table: id, references: 0, position: 0, subqueries, apart },
        };
        if let Some(scope) = self.common_scopes.last_mut() {
            scope.entries.push(entry);
        }
        let step = self.term(query, &set.right);
        let entry = self.forget_self();
        let step = step?;
        let used = match entry.map(|entry| entry.kind) {
            Some(CommonKind::Work { references, .. }) => references,
            _ => 0,
        };
        if used == 0 {
            // It is a plain set operation after all.
            return self.query(query).map(|bound| (bound, false));
        }
        refuse_clauses(query)?;
        self.recursive(table, start, step, &set, id).map(|bound| (bound, true))
    }

    fn term(&mut self, around: &Query<'_>, body: &QueryBody<'_>) -> BindResult<BoundQuery> {
        let alone = Query {
            with: None,
            body: *body,
            order: &[],
            limit: None,
            offset: None,
            locking: &[],
            position: around.position,
        };
        self.open_query(&alone)
    }

    fn recursive(
        &mut self,
        table: &CommonTable<'_>,
        start: BoundQuery,
        step: BoundQuery,
        set: &SetOperation<'_>,
        id: WorkTableId,
    ) -> BindResult<BoundQuery> {
        if start.columns.len() != step.columns.len() {
            let position = step.columns.first().map_or(set.position, |column| column.position);
            let kind = BindErrorKind::UnequalColumns { operator: "UNION" };
            return Err(BindError::at(kind, position));
        }
        let common = self.common_types(&start, &step, "UNION")?;
        for (number, (column, overall)) in start.columns.iter().zip(&common).enumerate() {
            if column.column_type != *overall {
                let with_modifier =
                    |of: &Type| types::catalog::type_name(self.types(), of.oid, Some(of.modifier));
                let kind = BindErrorKind::RecursiveType {
                    name: table.name.text.to_owned(),
                    number: number + 1,
                    start: with_modifier(&column.column_type),
                    overall: with_modifier(overall),
                };
                return Err(BindError::at(kind, column.position));
            }
        }
        let (start, step, common) = if table.search.is_some() || table.cycle.is_some() {
            let searched = self.searched(table, (start, step), &common, set, id)?;
            (searched.start, searched.step, searched.types)
        } else {
            let step = self.with_types(step, &common, CastContext::Implicit)?;
            (start, step, common)
        };
        let orders = if set.all { Vec::new() } else { self.orders_of(&start.columns, &common)? };
        let relation = self.inner_relation();
        let shape = set_shape(SetOperator::Union, set.all, &start, &step);
        let columns = crate::query::result_columns(&start.columns, &common, relation);
        self.common_collations([&start.columns, &step.columns], &columns, true)?;
        self.recursive_collations(table.name.text, &start.columns, &columns)?;
        let places = |query: &BoundQuery| query.columns.iter().map(|column| column.column).collect();
        let (start_columns, step_columns) = (places(&start), places(&step));
        let logical = Logical::Recursive(Box::new(Recursive {
            relation,
            work_table: id,
            start: (start.logical, start_columns),
            step: (step.logical, step_columns),
            distinct: !set.all,
            types: common,
            orders,
        }));
        Ok(BoundQuery { logical, columns, shape })
    }

    /// The entry of `FROM` that a name without schema makes, if it is that of a table of `WITH`.
    pub fn common_entry(
        &mut self,
        name: &str,
        alias: Option<&Alias<'_>>,
        position: u32,
    ) -> BindResult<Option<FromEntry>> {
        let place = self.common_scopes.iter().enumerate().rev().find_map(|(scope, tables)| {
            tables.entries.iter().rposition(|entry| entry.name == name).map(|entry| (scope, entry))
        });
        let Some((scope, entry)) = place else { return Ok(None) };
        let subqueries = self.subqueries;
        let relation = self.relation();
        let found = &mut self.common_scopes[scope].entries[entry];
        let (columns, made) = (found.columns.clone(), found.made.clone());
        let of = || columns.iter().map(|(_, of)| *of).collect();
        let owned = || name.to_owned();
        let mut hidden = 0;
        let logical = match &mut found.kind {
            CommonKind::Draft(draft) => {
                let draft = *draft;
                if let Some(draft) = self.common_drafts.get_mut(draft) {
                    draft.references += 1;
                }
                Logical::CommonTable { relation, table: CommonTableId(draft as u32), types: of() }
            }
            CommonKind::Nothing => {
                let kind = BindErrorKind::WithNoReturning { name: owned() };
                return Err(BindError::at(kind, position));
            }
            CommonKind::Work { table, references, position: last, subqueries: base, apart } => {
                (*last, hidden) = (position, *apart);
                *references += 1;
                if subqueries > *base {
                    let kind = BindErrorKind::RecursivePlace { name: owned(), place: "a subquery" };
                    return Err(BindError::at(kind, position));
                }
                if *references > 1 {
                    let kind = BindErrorKind::RecursiveTwice { name: owned() };
                    return Err(BindError::at(kind, position));
                }
                let table = *table;
                self.level().self_reference = true;
                Logical::WorkTable { relation, table, types: of() }
            }
            CommonKind::Refused(why, named) => {
                return Err(match why {
                    Refused::Shape => BindError::at(BindErrorKind::RecursiveShape { name: owned() }, *named),
                    Refused::Change => {
                        BindError::at(BindErrorKind::RecursiveChange { name: owned() }, *named)
                    }
                    Refused::Start => {
                        let place = "its non-recursive term";
                        BindError::at(BindErrorKind::RecursivePlace { name: owned(), place }, position)
                    }
                });
            }
        };
        let shown: Arc<str> = alias.map_or(name, |alias| alias.name.text).into();
        let names = crate::query::renamed(&columns, alias, &shown)?;
        let described = Described { alias: shown.clone(), columns: names.clone(), table: None };
        self.described.insert(relation, described);
        let own: Vec<Column> = (0..made.len() as u32).map(|index| Column { relation, index }).collect();
        self.copy_collations(&made, &own);
        self.copy_origins(&made, &own);
        let typed = names.into_iter().zip(columns.iter().map(|(_, of)| *of));
        let item = Item::open(shown, item_columns(relation, typed), ItemKind::Rows);
        let item = Item { apart: hidden, is_common: true, ..item };
        let shape = self.entry_shape(EntrySource::Common(owned()), name, alias, &item);
        Ok(Some(FromEntry { logical, items: vec![item], lateral: false, shape }))
    }

    /// How often tables of `WITH RECURSIVE` were referred to within themselves.
    pub fn self_references(&self) -> u32 {
        let entries = self.common_scopes.iter().flat_map(|scope| &scope.entries);
        let count = |entry: &CommonEntry| match entry.kind {
            CommonKind::Work { references, .. } => references,
            CommonKind::Draft(_) | CommonKind::Nothing | CommonKind::Refused(..) => 0,
        };
        entries.map(count).sum()
    }

    /// Refuses references that were made since there were `before`, for where they stand.
    pub fn refuse_self_since(&self, before: u32, place: &'static str) -> BindResult<()> {
        if self.self_references() <= before {
            return Ok(());
        }
        let entries = self.common_scopes.iter().flat_map(|scope| &scope.entries).rev();
        let mut used = entries.filter_map(|entry| match entry.kind {
            CommonKind::Work { references, position, .. } if references > 0 => Some((entry, position)),
            _ => None,
        });
        let Some((entry, position)) = used.next() else { return Ok(()) };
        let kind = BindErrorKind::RecursivePlace { name: entry.name.clone(), place };
        Err(BindError::at(kind, position))
    }

    /// A table of `WITH` of this name that comes later than what is bound now.
    pub fn later_common(&self, name: &str) -> Option<String> {
        let mut later = self.common_scopes.iter().flat_map(|scope| &scope.later);
        later.find(|known| *known == name).cloned()
    }
}

/// The same query with the `WITH` of a query in parentheses that is all of it, as PostgreSQL reads these.
pub fn with_outermost<'a>(query: &Query<'a>) -> Query<'a> {
    let mut whole = *query;
    while let (None, QueryBody::Nested(inner)) = (whole.with, whole.body) {
        let limited = inner.limit.is_some() || inner.offset.is_some();
        if limited || !inner.order.is_empty() || !inner.locking.is_empty() {
            break;
        }
        whole = Query { with: inner.with, body: inner.body, ..whole };
    }
    whole
}

/// The shape of a set operation of two queries whose shapes are known.
pub(crate) fn set_shape(
    operator: SetOperator,
    all: bool,
    left: &BoundQuery,
    right: &BoundQuery,
) -> Option<Box<Shape>> {
    let operator = match operator {
        SetOperator::Union => plan::logical::SetOperator::Union,
        SetOperator::Intersect => plan::logical::SetOperator::Intersect,
        SetOperator::Except => plan::logical::SetOperator::Except,
    };
    let (one, other) = (left.shape.as_deref()?, right.shape.as_deref()?);
    let names = one.names.clone();
    let sides = Box::new((one.clone(), other.clone()));
    Some(Box::new(Shape::plain(Body::Set { operator, all, sides }, names)))
}

/// What `WITH name (columns)` calls the columns of its query.
fn named_columns(table: &CommonTable<'_>, bound: &BoundQuery) -> BindResult<Vec<(Arc<str>, Type)>> {
    if table.columns.len() > bound.columns.len() {
        let (available, given) = (bound.columns.len(), table.columns.len());
        let name = table.name.text.to_owned();
        let kind = BindErrorKind::WithColumns { name, available, given };
        return Err(BindError::at(kind, table.name.position));
    }
    let named = bound.columns.iter().enumerate().map(|(place, column)| {
        let name = table.columns.get(place).map_or(column.name.as_str(), |name| name.text);
        (Arc::from(name), column.column_type)
    });
    Ok(named.collect())
}

fn refuse_clauses(query: &Query<'_>) -> BindResult<()> {
    let refused = if let Some(key) = query.order.first() {
        Some(("ORDER BY", key.expression.start()))
    } else if let Some(offset) = &query.offset {
        Some(("OFFSET", offset.start()))
    } else if let Some(limit) = &query.limit {
        let position = match limit {
            Limit::All(position) => *position,
            Limit::Rows(count) | Limit::WithTies(count) => count.start(),
        };
        Some(("LIMIT", position))
    } else if query.locking.is_empty() {
        None
    } else {
        let clause = "FOR UPDATE/SHARE";
        return Err(BindError::new(BindErrorKind::RecursiveClause { clause }));
    };
    match refused {
        None => Ok(()),
        Some((clause, position)) => Err(BindError::at(BindErrorKind::RecursiveClause { clause }, position)),
    }
}
