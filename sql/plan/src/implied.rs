//! What follows from a condition: whether rows that fulfil one fulfil another (PostgreSQL's `predtest.c`, as far as
//! comparisons with values, alternatives and tests for null go), and whether none of them can. For partial indexes, for
//! `ON CONFLICT`, which names one, and for tables whose checks leave no row that is asked for.

use crate::expression::{Expression, ExpressionKind, FunctionId};
use crate::facts::{Comparison, Facts};
use types::catalog::oid;
use types::value::Item;
use types::vector::{Operator, Order};
use types::{Type, Value};

/// What has to be known of functions to tell what follows from their calls.
pub trait Meanings {
    /// What a call with sides of these types compares, if it is a comparison of a btree order.
    fn compares(&self, function: FunctionId, left: Type, right: Type) -> Option<Comparison>;

    /// Whether a function of null is null.
    fn is_strict(&self, function: FunctionId) -> bool;

    /// Whether values of a type are rows, of whose fields `IS NULL` and `IS NOT NULL` ask.
    fn is_row(&self, of: Type) -> bool;
}

impl Meanings for &dyn Facts {
    fn compares(&self, function: FunctionId, left: Type, right: Type) -> Option<Comparison> {
        self.comparison_of_sides(function, left, right)
    }

    fn is_strict(&self, function: FunctionId) -> bool {
        self.function(function).strict
    }

    fn is_row(&self, of: Type) -> bool {
        (**self).is_row(of)
    }
}

/// What each term of an `OR` says in those of its parts that are `own`, if every term says something: it is true wherever the
/// condition is.
pub fn of_every_term(condition: &Expression, own: &dyn Fn(&Expression) -> bool) -> Option<Expression> {
    let ExpressionKind::Or(terms) = &condition.kind else { return None };
    let mut said = Vec::with_capacity(terms.len());
    for term in terms {
        let own = parts(term).iter().filter(|part| own(part)).cloned().collect::<Vec<_>>();
        if own.is_empty() {
            return None;
        }
        let term = joined(own, ExpressionKind::And);
        if !said.contains(&term) {
            said.push(term);
        }
    }
    Some(joined(said, ExpressionKind::Or))
}

/// The terms of an `AND`; anything else is one.
pub(crate) fn parts(condition: &Expression) -> &[Expression] {
    match &condition.kind {
        ExpressionKind::And(terms) => terms,
        _ => std::slice::from_ref(condition),
    }
}

/// One condition of several.
pub(crate) fn joined(
    mut terms: Vec<Expression>,
    how: impl Fn(Vec<Expression>) -> ExpressionKind,
) -> Expression {
    match (terms.pop(), terms.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            let result = last.result;
            terms.push(last);
            Expression::new(how(terms), result)
        }
        (None, _) => Expression::truth(true),
    }
}

/// The conditions that are joined by `AND`, from left to right.
pub fn terms_of(condition: Expression) -> Vec<Expression> {
    let mut terms = Vec::new();
    let mut left = vec![condition];
    while let Some(term) = left.pop() {
        match term.kind {
            ExpressionKind::And(inner) => left.extend(inner.into_iter().rev()),
            kind => terms.push(Expression::new(kind, term.result)),
        }
    }
    terms
}

/// How many values a list may have to be looked into one by one (PostgreSQL's `MAX_SAOP_ARRAY_SIZE`): two lists are compared
/// each value with each, so of longer ones it is not told what follows.
pub const LONGEST_LIST: usize = 100;

