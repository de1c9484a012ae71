//! Sum, difference, product, and signs. All are exact, but for a product of more than 16,383 decimals.

use crate::decimal::{POWERS, SCALE_MAX};
use crate::error::NumericResult;
use crate::value::{Numeric, Sign, Special, View};

impl Numeric {
    /// `self + other`.
    #[inline]
    pub fn add(&self, other: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) = (self.view(), other.view())
            && let Some((left, right, scale)) = aligned(left, left_scale, right, right_scale)
            && let Some(sum) = left.checked_add(right)
            && sum != i128::MIN
        {
            return Ok(Numeric::small(sum, scale));
        }
        self.add_slowly(other)
    }

    /// `self - other`.
    #[inline]
    pub fn subtract(&self, other: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) = (self.view(), other.view())
            && let Some((left, right, scale)) = aligned(left, left_scale, right, right_scale)
            && let Some(difference) = left.checked_sub(right)
            && difference != i128::MIN
        {
            return Ok(Numeric::small(difference, scale));
        }
        self.add_slowly(&other.negate())
    }

    /// `self * other`.
    #[inline]
    pub fn multiply(&self, other: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) = (self.view(), other.view())
            && let (Ok(left), Ok(right)) = (i64::try_from(left), i64::try_from(right))
            && u32::from(left_scale) + u32::from(right_scale) <= SCALE_MAX
        {
            return Ok(Numeric::small(i128::from(left) * i128::from(right), left_scale + right_scale));
        }
        self.multiply_slowly(other)
    }

    #[cold]
    fn add_slowly(&self, other: &Numeric) -> NumericResult<Numeric> {
        match (self.decimal(), other.decimal()) {
            (Ok(left), Ok(right)) => left.add(&right).into_numeric(),
            (Ok(_), Err(special)) | (Err(special), Ok(_)) => Ok(Numeric::special(special)),
            (Err(left), Err(right)) if left == right => Ok(Numeric::special(left)),
            // NaN, or the two infinities.
            (Err(_), Err(_)) => Ok(Numeric::NAN),
        }
    }

    fn multiply_slowly(&self, other: &Numeric) -> NumericResult<Numeric> {
        if let (View::Small(left, left_scale), View::Small(right, right_scale)) = (self.view(), other.view())
            && u32::from(left_scale) + u32::from(right_scale) <= SCALE_MAX
            && let Some(product) = left.checked_mul(right)
            && product != i128::MIN
        {
            return Ok(Numeric::small(product, left_scale + right_scale));
        }
        let (Ok(left), Ok(right)) = (self.decimal(), other.decimal()) else {
            return Ok(self.multiply_special(other));
        };
        let product = left.multiply(&right);
        match product.scale <= SCALE_MAX {
            true => product.into_numeric(),
            false => product.rounded(i64::from(SCALE_MAX)).into_numeric(),
        }
    }

    /// A product with an infinity or NaN.
    fn multiply_special(&self, other: &Numeric) -> Numeric {
        match (self.side(), other.side()) {
            (None, _) | (_, None) | (Some(Sign::Zero), _) | (_, Some(Sign::Zero)) => Numeric::NAN,
            (left, right) if left == right => Numeric::INFINITY,
            _ => Numeric::NEGATIVE_INFINITY,
        }
    }

    /// `-self`.
    pub fn negate(&self) -> Numeric {
        match self.view() {
            View::Small(mantissa, scale) => Numeric::small(-mantissa, scale),
            View::Big(decimal) => {
                let mut decimal = decimal.clone();
                decimal.mantissa = -decimal.mantissa;
                Numeric::big(decimal)
            }
            View::Special(Special::NaN) => Numeric::NAN,
            View::Special(Special::Infinity) => Numeric::NEGATIVE_INFINITY,
            View::Special(Special::NegativeInfinity) => Numeric::INFINITY,
        }
    }

    /// Without its sign.
    pub fn abs(&self) -> Numeric {
        match self.side() {
            Some(Sign::Negative) => self.negate(),
            Some(Sign::Zero | Sign::Positive) | None => self.clone(),
        }
    }

    /// -1, 0, 1, or NaN.
    pub fn sign(&self) -> Numeric {
        match self.side() {
            Some(Sign::Negative) => Numeric::from(-1),
            Some(Sign::Zero) => Numeric::ZERO,
            Some(Sign::Positive) => Numeric::ONE,
            None => Numeric::NAN,
        }
    }
}

/// Both mantissas at the greater of the scales, if that needs no more than 127 bits.
#[inline]
pub(crate) fn aligned(
    left: i128,
    left_scale: u16,
    right: i128,
    right_scale: u16,
) -> Option<(i128, i128, u16)> {
    if left_scale == right_scale {
        return Some((left, right, left_scale));
    }
    if left_scale < right_scale {
        Some((scaled(left, right_scale - left_scale)?, right, right_scale))
    } else {
        Some((left, scaled(right, left_scale - right_scale)?, left_scale))
    }
}

/// A mantissa with `by` decimals more.
#[inline]
pub(crate) fn scaled(mantissa: i128, by: u16) -> Option<i128> {
    let power = *POWERS.get(usize::from(by))?;
    match (i64::try_from(mantissa), i64::try_from(power)) {
        (Ok(mantissa), Ok(power)) => Some(i128::from(mantissa) * i128::from(power)),
        _ => mantissa.checked_mul(power),
    }
}
