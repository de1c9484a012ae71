//! Parts of dates, times and intervals by name: what `extract`, `date_part` and `date_trunc` are asked for.

use crate::error::{DateTimeError, TypeName};
use crate::parse::words::{DateWord, IntervalWord, date_word, interval_word};
use std::borrow::Cow;

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // each says itself what it is
pub enum Unit {
    Microsecond,
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
    IsoYear,
    Decade,
    Century,
    Millennium,
    Julian,
    DayOfWeek,
    IsoDayOfWeek,
    DayOfYear,
    Timezone,
    TimezoneHour,
    TimezoneMinute,
    /// Seconds since 1970, or of an interval.
    Epoch,
    /// Words of dates that are no part: known, and supported nowhere.
    Other,
}

impl Unit {
    /// What a word in small letters names as a measure; words of dates are none.
    pub fn measure(word: &str) -> Option<Unit> {
        match interval_word(word)? {
            IntervalWord::Unit(unit) => Some(unit),
            IntervalWord::Ago => None,
        }
    }

    /// What a word in small letters names.
    pub fn find(word: &str) -> Option<Unit> {
        if interval_word(word).is_some() {
            return Unit::measure(word);
        }
        match date_word(word)? {
            DateWord::Unit(unit) => Some(unit),
            DateWord::Epoch => Some(Unit::Epoch),
            DateWord::Now
            | DateWord::Day(_)
            | DateWord::Allballs
            | DateWord::Infinity
            | DateWord::NegativeInfinity => Some(Unit::Other),
            DateWord::Filler
            | DateWord::Month(_)
            | DateWord::Weekday
            | DateWord::Afternoon(_)
            | DateWord::BeforeChrist(_)
            | DateWord::DaylightSaving
            | DateWord::IsoTime => None,
        }
    }
}

/// Identifiers are cut to this many bytes.
const IDENTIFIER_MAX: usize = 63;

/// A name as it is looked up, and as messages have it.
fn small_letters(name: &str) -> Cow<'_, str> {
    match name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => Cow::Owned(name.to_ascii_lowercase()),
        false => Cow::Borrowed(name),
    }
}

/// A unit as somebody wrote it, looked up once for as many values as there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitName<'a> {
    /// Cut like an identifier.
    name: &'a str,
    found: Option<Unit>,
    measure: Option<Unit>,
}

impl<'a> UnitName<'a> {
    /// Looks a name up; whether it is one is said when it is used.
    pub fn new(name: &'a str) -> UnitName<'a> {
        let mut end = name.len().min(IDENTIFIER_MAX);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        let name = &name[..end];
        let small = small_letters(name);
        UnitName { found: Unit::find(&small), measure: Unit::measure(&small), name }
    }

    /// What it names.
    pub fn unit(&self) -> Option<Unit> {
        self.found
    }

    /// What it names as a measure, which is all that can be truncated to.
    pub fn measure(&self) -> Option<Unit> {
        self.measure
    }

    /// The type does not know the name.
    pub(crate) fn not_recognized(&self, type_name: TypeName) -> DateTimeError {
        DateTimeError::UnitNotRecognized { unit: small_letters(self.name).into_owned(), type_name }
    }

    /// The type has no such part.
    pub(crate) fn not_supported(&self, type_name: TypeName) -> DateTimeError {
        let unit = small_letters(self.name).into_owned();
        DateTimeError::UnitNotSupported { unit, type_name, fractional_weeks: false }
    }
}
