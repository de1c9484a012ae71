//! Variances, deviations, correlations, regressions.

use super::grouped::{Fold, each_value, grouped};
use crate::error::FunctionResult;
use crate::evaluate::{AggregateState, Context, Groups, Site};
use crate::kernel::loops::{Take, collect_all};
use numeric::float::{Pairs, Single};
use numeric::{Moments, Numeric};
use types::catalog::oid;
use types::{Kind, Vector};

/// Shows each value of a column of either float type.
pub(super) fn each_float(
    vector: &Vector,
    groups: Groups<'_>,
    rows: usize,
    mut each: impl FnMut(usize, f64) -> FunctionResult<()>,
) -> FunctionResult<()> {
    match vector.kind() {
        Kind::Float32 => {
            each_value::<f32>(vector, groups, rows, |group, value| each(group, f64::from(value)))
        }
        _ => each_value::<f64>(vector, groups, rows, each),
    }
}

/// Which figure is asked for.
#[derive(Clone, Copy)]
struct Spread {
    sample: bool,
    root: bool,
}

/// Of integers and numerics, exactly.
struct Exact(Spread);

impl Fold for Exact {
    type State = Moments;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Moments],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        let vector = &arguments[0];
        match vector.kind() {
            Kind::Int16 => each_value::<i16>(vector, groups, rows, |group, value| {
                states[group].add_integer(i64::from(value));
                Ok(())
            }),
            Kind::Int32 => each_value::<i32>(vector, groups, rows, |group, value| {
                states[group].add_integer(i64::from(value));
                Ok(())
            }),
            Kind::Int64 => each_value::<i64>(vector, groups, rows, |group, value| {
                states[group].add_integer(value);
                Ok(())
            }),
            _ => each_value::<Numeric>(vector, groups, rows, |group, value| {
                states[group].add(&value);
                Ok(())
            }),
        }
    }

    fn merge(&mut self, state: &mut Moments, other: &Moments) -> FunctionResult<()> {
        state.merge(other);
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Moments]) -> FunctionResult<Vector> {
        let Spread { sample, root } = self.0;
        collect_all::<Option<Numeric>>(states.len(), |row| {
            Ok(if root { states[row].deviation(sample)? } else { states[row].variance(sample)? })
        })
    }
}

/// Of floats.
struct Rough(Spread);

impl Fold for Rough {
    type State = Single;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Single],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_float(&arguments[0], groups, rows, |group, value| Ok(states[group].add(value)?))
    }

    fn merge(&mut self, state: &mut Single, other: &Single) -> FunctionResult<()> {
        state.merge(other)?;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Single]) -> FunctionResult<Vector> {
        let Spread { sample, root } = self.0;
        collect_all::<Option<f64>>(states.len(), |row| {
            Ok(if root { states[row].deviation(sample) } else { states[row].variance(sample) })
        })
    }
}

fn spread(site: &Site, sample: bool, root: bool) -> FunctionResult<Box<dyn AggregateState>> {
    match site.arguments.first().map_or(0, |of| of.oid) {
        oid::FLOAT4 | oid::FLOAT8 => grouped(Rough(Spread { sample, root })),
        _ => grouped(Exact(Spread { sample, root })),
    }
}

macro_rules! spreads {
    ($($name:ident, $sample:literal, $root:literal;)*) => {
        $(pub(crate) fn $name(_: &Context<'_>, site: &Site) -> FunctionResult<Box<dyn AggregateState>> {
            spread(site, $sample, $root)
        })*
    };
}

// kernel: aggregate
spreads! {
    agg_var_pop, false, false;
    agg_var_samp, true, false;
    agg_variance, true, false;
    agg_stddev_pop, false, true;
    agg_stddev_samp, true, true;
    agg_stddev, true, true;
}

/// Of pairs of floats.
struct Paired(fn(&Pairs) -> Option<f64>);

fn each_pair(
    arguments: &[Vector],
    rows: usize,
    mut each: impl FnMut(usize, f64, f64) -> FunctionResult<()>,
) -> FunctionResult<()> {
    let (y, x) = (&arguments[0], &arguments[1]);
    let (y_values, x_values) = (<f64 as Take>::column(y)?, <f64 as Take>::column(x)?);
    (0..rows)
        .filter(|row| !y.is_null(*row) && !x.is_null(*row))
        .try_for_each(|row| each(row, y_values[y.place(row)], x_values[x.place(row)]))
}

impl Fold for Paired {
    type State = Pairs;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [Pairs],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_pair(arguments, rows, |row, y, x| Ok(states[groups.of(row)].add(y, x)?))
    }

    fn merge(&mut self, state: &mut Pairs, other: &Pairs) -> FunctionResult<()> {
        state.merge(other)?;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[Pairs]) -> FunctionResult<Vector> {
        collect_all::<Option<f64>>(states.len(), |row| Ok((self.0)(&states[row])))
    }
}

/// How many pairs there are.
struct PairCount;

impl Fold for PairCount {
    type State = i64;

    fn update(
        &mut self,
        _: &mut Context<'_>,
        states: &mut [i64],
        groups: Groups<'_>,
        rows: usize,
        arguments: &[Vector],
    ) -> FunctionResult<()> {
        each_pair(arguments, rows, |row, _, _| {
            states[groups.of(row)] += 1;
            Ok(())
        })
    }

    fn merge(&mut self, state: &mut i64, other: &i64) -> FunctionResult<()> {
        *state += other;
        Ok(())
    }

    fn finish(&self, _: &mut Context<'_>, states: &[i64]) -> FunctionResult<Vector> {
        Ok(Vector::from_values(states.to_vec()))
    }
}

pub(crate) fn agg_regr_count(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
    grouped(PairCount)
}

macro_rules! pairs {
    ($($name:ident, $figure:expr;)*) => {
        $(pub(crate) fn $name(_: &Context<'_>, _: &Site) -> FunctionResult<Box<dyn AggregateState>> {
            grouped(Paired($figure))
        })*
    };
}

// kernel: aggregate
pairs! {
    agg_regr_sxx, Pairs::sum_of_squares_x;
    agg_regr_syy, Pairs::sum_of_squares_y;
    agg_regr_sxy, Pairs::sum_of_products;
    agg_regr_avgx, Pairs::average_x;
    agg_regr_avgy, Pairs::average_y;
    agg_regr_r2, Pairs::determination;
    agg_regr_slope, Pairs::slope;
    agg_regr_intercept, Pairs::intercept;
    agg_covar_pop, |pairs| pairs.covariance(false);
    agg_covar_samp, |pairs| pairs.covariance(true);
    agg_corr, Pairs::correlation;
}
