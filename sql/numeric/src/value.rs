//! How a numeric is held.
//!
//! Invariants
//!
//! 1. A value whose mantissa's magnitude fits 127 bits is held inline, all others boxed: so two forms are never equal.
//! 2. No scale is above 16,383, and no value has more than 131,072 digits before its point: whatever makes a value checks it.

use crate::decimal::{Decimal, WHOLE_DIGITS_MAX};
use std::borrow::Cow;

/// A number with up to 131,072 digits before its point and 16,383 behind it, NaN, or an infinity.
#[derive(Clone)]
pub struct Numeric(Form);

/// The mantissa is in two halves so that a value takes 24 bytes, not 32.
#[derive(Clone)]
enum Form {
    Small { low: u64, high: i64, scale: u16 },
    Big(Box<Decimal>),
    NaN,
    Infinity,
    NegativeInfinity,
}

/// A value to match on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum View<'a> {
    Small(i128, u16),
    Big(&'a Decimal),
    Special(Special),
}

/// What is no number, in the order of their kind: finite values lie between the infinities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    NegativeInfinity,
    Infinity,
    NaN,
}

/// Which side of zero a number is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)] // each says itself what it is
pub enum Sign {
    Negative,
    Zero,
    Positive,
}

/// A mantissa at another scale, if that loses nothing and it fits a word.
fn exactly(mantissa: i128, own: u16, scale: u16) -> Option<i64> {
    if mantissa == 0 {
        return Some(0);
    }
    // No other number of 127 bits can be multiplied by a power that is not there, or divided without a rest.
    let power = *crate::decimal::POWERS.get(usize::from(own.abs_diff(scale)))?;
    let exact = match own <= scale {
        true => mantissa.checked_mul(power)?,
        false => (mantissa % power == 0).then_some(mantissa / power)?,
    };
    i64::try_from(exact).ok()
}

impl Numeric {
    /// Not a number; greater than all numbers, equal to itself.
    pub const NAN: Numeric = Numeric(Form::NaN);
    /// Greater than all numbers but NaN.
    pub const INFINITY: Numeric = Numeric(Form::Infinity);
    /// Less than all numbers.
    pub const NEGATIVE_INFINITY: Numeric = Numeric(Form::NegativeInfinity);
    /// Zero without decimals.
    pub const ZERO: Numeric = Numeric(Form::Small { low: 0, high: 0, scale: 0 });
    /// One without decimals.
    pub const ONE: Numeric = Numeric(Form::Small { low: 1, high: 0, scale: 0 });

    /// `mantissa` divided by ten to the power of `scale`: what a vector of mantissas with one scale holds.
    #[inline]
    pub fn from_mantissa(mantissa: i64, scale: u16) -> Numeric {
        debug_assert!(u32::from(scale) <= crate::decimal::SCALE_MAX);
        Numeric::small(i128::from(mantissa), scale)
    }

    /// Mantissa and scale, if the mantissa fits a word.
    #[inline]
    pub fn to_mantissa(&self) -> Option<(i64, u16)> {
        match self.view() {
            View::Small(mantissa, scale) => Some((i64::try_from(mantissa).ok()?, scale)),
            View::Big(_) | View::Special(_) => None,
        }
    }

    /// The mantissa at a scale that is not less than the value's own, if that fits a word.
    #[inline]
    pub fn mantissa_at(&self, scale: u16) -> Option<i64> {
        let (mantissa, own) = self.to_mantissa()?;
        if own == scale {
            return Some(mantissa);
        }
        let power = i64::try_from(*crate::decimal::POWERS.get(usize::from(scale.checked_sub(own)?))?).ok()?;
        mantissa.checked_mul(power)
    }

    /// The mantissa at a scale, if the value is exactly that and it fits a word: however many zeros it is written with.
    pub fn exactly_at(&self, scale: u16) -> Option<i64> {
        match self.view() {
            View::Special(_) => None,
            View::Small(mantissa, own) => exactly(mantissa, own, scale),
            View::Big(decimal) => {
                let trimmed = decimal.trimmed();
                let mantissa = i128::try_from(&trimmed.mantissa).ok()?;
                exactly(mantissa, u16::try_from(trimmed.scale).ok()?, scale)
            }
        }
    }

