//! Arrays made of arrays and elements.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, kind_of};
use crate::kernel::loops::{argument, collect, internal, scalar_lenient};
use types::array::{self, ArrayView};
use types::catalog::type_name;
use types::vector::Order;
use types::{Kind, Type, Vector};

/// The array of a row, if it is not null.
pub(super) fn array_at<'a>(
    arguments: &Arguments<'a>,
    place: usize,
    row: usize,
) -> FunctionResult<Option<ArrayView<'a>>> {
    argument::<ArrayView<'a>>(arguments, place)?.get(row)
}

/// Type and kind of the elements of an argument's or the result's array type.
pub(super) fn element_of(context: &Context<'_>, array: Type) -> FunctionResult<(u32, Kind)> {
    let base = context.types.undomained(array);
    let entry = context.types.entry(base.oid).ok_or_else(|| internal("an array of an unknown type"))?;
    Ok((entry.element, kind_of(context, Type::of(entry.element))?))
}

/// How elements compare, where only equality is asked for.
pub(super) fn equality(context: &Context<'_>, element: u32) -> FunctionResult<Order> {
    context
        .types
        .equality(Type::of(element))
        .ok_or_else(|| FunctionError::NoEquality(type_name(context.types, element, None)))
}

fn add(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    array: usize,
    element: usize,
) -> FunctionResult<Vector> {
    let of = element_of(context, arguments.type_of(array))?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let view = array_at(arguments, array, row)?;
        Ok(array::add_element(view.as_ref(), of, &arguments.vectors[element].item(row), array > element)?)
    })
}

pub(crate) fn array_append(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    add(context, arguments, 0, 1)
}

pub(crate) fn array_prepend(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    add(context, arguments, 1, 0)
}

scalar_lenient! {
    fn array_cat(a: ArrayView<'_>, b: ArrayView<'_>) -> Option<Vec<u8>> {
        match (a, b) {
            (Some(a), Some(b)) => Some(array::concatenate(&a, &b)?),
            (Some(one), None) | (None, Some(one)) => Some(copy(&one)),
            (None, None) => None,
        }
    }
}

fn copy(view: &ArrayView<'_>) -> Vec<u8> {
    let mut builder = array::ArrayBuilder::new(view.element_type(), view.kind());
    builder.extend(view);
    let shape: Vec<array::Dimension> = view.dimensions().collect();
    builder.finish(&shape)
}

fn fill(context: &Context<'_>, arguments: &Arguments<'_>, lowers: bool) -> FunctionResult<Vector> {
    let of = arguments.type_of(0);
    let kind = kind_of(context, of)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let lengths = array_at(arguments, 1, row)?;
        let bounds = if lowers { array_at(arguments, 2, row)? } else { None };
        let bounds = lowers.then_some(bounds.as_ref());
        let element = arguments.vectors[0].item(row);
        Ok(array::fill((of.oid, kind), &element, lengths.as_ref(), bounds)?)
    })
}

pub(crate) fn array_fill(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    fill(context, arguments, false)
}

pub(crate) fn array_fill_with_lower_bounds(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    fill(context, arguments, true)
}

pub(crate) fn array_remove(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let order = equality(context, element_of(context, arguments.type_of(0))?.0)?;
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let Some(view) = array_at(arguments, 0, row)? else { return Ok(None) };
        Ok(Some(array::remove(&view, &arguments.vectors[1].item(row), &order)?))
    })
}

pub(crate) fn array_replace(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let order = equality(context, element_of(context, arguments.type_of(0))?.0)?;
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let Some(view) = array_at(arguments, 0, row)? else { return Ok(None) };
        let (old, new) = (arguments.vectors[1].item(row), arguments.vectors[2].item(row));
        Ok(Some(array::replace(&view, &old, &new, &order)))
    })
}

fn position(context: &Context<'_>, arguments: &Arguments<'_>, start: bool) -> FunctionResult<Vector> {
    let order = equality(context, element_of(context, arguments.type_of(0))?.0)?;
    collect::<Option<i32>>(arguments.rows, |row| {
        let Some(view) = array_at(arguments, 0, row)? else { return Ok(None) };
        let from = match start {
            true => Some(argument::<i32>(arguments, 2)?.get(row)?),
            false => None,
        };
        Ok(array::position(&view, &arguments.vectors[1].item(row), from, &order)?)
    })
}

pub(crate) fn array_position(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    position(context, arguments, false)
}

pub(crate) fn array_position_start(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    position(context, arguments, true)
}

pub(crate) fn array_positions(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let order = equality(context, element_of(context, arguments.type_of(0))?.0)?;
    collect::<Option<Vec<u8>>>(arguments.rows, |row| {
        let Some(view) = array_at(arguments, 0, row)? else { return Ok(None) };
        Ok(Some(array::positions(&view, &arguments.vectors[1].item(row), &order)?))
    })
}
