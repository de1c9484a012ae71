//! What equal numbers have in common, whatever their scales: their value modulo a prime, from which hashes are made.

use crate::value::{Numeric, Special, View};
use num_bigint::{BigUint, Sign};

/// 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;
/// The inverse of ten modulo [`PRIME`].
const INVERSE_OF_TEN: u64 = 2_075_258_708_292_324_556;

impl Numeric {
    /// The same for equal numbers, so that `1.0` and `1.00` have one hash.
    pub fn residue(&self) -> u64 {
        match self.view() {
            View::Small(mantissa, scale) => {
                let magnitude = (mantissa.unsigned_abs() % u128::from(PRIME)) as u64;
                signed(mantissa < 0, multiply(magnitude, inverse_power(u32::from(scale))))
            }
            View::Big(decimal) => {
                let rest = decimal.mantissa.magnitude() % BigUint::from(PRIME);
                let magnitude = rest.iter_u64_digits().next().unwrap_or(0);
                let is_negative = decimal.mantissa.sign() == Sign::Minus;
                signed(is_negative, multiply(magnitude, inverse_power(decimal.scale)))
            }
            View::Special(Special::NegativeInfinity) => PRIME + 1,
            View::Special(Special::Infinity) => PRIME + 2,
            View::Special(Special::NaN) => PRIME + 3,
        }
    }
}

/// Residues of mantissas that share a scale.
#[derive(Debug, Clone, Copy)]
pub struct Residues {
    inverse: u64,
}

impl Residues {
    /// For mantissas of this scale.
    pub fn of_scale(scale: u16) -> Residues {
        Residues { inverse: inverse_power(u32::from(scale)) }
    }

    /// [`Numeric::residue`] of one of them.
    #[inline]
    pub fn of(self, mantissa: i64) -> u64 {
        signed(mantissa < 0, multiply(mantissa.unsigned_abs() % PRIME, self.inverse))
    }
}

#[inline]
fn signed(is_negative: bool, magnitude: u64) -> u64 {
    // Zero has no sign; a multiple of the prime has none either.
    if is_negative && magnitude != 0 { PRIME - magnitude } else { magnitude }
}

/// Ten to the power of minus `scale`.
fn inverse_power(scale: u32) -> u64 {
    let (mut result, mut base, mut left) = (1, INVERSE_OF_TEN, scale);
    while left > 0 {
        if left & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        left >>= 1;
    }
    result
}

#[inline]
fn multiply(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    let folded = (product as u64 & PRIME) + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

#[cfg(test)]
mod tests {
    use super::{INVERSE_OF_TEN, Residues, multiply};
    use crate::Numeric;

    #[test]
    fn the_constant_is_the_inverse_of_ten() {
        assert_eq!(multiply(10, INVERSE_OF_TEN), 1);
    }

    #[test]
    fn equal_numbers_have_equal_residues() {
        let long = "170141183460469231731687303715884105728";
        for (left, right) in [
            ("1.0", "1"),
            ("-2.500", "-2.5"),
            ("0.00000", "0"),
            (long, &format!("{long}.000")),
            ("-1e40", "-10000000000000000000000000000000000000000.0"),
            ("Infinity", "Infinity"),
            ("NaN", "NaN"),
        ] {
            let (left, right): (Numeric, Numeric) = (left.parse().unwrap(), right.parse().unwrap());
            assert_eq!(left, right);
            assert_eq!(left.residue(), right.residue(), "{left} {right}");
        }
        for mantissa in [0, 1, -1, i64::MIN, i64::MAX, (1 << 61) - 1, 1 - (1 << 61)] {
            let whole = Numeric::from_mantissa(mantissa, 3);
            assert_eq!(Residues::of_scale(3).of(mantissa), whole.residue());
        }
    }
}
