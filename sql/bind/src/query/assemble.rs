//! Puts the parts of a query together: from what is read, over groups, windows and sets, to what is shown, sorted and cut.

use super::lock::LockTarget;
use super::select::{DistinctBy, Parts, Target};
use super::{BoundQuery, QueryColumn};
use crate::binder::{Binder, Bound, internal};
use crate::collation::Collated;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::level::{Level, SetDraft, WindowDraft};
use crate::shape::{
    Body, DistinctShape, EntrySource, FromShape, OrderShape, OverShape, SelectShape, Shape, TargetShape,
};
use plan::expression::{Column, Expression, RelationId, SortKey, WindowCall};
use plan::logical::{Grouping, Logical, Window};
use std::collections::{BTreeMap, BTreeSet};
use syntax::tree::select::Query;

/// By what rows come in order.
struct OrderedBy<'o> {
    /// The targets that are needed for it, if anything may wait.
    needed: Option<&'o BTreeSet<usize>>,
    order: &'o [(usize, SortKey)],
    distinct: &'o DistinctBy,
}

impl Binder<'_> {
    pub(super) fn assemble(&mut self, query: &Query<'_>, parts: Parts) -> BindResult<BoundQuery> {
        let mut shape = self.select_shape(&parts);
        let sorted_by = super::postpone::sorted_by(&parts);
        let collations = self.collations_of(&parts.targets)?;
        let Parts { input, mut targets, condition, mut having, order, groups, distinct, grouped, .. } = parts;
        self.lock_allowed(query, &distinct, grouped)?;
        let mut logical = filtered(input, condition);
        let mut windows = std::mem::take(&mut self.level().windows);
        let mut sets = std::mem::take(&mut self.level().sets);
        // What the notes of windows and sets are needed for goes on being there.
        self.level().windows = windows.clone();
        self.level().sets = sets.clone();
        let level = self.level();
        let grouped = grouped || !level.aggregates.is_empty() || !level.groupings.is_empty();
        refuse_recursive(level)?;
        if grouped {
            let (below, above) = split_sets(sets, groups.keys.iter().map(|(_, key)| &key.expression));
            sets = above;
            logical = with_sets(logical, below);
            let mut grouping = self.regrouping(&groups);
            let calls = self.grouping_places(&grouping)?;
            grouping.put_keys(&groups, &mut targets);
            let mut expressions: Vec<&mut Expression> = Vec::new();
            expressions.extend(targets.iter_mut().map(|target| &mut target.expression));
            expressions.extend(sets.iter_mut().flat_map(|set| &mut set.calls));
            expressions.extend(window_expressions(&mut windows));
            expressions.extend(having.iter_mut());
            for expression in &mut expressions {
                self.regroup(expression, &mut grouping, false)?;
            }
            self.check_direct_arguments(&mut grouping)?;
            self.number_all(expressions.into_iter(), &grouping);
            self.note_origins_of_keys(&grouping);
            let aggregates = std::mem::take(&mut self.level().aggregates);
            if aggregates.is_empty() && grouping.is_one_group() {
                logical = Logical::nothing(self.relation());
            }
            logical = Logical::Aggregate(Box::new(Grouping {
                relation: grouping.relation,
                input: logical,
                keys: grouping.keys,
                sets: grouping.sets,
                aggregates,
                grouping_calls: calls,
            }));
            logical = filtered(logical, having);
        }
        let shown_by = order.iter().filter_map(|(place, _)| targets.get(*place));
        logical = with_windows(logical, windows, shown_by.map(|target| &target.expression));
        self.row_id_targets(&mut targets, &distinct, grouped, query.position)?;
        let locks = self.lock_targets(query, &mut targets)?;
        if let Some(shape) = &mut shape {
            shape.locks = locks.iter().filter(|lock| !lock.is_inherited()).map(LockTarget::shape).collect();
        }
        let sorted_by = sorted_by.filter(|_| locks.is_empty());
        let by = OrderedBy { needed: sorted_by.as_ref(), order: &order, distinct: &distinct };
        let (mut logical, relation) = self.shown_in_order(logical, &targets, sets, &by)?;
        let columns = self.output(&targets, relation);
        self.note_collations(&columns, &collations);
        let keys = sort_keys(&order, &|place| shown(&targets, place, relation))?;
        logical = self.locked(query, logical, locks, relation);
        logical = self.limited(logical, query, &keys)?;
        if let Some(shape) = &mut shape {
            shape.cut_as(&logical);
        }
        self.volatile_last(&mut logical);
        Ok(BoundQuery { logical, columns, shape })
    }

    /// Notes how what a query gives is collated.
    fn note_collations(&mut self, columns: &[QueryColumn], collations: &[Collated]) {
        for column in columns {
            if let Some(collated) = collations.get(column.column.index as usize) {
                self.note_collated(column.column, column.column_type, *collated);
            }
        }
    }

    /// The collation of each target.
    fn collations_of(&self, targets: &[Target]) -> BindResult<Vec<Collated>> {
        let of = |target: &Target| {
            let natural = self.scope().type_collation(target.expression.result.oid);
            if natural == 0 { Ok(Collated::Nothing) } else { self.collated(&target.expression) }
        };
        targets.iter().map(of).collect()
    }

    /// The select list, of sorted rows; what can wait is computed after they are sorted.
    fn shown_in_order(
        &mut self,
        input: Logical,
        targets: &[Target],
        mut sets: Vec<SetDraft>,
        by: &OrderedBy<'_>,
    ) -> BindResult<(Logical, RelationId)> {
        let (order, distinct) = (by.order, by.distinct);
        let waiting = self.postponed(by.needed, targets, &mut sets);
        let logical = with_sets(input, sets);
        let Some(waiting) = waiting else {
            let (logical, relation) = self.projected(logical, targets);
            let column = |place: usize| shown(targets, place, relation);
            return Ok((self.sorted(logical, targets, &column, order, distinct)?, relation));
        };
        let (logical, below) = self.project_below(logical, targets, &waiting);
        let column = |place: usize| below.shown(targets, place);
        let logical = self.sorted(logical, targets, &column, order, distinct)?;
        Ok(self.project_above(logical, targets, waiting, &below))
    }

    /// How a query was written, if that is wanted.
    fn select_shape(&mut self, parts: &Parts) -> Option<Box<Shape>> {
        self.shapes.as_ref()?;
        let level = self.level();
        let values = matches!(&level.from[..], [FromShape::Entry(entry)]
            if matches!(entry.source, EntrySource::Values(_)));
        let mut columns = level.items.last().map_or(&[][..], |item| &item.columns).iter();
        let mut targets = Vec::with_capacity(parts.targets.len());
        for target in &parts.targets {
            // The only row of VALUES stands in the select list itself.
            let own = columns.next().filter(|_| values && !target.hidden);
            let expression = own.map_or(&target.expression, |column| &column.expression).clone();
            targets.push(TargetShape { expression, name: target.name.clone(), hidden: target.hidden });
        }
        let distinct = match &parts.distinct {
            DistinctBy::All => DistinctShape::No,
            DistinctBy::Rows => DistinctShape::Rows,
            DistinctBy::On(places) => DistinctShape::On(places.clone()),
        };
        let order = |(place, key): &(usize, SortKey)| OrderShape {
            place: *place,
            descending: key.descending,
            nulls_first: key.nulls_first,
        };
        let visible = targets.iter().filter(|target| !target.hidden);
        let names = visible.map(|target| target.name.clone()).collect();
        let groupings = level.groupings.iter();
        let groupings =
            groupings.map(|call| call.iter().map(|argument| argument.expression.clone()).collect()).collect();
        let select = SelectShape {
            distinct,
            targets,
            from: std::mem::take(&mut level.from),
            condition: parts.condition.clone(),
            having: parts.having.clone(),
            groups: parts.groups.shape.clone(),
            group_distinct: parts.groups.distinct,
            keys: parts.groups.keys.iter().map(|(place, _)| *place).collect(),
            aggregates: (level.aggregate_relation, level.aggregates.clone()),
            groupings: (level.grouping_relation, groupings),
            windows: std::mem::take(&mut level.window_shapes),
            window_calls: window_calls(level),
            sets: level.sets.clone(),
        };
        let mut shape = Shape::plain(Body::Select(Box::new(select)), names);
        shape.order = parts.order.iter().take(parts.order_written).map(order).collect();
        Some(Box::new(shape))
    }

    fn projected(&mut self, input: Logical, targets: &[Target]) -> (Logical, RelationId) {
        let relation = self.relation();
        let expressions = targets.iter().map(|target| target.expression.clone()).collect();
        (Logical::Project { relation, input: Box::new(input), expressions }, relation)
    }

    fn sorted(
        &mut self,
        input: Logical,
        targets: &[Target],
        column: &dyn Fn(usize) -> Option<Expression>,
        order: &[(usize, SortKey)],
        distinct: &DistinctBy,
    ) -> BindResult<Logical> {
        let mut logical = input;
        if let DistinctBy::Rows = distinct {
            let places: Vec<usize> = (0..targets.len()).filter(|place| !targets[*place].hidden).collect();
            let keys = self.distinct_keys(targets, column, &places)?;
            logical = Logical::Distinct { input: Box::new(logical), keys, on: false };
        }
        if !order.is_empty() {
            logical = Logical::Sort { input: Box::new(logical), keys: sort_keys(order, column)? };
        }
        if let DistinctBy::On(places) = distinct {
            let keys = self.distinct_keys(targets, column, places)?;
            logical = Logical::Distinct { input: Box::new(logical), keys, on: true };
        }
        Ok(logical)
    }

    fn distinct_keys(
        &mut self,
        targets: &[Target],
        column: &dyn Fn(usize) -> Option<Expression>,
        places: &[usize],
    ) -> BindResult<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(places.len());
        for place in places {
            let expression = column(*place).ok_or_else(|| internal("a key is no column"))?;
            keys.push(self.group_key(Bound { expression, position: targets[*place].position })?);
        }
        Ok(keys)
    }
}

