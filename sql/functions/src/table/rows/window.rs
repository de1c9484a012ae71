//! Rows of the table: window.

use super::{Row, row};
use crate::kernel::window;
use crate::table::entry::FunctionKind;
use crate::table::entry::Implementation::Window;
use crate::table::oids::*;

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    row(3100, "row_number", &[], INT8, "window_row_number", Window(window::window_row_number)).kind(FunctionKind::Window).lenient(),
    row(3101, "rank", &[], INT8, "window_rank", Window(window::window_rank)).kind(FunctionKind::Window).lenient(),
    row(3102, "dense_rank", &[], INT8, "window_dense_rank", Window(window::window_dense_rank)).kind(FunctionKind::Window).lenient(),
    row(3103, "percent_rank", &[], FLOAT8, "window_percent_rank", Window(window::window_percent_rank)).kind(FunctionKind::Window).lenient(),
    row(3104, "cume_dist", &[], FLOAT8, "window_cume_dist", Window(window::window_cume_dist)).kind(FunctionKind::Window).lenient(),
    row(3105, "ntile", &[INT4], INT4, "window_ntile", Window(window::window_ntile)).kind(FunctionKind::Window).lenient(),
    row(3106, "lag", &[ANYELEMENT], ANYELEMENT, "window_lag", Window(window::window_lag)).kind(FunctionKind::Window).lenient(),
    row(3107, "lag", &[ANYELEMENT, INT4], ANYELEMENT, "window_lag_with_offset", Window(window::window_lag_with_offset)).kind(FunctionKind::Window).lenient(),
    row(3108, "lag", &[ANYCOMPATIBLE, INT4, ANYCOMPATIBLE], ANYCOMPATIBLE, "window_lag_with_offset_and_default", Window(window::window_lag_with_offset_and_default)).kind(FunctionKind::Window).lenient(),
    row(3109, "lead", &[ANYELEMENT], ANYELEMENT, "window_lead", Window(window::window_lead)).kind(FunctionKind::Window).lenient(),
    row(3110, "lead", &[ANYELEMENT, INT4], ANYELEMENT, "window_lead_with_offset", Window(window::window_lead_with_offset)).kind(FunctionKind::Window).lenient(),
    row(3111, "lead", &[ANYCOMPATIBLE, INT4, ANYCOMPATIBLE], ANYCOMPATIBLE, "window_lead_with_offset_and_default", Window(window::window_lead_with_offset_and_default)).kind(FunctionKind::Window).lenient(),
    row(3112, "first_value", &[ANYELEMENT], ANYELEMENT, "window_first_value", Window(window::window_first_value)).kind(FunctionKind::Window).lenient(),
    row(3113, "last_value", &[ANYELEMENT], ANYELEMENT, "window_last_value", Window(window::window_last_value)).kind(FunctionKind::Window).lenient(),
    row(3114, "nth_value", &[ANYELEMENT, INT4], ANYELEMENT, "window_nth_value", Window(window::window_nth_value)).kind(FunctionKind::Window).lenient(),
];
