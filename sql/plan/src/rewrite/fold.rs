//! What is known beforehand is evaluated beforehand.

use super::Rewriter;
use crate::expression::{Expression, ExpressionKind};
use crate::facts::Volatility;
use types::vector::Operator;
use types::{Type, Value};

impl Rewriter<'_> {
    /// Evaluates whatever in an expression is known beforehand. What would be an error is left for when it is reached.
    pub(super) fn fold(&self, expression: &mut Expression) {
        expression.rewrite(&mut |part| self.fold_part(part));
    }

    /// The parts have been folded.
    fn fold_part(&self, part: &mut Expression) {
        match &mut part.kind {
            ExpressionKind::And(terms) => {
                if let Some(folded) = junction(std::mem::take(terms), true) {
                    *part = folded;
                }
            }
            ExpressionKind::Or(terms) => {
                if let Some(folded) = junction(std::mem::take(terms), false) {
                    *part = folded;
                }
            }
            ExpressionKind::Not(operand) => self.fold_not(part_taken(operand), part),
            ExpressionKind::Case { operand: None, .. } => fold_case(part),
            ExpressionKind::Coalesce(_) => fold_coalesce(part),
            ExpressionKind::Relabel(operand) => {
                // A cast without a function may take one number's bits for another's: that is seen when it runs.
                if let Some(value) = operand.as_constant()
                    && [operand.result.oid, part.result.oid]
                        .iter()
                        .all(|of| types::catalog::builtin(*of).is_some())
                {
                    part.kind = ExpressionKind::Constant(value.clone());
                }
            }
            // All collations compare alike.
            ExpressionKind::Collate { operand, .. } => *part = part_taken(operand),
            ExpressionKind::Call(_) => self.fold_call(part),
            ExpressionKind::Field { operand, index } => match field_of_row(operand, *index, part.result) {
                Some(field) => *part = field,
                None => self.evaluate(part),
            },
            ExpressionKind::IsNull { .. }
            | ExpressionKind::IsBoolean { .. }
            | ExpressionKind::IsDistinct { .. }
            | ExpressionKind::NullIf { .. }
            | ExpressionKind::Extreme { .. }
            | ExpressionKind::Array { .. }
            | ExpressionKind::Row(_)
            | ExpressionKind::Subscript { .. }
            | ExpressionKind::Quantified { .. }
            | ExpressionKind::InList { .. }
            | ExpressionKind::RowCompare { .. } => self.evaluate(part),
            ExpressionKind::Case { operand: Some(_), .. }
            | ExpressionKind::Constant(_)
            | ExpressionKind::Parameter(_)
            | ExpressionKind::Column(_)
            | ExpressionKind::Slot(_)
            | ExpressionKind::Outer(_)
            | ExpressionKind::CaseOperand
            | ExpressionKind::ThroughText(_)
            | ExpressionKind::ArrayCast { .. }
            | ExpressionKind::Element
            | ExpressionKind::RowCast { .. }
            | ExpressionKind::DomainCheck { .. }
            | ExpressionKind::Replace { .. }
            | ExpressionKind::SqlValue(_)
            | ExpressionKind::Grouping(_)
            | ExpressionKind::Subquery(_)
            | ExpressionKind::Subplan { .. } => {}
        }
    }

    fn fold_call(&self, part: &mut Expression) {
        let ExpressionKind::Call(call) = &part.kind else { return };
        let facts = self.facts.function(call.function);
        if facts.returns_set.is_some() {
            return;
        }
        let null = |argument: &Expression| argument.as_constant().is_some_and(Value::is_null);
        if facts.strict && call.arguments.iter().any(null) {
            // Other arguments may be errors, or have side effects: PostgreSQL does not care for them either.
            part.kind = ExpressionKind::Constant(Value::Null);
        } else if let Some(truth) = self.compared_with_truth(part) {
            *part = truth;
        } else {
            self.evaluate(part);
            self.inline(part);
        }
    }

    /// What a comparison of a truth value with a known one says in short: `b = true` is `b`.
    fn compared_with_truth(&self, part: &Expression) -> Option<Expression> {
        let ExpressionKind::Call(call) = &part.kind else { return None };
        let [left, right] = call.arguments.as_slice() else { return None };
        let (operand, known) = match (left.as_constant(), right.as_constant()) {
            (None, Some(Value::Bool(known))) => (left, *known),
            (Some(Value::Bool(known)), None) => (right, *known),
            _ => return None,
        };
        let as_it_is = match self.facts.comparison(call.function)?.operator {
            Operator::Equal => known,
            Operator::NotEqual => !known,
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                return None;
            }
        };
        let mut truth = operand.clone();
        if !as_it_is {
            self.fold_not(operand.clone(), &mut truth);
        }
        Some(truth)
    }

    /// The value of an expression whose parts are all values, if it has one.
    fn evaluate(&self, part: &mut Expression) {
        // What may say something else the next time is asked then.
        let mut known =
            !part.calls(|function| self.facts.function(function).volatility != Volatility::Immutable);
        part.for_each_part(&mut |inner| known = known && inner.as_constant().is_some());
        if known && let Some(value) = self.facts.fold(part) {
            part.kind = ExpressionKind::Constant(value);
        }
    }

    fn fold_not(&self, operand: Expression, part: &mut Expression) {
        let folded = match operand.kind {
            ExpressionKind::Constant(Value::Bool(value)) => ExpressionKind::Constant(Value::Bool(!value)),
            ExpressionKind::Constant(Value::Null) => ExpressionKind::Constant(Value::Null),
            ExpressionKind::Not(inner) => {
                *part = *inner;
                return;
            }
            ExpressionKind::IsNull { operand, negated } if !self.facts.is_row(operand.result) => {
                ExpressionKind::IsNull { operand, negated: !negated }
            }
            ExpressionKind::IsBoolean { operand, wanted, negated } => {
                ExpressionKind::IsBoolean { operand, wanted, negated: !negated }
            }
            ExpressionKind::IsDistinct { equality, operands, negated } => {
                ExpressionKind::IsDistinct { equality, operands, negated: !negated }
            }
            ExpressionKind::InList { operand, list, order, negated } => {
                ExpressionKind::InList { operand, list, order, negated: !negated }
            }
            ExpressionKind::Or(terms) => ExpressionKind::And(self.negated(terms)),
            ExpressionKind::And(terms) => ExpressionKind::Or(self.negated(terms)),
            ExpressionKind::Call(mut call) => match self.facts.negator(call.function) {
                Some((function, name)) if call.operator.is_some() => {
                    call.function = function;
                    call.operator = Some(name);
                    ExpressionKind::Call(call)
                }
                _ => {
                    ExpressionKind::Not(Box::new(Expression::new(ExpressionKind::Call(call), operand.result)))
                }
            },
            kind => ExpressionKind::Not(Box::new(Expression::new(kind, operand.result))),
        };
        part.kind = folded;
    }

    fn negated(&self, terms: Vec<Expression>) -> Vec<Expression> {
        terms
            .into_iter()
            .map(|term| {
                let mut negated = Expression::new(ExpressionKind::CaseOperand, term.result);
                self.fold_not(term, &mut negated);
                negated
            })
            .collect()
    }
}

