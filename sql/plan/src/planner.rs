//! The planner's face: a statement in, a plan out.

use crate::error::PlanResult;
use crate::facts::Facts;
use crate::logical::Query;
use crate::lower::lower;
use crate::physical::Plan;
use crate::rewrite::{forget_selected, rewrite};

/// Plans a statement.
pub fn plan(mut query: Query, facts: &dyn Facts) -> PlanResult<Plan> {
    forget_selected(&mut query);
    let query = if facts.settings().optimise { rewrite(query, facts) } else { query };
    lower(query, facts)
}

/// The statement that is planned in truth: after all rewrites, before anything is made physical.
pub fn rewritten(mut query: Query, facts: &dyn Facts) -> Query {
    forget_selected(&mut query);
    rewrite(query, facts)
}
