//! Plans whose input can be read in stretches: rows of one table, filtered, computed from and joined with what each task finds
//! for itself.
//!
//! Only what the program knows by itself may be computed there: types of the catalog's own, functions of users, subqueries and
//! what only a session knows are left to the task whose statement it is.

use super::Helping;
use crate::error::ExecuteResult;
use crate::run::Run;
use functions::Volatility;
use functions::table::{self, Implementation};
use plan::expression::{Expression, ExpressionKind, RelationId, SqlValue};
use plan::physical::{Estimate, HashJoin, IndexScan, Node, NodeKind, TableScan};
use std::sync::Arc;
use store::Bounds;
use types::Type;
use types::catalog::oid;

/// Bytes that helpers are let try to find, however little memory there is.
const TRIED_BYTES: usize = 64 << 10;

/// The types that may occur.
#[rustfmt::skip]
const TYPES: [u32; 23] = [
    oid::BOOL, oid::BYTEA, oid::CHAR, oid::NAME, oid::INT8, oid::INT2, oid::INT4, oid::TEXT, oid::OID, oid::JSON, oid::FLOAT4,
    oid::FLOAT8, oid::BPCHAR, oid::VARCHAR, oid::DATE, oid::TIME, oid::TIMESTAMP, oid::TIMESTAMPTZ, oid::INTERVAL, oid::TIMETZ,
    oid::NUMERIC, oid::UUID, oid::JSONB,
];

/// Rows of a table between two of its keys.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Which of the plan's scans is cut.
    pub relation: RelationId,
    /// Its rows.
    pub bounds: Bounds,
}

/// A plan of which several tasks do a part each.
#[derive(Debug)]
pub struct Divided<P> {
    /// The plan.
    pub plan: Arc<P>,
    relation: RelationId,
    tree: u64,
    /// Everything that is read.
    trees: Vec<u64>,
    /// How many bytes helpers are expected to find.
    expected: f64,
}

impl<P> Divided<P> {
    /// What is done with an input, of which so much is expected to come, if that can be read in stretches and is worth it: what each
    /// task makes for itself must cost less than what they share.
    pub fn new(
        plan: impl FnOnce() -> P,
        input: &Node,
        expected: Estimate,
        helping: &Helping,
    ) -> Option<Divided<P>> {
        if helping.most == 0 {
            return None;
        }
        let (leaf, scan, own) = leading(input)?;
        let cost = leaf.estimate.total_cost;
        // Of a table of which nothing is read it is known how many rows it has.
        let reads = !scan.columns.is_empty() || !scan.filter.is_empty();
        let mut trees = Vec::new();
        let once = || scans_of(input, scan.relation) == 1;
        let shared = input.estimate.total_cost - own;
        if !reads || cost < helping.scan_cost || own > shared || !is_simple(input, &mut trees) || !once() {
            return None;
        }
        let expected = expected.rows * f64::from(expected.width);
        Some(Divided { plan: Arc::new(plan()), relation: scan.relation, tree: scan.tree, trees, expected })
    }

