//! Reading a text by a format.

use super::pattern::{Convention, Field, Key, Node, is_separator};
use super::write::ROMAN_MONTHS;
use crate::calendar::{
    DAYS_LONG, DAYS_SHORT, Fields, MONTHS_LONG, MONTHS_SHORT, days_in_month, from_julian, is_leap,
    iso_week_to_julian,
};
use crate::error::{DateTimeError, DateTimeResult, FormatError, ValueDetail};
use crate::parse::{is_space, mask};

/// A zone is less than so many hours away.
const ZONE_HOURS_MAX: i32 = 15;

/// What was read.
#[derive(Debug)]
pub struct Found {
    /// The moment by the clock on the wall.
    pub fields: Fields,
    /// Seconds east, if the text said so.
    pub offset: Option<i32>,
    /// The digits that `FF1` to `FF6` asked for.
    pub precision: Option<u8>,
}

/// The values of a format's fields; 0 is "not given".
#[derive(Debug, Default)]
struct Values {
    convention: Option<Convention>,
    hour: i32,
    afternoon: i32,
    minute: i32,
    second: i32,
    second_of_day: i32,
    day_of_week: i32,
    day: i32,
    day_of_year: i32,
    month: i32,
    millisecond: i32,
    year: i32,
    before_christ: i32,
    week: i32,
    week_of_month: i32,
    century: i32,
    julian: i32,
    microsecond: i32,
    year_digits: u8,
    is_twelve_hours: bool,
    zone_sign: i32,
    zone_hour: i32,
    zone_minute: i32,
    precision: u8,
}

struct Reader<'a> {
    /// All of the text.
    text: &'a str,
    at: usize,
    values: Values,
    /// `FX`: nothing is skipped.
    is_fixed: bool,
    /// The SQL standard's reading: every character must be as the format has it.
    is_strict: bool,
    /// Characters skipped beyond what the format asked for.
    skipped: i32,
}

type Step<T = ()> = Result<T, FormatError>;

/// Reads a text by the nodes; strictly, as the standard has it, or leniently.
pub fn read(nodes: &[Node], text: &str, is_strict: bool) -> DateTimeResult<Found> {
    // A text ends where C's would.
    let end = text.find('\0').unwrap_or(text.len());
    let mut reader = Reader {
        text: &text[..end],
        at: 0,
        values: Values::default(),
        is_fixed: is_strict,
        is_strict,
        skipped: 0,
    };
    for (index, node) in nodes.iter().enumerate() {
        if reader.rest().is_empty() {
            if is_strict {
                return Err(FormatError::TextTooShort.into());
            }
            break;
        }
        reader.node(node, index == 0, nodes.get(index + 1))?;
    }
    if is_strict && !reader.rest().bytes().all(is_space) {
        return Err(FormatError::Trailing.into());
    }
    reader.values.found(text)
}

/// Sets a field, which may have been set to the same before.
fn set(target: &mut i32, value: i32, field: &Field) -> Step {
    if *target != 0 && *target != value {
        return Err(FormatError::Conflict { pattern: field.pattern.name });
    }
    *target = value;
    Ok(())
}

/// Whether a number before this node may be as long as it likes.
fn ends_number(next: Option<&Node>) -> bool {
    match next {
        None => true,
        Some(Node::Field(field)) => !field.pattern.is_digits,
        Some(Node::Space(character) | Node::Separator(character) | Node::Character(character)) => {
            !character.is_ascii_digit()
        }
    }
}

/// C's `strtol`: the value if it fits, and how many bytes it took.
fn integer(text: &str) -> (Option<i32>, usize) {
    let bytes = text.as_bytes();
    let blank = bytes.iter().take_while(|byte| is_space(**byte)).count();
    let signed = blank + usize::from(matches!(bytes.get(blank), Some(b'-' | b'+')));
    let digits = bytes[signed..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return (Some(0), 0);
    }
    (text[blank..signed + digits].parse().ok(), signed + digits)
}

