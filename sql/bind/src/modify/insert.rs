//! `INSERT`

use super::Change;
use super::policy::change_within;
use crate::binder::{Binder, Bound, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::MadeRows;
use crate::names::null;
use crate::query::{BoundQuery, column_value, joined};
use crate::shape::Shape;
use catalog::object::{Column as Stored, Source, Table};
use plan::expression::{Column, Expression, RelationId};
use plan::logical::{Insert, JoinKind, Logical};
use std::sync::Arc;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree, Indirection};
use syntax::tree::modify::{self, ColumnTarget, InsertSource, Overriding};
use syntax::tree::select::{Query, QueryBody, ValuesRow};
use types::Type;
use types::catalog::oid;

/// A column that is inserted into, perhaps within it.
#[derive(Clone, Copy)]
pub(super) struct InsertTarget<'t> {
    /// Its place among the columns that are not dropped.
    pub place: usize,
    pub path: &'t [Indirection<'t>],
    pub position: u32,
}

/// What is inserted: an input, and for each target its value over the input.
pub(super) struct Inserted {
    input: Logical,
    values: Vec<Expression>,
    /// Whether it is known of each value that its column takes it: a `DEFAULT` among them is no value any more.
    checked: bool,
    /// The rows of `VALUES` as they are written, if shapes are wanted; `DEFAULT` is no expression.
    pub written: Option<Vec<Vec<Option<Expression>>>>,
    /// The query as it is written.
    pub shape: Option<Box<Shape>>,
}

impl Inserted {
    fn of(input: Logical, values: Vec<Expression>, checked: bool) -> Inserted {
        Inserted { input, values, checked, written: None, shape: None }
    }
}

