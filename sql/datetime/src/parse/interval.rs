//! Intervals as people write them: `1 year 2 mons -3 days 04:05:06.7 ago`, `1-2 3 4:05:06`.
//!
//! Fields are read from the right, so that a unit is known before its number.

use super::date::Clock;
use super::lex::{Kind, Lexed};
use super::number::{fraction, integer32, integer64};
use super::words::{IntervalWord, interval_word};
use super::{Problem, mask};
use crate::calendar::{
    DAYS_PER_MONTH, MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND, MONTHS_PER_YEAR,
};
use crate::settings::IntervalStyle;
use crate::typmod::IntervalFields;
use crate::unit::Unit;
use crate::value::Interval;

/// The parts of an interval while they are added up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    years: i32,
    months: i32,
    days: i32,
    microseconds: i64,
}

impl Sum {
    /// Adds whole units of so many microseconds, and a fraction of one.
    pub fn add_microseconds(&mut self, value: i64, part: f64, unit: i64) -> Option<()> {
        self.microseconds = self.microseconds.checked_add(value.checked_mul(unit)?)?;
        self.add_part_of_microseconds(part, unit)
    }

    /// Adds a fraction, from -1 to 1, of a unit of so many microseconds.
    pub fn add_part_of_microseconds(&mut self, part: f64, unit: i64) -> Option<()> {
        if part == 0.0 {
            return Some(());
        }
        let scaled = part * unit as f64;
        let mut whole = scaled as i64;
        let rest = scaled - whole as f64;
        if rest > 0.5 {
            whole += 1;
        } else if rest < -0.5 {
            whole -= 1;
        }
        self.microseconds = self.microseconds.checked_add(whole)?;
        Some(())
    }

    /// Adds whole units of so many days.
    pub fn add_days(&mut self, value: i64, unit: i32) -> Option<()> {
        let days = i32::try_from(value).ok()?.checked_mul(unit)?;
        self.days = self.days.checked_add(days)?;
        Some(())
    }

    /// Adds a fraction of a unit of so many days.
    pub fn add_part_of_days(&mut self, part: f64, unit: i64) -> Option<()> {
        if part == 0.0 {
            return Some(());
        }
        let scaled = part * unit as f64;
        let whole = scaled as i32;
        self.days = self.days.checked_add(whole)?;
        self.add_part_of_microseconds(scaled - f64::from(whole), MICROSECONDS_PER_DAY)
    }

    /// Adds months, and a fraction of one as days.
    pub fn add_months(&mut self, value: i64, part: f64) -> Option<()> {
        self.months = self.months.checked_add(i32::try_from(value).ok()?)?;
        self.add_part_of_days(part, DAYS_PER_MONTH)
    }

    /// Adds units of so many years, and a fraction of one as months.
    pub fn add_years(&mut self, value: i64, part: f64, unit: i32) -> Option<()> {
        let years = i32::try_from(value).ok()?.checked_mul(unit)?;
        self.years = self.years.checked_add(years)?;
        let months = (part * f64::from(unit) * MONTHS_PER_YEAR as f64).round_ties_even() as i32;
        self.months = self.months.checked_add(months)?;
        Some(())
    }

    fn negated(self) -> Option<Sum> {
        Some(Sum {
            years: self.years.checked_neg()?,
            months: self.months.checked_neg()?,
            days: self.days.checked_neg()?,
            microseconds: self.microseconds.checked_neg()?,
        })
    }

    /// The interval, unless its years are too many.
    pub fn interval(self) -> Option<Interval> {
        let months = i64::from(self.years) * MONTHS_PER_YEAR + i64::from(self.months);
        Some(Interval::new(i32::try_from(months).ok()?, self.days, self.microseconds))
    }
}

/// What the number to the left of what was read is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// What the type modifier says, or seconds.
    Any,
    Unit(Unit),
    /// `ago` was read, and no unit since.
    Nothing,
}

struct Decoder {
    sum: Sum,
    known: u32,
    expected: Expected,
    fields: Option<IntervalFields>,
    /// SQL's rule: a sign at the front, and no other, is everything's.
    all_negative: bool,
    is_ago: bool,
}

/// Reads an interval whose type has those fields.
pub fn decode(lexed: &Lexed, fields: Option<IntervalFields>, style: IntervalStyle) -> Result<Sum, Problem> {
    let is_signed = |index| lexed.text(index).starts_with(['-', '+']);
    let all_negative = style == IntervalStyle::SqlStandard
        && lexed.len() > 0
        && lexed.text(0).starts_with('-')
        && !(1..lexed.len()).any(is_signed);
    let expected = Expected::Any;
    let mut decoder =
        Decoder { sum: Sum::default(), known: 0, expected, fields, all_negative, is_ago: false };
    for index in (0..lexed.len()).rev() {
        let text = lexed.text(index);
        let found = match lexed.kind(index) {
            Some(Kind::Time) => decoder.time(text)?,
            Some(Kind::Zone) => decoder.signed(text)?,
            Some(Kind::Date | Kind::Number) => decoder.number(text)?,
            Some(Kind::Word | Kind::Special) => decoder.word(text)?,
            None => 0,
        };
        if found & decoder.known != 0 {
            return Err(Problem::BadFormat);
        }
        decoder.known |= found;
    }
    if decoder.known == 0 {
        return Err(Problem::BadFormat);
    }
    if decoder.is_ago { decoder.sum.negated().ok_or(Problem::FieldOverflow) } else { Ok(decoder.sum) }
}

