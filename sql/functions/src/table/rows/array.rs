//! Rows of the table: array.

use crate::kernel::array;
use crate::table::entry::FunctionEntry;
use crate::table::entry::Implementation::{Scalar, Set};
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
    row(376, "string_to_array", &[TEXT, TEXT, TEXT], TEXT_ARRAY, "text_to_array_null", Scalar(array::pieces::text_to_array_null)).lenient(),
    row(378, "array_append", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE], ANYCOMPATIBLEARRAY, "array_append", Scalar(array::change::array_append)).lenient(),
    row(379, "array_prepend", &[ANYCOMPATIBLE, ANYCOMPATIBLEARRAY], ANYCOMPATIBLEARRAY, "array_prepend", Scalar(array::change::array_prepend)).lenient(),
    row(382, "btarraycmp", &[ANYARRAY, ANYARRAY], INT4, "btarraycmp", Scalar(array::compare::btarraycmp)),
    row(383, "array_cat", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLEARRAY], ANYCOMPATIBLEARRAY, "array_cat", Scalar(array::change::array_cat)).lenient(),
    row(384, "array_to_string", &[ANYARRAY, TEXT, TEXT], TEXT, "array_to_text_null", Scalar(array::pieces::array_to_text_null)).stable().lenient(),
    row(394, "string_to_array", &[TEXT, TEXT], TEXT_ARRAY, "text_to_array", Scalar(array::pieces::text_to_array)).lenient(),
    row(395, "array_to_string", &[ANYARRAY, TEXT], TEXT, "array_to_text", Scalar(array::pieces::array_to_text)).stable(),
    row(515, "array_larger", &[ANYARRAY, ANYARRAY], ANYARRAY, "array_larger", Scalar(array::compare::array_larger)),
    row(516, "array_smaller", &[ANYARRAY, ANYARRAY], ANYARRAY, "array_smaller", Scalar(array::compare::array_smaller)),
    row(747, "array_dims", &[ANYARRAY], TEXT, "array_dims", Scalar(array::shape::array_dims)),
    row(748, "array_ndims", &[ANYARRAY], INT4, "array_ndims", Scalar(array::shape::array_ndims)),
    row(938, "generate_series", &[TIMESTAMP, TIMESTAMP, INTERVAL], TIMESTAMP, "generate_series_timestamp", Set(array::rows::generate_series_timestamp)).set(),
    row(939, "generate_series", &[TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL], TIMESTAMPTZ, "generate_series_timestamptz", Set(array::rows::generate_series_timestamptz)).stable().set(),
    row(1066, "generate_series", &[INT4, INT4, INT4], INT4, "generate_series_step_int4", Set(array::rows::generate_series_step_int4)).set(),
    row(1067, "generate_series", &[INT4, INT4], INT4, "generate_series_int4", Set(array::rows::generate_series_int4)).set(),
    row(1068, "generate_series", &[INT8, INT8, INT8], INT8, "generate_series_step_int8", Set(array::rows::generate_series_step_int8)).set(),
    row(1069, "generate_series", &[INT8, INT8], INT8, "generate_series_int8", Set(array::rows::generate_series_int8)).set(),
    row(1191, "generate_subscripts", &[ANYARRAY, INT4, BOOL], INT4, "generate_subscripts", Set(array::rows::generate_subscripts)).set(),
    row(1192, "generate_subscripts", &[ANYARRAY, INT4], INT4, "generate_subscripts_nodir", Set(array::rows::generate_subscripts_nodir)).set(),
    row(1193, "array_fill", &[ANYELEMENT, INT4_ARRAY], ANYARRAY, "array_fill", Scalar(array::change::array_fill)).lenient(),
    row(1286, "array_fill", &[ANYELEMENT, INT4_ARRAY, INT4_ARRAY], ANYARRAY, "array_fill_with_lower_bounds", Scalar(array::change::array_fill_with_lower_bounds)).lenient(),
    row(1596, "bitcmp", &[BIT, BIT], INT4, "bitcmp", Scalar(array::compare::bitcmp)),
    row(1672, "varbitcmp", &[VARBIT, VARBIT], INT4, "bitcmp", Scalar(array::compare::bitcmp)),
    row(1954, "byteacmp", &[BYTEA, BYTEA], INT4, "byteacmp", Scalar(array::compare::byteacmp)),
    row(2091, "array_lower", &[ANYARRAY, INT4], INT4, "array_lower", Scalar(array::shape::array_lower)),
    row(2092, "array_upper", &[ANYARRAY, INT4], INT4, "array_upper", Scalar(array::shape::array_upper)),
    row(2176, "array_length", &[ANYARRAY, INT4], INT4, "array_length", Scalar(array::shape::array_length)),
    row(2331, "unnest", &[ANYARRAY], ANYELEMENT, "array_unnest", Set(array::rows::array_unnest)).set(),
    row(2747, "arrayoverlap", &[ANYARRAY, ANYARRAY], BOOL, "arrayoverlap", Scalar(array::compare::arrayoverlap)),
    row(2748, "arraycontains", &[ANYARRAY, ANYARRAY], BOOL, "arraycontains", Scalar(array::compare::arraycontains)),
    row(2749, "arraycontained", &[ANYARRAY, ANYARRAY], BOOL, "arraycontained", Scalar(array::compare::arraycontained)),
    row(2960, "uuid_cmp", &[UUID, UUID], INT4, "uuid_cmp", Scalar(array::compare::uuid_cmp)),
    row(2981, "record_eq", &[RECORD, RECORD], BOOL, "record_eq", Scalar(array::compare::record_eq)),
    row(2982, "record_ne", &[RECORD, RECORD], BOOL, "record_ne", Scalar(array::compare::record_ne)),
    row(2983, "record_lt", &[RECORD, RECORD], BOOL, "record_lt", Scalar(array::compare::record_lt)),
    row(2984, "record_gt", &[RECORD, RECORD], BOOL, "record_gt", Scalar(array::compare::record_gt)),
    row(2985, "record_le", &[RECORD, RECORD], BOOL, "record_le", Scalar(array::compare::record_le)),
    row(2986, "record_ge", &[RECORD, RECORD], BOOL, "record_ge", Scalar(array::compare::record_ge)),
    row(3181, "record_image_eq", &[RECORD, RECORD], BOOL, "record_image_eq", Scalar(array::compare::record_image_eq)),
    row(3182, "record_image_ne", &[RECORD, RECORD], BOOL, "record_image_ne", Scalar(array::compare::record_image_ne)),
    row(3183, "record_image_lt", &[RECORD, RECORD], BOOL, "record_image_lt", Scalar(array::compare::record_image_lt)),
    row(3184, "record_image_gt", &[RECORD, RECORD], BOOL, "record_image_gt", Scalar(array::compare::record_image_gt)),
    row(3185, "record_image_le", &[RECORD, RECORD], BOOL, "record_image_le", Scalar(array::compare::record_image_le)),
    row(3186, "record_image_ge", &[RECORD, RECORD], BOOL, "record_image_ge", Scalar(array::compare::record_image_ge)),
    row(2987, "btrecordcmp", &[RECORD, RECORD], INT4, "btrecordcmp", Scalar(array::compare::btrecordcmp)),
    row(3167, "array_remove", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE], ANYCOMPATIBLEARRAY, "array_remove", Scalar(array::change::array_remove)).lenient(),
    row(3168, "array_replace", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, ANYCOMPATIBLE], ANYCOMPATIBLEARRAY, "array_replace", Scalar(array::change::array_replace)).lenient(),
    row(3179, "cardinality", &[ANYARRAY], INT4, "array_cardinality", Scalar(array::shape::array_cardinality)),
    row(3218, "width_bucket", &[ANYCOMPATIBLE, ANYCOMPATIBLEARRAY], INT4, "width_bucket_array", Scalar(array::compare::width_bucket_array)),
    row(3259, "generate_series", &[NUMERIC, NUMERIC, NUMERIC], NUMERIC, "generate_series_step_numeric", Set(array::rows::generate_series_step_numeric)).set(),
    row(3260, "generate_series", &[NUMERIC, NUMERIC], NUMERIC, "generate_series_numeric", Set(array::rows::generate_series_numeric)).set(),
    row(3277, "array_position", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE], INT4, "array_position", Scalar(array::change::array_position)).lenient(),
    row(3278, "array_position", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE, INT4], INT4, "array_position_start", Scalar(array::change::array_position_start)).lenient(),
    row(3279, "array_positions", &[ANYCOMPATIBLEARRAY, ANYCOMPATIBLE], INT4_ARRAY, "array_positions", Scalar(array::change::array_positions)).lenient(),
    row(3514, "enum_cmp", &[ANYENUM, ANYENUM], INT4, "enum_cmp", Scalar(array::compare::enum_cmp)),
    row(3524, "enum_smaller", &[ANYENUM, ANYENUM], ANYENUM, "enum_smaller", Scalar(array::compare::enum_smaller)),
    row(3525, "enum_larger", &[ANYENUM, ANYENUM], ANYENUM, "enum_larger", Scalar(array::compare::enum_larger)),
    row(4044, "jsonb_cmp", &[JSONB, JSONB], INT4, "jsonb_cmp", Scalar(array::compare::jsonb_cmp)),
    row(6160, "string_to_table", &[TEXT, TEXT], TEXT, "text_to_table", Set(array::pieces::text_to_table)).lenient().set(),
    row(6161, "string_to_table", &[TEXT, TEXT, TEXT], TEXT, "text_to_table_null", Set(array::pieces::text_to_table_null)).lenient().set(),
    row(6172, "trim_array", &[ANYARRAY, INT4], ANYARRAY, "trim_array", Scalar(array::shape::trim_array)),
];
