//! What conditions say of the expressions that rows are sorted by: which of them have one value throughout, and which are
//! equal to each other. A key that says nothing new is left out of an order, as in PostgreSQL (`pathkey_is_redundant`).

use super::access::bare;
use crate::expression::{Column, Expression, ExpressionKind, SortKey};
use crate::facts::Facts;
use crate::logical::{JoinKind, Logical};
use crate::rewrite::is_volatile;
use std::collections::BTreeMap;
use types::catalog::oid;
use types::vector::{Operator, Order};

/// How deep names of expressions are followed.
const DEPTH: u32 = 16;

/// What is known of the rows of an operator.
#[derive(Default)]
pub(super) struct Known {
    classes: Vec<Class>,
    /// What columns of projections are.
    names: BTreeMap<Column, Expression>,
}

/// Expressions that are equal.
struct Class {
    members: Vec<Expression>,
    order: Order,
    /// Whether they have one value throughout.
    fixed: bool,
}

/// Whether an expression has one value for all rows of the query: it names none of their columns.
fn is_fixed(expression: &Expression) -> bool {
    let mut named = expression.has_subquery();
    expression.for_each_column(&mut |_| named = true);
    !named
}

/// Whether values are whole numbers, which are one order whatever their sizes.
fn is_whole(expression: &Expression) -> bool {
    matches!(expression.result.oid, oid::INT2 | oid::INT4 | oid::INT8)
}

impl Known {
    /// Of the rows of an operator.
    pub(super) fn of(logical: &Logical, facts: &dyn Facts) -> Known {
        let mut known = Known::default();
        let mut conditions = Vec::new();
        known.look(logical, &mut conditions);
        for condition in conditions {
            known.learn(condition, facts);
        }
        known
    }

    fn look<'l>(&mut self, logical: &'l Logical, conditions: &mut Vec<&'l Expression>) {
        match logical {
            Logical::Filter { input, conditions: own } => {
                conditions.extend(own);
                self.look(input, conditions);
            }
            Logical::Project { relation, input, expressions } => {
                for (index, expression) in (0u32..).zip(expressions) {
                    self.names.insert(Column { relation: *relation, index }, expression.clone());
                }
                self.look(input, conditions);
            }
            Logical::Join(join) => {
                if join.kind == JoinKind::Inner {
                    conditions.extend(&join.conditions);
                    self.look(&join.right, conditions);
                }
                if join.kind != JoinKind::Full {
                    self.look(&join.left, conditions);
                }
            }
            Logical::Aggregate(grouping) if grouping.sets.len() == 1 => {
                for (index, key) in (0u32..).zip(&grouping.keys) {
                    self.names.insert(Column { relation: grouping.relation, index }, key.expression.clone());
                }
                self.look(&grouping.input, conditions);
            }
            Logical::Window(window) => self.look(&window.input, conditions),
            Logical::ProjectSet { input, .. }
            | Logical::Sort { input, .. }
            | Logical::Limit { input, .. }
            | Logical::Distinct { input, .. }
            | Logical::LockRows { input, .. } => self.look(input, conditions),
            Logical::Aggregate(_)
            | Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Set(_)
            | Logical::Recursive(_)
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => {}
        }
    }

    /// An expression with columns of projections as what they are.
    fn resolved(&self, expression: &Expression) -> Expression {
        let mut resolved = bare(expression).clone();
        for _ in 0..DEPTH {
            match resolved.as_column().and_then(|column| self.names.get(&column)) {
                Some(named) => resolved = bare(named).clone(),
                None => break,
            }
        }
        resolved
    }

    fn learn(&mut self, condition: &Expression, facts: &dyn Facts) {
        let ExpressionKind::Call(call) = &condition.kind else { return };
        let [left, right] = call.arguments.as_slice() else { return };
        let Some(comparison) = facts.comparison(call.function) else { return };
        let plain = comparison.operator == Operator::Equal
            && (left.result.oid == right.result.oid || is_whole(left) && is_whole(right));
        if !plain || is_volatile(facts, condition) {
            return;
        }
        let sides = [self.resolved(left), self.resolved(right)];
        let fixed = sides.iter().any(is_fixed);
        let mut members: Vec<Expression> = sides.into_iter().filter(|side| !is_fixed(side)).collect();
        let mut whole = Class { members: Vec::new(), order: comparison.order, fixed };
        self.classes.retain_mut(|class| {
            let meets = (class.order == whole.order || members.iter().all(is_whole))
                && class.members.iter().any(|member| members.iter().any(|own| own == member));
            if meets {
                whole.members.append(&mut class.members);
                whole.fixed = whole.fixed || class.fixed;
            }
            !meets
        });
        whole.members.append(&mut members);
        self.classes.push(whole);
    }

    /// The keys of an order that say something beyond those before them.
    pub(super) fn needed(&self, keys: &[SortKey], facts: &dyn Facts) -> Vec<SortKey> {
        let mut needed: Vec<SortKey> = Vec::with_capacity(keys.len());
        let mut seen: Vec<(Expression, usize)> = Vec::new();
        for key in keys {
            let expression = self.resolved(&key.expression);
            let is_member = |class: &Class| {
                (class.order == key.order || is_whole(&expression)) && class.members.contains(&expression)
            };
            let class = self.classes.iter().position(is_member);
            let fixed = match class {
                Some(class) => self.classes[class].fixed,
                None => is_fixed(&expression) && !is_volatile(facts, &expression),
            };
            let place = class.unwrap_or(usize::MAX);
            let known =
                seen.iter().any(|(before, of)| *before == expression || place != usize::MAX && *of == place);
            if fixed || known && !is_volatile(facts, &expression) {
                continue;
            }
            seen.push((expression, place));
            needed.push(key.clone());
        }
        needed
    }
}
