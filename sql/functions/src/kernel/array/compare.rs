//! Arrays and records compared and searched.

use super::change::{array_at, element_of, equality};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{Arguments, Context};
use crate::kernel::loops::{argument, collect, internal};
use diagnostic::SqlState;
use std::cmp::Ordering;
use types::array;
use types::catalog::{oid, type_name};
use types::record::RecordView;
use types::vector::{Order, VectorBuilder};
use types::{Interval, Item, Type, Vector};

/// What two arrays of a row tell.
fn arrays(
    context: &Context<'_>,
    arguments: &Arguments<'_>,
    each: impl Fn(&array::ArrayView<'_>, &array::ArrayView<'_>, &Order) -> bool,
) -> FunctionResult<Vector> {
    let order = equality(context, element_of(context, arguments.type_of(0))?.0)?;
    collect::<bool>(arguments.rows, |row| {
        match (array_at(arguments, 0, row)?, array_at(arguments, 1, row)?) {
            (Some(left), Some(right)) => Ok(each(&left, &right, &order)),
            _ => Err(internal("a null in a strict function")),
        }
    })
}

pub(crate) fn arraycontains(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    arrays(context, arguments, array::contains)
}

pub(crate) fn arraycontained(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    arrays(context, arguments, |left, right, order| array::contains(right, left, order))
}

pub(crate) fn arrayoverlap(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    arrays(context, arguments, array::overlaps)
}

fn order_of(context: &Context<'_>, of: Type) -> FunctionResult<Order> {
    let none = || FunctionError::NoComparison(type_name(context.types, of.oid, None));
    context.types.order(of).ok_or_else(none)
}

/// The one of two values that the order puts at the wanted end.
fn either(context: &Context<'_>, arguments: &Arguments<'_>, wanted: Ordering) -> FunctionResult<Vector> {
    let order = order_of(context, arguments.type_of(0))?;
    let mut builder = VectorBuilder::new(arguments.vectors[0].kind(), arguments.rows);
    for row in 0..arguments.rows {
        let (left, right) = (&arguments.vectors[0], &arguments.vectors[1]);
        let first = order.compare(&left.item(row), &right.item(row)) == wanted;
        builder.push_from(if first { left } else { right }, row)?;
    }
    Ok(builder.finish())
}

macro_rules! larger {
    ($($name:ident: $wanted:ident;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            either(context, arguments, Ordering::$wanted)
        })*
    };
}

// kernel: scalar
larger! {
    array_larger: Greater;
    array_smaller: Less;
    enum_larger: Greater;
    enum_smaller: Less;
}

/// -1, 0 or 1 by the order of the arguments' type.
fn three_way(context: &Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
    let order = order_of(context, arguments.type_of(0))?;
    collect::<i32>(arguments.rows, |row| {
        Ok(order.compare(&arguments.vectors[0].item(row), &arguments.vectors[1].item(row)) as i32)
    })
}

macro_rules! orders {
    ($($name:ident ($of:ident);)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            three_way(context, arguments)
        })*
    };
}

// kernel: scalar
orders! {
    btarraycmp (array);
    enum_cmp (anyenum);
    uuid_cmp (uuid);
    byteacmp (bytea);
    bitcmp (bit);
    jsonb_cmp (jsonb);
    range_cmp (anyrange);
    multirange_cmp (anymultirange);
}

fn dissimilar(message: String) -> FunctionError {
    FunctionError::plain(SqlState::DatatypeMismatch, message)
}

/// By what the columns of records are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    /// Their types' equality, which some have that have no order.
    Equality,
    /// Their types' order.
    Order,
    /// How they lie, whatever they mean.
    Image,
}

/// Compares values as they lie: what is of fixed width as an unsigned number, everything else byte by byte. Null comes last.
fn compare_images(left: &Item<'_>, right: &Item<'_>) -> Ordering {
    let number = |item: &Item<'_>| match item {
        Item::Bool(value) => Some(u64::from(*value)),
        Item::Int16(value) => Some(i64::from(*value).cast_unsigned()),
        Item::Int32(value) => Some(i64::from(*value).cast_unsigned()),
        Item::Int64(value) => Some(value.cast_unsigned()),
        Item::Float32(value) => Some(i64::from(value.to_bits().cast_signed()).cast_unsigned()),
        Item::Float64(value) => Some(value.to_bits()),
        Item::Null
        | Item::Numeric(_)
        | Item::Bytes(_)
        | Item::Interval(_)
        | Item::TimeTz(_)
        | Item::Uuid(_) => None,
    };
    match (left, right) {
        (Item::Null, _) | (_, Item::Null) => left.is_null().cmp(&right.is_null()),
        (Item::Bytes(left), Item::Bytes(right)) => left.cmp(right),
        (Item::Uuid(left), Item::Uuid(right)) => left.cmp(right),
        (Item::Numeric(left), Item::Numeric(right)) => {
            left.cmp(right).then_with(|| left.scale().cmp(&right.scale()))
        }
        (Item::Interval(left), Item::Interval(right)) => {
            let image = |value: &Interval| (value.microseconds.cast_unsigned(), value.days, value.months);
            image(left).cmp(&image(right))
        }
        (Item::TimeTz(left), Item::TimeTz(right)) => (left.time, left.zone).cmp(&(right.time, right.zone)),
        (left, right) => number(left).cmp(&number(right)),
    }
}

