//! Projections within a query are dissolved: what they compute is computed where it is used. So subqueries in `FROM` become
//! part of the query around them, and their tables can be joined in any order.

use super::Rewriter;
use super::apart::stays_apart;
use super::substitute::{Substitution, substitute, substitute_everywhere};
use crate::expression::{Column, Expression, ExpressionKind};
use crate::logical::{JoinKind, Logical, Query};
use crate::walk::free_columns;

/// What may become of a projection where it stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// It is the top of a query: somebody counts on its columns.
    Top,
    /// Its rows may come out as nulls: only plain columns may go.
    Nullable,
    /// It may go.
    Inner,
}

impl Rewriter<'_> {
    /// Dissolves projections in a whole statement.
    pub(super) fn hoist_projections(&self, query: &mut Query) {
        let mut substitution = Substitution::new();
        for table in &mut query.common_tables {
            self.hoist(&mut table.query, Place::Top, &mut substitution);
        }
        self.hoist(&mut query.root, Place::Top, &mut substitution);
        substitute_everywhere(query, &substitution);
    }

    fn hoist(&self, logical: &mut Logical, place: Place, substitution: &mut Substitution) {
        match logical {
            Logical::Join(join) => {
                let nullable = if place == Place::Top { Place::Top } else { Place::Nullable };
                let (left, right) = match join.kind {
                    JoinKind::Inner => (place, place),
                    JoinKind::Left | JoinKind::Single => (place, nullable),
                    JoinKind::Full => (nullable, nullable),
                    JoinKind::Semi | JoinKind::Anti | JoinKind::AntiNull | JoinKind::Mark(_) => {
                        (place, Place::Inner)
                    }
                };
                self.hoist(&mut join.left, left, substitution);
                self.hoist(&mut join.right, right, substitution);
            }
            // What they hand up is what they get: whoever counts on it counts on their inputs.
            Logical::Filter { input, .. } | Logical::Sort { input, .. } => {
                self.hoist(input, place, substitution);
            }
            Logical::Limit { input, .. } => {
                let place = if self.is_named(input) { Place::Top } else { place };
                self.hoist(input, place, substitution);
            }
            Logical::Project { input, .. } => self.hoist(input, Place::Inner, substitution),
            Logical::Aggregate(grouping) => self.hoist(&mut grouping.input, Place::Inner, substitution),
            Logical::Set(_) | Logical::Recursive(_) => {
                logical.for_each_input_mut(&mut |input| self.hoist(input, Place::Top, substitution));
            }
            Logical::ProjectSet { .. }
            | Logical::Window(_)
            | Logical::Distinct { .. }
            | Logical::LockRows { .. }
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => {
                let apart = matches!(logical, Logical::Distinct { input, .. } if self.is_named(input));
                let place = if apart || place == Place::Top { Place::Top } else { Place::Nullable };
                logical.for_each_input_mut(&mut |input| self.hoist(input, place, substitution));
            }
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. } => {}
        }
        row_as_projection(logical, place);
        // Inputs come first, then queries in expressions, which may name their columns: so what is put into the substitution
        // never names a column that is replaced.
        logical.for_each_expression_mut(&mut |expression| self.hoist_in_expression(expression, substitution));
        self.dissolve(logical, place, substitution);
    }

    /// Takes a projection away if nothing speaks against it.
    fn dissolve(&self, logical: &mut Logical, place: Place, substitution: &mut Substitution) {
        let Logical::Project { relation, input, expressions } = logical else { return };
        if self.named.contains(relation) && stays_apart(input) || self.barriers.contains(relation) {
            return;
        }
        let may_go = match place {
            Place::Top => false,
            Place::Nullable => {
                // A plain column of a row around it would not be null where the rows of the projection are.
                expressions.iter().all(|expression| expression.as_column().is_some()) && {
                    let free = free_columns(input);
                    let made = crate::walk::columns_of(input);
                    free.is_empty()
                        && expressions
                            .iter()
                            .filter_map(Expression::as_column)
                            .all(|column| made.iter().any(|known| known.0 == column))
                }
            }
            Place::Inner => expressions.iter().all(|expression| self.may_be_repeated(expression)),
        };
        if !may_go {
            return;
        }
        for (index, mut expression) in (0u32..).zip(std::mem::take(expressions)) {
            substitute(&mut expression, substitution);
            substitution.insert(Column { relation: *relation, index }, expression);
        }
        let inner = std::mem::replace(&mut **input, Logical::nothing(*relation));
        *logical = inner;
    }

    /// Whether an expression may be computed more or less often than it is written.
    fn may_be_repeated(&self, expression: &Expression) -> bool {
        !self.is_volatile(expression)
            && !expression.any(&mut |part| match &part.kind {
                ExpressionKind::Subquery(_) => true,
                ExpressionKind::Call(call) => self.facts.function(call.function).returns_set.is_some(),
                _ => false,
            })
    }

    fn hoist_in_expression(&self, expression: &mut Expression, substitution: &mut Substitution) {
        expression.rewrite(&mut |part| {
            if let ExpressionKind::Subquery(subquery) = &mut part.kind {
                self.hoist(&mut subquery.query, Place::Top, substitution);
            }
        });
    }
}

/// A single row of values is a projection of nothing, and goes where projections go.
fn row_as_projection(logical: &mut Logical, place: Place) {
    let Logical::Values { relation, types, rows } = logical else { return };
    if place != Place::Inner || types.is_empty() || rows.len() != 1 {
        return;
    }
    let (relation, expressions) = (*relation, rows.pop().unwrap_or_default());
    *logical = Logical::Project { relation, input: Box::new(Logical::nothing(relation)), expressions };
}
