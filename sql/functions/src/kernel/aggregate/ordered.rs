//! `percentile_disc`, `percentile_cont` and `mode`: rows come in the order of `WITHIN GROUP`.

use super::grouped::{Fold, grouped};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{AggregateState, Context, Groups, Site, kind_of};
use crate::kernel::loops::internal;
use diagnostic::SqlState;
use types::array::{ArrayBuilder, ArrayView, Dimension};
use types::catalog::{oid, type_name};
use types::datetime::Interval;
use types::datetime::arithmetic::{interval_add, interval_multiply, interval_subtract};
use types::vector::{Order, VectorBuilder};
use types::{Item, Kind, Type, Value, Vector};

/// The values of a group that are not null, in order, and the arguments in front.
#[derive(Clone, Default)]
struct Sorted {
    values: Vec<Value>,
    direct: Option<Value>,
}

#[derive(Clone, Copy, PartialEq)]
enum Figure {
    Discrete,
    Continuous,
    Mode,
}

struct Ordered {
    figure: Figure,
    /// Type and kind of the values.
    of: Type,
    kind: Kind,
    /// The arguments in front are an array, and so is the result.
    many: bool,
    order: Option<Order>,
}

impl Fold for Ordered {
    type State = Sorted;
    const HOLDS: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Sorted],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let Some((values, direct)) = arguments.split_last() else { return Err(internal("no arguments")) };
        for row in 0..rows {
            let state = &mut states[groups.of(row)];
            if let (None, Some(direct)) = (&state.direct, direct.first()) {
                state.direct = Some(direct.value(row));
            }
            if !values.is_null(row) {
                state.values.push(values.value(row));
            }
        }
        Ok(())
    }

    fn merge(&mut self, state: &mut Sorted, other: &Sorted) -> FunctionResult<()> {
        if let (false, Some(order)) = (state.values.is_empty(), &self.order) {
            // Each is sorted in itself, not one after the other; descending orders are told by the ends.
            let all: Vec<Value> = state.values.drain(..).chain(other.values.iter().cloned()).collect();
            state.values = all;
            state.values.sort_by(|left, right| order.compare(&Item::from(left), &Item::from(right)));
        } else {
            state.values.extend(other.values.iter().cloned());
        }
        state.direct = state.direct.take().or_else(|| other.direct.clone());
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Sorted]) -> FunctionResult<Vector> {
        let kind = if self.many { Kind::Bytes } else { self.kind };
        let mut builder = VectorBuilder::new(kind, states.len());
        for state in states {
            let value = match (self.figure, self.many) {
                (Figure::Mode, _) => self.mode(state),
                (_, false) => match &state.direct {
                    Some(Value::Float64(fraction)) => self.percentile(state, *fraction)?,
                    _ => Value::Null,
                },
                (_, true) => self.percentiles(state)?,
            };
            builder.push(&value)?;
        }
        Ok(builder.finish())
    }

    fn memory(state: &Sorted) -> usize {
        state.values.capacity() * size_of::<Value>()
    }
}

impl Ordered {
    /// The value that is there most often; the first of several.
    fn mode(&self, state: &Sorted) -> Value {
        let Some(order) = &self.order else { return Value::Null };
        let (mut best, mut best_count, mut count) = (0, 0, 0);
        for (place, value) in state.values.iter().enumerate() {
            let same =
                place > 0 && order.compare(&Item::from(&state.values[place - 1]), &Item::from(value)).is_eq();
            count = if same { count + 1 } else { 1 };
            if count > best_count {
                (best, best_count) = (place, count);
            }
        }
        state.values.get(best).cloned().unwrap_or(Value::Null)
    }

    fn percentile(&self, state: &Sorted, fraction: f64) -> FunctionResult<Value> {
        if !(0.0..=1.0).contains(&fraction) {
            let mut shown = String::new();
            numeric::float::write_float8(fraction, 1, &mut shown);
            let message = format!("percentile value {shown} is not between 0 and 1");
            return Err(FunctionError::plain(SqlState::NumericValueOutOfRange, message));
        }
        let count = state.values.len();
        if count == 0 {
            return Ok(Value::Null);
        }
        if self.figure == Figure::Discrete {
            let place = (fraction * count as f64).ceil() as usize;
            return Ok(state.values[place.max(1).min(count) - 1].clone());
        }
        let place = fraction * (count as f64 - 1.0);
        let (first, second) = (place.floor() as usize, place.ceil() as usize);
        let low = &state.values[first.min(count - 1)];
        if first == second {
            return Ok(low.clone());
        }
        between(low, &state.values[second.min(count - 1)], place - first as f64)
    }

    /// A percentile for each element of the array in front, in an array of the same shape.
    fn percentiles(&self, state: &Sorted) -> FunctionResult<Value> {
        let Some(Value::Bytes(bytes)) = &state.direct else { return Ok(Value::Null) };
        if state.values.is_empty() {
            return Ok(Value::Null);
        }
        let fractions = ArrayView::new(bytes).ok_or_else(|| internal("damaged array"))?;
        let mut builder = ArrayBuilder::new(self.of.oid, self.kind);
        for item in fractions.items() {
            let value = match item {
                Item::Float64(fraction) => self.percentile(state, fraction)?,
                _ => Value::Null,
            };
            builder.push(&Item::from(&value));
        }
        let shape: Vec<Dimension> = fractions.dimensions().collect();
        Ok(Value::Bytes(builder.finish(&shape).into()))
    }
}

/// What lies between two values, at a fraction of the way.
fn between(low: &Value, high: &Value, fraction: f64) -> FunctionResult<Value> {
    match (low, high) {
        (Value::Float64(low), Value::Float64(high)) => Ok(Value::Float64(low + fraction * (high - low))),
        (Value::Interval(low), Value::Interval(high)) => {
            let way: Interval = interval_multiply(interval_subtract(*high, *low)?, fraction)?;
            Ok(Value::Interval(interval_add(way, *low)?))
        }
        _ => Err(internal("values that nothing lies between")),
    }
}

fn ordered(context: &Context<'_>, site: &Site, figure: Figure) -> FunctionResult<Box<dyn AggregateState>> {
    let of = site.arguments.last().copied().unwrap_or(site.result);
    let many = figure != Figure::Mode && site.arguments.first().is_some_and(|of| of.oid != oid::FLOAT8);
    let order = context.types.order(of);
    if order.is_none() {
        return Err(FunctionError::NoComparison(type_name(context.types, of.oid, None)));
    }
    grouped(Ordered { figure, of, kind: kind_of(context, of)?, many, order })
}

pub(crate) fn agg_percentile_disc(
    context: &Context<'_>,
    site: &Site,
) -> FunctionResult<Box<dyn AggregateState>> {
    ordered(context, site, Figure::Discrete)
}

pub(crate) fn agg_percentile_cont(
    context: &Context<'_>,
    site: &Site,
) -> FunctionResult<Box<dyn AggregateState>> {
    ordered(context, site, Figure::Continuous)
}

pub(crate) fn agg_mode(context: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    ordered(context, site, Figure::Mode)
}
