//! Zones that a rule describes: `PST8PDT,M3.2.0,M11.1.0`, as users write them and as the zone database ends.

use crate::calendar::{
    SECONDS_PER_DAY, UNIX_EPOCH_JULIAN, day_of_week, days_in_month, from_julian, to_julian,
};
use crate::zone::LocalType;
use std::borrow::Cow;

/// What holds when a rule names daylight saving time and not when it is.
const DEFAULT_DAYS: &str = ",M3.2.0,M11.1.0";
/// Hours of a transition's time or of an offset: at most a week less one.
const HOURS_MAX: i64 = 24 * 7 - 1;

/// A zone by rule. Offsets are seconds east.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posix {
    standard: Period,
    daylight: Option<Daylight>,
}

/// A name and its offset.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Period {
    abbreviation: Cow<'static, str>,
    offset: i32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Daylight {
    period: Period,
    begins: Change,
    ends: Change,
}

/// When in a year the clocks change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Change {
    day: ChangeDay,
    /// Seconds after midnight by the clock that was valid until then.
    time: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChangeDay {
    /// 1 to 365; 29 February is never counted.
    Julian(i64),
    /// 0 to 365.
    Zero(i64),
    /// The n-th such day of the week in a month; the fifth is the last.
    Month { month: i64, week: i64, day: i64 },
}

impl ChangeDay {
    /// Its Julian day number.
    fn in_year(self, year: i64) -> i64 {
        match self {
            ChangeDay::Julian(day) => {
                let leap = i64::from(day >= 60 && days_in_month(year, 2) == 29);
                to_julian(year, 1, 1) + day - 1 + leap
            }
            ChangeDay::Zero(day) => to_julian(year, 1, 1) + day,
            ChangeDay::Month { month, week, day } => {
                let first = to_julian(year, month, 1);
                let mut found = first + (day - day_of_week(first)).rem_euclid(7) + (week - 1) * 7;
                while found >= first + days_in_month(year, month) {
                    found -= 7;
                }
                found
            }
        }
    }
}

/// Year and month of a moment in UTC.
fn year_and_month(unix: i64) -> (i64, i64) {
    let (year, month, _) = from_julian(unix.div_euclid(SECONDS_PER_DAY) + UNIX_EPOCH_JULIAN);
    (year, month)
}

impl Posix {
    /// UTC under its own name.
    pub fn utc(name: &'static str) -> Posix {
        Posix { standard: Period { abbreviation: Cow::Borrowed(name), offset: 0 }, daylight: None }
    }

    /// The rule at the end of a file of the zone database.
    pub fn of_footer(text: &'static str) -> Option<Posix> {
        Reader { rest: text }.rule(Cow::Borrowed)
    }

    /// A rule that a user wrote.
    pub fn of_text(text: &str) -> Option<Posix> {
        Reader { rest: text }.rule(|name| Cow::Owned(name.to_owned()))
    }

    /// The offset that never changes, if so.
    pub fn fixed_offset(&self) -> Option<i32> {
        match &self.daylight {
            Some(daylight) if daylight.period.offset != self.standard.offset => None,
            Some(_) | None => Some(self.standard.offset),
        }
    }

