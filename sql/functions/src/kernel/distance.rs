//! What the `btree_gist` extension's functions compute: how far apart two values are.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use datetime::arithmetic as of;
use datetime::{Date, Interval, Time, Timestamp};
use diagnostic::SqlState;

scalar! {
    fn cash_dist(a: i64, b: i64) -> i64 { within(apart(a, b), "money")? }
    fn date_dist(a: Date, b: Date) -> i32 { of::date_difference(a, b)?.wrapping_abs() }
    fn float4_dist(a: f32, b: f32) -> f32 { finite((a - b).abs().into(), a.is_infinite() || b.is_infinite())? as f32 }
    fn float8_dist(a: f64, b: f64) -> f64 { finite((a - b).abs(), a.is_infinite() || b.is_infinite())? }
    fn int2_dist(a: i16, b: i16) -> i16 { within(a.checked_sub(b).and_then(i16::checked_abs), "smallint")? }
    fn int4_dist(a: i32, b: i32) -> i32 { within(a.checked_sub(b).and_then(i32::checked_abs), "integer")? }
    fn int8_dist(a: i64, b: i64) -> i64 { within(apart(a, b), "bigint")? }
    fn interval_dist(a: Interval, b: Interval) -> Interval { length(of::interval_subtract(a, b)?)? }
    fn oid_dist(a: i32, b: i32) -> i32 { a.cast_unsigned().abs_diff(b.cast_unsigned()).cast_signed() }
    fn time_dist(a: Time, b: Time) -> Interval { length(of::time_difference(a, b))? }
    fn ts_dist(a: Timestamp, b: Timestamp) -> Interval {
        if a.is_finite() && b.is_finite() { length(of::timestamp_difference(a, b)?)? } else { FARTHEST }
    }
}

/// How far what has no end is from all else.
const FARTHEST: Interval = Interval { months: i32::MAX, days: i32::MAX, microseconds: i64::MAX };

fn apart(a: i64, b: i64) -> Option<i64> {
    a.checked_sub(b).and_then(i64::checked_abs)
}

fn within<T>(distance: Option<T>, of: &str) -> FunctionResult<T> {
    let beyond = || FunctionError::plain(SqlState::NumericValueOutOfRange, format!("{of} out of range"));
    distance.ok_or_else(beyond)
}

/// Refuses an infinite distance between what is not.
fn finite(distance: f64, may_be_infinite: bool) -> FunctionResult<f64> {
    if distance.is_infinite() && !may_be_infinite {
        let message = "value out of range: overflow";
        return Err(FunctionError::plain(SqlState::NumericValueOutOfRange, message));
    }
    Ok(distance)
}

/// The interval, or the one that makes none together with it.
fn length(interval: Interval) -> FunctionResult<Interval> {
    Ok(if interval.span() < 0 { of::interval_negate(interval)? } else { interval })
}
