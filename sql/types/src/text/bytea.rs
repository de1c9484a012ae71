//! Text of `bytea`: hexadecimal after `\x`, or escapes.

use super::error::{InputError, InputResult};
use super::scalar::{HEX, hex_digit};

/// Either form, told apart by its beginning.
pub(super) fn input(text: &str) -> InputResult<Vec<u8>> {
    match text.strip_prefix("\\x") {
        Some(digits) => from_hex(digits),
        None => from_escapes(text.as_bytes()).ok_or(InputError::Bytea),
    }
}

/// Pairs of digits, with white space between pairs.
fn from_hex(digits: &str) -> InputResult<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut rest = digits.char_indices();
    let digit = |(place, character): (usize, char)| {
        let value = u8::try_from(character).ok().and_then(hex_digit);
        value.ok_or_else(|| InputError::HexDigit(digits[place..place + character.len_utf8()].to_owned()))
    };
    while let Some(high) = rest.next() {
        if matches!(high.1, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = digit(high)?;
        let low = rest.next().ok_or(InputError::OddHexDigits)?;
        bytes.push(high << 4 | digit(low)?);
    }
    Ok(bytes)
}

/// A backslash is doubled or followed by three octal digits up to `\377`.
fn from_escapes(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    loop {
        match text {
            [] => return Some(bytes),
            [b'\\', b'\\', rest @ ..] => {
                bytes.push(b'\\');
                text = rest;
            }
            [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', rest @ ..] => {
                bytes.push((high - b'0') << 6 | (middle - b'0') << 3 | (low - b'0'));
                text = rest;
            }
            [b'\\', ..] => return None,
            [byte, rest @ ..] => {
                bytes.push(*byte);
                text = rest;
            }
        }
    }
}

pub(super) fn append(value: &[u8], escaped: bool, text: &mut Vec<u8>) {
    if !escaped {
        text.extend_from_slice(b"\\x");
        text.extend(value.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]));
        return;
    }
    for byte in value {
        match byte {
            b'\\' => text.extend_from_slice(b"\\\\"),
            b' '..=b'~' => text.push(*byte),
            _ => text.extend_from_slice(&[
                b'\\',
                b'0' + (byte >> 6),
                b'0' + (byte >> 3 & 7),
                b'0' + (byte & 7),
            ]),
        }
    }
}
