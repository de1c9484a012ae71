//! `VALUES`.

use super::select::{DistinctBy, Parts, Target};
use super::{BoundQuery, group::Groups};
use crate::binder::{Binder, Bound, Described};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Item, ItemKind};
use crate::names::item_columns;
use crate::shape::EntrySource;
use plan::expression::{Expression, RelationId};
use plan::logical::Logical;
use std::sync::Arc;
use syntax::tree::select::{Query, ValuesRow};
use types::Type;

impl Binder<'_> {
    pub(super) fn values_query(
        &mut self,
        query: &Query<'_>,
        rows: &[ValuesRow<'_>],
    ) -> BindResult<BoundQuery> {
        // Of those around there is nothing to lock.
        self.inherited_locks.clear();
        self.row_ids_wanted = false;
        if let Some(first) = query.locking.first() {
            let strength = super::lock::strength_name(first.strength);
            return Err(BindError::new(BindErrorKind::LockValues { strength }));
        }
        let (parts, level) = self.within(|binder| {
            let bound = binder.value_rows(rows)?;
            binder.values_parts(bound, query)
        })?;
        self.levels.push(level);
        let result = self.assemble(query, parts);
        self.levels.pop();
        result
    }

    /// The rows, all of one length.
    pub fn value_rows(&mut self, rows: &[ValuesRow<'_>]) -> BindResult<Vec<Vec<Bound>>> {
        let mut bound: Vec<Vec<Bound>> = Vec::with_capacity(rows.len());
        for row in rows {
            let values = self.clause(Clause::Values, |binder| binder.list_with_stars(row.values))?;
            if bound.first().is_some_and(|first| first.len() != values.len()) {
                let position = values.first().map_or(row.position, |first| first.position);
                return Err(BindError::at(BindErrorKind::UnequalValues, position));
            }
            bound.push(values);
        }
        Ok(bound)
    }

    fn values_parts(&mut self, rows: Vec<Vec<Bound>>, query: &Query<'_>) -> BindResult<Parts> {
        let width = rows.first().map_or(0, Vec::len);
        let relation = self.relation();
        let mut types = Vec::with_capacity(width);
        for column in 0..width {
            let all: Vec<&Bound> = rows.iter().filter_map(|row| row.get(column)).collect();
            // What has no type is text already here, unlike in a SELECT.
            types.push(Type { oid: self.common(&all, "VALUES")?, modifier: common_modifier(&all) });
        }
        let mut logical_rows = Vec::with_capacity(rows.len());
        let mut targets = Vec::with_capacity(width);
        let positions: Vec<u32> =
            rows.first().map_or_else(Vec::new, |row| row.iter().map(|bound| bound.position).collect());
        for row in rows {
            let mut values = Vec::with_capacity(width);
            for (bound, of) in row.into_iter().zip(&types) {
                values.push(if bound.oid() == of.oid {
                    bound.expression
                } else {
                    self.cast_to_common(bound, of.oid)?
                });
            }
            logical_rows.push(values);
        }
        if self.collating {
            for (place, of) in types.iter().enumerate() {
                let values: Vec<&Expression> = logical_rows.iter().filter_map(|row| row.get(place)).collect();
                let column = plan::expression::Column { relation, index: place as u32 };
                self.note_collation_of_rows(column, *of, &values)?;
            }
        }
        let names: Vec<Arc<str>> = (1..=width).map(|number| Arc::from(format!("column{number}"))).collect();
        for (place, (name, of)) in names.iter().zip(&types).enumerate() {
            let column = plan::expression::Column { relation, index: place as u32 };
            targets.push(Target {
                expression: Expression::column(column, *of),
                position: positions.get(place).copied().unwrap_or(query.position),
                name: name.to_string(),
                hidden: false,
            });
        }
        self.values_item(relation, &names, &types);
        let order = self.order_by(query.order, &mut targets)?;
        let order_written = order.len();
        if let Some(item) = self.level().items.last().cloned() {
            let source = EntrySource::Values(logical_rows.clone());
            let shape = self.entry_shape(source, "*VALUES*", None, &item);
            self.level().from.extend(shape);
        }
        let input = Logical::Values { relation, types, rows: logical_rows };
        Ok(Parts {
            input,
            targets,
            condition: None,
            having: None,
            order,
            groups: Groups::default(),
            distinct: DistinctBy::All,
            grouped: false,
            order_written,
        })
    }

    fn values_item(&mut self, relation: RelationId, names: &[Arc<str>], types: &[Type]) {
        self.ranges += 1;
        let name: Arc<str> = "*VALUES*".into();
        let described = Described { alias: name.clone(), columns: names.to_vec(), table: None };
        self.described.insert(relation, described);
        let typed = names.iter().cloned().zip(types.iter().copied());
        let item = Item::open(name, item_columns(relation, typed), ItemKind::Rows);
        self.level().items.push(item);
    }
}

/// The modifier that all have, if they are of one type.
fn common_modifier(all: &[&Bound]) -> i32 {
    let Some(first) = all.first() else { return -1 };
    let same = all.iter().all(|bound| bound.expression.result == first.expression.result);
    if same { first.expression.result.modifier } else { -1 }
}
