//! What operators cost beyond their inputs.

use super::{FORBIDDEN, PAGE_BYTES, clamp_rows, type_width};
use crate::facts::PlannerSettings;
use crate::physical::{Estimate, Node, NodeKind};
use types::Type;

/// Pages that so many rows take.
pub(super) fn pages(rows: f64, width: u32) -> f64 {
    (rows * (f64::from(width) + 24.0) / PAGE_BYTES).ceil()
}

/// Whether rows fit in the memory that a sort or a hash table may take.
pub(super) fn fits(settings: &PlannerSettings, rows: f64, width: u32) -> bool {
    rows * (f64::from(width) + 24.0) <= settings.work_mem as f64 * 1024.0
}

/// Up to how many rows a sort in memory costs what it does where rows are compared one with another: what is asked for so little
/// does not show how keys are sorted.
const COMPARED_ROWS: f64 = 65_536.0;
/// How many times less it costs of many more, which are sorted as packed keys side by side. What is left is to be weighed against
/// walking an index through a table as large, where every row is looked for by itself.
const PACKED_GAIN: f64 = 8.0;

/// Sorting an input; with a limit only the first rows are kept.
pub(crate) fn sort_cost(settings: &PlannerSettings, input: Estimate, limit: Option<f64>) -> Estimate {
    let rows = input.rows.max(2.0);
    let kept = limit.map_or(rows, |limit| limit.clamp(2.0, rows));
    let mut work = 2.0 * settings.cpu_operator_cost * rows * kept.log2().max(1.0);
    if fits(settings, kept, input.width) {
        work /= (kept / COMPARED_ROWS).clamp(1.0, PACKED_GAIN);
    } else {
        work += 2.0 * pages(kept, input.width) * settings.seq_page_cost * 0.75;
    }
    let forbidden = if settings.enable_sort { 0.0 } else { FORBIDDEN };
    let startup_cost = forbidden + input.total_cost + work;
    let out = limit.map_or(input.rows, |limit| limit.min(input.rows));
    Estimate {
        startup_cost,
        total_cost: startup_cost + settings.cpu_operator_cost * out,
        rows: out,
        width: input.width,
    }
}

/// A hash join of these inputs (the right one in the table), with so many keys, conditions and rows.
pub(crate) fn hash_join_cost(
    settings: &PlannerSettings,
    left: Estimate,
    right: Estimate,
    keys: f64,
    conditions: f64,
    rows: f64,
) -> (f64, f64) {
    let forbidden = if settings.enable_hashjoin { 0.0 } else { FORBIDDEN };
    let build = right.rows * (settings.cpu_operator_cost * keys + settings.cpu_tuple_cost);
    let probe = left.rows * settings.cpu_operator_cost * keys;
    let mut spill = 0.0;
    if !fits(settings, right.rows, right.width) {
        spill =
            2.0 * settings.seq_page_cost * (pages(left.rows, left.width) + pages(right.rows, right.width));
    }
    let out = rows * (settings.cpu_tuple_cost + conditions * settings.cpu_operator_cost);
    let startup = forbidden + left.startup_cost + right.total_cost + build;
    let total = startup + (left.total_cost - left.startup_cost) + probe + spill + out;
    (startup, total)
}

/// A merge join of sorted inputs.
pub(crate) fn merge_join_cost(
    settings: &PlannerSettings,
    left: Estimate,
    right: Estimate,
    conditions: f64,
    rows: f64,
) -> (f64, f64) {
    let forbidden = if settings.enable_mergejoin { 0.0 } else { FORBIDDEN };
    let work = (left.rows + right.rows) * settings.cpu_operator_cost;
    let out = rows * (settings.cpu_tuple_cost + conditions * settings.cpu_operator_cost);
    let startup = forbidden + left.startup_cost + right.startup_cost;
    (startup, forbidden + left.total_cost + right.total_cost + work + out)
}

/// A loop over kept rows.
pub(crate) fn loop_cost(
    settings: &PlannerSettings,
    left: Estimate,
    right: Estimate,
    conditions: f64,
    rows: f64,
) -> (f64, f64) {
    let forbidden = if settings.enable_nestloop { 0.0 } else { FORBIDDEN };
    let pairs = left.rows * right.rows;
    let work = pairs * (settings.cpu_operator_cost + conditions * settings.cpu_operator_cost);
    let out = rows * settings.cpu_tuple_cost;
    let startup = forbidden + left.startup_cost + right.startup_cost;
    (startup, forbidden + left.total_cost + right.total_cost + work + out)
}

/// Handing a row on costs this part of making one.
const HANDED_ON: f64 = 0.5;

/// Inputs one after the other.
fn append_costs(settings: &PlannerSettings, inputs: &[Node]) -> (f64, f64, f64) {
    let startup = inputs.first().map_or(0.0, |input| input.estimate.startup_cost);
    let total: f64 = inputs.iter().map(|input| input.estimate.total_cost).sum();
    let rows: f64 = inputs.iter().map(|input| input.estimate.rows).sum();
    (startup, total + rows * settings.cpu_tuple_cost * HANDED_ON, rows)
}

