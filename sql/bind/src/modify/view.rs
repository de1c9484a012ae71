//! Views that are changed: a change of a view's rows is one of its table's, if the view is but a part of one table.
//!
//! Whatever is said of the view's columns is said of what they are in the table. A view on a view goes down through both.

use crate::binder::{Binder, Described};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemColumn, ItemKind};
use crate::names::item_columns;
use crate::parse::parsed_query;
use crate::query::renamed;
use catalog::Relation;
use catalog::object::{CheckOption, Oid, Table, View};
use diagnostic::SqlState;
use plan::expression::{Expression, ExpressionKind, RelationId};
use plan::logical::RelationUse;
use plan::target::{AskedBy, Check, TargetTable};
use std::sync::Arc;
use syntax::tree::Query;
use syntax::tree::select::{Distinct, QueryBody, Select, TableExpression};
use types::Type;

/// How rows are changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Insert,
    Update,
    Delete,
    Merge,
}

/// A view that is changed.
#[derive(Debug, Clone)]
pub(crate) struct ChangedView {
    /// The view, and the views it is on, down to the last.
    views: Vec<Arc<View>>,
    /// As whom each of the views is used, and behind them the table.
    used_as: Vec<Option<Oid>>,
    /// For each of the views the places of its columns in the table.
    places: Vec<Vec<Option<usize>>>,
    /// The table below.
    pub table: Arc<Table>,
    /// Whether the last of them is of the table's own rows alone: what the statement says of its own name does not matter.
    only: bool,
    /// For each column of the view its place among those of the table that are not dropped, or why it has none.
    columns: Places,
    how: Change,
}

/// Why a view's rows cannot be changed.
type Refusal = &'static str;

/// The views down to a table, as whom they and what is below them are used, and the table, or why there is none.
struct Found {
    views: Vec<Arc<View>>,
    used_as: Vec<Option<Oid>>,
    /// The table, and whether only its own rows are read.
    table: Result<(Arc<Table>, bool), Refusal>,
}

/// For each column of a view its place in the table, or why it has none.
type Places = Vec<(String, Result<usize, Stuck>)>;

/// Why a column cannot be written, and in which view, where it may be called otherwise.
#[derive(Debug, Clone)]
struct Stuck {
    reason: Refusal,
    view: String,
    column: String,
}

impl Stuck {
    fn refused(&self, how: Change) -> BindError {
        let what = match how {
            Change::Insert => "insert into",
            Change::Update | Change::Delete | Change::Merge => "update",
        };
        BindError::new(BindErrorKind::PlainWith {
            state: SqlState::FeatureNotSupported,
            message: format!("cannot {what} column \"{}\" of view \"{}\"", self.column, self.view),
            detail: Some(self.reason.to_owned()),
            hint: None,
        })
    }
}

const NO_TABLE: Refusal =
    "Views that do not select from a single table or view are not automatically updatable.";

const NO_COLUMN: Refusal = "View columns that are not columns of their base relation are not updatable.";

impl ChangedView {
    /// The view itself. There is one: it is what the change is of.
    fn view(&self) -> Option<&Arc<View>> {
        self.views.first()
    }

    pub fn name(&self) -> &str {
        self.view().map_or("", |view| &view.name)
    }

    /// Places in the table of all columns of the view.
    pub fn places(&self) -> BindResult<Vec<usize>> {
        self.columns.iter().map(|(_, place)| self.settled(place)).collect()
    }

    /// The place of a column of the view.
    pub fn place(&self, column: &str) -> Option<BindResult<usize>> {
        let (_, place) = self.columns.iter().find(|(name, _)| name == column)?;
        Some(self.settled(place))
    }

    fn settled(&self, place: &Result<usize, Stuck>) -> BindResult<usize> {
        place.as_ref().copied().map_err(|stuck| stuck.refused(self.how))
    }