impl Decoder {
    fn clock(&self, text: &str) -> Result<i64, Problem> {
        let minutes_first = self.fields == Some(IntervalFields::MinuteToSecond);
        let clock = Clock::read(text, minutes_first)?;
        let mut sum = Sum { microseconds: clock.microsecond, ..Sum::default() };
        sum.add_microseconds(clock.hour, 0.0, MICROSECONDS_PER_HOUR)
            .and_then(|()| sum.add_microseconds(clock.minute, 0.0, MICROSECONDS_PER_MINUTE))
            .and_then(|()| sum.add_microseconds(clock.second, 0.0, MICROSECONDS_PER_SECOND))
            .ok_or(Problem::FieldOverflow)?;
        Ok(sum.microseconds)
    }

    fn set_clock(&mut self, microseconds: i64) -> u32 {
        let is_flipped = self.all_negative && microseconds > 0;
        self.sum.microseconds = if is_flipped { -microseconds } else { microseconds };
        self.expected = Expected::Unit(Unit::Day);
        mask::TIME
    }

    fn time(&mut self, text: &str) -> Result<u32, Problem> {
        let clock = self.clock(text)?;
        Ok(self.set_clock(clock))
    }

    fn signed(&mut self, text: &str) -> Result<u32, Problem> {
        if text[1..].contains(':') {
            // What is no time after all is tried as a number.
            if let Ok(clock) = self.clock(&text[1..]) {
                let clock = if text.starts_with('-') { -clock } else { clock };
                return Ok(self.set_clock(clock));
            }
        }
        self.number(text)
    }

    fn number(&mut self, text: &str) -> Result<u32, Problem> {
        let mut unit = match self.expected {
            Expected::Any => self.fields.map_or(Unit::Second, IntervalFields::last),
            Expected::Unit(unit) => unit,
            Expected::Nothing => Unit::Other,
        };
        let is_negative = text.starts_with('-');
        let (mut value, rest) = integer64(text).ok_or(Problem::FieldOverflow)?;
        let mut part = 0.0;
        if let Some(months) = rest.strip_prefix('-') {
            // SQL's years and months.
            let (months, rest) = integer32(months).ok_or(Problem::FieldOverflow)?;
            if !(0..MONTHS_PER_YEAR).contains(&months) {
                return Err(Problem::FieldOverflow);
            }
            if !rest.is_empty() {
                return Err(Problem::BadFormat);
            }
            unit = Unit::Month;
            let months = if is_negative { -months } else { months };
            value = value
                .checked_mul(MONTHS_PER_YEAR)
                .and_then(|value| value.checked_add(months))
                .ok_or(Problem::FieldOverflow)?;
        } else if rest.starts_with('.') {
            part = fraction(rest)?;
            part = if is_negative { -part } else { part };
        } else if !rest.is_empty() {
            return Err(Problem::BadFormat);
        }
        if self.all_negative {
            value = if value > 0 { -value } else { value };
            part = -part.abs();
        }
        self.expected = Expected::Unit(if unit == Unit::Hour { Unit::Day } else { unit });
        self.add(value, part, unit)
    }

    fn add(&mut self, value: i64, part: f64, unit: Unit) -> Result<u32, Problem> {
        let sum = &mut self.sum;
        let (added, found) = match unit {
            Unit::Microsecond => (sum.add_microseconds(value, part, 1), mask::MICROSECOND),
            Unit::Millisecond => (sum.add_microseconds(value, part, 1000), mask::MILLISECOND),
            Unit::Second => {
                let found = if part == 0.0 { mask::SECOND } else { mask::SECONDS };
                (sum.add_microseconds(value, part, MICROSECONDS_PER_SECOND), found)
            }
            Unit::Minute => (sum.add_microseconds(value, part, MICROSECONDS_PER_MINUTE), mask::MINUTE),
            Unit::Hour => (sum.add_microseconds(value, part, MICROSECONDS_PER_HOUR), mask::HOUR),
            Unit::Day => {
                let added = sum
                    .add_days(value, 1)
                    .and_then(|()| sum.add_part_of_microseconds(part, MICROSECONDS_PER_DAY));
                (added, mask::DAY)
            }
            Unit::Week => (sum.add_days(value, 7).and_then(|()| sum.add_part_of_days(part, 7)), mask::WEEK),
            Unit::Month => (sum.add_months(value, part), mask::MONTH),
            Unit::Year => (sum.add_years(value, part, 1), mask::YEAR),
            Unit::Decade => (sum.add_years(value, part, 10), mask::DECADE),
            Unit::Century => (sum.add_years(value, part, 100), mask::CENTURY),
            Unit::Millennium => (sum.add_years(value, part, 1000), mask::MILLENNIUM),
            Unit::Quarter
            | Unit::IsoYear
            | Unit::Julian
            | Unit::DayOfWeek
            | Unit::IsoDayOfWeek
            | Unit::DayOfYear
            | Unit::Timezone
            | Unit::TimezoneHour
            | Unit::TimezoneMinute
            | Unit::Epoch
            | Unit::Other => return Err(Problem::BadFormat),
        };
        added.map(|()| found).ok_or(Problem::FieldOverflow)
    }

    fn word(&mut self, text: &str) -> Result<u32, Problem> {
        match interval_word(text) {
            Some(IntervalWord::Unit(unit)) => self.expected = Expected::Unit(unit),
            Some(IntervalWord::Ago) => {
                self.is_ago = true;
                self.expected = Expected::Nothing;
            }
            None => return Err(Problem::BadFormat),
        }
        Ok(0)
    }
}
