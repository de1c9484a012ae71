//! Values to text as JSON has them: ISO 8601, whatever the session's style, with the minutes of a zone always written.

use crate::calendar::{Fields, MICROSECONDS_PER_SECOND, UNIX_TO_EPOCH_SECONDS};
use crate::settings::{DateOrder, DateStyle};
use crate::text::{push_date, push_era, push_infinity, push_number, push_time};
use crate::value::{Date, Time, TimeTz, Timestamp, TimestampTz};
use crate::zone::TimeZone;

/// Appends a date.
pub fn date(out: &mut String, value: Date) {
    if !value.is_finite() {
        return push_infinity(out, value == Date::INFINITY);
    }
    let fields = value.fields();
    push_date(out, &fields, DateStyle::Iso, DateOrder::Ymd);
    push_era(out, &fields);
}

/// Appends a time.
pub fn time(out: &mut String, value: Time) {
    push_time(out, &value.fields());
}

/// Appends a time with its zone.
pub fn timetz(out: &mut String, value: TimeTz) {
    push_time(out, &Fields::of_time(value.time));
    push_zone(out, -value.zone);
}

/// Appends a timestamp.
pub fn timestamp(out: &mut String, value: Timestamp) {
    match value.is_finite() {
        true => push_moment(out, &value.fields(), None),
        false => push_infinity(out, value == Timestamp::INFINITY),
    }
}

/// Appends a timestamp as the clocks of a zone show it.
pub fn timestamptz(out: &mut String, value: TimestampTz, zone: &TimeZone) {
    let unix = value.0.div_euclid(MICROSECONDS_PER_SECOND) + UNIX_TO_EPOCH_SECONDS;
    let east = if value.is_finite() { zone.local_type(unix).offset } else { 0 };
    timestamptz_at(out, value, east);
}

/// Appends a timestamp as clocks so many seconds east of Greenwich show it.
pub fn timestamptz_at(out: &mut String, value: TimestampTz, east: i32) {
    match value.is_finite() {
        true => push_moment(out, &Fields::of_local(value.0, east), Some(east)),
        false => push_infinity(out, value == TimestampTz::INFINITY),
    }
}

fn push_moment(out: &mut String, fields: &Fields, east: Option<i32>) {
    push_date(out, fields, DateStyle::Iso, DateOrder::Ymd);
    out.push('T');
    push_time(out, fields);
    if let Some(east) = east {
        push_zone(out, east);
    }
    push_era(out, fields);
}

fn push_zone(out: &mut String, east: i32) {
    let seconds = u64::from(east.unsigned_abs());
    out.push(if east < 0 { '-' } else { '+' });
    push_number(out, seconds / 3600, 2);
    out.push(':');
    push_number(out, seconds / 60 % 60, 2);
    if seconds % 60 != 0 {
        out.push(':');
        push_number(out, seconds % 60, 2);
    }
}
