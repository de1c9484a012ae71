//! One aggregate of one grouping set: FILTER, DISTINCT and ORDER BY stand between the rows and its state.

use super::gather::{Gather, Gathered};
use super::waiting::{Arranged, Shape, Waiting};
use crate::error::ExecuteResult;
use crate::evaluate::{Compiler, Evaluator, evaluate_all};
use crate::keys::sort_columns;
use crate::run::Run;
use functions::AggregateState;
use functions::evaluate::Groups;
use plan::expression::Aggregate;
use std::ops::Range;
use types::Vector;
use types::vector::{Chunk, select};

/// `count` of values, as `pg_proc` knows it: in which order it is shown them nobody can see.
const COUNT: u32 = 2147;
/// `count(*)`
const COUNT_ROWS: u32 = 2803;

/// An aggregate, compiled.
pub struct Call {
    gather: Gather,
    arguments: Vec<Evaluator>,
    filter: Option<Evaluator>,
    order: Vec<Evaluator>,
    shape: Shape,
}

/// What one call has of one grouping set.
pub struct State {
    state: Gathered,
    /// How many groups it knows of.
    known: usize,
    /// Rows that wait for all of them to be there: DISTINCT and ORDER BY.
    waiting: Waiting,
}

/// What one task has of one grouping set.
pub enum StatePart {
    /// Its state.
    Known(Box<dyn AggregateState>),
    /// Rows that wait, in the order in which they came.
    Waiting(Vec<Chunk>),
}

impl Call {
    /// As the plan says.
    pub fn new(compiler: &Compiler<'_>, plan: &Aggregate) -> ExecuteResult<Call> {
        let given = plan.arguments.iter().map(|argument| argument.result).collect();
        let gather = Gather::new(compiler, plan.function, plan.made.as_deref(), given, plan.result, false)?;
        let order = plan.order.iter().map(|key| Evaluator::new(compiler, &key.expression));
        let order = order.collect::<ExecuteResult<Vec<Evaluator>>>()?;
        let arguments = Evaluator::list(compiler, &plan.arguments)?;
        let kinds = order.iter().chain(&arguments).map(Evaluator::kind).collect::<Vec<_>>();
        Ok(Call {
            gather,
            arguments,
            filter: plan.filter.as_ref().map(|filter| Evaluator::new(compiler, filter)).transpose()?,
            shape: Shape::new(sort_columns(&plan.order), &plan.distinct, plan.direct as usize, &kinds),
            order,
        })
    }

    /// Whether it looks at nothing of a row, but that it is there.
    pub fn only_counts(&self) -> bool {
        self.gather.is(COUNT_ROWS) && self.filter.is_none() && self.order.is_empty()
    }

    /// Nothing seen yet.
    pub fn state(&self, run: &mut Run<'_, '_>) -> ExecuteResult<State> {
        Ok(State { state: self.gather.start(run)?, known: 0, waiting: Waiting::default() })
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
            state.state.update(run, groups, *count, rows, &arguments)?;
            state.known = *count;
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
        // A helper's rows must be told apart from those of others.
        let alone = !run.state.helps;
        if alone && fresh.certain && self.shape.only_distinct() && self.gather.is(COUNT) {
            return state.state.update(run, Groups::Each(&groups), group_count, groups.len(), &arguments);
        }
        state.waiting.push(&self.shape, &groups, &gather(order)?, &arguments, run)
    }

    /// All rows were shown: those that waited are put in order and shown now.
    pub fn settle(&self, state: &mut State, group_count: usize, run: &mut Run<'_, '_>) -> ExecuteResult<()> {
        if self.shape.waits() {
            let mut ordered = std::mem::take(&mut state.waiting).ordered(&self.shape, run)?;
            while let Some(Arranged { groups, arguments }) = ordered.next(&self.shape, run)? {
                state.state.update(run, Groups::Each(&groups), group_count, groups.len(), &arguments)?;
            }
        }
        // A group that never saw a row must be known all the same.
        if state.known == group_count {
            return Ok(());
        }
        let none: Vec<Vector> = self
            .arguments
            .iter()
            .map(|argument| Vector::constant(argument.kind(), &types::Value::Null, 0))
            .collect::<Result<_, _>>()?;
        state.state.update(run, Groups::Each(&[]), group_count, 0, &none)
    }

    /// What another task can take in; `None` if rows that wait were written.
    pub fn part(&self, state: State) -> ExecuteResult<Option<StatePart>> {
        if self.shape.waits() {
            return Ok(state.waiting.into_chunks().map(StatePart::Waiting));
        }
        Ok(Some(StatePart::Known(state.state.into_known()?)))
    }

    /// Takes in what another task has found, each of its groups as one of `group_count`; its rows come after those here.
    pub fn merge(
        &self,
        state: &mut State,
        part: StatePart,
        groups: &[u32],
        group_count: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        match part {
            StatePart::Known(other) => {
                state.known = group_count;
                state.state.merge(other, groups, group_count, run)
            }
            StatePart::Waiting(chunks) => {
                for chunk in chunks {
                    run.check()?;
                    let (of, order, arguments) = self.shape.parts(&chunk);
                    let of = of.iter().map(|group| groups[*group as usize]).collect();
                    self.wait(state, of, (order, arguments), group_count, run)?;
                }
                Ok(())
            }
        }
    }
}

impl State {
    /// The results of some groups.
    pub fn finish(&self, run: &mut Run<'_, '_>, groups: Range<usize>) -> ExecuteResult<Vector> {
        self.state.finish(run, groups)
    }

    /// Bytes that it holds.
    pub fn memory(&self) -> usize {
        self.state.memory()
    }
}
