//! `extract`, `date_part`, `date_trunc`, `date_bin`.

use crate::error::FunctionResult;
use crate::kernel::loops::scalar;
use datetime::extract::{self, Part};
use datetime::truncate;
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz, UnitName};
use numeric::Numeric;

/// A part as `numeric`; `None` is null.
fn number(part: Part) -> FunctionResult<Option<Numeric>> {
    Ok(match part {
        Part::Null => None,
        Part::Infinity => Some(Numeric::INFINITY),
        Part::NegativeInfinity => Some(Numeric::NEGATIVE_INFINITY),
        Part::Decimal { mantissa, scale } => Some(match i64::try_from(mantissa) {
            Ok(mantissa) => Numeric::from_mantissa(mantissa, u16::from(scale)),
            Err(_) => Numeric::parse(&part.text(), None)?,
        }),
    })
}

scalar! {
    fn extract_date(unit: &str, a: Date) -> Option<Numeric> { number(extract::date(&UnitName::new(unit), a)?)? }
    fn extract_time(unit: &str, a: Time) -> Option<Numeric> { number(extract::time(&UnitName::new(unit), a)?)? }
    fn extract_timetz(unit: &str, a: TimeTz) -> Option<Numeric> {
        number(extract::timetz(&UnitName::new(unit), a)?)?
    }
    fn extract_timestamp(unit: &str, a: Timestamp) -> Option<Numeric> {
        number(extract::timestamp(&UnitName::new(unit), a)?)?
    }
    fn extract_timestamptz [context] (unit: &str, a: TimestampTz) -> Option<Numeric> {
        number(extract::timestamptz(&UnitName::new(unit), a, context.zone())?)?
    }
    fn extract_interval(unit: &str, a: Interval) -> Option<Numeric> {
        number(extract::interval(&UnitName::new(unit), a)?)?
    }
    fn time_part(unit: &str, a: Time) -> Option<f64> { extract::time_double(&UnitName::new(unit), a)? }
    fn timetz_part(unit: &str, a: TimeTz) -> Option<f64> { extract::timetz_double(&UnitName::new(unit), a)? }
    fn timestamp_part(unit: &str, a: Timestamp) -> Option<f64> {
        extract::timestamp_double(&UnitName::new(unit), a)?
    }
    fn date_part_of_date(unit: &str, a: Date) -> Option<f64> {
        extract::timestamp_double(&UnitName::new(unit), datetime::convert::date_to_timestamp(a)?)?
    }
    fn timestamptz_part [context] (unit: &str, a: TimestampTz) -> Option<f64> {
        extract::timestamptz_double(&UnitName::new(unit), a, context.zone())?
    }
    fn interval_part(unit: &str, a: Interval) -> Option<f64> {
        extract::interval_double(&UnitName::new(unit), a)?
    }
    fn timestamp_trunc(unit: &str, a: Timestamp) -> Timestamp { truncate::timestamp(&UnitName::new(unit), a)? }
    fn timestamptz_trunc [context] (unit: &str, a: TimestampTz) -> TimestampTz {
        truncate::timestamptz(&UnitName::new(unit), a, context.zone())?
    }
    fn timestamptz_trunc_zone(unit: &str, a: TimestampTz, zone: &str) -> TimestampTz {
        truncate::timestamptz_at_name(&UnitName::new(unit), a, zone)?
    }
    fn interval_trunc(unit: &str, a: Interval) -> Interval { truncate::interval(&UnitName::new(unit), a)? }
    fn timestamp_bin(stride: Interval, a: Timestamp, origin: Timestamp) -> Timestamp {
        truncate::bin(stride, a, origin)?
    }
    fn timestamptz_bin(stride: Interval, a: TimestampTz, origin: TimestampTz) -> TimestampTz {
        TimestampTz(truncate::bin(stride, Timestamp(a.0), Timestamp(origin.0))?.0)
    }
}
