//! `extract`, whose result is exact, and `date_part`, whose result is a double.

use crate::calendar::{
    DAYS_PER_MONTH, Fields, MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, MONTHS_PER_YEAR, SECONDS_PER_DAY,
    UNIX_TO_EPOCH_SECONDS, iso_year_week,
};
use crate::convert::local_fields;
use crate::error::{DateTimeResult, TypeName};
use crate::text::IntervalParts;
use crate::unit::{Unit, UnitName};
use crate::value::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz};
use crate::zone::TimeZone;

/// A part: of type `numeric`, for whoever knows that type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A number of so many decimals: the mantissa over ten to that power.
    Decimal {
        /// All its digits.
        mantissa: i128,
        /// How many of them stand after the point.
        scale: u8,
    },
    /// A part that grows without end, of an infinity.
    Infinity,
    /// The same at the other end.
    NegativeInfinity,
    /// A part that comes and goes, of an infinity.
    Null,
}

/// The unit of a name, to extract.
fn unit_of(name: &UnitName<'_>, type_name: TypeName) -> DateTimeResult<Unit> {
    match (name.unit(), type_name) {
        // Where there are no dates, their words are as strange as any.
        (Some(Unit::Other), TypeName::Time | TypeName::TimeTz | TypeName::Interval) | (None, _) => {
            Err(name.not_recognized(type_name))
        }
        (Some(found), _) => Ok(found),
    }
}

impl Part {
    fn whole(value: i64) -> Part {
        Part::Decimal { mantissa: i128::from(value), scale: 0 }
    }

    fn seconds(microseconds: i128) -> Part {
        Part::Decimal { mantissa: microseconds, scale: 6 }
    }

    /// As text, as `numeric` has it; NULL is empty.
    pub fn text(self) -> String {
        match self {
            Part::Decimal { mantissa, scale } => {
                let digits = format!("{:0width$}", mantissa.unsigned_abs(), width = usize::from(scale) + 1);
                let (whole, decimals) = digits.split_at(digits.len() - usize::from(scale));
                let sign = if mantissa < 0 { "-" } else { "" };
                let point = if scale > 0 { "." } else { "" };
                format!("{sign}{whole}{point}{decimals}")
            }
            Part::Infinity => "Infinity".to_owned(),
            Part::NegativeInfinity => "-Infinity".to_owned(),
            Part::Null => String::new(),
        }
    }
}

fn year_of_era(year: i64) -> i64 {
    if year > 0 { year } else { year - 1 }
}

/// Counts periods of years of which the first begins with year 1, there being no year 0.
fn period(year: i64, length: i64) -> i64 {
    if year > 0 { (year + length - 1) / length } else { -((length - year) / length) }
}

/// A part of a date.
fn of_date(fields: &Fields, unit: Unit) -> Option<i64> {
    Some(match unit {
        Unit::Day => fields.day,
        Unit::Month => fields.month,
        Unit::Quarter => (fields.month - 1) / 3 + 1,
        Unit::Week => iso_year_week(fields.year, fields.month, fields.day).1,
        Unit::Year => year_of_era(fields.year),
        Unit::Decade => fields.year.div_euclid(10),
        Unit::Century => period(fields.year, 100),
        Unit::Millennium => period(fields.year, 1000),
        Unit::Julian => fields.julian(),
        Unit::IsoYear => year_of_era(iso_year_week(fields.year, fields.month, fields.day).0),
        Unit::DayOfWeek => fields.day_of_week(),
        Unit::IsoDayOfWeek => (fields.day_of_week() + 6) % 7 + 1,
        Unit::DayOfYear => fields.day_of_year(),
        Unit::Microsecond
        | Unit::Millisecond
        | Unit::Second
        | Unit::Minute
        | Unit::Hour
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Epoch
        | Unit::Other => return None,
    })
}