/// Whether `wanted` is true wherever `known` is; false if that cannot be told.
pub fn implies(known: &Expression, wanted: &Expression, facts: &dyn Meanings) -> bool {
    match (&known.kind, &wanted.kind) {
        _ if known == wanted => true,
        (_, ExpressionKind::And(terms)) => terms.iter().all(|term| implies(known, term, facts)),
        (ExpressionKind::Or(terms), _) => terms.iter().all(|term| implies(term, wanted, facts)),
        (ExpressionKind::And(terms), _) => terms.iter().any(|term| implies(term, wanted, facts)),
        (_, ExpressionKind::Or(terms)) => terms.iter().any(|term| implies(known, term, facts)),
        (_, ExpressionKind::IsNull { operand, negated: true }) => is_filled_by(known, operand, facts),
        (ExpressionKind::InList { operand, list, order, negated: false }, _)
            if list.len() <= LONGEST_LIST =>
        {
            list.iter().all(|value| match (value.as_constant(), compared(wanted, facts)) {
                (Some(value), Some(wanted)) => {
                    *wanted.operand == **operand
                        && wanted.order == *order
                        && follows(Operator::Equal, value, wanted.operator, wanted.value, order)
                }
                _ => false,
            })
        }
        _ => of_comparisons(known, wanted, facts) || of_truth(known, wanted),
    }
}

/// Whether `wanted` is false, and not only null, wherever `known` is true; false if that cannot be told.
pub fn excludes(known: &Expression, wanted: &Expression, facts: &dyn Meanings) -> bool {
    let listed = |expression: &Expression| match &expression.kind {
        ExpressionKind::InList { list, negated: false, .. } => {
            Some(list.len()).filter(|length| *length <= LONGEST_LIST)
        }
        _ => None, // no list of values
    };
    match (&known.kind, &wanted.kind) {
        (ExpressionKind::Or(terms), _) => terms.iter().all(|term| excludes(term, wanted, facts)),
        (ExpressionKind::And(terms), _) if terms.iter().any(|term| excludes(term, wanted, facts)) => true,
        (_, ExpressionKind::And(terms)) => terms.iter().any(|term| excludes(known, term, facts)),
        (_, ExpressionKind::Or(terms)) => terms.iter().all(|term| excludes(known, term, facts)),
        // What each of its terms excludes has been asked.
        (ExpressionKind::And(_), _) => false,
        (_, ExpressionKind::IsNull { operand, negated: false }) => is_filled_by(known, operand, facts),
        (
            ExpressionKind::IsNull { operand, negated: false },
            ExpressionKind::IsNull { operand: same, negated: true },
        ) => operand == same && !facts.is_row(operand.result),
        _ => match (listed(known), listed(wanted)) {
            (None, None) => {
                of_disjoint(compared(known, facts).as_ref(), compared(wanted, facts).as_ref())
                    || of_opposites(known, wanted)
            }
            (Some(values), _) => (0..values).all(|place| match listed(wanted) {
                None => of_disjoint(equal_to(known, place).as_ref(), compared(wanted, facts).as_ref()),
                Some(others) => (0..others).all(|other| {
                    of_disjoint(equal_to(known, place).as_ref(), equal_to(wanted, other).as_ref())
                }),
            }),
            (None, Some(values)) => (0..values)
                .all(|place| of_disjoint(compared(known, facts).as_ref(), equal_to(wanted, place).as_ref())),
        },
    }
}

/// What a list of values says of one of them.
fn equal_to(listed: &Expression, place: usize) -> Option<Compared<'_>> {
    let ExpressionKind::InList { operand, list, order, .. } = &listed.kind else { return None };
    let value = list.get(place)?.as_constant().filter(|value| !value.is_null())?;
    Some(Compared { operand, operator: Operator::Equal, value, order: order.clone() })
}

/// Whether no value fulfils both of two comparisons.
fn of_disjoint(one: Option<&Compared<'_>>, other: Option<&Compared<'_>>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return false };
    one.operand == other.operand
        && one.order == other.order
        && follows(one.operator, one.value, other.operator.negated(), other.value, &one.order)
}

/// A boolean that is to be true, and the same that is to be false.
fn of_opposites(one: &Expression, other: &Expression) -> bool {
    matches!((truth_of(one), truth_of(other)), (Some((of, truth)), Some((same, its))) if of == same && truth != its)
}

/// A comparison with a value.
struct Compared<'a> {
    operand: &'a Expression,
    operator: Operator,
    value: &'a Value,
    order: Order,
}

