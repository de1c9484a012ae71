//! What things cost and how many rows they have, in PostgreSQL's units and by its rules of thumb.

mod combined;
mod dependency;
mod distinct;
mod group;
mod index;
mod node;
mod pattern;
mod scalar;
mod selectivity;
mod set;
mod unknown;
mod variable;

pub(crate) use group::{
    Grouped, hash_group_cost, hash_table_size, incremental_sort_cost, mixed_group_cost, ordered_group_cost,
    prefers_sorted, sorted_group_cost, unique_cost,
};
pub(crate) use index::{
    BitmapCost, IndexCost, RowIdCost, bitmap_scan_cost, index_scan_cost, index_tree_cost, lookup_cost,
    named_rows_cost, row_range_cost, table_scan_cost,
};
pub(crate) use node::{hash_join_cost, loop_cost, merge_join_cost, node_estimate, sort_cost};
pub(crate) use selectivity::{ROW_ID, Statistics, elements_of};
pub(crate) use set::set_rows;

use types::Type;
use types::catalog::builtin;
use types::catalog::oid;

/// Bytes of a page, as costs count them.
pub(crate) const PAGE_BYTES: f64 = 8192.0;

/// The cost of what a setting forbids: it is taken only if there is nothing else.
pub(crate) const FORBIDDEN: f64 = 1.0e10;

/// Bytes of a value of a type on average, if nothing better is known.
pub(crate) fn type_width(of: Type) -> u32 {
    match builtin(of.oid) {
        Some(entry) if entry.length > 0 => entry.length as u32,
        Some(entry) if entry.oid == oid::BPCHAR || entry.oid == oid::VARCHAR => match of.modifier {
            modifier @ 5.. if modifier < 260 => (modifier - 4) as u32,
            _ => 32,
        },
        Some(_) | None => 32,
    }
}

/// Rows are whole, and at least one is expected of anything.
pub(crate) fn clamp_rows(rows: f64) -> f64 {
    if rows.is_nan() || rows <= 1.0 { 1.0 } else { rows.min(1.0e100).round_ties_even() }
}

/// How many rows a limit asks for; a tenth where that is not known, as PostgreSQL has it.
pub(crate) fn selectivity_limit(limit: &crate::expression::Expression, rows: f64) -> f64 {
    match limit.as_constant() {
        Some(types::Value::Int64(limit)) => (*limit).max(0) as f64,
        Some(_) => rows,
        None => clamp_rows(rows * 0.1),
    }
}
