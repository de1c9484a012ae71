//! Text of `money`: `$1,234.56`, as in the locale `C`.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};

const DECIMALS: usize = 2;

/// Reads an amount, in hundredths.
pub(super) fn input(text: &str) -> InputResult<i64> {
    let too_big = || InputError::OutOfRange { type_name: "money", text: text.to_owned() };
    let mut rest = blanks_and_symbol(text.as_bytes());
    let mut negative = false;
    if let Some((sign @ (b'-' | b'(' | b'+'), behind)) = rest.split_first() {
        negative = *sign != b'+';
        rest = blanks_and_symbol(behind);
    }
    // The amount is gathered below zero, where there is one number more.
    let (mut value, mut decimals, mut point) = (0i64, 0, false);
    let append = |value: i64, digit: u8| {
        value.checked_mul(10).and_then(|value| value.checked_sub(i64::from(digit))).ok_or_else(too_big)
    };
    while let Some((byte, behind)) = rest.split_first() {
        match byte {
            b'0'..=b'9' if !point || decimals < DECIMALS => {
                value = append(value, byte - b'0')?;
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            b',' => {}
            _ => break,
        }
        rest = behind;
    }
    let rounds = rest.first().is_some_and(|byte| (b'5'..=b'9').contains(byte));
    if rounds {
        value = value.checked_sub(1).ok_or_else(too_big)?;
    }
    for _ in decimals..DECIMALS {
        value = append(value, 0)?;
    }
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    for byte in &rest[digits..] {
        match byte {
            b'-' => negative = true,
            b')' | b'+' | b'$' => {}
            byte if is_space(*byte) => {}
            _ => return Err(InputError::Syntax { type_name: "money", text: text.to_owned() }),
        }
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or_else(too_big) }
}

fn blanks_and_symbol(text: &[u8]) -> &[u8] {
    let trim = |text: &'_ [u8]| text.iter().take_while(|byte| is_space(**byte)).count();
    let text = &text[trim(text)..];
    let text = text.strip_prefix(b"$").unwrap_or(text);
    &text[trim(text)..]
}

/// Appends an amount.
pub(super) fn append(value: i64, text: &mut String) {
    let whole = (value.unsigned_abs() / 100).to_string();
    text.push_str(if value < 0 { "-$" } else { "$" });
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let hundredths = value.unsigned_abs() % 100;
    text.push('.');
    text.extend([hundredths / 10, hundredths % 10].map(|digit| char::from(b'0' + digit as u8)));
}
