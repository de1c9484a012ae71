//! Rounding, and what a scale is.

use crate::decimal::{Decimal, POWERS};
use crate::error::NumericResult;
use crate::value::{Numeric, Special, View};

/// The scales that `round` and `trunc` can be asked for: no value has more decimals, none is great enough to keep a digit
/// beyond the least.
const SCALES: std::ops::RangeInclusive<i64> = -131_073..=16_383;

/// Which way digits are cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Zero,
    Nearest,
    Down,
    Up,
}

impl Numeric {
    /// `round(self, scale)`: halves away from zero; tens, hundreds, … where the scale is negative.
    pub fn round(&self, scale: i32) -> NumericResult<Numeric> {
        self.cut(i64::from(scale).clamp(*SCALES.start(), *SCALES.end()), Direction::Nearest)
    }

    /// `trunc(self, scale)`.
    pub fn truncate(&self, scale: i32) -> NumericResult<Numeric> {
        self.cut(i64::from(scale).clamp(*SCALES.start(), *SCALES.end()), Direction::Zero)
    }

    /// The least integer that is not less.
    pub fn ceiling(&self) -> NumericResult<Numeric> {
        self.cut(0, Direction::Up)
    }

    /// The greatest integer that is not greater.
    pub fn floor(&self) -> NumericResult<Numeric> {
        self.cut(0, Direction::Down)
    }

    fn cut(&self, scale: i64, direction: Direction) -> NumericResult<Numeric> {
        match self.view() {
            View::Small(mantissa, own) => match cut_small(mantissa, own, scale, direction) {
                Some(value) => Ok(value),
                None => cut_decimal(&Decimal::new(mantissa, u32::from(own)), scale, direction).into_numeric(),
            },
            View::Big(decimal) => cut_decimal(decimal, scale, direction).into_numeric(),
            View::Special(special) => Ok(Numeric::special(special)),
        }
    }

    /// How many decimals it shows; `None` for NaN and infinities.
    pub fn scale(&self) -> Option<i32> {
        match self.view() {
            View::Small(_, scale) => Some(i32::from(scale)),
            View::Big(decimal) => Some(decimal.scale as i32),
            View::Special(_) => None,
        }
    }

    /// How many decimals it needs.
    pub fn min_scale(&self) -> Option<i32> {
        self.trim_scale().scale()
    }

    /// The same value with no more decimals than it needs.
    pub fn trim_scale(&self) -> Numeric {
        match self.view() {
            View::Small(mantissa, scale) => {
                let (mantissa, scale) = trim_small(mantissa, scale);
                Numeric::small(mantissa, scale)
            }
            View::Big(decimal) => {
                // Fewer digits may fit inline; a value cannot grow here, so there is nothing to refuse.
                decimal.trimmed().into_numeric().unwrap_or_else(|_| self.clone())
            }
            View::Special(special) => Numeric::special(special),
        }
    }
}

/// Takes zeros off a mantissa's end for as long as there are decimals.
pub(crate) fn trim_small(mut mantissa: i128, mut scale: u16) -> (i128, u16) {
    if mantissa == 0 {
        return (0, 0);
    }
    while scale > 0 {
        // Words are divided several times faster.
        match i64::try_from(mantissa) {
            Ok(mut word) => {
                while scale > 0 && word % 10 == 0 {
                    word /= 10;
                    scale -= 1;
                }
                return (i128::from(word), scale);
            }
            Err(_) if mantissa % 10 == 0 => {
                mantissa /= 10;
                scale -= 1;
            }
            Err(_) => break,
        }
    }
    (mantissa, scale)
}

fn cut_small(mantissa: i128, own: u16, scale: i64, direction: Direction) -> Option<Numeric> {
    let shown = u16::try_from(scale.max(0)).ok()?;
    let off = i64::from(own) - scale;
    if off <= 0 {
        return Some(Numeric::small(
            crate::arithmetic::scaled(mantissa, u16::try_from(off.unsigned_abs()).ok()?)?,
            shown,
        ));
    }
    let power = *POWERS.get(usize::try_from(off).ok()?)?;
    let (quotient, rest) = match (i64::try_from(mantissa), i64::try_from(power)) {
        (Ok(mantissa), Ok(power)) => (i128::from(mantissa / power), i128::from(mantissa % power)),
        _ => (mantissa / power, mantissa % power),
    };
    let rounded = match direction {
        Direction::Zero => quotient,
        Direction::Nearest if rest.abs() >= power - rest.abs() => quotient + rest.signum(),
        Direction::Down if rest < 0 => quotient - 1,
        Direction::Up if rest > 0 => quotient + 1,
        Direction::Nearest | Direction::Down | Direction::Up => quotient,
    };
    let whole = POWERS.get(usize::try_from(scale.min(0).unsigned_abs()).ok()?)?;
    let value = rounded.checked_mul(*whole).filter(|value| *value != i128::MIN)?;
    Some(Numeric::small(value, shown))
}

fn cut_decimal(decimal: &Decimal, scale: i64, direction: Direction) -> Decimal {
    if direction == Direction::Nearest {
        return decimal.rounded(scale);
    }
    let cut = decimal.truncated(scale);
    let moved = match direction {
        Direction::Down => decimal.is_negative(),
        Direction::Up => !decimal.is_negative(),
        Direction::Zero | Direction::Nearest => false,
    };
    if !moved || cut.compare(decimal).is_eq() {
        return cut;
    }
    // Only whole numbers are asked for upwards and downwards.
    match direction {
        Direction::Down => cut.subtract(&Decimal::one()),
        Direction::Up | Direction::Zero | Direction::Nearest => cut.add(&Decimal::one()),
    }
}

/// Where a special value stands among all values.
pub(crate) fn special_rank(special: Special) -> i8 {
    match special {
        Special::NegativeInfinity => -1,
        Special::Infinity => 1,
        Special::NaN => 2,
    }
}
