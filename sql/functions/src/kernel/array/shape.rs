//! Dimensions of arrays.

use crate::kernel::loops::scalar;
use types::array::{ArrayView, dimension, dimensions_text, trim};

scalar! {
    fn array_ndims(a: ArrayView<'_>) -> Option<i32> { (!a.is_empty()).then(|| a.dimensions().len() as i32) }
    fn array_dims(a: ArrayView<'_>) -> Option<String> { dimensions_text(&a) }
    fn array_lower(a: ArrayView<'_>, number: i32) -> Option<i32> { dimension(&a, number).map(|found| found.lower) }
    fn array_upper(a: ArrayView<'_>, number: i32) -> Option<i32> { dimension(&a, number).map(|found| found.upper()) }
    fn array_length(a: ArrayView<'_>, number: i32) -> Option<i32> { dimension(&a, number).map(|found| found.length) }
    fn array_cardinality(a: ArrayView<'_>) -> i32 { a.len() as i32 }
    fn trim_array(a: ArrayView<'_>, count: i32) -> Vec<u8> { trim(&a, count)? }
}
