//! Numbers within documents: PostgreSQL's `numeric` without NaN and infinities, as bytes.
//!
//! A number is a mantissa and a scale, the count of its digits behind the point; `1.50` keeps its zero. Two forms:
//!
//! * short: one byte of scale, up to [`SHORT_SCALE`], then the mantissa as the fewest little-endian bytes that hold it
//!   in two's complement (none for zero; an `i128` at most).
//! * long: [`LONG`], a byte of sign, two of scale, four that count zeros at the mantissa's end, then its other digits
//!   as ASCII. `1e131071` takes nine bytes.
//!
//! This module is all that the rest of the crate knows of numbers: read and write text, compare, calculate.

mod arithmetic;

pub use arithmetic::{Operator, calculate, floor_or_ceiling, from_double, negate};

use crate::error::{JsonError, JsonResult};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// The largest scale of the short form.
const SHORT_SCALE: u32 = 200;
/// The first byte of the long form.
const LONG: u8 = 0xff;
/// The length of what precedes the digits of the long form.
const LONG_HEADER: usize = 8;
/// `numeric` holds that many digits before the point …
const MAX_INTEGER_DIGITS: i64 = 131_072;
/// … and that many behind it.
const MAX_SCALE: i64 = 16_383;
/// Every number of that many digits fits an `i128`.
const SAFE_DIGITS: usize = 38;

/// A number within a document.
#[derive(Debug, Clone, Copy)]
pub struct Number<'a> {
    bytes: &'a [u8],
}

/// Its two forms, taken apart.
enum Parts<'a> {
    Short { mantissa: i128, scale: u32 },
    Long { negative: bool, scale: u32, zeros: u32, digits: &'a [u8] },
}

impl<'a> Number<'a> {
    /// The number that [`encode_text`] and its siblings wrote as `bytes`.
    pub fn from_bytes(bytes: &'a [u8]) -> Number<'a> {
        Number { bytes }
    }

    /// Its bytes.
    pub fn as_bytes(self) -> &'a [u8] {
        self.bytes
    }

    fn parts(self) -> Parts<'a> {
        match self.bytes {
            [LONG, sign, s0, s1, z0, z1, z2, z3, digits @ ..] => Parts::Long {
                negative: *sign != 0,
                scale: u32::from(u16::from_le_bytes([*s0, *s1])),
                // Broken bytes must not ask for gigabytes of zeros.
                zeros: u32::from_le_bytes([*z0, *z1, *z2, *z3]).min(MAX_INTEGER_DIGITS as u32),
                digits,
            },
            [scale, mantissa @ ..] if mantissa.len() <= 8 => {
                let mut word = [0; 8];
                word[..mantissa.len()].copy_from_slice(mantissa);
                // Shifted up and down again, the last byte's sign fills the rest.
                let shift = 64 - 8 * mantissa.len() as u32;
                let value = i64::from_le_bytes(word).unbounded_shl(shift).unbounded_shr(shift);
                Parts::Short { mantissa: i128::from(value), scale: u32::from(*scale) }
            }
            [scale, mantissa @ ..] => {
                let mut wide = match mantissa.last() {
                    Some(last) if last & 0x80 != 0 => [0xff; 16],
                    Some(_) | None => [0; 16],
                };
                for (to, from) in wide.iter_mut().zip(mantissa) {
                    *to = *from;
                }
                Parts::Short { mantissa: i128::from_le_bytes(wide), scale: u32::from(*scale) }
            }
            [] => Parts::Short { mantissa: 0, scale: 0 },
        }
    }

    /// Mantissa and scale, if the mantissa fits.
    pub fn short(self) -> Option<(i128, u32)> {
        match self.parts() {
            Parts::Short { mantissa, scale } => Some((mantissa, scale)),
            Parts::Long { .. } => None,
        }
    }

    /// Appends its text: PostgreSQL's, without exponent.
    pub fn write(self, out: &mut String) {
        match self.parts() {
            Parts::Short { mantissa, scale } => {
                let mut buffer = [0; 40];
                let digits = ascii(mantissa.unsigned_abs(), &mut buffer);
                write_digits(out, mantissa < 0, digits, 0, scale as usize);
            }
            Parts::Long { negative, scale, zeros, digits } => {
                write_digits(out, negative, digits, zeros as usize, scale as usize);
            }
        }
    }

    /// No fewer bytes than its text has.
    pub(crate) fn length_max(self) -> usize {
        // A sign, a point and a zero in front of it.
        match self.parts() {
            Parts::Short { scale, .. } => 40 + scale as usize + 3,
            Parts::Long { scale, zeros, digits, .. } => digits.len() + zeros as usize + scale as usize + 3,
        }
    }

    /// Its text.
    pub fn text(self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    /// What it is, cut off at the point, if that fits.
    pub fn truncated(self) -> Option<i64> {
        match self.parts() {
            Parts::Short { mantissa, scale } => {
                let divisor = 10i128.checked_pow(scale);
                i64::try_from(divisor.map_or(0, |divisor| mantissa / divisor)).ok()
            }
            Parts::Long { negative, scale, zeros, digits } => {
                let point = (digits.len() + zeros as usize) as i64 - i64::from(scale);
                if point <= 0 {
                    return Some(0);
                }
                if point > 19 {
                    return None;
                }
                let all = digits.iter().copied().chain(std::iter::repeat(b'0'));
                let value = all
                    .take(point as usize)
                    .fold(0i128, |value, digit| value * 10 + i128::from(digit.wrapping_sub(b'0')));
                i64::try_from(if negative { -value } else { value }).ok()
            }
        }
    }

    fn magnitude<'b>(self, buffer: &'b mut [u8; 40]) -> Magnitude<'b>
    where
        'a: 'b,
    {
        let (negative, digits, zeros, scale): (bool, &'b [u8], u32, u32) = match self.parts() {
            Parts::Short { mantissa, scale } => {
                (mantissa < 0, ascii(mantissa.unsigned_abs(), buffer), 0, scale)
            }
            Parts::Long { negative, scale, zeros, digits } => (negative, digits, zeros, scale),
        };
        let point = digits.len() as i64 + i64::from(zeros) - i64::from(scale);
        let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        Magnitude { negative, digits: &digits[..end], point }
    }

    /// As `numeric` holds it: how many digits of base 10,000, the weight of the first of them, and the scale.
    pub(crate) fn base_ten_thousand(self) -> (u64, i64, u32) {
        let mut buffer = [0; 40];
        let magnitude = self.magnitude(&mut buffer);
        let scale = match self.parts() {
            Parts::Short { scale, .. } | Parts::Long { scale, .. } => scale,
        };
        if magnitude.digits.is_empty() {
            return (0, 0, scale);
        }
        let weight = (magnitude.point - 1).div_euclid(4);
        let last = magnitude.point - magnitude.digits.len() as i64;
        let lowest = last.div_euclid(4);
        ((weight - lowest + 1).unsigned_abs(), weight, scale)
    }

    /// Appends bytes that compare as numbers do, and none of which is a prefix of another's.
    pub fn write_key(self, out: &mut Vec<u8>) {
        let mut buffer = [0; 40];
        let magnitude = self.magnitude(&mut buffer);
        if magnitude.digits.is_empty() {
            out.push(1);
            return;
        }
        out.push(if magnitude.negative { 0 } else { 2 });
        let flip = if magnitude.negative { 0xff } else { 0 };
        let point = (magnitude.point + (1 << 31)) as u32;
        out.extend(point.to_be_bytes().iter().map(|byte| byte ^ flip));
        out.extend(magnitude.digits.iter().map(|digit| digit ^ flip));
        out.push(flip);
    }
}