    /// Refuses new rows if a view has a default for a column that cannot be written, and no value is given for it.
    pub fn refuse_defaults(&self) -> BindResult<()> {
        for (view, places) in self.views.iter().zip(&self.places) {
            let live = view.columns.iter().filter(|column| !column.column.dropped);
            let stuck = live.zip(places).find(|(column, place)| place.is_none() && column.default.is_some());
            let Some((column, _)) = stuck else { continue };
            let name = &column.column.name;
            let known = self.columns.iter().find(|(known, _)| known == name);
            let reason = known.and_then(|(_, place)| place.as_ref().err()).map_or(NO_COLUMN, |it| it.reason);
            let stuck = Stuck { reason, view: view.name.clone(), column: name.clone() };
            return Err(stuck.refused(self.how));
        }
        Ok(())
    }

    /// The default that the views have for the column at a place of the table: the outermost that has one decides. An UPDATE asks
    /// the outermost alone.
    pub fn default_of(&self, place: usize) -> Option<&str> {
        let asked = if self.how == Change::Insert { self.views.len() } else { 1 };
        self.views.iter().zip(&self.places).take(asked).find_map(|(view, places)| {
            let live = view.columns.iter().filter(|column| !column.column.dropped);
            let (column, _) = live.zip(places).find(|(_, at)| **at == Some(place))?;
            column.default.as_ref().map(|default| default.text.as_str())
        })
    }

    /// Whether a column is set to what the view gives it, not the table: an UPDATE of a view.
    pub fn hides_defaults(&self) -> bool {
        self.how == Change::Update
    }

    /// As whom the table is used: the owner of the last view, or whoever uses one that has no rights of its own.
    pub(super) fn table_used_as(&self) -> Option<Oid> {
        self.used_as.last().copied().flatten()
    }

    /// The views of which a column is written that is this place of the table: with whom they are used as, and its number
    /// there.
    pub fn written(&self, place: usize) -> Vec<(Oid, Option<Oid>, Option<u16>)> {
        let mut written = Vec::with_capacity(self.views.len());
        for ((view, used_as), places) in self.views.iter().zip(&self.used_as).zip(&self.places) {
            let number = places.iter().position(|known| *known == Some(place)).map(|at| at as u16 + 1);
            written.push((view.oid, *used_as, number));
        }
        written
    }
}

