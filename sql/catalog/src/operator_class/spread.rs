//! Operator classes of the access methods that do not keep values in one order, as PostgreSQL numbers them.

use super::Row;
use crate::object::Oid;

#[rustfmt::skip]
pub(super) const GIST: &[Row] = &[
    (10017, "inet_ops", 3550, 869, false, 0), (10060, "box_ops", 2593, 603, true, 0),
    (10061, "point_ops", 1029, 600, true, 603), (10062, "poly_ops", 2594, 604, true, 603),
    (10063, "circle_ops", 2595, 718, true, 603), (10072, "tsvector_ops", 3655, 3614, true, 3642),
    (10075, "tsquery_ops", 3702, 3615, true, 20), (10078, "range_ops", 3919, 3831, true, 0),
    (10082, "multirange_ops", 6158, 4537, true, 3831),
];

#[rustfmt::skip]
pub(super) const GIN: &[Row] = &[
    (10064, "array_ops", 2745, 2277, true, 2283), (10073, "tsvector_ops", 3659, 3614, true, 25),
    (10090, "jsonb_ops", 4036, 3802, true, 25), (10091, "jsonb_path_ops", 4037, 3802, false, 23),
];

#[rustfmt::skip]
pub(super) const SPGIST: &[Row] = &[
    (10018, "inet_ops", 3794, 869, true, 0), (10079, "range_ops", 3474, 3831, true, 0),
    (10083, "box_ops", 5000, 603, true, 0), (10084, "quad_point_ops", 4015, 600, true, 0),
    (10085, "kd_point_ops", 4016, 600, false, 0), (10086, "text_ops", 4017, 25, true, 0),
    (10087, "poly_ops", 5008, 604, true, 603),
];

#[rustfmt::skip]
pub(super) const BRIN: &[Row] = &[
    (10092, "bytea_minmax_ops", 4064, 17, true, 17), (10093, "bytea_bloom_ops", 4578, 17, false, 17),
    (10094, "char_minmax_ops", 4062, 18, true, 18), (10095, "char_bloom_ops", 4577, 18, false, 18),
    (10096, "name_minmax_ops", 4065, 19, true, 19), (10097, "name_bloom_ops", 4579, 19, false, 19),
    (10098, "int8_minmax_ops", 4054, 20, true, 20), (10099, "int8_minmax_multi_ops", 4602, 20, false, 20),
    (10100, "int8_bloom_ops", 4572, 20, false, 20), (10101, "int2_minmax_ops", 4054, 21, true, 21),
    (10102, "int2_minmax_multi_ops", 4602, 21, false, 21), (10103, "int2_bloom_ops", 4572, 21, false, 21),
    (10104, "int4_minmax_ops", 4054, 23, true, 23), (10105, "int4_minmax_multi_ops", 4602, 23, false, 23),
    (10106, "int4_bloom_ops", 4572, 23, false, 23), (10107, "text_minmax_ops", 4056, 25, true, 25),
    (10108, "text_bloom_ops", 4573, 25, false, 25), (10109, "oid_minmax_ops", 4068, 26, true, 26),
    (10110, "oid_minmax_multi_ops", 4606, 26, false, 26), (10111, "oid_bloom_ops", 4580, 26, false, 26),
    (10112, "tid_minmax_ops", 4069, 27, true, 27), (10113, "tid_bloom_ops", 4581, 27, false, 27),
    (10114, "tid_minmax_multi_ops", 4607, 27, false, 27), (10115, "float4_minmax_ops", 4070, 700, true, 700),
    (10116, "float4_minmax_multi_ops", 4608, 700, false, 700), (10117, "float4_bloom_ops", 4582, 700, false, 700),
    (10118, "float8_minmax_ops", 4070, 701, true, 701), (10119, "float8_minmax_multi_ops", 4608, 701, false, 701),
    (10120, "float8_bloom_ops", 4582, 701, false, 701), (10121, "macaddr_minmax_ops", 4074, 829, true, 829),
    (10122, "macaddr_minmax_multi_ops", 4609, 829, false, 829), (10123, "macaddr_bloom_ops", 4583, 829, false, 829),
    (10124, "macaddr8_minmax_ops", 4109, 774, true, 774),
    (10125, "macaddr8_minmax_multi_ops", 4610, 774, false, 774),
    (10126, "macaddr8_bloom_ops", 4584, 774, false, 774), (10127, "inet_minmax_ops", 4075, 869, false, 869),
    (10128, "inet_minmax_multi_ops", 4611, 869, false, 869), (10129, "inet_bloom_ops", 4585, 869, false, 869),
    (10130, "inet_inclusion_ops", 4102, 869, true, 869), (10131, "bpchar_minmax_ops", 4076, 1042, true, 1042),
    (10132, "bpchar_bloom_ops", 4586, 1042, false, 1042), (10133, "time_minmax_ops", 4077, 1083, true, 1083),
    (10134, "time_minmax_multi_ops", 4612, 1083, false, 1083), (10135, "time_bloom_ops", 4587, 1083, false, 1083),
    (10136, "date_minmax_ops", 4059, 1082, true, 1082), (10137, "date_minmax_multi_ops", 4605, 1082, false, 1082),
    (10138, "date_bloom_ops", 4576, 1082, false, 1082), (10139, "timestamp_minmax_ops", 4059, 1114, true, 1114),
    (10140, "timestamp_minmax_multi_ops", 4605, 1114, false, 1114),
    (10141, "timestamp_bloom_ops", 4576, 1114, false, 1114),
    (10142, "timestamptz_minmax_ops", 4059, 1184, true, 1184),
    (10143, "timestamptz_minmax_multi_ops", 4605, 1184, false, 1184),
    (10144, "timestamptz_bloom_ops", 4576, 1184, false, 1184),
    (10145, "interval_minmax_ops", 4078, 1186, true, 1186),
    (10146, "interval_minmax_multi_ops", 4613, 1186, false, 1186),
    (10147, "interval_bloom_ops", 4588, 1186, false, 1186), (10148, "timetz_minmax_ops", 4058, 1266, true, 1266),
    (10149, "timetz_minmax_multi_ops", 4604, 1266, false, 1266),
    (10150, "timetz_bloom_ops", 4575, 1266, false, 1266), (10151, "bit_minmax_ops", 4079, 1560, true, 1560),
    (10152, "varbit_minmax_ops", 4080, 1562, true, 1562), (10153, "numeric_minmax_ops", 4055, 1700, true, 1700),
    (10154, "numeric_minmax_multi_ops", 4603, 1700, false, 1700),
    (10155, "numeric_bloom_ops", 4574, 1700, false, 1700), (10156, "uuid_minmax_ops", 4081, 2950, true, 2950),
    (10157, "uuid_minmax_multi_ops", 4614, 2950, false, 2950), (10158, "uuid_bloom_ops", 4589, 2950, false, 2950),
    (10159, "range_inclusion_ops", 4103, 3831, true, 3831), (10160, "pg_lsn_minmax_ops", 4082, 3220, true, 3220),
    (10161, "pg_lsn_minmax_multi_ops", 4615, 3220, false, 3220),
    (10162, "pg_lsn_bloom_ops", 4590, 3220, false, 3220), (10163, "box_inclusion_ops", 4104, 603, true, 603),
];

