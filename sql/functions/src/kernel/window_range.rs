//! `in_range`: whether a value is within an offset of another, for window frames `RANGE BETWEEN … PRECEDING AND …`.
//!
//! Arguments are the value, the one it is compared with, the offset, whether the offset is subtracted, and whether the value
//! must be less or equal. Sums that are out of range are greater or less than all values.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::scalar;
use datetime::arithmetic as of;
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use diagnostic::SqlState;
use numeric::{Numeric, float};
use std::cmp::Ordering;

fn negative() -> FunctionError {
    let message = "invalid preceding or following size in window function";
    FunctionError::plain(SqlState::InvalidPrecedingOrFollowingSize, message)
}

fn holds(found: Ordering, less: bool) -> bool {
    if less { found.is_le() } else { found.is_ge() }
}

fn integers(value: i64, base: i64, offset: i64, subtract: bool, less: bool) -> FunctionResult<bool> {
    if offset < 0 {
        return Err(negative());
    }
    // In twice the width no sum is out of range.
    let (base, offset) = (i128::from(base), i128::from(offset));
    let sum = if subtract { base - offset } else { base + offset };
    Ok(holds(i128::from(value).cmp(&sum), less))
}

fn floats(value: f64, base: f64, offset: f64, subtract: bool, less: bool) -> FunctionResult<bool> {
    if offset.is_nan() || offset < 0.0 {
        return Err(negative());
    }
    // What is no number comes after all else, and is within any offset of itself.
    match (value.is_nan(), base.is_nan()) {
        (true, true) => return Ok(true),
        (true, false) => return Ok(!less),
        (false, true) => return Ok(less),
        (false, false) => {}
    }
    let away = if subtract { base > 0.0 } else { base < 0.0 };
    if offset.is_infinite() && base.is_infinite() && away {
        return Ok(true);
    }
    let sum = if subtract { base - offset } else { base + offset };
    Ok(holds(float::compare(value, sum), less))
}

fn numerics(
    value: &Numeric,
    base: &Numeric,
    offset: &Numeric,
    subtract: bool,
    less: bool,
) -> FunctionResult<bool> {
    if offset.is_nan() || *offset < Numeric::from_mantissa(0, 0) {
        return Err(negative());
    }
    match (value.is_nan(), base.is_nan()) {
        (true, true) => return Ok(true),
        (true, false) => return Ok(!less),
        (false, true) => return Ok(less),
        (false, false) => {}
    }
    let sum = if subtract { base.subtract(offset)? } else { base.add(offset)? };
    // Infinity less infinity.
    Ok(sum.is_nan() || holds(value.cmp(&sum), less))
}

fn moved<T: Ord>(
    value: T,
    offset: Interval,
    less: bool,
    sum: impl FnOnce() -> datetime::DateTimeResult<T>,
) -> FunctionResult<bool> {
    if offset.span() < 0 {
        return Err(negative());
    }
    Ok(holds(value.cmp(&sum()?), less))
}

/// Of times of day only the offset's hours count, and they do not go round.
fn time_of_day(base: i64, offset: Interval, subtract: bool) -> FunctionResult<i64> {
    if offset.microseconds < 0 {
        return Err(negative());
    }
    let offset = offset.microseconds;
    Ok(if subtract { base.saturating_sub(offset) } else { base.saturating_add(offset) })
}

scalar! {
    fn in_range_int8_int8(value: i64, base: i64, offset: i64, subtract: bool, less: bool) -> bool {
        integers(value, base, offset, subtract, less)?
    }
    fn in_range_int4_int8(value: i32, base: i32, offset: i64, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset, subtract, less)?
    }
    fn in_range_int4_int4(value: i32, base: i32, offset: i32, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset.into(), subtract, less)?
    }
    fn in_range_int4_int2(value: i32, base: i32, offset: i16, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset.into(), subtract, less)?
    }
    fn in_range_int2_int8(value: i16, base: i16, offset: i64, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset, subtract, less)?
    }
    fn in_range_int2_int4(value: i16, base: i16, offset: i32, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset.into(), subtract, less)?
    }
    fn in_range_int2_int2(value: i16, base: i16, offset: i16, subtract: bool, less: bool) -> bool {
        integers(value.into(), base.into(), offset.into(), subtract, less)?
    }
    fn in_range_float8_float8(value: f64, base: f64, offset: f64, subtract: bool, less: bool) -> bool {
        floats(value, base, offset, subtract, less)?
    }
    fn in_range_float4_float8(value: f32, base: f32, offset: f64, subtract: bool, less: bool) -> bool {
        floats(value.into(), base.into(), offset, subtract, less)?
    }
    fn in_range_numeric_numeric(
        value: Numeric, base: Numeric, offset: Numeric, subtract: bool, less: bool
    ) -> bool {
        numerics(&value, &base, &offset, subtract, less)?
    }
    fn in_range_date_interval(value: Date, base: Date, offset: Interval, subtract: bool, less: bool) -> bool {
        let value = of::date_add_time(value, Time(0))?;
        moved(value, offset, less, || match subtract {
            true => of::date_subtract_interval(base, offset),
            false => of::date_add_interval(base, offset),
        })?
    }
    fn in_range_timestamp_interval(
        value: Timestamp, base: Timestamp, offset: Interval, subtract: bool, less: bool
    ) -> bool {
        moved(value, offset, less, || match subtract {
            true => of::timestamp_subtract_interval(base, offset),
            false => of::timestamp_add_interval(base, offset),
        })?
    }
    fn in_range_timestamptz_interval [context] (
        value: TimestampTz, base: TimestampTz, offset: Interval, subtract: bool, less: bool
    ) -> bool {
        moved(value, offset, less, || match subtract {
            true => of::timestamptz_subtract_interval(base, offset, context.zone()),
            false => of::timestamptz_add_interval(base, offset, context.zone()),
        })?
    }
    fn in_range_interval_interval(
        value: Interval, base: Interval, offset: Interval, subtract: bool, less: bool
    ) -> bool {
        moved(value, offset, less, || match subtract {
            true => of::interval_subtract(base, offset),
            false => of::interval_add(base, offset),
        })?
    }
    fn in_range_time_interval(value: Time, base: Time, offset: Interval, subtract: bool, less: bool) -> bool {
        holds(value.cmp(&Time(time_of_day(base.0, offset, subtract)?)), less)
    }
    fn in_range_timetz_interval(
        value: TimeTz, base: TimeTz, offset: Interval, subtract: bool, less: bool
    ) -> bool {
        let sum = TimeTz { time: time_of_day(base.time, offset, subtract)?, zone: base.zone };
        holds(value.cmp(&sum), less)
    }
}
