//! Conditions of a lateral side that compare it with the other side come up into the join: then the side may be read once for
//! all rows, and joined in any way.

use super::Rewriter;
use crate::expression::{Expression, RelationId};
use crate::logical::{JoinKind, Logical};
use crate::walk::{free_columns, made_relations};
use std::collections::BTreeSet;

impl Rewriter<'_> {
    /// Brings conditions up in an operator and all below.
    pub(super) fn raise_lateral(&self, logical: &mut Logical) {
        if let Logical::Join(join) = logical
            && raises(join.kind)
        {
            let around = made_relations(&join.left);
            if is_about(&join.right, &around) && !self.has_volatile(&join.right) {
                self.raise(&mut join.right, &around, &mut join.conditions);
                join.lateral = is_about(&join.right, &around);
            }
        }
        // What has come up here may go on from here: the joins within come after the one around them.
        logical.for_each_input_mut(&mut |input| self.raise_lateral(input));
    }

    /// Whether anything within may differ each time.
    pub(super) fn has_volatile(&self, logical: &Logical) -> bool {
        super::has_volatile(self.facts, logical)
    }

    /// Takes conditions about relations around out of filters and inner joins.
    fn raise(&self, logical: &mut Logical, around: &BTreeSet<RelationId>, raised: &mut Vec<Expression>) {
        let mut take = |conditions: &mut Vec<Expression>| {
            let taken =
                super::push::conjuncts(std::mem::take(conditions)).into_iter().partition(|condition| {
                    !condition.has_subquery() && around.iter().any(|one| super::push::names(condition, *one))
                });
            let up: Vec<Expression>;
            (up, *conditions) = taken;
            raised.extend(up);
        };
        match logical {
            Logical::Filter { input, conditions } => {
                take(conditions);
                self.raise(input, around, raised);
            }
            Logical::Join(join) => {
                if join.kind == JoinKind::Inner {
                    take(&mut join.conditions);
                    self.raise(&mut join.right, around, raised);
                }
                if join.kind != JoinKind::Full {
                    self.raise(&mut join.left, around, raised);
                }
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
            | Logical::Merge(_) => {}
        }
    }
}

/// Whether a row of the right that a condition refuses is none for the join, whoever says so.
fn raises(kind: JoinKind) -> bool {
    match kind {
        JoinKind::Inner | JoinKind::Left | JoinKind::Semi | JoinKind::Anti | JoinKind::Single => true,
        // Unknown is not the same as false there; and no side of a full join is lateral.
        JoinKind::AntiNull | JoinKind::Mark(_) | JoinKind::Full => false,
    }
}

/// Whether something names columns of relations around it.
fn is_about(logical: &Logical, around: &BTreeSet<RelationId>) -> bool {
    free_columns(logical).iter().any(|column| around.contains(&column.relation))
}
