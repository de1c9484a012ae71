//! What can be wrong with a date, a time or what is asked of one: PostgreSQL's texts, SQLSTATEs and hints.

use diagnostic::{Diagnostic, SqlState};
use std::fmt;
use thiserror::Error;

/// The result of a step with dates and times.
pub type DateTimeResult<T> = Result<T, DateTimeError>;

/// The types, as messages name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeName {
    /// `date`
    Date,
    /// `time`
    Time,
    /// `time with time zone`
    TimeTz,
    /// `timestamp`
    Timestamp,
    /// `timestamp with time zone`
    TimestampTz,
    /// `interval`
    Interval,
}

impl TypeName {
    /// Its name in the errors of its input; without the zone's absence, unlike [`TypeName`]'s `Display`.
    fn of_input(self) -> &'static str {
        match self {
            TypeName::Date => "date",
            TypeName::Time => "time",
            TypeName::TimeTz => "time with time zone",
            TypeName::Timestamp => "timestamp",
            TypeName::TimestampTz => "timestamp with time zone",
            TypeName::Interval => "interval",
        }
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            TypeName::Date => "date",
            TypeName::Time => "time without time zone",
            TypeName::TimeTz => "time with time zone",
            TypeName::Timestamp => "timestamp without time zone",
            TypeName::TimestampTz => "timestamp with time zone",
            TypeName::Interval => "interval",
        })
    }
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DateTimeError {
    /// A text that is none of the type's.
    #[error("invalid input syntax for type {}: \"{text}\"", type_name.of_input())]
    Syntax {
        /// The type.
        type_name: TypeName,
        /// The text.
        text: String,
    },
    /// A field that no date or time has.
    #[error("date/time field value out of range: \"{text}\"")]
    Field {
        /// The text.
        text: String,
        /// Whether another order of the fields would help.
        ask_for_order: bool,
    },
    /// A part of an interval that is too large.
    #[error("interval field value out of range: \"{text}\"")]
    IntervalField {
        /// The text.
        text: String,
    },
    /// A zone further off than any is.
    #[error("time zone displacement out of range: \"{text}\"")]
    Displacement {
        /// The text.
        text: String,
    },
    /// A value that the type cannot hold, as text.
    #[error("{what} out of range: \"{text}\"")]
    TextOutOfRange {
        /// `date` or `timestamp`.
        what: &'static str,
        /// The text.
        text: String,
    },
    /// A result that its type cannot hold.
    #[error("{what} out of range")]
    OutOfRange {
        /// `date`, `timestamp`, `interval` or `time`.
        what: &'static str,
    },
    /// A date whose timestamp is out of range.
    #[error("date out of range for timestamp")]
    DateForTimestamp,
    /// A number that no timestamp is so many seconds from 1970.
    #[error("timestamp out of range: \"{seconds}\"")]
    SecondsOutOfRange {
        /// As C prints it with `%g`.
        seconds: String,
    },
    /// The difference of what lies at infinity.
    #[error("cannot subtract infinite {what}")]
    InfiniteDifference {
        /// `dates` or `timestamps`.
        what: &'static str,
    },
    /// Not a number, where a moment is wanted.
    #[error("timestamp cannot be NaN")]
    TimestampIsNan,
    /// No such zone.
    #[error("time zone \"{name}\" not recognized")]
    ZoneNotRecognized {
        /// As it was written.
        name: String,
    },
    /// An interval for a zone, with more than a time in it.
    #[error("interval time zone \"{interval}\" must not include months or days")]
    ZoneWithDays {
        /// As it is written.
        interval: String,
    },
    /// A unit that nobody knows.
    #[error("unit \"{unit}\" not recognized for type {type_name}")]
    UnitNotRecognized {
        /// In small letters.
        unit: String,
        /// Of what.
        type_name: TypeName,
    },
    /// A unit that the type does not have.
    #[error("unit \"{unit}\" not supported for type {type_name}")]
    UnitNotSupported {
        /// In small letters.
        unit: String,
        /// Of what.
        type_name: TypeName,
        /// Whether weeks of an interval were asked for.
        fractional_weeks: bool,
    },
    /// make_date's arguments.
    #[error("date field value out of range: {year}-{month:02}-{day:02}")]
    MakeDate {
        /// Year.
        year: i32,
        /// Month.
        month: i32,
        /// Day.
        day: i32,
    },
    /// make_date's arguments that are a date, but none of ours.
    #[error("date out of range: {year}-{month:02}-{day:02}")]
    MakeDateRange {
        /// Year.
        year: i32,
        /// Month.
        month: i32,
        /// Day.
        day: i32,
    },
    /// make_time's arguments.
    #[error("time field value out of range: {hour}:{minute:02}:{second}")]
    MakeTime {
        /// Hour.
        hour: i32,
        /// Minute.
        minute: i32,
        /// As C prints it with `%02g`.
        second: String,
    },
    /// make_timestamp's arguments.
    #[error("timestamp out of range: {year}-{month:02}-{day:02} {hour}:{minute:02}:{second}")]
    MakeTimestamp {
        /// Year.
        year: i32,
        /// Month.
        month: i32,
        /// Day.
        day: i32,
        /// Hour.
        hour: i32,
        /// Minute.
        minute: i32,
        /// As C prints it with `%02g`.
        second: String,
    },
    /// make_timestamptz's zone.
    #[error("{0}")]
    MakeZone(#[from] MakeZone),
    /// date_bin's stride.
    #[error("{0}")]
    Stride(#[from] Stride),
    /// generate_series's step.
    #[error("step size cannot equal zero")]
    StepIsZero,
    /// Division of an interval.
    #[error("division by zero")]
    DivisionByZero,
    /// The length of a window's frame.
    #[error("invalid preceding or following size in window function")]
    FrameSize,
    /// A precision that is not there.
    #[error("{type_name}({precision}){with_zone} precision must not be negative")]
    NegativePrecision {
        /// `TIME`, `TIMESTAMP` or `INTERVAL`.
        type_name: &'static str,
        /// What was asked for.
        precision: i32,
        /// ` WITH TIME ZONE`, or nothing.
        with_zone: &'static str,
    },
    /// Bytes that are no value.
    #[error("{0}")]
    Wire(#[from] WireError),
    /// What is wrong with a format, or with a text by a format.
    #[error("{0}")]
    Format(#[from] FormatError),
}

/// What is wrong with make_timestamptz's zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum MakeZone {
    #[error("invalid input syntax for type numeric time zone: \"{0}\"")]
    Syntax(String),
    #[error("numeric time zone \"{0}\" out of range")]
    OutOfRange(String),
}

/// What is wrong with date_bin's stride.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum Stride {
    #[error("timestamps cannot be binned into intervals containing months or years")]
    Months,
    #[error("stride must be greater than zero")]
    NotPositive,
    #[error("origin out of range")]
    OriginOutOfRange,
}

/// What is wrong with a value as it comes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum WireError {
    #[error("insufficient data left in message")]
    TooShort,
    #[error("date out of range")]
    Date,
    #[error("time out of range")]
    Time,
    #[error("time zone displacement out of range")]
    Zone,
    #[error("timestamp out of range")]
    Timestamp,
    #[error("incorrect binary data format")]
    TooLong,
}

/// What is wrong with a format, or with a text by a format.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum FormatError {
    #[error("invalid value \"{value}\" for \"{pattern}\"")]
    Value { value: String, pattern: &'static str, detail: Option<ValueDetail> },
    #[error("source string too short for \"{pattern}\" formatting field")]
    TooShort { pattern: &'static str, needed: usize, left: usize },
    #[error("value for \"{pattern}\" in source string is out of range")]
    OutOfRange { pattern: &'static str, least: i32, most: i32 },
    #[error("conflicting values for \"{pattern}\" field in formatting string")]
    Conflict { pattern: &'static str },
    #[error("invalid combination of date conventions")]
    MixedConventions,
    #[error("formatting field \"{pattern}\" is only supported in to_char")]
    OnlyToChar { pattern: &'static str },
    #[error("hour \"{0}\" is invalid for the 12-hour clock")]
    TwelveHours(i64),
    #[error("cannot calculate day of year without year information")]
    DayOfYear,
    #[error("invalid input string for \"Y,YYY\"")]
    YearWithComma,
    #[error("invalid format specification for an interval value")]
    Interval,
    #[error("invalid datetime format separator: \"{0}\"")]
    NoSeparator(char),
    #[error("unmatched format separator \"{0}\"")]
    Separator(char),
    #[error("unmatched format character \"{0}\"")]
    Unmatched(char),
    #[error("input string is too short for datetime format")]
    TextTooShort,
    #[error("trailing characters remain in input string after datetime format")]
    Trailing,
    #[error("missing time zone in input string for type {0}")]
    ZoneIsMissing(&'static str),
    #[error("datetime format is zoned but not timed")]
    ZonedNotTimed,
    #[error("datetime format is not dated and not timed")]
    NeitherDatedNorTimed,
}

/// What more there is to say about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueDetail {
    /// Fewer digits than the field needs.
    TooFewDigits {
        /// Needed.
        needed: usize,
        /// Found.
        found: usize,
    },
    /// No digits.
    NotInteger,
    /// None of the words.
    NoWord,
}

impl Diagnostic for DateTimeError {
    fn sqlstate(&self) -> SqlState {
        match self {
            DateTimeError::Syntax { .. } => SqlState::InvalidDatetimeFormat,
            DateTimeError::IntervalField { .. } => SqlState::IntervalFieldOverflow,
            DateTimeError::Displacement { .. } => SqlState::InvalidTimeZoneDisplacementValue,
            DateTimeError::Field { .. }
            | DateTimeError::TextOutOfRange { .. }
            | DateTimeError::OutOfRange { .. }
            | DateTimeError::DateForTimestamp
            | DateTimeError::SecondsOutOfRange { .. }
            | DateTimeError::TimestampIsNan
            | DateTimeError::InfiniteDifference { .. }
            | DateTimeError::MakeDate { .. }
            | DateTimeError::MakeDateRange { .. }
            | DateTimeError::MakeTime { .. }
            | DateTimeError::MakeTimestamp { .. } => SqlState::DatetimeFieldOverflow,
            DateTimeError::ZoneNotRecognized { .. }
            | DateTimeError::ZoneWithDays { .. }
            | DateTimeError::UnitNotRecognized { .. }
            | DateTimeError::NegativePrecision { .. }
            | DateTimeError::StepIsZero => SqlState::InvalidParameterValue,
            DateTimeError::UnitNotSupported { .. } => SqlState::FeatureNotSupported,
            DateTimeError::DivisionByZero => SqlState::DivisionByZero,
            DateTimeError::FrameSize => SqlState::InvalidPrecedingOrFollowingSize,
            DateTimeError::MakeZone(error) => match error {
                MakeZone::Syntax(_) | MakeZone::OutOfRange(_) => SqlState::InvalidParameterValue,
            },
            DateTimeError::Stride(error) => match error {
                Stride::Months => SqlState::FeatureNotSupported,
                Stride::NotPositive | Stride::OriginOutOfRange => SqlState::DatetimeFieldOverflow,
            },
            DateTimeError::Wire(error) => error.sqlstate(),
            DateTimeError::Format(error) => error.sqlstate(),
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            DateTimeError::UnitNotSupported { fractional_weeks: true, .. } => {
                Some("Months usually have fractional weeks.".to_owned())
            }
            DateTimeError::Format(error) => error.detail(),
            DateTimeError::Syntax { .. }
            | DateTimeError::Field { .. }
            | DateTimeError::IntervalField { .. }
            | DateTimeError::Displacement { .. }
            | DateTimeError::TextOutOfRange { .. }
            | DateTimeError::OutOfRange { .. }
            | DateTimeError::DateForTimestamp
            | DateTimeError::SecondsOutOfRange { .. }
            | DateTimeError::InfiniteDifference { .. }
            | DateTimeError::TimestampIsNan
            | DateTimeError::ZoneNotRecognized { .. }
            | DateTimeError::ZoneWithDays { .. }
            | DateTimeError::UnitNotRecognized { .. }
            | DateTimeError::UnitNotSupported { .. }
            | DateTimeError::MakeDate { .. }
            | DateTimeError::MakeDateRange { .. }
            | DateTimeError::MakeTime { .. }
            | DateTimeError::MakeTimestamp { .. }
            | DateTimeError::MakeZone(_)
            | DateTimeError::Stride(_)
            | DateTimeError::StepIsZero
            | DateTimeError::DivisionByZero
            | DateTimeError::FrameSize
            | DateTimeError::NegativePrecision { .. }
            | DateTimeError::Wire(_) => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            DateTimeError::Field { ask_for_order: true, .. } => {
                Some("Perhaps you need a different \"datestyle\" setting.".to_owned())
            }
            DateTimeError::MakeZone(MakeZone::Syntax(_)) => {
                Some("Numeric time zones must have \"-\" or \"+\" as first character.".to_owned())
            }
            DateTimeError::Format(error) => error.hint(),
            DateTimeError::Syntax { .. }
            | DateTimeError::Field { .. }
            | DateTimeError::IntervalField { .. }
            | DateTimeError::Displacement { .. }
            | DateTimeError::TextOutOfRange { .. }
            | DateTimeError::OutOfRange { .. }
            | DateTimeError::DateForTimestamp
            | DateTimeError::SecondsOutOfRange { .. }
            | DateTimeError::InfiniteDifference { .. }
            | DateTimeError::TimestampIsNan
            | DateTimeError::ZoneNotRecognized { .. }
            | DateTimeError::ZoneWithDays { .. }
            | DateTimeError::UnitNotRecognized { .. }
            | DateTimeError::UnitNotSupported { .. }
            | DateTimeError::MakeDate { .. }
            | DateTimeError::MakeDateRange { .. }
            | DateTimeError::MakeTime { .. }
            | DateTimeError::MakeTimestamp { .. }
            | DateTimeError::MakeZone(_)
            | DateTimeError::Stride(_)
            | DateTimeError::StepIsZero
            | DateTimeError::DivisionByZero
            | DateTimeError::FrameSize
            | DateTimeError::NegativePrecision { .. }
            | DateTimeError::Wire(_) => None,
        }
    }
}

impl WireError {
    fn sqlstate(self) -> SqlState {
        match self {
            WireError::TooShort => SqlState::ProtocolViolation,
            WireError::TooLong => SqlState::InvalidBinaryRepresentation,
            WireError::Date | WireError::Time | WireError::Timestamp => SqlState::DatetimeFieldOverflow,
            WireError::Zone => SqlState::InvalidTimeZoneDisplacementValue,
        }
    }
}

impl FormatError {
    fn sqlstate(&self) -> SqlState {
        match self {
            FormatError::OutOfRange { .. } => SqlState::DatetimeFieldOverflow,
            FormatError::OnlyToChar { .. } => SqlState::FeatureNotSupported,
            FormatError::Value { .. }
            | FormatError::TooShort { .. }
            | FormatError::Conflict { .. }
            | FormatError::MixedConventions
            | FormatError::TwelveHours(_)
            | FormatError::DayOfYear
            | FormatError::YearWithComma
            | FormatError::Interval
            | FormatError::NoSeparator(_)
            | FormatError::Separator(_)
            | FormatError::Unmatched(_)
            | FormatError::TextTooShort
            | FormatError::Trailing
            | FormatError::ZoneIsMissing(_)
            | FormatError::ZonedNotTimed
            | FormatError::NeitherDatedNorTimed => SqlState::InvalidDatetimeFormat,
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            FormatError::Value { detail, .. } => match (*detail)? {
                ValueDetail::TooFewDigits { needed, found } => {
                    Some(format!("Field requires {needed} characters, but only {found} could be parsed."))
                }
                ValueDetail::NotInteger => Some("Value must be an integer.".to_owned()),
                ValueDetail::NoWord => {
                    Some("The given value did not match any of the allowed values for this field.".to_owned())
                }
            },
            FormatError::TooShort { needed, left, .. } => {
                Some(format!("Field requires {needed} characters, but only {left} remain."))
            }
            FormatError::OutOfRange { least, most, .. } => {
                Some(format!("Value must be in the range {least} to {most}."))
            }
            FormatError::Conflict { .. } => {
                Some("This value contradicts a previous setting for the same field type.".to_owned())
            }
            FormatError::MixedConventions
            | FormatError::OnlyToChar { .. }
            | FormatError::TwelveHours(_)
            | FormatError::DayOfYear
            | FormatError::YearWithComma
            | FormatError::Interval
            | FormatError::NoSeparator(_)
            | FormatError::Separator(_)
            | FormatError::Unmatched(_)
            | FormatError::TextTooShort
            | FormatError::Trailing
            | FormatError::ZoneIsMissing(_)
            | FormatError::ZonedNotTimed
            | FormatError::NeitherDatedNorTimed => None,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            FormatError::Value { detail: Some(ValueDetail::TooFewDigits { .. }), .. }
            | FormatError::TooShort { .. } => {
                Some("If your source string is not fixed-width, try using the \"FM\" modifier.".to_owned())
            }
            FormatError::MixedConventions => Some(
                "Do not mix Gregorian and ISO week date conventions in a formatting template.".to_owned(),
            ),
            FormatError::Interval => Some("Intervals are not tied to specific calendar dates.".to_owned()),
            FormatError::TwelveHours(_) => {
                Some("Use the 24-hour clock, or give an hour between 1 and 12.".to_owned())
            }
            FormatError::Value { .. }
            | FormatError::OutOfRange { .. }
            | FormatError::Conflict { .. }
            | FormatError::OnlyToChar { .. }
            | FormatError::DayOfYear
            | FormatError::YearWithComma
            | FormatError::NoSeparator(_)
            | FormatError::Separator(_)
            | FormatError::Unmatched(_)
            | FormatError::TextTooShort
            | FormatError::Trailing
            | FormatError::ZoneIsMissing(_)
            | FormatError::ZonedNotTimed
            | FormatError::NeitherDatedNorTimed => None,
        }
    }
}