    /// The stretches of its table for as many tasks as there may be, in order; none if it is not worth it.
    ///
    /// # Errors
    /// When the table cannot be read, or cannot be locked.
    pub fn stretches(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Vec<Stretch>> {
        let (most, memory) = (run.helpers_most(), run.world.settings.work_mem.max(TRIED_BYTES));
        if most == 0 || self.expected > memory as f64 {
            return Ok(Vec::new());
        }
        // Helpers lock nothing.
        for tree in &self.trees {
            run.tree(*tree)?;
        }
        let found = run.tree(self.tree)?.split(&Bounds::all(), most as u64 + 1)?;
        if found.len() < 2 {
            return Ok(Vec::new());
        }
        Ok(found.into_iter().map(|bounds| Stretch { relation: self.relation, bounds }).collect())
    }
}

/// The scan whose rows go one by one through everything up to an operator, and what it is expected to cost to make what they
/// are joined with.
fn leading(node: &Node) -> Option<(&Node, &TableScan, f64)> {
    match &node.kind {
        NodeKind::TableScan(scan) => Some((node, scan, 0.0)),
        NodeKind::Filter { input, once: false, .. } | NodeKind::Project { input, .. } => leading(input),
        NodeKind::HashJoin(join) if join.kind.is_by_rows_of_left() => {
            let (leaf, scan, own) = leading(&join.left)?;
            Some((leaf, scan, own + join.right.estimate.total_cost))
        }
        NodeKind::NestedLoopJoin { kind, left, right, .. } if kind.is_by_rows_of_left() => {
            let (leaf, scan, own) = leading(left)?;
            Some((leaf, scan, own + right.estimate.total_cost))
        }
        NodeKind::LookupJoin { kind, left, .. } if kind.is_by_rows_of_left() => leading(left),
        _ => None, // not row by row: of how many rows its result is made depends on others
    }
}

/// How many scans of a plan go by a number: one that is cut must be the only one.
fn scans_of(node: &Node, relation: RelationId) -> usize {
    let own = matches!(&node.kind, NodeKind::TableScan(scan) if scan.relation == relation);
    let mut found = usize::from(own);
    node.kind.for_each_input(&mut |input| found += scans_of(input, relation));
    found
}

/// Whether a task that knows nothing but the program can make the rows of a plan.
fn is_simple(node: &Node, trees: &mut Vec<u64>) -> bool {
    let mut simple = node.columns.iter().all(is_plain);
    let mut look = |expression: &Expression| simple &= is_known(expression);
    match &node.kind {
        NodeKind::TableScan(scan) => {
            scan.for_each_expression(&mut look);
            trees.push(scan.tree);
            trees.extend(scan.keyed.iter().map(|keyed| keyed.index_tree));
            simple && scan.sample.is_none() && scan.row_ids.is_none()
        }
        NodeKind::IndexScan(scan) => is_simple_index(scan, trees) && simple,
        NodeKind::Filter { input, conditions, once, .. } => {
            conditions.iter().for_each(look);
            simple && !once && is_simple(input, trees)
        }
        NodeKind::Project { input, expressions } => {
            expressions.iter().for_each(look);
            simple && is_simple(input, trees)
        }
        NodeKind::HashJoin(join) => {
            let HashJoin { kind: _, left, right, keys, nulls_equal: _, conditions } = join;
            keys.iter().flat_map(|(left, right, _)| [left, right]).for_each(&mut look);
            conditions.iter().for_each(look);
            simple && is_simple(left, trees) && is_simple(right, trees)
        }
        NodeKind::NestedLoopJoin { left, right, conditions, .. } => {
            conditions.iter().for_each(look);
            simple && is_simple(left, trees) && is_simple(right, trees)
        }
        NodeKind::LookupJoin { left, right, right_columns, conditions, .. } => {
            conditions.iter().for_each(look);
            simple
                && right_columns.iter().all(is_plain)
                && is_simple(left, trees)
                && is_simple_index(right, trees)
        }
        _ => false, // what is not listed is left to the statement's own task
    }
}

fn is_simple_index(scan: &IndexScan, trees: &mut Vec<u64>) -> bool {
    let mut simple = scan.searches.is_empty() && scan.nearest.is_none() && scan.include.iter().all(is_plain);
    simple &= scan.keys.iter().all(|key| is_plain(&key.key_type));
    let mut look = |expression: &Expression| simple &= is_known(expression);
    scan.for_each_bound(&mut look);
    scan.scan.for_each_expression(&mut look);
    trees.extend([scan.scan.tree, scan.index_tree]);
    simple
}

fn is_plain(of: &Type) -> bool {
    TYPES.contains(&of.oid)
}

/// Whether the program knows how to compute an expression, and that depends on nothing else.
pub fn is_known(expression: &Expression) -> bool {
    let mut known = true;
    expression.walk(&mut |part| {
        known = known && is_plain(&part.result) && is_known_kind(&part.kind);
        part.for_each_function(&mut |function| known = known && is_known_function(function.0));
    });
    known
}

fn is_known_kind(kind: &ExpressionKind) -> bool {
    match kind {
        ExpressionKind::Constant(_)
        | ExpressionKind::Parameter(_)
        | ExpressionKind::Slot(_)
        | ExpressionKind::Call(_)
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::Not(_)
        | ExpressionKind::IsNull { .. }
        | ExpressionKind::IsBoolean { .. }
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::Case { .. }
        | ExpressionKind::CaseOperand
        | ExpressionKind::Coalesce(_)
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::Relabel(_)
        | ExpressionKind::Collate { .. }
        | ExpressionKind::InList { .. }
        | ExpressionKind::RowCompare { .. } => true,
        ExpressionKind::SqlValue(value) => match value {
            SqlValue::CurrentDate
            | SqlValue::CurrentTime(_)
            | SqlValue::CurrentTimestamp(_)
            | SqlValue::LocalTime(_)
            | SqlValue::LocalTimestamp(_) => true,
            SqlValue::CurrentUser
            | SqlValue::SessionUser
            | SqlValue::CurrentCatalog
            | SqlValue::CurrentSchema => false,
        },
        ExpressionKind::Column(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::ThroughText(_)
        | ExpressionKind::ArrayCast { .. }
        | ExpressionKind::Element
        | ExpressionKind::RowCast { .. }
        | ExpressionKind::DomainCheck { .. }
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Replace { .. }
        | ExpressionKind::Quantified { .. }
        | ExpressionKind::Grouping(_)
        | ExpressionKind::Subquery(_)
        | ExpressionKind::Subplan { .. } => false,
    }
}

/// Whether it is a function of the program's that asks nothing of the session, and whose result is the same whenever it is called.
pub fn is_known_function(function: u32) -> bool {
    let Some(entry) = table::function(function) else { return false };
    let computed = match entry.implementation {
        Implementation::Scalar(_)
        | Implementation::Narrow(_)
        | Implementation::Masked(_)
        | Implementation::Comparison(_)
        | Implementation::Aggregate(_) => true,
        Implementation::Session(_)
        | Implementation::SessionSet(_)
        | Implementation::Set(_)
        | Implementation::Window(_)
        | Implementation::Missing => false,
    };
    computed && entry.volatility != Volatility::Volatile
}