/// Which columns of rows of a type are there still; nothing where that is not known, and all are.
fn columns_there(context: &Context<'_>, of: Type) -> Vec<bool> {
    let of = context.types.undomained(of);
    let there = |columns: &[types::catalog::Column]| columns.iter().map(|column| !column.dropped).collect();
    match context.types.record_columns(of.modifier).filter(|_| of.oid == oid::RECORD) {
        Some(columns) => there(&columns),
        None => there(context.types.columns(of.oid).unwrap_or_default()),
    }
}

/// A row, and which of its columns are there still.
struct Side<'s> {
    view: RecordView<'s>,
    there: &'s [bool],
}

impl Side<'_> {
    /// The places of the columns that count. A row that is older than a column of its type is null there.
    fn places(&self) -> impl Iterator<Item = usize> + use<'_> {
        let all = 0..self.view.len().max(self.there.len());
        all.filter(|column| self.there.get(*column).copied().unwrap_or(true))
    }
}

/// Compares records column by column; nulls are values that come last.
fn compare_records(
    context: &Context<'_>,
    left: (&[u8], &[bool]),
    right: (&[u8], &[bool]),
    columns: Columns,
) -> FunctionResult<Ordering> {
    let damaged = || internal("damaged record");
    let left = Side { view: RecordView::new(left.0).ok_or_else(damaged)?, there: left.1 };
    let right = Side { view: RecordView::new(right.0).ok_or_else(damaged)?, there: right.1 };
    let (mut of_left, mut of_right) = (left.places(), right.places());
    for number in 1.. {
        let (one, other) = match (of_left.next(), of_right.next()) {
            (Some(one), Some(other)) => (one, other),
            (None, None) => break,
            (Some(_), None) | (None, Some(_)) => {
                let message = "cannot compare record types with different numbers of columns";
                return Err(dissimilar(message.to_owned()));
            }
        };
        // Neither is as new as the column, or one of them is not.
        let types = (left.view.column_type(one), right.view.column_type(other));
        let Some(of) = types.0.or(types.1) else { continue };
        if let (Some(a), Some(b)) = types
            && a != b
        {
            let name = |of| type_name(context.types, of, None);
            return Err(dissimilar(format!(
                "cannot compare dissimilar column types {} and {} at record column {number}",
                name(a),
                name(b),
            )));
        }
        let (one, other) = (left.view.item(one), right.view.item(other));
        let ordering = match columns {
            Columns::Equality => equality(context, of)?.compare(&one, &other),
            Columns::Order => order_of(context, Type::of(of))?.compare(&one, &other),
            Columns::Image => compare_images(&one, &other),
        };
        if ordering.is_ne() {
            return Ok(ordering);
        }
    }
    Ok(Ordering::Equal)
}

macro_rules! records {
    ($($name:ident, $columns:ident, $result:ty, $tell:expr;)*) => {
        $(pub(crate) fn $name(context: &mut Context<'_>, arguments: &Arguments<'_>) -> FunctionResult<Vector> {
            let (left, right) = (argument::<&[u8]>(arguments, 0)?, argument::<&[u8]>(arguments, 1)?);
            let there = [0, 1].map(|side| columns_there(context, arguments.type_of(side)));
            collect::<$result>(arguments.rows, |row| {
                let (left, right) = ((left.at(row)?, &there[0][..]), (right.at(row)?, &there[1][..]));
                Ok($tell(compare_records(context, left, right, Columns::$columns)?))
            })
        })*
    };
}

// kernel: scalar
records! {
    record_eq, Equality, bool, Ordering::is_eq;
    record_ne, Equality, bool, Ordering::is_ne;
    record_lt, Order, bool, Ordering::is_lt;
    record_le, Order, bool, Ordering::is_le;
    record_gt, Order, bool, Ordering::is_gt;
    record_ge, Order, bool, Ordering::is_ge;
    btrecordcmp, Order, i32, |ordering| ordering as i32;
    record_image_eq, Image, bool, Ordering::is_eq;
    record_image_ne, Image, bool, Ordering::is_ne;
    record_image_lt, Image, bool, Ordering::is_lt;
    record_image_le, Image, bool, Ordering::is_le;
    record_image_gt, Image, bool, Ordering::is_gt;
    record_image_ge, Image, bool, Ordering::is_ge;
}

/// `width_bucket(value, thresholds)`.
pub(crate) fn width_bucket_array(
    context: &mut Context<'_>,
    arguments: &Arguments<'_>,
) -> FunctionResult<Vector> {
    let order = order_of(context, arguments.type_of(0))?;
    collect::<i32>(arguments.rows, |row| {
        let thresholds =
            array_at(arguments, 1, row)?.ok_or_else(|| internal("a null in a strict function"))?;
        if thresholds.dimensions().len() > 1 {
            let message = "thresholds must be one-dimensional array";
            return Err(FunctionError::plain(SqlState::ArrayElementError, message));
        }
        if thresholds.has_nulls() {
            let message = "thresholds array must not contain NULLs";
            return Err(FunctionError::plain(SqlState::NullValueNotAllowed, message));
        }
        let value: Item<'_> = arguments.vectors[0].item(row);
        let (mut low, mut high) = (0, thresholds.len());
        while low < high {
            let middle = low.midpoint(high);
            match order.compare(&value, &thresholds.item(middle)).is_lt() {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        Ok(low as i32)
    })
}