/// Sorted inputs as one.
fn merge_append_costs(settings: &PlannerSettings, inputs: &[Node]) -> (f64, f64, f64) {
    let of = |take: fn(&Estimate) -> f64| inputs.iter().map(|input| take(&input.estimate)).sum::<f64>();
    let compared = 2.0 * settings.cpu_operator_cost * (inputs.len().max(2) as f64).log2();
    let rows = of(|estimate| estimate.rows);
    let begun = compared * inputs.len() as f64;
    let startup = of(|estimate| estimate.startup_cost) + begun;
    let each = compared + settings.cpu_tuple_cost * HANDED_ON;
    (startup, of(|estimate| estimate.total_cost) + begun + rows * each, rows)
}

/// What an operator is expected to be. Where that depends on statistics of columns, whoever makes the operator says so.
pub(crate) fn node_estimate(settings: &PlannerSettings, kind: &NodeKind, columns: &[Type]) -> Estimate {
    let width = columns.iter().map(|of| type_width(*of)).sum();
    let tuple = settings.cpu_tuple_cost;
    let operator = settings.cpu_operator_cost;
    let whole =
        |startup_cost: f64, total_cost: f64, rows: f64| Estimate { startup_cost, total_cost, rows, width };
    let over = |input: &Node, per_row: f64, rows: f64| {
        let from = input.estimate;
        whole(from.startup_cost, from.total_cost + from.rows * per_row, rows)
    };
    match kind {
        NodeKind::Values { rows } => whole(0.0, rows.len() as f64 * tuple, rows.len() as f64),
        // Their makers know better.
        NodeKind::TableScan(_)
        | NodeKind::IndexScan(_)
        | NodeKind::BitmapScan(_)
        | NodeKind::FunctionScan { .. } => whole(0.0, tuple, 1.0),
        NodeKind::SystemScan { .. } => whole(0.0, 100.0 * tuple, 100.0),
        NodeKind::CommonTableScan { .. } | NodeKind::WorkTableScan { .. } | NodeKind::GivenScan { .. } => {
            whole(0.0, 100.0 * tuple, 100.0)
        }
        NodeKind::Filter { input, conditions, .. } => {
            over(input, conditions.len() as f64 * operator, clamp_rows(input.estimate.rows / 3.0))
        }
        NodeKind::Project { input, expressions } => {
            let work = expressions
                .iter()
                .filter(|given| !matches!(given.kind, crate::expression::ExpressionKind::Slot(_)));
            over(input, work.count() as f64 * operator, input.estimate.rows)
        }
        // Its maker knows how many rows they make of one.
        NodeKind::ProjectSet { input, calls } => {
            over(input, tuple + calls.len() as f64 * operator, input.estimate.rows)
        }
        NodeKind::Window { input, functions, .. } => {
            over(input, functions.len() as f64 * operator + tuple, input.estimate.rows)
        }
        NodeKind::Sort { input, .. } => Estimate { width, ..sort_cost(settings, input.estimate, None) },
        NodeKind::HashDistinct { .. }
        | NodeKind::SortedDistinct { .. }
        | NodeKind::HashAggregate(_)
        | NodeKind::SortedAggregate(_) => group_estimate(settings, kind, width),
        NodeKind::SortedSetOperation { input, keys, .. } => {
            over(input, keys.len() as f64 * operator, input.estimate.rows)
        }
        NodeKind::Memoize { input, .. } => over(input, operator, input.estimate.rows),
        NodeKind::LockRows { input, .. } => over(input, tuple, input.estimate.rows),
        NodeKind::Insert { input, .. }
        | NodeKind::Update { input, .. }
        | NodeKind::Delete { input, .. }
        | NodeKind::Merge { input, .. } => over(input, 0.0, input.estimate.rows),
        NodeKind::HashJoin(_)
        | NodeKind::MergeJoin(_)
        | NodeKind::NestedLoopJoin { .. }
        | NodeKind::Apply { .. }
        | NodeKind::LookupJoin { .. } => {
            let (startup, total, rows) = join_costs(settings, kind);
            whole(startup, total, rows)
        }
        NodeKind::TopN { .. } | NodeKind::Limit { .. } => limit_estimate(settings, kind, width),
        NodeKind::Append { .. }
        | NodeKind::MergeAppend { .. }
        | NodeKind::SetOperation { .. }
        | NodeKind::Recursive { .. } => {
            let (startup, total, rows) = set_costs(settings, kind, columns.len() as f64);
            whole(startup, total, rows)
        }
    }
}

