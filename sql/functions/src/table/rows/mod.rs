//! The functions, by theme.

mod aggregate;
mod array;
mod bits;
mod bytes;
mod comparison;
mod document;
mod internal;
mod missing;
mod missing_aggregate;
mod missing_geometry;
mod missing_network;
mod missing_range;
mod missing_search;
mod missing_system;
mod moment;
mod number;
mod pattern;
mod session;
mod system;
mod text;
mod window;

use super::entry::FunctionEntry;

/// Each theme's rows.
pub(super) static THEMES: &[&[FunctionEntry]] = &[
    aggregate::ROWS,
    array::ROWS,
    bits::ROWS,
    bytes::ROWS,
    comparison::ROWS,
    document::ROWS,
    missing::ROWS,
    missing_aggregate::ROWS,
    missing_geometry::ROWS,
    missing_network::ROWS,
    missing_range::ROWS,
    missing_search::ROWS,
    missing_system::ROWS,
    moment::ROWS,
    number::ROWS,
    pattern::ROWS,
    session::ROWS,
    system::ROWS,
    text::ROWS,
    window::ROWS,
];

/// Sorted by name.
pub(super) static INTERNAL: &[&str] = internal::NAMES;
