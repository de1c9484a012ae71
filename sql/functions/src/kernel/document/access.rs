//! Parts of documents, and what they contain.

use crate::error::FunctionResult;
use crate::kernel::loops::{scalar, text};
use json::text::{self as plain, Field, Step};
use json::{Value, jsonb};
use std::borrow::Cow;
use types::Item;
use types::array::ArrayView;

/// The elements of an array of texts.
pub(super) fn texts<'a>(array: &ArrayView<'a>) -> FunctionResult<Vec<Option<&'a str>>> {
    let each = |item| match item {
        Item::Bytes(bytes) => text(bytes).map(Some),
        _ => Ok(None),
    };
    array.items().map(each).collect()
}

fn field<'a>(document: &'a str, step: Step<'_>) -> FunctionResult<Option<Field<'a>>> {
    Ok(plain::path(document, &[step])?)
}

/// What lies at the end of a path; nothing if a step is null.
fn at_path<'a>(document: &'a str, path: &ArrayView<'_>) -> FunctionResult<Option<Field<'a>>> {
    let steps: Option<Vec<&str>> = texts(path)?.into_iter().collect();
    let Some(steps) = steps else { return Ok(None) };
    let steps: Vec<Step<'_>> = steps.into_iter().map(Step::Text).collect();
    Ok(plain::path(document, &steps)?)
}

fn at_binary_path<'a>(document: Value<'a>, path: &ArrayView<'_>) -> FunctionResult<Option<Value<'a>>> {
    let steps: Option<Vec<&str>> = texts(path)?.into_iter().collect();
    Ok(steps.and_then(|steps| document.path(steps)))
}

fn raw(field: Option<Field<'_>>) -> Option<&str> {
    field.map(|field| field.raw)
}

fn bytes(value: Option<Value<'_>>) -> Option<json::Jsonb> {
    value.map(Value::to_jsonb)
}

/// The text of what was found.
fn shown(found: Option<Value<'_>>) -> FunctionResult<Option<Cow<'_, str>>> {
    Ok(found.map(Value::text).transpose()?.flatten())
}

scalar! {
    fn json_object_field(a: &str, name: &str) -> Option<&str> { raw(field(a, Step::Key(name))?) }
    fn json_object_field_text(a: &str, name: &str) -> Option<Cow<'_, str>> {
        field(a, Step::Key(name))?.and_then(Field::text)
    }
    fn json_array_element(a: &str, index: i32) -> Option<&str> { raw(field(a, Step::Index(index))?) }
    fn json_array_element_text(a: &str, index: i32) -> Option<Cow<'_, str>> {
        field(a, Step::Index(index))?.and_then(Field::text)
    }
    fn json_extract_path(a: &str, path: ArrayView<'_>) -> Option<&str> { raw(at_path(a, &path)?) }
    fn json_extract_path_text(a: &str, path: ArrayView<'_>) -> Option<Cow<'_, str>> {
        at_path(a, &path)?.and_then(Field::text)
    }
    fn json_array_length(a: &str) -> i32 { plain::array_length(a)? as i32 }
    fn json_typeof(a: &str) -> &str { plain::type_name(a)? }
    fn json_strip_nulls(a: &str) -> String { plain::strip_nulls(a)? }
    fn jsonb_object_field(a: Value<'_>, name: &str) -> Option<json::Jsonb> { bytes(a.field(name)) }
    fn jsonb_object_field_text(a: Value<'_>, name: &str) -> Option<Cow<'_, str>> {
        shown(a.field(name))?
    }
    fn jsonb_array_element(a: Value<'_>, index: i32) -> Option<json::Jsonb> { bytes(a.element(index)) }
    fn jsonb_array_element_text(a: Value<'_>, index: i32) -> Option<Cow<'_, str>> {
        shown(a.element(index))?
    }
    fn jsonb_extract_path(a: Value<'_>, path: ArrayView<'_>) -> Option<json::Jsonb> {
        bytes(at_binary_path(a, &path)?)
    }
    fn jsonb_extract_path_text(a: Value<'_>, path: ArrayView<'_>) -> Option<Cow<'_, str>> {
        shown(at_binary_path(a, &path)?)?
    }
    fn jsonb_array_length(a: Value<'_>) -> i32 { a.array_length()? as i32 }
    fn jsonb_typeof(a: Value<'_>) -> &str { a.type_name() }
    fn jsonb_contains(a: Value<'_>, b: Value<'_>) -> bool { jsonb::contains(a, b)? }
    fn jsonb_contained(a: Value<'_>, b: Value<'_>) -> bool { jsonb::contains(b, a)? }
    fn jsonb_exists(a: Value<'_>, name: &str) -> bool { jsonb::exists(a, name) }
    fn jsonb_exists_any(a: Value<'_>, names: ArrayView<'_>) -> bool { jsonb::exists_any(a, texts(&names)?) }
    fn jsonb_exists_all(a: Value<'_>, names: ArrayView<'_>) -> bool { jsonb::exists_all(a, texts(&names)?) }
    fn jsonb_pretty(a: Value<'_>) -> String { jsonb::pretty(a)? }
}