#[rustfmt::skip]
pub(super) const GIST_FAMILIES: &[(Oid, &str)] = &[
    (1029, "point_ops"), (2593, "box_ops"), (2594, "poly_ops"), (2595, "circle_ops"), (3550, "network_ops"),
    (3655, "tsvector_ops"), (3702, "tsquery_ops"), (3919, "range_ops"), (6158, "multirange_ops"),
];

#[rustfmt::skip]
pub(super) const GIN_FAMILIES: &[(Oid, &str)] = &[
    (2745, "array_ops"), (3659, "tsvector_ops"), (4036, "jsonb_ops"), (4037, "jsonb_path_ops"),
];

#[rustfmt::skip]
pub(super) const SPGIST_FAMILIES: &[(Oid, &str)] = &[
    (3474, "range_ops"), (3794, "network_ops"), (4015, "quad_point_ops"), (4016, "kd_point_ops"),
    (4017, "text_ops"), (5000, "box_ops"), (5008, "poly_ops"),
];

#[rustfmt::skip]
pub(super) const BRIN_FAMILIES: &[(Oid, &str)] = &[
    (4054, "integer_minmax_ops"), (4055, "numeric_minmax_ops"), (4056, "text_minmax_ops"),
    (4058, "timetz_minmax_ops"), (4059, "datetime_minmax_ops"), (4062, "char_minmax_ops"),
    (4064, "bytea_minmax_ops"), (4065, "name_minmax_ops"), (4068, "oid_minmax_ops"), (4069, "tid_minmax_ops"),
    (4070, "float_minmax_ops"), (4074, "macaddr_minmax_ops"), (4075, "network_minmax_ops"),
    (4076, "bpchar_minmax_ops"), (4077, "time_minmax_ops"), (4078, "interval_minmax_ops"), (4079, "bit_minmax_ops"),
    (4080, "varbit_minmax_ops"), (4081, "uuid_minmax_ops"), (4082, "pg_lsn_minmax_ops"),
    (4102, "network_inclusion_ops"), (4103, "range_inclusion_ops"), (4104, "box_inclusion_ops"),
    (4109, "macaddr8_minmax_ops"), (4572, "integer_bloom_ops"), (4573, "text_bloom_ops"),
    (4574, "numeric_bloom_ops"), (4575, "timetz_bloom_ops"), (4576, "datetime_bloom_ops"), (4577, "char_bloom_ops"),
    (4578, "bytea_bloom_ops"), (4579, "name_bloom_ops"), (4580, "oid_bloom_ops"), (4581, "tid_bloom_ops"),
    (4582, "float_bloom_ops"), (4583, "macaddr_bloom_ops"), (4584, "macaddr8_bloom_ops"),
    (4585, "network_bloom_ops"), (4586, "bpchar_bloom_ops"), (4587, "time_bloom_ops"), (4588, "interval_bloom_ops"),
    (4589, "uuid_bloom_ops"), (4590, "pg_lsn_bloom_ops"), (4602, "integer_minmax_multi_ops"),
    (4603, "numeric_minmax_multi_ops"), (4604, "timetz_minmax_multi_ops"), (4605, "datetime_minmax_multi_ops"),
    (4606, "oid_minmax_multi_ops"), (4607, "tid_minmax_multi_ops"), (4608, "float_minmax_multi_ops"),
    (4609, "macaddr_minmax_multi_ops"), (4610, "macaddr8_minmax_multi_ops"), (4611, "network_minmax_multi_ops"),
    (4612, "time_minmax_multi_ops"), (4613, "interval_minmax_multi_ops"), (4614, "uuid_minmax_multi_ops"),
    (4615, "pg_lsn_minmax_multi_ops"),
];
