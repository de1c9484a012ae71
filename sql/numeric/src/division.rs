//! Quotients and remainders, and how many digits a quotient shows.

use crate::decimal::{Decimal, Magnitude, POWERS};
use crate::error::{NumericError, NumericResult};
use crate::value::{Numeric, Sign, View};

/// Digits that a result without an exact form has at least.
pub(crate) const SIGNIFICANT_DIGITS: i64 = 16;
/// Decimals that such a result has at most.
pub(crate) const RESULT_SCALE_MAX: i64 = 1000;

/// What a group of four digits stays below.
const GROUP: u128 = 10_000;

/// The scale of a result that begins with the digit of ten to the power of `weight`: enough for sixteen significant digits,
/// no less than its operands have, no more than a thousand.
pub(crate) fn result_scale(weight: i64, operands: &[u32]) -> u32 {
    let least = operands.iter().copied().max().unwrap_or(0);
    (SIGNIFICANT_DIGITS - weight).max(i64::from(least)).clamp(0, RESULT_SCALE_MAX) as u32
}

/// The scale of a quotient, from where its operands begin.
fn quotient_scale(left: Magnitude, left_scale: u32, right: Magnitude, right_scale: u32) -> u32 {
    // The estimate is in whole groups of four digits; the first group's digits are not counted.
    let weight = left.weight - right.weight - i64::from(left.first <= right.first);
    result_scale(weight * 4, &[left_scale, right_scale])
}

/// [`quotient_scale`] of decimals of any length.
pub(crate) fn decimal_quotient_scale(left: &Decimal, right: &Decimal) -> u32 {
    quotient_scale(left.magnitude(), left.scale, right.magnitude(), right.scale)
}

/// Where a number inline begins.
fn small_magnitude(mantissa: i128, scale: u16) -> Magnitude {
    let magnitude = mantissa.unsigned_abs();
    if magnitude < GROUP && scale == 0 {
        return Magnitude { weight: 0, first: magnitude as i64 };
    }
    if magnitude == 0 {
        return Magnitude { weight: 0, first: 0 };
    }
    let digits = match u64::try_from(magnitude) {
        Ok(word) => word.ilog10(),
        Err(_) => magnitude.ilog10(),
    };
    let weight = (i64::from(digits) - i64::from(scale)).div_euclid(4);
    let shift = i64::from(scale) + 4 * weight;
    let first = if shift < 0 {
        // At most three digits less than a group.
        magnitude as i64 * POWERS[shift.unsigned_abs().min(4) as usize] as i64
    } else {
        divide(magnitude, POWERS[shift.min(38) as usize].unsigned_abs()).0 as i64
    };
    Magnitude { weight, first }
}

/// Quotient and remainder; by words where they suffice, which is several times faster.
fn divide(number: u128, divisor: u128) -> (u128, u128) {
    match (u64::try_from(number), u64::try_from(divisor)) {
        (Ok(number), Ok(divisor)) => (u128::from(number / divisor), u128::from(number % divisor)),
        _ => (number / divisor, number % divisor),
    }
}

/// Quotient and remainder of a number times a power of ten, if that fits. Where the product is longer than a word, the whole part and
/// what is left of it are divided by words, if they suffice.
fn divide_shifted(number: u128, power: i128, divisor: u128) -> Option<(u128, u128)> {
    let power = power.unsigned_abs();
    let product = number.checked_mul(power)?;
    if product > u128::from(u64::MAX)
        && let (Ok(number), Ok(divisor), Ok(word)) =
            (u64::try_from(number), u64::try_from(divisor), u64::try_from(power))
        && let Some(rest) = (number % divisor).checked_mul(word)
    {
        let whole = u128::from(number / divisor) * power;
        return Some((whole + u128::from(rest / divisor), u128::from(rest % divisor)));
    }
    Some(divide(product, divisor))
}

/// `left / right`, if all fits 127 bits.
fn divide_small(left: i128, left_scale: u16, right: i128, right_scale: u16) -> Option<Numeric> {
    let (left_magnitude, right_magnitude) =
        (small_magnitude(left, left_scale), small_magnitude(right, right_scale));
    let scale =
        quotient_scale(left_magnitude, u32::from(left_scale), right_magnitude, u32::from(right_scale));
    let shift = u32::try_from(i64::from(scale) + i64::from(right_scale) - i64::from(left_scale)).ok()?;
    let divisor = right.unsigned_abs();
    let (mut quotient, rest) = divide_shifted(left.unsigned_abs(), *POWERS.get(shift as usize)?, divisor)?;
    if rest >= divisor - rest {
        quotient += 1;
    }
    let quotient = i128::try_from(quotient).ok()?;
    Some(Numeric::small(if (left < 0) != (right < 0) { -quotient } else { quotient }, scale as u16))
}