/// The beginning of a text, of at most so many bytes.
fn beginning(text: &str, length: usize) -> &str {
    let mut end = text.len().min(length);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn first(&self) -> u8 {
        self.rest().bytes().next().unwrap_or(0)
    }

    fn skip_character(&mut self) {
        self.at += self.rest().chars().next().map_or(0, char::len_utf8);
    }

    fn skip_spaces(&mut self) {
        while is_space(self.first()) {
            self.at += 1;
            self.skipped += 1;
        }
    }

    fn node(&mut self, node: &Node, is_first: bool, next: Option<&Node>) -> Step {
        let (is_field, is_fixing) = match node {
            Node::Field(field) => (true, field.pattern.key == Key::Fixed),
            Node::Space(_) | Node::Separator(_) | Node::Character(_) => (false, false),
        };
        if !self.is_fixed && !is_fixing && (is_field || is_first) {
            self.skip_spaces();
        }
        match node {
            Node::Space(expected) | Node::Separator(expected) if self.is_strict => {
                if !self.rest().starts_with(*expected) {
                    return Err(FormatError::Separator(*expected));
                }
                self.skip_character();
            }
            Node::Character(expected) if self.is_strict && !self.rest().starts_with(*expected) => {
                return Err(FormatError::Unmatched(*expected));
            }
            Node::Space(_) | Node::Separator(_) if self.is_fixed => self.skip_character(),
            Node::Space(_) | Node::Separator(_) => {
                self.skipped -= 1;
                if is_space(self.first()) || is_separator(self.first()) {
                    self.at += 1;
                    self.skipped += 1;
                }
            }
            // What was skipped before may have been this character.
            Node::Character(_) if !self.is_fixed && self.skipped > 0 => self.skipped -= 1,
            Node::Character(_) => self.skip_character(),
            Node::Field(field) => {
                self.field(field, next)?;
                if !self.is_fixed {
                    self.skipped = 0;
                    self.skip_spaces();
                }
            }
        }
        Ok(())
    }

    /// A number of `length` digits, or of any if it has an end; its value and the bytes that it took.
    fn number(&mut self, field: &Field, length: usize, next: Option<&Node>) -> Step<(i32, usize)> {
        let pattern = field.pattern.name;
        let start = self.at;
        let before_blanks = self.rest();
        let blanks = before_blanks.bytes().take_while(|byte| is_space(*byte)).count();
        self.at += blanks;
        let copy = beginning(self.rest(), length);
        let is_free = field.fill || field.ordinal.is_some() || ends_number(next);
        let value = if is_free {
            let (value, used) = integer(before_blanks);
            self.at = start + used;
            value
        } else {
            let left = self.rest().len();
            if left < length {
                return Err(FormatError::TooShort { pattern, needed: length, left });
            }
            let (value, used) = integer(copy);
            if used > 0 && used < length {
                let detail = Some(ValueDetail::TooFewDigits { needed: length, found: used });
                return Err(FormatError::Value { value: copy.to_owned(), pattern, detail });
            }
            self.at += used;
            value
        };
        if self.at == start {
            let detail = Some(ValueDetail::NotInteger);
            return Err(FormatError::Value { value: copy.to_owned(), pattern, detail });
        }
        match value {
            Some(value) => Ok((value, self.at - start)),
            None => Err(FormatError::OutOfRange { pattern, least: i32::MIN, most: i32::MAX }),
        }
    }

    /// Reads a number into a value, and the ordinal's ending after it.
    fn into(
        &mut self,
        field: &Field,
        length: usize,
        next: Option<&Node>,
        target: fn(&mut Values) -> &mut i32,
    ) -> Step<usize> {
        let (value, used) = self.number(field, length, next)?;
        set(target(&mut self.values), value, field)?;
        Ok(used)
    }

    /// One of the words, in any case.
    fn word(&mut self, field: &Field, words: &[&str]) -> Step<i32> {
        let rest = self.rest();
        let found = words
            .iter()
            .position(|word| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)));
        match found {
            Some(found) => {
                self.at += words[found].len();
                Ok(found as i32)
            }
            None => {
                let end = rest.bytes().position(is_space).unwrap_or(rest.len());
                let value = rest[..end].to_owned();
                let pattern = field.pattern.name;
                Err(FormatError::Value { value, pattern, detail: Some(ValueDetail::NoWord) })
            }
        }
    }

    fn field(&mut self, field: &Field, next: Option<&Node>) -> Step {
        let convention = field.pattern.convention;
        match self.values.convention {
            _ if convention == Convention::Any => {}
            None => self.values.convention = Some(convention),
            Some(earlier) if earlier != convention => return Err(FormatError::MixedConventions),
            Some(_) => {}
        }
        let length = field.pattern.name.len();
        match field.pattern.key {
            Key::Fixed => self.is_fixed = true,
            Key::Meridiem
            | Key::MeridiemDotted
            | Key::Era
            | Key::EraDotted
            | Key::MonthName
            | Key::MonthNameShort
            | Key::DayName
            | Key::DayNameShort
            | Key::RomanMonth => self.word_field(field)?,
            Key::ZoneName | Key::Offset => {
                return Err(FormatError::OnlyToChar { pattern: field.pattern.name });
            }
            Key::ZoneHour => self.zone_hour(field, next)?,
            Key::ZoneMinute => {
                if self.values.zone_sign == 0 {
                    self.values.zone_sign = 1;
                }
                self.into(field, 2, next, |values| &mut values.zone_minute)?;
            }
            Key::Year(digits) | Key::IsoYear(digits) => {
                let used = self.into(field, length, next, |values| &mut values.year)?;
                if digits < 4 && used < 4 {
                    self.values.year = near_2020(self.values.year);
                }
                self.values.year_digits = digits;
                self.skip_ordinal(field);
            }
            Key::YearWithComma => self.year_with_comma(field)?,
            Key::Hour24
            | Key::Hour12
            | Key::Minute
            | Key::Second
            | Key::SecondOfDay
            | Key::Millisecond
            | Key::Microsecond
            | Key::Fraction(_) => {
                self.time(field, next)?;
                self.skip_ordinal(field);
            }
            Key::Century
            | Key::DayOfYear
            | Key::IsoDayOfYear
            | Key::Day
            | Key::DayOfWeek
            | Key::IsoDayOfWeek
            | Key::IsoWeek
            | Key::Julian
            | Key::Month
            | Key::Quarter
            | Key::Week
            | Key::WeekOfMonth => {
                self.date(field, next)?;
                self.skip_ordinal(field);
            }
        }
        Ok(())
    }

    fn word_field(&mut self, field: &Field) -> Step {
        match field.pattern.key {
            Key::Meridiem | Key::MeridiemDotted => {
                let words = if field.pattern.key == Key::Meridiem { ["am", "pm"] } else { ["a.m.", "p.m."] };
                let value = self.word(field, &words)?;
                set(&mut self.values.afternoon, value, field)?;
                self.values.is_twelve_hours = true;
            }
            Key::Era | Key::EraDotted => {
                let words = if field.pattern.key == Key::Era { ["ad", "bc"] } else { ["a.d.", "b.c."] };
                let value = self.word(field, &words)?;
                set(&mut self.values.before_christ, value, field)?;
            }
            Key::MonthName | Key::MonthNameShort => {
                let long = field.pattern.key == Key::MonthName;
                let value = self.word(field, if long { &MONTHS_LONG } else { &MONTHS_SHORT })?;
                set(&mut self.values.month, value + 1, field)?;
            }
            Key::DayName | Key::DayNameShort => {
                let long = field.pattern.key == Key::DayName;
                let value = self.word(field, if long { &DAYS_LONG } else { &DAYS_SHORT })?;
                set(&mut self.values.day_of_week, value, field)?;
                self.values.day_of_week += 1;
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
            | Key::RomanMonth
            | Key::SecondOfDay
            | Key::Second
            | Key::ZoneHour
            | Key::ZoneMinute
            | Key::ZoneName
            | Key::Microsecond
            | Key::Week
            | Key::WeekOfMonth
            | Key::YearWithComma
            | Key::Year(_) => {
                let value = self.word(field, &ROMAN_MONTHS)?;
                set(&mut self.values.month, 12 - value, field)?;
            }
        }
        Ok(())
    }

    fn skip_ordinal(&mut self, field: &Field) {
        if field.ordinal.is_some() {
            self.skip_character();
            self.skip_character();
        }
    }

    fn zone_hour(&mut self, field: &Field, next: Option<&Node>) -> Step {
        self.values.zone_sign = match self.first() {
            sign @ (b'+' | b'-' | b' ') => {
                self.at += 1;
                if sign == b'-' { -1 } else { 1 }
            }
            // A minus may have been skipped as a separator.
            _ if self.skipped > 0 && self.text[..self.at].ends_with('-') => -1,
            _ => 1,
        };
        self.into(field, 2, next, |values| &mut values.zone_hour)?;
        Ok(())
    }

    fn year_with_comma(&mut self, field: &Field) -> Step {
        let wrong = FormatError::YearWithComma;
        let (millennia, used) = integer(self.rest());
        let after = &self.rest()[used..];
        let Some(after_comma) = after.strip_prefix(',').filter(|_| used > 0) else { return Err(wrong) };
        let blanks = after_comma.bytes().take_while(|byte| is_space(*byte)).count();
        let (years, digits) = integer(beginning(&after_comma[blanks..], 3));
        if digits == 0 {
            return Err(wrong);
        }
        self.at += used + 1 + blanks + digits;
        // Numbers that do not fit go round, as C's do.
        let year = years.unwrap_or(0).wrapping_add(millennia.unwrap_or(-1).wrapping_mul(1000));
        set(&mut self.values.year, year, field)?;
        self.values.year_digits = 4;
        self.skip_ordinal(field);
        Ok(())
    }

    fn time(&mut self, field: &Field, next: Option<&Node>) -> Step {
        let length = field.pattern.name.len();
        match field.pattern.key {
            Key::Hour12 => {
                self.into(field, 2, next, |values| &mut values.hour)?;
                self.values.is_twelve_hours = true;
            }
            Key::Hour24 => {
                self.into(field, 2, next, |values| &mut values.hour)?;
            }
            Key::Minute => {
                self.into(field, length, next, |values| &mut values.minute)?;
            }
            Key::Second => {
                self.into(field, length, next, |values| &mut values.second)?;
            }
            Key::SecondOfDay => {
                self.into(field, length, next, |values| &mut values.second_of_day)?;
            }
            Key::Millisecond => {
                let used = self.into(field, 3, next, |values| &mut values.millisecond)?;
                let scale = [1, 100, 10].get(used).copied().unwrap_or(1);
                self.values.millisecond = self.values.millisecond.wrapping_mul(scale);
            }
            key => {
                let mut length = 6;
                if let Key::Fraction(digits) = key {
                    self.values.precision = digits;
                    length = usize::from(digits);
                }
                let used = self.into(field, length, next, |values| &mut values.microsecond)?;
                let scale = [1, 100_000, 10_000, 1_000, 100, 10].get(used).copied().unwrap_or(1);
                self.values.microsecond = self.values.microsecond.wrapping_mul(scale);
            }
        }
        Ok(())
    }

    fn date(&mut self, field: &Field, next: Option<&Node>) -> Step {
        let length = field.pattern.name.len();
        let target: fn(&mut Values) -> &mut i32 = match field.pattern.key {
            Key::Century => |values| &mut values.century,
            Key::DayOfYear => |values| &mut values.day_of_year,
            Key::IsoDayOfYear => {
                self.into(field, 3, next, |values| &mut values.day_of_year)?;
                return Ok(());
            }
            Key::Day => |values| &mut values.day,
            Key::DayOfWeek => |values| &mut values.day_of_week,
            Key::IsoDayOfWeek => {
                self.into(field, 1, next, |values| &mut values.day_of_week)?;
                // Sunday is 1 here.
                let day = self.values.day_of_week.wrapping_add(1);
                self.values.day_of_week = if day > 7 { 1 } else { day };
                return Ok(());
            }
            Key::IsoWeek | Key::Week => |values| &mut values.week,
            Key::Julian => |values| &mut values.julian,
            Key::Month => |values| &mut values.month,
            Key::WeekOfMonth => |values| &mut values.week_of_month,
            // A quarter says nothing about a date; it must be a number, no more.
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
            | Key::IsoYear(_)
            | Key::Minute
            | Key::MonthName
            | Key::MonthNameShort
            | Key::Millisecond
            | Key::Offset
            | Key::Quarter
            | Key::RomanMonth
            | Key::SecondOfDay
            | Key::Second
            | Key::ZoneHour
            | Key::ZoneMinute
            | Key::ZoneName
            | Key::Microsecond
            | Key::YearWithComma
            | Key::Year(_) => {
                self.number(field, length, next)?;
                return Ok(());
            }
        };
        self.into(field, length, next, target)?;
        Ok(())
    }
}

