//! What in a subquery depends on the row around it comes up, until it is a condition of a join.

use super::Rewriter;
use super::push::{conjuncts, filtered};
use super::substitute::{Substitution, substitute};
use crate::expression::{Column, Expression, ExpressionKind, RelationId, SortKey};
use crate::facts::AggregateKind;
use crate::logical::{Grouping, Join, JoinKind, Logical};
use crate::walk::{columns_of, free_columns, made_relations};
use std::collections::BTreeSet;
use types::Value;
use types::catalog::oid;
use types::vector::Operator;

/// What a subquery is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Purpose {
    /// Whether there is a row: its columns are used in conditions only, and how often a row comes does not matter.
    Test,
    /// Its one row.
    Value,
}

/// A subquery that depends on nothing around it any more.
pub(super) struct Pulled {
    /// What is left of it.
    pub(super) query: Logical,
    /// What must be true of a row around and one of its rows.
    pub(super) conditions: Vec<Expression>,
    /// What its columns became.
    pub(super) substitution: Substitution,
    /// Whether there is at most one row for each row around.
    pub(super) at_most_one: bool,
}

impl Pulled {
    fn plain(query: Logical) -> Pulled {
        Pulled { query, conditions: Vec::new(), substitution: Substitution::new(), at_most_one: false }
    }

    /// Says something that was said over the subquery's columns over what they became.
    pub(super) fn substitute(&self, expressions: &mut [Expression]) {
        expressions.iter_mut().for_each(|expression| substitute(expression, &self.substitution));
    }
}

