//! Formats as the SQL standard has them, for `datetime(template)` of JSON paths: every character counts, and the fields
//! of the format decide the type.

use super::pattern::{self, Key, Node};
use super::read;
use crate::arithmetic::timestamp_out_of_range;
use crate::calendar::{EPOCH_JULIAN, is_valid_julian};
use crate::convert::fields_to_timestamptz;
use crate::error::{DateTimeError, DateTimeResult, FormatError};
use crate::typmod::round_microseconds;
use crate::value::{Date, Time, TimeTz, Timestamp, TimestampTz};

/// What may stand between fields without quotes.
const SEPARATORS: &str = "-./,':; ";

/// A value of the type that the format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// Of a format with a date.
    Date(Date),
    /// Of a format with a time.
    Time(Time),
    /// Of a format with a time and a zone.
    TimeTz(TimeTz),
    /// Of a format with both.
    Timestamp(Timestamp),
    /// Of a format with all of them.
    TimestampTz {
        /// The moment.
        value: TimestampTz,
        /// The zone that it was written in, in seconds east.
        offset: i32,
    },
}

/// A format of the standard.
#[derive(Debug, Clone)]
pub struct StandardFormat {
    nodes: Vec<Node>,
    has_date: bool,
    has_time: bool,
    has_zone: bool,
}

impl StandardFormat {
    /// Parses a format.
    pub fn parse(text: &str) -> DateTimeResult<StandardFormat> {
        let nodes = pattern::parse_with(text, |character| SEPARATORS.contains(character))
            .map_err(FormatError::NoSeparator)?;
        let mut format = StandardFormat { nodes, has_date: false, has_time: false, has_zone: false };
        for node in &format.nodes {
            match node {
                Node::Field(field) => match field.pattern.key {
                    Key::Fixed => {}
                    Key::Meridiem
                    | Key::MeridiemDotted
                    | Key::Hour12
                    | Key::Hour24
                    | Key::Minute
                    | Key::Second
                    | Key::SecondOfDay
                    | Key::Millisecond
                    | Key::Microsecond
                    | Key::Fraction(_) => format.has_time = true,
                    Key::ZoneName | Key::ZoneHour | Key::ZoneMinute | Key::Offset => format.has_zone = true,
                    Key::Era
                    | Key::EraDotted
                    | Key::Century
                    | Key::DayName
                    | Key::DayNameShort
                    | Key::DayOfYear
                    | Key::IsoDayOfYear
                    | Key::Day
                    | Key::DayOfWeek
                    | Key::IsoDayOfWeek
                    | Key::IsoWeek
                    | Key::IsoYear(_)
                    | Key::Julian
                    | Key::Month
                    | Key::MonthName
                    | Key::MonthNameShort
                    | Key::Quarter
                    | Key::RomanMonth
                    | Key::Week
                    | Key::WeekOfMonth
                    | Key::YearWithComma
                    | Key::Year(_) => format.has_date = true,
                },
                Node::Space(_) | Node::Separator(_) | Node::Character(_) => {}
            }
        }
        Ok(format)
    }

    /// Reads a text.
    pub fn read(&self, text: &str) -> DateTimeResult<Standard> {
        if self.nodes.is_empty() {
            return Err(FormatError::NeitherDatedNorTimed.into());
        }
        let found = read::read(&self.nodes, text, true)?;
        let fields = found.fields;
        let time = || {
            // Less than a day, as it was checked.
            round_microseconds(fields.time() as i64, found.precision)
        };
        let missing = |name| FormatError::ZoneIsMissing(name);
        match (self.has_date, self.has_time, self.has_zone) {
            (true, true, true) => {
                let offset = found.offset.ok_or(missing("timestamptz"))?;
                let value = fields_to_timestamptz(&fields, offset)
                    .ok_or(DateTimeError::OutOfRange { what: "timestamptz" })?;
                Ok(Standard::TimestampTz {
                    value: TimestampTz(round_microseconds(value.0, found.precision)),
                    offset,
                })
            }
            (true, true, false) => {
                let value = fields
                    .microseconds()
                    .and_then(Timestamp::from_microseconds)
                    .ok_or_else(timestamp_out_of_range)?;
                Ok(Standard::Timestamp(Timestamp(round_microseconds(value.0, found.precision))))
            }
            (true, false, true) => Err(FormatError::ZonedNotTimed.into()),
            (true, false, false) => {
                let date = is_valid_julian(fields.year, fields.month)
                    .then(|| Date::from_days(fields.julian() - EPOCH_JULIAN))
                    .flatten();
                let out_of_range = || DateTimeError::TextOutOfRange { what: "date", text: text.to_owned() };
                date.map(Standard::Date).ok_or_else(out_of_range)
            }
            (false, true, true) => {
                let offset = found.offset.ok_or(missing("timetz"))?;
                Ok(Standard::TimeTz(TimeTz { time: time(), zone: -offset }))
            }
            (false, true, false) => Ok(Standard::Time(Time(time()))),
            (false, false, _) => Err(FormatError::NeitherDatedNorTimed.into()),
        }
    }
}
