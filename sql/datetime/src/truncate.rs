//! `date_trunc` and `date_bin`.

use crate::arithmetic::{interval_out_of_range, timestamp_out_of_range};
use crate::calendar::{
    Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_HOUR, MICROSECONDS_PER_MINUTE, MICROSECONDS_PER_SECOND,
    MONTHS_PER_YEAR, from_julian,
};
use crate::convert::{fields_to_timestamptz, unix_seconds};
use crate::error::{DateTimeError, DateTimeResult, Stride, TypeName};
use crate::unit::{Unit, UnitName};
use crate::value::{Interval, Timestamp, TimestampTz};
use crate::zone::{TimeZone, ZoneSpec};

/// The unit of a name, to truncate to.
fn unit_of(name: &UnitName<'_>, type_name: TypeName) -> DateTimeResult<Unit> {
    name.measure().ok_or_else(|| name.not_recognized(type_name))
}

/// Truncates to a unit; `None` if there is no such truncation, else whether days or more were touched.
fn truncate(fields: &mut Fields, unit: Unit) -> Option<bool> {
    let years = match unit {
        Unit::Millennium => Some((1000, 1)),
        Unit::Century => Some((100, 1)),
        Unit::Decade => Some((10, 0)),
        Unit::Microsecond
        | Unit::Millisecond
        | Unit::Second
        | Unit::Minute
        | Unit::Hour
        | Unit::Day
        | Unit::Week
        | Unit::Month
        | Unit::Quarter
        | Unit::Year
        | Unit::IsoYear
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Epoch
        | Unit::Other => None,
    };
    if let Some((length, first)) = years {
        fields.year = (fields.year - first).div_euclid(length) * length + first;
    }
    let midnight = Fields { hour: 0, minute: 0, second: 0, microsecond: 0, ..*fields };
    *fields = match unit {
        Unit::Millennium | Unit::Century | Unit::Decade | Unit::Year => {
            Fields { month: 1, day: 1, ..midnight }
        }
        Unit::Quarter => Fields { month: (fields.month - 1) / 3 * 3 + 1, day: 1, ..midnight },
        Unit::Month => Fields { day: 1, ..midnight },
        Unit::Week => {
            let julian = fields.julian();
            let monday = julian - (fields.day_of_week() + 6) % 7;
            let (year, month, day) = from_julian(monday);
            Fields { year, month, day, ..midnight }
        }
        Unit::Day => midnight,
        Unit::Hour => Fields { hour: fields.hour, ..midnight },
        Unit::Minute => Fields { second: 0, microsecond: 0, ..*fields },
        Unit::Second => Fields { microsecond: 0, ..*fields },
        Unit::Millisecond => Fields { microsecond: fields.microsecond / 1000 * 1000, ..*fields },
        Unit::Microsecond => *fields,
        Unit::IsoYear
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Epoch
        | Unit::Other => return None,
    };
    Some(!matches!(unit, Unit::Hour | Unit::Minute | Unit::Second | Unit::Millisecond | Unit::Microsecond))
}

/// `date_trunc(text, timestamp)`.
pub fn timestamp(name: &UnitName<'_>, timestamp: Timestamp) -> DateTimeResult<Timestamp> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    let unit = unit_of(name, TypeName::Timestamp)?;
    let mut fields = timestamp.fields();
    truncate(&mut fields, unit).ok_or_else(|| name.not_supported(TypeName::Timestamp))?;
    fields.microseconds().and_then(Timestamp::from_microseconds).ok_or_else(timestamp_out_of_range)
}

/// `date_trunc(text, timestamptz)`, by the zone's clocks.
pub fn timestamptz(
    name: &UnitName<'_>,
    timestamp: TimestampTz,
    zone: &TimeZone,
) -> DateTimeResult<TimestampTz> {
    by_clocks(name, timestamp, &|unix| zone.local_type(unix).offset, &|fields| zone.offset_of_local(fields))
}

