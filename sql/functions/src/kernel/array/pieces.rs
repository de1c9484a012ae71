//! Texts cut into arrays and arrays joined to texts.

use super::change::{array_at, element_of};
use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, collect, internal, optional};
use types::array::{ArrayView, join_text, split_text};
use types::vector::VectorBuilder;
use types::{Kind, Type, Vector};

fn joined(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let (element, _) = element_of(context, arguments.type_of(0))?;
    let (delimiters, nulls) = (argument::<&str>(arguments, 1)?, optional::<&str>(arguments, 2)?);
    collect::<Option<String>>(arguments.rows, |row| {
        let (Some(view), Some(delimiter)) = (array_at(arguments, 0, row)?, delimiters.get(row)?) else {
            return Ok(None);
        };
        let null = match &nulls {
            Some(nulls) => nulls.get(row)?,
            None => None,
        };
        let mut text = String::new();
        join_text(&view, delimiter, null, &mut text, |item, text| {
            types::text::output(context.types, Type::of(element), item, context.text, text)
        })?;
        Ok(Some(text))
    })
}

pub(crate) fn array_to_text(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    joined(context, arguments)
}

pub(crate) fn array_to_text_null(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    joined(context, arguments)
}

/// The pieces of a row's text; `None` for a null text.
fn split(arguments: &Arguments<'_>, row: usize) -> FunctionResult<Option<Vec<u8>>> {
    let texts = argument::<&str>(arguments, 0)?;
    let (delimiters, nulls) = (argument::<&str>(arguments, 1)?, optional::<&str>(arguments, 2)?);
    let null = match &nulls {
        Some(nulls) => nulls.get(row)?,
        None => None,
    };
    let delimiter = delimiters.get(row)?;
    Ok(texts.get(row)?.map(|text| split_text(text, delimiter, null)).transpose()?)
}

pub(crate) fn text_to_array(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    collect::<Option<Vec<u8>>>(arguments.rows, |row| split(arguments, row))
}

pub(crate) fn text_to_array_null(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    collect::<Option<Vec<u8>>>(arguments.rows, |row| split(arguments, row))
}

fn split_rows(arguments: &Arguments<'_>, row: usize) -> FunctionResult<Box<dyn RowSource>> {
    let mut builder = VectorBuilder::new(Kind::Bytes, 0);
    if let Some(bytes) = split(arguments, row)? {
        let array = ArrayView::new(&bytes).ok_or_else(|| internal("damaged array"))?;
        for item in array.items() {
            builder.push(&item.to_value())?;
        }
    }
    Ok(Made::source(vec![builder.finish()]))
}

pub(crate) fn text_to_table(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    split_rows(arguments, row)
}

pub(crate) fn text_to_table_null(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    split_rows(arguments, row)
}
