//! Showing a value by a format.

use super::pattern::{Case, Field, Key, Node};
use crate::calendar::{
    DAYS_LONG, DAYS_SHORT, Fields, MONTHS_LONG, MONTHS_SHORT, day_of_week, iso_week_to_julian, iso_year_week,
    to_julian,
};
use crate::error::{DateTimeResult, FormatError};
use crate::text::IntervalParts;
use crate::zone::LocalType;

/// Roman months, from the last.
pub const ROMAN_MONTHS: [&str; 12] =
    ["XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"];

/// What is shown: a moment's or an interval's fields.
pub struct Shown<'a> {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
    day_of_week: i64,
    day_of_year: i64,
    zone: Option<LocalType<'a>>,
    is_interval: bool,
}

impl<'a> Shown<'a> {
    /// A moment's.
    pub fn of_fields(fields: &Fields, zone: Option<LocalType<'a>>) -> Shown<'a> {
        Shown {
            year: fields.year,
            month: fields.month,
            day: fields.day,
            hour: fields.hour,
            minute: fields.minute,
            second: fields.second,
            microsecond: fields.microsecond,
            day_of_week: fields.day_of_week(),
            day_of_year: fields.day_of_year(),
            zone,
            is_interval: false,
        }
    }

    /// An interval's.
    pub fn of_interval(parts: &IntervalParts) -> Shown<'static> {
        Shown {
            year: parts.year,
            month: parts.month,
            day: parts.day,
            hour: parts.hour,
            minute: parts.minute,
            second: parts.second,
            microsecond: parts.microsecond,
            day_of_week: 0,
            // An approximation, of 32 bits as in PostgreSQL; the parts are of no more than that.
            day_of_year: i64::from(((parts.year * 12 + parts.month) * 30 + parts.day) as i32),
            zone: None,
            is_interval: true,
        }
    }

    /// A year as BC and AD count it.
    fn shown_year(&self, year: i64) -> i64 {
        if self.is_interval || year > 0 { year } else { 1 - year }
    }

    fn century(&self) -> i64 {
        if self.is_interval {
            self.year / 100
        } else if self.year > 0 {
            (self.year - 1) / 100 + 1
        } else {
            self.year / 100 - 1
        }
    }

    fn east(&self) -> i64 {
        self.zone.map_or(0, |zone| i64::from(zone.offset))
    }
}

/// The Julian day number of an interval's fields as PostgreSQL comes by it, whose formula knows only months from January
/// on, and 32 bits.
fn interval_julian(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year + 4800, month + 1) } else { (year + 4799, month + 13) };
    let century = year / 100;
    let julian = year * 365 - 32_167 + year / 4 - century + century / 4 + 7834 * month / 256 + day;
    i64::from(julian as i32)
}

/// The ISO year of an interval's fields, its week, and the day in the year.
fn interval_iso(parts: &Shown<'_>) -> (i64, i64, i64) {
    let monday = |year| {
        let fourth = interval_julian(year, 1, 4);
        fourth - day_of_week(fourth - 1)
    };
    let julian = interval_julian(parts.year, parts.month, parts.day);
    let mut year = parts.year;
    if julian < monday(year) {
        year -= 1;
    }
    let mut week = (julian - monday(year)) / 7 + 1;
    if week >= 52 && julian >= monday(year + 1) {
        year += 1;
        week = (julian - monday(year)) / 7 + 1;
    }
    (year, week, julian - monday(year) + 1)
}

impl Shown<'_> {
    /// ISO year, week and day in the year.
    fn iso(&self) -> (i64, i64, i64) {
        if self.is_interval {
            return interval_iso(self);
        }
        let (year, week) = iso_year_week(self.year, self.month, self.day);
        let day = to_julian(self.year, self.month, self.day) - iso_week_to_julian(year, 1) + 1;
        (year, week, day)
    }

    fn julian(&self) -> i64 {
        if self.is_interval {
            interval_julian(self.year, self.month, self.day)
        } else {
            to_julian(self.year, self.month, self.day)
        }
    }
}

/// Shows the value by the nodes.
pub fn write(nodes: &[Node], shown: &Shown<'_>) -> DateTimeResult<String> {
    let mut out = String::new();
    for node in nodes {
        match node {
            Node::Field(field) => {
                let start = out.len();
                let is_number = write_field(&mut out, field, shown)?;
                if let Some(case) = field.ordinal.filter(|_| is_number) {
                    push_ordinal(&mut out, start, case);
                }
            }
            Node::Space(character) | Node::Separator(character) | Node::Character(character) => {
                out.push(*character);
            }
        }
    }
    Ok(out)
}

