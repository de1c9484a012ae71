//! Functions of floats, with the errors that C's library leaves to its caller.

use super::arithmetic::Float;
use crate::error::{NumberType, NumericError, NumericResult};

/// As many digits of it as PostgreSQL has.
#[allow(clippy::excessive_precision)] // rounds to the nearest double
pub(crate) const RADIANS_PER_DEGREE: f64 = 0.017_453_292_519_943_295_769_2;

/// Above this, one more or less no longer shows under a root.
const GREAT: f64 = (1_u64 << 28) as f64;
/// Below this, a function is its argument.
const SMALL: f64 = 1.0 / GREAT;

/// `exp(number)`.
pub fn exp(number: f64) -> NumericResult<f64> {
    let result = number.exp();
    match number.is_finite() {
        true if result.is_infinite() => Err(NumericError::FloatOverflow),
        true if result == 0.0 => Err(NumericError::FloatUnderflow),
        true | false => Ok(result),
    }
}

/// Refuses what has no logarithm.
fn check_logarithm(number: f64) -> NumericResult<()> {
    if number == 0.0 {
        return Err(NumericError::LogarithmOfZero);
    }
    if number < 0.0 {
        return Err(NumericError::LogarithmOfNegative);
    }
    Ok(())
}

/// `ln(number)`.
pub fn ln(number: f64) -> NumericResult<f64> {
    check_logarithm(number)?;
    Ok(number.ln())
}

/// `log10(number)`.
pub fn log10(number: f64) -> NumericResult<f64> {
    check_logarithm(number)?;
    Ok(number.log10())
}

/// `sqrt(number)`.
pub fn sqrt(number: f64) -> NumericResult<f64> {
    if number < 0.0 {
        return Err(NumericError::NegativeSquareRoot);
    }
    Ok(number.sqrt())
}

/// `cbrt(number)`.
pub fn cbrt(number: f64) -> f64 {
    number.cbrt()
}

/// `power(base, exponent)`.
pub fn power(base: f64, exponent: f64) -> NumericResult<f64> {
    if base.is_nan() || exponent.is_nan() {
        return Ok(if base == 1.0 || exponent == 0.0 { 1.0 } else { f64::NAN });
    }
    if base == 0.0 && exponent < 0.0 {
        return Err(NumericError::ZeroToNegativePower);
    }
    if base < 0.0 && exponent.floor() != exponent {
        return Err(NumericError::ComplexPower);
    }
    let result = base.powf(exponent);
    if base.is_finite() && exponent.is_finite() {
        if result.is_infinite() {
            return Err(NumericError::FloatOverflow);
        }
        if result == 0.0 && base != 0.0 {
            return Err(NumericError::FloatUnderflow);
        }
    }
    Ok(result)
}

/// `degrees(radians)`.
pub fn degrees(radians: f64) -> NumericResult<f64> {
    radians.over(RADIANS_PER_DEGREE)
}

/// `radians(degrees)`.
pub fn radians(degrees: f64) -> NumericResult<f64> {
    degrees.times(RADIANS_PER_DEGREE)
}

/// `sign(number)`: 0 for NaN too.
pub fn sign(number: f64) -> f64 {
    if number > 0.0 {
        1.0
    } else if number < 0.0 {
        -1.0
    } else {
        0.0
    }
}

/// `round(number)`: halves to even.
pub fn round(number: f64) -> f64 {
    number.round_ties_even()
}

fn finite_angle(angle: f64) -> NumericResult<f64> {
    match angle.is_infinite() {
        true => Err(NumericError::FloatInput),
        false => Ok(angle),
    }
}

/// `sin(angle)`.
pub fn sin(angle: f64) -> NumericResult<f64> {
    Ok(finite_angle(angle)?.sin())
}

/// `cos(angle)`.
pub fn cos(angle: f64) -> NumericResult<f64> {
    Ok(finite_angle(angle)?.cos())
}

/// `tan(angle)`.
pub fn tan(angle: f64) -> NumericResult<f64> {
    Ok(finite_angle(angle)?.tan())
}