/// `date_trunc(text, timestamptz, text)`: by the clocks of a zone that is named, or of the abbreviation's zone.
pub fn timestamptz_at_zone(
    name: &UnitName<'_>,
    timestamp: TimestampTz,
    zone: &ZoneSpec,
) -> DateTimeResult<TimestampTz> {
    match zone {
        ZoneSpec::Zone(zone) | ZoneSpec::Abbreviation(zone, _) => timestamptz(name, timestamp, zone),
        ZoneSpec::Fixed(offset) => by_clocks(name, timestamp, &|_| *offset, &|_| *offset),
    }
}

/// The same by the zone's name, which nobody looks up for an infinity.
pub fn timestamptz_at_name(
    name: &UnitName<'_>,
    timestamp: TimestampTz,
    zone: &str,
) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    timestamptz_at_zone(name, timestamp, &ZoneSpec::find(zone)?)
}

fn by_clocks(
    name: &UnitName<'_>,
    timestamp: TimestampTz,
    offset_at: &dyn Fn(i64) -> i32,
    offset_of_local: &dyn Fn(&Fields) -> i32,
) -> DateTimeResult<TimestampTz> {
    if !timestamp.is_finite() {
        return Ok(timestamp);
    }
    let unit = unit_of(name, TypeName::TimestampTz)?;
    let mut offset = offset_at(unix_seconds(timestamp.0));
    let mut fields = Fields::of_local(timestamp.0, offset);
    let touches_days =
        truncate(&mut fields, unit).ok_or_else(|| name.not_supported(TypeName::TimestampTz))?;
    if touches_days {
        offset = offset_of_local(&fields);
    }
    fields_to_timestamptz(&fields, offset).ok_or_else(timestamp_out_of_range)
}

/// `date_trunc(text, interval)`.
pub fn interval(name: &UnitName<'_>, interval: Interval) -> DateTimeResult<Interval> {
    let unit = unit_of(name, TypeName::Interval)?;
    let Interval { months, days, microseconds } = interval;
    let year = MONTHS_PER_YEAR as i32;
    let to_months = |length: i32| Interval::new(months / length * length, 0, 0);
    let to_microseconds = |length: i64| Interval::new(months, days, microseconds / length * length);
    Ok(match unit {
        Unit::Millennium => to_months(1000 * year),
        Unit::Century => to_months(100 * year),
        Unit::Decade => to_months(10 * year),
        Unit::Year => to_months(year),
        Unit::Quarter => to_months(3),
        Unit::Month => to_months(1),
        Unit::Day => Interval::new(months, days, 0),
        Unit::Hour => to_microseconds(MICROSECONDS_PER_HOUR),
        Unit::Minute => to_microseconds(MICROSECONDS_PER_MINUTE),
        Unit::Second => to_microseconds(MICROSECONDS_PER_SECOND),
        Unit::Millisecond => to_microseconds(1000),
        Unit::Microsecond => interval,
        Unit::Week => {
            let mut error = name.not_supported(TypeName::Interval);
            if let DateTimeError::UnitNotSupported { fractional_weeks, .. } = &mut error {
                *fractional_weeks = true;
            }
            return Err(error);
        }
        Unit::IsoYear
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Epoch
        | Unit::Other => return Err(name.not_supported(TypeName::Interval)),
    })
}

/// `date_bin(stride, source, origin)`, of timestamps with a zone as well.
pub fn bin(stride: Interval, source: Timestamp, origin: Timestamp) -> DateTimeResult<Timestamp> {
    if !source.is_finite() {
        return Ok(source);
    }
    if !origin.is_finite() {
        return Err(Stride::OriginOutOfRange.into());
    }
    if stride.months != 0 {
        return Err(Stride::Months.into());
    }
    let length = i128::from(stride.days) * i128::from(MICROSECONDS_PER_DAY) + i128::from(stride.microseconds);
    let length = i64::try_from(length).map_err(|_| interval_out_of_range())?;
    if length <= 0 {
        return Err(Stride::NotPositive.into());
    }
    let difference = source.0.checked_sub(origin.0).ok_or_else(interval_out_of_range)?;
    let start = i128::from(source.0) - i128::from(difference.rem_euclid(length));
    Timestamp::from_microseconds(start).ok_or_else(timestamp_out_of_range)
}
