//! Steps of PostgreSQL's own aggregates whose states are values of SQL: for aggregates that users make of them.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{internal, scalar, scalar_lenient};
use diagnostic::SqlState;
use numeric::float::{Pairs, Single};
use numeric::{NumberType, NumericError};
use types::Kind;
use types::array::{ArrayBuilder, ArrayView};
use types::catalog::oid;
use types::datetime::Interval;
use types::datetime::arithmetic::{interval_add, interval_divide, interval_subtract};
use types::numeric::Numeric;
use types::value::Item;

/// The numbers of a state that is an array of so many floats.
fn parts<const N: usize>(state: &ArrayView<'_>, function: &str) -> FunctionResult<[f64; N]> {
    let mut found = [0.0; N];
    let fits = state.len() == N && state.dimensions().len() == 1 && state.element_type() == oid::FLOAT8;
    for (place, part) in found.iter_mut().enumerate() {
        match fits.then(|| state.item(place)) {
            Some(Item::Float64(number)) => *part = number,
            _ => {
                let message = format!("{function}: expected {N}-element float8 array");
                return Err(FunctionError::plain(SqlState::InternalError, message));
            }
        }
    }
    Ok(found)
}

/// A state of floats: how many, their sum, the sum of squares.
fn floats(state: &ArrayView<'_>, function: &str) -> FunctionResult<Single> {
    Ok(Single::of_parts(parts(state, function)?))
}

/// A state of pairs of floats.
fn pairs(state: &ArrayView<'_>, function: &str) -> FunctionResult<Pairs> {
    Ok(Pairs::of_parts(parts(state, function)?))
}

fn list(parts: &[f64]) -> Vec<u8> {
    let mut array = ArrayBuilder::new(oid::FLOAT8, Kind::Float64);
    parts.iter().for_each(|part| array.push(&Item::Float64(*part)));
    array.finish_list()
}

fn add_float(state: &ArrayView<'_>, value: f64, function: &str) -> FunctionResult<Vec<u8>> {
    let mut sum = floats(state, function)?;
    sum.add(value)?;
    Ok(list(&sum.parts()))
}

/// A state of intervals: their sum, and how many there are, counted in microseconds.
fn intervals(state: &ArrayView<'_>) -> FunctionResult<(Interval, i64)> {
    match (state.len(), first(state, 0), first(state, 1)) {
        (2, Item::Interval(sum), Item::Interval(count)) => Ok((sum, count.microseconds)),
        _ => Err(internal("expected 2-element interval array")),
    }
}

fn interval_list(sum: Interval, count: i64) -> Vec<u8> {
    let mut array = ArrayBuilder::new(oid::INTERVAL, Kind::Interval);
    array.push(&Item::Interval(sum));
    array.push(&Item::Interval(Interval { microseconds: count, days: 0, months: 0 }));
    array.finish_list()
}

/// How many whole numbers there are, and their sum.
fn whole(state: &ArrayView<'_>) -> FunctionResult<[i64; 2]> {
    if let (2, false, Item::Int64(count), Item::Int64(sum)) =
        (state.len(), state.has_nulls(), first(state, 0), first(state, 1))
    {
        return Ok([count, sum]);
    }
    Err(internal("expected 2-element int8 array"))
}

fn first<'a>(state: &ArrayView<'a>, place: usize) -> Item<'a> {
    if place < state.len() { state.item(place) } else { Item::Null }
}

/// The state with a number more, or less; sums wrap, as PostgreSQL's do.
fn add_whole(state: &ArrayView<'_>, value: i64, count: i64) -> FunctionResult<Vec<u8>> {
    let [before, sum] = whole(state)?;
    let mut array = ArrayBuilder::new(oid::INT8, Kind::Int64);
    array.push(&Item::Int64(before.wrapping_add(count)));
    array.push(&Item::Int64(sum.wrapping_add(value)));
    Ok(array.finish_list())
}

