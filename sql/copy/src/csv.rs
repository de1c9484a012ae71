//! The fields of a line of CSV: between delimiters, within quotes where they hold what would mean something else.

use crate::error::{CopyError, CopyResult};
use crate::fields::{Field, Fields};
use crate::options::Options;
use memchr::memchr2;
use std::ops::Range;

/// Reads the fields of the line that lies at `line`.
pub fn read(buffer: &[u8], line: Range<usize>, options: &Options, fields: &mut Fields) -> CopyResult<()> {
    let mut start = line.start;
    loop {
        let rest = &buffer[start..line.end];
        let plain = memchr2(options.delimiter, options.quote, rest);
        let length = match plain {
            Some(at) if rest[at] == options.quote => quoted(rest, options, fields)?,
            found => {
                let length = found.unwrap_or(rest.len());
                fields.list.push(if rest[..length] == *options.null.as_bytes() {
                    Field::Null
                } else {
                    Field::Stands(start..start + length)
                });
                length
            }
        };
        start += length + 1;
        if start > line.end {
            return Ok(());
        }
    }
}

/// Reads a field that has quotes in it, at its beginning or later; how long it is.
fn quoted(rest: &[u8], options: &Options, fields: &mut Fields) -> CopyResult<usize> {
    let before = fields.made.len();
    let mut at = 0;
    let mut inside = false;
    while let Some(byte) = rest.get(at).copied() {
        if !inside {
            match byte {
                byte if byte == options.delimiter => break,
                byte if byte == options.quote => inside = true,
                byte => fields.made.push(byte),
            }
            at += 1;
            continue;
        }
        at += 1;
        // An escape that stands before neither itself nor a quote is nothing but what it is.
        if byte == options.escape
            && let Some(next) = rest.get(at).copied()
            && (next == options.escape || next == options.quote)
        {
            fields.made.push(next);
            at += 1;
        } else if byte == options.quote {
            inside = false;
        } else {
            fields.made.push(byte);
        }
    }
    if inside {
        return Err(CopyError::Unterminated);
    }
    fields.list.push(Field::Made(before..fields.made.len()));
    Ok(at)
}
