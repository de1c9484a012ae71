//! Precision and scale of a column: `numeric(p,s)`.

use crate::decimal::{Decimal, POWERS, power_of_ten};
use crate::error::{NumericError, NumericResult};
use crate::value::{Numeric, Special, View};

/// What `numeric(p,s)` allows: values are rounded to `s` decimals (to tens, hundreds, … where it is negative) and must then
/// be less than ten to the power of `p - s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Modifier {
    precision: u16,
    scale: i16,
}

/// What PostgreSQL adds to every packed modifier: the size of a header of its own.
const HEADER: i32 = 4;

impl Modifier {
    /// Checks `numeric(p,s)`.
    pub fn new(precision: i64, scale: i64) -> NumericResult<Modifier> {
        if !(1..=1000).contains(&precision) {
            return Err(NumericError::Precision(precision));
        }
        if !(-1000..=1000).contains(&scale) {
            return Err(NumericError::Scale(scale));
        }
        Ok(Modifier { precision: precision as u16, scale: scale as i16 })
    }

    /// What stands in parentheses behind the type's name.
    pub fn from_list(list: &[i64]) -> NumericResult<Modifier> {
        match *list {
            [precision] => Modifier::new(precision, 0),
            [precision, scale] => Modifier::new(precision, scale),
            _ => Err(NumericError::ModifierCount),
        }
    }

    /// From PostgreSQL's packed form (`atttypmod`); `None` for one that says nothing.
    pub fn unpack(packed: i32) -> Option<Modifier> {
        let modifier = Modifier::unpack_anything(packed)?;
        Modifier::new(i64::from(modifier.precision), i64::from(modifier.scale)).ok()
    }

    /// As [`Modifier::unpack`], of what nobody checked: `to_number` makes it from its template, and `format_type`
    /// shows whatever it is given.
    pub fn unpack_anything(packed: i32) -> Option<Modifier> {
        let packed = packed.checked_sub(HEADER).filter(|packed| *packed >= 0)?;
        // Eleven bits with a sign.
        let scale = ((packed & 0x7ff) ^ 0x400) - 0x400;
        Some(Modifier { precision: (packed >> 16) as u16, scale: scale as i16 })
    }

    /// PostgreSQL's packed form.
    pub fn pack(self) -> i32 {
        ((i32::from(self.precision) << 16) | (i32::from(self.scale) & 0x7ff)) + HEADER
    }

    /// Digits in all.
    pub fn precision(self) -> u16 {
        self.precision
    }

    /// Decimals.
    pub fn scale(self) -> i16 {
        self.scale
    }

    /// The value rounded to the scale, if it then keeps the precision.
    pub fn fit(self, value: &Numeric) -> NumericResult<Numeric> {
        match value.view() {
            View::Small(mantissa, scale) => match self.fit_small(mantissa, scale) {
                Some(fitted) => Ok(fitted),
                None => self.fit_decimal(&Decimal::new(mantissa, u32::from(scale)))?.into_numeric(),
            },
            View::Big(decimal) => self.fit_decimal(decimal)?.into_numeric(),
            View::Special(Special::NaN) => Ok(Numeric::NAN),
            View::Special(Special::Infinity | Special::NegativeInfinity) => Err(self.overflow(true)),
        }
    }

    /// The common case: no need to round, and a limit that fits inline.
    fn fit_small(self, mantissa: i128, scale: u16) -> Option<Numeric> {
        let more = usize::try_from(i32::from(self.scale) - i32::from(scale)).ok()?;
        let fitted = if more == 0 { mantissa } else { mantissa.checked_mul(*POWERS.get(more)?)? };
        let limit = POWERS.get(usize::from(self.precision))?;
        (fitted.checked_abs()? < *limit).then(|| Numeric::small(fitted, self.scale.max(0) as u16))
    }

    pub(crate) fn fit_decimal(self, decimal: &Decimal) -> NumericResult<Decimal> {
        let rounded = decimal.rounded(i64::from(self.scale));
        // Rounded to hundreds, a value has two more digits than the precision counts.
        let digits = i64::from(self.precision) + i64::from(self.scale.min(0).unsigned_abs());
        match *rounded.mantissa.magnitude() < power_of_ten(digits as u64) {
            true => Ok(rounded),
            false => Err(self.overflow(false)),
        }
    }

    pub(crate) fn overflow(self, infinite: bool) -> NumericError {
        NumericError::FieldOverflow { precision: self.precision, scale: self.scale, infinite }
    }
}

#[cfg(test)]
mod tests {
    use super::Modifier;

    #[test]
    fn packed_forms_are_postgresqls() {
        for (precision, scale, packed) in [
            (10, 2, 655_366),
            (1000, 1000, 65_537_004),
            (5, -2, 329_730),
            (1000, -1000, 65_537_052),
            (3, 0, 196_612),
        ] {
            let modifier = Modifier::new(precision, scale).unwrap();
            assert_eq!(modifier.pack(), packed);
            assert_eq!(Modifier::unpack(packed), Some(modifier));
        }
        assert_eq!(Modifier::unpack(-1), None);
        assert_eq!(Modifier::unpack(i32::MIN), None);
    }

    #[test]
    fn lists_are_checked() {
        for (list, message) in [
            (&[][..], "invalid NUMERIC type modifier"),
            (&[1, 2, 3], "invalid NUMERIC type modifier"),
            (&[0], "NUMERIC precision 0 must be between 1 and 1000"),
            (&[1001, 5], "NUMERIC precision 1001 must be between 1 and 1000"),
            (&[5, -1001], "NUMERIC scale -1001 must be between -1000 and 1000"),
        ] {
            assert_eq!(Modifier::from_list(list).unwrap_err().to_string(), message);
        }
    }
}
