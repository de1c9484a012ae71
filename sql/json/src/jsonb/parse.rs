//! From text.

use super::{Builder, Jsonb};
use crate::error::JsonResult;
use crate::text::{Escapes, Event, Reader};

/// The document that `text` is.
pub fn parse(text: &str) -> JsonResult<Jsonb> {
    let mut builder = Builder::new();
    append(text, &mut builder)?;
    builder.finish()
}

/// Appends the document that `text` is to what a builder has.
pub(crate) fn append<'a>(text: &'a str, builder: &mut Builder<'a>) -> JsonResult<()> {
    builder.reserve(text.len());
    let mut reader = Reader::new(text, Escapes::Resolved);
    while let Some(event) = reader.next_event()? {
        match event {
            Event::ObjectStart => builder.begin_object()?,
            Event::ArrayStart => builder.begin_array()?,
            Event::ObjectEnd | Event::ArrayEnd => builder.end()?,
            Event::Key(text) | Event::String(text) => builder.quoted(text)?,
            Event::Number(text) => builder.number(text)?,
            Event::Bool(value) => builder.bool(value)?,
            Event::Null => builder.null()?,
        }
    }
    Ok(())
}
