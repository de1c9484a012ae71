//! What ranges and sets of them are to each other, and what they begin and end with.

use super::{Operand, Ranges, operand, range_type_of};
use crate::error::FunctionResult;
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{collect, internal};
use types::range::{Bound, Range, RangeType};
use types::vector::VectorBuilder;
use types::{Value, Vector};

/// What two sets are asked.
type Question = fn(&RangeType, &[Range], &[Range]) -> bool;

fn contains(of: &RangeType, whole: &[Range], parts: &[Range]) -> bool {
    parts.iter().all(|part| whole.iter().any(|range| of.contains(range, part)))
}

fn overlaps(of: &RangeType, left: &[Range], right: &[Range]) -> bool {
    left.iter().any(|one| right.iter().any(|other| of.overlaps(one, other)))
}

fn before(of: &RangeType, left: &[Range], right: &[Range]) -> bool {
    left.last().zip(right.first()).is_some_and(|(last, first)| of.before(last, first))
}

fn ends_within(of: &RangeType, left: &[Range], right: &[Range]) -> bool {
    left.last().zip(right.last()).is_some_and(|(one, other)| of.ends_within(one, other))
}

fn begins_within(of: &RangeType, left: &[Range], right: &[Range]) -> bool {
    left.first().zip(right.first()).is_some_and(|(one, other)| of.begins_within(one, other))
}

fn adjacent(of: &RangeType, left: &[Range], right: &[Range]) -> bool {
    let meets = |left: &[Range], right: &[Range]| {
        left.last().zip(right.first()).is_some_and(|(last, first)| of.meets(last, first))
    };
    meets(left, right) || meets(right, left)
}

fn ask(context: &Context<'_>, arguments: &Arguments<'_>, question: Question) -> FunctionResult<Vector> {
    let of = range_type_of(context, arguments)?;
    let operands = [operand(context, arguments.type_of(0)), operand(context, arguments.type_of(1))];
    collect::<bool>(arguments.rows, |row| {
        let read = |place: usize| {
            let operand: &Operand = &operands[place];
            operand.read(&of, &arguments.vectors[place].item(row))
        };
        Ok(match (read(0)?, read(1)?) {
            (Ranges::Of(left), Ranges::Of(right)) => question(&of, &left, &right),
            (Ranges::Of(ranges), Ranges::Value(value)) | (Ranges::Value(value), Ranges::Of(ranges)) => {
                ranges.iter().any(|range| of.has(range, &value))
            }
            (Ranges::Value(_), Ranges::Value(_)) => return Err(internal("no range among the arguments")),
        })
    })
}

macro_rules! questions {
    ($($name:ident: $question:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            ask(context, arguments, $question)
        })*
    };
}

// kernel: scalar
questions! {
    range_contains: contains;
    range_contained_by: |of, left, right| contains(of, right, left);
    range_overlaps: overlaps;
    range_before: before;
    range_after: |of, left, right| before(of, right, left);
    range_overleft: ends_within;
    range_overright: begins_within;
    range_adjacent: adjacent;
}

/// What one range or set tells of itself.
fn each<T>(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    tell: fn(&[Range]) -> T,
) -> FunctionResult<Vector>
where
    T: crate::kernel::loops::Give,
{
    let of = range_type_of(context, arguments)?;
    let operand = operand(context, arguments.type_of(0));
    collect::<T>(arguments.rows, |row| match operand.read(&of, &arguments.vectors[0].item(row))? {
        Ranges::Of(ranges) => Ok(tell(&ranges)),
        Ranges::Value(_) => Err(internal("no range among the arguments")),
    })
}

fn is_inclusive(bound: &Option<Bound>) -> bool {
    bound.as_ref().is_some_and(|bound| bound.inclusive)
}

macro_rules! tells {
    ($($name:ident: $tell:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            each::<bool>(context, arguments, $tell)
        })*
    };
}

// kernel: scalar
tells! {
    range_empty: |ranges| ranges.is_empty();
    range_lower_inc: |ranges| ranges.first().is_some_and(|range| is_inclusive(&range.lower));
    range_upper_inc: |ranges| ranges.last().is_some_and(|range| is_inclusive(&range.upper));
    range_lower_inf: |ranges| ranges.first().is_some_and(|range| range.lower.is_none());
    range_upper_inf: |ranges| ranges.last().is_some_and(|range| range.upper.is_none());
}

/// The value of a bound, where there is one.
fn bound(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    which: fn(&[Range]) -> Option<&Bound>,
) -> FunctionResult<Vector> {
    let of = range_type_of(context, arguments)?;
    let operand = operand(context, arguments.type_of(0));
    let mut builder = VectorBuilder::new(arguments.result_kind(context)?, arguments.rows);
    for row in 0..arguments.rows {
        match operand.read(&of, &arguments.vectors[0].item(row))? {
            Ranges::Of(ranges) => builder.push(which(&ranges).map_or(&Value::Null, |bound| &bound.value))?,
            Ranges::Value(_) => return Err(internal("no range among the arguments")),
        }
    }
    Ok(builder.finish())
}

pub(crate) fn range_lower(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    bound(context, arguments, |ranges| ranges.first()?.lower.as_ref())
}

pub(crate) fn range_upper(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    bound(context, arguments, |ranges| ranges.last()?.upper.as_ref())
}
