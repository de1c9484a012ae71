//! Joins: by hash where something must be equal, by loops where not, row by row where the right side needs the left's row.

use super::enumerate::Method;
use super::{Lowering, Planned, Provided};
use crate::error::{PlanError, PlanResult};
use crate::expression::{Column, Expression, ExpressionKind, OuterId};
use crate::facts::folded;
use crate::implied::terms_of;
use crate::logical::{Join, JoinKind, Logical};
use crate::physical::{NodeKind, PhysicalJoinKind};
use types::catalog::oid;
use types::vector::{Operator, Order};
use types::{Type, Value};

/// Two expressions that must be equal, over the left and the right of a join.
pub(crate) struct EqualPair {
    pub(crate) left: Expression,
    pub(crate) right: Expression,
    pub(crate) order: Order,
    pub(crate) nulls_equal: bool,
    /// The whole condition.
    pub(crate) condition: Expression,
}

impl EqualPair {
    /// The same with the sides exchanged.
    pub(super) fn turned(self) -> EqualPair {
        EqualPair { left: self.right, right: self.left, ..self }
    }
}

impl Lowering<'_> {
    pub(super) fn lower_join(&mut self, join: Join) -> PlanResult<Planned> {
        if self.facts.settings().optimise && join.kind != JoinKind::Full {
            return self.lower_region(Logical::Join(join));
        }
        let Join { kind, left, right, mut conditions, lateral: _ } = join;
        if kind == JoinKind::Full && self.is_never(&conditions) {
            conditions = vec![Expression::truth(false)];
        }
        let left = self.lower(*left)?;
        self.enter(&left.layout);
        let right = self.lower(*right);
        let (provided, _) = self.leave();
        let right = right?;
        if !provided.is_empty() {
            let (columns, layout) = joined(kind, &left, &right);
            return self.apply(kind, left, right, conditions, provided, columns, layout);
        }
        if kind == JoinKind::Full && !self.can_be_full(&conditions, &left.layout, &right.layout) {
            return Err(PlanError::FullJoin);
        }
        let (pairs, rest) = self.split_conditions(conditions.clone(), &left.layout, &right.layout);
        let whole =
            !matches!(kind, JoinKind::AntiNull | JoinKind::Mark(_)) || pairs.len() == 1 && rest.is_empty();
        let settings = self.facts.settings();
        let method = if pairs.is_empty() || !whole {
            Method::Loop
        } else if settings.enable_hashjoin {
            Method::Hash
        } else if settings.enable_mergejoin
            && matches!(kind, JoinKind::Inner | JoinKind::Left | JoinKind::Full)
        {
            Method::Merge
        } else {
            Method::Loop
        };
        let part = self.statistics.all(&conditions.iter().collect::<Vec<_>>(), self.facts);
        let rows = self.join_rows(kind, left.node.estimate.rows, right.node.estimate.rows, part);
        let mut planned = self.join_planned(method, kind, left, right, conditions)?;
        planned.node.estimate.rows = rows;
        Ok(planned)
    }

    #[allow(clippy::too_many_arguments)] // the parts of one join
    pub(super) fn apply(
        &mut self,
        kind: JoinKind,
        left: Planned,
        right: Planned,
        conditions: Vec<Expression>,
        provided: Vec<Provided>,
        columns: Vec<Type>,
        layout: Vec<Column>,
    ) -> PlanResult<Planned> {
        let both = [left.layout.as_slice(), right.layout.as_slice()].concat();
        let kind = NodeKind::Apply {
            kind: PhysicalJoinKind::from(kind),
            left: Box::new(left.node),
            right: Box::new(right.node),
            outer: provided.into_iter().map(|set| (set.outer, set.slot)).collect::<Vec<(OuterId, u32)>>(),
            conditions: self.conditions_over(conditions, &both)?,
        };
        Ok(Planned::new(self.node(kind, columns), layout))
    }

    /// The conditions that say that something of the left equals something of the right, and the others.
    pub(super) fn split_conditions(
        &self,
        conditions: Vec<Expression>,
        left: &[Column],
        right: &[Column],
    ) -> (Vec<EqualPair>, Vec<Expression>) {
        let mut pairs = Vec::new();
        let mut rest = Vec::new();
        for condition in conditions {
            match self.equal_pair(&condition, left, right) {
                Some(pair) => pairs.push(pair),
                None => rest.push(condition),
            }
        }
        (pairs, rest)
    }

    /// Whether PostgreSQL could make a full join by these conditions: by hashes of one of them, or with all of them decided by
    /// sorted rows. Their sides need no common type to be brought to: a date and a timestamp have none.
    fn can_be_full(&self, conditions: &[Expression], left: &[Column], right: &[Column]) -> bool {
        let equality = |condition: &Expression| {
            let ExpressionKind::Call(call) = &condition.kind else { return (false, false) };
            let [first, second] = call.arguments.as_slice() else { return (false, false) };
            match turned(first, second, left, right) {
                Some(_) if !self.is_volatile(condition) => self.facts.equality(call.function),
                Some(_) | None => (false, false),
            }
        };
        let matters = |condition: &&Expression| condition.has_column() || self.is_volatile(condition);
        let known = conditions.iter().filter(matters).map(equality);
        let known = known.collect::<Vec<_>>();
        known.iter().any(|(hashes, _)| *hashes) || known.iter().all(|(_, merges)| *merges)
    }

    /// Whether one of several conditions is false, or null, for all rows: then it does not matter what the others are.
    fn is_never(&self, conditions: &[Expression]) -> bool {
        let mut terms: Vec<Expression> = conditions.iter().cloned().flat_map(terms_of).collect();
        terms.iter_mut().for_each(|term| folded(term, self.facts));
        let never =
            |term: &Expression| term.as_constant().is_some_and(|value| !matches!(value, Value::Bool(true)));
        terms.len() > 1 && terms.iter().any(never)
    }

    fn equal_pair(&self, condition: &Expression, left: &[Column], right: &[Column]) -> Option<EqualPair> {
        let (function, first, second, nulls_equal) = match &condition.kind {
            ExpressionKind::Call(call) if call.arguments.len() == 2 => {
                (call.function, &call.arguments[0], &call.arguments[1], false)
            }
            ExpressionKind::IsDistinct { equality, operands, negated: true } => {
                (*equality, &operands.0, &operands.1, true)
            }
            _ => return None,
        };
        let comparison = self.facts.comparison_of_sides(function, first.result, second.result)?;
        if comparison.operator != Operator::Equal || self.is_volatile(condition) || condition.has_subquery() {
            return None;
        }
        let first_cast = first.brought(comparison.left_cast, comparison.common);
        let second_cast = second.brought(comparison.right_cast, comparison.common);
        let (first, second) = match turned(first, second, left, right)? {
            false => (first_cast, second_cast),
            true => (second_cast, first_cast),
        };
        let condition = condition.clone();
        Some(EqualPair { left: first, right: second, order: comparison.order, nulls_equal, condition })
    }
}

