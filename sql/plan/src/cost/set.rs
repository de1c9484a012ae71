//! How many rows a call gives that returns a set.
//!
//! What `pg_proc.prorows` says, unless the arguments tell more: PostgreSQL's support functions of `generate_series` over integers
//! and of `unnest`.

use crate::expression::{Call, Expression, ExpressionKind};
use crate::facts::Facts;
use types::Value;
use types::array::ArrayView;

/// `generate_series` of `int4` and `int8`, with a step and without.
const SERIES: [u32; 4] = [1066, 1067, 1068, 1069];
/// `unnest(anyarray)`
const UNNEST: u32 = 2331;
/// Elements of an array of which nothing is known.
const ARRAY_LENGTH: f64 = 10.0;

/// How many rows an expression gives; one if it is no set.
pub(crate) fn set_rows(facts: &dyn Facts, expression: &Expression) -> f64 {
    let ExpressionKind::Call(call) = &expression.kind else { return 1.0 };
    let Some(usual) = facts.function(call.function).returns_set else { return 1.0 };
    let known = match call.function.0 {
        UNNEST => call.arguments.first().map(array_length),
        function if SERIES.contains(&function) => series_length(call),
        _ => None,
    };
    super::clamp_rows(known.unwrap_or(usual))
}

fn array_length(array: &Expression) -> f64 {
    match &array.kind {
        ExpressionKind::Constant(value) => {
            value.as_bytes().and_then(ArrayView::new).map_or(0.0, |array| array.len() as f64)
        }
        ExpressionKind::Array { elements, nested: false } => elements.len() as f64,
        ExpressionKind::Relabel(operand) => array_length(operand),
        _ => ARRAY_LENGTH,
    }
}

/// If the ends, and the step, are known.
fn series_length(call: &Call) -> Option<f64> {
    let mut ends = [0.0, 0.0, 1.0];
    for (end, argument) in ends.iter_mut().zip(&call.arguments) {
        *end = match argument.as_constant()? {
            // Nothing comes of null.
            Value::Null => return Some(0.0),
            Value::Int32(number) => f64::from(*number),
            Value::Int64(number) => *number as f64,
            _ => return None,
        };
    }
    let [start, end, step] = ends;
    (step != 0.0).then(|| ((end - start + step) / step).floor())
}
