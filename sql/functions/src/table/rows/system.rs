//! Rows of the table: system.

use crate::kernel::system;
use crate::table::entry::FunctionEntry;
use crate::table::entry::Implementation::Scalar;
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
    row(438, "num_nulls", &[ANY], INT4, "pg_num_nulls", Scalar(system::pg_num_nulls)).lenient().variadic(ANY),
    row(440, "num_nonnulls", &[ANY], INT4, "pg_num_nonnulls", Scalar(system::pg_num_nonnulls)).lenient().variadic(ANY),
    row(1081, "format_type", &[OID, INT4], TEXT, "format_type", Scalar(system::format_type)).stable().lenient(),
    row(1598, "random", &[], FLOAT8, "drandom", Scalar(system::drandom)).volatile(),
    row(1599, "setseed", &[FLOAT8], VOID, "setseed", Scalar(system::setseed)).volatile(),
    row(1619, "pg_typeof", &[ANY], REGTYPE, "pg_typeof", Scalar(system::pg_typeof)).stable().lenient(),
    row(3432, "gen_random_uuid", &[], UUID, "gen_random_uuid", Scalar(system::gen_random_uuid)).volatile(),
    row(3528, "enum_first", &[ANYENUM], ANYENUM, "enum_first", Scalar(system::enum_first)).stable().lenient(),
    row(3529, "enum_last", &[ANYENUM], ANYENUM, "enum_last", Scalar(system::enum_last)).stable().lenient(),
    row(3530, "enum_range", &[ANYENUM, ANYENUM], ANYARRAY, "enum_range_bounds", Scalar(system::enum_range_bounds)).stable().lenient(),
    row(3531, "enum_range", &[ANYENUM], ANYARRAY, "enum_range_all", Scalar(system::enum_range_all)).stable().lenient(),
];
