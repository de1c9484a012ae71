//! Documents out of SQL's values: `json_build_object` and its kin, `to_json`, the aggregates.
//!
//! What a value of SQL's types becomes is decided where types are known. It arrives here as a [`Rendered`].

use crate::error::{JsonResult, OperationError};
use crate::jsonb::{self, Builder, Jsonb};
use crate::text::{escape_into, room_for_escaped};
use diagnostic::room;

/// A value of SQL on its way into a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rendered<'a> {
    /// SQL's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number's text. What JSON has no number for (`NaN`, `Infinity`) becomes a string.
    Number(&'a str),
    /// Anything that has a text.
    Text(&'a str),
    /// A `json` value, or an array or row that has become one.
    Json(&'a str),
    /// A `jsonb` value.
    Jsonb(jsonb::Value<'a>),
}

/// Whether JSON has this number.
fn is_json_number(text: &str) -> bool {
    let mut reader = crate::text::Reader::new(text, crate::text::Escapes::Kept);
    matches!(reader.next_event(), Ok(Some(crate::text::Event::Number(number))) if number.len() == text.len())
}

/// Appends to a document's text, which must not outgrow what a value may be.
fn append(text: &str, out: &mut String) -> JsonResult<()> {
    room(out.len(), text.len())?;
    out.push_str(text);
    Ok(())
}

/// The same in quotes.
fn escape_within(text: &str, out: &mut String) -> JsonResult<()> {
    room_for_escaped(out.len(), text)?;
    escape_into(text, out);
    Ok(())
}

impl<'a> Rendered<'a> {
    /// Appends it to the text of a document that begins with `out`, as `to_json` has it.
    ///
    /// # Errors
    /// When that is longer than a value may be.
    pub fn write(self, out: &mut String) -> JsonResult<()> {
        match self {
            Rendered::Null => out.push_str("null"),
            Rendered::Bool(true) => out.push_str("true"),
            Rendered::Bool(false) => out.push_str("false"),
            Rendered::Number(text) if is_json_number(text) => append(text, out)?,
            Rendered::Number(text) | Rendered::Text(text) => escape_within(text, out)?,
            Rendered::Json(text) => append(text, out)?,
            Rendered::Jsonb(value) => {
                let before = out.len();
                jsonb::write(value, out)?;
                room(before, out.len() - before)?;
            }
        }
        Ok(())
    }

    /// Appends it to a document, as `to_jsonb` has it.
    pub fn append(self, builder: &mut Builder<'a>) -> JsonResult<()> {
        match self {
            Rendered::Null => builder.null(),
            Rendered::Bool(value) => builder.bool(value),
            Rendered::Number(text) if is_json_number(text) => builder.number(text),
            Rendered::Number(text) | Rendered::Text(text) => builder.string(text),
            Rendered::Json(text) => jsonb::append(text, builder),
            Rendered::Jsonb(value) => builder.value(value),
        }
    }

    /// Its text as the name of a field; `null` is what to say of SQL's null.
    fn name(self, null: OperationError) -> JsonResult<&'a str> {
        match self {
            Rendered::Null => Err(null.into()),
            Rendered::Bool(true) => Ok("true"),
            Rendered::Bool(false) => Ok("false"),
            Rendered::Number(text) | Rendered::Text(text) => Ok(text),
            Rendered::Json(_) | Rendered::Jsonb(_) => Err(OperationError::KeyNotScalar.into()),
        }
    }
}

/// `to_jsonb`.
pub fn to_jsonb(value: Rendered<'_>) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    value.append(&mut builder)?;
    builder.finish()
}

/// `json_build_array`.
pub fn json_build_array<'a>(values: impl IntoIterator<Item = Rendered<'a>>) -> JsonResult<String> {
    let mut out = String::from("[");
    for (place, value) in values.into_iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        value.write(&mut out)?;
    }
    out.push(']');
    Ok(out)
}

/// `jsonb_build_array`.
pub fn jsonb_build_array<'a>(values: impl IntoIterator<Item = Rendered<'a>>) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    builder.begin_array()?;
    values.into_iter().try_for_each(|value| value.append(&mut builder))?;
    builder.finish()
}

