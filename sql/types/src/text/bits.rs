//! Text of `bit(n)` and `varbit(n)`, and their lengths. A bit string lies as a byte that counts the unused bits of the
//! last byte, then the bits, the first one highest.

use super::error::{InputError, InputResult};
use super::scalar::hex_digit;
use diagnostic::room;

/// Reads binary digits, or hexadecimal ones after `x`; `b` may stand before binary ones.
pub fn bits_from_text(text: &str) -> InputResult<Vec<u8>> {
    let (hexadecimal, digits) = match text.as_bytes().first() {
        Some(b'b' | b'B') => (false, &text[1..]),
        Some(b'x' | b'X') => (true, &text[1..]),
        _ => (false, text),
    };
    let per_digit = if hexadecimal { 4 } else { 1 };
    let mut bits = vec![0];
    let mut length = 0usize;
    for digit in digits.chars() {
        let byte = u8::try_from(digit).ok();
        let value = match (hexadecimal, digit) {
            (true, _) => {
                byte.and_then(hex_digit).ok_or_else(|| InputError::HexadecimalDigit(digit.into()))?
            }
            (false, '0') => 0,
            (false, '1') => 1,
            (false, _) => return Err(InputError::BinaryDigit(digit.into())),
        };
        if length.is_multiple_of(8) {
            bits.push(0);
        }
        if let Some(last) = bits.last_mut() {
            *last |= value << (8 - per_digit - length % 8);
        }
        length += per_digit;
    }
    bits[0] = (length.next_multiple_of(8) - length) as u8;
    Ok(bits)
}

/// How many bits there are.
pub(crate) fn bit_length(bits: &[u8]) -> usize {
    bits.split_first().map_or(0, |(unused, bytes)| (bytes.len() * 8).saturating_sub(usize::from(*unused)))
}

/// A value of `bit(n)`; the modifier is the length. Without one any length is taken.
pub(super) fn bit(text: &str, modifier: i32) -> InputResult<Vec<u8>> {
    check_digits_before(text, modifier, |length, expected| {
        (length != expected).then_some(InputError::BitLength { length, expected })
    })
}

/// A value of `varbit(n)`.
pub(super) fn varbit(text: &str, modifier: i32) -> InputResult<Vec<u8>> {
    check_digits_before(text, modifier, |length, limit| {
        (length > limit).then_some(InputError::TooManyBits(limit))
    })
}

/// Lengths are looked at before digits are, and a digit counts for as many bits as it has bytes too many.
fn check_digits_before(
    text: &str,
    modifier: i32,
    wrong: impl Fn(usize, usize) -> Option<InputError>,
) -> InputResult<Vec<u8>> {
    if modifier > 0 {
        let length = match text.as_bytes().first() {
            Some(b'b' | b'B') => text.len() - 1,
            Some(b'x' | b'X') => (text.len() - 1) * 4,
            _ => text.len(),
        };
        if let Some(error) = wrong(length, modifier as usize) {
            return Err(error);
        }
    }
    bits_from_text(text)
}

/// No bit string is longer; what a function is given as a longer length stands for none.
pub const BITS_MAX: i32 = i32::MAX - 7;

/// A bit string as `bit(n)`: refused if its length is another, cut or filled with zeros if the cast is explicit.
pub fn fit_bits(bits: &[u8], modifier: i32, explicit: bool) -> InputResult<Vec<u8>> {
    let (length, expected) = (bit_length(bits), modifier.max(0) as usize);
    match (1..=BITS_MAX).contains(&modifier) && length != expected {
        false => Ok(bits.to_vec()),
        true if explicit => Ok(resized(bits, expected)),
        true => Err(InputError::BitLength { length, expected }),
    }
}

/// A bit string as `varbit(n)`: refused if it is longer, cut if the cast is explicit.
pub fn fit_varbits(bits: &[u8], modifier: i32, explicit: bool) -> InputResult<Vec<u8>> {
    let limit = modifier.max(0) as usize;
    match modifier > 0 && bit_length(bits) > limit {
        false => Ok(bits.to_vec()),
        true if explicit => Ok(resized(bits, limit)),
        true => Err(InputError::TooManyBits(limit)),
    }
}

fn resized(bits: &[u8], length: usize) -> Vec<u8> {
    let mut resized = bits.to_vec();
    resized.resize(1 + length.div_ceil(8), 0);
    let unused = length.next_multiple_of(8) - length;
    if let Some(last) = resized.last_mut().filter(|_| length > 0) {
        *last &= 0xff << unused;
    }
    resized[0] = unused as u8;
    resized
}

pub(super) fn append(bits: &[u8], text: &mut String) -> InputResult<()> {
    room(0, bit_length(bits))?;
    let bytes = bits.get(1..).unwrap_or(&[]);
    text.extend((0..bit_length(bits)).map(|bit| char::from(b'0' + (bytes[bit / 8] >> (7 - bit % 8) & 1))));
    Ok(())
}
