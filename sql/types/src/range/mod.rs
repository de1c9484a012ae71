//! Ranges and sets of ranges.
//!
//! A range lies in memory as a record (see [`crate::record`]) whose columns compare as ranges do: an empty one comes first,
//! then the lower bound decides, then the upper one.
//!
//! | column | what |
//! |---|---|
//! | 0 | 0 if it is empty, and then there is nothing else; 1 if not |
//! | 1 | 0 without lower bound, 1 with one |
//! | 2 | the lower bound or null |
//! | 3 | 0 if the lower bound is in the range, 1 if not |
//! | 4 | 0 with an upper bound, 1 without one |
//! | 5 | the upper bound or null |
//! | 6 | 1 if the upper bound is in the range, 0 if not |
//!
//! A multirange is an array of ranges in order, none of which is empty or touches another. So order, hash and key of both are
//! those of records and arrays, and only [`range_order`] knows of it.
//!
//! Ranges of whole numbers and dates are kept in one form: the lower bound in them, the upper one not.

mod operation;
mod set;
mod text;

pub use operation::{Side, SideOf};
pub use set::normalised;
pub(crate) use text::{multirange_input, multirange_output, range_input, range_output};

use crate::array::{ArrayBuilder, ArrayView};
use crate::catalog::{Type, Types, oid};
use crate::kind::Kind;
use crate::record::{RecordView, record};
use crate::text::InputError;
use crate::value::{Item, Value};
use crate::vector::Order;
use datetime::Date;
use diagnostic::{Diagnostic, SqlState};
use std::cmp::Ordering;
use thiserror::Error;

/// A range type with what it is of and the type of sets of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RangeNames {
    /// The range type.
    pub range: u32,
    /// The type of its bounds.
    pub subtype: u32,
    /// The type of sets of such ranges.
    pub multirange: u32,
}

const BUILTIN: [RangeNames; 6] = [
    RangeNames { range: oid::INT4RANGE, subtype: oid::INT4, multirange: oid::INT4MULTIRANGE },
    RangeNames { range: oid::NUMRANGE, subtype: oid::NUMERIC, multirange: oid::NUMMULTIRANGE },
    RangeNames { range: oid::TSRANGE, subtype: oid::TIMESTAMP, multirange: oid::TSMULTIRANGE },
    RangeNames { range: oid::TSTZRANGE, subtype: oid::TIMESTAMPTZ, multirange: oid::TSTZMULTIRANGE },
    RangeNames { range: oid::DATERANGE, subtype: oid::DATE, multirange: oid::DATEMULTIRANGE },
    RangeNames { range: oid::INT8RANGE, subtype: oid::INT8, multirange: oid::INT8MULTIRANGE },
];

/// The built-in range type that a range or multirange type belongs to.
pub fn builtin_range(of: u32) -> Option<RangeNames> {
    BUILTIN.into_iter().find(|names| names.range == of || names.multirange == of)
}

/// Why there is no such range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[allow(missing_docs)] // each says itself what it is
pub enum RangeError {
    #[error("range lower bound must be less than or equal to range upper bound")]
    Bounds,
    #[error("result of range union would not be contiguous")]
    Union,
    #[error("result of range difference would not be contiguous")]
    Difference,
    #[error("{0} out of range")]
    OutOfRange(&'static str),
    #[error("range is damaged")]
    Damaged,
}

impl Diagnostic for RangeError {
    fn sqlstate(&self) -> SqlState {
        match self {
            RangeError::Bounds | RangeError::Union | RangeError::Difference => SqlState::DataException,
            RangeError::OutOfRange("date") => SqlState::DatetimeFieldOverflow,
            RangeError::OutOfRange(_) => SqlState::NumericValueOutOfRange,
            RangeError::Damaged => SqlState::DataCorrupted,
        }
    }
}

/// The result of making a range.
pub type RangeResult<T> = Result<T, RangeError>;

/// A bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The value.
    pub value: Value,
    /// Whether it is in the range.
    pub inclusive: bool,
}

/// A range: empty, or between two bounds, either of which may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Whether nothing is in it; then it has no bounds.
    pub empty: bool,
    /// The lower bound.
    pub lower: Option<Bound>,
    /// The upper bound.
    pub upper: Option<Bound>,
}

impl Range {
    /// The empty one.
    pub const EMPTY: Range = Range { empty: true, lower: None, upper: None };
}

/// What there is to know of a range type.
#[derive(Debug, Clone)]
pub struct RangeType {
    /// Its names.
    pub names: RangeNames,
    kind: Kind,
    order: Order,
    /// What separates values that have neighbours.
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    None,
    Integer,
    Bigint,
    Date,
}

/// The order of a range type: that of the columns as this module lays them out.
pub(crate) fn range_order(subtype: Order) -> Order {
    let flag = Order::Int16;
    let columns = [flag.clone(), flag.clone(), subtype.clone(), flag.clone(), flag.clone(), subtype, flag];
    Order::Record(columns.map(Some).into())
}

