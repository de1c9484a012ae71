//! `UPDATE`, and the assignments of `ON CONFLICT` and `MERGE`.

use super::rule_tree::columns_as_found;
use super::shape::written;
use super::{Called, Change};
use crate::binder::{Binder, Bound, internal};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::MadeRows;
use crate::query::{BoundQuery, filtered};
use crate::shape::ChangeHow;
use catalog::object::{Source, Table};
use plan::expression::{Expression, ExpressionKind, RelationId};
use plan::logical::{JoinKind, Logical, ScanSource, Update};
use std::sync::Arc;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree};
use syntax::tree::modify::{self, Assignment, ColumnTarget};
use syntax::tree::select::TableExpression;
use types::Type;
use types::catalog::oid;

/// What is assigned to a column.
enum Assigned {
    Default,
    Value(Bound),
}

impl Binder<'_> {
    pub(crate) fn update(&mut self, update: &modify::Update<'_>) -> BindResult<BoundQuery> {
        self.with_tables(update.with.as_ref(), |binder| {
            binder.changing(&update.table.name, Change::Update, |binder, table| {
                let (bound, _) = binder.within(|binder| binder.update_table(table, update))?;
                Ok(bound)
            })
        })
    }

    fn update_table(&mut self, table: &Arc<Table>, update: &modify::Update<'_>) -> BindResult<BoundQuery> {
        let only = self.changed_only(update.table.only);
        let (mut target, further_checks) = self.changed_target(table, only, true)?;
        let called = self.target_called(table, update.alias.as_ref());
        let (scanned, input) = self.changed_rows(table, &called, only, update.from)?;
        let condition = self.where_of(update.condition.as_ref())?;
        let assignments = self.assignments(table, scanned, update.assignments)?;
        let target_shape = self.target_shape(table, update.alias, update.table.only);
        let row_id = self.scan_column(scanned, ScanSource::RowId, Type::of(oid::INT8))?;
        let table_oid = self.member_column(scanned)?;
        let relation = self.relation();
        let item = self.row_item(table, &called, relation)?;
        if let Some(first) = self.level().items.first_mut() {
            *first = item;
        }
        let found = columns_as_found(table, scanned);
        self.level().made = Some(MadeRows {
            table: table.oid,
            alone: table_oid.is_none(),
            scanned: Some(scanned),
            deleted: false,
            relation,
            routed: table.is_partitioned(),
            updates: true,
            row_ids: false,
        });
        let how = ChangeHow::Update(written(table, &assignments, update.assignments));
        let shape = self.change_shape(target_shape, how, relation, condition.as_ref());
        let input = filtered(input, condition);
        let mut new = found.clone();
        for (place, value) in &assignments {
            if let Some(column) = new.get_mut(*place as usize) {
                column.clone_from(value);
            }
        }
        let input = self.without_negated(table, input, Some(&found), Some(&new))?;
        let found = if target.is_view { found } else { Vec::new() };
        super::policy::tell_written(&mut target, assignments.iter().map(|(place, _)| *place as usize));
        let node = Update { relation, target, further_checks, input, row_id, table_oid, assignments, found };
        let mut bound = self.returning(update.returning, Logical::Update(Box::new(node)), shape)?;
        self.ask_policies_of_update(table, scanned, &mut bound.logical)?;
        Ok(bound)
    }

    /// The rows of a table that is changed, joined with what else is named. The table is the level's first item.
    pub(super) fn changed_rows(
        &mut self,
        table: &Arc<Table>,
        called: &Called,
        only: bool,
        from: &[TableExpression<'_>],
    ) -> BindResult<(RelationId, Logical)> {
        if let Some(view) = self.scope().view(table.oid).cloned() {
            return self.changed_rows_of_view(&view, &called.name, from);
        }
        let (relation, mut item) = self.table_item_of(table, only, None)?;
        let name = &called.name;
        item.name = Some(name.clone());
        if called.relation.is_none() {
            item.table = None;
        }
        // The table below a view goes by its own name.
        if let Some(scan) = self.scans.get_mut(&relation).filter(|_| self.changed.is_none()) {
            scan.alias = name.clone();
            scan.members.iter_mut().for_each(|member| member.alias = name.clone());
        }
        if let Some(described) = self.described.get_mut(&relation) {
            described.alias = name.clone();
            if self.changed.is_some() {
                // What is read of a view is the view's.
                described.table = None;
            }
        }
        let mut scan = self.scan(relation)?;
        if self.changed.is_some() {
            for (view, condition) in self.changed_conditions(item.clone())? {
                match &mut scan {
                    Logical::Scan(scan) if view.security_barrier() => scan.guards.push(condition),
                    _ => scan = filtered(scan, Some(condition)),
                }
            }
            item = self.as_changed(item, name)?;
        }
        (item.lateral_only, item.lateral_ok) = (true, false);
        self.level().items.push(item);
        let input = if from.is_empty() {
            scan
        } else {
            let joined = self.all_of_from(from)?;
            crate::query::joined(JoinKind::Inner, scan, joined, Vec::new(), false)
        };
        for item in &mut self.level().items {
            (item.lateral_only, item.lateral_ok) = (false, true);
        }
        let input = self.with_rule_rows(input, 0);
        Ok((relation, input))
    }

    /// The same of a view whose rules stand in the place of the change: its rows are found as whoever reads it finds them.
    fn changed_rows_of_view(
        &mut self,
        view: &Arc<catalog::object::View>,
        name: &str,
        from: &[TableExpression<'_>],
    ) -> BindResult<(RelationId, Logical)> {
        let mut entry = self.view_entry(view, None)?;
        let Some(mut item) = entry.items.pop() else { return Err(internal("a view has no rows")) };
        // Its columns in their order, under one relation.
        let relation = self.relation();
        let columns = std::mem::take(&mut item.columns);
        let mut expressions = Vec::with_capacity(columns.len());
        for (column, index) in columns.into_iter().zip(0u32..) {
            let own = plan::expression::Column { relation, index };
            self.view_columns.insert(own, (view.oid, index as usize));
            let expression = Expression::column(own, column.expression.result);
            expressions.push(column.expression);
            item.columns.push(crate::level::ItemColumn { name: column.name, expression });
        }
        let mut input = Logical::Project { relation, input: Box::new(entry.logical), expressions };
        // Where it is reached through other views, only their rows are changed.
        for (_, condition) in self.changed_conditions(item.clone())? {
            input = filtered(input, Some(condition));
        }
        let mut item = self.as_changed(item, name)?;
        item.name = Some(name.into());
        self.level().items.push(item);
        let input = if from.is_empty() {
            input
        } else {
            let joined = self.all_of_from(from)?;
            crate::query::joined(JoinKind::Inner, input, joined, Vec::new(), false)
        };
        let input = self.with_rule_rows(input, 0);
        Ok((relation, input))
    }

    /// The column that says of which table a row is that is changed, if there are several.
    pub(crate) fn member_column(
        &mut self,
        scanned: RelationId,
    ) -> BindResult<Option<plan::expression::Column>> {
        if self.scans.get(&scanned).is_none_or(|scan| scan.members.is_empty()) {
            return Ok(None);
        }
        self.scan_column(scanned, ScanSource::TableOid, Type::of(oid::OID)).map(Some)
    }

    /// New values of columns, by their places among those that are not dropped. `relation` has the columns as they are.
    pub(super) fn assignments(
        &mut self,
        table: &Arc<Table>,
        relation: RelationId,
        assignments: &[Assignment<'_>],
    ) -> BindResult<Vec<(u32, Expression)>> {
        let mut bound: Vec<(u32, Expression)> = Vec::new();
        let mut whole: Vec<u32> = Vec::new();
        for assignment in assignments {
            for (target, value) in self.assigned_values(assignment)? {
                let name = target.name.text;
                let place = self.target_column(table, name, target.name.position, false)?;
                self.note_updated(table, place);
                let Some((_, column)) = table.live_columns().nth(place) else {
                    return Err(internal("a column is not in its table"));
                };
                let at = place as u32;
                let known = bound.iter().position(|(known, _)| *known == at);
                if known.is_some() && (target.path.is_empty() || whole.contains(&at)) {
                    let column = column.name.clone();
                    return Err(BindError::new(BindErrorKind::AssignedTwice { column }));
                }
                let is_default = matches!(value, Assigned::Default);
                let own = column.name.clone();
                match &column.source {
                    // A view gives it what it has itself, be that null.
                    Source::Generated(_) if is_default && self.changed.is_none() => continue,
                    Source::Generated(_) => {
                        return Err(BindError::new(BindErrorKind::GeneratedUpdate { column: own }));
                    }
                    Source::Identity { always: true, .. } if !is_default => {
                        return Err(BindError::new(BindErrorKind::AlwaysIdentityUpdate { column: own }));
                    }
                    Source::Identity { .. } | Source::Null | Source::Default(_) => {}
                }
                let of = column.column_type();
                let expression = match value {
                    Assigned::Default => self.default_of_target(place, column)?,
                    Assigned::Value(value) if target.path.is_empty() => {
                        whole.push(at);
                        self.assigned(value, &own, of)?
                    }
                    Assigned::Value(value) => {
                        let column = plan::expression::Column { relation, index: at };
                        let base = match known.and_then(|known| bound.get(known)) {
                            Some((_, before)) => before.clone(),
                            None => Expression::column(column, of),
                        };
                        self.assigned_into(base, &own, target.path, value, target.name.position)?
                    }
                };
                match known {
                    Some(known) => bound[known].1 = expression,
                    None => bound.push((at, expression)),
                }
            }
        }
        Ok(bound)
    }

    fn assigned_values<'t>(
        &mut self,
        assignment: &Assignment<'t>,
    ) -> BindResult<Vec<(ColumnTarget<'t>, Assigned)>> {
        match assignment {
            Assignment::One { target, value } => Ok(vec![(*target, self.assigned_value(value)?)]),
            Assignment::Many { targets, value, position } => {
                let values = self.assigned_row(value)?;
                if values.len() != targets.len() {
                    return Err(BindError::at(BindErrorKind::AssignmentCount, *position));
                }
                Ok(targets.iter().copied().zip(values).collect())
            }
        }
    }

    fn assigned_value(&mut self, value: &Syntax<'_>) -> BindResult<Assigned> {
        match value.kind {
            Tree::Default => Ok(Assigned::Default),
            _ => {
                let bound = self.clause(Clause::UpdateSource, |binder| binder.expression(value))?;
                Ok(Assigned::Value(bound))
            }
        }
    }

    fn assigned_row(&mut self, value: &Syntax<'_>) -> BindResult<Vec<Assigned>> {
        match &value.kind {
            Tree::Row { fields, .. } => fields.iter().map(|field| self.assigned_value(field)).collect(),
            Tree::Subquery(query) => {
                let values =
                    self.clause(Clause::UpdateSource, |binder| binder.row_of_query(query, value.position))?;
                Ok(values.into_iter().map(Assigned::Value).collect())
            }
            _ => {
                let at_value = value.start();
                let bound = self.clause(Clause::UpdateSource, |binder| binder.expression(value))?;
                match bound.expression.kind {
                    ExpressionKind::Row(fields) => {
                        let at = bound.position;
                        let value = |expression| Assigned::Value(Bound { expression, position: at });
                        Ok(fields.into_iter().map(value).collect())
                    }
                    _ => Err(BindError::at(BindErrorKind::RowAssignment, at_value)),
                }
            }
        }
    }
}
