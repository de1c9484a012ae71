//! Errors that are known before a statement runs: what can be evaluated beforehand is, and if that fails the statement does, be its
//! rows as few as they may. Source: PostgreSQL's `eval_const_expressions`, which takes no notice of whether an arm of `CASE` is ever
//! reached, but leaves out those that never are.
//!
//! What nobody asks for, as a column of a query in `FROM` that is not named outside, is no error.

use super::{Rewriter, for_each_query, prune};
use crate::expression::{Expression, ExpressionKind};
use crate::facts::{Facts, Volatility};
use crate::logical::{Logical, Query};
use std::collections::BTreeMap;
use types::Value;

/// Has [`Facts::demand`] evaluate what the statement fails by. Of a statement whose constants have been folded only what could not be
/// is looked at again.
///
/// `failing`: calls of functions that would have an expression in their place, each with the part of that by which it fails.
pub(crate) fn demand_known(query: &Query, facts: &dyn Facts, failing: &[(Expression, Expression)]) {
    let mut any = !failing.is_empty();
    for_each_expression(query, &mut |expression| {
        any = any || expression.any(&mut |part| is_known(part, facts));
    });
    // Nearly always.
    if !any {
        return;
    }
    let mut trial = query.clone();
    let rewriter = Rewriter::new(facts, query.next_relation, &BTreeMap::new());
    facts.try_only(true);
    for_each_query(&mut trial, &mut |logical| {
        logical.rewrite_expressions(&mut |expression| {
            expression.rewrite(&mut put_operand);
            rewriter.fold(expression);
        });
        logical.walk_mut(&mut leave_unreached);
    });
    facts.try_only(false);
    prune::prune(&mut trial, facts);
    for_each_expression(&trial, &mut |expression| {
        expression.walk(&mut |part| {
            if is_known(part, facts) {
                facts.demand(part, None);
            } else if let ExpressionKind::Call(call) = &part.kind
                && let Some((_, within)) = failing.iter().find(|(failing, _)| failing == part)
            {
                facts.demand(within, Some(call.function));
            }
        });
    });
}

/// Whether a call depends on nothing but what is written there. One that has been folded is none any more.
pub(super) fn is_known(part: &Expression, facts: &dyn Facts) -> bool {
    let ExpressionKind::Call(call) = &part.kind else { return false };
    let written = call.arguments.iter().all(|argument| argument.as_constant().is_some());
    if !written || call.arguments.is_empty() {
        return false;
    }
    let function = facts.function(call.function);
    function.volatility == Volatility::Immutable && function.returns_set.is_none()
}

/// `CASE` of something known: its conditions are, too.
fn put_operand(part: &mut Expression) {
    let ExpressionKind::Case { operand, arms, .. } = &mut part.kind else { return };
    let Some(known) = operand.take_if(|operand| operand.as_constant().is_some()) else { return };
    for (condition, _) in arms {
        put_into(condition, &known);
    }
}

/// Puts the operand of a `CASE` where a condition names it, but not into another `CASE`, which has an operand of its own.
fn put_into(part: &mut Expression, known: &Expression) {
    if part.kind == ExpressionKind::CaseOperand {
        *part = known.clone();
    } else if !matches!(part.kind, ExpressionKind::Case { operand: Some(_), .. }) {
        part.for_each_part_mut(&mut |inner| put_into(inner, known));
    }
}

/// Leaves out conditions behind one that is known to be false.
fn leave_unreached(operator: &mut Logical) {
    if let Logical::Filter { conditions, .. } = operator {
        let known = |condition: &Expression| condition.as_constant() == Some(&Value::Bool(false));
        if let Some(first) = conditions.iter().position(known) {
            conditions.truncate(first + 1);
        }
    }
}

fn for_each_expression(query: &Query, look: &mut dyn FnMut(&Expression)) {
    let queries = query.common_tables.iter().map(|table| &table.query).chain([&query.root]);
    for logical in queries {
        logical
            .walk(&mut |operator: &Logical| operator.for_each_expression(&mut |expression| look(expression)));
    }
}
