//! Which expressions stand without parentheses within which, when parentheses that nobody needs are left out.

use plan::expression::{Expression, ExpressionKind};

/// What stands around an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around<'a> {
    /// An operator, and whether the expression is its first operand.
    Operator(&'a str, bool),
    /// A cast.
    Cast,
    And,
    Or,
    Not,
    /// What has parentheses or brackets of its own, or words that serve as such: calls, arrays, `CASE`.
    Enclosed,
    /// A field.
    Field,
    /// A test for null, truth, distinctness; an operator with `ANY`.
    Test,
}

/// Whether an expression needs no parentheses there.
pub(super) fn is_simple(expression: &Expression, around: Around<'_>) -> bool {
    match &expression.kind {
        ExpressionKind::Call(call) if call.operator.is_some() => {
            let Around::Operator(outer, first) = around else {
                return matches!(around, Around::And | Around::Or | Around::Not) || encloses(around);
            };
            let [_, _] = &call.arguments[..] else { return false };
            let own = call.operator.as_deref().and_then(priority);
            match (own, priority(outer)) {
                (Some(own), Some(outer)) if own != outer => own > outer,
                (Some(_), Some(_)) => first,
                (Some(_) | None, _) => false,
            }
        }
        ExpressionKind::And(_) | ExpressionKind::Not(_) => {
            matches!(around, Around::And | Around::Or) || encloses(around)
        }
        ExpressionKind::Or(_) => around == Around::Or || encloses(around),
        ExpressionKind::IsNull { .. }
        | ExpressionKind::IsBoolean { .. }
        | ExpressionKind::IsDistinct { .. }
        | ExpressionKind::Subquery(_) => {
            matches!(around, Around::And | Around::Or | Around::Not) || encloses(around)
        }
        ExpressionKind::Collate { .. }
        | ExpressionKind::Quantified { .. }
        | ExpressionKind::InList { .. }
        | ExpressionKind::RowCompare { .. } => false,
        ExpressionKind::Relabel(operand)
        | ExpressionKind::ThroughText(operand)
        | ExpressionKind::ArrayCast { operand, .. }
        | ExpressionKind::RowCast { operand, .. }
        | ExpressionKind::DomainCheck { operand, .. } => is_simple(operand, Around::Cast),
        ExpressionKind::Field { .. } => around != Around::Field,
        ExpressionKind::Constant(_)
        | ExpressionKind::Parameter(_)
        | ExpressionKind::Column(_)
        | ExpressionKind::Slot(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::Call(_)
        | ExpressionKind::Case { .. }
        | ExpressionKind::CaseOperand
        | ExpressionKind::Coalesce(_)
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::Element
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Replace { .. }
        | ExpressionKind::SqlValue(_)
        | ExpressionKind::Grouping(_)
        | ExpressionKind::Subplan { .. } => true,
    }
}

fn encloses(around: Around<'_>) -> bool {
    around == Around::Enclosed
}

/// How tight an operator binds, of those whose order everybody knows.
fn priority(operator: &str) -> Option<u8> {
    match operator {
        "+" | "-" => Some(1),
        "*" | "/" | "%" => Some(2),
        _ => None,
    }
}
