//! Powers.
//!
//! A power with a whole exponent of four bytes is a product, all others are `exp(exponent * ln(base))`. The two have results
//! of different scales: the product has sixteen decimals whatever its size.

use crate::decimal::Decimal;
use crate::division::{RESULT_SCALE_MAX, result_scale};
use crate::error::{NumericError, NumericResult};
use crate::fixed;
use crate::logarithm::{LOG10_E, ZERO_SCALE, exponential, natural, natural_weight};
use crate::value::{Numeric, Sign, Special};
use num_bigint::{BigInt, BigUint};

/// Products of no more bits are exact; longer ones are calculated with as many bits as can matter.
const EXACT_BITS: u64 = 1 << 20;

impl Numeric {
    /// `self ^ exponent`.
    pub fn power(&self, exponent: &Numeric) -> NumericResult<Numeric> {
        let (Ok(base), Ok(exponent_decimal)) = (self.decimal(), exponent.decimal()) else {
            return self.power_special(exponent);
        };
        match (self.side(), exponent.side()) {
            (Some(Sign::Zero), Some(Sign::Negative)) => return Err(NumericError::ZeroToNegativePower),
            (Some(Sign::Negative), _) if !exponent.is_integral() => return Err(NumericError::ComplexPower),
            _ => {}
        }
        let whole = exponent_decimal.truncated(0);
        if whole.compare(&exponent_decimal).is_eq()
            && let Ok(exponent) = i32::try_from(&whole.mantissa)
        {
            return whole_power(&base, exponent)?.into_numeric();
        }
        if base.is_zero() {
            return Ok(Numeric::small(0, 16));
        }
        let magnitude = Decimal::new(BigInt::from(base.mantissa.magnitude().clone()), base.scale);
        let mut power = real_power(&magnitude, &exponent_decimal)?;
        if base.is_negative() && whole.mantissa.bit(0) {
            power.mantissa = -power.mantissa;
        }
        power.into_numeric()
    }

    /// A power with an infinity or NaN.
    fn power_special(&self, exponent: &Numeric) -> NumericResult<Numeric> {
        if *self == Numeric::ONE || exponent.side() == Some(Sign::Zero) {
            return Ok(Numeric::ONE);
        }
        let (Some(base_side), Some(side)) = (self.side(), exponent.side()) else { return Ok(Numeric::NAN) };
        if base_side == Sign::Zero && side == Sign::Negative {
            return Err(NumericError::ZeroToNegativePower);
        }
        if base_side == Sign::Negative && exponent.is_finite() && !exponent.is_integral() {
            return Err(NumericError::ComplexPower);
        }
        let to_zero = match exponent.decimal() {
            // An infinite exponent takes what is less than one to zero, what is greater to infinity, or the other way round.
            Err(_) => match self.abs().cmp(&Numeric::ONE) {
                std::cmp::Ordering::Equal => return Ok(Numeric::ONE),
                order => order.is_gt() == (side == Sign::Negative),
            },
            Ok(_) => side == Sign::Negative,
        };
        let odd = exponent.decimal().is_ok_and(|exponent| exponent.truncated(0).mantissa.bit(0));
        Ok(match to_zero {
            true => Numeric::ZERO,
            false if base_side == Sign::Negative && odd => Numeric::NEGATIVE_INFINITY,
            false => Numeric::special(Special::Infinity),
        })
    }
}

/// The decimal logarithm of a power, estimated from the first sixteen digits of its base.
fn estimate(base: &Decimal, exponent: i32) -> f64 {
    let mut weight = base.magnitude().weight;
    let mut taken = 1;
    // By whole groups of four, as far as there are any.
    while taken < 4 && !base.truncated(-4 * weight).compare(base).is_eq() {
        weight -= 1;
        taken += 1;
    }
    f64::from(exponent) * ((base.leading(weight) as f64).log10() + (weight * 4) as f64)
}

