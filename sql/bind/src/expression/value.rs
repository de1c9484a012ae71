//! Values that are called without parentheses.

use crate::binder::{Binder, Bound};
use plan::expression::{Expression, ExpressionKind, SqlValue as Bare};
use syntax::tree::expression::SqlValue;
use types::Type;
use types::catalog::oid;

/// The most digits that a second has.
const FRACTION_MAX: i32 = 6;

impl Binder<'_> {
    pub(super) fn sql_value(&self, value: SqlValue, precision: Option<i32>, position: u32) -> Bound {
        let precision = precision.map(|precision| precision.clamp(0, FRACTION_MAX));
        let timed = |of: u32| Type { oid: of, modifier: precision.unwrap_or(-1) };
        let (value, result) = match value {
            SqlValue::CurrentDate => (Bare::CurrentDate, Type::of(oid::DATE)),
            SqlValue::CurrentTime => (Bare::CurrentTime(precision), timed(oid::TIMETZ)),
            SqlValue::CurrentTimestamp => (Bare::CurrentTimestamp(precision), timed(oid::TIMESTAMPTZ)),
            SqlValue::LocalTime => (Bare::LocalTime(precision), timed(oid::TIME)),
            SqlValue::LocalTimestamp => (Bare::LocalTimestamp(precision), timed(oid::TIMESTAMP)),
            SqlValue::CurrentRole | SqlValue::CurrentUser | SqlValue::User => {
                (Bare::CurrentUser, Type::of(oid::NAME))
            }
            SqlValue::SessionUser => (Bare::SessionUser, Type::of(oid::NAME)),
            SqlValue::CurrentCatalog => (Bare::CurrentCatalog, Type::of(oid::NAME)),
            SqlValue::CurrentSchema => (Bare::CurrentSchema, Type::of(oid::NAME)),
        };
        Bound { expression: Expression { kind: ExpressionKind::SqlValue(value), result }, position }
    }
}