/// Rows with the values of window functions.
fn with_windows<'e>(
    mut logical: Logical,
    windows: Vec<WindowDraft>,
    shown_by: impl Iterator<Item = &'e Expression>,
) -> Logical {
    for draft in super::window_order::in_order(windows, shown_by) {
        let WindowDraft { relation, partition, order, functions } = draft;
        let window = Window { relation, input: logical, partition, order, functions };
        logical = Logical::Window(Box::new(window));
    }
    logical
}

/// What rows are sorted by, as columns of the select list.
fn sort_keys(
    order: &[(usize, SortKey)],
    column: &dyn Fn(usize) -> Option<Expression>,
) -> BindResult<Vec<SortKey>> {
    let key = |(place, key): &(usize, SortKey)| {
        let expression = column(*place).ok_or_else(|| internal("a key is no column"))?;
        Ok(SortKey { expression, ..key.clone() })
    };
    order.iter().map(key).collect()
}

/// The calls over windows, with how their windows were written.
fn window_calls(level: &mut Level) -> BTreeMap<Column, (WindowCall, OverShape)> {
    let shapes = std::mem::take(&mut level.call_shapes);
    let call = |(column, over): (Column, OverShape)| {
        let draft = level.windows.iter().find(|draft| draft.relation == column.relation)?;
        Some((column, (draft.functions.get(column.index as usize)?.clone(), over)))
    };
    shapes.into_iter().filter_map(call).collect()
}

