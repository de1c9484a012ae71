//! Operators: sums, differences, products, ages, and intervals brought into shape.

use crate::calendar::{
    DAYS_PER_MONTH, EPOCH_JULIAN, Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, MONTHS_PER_YEAR,
    SECONDS_PER_DAY, days_in_month, from_julian,
};
use crate::convert::{date_to_timestamp, local_fields, local_to_timestamptz};
use crate::error::{DateTimeError, DateTimeResult};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use crate::zone::TimeZone;

pub(crate) fn timestamp_out_of_range() -> DateTimeError {
    DateTimeError::OutOfRange { what: "timestamp" }
}

pub(crate) fn interval_out_of_range() -> DateTimeError {
    DateTimeError::OutOfRange { what: "interval" }
}

/// `date + integer`; an infinity stays what it is.
pub fn date_add_days(date: Date, days: i32) -> DateTimeResult<Date> {
    if !date.is_finite() {
        return Ok(date);
    }
    Date::from_days(i64::from(date.0) + i64::from(days)).ok_or(DateTimeError::OutOfRange { what: "date" })
}

/// `date - integer`; an infinity stays what it is.
pub fn date_subtract_days(date: Date, days: i32) -> DateTimeResult<Date> {
    if !date.is_finite() {
        return Ok(date);
    }
    Date::from_days(i64::from(date.0) - i64::from(days)).ok_or(DateTimeError::OutOfRange { what: "date" })
}

/// `date - date` in days.
pub fn date_difference(left: Date, right: Date) -> DateTimeResult<i32> {
    if !left.is_finite() || !right.is_finite() {
        return Err(DateTimeError::InfiniteDifference { what: "dates" });
    }
    Ok(left.0 - right.0)
}

/// `date + interval`.
pub fn date_add_interval(date: Date, interval: Interval) -> DateTimeResult<Timestamp> {
    timestamp_add_interval(date_to_timestamp(date)?, interval)
}

/// `date - interval`.
pub fn date_subtract_interval(date: Date, interval: Interval) -> DateTimeResult<Timestamp> {
    timestamp_subtract_interval(date_to_timestamp(date)?, interval)
}

/// `date + time`.
pub fn date_add_time(date: Date, time: Time) -> DateTimeResult<Timestamp> {
    let midnight = date_to_timestamp(date)?;
    if !midnight.is_finite() {
        return Ok(midnight);
    }
    Timestamp::from_microseconds(i128::from(midnight.0) + i128::from(time.0))
        .ok_or_else(timestamp_out_of_range)
}

/// `date + timetz`.
pub fn date_add_timetz(date: Date, time: TimeTz) -> DateTimeResult<TimestampTz> {
    let midnight = date_to_timestamp(date)?;
    if !midnight.is_finite() {
        return Ok(TimestampTz(midnight.0));
    }
    TimestampTz::from_microseconds(i128::from(midnight.0) + i128::from(time.utc()))
        .ok_or(DateTimeError::DateForTimestamp)
}

/// Brings microseconds into a day, as the clock goes round.
pub(crate) fn within_day(microseconds: i64) -> i64 {
    microseconds.rem_euclid(MICROSECONDS_PER_DAY)
}

/// `time + interval`: of the interval, only what is below days.
pub fn time_add_interval(time: Time, interval: Interval) -> Time {
    Time(within_day(time.0.wrapping_add(interval.microseconds)))
}

/// `time - interval`.
pub fn time_subtract_interval(time: Time, interval: Interval) -> Time {
    Time(within_day(time.0.wrapping_sub(interval.microseconds)))
}

/// `timetz + interval`.
pub fn timetz_add_interval(time: TimeTz, interval: Interval) -> TimeTz {
    TimeTz { time: within_day(time.time.wrapping_add(interval.microseconds)), ..time }
}

/// `timetz - interval`.
pub fn timetz_subtract_interval(time: TimeTz, interval: Interval) -> TimeTz {
    TimeTz { time: within_day(time.time.wrapping_sub(interval.microseconds)), ..time }
}

/// `time - time`.
pub fn time_difference(left: Time, right: Time) -> Interval {
    Interval::new(0, 0, left.0 - right.0)
}

/// Adds months to a date, down to the last day that the month has.
fn add_months(fields: &mut Fields, months: i32) {
    let month = fields.month - 1 + i64::from(months);
    fields.year += month.div_euclid(MONTHS_PER_YEAR);
    fields.month = month.rem_euclid(MONTHS_PER_YEAR) + 1;
    fields.day = fields.day.min(days_in_month(fields.year, fields.month));
}

