//! Numerics from and to integers and floats.

use crate::error::{NumberType, NumericError, NumericResult};
use crate::value::{Numeric, Special, View};

macro_rules! from_integer {
    ($($integer:ty),*) => {
        $(impl From<$integer> for Numeric {
            #[inline]
            fn from(integer: $integer) -> Numeric {
                Numeric::small(i128::from(integer), 0)
            }
        })*
    };
}

from_integer!(i16, i32, i64, u16, u32, u64);

/// The greatest integer below which all are doubles.
const EXACT: i128 = 1 << 53;
/// Powers of ten that are doubles.
const FLOAT_POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

impl Numeric {
    /// `self::smallint`, rounded.
    pub fn to_int2(&self) -> NumericResult<i16> {
        let integer = self.whole(NumberType::Int2)?;
        i16::try_from(integer).map_err(|_| NumericError::IntegerOutOfRange(NumberType::Int2))
    }

    /// `self::integer`, rounded.
    pub fn to_int4(&self) -> NumericResult<i32> {
        let integer = self.whole(NumberType::Int4)?;
        i32::try_from(integer).map_err(|_| NumericError::IntegerOutOfRange(NumberType::Int4))
    }

    /// `self::bigint`, rounded.
    pub fn to_int8(&self) -> NumericResult<i64> {
        let integer = self.whole(NumberType::Int8)?;
        i64::try_from(integer).map_err(|_| NumericError::IntegerOutOfRange(NumberType::Int8))
    }

    fn whole(&self, number: NumberType) -> NumericResult<i128> {
        let no_integer = |value| NumericError::NoInteger { value, number };
        match self.view() {
            View::Small(mantissa, 0) => Ok(mantissa),
            View::Small(..) | View::Big(_) => match self.round(0)?.view() {
                View::Small(mantissa, _) => Ok(mantissa),
                View::Big(_) | View::Special(_) => Err(NumericError::IntegerOutOfRange(number)),
            },
            View::Special(Special::NaN) => Err(no_integer("NaN")),
            View::Special(Special::Infinity | Special::NegativeInfinity) => Err(no_integer("infinity")),
        }
    }

    /// The nearest double, or an infinity or zero where there is none near.
    pub fn to_float8_lossy(&self) -> f64 {
        match self.view() {
            // Both are exact, so that one division rounds correctly.
            View::Small(mantissa, scale)
                if mantissa.abs() < EXACT && usize::from(scale) < FLOAT_POWERS.len() =>
            {
                mantissa as f64 / FLOAT_POWERS[usize::from(scale)]
            }
            View::Small(..) | View::Big(_) => self.decimal().map_or(f64::NAN, |decimal| decimal.to_float()),
            View::Special(Special::NaN) => f64::NAN,
            View::Special(Special::Infinity) => f64::INFINITY,
            View::Special(Special::NegativeInfinity) => f64::NEG_INFINITY,
        }
    }

    /// `self::double precision`.
    pub fn to_float8(&self) -> NumericResult<f64> {
        let float = self.to_float8_lossy();
        let lost = float.is_infinite() && !self.is_infinite() || float == 0.0 && *self != Numeric::ZERO;
        match lost {
            true => Err(NumericError::FloatText { number: NumberType::Float8, text: self.to_string() }),
            false => Ok(float),
        }
    }

    /// `self::real`.
    pub fn to_float4(&self) -> NumericResult<f32> {
        match self.view() {
            View::Small(..) | View::Big(_) => crate::float::parse_float4(&self.to_string()),
            View::Special(_) => Ok(self.to_float8_lossy() as f32),
        }
    }

    /// `float::numeric`: the fifteen significant digits that every double keeps.
    pub fn from_float8(float: f64) -> NumericResult<Numeric> {
        from_float(float, 15)
    }

    /// `float::numeric`: the six significant digits that every float keeps.
    pub fn from_float4(float: f32) -> NumericResult<Numeric> {
        from_float(f64::from(float), 6)
    }
}

fn from_float(float: f64, digits: usize) -> NumericResult<Numeric> {
    if float.is_nan() {
        return Ok(Numeric::NAN);
    }
    if float.is_infinite() {
        return Ok(if float > 0.0 { Numeric::INFINITY } else { Numeric::NEGATIVE_INFINITY });
    }
    let text = format!("{float:.*e}", digits - 1);
    // The zeros at the digits' end are no part of the value.
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{exponent}", digits.trim_end_matches('0')).parse()
}

#[cfg(test)]
mod tests {
    use super::FLOAT_POWERS;

    #[test]
    fn powers_are_exact() {
        for (exponent, power) in FLOAT_POWERS.iter().enumerate() {
            assert_eq!(*power as u128, 10_u128.pow(exponent as u32));
        }
    }
}
