//! Floats from text, as C's `strtod` reads them: also `nan(…)` and hexadecimal, which PostgreSQL leaves to it.

use crate::error::{NumberType, NumericError, NumericResult};
use crate::text::{digits, is_space};

/// What a text begins with.
enum Read {
    /// No number.
    Nothing,
    /// A number that is held as well as can be, and how long it is.
    Value(f64, usize),
    /// One that is too great or too small, and how long it is.
    OutOfRange(usize),
}

/// Reads `double precision`.
pub fn parse_float8(text: &str) -> NumericResult<f64> {
    let number = NumberType::Float8;
    let body = text.trim_start_matches(space);
    match read(body, &FLOAT8) {
        Read::Value(value, length) if body[length..].chars().all(space) => Ok(value),
        Read::Nothing | Read::Value(..) => Err(NumericError::InvalidSyntax { number, text: text.to_owned() }),
        Read::OutOfRange(length) => Err(NumericError::FloatText { number, text: body[..length].to_owned() }),
    }
}

/// Reads `real`. An error shows the whole text, white space and all.
pub fn parse_float4(text: &str) -> NumericResult<f32> {
    let number = NumberType::Float4;
    let body = text.trim_start_matches(space);
    match read(body, &FLOAT4) {
        // Rounded to 24 bits already: nothing is rounded twice.
        Read::Value(value, length) if body[length..].chars().all(space) => Ok(value as f32),
        Read::Nothing | Read::Value(..) => Err(NumericError::InvalidSyntax { number, text: text.to_owned() }),
        Read::OutOfRange(_) => Err(NumericError::FloatText { number, text: text.to_owned() }),
    }
}

fn space(character: char) -> bool {
    u8::try_from(character).is_ok_and(is_space)
}

/// What tells the two types apart.
struct Format {
    /// Reads decimal text, correctly rounded.
    decimal: fn(&str) -> f64,
    /// Bits of a mantissa.
    bits: i64,
    /// The exponent of the least normal number.
    least: i64,
    /// The exponent of the greatest.
    greatest: i64,
}

const FLOAT8: Format =
    Format { decimal: |text| text.parse().unwrap_or(f64::NAN), bits: 53, least: -1022, greatest: 1023 };
const FLOAT4: Format = Format {
    decimal: |text| f64::from(text.parse::<f32>().unwrap_or(f32::NAN)),
    bits: 24,
    least: -126,
    greatest: 127,
};

fn read(text: &str, format: &Format) -> Read {
    let bytes = text.as_bytes();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let negative = bytes.first() == Some(&b'-');
    let body = &bytes[sign..];
    let begins = |word: &[u8]| body.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let signed = |value: f64| if negative { -value } else { value };
    if begins(b"infinity") {
        return Read::Value(signed(f64::INFINITY), sign + 8);
    }
    if begins(b"inf") {
        return Read::Value(signed(f64::INFINITY), sign + 3);
    }
    if begins(b"nan") {
        return Read::Value(f64::NAN, sign + 3 + payload(&body[3..]));
    }
    let (value, length, zero) = match begins(b"0x").then(|| hexadecimal(&body[2..], format)).flatten() {
        Some((value, length, zero)) => (value, sign + 2 + length, zero),
        None => match decimal(body) {
            Some((length, zero)) => ((format.decimal)(&text[sign..sign + length]), sign + length, zero),
            None => return Read::Nothing,
        },
    };
    match value.is_infinite() || value == 0.0 && !zero {
        true => Read::OutOfRange(length),
        false => Read::Value(signed(value), length),
    }
}

/// The length of what may stand in parentheses behind `nan`.
fn payload(text: &[u8]) -> usize {
    let [b'(', rest @ ..] = text else { return 0 };
    let word = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    if rest.get(word) == Some(&b')') { word + 2 } else { 0 }
}

/// The length of a decimal number at the text's beginning, and whether all its digits are zero.
fn decimal(text: &[u8]) -> Option<(usize, bool)> {
    let (whole, rest) = digits(text);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => digits(rest),
        _ => (&[][..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let zero = whole.iter().chain(fraction).all(|digit| *digit == b'0');
    Some((text.len() - rest.len() + exponent(rest, b'e').1, zero))
}

/// An exponent and its length with its letter; none of it if there are no digits.
fn exponent(text: &[u8], letter: u8) -> (i64, usize) {
    let [first, rest @ ..] = text else { return (0, 0) };
    if !first.eq_ignore_ascii_case(&letter) {
        return (0, 0);
    }
    let (negative, sign, rest) = match rest {
        [b'-', rest @ ..] => (true, 1, rest),
        [b'+', rest @ ..] => (false, 1, rest),
        _ => (false, 0, rest),
    };
    let (digits, _) = digits(rest);
    if digits.is_empty() {
        return (0, 0);
    }
    let magnitude = digits
        .iter()
        .fold(0_i64, |sum, digit| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0')))
        .min(1 << 40);
    (if negative { -magnitude } else { magnitude }, 1 + sign + digits.len())
}

/// A hexadecimal number behind its `0x`: value, length, and whether all its digits are zero; `None` if there are no digits.
fn hexadecimal(text: &[u8], format: &Format) -> Option<(f64, usize, bool)> {
    let (mut mantissa, mut sticky, mut scale) = (0_u64, false, 0_i64);
    let (mut count, mut point, mut length) = (0_usize, false, 0_usize);
    for byte in text {
        match (*byte as char).to_digit(16) {
            Some(digit) if mantissa >> 60 == 0 => {
                mantissa = mantissa << 4 | u64::from(digit);
                scale -= if point { 4 } else { 0 };
                count += 1;
            }
            Some(digit) => {
                sticky |= digit != 0;
                scale += if point { 0 } else { 4 };
                count += 1;
            }
            None if *byte == b'.' && !point => point = true,
            None => break,
        }
        length += 1;
    }
    if count == 0 {
        return None;
    }
    let (exponent, exponent_length) = exponent(&text[length..], b'p');
    let length = length + exponent_length;
    if mantissa == 0 {
        return Some((0.0, length, true));
    }
    Some((round(mantissa, sticky, scale + exponent, format), length, false))
}

/// `mantissa * 2^exponent` as a float of a format; halves to even. `sticky` says that a little was cut off.
fn round(mantissa: u64, sticky: bool, exponent: i64, format: &Format) -> f64 {
    let zeros = mantissa.leading_zeros();
    let mantissa = mantissa << zeros;
    let exponent = exponent - i64::from(zeros);
    let top = exponent + 63;
    let kept = format.bits.min(format.bits - (format.least - top));
    if kept < 0 {
        return 0.0;
    }
    let dropped = (64 - kept) as u32;
    let whole = u128::from(mantissa) >> dropped;
    let rest = u128::from(mantissa) - (whole << dropped);
    let half = 1_u128 << (dropped - 1);
    let up = rest > half || rest == half && (sticky || whole & 1 == 1);
    let whole = whole + u128::from(up);
    let shift = exponent + i64::from(dropped);
    if (128 - i64::from(whole.leading_zeros())) - 1 + shift > format.greatest {
        return f64::INFINITY;
    }
    // In two steps, of which neither leaves the normal numbers before the last.
    let step = (shift / 2) as i32;
    whole as f64 * 2_f64.powi(step) * 2_f64.powi(shift as i32 - step)
}
