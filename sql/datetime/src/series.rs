//! Steps: `generate_series` of timestamps, and the frames of windows by a distance.

use crate::arithmetic::{
    interval_add, interval_subtract, timestamp_add_interval, timestamp_subtract_interval,
    timestamptz_add_interval, timestamptz_subtract_interval,
};
use crate::convert::date_to_timestamp;
use crate::error::{DateTimeError, DateTimeResult};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use crate::zone::TimeZone;

/// `generate_series(start, stop, step)`: yields until the stop is passed.
///
/// A step that leads out of the range is an error, and the last item.
pub struct Series<T, Add> {
    next: Option<T>,
    stop: T,
    step: Interval,
    add: Add,
}

fn series<T, Add>(start: T, stop: T, step: Interval, add: Add) -> DateTimeResult<Series<T, Add>> {
    if step == Interval::ZERO {
        return Err(DateTimeError::StepIsZero);
    }
    Ok(Series { next: Some(start), stop, step, add })
}

/// A series of timestamps.
pub fn timestamps(
    start: Timestamp,
    stop: Timestamp,
    step: Interval,
) -> DateTimeResult<Series<Timestamp, impl Fn(Timestamp, Interval) -> DateTimeResult<Timestamp>>> {
    series(start, stop, step, timestamp_add_interval)
}

/// A series of timestamps by a zone's clocks.
pub fn timestamptzs(
    start: TimestampTz,
    stop: TimestampTz,
    step: Interval,
    zone: &TimeZone,
) -> DateTimeResult<Series<TimestampTz, impl Fn(TimestampTz, Interval) -> DateTimeResult<TimestampTz>>> {
    series(start, stop, step, move |timestamp, step| timestamptz_add_interval(timestamp, step, zone))
}

impl<T, Add> Iterator for Series<T, Add>
where
    T: Copy + Ord,
    Add: Fn(T, Interval) -> DateTimeResult<T>,
{
    type Item = DateTimeResult<T>;

    fn next(&mut self) -> Option<DateTimeResult<T>> {
        let current = self.next.take()?;
        let is_within = if self.step > Interval::ZERO { current <= self.stop } else { current >= self.stop };
        if !is_within {
            return None;
        }
        // PostgreSQL steps before it returns: a value whose successor does not exist is not seen.
        match (self.add)(current, self.step) {
            Ok(next) => {
                self.next = Some(next);
                Some(Ok(current))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

/// The bound of a window's frame: `base` less or plus a distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// How far.
    pub offset: Interval,
    /// Whether before the base.
    pub is_preceding: bool,
    /// Whether the value must be at or before the bound; otherwise at or after.
    pub is_upper: bool,
}

impl Frame {
    fn holds<T: Ord>(self, value: T, bound: T) -> bool {
        if self.is_upper { value <= bound } else { value >= bound }
    }

    fn check(self) -> DateTimeResult<()> {
        if self.offset < Interval::ZERO { Err(DateTimeError::FrameSize) } else { Ok(()) }
    }

    /// Whether a timestamp is within the bound.
    pub fn timestamp(self, value: Timestamp, base: Timestamp) -> DateTimeResult<bool> {
        self.check()?;
        let bound = match self.is_preceding {
            true => timestamp_subtract_interval(base, self.offset)?,
            false => timestamp_add_interval(base, self.offset)?,
        };
        Ok(self.holds(value, bound))
    }

    /// Whether a moment is within the bound.
    pub fn timestamptz(self, value: TimestampTz, base: TimestampTz, zone: &TimeZone) -> DateTimeResult<bool> {
        self.check()?;
        let bound = match self.is_preceding {
            true => timestamptz_subtract_interval(base, self.offset, zone)?,
            false => timestamptz_add_interval(base, self.offset, zone)?,
        };
        Ok(self.holds(value, bound))
    }

    /// Whether a date is within the bound.
    pub fn date(self, value: Date, base: Date) -> DateTimeResult<bool> {
        self.timestamp(date_to_timestamp(value)?, date_to_timestamp(base)?)
    }

    /// Whether an interval is within the bound.
    pub fn interval(self, value: Interval, base: Interval) -> DateTimeResult<bool> {
        self.check()?;
        let bound = match self.is_preceding {
            true => interval_subtract(base, self.offset)?,
            false => interval_add(base, self.offset)?,
        };
        Ok(self.holds(value, bound))
    }

    /// How far the time of the bound is from midnight: it does not go round a day, but 64 bits do.
    fn clock(self, base: i64) -> DateTimeResult<i64> {
        if self.offset.microseconds < 0 {
            return Err(DateTimeError::FrameSize);
        }
        Ok(match self.is_preceding {
            true => base.wrapping_sub(self.offset.microseconds),
            false => base.wrapping_add(self.offset.microseconds),
        })
    }

    /// Whether a time is within the bound; months and days of the distance count for nothing.
    pub fn time(self, value: Time, base: Time) -> DateTimeResult<bool> {
        Ok(self.holds(value.0, self.clock(base.0)?))
    }

    /// Whether a time with its zone is within the bound.
    pub fn timetz(self, value: TimeTz, base: TimeTz) -> DateTimeResult<bool> {
        let bound = TimeTz { time: self.clock(base.time)?, zone: base.zone };
        Ok(self.holds(value, bound))
    }
}
