//! Rows made of arrays and of bounds: `unnest`, `generate_subscripts`, `generate_series`.

use super::change::array_at;
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{Give, argument, internal, optional};
use datetime::series::{timestamps, timestamptzs};
use datetime::{Interval, Timestamp, TimestampTz};
use diagnostic::SqlState;
use numeric::Numeric;
use std::sync::Arc;
use types::array::{ArrayView, dimension};
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

/// The elements of an array, a stretch at a time.
struct Elements {
    bytes: Arc<[u8]>,
    next: usize,
}

impl RowSource for Elements {
    fn next(&mut self, _: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        let array = ArrayView::new(&self.bytes).ok_or_else(|| internal("damaged array"))?;
        if self.next >= array.len() {
            return Ok(None);
        }
        let end = self.next.saturating_add(limit.max(1)).min(array.len());
        let places = self.next..end;
        self.next = end;
        let mut builder = VectorBuilder::new(array.kind(), places.len());
        for place in places {
            builder.push_item(&array.item(place))?;
        }
        Ok(Some(vec![builder.finish()]))
    }
}

/// Elements as rows; what composite ones become is for whoever asked to say.
pub(crate) fn array_unnest(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let Some(bytes) = argument::<&[u8]>(arguments, 0)?.get(row)? else { return Ok(Made::source(Vec::new())) };
    Ok(Box::new(Elements { bytes: bytes.into(), next: 0 }))
}

/// `information_schema._pg_expandarray`: elements, and which each of them is. Of arrays of several dimensions none can be said.
pub(crate) fn expand_array(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let Some(bytes) = argument::<&[u8]>(arguments, 0)?.get(row)? else { return Ok(Made::source(Vec::new())) };
    let array = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
    let mut dimensions = array.dimensions();
    let count = dimensions.next().map_or(0, |dimension| usize::try_from(dimension.length).unwrap_or(0));
    let flat = dimensions.next().is_none();
    let mut elements = VectorBuilder::new(array.kind(), count);
    let mut numbers = VectorBuilder::new(Kind::Int32, count);
    for (place, number) in (0..count).zip(1..) {
        elements.push_item(&if flat { array.item(place) } else { Item::Null })?;
        numbers.push_item(&Item::Int32(number))?;
    }
    Ok(Made::source(vec![elements.finish(), numbers.finish()]))
}

/// Values one after the other.
struct Steps<I> {
    values: I,
}

impl<T, I> RowSource for Steps<I>
where
    T: Give,
    I: Iterator<Item = FunctionResult<T>> + Send,
{
    fn next(&mut self, context: &mut Context<'_>, limit: usize) -> FunctionResult<Option<Vec<Vector>>> {
        context.session.check()?;
        let mut builder = T::builder(limit.min(1024));
        let mut count = 0;
        while count < limit.max(1) {
            match self.values.next() {
                Some(value) => value?.give(&mut builder)?,
                None => break,
            };
            count += 1;
        }
        Ok((count > 0).then(|| vec![Vector::new(T::data(builder), None)]))
    }
}

fn steps<T: Give + 'static>(
    values: impl Iterator<Item = FunctionResult<T>> + Send + 'static,
) -> FunctionResult<Box<dyn RowSource>> {
    Ok(Box::new(Steps { values }))
}

fn invalid(message: &str) -> FunctionError {
    FunctionError::plain(SqlState::InvalidParameterValue, message)
}

/// The series of integers; it ends where the next would be out of range.
fn integers(start: i64, stop: i64, step: i64, least: i64, most: i64) -> impl Iterator<Item = i64> {
    let mut next = Some(start);
    std::iter::from_fn(move || {
        let value = next.filter(|value| if step > 0 { *value <= stop } else { *value >= stop })?;
        next = value.checked_add(step).filter(|next| (least..=most).contains(next));
        Some(value)
    })
}

fn step_of(given: Option<i64>) -> FunctionResult<i64> {
    match given {
        Some(0) => Err(invalid("step size cannot equal zero")),
        given => Ok(given.unwrap_or(1)),
    }
}

