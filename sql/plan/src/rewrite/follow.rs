//! What follows from equalities: `a = b AND b = 1` says `a = 1` as well.

use super::Rewriter;
use crate::expression::{Call, CallForm, Expression, ExpressionKind};
use types::catalog::oid;
use types::vector::Operator;

/// A column that equals a value.
struct Known {
    column: Expression,
    value: Expression,
}

impl Rewriter<'_> {
    /// Adds for every column that equals one with a known value that it has that value too.
    pub(super) fn constants_follow(&self, conditions: &mut Vec<Expression>) {
        let mut pairs = Vec::new();
        let mut known = Vec::new();
        for condition in conditions.iter() {
            let Some((left, right)) = self.equality(condition) else { continue };
            match (left.as_column(), right.as_column()) {
                (Some(_), Some(_)) => pairs.push((left.clone(), right.clone())),
                (Some(_), None) if is_fixed(right) => {
                    known.push(Known { column: left.clone(), value: right.clone() })
                }
                (None, Some(_)) if is_fixed(left) => {
                    known.push(Known { column: right.clone(), value: left.clone() })
                }
                _ => {}
            }
        }
        // `known` grows while it is gone through: each column comes into it once.
        let mut place = 0;
        while place < known.len() {
            let Known { column, value } = &known[place];
            let (column, value) = (column.clone(), value.clone());
            for (left, right) in &pairs {
                let other = if left.as_column() == column.as_column() {
                    right
                } else if right.as_column() == column.as_column() {
                    left
                } else {
                    continue;
                };
                let seen = |entry: &Known| entry.column.as_column() == other.as_column();
                if known.iter().any(seen) {
                    continue;
                }
                let Some(condition) = self.equal(other, &value) else { continue };
                conditions.push(condition);
                known.push(Known { column: other.clone(), value: value.clone() });
            }
            place += 1;
        }
        // What is the same value on both sides says nothing more.
        let values = |side: &Expression| {
            let column = side.as_column();
            let own = |entry: &&Known| column.is_some() && entry.column.as_column() == column;
            known.iter().filter(own).map(|entry| &entry.value).collect::<Vec<_>>()
        };
        conditions.retain(|condition| {
            !self.equality(condition).is_some_and(|(left, right)| {
                left.as_column() != right.as_column()
                    && are_alike(left, right)
                    && values(left).iter().any(|value| values(right).contains(value))
            })
        });
    }

    /// The sides of an equality of a btree order.
    pub(super) fn equality<'e>(&self, condition: &'e Expression) -> Option<(&'e Expression, &'e Expression)> {
        let ExpressionKind::Call(call) = &condition.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let comparison = self.facts.comparison(call.function)?;
        (comparison.operator == Operator::Equal).then_some((left, right))
    }

    /// The condition that two expressions are equal.
    pub(super) fn equal(&self, left: &Expression, right: &Expression) -> Option<Expression> {
        let (function, name) = self.facts.comparison_of(Operator::Equal, left.result, right.result)?;
        let call = Call {
            function,
            arguments: vec![left.clone(), right.clone()],
            operator: Some(name),
            form: CallForm::Call,
            variadic: false,
            written: None,
        };
        Some(Expression::new(ExpressionKind::Call(call), types::Type::of(types::catalog::oid::BOOL)))
    }
}

/// Whether two columns that equal the same value are equal: their types are one, or both are whole numbers.
fn are_alike(left: &Expression, right: &Expression) -> bool {
    let whole = |side: &Expression| matches!(side.result.oid, oid::INT2 | oid::INT4 | oid::INT8);
    left.result.oid == right.result.oid || whole(left) && whole(right)
}

/// Whether an expression has one value throughout a statement.
fn is_fixed(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Constant(_) | ExpressionKind::Parameter(_))
}
