//! `count`.

use super::grouped::{Fold, grouped};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use types::Vector;

/// Counts rows, or those whose argument is not null.
struct Count;

fn counted(arguments: &[Vector], rows: usize) -> usize {
    rows - arguments.first().map_or(0, Vector::null_count)
}

impl Fold for Count {
    type State = i64;
    const MERGES_EXACTLY: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [i64],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        match (groups, arguments.first().filter(|vector| vector.has_nulls())) {
            (Groups::One(group), _) => states[group as usize] += counted(arguments, rows) as i64,
            (Groups::Each(groups), None) => {
                groups[..rows].iter().for_each(|group| states[*group as usize] += 1);
            }
            (Groups::Each(groups), Some(vector)) => {
                for (row, group) in groups[..rows].iter().enumerate() {
                    states[*group as usize] += i64::from(!vector.is_null(row));
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut i64, other: &i64) -> FunctionResult<()> {
        *state += other;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[i64]) -> FunctionResult<Vector> {
        Ok(Vector::from_values(states.to_vec()))
    }

    fn without(state: &i64, other: &i64) -> Option<i64> {
        Some(state - other)
    }

    fn retract(&mut self, state: &mut i64, rows: usize, arguments: &[Vector]) -> FunctionResult<bool> {
        *state -= counted(arguments, rows) as i64;
        Ok(true)
    }
}

pub(crate) fn agg_count(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    grouped(Count)
}
