//! Steps of PostgreSQL's own aggregates whose states are values of SQL: for aggregates that users make of them.

use crate::error::{FunctionError, FunctionResult};
use crate::kernel::loops::{internal, scalar, scalar_lenient};
use diagnostic::SqlState;
use numeric::float::Single;
use types::Kind;
use types::array::{ArrayBuilder, ArrayView};
use types::catalog::oid;
use types::numeric::Numeric;
use types::value::Item;

/// The numbers of a state that is an array of floats: how many, their sum, the sum of squares.
fn floats(state: &ArrayView<'_>, function: &str) -> FunctionResult<Single> {
    let wrong = || {
        let message = format!("{function}: expected 3-element float8 array");
        FunctionError::plain(SqlState::InternalError, message)
    };
    let number = |place: usize| match state.item(place) {
        Item::Float64(number) => Ok(number),
        _ => Err(wrong()),
    };
    if state.len() != 3 || state.dimensions().len() != 1 || state.element_type() != oid::FLOAT8 {
        return Err(wrong());
    }
    Ok(Single::of_parts([number(0)?, number(1)?, number(2)?]))
}

fn add_float(state: &ArrayView<'_>, value: f64, function: &str) -> FunctionResult<Vec<u8>> {
    let mut sum = floats(state, function)?;
    sum.add(value)?;
    let mut array = ArrayBuilder::new(oid::FLOAT8, Kind::Float64);
    sum.parts().iter().for_each(|part| array.push(&Item::Float64(*part)));
    Ok(array.finish_list())
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

scalar_lenient! {
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
