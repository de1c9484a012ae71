//! Arrays: made, cast, subscripted, assigned into. Subscripts of jsonb too.

use super::array_slice::{bounded, put_slice};
use super::node::{Node, Step};
use super::scope::Scope;
use crate::error::{ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::SqlState;
use functions::FunctionError;
use types::array::{ArrayBuilder, ArrayView, DIMENSIONS_MAX, Dimension, slice, subscript as element_at};
use types::vector::VectorBuilder;
use types::{Item, Kind, Value, Vector};

fn view(vector: &Vector, row: usize) -> Option<ArrayView<'_>> {
    if vector.is_null(row) {
        return None;
    }
    vector.bytes().and_then(|bytes| ArrayView::new(bytes.get(vector.place(row))))
}

fn push(builder: &mut VectorBuilder, item: &Item<'_>) -> ExecuteResult<()> {
    match item {
        Item::Bytes(bytes) => builder.push_bytes(bytes)?,
        item => builder.push(&item.to_value())?,
    }
    Ok(())
}

/// `ARRAY[…]`
pub(super) fn build(
    elements: &[Node],
    nested: bool,
    element_type: u32,
    element_kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let vectors: ExecuteResult<Vec<Vector>> = elements.iter().map(|node| node.run(run, scope)).collect();
    let vectors = vectors?;
    let mut builder = VectorBuilder::new(Kind::Bytes, scope.rows());
    for row in 0..scope.rows() {
        let mut array = ArrayBuilder::new(element_type, element_kind);
        let bytes = if nested {
            nest(&vectors, row, array)?
        } else {
            vectors.iter().for_each(|vector| array.push(&vector.item(row)));
            array.finish_list()
        };
        builder.push_bytes(&bytes)?;
    }
    Ok(builder.finish())
}

/// Arrays of one shape as one of a dimension more. Empty and null ones are left out if all are.
fn nest(vectors: &[Vector], row: usize, mut array: ArrayBuilder) -> ExecuteResult<Vec<u8>> {
    let mut shape: Option<Vec<Dimension>> = None;
    let mut without = 0;
    for vector in vectors {
        let dimensions: Vec<Dimension> =
            view(vector, row).map(|array| array.dimensions().collect()).unwrap_or_default();
        if dimensions.is_empty() {
            without += 1;
            continue;
        }
        if shape.get_or_insert_with(|| dimensions.clone()) != &dimensions {
            return Err(mismatch());
        }
        for item in view(vector, row).iter().flat_map(ArrayView::items) {
            array.push(&item);
        }
    }
    let Some(shape) = shape else { return Ok(array.finish(&[])) };
    if without > 0 {
        return Err(mismatch());
    }
    if shape.len() >= DIMENSIONS_MAX {
        return Err(array_error(types::array::ArrayError::TooManyDimensions(shape.len() + 1)));
    }
    let mut dimensions = vec![Dimension { length: vectors.len() as i32, lower: 1 }];
    dimensions.extend(shape);
    Ok(array.finish(&dimensions))
}

fn array_error(error: types::array::ArrayError) -> ExecuteError {
    functions::FunctionError::from(error).into()
}

fn mismatch() -> ExecuteError {
    let message = "multidimensional arrays must have array expressions with matching dimensions";
    ExecuteError::plain(SqlState::ArrayElementError, message)
}

/// A cast, element by element: all elements of all rows at once.
pub(super) fn cast(
    operand: &Vector,
    element: &Node,
    to: u32,
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let Some(source) = (0..operand.len()).find_map(|row| view(operand, row)).map(|array| array.kind()) else {
        // Where there is no array nothing tells of what kind its elements would be.
        return Ok(Vector::constant(Kind::Bytes, &Value::Null, operand.len())?);
    };
    let mut elements = VectorBuilder::new(source, 0);
    let mut rows = Vec::new();
    for row in 0..operand.len() {
        for item in view(operand, row).iter().flat_map(ArrayView::items) {
            push(&mut elements, &item)?;
            // A chunk has fewer than 2^32 rows.
            rows.push(row as u32);
        }
    }
    let elements = elements.finish();
    let repeated = scope.narrow(&rows)?;
    let made = element.run(run, &repeated.scope(scope.columns()).with_element(&elements))?;
    let mut place = 0;
    let mut builder = VectorBuilder::new(Kind::Bytes, operand.len());
    for row in 0..operand.len() {
        let Some(before) = view(operand, row) else {
            builder.push_null();
            continue;
        };
        let mut array = ArrayBuilder::new(to, kind);
        for _ in 0..before.len() {
            array.push(&made.item(place));
            place += 1;
        }
        builder.push_bytes(&array.finish(&before.dimensions().collect::<Vec<_>>()))?;
    }
    Ok(builder.finish())
}

