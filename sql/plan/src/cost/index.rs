//! What it costs to read a table, wholly or by an index.

use super::FORBIDDEN;
use crate::facts::{IndexFacts, PlannerSettings, TableFacts};
use crate::physical::Estimate;

/// What is asked of an index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexCost {
    /// Which part of its keys is gone through.
    pub(crate) part: f64,
    /// How many ranges of it.
    pub(crate) ranges: f64,
    /// Which part of the table's rows comes out.
    pub(crate) out: f64,
    /// Conditions that are looked at row by row.
    pub(crate) filters: f64,
    /// Conditions that bound its keys.
    pub(crate) bounds: f64,
    /// Whether the table is not looked at.
    pub(crate) only: bool,
    /// How far the order of the index is that of the rows.
    pub(crate) correlation: f64,
}

/// A table from end to end.
pub(crate) fn table_scan_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    filters: f64,
    out: f64,
    width: u32,
) -> Estimate {
    let forbidden = if settings.enable_seqscan { 0.0 } else { FORBIDDEN };
    let cpu = table.rows * (settings.cpu_tuple_cost + filters * settings.cpu_operator_cost);
    Estimate {
        startup_cost: forbidden,
        total_cost: forbidden + table.pages * settings.seq_page_cost + cpu,
        rows: super::clamp_rows(table.rows * out),
        width,
    }
}

/// Conditions on the rows of a table that is read by row ids.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowIdCost {
    /// What it costs to look at those that tell the ids.
    pub(crate) tests: f64,
    /// How many others there are.
    pub(crate) filters: f64,
    /// Which part of the table's rows comes out.
    pub(crate) out: f64,
    /// Whether there is no other way to these rows.
    pub(crate) needed: bool,
}

impl RowIdCost {
    fn estimate(&self, settings: &PlannerSettings, table: &TableFacts, disk: f64, rows: f64) -> Estimate {
        let forbidden = if settings.enable_tidscan || self.needed { 0.0 } else { FORBIDDEN };
        let cpu = rows * (settings.cpu_tuple_cost + self.filters * settings.cpu_operator_cost);
        Estimate {
            startup_cost: forbidden + self.tests,
            total_cost: forbidden + self.tests + disk + cpu,
            rows: super::clamp_rows(table.rows * self.out),
            width: 0,
        }
    }
}

/// So many rows of a table by their ids, each on a page of its own (PostgreSQL's `cost_tidscan`).
pub(crate) fn named_rows_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    asked: RowIdCost,
    ids: f64,
    width: u32,
) -> Estimate {
    let disk = settings.random_page_cost * ids;
    Estimate { width, ..asked.estimate(settings, table, disk, ids) }
}

/// A part of a table's rows that lies together (PostgreSQL's `cost_tidrangescan`).
pub(crate) fn row_range_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    asked: RowIdCost,
    part: f64,
    width: u32,
) -> Estimate {
    let pages = (part * table.pages).ceil().max(1.0);
    let disk = settings.random_page_cost + settings.seq_page_cost * (pages - 1.0);
    Estimate { width, ..asked.estimate(settings, table, disk, part * table.rows) }
}

/// How many different pages of a table so many fetches touch.
fn pages_fetched(fetches: f64, pages: f64) -> f64 {
    let pages = pages.max(1.0);
    (2.0 * pages * fetches / (2.0 * pages + fetches)).min(pages).ceil().max(0.0)
}

