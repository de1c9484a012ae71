//! What a select list computes after its rows are sorted: functions that return sets, if rows are neither sorted nor told
//! apart by one, and volatile functions. Numbers of a sequence then follow the order of the rows, and rows that a limit
//! leaves out draw none.

use super::select::{DistinctBy, Parts, Target};
use crate::binder::Binder;
use crate::copy::map_expression;
use crate::level::SetDraft;
use plan::expression::{Column, Expression, RelationId};
use plan::logical::Logical;
use plan::walk::made_relations;
use std::collections::BTreeSet;

/// A select list whose rows are sorted before all of it is computed.
pub(super) struct Postponed {
    /// For each target whether it waits.
    waiting: Vec<bool>,
    /// The functions that return sets, if they wait.
    sets: Vec<SetDraft>,
}

/// The select list as it is below the sorting.
pub(super) struct Below {
    relation: RelationId,
    /// The place of each target that does not wait.
    places: Vec<Option<u32>>,
    /// What those that wait are made of, and where it is.
    taken: Vec<(Column, u32)>,
}

/// The targets that rows are sorted or grouped by, which do not wait; nothing if nobody sorts.
pub(super) fn sorted_by(parts: &Parts) -> Option<BTreeSet<usize>> {
    if parts.order_written == 0 || matches!(parts.distinct, DistinctBy::Rows) {
        return None;
    }
    let mut needed: BTreeSet<usize> = parts.order.iter().map(|(place, _)| *place).collect();
    needed.extend(parts.groups.keys.iter().map(|(place, _)| *place));
    if let DistinctBy::On(places) = &parts.distinct {
        needed.extend(places);
    }
    Some(needed)
}

impl Binder<'_> {
    /// What waits until the rows are sorted; the sets that wait are taken out of `sets`.
    pub(super) fn postponed(
        &self,
        sorted_by: Option<&BTreeSet<usize>>,
        targets: &[Target],
        sets: &mut Vec<SetDraft>,
    ) -> Option<Postponed> {
        let needed = sorted_by?;
        let relations: Vec<RelationId> = sets.iter().map(|set| set.relation).collect();
        let returns_set = |target: &Target| {
            let mut found = false;
            target.expression.for_each_column(&mut |column| found |= relations.contains(&column.relation));
            found
        };
        let sorted_by_set = needed.iter().any(|place| targets.get(*place).is_some_and(returns_set));
        let waits = |(place, target): (usize, &Target)| match returns_set(target) {
            _ if needed.contains(&place) => false,
            true => !sorted_by_set,
            false => target.expression.any(&mut |part| self.calls_volatile(part)),
        };
        let waiting: Vec<bool> = targets.iter().enumerate().map(waits).collect();
        let mut expressions = targets.iter().zip(&waiting).filter(|(_, waits)| **waits);
        let calls = sets.iter().flat_map(|set| &set.calls);
        // Queries within would have to be moved, too.
        let moved = |expression: &Expression| expression.has_subquery();
        if !waiting.contains(&true)
            || expressions.any(|(target, _)| moved(&target.expression))
            || calls.into_iter().any(moved)
        {
            return None;
        }
        let sets = if sorted_by_set { Vec::new() } else { std::mem::take(sets) };
        Some(Postponed { waiting, sets })
    }

    /// The select list without what waits, but with what that is made of.
    pub(super) fn project_below(
        &mut self,
        input: Logical,
        targets: &[Target],
        postponed: &Postponed,
    ) -> (Logical, Below) {
        let relation = self.relation();
        let made = made_relations(&input);
        let (mut expressions, mut places) = (Vec::new(), Vec::with_capacity(targets.len()));
        let mut taken: Vec<(Column, u32)> = Vec::new();
        for (target, waits) in targets.iter().zip(&postponed.waiting) {
            places.push((!waits).then_some(expressions.len() as u32));
            if !waits {
                taken.extend(target.expression.as_column().map(|column| (column, expressions.len() as u32)));
                expressions.push(target.expression.clone());
            }
        }
        let waiting = targets.iter().zip(&postponed.waiting).filter(|(_, waits)| **waits);
        let calls = postponed.sets.iter().flat_map(|set| &set.calls);
        for expression in waiting.map(|(target, _)| &target.expression).chain(calls) {
            expression.walk(&mut |part| {
                if let Some(column) = part.as_column()
                    && made.contains(&column.relation)
                    && !taken.iter().any(|(known, _)| *known == column)
                {
                    taken.push((column, expressions.len() as u32));
                    expressions.push(part.clone());
                }
            });
        }
        (
            Logical::Project { relation, input: Box::new(input), expressions },
            Below { relation, places, taken },
        )
    }

    /// The whole select list, above the sorting.
    pub(super) fn project_above(
        &mut self,
        input: Logical,
        targets: &[Target],
        postponed: Postponed,
        below: &Below,
    ) -> (Logical, RelationId) {
        let relation = self.relation();
        let mut sets = postponed.sets;
        sets.iter_mut().flat_map(|set| &mut set.calls).for_each(|call| below.put_in(call));
        let expression = |(place, target): (usize, &Target)| match below.shown(targets, place) {
            Some(shown) => shown,
            None => {
                let mut expression = target.expression.clone();
                below.put_in(&mut expression);
                expression
            }
        };
        let expressions = targets.iter().enumerate().map(expression).collect();
        let input = Box::new(super::assemble::with_sets(input, sets));
        (Logical::Project { relation, input, expressions }, relation)
    }
}

impl Binder<'_> {
    /// Cuts rows off before volatile functions are computed for them: as many numbers of a sequence are drawn as rows come. What
    /// `OFFSET` passes over is computed, too, so there the planner cuts off what comes behind, where it sees how much that is.
    /// `WITH TIES` cuts off above: it draws for all rows.
    pub(super) fn volatile_last(&self, query: &mut Logical) {
        let Logical::Limit { input, with_ties, offset: None, .. } = query else { return };
        let Logical::Project { expressions, .. } = &mut **input else { return };
        let volatile = |expression: &Expression| expression.any(&mut |part| self.calls_volatile(part));
        if !with_ties.is_empty() || !expressions.iter().any(volatile) {
            return;
        }
        let project = std::mem::replace(&mut **input, Logical::nothing(RelationId(0)));
        let Logical::Project { relation, input: rows, expressions } = project else { return };
        **input = *rows;
        let limit = std::mem::replace(query, Logical::nothing(relation));
        *query = Logical::Project { relation, input: Box::new(limit), expressions };
    }
}

impl Below {
    /// A target that does not wait as a column.
    pub(super) fn shown(&self, targets: &[Target], place: usize) -> Option<Expression> {
        let index = self.places.get(place).copied().flatten()?;
        let column = Column { relation: self.relation, index };
        Some(Expression::column(column, targets.get(place)?.expression.result))
    }

    fn put_in(&self, expression: &mut Expression) {
        map_expression(expression, &|column| {
            if let Some((_, index)) = self.taken.iter().find(|(known, _)| known == column) {
                *column = Column { relation: self.relation, index: *index };
            }
        });
    }
}
