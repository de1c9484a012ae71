//! Groupings of a table that are joined by hash with few rows: the join tells the scan which keys these rows have, so that nearly
//! all others are passed over before anything is made of them.

use super::Lowering;
use super::access::bare;
use super::region::{Region, Set};
use crate::expression::{Column, Expression, ExpressionKind};
use crate::logical::{Grouping, Logical};
use crate::physical::Estimate;
use types::catalog::oid;

/// A table of fewer rows is grouped soon enough.
const LARGE: f64 = 50_000.0;
/// Only where the keys are at most so large a part of the groups is it sure that few rows are left.
const FEW: f64 = 0.1;

/// What a grouping costs if few of its keys are of use.
#[derive(Debug)]
pub(super) struct Narrowed {
    /// What it costs to pass over all rows of the table.
    scan: f64,
    /// The columns by which rows are passed over.
    columns: Vec<Column>,
}

impl Lowering<'_> {
    /// Of a plain grouping of one large table by whole numbers of it, among others.
    pub(super) fn narrowed(&self, logical: &Logical) -> Option<Narrowed> {
        match logical {
            Logical::Project { relation, input, expressions } => {
                let below = self.narrowed(input)?;
                let place = |expression: &Expression| Some(below.columns.contains(&expression.as_column()?));
                let own = (0..).zip(expressions).filter(|(_, expression)| place(expression) == Some(true));
                let columns: Vec<Column> =
                    own.map(|(index, _)| Column { relation: *relation, index }).collect();
                (!columns.is_empty()).then_some(Narrowed { columns, ..below })
            }
            Logical::Aggregate(grouping) => self.narrowed_grouping(grouping),
            _ => None, // what else makes rows is not told of keys
        }
    }

    fn narrowed_grouping(&self, grouping: &Grouping) -> Option<Narrowed> {
        let [set] = grouping.sets.as_slice() else { return None };
        let table = match &grouping.input {
            Logical::Filter { input, .. } => input,
            input => input,
        };
        let Logical::Scan(scan) = table else { return None };
        let facts = self.facts.table(scan.table);
        if facts.rows < LARGE || !scan.members.is_empty() || scan.sample.is_some() {
            return None;
        }
        let whole = |key: &Expression| matches!(key.result.oid, oid::INT2 | oid::INT4 | oid::INT8);
        let of_table = |key: &Expression| key.as_column().is_some_and(|key| key.relation == scan.relation);
        let keys = (0..).zip(&grouping.keys).filter(|(place, key)| {
            set.contains(place) && whole(&key.expression) && of_table(&key.expression)
        });
        let columns: Vec<Column> =
            keys.map(|(index, _)| Column { relation: grouping.relation, index }).collect();
        let settings = self.facts.settings();
        let scan = facts.pages * settings.seq_page_cost + facts.rows * settings.cpu_operator_cost;
        (!columns.is_empty()).then_some(Narrowed { scan, columns })
    }
}

impl Narrowed {
    /// What the grouping is expected to do beside so many rows, each of a key; `None` if these are too many.
    fn estimate(&self, whole: Estimate, rows: f64) -> Option<Estimate> {
        let part = rows / whole.rows.max(1.0);
        let total_cost = self.scan + (whole.total_cost - self.scan).max(0.0) * part;
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
    let named = |expression: &Expression| {
        let column = bare(expression).as_column();
        column.is_some_and(|column| narrowed.columns.contains(&column))
    };
    let is_told = |expression: &Expression| matches!(&expression.kind, ExpressionKind::Call(call) if call.arguments.iter().any(named));
    let told = match &of_leaf.attached {
        Some(attached) => {
            let mut all = attached.conditions.iter().zip(&attached.sides);
            all.any(|(condition, sides)| sides.is_some() && is_told(condition))
        }
        None => region
            .conditions
            .iter()
            .any(|condition| condition.is_key(1 << leaf, others) && is_told(&condition.expression)),
    };
    if told { narrowed.estimate(of_leaf.estimate, rows) } else { None }
}