/// Adds days to a date; `None` before Julian day 0.
fn add_days(fields: &mut Fields, days: i32) -> Option<()> {
    let julian = i64::from(i32::try_from(fields.julian() + i64::from(days)).ok()?);
    if julian < 0 {
        return None;
    }
    (fields.year, fields.month, fields.day) = from_julian(julian);
    Some(())
}

/// `timestamp + interval`: months, then days, then the rest; an infinity stays what it is.
pub fn timestamp_add_interval(timestamp: Timestamp, interval: Interval) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    let sum = (|| {
        let mut sum = timestamp;
        if interval.months != 0 {
            let mut fields = sum.fields();
            add_months(&mut fields, interval.months);
            sum = Timestamp::from_microseconds(fields.microseconds()?)?;
        }
        if interval.days != 0 {
            let mut fields = sum.fields();
            add_days(&mut fields, interval.days)?;
            sum = Timestamp::from_microseconds(fields.microseconds()?)?;
        }
        Timestamp::from_microseconds(i128::from(sum.0) + i128::from(interval.microseconds))
    })();
    sum.ok_or_else(timestamp_out_of_range)
}

/// The interval with all signs changed; the least numbers stay what they are.
fn wrapping_negated(interval: Interval) -> Interval {
    Interval::new(
        interval.months.wrapping_neg(),
        interval.days.wrapping_neg(),
        interval.microseconds.wrapping_neg(),
    )
}

/// `timestamp - interval`.
pub fn timestamp_subtract_interval(timestamp: Timestamp, interval: Interval) -> DateTimeResult<Timestamp> {
    timestamp_add_interval(timestamp, wrapping_negated(interval))
}

/// `timestamptz + interval`: months and days by the zone's clocks.
pub fn timestamptz_add_interval(
    timestamp: TimestampTz,
    interval: Interval,
    zone: &TimeZone,
) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    let sum = (|| {
        let mut sum = timestamp;
        if interval.months != 0 {
            let mut fields = local_fields(sum, zone).0;
            add_months(&mut fields, interval.months);
            sum = local_to_timestamptz(&fields, zone)?;
        }
        if interval.days != 0 {
            let mut fields = local_fields(sum, zone).0;
            add_days(&mut fields, interval.days)?;
            sum = local_to_timestamptz(&fields, zone)?;
        }
        TimestampTz::from_microseconds(i128::from(sum.0) + i128::from(interval.microseconds))
    })();
    sum.ok_or_else(timestamp_out_of_range)
}

/// `timestamptz - interval`.
pub fn timestamptz_subtract_interval(
    timestamp: TimestampTz,
    interval: Interval,
    zone: &TimeZone,
) -> DateTimeResult<TimestampTz> {
    timestamptz_add_interval(timestamp, wrapping_negated(interval), zone)
}

/// `timestamp - timestamp`, and of two with zones: days of 24 hours and the rest.
pub fn timestamp_difference(left: Timestamp, right: Timestamp) -> DateTimeResult<Interval> {
    if !left.is_finite() || !right.is_finite() {
        return Err(DateTimeError::InfiniteDifference { what: "timestamps" });
    }
    // Beyond 292,000 years this goes round, as in PostgreSQL 15.
    let difference = left.0.wrapping_sub(right.0);
    justify_hours(Interval::new(0, 0, difference))
}

/// `interval + interval`.
pub fn interval_add(left: Interval, right: Interval) -> DateTimeResult<Interval> {
    let sum = (|| {
        Some(Interval::new(
            left.months.checked_add(right.months)?,
            left.days.checked_add(right.days)?,
            left.microseconds.checked_add(right.microseconds)?,
        ))
    })();
    sum.ok_or_else(interval_out_of_range)
}

/// `interval - interval`.
pub fn interval_subtract(left: Interval, right: Interval) -> DateTimeResult<Interval> {
    let difference = (|| {
        Some(Interval::new(
            left.months.checked_sub(right.months)?,
            left.days.checked_sub(right.days)?,
            left.microseconds.checked_sub(right.microseconds)?,
        ))
    })();
    difference.ok_or_else(interval_out_of_range)
}

/// `- interval`.
pub fn interval_negate(interval: Interval) -> DateTimeResult<Interval> {
    interval_subtract(Interval::ZERO, interval)
}

