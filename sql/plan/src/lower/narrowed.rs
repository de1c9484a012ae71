//! Groupings of large tables that are joined by hash with few rows: the join tells the scan which keys these rows have, so that
//! nearly all others are passed over before anything is made of them, or by an index are not even looked at.

use super::access::bare;
use super::region::{Region, Set};
use super::{Lowering, Planned};
use crate::expression::{Column, Expression, ExpressionKind};
use crate::logical::Logical;
use crate::physical::{AggregateNode, Estimate, HashJoin, Node, NodeKind, PhysicalJoinKind, TableScan};
use types::Type;
use types::catalog::oid;

/// A table of fewer rows is grouped soon enough.
const LARGE: f64 = 50_000.0;
/// Only where the keys are at most so large a part of the groups is it sure that few rows are left.
const FEW: f64 = 0.1;
/// Pages that are read for a key by an index.
const KEY_PAGES: f64 = 2.0;

/// What a grouping costs if few of its keys are of use: for each column that it may be told keys of.
#[derive(Debug)]
pub(super) struct Narrowed {
    columns: Vec<(Column, Told)>,
}

/// What is done by a plan that is told of keys.
#[derive(Debug, Clone, Copy)]
struct Told {
    /// However few there are.
    fixed: f64,
    /// For each of them.
    each: f64,
}

impl Lowering<'_> {
    /// Of a grouping by whole numbers of a large table, among others.
    pub(super) fn narrowed(&self, planned: &Planned) -> Option<Narrowed> {
        let slots = (0..).zip(&planned.layout).zip(&planned.node.columns);
        let columns: Vec<(Column, Told)> = slots
            .filter(|(_, of)| is_whole_number(**of))
            .filter_map(|((slot, column), _)| Some((*column, self.told(&planned.node, slot)?)))
            .collect();
        (!columns.is_empty()).then_some(Narrowed { columns })
    }

    /// What a plan does that is told which values of a column are of use; `None` if it does not listen. The executor's operators
    /// are asked the same (`Operator::restrictable`).
    fn told(&self, node: &Node, slot: u32) -> Option<Told> {
        match &node.kind {
            NodeKind::TableScan(scan) => self.told_scan(scan, slot),
            NodeKind::Project { input, expressions } => {
                self.told(input, slot_of(expressions.get(slot as usize)?)?)
            }
            NodeKind::Filter { input, conditions, once: false, .. } if self.are_plain(conditions) => {
                self.told(input, slot)
            }
            NodeKind::HashAggregate(grouping) => self.told(&grouping.input, key_slot(grouping, slot)?),
            NodeKind::HashJoin(join) if self.are_plain(&join.conditions) => self.told_join(join, slot),
            NodeKind::LookupJoin { kind, left, conditions, .. }
                if kind.is_by_rows_of_left() && self.are_plain(conditions) =>
            {
                ((slot as usize) < left.columns.len()).then(|| self.told(left, slot))?
            }
            _ => None, // what else makes rows is not told of keys
        }
    }

    fn told_join(&self, join: &HashJoin, slot: u32) -> Option<Told> {
        let (side, other) = match (slot as usize).checked_sub(join.left.columns.len()) {
            None if join.kind.is_by_rows_of_left() => (self.told(&join.left, slot)?, &join.right),
            Some(slot) if join.kind == PhysicalJoinKind::Inner => {
                (self.told(&join.right, slot as u32)?, &join.left)
            }
            None | Some(_) => return None,
        };
        Some(Told { fixed: side.fixed + other.estimate.total_cost, ..side })
    }

    fn told_scan(&self, scan: &TableScan, slot: u32) -> Option<Told> {
        let facts = self.facts.table(scan.table);
        let plain = scan.sample.is_none() && scan.row_ids.is_none() && self.are_plain(&scan.filter);
        if facts.rows < LARGE || !plain {
            return None;
        }
        let settings = self.facts.settings();
        if scan.keyed.iter().any(|keyed| keyed.slot == slot) {
            return Some(Told { fixed: 0.0, each: KEY_PAGES * settings.random_page_cost });
        }
        let fixed = facts.pages * settings.seq_page_cost + facts.rows * settings.cpu_operator_cost;
        Some(Told { fixed, each: 0.0 })
    }

    /// Whether conditions only compare, so that no row makes them fail.
    fn are_plain(&self, conditions: &[Expression]) -> bool {
        conditions.iter().all(|condition| match &condition.kind {
            ExpressionKind::Constant(_) | ExpressionKind::Slot(_) => true,
            ExpressionKind::And(terms) | ExpressionKind::Or(terms) => self.are_plain(terms),
            ExpressionKind::Not(operand) => self.are_plain(std::slice::from_ref(operand)),
            ExpressionKind::Call(call) => {
                self.facts.comparison(call.function).is_some() && self.are_plain(&call.arguments)
            }
            _ => false, // it may be that it cannot fail, but nothing is lost
        })
    }
}

