//! Values of statistics, tried: the planner asks which of them match a pattern.

use execute::{ExecuteError, World};
use functions::Site;
use plan::expression::Call;
use types::vector::VectorBuilder;
use types::{Type, Value, Vector};

/// For which values, as its first argument, a call of a known function is true whose second argument is a constant.
pub(crate) fn matches(
    world: &mut World<'_>,
    call: &Call,
    of: Type,
    values: &[&Value],
) -> Result<Option<Vec<bool>>, ExecuteError> {
    let (Some(function), [_, pattern]) =
        (functions::table::function(call.function.0), call.arguments.as_slice())
    else {
        return Ok(None);
    };
    let kind = |of: Type| world.context.types.entry(of.oid).and_then(|entry| entry.kind);
    let (Some(kind), Some(of_pattern), Some(constant)) =
        (kind(of), kind(pattern.result), pattern.as_constant())
    else {
        return Ok(None);
    };
    let mut builder = VectorBuilder::new(kind, values.len());
    values.iter().try_for_each(|value| builder.push(value))?;
    let vectors = [builder.finish(), Vector::constant(of_pattern, constant, values.len())?];
    let site = Site {
        function,
        native: 0,
        arguments: [of, pattern.result].into(),
        result: Type::of(function.result),
        variadic: false,
        columns: Box::default(),
    };
    let found = site.evaluate(&mut world.context, &vectors, values.len())?;
    Ok(Some((0..values.len()).map(|row| found.value(row) == Value::Bool(true)).collect()))
}
