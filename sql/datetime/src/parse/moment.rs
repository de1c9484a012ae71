//! Fields to a moment: dates and times in every form that people write them in.
//!
//! Fields come in any order; each says what it is by its look, its word, or by what is known so far. What it is goes into
//! a mask, and nothing may be said twice.

use super::date::{Parts, may_be_time};
use super::lex::{Kind, Lexed};
use super::number::{fractional_second, integer32};
use super::words::{DateWord, date_word};
use super::{Problem, mask, zone};
use crate::calendar::{Fields, MICROSECONDS_PER_DAY, UNIX_TO_EPOCH_SECONDS, from_julian};
use crate::settings::Settings;
use crate::unit::Unit;
use crate::value::Time;
use crate::zone::TimeZone;
use crate::zone::abbreviation::{self, Meaning};

/// What a text says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// A moment as clocks show it, with the seconds *west* of Greenwich that they are set to.
    At {
        /// What they show; the time of day may be more than 24 hours.
        fields: Fields,
        /// The zone.
        west: i64,
    },
    /// `epoch`.
    Epoch,
    /// `infinity`.
    Infinity,
    /// `-infinity`.
    NegativeInfinity,
}

/// What the number after a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Unit(Unit),
    Time,
}

struct Decoder<'a> {
    lexed: &'a Lexed,
    settings: &'a Settings,
    /// Whether a time of day is wanted, so that what looks like a date may be a zone.
    time_only: bool,
    parts: Parts,
    known: u32,
    prefix: Option<Prefix>,
    has_month_word: bool,
    before_christ: bool,
    afternoon: Option<bool>,
    west: i64,
    named_zone: Option<TimeZone>,
    dynamic_zone: Option<(TimeZone, String)>,
    special: Option<Moment>,
}

type Step = Result<u32, Problem>;

/// Reads a date with or without a time.
pub fn decode_date_time(lexed: &Lexed, settings: &Settings) -> Result<Moment, Problem> {
    let mut decoder = Decoder::new(lexed, settings, false);
    decoder.all_fields()?;
    decoder.validate()?;
    if let Some(special) = decoder.special {
        return Ok(special);
    }
    if decoder.known & mask::DATE != mask::DATE {
        return Err(Problem::BadFormat);
    }
    let fields = decoder.parts.fields;
    let west = decoder.zone_on(&fields, true)?;
    Ok(Moment::At { fields, west })
}

/// Reads a time of day, which may come with a date where that is needed to know the zone.
pub fn decode_time(lexed: &Lexed, settings: &Settings) -> Result<(Fields, i64), Problem> {
    let mut decoder = Decoder::new(lexed, settings, true);
    decoder.all_fields()?;
    decoder.validate()?;
    let mut fields = decoder.parts.fields;
    if time_overflows(&fields) {
        return Err(Problem::FieldOverflow);
    }
    if decoder.known & mask::TIME != mask::TIME {
        return Err(Problem::BadFormat);
    }
    let has_date = decoder.known & mask::DATE == mask::DATE;
    if !has_date {
        let today = now(settings).0;
        (fields.year, fields.month, fields.day) = (today.year, today.month, today.day);
    }
    let west = decoder.zone_on(&fields, has_date)?;
    Ok((fields, west))
}

/// Whether a time is none that a day has: more than 24 hours, or a field that no clock shows.
pub fn time_overflows(fields: &Fields) -> bool {
    !(0..=24).contains(&fields.hour)
        || !(0..60).contains(&fields.minute)
        || !(0..=60).contains(&fields.second)
        || !(0..=1_000_000).contains(&fields.microsecond)
        || fields.time() > i128::from(Time::MAX.0)
}

/// The transaction's time by the session's clocks, with its zone in seconds west.
fn now(settings: &Settings) -> (Fields, i64) {
    let microseconds = settings.now.0;
    let unix = microseconds.div_euclid(1_000_000) + UNIX_TO_EPOCH_SECONDS;
    let offset = settings.zone.local_type(unix).offset;
    (Fields::of_local(microseconds, offset), -i64::from(offset))
}

