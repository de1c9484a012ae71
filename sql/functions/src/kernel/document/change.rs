//! Documents changed.

use super::access::texts;
use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{scalar, scalar_lenient};
use diagnostic::SqlState;
use json::{Jsonb, Value, jsonb};
use types::array::ArrayView;

/// The texts of an array of one dimension.
fn one_dimension<'a>(array: &ArrayView<'a>) -> FunctionResult<Vec<Option<&'a str>>> {
    if array.dimensions().len() > 1 {
        return Err(FunctionError::plain(SqlState::ArrayElementError, "wrong number of array subscripts"));
    }
    texts(array)
}

scalar! {
    fn jsonb_concat(a: Value<'_>, b: Value<'_>) -> Jsonb { jsonb::concatenate(a, b)? }
    fn jsonb_delete(a: Value<'_>, name: &str) -> Jsonb { jsonb::delete_keys(a, [name])? }
    fn jsonb_delete_idx(a: Value<'_>, index: i32) -> Jsonb { jsonb::delete_index(a, index)? }
    fn jsonb_delete_array(a: Value<'_>, names: ArrayView<'_>) -> Jsonb {
        jsonb::delete_keys(a, one_dimension(&names)?.into_iter().flatten())?
    }
    fn jsonb_delete_path(a: Value<'_>, path: ArrayView<'_>) -> Jsonb {
        jsonb::delete_path(a, &one_dimension(&path)?)?
    }
    fn jsonb_set(a: Value<'_>, path: ArrayView<'_>, new: Value<'_>, create: bool) -> Jsonb {
        jsonb::set(a, &one_dimension(&path)?, new, create)?
    }
    fn jsonb_insert(a: Value<'_>, path: ArrayView<'_>, new: Value<'_>, after: bool) -> Jsonb {
        let insertion = if after { jsonb::Insertion::After } else { jsonb::Insertion::Before };
        jsonb::insert(a, &one_dimension(&path)?, new, insertion)?
    }
    fn jsonb_strip_nulls(a: Value<'_>) -> Jsonb { jsonb::strip_nulls(a)? }
}

scalar_lenient! {
    fn jsonb_set_lax(a: Value<'_>, path: ArrayView<'_>, new: Value<'_>, create: bool, treatment: &str) -> Option<Jsonb> {
        match (a, path, create) {
            (Some(a), Some(path), Some(create)) => {
                Some(jsonb::set_lax(a, &one_dimension(&path)?, new, create, treatment)?)
            }
            _ => None,
        }
    }
}
