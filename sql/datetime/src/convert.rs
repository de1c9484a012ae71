//! From one type to another, and from zone to zone.

use crate::arithmetic::{days_of, timestamp_out_of_range, within_day};
use crate::calendar::{Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, UNIX_TO_EPOCH_SECONDS};
use crate::error::{DateTimeError, DateTimeResult};
use crate::settings::{IntervalStyle, Settings};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use crate::zone::{TimeZone, ZoneSpec};
use std::cmp::Ordering;

/// Days from 2000-01-01 to the first that no timestamp reaches.
const FIRST_DAY_BEYOND: i64 = 106_751_983;

/// Seconds of Unix of a moment.
pub(crate) fn unix_seconds(microseconds: i64) -> i64 {
    microseconds.div_euclid(MICROSECONDS_PER_SECOND) + UNIX_TO_EPOCH_SECONDS
}

/// What a zone's clocks show at a moment, and their offset in seconds east.
pub(crate) fn local_fields(timestamp: TimestampTz, zone: &TimeZone) -> (Fields, i32) {
    let offset = zone.local_type(unix_seconds(timestamp.0)).offset;
    (Fields::of_local(timestamp.0, offset), offset)
}

/// The moment at which clocks that are set to an offset show the fields.
pub(crate) fn fields_to_timestamptz(fields: &Fields, offset: i32) -> Option<TimestampTz> {
    let local = fields.microseconds()?;
    TimestampTz::from_microseconds(local - i128::from(offset) * i128::from(MICROSECONDS_PER_SECOND))
}

/// The moment at which a zone's clocks show the fields.
pub(crate) fn local_to_timestamptz(fields: &Fields, zone: &TimeZone) -> Option<TimestampTz> {
    fields_to_timestamptz(fields, zone.offset_of_local(fields))
}

/// `date` to `timestamp`: its midnight.
pub fn date_to_timestamp(date: Date) -> DateTimeResult<Timestamp> {
    match date {
        Date::INFINITY => Ok(Timestamp::INFINITY),
        Date::NEGATIVE_INFINITY => Ok(Timestamp::NEGATIVE_INFINITY),
        Date(days) if i64::from(days) >= FIRST_DAY_BEYOND => Err(DateTimeError::DateForTimestamp),
        Date(days) => Ok(Timestamp(i64::from(days) * MICROSECONDS_PER_DAY)),
    }
}

/// `date` to `timestamptz`: its midnight by the zone's clocks.
pub fn date_to_timestamptz(date: Date, zone: &TimeZone) -> DateTimeResult<TimestampTz> {
    let midnight = date_to_timestamp(date)?;
    if !midnight.is_finite() {
        return Ok(TimestampTz(midnight.0));
    }
    local_to_timestamptz(&midnight.fields(), zone).ok_or(DateTimeError::DateForTimestamp)
}

/// `timestamp` to `date`.
pub fn timestamp_to_date(timestamp: Timestamp) -> Date {
    match timestamp {
        Timestamp::INFINITY => Date::INFINITY,
        Timestamp::NEGATIVE_INFINITY => Date::NEGATIVE_INFINITY,
        // Timestamps reach less far than dates.
        Timestamp(microseconds) => Date(microseconds.div_euclid(MICROSECONDS_PER_DAY) as i32),
    }
}

/// `timestamptz` to `date`, by the zone's clocks.
pub fn timestamptz_to_date(timestamp: TimestampTz, zone: &TimeZone) -> Date {
    if !timestamp.is_finite() {
        return timestamp_to_date(Timestamp(timestamp.0));
    }
    Date(days_of(&local_fields(timestamp, zone).0) as i32)
}

/// `timestamp` to `time`; an infinity has none.
pub fn timestamp_to_time(timestamp: Timestamp) -> Option<Time> {
    timestamp.is_finite().then(|| Time(within_day(timestamp.0)))
}

/// `timestamptz` to `time`, by the zone's clocks; an infinity has none.
pub fn timestamptz_to_time(timestamp: TimestampTz, zone: &TimeZone) -> Option<Time> {
    timestamptz_to_timetz(timestamp, zone).map(timetz_to_time)
}

/// `timestamptz` to `timetz`, by the zone's clocks; an infinity has none.
pub fn timestamptz_to_timetz(timestamp: TimestampTz, zone: &TimeZone) -> Option<TimeTz> {
    timestamp.is_finite().then(|| {
        let (fields, offset) = local_fields(timestamp, zone);
        // A time of day fits.
        TimeTz { time: fields.time() as i64, zone: -offset }
    })
}

/// `timestamp` to `timestamptz`: when the zone's clocks show it.
pub fn timestamp_to_timestamptz(timestamp: Timestamp, zone: &TimeZone) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(TimestampTz(timestamp.0));
    }
    local_to_timestamptz(&timestamp.fields(), zone).ok_or_else(timestamp_out_of_range)
}

/// `timestamptz` to `timestamp`: what the zone's clocks show.
pub fn timestamptz_to_timestamp(timestamp: TimestampTz, zone: &TimeZone) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(Timestamp(timestamp.0));
    }
    let local = local_fields(timestamp, zone).0.microseconds();
    local.and_then(Timestamp::from_microseconds).ok_or_else(timestamp_out_of_range)
}

