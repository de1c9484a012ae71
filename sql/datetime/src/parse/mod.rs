//! Text to values: PostgreSQL's reading of dates, times and intervals.
//!
//! A text is cut into fields by the look of its characters ([`lex`]), and the fields are understood one after another:
//! [`moment`] for dates and times with [`date`] for their numbers, [`interval`] and [`iso_interval`] for intervals.

mod date;
mod interval;
mod iso_interval;
mod lex;
mod moment;
mod number;
mod quick;
pub(crate) mod words;
pub(crate) mod zone;

pub(crate) use lex::is_space;

use crate::calendar::{
    EPOCH_JULIAN, Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, UNIX_EPOCH_JULIAN, is_valid_julian,
};
use crate::error::{DateTimeError, DateTimeResult, TypeName};
use crate::settings::{IntervalStyle, Settings};
use crate::typmod::{IntervalTypmod, round_microseconds};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use moment::Moment;

/// Which fields have been found.
pub(crate) mod mask {
    pub const SPECIAL: u32 = 1;
    pub const MONTH: u32 = 1 << 1;
    pub const YEAR: u32 = 1 << 2;
    pub const DAY: u32 = 1 << 3;
    pub const ZONE: u32 = 1 << 5;
    pub const ZONE_DAYLIGHT: u32 = 1 << 6;
    pub const ZONE_DYNAMIC: u32 = 1 << 7;
    pub const AFTERNOON: u32 = 1 << 9;
    pub const HOUR: u32 = 1 << 10;
    pub const MINUTE: u32 = 1 << 11;
    pub const SECOND: u32 = 1 << 12;
    pub const MILLISECOND: u32 = 1 << 13;
    pub const MICROSECOND: u32 = 1 << 14;
    pub const DAY_OF_YEAR: u32 = 1 << 15;
    pub const WEEKDAY: u32 = 1 << 16;
    pub const ERA: u32 = 1 << 18;
    pub const WEEK: u32 = 1 << 24;
    pub const DECADE: u32 = 1 << 25;
    pub const CENTURY: u32 = 1 << 26;
    pub const MILLENNIUM: u32 = 1 << 27;
    pub const ZONE_MODIFIER: u32 = 1 << 28;

    pub const YEAR_MONTH: u32 = YEAR | MONTH;
    pub const MONTH_DAY: u32 = MONTH | DAY;
    pub const DATE: u32 = YEAR | MONTH | DAY;
    pub const SECONDS: u32 = SECOND | MILLISECOND | MICROSECOND;
    pub const TIME: u32 = HOUR | MINUTE | SECONDS;
}

/// Why a text is none, before it is known for which type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    BadFormat,
    FieldOverflow,
    /// The same, where another order of day, month and year may help.
    OrderOverflow,
    Displacement,
    Zone(String),
}

impl Problem {
    fn told(self, type_name: TypeName, text: &str) -> DateTimeError {
        let text = || text.to_owned();
        match self {
            Problem::BadFormat => DateTimeError::Syntax { type_name, text: text() },
            Problem::FieldOverflow if type_name == TypeName::Interval => {
                DateTimeError::IntervalField { text: text() }
            }
            Problem::FieldOverflow => DateTimeError::Field { text: text(), ask_for_order: false },
            Problem::OrderOverflow => DateTimeError::Field { text: text(), ask_for_order: true },
            Problem::Displacement => DateTimeError::Displacement { text: text() },
            Problem::Zone(name) => DateTimeError::ZoneNotRecognized { name },
        }
    }
}

/// How many characters the fields of a date or time may have, counted with one more for each field.
const ROOM: usize = 129;
/// The same for timestamps with a zone, and times.
const ROOM_WITH_ZONE: usize = 153;

fn moment(text: &str, settings: &Settings, type_name: TypeName, room: usize) -> DateTimeResult<Moment> {
    let decoded = lex::lex(text, room)
        .ok_or(Problem::BadFormat)
        .and_then(|lexed| moment::decode_date_time(&lexed, settings));
    decoded.map_err(|problem| problem.told(type_name, text))
}

/// Reads a `date`.
pub fn date(text: &str, settings: &Settings) -> DateTimeResult<Date> {
    if let Some(date) = quick::date(text) {
        return Ok(date);
    }
    let out_of_range = || DateTimeError::TextOutOfRange { what: "date", text: text.to_owned() };
    match moment(text, settings, TypeName::Date, ROOM)? {
        Moment::Infinity => Ok(Date::INFINITY),
        Moment::NegativeInfinity => Ok(Date::NEGATIVE_INFINITY),
        Moment::Epoch => Ok(Date((UNIX_EPOCH_JULIAN - EPOCH_JULIAN) as i32)),
        Moment::At { fields, .. } => {
            if !is_valid_julian(fields.year, fields.month) {
                return Err(out_of_range());
            }
            Date::from_days(fields.julian() - EPOCH_JULIAN).ok_or_else(out_of_range)
        }
    }
}

