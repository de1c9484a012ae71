//! Rows of the table: steps of aggregates, for those that users make.

use super::{Row, row};
use crate::kernel::aggregate::step;
use crate::table::entry::Implementation::{Masked, Scalar};
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(208, "float4_accum", &[FLOAT8_ARRAY, FLOAT4], FLOAT8_ARRAY, "float4_accum", Scalar(step::float4_accum)),
    row(222, "float8_accum", &[FLOAT8_ARRAY, FLOAT8], FLOAT8_ARRAY, "float8_accum", Scalar(step::float8_accum)),
    row(1830, "float8_avg", &[FLOAT8_ARRAY], FLOAT8, "float8_avg", Scalar(step::float8_avg)),
    row(1831, "float8_var_samp", &[FLOAT8_ARRAY], FLOAT8, "float8_var_samp", Scalar(step::float8_var_samp)),
    row(1832, "float8_stddev_samp", &[FLOAT8_ARRAY], FLOAT8, "float8_stddev_samp", Scalar(step::float8_stddev_samp)),
    row(1840, "int2_sum", &[INT8, INT2], INT8, "int2_sum", Scalar(step::int2_sum)).lenient(),
    row(1841, "int4_sum", &[INT8, INT4], INT8, "int4_sum", Scalar(step::int4_sum)).lenient(),
    row(1962, "int2_avg_accum", &[INT8_ARRAY, INT2], INT8_ARRAY, "int2_avg_accum", Scalar(step::int2_avg_accum)),
    row(1963, "int4_avg_accum", &[INT8_ARRAY, INT4], INT8_ARRAY, "int4_avg_accum", Scalar(step::int4_avg_accum)),
    row(1964, "int8_avg", &[INT8_ARRAY], NUMERIC, "int8_avg", Scalar(step::int8_avg)),
    row(2512, "float8_var_pop", &[FLOAT8_ARRAY], FLOAT8, "float8_var_pop", Scalar(step::float8_var_pop)),
    row(2513, "float8_stddev_pop", &[FLOAT8_ARRAY], FLOAT8, "float8_stddev_pop", Scalar(step::float8_stddev_pop)),
    row(2804, "int8inc_any", &[INT8, ANY], INT8, "int8inc_any", Masked(crate::kernel::number::integer::int8inc)),
    row(3570, "int2_avg_accum_inv", &[INT8_ARRAY, INT2], INT8_ARRAY, "int2_avg_accum_inv", Scalar(step::int2_avg_accum_inv)),
    row(3571, "int4_avg_accum_inv", &[INT8_ARRAY, INT4], INT8_ARRAY, "int4_avg_accum_inv", Scalar(step::int4_avg_accum_inv)),
    row(3572, "int2int4_sum", &[INT8_ARRAY], INT8, "int2int4_sum", Scalar(step::int2int4_sum)),
];
