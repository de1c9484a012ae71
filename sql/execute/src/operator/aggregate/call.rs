//! One aggregate of one grouping set: FILTER, DISTINCT and ORDER BY stand between the rows and its state.

use super::waiting::{Arranged, Shape, Waiting};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all, function, native_number};
use crate::keys::sort_columns;
use crate::run::Run;
use functions::evaluate::Groups;
use functions::{AggregateState, Context, FunctionResult, Implementation, Site};
use plan::expression::Aggregate;
use std::ops::Range;
use types::vector::{Chunk, select};
use types::{Type, Vector};

/// `count` of values, as `pg_proc` knows it: in which order it is shown them nobody can see.
const COUNT: u32 = 2147;

/// An aggregate, compiled.
pub struct Call {
    site: Site,
    arguments: Vec<Evaluator>,
    filter: Option<Evaluator>,
    order: Vec<Evaluator>,
    shape: Shape,
}

/// What one call has of one grouping set.
pub struct State {
    state: Box<dyn AggregateState>,
    /// Rows that wait for all of them to be there: DISTINCT and ORDER BY.
    waiting: Waiting,
}

/// The state of an aggregate.
pub fn new_state(site: &Site, context: &Context<'_>) -> ExecuteResult<Box<dyn AggregateState>> {
    match site.function.implementation {
        Implementation::Aggregate(make) => {
            let made: FunctionResult<Box<dyn AggregateState>> = make(context, site);
            Ok(made?)
        }
        Implementation::Missing => {
            Err(ExecuteError::Unsupported(format!("aggregate function {}", site.function.name)))
        }
        Implementation::Scalar(_)
        | Implementation::Masked(_)
        | Implementation::Comparison(_)
        | Implementation::Session(_)
        | Implementation::SessionSet(_)
        | Implementation::Set(_)
        | Implementation::Window(_) => {
            Err(ExecuteError::plan(format!("{} is no aggregate function", site.function.name)))
        }
    }
}

impl Call {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, plan: &Aggregate) -> ExecuteResult<Call> {
        let site = Site {
            function: function(plan.function)?,
            native: native_number(plan.function),
            arguments: plan.arguments.iter().map(|argument| argument.result).collect::<Vec<Type>>().into(),
            result: plan.result,
            variadic: false,
            columns: Box::default(),
        };
        let order = plan.order.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let order = order.collect::<ExecuteResult<Vec<Evaluator>>>()?;
        let arguments = Evaluator::list(compiler, &plan.arguments)?;
        let kinds = order.iter().chain(&arguments).map(Evaluator::kind).collect::<Vec<_>>();
        Ok(Call {
            site,
            arguments,
            filter: plan.filter.as_ref().map(|filter| Evaluator::new(compiler, filter)).transpose()?,
            shape: Shape::new(sort_columns(&plan.order), &plan.distinct, plan.direct as usize, &kinds),
            order,
        })
    }

    /// Nothing seen yet.
    pub fn state(&self, context: &Context<'_>) -> ExecuteResult<State> {
        Ok(State { state: new_state(&self.site, context)?, waiting: Waiting::default() })
    }

    /// Shows the rows of a chunk without a selection, each of its group; all of group 0 if there are no groups.
    pub fn update(
        &self,
        states: &mut [State],
        groups: &[Option<Vec<u32>>],
        group_counts: &[usize],
        chunk: &Chunk,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let mut chunk = chunk.clone();
        if let Some(filter) = &self.filter {
            let truths = filter.evaluate(run, &chunk)?;
            chunk.select(select(&truths));
        }
        let chosen = chunk.selection().map(<[u32]>::to_vec);
        let arguments = evaluate_all(&self.arguments, run, &chunk)?;
        let order = evaluate_all(&self.order, run, &chunk)?;
        let rows = chunk.len();
        for ((state, groups), count) in states.iter_mut().zip(groups).zip(group_counts) {
            let groups: Option<Vec<u32>> = match (groups, &chosen) {
                (None, _) => None,
                (Some(groups), None) => Some(groups.clone()),
                (Some(groups), Some(chosen)) => {
                    Some(chosen.iter().map(|row| groups[*row as usize]).collect())
                }
            };
            if self.shape.waits() {
                let groups = groups.unwrap_or_else(|| vec![0; rows]);
                self.wait(state, groups, (&order, &arguments), *count, run)?;
                continue;
            }
            let groups = groups.as_deref().map_or(Groups::One(0), Groups::Each);
            state.state.update(&mut run.world.context, groups, *count, rows, &arguments)?;
        }
        Ok(())
    }

    /// Rows have to wait, but for those that repeat others, and those that may be shown in any order.
    fn wait(
        &self,
        state: &mut State,
        groups: Vec<u32>,
        (order, arguments): (&[Vector], &[Vector]),
        group_count: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        let Some(fresh) = state.waiting.fresh(&self.shape, &groups, arguments, run)? else {
            return state.waiting.push(&self.shape, &groups, order, arguments, run);
        };
        if fresh.rows.is_empty() {
            return Ok(());
        }
        let groups: Vec<u32> = fresh.rows.iter().map(|row| groups[*row as usize]).collect();
        let gather = |vectors: &[Vector]| {
            vectors.iter().map(|vector| vector.gather(&fresh.rows)).collect::<Result<Vec<Vector>, _>>()
        };
        let arguments = gather(arguments)?;
        if fresh.certain && self.shape.only_distinct() && self.site.function.oid == COUNT {
            let context = &mut run.world.context;
            return Ok(state.state.update(
                context,
                Groups::Each(&groups),
                group_count,
                groups.len(),
                &arguments,
            )?);
        }
        state.waiting.push(&self.shape, &groups, &gather(order)?, &arguments, run)
    }

    /// All rows were shown: those that waited are put in order and shown now.
    pub fn settle(&self, state: &mut State, group_count: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if self.shape.waits() {
            let mut ordered = std::mem::take(&mut state.waiting).ordered(&self.shape, run)?;
            while let Some(Arranged { groups, arguments }) = ordered.next(&self.shape, run)? {
                let context = &mut run.world.context;
                state.state.update(context, Groups::Each(&groups), group_count, groups.len(), &arguments)?;
            }
        }
        // A group that never saw a row must be known all the same.
        let none: Vec<Vector> = self
            .arguments
            .iter()
            .map(|argument| Vector::constant(argument.kind(), &types::Value::Null, 0))
            .collect::<Result<_, _>>()?;
        state.state.update(&mut run.world.context, Groups::Each(&[]), group_count, 0, &none)?;
        Ok(())
    }
}

impl State {
    /// The results of some groups.
    pub fn finish(&self, context: &mut Context<'_>, groups: Range<usize>) -> ExecuteResult<Vector> {
        Ok(self.state.finish(context, groups)?)
    }

    /// Bytes that it holds.
    pub fn memory(&self) -> usize {
        self.state.memory()
    }
}
