//! `bytea`: parts, bits, codes.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{scalar, scalar_text};
use crate::kernel::text::basic::find;
use crate::kernel::text::part::end_of;
use diagnostic::{SqlState, room};
use numeric::{NumberType, NumericError};

fn invalid(message: impl Into<String>) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

fn substring(bytes: &[u8], start: i32, length: Option<i32>) -> FunctionResult<&[u8]> {
    let place = |place: i32| ((i64::from(place) - 1).max(0) as usize).min(bytes.len());
    let end = end_of(start, length)?.map_or(bytes.len(), place);
    Ok(bytes.get(place(start)..end).unwrap_or(&[]))
}

fn trim<'a>(mut bytes: &'a [u8], set: &[u8], front: bool, back: bool) -> &'a [u8] {
    while let (true, [first, rest @ ..]) = (front, bytes) {
        if !set.contains(first) {
            break;
        }
        bytes = rest;
    }
    while let (true, [rest @ .., last]) = (back, bytes) {
        if !set.contains(last) {
            break;
        }
        bytes = rest;
    }
    bytes
}

/// Where a byte or bit lies, if there is such a one.
fn place(index: i64, count: usize) -> FunctionResult<usize> {
    usize::try_from(index).ok().filter(|index| *index < count).ok_or_else(|| {
        let message = format!("index {index} out of valid range, 0..{}", count as i64 - 1);
        FunctionError::plain(SqlState::ArrayElementError, message)
    })
}

fn overlay(out: &mut Vec<u8>, bytes: &[u8], by: &[u8], start: i32, length: i32) -> FunctionResult<()> {
    if start <= 0 {
        let message = "negative substring length not allowed";
        return Err(FunctionError::plain(SqlState::SubstringError, message));
    }
    let after = start.checked_add(length).ok_or(NumericError::IntegerOutOfRange(NumberType::Int4))?;
    let (head, tail) = (substring(bytes, 1, Some(start - 1))?, substring(bytes, after, None)?);
    room(head.len() + tail.len(), by.len())?;
    [head, by, tail].iter().for_each(|part| out.extend_from_slice(part));
    Ok(())
}

scalar! {
    fn byteaoctetlen(a: &[u8]) -> i32 { a.len() as i32 }
    fn bytea_substr(a: &[u8], start: i32, length: i32) -> &[u8] { substring(a, start, Some(length))? }
    fn bytea_substr_no_len(a: &[u8], start: i32) -> &[u8] { substring(a, start, None)? }
    fn byteatrim(a: &[u8], set: &[u8]) -> &[u8] { trim(a, set, true, true) }
    fn bytealtrim(a: &[u8], set: &[u8]) -> &[u8] { trim(a, set, true, false) }
    fn byteartrim(a: &[u8], set: &[u8]) -> &[u8] { trim(a, set, false, true) }
    fn byteapos(a: &[u8], part: &[u8]) -> i32 {
        find(a, part).map_or(i32::from(part.is_empty()), |at| at as i32 + 1)
    }
    fn bytea_bit_count(a: &[u8]) -> i64 { a.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>() }
    fn bytea_get_byte(a: &[u8], index: i32) -> i32 { i32::from(a[place(i64::from(index), a.len())?]) }
    fn bytea_get_bit(a: &[u8], index: i64) -> i32 {
        let at = place(index, a.len() * 8)?;
        i32::from(a[at / 8] >> (at % 8) & 1)
    }
    fn bytea_set_byte(a: &[u8], index: i32, value: i32) -> Vec<u8> {
        let mut made = a.to_vec();
        let at = place(i64::from(index), a.len())?;
        made[at] = value as u8;
        made
    }
    fn bytea_set_bit(a: &[u8], index: i64, value: i32) -> Vec<u8> {
        let mut made = a.to_vec();
        let at = place(index, a.len() * 8)?;
        match value {
            0 => made[at / 8] &= !(1 << (at % 8)),
            1 => made[at / 8] |= 1 << (at % 8),
            _ => return Err(invalid("new bit must be 0 or 1")),
        }
        made
    }
}

scalar_text! {
    fn byteacat(out, a: &[u8], b: &[u8]) {
        out.extend_from_slice(a);
        out.extend_from_slice(b);
    }
    fn byteaoverlay(out, a: &[u8], by: &[u8], start: i32, length: i32) {
        overlay(out, a, by, start, length)?;
    }
    fn byteaoverlay_no_len(out, a: &[u8], by: &[u8], start: i32) {
        overlay(out, a, by, start, by.len() as i32)?;
    }
    fn binary_encode(out, a: &[u8], format: &str) {
        encode(a, format, out)?;
    }
    fn binary_decode(out, a: &str, format: &str) {
        decode(a, format, out)?;
    }
}

