//! Functions over windows.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Context, Site, WindowInput, kind_of};
use crate::kernel::loops::{Column, internal};
use diagnostic::SqlState;
use std::ops::Range;
use types::vector::VectorBuilder;
use types::{Kind, Value, Vector};

/// The rows of each partition.
fn partitions<'a>(input: &WindowInput<'a>) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let (rows, starts) = (input.rows, input.partitions);
    let ends = starts.iter().skip(1).copied().chain([rows]);
    starts.iter().zip(ends).map(|(start, end)| *start..end)
}

/// Shows `each`, for each row, the number of its group of peers in its partition, the rows of the group, and those of the partition.
fn of_groups<T>(input: &WindowInput<'_>, each: impl Fn(usize, Range<usize>, &Range<usize>) -> T) -> Vec<T>
where
    T: Copy,
{
    let (mut group, mut values) = (0, Vec::with_capacity(input.rows));
    for partition in partitions(input) {
        let mut number = 0;
        while let Some(first) = input.peers.get(group).copied().filter(|first| *first < partition.end) {
            let end = input.peers.get(group + 1).copied().unwrap_or(input.rows);
            let value = each(number, first..end, &partition);
            values.resize(end, value);
            (group, number) = (group + 1, number + 1);
        }
    }
    values
}

pub(crate) fn window_row_number(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let mut numbers = Vec::with_capacity(input.rows);
    partitions(input).for_each(|partition| numbers.extend(1..=partition.len() as i64));
    Ok(Vector::from_values::<i64>(numbers))
}

/// How many rows of the partition stand before a group.
fn before(group: &Range<usize>, partition: &Range<usize>) -> usize {
    group.start - partition.start
}

pub(crate) fn window_rank(_: &mut Context<'_>, _: &Site, input: &WindowInput<'_>) -> FunctionResult<Vector> {
    Ok(Vector::from_values(of_groups(input, |_, group, all| before(&group, all) as i64 + 1)))
}

pub(crate) fn window_dense_rank(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    Ok(Vector::from_values(of_groups(input, |number, _, _| number as i64 + 1)))
}

pub(crate) fn window_percent_rank(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let share = |_, group: Range<usize>, all: &Range<usize>| match all.len() {
        0 | 1 => 0.0,
        rows => before(&group, all) as f64 / (rows as f64 - 1.0),
    };
    Ok(Vector::from_values::<f64>(of_groups(input, share)))
}

pub(crate) fn window_cume_dist(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let share =
        |_, group: Range<usize>, all: &Range<usize>| (group.end - all.start) as f64 / all.len() as f64;
    Ok(Vector::from_values::<f64>(of_groups(input, share)))
}

fn first_argument<'a>(input: &WindowInput<'a>) -> FunctionResult<&'a Vector> {
    input.arguments.first().ok_or_else(|| internal("too few arguments"))
}

/// The number of buckets is the first of the partition that is not null; its row is the first that is in one.
pub(crate) fn window_ntile(_: &mut Context<'_>, _: &Site, input: &WindowInput<'_>) -> FunctionResult<Vector> {
    let counts = Column::<i32>::new(first_argument(input)?)?;
    let mut builder = VectorBuilder::new(Kind::Int32, input.rows);
    for partition in partitions(input) {
        let mut begun = None;
        for row in partition.clone() {
            if begun.is_none() {
                begun = counts.get(row)?.map(|buckets| (row, buckets));
            }
            let Some((first, buckets)) = begun else {
                builder.push_null();
                continue;
            };
            if buckets <= 0 {
                let message = "argument of ntile must be greater than zero";
                return Err(FunctionError::plain(SqlState::InvalidArgumentForNtile, message));
            }
            // The first `larger` buckets have one row more.
            let (place, count) = (row - first, buckets as usize);
            let (size, larger) = (partition.len() / count, partition.len() % count);
            let edge = larger * (size + 1);
            let bucket = match place < edge {
                true => place / (size + 1),
                false => larger + (place - edge) / size.max(1),
            };
            builder.push(&Value::Int32(bucket as i32 + 1))?;
        }
    }
    Ok(builder.finish())
}

/// The value so many rows behind, or ahead if `ahead`; a default where there is none.
fn shifted(
    context: &Context<'_>,
    site: &Site,
    input: &WindowInput<'_>,
    ahead: bool,
) -> FunctionResult<Vector> {
    let values = first_argument(input)?;
    let offsets = input.arguments.get(1).map(Column::<i32>::new).transpose()?;
    let mut builder = VectorBuilder::new(kind_of(context, site.result)?, input.rows);
    for partition in partitions(input) {
        for row in partition.clone() {
            let offset = match &offsets {
                Some(offsets) => offsets.get(row)?,
                None => Some(1),
            };
            let Some(offset) = offset else {
                builder.push_null();
                continue;
            };
            let place = row as i64 + if ahead { i64::from(offset) } else { -i64::from(offset) };
            let place = usize::try_from(place).ok().filter(|place| partition.contains(place));
            match (place, input.arguments.get(2)) {
                (Some(place), _) => builder.push_from(values, place)?,
                (None, Some(default)) => builder.push_from(default, row)?,
                (None, None) => builder.push_null(),
            }
        }
    }
    Ok(builder.finish())
}

macro_rules! shifts {
    ($($name:ident, $ahead:literal;)*) => {
        $(pub(crate) fn $name(
            context: &mut Context<'_>,
            site: &Site,
            input: &WindowInput<'_>,
        ) -> FunctionResult<Vector> {
            shifted(context, site, input, $ahead)
        })*
    };
}

// kernel: window
shifts! {
    window_lag, false;
    window_lag_with_offset, false;
    window_lag_with_offset_and_default, false;
    window_lead, true;
    window_lead_with_offset, true;
    window_lead_with_offset_and_default, true;
}

/// The value of a row of the frame.
fn of_frame(
    context: &Context<'_>,
    site: &Site,
    input: &WindowInput<'_>,
    choose: impl Fn(usize) -> FunctionResult<Option<usize>>,
) -> FunctionResult<Vector> {
    let values = first_argument(input)?;
    let mut builder = VectorBuilder::new(kind_of(context, site.result)?, input.rows);
    for row in 0..input.rows {
        match choose(row)? {
            Some(place) => builder.push_from(values, place)?,
            None => builder.push_null(),
        }
    }
    Ok(builder.finish())
}

pub(crate) fn window_first_value(
    context: &mut Context<'_>,
    site: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    of_frame(context, site, input, |row| Ok(input.frames[row].rows().next()))
}

pub(crate) fn window_last_value(
    context: &mut Context<'_>,
    site: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    of_frame(context, site, input, |row| Ok(input.frames[row].rows().next_back()))
}

pub(crate) fn window_nth_value(
    context: &mut Context<'_>,
    site: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let numbers = Column::<i32>::new(input.arguments.get(1).ok_or_else(|| internal("too few arguments"))?)?;
    of_frame(context, site, input, |row| {
        let Some(number) = numbers.get(row)? else { return Ok(None) };
        if number <= 0 {
            let message = "argument of nth_value must be greater than zero";
            return Err(FunctionError::plain(SqlState::InvalidArgumentForNthValue, message));
        }
        let mut left = number as usize - 1;
        for stretch in &input.frames[row].0 {
            if left < stretch.len() {
                return Ok(Some(stretch.start + left));
            }
            left -= stretch.len();
        }
        Ok(None)
    })
}
