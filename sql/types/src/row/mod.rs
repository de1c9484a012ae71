//! Rows as they lie on pages: any column of many rows becomes a vector without the others being touched.
//!
//! | bytes | what |
//! |---|---|
//! | 2 | bits 0–10: number of columns stored; 14: ends take 4 bytes, not 2; 15: there is a bitmap |
//! | 1 for 8 | bitmap of nulls, one bit for each stored column, if any is null |
//! | | a slot for each stored column of fixed width, nulls too |
//! | 2 or 4 each | where each stored column of no fixed width ends, from the end of the ends |
//! | | those columns |
//!
//! A row stores as many columns as the table had when it was written: a later column is not there and reads as its
//! default, so that adding a column rewrites nothing. Everything is little end first. Where a column's slot lies
//! depends on the columns before it alone, so it is computed once for all rows.

mod decode;
mod encode;
mod error;
mod layout;

pub use decode::{RowView, decode_column};
pub use encode::{encode_items, encode_row};
pub use error::{RowError, RowResult};
pub use layout::{COLUMNS_MAX, RowLayout, Storage};