/// A number as its digits, without zeros at the end (none are left of zero itself), and where the point is before them.
struct Magnitude<'a> {
    negative: bool,
    digits: &'a [u8],
    point: i64,
}

impl PartialEq for Number<'_> {
    fn eq(&self, other: &Number<'_>) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number<'_> {}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Number<'_>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Number<'_>) -> Ordering {
        if let (Some((one, scale)), Some((two, other_scale))) = (self.short(), other.short())
            && scale == other_scale
        {
            return one.cmp(&two);
        }
        let (mut buffer, mut other_buffer) = ([0; 40], [0; 40]);
        let one = self.magnitude(&mut buffer);
        let two = other.magnitude(&mut other_buffer);
        let sign = |number: &Magnitude<'_>| match (number.digits.is_empty(), number.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        match (sign(&one), sign(&two)) {
            (0, 0) => Ordering::Equal,
            (1, 1) => one.point.cmp(&two.point).then_with(|| one.digits.cmp(two.digits)),
            (-1, -1) => two.point.cmp(&one.point).then_with(|| two.digits.cmp(one.digits)),
            (left, right) => left.cmp(&right),
        }
    }
}

impl Hash for Number<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let mut buffer = [0; 40];
        let magnitude = self.magnitude(&mut buffer);
        magnitude.digits.hash(state);
        if !magnitude.digits.is_empty() {
            magnitude.negative.hash(state);
            magnitude.point.hash(state);
        }
    }
}