/// A part of a time of day.
fn of_time(fields: &Fields, unit: Unit) -> Option<Part> {
    let microseconds = fields.second * MICROSECONDS_PER_SECOND + fields.microsecond;
    Some(match unit {
        Unit::Microsecond => Part::whole(microseconds),
        Unit::Millisecond => Part::Decimal { mantissa: i128::from(microseconds), scale: 3 },
        Unit::Second => Part::seconds(i128::from(microseconds)),
        Unit::Minute => Part::whole(fields.minute),
        Unit::Hour => Part::whole(fields.hour),
        Unit::Day
        | Unit::Week
        | Unit::Month
        | Unit::Quarter
        | Unit::Year
        | Unit::IsoYear
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Epoch
        | Unit::Other => return None,
    })
}

/// A part of a zone, given its offset in seconds east.
fn of_zone(offset: i32, unit: Unit) -> Option<Part> {
    let offset = i64::from(offset);
    Some(Part::whole(match unit {
        Unit::Timezone => offset,
        Unit::TimezoneHour => offset / 3600,
        Unit::TimezoneMinute => offset / 60 % 60,
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
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Epoch
        | Unit::Other => return None,
    }))
}

/// A part of an infinity.
fn of_infinity(unit: Unit, is_positive: bool, has_zone: bool) -> Option<Part> {
    match unit {
        Unit::Year
        | Unit::Decade
        | Unit::Century
        | Unit::Millennium
        | Unit::Julian
        | Unit::IsoYear
        | Unit::Epoch => Some(if is_positive { Part::Infinity } else { Part::NegativeInfinity }),
        Unit::Microsecond
        | Unit::Millisecond
        | Unit::Second
        | Unit::Minute
        | Unit::Hour
        | Unit::Day
        | Unit::Month
        | Unit::Quarter
        | Unit::Week
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear => Some(Part::Null),
        Unit::Timezone | Unit::TimezoneHour | Unit::TimezoneMinute => has_zone.then_some(Part::Null),
        Unit::Other => None,
    }
}

/// A quotient's decimals as `numeric` chooses them: 16 digits that count, in groups of four.
fn day_fraction_scale(microseconds: i64) -> u8 {
    let (mut weight, mut first) = (0, microseconds);
    while first >= 10_000 {
        first /= 10_000;
        weight += 1;
    }
    // The divisor is 864 0000 0000.
    let quotient_weight = weight - 2 - i32::from(first <= 864);
    (16 - 4 * quotient_weight) as u8
}

/// The Julian day number with its fraction.
fn julian(fields: &Fields) -> Part {
    // A time of day fits.
    let time = fields.time() as i64;
    let scale = day_fraction_scale(time);
    let ten_to_scale = 10i128.pow(u32::from(scale));
    let day = i128::from(MICROSECONDS_PER_DAY);
    let fraction = (i128::from(time) * ten_to_scale / day * 2 + {
        let rest = i128::from(time) * ten_to_scale % day;
        i128::from(rest * 2 >= day) * 2
    }) / 2;
    Part::Decimal { mantissa: i128::from(fields.julian()) * ten_to_scale + fraction, scale }
}

fn epoch(microseconds: i64) -> Part {
    let to_epoch = UNIX_TO_EPOCH_SECONDS * MICROSECONDS_PER_SECOND;
    let since = i128::from(microseconds) + i128::from(to_epoch);
    if microseconds < i64::MAX - to_epoch {
        return Part::seconds(since);
    }
    // What 64 bits do not hold is divided as `numeric`, which has four decimals left there.
    Part::seconds((since + 50) / 100 * 100)
}

/// `extract(unit from date)`.
pub fn date(name: &UnitName<'_>, value: Date) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::Date)?;
    let is_of_time =
        matches!(unit, Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour);
    let part = if is_of_time {
        None
    } else if !value.is_finite() {
        of_infinity(unit, value == Date::INFINITY, false)
    } else if unit == Unit::Epoch {
        Some(Part::whole(i64::from(value.0) * SECONDS_PER_DAY + UNIX_TO_EPOCH_SECONDS))
    } else {
        of_date(&value.fields(), unit).map(Part::whole)
    };
    part.ok_or_else(|| name.not_supported(TypeName::Date))
}