fn whole_power(base: &Decimal, exponent: i32) -> NumericResult<Decimal> {
    // A product shows sixteen decimals, or as many as its base has.
    let scale = result_scale(0, &[base.scale]);
    match exponent {
        0 => return Ok(Decimal::one().rounded(i64::from(scale))),
        1 => return Ok(base.rounded(i64::from(scale))),
        2 => return Ok(base.multiply(base).rounded(i64::from(scale))),
        _ => {}
    }
    if base.is_zero() {
        return if exponent < 0 { Err(NumericError::DivisionByZero) } else { Ok(Decimal::zero(scale)) };
    }
    if exponent == -1 {
        return Ok(Decimal::one().divide(base, scale));
    }
    let digits = estimate(base, exponent);
    if digits > 3.0 * 32_767.0 * 4.0 {
        return Err(NumericError::Overflow);
    }
    if digits + 1.0 < -f64::from(scale) || digits + 1.0 < -(RESULT_SCALE_MAX as f64) {
        return Ok(Decimal::zero(scale));
    }
    // More digits than a value may have are not worth calculating.
    if digits > 131_080.0 {
        return Err(NumericError::Overflow);
    }
    let times = exponent.unsigned_abs();
    let trimmed = base.trimmed();
    let mut power = match trimmed.mantissa.bits().saturating_mul(u64::from(times)) <= EXACT_BITS {
        true => exact_power(&trimmed, exponent, scale),
        false => long_power(&trimmed, exponent, digits, scale),
    };
    if base.is_negative() && times % 2 == 1 && !power.is_negative() {
        power.mantissa = -power.mantissa;
    }
    Ok(power)
}

/// The power of the magnitude, from the whole product.
fn exact_power(base: &Decimal, exponent: i32, scale: u32) -> Decimal {
    let times = exponent.unsigned_abs();
    let product = BigInt::from(base.mantissa.magnitude().pow(times));
    // The product's decimals may be more than 32 bits count: they are told apart from it.
    let decimals = u64::from(base.scale) * u64::from(times);
    let (number, divisor) = match exponent > 0 {
        true => (product * BigInt::from(crate::decimal::power_of_ten(u64::from(scale))), decimals),
        false => {
            let shift = decimals + u64::from(scale);
            let number = crate::decimal::power_of_ten(shift);
            let magnitude = crate::decimal::divide_rounding(&number, product.magnitude());
            return Decimal::new(BigInt::from(magnitude), scale);
        }
    };
    let divisor = crate::decimal::power_of_ten(divisor);
    Decimal::new(BigInt::from(crate::decimal::divide_rounding(number.magnitude(), &divisor)), scale)
}

/// A positive number of limited length: `digits * 2^exponent`.
struct Binary {
    digits: BigUint,
    exponent: i64,
}

impl Binary {
    fn cut(digits: BigUint, exponent: i64, bits: u64) -> Binary {
        let spare = digits.bits().saturating_sub(bits);
        Binary { digits: digits >> spare, exponent: exponent + spare as i64 }
    }

    fn multiply(&self, other: &Binary, bits: u64) -> Binary {
        Binary::cut(&self.digits * &other.digits, self.exponent + other.exponent, bits)
    }

    fn invert(&self, bits: u64) -> Binary {
        let shift = self.digits.bits() + bits;
        Binary {
            digits: (BigUint::from(1_u32) << shift) / &self.digits,
            exponent: -self.exponent - shift as i64,
        }
    }
}

/// The power of the magnitude, with as many bits as `scale` decimals need.
fn long_power(base: &Decimal, exponent: i32, digits: f64, scale: u32) -> Decimal {
    let bits = fixed::bits_for(digits as i64 + i64::from(scale) + 2) + 40;
    let divisor = crate::decimal::power_of_ten(u64::from(base.scale));
    let shift = (bits + divisor.bits()).saturating_sub(base.mantissa.bits());
    let mut square = Binary::cut((base.mantissa.magnitude() << shift) / divisor, -(shift as i64), bits);
    let mut rest = exponent.unsigned_abs();
    let mut power = Binary { digits: BigUint::from(1_u32), exponent: 0 };
    loop {
        if rest & 1 == 1 {
            power = power.multiply(&square, bits);
        }
        rest >>= 1;
        if rest == 0 {
            break;
        }
        square = square.multiply(&square, bits);
    }
    let power = if exponent < 0 { power.invert(bits) } else { power };
    fixed::to_decimal(&BigInt::from(power.digits), power.exponent, 0, scale)
}

/// `base ^ exponent` of a positive base.
fn real_power(base: &Decimal, exponent: &Decimal) -> NumericResult<Decimal> {
    let base_weight = natural_weight(base);
    let logarithm = |scale: i64| {
        let scale = scale.max(0) as u32;
        natural(base, scale).multiply(exponent).rounded(i64::from(scale))
    };
    // A first calculation, to some eight digits, says how long the result is.
    let estimate = logarithm(8 - base_weight).to_float();
    if estimate.abs() > 3.01 * 2000.0 {
        return if estimate > 0.0 { Err(NumericError::Overflow) } else { Ok(Decimal::zero(ZERO_SCALE)) };
    }
    let weight = (estimate * LOG10_E) as i64;
    let scale = result_scale(weight, &[base.scale, exponent.scale]);
    let significant = (i64::from(scale) + weight).max(0);
    exponential(&logarithm(significant - base_weight + 8), scale)
}
