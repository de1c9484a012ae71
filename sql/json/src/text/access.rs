//! What is at a place in a document, and what its outermost level holds. Results are pieces of the text, as written.

use super::lexer::{Escapes, Text};
use super::reader::{Event, Reader};
use super::write::escape_into;
use crate::error::{JsonResult, OperationError};
use std::borrow::Cow;

/// A value within a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    /// As it is written.
    pub raw: &'a str,
    string: Option<Text<'a>>,
}

impl<'a> Field<'a> {
    /// As `->>` has it: strings without quotes and escapes, SQL's null for `null`.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.string {
            Some(text) => Some(text.decode()),
            None if self.raw == "null" => None,
            None => Some(Cow::Borrowed(self.raw)),
        }
    }
}

/// An object or array whose start has been seen.
struct Begun {
    start: usize,
    depth: usize,
}

/// An array index in a path of texts: what C's `strtol` takes and an `int` holds, with nothing behind it.
pub(crate) fn index(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// One step of a path.
#[derive(Debug, Clone, Copy)]
pub enum Step<'p> {
    /// A field of an object, or an element of an array if it reads like a number.
    Text(&'p str),
    /// A field of an object only.
    Key(&'p str),
    /// An element of an array only; from the end if negative.
    Index(i32),
}

impl Step<'_> {
    fn index(self) -> Option<i32> {
        match self {
            Step::Text(text) => index(text),
            Step::Key(_) => None,
            Step::Index(index) => Some(index),
        }
    }

    fn is_key(self, key: Text<'_>) -> bool {
        match self {
            Step::Text(text) | Step::Key(text) => match key.escaped {
                true => key.decode() == text,
                false => key.raw == text,
            },
            Step::Index(_) => false,
        }
    }
}

/// What encloses the place of the reader, as far as the path leads into it.
enum Level {
    Object { matches: bool },
    Array { wanted: Option<u64>, next: u64 },
}

/// The value at the end of `steps`, if there is one. No steps lead to the document itself.
pub fn path<'a>(text: &'a str, steps: &[Step<'_>]) -> JsonResult<Option<Field<'a>>> {
    let mut reader = Reader::new(text, Escapes::Resolved);
    // The enclosing levels that are on the path; deeper ones are only read through.
    let mut levels: Vec<Level> = Vec::new();
    let mut begun: Option<Begun> = None;
    let mut found = None;
    while let Some(event) = reader.next_event()? {
        let opened = matches!(event, Event::ObjectStart | Event::ArrayStart);
        let depth = reader.depth() - usize::from(opened);
        if matches!(event, Event::ObjectEnd | Event::ArrayEnd) {
            levels.truncate(depth);
            if let Some(ended) = begun.take_if(|begun| begun.depth == depth) {
                found = Some(Field { raw: &text[ended.start..reader.end()], string: None });
            }
            continue;
        }
        if let Event::Key(key) = event {
            if levels.len() == depth
                && let Some(Level::Object { matches }) = levels.last_mut()
            {
                *matches = steps[depth - 1].is_key(key);
            }
            continue;
        }
        // A value starts here. It is on the path if all that encloses it is and its place in the last level is the one.
        if levels.len() != depth || !levels.last_mut().is_none_or(Level::admits) {
            continue;
        }
        if depth == steps.len() {
            if opened {
                begun = Some(Begun { start: reader.start(), depth });
            } else {
                let string = if let Event::String(text) = event { Some(text) } else { None };
                found = Some(Field { raw: &text[reader.start()..reader.end()], string });
            }
        } else if let Event::ObjectStart = event {
            levels.push(Level::Object { matches: false });
        } else if let Event::ArrayStart = event {
            let wanted = match steps[depth].index() {
                Some(index @ 0..) => Some(u64::from(index.unsigned_abs())),
                Some(index) => count_elements(&reader)?.checked_sub(u64::from(index.unsigned_abs())),
                None => None,
            };
            levels.push(Level::Array { wanted, next: 0 });
        }
    }
    Ok(found)
}

impl Level {
    /// Whether the value that starts now is the one that the path wants.
    fn admits(&mut self) -> bool {
        match self {
            Level::Object { matches } => *matches,
            Level::Array { wanted, next } => {
                *next += 1;
                *wanted == Some(*next - 1)
            }
        }
    }
}

/// How many elements the array has that the reader has just entered.
fn count_elements(reader: &Reader<'_>) -> JsonResult<u64> {
    let mut reader = reader.clone();
    let inside = reader.depth();
    let mut count = 0;
    while let Some(event) = reader.next_event()? {
        match event {
            Event::ObjectStart | Event::ArrayStart => count += u64::from(reader.depth() == inside + 1),
            Event::ObjectEnd | Event::ArrayEnd => {
                if reader.depth() < inside {
                    break;
                }
            }
            Event::Key(_) => {}
            Event::String(_) | Event::Number(_) | Event::Bool(_) | Event::Null => {
                count += u64::from(reader.depth() == inside);
            }
        }
    }
    Ok(count)
}

/// `json_typeof`. Only the first token is looked at, and what follows it.
pub fn type_name(text: &str) -> JsonResult<&'static str> {
    let mut reader = Reader::new(text, Escapes::Kept);
    Ok(match reader.next_event()? {
        Some(Event::ObjectStart) => "object",
        Some(Event::ArrayStart) => "array",
        Some(Event::String(_)) => "string",
        Some(Event::Number(_)) => "number",
        Some(Event::Bool(_)) => "boolean",
        Some(Event::Null | Event::Key(_) | Event::ObjectEnd | Event::ArrayEnd) | None => "null",
    })
}

/// `json_array_length`.
pub fn array_length(text: &str) -> JsonResult<u64> {
    let mut reader = Reader::new(text, Escapes::Kept);
    match reader.next_event()? {
        Some(Event::ArrayStart) => {
            let count = count_elements(&reader)?;
            while reader.next_event()?.is_some() {}
            Ok(count)
        }
        Some(Event::ObjectStart) => Err(OperationError::LengthOfObject.into()),
        Some(_) | None => Err(OperationError::LengthOfScalar.into()),
    }
}

/// What the outermost level of a document holds, in order: names (none in an array) and values.
fn members<'a>(reader: &mut Reader<'a>) -> JsonResult<Vec<(Option<Text<'a>>, Field<'a>)>> {
    let text = reader.text();
    let mut found = Vec::new();
    let mut key = None;
    let mut start = 0;
    while let Some(event) = reader.next_event()? {
        match event {
            Event::Key(name) if reader.depth() == 1 => key = Some(name),
            Event::ObjectStart | Event::ArrayStart if reader.depth() == 2 => start = reader.start(),
            Event::ObjectEnd | Event::ArrayEnd if reader.depth() == 1 => {
                found.push((key.take(), Field { raw: &text[start..reader.end()], string: None }));
            }
            Event::String(_) | Event::Number(_) | Event::Bool(_) | Event::Null if reader.depth() == 1 => {
                let string = if let Event::String(text) = event { Some(text) } else { None };
                found.push((key.take(), Field { raw: &text[reader.start()..reader.end()], string }));
            }
            // What is deeper is a part of a value.
            Event::Key(_)
            | Event::ObjectStart
            | Event::ArrayStart
            | Event::ObjectEnd
            | Event::ArrayEnd
            | Event::String(_)
            | Event::Number(_)
            | Event::Bool(_)
            | Event::Null => {}
        }
    }
    Ok(found)
}