macro_rules! series {
    ($($name:ident, $type:ty;)*) => {
        $(pub(crate) fn $name(
            _: &mut Context<'_>,
            arguments: &Arguments<'_>,
            row: usize,
        ) -> FunctionResult<Box<dyn RowSource>> {
            let (start, stop) = (argument::<$type>(arguments, 0)?.at(row)?, argument::<$type>(arguments, 1)?.at(row)?);
            let step = optional::<$type>(arguments, 2)?.map(|step| step.at(row)).transpose()?;
            let step = step_of(step.map(i64::from))?;
            let bounds = (i64::from(<$type>::MIN), i64::from(<$type>::MAX));
            let values = integers(i64::from(start), i64::from(stop), step, bounds.0, bounds.1);
            // Within the type's bounds, as the series is.
            steps(values.map(|value| Ok(value as $type)))
        })*
    };
}

// kernel: set
series! {
    generate_series_int4, i32;
    generate_series_step_int4, i32;
    generate_series_int8, i64;
    generate_series_step_int8, i64;
}

fn plain_number(name: &str, value: Numeric) -> FunctionResult<Numeric> {
    if value.is_nan() {
        return Err(invalid(&format!("{name} cannot be NaN")));
    }
    if value.is_infinite() {
        return Err(invalid(&format!("{name} cannot be infinity")));
    }
    Ok(value)
}

fn numbers(arguments: &Arguments<'_>, row: usize) -> FunctionResult<Box<dyn RowSource>> {
    let at = |place: usize| argument::<Numeric>(arguments, place)?.at(row);
    let start = plain_number("start value", at(0)?)?;
    let stop = plain_number("stop value", at(1)?)?;
    let zero = Numeric::from(0);
    let step = match arguments.vectors.len() {
        2 => Numeric::from(1),
        _ => plain_number("step size", at(2)?)?,
    };
    if step == zero {
        return Err(invalid("step size cannot equal zero"));
    }
    let up = step > zero;
    let mut next = Some(start);
    steps(std::iter::from_fn(move || {
        let value = next.take().filter(|value| if up { *value <= stop } else { *value >= stop })?;
        match value.add(&step) {
            Ok(sum) => {
                next = Some(sum);
                Some(Ok(value))
            }
            Err(error) => Some(Err(error.into())),
        }
    }))
}

pub(crate) fn generate_series_numeric(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    numbers(arguments, row)
}

pub(crate) fn generate_series_step_numeric(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    numbers(arguments, row)
}

pub(crate) fn generate_series_timestamp(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let at = |place: usize| argument::<Timestamp>(arguments, place)?.at(row);
    let step = argument::<Interval>(arguments, 2)?.at(row)?;
    let series = timestamps(at(0)?, at(1)?, step)?;
    steps(series.map(|value| Ok(value?)))
}

pub(crate) fn generate_series_timestamptz(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let at = |place: usize| argument::<TimestampTz>(arguments, place)?.at(row);
    let step = argument::<Interval>(arguments, 2)?.at(row)?;
    let (start, stop, zone) = (at(0)?, at(1)?, context.zone().clone());
    // The series borrows its zone; so it is stepped by hand.
    drop(timestamptzs(start, stop, step, &zone)?);
    let up = step > Interval::ZERO;
    let mut next = Some(start);
    steps(std::iter::from_fn(move || {
        let value = next.take().filter(|value| if up { *value <= stop } else { *value >= stop })?;
        match datetime::arithmetic::timestamptz_add_interval(value, step, &zone) {
            Ok(sum) => {
                next = Some(sum);
                Some(Ok(value))
            }
            Err(error) => Some(Err(error.into())),
        }
    }))
}

fn subscripts(arguments: &Arguments<'_>, row: usize, reverse: bool) -> FunctionResult<Box<dyn RowSource>> {
    let number = argument::<i32>(arguments, 1)?.at(row)?;
    let Some(found) = array_at(arguments, 0, row)?.and_then(|array| dimension(&array, number)) else {
        return Ok(Made::source(Vec::new()));
    };
    let count = i64::from(found.length);
    let (lower, upper) = (i64::from(found.lower), i64::from(found.lower) + count - 1);
    let place = move |index: i64| if reverse { upper - index } else { lower + index };
    // Subscripts are integers.
    steps((0..count).map(move |index| Ok(place(index) as i32)))
}

pub(crate) fn generate_subscripts(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let reverse = argument::<bool>(arguments, 2)?.at(row)?;
    subscripts(arguments, row, reverse)
}

pub(crate) fn generate_subscripts_nodir(
    _: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    subscripts(arguments, row, false)
}