/// The ending of an ordinal after the number that begins at `start`.
fn push_ordinal(out: &mut String, start: usize, case: Case) {
    let digits = &out.as_bytes()[start..];
    let last = digits.last().copied().unwrap_or(b'0');
    let is_teen = digits.len() > 1 && digits[digits.len() - 2] == b'1';
    let ending = match last {
        b'1' if !is_teen => "ST",
        b'2' if !is_teen => "ND",
        b'3' if !is_teen => "RD",
        _ => "TH",
    };
    push_cased(out, ending, case);
}

fn push_cased(out: &mut String, word: &str, case: Case) {
    match case {
        Case::Upper => out.extend(word.chars().map(|letter| letter.to_ascii_uppercase())),
        Case::Lower => out.extend(word.chars().map(|letter| letter.to_ascii_lowercase())),
        Case::Title => out.push_str(word),
    }
}

fn push_word(out: &mut String, word: &str, field: &Field, width: usize) {
    push_cased(out, word, field.pattern.case());
    if !field.fill && !field.translated {
        out.extend(std::iter::repeat_n(' ', width.saturating_sub(word.len())));
    }
}

/// A number of so many digits, and a sign if it has one.
fn push_number(out: &mut String, field: &Field, value: i64, width: usize) {
    if value < 0 {
        out.push('-');
    }
    crate::text::push_number(out, value.unsigned_abs(), if field.fill { 1 } else { width });
}

/// Writes a field; true if it was a number, which may become an ordinal.
fn write_field(out: &mut String, field: &Field, shown: &Shown<'_>) -> Result<bool, FormatError> {
    match field.pattern.key {
        Key::MonthName
        | Key::MonthNameShort
        | Key::DayName
        | Key::DayNameShort
        | Key::Era
        | Key::EraDotted
        | Key::ZoneName
        | Key::ZoneHour
        | Key::ZoneMinute
        | Key::Offset
        | Key::DayOfWeek
        | Key::IsoDayOfWeek
            if shown.is_interval =>
        {
            Err(FormatError::Interval)
        }
        Key::Meridiem
        | Key::MeridiemDotted
        | Key::Era
        | Key::EraDotted
        | Key::MonthName
        | Key::MonthNameShort
        | Key::DayName
        | Key::DayNameShort
        | Key::RomanMonth => {
            write_word(out, field, shown);
            Ok(false)
        }
        Key::ZoneName | Key::ZoneHour | Key::ZoneMinute | Key::Offset => {
            write_zone(out, field, shown);
            Ok(false)
        }
        Key::Fixed => Ok(false),
        Key::Quarter if shown.month == 0 => Ok(false),
        Key::Hour24
        | Key::Hour12
        | Key::Minute
        | Key::Second
        | Key::SecondOfDay
        | Key::Fraction(_)
        | Key::Millisecond
        | Key::Microsecond => {
            write_time(out, field, shown);
            Ok(true)
        }
        Key::Century
        | Key::DayOfYear
        | Key::IsoDayOfYear
        | Key::Day
        | Key::DayOfWeek
        | Key::IsoDayOfWeek
        | Key::IsoWeek
        | Key::IsoYear(_)
        | Key::Julian
        | Key::Month
        | Key::Quarter
        | Key::Week
        | Key::WeekOfMonth
        | Key::YearWithComma
        | Key::Year(_) => {
            write_date(out, field, shown);
            Ok(true)
        }
    }
}

