//! From rows to vectors, one column at a time, straight from borrowed bytes.

use super::encode::DECIMAL_NAN;
use super::error::{RowError, RowResult};
use super::layout::{RowLayout, Storage};
use crate::Numeric;
use crate::kind::Kind;
use crate::stored::{Stored, bit_at, read};
use crate::value::{Item, Value};
use crate::vector::{BitmapBuilder, BytesBuilder, Data, Fixed, NumericBuilder, Vector, VectorBuilder};

pub(super) const BITMAP: u16 = 1 << 15;
pub(super) const WIDE: u16 = 1 << 14;
const COUNT: u16 = (1 << 11) - 1;
pub(super) const HEAD: usize = 2;

/// What a row has of a column.
enum Field<'a> {
    Null,
    /// The row is older than the column.
    Missing,
    Stored(&'a [u8]),
}

/// One row in somebody else's bytes.
#[derive(Debug, Clone, Copy)]
pub struct RowView<'a> {
    layout: &'a RowLayout,
    bytes: &'a [u8],
    stored: usize,
    head: u16,
    /// Where the slots begin.
    slots: usize,
}

impl<'a> RowView<'a> {
    /// The row of these bytes, if its head is one of this layout.
    pub fn new(layout: &'a RowLayout, bytes: &'a [u8]) -> RowResult<RowView<'a>> {
        let Some(head) = bytes.first_chunk::<HEAD>().map(|head| u16::from_le_bytes(*head)) else {
            return Err(RowError::Damaged { length: bytes.len(), column: 0 });
        };
        let (stored, columns) = (usize::from(head & COUNT), layout.columns().len());
        if stored > columns || head & !(BITMAP | WIDE | COUNT) != 0 {
            return Err(RowError::ColumnCount { length: bytes.len(), stored, columns });
        }
        let slots = HEAD + if head & BITMAP != 0 { stored.div_ceil(8) } else { 0 };
        Ok(RowView { layout, bytes, stored, head, slots })
    }

    /// A column's value; `missing` is what it is in rows older than the column.
    pub fn item(&self, column: usize, missing: &'a Value) -> RowResult<Item<'a>> {
        let bytes = match self.field(column)? {
            Field::Null => return Ok(Item::Null),
            Field::Missing => return Ok(Item::from(missing)),
            Field::Stored(bytes) => bytes,
        };
        let item = match self.layout.columns()[column] {
            Storage::Plain(kind) => read(kind, bytes),
            Storage::Decimal { scale } => i64::read(bytes).map(|mantissa| match mantissa {
                DECIMAL_NAN => Item::Numeric(Numeric::NAN),
                mantissa => Item::Numeric(Numeric::from_mantissa(mantissa, scale)),
            }),
        };
        item.ok_or_else(|| self.damaged(column))
    }

    fn damaged(&self, column: usize) -> RowError {
        RowError::Damaged { length: self.bytes.len(), column }
    }

    #[inline]
    fn field(&self, column: usize) -> RowResult<Field<'a>> {
        if column >= self.stored {
            return Ok(Field::Missing);
        }
        if self.head & BITMAP != 0 && bit_at(self.bytes.get(HEAD..).unwrap_or(&[]), column) {
            return Ok(Field::Null);
        }
        let stretch = match self.layout.columns()[column].width() {
            Some(width) => {
                let start = self.slots + self.layout.slots_before(column);
                self.bytes.get(start..start + width)
            }
            None => self.other(column),
        };
        stretch.map(Field::Stored).ok_or_else(|| self.damaged(column))
    }

    /// The bytes of a column without slot.
    #[inline]
    fn other(&self, column: usize) -> Option<&'a [u8]> {
        let ends = self.slots + self.layout.slots_before(self.stored);
        let (index, count) = (self.layout.others_before(column), self.layout.others_before(self.stored));
        let (start, end, data) = if self.head & WIDE != 0 {
            let end = |index: usize| u32::read(self.bytes.get(ends + index * 4..ends + index * 4 + 4)?);
            let start = if index == 0 { 0 } else { end(index - 1)? };
            (start as usize, end(index)? as usize, ends + count * 4)
        } else {
            let end = |index: usize| u16::read(self.bytes.get(ends + index * 2..ends + index * 2 + 2)?);
            let start = if index == 0 { 0 } else { end(index - 1)? };
            (usize::from(start), usize::from(end(index)?), ends + count * 2)
        };
        self.bytes.get(data..)?.get(start..end)
    }
}

/// The values that `rows` have of one column; `missing` is what it is in rows older than the column.
pub fn decode_column<'a>(
    layout: &'a RowLayout,
    column: usize,
    rows: impl ExactSizeIterator<Item = &'a [u8]>,
    missing: &'a Value,
) -> RowResult<Vector> {
    match layout.columns()[column] {
        Storage::Plain(kind) => match kind {
            Kind::Bool => fixed::<bool>(layout, column, rows, missing),
            Kind::Int16 => fixed::<i16>(layout, column, rows, missing),
            Kind::Int32 => fixed::<i32>(layout, column, rows, missing),
            Kind::Int64 => fixed::<i64>(layout, column, rows, missing),
            Kind::Float32 => fixed::<f32>(layout, column, rows, missing),
            Kind::Float64 => fixed::<f64>(layout, column, rows, missing),
            Kind::Interval => fixed::<crate::Interval>(layout, column, rows, missing),
            Kind::TimeTz => fixed::<crate::TimeTz>(layout, column, rows, missing),
            Kind::Uuid => fixed::<[u8; 16]>(layout, column, rows, missing),
            Kind::Bytes => strings(layout, column, rows, missing),
            Kind::Numeric => numbers(layout, column, rows, missing),
        },
        Storage::Decimal { scale } => decimals(layout, column, scale, rows, missing),
    }
}

