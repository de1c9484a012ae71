//! Square roots.

use crate::decimal::{Decimal, power_of_ten};
use crate::division::result_scale;
use crate::error::{NumericError, NumericResult};
use crate::value::{Numeric, Special};
use num_bigint::BigInt;

impl Numeric {
    /// `sqrt(self)`.
    pub fn sqrt(&self) -> NumericResult<Numeric> {
        let decimal = match self.decimal() {
            Ok(decimal) => decimal,
            Err(Special::NegativeInfinity) => return Err(NumericError::NegativeSquareRoot),
            Err(special) => return Ok(Numeric::special(special)),
        };
        if decimal.is_negative() {
            return Err(NumericError::NegativeSquareRoot);
        }
        // Where the root begins, estimated from the group of four digits in which the number begins.
        let weight = (decimal.magnitude().weight + 1) * 2 - 1;
        root(&decimal, result_scale(weight, &[decimal.scale])).into_numeric()
    }
}

/// The square root of what is not negative, halves away from zero.
pub(crate) fn root(decimal: &Decimal, scale: u32) -> Decimal {
    // Cut off behind the first digit that is not shown, it is rounded as the whole of it would be.
    let shift = 2 * (i64::from(scale) + 1) - i64::from(decimal.scale);
    let square = match shift >= 0 {
        true => decimal.mantissa.magnitude() * power_of_ten(shift as u64),
        false => decimal.mantissa.magnitude() / power_of_ten(shift.unsigned_abs()),
    };
    Decimal::new(BigInt::from(square.sqrt()), scale + 1).rounded(i64::from(scale))
}
