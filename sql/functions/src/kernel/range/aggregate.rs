//! `range_agg`, `range_intersect_agg`: of ranges and of sets of them.

use super::{Operand, Ranges, operand, range_type};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::aggregate::grouped::{Fold, grouped};
use crate::kernel::loops::collect_all;
use types::Vector;
use types::range::{Range, RangeType, normalised};

/// What a group's ranges come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Union,
    Intersection,
}

struct Gathered {
    of: RangeType,
    operand: Operand,
    wanted: Wanted,
    /// Whether the result is a range.
    range: bool,
}

impl Gathered {
    fn take(&self, state: &mut Option<Vec<Range>>, ranges: Vec<Range>) -> FunctionResult<()> {
        *state = Some(match (state.take(), self.wanted) {
            (None, _) => ranges,
            (Some(mut kept), Wanted::Union) => {
                kept.extend(ranges);
                kept
            }
            (Some(kept), Wanted::Intersection) => self.of.set_intersect(&kept, &ranges)?,
        });
        Ok(())
    }
}

impl Fold for Gathered {
    type State = Option<Vec<Range>>;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<Vec<Range>>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        for row in (0..rows).filter(|row| !arguments[0].is_null(*row)) {
            if let Ranges::Of(ranges) = self.operand.read(&self.of, &arguments[0].item(row))? {
                self.take(&mut states[groups.of(row)], ranges)?;
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut Option<Vec<Range>>, other: &Option<Vec<Range>>) -> FunctionResult<()> {
        match other {
            Some(ranges) => self.take(state, ranges.clone()),
            None => Ok(()),
        }
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<Vec<Range>>]) -> FunctionResult<Vector> {
        collect_all::<Option<Vec<u8>>>(states.len(), |group| {
            let Some(ranges) = &states[group] else { return Ok(None) };
            Ok(Some(if self.range {
                self.of.encode(ranges.first().unwrap_or(&Range::EMPTY))
            } else {
                self.of.encode_set(&normalised(&self.of, ranges.clone())?)
            }))
        })
    }

    fn memory(state: &Option<Vec<Range>>) -> usize {
        state.as_ref().map_or(0, |ranges| ranges.capacity() * size_of::<Range>())
    }
}

fn gathered(context: &Context<'_>, site: &Site, wanted: Wanted) -> FunctionResult<Box<dyn AggregateState>> {
    let argument = site.arguments.first().copied().unwrap_or(site.result);
    grouped(Gathered {
        of: range_type(context, argument)?,
        operand: operand(context, argument),
        wanted,
        range: matches!(operand(context, site.result), Operand::Range),
    })
}

pub(crate) fn agg_range_agg(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    gathered(context, site, Wanted::Union)
}

pub(crate) fn agg_range_intersect_agg(
    context: &Context<'_>,
    site: &Site,
) -> FunctionResult<Box<dyn AggregateState>> {
    gathered(context, site, Wanted::Intersection)
}
