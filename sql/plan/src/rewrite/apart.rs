//! Queries in `FROM` that stay queries of their own: what they are made of does not let conditions of the query around them in.

use super::Rewriter;
use super::push::names;
use super::substitute::{Substitution, substitute};
use crate::expression::{Column, Expression};
use crate::logical::Logical;

/// Whether a projection of an operator is the top of a query of its own, whatever becomes of the query around it.
pub(super) fn stays_apart(input: &Logical) -> bool {
    match input {
        Logical::Sort { input, .. } => stays_apart(input),
        Logical::Window(_) | Logical::ProjectSet { .. } => true,
        _ => false, // what else there is takes conditions in, or is looked at by its own columns
    }
}

impl Rewriter<'_> {
    /// Whether an operator hands up the columns of a query in `FROM`.
    pub(super) fn is_named(&self, logical: &Logical) -> bool {
        match logical {
            Logical::Sort { input, .. } => self.is_named(input),
            Logical::Project { relation, .. } => self.named.contains(relation),
            _ => false,
        }
    }

    /// Whether a condition of an operator's rows goes into it.
    pub(super) fn goes_into(&self, input: &Logical, condition: &Expression) -> bool {
        match input {
            Logical::Filter { input, .. } | Logical::Sort { input, .. } | Logical::LockRows { input, .. } => {
                self.goes_into(input, condition)
            }
            Logical::Project { relation, input, expressions } => {
                let columns = (0u32..).map(|index| Column { relation: *relation, index });
                let substitution = columns.zip(expressions.iter().cloned()).collect::<Substitution>();
                let mut within = condition.clone();
                substitute(&mut within, &substitution);
                !self.is_volatile(&within) && self.goes_into(input, &within)
            }
            Logical::Window(window) => {
                all_among(condition, &window.partition) && self.goes_into(&window.input, condition)
            }
            Logical::Distinct { input, keys, .. } => {
                all_among(condition, keys) && self.goes_into(input, condition)
            }
            Logical::Set(operation) => operation.inputs.iter().all(|(input, columns)| {
                let substitution = (0u32..)
                    .zip(columns.iter().zip(&operation.types))
                    .map(|(index, (column, of))| {
                        (Column { relation: operation.relation, index }, Expression::column(*column, *of))
                    })
                    .collect::<Substitution>();
                let mut within = condition.clone();
                substitute(&mut within, &substitution);
                self.goes_into(input, &within)
            }),
            Logical::ProjectSet { relation, .. } => !names(condition, *relation),
            Logical::Limit { .. } | Logical::Recursive(_) => false,
            Logical::Values { .. }
            | Logical::Empty { .. }
            | Logical::Scan(_)
            | Logical::SystemScan { .. }
            | Logical::Functions { .. }
            | Logical::CommonTable { .. }
            | Logical::WorkTable { .. }
            | Logical::Given { .. }
            | Logical::Join(_)
            | Logical::Aggregate(_)
            | Logical::Insert(_)
            | Logical::Update(_)
            | Logical::Delete(_)
            | Logical::Merge(_) => true,
        }
    }
}

/// Whether a condition names nothing besides keys.
fn all_among(condition: &Expression, keys: &[crate::expression::SortKey]) -> bool {
    let mut known = true;
    condition.for_each_column(&mut |column| {
        known = known && keys.iter().any(|key| key.expression.as_column() == Some(column));
    });
    known
}
