//! Conditions go down, to where fewer rows meet them; outer joins whose nulls a condition refuses become inner ones.

use super::Rewriter;
use super::substitute::{Substitution, substitute};
use crate::expression::{Column, Expression, ExpressionKind, RelationId};
use crate::logical::{Grouping, Join, JoinKind, Logical, SetOperation, SetOperator, Window};
use crate::walk::made_relations;
use std::collections::BTreeSet;
use types::Value;

/// The rows of an operator for which all conditions are true.
pub(super) fn filtered(input: Logical, conditions: Vec<Expression>) -> Logical {
    if conditions.is_empty() {
        return input;
    }
    match input {
        Logical::Filter { input, conditions: mut known } => {
            known.extend(conditions);
            Logical::Filter { input, conditions: known }
        }
        input => Logical::Filter { input: Box::new(input), conditions },
    }
}

/// Conditions one by one: `AND` is taken apart, what is true is left out.
pub(super) fn conjuncts(conditions: Vec<Expression>) -> Vec<Expression> {
    let mut flat = Vec::with_capacity(conditions.len());
    for condition in conditions {
        match condition.kind {
            ExpressionKind::And(terms) => flat.extend(conjuncts(terms)),
            ExpressionKind::Constant(Value::Bool(true)) => {}
            kind => flat.push(Expression::new(kind, condition.result)),
        }
    }
    flat
}

/// Which of two sides a condition is about.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Side {
    Left,
    Right,
    Both,
    Neither,
}

/// Which of two sides a condition is about.
pub(super) fn side(
    condition: &Expression,
    left: &BTreeSet<RelationId>,
    right: &BTreeSet<RelationId>,
) -> Side {
    let (mut of_left, mut of_right) = (false, false);
    condition.for_each_column(&mut |column| {
        of_left = of_left || left.contains(&column.relation);
        of_right = of_right || right.contains(&column.relation);
    });
    match (of_left, of_right) {
        (true, true) => Side::Both,
        (true, false) => Side::Left,
        (false, true) => Side::Right,
        (false, false) => Side::Neither,
    }
}

