//! Functions over windows.

use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Context, Site, WindowInput, kind_of};
use crate::kernel::loops::{Column, collect, internal};
use diagnostic::SqlState;
use types::Vector;
use types::vector::VectorBuilder;

/// The group of peers that each row belongs to: its number, its first row, the first row after it.
fn groups<'a>(input: &'a WindowInput<'_>) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    let (rows, peers) = (input.rows, input.peers);
    (0..peers.len()).flat_map(move |group| {
        let (first, end) = (peers[group], peers.get(group + 1).copied().unwrap_or(rows));
        (first..end).map(move |_| (group, first, end))
    })
}

pub(crate) fn window_row_number(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    Ok(Vector::from_values((1..=input.rows as i64).collect()))
}

pub(crate) fn window_rank(_: &mut Context<'_>, _: &Site, input: &WindowInput<'_>) -> FunctionResult<Vector> {
    Ok(Vector::from_values(groups(input).map(|(_, first, _)| first as i64 + 1).collect()))
}

pub(crate) fn window_dense_rank(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    Ok(Vector::from_values(groups(input).map(|(group, ..)| group as i64 + 1).collect()))
}

pub(crate) fn window_percent_rank(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let others = input.rows as f64 - 1.0;
    let share = |first: usize| if input.rows > 1 { first as f64 / others } else { 0.0 };
    Ok(Vector::from_values(groups(input).map(|(_, first, _)| share(first)).collect::<Vec<f64>>()))
}

pub(crate) fn window_cume_dist(
    _: &mut Context<'_>,
    _: &Site,
    input: &WindowInput<'_>,
) -> FunctionResult<Vector> {
    let all = input.rows as f64;
    Ok(Vector::from_values(groups(input).map(|(.., end)| end as f64 / all).collect::<Vec<f64>>()))
}

fn first_argument<'a>(input: &WindowInput<'a>) -> FunctionResult<&'a Vector> {
    input.arguments.first().ok_or_else(|| internal("too few arguments"))
}

/// The number of buckets is that of the partition's first row.
pub(crate) fn window_ntile(_: &mut Context<'_>, _: &Site, input: &WindowInput<'_>) -> FunctionResult<Vector> {
    let rows = input.rows;
    let buckets = match rows {
        0 => None,
        _ => Column::<i32>::new(first_argument(input)?)?.get(0)?,
    };
    let Some(buckets) = buckets else { return collect::<Option<i32>>(rows, |_| Ok(None)) };
    if buckets <= 0 {
        let message = "argument of ntile must be greater than zero";
        return Err(FunctionError::plain(SqlState::InvalidArgumentForNtile, message));
    }
    let count = buckets as usize;
    // The first `larger` buckets have one row more.
    let (size, larger) = (rows / count, rows % count);
    let edge = larger * (size + 1);
    collect::<i32>(rows, |row| {
        let bucket = match row < edge {
            true => row / (size + 1),
            false => larger + (row - edge) / size.max(1),
        };
        Ok(bucket as i32 + 1)
    })
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
    for row in 0..input.rows {
        let offset = match &offsets {
            Some(offsets) => offsets.get(row)?,
            None => Some(1),
        };
        let Some(offset) = offset else {
            builder.push_null();
            continue;
        };
        let place = row as i64 + if ahead { i64::from(offset) } else { -i64::from(offset) };
        match (usize::try_from(place).ok().filter(|place| *place < input.rows), input.arguments.get(2)) {
            (Some(place), _) => builder.push_from(values, place)?,
            (None, Some(default)) => builder.push_from(default, row)?,
            (None, None) => builder.push_null(),
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
