//! Values fitted to a type's modifier: PostgreSQL's length coercions, which a cast to `varchar(3)` or an assignment to such
//! a column runs after the value has its type.

use super::bits::{fit_bits, fit_varbits};
use super::error::{InputError, InputResult};
use super::string::{fit_char, fit_varchar};
use crate::array::{ArrayBuilder, ArrayView};
use crate::catalog::{Form, Type, Types, oid, time_precision};
use crate::value::Item;
use crate::vector::{Data, NumericVector, Vector, VectorBuilder};
use datetime::typmod::round_microseconds;
use datetime::{IntervalTypmod, TimeTz, Timestamp};
use numeric::Modifier;

/// A timestamp of at most so many digits of a second; the infinities stay.
pub fn round_timestamp(value: i64, precision: Option<u8>) -> i64 {
    if Timestamp(value).is_finite() { round_microseconds(value, precision) } else { value }
}

/// Whether values of a type have to be looked at for its modifier at all.
pub fn needs_fitting(types: &dyn Types, of: Type) -> bool {
    let of = types.represented(of);
    let element = types.entry(of.oid).filter(|entry| entry.form == Form::Array).map(|entry| entry.element);
    let has_lengths = matches!(
        element.unwrap_or(of.oid),
        oid::VARCHAR
            | oid::BPCHAR
            | oid::BIT
            | oid::VARBIT
            | oid::NUMERIC
            | oid::TIME
            | oid::TIMETZ
            | oid::TIMESTAMP
            | oid::TIMESTAMPTZ
            | oid::INTERVAL
    );
    has_lengths && of.modifier >= 0
}

/// The value as the type and its modifier have it. An explicit cast cuts what an assignment refuses. Bytes lie in the
/// value or in `scratch`.
pub fn fit_item<'a>(
    types: &dyn Types,
    of: Type,
    item: &Item<'a>,
    explicit: bool,
    scratch: &'a mut Vec<u8>,
) -> InputResult<Item<'a>> {
    let of = types.represented(of);
    if of.modifier < 0 {
        return Ok(item.clone());
    }
    let modifier = of.modifier;
    Ok(match (of.oid, item) {
        (oid::VARCHAR, Item::Bytes(text)) => {
            Item::Bytes(fit_varchar(valid(text)?, modifier, explicit)?.as_bytes())
        }
        (oid::BPCHAR, Item::Bytes(text)) => match fit_char(valid(text)?, modifier, explicit)? {
            std::borrow::Cow::Borrowed(text) => Item::Bytes(text.as_bytes()),
            std::borrow::Cow::Owned(text) => kept(text.into_bytes(), scratch),
        },
        (oid::BIT, Item::Bytes(bits)) => kept(fit_bits(bits, modifier, explicit)?, scratch),
        (oid::VARBIT, Item::Bytes(bits)) => kept(fit_varbits(bits, modifier, explicit)?, scratch),
        (oid::NUMERIC, Item::Numeric(number)) => match Modifier::unpack(modifier) {
            Some(modifier) => Item::Numeric(modifier.fit(number)?),
            None => item.clone(),
        },
        (oid::TIME, Item::Int64(time)) => Item::Int64(round_microseconds(*time, time_precision(modifier))),
        (oid::TIMESTAMP | oid::TIMESTAMPTZ, Item::Int64(moment)) => {
            Item::Int64(round_timestamp(*moment, time_precision(modifier)))
        }
        (oid::TIMETZ, Item::TimeTz(TimeTz { time, zone })) => {
            Item::TimeTz(TimeTz { time: round_microseconds(*time, time_precision(modifier)), zone: *zone })
        }
        (oid::INTERVAL, Item::Interval(interval)) => {
            Item::Interval(IntervalTypmod::unpacked(modifier).apply(*interval))
        }
        (array, Item::Bytes(bytes)) => match types.entry(array).filter(|entry| entry.form == Form::Array) {
            Some(entry) => {
                let element = Type { oid: entry.element, modifier };
                kept(fit_array(types, element, bytes, explicit)?, scratch)
            }
            None => item.clone(),
        },
        (_, item) => item.clone(),
    })
}

fn kept(bytes: Vec<u8>, scratch: &mut Vec<u8>) -> Item<'_> {
    *scratch = bytes;
    Item::Bytes(scratch)
}

/// Values of text types are text; only a damaged file says otherwise.
fn valid(text: &[u8]) -> InputResult<&str> {
    std::str::from_utf8(text).map_err(|error| InputError::encoding(text, &error))
}

fn fit_array(types: &dyn Types, element: Type, bytes: &[u8], explicit: bool) -> InputResult<Vec<u8>> {
    let Some(array) = ArrayView::new(bytes) else { return Ok(bytes.to_vec()) };
    let mut builder = ArrayBuilder::new(array.element_type(), array.kind());
    let dimensions: Vec<_> = array.dimensions().collect();
    let mut scratch = Vec::new();
    for item in array.items() {
        builder.push(&fit_item(types, element, &item, explicit, &mut scratch)?);
    }
    Ok(builder.finish(&dimensions))
}

/// The values of a vector as the type and its modifier have them; nulls stay nulls.
pub fn fit_vector(types: &dyn Types, of: Type, values: &Vector, explicit: bool) -> InputResult<Vector> {
    let of = types.represented(of);
    if !needs_fitting(types, of) || fits_already(of, values) {
        return Ok(values.clone());
    }
    let rows = if values.is_constant() { values.len().min(1) } else { values.len() };
    let mut builder = VectorBuilder::new(values.kind(), rows);
    let mut scratch = Vec::new();
    for row in 0..rows {
        builder.push_item(&fit_item(types, of, &values.item(row), explicit, &mut scratch)?)?;
    }
    let fitted = builder.finish();
    Ok(if values.is_constant() && rows > 0 { fitted.repeat(0, values.len()) } else { fitted })
}

/// Whether it shows at a glance that all values fit: numbers of the column's own scale, none of which is too large.
fn fits_already(of: Type, values: &Vector) -> bool {
    let (oid::NUMERIC, Data::Numeric(NumericVector::Uniform { mantissas, scale }), Some(modifier)) =
        (of.oid, values.data(), Modifier::unpack(of.modifier))
    else {
        return false;
    };
    let limit = 10u64.checked_pow(u32::from(modifier.precision()));
    i32::from(*scale) == i32::from(modifier.scale())
        && mantissas.iter().all(|mantissa| limit.is_none_or(|limit| mantissa.unsigned_abs() < limit))
}
