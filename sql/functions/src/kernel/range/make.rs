//! Ranges and sets of ranges made of bounds and of each other.

use super::{range_at, range_type, range_type_of, set_at};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context, Made, RowSource};
use crate::kernel::loops::{argument, collect, internal, optional, scalar};
use datetime::{Date, Timestamp, TimestampTz};
use diagnostic::SqlState;
use numeric::{Numeric, float};
use types::array::ArrayView;
use types::range::{Bound, Range, RangeError, RangeResult, RangeType, normalised};
use types::vector::VectorBuilder;
use types::{Item, Kind, Vector};

/// What the flags of a constructor say: whether each bound is in the range.
fn flags(text: Option<&str>) -> FunctionResult<(bool, bool)> {
    match text {
        Some("[]") => Ok((true, true)),
        Some("[)") => Ok((true, false)),
        Some("(]") => Ok((false, true)),
        Some("()") => Ok((false, false)),
        Some(_) => {
            let hint = "Valid values are \"[]\", \"[)\", \"(]\", and \"()\".";
            Err(FunctionError::hinted(SqlState::SyntaxError, "invalid range bound flags", hint))
        }
        None => {
            let message = "range constructor flags argument must not be null";
            Err(FunctionError::plain(SqlState::DataException, message))
        }
    }
}

pub(crate) fn range_constructor(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let of = range_type(context, arguments.site.result)?;
    let given = optional::<&str>(arguments, 2)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let (lower, upper) = match &given {
            Some(given) => flags(given.get(row)?)?,
            None => (true, false),
        };
        let bound = |place: usize, inclusive: bool| {
            let item: Item<'_> = arguments.vectors[place].item(row);
            (!item.is_null()).then(|| Bound { value: item.to_value(), inclusive })
        };
        Ok(of.encode(&of.make(bound(0, lower), bound(1, upper))?))
    })
}

/// What is made of two ranges.
fn of_two(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    make: fn(&RangeType, &Range, &Range) -> RangeResult<Range>,
) -> FunctionResult<Vector> {
    let of = range_type_of(context, arguments)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let (left, right) = (range_at(&of, arguments, 0, row)?, range_at(&of, arguments, 1, row)?);
        Ok(of.encode(&make(&of, &left, &right)?))
    })
}

/// Makes one set of two.
type MakeSet = fn(&RangeType, Vec<Range>, Vec<Range>) -> RangeResult<Vec<Range>>;

/// What is made of two sets.
fn of_sets(context: &Context<'_>, arguments: &Arguments<'_>, make: MakeSet) -> FunctionResult<Vector> {
    let of = range_type_of(context, arguments)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let (left, right) = (set_at(&of, arguments, 0, row)?, set_at(&of, arguments, 1, row)?);
        Ok(of.encode_set(&make(&of, left, right)?))
    })
}

macro_rules! made_of {
    ($by:ident; $($name:ident: $make:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            $by(context, arguments, $make)
        })*
    };
}

// kernel: scalar
made_of! {
    of_two;
    range_union: RangeType::union;
    range_merge: RangeType::span;
    range_intersect: RangeType::intersect;
    range_minus: RangeType::minus;
}

// kernel: scalar
made_of! {
    of_sets;
    multirange_union: |of, mut left, mut right| {
        left.append(&mut right);
        normalised(of, left)
    };
    multirange_intersect: |of, left, right| of.set_intersect(&left, &right);
    multirange_minus: |of, left, right| of.set_minus(&left, &right);
}

pub(crate) fn range_merge_from_multirange(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let of = range_type_of(context, arguments)?;
    collect::<Vec<u8>>(arguments.rows, |row| Ok(of.encode(&of.set_span(&set_at(&of, arguments, 0, row)?)?)))
}

pub(crate) fn multirange_constructor0(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let of = range_type(context, arguments.site.result)?;
    collect::<Vec<u8>>(arguments.rows, |_| Ok(of.encode_set(&[])))
}

pub(crate) fn multirange_constructor1(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let of = range_type(context, arguments.site.result)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        Ok(of.encode_set(&normalised(&of, vec![range_at(&of, arguments, 0, row)?])?))
    })
}

pub(crate) fn multirange_constructor2(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let of = range_type(context, arguments.site.result)?;
    let arrays = argument::<ArrayView<'_>>(arguments, 0)?;
    collect::<Vec<u8>>(arguments.rows, |row| {
        let array = arrays.at(row)?;
        if array.dimensions().len() > 1 {
            let message = "multiranges cannot be constructed from multidimensional arrays";
            return Err(FunctionError::plain(SqlState::CardinalityViolation, message));
        }
        let one = |item: Item<'_>| match item {
            Item::Bytes(bytes) => Ok(of.decode(bytes)?),
            _ => {
                let message = "multirange values cannot contain null members";
                Err(FunctionError::plain(SqlState::NullValueNotAllowed, message))
            }
        };
        let ranges: FunctionResult<Vec<Range>> = array.items().map(one).collect();
        Ok(of.encode_set(&normalised(&of, ranges?)?))
    })
}

pub(crate) fn multirange_unnest(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
    row: usize,
) -> FunctionResult<Box<dyn RowSource>> {
    let of = range_type_of(context, arguments)?;
    let mut builder = VectorBuilder::new(Kind::Bytes, 1);
    for range in set_at(&of, arguments, 0, row)? {
        builder.push_bytes(&of.encode(&range))?;
    }
    Ok(Made::source(vec![builder.finish()]))
}

/// A range of a type whose ranges are kept in one form is in that form already.
pub(crate) fn canonical(_: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    arguments.vectors.first().cloned().ok_or_else(|| internal("too few arguments"))
}

scalar! {
    fn int4range_subdiff(a: i32, b: i32) -> f64 { f64::from(a) - f64::from(b) }
    fn int8range_subdiff(a: i64, b: i64) -> f64 { a as f64 - b as f64 }
    fn numrange_subdiff(a: Numeric, b: Numeric) -> f64 {
        float::parse_float8(&a.subtract(&b)?.to_string())?
    }
    fn daterange_subdiff(a: Date, b: Date) -> f64 { f64::from(a.0) - f64::from(b.0) }
    fn tsrange_subdiff(a: Timestamp, b: Timestamp) -> f64 { (a.0 as f64 - b.0 as f64) / 1_000_000.0 }
    fn tstzrange_subdiff(a: TimestampTz, b: TimestampTz) -> f64 { (a.0 as f64 - b.0 as f64) / 1_000_000.0 }
}

impl From<RangeError> for FunctionError {
    fn from(error: RangeError) -> FunctionError {
        FunctionError::Input(error.into())
    }
}