impl Binder<'_> {
    /// Runs `inner` with the table that a change of a view is one of.
    pub(super) fn within_view<T>(
        &mut self,
        view: &Arc<View>,
        how: Change,
        inner: impl FnOnce(&mut Self, &Arc<Table>) -> BindResult<T>,
    ) -> BindResult<T> {
        if how == Change::Merge {
            return Err(BindError::new(BindErrorKind::PlainWith {
                state: SqlState::FeatureNotSupported,
                message: format!("cannot execute MERGE on relation \"{}\"", view.name),
                detail: Some("This operation is not supported for views.".to_owned()),
                hint: None,
            }));
        }
        let changed = self.changed_view(view, how)?;
        for (view, used_as) in changed.views.iter().zip(&changed.used_as) {
            note(self.note_use_as(view.oid, *used_as), how);
        }
        let table = changed.table.clone();
        let before = self.changed.replace(Arc::new(changed));
        let result = inner(self, &table);
        self.changed = before;
        result
    }

    fn changed_view(&mut self, view: &Arc<View>, how: Change) -> BindResult<ChangedView> {
        let Found { views, used_as, table } = self.down_to_table(view, Some(how))?;
        let (table, only) = table.map_err(|reason| {
            let name = views.last().map_or("", |view| &view.name);
            BindError::new(refused(name, how, reason))
        })?;
        let of_views = self.places_in_table(&views, &table)?;
        let place = |(_, place): &(String, Result<usize, Stuck>)| place.as_ref().ok().copied();
        let places = of_views.iter().map(|columns| columns.iter().map(place).collect()).collect();
        let columns = of_views.into_iter().next().unwrap_or_default();
        Ok(ChangedView { views, used_as, places, table, only, columns, how })
    }

    /// The views down to the table, or why there is none. What each of them reads is noted as used by its owner.
    fn down_to_table(&mut self, view: &Arc<View>, how: Option<Change>) -> BindResult<Found> {
        let around = self.check_as;
        let found = self.views_down_from(view, how);
        self.check_as = around;
        found
    }

    fn views_down_from(&mut self, view: &Arc<View>, how: Option<Change>) -> BindResult<Found> {
        let (mut views, mut used_as) = (vec![view.clone()], vec![self.check_as]);
        let table = loop {
            let last = views.last().unwrap_or(view).clone();
            self.note_use(last.oid);
            // Within a view that asks who looks, it is he who is asked for, whatever is around it.
            self.check_as = if last.security_invoker() { None } else { Some(last.owner) };
            used_as.push(self.check_as);
            match self.base_of(&last)? {
                Ok((Relation::Table(table), only)) => break Ok((table, only)),
                Ok((Relation::View(view), _))
                    if how.is_some_and(|how| super::rule::is_replaced(self.scope(), &view, how)) =>
                {
                    break Ok((Arc::new(super::rule_tree::view_as_table(&view)), false));
                }
                Ok((Relation::View(view), _)) if views.iter().all(|known| known.oid != view.oid) => {
                    views.push(view);
                }
                Ok(_) => break Err(NO_TABLE),
                Err(reason) => break Err(reason),
            }
        };
        Ok(Found { views, used_as, table })
    }

    /// What a view selects from, if it is but a part of it, and whether of its own rows alone.
    fn base_of(&mut self, view: &View) -> BindResult<Result<(Relation, bool), Refusal>> {
        let limit = self.context.depth_limit;
        self.kept(|binder| {
            parsed_query(&view.query, limit, |query| {
                let (select, from) = match part_of_table(query) {
                    Ok(found) => found,
                    Err(reason) => return Ok(Err(reason)),
                };
                let TableExpression::Relation { relation, sample, .. } = from else {
                    return Ok(Err(NO_TABLE));
                };
                let base = binder.relation_named(&relation.name)?;
                let entry = binder.entry_of_from(from)?;
                binder.level().items = entry.items;
                binder.named_windows(select.windows)?;
                binder.targets(select.targets, Clause::Select)?;
                if let Some(condition) = &select.condition {
                    binder.clause(Clause::Where, |binder| binder.condition(condition, "WHERE"))?;
                }
                let level = binder.level();
                Ok(if !level.aggregates.is_empty() {
                    Err("Views that return aggregate functions are not automatically updatable.")
                } else if !level.windows.is_empty() {
                    Err("Views that return window functions are not automatically updatable.")
                } else if !level.sets.is_empty() {
                    Err("Views that return set-returning functions are not automatically updatable.")
                } else if sample.is_some() {
                    Err("Views containing TABLESAMPLE are not automatically updatable.")
                } else {
                    Ok((base, relation.only))
                })
            })
        })
    }

    /// For each of the views, the outermost first, the places of its columns in the table.
    fn places_in_table(&mut self, views: &[Arc<View>], table: &Arc<Table>) -> BindResult<Vec<Places>> {
        let (relation, mut item) = self.table_item_of(table, true, None)?;
        if let Some(described) = self.described.get_mut(&relation) {
            // Nothing is read here.
            described.table = None;
        }
        let live = table.live_columns().count();
        let place = |column: &ItemColumn| {
            let place = match column.expression.as_column() {
                Some(found) if found.relation == relation => found.index as usize,
                _ => {
                    return Err(NO_COLUMN);
                }
            };
            if place < live {
                return Ok(place);
            }
            Err(match column.expression.result.oid == table.row_type {
                true => "View columns that return whole-row references are not updatable.",
                false => "View columns that refer to system columns are not updatable.",
            })
        };
        let mut found = Vec::with_capacity(views.len());
        let mut below: Vec<(Expression, Stuck)> = Vec::new();
        for view in views.iter().rev() {
            item = self.view_item(view, item)?;
            let mut here = Vec::new();
            let settled = |column: &ItemColumn| {
                let settled = place(column).map_err(|reason| {
                    // A column of a view below is stuck there.
                    let known = below.iter().find(|(of, _)| *of == column.expression);
                    let own = || Stuck { reason, view: view.name.clone(), column: column.name.to_string() };
                    let stuck = known.map_or_else(own, |(_, stuck)| stuck.clone());
                    here.push((column.expression.clone(), stuck.clone()));
                    stuck
                });
                (column.name.to_string(), settled)
            };
            found.push(item.columns.iter().map(settled).collect());
            below = here;
        }
        found.reverse();
        Ok(found)
    }

    /// The rows of a view, made of those of what it is on.
    fn view_item(&mut self, view: &View, base: Item) -> BindResult<Item> {
        let expressions = self.within_query_of(view, base, |binder, select| {
            let targets = binder.targets(select.targets, Clause::Select)?;
            Ok(targets.into_iter().map(|target| target.expression).collect::<Vec<_>>())
        })?;
        let live = view.columns.iter().filter(|column| !column.column.dropped);
        let column = |(column, expression): (&catalog::object::ViewColumn, Expression)| ItemColumn {
            name: column.column.name.as_str().into(),
            expression,
        };
        let columns = live.zip(expressions).map(column).collect();
        Ok(Item::open(view.name.as_str().into(), columns, ItemKind::Composite(view.row_type)))
    }

    /// Binds parts of a view's query over rows of what it is on.
    fn within_query_of<T>(
        &mut self,
        view: &View,
        base: Item,
        inner: impl FnOnce(&mut Self, &Select<'_>) -> BindResult<T>,
    ) -> BindResult<T> {
        let limit = self.context.depth_limit;
        let (around, read) = (self.check_as, self.read.clone());
        self.check_as = if view.security_invoker() { None } else { Some(view.owner) };
        let result = self.kept(|binder| {
            parsed_query(&view.query, limit, |query| {
                let Ok((select, TableExpression::Relation { relation, alias, .. })) = part_of_table(query)
                else {
                    return Err(crate::binder::internal("a view is no part of a table after all"));
                };
                let name = alias.map_or(relation.name.object(), |alias| alias.name.text);
                let own: Vec<(Arc<str>, Type)> = base
                    .columns
                    .iter()
                    .map(|column| (column.name.clone(), column.expression.result))
                    .collect();
                let names = renamed(&own, alias.as_ref(), name)?;
                let mut item = base;
                for (column, name) in item.columns.iter_mut().zip(names) {
                    column.name = name;
                }
                item.name = Some(name.into());
                (item.table, item.changed_view) = (None, None);
                (item.named, item.open, item.lateral_only, item.lateral_ok) = (true, true, false, true);
                binder.level().items = vec![item];
                inner(binder, select)
            })
        });
        (self.check_as, self.read) = (around, read);
        result
    }

    /// Rows of a table as rows of the view that is changed, if one is.
    pub(super) fn as_changed(&mut self, base: Item, name: &str) -> BindResult<Item> {
        let Some(changed) = self.changed.clone() else { return Ok(base) };
        let item_table = base.table;
        let mut item = base;
        for view in changed.views.iter().rev() {
            item = self.view_item(view, item)?;
        }
        item.name = Some(name.into());
        // Its table, if it goes by its own name, is the view.
        item.table = item_table.and(changed.view().map(|view| (view.schema, view.oid)));
        item.changed_view = changed.view().map(|view| view.oid);
        Ok(item)
    }

    /// Rows of the table as rows of one of the views that the change goes through.
    pub(super) fn as_view_of(&mut self, base: Item, wanted: Oid) -> BindResult<Item> {
        let Some(changed) = self.changed.clone() else { return Ok(base) };
        let mut item = base;
        for view in changed.views.iter().rev() {
            item = self.view_item(view, item)?;
            if view.oid == wanted {
                break;
            }
        }
        Ok(item)
    }

    /// What a view selects from, if it is but a part of it.
    pub(super) fn below(&self, view: &View) -> BindResult<Option<Relation>> {
        parsed_query(&view.query, self.context.depth_limit, |query| match part_of_table(query) {
            Ok((_, TableExpression::Relation { relation, .. })) => {
                self.relation_named(&relation.name).map(Some)
            }
            Ok(_) | Err(_) => Ok(None),
        })
    }

    /// What rows of the view that is changed fulfil, over those of its table, the last view first.
    pub(super) fn changed_conditions(&mut self, base: Item) -> BindResult<Vec<(Arc<View>, Expression)>> {
        let Some(changed) = self.changed.clone() else { return Ok(Vec::new()) };
        let mut conditions = Vec::new();
        let mut item = base;
        for view in changed.views.iter().rev() {
            let condition = self.within_query_of(view, item.clone(), |binder, select| {
                binder.clause(Clause::Where, |binder| match &select.condition {
                    Some(condition) => binder.condition(condition, "WHERE").map(Some),
                    None => Ok(None),
                })
            })?;
            conditions.extend(condition.map(|condition| (view.clone(), condition)));
            item = self.view_item(view, item)?;
        }
        Ok(conditions)
    }

    /// The table as a target, and what the views ask of its new rows; nothing of it is read yet.
    pub(super) fn changed_target(
        &mut self,
        table: &Arc<Table>,
        only: bool,
        moves: bool,
    ) -> BindResult<(Arc<TargetTable>, Vec<Check>)> {
        let target = self.target_for(table, only, moves)?;
        self.read.remove(&target.relation);
        let Some(changed) = self.changed.clone() else { return Ok((target, Vec::new())) };
        let mut checks = Vec::new();
        let base = self.plain_item(table, target.relation);
        for (view, condition) in self.changed_conditions(base)? {
            let place = changed.views.iter().position(|known| known.oid == view.oid).unwrap_or(0);
            let cascaded =
                changed.views.iter().take(place).any(|outer| outer.check_option() == CheckOption::Cascaded);
            if view.check_option() == CheckOption::None && !cascaded {
                continue;
            }
            let mut read = false;
            condition.for_each_column(&mut |column| read |= Some(column.relation) == self.unreadable);
            if read {
                return Err(crate::finish::unreadable());
            }
            let kind = ExpressionKind::IsBoolean {
                operand: Box::new(condition),
                wanted: Some(true),
                negated: false,
            };
            let condition = Expression { kind, result: Type::of(types::catalog::oid::BOOL) };
            checks.push(Check {
                name: view.name.clone(),
                condition,
                asked_by: AskedBy::View,
                validated: true,
            });
        }
        Ok((target, checks))
    }

    /// A table's columns under a relation's number.
    fn plain_item(&mut self, table: &Arc<Table>, relation: RelationId) -> Item {
        let typed =
            table.live_columns().map(|(_, column)| (Arc::from(column.name.as_str()), column.column_type()));
        let columns = item_columns(relation, typed);
        let described = Described {
            alias: table.name.as_str().into(),
            columns: columns.iter().map(|column| column.name.clone()).collect(),
            table: None,
        };
        self.described.insert(relation, described);
        Item::open(table.name.as_str().into(), columns, ItemKind::Composite(table.row_type))
    }

    /// Whether only a table's own rows are changed: where the change is one of a view, the view says so.
    pub(super) fn changed_only(&self, written: bool) -> bool {
        self.changed.as_ref().map_or(written, |changed| changed.only)
    }

    /// The name of what is changed.
    pub(super) fn changed_name(&self, table: &Table) -> String {
        self.changed.as_ref().map_or_else(|| table.name.clone(), |changed| changed.name().to_owned())
    }

    /// Its schema and its number.
    pub(super) fn changed_number(&self, table: &Table) -> (u32, u32) {
        let view = self.changed.as_ref().and_then(|changed| changed.view());
        view.map_or((table.schema, table.oid), |view| (view.schema, view.oid))
    }

    /// Notes that a table is used that is changed.
    pub(super) fn note_changed(&mut self, table: &Table) -> &mut RelationUse {
        let used_as = self.changed.as_ref().map(|changed| changed.table_used_as());
        self.note_use_as(table.oid, used_as.unwrap_or(self.check_as))
    }

    /// What a view is but a part of, and for each of its columns the place among those of that; or why it is no such part. What
    /// is below is not asked whether its own rows can be changed.
    pub(crate) fn updatable_part(&mut self, view: &Arc<View>) -> BindResult<Result<UpdatablePart, Refusal>> {
        let around = self.check_as;
        let base = self.base_of(view);
        self.check_as = around;
        let base = match base? {
            Ok((base, _)) => base,
            Err(reason) => return Ok(Err(reason)),
        };
        let table = match &base {
            Relation::Table(table) => table.clone(),
            Relation::View(below) => Arc::new(super::rule_tree::view_as_table(below)),
            Relation::System(_) | Relation::Index(_) | Relation::Sequence(_) | Relation::Composite(_) => {
                return Ok(Err(NO_TABLE));
            }
        };
        let places = self.places_in_table(std::slice::from_ref(view), &table)?.into_iter().next();
        let places = places.unwrap_or_default().into_iter().map(|(_, place)| place.ok()).collect();
        Ok(Ok(UpdatablePart { base, places }))
    }
}

