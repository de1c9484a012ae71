//! The functions, by theme.

mod comparison;
mod internal;
mod missing_1;
mod missing_2;
mod missing_aggregate;
mod missing_geometry;
mod missing_network;
mod missing_range;
mod missing_search;
mod missing_system;
mod session;

use super::entry::FunctionEntry;

/// Each theme's rows.
pub(super) static THEMES: &[&[FunctionEntry]] = &[
    comparison::ROWS,
    missing_1::ROWS,
    missing_2::ROWS,
    missing_aggregate::ROWS,
    missing_geometry::ROWS,
    missing_network::ROWS,
    missing_range::ROWS,
    missing_search::ROWS,
    missing_system::ROWS,
    session::ROWS,
];

/// Sorted by name.
pub(super) static INTERNAL: &[&str] = internal::NAMES;
