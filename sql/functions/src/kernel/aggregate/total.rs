//! `sum` and `avg`.

use super::grouped::{Fold, each_value, grouped, is_plain};
use crate::error::{FunctionError, FunctionResult};
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::loops::{collect_all, internal};
use diagnostic::SqlState;
use numeric::float::{Float, Single};
use numeric::{NumberType, Numeric, NumericError, Sum};
use types::catalog::oid;
use types::datetime::{self, Interval};
use types::vector::{Data, NumericVector, sum_int};
use types::{Kind, Vector};

/// What a sum of integers is shown as.
#[derive(Clone, Copy)]
enum Shown {
    /// `bigint` or `money`.
    Int8,
    Numeric,
    Average,
}

/// Sums of integers: no number of rows overflows 127 bits.
struct Integers {
    shown: Shown,
    what: NumberType,
}

#[derive(Clone, Copy, Default)]
struct Whole {
    sum: i128,
    count: i64,
}

impl Whole {
    fn numeric(self) -> FunctionResult<Numeric> {
        match i64::try_from(self.sum) {
            Ok(sum) => Ok(Numeric::from(sum)),
            Err(_) => Ok(Numeric::parse(&self.sum.to_string(), None)?),
        }
    }
}

fn each_integer(
    vector: &Vector,
    groups: Groups<'_>,
    rows: usize,
    mut each: impl FnMut(usize, i64),
) -> FunctionResult<()> {
    match vector.kind() {
        Kind::Int16 => each_value::<i16>(vector, groups, rows, |group, value| {
            each(group, i64::from(value));
            Ok(())
        }),
        Kind::Int32 => each_value::<i32>(vector, groups, rows, |group, value| {
            each(group, i64::from(value));
            Ok(())
        }),
        _ => each_value::<i64>(vector, groups, rows, |group, value| {
            each(group, value);
            Ok(())
        }),
    }
}

impl Fold for Integers {
    type State = Whole;
    const MERGES_EXACTLY: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Whole],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        if let (Groups::One(group), Some((sum, count))) = (groups, sum_int(&arguments[0])) {
            let state = &mut states[group as usize];
            state.sum += sum;
            state.count += count as i64;
            return Ok(());
        }
        each_integer(&arguments[0], groups, rows, |group, value| {
            states[group].sum += i128::from(value);
            states[group].count += 1;
        })
    }

    fn merge(&mut self, state: &mut Whole, other: &Whole) -> FunctionResult<()> {
        state.sum += other.sum;
        state.count += other.count;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Whole]) -> FunctionResult<Vector> {
        let seen = |row: usize| Some(states[row]).filter(|state| state.count > 0);
        match self.shown {
            Shown::Int8 => collect_all::<Option<i64>>(states.len(), |row| {
                let out_of_range = |_| NumericError::IntegerOutOfRange(self.what);
                Ok(seen(row).map(|state| i64::try_from(state.sum).map_err(out_of_range)).transpose()?)
            }),
            Shown::Numeric => {
                collect_all::<Option<Numeric>>(states.len(), |row| seen(row).map(Whole::numeric).transpose())
            }
            Shown::Average => collect_all::<Option<Numeric>>(states.len(), |row| {
                let average = |state: Whole| Ok(state.numeric()?.divide(&Numeric::from(state.count))?);
                seen(row).map(average).transpose()
            }),
        }
    }

    fn without(state: &Whole, other: &Whole) -> Option<Whole> {
        Some(Whole { sum: state.sum - other.sum, count: state.count - other.count })
    }

    fn retract(&mut self, state: &mut Whole, rows: usize, arguments: &[Vector]) -> FunctionResult<bool> {
        each_integer(&arguments[0], Groups::One(0), rows, |_, value| {
            state.sum -= i128::from(value);
            state.count -= 1;
        })?;
        Ok(true)
    }
}

/// Sums of `numeric`.
struct Numerics {
    average: bool,
}

impl Fold for Numerics {
    type State = Sum;
    const MERGES_EXACTLY: bool = true;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Sum],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let vector = &arguments[0];
        if let (Groups::One(group), true) = (groups, is_plain(vector))
            && let Data::Numeric(NumericVector::Uniform { mantissas, scale }) = vector.data()
        {
            states[group as usize].add_mantissas(mantissas, *scale);
            return Ok(());
        }
        if let (Groups::Each(groups), true) = (groups, is_plain(vector))
            && let Data::Numeric(NumericVector::Uniform { mantissas, scale }) = vector.data()
        {
            for (group, mantissa) in groups[..rows].iter().zip(mantissas.iter()) {
                states[*group as usize].add_mantissa(*mantissa, *scale);
            }
            return Ok(());
        }
        each_value::<Numeric>(vector, groups, rows, |group, value| {
            states[group].add(&value);
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Sum, other: &Sum) -> FunctionResult<()> {
        state.merge(other);
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Sum]) -> FunctionResult<Vector> {
        collect_all::<Option<Numeric>>(states.len(), |row| {
            Ok(if self.average { states[row].average()? } else { states[row].sum()? })
        })
    }

    fn retract(&mut self, state: &mut Sum, rows: usize, arguments: &[Vector]) -> FunctionResult<bool> {
        let mut left = state.clone();
        let mut exact = true;
        each_value::<Numeric>(&arguments[0], Groups::One(0), rows, |_, value| {
            exact = exact && left.remove(&value);
            Ok(())
        })?;
        if exact {
            *state = left;
        }
        Ok(exact)
    }
}