/// Whether two expressions are of the right and the left of a join rather than of the left and the right; `None` if they are
/// of neither.
fn turned(first: &Expression, second: &Expression, left: &[Column], right: &[Column]) -> Option<bool> {
    let side = |expression: &Expression| (names_any(expression, left), names_any(expression, right));
    match (side(first), side(second)) {
        ((true, false), (false, true)) => Some(false),
        ((false, true), (true, false)) => Some(true),
        _ => None,
    }
}

/// Whether an expression names any of these columns.
fn names_any(expression: &Expression, columns: &[Column]) -> bool {
    let mut found = false;
    expression.for_each_column(&mut |column| found = found || columns.contains(&column));
    found
}

/// The columns of a join.
pub(super) fn joined(kind: JoinKind, left: &Planned, right: &Planned) -> (Vec<Type>, Vec<Column>) {
    let mut columns = left.node.columns.clone();
    let mut layout = left.layout.clone();
    match kind {
        JoinKind::Semi | JoinKind::Anti | JoinKind::AntiNull => {}
        JoinKind::Mark(relation) => {
            columns.push(Type::of(oid::BOOL));
            layout.push(Column { relation, index: 0 });
        }
        JoinKind::Inner | JoinKind::Left | JoinKind::Full | JoinKind::Single => {
            columns.extend_from_slice(&right.node.columns);
            layout.extend_from_slice(&right.layout);
        }
    }
    (columns, layout)
}
