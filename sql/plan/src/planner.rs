//! The planner's face: a statement in, a plan out.

use crate::error::PlanResult;
use crate::facts::Facts;
use crate::foreign;
use crate::logical::Query;
use crate::lower::lower;
use crate::physical::Plan;
use crate::rewrite::{demand_known, forget_selected, rewrite};
use crate::unasked::note_unasked;
use std::sync::Arc;

/// Plans a statement.
pub fn plan(query: Query, facts: &dyn Facts) -> PlanResult<Plan> {
    let uses_foreign = foreign::is_used(&query, facts);
    planned(query, facts, uses_foreign)
}

fn planned(mut query: Query, facts: &dyn Facts, uses_foreign: bool) -> PlanResult<Plan> {
    let steps = [std::mem::take(&mut query.before), std::mem::take(&mut query.after)];
    if uses_foreign {
        foreign::refuse(&query, facts)?;
    }
    forget_selected(&mut query);
    let query = if facts.settings().optimise {
        rewrite(query, facts)
    } else {
        demand_known(&query, facts, &[]);
        query
    };
    let mut planned = lower(query, facts)?;
    if facts.settings().optimise {
        note_unasked(&mut planned);
    }
    let [before, after] = steps;
    planned.before = planned_steps(before, &mut planned, facts, uses_foreign)?;
    planned.after = planned_steps(after, &mut planned, facts, uses_foreign)?;
    Ok(planned)
}

/// Plans what is run besides a statement: whatever depends on what it calls depends on what they call.
fn planned_steps(
    steps: Vec<Query>,
    beside: &mut Plan,
    facts: &dyn Facts,
    uses_foreign: bool,
) -> PlanResult<Vec<Arc<Plan>>> {
    let mut made = Vec::with_capacity(steps.len());
    for step in steps {
        let step = planned(step, facts, uses_foreign)?;
        for function in &step.functions {
            if !beside.functions.contains(function) {
                beside.functions.push(*function);
            }
        }
        beside.reads_only = None;
        made.push(Arc::new(step));
    }
    Ok(made)
}

/// The statement that is planned in truth: after all rewrites, before anything is made physical.
pub fn rewritten(mut query: Query, facts: &dyn Facts) -> Query {
    forget_selected(&mut query);
    rewrite(query, facts)
}
