//! Text of `boolean`, `"char"` and `uuid`.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};

/// A truth value: any beginning of its words that only one of them has, in any case, between white space.
pub(super) fn boolean(text: &str) -> InputResult<bool> {
    let word = text.trim_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
    let begins = |whole: &str, least: usize| {
        word.len() >= least && whole.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    if begins("true", 1) || begins("yes", 1) || begins("on", 2) || word == "1" {
        Ok(true)
    } else if begins("false", 1) || begins("no", 1) || begins("off", 2) || word == "0" {
        Ok(false)
    } else {
        Err(InputError::Syntax { type_name: "boolean", text: text.to_owned() })
    }
}

/// The first byte of a text, or the one that a backslash and three octal digits name.
pub(super) fn single_char(text: &str) -> i16 {
    match text.as_bytes() {
        [b'\\', high @ b'0'..=b'7', middle @ b'0'..=b'7', low @ b'0'..=b'7'] => {
            let value = u16::from(high - b'0') * 64 + u16::from(middle - b'0') * 8 + u16::from(low - b'0');
            i16::from(value as u8)
        }
        bytes => bytes.first().map_or(0, |byte| i16::from(*byte)),
    }
}

pub(super) fn append_single_char(value: i16, text: &mut String) {
    match value as u8 {
        0 => {}
        byte if byte < 0x80 => text.push(char::from(byte)),
        byte => append_octal(byte, text),
    }
}

/// Appends a backslash and three octal digits.
pub(super) fn append_octal(byte: u8, text: &mut String) {
    text.push('\\');
    text.extend([byte >> 6, byte >> 3 & 7, byte & 7].map(|digit| char::from(b'0' + digit)));
}

/// Thirty-two hexadecimal digits, with a hyphen after any four of them, in braces or not.
pub(super) fn uuid(text: &str) -> InputResult<[u8; 16]> {
    parse_uuid(text).ok_or_else(|| InputError::Syntax { type_name: "uuid", text: text.to_owned() })
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let (mut digits, mut uuid) = (inner.as_bytes(), [0; 16]);
    for (index, byte) in uuid.iter_mut().enumerate() {
        let ([high, low], rest) = digits.split_first_chunk::<2>()?;
        *byte = (hex_digit(*high)? << 4) | hex_digit(*low)?;
        digits = rest;
        if index % 2 == 1 && index < 15 {
            digits = digits.strip_prefix(b"-").unwrap_or(digits);
        }
    }
    digits.is_empty().then_some(uuid)
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends two hexadecimal digits a byte.
pub(super) fn append_hex(bytes: &[u8], text: &mut String) {
    let mut digits = [0; 128];
    for run in bytes.chunks(digits.len() / 2) {
        for (pair, byte) in digits.chunks_exact_mut(2).zip(run) {
            pair.copy_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
        }
        // They are ASCII digits.
        text.push_str(std::str::from_utf8(&digits[..run.len() * 2]).unwrap_or_default());
    }
}

pub(super) fn append_uuid(value: [u8; 16], text: &mut String) {
    for (index, run) in [0..4, 4..6, 6..8, 8..10, 10..16].into_iter().enumerate() {
        if index > 0 {
            text.push('-');
        }
        append_hex(&value[run], text);
    }
}
