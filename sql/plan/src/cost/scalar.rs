//! How far a value lies between two others, as numbers: PostgreSQL's `convert_to_scalar`.

use types::catalog::oid;
use types::{Type, Value};

/// How many bytes of a text are looked at.
const TEXT_BYTES: usize = 12;
const MONTH: f64 = 365.25 / 12.0 * 86_400_000_000.0;
const DAY: f64 = 86_400_000_000.0;

/// How far a value lies from one bound to the next, from 0 to 1; nothing where values are no numbers. The types are those of
/// the bounds and of the value.
pub(super) fn part_between(
    (low, high): (&Value, &Value),
    value: &Value,
    (of, of_value): (Type, Type),
) -> Option<f64> {
    let (value, low, high) = match (value, low, high) {
        (Value::Bytes(value), Value::Bytes(low), Value::Bytes(high)) => {
            if is_text(of) && is_text(of_value) {
                of_texts(value, low, high)
            } else if of.oid == oid::BYTEA {
                of_bytes((0, 255), (value, low, high))
            } else if is_network(of) {
                (number(value), number(low), number(high))
            } else {
                return None;
            }
        }
        _ => (scalar(value, of_value)?, scalar(low, of)?, scalar(high, of)?),
    };
    if high <= low {
        return Some(0.5);
    }
    if value <= low {
        return Some(0.0);
    }
    if value >= high {
        return Some(1.0);
    }
    let part = (value - low) / (high - low);
    Some(if (0.0..=1.0).contains(&part) { part } else { 0.5 })
}

fn is_text(of: Type) -> bool {
    matches!(of.oid, oid::TEXT | oid::VARCHAR | oid::BPCHAR | oid::NAME | oid::UNKNOWN)
}

fn is_network(of: Type) -> bool {
    matches!(of.oid, oid::INET | oid::CIDR | oid::MACADDR | oid::MACADDR8)
}

/// The first bytes as a number.
fn number(bytes: &[u8]) -> f64 {
    (0..8).fold(0.0, |number, place| number * 256.0 + f64::from(bytes.get(place).copied().unwrap_or(0)))
}

fn scalar(value: &Value, of: Type) -> Option<f64> {
    Some(match value {
        Value::Bool(value) => f64::from(u8::from(*value)),
        Value::Int16(value) => f64::from(*value),
        Value::Int32(value) if of.oid == oid::DATE => f64::from(*value) * DAY,
        Value::Int32(value) => f64::from(*value),
        Value::Int64(value) => *value as f64,
        Value::Float32(value) => f64::from(*value),
        Value::Float64(value) => *value,
        Value::Numeric(value) => value.to_string().parse().ok()?,
        Value::Interval(value) => {
            value.microseconds as f64 + f64::from(value.days) * DAY + f64::from(value.months) * MONTH
        }
        Value::Null | Value::Bytes(_) | Value::TimeTz(_) | Value::Uuid(_) => return None,
    })
}

/// Three texts as numbers to a base that has all characters that such texts have, what all begin with left out.
fn of_texts(value: &[u8], low: &[u8], high: &[u8]) -> (f64, f64, f64) {
    let first = high.first().copied().unwrap_or(0);
    let all = || low.iter().chain(high).copied();
    let (mut least, mut most) = (all().fold(first, u8::min), all().fold(first, u8::max));
    for (from, to) in [(b'A', b'Z'), (b'a', b'z'), (b'0', b'9')] {
        if least <= to && most >= from {
            (least, most) = (least.min(from), most.max(to));
        }
    }
    if most - least < 9 {
        (least, most) = (b' ', 127);
    }
    let shared = low
        .iter()
        .zip(high)
        .zip(value)
        .take_while(|((low, high), value)| low == high && low == value)
        .count();
    of_bytes((least, most), (&value[shared..], &low[shared..], &high[shared..]))
}

fn of_bytes((least, most): (u8, u8), (value, low, high): (&[u8], &[u8], &[u8])) -> (f64, f64, f64) {
    let fraction = |bytes: &[u8]| {
        let base = f64::from(most - least) + 1.0;
        let (mut number, mut below) = (0.0, base);
        for byte in bytes.iter().take(TEXT_BYTES) {
            let digit = match *byte {
                byte if byte < least => -1.0,
                byte if byte > most => base,
                byte => f64::from(byte - least),
            };
            number += digit / below;
            below *= base;
        }
        number
    };
    (fraction(value), fraction(low), fraction(high))
}