fn write_word(out: &mut String, field: &Field, shown: &Shown<'_>) {
    let is_afternoon = shown.hour % 24 >= 12;
    let is_bc = shown.year <= 0;
    let choose = |second: bool, words: [&'static str; 2]| words[usize::from(second)];
    let month = (shown.month - 1).clamp(0, 11) as usize;
    let day = shown.day_of_week as usize;
    match field.pattern.key {
        Key::Meridiem => push_cased(out, choose(is_afternoon, ["AM", "PM"]), field.pattern.case()),
        Key::MeridiemDotted => {
            // The second character of `A.M.` has no case.
            push_cased(out, choose(is_afternoon, ["A.M.", "P.M."]), field.pattern.case());
        }
        Key::Era => push_cased(out, choose(is_bc, ["AD", "BC"]), field.pattern.case()),
        Key::EraDotted => push_cased(out, choose(is_bc, ["A.D.", "B.C."]), field.pattern.case()),
        Key::MonthName => push_word(out, MONTHS_LONG[month], field, 9),
        Key::MonthNameShort => push_word(out, MONTHS_SHORT[month], field, 0),
        Key::DayName => push_word(out, DAYS_LONG[day], field, 9),
        Key::DayNameShort => push_word(out, DAYS_SHORT[day], field, 0),
        Key::RomanMonth if shown.month == 0 && shown.year == 0 => {}
        Key::RomanMonth => {
            // Whole years of an interval end with the twelfth month; negative ones are counted from the other end.
            let at = match shown.month {
                0 if shown.year >= 0 => 0,
                0 => 11,
                month if month < 0 => -1 - month,
                month => 12 - month,
            };
            let word = ROMAN_MONTHS[at.clamp(0, 11) as usize];
            push_cased(out, word, field.pattern.case());
            if !field.fill {
                out.extend(std::iter::repeat_n(' ', 4 - word.len()));
            }
        }
        Key::Century
        | Key::DayOfYear
        | Key::IsoDayOfYear
        | Key::Day
        | Key::DayOfWeek
        | Key::IsoDayOfWeek
        | Key::Fraction(_)
        | Key::Fixed
        | Key::Hour24
        | Key::Hour12
        | Key::IsoWeek
        | Key::IsoYear(_)
        | Key::Julian
        | Key::Minute
        | Key::Month
        | Key::Millisecond
        | Key::Offset
        | Key::Quarter
        | Key::SecondOfDay
        | Key::Second
        | Key::ZoneHour
        | Key::ZoneMinute
        | Key::ZoneName
        | Key::Microsecond
        | Key::Week
        | Key::WeekOfMonth
        | Key::YearWithComma
        | Key::Year(_) => {}
    }
}

fn write_zone(out: &mut String, field: &Field, shown: &Shown<'_>) {
    let east = shown.east();
    let (hours, minutes) = (east.abs() / 3600, east.abs() % 3600 / 60);
    let sign = if east < 0 { '-' } else { '+' };
    match field.pattern.key {
        Key::ZoneName => {
            let name = shown.zone.map_or("", |zone| zone.abbreviation);
            match field.pattern.case() {
                Case::Lower => push_cased(out, name, Case::Lower),
                Case::Upper | Case::Title => out.push_str(name),
            }
        }
        Key::ZoneHour => {
            out.push(sign);
            crate::text::push_number(out, hours.unsigned_abs(), 2);
        }
        Key::ZoneMinute => crate::text::push_number(out, minutes.unsigned_abs(), 2),
        Key::Meridiem
        | Key::MeridiemDotted
        | Key::Era
        | Key::EraDotted
        | Key::Century
        | Key::DayName
        | Key::DayNameShort
        | Key::DayOfYear
        | Key::IsoDayOfYear
        | Key::Day
        | Key::DayOfWeek
        | Key::IsoDayOfWeek
        | Key::Fraction(_)
        | Key::Fixed
        | Key::Hour24
        | Key::Hour12
        | Key::IsoWeek
        | Key::IsoYear(_)
        | Key::Julian
        | Key::Minute
        | Key::Month
        | Key::MonthName
        | Key::MonthNameShort
        | Key::Millisecond
        | Key::Offset
        | Key::Quarter
        | Key::RomanMonth
        | Key::SecondOfDay
        | Key::Second
        | Key::Microsecond
        | Key::Week
        | Key::WeekOfMonth
        | Key::YearWithComma
        | Key::Year(_) => {
            out.push(sign);
            push_number(out, field, hours, 2);
            if east % 3600 != 0 {
                out.push(':');
                crate::text::push_number(out, minutes.unsigned_abs(), 2);
            }
        }
    }
}

fn write_time(out: &mut String, field: &Field, shown: &Shown<'_>) {
    let exact = Field { fill: false, ..*field };
    match field.pattern.key {
        Key::Hour12 => {
            let hour = if shown.hour % 12 == 0 { 12 } else { shown.hour % 12 };
            // As wide as the 24-hour clock would need it.
            let width = if shown.hour < 0 && hour > 0 { 3 } else { 2 };
            push_number(out, field, hour, width);
        }
        Key::Hour24 => push_number(out, field, shown.hour, 2),
        Key::Minute => push_number(out, field, shown.minute, 2),
        Key::Second => push_number(out, field, shown.second, 2),
        Key::SecondOfDay => {
            push_number(out, field, (shown.hour * 60 + shown.minute) * 60 + shown.second, 1);
        }
        Key::Fraction(digits) => push_fraction(out, &exact, shown.microsecond, digits),
        Key::Millisecond => push_fraction(out, &exact, shown.microsecond, 3),
        Key::Meridiem
        | Key::MeridiemDotted
        | Key::Era
        | Key::EraDotted
        | Key::Century
        | Key::DayName
        | Key::DayNameShort
        | Key::DayOfYear
        | Key::IsoDayOfYear
        | Key::Day
        | Key::DayOfWeek
        | Key::IsoDayOfWeek
        | Key::Fixed
        | Key::IsoWeek
        | Key::IsoYear(_)
        | Key::Julian
        | Key::Month
        | Key::MonthName
        | Key::MonthNameShort
        | Key::Offset
        | Key::Quarter
        | Key::RomanMonth
        | Key::ZoneHour
        | Key::ZoneMinute
        | Key::ZoneName
        | Key::Microsecond
        | Key::Week
        | Key::WeekOfMonth
        | Key::YearWithComma
        | Key::Year(_) => push_fraction(out, &exact, shown.microsecond, 6),
    }
}

/// So many digits of a fraction; a sign counts as one of them.
fn push_fraction(out: &mut String, field: &Field, microsecond: i64, digits: u8) {
    let value = microsecond / 10i64.pow(u32::from(6 - digits.min(6)));
    let width = usize::from(digits) - usize::from(value < 0);
    push_number(out, field, value, width);
}

fn write_date(out: &mut String, field: &Field, shown: &Shown<'_>) {
    let Shown { year, month, day, .. } = *shown;
    let (value, width) = match field.pattern.key {
        Key::Century => {
            let century = shown.century();
            (century, if century.abs() <= 99 { 2 } else { 1 })
        }
        Key::DayOfYear => return push_fixed(out, field, shown.day_of_year, 3),
        Key::IsoDayOfYear => return push_fixed(out, field, shown.iso().2, 3),
        Key::Day => return push_fixed(out, field, day, 2),
        Key::DayOfWeek => (shown.day_of_week + 1, 1),
        Key::IsoDayOfWeek => ((shown.day_of_week + 6) % 7 + 1, 1),
        Key::IsoWeek => return push_fixed(out, field, shown.iso().1, 2),
        Key::Julian => (shown.julian(), 1),
        Key::Month => (month, 2),
        Key::Quarter => ((month - 1) / 3 + 1, 1),
        Key::Week => {
            let before = i64::from((shown.day_of_year - 1) as i32);
            return push_fixed(out, field, before / 7 + 1, 2);
        }
        Key::WeekOfMonth => (i64::from((day - 1) as i32) / 7 + 1, 1),
        Key::YearWithComma => {
            let year = shown.shown_year(year);
            let rest = year % 1000;
            push_number(out, field, year / 1000, 1);
            out.push(',');
            let exact = Field { fill: false, ..*field };
            return push_fixed(out, &exact, rest, 3);
        }
        Key::IsoYear(digits) => {
            let iso_year = shown.shown_year(shown.iso().0);
            return push_year(out, field, iso_year, digits, shown);
        }
        Key::Year(digits) => return push_year(out, field, shown.shown_year(year), digits, shown),
        Key::Meridiem
        | Key::MeridiemDotted
        | Key::Era
        | Key::EraDotted
        | Key::DayName
        | Key::DayNameShort
        | Key::Fraction(_)
        | Key::Fixed
        | Key::Hour24
        | Key::Hour12
        | Key::Minute
        | Key::MonthName
        | Key::MonthNameShort
        | Key::Millisecond
        | Key::Offset
        | Key::RomanMonth
        | Key::SecondOfDay
        | Key::Second
        | Key::ZoneHour
        | Key::ZoneMinute
        | Key::ZoneName
        | Key::Microsecond => return,
    };
    push_number(out, field, value, width);
}

/// The last digits of a year, in a width that has room for the sign of the year.
fn push_year(out: &mut String, field: &Field, year: i64, digits: u8, shown: &Shown<'_>) {
    let value = match digits {
        1 => year % 10,
        2 => year % 100,
        3 => year % 1000,
        _ => year,
    };
    let sign = digits > 1 && shown.shown_year(shown.year) < 0;
    push_fixed(out, field, value, usize::from(digits) + usize::from(sign));
}

/// A number within a width in which a sign counts.
fn push_fixed(out: &mut String, field: &Field, value: i64, width: usize) {
    push_number(out, field, value, width.saturating_sub(usize::from(value < 0)));
}
