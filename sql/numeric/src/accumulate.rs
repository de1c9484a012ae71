//! Aggregates of numerics: exact totals, and what is divided out of them at the end.
//!
//! A total is held in 127 bits for as long as they last, in whatever scale the values have had at most. Values can be taken
//! out again, so that a window's frame may move, except where that would change the scale that the result shows.

use crate::arithmetic::scaled;
use crate::decimal::Decimal;
use crate::division::decimal_quotient_scale;
use crate::error::{NumericError, NumericResult};
use crate::root::root;
use crate::value::{Numeric, Special, View};

/// An exact total.
#[derive(Debug, Clone, Default)]
struct Total {
    /// Most of it, or all.
    near: i128,
    scale: u16,
    /// What went beyond 127 bits.
    far: Option<Box<Decimal>>,
}

impl Total {
    #[inline]
    fn add(&mut self, mantissa: i128, scale: u16) {
        if scale == self.scale
            && let Some(near) = self.near.checked_add(mantissa)
        {
            self.near = near;
            return;
        }
        self.add_slowly(mantissa, scale);
    }

    #[cold]
    fn add_slowly(&mut self, mantissa: i128, scale: u16) {
        if scale > self.scale {
            match scaled(self.near, scale - self.scale) {
                Some(near) => self.near = near,
                None => self.move_far(),
            }
            self.scale = scale;
        }
        match scaled(mantissa, self.scale - scale).and_then(|mantissa| self.near.checked_add(mantissa)) {
            Some(near) => self.near = near,
            None => self.add_decimal(&Decimal::new(mantissa, u32::from(scale))),
        }
    }

    fn add_decimal(&mut self, decimal: &Decimal) {
        let sum = match &self.far {
            Some(far) => far.add(decimal),
            None => decimal.clone(),
        };
        self.far = Some(Box::new(sum));
    }

    fn move_far(&mut self) {
        let near = Decimal::new(self.near, u32::from(self.scale));
        self.near = 0;
        self.add_decimal(&near);
    }

    fn merge(&mut self, other: &Total) {
        self.add(other.near, other.scale);
        if let Some(far) = &other.far {
            self.add_decimal(far);
        }
    }

    /// The total's mantissa with a scale that no value's exceeds, if it is there as it is.
    fn near_at(&self, scale: u16) -> Option<i128> {
        (self.far.is_none() && self.scale == scale && self.near != i128::MIN).then_some(self.near)
    }

    /// The total with a scale that no value's exceeds.
    fn decimal(&self, scale: u32) -> Decimal {
        let near = Decimal::new(self.near, u32::from(self.scale));
        let all = match &self.far {
            Some(far) => far.add(&near),
            None => near,
        };
        // Values of greater scales may have been here and gone: then only zeros are cut off.
        all.rounded(i64::from(scale))
    }
}

/// How many values there are, and of which kinds.
#[derive(Debug, Clone, Default)]
struct Counts {
    finite: u64,
    nans: u64,
    infinities: u64,
    negative_infinities: u64,
    /// The greatest scale, and how many values have it.
    scale: u16,
    of_scale: u64,
}

impl Counts {
    #[inline]
    fn add(&mut self, scale: u16, count: u64) {
        self.finite += count;
        if scale == self.scale {
            self.of_scale += count;
        } else if scale > self.scale {
            self.scale = scale;
            self.of_scale = count;
        }
    }

    /// Whether a value of a scale may go without changing the scale of all.
    fn remove(&mut self, scale: u16) -> bool {
        if scale == self.scale {
            if self.of_scale > 1 || self.scale == 0 {
                self.of_scale -= 1;
            } else if self.finite > 1 {
                return false;
            } else {
                (self.scale, self.of_scale) = (0, 0);
            }
        }
        self.finite -= 1;
        true
    }

