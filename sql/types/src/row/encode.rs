//! From vectors to rows.

use super::decode::{BITMAP, HEAD, WIDE};
use super::error::{RowError, RowResult};
use super::layout::{RowLayout, Storage};
use crate::stored::append;
use crate::value::Item;
use crate::vector::Vector;

/// What a decimal slot holds for NaN: no number of at most 18 digits is it.
pub(super) const DECIMAL_NAN: i64 = i64::MIN;

/// Appends the row that the columns have at `row`. The columns are those of the layout, in its order.
///
/// # Errors
/// As [`encode_items`].
pub fn encode_row(layout: &RowLayout, columns: &[Vector], row: usize, bytes: &mut Vec<u8>) -> RowResult<()> {
    let items: Vec<Item<'_>> = columns.iter().map(|column| column.item(row)).collect();
    encode_items(layout, &items, bytes)
}

/// Appends the row that has these values of the columns of the layout, in its order.
///
/// # Errors
/// When the row is too big, or a number has another scale than its column.
pub fn encode_items(layout: &RowLayout, items: &[Item<'_>], bytes: &mut Vec<u8>) -> RowResult<()> {
    debug_assert_eq!(items.len(), layout.columns().len());
    let start = bytes.len();
    let has_nulls = items.iter().any(Item::is_null);
    let length = |item: &Item<'_>| if let Item::Bytes(value) = item { value.len() } else { 0 };
    let variable: usize = items.iter().map(length).sum();
    if variable > u32::MAX as usize {
        return Err(RowError::TooBig);
    }
    // Saves growing by steps.
    bytes.reserve(HEAD + items.len() * 3 + layout.slots_before(items.len()) + variable);
    let head = items.len() as u16 | if has_nulls { BITMAP } else { 0 };
    bytes.extend_from_slice(&head.to_le_bytes());
    if has_nulls {
        for eight in items.chunks(8) {
            bytes.push(eight.iter().enumerate().map(|(bit, item)| u8::from(item.is_null()) << bit).sum());
        }
    }
    for (item, storage) in items.iter().zip(layout.columns()) {
        if let Some(width) = storage.width()
            && let Err(error) = append_slot(item, *storage, width, bytes)
        {
            bytes.truncate(start);
            return Err(error);
        }
    }
    let slots_end = bytes.len();
    if append_items(layout, items, 2, bytes) > usize::from(u16::MAX) {
        bytes.truncate(slots_end);
        bytes[start..start + HEAD].copy_from_slice(&(head | WIDE).to_le_bytes());
        if append_items(layout, items, 4, bytes) > u32::MAX as usize {
            bytes.truncate(start);
            return Err(RowError::TooBig);
        }
    }
    Ok(())
}

/// Appends the columns without slot, with ends of a width; answers how many bytes they have. Ends that do not fit are cut.
fn append_items(layout: &RowLayout, items: &[Item<'_>], width: usize, bytes: &mut Vec<u8>) -> usize {
    let mut place = bytes.len();
    let data = place + layout.others_before(items.len()) * width;
    bytes.resize(data, 0);
    for (item, storage) in items.iter().zip(layout.columns()) {
        if storage.width().is_none() {
            append(item, bytes);
            let end = ((bytes.len() - data) as u32).to_le_bytes();
            bytes[place..place + width].copy_from_slice(&end[..width]);
            place += width;
        }
    }
    bytes.len() - data
}

fn append_slot(item: &Item<'_>, storage: Storage, width: usize, bytes: &mut Vec<u8>) -> RowResult<()> {
    match (item, storage) {
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
