//! What gathers the values of an aggregate's call: the table's own implementation, or the steps that a user has given.

use super::made::{States, Steps};
use crate::error::{ExecuteError, ExecuteResult};
use crate::evaluate::{Compiler, function, native_number};
use crate::run::Run;
use functions::evaluate::Groups;
use functions::{AggregateState, Implementation, Site};
use plan::expression::{FunctionId, MadeAggregate};
use std::ops::Range;
use std::sync::Arc;
use types::{Type, Vector};

/// The function of a call.
pub enum Gather {
    /// One of the table, or of the program.
    Known(Site),
    /// One that a user has made.
    Made(Arc<Steps>),
}

/// Its states, one for each group.
pub enum Gathered {
    /// Of the table.
    Known(Box<dyn AggregateState>),
    /// Of a user.
    Made(States),
}

impl Gather {
    /// As the plan says. `moves` says whether rows go, too.
    pub fn new(
        compiler: &Compiler<'_>,
        id: FunctionId,
        made: Option<&MadeAggregate>,
        arguments: Vec<Type>,
        result: Type,
        moves: bool,
    ) -> ExecuteResult<Gather> {
        let steps = match made {
            None => {
                let (function, native) = (function(id)?, native_number(id));
                let (arguments, columns) = (arguments.into(), Box::default());
                return Ok(Gather::Known(Site {
                    function,
                    native,
                    arguments,
                    result,
                    variadic: false,
                    columns,
                }));
            }
            Some(MadeAggregate { moving: Some((steps, inverse)), .. }) if moves => {
                Steps::new(compiler, steps, Some(inverse))?
            }
            Some(made) => Steps::new(compiler, &made.plain, None)?,
        };
        Ok(Gather::Made(Arc::new(steps)))
    }

    /// Whether it is this function of the table.
    pub fn is(&self, oid: u32) -> bool {
        match self {
            Gather::Known(site) => site.function.oid == oid,
            Gather::Made(_) => false,
        }
    }

    /// Nothing seen yet.
    pub fn start(&self, run: &mut Run<'_, '_>) -> ExecuteResult<Gathered> {
        let site = match self {
            Gather::Known(site) => site,
            Gather::Made(steps) => return Ok(Gathered::Made(States::new(steps, run)?)),
        };
        match site.function.implementation {
            Implementation::Aggregate(make) => Ok(Gathered::Known(make(&run.world.context, site)?)),
            Implementation::Missing => {
                Err(ExecuteError::Unsupported(format!("aggregate function {}", site.function.name)))
            }
            Implementation::Scalar(_)
            | Implementation::Narrow(_)
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
}

impl Gathered {
    /// Takes in rows, each of its group.
    pub fn update(
        &mut self,
        run: &mut Run<'_, '_>,
        groups: Groups<'_>,
        group_count: usize,
        rows: usize,
        arguments: &[Vector],
    ) -> ExecuteResult<()> {
        match self {
            Gathered::Known(state) => {
                Ok(state.update(&mut run.world.context, groups, group_count, rows, arguments)?)
            }
            Gathered::Made(states) => states.update(run, groups, group_count, rows, arguments),
        }
    }

    /// Takes rows back that were taken in first into the only group, or answers that it cannot: it is to begin anew then.
    pub fn retract(
        &mut self,
        run: &mut Run<'_, '_>,
        rows: usize,
        arguments: &[Vector],
    ) -> ExecuteResult<bool> {
        match self {
            Gathered::Known(state) => Ok(state.retract(&mut run.world.context, 0, rows, arguments)?),
            Gathered::Made(states) => states.retract(run, rows, arguments),
        }
    }

    /// Gives groups what those before them have ([`functions::AggregateState::accumulate`]), or answers that it cannot.
    pub fn accumulate(&mut self, group_count: usize, starts: &[usize]) -> ExecuteResult<bool> {
        match self {
            Gathered::Known(state) => Ok(state.accumulate(group_count, starts)?),
            Gathered::Made(_) => Ok(false),
        }
    }

    /// Makes groups of stretches of those that were summed up ([`functions::AggregateState::subtract`]), or answers that it cannot.
    pub fn subtract(&mut self, ranges: &[Range<usize>], starts: &[usize]) -> ExecuteResult<bool> {
        match self {
            Gathered::Known(state) => Ok(state.subtract(ranges, starts)?),
            Gathered::Made(_) => Ok(false),
        }
    }

    /// The state of an aggregate of the table.
    pub fn into_known(self) -> ExecuteResult<Box<dyn AggregateState>> {
        match self {
            Gathered::Known(state) => Ok(state),
            Gathered::Made(_) => Err(ExecuteError::plan("states of a user's aggregate are not put together")),
        }
    }

    /// Takes in what another has gathered of later rows.
    pub fn merge(
        &mut self,
        other: Box<dyn AggregateState>,
        groups: &[u32],
        group_count: usize,
        run: &mut Run<'_, '_>,
    ) -> ExecuteResult<()> {
        match self {
            Gathered::Known(state) => Ok(state.merge(&mut run.world.context, other, groups, group_count)?),
            Gathered::Made(_) => Err(ExecuteError::plan("states of a user's aggregate are not put together")),
        }
    }

    /// The results of some groups.
    pub fn finish(&self, run: &mut Run<'_, '_>, groups: Range<usize>) -> ExecuteResult<Vector> {
        match self {
            Gathered::Known(state) => Ok(state.finish(&mut run.world.context, groups)?),
            Gathered::Made(states) => states.finish(run, groups),
        }
    }

    /// Forgets all groups.
    pub fn clear(&mut self) {
        match self {
            Gathered::Known(state) => state.clear(),
            Gathered::Made(states) => states.clear(),
        }
    }

    /// Bytes that it holds.
    pub fn memory(&self) -> usize {
        match self {
            Gathered::Known(state) => state.memory(),
            Gathered::Made(states) => states.memory(),
        }
    }
}