fn compared<'a>(condition: &'a Expression, facts: &dyn Meanings) -> Option<Compared<'a>> {
    let ExpressionKind::Call(call) = &condition.kind else { return None };
    let [left, right] = call.arguments.as_slice() else { return None };
    let known = facts.compares(call.function, left.result, right.result)?;
    if known.left_cast.is_some() || known.right_cast.is_some() {
        return None;
    }
    let (operand, operator, value) = match (left.as_constant(), right.as_constant()) {
        (None, Some(value)) => (left, known.operator, value),
        (Some(value), None) => (right, known.operator.flipped(), value),
        _ => return None,
    };
    (!value.is_null()).then_some(Compared { operand, operator, value, order: known.order })
}

fn of_comparisons(known: &Expression, wanted: &Expression, facts: &dyn Meanings) -> bool {
    let (Some(known), Some(wanted)) = (compared(known, facts), compared(wanted, facts)) else { return false };
    known.operand == wanted.operand
        && known.order == wanted.order
        && follows(known.operator, known.value, wanted.operator, wanted.value, &known.order)
}

/// Whether `x known a` says that `x wanted b`.
fn follows(known: Operator, a: &Value, wanted: Operator, b: &Value, order: &Order) -> bool {
    use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let compared = order.compare(&Item::from(a), &Item::from(b));
    match (known, wanted) {
        (Equal | NotEqual, Equal | NotEqual) if known == wanted => compared.is_eq(),
        (Equal, NotEqual) => compared.is_ne(),
        (Equal | LessOrEqual, Less) | (LessOrEqual, NotEqual) => compared.is_lt(),
        (Equal | Less | LessOrEqual, LessOrEqual) | (Less, Less | NotEqual) => compared.is_le(),
        (Equal | GreaterOrEqual, Greater) | (GreaterOrEqual, NotEqual) => compared.is_gt(),
        (Equal | Greater | GreaterOrEqual, GreaterOrEqual) | (Greater, Greater | NotEqual) => {
            compared.is_ge()
        }
        (Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual, _) => false,
    }
}

/// `b`, `b = true`, and their opposites.
fn of_truth(known: &Expression, wanted: &Expression) -> bool {
    match (truth_of(known), truth_of(wanted)) {
        (Some(known), Some(wanted)) => known == wanted,
        _ => false,
    }
}

/// The boolean that a condition demands of an expression.
fn truth_of(condition: &Expression) -> Option<(&Expression, bool)> {
    if condition.result.oid != oid::BOOL {
        return None;
    }
    match &condition.kind {
        ExpressionKind::Not(operand) => truth_of(operand).map(|(of, truth)| (of, !truth)),
        ExpressionKind::Call(call) if call.operator.as_deref() == Some("=") => {
            let [left, right] = call.arguments.as_slice() else { return None };
            let (operand, value) = if left.as_constant().is_some() { (right, left) } else { (left, right) };
            match value.as_constant() {
                Some(Value::Bool(wanted)) => truth_of(operand).map(|(of, truth)| (of, truth == *wanted)),
                _ => Some((condition, true)),
            }
        }
        _ => Some((condition, true)),
    }
}

/// Whether an operand `IS NOT NULL` wherever a condition is true, and `IS NULL` nowhere. A row that is there may have fields
/// that are null, so nothing follows for one.
fn is_filled_by(condition: &Expression, operand: &Expression, facts: &dyn Meanings) -> bool {
    !facts.is_row(operand.result) && is_strict_in(condition, operand, facts)
}

/// Whether a condition cannot be true if an operand is null: it stands within strict calls alone.
fn is_strict_in(condition: &Expression, operand: &Expression, facts: &dyn Meanings) -> bool {
    if condition == operand {
        return true;
    }
    match &condition.kind {
        ExpressionKind::Call(call) => {
            facts.is_strict(call.function)
                && call.arguments.iter().any(|argument| is_strict_in(argument, operand, facts))
        }
        ExpressionKind::Relabel(inner) | ExpressionKind::Not(inner) => is_strict_in(inner, operand, facts),
        ExpressionKind::InList { operand: inner, .. } => is_strict_in(inner, operand, facts),
        _ => false,
    }
}
