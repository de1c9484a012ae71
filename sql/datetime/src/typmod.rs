//! Type modifiers: how many digits of a second a column keeps, and which fields of an interval.

use crate::calendar::{MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, MONTHS_PER_YEAR};
use crate::error::{DateTimeError, DateTimeResult};
use crate::unit::Unit;
use crate::value::Interval;

/// The digits of a second that there are at most.
pub const PRECISION_MAX: u8 = 6;

/// A precision as a type names it, lowered to the maximum where it is higher (PostgreSQL warns then).
pub fn precision(type_name: &'static str, with_zone: bool, asked: i32) -> DateTimeResult<u8> {
    let with_zone = if with_zone { " WITH TIME ZONE" } else { "" };
    u8::try_from(asked.min(i32::from(PRECISION_MAX))).map_err(|_| DateTimeError::NegativePrecision {
        type_name,
        precision: asked,
        with_zone,
    })
}

/// Rounds to so many digits of a second, halves away from zero. Within half a second of what 64 bits hold, the result
/// has the other sign, as PostgreSQL's has.
pub fn round_microseconds(value: i64, precision: Option<u8>) -> i64 {
    let Some(precision) = precision.filter(|precision| *precision < PRECISION_MAX) else { return value };
    let scale = 10i64.pow(u32::from(PRECISION_MAX - precision));
    if value >= 0 {
        value.wrapping_add(scale / 2) / scale * scale
    } else {
        -(value.wrapping_neg().wrapping_add(scale / 2) / scale * scale)
    }
}

/// The fields that an interval's type names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each says itself what it is
pub enum IntervalFields {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}

impl IntervalFields {
    /// The last of them: what a number without a unit is.
    pub fn last(self) -> Unit {
        match self {
            IntervalFields::Year => Unit::Year,
            IntervalFields::Month | IntervalFields::YearToMonth => Unit::Month,
            IntervalFields::Day => Unit::Day,
            IntervalFields::Hour | IntervalFields::DayToHour => Unit::Hour,
            IntervalFields::Minute | IntervalFields::DayToMinute | IntervalFields::HourToMinute => {
                Unit::Minute
            }
            IntervalFields::Second
            | IntervalFields::DayToSecond
            | IntervalFields::HourToSecond
            | IntervalFields::MinuteToSecond => Unit::Second,
        }
    }
}

impl std::fmt::Display for IntervalFields {
    /// As a type's name has them.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            IntervalFields::Year => "year",
            IntervalFields::Month => "month",
            IntervalFields::Day => "day",
            IntervalFields::Hour => "hour",
            IntervalFields::Minute => "minute",
            IntervalFields::Second => "second",
            IntervalFields::YearToMonth => "year to month",
            IntervalFields::DayToHour => "day to hour",
            IntervalFields::DayToMinute => "day to minute",
            IntervalFields::DayToSecond => "day to second",
            IntervalFields::HourToMinute => "hour to minute",
            IntervalFields::HourToSecond => "hour to second",
            IntervalFields::MinuteToSecond => "minute to second",
        })
    }
}

/// The fields with the bits that the catalog has for them.
const FIELD_BITS: &[(IntervalFields, i32)] = &[
    (IntervalFields::Year, YEAR),
    (IntervalFields::Month, MONTH),
    (IntervalFields::Day, DAY),
    (IntervalFields::Hour, HOUR),
    (IntervalFields::Minute, MINUTE),
    (IntervalFields::Second, SECOND),
    (IntervalFields::YearToMonth, YEAR | MONTH),
    (IntervalFields::DayToHour, DAY | HOUR),
    (IntervalFields::DayToMinute, DAY | HOUR | MINUTE),
    (IntervalFields::DayToSecond, DAY | HOUR | MINUTE | SECOND),
    (IntervalFields::HourToMinute, HOUR | MINUTE),
    (IntervalFields::HourToSecond, HOUR | MINUTE | SECOND),
    (IntervalFields::MinuteToSecond, MINUTE | SECOND),
];

const MONTH: i32 = 1 << 1;
const YEAR: i32 = 1 << 2;
const DAY: i32 = 1 << 3;
const HOUR: i32 = 1 << 10;
const MINUTE: i32 = 1 << 11;
const SECOND: i32 = 1 << 12;
const ALL_FIELDS: i32 = 0x7fff;
const ALL_DIGITS: i32 = 0xffff;

