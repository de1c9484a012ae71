//! Decimals of any length: what a numeric is when its digits do not fit inline, and what every slow path calculates in.

use crate::error::{NumericError, NumericResult};
use crate::value::Numeric;
use num_bigint::{BigInt, BigUint, Sign};
use std::cmp::Ordering;

/// Ten to the powers that fit.
pub(crate) const POWERS: [i128; 39] = {
    let mut powers = [1_i128; 39];
    let mut exponent = 1;
    while exponent < 39 {
        powers[exponent] = powers[exponent - 1] * 10;
        exponent += 1;
    }
    powers
};

/// Decimals that a value may show at most.
pub(crate) const SCALE_MAX: u32 = 16_383;
/// Digits before the point that a value may have at most.
pub(crate) const WHOLE_DIGITS_MAX: i64 = 131_072;

/// An integer divided by a power of ten. Its scale may be greater than a value's, its digits more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) mantissa: BigInt,
    pub(crate) scale: u32,
}

/// Where a number begins, in PostgreSQL's groups of four digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Magnitude {
    /// Which power of 10,000 its first group counts; the units are group 0.
    pub(crate) weight: i64,
    /// The number in its first group: 1 to 9,999, or 0 for zero.
    pub(crate) first: i64,
}

/// Ten to a power.
pub(crate) fn power_of_ten(exponent: u64) -> BigUint {
    match POWERS.get(usize::try_from(exponent).unwrap_or(usize::MAX)) {
        Some(power) => BigUint::from(power.unsigned_abs()),
        None => BigUint::from(5_u32).pow(u32::try_from(exponent).unwrap_or(u32::MAX)) << exponent,
    }
}

/// How many decimal digits a number has; none for zero.
pub(crate) fn digit_count(number: &BigUint) -> u64 {
    let bits = number.bits();
    if bits == 0 {
        return 0;
    }
    // At least this many digits below the first: 30102/100000 is a little less than the logarithm of 2.
    let least = ((bits - 1) as u128 * 30_102 / 100_000) as u64;
    let mut digits = least;
    let mut power = power_of_ten(least);
    while *number >= power {
        digits += 1;
        power *= 10_u32;
    }
    digits
}

/// `number / divisor`, halves away from zero.
pub(crate) fn divide_rounding(number: &BigUint, divisor: &BigUint) -> BigUint {
    let quotient = number / divisor;
    let rest = number - &quotient * divisor;
    if rest << 1_u32 >= *divisor { quotient + 1_u32 } else { quotient }
}

impl Decimal {
    pub(crate) fn new(mantissa: impl Into<BigInt>, scale: u32) -> Decimal {
        Decimal { mantissa: mantissa.into(), scale }
    }

    pub(crate) fn zero(scale: u32) -> Decimal {
        Decimal { mantissa: BigInt::ZERO, scale }
    }

    pub(crate) fn one() -> Decimal {
        Decimal::new(1, 0)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.mantissa.sign() == Sign::NoSign
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.mantissa.sign() == Sign::Minus
    }

    /// Whether there are no digits other than zero behind the point.
    pub(crate) fn is_integral(&self) -> bool {
        self.scale == 0 || self.trimmed().scale == 0
    }

    /// The same value without zeros at its end behind the point.
    pub(crate) fn trimmed(&self) -> Decimal {
        let mut trimmed = self.clone();
        // By halves of what may be there, so that a long tail costs few divisions.
        let mut step = trimmed.scale;
        while step > 0 {
            if step <= trimmed.scale {
                let power = BigInt::from(power_of_ten(u64::from(step)));
                let quotient = &trimmed.mantissa / &power;
                if &quotient * power == trimmed.mantissa {
                    trimmed.mantissa = quotient;
                    trimmed.scale -= step;
                    continue;
                }
            }
            step /= 2;
        }
        trimmed
    }

    /// Decimal digits of the mantissa.
    pub(crate) fn digits(&self) -> u64 {
        digit_count(self.mantissa.magnitude())
    }

    pub(crate) fn magnitude(&self) -> Magnitude {
        let digits = self.digits();
        if digits == 0 {
            return Magnitude { weight: 0, first: 0 };
        }
        let weight = (digits as i64 - 1 - i64::from(self.scale)).div_euclid(4);
        Magnitude { weight, first: self.leading(weight) }
    }

    /// The value in units of 10,000 to the power of `weight`, cut off; it must fit.
    pub(crate) fn leading(&self, weight: i64) -> i64 {
        let shift = i64::from(self.scale) + 4 * weight;
        let leading = match shift >= 0 {
            true => self.mantissa.magnitude() / power_of_ten(shift as u64),
            false => self.mantissa.magnitude() * power_of_ten(shift.unsigned_abs()),
        };
        leading.iter_u64_digits().next().unwrap_or(0) as i64
    }

    /// The same value with more decimals, or rounded to fewer: halves away from zero.
    pub(crate) fn rounded(&self, scale: i64) -> Decimal {
        self.rescaled(scale, true)
    }

    /// The same value with more decimals, or cut off to fewer.
    pub(crate) fn truncated(&self, scale: i64) -> Decimal {
        self.rescaled(scale, false)
    }

