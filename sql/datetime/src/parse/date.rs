//! Numbers of a date: which of year, month and day each is, by what is known so far and by the order that is set.

use super::lex::Kind;
use super::number::{atoi, fraction, fractional_second, integer32};
use super::words::{DateWord, date_word};
use super::{Problem, mask};
use crate::calendar::{Fields, days_in_month, from_julian, to_julian};
use crate::settings::DateOrder;

/// More parts are looked at no further.
const PARTS_MAX: usize = 25;

/// What has been found of a moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parts {
    /// The numbers; the year as it was written.
    pub fields: Fields,
    /// The number of the day within the year.
    pub day_of_year: i64,
    /// The year has one or two digits.
    pub year_is_short: bool,
    /// The date was a Julian day number.
    pub is_julian: bool,
    /// The order of numbers.
    pub order: DateOrder,
}

type Found = Result<u32, Problem>;

impl Parts {
    /// A whole date within one field: `1999-01-08`, `08-Jan-99`. Tells what it found.
    pub fn date(&mut self, text: &str, known: u32) -> Found {
        let microsecond = self.fields.microsecond;
        let found = self.date_parts(text, known);
        self.fields.microsecond = microsecond;
        found
    }

    fn date_parts(&mut self, text: &str, mut known: u32) -> Found {
        let parts = split(text)?;
        let mut found = 0;
        let mut has_word = false;
        let is_word = |part: &str| part.as_bytes()[0].is_ascii_alphabetic();
        for part in parts.iter().flatten().filter(|part| is_word(part)) {
            match date_word(part) {
                Some(DateWord::Month(month)) if known & mask::MONTH == 0 => self.fields.month = month,
                Some(_) | None => return Err(Problem::BadFormat),
            }
            has_word = true;
            known |= mask::MONTH;
            found |= mask::MONTH;
        }
        for part in parts.iter().flatten().filter(|part| !is_word(part)) {
            let new = self.number(part, has_word, known)?;
            if known & new != 0 {
                return Err(Problem::BadFormat);
            }
            known |= new;
            found |= new;
        }
        if known & !(mask::DAY_OF_YEAR | mask::ZONE) == mask::DATE {
            Ok(found)
        } else {
            Err(Problem::BadFormat)
        }
    }

    /// One number, of a date as long as that is incomplete.
    pub fn number(&mut self, text: &str, has_month_word: bool, known: u32) -> Found {
        let (value, rest) = integer32(text).ok_or(Problem::FieldOverflow)?;
        if rest.len() == text.len() {
            return Err(Problem::BadFormat);
        }
        if rest.starts_with('.') {
            // Many digits before a point are a date or time run together.
            if text.len() - rest.len() > 2 {
                return self.run_together(text, known | mask::DATE);
            }
            self.fields.microsecond = fractional_second(rest)?;
        } else if !rest.is_empty() {
            return Err(Problem::BadFormat);
        }
        if text.len() == 3 && known & mask::DATE == mask::YEAR && (1..=366).contains(&value) {
            self.day_of_year = value;
            return Ok(mask::DAY_OF_YEAR | mask::MONTH | mask::DAY);
        }
        if known & mask::DATE == mask::DATE {
            return self.run_together(text, known);
        }
        let is_year = text.len() >= 3 || self.order == DateOrder::Ymd;
        let field = match known & mask::DATE {
            0 if is_year => mask::YEAR,
            0 if self.order == DateOrder::Dmy => mask::DAY,
            0 => mask::MONTH,
            mask::YEAR | mask::DAY => mask::MONTH,
            mask::MONTH if has_month_word && is_year => mask::YEAR,
            mask::MONTH => mask::DAY,
            mask::YEAR_MONTH => {
                if has_month_word && text.len() >= 3 && self.year_is_short {
                    // What was taken for the year was the day.
                    self.fields.day = self.fields.year;
                    self.fields.year = value;
                    self.year_is_short = false;
                    return Ok(mask::DAY);
                }
                mask::DAY
            }
            mask::MONTH_DAY => mask::YEAR,
            // The year and the day without the month.
            _ => return Err(Problem::BadFormat),
        };
        match field {
            mask::YEAR => {
                self.fields.year = value;
                self.year_is_short = text.len() <= 2;
            }
            mask::MONTH => self.fields.month = value,
            _ => self.fields.day = value,
        }
        Ok(field)
    }

    /// `20011225`, `040506.789`: a date as long as there is none, or else a time.
    pub fn run_together(&mut self, text: &str, known: u32) -> Found {
        let mut digits = text;
        if let Some(point) = text.find('.') {
            let after = &text[point + 1..];
            let end = after.bytes().take_while(u8::is_ascii_digit).count();
            let fraction = fraction(&text[point..point + 1 + end])?;
            self.fields.microsecond = (fraction * 1e6).round_ties_even() as i64;
            digits = &text[..point];
        } else if known & mask::DATE != mask::DATE && digits.len() >= 6 {
            let (year, month_day) = cut(digits, digits.len() - 4)?;
            let (month, day) = cut(month_day, 2)?;
            self.fields.year = atoi(year);
            self.fields.month = atoi(month);
            self.fields.day = atoi(day);
            if year.len() == 2 {
                self.year_is_short = true;
            }
            return Ok(mask::DATE);
        }
        if known & mask::TIME != mask::TIME && matches!(digits.len(), 4 | 6) {
            let (hour, rest) = cut(digits, 2)?;
            let (minute, second) = cut(rest, 2)?;
            self.fields.hour = atoi(hour);
            self.fields.minute = atoi(minute);
            self.fields.second = atoi(second);
            return Ok(mask::TIME);
        }
        Err(Problem::BadFormat)
    }

