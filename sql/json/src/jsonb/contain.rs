//! Containment and existence.

use super::compare::scalars;
use super::{Array, Object, Value};
use crate::error::{JsonError, JsonResult};

/// How deep containment goes into two documents, so that half a megabyte of stack is enough.
const MAX_DEPTH: usize = 400;

/// `@>`: whether all that is in `part` is in `whole`, at the same levels.
pub fn contains(whole: Value<'_>, part: Value<'_>) -> JsonResult<bool> {
    match (whole, part) {
        // At the top only, an array contains a scalar that is one of its elements.
        (Value::Array(array), scalar) if scalar.is_scalar() => Ok(has_scalar(array, scalar)),
        (whole, part) => within(whole, part, 0),
    }
}

fn within(whole: Value<'_>, part: Value<'_>, depth: usize) -> JsonResult<bool> {
    if depth > MAX_DEPTH {
        return Err(JsonError::TooDeep);
    }
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => object_within(whole, part, depth),
        (Value::Array(whole), Value::Array(part)) => array_within(whole, part, depth),
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => Ok(false),
        (whole, part) => Ok(scalars(whole, part).is_eq()),
    }
}

fn object_within(whole: Object<'_>, part: Object<'_>, depth: usize) -> JsonResult<bool> {
    if whole.len() < part.len() {
        return Ok(false);
    }
    for (name, value) in part.iter() {
        let Some(found) = whole.get(name) else { return Ok(false) };
        if !within(found, value, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn array_within(whole: Array<'_>, part: Array<'_>, depth: usize) -> JsonResult<bool> {
    for value in part.iter() {
        let mut found = false;
        if value.is_scalar() {
            found = has_scalar(whole, value);
        } else {
            for candidate in whole.iter().filter(|candidate| !candidate.is_scalar()) {
                if within(candidate, value, depth + 1)? {
                    found = true;
                    break;
                }
            }
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

fn has_scalar(array: Array<'_>, scalar: Value<'_>) -> bool {
    array.iter().any(|element| element.is_scalar() && scalars(element, scalar).is_eq())
}

/// `?`: whether `text` is the name of a field, or a string among the elements, or the document itself.
pub fn exists(value: Value<'_>, text: &str) -> bool {
    match value {
        Value::Object(object) => object.position(text).is_some(),
        Value::Array(array) => {
            array.iter().any(|element| matches!(element, Value::String(found) if found == text))
        }
        Value::String(found) => found == text,
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `?|`. Nulls among the texts count for nothing.
pub fn exists_any<'p>(value: Value<'_>, texts: impl IntoIterator<Item = Option<&'p str>>) -> bool {
    texts.into_iter().flatten().any(|text| exists(value, text))
}

/// `?&`. Nulls among the texts count for nothing.
pub fn exists_all<'p>(value: Value<'_>, texts: impl IntoIterator<Item = Option<&'p str>>) -> bool {
    texts.into_iter().flatten().all(|text| exists(value, text))
}
