//! Which columns of operators nobody above reads: those that conditions of a scan, keys of a join or of a sort alone are about. Whoever
//! makes them may leave nulls in their places.
//!
//! What holds
//! 1. Slots stay as they are: expressions are over the same columns.
//! 2. What changes or locks rows is asked for all columns of its input, and so is what compares whole rows. Whatever runs subplans
//!    and tables of `WITH` reads all of their columns.

use crate::expression::{Expression, ExpressionKind, SortKey};
use crate::physical::{AggregateNode, HashJoin, MergeJoin, Node, NodeKind, PhysicalJoinKind, Plan};
use std::collections::BTreeSet;

type Slots = BTreeSet<u32>;
/// Slots that are read; all, if there is no set.
type Asked = Option<Slots>;

/// Notes it in all operators of a plan.
pub(crate) fn note_unasked(plan: &mut Plan) {
    note(&mut plan.root, Some(plan.output.iter().map(|output| output.0).collect()));
    for beside in plan.subplans.iter_mut().chain(&mut plan.common_tables) {
        note(&mut beside.root, None);
    }
}

/// The slots that expressions read.
fn slots_of<'e>(expressions: impl IntoIterator<Item = &'e Expression>) -> Slots {
    let mut slots = Slots::new();
    for expression in expressions {
        expression.walk(&mut |part| {
            if let ExpressionKind::Slot(slot) = part.kind {
                slots.insert(slot);
            }
        });
    }
    slots
}

fn of_keys(keys: &[SortKey]) -> Slots {
    slots_of(keys.iter().map(|key| &key.expression))
}

fn of_grouping(grouping: &AggregateNode) -> Slots {
    let mut parts: Vec<&Expression> = grouping.keys.iter().map(|key| &key.expression).collect();
    grouping.aggregates.iter().for_each(|aggregate| aggregate.for_each_part(&mut |part| parts.push(part)));
    slots_of(parts)
}

/// What is asked for, and more.
fn with(asked: Asked, more: Slots) -> Asked {
    asked.map(|mut asked| {
        asked.extend(more);
        asked
    })
}

/// Slots of two sides: what of each is asked for, the first having so many columns.
fn sides(both: Asked, columns: usize) -> (Asked, Asked) {
    let Some(mut first) = both else { return (None, None) };
    let columns = columns as u32;
    let second = first.split_off(&columns);
    (Some(first), Some(second.into_iter().map(|slot| slot - columns).collect()))
}

/// The slots of a join's columns among those of both of its sides.
fn joined(kind: PhysicalJoinKind, asked: Asked, left: &Node) -> Asked {
    let columns = left.columns.len() as u32;
    let slots = asked?.into_iter();
    Some(match kind {
        PhysicalJoinKind::Inner
        | PhysicalJoinKind::Left
        | PhysicalJoinKind::Right
        | PhysicalJoinKind::Full
        | PhysicalJoinKind::Single => slots.collect(),
        PhysicalJoinKind::Semi
        | PhysicalJoinKind::Anti
        | PhysicalJoinKind::AntiNull
        | PhysicalJoinKind::Mark => slots.filter(|slot| *slot < columns).collect(),
        PhysicalJoinKind::RightSemi | PhysicalJoinKind::RightAnti => {
            slots.map(|slot| slot + columns).collect()
        }
    })
}

/// A join: the slots of each side that its keys read, and conditions over both.
fn note_sides(
    (kind, asked): (PhysicalJoinKind, Asked),
    (left, of_left): (&mut Node, Slots),
    (right, of_right): (&mut Node, Slots),
    conditions: &[Expression],
) {
    let both = with(joined(kind, asked, left), slots_of(conditions));
    let (below, other) = sides(both, left.columns.len());
    note(left, with(below, of_left));
    note(right, with(other, of_right));
}

/// Inputs of which everything is read.
fn note_whole<'n>(inputs: impl IntoIterator<Item = &'n mut Node>) {
    inputs.into_iter().for_each(|input| note(input, None));
}

fn note_hash_join(join: &mut HashJoin, asked: Asked) {
    let of_left = slots_of(join.keys.iter().map(|key| &key.0));
    let of_right = slots_of(join.keys.iter().map(|key| &key.1));
    note_sides((join.kind, asked), (&mut join.left, of_left), (&mut join.right, of_right), &join.conditions);
}

