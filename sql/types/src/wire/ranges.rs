//! Ranges and sets of ranges.

use super::{Context, Reader, WireError, WireResult, send_part, unsupported};
use crate::catalog::{Type, Types};
use crate::range::{Bound, Range, RangeError, RangeType, normalised};
use crate::value::{Item, Value};

/// What the first byte of a range says.
const EMPTY: u8 = 0x01;
const LOWER_INCLUSIVE: u8 = 0x02;
const UPPER_INCLUSIVE: u8 = 0x04;
const NO_LOWER: u8 = 0x08;
const NO_UPPER: u8 = 0x10;

fn range_type(types: &dyn Types, of: u32) -> WireResult<RangeType> {
    RangeType::of(types, of).ok_or_else(|| unsupported(types, of))
}

/// Appends a range's bytes.
pub(super) fn send(to: Context<'_>, of: u32, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    let of = range_type(to.types, of)?;
    put(to, &of, &of.decode(value)?, bytes)
}

/// Appends a multirange's bytes.
pub(super) fn send_set(to: Context<'_>, of: u32, value: &[u8], bytes: &mut Vec<u8>) -> WireResult<()> {
    let of = range_type(to.types, of)?;
    let ranges = of.decode_set(value)?;
    bytes.extend_from_slice(&(ranges.len() as u32).to_be_bytes());
    for range in ranges {
        let start = bytes.len();
        bytes.extend_from_slice(&[0; 4]);
        put(to, &of, &range, bytes)?;
        let length = (bytes.len() - start - 4) as u32;
        bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    Ok(())
}

fn put(to: Context<'_>, of: &RangeType, range: &Range, bytes: &mut Vec<u8>) -> WireResult<()> {
    if range.empty {
        bytes.push(EMPTY);
        return Ok(());
    }
    let side = |bound: &Option<Bound>, inclusive: u8, missing: u8| match bound {
        Some(bound) if bound.inclusive => inclusive,
        Some(_) => 0,
        None => missing,
    };
    bytes.push(side(&range.lower, LOWER_INCLUSIVE, NO_LOWER) | side(&range.upper, UPPER_INCLUSIVE, NO_UPPER));
    for bound in [&range.lower, &range.upper].into_iter().flatten() {
        send_part(to, of.names.subtype, &Item::from(&bound.value), bytes)?;
    }
    Ok(())
}

impl Reader<'_> {
    pub(super) fn range(&mut self, of: u32) -> WireResult<Value> {
        let of = range_type(self.types, of)?;
        let range = self.one_range(&of)?;
        Ok(Value::Bytes(of.encode(&range).into()))
    }

    /// All bytes that there are.
    fn one_range(&mut self, of: &RangeType) -> WireResult<Range> {
        let [flags] = self.take()?;
        let is_empty = flags & EMPTY != 0;
        let mut side = |inclusive: u8, missing: u8| -> WireResult<Option<Bound>> {
            if is_empty || flags & missing != 0 {
                return Ok(None);
            }
            let length = usize::try_from(self.i32()?).map_err(|_| WireError::Insufficient)?;
            let mut inner = Reader { bytes: self.stretch(length)?, ..*self };
            let value = inner.value(Type::of(of.names.subtype))?;
            Ok(Some(Bound { value, inclusive: flags & inclusive != 0 }))
        };
        let (lower, upper) = (side(LOWER_INCLUSIVE, NO_LOWER)?, side(UPPER_INCLUSIVE, NO_UPPER)?);
        if !self.bytes.is_empty() {
            return Err(WireError::Message);
        }
        if is_empty { Ok(Range::EMPTY) } else { Ok(of.make(lower, upper)?) }
    }

    pub(super) fn ranges(&mut self, of: u32) -> WireResult<Value> {
        let of = range_type(self.types, of)?;
        let count = u32::from_be_bytes(self.take()?);
        let mut ranges = Vec::new();
        for _ in 0..count {
            let length = usize::try_from(self.i32()?).map_err(|_| WireError::Insufficient)?;
            let mut inner = Reader { bytes: self.stretch(length)?, ..*self };
            ranges.push(inner.one_range(&of)?);
        }
        if !self.bytes.is_empty() {
            return Err(WireError::Message);
        }
        let ranges: Result<_, RangeError> = normalised(&of, ranges);
        Ok(Value::Bytes(of.encode_set(&ranges?).into()))
    }
}
