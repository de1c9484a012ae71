//! Intervals as ISO 8601 has them: with designators (`P1Y2M3DT4H5M6S`), and in the forms of dates and times
//! (`P0001-02-03T04:05:06`, `P00010203T040506`).

use super::Problem;
use super::interval::Sum;
use super::number::float;
use crate::calendar::{
    MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND,
};

/// Whole part, fraction, and how many digits it begins with.
#[derive(Clone, Copy)]
struct Number {
    value: i64,
    part: f64,
    digits: usize,
}

struct Reader<'a> {
    rest: &'a str,
    sum: Sum,
    in_date: bool,
    /// Whether a designator was read in this half.
    has_field: bool,
}

/// Reads an interval.
pub fn decode(text: &str) -> Result<Sum, Problem> {
    let Some(rest) = text.strip_prefix('P').filter(|rest| !rest.is_empty()) else {
        return Err(Problem::BadFormat);
    };
    let mut reader = Reader { rest, sum: Sum::default(), in_date: true, has_field: false };
    while !reader.rest.is_empty() {
        if reader.eat('T') {
            reader.begin_time();
            continue;
        }
        let number = reader.number()?;
        let unit = reader.rest.chars().next();
        if let Some(unit) = unit {
            reader.rest = &reader.rest[unit.len_utf8()..];
        }
        let ended = if reader.in_date { reader.date(number, unit)? } else { reader.time(number, unit)? };
        if ended {
            break;
        }
    }
    Ok(reader.sum)
}

impl Reader<'_> {
    fn eat(&mut self, character: char) -> bool {
        match self.rest.strip_prefix(character) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn begin_time(&mut self) {
        self.in_date = false;
        self.has_field = false;
    }

    fn number(&mut self) -> Result<Number, Problem> {
        if !self.rest.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') {
            return Err(Problem::BadFormat);
        }
        let unsigned = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
        let (value, rest) = float(self.rest).ok_or(Problem::BadFormat)?;
        // Beyond this, a double has no exact integer and fraction.
        if !(-1.0e15..=1.0e15).contains(&value) {
            return Err(Problem::FieldOverflow);
        }
        self.rest = rest;
        Ok(Number { value: value.trunc() as i64, part: value - value.trunc(), digits })
    }

    /// A number of the date half and what follows it; true at the end.
    fn date(&mut self, number: Number, unit: Option<char>) -> Result<bool, Problem> {
        let Number { value, part, digits } = number;
        let sum = &mut self.sum;
        let added = match unit {
            Some('Y') => sum.add_years(value, part, 1),
            Some('M') => sum.add_months(value, part),
            Some('W') => sum.add_days(value, 7).and_then(|()| sum.add_part_of_days(part, 7)),
            Some('D') => add_days(sum, value, part),
            Some('T') | None if digits == 8 && !self.has_field => {
                sum.add_years(value / 10_000, 0.0, 1)
                    .and_then(|()| sum.add_months(value / 100 % 100, 0.0))
                    .and_then(|()| add_days(sum, value % 100, part))
                    .ok_or(Problem::FieldOverflow)?;
                self.begin_time();
                return Ok(unit.is_none());
            }
            Some('T' | '-') | None => return self.dashed_date(number, unit),
            Some(_) => return Err(Problem::BadFormat),
        };
        added.ok_or(Problem::FieldOverflow)?;
        self.has_field = true;
        Ok(false)
    }

    /// `years-months-days`, of which the years were read.
    fn dashed_date(&mut self, years: Number, unit: Option<char>) -> Result<bool, Problem> {
        if self.has_field {
            return Err(Problem::BadFormat);
        }
        self.sum.add_years(years.value, years.part, 1).ok_or(Problem::FieldOverflow)?;
        if unit == Some('-') {
            let months = self.number()?;
            self.sum.add_months(months.value, months.part).ok_or(Problem::FieldOverflow)?;
            if self.rest.is_empty() {
                return Ok(true);
            }
            if self.eat('-') {
                let days = self.number()?;
                add_days(&mut self.sum, days.value, days.part).ok_or(Problem::FieldOverflow)?;
                if self.rest.is_empty() {
                    return Ok(true);
                }
            }
            if !self.eat('T') {
                return Err(Problem::BadFormat);
            }
        }
        self.begin_time();
        Ok(unit.is_none())
    }

    /// A number of the time half and what follows it; true at the end.
    fn time(&mut self, number: Number, unit: Option<char>) -> Result<bool, Problem> {
        let Number { value, part, digits } = number;
        let sum = &mut self.sum;
        let added = match unit {
            Some('H') => sum.add_microseconds(value, part, MICROSECONDS_PER_HOUR),
            Some('M') => sum.add_microseconds(value, part, MICROSECONDS_PER_MINUTE),
            Some('S') => sum.add_microseconds(value, part, MICROSECONDS_PER_SECOND),
            None if digits == 6 && !self.has_field => {
                sum.add_microseconds(value / 10_000, 0.0, MICROSECONDS_PER_HOUR)
                    .and_then(|()| sum.add_microseconds(value / 100 % 100, 0.0, MICROSECONDS_PER_MINUTE))
                    .and_then(|()| sum.add_microseconds(value % 100, 0.0, MICROSECONDS_PER_SECOND))
                    .and_then(|()| sum.add_part_of_microseconds(part, 1))
                    .ok_or(Problem::FieldOverflow)?;
                return Ok(true);
            }
            Some(':') | None => {
                self.clock(number, unit)?;
                return Ok(true);
            }
            Some(_) => return Err(Problem::BadFormat),
        };
        added.ok_or(Problem::FieldOverflow)?;
        self.has_field = true;
        Ok(false)
    }

    /// `hours:minutes:seconds`, of which the hours were read.
    fn clock(&mut self, hours: Number, unit: Option<char>) -> Result<(), Problem> {
        if self.has_field {
            return Err(Problem::BadFormat);
        }
        let mut number = hours;
        let mut ended = unit.is_none();
        for unit in [MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND] {
            self.sum.add_microseconds(number.value, number.part, unit).ok_or(Problem::FieldOverflow)?;
            if ended || (unit != MICROSECONDS_PER_HOUR && self.rest.is_empty()) {
                return Ok(());
            }
            if unit == MICROSECONDS_PER_SECOND || (unit == MICROSECONDS_PER_MINUTE && !self.eat(':')) {
                return Err(Problem::BadFormat);
            }
            number = self.number()?;
            ended = false;
        }
        Ok(())
    }
}

fn add_days(sum: &mut Sum, value: i64, part: f64) -> Option<()> {
    sum.add_days(value, 1).and_then(|()| sum.add_part_of_microseconds(part, MICROSECONDS_PER_DAY))
}
