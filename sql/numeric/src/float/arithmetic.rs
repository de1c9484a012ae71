//! Operators of floats, their order, and casts to integers.

use crate::error::{NumberType, NumericError, NumericResult};
use std::cmp::Ordering;

/// A float type of SQL.
pub trait Float: Copy {
    /// `self + other`.
    fn plus(self, other: Self) -> NumericResult<Self>;
    /// `self - other`.
    fn minus(self, other: Self) -> NumericResult<Self>;
    /// `self * other`.
    fn times(self, other: Self) -> NumericResult<Self>;
    /// `self / divisor`.
    fn over(self, divisor: Self) -> NumericResult<Self>;
    /// `self::smallint`, halves to even.
    fn to_int2(self) -> NumericResult<i16>;
    /// `self::integer`, halves to even.
    fn to_int4(self) -> NumericResult<i32>;
    /// `self::bigint`, halves to even.
    fn to_int8(self) -> NumericResult<i64>;
}

macro_rules! float {
    ($float:ty) => {
        impl Float for $float {
            #[inline]
            fn plus(self, other: $float) -> NumericResult<$float> {
                finite(self + other, self.is_finite() && other.is_finite())
            }

            #[inline]
            fn minus(self, other: $float) -> NumericResult<$float> {
                finite(self - other, self.is_finite() && other.is_finite())
            }

            #[inline]
            fn times(self, other: $float) -> NumericResult<$float> {
                let product = self * other;
                if product == 0.0 && self != 0.0 && other != 0.0 {
                    return Err(NumericError::FloatUnderflow);
                }
                finite(product, !self.is_infinite() && !other.is_infinite())
            }

            #[inline]
            fn over(self, divisor: $float) -> NumericResult<$float> {
                if divisor == 0.0 && !self.is_nan() {
                    return Err(NumericError::DivisionByZero);
                }
                let quotient = self / divisor;
                if quotient == 0.0 && self != 0.0 && !divisor.is_infinite() {
                    return Err(NumericError::FloatUnderflow);
                }
                finite(quotient, !self.is_infinite())
            }

            fn to_int2(self) -> NumericResult<i16> {
                let rounded = self.round_ties_even();
                if (-32_768.0..32_768.0).contains(&rounded) {
                    return Ok(rounded as i16);
                }
                Err(NumericError::IntegerOutOfRange(NumberType::Int2))
            }

            fn to_int4(self) -> NumericResult<i32> {
                let rounded = self.round_ties_even();
                if (-2_147_483_648.0..2_147_483_648.0).contains(&rounded) {
                    return Ok(rounded as i32);
                }
                Err(NumericError::IntegerOutOfRange(NumberType::Int4))
            }

            fn to_int8(self) -> NumericResult<i64> {
                let rounded = self.round_ties_even();
                if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&rounded) {
                    return Ok(rounded as i64);
                }
                Err(NumericError::IntegerOutOfRange(NumberType::Int8))
            }
        }
    };
}

/// A result that must be finite if its operands were.
#[inline]
fn finite<F: Copy + Into<f64>>(result: F, expected: bool) -> NumericResult<F> {
    if expected && result.into().is_infinite() {
        return Err(NumericError::FloatOverflow);
    }
    Ok(result)
}

float!(f32);
float!(f64);

/// The order of floats: NaN is greatest and equals itself, the two zeros are equal.
#[inline]
pub fn compare<F: Into<f64>>(left: F, right: F) -> Ordering {
    let (left, right) = (left.into(), right.into());
    left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
}

/// `float::real`.
pub fn to_float4(float: f64) -> NumericResult<f32> {
    let narrow = float as f32;
    if narrow == 0.0 && float != 0.0 {
        return Err(NumericError::FloatUnderflow);
    }
    finite(narrow, !float.is_infinite())
}
