//! `extract`, `date_part`, `date_trunc`, `date_bin`.

use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{Take, internal, scalar, text};
use datetime::extract::{self, Part};
use datetime::truncate;
use datetime::{Date, Interval, Time, TimeTz, Timestamp, TimestampTz, UnitName};
use numeric::Numeric;
use types::Vector;
use types::vector::{BytesVector, Data, NumericVector};

/// Names of units: the one that is the same for all rows is looked up once.
#[derive(Clone, Copy)]
pub(crate) struct UnitNames<'a> {
    names: &'a BytesVector,
    only: Option<UnitName<'a>>,
}

impl<'a> Take<'a> for UnitName<'a> {
    type Column = UnitNames<'a>;

    fn column(vector: &'a Vector) -> FunctionResult<UnitNames<'a>> {
        let names = vector.bytes().ok_or_else(|| internal("an argument of another kind"))?;
        let only = match vector.is_constant() && !vector.is_null(0) {
            true => Some(UnitName::new(text(names.get(0))?)),
            false => None,
        };
        Ok(UnitNames { names, only })
    }

    #[inline]
    fn at(column: UnitNames<'a>, place: usize) -> FunctionResult<UnitName<'a>> {
        match column.only {
            Some(name) => Ok(name),
            None => Ok(UnitName::new(text(column.names.get(place))?)),
        }
    }
}

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

/// `extract` of dates.
pub(crate) fn extract_date(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    match whole_parts(arguments)? {
        Some(parts) => Ok(parts),
        None => extract_each_date(context, arguments),
    }
}

/// Parts of dates that are all whole numbers; `None` if they are not, or if the unit is another for each row.
fn whole_parts(arguments: &Arguments<'_>) -> FunctionResult<Option<Vector>> {
    let [unit, dates] = arguments.vectors else { return Ok(None) };
    let Some(unit) = UnitName::column(unit)?.only.filter(|_| !dates.is_constant()) else { return Ok(None) };
    let Some(parts) = extract::dates(&unit, <Date as Take>::column(dates)?) else { return Ok(None) };
    let numbers = NumericVector::Uniform { mantissas: parts.into(), scale: 0 };
    Ok(Some(Vector::new(Data::Numeric(numbers), None)))
}

scalar! {
    fn extract_each_date(unit: UnitName<'_>, a: Date) -> Option<Numeric> { number(extract::date(&unit, a)?)? }
    fn extract_time(unit: UnitName<'_>, a: Time) -> Option<Numeric> { number(extract::time(&unit, a)?)? }
    fn extract_timetz(unit: UnitName<'_>, a: TimeTz) -> Option<Numeric> {
        number(extract::timetz(&unit, a)?)?
    }
    fn extract_timestamp(unit: UnitName<'_>, a: Timestamp) -> Option<Numeric> {
        number(extract::timestamp(&unit, a)?)?
    }
    fn extract_timestamptz [context] (unit: UnitName<'_>, a: TimestampTz) -> Option<Numeric> {
        number(extract::timestamptz(&unit, a, context.zone())?)?
    }
    fn extract_interval(unit: UnitName<'_>, a: Interval) -> Option<Numeric> {
        number(extract::interval(&unit, a)?)?
    }
    fn time_part(unit: UnitName<'_>, a: Time) -> Option<f64> { extract::time_double(&unit, a)? }
    fn timetz_part(unit: UnitName<'_>, a: TimeTz) -> Option<f64> { extract::timetz_double(&unit, a)? }
    fn timestamp_part(unit: UnitName<'_>, a: Timestamp) -> Option<f64> {
        extract::timestamp_double(&unit, a)?
    }
    fn date_part_of_date(unit: UnitName<'_>, a: Date) -> Option<f64> {
        extract::timestamp_double(&unit, datetime::convert::date_to_timestamp(a)?)?
    }
    fn timestamptz_part [context] (unit: UnitName<'_>, a: TimestampTz) -> Option<f64> {
        extract::timestamptz_double(&unit, a, context.zone())?
    }
    fn interval_part(unit: UnitName<'_>, a: Interval) -> Option<f64> {
        extract::interval_double(&unit, a)?
    }
    fn timestamp_trunc(unit: UnitName<'_>, a: Timestamp) -> Timestamp { truncate::timestamp(&unit, a)? }
    fn timestamptz_trunc [context] (unit: UnitName<'_>, a: TimestampTz) -> TimestampTz {
        truncate::timestamptz(&unit, a, context.zone())?
    }
    fn timestamptz_trunc_zone(unit: UnitName<'_>, a: TimestampTz, zone: &str) -> TimestampTz {
        truncate::timestamptz_at_name(&unit, a, zone)?
    }
    fn interval_trunc(unit: UnitName<'_>, a: Interval) -> Interval { truncate::interval(&unit, a)? }
    fn timestamp_bin(stride: Interval, a: Timestamp, origin: Timestamp) -> Timestamp {
        truncate::bin(stride, a, origin)?
    }
    fn timestamptz_bin(stride: Interval, a: TimestampTz, origin: TimestampTz) -> TimestampTz {
        TimestampTz(truncate::bin(stride, Timestamp(a.0), Timestamp(origin.0))?.0)
    }
}
