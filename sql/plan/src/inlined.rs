//! Which functions in SQL are no calls to PostgreSQL: their expression stands where they are called, so nobody counts them.

use crate::expression::{Expression, ExpressionKind};
use crate::facts::{Facts, Volatility};
use crate::logical::{Logical, Query};
use std::collections::BTreeSet;

/// Whether a function whose only statement this is, with so many arguments, stands for one expression: it is not less stable
/// than what is said of it, and null where that is, if the function is strict.
pub fn is_inlined(
    query: &Query,
    (volatility, strict): (Volatility, bool),
    arguments: usize,
    facts: &dyn Facts,
) -> bool {
    if !(query.common_tables.is_empty() && query.before.is_empty() && query.after.is_empty()) {
        return false;
    }
    let (mut at, mut used) = (&query.root, BTreeSet::new());
    while let Logical::Project { input, expressions, .. } = at {
        if expressions.iter().any(|expression| !fits(expression, (volatility, strict), facts)) {
            return false;
        }
        for expression in expressions {
            expression.walk(&mut |part| {
                if let ExpressionKind::Parameter(number) = part.kind {
                    used.insert(number);
                }
            });
        }
        at = input;
    }
    let alone = matches!(at, Logical::Values { rows, types, .. } if rows.len() == 1 && types.is_empty());
    alone && (!strict || used.len() == arguments)
}

fn fits(expression: &Expression, (volatility, strict): (Volatility, bool), facts: &dyn Facts) -> bool {
    let is_lasting = |called: Volatility| match volatility {
        Volatility::Volatile => true,
        Volatility::Stable => called != Volatility::Volatile,
        Volatility::Immutable => called == Volatility::Immutable,
    };
    let refused = expression.any(&mut |part| match &part.kind {
        ExpressionKind::Subquery(_) | ExpressionKind::Subplan { .. } => true,
        ExpressionKind::Constant(_)
        | ExpressionKind::Parameter(_)
        | ExpressionKind::Column(_)
        | ExpressionKind::Relabel(_) => false,
        ExpressionKind::Call(_) => part.calls(|function| strict && !facts.function(function).strict),
        // These may be something where what they are made of is null.
        ExpressionKind::Slot(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::Not(_)
        | ExpressionKind::IsNull { .. }
        | ExpressionKind::IsBoolean { .. }
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::Case { .. }
        | ExpressionKind::CaseOperand
        | ExpressionKind::Coalesce(_)
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::Collate { .. }
        | ExpressionKind::ThroughText(_)
        | ExpressionKind::ArrayCast { .. }
        | ExpressionKind::Element
        | ExpressionKind::RowCast { .. }
        | ExpressionKind::DomainCheck { .. }
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Replace { .. }
        | ExpressionKind::Quantified { .. }
        | ExpressionKind::InList { .. }
        | ExpressionKind::RowCompare { .. }
        | ExpressionKind::SqlValue(_)
        | ExpressionKind::Grouping(_) => strict,
    });
    !refused
        && !expression.any(&mut |part| part.calls(|called| !is_lasting(facts.function(called).volatility)))
}
