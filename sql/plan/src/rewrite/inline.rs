//! Functions in SQL that stand for one expression are no calls: the expression stands where they are called, with their arguments in
//! place of its parameters. So an index is found through them, an arm of `CASE` evaluates what it must and no more, and nobody counts
//! them. Source: PostgreSQL's `inline_function`.
//!
//! A function that calls itself is put in once; the calls within stay.

use super::{Rewriter, is_volatile, known, order};
use crate::expression::{Call, Column, Expression, ExpressionKind, FunctionId};
use crate::facts::{Facts, Volatility};
use crate::logical::{Logical, Query};
use crate::reads::names_moments;
use crate::rewrite::substitute::{Substitution, substitute};
use crate::walk::is_users;
use types::Type;

/// Up to what an argument may cost, in calls of cheap operators, that is evaluated more than once.
const CHEAP: f64 = 10.0;

/// Of how many parts such an argument may be.
const FEW_PARTS: usize = 64;

/// How deep functions are put in within each other, how deep the expression of one may be, and how deep and large what comes of it: a
/// call of what is more stays one. Trees are walked by recursion, and arguments that are used twice double.
const NESTED: usize = 16;
const BODY_DEPTH: usize = 100;
const DEPTH: usize = 500;
const PARTS: usize = 10_000;

/// Whether a function whose only statement this is, with so many arguments, stands for one expression: it is not less stable
/// than what is said of it, and null where that is, if the function is strict.
pub fn is_inlined(query: &Query, said: (Volatility, bool), arguments: usize, facts: &dyn Facts) -> bool {
    standing(query, said, facts).is_some_and(|expression| {
        let used = uses(&expression, arguments);
        !said.1 || !used.contains(&0)
    })
}

/// The expression that stands for calls of a function whose only statement this is.
fn standing(query: &Query, said: (Volatility, bool), facts: &dyn Facts) -> Option<Expression> {
    if !(query.common_tables.is_empty() && query.before.is_empty() && query.after.is_empty()) {
        return None;
    }
    let Logical::Project { input, expressions, .. } = &query.root else { return None };
    let [expression] = expressions.as_slice() else { return None };
    // What makes a row of several columns is no expression of the statement's.
    if matches!(expression.kind, ExpressionKind::Row(_)) {
        return None;
    }
    // Below is what is selected, and that from nothing.
    let Logical::Project { relation, input: from, expressions: selected } = input.as_ref() else {
        return None;
    };
    let nothing =
        matches!(&**from, Logical::Values { rows, types, .. } if rows.len() == 1 && types.is_empty());
    if !nothing {
        return None;
    }
    let mut expression = expression.clone();
    let columns = selected.iter().zip(0..);
    let columns = columns.map(|(of, index)| (Column { relation: *relation, index }, of.clone()));
    substitute(&mut expression, &columns.collect::<Substitution>());
    (expression.depth() <= BODY_DEPTH && fits(&expression, said, facts)).then_some(expression)
}

/// How often each parameter is used.
fn uses(expression: &Expression, arguments: usize) -> Vec<u32> {
    let mut used = vec![0; arguments];
    expression.walk(&mut |part| {
        if let ExpressionKind::Parameter(number) = part.kind
            && let Some(count) = used.get_mut(number as usize)
        {
            *count += 1;
        }
    });
    used
}