/// An interval's type modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntervalTypmod {
    /// Its fields; all of them if none are named.
    pub fields: Option<IntervalFields>,
    /// Its digits of a second.
    pub precision: Option<u8>,
}

impl IntervalFields {
    /// The fields of a mask, as the grammar hands it to the type; `Some(None)` is all of them, `None` no such mask.
    pub fn from_mask(mask: i32) -> Option<Option<IntervalFields>> {
        if mask == ALL_FIELDS {
            return Some(None);
        }
        FIELD_BITS.iter().find(|entry| entry.1 == mask).map(|entry| Some(entry.0))
    }

    /// Their mask.
    pub fn mask(self) -> i32 {
        // Every one of them is in the table.
        FIELD_BITS.iter().find(|entry| entry.0 == self).map_or(ALL_FIELDS, |entry| entry.1)
    }
}

impl IntervalTypmod {
    /// As one number, as `pg_attribute` has it; -1 is none.
    pub fn packed(self) -> i32 {
        if self.fields.is_none() && self.precision.is_none() {
            return -1;
        }
        let fields = self.fields.map_or(ALL_FIELDS, IntervalFields::mask);
        fields << 16 | self.precision.map_or(ALL_DIGITS, i32::from)
    }

    /// From that number.
    pub fn unpacked(typmod: i32) -> IntervalTypmod {
        if typmod < 0 {
            return IntervalTypmod::default();
        }
        let fields = IntervalFields::from_mask(typmod >> 16 & ALL_FIELDS).flatten();
        let precision = u8::try_from(typmod & ALL_DIGITS).ok().filter(|digits| *digits <= PRECISION_MAX);
        IntervalTypmod { fields, precision }
    }

    /// Cuts what is below the last field, and rounds. What is above the first stays.
    pub fn apply(self, interval: Interval) -> Interval {
        let Interval { months, days, microseconds } = interval;
        let to = |unit: i64| microseconds / unit * unit;
        let cut = match self.fields {
            Some(IntervalFields::Year) => {
                let year = MONTHS_PER_YEAR as i32;
                Interval::new(months / year * year, 0, 0)
            }
            Some(IntervalFields::Month | IntervalFields::YearToMonth) => Interval::new(months, 0, 0),
            Some(IntervalFields::Day) => Interval::new(months, days, 0),
            Some(IntervalFields::Hour | IntervalFields::DayToHour) => {
                Interval::new(months, days, to(MICROSECONDS_PER_HOUR))
            }
            Some(IntervalFields::Minute | IntervalFields::DayToMinute | IntervalFields::HourToMinute) => {
                Interval::new(months, days, to(MICROSECONDS_PER_MINUTE))
            }
            Some(
                IntervalFields::Second
                | IntervalFields::DayToSecond
                | IntervalFields::HourToSecond
                | IntervalFields::MinuteToSecond,
            )
            | None => interval,
        };
        let microseconds = round_microseconds(cut.microseconds, self.precision);
        Interval { microseconds, ..cut }
    }
}

#[cfg(test)]
mod tests {
    use super::{FIELD_BITS, IntervalTypmod, round_microseconds};

    #[test]
    fn modifiers_are_packed_as_the_catalog_has_them() {
        assert_eq!(IntervalTypmod::default().packed(), -1);
        let precision = Some(3);
        assert_eq!(IntervalTypmod { fields: None, precision }.packed(), 2_147_418_115);
        for fields in FIELD_BITS.iter().map(|entry| Some(entry.0)) {
            for typmod in [IntervalTypmod { fields, precision }, IntervalTypmod { fields, precision: None }] {
                assert_eq!(IntervalTypmod::unpacked(typmod.packed()), typmod);
            }
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(round_microseconds(1_500_000, Some(0)), 2_000_000);
        assert_eq!(round_microseconds(-1_500_000, Some(0)), -2_000_000);
        assert_eq!(round_microseconds(-1_499_999, Some(0)), -1_000_000);
        assert_eq!(round_microseconds(123_456, Some(6)), 123_456);
    }
}
