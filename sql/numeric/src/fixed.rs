//! Exponentials and logarithms to any number of bits.
//!
//! A fixed-point number is an integer in units of 2 to the power of `-bits`. Every function here is given the bits of its
//! result and works with some more, so that its error is a few units of the bits asked for. Callers ask for 64 bits more than
//! they show: a result is then wrongly rounded once in 10^18 times.

use crate::decimal::{Decimal, power_of_ten};
use num_bigint::{BigInt, BigUint, Sign};

/// Bits that hold this many decimal digits, and those that make rounding safe.
pub(crate) fn bits_for(digits: i64) -> u64 {
    digits.max(0) as u64 * 3_322 / 1_000 + 80
}

/// A decimal as a fixed-point number, cut off.
pub(crate) fn from_decimal(decimal: &Decimal, bits: u64) -> BigInt {
    let magnitude = (decimal.mantissa.magnitude() << bits) / power_of_ten(u64::from(decimal.scale));
    BigInt::from_biguint(decimal.mantissa.sign(), magnitude)
}

/// `number * 2^exponent / 2^bits` as a decimal, rounded.
pub(crate) fn to_decimal(number: &BigInt, exponent: i64, bits: u64, scale: u32) -> Decimal {
    let scaled = number.magnitude() * power_of_ten(u64::from(scale));
    let shift = bits as i64 - exponent;
    let magnitude = if shift <= 0 {
        scaled << shift.unsigned_abs()
    } else {
        let half = BigUint::from(1_u32) << (shift as u64 - 1);
        (scaled + half) >> shift as u64
    };
    Decimal::new(BigInt::from_biguint(number.sign(), magnitude), scale)
}

/// `artanh(1/divisor)` in units of 2 to the power of `-bits`.
fn inverse_artanh(divisor: u32, bits: u64) -> BigInt {
    // The greatest divisor's square fits.
    let square = divisor * divisor;
    let mut power = (BigInt::from(1) << bits) / divisor;
    let mut sum = power.clone();
    let mut odd = 3_u32;
    while power.sign() != Sign::NoSign {
        power /= square;
        sum += &power / odd;
        odd += 2;
    }
    sum
}

/// The natural logarithm of 2 with 512 bits behind the point, the least significant word first.
const TWO: [u32; 16] = [
    0x1169_b825,
    0x2757_3b29,
    0xc138_2144,
    0xed2e_ae35,
    0x4afa_1b10,
    0x5595_52fb,
    0x6deb_ac98,
    0xe7b8_7620,
    0x8baa_fa2b,
    0x8a0d_175b,
    0x7298_b62d,
    0x40f3_4326,
    0x03f2_f6af,
    0xc9e3_b398,
    0xd1cf_79ab,
    0xb172_17f7,
];

/// The natural logarithm of 2.
pub(crate) fn logarithm_of_two(bits: u64) -> BigInt {
    if bits <= 512 {
        return BigInt::from(BigUint::from_slice(&TWO)) >> (512 - bits);
    }
    // A formula of Machin's kind: ln 2 = 18 artanh(1/26) - 2 artanh(1/4801) + 8 artanh(1/8749).
    let more = bits + 32;
    let sum = inverse_artanh(26, more) * 18 - inverse_artanh(4801, more) * 2 + inverse_artanh(8749, more) * 8;
    sum >> 32_u32
}

/// The exponential of a number between -1 and 1.
fn exponential_near_zero(number: &BigInt, bits: u64) -> BigInt {
    // Halved so often that the series is about as long as the squarings that undo it.
    let halvings = (bits as f64 / 2.0).sqrt() as u64 + 1;
    let work = bits + 2 * halvings + 16;
    let reduced: BigInt = (number << (work - bits)) >> halvings;
    let mut term = BigInt::from(1) << work;
    let mut sum = term.clone();
    let mut count = 1_u32;
    loop {
        term = ((term * &reduced) >> work) / count;
        // A negative term is shifted towards minus one unit and stays there.
        if term.magnitude().bits() <= 1 {
            break;
        }
        sum += &term;
        count += 1;
    }
    for _ in 0..halvings {
        sum = (&sum * &sum) >> work;
    }
    sum >> (work - bits)
}