/// Subscripts, computed.
enum Bounds {
    Index(Vector),
    Slice(Option<Vector>, Option<Vector>),
}

fn bounds(steps: &[Step], run: &mut Run<'_, '_>, scope: &Scope<'_>) -> ExecuteResult<Vec<Bounds>> {
    let mut computed = Vec::with_capacity(steps.len());
    for step in steps {
        computed.push(match step {
            Step::Index(index) => Bounds::Index(index.run(run, scope)?),
            Step::Slice(low, high) => {
                let low = low.as_ref().map(|low| low.run(run, scope)).transpose()?;
                let high = high.as_ref().map(|high| high.run(run, scope)).transpose()?;
                Bounds::Slice(low, high)
            }
        });
    }
    Ok(computed)
}

/// A subscript of a row; `None` if it is null.
fn number(vector: &Vector, row: usize) -> Option<i32> {
    match vector.item(row) {
        Item::Int32(value) => Some(value),
        _ => None,
    }
}

/// `a[1]`, `a[1:2]`
pub(super) fn subscript(
    whole: &Vector,
    steps: &[Step],
    json: bool,
    kind: Kind,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let bounds = bounds(steps, run, scope)?;
    let sliced = bounds.iter().any(|bound| matches!(bound, Bounds::Slice(..)));
    let mut builder = VectorBuilder::new(kind, whole.len());
    for row in 0..whole.len() {
        if json {
            match json_element(whole, &bounds, row) {
                Some(found) => builder.push_bytes(&found)?,
                None => builder.push_null(),
            }
            continue;
        }
        let Some(array) = view(whole, row) else {
            builder.push_null();
            continue;
        };
        if sliced {
            match slice_bounds(&bounds, row) {
                Some(bounds) => builder.push_bytes(&slice(&array, &bounds))?,
                None => builder.push_null(),
            }
            continue;
        }
        let places: Option<Vec<i32>> = bounds
            .iter()
            .map(|bound| match bound {
                Bounds::Index(vector) => number(vector, row),
                Bounds::Slice(..) => None,
            })
            .collect();
        let item = places.map_or(Item::Null, |places| element_at(&array, &places));
        push(&mut builder, &item)?;
    }
    Ok(builder.finish())
}

/// The bounds of a slice; `a[n]` among slices is `a[1:n]`. `None` if one is null.
fn slice_bounds(bounds: &[Bounds], row: usize) -> Option<Vec<(Option<i32>, Option<i32>)>> {
    let one = |vector: &Option<Vector>| match vector {
        None => Some(None),
        Some(vector) => number(vector, row).map(Some),
    };
    let bound = |bound: &Bounds| match bound {
        Bounds::Index(vector) => Some((Some(1), Some(number(vector, row)?))),
        Bounds::Slice(low, high) => Some((one(low)?, one(high)?)),
    };
    bounds.iter().map(bound).collect()
}

/// A member of a jsonb by keys and places.
fn json_element(whole: &Vector, bounds: &[Bounds], row: usize) -> Option<Vec<u8>> {
    let Item::Bytes(bytes) = whole.item(row) else { return None };
    let mut value = json::jsonb::Value::from_bytes(bytes);
    for bound in bounds {
        let Bounds::Index(vector) = bound else { return None };
        // A scalar lies as a list of one, and has no members.
        if value.is_scalar() {
            return None;
        }
        value = match vector.item(row) {
            // The members of an object have texts for keys.
            Item::Int32(index) => match value.element(index) {
                Some(element) => element,
                None => value.path(std::iter::once(index.to_string().as_str()))?,
            },
            Item::Bytes(key) => {
                let key = std::str::from_utf8(key).ok()?;
                value.path(std::iter::once(key))?
            }
            _ => return None,
        };
    }
    Some(value.to_jsonb().into_bytes())
}

/// `document[key] = value`: null is assigned as JSON's null.
pub(super) fn replace_member(
    whole: &Vector,
    steps: &[Step],
    value: &Vector,
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let bounds = bounds(steps, run, scope)?;
    let mut builder = VectorBuilder::new(Kind::Bytes, whole.len());
    for row in 0..whole.len() {
        let keys = bounds.iter().map(|bound| match bound {
            Bounds::Index(vector) => match vector.item(row) {
                Item::Int32(index) => Some(index.to_string()),
                Item::Bytes(key) => Some(String::from_utf8_lossy(key).into_owned()),
                _ => None,
            },
            Bounds::Slice(..) => None,
        });
        let keys: Vec<Option<String>> = keys.collect();
        let path: Vec<Option<&str>> = keys.iter().map(Option::as_deref).collect();
        let numbered = matches!(bounds.first(), Some(Bounds::Index(vector)) if vector.kind() == Kind::Int32);
        let document = |vector: &Vector| match vector.item(row) {
            Item::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        };
        let (before, new) = (document(whole), document(value));
        let before = before.as_deref().map(json::Value::from_bytes);
        let new = new.as_deref().map_or(json::Value::Null, json::Value::from_bytes);
        let made = json::jsonb::assign(before, &path, new, numbered).map_err(FunctionError::from)?;
        builder.push_bytes(made.as_bytes())?;
    }
    Ok(builder.finish())
}