    /// `hh:mm`, `hh:mm:ss.fff`, `mm:ss.fff`.
    pub fn time(&mut self, text: &str) -> Found {
        let clock = Clock::read(text, false)?;
        if clock.hour > i64::from(i32::MAX) {
            return Err(Problem::FieldOverflow);
        }
        self.fields.hour = clock.hour;
        self.fields.minute = clock.minute;
        self.fields.second = clock.second;
        self.fields.microsecond = clock.microsecond;
        Ok(mask::TIME)
    }

    /// The date of a Julian day number.
    pub fn julian(&mut self, day: i64) {
        (self.fields.year, self.fields.month, self.fields.day) = from_julian(day);
        self.is_julian = true;
    }

    /// Makes the year what it stands for, and looks whether there is such a date.
    pub fn validate(&mut self, known: u32, before_christ: bool) -> Result<(), Problem> {
        let fields = &mut self.fields;
        if known & mask::YEAR != 0 && !self.is_julian {
            if before_christ {
                if fields.year <= 0 {
                    return Err(Problem::FieldOverflow);
                }
                fields.year = 1 - fields.year;
            } else if self.year_is_short {
                if fields.year < 0 {
                    return Err(Problem::FieldOverflow);
                }
                fields.year += match fields.year {
                    0..70 => 2000,
                    70..100 => 1900,
                    _ => 0,
                };
            } else if fields.year <= 0 {
                return Err(Problem::FieldOverflow);
            }
        }
        if known & mask::DAY_OF_YEAR != 0 {
            let first = to_julian(fields.year, 1, 1);
            (fields.year, fields.month, fields.day) = from_julian(first + self.day_of_year - 1);
        }
        let month_is_wrong = known & mask::MONTH != 0 && !(1..=12).contains(&fields.month);
        let day_is_wrong = known & mask::DAY != 0 && !(1..=31).contains(&fields.day);
        if month_is_wrong || day_is_wrong {
            return Err(Problem::OrderOverflow);
        }
        if known & mask::DATE == mask::DATE && fields.day > days_in_month(fields.year, fields.month) {
            return Err(Problem::FieldOverflow);
        }
        Ok(())
    }
}

/// Both halves; the text may have come from a field with other characters than digits.
fn cut(text: &str, at: usize) -> Result<(&str, &str), Problem> {
    text.split_at_checked(at).ok_or(Problem::BadFormat)
}

/// Runs of digits and of letters. One character after each run is dropped, whatever it is.
fn split(text: &str) -> Result<[Option<&str>; PARTS_MAX], Problem> {
    let mut parts = [None; PARTS_MAX];
    let mut rest = text;
    for part in &mut parts {
        if rest.is_empty() {
            break;
        }
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let first = rest.bytes().next().ok_or(Problem::BadFormat)?;
        let is_digit = first.is_ascii_digit();
        let end = rest
            .bytes()
            .position(|byte| if is_digit { !byte.is_ascii_digit() } else { !byte.is_ascii_alphabetic() });
        let end = end.unwrap_or(rest.len());
        *part = Some(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(parts)
}

/// A time with colons.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// Any number of hours.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 60.
    pub second: i64,
    /// 0 to a million.
    pub microsecond: i64,
}

impl Clock {
    /// Reads one; two numbers are minutes and seconds if `minutes_first`.
    pub fn read(text: &str, minutes_first: bool) -> Result<Clock, Problem> {
        let (hour, rest) = super::number::integer64(text).ok_or(Problem::FieldOverflow)?;
        let rest = rest.strip_prefix(':').ok_or(Problem::BadFormat)?;
        let (minute, rest) = integer32(rest).ok_or(Problem::FieldOverflow)?;
        let mut clock = Clock { hour, minute, second: 0, microsecond: 0 };
        if rest.is_empty() {
            if minutes_first {
                clock = clock.shifted()?;
            }
        } else if rest.starts_with('.') {
            clock.microsecond = fractional_second(rest)?;
            clock = clock.shifted()?;
        } else {
            let (second, rest) = rest
                .strip_prefix(':')
                .ok_or(Problem::BadFormat)
                .and_then(|rest| integer32(rest).ok_or(Problem::FieldOverflow))?;
            clock.second = second;
            if rest.starts_with('.') {
                clock.microsecond = fractional_second(rest)?;
            } else if !rest.is_empty() {
                return Err(Problem::BadFormat);
            }
        }
        let is_sane = clock.hour >= 0
            && (0..=59).contains(&clock.minute)
            && (0..=60).contains(&clock.second)
            && (0..=1_000_000).contains(&clock.microsecond);
        if is_sane { Ok(clock) } else { Err(Problem::FieldOverflow) }
    }

    fn shifted(self) -> Result<Clock, Problem> {
        if i32::try_from(self.hour).is_err() {
            return Err(Problem::FieldOverflow);
        }
        Ok(Clock { hour: 0, minute: self.hour, second: self.minute, microsecond: self.microsecond })
    }
}

/// Whether the look of a field may begin or continue a time after `t`.
pub fn may_be_time(kind: Option<Kind>) -> bool {
    match kind {
        Some(Kind::Number | Kind::Time | Kind::Date) => true,
        Some(Kind::Word | Kind::Zone | Kind::Special) | None => false,
    }
}