    fn special(&mut self, special: Special) -> &mut u64 {
        match special {
            Special::NaN => &mut self.nans,
            Special::Infinity => &mut self.infinities,
            Special::NegativeInfinity => &mut self.negative_infinities,
        }
    }

    fn merge(&mut self, other: &Counts) {
        self.add(other.scale, other.of_scale);
        self.finite += other.finite - other.of_scale;
        self.nans += other.nans;
        self.infinities += other.infinities;
        self.negative_infinities += other.negative_infinities;
    }

    fn all(&self) -> u64 {
        self.finite + self.nans + self.infinities + self.negative_infinities
    }

    /// What a sum is if not all values are finite.
    fn special_sum(&self) -> Option<Numeric> {
        if self.nans > 0 || self.infinities > 0 && self.negative_infinities > 0 {
            return Some(Numeric::NAN);
        }
        if self.infinities > 0 {
            return Some(Numeric::INFINITY);
        }
        (self.negative_infinities > 0).then_some(Numeric::NEGATIVE_INFINITY)
    }
}

/// What `sum` and `avg` need of a column of numerics or of integers.
#[derive(Debug, Clone, Default)]
pub struct Sum {
    counts: Counts,
    total: Total,
}

impl Sum {
    /// Takes in a value.
    #[inline]
    pub fn add(&mut self, value: &Numeric) {
        match value.view() {
            View::Small(mantissa, scale) => {
                self.counts.add(scale, 1);
                self.total.add(mantissa, scale);
            }
            View::Big(decimal) => {
                self.counts.add(decimal.scale as u16, 1);
                self.total.add_decimal(decimal);
            }
            View::Special(special) => *self.counts.special(special) += 1,
        }
    }

    /// Takes in an integer.
    #[inline]
    pub fn add_integer(&mut self, integer: i64) {
        self.counts.add(0, 1);
        self.total.add(i128::from(integer), 0);
    }

    /// Takes in a mantissa of a scale.
    #[inline]
    pub fn add_mantissa(&mut self, mantissa: i64, scale: u16) {
        self.counts.add(scale, 1);
        self.total.add(i128::from(mantissa), scale);
    }

    /// Takes in a vector of mantissas of one scale.
    pub fn add_mantissas(&mut self, mantissas: &[i64], scale: u16) {
        if mantissas.is_empty() {
            return;
        }
        self.counts.add(scale, mantissas.len() as u64);
        // As many words as memory holds cannot overflow 127 bits.
        self.total.add(mantissas.iter().map(|mantissa| i128::from(*mantissa)).sum(), scale);
    }

    /// Takes out a value that was taken in before; `false` if the rest must be taken in anew instead.
    #[must_use]
    pub fn remove(&mut self, value: &Numeric) -> bool {
        match value.view() {
            View::Small(mantissa, scale) => {
                if !self.counts.remove(scale) {
                    return false;
                }
                self.total.add(-mantissa, scale);
            }
            View::Big(decimal) => {
                if !self.counts.remove(decimal.scale as u16) {
                    return false;
                }
                self.total.add_decimal(&Decimal { mantissa: -&decimal.mantissa, scale: decimal.scale });
            }
            View::Special(special) => *self.counts.special(special) -= 1,
        }
        true
    }

    /// Takes in what another sum has.
    pub fn merge(&mut self, other: &Sum) {
        self.counts.merge(&other.counts);
        self.total.merge(&other.total);
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.counts.all()
    }

    /// `sum`: null without values.
    pub fn sum(&self) -> NumericResult<Option<Numeric>> {
        if self.counts.all() == 0 {
            return Ok(None);
        }
        match self.counts.special_sum() {
            Some(special) => Ok(Some(special)),
            None => match self.total.near_at(self.counts.scale) {
                Some(near) => Ok(Some(Numeric::small(near, self.counts.scale))),
                None => self.total.decimal(u32::from(self.counts.scale)).into_numeric().map(Some),
            },
        }
    }

