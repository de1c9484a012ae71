//! Literals: their types as they stand, and what they become where another type is wanted.

use crate::binder::{Binder, Bound, carried};
use crate::error::{BindError, BindErrorKind, BindResult};
use plan::expression::{Expression, ExpressionKind};
use types::catalog::oid;
use types::{Type, Value};

impl Binder<'_> {
    /// Reads a literal of unknown type as one of another, its modifier aside: lengths are applied by casts. Intervals need
    /// theirs to know what their numbers mean.
    pub fn read_literal(&self, text: &Value, of: Type, position: u32) -> BindResult<Value> {
        // What is handed over within the program has no values at all, not even a null.
        let none: &[u8] = b"";
        let Some(bytes) = text.as_bytes().or_else(|| has_no_null(of.oid).then_some(none)) else {
            return Ok(Value::Null);
        };
        // Literals come from the statement's text, which is UTF-8.
        let text = String::from_utf8_lossy(bytes);
        let base = self.types().undomained(of);
        let interval = base.oid == oid::INTERVAL || self.element_of(base.oid) == Some(oid::INTERVAL);
        let of = Type { oid: of.oid, modifier: if interval { base.modifier } else { -1 } };
        self.context.literals.read(self.context.scope, of, &text).map_err(|error| carried(&*error, position))
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

/// The error of a constant that stands where a position is meant.
pub(crate) fn not_a_position(clause: &'static str, position: u32) -> BindError {
    BindError::at(BindErrorKind::NonIntegerConstant { clause }, position)
}

/// Whether a type's input refuses nulls too.
fn has_no_null(of: u32) -> bool {
    let handler = matches!(of, oid::LANGUAGE_HANDLER | oid::FDW_HANDLER | oid::TSM_HANDLER)
        || matches!(of, oid::INDEX_AM_HANDLER | oid::TABLE_AM_HANDLER);
    handler || matches!(of, oid::INTERNAL | oid::TRIGGER | oid::EVENT_TRIGGER)
}
