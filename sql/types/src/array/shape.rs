//! Subscripts and slices, arrays put together, cut and filled: what looks at shapes and not at elements.

use super::error::{ArrayError, ArrayResult, Incompatible};
use super::input::ELEMENTS_MAX;
use super::view::{ArrayBuilder, ArrayView, DIMENSIONS_MAX, Dimension};
use crate::kind::Kind;
use crate::value::Item;

/// How many elements arrays of these dimensions have.
pub(super) fn checked_count(dimensions: &[Dimension]) -> ArrayResult<usize> {
    let mut count = usize::from(!dimensions.is_empty());
    for dimension in dimensions {
        let length = usize::try_from(dimension.length).map_err(|_| ArrayError::TooBig)?;
        count = count.checked_mul(length).filter(|count| *count <= ELEMENTS_MAX).ok_or(ArrayError::TooBig)?;
    }
    match dimensions.iter().find(|one| one.lower.checked_add(one.length).is_none()) {
        Some(dimension) => Err(ArrayError::LowerBound(dimension.lower)),
        None => Ok(count),
    }
}

/// The element at these subscripts, one for each dimension; null where there is none.
pub fn subscript<'a>(array: &ArrayView<'a>, subscripts: &[i32]) -> Item<'a> {
    if subscripts.len() != array.dimensions().len() || subscripts.is_empty() {
        return Item::Null;
    }
    let mut index = 0;
    for (subscript, dimension) in subscripts.iter().zip(array.dimensions()) {
        let place = i64::from(*subscript) - i64::from(dimension.lower);
        if !(0..i64::from(dimension.length)).contains(&place) {
            return Item::Null;
        }
        index = index * dimension.length as usize + place as usize;
    }
    array.item(index)
}

/// The part between bounds, each from where it begins or to where it ends if it has none. Dimensions without bounds are
/// taken whole; the result counts from one.
pub fn slice(array: &ArrayView<'_>, bounds: &[(Option<i32>, Option<i32>)]) -> Vec<u8> {
    let builder = ArrayBuilder::new(array.element_type(), array.kind());
    let dimensions: Vec<Dimension> = array.dimensions().collect();
    if bounds.len() > dimensions.len() {
        return builder.finish(&[]);
    }
    let mut ranges = Vec::with_capacity(dimensions.len());
    for (index, dimension) in dimensions.iter().enumerate() {
        let (lower, upper) = bounds.get(index).copied().unwrap_or((None, None));
        let first = i64::from(lower.unwrap_or(dimension.lower)).max(i64::from(dimension.lower));
        let last = i64::from(upper.unwrap_or(dimension.upper())).min(i64::from(dimension.upper()));
        if first > last {
            return builder.finish(&[]);
        }
        let start = (first - i64::from(dimension.lower)) as usize;
        ranges.push(start..start + (last - first + 1) as usize);
    }
    pick(array, &dimensions, &ranges, builder)
}

fn pick(
    array: &ArrayView<'_>,
    dimensions: &[Dimension],
    ranges: &[std::ops::Range<usize>],
    mut builder: ArrayBuilder,
) -> Vec<u8> {
    let count =
        ranges.iter().map(ExactSizeIterator::len).product::<usize>() * usize::from(!ranges.is_empty());
    for number in 0..count {
        let (mut rest, mut index, mut stride) = (number, 0, 1);
        for (range, dimension) in ranges.iter().zip(dimensions).rev() {
            index += (range.start + rest % range.len()) * stride;
            rest /= range.len();
            stride *= dimension.length as usize;
        }
        builder.push(&array.item(index));
    }
    let shape: Vec<Dimension> =
        ranges.iter().map(|range| Dimension { length: range.len() as i32, lower: 1 }).collect();
    builder.finish(&shape)
}