/// The decimal digits of `value`, one at least.
fn ascii(mut value: u128, buffer: &mut [u8; 40]) -> &[u8] {
    let mut start = buffer.len();
    // Most numbers are small, and a division of 128 bits costs as much as ten of 64.
    while value > u128::from(u64::MAX) {
        start -= 1;
        buffer[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    let mut value = value as u64;
    loop {
        start -= 1;
        buffer[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return &buffer[start..];
        }
    }
}

/// Appends digits, and zeros behind them up to `length`.
fn push_digits(out: &mut String, digits: &[u8], length: usize) {
    match std::str::from_utf8(digits) {
        Ok(digits) => out.push_str(digits),
        // Only of broken bytes.
        Err(_) => out.extend(digits.iter().map(|digit| char::from(*digit))),
    }
    out.extend(std::iter::repeat_n('0', length.saturating_sub(digits.len())));
}

fn write_digits(out: &mut String, negative: bool, digits: &[u8], zeros: usize, scale: usize) {
    if negative {
        out.push('-');
    }
    let total = digits.len() + zeros;
    let before = total.saturating_sub(scale);
    if before == 0 {
        out.push('0');
    }
    let (whole, fraction) = digits.split_at(before.min(digits.len()));
    push_digits(out, whole, before);
    if scale > 0 {
        out.push('.');
        push_digits(out, &[], scale.saturating_sub(total));
        push_digits(out, fraction, total - before);
    }
}

/// Appends the short form of a number if it has one.
fn encode_short(mantissa: i128, scale: u32, out: &mut Vec<u8>) -> bool {
    if scale > SHORT_SCALE {
        return false;
    }
    out.push(scale as u8);
    let bytes = mantissa.to_le_bytes();
    let fill = if mantissa < 0 { 0xff } else { 0 };
    let mut length = 16;
    while length > 0
        && bytes[length - 1] == fill
        // The last byte that stays must tell the sign; that of zero needs none.
        && (if length > 1 { bytes[length - 2] & 0x80 == fill & 0x80 } else { mantissa == 0 })
    {
        length -= 1;
    }
    out.extend_from_slice(&bytes[..length]);
    true
}

/// Appends the bytes of an integer.
pub fn encode_integer(value: i64, out: &mut Vec<u8>) {
    encode_word(value, 0, out);
}

/// Appends the short form of a number whose mantissa is a word and whose scale is not above [`SHORT_SCALE`].
fn encode_word(mantissa: i64, scale: u8, out: &mut Vec<u8>) {
    out.push(scale);
    // A sign bit more than the magnitude's.
    let bits = if mantissa == 0 { 0 } else { 65 - (mantissa ^ (mantissa >> 63)).leading_zeros() };
    out.extend_from_slice(&mantissa.to_le_bytes()[..bits.div_ceil(8) as usize]);
}

/// Appends the bytes of a number of these `digits`, ASCII without zeros in front, `zeros` more behind them.
fn encode_digits(negative: bool, digits: &[u8], zeros: i64, scale: i64, out: &mut Vec<u8>) -> JsonResult<()> {
    let total = digits.len() as i64 + zeros;
    if scale > MAX_SCALE || (!digits.is_empty() && total - scale > MAX_INTEGER_DIGITS) {
        return Err(JsonError::NumericOverflow);
    }
    if digits.is_empty() || total <= SAFE_DIGITS as i64 {
        let mut mantissa = 0i128;
        for digit in digits {
            mantissa = mantissa * 10 + i128::from(digit.wrapping_sub(b'0'));
        }
        if !digits.is_empty() {
            mantissa *= 10i128.pow(zeros as u32);
        }
        if encode_short(if negative { -mantissa } else { mantissa }, scale as u32, out) {
            return Ok(());
        }
    }
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    let zeros = if end == 0 { 0 } else { zeros + (digits.len() - end) as i64 };
    out.push(LONG);
    out.push(u8::from(negative && end > 0));
    out.extend_from_slice(&(scale as u16).to_le_bytes());
    out.extend_from_slice(&(zeros as u32).to_le_bytes());
    out.extend_from_slice(&digits[..end]);
    debug_assert!(end > 0 || out.len() >= LONG_HEADER);
    Ok(())
}

/// Mantissa and scale of what nearly all numbers are: up to eighteen digits, with or without a point.
fn plain_decimal(bytes: &[u8]) -> Option<(i64, u8)> {
    if bytes.len() > 19 {
        return None;
    }
    let (mut mantissa, mut digits, mut point) = (0i64, 0, None);
    for byte in bytes {
        match byte {
            b'0'..=b'9' if digits == 18 => return None,
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + i64::from(byte - b'0');
                digits += 1;
            }
            b'.' if point.is_none() => point = Some(digits),
            _ => return None,
        }
    }
    Some((mantissa, point.map_or(0, |before| digits - before)))
}

/// Appends the bytes of a number that is written as JSON writes numbers.
pub fn encode_text(text: &str, out: &mut Vec<u8>) -> JsonResult<()> {
    let bytes = text.as_bytes();
    let (negative, bytes) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    if let Some((mantissa, scale)) = plain_decimal(bytes) {
        encode_word(if negative { -mantissa } else { mantissa }, scale, out);
        return Ok(());
    }
    let (decimal, exponent) = match bytes.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (&bytes[..at], exponent(&bytes[at + 1..])?),
        None => (bytes, 0),
    };
    let point = decimal.iter().position(|byte| *byte == b'.');
    let fraction = point.map_or(0, |at| decimal.len() - at - 1) as i64;
    let digits: Vec<u8> =
        decimal.iter().copied().filter(|byte| *byte != b'.').skip_while(|digit| *digit == b'0').collect();
    let scale = fraction - exponent;
    encode_digits(negative, &digits, (-scale).max(0), scale.max(0), out)
}

/// An exponent; beyond what could ever fit, the answer is known.
fn exponent(text: &[u8]) -> JsonResult<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value = 0i64;
    for digit in digits {
        value = value * 10 + i64::from(digit.wrapping_sub(b'0'));
        if value >= i64::from(i32::MAX / 2) {
            return Err(JsonError::NumericOverflow);
        }
    }
    Ok(if negative { -value } else { value })
}
