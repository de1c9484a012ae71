//! Expressions that are written twice.
//!
//! Relations of subqueries have numbers of their own each time that they are bound; such numbers aside, what is grouped or ordered by is
//! the same as what stands elsewhere, as in PostgreSQL, which compares queries as they are written. (Those that read tables of `WITH`
//! are told apart by them.)

use crate::copy::renumber_within;
use plan::expression::{Expression, ExpressionKind, RelationId};
use plan::walk::made_relations;
use std::collections::BTreeMap;

/// Whether two expressions are the same, the numbers of their subqueries' relations aside.
pub(crate) fn alike(one: &Expression, other: &Expression) -> bool {
    if one == other {
        return true;
    }
    let (ours, theirs) = (relations_within(one), relations_within(other));
    if ours.is_empty() || ours.len() != theirs.len() {
        return false;
    }
    let numbers: BTreeMap<RelationId, RelationId> = theirs.into_iter().zip(ours).collect();
    let mut renumbered = other.clone();
    renumber_within(&mut renumbered, &numbers);
    renumbered == *one
}

/// The relations that subqueries within an expression make, in the order in which they got their numbers.
fn relations_within(expression: &Expression) -> Vec<RelationId> {
    let mut found = Vec::new();
    expression.walk(&mut |part| {
        if let ExpressionKind::Subquery(subquery) = &part.kind {
            found.extend(made_relations(&subquery.query));
        }
    });
    found.sort_unstable();
    found.dedup();
    found
}
