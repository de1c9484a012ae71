//! Rows of the table: steps of aggregates, for those that users make.

use super::{Row, row};
use crate::kernel::aggregate::step;
use crate::table::entry::Implementation::{Masked, Scalar};
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(208, "float4_accum", &[FLOAT8_ARRAY, FLOAT4], FLOAT8_ARRAY, "float4_accum", Scalar(step::float4_accum)),
    row(222, "float8_accum", &[FLOAT8_ARRAY, FLOAT8], FLOAT8_ARRAY, "float8_accum", Scalar(step::float8_accum)),
    row(276, "float8_combine", &[FLOAT8_ARRAY, FLOAT8_ARRAY], FLOAT8_ARRAY, "float8_combine", Scalar(step::float8_combine)),
    row(1830, "float8_avg", &[FLOAT8_ARRAY], FLOAT8, "float8_avg", Scalar(step::float8_avg)),
    row(1831, "float8_var_samp", &[FLOAT8_ARRAY], FLOAT8, "float8_var_samp", Scalar(step::float8_var_samp)),
    row(1832, "float8_stddev_samp", &[FLOAT8_ARRAY], FLOAT8, "float8_stddev_samp", Scalar(step::float8_stddev_samp)),
    row(1840, "int2_sum", &[INT8, INT2], INT8, "int2_sum", Scalar(step::int2_sum)).lenient(),
    row(1841, "int4_sum", &[INT8, INT4], INT8, "int4_sum", Scalar(step::int4_sum)).lenient(),
    row(1842, "int8_sum", &[NUMERIC, INT8], NUMERIC, "int8_sum", Scalar(step::int8_sum)).lenient(),
    row(1843, "interval_accum", &[INTERVAL_ARRAY, INTERVAL], INTERVAL_ARRAY, "interval_accum", Scalar(step::interval_accum)),
    row(1844, "interval_avg", &[INTERVAL_ARRAY], INTERVAL, "interval_avg", Scalar(step::interval_avg)),
    row(1962, "int2_avg_accum", &[INT8_ARRAY, INT2], INT8_ARRAY, "int2_avg_accum", Scalar(step::int2_avg_accum)),
    row(1963, "int4_avg_accum", &[INT8_ARRAY, INT4], INT8_ARRAY, "int4_avg_accum", Scalar(step::int4_avg_accum)),
    row(1964, "int8_avg", &[INT8_ARRAY], NUMERIC, "int8_avg", Scalar(step::int8_avg)),
    row(2512, "float8_var_pop", &[FLOAT8_ARRAY], FLOAT8, "float8_var_pop", Scalar(step::float8_var_pop)),
    row(2513, "float8_stddev_pop", &[FLOAT8_ARRAY], FLOAT8, "float8_stddev_pop", Scalar(step::float8_stddev_pop)),
    row(2515, "booland_statefunc", &[BOOL, BOOL], BOOL, "booland_statefunc", Scalar(step::booland_statefunc)),
    row(2516, "boolor_statefunc", &[BOOL, BOOL], BOOL, "boolor_statefunc", Scalar(step::boolor_statefunc)),
    row(2804, "int8inc_any", &[INT8, ANY], INT8, "int8inc_any", Masked(crate::kernel::number::integer::int8inc)),
    row(2805, "int8inc_float8_float8", &[INT8, FLOAT8, FLOAT8], INT8, "int8inc_float8_float8", Scalar(step::int8inc_float8_float8)),
    row(2806, "float8_regr_accum", &[FLOAT8_ARRAY, FLOAT8, FLOAT8], FLOAT8_ARRAY, "float8_regr_accum", Scalar(step::float8_regr_accum)),
    row(2807, "float8_regr_sxx", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_sxx", Scalar(step::float8_regr_sxx)),
    row(2808, "float8_regr_syy", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_syy", Scalar(step::float8_regr_syy)),
    row(2809, "float8_regr_sxy", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_sxy", Scalar(step::float8_regr_sxy)),
    row(2810, "float8_regr_avgx", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_avgx", Scalar(step::float8_regr_avgx)),
    row(2811, "float8_regr_avgy", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_avgy", Scalar(step::float8_regr_avgy)),
    row(2812, "float8_regr_r2", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_r2", Scalar(step::float8_regr_r2)),
    row(2813, "float8_regr_slope", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_slope", Scalar(step::float8_regr_slope)),
    row(2814, "float8_regr_intercept", &[FLOAT8_ARRAY], FLOAT8, "float8_regr_intercept", Scalar(step::float8_regr_intercept)),
    row(2815, "float8_covar_pop", &[FLOAT8_ARRAY], FLOAT8, "float8_covar_pop", Scalar(step::float8_covar_pop)),
    row(2816, "float8_covar_samp", &[FLOAT8_ARRAY], FLOAT8, "float8_covar_samp", Scalar(step::float8_covar_samp)),
    row(2817, "float8_corr", &[FLOAT8_ARRAY], FLOAT8, "float8_corr", Scalar(step::float8_corr)),
    row(3325, "interval_combine", &[INTERVAL_ARRAY, INTERVAL_ARRAY], INTERVAL_ARRAY, "interval_combine", Scalar(step::interval_combine)),
    row(3342, "float8_regr_combine", &[FLOAT8_ARRAY, FLOAT8_ARRAY], FLOAT8_ARRAY, "float8_regr_combine", Scalar(step::float8_regr_combine)),
    row(3549, "interval_accum_inv", &[INTERVAL_ARRAY, INTERVAL], INTERVAL_ARRAY, "interval_accum_inv", Scalar(step::interval_accum_inv)),
    row(3570, "int2_avg_accum_inv", &[INT8_ARRAY, INT2], INT8_ARRAY, "int2_avg_accum_inv", Scalar(step::int2_avg_accum_inv)),
    row(3571, "int4_avg_accum_inv", &[INT8_ARRAY, INT4], INT8_ARRAY, "int4_avg_accum_inv", Scalar(step::int4_avg_accum_inv)),
    row(3572, "int2int4_sum", &[INT8_ARRAY], INT8, "int2int4_sum", Scalar(step::int2int4_sum)),
];
