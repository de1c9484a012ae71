//! In which order the conditions of a filter or a join are tried: the cheap ones first, those of equal cost as they are
//! written (PostgreSQL's `order_qual_clauses`, with its costs of expressions). What the later ones cost, and do, is
//! spared for rows that the earlier ones refuse.

use crate::expression::{Expression, ExpressionKind, Subquery, SubqueryTest};
use crate::facts::Facts;
use crate::logical::Logical;
use crate::walk::free_columns;
use types::catalog::oid;
use types::vector::Operator;

/// About what a subquery costs that is run for a row: more than any function.
const SUBQUERY_COST: f64 = 1_000.0;

/// Puts all conditions of a statement into order.
pub(super) fn order_conditions(logical: &mut Logical, facts: &dyn Facts) {
    logical.walk_mut(&mut |operator| {
        if let Logical::Filter { conditions, .. } = operator {
            sort(conditions, facts);
        } else if let Logical::Join(join) = operator {
            sort(&mut join.conditions, facts);
        }
    });
}

pub(super) fn sort(conditions: &mut [Expression], facts: &dyn Facts) {
    for condition in conditions.iter_mut() {
        if let Some(there) = equals_itself(condition, facts) {
            *condition = there;
        }
    }
    if conditions.len() > 1 {
        // Equalities come behind what else costs as much.
        conditions
            .sort_by_key(|condition| !is_about_no_row(condition, facts) && is_equality(condition, facts));
        // What is about no row is asked once, in the order in which it is written.
        let cost = |of: &Expression| if is_about_no_row(of, facts) { 0.0 } else { cost(of, facts) };
        conditions.sort_by(|left, right| cost(left).total_cmp(&cost(right)));
    }
}

/// Whether a condition is the same for all rows.
fn is_about_no_row(condition: &Expression, facts: &dyn Facts) -> bool {
    let of_rows = condition.any(&mut |part| match &part.kind {
        ExpressionKind::Column(_) => true,
        ExpressionKind::Subquery(subquery) => !free_columns(&subquery.query).is_empty(),
        _ => false, // its parts are asked
    });
    !of_rows && !super::is_volatile(facts, condition)
}

/// Whether a condition is an equality of a btree order.
fn is_equality(condition: &Expression, facts: &dyn Facts) -> bool {
    let ExpressionKind::Call(call) = &condition.kind else { return false };
    call.arguments.len() == 2
        && facts.comparison(call.function).is_some_and(|known| known.operator == Operator::Equal)
}

/// `x = x` says of what is not null that it is there.
fn equals_itself(condition: &Expression, facts: &dyn Facts) -> Option<Expression> {
    let ExpressionKind::Call(call) = &condition.kind else { return None };
    let [left, right] = call.arguments.as_slice() else { return None };
    let same = left == right && left.has_column() && !left.has_subquery() && is_equality(condition, facts);
    // A row may be there with fields that are not.
    let plain = types::catalog::builtin(left.result.oid).is_some() && left.result.oid != oid::RECORD;
    if !same || !plain || super::is_volatile(facts, left) {
        return None;
    }
    let kind = ExpressionKind::IsNull { operand: Box::new(left.clone()), negated: true };
    Some(Expression::new(kind, condition.result))
}

/// What a query within an expression costs for a row: one that is about nothing around it is run once, and what it gives is looked up.
fn cost_of_subquery(subquery: &Subquery) -> f64 {
    if !free_columns(&subquery.query).is_empty() {
        return SUBQUERY_COST;
    }
    match subquery.test {
        SubqueryTest::All(_) => SUBQUERY_COST,
        // The comparison is a part of it, and counted as such.
        SubqueryTest::Any(_)
        | SubqueryTest::Exists
        | SubqueryTest::Scalar
        | SubqueryTest::Array { .. }
        | SubqueryTest::RowField(_) => 0.0,
    }
}

/// What an expression costs for a row, in calls of cheap operators.
pub(super) fn cost(expression: &Expression, facts: &dyn Facts) -> f64 {
    let mut cost = 0.0;
    expression.walk(&mut |part| {
        cost += match &part.kind {
            ExpressionKind::Call(call) => facts.function(call.function).cost,
            ExpressionKind::IsDistinct { .. }
            | ExpressionKind::NullIf { .. }
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::SqlValue(_)
            | ExpressionKind::DomainCheck { .. } => 1.0,
            ExpressionKind::ThroughText(_) | ExpressionKind::ArrayCast { .. } => 2.0,
            // About half of the elements are looked at; of an array that is not known there are ten.
            ExpressionKind::Quantified { .. } => 5.0,
            ExpressionKind::InList { list, .. } => list.len() as f64 / 2.0,
            ExpressionKind::RowCompare { fields, .. } => fields.len() as f64,
            ExpressionKind::Subquery(subquery) => cost_of_subquery(subquery),
            ExpressionKind::Subplan { .. } => SUBQUERY_COST,
            ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::And(_)
            | ExpressionKind::Or(_)
            | ExpressionKind::Not(_)
            | ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::Case { .. }
            | ExpressionKind::CaseOperand
            | ExpressionKind::Coalesce(_)
            | ExpressionKind::Relabel(_)
            | ExpressionKind::Collate { .. }
            | ExpressionKind::Element
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Field { .. }
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Replace { .. }
            | ExpressionKind::Grouping(_) => 0.0,
        };
    });
    cost
}
