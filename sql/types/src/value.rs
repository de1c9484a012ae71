//! One value on its own: constants, parameters, defaults. Whatever runs over rows uses vectors.

use crate::Numeric;
use crate::kind::Kind;
use crate::{Interval, TimeTz};
use std::sync::Arc;

/// A value of any kind, or null.
///
/// Two values are equal here if they are the same in every respect: what SQL calls equal is asked of an
/// [`Order`](crate::vector::Order).
#[derive(Debug, Clone)]
#[allow(missing_docs)] // each is the kind of its name
pub enum Value {
    Null,
    Bool(bool),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Float32(f32),
    Float64(f64),
    Numeric(Numeric),
    Bytes(Arc<[u8]>),
    Interval(Interval),
    TimeTz(TimeTz),
    Uuid([u8; 16]),
}

impl Value {
    /// Its kind; null has none.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Value::Null => None,
            Value::Bool(_) => Some(Kind::Bool),
            Value::Int16(_) => Some(Kind::Int16),
            Value::Int32(_) => Some(Kind::Int32),
            Value::Int64(_) => Some(Kind::Int64),
            Value::Float32(_) => Some(Kind::Float32),
            Value::Float64(_) => Some(Kind::Float64),
            Value::Numeric(_) => Some(Kind::Numeric),
            Value::Bytes(_) => Some(Kind::Bytes),
            Value::Interval(_) => Some(Kind::Interval),
            Value::TimeTz(_) => Some(Kind::TimeTz),
            Value::Uuid(_) => Some(Kind::Uuid),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// Text as a value of kind `Bytes`.
    pub fn text(text: &str) -> Value {
        Value::Bytes(text.as_bytes().into())
    }

    /// The bytes of a value of kind `Bytes`.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Value::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

/// A value of any kind, or null, whose bytes somebody else holds.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // each is the kind of its name
pub enum Item<'a> {
    Null,
    Bool(bool),
    Int16(i16),
    Int32(i32),
    Int64(i64),
    Float32(f32),
    Float64(f64),
    Numeric(Numeric),
    Bytes(&'a [u8]),
    Interval(Interval),
    TimeTz(TimeTz),
    Uuid([u8; 16]),
}

impl Item<'_> {
    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self, Item::Null)
    }

    /// Its kind; null has none.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Item::Null => None,
            Item::Bool(_) => Some(Kind::Bool),
            Item::Int16(_) => Some(Kind::Int16),
            Item::Int32(_) => Some(Kind::Int32),
            Item::Int64(_) => Some(Kind::Int64),
            Item::Float32(_) => Some(Kind::Float32),
            Item::Float64(_) => Some(Kind::Float64),
            Item::Numeric(_) => Some(Kind::Numeric),
            Item::Bytes(_) => Some(Kind::Bytes),
            Item::Interval(_) => Some(Kind::Interval),
            Item::TimeTz(_) => Some(Kind::TimeTz),
            Item::Uuid(_) => Some(Kind::Uuid),
        }
    }

    /// The value with bytes of its own.
    pub fn to_value(&self) -> Value {
        match self {
            Item::Null => Value::Null,
            Item::Bool(value) => Value::Bool(*value),
            Item::Int16(value) => Value::Int16(*value),
            Item::Int32(value) => Value::Int32(*value),
            Item::Int64(value) => Value::Int64(*value),
            Item::Float32(value) => Value::Float32(*value),
            Item::Float64(value) => Value::Float64(*value),
            Item::Numeric(value) => Value::Numeric(value.clone()),
            Item::Bytes(value) => Value::Bytes((*value).into()),
            Item::Interval(value) => Value::Interval(*value),
            Item::TimeTz(value) => Value::TimeTz(*value),
            Item::Uuid(value) => Value::Uuid(*value),
        }
    }
}

impl<'a> From<&'a Value> for Item<'a> {
    fn from(value: &'a Value) -> Item<'a> {
        match value {
            Value::Null => Item::Null,
            Value::Bool(value) => Item::Bool(*value),
            Value::Int16(value) => Item::Int16(*value),
            Value::Int32(value) => Item::Int32(*value),
            Value::Int64(value) => Item::Int64(*value),
            Value::Float32(value) => Item::Float32(*value),
            Value::Float64(value) => Item::Float64(*value),
            Value::Numeric(value) => Item::Numeric(value.clone()),
            Value::Bytes(value) => Item::Bytes(value),
            Value::Interval(value) => Item::Interval(*value),
            Value::TimeTz(value) => Item::TimeTz(*value),
            Value::Uuid(value) => Item::Uuid(*value),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left), Value::Bool(right)) => left == right,
            (Value::Int16(left), Value::Int16(right)) => left == right,
            (Value::Int32(left), Value::Int32(right)) => left == right,
            (Value::Int64(left), Value::Int64(right)) => left == right,
            (Value::Float32(left), Value::Float32(right)) => left.to_bits() == right.to_bits(),
            (Value::Float64(left), Value::Float64(right)) => left.to_bits() == right.to_bits(),
            (Value::Numeric(left), Value::Numeric(right)) => left == right && left.scale() == right.scale(),
            (Value::Bytes(left), Value::Bytes(right)) => left == right,
            (Value::Interval(left), Value::Interval(right)) => left.is_identical(*right),
            (Value::TimeTz(left), Value::TimeTz(right)) => left == right,
            (Value::Uuid(left), Value::Uuid(right)) => left == right,
            (
                Value::Null
                | Value::Bool(_)
                | Value::Int16(_)
                | Value::Int32(_)
                | Value::Int64(_)
                | Value::Float32(_)
                | Value::Float64(_)
                | Value::Numeric(_)
                | Value::Bytes(_)
                | Value::Interval(_)
                | Value::TimeTz(_)
                | Value::Uuid(_),
                _,
            ) => false,
        }
    }
}
