//! The order of documents, and what follows from it: hashes and keys that compare as bytes.
//!
//! Null, string, number, boolean, array, object, in this order; arrays and objects by their counts first, then piece by
//! piece. At the top a scalar counts as an array of one, lower than a real one of one: so an empty array is the least.

use super::{Value, Visit, Walk};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Value<'_>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value<'_> {}

impl PartialOrd for Value<'_> {
    fn partial_cmp(&self, other: &Value<'_>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value<'_> {
    fn cmp(&self, other: &Value<'_>) -> Ordering {
        match root(*self).cmp(&root(*other)) {
            Ordering::Equal => {}
            different => return different,
        }
        for (one, two) in Walk::new(*self).zip(Walk::new(*other)) {
            let order = match (one, two) {
                (Visit::ObjectStart(one), Visit::ObjectStart(two)) => one.len().cmp(&two.len()),
                (Visit::ArrayStart(one), Visit::ArrayStart(two)) => one.len().cmp(&two.len()),
                (Visit::Key(one), Visit::Key(two)) => one.cmp(two),
                (Visit::Scalar(one), Visit::Scalar(two)) => scalars(one, two),
                (one, two) => rank_of(one).cmp(&rank_of(two)),
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }
}

/// What the outermost level decides: object or not, how many, scalar or not.
fn root(value: Value<'_>) -> (bool, usize, bool) {
    match value {
        Value::Object(object) => (true, object.len(), true),
        Value::Array(array) => (false, array.len(), true),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (false, 1, false),
    }
}

fn rank(value: Value<'_>) -> u8 {
    match value {
        Value::Null => 1,
        Value::String(_) => 2,
        Value::Number(_) => 3,
        Value::Bool(false) => 4,
        Value::Bool(true) => 5,
        Value::Array(_) => 6,
        Value::Object(_) => 7,
    }
}

fn rank_of(visit: Visit<'_>) -> u8 {
    match visit {
        Visit::Scalar(value) => rank(value),
        Visit::ArrayStart(_) => 6,
        Visit::ObjectStart(_) => 7,
        // Counts have been compared: names and ends meet only their like.
        Visit::Key(_) | Visit::ArrayEnd | Visit::ObjectEnd => 0,
    }
}

/// The order of two scalars.
pub(super) fn scalars(one: Value<'_>, two: Value<'_>) -> Ordering {
    match (one, two) {
        (Value::String(one), Value::String(two)) => one.cmp(two),
        (Value::Number(one), Value::Number(two)) => one.cmp(&two),
        _ => rank(one).cmp(&rank(two)),
    }
}

/// Hashes so that equal documents agree.
pub fn hash<H: Hasher>(value: Value<'_>, state: &mut H) {
    for visit in Walk::new(value) {
        match visit {
            Visit::ObjectStart(object) => (7u8, object.len()).hash(state),
            Visit::ArrayStart(array) => (6u8, array.len()).hash(state),
            Visit::Key(name) => name.hash(state),
            Visit::Scalar(value) => {
                state.write_u8(rank(value));
                match value {
                    Value::String(text) => text.hash(state),
                    Value::Number(number) => number.hash(state),
                    Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
                }
            }
            // The counts say where they are.
            Visit::ObjectEnd | Visit::ArrayEnd => {}
        }
    }
}

impl Hash for Value<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(*self, state);
    }
}

/// Bytes that compare as documents do, none of which is a prefix of another's.
pub fn key(value: Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write_key(value, &mut out);
    out
}

/// Appends the bytes of [`key`].
pub fn write_key(value: Value<'_>, out: &mut Vec<u8>) {
    let (object, count, composite) = root(value);
    out.push(u8::from(object));
    out.extend_from_slice(&(count as u32).to_be_bytes());
    out.push(u8::from(composite));
    for visit in Walk::new(value) {
        match visit {
            Visit::ObjectStart(object) => {
                out.push(7);
                out.extend_from_slice(&(object.len() as u32).to_be_bytes());
            }
            Visit::ArrayStart(array) => {
                out.push(6);
                out.extend_from_slice(&(array.len() as u32).to_be_bytes());
            }
            Visit::Key(name) => write_text(name, out),
            Visit::Scalar(value) => {
                out.push(rank(value));
                match value {
                    Value::String(text) => write_text(text, out),
                    Value::Number(number) => number.write_key(out),
                    Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {}
                }
            }
            Visit::ObjectEnd | Visit::ArrayEnd => {}
        }
    }
}

/// A text and a zero, which no text of a document contains.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_bytes());
    out.push(0);
}
