//! A numeric as a field of a row: few bytes, read fast.
//!
//! | first byte | what follows |
//! |---|---|
//! | 0 to 239 | it is the scale: the mantissa in as few bytes as hold it, least significant first, in two's complement |
//! | 240 | the scale in two bytes, the mantissa |
//! | 241 | the scale in two bytes, in four bytes how many zeros the mantissa ends with, the mantissa without them |
//! | 253, 254, 255 | nothing: NaN, infinity, negative infinity |
//!
//! A field does not tell where it ends: the row knows. Zero's mantissa takes no byte.

use crate::decimal::{Decimal, SCALE_MAX, power_of_ten};
use crate::value::{Numeric, Special, View};
use num_bigint::BigInt;

const WIDE_SCALE: u8 = 240;
const LONG: u8 = 241;
const NAN: u8 = 253;
const INFINITY: u8 = 254;
const NEGATIVE_INFINITY: u8 = 255;

impl Numeric {
    /// Appends the field.
    pub fn encode_row(&self, out: &mut Vec<u8>) {
        match self.view() {
            View::Small(mantissa, scale) => {
                match u8::try_from(scale) {
                    Ok(scale) if scale < WIDE_SCALE => out.push(scale),
                    _ => {
                        out.push(WIDE_SCALE);
                        out.extend_from_slice(&scale.to_le_bytes());
                    }
                }
                // A sign bit more than the magnitude's.
                let magnitude = if mantissa < 0 { !mantissa } else { mantissa };
                let bits = if mantissa == 0 { 0 } else { 129 - magnitude.leading_zeros() };
                out.extend_from_slice(&mantissa.to_le_bytes()[..bits.div_ceil(8) as usize]);
            }
            View::Big(decimal) => {
                // Its zeros are counted as if all digits were behind the point.
                let digits = decimal.mantissa.magnitude().to_string();
                let zeros = digits.bytes().rev().take_while(|digit| *digit == b'0').count();
                let short = &decimal.mantissa / BigInt::from(power_of_ten(zeros as u64));
                out.push(LONG);
                out.extend_from_slice(&(decimal.scale as u16).to_le_bytes());
                out.extend_from_slice(&(zeros as u32).to_le_bytes());
                out.extend_from_slice(&short.to_signed_bytes_le());
            }
            View::Special(special) => out.push(match special {
                Special::NaN => NAN,
                Special::Infinity => INFINITY,
                Special::NegativeInfinity => NEGATIVE_INFINITY,
            }),
        }
    }

    /// Reads a field; `None` if the bytes are none.
    pub fn decode_row(bytes: &[u8]) -> Option<Numeric> {
        let (first, rest) = bytes.split_first()?;
        match *first {
            scale @ 0..WIDE_SCALE => small(rest, u16::from(scale)),
            WIDE_SCALE => {
                let (scale, rest) = rest.split_first_chunk::<2>()?;
                small(rest, u16::from_le_bytes(*scale))
            }
            LONG => {
                let (scale, rest) = rest.split_first_chunk::<2>()?;
                let (zeros, rest) = rest.split_first_chunk::<4>()?;
                let (scale, zeros) = (u16::from_le_bytes(*scale), u32::from_le_bytes(*zeros));
                if zeros > 131_072 + SCALE_MAX || rest.len() > 1 << 16 {
                    return None;
                }
                let mantissa =
                    BigInt::from_signed_bytes_le(rest) * BigInt::from(power_of_ten(u64::from(zeros)));
                Decimal::new(mantissa, u32::from(scale)).into_numeric().ok()
            }
            NAN if rest.is_empty() => Some(Numeric::NAN),
            INFINITY if rest.is_empty() => Some(Numeric::INFINITY),
            NEGATIVE_INFINITY if rest.is_empty() => Some(Numeric::NEGATIVE_INFINITY),
            _ => None,
        }
    }

    /// Mantissa and scale of a field whose mantissa fits a word: how a vector of one scale is filled.
    #[inline]
    pub fn decode_row_mantissa(bytes: &[u8]) -> Option<(i64, u16)> {
        let (scale, rest) = bytes.split_first()?;
        if *scale >= WIDE_SCALE || rest.len() > 8 {
            return None;
        }
        Some((word(rest), u16::from(*scale)))
    }
}

/// Up to eight bytes with their sign.
#[inline]
fn word(bytes: &[u8]) -> i64 {
    let Some(shift) = 8_usize.checked_sub(bytes.len()).filter(|shift| *shift < 8) else { return 0 };
    let word = bytes.iter().rev().fold(0_u64, |word, byte| word << 8 | u64::from(*byte));
    (word << (8 * shift)) as i64 >> (8 * shift)
}

fn small(bytes: &[u8], scale: u16) -> Option<Numeric> {
    if bytes.len() > 16 || u32::from(scale) > SCALE_MAX {
        return None;
    }
    if bytes.len() <= 8 {
        return Some(Numeric::small(i128::from(word(bytes)), scale));
    }
    let mut padded = [0; 16];
    padded[16 - bytes.len()..].copy_from_slice(bytes);
    let mantissa = i128::from_le_bytes(padded) >> (128 - 8 * bytes.len() as u32);
    (mantissa != i128::MIN).then(|| Numeric::small(mantissa, scale))
}