/// Rounds to a millionth, so that what should be whole is.
fn round_to_millionth(value: f64) -> f64 {
    (value * 1e6).round_ties_even() / 1e6
}

fn whole_i32(value: f64) -> Option<i32> {
    let fits = value >= f64::from(i32::MIN) && value <= f64::from(i32::MAX);
    fits.then_some(value as i32)
}

/// An interval whose parts were scaled: fractions of months become days, those of days become seconds.
fn scaled(months: f64, days: f64, microseconds: f64) -> Option<Interval> {
    let whole_months = whole_i32(months)?;
    let whole_days = whole_i32(days)?;
    let more_days = round_to_millionth((months - f64::from(whole_months)) * DAYS_PER_MONTH as f64);
    let part = days - f64::from(whole_days) + more_days - more_days.trunc();
    let mut seconds = round_to_millionth(part * SECONDS_PER_DAY as f64);
    let mut total_days = whole_days;
    if seconds.abs() >= SECONDS_PER_DAY as f64 {
        let carried = (seconds / SECONDS_PER_DAY as f64) as i32;
        total_days = total_days.checked_add(carried)?;
        seconds -= f64::from(carried) * SECONDS_PER_DAY as f64;
    }
    total_days = total_days.checked_add(more_days as i32)?;
    let microseconds = (microseconds + seconds * MICROSECONDS_PER_SECOND as f64).round_ties_even();
    // 2^63 itself is one too many.
    let fits = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&microseconds);
    fits.then(|| Interval::new(whole_months, total_days, microseconds as i64))
}

/// `interval * double precision`.
pub fn interval_multiply(interval: Interval, factor: f64) -> DateTimeResult<Interval> {
    scaled(
        f64::from(interval.months) * factor,
        f64::from(interval.days) * factor,
        interval.microseconds as f64 * factor,
    )
    .ok_or_else(interval_out_of_range)
}

/// `interval / double precision`.
pub fn interval_divide(interval: Interval, divisor: f64) -> DateTimeResult<Interval> {
    if divisor == 0.0 {
        return Err(DateTimeError::DivisionByZero);
    }
    scaled(
        f64::from(interval.months) / divisor,
        f64::from(interval.days) / divisor,
        interval.microseconds as f64 / divisor,
    )
    .ok_or_else(interval_out_of_range)
}

/// Takes whole units out of a part, and adds them to the next larger one.
fn carry(part: i64, unit: i64, larger: i32) -> Option<(i64, i32)> {
    let larger = i32::try_from(i64::from(larger) + part / unit).ok()?;
    Some((part % unit, larger))
}

/// Makes a smaller part have the sign of the larger.
fn agree(larger: &mut i32, smaller: &mut i64, unit: i64) {
    if *larger > 0 && *smaller < 0 {
        *smaller += unit;
        *larger -= 1;
    } else if *larger < 0 && *smaller > 0 {
        *smaller -= unit;
        *larger += 1;
    }
}

/// `justify_hours`: 24 hours become a day.
pub fn justify_hours(interval: Interval) -> DateTimeResult<Interval> {
    let (mut microseconds, mut days) = carry(interval.microseconds, MICROSECONDS_PER_DAY, interval.days)
        .ok_or_else(interval_out_of_range)?;
    agree(&mut days, &mut microseconds, MICROSECONDS_PER_DAY);
    Ok(Interval::new(interval.months, days, microseconds))
}

/// `justify_days`: 30 days become a month.
pub fn justify_days(interval: Interval) -> DateTimeResult<Interval> {
    let (mut days, mut months) =
        carry(i64::from(interval.days), DAYS_PER_MONTH, interval.months).ok_or_else(interval_out_of_range)?;
    agree(&mut months, &mut days, DAYS_PER_MONTH);
    // Less than 30 days are left.
    Ok(Interval::new(months, days as i32, interval.microseconds))
}