impl<'a> Decoder<'a> {
    fn new(lexed: &'a Lexed, settings: &'a Settings, time_only: bool) -> Decoder<'a> {
        Decoder {
            lexed,
            settings,
            time_only,
            parts: Parts { order: settings.date_order, ..Parts::default() },
            known: 0,
            prefix: None,
            has_month_word: false,
            before_christ: false,
            afternoon: None,
            west: 0,
            named_zone: None,
            dynamic_zone: None,
            special: None,
        }
    }

    fn all_fields(&mut self) -> Result<(), Problem> {
        for index in 0..self.lexed.len() {
            let found = self.field(index)?;
            if found & self.known != 0 {
                return Err(Problem::BadFormat);
            }
            self.known |= found;
        }
        Ok(())
    }

    fn field(&mut self, index: usize) -> Step {
        let lexed = self.lexed;
        let text = lexed.text(index);
        match lexed.kind(index) {
            Some(Kind::Date) if self.time_only => self.date_in_time(index, text),
            Some(Kind::Date) => self.date(text),
            Some(Kind::Time) => self.time(text),
            Some(Kind::Zone) => {
                self.west = zone::displacement(text)?;
                Ok(mask::ZONE)
            }
            Some(Kind::Number) => match self.prefix {
                Some(prefix) => self.labelled_number(prefix, text),
                None if self.time_only => self.number_in_time(index, text),
                None => self.number(text),
            },
            Some(Kind::Word | Kind::Special) => self.word(index, text),
            None => Err(Problem::BadFormat),
        }
    }

    fn date(&mut self, text: &str) -> Step {
        if self.prefix == Some(Prefix::Unit(Unit::Julian)) {
            // A whole day number with a zone.
            let (value, rest) = integer32(text).ok_or(Problem::FieldOverflow)?;
            if value < 0 {
                return Err(Problem::FieldOverflow);
            }
            self.parts.julian(value);
            self.west = zone::displacement(rest)?;
            self.prefix = None;
            return Ok(mask::DATE | mask::TIME | mask::ZONE);
        }
        let has_date = self.known & mask::MONTH_DAY == mask::MONTH_DAY;
        if self.prefix.is_none() && !has_date {
            return self.parts.date(text, self.known);
        }
        if !text.as_bytes()[0].is_ascii_digit() && self.prefix.is_none() {
            return self.zone_by_name(text);
        }
        if self.prefix.take().is_some_and(|prefix| prefix != Prefix::Time) {
            return Err(Problem::BadFormat);
        }
        self.time_with_zone(text, self.known)
    }

    fn zone_by_name(&mut self, text: &str) -> Step {
        let zone = TimeZone::find(text).ok_or_else(|| Problem::Zone(text.to_owned()))?;
        self.named_zone = Some(zone);
        Ok(mask::ZONE)
    }

    /// `040506-08`.
    fn time_with_zone(&mut self, text: &str, known: u32) -> Step {
        if self.known & mask::TIME == mask::TIME {
            return Err(Problem::BadFormat);
        }
        let at = text.find('-').ok_or(Problem::BadFormat)?;
        self.west = zone::displacement(&text[at..])?;
        Ok(self.parts.run_together(&text[..at], known)? | mask::ZONE)
    }

    fn date_in_time(&mut self, index: usize, text: &str) -> Step {
        let last = self.lexed.kind(self.lexed.len() - 1);
        if index == 0
            && self.lexed.len() >= 2
            && (last == Some(Kind::Date) || self.lexed.kind(1) == Some(Kind::Time))
        {
            return self.parts.date(text, self.known);
        }
        if !text.as_bytes()[0].is_ascii_digit() {
            return self.zone_by_name(text);
        }
        self.time_with_zone(text, self.known | mask::DATE)
    }

    fn time(&mut self, text: &str) -> Step {
        if !self.time_only && self.prefix.take().is_some_and(|prefix| prefix != Prefix::Time) {
            return Err(Problem::BadFormat);
        }
        let found = self.parts.time(text)?;
        if !self.time_only && time_overflows(&self.parts.fields) {
            return Err(Problem::FieldOverflow);
        }
        Ok(found)
    }

    fn labelled_number(&mut self, prefix: Prefix, text: &str) -> Step {
        let (value, rest) = integer32(text).ok_or(Problem::FieldOverflow)?;
        let may_have_point = matches!(prefix, Prefix::Unit(Unit::Second | Unit::Julian) | Prefix::Time)
            && rest.starts_with('.');
        if !rest.is_empty() && !may_have_point {
            return Err(Problem::BadFormat);
        }
        let fields = &mut self.parts.fields;
        let found = match prefix {
            Prefix::Unit(Unit::Year) => {
                fields.year = value;
                mask::YEAR
            }
            // The second of two that could be months is minutes, once there are hours.
            Prefix::Unit(Unit::Month) if self.known & mask::MONTH != 0 && self.known & mask::HOUR != 0 => {
                fields.minute = value;
                mask::MINUTE
            }
            Prefix::Unit(Unit::Month) => {
                fields.month = value;
                mask::MONTH
            }
            Prefix::Unit(Unit::Day) => {
                fields.day = value;
                mask::DAY
            }
            Prefix::Unit(Unit::Hour) => {
                fields.hour = value;
                mask::HOUR
            }
            Prefix::Unit(Unit::Minute) => {
                fields.minute = value;
                mask::MINUTE
            }
            Prefix::Unit(Unit::Second) => {
                fields.second = value;
                if rest.is_empty() {
                    mask::SECOND
                } else {
                    fields.microsecond = fractional_second(rest)?;
                    mask::SECONDS
                }
            }
            Prefix::Unit(Unit::Julian) => self.julian(value, rest)?,
            Prefix::Time => {
                let found = self.parts.run_together(text, self.known | mask::DATE)?;
                if found != mask::TIME {
                    return Err(Problem::BadFormat);
                }
                found
            }
            Prefix::Unit(_) => return Err(Problem::BadFormat),
        };
        self.prefix = None;
        if !self.time_only {
            self.special = None;
        }
        Ok(found)
    }

    fn julian(&mut self, day: i64, fraction: &str) -> Step {
        if day < 0 {
            return Err(Problem::FieldOverflow);
        }
        self.parts.julian(day);
        if fraction.is_empty() {
            return Ok(mask::DATE);
        }
        let part = super::number::fraction(fraction)?;
        let time = Fields::of_time((part * MICROSECONDS_PER_DAY as f64) as i64);
        let fields = &mut self.parts.fields;
        (fields.hour, fields.minute, fields.second) = (time.hour, time.minute, time.second);
        fields.microsecond = time.microsecond;
        Ok(mask::DATE | mask::TIME)
    }

    fn number(&mut self, text: &str) -> Step {
        let has_date = self.known & mask::DATE != 0;
        let is_incomplete = !has_date || self.known & mask::TIME == 0;
        match text.find('.') {
            Some(_) if !has_date => self.parts.date(text, self.known),
            Some(point) if point > 2 => self.parts.run_together(text, self.known),
            Some(_) | None if text.len() >= 6 && is_incomplete => self.parts.run_together(text, self.known),
            Some(_) | None => self.parts.number(text, self.has_month_word, self.known),
        }
    }

    fn number_in_time(&mut self, index: usize, text: &str) -> Step {
        let known = self.known | mask::DATE;
        let last = self.lexed.kind(self.lexed.len() - 1);
        match text.find('.') {
            Some(_) if index == 0 && self.lexed.len() >= 2 && last == Some(Kind::Date) => {
                self.parts.date(text, self.known)
            }
            Some(point) if point > 2 => self.parts.run_together(text, known),
            Some(_) => Err(Problem::BadFormat),
            None if text.len() > 4 => self.parts.run_together(text, known),
            None => self.parts.number(text, false, known),
        }
    }

    fn word(&mut self, index: usize, text: &str) -> Step {
        match abbreviation::find(text) {
            Some(Meaning::Standard(offset)) => {
                self.west = -i64::from(offset);
                return Ok(mask::ZONE);
            }
            Some(Meaning::Daylight(offset)) => {
                self.west = -i64::from(offset);
                return Ok(mask::ZONE | mask::ZONE_DAYLIGHT);
            }
            Some(Meaning::Dynamic(zone)) => {
                let zone = TimeZone::find(zone).ok_or_else(|| Problem::Zone(zone.to_owned()))?;
                self.dynamic_zone = Some((zone, text.to_ascii_uppercase()));
                return Ok(mask::ZONE | mask::ZONE_DYNAMIC);
            }
            None => {}
        }
        let Some(word) = date_word(text) else {
            self.named_zone = Some(TimeZone::find(text).ok_or(Problem::BadFormat)?);
            return Ok(mask::ZONE);
        };
        self.known_word(word, index)
    }

    fn known_word(&mut self, word: DateWord, index: usize) -> Step {
        match word {
            DateWord::Filler => Ok(0),
            DateWord::Now => self.now_word(),
            DateWord::Allballs => {
                self.set_clock(&Fields::default());
                self.west = 0;
                self.special = None;
                Ok(mask::TIME | mask::ZONE)
            }
            DateWord::Day(_)
            | DateWord::Epoch
            | DateWord::Infinity
            | DateWord::NegativeInfinity
            | DateWord::Month(_)
            | DateWord::Weekday
                if self.time_only =>
            {
                Err(Problem::BadFormat)
            }
            DateWord::Day(offset) => {
                let today = now(self.settings).0.julian();
                let fields = &mut self.parts.fields;
                (fields.year, fields.month, fields.day) = from_julian(today + offset);
                self.special = None;
                Ok(mask::DATE)
            }
            DateWord::Epoch => Ok(self.special(Moment::Epoch)),
            DateWord::Infinity => Ok(self.special(Moment::Infinity)),
            DateWord::NegativeInfinity => Ok(self.special(Moment::NegativeInfinity)),
            DateWord::Month(month) => Ok(self.month(month)),
            DateWord::Weekday => Ok(mask::WEEKDAY),
            DateWord::Afternoon(afternoon) => {
                self.afternoon = Some(afternoon);
                Ok(mask::AFTERNOON)
            }
            DateWord::BeforeChrist(before) => {
                self.before_christ = before;
                Ok(mask::ERA)
            }
            DateWord::DaylightSaving => {
                self.west -= 3600;
                Ok(mask::ZONE_MODIFIER | mask::ZONE_DAYLIGHT)
            }
            DateWord::Unit(unit) => {
                self.prefix = Some(Prefix::Unit(unit));
                Ok(0)
            }
            DateWord::IsoTime => {
                let has_date = self.time_only || self.known & mask::DATE == mask::DATE;
                if !has_date || !may_be_time(self.lexed.kind(index + 1)) {
                    return Err(Problem::BadFormat);
                }
                self.prefix = Some(Prefix::Time);
                Ok(0)
            }
        }
    }

    fn special(&mut self, moment: Moment) -> u32 {
        self.special = Some(moment);
        mask::SPECIAL
    }

    fn set_clock(&mut self, from: &Fields) {
        let fields = &mut self.parts.fields;
        (fields.hour, fields.minute, fields.second) = (from.hour, from.minute, from.second);
        fields.microsecond = from.microsecond;
    }

    fn now_word(&mut self) -> Step {
        let (now, west) = now(self.settings);
        if self.time_only {
            self.set_clock(&now);
            return Ok(mask::TIME);
        }
        self.parts.fields = now;
        self.west = west;
        self.special = None;
        Ok(mask::DATE | mask::TIME | mask::ZONE)
    }

    fn month(&mut self, month: i64) -> u32 {
        let fields = &mut self.parts.fields;
        let mut found = mask::MONTH;
        // What was taken for the month was the day.
        if self.known & mask::MONTH != 0
            && !self.has_month_word
            && self.known & mask::DAY == 0
            && (1..=31).contains(&fields.month)
        {
            fields.day = fields.month;
            found = mask::DAY;
        }
        self.has_month_word = true;
        fields.month = month;
        found
    }

    fn validate(&mut self) -> Result<(), Problem> {
        self.parts.validate(self.known, self.before_christ)?;
        let fields = &mut self.parts.fields;
        match self.afternoon {
            None => {}
            Some(_) if fields.hour > 12 => return Err(Problem::FieldOverflow),
            Some(false) if fields.hour == 12 => fields.hour = 0,
            Some(true) if fields.hour != 12 => fields.hour += 12,
            Some(_) => {}
        }
        Ok(())
    }

    /// Seconds west of Greenwich by all that was said, or by the session's zone. `has_date`: whether the date was said.
    fn zone_on(&self, fields: &Fields, has_date: bool) -> Result<i64, Problem> {
        let is_modified = self.known & mask::ZONE_MODIFIER != 0;
        let zone_is_vague =
            self.named_zone.is_some() || self.dynamic_zone.is_some() || self.known & mask::ZONE == 0;
        if is_modified && zone_is_vague {
            return Err(Problem::BadFormat);
        }
        let mut west = self.west;
        if let Some(zone) = &self.named_zone {
            west = match zone.fixed_offset() {
                Some(offset) if self.time_only => -i64::from(offset),
                Some(_) | None if !has_date => return Err(Problem::BadFormat),
                Some(_) | None => -i64::from(zone.offset_of_local(fields)),
            };
        }
        let date_is_partial = !has_date && self.known & mask::DATE != 0;
        if date_is_partial && (self.dynamic_zone.is_some() || self.known & mask::ZONE == 0) {
            return Err(Problem::BadFormat);
        }
        if let Some((zone, name)) = &self.dynamic_zone {
            let offset = zone.offset_of_local(fields);
            let unix = fields.unix_seconds() - i64::from(offset);
            west = -i64::from(zone.named(name, unix).map_or(offset, |found| found.offset));
        }
        if self.known & mask::ZONE == 0 {
            west = -i64::from(self.settings.zone.offset_of_local(fields));
        }
        Ok(west)
    }
}
