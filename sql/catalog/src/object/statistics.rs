//! What ANALYZE found.

use super::datum::Datum;
use bincode::{Decode, Encode};

/// Added to a column's place: what is known of its values in rows of what inherits from the table among its own. Of a table that
/// is divided into partitions that is all there is, and stands under the place itself. No table has so many columns.
pub const INHERITED: u16 = 1 << 15;

/// What is known of a table as a whole.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct TableStatistics {
    /// How many rows it had.
    pub rows: f64,
    /// How many pages they took.
    pub pages: u64,
}

/// What is known of a column's values.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct ColumnStatistics {
    /// Which share of them is NULL.
    pub null_fraction: f32,
    /// How many bytes one takes.
    pub average_width: i32,
    /// How many different ones there are; below zero, minus their share of the rows.
    pub distinct: f32,
    /// The most common ones, and each one's share of the rows, the most common first.
    pub most_common: Vec<(Datum, f32)>,
    /// Values that cut the others into stretches of equally many rows, in order.
    pub histogram: Vec<Datum>,
    /// How well the order of rows follows the order of values, from -1 to 1.
    pub correlation: Option<f32>,
}