/// The exponential of a decimal as a fixed-point number between 1/2 and 2, and the power of two to multiply it with.
pub(crate) fn exponential(decimal: &Decimal, bits: u64) -> (BigInt, i64) {
    // What comes off may count thousands of times.
    let work = bits + 32;
    let number = from_decimal(decimal, work);
    let two = logarithm_of_two(work);
    let half = &two >> 1_u32;
    let times = floor_divide(&(&number + half), &two);
    let rest = number - &two * times;
    (exponential_near_zero(&rest, work) >> 32_u32, times)
}

fn floor_divide(number: &BigInt, divisor: &BigInt) -> i64 {
    let quotient = number / divisor;
    let rest = number - &quotient * divisor;
    i64::try_from(quotient).unwrap_or(0) - i64::from(rest.sign() == Sign::Minus)
}

/// The natural logarithm of a positive decimal.
pub(crate) fn logarithm(decimal: &Decimal, bits: u64) -> BigInt {
    let work = bits + 32;
    let divisor = power_of_ten(u64::from(decimal.scale));
    // The number is brought between 1/2 and 2 by a power of two.
    let times = decimal.mantissa.bits() as i64 - divisor.bits() as i64;
    let shift = work as i64 - times;
    let near_one = BigInt::from(match shift >= 0 {
        true => (decimal.mantissa.magnitude() << shift as u64) / &divisor,
        false => decimal.mantissa.magnitude() / (divisor << shift.unsigned_abs()),
    });
    let sum = logarithm_near_one(&near_one, work) + logarithm_of_two(work) * times;
    sum >> 32_u32
}

/// The logarithm of a number between 1/2 and 2.
fn logarithm_near_one(number: &BigInt, bits: u64) -> BigInt {
    let one = BigInt::from(1) << bits;
    // A double's logarithm, in units of 2^-52, takes the number to one plus or minus a very little.
    let leading = i64::try_from(number >> (bits - 60)).unwrap_or(1 << 60) as f64;
    let estimate = ((leading / (1_u64 << 60) as f64).ln() * (1_u64 << 52) as f64) as i64;
    let estimate = BigInt::from(estimate) << (bits - 52);
    let close = match estimate.sign() {
        Sign::NoSign => number.clone(),
        Sign::Minus | Sign::Plus => (number * exponential_near_zero(&-&estimate, bits)) >> bits,
    };
    // ln(c) = 2 artanh((c - 1) / (c + 1)).
    let ratio = ((&close - &one) << bits) / (&close + &one);
    let square = (&ratio * &ratio) >> bits;
    let mut power = ratio.clone();
    let mut sum = ratio;
    let mut odd = 3_u32;
    loop {
        power = (power * &square) >> bits;
        if power.magnitude().bits() <= 1 {
            break;
        }
        sum += &power / odd;
        odd += 2;
    }
    estimate + sum * 2
}

#[cfg(test)]
mod tests {
    use super::{exponential, logarithm, logarithm_of_two};
    use crate::decimal::Decimal;

    #[test]
    fn the_logarithm_of_two_is_known() {
        let text = logarithm_of_two(200).to_str_radix(16);
        assert!(text.starts_with("b17217f7d1cf79abc9e3b39803f2f6af40f343267298b62d"), "{text}");
        // The table and the formula go on from each other.
        let difference = (logarithm_of_two(513) >> 1_u32) - logarithm_of_two(512);
        assert!(difference.magnitude().bits() <= 1, "{difference}");
    }

    #[test]
    fn a_logarithm_undoes_an_exponential() {
        for bits in [128_u64, 500, 3000] {
            for text in ["0.001", "-0.7", "1.25", "30", "-45.5"] {
                let number: crate::Numeric = text.parse().unwrap();
                let number = number.decimal().unwrap().into_owned();
                let (value, times) = exponential(&number, bits);
                let back = super::to_decimal(&value, times, bits, (bits / 3) as u32 + 10);
                let again = super::to_decimal(&logarithm(&back, bits), 0, bits, (bits / 4 - 20) as u32);
                assert!(again.compare(&number).is_eq(), "{text} {bits} {again:?}");
            }
        }
        assert!(logarithm(&Decimal::one(), 100).magnitude().bits() <= 1);
    }
}
