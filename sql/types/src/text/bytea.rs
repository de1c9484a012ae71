//! Text of `bytea`: hexadecimal after `\x`, or escapes.

use super::error::{InputError, InputResult};
use super::scalar::{append_hex, append_octal, hex_digit};
use diagnostic::room;

/// Either form, told apart by its beginning; appends to `bytes`.
pub(super) fn input(text: &str, bytes: &mut Vec<u8>) -> InputResult<()> {
    match text.strip_prefix("\\x") {
        Some(digits) => from_hex(digits, bytes),
        None => from_escapes(text.as_bytes(), bytes).ok_or(InputError::Bytea),
    }
}

/// Pairs of digits, with white space between pairs.
fn from_hex(digits: &str, bytes: &mut Vec<u8>) -> InputResult<()> {
    bytes.reserve(digits.len() / 2);
    let mut rest = digits.as_bytes();
    while let [high, after @ ..] = rest {
        if matches!(high, b' ' | b'\n' | b'\t' | b'\r') {
            rest = after;
            continue;
        }
        let place = digits.len() - rest.len();
        let digit = |byte: u8, place: usize| hex_digit(byte).ok_or_else(|| wrong_digit(digits, place));
        let high = digit(*high, place)?;
        let [low, after @ ..] = after else { return Err(InputError::OddHexDigits) };
        bytes.push(high << 4 | digit(*low, place + 1)?);
        rest = after;
    }
    Ok(())
}

/// All before `place` are digits and blanks, so that a character begins there.
fn wrong_digit(digits: &str, place: usize) -> InputError {
    let character = digits.get(place..).and_then(|rest| rest.chars().next());
    InputError::HexDigit(character.map(String::from).unwrap_or_default())
}

/// A backslash is doubled or followed by three octal digits up to `\377`.
fn from_escapes(mut text: &[u8], bytes: &mut Vec<u8>) -> Option<()> {
    bytes.reserve(text.len());
    loop {
        match text {
            [] => return Some(()),
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

pub(super) fn append(value: &[u8], escaped: bool, text: &mut String) -> InputResult<()> {
    if !escaped {
        room(0, 2 + value.len() * 2)?;
        text.push_str("\\x");
        append_hex(value, text);
        return Ok(());
    }
    if room(0, value.len() * "\\000".len()).is_err() {
        let long = |byte: &u8| {
            if *byte == b'\\' {
                2
            } else if matches!(byte, b' '..=b'~') {
                1
            } else {
                4
            }
        };
        room(0, value.iter().map(long).sum())?;
    }
    for byte in value {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => append_octal(*byte, text),
        }
    }
    Ok(())
}
