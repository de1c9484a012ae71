//! A numeric as a key: bytes whose order is the values' order.
//!
//! The first byte tells the kind (negative infinity, negative, zero, positive, infinity, NaN). A positive number goes on with
//! its exponent to base 100 and its digits to base 100, each doubled, plus one if another follows: so a key ends by itself,
//! and of two numbers that begin alike the shorter is less. A negative number has all its bits after the first byte turned
//! round. Equal values have equal keys, so that a value read back from a key has no more decimals than it needs.

use crate::decimal::{Decimal, power_of_ten};
use crate::text::Digits;
use crate::value::{Numeric, Sign, Special, View};
use num_bigint::{BigInt, BigUint};

const NEGATIVE_INFINITY: u8 = 0x10;
const NEGATIVE: u8 = 0x20;
const ZERO: u8 = 0x30;
const POSITIVE: u8 = 0x40;
const INFINITY: u8 = 0x50;
const NAN: u8 = 0x60;

/// Exponents that are held in one byte are this far from zero.
const NEAR: i32 = 100;
/// What stands for exponent zero in one byte.
const MIDDLE: i32 = 0x80;
/// More digits than a value has.
const DIGITS_MAX: usize = 147_458;
/// The bytes before a longer exponent.
const FAR_BELOW: u8 = 0x01;
const FAR_ABOVE: u8 = 0xff;

impl Numeric {
    /// Appends the key.
    pub fn encode_key(&self, out: &mut Vec<u8>) {
        let negative = self.side() == Some(Sign::Negative);
        let start = out.len() + 1;
        match self.view() {
            View::Special(Special::NaN) => out.push(NAN),
            View::Special(Special::Infinity) => out.push(INFINITY),
            View::Special(Special::NegativeInfinity) => out.push(NEGATIVE_INFINITY),
            View::Small(0, _) => out.push(ZERO),
            View::Small(mantissa, scale) => {
                out.push(if negative { NEGATIVE } else { POSITIVE });
                let (mantissa, scale) = (mantissa.unsigned_abs(), i32::from(scale));
                match u64::try_from(mantissa) {
                    Ok(mantissa) if mantissa <= u64::MAX / 10 => short_magnitude(mantissa, scale, out),
                    Ok(_) | Err(_) => magnitude(Digits::new(mantissa).text().as_bytes(), scale, out),
                }
            }
            View::Big(decimal) => {
                out.push(if negative { NEGATIVE } else { POSITIVE });
                let digits = decimal.mantissa.magnitude().to_string();
                magnitude(digits.as_bytes(), decimal.scale as i32, out);
            }
        }
        if negative {
            out.iter_mut().skip(start).for_each(|byte| *byte = !*byte);
        }
    }

    /// Reads a key from the beginning of some bytes: its value, and how many bytes it took. `None` if they are no key.
    /// `turned` says that all bits are turned round, as in the keys of a descending column.
    pub fn decode_key(bytes: &[u8], turned: bool) -> Option<(Numeric, usize)> {
        let (kind, rest) = bytes.split_first()?;
        let mask = if turned { 0xff } else { 0 };
        let value = match *kind ^ mask {
            NEGATIVE_INFINITY => Numeric::NEGATIVE_INFINITY,
            ZERO => Numeric::ZERO,
            INFINITY => Numeric::INFINITY,
            NAN => Numeric::NAN,
            NEGATIVE => {
                let (value, length) = decode_magnitude(rest, !mask)?;
                return Some((value.negate(), length + 1));
            }
            POSITIVE => {
                let (value, length) = decode_magnitude(rest, mask)?;
                return Some((value, length + 1));
            }
            _ => return None,
        };
        Some((value, 1))
    }
}

