//! JSON as text: what it is, what is in it, and how it is written.
//!
//! A `json` value is its text as it came; access to a part of it reads all of it, because the last of two fields of one
//! name counts, and builds nothing.

mod access;
mod lexer;
mod plain;
mod reader;
mod write;

pub(crate) use access::index;
pub use access::{
    Field, Step, array_elements, array_elements_text, array_length, object_fields, object_keys, path,
    strip_nulls, type_name,
};
pub use lexer::{Escapes, Text};
pub use reader::{Event, Reader};
pub(crate) use write::room_for_escaped;
pub use write::{escape, escape_into};

use crate::error::JsonResult;

/// Whether `text` is JSON, as the type `json` has it: escapes are looked at, not resolved.
pub fn validate(text: &str) -> JsonResult<()> {
    let mut reader = Reader::new(text, Escapes::Kept);
    while reader.next_event()?.is_some() {}
    Ok(())
}
