//! The fields of a line of text: between delimiters, with backslashes before what would mean something else.

use crate::error::CopyResult;
use crate::fields::{Field, Fields};
use crate::reader::check_text;
use memchr::{memchr, memchr2};
use std::ops::Range;

/// Reads the fields of the line that lies at `line`.
pub fn read(
    buffer: &[u8],
    line: Range<usize>,
    delimiter: u8,
    null: &[u8],
    fields: &mut Fields,
) -> CopyResult<()> {
    let mut start = line.start;
    let plain = memchr(b'\\', &buffer[line.clone()]).is_none();
    loop {
        let rest = &buffer[start..line.end];
        let length = match plain {
            true => memchr(delimiter, rest).unwrap_or(rest.len()),
            false => length_with_escapes(rest, delimiter),
        };
        let field = &rest[..length];
        fields.list.push(if field == null {
            Field::Null
        } else if plain || memchr(b'\\', field).is_none() {
            Field::Stands(start..start + length)
        } else {
            let before = fields.made.len();
            unescape(field, &mut fields.made);
            check_text(&fields.made[before..])?;
            Field::Made(before..fields.made.len())
        });
        start += length + 1;
        if start > line.end {
            return Ok(());
        }
    }
}

/// Up to the next delimiter that does not stand behind a backslash.
fn length_with_escapes(rest: &[u8], delimiter: u8) -> usize {
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|rest| memchr2(delimiter, b'\\', rest)) {
        at += found;
        if rest[at] == delimiter {
            return at;
        }
        at += 2;
    }
    rest.len()
}

/// Appends what a field with backslashes means.
fn unescape(field: &[u8], out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(byte) = field.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        // One at the end means nothing.
        let Some(escaped) = field.get(at) else { return };
        at += 1;
        out.push(match *escaped {
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'0'..=b'7' => digits(field, at - 1, &mut at, (8, 3)),
            b'x' if field.get(at).is_some_and(u8::is_ascii_hexdigit) => digits(field, at, &mut at, (16, 2)),
            other => other,
        });
    }
}

/// The byte that digits from `start` are, of this base and at most so many; `at` is set behind them.
fn digits(field: &[u8], start: usize, at: &mut usize, (base, most): (u32, usize)) -> u8 {
    let mut value = 0;
    let mut count = 0;
    while count < most
        && let Some(digit) = field.get(start + count).and_then(|byte| char::from(*byte).to_digit(base))
    {
        value = value * base + digit;
        count += 1;
    }
    *at = start + count;
    // Three octal digits may be more than a byte: what is above is lost, as in C.
    (value & 0xff) as u8
}
