//! `GROUP BY`: what is grouped by, and into which sets.

use super::select::Target;
use crate::binder::{Binder, Bound};
use crate::clause::Clause;
use crate::error::{BindError, BindErrorKind, BindResult};
use crate::shape::GroupShape;
use plan::expression::SortKey;
use syntax::tree::expression::{Expression as Syntax, ExpressionKind as Tree};
use syntax::tree::select::{GroupBy, GroupItem};

/// The most sets that a query may be grouped into.
const SETS_MAX: usize = 4096;
/// The most elements of a `CUBE`.
const CUBE_MAX: usize = 12;

/// What a query is grouped by.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    /// The targets that are grouped by, and how they are equal.
    pub keys: Vec<(usize, SortKey)>,
    /// The sets, each by places among the keys. Empty without `GROUP BY`.
    pub sets: Vec<Vec<u32>>,
    /// As it is written.
    pub shape: Vec<GroupShape>,
    pub distinct: bool,
}

impl Binder<'_> {
    pub(super) fn group_by(
        &mut self,
        group: &GroupBy<'_>,
        targets: &mut Vec<Target>,
        order: &[(usize, SortKey)],
    ) -> BindResult<Groups> {
        let mut groups = Groups::default();
        if group.items.is_empty() {
            return Ok(groups);
        }
        let mut sets: Vec<Vec<u32>> = vec![Vec::new()];
        for item in group.items {
            let known = groups.keys.len();
            let (of_item, shape) = self.item_sets(item, targets, &mut groups, order)?;
            groups.shape.push(shape);
            // Keys of sets have nulls of their own, which are the last whatever is asked for.
            if !matches!(item, GroupItem::Expression(_)) {
                groups.keys[known..].iter_mut().for_each(|(_, key)| key.nulls_first = false);
            }
            let count = sets.len().saturating_mul(of_item.len());
            if count > SETS_MAX {
                return Err(BindError::new(BindErrorKind::TooManySets));
            }
            let mut product = Vec::with_capacity(count);
            for set in &sets {
                for other in &of_item {
                    let mut both = set.clone();
                    both.extend(other.iter().filter(|key| !set.contains(key)));
                    product.push(both);
                }
            }
            sets = product;
        }
        if group.distinct {
            sets.iter_mut().for_each(|set| set.sort_unstable());
            sets.sort_unstable_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
            sets.dedup();
        }
        groups.sets = sets;
        groups.distinct = group.distinct;
        Ok(groups)
    }

    fn item_sets(
        &mut self,
        item: &GroupItem<'_>,
        targets: &mut Vec<Target>,
        groups: &mut Groups,
        order: &[(usize, SortKey)],
    ) -> BindResult<(Vec<Vec<u32>>, GroupShape)> {
        self.deeper(|binder| match item {
            GroupItem::Expression(expression) => {
                let keys = binder.element_keys(expression, targets, groups, order)?;
                Ok((vec![keys.clone()], GroupShape::Keys(keys)))
            }
            GroupItem::Empty(_) => Ok((vec![Vec::new()], GroupShape::Keys(Vec::new()))),
            GroupItem::Rollup(elements, _) => {
                let elements = binder.elements(elements, targets, groups, order)?;
                let prefix = |count| union_of(elements.iter().take(count));
                let sets = (0..=elements.len()).rev().map(prefix).collect();
                Ok((sets, GroupShape::Rollup(elements)))
            }
            GroupItem::Cube(elements, position) => {
                if elements.len() > CUBE_MAX {
                    return Err(BindError::at(BindErrorKind::CubeElements, *position));
                }
                let elements = binder.elements(elements, targets, groups, order)?;
                let all = 1usize << elements.len();
                let subset = |mask: usize| {
                    let chosen = elements.iter().enumerate();
                    union_of(chosen.filter(|(place, _)| mask >> place & 1 == 1).map(|(_, element)| element))
                };
                let sets = (0..all).map(subset).collect();
                Ok((sets, GroupShape::Cube(elements)))
            }
            GroupItem::Sets(items, _) => {
                let (mut sets, mut shapes) = (Vec::new(), Vec::new());
                for item in *items {
                    let (of_item, shape) = binder.item_sets(item, targets, groups, order)?;
                    sets.extend(of_item);
                    shapes.push(shape);
                    if sets.len() > SETS_MAX {
                        return Err(BindError::new(BindErrorKind::TooManySets));
                    }
                }
                Ok((sets, GroupShape::Sets(shapes)))
            }
        })
    }

    fn elements(
        &mut self,
        elements: &[Syntax<'_>],
        targets: &mut Vec<Target>,
        groups: &mut Groups,
        order: &[(usize, SortKey)],
    ) -> BindResult<Vec<Vec<u32>>> {
        elements.iter().map(|element| self.element_keys(element, targets, groups, order)).collect()
    }

    /// The keys of an element: `(a, b)` are two.
    fn element_keys(
        &mut self,
        element: &Syntax<'_>,
        targets: &mut Vec<Target>,
        groups: &mut Groups,
        order: &[(usize, SortKey)],
    ) -> BindResult<Vec<u32>> {
        let Tree::Row { fields, explicit: false } = &element.kind else {
            return Ok(vec![self.key_of(element, targets, groups, order)?]);
        };
        let mut keys = Vec::with_capacity(fields.len());
        for field in *fields {
            for key in self.deeper(|binder| binder.element_keys(field, targets, groups, order))? {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        Ok(keys)
    }

    fn key_of(
        &mut self,
        expression: &Syntax<'_>,
        targets: &mut Vec<Target>,
        groups: &mut Groups,
        order: &[(usize, SortKey)],
    ) -> BindResult<u32> {
        let place = self.named_target(expression, targets, Clause::GroupBy)?;
        self.refuse_in_key(&targets[place], targets[place].position)?;
        let target = &targets[place];
        let bound = Bound { expression: target.expression.clone(), position: target.position };
        let bound = self.settle(bound)?;
        targets[place].expression = bound.expression.clone();
        if let Some(known) = groups.keys.iter().position(|(known, _)| *known == place) {
            return Ok(known as u32);
        }
        // Groups come in the order that is asked for, if one is.
        let sorted = order.iter().find(|(known, _)| *known == place).map(|(_, key)| key.clone());
        let key = match sorted {
            Some(key) => key,
            None => self.group_key(bound)?,
        };
        groups.keys.push((place, key));
        Ok(groups.keys.len() as u32 - 1)
    }

    /// An output column that is grouped by holds no aggregate.
    fn refuse_in_key(&mut self, target: &Target, position: u32) -> BindResult<()> {
        let mut aggregate = None;
        let mut window = false;
        let level = self.level();
        target.expression.for_each_column(&mut |column| {
            if column.relation == level.aggregate_relation {
                aggregate = level.aggregate_positions.get(column.index as usize).copied();
            }
            window |= level.is_window(column.relation);
        });
        let place = Clause::GroupBy.name();
        if let Some(inner) = aggregate {
            return Err(BindError::at(BindErrorKind::AggregateNotAllowed { place }, inner));
        }
        if window {
            let inner = level.window_positions.last().copied().unwrap_or(position);
            return Err(BindError::at(BindErrorKind::WindowNotAllowed { place }, inner));
        }
        Ok(())
    }
}

fn union_of<'s>(sets: impl Iterator<Item = &'s Vec<u32>>) -> Vec<u32> {
    let mut union = Vec::new();
    for key in sets.flatten() {
        if !union.contains(key) {
            union.push(*key);
        }
    }
    union
}