/// A view that is but a part of one other relation.
pub struct UpdatablePart {
    pub base: Relation,
    /// For each column of the view its place among those of the other that are not dropped; none where it is no column of it.
    pub places: Vec<Option<usize>>,
}

/// Notes that a column is written, by its number.
pub(super) fn note_column(used: &mut RelationUse, number: Option<u16>) {
    if let Some(number) = number
        && !used.columns_written.contains(&number)
    {
        used.columns_written.push(number);
    }
}

/// The same of a column of rows that are there.
pub(super) fn note_updated(used: &mut RelationUse, number: Option<u16>) {
    if let Some(number) = number
        && !used.columns_updated.contains(&number)
    {
        used.columns_updated.push(number);
    }
}

/// Notes how a relation is used that is changed.
pub(super) fn note(used: &mut RelationUse, how: Change) {
    match how {
        Change::Insert => used.insert = true,
        Change::Update => used.update = true,
        Change::Delete => used.delete = true,
        Change::Merge => {}
    }
}

/// The parts of a query that is but a part of one relation, or why it is not.
fn part_of_table<'q>(query: &'q Query<'q>) -> Result<(&'q Select<'q>, &'q TableExpression<'q>), Refusal> {
    let select = match &query.body {
        QueryBody::Select(select) => *select,
        QueryBody::Set(_) => {
            return Err("Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.");
        }
        QueryBody::Values(_) | QueryBody::Table(_) | QueryBody::Nested(_) => return Err(NO_TABLE),
    };
    if select.distinct != Distinct::No {
        return Err("Views containing DISTINCT are not automatically updatable.");
    }
    if !select.group.items.is_empty() {
        return Err("Views containing GROUP BY are not automatically updatable.");
    }
    if select.having.is_some() {
        return Err("Views containing HAVING are not automatically updatable.");
    }
    if query.with.is_some() {
        return Err("Views containing WITH are not automatically updatable.");
    }
    if query.limit.is_some() || query.offset.is_some() {
        return Err("Views containing LIMIT or OFFSET are not automatically updatable.");
    }
    match select.from {
        [from @ TableExpression::Relation { .. }] => Ok((select, from)),
        _ => Err(NO_TABLE),
    }
}

pub(super) fn refused(name: &str, how: Change, reason: Refusal) -> BindErrorKind {
    let (what, doing, event) = match how {
        Change::Insert => ("insert into", "inserting into", "INSERT"),
        Change::Update | Change::Merge => ("update", "updating", "UPDATE"),
        Change::Delete => ("delete from", "deleting from", "DELETE"),
    };
    BindErrorKind::PlainWith {
        state: SqlState::ObjectNotInPrerequisiteState,
        message: format!("cannot {what} view \"{name}\""),
        detail: Some(reason.to_owned()),
        hint: Some(format!(
            "To enable {doing} the view, provide an INSTEAD OF {event} trigger or an unconditional ON {event} DO \
             INSTEAD rule."
        )),
    }
}
