//! Aggregates over many groups at once: one pass over a chunk updates all of them.

use super::context::Context;
use crate::error::FunctionResult;
use std::any::Any;
use std::ops::Range;
use types::Vector;

/// To which group each row belongs.
#[derive(Debug, Clone, Copy)]
pub enum Groups<'a> {
    /// All to the same.
    One(u32),
    /// Each row to its own; as long as the arguments.
    Each(&'a [u32]),
}

impl Groups<'_> {
    /// The group of a row.
    #[inline]
    pub fn of(&self, row: usize) -> usize {
        match self {
            Groups::One(group) => *group as usize,
            Groups::Each(groups) => groups[row] as usize,
        }
    }
}

/// The states of one aggregate call, one for each group.
///
/// `DISTINCT`, `ORDER BY` and `FILTER` are the executor's: it shows rows once, in order, and only those that count. Rows
/// with nulls are shown; a state leaves out what its aggregate does.
pub trait AggregateState: Send {
    /// Takes in `rows` rows. Groups are below `group_count`, which never falls; new groups begin empty.
    fn update(
        &mut self,
        context: &mut Context<'_>,
        groups: Groups<'_>,
        group_count: usize,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()>;

    /// Takes rows back that were taken in first, for frames that slide. `false` if that cannot be done exactly: then the
    /// state is as it was before the call, and the caller begins anew.
    fn retract(
        &mut self,
        context: &mut Context<'_>,
        group: u32,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<bool> {
        let _ = (context, group, rows, arguments);
        Ok(false)
    }

    /// Gives each of `group_count` groups what the groups before it have, too, from the last on that is among `starts`, which ascend:
    /// for frames that grow. `false` if that is not exactly what their rows one after the other make; then nothing has changed.
    fn accumulate(&mut self, group_count: usize, starts: &[usize]) -> FunctionResult<bool> {
        let _ = (group_count, starts);
        Ok(false)
    }

    /// After [`AggregateState::accumulate`]: makes groups of those whose states were summed up, each of the groups of a range
    /// within one stretch of them: for frames that slide. `false` if one cannot be told from another exactly; then nothing has changed.
    fn subtract(&mut self, ranges: &[Range<usize>], starts: &[usize]) -> FunctionResult<bool> {
        let _ = (ranges, starts);
        Ok(false)
    }

    /// Takes in what another state of the same call has: its group `i` goes into group `mapping[i]`. Rows of the other
    /// come after the rows of this one.
    fn merge(
        &mut self,
        context: &mut Context<'_>,
        other: Box<dyn AggregateState>,
        mapping: &[u32],
        group_count: usize,
    ) -> FunctionResult<()>;

    /// The results of a stretch of groups; a group that never saw a row included. The state stays as it is.
    fn finish(&self, context: &mut Context<'_>, groups: Range<usize>) -> FunctionResult<Vector>;

    /// Forgets all groups.
    fn clear(&mut self);

    /// How many bytes it holds, roughly.
    fn memory(&self) -> usize;

    /// For `merge`.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}
