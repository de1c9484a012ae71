//! From keys back to values, for scans that need nothing but the index.

use super::*;
use crate::Numeric;
use crate::array::{ArrayBuilder, DIMENSIONS_MAX, Dimension};
use crate::folded::folded;
use crate::kind::Kind;
use crate::record::record;
use crate::value::{Item, Value};
use crate::{Interval, TimeTz};

/// How deep arrays and rows lie within each other before a key is taken to be damaged. Orders are no deeper.
const NESTING_MAX: usize = 128;

/// Reads the columns of a key, and how many bytes of it and of the rest they took. What follows is not looked at.
pub fn decode_key(columns: &[KeyColumn], key: &[u8], rest: &[u8]) -> KeyResult<(Vec<Value>, usize, usize)> {
    let mut reader = Reader { key, rest, turned: false };
    let mut values = Vec::with_capacity(columns.len());
    for (index, column) in columns.iter().enumerate() {
        values.push(reader.column(column).ok_or(KeyError { column: index })?);
    }
    Ok((values, key.len() - reader.key.len(), rest.len() - reader.rest.len()))
}

struct Reader<'a> {
    key: &'a [u8],
    rest: &'a [u8],
    /// Whether the bits of the key are turned.
    turned: bool,
}

impl Reader<'_> {
    fn column(&mut self, column: &KeyColumn) -> Option<Value> {
        self.turned = false;
        match (column.nulls, column.nulls != NullPlace::Never) {
            (NullPlace::First, true) if self.key.first() == Some(&NULL_FIRST) => {
                self.byte()?;
                return Some(Value::Null);
            }
            (NullPlace::Last, true) if self.key.first() == Some(&NULL_LAST) => {
                self.byte()?;
                return Some(Value::Null);
            }
            (_, true) => (self.byte()? == NOT_NULL).then_some(())?,
            (_, false) => {}
        }
        self.turned = column.descending;
        self.value(&column.order, 0)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, key) = self.key.split_first_chunk::<N>()?;
        self.key = key;
        Some(if self.turned { bytes.map(|byte| !byte) } else { *bytes })
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn i32(&mut self) -> Option<i32> {
        self.take().map(|bytes| i32::from_be_bytes(bytes) ^ i32::MIN)
    }

    fn i64(&mut self) -> Option<i64> {
        self.take().map(|bytes| i64::from_be_bytes(bytes) ^ i64::MIN)
    }

    fn f32(&mut self) -> Option<f32> {
        let bits = self.take().map(u32::from_be_bytes)?;
        Some(f32::from_bits(if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits }))
    }

    fn f64(&mut self) -> Option<f64> {
        let bits = self.take().map(u64::from_be_bytes)?;
        Some(f64::from_bits(if bits >> 63 == 1 { bits & !(1 << 63) } else { !bits }))
    }

    fn unsigned(&mut self) -> Option<u32> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i32> {
        self.unsigned().map(|value| (value >> 1) as i32 ^ -((value & 1) as i32))
    }

    fn rest_byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*byte)
    }

    fn value(&mut self, order: &Order, depth: usize) -> Option<Value> {
        Some(match order {
            Order::Bool => Value::Bool(self.byte()? != 0),
            Order::Int16 => Value::Int16(i16::from_be_bytes(self.take()?) ^ i16::MIN),
            Order::Int32 => Value::Int32(self.i32()?),
            Order::Unsigned32 => Value::Int32(i32::from_be_bytes(self.take()?)),
            Order::Int64 => Value::Int64(self.i64()?),
            Order::Unsigned64 => Value::Int64(i64::from_be_bytes(self.take()?)),
            Order::Float32 => match self.f32()? {
                0.0 if self.rest_byte()? != 0 => Value::Float32(-0.0),
                value => Value::Float32(value),
            },
            Order::Float64 => match self.f64()? {
                0.0 if self.rest_byte()? != 0 => Value::Float64(-0.0),
                value => Value::Float64(value),
            },
            Order::Numeric => Value::Numeric(self.numeric()?),
            Order::Bytes => Value::Bytes(self.escaped()?.into()),
            Order::Padded => {
                let mut text = self.escaped()?;
                let blanks = self.unsigned()? as usize;
                text.try_reserve(blanks).ok()?;
                text.resize(text.len() + blanks, b' ');
                Value::Bytes(text.into())
            }
            Order::Folded => Value::Bytes(self.folded()?.into()),
            Order::Bits => {
                let mut bits = self.escaped()?;
                let used = self.byte()?;
                (used <= 8 && (used == 0) == bits.is_empty()).then_some(())?;
                bits.insert(0, if used == 0 { 0 } else { 8 - used });
                Value::Bytes(bits.into())
            }
            Order::Interval => Value::Interval(self.interval()?),
            Order::TimeTz => {
                let (universal, zone) = (self.i64()?, self.i32()?);
                let time = universal.checked_sub(i64::from(zone) * 1_000_000)?;
                Value::TimeTz(TimeTz { time, zone })
            }
            Order::Uuid => Value::Uuid(self.take()?),
            Order::Jsonb => Value::Bytes(self.document()?.into()),
            Order::Enum(labels) => Value::Int32(labels.label(self.f32()?)? as i32),
            Order::Array(element) => Value::Bytes(self.array(element, depth)?.into()),
            Order::Record(fields) => Value::Bytes(self.record(fields, depth)?.into()),
            // It is in no key of a table.
            Order::Anonymous => return None,
        })
    }

    fn numeric(&mut self) -> Option<Numeric> {
        let (value, length) = Numeric::decode_key(self.key, self.turned)?;
        self.key = self.key.get(length..)?;
        match value.min_scale() {
            None => Some(value),
            Some(least) => {
                let scale = i32::try_from(self.unsigned()?).ok().filter(|scale| *scale >= least)?;
                value.round(scale).ok().filter(|value| value.scale() == Some(scale))
            }
        }
    }

    fn escaped(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            match self.byte()? {
                END => return Some(text),
                ESCAPE => text.push(self.byte()?.checked_sub(1).filter(|byte| *byte <= ESCAPE)?),
                byte => text.push(byte),
            }
        }
    }

    /// A value that lies in the rest.
    fn whole(&mut self) -> Option<&[u8]> {
        let length = self.unsigned()? as usize;
        let (value, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(value)
    }

    /// The text lies in the rest; its key is only passed over.
    fn folded(&mut self) -> Option<Vec<u8>> {
        let small = self.escaped()?;
        let text = self.whole()?;
        (*folded(text) == *small).then(|| text.to_vec())
    }

    /// The document lies in the rest; its key is only passed over.
    fn document(&mut self) -> Option<Vec<u8>> {
        let document = self.whole()?.to_vec();
        let mut key = Vec::new();
        json::jsonb::write_key(json::Value::from_bytes(&document), &mut key);
        let (passed, after) = self.key.split_at_checked(key.len())?;
        let mask = if self.turned { 0xff } else { 0 };
        passed.iter().zip(&key).all(|(found, made)| found ^ mask == *made).then_some(())?;
        self.key = after;
        Some(document)
    }

    fn interval(&mut self) -> Option<Interval> {
        let bytes: [u8; INTERVAL_BYTES] = self.take()?;
        let mut all = [0; 16];
        all[..INTERVAL_BYTES].copy_from_slice(&bytes);
        let value = (i128::from_be_bytes(all) ^ i128::MIN) >> (128 - 8 * INTERVAL_BYTES);
        let (months, days) = (self.signed()?, self.signed()?);
        let known = Interval { months, days, microseconds: 0 }.span();
        Some(Interval { months, days, microseconds: i64::try_from(value - known).ok()? })
    }

    /// The marker before an element: whether there is one, and whether it is null.
    fn marker(&mut self) -> Option<Option<bool>> {
        match self.byte()? {
            END | ROW_END => Some(None),
            ELEMENT => Some(Some(false)),
            NULL_ELEMENT => Some(Some(true)),
            _ => None,
        }
    }

    fn array(&mut self, element: &Order, depth: usize) -> Option<Vec<u8>> {
        (depth < NESTING_MAX).then_some(())?;
        let mut builder = ArrayBuilder::new(self.unsigned()?, element.kind());
        while let Some(is_null) = self.marker()? {
            let value = if is_null { Value::Null } else { self.value(element, depth + 1)? };
            builder.push(&Item::from(&value));
        }
        let count = usize::from(self.byte()?);
        (count <= DIMENSIONS_MAX && (count == 0) == builder.is_empty()).then_some(())?;
        let mut dimensions = [Dimension { length: 0, lower: 0 }; DIMENSIONS_MAX];
        let mut product = 1usize;
        for dimension in &mut dimensions[..count] {
            dimension.length = self.i32()?;
            product = product.checked_mul(usize::try_from(dimension.length).ok()?)?;
        }
        for dimension in &mut dimensions[..count] {
            dimension.lower = self.i32()?;
        }
        (count == 0 || product == builder.len()).then_some(())?;
        Some(builder.finish(&dimensions[..count]))
    }

    fn record(&mut self, fields: &[Option<Order>], depth: usize) -> Option<Vec<u8>> {
        (depth < NESTING_MAX).then_some(())?;
        let mut columns: Vec<(u32, Kind, Value)> = Vec::with_capacity(fields.len());
        while let Some(is_null) = self.marker()? {
            let order = next_there(fields, &mut columns)?;
            let column_type = self.unsigned()?;
            let value = if is_null { Value::Null } else { self.value(order, depth + 1)? };
            columns.push((column_type, order.kind(), value));
        }
        // Nulls at the end are in the rest alone.
        for _ in 0..self.unsigned()? {
            let order = next_there(fields, &mut columns)?;
            columns.push((self.unsigned()?, order.kind(), Value::Null));
        }
        let items: Vec<_> = columns.iter().map(|(of, kind, value)| (*of, *kind, Item::from(value))).collect();
        Some(record(&items))
    }
}

/// The order of the next column that is there, behind dropped ones, which are null.
fn next_there<'o>(fields: &'o [Option<Order>], columns: &mut Vec<(u32, Kind, Value)>) -> Option<&'o Order> {
    loop {
        match fields.get(columns.len())? {
            Some(order) => return Some(order),
            None => columns.push((0, Kind::Bytes, Value::Null)),
        }
    }
}