scalar! {
    fn float4_accum(state: ArrayView<'_>, value: f32) -> Vec<u8> { add_float(&state, f64::from(value), "float4_accum")? }
    fn float8_accum(state: ArrayView<'_>, value: f64) -> Vec<u8> { add_float(&state, value, "float8_accum")? }
    fn float8_avg(state: ArrayView<'_>) -> Option<f64> { floats(&state, "float8_avg")?.average() }
    fn float8_var_pop(state: ArrayView<'_>) -> Option<f64> { floats(&state, "float8_var_pop")?.variance(false) }
    fn float8_var_samp(state: ArrayView<'_>) -> Option<f64> { floats(&state, "float8_var_samp")?.variance(true) }
    fn float8_stddev_pop(state: ArrayView<'_>) -> Option<f64> { floats(&state, "float8_stddev_pop")?.deviation(false) }
    fn float8_stddev_samp(state: ArrayView<'_>) -> Option<f64> { floats(&state, "float8_stddev_samp")?.deviation(true) }
    fn int2_avg_accum(state: ArrayView<'_>, value: i16) -> Vec<u8> { add_whole(&state, i64::from(value), 1)? }
    fn int4_avg_accum(state: ArrayView<'_>, value: i32) -> Vec<u8> { add_whole(&state, i64::from(value), 1)? }
    fn int2_avg_accum_inv(state: ArrayView<'_>, value: i16) -> Vec<u8> {
        add_whole(&state, -i64::from(value), -1)?
    }
    fn int4_avg_accum_inv(state: ArrayView<'_>, value: i32) -> Vec<u8> {
        add_whole(&state, -i64::from(value), -1)?
    }
    fn int8_avg(state: ArrayView<'_>) -> Option<Numeric> {
        match whole(&state)? {
            [0, _] => None,
            [count, sum] => Some(Numeric::from(sum).divide(&Numeric::from(count))?),
        }
    }
    fn int2int4_sum(state: ArrayView<'_>) -> Option<i64> {
        let [count, sum] = whole(&state)?;
        (count != 0).then_some(sum)
    }
}

scalar! {
    fn float8_combine(one: ArrayView<'_>, other: ArrayView<'_>) -> Vec<u8> {
        let mut sum = floats(&one, "float8_combine")?;
        sum.merge(&floats(&other, "float8_combine")?)?;
        list(&sum.parts())
    }
    fn float8_regr_accum(state: ArrayView<'_>, y: f64, x: f64) -> Vec<u8> {
        let mut sum = pairs(&state, "float8_regr_accum")?;
        sum.add(y, x)?;
        list(&sum.parts())
    }
    fn float8_regr_combine(one: ArrayView<'_>, other: ArrayView<'_>) -> Vec<u8> {
        let mut sum = pairs(&one, "float8_regr_combine")?;
        sum.merge(&pairs(&other, "float8_regr_combine")?)?;
        list(&sum.parts())
    }
    fn float8_regr_sxx(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_sxx")?.sum_of_squares_x() }
    fn float8_regr_syy(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_syy")?.sum_of_squares_y() }
    fn float8_regr_sxy(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_sxy")?.sum_of_products() }
    fn float8_regr_avgx(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_avgx")?.average_x() }
    fn float8_regr_avgy(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_avgy")?.average_y() }
    fn float8_regr_r2(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_r2")?.determination() }
    fn float8_regr_slope(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_slope")?.slope() }
    fn float8_regr_intercept(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_regr_intercept")?.intercept() }
    fn float8_covar_pop(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_covar_pop")?.covariance(false) }
    fn float8_covar_samp(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_covar_samp")?.covariance(true) }
    fn float8_corr(state: ArrayView<'_>) -> Option<f64> { pairs(&state, "float8_corr")?.correlation() }
    fn int8inc_float8_float8(count: i64, y: f64, x: f64) -> i64 {
        count.checked_add(1).ok_or(NumericError::IntegerOutOfRange(NumberType::Int8))?
    }
    fn interval_accum(state: ArrayView<'_>, value: Interval) -> Vec<u8> {
        let (sum, count) = intervals(&state)?;
        interval_list(interval_add(sum, value)?, count.wrapping_add(1))
    }
    fn interval_accum_inv(state: ArrayView<'_>, value: Interval) -> Vec<u8> {
        let (sum, count) = intervals(&state)?;
        interval_list(interval_subtract(sum, value)?, count.wrapping_sub(1))
    }
    fn interval_combine(one: ArrayView<'_>, other: ArrayView<'_>) -> Vec<u8> {
        let ((sum, count), (more, number)) = (intervals(&one)?, intervals(&other)?);
        interval_list(interval_add(sum, more)?, count.wrapping_add(number))
    }
    fn interval_avg(state: ArrayView<'_>) -> Option<Interval> {
        match intervals(&state)? {
            (_, 0) => None,
            (sum, count) => Some(interval_divide(sum, count as f64)?),
        }
    }
    fn booland_statefunc(one: bool, other: bool) -> bool { one && other }
    fn boolor_statefunc(one: bool, other: bool) -> bool { one || other }
}

scalar_lenient! {
    fn int8_sum(state: Numeric, value: i64) -> Option<Numeric> {
        match (state, value.map(Numeric::from)) {
            (Some(state), Some(value)) => Some(state.add(&value)?),
            (known, None) | (None, known) => known,
        }
    }
    fn int2_sum(state: i64, value: i16) -> Option<i64> { sum(state, value.map(i64::from)) }
    fn int4_sum(state: i64, value: i32) -> Option<i64> { sum(state, value.map(i64::from)) }
}

/// A sum that begins with the first number that there is.
fn sum(state: Option<i64>, value: Option<i64>) -> Option<i64> {
    match (state, value) {
        (Some(state), Some(value)) => Some(state.wrapping_add(value)),
        (known, None) | (None, known) => known,
    }
}
