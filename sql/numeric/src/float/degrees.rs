//! Trigonometry in degrees, exact where people expect it: `sind(30)` is 0.5.
//!
//! Each function is reduced to a part of the first quadrant and scaled by the library's own value at 30, 45 or 60 degrees: at
//! those angles the quotient is exactly one, whatever the library's last digit is.

use super::functions::RADIANS_PER_DEGREE;
use crate::error::{NumericError, NumericResult};

fn sine_to_30(degrees: f64) -> f64 {
    (degrees * RADIANS_PER_DEGREE).sin() / (30.0 * RADIANS_PER_DEGREE).sin() / 2.0
}

fn cosine_to_60(degrees: f64) -> f64 {
    let below_one = |degrees: f64| 1.0 - (degrees * RADIANS_PER_DEGREE).cos();
    1.0 - below_one(degrees) / below_one(60.0) / 2.0
}

fn sine_to_90(degrees: f64) -> f64 {
    if degrees <= 30.0 { sine_to_30(degrees) } else { cosine_to_60(90.0 - degrees) }
}

fn cosine_to_90(degrees: f64) -> f64 {
    if degrees <= 60.0 { cosine_to_60(degrees) } else { sine_to_30(90.0 - degrees) }
}

fn arcsine_to_90(sine: f64) -> f64 {
    match sine <= 0.5 {
        true => sine.asin() / 0.5_f64.asin() * 30.0,
        false => 90.0 - sine.acos() / 0.5_f64.acos() * 60.0,
    }
}

fn arccosine_to_90(cosine: f64) -> f64 {
    match cosine <= 0.5 {
        true => 90.0 - cosine.asin() / 0.5_f64.asin() * 30.0,
        false => cosine.acos() / 0.5_f64.acos() * 60.0,
    }
}

/// An angle of the first quadrant and what it was reached by.
struct Reduced {
    degrees: f64,
    /// Whether the angle was mirrored at zero: below it, or from the second half of the circle.
    mirrored: bool,
    /// Whether it was mirrored at 90 degrees.
    crossed: bool,
}

/// NaN stays NaN.
fn reduce(degrees: f64) -> NumericResult<Reduced> {
    if degrees.is_infinite() {
        return Err(NumericError::FloatInput);
    }
    let mut degrees = degrees % 360.0;
    let mut mirrored = false;
    if degrees < 0.0 {
        degrees = -degrees;
        mirrored = true;
    }
    if degrees > 180.0 {
        degrees = 360.0 - degrees;
        mirrored = !mirrored;
    }
    let crossed = degrees > 90.0;
    if crossed {
        degrees = 180.0 - degrees;
    }
    Ok(Reduced { degrees, mirrored, crossed })
}

fn signed(value: f64, negative: bool) -> f64 {
    if negative { -value } else { value }
}

/// Zero without a sign.
fn unsigned_zero(value: f64) -> f64 {
    if value == 0.0 { 0.0 } else { value }
}

/// `sind(degrees)`.
pub fn sind(degrees: f64) -> NumericResult<f64> {
    let reduced = reduce(degrees)?;
    Ok(signed(sine_to_90(reduced.degrees), reduced.mirrored))
}

/// `cosd(degrees)`.
pub fn cosd(degrees: f64) -> NumericResult<f64> {
    let reduced = reduce(degrees)?;
    Ok(signed(cosine_to_90(reduced.degrees), reduced.crossed))
}

/// `tand(degrees)`.
pub fn tand(degrees: f64) -> NumericResult<f64> {
    let reduced = reduce(degrees)?;
    let tangent = |degrees: f64| sine_to_90(degrees) / cosine_to_90(degrees);
    let value = tangent(reduced.degrees) / tangent(45.0);
    Ok(unsigned_zero(signed(value, reduced.mirrored != reduced.crossed)))
}

/// `cotd(degrees)`.
pub fn cotd(degrees: f64) -> NumericResult<f64> {
    let reduced = reduce(degrees)?;
    let cotangent = |degrees: f64| cosine_to_90(degrees) / sine_to_90(degrees);
    let value = cotangent(reduced.degrees) / cotangent(45.0);
    Ok(unsigned_zero(signed(value, reduced.mirrored != reduced.crossed)))
}

/// `asind(sine)`.
pub fn asind(sine: f64) -> NumericResult<f64> {
    if sine.abs() > 1.0 {
        return Err(NumericError::FloatInput);
    }
    Ok(if sine >= 0.0 { arcsine_to_90(sine) } else { -arcsine_to_90(-sine) })
}

/// `acosd(cosine)`.
pub fn acosd(cosine: f64) -> NumericResult<f64> {
    if cosine.abs() > 1.0 {
        return Err(NumericError::FloatInput);
    }
    Ok(if cosine >= 0.0 { arccosine_to_90(cosine) } else { 90.0 + arcsine_to_90(-cosine) })
}

/// `atand(tangent)`.
pub fn atand(tangent: f64) -> f64 {
    tangent.atan() / 1_f64.atan() * 45.0
}

/// `atan2d(y, x)`.
pub fn atan2d(y: f64, x: f64) -> f64 {
    y.atan2(x) / 1_f64.atan() * 45.0
}
