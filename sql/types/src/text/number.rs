//! Text of `oid` and `xid`, and of integers on the way out.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};

/// An object's number: what 32 bits hold, signed or not.
pub(super) fn oid(text: &str) -> InputResult<u32> {
    let (number, rest) = leading_oid(text)?;
    if !rest.bytes().all(is_space) {
        return Err(InputError::Syntax { type_name: "oid", text: text.to_owned() });
    }
    Ok(number)
}

/// An object's number at the beginning of a text, and what follows.
pub(crate) fn leading_oid(text: &str) -> InputResult<(u32, &str)> {
    let start = text.bytes().take_while(|byte| is_space(*byte)).count();
    let rest = &text[start..];
    let unsigned = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let count = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return Err(InputError::Syntax { type_name: "oid", text: text.to_owned() });
    }
    let length = rest.len() - unsigned.len() + count;
    let number = rest[..length].parse().ok().and_then(|number: i64| {
        u32::try_from(number).ok().or_else(|| i32::try_from(number).ok().map(|number| number as u32))
    });
    match number {
        Some(number) => Ok((number, &rest[length..])),
        None => Err(InputError::OutOfRange { type_name: "oid", text: text.to_owned() }),
    }
}

/// A transaction's number: as many digits as there are, decimal, octal or hexadecimal, zero if none; nothing is refused.
pub(super) fn lenient_unsigned(text: &str) -> u64 {
    let text = text.trim_start_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let hexadecimal = digits.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("0x"))
        && digits.as_bytes().get(2).is_some_and(u8::is_ascii_hexdigit);
    let (radix, digits) = match (hexadecimal, digits.starts_with('0')) {
        (true, _) => (16, &digits[2..]),
        (false, true) => (8, digits),
        (false, false) => (10, digits),
    };
    let mut number = Some(0u64);
    for digit in digits.chars().map_while(|digit| digit.to_digit(radix)) {
        number = number
            .and_then(|number| number.checked_mul(u64::from(radix)))
            .and_then(|number| number.checked_add(u64::from(digit)));
    }
    match number {
        Some(number) if negative => number.wrapping_neg(),
        Some(number) => number,
        None => u64::MAX,
    }
}

pub(crate) fn append(value: i64, text: &mut String) {
    if value < 0 {
        text.push('-');
    }
    append_unsigned(value.unsigned_abs(), text);
}

pub(super) fn append_unsigned(mut value: u64, text: &mut String) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    // They are ASCII digits.
    text.push_str(std::str::from_utf8(&digits[start..]).unwrap_or_default());
}
