//! A numeric's binary form in PostgreSQL's protocol: groups of four decimal digits.
//!
//! Five 16-bit numbers in network order (count of groups, weight of the first, sign, scale) are followed by the groups.

use crate::decimal::{Decimal, power_of_ten};
use crate::error::{NumericError, NumericResult, WireProblem};
use crate::modifier::Modifier;
use crate::value::{Numeric, Sign, Special};
use num_bigint::{BigInt, BigUint};

const NEGATIVE: u16 = 0x4000;
const NAN: u16 = 0xc000;
const INFINITY: u16 = 0xd000;
const NEGATIVE_INFINITY: u16 = 0xf000;
/// Bits that a scale may have.
const SCALE_MASK: u16 = 0x3fff;

impl Numeric {
    /// Appends the binary form.
    pub fn send(&self, out: &mut Vec<u8>) {
        let mut put = |number: u16| out.extend_from_slice(&number.to_be_bytes());
        let decimal = match self.decimal() {
            Ok(decimal) => decimal,
            Err(special) => {
                // The scale that PostgreSQL sends with an infinity is a part of its header that means nothing.
                let (sign, scale) = match special {
                    Special::NaN => (NAN, 0),
                    Special::Infinity => (INFINITY, 0x20),
                    Special::NegativeInfinity => (NEGATIVE_INFINITY, 0x20),
                };
                [0, 0, sign, scale].into_iter().for_each(put);
                return;
            }
        };
        let (weight, groups) = groups(&decimal);
        let sign = if self.side() == Some(Sign::Negative) { NEGATIVE } else { 0 };
        put(groups.len() as u16);
        put(weight as u16);
        put(sign);
        put(decimal.scale as u16);
        groups.into_iter().for_each(put);
    }

    /// Reads the binary form and fits it to a type's precision and scale.
    pub fn receive(bytes: &[u8], modifier: Option<Modifier>) -> NumericResult<Numeric> {
        let mut words = bytes.chunks(2).map(|pair| match pair {
            [high, low] => Ok(u16::from_be_bytes([*high, *low])),
            _ => Err(NumericError::Wire(WireProblem::TooShort)),
        });
        let mut next = || words.next().unwrap_or(Err(NumericError::Wire(WireProblem::TooShort)));
        let (count, weight, sign, scale) = (next()?, next()? as i16, next()?, next()?);
        if ![0, NEGATIVE, NAN, INFINITY, NEGATIVE_INFINITY].contains(&sign) {
            return Err(WireProblem::Sign.into());
        }
        if scale & SCALE_MASK != scale {
            return Err(WireProblem::Scale.into());
        }
        let mut groups = Vec::with_capacity(usize::from(count).min(bytes.len()));
        for _ in 0..count {
            match next()? {
                group @ 0..=9999 => groups.push(group),
                _ => return Err(WireProblem::Digit.into()),
            }
        }
        if bytes.len() > 8 + 2 * groups.len() {
            return Err(WireProblem::TooLong.into());
        }
        let value = match sign {
            NAN => Numeric::NAN,
            INFINITY => Numeric::INFINITY,
            NEGATIVE_INFINITY => Numeric::NEGATIVE_INFINITY,
            _ => {
                let decimal = decimal(&groups, i64::from(weight), sign == NEGATIVE, u32::from(scale));
                return match modifier {
                    Some(modifier) => modifier.fit_decimal(&decimal)?.into_numeric(),
                    None => decimal.into_numeric(),
                };
            }
        };
        modifier.map_or(Ok(value.clone()), |modifier| modifier.fit(&value))
    }
}

/// The groups from the first that is not zero to the last, and the first one's weight.
fn groups(decimal: &Decimal) -> (i16, Vec<u16>) {
    if decimal.is_zero() {
        return (0, Vec::new());
    }
    // With decimals in whole groups, the digits fall into groups from the right.
    let behind = decimal.scale.div_ceil(4);
    let digits = decimal.at(behind * 4).magnitude().to_string().into_bytes();
    let mut groups: Vec<u16> = digits
        .rchunks(4)
        .map(|group| group.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
        .collect();
    groups.reverse();
    let weight = groups.len() as i64 - 1 - i64::from(behind);
    while groups.last() == Some(&0) {
        groups.pop();
    }
    // At most 131,072 digits before the point and 16,383 behind it.
    (weight as i16, groups)
}

/// The value of groups, cut off at its scale.
fn decimal(groups: &[u16], weight: i64, negative: bool, scale: u32) -> Decimal {
    let digits: Vec<u8> = groups.iter().flat_map(|group| format!("{group:04}").into_bytes()).collect();
    let magnitude = BigUint::parse_bytes(&digits, 10).unwrap_or(BigUint::ZERO);
    // The last group's power of ten.
    let exponent = (weight + 1 - groups.len() as i64) * 4;
    let magnitude = if exponent > 0 { magnitude * power_of_ten(exponent as u64) } else { magnitude };
    let sign = if negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
    let all = Decimal::new(BigInt::from_biguint(sign, magnitude), (-exponent).max(0) as u32);
    all.truncated(i64::from(scale))
}
