//! What looks at elements: containment, positions, removal and replacement; texts split and joined.

use super::error::{ArrayError, ArrayResult};
use super::shape::GIGABYTE;
use super::view::{ArrayBuilder, ArrayView, Dimension};
use crate::catalog::oid;
use crate::kind::Kind;
use crate::value::Item;
use crate::vector::Order;
use diagnostic::{OutOfRoom, room};

/// Whether every element of `part` is one of `whole`; a null is none of any array.
pub fn contains(whole: &ArrayView<'_>, part: &ArrayView<'_>, order: &Order) -> bool {
    part.items().all(|item| has(whole, &item, order))
}

/// Whether the arrays share an element; nulls are not looked at.
pub fn overlaps(left: &ArrayView<'_>, right: &ArrayView<'_>, order: &Order) -> bool {
    left.items().any(|item| has(right, &item, order))
}

fn has(array: &ArrayView<'_>, element: &Item<'_>, order: &Order) -> bool {
    !element.is_null() && array.items().any(|item| !item.is_null() && order.compare(&item, element).is_eq())
}

/// Whether an element is the one that is looked for; here two nulls are the same.
fn same(item: &Item<'_>, element: &Item<'_>, order: &Order) -> bool {
    order.compare(item, element).is_eq()
}

/// The subscripts of an array that has one dimension or none, beside its elements.
fn numbered<'a>(array: &ArrayView<'a>) -> ArrayResult<impl Iterator<Item = (i32, Item<'a>)> + use<'a>> {
    let mut dimensions = array.dimensions();
    let lower = dimensions.next().map_or(1, |dimension| dimension.lower);
    if dimensions.len() > 0 {
        return Err(ArrayError::SearchMultidimensional);
    }
    Ok(array.items().enumerate().map(move |(index, item)| (lower.wrapping_add(index as i32), item)))
}

/// The subscript of the first such element, from a subscript on; a start that is null is refused.
pub fn position(
    array: &ArrayView<'_>,
    element: &Item<'_>,
    from: Option<Option<i32>>,
    order: &Order,
) -> ArrayResult<Option<i32>> {
    let is_null = |item: &Item<'_>| matches!(item, Item::Null);
    let mut numbered = numbered(array)?;
    let from = match from {
        None => i32::MIN,
        // Where it cannot be, it is not asked whence.
        Some(None) if array.dimensions().len() == 0 => return Ok(None),
        Some(None) if is_null(element) && !array.items().any(|item| is_null(&item)) => return Ok(None),
        Some(None) => return Err(ArrayError::NullPosition),
        Some(Some(from)) => from,
    };
    Ok(numbered
        .find(|(subscript, item)| *subscript >= from && same(item, element, order))
        .map(|found| found.0))
}

/// The subscripts of all such elements, as an array of integers.
pub fn positions(array: &ArrayView<'_>, element: &Item<'_>, order: &Order) -> ArrayResult<Vec<u8>> {
    let mut builder = ArrayBuilder::new(oid::INT4, Kind::Int32);
    for (subscript, item) in numbered(array)? {
        if same(&item, element, order) {
            builder.push(&Item::Int32(subscript));
        }
    }
    Ok(builder.finish_list())
}

/// The array without such elements.
pub fn remove(array: &ArrayView<'_>, element: &Item<'_>, order: &Order) -> ArrayResult<Vec<u8>> {
    let mut dimensions = array.dimensions();
    let lower = dimensions.next().map_or(1, |dimension| dimension.lower);
    if dimensions.len() > 0 {
        return Err(ArrayError::RemoveMultidimensional);
    }
    let mut builder = ArrayBuilder::new(array.element_type(), array.kind());
    array.items().filter(|item| !same(item, element, order)).for_each(|item| builder.push(&item));
    let length = builder.len() as i32;
    Ok(builder.finish(&[Dimension { length, lower }]))
}

/// The array with such elements replaced.
pub fn replace(array: &ArrayView<'_>, element: &Item<'_>, by: &Item<'_>, order: &Order) -> Vec<u8> {
    let mut builder = ArrayBuilder::new(array.element_type(), array.kind());
    for item in array.items() {
        builder.push(if same(&item, element, order) { by } else { &item });
    }
    let dimensions: Vec<Dimension> = array.dimensions().collect();
    builder.finish(&dimensions)
}

/// The pieces of a text between delimiters, as an array of texts; a piece that is `null` becomes null. Without delimiter
/// the pieces are the characters, with an empty one there is one piece.
///
/// # Errors
/// When the array would be larger than a value may be.
pub fn split_text(text: &str, delimiter: Option<&str>, null: Option<&str>) -> ArrayResult<Vec<u8>> {
    let mut builder = ArrayBuilder::new(oid::TEXT, Kind::Bytes);
    let mut push = |piece: &str| {
        builder.push(&if null == Some(piece) { Item::Null } else { Item::Bytes(piece.as_bytes()) });
        if builder.size() > GIGABYTE { Err(ArrayError::TooBig) } else { Ok(()) }
    };
    match delimiter {
        _ if text.is_empty() => {}
        None => {
            let mut buffer = [0; 4];
            text.chars().try_for_each(|character| push(character.encode_utf8(&mut buffer)))?;
        }
        Some("") => push(text)?,
        Some(delimiter) => text.split(delimiter).try_for_each(push)?,
    }
    Ok(builder.finish_list())
}

/// The elements' texts, which `show` appends, with a delimiter between them; nulls are left out or shown as `null`.
pub fn join_text<E: From<OutOfRoom>>(
    array: &ArrayView<'_>,
    delimiter: &str,
    null: Option<&str>,
    text: &mut String,
    mut show: impl FnMut(&Item<'_>, &mut String) -> Result<(), E>,
) -> Result<(), E> {
    let mut first = true;
    for item in array.items() {
        if item.is_null() && null.is_none() {
            continue;
        }
        if !std::mem::take(&mut first) {
            room(text.len(), delimiter.len())?;
            text.push_str(delimiter);
        }
        match null.filter(|_| item.is_null()) {
            Some(null) => text.push_str(null),
            None => show(&item, text)?,
        }
        room(text.len(), 0)?;
    }
    Ok(())
}

/// The bounds of all dimensions as text: `[1:2][1:3]`; `None` for the empty array.
pub fn dimensions_text(array: &ArrayView<'_>) -> Option<String> {
    let bounds = array.dimensions().map(|dimension| format!("[{}:{}]", dimension.lower, dimension.upper()));
    (!array.is_empty()).then(|| bounds.collect())
}

/// A dimension by its number from one on.
pub fn dimension(array: &ArrayView<'_>, number: i32) -> Option<Dimension> {
    array.dimensions().nth(usize::try_from(number).ok()?.checked_sub(1)?)
}
