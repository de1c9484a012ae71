//! `OVERLAPS`.

use crate::error::FunctionResult;
use crate::evaluate::Context;
use crate::kernel::loops::scalar_lenient;
use datetime::arithmetic::{self as of, overlaps};
use datetime::{Interval, Time, TimeTz, Timestamp, TimestampTz};

fn after(start: Option<Timestamp>, length: Option<Interval>) -> FunctionResult<Option<Timestamp>> {
    Ok(start.zip(length).map(|(start, length)| of::timestamp_add_interval(start, length)).transpose()?)
}

fn after_tz(
    context: &Context<'_>,
    start: Option<TimestampTz>,
    length: Option<Interval>,
) -> FunctionResult<Option<TimestampTz>> {
    let add = |(start, length)| of::timestamptz_add_interval(start, length, context.zone());
    Ok(start.zip(length).map(add).transpose()?)
}

fn after_time(start: Option<Time>, length: Option<Interval>) -> Option<Time> {
    start.zip(length).map(|(start, length)| of::time_add_interval(start, length))
}

scalar_lenient! {
    fn overlaps_timestamp(a: Timestamp, b: Timestamp, c: Timestamp, d: Timestamp) -> Option<bool> {
        overlaps((a, b), (c, d))
    }
    fn overlaps_time(a: Time, b: Time, c: Time, d: Time) -> Option<bool> { overlaps((a, b), (c, d)) }
    fn overlaps_timetz(a: TimeTz, b: TimeTz, c: TimeTz, d: TimeTz) -> Option<bool> { overlaps((a, b), (c, d)) }
    fn overlaps_timestamp_end_length(a: Timestamp, b: Timestamp, c: Timestamp, d: Interval) -> Option<bool> { overlaps((a, b), (c, after(c, d)?)) }
    fn overlaps_timestamp_length_end(a: Timestamp, b: Interval, c: Timestamp, d: Timestamp) -> Option<bool> { overlaps((a, after(a, b)?), (c, d)) }
    fn overlaps_timestamp_length_length(a: Timestamp, b: Interval, c: Timestamp, d: Interval) -> Option<bool> { overlaps((a, after(a, b)?), (c, after(c, d)?)) }
    fn overlaps_timestamptz_end_length [context] (a: TimestampTz, b: TimestampTz, c: TimestampTz, d: Interval) -> Option<bool> { overlaps((a, b), (c, after_tz(context, c, d)?)) }
    fn overlaps_timestamptz_length_end [context] (a: TimestampTz, b: Interval, c: TimestampTz, d: TimestampTz) -> Option<bool> { overlaps((a, after_tz(context, a, b)?), (c, d)) }
    fn overlaps_timestamptz_length_length [context] (a: TimestampTz, b: Interval, c: TimestampTz, d: Interval) -> Option<bool> { overlaps((a, after_tz(context, a, b)?), (c, after_tz(context, c, d)?)) }
    fn overlaps_time_end_length(a: Time, b: Time, c: Time, d: Interval) -> Option<bool> { overlaps((a, b), (c, after_time(c, d))) }
    fn overlaps_time_length_end(a: Time, b: Interval, c: Time, d: Time) -> Option<bool> { overlaps((a, after_time(a, b)), (c, d)) }
    fn overlaps_time_length_length(a: Time, b: Interval, c: Time, d: Interval) -> Option<bool> { overlaps((a, after_time(a, b)), (c, after_time(c, d))) }
}
