//! From vectors to rows.

use super::decode::{BITMAP, WIDE};
use super::error::{RowError, RowResult};
use super::layout::{RowLayout, Storage};
use crate::stored::append;
use crate::value::Item;
use crate::vector::{Data, Vector};

/// What a decimal slot holds for NaN: no number of at most 18 digits is it.
pub(super) const DECIMAL_NAN: i64 = i64::MIN;

/// Appends the row that the columns have at `row`. The columns are those of the layout, in its order.
pub fn encode_row(layout: &RowLayout, columns: &[Vector], row: usize, bytes: &mut Vec<u8>) -> RowResult<()> {
    debug_assert_eq!(columns.len(), layout.columns().len());
    let start = bytes.len();
    let has_nulls = columns.iter().any(|column| column.is_null(row));
    // An upper bound: it decides only how wide ends are.
    let mut variable = 0u64;
    for (column, storage) in columns.iter().zip(layout.columns()) {
        variable += match column.data() {
            _ if storage.width().is_some() || column.is_null(row) => 0,
            Data::Bytes(values) => values.get(column.place(row)).len() as u64,
            Data::Numeric(values) => values.row_size_bound(column.place(row)) as u64,
            // Fixed widths, which lie in slots.
            Data::Bool(_)
            | Data::Int16(_)
            | Data::Int32(_)
            | Data::Int64(_)
            | Data::Float32(_)
            | Data::Float64(_)
            | Data::Interval(_)
            | Data::TimeTz(_)
            | Data::Uuid(_) => 0,
        };
    }
    if variable > u64::from(u32::MAX) {
        return Err(RowError::TooBig);
    }
    let wide = variable > u64::from(u16::MAX);
    let head = columns.len() as u16 | if has_nulls { BITMAP } else { 0 } | if wide { WIDE } else { 0 };
    bytes.extend_from_slice(&head.to_le_bytes());
    if has_nulls {
        append_bitmap(columns, row, bytes);
    }
    for (column, storage) in columns.iter().zip(layout.columns()) {
        if let Some(width) = storage.width() {
            let appended = append_slot(column, *storage, width, row, bytes);
            if appended.is_err() {
                bytes.truncate(start);
                return appended;
            }
        }
    }
    append_others(layout, columns, row, wide, bytes);
    Ok(())
}

fn append_bitmap(columns: &[Vector], row: usize, bytes: &mut Vec<u8>) {
    for eight in columns.chunks(8) {
        let bits = eight.iter().enumerate().map(|(bit, column)| u8::from(column.is_null(row)) << bit);
        bytes.push(bits.sum());
    }
}

fn append_slot(
    column: &Vector,
    storage: Storage,
    width: usize,
    row: usize,
    bytes: &mut Vec<u8>,
) -> RowResult<()> {
    let item = column.item(row);
    match (&item, storage) {
        (Item::Null, _) => bytes.resize(bytes.len() + width, 0),
        (Item::Numeric(number), Storage::Decimal { scale }) => {
            let mantissa = match number.is_nan() {
                true => Some(DECIMAL_NAN),
                false => number
                    .to_mantissa()
                    .filter(|(mantissa, of)| *of == scale && *mantissa != DECIMAL_NAN)
                    .map(|(mantissa, _)| mantissa),
            };
            bytes.extend_from_slice(&mantissa.ok_or(RowError::Scale { scale })?.to_le_bytes());
        }
        (item, Storage::Plain(_) | Storage::Decimal { .. }) => append(item, bytes),
    }
    Ok(())
}

fn append_others(layout: &RowLayout, columns: &[Vector], row: usize, wide: bool, bytes: &mut Vec<u8>) {
    let count = layout.others_before(columns.len());
    let width = if wide { 4 } else { 2 };
    let mut place = bytes.len();
    let data = place + count * width;
    bytes.resize(data, 0);
    for (column, storage) in columns.iter().zip(layout.columns()) {
        if storage.width().is_some() {
            continue;
        }
        match column.bytes() {
            Some(values) if !column.is_null(row) => {
                bytes.extend_from_slice(values.get(column.place(row)));
            }
            _ => append(&column.item(row), bytes),
        }
        // Within 32 bits, and within 16 unless ends are wide: the caller has added up the lengths.
        let end = ((bytes.len() - data) as u32).to_le_bytes();
        bytes[place..place + width].copy_from_slice(&end[..width]);
        place += width;
    }
}
