//! Arrays as text.

use super::view::{ArrayView, Dimension};
use crate::catalog::{Type, Types};
use crate::text::{InputResult, TextSettings, append_integer, is_space, output, room_for_quoted};
use crate::value::Item;
use diagnostic::room;

/// Appends an array's text; `element` is the type of its elements where the array is of a known type.
pub(crate) fn array_output(
    types: &dyn Types,
    element: u32,
    item: &Item<'_>,
    settings: &TextSettings,
    text: &mut String,
) -> InputResult<()> {
    let Item::Bytes(bytes) = item else { return Ok(()) };
    let Some(array) = ArrayView::new(bytes) else { return Ok(()) };
    if array.is_empty() {
        text.push_str("{}");
        return Ok(());
    }
    let start = text.len();
    let delimiter = types.entry(element).map_or(b',', |entry| entry.delimiter);
    let dimensions: Vec<Dimension> = array.dimensions().collect();
    if dimensions.iter().any(|dimension| dimension.lower != 1) {
        for dimension in &dimensions {
            text.push('[');
            append_integer(i64::from(dimension.lower), text);
            text.push(':');
            append_integer(i64::from(dimension.upper()), text);
            text.push(']');
        }
        text.push('=');
    }
    let mut buffer = String::new();
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
            text.extend(std::iter::repeat_n('}', starts));
            text.push(char::from(delimiter));
        }
        text.extend(std::iter::repeat_n('{', starts));
        if item.is_null() {
            text.push_str("NULL");
            continue;
        }
        buffer.clear();
        output(types, Type::of(element), &item, settings, &mut buffer)?;
        append_quoted(&buffer, delimiter, text.len() - start, text)?;
    }
    text.extend(std::iter::repeat_n('}', dimensions.len()));
    Ok(())
}

/// Appends an element's text to an array's that has `have` bytes so far.
fn append_quoted(element: &str, delimiter: u8, have: usize, text: &mut String) -> InputResult<()> {
    let needs_quotes =
        |byte: u8| matches!(byte, b'"' | b'\\' | b'{' | b'}') || byte == delimiter || is_space(byte);
    if !element.is_empty() && !element.eq_ignore_ascii_case("NULL") && !element.bytes().any(needs_quotes) {
        room(have, element.len())?;
        text.push_str(element);
        return Ok(());
    }
    room_for_quoted(have, element)?;
    text.push('"');
    for character in element.chars() {
        if matches!(character, '"' | '\\') {
            text.push('\\');
        }
        text.push(character);
    }
    text.push('"');
    Ok(())
}

/// Appends the text of an `int2vector` or `oidvector`.
pub(crate) fn vector_output(value: &[u8], text: &mut String) {
    let Some(array) = ArrayView::new(value) else { return };
    for (index, item) in array.items().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        match item {
            Item::Int16(number) => append_integer(i64::from(number), text),
            Item::Int32(number) => append_integer(i64::from(number as u32), text),
            Item::Null
            | Item::Bool(_)
            | Item::Int64(_)
            | Item::Float32(_)
            | Item::Float64(_)
            | Item::Numeric(_)
            | Item::Bytes(_)
            | Item::Interval(_)
            | Item::TimeTz(_)
            | Item::Uuid(_) => {}
        }
    }
}
