//! `EXISTS` asks for no values: what its query selects is not computed, as in PostgreSQL (`simplify_EXISTS_query`), whether
//! the statement is optimised or not. Sets that are selected stay: they decide how many rows there are.

use super::replace;
use crate::expression::{ExpressionKind, SubqueryTest};
use crate::logical::{Logical, Query};

/// Leaves out what queries in `EXISTS` select.
pub(crate) fn forget_selected(query: &mut Query) {
    super::for_each_query(query, &mut |logical| {
        logical.rewrite_expressions(&mut |expression| {
            expression.rewrite(&mut |part| {
                if let ExpressionKind::Subquery(subquery) = &mut part.kind
                    && matches!(subquery.test, SubqueryTest::Exists)
                {
                    replace(&mut subquery.query, without_projection);
                }
            });
        });
    });
}

fn without_projection(logical: Logical) -> Logical {
    match logical {
        Logical::Project { input, .. } => without_projection(*input),
        other => other,
    }
}
