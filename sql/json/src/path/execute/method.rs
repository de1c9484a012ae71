//! Methods.

use super::{Executor, Found, Item, again};
use crate::error::{JsonResult, PathError};
use crate::jsonb::{Builder, Value};
use crate::number::{self, Number};
use crate::path::tree::{Accessor, Method};
use crate::path::{datetime, offset};

/// What sets the ids of one document's objects apart from another's.
const ID_RANGE: i64 = 10_000_000_000;

impl<'a> Executor<'a> {
    pub(super) fn method(
        &mut self,
        method: Method,
        rest: &'a [Accessor],
        item: Item<'a>,
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let result = match method {
            Method::Type => Item::Value(Value::String(match item {
                Item::Value(value) => value.type_name(),
                Item::Moment(moment) => moment.kind.type_name(),
            })),
            Method::Size => {
                let size = match item {
                    Item::Value(Value::Array(array)) => array.len(),
                    Item::Value(_) | Item::Moment(_) if self.lax => 1,
                    Item::Value(_) | Item::Moment(_) => {
                        return self.forgive(PathError::MethodOfNonArray(method.name()));
                    }
                };
                self.made(|out| {
                    number::encode_integer(i64::try_from(size).unwrap_or(i64::MAX), out);
                    Ok(())
                })?
            }
            Method::Abs | Method::Floor | Method::Ceiling => {
                let Item::Value(Value::Number(number)) = item else {
                    return Err(PathError::MethodOfNonNumeric(method.name()).into());
                };
                self.made(|out| numeric(method, number, out))?
            }
            Method::Double => self.double(item)?,
            Method::KeyValue => return self.key_value(rest, item, found),
        };
        self.apply(rest, result, found)
    }

    fn double(&self, item: Item<'a>) -> JsonResult<Item<'a>> {
        match item {
            Item::Value(Value::Number(number)) => match parse_double(&number.text()) {
                Some(_) => Ok(item),
                None => Err(PathError::DoubleOutOfRange.into()),
            },
            Item::Value(Value::String(text)) => {
                let value = parse_double(text).ok_or(PathError::DoubleInvalid)?;
                self.made(|out| number::from_double(value, out).unwrap_or(Ok(())))
            }
            Item::Value(_) | Item::Moment(_) => {
                Err(PathError::MethodOfNonStringOrNumeric(Method::Double.name()).into())
            }
        }
    }

    fn key_value(
        &mut self,
        rest: &'a [Accessor],
        item: Item<'a>,
        mut found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let Item::Value(value @ Value::Object(object)) = item else {
            return Err(PathError::MethodOfNonObject(Method::KeyValue.name()).into());
        };
        if rest.is_empty() && found.is_none() {
            return Ok(!object.is_empty());
        }
        let (base, number) = self.base;
        let place = i64::try_from(offset::within(base, value.address())).unwrap_or(0);
        let id = number.saturating_mul(ID_RANGE).saturating_add(place);
        let mut any = false;
        for (name, value) in object.iter() {
            let mut builder = Builder::new();
            builder.begin_object()?;
            builder.key("key")?;
            builder.string(name)?;
            builder.key("value")?;
            builder.value(value)?;
            builder.key("id")?;
            builder.integer(id)?;
            let pair = builder.finish()?;
            let pair = Value::from_bytes(self.arena.alloc_slice_copy(pair.as_bytes()));
            self.base = (pair, self.next_base);
            self.next_base += 1;
            let result = self.apply(rest, Item::Value(pair), again(&mut found));
            self.base = (base, number);
            any = result?;
            if any && found.is_none() {
                return Ok(true);
            }
        }
        Ok(any)
    }

    pub(super) fn datetime(
        &mut self,
        template: Option<&str>,
        rest: &'a [Accessor],
        item: Item<'a>,
        found: Found<'_, 'a>,
    ) -> JsonResult<bool> {
        let Item::Value(Value::String(text)) = item else {
            return Err(PathError::MethodOfNonString("datetime").into());
        };
        let moment = datetime::parse(self.datetimes, text, template)?;
        self.apply(rest, Item::Moment(moment), found)
    }
}

fn numeric(method: Method, number: Number<'_>, out: &mut Vec<u8>) -> JsonResult<()> {
    match method {
        Method::Floor => number::floor_or_ceiling(number, false, out),
        Method::Ceiling => number::floor_or_ceiling(number, true, out),
        Method::Abs if number < Number::from_bytes(&[]) => number::negate(number, out),
        Method::Abs | Method::Double | Method::KeyValue | Method::Size | Method::Type => {
            out.extend_from_slice(number.as_bytes());
            Ok(())
        }
    }
}

/// A finite double, as C's `strtod` reads one that fills the whole text but for white space at its ends.
fn parse_double(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(digits) = unsigned.strip_prefix("0x").or(unsigned.strip_prefix("0X")) {
        let value = parse_hexadecimal(digits)?;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    // Rust also knows words (`inf`, `nan`), none of which is finite.
    let value: f64 = text.parse().ok()?;
    // Neither overflow nor underflow passes.
    let digits = unsigned.split(['e', 'E']).next().unwrap_or("");
    let is_zero = !digits.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    (value.is_finite() && (value != 0.0 || is_zero)).then_some(value)
}

/// `h.hhp±d`, without sign and prefix.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = match text.split_once(['p', 'P']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let shift = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    let result: f64 = value * 2f64.powi(shift);
    (result.is_finite() && (result != 0.0 || value == 0.0)).then_some(result)
}