/// Appends exponent and digits of a number that is not zero.
fn magnitude(digits: &[u8], scale: i32, out: &mut Vec<u8>) {
    // The point's place behind the first digit; a value has no more than 131,072 digits before it.
    let point = digits.len() as i32 - scale;
    let end = digits.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
    let digits = &digits[..end];
    exponent((point + 1).div_euclid(2), out);
    // An odd number of digits before the point begins with half a pair.
    let (half, pairs) = digits.split_at(point.rem_euclid(2) as usize);
    let number = |digit: u8| digit - b'0';
    if let [digit] = half {
        out.push(number(*digit) * 2 + 1);
    }
    for pair in pairs.chunks(2) {
        let (tens, units) = (number(pair[0]), pair.get(1).map_or(0, |digit| number(*digit)));
        out.push((tens * 10 + units) * 2 + 1);
    }
    if let Some(last) = out.last_mut() {
        *last -= 1;
    }
}

/// The same, of digits that fit a word with one more, and without going through their text.
fn short_magnitude(mantissa: u64, scale: i32, out: &mut Vec<u8>) {
    // An even number of decimals: pairs lie as the point does.
    let (mut rest, scale) = if scale % 2 == 0 { (mantissa, scale) } else { (mantissa * 10, scale + 1) };
    let (mut pairs, mut count) = ([0; 10], 0);
    while rest > 0 {
        pairs[count] = (rest % 100) as u8;
        rest /= 100;
        count += 1;
    }
    exponent(count as i32 - scale / 2, out);
    // The last pair that is not zero is the last; there is one, as the number is not zero.
    let last = pairs.iter().position(|pair| *pair > 0).unwrap_or(0);
    out.extend(pairs[last..count].iter().rev().map(|pair| pair * 2 + 1));
    if let Some(last) = out.last_mut() {
        *last -= 1;
    }
}

fn exponent(exponent: i32, out: &mut Vec<u8>) {
    if (-NEAR..=NEAR).contains(&exponent) {
        out.push((MIDDLE + exponent) as u8);
        return;
    }
    out.push(if exponent < 0 { FAR_BELOW } else { FAR_ABOVE });
    out.extend_from_slice(&((exponent ^ i32::MIN) as u32).to_be_bytes());
}

/// Reads what [`magnitude`] wrote; `mask` turns its bits round.
fn decode_magnitude(bytes: &[u8], mask: u8) -> Option<(Numeric, usize)> {
    let first = bytes.first()? ^ mask;
    let (exponent, mut length) = match first {
        FAR_BELOW | FAR_ABOVE => {
            let word = bytes.get(1..5)?.iter().fold(0, |word, byte| word << 8 | u32::from(byte ^ mask));
            (word as i32 ^ i32::MIN, 5)
        }
        _ => (i32::from(first) - MIDDLE, 1),
    };
    if !(-8_192..=65_536).contains(&exponent) {
        return None;
    }
    let mut digits = Vec::new();
    loop {
        let byte = bytes.get(length)? ^ mask;
        length += 1;
        let pair = byte / 2;
        if pair > 99 || digits.len() > DIGITS_MAX {
            return None;
        }
        digits.extend_from_slice(&[b'0' + pair / 10, b'0' + pair % 10]);
        if byte & 1 == 0 {
            break;
        }
    }
    let shift = i64::from(exponent) * 2 - digits.len() as i64;
    let magnitude = BigUint::parse_bytes(&digits, 10)?;
    let decimal = match shift >= 0 {
        true => Decimal::new(BigInt::from(magnitude * power_of_ten(shift as u64)), 0),
        false => Decimal::new(BigInt::from(magnitude), shift.unsigned_abs() as u32).trimmed(),
    };
    Some((decimal.into_numeric().ok()?, length))
}

#[cfg(test)]
mod tests {
    use super::{magnitude, short_magnitude};

    #[test]
    fn both_ways_make_the_same_key() {
        let mantissas =
            [1, 9, 10, 12, 99, 100, 101, 120, 1_000, 1_005, 12_345, 1_000_000, 99_999_999, u64::MAX / 10];
        for mantissa in mantissas {
            for scale in [0, 1, 2, 3, 4, 5, 17, 40, 41, 300, 301, 16_383] {
                let (mut long, mut short) = (Vec::new(), Vec::new());
                magnitude(mantissa.to_string().as_bytes(), scale, &mut long);
                short_magnitude(mantissa, scale, &mut short);
                assert_eq!(long, short, "{mantissa} of scale {scale}");
            }
        }
    }
}