impl Rewriter<'_> {
    /// Pushes conditions, and those of the filters within, as far down as they go.
    pub(super) fn push(&self, logical: Logical, conditions: Vec<Expression>) -> Logical {
        if conditions.is_empty() {
            return self.push_down(logical, conditions);
        }
        // What is about no row at all is asked once, before any is made.
        let made = made_relations(&logical);
        let (kept, going): (Vec<_>, Vec<_>) = conjuncts(conditions)
            .into_iter()
            .partition(|condition| !condition.names_any(&made) || self.is_volatile(condition));
        filtered(self.push_down(logical, going), kept)
    }

    fn push_down(&self, logical: Logical, mut conditions: Vec<Expression>) -> Logical {
        match logical {
            Logical::Filter { input, conditions: own } => {
                // A volatile condition stays where it is, be it asked of fewer rows for what is asked before it: in PostgreSQL,
                // too, it keeps nothing from an index or from one side of a join.
                let (volatile, mut own): (Vec<_>, Vec<_>) =
                    conjuncts(own).into_iter().partition(|condition| self.is_volatile(condition));
                // What stands within is asked before what stands around it.
                own.extend(conditions);
                filtered(self.push(*input, own), volatile)
            }
            Logical::Project { relation, input, expressions } => {
                self.push_project(relation, *input, expressions, conditions)
            }
            Logical::Join(join) => self.push_join(join, conditions),
            Logical::Aggregate(grouping) => self.push_grouping(*grouping, conditions),
            Logical::Window(window) => self.push_window(*window, conditions),
            Logical::Set(operation) => self.push_set(*operation, conditions),
            Logical::Sort { input, keys } => {
                Logical::Sort { input: Box::new(self.push(*input, conditions)), keys }
            }
            // Rows that nobody wants are not locked; what is asked of them is asked again of those that have changed.
            Logical::LockRows { input, locks } => {
                Logical::LockRows { input: Box::new(self.push(*input, conditions)), locks }
            }
            Logical::Distinct { input, keys, on } => {
                let (down, up) = conditions.into_iter().partition(|condition| {
                    let mut known = true;
                    condition.for_each_column(&mut |column| {
                        known = known && keys.iter().any(|key| key.expression.as_column() == Some(column));
                    });
                    known
                });
                filtered(Logical::Distinct { input: Box::new(self.push(*input, down)), keys, on }, up)
            }
            Logical::ProjectSet { relation, input, calls } => {
                let (up, down) = conditions.into_iter().partition(|condition| names(condition, relation));
                filtered(
                    Logical::ProjectSet { relation, input: Box::new(self.push(*input, down)), calls },
                    up,
                )
            }
            Logical::Scan(_) => {
                self.constants_follow(&mut conditions);
                filtered(logical, conditions)
            }
            Logical::Limit { .. }
            | Logical::Recursive(_)
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_)
            | Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. } => {
                let mut logical = logical;
                logical.for_each_input_mut(&mut |input| {
                    super::replace(input, |input| self.push(input, Vec::new()));
                });
                filtered(logical, conditions)
            }
        }
    }

    fn push_project(
        &self,
        relation: RelationId,
        input: Logical,
        expressions: Vec<Expression>,
        conditions: Vec<Expression>,
    ) -> Logical {
        let repeatable = |column: Column| {
            expressions.get(column.index as usize).is_some_and(|expression| {
                !self.is_volatile(expression) && !expression.has_subquery() && !self.gives_set(expression)
            })
        };
        let columns = (0u32..).map(|index| Column { relation, index });
        let substitution = columns.zip(expressions.iter().cloned()).collect::<Substitution>();
        let named = self.named.contains(&relation);
        let barrier = self.barriers.contains(&relation);
        let (mut down, up): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|condition| {
            let mut may = true;
            condition.for_each_column(&mut |column| {
                may = may && (column.relation != relation || repeatable(column));
            });
            // What a query in FROM cannot take in is asked of its rows.
            may && (!barrier || super::is_leakproof(condition, self.facts))
                && (!named || {
                    let mut within = condition.clone();
                    substitute(&mut within, &substitution);
                    self.goes_into(&input, &within)
                })
        });
        down.iter_mut().for_each(|condition| substitute(condition, &substitution));
        // What a barrier asks itself it asks first.
        let input =
            if barrier { self.push(filtered(input, down), Vec::new()) } else { self.push(input, down) };
        filtered(Logical::Project { relation, input: Box::new(input), expressions }, up)
    }

    pub(super) fn gives_set(&self, expression: &Expression) -> bool {
        expression.any(&mut |part| match &part.kind {
            ExpressionKind::Call(call) => self.facts.function(call.function).returns_set.is_some(),
            _ => false,
        })
    }

    fn push_join(&self, mut join: Join, conditions: Vec<Expression>) -> Logical {
        self.strengthen(&mut join, &conditions);
        let left = made_relations(&join.left);
        let right = made_relations(&join.right);
        if join.kind == JoinKind::Inner {
            return self.push_inner(join, conditions, &left, &right);
        }
        let (mut up, mut to_left, mut to_right, mut on) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for condition in conditions {
            let goes_left = join.kind != JoinKind::Full && side(&condition, &left, &right) == Side::Left;
            let marked = matches!(join.kind, JoinKind::Mark(relation) if names(&condition, relation));
            if goes_left && !marked { to_left.push(condition) } else { up.push(condition) }
        }
        for condition in conjuncts(std::mem::take(&mut join.conditions)) {
            let volatile = self.is_volatile(&condition);
            match (side(&condition, &left, &right), join.kind) {
                _ if volatile => on.push(condition),
                (Side::Right, JoinKind::Left | JoinKind::Semi | JoinKind::Anti | JoinKind::Single) => {
                    to_right.push(condition);
                }
                (Side::Left, JoinKind::Semi) => to_left.push(condition),
                _ => on.push(condition),
            }
        }
        join.conditions = on;
        join.left = Box::new(self.push(*join.left, to_left));
        join.right = Box::new(self.push(*join.right, to_right));
        filtered(Logical::Join(join), up)
    }

    /// A condition that is never true for the nulls that an outer join makes leaves only what an inner one gives. The sides
    /// may have changed their places afterwards.
    fn strengthen(&self, join: &mut Join, conditions: &[Expression]) {
        let (left, right) = (&made_relations(&join.left), &made_relations(&join.right));
        let rejects = |relations: &BTreeSet<RelationId>| {
            conditions.iter().any(|condition| self.rejects_nulls(condition, relations))
        };
        match join.kind {
            JoinKind::Left if rejects(right) => join.kind = JoinKind::Inner,
            JoinKind::Full => match (rejects(left), rejects(right)) {
                (true, true) => join.kind = JoinKind::Inner,
                (true, false) => join.kind = JoinKind::Left,
                // Rows of the right survive alone: the sides change their places.
                (false, true) if !join.lateral => {
                    join.kind = JoinKind::Left;
                    std::mem::swap(&mut join.left, &mut join.right);
                }
                (false, _) => {}
            },
            JoinKind::Left
            | JoinKind::Inner
            | JoinKind::Semi
            | JoinKind::Anti
            | JoinKind::AntiNull
            | JoinKind::Mark(_)
            | JoinKind::Single => {}
        }
    }

    fn push_inner(
        &self,
        mut join: Join,
        conditions: Vec<Expression>,
        left: &BTreeSet<RelationId>,
        right: &BTreeSet<RelationId>,
    ) -> Logical {
        let (mut up, mut to_left, mut to_right, mut on) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut all = conjuncts(std::mem::take(&mut join.conditions));
        all.extend(conditions);
        self.constants_follow(&mut all);
        for condition in all {
            if self.is_volatile(&condition) {
                up.push(condition);
                continue;
            }
            match side(&condition, left, right) {
                Side::Left | Side::Neither => to_left.push(condition),
                Side::Right => to_right.push(condition),
                Side::Both if condition.has_subquery() => up.push(condition),
                Side::Both => on.push(condition),
            }
        }
        join.conditions = on;
        join.left = Box::new(self.push(*join.left, to_left));
        join.right = Box::new(self.push(*join.right, to_right));
        filtered(Logical::Join(join), up)
    }

    fn push_grouping(&self, mut grouping: Grouping, conditions: Vec<Expression>) -> Logical {
        let relation = grouping.relation;
        let in_every_set =
            |index: u32| !grouping.sets.is_empty() && grouping.sets.iter().all(|set| set.contains(&index));
        let key = |column: Column| {
            column.relation != relation
                || in_every_set(column.index)
                    && grouping.keys.get(column.index as usize).is_some_and(|key| {
                        !self.is_volatile(&key.expression) && !key.expression.has_subquery()
                    })
        };
        let grouped = !grouping.keys.is_empty() && grouping.sets.iter().all(|set| !set.is_empty());
        let (mut down, up): (Vec<_>, Vec<_>) = conditions.into_iter().partition(|condition| {
            let mut may = grouped;
            condition.for_each_column(&mut |column| may = may && key(column));
            may
        });
        let keys = (0u32..).zip(&grouping.keys);
        let substitution = keys
            .map(|(index, key)| (Column { relation, index }, key.expression.clone()))
            .collect::<Substitution>();
        down.iter_mut().for_each(|condition| substitute(condition, &substitution));
        grouping.input = self.push(grouping.input, down);
        filtered(Logical::Aggregate(Box::new(grouping)), up)
    }

    fn push_window(&self, mut window: Window, conditions: Vec<Expression>) -> Logical {
        let (down, up) = conditions.into_iter().partition(|condition| {
            let mut may = true;
            condition.for_each_column(&mut |column| {
                may = may && window.partition.iter().any(|key| key.expression.as_column() == Some(column));
            });
            may
        });
        window.input = self.push(window.input, down);
        filtered(Logical::Window(Box::new(window)), up)
    }

    fn push_set(&self, operation: SetOperation, conditions: Vec<Expression>) -> Logical {
        let relation = operation.relation;
        let whole = Logical::Set(Box::new(operation));
        // Rows of a query that keeps conditions out are filtered together.
        let (conditions, up): (Vec<_>, Vec<_>) =
            conditions.into_iter().partition(|condition| self.goes_into(&whole, condition));
        let Logical::Set(mut operation) = whole else { return filtered(whole, conditions) };
        for (place, (input, columns)) in operation.inputs.iter_mut().enumerate() {
            // What is taken away need not be filtered, and it costs nothing if it is not.
            let wanted = place == 0 || operation.operator != SetOperator::Except;
            let substitution = (0u32..)
                .zip(columns.iter().zip(&operation.types))
                .map(|(index, (column, of))| (Column { relation, index }, Expression::column(*column, *of)))
                .collect::<Substitution>();
            let mut down = if wanted { conditions.clone() } else { Vec::new() };
            down.iter_mut().for_each(|condition| substitute(condition, &substitution));
            super::replace(input, |input| self.push(input, down));
        }
        filtered(Logical::Set(operation), up)
    }

    /// Pushes within the queries in expressions.
    pub(super) fn push_in_subqueries(&self, logical: &mut Logical) {
        logical.rewrite_expressions(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                    super::replace(&mut subquery.query, |query| self.push(query, Vec::new()));
                }
            });
        });
    }
}

/// Whether a condition names a column of a relation.
pub(super) fn names(condition: &Expression, relation: RelationId) -> bool {
    let mut found = false;
    condition.for_each_column(&mut |column| found = found || column.relation == relation);
    found
}
