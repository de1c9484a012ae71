//! What time it is.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, scalar};
use datetime::arithmetic as of;
use datetime::convert::date_to_timestamp;
use datetime::convert::date_to_timestamptz;
use datetime::convert::timestamptz_to_date;
use datetime::{Interval, Timestamp, TimestampTz};
use types::{Kind, Value, Vector};

fn constant(time: TimestampTz, rows: usize) -> FunctionResult<Vector> {
    Ok(Vector::constant(Kind::Int64, &Value::Int64(time.0), rows)?)
}

pub(crate) fn now(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    constant(context.datetime().now, arguments.rows)
}

pub(crate) fn statement_timestamp(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    constant(context.statement_time, arguments.rows)
}

pub(crate) fn clock_timestamp(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    collect::<TimestampTz>(arguments.rows, |_| Ok(context.session.clock()))
}

pub(crate) fn timeofday(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let format = datetime::format::Format::parse("Dy Mon DD HH24:MI:SS.US YYYY TZ");
    collect::<Option<String>>(arguments.rows, |_| {
        let time = context.session.clock();
        Ok(format.timestamptz(time, context.zone())?)
    })
}

scalar! {
    fn timestamp_age_today [context] (a: Timestamp) -> Interval {
        let today = timestamptz_to_date(context.datetime().now, context.zone());
        of::age(date_to_timestamp(today)?, a)?
    }
    fn timestamptz_age_today [context] (a: TimestampTz) -> Interval {
        let today = timestamptz_to_date(context.datetime().now, context.zone());
        of::age_tz(date_to_timestamptz(today, context.zone())?, a, context.zone())?
    }
}

/// `void` is an empty value.
pub(crate) fn void(rows: usize) -> FunctionResult<Vector> {
    Ok(Vector::constant(Kind::Bytes, &Value::Bytes([].into()), rows)?)
}

pub(crate) fn pg_sleep(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let seconds = argument::<f64>(arguments, 0)?;
    for row in 0..arguments.rows {
        context.session.sleep(seconds.at(row)?)?;
    }
    void(arguments.rows)
}

pub(crate) fn sleep_for(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let spans = argument::<Interval>(arguments, 0)?;
    for row in 0..arguments.rows {
        context.session.sleep(spans.at(row)?.span() as f64 / 1e6)?;
    }
    void(arguments.rows)
}

pub(crate) fn sleep_until(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let times = argument::<TimestampTz>(arguments, 0)?;
    for row in 0..arguments.rows {
        let left = times.at(row)?.0.saturating_sub(context.session.clock().0);
        context.session.sleep(left as f64 / 1e6)?;
    }
    void(arguments.rows)
}