/// Whether an expression keeps what is said of a function: how stable it is, and that it is null where an argument is.
fn fits(expression: &Expression, (volatility, strict): (Volatility, bool), facts: &dyn Facts) -> bool {
    let is_lasting = |called: Volatility| called <= volatility;
    !expression.any(&mut |part| match &part.kind {
        ExpressionKind::Subquery(_) | ExpressionKind::Subplan { .. } => true,
        ExpressionKind::Constant(_)
        | ExpressionKind::Parameter(_)
        | ExpressionKind::Column(_)
        | ExpressionKind::Relabel(_)
        | ExpressionKind::Not(_)
        | ExpressionKind::Collate { .. }
        | ExpressionKind::ArrayCast { .. }
        | ExpressionKind::Element
        | ExpressionKind::Field { .. }
        | ExpressionKind::Subscript { .. } => false,
        // By its text something is read that may say `now`, and settings say how it is written.
        ExpressionKind::ThroughText(operand) => {
            !is_lasting(Volatility::Stable)
                && (names_moments(part.result.oid) || names_moments(operand.result.oid))
        }
        ExpressionKind::SqlValue(_) => strict || !is_lasting(Volatility::Stable),
        ExpressionKind::Call(_) | ExpressionKind::Quantified { .. } => part.calls(|function| {
            let called = facts.function(function);
            !is_lasting(called.volatility) || (strict && !called.strict) || called.returns_set.is_some()
        }),
        ExpressionKind::IsDistinct { .. }
        | ExpressionKind::NullIf { .. }
        | ExpressionKind::RowCompare { .. } => {
            strict || part.calls(|function| !is_lasting(facts.function(function).volatility))
        }
        // These may be something where what they are made of is null.
        ExpressionKind::Slot(_)
        | ExpressionKind::Outer(_)
        | ExpressionKind::And(_)
        | ExpressionKind::Or(_)
        | ExpressionKind::IsNull { .. }
        | ExpressionKind::IsBoolean { .. }
        | ExpressionKind::Case { .. }
        | ExpressionKind::CaseOperand
        | ExpressionKind::Coalesce(_)
        | ExpressionKind::Extreme { .. }
        | ExpressionKind::RowCast { .. }
        | ExpressionKind::DomainCheck { .. }
        | ExpressionKind::Array { .. }
        | ExpressionKind::Row(_)
        | ExpressionKind::Replace { .. }
        | ExpressionKind::InList { .. }
        | ExpressionKind::Grouping(_) => strict,
    })
}

impl Rewriter<'_> {
    /// Puts the expression in the place of a call that it stands for. The parts have been folded; so is the expression then.
    pub(super) fn inline(&self, part: &mut Expression) {
        let ExpressionKind::Call(call) = &part.kind else { return };
        if !self.inlines || !is_users(call.function) || !self.may_go_deeper(call.function) {
            return;
        }
        let arguments: Vec<Type> = call.arguments.iter().map(|argument| argument.result).collect();
        let Some(body) = self.facts.body(call.function, &arguments, part.result) else { return };
        let Some(mut expression) = self.standing_for(call, &body) else { return };
        if expression.result.oid != part.result.oid {
            let kind = ExpressionKind::Relabel(Box::new(expression));
            expression = Expression::new(kind, part.result);
        }
        self.inlining.borrow_mut().push(call.function);
        self.fold(&mut expression);
        self.inlining.borrow_mut().pop();
        let mut fails = None;
        expression.walk(&mut |inner| {
            if fails.is_none() && known::is_known(inner, self.facts) {
                fails = Some(inner.clone());
            }
        });
        if expression.depth() > DEPTH || expression.parts() > PARTS {
            return;
        }
        match fails {
            Some(fails) => self.failing.borrow_mut().push((part.clone(), fails)),
            None => *part = expression,
        }
    }

    /// Whether a function may be put in where others are just being put in.
    fn may_go_deeper(&self, function: FunctionId) -> bool {
        let inlining = self.inlining.borrow();
        inlining.len() < NESTED && !inlining.contains(&function)
    }

    fn standing_for(&self, call: &Call, body: &Query) -> Option<Expression> {
        let function = self.facts.function(call.function);
        let said = (function.volatility, function.strict);
        let mut expression = standing(body, said, self.facts)?;
        for (argument, used) in call.arguments.iter().zip(uses(&expression, call.arguments.len())) {
            let refused = match used {
                0 => function.strict,
                1 => false,
                _ => {
                    argument.has_subquery()
                        || argument.parts() > FEW_PARTS
                        || order::cost(argument, self.facts) > CHEAP
                        || is_volatile(self.facts, argument)
                }
            };
            // An argument that fails when it is evaluated beforehand fails the statement, used or not. What stands for something around
            // it would stand for something else elsewhere.
            let fails = argument.any(&mut |part| known::is_known(part, self.facts));
            if refused || fails || names_what_is_around(argument) {
                return None;
            }
        }
        expression.rewrite(&mut |part| {
            if let ExpressionKind::Parameter(number) = part.kind
                && let Some(argument) = call.arguments.get(number as usize)
            {
                *part = argument.clone();
            }
        });
        Some(expression)
    }
}

/// Whether an expression names the operand of a `CASE`, or an element, that is not its own.
fn names_what_is_around(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::CaseOperand | ExpressionKind::Element => true,
        ExpressionKind::Case { operand: Some(operand), .. }
        | ExpressionKind::ArrayCast { operand, .. }
        | ExpressionKind::RowCast { operand, .. }
        | ExpressionKind::DomainCheck { operand, .. } => names_what_is_around(operand),
        _ => {
            let mut found = false;
            expression.for_each_part(&mut |part| found = found || names_what_is_around(part));
            found
        }
    }
}
