//! One aggregate of one grouping set: FILTER, DISTINCT and ORDER BY stand between the rows and its state.

use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, Evaluator, evaluate_all, function};
use crate::keys::{RowOrder, SortColumn, compare_rows, sort_columns};
use crate::memory::vector_bytes;
use crate::run::Run;
use functions::evaluate::Groups;
use functions::{AggregateState, Context, FunctionResult, Implementation, Site};
use plan::expression::Aggregate;
use std::ops::Range;
use types::vector::{Chunk, Order, select};
use types::{Kind, Type, Vector};

/// An aggregate, compiled.
pub struct Call {
    site: Site,
    arguments: Vec<Evaluator>,
    filter: Option<Evaluator>,
    /// How many arguments are direct: they do not tell rows apart.
    direct: usize,
    distinct: Vec<Order>,
    order: Vec<Evaluator>,
    columns: Vec<SortColumn>,
}

/// What one call has of one grouping set.
pub struct State {
    state: Box<dyn AggregateState>,
    /// Rows that wait for all of them to be there: DISTINCT and ORDER BY.
    waiting: Vec<Waiting>,
}

/// Rows of a chunk.
struct Waiting {
    groups: Vec<u32>,
    order: Vec<Vector>,
    arguments: Vec<Vector>,
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
            arguments: plan.arguments.iter().map(|argument| argument.result).collect::<Vec<Type>>().into(),
            result: plan.result,
            variadic: false,
            columns: Box::default(),
        };
        let order = plan.order.iter().map(|key| Evaluator::new(compiler, &key.expression));
        Ok(Call {
            site,
            arguments: Evaluator::list(compiler, &plan.arguments)?,
            filter: plan.filter.as_ref().map(|filter| Evaluator::new(compiler, filter)).transpose()?,
            direct: plan.direct as usize,
            distinct: plan.distinct.clone(),
            order: order.collect::<ExecuteResult<_>>()?,
            columns: sort_columns(&plan.order),
        })
    }

    /// Nothing seen yet.
    pub fn state(&self, context: &Context<'_>) -> ExecuteResult<State> {
        Ok(State { state: new_state(&self.site, context)?, waiting: Vec::new() })
    }

    fn waits(&self) -> bool {
        !self.distinct.is_empty() || !self.order.is_empty()
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
            if self.waits() {
                let groups = groups.unwrap_or_else(|| vec![0; rows]);
                let bytes: usize = arguments.iter().chain(&order).map(vector_bytes).sum();
                run.hold(bytes + groups.len() * 4)?;
                state.waiting.push(Waiting { groups, order: order.clone(), arguments: arguments.clone() });
                continue;
            }
            let groups = groups.as_deref().map_or(Groups::One(0), Groups::Each);
            state.state.update(&mut run.world.context, groups, *count, rows, &arguments)?;
        }
        Ok(())
    }

    /// All rows were shown: those that waited are put in order and shown now.
    pub fn settle(&self, state: &mut State, group_count: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        let context = &mut run.world.context;
        if !self.waits() || state.waiting.is_empty() {
            // A group that never saw a row must be known all the same.
            let none: Vec<Vector> = self
                .arguments
                .iter()
                .map(|argument| Vector::constant(argument.kind(), &types::Value::Null, 0))
                .collect::<Result<_, _>>()?;
            state.state.update(context, Groups::Each(&[]), group_count, 0, &none)?;
            return Ok(());
        }
        let waiting = std::mem::take(&mut state.waiting);
        let groups: Vec<u32> = waiting.iter().flat_map(|part| part.groups.iter().copied()).collect();
        let joined =
            |pick: &dyn Fn(&Waiting) -> &Vec<Vector>, kinds: &[Kind]| -> ExecuteResult<Vec<Vector>> {
                let column = |(index, kind): (usize, &Kind)| {
                    let parts: Vec<&Vector> = waiting.iter().map(|part| &pick(part)[index]).collect();
                    Ok(Vector::concat(*kind, &parts)?)
                };
                kinds.iter().enumerate().map(column).collect()
            };
        let kinds = |evaluators: &[Evaluator]| evaluators.iter().map(Evaluator::kind).collect::<Vec<Kind>>();
        let order = joined(&|part| &part.order, &kinds(&self.order))?;
        let arguments = joined(&|part| &part.arguments, &kinds(&self.arguments))?;
        let rows = self.arrange(&groups, order, &arguments)?;
        let groups: Vec<u32> = rows.iter().map(|row| groups[*row as usize]).collect();
        let arguments: Result<Vec<Vector>, _> =
            arguments.iter().map(|argument| argument.gather(&rows)).collect();
        state.state.update(context, Groups::Each(&groups), group_count, rows.len(), &arguments?)?;
        Ok(())
    }

    /// The numbers of rows by group, then in order, without repetition.
    fn arrange(&self, groups: &[u32], order: Vec<Vector>, arguments: &[Vector]) -> ExecuteResult<Vec<u32>> {
        let ascending =
            |order: &Order| SortColumn { order: order.clone(), descending: false, nulls_first: false };
        let mut columns = vec![ascending(&Order::Unsigned32)];
        let bits: Vec<i32> = groups.iter().map(|group| group.cast_signed()).collect();
        let mut keys = vec![Vector::from_values::<i32>(bits)];
        columns.extend(self.columns.iter().cloned());
        keys.extend(order);
        let own = arguments.get(self.direct..).unwrap_or(&[]);
        let distinct: Vec<SortColumn> = self.distinct.iter().map(ascending).collect();
        columns.extend(distinct.iter().cloned());
        keys.extend(own.iter().take(distinct.len()).cloned());
        let mut rows = RowOrder::sort(&columns, &keys, groups.len());
        if !distinct.is_empty() {
            rows.dedup_by(|row, kept| {
                let (row, kept) = (*row as usize, *kept as usize);
                groups[row] == groups[kept] && compare_rows(&distinct, (own, row), (own, kept)).is_eq()
            });
        }
        Ok(rows)
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