/// `justify_interval`: both, and all parts of one sign.
pub fn justify_interval(interval: Interval) -> DateTimeResult<Interval> {
    let Interval { mut months, days, microseconds } = interval;
    let mut days = i64::from(days) + microseconds / MICROSECONDS_PER_DAY;
    let mut microseconds = microseconds % MICROSECONDS_PER_DAY;
    months = i32::try_from(i64::from(months) + days / DAYS_PER_MONTH).map_err(|_| interval_out_of_range())?;
    days %= DAYS_PER_MONTH;
    if months > 0 && (days < 0 || (days == 0 && microseconds < 0)) {
        days += DAYS_PER_MONTH;
        months -= 1;
    } else if months < 0 && (days > 0 || (days == 0 && microseconds > 0)) {
        days -= DAYS_PER_MONTH;
        months += 1;
    }
    // At most 30 days are left.
    let mut days = days as i32;
    agree(&mut days, &mut microseconds, MICROSECONDS_PER_DAY);
    Ok(Interval::new(months, days, microseconds))
}

/// The difference of two moments in years, months, days and the rest, as a person counts it.
fn fields_difference(left: &Fields, right: &Fields, is_negative: bool) -> DateTimeResult<Interval> {
    let sign = if is_negative { -1 } else { 1 };
    let mut microsecond = (left.microsecond - right.microsecond) * sign;
    let mut second = (left.second - right.second) * sign;
    let mut minute = (left.minute - right.minute) * sign;
    let mut hour = (left.hour - right.hour) * sign;
    let mut day = (left.day - right.day) * sign;
    let mut month = (left.month - right.month) * sign;
    let mut year = (left.year - right.year) * sign;
    let borrow = |part: &mut i64, unit: i64, larger: &mut i64| {
        if *part < 0 {
            *part += unit;
            *larger -= 1;
        }
    };
    borrow(&mut microsecond, MICROSECONDS_PER_SECOND, &mut second);
    borrow(&mut second, 60, &mut minute);
    borrow(&mut minute, 60, &mut hour);
    borrow(&mut hour, 24, &mut day);
    // The month that is borrowed from is the earlier moment's.
    let earlier = if is_negative { left } else { right };
    while day < 0 {
        day += days_in_month(earlier.year, earlier.month);
        month -= 1;
    }
    borrow(&mut month, MONTHS_PER_YEAR, &mut year);
    let months =
        i32::try_from(sign * (year * MONTHS_PER_YEAR + month)).map_err(|_| interval_out_of_range())?;
    let time = ((hour * 60 + minute) * 60 + second) * MICROSECONDS_PER_SECOND + microsecond;
    Ok(Interval::new(months, (sign * day) as i32, sign * time))
}

/// What is before all dates has no fields.
fn check_age(has_negative_infinity: bool) -> DateTimeResult<()> {
    if has_negative_infinity { Err(timestamp_out_of_range()) } else { Ok(()) }
}

/// `age(timestamp, timestamp)`. `infinity` counts as the integer that it is, as in PostgreSQL 15.
pub fn age(left: Timestamp, right: Timestamp) -> DateTimeResult<Interval> {
    check_age(left == Timestamp::NEGATIVE_INFINITY || right == Timestamp::NEGATIVE_INFINITY)?;
    fields_difference(&left.fields(), &right.fields(), left < right)
}

/// `age(timestamptz, timestamptz)`, by the zone's clocks.
pub fn age_tz(left: TimestampTz, right: TimestampTz, zone: &TimeZone) -> DateTimeResult<Interval> {
    check_age(left == TimestampTz::NEGATIVE_INFINITY || right == TimestampTz::NEGATIVE_INFINITY)?;
    fields_difference(&local_fields(left, zone).0, &local_fields(right, zone).0, left < right)
}

/// `(start, end) OVERLAPS (start, end)`, the ends in either order; `None` is NULL.
pub fn overlaps<T: Ord + Copy>(
    first: (Option<T>, Option<T>),
    second: (Option<T>, Option<T>),
) -> Option<bool> {
    let ordered = |(start, end): (Option<T>, Option<T>)| match (start, end) {
        (Some(start), Some(end)) if start > end => Some((end, Some(start))),
        (Some(start), end) => Some((start, end)),
        (None, Some(end)) => Some((end, None)),
        (None, None) => None,
    };
    let (mut first, mut second) = (ordered(first)?, ordered(second)?);
    if first.0 == second.0 {
        return (first.1.is_some() && second.1.is_some()).then_some(true);
    }
    if first.0 > second.0 {
        (first, second) = (second, first);
    }
    // The first begins earlier.
    if second.0 < first.1? { Some(true) } else { second.1.map(|_| false) }
}

/// Days from 2000-01-01 to the date of a moment.
pub(crate) fn days_of(fields: &Fields) -> i64 {
    fields.julian() - EPOCH_JULIAN
}