/// `json_build_object`.
pub fn json_build_object(arguments: &[Rendered<'_>]) -> JsonResult<String> {
    if !arguments.len().is_multiple_of(2) {
        return Err(OperationError::OddArguments("json_build_object()").into());
    }
    let mut out = String::from("{");
    for (place, pair) in arguments.chunks_exact(2).enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        escape_within(pair[0].name(OperationError::NullKeyArgument(place * 2 + 1))?, &mut out)?;
        out.push_str(" : ");
        pair[1].write(&mut out)?;
    }
    out.push('}');
    Ok(out)
}

/// `jsonb_build_object`.
pub fn jsonb_build_object(arguments: &[Rendered<'_>]) -> JsonResult<Jsonb> {
    if !arguments.len().is_multiple_of(2) {
        return Err(OperationError::OddArguments("jsonb_build_object()").into());
    }
    let mut builder = Builder::new();
    builder.begin_object()?;
    for (place, pair) in arguments.chunks_exact(2).enumerate() {
        builder.key(pair[0].name(OperationError::NullKeyBinary(place * 2 + 1))?)?;
        pair[1].append(&mut builder)?;
    }
    builder.finish()
}

/// An array of texts as `json_object` takes it: its dimensions, and its elements row by row.
#[derive(Debug, Clone, Copy)]
pub struct TextArray<'a> {
    /// The lengths of its dimensions; none of an empty array.
    pub dimensions: &'a [usize],
    /// Its elements.
    pub elements: &'a [Option<&'a str>],
}

type Pairs<'a> = Vec<(&'a str, Option<&'a str>)>;

/// Names and values that alternate in one array, or stand in its two columns.
fn alternating<'a>(array: TextArray<'a>) -> JsonResult<Pairs<'a>> {
    match array.dimensions {
        [] => {}
        [length] => {
            if !length.is_multiple_of(2) {
                return Err(OperationError::OddArray.into());
            }
        }
        [_, 2] => {}
        [_, _] => return Err(OperationError::NotTwoColumns.into()),
        [_, _, _, ..] => return Err(OperationError::ArrayDimensions.into()),
    }
    array
        .elements
        .chunks_exact(2)
        .map(|pair| Ok((pair[0].ok_or(OperationError::NullKey)?, pair[1])))
        .collect()
}

/// Names in one array, values in another.
fn side_by_side<'a>(names: TextArray<'a>, values: TextArray<'a>) -> JsonResult<Pairs<'a>> {
    if names.dimensions.len() > 1 || names.dimensions.len() != values.dimensions.len() {
        return Err(OperationError::ArrayDimensions.into());
    }
    if names.elements.len() != values.elements.len() {
        return Err(OperationError::MismatchedArrays.into());
    }
    let pairs = names.elements.iter().zip(values.elements);
    pairs.map(|(name, value)| Ok((name.ok_or(OperationError::NullKey)?, *value))).collect()
}

fn pairs<'a>(one: TextArray<'a>, two: Option<TextArray<'a>>) -> JsonResult<Pairs<'a>> {
    match two {
        None => alternating(one),
        Some(two) => side_by_side(one, two),
    }
}

/// `json_object` of one array or two.
pub fn json_object(one: TextArray<'_>, two: Option<TextArray<'_>>) -> JsonResult<String> {
    let mut out = String::from("{");
    for (place, (name, value)) in pairs(one, two)?.into_iter().enumerate() {
        if place > 0 {
            out.push_str(", ");
        }
        escape_within(name, &mut out)?;
        out.push_str(" : ");
        value.map_or(Rendered::Null, Rendered::Text).write(&mut out)?;
    }
    out.push('}');
    Ok(out)
}

/// `jsonb_object` of one array or two.
pub fn jsonb_object(one: TextArray<'_>, two: Option<TextArray<'_>>) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    builder.begin_object()?;
    for (name, value) in pairs(one, two)? {
        builder.key(name)?;
        value.map_or(Rendered::Null, Rendered::Text).append(&mut builder)?;
    }
    builder.finish()
}

/// How much white space rows and arrays get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// None.
    Compact,
    /// A line for each field or element (the second argument of `row_to_json` and `array_to_json`).
    Lines,
}