/// Both arrays one after the other, or one as the first or last element of the other.
pub fn concatenate(left: &ArrayView<'_>, right: &ArrayView<'_>) -> ArrayResult<Vec<u8>> {
    let (left_shape, right_shape): (Vec<Dimension>, Vec<Dimension>) =
        (left.dimensions().collect(), right.dimensions().collect());
    let dimensions = if left.is_empty() {
        right_shape
    } else if right.is_empty() {
        left_shape
    } else {
        let (counts, incompatible) = ((left_shape.len(), right_shape.len()), ArrayError::Incompatible);
        let (mut shape, added, agree, why) = if counts.0 == counts.1 {
            let agree = left_shape[1..] == right_shape[1..];
            (left_shape, right_shape[0].length, agree, Incompatible::Elements)
        } else if counts.0 == counts.1 + 1 {
            let agree = left_shape[1..] == right_shape[..];
            (left_shape, 1, agree, Incompatible::Lengths)
        } else if counts.0 + 1 == counts.1 {
            let agree = left_shape[..] == right_shape[1..];
            (right_shape, 1, agree, Incompatible::Lengths)
        } else {
            return Err(incompatible(Incompatible::Counts(counts.0, counts.1)));
        };
        if !agree {
            return Err(incompatible(why));
        }
        shape[0].length = shape[0].length.checked_add(added).ok_or(ArrayError::TooBig)?;
        shape
    };
    checked_count(&dimensions)?;
    let mut builder = ArrayBuilder::new(left.element_type(), left.kind());
    builder.extend(left);
    builder.extend(right);
    Ok(builder.finish(&dimensions))
}

/// An element after all others, or before them. A null array is an empty one.
pub fn add_element(
    array: Option<&ArrayView<'_>>,
    (element_type, kind): (u32, Kind),
    element: &Item<'_>,
    in_front: bool,
) -> ArrayResult<Vec<u8>> {
    let mut dimension = Dimension { length: 0, lower: 1 };
    if let Some(array) = array.filter(|array| !array.is_empty()) {
        let mut dimensions = array.dimensions();
        dimension =
            dimensions.next().filter(|_| dimensions.len() == 0).ok_or(ArrayError::NotOneDimensional)?;
        // The new first element takes the subscript before, and all are moved up again.
        if in_front && dimension.lower == i32::MIN {
            return Err(ArrayError::OutOfRange);
        }
    }
    dimension.length += 1;
    let lower = if in_front { dimension.lower.wrapping_sub(1) } else { dimension.lower };
    checked_count(&[Dimension { lower, ..dimension }])?;
    let mut builder = ArrayBuilder::new(element_type, kind);
    if in_front {
        builder.push(element);
    }
    if let Some(array) = array {
        builder.extend(array);
    }
    if !in_front {
        builder.push(element);
    }
    Ok(builder.finish(&[dimension]))
}

/// The array without its last `count` elements of the first dimension.
pub fn trim(array: &ArrayView<'_>, count: i32) -> ArrayResult<Vec<u8>> {
    let first = array.dimensions().next();
    let length = first.map_or(0, |dimension| dimension.length);
    if !(0..=length).contains(&count) {
        return Err(ArrayError::Trim(length));
    }
    // At the lowest subscript of all this wraps, as it does in PostgreSQL.
    let upper = first.map(|dimension| dimension.upper().wrapping_sub(count));
    Ok(slice(array, &[(None, upper)][..usize::from(first.is_some())]))
}

/// An array full of one element: lengths and lower bounds are arrays of integers.
pub fn fill(
    (element_type, kind): (u32, Kind),
    element: &Item<'_>,
    lengths: Option<&ArrayView<'_>>,
    lowers: Option<Option<&ArrayView<'_>>>,
) -> ArrayResult<Vec<u8>> {
    let lengths = lengths.filter(|_| !matches!(lowers, Some(None))).ok_or(ArrayError::NullBounds)?;
    let lengths = integers(lengths, "Dimension array must be one dimensional.")?;
    if lengths.len() > DIMENSIONS_MAX {
        return Err(ArrayError::TooManyDimensions(lengths.len()));
    }
    let lowers = match lowers {
        None | Some(None) => vec![1; lengths.len()],
        Some(Some(lowers)) => integers(lowers, "Dimension array must be one dimensional.")?,
    };
    if lowers.len() != lengths.len() {
        return Err(ArrayError::Subscripts("Low bound array has different size than dimensions array."));
    }
    let dimensions: Vec<Dimension> =
        lengths.into_iter().zip(lowers).map(|(length, lower)| Dimension { length, lower }).collect();
    let mut builder = ArrayBuilder::new(element_type, kind);
    for _ in 0..checked_count(&dimensions)? {
        builder.push(element);
        if builder.size() > GIGABYTE {
            return Err(ArrayError::TooBig);
        }
    }
    Ok(builder.finish(&dimensions))
}

/// No value is larger.
pub(super) const GIGABYTE: usize = 1 << 30;

fn integers(array: &ArrayView<'_>, not_a_list: &'static str) -> ArrayResult<Vec<i32>> {
    if array.dimensions().len() > 1 {
        return Err(ArrayError::Subscripts(not_a_list));
    }
    let integer = |item| if let Item::Int32(number) = item { Ok(number) } else { Err(ArrayError::NullBound) };
    array.items().map(integer).collect()
}
