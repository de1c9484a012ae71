//! Subqueries become joins: `EXISTS` and `IN` semi and anti joins where they are conditions, mark joins elsewhere; scalar ones
//! joins that find at most one partner.
//!
//! What depends on the row around is pulled up into the join's conditions by [`super::unnest_pull`]. Where that is not
//! possible the subquery stays what it is, and is run for each row. One that does not depend on anything around is run once
//! anyhow, so only `IN` is made a join then.

use super::Rewriter;
use super::push::{Side, conjuncts, filtered, side};
use super::unnest_pull::Purpose;
use crate::expression::{Column, Expression, ExpressionKind, Subquery, SubqueryTest};
use crate::logical::{Join, JoinKind, Logical};
use crate::walk::{free_columns, made_relations};
use types::catalog::oid;
use types::vector::Operator;
use types::{Type, Value};

impl Rewriter<'_> {
    /// Makes joins of the subqueries of an operator and of all below.
    pub(super) fn unnest_all(&mut self, mut logical: Logical) -> Logical {
        logical.for_each_input_mut(&mut |input| super::replace(input, |input| self.unnest_all(input)));
        logical.for_each_expression_mut(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    super::replace(&mut subquery.query, |query| self.unnest_all(query));
                }
            });
        });
        match logical {
            Logical::Filter { input, conditions } => self.unnest_filter(*input, conditions),
            Logical::Join(mut join) if join.kind == JoinKind::Inner => {
                let (later, on) =
                    conjuncts(join.conditions).into_iter().partition(|condition| condition.has_subquery());
                join.conditions = on;
                self.unnest_filter(Logical::Join(join), later)
            }
            Logical::Join(join) => Logical::Join(self.unnest_sides(join)),
            Logical::Project { relation, mut input, mut expressions } => {
                for expression in &mut expressions {
                    self.unnest_within(expression, &mut input, true);
                }
                Logical::Project { relation, input, expressions }
            }
            Logical::Aggregate(mut grouping) => {
                let grouping_parts = &mut *grouping;
                let input = &mut grouping_parts.input;
                for key in &mut grouping_parts.keys {
                    self.unnest_within(&mut key.expression, input, true);
                }
                for aggregate in grouping_parts.aggregates.iter_mut().filter(|given| given.filter.is_none()) {
                    aggregate.for_each_part_mut(&mut |part| self.unnest_within(part, input, true));
                }
                Logical::Aggregate(grouping)
            }
            logical => logical,
        }
    }

    /// A subquery in the condition of a join of another kind that is about rows of the right only decides which of those there
    /// are to be joined: it is one in a filter of the right.
    fn unnest_sides(&mut self, mut join: Join) -> Join {
        let kept_apart = match join.kind {
            JoinKind::Left | JoinKind::Semi | JoinKind::Anti | JoinKind::Single => true,
            JoinKind::Inner | JoinKind::Full | JoinKind::AntiNull | JoinKind::Mark(_) => false,
        };
        if !kept_apart {
            return join;
        }
        let (left, right) = (made_relations(&join.left), made_relations(&join.right));
        let (of_right, on): (Vec<_>, Vec<_>) =
            conjuncts(std::mem::take(&mut join.conditions)).into_iter().partition(|condition| {
                condition.has_subquery()
                    && !self.is_volatile(condition)
                    && side(condition, &left, &right) == Side::Right
            });
        join.conditions = on;
        super::replace(&mut join.right, |right| self.unnest_filter(right, of_right));
        join
    }

    fn unnest_filter(&mut self, mut input: Logical, conditions: Vec<Expression>) -> Logical {
        let mut plain = Vec::new();
        let mut later = Vec::new();
        for condition in conjuncts(conditions) {
            if condition.has_subquery() { later.push(condition) } else { plain.push(condition) }
        }
        input = filtered(input, plain);
        let mut kept = Vec::new();
        for mut condition in later {
            if let Some(attached) = self.unnest_condition(&condition, &input) {
                input = attached.to(input);
                continue;
            }
            self.unnest_within(&mut condition, &mut input, true);
            kept.push(condition);
        }
        filtered(input, kept)
    }

    /// A condition that is a subquery itself: the rows of the input that fulfil it.
    fn unnest_condition(&mut self, condition: &Expression, input: &Logical) -> Option<Attached> {
        let (subquery, negated) = match &condition.kind {
            ExpressionKind::Subquery(subquery) => (subquery, false),
            ExpressionKind::Not(operand) => match &operand.kind {
                ExpressionKind::Subquery(subquery) => (subquery, true),
                _ => return None,
            },
            _ => return None,
        };
        if self.is_volatile(condition) {
            return None;
        }
        let correlated = !free_columns(&subquery.query).is_empty();
        let (comparison, anti) = match (&subquery.test, negated) {
            (SubqueryTest::Exists, _) if !correlated => return None,
            (SubqueryTest::Exists, negated) => (None, negated),
            (SubqueryTest::Any(comparison), negated) => (Some((**comparison).clone()), negated),
            (SubqueryTest::All(comparison), false) => (Some(self.opposite(comparison)?), true),
            (
                SubqueryTest::All(_)
                | SubqueryTest::Scalar
                | SubqueryTest::Array { .. }
                | SubqueryTest::RowField(_),
                _,
            ) => {
                return None;
            }
        };
        if comparison.as_ref().is_some_and(Expression::has_subquery) {
            return None;
        }
        let mut query = subquery.query.clone();
        if comparison.is_none() {
            query = without_limit(query);
        }
        let pulled = self.pull(query, Purpose::Test)?;
        let mut conditions = pulled.conditions.clone();
        let kind = match (anti, &comparison) {
            (false, _) => JoinKind::Semi,
            (true, None) => JoinKind::Anti,
            (true, Some(comparison)) => {
                if self.comparison_never_null(comparison, &subquery.columns, input, &subquery.query) {
                    JoinKind::Anti
                } else if !correlated && self.is_plain_equality(comparison) {
                    JoinKind::AntiNull
                } else {
                    return None;
                }
            }
        };
        conditions.extend(comparison);
        pulled.substitute(&mut conditions);
        Some(Attached { kind, right: pulled.query, conditions })
    }

    /// A comparison that is false where this one is true and the other way round, unknown where this one is.
    fn opposite(&self, comparison: &Expression) -> Option<Expression> {
        let ExpressionKind::Call(call) = &comparison.kind else { return None };
        let (function, name) = self.facts.negator(call.function)?;
        let mut opposite = call.clone();
        opposite.function = function;
        opposite.operator = Some(name);
        Some(Expression::new(ExpressionKind::Call(opposite), comparison.result))
    }

    fn is_plain_equality(&self, comparison: &Expression) -> bool {
        match &comparison.kind {
            ExpressionKind::Call(call) => {
                self.facts.comparison(call.function).is_some_and(|known| known.operator == Operator::Equal)
            }
            _ => false,
        }
    }

    /// Whether a comparison of a row of the input with one of a subquery is true or false, never unknown.
    fn comparison_never_null(
        &self,
        comparison: &Expression,
        columns: &[Column],
        input: &Logical,
        query: &Logical,
    ) -> bool {
        let ExpressionKind::Call(call) = &comparison.kind else { return false };
        self.facts.comparison(call.function).is_some()
            && call.arguments.iter().all(|argument| {
                let inner = matches!(argument.as_column(), Some(column) if columns.contains(&column));
                self.never_null(argument, if inner { query } else { input })
            })
    }

    /// Subqueries within an expression: what they give comes from joins below. `certain` says whether the expression is evaluated
    /// for every row: one that need not be must not raise an error.
    fn unnest_within(&mut self, expression: &mut Expression, input: &mut Logical, certain: bool) {
        match &mut expression.kind {
            ExpressionKind::Subquery(_) => {
                if let Some((attached, replaced)) = self.unnest_value(expression, input, certain) {
                    super::replace(input, |input| attached.to(input));
                    *expression = replaced;
                }
            }
            ExpressionKind::And(terms) | ExpressionKind::Or(terms) | ExpressionKind::Coalesce(terms) => {
                for (place, term) in terms.iter_mut().enumerate() {
                    self.unnest_within(term, input, certain && place == 0);
                }
            }
            ExpressionKind::Case { operand, arms, otherwise } => {
                if let Some(operand) = operand {
                    self.unnest_within(operand, input, certain);
                }
                for (place, (condition, result)) in arms.iter_mut().enumerate() {
                    self.unnest_within(condition, input, certain && place == 0);
                    self.unnest_within(result, input, false);
                }
                if let Some(otherwise) = otherwise {
                    self.unnest_within(otherwise, input, false);
                }
            }
            _ => expression.for_each_part_mut(&mut |part| self.unnest_within(part, input, certain)),
        }
    }

    /// The input joined with a subquery, and what the subquery's value is then.
    fn unnest_value(
        &mut self,
        expression: &Expression,
        input: &Logical,
        certain: bool,
    ) -> Option<(Attached, Expression)> {
        let ExpressionKind::Subquery(subquery) = &expression.kind else { return None };
        if self.is_volatile(expression) {
            return None;
        }
        let correlated = !free_columns(&subquery.query).is_empty();
        match &subquery.test {
            SubqueryTest::Scalar if correlated && certain => self.unnest_scalar(subquery),
            SubqueryTest::Exists if correlated => {
                let pulled = self.pull(without_limit(subquery.query.clone()), Purpose::Test)?;
                Some(self.mark(pulled.query, pulled.conditions, true))
            }
            SubqueryTest::Any(comparison) if !comparison.has_subquery() => {
                let never = self.comparison_never_null(comparison, &subquery.columns, input, &subquery.query);
                if !never && (correlated || !self.is_plain_equality(comparison)) {
                    return None;
                }
                let pulled = self.pull(subquery.query.clone(), Purpose::Test)?;
                let mut conditions = pulled.conditions.clone();
                conditions.push((**comparison).clone());
                pulled.substitute(&mut conditions);
                Some(self.mark(pulled.query, conditions, never))
            }
            SubqueryTest::Scalar
            | SubqueryTest::Exists
            | SubqueryTest::Any(_)
            | SubqueryTest::All(_)
            | SubqueryTest::Array { .. }
            | SubqueryTest::RowField(_) => None,
        }
    }

    /// A mark join, and its mark; `known` says that an unknown mark means false.
    fn mark(&mut self, right: Logical, conditions: Vec<Expression>, known: bool) -> (Attached, Expression) {
        let relation = self.new_relation();
        let boolean = Type::of(oid::BOOL);
        let mark = Expression::column(Column { relation, index: 0 }, boolean);
        let value = if known {
            let operand = Box::new(mark);
            Expression::new(
                ExpressionKind::IsBoolean { operand, wanted: Some(true), negated: false },
                boolean,
            )
        } else {
            mark
        };
        (Attached { kind: JoinKind::Mark(relation), right, conditions }, value)
    }

    fn unnest_scalar(&mut self, subquery: &Subquery) -> Option<(Attached, Expression)> {
        let column = *subquery.columns.first()?;
        let of = crate::walk::columns_of(&subquery.query).into_iter().find(|known| known.0 == column)?.1;
        let pulled = self.pull(subquery.query.clone(), Purpose::Value)?;
        let mut value = vec![Expression::column(column, of)];
        pulled.substitute(&mut value);
        let value = value.pop()?;
        let kind = if pulled.at_most_one { JoinKind::Left } else { JoinKind::Single };
        Some((Attached { kind, right: pulled.query, conditions: pulled.conditions }, value))
    }
}

/// What a subquery became: the right side of a join.
struct Attached {
    kind: JoinKind,
    right: Logical,
    conditions: Vec<Expression>,
}

impl Attached {
    fn to(self, left: Logical) -> Logical {
        Logical::Join(Join {
            kind: self.kind,
            left: Box::new(left),
            right: Box::new(self.right),
            conditions: self.conditions,
            lateral: false,
        })
    }
}

/// Whether there is a row does not depend on how many more there are.
fn without_limit(query: Logical) -> Logical {
    match query {
        Logical::Limit { input, limit, offset: None, .. }
            if limit
                .as_ref()
                .is_none_or(|limit| matches!(limit.as_constant(), Some(Value::Int64(1..) | Value::Null))) =>
        {
            without_limit(*input)
        }
        Logical::Project { relation, input, expressions } => {
            Logical::Project { relation, input: Box::new(without_limit(*input)), expressions }
        }
        Logical::Sort { input, .. } => without_limit(*input),
        query => query,
    }
}
