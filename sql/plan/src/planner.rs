//! The planner's face: a statement in, a plan out.

use crate::error::PlanResult;
use crate::facts::Facts;
use crate::logical::Query;
use crate::lower::lower;
use crate::physical::Plan;

/// Plans a statement.
pub fn plan(query: Query, facts: &dyn Facts) -> PlanResult<Plan> {
    lower(query, facts)
}