/// Reads a `timestamp`, of at most so many digits of a second; a zone in it is ignored.
pub fn timestamp(text: &str, precision: Option<u8>, settings: &Settings) -> DateTimeResult<Timestamp> {
    let value = match quick::timestamp(text) {
        Some(value) => value,
        None => match moment(text, settings, TypeName::Timestamp, ROOM_WITH_ZONE)? {
            Moment::Infinity => return Ok(Timestamp::INFINITY),
            Moment::NegativeInfinity => return Ok(Timestamp::NEGATIVE_INFINITY),
            Moment::Epoch => unix_epoch(),
            Moment::At { fields, .. } => {
                fields
                    .microseconds()
                    .and_then(Timestamp::from_microseconds)
                    .ok_or_else(|| DateTimeError::TextOutOfRange {
                        what: "timestamp",
                        text: text.to_owned(),
                    })?
                    .0
            }
        },
    };
    Ok(Timestamp(round_microseconds(value, precision)))
}

/// Reads a `timestamptz`, of at most so many digits of a second.
pub fn timestamptz(text: &str, precision: Option<u8>, settings: &Settings) -> DateTimeResult<TimestampTz> {
    let (local, west) = match quick::timestamptz(text) {
        Some((local, Some(east))) => (i128::from(local), -east),
        Some((local, None)) => {
            let offset = settings.zone.offset_of_local(&Fields::of_microseconds(local));
            (i128::from(local), -i64::from(offset))
        }
        None => match moment(text, settings, TypeName::TimestampTz, ROOM_WITH_ZONE)? {
            Moment::Infinity => return Ok(TimestampTz::INFINITY),
            Moment::NegativeInfinity => return Ok(TimestampTz::NEGATIVE_INFINITY),
            Moment::Epoch => (i128::from(unix_epoch()), 0),
            Moment::At { fields, west } => (fields.microseconds().unwrap_or(i128::MAX / 2), west),
        },
    };
    let value =
        TimestampTz::from_microseconds(local + i128::from(west) * i128::from(MICROSECONDS_PER_SECOND))
            .ok_or_else(|| DateTimeError::TextOutOfRange { what: "timestamp", text: text.to_owned() })?;
    Ok(TimestampTz(round_microseconds(value.0, precision)))
}

fn unix_epoch() -> i64 {
    (UNIX_EPOCH_JULIAN - EPOCH_JULIAN) * MICROSECONDS_PER_DAY
}

fn time_of_day(text: &str, settings: &Settings, type_name: TypeName) -> DateTimeResult<(i64, i64)> {
    let decoded = lex::lex(text, ROOM)
        .ok_or(Problem::BadFormat)
        .and_then(|lexed| moment::decode_time(&lexed, settings));
    let (fields, west) = decoded.map_err(|problem| problem.told(type_name, text))?;
    // A time of day was checked to be at most 24 hours.
    Ok((fields.time() as i64, west))
}

/// Reads a `time`, of at most so many digits of a second; a zone in it is ignored.
pub fn time(text: &str, precision: Option<u8>, settings: &Settings) -> DateTimeResult<Time> {
    if let Some(time) = quick::time(text) {
        return Ok(Time(round_microseconds(time, precision)));
    }
    let (time, _) = time_of_day(text, settings, TypeName::Time)?;
    Ok(Time(round_microseconds(time, precision)))
}

/// Reads a `timetz`, of at most so many digits of a second.
pub fn timetz(text: &str, precision: Option<u8>, settings: &Settings) -> DateTimeResult<TimeTz> {
    let (time, west) = time_of_day(text, settings, TypeName::TimeTz)?;
    Ok(TimeTz { time: round_microseconds(time, precision), zone: west as i32 })
}

/// Reads an `interval`, cut to the fields and digits of its type modifier.
pub fn interval(text: &str, typmod: IntervalTypmod, style: IntervalStyle) -> DateTimeResult<Interval> {
    let mut decoded = lex::lex(text, 256)
        .ok_or(Problem::BadFormat)
        .and_then(|lexed| interval::decode(&lexed, typmod.fields, style));
    if decoded == Err(Problem::BadFormat) {
        decoded = iso_interval::decode(text);
    }
    let sum = decoded.map_err(|problem| problem.told(TypeName::Interval, text))?;
    let interval = sum.interval().ok_or(DateTimeError::OutOfRange { what: "interval" })?;
    Ok(typmod.apply(interval))
}