/// A value of a kind of fixed width, as a default.
fn default_of<T: Fixed>(missing: &Value) -> Option<T> {
    let mut builder = VectorBuilder::new(T::KIND, 1);
    builder.push(missing).ok()?;
    let vector = builder.finish();
    (!vector.is_null(0)).then(|| vector.fixed::<T>().and_then(|values| values.first().copied())).flatten()
}

fn fixed<'a, T: Fixed + Stored>(
    layout: &'a RowLayout,
    column: usize,
    rows: impl ExactSizeIterator<Item = &'a [u8]>,
    missing: &Value,
) -> RowResult<Vector> {
    // Made when the first row needs it.
    let mut default: Option<Option<T>> = None;
    let mut values: Vec<T> = Vec::with_capacity(rows.len());
    let mut nulls = BitmapBuilder::default();
    // A row of all columns without nulls, the common one, has the column where every such row has it.
    let (whole, wide) = (layout.columns().len() as u16, layout.columns().len() as u16 | WIDE);
    let start = HEAD + layout.slots_before(column);
    let end = HEAD + layout.slots_before(column + 1);
    for bytes in rows {
        let head = bytes.first_chunk::<HEAD>().map_or(BITMAP, |head| u16::from_le_bytes(*head));
        if (head == whole) | (head == wide) {
            let value = bytes.get(start..end).and_then(T::read);
            values.push(value.ok_or(RowError::Damaged { length: bytes.len(), column })?);
            nulls.push(false);
            continue;
        }
        let row = RowView::new(layout, bytes)?;
        let value = match row.field(column)? {
            Field::Null => None,
            Field::Missing => *default.get_or_insert_with(|| default_of::<T>(missing)),
            Field::Stored(bytes) => Some(T::read(bytes).ok_or_else(|| row.damaged(column))?),
        };
        values.push(value.unwrap_or_default());
        nulls.push(value.is_none());
    }
    Ok(Vector::new(T::wrap(values.into()), nulls.finish()))
}

fn strings<'a>(
    layout: &'a RowLayout,
    column: usize,
    rows: impl ExactSizeIterator<Item = &'a [u8]>,
    missing: &Value,
) -> RowResult<Vector> {
    let mut values = BytesBuilder::with_capacity(rows.len(), rows.len() * 16);
    let mut nulls = BitmapBuilder::default();
    for bytes in rows {
        let value = match RowView::new(layout, bytes)?.field(column)? {
            Field::Null => None,
            Field::Missing => missing.as_bytes(),
            Field::Stored(bytes) => Some(bytes),
        };
        values.push(value.unwrap_or(&[]))?;
        nulls.push(value.is_none());
    }
    Ok(Vector::new(Data::Bytes(values.finish()), nulls.finish()))
}

fn numbers<'a>(
    layout: &'a RowLayout,
    column: usize,
    rows: impl ExactSizeIterator<Item = &'a [u8]>,
    missing: &'a Value,
) -> RowResult<Vector> {
    let mut values = NumericBuilder::with_capacity(rows.len());
    let mut nulls = BitmapBuilder::default();
    for bytes in rows {
        let item = RowView::new(layout, bytes)?.item(column, missing)?;
        nulls.push(item.is_null());
        match item {
            Item::Numeric(number) => values.push(number),
            Item::Null
            | Item::Bool(_)
            | Item::Int16(_)
            | Item::Int32(_)
            | Item::Int64(_)
            | Item::Float32(_)
            | Item::Float64(_)
            | Item::Bytes(_)
            | Item::Interval(_)
            | Item::TimeTz(_)
            | Item::Uuid(_) => values.push_nulls(1),
        }
    }
    Ok(Vector::new(Data::Numeric(values.finish()), nulls.finish()))
}

fn decimals<'a>(
    layout: &'a RowLayout,
    column: usize,
    scale: u16,
    rows: impl ExactSizeIterator<Item = &'a [u8]>,
    missing: &'a Value,
) -> RowResult<Vector> {
    let mut values = NumericBuilder::with_capacity(rows.len());
    let mut nulls = BitmapBuilder::default();
    // As above: most rows have every column, and no null.
    let (whole, wide) = (layout.columns().len() as u16, layout.columns().len() as u16 | WIDE);
    let slot = HEAD + layout.slots_before(column)..HEAD + layout.slots_before(column + 1);
    for bytes in rows {
        let head = bytes.first_chunk::<HEAD>().map_or(BITMAP, |head| u16::from_le_bytes(*head));
        if (head == whole) | (head == wide)
            && let Some(mantissa) = bytes.get(slot.clone()).and_then(i64::read)
            && mantissa != DECIMAL_NAN
        {
            values.push_small(mantissa, scale);
            nulls.push(false);
            continue;
        }
        let row = RowView::new(layout, bytes)?;
        let mantissa = match row.field(column)? {
            Field::Stored(bytes) => i64::read(bytes).ok_or_else(|| row.damaged(column))?,
            Field::Null | Field::Missing => DECIMAL_NAN,
        };
        if mantissa != DECIMAL_NAN {
            values.push_small(mantissa, scale);
            nulls.push(false);
            continue;
        }
        let item = row.item(column, missing)?;
        nulls.push(item.is_null());
        match item {
            Item::Numeric(number) => values.push(number),
            Item::Null
            | Item::Bool(_)
            | Item::Int16(_)
            | Item::Int32(_)
            | Item::Int64(_)
            | Item::Float32(_)
            | Item::Float64(_)
            | Item::Bytes(_)
            | Item::Interval(_)
            | Item::TimeTz(_)
            | Item::Uuid(_) => values.push_nulls(1),
        }
    }
    Ok(Vector::new(Data::Numeric(values.finish()), nulls.finish()))
}
