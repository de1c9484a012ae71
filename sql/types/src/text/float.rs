//! Text of `real` and `double precision`: the shortest digits that come back as the same number.

use super::dispatch::is_space;
use super::error::{InputError, InputResult};
use std::fmt::LowerExp;
use std::str::FromStr;

/// Exponents from which on the exponent is written.
const FLOAT32_DIGITS: i32 = 6;
const FLOAT64_DIGITS: i32 = 15;

pub(super) fn float32(text: &str) -> InputResult<f32> {
    float(text, "real", |number| number as f32, |number: &f32| *number == 0.0, |number| number.is_infinite())
}

pub(super) fn float64(text: &str) -> InputResult<f64> {
    float(
        text,
        "double precision",
        |number| number,
        |number: &f64| *number == 0.0,
        |number| number.is_infinite(),
    )
}

fn float<T: FromStr>(
    text: &str,
    type_name: &'static str,
    narrow: impl Fn(f64) -> T,
    is_zero: impl Fn(&T) -> bool,
    is_infinite: impl Fn(&T) -> bool,
) -> InputResult<T> {
    let word = text.trim_matches(|character: char| u8::try_from(character).is_ok_and(is_space));
    let syntax = || InputError::Syntax { type_name, text: text.to_owned() };
    let (sign, digits) = match word.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, word.strip_prefix('+').unwrap_or(word)),
    };
    if let Some(special) = special(digits) {
        return Ok(narrow(sign * special));
    }
    let (number, mantissa) = match digits.get(..2).filter(|start| start.eq_ignore_ascii_case("0x")) {
        Some(_) => (narrow(sign * hexadecimal(&digits[2..]).ok_or_else(syntax)?), &digits[2..]),
        None => {
            let begins = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
            let number = begins.then(|| word.parse().ok()).flatten().ok_or_else(syntax)?;
            (number, digits)
        }
    };
    let mantissa = mantissa.split(['e', 'E', 'p', 'P']).next().unwrap_or_default();
    let lost = is_zero(&number) && mantissa.bytes().any(|digit| !matches!(digit, b'0' | b'.'));
    if lost || is_infinite(&number) {
        return Err(InputError::FloatOutOfRange { type_name, text: word.to_owned() });
    }
    Ok(number)
}

