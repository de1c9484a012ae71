//! What never has a row is not looked at; what is there once and without columns is left out.

use super::Rewriter;
use crate::expression::Expression;
use crate::logical::{JoinKind, Logical};
use crate::walk::{columns_of, free_columns};
use types::Value;

impl Rewriter<'_> {
    /// Takes away whatever never has a row, as far as that is plain.
    pub(super) fn remove_empty(&mut self, mut logical: Logical) -> Logical {
        logical.for_each_input_mut(&mut |input| super::replace(input, |input| self.remove_empty(input)));
        match logical {
            Logical::Filter { input, conditions } => {
                let never = |condition: &Expression| {
                    condition.as_constant().is_some_and(|value| !matches!(value, Value::Bool(true)))
                };
                if conditions.iter().any(never) || self.contradict(&conditions) || is_empty(&input) {
                    return nothing_like(*input);
                }
                super::push::filtered(*input, super::push::conjuncts(conditions))
            }
            Logical::Join(join) => {
                let none = match join.kind {
                    JoinKind::Inner => is_empty(&join.left) || is_empty(&join.right),
                    JoinKind::Semi => is_empty(&join.left) || is_empty(&join.right),
                    JoinKind::Left
                    | JoinKind::Anti
                    | JoinKind::AntiNull
                    | JoinKind::Mark(_)
                    | JoinKind::Single => is_empty(&join.left),
                    JoinKind::Full => false,
                };
                if none {
                    return nothing_like(Logical::Join(join));
                }
                if join.kind == JoinKind::Inner && is_unit(&join.right) {
                    return super::push::filtered(*join.left, join.conditions);
                }
                if join.kind == JoinKind::Inner && is_unit(&join.left) {
                    return super::push::filtered(*join.right, join.conditions);
                }
                Logical::Join(join)
            }
            logical => logical,
        }
    }
}

impl Rewriter<'_> {
    /// Whether one thing is to equal two constants that are not equal.
    fn contradict(&self, conditions: &[Expression]) -> bool {
        let known = conditions.iter().filter_map(|condition| {
            let (left, right) = self.equality(condition)?;
            if right.as_constant().is_some() { Some((left, right)) } else { Some((right, left)) }
        });
        let known: Vec<_> =
            known.filter(|(what, value)| value.as_constant().is_some() && !self.is_volatile(what)).collect();
        known.iter().enumerate().any(|(place, (what, value))| {
            let others = known[..place].iter().filter(|(other, _)| other == what);
            others.into_iter().any(|(_, other)| {
                let equal = self.equal(value, other).and_then(|equal| self.facts.fold(&equal));
                matches!(equal, Some(Value::Bool(false)))
            })
        })
    }
}

/// One row without columns.
fn is_unit(logical: &Logical) -> bool {
    matches!(logical, Logical::Values { types, rows, .. } if types.is_empty() && rows.len() == 1)
}

fn is_empty(logical: &Logical) -> bool {
    match logical {
        Logical::Empty { .. } => true,
        // Columns of several makers: emptiness is kept as a condition that is never true.
        Logical::Filter { conditions, .. } => {
            matches!(conditions.as_slice(), [only] if matches!(only.as_constant(), Some(Value::Bool(false))))
        }
        _ => false,
    }
}

/// No rows, with the columns of an operator.
fn nothing_like(logical: Logical) -> Logical {
    let columns = columns_of(&logical);
    let relation = columns.first().map(|column| column.0.relation);
    let in_step = |(place, column): (usize, &(crate::expression::Column, types::Type))| {
        Some(column.0.relation) == relation && column.0.index as usize == place
    };
    match relation {
        Some(relation) if columns.iter().enumerate().all(in_step) && free_columns(&logical).is_empty() => {
            Logical::Empty { relation, types: columns.into_iter().map(|column| column.1).collect() }
        }
        _ => Logical::Filter { input: Box::new(logical), conditions: vec![Expression::truth(false)] },
    }
}
