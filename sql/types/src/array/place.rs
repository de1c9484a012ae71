//! An element put in its place without the others being read: in bytes that nobody else has, or in a copy of them.

use super::view::{ArrayView, Dimension};
use crate::stored::append;
use crate::value::Item;

/// Where in an array's bytes things lie.
struct Layout {
    /// Its only dimension.
    dimension: Dimension,
    /// Where the elements' ends begin, if they have no width of their own, or else the elements.
    start: usize,
    width: Option<usize>,
}

impl Layout {
    /// Of an array of one dimension without nulls.
    fn of(view: &ArrayView<'_>, bytes: &[u8], item: &Item<'_>) -> Option<Layout> {
        let mut dimensions = view.dimensions();
        let (Some(dimension), None) = (dimensions.next(), dimensions.next()) else { return None };
        let [_, _, has_nulls, _, ..] = bytes else { return None };
        let fits = item.kind() == Some(view.kind()) && *has_nulls == 0;
        // Behind the head stands one dimension.
        fits.then_some(Layout { dimension, start: 16, width: view.kind().stored_width() })
    }

    /// The place of a subscript, counted from 0; that behind the last one is one, too.
    fn place(&self, at: i32) -> Option<usize> {
        let offset = usize::try_from(i64::from(at) - i64::from(self.dimension.lower)).ok()?;
        (offset <= usize::try_from(self.dimension.length).ok()?).then_some(offset)
    }
}

/// Overwrites an element of an array of one dimension, if it has the width that it had before: whether that was done.
pub fn overwrite(bytes: &mut [u8], at: i32, item: &Item<'_>) -> bool {
    let Some(layout) = ArrayView::new(bytes).and_then(|view| Layout::of(&view, bytes, item)) else {
        return false;
    };
    let (Some(width), Some(place)) = (layout.width, layout.place(at)) else { return false };
    let start = layout.start + place * width;
    let Some(stretch) = bytes.get_mut(start..start + width) else { return false };
    let mut element = Vec::with_capacity(width);
    append(item, &mut element);
    if element.len() != width {
        return false;
    }
    stretch.copy_from_slice(&element);
    true
}

/// An array of one dimension with an element in the place of another, or behind the last one; none where more is to be done
/// than to copy the others: if there are nulls, or others between.
pub fn replaced(bytes: &[u8], at: i32, item: &Item<'_>) -> Option<Vec<u8>> {
    let view = ArrayView::new(bytes)?;
    let layout = Layout::of(&view, bytes, item)?;
    let (place, length) = (layout.place(at)?, view.len());
    let grown = usize::from(place == length);
    if grown == 1 {
        let upper = layout.dimension.lower.checked_add(layout.dimension.length)?;
        if length >= super::ELEMENTS_MAX || upper == i32::MAX {
            return None;
        }
    }
    let mut element = Vec::new();
    append(item, &mut element);
    let mut made = Vec::with_capacity(bytes.len() + element.len() + 4);
    made.extend_from_slice(&bytes[..8]);
    made.extend_from_slice(&(layout.dimension.length + grown as i32).to_le_bytes());
    made.extend_from_slice(&bytes[12..layout.start]);
    let rest = &bytes[layout.start..];
    match layout.width {
        Some(width) => {
            made.extend_from_slice(&rest[..place * width]);
            made.extend_from_slice(&element);
            made.extend_from_slice(rest.get((place + 1) * width..).unwrap_or(&[]));
        }
        None => {
            let (ends, data) = rest.split_at(length * 4);
            let (ends, _) = ends.as_chunks::<4>();
            let end =
                |place: usize| ends.get(place).map_or(data.len(), |end| u32::from_le_bytes(*end) as usize);
            let first = if place == 0 { 0 } else { end(place - 1) };
            let last = end(place);
            let before = ends.get(..place)?;
            made.extend_from_slice(before.as_flattened());
            let shifted = |end: usize| u32::try_from(end - (last - first) + element.len());
            made.extend_from_slice(&u32::try_from(first + element.len()).ok()?.to_le_bytes());
            for behind in ends.get(place + 1..).unwrap_or(&[]) {
                made.extend_from_slice(&shifted(u32::from_le_bytes(*behind) as usize).ok()?.to_le_bytes());
            }
            made.extend_from_slice(data.get(..first)?);
            made.extend_from_slice(&element);
            made.extend_from_slice(data.get(last..)?);
        }
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::ArrayBuilder;
    use crate::kind::Kind;

    fn numbers(values: &[i32]) -> Vec<u8> {
        let mut array = ArrayBuilder::new(23, Kind::Int32);
        values.iter().for_each(|value| array.push(&Item::Int32(*value)));
        array.finish_list()
    }

    fn texts(values: &[&str]) -> Vec<u8> {
        let mut array = ArrayBuilder::new(25, Kind::Bytes);
        values.iter().for_each(|value| array.push(&Item::Bytes(value.as_bytes())));
        array.finish_list()
    }

    #[test]
    fn an_element_of_fixed_width_is_overwritten() {
        let mut bytes = numbers(&[1, 2, 3]);
        assert!(overwrite(&mut bytes, 2, &Item::Int32(9)));
        assert_eq!(bytes, numbers(&[1, 9, 3]));
        for (at, item) in [(0, Item::Int32(9)), (4, Item::Int32(9)), (2, Item::Null), (2, Item::Int64(9))] {
            assert!(!overwrite(&mut bytes, at, &item));
        }
        assert!(!overwrite(&mut texts(&["a"]), 1, &Item::Bytes(b"b")));
    }

    #[test]
    fn a_copy_has_the_element_in_its_place_or_behind() {
        assert_eq!(replaced(&numbers(&[1, 2]), 1, &Item::Int32(7)), Some(numbers(&[7, 2])));
        assert_eq!(replaced(&numbers(&[1, 2]), 3, &Item::Int32(7)), Some(numbers(&[1, 2, 7])));
        assert_eq!(replaced(&numbers(&[1, 2]), 4, &Item::Int32(7)), None);
        let three = texts(&["one", "", "three"]);
        let item = |text: &'static str| Item::Bytes(text.as_bytes());
        assert_eq!(replaced(&three, 1, &item("x")), Some(texts(&["x", "", "three"])));
        assert_eq!(replaced(&three, 2, &item("two")), Some(texts(&["one", "two", "three"])));
        assert_eq!(replaced(&three, 3, &item("")), Some(texts(&["one", "", ""])));
        assert_eq!(replaced(&three, 4, &item("four")), Some(texts(&["one", "", "three", "four"])));
    }
}