/// `COALESCE`: what is null is left out, what is known not to be ends it.
fn fold_coalesce(part: &mut Expression) {
    let ExpressionKind::Coalesce(terms) = &mut part.kind else { return };
    let known = |term: &Expression| term.as_constant().is_some_and(|value| !value.is_null());
    terms.retain(|term| !term.as_constant().is_some_and(Value::is_null));
    if let Some(first) = terms.iter().position(known) {
        terms.truncate(first + 1);
    }
    match terms.len() {
        0 => part.kind = ExpressionKind::Constant(Value::Null),
        1 if terms[0].result == part.result => {
            let only = terms.remove(0);
            *part = only;
        }
        _ => {}
    }
}

/// A field of a row that is written out; as in PostgreSQL nobody asks for the others then.
fn field_of_row(row: &mut Expression, index: u32, of: Type) -> Option<Expression> {
    match &mut row.kind {
        ExpressionKind::Relabel(row) => field_of_row(row, index, of),
        ExpressionKind::Row(fields) => {
            let field = fields.get_mut(index as usize).filter(|field| field.result.oid == of.oid)?;
            Some(std::mem::replace(field, Expression::constant(Value::Null, of)))
        }
        _ => None, // its fields are not known
    }
}

/// Takes the operand out of its box.
fn part_taken(operand: &mut Expression) -> Expression {
    let result = operand.result;
    std::mem::replace(operand, Expression::new(ExpressionKind::CaseOperand, result))
}

/// `AND` (`unit` true) or `OR` of folded terms: nested ones flat, units left out, the opposite decides alone.
fn junction(terms: Vec<Expression>, unit: bool) -> Option<Expression> {
    let mut flat = Vec::with_capacity(terms.len());
    let mut nulls = 0;
    for term in terms {
        nulls += usize::from(term.as_constant().is_some_and(Value::is_null));
        match term.kind {
            ExpressionKind::And(inner) if unit => flat.extend(inner),
            ExpressionKind::Or(inner) if !unit => flat.extend(inner),
            ExpressionKind::Constant(Value::Bool(value)) if value == unit => {}
            ExpressionKind::Constant(Value::Bool(_)) => return Some(Expression::truth(!unit)),
            kind => flat.push(Expression::new(kind, term.result)),
        }
    }
    Some(match flat.len() {
        0 => Expression::truth(unit),
        1 => flat.remove(0),
        // Nothing but what is unknown.
        several if several == nulls => flat.remove(0),
        _ => {
            let result = flat[0].result;
            Expression::new(if unit { ExpressionKind::And(flat) } else { ExpressionKind::Or(flat) }, result)
        }
    })
}

/// `CASE` without operand: arms that never come are left out, one that always comes ends it.
fn fold_case(part: &mut Expression) {
    let ExpressionKind::Case { operand: None, arms, otherwise } = &mut part.kind else { return };
    let mut kept = Vec::with_capacity(arms.len());
    for (condition, result) in std::mem::take(arms) {
        match condition.as_constant() {
            Some(Value::Bool(true)) => {
                *otherwise = Some(Box::new(result));
                break;
            }
            Some(_) => {}
            None => kept.push((condition, result)),
        }
    }
    if kept.is_empty() {
        let result = part.result;
        let last = otherwise.take().map(|last| *last);
        *part = last.unwrap_or_else(|| Expression::constant(Value::Null, result));
    } else {
        *arms = kept;
    }
}