fn is_whole_number(of: Type) -> bool {
    matches!(of.oid, oid::INT2 | oid::INT4 | oid::INT8)
}

fn slot_of(expression: &Expression) -> Option<u32> {
    match expression.kind {
        ExpressionKind::Slot(slot) => Some(slot),
        _ => None, // computed of rows
    }
}

/// The input's column that a key of a plain grouping is.
fn key_slot(grouping: &AggregateNode, slot: u32) -> Option<u32> {
    let [set] = grouping.sets.as_slice() else { return None };
    let key = grouping.keys.get(slot as usize).filter(|_| set.contains(&slot))?;
    slot_of(&key.expression)
}

/// Whether a leaf groups rows, and does no more.
pub(super) fn is_grouping(logical: &Logical) -> bool {
    match logical {
        Logical::Project { input, .. } => is_grouping(input),
        Logical::Aggregate(_) => true,
        _ => false,
    }
}

impl Told {
    /// What the grouping is expected to do beside so many rows, each of a key; `None` if these are too many.
    fn estimate(self, whole: Estimate, rows: f64) -> Option<Estimate> {
        let part = rows / whole.rows.max(1.0);
        let total_cost = self.fixed + self.each * rows + (whole.total_cost - self.fixed).max(0.0) * part;
        (part < FEW && total_cost < whole.total_cost).then_some(Estimate {
            startup_cost: total_cost,
            total_cost,
            rows: whole.rows * part,
            ..whole
        })
    }
}

/// What a leaf of a region is expected to do as the left side of a hash join whose right side is `others` of so many rows.
pub(super) fn narrowed(region: &Region, leaf: usize, others: Set, rows: f64) -> Option<Estimate> {
    let of_leaf = &region.leaves[leaf];
    let narrowed = of_leaf.narrowed.as_ref()?;
    let told_by = |expression: &Expression| {
        let ExpressionKind::Call(call) = &expression.kind else { return None };
        let known = |argument: &Expression| {
            let column = bare(argument).as_column()?;
            narrowed.columns.iter().find(|told| told.0 == column).map(|told| told.1)
        };
        call.arguments.iter().find_map(known)
    };
    let told: Vec<Told> = match &of_leaf.attached {
        Some(attached) => {
            let all = attached.conditions.iter().zip(&attached.sides).filter(|(_, sides)| sides.is_some());
            all.filter_map(|(condition, _)| told_by(condition)).collect()
        }
        None => {
            let all = region.conditions.iter().filter(|condition| condition.is_key(1 << leaf, others));
            all.filter_map(|condition| told_by(&condition.expression)).collect()
        }
    };
    let estimates = told.into_iter().filter_map(|told| told.estimate(of_leaf.estimate, rows));
    estimates.min_by(|left, right| left.total_cost.total_cmp(&right.total_cost))
}