/// The same of many dates at once, where that is a whole number for each; `None` if it is not, or if one of them is infinite.
pub fn dates(name: &UnitName<'_>, values: &[i32]) -> Option<Vec<i64>> {
    let unit = name.unit().filter(|unit| *unit != Unit::Epoch)?;
    of_date(&Date(0).fields(), unit)?;
    if !values.iter().all(|value| Date(*value).is_finite()) {
        return None;
    }
    let fields = values.iter().map(|value| Date(*value).fields());
    Some(match unit {
        // What is mostly asked for is computed of all in a loop of its own.
        Unit::Year => fields.map(|fields| year_of_era(fields.year)).collect(),
        Unit::Month => fields.map(|fields| fields.month).collect(),
        unit => fields.filter_map(|fields| of_date(&fields, unit)).collect(),
    })
}

/// `extract(unit from time)`.
pub fn time(name: &UnitName<'_>, value: Time) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::Time)?;
    let part = match unit == Unit::Epoch {
        true => Some(Part::seconds(i128::from(value.0))),
        false => of_time(&value.fields(), unit),
    };
    part.ok_or_else(|| name.not_supported(TypeName::Time))
}

/// `extract(unit from timetz)`.
pub fn timetz(name: &UnitName<'_>, value: TimeTz) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::TimeTz)?;
    let part = match unit == Unit::Epoch {
        true => Some(Part::seconds(i128::from(value.utc()))),
        false => of_time(&Fields::of_time(value.time), unit).or_else(|| of_zone(-value.zone, unit)),
    };
    part.ok_or_else(|| name.not_supported(TypeName::TimeTz))
}

fn of_fields(fields: &Fields, unit: Unit) -> Option<Part> {
    match unit == Unit::Julian {
        true => Some(julian(fields)),
        false => of_time(fields, unit).or_else(|| of_date(fields, unit).map(Part::whole)),
    }
}

/// `extract(unit from timestamp)`.
pub fn timestamp(name: &UnitName<'_>, value: Timestamp) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::Timestamp)?;
    let part = if !value.is_finite() {
        of_infinity(unit, value == Timestamp::INFINITY, true)
    } else if unit == Unit::Epoch {
        Some(epoch(value.0))
    } else {
        of_fields(&value.fields(), unit)
    };
    part.ok_or_else(|| name.not_supported(TypeName::Timestamp))
}

/// `extract(unit from timestamptz)`, by the zone's clocks.
pub fn timestamptz(name: &UnitName<'_>, value: TimestampTz, zone: &TimeZone) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::TimestampTz)?;
    let part = if !value.is_finite() {
        of_infinity(unit, value == TimestampTz::INFINITY, true)
    } else if unit == Unit::Epoch {
        Some(epoch(value.0))
    } else {
        let (fields, offset) = local_fields(value, zone);
        of_fields(&fields, unit).or_else(|| of_zone(offset, unit))
    };
    part.ok_or_else(|| name.not_supported(TypeName::TimestampTz))
}

/// Seconds of an interval's months and days, with years of 365.25 days.
fn calendar_seconds(interval: Interval) -> i64 {
    let months = i64::from(interval.months);
    let quarters_of_days = months / MONTHS_PER_YEAR * 1461
        + (months % MONTHS_PER_YEAR * DAYS_PER_MONTH + i64::from(interval.days)) * 4;
    quarters_of_days * (SECONDS_PER_DAY / 4)
}

/// `extract(unit from interval)`.
pub fn interval(name: &UnitName<'_>, value: Interval) -> DateTimeResult<Part> {
    let unit = unit_of(name, TypeName::Interval)?;
    let parts = IntervalParts::of(value);
    let time = Fields {
        hour: parts.hour,
        minute: parts.minute,
        second: parts.second,
        microsecond: parts.microsecond,
        ..Fields::default()
    };
    let part = match unit {
        Unit::Epoch => {
            let seconds = i128::from(calendar_seconds(value)) * i128::from(MICROSECONDS_PER_SECOND);
            Some(Part::seconds(seconds + i128::from(value.microseconds)))
        }
        Unit::Day => Some(Part::whole(parts.day)),
        Unit::Month => Some(Part::whole(parts.month)),
        Unit::Quarter => Some(Part::whole(parts.month / 3 + 1)),
        Unit::Year => Some(Part::whole(parts.year)),
        Unit::Decade => Some(Part::whole(parts.year / 10)),
        Unit::Century => Some(Part::whole(parts.year / 100)),
        Unit::Millennium => Some(Part::whole(parts.year / 1000)),
        Unit::Microsecond
        | Unit::Millisecond
        | Unit::Second
        | Unit::Minute
        | Unit::Hour
        | Unit::Week
        | Unit::IsoYear
        | Unit::Julian
        | Unit::DayOfWeek
        | Unit::IsoDayOfWeek
        | Unit::DayOfYear
        | Unit::Timezone
        | Unit::TimezoneHour
        | Unit::TimezoneMinute
        | Unit::Other => of_time(&time, unit),
    };
    part.ok_or_else(|| name.not_supported(TypeName::Interval))
}