    fn standard_type(&self) -> LocalType<'_> {
        LocalType {
            offset: self.standard.offset,
            is_daylight: false,
            abbreviation: &self.standard.abbreviation,
        }
    }

    /// The two changes of a year as seconds of Unix, in order, with whether daylight saving time begins.
    fn changes(&self, daylight: &Daylight, year: i64) -> Option<[(i64, bool); 2]> {
        let midnight =
            |change: Change| (change.day.in_year(year) - UNIX_EPOCH_JULIAN) * SECONDS_PER_DAY + change.time;
        let begins = midnight(daylight.begins) - i64::from(self.standard.offset);
        let ends = midnight(daylight.ends) - i64::from(daylight.period.offset);
        let year_length = (to_julian(year + 1, 1, 1) - to_julian(year, 1, 1)) * SECONDS_PER_DAY;
        let longest = year_length + i64::from(daylight.period.offset - self.standard.offset);
        if ends < begins {
            Some([(ends, false), (begins, true)])
        } else if begins < ends && ends - begins < longest {
            Some([(begins, true), (ends, false)])
        } else {
            None
        }
    }

    fn type_of<'a>(&'a self, daylight: &'a Daylight, is_daylight: bool) -> LocalType<'a> {
        if !is_daylight {
            return self.standard_type();
        }
        LocalType {
            offset: daylight.period.offset,
            is_daylight: true,
            abbreviation: &daylight.period.abbreviation,
        }
    }

    /// What holds at a moment.
    pub fn local_type(&self, unix: i64) -> LocalType<'_> {
        let Some(daylight) = &self.daylight else { return self.standard_type() };
        let (year, month) = year_and_month(unix);
        // A year's first change may come before its beginning, elsewhere.
        let newest = if month == 12 { year + 1 } else { year };
        let last = (year - 1..=newest)
            .rev()
            .filter_map(|year| self.changes(daylight, year))
            .flat_map(|[first, second]| [second, first])
            .find(|change| change.0 <= unix);
        // No changes at all: daylight saving time never ends.
        self.type_of(daylight, last.is_none_or(|change| change.1))
    }

    /// The first change after a moment, and what holds from then on.
    pub fn next_change(&self, unix: i64) -> Option<(i64, LocalType<'_>)> {
        let daylight = self.daylight.as_ref()?;
        let (year, month) = year_and_month(unix);
        // A year's last change may come after its end, elsewhere.
        let oldest = if month == 1 { year - 1 } else { year };
        let (at, is_daylight) = (oldest..=year + 1)
            .filter_map(|year| self.changes(daylight, year))
            .flatten()
            .find(|change| change.0 > unix)?;
        Some((at, self.type_of(daylight, is_daylight)))
    }

    /// What an abbreviation means here.
    pub fn named(&self, abbreviation: &str) -> Option<LocalType<'_>> {
        let daylight = self.daylight.as_ref()?;
        if self.standard.abbreviation == abbreviation {
            Some(self.standard_type())
        } else if daylight.period.abbreviation == abbreviation {
            Some(self.type_of(daylight, true))
        } else {
            None
        }
    }
}

/// A rule's text, consumed from the left.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn rule(mut self, keep: impl Fn(&'a str) -> Cow<'static, str>) -> Option<Posix> {
        let name = self.name()?;
        let standard = Period { abbreviation: keep(name), offset: -self.signed_time()? };
        if self.rest.is_empty() {
            return Some(Posix { standard, daylight: None });
        }
        let name = self.name()?;
        if name.is_empty() {
            return None;
        }
        let offset = match self.rest.bytes().next() {
            None | Some(b',' | b';') => standard.offset.checked_add(3600)?,
            Some(_) => -self.signed_time()?,
        };
        let period = Period { abbreviation: keep(name), offset };
        let mut days = Reader { rest: if self.rest.is_empty() { DEFAULT_DAYS } else { self.rest } };
        if !days.eat(b',') && !days.eat(b';') {
            return None;
        }
        let begins = days.change()?;
        if !days.eat(b',') {
            return None;
        }
        let ends = days.change()?;
        days.rest.is_empty().then_some(Posix { standard, daylight: Some(Daylight { period, begins, ends }) })
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.rest.as_bytes().first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    /// A name, in angle brackets or up to the first character that no name has.
    fn name(&mut self) -> Option<&'a str> {
        if self.eat(b'<') {
            let (name, rest) = self.rest.split_once('>')?;
            self.rest = rest;
            return Some(name);
        }
        let end = self.rest.find(|c: char| c.is_ascii_digit() || matches!(c, ',' | '-' | '+'));
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Some(name)
    }

    fn number(&mut self, least: i64, most: i64) -> Option<i64> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok().filter(|number| (least..=most).contains(number))?;
        self.rest = &self.rest[end..];
        Some(number)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    fn signed_time(&mut self) -> Option<i32> {
        let negative = self.eat(b'-');
        if !negative {
            self.eat(b'+');
        }
        let mut seconds = self.number(0, HOURS_MAX)? * 3600;
        if self.eat(b':') {
            seconds += self.number(0, 59)? * 60;
            if self.eat(b':') {
                seconds += self.number(0, 60)?;
            }
        }
        i32::try_from(if negative { -seconds } else { seconds }).ok()
    }

    fn change(&mut self) -> Option<Change> {
        let day = if self.eat(b'J') {
            ChangeDay::Julian(self.number(1, 365)?)
        } else if self.eat(b'M') {
            let month = self.number(1, 12)?;
            let week = if self.eat(b'.') { self.number(1, 5)? } else { return None };
            let day = if self.eat(b'.') { self.number(0, 6)? } else { return None };
            ChangeDay::Month { month, week, day }
        } else {
            ChangeDay::Zero(self.number(0, 365)?)
        };
        let time = if self.eat(b'/') { i64::from(self.signed_time()?) } else { 2 * 3600 };
        Some(Change { day, time })
    }
}