impl Rewriter<'_> {
    /// Pulls up what depends on rows around; `None` if something cannot be.
    pub(super) fn pull(&mut self, query: Logical, purpose: Purpose) -> Option<Pulled> {
        if free_columns(&query).is_empty() {
            return Some(Pulled::plain(query));
        }
        match query {
            Logical::Filter { input, conditions } => self.pull_filter(*input, conditions, purpose),
            Logical::Project { relation, input, expressions } => {
                self.pull_project(relation, *input, expressions, purpose)
            }
            Logical::Join(join) => self.pull_join(join, purpose),
            Logical::Aggregate(grouping) => self.pull_grouping(*grouping, purpose),
            Logical::Sort { input, mut keys } => {
                let mut pulled = self.pull(*input, purpose)?;
                if purpose == Purpose::Value {
                    keys.iter_mut().for_each(|key| substitute(&mut key.expression, &pulled.substitution));
                    pulled.query = Logical::Sort { input: Box::new(pulled.query), keys };
                }
                Some(pulled)
            }
            Logical::Distinct { input, on: false, .. } if purpose == Purpose::Test => {
                self.pull(*input, purpose)
            }
            _ => None,
        }
    }

    fn pull_filter(
        &mut self,
        input: Logical,
        conditions: Vec<Expression>,
        purpose: Purpose,
    ) -> Option<Pulled> {
        let mut made = made_relations(&input);
        let mut pulled = self.pull(input, purpose)?;
        // A row of a grouping without keys that does not fulfil a condition is no row, and not one of an empty group.
        if pulled.at_most_one {
            return None;
        }
        made.extend(made_relations(&pulled.query));
        let mut own = Vec::new();
        let mut all = conjuncts(conditions);
        pulled.substitute(&mut all);
        for condition in all {
            if self.depends(&condition, &made) {
                if condition.has_subquery() || self.is_volatile(&condition) {
                    return None;
                }
                pulled.conditions.push(condition);
            } else {
                own.push(condition);
            }
        }
        pulled.query = filtered(pulled.query, own);
        Some(pulled)
    }

    /// Whether an expression names a column that none of these relations has.
    fn depends(&self, expression: &Expression, made: &BTreeSet<RelationId>) -> bool {
        let mut found = false;
        let mut inner = BTreeSet::new();
        expression.walk(&mut |part| {
            if let ExpressionKind::Subquery(subquery) = &part.kind {
                inner.extend(made_relations(&subquery.query));
            }
        });
        expression.for_each_column(&mut |column| {
            found = found || !made.contains(&column.relation) && !inner.contains(&column.relation);
        });
        found
    }

    fn pull_project(
        &mut self,
        relation: RelationId,
        input: Logical,
        expressions: Vec<Expression>,
        purpose: Purpose,
    ) -> Option<Pulled> {
        let mut made = made_relations(&input);
        let mut pulled = self.pull(input, purpose)?;
        made.extend(made_relations(&pulled.query));
        let mut expressions = expressions;
        pulled.substitute(&mut expressions);
        let difficult = |expression: &Expression| self.is_volatile(expression) || expression.has_subquery();
        if expressions.iter().any(difficult) {
            return None;
        }
        // Above an outer join, what is computed of nulls need not be null. It is computed there only if that is what is wanted,
        // as of a grouping without a row; else below the join.
        let strict = expressions.iter().all(|expression| expression.as_column().is_some());
        if purpose == Purpose::Value && !pulled.at_most_one {
            if expressions.iter().any(|expression| self.depends(expression, &made)) {
                return None;
            }
            if !strict {
                return Some(kept_projection(relation, expressions, pulled));
            }
        }
        let columns = (0u32..).map(|index| Column { relation, index });
        pulled.substitution.extend(columns.zip(expressions));
        Some(pulled)
    }

    fn pull_join(&mut self, join: Join, purpose: Purpose) -> Option<Pulled> {
        let Join { kind, left, right, conditions, lateral } = join;
        let mut made = made_relations(&left);
        made.extend(made_relations(&right));
        if lateral && !free_columns(&right).is_subset(&columns_of(&left).into_iter().map(|c| c.0).collect()) {
            return None;
        }
        let left = self.pull(*left, purpose)?;
        let (right, inner) = match kind {
            JoinKind::Inner if !lateral => (self.pull(*right, purpose)?, true),
            _ if lateral => (Pulled::plain(*right), kind == JoinKind::Inner),
            JoinKind::Inner
            | JoinKind::Left
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::AntiNull
            | JoinKind::Mark(_)
            | JoinKind::Single
                if free_columns(&right).is_empty() =>
            {
                (Pulled::plain(*right), false)
            }
            _ => return None,
        };
        // Groupings below must keep their rows one by one; they are joined with others here.
        if left.at_most_one || right.at_most_one {
            return None;
        }
        made.extend(made_relations(&left.query));
        made.extend(made_relations(&right.query));
        let mut substitution = left.substitution;
        substitution.extend(right.substitution);
        let mut pulled = left.conditions;
        pulled.extend(right.conditions);
        let mut on = Vec::new();
        for mut condition in conjuncts(conditions) {
            substitute(&mut condition, &substitution);
            if !self.depends(&condition, &made) {
                on.push(condition);
            } else if inner && !condition.has_subquery() && !self.is_volatile(&condition) {
                pulled.push(condition);
            } else {
                return None;
            }
        }
        let query = Logical::Join(Join {
            kind,
            left: Box::new(left.query),
            right: Box::new(right.query),
            conditions: on,
            lateral,
        });
        Some(Pulled { query, conditions: pulled, substitution, at_most_one: false })
    }

    /// A grouping is made one by the columns that the row around is compared with, too. One without keys has a row even of
    /// nothing: the join is an outer one then, and what the aggregates are of nothing is put in above it.
    fn pull_grouping(&mut self, grouping: Grouping, purpose: Purpose) -> Option<Pulled> {
        let Grouping { relation, input, mut keys, mut sets, aggregates, grouping_calls } = grouping;
        let scalar = keys.is_empty() && sets.len() == 1;
        if sets.len() != 1 || !grouping_calls.is_empty() || scalar && purpose == Purpose::Test {
            return None;
        }
        let mut made = made_relations(&input);
        let pulled = self.pull(input, Purpose::Value)?;
        if pulled.at_most_one {
            return None;
        }
        made.extend(made_relations(&pulled.query));
        let mut expressions = keys.iter_mut().map(|key| &mut key.expression).collect::<Vec<_>>();
        expressions.iter_mut().for_each(|expression| substitute(expression, &pulled.substitution));
        let mut aggregates = aggregates;
        let mut depends = expressions.iter().any(|expression| self.depends(expression, &made));
        for aggregate in &mut aggregates {
            aggregate.for_each_part_mut(&mut |part| substitute(part, &pulled.substitution));
            aggregate.for_each_part(&mut |part| depends = depends || self.depends(part, &made));
        }
        if depends {
            return None;
        }
        let old_keys = keys.len();
        let new_relation = self.new_relation();
        let mut conditions = Vec::with_capacity(pulled.conditions.len());
        for condition in pulled.conditions {
            conditions.push(self.group_by_side(condition, &made, new_relation, &mut keys)?);
        }
        sets[0].extend(old_keys as u32..keys.len() as u32);
        let substitution =
            self.moved(relation, new_relation, old_keys, keys.len(), &keys, &aggregates, scalar)?;
        let grouping =
            Grouping { relation: new_relation, input: pulled.query, keys, sets, aggregates, grouping_calls };
        let query = Logical::Aggregate(Box::new(grouping));
        Some(Pulled { query, conditions, substitution, at_most_one: scalar })
    }

    /// Makes the inner side of an equality a key, and the condition one over that key.
    fn group_by_side(
        &self,
        condition: Expression,
        made: &BTreeSet<RelationId>,
        relation: RelationId,
        keys: &mut Vec<SortKey>,
    ) -> Option<Expression> {
        let Expression { kind: ExpressionKind::Call(mut call), result } = condition else { return None };
        if self.facts.comparison(call.function)?.operator != Operator::Equal || call.arguments.len() != 2 {
            return None;
        }
        let inner = |expression: &Expression| {
            let (mut own, mut others) = (false, false);
            expression.for_each_column(&mut |column| {
                own = own || made.contains(&column.relation);
                others = others || !made.contains(&column.relation);
            });
            own && !others
        };
        let outer = |expression: &Expression| {
            let mut own = false;
            expression.for_each_column(&mut |column| own = own || made.contains(&column.relation));
            !own
        };
        let place = match call.arguments.as_slice() {
            [left, right] if inner(left) && outer(right) => 0,
            [left, right] if outer(left) && inner(right) => 1,
            _ => return None,
        };
        let of = call.arguments[place].result;
        let known = keys.iter().position(|key| key.expression == call.arguments[place]);
        let index = match known {
            Some(index) => index,
            None => {
                keys.push(SortKey {
                    expression: call.arguments[place].clone(),
                    order: self.facts.order(of)?,
                    descending: false,
                    nulls_first: false,
                });
                keys.len() - 1
            }
        };
        call.arguments[place] = Expression::column(Column { relation, index: index as u32 }, of);
        Some(Expression::new(ExpressionKind::Call(call), result))
    }

    /// What the columns of a grouping are in the one with more keys.
    #[allow(clippy::too_many_arguments)] // the parts of one grouping
    fn moved(
        &self,
        old: RelationId,
        new: RelationId,
        old_keys: usize,
        new_keys: usize,
        keys: &[SortKey],
        aggregates: &[crate::expression::Aggregate],
        scalar: bool,
    ) -> Option<Substitution> {
        let mut substitution = Substitution::new();
        for (index, key) in keys.iter().enumerate().take(old_keys) {
            let column = Column { relation: new, index: index as u32 };
            substitution.insert(
                Column { relation: old, index: index as u32 },
                Expression::column(column, key.expression.result),
            );
        }
        for (index, aggregate) in aggregates.iter().enumerate() {
            let column = Column { relation: new, index: (new_keys + index) as u32 };
            let value = Expression::column(column, aggregate.result);
            let facts = self.facts.function(aggregate.function);
            let value = match facts.aggregate {
                AggregateKind::CountRows | AggregateKind::CountValues if scalar => {
                    let zero = Expression::constant(Value::Int64(0), types::Type::of(oid::INT8));
                    Expression::new(ExpressionKind::Coalesce(vec![value, zero]), aggregate.result)
                }
                AggregateKind::Other if scalar && !facts.null_when_empty => return None,
                AggregateKind::CountRows
                | AggregateKind::CountValues
                | AggregateKind::Other
                | AggregateKind::Least
                | AggregateKind::Greatest => value,
            };
            substitution.insert(Column { relation: old, index: (old_keys + index) as u32 }, value);
        }
        Some(substitution)
    }
}

/// A projection that stays where it is, with what the conditions need of its input besides.
fn kept_projection(relation: RelationId, mut expressions: Vec<Expression>, pulled: Pulled) -> Pulled {
    let Pulled { query, mut conditions, substitution, at_most_one } = pulled;
    let mut handed_up = Substitution::new();
    for (column, of) in columns_of(&query) {
        let mut needed = false;
        for condition in &conditions {
            condition.for_each_column(&mut |named| needed = needed || named == column);
        }
        if needed {
            let index = expressions.len() as u32;
            expressions.push(Expression::column(column, of));
            handed_up.insert(column, Expression::column(Column { relation, index }, of));
        }
    }
    conditions.iter_mut().for_each(|condition| substitute(condition, &handed_up));
    let query = Logical::Project { relation, input: Box::new(query), expressions };
    Pulled { query, conditions, substitution, at_most_one }
}