impl RangeType {
    /// Of a range or multirange type; `None` if it is neither, or if its bounds have no order.
    pub fn of(types: &(impl Types + ?Sized), range: u32) -> Option<RangeType> {
        let names = types.range(range)?;
        let order = types.order(Type::of(names.subtype))?;
        let step = match names.range {
            oid::INT4RANGE => Step::Integer,
            oid::INT8RANGE => Step::Bigint,
            oid::DATERANGE => Step::Date,
            _ => Step::None,
        };
        Some(RangeType { names, kind: order.kind(), order, step })
    }

    /// The order of bounds.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Reads a range's bytes.
    pub fn decode(&self, bytes: &[u8]) -> RangeResult<Range> {
        let record = RecordView::new(bytes).ok_or(RangeError::Damaged)?;
        let flag = |column: usize| matches!(record.item(column), Item::Int16(flag) if flag != 0);
        if !flag(0) {
            return Ok(Range::EMPTY);
        }
        let bound = |column: usize, inclusive: bool| {
            let item = record.item(column);
            (!item.is_null()).then(|| Bound { value: item.to_value(), inclusive })
        };
        Ok(Range { empty: false, lower: bound(2, !flag(3)), upper: bound(5, flag(6)) })
    }

    /// A range's bytes.
    pub fn encode(&self, range: &Range) -> Vec<u8> {
        let flag = |value: bool| (oid::INT2, Kind::Int16, Item::Int16(i16::from(value)));
        let value = |bound: &'_ Option<Bound>| match bound {
            Some(bound) => Item::from(&bound.value).to_value(),
            None => Value::Null,
        };
        let (lower, upper) = (value(&range.lower), value(&range.upper));
        let inclusive = |bound: &Option<Bound>| bound.as_ref().is_some_and(|bound| bound.inclusive);
        if range.empty {
            return record(&[flag(false)]);
        }
        record(&[
            flag(true),
            flag(range.lower.is_some()),
            (self.names.subtype, self.kind, Item::from(&lower)),
            flag(range.lower.is_some() && !inclusive(&range.lower)),
            flag(range.upper.is_none()),
            (self.names.subtype, self.kind, Item::from(&upper)),
            flag(inclusive(&range.upper)),
        ])
    }

    /// Reads a multirange's bytes.
    pub fn decode_set(&self, bytes: &[u8]) -> RangeResult<Vec<Range>> {
        let array = ArrayView::new(bytes).ok_or(RangeError::Damaged)?;
        let one = |item: Item<'_>| match item {
            Item::Bytes(bytes) => self.decode(bytes),
            _ => Err(RangeError::Damaged),
        };
        array.items().map(one).collect()
    }

    /// A multirange's bytes; the ranges are normalised.
    pub fn encode_set(&self, ranges: &[Range]) -> Vec<u8> {
        let mut builder = ArrayBuilder::new(self.names.range, Kind::Bytes);
        for range in ranges {
            builder.push(&Item::Bytes(&self.encode(range)));
        }
        builder.finish_list()
    }

    /// The range between two bounds.
    ///
    /// # Errors
    /// When the lower one is the greater, or has no neighbour where it needs one.
    pub fn make(&self, lower: Option<Bound>, upper: Option<Bound>) -> RangeResult<Range> {
        let made = self.checked(lower, upper)?;
        if made.empty || self.step == Step::None {
            return Ok(made);
        }
        let lower = match made.lower {
            Some(Bound { value, inclusive: false }) => self.next(value, true)?,
            kept => kept,
        };
        let upper = match made.upper {
            Some(Bound { value, inclusive: true }) => self.next(value, false)?,
            kept => kept,
        };
        self.checked(lower, upper)
    }

    fn checked(&self, lower: Option<Bound>, upper: Option<Bound>) -> RangeResult<Range> {
        if let (Some(lower), Some(upper)) = (&lower, &upper) {
            match self.compare_values(&lower.value, &upper.value) {
                Ordering::Greater => return Err(RangeError::Bounds),
                Ordering::Equal if !(lower.inclusive && upper.inclusive) => return Ok(Range::EMPTY),
                Ordering::Equal | Ordering::Less => {}
            }
        }
        Ok(Range { empty: false, lower, upper })
    }

    /// The bound behind a value. Dates at infinity have none and stay.
    fn next(&self, value: Value, lower: bool) -> RangeResult<Option<Bound>> {
        let moved = match (self.step, &value) {
            (Step::Integer, Value::Int32(value)) => {
                value.checked_add(1).map(Value::Int32).ok_or(RangeError::OutOfRange("integer"))?
            }
            (Step::Bigint, Value::Int64(value)) => {
                value.checked_add(1).map(Value::Int64).ok_or(RangeError::OutOfRange("bigint"))?
            }
            (Step::Date, Value::Int32(day)) if Date(*day).is_finite() => {
                let next = Date(day + 1);
                if !next.is_finite() || datetime::arithmetic::date_add_days(Date(*day), 1).is_err() {
                    return Err(RangeError::OutOfRange("date"));
                }
                Value::Int32(next.0)
            }
            _ => return Ok(Some(Bound { value, inclusive: !lower })),
        };
        Ok(Some(Bound { value: moved, inclusive: lower }))
    }

    fn compare_values(&self, left: &Value, right: &Value) -> Ordering {
        self.order.compare(&Item::from(left), &Item::from(right))
    }
}

impl From<RangeError> for InputError {
    fn from(error: RangeError) -> InputError {
        InputError::Range(error)
    }
}
