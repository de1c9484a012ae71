//! Where PostgreSQL's own binary form would have an object: `keyvalue()` shows that number as `id`.

use crate::jsonb::{Array, Object, Value};
use crate::number::Number;

const WORD: u64 = 4;

/// The place of the object that lies at the address `target` within `base`, as PostgreSQL counts; zero if it is not there.
pub(super) fn within(base: Value<'_>, target: usize) -> u64 {
    let mut value = base;
    let mut offset = 0;
    loop {
        if value.address() == target {
            return offset;
        }
        let found = match value {
            Value::Array(array) => in_array(array, offset, target),
            Value::Object(object) => in_object(object, offset, target),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        match found {
            Some((inner, place)) => (value, offset) = (inner, place),
            None => return 0,
        }
    }
}

fn in_array(array: Array<'_>, start: u64, target: usize) -> Option<(Value<'_>, u64)> {
    let data = start + WORD + WORD * array.len() as u64;
    find(array.iter(), data, target)
}

fn in_object(object: Object<'_>, start: u64, target: usize) -> Option<(Value<'_>, u64)> {
    let names: u64 = object.iter().map(|(name, _)| name.len() as u64).sum();
    let data = start + WORD + 2 * WORD * object.len() as u64 + names;
    find(object.iter().map(|(_, value)| value), data, target)
}

/// The one of `values`, which lie from `place` on, that `target` is in, and its own place.
fn find<'a>(
    values: impl Iterator<Item = Value<'a>>,
    mut place: u64,
    target: usize,
) -> Option<(Value<'a>, u64)> {
    for value in values {
        let start =
            if matches!(value, Value::Number(_)) || !value.is_scalar() { aligned(place) } else { place };
        if !value.is_scalar() && value.spans(target) {
            return Some((value, start));
        }
        place = start + size(value, start);
    }
    None
}

fn aligned(place: u64) -> u64 {
    place.next_multiple_of(WORD)
}

/// How much space a value takes that starts at `start`.
fn size(value: Value<'_>, start: u64) -> u64 {
    // Levels whose values are still to be placed; the end of the innermost one is the place where the next starts.
    let mut place = start;
    for visit in crate::jsonb::Walk::new(value) {
        use crate::jsonb::Visit;
        match visit {
            Visit::ObjectStart(object) => {
                let names: u64 = object.iter().map(|(name, _)| name.len() as u64).sum();
                place = aligned(place) + WORD + 2 * WORD * object.len() as u64 + names;
            }
            Visit::ArrayStart(array) => place = aligned(place) + WORD + WORD * array.len() as u64,
            Visit::Scalar(Value::String(text)) => place += text.len() as u64,
            Visit::Scalar(Value::Number(number)) => place = aligned(place) + number_size(number),
            Visit::Scalar(_) | Visit::Key(_) | Visit::ObjectEnd | Visit::ArrayEnd => {}
        }
    }
    place - start
}

/// The length of a `numeric`: its header, long or short, and two bytes for each digit of base 10,000.
fn number_size(number: Number<'_>) -> u64 {
    let (digits, weight, scale) = number.base_ten_thousand();
    let short = scale <= 0x3f && (-64..=63).contains(&weight);
    let header = if short { 2 } else { 4 };
    WORD + header + 2 * digits
}
