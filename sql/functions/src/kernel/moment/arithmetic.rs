//! Arithmetic of dates, times and intervals.

use crate::kernel::loops::{masked, scalar};
use datetime::arithmetic as of;
use datetime::make;
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};

scalar! {
    fn date_pli(a: Date, days: i32) -> Date { of::date_add_days(a, days)? }
    fn date_mii(a: Date, days: i32) -> Date { of::date_subtract_days(a, days)? }
    fn integer_pl_date(days: i32, a: Date) -> Date { of::date_add_days(a, days)? }
    fn date_mi(a: Date, b: Date) -> i32 { of::date_difference(a, b)? }
    fn date_pl_interval(a: Date, b: Interval) -> Timestamp { of::date_add_interval(a, b)? }
    fn date_mi_interval(a: Date, b: Interval) -> Timestamp { of::date_subtract_interval(a, b)? }
    fn interval_pl_date(b: Interval, a: Date) -> Timestamp { of::date_add_interval(a, b)? }
    fn datetime_timestamp(a: Date, b: Time) -> Timestamp { of::date_add_time(a, b)? }
    fn timedate_pl(b: Time, a: Date) -> Timestamp { of::date_add_time(a, b)? }
    fn datetimetz_timestamptz(a: Date, b: TimeTz) -> TimestampTz { of::date_add_timetz(a, b)? }
    fn timetzdate_pl(b: TimeTz, a: Date) -> TimestampTz { of::date_add_timetz(a, b)? }
    fn time_pl_interval(a: Time, b: Interval) -> Time { of::time_add_interval(a, b) }
    fn interval_pl_time(b: Interval, a: Time) -> Time { of::time_add_interval(a, b) }
    fn time_mi_interval(a: Time, b: Interval) -> Time { of::time_subtract_interval(a, b) }
    fn timetz_pl_interval(a: TimeTz, b: Interval) -> TimeTz { of::timetz_add_interval(a, b) }
    fn interval_pl_timetz(b: Interval, a: TimeTz) -> TimeTz { of::timetz_add_interval(a, b) }
    fn timetz_mi_interval(a: TimeTz, b: Interval) -> TimeTz { of::timetz_subtract_interval(a, b) }
    fn time_mi_time(a: Time, b: Time) -> Interval { of::time_difference(a, b) }
    fn timestamp_pl_interval(a: Timestamp, b: Interval) -> Timestamp { of::timestamp_add_interval(a, b)? }
    fn interval_pl_timestamp(b: Interval, a: Timestamp) -> Timestamp { of::timestamp_add_interval(a, b)? }
    fn timestamp_mi_interval(a: Timestamp, b: Interval) -> Timestamp { of::timestamp_subtract_interval(a, b)? }
    fn timestamptz_pl_interval [context] (a: TimestampTz, b: Interval) -> TimestampTz {
        of::timestamptz_add_interval(a, b, context.zone())?
    }
    fn interval_pl_timestamptz [context] (b: Interval, a: TimestampTz) -> TimestampTz {
        of::timestamptz_add_interval(a, b, context.zone())?
    }
    fn timestamptz_mi_interval [context] (a: TimestampTz, b: Interval) -> TimestampTz {
        of::timestamptz_subtract_interval(a, b, context.zone())?
    }
    fn timestamp_mi(a: Timestamp, b: Timestamp) -> Interval { of::timestamp_difference(a, b)? }
    fn interval_pl(a: Interval, b: Interval) -> Interval { of::interval_add(a, b)? }
    fn interval_mi(a: Interval, b: Interval) -> Interval { of::interval_subtract(a, b)? }
    fn interval_um(a: Interval) -> Interval { of::interval_negate(a)? }
    fn interval_mul(a: Interval, b: f64) -> Interval { of::interval_multiply(a, b)? }
    fn mul_d_interval(b: f64, a: Interval) -> Interval { of::interval_multiply(a, b)? }
    fn interval_div(a: Interval, b: f64) -> Interval { of::interval_divide(a, b)? }
    fn interval_justify_days(a: Interval) -> Interval { of::justify_days(a)? }
    fn interval_justify_hours(a: Interval) -> Interval { of::justify_hours(a)? }
    fn interval_justify_interval(a: Interval) -> Interval { of::justify_interval(a)? }
    fn timestamp_age(a: Timestamp, b: Timestamp) -> Interval { of::age(a, b)? }
    fn timestamptz_age [context] (a: TimestampTz, b: TimestampTz) -> Interval { of::age_tz(a, b, context.zone())? }
    fn make_date(year: i32, month: i32, day: i32) -> Date { make::date(year, month, day)? }
    fn make_time(hour: i32, minute: i32, second: f64) -> Time { make::time(hour, minute, second)? }
    fn make_timestamp(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64) -> Timestamp {
        make::timestamp(make::Numbers { year, month, day, hour, minute, second })?
    }
    fn make_timestamptz [context] (year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64) -> TimestampTz {
        make::timestamptz(make::Numbers { year, month, day, hour, minute, second }, context.zone())?
    }
    fn make_timestamptz_at_timezone(
        year: i32, month: i32, day: i32, hour: i32, minute: i32, second: f64, zone: &str
    ) -> TimestampTz {
        make::timestamptz_in_zone(make::Numbers { year, month, day, hour, minute, second }, zone)?
    }
    fn make_interval(
        years: i32, months: i32, weeks: i32, days: i32, hours: i32, minutes: i32, seconds: f64
    ) -> Interval {
        make::interval(make::Amounts { years, months, weeks, days, hours, minutes, seconds })?
    }
    fn float8_timestamptz(a: f64) -> TimestampTz { make::timestamptz_of_seconds(a)? }
    fn date_finite(a: Date) -> bool { a.is_finite() }
    fn timestamp_finite(a: Timestamp) -> bool { a.is_finite() }
    fn interval_finite(a: Interval) -> bool { let _ = a; true }
    fn interval_larger(a: Interval, b: Interval) -> Interval { if a > b { a } else { b } }
    fn interval_smaller(a: Interval, b: Interval) -> Interval { if a < b { a } else { b } }
    fn timetz_larger(a: TimeTz, b: TimeTz) -> TimeTz { if a > b { a } else { b } }
    fn timetz_smaller(a: TimeTz, b: TimeTz) -> TimeTz { if a < b { a } else { b } }
    fn interval_cmp(a: Interval, b: Interval) -> i32 { a.cmp(&b) as i32 }
    fn timetz_cmp(a: TimeTz, b: TimeTz) -> i32 { a.cmp(&b) as i32 }
}

masked! {
    fn date_larger(a: i32, b: i32) -> i32 { a.max(b) }
    fn date_smaller(a: i32, b: i32) -> i32 { a.min(b) }
    fn time_larger(a: i64, b: i64) -> i64 { a.max(b) }
    fn time_smaller(a: i64, b: i64) -> i64 { a.min(b) }
    fn timestamp_larger(a: i64, b: i64) -> i64 { a.max(b) }
    fn timestamp_smaller(a: i64, b: i64) -> i64 { a.min(b) }
    fn date_cmp(a: i32, b: i32) -> i32 { a.cmp(&b) as i32 }
    fn time_cmp(a: i64, b: i64) -> i32 { a.cmp(&b) as i32 }
    fn timestamp_cmp(a: i64, b: i64) -> i32 { a.cmp(&b) as i32 }
}
