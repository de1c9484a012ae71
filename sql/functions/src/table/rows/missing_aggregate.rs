//! Rows of the table: known, not computed: aggregates.

use super::{Row, row};
use crate::table::entry::FunctionKind;
use crate::table::entry::Implementation::Missing;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(2901, "xmlagg", &[XML], XML, "", Missing).kind(FunctionKind::Aggregate { sort_operator: 0 }).lenient(),
    row(3986, "rank", &[ANY], INT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3988, "percent_rank", &[ANY], FLOAT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3990, "cume_dist", &[ANY], FLOAT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
    row(3992, "dense_rank", &[ANY], INT8, "", Missing).kind(FunctionKind::Hypothetical).lenient().variadic(ANY),
];