fn subscript_error(message: &str) -> ExecuteError {
    ExecuteError::plain(SqlState::ArrayElementError, message)
}

fn assigned_null() -> ExecuteError {
    ExecuteError::plain(SqlState::NullValueNotAllowed, "array subscript in assignment must not be null")
}

/// Each array with a place or a slice replaced.
pub(super) fn replace(
    whole: &Vector,
    steps: &[Step],
    value: &Vector,
    (element_type, element_kind): (u32, Kind),
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let bounds = bounds(steps, run, scope)?;
    let sliced = bounds.iter().any(|bound| matches!(bound, Bounds::Slice(..)));
    let mut builder = VectorBuilder::new(Kind::Bytes, whole.len());
    for row in 0..whole.len() {
        let empty = ArrayBuilder::new(element_type, element_kind).finish(&[]);
        let stored = whole.bytes().filter(|_| !whole.is_null(row)).map(|bytes| bytes.get(whole.place(row)));
        let stored = stored.unwrap_or(&empty);
        let Some(before) = ArrayView::new(stored) else {
            return Err(ExecuteError::plan("an array that is assigned into is none"));
        };
        let array = ArrayBuilder::new(element_type, element_kind);
        if sliced {
            let written = slice_bounds(&bounds, row).ok_or_else(assigned_null)?;
            match view(value, row) {
                Some(source) => builder.push_bytes(&put_slice(&before, &written, &source, array)?)?,
                // As in PostgreSQL, there is nothing to be taken from: it stays as it is.
                None => builder.push_bytes(stored)?,
            }
            continue;
        }
        let mut places = Vec::with_capacity(bounds.len());
        for bound in &bounds {
            if let Bounds::Index(vector) = bound {
                places.push(number(vector, row).ok_or_else(assigned_null)?);
            }
        }
        let new = value.value(row);
        let copied = match places[..] {
            [place] => types::array::replaced(stored, place, &Item::from(&new)),
            _ => None,
        };
        match copied {
            Some(copied) => builder.push_bytes(&copied)?,
            None => builder.push_bytes(&put(&before, &places, &new, array)?)?,
        }
    }
    Ok(builder.finish())
}

/// An array with one element replaced; one of one dimension grows as far as it must.
fn put(
    before: &ArrayView<'_>,
    places: &[i32],
    value: &Value,
    mut array: ArrayBuilder,
) -> ExecuteResult<Vec<u8>> {
    let mut dimensions: Vec<Dimension> = before.dimensions().collect();
    if dimensions.is_empty() {
        let shape: Vec<Dimension> =
            places.iter().map(|place| Dimension { length: 1, lower: *place }).collect();
        shape.iter().try_for_each(bounded)?;
        array.push(&Item::from(value));
        return Ok(array.finish(&shape));
    }
    if dimensions.len() != places.len() {
        return Err(subscript_error("wrong number of array subscripts"));
    }
    if let ([dimension], [place]) = (&mut dimensions[..], places) {
        let (lower, upper) = (i64::from(dimension.lower), i64::from(dimension.upper()));
        let (first, last) = (lower.min(i64::from(*place)), upper.max(i64::from(*place)));
        if last - first >= types::array::ELEMENTS_MAX as i64 {
            return Err(array_error(types::array::ArrayError::TooBig));
        }
        for at in first..=last {
            match at {
                at if at == i64::from(*place) => array.push(&Item::from(value)),
                at if (lower..=upper).contains(&at) => array.push(&before.item((at - lower) as usize)),
                _ => array.push(&Item::Null),
            }
        }
        // Both are within the range of what they were made of.
        *dimension = Dimension { length: (last - first + 1) as i32, lower: first as i32 };
        bounded(dimension)?;
        return Ok(array.finish(&dimensions));
    }
    let mut index = 0;
    for (place, dimension) in places.iter().zip(&dimensions) {
        let offset = i64::from(*place) - i64::from(dimension.lower);
        if !(0..i64::from(dimension.length)).contains(&offset) {
            return Err(subscript_error("array subscript out of range"));
        }
        index = index * dimension.length as usize + offset as usize;
    }
    for at in 0..before.len() {
        if at == index { array.push(&Item::from(value)) } else { array.push(&before.item(at)) }
    }
    Ok(array.finish(&dimensions))
}
