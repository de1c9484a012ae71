//! What is about whole numbers: factorials, common divisors, buckets.

use crate::decimal::Decimal;
use crate::error::{NumberType, NumericError, NumericResult};
use crate::value::{Numeric, Special};
use num_bigint::{BigInt, BigUint, Sign};

/// The greatest number whose factorial has no more than 131,072 digits.
const FACTORIAL_MAX: i64 = 32_177;

impl Numeric {
    /// `factorial(number)`.
    pub fn factorial(number: i64) -> NumericResult<Numeric> {
        match number {
            ..0 => Err(NumericError::NegativeFactorial),
            0..=FACTORIAL_MAX => Decimal::new(product(1, number.max(1) as u64), 0).into_numeric(),
            _ => Err(NumericError::Overflow),
        }
    }

    /// The greatest common divisor, with the greater scale; NaN if either is no number.
    pub fn gcd(&self, other: &Numeric) -> NumericResult<Numeric> {
        let (Ok(left), Ok(right)) = (self.decimal(), other.decimal()) else { return Ok(Numeric::NAN) };
        let scale = left.scale.max(right.scale);
        let divisor = greatest_common(left.at(scale).into_parts().1, right.at(scale).into_parts().1);
        Decimal::new(divisor, scale).into_numeric()
    }

    /// The least common multiple, with the greater scale; NaN if either is no number.
    pub fn lcm(&self, other: &Numeric) -> NumericResult<Numeric> {
        let (Ok(left), Ok(right)) = (self.decimal(), other.decimal()) else { return Ok(Numeric::NAN) };
        let scale = left.scale.max(right.scale);
        if left.is_zero() || right.is_zero() {
            return Decimal::zero(scale).into_numeric();
        }
        let (left, right) = (left.at(scale).into_parts().1, right.at(scale).into_parts().1);
        let multiple = &left / greatest_common(left.clone(), right.clone()) * right;
        Decimal::new(BigInt::from_biguint(Sign::Plus, multiple), scale).into_numeric()
    }
}

/// The product of the numbers `from..=to`, by halves: long numbers meet long numbers.
fn product(from: u64, to: u64) -> BigUint {
    if to - from < 8 {
        return (from..=to).map(BigUint::from).product();
    }
    let middle = from + (to - from) / 2;
    product(from, middle) * product(middle + 1, to)
}

/// The greatest common divisor by Lehmer's method: many steps of Euclid's are taken on the leading bits alone and then done
/// to the numbers at once. Two numbers of 131,072 digits may take 600,000 steps.
fn greatest_common(mut left: BigUint, mut right: BigUint) -> BigUint {
    if left < right {
        std::mem::swap(&mut left, &mut right);
    }
    while right != BigUint::ZERO {
        if let (Ok(left), Ok(right)) = (u128::try_from(&left), u128::try_from(&right)) {
            return BigUint::from(greatest_common_words(left, right));
        }
        match Steps::of(&left, &right) {
            Some(steps) => (left, right) = steps.apply(&left, &right),
            None => {
                let rest = &left % &right;
                left = std::mem::replace(&mut right, rest);
            }
        }
    }
    left
}

/// Some steps of Euclid's: the numbers after them are `a * left + b * right` and `c * left + d * right`.
struct Steps {
    a: i64,
    b: i64,
    c: i64,
    d: i64,
}