/// Groups, as many as there are rows: whoever knows better says so.
fn group_estimate(settings: &PlannerSettings, kind: &NodeKind, width: u32) -> Estimate {
    let grouped = |input: &Node, calls: usize, hashed: bool| {
        let Estimate { startup_cost, total_cost, rows, .. } = input.estimate;
        let total_cost = total_cost + rows * calls as f64 * settings.cpu_operator_cost;
        let startup_cost = if hashed { total_cost } else { startup_cost };
        let out = if hashed { rows * settings.cpu_tuple_cost } else { 0.0 };
        Estimate { startup_cost, total_cost: total_cost + out, rows, width }
    };
    match kind {
        NodeKind::HashDistinct { input, keys } => grouped(input, keys.len(), true),
        NodeKind::SortedDistinct { input, keys } => grouped(input, keys.len(), false),
        NodeKind::HashAggregate(node) => grouped(&node.input, node.keys.len() + node.aggregates.len(), true),
        NodeKind::SortedAggregate(node) => {
            grouped(&node.input, node.keys.len() + node.aggregates.len(), false)
        }
        _ => Estimate { width, ..Estimate::default() },
    }
}

/// Costs and rows of what puts several inputs together.
fn set_costs(settings: &PlannerSettings, kind: &NodeKind, columns: f64) -> (f64, f64, f64) {
    match kind {
        NodeKind::Append { inputs, .. } => append_costs(settings, inputs),
        NodeKind::MergeAppend { inputs, .. } => merge_append_costs(settings, inputs),
        NodeKind::SetOperation { inputs, .. } => {
            let both = inputs.0.estimate.total_cost + inputs.1.estimate.total_cost;
            let work =
                (inputs.0.estimate.rows + inputs.1.estimate.rows) * settings.cpu_operator_cost * columns;
            (both + work, both + work, inputs.0.estimate.rows)
        }
        NodeKind::Recursive { start, step, .. } => {
            let total = start.estimate.total_cost + 10.0 * step.estimate.total_cost;
            (start.estimate.startup_cost, total, start.estimate.rows + 10.0 * step.estimate.rows)
        }
        _ => (0.0, 0.0, 1.0),
    }
}

/// The first rows of an input.
fn limit_estimate(settings: &PlannerSettings, kind: &NodeKind, width: u32) -> Estimate {
    match kind {
        NodeKind::TopN { input, limit, .. } => {
            let limit = super::selectivity_limit(limit, input.estimate.rows);
            Estimate { width, ..sort_cost(settings, input.estimate, Some(limit)) }
        }
        NodeKind::Limit { input, limit, offset, .. } => {
            let from = input.estimate;
            let skipped = offset.as_ref().map_or(0.0, |offset| super::selectivity_limit(offset, from.rows));
            let wanted = limit.as_ref().map_or(from.rows, |limit| super::selectivity_limit(limit, from.rows));
            let rows = wanted.min((from.rows - skipped).max(1.0));
            let part = ((rows + skipped) / from.rows.max(1.0)).min(1.0);
            let before = (skipped / from.rows.max(1.0)).min(1.0);
            let run = from.total_cost - from.startup_cost;
            Estimate {
                startup_cost: from.startup_cost + run * before,
                total_cost: from.startup_cost + run * part,
                rows: clamp_rows(rows),
                width,
            }
        }
        _ => Estimate { width, ..Estimate::default() },
    }
}

/// Costs and rows of a join whose conditions nobody has looked at.
fn join_costs(settings: &PlannerSettings, kind: &NodeKind) -> (f64, f64, f64) {
    match kind {
        NodeKind::HashJoin(join) => {
            let (left, right) = (join.left.estimate, join.right.estimate);
            let rows = clamp_rows(left.rows.max(right.rows));
            let conditions = join.conditions.len() as f64;
            let keys = join.keys.len() as f64;
            let (startup, total) = hash_join_cost(settings, left, right, keys, conditions, rows);
            (startup, total, rows)
        }
        NodeKind::MergeJoin(join) => {
            let (left, right) = (join.left.estimate, join.right.estimate);
            let rows = clamp_rows(left.rows.max(right.rows));
            let (startup, total) = merge_join_cost(settings, left, right, join.conditions.len() as f64, rows);
            (startup, total, rows)
        }
        NodeKind::NestedLoopJoin { left, right, conditions, .. } => {
            let rows = clamp_rows(left.estimate.rows * right.estimate.rows);
            let (startup, total) =
                loop_cost(settings, left.estimate, right.estimate, conditions.len() as f64, rows);
            (startup, total, rows)
        }
        NodeKind::Apply { left, right, .. } => {
            let rows = clamp_rows(left.estimate.rows * right.estimate.rows);
            let again = left.estimate.rows * right.estimate.total_cost;
            let total = left.estimate.total_cost + again + rows * settings.cpu_tuple_cost;
            (left.estimate.startup_cost + right.estimate.startup_cost, total, rows)
        }
        NodeKind::LookupJoin { left, .. } => {
            let from = left.estimate;
            (from.startup_cost, from.total_cost + from.rows * settings.cpu_tuple_cost, from.rows)
        }
        _ => (0.0, 0.0, 1.0),
    }
}