/// `json_each` and `json_each_text`: fields in the order of the text, doubled names twice.
pub fn object_fields(text: &str) -> JsonResult<Vec<(Cow<'_, str>, Field<'_>)>> {
    let mut reader = Reader::new(text, Escapes::Resolved);
    if starts_with(text, '[') {
        return Err(OperationError::DeconstructArray.into());
    }
    if reader.next_event()? != Some(Event::ObjectStart) {
        return Err(OperationError::DeconstructScalar.into());
    }
    let members = members(&mut reader)?;
    Ok(members.into_iter().filter_map(|(key, value)| Some((key?.decode(), value))).collect())
}

/// `json_object_keys`.
pub fn object_keys(text: &str) -> JsonResult<Vec<Cow<'_, str>>> {
    let mut reader = Reader::new(text, Escapes::Resolved);
    if starts_with(text, '[') {
        return Err(OperationError::CallOnArray("json_object_keys").into());
    }
    if reader.next_event()? != Some(Event::ObjectStart) {
        return Err(OperationError::CallOnScalar("json_object_keys").into());
    }
    Ok(members(&mut reader)?.into_iter().filter_map(|(key, _)| Some(key?.decode())).collect())
}

/// Whether a document is one that starts with that bracket. Its kind is told before its inside is looked at.
fn starts_with(text: &str, bracket: char) -> bool {
    text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with(bracket)
}

/// `json_array_elements`.
pub fn array_elements(text: &str) -> JsonResult<Vec<Field<'_>>> {
    elements(text, "json_array_elements", Escapes::Kept)
}

/// `json_array_elements_text`: the elements whose [`Field::text`] it is.
pub fn array_elements_text(text: &str) -> JsonResult<Vec<Field<'_>>> {
    elements(text, "json_array_elements_text", Escapes::Resolved)
}

fn elements<'a>(text: &'a str, function: &'static str, escapes: Escapes) -> JsonResult<Vec<Field<'a>>> {
    let mut reader = Reader::new(text, escapes);
    if starts_with(text, '{') {
        return Err(OperationError::CallOnObject(function).into());
    }
    if reader.next_event()? != Some(Event::ArrayStart) {
        return Err(OperationError::CallOnScalar(function).into());
    }
    Ok(members(&mut reader)?.into_iter().map(|(_, value)| value).collect())
}

/// `json_strip_nulls`: without fields whose value is `null`, and without white space.
pub fn strip_nulls(text: &str) -> JsonResult<String> {
    let mut reader = Reader::new(text, Escapes::Resolved);
    let mut out = String::with_capacity(text.len());
    let mut key = None;
    let mut scratch = String::new();
    while let Some(event) = reader.next_event()? {
        match event {
            Event::Key(name) => {
                key = Some(name);
                continue;
            }
            Event::Null if key.take().is_some() => continue,
            Event::ObjectEnd | Event::ArrayEnd => {}
            Event::ObjectStart
            | Event::ArrayStart
            | Event::String(_)
            | Event::Number(_)
            | Event::Bool(_)
            | Event::Null => {
                // Strings end with a quote: these can only be the document's own.
                if !out.is_empty() && !out.ends_with(['{', '[']) {
                    out.push(',');
                }
                if let Some(name) = key.take() {
                    write_string(name, &mut scratch, &mut out);
                    out.push(':');
                }
            }
        }
        match event {
            Event::ObjectStart => out.push('{'),
            Event::ObjectEnd => out.push('}'),
            Event::ArrayStart => out.push('['),
            Event::ArrayEnd => out.push(']'),
            Event::String(text) => write_string(text, &mut scratch, &mut out),
            Event::Number(_) | Event::Bool(_) | Event::Null => {
                out.push_str(&text[reader.start()..reader.end()]);
            }
            Event::Key(_) => {}
        }
    }
    Ok(out)
}

fn write_string(text: Text<'_>, scratch: &mut String, out: &mut String) {
    scratch.clear();
    text.decode_into(scratch);
    escape_into(scratch, out);
}