impl Steps {
    /// Those that the leading bits are sure of; `None` if they are sure of none. `left` is not less than `right`.
    fn of(left: &BigUint, right: &BigUint) -> Option<Steps> {
        let shift = left.bits().saturating_sub(62);
        let leading = |number: &BigUint| i64::try_from(number >> shift).ok();
        let (mut x, mut y) = (leading(left)?, leading(right)?);
        let mut steps = Steps { a: 1, b: 0, c: 0, d: 1 };
        // What was cut off may make each number greater or less by its factor: the quotient must be the same at both ends.
        while y + steps.c != 0 && y + steps.d != 0 {
            let quotient = (x + steps.a) / (y + steps.c);
            if quotient != (x + steps.b) / (y + steps.d) {
                break;
            }
            steps = Steps {
                a: steps.c,
                b: steps.d,
                c: steps.a.checked_sub(quotient.checked_mul(steps.c)?)?,
                d: steps.b.checked_sub(quotient.checked_mul(steps.d)?)?,
            };
            (x, y) = (y, x - quotient * y);
        }
        (steps.b != 0).then_some(steps)
    }

    fn apply(&self, left: &BigUint, right: &BigUint) -> (BigUint, BigUint) {
        // The factors have different signs, or one is zero: the sum is a difference, which is not negative.
        let combined = |of_left: i64, of_right: i64| {
            let (left, right) = (left * of_left.unsigned_abs(), right * of_right.unsigned_abs());
            if left > right { left - right } else { right - left }
        };
        (combined(self.a, self.b), combined(self.c, self.d))
    }
}

fn greatest_common_words(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// `width_bucket(operand, low, high, count)`: in which of `count` equal buckets between the bounds the operand lies; 0 below
/// the first bound, `count + 1` from the second on. The bounds may be either way round.
pub fn width_bucket(operand: &Numeric, low: &Numeric, high: &Numeric, count: i32) -> NumericResult<i32> {
    if count <= 0 {
        return Err(NumericError::BucketCount);
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(NumericError::BucketNaN);
    }
    let (Ok(first), Ok(last)) = (low.decimal(), high.decimal()) else {
        return Err(NumericError::BucketInfinite);
    };
    if low == high {
        return Err(NumericError::BucketEmpty);
    }
    let rising = low < high;
    let above = || count.checked_add(1).ok_or(NumericError::IntegerOutOfRange(NumberType::Int4));
    let value = match operand.decimal() {
        Ok(value) => value,
        Err(Special::NegativeInfinity) => return if rising { Ok(0) } else { above() },
        Err(Special::Infinity | Special::NaN) => return if rising { above() } else { Ok(0) },
    };
    let (before, behind) = match rising {
        true => (operand < low, operand >= high),
        false => (operand > low, operand <= high),
    };
    if before {
        return Ok(0);
    }
    if behind {
        return above();
    }
    let offset = value.subtract(&first).multiply(&Decimal::new(count, 0));
    let bucket = offset.divide_whole(&last.subtract(&first)).leading(0);
    // The offset is less than the width: the bucket is at most the last one.
    Ok(bucket as i32 + 1)
}

#[cfg(test)]
mod tests {
    use super::greatest_common;
    use num_bigint::BigUint;

    fn by_euclid(mut left: BigUint, mut right: BigUint) -> BigUint {
        while right != BigUint::ZERO {
            let rest = &left % &right;
            left = std::mem::replace(&mut right, rest);
        }
        left
    }

    #[test]
    fn many_steps_at_once_are_the_same_steps() {
        let mut state = 1_u64;
        let mut word = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 32) as u32
        };
        for round in 0..2000_usize {
            let mut number = |words: usize| BigUint::new((0..words).map(|_| word()).collect());
            let common = number(round % 7);
            let (left, right) = (number(1 + round % 23) * &common, number(1 + round % 19) * &common);
            assert_eq!(greatest_common(left.clone(), right.clone()), by_euclid(left, right));
        }
        let (mut low, mut high) = (BigUint::from(1_u32), BigUint::from(1_u32));
        for _ in 0..3000 {
            let next = &low + &high;
            low = std::mem::replace(&mut high, next);
            let close = &high * 3_u32 + 1_u32;
            assert_eq!(greatest_common(close.clone(), high.clone()), by_euclid(close, high.clone()));
        }
        assert_eq!(greatest_common(low, high), BigUint::from(1_u32));
    }
}
