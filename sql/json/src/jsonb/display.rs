//! To text: on one line, or indented.

use super::{Value, Visit, Walk};
use crate::MAX_VALUE;
use crate::error::{JsonError, JsonResult};
use crate::text::escape_into;
use std::fmt;

/// Appends a document as PostgreSQL shows `jsonb`.
pub fn write(value: Value<'_>, out: &mut String) {
    // Whether something precedes within the object or array that is open.
    let mut follows = false;
    for visit in Walk::new(value) {
        match visit {
            Visit::ObjectEnd => out.push('}'),
            Visit::ArrayEnd => out.push(']'),
            Visit::ObjectStart(_) | Visit::ArrayStart(_) | Visit::Key(_) | Visit::Scalar(_) => {
                if follows {
                    out.push_str(", ");
                }
            }
        }
        follows = match visit {
            Visit::ObjectStart(_) => {
                out.push('{');
                false
            }
            Visit::ArrayStart(_) => {
                out.push('[');
                false
            }
            Visit::Key(name) => {
                escape_into(name, out);
                out.push_str(": ");
                false
            }
            Visit::Scalar(value) => {
                write_scalar(value, out);
                true
            }
            Visit::ObjectEnd | Visit::ArrayEnd => true,
        };
    }
}

fn write_scalar(value: Value<'_>, out: &mut String) {
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
                escape_into(name, &mut out);
                out.push_str(": ");
                after_key = true;
                false
            }
            Visit::Scalar(value) => {
                write_scalar(value, &mut out);
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
    if out.len() + indentation > MAX_VALUE {
        return Err(JsonError::OutOfMemory { have: out.len(), more: indentation });
    }
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
        write(*self, &mut out);
        formatter.write_str(&out)
    }
}