    fn rescaled(&self, scale: i64, rounding: bool) -> Decimal {
        let by = scale - i64::from(self.scale);
        let shown = u32::try_from(scale).unwrap_or(0);
        if by >= 0 {
            return Decimal::new(&self.mantissa * BigInt::from(power_of_ten(by as u64)), shown);
        }
        if by.unsigned_abs() > self.digits() {
            return Decimal::zero(shown);
        }
        let power = power_of_ten(by.unsigned_abs());
        let magnitude = match rounding {
            true => divide_rounding(self.mantissa.magnitude(), &power),
            false => self.mantissa.magnitude() / power,
        };
        let whole = if scale < 0 { magnitude * power_of_ten(scale.unsigned_abs()) } else { magnitude };
        Decimal::new(BigInt::from_biguint(self.mantissa.sign(), whole), shown)
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        Decimal::new(self.at(scale) + other.at(scale), scale)
    }

    pub(crate) fn subtract(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        Decimal::new(self.at(scale) - other.at(scale), scale)
    }

    pub(crate) fn multiply(&self, other: &Decimal) -> Decimal {
        Decimal::new(&self.mantissa * &other.mantissa, self.scale + other.scale)
    }

    /// The quotient with `scale` decimals, halves away from zero. The divisor must not be zero.
    pub(crate) fn divide(&self, divisor: &Decimal, scale: u32) -> Decimal {
        let (number, divisor) = self.ratio(divisor, scale);
        let magnitude = divide_rounding(number.magnitude(), divisor.magnitude());
        Decimal::new(BigInt::from_biguint(quotient_sign(&number, &divisor), magnitude), scale)
    }

    /// The quotient's whole part. The divisor must not be zero.
    pub(crate) fn divide_whole(&self, divisor: &Decimal) -> Decimal {
        let (number, divisor) = self.ratio(divisor, 0);
        Decimal::new(number / divisor, 0)
    }

    /// Two integers whose quotient is the quotient in units of `scale` decimals.
    fn ratio(&self, divisor: &Decimal, scale: u32) -> (BigInt, BigInt) {
        let shift = i64::from(scale) + i64::from(divisor.scale) - i64::from(self.scale);
        let power = BigInt::from(power_of_ten(shift.unsigned_abs()));
        match shift >= 0 {
            true => (&self.mantissa * power, divisor.mantissa.clone()),
            false => (self.mantissa.clone(), &divisor.mantissa * power),
        }
    }

    /// The mantissa for a scale that is not smaller.
    pub(crate) fn at(&self, scale: u32) -> BigInt {
        match scale.saturating_sub(self.scale) {
            0 => self.mantissa.clone(),
            by => &self.mantissa * BigInt::from(power_of_ten(u64::from(by))),
        }
    }

    pub(crate) fn compare(&self, other: &Decimal) -> Ordering {
        let signs = self.mantissa.sign().cmp(&other.mantissa.sign());
        if signs != Ordering::Equal || self.scale == other.scale || self.is_zero() {
            return signs.then_with(|| self.mantissa.cmp(&other.mantissa));
        }
        // Powers of ten as long as the numbers are made only when the lengths do not tell.
        let length = |decimal: &Decimal| decimal.digits() as i64 - i64::from(decimal.scale);
        let lengths = length(self).cmp(&length(other));
        if lengths != Ordering::Equal {
            return if self.is_negative() { lengths.reverse() } else { lengths };
        }
        let scale = self.scale.max(other.scale);
        self.at(scale).cmp(&other.at(scale))
    }

    /// The nearest double, or an infinity or zero where there is none.
    pub(crate) fn to_float(&self) -> f64 {
        // The text is read with correct rounding; digits that cannot matter are left out.
        let digits = self.digits();
        let spare = digits.saturating_sub(800);
        let mut mantissa = self.mantissa.magnitude() / power_of_ten(spare);
        if spare > 0 {
            // Stands for what was cut off: no tie may look like one.
            mantissa |= BigUint::from(1_u32);
        }
        let exponent = spare as i64 - i64::from(self.scale);
        let float = format!("{mantissa}e{exponent}").parse::<f64>().unwrap_or(0.0);
        if self.is_negative() { -float } else { float }
    }

    /// The value, if PostgreSQL could hold it.
    pub(crate) fn into_numeric(self) -> NumericResult<Numeric> {
        let Ok(scale) = u16::try_from(self.scale) else { return Err(NumericError::Overflow) };
        if self.scale > SCALE_MAX {
            return Err(NumericError::Overflow);
        }
        let bits = self.mantissa.bits();
        if bits <= 127
            && let Ok(mantissa) = i128::try_from(&self.mantissa)
        {
            return Ok(Numeric::small(mantissa, scale));
        }
        // 131,072 digits have 435,411 bits at least.
        if bits > 435_000 && self.digits() as i64 - i64::from(scale) > WHOLE_DIGITS_MAX {
            return Err(NumericError::Overflow);
        }
        Ok(Numeric::big(self))
    }
}

fn quotient_sign(number: &BigInt, divisor: &BigInt) -> Sign {
    if number.sign() == Sign::NoSign {
        Sign::NoSign
    } else if number.sign() == divisor.sign() {
        Sign::Plus
    } else {
        Sign::Minus
    }
}
