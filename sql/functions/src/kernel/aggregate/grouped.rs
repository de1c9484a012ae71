//! The frame that all aggregates share: what is folded is theirs, how groups are kept is here.

use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups};
use crate::kernel::loops::{Take, internal};
use std::any::Any;
use std::ops::Range;
use types::Vector;

/// One aggregate's way of folding rows into a state.
pub(crate) trait Fold: Send + 'static {
    /// What is kept of a group.
    type State: Default + Clone + Send + 'static;
    /// Whether states hold bytes besides themselves.
    const HOLDS: bool = false;

    /// Whether to merge a state into that of the rows before it gives exactly what taking in its rows does, at little cost.
    const MERGES_EXACTLY: bool = false;

    /// Takes in rows.
    fn update(
        &mut self,
        context: &mut Context<'_>,
        states: &mut [Self::State],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()>;

    /// Takes in what another state has.
    fn merge(&mut self, state: &mut Self::State, other: &Self::State) -> FunctionResult<()>;

    /// The results.
    fn finish(&self, context: &mut Context<'_>, states: &[Self::State]) -> FunctionResult<Vector>;

    /// Takes rows back; `false` if it cannot, and then nothing has changed.
    fn retract(
        &mut self,
        state: &mut Self::State,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<bool> {
        let _ = (state, rows, arguments);
        Ok(false)
    }

    /// What of a state is left without another that was merged into it first, if that can be told exactly.
    fn without(state: &Self::State, other: &Self::State) -> Option<Self::State> {
        let _ = (state, other);
        None
    }

    /// Bytes that a state holds besides itself.
    fn memory(state: &Self::State) -> usize {
        let _ = state;
        0
    }
}

/// The states of all groups.
pub(crate) struct Grouped<F: Fold> {
    fold: F,
    states: Vec<F::State>,
}

/// A fold as the executor sees it.
pub(crate) fn grouped<F: Fold>(fold: F) -> FunctionResult<Box<dyn AggregateState>> {
    Ok(Box::new(Grouped { fold, states: Vec::new() }))
}

impl<F: Fold> Grouped<F> {
    fn room(&mut self, group_count: usize) {
        if self.states.len() < group_count {
            self.states.resize_with(group_count, F::State::default);
        }
    }
}

impl<F: Fold> AggregateState for Grouped<F> {
    fn update(
        &mut self,
        context: &mut Context<'_>,
        groups: Groups<'_>,
        group_count: usize,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        self.room(group_count);
        self.fold.update(context, &mut self.states, groups, rows, arguments)
    }

    fn retract(
        &mut self,
        _: &mut Context<'_>,
        group: u32,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<bool> {
        match self.states.get_mut(group as usize) {
            Some(state) => self.fold.retract(state, rows, arguments),
            None => Ok(rows == 0),
        }
    }

    fn merge(
        &mut self,
        _: &mut Context<'_>,
        other: Box<dyn AggregateState>,
        mapping: &[u32],
        group_count: usize,
    ) -> FunctionResult<()> {
        let other = other.into_any().downcast::<Grouped<F>>();
        let other = other.map_err(|_| internal("states of two aggregates"))?;
        self.room(group_count);
        for (state, group) in other.states.iter().zip(mapping) {
            self.fold.merge(&mut self.states[*group as usize], state)?;
        }
        Ok(())
    }

    fn accumulate(&mut self, group_count: usize, starts: &[usize]) -> FunctionResult<bool> {
        if !F::MERGES_EXACTLY {
            return Ok(false);
        }
        self.room(group_count);
        let ends = starts.iter().skip(1).copied().chain([group_count]);
        for (start, end) in starts.iter().zip(ends) {
            let Some(mut all) = self.states.get(*start).cloned() else { continue };
            for state in &mut self.states[*start + 1..end] {
                self.fold.merge(&mut all, state)?;
                state.clone_from(&all);
            }
        }
        Ok(true)
    }

    fn subtract(&mut self, ranges: &[Range<usize>], starts: &[usize]) -> FunctionResult<bool> {
        if F::without(&F::State::default(), &F::State::default()).is_none() {
            return Ok(false);
        }
        let mut states = Vec::with_capacity(ranges.len());
        let mut starts = starts.iter().copied().peekable();
        let mut start = 0;
        for (place, range) in ranges.iter().enumerate() {
            if let Some(next) = starts.next_if(|next| *next <= place) {
                start = next;
            }
            states.push(match (range.is_empty(), range.start == start) {
                (true, _) => F::State::default(),
                (false, true) => self.states[range.end - 1].clone(),
                (false, false) => {
                    match F::without(&self.states[range.end - 1], &self.states[range.start - 1]) {
                        Some(state) => state,
                        None => return Ok(false),
                    }
                }
            });
        }
        self.states = states;
        Ok(true)
    }

    fn finish(&self, context: &mut Context<'_>, groups: Range<usize>) -> FunctionResult<Vector> {
        let made = self.states.len();
        if groups.end <= made {
            return self.fold.finish(context, &self.states[groups]);
        }
        let mut states = self.states.get(groups.start..).unwrap_or(&[]).to_vec();
        states.resize_with(groups.len(), F::State::default);
        self.fold.finish(context, &states)
    }

    fn clear(&mut self) {
        self.states.clear();
    }

    fn memory(&self) -> usize {
        // Asked after every chunk: who holds nothing is spared a look at each group.
        let held: usize = if F::HOLDS { self.states.iter().map(F::memory).sum() } else { 0 };
        self.states.capacity() * size_of::<F::State>() + held
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Shows `each` the group and the value of each row that is not null.
#[inline]
pub(crate) fn each_value<'a, T: Take<'a>>(
    vector: &'a Vector,
    groups: Groups<'_>,
    rows: usize,
    mut each: impl FnMut(usize, T) -> FunctionResult<()>,
) -> FunctionResult<()> {
    let column = T::column(vector)?;
    let step = usize::from(!vector.is_constant());
    match vector.nulls() {
        None => (0..rows).try_for_each(|row| each(groups.of(row), T::at(column, row * step)?)),
        Some(nulls) => (0..rows)
            .filter(|row| !nulls.get(row * step))
            .try_for_each(|row| each(groups.of(row), T::at(column, row * step)?)),
    }
}

/// Whether the values of a vector can be looked at at once: no nulls, not constant.
pub(crate) fn is_plain(vector: &Vector) -> bool {
    !vector.has_nulls() && !vector.is_constant()
}
