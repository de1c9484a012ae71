//! The built-in types, as PostgreSQL 15 numbers and names them: one table, from which everything else is asked.
//!
//! A type without a kind is known by name and number, so that messages and clients find it, and not supported.

use super::entry::{Category, Form, TypeEntry};
use super::module::module_type;
use crate::kind::Kind;

#[rustfmt::skip]
static TABLE: &[TypeEntry<'static>] = &[
    row(16, "bool", 1, true, Form::Base, Category::Boolean, true, b',', 0, 1000, Some(Kind::Bool)),
    row(17, "bytea", -1, false, Form::Base, Category::User, false, b',', 0, 1001, Some(Kind::Bytes)),
    row(18, "char", 1, true, Form::Base, Category::Internal, false, b',', 0, 1002, Some(Kind::Int16)),
    row(19, "name", 64, false, Form::Base, Category::String, false, b',', 18, 1003, Some(Kind::Bytes)),
    row(20, "int8", 8, true, Form::Base, Category::Numeric, false, b',', 0, 1016, Some(Kind::Int64)),
    row(21, "int2", 2, true, Form::Base, Category::Numeric, false, b',', 0, 1005, Some(Kind::Int16)),
    row(22, "int2vector", -1, false, Form::Base, Category::Array, false, b',', 21, 1006, Some(Kind::Bytes)),
    row(23, "int4", 4, true, Form::Base, Category::Numeric, false, b',', 0, 1007, Some(Kind::Int32)),
    row(24, "regproc", 4, true, Form::Base, Category::Numeric, false, b',', 0, 1008, Some(Kind::Int32)),
    row(25, "text", -1, false, Form::Base, Category::String, true, b',', 0, 1009, Some(Kind::Bytes)),
    row(26, "oid", 4, true, Form::Base, Category::Numeric, true, b',', 0, 1028, Some(Kind::Int32)),
    row(27, "tid", 6, false, Form::Base, Category::User, false, b',', 0, 1010, Some(Kind::Int64)),
    row(28, "xid", 4, true, Form::Base, Category::User, false, b',', 0, 1011, Some(Kind::Int32)),
    row(29, "cid", 4, true, Form::Base, Category::User, false, b',', 0, 1012, Some(Kind::Int32)),
    row(30, "oidvector", -1, false, Form::Base, Category::Array, false, b',', 26, 1013, Some(Kind::Bytes)),
    row(32, "pg_ddl_command", 8, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, Some(Kind::Bytes)),
    row(114, "json", -1, false, Form::Base, Category::User, false, b',', 0, 199, Some(Kind::Bytes)),
    row(142, "xml", -1, false, Form::Base, Category::User, false, b',', 0, 143, None),
    row(143, "_xml", -1, false, Form::Array, Category::Array, false, b',', 142, 0, None),
    row(194, "pg_node_tree", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, Some(Kind::Bytes)),
    row(199, "_json", -1, false, Form::Array, Category::Array, false, b',', 114, 0, Some(Kind::Bytes)),
    row(269, "table_am_handler", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(271, "_xid8", -1, false, Form::Array, Category::Array, false, b',', 5069, 0, Some(Kind::Bytes)),
    row(325, "index_am_handler", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(600, "point", 16, false, Form::Base, Category::Geometric, false, b',', 701, 1017, Some(Kind::Bytes)),
    row(601, "lseg", 32, false, Form::Base, Category::Geometric, false, b',', 600, 1018, Some(Kind::Bytes)),
    row(602, "path", -1, false, Form::Base, Category::Geometric, false, b',', 0, 1019, Some(Kind::Bytes)),
    row(603, "box", 32, false, Form::Base, Category::Geometric, false, b';', 600, 1020, Some(Kind::Bytes)),
    row(604, "polygon", -1, false, Form::Base, Category::Geometric, false, b',', 0, 1027, Some(Kind::Bytes)),
    row(628, "line", 24, false, Form::Base, Category::Geometric, false, b',', 701, 629, Some(Kind::Bytes)),
    row(629, "_line", -1, false, Form::Array, Category::Array, false, b',', 628, 0, Some(Kind::Bytes)),
    row(650, "cidr", -1, false, Form::Base, Category::Network, false, b',', 0, 651, Some(Kind::Bytes)),
    row(651, "_cidr", -1, false, Form::Array, Category::Array, false, b',', 650, 0, Some(Kind::Bytes)),
    row(700, "float4", 4, true, Form::Base, Category::Numeric, false, b',', 0, 1021, Some(Kind::Float32)),
    row(701, "float8", 8, true, Form::Base, Category::Numeric, true, b',', 0, 1022, Some(Kind::Float64)),
    row(705, "unknown", -2, false, Form::Pseudo, Category::Unknown, false, b',', 0, 0, Some(Kind::Bytes)),
    row(718, "circle", 24, false, Form::Base, Category::Geometric, false, b',', 0, 719, Some(Kind::Bytes)),
    row(719, "_circle", -1, false, Form::Array, Category::Array, false, b',', 718, 0, Some(Kind::Bytes)),
    row(774, "macaddr8", 8, false, Form::Base, Category::User, false, b',', 0, 775, Some(Kind::Bytes)),
    row(775, "_macaddr8", -1, false, Form::Array, Category::Array, false, b',', 774, 0, Some(Kind::Bytes)),
    row(790, "money", 8, true, Form::Base, Category::Numeric, false, b',', 0, 791, Some(Kind::Int64)),
    row(791, "_money", -1, false, Form::Array, Category::Array, false, b',', 790, 0, Some(Kind::Bytes)),
    row(829, "macaddr", 6, false, Form::Base, Category::User, false, b',', 0, 1040, Some(Kind::Bytes)),
    row(869, "inet", -1, false, Form::Base, Category::Network, true, b',', 0, 1041, Some(Kind::Bytes)),
    row(1000, "_bool", -1, false, Form::Array, Category::Array, false, b',', 16, 0, Some(Kind::Bytes)),
    row(1001, "_bytea", -1, false, Form::Array, Category::Array, false, b',', 17, 0, Some(Kind::Bytes)),
    row(1002, "_char", -1, false, Form::Array, Category::Array, false, b',', 18, 0, Some(Kind::Bytes)),
    row(1003, "_name", -1, false, Form::Array, Category::Array, false, b',', 19, 0, Some(Kind::Bytes)),
    row(1005, "_int2", -1, false, Form::Array, Category::Array, false, b',', 21, 0, Some(Kind::Bytes)),
    row(1006, "_int2vector", -1, false, Form::Array, Category::Array, false, b',', 22, 0, Some(Kind::Bytes)),
    row(1007, "_int4", -1, false, Form::Array, Category::Array, false, b',', 23, 0, Some(Kind::Bytes)),
    row(1008, "_regproc", -1, false, Form::Array, Category::Array, false, b',', 24, 0, Some(Kind::Bytes)),
    row(1009, "_text", -1, false, Form::Array, Category::Array, false, b',', 25, 0, Some(Kind::Bytes)),
    row(1010, "_tid", -1, false, Form::Array, Category::Array, false, b',', 27, 0, Some(Kind::Bytes)),
    row(1011, "_xid", -1, false, Form::Array, Category::Array, false, b',', 28, 0, Some(Kind::Bytes)),
    row(1012, "_cid", -1, false, Form::Array, Category::Array, false, b',', 29, 0, Some(Kind::Bytes)),
    row(1013, "_oidvector", -1, false, Form::Array, Category::Array, false, b',', 30, 0, Some(Kind::Bytes)),
    row(1014, "_bpchar", -1, false, Form::Array, Category::Array, false, b',', 1042, 0, Some(Kind::Bytes)),
    row(1015, "_varchar", -1, false, Form::Array, Category::Array, false, b',', 1043, 0, Some(Kind::Bytes)),
    row(1016, "_int8", -1, false, Form::Array, Category::Array, false, b',', 20, 0, Some(Kind::Bytes)),
    row(1017, "_point", -1, false, Form::Array, Category::Array, false, b',', 600, 0, Some(Kind::Bytes)),
    row(1018, "_lseg", -1, false, Form::Array, Category::Array, false, b',', 601, 0, Some(Kind::Bytes)),
    row(1019, "_path", -1, false, Form::Array, Category::Array, false, b',', 602, 0, Some(Kind::Bytes)),
    row(1020, "_box", -1, false, Form::Array, Category::Array, false, b';', 603, 0, Some(Kind::Bytes)),
    row(1021, "_float4", -1, false, Form::Array, Category::Array, false, b',', 700, 0, Some(Kind::Bytes)),
    row(1022, "_float8", -1, false, Form::Array, Category::Array, false, b',', 701, 0, Some(Kind::Bytes)),
    row(1027, "_polygon", -1, false, Form::Array, Category::Array, false, b',', 604, 0, Some(Kind::Bytes)),
    row(1028, "_oid", -1, false, Form::Array, Category::Array, false, b',', 26, 0, Some(Kind::Bytes)),
    row(1033, "aclitem", 12, false, Form::Base, Category::User, false, b',', 0, 1034, Some(Kind::Bytes)),
    row(1034, "_aclitem", -1, false, Form::Array, Category::Array, false, b',', 1033, 0, Some(Kind::Bytes)),
    row(1040, "_macaddr", -1, false, Form::Array, Category::Array, false, b',', 829, 0, Some(Kind::Bytes)),
    row(1041, "_inet", -1, false, Form::Array, Category::Array, false, b',', 869, 0, Some(Kind::Bytes)),
    row(1042, "bpchar", -1, false, Form::Base, Category::String, false, b',', 0, 1014, Some(Kind::Bytes)),
    row(1043, "varchar", -1, false, Form::Base, Category::String, false, b',', 0, 1015, Some(Kind::Bytes)),
    row(1082, "date", 4, true, Form::Base, Category::DateTime, false, b',', 0, 1182, Some(Kind::Int32)),
    row(1083, "time", 8, true, Form::Base, Category::DateTime, false, b',', 0, 1183, Some(Kind::Int64)),
    row(1114, "timestamp", 8, true, Form::Base, Category::DateTime, false, b',', 0, 1115, Some(Kind::Int64)),
    row(1115, "_timestamp", -1, false, Form::Array, Category::Array, false, b',', 1114, 0, Some(Kind::Bytes)),
    row(1182, "_date", -1, false, Form::Array, Category::Array, false, b',', 1082, 0, Some(Kind::Bytes)),
    row(1183, "_time", -1, false, Form::Array, Category::Array, false, b',', 1083, 0, Some(Kind::Bytes)),
    row(1184, "timestamptz", 8, true, Form::Base, Category::DateTime, true, b',', 0, 1185, Some(Kind::Int64)),
    row(1185, "_timestamptz", -1, false, Form::Array, Category::Array, false, b',', 1184, 0, Some(Kind::Bytes)),
    row(1186, "interval", 16, false, Form::Base, Category::Timespan, true, b',', 0, 1187, Some(Kind::Interval)),
    row(1187, "_interval", -1, false, Form::Array, Category::Array, false, b',', 1186, 0, Some(Kind::Bytes)),
    row(1231, "_numeric", -1, false, Form::Array, Category::Array, false, b',', 1700, 0, Some(Kind::Bytes)),
    row(1263, "_cstring", -1, false, Form::Array, Category::Array, false, b',', 2275, 0, Some(Kind::Bytes)),
    row(1266, "timetz", 12, false, Form::Base, Category::DateTime, false, b',', 0, 1270, Some(Kind::TimeTz)),
    row(1270, "_timetz", -1, false, Form::Array, Category::Array, false, b',', 1266, 0, Some(Kind::Bytes)),
    row(1560, "bit", -1, false, Form::Base, Category::BitString, false, b',', 0, 1561, Some(Kind::Bytes)),
    row(1561, "_bit", -1, false, Form::Array, Category::Array, false, b',', 1560, 0, Some(Kind::Bytes)),
    row(1562, "varbit", -1, false, Form::Base, Category::BitString, true, b',', 0, 1563, Some(Kind::Bytes)),
    row(1563, "_varbit", -1, false, Form::Array, Category::Array, false, b',', 1562, 0, Some(Kind::Bytes)),
    row(1700, "numeric", -1, false, Form::Base, Category::Numeric, false, b',', 0, 1231, Some(Kind::Numeric)),
    row(1790, "refcursor", -1, false, Form::Base, Category::User, false, b',', 0, 2201, Some(Kind::Bytes)),
    row(2201, "_refcursor", -1, false, Form::Array, Category::Array, false, b',', 1790, 0, Some(Kind::Bytes)),
    row(2202, "regprocedure", 4, true, Form::Base, Category::Numeric, false, b',', 0, 2207, Some(Kind::Int32)),
    row(2203, "regoper", 4, true, Form::Base, Category::Numeric, false, b',', 0, 2208, Some(Kind::Int32)),
    row(2204, "regoperator", 4, true, Form::Base, Category::Numeric, false, b',', 0, 2209, Some(Kind::Int32)),
    row(2205, "regclass", 4, true, Form::Base, Category::Numeric, false, b',', 0, 2210, Some(Kind::Int32)),
    row(2206, "regtype", 4, true, Form::Base, Category::Numeric, false, b',', 0, 2211, Some(Kind::Int32)),
    row(2207, "_regprocedure", -1, false, Form::Array, Category::Array, false, b',', 2202, 0, Some(Kind::Bytes)),
    row(2208, "_regoper", -1, false, Form::Array, Category::Array, false, b',', 2203, 0, Some(Kind::Bytes)),
    row(2209, "_regoperator", -1, false, Form::Array, Category::Array, false, b',', 2204, 0, Some(Kind::Bytes)),
    row(2210, "_regclass", -1, false, Form::Array, Category::Array, false, b',', 2205, 0, Some(Kind::Bytes)),
    row(2211, "_regtype", -1, false, Form::Array, Category::Array, false, b',', 2206, 0, Some(Kind::Bytes)),
    row(2249, "record", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 2287, Some(Kind::Bytes)),
    row(2275, "cstring", -2, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 1263, Some(Kind::Bytes)),
    row(2276, "any", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(2277, "anyarray", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, Some(Kind::Bytes)),
    row(2278, "void", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, Some(Kind::Bytes)),
    row(2279, "trigger", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, Some(Kind::Bytes)),
    row(2280, "language_handler", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(2281, "internal", 8, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(2283, "anyelement", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(2287, "_record", -1, false, Form::Array, Category::Pseudo, false, b',', 2249, 0, Some(Kind::Bytes)),
    row(2776, "anynonarray", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(2949, "_txid_snapshot", -1, false, Form::Array, Category::Array, false, b',', 2970, 0, Some(Kind::Bytes)),
    row(2950, "uuid", 16, false, Form::Base, Category::User, false, b',', 0, 2951, Some(Kind::Uuid)),
    row(2951, "_uuid", -1, false, Form::Array, Category::Array, false, b',', 2950, 0, Some(Kind::Bytes)),
    row(2970, "txid_snapshot", -1, false, Form::Base, Category::User, false, b',', 0, 2949, Some(Kind::Bytes)),
    row(3115, "fdw_handler", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(3220, "pg_lsn", 8, true, Form::Base, Category::User, false, b',', 0, 3221, Some(Kind::Int64)),
    row(3221, "_pg_lsn", -1, false, Form::Array, Category::Array, false, b',', 3220, 0, Some(Kind::Bytes)),
    row(3310, "tsm_handler", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(3361, "pg_ndistinct", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, Some(Kind::Bytes)),
    row(3402, "pg_dependencies", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, Some(Kind::Bytes)),
    row(3500, "anyenum", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(3614, "tsvector", -1, false, Form::Base, Category::User, false, b',', 0, 3643, Some(Kind::Bytes)),
    row(3615, "tsquery", -1, false, Form::Base, Category::User, false, b',', 0, 3645, Some(Kind::Bytes)),
    row(3642, "gtsvector", -1, false, Form::Base, Category::User, false, b',', 0, 3644, None),
    row(3643, "_tsvector", -1, false, Form::Array, Category::Array, false, b',', 3614, 0, Some(Kind::Bytes)),
    row(3644, "_gtsvector", -1, false, Form::Array, Category::Array, false, b',', 3642, 0, None),
    row(3645, "_tsquery", -1, false, Form::Array, Category::Array, false, b',', 3615, 0, Some(Kind::Bytes)),
    row(3734, "regconfig", 4, true, Form::Base, Category::Numeric, false, b',', 0, 3735, Some(Kind::Int32)),
    row(3735, "_regconfig", -1, false, Form::Array, Category::Array, false, b',', 3734, 0, Some(Kind::Bytes)),
    row(3769, "regdictionary", 4, true, Form::Base, Category::Numeric, false, b',', 0, 3770, Some(Kind::Int32)),
    row(3770, "_regdictionary", -1, false, Form::Array, Category::Array, false, b',', 3769, 0, Some(Kind::Bytes)),
    row(3802, "jsonb", -1, false, Form::Base, Category::User, false, b',', 0, 3807, Some(Kind::Bytes)),
    row(3807, "_jsonb", -1, false, Form::Array, Category::Array, false, b',', 3802, 0, Some(Kind::Bytes)),
    row(3831, "anyrange", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(3838, "event_trigger", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(3904, "int4range", -1, false, Form::Range, Category::Range, false, b',', 0, 3905, Some(Kind::Bytes)),
    row(3905, "_int4range", -1, false, Form::Array, Category::Array, false, b',', 3904, 0, Some(Kind::Bytes)),
    row(3906, "numrange", -1, false, Form::Range, Category::Range, false, b',', 0, 3907, Some(Kind::Bytes)),
    row(3907, "_numrange", -1, false, Form::Array, Category::Array, false, b',', 3906, 0, Some(Kind::Bytes)),
    row(3908, "tsrange", -1, false, Form::Range, Category::Range, false, b',', 0, 3909, Some(Kind::Bytes)),
    row(3909, "_tsrange", -1, false, Form::Array, Category::Array, false, b',', 3908, 0, Some(Kind::Bytes)),
    row(3910, "tstzrange", -1, false, Form::Range, Category::Range, false, b',', 0, 3911, Some(Kind::Bytes)),
    row(3911, "_tstzrange", -1, false, Form::Array, Category::Array, false, b',', 3910, 0, Some(Kind::Bytes)),
    row(3912, "daterange", -1, false, Form::Range, Category::Range, false, b',', 0, 3913, Some(Kind::Bytes)),
    row(3913, "_daterange", -1, false, Form::Array, Category::Array, false, b',', 3912, 0, Some(Kind::Bytes)),
    row(3926, "int8range", -1, false, Form::Range, Category::Range, false, b',', 0, 3927, Some(Kind::Bytes)),
    row(3927, "_int8range", -1, false, Form::Array, Category::Array, false, b',', 3926, 0, Some(Kind::Bytes)),
    row(4072, "jsonpath", -1, false, Form::Base, Category::User, false, b',', 0, 4073, Some(Kind::Bytes)),
    row(4073, "_jsonpath", -1, false, Form::Array, Category::Array, false, b',', 4072, 0, Some(Kind::Bytes)),
    row(4089, "regnamespace", 4, true, Form::Base, Category::Numeric, false, b',', 0, 4090, Some(Kind::Int32)),
    row(4090, "_regnamespace", -1, false, Form::Array, Category::Array, false, b',', 4089, 0, Some(Kind::Bytes)),
    row(4096, "regrole", 4, true, Form::Base, Category::Numeric, false, b',', 0, 4097, Some(Kind::Int32)),
    row(4097, "_regrole", -1, false, Form::Array, Category::Array, false, b',', 4096, 0, Some(Kind::Bytes)),
    row(4191, "regcollation", 4, true, Form::Base, Category::Numeric, false, b',', 0, 4192, Some(Kind::Int32)),
    row(4192, "_regcollation", -1, false, Form::Array, Category::Array, false, b',', 4191, 0, Some(Kind::Bytes)),
    row(4451, "int4multirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6150, Some(Kind::Bytes)),
    row(4532, "nummultirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6151, Some(Kind::Bytes)),
    row(4533, "tsmultirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6152, Some(Kind::Bytes)),
    row(4534, "tstzmultirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6153, Some(Kind::Bytes)),
    row(4535, "datemultirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6155, Some(Kind::Bytes)),
    row(4536, "int8multirange", -1, false, Form::Multirange, Category::Range, false, b',', 0, 6157, Some(Kind::Bytes)),
    row(4537, "anymultirange", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(4538, "anycompatiblemultirange", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(4600, "pg_brin_bloom_summary", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, None),
    row(4601, "pg_brin_minmax_multi_summary", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, None),
    row(5017, "pg_mcv_list", -1, false, Form::Base, Category::Internal, false, b',', 0, 0, Some(Kind::Bytes)),
    row(5038, "pg_snapshot", -1, false, Form::Base, Category::User, false, b',', 0, 5039, Some(Kind::Bytes)),
    row(5039, "_pg_snapshot", -1, false, Form::Array, Category::Array, false, b',', 5038, 0, Some(Kind::Bytes)),
    row(5069, "xid8", 8, true, Form::Base, Category::User, false, b',', 0, 271, Some(Kind::Int64)),
    row(5077, "anycompatible", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(5078, "anycompatiblearray", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(5079, "anycompatiblenonarray", 4, true, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(5080, "anycompatiblerange", -1, false, Form::Pseudo, Category::Pseudo, false, b',', 0, 0, None),
    row(6150, "_int4multirange", -1, false, Form::Array, Category::Array, false, b',', 4451, 0, Some(Kind::Bytes)),
    row(6151, "_nummultirange", -1, false, Form::Array, Category::Array, false, b',', 4532, 0, Some(Kind::Bytes)),
    row(6152, "_tsmultirange", -1, false, Form::Array, Category::Array, false, b',', 4533, 0, Some(Kind::Bytes)),
    row(6153, "_tstzmultirange", -1, false, Form::Array, Category::Array, false, b',', 4534, 0, Some(Kind::Bytes)),
    row(6155, "_datemultirange", -1, false, Form::Array, Category::Array, false, b',', 4535, 0, Some(Kind::Bytes)),
    row(6157, "_int8multirange", -1, false, Form::Array, Category::Array, false, b',', 4536, 0, Some(Kind::Bytes)),
];

#[allow(clippy::too_many_arguments)] // a table's columns
const fn row(
    oid: u32,
    name: &'static str,
    length: i16,
    by_value: bool,
    form: Form,
    category: Category,
    preferred: bool,
    delimiter: u8,
    element: u32,
    array: u32,
    kind: Option<Kind>,
) -> TypeEntry<'static> {
    TypeEntry {
        oid,
        name,
        displayed: name,
        length,
        by_value,
        form,
        category,
        preferred,
        delimiter,
        element,
        array,
        kind,
    }
}

/// All built-in types by their numbers.
pub fn builtin_types() -> &'static [TypeEntry<'static>] {
    TABLE
}

/// Numbers below this have a place in [`PLACES`]: nearly all built-in types.
const PLACED: usize = 8_192;

/// Where in the table a type's number is; `u16::MAX` of what is no built-in type. It is asked for every value that is shown or sent.
static PLACES: [u16; PLACED] = {
    let mut places = [u16::MAX; PLACED];
    let mut place = 0;
    while place < TABLE.len() {
        let oid = TABLE[place].oid as usize;
        if oid < PLACED {
            places[oid] = place as u16;
        }
        place += 1;
    }
    places
};

/// The built-in type with this number, or the one of a module.
pub fn builtin(oid: u32) -> Option<&'static TypeEntry<'static>> {
    match PLACES.get(oid as usize) {
        Some(place) => TABLE.get(usize::from(*place)),
        None => match TABLE.binary_search_by_key(&oid, |entry| entry.oid) {
            Ok(index) => Some(&TABLE[index]),
            Err(_) => module_type(oid),
        },
    }
}

/// The built-in type of this name in `pg_catalog`.
///
/// The table is not sorted by names and is small; the catalog keeps an index of its own.
pub fn builtin_named(name: &str) -> Option<&'static TypeEntry<'static>> {
    TABLE.iter().find(|entry| entry.name == name)
}
