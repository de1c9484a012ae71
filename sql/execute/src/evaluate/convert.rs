//! Casts through text, domains, and values without arguments.

use super::node::Node;
use super::scope::Scope;
use crate::error::{ConstraintError, ExecuteError, ExecuteResult};
use crate::run::Run;
use diagnostic::{SqlState, Subject};
use functions::in_pieces;
use plan::expression::SqlValue;
use types::catalog::oid;
use types::text::{input, input_vector, output_vector};
use types::vector::{VectorBuilder, select_false};
use types::{Item, Kind, Type, Vector};

/// A cast by output and input.
pub(super) fn through_text(
    operand: &Vector,
    from: Type,
    to: Type,
    run: &mut Run<'_, '_>,
) -> ExecuteResult<Vector> {
    let operand = std::slice::from_ref(operand);
    in_pieces(&mut run.world.context, operand, operand[0].len(), |context, operand, _| {
        let texts = output_vector(context.types, from, &operand[0], context.text)?;
        let found = input_vector(context.types, to, &texts, context.text);
        found.map_err(|error| error.error.into())
    })
}

/// What a domain demands.
pub(super) fn domain(
    value: Vector,
    (schema, name): &(String, String),
    shown: &str,
    not_null: bool,
    checks: &[(String, Node)],
    run: &mut Run<'_, '_>,
    scope: &Scope<'_>,
) -> ExecuteResult<Vector> {
    let refused = |state, message, constraint: Option<&str>| {
        let subject = Subject {
            schema: (!schema.is_empty()).then(|| schema.clone()),
            data_type: Some(name.clone()),
            constraint: constraint.map(str::to_owned),
            ..Subject::default()
        };
        Err(ConstraintError { state, message, detail: None, subject }.into())
    };
    if not_null && value.has_nulls() {
        let message = format!("domain {shown} does not allow null values");
        return refused(SqlState::NotNullViolation, message, None);
    }
    for (constraint, check) in checks {
        let truths = check.run(run, &scope.with_element(&value))?;
        if !select_false(&truths).is_empty() {
            let message = format!("value for domain {shown} violates check constraint \"{constraint}\"");
            return refused(SqlState::CheckViolation, message, Some(constraint));
        }
    }
    Ok(value)
}

/// `CURRENT_DATE` and its like: the transaction's beginning in the session's zone. What the session alone knows was
/// compiled to calls.
pub(super) fn sql_value(
    value: SqlValue,
    kind: Kind,
    run: &Run<'_, '_>,
    rows: usize,
) -> ExecuteResult<Vector> {
    let (of, precision) = match value {
        SqlValue::CurrentDate => (oid::DATE, None),
        SqlValue::CurrentTime(precision) => (oid::TIMETZ, precision),
        SqlValue::CurrentTimestamp(precision) => (oid::TIMESTAMPTZ, precision),
        SqlValue::LocalTime(precision) => (oid::TIME, precision),
        SqlValue::LocalTimestamp(precision) => (oid::TIMESTAMP, precision),
        SqlValue::CurrentUser
        | SqlValue::SessionUser
        | SqlValue::CurrentCatalog
        | SqlValue::CurrentSchema => return Err(ExecuteError::plan("a value that is a call")),
    };
    let modifier = precision.unwrap_or(-1);
    let context = &run.world.context;
    let found = input(context.types, Type { oid: of, modifier }, "now", context.text)?;
    Ok(Vector::constant(kind, &found, rows)?)
}

/// The same bits as values of another kind, as where a cast without a function takes a number for another.
pub(super) fn same_bits(values: &Vector, kind: Kind) -> ExecuteResult<Vector> {
    let mut builder = VectorBuilder::new(kind, values.len());
    for row in 0..values.len() {
        let value = match (values.item(row), kind) {
            (Item::Null, _) => Item::Null,
            (Item::Int32(bits), Kind::Float32) => Item::Float32(f32::from_bits(bits.cast_unsigned())),
            (Item::Float32(value), Kind::Int32) => Item::Int32(value.to_bits().cast_signed()),
            (Item::Int64(bits), Kind::Float64) => Item::Float64(f64::from_bits(bits.cast_unsigned())),
            (Item::Float64(value), Kind::Int64) => Item::Int64(value.to_bits().cast_signed()),
            _ => return Err(ExecuteError::plan("values that are not as wide as others")),
        };
        builder.push_item(&value)?;
    }
    Ok(builder.finish())
}
