//! Assignment to a slice of an array, as PostgreSQL's `array_set_slice` does it.
//!
//! A slice of an empty array makes one of just these bounds; one of one dimension grows as far as it must, with nulls
//! in between; one of several dimensions keeps its shape. The source's elements are taken in their order, whatever its
//! shape; it may have more than are needed. Fails with [`ExecuteError`] where the bounds do not fit.

use crate::error::{ExecuteError, ExecuteResult};
use diagnostic::SqlState;
use functions::FunctionError;
use types::Item;
use types::array::{ArrayBuilder, ArrayError, ArrayView, Dimension, ELEMENTS_MAX};

const UNBOUNDED: &str =
    "When assigning to a slice of an empty array value, slice boundaries must be fully specified.";

/// Lower and upper bound, where they are written.
pub(super) type Written = (Option<i32>, Option<i32>);

/// `before` with a slice replaced by the first elements of `source`.
pub(super) fn put_slice(
    before: &ArrayView<'_>,
    written: &[Written],
    source: &ArrayView<'_>,
    array: ArrayBuilder,
) -> ExecuteResult<Vec<u8>> {
    let dimensions: Vec<Dimension> = before.dimensions().collect();
    if dimensions.is_empty() {
        return make(written, source, array);
    }
    if dimensions.len() < written.len() {
        return Err(subscript_error("wrong number of array subscripts"));
    }
    let mut bounds = Vec::with_capacity(dimensions.len());
    for (at, dimension) in dimensions.iter().enumerate() {
        let (low, high) = written.get(at).copied().unwrap_or((None, None));
        let (low, high) = (low.unwrap_or(dimension.lower), high.unwrap_or(dimension.upper()));
        if low > high {
            return Err(subscript_error("upper bound cannot be less than lower bound"));
        }
        if dimensions.len() > 1 && (low < dimension.lower || high > dimension.upper()) {
            return Err(subscript_error("array subscript out of range"));
        }
        bounds.push((i64::from(low), i64::from(high)));
    }
    match (&bounds[..], &dimensions[..]) {
        ([bounds], [dimension]) => put_along(before, *dimension, *bounds, source, array),
        (bounds, dimensions) => put_within(before, dimensions, bounds, source, array),
    }
}

/// An array that was empty.
fn make(written: &[Written], source: &ArrayView<'_>, mut array: ArrayBuilder) -> ExecuteResult<Vec<u8>> {
    let mut shape = Vec::with_capacity(written.len());
    let mut wanted: i64 = 1;
    for bounds in written {
        let (Some(low), Some(high)) = *bounds else {
            return Err(ExecuteError::Plain {
                state: SqlState::ArrayElementError,
                message: "array slice subscript must provide both boundaries".to_owned(),
                detail: Some(UNBOUNDED.to_owned()),
                hint: None,
            });
        };
        let length = i64::from(high) - i64::from(low) + 1;
        // One bound may lie one below the other, which makes it empty; further down is a length that nothing has.
        let Some(length) = i32::try_from(length).ok().filter(|length| *length >= 0) else {
            return Err(array_error(ArrayError::TooBig));
        };
        wanted = wanted.saturating_mul(i64::from(length));
        shape.push(Dimension { length, lower: low });
    }
    if wanted > ELEMENTS_MAX as i64 {
        return Err(array_error(ArrayError::TooBig));
    }
    enough(wanted, source)?;
    if wanted == 0 {
        return Ok(array.finish(&[]));
    }
    shape.iter().try_for_each(bounded)?;
    for at in 0..wanted as usize {
        array.push(&source.item(at));
    }
    Ok(array.finish(&shape))
}

/// An array of one dimension.
fn put_along(
    before: &ArrayView<'_>,
    dimension: Dimension,
    (low, high): (i64, i64),
    source: &ArrayView<'_>,
    mut array: ArrayBuilder,
) -> ExecuteResult<Vec<u8>> {
    let (lower, upper) = (i64::from(dimension.lower), i64::from(dimension.upper()));
    let (first, last) = (lower.min(low), upper.max(high));
    if last - first >= ELEMENTS_MAX as i64 {
        return Err(array_error(ArrayError::TooBig));
    }
    // Both are within the range of what they were made of.
    let shape = Dimension { length: (last - first + 1) as i32, lower: first as i32 };
    bounded(&shape)?;
    enough(high - low + 1, source)?;
    for at in first..=last {
        match at {
            at if (low..=high).contains(&at) => array.push(&source.item((at - low) as usize)),
            at if (lower..=upper).contains(&at) => array.push(&before.item((at - lower) as usize)),
            _ => array.push(&Item::Null), // a gap between what was there and what is new
        }
    }
    Ok(array.finish(&[shape]))
}

/// Refuses a dimension behind whose last element no number is left: its text could not be read again.
pub(super) fn bounded(dimension: &Dimension) -> ExecuteResult<()> {
    match dimension.lower.checked_add(dimension.length) {
        Some(_) => Ok(()),
        None => Err(array_error(ArrayError::LowerBound(dimension.lower))),
    }
}

/// An array of several dimensions, whose shape stays.
fn put_within(
    before: &ArrayView<'_>,
    dimensions: &[Dimension],
    bounds: &[(i64, i64)],
    source: &ArrayView<'_>,
    mut array: ArrayBuilder,
) -> ExecuteResult<Vec<u8>> {
    enough(bounds.iter().map(|(low, high)| high - low + 1).product(), source)?;
    let mut taken = 0;
    for at in 0..before.len() {
        let mut rest = at;
        let inside = dimensions.iter().zip(bounds).rev().all(|(dimension, (low, high))| {
            let place = i64::from(dimension.lower) + (rest % dimension.length as usize) as i64;
            rest /= dimension.length as usize;
            (*low..=*high).contains(&place)
        });
        if inside {
            array.push(&source.item(taken));
            taken += 1;
        } else {
            array.push(&before.item(at));
        }
    }
    Ok(array.finish(dimensions))
}

fn enough(wanted: i64, source: &ArrayView<'_>) -> ExecuteResult<()> {
    if wanted > source.len() as i64 {
        return Err(subscript_error("source array too small"));
    }
    Ok(())
}

fn array_error(error: ArrayError) -> ExecuteError {
    FunctionError::from(error).into()
}

fn subscript_error(message: &str) -> ExecuteError {
    ExecuteError::plain(SqlState::ArrayElementError, message)
}
