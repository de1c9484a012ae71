//! Arrays as text.

use super::view::{ArrayView, Dimension};
use crate::catalog::{Type, Types};
use crate::text::{InputResult, TextSettings, append_integer, is_space, output};
use crate::value::Item;

/// Appends an array's text; `element` is the type of its elements where the array is of a known type.
pub(crate) fn array_output(
    types: &dyn Types,
    element: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut Vec<u8>,
) -> InputResult<()> {
    let Item::Bytes(bytes) = item else { return Ok(()) };
    let Some(array) = ArrayView::new(bytes) else { return Ok(()) };
    if array.is_empty() {
        text.extend_from_slice(b"{}");
        return Ok(());
    }
    let delimiter = types.entry(element).map_or(b',', |entry| entry.delimiter);
    let dimensions: Vec<Dimension> = array.dimensions().collect();
    if dimensions.iter().any(|dimension| dimension.lower != 1) {
        for dimension in &dimensions {
            text.push(b'[');
            append_integer(i64::from(dimension.lower), text);
            text.push(b':');
            append_integer(i64::from(dimension.upper()), text);
            text.push(b']');
        }
        text.push(b'=');
    }
    let mut buffer = Vec::new();
    // How many elements a sub-array of each dimension has.
    let mut strides = vec![1usize; dimensions.len()];
    for level in (0..dimensions.len() - 1).rev() {
        strides[level] = strides[level + 1] * dimensions[level + 1].length as usize;
    }
    for (index, item) in array.items().enumerate() {
        // The levels that begin with this element; as many ended before it.
        let starts = dimensions
            .iter()
            .zip(&strides)
            .filter(|(dimension, stride)| index % (dimension.length as usize * **stride) == 0)
            .count();
        if index > 0 {
            text.extend(std::iter::repeat_n(b'}', starts));
            text.push(delimiter);
        }
        text.extend(std::iter::repeat_n(b'{', starts));
        if item.is_null() {
            text.extend_from_slice(b"NULL");
            continue;
        }
        buffer.clear();
        output(types, Type::of(element), &item, settings, &mut buffer)?;
        append_quoted(&buffer, delimiter, text);
    }
    text.extend(std::iter::repeat_n(b'}', dimensions.len()));
    Ok(())
}

fn append_quoted(element: &[u8], delimiter: u8, text: &mut Vec<u8>) {
    let needs_quotes =
        |byte: &u8| matches!(byte, b'"' | b'\\' | b'{' | b'}') || *byte == delimiter || is_space(*byte);
    if !element.is_empty() && !element.eq_ignore_ascii_case(b"NULL") && !element.iter().any(needs_quotes) {
        return text.extend_from_slice(element);
    }
    text.push(b'"');
    for byte in element {
        if matches!(byte, b'"' | b'\\') {
            text.push(b'\\');
        }
        text.push(*byte);
    }
    text.push(b'"');
}

/// Appends the text of an `int2vector` or `oidvector`.
pub(crate) fn vector_output(value: &[u8], text: &mut Vec<u8>) {
    let Some(array) = ArrayView::new(value) else { return };
    for (index, item) in array.items().enumerate() {
        if index > 0 {
            text.push(b' ');
        }
        match item {
            Item::Int16(number) => append_integer(i64::from(number), text),
            Item::Int32(number) => append_integer(i64::from(number as u32), text),
            _ => {}
        }
    }
}