    /// `avg`: null without values.
    pub fn average(&self) -> NumericResult<Option<Numeric>> {
        match self.sum()? {
            Some(sum) if sum.is_finite() => sum.divide(&Numeric::from(self.counts.finite)).map(Some),
            special => Ok(special),
        }
    }
}

/// What `variance`, `stddev` and their kin need of a column of numerics or of integers.
#[derive(Debug, Clone, Default)]
pub struct Moments {
    sum: Sum,
    squares: Total,
}

impl Moments {
    /// Takes in a value.
    pub fn add(&mut self, value: &Numeric) {
        self.sum.add(value);
        self.add_square(value, false);
    }

    /// Takes in an integer.
    #[inline]
    pub fn add_integer(&mut self, integer: i64) {
        self.sum.add_integer(integer);
        self.squares.add(i128::from(integer) * i128::from(integer), 0);
    }

    /// Takes in a vector of mantissas of one scale.
    pub fn add_mantissas(&mut self, mantissas: &[i64], scale: u16) {
        self.sum.add_mantissas(mantissas, scale);
        for mantissa in mantissas {
            self.squares.add(i128::from(*mantissa) * i128::from(*mantissa), scale * 2);
        }
    }

    fn add_square(&mut self, value: &Numeric, remove: bool) {
        let signed = |square: i128| if remove { -square } else { square };
        match value.view() {
            View::Small(mantissa, scale) => match mantissa.checked_mul(mantissa) {
                // Twice a value's scale is less than 32,768.
                Some(square) => self.squares.add(signed(square), scale * 2),
                None => self.add_long_square(&Decimal::new(mantissa, u32::from(scale)), remove),
            },
            View::Big(decimal) => self.add_long_square(decimal, remove),
            View::Special(_) => {}
        }
    }

    fn add_long_square(&mut self, decimal: &Decimal, remove: bool) {
        let mut square = decimal.multiply(decimal);
        if remove {
            square.mantissa = -square.mantissa;
        }
        self.squares.add_decimal(&square);
    }

    /// Takes out a value that was taken in before; `false` if the rest must be taken in anew instead.
    #[must_use]
    pub fn remove(&mut self, value: &Numeric) -> bool {
        if !self.sum.remove(value) {
            return false;
        }
        self.add_square(value, true);
        true
    }

    /// Takes in what others have.
    pub fn merge(&mut self, other: &Moments) {
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.sum.count()
    }

    /// `var_pop`, or `var_samp` of a sample.
    pub fn variance(&self, sample: bool) -> NumericResult<Option<Numeric>> {
        self.spread(sample, |variance, _| variance)
    }

    /// `stddev_pop`, or `stddev_samp` of a sample.
    pub fn deviation(&self, sample: bool) -> NumericResult<Option<Numeric>> {
        self.spread(sample, |variance, scale| root(&variance, scale))
    }

    fn spread(&self, sample: bool, of: impl Fn(Decimal, u32) -> Decimal) -> NumericResult<Option<Numeric>> {
        let counts = &self.sum.counts;
        if counts.all() <= u64::from(sample) {
            return Ok(None);
        }
        if counts.special_sum().is_some() {
            return Ok(Some(Numeric::NAN));
        }
        let count = Decimal::new(counts.finite, 0);
        let sum = self.sum.total.decimal(u32::from(counts.scale));
        let squares = self.squares.decimal(u32::from(counts.scale) * 2);
        let number = count.multiply(&squares).subtract(&sum.multiply(&sum));
        if number.is_zero() || number.is_negative() {
            return Ok(Some(Numeric::ZERO));
        }
        let divisor = count.multiply(&Decimal::new(counts.finite - u64::from(sample), 0));
        let scale = decimal_quotient_scale(&number, &divisor);
        let result: Result<Numeric, NumericError> = of(number.divide(&divisor, scale), scale).into_numeric();
        result.map(Some)
    }
}