/// Sums of `real`, in its own precision.
struct Float4;

impl Fold for Float4 {
    type State = Option<f32>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<f32>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<f32>(&arguments[0], groups, rows, |group, value| {
            let state = &mut states[group];
            *state = Some(match *state {
                Some(sum) => sum.plus(value)?,
                None => value,
            });
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Option<f32>, other: &Option<f32>) -> FunctionResult<()> {
        *state = match (*state, *other) {
            (Some(left), Some(right)) => Some(left.plus(right)?),
            (left, right) => left.or(right),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<f32>]) -> FunctionResult<Vector> {
        collect_all::<Option<f32>>(states.len(), |row| Ok(states[row]))
    }
}

/// Sums of `double precision`.
struct Float8;

impl Fold for Float8 {
    type State = Option<f64>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<f64>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<f64>(&arguments[0], groups, rows, |group, value| {
            let state = &mut states[group];
            *state = Some(match *state {
                Some(sum) => sum.plus(value)?,
                None => value,
            });
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut Option<f64>, other: &Option<f64>) -> FunctionResult<()> {
        *state = match (*state, *other) {
            (Some(left), Some(right)) => Some(left.plus(right)?),
            (left, right) => left.or(right),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<f64>]) -> FunctionResult<Vector> {
        collect_all::<Option<f64>>(states.len(), |row| Ok(states[row]))
    }
}

/// Averages of floats.
struct FloatAverage;

impl Fold for FloatAverage {
    type State = Single;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Single],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        super::statistics::each_float(&arguments[0], groups, rows, |group, value| {
            Ok(states[group].add(value)?)
        })
    }

    fn merge(&mut self, state: &mut Single, other: &Single) -> FunctionResult<()> {
        state.merge(other)?;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Single]) -> FunctionResult<Vector> {
        collect_all::<Option<f64>>(states.len(), |row| Ok(states[row].average()))
    }
}

/// Sums and averages of intervals.
struct Intervals {
    average: bool,
}

impl Fold for Intervals {
    type State = Option<(Interval, i64)>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<(Interval, i64)>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<Interval>(&arguments[0], groups, rows, |group, value| {
            self.merge(&mut states[group], &Some((value, 1)))
        })
    }

    fn merge(
        &mut self,
        state: &mut Option<(Interval, i64)>,
        other: &Option<(Interval, i64)>,
    ) -> FunctionResult<()> {
        *state = match (*state, *other) {
            (Some((left, left_count)), Some((right, right_count))) => {
                Some((datetime::arithmetic::interval_add(left, right)?, left_count + right_count))
            }
            (left, right) => left.or(right),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<(Interval, i64)>]) -> FunctionResult<Vector> {
        collect_all::<Option<Interval>>(states.len(), |row| match states[row] {
            Some((sum, count)) if self.average => {
                Ok(Some(datetime::arithmetic::interval_divide(sum, count as f64)?))
            }
            state => Ok(state.map(|(sum, _)| sum)),
        })
    }

    fn retract(
        &mut self,
        state: &mut Option<(Interval, i64)>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<bool> {
        each_value::<Interval>(&arguments[0], Groups::One(0), rows, |_, value| {
            *state = match *state {
                Some((sum, count)) if count > 1 => {
                    Some((datetime::arithmetic::interval_subtract(sum, value)?, count - 1))
                }
                _ => None,
            };
            Ok(())
        })?;
        Ok(true)
    }
}

fn of_argument(site: &Site) -> u32 {
    site.arguments.first().map_or(0, |of| of.oid)
}

fn not_summed() -> FunctionError {
    internal("a sum of a type that has none")
}

pub(crate) fn agg_sum(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    match of_argument(site) {
        oid::INT2 | oid::INT4 => grouped(Integers { shown: Shown::Int8, what: NumberType::Int8 }),
        oid::MONEY => grouped(Money),
        oid::INT8 => grouped(Integers { shown: Shown::Numeric, what: NumberType::Numeric }),
        oid::NUMERIC => grouped(Numerics { average: false }),
        oid::FLOAT4 => grouped(Float4),
        oid::FLOAT8 => grouped(Float8),
        oid::INTERVAL | oid::TIME => grouped(Intervals { average: false }),
        _ => Err(not_summed()),
    }
}

/// Sums of `money`.
struct Money;

impl Fold for Money {
    type State = Option<i64>;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Option<i64>],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_value::<i64>(&arguments[0], groups, rows, |group, value| {
            self.merge(&mut states[group], &Some(value))
        })
    }

    fn merge(&mut self, state: &mut Option<i64>, other: &Option<i64>) -> FunctionResult<()> {
        let out_of_range = || FunctionError::plain(SqlState::NumericValueOutOfRange, "money out of range");
        *state = match (*state, *other) {
            (Some(left), Some(right)) => Some(left.checked_add(right).ok_or_else(out_of_range)?),
            (left, right) => left.or(right),
        };
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Option<i64>]) -> FunctionResult<Vector> {
        collect_all::<Option<i64>>(states.len(), |row| Ok(states[row]))
    }
}

pub(crate) fn agg_avg(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    match of_argument(site) {
        oid::INT2 | oid::INT4 | oid::INT8 => {
            grouped(Integers { shown: Shown::Average, what: NumberType::Numeric })
        }
        oid::NUMERIC => grouped(Numerics { average: true }),
        oid::FLOAT4 | oid::FLOAT8 => grouped(FloatAverage),
        oid::INTERVAL => grouped(Intervals { average: true }),
        _ => Err(not_summed()),
    }
}
