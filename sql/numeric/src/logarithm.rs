//! Exponentials and logarithms.

use crate::decimal::Decimal;
use crate::division::{RESULT_SCALE_MAX, result_scale};
use crate::error::{NumericError, NumericResult};
use crate::fixed;
use crate::value::{Numeric, Sign, Special};

/// From here on an exponential is an overflow, and zero on the other side.
const EXPONENT_MAX: f64 = 6000.0;
/// Up to here, an exponential is a series of its argument itself.
const SERIES_MAX: f64 = 0.01;
/// The decimal logarithm of e, as many digits as PostgreSQL's estimates have.
#[allow(clippy::approx_constant)] // an estimate must end where PostgreSQL's does
pub(crate) const LOG10_E: f64 = 0.434_294_481_903_252;

/// `exp(number)` with `scale` decimals.
pub(crate) fn exponential(number: &Decimal, scale: u32) -> NumericResult<Decimal> {
    let estimate = number.to_float();
    if estimate.abs() >= EXPONENT_MAX {
        return if estimate > 0.0 { Err(NumericError::Overflow) } else { Ok(Decimal::zero(scale)) };
    }
    if estimate.abs() <= SERIES_MAX {
        return Ok(series(number, scale));
    }
    let digits = (estimate * LOG10_E) as i64 + i64::from(scale) + 2;
    let bits = fixed::bits_for(digits);
    let (value, times) = fixed::exponential(number, bits);
    Ok(fixed::to_decimal(&value, times, bits, scale))
}

/// `exp(number)` of a number near zero: the series in decimals, with eight more than are asked for.
///
/// Here results lie close to halves: `exp(-0.00000001)` is 0.99999999000000005, less a very little. PostgreSQL's series ends
/// before it sees that little, and rounds up; so does this one.
fn series(number: &Decimal, scale: u32) -> Decimal {
    let work = i64::from(scale) + 8;
    let mut sum = Decimal::one().add(number);
    let mut term = number.clone();
    let mut count = 2_u64;
    loop {
        term = term.multiply(number).rounded(work).divide(&Decimal::new(count, 0), work as u32);
        if term.is_zero() {
            return sum.rounded(i64::from(scale));
        }
        sum = sum.add(&term);
        count += 1;
    }
}

/// `ln(number)` of a positive number with `scale` decimals.
pub(crate) fn natural(number: &Decimal, scale: u32) -> Decimal {
    let bits = fixed::bits_for(i64::from(scale));
    fixed::to_decimal(&fixed::logarithm(number, bits), 0, bits, scale)
}

/// The power of ten with which a positive number's logarithm begins.
pub(crate) fn natural_weight(number: &Decimal) -> i64 {
    let near = |tenths: i64| number.compare(&Decimal::new(tenths, 1));
    if near(9).is_ge() && near(11).is_le() {
        // Close to one, the logarithm is about the number less one.
        let rest = number.subtract(&Decimal::one());
        return if rest.is_zero() { 0 } else { rest.digits() as i64 - 1 - i64::from(rest.scale) };
    }
    let weight = number.magnitude().weight;
    // The first two groups of four digits, or the first if there are no others.
    let first = number.leading(weight);
    let (leading, exponent) = match number.leading_is_all(weight) {
        true => (first, weight * 4),
        false => (number.leading(weight - 1), weight * 4 - 4),
    };
    let estimate = (leading as f64).ln() + exponent as f64 * std::f64::consts::LN_10;
    estimate.abs().log10() as i64
}

impl Decimal {
    /// Whether there are no digits behind the group of `weight`.
    fn leading_is_all(&self, weight: i64) -> bool {
        self.truncated(-4 * weight).compare(self).is_eq()
    }
}

impl Numeric {
    /// `exp(self)`.
    pub fn exp(&self) -> NumericResult<Numeric> {
        let decimal = match self.decimal() {
            Ok(decimal) => decimal,
            Err(Special::NegativeInfinity) => return Ok(Numeric::ZERO),
            Err(special) => return Ok(Numeric::special(special)),
        };
        let weight = (decimal.to_float() * LOG10_E).clamp(-2000.0, 2000.0);
        exponential(&decimal, result_scale(weight as i64, &[decimal.scale]))?.into_numeric()
    }

    /// `ln(self)`.
    pub fn ln(&self) -> NumericResult<Numeric> {
        self.check_logarithm()?;
        match self.decimal() {
            Ok(decimal) => {
                let scale = result_scale(natural_weight(&decimal), &[decimal.scale]);
                natural(&decimal, scale).into_numeric()
            }
            Err(special) => Ok(Numeric::special(special)),
        }
    }

    /// `log(base, self)`; `log(self)` is to base ten.
    pub fn log(&self, base: &Numeric) -> NumericResult<Numeric> {
        if self.is_nan() || base.is_nan() {
            return Ok(Numeric::NAN);
        }
        if self.side() == Some(Sign::Negative) && !(base.is_finite() && self.is_finite()) {
            return Err(NumericError::LogarithmOfNegative);
        }
        base.check_logarithm()?;
        self.check_logarithm()?;
        match (base.decimal(), self.decimal()) {
            (Ok(base), Ok(number)) => logarithm(&base, &number)?.into_numeric(),
            (Err(_), Err(_)) => Ok(Numeric::NAN),
            (Err(_), Ok(_)) => Ok(Numeric::ZERO),
            (Ok(_), Err(special)) => Ok(Numeric::special(special)),
        }
    }

    fn check_logarithm(&self) -> NumericResult<()> {
        match self.side() {
            Some(Sign::Zero) => Err(NumericError::LogarithmOfZero),
            Some(Sign::Negative) => Err(NumericError::LogarithmOfNegative),
            Some(Sign::Positive) | None => Ok(()),
        }
    }
}

fn logarithm(base: &Decimal, number: &Decimal) -> NumericResult<Decimal> {
    let (base_weight, number_weight) = (natural_weight(base), natural_weight(number));
    let weight = number_weight - base_weight;
    let scale = result_scale(weight, &[base.scale, number.scale]);
    // Each logarithm has eight digits more than the quotient shows.
    let digits = i64::from(scale) + weight + 8;
    let decimals = |weight: i64| (digits - weight).max(0) as u32;
    let divisor = natural(base, decimals(base_weight));
    let natural = natural(number, decimals(number_weight));
    if divisor.is_zero() {
        return Err(NumericError::DivisionByZero);
    }
    Ok(natural.divide(&divisor, scale))
}

/// The greatest scale of a result, for those that are zero.
pub(crate) const ZERO_SCALE: u32 = RESULT_SCALE_MAX as u32;
