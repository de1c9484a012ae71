//! Puts the parts of a query together: from what is read, over groups, windows and sets, to what is shown, sorted and cut.

use super::BoundQuery;
use super::select::{DistinctBy, Parts, Target};
use crate::binder::{Binder, Bound};
use crate::error::BindResult;
use crate::level::{SetDraft, WindowDraft};
use plan::expression::{Column, Expression, ExpressionKind, RelationId, SortKey};
use plan::logical::{Grouping, Logical, Window};
use syntax::tree::select::Query;

impl Binder<'_> {
    pub(super) fn assemble(&mut self, query: &Query<'_>, parts: Parts) -> BindResult<BoundQuery> {
        let Parts { input, mut targets, condition, mut having, mut order, groups, distinct, grouped } = parts;
        self.lock_allowed(query, &distinct, grouped)?;
        let mut logical = filtered(input, condition);
        let mut windows = std::mem::take(&mut self.level().windows);
        let mut sets = std::mem::take(&mut self.level().sets);
        // What the notes of windows and sets are needed for goes on being there.
        self.level().windows = windows.clone();
        self.level().sets = sets.clone();
        let level = self.level();
        if grouped || !level.aggregates.is_empty() || !level.groupings.is_empty() {
            let (below, above) = split_sets(sets, groups.keys.iter().map(|(_, key)| &key.expression));
            sets = above;
            logical = with_sets(logical, below);
            let mut grouping = self.regrouping(&groups);
            let calls = self.grouping_places(&grouping)?;
            let mut expressions: Vec<&mut Expression> = Vec::new();
            expressions.extend(targets.iter_mut().map(|target| &mut target.expression));
            expressions.extend(having.iter_mut());
            expressions.extend(window_expressions(&mut windows));
            expressions.extend(sets.iter_mut().flat_map(|set| &mut set.calls));
            for expression in &mut expressions {
                self.regroup(expression, &mut grouping, false)?;
            }
            expressions.into_iter().for_each(|expression| grouping.number(expression));
            let aggregates = std::mem::take(&mut self.level().aggregates);
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
        for draft in windows {
            let WindowDraft { relation, partition, order, functions } = draft;
            let window = Window { relation, input: logical, partition, order, functions };
            logical = Logical::Window(Box::new(window));
        }
        logical = with_sets(logical, sets);
        let locks = self.lock_targets(query, &mut targets)?;
        let (mut logical, relation) = self.projected(logical, &targets);
        let columns = self.output(&targets, relation);
        for (place, key) in &mut order {
            key.expression = shown(&targets, *place, relation);
        }
        let keys: Vec<SortKey> = order.into_iter().map(|(_, key)| key).collect();
        logical = self.sorted(logical, &targets, relation, &keys, &distinct)?;
        logical = self.locked(logical, locks, relation);
        logical = self.limited(logical, query, &keys)?;
        Ok(BoundQuery { logical, columns })
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
        relation: RelationId,
        keys: &[SortKey],
        distinct: &DistinctBy,
    ) -> BindResult<Logical> {
        let mut logical = input;
        if let DistinctBy::Rows = distinct {
            let places: Vec<usize> = (0..targets.len()).filter(|place| !targets[*place].hidden).collect();
            let keys = self.distinct_keys(targets, relation, &places)?;
            logical = Logical::Distinct { input: Box::new(logical), keys, on: false };
        }
        if !keys.is_empty() {
            logical = Logical::Sort { input: Box::new(logical), keys: keys.to_vec() };
        }
        if let DistinctBy::On(places) = distinct {
            let keys = self.distinct_keys(targets, relation, places)?;
            logical = Logical::Distinct { input: Box::new(logical), keys, on: true };
        }
        Ok(logical)
    }

    fn distinct_keys(
        &mut self,
        targets: &[Target],
        relation: RelationId,
        places: &[usize],
    ) -> BindResult<Vec<SortKey>> {
        let mut keys = Vec::with_capacity(places.len());
        for place in places {
            let expression = shown(targets, *place, relation);
            keys.push(self.group_key(Bound { expression, position: targets[*place].position })?);
        }
        Ok(keys)
    }
}

/// A target as a column of the projection.
fn shown(targets: &[Target], place: usize, relation: RelationId) -> Expression {
    let column = Column { relation, index: place as u32 };
    Expression::column(column, targets[place].expression.result)
}

/// Rows for which a condition is true; each term of an `AND` is a condition of its own.
pub(crate) fn filtered(input: Logical, condition: Option<Expression>) -> Logical {
    match condition {
        None => input,
        Some(condition) => Logical::Filter { input: Box::new(input), conditions: terms_of(condition) },
    }
}

/// The terms of an `AND`.
pub(crate) fn terms_of(condition: Expression) -> Vec<Expression> {
    let mut terms = Vec::new();
    let mut left = vec![condition];
    while let Some(term) = left.pop() {
        match term.kind {
            ExpressionKind::And(inner) => left.extend(inner.into_iter().rev()),
            kind => terms.push(Expression { kind, result: term.result }),
        }
    }
    terms
}

fn window_expressions(windows: &mut [WindowDraft]) -> Vec<&mut Expression> {
    let mut expressions = Vec::new();
    for window in windows {
        expressions.extend(window.partition.iter_mut().map(|key| &mut key.expression));
        expressions.extend(window.order.iter_mut().map(|key| &mut key.expression));
        for call in &mut window.functions {
            expressions.extend(call.arguments.iter_mut());
            expressions.extend(call.filter.iter_mut());
        }
    }
    expressions
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

fn with_sets(input: Logical, sets: Vec<SetDraft>) -> Logical {
    sets.into_iter().fold(input, |input, set| Logical::ProjectSet {
        relation: set.relation,
        input: Box::new(input),
        calls: set.calls,
    })
}