/// A target as a column of the projection.
fn shown(targets: &[Target], place: usize, relation: RelationId) -> Option<Expression> {
    let column = Column { relation, index: place as u32 };
    Some(Expression::column(column, targets.get(place)?.expression.result))
}

/// Rows for which a condition is true; each term of an `AND` is a condition of its own.
pub(crate) fn filtered(input: Logical, condition: Option<Expression>) -> Logical {
    match condition {
        None => input,
        Some(condition) => Logical::Filter { input: Box::new(input), conditions: super::terms_of(condition) },
    }
}

fn window_expressions(windows: &mut [WindowDraft]) -> Vec<&mut Expression> {
    let mut arguments = Vec::new();
    let mut keys = Vec::new();
    for window in windows {
        keys.extend(window.partition.iter_mut().map(|key| &mut key.expression));
        keys.extend(window.order.iter_mut().map(|key| &mut key.expression));
        for call in &mut window.functions {
            arguments.extend(call.arguments.iter_mut());
            arguments.extend(call.filter.iter_mut());
        }
    }
    arguments.extend(keys);
    arguments
}

/// Sets that are grouped by are run before the groups are made, with those that they are made of.
fn split_sets<'e>(
    sets: Vec<SetDraft>,
    keys: impl Iterator<Item = &'e Expression>,
) -> (Vec<SetDraft>, Vec<SetDraft>) {
    let mut deepest = None;
    for key in keys {
        key.for_each_column(&mut |column| {
            let place = sets.iter().position(|set| set.relation == column.relation);
            deepest = deepest.max(place);
        });
    }
    let mut below = sets;
    let above = match deepest {
        None => std::mem::take(&mut below),
        Some(deepest) => below.split_off(deepest + 1),
    };
    (below, above)
}

/// A query whose functions that return sets are run in step.
pub(crate) fn with_sets(input: Logical, sets: Vec<SetDraft>) -> Logical {
    sets.into_iter().fold(input, |input, set| Logical::ProjectSet {
        relation: set.relation,
        input: Box::new(input),
        calls: set.calls,
    })
}

/// A term that refers to the table it is of has no aggregates: what it refers to is not all there yet.
fn refuse_recursive(level: &Level) -> BindResult<()> {
    match level.aggregate_positions.first() {
        Some(position) if level.self_reference => {
            Err(BindError::at(BindErrorKind::RecursiveAggregate, *position))
        }
        Some(_) | None => Ok(()),
    }
}
