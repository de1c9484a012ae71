//! Rows of the table: known, not computed: aggregates.

use crate::table::entry::Implementation::Missing;
use crate::table::entry::{FunctionEntry, FunctionKind};
use crate::table::oids::*;

use FunctionEntry as Row;

const fn row(
    oid: u32,
    name: &'static str,
    arguments: &'static [u32],
    result: u32,
    source: &'static str,
    implementation: crate::table::entry::Implementation,
) -> Row {
    Row::new(oid, name, arguments, result, source, implementation)
}

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(2797, "max", &[TID], TID, "", Missing).kind(FunctionKind::Aggregate { sort_operator: 2800 }).lenient(),
    row(2798, "min", &[TID], TID, "", Missing).kind(FunctionKind::Aggregate { sort_operator: 2799 }).lenient(),
    row(2901, "xmlagg", &[XML], XML, "", Missing).kind(FunctionKind::Aggregate { sort_operator: 0 }).lenient(),
    row(3986, "rank", &[ANY], INT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3988, "percent_rank", &[ANY], FLOAT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3990, "cume_dist", &[ANY], FLOAT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3992, "dense_rank", &[ANY], INT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
];