fn note_merge_join(join: &mut MergeJoin, asked: Asked) {
    let of_left = slots_of(join.keys.iter().map(|key| &key.0.expression));
    let of_right = slots_of(join.keys.iter().map(|key| &key.1.expression));
    note_sides((join.kind, asked), (&mut join.left, of_left), (&mut join.right, of_right), &join.conditions);
}

fn note(node: &mut Node, asked: Asked) {
    let is_unasked = |slot: &u32| asked.as_ref().is_some_and(|asked| !asked.contains(slot));
    node.unasked = (0..node.columns.len() as u32).filter(is_unasked).collect();
    match &mut node.kind {
        NodeKind::Values { .. }
        | NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::BitmapScan(_)
        | NodeKind::SystemScan { .. }
        | NodeKind::FunctionScan { .. }
        | NodeKind::CommonTableScan { .. }
        | NodeKind::WorkTableScan { .. }
        | NodeKind::GivenScan { .. } => {}
        NodeKind::HashJoin(join) => note_hash_join(join, asked),
        NodeKind::MergeJoin(join) => note_merge_join(join, asked),
        NodeKind::NestedLoopJoin { kind, left, right, conditions } => {
            note_sides((*kind, asked), (left, Slots::new()), (right, Slots::new()), conditions);
        }
        NodeKind::Apply { kind, left, right, outer, conditions } => {
            let given = outer.iter().map(|(_, slot)| *slot).collect();
            note_sides((*kind, asked), (left, given), (right, Slots::new()), conditions);
        }
        NodeKind::LookupJoin { kind, left, right, conditions, .. } => {
            let mut bounds = Vec::new();
            right.for_each_bound(&mut |bound| bounds.push(bound));
            let both = with(joined(*kind, asked, left), slots_of(&*conditions));
            let (below, _) = sides(both, left.columns.len());
            note(left, with(below, slots_of(bounds)));
        }
        NodeKind::Filter { input, conditions, .. } => note(input, with(asked, slots_of(&*conditions))),
        NodeKind::Project { input, expressions } => note(input, Some(slots_of(&*expressions))),
        NodeKind::ProjectSet { input, calls } => {
            let (below, _) = sides(asked, input.columns.len());
            note(input, with(below, slots_of(&*calls)));
        }
        NodeKind::HashAggregate(grouping) | NodeKind::SortedAggregate(grouping) => {
            let read = of_grouping(grouping);
            note(&mut grouping.input, Some(read));
        }
        NodeKind::Window { input, partition, order, functions, until } => {
            let (below, _) = sides(with(asked, slots_of(&*until)), input.columns.len());
            let mut parts = Vec::new();
            functions.iter().for_each(|function| function.for_each_part(&mut |part| parts.push(part)));
            let below = with(with(below, of_keys(partition)), of_keys(order));
            note(input, with(below, slots_of(parts)));
        }
        NodeKind::Sort { input, keys, .. }
        | NodeKind::TopN { input, keys, .. }
        | NodeKind::Limit { input, with_ties: keys, .. }
        | NodeKind::HashDistinct { input, keys }
        | NodeKind::SortedDistinct { input, keys } => note(input, with(asked, of_keys(keys))),
        NodeKind::Append { inputs, .. } => inputs.iter_mut().for_each(|input| note(input, asked.clone())),
        NodeKind::MergeAppend { inputs, keys, .. } => {
            let asked = with(asked, of_keys(keys));
            inputs.iter_mut().for_each(|input| note(input, asked.clone()));
        }
        NodeKind::Memoize { input, .. } => note(input, asked),
        NodeKind::SetOperation { inputs, .. } => note_whole([&mut inputs.0, &mut inputs.1]),
        NodeKind::Recursive { start, step, .. } => note_whole([&mut **start, &mut **step]),
        NodeKind::SortedSetOperation { input, .. }
        | NodeKind::LockRows { input, .. }
        | NodeKind::Insert { input, .. }
        | NodeKind::Update { input, .. }
        | NodeKind::Delete { input, .. }
        | NodeKind::Merge { input, .. } => note_whole([&mut **input]),
    }
}
