//! To text: on one line, or indented.

use super::{ENTRY, Items, Value, Visit, Walk};
use crate::error::JsonResult;
use crate::text::{escape_into, room_for_escaped};
use diagnostic::room;
use std::fmt;

/// An array or object that is being written.
struct Level<'a> {
    items: Items<'a>,
    is_object: bool,
    next: usize,
}

impl<'a> Level<'a> {
    /// The level of an array or object; of a scalar there is none.
    fn of(value: Value<'a>) -> Option<Level<'a>> {
        match value {
            Value::Array(array) => Some(Level { items: array.items, is_object: false, next: 0 }),
            Value::Object(object) => Some(Level { items: object.items, is_object: true, next: 0 }),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        }
    }

    fn begin(&self, out: &mut String) {
        out.push(if self.is_object { '{' } else { '[' });
    }
}

/// Appends a document as PostgreSQL shows `jsonb`.
///
/// This is what every row of a result goes through, so it walks by itself: [`Walk`] makes a value of every step.
///
/// # Errors
/// When its text is longer than a value may be; some of it is there then.
pub fn write(value: Value<'_>, out: &mut String) -> JsonResult<()> {
    let start = out.len();
    let Some(mut level) = Level::of(value) else { return write_within(value, start, out) };
    // As long as its bytes, or a little less: entries become commas, quotes and colons.
    let length = value.kind_and_payload().1.len();
    out.reserve(length);
    // As in `Walk`: broken bytes could be parts of themselves many times over.
    let mut budget = length / ENTRY + 2;
    let mut outer: Vec<Level<'_>> = Vec::new();
    level.begin(out);
    loop {
        let (index, count) = (level.next, level.items.count());
        if index == count {
            out.push(if level.is_object { '}' } else { ']' });
            match outer.pop() {
                Some(open) => level = open,
                None => return Ok(()),
            }
            continue;
        }
        let Some(left) = budget.checked_sub(1) else { return Ok(()) };
        budget = left;
        level.next += 1;
        if index > 0 {
            out.push_str(", ");
        }
        let mut place = index;
        if level.is_object {
            let name = level.items.name(index);
            room_for_escaped(out.len() - start, name)?;
            escape_into(name, out);
            out.push_str(": ");
            place += count;
        }
        let value = level.items.value(place);
        match Level::of(value) {
            None => write_within(value, start, out)?,
            Some(inner) => {
                inner.begin(out);
                outer.push(std::mem::replace(&mut level, inner));
            }
        }
    }
}

/// A scalar of the document whose text begins at `start`.
fn write_within(value: Value<'_>, start: usize, out: &mut String) -> JsonResult<()> {
    let have = out.len() - start;
    match value {
        Value::String(text) => room_for_escaped(have, text)?,
        Value::Number(number) => room(have, number.length_max())?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => room(have, "false".len())?,
    }
    write_scalar(value, out);
    Ok(())
}

/// Appends a scalar, whose length others have looked at.
pub(crate) fn write_scalar(value: Value<'_>, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => number.write(out),
        Value::String(text) => escape_into(text, out),
        Value::Array(_) | Value::Object(_) => {}
    }
}

/// `jsonb_pretty`. Deep nesting is wide: the result may outgrow what a value may be.
pub fn pretty(value: Value<'_>) -> JsonResult<String> {
    let mut out = String::new();
    let mut depth = 0;
    let mut follows = false;
    let mut after_key = false;
    for visit in Walk::new(value) {
        if matches!(visit, Visit::ObjectEnd | Visit::ArrayEnd) {
            depth = usize::saturating_sub(depth, 1);
            line(&mut out, depth)?;
        } else if after_key {
            after_key = false;
        } else if depth > 0 {
            if follows {
                out.push(',');
            }
            line(&mut out, depth)?;
        }
        follows = match visit {
            Visit::ObjectStart(_) | Visit::ArrayStart(_) => {
                out.push(if matches!(visit, Visit::ObjectStart(_)) { '{' } else { '[' });
                depth += 1;
                false
            }
            Visit::Key(name) => {
                room_for_escaped(out.len(), name)?;
                escape_into(name, &mut out);
                out.push_str(": ");
                after_key = true;
                false
            }
            Visit::Scalar(value) => {
                write_within(value, 0, &mut out)?;
                true
            }
            Visit::ObjectEnd => {
                out.push('}');
                true
            }
            Visit::ArrayEnd => {
                out.push(']');
                true
            }
        };
    }
    Ok(out)
}

fn line(out: &mut String, depth: usize) -> JsonResult<()> {
    let indentation = 1 + depth * 4;
    room(out.len(), indentation)?;
    out.push('\n');
    const SPACES: &str = "                                                                ";
    let mut missing = depth * 4;
    while missing > 0 {
        let length = missing.min(SPACES.len());
        out.push_str(&SPACES[..length]);
        missing -= length;
    }
    Ok(())
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = String::new();
        if write(*self, &mut out).is_err() {
            out.push_str("...");
        }
        formatter.write_str(&out)
    }
}