impl Numeric {
    /// `self / divisor`, rounded.
    pub fn divide(&self, divisor: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) =
            (self.view(), divisor.view())
            && right != 0
            && let Some(quotient) = divide_small(left, left_scale, right, right_scale)
        {
            return Ok(quotient);
        }
        match (self.decimal(), divisor.decimal()) {
            (Ok(left), Ok(right)) => {
                if right.is_zero() {
                    return Err(NumericError::DivisionByZero);
                }
                left.divide(&right, decimal_quotient_scale(&left, &right)).into_numeric()
            }
            _ => self.divide_special(divisor),
        }
    }

    /// `div(self, divisor)`: the quotient's whole part.
    pub fn divide_whole(&self, divisor: &Numeric) -> NumericResult<Numeric> {
        match (self.decimal(), divisor.decimal()) {
            (Ok(left), Ok(right)) => {
                if right.is_zero() {
                    return Err(NumericError::DivisionByZero);
                }
                left.divide_whole(&right).into_numeric()
            }
            _ => self.divide_special(divisor),
        }
    }

    /// A quotient with an infinity or NaN.
    fn divide_special(&self, divisor: &Numeric) -> NumericResult<Numeric> {
        let (Some(left), Some(right)) = (self.side(), divisor.side()) else { return Ok(Numeric::NAN) };
        match (self.is_infinite(), divisor.is_infinite()) {
            (true, true) => Ok(Numeric::NAN),
            (true, false) if right == Sign::Zero => Err(NumericError::DivisionByZero),
            (true, false) if left == right => Ok(Numeric::INFINITY),
            (true, false) => Ok(Numeric::NEGATIVE_INFINITY),
            (false, _) => Ok(Numeric::ZERO),
        }
    }

    /// `self % divisor`: what [`Numeric::divide_whole`] leaves, with the sign of `self`.
    pub fn modulo(&self, divisor: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) =
            (self.view(), divisor.view())
            && right != 0
            && let Some((left, right, scale)) =
                crate::arithmetic::aligned(left, left_scale, right, right_scale)
        {
            let rest = match (i64::try_from(left), i64::try_from(right)) {
                // Words are divided several times faster.
                (Ok(left), Ok(right)) => i128::from(left.wrapping_rem(right)),
                _ => left % right,
            };
            return Ok(Numeric::small(rest, scale));
        }
        match (self.decimal(), divisor.decimal()) {
            (Ok(left), Ok(right)) => {
                if right.is_zero() {
                    return Err(NumericError::DivisionByZero);
                }
                let scale = left.scale.max(right.scale);
                Decimal::new(left.at(scale) % right.at(scale), scale).into_numeric()
            }
            _ => {
                let (Some(_), Some(right)) = (self.side(), divisor.side()) else { return Ok(Numeric::NAN) };
                match (self.is_infinite(), right) {
                    (true, Sign::Zero) => Err(NumericError::DivisionByZero),
                    (true, Sign::Negative | Sign::Positive) => Ok(Numeric::NAN),
                    (false, _) => Ok(self.clone()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::divide_shifted;
    use crate::decimal::POWERS;

    #[test]
    fn a_number_is_divided_alike_in_parts() {
        let numbers = [0, 1, 9, 10, 1_844, 9_999, 1 << 31, u64::MAX as u128, 1 << 64, 1 << 90];
        for number in numbers {
            for divisor in numbers.into_iter().filter(|divisor| *divisor > 0) {
                for power in &POWERS[..20] {
                    let product = number.checked_mul(power.unsigned_abs());
                    let expected = product.map(|product| (product / divisor, product % divisor));
                    let found = divide_shifted(number, *power, divisor);
                    assert_eq!(found, expected, "{number} * {power} / {divisor}");
                }
            }
        }
        assert_eq!(divide_shifted(1 << 100, POWERS[38], 3), None);
    }
}
