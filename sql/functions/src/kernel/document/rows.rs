//! Documents spread out into rows.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::argument;
use json::Value;
use json::text as plain;
use types::vector::VectorBuilder;
use types::{Kind, Vector};

type Rows = FunctionResult<Box<dyn RowSource>>;

/// A column of texts or documents.
struct Texts(VectorBuilder);

impl Texts {
    fn new() -> Texts {
        Texts(VectorBuilder::new(Kind::Bytes, 0))
    }

    fn push(&mut self, text: Option<&[u8]>) -> FunctionResult<()> {
        match text {
            Some(text) => self.0.push_bytes(text)?,
            None => self.0.push_null(),
        }
        Ok(())
    }

    fn finish(self) -> Vector {
        self.0.finish()
    }
}

fn plain_elements(arguments: &Arguments<'_>, row: usize, as_text: bool) -> Rows {
    let document = argument::<&str>(arguments, 0)?.at(row)?;
    let mut values = Texts::new();
    let elements =
        if as_text { plain::array_elements_text(document)? } else { plain::array_elements(document)? };
    for element in elements {
        match as_text {
            true => values.push(element.text().as_ref().map(|text| text.as_bytes()))?,
            false => values.push(Some(element.raw.as_bytes()))?,
        }
    }
    Ok(Made::source(vec![values.finish()]))
}

fn plain_fields(arguments: &Arguments<'_>, row: usize, as_text: bool) -> Rows {
    let document = argument::<&str>(arguments, 0)?.at(row)?;
    let (mut names, mut values) = (Texts::new(), Texts::new());
    for (name, field) in plain::object_fields(document)? {
        names.push(Some(name.as_bytes()))?;
        match as_text {
            true => values.push(field.text().as_ref().map(|text| text.as_bytes()))?,
            false => values.push(Some(field.raw.as_bytes()))?,
        }
    }
    Ok(Made::source(vec![names.finish(), values.finish()]))
}

fn push_value(values: &mut Texts, value: Value<'_>, as_text: bool) -> FunctionResult<()> {
    match as_text {
        true => values.push(value.text()?.as_ref().map(|text| text.as_bytes())),
        false => values.push(Some(value.to_jsonb().as_bytes())),
    }
}

fn binary_elements(arguments: &Arguments<'_>, row: usize, as_text: bool) -> Rows {
    let document = argument::<Value<'_>>(arguments, 0)?.at(row)?;
    let mut values = Texts::new();
    for element in document.array_elements()?.iter() {
        push_value(&mut values, element, as_text)?;
    }
    Ok(Made::source(vec![values.finish()]))
}

fn binary_fields(arguments: &Arguments<'_>, row: usize, as_text: bool) -> Rows {
    let document = argument::<Value<'_>>(arguments, 0)?.at(row)?;
    let (mut names, mut values) = (Texts::new(), Texts::new());
    let function = if as_text { "jsonb_each_text" } else { "jsonb_each" };
    for (name, value) in document.object_fields(function)?.iter() {
        names.push(Some(name.as_bytes()))?;
        push_value(&mut values, value, as_text)?;
    }
    Ok(Made::source(vec![names.finish(), values.finish()]))
}

fn plain_keys(arguments: &Arguments<'_>, row: usize, _: bool) -> Rows {
    let mut names = Texts::new();
    for name in plain::object_keys(argument::<&str>(arguments, 0)?.at(row)?)? {
        names.push(Some(name.as_bytes()))?;
    }
    Ok(Made::source(vec![names.finish()]))
}

fn binary_keys(arguments: &Arguments<'_>, row: usize, _: bool) -> Rows {
    let mut names = Texts::new();
    for name in argument::<Value<'_>>(arguments, 0)?.at(row)?.object_keys()? {
        names.push(Some(name.as_bytes()))?;
    }
    Ok(Made::source(vec![names.finish()]))
}

macro_rules! spread {
    ($($name:ident, $function:ident, $as_text:literal;)*) => {
        $(pub(crate) fn $name(_: &mut Context<'_>, arguments: &Arguments<'_>, row: usize) -> Rows {
            $function(arguments, row, $as_text)
        })*
    };
}

// kernel: set
spread! {
    json_array_elements, plain_elements, false;
    json_array_elements_text, plain_elements, true;
    json_each, plain_fields, false;
    json_each_text, plain_fields, true;
    json_object_keys, plain_keys, false;
    jsonb_array_elements, binary_elements, false;
    jsonb_array_elements_text, binary_elements, true;
    jsonb_each, binary_fields, false;
    jsonb_each_text, binary_fields, true;
    jsonb_object_keys, binary_keys, false;
}
