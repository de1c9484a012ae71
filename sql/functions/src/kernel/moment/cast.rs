//! Casts among dates and times, zones, and what precisions do.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{Take, internal, scalar};
use datetime::convert as of;
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz, ZoneSpec};
use types::text::fit_item;
use types::vector::VectorBuilder;
use types::{Type, Vector};

scalar! {
    fn date_timestamp(a: Date) -> Timestamp { of::date_to_timestamp(a)? }
    fn date_timestamptz [context] (a: Date) -> TimestampTz { of::date_to_timestamptz(a, context.zone())? }
    fn timestamp_date(a: Timestamp) -> Date { of::timestamp_to_date(a) }
    fn timestamptz_date [context] (a: TimestampTz) -> Date { of::timestamptz_to_date(a, context.zone()) }
    fn timestamp_time(a: Timestamp) -> Option<Time> { of::timestamp_to_time(a) }
    fn timestamptz_time [context] (a: TimestampTz) -> Option<Time> { of::timestamptz_to_time(a, context.zone()) }
    fn timestamptz_timetz [context] (a: TimestampTz) -> Option<TimeTz> {
        of::timestamptz_to_timetz(a, context.zone())
    }
    fn timestamp_timestamptz [context] (a: Timestamp) -> TimestampTz {
        of::timestamp_to_timestamptz(a, context.zone())?
    }
    fn timestamptz_timestamp [context] (a: TimestampTz) -> Timestamp {
        of::timestamptz_to_timestamp(a, context.zone())?
    }
    fn interval_time(a: Interval) -> Time { of::interval_to_time(a) }
    fn time_interval(a: Time) -> Interval { of::time_to_interval(a) }
    fn time_timetz [context] (a: Time) -> TimeTz { of::time_to_timetz(a, context.datetime()) }
    fn timetz_time(a: TimeTz) -> Time { of::timetz_to_time(a) }
    fn timestamptz_of_date_time [context] (a: Date, b: Time) -> TimestampTz {
        of::timestamp_to_timestamptz(datetime::arithmetic::date_add_time(a, b)?, context.zone())?
    }
    fn timestamp_zone(zone: &str, a: Timestamp) -> TimestampTz { of::timestamp_at_name(a, zone)? }
    fn timestamptz_zone(zone: &str, a: TimestampTz) -> Timestamp { of::timestamptz_at_name(a, zone)? }
    fn timestamp_izone [context] (zone: Interval, a: Timestamp) -> TimestampTz {
        of::timestamp_at_interval(a, zone, context.datetime().interval_style)?
    }
    fn timestamptz_izone [context] (zone: Interval, a: TimestampTz) -> Timestamp {
        of::timestamptz_at_interval(a, zone, context.datetime().interval_style)?
    }
    fn timetz_zone [context] (zone: &str, a: TimeTz) -> TimeTz {
        of::timetz_at_zone(a, &ZoneSpec::find(zone)?, context.datetime())
    }
    fn timetz_izone [context] (zone: Interval, a: TimeTz) -> TimeTz {
        let offset = of::interval_zone(zone, context.datetime().interval_style)?;
        of::timetz_at_zone(a, &ZoneSpec::Fixed(offset), context.datetime())
    }
}

/// Values as their type's modifier, the second argument, has them.
fn by_modifier(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let [values, modifiers] = arguments.vectors else { return Err(internal("two arguments")) };
    let packed = <i32 as Take>::column(modifiers)?;
    let mut builder = VectorBuilder::new(values.kind(), arguments.rows);
    let mut scratch = Vec::new();
    for row in 0..arguments.rows {
        let of = Type { oid: arguments.type_of(0).oid, modifier: packed[modifiers.place(row)] };
        let of = Type { oid: context.types.undomained(of).oid, ..of };
        builder.push_item(&fit_item(context.types, of, &values.item(row), true, &mut scratch)?)?;
    }
    Ok(builder.finish())
}

macro_rules! scales {
    ($($name:ident ($of:ident);)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            by_modifier(context, arguments)
        })*
    };
}

// kernel: scalar
scales! {
    time_scale (time);
    timetz_scale (timetz);
    timestamp_scale (timestamp);
    timestamptz_scale (timestamptz);
    interval_scale (interval);
}