    #[inline]
    pub(crate) fn small(mantissa: i128, scale: u16) -> Numeric {
        debug_assert!(mantissa != i128::MIN);
        Numeric(Form::Small { low: mantissa as u64, high: (mantissa >> 64) as i64, scale })
    }

    pub(crate) fn big(decimal: Decimal) -> Numeric {
        debug_assert!(decimal.mantissa.bits() > 127);
        debug_assert!(decimal.digits() as i64 - i64::from(decimal.scale) <= WHOLE_DIGITS_MAX);
        Numeric(Form::Big(Box::new(decimal)))
    }

    pub(crate) fn special(special: Special) -> Numeric {
        match special {
            Special::NaN => Numeric::NAN,
            Special::Infinity => Numeric::INFINITY,
            Special::NegativeInfinity => Numeric::NEGATIVE_INFINITY,
        }
    }

    #[inline]
    pub(crate) fn view(&self) -> View<'_> {
        match &self.0 {
            Form::Small { low, high, scale } => {
                View::Small((i128::from(*high) << 64) | i128::from(*low), *scale)
            }
            Form::Big(decimal) => View::Big(decimal),
            Form::NaN => View::Special(Special::NaN),
            Form::Infinity => View::Special(Special::Infinity),
            Form::NegativeInfinity => View::Special(Special::NegativeInfinity),
        }
    }

    /// The value for slow paths, or what it is instead of a number.
    pub(crate) fn decimal(&self) -> Result<Cow<'_, Decimal>, Special> {
        match self.view() {
            View::Small(mantissa, scale) => Ok(Cow::Owned(Decimal::new(mantissa, u32::from(scale)))),
            View::Big(decimal) => Ok(Cow::Borrowed(decimal)),
            View::Special(special) => Err(special),
        }
    }

    /// Whether it is NaN.
    pub fn is_nan(&self) -> bool {
        matches!(self.0, Form::NaN)
    }

    /// Whether it is one of the two infinities.
    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Form::Infinity | Form::NegativeInfinity)
    }

    /// Whether it is a number.
    pub fn is_finite(&self) -> bool {
        matches!(self.0, Form::Small { .. } | Form::Big(_))
    }

    /// Its side of zero; `None` for NaN.
    pub fn side(&self) -> Option<Sign> {
        match self.view() {
            View::Small(mantissa, _) if mantissa > 0 => Some(Sign::Positive),
            View::Small(0, _) => Some(Sign::Zero),
            View::Small(..) => Some(Sign::Negative),
            View::Big(decimal) if decimal.is_negative() => Some(Sign::Negative),
            View::Big(_) => Some(Sign::Positive),
            View::Special(Special::NaN) => None,
            View::Special(Special::Infinity) => Some(Sign::Positive),
            View::Special(Special::NegativeInfinity) => Some(Sign::Negative),
        }
    }

    /// Whether it is a number without digits other than zero behind its point.
    pub(crate) fn is_integral(&self) -> bool {
        match self.view() {
            View::Small(_, 0) => true,
            View::Special(_) => false,
            View::Small(..) | View::Big(_) => self.decimal().is_ok_and(|decimal| decimal.is_integral()),
        }
    }

    /// Bytes that it holds beside its own 24.
    pub fn heap_size(&self) -> usize {
        match self.view() {
            View::Big(decimal) => size_of::<Decimal>() + decimal.mantissa.bits().div_ceil(8) as usize,
            View::Small(..) | View::Special(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Numeric;

    #[test]
    fn a_value_takes_three_words() {
        assert_eq!(size_of::<Numeric>(), 24);
        assert_eq!(size_of::<Option<Numeric>>(), 24);
    }

    #[test]
    fn mantissas_go_to_a_common_scale_where_they_fit() {
        let value = Numeric::from_mantissa(-125, 2);
        assert_eq!(value.to_string(), "-1.25");
        assert_eq!(value.mantissa_at(4), Some(-12_500));
        assert_eq!(value.mantissa_at(1), None);
        assert_eq!(value.mantissa_at(30), None);
    }
}
