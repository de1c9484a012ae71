//! Rows of the table: system.

use crate::kernel::{send, system, text};
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
    row(89, "version", &[], TEXT, "pgsql_version", Scalar(system::version)).stable(),
    row(315, "pg_jit_available", &[], BOOL, "pg_jit_available", Scalar(system::pg_jit_available)).volatile(),
    row(324, "json_send", &[JSON], BYTEA, "json_send", Scalar(send::send)),
    row(438, "num_nulls", &[ANY], INT4, "pg_num_nulls", Scalar(system::pg_num_nulls)).lenient().variadic(ANY),
    row(440, "num_nonnulls", &[ANY], INT4, "pg_num_nonnulls", Scalar(system::pg_num_nonnulls)).lenient().variadic(ANY),
    row(1081, "format_type", &[OID, INT4], TEXT, "format_type", Scalar(system::format_type)).stable().lenient(),
    row(1264, "pg_char_to_encoding", &[NAME], INT4, "PG_char_to_encoding", Scalar(text::basic::char_to_encoding)).stable(),
    row(1598, "random", &[], FLOAT8, "drandom", Scalar(system::drandom)).volatile(),
    row(1599, "setseed", &[FLOAT8], VOID, "setseed", Scalar(system::setseed)).volatile(),
    row(1619, "pg_typeof", &[ANY], REGTYPE, "pg_typeof", Scalar(system::pg_typeof)).stable().lenient(),
    row(2319, "pg_encoding_max_length", &[INT4], INT4, "pg_encoding_max_length_sql", Scalar(text::basic::encoding_max_length)),
    row(2401, "array_send", &[ANYARRAY], BYTEA, "array_send", Scalar(send::send)).stable(),
    row(2403, "record_send", &[RECORD], BYTEA, "record_send", Scalar(send::send)).stable(),
    row(2405, "int2send", &[INT2], BYTEA, "int2send", Scalar(send::send)),
    row(2407, "int4send", &[INT4], BYTEA, "int4send", Scalar(send::send)),
    row(2409, "int8send", &[INT8], BYTEA, "int8send", Scalar(send::send)),
    row(2411, "int2vectorsend", &[INT2VECTOR], BYTEA, "int2vectorsend", Scalar(send::send)),
    row(2413, "byteasend", &[BYTEA], BYTEA, "byteasend", Scalar(send::send)),
    row(2415, "textsend", &[TEXT], BYTEA, "textsend", Scalar(send::send)).stable(),
    row(2417, "unknownsend", &[UNKNOWN], BYTEA, "unknownsend", Scalar(send::send)),
    row(2419, "oidsend", &[OID], BYTEA, "oidsend", Scalar(send::send)),
    row(2421, "oidvectorsend", &[OIDVECTOR], BYTEA, "oidvectorsend", Scalar(send::send)),
    row(2423, "namesend", &[NAME], BYTEA, "namesend", Scalar(send::send)).stable(),
    row(2425, "float4send", &[FLOAT4], BYTEA, "float4send", Scalar(send::send)),
    row(2427, "float8send", &[FLOAT8], BYTEA, "float8send", Scalar(send::send)),
    row(2431, "bpcharsend", &[BPCHAR], BYTEA, "bpcharsend", Scalar(send::send)).stable(),
    row(2433, "varcharsend", &[VARCHAR], BYTEA, "varcharsend", Scalar(send::send)).stable(),
    row(2435, "charsend", &[CHAR], BYTEA, "charsend", Scalar(send::send)),
    row(2437, "boolsend", &[BOOL], BYTEA, "boolsend", Scalar(send::send)),
    row(2441, "xidsend", &[XID], BYTEA, "xidsend", Scalar(send::send)),
    row(2443, "cidsend", &[CID], BYTEA, "cidsend", Scalar(send::send)),
    row(2445, "regprocsend", &[REGPROC], BYTEA, "regprocsend", Scalar(send::send)),
    row(2447, "regproceduresend", &[REGPROCEDURE], BYTEA, "regproceduresend", Scalar(send::send)),
    row(2449, "regopersend", &[REGOPER], BYTEA, "regopersend", Scalar(send::send)),
    row(2451, "regoperatorsend", &[REGOPERATOR], BYTEA, "regoperatorsend", Scalar(send::send)),
    row(2453, "regclasssend", &[REGCLASS], BYTEA, "regclasssend", Scalar(send::send)),
    row(2455, "regtypesend", &[REGTYPE], BYTEA, "regtypesend", Scalar(send::send)),
    row(2457, "bit_send", &[BIT], BYTEA, "bit_send", Scalar(send::send)),
    row(2459, "varbit_send", &[VARBIT], BYTEA, "varbit_send", Scalar(send::send)),
    row(2461, "numeric_send", &[NUMERIC], BYTEA, "numeric_send", Scalar(send::send)),
    row(2469, "date_send", &[DATE], BYTEA, "date_send", Scalar(send::send)),
    row(2471, "time_send", &[TIME], BYTEA, "time_send", Scalar(send::send)),
    row(2473, "timetz_send", &[TIMETZ], BYTEA, "timetz_send", Scalar(send::send)),
    row(2475, "timestamp_send", &[TIMESTAMP], BYTEA, "timestamp_send", Scalar(send::send)),
    row(2477, "timestamptz_send", &[TIMESTAMPTZ], BYTEA, "timestamptz_send", Scalar(send::send)),
    row(2479, "interval_send", &[INTERVAL], BYTEA, "interval_send", Scalar(send::send)),
    row(2493, "cash_send", &[MONEY], BYTEA, "cash_send", Scalar(send::send)),
    row(2503, "anyarray_send", &[ANYARRAY], BYTEA, "anyarray_send", Scalar(send::send)).stable(),
    row(2962, "uuid_send", &[UUID], BYTEA, "uuid_send", Scalar(send::send)),
    row(3432, "gen_random_uuid", &[], UUID, "gen_random_uuid", Scalar(system::gen_random_uuid)).volatile(),
    row(3528, "enum_first", &[ANYENUM], ANYENUM, "enum_first", Scalar(system::enum_first)).stable().lenient(),
    row(3529, "enum_last", &[ANYENUM], ANYENUM, "enum_last", Scalar(system::enum_last)).stable().lenient(),
    row(3530, "enum_range", &[ANYENUM, ANYENUM], ANYARRAY, "enum_range_bounds", Scalar(system::enum_range_bounds)).stable().lenient(),
    row(3531, "enum_range", &[ANYENUM], ANYARRAY, "enum_range_all", Scalar(system::enum_range_all)).stable().lenient(),
    row(3803, "jsonb_send", &[JSONB], BYTEA, "jsonb_send", Scalar(send::send)),
    row(4004, "jsonpath_send", &[JSONPATH], BYTEA, "jsonpath_send", Scalar(send::send)),
    row(4088, "regnamespacesend", &[REGNAMESPACE], BYTEA, "regnamespacesend", Scalar(send::send)),
    row(4095, "regrolesend", &[REGROLE], BYTEA, "regrolesend", Scalar(send::send)),
    row(4197, "regcollationsend", &[REGCOLLATION], BYTEA, "regcollationsend", Scalar(send::send)),
    row(4599, "brin_bloom_summary_send", &[PG_BRIN_BLOOM_SUMMARY], BYTEA, "brin_bloom_summary_send", Scalar(send::send)).stable(),
    row(4641, "brin_minmax_multi_summary_send", &[PG_BRIN_MINMAX_MULTI_SUMMARY], BYTEA, "brin_minmax_multi_summary_send", Scalar(send::send)).stable(),
    row(5083, "xid8send", &[XID8], BYTEA, "xid8send", Scalar(send::send)),
    row(5091, "anycompatiblearray_send", &[ANYCOMPATIBLEARRAY], BYTEA, "anycompatiblearray_send", Scalar(send::send)).stable(),
];