/// The year with those last digits that is nearest to 2020.
fn near_2020(year: i32) -> i32 {
    match year {
        ..70 => year.wrapping_add(2000),
        70..100 => year + 1900,
        100..520 => year + 2000,
        520..1000 => year + 1000,
        1000.. => year,
    }
}

impl Values {
    fn time(&self, fields: &mut Fields) -> Step {
        let given = |value: i32, otherwise: i32| i64::from(if value == 0 { otherwise } else { value });
        fields.hour = given(self.hour, self.second_of_day / 3600);
        fields.minute = given(self.minute, self.second_of_day % 3600 / 60);
        fields.second = given(self.second, self.second_of_day % 60);
        if self.is_twelve_hours {
            if !(1..=12).contains(&fields.hour) {
                return Err(FormatError::TwelveHours(fields.hour));
            }
            if self.afternoon != 0 && fields.hour < 12 {
                fields.hour += 12;
            } else if self.afternoon == 0 && fields.hour == 12 {
                fields.hour = 0;
            }
        }
        fields.microsecond = i64::from(self.millisecond) * 1000 + i64::from(self.microsecond);
        Ok(())
    }

    /// The astronomical year, if there is anything to know it by.
    fn astronomical_year(&self) -> Option<i64> {
        let mut century = i64::from(self.century);
        if self.before_christ != 0 {
            century = -century;
        }
        if self.year == 0 {
            return match century {
                0 => None,
                1.. => Some((century - 1) * 100 + 1),
                ..0 => Some(century * 100 + 1),
            };
        }
        if century != 0 && self.year_digits <= 2 {
            return Some(match i64::from(self.year) % 100 {
                0 => century * 100 + i64::from(century < 0),
                year if century >= 0 => year + (century - 1) * 100,
                year => (century + 1) * 100 - year + 1,
            });
        }
        let year = i64::from(self.year);
        let year = if self.before_christ != 0 { -year } else { year };
        Some(if year < 0 { year + 1 } else { year })
    }