/// `cot(angle)`.
pub fn cot(angle: f64) -> NumericResult<f64> {
    Ok(1.0 / finite_angle(angle)?.tan())
}

/// `asin(number)`.
pub fn asin(number: f64) -> NumericResult<f64> {
    Ok(within_one(number)?.asin())
}

/// `acos(number)`.
pub fn acos(number: f64) -> NumericResult<f64> {
    Ok(within_one(number)?.acos())
}

fn within_one(number: f64) -> NumericResult<f64> {
    match number.abs() > 1.0 {
        true => Err(NumericError::FloatInput),
        false => Ok(number),
    }
}

/// `atan(number)`.
pub fn atan(number: f64) -> f64 {
    number.atan()
}

/// `atan2(y, x)`.
pub fn atan2(y: f64, x: f64) -> f64 {
    y.atan2(x)
}

/// `sinh(number)`: infinite where it is too great.
pub fn sinh(number: f64) -> f64 {
    number.sinh()
}

/// `cosh(number)`: infinite where it is too great.
pub fn cosh(number: f64) -> f64 {
    number.cosh()
}

/// `tanh(number)`.
pub fn tanh(number: f64) -> f64 {
    number.tanh()
}

/// `asinh(number)`, by the formulas of C's libraries: Rust's own differ in the last digit.
pub fn asinh(number: f64) -> f64 {
    let size = number.abs();
    if !number.is_finite() || size < SMALL {
        return number;
    }
    let square = size * size;
    // The libraries look at the upper half of its bits only.
    let result = if size >= GREAT + 256.0 {
        size.ln() + std::f64::consts::LN_2
    } else if size > 2.0 {
        (2.0 * size + 1.0 / ((square + 1.0).sqrt() + size)).ln()
    } else {
        (size + square / (1.0 + (1.0 + square).sqrt())).ln_1p()
    };
    result.copysign(number)
}

/// `acosh(number)`.
pub fn acosh(number: f64) -> NumericResult<f64> {
    if number < 1.0 {
        return Err(NumericError::FloatInput);
    }
    if !number.is_finite() {
        return Ok(number);
    }
    let above = number - 1.0;
    Ok(if number >= GREAT {
        number.ln() + std::f64::consts::LN_2
    } else if number > 2.0 {
        (2.0 * number - 1.0 / (number + (number * number - 1.0).sqrt())).ln()
    } else {
        (above + (2.0 * above + above * above).sqrt()).ln_1p()
    })
}

/// `atanh(number)`.
pub fn atanh(number: f64) -> NumericResult<f64> {
    let size = within_one(number)?.abs();
    if size == 1.0 {
        return Ok(f64::INFINITY.copysign(number));
    }
    if size < SMALL {
        return Ok(number);
    }
    let double = size + size;
    let result = match size < 0.5 {
        true => 0.5 * (double + double * size / (1.0 - size)).ln_1p(),
        false => 0.5 * (double / (1.0 - size)).ln_1p(),
    };
    Ok(result.copysign(number))
}

/// `width_bucket(operand, low, high, count)` of floats.
pub fn width_bucket(operand: f64, low: f64, high: f64, count: i32) -> NumericResult<i32> {
    if count <= 0 {
        return Err(NumericError::BucketCount);
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return Err(NumericError::BucketNaN);
    }
    if low.is_infinite() || high.is_infinite() {
        return Err(NumericError::BucketInfinite);
    }
    if low == high {
        return Err(NumericError::BucketEmpty);
    }
    let (before, behind, offset, width) = match low < high {
        true => (operand < low, operand >= high, operand - low, high - low),
        false => (operand > low, operand <= high, low - operand, low - high),
    };
    if before {
        return Ok(0);
    }
    if behind {
        return count.checked_add(1).ok_or(NumericError::IntegerOutOfRange(NumberType::Int4));
    }
    let bucket = f64::from(count) * offset / width + 1.0;
    // What a width or an offset beyond all floats makes of it is what the machine's conversion makes of such a number.
    Ok(if bucket.is_nan() || bucket >= 2_147_483_648.0 { i32::MIN } else { bucket as i32 })
}