/// Appends bytes as hexadecimal digits.
pub(crate) fn hex_into(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// `base64` breaks lines after so many characters.
const LINE: usize = 76;

/// How long bytes are in a format: of base64 a little less than exactly, as PostgreSQL counts it.
fn encoded_length(bytes: &[u8], format: &str) -> usize {
    match format {
        "hex" => bytes.len() * 2,
        "base64" => (bytes.len() + 2) * 4 / 3 + bytes.len() / (LINE * 3 / 4),
        _ => {
            let length = |byte: &u8| match byte {
                0 | 0x80.. => 4,
                b'\\' => 2,
                _ => 1,
            };
            bytes.iter().map(length).sum()
        }
    }
}

fn encode(bytes: &[u8], format: &str, out: &mut Vec<u8>) -> FunctionResult<()> {
    let format = format.to_ascii_lowercase();
    // No format is longer than four times.
    if room(0, bytes.len() * 4).is_err() && room(0, encoded_length(bytes, &format)).is_err() {
        let message = "result of encoding conversion is too large";
        return Err(FunctionError::plain(SqlState::ProgramLimitExceeded, message));
    }
    match format.as_str() {
        "hex" => hex_into(bytes, out),
        "base64" => {
            let start = out.len();
            let mut breaks = 0;
            for chunk in bytes.chunks(3) {
                if out.len() - start - breaks >= LINE * (breaks + 1) {
                    out.push(b'\n');
                    breaks += 1;
                }
                let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
                    << (8 * (3 - chunk.len()));
                for place in 0..4 {
                    let digit = ALPHABET[(word >> (18 - 6 * place) & 63) as usize];
                    out.push(if place <= chunk.len() { digit } else { b'=' });
                }
            }
        }
        "escape" => {
            for byte in bytes {
                match byte {
                    0 | 0x80.. => out.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
                    b'\\' => out.extend_from_slice(b"\\\\"),
                    byte => out.push(*byte),
                }
            }
        }
        _ => return Err(invalid(format!("unrecognized encoding: \"{format}\""))),
    }
    Ok(())
}

fn decode(source: &str, format: &str, out: &mut Vec<u8>) -> FunctionResult<()> {
    match format.to_ascii_lowercase().as_str() {
        "hex" => hex(source, out),
        "base64" => base64(source, out),
        "escape" => escape(source.as_bytes(), out),
        _ => Err(invalid(format!("unrecognized encoding: \"{format}\""))),
    }
}

fn hex(source: &str, out: &mut Vec<u8>) -> FunctionResult<()> {
    let mut high: Option<u32> = None;
    // White space may stand between pairs, not within one.
    for character in source.chars() {
        if high.is_none() && matches!(character, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let Some(digit) = character.to_digit(16) else {
            return Err(invalid(format!("invalid hexadecimal digit: \"{character}\"")));
        };
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push((high * 16 + digit) as u8),
        }
    }
    match high {
        None => Ok(()),
        Some(_) => Err(invalid("invalid hexadecimal data: odd number of digits")),
    }
}

fn base64(source: &str, out: &mut Vec<u8>) -> FunctionResult<()> {
    let (mut word, mut digits, mut ends) = (0_u32, 0, 0);
    for character in source.chars().filter(|character| !matches!(character, ' ' | '\n' | '\t' | '\r')) {
        let value = if character == '=' {
            if ends == 0 && digits < 2 {
                return Err(invalid("unexpected \"=\" while decoding base64 sequence"));
            }
            ends += 1;
            0
        } else {
            let found = ALPHABET.iter().position(|known| char::from(*known) == character);
            match found.filter(|_| ends == 0) {
                Some(found) => found as u32,
                None => {
                    let message =
                        format!("invalid symbol \"{character}\" found while decoding base64 sequence");
                    return Err(invalid(message));
                }
            }
        };
        word = word << 6 | value;
        digits += 1;
        if digits == 4 {
            let bytes = word.to_be_bytes();
            out.extend_from_slice(&bytes[1..4 - ends.min(2)]);
            (word, digits) = (0, 0);
        }
    }
    if digits != 0 {
        let hint = "Input data is missing padding, is truncated, or is otherwise corrupted.";
        return Err(FunctionError::hinted(
            SqlState::InvalidParameterValue,
            "invalid base64 end sequence",
            hint,
        ));
    }
    Ok(())
}

fn escape(source: &[u8], out: &mut Vec<u8>) -> FunctionResult<()> {
    let mut rest = source;
    loop {
        match rest {
            [] => return Ok(()),
            [b'\\', b'\\', after @ ..] => {
                out.push(b'\\');
                rest = after;
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
                out.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                rest = after;
            }
            [b'\\', ..] => {
                return Err(FunctionError::plain(
                    SqlState::InvalidTextRepresentation,
                    "invalid input syntax for type bytea",
                ));
            }
            [byte, after @ ..] => {
                out.push(*byte);
                rest = after;
            }
        }
    }
}