impl Layout {
    fn separator(self) -> &'static str {
        match self {
            Layout::Compact => ",",
            Layout::Lines => ",\n ",
        }
    }
}

/// A row as `to_json` and `row_to_json` have it.
pub fn row<'a>(
    fields: impl IntoIterator<Item = (&'a str, Rendered<'a>)>,
    layout: Layout,
) -> JsonResult<String> {
    let mut out = String::from("{");
    for (place, (name, value)) in fields.into_iter().enumerate() {
        if place > 0 {
            out.push_str(layout.separator());
        }
        escape_within(name, &mut out)?;
        out.push(':');
        value.write(&mut out)?;
    }
    out.push('}');
    Ok(out)
}

/// One dimension of an array as `to_json` and `array_to_json` have it.
pub fn array<'a>(elements: impl IntoIterator<Item = Rendered<'a>>, layout: Layout) -> JsonResult<String> {
    let mut out = String::from("[");
    for (place, value) in elements.into_iter().enumerate() {
        if place > 0 {
            out.push_str(layout.separator());
        }
        value.write(&mut out)?;
    }
    out.push(']');
    Ok(out)
}

/// `json_agg`, row by row.
#[derive(Debug, Clone, Default)]
pub struct ArrayAggregate {
    text: String,
}

impl ArrayAggregate {
    /// Takes a row's value. `composite`: its type is an array or a row, which get lines of their own.
    pub fn add(&mut self, value: Rendered<'_>, composite: bool) -> JsonResult<()> {
        if self.text.is_empty() {
            self.text.push('[');
        } else {
            self.text.push_str(", ");
            if composite && value != Rendered::Null {
                self.text.push_str("\n ");
            }
        }
        value.write(&mut self.text)
    }

    /// The result; none without rows.
    pub fn finish(&self) -> Option<String> {
        (!self.text.is_empty()).then(|| format!("{}]", self.text))
    }
}

/// `json_object_agg`, row by row.
#[derive(Debug, Clone, Default)]
pub struct ObjectAggregate {
    text: String,
}

impl ObjectAggregate {
    /// Takes a row's name and value.
    pub fn add(&mut self, name: Rendered<'_>, value: Rendered<'_>) -> JsonResult<()> {
        let name = name.name(OperationError::NullFieldName)?;
        self.text.push_str(if self.text.is_empty() { "{ " } else { ", " });
        escape_within(name, &mut self.text)?;
        self.text.push_str(" : ");
        value.write(&mut self.text)
    }

    /// The result; none without rows.
    pub fn finish(&self) -> Option<String> {
        (!self.text.is_empty()).then(|| format!("{} }}", self.text))
    }
}

/// `jsonb_agg` and `jsonb_object_agg`, row by row: each row's value becomes a document of its own, so that rows need
/// not be kept, and the last one wins at the end.
#[derive(Debug, Clone, Default)]
pub struct BinaryAggregate {
    names: Vec<String>,
    values: Vec<Jsonb>,
}

impl BinaryAggregate {
    /// Takes a row's value for `jsonb_agg`.
    pub fn add(&mut self, value: Rendered<'_>) -> JsonResult<()> {
        self.values.push(to_jsonb(value)?);
        Ok(())
    }

    /// Takes a row's name and value for `jsonb_object_agg`.
    pub fn add_field(&mut self, name: Rendered<'_>, value: Rendered<'_>) -> JsonResult<()> {
        self.names.push(name.name(OperationError::NullFieldName)?.to_owned());
        self.add(value)
    }

    /// The result; none without rows.
    pub fn finish(&self) -> JsonResult<Option<Jsonb>> {
        if self.values.is_empty() {
            return Ok(None);
        }
        let mut builder = Builder::new();
        if self.names.is_empty() {
            builder.begin_array()?;
            self.values.iter().try_for_each(|value| builder.value(value.value()))?;
        } else {
            builder.begin_object()?;
            for (name, value) in self.names.iter().zip(&self.values) {
                builder.key(name)?;
                builder.value(value.value())?;
            }
        }
        builder.finish().map(Some)
    }
}