    /// Sets the date, and tells which parts of it the text said.
    fn date(&mut self, fields: &mut Fields) -> Step<u32> {
        let mut given = 0;
        if let Some(year) = self.astronomical_year() {
            fields.year = year;
            given |= mask::YEAR;
        }
        let mut set_julian = |fields: &mut Fields, julian: i64| {
            (fields.year, fields.month, fields.day) = from_julian(wrapped(julian));
            given = mask::DATE;
        };
        let is_iso = self.convention == Some(Convention::IsoWeek);
        if self.julian != 0 {
            set_julian(fields, i64::from(self.julian));
        }
        if self.week != 0 && is_iso {
            let monday = iso_week_to_julian(fields.year, i64::from(self.week));
            let day = match self.day_of_week {
                0 => 0,
                day if day > 1 => i64::from(day) - 2,
                _ => 6,
            };
            set_julian(fields, monday + day);
        } else if self.week != 0 {
            self.day_of_year = (self.week.wrapping_sub(1)).wrapping_mul(7).wrapping_add(1);
        }
        if self.week_of_month != 0 {
            self.day = (self.week_of_month.wrapping_sub(1)).wrapping_mul(7).wrapping_add(1);
        }
        if self.day != 0 {
            fields.day = i64::from(self.day);
            given |= mask::DAY;
        }
        if self.month != 0 {
            fields.month = i64::from(self.month);
            given |= mask::MONTH;
        }
        if self.day_of_year != 0 && (fields.month <= 1 || fields.day <= 1) {
            if fields.year == 0 && self.before_christ == 0 {
                return Err(FormatError::DayOfYear);
            }
            let day = i64::from(self.day_of_year);
            if is_iso {
                (fields.year, fields.month, fields.day) =
                    from_julian(wrapped(iso_week_to_julian(fields.year, 1) - 1 + day));
                given = mask::DATE;
            } else {
                set_day_of_year(fields, day);
                given |= mask::MONTH_DAY;
            }
        }
        Ok(given)
    }