/// The double that `date_part` has where `extract` has that part; NULL is `None`.
fn double(part: Part) -> Option<f64> {
    match part {
        // Below 2^53 for all but a Julian day number and an epoch, and exactly rounded then.
        Part::Decimal { mantissa, scale } => Some(mantissa as f64 / 10f64.powi(i32::from(scale))),
        Part::Infinity => Some(f64::INFINITY),
        Part::NegativeInfinity => Some(f64::NEG_INFINITY),
        Part::Null => None,
    }
}

/// The parts of a second as C computes them.
fn double_of_fields(part: Part, name: &UnitName<'_>, fields: &Fields) -> Option<f64> {
    let (second, microsecond) = (fields.second as f64, fields.microsecond as f64);
    match name.unit() {
        Some(Unit::Millisecond) => Some(second * 1000.0 + microsecond / 1000.0),
        Some(Unit::Second) => Some(second + microsecond / 1e6),
        Some(Unit::Julian) => {
            let whole = (fields.hour * 60 + fields.minute) * 60 + fields.second;
            let day_part = (whole as f64 + microsecond / 1e6) / SECONDS_PER_DAY as f64;
            Some(fields.julian() as f64 + day_part)
        }
        _ => double(part),
    }
}

/// `date_part(text, time)`.
pub fn time_double(name: &UnitName<'_>, value: Time) -> DateTimeResult<Option<f64>> {
    Ok(double_of_fields(time(name, value)?, name, &value.fields()))
}

/// `date_part(text, timetz)`.
pub fn timetz_double(name: &UnitName<'_>, value: TimeTz) -> DateTimeResult<Option<f64>> {
    let part = timetz(name, value)?;
    if name.unit() == Some(Unit::Epoch) {
        return Ok(Some(value.time as f64 / 1e6 + f64::from(value.zone)));
    }
    Ok(double_of_fields(part, name, &Fields::of_time(value.time)))
}

/// `date_part(text, timestamp)`, and of a date as of its midnight.
pub fn timestamp_double(name: &UnitName<'_>, value: Timestamp) -> DateTimeResult<Option<f64>> {
    let part = timestamp(name, value)?;
    if !value.is_finite() {
        return Ok(double(part));
    }
    Ok(double_of_fields(part, name, &value.fields()))
}

/// `date_part(text, timestamptz)`, by the zone's clocks.
pub fn timestamptz_double(
    name: &UnitName<'_>,
    value: TimestampTz,
    zone: &TimeZone,
) -> DateTimeResult<Option<f64>> {
    let part = timestamptz(name, value, zone)?;
    if !value.is_finite() {
        return Ok(double(part));
    }
    Ok(double_of_fields(part, name, &local_fields(value, zone).0))
}

/// `date_part(text, interval)`.
pub fn interval_double(name: &UnitName<'_>, value: Interval) -> DateTimeResult<Option<f64>> {
    let part = interval(name, value)?;
    if name.unit() == Some(Unit::Epoch) {
        let (years, months) = (value.months / 12, value.months % 12);
        let mut seconds = value.microseconds as f64 / 1e6;
        seconds += 365.25 * SECONDS_PER_DAY as f64 * f64::from(years);
        seconds += (DAYS_PER_MONTH * SECONDS_PER_DAY) as f64 * f64::from(months);
        seconds += SECONDS_PER_DAY as f64 * f64::from(value.days);
        return Ok(Some(seconds));
    }
    let parts = IntervalParts::of(value);
    let fields = Fields { second: parts.second, microsecond: parts.microsecond, ..Fields::default() };
    Ok(double_of_fields(part, name, &fields))
}
