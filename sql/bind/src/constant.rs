//! Literals: their types as they stand, and what they become where another type is wanted.

use crate::binder::{Binder, Bound, carried};
use crate::error::{BindError, BindErrorKind, BindResult};
use plan::expression::{Expression, ExpressionKind};
use types::catalog::oid;
use types::numeric::Numeric;
use types::{Type, Value};

impl Binder<'_> {
    /// Reads a literal of unknown type as one of another, its modifier aside: lengths are applied by casts. Intervals need
    /// theirs to know what their numbers mean.
    pub fn read_literal(&self, text: &Value, of: Type, position: u32) -> BindResult<Value> {
        let Some(bytes) = text.as_bytes() else { return Ok(Value::Null) };
        // Literals come from the statement's text, which is UTF-8.
        let text = String::from_utf8_lossy(bytes);
        let base = self.types().undomained(of);
        let interval = base.oid == oid::INTERVAL || self.element_of(base.oid) == Some(oid::INTERVAL);
        let of = Type { oid: of.oid, modifier: if interval { base.modifier } else { -1 } };
        self.context.literals.read(of, &text).map_err(|error| carried(&*error, position))
    }

    /// An integer, a bigint or a numeric, whichever is the first that it fits.
    pub fn number(&self, text: &str, position: u32) -> BindResult<Bound> {
        let plain = !text.contains(['.', 'e', 'E']);
        let (value, of) = match text.parse::<i64>() {
            Ok(number) if plain => match i32::try_from(number) {
                Ok(number) => (Value::Int32(number), oid::INT4),
                Err(_) => (Value::Int64(number), oid::INT8),
            },
            _ => (self.read_literal(&Value::text(text), Type::of(oid::NUMERIC), position)?, oid::NUMERIC),
        };
        Ok(constant(value, of, position))
    }

    /// `B'…'`, `X'…'`
    pub fn bits(&self, digits: &str, hexadecimal: bool, position: u32) -> BindResult<Bound> {
        let text = format!("{}{digits}", if hexadecimal { 'x' } else { 'b' });
        let value = self.read_literal(&Value::text(&text), Type::of(oid::BIT), position)?;
        Ok(constant(value, oid::BIT, position))
    }
}

/// A constant of a type.
pub(crate) fn constant(value: Value, of: u32, position: u32) -> Bound {
    Bound { expression: Expression { kind: ExpressionKind::Constant(value), result: Type::of(of) }, position }
}

/// A string as it is written.
pub(crate) fn unknown(text: &str, position: u32) -> Bound {
    constant(Value::text(text), oid::UNKNOWN, position)
}

/// What a number is in a type that has room for it exactly, so that lists of literals stay literals.
pub(crate) fn widened(value: &Value, to: u32) -> Option<Value> {
    let whole = match value {
        Value::Int16(number) => i64::from(*number),
        Value::Int32(number) => i64::from(*number),
        Value::Int64(number) => *number,
        Value::Null
        | Value::Bool(_)
        | Value::Float32(_)
        | Value::Float64(_)
        | Value::Numeric(_)
        | Value::Bytes(_)
        | Value::Interval(_)
        | Value::TimeTz(_)
        | Value::Uuid(_) => return None,
    };
    match to {
        oid::INT2 => i16::try_from(whole).ok().map(Value::Int16),
        oid::INT4 => i32::try_from(whole).ok().map(Value::Int32),
        oid::INT8 => Some(Value::Int64(whole)),
        oid::NUMERIC => Some(Value::Numeric(Numeric::from(whole))),
        oid::FLOAT8 if whole.unsigned_abs() < 1 << 53 => Some(Value::Float64(whole as f64)),
        _ => None,
    }
}

/// Binary digits are checked by the type's input function, whose words are these where the literal has a letter.
pub(crate) fn not_a_position(clause: &'static str, position: u32) -> BindError {
    BindError::at(BindErrorKind::NonIntegerConstant { clause }, position)
}
