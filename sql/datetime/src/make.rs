//! Values from numbers: `make_date` and its like, `to_timestamp(double precision)`.

use crate::arithmetic::{interval_out_of_range, timestamp_out_of_range};
use crate::calendar::{
    EPOCH_JULIAN, Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE,
    MICROSECONDS_PER_SECOND, MONTHS_PER_YEAR, SECONDS_PER_DAY, UNIX_EPOCH_JULIAN, UNIX_TO_EPOCH_SECONDS,
    days_in_month, is_valid_julian,
};
use crate::convert::{fields_to_timestamptz, local_to_timestamptz};
use crate::error::{DateTimeError, DateTimeResult, MakeZone};
use crate::parse::Problem;
use crate::parse::zone::displacement;
use crate::value::{Date, Interval, Time, Timestamp, TimestampTz};
use crate::zone::{TimeZone, ZoneSpec};

/// A number as C's `%g` prints it: six digits that count.
pub(crate) fn general(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{value:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits.to_owned(),
    };
    if (-4..6).contains(&exponent) {
        let decimals = (5 - exponent) as usize;
        return trim(&format!("{value:.decimals$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.unsigned_abs())
}

/// The same with at least two characters, as `%02g`.
fn general_two(value: f64) -> String {
    let text = general(value);
    match text.strip_prefix('-') {
        Some(_) => text,
        None if value.is_finite() => format!("{text:0>2}"),
        None => format!("{text:>2}"),
    }
}

/// A date's fields; a negative year is before Christ.
fn date_fields(year: i32, month: i32, day: i32) -> DateTimeResult<Fields> {
    let wrong = || DateTimeError::MakeDate { year, month, day };
    let astronomical = match i64::from(year) {
        0 => return Err(wrong()),
        year if year < 0 => year + 1,
        year => year,
    };
    let fields =
        Fields { year: astronomical, month: i64::from(month), day: i64::from(day), ..Fields::default() };
    let is_date = year != i32::MIN
        && (1..=12).contains(&month)
        && day >= 1
        && fields.day <= days_in_month(fields.year, fields.month);
    if !is_date {
        return Err(wrong());
    }
    if !is_valid_julian(fields.year, fields.month) {
        return Err(DateTimeError::MakeDateRange { year, month, day });
    }
    Ok(fields)
}

/// `make_date(year, month, day)`.
pub fn date(year: i32, month: i32, day: i32) -> DateTimeResult<Date> {
    // PostgreSQL names the year as it counts inside: 0 is 1 BC.
    let astronomical = if year < 0 && year != i32::MIN { year + 1 } else { year };
    let fields = date_fields(year, month, day).map_err(|error| match error {
        DateTimeError::MakeDate { .. } => DateTimeError::MakeDate { year: astronomical, month, day },
        DateTimeError::MakeDateRange { .. } => {
            DateTimeError::MakeDateRange { year: astronomical, month, day }
        }
        other => other,
    })?;
    let year = astronomical;
    Date::from_days(fields.julian() - EPOCH_JULIAN).ok_or(DateTimeError::MakeDateRange { year, month, day })
}

/// `make_time(hour, minute, second)`.
pub fn time(hour: i32, minute: i32, second: f64) -> DateTimeResult<Time> {
    let microseconds = (second * 1e6).round_ties_even();
    let time = (i64::from(hour) * 60 + i64::from(minute)) * MICROSECONDS_PER_MINUTE;
    let is_time = (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0.0..=6e7).contains(&microseconds)
        && time + microseconds as i64 <= Time::MAX.0;
    if !is_time {
        return Err(DateTimeError::MakeTime { hour, minute, second: general_two(second) });
    }
    Ok(Time(time + microseconds as i64))
}

/// The arguments of `make_timestamp` and its like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    /// Negative before Christ.
    pub year: i32,
    /// 1 to 12.
    pub month: i32,
    /// 1 to 31.
    pub day: i32,
    /// 0 to 24.
    pub hour: i32,
    /// 0 to 59.
    pub minute: i32,
    /// 0 to 60.
    pub second: f64,
}

/// `make_timestamp(year, month, day, hour, minute, second)`.
pub fn timestamp(numbers: Numbers) -> DateTimeResult<Timestamp> {
    let Numbers { year, month, day, hour, minute, second } = numbers;
    let fields = date_fields(year, month, day)?;
    let time = time(hour, minute, second)?;
    let midnight = i128::from(fields.julian() - EPOCH_JULIAN) * i128::from(MICROSECONDS_PER_DAY);
    Timestamp::from_microseconds(midnight + i128::from(time.0)).ok_or_else(|| {
        let second = general_two(second);
        DateTimeError::MakeTimestamp { year, month, day, hour, minute, second }
    })
}

/// `make_timestamptz` without a zone: by the session's clocks.
pub fn timestamptz(numbers: Numbers, zone: &TimeZone) -> DateTimeResult<TimestampTz> {
    let fields = timestamp(numbers)?.fields();
    local_to_timestamptz(&fields, zone).ok_or_else(timestamp_out_of_range)
}

/// `make_timestamptz` with a zone.
pub fn timestamptz_in_zone(numbers: Numbers, zone: &str) -> DateTimeResult<TimestampTz> {
    let fields = timestamp(numbers)?.fields();
    if zone.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(MakeZone::Syntax(zone.to_owned()).into());
    }
    let offset = match displacement(zone) {
        // Less than 16 hours.
        Ok(west) => -west as i32,
        Err(Problem::Displacement) => return Err(MakeZone::OutOfRange(zone.to_owned()).into()),
        Err(_) => ZoneSpec::find(zone)?.offset_of_local(&fields),
    };
    fields_to_timestamptz(&fields, offset).ok_or_else(timestamp_out_of_range)
}

/// The arguments of `make_interval`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[allow(missing_docs)] // each says itself what it is
pub struct Amounts {
    pub years: i32,
    pub months: i32,
    pub weeks: i32,
    pub days: i32,
    pub hours: i32,
    pub minutes: i32,
    pub seconds: f64,
}

/// `make_interval`. Sums that are too large go round, as in PostgreSQL 15.
pub fn interval(amounts: Amounts) -> DateTimeResult<Interval> {
    let Amounts { years, months, weeks, days, hours, minutes, seconds } = amounts;
    if !seconds.is_finite() {
        return Err(interval_out_of_range());
    }
    let microseconds = (seconds * 1e6).round_ties_even();
    // What does not fit becomes the least number on the machines that matter.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&microseconds);
    let microseconds = if fits { microseconds as i64 } else { i64::MIN };
    Ok(Interval::new(
        years.wrapping_mul(MONTHS_PER_YEAR as i32).wrapping_add(months),
        weeks.wrapping_mul(7).wrapping_add(days),
        (i64::from(hours) * MICROSECONDS_PER_HOUR + i64::from(minutes) * MICROSECONDS_PER_MINUTE)
            .wrapping_add(microseconds),
    ))
}

/// `to_timestamp(double precision)`: seconds since 1970.
pub fn timestamptz_of_seconds(seconds: f64) -> DateTimeResult<TimestampTz> {
    if seconds.is_nan() {
        return Err(DateTimeError::TimestampIsNan);
    }
    if seconds.is_infinite() {
        return Ok(if seconds > 0.0 { TimestampTz::INFINITY } else { TimestampTz::NEGATIVE_INFINITY });
    }
    let out_of_range = || DateTimeError::SecondsOutOfRange { seconds: general(seconds) };
    let first = (-UNIX_EPOCH_JULIAN * SECONDS_PER_DAY) as f64;
    let end = ((109_203_528 - UNIX_EPOCH_JULIAN) * SECONDS_PER_DAY) as f64;
    if !(first..end).contains(&seconds) {
        return Err(out_of_range());
    }
    let since_2000 = seconds - UNIX_TO_EPOCH_SECONDS as f64;
    let microseconds = (since_2000 * MICROSECONDS_PER_SECOND as f64).round_ties_even();
    TimestampTz::from_microseconds(microseconds as i128).ok_or_else(out_of_range)
}
