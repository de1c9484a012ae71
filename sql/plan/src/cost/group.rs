//! What it costs to group rows, by a hash table or by an order, and to sort what is sorted in part.

use super::node::{fits, pages, sort_cost};
use super::{FORBIDDEN, clamp_rows};
use crate::facts::PlannerSettings;
use crate::physical::Estimate;

/// What is grouped.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grouped {
    /// By how many keys.
    pub(crate) keys: f64,
    /// How many aggregates.
    pub(crate) aggregates: f64,
    /// How many groups there are.
    pub(crate) groups: f64,
}

/// By a hash table.
pub(crate) fn hash_group_cost(settings: &PlannerSettings, input: Estimate, of: Grouped) -> Estimate {
    /// A group in the table, besides its values.
    const OVERHEAD: u32 = 56;
    let forbidden = if settings.enable_hashagg { 0.0 } else { FORBIDDEN };
    let work = input.rows * (of.keys + of.aggregates) * settings.cpu_operator_cost;
    let mut startup_cost = forbidden + input.total_cost + work;
    let mut out = of.groups * settings.cpu_tuple_cost;
    // A hash table may take twice the memory that a sort may.
    let roomy = PlannerSettings { work_mem: settings.work_mem.saturating_mul(2), ..settings.clone() };
    if !fits(&roomy, of.groups, input.width + OVERHEAD) {
        let written = 2.0 * pages(input.rows, input.width);
        startup_cost += written * settings.random_page_cost;
        out += written * settings.seq_page_cost;
    }
    Estimate { startup_cost, total_cost: startup_cost + out, rows: of.groups, width: input.width }
}

/// Of rows that are sorted by the keys.
pub(crate) fn sorted_group_cost(settings: &PlannerSettings, input: Estimate, of: Grouped) -> Estimate {
    let work = input.rows * (of.keys + of.aggregates) * settings.cpu_operator_cost;
    Estimate {
        startup_cost: input.startup_cost,
        total_cost: input.total_cost + work + of.groups * settings.cpu_tuple_cost,
        rows: of.groups,
        width: input.width,
    }
}

/// Some groups by order and some by hash, as far as the first of them go.
pub(crate) fn mixed_group_cost(settings: &PlannerSettings, input: Estimate, of: Grouped) -> Estimate {
    let forbidden = if settings.enable_hashagg { 0.0 } else { FORBIDDEN };
    let Estimate { startup_cost, total_cost, rows, width } = sorted_group_cost(settings, input, of);
    Estimate { startup_cost: startup_cost + forbidden, total_cost: total_cost + forbidden, rows, width }
}

/// How much of the memory for a hash table the groups of an input take.
pub(crate) fn hash_table_size(settings: &PlannerSettings, input: Estimate, groups: f64) -> f64 {
    /// A group in the table, besides its values.
    const OVERHEAD: f64 = 80.0;
    groups * (f64::from(input.width) + OVERHEAD) / (settings.work_mem as f64 * 2048.0)
}

/// Of rows that are sorted by the keys, of each group the first alone.
pub(crate) fn unique_cost(settings: &PlannerSettings, input: Estimate, of: Grouped) -> Estimate {
    let total_cost = input.total_cost + input.rows * of.keys * settings.cpu_operator_cost;
    Estimate { startup_cost: input.startup_cost, total_cost, rows: of.groups, width: input.width }
}

/// Of rows that are sorted by the keys: groups with aggregates, or without.
pub(crate) fn ordered_group_cost(settings: &PlannerSettings, input: Estimate, of: Grouped) -> Estimate {
    if of.aggregates > 0.0 {
        sorted_group_cost(settings, input, of)
    } else {
        unique_cost(settings, input, of)
    }
}

/// Sorting rows that are sorted by the first keys, which have `groups` values.
pub(crate) fn incremental_sort_cost(settings: &PlannerSettings, input: Estimate, groups: f64) -> Estimate {
    let groups = clamp_rows(groups);
    let run = (input.total_cost - input.startup_cost) / groups;
    // Groups are not of one size.
    let rows = 1.5 * input.rows.max(2.0) / groups;
    let none = Estimate { startup_cost: 0.0, total_cost: 0.0, rows, width: input.width };
    let allowed = PlannerSettings { enable_sort: true, ..settings.clone() };
    let sorted = sort_cost(&allowed, none, None);
    let of_group = sorted.total_cost - sorted.startup_cost;
    let startup_cost = input.startup_cost + run + sorted.startup_cost;
    let each = settings.cpu_tuple_cost + 2.0 * settings.cpu_operator_cost;
    let rest = of_group
        + (groups - 1.0) * (of_group + sorted.startup_cost + run)
        + each * input.rows
        + 2.0 * settings.cpu_tuple_cost * groups;
    Estimate { startup_cost, total_cost: startup_cost + rest, rows: input.rows, width: input.width }
}

/// Whether the way that gives sorted rows is taken: where costs are about the same the order counts (`add_path`).
pub(crate) fn prefers_sorted(sorted: Estimate, hashed: Estimate) -> bool {
    /// What differs by less is the same.
    const FUZZ: f64 = 1.01;
    if sorted.total_cost > hashed.total_cost * FUZZ {
        return false;
    }
    sorted.total_cost * FUZZ < hashed.total_cost
        || sorted.startup_cost <= hashed.startup_cost * FUZZ
        || sorted.total_cost <= hashed.total_cost
}