/// `interval` to `time`: what is below days, as the clock goes round.
pub fn interval_to_time(interval: Interval) -> Time {
    Time(within_day(interval.microseconds))
}

/// `time` to `interval`.
pub fn time_to_interval(time: Time) -> Interval {
    Interval::new(0, 0, time.0)
}

/// `time` to `timetz`: with the offset that the session's clocks would have today at that time.
pub fn time_to_timetz(time: Time, settings: &Settings) -> TimeTz {
    let today = local_fields(settings.now, &settings.zone).0;
    let Fields { year, month, day, .. } = today;
    let fields = Fields { year, month, day, ..time.fields() };
    TimeTz { time: time.0, zone: -settings.zone.offset_of_local(&fields) }
}

/// `timetz` to `time`.
pub fn timetz_to_time(time: TimeTz) -> Time {
    Time(time.time)
}

/// Compares a date's midnight with a timestamp; dates beyond all timestamps are later.
pub fn compare_date_timestamp(date: Date, timestamp: Timestamp) -> Ordering {
    date_to_timestamp(date).map_or(beyond(timestamp == Timestamp::INFINITY), |date| date.cmp(&timestamp))
}

/// Compares a date's midnight by the zone's clocks with a moment.
pub fn compare_date_timestamptz(date: Date, timestamp: TimestampTz, zone: &TimeZone) -> Ordering {
    match date_to_timestamptz(date, zone) {
        Ok(date) => date.cmp(&timestamp),
        // Only near the first day can the zone lead out of the range at that end.
        Err(_) if date.0 < 0 => Ordering::Less,
        Err(_) => beyond(timestamp == TimestampTz::INFINITY),
    }
}

fn beyond(infinity: bool) -> Ordering {
    if infinity { Ordering::Less } else { Ordering::Greater }
}

/// Compares a timestamp by the zone's clocks with a moment.
pub fn compare_timestamp_timestamptz(left: Timestamp, right: TimestampTz, zone: &TimeZone) -> Ordering {
    match timestamp_to_timestamptz(left, zone) {
        Ok(left) => left.cmp(&right),
        Err(_) if left.0 < 0 => Ordering::Less,
        Err(_) => beyond(right == TimestampTz::INFINITY),
    }
}

/// An interval as a zone: its offset in seconds east.
pub fn interval_zone(interval: Interval, style: IntervalStyle) -> DateTimeResult<i32> {
    if interval.months != 0 || interval.days != 0 {
        let mut text = String::new();
        crate::text::interval(&mut text, interval, style);
        return Err(DateTimeError::ZoneWithDays { interval: text });
    }
    Ok((interval.microseconds / MICROSECONDS_PER_SECOND) as i32)
}

/// `timestamp AT TIME ZONE zone`: when clocks there show it.
pub fn timestamp_at_zone(timestamp: Timestamp, zone: &ZoneSpec) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(TimestampTz(timestamp.0));
    }
    let fields = timestamp.fields();
    fields_to_timestamptz(&fields, zone.offset_of_local(&fields)).ok_or_else(timestamp_out_of_range)
}

/// `timestamptz AT TIME ZONE zone`: what clocks there show.
pub fn timestamptz_at_zone(timestamp: TimestampTz, zone: &ZoneSpec) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(Timestamp(timestamp.0));
    }
    let offset = i128::from(zone.offset_at(timestamp.0)) * i128::from(MICROSECONDS_PER_SECOND);
    Timestamp::from_microseconds(i128::from(timestamp.0) + offset).ok_or_else(timestamp_out_of_range)
}

/// `timetz AT TIME ZONE zone`: what clocks there show, by the offset that they have at the transaction's time.
pub fn timetz_at_zone(time: TimeTz, zone: &ZoneSpec, settings: &Settings) -> TimeTz {
    let offset = zone.offset_at(settings.now.0);
    let local = time.utc().saturating_add(i64::from(offset) * MICROSECONDS_PER_SECOND);
    TimeTz { time: within_day(local), zone: -offset }
}

/// `timestamp AT TIME ZONE text`: an infinity is the same everywhere, even nowhere.
pub fn timestamp_at_name(timestamp: Timestamp, zone: &str) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(TimestampTz(timestamp.0));
    }
    timestamp_at_zone(timestamp, &ZoneSpec::find(zone)?)
}

/// `timestamptz AT TIME ZONE text`.
pub fn timestamptz_at_name(timestamp: TimestampTz, zone: &str) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(Timestamp(timestamp.0));
    }
    timestamptz_at_zone(timestamp, &ZoneSpec::find(zone)?)
}

/// `timestamp AT TIME ZONE interval`; the style is for the error's text.
pub fn timestamp_at_interval(
    timestamp: Timestamp,
    zone: Interval,
    style: IntervalStyle,
) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(TimestampTz(timestamp.0));
    }
    timestamp_at_zone(timestamp, &ZoneSpec::Fixed(interval_zone(zone, style)?))
}

/// `timestamptz AT TIME ZONE interval`; the style is for the error's text.
pub fn timestamptz_at_interval(
    timestamp: TimestampTz,
    zone: Interval,
    style: IntervalStyle,
) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(Timestamp(timestamp.0));
    }
    timestamptz_at_zone(timestamp, &ZoneSpec::Fixed(interval_zone(zone, style)?))
}