/// What is no number: the words in any case, and what C allows after `nan`.
fn special(word: &str) -> Option<f64> {
    if word.eq_ignore_ascii_case("inf") || word.eq_ignore_ascii_case("infinity") {
        return Some(f64::INFINITY);
    }
    let payload = word.get(..3).filter(|start| start.eq_ignore_ascii_case("nan")).map(|_| &word[3..])?;
    let inside = payload.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let is_payload =
        inside.is_some_and(|inside| inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
    (payload.is_empty() || is_payload).then_some(f64::NAN)
}

/// C's hexadecimal floats without their `0x`: digits with a point, and an exponent to the base 2.
fn hexadecimal(text: &str) -> Option<f64> {
    let (digits, exponent) = match text.split_once(['p', 'P']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (mut mantissa, mut scale, mut fraction, mut count) = (0u64, i64::from(exponent), false, 0);
    for byte in digits.bytes() {
        if byte == b'.' && !fraction {
            fraction = true;
            continue;
        }
        let digit = super::scalar::hex_digit(byte)?;
        count += 1;
        if mantissa >> 58 == 0 {
            mantissa = mantissa << 4 | u64::from(digit);
            scale -= if fraction { 4 } else { 0 };
        } else {
            // What falls off still decides how the rest is rounded.
            mantissa |= u64::from(digit != 0);
            scale += if fraction { 0 } else { 4 };
        }
    }
    // Powers in two steps, so that neither leaves the range of exponents before the product does.
    let half = scale.clamp(-4000, 4000) as i32 / 2;
    let rest = scale.clamp(-4000, 4000) as i32 - half;
    (count > 0).then(|| mantissa as f64 * 2f64.powi(half) * 2f64.powi(rest))
}

pub(crate) fn append_float32(value: f32, text: &mut Vec<u8>) {
    let bits = value.to_bits() & 0x7fff_ffff;
    let mantissa = if bits >> 23 == 0 { bits } else { bits & 0x7f_ffff | 0x80_0000 };
    append(value, f64::from(value), u64::from(mantissa), FLOAT32_DIGITS, text);
}

pub(crate) fn append_float64(value: f64, text: &mut Vec<u8>) {
    let bits = value.to_bits() & (u64::MAX >> 1);
    let hidden = 1 << 52;
    let mantissa = if bits >> 52 == 0 { bits } else { bits & (hidden - 1) | hidden };
    append(value, value, mantissa, FLOAT64_DIGITS, text);
}

/// The shortest digits that lie strictly between the neighbours' halves, which is how PostgreSQL means it: digits in
/// the middle between two numbers are read as the even one, and not written for it. If two are equally near, the even
/// digit is written.
fn shortest<T: LowerExp + FromStr + PartialEq>(value: &T, mantissa: u64) -> String {
    let scientific = format!("{value:e}");
    let Some(written) = Written::new(&scientific) else { return scientific };
    if written.is_boundary(mantissa) {
        let longer = (written.places + 1..17)
            .map(|places| format!("{value:.places$e}"))
            .find(|longer| longer.split('e').next().is_some_and(|digits| !digits.ends_with('0')));
        return longer.unwrap_or(scientific);
    }
    if written.is_tie(mantissa) && written.digits % 2 == 1 {
        let even = format!("{value:.places$e}", places = written.places);
        if even.parse().is_ok_and(|back: T| back == *value) {
            return even;
        }
    }
    scientific
}

/// Digits as they were written, as an integer times a power of ten. Powers of two do not matter for what is asked of
/// it, as the digits are near the number: odd parts are compared.
struct Written {
    digits: u128,
    /// How many digits stand after the point.
    places: usize,
    /// Ten's exponent without its sign, as a power of five.
    fives: u128,
    is_fraction: bool,
}

impl Written {
    fn new(scientific: &str) -> Option<Written> {
        let (written, exponent) = scientific.split_once('e')?;
        let digits = written
            .bytes()
            .filter(u8::is_ascii_digit)
            .fold(0, |number, digit| number * 10 + u128::from(digit - b'0'));
        let places = written.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let power = exponent.parse::<i32>().ok()? - places as i32;
        // No float has a larger power of five in few digits.
        let small = digits != 0 && power.unsigned_abs() <= 24;
        small.then(|| Written {
            digits,
            places,
            fives: 5u128.pow(power.unsigned_abs()),
            is_fraction: power < 0,
        })
    }

    fn is(&self, digits: u128, number: u128) -> bool {
        let odd = |number: u128| number >> number.trailing_zeros().min(127);
        match self.is_fraction {
            true => odd(digits) == odd(number) * self.fives,
            false => odd(digits) * self.fives == odd(number),
        }
    }

    /// Whether the digits are half-way between the number of this mantissa and a neighbour.
    fn is_boundary(&self, mantissa: u64) -> bool {
        let doubled = 2 * u128::from(mantissa);
        let below_power = mantissa.is_power_of_two() && self.is_exactly(2 * doubled - 1);
        self.is_exactly(doubled + 1) || self.is_exactly(doubled.saturating_sub(1)) || below_power
    }

    /// Whether the digits, whose power of five may hide in them, are this odd number.
    fn is_exactly(&self, number: u128) -> bool {
        number % 2 == 1 && self.is(self.digits, number)
    }

    /// Whether the number of this mantissa is half-way between the digits and others of the same length.
    fn is_tie(&self, mantissa: u64) -> bool {
        let number = u128::from(mantissa);
        mantissa != 0 && (self.is(2 * self.digits + 1, number) || self.is(2 * self.digits - 1, number))
    }
}

fn append<T: LowerExp + FromStr + PartialEq>(
    value: T,
    wide: f64,
    mantissa: u64,
    digits_max: i32,
    text: &mut Vec<u8>,
) {
    if wide.is_nan() {
        return text.extend_from_slice(b"NaN");
    }
    if wide.is_infinite() {
        return text.extend_from_slice(if wide > 0.0 { b"Infinity" } else { b"-Infinity" });
    }
    let scientific = shortest(&value, mantissa);
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = match mantissa.strip_prefix('-') {
        Some(positive) => {
            text.push(b'-');
            positive
        }
        None => mantissa,
    };
    if exponent < -4 || exponent >= digits_max {
        text.extend_from_slice(mantissa.as_bytes());
        let sign = if exponent < 0 { '-' } else { '+' };
        return text.extend_from_slice(format!("e{sign}{:02}", exponent.unsigned_abs()).as_bytes());
    }
    let digits: Vec<u8> = mantissa.bytes().filter(|byte| *byte != b'.').collect();
    if exponent < 0 {
        text.extend_from_slice(b"0.");
        text.resize(text.len() + (exponent.unsigned_abs() - 1) as usize, b'0');
        return text.extend_from_slice(&digits);
    }
    let whole = exponent as usize + 1;
    text.extend_from_slice(&digits[..whole.min(digits.len())]);
    text.resize(text.len() + whole.saturating_sub(digits.len()), b'0');
    if let Some(fraction) = digits.get(whole..).filter(|fraction| !fraction.is_empty()) {
        text.push(b'.');
        text.extend_from_slice(fraction);
    }
}