impl Binder<'_> {
    pub(crate) fn insert(&mut self, insert: &modify::Insert<'_>) -> BindResult<BoundQuery> {
        self.with_tables(insert.with.as_ref(), |binder| {
            binder.changing(&insert.table, Change::Insert, |binder, table| {
                let (bound, _) = binder.within(|binder| binder.insert_into(table, insert))?;
                Ok(bound)
            })
        })
    }

    fn insert_into(&mut self, table: &Arc<Table>, insert: &modify::Insert<'_>) -> BindResult<BoundQuery> {
        let (mut target, further_checks) = self.changed_target(table, !table.is_partitioned(), true)?;
        let (inserted, targets) = self.inserted(table, insert)?;
        let values = self.row_values(table, &targets, &inserted, insert.overriding)?;
        for target in &targets {
            self.note_written(table, target.place);
        }
        let relation = self.relation();
        let called = self.target_called(table, insert.alias.as_ref());
        let (conflict, conflict_shape) = match insert.conflict {
            Some(conflict) => {
                let (conflict, shape) = self.conflict(table, &target, &called, conflict)?;
                (Some(conflict), shape)
            }
            None => (None, None),
        };
        let item = self.row_item(table, &called, relation)?;
        self.level().items = vec![item];
        let places: Vec<usize> = targets.iter().map(|target| target.place).collect();
        let shape = self.insert_shape(table, insert, &inserted, &places, relation, conflict_shape);
        let input = self.without_negated(table, inserted.input, None, Some(&values))?;
        let alone = !table.is_partitioned();
        self.level().made = Some(MadeRows {
            table: table.oid,
            alone,
            scanned: None,
            deleted: false,
            relation,
            routed: !alone,
            updates: conflict.as_ref().is_some_and(|conflict| conflict.update.is_some()),
            row_ids: false,
        });
        let updated = conflict.iter().filter_map(|conflict| conflict.update.as_ref());
        let updated = updated.flat_map(|update| update.assignments.iter().map(|(place, _)| *place as usize));
        super::policy::tell_written(&mut target, places.iter().copied().chain(updated));
        // A view gives its table no other name.
        let alias = insert.alias.as_ref().filter(|_| self.changed.is_none());
        let name = alias.map_or_else(|| target.name.as_str().into(), |alias| alias.text.into());
        let insert_node = Insert {
            relation,
            target,
            called: name,
            further_checks,
            input,
            values,
            conflict,
            row_ids: false,
        };
        let mut bound = self.returning(insert.returning, Logical::Insert(Box::new(insert_node)), shape)?;
        if self.level().made.is_some_and(|made| made.row_ids)
            && let Logical::Insert(insert) = change_within(&mut bound.logical)
        {
            insert.row_ids = true;
        }
        self.ask_policies_of_insert(table, &mut bound.logical)?;
        Ok(bound)
    }

    /// What is inserted, and into which columns.
    fn inserted<'t>(
        &mut self,
        table: &Arc<Table>,
        insert: &modify::Insert<'t>,
    ) -> BindResult<(Inserted, Vec<InsertTarget<'t>>)> {
        let targets = self.insert_targets(table, insert.columns)?;
        let explicit = insert.columns.is_some();
        let rows = self.take_rule_rows(0);
        let around = rows.map(|rows| {
            self.level().items = rows.items;
            rows.input
        });
        let (mut inserted, targets) = match &insert.source {
            InsertSource::Defaults => {
                let relation = self.relation();
                (Inserted::of(Logical::nothing(relation), Vec::new(), true), Vec::new())
            }
            InsertSource::Query(query) => match plain_rows(query) {
                Some(rows) => self.inserted_rows(table, rows, targets, explicit, insert.overriding)?,
                None => self.inserted_query(table, query, targets, explicit)?,
            },
        };
        if let Some(around) = around {
            inserted.input = match inserted.input {
                // One row for each of those around it.
                Logical::Values { relation, mut rows, .. } if rows.len() == 1 => {
                    let expressions = rows.swap_remove(0);
                    Logical::Project { relation, input: Box::new(around), expressions }
                }
                rows => joined(JoinKind::Inner, around, rows, Vec::new(), true),
            };
        }
        Ok((inserted, targets))
    }

    /// What is inserted, and the value of each column of its rows.
    pub(super) fn inserted_values(
        &mut self,
        table: &Arc<Table>,
        insert: &modify::Insert<'_>,
    ) -> BindResult<(Logical, Vec<Expression>)> {
        let (inserted, targets) = self.inserted(table, insert)?;
        let values = self.row_values(table, &targets, &inserted, insert.overriding)?;
        for target in &targets {
            self.note_written(table, target.place);
        }
        Ok((inserted.input, values))
    }

    /// The columns that are written, or all.
    pub(super) fn insert_targets<'t>(
        &mut self,
        table: &Table,
        columns: Option<&'t [ColumnTarget<'t>]>,
    ) -> BindResult<Vec<InsertTarget<'t>>> {
        let Some(columns) = columns else {
            let target = |place| InsertTarget { place, path: &[], position: 0 };
            if let Some(changed) = &self.changed {
                return Ok(changed.places()?.into_iter().map(target).collect());
            }
            let count = table.live_columns().count();
            return Ok((0..count).map(target).collect());
        };
        let mut targets: Vec<InsertTarget<'t>> = Vec::with_capacity(columns.len());
        for column in columns {
            let position = column.name.position;
            let place = self.target_column(table, column.name.text, position, true)?;
            let clash = targets
                .iter()
                .any(|known| known.place == place && (known.path.is_empty() || column.path.is_empty()));
            if clash {
                let same = |known: &&ColumnTarget<'_>| known.name.text == column.name.text;
                if columns.iter().filter(same).count() < 2 {
                    return Err(assigned_twice(table, place));
                }
                let column = column.name.text.to_owned();
                return Err(BindError::at(BindErrorKind::TargetTwice { column }, position));
            }
            targets.push(InsertTarget { place, path: column.path, position });
        }
        if let Some(changed) = &self.changed {
            changed.refuse_defaults()?;
        }
        Ok(targets)
    }

    /// `VALUES`, in which `DEFAULT` may stand.
    fn inserted_rows<'t>(
        &mut self,
        table: &Arc<Table>,
        rows: &[ValuesRow<'_>],
        mut targets: Vec<InsertTarget<'t>>,
        explicit: bool,
        overriding: Option<Overriding>,
    ) -> BindResult<(Inserted, Vec<InsertTarget<'t>>)> {
        let width = rows.first().map_or(0, |row| row.values.len());
        let bound = self.given_rows(rows)?;
        let width = bound.first().map_or(width, Vec::len);
        if width > targets.len() {
            let values = rows.first().map_or(&[][..], |row| row.values);
            let extra = values.get(targets.len()).or(values.last()).map_or(0, Syntax::start);
            return Err(BindError::at(BindErrorKind::MoreExpressions, extra));
        }
        if explicit && width < targets.len() {
            return Err(BindError::at(BindErrorKind::MoreTargets, targets[width].position));
        }
        targets.truncate(width);
        for (at, target) in targets.iter().enumerate() {
            // Two columns of a view may be one of the table.
            if target.path.is_empty() && targets[..at].iter().any(|known| known.place == target.place) {
                return Err(assigned_twice(table, target.place));
            }
        }
        let relation = self.relation();
        let columns: Vec<Stored> = live(table, &targets)?;
        let given: Vec<bool> = (0..width)
            .map(|place| bound.iter().any(|row| row.get(place).is_some_and(Option::is_some)))
            .collect();
        for (column, given) in columns.iter().zip(&given) {
            if *given {
                self.may_insert(column, overriding)?;
            }
        }
        let defaults: Vec<Vec<bool>> =
            bound.iter().map(|row| row.iter().map(Option::is_none).collect()).collect();
        let mut types = Vec::with_capacity(width);
        let mut logical_rows = Vec::with_capacity(bound.len());
        for row in bound {
            let mut values = Vec::with_capacity(width);
            for ((value, target), column) in row.into_iter().zip(&targets).zip(&columns) {
                values.push(match value {
                    Some(value) => self.cell(value, target, column)?,
                    None => self.default_cell(target, column, overriding)?,
                });
            }
            logical_rows.push(values);
        }
        if let Some(first) = logical_rows.first() {
            types.extend(first.iter().map(|value| value.result));
        }
        let values = types
            .iter()
            .enumerate()
            .map(|(place, of)| Expression::column(Column { relation, index: place as u32 }, *of))
            .collect();
        let written = self.shapes.is_some().then(|| written_rows(&logical_rows, &defaults));
        let input = self.rows_or_sets(relation, types, logical_rows);
        Ok((Inserted { written, ..Inserted::of(input, values, true) }, targets))
    }

    /// The values of each row, those that are no defaults.
    fn given_rows(&mut self, rows: &[ValuesRow<'_>]) -> BindResult<Vec<Vec<Option<Bound>>>> {
        let mut bound: Vec<Vec<Option<Bound>>> = Vec::with_capacity(rows.len());
        let clause = if rows.len() == 1 { Clause::ValuesRow } else { Clause::Values };
        for row in rows {
            let values = self.row_with_defaults(row.values, clause)?;
            if bound.first().is_some_and(|first| first.len() != values.len()) {
                let position = row.values.first().map_or(row.position, Syntax::start);
                return Err(BindError::at(BindErrorKind::UnequalValues, position));
            }
            bound.push(values);
        }
        Ok(bound)
    }

    /// The rows as they are given; the only one may make several.
    fn rows_or_sets(
        &mut self,
        relation: RelationId,
        types: Vec<Type>,
        mut rows: Vec<Vec<Expression>>,
    ) -> Logical {
        let sets = std::mem::take(&mut self.level().sets);
        if sets.is_empty() || rows.len() != 1 {
            return Logical::Values { relation, types, rows };
        }
        let input = Box::new(crate::query::with_sets(Logical::nothing(self.relation()), sets));
        Logical::Project { relation, input, expressions: rows.swap_remove(0) }
    }

    /// A value of `VALUES`: of the column's type, unless it goes into a part of the column, which is for later.
    fn cell(&mut self, value: Bound, target: &InsertTarget<'_>, column: &Stored) -> BindResult<Expression> {
        if target.path.is_empty() {
            return self.assigned(value, &column.name, column.column_type());
        }
        // A literal has the type of the part at once: a text could not be assigned any more.
        match self.part_type(column.column_type(), target.path).filter(|_| value.oid() == oid::UNKNOWN) {
            Some(of) => self.assigned(value, &column.name, of),
            None => Ok(self.settle(value)?.expression),
        }
    }

    /// The type of the part of a value to which a path leads; none if it leads nowhere, which is told of later.
    fn part_type(&self, whole: Type, path: &[Indirection<'_>]) -> Option<Type> {
        let mut of = self.types().undomained(whole);
        let mut steps = path.iter().peekable();
        while let Some(step) = steps.next() {
            of = match step {
                Indirection::Star(_) => return None,
                Indirection::Field(field) => {
                    let columns = self.types().columns(of.oid)?;
                    columns.iter().find(|column| column.name == field.text)?.column_type
                }
                Indirection::Subscript(_) | Indirection::Slice(..) => {
                    let mut sliced = matches!(step, Indirection::Slice(..));
                    while let Some(next) = steps
                        .next_if(|next| matches!(next, Indirection::Subscript(_) | Indirection::Slice(..)))
                    {
                        sliced |= matches!(next, Indirection::Slice(..));
                    }
                    match self.element_of(of.oid) {
                        None => Type::of(oid::JSONB),
                        Some(_) if sliced => of,
                        Some(element) => Type { oid: element, modifier: of.modifier },
                    }
                }
            };
            of = self.types().undomained(of);
        }
        Some(of)
    }

    fn row_with_defaults(&mut self, values: &[Syntax<'_>], clause: Clause) -> BindResult<Vec<Option<Bound>>> {
        let mut bound = Vec::with_capacity(values.len());
        for value in values {
            match &value.kind {
                Tree::Default => bound.push(None),
                _ => {
                    let list = std::slice::from_ref(value);
                    let found = self.clause(clause, |binder| binder.list_with_stars(list))?;
                    bound.extend(found.into_iter().map(Some));
                }
            }
        }
        Ok(bound)
    }

    fn inserted_query<'t>(
        &mut self,
        table: &Arc<Table>,
        query: &Query<'_>,
        mut targets: Vec<InsertTarget<'t>>,
        explicit: bool,
    ) -> BindResult<(Inserted, Vec<InsertTarget<'t>>)> {
        let bound = self.open_query(query)?;
        let width = bound.columns.len();
        if width > targets.len() {
            let extra = bound.columns.get(targets.len()).map_or(0, |column| column.position);
            return Err(BindError::at(BindErrorKind::MoreExpressions, extra));
        }
        if explicit && width < targets.len() {
            return Err(BindError::at(BindErrorKind::MoreTargets, targets[width].position));
        }
        targets.truncate(width);
        let columns = live(table, &targets)?;
        let mut values = Vec::with_capacity(width);
        for ((column, target), stored) in bound.columns.iter().zip(&targets).zip(&columns) {
            let value = column_value(column);
            values.push(self.cell(value, target, stored)?);
        }
        Ok((Inserted { shape: bound.shape, ..Inserted::of(bound.logical, values, false) }, targets))
    }

    /// For each column of the table its value.
    fn row_values(
        &mut self,
        table: &Arc<Table>,
        targets: &[InsertTarget<'_>],
        inserted: &Inserted,
        overriding: Option<Overriding>,
    ) -> BindResult<Vec<Expression>> {
        let columns: Vec<Stored> = table.live_columns().map(|(_, column)| column.clone()).collect();
        let mut values = Vec::with_capacity(columns.len());
        for (place, column) in columns.iter().enumerate() {
            let mut value: Option<Expression> = None;
            for (target, given) in targets.iter().zip(&inserted.values) {
                if target.place != place {
                    continue;
                }
                if !inserted.checked {
                    self.may_insert(column, overriding)?;
                }
                value = Some(if target.path.is_empty() {
                    given.clone()
                } else {
                    let base = value.unwrap_or_else(|| null(column.column_type()));
                    let bound = Bound { expression: given.clone(), position: target.position };
                    self.assigned_into(base, &column.name, target.path, bound, target.position)?
                });
            }
            let ignored = is_overridden(column, overriding);
            let generated = matches!(column.source, Source::Generated(_));
            values.push(match value {
                Some(value) if !ignored && !generated => value,
                Some(_) | None => self.default_of_target(place, column)?,
            });
        }
        Ok(values)
    }

    /// `DEFAULT` in a row.
    fn default_cell(
        &mut self,
        target: &InsertTarget<'_>,
        column: &Stored,
        overriding: Option<Overriding>,
    ) -> BindResult<Expression> {
        if !target.path.is_empty() {
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: into_default(target.path).to_owned(),
            };
            return Err(BindError::at(kind, target.position));
        }
        if is_overridden(column, overriding) {
            // It is given its value later, and takes no second one of its sequence.
            return Ok(null(column.column_type()));
        }
        self.default_of_target(target.place, column)
    }

    /// Refuses a value for a column that makes its own.
    fn may_insert(&self, column: &Stored, overriding: Option<Overriding>) -> BindResult<()> {
        let name = column.name.clone();
        match column.source {
            Source::Generated(_) => Err(BindError::new(BindErrorKind::GeneratedInsert { column: name })),
            Source::Identity { always: true, .. } if overriding.is_none() => {
                Err(BindError::new(BindErrorKind::AlwaysIdentityInsert { column: name }))
            }
            Source::Identity { .. } | Source::Null | Source::Default(_) => Ok(()),
        }
    }

    /// The values of one row of `MERGE … INSERT`.
    pub(super) fn merge_insert(
        &mut self,
        table: &Arc<Table>,
        columns: Option<&[ColumnTarget<'_>]>,
        values: Option<&[Syntax<'_>]>,
        overriding: Option<Overriding>,
    ) -> BindResult<Vec<Expression>> {
        let targets = self.insert_targets(table, columns)?;
        let Some(values) = values else {
            let relation = self.relation();
            let input = Logical::nothing(relation);
            let none = Inserted::of(input, Vec::new(), true);
            return self.row_values(table, &[], &none, overriding);
        };
        let row = [ValuesRow { values, position: values.first().map_or(0, Syntax::start) }];
        let (inserted, targets) = self.inserted_rows(table, &row, targets, columns.is_some(), overriding)?;
        let Logical::Values { rows, .. } = &inserted.input else {
            // PostgreSQL finds this out when it runs.
            let kind = BindErrorKind::Plain {
                state: diagnostic::SqlState::FeatureNotSupported,
                message: "set-valued function called in context that cannot accept a set".to_owned(),
            };
            return Err(BindError::new(kind));
        };
        let Some(row) = rows.first().cloned() else { return Err(internal("a row is missing")) };
        let given = Inserted { values: row, ..inserted };
        self.row_values(table, &targets, &given, overriding)
    }
}

/// Rows as they are written: `DEFAULT` is no expression.
fn written_rows(rows: &[Vec<Expression>], defaults: &[Vec<bool>]) -> Vec<Vec<Option<Expression>>> {
    let cells = |(row, defaults): (&Vec<Expression>, &Vec<bool>)| {
        row.iter().zip(defaults).map(|(cell, default)| (!default).then(|| cell.clone())).collect()
    };
    rows.iter().zip(defaults).map(cells).collect()
}

/// `VALUES` with nothing around it.
fn plain_rows<'q>(query: &'q Query<'q>) -> Option<&'q [ValuesRow<'q>]> {
    let alone = query.with.is_none()
        && query.order.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && query.locking.is_empty();
    match query.body {
        QueryBody::Values(rows) if alone => Some(rows),
        QueryBody::Values(_)
        | QueryBody::Select(_)
        | QueryBody::Table(_)
        | QueryBody::Set(_)
        | QueryBody::Nested(_) => None,
    }
}

/// The columns of some targets.
fn live(table: &Table, targets: &[InsertTarget<'_>]) -> BindResult<Vec<Stored>> {
    let column = |target: &InsertTarget<'_>| {
        let found = table.live_columns().nth(target.place).map(|(_, column)| column.clone());
        found.ok_or_else(|| internal("a column is not in its table"))
    };
    targets.iter().map(column).collect()
}

/// That a column of a table is given two values by the columns of a view.
fn assigned_twice(table: &Table, place: usize) -> BindError {
    let column = table.live_columns().nth(place).map_or_else(String::new, |(_, column)| column.name.clone());
    BindError::new(BindErrorKind::AssignedTwice { column })
}

fn into_default(path: &[Indirection<'_>]) -> &'static str {
    match path.first() {
        Some(Indirection::Field(_)) => "cannot set a subfield to DEFAULT",
        Some(Indirection::Star(_) | Indirection::Subscript(_) | Indirection::Slice(..)) | None => {
            "cannot set an array element to DEFAULT"
        }
    }
}

/// Whether a column makes its values whatever is given.
fn is_overridden(column: &Stored, overriding: Option<Overriding>) -> bool {
    overriding == Some(Overriding::User) && matches!(column.source, Source::Identity { .. })
}
