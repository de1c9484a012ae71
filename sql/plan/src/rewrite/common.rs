//! What the terms of an `OR` have in common.
//!
//! * A condition that is in every term is said once: `(a AND x) OR (a AND y)` is `a AND (x OR y)`, so that `a` may join or be
//!   looked up by an index.
//! * What every term says about one relation is said of that relation as well: `(n.x = 1 AND m.y = 2) OR (n.x = 2 AND m.y = 1)`
//!   has `n.x = 1 OR n.x = 2`, which leaves fewer rows of `n` to be joined. It is true wherever the condition is, and null or
//!   true where that one is null, so it changes nothing; estimates take it out again ([`restriction`]).

use super::Rewriter;
use super::push::conjuncts;
use crate::expression::{Expression, ExpressionKind, RelationId};
use crate::implied::{joined, of_every_term, parts};
use crate::logical::Logical;
use crate::walk::made_relations;
use std::collections::BTreeSet;

impl Rewriter<'_> {
    /// Says what alternatives have in common, in all conditions of an operator and of those below.
    pub(super) fn common_terms(&self, logical: &mut Logical) {
        logical.for_each_input_mut(&mut |input| self.common_terms(input));
        logical.for_each_expression_mut(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    self.common_terms(&mut subquery.query);
                }
            });
        });
        let (own, conditions) = match logical {
            Logical::Filter { input, conditions } => (made_relations(input), conditions),
            Logical::Join(join) => {
                let mut own = made_relations(&join.left);
                own.extend(made_relations(&join.right));
                (own, &mut join.conditions)
            }
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Project { .. }
            | Logical::ProjectSet { .. }
            | Logical::Aggregate(_)
            | Logical::Window(_)
            | Logical::Sort { .. }
            | Logical::Limit { .. }
            | Logical::Distinct { .. }
            | Logical::Set(_)
            | Logical::Recursive(_)
            | Logical::LockRows { .. }
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => return,
        };
        let mut all = Vec::with_capacity(conditions.len());
        for condition in conjuncts(std::mem::take(conditions)) {
            all.extend(conjuncts(vec![self.factored(without_unknown(condition))]));
        }
        let mut restricting = Vec::new();
        for condition in &all {
            let named = relations(condition);
            if named.len() > 1 && !self.is_volatile(condition) && !condition.has_subquery() {
                restricting.extend(
                    named
                        .intersection(&own)
                        .filter_map(|relation| restriction(condition, &|named| named == *relation)),
                );
            }
        }
        restricting.retain(|condition| !all.contains(condition));
        all.extend(restricting);
        *conditions = all;
    }

    /// An `OR` with the conditions that are in each of its terms taken out of it.
    fn factored(&self, condition: Expression) -> Expression {
        let ExpressionKind::Or(terms) = &condition.kind else { return condition };
        if self.is_volatile(&condition) {
            return condition;
        }
        let Some((first, others)) = terms.split_first() else { return condition };
        let mut common = Vec::new();
        for wanted in parts(first) {
            if !common.contains(wanted) && others.iter().all(|term| parts(term).contains(wanted)) {
                common.push(wanted.clone());
            }
        }
        if common.is_empty() {
            return condition;
        }
        let rest = |term: &Expression| -> Vec<Expression> {
            parts(term).iter().filter(|part| !common.contains(part)).cloned().collect()
        };
        let rests = terms.iter().map(rest).collect::<Vec<_>>();
        // A term that says nothing else makes the others superfluous.
        if rests.iter().all(|rest| !rest.is_empty()) {
            let rests = rests.into_iter().map(|rest| joined(rest, ExpressionKind::And)).collect();
            common.push(joined(rests, ExpressionKind::Or));
        }
        joined(common, ExpressionKind::And)
    }
}

/// What each term of an `OR` says about some relations and nothing else, if every term says something.
pub(crate) fn restriction(condition: &Expression, about: &dyn Fn(RelationId) -> bool) -> Option<Expression> {
    of_every_term(condition, &|part| {
        let named = relations(part);
        !named.is_empty() && named.iter().all(|relation| about(*relation))
    })
}

/// The relations that an expression names.
fn relations(expression: &Expression) -> BTreeSet<RelationId> {
    let mut named = BTreeSet::new();
    expression.for_each_column(&mut |column| {
        named.insert(column.relation);
    });
    named
}

/// A condition whose alternatives may all be true: what is unknown is as good as false.
fn without_unknown(mut condition: Expression) -> Expression {
    let unknown = |term: &Expression| term.as_constant().is_some_and(types::Value::is_null);
    if let ExpressionKind::Or(terms) = &mut condition.kind
        && terms.iter().any(unknown)
    {
        terms.retain(|term| !unknown(term));
        return match terms.len() {
            0 => Expression::truth(false),
            1 => terms.remove(0),
            _ => condition,
        };
    }
    condition
}