/// A table by an index.
pub(crate) fn index_scan_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    index: &IndexFacts,
    asked: IndexCost,
    width: u32,
) -> Estimate {
    let allowed = settings.enable_indexscan && (!asked.only || settings.enable_indexonlyscan);
    let forbidden = if allowed { 0.0 } else { FORBIDDEN };
    let keys = (table.rows * asked.part).max(1.0);
    let (descent, index_cost) = index_tree_cost(settings, table, index, asked);
    let heap_cost = if asked.only {
        0.0
    } else {
        let scattered = pages_fetched(keys, table.pages) * settings.random_page_cost;
        let pages = (table.pages * asked.part).ceil().max(1.0);
        let together = settings.random_page_cost + (pages - 1.0) * settings.seq_page_cost;
        let square = asked.correlation * asked.correlation;
        scattered + square * (together - scattered)
    };
    let cpu = keys * (settings.cpu_tuple_cost + asked.filters * settings.cpu_operator_cost);
    Estimate {
        startup_cost: forbidden + descent,
        total_cost: forbidden + index_cost + heap_cost.max(0.0) + cpu,
        rows: super::clamp_rows(table.rows * asked.out),
        width,
    }
}

/// What it costs to go through a part of an index: to find its begin, and in all.
pub(crate) fn index_tree_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    index: &IndexFacts,
    asked: IndexCost,
) -> (f64, f64) {
    let keys = (table.rows * asked.part).max(1.0);
    let descent = asked.ranges
        * ((table.rows.max(2.0)).log2().ceil() * settings.cpu_operator_cost
            + (index.height + 1.0) * 50.0 * settings.cpu_operator_cost);
    let pages = (index.pages * asked.part).ceil().max(asked.ranges).max(1.0);
    let entries = keys * (settings.cpu_index_tuple_cost + asked.bounds * settings.cpu_operator_cost);
    (descent, descent + pages * settings.random_page_cost + entries)
}

/// What a set of row ids costs, and which part of a table's rows it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BitmapCost {
    /// What it costs to make it.
    pub(crate) cost: f64,
    /// Which part of the rows is in it.
    pub(crate) part: f64,
}

/// A table by row ids, in the order of its rows (PostgreSQL's `cost_bitmap_heap_scan`).
pub(crate) fn bitmap_scan_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    bitmap: BitmapCost,
    filters: f64,
    out: f64,
    width: u32,
) -> Estimate {
    let forbidden = if settings.enable_bitmapscan { 0.0 } else { FORBIDDEN };
    let keys = (table.rows * bitmap.part).max(1.0);
    let pages = pages_fetched(keys, table.pages).max(1.0);
    // The more pages are read, the more of them lie side by side.
    let near = (pages / table.pages.max(1.0)).sqrt();
    let page = settings.random_page_cost
        - if pages >= 2.0 { (settings.random_page_cost - settings.seq_page_cost) * near } else { 0.0 };
    let cpu = keys * (settings.cpu_tuple_cost + filters * settings.cpu_operator_cost);
    Estimate {
        startup_cost: forbidden + bitmap.cost,
        total_cost: forbidden + bitmap.cost + pages * page + cpu,
        rows: super::clamp_rows(table.rows * out),
        width,
    }
}

/// One lookup of many in an index: what was read once is in the cache the next time.
pub(crate) fn lookup_cost(
    settings: &PlannerSettings,
    table: &TableFacts,
    index: &IndexFacts,
    asked: IndexCost,
    lookups: f64,
) -> f64 {
    let forbidden = if settings.enable_indexscan { 0.0 } else { FORBIDDEN };
    let lookups = lookups.max(1.0);
    let keys = (table.rows * asked.part).max(0.1);
    let descent = (table.rows.max(2.0)).log2().ceil() * settings.cpu_operator_cost
        + (index.height + 1.0) * 50.0 * settings.cpu_operator_cost;
    let index_pages = pages_fetched(lookups * (index.pages * asked.part).max(1.0), index.pages.max(1.0));
    let heap_pages = if asked.only { 0.0 } else { pages_fetched(lookups * keys, table.pages) };
    let io = (index_pages + heap_pages) * settings.random_page_cost / lookups;
    let cpu = keys
        * (settings.cpu_index_tuple_cost
            + settings.cpu_tuple_cost
            + (asked.bounds + asked.filters) * settings.cpu_operator_cost);
    forbidden + descent + io + cpu
}