    fn found(mut self, text: &str) -> DateTimeResult<Found> {
        let mut fields = Fields { month: 1, day: 1, ..Fields::default() };
        self.time(&mut fields)?;
        let given = self.date(&mut fields)?;
        // How long a month is, only a whole date knows.
        let month_is_wrong = given & mask::MONTH != 0 && !(1..=12).contains(&fields.month);
        let day_is_wrong = given & mask::DAY != 0 && !(1..=31).contains(&fields.day);
        let date_is_wrong = given == mask::DATE && fields.day > days_in_month(fields.year, fields.month);
        let is_date = !month_is_wrong && !day_is_wrong && !date_is_wrong;
        let is_time = (0..24).contains(&fields.hour)
            && (0..60).contains(&fields.minute)
            && (0..60).contains(&fields.second)
            && (0..1_000_000).contains(&fields.microsecond);
        if !is_date || !is_time {
            return Err(DateTimeError::Field { text: text.to_owned(), ask_for_order: false });
        }
        let mut offset = None;
        if self.zone_sign != 0 {
            if !(0..=ZONE_HOURS_MAX).contains(&self.zone_hour) || !(0..60).contains(&self.zone_minute) {
                return Err(DateTimeError::Displacement { text: text.to_owned() });
            }
            offset = Some(self.zone_sign * (self.zone_hour * 3600 + self.zone_minute * 60));
        }
        Ok(Found { fields, offset, precision: (self.precision != 0).then_some(self.precision) })
    }
}

/// A Julian day number as 32 bits hold it; those from March 4801 BC on may be negative.
fn wrapped(julian: i64) -> i64 {
    const BEFORE: i64 = 32_044;
    i64::from((julian + BEFORE) as u32) - BEFORE
}

/// Sets month and day, where they were not given, from the number of the day in the year.
fn set_day_of_year(fields: &mut Fields, day: i64) {
    let mut before = 0;
    let mut month = 1;
    while month <= 12 && day > before + days_in_month(fields.year, month) {
        before += days_in_month(fields.year, month);
        month += 1;
    }
    // Days past the year's last lie in no month.
    debug_assert!(month <= 12 || before == 365 + i64::from(is_leap(fields.year)));
    if fields.month <= 1 {
        fields.month = month;
    }
    if fields.day <= 1 {
        fields.day = day - before;
    }
}
