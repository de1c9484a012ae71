//! Dates, times, intervals: arithmetic, comparisons, parts, casts, formats.

pub(crate) mod arithmetic;
pub(crate) mod cast;
pub(crate) mod compare;
pub(crate) mod format;
pub(crate) mod now;
pub(crate) mod overlap;
pub(crate) mod part;
